/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/once.c: what to do next, without a clock and without a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "unit/once.h"

static const struct once_time early = { false, false };
static const struct once_time late = { true, false };
static const struct once_time over = { true, true };

static struct once o;

static int setup(void **state)
{
	(void)state;
	once_init(&o, 3);
	return once_next(&o, ONCE_BEGUN, &early) != ONCE_BODY;
}

static enum once_step then(enum once_event e)
{
	return once_next(&o, e, &early);
}

static void a_commit_is_success(void **state)
{
	(void)state;
	assert_int_equal(then(ONCE_COMMITTED), ONCE_SUCCESS);
	assert_int_equal(o.stored, 1);
	assert_false(o.doubt);
}

static void without_doubt_failures_are_told_as_they_are(void **state)
{
	(void)state;
	assert_int_equal(then(ONCE_CONFLICT), ONCE_BODY);
	assert_int_equal(then(ONCE_OBSTACLE), ONCE_BODY);
	assert_int_equal(then(ONCE_CONFLICT), ONCE_FAILURE);
	setup(NULL);
	assert_int_equal(then(ONCE_REFUSED), ONCE_FAILURE);
	setup(NULL);
	assert_int_equal(then(ONCE_ERROR), ONCE_FAILURE);
	setup(NULL);
	assert_int_equal(once_next(&o, ONCE_CONFLICT, &late), ONCE_FAILURE);
}

static void a_lost_commit_is_fenced_by_the_next_attempt(void **state)
{
	(void)state;
	assert_int_equal(then(ONCE_LOST), ONCE_BODY);
	assert_int_equal(o.used, 1);
	assert_int_equal(then(ONCE_COMMITTED), ONCE_SUCCESS);
	assert_int_equal(o.stored, 2);
}

static void a_refused_fence_ends_with_a_tombstone(void **state)
{
	(void)state;
	then(ONCE_LOST);
	assert_int_equal(then(ONCE_REFUSED), ONCE_TOMBSTONE);
	assert_int_equal(then(ONCE_COMMITTED), ONCE_FAILURE);
}

static void a_row_is_read_before_anything_is_said(void **state)
{
	(void)state;
	then(ONCE_LOST);
	assert_int_equal(then(ONCE_TAKEN), ONCE_READ);
	o.row = 1;
	assert_int_equal(then(ONCE_ROW), ONCE_SUCCESS);
	assert_int_equal(o.stored, 1);
	setup(NULL);
	then(ONCE_LOST);
	then(ONCE_REFUSED);
	then(ONCE_LOST);
	assert_int_equal(then(ONCE_TAKEN), ONCE_READ);
	o.row = ONCE_TOMBSTONE_ROW;
	assert_int_equal(then(ONCE_ROW), ONCE_FAILURE);
}

/* A COMMIT that was said to have failed, and has not. */
static void a_row_that_nobody_expected_is_a_doubt(void **state)
{
	(void)state;
	assert_int_equal(then(ONCE_TAKEN), ONCE_READ);
	assert_true(o.doubt);
}

/* It is another node's, or too old a snapshot: to insert could repeat it. */
static void a_row_that_is_not_there_is_read_again(void **state)
{
	(void)state;
	then(ONCE_LOST);
	then(ONCE_TAKEN);
	assert_int_equal(then(ONCE_NO_ROW), ONCE_READ);
	assert_int_equal(once_next(&o, ONCE_OBSTACLE, &late), ONCE_READ);
	assert_int_equal(once_next(&o, ONCE_NO_ROW, &over), ONCE_IN_DOUBT);
}

static void obstacles_of_a_fence_are_not_counted(void **state)
{
	int i;

	(void)state;
	then(ONCE_LOST);
	for (i = 0; i < 100; i++)
		assert_int_equal(then(ONCE_OBSTACLE), ONCE_BODY);
	assert_int_equal(o.used, 1);
	assert_int_equal(once_next(&o, ONCE_OBSTACLE, &late), ONCE_TOMBSTONE);
}

/* On a hot row it would never end. */
static void the_bodies_of_fences_are_counted(void **state)
{
	(void)state;
	then(ONCE_LOST);
	assert_int_equal(then(ONCE_CONFLICT), ONCE_BODY);
	assert_int_equal(then(ONCE_CONFLICT), ONCE_TOMBSTONE);
}

static void the_body_never_runs_again_after_a_tombstone(void **state)
{
	(void)state;
	then(ONCE_LOST);
	then(ONCE_REFUSED);
	assert_int_equal(then(ONCE_OBSTACLE), ONCE_TOMBSTONE);
	assert_int_equal(then(ONCE_LOST), ONCE_TOMBSTONE);
	assert_int_equal(once_next(&o, ONCE_LOST, &late), ONCE_TOMBSTONE);
	assert_int_equal(once_next(&o, ONCE_OBSTACLE, &over), ONCE_IN_DOUBT);
}

