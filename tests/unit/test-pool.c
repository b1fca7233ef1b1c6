/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "fake.h"

enum { SEC = 1000000 };

static int lease_until(struct fixture *fx, uint64_t deadline,
		       struct backend_conn **out, uow_error *err)
{
	struct lease l = LEASE_INIT;

	l.deadline = deadline;
	return db_lease(fx->db, &l, out, err);
}

static int lease_any(struct fixture *fx, struct backend_conn **out,
		     uow_error *err)
{
	return lease_until(fx, DEADLINE_NONE, out, err);
}

static struct backend_conn *leased(struct fixture *fx)
{
	struct backend_conn *c = NULL;

	assert_int_equal(lease_any(fx, &c, NULL), 0);
	return c;
}

static uow_pool_stats stats(struct fixture *fx)
{
	uow_pool_stats s;

	uow_db_stats(fx->db, &s, sizeof(s));
	return s;
}

/* acceptance 7 */
static void minimum_is_opened_at_once(void **state)
{
	struct db_options o = { 3, 0, 0, 0, NULL, 0, 0, 0 };
	struct fake f;
	uow_db *db = NULL;
	uow_pool_stats s;

	(void)state;
	fake_init(&f);
	assert_int_equal(db_new(&db, &f.base, &o, NULL), 0);
	assert_string_equal(fake_log(&f), "connect; connect; connect");
	uow_db_stats(db, &s, sizeof(s));
	assert_int_equal(s.open, 3);
	assert_int_equal(s.idle, 3);
	assert_int_equal(db->max, 8);
	assert_int_equal(db->acquire_timeout_ms, 5000);
	assert_int_equal(db->idle_timeout_ms, 300000);
	uow_db_free(db);
	assert_string_equal(fake_log(&f),
			    "disconnect; disconnect; disconnect; free");
	fake_release(&f);
}

static void backend_caps_the_pool(void **state)
{
	struct db_options o = { 3, 5, 0, 0, NULL, 0, 0, 0 };
	struct fake f;
	uow_db *db = NULL;

	(void)state;
	fake_init(&f);
	f.base.connections_max = 1;
	assert_int_equal(db_new(&db, &f.base, &o, NULL), 0);
	assert_int_equal(db->max, 1);
	assert_string_equal(fake_log(&f), "connect");
	uow_db_free(db);
	fake_release(&f);
}

static void failed_open_frees_the_backend(void **state)
{
	struct fake_fault fault = { FAKE_CONNECT, 2, 1, UOW_EDENIED, 0, false,
				    false };
	struct db_options o = { 2, 5, 0, 0, NULL, 0, 0, 0 };
	uow_error err = UOW_ERROR_INIT;
	struct fake f;
	uow_db *db = NULL;

	(void)state;
	fake_init(&f);
	fake_fail(&f, fault);
	assert_int_equal(db_new(&db, &f.base, &o, &err), UOW_EDENIED);
	assert_int_equal(err.code, UOW_EDENIED);
	assert_null(db);
	assert_string_equal(fake_log(&f),
			    "connect; connect!; disconnect; free");
	o.min = 6;
	assert_int_equal(db_new(&db, &f.base, &o, &err), UOW_EINVAL);
	assert_string_equal(fake_log(&f), "free");
	fake_release(&f);
}

static void last_used_connection_is_leased_first(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);

	db_return(fx->db, a);
	db_return(fx->db, b);
	assert_ptr_equal(leased(fx), b);
	assert_ptr_equal(leased(fx), a);
	assert_int_equal(stats(fx).acquired, 4);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

/* acceptance 8, 111 */
static void full_pool_times_out(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx), *c = NULL;
	uint64_t before = clock_now(&clock_system), waited;
	uow_error err = UOW_ERROR_INIT;

	assert_int_equal(lease_any(fx, &c, &err),
			 UOW_ETIMEOUT);
	waited = clock_now(&clock_system) - before;
	assert_null(c);
	assert_true(waited >= 50000 && waited < 5 * SEC);
	assert_non_null(strstr(err.message, "2 connections"));
	assert_int_equal(stats(fx).timeouts, 1);
	assert_int_equal(fx->fake.most, 2);
	db_return(fx->db, a);
	db_return(fx->db, b);
	db_return(fx->db, leased(fx));
}

static void deadline_shortens_the_wait(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx), *c = NULL;
	uint64_t before = clock_now(&clock_system);

	fx->db->acquire_timeout_ms = 60000;
	assert_int_equal(lease_until(fx, fx->clock.now + 5000, &c, NULL),
			 UOW_ETIMEOUT);
	assert_true(clock_now(&clock_system) - before < 5 * SEC);
	assert_int_equal(lease_until(fx, fx->clock.now, &c, NULL),
			 UOW_ETIMEOUT);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

static void *give_back(void *arg)
{
	struct fixture *fx = ((void **)arg)[0];
	const struct timespec ts = { 0, 20000000 };

	nanosleep(&ts, NULL);
	db_return(fx->db, ((void **)arg)[1]);
	return NULL;
}

