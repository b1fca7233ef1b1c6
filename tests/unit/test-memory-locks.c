/* SPDX-License-Identifier: BSD-2-Clause */
/* backend/memory/lock.c, check.c: who waits for whom, and what comes of it. */
#include "memory-town.h"

#include <pthread.h>
#include <time.h>

/* A second writer in the same thread: only time helps, and it takes none. */
static void a_locked_row_is_waited_for_on_the_clock(void **state)
{
	uow_unit *u, *v;
	uint64_t start = still.now;

	(void)state;
	build(1, 1);
	u = begin();
	house(u, 1)->rooms = 5;
	assert_int_equal(uow_flush(u), 0);
	v = begin();
	house(v, 1)->rooms = 6;
	assert_int_equal(uow_flush(v), UOW_ELOCKED);
	assert_int_equal(still.now - start, 1000000);
	assert_non_null(strstr(uow_unit_error(v)->message, "houses"));
	assert_string_equal(uow_unit_error(v)->entity, "house");
	assert_string_equal(uow_unit_error(v)->key, "1");
	uow_unit_free(v);
	ends(u, 0);
	assert_int_equal(rooms(1), 5);
}

static void a_units_own_patience_counts(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u, *v = NULL;
	uint64_t start;

	(void)state;
	build(1, 1);
	u = begin();
	house(u, 1)->rooms = 5;
	assert_int_equal(uow_flush(u), 0);
	o.lock_timeout_ms = 30;
	assert_int_equal(uow_begin(&v, db, &o, &err), 0);
	start = still.now;
	assert_null(house_get_locked(house_repository_of(v), 1));
	assert_int_equal(uow_status(v), UOW_ELOCKED);
	assert_int_equal(still.now - start, 30000);
	uow_unit_free(v);
	o.lock_timeout_ms = 10000;
	o.timeout_ms = 40;
	assert_int_equal(uow_begin(&v, db, &o, &err), 0);
	start = still.now;
	assert_null(house_get_locked(house_repository_of(v), 1));
	assert_int_equal(uow_status(v), UOW_ETIMEOUT);
	assert_int_equal(still.now - start, 40000);
	uow_unit_free(v);
	ends(u, 0);
}

static size_t find_with(uow_unit *u, uow_lock lock, uint64_t limit, int *rc)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", false };
	uow_rows rows;

	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	q.lock = lock;
	q.limit = limit;
	*rc = house_find(house_repository_of(u), &q, &rows);
	return rows.count ? (size_t)house_at(&rows, 0)->id * 10 + rows.count :
	       0;
}

static void locked_rows_are_skipped_or_refused(void **state)
{
	uow_unit *u, *v;
	uint64_t start;
	int rc, i;

	(void)state;
	for (i = 1; i <= 4; i++)
		build(i, i);
	u = begin();
	assert_non_null(house_get_locked(house_repository_of(u), 1));
	start = still.now;
	v = begin();
	assert_int_equal(find_with(v, UOW_LOCK_SKIP_LOCKED, 2, &rc), 22);
	assert_int_equal(rc, 0);
	assert_int_equal(find_with(v, UOW_LOCK_SKIP_LOCKED, 0, &rc), 23);
	assert_int_equal(find_with(u, UOW_LOCK_SKIP_LOCKED, 0, &rc), 11);
	assert_int_equal(find_with(v, UOW_LOCK_NOWAIT, 0, &rc), 0);
	assert_int_equal(rc, UOW_ELOCKED);
	assert_int_equal(still.now, start);
	uow_unit_free(v);
	ends(u, 0);
	v = begin();
	assert_int_equal(find_with(v, UOW_LOCK_NOWAIT, 0, &rc), 14);
	ends(v, 0);
}

static int fail_after_locking(uow_unit *u, void *arg)
{
	(void)arg;
	house_get_locked(house_repository_of(u), 2);
	return UOW_EREJECTED;
}

static void a_failed_part_lets_go_of_its_locks(void **state)
{
	uow_unit *u, *v;

	(void)state;
	build(1, 1);
	build(2, 2);
	u = begin();
	house_get_locked(house_repository_of(u), 1);
	assert_int_equal(uow_nested(u, fail_after_locking, NULL),
			 UOW_EREJECTED);
	v = begin();
	assert_non_null(house_get_locked(house_repository_of(v), 2));
	assert_null(house_get_locked(house_repository_of(v), 1));
	assert_int_equal(uow_status(v), UOW_ELOCKED);
	uow_unit_free(v);
	ends(u, 0);
}

