/* SPDX-License-Identifier: BSD-2-Clause */
/* backend/memory/state.c, diff.c: states of the data, and what differs. */
#include "memory-town.h"

#include <stdio.h>

struct lines {
	char text[2000];
	size_t count;
};

static int note(const char *line, void *arg)
{
	struct lines *l = arg;

	strcat(strcat(l->text, line), "\n");
	l->count++;
	return 0;
}

static struct lines lines;

/* From before to after (NULL: now) it is told so. */
static void differs(const uow_memory_state *before,
		    const uow_memory_state *after, const char *text)
{
	size_t n = 99;

	memset(&lines, 0, sizeof(lines));
	assert_int_equal(uow_memory_diff(db, before, after, note, &lines, &n,
					 &err), 0);
	assert_string_equal(lines.text, text);
	assert_int_equal(n, lines.count);
}

static uow_memory_state *snapshot(void)
{
	uow_memory_state *s = NULL;

	if (uow_memory_snapshot(&s, db, &err))
		fail_msg("%s", err.message);
	return s;
}

static void restore(const uow_memory_state *s)
{
	if (uow_memory_restore(db, s, &err))
		fail_msg("%s", err.message);
}

static void invite(int64_t into, const char *name)
{
	struct guest g = { 0, into, into == 0, name };
	uow_unit *u = begin();

	assert_non_null(guest_add(guest_repository_of(u), &g));
	ends(u, 0);
}

static void rebuild(int64_t id, int32_t to)
{
	uow_unit *u = begin();

	house(u, id)->rooms = to;
	ends(u, 0);
}

static void tear_down(int64_t id)
{
	uow_unit *u = begin();

	assert_int_equal(house_remove(house_repository_of(u), house(u, id)),
			 0);
	ends(u, 0);
}

static void rows_are_told_in_order(void **state)
{
	uow_memory_state *before, *after;

	(void)state;
	build(10, 1);
	build(9, 2);
	before = snapshot();
	differs(before, NULL, "");
	rebuild(9, 3);
	tear_down(10);
	build(2, 1);
	invite(9, "it's ann");
	invite(0, NULL);
	after = snapshot();
	differs(before, NULL,
		"guests 1: added, house 9, name 'it's ann'\n"
		"guests 2: added, house NULL, name NULL\n"
		"houses 2: added, number 1, rooms 1, version 1\n"
		"houses 9: rooms 1 -> 3, version 1 -> 2\n"
		"houses 10: removed\n");
	differs(after, before,
		"guests 1: removed\n"
		"guests 2: removed\n"
		"houses 2: removed\n"
		"houses 9: rooms 3 -> 1, version 2 -> 1\n"
		"houses 10: added, number 1, rooms 1, version 1\n");
	differs(after, after, "");
	uow_memory_state_free(before);
	uow_memory_state_free(after);
}

static void what_was_taken_is_brought_back(void **state)
{
	uow_memory_state *empty = snapshot(), *full;
	int i;

	(void)state;
	for (i = 1; i <= 600; i++)
		build(i, i);
	invite(5, "ann");
	full = snapshot();
	rebuild(5, 77);
	tear_down(6);
	invite(7, "bob");
	restore(full);
	differs(full, NULL, "");
	assert_int_equal(houses(), 600);
	assert_int_equal(rooms(5), 1);
	assert_int_equal(rooms(6), 1);
	restore(empty);
	assert_int_equal(houses(), 0);
	differs(empty, NULL, "");
	restore(full);
	differs(full, NULL, "");
	uow_memory_state_free(full);
	uow_memory_state_free(empty);
}

/* Keys, unique values, references and numbers work as before. */
static void what_was_brought_back_is_whole(void **state)
{
	uow_memory_state *s;
	struct house h = { 3, 11, 0, 0 };
	uow_unit *u;

	(void)state;
	build(1, 11);
	build(2, 12);
	invite(1, "ann");
	s = snapshot();
	invite(1, "bob");
	restore(s);
	u = begin();
	assert_non_null(house_one(house_repository_of(u),
				  uow_eq(u, "number", uow_int(12))));
	house_add(house_repository_of(u), &h);
	ends(u, UOW_EDUPLICATE);
	u = begin();
	house_remove(house_repository_of(u), house(u, 1));
	ends(u, UOW_ECONSTRAINT);
	tear_down(2);
	invite(1, "cid");
	differs(s, NULL, "guests 2: added, house 1, name 'cid'\n"
			 "houses 2: removed\n");
	uow_memory_state_free(s);
}

