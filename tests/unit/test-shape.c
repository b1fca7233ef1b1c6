/* SPDX-License-Identifier: BSD-2-Clause */
/* model/shape.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "model/shape.h"

static const uint32_t words[] = { 3, 4, 5 };
static const struct shape_order order[] = { { 1, true }, { 2, false } };

static struct shape full(void)
{
	struct shape s;

	memset(&s, 0, sizeof(s));
	s.mapping = (const struct mapping *)(const void *)words;
	s.op = SHAPE_SELECT;
	s.lock = UOW_LOCK_UPDATE;
	s.key_count = 3;
	columns_add(&s.set, 5);
	columns_add(&s.returned, 200);
	s.code = words;
	s.code_len = 3;
	s.order = order;
	s.order_count = 2;
	s.offset = 7;
	s.limit = 8;
	return s;
}

static void same(const struct shape *a, const struct shape *b)
{
	assert_true(shape_equal(a, b));
	assert_true(shape_hash(a) == shape_hash(b));
}

static void differ(const struct shape *b)
{
	struct shape a = full();

	assert_false(shape_equal(&a, b));
	assert_false(shape_equal(b, &a));
	assert_true(shape_hash(&a) != shape_hash(b));
}

static void lists_count_by_content(void **state)
{
	static const uint32_t more[] = { 3, 4, 5 };
	struct shape_order again[2];
	struct shape a = full(), b = full();

	(void)state;
	/* Bytes between the members are not part of them. */
	memset(again, 0xff, sizeof(again));
	again[0].column = 1;
	again[0].descending = true;
	again[1].column = 2;
	again[1].descending = false;
	b.code = more;
	b.order = again;
	same(&a, &b);
}

static void every_member_counts(void **state)
{
	static const uint32_t other_words[] = { 3, 4, 6 };
	static const struct shape_order turned[] = {
		{ 1, false }, { 2, false }
	};
	static const struct shape_order other[] = { { 1, true }, { 3, false } };
	struct shape s;

	(void)state;
#define changed(what) (s = full(), what, differ(&s))
	changed(s.mapping = NULL);
	changed(s.op = SHAPE_COUNT);
	changed(s.lock = UOW_LOCK_NOWAIT);
	changed(s.versioned = true);
	changed(s.key_count = 4);
	changed(columns_add(&s.set, 255));
	changed(columns_remove(&s.returned, 200));
	changed(s.code = other_words);
	changed(s.code_len = 2);
	changed(s.order = turned);
	changed(s.order = other);
	changed(s.order_count = 1);
	changed(s.offset = 0);
	changed(s.limit = 0);
}

static void a_copy_stands_by_itself(void **state)
{
	uint32_t code[] = { 3, 4, 5 };
	struct shape_order by[] = { { 1, true }, { 2, false } };
	struct shape a = full(), want = full(), *copy;

	(void)state;
	a.code = code;
	a.order = by;
	copy = shape_copy(&a);
	assert_non_null(copy);
	code[0] = by[0].column = 99;
	same(copy, &want);
	mem_free(copy);
	a.code_len = a.order_count = 0;
	copy = shape_copy(&a);
	same(copy, &a);
	assert_null(copy->code);
	assert_null(copy->order);
	mem_free(copy);
}

static void a_copy_that_does_not_fit_is_none(void **state)
{
	struct shape s = full();

	(void)state;
	s.code_len = SIZE_MAX / 4;
	assert_null(shape_copy(&s));
	s = full();
	s.order_count = SIZE_MAX / 8 + 2;
	assert_null(shape_copy(&s));
}

static void operations_have_names(void **state)
{
	(void)state;
	assert_string_equal(shape_verb(SHAPE_INSERT), "INSERT");
	assert_string_equal(shape_verb(SHAPE_UPDATE), "UPDATE");
	assert_string_equal(shape_verb(SHAPE_DELETE), "DELETE");
	assert_string_equal(shape_verb(SHAPE_SELECT), "SELECT");
	assert_string_equal(shape_verb(SHAPE_COUNT), "COUNT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_count_by_content),
		cmocka_unit_test(every_member_counts),
		cmocka_unit_test(a_copy_stands_by_itself),
		cmocka_unit_test(a_copy_that_does_not_fit_is_none),
		cmocka_unit_test(operations_have_names),
	};

	return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
