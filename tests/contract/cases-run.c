/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* uow_run(): commit, roll back, begin anew. */

struct script {
	unsigned runs, attempts[8];
	int code;		/* what the unit fails with, if any */
	int returns;
	unsigned fail_until;	/* attempts before this one fail */
	unsigned commits, rollbacks;
	struct still_clock *clock;
	uint64_t takes;		/* microseconds on that clock */
	uint64_t left[8];
};

static int committed(uow_unit *u, void *arg)
{
	(void)u;
	((struct script *)arg)->commits++;
	return 0;
}

static int rolled_back(uow_unit *u, void *arg)
{
	(void)u;
	((struct script *)arg)->rollbacks++;
	return 0;
}

static int play(uow_unit *u, void *arg)
{
	struct script *s = arg;
	struct plain p;

	if (s->runs < 8) {
		s->attempts[s->runs] = uow_attempt(u);
		s->left[s->runs] = uow_time_left_usec(u);
	}
	s->runs++;
	uow_on(u, UOW_AFTER_COMMIT, committed, s);
	uow_on(u, UOW_AFTER_ROLLBACK, rolled_back, s);
	memset(&p, 0, sizeof(p));
	p.id = s->runs;
	plain_add(plain_repository_of(u), &p);
	if (s->clock)
		s->clock->now += s->takes;
	if (s->code && s->runs < s->fail_until)
		uow_fail(u, s->code, "by the script");
	return s->runs < s->fail_until ? s->returns : 0;
}

/* A unit on its own clock, so that nothing waits. */
static int run(struct fixture *f, struct script *s, const uow_options *o)
{
	uow_db_options db_options = UOW_DB_OPTIONS_INIT;
	struct still_clock clock;
	uow_db *db;
	int rc;

	still_clock_init(&clock);
	if (s->takes)
		s->clock = &clock;
	db_options.clock = &clock.clock;
	db = another_with(f, &db_options);
	rc = uow_run(db, o, play, s, &f->err);
	s->clock = NULL;
	uow_db_free(db);
	return rc;
}

/* 38: conflict twice, then success: three attempts, one row */
static void a_transient_failure_is_tried_again(void **state)
{
	static const int codes[] =
		{ UOW_ECONFLICT, UOW_EDEADLOCK, UOW_ELOCKED, UOW_ECONNECT };
	struct fixture *f = *state;
	struct script s;
	int i;

	for (i = 0; i < 4; i++) {
		tables(f, &plain_entity, NULL);
		memset(&s, 0, sizeof(s));
		s.code = codes[i];
		s.fail_until = 3;
		succeeds(run(f, &s, NULL), &f->err);
		assert_int_equal(s.runs, 3);
		assert_int_equal(s.attempts[0], 1);
		assert_int_equal(s.attempts[1], 2);
		assert_int_equal(s.attempts[2], 3);
		assert_int_equal(s.commits, 1);
		assert_int_equal(s.rollbacks, 2); /* once per failed attempt */
		assert_int_equal(rows_in(f, &plain_entity), 1);
		succeeds(uow_schema_drop(f->db, (const uow_entity *const[])
			{ &plain_entity }, 1, &f->err), &f->err);
	}
}

