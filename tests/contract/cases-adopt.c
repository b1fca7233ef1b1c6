/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

#include <uow/odbc.h>

/* A connection that the caller has open already, and keeps. */

struct legacy {
	SQLHENV env;
	SQLHDBC dbc;
	uow_db *db;
};

static void connect_legacy(struct fixture *f, struct legacy *l,
			   bool autocommit, const uow_db_options *o)
{
	SQLCHAR in[800];

	needs(f, BACKEND_ODBC);
	tables(f, &plain_entity, NULL);
	memset(l, 0, sizeof(*l));
	strcpy((char *)in, f->source.connection);
	assert_int_equal(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE,
					&l->env), SQL_SUCCESS);
	SQLSetEnvAttr(l->env, SQL_ATTR_ODBC_VERSION,
		      (SQLPOINTER)SQL_OV_ODBC3, 0);
	assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, l->env, &l->dbc),
			 SQL_SUCCESS);
	assert_true(SQL_SUCCEEDED(SQLDriverConnect(l->dbc, NULL, in, SQL_NTS,
		NULL, 0, NULL, SQL_DRIVER_NOPROMPT)));
	if (!autocommit)
		assert_true(SQL_SUCCEEDED(SQLSetConnectAttr(l->dbc,
			SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF,
			0)));
	succeeds(uow_db_adopt(&l->db, l->dbc, o, &f->err), &f->err);
}

static void disconnect_legacy(struct legacy *l)
{
	uow_db_free(l->db);
	/* 95, 133: it is still open, and nothing is open on it */
	assert_true(SQL_SUCCEEDED(SQLDisconnect(l->dbc)));
	SQLFreeHandle(SQL_HANDLE_DBC, l->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, l->env);
}

static SQLUINTEGER attribute(const struct legacy *l, SQLINTEGER which)
{
	SQLUINTEGER value = 12345;

	assert_true(SQL_SUCCEEDED(SQLGetConnectAttr(l->dbc, which, &value, 0,
						    NULL)));
	return value;
}

static bool legacy_sql(const struct legacy *l, const char *sql)
{
	SQLCHAR text[200];
	SQLHSTMT stmt;
	SQLRETURN rc;

	strcpy((char *)text, sql);
	assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, l->dbc,
						 &stmt)));
	rc = SQLExecDirect(stmt, text, SQL_NTS);
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	return SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA;
}

static struct plain *add(uow_unit *u, int64_t id)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	return plain_add(plain_repository_of(u), &p);
}

/* 21, 95, 124: as it was before, after every way of ending a unit */
static void attributes_are_as_before_on_every_path(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	SQLUINTEGER isolation;
	struct legacy l;
	uow_unit *u;
	int i, rc;

	connect_legacy(f, &l, true, NULL);
	isolation = attribute(&l, SQL_ATTR_TXN_ISOLATION);
	for (i = 0; i < 9; i++) {
		o = (uow_options)UOW_OPTIONS_INIT;
		if (i == 6)
			o.simple = true;
		if (i == 7)
			o.read_only = true;
		if (i == 8)
			o.isolation = UOW_SERIALIZABLE;
		u = NULL;
		rc = 0;
		if (uow_begin(&u, l.db, &o, &f->err)) {
			assert_int_equal(i, 8);
			assert_int_equal(f->err.code, UOW_ENOTSUP);
		}
		if (u && i != 7)
			add(u, 100 + i);
		if (i == 1)
			uow_rollback(u);
		else if (i == 2)
			uow_fail(u, UOW_EREJECTED, "no");
		else if (i == 3)
			add(u, 100);	/* duplicate at flush */
		else if (i == 4)
			must_fail(u, uow_exec(u, "SELEKT", NULL, 0, NULL),
				  UOW_ESQL);
		if (u && i != 5)
			rc = uow_commit(u);
		assert_int_equal(rc, i == 1 ? UOW_ESTATE : i == 2 ?
				 UOW_EREJECTED : i == 3 ? UOW_EDUPLICATE :
				 i == 4 ? UOW_ESQL : 0);
		uow_unit_free(u);
		assert_int_equal(attribute(&l, SQL_ATTR_AUTOCOMMIT),
				 SQL_AUTOCOMMIT_ON);
		assert_int_equal(attribute(&l, SQL_ATTR_TXN_ISOLATION),
				 isolation);
	}
	/* rows of units 0, 6 and 8 */
	assert_in_range(rows_in(f, &plain_entity), 2, 3);
	/* 122: what the caller does next is committed by itself */
	assert_true(legacy_sql(&l, "DELETE FROM plains"));
	assert_int_equal(rows_in(f, &plain_entity), 0);
	disconnect_legacy(&l);
}

