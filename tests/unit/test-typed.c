/* SPDX-License-Identifier: BSD-2-Clause */
/* probe/typed.c and probe/sample.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "probe/sample.h"
#include "probe/typed.h"

static void every_type_has_values_and_an_end(void **state)
{
	const char *what;
	uow_value v;
	int type, k;

	(void)state;
	for (type = UOW_TYPE_BOOL; type <= UOW_TYPE_UUID; type++) {
		for (k = 0; typed_value((uow_type)type, k, 6, &v, &what); k++)
			assert_true(v.type != UOW_TYPE_NULL);
		assert_true(k >= 2 && k < 100);
		assert_true(typed_size((uow_type)type) > 0);
	}
}

static void a_fraction_has_its_digits_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(typed_stamp(9).as.time.nanosecond, 123456789);
	assert_int_equal(typed_stamp(3).as.time.nanosecond, 123000000);
	assert_int_equal(typed_stamp(0).as.time.nanosecond, 0);
}

static void a_long_text_is_whole_characters(void **state)
{
	static char data[1001];

	(void)state;
	typed_long(data, 1000, false);
	assert_int_equal(strlen(data), 1000);
	assert_true(text_utf8(data, 1000, NULL));
	typed_long(data, 1000, true);
	assert_true(memchr(data, 0, 1000) != NULL);
}

static void samples_are_distinct_and_know_their_text(void **state)
{
	char a[SAMPLE_BYTES], b[SAMPLE_BYTES], text[64];
	SQLLEN length;
	int form, k;

	(void)state;
	for (form = FORM_BIT; form <= FORM_TIMESTAMP; form++) {
		for (k = 0; k < SAMPLES; k++) {
			length = sample_put((enum form)form, k, a);
			assert_true(sample_is((enum form)form, k, a, length));
			sample_put((enum form)form, (k + 1) % SAMPLES, b);
			if (form != FORM_BIT)
				assert_true(memcmp(a, b, SAMPLE_BYTES) != 0);
		}
	}
	sample_literal(FORM_INT32, 0, 0, text, sizeof(text));
	assert_true(sample_is_text(FORM_INT32, 0, text));
	assert_false(sample_is_text(FORM_INT32, 1, text));
	assert_false(sample_is_text(FORM_INT32, 0, "0"));
	assert_true(sample_is_text(FORM_DOUBLE, 0, "0.625"));
	assert_false(sample_is_text(FORM_DOUBLE, 0, "0.62"));
	assert_true(sample_is_text(FORM_BINARY, 0, "0000"));
	assert_true(sample_is_text(FORM_BIT, 0, "true"));
	assert_true(sample_is_text(FORM_TIMESTAMP, 1,
				   "2024-02-26T23:59:51.000Z"));
	assert_false(sample_is_text(FORM_TIMESTAMP, 1,
				    "2024-02-26 00:00:00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_values_and_an_end),
		cmocka_unit_test(a_fraction_has_its_digits_and_no_more),
		cmocka_unit_test(a_long_text_is_whole_characters),
		cmocka_unit_test(samples_are_distinct_and_know_their_text)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
