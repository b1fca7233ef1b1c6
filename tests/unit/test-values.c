/* SPDX-License-Identifier: BSD-2-Clause */
/* model/text.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/text.h"

static const char *decimal(int64_t unscaled, unsigned scale)
{
	static char text[DECIMAL_TEXT];

	decimal_format(text, unscaled, scale);
	return text;
}

static void decimals_are_written_with_their_scale(void **state)
{
	(void)state;
	assert_string_equal(decimal(1250, 2), "12.50");
	assert_string_equal(decimal(-5, 2), "-0.05");
	assert_string_equal(decimal(0, 0), "0");
	assert_string_equal(decimal(0, 3), "0.000");
	assert_string_equal(decimal(-7, 0), "-7");
	assert_string_equal(decimal(1, 18), "0.000000000000000001");
	assert_string_equal(decimal(INT64_MIN, 0), "-9223372036854775808");
	assert_string_equal(decimal(INT64_MIN, 18), "-9.223372036854775808");
	assert_string_equal(decimal(INT64_MAX, 1), "922337203685477580.7");
}

/* Parsed as DECIMAL(p, s); -77 for a refusal. */
static int64_t parsed(const char *text, unsigned p, unsigned s)
{
	int64_t out = -77;

	return decimal_parse(text, strlen(text), p, s, &out) ? out : -77;
}

static void decimals_are_read_exactly(void **state)
{
	(void)state;
	assert_int_equal(parsed("12.5", 5, 2), 1250);
	assert_int_equal(parsed(" -12.50000 ", 5, 2), -1250);
	assert_int_equal(parsed("+0.05", 5, 2), 5);
	assert_int_equal(parsed(".05", 5, 2), 5);
	assert_int_equal(parsed("5.", 5, 2), 500);
	assert_int_equal(parsed("1.5e3", 6, 2), 150000);
	assert_int_equal(parsed("1500E-2", 6, 2), 1500);
	assert_int_equal(parsed("1e+2", 6, 2), 10000);
	assert_int_equal(parsed("0e99999999999999999999", 6, 2), 0);
	assert_int_equal(parsed("0.0000000000000000000000000000000001e34",
				6, 2), 100);
	assert_int_equal(parsed("000000000000000000000000000000012", 2, 0), 12);
	assert_int_equal(parsed("10000000000000000000000e-22", 2, 0), 1);
	assert_true(parsed("999999999999999999", 18, 0) ==
		    INT64_C(999999999999999999));
	assert_true(parsed("-0.999999999999999999", 18, 18) ==
		    -INT64_C(999999999999999999));
}

static void decimals_that_do_not_fit_are_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", ".", "-", "1,5", "x", "1x", "1 5", "--1", "1..5",
		"1.5e", "1e+", "e5", "12.505", "1000", "-1000.00", "1e3",
		"1e-3", "1e99999999999999999999", "1e-99999999999999999999",
		"99999999999999999999999999", "NaN", "Infinity",
		"10000000000000000000000000000000000000001"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(parsed(bad[i], 5, 2), -77);
	assert_int_equal(parsed("1000000000000000000", 18, 0), -77);
	assert_int_equal(parsed("1.9", 5, 0), -77);
	assert_int_equal(parsed("12", 5, 2), 1200);
}

static void precision_counts_digits(void **state)
{
	(void)state;
	assert_true(decimal_fits(999, 3));
	assert_true(decimal_fits(-999, 3));
	assert_false(decimal_fits(1000, 3));
	assert_false(decimal_fits(-1000, 3));
	assert_true(decimal_fits(INT64_C(999999999999999999), 18));
	assert_false(decimal_fits(INT64_MIN, 18));
	assert_false(decimal_fits(INT64_MAX, 18));
}

