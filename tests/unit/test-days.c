/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialect/days.h"

static void lists_of_days_are_checked(void **state)
{
	(void)state;
	assert_true(days_valid("0004-12-31"));
	assert_true(days_valid("0004-12-31 1582-10-05/1582-10-14"));
	assert_true(days_valid("1582-10-05/1582-10-05  2000-02-29"));
	assert_false(days_valid("1582-10-14/1582-10-05"));
	assert_false(days_valid("1582-10-05/"));
	assert_false(days_valid("/1582-10-05"));
	assert_false(days_valid("1900-02-29"));
	assert_false(days_valid("0004-12-31,0004-12-30"));
}

static void days_and_spans_are_found(void **state)
{
	static const char list[] = "0004-12-31 1582-10-05/1583-01-02";

	(void)state;
	assert_true(days_have(list, 4, 12, 31));
	assert_true(days_have(list, 1582, 10, 5));
	assert_true(days_have(list, 1582, 12, 31));
	assert_true(days_have(list, 1583, 1, 2));
	assert_false(days_have(list, 1583, 1, 3));
	assert_false(days_have(list, 1582, 10, 4));
	assert_false(days_have(list, 5, 1, 1));
	assert_false(days_have(NULL, 4, 12, 31));
	assert_false(days_have("", 4, 12, 31));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_days_are_checked),
		cmocka_unit_test(days_and_spans_are_found),
	};

	return cmocka_run_group_tests_name("days", tests, NULL, NULL);
}