static void waiter_gets_what_is_given_back(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	void *arg[2] = { fx, a };
	pthread_t t;

	fx->db->acquire_timeout_ms = 10000;
	assert_int_equal(pthread_create(&t, NULL, give_back, arg), 0);
	assert_ptr_equal(leased(fx), a);
	pthread_join(t, NULL);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

static void *give_back_broken(void *arg)
{
	((struct backend_conn *)((void **)arg)[1])->broken = true;
	return give_back(arg);
}

static void waiter_gets_the_slot_of_a_broken_one(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	void *arg[2] = { fx, a };
	pthread_t t;

	fx->db->acquire_timeout_ms = 10000;
	assert_int_equal(pthread_create(&t, NULL, give_back_broken, arg), 0);
	a = leased(fx);
	pthread_join(t, NULL);
	assert_string_equal(fake_log(&fx->fake),
			    "connect; disconnect; connect");
	db_return(fx->db, a);
	db_return(fx->db, b);
}

static void *free_db(void *arg)
{
	const struct timespec ts = { 0, 20000000 };

	nanosleep(&ts, NULL);
	uow_db_free(arg);
	return NULL;
}

static void waiter_is_told_of_the_end(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx), *c = NULL;
	uint64_t before = clock_now(&clock_system);
	pthread_t t;

	fx->db->acquire_timeout_ms = 10000;
	assert_int_equal(pthread_create(&t, NULL, free_db, fx->db), 0);
	assert_int_equal(lease_any(fx, &c, NULL),
			 UOW_ESTATE);
	assert_true(clock_now(&clock_system) - before < 5 * SEC);
	pthread_join(t, NULL);
	assert_int_equal(fx->fake.freed, 0);
	db_return(fx->db, a);
	assert_int_equal(fx->fake.connections, 1);
	db_return(fx->db, b);
	assert_int_equal(fx->fake.freed, 1);
	fx->db = NULL;
}

/* acceptance 113 */
static void failed_connect_gives_its_slot_back(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_CONNECT, 1, 2, UOW_EDENIED, 0, false,
				false };
	struct backend_conn *a = leased(fx), *b = NULL;
	int i;

	fake_fail(&fx->fake, f);
	for (i = 0; i < 2; i++)
		assert_int_equal(lease_any(fx, &b, NULL), UOW_EDENIED);
	assert_null(b);
	assert_int_equal(stats(fx).open, 1);
	b = leased(fx);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

/* acceptance 60, 110 */
static void long_idle_connection_is_probed_and_replaced(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_PROBE, 1, 1, UOW_ECONNECT, 0, false,
				false };
	struct backend_conn *c;

	fx->clock.now += 30 * (uint64_t)SEC;
	db_return(fx->db, leased(fx));
	assert_string_equal(fake_log(&fx->fake), "");
	fx->clock.now += 31 * (uint64_t)SEC;
	db_return(fx->db, leased(fx));
	assert_string_equal(fake_log(&fx->fake), "probe");
	fx->clock.now += 31 * (uint64_t)SEC;
	fake_fail(&fx->fake, f);
	c = leased(fx);
	assert_string_equal(fake_log(&fx->fake),
			    "probe!; disconnect; connect");
	assert_int_equal(stats(fx).reconnects, 1);
	assert_int_equal(stats(fx).open, 1);
	db_return(fx->db, c);
}

/* acceptance 112 */
static void connection_idle_for_too_long_is_closed(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);

	db_return(fx->db, a);
	fx->clock.now += 299 * (uint64_t)SEC;
	db_return(fx->db, b);
	fake_log(&fx->fake);
	fx->clock.now += 2 * (uint64_t)SEC;
	assert_ptr_equal(leased(fx), b);
	assert_string_equal(fake_log(&fx->fake), "disconnect");
	assert_int_equal(stats(fx).open, 1);
	db_return(fx->db, b);
}

/* acceptance 60, 112 */
static void broken_connection_is_closed_when_given_back(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);

	c->broken = true;
	db_return(fx->db, c);
	assert_string_equal(fake_log(&fx->fake), "disconnect");
	assert_int_equal(stats(fx).open, 0);
	db_return(fx->db, leased(fx));
	assert_string_equal(fake_log(&fx->fake), "connect");
}

/* A server that has gone takes all connections with it. */
static void others_are_probed_after_one_was_lost(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);

	db_return(fx->db, a);
	fx->clock.now += SEC;
	b->broken = true;
	db_return(fx->db, b);
	fx->clock.now += SEC;
	fake_log(&fx->fake);
	assert_ptr_equal(leased(fx), a);
	assert_string_equal(fake_log(&fx->fake), "probe");
	db_return(fx->db, a);
	assert_ptr_equal(leased(fx), a);
	assert_string_equal(fake_log(&fx->fake), "");
	db_return(fx->db, a);
}

static void refusing_connection_stays_and_refuses(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);
	uow_error err = UOW_ERROR_INIT;

	c->refuses = "disconnect it";
	c->broken = true;
	db_return(fx->db, c);
	assert_int_equal(lease_any(fx, &c, &err),
			 UOW_ESTATE);
	assert_string_equal(err.message, "disconnect it");
	assert_int_equal(lease_any(fx, &c, NULL),
			 UOW_ESTATE);
	assert_string_equal(fake_log(&fx->fake), "");
}

