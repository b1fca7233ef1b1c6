/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/session.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/row.h"

/*
 * One table may be known to programs by several mappings, and none needs to
 * be the one that it was made from. Where structs lie alike, rows are copied
 * as a whole; else member by member, through values.
 */

/* -- finding -- */

static bool same_field(const struct field *a, const struct field *b)
{
	return !strcmp(a->name, b->name) && a->type == b->type &&
	       a->offset == b->offset && a->size == b->size &&
	       a->null_offset == b->null_offset && a->length == b->length &&
	       a->precision == b->precision && a->scale == b->scale &&
	       field_nullable(a) == field_nullable(b);
}

static bool same_struct(const struct mapping *a, const struct mapping *b)
{
	size_t i;

	if (a->entity == b->entity)
		return true;
	if (a->size != b->size || a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!same_field(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

static void resolve(struct view *v, struct table *t)
{
	size_t i;
	int column;

	v->table = t;
	v->next_of_table = t->views;
	t->views = v;
	v->same = same_struct(v->m, t->m);
	v->missing = -1;
	for (i = 0; i < v->m->count; i++) {
		column = mapping_find(t->m, v->m->fields[i].name);
		if (column < 0)
			v->missing = (int)i;
		v->columns[i] = column < 0 ? 0 : (unsigned)column;
	}
}

static struct view *add(struct memory *b, const struct mapping *m)
{
	struct view *v = mem_alloc(sizeof(*v) +
				   m->count * sizeof(v->columns[0]));

	if (!v)
		return NULL;
	v->m = m;
	v->next = b->views;
	b->views = v;
	return v;
}

static struct view *find(struct memory *b, const struct mapping *m)
{
	struct view **recent = &b->recent[random_mix((uintptr_t)m) % 32], *v;

	if (*recent && (*recent)->m == m)
		return *recent;
	for (v = b->views; v && v->m != m; v = v->next)
		;
	if (!v)
		v = add(b, m);
	*recent = v;
	return v;
}

static int missing(const struct view *v, const struct mapping *m,
		   uow_error *err)
{
	char name[TABLE_TEXT];

	if (v->table)
		error_set(err, UOW_ESQL, "table %s has no column '%s'",
			  table_text(v->table, name, sizeof(name)),
			  m->fields[v->missing].name);
	else
		error_set(err, UOW_ESQL, "no such table: '%s%s%s'",
			  m->schema ? m->schema : "", m->schema ? "." : "",
			  m->table);
	error_entity(err, m->name);
	error_diag(err, v->table ? "42S22" : "42S02", 0);
	return UOW_ESQL;
}

static int touch(struct session *s, struct table *t)
{
	size_t i;

	for (i = 0; i < s->table_count; i++)
		if (s->tables[i] == t)
			return 0;
	if (mem_grow(&s->tables, &s->table_room, s->table_count + 1,
		     sizeof(*s->tables)))
		return UOW_ENOMEM;
	s->tables[s->table_count++] = t;
	t->users++;
	return 0;
}

int view_get(struct session *s, const struct mapping *m, struct view **out,
	     uow_error *err)
{
	struct view *v = find(s->memory, m);
	struct table *t;

	if (!v)
		return error_nomem(err);
	if (!v->table) {
		t = store_find(s->store, m->schema, m->table);
		if (t)
			resolve(v, t);
	}
	if (!v->table || v->missing >= 0)
		return missing(v, m, err);
	if (touch(s, v->table))
		return error_nomem(err);
	*out = v;
	return 0;
}

static void leave(struct view *v)
{
	struct view **at;

	if (!v->table)
		return;
	for (at = &v->table->views; *at != v; at = &(*at)->next_of_table)
		;
	*at = v->next_of_table;
	v->table = NULL;
}

void views_free(struct memory *b)
{
	struct view *v = b->views, *next;

	for (; v; v = next) {
		next = v->next;
		leave(v);
		mem_free(v);
	}
}

void views_forget(struct table *t)
{
	while (t->views)
		leave(t->views);
}

/* -- copying -- */

/* What follows the NUL is not part of the text, and not of the row. */
static void copy_chars(const struct field *f, char *row, const void *from)
{
	size_t length;
	const char *text = field_text(f, from, &length);

	memcpy(row + f->offset, text, length);
	memset(row + f->offset + length, 0, f->size - length);
}

static void copy_same(const struct field *f, char *row, const void *from)
{
	bool null;

	if (f->type != UOW_TYPE_TEXT && f->type != UOW_TYPE_BYTES &&
	    field_is_null(f, from)) {
		field_set_null(f, row);
		return;
	}
	if (f->type == UOW_TYPE_CHARS)
		copy_chars(f, row, from);
	else
		memcpy(row + f->offset, (const char *)from + f->offset,
		       f->size);
	if (f->null_offset != UOW_NOT_NULL && f->type != UOW_TYPE_TEXT &&
	    f->type != UOW_TYPE_BYTES) {
		null = false;
		memcpy(row + f->null_offset, &null, sizeof(null));
	}
}

static int copy_value(const struct view *v, size_t i, void *row,
		      const void *from, uow_error *err)
{
	const struct mapping *m = v->table->m;
	const struct field *to = &m->fields[v->columns[i]];
	uow_value value;
	int rc;

	field_get(&v->m->fields[i], from, &value);
	rc = field_set(m, to, row, &value, NULL, err);
	return rc ? rc : field_check(m, to, row, true, err);
}

int view_write(const struct view *v, void *row, const void *from,
	       const struct columns *set, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < v->m->count; i++) {
		if (!columns_has(set, (unsigned)i))
			continue;
		if (v->same)
			copy_same(&v->m->fields[i], row, from);
		else
			rc = copy_value(v, i, row, from, err);
	}
	return rc;
}

static int read_field(const struct view *v, size_t i, void *to,
		      const void *row, struct arena *texts, uow_error *err)
{
	uow_value value;

	field_get(&v->table->m->fields[v->columns[i]], row, &value);
	return field_set(v->m, &v->m->fields[i], to, &value, texts, err);
}

/* The key first: with it a failure can be told. */
static int read_fields(const struct view *v, void *to, const void *row,
		       struct arena *texts, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < v->m->key_count; i++)
		rc = read_field(v, v->m->keys[i], to, row, texts, err);
	for (i = 0; !rc && i < v->m->count; i++)
		if (!columns_has(&v->m->key_set, (unsigned)i))
			rc = read_field(v, i, to, row, texts, err);
	return rc;
}

int view_read(const struct view *v, void *to, const void *row,
	      struct arena *texts, uow_error *err)
{
	if (!v->same)
		return read_fields(v, to, row, texts, err);
	if (row_copy(v->m, to, row, texts) ||
	    (texts && row_spell(v->m, to, texts)))
		return error_nomem(err);
	return 0;
}
