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

#include "../../examples/transfer/bank.h"
#include "alloc-shim.h"
#include "odbc-shim.h"
#include "place.h"
#include "scenarios.h"

/*
 * Each scenario again and again, with the first, second, third ... call made
 * to fail, until none fails any more. Whatever comes back, the books hold all
 * of the scenario's work or none of it (of each of its parts), and they agree
 * with what it said; and the data source is of use to the next unit.
 *
 * UOW_TORTURE_ON=place   where, instead of here ("sqlite", "memory")
 * UOW_TORTURE_STEP=n     visits every nth point only: of those that are slow
 * UOW_TORTURE_OFFSET=n   beginning with another one
 * UOW_TORTURE_ONLY=name  one scenario
 */
static unsigned step = 1, offset;
static const char *only;

/* The books when these parts of the scenario are done, by their bits. */
struct expected {
	struct books states[1 << PARTS];
	unsigned count;
};

static unsigned all_parts(const struct scenario *s)
{
	return (1U << s->parts) - 1;
}

static bool wanted(const struct scenario *s)
{
	return place_has(s->needs) && (!only || !strcmp(only, s->name));
}

/* Points of one series: the first of them, and so on. */
static unsigned first_point(void)
{
	return 1 + offset % step;
}

/*
 * What a scenario works with. On a server it is kept from point to point,
 * since opening takes longer than all the rest: so the pool is one that has
 * lost connections before.
 */
static uow_db *kept;

static uow_db *take(const struct scenario *s, struct report *out)
{
	bool was = s->how & LOUD ? false : shim_pause(true);
	bool were = s->how & LOUD ? false : alloc_pause(true);
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_db *db = kept;

	o.clock = &quick;
	o.pool_max = 2;
	/* Statements are prepared at most points, also on a kept one. */
	o.statement_cache = place_has(PLACE_SERVER) ? 2 : 0;
	if (!db)
		out->rc = place_open(&db, &o, s->how & LOUD, &out->err);
	shim_pause(was);
	alloc_pause(were);
	return db;
}

static void give_back(const struct scenario *s, uow_db *db,
		      struct report *out)
{
	uow_error err = UOW_ERROR_INIT;

	/* Closing may fail as well; not what the next one does. */
	if (!place_has(PLACE_SERVER) || s->how & LOUD)
		kept = NULL;
	else
		kept = db;
	if (db) {
		bool was = shim_pause(true), were = alloc_pause(true);
		bool dead = shim_revive();

		out->wrong = afterwards(db, &err);
		/* A driver that does not know what it can can do nothing. */
		if (out->wrong && err.code == UOW_ENOTSUP &&
		    !strcmp(shim_name(), "SQLGetInfo"))
			out->wrong = NULL;
		if (out->wrong)
			snprintf(out->err.message, sizeof(out->err.message),
				 "%s", err.message);
		shim_die(dead);
		alloc_pause(were);
		shim_pause(was);
	}
	if (!kept)
		uow_db_free(db);
}

static void play(const struct scenario *s, unsigned which, struct report *out)
{
	uow_db *db = NULL;

	if (s->series) {
		s->series(which, out);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->err = (uow_error)UOW_ERROR_INIT;
	out->second = "";
	if (!(s->how & OWN))
		db = take(s, out);
	if (!out->rc)
		out->rc = s->run(db, &out->err);
	out->parts[0] = out->rc;
	if (!(s->how & OWN))
		give_back(s, db, out);
}

static void done(void)
{
	uow_db_free(kept);
	kept = NULL;
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
		books_reset();
		play(s, which, &r);
		shim_disarm();
		if (r.rc)
			fail_msg("%s: %s %s", s->name, uow_code_name(r.rc),
				 r.err.message);
		if (r.wrong && which == all_parts(s))
			fail_msg("%s: %s", s->name, r.wrong);
		books_read(&e->states[which]);
		if (books_equal(&e->states[0], &e->states[which]) !=
		    !!(s->how & UNCHANGED))
			fail_msg("%s: what is done is not seen", s->name);
	}
	done();
}

static void check_error(const char *what, unsigned n, int rc,
			const uow_error *err)
{
	if (rc > 0 || (rc > UOW_EAPP && !strcmp(uow_code_name(rc), "UOW_?")))
		fail_msg("%s, point %u: code %d", what, n, rc);
	if (place_secret()[0] && strstr(err->message, place_secret()))
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
		fail_msg("%s, point %u (%s): half of the work is stored: %s",
			 what, n, shim_name(), now.text);
	fail_msg("%s, point %u (%s): said %s, %s, %s (%s, %s), which is not so",
		 what, n, shim_name(), uow_code_name(r->parts[0]),
		 uow_code_name(r->parts[1]), uow_code_name(r->parts[2]),
		 r->err.message, r->second);
}

/* -- ODBC calls -- */

