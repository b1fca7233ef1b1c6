/* SPDX-License-Identifier: BSD-2-Clause */
/* model/digits.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model/digits.h"

#define NINES "99999999999999999999999999999999999999"
#define MINUS_NINES "-" NINES

static void a_number_has_one_spelling(void **state)
{
	static const struct {
		const char *text;
		unsigned precision, scale;
		const char *want;	/* NULL: refused */
	} cases[] = {
		{ "1.5", 5, 2, "1.50" }, { "+1.5", 5, 2, "1.50" },
		{ "0001.500", 5, 2, "1.50" }, { " 1.5\t", 5, 2, "1.50" },
		{ "-0.0", 5, 2, "0.00" }, { "0", 1, 0, "0" },
		{ "000", 1, 1, "0.0" }, { ".5", 1, 1, "0.5" },
		{ "5.", 1, 0, "5" }, { "-.05", 2, 2, "-0.05" },
		{ "15e-1", 5, 2, "1.50" }, { "0.00015E4", 5, 2, "1.50" },
		{ "1e+2", 5, 2, "100.00" }, { "100", 5, 2, "100.00" },
		{ "0e999999999999", 5, 2, "0.00" },
		{ NINES, 38, 0, NINES }, { "-" NINES, 38, 0, "-" NINES },
		{ "." NINES, 38, 38, "0." NINES },
		{ "0.000" NINES "e3", 38, 38, "0." NINES },
		{ "1000", 5, 2, NULL }, { "1.005", 5, 2, NULL },
		{ NINES "9", 38, 0, NULL }, { "1e38", 38, 0, NULL },
		{ "1e-39", 38, 38, NULL }, { "1e100000000", 38, 0, NULL },
		{ "1", 38, 38, NULL }, { "1", 39, 0, NULL },
		{ "", 5, 2, NULL }, { ".", 5, 2, NULL }, { "-", 5, 2, NULL },
		{ "e1", 5, 2, NULL }, { "1e", 5, 2, NULL },
		{ "1e+", 5, 2, NULL }, { "1 2", 5, 2, NULL },
		{ "1.2.3", 5, 2, NULL }, { "+-1", 5, 2, NULL },
		{ "NaN", 5, 2, NULL }, { "1,5", 5, 2, NULL },
	};
	char text[DIGITS_TEXT];
	size_t i;
	bool ok;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, "before");
		ok = digits_format(text, cases[i].text, strlen(cases[i].text),
				   cases[i].precision, cases[i].scale);
		if (ok != (cases[i].want != NULL) ||
		    strcmp(text, ok ? cases[i].want : "before"))
			fail_msg("%s as (%u,%u) is %s", cases[i].text,
				 cases[i].precision, cases[i].scale, text);
	}
}

static void zeros_around_are_no_digits(void **state)
{
	(void)state;
	assert_int_equal(digits_count("0012.3400", 9), 4);
	assert_int_equal(digits_count("1000000", 7), 1);
	assert_int_equal(digits_count("1.0000000000000001", 18), 17);
	assert_int_equal(digits_count("-0.00", 5), 0);
	assert_int_equal(digits_count("x", 1), 0);
}

static void the_order_is_that_of_numbers(void **state)
{
	static const char *const sorted[] = {
		MINUS_NINES, "-10", "-9.5", "-9.49999", "-.001", "0", "1e-30",
		"0.1", "0.12", "9", "9.0000000001", "10", "100", NINES,
	};
	enum { SORTED = sizeof(sorted) / sizeof(sorted[0]) };
	size_t i, j;
	int order = 9;

	(void)state;
	for (i = 0; i < SORTED; i++) {
		for (j = 0; j < SORTED; j++) {
			assert_true(digits_order(sorted[i], strlen(sorted[i]),
						 sorted[j], strlen(sorted[j]),
						 &order));
			assert_int_equal(order, (i > j) - (i < j));
		}
	}
	assert_true(digits_order("-0", 2, "+0.00", 5, &order));
	assert_int_equal(order, 0);
	assert_true(digits_order("1.5", 3, "015e-1", 6, &order));
	assert_int_equal(order, 0);
	assert_false(digits_order("a", 1, "1", 1, &order));
	assert_false(digits_order("1", 1, "", 0, &order));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_has_one_spelling),
		cmocka_unit_test(zeros_around_are_no_digits),
		cmocka_unit_test(the_order_is_that_of_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
