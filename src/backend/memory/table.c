/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/store.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

enum { TEXT_COLUMNS = 200 };

const char *table_text(const struct table *t, char *buffer, size_t size)
{
	snprintf(buffer, size, "'%s%s%s'", t->m->schema ? t->m->schema : "",
		 t->m->schema ? "." : "", t->m->table);
	return buffer;
}

const char *table_columns_text(const struct table *t, const unsigned *columns,
			       size_t count, char *buffer, size_t size)
{
	size_t i, used = 0;
	int n;

	buffer[0] = '\0';
	for (i = 0; i < count; i++) {
		n = snprintf(buffer + used, size - used, "%s%s", i ? ", " : "",
			     t->m->fields[columns[i]].name);
		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	return buffer;
}

/* -- indexes -- */

static struct index *add_index(struct table *t, const unsigned *columns,
			       size_t count, bool unique)
{
	struct index *all = mem_array(t->index_count + 1, sizeof(*all)), *ix;
	size_t i;

	if (!all)
		return NULL;
	if (t->index_count)
		memcpy(all, t->indexes, t->index_count * sizeof(*all));
	mem_free(t->indexes);
	t->indexes = all;
	ix = &all[t->index_count++];
	ix->unique = unique;
	ix->count = count;
	for (i = 0; i < count; i++) {
		ix->columns[i] = columns[i];
		columns_add(&ix->set, columns[i]);
		columns_add(&t->indexed, columns[i]);
	}
	return ix;
}

static size_t column_list(const struct mapping *m, const char *const *names,
			  unsigned *out)
{
	size_t n;

	for (n = 0; n < UOW_KEY_COLUMNS && names[n]; n++)
		out[n] = (unsigned)mapping_find(m, names[n]);
	return n;
}

static bool add_unique(struct table *t)
{
	const uow_entity *e = t->m->entity;
	unsigned columns[UOW_KEY_COLUMNS];
	size_t i, n;

	if (!add_index(t, t->m->keys, t->m->key_count, true))
		return false;
	for (i = 0; i < t->m->count; i++) {
		const struct field *f = &t->m->fields[i];

		if (!(f->flags & UOW_UNIQUE) ||
		    (f->flags & UOW_KEY && t->m->key_count == 1))
			continue;
		if (!add_index(t, &f->index, 1, true))
			return false;
	}
	for (i = 0; i < e->unique_key_count; i++) {
		n = column_list(t->m, e->unique_keys[i].columns, columns);
		if (!add_index(t, columns, n, true))
			return false;
	}
	return true;
}

/* -- generated columns -- */

static bool is_integer(const struct field *f)
{
	return f->type == UOW_TYPE_INT16 || f->type == UOW_TYPE_INT32 ||
	       f->type == UOW_TYPE_INT64;
}

static bool can_generate(const struct field *f)
{
	if (is_integer(f) || f->type == UOW_TYPE_UUID ||
	    f->type == UOW_TYPE_TIMESTAMP)
		return true;
	/* A UUID as text. */
	return type_is_text(f->type) && (!f->length || f->length >= 36);
}

static int check_generated(const struct mapping *m, uow_error *err)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		const struct field *f = &m->fields[i];

		if (!(f->flags & UOW_GENERATED) || can_generate(f))
			continue;
		error_set(err, UOW_ENOTSUP, "entity %s: column '%s' of type "
			  "%s is generated, memory makes integers, UUIDs "
			  "(also as text of 36 characters) and timestamps",
			  m->name, f->name, type_name(f->type));
		error_entity(err, m->name);
		return UOW_ENOTSUP;
	}
	return 0;
}

/* -- the table -- */

int table_new(struct table **out, const uow_entity *e, uow_error *err)
{
	struct table *t = mem_alloc(sizeof(*t));
	int rc;

	if (!t)
		return error_nomem(err);
	rc = mapping_new(&t->m, e, err);
	if (!rc)
		rc = check_generated(t->m, err);
	if (!rc && !add_unique(t))
		rc = error_nomem(err);
	if (rc) {
		table_free(t);
		return rc;
	}
	t->has_texts = !columns_empty(&t->m->texts);
	t->row_at = sizeof(struct version) +
		    (t->has_texts ? sizeof(struct texts *) : 0);
	t->version_size = (t->row_at + t->m->size + 7) / 8 * 8;
	t->record_end = 1;
	t->next_number = 1;
	*out = t;
	return 0;
}

void table_free(struct table *t)
{
	size_t i;

	rows_free(t);
	for (i = 0; i < t->index_count; i++)
		index_release(&t->indexes[i]);
	mem_free(t->indexes);
	mem_free(t->foreign);
	mem_free(t->referrers);
	if (t->m)
		mapping_free(t->m);
	mem_free(t);
}

uint32_t table_find_key(const struct table *t, const void *row)
{
	const struct index *ix = &t->indexes[0];
	const struct version *v;
	struct index_walk w;
	uint32_t n;

	index_walk(ix, values_hash(t->m, ix->columns, ix->count, row), &w);
	while ((n = index_next(&w))) {
		v = table_record(t, n)->newest;
		if (v && values_equal(t->m, ix->columns, version_row(t, v),
				      t->m, ix->columns, row, ix->count))
			return n;
	}
	return 0;
}

/* -- foreign keys -- */

static size_t place_of(const unsigned *columns, size_t count, unsigned column)
{
	size_t i = 0;

	while (i < count && columns[i] != column)
		i++;
	return i;
}

/*
 * The parent's unique index over these columns, and the child's columns in
 * its order.
 */
