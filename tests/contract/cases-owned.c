/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <uow/odbc.h>

/*
 * What is open is its owner's: the transaction of a caller, the texts of an
 * object, the connection string that other threads read. Each case here is
 * about something that the library once touched and must not.
 */

struct caller {
	SQLHENV env;
	SQLHDBC dbc;
	uow_db *db;
};

static void set_autocommit(const struct caller *c, SQLULEN value)
{
	assert_true(SQL_SUCCEEDED(SQLSetConnectAttr(c->dbc,
		SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)value, SQL_IS_UINTEGER)));
}

static SQLUINTEGER autocommit(const struct caller *c)
{
	SQLUINTEGER value = 12345;

	assert_true(SQL_SUCCEEDED(SQLGetConnectAttr(c->dbc,
		SQL_ATTR_AUTOCOMMIT, &value, SQL_IS_UINTEGER, NULL)));
	return value;
}

/* A connection of the program's own, adopted, inside a transaction. */
static void call_with(struct fixture *f, struct caller *c,
		      const uow_db_options *o, const char *option)
{
	SQLCHAR in[800];

	needs(f, BACKEND_ODBC);
	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	tables(f, &plain_entity, NULL);
	memset(c, 0, sizeof(*c));
	snprintf((char *)in, sizeof(in), "%s%s%s", f->source.connection,
		 option ? ";" : "", option ? option : "");
	assert_int_equal(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE,
					&c->env), SQL_SUCCESS);
	SQLSetEnvAttr(c->env, SQL_ATTR_ODBC_VERSION,
		      (SQLPOINTER)SQL_OV_ODBC3, 0);
	assert_int_equal(SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc),
			 SQL_SUCCESS);
	assert_true(SQL_SUCCEEDED(SQLDriverConnect(c->dbc, NULL, in, SQL_NTS,
		NULL, 0, NULL, SQL_DRIVER_NOPROMPT)));
	succeeds(uow_db_adopt(&c->db, c->dbc, o, &f->err), &f->err);
	set_autocommit(c, SQL_AUTOCOMMIT_OFF);
}

static void call(struct fixture *f, struct caller *c, const uow_db_options *o)
{
	call_with(f, c, o, NULL);
}

static void hang_up(struct caller *c)
{
	uow_db_free(c->db);
	SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK);
	assert_true(SQL_SUCCEEDED(SQLDisconnect(c->dbc)));
	SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, c->env);
}

static void caller_does(const struct caller *c, const char *sql)
{
	SQLCHAR text[200];
	SQLHSTMT stmt;
	SQLRETURN rc;

	snprintf((char *)text, sizeof(text), "%s", sql);
	assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc,
						 &stmt)));
	rc = SQLExecDirect(stmt, text, SQL_NTS);
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	assert_true(SQL_SUCCEEDED(rc));
}

static void caller_ends(const struct caller *c, SQLSMALLINT how)
{
	assert_true(SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, c->dbc, how)));
}

static int add(uow_unit *u, void *arg)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = *(const int64_t *)arg;
	plain_add(plain_repository_of(u), &p);
	return 0;
}

static int add_to(uow_db *db, int64_t id, uow_error *err)
{
	return uow_run(db, NULL, add, &id, err);
}

/* -- the transaction of a caller -- */

/* Refused before it was a unit: autocommit is not switched, on least of all */
static void a_refused_unit_leaves_the_callers_work_open(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct caller c;
	uow_unit *u = NULL;

	call(f, &c, NULL);
	caller_does(&c, "INSERT INTO plains VALUES (1, 1, 'callers')");
	o.simple = true;
	gives(uow_begin(&u, c.db, &o, &f->err), UOW_ENOTSUP, &f->err);
	assert_null(u);
	assert_int_equal(autocommit(&c), SQL_AUTOCOMMIT_OFF);
	assert_int_equal(rows_in(f, &plain_entity), 0);
	/* nor is the connection out of use */
	succeeds(add_to(c.db, 2, &f->err), &f->err);
	caller_ends(&c, SQL_ROLLBACK);
	assert_int_equal(rows_in(f, &plain_entity), 0);
	hang_up(&c);
}

/* A connection is probed after 30 s; an adopted one not by statement. */
static void no_probe_ends_the_callers_transaction(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	struct still_clock clock;
	struct caller c;

	still_clock_init(&clock);
	o.clock = &clock.clock;
	call(f, &c, &o);
	succeeds(add_to(c.db, 1, &f->err), &f->err);
	clock.now += 31000000;
	succeeds(add_to(c.db, 2, &f->err), &f->err);
	clock.now += 400000000;		/* past the patience with idle ones */
	succeeds(add_to(c.db, 3, &f->err), &f->err);
	caller_ends(&c, SQL_COMMIT);
	uow_db_ended(c.db, true);
	assert_int_equal(rows_in(f, &plain_entity), 3);
	hang_up(&c);
}

