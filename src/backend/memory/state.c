/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/row.h"

/* -- orders -- */

static int text_order(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

int table_order(const struct mapping *a, const struct mapping *b)
{
	int rc = text_order(a->schema, b->schema);

	return rc ? rc : strcmp(a->table, b->table);
}

int row_order(const struct mapping *m, const void *a, const void *b)
{
	uow_value left, right;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < m->key_count; i++) {
		const struct field *f = &m->fields[m->keys[i]];

		field_get(f, a, &left);
		field_get(f, b, &right);
		/* A NaN is the last of all, as in uow_find(). */
		if (!value_compare(&left, &right, &rc))
			rc = field_equal(f, a, b) ? 0 :
			     left.as.real == left.as.real ? -1 : 1;
	}
	return rc;
}

static bool field_alike(const struct field *a, const struct field *b)
{
	return !strcmp(a->name, b->name) && a->type == b->type &&
	       a->offset == b->offset && a->size == b->size &&
	       a->null_offset == b->null_offset && a->scale == b->scale &&
	       !((a->flags ^ b->flags) & UOW_KEY);
}

bool tables_alike(const struct mapping *a, const struct mapping *b)
{
	size_t i;

	if (a->entity == b->entity)
		return true;
	if (a->size != b->size || a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!field_alike(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

/* -- taking -- */

/* Who has used no table knows nothing and holds nothing. */
static int check_idle(const struct store *st, uow_error *err)
{
	const struct table *t;
	char name[TABLE_TEXT];

	for (t = st->tables; t; t = t->next)
		if (t->users)
			return error_set(err, UOW_ESTATE, "a unit is open "
					 "that uses table %s",
					 table_text(t, name, sizeof(name)));
	if (st->oldest)
		return error_set(err, UOW_ESTATE, "a unit is open that has "
				 "a snapshot");
	return 0;
}

static size_t count_rows(const struct table *t)
{
	size_t count = 0;
	uint32_t n;

	for (n = 1; n < t->record_end; n++)
		count += version_alive(table_record(t, n)->newest);
	return count;
}

/* qsort() hands nothing on, so addresses carry their mapping. */
struct place {
	const struct mapping *m;
	const void *row;
};

static int place_order(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	return row_order(p->m, p->row, q->row);
}

static struct place *sorted_rows(const struct table *t, size_t count)
{
	struct place *places = mem_array(count ? count : 1, sizeof(*places));
	const struct version *v;
	size_t used = 0;
	uint32_t n;

	if (!places)
		return NULL;
	for (n = 1; n < t->record_end; n++) {
		v = table_record(t, n)->newest;
		if (!version_alive(v))
			continue;
		places[used].m = t->m;
		places[used++].row = version_row(t, v);
	}
	qsort(places, used, sizeof(*places), place_order);
	return places;
}

static int copy_rows(struct table_state *out, const struct table *t,
		     struct arena *texts)
{
	size_t count = count_rows(t), size = t->m->size;
	struct place *places = sorted_rows(t, count);
	int rc = places ? 0 : UOW_ENOMEM;

	out->rows = mem_array(count ? count : 1, size);
	if (!out->rows)
		rc = UOW_ENOMEM;
	while (!rc && out->count < count) {
		rc = row_copy(t->m, out->rows + out->count * size,
			      places[out->count].row, texts);
		out->count++;
	}
	mem_free(places);
	return rc;
}

static int copy_table(struct table_state *out, const struct table *t,
		      struct arena *texts, uow_error *err)
{
	int rc = mapping_new(&out->m, t->m->entity, err);

	if (rc)
		return rc;
	out->next_number = t->next_number;
	return copy_rows(out, t, texts) ? error_nomem(err) : 0;
}

static int state_order(const void *a, const void *b)
{
	const struct table_state *s = a, *t = b;

	return table_order(s->m, t->m);
}

static size_t count_tables(const struct store *st)
{
	const struct table *t;
	size_t count = 0;

	for (t = st->tables; t; t = t->next)
		count++;
	return count;
}

int state_take(struct store *st, uow_memory_state **out, uow_error *err)
{
	uow_memory_state *s;
	const struct table *t;
	size_t tables = count_tables(st);
	int rc = check_idle(st, err);

	if (rc)
		return rc;
	s = mem_alloc(sizeof(*s));
	if (!s)
		return error_nomem(err);
	arena_init(&s->texts);
	s->tables = mem_array(tables ? tables : 1, sizeof(*s->tables));
	if (!s->tables)
		rc = error_nomem(err);
	for (t = st->tables; !rc && t; t = t->next)
		rc = copy_table(&s->tables[s->count++], t, &s->texts, err);
	if (rc) {
		state_free(s);
		return rc;
	}
	qsort(s->tables, s->count, sizeof(*s->tables), state_order);
	*out = s;
	return 0;
}

void state_free(uow_memory_state *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->count; i++) {
		mem_free(s->tables[i].rows);
		if (s->tables[i].m)
			mapping_free(s->tables[i].m);
	}
	mem_free(s->tables);
	arena_release(&s->texts);
	mem_free(s);
}

/* -- bringing back -- */

static const struct table_state *state_of(const uow_memory_state *s,
					  const struct mapping *m)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!table_order(s->tables[i].m, m))
			return &s->tables[i];
	return NULL;
}

