/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/load.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "model/row.h"
#include "unit/flush.h"
#include "unit/spelling.h"

int load_failed(uow_repository *r, const void *key_row, uow_error *err)
{
	const struct mapping *m = r->mapping;

	error_entity(err, m->name);
	/* What was asked for may be a zero. */
	if (key_row && (key_row == r->scratch || !row_is_new(m, key_row)))
		row_key_text(m, key_row, err->key, sizeof(err->key));
	error_name_row(err);
	return unit_fail(r->unit, err);
}

int load_read_failed(uow_repository *r, const void *key_row, uow_error *err)
{
	if (!err->step[0])
		error_step(err, "SELECT %s", r->mapping->table);
	return load_failed(r, key_row, err);
}

int load_unreadable(uow_repository *r, const void *row, uow_error *err)
{
	const struct mapping *m = r->mapping;
	char key[sizeof(err->key)];

	/* Its key was read: one can go and look. */
	if (err->code == UOW_EDATA && err->row >= 0) {
		row_key_text(m, row, key, sizeof(key));
		error_append(err, " (key %s, row %lld of the result)", key,
			     (long long)err->row);
		return load_read_failed(r, row, err);
	}
	return load_read_failed(r, NULL, err);
}

int load_refuse(uow_repository *r, int code, const void *key_row,
		const char *fmt, ...)
{
	uow_error err = UOW_ERROR_INIT;
	char key[sizeof(err.key)] = "", why[UOW_ERROR_TEXT];
	bool new = key_row && key_row != r->scratch &&
		   row_is_new(r->mapping, key_row);
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	if (new)
		row_name(r->mapping, key_row, key, sizeof(key));
	else if (key_row)
		row_key_text(r->mapping, key_row, key, sizeof(key));
	error_set(&err, code, "%s%s%s: %s", r->mapping->name,
		  key_row ? " " : "", key, why);
	error_entity(&err, r->mapping->name);
	if (key_row && !new)
		memcpy(err.key, key, sizeof(key));
	return unit_fail(r->unit, &err);
}

/* -- a row meets an object -- */

int load_take(struct entry *e, const void *row)
{
	const struct mapping *m = e->repo->mapping;

	if (scope_watch(e))
		return unit_fail_nomem(e->repo->unit);
	row_assign(m, entry_object(e), row, &m->all);
	if (e->snapshot)
		row_assign(m, e->snapshot, row, &m->all);
	e->flags &= (unsigned char)~(ENTRY_STALE | ENTRY_EDITED);
	return adds_apply(e);
}

/* Without a snapshot (read only) there is nothing to compare with. */
static bool is_changed(const struct entry *e)
{
	const struct mapping *m = e->repo->mapping;
	struct columns diff;

	if (!e->snapshot)
		return false;
	row_diff(m, entry_object(e), e->snapshot, &m->all, &diff);
	return e->flags & ENTRY_EDITED || !columns_empty(&diff);
}

static int conflict(struct entry *e, const void *row)
{
	const struct mapping *m = e->repo->mapping;
	uow_value was, now;

	if (m->version < 0)
		return load_refuse(e->repo, UOW_ECONFLICT, row,
				   "changed here, and in the database as well");
	field_get(&m->fields[m->version], e->snapshot, &was);
	field_get(&m->fields[m->version], row, &now);
	if (was.type != UOW_TYPE_INT64 && was.type != UOW_TYPE_INT32 &&
	    was.type != UOW_TYPE_INT16)
		return load_refuse(e->repo, UOW_ECONFLICT, row,
				   "changed here, and its version is another "
				   "now");
	return load_refuse(e->repo, UOW_ECONFLICT, row,
			   "changed here, but its version was %lld and is "
			   "%lld now", (long long)was.as.integer,
			   (long long)now.as.integer);
}

/* A changed object stays as it is while the row is the one it came from. */
static int compare_changed(struct entry *e, const void *row)
{
	const struct mapping *m = e->repo->mapping;
	const struct pending_add *p = adds_of(e);
	struct columns diff;
	size_t i;

	if (m->version >= 0)
		return field_equal(&m->fields[m->version], row, e->snapshot) ?
		       0 : conflict(e, row);
	row_diff(m, row, e->snapshot, &m->all, &diff);
	/* The snapshot has what is to be added, the row has not yet. */
	for (i = 0; p && i < COLUMN_WORDS; i++)
		diff.words[i] &= ~p->columns.words[i];
	return columns_empty(&diff) ? 0 : conflict(e, row);
}

static int meet(struct entry *known, const void *row, enum load_mode mode)
{
	if (known->state == ENTRY_NEW)
		return 0;
	if (known->flags & ENTRY_STALE || mode == LOAD_REFRESH)
		return load_take(known, row);
	if (mode == LOAD_KEEP)
		return 0;
	return is_changed(known) ? compare_changed(known, row) :
	       load_take(known, row);
}

