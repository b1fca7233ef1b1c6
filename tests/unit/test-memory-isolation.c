/* SPDX-License-Identifier: BSD-2-Clause */
/* backend/memory/version.c, reads.c: who sees what, and until when. */
#include "memory-town.h"

#include "backend/memory/session.h"
#include "pool/db.h"

static void change_rooms(int64_t id, int32_t to)
{
	uow_unit *u = begin();

	house(u, id)->rooms = to;
	ends(u, 0);
}

static uint64_t count_rooms(uow_unit *u, int32_t at_least)
{
	uint64_t n = 99;

	house_count(house_repository_of(u),
		    uow_ge(u, "rooms", uow_int(at_least)), &n);
	return n;
}

static int32_t again(uow_unit *u, struct house *h)
{
	assert_int_equal(house_refresh(house_repository_of(u), h), 0);
	return h->rooms;
}

static void read_committed_sees_each_commit(void **state)
{
	uow_unit *u;
	struct house *h;

	(void)state;
	build(1, 1);
	u = town_begin(UOW_READ_COMMITTED);
	h = house(u, 1);
	change_rooms(1, 5);
	assert_int_equal(again(u, h), 5);
	build(2, 2);
	assert_int_equal(count_rooms(u, 1), 2);
	ends(u, 0);
}

static void repeatable_read_sees_one_state(void **state)
{
	uow_unit *u, *v;
	struct house *h;
	int i;

	(void)state;
	build(1, 1);
	build(2, 2);
	u = town_begin(UOW_REPEATABLE_READ);
	h = house(u, 1);
	for (i = 0; i < 10; i++)
		change_rooms(1, 5 + i);
	v = begin();
	house_remove(house_repository_of(v), house(v, 2));
	ends(v, 0);
	build(3, 3);
	build(2, 2);		/* another one with that key */
	change_rooms(2, 50);
	assert_int_equal(again(u, h), 1);
	assert_int_equal(house(u, 2)->rooms, 1);
	assert_null(house_lookup(house_repository_of(u), 3));
	assert_int_equal(count_rooms(u, 1), 2);
	assert_int_equal(count_rooms(u, 2), 0);
	ends(u, 0);
	assert_int_equal(rooms(1), 14);
	assert_int_equal(rooms(2), 50);
	assert_int_equal(houses(), 3);
}

/* Also without a version column somebody would lose his change. */
static void the_first_to_change_a_row_wins(void **state)
{
	uow_unit *u;

	(void)state;
	build(1, 1);
	u = town_begin(UOW_REPEATABLE_READ);
	assert_int_equal(house(u, 1)->rooms, 1);
	change_rooms(1, 2);
	assert_int_equal(house_increment(house_repository_of(u), 1,
				       "rooms", uow_int(1)), 0);
	ends(u, UOW_ECONFLICT);
	assert_int_equal(rooms(1), 2);
	u = town_begin(UOW_REPEATABLE_READ);
	assert_int_equal(house(u, 1)->rooms, 2);
	change_rooms(1, 3);
	assert_null(house_get_locked(house_repository_of(u), 1));
	assert_int_equal(uow_status(u), UOW_ECONFLICT);
	assert_string_equal(uow_unit_error(u)->sqlstate, "40001");
	uow_unit_free(u);
}

/*
 * Two that read both rows and each change another one: together they do what
 * neither would have done alone.
 */
static void skew(uow_isolation isolation, int second)
{
	uow_unit *u = town_begin(isolation), *v = town_begin(isolation);
	int32_t sum = house(u, 1)->rooms + house(u, 2)->rooms;

	assert_int_equal(sum, house(v, 1)->rooms + house(v, 2)->rooms);
	house(u, 1)->rooms -= sum;
	house(v, 2)->rooms -= sum;
	ends(u, 0);
	ends(v, second);
}

