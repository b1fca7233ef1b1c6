/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/text.h in a locale with another radix. Such a locale is not installed
 * everywhere, so that the two functions of the C library that would follow it
 * are played here: the module is compiled into this file against them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *played_radix = ".";

/* Put to for the first from. */
static void swap(char *text, size_t size, const char *from, const char *to)
{
	char rest[2000], *at = strstr(text, from);

	if (!at)
		return;
	strcpy(rest, at + strlen(from));
	assert_true((size_t)(at - text) + strlen(to) + strlen(rest) < size);
	strcpy(at, to);
	strcat(at, rest);
}

static int local_snprintf(char *buffer, size_t size, const char *fmt,
			  double value)
{
	int n = snprintf(buffer, size, fmt, value);

	assert_true(n > 0 && (size_t)n < size);
	swap(buffer, size, ".", played_radix);
	return (int)strlen(buffer);
}

static double local_strtod(const char *text, char **end)
{
	char copy[2000], *stop;
	char *found = strstr((char *)(uintptr_t)text, played_radix);
	double value;

	strcpy(copy, text);
	/* '.' ends a number unless it is the radix. */
	if (strcmp(played_radix, ".") != 0 && strchr(copy, '.'))
		*strchr(copy, '.') = '!';
	swap(copy, sizeof(copy), played_radix, ".");
	value = strtod(copy, &stop);
	if (end) {
		*end = (char *)(uintptr_t)text + (stop - copy);
		if (found && *end > found)
			*end += strlen(played_radix) - 1;
	}
	return value;
}

#undef snprintf
#undef strtod
#define snprintf local_snprintf
#define strtod local_strtod
#include "base/text.c"
#undef snprintf
#undef strtod

static void round_trips(void)
{
	static const double values[] = {
		0.1, 1.0 / 3, -2.5, 1e23, 1.5e-7, DBL_MAX, 17.0,
		0.30000000000000004
	};
	char text[TEXT_DOUBLE];
	double back;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		text_from_double(text, values[i]);
		assert_null(strchr(text, ','));
		assert_true(text_to_double(text, strlen(text), &back));
		assert_memory_equal(&back, &values[i], sizeof(back));
	}
	text_from_double(text, -1.25);
	assert_string_equal(text, "-1.25");
	text_from_double(text, 1.25e300);
	assert_string_equal(text, "1.25e+300");
	assert_true(text_to_double(" 12.50 ", 7, &back) &&
		    fabs(back - 12.5) < 1e-9);
	assert_true(text_to_double("5.", 2, &back) && fabs(back - 5) < 1e-9);
	assert_true(text_to_double("-.5e1", 5, &back) &&
		    fabs(back + 5) < 1e-9);
	assert_false(text_to_double("1,5", 3, &back));
}

static void a_point_is_a_point(void **state)
{
	(void)state;
	played_radix = ".";
	round_trips();
}

static void a_comma_does_not_come_through(void **state)
{
	(void)state;
	played_radix = ",";
	round_trips();
}

/* U+066B, the Arabic decimal separator. */
static void a_radix_of_two_bytes_does_not_come_through(void **state)
{
	(void)state;
	played_radix = "\xd9\xab";
	round_trips();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_is_a_point),
		cmocka_unit_test(a_comma_does_not_come_through),
		cmocka_unit_test(a_radix_of_two_bytes_does_not_come_through),
	};

	return cmocka_run_group_tests_name("radix", tests, NULL, NULL);
}
