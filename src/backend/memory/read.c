/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/search.h"

#include <assert.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

/*
 * A cursor has a snapshot of its own, so that what it is to see stays. It is
 * a list of records, or, for all rows in no order, a place in the table: then
 * it takes no memory however many rows there are.
 */
struct backend_cursor {
	struct session *s;
	const struct view *v;
	struct snapshot snapshot;
	struct sight sight;
	bool scans;
	uint32_t at, end;		/* scan: next record; list: next item */
	uint32_t *list, one;
	struct matcher matcher;		/* scan */
	struct shape shape;
	uint64_t skip, left;		/* scan: offset and limit */
	int64_t row;			/* number of the next one */
};

/* -- what it sees -- */

static void look(struct session *s, struct snapshot *own, struct sight *sight)
{
	session_look(s);
	snapshot_take(s->store, own);
	sight->number = s->snapshot.taken ? s->snapshot.number : own->number;
	sight->id = s->id;
	sight->serial = s->serial;
}

static int note(struct session *s, const struct view *v,
		const struct shape *shape, const struct read_args *args,
		uow_error *err)
{
	if (shape->key_count || !reads_note_query(s, v, shape, args))
		return 0;
	return error_nomem(err);
}

/* -- locks -- */

static int take(struct session *s, struct table *t, uint32_t record,
		uow_lock lock, uow_error *err)
{
	int rc;

	while ((rc = lock_take(s, t, record, HOLD_ALL)) == BLOCKED) {
		if (lock == UOW_LOCK_SKIP_LOCKED)
			return BLOCKED;
		rc = lock == UOW_LOCK_NOWAIT ? lock_refuse(s, err) :
		     lock_wait(s, err);
		if (rc)
			return rc;
	}
	return rc ? error_nomem(err) : 0;
}

static int changed(uow_error *err)
{
	error_set(err, UOW_ECONFLICT, "could not serialize: a row was changed "
		  "since this unit's snapshot was taken");
	error_diag(err, "40001", 0);
	return UOW_ECONFLICT;
}

/*
 * Lock one row and look at it again: 1: it is (still) asked for, and f is
 * brought up to date.
 */
static int lock_one(struct session *s, struct found *f,
		    const struct matcher *m)
{
	struct table *t = m->v->table;
	const struct version *v;
	int rc = take(s, t, f->record, m->shape->lock, m->err);

	if (rc)
		return rc == BLOCKED ? 0 : rc;
	v = version_latest(table_record(t, f->record), s->id);
	if (v == f->version)
		return 1;
	if (session_has_snapshot(s))
		return changed(m->err);
	f->version = v;
	return version_alive(v) ? matches(m, v) : 0;
}

int result_lock(struct session *s, struct result *r, const struct matcher *m)
{
	uint64_t skip = m->shape->offset, limit = m->shape->limit;
	size_t i, kept = 0;
	int rc = 1;

	for (i = 0; rc >= 0 && i < r->count; i++) {
		if (limit && kept == limit)
			break;
		rc = lock_one(s, &r->rows[i], m);
		if (rc <= 0)
			continue;
		if (skip)
			skip--;
		else
			r->rows[kept++] = r->rows[i];
	}
	r->count = kept;
	return rc < 0 ? rc : 0;
}

/* -- lists -- */

static void cut(struct result *r, const struct shape *shape)
{
	size_t from = shape->offset < r->count ? (size_t)shape->offset :
		      r->count;

	r->count -= from;
	if (from)
		memmove(r->rows, r->rows + from, r->count * sizeof(*r->rows));
	if (shape->limit && shape->limit < r->count)
		r->count = (size_t)shape->limit;
}

static int arrange(struct session *s, struct backend_cursor *c,
		   struct result *r, uow_error *err)
{
	const struct shape *shape = c->matcher.shape;
	int rc = 0;

