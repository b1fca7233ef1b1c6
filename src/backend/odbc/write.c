/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "model/field.h"

/*
 * Batches, as far as possible many rows in a statement (batch.c), else row by
 * row: one SQLExecute each over parameters that were bound once. That is always
 * right, whatever the driver.
 */

/* So much text and binary data goes into one statement for many rows. */
enum { BATCH_BYTES = 1 << 20 };

/* The key that the last insert made, by the profile's statement. */
int last_key(struct odbc_conn *c, int64_t *out, uow_error *err)
{
	const struct profile *p = c->source->profile;
	int rc;

	if (!p->last_key)
		return error_set(err, UOW_ENOTSUP, "profile %s cannot read "
				 "generated keys", p->name);
	rc = stmt_execute_kept(c, p->last_key, &c->last_key, err);
	if (rc)
		return rc;
	rc = read_integer(c, c->last_key, out, err);
	stmt_rest(c, c->last_key);
	if (!rc)
		return error_set(err, UOW_EDATA, "the database gave no key");
	return rc < 0 ? rc : 0;
}

static int read_last_key(struct odbc_conn *c, const struct mapping *m,
			 void *now, uow_error *err)
{
	const struct field *f = &m->fields[m->generated_key];
	int64_t key;
	uow_value v;
	int rc;

	rc = last_key(c, &key, err);
	if (rc)
		return rc;
	v = uow_int(key);
	return field_set(m, f, now, &v, NULL, err);
}

int read_back(struct odbc_conn *c, const struct mapping *m,
	      const struct columns *set, void *now, struct arena *texts,
	      uow_error *err)
{
	struct shape s;
	struct read_args args;
	const void *keys[1];
	struct backend_cursor *cur;
	int rc;

	memset(&s, 0, sizeof(s));
	memset(&args, 0, sizeof(args));
	s.mapping = m;
	s.op = SHAPE_SELECT;
	s.key_count = 1;
	s.set = *set;
	keys[0] = now;
	args.keys = keys;
	rc = read_open(&c->base, &s, &args, &cur, err);
	if (rc)
		return rc;
	rc = read_next(cur, now, texts, err);
	read_close(cur);
	if (rc == 0)
		return error_set(err, UOW_EDATA, "the row just written cannot "
				 "be read back");
	return rc < 0 ? rc : 0;
}

static int returned(struct odbc_conn *c, const struct shape *s, void *now,
		    struct arena *texts, uow_error *err)
{
	const struct mapping *m = s->mapping;
	struct columns rest = s->returned;
	int rc = 0;

	if (m->generated_key >= 0 &&
	    columns_has(&rest, (unsigned)m->generated_key)) {
		rc = read_last_key(c, m, now, err);
		columns_remove(&rest, (unsigned)m->generated_key);
	}
	if (!rc && !columns_empty(&rest))
		rc = read_back(c, m, &rest, now, texts, err);
	return rc;
}

/* Neither counts nor locks: only what needs no certainty can be written. */
static int check_unverified(struct odbc_conn *c, const struct shape *s,
			    uow_error *err)
{
	if ((!s->versioned && columns_empty(&s->add)) ||
	    c->source->allow_unverified)
		return 0;
	return error_set(err, UOW_ENOTSUP, "the driver does not tell how many "
			 "rows were written, so a version cannot be verified");
}

int not_stored(uow_error *err)
{
	return error_set(err, UOW_ECONSTRAINT, "the database says that it has "
			 "not stored the row: a trigger or a rule, perhaps");
}

/*
 * An update or delete by key has to hit exactly one row. An insert that says
 * it has stored none is believed, too: the key that is asked for next would
 * be that of the row before.
 */
int check_hit(struct odbc_conn *c, const struct shape *s,
	      const struct write_row *row, SQLLEN rows, uow_error *err)
{
	int rc;

	if (s->op == SHAPE_INSERT)
		return rows || !verify_by_counts(c) ? 0 : not_stored(err);
	if (rows == 1)
		return 0;
	if (rows > 1)
		return error_set(err, UOW_ECONFIG, "%ld rows have this key: "
				 "it is not the table's primary key",
				 (long)rows);
	if (rows == 0)
		return verify_missed(c, s, row, err);
	if (verify_by_lock(c))
		return verify_lost_count(c, err);
	rc = check_unverified(c, s, err);
	/* Done, if there was such a row, and nothing takes it back. */
	if (rc && c->options.simple)
		c->doubtful = true;
	return rc;
}

static int execute_row(struct odbc_conn *c, struct stmt *st,
		       const struct write_row *row, SQLLEN *rows,
		       uow_error *err)
{
	int rc = stmt_put(c, st, row, NULL, err);

	if (!rc)
		rc = stmt_execute(c, st, rows, err);
	/*
	 * A statement that gave no rows has no cursor, but drivers differ in
	 * what they think of that: close, so that it can be executed again.
	 */
	if (!rc)
		stmt_rest(c, st);
	return rc;
}

static int write_row(struct odbc_conn *c, const struct shape *s,
		     struct stmt *st, struct write_row *row,
		     struct arena *texts, uow_error *err)
{
	bool counted = s->op == SHAPE_INSERT || verify_by_counts(c);
	SQLLEN rows = -1;
	int rc = 0;

