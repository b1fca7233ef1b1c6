/* SPDX-License-Identifier: BSD-2-Clause */
/* base/text.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>

#include "base/text.h"

static bool utf8(const char *text)
{
	return text_utf8(text, strlen(text), NULL);
}

static void utf8_is_told_strictly(void **state)
{
	size_t chars = 0;

	(void)state;
	assert_true(text_utf8("", 0, &chars));
	assert_true(text_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10,
			      &chars));
	assert_int_equal(chars, 4);
	assert_false(text_utf8("a\0b", 3, &chars));
	assert_int_equal(chars, 4);
	assert_false(text_utf8("\xe2\x82\xac", 2, NULL));
	assert_false(utf8("\x80"));
	assert_false(utf8("\xc0\x80"));
	assert_false(utf8("\xc1\xbf"));
	assert_false(utf8("\xe0\x9f\xbf"));
	assert_true(utf8("\xe0\xa0\x80"));
	assert_true(utf8("\xed\x9f\xbf"));
	assert_false(utf8("\xed\xa0\x80"));
	assert_false(utf8("\xf0\x8f\xbf\xbf"));
	assert_true(utf8("\xf4\x8f\xbf\xbf"));
	assert_false(utf8("\xf4\x90\x80\x80"));
	assert_false(utf8("\xf5\x80\x80\x80"));
	assert_false(utf8("\xe2\x82" "a"));
	assert_false(utf8("\xf0\x9f\x98" "a"));
}

/* At every place of a long text, and in every part of eight bytes. */
static void a_bad_byte_is_seen_wherever_it_is(void **state)
{
	static const char bad[] = { '\0', '\x80', '\xff', '\xc3' };
	char text[] = "abcdefghijklmnopqrstuvwxyz\x01\x7f";
	const size_t length = sizeof(text) - 1;
	size_t i, j, chars = 0;
	char was;

	(void)state;
	assert_true(text_utf8(text, length, &chars));
	assert_int_equal(chars, length);
	for (i = 0; i < length; i++) {
		for (j = 0; j < sizeof(bad); j++) {
			was = text[i];
			text[i] = bad[j];
			assert_false(text_utf8(text, length, NULL));
			text[i] = was;
		}
	}
	assert_true(text_utf8("abcdefgh\xc3\xa4ijklmnop\xc3\xa4", 20, &chars));
	assert_int_equal(chars, 18);
}

static void doubles_read_back_the_same(void **state)
{
	static const double values[] = {
		0.0, 0.1, 1.0 / 3, -2.5, 1e23, 1e-7, DBL_MAX, DBL_MIN,
		4.9406564584124654e-324, 123456789.123456789, 5e-5, 1e100,
		9007199254740993.0, -DBL_MAX, 0.30000000000000004
	};
	char text[TEXT_DOUBLE];
	double back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		text_from_double(text, values[i]);
		assert_true(text_to_double(text, strlen(text), &back));
		assert_memory_equal(&back, &values[i], sizeof(back));
	}
}

static void doubles_are_written_short(void **state)
{
	char text[TEXT_DOUBLE];

	(void)state;
	text_from_double(text, 0.1);
	assert_string_equal(text, "0.1");
	text_from_double(text, -1e300);
	assert_string_equal(text, "-1e+300");
	text_from_double(text, 0.30000000000000004);
	assert_string_equal(text, "0.30000000000000004");
	text_from_double(text, (double)INFINITY);
	assert_string_equal(text, "Infinity");
	text_from_double(text, -(double)INFINITY);
	assert_string_equal(text, "-Infinity");
	text_from_double(text, (double)NAN);
	assert_string_equal(text, "NaN");
}

static void doubles_are_read_whole_or_not_at_all(void **state)
{
	static const char *const bad[] = {
		"", " ", ".", "-", "1x", "1,5", "1 5", "0x10", "1e", "1e+",
		"e5", "--1", "+-1", "1.5.", "1e999", "-1e999", "infx", "nano",
		"in", "infinit", "nan(1)"
	};
	double d = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(text_to_double(bad[i], strlen(bad[i]), &d));
	assert_true(d > 6.9 && d < 7.1);
	assert_true(text_to_double(" \t+1.5e1\n", 9, &d) &&
		    fabs(d - 15) < 1e-9);
	assert_true(text_to_double("1.59", 3, &d) && fabs(d - 1.5) < 1e-9);
	assert_true(text_to_double(".5", 2, &d) && fabs(d - .5) < 1e-9);
	assert_true(text_to_double("5.", 2, &d) && fabs(d - 5) < 1e-9);
	assert_true(text_to_double("1e-999", 6, &d) && fabs(d) < 1e-9);
	assert_true(text_to_double("iNf", 3, &d) && isinf(d) && d > 0);
	assert_true(text_to_double("-Infinity", 9, &d) && isinf(d) && d < 0);
	assert_true(text_to_double("NAN", 3, &d) && isnan(d));
}