static void ended_source_closes_when_given_back(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);

	uow_db_free(fx->db);
	assert_string_equal(fake_log(&fx->fake), "");
	db_return(fx->db, c);
	assert_string_equal(fake_log(&fx->fake), "disconnect; free");
	fx->db = NULL;
	uow_db_free(NULL);
}

static void statistics_fill_what_they_are_given(void **state)
{
	struct fixture *fx = *state;
	struct { uow_pool_stats s; uint64_t more; } big;
	unsigned small[2] = { 77, 77 };
	struct backend_conn *c = leased(fx);

	c->statements = 5;
	c->statement_hits = 2;
	db_return(fx->db, c);
	memset(&big, 0x55, sizeof(big));
	uow_db_stats(fx->db, &big.s, sizeof(big));
	assert_int_equal(big.s.statements, 5);
	assert_int_equal(big.s.statement_hits, 2);
	assert_int_equal(big.more, 0);
	uow_db_stats(fx->db, (uow_pool_stats *)(void *)small,
		     sizeof(small[0]));
	assert_int_equal(small[0], 1);
	assert_int_equal(small[1], 77);
	uow_db_stats(NULL, &big.s, sizeof(big.s));
}

static void profile_and_features_are_the_backends(void **state)
{
	struct fixture *fx = *state;

	assert_string_equal(uow_db_profile(fx->db), "fake");
	assert_string_equal(uow_db_profile(NULL), "");
	assert_true(uow_db_has(fx->db, UOW_FEATURE_SAVEPOINT));
	fx->fake.no_savepoints = true;
	assert_false(uow_db_has(fx->db, UOW_FEATURE_SAVEPOINT));
	assert_false(uow_db_has(NULL, UOW_FEATURE_SAVEPOINT));
}

static void mapping_is_made_once(void **state)
{
	struct fixture *fx = *state;
	static const uow_entity wrong = { 0, 0, "wrong", NULL, NULL, 0, NULL,
					  0, NULL, 0, NULL, 0 };
	const struct mapping *a = NULL, *b = NULL, *c = NULL;
	uow_error err = UOW_ERROR_INIT;

	assert_int_equal(db_mapping(fx->db, &account_entity, &a, NULL), 0);
	assert_int_equal(db_mapping(fx->db, &note_entity, &b, NULL), 0);
	assert_int_equal(db_mapping(fx->db, &account_entity, &c, NULL), 0);
	assert_ptr_equal(a, c);
	assert_ptr_not_equal(a, b);
	assert_int_equal(db_mapping(fx->db, &wrong, &c, &err), UOW_ECONFIG);
	assert_int_equal(db_mapping(fx->db, NULL, &c, &err), UOW_EINVAL);
	assert_ptr_equal(a, c);
}

/* acceptance 8, 136 (of a data source) */
enum { THREADS = 8, ROUNDS = 200 };

static void *worker(void *arg)
{
	struct fixture *fx = arg;
	const struct mapping *m;
	struct backend_conn *c;
	size_t i, failed = 0;

	for (i = 0; i < ROUNDS; i++) {
		if (lease_any(fx, &c, NULL)) {
			failed++;
			continue;
		}
		c->statements++;
		c->broken = i % 50 == 49;
		failed += db_mapping(fx->db, &account_entity, &m, NULL) != 0;
		db_return(fx->db, c);
	}
	return failed ? arg : NULL;
}

static void threads_share_a_data_source(void **state)
{
	struct fixture *fx = *state;
	pthread_t t[THREADS];
	void *failed;
	size_t i;

	fx->db->acquire_timeout_ms = 60000;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, worker, fx), 0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	assert_in_range(fx->fake.most, 1, 2);
	assert_int_equal(stats(fx).acquired, THREADS * ROUNDS);
	assert_int_equal(stats(fx).statements, THREADS * ROUNDS);
	assert_int_equal(stats(fx).open, stats(fx).idle);
	assert_int_equal(stats(fx).waiting, 0);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minimum_is_opened_at_once),
		cmocka_unit_test(backend_caps_the_pool),
		cmocka_unit_test(failed_open_frees_the_backend),
		TEST(last_used_connection_is_leased_first),
		TEST(full_pool_times_out),
		TEST(deadline_shortens_the_wait),
		TEST(waiter_gets_what_is_given_back),
		TEST(waiter_gets_the_slot_of_a_broken_one),
		TEST(waiter_is_told_of_the_end),
		TEST(failed_connect_gives_its_slot_back),
		TEST(long_idle_connection_is_probed_and_replaced),
		TEST(connection_idle_for_too_long_is_closed),
		TEST(broken_connection_is_closed_when_given_back),
		TEST(others_are_probed_after_one_was_lost),
		TEST(refusing_connection_stays_and_refuses),
		TEST(ended_source_closes_when_given_back),
		TEST(statistics_fill_what_they_are_given),
		TEST(profile_and_features_are_the_backends),
		TEST(mapping_is_made_once),
		TEST(threads_share_a_data_source),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
