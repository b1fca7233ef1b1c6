/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/text.h"
#include "model/field.h"

/*
 * Batches, row by row: one SQLExecute each over parameters that were bound
 * once. Always right, whatever the driver; other strategies come beside it.
 */

/* The key that the last insert made, by the profile's statement. */
static int fetch_last_key(struct odbc_conn *c, int64_t *out, uow_error *err)
{
	struct stmt *st = c->last_key;
	char text[32] = "";
	SQLLEN length = 0;
	int rc;

	rc = stmt_fetch(c, st, err);
	if (rc < 0)
		return rc;
	if (!rc || !sql_ok(SQLGetData(st->handle, 1, SQL_C_CHAR, text,
				      (SQLLEN)sizeof(text), &length)) ||
	    length <= 0 || length >= (SQLLEN)sizeof(text) ||
	    !text_to_int64(text, (size_t)length, out))
		rc = error_set(err, UOW_EDATA, "the database gave no key");
	else
		rc = 0;
	return rc;
}

static int read_last_key(struct odbc_conn *c, const struct mapping *m,
			 void *now, uow_error *err)
{
	const struct profile *p = c->source->profile;
	const struct field *f = &m->fields[m->generated_key];
	uow_value v;
	int64_t key;
	int rc = 0;

	if (!p->last_key)
		return error_set(err, UOW_ENOTSUP, "profile %s cannot read "
				 "generated keys", p->name);
	rc = stmt_execute_kept(c, p->last_key, &c->last_key, err);
	if (!rc) {
		rc = fetch_last_key(c, &key, err);
		stmt_rest(c, c->last_key);
	}
	if (rc)
		return rc;
	v = uow_int(key);
	return field_set(m, f, now, &v, NULL, err);
}

/* Columns that the database filled, read by key into the row. */
static int read_back(struct odbc_conn *c, const struct mapping *m,
		     const struct columns *set, void *now,
		     struct arena *texts, uow_error *err)
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

/* An update or delete by key has to hit exactly one row. */
static int check_hit(struct odbc_conn *c, const struct shape *s,
		     const struct write_row *row, SQLLEN rows, uow_error *err)
{
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
	return check_unverified(c, s, err);
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
	if (!rc && counted && s->op != SHAPE_INSERT)
		rc = check_hit(c, s, row, rows, err);
	if (!rc && !columns_empty(&s->returned))
		rc = returned(c, s, row->now, texts, err);
	return rc;
}

/* The unit asked before the stage, which may be long. */
static int in_time(const struct odbc_conn *c, uow_error *err)
{
	if (deadline_left(&c->source->clock, c->options.deadline))
		return 0;
	return error_set(err, UOW_ETIMEOUT, "the unit's time is up");
}

static int write_batch(struct odbc_conn *c, struct write_batch *b,
		       struct arena *texts, uow_error *err)
{
	struct stmt *st;
	size_t i;
	int rc;

	rc = stmt_of(c, b->shape, &st, err);
	if (rc) {
		err->row = 0;
		return rc;
	}
	for (i = 0; !rc && i < b->count; i++) {
		rc = in_time(c, err);
		if (!rc)
			rc = write_row(c, b->shape, st, &b->rows[i], texts,
				       err);
	}
	if (rc)
		err->row = (int64_t)i - 1;
	stmt_done(c, st);
	return rc;
}

int write_stage(struct backend_conn *base, struct write_batch *batches,
		size_t count, struct arena *texts, size_t *batch,
		uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < count; i++)
		rc = write_batch(c, &batches[i], texts, err);
	if (rc) {
		c->failed = true;
		*batch = i - 1;
	}
	return rc;
}
