/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* The data source: pool, trace, clock, options. */

static void add(uow_unit *u, int64_t id, const char *label)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	p.label = label;
	need(u, plain_add(plain_repository_of(u), &p));
}

/* 7: the pool keeps to its settings; its counters tell */
static void the_pool_counts_what_it_does(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_pool_stats s;
	uow_unit *u, *v;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	o.pool_min = 1;
	o.pool_max = 3;
	db = another_with(f, &o);
	uow_db_stats(db, &s, sizeof(s));
	assert_int_equal(s.open, 1);
	assert_int_equal(s.idle, 1);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(s.acquired, 0);
	u = begin_on(db, NULL);
	v = begin_on(db, NULL);
	uow_db_stats(db, &s, sizeof(s));
	assert_int_equal(s.open, 2);
	assert_int_equal(s.idle, 0);
	assert_int_equal(s.acquired, 2);
	add(u, 1, NULL);
	commit(u);
	uow_unit_free(v);
	uow_db_stats(db, &s, sizeof(s));
	assert_int_equal(s.open, 2);
	assert_int_equal(s.idle, 2);
	assert_true(s.statements > 0);
	assert_int_equal(s.timeouts + s.reconnects, 0);
	uow_db_free(db);
}

static void pool_min_connections_are_opened_at_once(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_pool_stats s;
	uow_db *db;

	o.pool_min = 3;
	db = another_with(f, &o);
	uow_db_stats(db, &s, sizeof(s));
	assert_int_equal(s.open, 3);
	assert_int_equal(s.idle, 3);
	uow_db_free(db);
}

/* Callers compiled against fewer counters get fewer. */
static void stats_fill_no_more_than_they_were_given(void **state)
{
	struct fixture *f = *state;
	uow_pool_stats s;

	memset(&s, 0x55, sizeof(s));
	uow_db_stats(f->db, &s, 2 * sizeof(unsigned));
	assert_int_equal(s.open, 1);
	assert_int_equal(s.waiting, 0x55555555);
}

/* 111, 114: a full pool says so in time, parts of a second counted */
static void a_full_pool_times_out(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_pool_stats s;
	uow_unit *u, *v = NULL;
	uint64_t start, took;
	uow_db *db;

	o.pool_max = 1;
	o.acquire_timeout_ms = 250;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	start = now_ms();
	gives(uow_begin(&v, db, NULL, &f->err), UOW_ETIMEOUT, &f->err);
	took = now_ms() - start;
	assert_in_range(took, 200, 1500);
	assert_null(v);
	uow_db_stats(db, &s, sizeof(s));
	assert_int_equal(s.timeouts, 1);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(s.open, 1);
	uow_unit_free(u);
	u = begin_on(db, NULL);
	commit(u);
	uow_db_free(db);
}

/* Statements are prepared once and found again. */
static void statements_are_found_in_the_cache(void **state)
{
	struct fixture *f = *state;
	uow_pool_stats s;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < 20; i++) {
		u = begin(f);
		add(u, i, "x");
		must(u, uow_flush(u));
		assert_non_null(plain_lookup(plain_repository_of(u), i));
		commit(u);
	}
	uow_db_stats(f->db, &s, sizeof(s));
	assert_true(s.statement_hits >= 15);
}

/* A small cache changes nothing but speed. */
static void a_cache_of_one_statement_is_enough(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", true };
	uow_rows rows;
	uint64_t n = 0;
	uow_unit *u;
	uow_db *db;
	int i;

	tables(f, &plain_entity, NULL);
	o.statement_cache = 1;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	q.order_by = &order;
	q.order_count = 1;
	for (i = 0; i < 10; i++) {
		add(u, i, "x");
		must(u, plain_count(plain_repository_of(u), uow_all(), &n));
		assert_int_equal(n, i + 1);
		q.where = uow_ge(u, "id", uow_int(i / 2));
		must(u, plain_find(plain_repository_of(u), &q, &rows));
		assert_int_equal(rows.count, i + 1 - i / 2);
		plain_at(&rows, 0)->amount = i;
	}
	commit(u);
	uow_db_free(db);
}

static void connection_is_kept(const uow_trace *event, void *arg)
{
	see(event, arg);
}

