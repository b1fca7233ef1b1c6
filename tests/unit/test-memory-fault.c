/* SPDX-License-Identifier: BSD-2-Clause */
/* backend/memory/fault.c, api/memory_clock.c: failures to come, and time. */
#include "memory-town.h"

static uow_memory_clock *ticks;

/* Time is the library's own clock. */
static int setup(void **state)
{
	(void)state;
	assert_int_equal(uow_memory_clock_new(&ticks, &err), 0);
	town_open(uow_memory_clock_use(ticks));
	build(1, 1);
	build(2, 2);
	return 0;
}

static int teardown(void **state)
{
	town_free(state);
	uow_memory_clock_free(ticks);
	return 0;
}

static void fail_at(uow_memory_step step, unsigned nth, int code)
{
	uow_memory_fault f = { .step = step, .nth = nth, .code = code };

	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
}

static unsigned runs;

static int settle_in(uow_unit *u, void *arg)
{
	struct house *h = house(u, 1);

	(void)arg;
	runs++;
	if (h)
		h->rooms++;
	return 0;
}

static int run(void)
{
	static const uow_error none = UOW_ERROR_INIT;

	err = none;
	runs = 0;
	return uow_run(db, NULL, settle_in, NULL, &err);
}

static void all_has_struck(void)
{
	assert_int_equal(uow_memory_faults_clear(db), 0);
}

/* -- each step -- */

static void any_step_fails_and_is_repeated(void **state)
{
	static const uow_memory_step steps[] = {
		UOW_MEMORY_BEGIN, UOW_MEMORY_READ, UOW_MEMORY_WRITE,
		UOW_MEMORY_COMMIT
	};
	static const int codes[] = { UOW_EDEADLOCK, UOW_ELOCKED,
				     UOW_ECONFLICT, UOW_ECONNECT };
	int32_t before = rooms(1);
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (k = 0; k < 4; k++) {
			fail_at(steps[i], 1, codes[k]);
			assert_int_equal(run(), 0);
			assert_int_equal(runs, steps[i] ? 2 : 1);
			assert_int_equal(rooms(1), ++before);
			all_has_struck();
		}
	}
	assert_int_equal(uow_memory_faults_struck(db), 16);
}

static void what_is_not_transient_is_told_and_undone(void **state)
{
	static const uow_memory_step steps[] = {
		UOW_MEMORY_BEGIN, UOW_MEMORY_READ, UOW_MEMORY_WRITE,
		UOW_MEMORY_COMMIT
	};
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		fail_at(steps[i], 1, UOW_EIO);
		assert_int_equal(run(), UOW_EIO);
		assert_int_equal(err.code, UOW_EIO);
		assert_non_null(strstr(err.message, "was asked to fail"));
		assert_int_equal(rooms(1), 1);
		all_has_struck();
	}
}

static void the_nth_step_fails_so_many_times(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_COMMIT, .nth = 3,
			       .times = 2, .code = UOW_EDENIED };

	(void)state;
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), 0);
	assert_int_equal(run(), 0);
	assert_int_equal(uow_memory_faults_struck(db), 0);
	assert_int_equal(run(), UOW_EDENIED);
	assert_int_equal(run(), UOW_EDENIED);
	assert_int_equal(uow_memory_faults_struck(db), 2);
	assert_int_equal(run(), 0);
	all_has_struck();
}

static void attempts_may_all_fail(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_WRITE, .times = 3,
			       .code = UOW_EDEADLOCK };

	(void)state;
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), UOW_EDEADLOCK);
	assert_int_equal(runs, 3);
	assert_string_equal(err.sqlstate, "40001");
	assert_int_equal(rooms(1), 1);
	all_has_struck();
}

static int touch_both(uow_unit *u, void *arg)
{
	struct house *h = house(u, 2);
	struct guest g = { 0, 2, false, "bob" };

	(void)arg;
	if (h)
		h->rooms++;
	guest_add(guest_repository_of(u), &g);
	return 0;
}

static void a_fault_may_be_of_one_entity(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_WRITE, .code = UOW_EIO,
			       .entity = &guest_entity,
			       .message = "the disk is on fire" };

	(void)state;
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), 0);
	assert_int_equal(uow_memory_faults_struck(db), 0);
	assert_int_equal(uow_run(db, NULL, touch_both, NULL, &err), UOW_EIO);
	assert_non_null(strstr(err.message, "the disk is on fire"));
	assert_string_equal(err.entity, "guest");
	assert_int_equal(rooms(2), 1);
	all_has_struck();
}

static int nothing(uow_unit *u, void *arg)
{
	(void)u;
	(void)arg;
	return 0;
}