	if (shape->order_count) {
		/* Versions that a snapshot keeps do not change. */
		store_unlock(s->store);
		rc = result_sort(r, c->v, shape);
		store_lock(s->store);
	}
	if (rc)
		return error_nomem(err);
	if (!shape->lock) {
		cut(r, shape);
		return 0;
	}
	rc = result_lock(s, r, &c->matcher);
	/* Locked rows are what they are now. */
	c->sight.number = s->store->now;
	return rc;
}

static int keep_list(struct backend_cursor *c, const struct result *r,
		     uow_error *err)
{
	size_t i;

	c->list = &c->one;
	if (r->count > 1)
		c->list = mem_array(r->count, sizeof(*c->list));
	if (!c->list)
		return error_nomem(err);
	for (i = 0; i < r->count; i++)
		c->list[i] = r->rows[i].record;
	c->end = (uint32_t)r->count;
	return 0;
}

static int open_list(struct session *s, struct backend_cursor *c,
		     const struct read_args *args, uow_error *err)
{
	const struct shape *shape = c->matcher.shape;
	struct result r = { NULL, 0, 0 };
	int rc;

	if (shape->key_count)
		rc = search_keys(s, c->v, shape, args, &c->sight, &r, err);
	else
		rc = search(s, &c->matcher, &c->sight, &r);
	if (!rc)
		rc = arrange(s, c, &r, err);
	if (!rc)
		rc = keep_list(c, &r, err);
	mem_free(r.rows);
	return rc;
}

static int open_cursor(struct session *s, struct backend_cursor *c,
		       const struct read_args *args, uow_error *err)
{
	const struct shape *shape = &c->shape;
	int rc = matcher_init(&c->matcher, c->v, shape, args, err);

	if (!rc)
		rc = note(s, c->v, shape, args, err);
	if (rc)
		return rc;
	c->matcher.err = err;
	c->scans = !shape->key_count && !shape->order_count && !shape->lock &&
		   search_scans(&c->matcher);
	if (!c->scans)
		return open_list(s, c, args, err);
	c->at = 1;
	c->end = c->v->table->record_end;
	c->skip = shape->offset;
	c->left = shape->limit ? shape->limit : UINT64_MAX;
	return 0;
}

/* -- cursors -- */

static struct backend_cursor *cursor_new(struct session *s)
{
	struct backend_cursor *c = s->spare;

	if (!c)
		c = mem_alloc(sizeof(*c));
	if (!c)
		return NULL;
	s->spare = NULL;
	c->s = s;
	c->snapshot.taken = false;
	c->at = c->end = 0;
	c->row = 0;
	c->list = &c->one;
	return c;
}

void cursor_free(struct backend_cursor *c)
{
	mem_free(c);
}

static void cursor_close(struct backend_cursor *c)
{
	struct session *s = c->s;

	snapshot_drop(s->store, &c->snapshot);
	matcher_release(&c->matcher);
	if (c->list != &c->one)
		mem_free(c->list);
	if (s->spare)
		mem_free(c);
	else
		s->spare = c;
}

int memory_read(struct session *s, const struct shape *shape,
		const struct read_args *args, struct backend_cursor **out,
		uow_error *err)
{
	struct backend_cursor *c = cursor_new(s);
	struct view *v;
	int rc;

	if (!c)
		return error_nomem(err);
	c->matcher.own = NULL;
	rc = view_get(s, shape->mapping, &v, err);
	if (!rc) {
		c->v = v;
		c->shape = *shape;
		look(s, &c->snapshot, &c->sight);
		rc = open_cursor(s, c, args, err);
	}
	session_settle(s);
	arena_clear(&s->scratch);
	if (rc)
		cursor_close(c);
	else
		*out = c;
	return rc;
}

void memory_close(struct backend_cursor *c)
{
	struct store *st = c->s->store;

	store_lock(st);
	cursor_close(c);
	store_unlock(st);
}

static const struct version *seen(const struct backend_cursor *c, uint32_t n)
{
	return version_seen(table_record(c->v->table, n), c->sight.id,
			    c->sight.serial, c->sight.number);
}

