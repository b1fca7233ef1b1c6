/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/cursor.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/counter.h"
#include "model/field.h"

/*
 * Did a statement by key hit its row? Row counts say so, where the driver has
 * them. Where it has not, a locking read with the statement's own condition
 * goes before it: once the row is found and locked, the write cannot miss.
 * Never by reading a version after the write: that of another writer looks
 * like ours.
 */

bool verify_by_counts(const struct odbc_conn *c)
{
	struct odbc *s = c->source;
	bool lost;

	pthread_mutex_lock(&s->mutex);
	lost = s->uncounted;
	pthread_mutex_unlock(&s->mutex);
	return !lost && s->profile->single != COUNTS_NONE;
}

/* Without a transaction a lock is gone before the write. */
bool verify_by_lock(const struct odbc_conn *c)
{
	const struct profile *p = c->source->profile;

	return !c->options.simple && (p->lock_update || p->lock_by_file);
}

/* A row by s: 1 it is in row (if that is not NULL), 0 there is none. */
static int read_one(struct odbc_conn *c, const struct shape *s,
		    const struct write_row *by, void *row,
		    struct arena *texts, uow_error *err)
{
	struct backend_cursor *cur;
	struct stmt *st;
	int rc;

	rc = stmt_run(c, s, by, NULL, NULL, &st, err);
	if (rc)
		return rc;
	if (row)
		rc = cursor_new(c, st, &cur, err);
	if (rc || !row) {
		rc = rc ? rc : stmt_fetch(c, st, err);
		stmt_done(c, st);
		return rc;
	}
	rc = read_next(cur, row, texts, err);
	read_close(cur);
	return rc;
}

static void this_row(const struct shape *s, struct shape *out)
{
	memset(out, 0, sizeof(*out));
	out->mapping = s->mapping;
	out->op = SHAPE_SELECT;
	out->key_count = 1;
	out->set = s->mapping->key_set;
}

int verify_row(struct odbc_conn *c, const struct shape *s,
	       const struct write_row *row, uow_error *err)
{
	struct shape look;
	int rc;

	this_row(s, &look);
	look.lock = UOW_LOCK_UPDATE;
	look.versioned = s->versioned;
	look.add = s->add;
	rc = read_one(c, &look, row, NULL, NULL, err);
	if (rc < 0)
		return rc;
	return rc ? 0 : verify_missed(c, s, row, err);
}

bool verify_overtaken(struct odbc_conn *c, const struct shape *s,
		      const struct write_row *row)
{
	uow_error ignored = UOW_ERROR_INIT;
	struct shape look;

	if (s->op == SHAPE_INSERT)
		return false;
	this_row(s, &look);
	look.versioned = s->versioned;
	return !read_one(c, &look, row, NULL, NULL, &ignored);
}

static int conflict(uow_error *err)
{
	return error_set(err, UOW_ECONFLICT, "the row was changed or removed "
			 "by somebody else");
}

/* The first column that cannot take what is added to it. */
static int name_column(const struct shape *s, const struct write_row *row,
		       void *now, uow_error *err)
{
	const struct mapping *m = s->mapping;
	const struct field *f;
	size_t i;

	for (i = 0; i < m->count; i++) {
		f = &m->fields[i];
		if (!columns_has(&s->add, (unsigned)i))
			continue;
		if (field_is_null(f, now))
			return field_error(m, f, err, UOW_EDATA, "is NULL: "
					   "nothing can be added to it");
		if (!field_add(f, now, row->by))
			return field_error(m, f, err, UOW_EDATA, "has no room "
					   "for the sum");
	}
	/* What is there now could take it: it was another row before. */
	return conflict(err);
}

static int look_why(struct odbc_conn *c, const struct shape *s,
		    const struct write_row *row, void *now,
		    struct arena *texts, uow_error *err)
{
	const struct mapping *m = s->mapping;
	struct shape look;
	size_t i;
	int rc;

	this_row(s, &look);
	for (i = 0; i < COLUMN_WORDS; i++)
		look.set.words[i] |= s->add.words[i];
	if (s->versioned)
		columns_add(&look.set, (unsigned)m->version);
	rc = read_one(c, &look, row, now, texts, err);
	if (rc < 0)
		return rc;
	if (s->versioned && (!rc || !field_equal(&m->fields[m->version], now,
						 row->was)))
		return conflict(err);
	if (!rc)
		return error_set(err, UOW_ENOTFOUND, "no such row");
	return name_column(s, row, now, err);
}

/*
 * An update that changes nothing counts no row in some databases. Is the row,
 * locked, as it was to be written? That it is there would not be enough: it
 * may have come after the update.
 */
static int look_same(struct odbc_conn *c, const struct shape *s,
		     const struct write_row *row, void *now,
		     struct arena *texts, uow_error *err)
{
	const struct mapping *m = s->mapping;
	struct shape look;
	size_t i;
	int rc;

	this_row(s, &look);
	look.lock = UOW_LOCK_UPDATE;
	for (i = 0; i < COLUMN_WORDS; i++)
		look.set.words[i] |= s->set.words[i];
	rc = read_one(c, &look, row, now, texts, err);
	for (i = 0; rc > 0 && i < m->count; i++)
		if (columns_has(&s->set, (unsigned)i) &&
		    !field_equal(&m->fields[i], now, row->now))
			rc = 0;
	return rc < 0 ? rc : rc ? 0 : UOW_ECONFLICT;
}

/* With something added to it, it would have changed. */
static bool may_be_same(const struct odbc_conn *c, const struct shape *s)
{
	return columns_empty(&s->add) &&
	       c->source->profile->single == COUNTS_CHANGED &&
	       s->op == SHAPE_UPDATE && !s->versioned &&
	       c->source->profile->lock_update;
}

static int look_again(struct odbc_conn *c, const struct shape *s,
		      const struct write_row *row, void *now,
		      struct arena *texts, uow_error *err)
{
	int rc;

	if (!may_be_same(c, s))
		return look_why(c, s, row, now, texts, err);
	rc = look_same(c, s, row, now, texts, err);
	return rc == UOW_ECONFLICT ? conflict(err) : rc;
}

int verify_missed(struct odbc_conn *c, const struct shape *s,
		  const struct write_row *row, uow_error *err)
{
	struct arena texts;
	void *now;
	int rc;

	if (columns_empty(&s->add) && !may_be_same(c, s))
		return conflict(err);
	now = mem_alloc(s->mapping->size);
	if (!now)
		return error_nomem(err);
	arena_init(&texts);
	rc = look_again(c, s, row, now, &texts, err);
	arena_release(&texts);
	mem_free(now);
	return rc;
}

int verify_lost_count(struct odbc_conn *c, uow_error *err)
{
	struct odbc *s = c->source;

	pthread_mutex_lock(&s->mutex);
	s->uncounted = true;
	pthread_mutex_unlock(&s->mutex);
	error_set(err, UOW_ECONFLICT, "the driver did not tell how many rows "
		  "were written; from now on they are locked before");
	/* Of the driver's, so that nobody says it was a stale row. */
	strcpy(err->sqlstate, "HY000");
	return UOW_ECONFLICT;
}