/* The trace shows statements, never what they were given. */
static void the_trace_shows_no_values(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_options named = UOW_OPTIONS_INIT;
	uow_value v = uow_text("TOPSECRET3");
	char name[20] = "month end";
	struct seen seen;
	struct plain *p;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_SQL);
	tables(f, &plain_entity, NULL);
	memset(&seen, 0, sizeof(seen));
	o.trace = connection_is_kept;
	o.trace_arg = &seen;
	db = another_with(f, &o);
	named.name = name;
	u = begin_on(db, &named);
	strcpy(name, "gone");		/* copied */
	add(u, 1, "TOPSECRET1");
	must(u, uow_flush(u));
	p = need(u, plain_one(plain_repository_of(u),
			      uow_eq(u, "label", uow_text("TOPSECRET1"))));
	p->label = "TOPSECRET2";
	must(u, uow_flush(u));
	must(u, uow_exec(u, "UPDATE plains SET label = ?", &v, 1, NULL));
	must(u, plain_remove(plain_repository_of(u), p));
	commit(u);
	assert_true(seen.inserts >= 1 && seen.updates >= 2 &&
		    seen.selects >= 1 && seen.deletes >= 1);
	contains(seen.all, "month end|");
	contains(seen.all, "plains");
	assert_null(strstr(seen.all, "TOPSECRET"));
	assert_int_equal(seen.failures, 0);
	u = begin_on(db, NULL);
	uow_exec(u, "UPDATE nowhere SET x = ?", &v, 1, NULL);
	assert_null(strstr(uow_unit_error(u)->message, "TOPSECRET"));
	uow_unit_free(u);
	assert_true(seen.failures > 0);
	assert_null(strstr(seen.all, "TOPSECRET"));
	uow_db_free(db);
}

struct told {
	uint64_t read, written;
	int commits;
};

static void tell(const uow_trace *event, void *arg)
{
	struct told *told = arg;

	if (!strncmp(event->sql, "SELECT", 6) &&
	    strstr(event->sql, "plains"))
		told->read += event->rows;
	if (strstr(event->sql, "INSERT"))
		told->written += event->rows;
	told->commits += !strcmp(event->sql, "COMMIT");
}

/* A query is told when its rows are known. */
static void the_trace_counts_rows(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_query q = UOW_QUERY_INIT;
	struct told told = { 0, 0, 0 };
	uow_rows rows;
	uow_unit *u;
	uow_db *db;
	int i;

	needs(f, BACKEND_SQL);
	tables(f, &plain_entity, NULL);
	o.trace = tell;
	o.trace_arg = &told;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	for (i = 1; i <= 3; i++)
		add(u, i, "x");
	q.where = uow_all();
	must(u, plain_find(plain_repository_of(u), &q, &rows));
	commit(u);
	assert_int_equal(told.written, 3);
	assert_int_equal(told.read, 3);
	assert_int_equal(told.commits, 1);
	uow_db_free(db);
}

/* Values of mapped rows are no part of messages either. */
static void messages_show_keys_and_no_other_values(void **state)
{
	struct fixture *f = *state;
	struct slot s;
	uow_unit *u;

	tables(f, &slot_entity, NULL);
	memset(&s, 0, sizeof(s));
	strcpy(s.code, "TOPSECRET");
	s.id = 1;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
	commit(u);
	s.id = 2;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	assert_null(strstr(uow_unit_error(u)->message, "TOPSECRET"));
	contains(uow_unit_error(u)->key, "2");
	uow_unit_free(u);
}

static void the_profile_has_a_name(void **state)
{
	struct fixture *f = *state;

	assert_non_null(uow_db_profile(f->db));
	assert_true(strlen(uow_db_profile(f->db)) > 0);
	assert_string_not_equal(uow_db_profile(f->db), "ansi");
}

static void a_profile_can_be_named(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_db *db;

	needs(f, BACKEND_ODBC);
	o.profile = uow_db_profile(f->db);
	db = another_with(f, &o);
	assert_string_equal(uow_db_profile(db), o.profile);
	uow_db_free(db);
	o.connection = f->source.connection;
	db = NULL;
	/* Another database's begins with a statement that this one lacks. */
	o.profile = strcmp(uow_db_profile(f->db), "sqlite") ? "sqlite" :
							     "mariadb";
	assert_true(uow_db_open(&db, &o, &f->err) < 0);
	contains(f->err.message, o.profile);
	o.profile = "no-such-profile";
	gives(uow_db_open(&db, &o, &f->err), UOW_ECONFIG, &f->err);
	contains(f->err.message, "no-such-profile");
	assert_null(db);
	o.profile = NULL;
	o.profile_dir = "/nonexistent/profiles";
	assert_true(uow_db_open(&db, &o, &f->err) < 0);
	contains(f->err.message, "/nonexistent/profiles");
	contains(f->err.message, "UOW_DRIVERS_PATH");
	assert_null(db);
}

