/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

#include <uow/odbc.h>

#include "server.h"

/*
 * What a session's settings do to units, and what units do to a session: its
 * options, its isolation, its limits, statements that commit by themselves.
 */

static void store(struct fixture *f)
{
	struct plain p = { 1, 10, "one" };
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
}

static int32_t amount(uow_db *db, int64_t id)
{
	uow_unit *u = begin_on(db, NULL);
	int32_t n = ((struct plain *)need(u,
		plain_get(plain_repository_of(u), id)))->amount;

	commit(u);
	return n;
}

/* The program's own connection. */
struct own {
	SQLHENV env;
	SQLHDBC dbc;
	uow_db *db;
};

static void adopt(struct fixture *f, struct own *o, bool autocommit)
{
	SQLCHAR in[800];

	needs(f, BACKEND_ODBC);
	memset(o, 0, sizeof(*o));
	snprintf((char *)in, sizeof(in), "%s", f->source.connection);
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &o->env);
	SQLSetEnvAttr(o->env, SQL_ATTR_ODBC_VERSION,
		      (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, o->env, &o->dbc);
	assert_true(SQL_SUCCEEDED(SQLDriverConnect(o->dbc, NULL, in, SQL_NTS,
		NULL, 0, NULL, SQL_DRIVER_NOPROMPT)));
	if (!autocommit)
		SQLSetConnectAttr(o->dbc, SQL_ATTR_AUTOCOMMIT,
				  (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
	succeeds(uow_db_adopt(&o->db, o->dbc, NULL, &f->err), &f->err);
}

static void disconnect(struct own *o)
{
	uow_db_free(o->db);
	assert_true(SQL_SUCCEEDED(SQLDisconnect(o->dbc)));
	SQLFreeHandle(SQL_HANDLE_DBC, o->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, o->env);
}

/* First column of the first row. */
static void ask(SQLHDBC dbc, const char *sql, char *out, size_t size)
{
	SQLLEN length = 0;
	SQLHSTMT h = NULL;

	out[0] = '\0';
	SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h);
	assert_true(SQL_SUCCEEDED(SQLExecDirect(h,
		(SQLCHAR *)(uintptr_t)sql, SQL_NTS)));
	assert_true(SQL_SUCCEEDED(SQLFetch(h)));
	SQLGetData(h, 1, SQL_C_CHAR, out, (SQLLEN)size, &length);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
}

static void say(SQLHDBC dbc, const char *sql)
{
	SQLHSTMT h = NULL;

	SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h);
	assert_true(SQL_SUCCEEDED(SQLExecDirect(h,
		(SQLCHAR *)(uintptr_t)sql, SQL_NTS)));
	SQLFreeHandle(SQL_HANDLE_STMT, h);
}

/* Somebody else has done to a row what this unit does, and more. */
static void write_what_is_there(uow_db *db, struct fixture *f)
{
	struct plain p, *object;
	uow_unit *u;

	memset(&p, 0, sizeof(p));
	p.id = 1;
	p.amount = 10;
	p.label = "one";
	u = begin_on(db, NULL);
	object = need(u, uow_attach_changed(uow_repository_of(u, &plain_entity),
					    &p));
	must(u, uow_flush(u));
	object->amount = 11;
	commit(u);
	assert_int_equal(amount(f->db, 1), 11);
	p.id = 2;
	u = begin_on(db, NULL);
	need(u, uow_attach_changed(uow_repository_of(u, &plain_entity), &p));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	uow_unit_free(u);
}

/* There are databases that count only rows that an update has changed. */
static void an_update_that_changes_nothing_hits_its_row(void **state)
{
	struct fixture *f = *state;
	struct own o;

	store(f);
	write_what_is_there(f->db, f);
	f->err.code = 0;
	adopt(f, &o, true);
	gives(uow_schema_drop(f->db, (const uow_entity *const[]) {
		&plain_entity }, 1, &f->err), 0, &f->err);
	store(f);
	write_what_is_there(o.db, f);
	disconnect(&o);
}