/* -- unique values -- */

static void a_value_that_may_come_is_waited_for(void **state)
{
	uow_unit *u, *v;

	(void)state;
	u = begin();
	build_in(u, 1, 77);
	assert_int_equal(uow_flush(u), 0);
	v = begin();
	build_in(v, 2, 77);
	assert_int_equal(uow_flush(v), UOW_ELOCKED);
	uow_unit_free(v);
	v = begin();
	build_in(v, 1, 78);
	assert_int_equal(uow_flush(v), UOW_ELOCKED);
	uow_unit_free(v);
	ends(u, 0);
	v = begin();
	build_in(v, 2, 77);
	ends(v, UOW_EDUPLICATE);
	v = begin();
	build_in(v, 1, 78);
	ends(v, UOW_EDUPLICATE);
	assert_int_equal(houses(), 1);
}

/* Given up, but not yet for good. */
static void a_value_that_may_stay_is_waited_for(void **state)
{
	uow_unit *u, *v;

	(void)state;
	build(1, 77);
	u = begin();
	house_remove(house_repository_of(u), house(u, 1));
	assert_int_equal(uow_flush(u), 0);
	v = begin();
	build_in(v, 2, 77);
	assert_int_equal(uow_flush(v), UOW_ELOCKED);
	uow_unit_free(v);
	build_in(u, 3, 77);	/* its own it may take again */
	assert_int_equal(uow_flush(u), 0);
	uow_unit_free(u);
	u = begin();
	house(u, 1)->number = 78;
	ends(u, 0);
	build(2, 77);
	assert_int_equal(houses(), 2);
}

/* -- foreign keys -- */

static void move_in(uow_unit *u, int64_t where)
{
	struct guest g = { 0, where, false, "ann" };

	guest_add(guest_repository_of(u), &g);
}

static void a_parent_with_a_new_child_stays(void **state)
{
	uow_unit *u, *v;

	(void)state;
	build(1, 1);
	u = begin();
	move_in(u, 1);
	assert_int_equal(uow_flush(u), 0);
	v = begin();
	house_remove(house_repository_of(v), house(v, 1));
	assert_int_equal(uow_flush(v), UOW_ELOCKED);
	uow_unit_free(v);
	/* it may be changed all the same, and referred to by others */
	v = begin();
	house(v, 1)->rooms = 9;
	move_in(v, 1);
	ends(v, 0);
	ends(u, 0);
	v = begin();
	house_remove(house_repository_of(v), house(v, 1));
	ends(v, UOW_ECONSTRAINT);
	assert_int_equal(rooms(1), 9);
}

static void a_child_waits_for_a_parent_that_may_go(void **state)
{
	uow_unit *u, *v;

	(void)state;
	build(1, 1);
	u = begin();
	house_remove(house_repository_of(u), house(u, 1));
	assert_int_equal(uow_flush(u), 0);
	v = begin();
	move_in(v, 1);
	assert_int_equal(uow_flush(v), UOW_ELOCKED);
	uow_unit_free(v);
	ends(u, 0);
	v = begin();
	move_in(v, 1);
	ends(v, UOW_ECONSTRAINT);
	/* one that is not there yet is none */
	u = begin();
	build_in(u, 2, 2);
	assert_int_equal(uow_flush(u), 0);
	v = begin();
	move_in(v, 2);
	ends(v, UOW_ECONSTRAINT);
	ends(u, 0);
}

/* -- threads -- */

struct locker {
	pthread_barrier_t *both;
	int64_t first, second;
	int rc;
};

static void *lock_both(void *arg)
{
	struct locker *l = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error e = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	o.lock_timeout_ms = 60000;
	l->rc = uow_begin(&u, db, &o, &e);
	if (!l->rc)
		house_get_locked(house_repository_of(u), l->first);
	pthread_barrier_wait(l->both);
	if (!l->rc) {
		house_get_locked(house_repository_of(u), l->second);
		l->rc = uow_commit(u);
	}
	uow_unit_free(u);
	return NULL;
}