static void serializable_has_no_write_skew(void **state)
{
	(void)state;
	build(1, 1);
	build(2, 2);
	skew(UOW_REPEATABLE_READ, 0);
	assert_int_equal(rooms(1) + rooms(2), -2);
	change_rooms(1, 1);
	change_rooms(2, 1);
	skew(UOW_SERIALIZABLE, UOW_ECONFLICT);
	assert_int_equal(rooms(1) + rooms(2), 0);
}

static void write_something(uow_unit *u)
{
	struct guest g = { 0, 0, true, "bob" };

	assert_non_null(guest_add(guest_repository_of(u), &g));
}

/* Rows that come, go or change into what a criterion asked for. */
static void serializable_has_no_phantoms(void **state)
{
	uow_unit *u, *v;
	int i;

	(void)state;
	build(1, 1);
	build(2, 2);
	for (i = 0; i < 5; i++) {
		u = town_begin(UOW_SERIALIZABLE);
		assert_int_equal(count_rooms(u, 100), i >= 2);
		write_something(u);
		if (i == 0)
			change_rooms(1, 99);	/* none of those */
		else if (i == 1)
			change_rooms(1, 100);
		else if (i == 2)
			change_rooms(1, 101);	/* still one of them */
		else if (i == 3)
			build(3, 3);		/* none */
		v = begin();
		if (i == 4)
			house_remove(house_repository_of(v), house(v, 1));
		ends(v, 0);
		ends(u, i == 0 || i == 3 ? 0 : UOW_ECONFLICT);
	}
}

static void a_key_that_was_not_there_counts_as_read(void **state)
{
	uow_unit *u;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		u = town_begin(UOW_SERIALIZABLE);
		assert_null(house_lookup(house_repository_of(u), 5));
		if (i < 2)
			write_something(u);
		build(i == 1 ? 5 : 6 + i, i);
		/* one that only reads is as if it had been alone before */
		ends(u, i == 1 ? UOW_ECONFLICT : 0);
		if (i != 1)
			continue;
		u = begin();
		house_remove(house_repository_of(u), house(u, 5));
		ends(u, 0);
	}
}

static void what_it_wrote_itself_is_no_conflict(void **state)
{
	uow_unit *u;

	(void)state;
	build(1, 1);
	u = town_begin(UOW_SERIALIZABLE);
	assert_int_equal(count_rooms(u, 0), 1);
	house(u, 1)->rooms = 4;
	build_in(u, 2, 2);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(count_rooms(u, 0), 2);
	ends(u, 0);
	assert_int_equal(rooms(1), 4);
}

/* -- one unit -- */

static int change_and_refuse(uow_unit *u, void *arg)
{
	house(u, 1)->rooms += 100;
	if (arg)
		assert_int_equal(uow_nested(u, change_and_refuse, NULL),
				 UOW_EREJECTED);
	house(u, 1)->number += 1000;
	build_in(u, 2, 2);
	return uow_flush(u) ? uow_status(u) : UOW_EREJECTED;
}

static void what_a_failed_part_wrote_is_gone(void **state)
{
	uow_unit *u, *v;

	(void)state;
	build(1, 1);
	u = begin();
	house(u, 1)->rooms = 7;
	assert_int_equal(uow_nested(u, change_and_refuse, u), UOW_EREJECTED);
	assert_int_equal(count_rooms(u, 8), 0);
	assert_int_equal(house(u, 1)->rooms, 7);
	/* its unique values are free again, for others as well */
	v = begin();
	build_in(v, 5, 1001);
	build_in(v, 2, 2);
	ends(v, 0);
	build_in(u, 9, 9);
	ends(u, 0);
	assert_int_equal(rooms(1), 7);
	assert_int_equal(houses(), 4);
}

struct visit {
	unsigned rows;
	int64_t sum;
};

/* Changing rows while they are read, and adding some. */
static int change_while_reading(uow_unit *u, const void *row, void *arg)
{
	const struct house *h = row;
	struct visit *v = arg;

	v->rows++;
	v->sum += h->rooms;
	if (v->rows > 100)
		return UOW_EREJECTED;
	house(u, 5)->rooms++;	/* comes last */
	build_in(u, 100 + h->id, 100 + h->id);
	return uow_flush(u);
}