static void other_options_are_kept_and_bad_ones_refused(void **state)
{
	struct fixture *f = *state;
	char connection[900];
	uow_db *db = NULL;
	size_t i;

	if (!f->backend->refused[0])
		leave(f, LEFT_OTHER_KIND, "options that are refused");
	store(f);
	for (i = 0; f->backend->refused[i]; i++) {
		snprintf(connection, sizeof(connection), "%s;%s",
			 f->source.connection, f->backend->refused[i]);
		gives(uow_db_open_simple(&db, connection, &f->err),
		      UOW_ECONFIG, &f->err);
		assert_null(db);
		contains(f->err.message, f->backend->refused[i]);
	}
	snprintf(connection, sizeof(connection), "%s;%s",
		 f->source.connection, f->backend->tolerated);
	succeeds(uow_db_open_simple(&db, connection, &f->err), &f->err);
	{
		uow_unit *u = begin_on(db, NULL);
		uint64_t n = 0;

		/* what the library needs was added to what was set */
		must(u, uow_exec(u, "UPDATE plains SET amount = 10", NULL, 0,
				 &n));
		assert_int_equal(n, 1);
		commit(u);
	}
	uow_db_free(db);
}

/* What does not fit is refused, also by a server that would cut it. */
static void values_are_not_cut_to_fit(void **state)
{
	struct fixture *f = *state;
	uow_options simple = UOW_OPTIONS_INIT;
	uow_db *db;
	uow_unit *u;
	int rc;

	if (!f->backend->lax)
		leave(f, LEFT_OTHER_KIND, "values that are cut");
	simple.simple = true;
	u = begin_on(f->db, &simple);
	must(u, uow_exec(u, "CREATE TABLE narrow (a VARCHAR(3))", NULL, 0,
			 NULL));
	commit(u);
	assert_true(server_does(f->backend, f->source.connection,
				f->backend->lax));
	db = another(f);
	u = begin_on(db, NULL);
	rc = uow_exec(u, "INSERT INTO narrow VALUES ('abcd')", NULL, 0, NULL);
	uow_unit_free(u);
	uow_db_free(db);
	assert_true(server_does(f->backend, f->source.connection,
				f->backend->strict));
	assert_int_equal(rc, UOW_EDATA);
}

/* Tables of ours have transactions, whatever the server would make. */
static void tables_of_ours_can_be_rolled_back(void **state)
{
	const uow_entity *list[] = { &plain_entity };
	struct fixture *f = *state;
	struct plain p = { 1, 10, "" };
	uow_db *db;
	uow_unit *u;

	if (!f->backend->lax)
		leave(f, LEFT_OTHER_KIND, "tables without transactions");
	assert_true(server_does(f->backend, f->source.connection,
				f->backend->lax));
	db = another(f);
	assert_true(server_does(f->backend, f->source.connection,
				f->backend->strict));
	succeeds(uow_schema_create(db, list, 1, &f->err), &f->err);
	u = begin_on(db, NULL);
	need(u, plain_add(plain_repository_of(u), &p));
	must(u, uow_flush(u));
	uow_unit_free(u);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* A unit that is read only is so for the program's own SQL as well. */
static void what_is_read_only_is_so_for_the_driver_too(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	SQLHSTMT h = NULL;
	uow_unit *u;
	int i;

	if (!f->backend->weaker)
		leave(f, LEFT_OTHER_KIND, "read only transactions");
	store(f);
	for (i = 0; i < 2; i++) {	/* and the one after is not */
		o.read_only = i == 0;
		u = begin_on(f->db, &o);
		assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT,
						uow_unit_hdbc(u), &h),
				 SQL_SUCCESS);
		assert_int_equal(SQL_SUCCEEDED(SQLExecDirect(h,
			(SQLCHAR *)(uintptr_t)"UPDATE plains SET amount = 5",
			SQL_NTS)), i);
		SQLFreeHandle(SQL_HANDLE_STMT, h);
		uow_unit_free(u);
	}
	assert_int_equal(amount(f->db, 1), 10);
}

