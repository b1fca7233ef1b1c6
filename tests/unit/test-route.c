/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "pool/route.h"

enum { MS = 1000, FAILBACK = 30000 * MS };

struct fixture {
	struct route r;
	struct random random;
};

static int setup(void **state)
{
	static struct fixture fx;

	random_seed(&fx.random, 7);
	*state = &fx;
	return route_init(&fx.r, 3, 0, FAILBACK, 0);
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	route_release(&fx->r);
	return 0;
}

static void refuse(struct fixture *fx, unsigned endpoint, uint64_t now)
{
	route_open(&fx->r, endpoint, now);
	route_refused(&fx->r, endpoint, now, &fx->random);
}

static bool accept(struct fixture *fx, unsigned endpoint, uint64_t now)
{
	route_open(&fx->r, endpoint, now);
	return route_opened(&fx->r, endpoint, true, now);
}

static void first_endpoint_is_gone_to(void **state)
{
	struct fixture *fx = *state;

	assert_true(route_calm(&fx->r));
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 0);
	assert_int_equal(route_choose(&fx->r, 2, 0), 2);
	assert_int_equal(route_scout(&fx->r, UINT64_MAX), ROUTE_NONE);
	assert_int_equal(route_wake(&fx->r, 0), UINT64_MAX);
	assert_false(accept(fx, 0, 0));
	assert_int_equal(fx->r.switches, 0);
}

static void a_slow_refusal_is_asked_for_seldom(void **state)
{
	struct fixture *fx = *state;
	uint64_t now = UINT64_C(100) * FAILBACK;
	uint64_t slow = UINT64_C(10) * FAILBACK;

	refuse(fx, 0, 0);
	assert_true(accept(fx, 1, MS));
	assert_int_equal(route_scout(&fx->r, now), 0);
	route_open(&fx->r, 0, now);
	route_refused(&fx->r, 0, now + slow, &fx->random);
	assert_int_equal(route_scout(&fx->r, now + slow + FAILBACK),
			 ROUTE_NONE);
	assert_int_equal(route_scout(&fx->r, now + slow + FAILBACK +
				     8 * slow), 0);
}

static void refusals_are_waited_out_longer_and_longer(void **state)
{
	struct fixture *fx = *state;
	static const uint64_t most[] = { 10, 20, 40, 80, 160, 320, 640, 1280,
					 2000, 2000 };
	uint64_t now = 5, wake;
	size_t i;

	for (i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		refuse(fx, 0, now);
		wake = route_wake(&fx->r, now);
		assert_true(wake >= now + most[i] * MS / 2);
		assert_true(wake <= now + most[i] * MS);
		assert_int_equal(route_choose(&fx->r, 0, wake - 1),
				 ROUTE_NONE);
		assert_int_equal(route_choose(&fx->r, 0, wake), 0);
		now = wake;
	}
	accept(fx, 0, now);
	refuse(fx, 0, now);
	assert_true(route_wake(&fx->r, now) <= now + most[0] * MS);
}

/* Two processes that lost one server do not come back in step. */
static void pauses_differ(void **state)
{
	struct fixture *fx = *state;
	uint64_t a, b;

	refuse(fx, 0, 0);
	a = route_wake(&fx->r, 0);
	accept(fx, 0, 0);
	refuse(fx, 0, 0);
	b = route_wake(&fx->r, 0);
	assert_int_not_equal(a, b);
}

static void others_are_tried_in_their_order(void **state)
{
	struct fixture *fx = *state;

	refuse(fx, 0, 0);
	assert_false(route_calm(&fx->r));
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 1);
	refuse(fx, 1, 0);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 2);
	assert_true(accept(fx, 2, 0));
	assert_int_equal(fx->r.current, 2);
	assert_int_equal(fx->r.switches, 1);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 2);
}