static void a_result_is_what_it_was_when_it_was_asked_for(void **state)
{
	uow_order order = { "rooms", true };
	uow_query q = UOW_QUERY_INIT;
	struct visit v;
	uow_unit *u;
	int i, ordered;

	(void)state;
	for (i = 1; i <= 5; i++)
		build(i, i);
	for (ordered = 0; ordered < 2; ordered++) {
		memset(&v, 0, sizeof(v));
		q.where = uow_all();
		q.order_by = &order;
		q.order_count = (size_t)ordered;
		u = begin();
		assert_int_equal(house_each(house_repository_of(u), &q,
					    change_while_reading, &v), 0);
		assert_int_equal(v.rows, 5);
		assert_int_equal(v.sum, 5);
		uow_unit_free(u);
	}
	assert_int_equal(houses(), 5);
	assert_int_equal(rooms(5), 1);
}

static int look_once(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)row;
	if (!(*(int *)arg)++) {
		change_rooms(3, 77);
		build(50, 50);
	}
	return 0;
}

/* Others' commits, while a result is read at READ COMMITTED. */
static void commits_do_not_change_an_open_result(void **state)
{
	uow_query q = UOW_QUERY_INIT;
	uow_unit *u;
	int i, seen = 0;

	(void)state;
	for (i = 1; i <= 5; i++)
		build(i, i);
	u = begin();
	q.where = uow_lt(u, "rooms", uow_int(50));
	assert_int_equal(house_each(house_repository_of(u), &q, look_once,
				    &seen), 0);
	assert_int_equal(seen, 5);
	ends(u, 0);
}

static int update_many(uow_unit *u, void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 50; i++) {
		house(u, 1)->rooms++;
		house(u, 1)->number++;
		if (uow_flush(u))
			break;
	}
	return uow_status(u);
}

/* Entries in the index of the unique number. */
static size_t entries(void)
{
	const struct memory *m = (const struct memory *)db->backend;

	return store_find(m->store, NULL, "houses")->indexes[1].used;
}

/* Values given up are found no more, whoever still looks at old ones. */
static void old_values_leave_the_indexes(void **state)
{
	uow_unit *u, *v;
	uint64_t n = 0;
	int i;

	(void)state;
	build(1, 1);
	u = town_begin(UOW_REPEATABLE_READ);
	assert_int_equal(house(u, 1)->number, 1);
	for (i = 0; i < 10; i++)
		assert_int_equal(uow_run(db, NULL, update_many, NULL, &err),
				 0);
	assert_true(entries() > 500);	/* all that u could see */
	for (i = 0; i < 2; i++) {
		v = i ? begin() : u;
		house_count(house_repository_of(v),
			    uow_eq(v, "number", uow_int(1)), &n);
		assert_int_equal(n, !i);
		house_count(house_repository_of(v),
			    uow_eq(v, "number", uow_int(501)), &n);
		assert_int_equal(n, i);
		ends(v, 0);
		assert_int_equal(entries(), 1);
	}
	for (i = 1; i < 500; i++)
		build(1 + i, i);
	u = begin();
	build_in(u, 1000, 501);
	ends(u, UOW_EDUPLICATE);
	u = begin();
	house(u, 1)->number = 999;
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(entries(), 501);
	uow_unit_free(u);
	assert_int_equal(entries(), 500);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, town_new, town_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(read_committed_sees_each_commit),
		TEST(repeatable_read_sees_one_state),
		TEST(the_first_to_change_a_row_wins),
		TEST(serializable_has_no_write_skew),
		TEST(serializable_has_no_phantoms),
		TEST(a_key_that_was_not_there_counts_as_read),
		TEST(what_it_wrote_itself_is_no_conflict),
		TEST(what_a_failed_part_wrote_is_gone),
		TEST(a_result_is_what_it_was_when_it_was_asked_for),
		TEST(commits_do_not_change_an_open_result),
		TEST(old_values_leave_the_indexes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