/* At least what was asked for, whatever the session had. */
static void the_isolation_asked_for_is_had(void **state)
{
	struct fixture *f = *state;
	uow_db_options d = UOW_DB_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	struct plain *p, *other;
	uow_unit *u, *w;
	uow_db *db;
	int i;

	if (!f->backend->weaker)
		leave(f, LEFT_OTHER_KIND, "weaker sessions");
	store(f);
	d.on_connect = f->backend->weaker;
	d.pool_max = 1;
	db = another_with(f, &d);
	o.isolation = UOW_REPEATABLE_READ;
	for (i = 0; i < 2; i++) {	/* also after it was put back */
		u = begin_on(db, &o);
		p = need(u, plain_get(plain_repository_of(u), 1));
		w = begin(f);
		other = need(w, plain_get(plain_repository_of(w), 1));
		other->amount++;
		commit(w);
		must(u, uow_refresh(uow_repository_of(u, &plain_entity), p));
		assert_int_equal(p->amount, 10 + i);
		commit(u);
		assert_int_equal(amount(db, 1), 11 + i);
	}
	uow_db_free(db);
}

/* The time of a unit is kept in its statements, and is not the next one's. */
static void a_deadline_is_the_units_alone(void **state)
{
	struct fixture *f = *state;
	uow_db_options d = UOW_DB_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	uint64_t start;
	uow_unit *u;
	uow_db *db;
	int i;

	if (!f->backend->sleep)
		leave(f, LEFT_OTHER_KIND, "sleeping statements");
	store(f);
	d.pool_max = 1;
	db = another_with(f, &d);
	for (i = 0; i < 2; i++) {
		o.timeout_ms = 300;
		u = begin_on(db, &o);
		start = now_ms();
		must_fail(u, uow_exec(u, f->backend->sleep, NULL, 0, NULL),
			  UOW_ETIMEOUT);
		assert_in_range(now_ms() - start, 250, 2500);
		uow_unit_free(u);
		u = begin_on(db, NULL);
		must(u, uow_exec(u, f->backend->sleep, NULL, 0, NULL));
		commit(u);
	}
	uow_db_free(db);
}

/* A session of the program's own has its settings back after each unit. */
static void an_adopted_session_keeps_its_limits(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	char before[200], after[200];
	struct own own;
	uow_unit *u;

	if (!f->backend->limits)
		leave(f, LEFT_OTHER_KIND, "limits to look at");
	store(f);
	adopt(f, &own, true);
	ask(own.dbc, f->backend->limits, before, sizeof(before));
	o.lock_timeout_ms = 2345;
	o.timeout_ms = 20000;
	u = begin_on(own.db, &o);
	need(u, plain_get(plain_repository_of(u), 1));
	ask(own.dbc, f->backend->limits, after, sizeof(after));
	assert_string_not_equal(before, after);
	commit(u);
	ask(own.dbc, f->backend->limits, after, sizeof(after));
	assert_string_equal(before, after);
	disconnect(&own);
}

struct taking {
	SQLHDBC dbc;
	const char *limits;
	char seen[200];
	int result;
};

static int take(uow_unit *u, void *arg)
{
	struct taking *t = arg;

	need(u, plain_get(plain_repository_of(u), 1));
	ask(t->dbc, t->limits, t->seen, sizeof(t->seen));
	return t->result;
}

/* Which goes on after the unit, with what its owner has set for it. */
static void a_callers_transaction_keeps_its_limits(void **state)
{
	static const int ends[] = { 0, UOW_EREJECTED };
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	char before[200], after[200];
	struct own own;
	size_t i;

	if (!f->backend->limits)
		leave(f, LEFT_OTHER_KIND, "limits to look at");
	store(f);
	adopt(f, &own, false);
	say(own.dbc, f->backend->limit);
	ask(own.dbc, f->backend->limits, before, sizeof(before));
	o.lock_timeout_ms = 2345;
	for (i = 0; i < 2; i++) {
		struct taking t = { own.dbc, f->backend->limits, "", ends[i] };

		assert_int_equal(uow_run(own.db, &o, take, &t, &f->err),
				 ends[i]);
		assert_string_not_equal(before, t.seen);
		ask(own.dbc, f->backend->limits, after, sizeof(after));
		assert_string_equal(before, after);
	}
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, own.dbc,
					     SQL_ROLLBACK)));
	disconnect(&own);
}