/* While the unit is open the connection is in its transaction. */
static void the_unit_is_a_transaction_on_the_callers_connection(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	uow_unit *u;

	connect_legacy(f, &l, true, NULL);
	u = begin_on(l.db, NULL);
	need(u, add(u, 1));
	assert_ptr_equal(uow_unit_hdbc(u), l.dbc);	/* flushes */
	assert_true(legacy_sql(&l, "UPDATE plains SET amount = 7"));
	assert_int_equal(rows_in(f, &plain_entity), 0);
	must(u, uow_refresh(uow_repository_of(u, &plain_entity),
			    need(u, plain_get(plain_repository_of(u), 1))));
	assert_int_equal(plain_get(plain_repository_of(u), 1)->amount, 7);
	uow_rollback(u);
	assert_null(uow_unit_hdbc(u));
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 0);
	u = begin_on(l.db, NULL);
	uow_fail(u, UOW_EREJECTED, "no");
	assert_null(uow_unit_hdbc(u));
	uow_unit_free(u);
	disconnect_legacy(&l);
}

/* 54: one unit at a time */
static void a_second_unit_at_a_time_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	struct legacy l;
	uow_unit *u, *v = NULL;
	int rc;

	o.acquire_timeout_ms = 50;
	connect_legacy(f, &l, true, &o);
	u = begin_on(l.db, NULL);
	rc = uow_begin(&v, l.db, NULL, &f->err);
	assert_true(rc == UOW_ETIMEOUT || rc == UOW_ESTATE);
	assert_null(v);
	commit(u);
	u = begin_on(l.db, NULL);
	commit(u);
	disconnect_legacy(&l);
}

/* Undoing no more than itself takes a savepoint. The caller's work stays. */
static void needs_to_be_inside(struct fixture *f)
{
	struct legacy l;
	uow_unit *u = NULL;

	if (uow_db_has(f->db, UOW_FEATURE_SAVEPOINT))
		return;
	connect_legacy(f, &l, false, NULL);
	assert_true(legacy_sql(&l, "INSERT INTO plains VALUES "
			       "(1, 1, 'callers')"));
	gives(uow_begin(&u, l.db, NULL, &f->err), UOW_ENOTSUP, &f->err);
	assert_null(u);
	contains(f->err.message, "savepoints");
	assert_int_equal(attribute(&l, SQL_ATTR_AUTOCOMMIT),
			 SQL_AUTOCOMMIT_OFF);
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, l.dbc,
					     SQL_COMMIT)));
	disconnect_legacy(&l);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	leave(f, LEFT_REFUSED, "UOW_FEATURE_SAVEPOINT");
}

/* 4, 61: inside the caller's transaction the end is the caller's */
static void inside_a_callers_transaction_the_end_is_his(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	uow_unit *u;
	int commits;

	needs_to_be_inside(f);
	for (commits = 0; commits < 2; commits++) {
		connect_legacy(f, &l, false, NULL);
		assert_true(legacy_sql(&l, "INSERT INTO plains VALUES "
				       "(1, 1, 'callers')"));
		u = begin_on(l.db, NULL);
		need(u, add(u, 2));
		must(u, uow_commit(u));
		uow_unit_free(u);
		/* a unit that fails undoes itself, not the caller's work */
		u = begin_on(l.db, NULL);
		need(u, add(u, 3));
		must(u, uow_flush(u));
		uow_fail(u, UOW_EREJECTED, "no");
		assert_int_equal(uow_commit(u), UOW_EREJECTED);
		uow_unit_free(u);
		u = begin_on(l.db, NULL);
		need(u, add(u, 4));
		must(u, uow_flush(u));
		uow_unit_free(u);
		assert_int_equal(attribute(&l, SQL_ATTR_AUTOCOMMIT),
				 SQL_AUTOCOMMIT_OFF);
		assert_int_equal(rows_in(f, &plain_entity), 0);
		assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, l.dbc,
			commits ? SQL_COMMIT : SQL_ROLLBACK)));
		uow_db_ended(l.db, commits);
		assert_int_equal(rows_in(f, &plain_entity), commits ? 2 : 0);
		disconnect_legacy(&l);
		if (commits == 0) {
			const uow_entity *e = &plain_entity;

			succeeds(uow_schema_drop(f->db, &e, 1, &f->err),
				 &f->err);
		}
	}
}