static int admit(struct entry *e, uint32_t hash, size_t place)
{
	uow_repository *r = e->repo;
	uow_unit *u = r->unit;

	if (!u->options.read_only && entry_snapshot(e, true))
		return unit_fail_nomem(u);
	e->state = ENTRY_LOADED;
	e->hash = hash;
	entry_append(e);
	identity_put(&r->identity, e, place);
	spelling_admitted(e);
	return 0;
}

/*
 * A row was read into the spare: *out becomes the entry it belongs to, NULL
 * if that was removed.
 */
static int settle(struct entry *spare, enum load_mode mode, struct entry **out)
{
	uow_repository *r = spare->repo;
	const void *row = entry_object(spare);
	uint32_t hash = row_key_hash(r->mapping, row);
	struct entry *known;
	size_t place;
	int rc;

	if (identity_reserve(&r->identity, 1))
		return unit_fail_nomem(r->unit);
	known = identity_look(&r->identity, r->mapping, row, hash, &place);
	if (!known) {
		rc = admit(spare, hash, place);
		*out = spare;
		return rc;
	}
	r->spare = spare;
	spelling_met(known);
	*out = known->state == ENTRY_REMOVED ? NULL : known;
	return *out ? meet(known, row, mode) : 0;
}

static struct entry *take_spare(uow_repository *r)
{
	struct entry *e = r->spare;

	r->spare = NULL;
	return e ? e : entry_new(r);
}

/* -- reading -- */

int load_open(uow_repository *r, const struct shape *s,
	      const struct read_args *args, struct backend_cursor **out)
{
	struct backend_conn *c = r->unit->conn;
	uow_error err;
	int rc = unit_in_time(r->unit);

	if (rc)
		return rc;
	error_none(&err);
	rc = c->ops->read(c, s, args, out, &err);
	if (rc)
		return load_read_failed(r, s->key_count == 1 ?
					args->keys[0] : NULL,
				   &err);
	return 0;
}

int load_next(uow_repository *r, struct backend_cursor *cur,
	      enum load_mode mode, struct entry **out)
{
	uow_unit *u = r->unit;
	uow_error err;
	struct entry *spare, *found = NULL;
	int rc;

	error_none(&err);
	do {
		spare = take_spare(r);
		if (!spare)
			return unit_fail_nomem(u);
		rc = u->conn->ops->next(cur, entry_object(spare), &u->arena,
					&err);
		if (rc <= 0) {
			r->spare = spare;
			break;
		}
		rc = settle(spare, mode, &found);
		if (rc)
			return rc;
	} while (!found);
	if (rc < 0)
		return load_unreadable(r, entry_object(spare), &err);
	*out = found;
	return 0;
}

int load_by_key(uow_repository *r, uow_lock lock, enum load_mode mode,
		struct entry **out)
{
	const void *key = r->scratch;
	struct read_args args = { &key, NULL, NULL, 0, false };
	struct shape shape;
	struct backend_cursor *cur;
	int rc;

	memset(&shape, 0, sizeof(shape));
	shape.mapping = r->mapping;
	shape.op = SHAPE_SELECT;
	shape.lock = lock;
	shape.key_count = 1;
	rc = load_open(r, &shape, &args, &cur);
	if (rc)
		return rc;
	rc = load_next(r, cur, mode, out);
	r->unit->conn->ops->close(cur);
	return rc;
}

/* Few sizes, so that few statements are prepared. */
static size_t step_size(size_t count)
{
	return count <= 2 ? count : count <= 10 ? 10 : LOAD_KEYS;
}

/* keys has step_size(count) elements. */
static int load_step(uow_repository *r, const void *const *keys, size_t count)
{
	struct read_args args = { keys, NULL, NULL, 0, false };
	struct shape shape;
	struct backend_cursor *cur;
	struct entry *e;
	int rc;

	memset(&shape, 0, sizeof(shape));
	shape.mapping = r->mapping;
	shape.op = SHAPE_SELECT;
	shape.key_count = count;
	rc = load_open(r, &shape, &args, &cur);
	if (rc)
		return rc;
	do {
		rc = load_next(r, cur, LOAD_KEEP, &e);
	} while (!rc && e);
	r->unit->conn->ops->close(cur);
	return rc;
}

int load_by_keys(uow_repository *r, const void *const *keys, size_t count)
{
	const void *step[LOAD_KEYS];
	size_t done, n, size, i;
	int rc = 0;

	for (done = 0; !rc && done < count; done += n) {
		n = count - done < LOAD_KEYS ? count - done : LOAD_KEYS;
		size = step_size(n);
		for (i = 0; i < size; i++)
			step[i] = keys[done + (i < n ? i : n - 1)];
		rc = load_step(r, step, size);
	}
	return rc;
}