/* SQL for each new connection. */
static void on_connect_is_run_on_each_connection(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_SQL);
	tables(f, &plain_entity, NULL);
	o.on_connect = "INSERT INTO plains (id, amount) "
		"SELECT count(*), 5 FROM plains";
	o.pool_min = 2;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	commit(u);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 2);
	o.connection = f->source.connection;
	o.on_connect = "UPDATE nowhere SET x = 1";
	db = NULL;
	gives(uow_db_open(&db, &o, &f->err), UOW_ESQL, &f->err);
	contains(f->err.message, "nowhere");
	assert_null(db);
}

static int give_password(char *buffer, size_t size, void *arg)
{
	if (size < 7)
		return 1;
	strcpy(buffer, "geheim");
	++*(unsigned *)arg;
	return 0;
}

static int give_none(char *buffer, size_t size, void *arg)
{
	(void)buffer;
	(void)size;
	(void)arg;
	return 1;
}

/* The password is asked for where the string has none. */
static void the_password_is_asked_for(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char with[900];
	unsigned asked = 0;
	uow_db *db = NULL;

	needs(f, BACKEND_FILE);	/* takes any */
	o.password = give_password;
	o.password_arg = &asked;
	db = another_with(f, &o);
	uow_db_free(db);
	assert_true(asked >= 1);
	asked = 0;
	strcpy(with, f->source.connection);
	strcat(with, ";PWD=other");
	o.connection = with;
	db = another_with(f, &o);
	uow_db_free(db);
	assert_int_equal(asked, 0);
	o.connection = f->source.connection;
	o.password = give_none;
	db = NULL;
	gives(uow_db_open(&db, &o, &f->err), UOW_EDENIED, &f->err);
	assert_null(db);
}

/* No unit begins after uow_db_free(); one that is open may go on. */
static void a_data_source_is_freed_around_open_units(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	db = another(f);
	u = begin_on(db, NULL);
	uow_db_free(db);
	add(u, 1, NULL);
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	uow_db_free(NULL);
}

/* 118: every handle is refused as NULL, nothing crashes */
static void null_handles_are_refused(void **state)
{
	struct fixture *f = *state;
	uow_unit *u = NULL;
	uow_db *db = NULL;

	gives(uow_db_open(NULL, NULL, &f->err), UOW_EINVAL, &f->err);
	gives(uow_db_open(&db, NULL, &f->err), UOW_EINVAL, &f->err);
	gives(uow_db_open_simple(&db, NULL, &f->err), UOW_EINVAL, &f->err);
	gives(uow_begin(&u, NULL, NULL, &f->err), UOW_EINVAL, &f->err);
	gives(uow_begin(NULL, f->db, NULL, NULL), UOW_EINVAL, NULL);
	assert_int_equal(uow_code_name(0)[0], 'U');
	assert_non_null(uow_code_name(-12345));
	assert_int_equal(uow_version(), UOW_VERSION);
	assert_non_null(uow_version_string());
}

/* 127, 128: which codes say "again" */
static void transient_codes_are_the_documented_ones(void **state)
{
	int code;

	(void)state;
	for (code = -25; code <= 0; code++)
		assert_int_equal(uow_code_is_transient(code),
				 code == UOW_ECONFLICT ||
				 code == UOW_EDEADLOCK ||
				 code == UOW_ECONNECT ||
				 code == UOW_ELOCKED);
	assert_false(uow_code_is_transient(UOW_EAPP - 1));
}

/* 3, 30: the error outlives everything it came from */
static void an_error_is_a_value(void **state)
{
	struct fixture *f = *state;
	uow_error err = UOW_ERROR_INIT, before = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	/* written on failure only */
	memset(err.message, 'x', 10);
	before = err;
	succeeds(uow_begin(&u, f->db, NULL, &err), &err);
	assert_memory_equal(&err, &before, sizeof(err));
	uow_fail(u, UOW_EAPP - 9, "kept");
	err = *uow_unit_error(u);
	uow_unit_free(u);
	assert_string_equal(err.message, "kept");
	assert_int_equal(err.row, -1);
}

static const struct CMUnitTest db_cases[] = {
	CASE(the_pool_counts_what_it_does),
	CASE(pool_min_connections_are_opened_at_once),
	CASE(stats_fill_no_more_than_they_were_given),
	CASE(a_full_pool_times_out),
	CASE(statements_are_found_in_the_cache),
	CASE(a_cache_of_one_statement_is_enough),
	CASE(the_trace_shows_no_values),
	CASE(the_trace_counts_rows),
	CASE(messages_show_keys_and_no_other_values),
	CASE(the_profile_has_a_name),
	CASE(a_profile_can_be_named),
	CASE(on_connect_is_run_on_each_connection),
	CASE(the_password_is_asked_for),
	CASE(a_data_source_is_freed_around_open_units),
	CASE(null_handles_are_refused),
	CASE(transient_codes_are_the_documented_ones),
	CASE(an_error_is_a_value),
};
TOPIC(db, "db");