/* Nothing is done on it until the caller has told of the end. */
static void is_refused_until_ended(struct fixture *f, struct caller *c)
{
	uow_unit *u = NULL;

	gives(add_to(c->db, 2, &f->err), UOW_ESTATE, &f->err);
	contains(f->err.message, "uow_db_ended()");
	gives(uow_begin(&u, c->db, NULL, &f->err), UOW_ESTATE, &f->err);
	assert_null(u);
	caller_ends(c, SQL_ROLLBACK);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	uow_db_ended(c->db, false);
	succeeds(add_to(c->db, 3, &f->err), &f->err);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	caller_ends(c, SQL_COMMIT);
	uow_db_ended(c->db, true);
	assert_int_equal(rows_in(f, &plain_entity), 2);
}

static int ruin(uow_unit *u, void *arg)
{
	(void)arg;
	return uow_exec(u, "INSERT OR ROLLBACK INTO plains VALUES "
			"(1, 1, 'ruin')", NULL, 0, NULL);
}

/* A statement that ends the transaction when it fails, where there is one. */
static void an_error_that_ends_the_callers_transaction_is_said(void **state)
{
	struct fixture *f = *state;
	struct caller c;
	int rc;

	call(f, &c, NULL);
	succeeds(add_to(f->db, 1, &f->err), &f->err);
	caller_does(&c, "INSERT INTO plains VALUES (10, 1, 'callers')");
	rc = uow_run(c.db, NULL, ruin, NULL, &f->err);
	if (rc == UOW_ESQL) {
		hang_up(&c);
		leave(f, LEFT_OTHER_KIND, "INSERT OR ROLLBACK");
	}
	assert_int_equal(rc, UOW_EDUPLICATE);
	contains(f->err.message, "uow_db_ended()");
	is_refused_until_ended(f, &c);
	hang_up(&c);
}

static int end_it(uow_unit *u, void *arg)
{
	add(u, arg);
	SQLEndTran(SQL_HANDLE_DBC, uow_unit_hdbc(u), SQL_ROLLBACK);
	return uow_fail(u, UOW_EREJECTED, "no");
}

/* The way back is gone with the savepoint. */
static void a_transaction_that_is_gone_at_the_units_end_is_said(void **state)
{
	struct fixture *f = *state;
	struct caller c;
	int64_t id = 2;

	call(f, &c, NULL);
	succeeds(add_to(f->db, 1, &f->err), &f->err);
	gives(uow_run(c.db, NULL, end_it, &id, &f->err), UOW_EREJECTED,
	      &f->err);
	contains(f->err.message, "uow_db_ended()");
	is_refused_until_ended(f, &c);
	hang_up(&c);
}

/* -- what begins a unit inside of his transaction -- */

static uow_canceler *stops;
static int stopped;

/* Who can be stopped has been, where a server stops at once. */
static const char *stop_savepoint(const char *sql)
{
	if (strcmp(sql, "SAVEPOINT uow_0"))
		return sql;
	stopped = uow_cancel(stops);
	return stopped ? "SELEKT" : sql;
}

static const char *spoil_savepoint(const char *sql)
{
	return strcmp(sql, "SAVEPOINT uow_0") ? sql : "SELEKT";
}

/* Where errors abort, a SAVEPOINT that was stopped were the end of it. */
static void nobody_stops_the_savepoint_inside_a_callers_transaction(
	void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct caller c;
	int64_t id = 2;

	call(f, &c, NULL);
	caller_does(&c, "INSERT INTO plains VALUES (1, 1, 'callers')");
	succeeds(uow_canceler_new(&stops, &f->err), &f->err);
	stopped = 12345;
	o.canceler = stops;
	before_direct = stop_savepoint;
	gives(uow_run(c.db, &o, add, &id, &f->err), UOW_ECANCELED, &f->err);
	before_direct = NULL;
	uow_canceler_free(stops);
	assert_int_equal(stopped, 0);
	succeeds(add_to(c.db, 3, &f->err), &f->err);
	caller_ends(&c, SQL_COMMIT);
	uow_db_ended(c.db, true);
	assert_int_equal(rows_in(f, &plain_entity), 2);
	hang_up(&c);
}

