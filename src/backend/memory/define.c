/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/session.h"

#include <string.h>

#include "base/errors.h"

/*
 * Tables come and go at once and for all, not with a transaction; all of a
 * call or none of them.
 */

static void take_out(struct store *st, struct table *t)
{
	struct table **at;

	for (at = &st->tables; *at && *at != t; at = &(*at)->next)
		;
	if (*at)
		*at = t->next;
}

/* The first count tables of the list. */
static void drop_first(struct store *st, size_t count)
{
	struct table *t;
	size_t i;

	for (t = st->tables, i = 0; i < count; t = t->next, i++)
		table_unlink(t);
	for (i = 0; i < count; i++) {
		t = st->tables;
		st->tables = t->next;
		table_free(t);
	}
}

static int exists(const struct table *t, uow_error *err)
{
	char name[TABLE_TEXT];

	error_set(err, UOW_ESQL, "table %s exists already",
		  table_text(t, name, sizeof(name)));
	error_entity(err, t->m->name);
	error_diag(err, "42S01", 0);
	return UOW_ESQL;
}

static int create_one(struct store *st, const struct mapping *m,
		      uow_error *err)
{
	struct table *t = store_find(st, m->schema, m->table);
	int rc;

	if (t)
		return exists(t, err);
	rc = table_new(&t, m->entity, err);
	if (rc)
		return rc;
	t->next = st->tables;
	st->tables = t;
	return 0;
}

static int create(struct store *st, const struct mapping *const *mappings,
		  size_t count, uow_error *err)
{
	struct table *t;
	size_t made, i;
	int rc = 0;

	for (made = 0; !rc && made < count; made++)
		rc = create_one(st, mappings[made], err);
	if (rc)
		made--;
	for (t = st->tables, i = 0; !rc && i < made; t = t->next, i++)
		rc = table_link(st, t, err);
	if (rc)
		drop_first(st, made);
	return rc;
}

/* -- drop -- */

static bool is_among(const struct table *t,
		     const struct mapping *const *mappings, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(mappings[i]->table, t->m->table) &&
		    (mappings[i]->schema && t->m->schema ?
		     !strcmp(mappings[i]->schema, t->m->schema) :
		     mappings[i]->schema == t->m->schema))
			return true;
	return false;
}

static int check_referrers(const struct table *t,
			   const struct mapping *const *mappings,
			   size_t count, uow_error *err)
{
	char name[TABLE_TEXT], child[TABLE_TEXT];
	size_t i;

	for (i = 0; i < t->referrer_count; i++) {
		const struct table *c = t->referrers[i].child;

		if (c == t || is_among(c, mappings, count))
			continue;
		error_set(err, UOW_ESQL, "table %s stays: table %s refers to "
			  "it", table_text(t, name, sizeof(name)),
			  table_text(c, child, sizeof(child)));
		error_entity(err, t->m->name);
		return UOW_ESQL;
	}
	return 0;
}

/*
 * A table that may go: no unit has touched it. Any wait lets others in, so
 * all are looked at again after it.
 */
static int check_drop(struct session *s, const struct mapping *const *mappings,
		      size_t count, uow_error *err)
{
	struct table *t;
	size_t i;
	int rc;

	for (i = 0; i < count; i++) {
		t = store_find(s->store, mappings[i]->schema,
			       mappings[i]->table);
		if (!t)
			continue;
		rc = check_referrers(t, mappings, count, err);
		if (!rc && t->users) {
			rc = table_wait(s, t, err);
			i = (size_t)-1;
		}
		if (rc)
			return rc;
	}
	return 0;
}

static void forget_garbage(struct store *st, const struct table *t)
{
	size_t i, to = st->garbage_from;

	for (i = st->garbage_from; i < st->garbage_to; i++)
		if (st->garbage[i].table != t)
			st->garbage[to++] = st->garbage[i];
	st->garbage_to = to;
}

static void drop(struct store *st, const struct mapping *const *mappings,
		 size_t count)
{
	struct table *gone = NULL, *t;
	size_t i;

	for (i = 0; i < count; i++) {
		t = store_find(st, mappings[i]->schema, mappings[i]->table);
		if (!t)
			continue;
		take_out(st, t);
		table_unlink(t);
		views_forget(t);
		forget_garbage(st, t);
		t->next = gone;
		gone = t;
	}
	/* Only now: unlinking looks at parents, which may be among them. */
	while (gone) {
		t = gone;
		gone = t->next;
		table_free(t);
	}
}

int memory_define(struct session *s, const struct mapping *const *mappings,
		  size_t count, bool drops, uow_error *err)
{
	int rc;

	if (!drops)
		return create(s->store, mappings, count, err);
	rc = check_drop(s, mappings, count, err);
	if (!rc)
		drop(s->store, mappings, count);
	return rc;
}

/* -- the catalog -- */

static void describe_column(const struct mapping *m, const struct field *f,
			    struct catalog_column *out)
{
	size_t i;

	out->name = f->name;
	out->type = type_name(f->type);
	out->family = f->type;
	out->length = f->length;
	out->nullable = field_nullable(f);
	out->has_default = f->flags & UOW_GENERATED;
	out->key_position = 0;
	for (i = 0; i < m->key_count; i++)
		if (m->keys[i] == f->index)
			out->key_position = (int)i + 1;
}

int memory_describe(struct session *s, const struct mapping *m,
		    struct arena *a, struct catalog_table *out, uow_error *err)
{
	const struct table *t = store_find(s->store, m->schema, m->table);
	struct catalog_column *columns;
	size_t i;

	out->columns = NULL;
	out->count = 0;
	if (!t)
		return 0;
	columns = arena_array(a, t->m->count, sizeof(*columns));
	if (!columns)
		return error_nomem(err);
	for (i = 0; i < t->m->count; i++)
		describe_column(t->m, &t->m->fields[i], &columns[i]);
	out->columns = columns;
	out->count = t->m->count;
	return 0;
}