static int check_tables(struct store *st, const uow_memory_state *s,
			uow_error *err)
{
	const struct table *t;
	size_t i;

	for (i = 0; i < s->count; i++) {
		const struct mapping *m = s->tables[i].m;

		t = store_find(st, m->schema, m->table);
		if (t && tables_alike(t->m, m))
			continue;
		return error_set(err, UOW_ESTATE, "table '%s' is %s", m->table,
				 t ? "not what it was" : "gone");
	}
	return 0;
}

/* The rows of a table, apart from it: built whole, then put in place. */
static void swap_rows(struct table *a, struct table *b)
{
	struct table was = *a;

	a->chunks = b->chunks;
	a->chunk_count = b->chunk_count;
	a->chunk_room = b->chunk_room;
	a->record_end = b->record_end;
	a->free_record = b->free_record;
	a->free_versions = b->free_versions;
	a->version_chunks = b->version_chunks;
	a->indexes = b->indexes;
	a->next_number = b->next_number;
	b->chunks = was.chunks;
	b->chunk_count = was.chunk_count;
	b->chunk_room = was.chunk_room;
	b->record_end = was.record_end;
	b->free_record = was.free_record;
	b->free_versions = was.free_versions;
	b->version_chunks = was.version_chunks;
	b->indexes = was.indexes;
	b->next_number = was.next_number;
}

static int empty_like(struct table *out, const struct table *t)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->m = t->m;
	out->row_at = t->row_at;
	out->version_size = t->version_size;
	out->has_texts = t->has_texts;
	out->record_end = 1;
	out->next_number = 1;
	out->indexes = mem_array(t->index_count, sizeof(*out->indexes));
	if (!out->indexes)
		return UOW_ENOMEM;
	out->index_count = t->index_count;
	for (i = 0; i < t->index_count; i++) {
		struct index *to = &out->indexes[i];
		const struct index *from = &t->indexes[i];

		memcpy(to->columns, from->columns, sizeof(to->columns));
		to->count = from->count;
		to->set = from->set;
		to->unique = from->unique;
	}
	return 0;
}

static int put_row(struct table *t, const void *row, uint64_t now)
{
	struct version *v;
	uint32_t n;
	size_t i;

	for (i = 0; i < t->index_count; i++)
		if (index_reserve(&t->indexes[i]))
			return UOW_ENOMEM;
	if (record_reserve(t))
		return UOW_ENOMEM;
	v = version_new(t, row, NULL);
	if (!v)
		return UOW_ENOMEM;
	v->stamp = now;
	n = record_take(t);
	table_record(t, n)->newest = v;
	for (i = 0; i < t->index_count; i++) {
		struct index *ix = &t->indexes[i];

		if (!values_any_null(t->m, ix->columns, ix->count, row))
			index_add(ix, values_hash(t->m, ix->columns, ix->count,
						  row), n);
	}
	return 0;
}

static int fill(struct table *t, const struct table_state *from, uint64_t now)
{
	size_t i;
	int rc = 0;

	if (!from)
		return 0;
	t->next_number = from->next_number;
	for (i = 0; !rc && i < from->count; i++)
		rc = put_row(t, from->rows + i * from->m->size, now);
	return rc;
}

static void drop(struct table *t)
{
	size_t i;

	rows_free(t);
	for (i = 0; i < t->index_count; i++)
		index_release(&t->indexes[i]);
	mem_free(t->indexes);
}

int state_restore(struct store *st, const uow_memory_state *s, uow_error *err)
{
	size_t count = count_tables(st), i = 0;
	struct table *fresh, *t;
	int rc = check_idle(st, err);

	if (!rc)
		rc = check_tables(st, s, err);
	if (rc)
		return rc;
	fresh = mem_array(count ? count : 1, sizeof(*fresh));
	if (!fresh)
		return error_nomem(err);
	for (t = st->tables; !rc && t; t = t->next, i++) {
		rc = empty_like(&fresh[i], t);
		if (!rc)
			rc = fill(&fresh[i], state_of(s, t->m), st->now);
	}
	for (t = st->tables, i = 0; t; t = t->next, i++) {
		if (!rc)
			swap_rows(t, &fresh[i]);
		drop(&fresh[i]);
	}
	mem_free(fresh);
	return rc ? error_nomem(err) : 0;
}