/* What a SQLSTATE means; all others are UOW_ESQL. */
static const struct meaning {
	const char *state;
	int codes[2];
} meanings[] = {
	{ "HY001", { UOW_ENOMEM, UOW_ENOMEM } },
	{ "HY014", { UOW_ENOMEM, UOW_ENOMEM } },
	{ "28000", { UOW_EDENIED, UOW_EDENIED } },
	{ "08001", { UOW_ECONNECT, UOW_ECONNECT } },
	{ "08S01", { UOW_ECONNECT, UOW_EINDOUBT } },
	{ "HYT01", { UOW_ECONNECT, UOW_ETIMEOUT } },
	{ "HYT00", { UOW_ETIMEOUT, UOW_ELOCKED } },
	{ "40001", { UOW_ECONFLICT, UOW_EDEADLOCK } },
	{ "40002", { UOW_ECONSTRAINT, UOW_ECONSTRAINT } },
	{ "23000", { UOW_ECONSTRAINT, UOW_EDUPLICATE } },
	{ "22003", { UOW_EDATA, UOW_EDATA } },
	{ "22002", { UOW_EDATA, UOW_EDATA } },
	{ "HYC00", { UOW_ENOTSUP, UOW_ENOTSUP } },
	{ NULL, { UOW_ESQL, UOW_ESQL } }
};

/* Said by the library about a call that failed, and not by its SQLSTATE. */
static const struct {
	const char *call;
	int code;
} consequences[] = {
	{ "SQLEndTran", UOW_EINDOUBT },
	{ "SQLEndTran", UOW_ECONNECT },	/* a ROLLBACK: given up */
	{ "SQLFreeStmt", UOW_ECONNECT },	/* given up as well */
	{ "SQLRowCount", UOW_ECONFLICT },	/* a version that is unsure */
	{ "SQLRowCount", UOW_EREJECTED },	/* a scenario wants a count */
	{ SHIM_QUESTION, UOW_ECONFLICT },	/* where a statement tells it */
	{ SHIM_QUESTION, UOW_EREJECTED },
	{ SHIM_QUESTION, UOW_EINDOUBT },	/* in a simple unit */
	{ "SQLAllocHandle", UOW_ENOMEM },
	{ "SQLGetInfo", UOW_ENOTSUP },	/* a driver that does not know */
	{ "SQLGetInfo", UOW_ECONNECT }	/* not even its own name */
};

static bool right_code(int rc)
{
	const struct meaning *m = meanings;
	size_t i;

	/* Absorbed, tried again, or told by the scenario's own code. */
	if (!rc || rc <= UOW_EAPP)
		return true;
	while (m->state && strcmp(m->state, shim_state()))
		m++;
	if (rc == m->codes[0] || rc == m->codes[1])
		return true;
	for (i = 0; i < sizeof(consequences) / sizeof(consequences[0]); i++)
		if (rc == consequences[i].code &&
		    !strcmp(shim_name(), consequences[i].call))
			return true;
	return false;
}

static unsigned odbc_points(const struct scenario *s, const struct expected *e,
			    struct shim_plan plan)
{
	unsigned n, points = 0;
	struct report r;
	char what[120];

	snprintf(what, sizeof(what), "%s/%s/%d/%u", s->name,
		 plan.state ? plan.state : "its own", (int)plan.mode,
		 plan.choice);
	for (n = first_point();; n += step, points++) {
		plan.nth = n;
		books_reset();
		shim_arm(&plan);
		play(s, all_parts(s), &r);
		shim_disarm();
		if (!shim_fired())
			break;
		check_error(what, n, r.rc, &r.err);
		check_books(s, what, n, &r, e);
		if (!right_code(r.rc))
			fail_msg("%s, point %u: %s %s becomes %s (%s)", what,
				 n, shim_name(), shim_state(),
				 uow_code_name(r.rc), r.err.message);
		assert_string_equal(shim_violation(), "");
	}
	if (r.rc)
		fail_msg("%s: fails without a failing call: %s", what,
			 r.err.message);
	done();
	return points;
}

/* Who says that a statement has failed has not committed it. */
static bool plausible(const struct scenario *s, const struct shim_plan *plan)
{
	return !(s->how & SINGLY) || plan->mode != SHIM_AFTER ||
	       strcmp(plan->only, "SQLExecute") ||
	       !strcmp(plan->state, "08S01");
}

static void every_odbc_call_may_fail(void **state)
{
	struct expected e;
	unsigned points = 0;
	size_t i, k;

	(void)state;
	for (i = 0; i < scenario_count; i++) {
		if (!wanted(&scenarios[i]))
			continue;
		learn(&scenarios[i], &e);
		for (k = 0; k < shim_plan_count; k++)
			if (plausible(&scenarios[i], &shim_plans[k]))
				points += odbc_points(&scenarios[i], &e,
						      shim_plans[k]);
	}
	print_message("# %u ODBC calls failed in turn\n", points);
	assert_true(points > 100 / step);
}