static bool caller_may(const struct caller *c, const char *sql)
{
	SQLHSTMT stmt;
	SQLRETURN rc;

	assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc,
						 &stmt)));
	rc = SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS);
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	return SQL_SUCCEEDED(rc);
}

/* There is nothing to come back to: where errors abort, he has to know. */
static void a_savepoint_that_fails_is_told_to_the_caller(void **state)
{
	struct fixture *f = *state;
	bool aborted, told;
	struct caller c;

	/* of a driver that does not take back single statements */
	call_with(f, &c, NULL, f->backend->tolerated);
	succeeds(add_to(f->db, 1, &f->err), &f->err);
	caller_does(&c, "INSERT INTO plains VALUES (10, 1, 'callers')");
	before_direct = spoil_savepoint;
	assert_int_not_equal(add_to(c.db, 2, &f->err), 0);
	before_direct = NULL;
	aborted = !caller_may(&c, "INSERT INTO plains VALUES (11, 1, '')");
	told = strstr(f->err.message, "uow_db_ended()") != NULL;
	assert_int_equal(told, aborted);
	if (told) {
		is_refused_until_ended(f, &c);
	} else {
		succeeds(add_to(c.db, 3, &f->err), &f->err);
		caller_ends(&c, SQL_COMMIT);
		assert_int_equal(rows_in(f, &plain_entity), 4);
	}
	hang_up(&c);
}

static int count_call(uow_unit *u, void *arg)
{
	(void)u;
	++*(unsigned *)arg;
	return 0;
}

/* Hooks that wait for the caller have nobody to wait for. */
static void a_unit_ends_after_its_data_source_was_freed(void **state)
{
	struct fixture *f = *state;
	struct caller c;
	unsigned calls = 0;
	int64_t id = 1;
	uow_unit *u;

	call(f, &c, NULL);
	u = begin_on(c.db, NULL);
	must(u, uow_on(u, UOW_AFTER_COMMIT, count_call, &calls));
	add(u, &id);
	uow_db_free(c.db);
	c.db = NULL;
	must(u, uow_commit(u));
	uow_unit_free(u);
	assert_int_equal(calls, 0);
	caller_ends(&c, SQL_COMMIT);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	hang_up(&c);
}

/* -- the handle of a unit -- */

static void a_handle_that_cannot_be_had_is_a_failure(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct caller c;
	uow_unit *u;
	int rc;

	needs(f, BACKEND_COMMIT_WAITS);	/* one lock for the database */
	call(f, &c, NULL);
	caller_does(&c, "INSERT INTO plains VALUES (1, 1, 'callers')");
	o.lock_timeout_ms = 100;
	u = begin_on(f->db, &o);
	assert_null(uow_unit_hdbc(u));
	rc = uow_status(u);
	assert_true(rc == UOW_ELOCKED || rc == UOW_ETIMEOUT);
	assert_true(uow_unit_error(u)->message[0]);
	assert_int_equal(uow_commit(u), rc);
	uow_unit_free(u);
	hang_up(&c);
}

static void no_handle_is_given_after_the_units_time(void **state)
{
	struct fixture *f = *state;
	uow_db_options db_options = UOW_DB_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	struct still_clock clock;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_ODBC);
	still_clock_init(&clock);
	db_options.clock = &clock.clock;
	db = another_with(f, &db_options);
	o.timeout_ms = 50;
	u = begin_on(db, &o);
	assert_non_null(uow_unit_hdbc(u));
	clock.now += 50001;
	assert_null(uow_unit_hdbc(u));
	failed(u, UOW_ETIMEOUT);
	uow_unit_free(u);
	uow_db_free(db);
}

/* -- the time of a unit -- */

struct slow {
	struct still_clock clock;
	unsigned inserts;
};

/* Each row that is inserted takes a millisecond. */
static void pass_time(const uow_trace *event, void *arg)
{
	struct slow *s = arg;

	if (!event->sql || strncmp(event->sql, "INSERT", 6))
		return;
	s->inserts += event->batch;
	s->clock.now += 1000 * event->batch;
}