/* What the program sends itself has the time of its own unit. */
static void a_deadline_is_not_left_on_the_handle(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	char before[200], after[200];
	uow_unit *u;

	if (!f->backend->limits)
		leave(f, LEFT_OTHER_KIND, "limits to look at");
	store(f);
	u = begin(f);
	ask(uow_unit_hdbc(u), f->backend->limits, before, sizeof(before));
	commit(u);
	o.timeout_ms = 20000;
	u = begin_on(f->db, &o);
	need(u, plain_get(plain_repository_of(u), 1));
	commit(u);
	u = begin(f);
	ask(uow_unit_hdbc(u), f->backend->limits, after, sizeof(after));
	assert_string_equal(before, after);
	commit(u);
}

/* -- statements that commit -- */

static void a_statement_that_commits_is_refused(void **state)
{
	static const char *const statements[] = {
		"CREATE TABLE more (a INTEGER)",
		"/* this */ drop table plains",
		"ALTER TABLE plains ADD more INTEGER",
	};
	struct fixture *f = *state;
	struct plain p = { 2, 20, "two" };
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_DDL_COMMITS);
	store(f);
	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		u = begin(f);
		need(u, plain_add(plain_repository_of(u), &p));
		must_fail(u, uow_exec(u, statements[i], NULL, 0, NULL),
			  UOW_ENOTSUP);
		contains(uow_unit_error(u)->message, "simple unit");
		assert_int_equal(uow_commit(u), UOW_ENOTSUP);
		uow_unit_free(u);
		assert_int_equal(rows_in(f, &plain_entity), 1);
	}
}

static void tables_are_not_made_in_a_callers_transaction(void **state)
{
	const uow_entity *list[] = { &word_entity };
	struct fixture *f = *state;
	SQLHSTMT h = NULL;
	struct own own;

	needs(f, BACKEND_DDL_COMMITS);
	store(f);
	adopt(f, &own, false);
	SQLAllocHandle(SQL_HANDLE_STMT, own.dbc, &h);
	assert_true(SQL_SUCCEEDED(SQLExecDirect(h, (SQLCHAR *)(uintptr_t)
		"UPDATE plains SET amount = 999", SQL_NTS)));
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	gives(uow_schema_create(own.db, list, 1, &f->err), UOW_ENOTSUP,
	      &f->err);
	contains(f->err.message, "caller's transaction");
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, own.dbc,
					     SQL_ROLLBACK)));
	disconnect(&own);
	assert_int_equal(amount(f->db, 1), 10);
}

/* -- a handle of the pool's -- */

struct lent {
	const char *name;
	SQLINTEGER attribute;
	SQLULEN value;
	bool of_statements;	/* set for those that are made later */
};

static const struct lent lent[] = {
	{ "autocommit", SQL_ATTR_AUTOCOMMIT, SQL_AUTOCOMMIT_ON, false },
	{ "isolation", SQL_ATTR_TXN_ISOLATION, SQL_TXN_READ_UNCOMMITTED,
	  false },
	{ "isolation", SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE, false },
	{ "access", SQL_ATTR_ACCESS_MODE, SQL_MODE_READ_ONLY, false },
	{ "metadata", SQL_ATTR_METADATA_ID, SQL_TRUE, false },
	{ "time", SQL_ATTR_CONNECTION_TIMEOUT, 7, false },
	{ "asynchronous", SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON, false },
	{ "query time", SQL_ATTR_QUERY_TIMEOUT, 7, true },
	{ "rows", SQL_ATTR_MAX_ROWS, 3, true },
	{ "length", SQL_ATTR_MAX_LENGTH, 5, true },
	{ "data", SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF, true },
	{ "cursor", SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC, true },
	{ "array", SQL_ATTR_ROW_ARRAY_SIZE, 4, true },
	{ "rowset", SQL_ROWSET_SIZE, 4, true },
	{ "binding", SQL_ATTR_ROW_BIND_TYPE, 64, true },
	{ "keyset", SQL_ATTR_KEYSET_SIZE, 9, true },
};