static void very_long_numbers_do_no_harm(void **state)
{
	char text[3000];
	double d = 7;

	(void)state;
	memset(text, '0', sizeof(text));
	text[0] = '1';
	text[1] = '.';
	assert_true(text_to_double(text, 1199, &d) && fabs(d - 1) < 1e-9);
	assert_false(text_to_double(text, sizeof(text), &d));
}

static int64_t integer(const char *text)
{
	int64_t i = -77;

	return text_to_int64(text, strlen(text), &i) ? i : -77;
}

static void integers_are_read_whole_or_not_at_all(void **state)
{
	static const char *const bad[] = {
		"", " ", "-", "x", "1x", "1 2", "1.5", "1.0x", ".0", "1e3",
		"9223372036854775808", "-9223372036854775809",
		"99999999999999999999", "0x1", "--1"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(integer(bad[i]), -77);
	assert_int_equal(integer("0"), 0);
	assert_int_equal(integer(" +42 "), 42);
	assert_int_equal(integer("-42.000"), -42);
	assert_int_equal(integer("007"), 7);
	assert_int_equal(integer("-5"), -5);
	assert_true(integer("999999999999999999") ==
		    INT64_C(999999999999999999));
	assert_true(integer("-1000000000000000000") ==
		    -INT64_C(1000000000000000000));
	assert_true(integer("9223372036854775807") == INT64_MAX);
	assert_true(integer("-9223372036854775808") == INT64_MIN);
}

static void globs_match_whole_texts(void **state)
{
	(void)state;
	assert_true(text_glob("", ""));
	assert_true(text_glob("*", ""));
	assert_true(text_glob("**", "abc"));
	assert_true(text_glob("lib*.SO", "LIBmyodbc8w.so"));
	assert_true(text_glob("*a*b*c", "xaaabybzbc"));
	assert_true(text_glob("a?c", "abc"));
	assert_true(text_glob("a?c", "a\xe2\x82\xac" "c"));
	assert_true(text_glob("*?c", "\xe2\x82\xac" "c"));
	assert_false(text_glob("a?c", "ac"));
	assert_false(text_glob("", "a"));
	assert_false(text_glob("a", ""));
	assert_false(text_glob("?", ""));
	assert_false(text_glob("*b", "abc"));
	assert_false(text_glob("a*bc", "abcd"));
}

static void names_are_compared_without_ascii_case(void **state)
{
	(void)state;
	assert_true(text_same("", ""));
	assert_true(text_same("Driver_3", "dRIVER_3"));
	assert_false(text_same("abc", "ab"));
	assert_false(text_same("ab", "abc"));
	assert_false(text_same("[", "{"));
	assert_false(text_same("\xc3\x84", "\xc3\xa4"));
}

static void real_locales_change_nothing(void **state)
{
	static const char *const names[] = {
		"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "ps_AF"
	};
	size_t i;
	bool found = false;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!setlocale(LC_ALL, names[i]))
			continue;
		found = true;
		doubles_read_back_the_same(state);
		doubles_are_written_short(state);
		doubles_are_read_whole_or_not_at_all(state);
		very_long_numbers_do_no_harm(state);
		integers_are_read_whole_or_not_at_all(state);
	}
	setlocale(LC_ALL, "C");
	if (!found) {
		print_message("no locale with another radix is installed; "
			      "see test-radix\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_told_strictly),
		cmocka_unit_test(a_bad_byte_is_seen_wherever_it_is),
		cmocka_unit_test(doubles_read_back_the_same),
		cmocka_unit_test(doubles_are_written_short),
		cmocka_unit_test(doubles_are_read_whole_or_not_at_all),
		cmocka_unit_test(very_long_numbers_do_no_harm),
		cmocka_unit_test(integers_are_read_whole_or_not_at_all),
		cmocka_unit_test(globs_match_whole_texts),
		cmocka_unit_test(names_are_compared_without_ascii_case),
		cmocka_unit_test(real_locales_change_nothing),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
