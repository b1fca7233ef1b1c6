/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/field.h"
#include "model/row.h"

/*
 * Rows of RETURNING. No server promises their order. For an INSERT they are
 * believed to be in that of the rows only if the generated key grows from each
 * to the next: the rows were inserted in their order, so both would have to be
 * wrong in the same way. Others are told by their keys.
 */

static const void *object_of(const struct write_row *row)
{
	return row->now ? row->now : row->was;
}

static int read_columns(struct odbc_conn *c, struct stmt *st, size_t from,
			void *row, struct arena *texts, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = from; !rc && i < st->column_count; i++)
		rc = slot_get(c, st->handle, &st->columns[i], row, texts, err);
	return rc;
}

/* -- INSERT -- */

static int64_t key_of(const struct mapping *m, const struct write_row *row)
{
	uow_value v;

	field_get(&m->fields[m->generated_key], row->now, &v);
	return v.as.integer;
}

static int out_of_order(uow_error *err)
{
	return error_set(err, UOW_ENOTSUP, "the database does not give its "
			 "keys in the order of the rows");
}

static int fetch_inserted(struct odbc_conn *c, struct stmt *st,
			  const struct rows *r, uow_error *err)
{
	const struct mapping *m = st->mapping;
	size_t n;
	int rc;

	for (n = 0; (rc = stmt_fetch(c, st, err)) > 0; n++) {
		if (n == r->count)
			return out_of_order(err);
		rc = read_columns(c, st, 0, r->list[n].now, r->texts, err);
		if (rc)
			return rc;
		if (n && key_of(m, &r->list[n]) <= key_of(m, &r->list[n - 1]))
			return out_of_order(err);
	}
	return rc < 0 || n == r->count ? rc : not_stored(err);
}

/* -- UPDATE, DELETE -- */

/* Rows by the hash of their keys, so that none is looked for in vain. */
struct index {
	size_t *slots;		/* row + 1; 0: empty */
	bool *seen;
	size_t capacity;
};

static int index_make(struct index *x, const struct rows *r, uow_error *err)
{
	const struct mapping *m = r->shape->mapping;
	size_t i, at;

	x->capacity = 16;
	while (x->capacity < 2 * r->count)
		x->capacity *= 2;
	x->slots = mem_array(x->capacity, sizeof(*x->slots));
	x->seen = mem_array(r->count, sizeof(*x->seen));
	if (!x->slots || !x->seen)
		return error_nomem(err);
	for (i = 0; i < r->count; i++) {
		at = row_key_hash(m, object_of(&r->list[i]));
		for (at &= x->capacity - 1; x->slots[at];)
			at = (at + 1) & (x->capacity - 1);
		x->slots[at] = i + 1;
	}
	return 0;
}

/* Index of the row with key's key, or count. */
static size_t index_find(const struct index *x, const struct rows *r,
			 const void *key)
{
	const struct mapping *m = r->shape->mapping;
	size_t at = row_key_hash(m, key) & (x->capacity - 1);

	for (; x->slots[at]; at = (at + 1) & (x->capacity - 1))
		if (row_key_equal(m, object_of(&r->list[x->slots[at] - 1]),
				  key))
			return x->slots[at] - 1;
	return r->count;
}

static int take_row(struct odbc_conn *c, struct stmt *st, struct index *x,
		    const struct rows *r, void *scratch, uow_error *err)
{
	const struct mapping *m = st->mapping;
	struct arena texts;
	size_t i, n;
	int rc = 0;

	arena_init(&texts);
	for (i = 0; !rc && i < m->key_count; i++)
		rc = slot_get(c, st->handle, &st->columns[i], scratch, &texts,
			      err);
	n = rc ? r->count : index_find(x, r, scratch);
	arena_release(&texts);
	if (rc || n == r->count)
		return rc;	/* a key that differs in its blanks, say */
	x->seen[n] = true;
	return r->list[n].now ?
	       read_columns(c, st, m->key_count, r->list[n].now, r->texts,
			    err) : 0;
}

static int fetch_hit(struct odbc_conn *c, struct stmt *st, struct index *x,
		     const struct rows *r, uow_error *err)
{
	void *scratch = mem_alloc(st->mapping->size);
	int rc;

	if (!scratch)
		return error_nomem(err);
	while ((rc = stmt_fetch(c, st, err)) > 0) {
		rc = take_row(c, st, x, r, scratch, err);
		if (rc)
			break;
	}
	mem_free(scratch);
	return rc;
}

int returned_fetch(struct odbc_conn *c, struct stmt *st, const struct rows *r,
		   int64_t *missed, uow_error *err)
{
	struct index x;
	size_t i;
	int rc;

	*missed = -1;
	if (r->shape->op == SHAPE_INSERT)
		return fetch_inserted(c, st, r, err);
	memset(&x, 0, sizeof(x));
	rc = index_make(&x, r, err);
	if (!rc)
		rc = fetch_hit(c, st, &x, r, err);
	for (i = 0; !rc && i < r->count; i++) {
		if (!x.seen[i]) {
			*missed = (int64_t)i;
			break;
		}
	}
	mem_free(x.slots);
	mem_free(x.seen);
	return rc;
}
