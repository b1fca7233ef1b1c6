/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/image.h"

#include <string.h>

#include "backend/memory/search.h"
#include "base/errors.h"
#include "model/compare.h"
#include "model/field.h"

/*
 * One row after the other. What can fail comes before the first change, so a
 * row is written whole or not at all; who is blocked waits and begins the row
 * anew, since nothing that was seen before the wait need be true after it.
 */

/* -- the step that cannot fail any more -- */

static int reserve_indexes(struct table *t)
{
	size_t i;

	for (i = 0; i < t->index_count; i++)
		if (index_reserve(&t->indexes[i]))
			return UOW_ENOMEM;
	return 0;
}

static void enter_indexes(struct table *t, uint32_t record, const void *row)
{
	size_t i;

	for (i = 0; i < t->index_count; i++) {
		struct index *ix = &t->indexes[i];

		if (!values_any_null(t->m, ix->columns, ix->count, row))
			index_add(ix, values_hash(t->m, ix->columns, ix->count,
						  row), record);
	}
}

/* s->row becomes the newest version of a record that is locked. */
static int push(struct writing *w, uint32_t n, const struct version *like,
		bool moved)
{
	struct session *s = w->s;
	struct table *t = w->v->table;
	struct version *v;

	if (session_reserve(s) || (moved && reserve_indexes(t)))
		return error_nomem(w->err);
	v = version_new(t, s->row, like);
	if (!v)
		return error_nomem(w->err);
	session_wrote(s, t, n, v, moved ? STAMP_MOVED : 0);
	if (moved)
		enter_indexes(t, n, s->row);
	return 0;
}

/* -- INSERT -- */

static int insert_new(struct writing *w)
{
	struct table *t = w->v->table;
	uint32_t n;
	int rc;

	if (record_reserve(t))
		return error_nomem(w->err);
	n = record_take(t);
	rc = lock_take(w->s, t, n, HOLD_ALL);
	if (rc) {
		record_settle(t, n);
		return error_nomem(w->err);
	}
	/* If this fails, the record is given back with its lock. */
	return push(w, n, NULL, true);
}

static int try_insert(struct writing *w)
{
	struct session *s = w->s;
	struct table *t = w->v->table;
	uint32_t n;
	int rc;

	rc = check_unique(s, t, 0, s->row, &t->m->all, w->err);
	if (!rc)
		rc = check_parents(s, t, s->row, &t->m->all, w->err);
	if (rc)
		return rc;
	/* A row that is gone leaves its record to the next with its key. */
	n = table_find_key(t, s->row);
	if (!n)
		return insert_new(w);
	rc = lock_take(s, t, n, HOLD_ALL);
	if (rc)
		return rc == BLOCKED ? rc : error_nomem(w->err);
	return push(w, n, NULL, true);
}

/* -- UPDATE and DELETE -- */

/* Without a SQLSTATE the caller says which row it was. */
static int not_hit(const struct writing *w)
{
	bool adds = !columns_empty(&w->shape->add) && !w->shape->versioned;

	if (adds)
		return error_set(w->err, UOW_ENOTFOUND, "no row has this key");
	return error_set(w->err, UOW_ECONFLICT, "the row was changed or "
			 "removed since it was read");
}

static int not_serial(const struct writing *w)
{
	error_set(w->err, UOW_ECONFLICT, "could not serialize: the row was "
		  "changed since this unit's snapshot was taken");
	error_diag(w->err, "40001", 0);
	return UOW_ECONFLICT;
}

static bool is_version(const struct writing *w, const void *row)
{
	const struct mapping *m = w->v->m;
	uow_value is, was;
	int order;

	if (!w->shape->versioned)
		return true;
	if (w->v->same)
		return field_equal(&m->fields[m->version], row, w->row->was);
	/* The mapping may have another type than the table. */
	field_get(&w->v->table->m->fields[w->v->columns[m->version]], row,
		  &is);
	field_get(&m->fields[m->version], w->row->was, &was);
	return !field_convert(m, &m->fields[m->version], &is, &is, NULL) &&
	       value_compare(&is, &was, &order) && order == 0;
}

/*
 * The version to be changed, locked. Someone else's change that has been
 * waited for is what counts now, except for a transaction that has a
 * snapshot: its change would be lost.
 */
static int take_row(struct writing *w, enum hold_mode mode, uint32_t n,
		    const struct version **out)
{
	struct session *s = w->s;
	struct table *t = w->v->table;
	const struct version *v;
	int rc;

	if (!n || !version_alive(version_latest(table_record(t, n), s->id)))
		return not_hit(w);
	rc = lock_take(s, t, n, mode);
	if (rc)
		return rc == BLOCKED ? rc : error_nomem(w->err);
	v = version_latest(table_record(t, n), s->id);
	if (session_has_snapshot(s) && !version_is_open(v) &&
	    (v->stamp & STAMP_NUMBER) > s->snapshot.number)
		return not_serial(w);
	if (!version_alive(v) || !is_version(w, version_row(t, v)))
		return not_hit(w);
	*out = v;
	return 0;
}

