/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <time.h>
#include "base/clock.h"
#include "fake.h"
#include "pool/watchdog.h"

/* A connection that counts how often it was asked to stop. */
struct runner {
	struct backend_conn conn;
	struct watch watch;
	pthread_mutex_t mutex;
	int asked;
};

struct house {
	struct fake fake;
	uow_db *db;
};

static int stop(struct backend_conn *c)
{
	struct runner *r = (struct runner *)c;

	pthread_mutex_lock(&r->mutex);
	r->asked++;
	pthread_mutex_unlock(&r->mutex);
	return 1;
}

static const struct backend_ops ops = { .cancel = stop };

static int asked(struct runner *r)
{
	int n;

	pthread_mutex_lock(&r->mutex);
	n = r->asked;
	pthread_mutex_unlock(&r->mutex);
	return n;
}

static int setup(void **state)
{
	static struct house h;
	struct db_options o = { .min = 1 };

	fake_init(&h.fake);
	*state = &h;
	return db_new(&h.db, &h.fake.base, &o, NULL);
}

static int teardown(void **state)
{
	struct house *h = *state;

	uow_db_free(h->db);
	fake_release(&h->fake);
	return 0;
}

static void add(struct house *h, struct runner *r, unsigned ms)
{
	r->conn.ops = &ops;
	r->asked = 0;
	pthread_mutex_init(&r->mutex, NULL);
	r->watch.conn = &r->conn;
	r->watch.deadline = deadline_after(&h->db->clock, ms);
	assert_int_equal(watchdog_add(h->db, &r->watch, NULL), 0);
}

static void drop(struct house *h, struct runner *r)
{
	watchdog_remove(h->db, &r->watch);
	pthread_mutex_destroy(&r->mutex);
}

static void wait_ms(unsigned ms)
{
	clock_sleep(&clock_system, (uint64_t)ms * 1000);
}

static bool is_asked_within(struct runner *r, int times, unsigned ms)
{
	for (; ms && asked(r) < times; ms--)
		wait_ms(1);
	return asked(r) >= times;
}

static void who_is_in_time_is_not_asked(void **state)
{
	struct runner r;

	add(*state, &r, 60000);
	wait_ms(20);
	assert_int_equal(asked(&r), 0);
	drop(*state, &r);
}

static void who_is_late_is_asked_until_it_goes(void **state)
{
	struct runner r;
	int before;

	add(*state, &r, 10);
	assert_true(is_asked_within(&r, 3, 3000));
	watchdog_remove(((struct house *)*state)->db, &r.watch);
	before = asked(&r);
	wait_ms(60);
	assert_int_equal(asked(&r), before);
	pthread_mutex_destroy(&r.mutex);
}

/* It sleeps for the first one by then. */
static void a_nearer_deadline_is_seen(void **state)
{
	struct runner late, soon;

	add(*state, &late, 60000);
	wait_ms(20);
	add(*state, &soon, 10);
	assert_true(is_asked_within(&soon, 1, 3000));
	assert_int_equal(asked(&late), 0);
	drop(*state, &late);
	drop(*state, &soon);
}

static void a_later_one_comes_after_the_first_has_gone(void **state)
{
	struct runner first, second;

	add(*state, &first, 50);
	drop(*state, &first);
	add(*state, &second, 80);
	assert_true(is_asked_within(&second, 1, 3000));
	assert_int_equal(first.asked, 0);
	drop(*state, &second);
}

static unsigned looks;

/* Counted without a lock: by the test's own thread, or it is a race. */
static uint64_t still(void *arg)
{
	(void)arg;
	looks++;
	return 1000000;
}

static void the_programs_clock_is_its_own_threads(void **state)
{
	struct house *h = *state;
	struct runner r;
	unsigned before;

	h->db->clock.now_usec = still;
	add(h, &r, 100);
	before = looks;
	assert_true(is_asked_within(&r, 1, 3000));
	assert_int_equal(looks, before);
	drop(h, &r);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(who_is_in_time_is_not_asked),
		TEST(who_is_late_is_asked_until_it_goes),
		TEST(a_nearer_deadline_is_seen),
		TEST(a_later_one_comes_after_the_first_has_gone),
		TEST(the_programs_clock_is_its_own_threads),
	};

	return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
