/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include "base/clock.h"
#include "fake.h"

/* Who waits, for how long, and who is served first. */

enum { MAX = 2, WAITERS = 8, MS = 1000 };

static int setup(void **state)
{
	const struct db_options o = { 1, MAX, 5000, 0, NULL, 0, 0, 0 };

	return fixture_setup_pool(state, &o, 1);
}

static struct backend_conn *leased(struct fixture *fx)
{
	struct lease l = LEASE_INIT;
	struct backend_conn *c = NULL;

	assert_int_equal(db_lease(fx->db, &l, &c, NULL), 0);
	return c;
}

static uow_pool_stats stats(struct fixture *fx)
{
	uow_pool_stats s;

	uow_db_stats(fx->db, &s, sizeof(s));
	return s;
}

static void sleep_ms(unsigned ms)
{
	clock_sleep(&clock_system, (uint64_t)ms * MS);
}

static void until_waiting(struct fixture *fx, unsigned count)
{
	while (stats(fx).waiting != count)
		sleep_ms(1);
}

struct asker {
	struct fixture *fx;
	pthread_t thread;
	unsigned number, hold_ms;
	unsigned *turn, place;		/* guarded by having the connection */
	uow_canceler *canceler;
	int rc;
	uow_error err;
};

static void *ask(void *arg)
{
	struct asker *a = arg;
	struct lease l = LEASE_INIT;
	struct backend_conn *c;

	a->rc = db_lease(a->fx->db, &l, &c, &a->err);
	if (a->rc)
		return NULL;
	if (a->turn)
		a->place = (*a->turn)++;
	if (a->hold_ms)
		sleep_ms(a->hold_ms);
	db_return(a->fx->db, c);
	return NULL;
}

static void start(struct fixture *fx, struct asker *a, unsigned number,
		  unsigned *turn)
{
	a->fx = fx;
	a->number = number;
	a->turn = turn;
	assert_int_equal(pthread_create(&a->thread, NULL, ask, a), 0);
}

/*
 * One connection goes round among those who wait for it, while others come
 * that have just had it.
 */
static void who_waits_longest_is_served_first(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	struct asker askers[WAITERS] = { { 0 } };
	unsigned i, turn = 0;

	for (i = 0; i < WAITERS; i++) {
		askers[i].hold_ms = 2;
		start(fx, &askers[i], i, &turn);
		until_waiting(fx, i + 1);
	}
	db_return(fx->db, a);
	/* Whoever comes now, comes after all of them. */
	a = leased(fx);
	assert_int_equal(turn, WAITERS);
	for (i = 0; i < WAITERS; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].rc, 0);
		assert_int_equal(askers[i].place, i);
	}
	assert_true(stats(fx).waits >= WAITERS);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

/* acceptance 111 */
static void fractions_of_a_second_count(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx), *c;
	struct lease l = LEASE_INIT;
	uint64_t began = clock_now(&clock_system), waited;

	fx->db->acquire_timeout_ms = 35;
	assert_int_equal(db_lease(fx->db, &l, &c, NULL), UOW_ETIMEOUT);
	waited = clock_now(&clock_system) - began;
	assert_true(waited >= 35 * MS && waited < 900 * MS);
	assert_true(stats(fx).wait_max_usec >= 35 * MS);
	assert_int_equal(stats(fx).waiting, 0);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

static void who_gives_up_is_not_waited_for(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	struct asker patient = { 0 };
	struct backend_conn *c;
	struct lease l = LEASE_INIT;

	l.deadline = fx->clock.now + 30 * MS;
	assert_int_equal(db_lease(fx->db, &l, &c, NULL), UOW_ETIMEOUT);
	start(fx, &patient, 0, NULL);
	until_waiting(fx, 1);
	db_return(fx->db, a);
	pthread_join(patient.thread, NULL);
	assert_int_equal(patient.rc, 0);
	db_return(fx->db, b);
}

/* The one whose connection is dead keeps its turn. */
static void dead_connection_costs_no_place(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	struct fake_fault dead = { FAKE_PROBE, 1, 1, UOW_ECONNECT, 0, false,
				   false };
	struct asker askers[2] = { { 0 } };
	unsigned turn = 0;

	start(fx, &askers[0], 0, &turn);
	until_waiting(fx, 1);
	start(fx, &askers[1], 1, &turn);
	until_waiting(fx, 2);
	fx->db->route.points[0].lost_at = UINT64_MAX;
	fake_fail(&fx->fake, dead);
	db_return(fx->db, a);
	pthread_join(askers[0].thread, NULL);
	pthread_join(askers[1].thread, NULL);
	assert_int_equal(askers[0].place, 0);
	assert_int_equal(askers[1].place, 1);
	assert_int_equal(stats(fx).reconnects, 1);
	db_return(fx->db, b);
}

