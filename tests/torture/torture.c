/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc-shim.h"
#include "books.h"
#include "odbc-shim.h"
#include "scenarios.h"

/*
 * Each scenario again and again, with the first, second, third ... call made
 * to fail, until none fails any more. Whatever comes back, the books hold all
 * of the scenario's work or none of it, and they agree with what it said.
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
	{ 0, "SQLExecute", SHIM_AFTER, "40001", 0 }
};

static unsigned step = 1;

struct expected {
	struct books before, after;
};

/* What the scenario does when nothing fails. */
static void learn(const struct scenario *s, struct expected *e)
{
	uow_error err = UOW_ERROR_INIT;

	books_reset();
	books_read(&e->before);
	if (s->run(books_connection(), &err))
		fail_msg("%s: %s", s->name, err.message);
	books_read(&e->after);
	assert_int_equal(e->before.sum, e->after.sum);
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

static void check_books(const char *what, unsigned n, int rc,
			const struct expected *e)
{
	struct books now;
	bool none, all;

	books_read(&now);
	none = books_equal(&now, &e->before);
	all = books_equal(&now, &e->after);
	if (!none && !all)
		fail_msg("%s, point %u (%s): half of the work is stored",
			 what, n, shim_name());
	if (!rc && !all)
		fail_msg("%s, point %u (%s): said done, is not", what, n,
			 shim_name());
	if (rc && rc != UOW_EINDOUBT && !none)
		fail_msg("%s, point %u (%s): said %s, is done", what, n,
			 shim_name(), uow_code_name(rc));
}

static unsigned odbc_points(const struct scenario *s, const struct expected *e,
			    struct shim_plan plan)
{
	uow_error err;
	unsigned n;
	char what[120];
	int rc;

	snprintf(what, sizeof(what), "%s/%s/%d", s->name, plan.state,
		 (int)plan.mode);
	for (n = 1;; n += step) {
		books_reset();
		err = (uow_error)UOW_ERROR_INIT;
		plan.nth = n;
		shim_arm(&plan);
		rc = s->run(books_connection(), &err);
		shim_disarm();
		if (!shim_fired())
			break;
		check_error(what, n, rc, &err);
		check_books(what, n, rc, e);
		assert_string_equal(shim_violation(), "");
	}
	if (rc)
		fail_msg("%s: fails without a failing call: %s", what,
			 err.message);
	return n - 1;
}

static unsigned alloc_points(const struct scenario *s,
			     const struct expected *e)
{
	uow_error err;
	unsigned n;
	bool fired;
	int rc;

	for (n = 1;; n += step) {
		books_reset();
		err = (uow_error)UOW_ERROR_INIT;
		alloc_arm(n);
		rc = s->run(books_connection(), &err);
		fired = alloc_fired();
		alloc_arm(0);
		if (!fired)
			break;
		/* The way back to a savepoint may have failed: both told. */
		if (rc && rc != UOW_ENOMEM &&
		    !strstr(err.message, "out of memory"))
			fail_msg("%s, allocation %u: %s %s", s->name, n,
				 uow_code_name(rc), err.message);
		check_books(s->name, n, rc, e);
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
	uow_error err = UOW_ERROR_INIT;
	struct expected e;
	int rc;

	(void)state;
	learn(&scenarios[0], &e);
	books_reset();
	shim_arm(&plan);
	rc = scenarios[0].run(books_connection(), &err);
	shim_disarm();
	assert_int_equal(rc, UOW_EINDOUBT);
	check_books("lost commit", 1, rc, &e);
	assert_string_equal(shim_violation(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_odbc_call_may_fail),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(lost_commit_is_in_doubt)
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