static void a_unit_that_is_open_is_in_the_way(void **state)
{
	uow_memory_state *s, *none = NULL;
	uow_unit *u;

	(void)state;
	build(1, 1);
	s = snapshot();
	u = begin();
	assert_non_null(house(u, 1));
	assert_int_equal(uow_memory_snapshot(&none, db, &err), UOW_ESTATE);
	assert_null(none);
	assert_non_null(strstr(err.message, "houses"));
	assert_int_equal(uow_memory_restore(db, s, &err), UOW_ESTATE);
	assert_int_equal(uow_memory_diff(db, s, NULL, note, &lines, NULL,
					 &err), UOW_ESTATE);
	ends(u, 0);
	restore(s);
	uow_memory_state_free(s);
}

static void tables_that_came_are_emptied_those_that_went_missed(void **state)
{
	uow_memory_state *none, *both;

	(void)state;
	assert_int_equal(uow_schema_drop(db, town, 2, &err), 0);
	none = snapshot();
	assert_int_equal(uow_schema_create(db, town, 2, &err), 0);
	build(1, 1);
	both = snapshot();
	differs(none, both,
		"houses 1: added, number 1, rooms 1, version 1\n");
	differs(both, none, "houses 1: removed\n");
	restore(none);
	assert_int_equal(houses(), 0);
	assert_int_equal(uow_schema_drop(db, town, 2, &err), 0);
	assert_int_equal(uow_memory_restore(db, both, &err), UOW_ESTATE);
	assert_non_null(strstr(err.message, "is gone"));
	uow_memory_state_free(none);
	uow_memory_state_free(both);
}

/* The same table with one column less. */
static const uow_entity hut_entity = {
	UOW_ENTITY_ABI, (unsigned)sizeof(uow_column), "hut", NULL, "houses",
	sizeof(struct house), house_columns, 2, NULL, 0, NULL, 0
};

static void a_table_that_is_another_is_told(void **state)
{
	static const uow_entity *const huts[] = { &hut_entity };
	uow_memory_state *s = snapshot();

	(void)state;
	assert_int_equal(uow_schema_drop(db, town, 2, &err), 0);
	assert_int_equal(uow_schema_create(db, huts, 1, &err), 0);
	assert_int_equal(uow_schema_create(db, town, 1, &err), 0);
	assert_int_equal(uow_memory_restore(db, s, &err), UOW_ESTATE);
	assert_non_null(strstr(err.message, "not what it was"));
	assert_int_equal(uow_memory_diff(db, s, NULL, NULL, NULL, NULL, &err),
			 UOW_ESTATE);
	uow_memory_state_free(s);
}

static void a_state_outlives_its_data(void **state)
{
	uow_memory_state *s;
	uow_db *other = db;

	(void)state;
	build(1, 1);
	invite(1, "ann");
	s = snapshot();
	uow_db_free(other);
	town_open(NULL);
	restore(s);
	differs(s, NULL, "");
	assert_int_equal(rooms(1), 1);
	uow_memory_state_free(s);
}

static int stop(const char *line, void *arg)
{
	(void)line;
	++*(int *)arg;
	return UOW_EAPP - 5;
}

static void a_line_may_be_the_last(void **state)
{
	uow_memory_state *s = snapshot();
	size_t n = 99;
	int calls = 0;

	(void)state;
	build(1, 1);
	build(2, 2);
	assert_int_equal(uow_memory_diff(db, s, NULL, stop, &calls, &n, &err),
			 UOW_EAPP - 5);
	assert_int_equal(calls, 1);
	assert_int_equal(n, 99);
	assert_int_equal(err.code, UOW_EAPP - 5);
	/* Only how many. */
	assert_int_equal(uow_memory_diff(db, s, NULL, NULL, NULL, &n, &err),
			 0);
	assert_int_equal(n, 2);
	uow_memory_state_free(s);
}

static void null_handles_are_refused(void **state)
{
	uow_memory_state *s = NULL;

	(void)state;
	assert_int_equal(uow_memory_snapshot(NULL, db, &err), UOW_EINVAL);
	assert_int_equal(uow_memory_snapshot(&s, NULL, &err), UOW_EINVAL);
	assert_int_equal(uow_memory_restore(db, NULL, &err), UOW_EINVAL);
	assert_int_equal(uow_memory_restore(NULL, s, &err), UOW_EINVAL);
	assert_int_equal(uow_memory_diff(db, NULL, NULL, NULL, NULL, NULL,
					 &err), UOW_EINVAL);
	uow_memory_state_free(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, town_new, town_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_told_in_order),
		TEST(what_was_taken_is_brought_back),
		TEST(what_was_brought_back_is_whole),
		TEST(a_unit_that_is_open_is_in_the_way),
		TEST(tables_that_came_are_emptied_those_that_went_missed),
		TEST(a_table_that_is_another_is_told),
		TEST(a_state_outlives_its_data),
		TEST(a_line_may_be_the_last),
		TEST(null_handles_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