static SQLULEN attribute(SQLHDBC dbc, const struct lent *l)
{
	SQLULEN value = 0;
	SQLHSTMT h = NULL;

	if (!l->of_statements) {
		SQLGetConnectAttr(dbc, l->attribute, &value, SQL_IS_UINTEGER,
				  NULL);
		return value;
	}
	assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h),
			 SQL_SUCCESS);
	SQLGetStmtAttr(h, l->attribute, &value, SQL_IS_UINTEGER, NULL);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return value;
}

static uint64_t opened(uow_db *db)
{
	uow_pool_stats s;

	uow_db_stats(db, &s, sizeof(s));
	return s.opened;
}

/* Is it another one for this? What the driver does not take changes nothing. */
static bool spoil(uow_db *db, const struct lent *l, SQLULEN *before)
{
	uow_unit *u = begin_on(db, NULL);
	SQLHDBC dbc = need(u, uow_unit_hdbc(u));
	SQLULEN after;

	*before = attribute(dbc, l);
	SQLSetConnectAttr(dbc, l->attribute, (SQLPOINTER)l->value,
			  SQL_IS_UINTEGER);
	after = attribute(dbc, l);
	/* Autocommit: an unknown end, and the connection closed as well. */
	assert_int_equal(uow_commit(u),
			 *before != after &&
			 l->attribute == SQL_ATTR_AUTOCOMMIT ?
			 UOW_EINDOUBT : 0);
	uow_unit_free(u);
	return *before != after;
}

static void a_lent_connection_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	unsigned spoiled = 0;
	uint64_t before;
	SQLULEN value;
	bool changed;
	uow_unit *u;
	uow_db *db;
	size_t i;

	needs(f, BACKEND_ODBC);
	store(f);
	o.pool_max = 1;
	db = another_with(f, &o);
	for (i = 0; i < sizeof(lent) / sizeof(lent[0]); i++) {
		before = opened(db);
		changed = spoil(db, &lent[i], &value);
		spoiled += changed;
		u = begin_on(db, NULL);
		if (attribute(need(u, uow_unit_hdbc(u)), &lent[i]) != value)
			fail_msg("%s is left as it was set", lent[i].name);
		commit(u);
		if (changed && opened(db) == before)
			fail_msg("%s: not closed", lent[i].name);
	}
	assert_true(spoiled > 0);	/* autocommit, if nothing else */
	uow_db_free(db);
}

static void catalog(SQLHDBC dbc, char *out, SQLINTEGER size)
{
	memset(out, 0, (size_t)size);
	SQLGetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG, out, size, NULL);
}

/* By attribute or by SQL, where there is more than one. */
static void a_catalog_is_not_the_next_units(void **state)
{
	static const char other[] = "information_schema";
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char before[200], after[200];
	SQLHDBC dbc;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_ODBC);
	store(f);
	o.pool_max = 1;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	dbc = need(u, uow_unit_hdbc(u));
	catalog(dbc, before, sizeof(before));
	SQLSetConnectAttr(dbc, SQL_ATTR_CURRENT_CATALOG,
			  (SQLPOINTER)(uintptr_t)other, SQL_NTS);
	commit(u);
	u = begin_on(db, NULL);
	catalog(need(u, uow_unit_hdbc(u)), after, sizeof(after));
	assert_string_equal(before, after);
	need(u, plain_get(plain_repository_of(u), 1));
	commit(u);
	uow_db_free(db);
}

static void switch_on(uow_unit *u)
{
	assert_true(SQL_SUCCEEDED(SQLSetConnectAttr(
		need(u, uow_unit_hdbc(u)), SQL_ATTR_AUTOCOMMIT,
		(SQLPOINTER)SQL_AUTOCOMMIT_ON, SQL_IS_UINTEGER)));
}

/* What would be worst: a unit that is stored without its COMMIT. */
static void autocommit_is_not_the_next_units(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_ODBC);
	store(f);
	o.pool_max = 1;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	switch_on(u);
	uow_unit_free(u);
	u = begin_on(db, NULL);
	((struct plain *)need(u, plain_get(plain_repository_of(u),
					   1)))->amount = 11;
	must(u, uow_flush(u));
	uow_unit_free(u);
	assert_int_equal(amount(f->db, 1), 10);
	uow_db_free(db);
}