	if (!counted)
		rc = verify_by_lock(c) ? verify_row(c, s, row, err) :
					 check_unverified(c, s, err);
	if (!rc)
		rc = execute_row(c, st, row, &rows, err);
	if (!rc && counted)
		rc = check_hit(c, s, row, rows, err);
	if (!rc && !columns_empty(&s->returned))
		rc = returned(c, s, row->now, texts, err);
	return rc;
}

/* The unit asked before the stage, which may be long. */
int write_in_time(const struct odbc_conn *c, uow_error *err)
{
	if (uow_canceler_is_set(c->options.canceler))
		return error_set(err, UOW_ECANCELED, "the unit was canceled");
	if (deadline_left(&c->source->clock, c->options.deadline))
		return 0;
	return error_set(err, UOW_ETIMEOUT, "the unit's time is up");
}

/*
 * The last key that the connection has made need not be the row's: a trigger
 * may have made one in another table. So RETURNING where there is one.
 */
static int write_returning(struct odbc_conn *c, const struct rows *r,
			   int64_t *failed, uow_error *err)
{
	struct rows one = *r;
	size_t i;
	int rc = 0;

	one.count = 1;
	for (i = 0; !rc && i < r->count; i++) {
		*failed = (int64_t)i;
		one.list = &r->list[i];
		rc = write_in_time(c, err);
		if (!rc)
			rc = row_write(c, &one, err);
	}
	return rc;
}

int rows_write(struct odbc_conn *c, const struct rows *r, int64_t *failed,
	       uow_error *err)
{
	struct stmt *st;
	size_t i;
	int rc;

	*failed = 0;
	if (row_returns(c, r->shape))
		return write_returning(c, r, failed, err);
	rc = stmt_of(c, r->shape, &st, err);
	if (rc)
		return rc;
	for (i = 0; !rc && i < r->count; i++) {
		*failed = (int64_t)i;
		rc = write_in_time(c, err);
		if (!rc)
			rc = write_row(c, r->shape, st, &r->list[i], r->texts,
				       err);
	}
	stmt_done(c, st);
	return rc;
}

size_t outer_bytes(const struct shape *s, const struct write_row *row)
{
	const struct mapping *m = s->mapping;
	const void *now = row->now ? row->now : row->was;
	size_t i, n = 0;
	uow_value v;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(&m->texts, (unsigned)i) ||
		    !columns_has(&s->set, (unsigned)i))
			continue;
		field_get(&m->fields[i], now, &v);
		if (v.type != UOW_TYPE_NULL)
			n += v.as.bytes.size;
	}
	return n;
}

/* How many of the first rows hold less than a statement's data? */
static size_t rows_that_fit(const struct shape *s,
			    const struct write_row *rows, size_t most)
{
	size_t i, bytes = 0;

	if (columns_empty(&s->mapping->texts))
		return most;
	for (i = 0; i < most; i++) {
		bytes += outer_bytes(s, &rows[i]);
		if (bytes > BATCH_BYTES)
			break;
	}
	return i;
}

static size_t next_step(const struct way *w, const struct rows *left)
{
	size_t n = left->count < w->most ? left->count : w->most;

	if (w->strategy == STRATEGY_ROWS)
		return 1;
	return way_step(w, rows_that_fit(left->shape, left->list, n));
}

/*
 * Keys made for many rows are counted from that of the row before: the first
 * row goes alone.
 */
static bool goes_alone(const struct odbc_conn *c, const struct shape *s,
		       const struct way *w, size_t done)
{
	int key = s->mapping->generated_key;

	return !done && w->strategy == STRATEGY_VALUES && key >= 0 &&
	       columns_has(&s->returned, (unsigned)key) &&
	       c->source->profile->returning == RETURNING_NONE;
}

/* first: the part's place in its batch. */
static int write_part(struct odbc_conn *c, const struct rows *part,
		      struct way *way, size_t first, uow_error *err)
{
	int64_t failed = -1;
	int rc = write_in_time(c, err);

	if (!rc && (part->count == 1 || way->strategy == STRATEGY_ROWS ||
		    !batch_pays(c, part)))
		rc = rows_write(c, part, &failed, err);
	else if (!rc)
		rc = batch_write(c, part, way, &failed, err);
	c->anew = false;
	if (rc)
		err->row = failed < 0 ? -1 : (int64_t)first + failed;
	return rc;
}

static int write_batch(struct odbc_conn *c, struct write_batch *b,
		       struct arena *texts, uow_error *err)
{
	struct rows part;
	struct way way;
	size_t done, n;
	int rc;

	memset(&part, 0, sizeof(part));
	part.shape = b->shape;
	part.texts = texts;
	rc = way_choose(c, b->shape, b->count, &way, err);
	err->row = -1;
	for (done = 0; !rc && done < b->count; done += n) {
		part.list = b->rows + done;
		part.count = b->count - done;
		n = goes_alone(c, b->shape, &way, done) ? 1 :
		    next_step(&way, &part);
		if (n == 1 && way.strategy == STRATEGY_ROWS)
			n = part.count;
		part.count = n;
		rc = write_part(c, &part, &way, done, err);
	}
	return rc;
}

int write_stage(struct backend_conn *base, struct write_batch *batches,
		size_t count, struct arena *texts, size_t *batch,
		uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	bool done;
	size_t i;
	int rc;

	c->first = c->anew;
	rc = together_write(c, batches, count, texts, &done, batch, err);
	for (i = 0; !rc && !done && i < count; i++) {
		*batch = i;
		rc = write_batch(c, &batches[i], texts, err);
	}
	if (rc)
		c->failed = true;
	return txn_written(c, rc, err);
}