static void message_says_who_has_it_longest(void **state)
{
	struct fixture *fx = *state;
	struct lease l = LEASE_INIT;
	struct backend_conn *a = NULL, *b, *c;
	uow_error err = UOW_ERROR_INIT;

	l.name = "transfer";
	l.place = "bank.c:12";
	assert_int_equal(db_lease(fx->db, &l, &a, NULL), 0);
	b = leased(fx);
	fx->clock.now += 3250 * MS;
	fx->db->acquire_timeout_ms = 5;
	assert_int_equal(db_lease(fx->db, &l, &c, &err), UOW_ETIMEOUT);
	assert_non_null(strstr(err.message, "\"transfer\" (bank.c:12), for "
			       "3.250 s"));
	db_return(fx->db, a);
	db_return(fx->db, b);
}

/* A pool full of leases, and a server that takes no more: one comes back. */
static void refused_connect_waits_for_one_that_comes_back(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx);
	struct asker asker = { 0 };

	fx->fake.down = 1;
	start(fx, &asker, 0, NULL);
	until_waiting(fx, 1);
	while (fake_number(&fx->fake, &fx->fake.connects) < 4)
		sleep_ms(1);
	db_return(fx->db, a);
	pthread_join(asker.thread, NULL);
	assert_int_equal(asker.rc, 0);
}

static void message_says_why_there_are_no_more(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *c;
	struct lease l = LEASE_INIT;
	uow_error err = UOW_ERROR_INIT;

	fx->fake.down = 1;
	fx->db->acquire_timeout_ms = 5;
	assert_int_equal(db_lease(fx->db, &l, &c, &err), UOW_ETIMEOUT);
	assert_non_null(strstr(err.message, "endpoint 0 is down"));
	db_return(fx->db, a);
}

/* Eight threads, one dead server: one connect, and one answer for all. */
static void lost_server_is_not_stormed(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);
	struct asker askers[WAITERS] = { { 0 } };
	unsigned i, before;

	fx->db->max = WAITERS;
	fx->fake.down = 1;
	fx->fake.connect_usec = 50 * MS;
	before = fx->fake.connects;
	c->broken = true;
	db_return(fx->db, c);
	for (i = 0; i < WAITERS; i++)
		start(fx, &askers[i], i, NULL);
	for (i = 0; i < WAITERS; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].rc, UOW_ECONNECT);
		assert_non_null(strstr(askers[i].err.message, "is down"));
	}
	assert_int_equal(fake_number(&fx->fake, &fx->fake.most_connecting),
			 1);
	/* A thread that was late may have had to ask for itself. */
	assert_true(fx->fake.connects - before <= 2);
	assert_int_equal(stats(fx).open, 0);
}

/* It is back: one looks, the others follow side by side. */
static void server_that_is_back_is_opened_to_by_one_first(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);
	struct asker askers[WAITERS] = { { 0 } };
	unsigned i, before = fx->fake.connects;

	fx->db->max = WAITERS;
	/* Long enough for all to come, also where threads take turns. */
	fx->fake.connect_usec = 300 * MS;
	c->broken = true;
	db_return(fx->db, c);
	start(fx, &askers[0], 0, NULL);
	while (fake_number(&fx->fake, &fx->fake.connects) == before)
		sleep_ms(1);
	for (i = 1; i < WAITERS; i++) {
		askers[i].hold_ms = 40;
		start(fx, &askers[i], i, NULL);
	}
	until_waiting(fx, WAITERS - 1);
	assert_int_equal(fake_number(&fx->fake, &fx->fake.most_connecting),
			 1);
	for (i = 0; i < WAITERS; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].rc, 0);
	}
	assert_true(fx->fake.most_connecting > 1);
}

/* -- who is stopped -- */

enum { CANCELED = 3 };

struct stopped {
	struct asker askers[CANCELED];
	unsigned count;
	uow_canceler *canceler;
};

static uow_canceler *handled;