static void nobody_else_opens_while_the_current_one_refuses(void **state)
{
	struct fixture *fx = *state;

	refuse(fx, 0, 0);
	route_open(&fx->r, 1, 0);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), ROUTE_NONE);
	route_gave_up(&fx->r, 1);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 1);
}

static void in_doubt_one_opens_at_a_time(void **state)
{
	struct fixture *fx = *state;

	route_open(&fx->r, 0, 0);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 0);
	route_lost(&fx->r, 0, 9);
	assert_int_equal(fx->r.points[0].lost_at, 9);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), ROUTE_NONE);
	assert_int_equal(route_choose(&fx->r, 0, 0), ROUTE_NONE);
	route_answered(&fx->r, 0);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 0);
	route_lost(&fx->r, 0, 0);
	assert_true(fx->r.points[0].lost_at > 0);
	route_opened(&fx->r, 0, true, 0);
	assert_int_equal(route_choose(&fx->r, ROUTE_NONE, 0), 0);
}

static void earlier_endpoint_is_tried_again_by_one_after_a_while(void **state)
{
	struct fixture *fx = *state;
	uint64_t now = FAILBACK;

	refuse(fx, 0, 0);
	accept(fx, 1, 0);
	assert_int_equal(route_scout(&fx->r, now - 1), ROUTE_NONE);
	assert_int_equal(route_scout(&fx->r, now), 0);
	route_open(&fx->r, 0, now);
	assert_int_equal(route_scout(&fx->r, now), ROUTE_NONE);
	route_refused(&fx->r, 0, now, &fx->random);
	assert_int_equal(route_scout(&fx->r, 2 * now - 1), ROUTE_NONE);
	assert_int_equal(route_scout(&fx->r, 2 * now), 0);
	assert_true(accept(fx, 0, 2 * now));
	assert_int_equal(fx->r.current, 0);
	assert_int_equal(fx->r.switches, 2);
	assert_int_equal(route_scout(&fx->r, 9 * now), ROUTE_NONE);
}

/* A connect that took long must not take everybody back to where it went. */
static void late_answer_does_not_move_away_from_a_better_one(void **state)
{
	struct fixture *fx = *state;

	refuse(fx, 0, 0);
	accept(fx, 1, 0);
	route_open(&fx->r, 1, 0);
	assert_true(accept(fx, 0, FAILBACK));
	assert_false(route_opened(&fx->r, 1, true, FAILBACK));
	assert_int_equal(fx->r.current, 0);
}

static void who_asks_for_an_endpoint_moves_nobody(void **state)
{
	struct fixture *fx = *state;

	refuse(fx, 0, 0);
	route_open(&fx->r, 2, 0);
	assert_false(route_opened(&fx->r, 2, false, 0));
	assert_int_equal(fx->r.current, 0);
}

static void route_begins_where_somebody_answered(void **state)
{
	struct route r;

	(void)state;
	assert_int_equal(route_init(&r, 2, 1, FAILBACK, 100), 0);
	assert_int_equal(route_choose(&r, ROUTE_NONE, 100), 1);
	assert_int_equal(route_scout(&r, 100), ROUTE_NONE);
	assert_int_equal(route_scout(&r, 100 + FAILBACK), 0);
	route_release(&r);
	assert_int_equal(route_init(&r, 0, 0, FAILBACK, 0), 0);
	assert_int_equal(r.count, 1);
	route_release(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_endpoint_is_gone_to),
		TEST(a_slow_refusal_is_asked_for_seldom),
		TEST(refusals_are_waited_out_longer_and_longer),
		TEST(pauses_differ),
		TEST(others_are_tried_in_their_order),
		TEST(nobody_else_opens_while_the_current_one_refuses),
		TEST(in_doubt_one_opens_at_a_time),
		TEST(earlier_endpoint_is_tried_again_by_one_after_a_while),
		TEST(late_answer_does_not_move_away_from_a_better_one),
		TEST(who_asks_for_an_endpoint_moves_nobody),
		TEST(route_begins_where_somebody_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
