/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/token.c: where a run in doubt may be settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "unit/token.h"

/* Connections that know where they lead to, and can do nothing else. */
static struct backend_place place;

static int ask(struct backend_conn *c, const struct backend_place **out,
	       uow_error *err)
{
	(void)c;
	(void)err;
	*out = &place;
	return 0;
}

static const struct backend_ops ops = { .place = ask };
static struct uow_db db;
static struct backend_conn conn;
static struct token t;
static uow_error err;

static void leads_to(unsigned endpoint, const char *server, bool shared)
{
	memset(&place, 0, sizeof(place));
	memcpy(place.server, server, strlen(server));
	place.shared = shared;
	conn.ops = &ops;
	conn.endpoint = endpoint;
}

static int setup(void **state)
{
	static const struct mapping some;

	(void)state;
	db.clock = clock_system;
	if (token_init(&t, &db, &err))
		return 1;
	/* As after the first transaction. */
	t.mapping = &some;
	t.inserted = true;
	return 0;
}

static int ready(void)
{
	return token_ready(&t, &conn, DEADLINE_NONE, &err);
}

static void without_doubt_any_server_will_do(void **state)
{
	(void)state;
	assert_int_equal(token_endpoint(&t), LEASE_ANY);
	leads_to(1, "a", false);
	assert_int_equal(ready(), 0);
	leads_to(0, "b", false);
	assert_int_equal(ready(), 0);
}

static void a_lost_commit_is_settled_where_it_went(void **state)
{
	(void)state;
	leads_to(2, "a", false);
	token_lost(&t, &conn);
	assert_int_equal(token_endpoint(&t), 2);
	assert_int_equal(ready(), 0);
}

/* A standby that was promoted, behind the same name. */
static void another_server_cannot_settle(void **state)
{
	(void)state;
	leads_to(0, "7/00000001", false);
	token_lost(&t, &conn);
	leads_to(0, "7/00000002", false);
	assert_int_equal(ready(), UOW_EINDOUBT);
	assert_non_null(strstr(err.message, "7/00000001"));
	assert_non_null(strstr(err.message, "7/00000002"));
}

static void the_first_lost_commit_says_where(void **state)
{
	(void)state;
	leads_to(0, "a", false);
	token_lost(&t, &conn);
	leads_to(1, "b", false);
	token_lost(&t, &conn);
	assert_int_equal(token_endpoint(&t), 0);
	assert_int_equal(ready(), UOW_EINDOUBT);
}

static void each_server_of_a_cluster_can_settle(void **state)
{
	(void)state;
	leads_to(1, "cluster/1", true);
	token_lost(&t, &conn);
	assert_int_equal(token_endpoint(&t), LEASE_ANY);
	leads_to(0, "cluster/1", true);
	assert_int_equal(ready(), 0);
	leads_to(0, "cluster/2", true);
	assert_int_equal(ready(), UOW_EINDOUBT);
}

static void tokens_differ(void **state)
{
	struct token other;

	(void)state;
	assert_int_equal(token_init(&other, &db, &err), 0);
	assert_memory_not_equal(&t.id, &other.id, sizeof(t.id));
}

#define TEST(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_doubt_any_server_will_do),
		TEST(a_lost_commit_is_settled_where_it_went),
		TEST(another_server_cannot_settle),
		TEST(the_first_lost_commit_says_where),
		TEST(each_server_of_a_cluster_can_settle),
		TEST(tokens_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