static bool match_parent(struct foreign *f, const unsigned *columns,
			 const unsigned *parent_columns, size_t count)
{
	const struct index *ix;
	size_t i, k, at;

	for (i = 0; i < f->parent->index_count; i++) {
		ix = &f->parent->indexes[i];
		if (!ix->unique || ix->count != count)
			continue;
		for (k = 0; k < count; k++) {
			at = place_of(parent_columns, count, ix->columns[k]);
			if (at == count)
				break;
			f->columns[k] = columns[at];
		}
		if (k < count)
			continue;
		f->count = count;
		f->parent_index = i;
		return true;
	}
	return false;
}

static bool same_columns(const struct index *ix, const struct foreign *f)
{
	return ix->count == f->count &&
	       !memcmp(ix->columns, f->columns,
		       f->count * sizeof(f->columns[0]));
}

static bool index_children(struct table *t, struct foreign *f)
{
	for (f->index = 0; f->index < t->index_count; f->index++)
		if (same_columns(&t->indexes[f->index], f))
			return true;
	return add_index(t, f->columns, f->count, false) != NULL;
}

static int refer(struct table *t, struct foreign *f, uow_error *err)
{
	struct table *p = f->parent;
	const struct index *ix;
	size_t i;

	if (!index_children(t, f) ||
	    mem_grow(&p->referrers, &p->referrer_room, p->referrer_count + 1,
		     sizeof(*p->referrers)))
		return error_nomem(err);
	p->referrers[p->referrer_count].child = t;
	p->referrers[p->referrer_count++].foreign = t->foreign_count++;
	/* Looked up only now: p may be t, whose indexes have moved. */
	ix = &p->indexes[f->parent_index];
	for (i = 0; i < ix->count; i++)
		columns_add(&p->referenced, ix->columns[i]);
	return 0;
}

static int no_parent(const struct table *t, const uow_entity *parent,
		     const char *why, uow_error *err)
{
	char name[TABLE_TEXT];

	error_set(err, UOW_ESQL, "table %s refers to '%s%s%s', %s",
		  table_text(t, name, sizeof(name)),
		  parent->schema ? parent->schema : "",
		  parent->schema ? "." : "", parent->table, why);
	error_entity(err, t->m->name);
	return UOW_ESQL;
}

/*
 * The parent's table may have been made from another mapping than the one that
 * is referred to: values of other types would never be equal.
 */
static bool same_types(const struct table *t, const struct foreign *f)
{
	const struct index *ix = &f->parent->indexes[f->parent_index];
	size_t i;

	for (i = 0; i < f->count; i++) {
		const struct field *a = &t->m->fields[f->columns[i]];
		const struct field *b = &f->parent->m->fields[ix->columns[i]];

		if (a->type != b->type &&
		    !(type_is_text(a->type) && type_is_text(b->type)))
			return false;
		if (a->scale != b->scale)
			return false;
	}
	return true;
}

static int add_foreign(struct store *s, struct table *t,
		       const uow_entity *parent, const unsigned *columns,
		       const char *const *parent_names, uow_error *err)
{
	struct foreign *f = &t->foreign[t->foreign_count];
	unsigned parent_columns[UOW_KEY_COLUMNS];
	size_t count, i;

	f->parent = store_find(s, parent->schema, parent->table);
	if (!f->parent)
		return no_parent(t, parent, "which does not exist", err);
	count = column_list(f->parent->m, parent_names, parent_columns);
	for (i = 0; i < count; i++)
		if (parent_columns[i] >= f->parent->m->count)
			return no_parent(t, parent, "which has no such column",
					 err);
	if (!match_parent(f, columns, parent_columns, count))
		return no_parent(t, parent, "where those columns are no "
				 "unique key", err);
	if (!same_types(t, f))
		return no_parent(t, parent, "where those columns are of "
				 "other types", err);
	return refer(t, f, err);
}

static int link_references(struct store *s, struct table *t, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < t->m->count; i++) {
		const struct field *f = &t->m->fields[i];
		const char *names[UOW_KEY_COLUMNS] = { NULL };
		uow_column c;
		size_t k;

		if (!f->references)
			continue;
		for (k = 0; k < f->references->column_count; k++) {
			entity_column(f->references, k, &c);
			if (c.flags & UOW_KEY)
				names[0] = c.name;
		}
		rc = add_foreign(s, t, f->references, &f->index, names, err);
	}
	return rc;
}

int table_link(struct store *s, struct table *t, uow_error *err)
{
	const uow_entity *e = t->m->entity;
	unsigned columns[UOW_KEY_COLUMNS];
	size_t i, count = e->foreign_key_count;
	int rc;

	for (i = 0; i < t->m->count; i++)
		count += t->m->fields[i].references != NULL;
	if (!count)
		return 0;
	t->foreign = mem_array(count, sizeof(*t->foreign));
	if (!t->foreign)
		return error_nomem(err);
	rc = link_references(s, t, err);
	for (i = 0; !rc && i < e->foreign_key_count; i++) {
		const uow_foreign_key *k = &e->foreign_keys[i];

		column_list(t->m, k->columns, columns);
		rc = add_foreign(s, t, k->parent, columns, k->parent_columns,
				 err);
	}
	return rc;
}

/* Columns that only t referred to stay marked: that locks a bit too much. */
void table_unlink(struct table *t)
{
	size_t i, k, kept;

	for (i = 0; i < t->foreign_count; i++) {
		struct table *p = t->foreign[i].parent;

		for (k = kept = 0; k < p->referrer_count; k++)
			if (p->referrers[k].child != t)
				p->referrers[kept++] = p->referrers[k];
		p->referrer_count = kept;
	}
}