/* 61: a savepoint of the caller's own is his, whatever units did after it */
static void a_callers_savepoint_outlives_units(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	uow_unit *u;
	int i;

	needs_to_be_inside(f);
	connect_legacy(f, &l, false, NULL);
	assert_true(legacy_sql(&l, "INSERT INTO plains VALUES "
			       "(1, 1, 'callers')"));
	for (i = 0; i < 2; i++) {
		assert_true(legacy_sql(&l, "SAVEPOINT callers"));
		u = begin_on(l.db, NULL);
		need(u, add(u, 2));
		must(u, uow_flush(u));
		if (i)
			uow_fail(u, UOW_EREJECTED, "no");
		assert_int_equal(uow_commit(u), i ? UOW_EREJECTED : 0);
		uow_unit_free(u);
		assert_true(legacy_sql(&l, "ROLLBACK TO SAVEPOINT callers"));
	}
	u = begin_on(l.db, NULL);
	need(u, add(u, 3));
	commit(u);
	assert_true(legacy_sql(&l, "RELEASE SAVEPOINT callers"));
	assert_int_equal(rows_in(f, &plain_entity), 0);
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, l.dbc,
					     SQL_COMMIT)));
	uow_db_ended(l.db, true);
	assert_int_equal(rows_in(f, &plain_entity), 2);
	disconnect_legacy(&l);
}

/* 40: a transaction that is open keeps its isolation; who needs more hears */
static void isolation_cannot_change_in_a_callers_transaction(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct legacy l;
	SQLUINTEGER before;
	uow_unit *u = NULL;
	int rc;

	needs_to_be_inside(f);
	connect_legacy(f, &l, false, NULL);
	assert_true(legacy_sql(&l, "INSERT INTO plains VALUES "
			       "(1, 1, 'callers')"));
	before = attribute(&l, SQL_ATTR_TXN_ISOLATION);
	o.isolation = UOW_SERIALIZABLE;
	rc = uow_begin(&u, l.db, &o, &f->err);
	if (before == SQL_TXN_SERIALIZABLE) {
		assert_int_equal(rc, 0);
		commit(u);
	} else {
		assert_int_equal(rc, UOW_ENOTSUP);
		assert_null(u);
		contains(f->err.message, "isolation cannot change");
	}
	o.isolation = UOW_READ_COMMITTED;
	u = begin_on(l.db, &o);
	need(u, add(u, 2));
	commit(u);
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, l.dbc,
					     SQL_COMMIT)));
	uow_db_ended(l.db, true);
	assert_int_equal(rows_in(f, &plain_entity), 2);
	disconnect_legacy(&l);
}

struct ends {
	unsigned commits, rollbacks;
	struct plain *object;
	int64_t seen;
};

static int on_commit(uow_unit *u, void *arg)
{
	struct ends *e = arg;

	(void)u;
	e->commits++;
	if (e->object)
		e->seen = e->object->id;
	return 0;
}

static int on_rollback(uow_unit *u, void *arg)
{
	(void)u;
	((struct ends *)arg)->rollbacks++;
	return 0;
}

static uow_unit *hooked(struct legacy *l, struct ends *e, int64_t id)
{
	uow_unit *u = begin_on(l->db, NULL);

	must(u, uow_on(u, UOW_AFTER_COMMIT, on_commit, e));
	must(u, uow_on(u, UOW_AFTER_ROLLBACK, on_rollback, e));
	e->object = need(u, add(u, id));
	return u;
}

