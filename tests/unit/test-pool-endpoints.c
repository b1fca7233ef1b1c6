/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "fake.h"

enum { FAILBACK_MS = 40, MAX = 3 };

static int setup(void **state)
{
	const struct db_options o = { 1, MAX, 60, 0, NULL, 0, 0, FAILBACK_MS };

	return fixture_setup_pool(state, &o, 2);
}

static int lease_on(struct fixture *fx, int endpoint,
		    struct backend_conn **out, uow_error *err)
{
	struct lease l = LEASE_INIT;

	l.endpoint = endpoint;
	return db_lease(fx->db, &l, out, err);
}

static struct backend_conn *leased(struct fixture *fx)
{
	struct backend_conn *c = NULL;

	assert_int_equal(lease_on(fx, LEASE_ANY, &c, NULL), 0);
	return c;
}

static uow_pool_stats stats(struct fixture *fx)
{
	uow_pool_stats s;

	uow_db_stats(fx->db, &s, sizeof(s));
	return s;
}

static void lose(struct fixture *fx, struct backend_conn *c)
{
	c->broken = true;
	db_return(fx->db, c);
}

static void sleep_ms(unsigned ms)
{
	clock_sleep(&clock_system, (uint64_t)ms * 1000);
}

/* The first server dies, the second takes over, the first comes back. */
static void lost_endpoint_is_left_and_gone_back_to(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);

	assert_int_equal(c->endpoint, 0);
	fx->fake.down = 1;
	lose(fx, c);
	c = leased(fx);
	assert_int_equal(c->endpoint, 1);
	assert_string_equal(fake_log(&fx->fake),
			    "disconnect; connect!; connect 1");
	db_return(fx->db, c);
	db_return(fx->db, leased(fx));
	assert_string_equal(fake_log(&fx->fake), "");
	assert_int_equal(stats(fx).endpoint, 1);
	assert_int_equal(stats(fx).failovers, 1);

	sleep_ms(FAILBACK_MS + 15);	/* the first pause is over, too */
	c = leased(fx);
	assert_int_equal(c->endpoint, 1);
	assert_string_equal(fake_log(&fx->fake), "connect!");
	db_return(fx->db, c);

	fx->fake.down = 0;
	sleep_ms(FAILBACK_MS + 65);
	c = leased(fx);
	assert_int_equal(c->endpoint, 0);
	assert_string_equal(fake_log(&fx->fake), "connect; disconnect");
	assert_int_equal(stats(fx).open, 1);
	db_return(fx->db, c);
}

static void units_that_go_on_elsewhere_are_not_lent_again(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);

	fx->fake.down = 1;
	lose(fx, a);
	a = leased(fx);
	assert_int_equal(a->endpoint, 1);
	fake_log(&fx->fake);
	db_return(fx->db, b);
	assert_string_equal(fake_log(&fx->fake), "disconnect");
	db_return(fx->db, a);
	assert_int_equal(stats(fx).open, 1);
}

static void idle_ones_of_the_endpoint_that_is_left_are_closed(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx), *c = leased(fx);
	struct fake_fault dead = { FAKE_PROBE, 1, 1, UOW_ECONNECT, 0, false,
				   false };

	db_return(fx->db, b);
	db_return(fx->db, c);
	fx->fake.down = 1;
	lose(fx, a);
	fake_fail(&fx->fake, dead);
	fake_log(&fx->fake);
	a = leased(fx);
	assert_string_equal(fake_log(&fx->fake), "probe!; disconnect; probe");
	fake_fail(&fx->fake, dead);
	b = NULL;
	assert_int_equal(lease_on(fx, 1, &b, NULL), 0);
	assert_int_equal(b->endpoint, 1);
	db_return(fx->db, b);
	db_return(fx->db, a);
}

static void named_endpoint_is_kept_to(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = NULL, *others[MAX];
	uow_error err = UOW_ERROR_INIT;
	int i;

	assert_int_equal(lease_on(fx, 1, &c, NULL), 0);
	assert_int_equal(c->endpoint, 1);
	assert_int_equal(stats(fx).endpoint, 0);
	db_return(fx->db, c);
	fx->fake.down = 2;
	assert_int_equal(lease_on(fx, 1, &c, &err), UOW_ECONNECT);
	assert_non_null(strstr(err.message, "endpoint 1"));
	assert_int_equal(lease_on(fx, 2, &c, &err), UOW_EINVAL);
	fx->fake.down = 0;
	/* A full pool of idle ones that go elsewhere makes room. */
	for (i = 0; i < MAX; i++)
		others[i] = leased(fx);
	for (i = 0; i < MAX; i++)
		db_return(fx->db, others[i]);
	assert_int_equal(stats(fx).idle, MAX);
	fake_log(&fx->fake);
	assert_int_equal(lease_on(fx, 1, &c, NULL), 0);
	assert_string_equal(fake_log(&fx->fake), "disconnect; connect 1");
	assert_int_equal(stats(fx).open, MAX);
	db_return(fx->db, c);
}

static void nobody_there_is_said_at_once(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);
	uow_error err = UOW_ERROR_INIT;

	fx->db->acquire_timeout_ms = 10000;
	fx->fake.down = 3;
	lose(fx, c);
	fake_log(&fx->fake);
	assert_int_equal(lease_on(fx, LEASE_ANY, &c, &err), UOW_ECONNECT);
	assert_string_equal(fake_log(&fx->fake), "connect!; connect 1!");
	assert_int_equal(stats(fx).open, 0);
	fx->fake.down = 0;
	db_return(fx->db, leased(fx));
}

static void source_opened_on_the_second_goes_back_later(void **state)
{
	struct db_options o = { 1, 2, 60, 0, NULL, 0, 0, FAILBACK_MS };
	struct fixture fx;
	struct backend_conn *c;

	(void)state;
	fake_init(&fx.fake);
	fx.fake.base.endpoints = 2;
	fx.fake.base.endpoint = 1;
	assert_int_equal(db_new(&fx.db, &fx.fake.base, &o, NULL), 0);
	assert_string_equal(fake_log(&fx.fake), "connect 1");
	c = leased(&fx);
	assert_int_equal(c->endpoint, 1);
	db_return(fx.db, c);
	sleep_ms(FAILBACK_MS + 5);
	c = leased(&fx);
	assert_int_equal(c->endpoint, 0);
	db_return(fx.db, c);
	uow_db_free(fx.db);
	fake_release(&fx.fake);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lost_endpoint_is_left_and_gone_back_to),
		TEST(units_that_go_on_elsewhere_are_not_lent_again),
		TEST(idle_ones_of_the_endpoint_that_is_left_are_closed),
		TEST(named_endpoint_is_kept_to),
		TEST(nobody_there_is_said_at_once),
		cmocka_unit_test(source_opened_on_the_second_goes_back_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