static void a_long_flush_ends_with_the_units_time(void **state)
{
	struct fixture *f = *state;
	uow_db_options db_options = UOW_DB_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	struct slow slow;
	uow_unit *u;
	uow_db *db;
	int64_t id;

	needs(f, BACKEND_SQL);
	tables(f, &plain_entity, NULL);
	memset(&slow, 0, sizeof(slow));
	still_clock_init(&slow.clock);
	db_options.clock = &slow.clock.clock;
	db_options.trace = pass_time;
	db_options.trace_arg = &slow;
	db = another_with(f, &db_options);
	o.timeout_ms = 50;
	u = begin_on(db, &o);
	for (id = 0; id < 3000; id++)
		add(u, &id);
	must_fail(u, uow_flush(u), UOW_ETIMEOUT);
	/* Looked at before each statement; the longest has 1000 rows. */
	assert_in_range(slow.inserts, 40, 1100);
	uow_unit_free(u);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* -- columns whose tables were made anew -- */

static struct account *account_1200(uow_unit *u)
{
	struct account a;

	memset(&a, 0, sizeof(a));
	strcpy(a.owner, "somebody");
	a.balance = 1200;
	return account_add(account_repository_of(u), &a);
}

/* The balance, written with one data source and read with another. */
static void twelve_stays_twelve(uow_db *write, uow_db *read)
{
	struct account *a;
	uow_unit *u = begin_on(write, NULL);
	int64_t id;

	a = need(u, account_1200(u));
	must(u, uow_flush(u));
	id = a->id;
	must(u, uow_commit(u));
	uow_unit_free(u);
	u = begin_on(read, NULL);
	a = need(u, account_get(account_repository_of(u), id));
	assert_int_equal(a->balance, 1200);
	commit(u);
}

/* A table of somebody else's gives way to one of ours. */
static void columns_are_looked_at_anew_after_tables_were_made(void **state)
{
	const uow_entity *list[] = { &account_entity };
	struct fixture *f = *state;
	uow_db *other;
	uow_unit *u;

	needs(f, BACKEND_NUMERIC_15);
	u = begin(f);
	must(u, uow_exec(u, "CREATE TABLE accounts (id integer primary key, "
			 "owner varchar(40) not null, balance numeric(18,2) "
			 "not null, remark text, version integer not null)",
			 NULL, 0, NULL));
	commit(u);
	twelve_stays_twelve(f->db, f->db);
	succeeds(uow_schema_drop(f->db, list, 1, &f->err), &f->err);
	succeeds(uow_schema_create(f->db, list, 1, &f->err), &f->err);
	twelve_stays_twelve(f->db, f->db);
	other = another(f);
	twelve_stays_twelve(f->db, other);
	twelve_stays_twelve(other, f->db);
	uow_db_free(other);
}

/* The same for connections that were idle meanwhile. */
static void idle_connections_hear_of_new_tables(void **state)
{
	const uow_entity *list[] = { &account_entity };
	struct fixture *f = *state;
	uow_unit *u, *v;
	int i;

	needs(f, BACKEND_NUMERIC_15);
	u = begin(f);
	must(u, uow_exec(u, "CREATE TABLE accounts (id integer primary key, "
			 "owner varchar(40) not null, balance numeric(18,2) "
			 "not null, remark text, version integer not null)",
			 NULL, 0, NULL));
	commit(u);
	for (i = 0; i < 2; i++) {
		/* two connections, each with its statements prepared */
		u = begin(f);
		v = begin(f);
		need(u, account_1200(u));
		commit(u);
		need(v, account_1200(v));
		commit(v);
		if (i)
			break;
		succeeds(uow_schema_drop(f->db, list, 1, &f->err), &f->err);
		succeeds(uow_schema_create(f->db, list, 1, &f->err), &f->err);
	}
	u = begin(f);
	for (i = 1; i <= 2; i++)
		assert_int_equal(((struct account *)need(u,
			account_get(account_repository_of(u), i)))->balance,
			1200);
	commit(u);
}

/* -- the texts of an object -- */

static void no_text_is_shared_with_another_object_after_a_flush(void **state)
{
	struct fixture *f = *state;
	struct account *x, *y;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	u = begin(f);
	x = need(u, account_1200(u));
	y = need(u, account_1200(u));
	strcpy(x->owner, "Ada");
	y->remark = x->owner;
	must(u, uow_flush(u));
	strcpy(x->owner, "Bob");
	must(u, uow_flush(u));
	assert_string_equal(y->remark, "Ada");
	id = y->id;
	commit(u);
	u = begin(f);
	y = need(u, account_get(account_repository_of(u), id));
	assert_string_equal(y->remark, "Ada");
	commit(u);
}

/* -- rows added before -- */

static void insert_all_comes_after_what_was_added_before(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct plain p;
	uint64_t n = 0;
	int64_t id = 1;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 2;
	o.no_autoflush = true;
	u = begin_on(f->db, &o);
	add(u, &id);
	must(u, plain_insert_all(plain_repository_of(u), &p, 1));
	must(u, uow_exec(u, "UPDATE plains SET amount = 3", NULL, 0, &n));
	assert_int_equal(n, 2);
	commit(u);
}

/* -- SQL by hand that would end what is open -- */

static void disguised_transaction_control_is_refused(void **state)
{
	static const char *const statements[] = {
		"SET @@autocommit = 1", "SET @@session.autocommit = 1",
		"set @@global.autocommit=1", ("\xEF\xBB\xBF" "COMMIT"),
		"XA END 'x'", "xa commit 'x'",
	};
	struct fixture *f = *state;
	uow_unit *u;
	size_t i;

	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		u = begin(f);
		code_(uow_exec(u, statements[i], NULL, 0, NULL), UOW_EINVAL,
		      uow_unit_error(u), statements[i], __FILE__, __LINE__);
		uow_unit_free(u);
	}
}