/* Each holds one row and wants that of the next. */
static void circle_of(int count)
{
	struct locker l[3];
	pthread_barrier_t both;
	pthread_t threads[3];
	time_t start = time(NULL);
	int i, gave_up = 0, went_on = 0;

	pthread_barrier_init(&both, NULL, (unsigned)count);
	for (i = 0; i < count; i++) {
		l[i].both = &both;
		l[i].first = i + 1;
		l[i].second = (i + 1) % count + 1;
		assert_int_equal(pthread_create(&threads[i], NULL, lock_both,
						&l[i]), 0);
	}
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < count; i++) {
		gave_up += l[i].rc == UOW_EDEADLOCK;
		went_on += l[i].rc == 0;
	}
	pthread_barrier_destroy(&both);
	assert_int_equal(gave_up, 1);
	assert_int_equal(went_on, count - 1);
	assert_true(time(NULL) - start < 30);
}

static void a_circle_is_found_and_the_others_go_on(void **state)
{
	int i;

	(void)state;
	uow_db_free(db);
	town_open(NULL);
	for (i = 1; i <= 3; i++)
		build(i, i);
	for (i = 0; i < 20; i++)
		circle_of(2 + i % 2);
}

struct holder {
	uow_unit *unit;
	bool commits;
	int rc;
};

static void *end_it(void *arg)
{
	struct holder *h = arg;
	struct timespec t = { 0, 50000000 };

	nanosleep(&t, NULL);
	h->rc = h->commits ? uow_commit(h->unit) : 0;
	uow_unit_free(h->unit);
	return NULL;
}

/* u holds what v's flush needs; u ends meanwhile. */
static int flush_while(uow_unit *u, bool commits, uow_unit *v)
{
	struct holder h = { u, commits, 0 };
	pthread_t thread;
	int rc;

	assert_int_equal(pthread_create(&thread, NULL, end_it, &h), 0);
	rc = uow_flush(v);
	pthread_join(thread, NULL);
	assert_int_equal(h.rc, 0);
	return rc;
}

static void who_waited_sees_how_it_ended(void **state)
{
	uow_unit *u, *v;
	int commits;

	(void)state;
	uow_db_free(db);
	town_open(NULL);
	for (commits = 0; commits < 2; commits++) {
		build(10 + commits, 10 + commits);
		/* a writer of the same row */
		u = begin();
		house(u, 10 + commits)->rooms = 2;
		assert_int_equal(uow_flush(u), 0);
		v = begin();
		house(v, 10 + commits)->rooms = 3;
		assert_int_equal(flush_while(u, commits, v),
				 commits ? UOW_ECONFLICT : 0);
		uow_unit_free(v);
		/* the same unique value */
		u = begin();
		build_in(u, 20 + commits, 500 + commits);
		assert_int_equal(uow_flush(u), 0);
		v = begin();
		build_in(v, 30 + commits, 500 + commits);
		assert_int_equal(flush_while(u, commits, v),
				 commits ? UOW_EDUPLICATE : 0);
		uow_unit_free(v);
		/* a parent that goes */
		u = begin();
		house_remove(house_repository_of(u), house(u, 10 + commits));
		assert_int_equal(uow_flush(u), 0);
		v = begin();
		move_in(v, 10 + commits);
		assert_int_equal(flush_while(u, commits, v),
				 commits ? UOW_ECONSTRAINT : 0);
		uow_unit_free(v);
	}
}

static void a_table_in_use_is_not_dropped(void **state)
{
	const uow_entity *guests = &guest_entity, *all = &house_entity;
	uow_unit *u;

	(void)state;
	assert_int_equal(uow_schema_drop(db, &all, 1, &err), UOW_ESQL);
	assert_non_null(strstr(err.message, "guests"));
	build(1, 1);
	u = begin();
	move_in(u, 1);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(uow_schema_drop(db, &guests, 1, &err), UOW_ELOCKED);
	uow_unit_free(u);
	assert_int_equal(uow_schema_drop(db, &guests, 1, &err), 0);
	assert_int_equal(uow_schema_drop(db, &all, 1, &err), 0);
	assert_int_equal(uow_schema_create(db, town, 2, &err), 0);
	assert_int_equal(houses(), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, town_new, town_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_locked_row_is_waited_for_on_the_clock),
		TEST(a_units_own_patience_counts),
		TEST(locked_rows_are_skipped_or_refused),
		TEST(a_failed_part_lets_go_of_its_locks),
		TEST(a_value_that_may_come_is_waited_for),
		TEST(a_value_that_may_stay_is_waited_for),
		TEST(a_parent_with_a_new_child_stays),
		TEST(a_child_waits_for_a_parent_that_may_go),
		TEST(a_circle_is_found_and_the_others_go_on),
		TEST(who_waited_sees_how_it_ended),
		TEST(a_table_in_use_is_not_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
