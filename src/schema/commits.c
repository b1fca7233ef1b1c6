/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <uow/schema.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/random.h"
#include "model/criterion.h"
#include "pool/commits.h"
#include "schema/tables.h"

/* The table of exactly_once: made, tried, and pruned. */

enum { KEEP_DAYS = 7 };

static int lease(uow_db *db, struct tables *t, const struct mapping **m,
		 uow_error *err)
{
	struct lease l = LEASE_INIT;
	struct backend_conn *c;
	int rc;

	l.name = "schema";
	rc = db_lease(db, &l, &c, err);
	memset(t, 0, sizeof(*t));
	t->db = db;
	if (rc)
		return rc;
	rc = db_commits(db, c, m, err);
	db_return(db, c);
	return rc;
}

static int is_there(struct tables *t, const struct mapping *m, bool *out,
		    uow_error *err)
{
	struct catalog_table found;
	struct arena a;
	int rc = tables_begin(t, true, err);

	if (rc)
		return rc;
	memset(&found, 0, sizeof(found));
	arena_init(&a);
	rc = t->conn->ops->describe(t->conn, m, &a, &found, err);
	arena_release(&a);
	*out = found.count > 0;
	return tables_end(t, rc, err);
}

static int make(struct tables *t, const struct mapping *m, uow_error *err)
{
	int rc = tables_begin(t, false, err);

	if (rc)
		return rc;
	rc = t->conn->ops->define(t->conn, &m, 1, false, err);
	return tables_end(t, rc, err);
}

/* Another process may have been quicker than we. */
static int ensure(struct tables *t, const struct mapping *m, uow_error *err)
{
	uow_error ignored = UOW_ERROR_INIT;
	bool there = false;
	int rc = is_there(t, m, &there, err);

	if (rc || there)
		return rc;
	rc = make(t, m, err);
	if (rc && !is_there(t, m, &there, &ignored) && there)
		rc = 0;
	return rc;
}

static int prove(uow_db *db, uow_error *err)
{
	struct lease l = LEASE_INIT;
	struct backend_conn *c;
	int rc;

	l.name = "schema";
	rc = db_lease(db, &l, &c, err);
	if (rc)
		return rc;
	rc = db_commits_prove(db, c, DEADLINE_NONE, err);
	db_return(db, c);
	return rc;
}

static int check(uow_db *db, uow_error *err)
{
	if (!db)
		return error_set(err, UOW_EINVAL,
				 "a schema needs a data source");
	if (db->backend->borrowed)
		return error_set(err, UOW_ENOTSUP, "uow_commit on an adopted "
				 "connection: there is no exactly_once");
	return 0;
}

int uow_schema_create_commits(uow_db *db, uow_error *err)
{
	const struct mapping *m = NULL;
	uow_error e = UOW_ERROR_INIT;
	struct tables t;
	int rc = check(db, err);

	if (rc)
		return rc;
	rc = lease(db, &t, &m, &e);
	if (!rc)
		rc = ensure(&t, m, &e);
	if (!rc)
		rc = prove(db, &e);
	if (rc && err)
		*err = e;
	return rc;
}

/* -- pruning -- */

static uint16_t days_of(int16_t year, uint16_t month)
{
	static const uint16_t days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = !(year % 4) && (year % 100 || !(year % 400));

	return (uint16_t)(days[month - 1] + (month == 2 && leap));
}

static void step_back(uow_timestamp *t)
{
	if (--t->day)
		return;
	if (!--t->month) {
		t->month = 12;
		t->year--;
	}
	t->day = days_of(t->year, t->month);
}

/* So old that it may go, seen from now. */
static uow_timestamp limit_of(const uow_timestamp *now)
{
	uow_timestamp t = *now;
	unsigned i;

	for (i = 0; i < KEEP_DAYS; i++)
		step_back(&t);
	return t;
}

static int delete_before(struct backend_conn *c, const struct mapping *m,
			 const uow_timestamp *limit, uint64_t *removed,
			 uow_error *err)
{
	uint32_t code[] = { CODE_WORD(SPEC_LT, COMMIT_AT) };
	unsigned column = COMMIT_AT;
	uow_value value = uow_stamp(*limit);
	struct read_args args;
	struct shape s;

	memset(&s, 0, sizeof(s));
	s.mapping = m;
	s.op = SHAPE_DELETE_WHERE;
	s.code = code;
	s.code_len = 1;
	memset(&args, 0, sizeof(args));
	args.values = &value;
	args.columns = &column;
	args.value_count = 1;
	return c->ops->write_where(c, &s, &args, NULL, removed, err);
}

/*
 * The server's time is that of a row which it inserts now: no SQL is needed
 * for it, and it is the clock by which the others were stamped.
 */
static int prune(struct backend_conn *c, const struct mapping *m,
		 uint64_t *removed, uow_error *err)
{
	struct commit_row row;
	uow_timestamp limit;
	uow_uuid token;
	int rc = random_bytes(token.bytes, sizeof(token.bytes), err);

	if (!rc)
		rc = commits_insert(c, m, &token, 0, err);
	if (!rc)
		rc = commits_read(c, m, &token, &row, err);
	if (rc)
		return rc;
	limit = limit_of(&row.at);
	return delete_before(c, m, &limit, removed, err);
}

int uow_schema_prune_commits(uow_db *db, uint64_t *removed, uow_error *err)
{
	const struct mapping *m = NULL;
	uow_error e = UOW_ERROR_INIT;
	uint64_t count = 0;
	struct tables t;
	int rc = check(db, err);

	if (rc)
		return rc;
	rc = lease(db, &t, &m, &e);
	if (!rc)
		rc = tables_begin(&t, false, &e);
	if (!rc) {
		rc = prune(t.conn, m, &count, &e);
		rc = tables_end(&t, rc, &e);
	}
	if (rc && err)
		*err = e;
	if (!rc && removed)
		*removed = count;
	return rc;
}