static void scale_changes_exactly_or_not_at_all(void **state)
{
	int64_t out = 7;

	(void)state;
	assert_true(decimal_rescale(125, 1, 3, &out));
	assert_int_equal(out, 12500);
	assert_true(decimal_rescale(-12500, 3, 1, &out));
	assert_int_equal(out, -125);
	assert_false(decimal_rescale(125, 1, 0, &out));
	assert_false(decimal_rescale(INT64_MAX, 0, 1, &out));
	assert_false(decimal_rescale(INT64_MIN, 0, 1, &out));
	assert_false(decimal_rescale(10, 0, 18, &out));
	assert_false(decimal_rescale(-10, 0, 18, &out));
	assert_int_equal(out, -125);
	assert_true(decimal_rescale(0, 4000000000u, 2, &out));
	assert_int_equal(out, 0);
}

static void significant_digits_are_counted(void **state)
{
	(void)state;
	assert_int_equal(decimal_digits(0), 0);
	assert_int_equal(decimal_digits(1000), 1);
	assert_int_equal(decimal_digits(-10100), 3);
	assert_int_equal(decimal_digits(INT64_MIN), 19);
}

static bool day(int y, unsigned m, unsigned d)
{
	uow_date date = { 0, 0, 0 };

	date.year = (int16_t)y;
	date.month = (uint16_t)m;
	date.day = (uint16_t)d;
	return date_valid(&date);
}

static void only_days_of_the_calendar_are_valid(void **state)
{
	(void)state;
	assert_true(day(1, 1, 1));
	assert_true(day(9999, 12, 31));
	assert_true(day(2024, 2, 29));
	assert_true(day(2000, 2, 29));
	assert_false(day(1900, 2, 29));
	assert_false(day(2023, 2, 29));
	assert_false(day(2024, 2, 30));
	assert_false(day(2024, 4, 31));
	assert_true(day(2024, 1, 31));
	assert_false(day(2024, 1, 32));
	assert_false(day(2024, 1, 0));
	assert_false(day(2024, 0, 1));
	assert_false(day(2024, 13, 1));
	assert_false(day(0, 1, 1));
	assert_false(day(-1, 1, 1));
	assert_false(day(10000, 1, 1));
}

static void only_times_of_a_day_are_valid(void **state)
{
	static const uow_time last = { 23, 59, 59 }, hour = { 24, 0, 0 },
		minute = { 0, 60, 0 }, second = { 0, 0, 60 };
	uow_timestamp t = { 2024, 2, 29, 23, 59, 59, 999999999 };

	(void)state;
	assert_true(time_valid(&last));
	assert_false(time_valid(&hour));
	assert_false(time_valid(&minute));
	assert_false(time_valid(&second));
	assert_true(timestamp_valid(&t));
	t.nanosecond = 1000000000;
	assert_false(timestamp_valid(&t));
	t.nanosecond = 0;
	t.second = 60;
	assert_false(timestamp_valid(&t));
	t.second = 0;
	t.day = 30;
	assert_false(timestamp_valid(&t));
}

static void times_are_written(void **state)
{
	static const uow_date d = { 7, 3, 9 };
	static const uow_time t = { 1, 2, 3 };
	static const uow_timestamp s = { 2024, 12, 31, 23, 59, 58, 12345678 };
	char text[TIMESTAMP_TEXT];

	(void)state;
	date_format(text, &d);
	assert_string_equal(text, "0007-03-09");
	time_format(text, &t);
	assert_string_equal(text, "01:02:03");
	timestamp_format(text, &s, 0);
	assert_string_equal(text, "2024-12-31 23:59:58");
	timestamp_format(text, &s, 9);
	assert_string_equal(text, "2024-12-31 23:59:58.012345678");
	timestamp_format(text, &s, 3);
	assert_string_equal(text, "2024-12-31 23:59:58.012");
}