/* Hooks wait until the caller tells how his transaction ended. */
static void hooks_wait_for_the_callers_end(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	struct ends e, lost;
	uow_unit *u;
	int ending;

	needs_to_be_inside(f);
	connect_legacy(f, &l, false, NULL);
	for (ending = 0; ending < 2; ending++) {
		memset(&e, 0, sizeof(e));
		u = hooked(&l, &e, 5 + ending);
		must(u, uow_commit(u));
		uow_unit_free(u);	/* the objects wait with the hooks */
		u = hooked(&l, &e, 10 + ending);
		must(u, uow_commit(u));
		uow_unit_free(u);
		assert_int_equal(e.commits + e.rollbacks, 0);
		/* one that failed is known to have failed */
		memset(&lost, 0, sizeof(lost));
		u = hooked(&l, &lost, 20 + ending);
		uow_rollback(u);
		uow_unit_free(u);
		assert_int_equal(lost.rollbacks, 1);
		SQLEndTran(SQL_HANDLE_DBC, l.dbc,
			   ending ? SQL_COMMIT : SQL_ROLLBACK);
		uow_db_ended(l.db, ending);
		assert_int_equal(e.commits, ending ? 2 : 0);
		assert_int_equal(e.rollbacks, ending ? 0 : 2);
		assert_int_equal(e.seen, ending ? 11 : 0);
		assert_int_equal(lost.commits + lost.rollbacks, 1);
		uow_db_ended(l.db, ending);	/* told once */
		assert_int_equal(e.commits, ending ? 2 : 0);
	}
	/* never told: dropped with the data source */
	memset(&e, 0, sizeof(e));
	u = hooked(&l, &e, 30);
	must(u, uow_commit(u));
	uow_unit_free(u);
	SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK);
	disconnect_legacy(&l);
	assert_int_equal(e.commits + e.rollbacks, 0);
	assert_int_equal(rows_in(f, &plain_entity), 2);
}

static int conflict(uow_unit *u, void *arg)
{
	++*(unsigned *)arg;
	return uow_fail(u, UOW_ECONFLICT, "again");
}

/* Inside a caller's transaction a unit is tried once. */
static void a_unit_inside_is_tried_once(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	unsigned n = 0;

	needs_to_be_inside(f);
	connect_legacy(f, &l, false, NULL);
	gives(uow_run(l.db, NULL, conflict, &n, &f->err), UOW_ECONFLICT,
	      &f->err);
	assert_int_equal(n, 1);
	SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_ROLLBACK);
	disconnect_legacy(&l);
	{
		const uow_entity *e = &plain_entity;

		succeeds(uow_schema_drop(f->db, &e, 1, &f->err), &f->err);
	}
	n = 0;
	connect_legacy(f, &l, true, NULL);
	gives(uow_run(l.db, NULL, conflict, &n, &f->err), UOW_ECONFLICT,
	      &f->err);
	assert_int_equal(n, 3);
	disconnect_legacy(&l);
}

/* uow_nested() inside the caller's transaction. */
static int nested_fails(uow_unit *u, void *arg)
{
	(void)arg;
	add(u, 77);
	uow_flush(u);
	return UOW_EREJECTED;
}

static void savepoints_nest_inside_a_callers_transaction(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	uow_unit *u;

	needs_to_be_inside(f);
	connect_legacy(f, &l, false, NULL);
	u = begin_on(l.db, NULL);
	need(u, add(u, 1));
	assert_int_equal(uow_nested(u, nested_fails, NULL), UOW_EREJECTED);
	commit(u);
	SQLEndTran(SQL_HANDLE_DBC, l.dbc, SQL_COMMIT);
	uow_db_ended(l.db, true);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	disconnect_legacy(&l);
}

/* 95: freed and adopted again, the connection is the caller's */
static void a_connection_can_be_adopted_again(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	uow_unit *u;

	connect_legacy(f, &l, true, NULL);
	u = begin_on(l.db, NULL);
	need(u, add(u, 1));
	commit(u);
	uow_db_free(l.db);
	assert_true(legacy_sql(&l, "UPDATE plains SET amount = 1"));
	succeeds(uow_db_adopt(&l.db, l.dbc, NULL, &f->err), &f->err);
	u = begin_on(l.db, NULL);
	assert_int_equal(((struct plain *)need(u,
		plain_get(plain_repository_of(u), 1)))->amount, 1);
	commit(u);
	disconnect_legacy(&l);
}

/* The handle of a unit of the pool is one of the pool's. */
static void a_pooled_unit_has_a_handle_too(void **state)
{
	struct fixture *f = *state;
	struct legacy l;
	uow_unit *u;

	needs(f, BACKEND_ODBC);
	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, add(u, 1));
	memset(&l, 0, sizeof(l));
	l.dbc = uow_unit_hdbc(u);
	assert_non_null(l.dbc);
	assert_true(legacy_sql(&l, "UPDATE plains SET amount = 7"));
	commit(u);
	u = begin(f);
	assert_int_equal(((struct plain *)need(u,
		plain_get(plain_repository_of(u), 1)))->amount, 7);
	commit(u);
}

static void null_is_no_connection(void **state)
{
	struct fixture *f = *state;
	uow_db *db = NULL;

	gives(uow_db_adopt(&db, SQL_NULL_HDBC, NULL, &f->err), UOW_EINVAL,
	      &f->err);
	assert_null(db);
}

