/* SPDX-License-Identifier: BSD-2-Clause */
/* base/clock.h and base/random.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/random.h"

struct fake {
	uint64_t now, slept;
};

static uint64_t fake_now(void *arg)
{
	return ((struct fake *)arg)->now;
}

static void fake_sleep(uint64_t usec, void *arg)
{
	((struct fake *)arg)->slept += usec;
}

static void system_clock_runs_and_sleeps(void **state)
{
	uint64_t start = clock_now(&clock_system);

	(void)state;
	clock_sleep(&clock_system, 2000);
	assert_true(clock_now(&clock_system) - start >= 2000);
}

static void the_given_clock_is_asked(void **state)
{
	struct fake f = { 1000, 0 };
	uow_clock c = { fake_now, fake_sleep, NULL };

	(void)state;
	c.arg = &f;
	assert_int_equal(clock_now(&c), 1000);
	clock_sleep(&c, 70);
	clock_sleep(&c, 0);
	assert_int_equal(f.slept, 70);
}

static void deadlines_run_out(void **state)
{
	struct fake f = { 1000, 0 };
	uow_clock c = { fake_now, fake_sleep, NULL };
	uint64_t deadline;

	(void)state;
	c.arg = &f;
	deadline = deadline_after(&c, 5);
	assert_int_equal(deadline, 6000);
	assert_int_equal(deadline_left(&c, deadline), 5000);
	f.now = 5999;
	assert_int_equal(deadline_left(&c, deadline), 1);
	f.now = 6000;
	assert_int_equal(deadline_left(&c, deadline), 0);
	f.now = 9000;
	assert_int_equal(deadline_left(&c, deadline), 0);
	assert_int_equal(deadline_sooner(5, 6), 5);
	assert_int_equal(deadline_sooner(DEADLINE_NONE, 6), 6);
}

static void no_deadline_never_runs_out(void **state)
{
	struct fake f = { UINT64_MAX - 5, 0 };
	uow_clock c = { fake_now, fake_sleep, NULL };

	(void)state;
	c.arg = &f;
	assert_true(deadline_after(&c, 0) == DEADLINE_NONE);
	assert_true(deadline_left(&c, DEADLINE_NONE) == DEADLINE_NONE);
	/* Too far to say is still a deadline. */
	assert_true(deadline_after(&c, 5) == DEADLINE_NONE - 1);
}

static void one_seed_gives_one_sequence(void **state)
{
	struct random a, b;
	int i, same = 0;

	(void)state;
	random_seed(&a, 7);
	random_seed(&b, 7);
	for (i = 0; i < 100; i++)
		assert_true(random_next(&a) == random_next(&b));
	random_seed(&b, 8);
	for (i = 0; i < 100; i++)
		same += random_next(&a) == random_next(&b);
	assert_int_equal(same, 0);
}

static void numbers_lie_in_their_range_evenly(void **state)
{
	struct random r;
	int seen[6] = { 0 }, i;
	uint64_t x;

	(void)state;
	random_seed(&r, 1);
	for (i = 0; i < 6000; i++) {
		x = random_upto(&r, 5);
		assert_in_range(x, 0, 5);
		seen[x]++;
	}
	for (i = 0; i < 6; i++)
		assert_in_range(seen[i], 850, 1150);
	assert_int_equal(random_upto(&r, 0), 0);
	assert_true(random_upto(&r, UINT64_MAX) !=
		    random_upto(&r, UINT64_MAX));
}

static void mixing_changes_every_bit_now_and_then(void **state)
{
	uint64_t ones = 0, zeros = 0, x;

	(void)state;
	for (x = 0; x < 64; x++) {
		ones |= random_mix(x);
		zeros |= ~random_mix(x);
	}
	assert_true(ones == UINT64_MAX && zeros == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_clock_runs_and_sleeps),
		cmocka_unit_test(the_given_clock_is_asked),
		cmocka_unit_test(deadlines_run_out),
		cmocka_unit_test(no_deadline_never_runs_out),
		cmocka_unit_test(one_seed_gives_one_sequence),
		cmocka_unit_test(numbers_lie_in_their_range_evenly),
		cmocka_unit_test(mixing_changes_every_bit_now_and_then),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