static void errors_of_the_token_itself_end_in_doubt(void **state)
{
	(void)state;
	then(ONCE_LOST);
	assert_int_equal(then(ONCE_ERROR), ONCE_IN_DOUBT);
	setup(NULL);
	then(ONCE_LOST);
	then(ONCE_REFUSED);
	assert_int_equal(then(ONCE_ERROR), ONCE_IN_DOUBT);
	setup(NULL);
	then(ONCE_LOST);
	then(ONCE_TAKEN);
	assert_int_equal(then(ONCE_ERROR), ONCE_IN_DOUBT);
}

static void the_last_attempt_in_doubt_is_settled(void **state)
{
	(void)state;
	then(ONCE_CONFLICT);
	then(ONCE_CONFLICT);
	assert_int_equal(then(ONCE_LOST), ONCE_TOMBSTONE);
}

static void a_unit_begun_by_hand_is_never_repeated(void **state)
{
	(void)state;
	once_init_by_hand(&o);
	assert_int_equal(then(ONCE_LOST), ONCE_TOMBSTONE);
	assert_int_equal(then(ONCE_TAKEN), ONCE_READ);
	o.row = 1;
	assert_int_equal(then(ONCE_ROW), ONCE_SUCCESS);
	assert_int_equal(o.stored, 1);
}

/* -- whatever happens -- */

static const enum once_event possible[3][8] = {
	{ ONCE_COMMITTED, ONCE_TAKEN, ONCE_OBSTACLE, ONCE_ERROR,
	  ONCE_CONFLICT, ONCE_REFUSED, ONCE_LOST, ONCE_LOST },
	{ ONCE_COMMITTED, ONCE_TAKEN, ONCE_OBSTACLE, ONCE_ERROR,
	  ONCE_LOST, ONCE_LOST, ONCE_OBSTACLE, ONCE_OBSTACLE },
	{ ONCE_ROW, ONCE_NO_ROW, ONCE_OBSTACLE, ONCE_ERROR,
	  ONCE_ROW, ONCE_NO_ROW, ONCE_OBSTACLE, ONCE_ROW },
};

/* Returns the answer, or ONCE_READ if there was none in 1000 steps. */
static enum once_step walk(struct random *r)
{
	struct once_time t = { false, false };
	bool doubt, tombstone, settled = false;
	enum once_event e;
	enum once_step was;
	int i;

	setup(NULL);
	for (i = 0; i < 1000 && o.step <= ONCE_READ; i++) {
		was = o.step;
		doubt = o.doubt;
		tombstone = o.tombstone;
		t.late |= !random_upto(r, 20);
		t.over |= t.late && !random_upto(r, 20);
		e = possible[was][random_upto(r, 7)];
		o.row = (unsigned)random_upto(r, 1);
		settled = (was == ONCE_TOMBSTONE && e == ONCE_COMMITTED) ||
			  (was == ONCE_READ && e == ONCE_ROW && !o.row);
		once_next(&o, e, &t);
		assert_true(o.doubt || !doubt);
		assert_true(o.tombstone || !tombstone);
		assert_true(o.used <= o.attempts);
		if (tombstone)
			assert_int_not_equal(o.step, ONCE_BODY);
	}
	if (o.step == ONCE_FAILURE && o.doubt)
		assert_true(settled);
	if (o.step == ONCE_IN_DOUBT)
		assert_true(o.doubt);
	return o.step;
}

static void in_doubt_nothing_fails_without_a_tombstone(void **state)
{
	unsigned seen[ONCE_IN_DOUBT + 1] = { 0 };
	struct random r;
	int i;

	(void)state;
	random_seed(&r, 1);
	for (i = 0; i < 20000; i++)
		seen[walk(&r)]++;
	assert_true(seen[ONCE_SUCCESS] > 1000);
	assert_true(seen[ONCE_FAILURE] > 1000);
	assert_true(seen[ONCE_IN_DOUBT] > 1000);
	assert_int_equal(seen[ONCE_READ] + seen[ONCE_TOMBSTONE], 0);
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_commit_is_success),
		TEST(without_doubt_failures_are_told_as_they_are),
		TEST(a_lost_commit_is_fenced_by_the_next_attempt),
		TEST(a_refused_fence_ends_with_a_tombstone),
		TEST(a_row_is_read_before_anything_is_said),
		TEST(a_row_that_nobody_expected_is_a_doubt),
		TEST(a_row_that_is_not_there_is_read_again),
		TEST(obstacles_of_a_fence_are_not_counted),
		TEST(the_bodies_of_fences_are_counted),
		TEST(the_body_never_runs_again_after_a_tombstone),
		TEST(errors_of_the_token_itself_end_in_doubt),
		TEST(the_last_attempt_in_doubt_is_settled),
		TEST(a_unit_begun_by_hand_is_never_repeated),
		TEST(in_doubt_nothing_fails_without_a_tombstone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
