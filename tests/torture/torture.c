/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/odbc.h>

#include "alloc-shim.h"
#include "books.h"
#include "odbc-shim.h"
#include "scenarios.h"

/*
 * Each scenario again and again, with the first, second, third ... call made
 * to fail, until none fails any more. Whatever comes back, the books hold all
 * of the scenario's work or none of it (of each of its parts), and they agree
 * with what it said. A COMMIT that is done and then said to have been rolled
 * back (40001) cannot be told from one that was: it is not among the plans.
 *
 * UOW_TORTURE_STEP=n visits every nth point only (valgrind is slow).
 */
static const struct shim_plan plans[] = {
	{ 0, NULL, SHIM_ONCE, "HY000", 0 },
	{ 0, NULL, SHIM_ONCE, "HY001", 0 },
	{ 0, NULL, SHIM_ONCE, "40001", 0 },
	{ 0, NULL, SHIM_ONCE, "08S01", 0 },
	{ 0, NULL, SHIM_DEAD, "08S01", 0 },
	{ 0, "SQLEndTran", SHIM_AFTER, "08S01", 0 },
	{ 0, "SQLEndTran", SHIM_AFTER, "HY000", 0 },
	{ 0, "SQLExecute", SHIM_AFTER, "08S01", 0 },
	{ 0, "SQLExecute", SHIM_AFTER, "40001", 0 },
	{ 0, "SQLExecute", SHIM_AFTER, "HY000", 0 },
	{ 0, "SQLSetConnectAttr", SHIM_AFTER, "HY000", 0 }
};

static unsigned step = 1;

/* The books when these parts of the scenario are done, by their bits. */
struct expected {
	struct books states[1 << PARTS];
	unsigned count;
};

static unsigned all_parts(const struct scenario *s)
{
	return (1U << s->parts) - 1;
}

static void play(const struct scenario *s, unsigned which, struct report *out)
{
	books_reset();
	if (!s->run) {
		s->series(books_connection(), which, out);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->err = (uow_error)UOW_ERROR_INIT;
	out->second = "";
	out->rc = out->parts[0] = s->run(books_connection(), &out->err);
}

/* What the scenario does when nothing fails. */
static void learn(const struct scenario *s, struct expected *e)
{
	struct report r;
	unsigned which;

	e->count = all_parts(s) + 1;
	books_reset();
	books_read(&e->states[0]);
	for (which = 1; which < e->count; which++) {
		play(s, which, &r);
		shim_disarm();
		if (r.rc)
			fail_msg("%s: %s", s->name, r.err.message);
		if (r.wrong && which == all_parts(s))
			fail_msg("%s: %s", s->name, r.wrong);
		books_read(&e->states[which]);
		assert_int_equal(e->states[0].sum, e->states[which].sum);
	}
}

static void check_error(const char *what, unsigned n, int rc,
			const uow_error *err)
{
	if (rc > 0 || (rc > UOW_EAPP && !strcmp(uow_code_name(rc), "UOW_?")))
		fail_msg("%s, point %u: code %d", what, n, rc);
	if (strstr(err->message, "open-sesame"))
		fail_msg("%s, point %u: password in message", what, n);
	if (rc && rc == err->code && !err->message[0])
		fail_msg("%s, point %u: %s without a message", what, n,
			 uow_code_name(rc));
}

/* May it be that just these parts are stored, after what was said? */
static bool agrees(const struct scenario *s, const struct report *r,
		   unsigned which)
{
	unsigned i;

	for (i = 0; i < s->parts; i++)
		if (r->parts[i] != UOW_EINDOUBT &&
		    (r->parts[i] == 0) != (which >> i & 1))
			return false;
	return true;
}

static void check_books(const struct scenario *s, const char *what,
			unsigned n, const struct report *r,
			const struct expected *e)
{
	bool whole = false;
	struct books now;
	unsigned which;

	if (r->wrong)
		fail_msg("%s, point %u (%s): %s (%s, %s)", what, n,
			 shim_name(), r->wrong, r->err.message, r->second);
	books_read(&now);
	for (which = 0; which < e->count; which++) {
		if (!books_equal(&now, &e->states[which]))
			continue;
		if (agrees(s, r, which))
			return;
		whole = true;
	}
	if (!whole)
		fail_msg("%s, point %u (%s): half of the work is stored",
			 what, n, shim_name());
	fail_msg("%s, point %u (%s): said %s, %s, %s (%s, %s), which is not so",
		 what, n, shim_name(), uow_code_name(r->parts[0]),
		 uow_code_name(r->parts[1]), uow_code_name(r->parts[2]),
		 r->err.message, r->second);
}

static unsigned odbc_points(const struct scenario *s, const struct expected *e,
			    struct shim_plan plan)
{
	struct report r;
	unsigned n;
	char what[120];

	snprintf(what, sizeof(what), "%s/%s/%d", s->name, plan.state,
		 (int)plan.mode);
	for (n = 1;; n += step) {
		plan.nth = n;
		shim_arm(&plan);
		play(s, all_parts(s), &r);
		shim_disarm();
		if (!shim_fired())
			break;
		check_error(what, n, r.rc, &r.err);
		check_books(s, what, n, &r, e);
		assert_string_equal(shim_violation(), "");
	}
	if (r.rc)
		fail_msg("%s: fails without a failing call: %s", what,
			 r.err.message);
	return n - 1;
}

static unsigned alloc_points(const struct scenario *s,
			     const struct expected *e)
{
	struct report r;
	unsigned n;
	bool fired;

	for (n = 1;; n += step) {
		alloc_arm(n);
		play(s, all_parts(s), &r);
		fired = alloc_fired();
		alloc_arm(0);
		if (!fired)
			break;
		/* The way back to a savepoint may have failed: both told. */
		if (r.rc && r.rc != UOW_ENOMEM &&
		    !strstr(r.err.message, "out of memory"))
			fail_msg("%s, allocation %u: %s %s", s->name, n,
				 uow_code_name(r.rc), r.err.message);
		check_books(s, s->name, n, &r, e);
	}
	return n - 1;
}

static void every_odbc_call_may_fail(void **state)
{
	struct expected e;
	unsigned points = 0;
	size_t i, k;

	(void)state;
	for (i = 0; i < scenario_count; i++) {
		learn(&scenarios[i], &e);
		for (k = 0; k < sizeof(plans) / sizeof(plans[0]); k++)
			points += odbc_points(&scenarios[i], &e, plans[k]);
	}
	print_message("# %u ODBC calls failed in turn\n", points);
	assert_true(points > 100);
}

static void every_allocation_may_fail(void **state)
{
	struct expected e;
	unsigned points = 0;
	size_t i;

	(void)state;
	for (i = 0; i < scenario_count; i++) {
		learn(&scenarios[i], &e);
		points += alloc_points(&scenarios[i], &e);
	}
	print_message("# %u allocations failed in turn\n", points);
	assert_true(points > 100);
}

/* COMMIT fails with a code that says nothing: never repeated, never on. */
static void lost_commit_is_in_doubt(void **state)
{
	static const struct shim_plan plan = {
		1, "SQLEndTran", SHIM_AFTER, "08S01", 0
	};
	struct expected e;
	struct report r;

	(void)state;
	learn(&scenarios[0], &e);
	shim_arm(&plan);
	play(&scenarios[0], 1, &r);
	shim_disarm();
	assert_int_equal(r.rc, UOW_EINDOUBT);
	check_books(&scenarios[0], "lost commit", 1, &r, &e);
	assert_string_equal(shim_violation(), "");
}

static int take_handle(uow_unit *u, void *arg)
{
	*(unsigned long *)arg = uow_unit_hdbc(u) ? shim_isolation() : 0;
	return 0;
}

/* It may have changed since the connection was adopted. */
static void isolation_is_looked_at_when_a_unit_begins(void **state)
{
	unsigned long inside = 0;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	struct caller c;

	(void)state;
	books_reset();
	o.isolation = UOW_SERIALIZABLE;
	shim_set_isolation(SQL_TXN_SERIALIZABLE);
	caller_connect(&c, books_connection(), true);
	assert_int_equal(uow_db_adopt(&c.db, c.dbc, NULL, &err), 0);
	shim_set_isolation(SQL_TXN_READ_COMMITTED);
	assert_int_equal(uow_run(c.db, &o, take_handle, &inside, &err), 0);
	assert_int_equal(inside, SQL_TXN_SERIALIZABLE);
	assert_int_equal(shim_isolation(), SQL_TXN_READ_COMMITTED);
	shim_set_isolation(SQL_TXN_READ_UNCOMMITTED);
	assert_int_equal(uow_run(c.db, &o, take_handle, &inside, &err), 0);
	assert_int_equal(inside, SQL_TXN_SERIALIZABLE);
	assert_int_equal(shim_isolation(), SQL_TXN_READ_UNCOMMITTED);
	shim_set_isolation(0);
	uow_db_free(c.db);
	caller_disconnect(&c);
}

/* A clock on which a minute passes before one of the looks at it. */
struct leap {
	unsigned looks, at;
};

static uint64_t leap_now(void *arg)
{
	struct leap *l = arg;

	return ++l->looks < l->at ? 1000000 : 61000000;
}

static void leap_sleep(uint64_t usec, void *arg)
{
	(void)usec;
	(void)arg;
}

static int change(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 1);

	(void)arg;
	if (a)
		a->balance++;
	return 0;
}