/* -- what connections share -- */

enum { THREADS = 4, TRIES = 25 };

struct knock {
	uow_db *db;
	unsigned refused;
	const char *wrong;
};

static int touch(uow_unit *u, void *arg)
{
	(void)arg;
	sleep_ms(1);
	return uow_alloc(u, 1) ? 0 : UOW_ENOMEM;
}

static void *knock(void *arg)
{
	struct knock *k = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err;
	int i, rc;

	o.attempts = 1;
	for (i = 0; i < TRIES; i++) {
		err = (uow_error)UOW_ERROR_INIT;
		rc = uow_run(k->db, &o, touch, NULL, &err);
		if (!rc)
			continue;
		k->refused++;
		if (!err.message[0])
			k->wrong = "no message";
		else if (strstr(err.message, "open-sesame"))
			k->wrong = "password in a message";
	}
	return NULL;
}

/* The data source's file, in a folder that can be taken away. */
static void move_into(struct fixture *f, const char *folder, char *connection,
		      size_t size)
{
	const char *from = f->source.connection;
	const char *hole = strstr(from, f->source.file);

	assert_non_null(hole);
	snprintf(connection, size, "%.*s%s/x.db%s;PWD=open-sesame",
		 (int)(hole - from), from, folder,
		 hole + strlen(f->source.file));
}

/* Reading why one thread cannot connect writes nothing that another reads. */
static void threads_fail_to_connect_at_once(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char here[450], there[460], connection[1400];
	struct knock k[THREADS];
	pthread_t threads[THREADS];
	unsigned refused = 0;
	uow_db *db;
	size_t i;

	needs(f, BACKEND_FILE);
	snprintf(here, sizeof(here), "%s/near", scratch_folder());
	snprintf(there, sizeof(there), "%s/far", scratch_folder());
	assert_int_equal(mkdir(here, 0700), 0);
	move_into(f, here, connection, sizeof(connection));
	o.connection = connection;
	o.pool_max = THREADS;
	db = another_with(f, &o);
	assert_int_equal(rename(here, there), 0);
	memset(k, 0, sizeof(k));
	for (i = 0; i < THREADS; i++) {
		k[i].db = db;
		assert_int_equal(pthread_create(&threads[i], NULL, knock,
						&k[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < THREADS; i++) {
		refused += k[i].refused;
		if (k[i].wrong)
			fail_msg("%s", k[i].wrong);
	}
	assert_true(refused >= TRIES);
	uow_db_free(db);
	snprintf(connection, sizeof(connection), "%s/x.db", there);
	remove(connection);
	assert_int_equal(remove(there), 0);
}

static const struct CMUnitTest owned_cases[] = {
	CASE(a_refused_unit_leaves_the_callers_work_open),
	CASE(no_probe_ends_the_callers_transaction),
	CASE(an_error_that_ends_the_callers_transaction_is_said),
	CASE(a_transaction_that_is_gone_at_the_units_end_is_said),
	CASE(nobody_stops_the_savepoint_inside_a_callers_transaction),
	CASE(a_savepoint_that_fails_is_told_to_the_caller),
	CASE(a_unit_ends_after_its_data_source_was_freed),
	CASE(a_handle_that_cannot_be_had_is_a_failure),
	CASE(no_handle_is_given_after_the_units_time),
	CASE(a_long_flush_ends_with_the_units_time),
	CASE(columns_are_looked_at_anew_after_tables_were_made),
	CASE(idle_connections_hear_of_new_tables),
	CASE(no_text_is_shared_with_another_object_after_a_flush),
	CASE(insert_all_comes_after_what_was_added_before),
	CASE(disguised_transaction_control_is_refused),
	CASE(threads_fail_to_connect_at_once),
};
TOPIC(owned, "owned");