static void handler(int number)
{
	(void)number;
	uow_canceler_set(handled);
}

static void *ask_canceled(void *arg)
{
	struct asker *a = arg;
	struct lease l = LEASE_INIT;
	struct backend_conn *c;

	l.canceler = a->canceler;
	a->rc = db_lease(a->fx->db, &l, &c, &a->err);
	return NULL;
}

static void wait_with(struct fixture *fx, struct stopped *s, unsigned count)
{
	unsigned i;

	memset(s, 0, sizeof(*s));
	assert_int_equal(uow_canceler_new(&s->canceler, NULL), 0);
	handled = s->canceler;
	s->count = count;
	for (i = 0; i < count; i++) {
		s->askers[i].fx = fx;
		s->askers[i].canceler = s->canceler;
		assert_int_equal(pthread_create(&s->askers[i].thread, NULL,
						ask_canceled, &s->askers[i]),
				 0);
		until_waiting(fx, i + 1);
	}
}

static void all_end_with(struct stopped *s, int code, const char *words)
{
	unsigned i;

	for (i = 0; i < s->count; i++) {
		pthread_join(s->askers[i].thread, NULL);
		assert_int_equal(s->askers[i].rc, code);
		assert_non_null(strstr(s->askers[i].err.message, words));
	}
	uow_canceler_free(s->canceler);
}

/* Others in the line are served as if they had never been. */
static void a_cancel_ends_the_wait(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	uint64_t began = clock_now(&clock_system);
	struct asker patient = { 0 };
	struct stopped s;

	wait_with(fx, &s, CANCELED);
	start(fx, &patient, 0, NULL);
	until_waiting(fx, CANCELED + 1);
	assert_int_equal(uow_cancel(s.canceler), 0);
	all_end_with(&s, UOW_ECANCELED, "waited for a connection");
	assert_true(clock_now(&clock_system) - began < 3000 * MS);
	assert_int_equal(stats(fx).waiting, 1);
	assert_int_equal(stats(fx).timeouts, 0);
	db_return(fx->db, a);
	pthread_join(patient.thread, NULL);
	assert_int_equal(patient.rc, 0);
	db_return(fx->db, b);
	assert_int_equal(stats(fx).leased, 0);
}

static void a_handler_ends_the_wait_too(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	struct stopped s;

	wait_with(fx, &s, 1);
	signal(SIGUSR1, handler);
	pthread_kill(s.askers[0].thread, SIGUSR1);
	all_end_with(&s, UOW_ECANCELED, "waited for a connection");
	db_return(fx->db, a);
	db_return(fx->db, b);
}

/* uow_db_close() waits for those who have one, not for those who want one. */
static void closing_ends_the_wait(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	uow_error err = UOW_ERROR_INIT;
	struct stopped s;
	uow_db *db = fx->db;

	wait_with(fx, &s, CANCELED);
	assert_int_equal(uow_db_close(db, 30, &err), UOW_ETIMEOUT);
	all_end_with(&s, UOW_ESTATE, "has been freed");
	db_return(db, a);
	assert_int_equal(fx->fake.freed, 0);
	db_return(db, b);
	assert_int_equal(fx->fake.freed, 1);
	fx->db = NULL;
}

/* Not a matter of the server: said to who asked, and to nobody else. */
static void refused_login_is_told_at_once(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *c;
	struct fake_fault f = { FAKE_CONNECT, 1, 1, UOW_EDENIED, 0, false,
				false };
	struct lease l = LEASE_INIT;

	fake_fail(&fx->fake, f);
	assert_int_equal(db_lease(fx->db, &l, &c, NULL), UOW_EDENIED);
	c = leased(fx);
	db_return(fx->db, a);
	db_return(fx->db, c);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_waits_longest_is_served_first),
		TEST(fractions_of_a_second_count),
		TEST(who_gives_up_is_not_waited_for),
		TEST(dead_connection_costs_no_place),
		TEST(message_says_who_has_it_longest),
		TEST(refused_connect_waits_for_one_that_comes_back),
		TEST(message_says_why_there_are_no_more),
		TEST(lost_server_is_not_stormed),
		TEST(server_that_is_back_is_opened_to_by_one_first),
		TEST(a_cancel_ends_the_wait),
		TEST(a_handler_ends_the_wait_too),
		TEST(closing_ends_the_wait),
		TEST(refused_login_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
