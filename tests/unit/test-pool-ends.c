/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uow/repository.h>
#include "base/clock.h"
#include "fake.h"
#include "pool/slot.h"
#include "unit/unit.h"

/* How connections, data sources and processes end. */

enum { MS = 1000, SEC = 1000000, LIFETIME_MS = 80000, SOON_MS = 20 };

static int setup(void **state)
{
	const struct db_options o = { 1, 2, 50, 0, NULL, LIFETIME_MS, 0, 0 };

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

/* -- age -- */

static void old_connection_is_replaced(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);

	/* An eighth of the lifetime is left to chance. */
	fx->clock.now += (uint64_t)LIFETIME_MS / 8 * 7 * MS - SEC;
	db_return(fx->db, c);
	db_return(fx->db, leased(fx));
	assert_null(strstr(fake_log(&fx->fake), "connect"));
	fx->clock.now += (uint64_t)LIFETIME_MS / 8 * MS + 2 * SEC;
	c = leased(fx);
	assert_string_equal(fake_log(&fx->fake), "disconnect; connect");
	assert_int_equal(stats(fx).reconnects, 0);
	assert_int_equal(stats(fx).expired, 1);
	fx->clock.now += (uint64_t)LIFETIME_MS * MS;
	db_return(fx->db, c);
	assert_string_equal(fake_log(&fx->fake), "disconnect");
}

static void lifetimes_do_not_end_together(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);
	uint64_t latest = fx->clock.now + (uint64_t)LIFETIME_MS * MS;

	assert_int_not_equal(a->slot->expires, b->slot->expires);
	assert_true(a->slot->expires <= latest);
	latest -= (uint64_t)LIFETIME_MS / 8 * MS;
	assert_true(a->slot->expires >= latest);
	db_return(fx->db, a);
	db_return(fx->db, b);
}

static void minimum_stays_open(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *a = leased(fx), *b = leased(fx);

	fx->db->lifetime_ms = 0;
	fx->db->idle_timeout_ms = 1000;
	db_return(fx->db, a);
	db_return(fx->db, b);
	fake_log(&fx->fake);
	fx->clock.now += 10 * (uint64_t)SEC;
	db_return(fx->db, leased(fx));
	assert_string_equal(fake_log(&fx->fake), "disconnect");
	fx->clock.now += 10 * (uint64_t)SEC;
	db_return(fx->db, leased(fx));
	assert_string_equal(fake_log(&fx->fake), "");
	assert_int_equal(stats(fx).open, 1);
}

/* -- who has one -- */

static void open_units_are_named(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_open_unit units[2];
	uow_unit *a = NULL, *b = NULL;
	char line[32];

	o.name = "transfer";
	snprintf(line, sizeof(line), ":%d", __LINE__ + 1);
	assert_int_equal(uow_begin(&a, fx->db, &o, NULL), 0);
	fx->clock.now += 1500 * MS;
	assert_int_equal((uow_begin)(&b, fx->db, NULL, NULL), 0);
	memset(units, 0x55, sizeof(units));
	assert_int_equal(uow_db_open_units(fx->db, units, sizeof(units[0]),
					   2), 2);
	assert_string_equal(units[0].name, "transfer");
	assert_non_null(strstr(units[0].place, "test-pool-ends.c"));
	assert_non_null(strstr(units[0].place, line));
	assert_int_equal(units[0].usec, 1500 * MS);
	assert_string_equal(units[1].name, "");
	assert_string_equal(units[1].place, "");
	assert_int_equal(uow_db_open_units(fx->db, units, sizeof(units[0]),
					   1), 2);
	assert_int_equal(uow_db_open_units(fx->db, NULL, 0, 0), 2);
	assert_int_equal(stats(fx).leased, 2);
	uow_unit_free(a);
	uow_unit_free(b);
	assert_int_equal(uow_db_open_units(fx->db, NULL, 0, 0), 0);
	assert_int_equal(uow_db_open_units(NULL, units, 1, 2), 0);
}

static int look(uow_unit *u, void *arg)
{
	(void)arg;
	uow_db_open_units(u->db, arg, sizeof(uow_open_unit), 1);
	return 0;
}

static void run_gives_its_place(void **state)
{
	struct fixture *fx = *state;
	uow_open_unit unit;

	assert_int_equal(uow_run(fx->db, &(uow_options){ .abi = 1,
				 .name = "macro, with commas" }, look, &unit,
				 NULL), 0);
	assert_string_equal(unit.name, "macro, with commas");
	assert_non_null(strstr(unit.place, "test-pool-ends.c:"));
	assert_int_equal((uow_run)(fx->db, NULL, look, &unit, NULL), 0);
	assert_string_equal(unit.place, "");
}

/* -- close -- */

static void close_without_units_is_at_once(void **state)
{
	struct fixture *fx = *state;

	db_return(fx->db, leased(fx));
	assert_int_equal(uow_db_close(fx->db, 60000, NULL), 0);
	assert_int_equal(fx->fake.freed, 1);
	assert_int_equal(uow_db_close(NULL, 1, NULL), 0);
	fx->db = NULL;
}

static void *give_back_soon(void *arg)
{
	uow_unit *u = arg;

	clock_sleep(&clock_system, (uint64_t)SOON_MS * MS);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
	return NULL;
}