static void dates_are_read(void **state)
{
	static const char *const bad[] = {
		"", "2024-1-31", "24-01-31", "2024-02-30", "2024-01-31x",
		"2024/01/31", "2024-01-31 00:00:00", "-024-01-31",
		"0000-01-01", "2024-01-3", "2024 01-31"
	};
	uow_date d = { 1, 2, 3 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(date_parse(bad[i], strlen(bad[i]), &d));
	assert_int_equal(d.day, 3);
	assert_true(date_parse(" 2024-02-29 ", 12, &d));
	assert_int_equal(d.year, 2024);
	assert_int_equal(d.month, 2);
	assert_int_equal(d.day, 29);
}

static void times_are_read_in_whole_seconds(void **state)
{
	static const char *const bad[] = {
		"", "1:02:03", "01:02", "24:00:00", "01:60:00", "01:02:60",
		"01:02:03.5", "01:02:03.", "01:02:03Z", "01:02:03.x",
		"01:02:03.0000000000", "01-02:03"
	};
	uow_time t = { 9, 9, 9 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(time_parse(bad[i], strlen(bad[i]), &t));
	assert_int_equal(t.hour, 9);
	assert_true(time_parse("23:58:59.000", 12, &t));
	assert_int_equal(t.hour, 23);
	assert_int_equal(t.minute, 58);
	assert_int_equal(t.second, 59);
}

static void timestamps_are_read(void **state)
{
	static const char *const bad[] = {
		"", "2024-01-31", "2024-01-31 01:02", "2024-02-30 01:02:03",
		"2024-01-31 01:02:03.", "2024-01-31 01:02:03.1234567890",
		"2024-01-31 01:02:03+01", "2024-01-31  01:02:03",
		"2024-01-31_01:02:03", "2024-01-31 01:02:03ZZ",
		"2024-01-31 24:02:03"
	};
	uow_timestamp t = { 1, 1, 1, 1, 1, 1, 5 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(timestamp_parse(bad[i], strlen(bad[i]), &t));
	assert_int_equal(t.nanosecond, 5);
	assert_true(timestamp_parse("2024-01-31 01:02:03", 19, &t));
	assert_int_equal(t.nanosecond, 0);
	assert_int_equal(t.second, 3);
	assert_true(timestamp_parse(" 2024-01-31T01:02:03.5Z", 23, &t));
	assert_int_equal(t.nanosecond, 500000000);
	assert_true(timestamp_parse("2024-01-31 01:02:03.000000001", 29, &t));
	assert_int_equal(t.nanosecond, 1);
	assert_int_equal(t.year, 2024);
	assert_int_equal(t.month, 1);
	assert_int_equal(t.day, 31);
	assert_int_equal(t.hour, 1);
	assert_int_equal(t.minute, 2);
}

static void uuids_are_written_and_read(void **state)
{
	static const char lower[] = "00112233-4455-6677-8899-aabbccddeeff";
	static const char *const bad[] = {
		"", "00112233445566778899aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeefg",
		"0011223-34455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddeeff0",
		"00112233-4455-6677-8899aa-bbccddeeff"
	};
	char text[UUID_TEXT];
	uow_uuid id;
	size_t i;

	(void)state;
	memset(&id, 7, sizeof(id));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(uuid_parse(bad[i], strlen(bad[i]), &id));
	assert_int_equal(id.bytes[0], 7);
	assert_true(uuid_parse("00112233-4455-6677-8899-AABBCCDDEEFF ", 37,
			       &id));
	for (i = 0; i < 16; i++)
		assert_int_equal(id.bytes[i], i * 0x11);
	uuid_format(text, &id);
	assert_string_equal(text, lower);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_are_written_with_their_scale),
		cmocka_unit_test(decimals_are_read_exactly),
		cmocka_unit_test(decimals_that_do_not_fit_are_refused),
		cmocka_unit_test(precision_counts_digits),
		cmocka_unit_test(scale_changes_exactly_or_not_at_all),
		cmocka_unit_test(significant_digits_are_counted),
		cmocka_unit_test(only_days_of_the_calendar_are_valid),
		cmocka_unit_test(only_times_of_a_day_are_valid),
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(dates_are_read),
		cmocka_unit_test(times_are_read_in_whole_seconds),
		cmocka_unit_test(timestamps_are_read),
		cmocka_unit_test(uuids_are_written_and_read),
	};

	return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