/* Three attempts unless told otherwise. */
static void attempts_are_counted(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.code = UOW_ECONFLICT;
	s.fail_until = 100;
	gives(run(f, &s, NULL), UOW_ECONFLICT, &f->err);
	assert_int_equal(s.runs, 3);
	assert_int_equal(s.rollbacks, 3);
	contains(f->err.message, "by the script");
	memset(&s, 0, sizeof(s));
	s.code = UOW_ECONFLICT;
	s.fail_until = 100;
	o.attempts = 7;
	gives(run(f, &s, &o), UOW_ECONFLICT, &f->err);
	assert_int_equal(s.runs, 7);
	memset(&s, 0, sizeof(s));
	s.code = UOW_ECONFLICT;
	s.fail_until = 100;
	o.attempts = 1;
	gives(run(f, &s, &o), UOW_ECONFLICT, &f->err);
	assert_int_equal(s.runs, 1);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* What is not transient is not tried again. */
static void other_failures_are_final(void **state)
{
	static const int codes[] = {
		UOW_EDUPLICATE, UOW_ECONSTRAINT, UOW_ETIMEOUT, UOW_EINDOUBT,
		UOW_EDATA, UOW_EREJECTED, UOW_EAPP - 1, UOW_ENOMEM,
	};
	struct fixture *f = *state;
	struct script s;
	size_t i;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < 8; i++) {
		memset(&s, 0, sizeof(s));
		s.code = codes[i];
		s.fail_until = 3;
		gives(run(f, &s, NULL), codes[i], &f->err);
		assert_int_equal(f->err.code, codes[i]);
		assert_int_equal(s.runs, 1);
	}
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* A transient failure of the unit wins over what the body returns ... */
static void a_transient_failure_wins_over_the_return(void **state)
{
	struct fixture *f = *state;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.code = UOW_EDEADLOCK;
	s.returns = UOW_EAPP - 1;
	s.fail_until = 2;
	succeeds(run(f, &s, NULL), &f->err);
	assert_int_equal(s.runs, 2);
	memset(&s, 0, sizeof(s));
	s.code = UOW_EDEADLOCK;
	s.returns = UOW_EAPP - 1;
	s.fail_until = 99;
	gives(run(f, &s, NULL), UOW_EDEADLOCK, &f->err);
	assert_int_equal(s.runs, 3);
}

/* ... any other does not, but is the message */
static void the_return_wins_over_a_permanent_failure(void **state)
{
	struct fixture *f = *state;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.code = UOW_EREJECTED;
	s.returns = UOW_EAPP - 1;
	s.fail_until = 99;
	gives(run(f, &s, NULL), UOW_EAPP - 1, &f->err);
	assert_int_equal(s.runs, 1);
	assert_int_equal(f->err.code, UOW_EAPP - 1);
	contains(f->err.message, "by the script");
}

/* A body that returns a transient code by itself is tried again as well. */
static void a_transient_return_is_tried_again(void **state)
{
	struct fixture *f = *state;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.returns = UOW_ECONFLICT;
	s.fail_until = 2;
	succeeds(run(f, &s, NULL), &f->err);
	assert_int_equal(s.runs, 2);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

/* A body that overlooks a failure cannot commit half its work. */
static void an_overlooked_failure_is_not_committed(void **state)
{
	struct fixture *f = *state;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.code = UOW_ENOTFOUND;
	s.fail_until = 99;
	gives(run(f, &s, NULL), UOW_ENOTFOUND, &f->err);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

static void a_positive_return_is_invalid(void **state)
{
	struct fixture *f = *state;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.returns = 1;
	s.fail_until = 99;
	gives(run(f, &s, NULL), UOW_EINVAL, &f->err);
	assert_int_equal(s.runs, 1);
	assert_int_equal(s.rollbacks, 1);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* The deadline is over all attempts. */
static void the_deadline_is_over_all_attempts(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct script s;

	tables(f, &plain_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.code = UOW_ECONFLICT;
	s.fail_until = 1000;
	s.takes = 300000;
	o.timeout_ms = 1000;
	o.attempts = 100;
	assert_true(run(f, &s, &o) < 0);
	assert_in_range(s.runs, 2, 4);
	assert_true(s.left[0] <= 1000000);
	assert_true(s.left[1] <= 700000);
	/* a body that overruns its time by itself does not commit */
	memset(&s, 0, sizeof(s));
	s.takes = 1100000;
	gives(run(f, &s, &o), UOW_ETIMEOUT, &f->err);
	assert_int_equal(s.runs, 1);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* Pauses grow, never beyond two seconds, never without one. */
static void pauses_are_taken_on_the_clock_given(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_options run_options = UOW_OPTIONS_INIT;
	struct still_clock clock;
	struct script s;
	uint64_t before;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	still_clock_init(&clock);
	o.clock = &clock.clock;
	db = another_with(f, &o);
	memset(&s, 0, sizeof(s));
	s.code = UOW_ECONFLICT;
	s.fail_until = 1000;
	run_options.attempts = 30;
	run_options.backoff_ms = 100;
	before = now_ms();
	gives(uow_run(db, &run_options, play, &s, &f->err), UOW_ECONFLICT,
	      &f->err);
	assert_true(now_ms() - before < 2000);
	assert_true(clock.slept <= UINT64_C(29) * 2000000);
	assert_true(clock.slept > 0);
	uow_db_free(db);
}

/* Options of another abi are refused before anything is done. */
static void options_of_another_abi_are_refused(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_db_options d = UOW_DB_OPTIONS_INIT;
	uow_unit *u = NULL;
	uow_db *db = NULL;
	struct script s;

	memset(&s, 0, sizeof(s));
	o.abi = 0;
	gives(uow_begin(&u, f->db, &o, &f->err), UOW_EINVAL, &f->err);
	assert_null(u);
	gives(uow_run(f->db, &o, play, &s, &f->err), UOW_EINVAL, &f->err);
	assert_int_equal(s.runs, 0);
	o.abi = 77;
	gives(uow_begin(&u, f->db, &o, &f->err), UOW_EINVAL, &f->err);
	d.abi = 0;
	gives(source_open(f, &db, &d), UOW_EINVAL, &f->err);
	assert_null(db);
	gives(uow_run(f->db, NULL, NULL, NULL, &f->err), UOW_EINVAL, &f->err);
}

static const struct CMUnitTest run_cases[] = {
	CASE(a_transient_failure_is_tried_again),
	CASE(attempts_are_counted),
	CASE(other_failures_are_final),
	CASE(a_transient_failure_wins_over_the_return),
	CASE(the_return_wins_over_a_permanent_failure),
	CASE(a_transient_return_is_tried_again),
	CASE(an_overlooked_failure_is_not_committed),
	CASE(a_positive_return_is_invalid),
	CASE(the_deadline_is_over_all_attempts),
	CASE(pauses_are_taken_on_the_clock_given),
	CASE(options_of_another_abi_are_refused),
};
TOPIC(run, "run");