/* 1: *out is the next row. */
static int next_in_table(struct backend_cursor *c, const struct version **out)
{
	int rc;

	while (c->at < c->end && c->left) {
		*out = seen(c, c->at++);
		if (!*out)
			continue;
		rc = matches(&c->matcher, *out);
		if (rc < 0)
			return rc;
		if (!rc)
			continue;
		if (c->skip) {
			c->skip--;
			continue;
		}
		c->left--;
		return 1;
	}
	return 0;
}

static int next_in_list(struct backend_cursor *c, const struct version **out)
{
	while (c->at < c->end) {
		*out = seen(c, c->list[c->at++]);
		if (*out)
			return 1;
	}
	return 0;
}

int memory_next(struct backend_cursor *c, void *row, struct arena *texts,
		uow_error *err)
{
	const struct version *v = NULL;
	int rc;

	c->matcher.err = err;
	store_lock(c->s->store);
	rc = c->scans ? next_in_table(c, &v) : next_in_list(c, &v);
	store_unlock(c->s->store);
	if (rc <= 0)
		return rc;
	/* The cursor's snapshot keeps it; it is never written to. */
	rc = view_read(c->v, row, version_row(c->v->table, v), texts, err);
	if (rc) {
		err->row = c->row;
		return rc;
	}
	c->row++;
	return 1;
}

/* -- COUNT -- */

static int count_rows(struct session *s, const struct matcher *m,
		      const struct sight *sight, uint64_t *out)
{
	struct result r = { NULL, 0, 0 };
	int rc = search(s, m, sight, &r);

	if (!rc)
		*out = r.count;
	mem_free(r.rows);
	return rc;
}

int memory_count(struct session *s, const struct shape *shape,
		 const struct read_args *args, uint64_t *out, uow_error *err)
{
	struct snapshot snapshot = { 0, NULL, NULL, false };
	struct matcher m;
	struct sight sight;
	struct view *v;
	int rc = view_get(s, shape->mapping, &v, err);

	if (rc)
		return rc;
	look(s, &snapshot, &sight);
	rc = matcher_init(&m, v, shape, args, err);
	if (!rc)
		rc = note(s, v, shape, args, err);
	if (!rc)
		rc = count_rows(s, &m, &sight, out);
	matcher_release(&m);
	snapshot_drop(s->store, &snapshot);
	arena_clear(&s->scratch);
	return rc;
}

/* -- UPDATE_WHERE, DELETE_WHERE -- */

static int write_matching(struct session *s, const struct matcher *m,
			  const struct sight *sight,
			  const struct write_row *row, uint64_t *affected)
{
	struct result r = { NULL, 0, 0 };
	int rc = search(s, m, sight, &r);

	if (!rc)
		rc = result_lock(s, &r, m);
	if (!rc)
		rc = write_found(s, m->v, m->shape, row, &r, m->err);
	if (!rc)
		*affected = r.count;
	mem_free(r.rows);
	return rc;
}

int memory_write_where(struct session *s, const struct shape *shape,
		       const struct read_args *args,
		       const struct write_row *row, uint64_t *affected,
		       uow_error *err)
{
	struct snapshot snapshot = { 0, NULL, NULL, false };
	size_t before = s->write_count;
	struct matcher m;
	struct sight sight;
	struct view *v;
	int rc = view_get(s, shape->mapping, &v, err);

	if (rc)
		return rc;
	look(s, &snapshot, &sight);
	rc = matcher_init(&m, v, shape, args, err);
	if (!rc)
		rc = note(s, v, shape, args, err);
	if (!rc)
		rc = write_matching(s, &m, &sight, row, affected);
	if (rc)
		session_undo(s, before);
	matcher_release(&m);
	snapshot_drop(s->store, &snapshot);
	session_settle(s);
	arena_clear(&s->scratch);
	return rc;
}