static int with_part(uow_unit *u, void *arg)
{
	struct house *h = house(u, 1);

	if (h)
		h->rooms = 9;
	*(int *)arg = uow_nested(u, nothing, NULL);
	return uow_status(u);
}

static void a_savepoint_may_fail(void **state)
{
	int rc = 0;

	(void)state;
	fail_at(UOW_MEMORY_SAVEPOINT, 1, UOW_EIO);
	assert_int_equal(uow_run(db, NULL, with_part, &rc, &err), UOW_EIO);
	assert_int_equal(rc, UOW_EIO);
	assert_int_equal(rooms(1), 1);
	all_has_struck();
}

static int fail_to_read(uow_unit *u, void *arg)
{
	(void)arg;
	return house(u, 2) ? 0 : uow_status(u);
}

static int part_reads(uow_unit *u, void *arg)
{
	struct house *h = house(u, 1);

	if (h)
		h->rooms = 9;
	*(int *)arg = uow_nested(u, fail_to_read, NULL);
	return uow_status(u);
}

/* Back to the savepoint; but a connection that is gone has none. */
static void a_part_survives_what_leaves_the_connection(void **state)
{
	int rc = 0;

	(void)state;
	fail_at(UOW_MEMORY_READ, 2, UOW_ELOCKED);
	assert_int_equal(uow_run(db, NULL, part_reads, &rc, &err), 0);
	assert_int_equal(rc, UOW_ELOCKED);
	assert_int_equal(rooms(1), 9);
	fail_at(UOW_MEMORY_READ, 2, UOW_ECONNECT);
	assert_int_equal(uow_run(db, NULL, part_reads, &rc, &err), 0);
	assert_int_equal(rc, 0);	/* of the second attempt */
	all_has_struck();
}

/* -- connections -- */

static unsigned connections(void)
{
	uow_pool_stats s;

	uow_db_stats(db, &s, sizeof(s));
	return s.open;
}

static void a_lost_connection_is_closed(void **state)
{
	uow_unit *u;

	(void)state;
	assert_int_equal(connections(), 1);
	fail_at(UOW_MEMORY_READ, 1, UOW_EDEADLOCK);
	u = begin();
	assert_null(house(u, 1));
	ends(u, UOW_EDEADLOCK);
	assert_int_equal(connections(), 1);
	fail_at(UOW_MEMORY_WRITE, 1, UOW_ECONNECT);
	u = begin();
	house(u, 1)->rooms = 7;
	ends(u, UOW_ECONNECT);
	assert_int_equal(connections(), 0);
	assert_int_equal(rooms(1), 1);
}

static void commit_in_doubt(bool happened)
{
	uow_memory_fault f = { .step = UOW_MEMORY_COMMIT,
			       .code = UOW_EINDOUBT, .happened = happened };

	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), UOW_EINDOUBT);
	assert_int_equal(runs, 1);
	assert_string_equal(err.sqlstate, "08007");
	assert_int_equal(connections(), 0);
	assert_int_equal(rooms(1), happened ? 2 : 1);
	all_has_struck();
	/* Nothing is left locked. */
	assert_int_equal(run(), 0);
}

static void a_commit_that_is_lost_may_have_happened(void **state)
{
	(void)state;
	commit_in_doubt(true);
}

static void a_commit_that_is_lost_may_not_have_happened(void **state)
{
	(void)state;
	commit_in_doubt(false);
}

/* As on a database: where nothing was sent, nothing can be lost. */
static void a_unit_that_did_nothing_sends_no_commit(void **state)
{
	(void)state;
	fail_at(UOW_MEMORY_COMMIT, 1, UOW_EINDOUBT);
	ends(begin(), 0);
	assert_int_equal(uow_memory_faults_clear(db), 1);
}

static void refused(uow_memory_fault f, const char *why)
{
	assert_int_equal(uow_memory_fail(db, &f, &err), UOW_EINVAL);
	assert_non_null(strstr(err.message, why));
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	refused((uow_memory_fault){ .step = UOW_MEMORY_READ, .code = 0 },
		"no code");
	refused((uow_memory_fault){ .code = UOW_EAPP - 1 }, "no code");
	refused((uow_memory_fault){ .code = UOW_EMANY - 1 }, "no code");
	refused((uow_memory_fault){ .step = UOW_MEMORY_WRITE,
				    .code = UOW_EINDOUBT }, "only a COMMIT");
	refused((uow_memory_fault){ .step = UOW_MEMORY_COMMIT,
				    .code = UOW_ECONNECT, .happened = true },
		"UOW_ECONNECT");
	refused((uow_memory_fault){ .step = UOW_MEMORY_BEGIN,
				    .code = UOW_EIO,
				    .entity = &house_entity }, "one entity");
	refused((uow_memory_fault){ .step = UOW_MEMORY_COMMIT,
				    .code = UOW_EINDOUBT, .later = 1 },
		"happen later");
	refused((uow_memory_fault){ .code = UOW_EIO, .reserved = { 0, 1 } },
		"reserved");
	refused((uow_memory_fault){ .step = (uow_memory_step)9,
				    .code = UOW_EIO }, "step 9");
	assert_int_equal(uow_memory_fail(db, NULL, &err), UOW_EINVAL);
	assert_int_equal(uow_memory_fail(NULL, NULL, &err), UOW_EINVAL);
	assert_int_equal(uow_memory_faults_clear(NULL), 0);
	assert_int_equal(uow_memory_faults_struck(NULL), 0);
}