static enum hold_mode update_mode(const struct writing *w)
{
	return columns_meet(&w->changed, &w->v->table->referenced) ?
	       HOLD_ALL : HOLD_UPDATE;
}

/* was is locked as update_mode() says. */
static int change_row(struct writing *w, uint32_t n, const struct version *was)
{
	struct session *s = w->s;
	struct table *t = w->v->table;
	const void *row = version_row(t, was);
	bool moved = columns_meet(&w->changed, &t->indexed);
	bool texts = columns_meet(&w->changed, &t->m->texts);
	int rc = image_update(w, row);

	if (!rc && moved)
		rc = check_unique(s, t, n, s->row, &w->changed, w->err);
	if (!rc && moved)
		rc = check_parents(s, t, s->row, &w->changed, w->err);
	if (!rc && columns_meet(&w->changed, &t->referenced))
		rc = check_children(s, t, n, row, s->row, w->err);
	return rc ? rc : push(w, n, texts ? NULL : was, moved);
}

static int bury_row(struct writing *w, uint32_t n, const struct version *was)
{
	struct table *t = w->v->table;
	struct version *v;

	if (session_reserve(w->s))
		return error_nomem(w->err);
	v = version_new(t, version_row(t, was), was);
	if (!v)
		return error_nomem(w->err);
	session_wrote(w->s, t, n, v, STAMP_DEAD);
	return 0;
}

static int try_update(struct writing *w)
{
	const struct version *was;
	uint32_t n;
	int rc = image_key(w);

	if (rc)
		return rc;
	n = table_find_key(w->v->table, w->s->row);
	rc = take_row(w, update_mode(w), n, &was);
	return rc ? rc : change_row(w, n, was);
}

static int try_delete(struct writing *w)
{
	struct table *t = w->v->table;
	const struct version *was;
	uint32_t n;
	int rc = image_key(w);

	if (rc)
		return rc;
	n = table_find_key(t, w->s->row);
	rc = take_row(w, HOLD_ALL, n, &was);
	if (!rc)
		rc = check_children(w->s, t, n, version_row(t, was), NULL,
				    w->err);
	return rc ? rc : bury_row(w, n, was);
}

/* -- a row, a batch -- */

static int try_row(struct writing *w)
{
	switch (w->shape->op) {
	case SHAPE_INSERT:
		return try_insert(w);
	case SHAPE_UPDATE:
		return try_update(w);
	default:
		return try_delete(w);
	}
}

static int write_row(struct writing *w)
{
	int rc = 0;

	if (w->shape->op == SHAPE_INSERT)
		rc = image_insert(w);
	while (!rc) {
		rc = try_row(w);
		if (rc != BLOCKED)
			break;
		rc = lock_wait(w->s, w->err);
	}
	if (!rc && w->shape->op != SHAPE_DELETE)
		rc = image_return(w);
	session_settle(w->s);
	arena_clear(&w->s->scratch);
	return rc;
}

int memory_write(struct session *s, const struct write_batch *b,
		 struct arena *texts, uow_error *err)
{
	struct writing w;
	struct view *v;
	size_t i;
	int rc;

	session_look(s);
	rc = view_get(s, b->shape->mapping, &v, err);
	if (rc)
		return rc;
	writing_init(&w, s, v, b->shape, err);
	w.texts = texts;
	for (i = 0; !rc && i < b->count; i++) {
		w.row = &b->rows[i];
		rc = write_row(&w);
		if (rc)
			err->row = (int64_t)i;
	}
	return rc;
}

/* -- all rows of a criterion -- */

static int update_found(struct writing *w, uint32_t n)
{
	const struct table *t = w->v->table;
	int rc;

	for (;;) {
		rc = change_row(w, n, version_latest(table_record(t, n),
						     w->s->id));
		if (rc != BLOCKED)
			return rc;
		rc = lock_wait(w->s, w->err);
		if (rc)
			return rc;
	}
}

/* Of rows that refer to each other, none is left when the last has gone. */
static int check_buried(struct writing *w, uint32_t n)
{
	struct table *t = w->v->table;
	const struct record *r = table_record(t, n);
	int rc;

	for (;;) {
		rc = check_children(w->s, t, n, version_row(t, r->newest),
				    NULL, w->err);
		if (rc != BLOCKED)
			return rc;
		rc = lock_wait(w->s, w->err);
		if (rc)
			return rc;
	}
}

int write_found(struct session *s, const struct view *v,
		const struct shape *shape, const struct write_row *row,
		const struct result *r, uow_error *err)
{
	bool buries = shape->op == SHAPE_DELETE_WHERE;
	struct writing w;
	uint32_t n;
	size_t i;
	int rc = 0;

	writing_init(&w, s, v, shape, err);
	w.row = row;
	for (i = 0; !rc && i < r->count; i++) {
		n = r->rows[i].record;
		rc = buries ? bury_row(&w, n, r->rows[i].version) :
		     update_found(&w, n);
	}
	for (i = 0; buries && !rc && i < r->count; i++)
		rc = check_buried(&w, r->rows[i].record);
	return rc;
}