/* -- memory, and what threads need -- */

static unsigned alloc_points(const struct scenario *s,
			     const struct expected *e, enum alloc_kind kind)
{
	unsigned n, points = 0;
	struct report r;
	bool fired;

	for (n = first_point();; n += step, points++) {
		books_reset();
		alloc_arm(kind, n);
		play(s, all_parts(s), &r);
		fired = alloc_fired();
		alloc_arm(kind, 0);
		if (!fired)
			break;
		/* The way back to a savepoint may have failed: both told. */
		if (r.rc && r.rc != UOW_ENOMEM &&
		    !strstr(r.err.message, "out of memory"))
			fail_msg("%s, allocation %u: %s %s", s->name, n,
				 uow_code_name(r.rc), r.err.message);
		check_error(s->name, n, r.rc, &r.err);
		check_books(s, s->name, n, &r, e);
	}
	done();
	return points;
}

static unsigned fail_in_turn(enum alloc_kind kind)
{
	struct expected e;
	unsigned points = 0;
	size_t i;

	for (i = 0; i < scenario_count; i++) {
		if (!wanted(&scenarios[i]))
			continue;
		learn(&scenarios[i], &e);
		points += alloc_points(&scenarios[i], &e, kind);
	}
	return points;
}

static void every_allocation_may_fail(void **state)
{
	unsigned points = fail_in_turn(ALLOC_MEMORY);

	(void)state;
	print_message("# %u allocations failed in turn\n", points);
	assert_true(points > 100 / step);
}

/* Mutexes, conditions, threads: whatever is made may not be to be had. */
static void every_lock_may_fail(void **state)
{
	unsigned points = fail_in_turn(ALLOC_LOCKS);

	(void)state;
	print_message("# %u mutexes, conditions and threads not to be had: "
		      "%u, %u, %u, and %u attributes\n", points,
		      alloc_struck(LOCK_MUTEX), alloc_struck(LOCK_CONDITION),
		      alloc_struck(LOCK_THREAD), alloc_struck(LOCK_ATTRIBUTE));
	assert_true(points > 0);
	if (step > 1 || only)
		return;
	/* Memory has one mutex for all data, and nobody to watch the time. */
	assert_true(alloc_struck(LOCK_MUTEX) > 0);
	assert_true(alloc_struck(LOCK_CONDITION) > 0);
	assert_true(alloc_struck(LOCK_ATTRIBUTE) > 0);
	if (!strcmp(place_here(), "sqlite"))
		assert_true(alloc_struck(LOCK_THREAD) > 0);
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
	books_reset();
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
	caller_connect(&c, place_connection(), true);
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
	options.connection = place_connection();
	options.profile = "timed";
	options.profile_dir = place_profile("timed", "[profile]\n"
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

/* -- the places -- */

static int set_up(void **state)
{
	const char *place = *state;

	if (place_setup(place))
		return 0;
	fprintf(stderr, "%s: no such server here\n", place);
	return -1;
}

static int tear_down(void **state)
{
	(void)state;
	place_teardown();
	return 0;
}

enum { TESTS = 16 };

static struct CMUnitTest tests[TESTS];
static char names[TESTS][100];
static size_t test_count;

static void add(const char *place, const char *name, CMUnitTestFunction fn)
{
	struct CMUnitTest *t = &tests[test_count];

	snprintf(names[test_count], sizeof(names[0]), "%s: %s", place, name);
	t->name = names[test_count++];
	t->test_func = fn;
	t->setup_func = set_up;
	t->teardown_func = tear_down;
	t->initial_state = (void *)(uintptr_t)place;
}
#define ADD(place, fn) add(place, #fn, fn)

static void add_place(const char *place)
{
	bool memory = !strcmp(place, "memory");

	if (!memory) {
		ADD(place, every_odbc_call_may_fail);
		ADD(place, lost_commit_is_in_doubt);
	}
	ADD(place, every_allocation_may_fail);
	ADD(place, every_lock_may_fail);
	if (!strcmp(place, "sqlite")) {
		ADD(place, isolation_is_looked_at_when_a_unit_begins);
		ADD(place, time_that_is_up_is_no_unlimited_time);
	}
}

static unsigned number(const char *variable, unsigned fallback)
{
	const char *text = getenv(variable);

	return text && *text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

int main(void)
{
	const char *place = getenv("UOW_TORTURE_ON");

	step = number("UOW_TORTURE_STEP", 1);
	offset = number("UOW_TORTURE_OFFSET", 0);
	only = getenv("UOW_TORTURE_ONLY");
	if (!step)
		step = 1;
	if (step > 1)
		printf("# each %uth point, from the %uth\n", step,
		       first_point());
	if (place && *place) {
		add_place(place);
	} else {
		add_place("memory");
		add_place("sqlite");
	}
	return _cmocka_run_group_tests("torture", tests, test_count, NULL,
				       NULL);
}