static void close_waits_for_units(void **state)
{
	struct fixture *fx = *state;
	uint64_t began = clock_now(&clock_system), took;
	uow_unit *u = NULL;
	pthread_t t;

	assert_int_equal(uow_begin(&u, fx->db, NULL, NULL), 0);
	assert_int_equal(pthread_create(&t, NULL, give_back_soon, u), 0);
	assert_int_equal(uow_db_close(fx->db, 60000, NULL), 0);
	took = clock_now(&clock_system) - began;
	assert_true(took >= SOON_MS * MS && took < 30 * (uint64_t)SEC);
	assert_int_equal(fx->fake.connections, 0);
	pthread_join(t, NULL);
	assert_int_equal(fx->fake.freed, 1);
	fx->db = NULL;
}

static void close_names_the_units_that_remain(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_unit *u = NULL, *late = NULL;

	o.name = "sleeper";
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	assert_int_equal(uow_begin(&late, fx->db, NULL, NULL), 0);
	assert_int_equal(uow_db_close(fx->db, 20, &err), UOW_ETIMEOUT);
	assert_non_null(strstr(err.message, "2 units"));
	assert_non_null(strstr(err.message, "\"sleeper\" ("));
	assert_non_null(strstr(err.message, "test-pool-ends.c:"));
	uow_unit_free(late);
	/* It may still end well. */
	assert_int_equal(fx->fake.freed, 0);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
	assert_int_equal(fx->fake.freed, 1);
	fx->db = NULL;
}

/* -- fork -- */

/* What the child says is its exit status. */
static int in_child(int (*fn)(struct fixture *fx, uow_unit *u),
		    struct fixture *fx, uow_unit *u)
{
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (!child)
		_exit(fn(fx, u));
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

#define WANT(x) do { if (!(x)) return __LINE__ % 250 + 1; } while (0)

static int use_inherited(struct fixture *fx, uow_unit *u)
{
	uow_error err = UOW_ERROR_INIT;
	struct account a = { 7, 7, "", 0 };
	uow_unit *mine = NULL;

	WANT(uow_begin(&mine, fx->db, NULL, &err) == UOW_ESTATE);
	WANT(strstr(err.message, "process"));
	WANT(uow_run(fx->db, NULL, look, NULL, &err) == UOW_ESTATE);
	uow_add(uow_repository_of(u, &account_entity), &a);
	WANT(uow_flush(u) == UOW_ESTATE);
	WANT(strstr(uow_unit_error(u)->message, "process"));
	WANT(uow_commit(u) == UOW_ESTATE);
	uow_unit_free(u);
	WANT(uow_db_open_units(fx->db, NULL, 0, 0) == 0);
	uow_db_free(fx->db);
	/* Given back: the unit's, the idle one, and the backend. */
	WANT(fx->fake.freed == 1);
	WANT(!strcmp(fake_log(&fx->fake), "disconnect; disconnect; free"));
	return 0;
}

static void child_leaves_the_parents_connections_alone(void **state)
{
	struct fixture *fx = *state;
	struct backend_conn *c = leased(fx);
	uow_unit *u = NULL;

	assert_int_equal(uow_begin(&u, fx->db, NULL, NULL), 0);
	db_return(fx->db, c);
	fake_log(&fx->fake);
	assert_int_equal(in_child(use_inherited, fx, u), 0);
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(fake_log(&fx->fake), "commit");
	uow_unit_free(u);
}

static int roll_back_inherited(struct fixture *fx, uow_unit *u)
{
	uow_rollback(u);
	WANT(!strcmp(fake_log(&fx->fake), ""));
	uow_unit_free(u);
	return 0;
}

static int nested_in_child(uow_unit *u, void *arg)
{
	pid_t *child = arg;

	(void)u;
	*child = fork();
	return *child ? 0 : UOW_EREJECTED;
}

/* The child of a fork in the middle goes on up the stack, and sends nothing. */
static void fork_inside_a_unit_is_the_parents_unit(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = NULL;
	int status = -1, rc;
	pid_t child = -1;

	assert_int_equal(uow_begin(&u, fx->db, NULL, NULL), 0);
	fake_log(&fx->fake);
	assert_int_equal(in_child(roll_back_inherited, fx, u), 0);
	rc = uow_nested(u, nested_in_child, &child);
	if (!child) {
		rc = rc == UOW_EREJECTED && uow_commit(u) &&
		     !strcmp(fake_log(&fx->fake), "savepoint 1") ? 0 : 1;
		_exit(rc);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
}

static int free_while_locked(struct fixture *fx, uow_unit *u)
{
	uow_pool_stats s;

	(void)u;
	alarm(10);
	uow_db_stats(fx->db, &s, sizeof(s));
	WANT(s.open == 0);
	uow_db_free(fx->db);
	WANT(uow_db_close(fx->db, 1, NULL) == 0);
	return 0;
}

/* Who held the lock at fork() is not there to let it go. */
static void child_waits_for_no_lock(void **state)
{
	struct fixture *fx = *state;

	pthread_mutex_lock(&fx->db->mutex);
	assert_int_equal(in_child(free_while_locked, fx, NULL), 0);
	pthread_mutex_unlock(&fx->db->mutex);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(old_connection_is_replaced),
		TEST(lifetimes_do_not_end_together),
		TEST(minimum_stays_open),
		TEST(open_units_are_named),
		TEST(run_gives_its_place),
		TEST(close_without_units_is_at_once),
		TEST(close_waits_for_units),
		TEST(close_names_the_units_that_remain),
		TEST(child_leaves_the_parents_connections_alone),
		TEST(fork_inside_a_unit_is_the_parents_unit),
		TEST(child_waits_for_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