static void what_is_cleared_does_not_strike(void **state)
{
	(void)state;
	fail_at(UOW_MEMORY_READ, 1, UOW_EIO);
	fail_at(UOW_MEMORY_COMMIT, 5, UOW_EIO);
	assert_int_equal(uow_memory_faults_clear(db), 2);
	assert_int_equal(run(), 0);
	fail_at(UOW_MEMORY_READ, 1, UOW_EIO);	/* freed with db */
}

static void two_that_are_due_at_once_are_used_up_at_once(void **state)
{
	(void)state;
	fail_at(UOW_MEMORY_READ, 1, UOW_EDENIED);
	fail_at(UOW_MEMORY_READ, 1, UOW_EIO);
	assert_int_equal(run(), UOW_EDENIED);
	assert_int_equal(run(), 0);
	all_has_struck();
}

/* -- time -- */

static void retries_sleep_on_the_clock(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_COMMIT, .times = 9,
			       .code = UOW_EDEADLOCK };
	uow_options o = UOW_OPTIONS_INIT;
	unsigned sleeps = 0;

	(void)state;
	o.attempts = 10;
	o.backoff_ms = 500;
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(uow_run(db, &o, settle_in, NULL, &err), 0);
	assert_true(uow_memory_clock_slept(ticks, &sleeps) > 100000);
	assert_in_range(sleeps, 1, 9);
	all_has_struck();
}

static int dawdle(uow_unit *u, void *arg)
{
	(void)arg;
	uow_memory_clock_advance(ticks, 3000000);
	return house(u, 1) ? 0 : uow_status(u);
}

static void a_deadline_passes_when_it_is_told_to(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	(void)state;
	o.timeout_ms = 2999;
	assert_int_equal(uow_run(db, &o, dawdle, NULL, &err), UOW_ETIMEOUT);
	o.timeout_ms = 3001;
	assert_int_equal(uow_run(db, &o, dawdle, NULL, &err), 0);
	assert_int_equal(uow_memory_clock_slept(ticks, NULL), 0);
}

static void waiting_for_a_lock_takes_no_time(void **state)
{
	uow_unit *u = begin(), *v;

	(void)state;
	assert_non_null(house_get_locked(house_repository_of(u), 1));
	v = begin();
	assert_null(house_get_locked(house_repository_of(v), 1));
	assert_int_equal(uow_status(v), UOW_ELOCKED);
	assert_int_equal(uow_memory_clock_slept(ticks, NULL), 1000000);
	uow_unit_free(v);
	uow_unit_free(u);
}

static void a_clock_that_is_none_stands_still(void **state)
{
	(void)state;
	assert_int_equal(uow_memory_clock_new(NULL, &err), UOW_EINVAL);
	assert_null(uow_memory_clock_use(NULL));
	assert_int_equal(uow_memory_clock_slept(NULL, NULL), 0);
	uow_memory_clock_advance(NULL, 1);
	uow_memory_clock_free(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_step_fails_and_is_repeated),
		TEST(what_is_not_transient_is_told_and_undone),
		TEST(the_nth_step_fails_so_many_times),
		TEST(attempts_may_all_fail),
		TEST(a_fault_may_be_of_one_entity),
		TEST(a_savepoint_may_fail),
		TEST(a_part_survives_what_leaves_the_connection),
		TEST(a_lost_connection_is_closed),
		TEST(a_commit_that_is_lost_may_have_happened),
		TEST(a_commit_that_is_lost_may_not_have_happened),
		TEST(a_unit_that_did_nothing_sends_no_commit),
		TEST(what_cannot_be_is_refused),
		TEST(what_is_cleared_does_not_strike),
		TEST(two_that_are_due_at_once_are_used_up_at_once),
		TEST(retries_sleep_on_the_clock),
		TEST(a_deadline_passes_when_it_is_told_to),
		TEST(waiting_for_a_lock_takes_no_time),
		TEST(a_clock_that_is_none_stands_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