/* Whatever the program does with the handle: no success that stores nothing. */
static void a_failure_on_the_units_handle_is_no_success(void **state)
{
	struct fixture *f = *state;
	SQLHSTMT h = NULL;
	uow_unit *u;
	int rc;

	needs(f, BACKEND_ODBC);
	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, add(u, 1));
	SQLAllocHandle(SQL_HANDLE_STMT, uow_unit_hdbc(u), &h);
	assert_false(SQL_SUCCEEDED(SQLExecDirect(h,
		(SQLCHAR *)"UPDATE nowhere SET x = 1", SQL_NTS)));
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	rc = uow_commit(u);
	assert_int_equal(rows_in(f, &plain_entity), rc ? 0 : 1);
	if (rc)
		contains(uow_unit_error(u)->message, "the program's");
	uow_unit_free(u);
}

/*
 * An UPDATE to what is there already may count no row, where the program has
 * made the connection: no conflict, however many rows go at once.
 */
static void rows_that_are_so_already_are_no_conflict(void **state)
{
	static const int counts[] = { 20, 5, 20 };
	struct fixture *f = *state;
	struct plain *rows[20];
	struct legacy l;
	uow_unit *u;
	int i, n;

	connect_legacy(f, &l, true, NULL);
	u = begin_on(l.db, NULL);
	for (i = 0; i < 20; i++)
		need(u, add(u, i));
	commit(u);
	/* a few go without a savepoint once such a statement has worked */
	for (n = 0; n < 3; n++) {
		u = begin_on(l.db, NULL);
		for (i = 0; i < counts[n]; i++)
			rows[i] = need(u, plain_get(plain_repository_of(u),
						    i));
		if (n)
			assert_true(legacy_sql(&l, n == 1 ?
				"UPDATE plains SET amount = 8" :
				"UPDATE plains SET amount = 9"));
		for (i = 0; i < counts[n]; i++)
			rows[i]->amount = 7 + n;
		commit(u);
	}
	disconnect_legacy(&l);
}

/* In a statement that ends at the first row that was not counted, too. */
static void what_comes_behind_such_a_row_is_written(void **state)
{
	struct fixture *f = *state;
	struct plain *rows[3];
	struct legacy l;
	uow_unit *u;
	int i, n;

	connect_legacy(f, &l, true, NULL);
	u = begin_on(l.db, NULL);
	for (i = 0; i < 3; i++)
		need(u, add(u, i));
	commit(u);
	for (n = 1; n <= 3; n++) {
		u = begin_on(l.db, NULL);
		for (i = 0; i < 3; i++)
			rows[i] = need(u, plain_get(plain_repository_of(u),
						    i));
		assert_true(legacy_sql(&l, n == 1 ?
			"UPDATE plains SET amount = 1 WHERE id = 1" : n == 2 ?
			"UPDATE plains SET amount = 2 WHERE id = 1" :
			"UPDATE plains SET amount = 3 WHERE id = 1"));
		for (i = 0; i < 3; i++)
			rows[i]->amount = n;
		need(u, add(u, 10 + n));
		commit(u);
		u = begin(f);
		for (i = 0; i < 3; i++) {
			rows[i] = need(u, plain_get(plain_repository_of(u),
						    i));
			assert_int_equal(rows[i]->amount, n);
		}
		commit(u);
		assert_int_equal(rows_in(f, &plain_entity), 3 + n);
	}
	disconnect_legacy(&l);
}

static const struct CMUnitTest adopt_cases[] = {
	CASE(a_failure_on_the_units_handle_is_no_success),
	CASE(attributes_are_as_before_on_every_path),
	CASE(the_unit_is_a_transaction_on_the_callers_connection),
	CASE(a_second_unit_at_a_time_is_refused),
	CASE(inside_a_callers_transaction_the_end_is_his),
	CASE(a_callers_savepoint_outlives_units),
	CASE(isolation_cannot_change_in_a_callers_transaction),
	CASE(hooks_wait_for_the_callers_end),
	CASE(a_unit_inside_is_tried_once),
	CASE(savepoints_nest_inside_a_callers_transaction),
	CASE(a_connection_can_be_adopted_again),
	CASE(a_pooled_unit_has_a_handle_too),
	CASE(null_is_no_connection),
	CASE(rows_that_are_so_already_are_no_conflict),
	CASE(what_comes_behind_such_a_row_is_written),
};
TOPIC(adopt, "adopt");