/* It has committed half of the unit: neither done nor undone. */
static int half(uow_unit *u, void *arg)
{
	struct plain *p = need(u, plain_get(plain_repository_of(u), 1));

	p->amount = 11;
	must(u, uow_flush(u));
	switch_on(u);
	p->amount = 12;
	return *(const int *)arg;
}

static void run_half(struct fixture *f, uow_db *db, int how)
{
	gives(uow_run(db, NULL, half, &how, &f->err), UOW_EINDOUBT, &f->err);
	contains(f->err.message, "autocommit");
	assert_in_range(amount(f->db, 1), 11, 12);
}

static void half_by_hand(struct fixture *f, uow_db *db, int how)
{
	uow_unit *u = begin_on(db, NULL);

	half(u, &how);
	if (how) {
		uow_rollback(u);
		assert_int_equal(uow_unit_error(u)->code, UOW_EINDOUBT);
	} else {
		assert_int_equal(uow_commit(u), UOW_EINDOUBT);
		assert_string_equal(uow_unit_error(u)->step, "COMMIT");
	}
	contains(uow_unit_error(u)->message, "autocommit");
	uow_unit_free(u);
	assert_in_range(amount(f->db, 1), 11, 12);
}

/* 0, a refusal, and what would be tried again: it would be done twice. */
static const int halves[] = { 0, UOW_EREJECTED, UOW_EDEADLOCK };

static void set_amount(uow_db *db, int32_t amount)
{
	uow_unit *u = begin_on(db, NULL);

	((struct plain *)need(u, plain_get(plain_repository_of(u),
					   1)))->amount = amount;
	commit(u);
}

static void autocommit_that_was_switched_on_is_told(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_db *db;
	size_t i;

	needs(f, BACKEND_ODBC);
	store(f);
	o.pool_max = 1;
	db = another_with(f, &o);
	for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		run_half(f, db, halves[i]);
		set_amount(db, 13);
		half_by_hand(f, db, halves[i]);
		set_amount(db, 13);
		assert_int_equal(amount(f->db, 1), 13);
	}
	uow_db_free(db);
}

static void autocommit_of_an_adopted_one_that_was_switched_on_is_told(
	void **state)
{
	struct fixture *f = *state;
	struct own own;
	size_t i;

	needs(f, BACKEND_ODBC);
	store(f);
	adopt(f, &own, true);
	for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		run_half(f, own.db, halves[i]);
		set_amount(own.db, 13);
		half_by_hand(f, own.db, halves[i]);
		set_amount(own.db, 13);
		assert_int_equal(amount(f->db, 1), 13);
	}
	disconnect(&own);
}

/* The next one is refused until he has said that he knows. */
static void callers_again(struct fixture *f, const struct own *o)
{
	uow_unit *u = NULL;

	gives(uow_begin(&u, o->db, NULL, &f->err), UOW_ESTATE, &f->err);
	SQLEndTran(SQL_HANDLE_DBC, o->dbc, SQL_ROLLBACK);
	uow_db_ended(o->db, false);
	assert_true(SQL_SUCCEEDED(SQLSetConnectAttr(
		o->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF,
		SQL_IS_UINTEGER)));
	set_amount(o->db, 13);
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, o->dbc,
					     SQL_COMMIT)));
	uow_db_ended(o->db, true);
	assert_int_equal(amount(f->db, 1), 13);
}

/* It was the caller's transaction that was committed. */
static void autocommit_inside_a_callers_transaction_is_told(void **state)
{
	struct fixture *f = *state;
	struct own own;
	size_t i;

	needs(f, BACKEND_ODBC);
	if (!uow_db_has(f->db, UOW_FEATURE_SAVEPOINT))
		leave(f, LEFT_OTHER_KIND, "units inside a transaction");
	store(f);
	adopt(f, &own, false);
	for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		run_half(f, own.db, halves[i]);
		callers_again(f, &own);
		half_by_hand(f, own.db, halves[i]);
		callers_again(f, &own);
	}
	disconnect(&own);
}