/* 0 seconds mean "no limit" to SQL_ATTR_QUERY_TIMEOUT. */
static void time_that_is_up_is_no_unlimited_time(void **state)
{
	static const struct shim_plan watch = { 0, NULL, SHIM_ONCE, "", 0 };
	uow_db_options options = UOW_DB_OPTIONS_INIT;
	struct leap leap = { 0, 1 };
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_clock clock;
	uow_db *db;
	bool late;

	(void)state;
	clock.now_usec = leap_now;
	clock.sleep_usec = leap_sleep;
	clock.arg = &leap;
	options.connection = books_connection();
	options.profile = "timed";
	options.profile_dir = books_profile("timed", "[profile]\n"
		"inherits = sqlite\n[transaction]\n"
		"statement_timeout = yes\n");
	options.clock = &clock;
	o.timeout_ms = 5000;
	o.attempts = 1;
	do {
		books_reset();
		leap.looks = 0;
		late = false;
		assert_int_equal(uow_db_open(&db, &options, &err), 0);
		shim_arm(&watch);
		if (uow_run(db, &o, change, NULL, &err)) {
			assert_int_equal(err.code, UOW_ETIMEOUT);
			late = true;
		}
		assert_int_equal(shim_unlimited(), 0);
		uow_db_free(db);
		leap.at++;
	} while (leap.looks + 1 >= leap.at);
	assert_false(late);
	assert_true(leap.at > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_odbc_call_may_fail),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(lost_commit_is_in_doubt),
		cmocka_unit_test(isolation_is_looked_at_when_a_unit_begins),
		cmocka_unit_test(time_that_is_up_is_no_unlimited_time)
	};
	const char *text = getenv("UOW_TORTURE_STEP");
	int rc;

	if (text && atoi(text) > 0)
		step = (unsigned)atoi(text);
	if (books_setup())
		return 1;
	rc = cmocka_run_group_tests_name("torture", tests, NULL, NULL);
	books_teardown();
	return rc;
}