/* A token that is there says nothing of a half. */
static void a_half_is_not_done_exactly_once(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	int how = UOW_EREJECTED;
	uow_unit *u;

	needs(f, BACKEND_ODBC);
	store(f);
	succeeds(uow_schema_create_commits(f->db, &f->err), &f->err);
	o.exactly_once = true;
	gives(uow_run(f->db, &o, half, &how, &f->err), UOW_EINDOUBT, &f->err);
	u = begin_on(f->db, &o);
	half(u, &how);
	uow_fail(u, UOW_EREJECTED, "no");
	assert_int_equal(uow_commit(u), UOW_EINDOUBT);
	uow_unit_free(u);
}

/* Switched on again it would store what the program has left open. */
static void a_lent_connection_in_a_transaction_is_not_the_next_units(
	void **state)
{
	struct fixture *f = *state;
	uow_db_options d = UOW_DB_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	SQLHSTMT h = NULL;
	SQLHDBC dbc;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_ODBC);
	store(f);
	d.pool_max = 1;
	db = another_with(f, &d);
	o.simple = true;
	u = begin_on(db, &o);
	dbc = need(u, uow_unit_hdbc(u));
	SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT,
			  (SQLPOINTER)SQL_AUTOCOMMIT_OFF, SQL_IS_UINTEGER);
	SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h);
	assert_true(SQL_SUCCEEDED(SQLExecDirect(h, (SQLCHAR *)
		"INSERT INTO plains (id, amount) VALUES (77, 1)", SQL_NTS)));
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	commit(u);
	u = begin_on(db, NULL);
	((struct plain *)need(u, plain_get(plain_repository_of(u),
					   1)))->amount = 11;
	commit(u);
	uow_db_free(db);
	assert_int_equal(amount(f->db, 1), 11);
	u = begin(f);
	assert_null(plain_lookup(plain_repository_of(u), 77));
	commit(u);
}

/* As another unit finds it: isolation is put back, and nothing was changed. */
static void a_lent_connection_is_kept_if_nothing_was_changed(void **state)
{
	struct fixture *f = *state;
	uow_db_options d = UOW_DB_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;
	uow_db *db;
	int i;

	needs(f, BACKEND_ODBC);
	store(f);
	d.pool_max = 1;
	db = another_with(f, &d);
	for (i = 0; i < 6; i++) {
		o.isolation = i == 1 ? UOW_SERIALIZABLE :
				       UOW_ISOLATION_DEFAULT;
		o.simple = i == 2;
		o.read_only = i == 3;
		o.timeout_ms = i == 4 ? 20000 : 0;
		u = begin_on(db, &o);
		need(u, uow_unit_hdbc(u));
		need(u, uow_unit_hdbc(u));
		if (i == 5)
			uow_rollback(u);
		else
			must(u, uow_commit(u));
		uow_unit_free(u);
		assert_int_equal(opened(db), 1);
	}
	uow_db_free(db);
}

static const struct CMUnitTest session_cases[] = {
	CASE(an_update_that_changes_nothing_hits_its_row),
	CASE(other_options_are_kept_and_bad_ones_refused),
	CASE(values_are_not_cut_to_fit),
	CASE(tables_of_ours_can_be_rolled_back),
	CASE(what_is_read_only_is_so_for_the_driver_too),
	CASE(the_isolation_asked_for_is_had),
	CASE(a_deadline_is_the_units_alone),
	CASE(an_adopted_session_keeps_its_limits),
	CASE(a_callers_transaction_keeps_its_limits),
	CASE(a_deadline_is_not_left_on_the_handle),
	CASE(a_statement_that_commits_is_refused),
	CASE(tables_are_not_made_in_a_callers_transaction),
	CASE(a_lent_connection_comes_back_as_it_was),
	CASE(a_catalog_is_not_the_next_units),
	CASE(autocommit_is_not_the_next_units),
	CASE(autocommit_that_was_switched_on_is_told),
	CASE(autocommit_of_an_adopted_one_that_was_switched_on_is_told),
	CASE(autocommit_inside_a_callers_transaction_is_told),
	CASE(a_half_is_not_done_exactly_once),
	CASE(a_lent_connection_in_a_transaction_is_not_the_next_units),
	CASE(a_lent_connection_is_kept_if_nothing_was_changed),
};
TOPIC(session, "session");
