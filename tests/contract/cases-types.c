/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every type of value.h, read back exactly as it was written. */

static void write_types(struct fixture *f, const struct types *t, size_t count)
{
	uow_unit *u = begin(f);
	size_t i;

	for (i = 0; i < count; i++)
		need(u, uow_add(uow_repository_of(u, &types_entity), &t[i]));
	commit(u);
}

static void reads_back(struct fixture *f, const struct types *t, size_t count)
{
	uow_unit *u = begin(f);
	size_t i;

	for (i = 0; i < count; i++) {
		struct types *got = need(u, uow_get(
			uow_repository_of(u, &types_entity),
			uow_id(t[i].id)));

		if (!types_equal(got, &t[i]))
			fail_msg("row %d differs", (int)t[i].id);
	}
	commit(u);
}

static void round_trip(struct fixture *f, const struct types *t, size_t count)
{
	tables(f, &types_entity, NULL);
	write_types(f, t, count);
	reads_back(f, t, count);
}

static void a_row_of_all_types_comes_back(void **state)
{
	struct types t;

	types_sample(&t, 1);
	round_trip(*state, &t, 1);
}

static void integers_come_back_at_their_limits(void **state)
{
	struct types t[4];
	int i;

	for (i = 0; i < 4; i++)
		types_sample(&t[i], i + 1);
	t[0].i16 = INT16_MIN;
	t[0].i32 = INT32_MIN;
	t[0].i64 = INT64_MIN;
	t[0].b = false;
	t[1].i16 = INT16_MAX;
	t[1].i32 = INT32_MAX;
	t[1].i64 = INT64_MAX;
	t[2].i16 = 0;
	t[2].i32 = 0;
	t[2].i64 = 0;
	t[3].i16 = -1;
	t[3].i32 = -1;
	t[3].i64 = 9007199254740993;	/* no double has it */
	round_trip(*state, t, 4);
}

static void doubles_come_back_bit_by_bit(void **state)
{
	static const double values[] = {
		DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, DBL_EPSILON,
		4.9406564584124654e-324, 2.2250738585072009e-308,
		0.1, 0.2, 0.1 + 0.2, 1.0 / 3, -2.0 / 3, 0, -0.0, 1, -1,
		1e15, 1e16, 1e17, 1e21, 1e22, 1e23, 123456789012345678.0,
		9007199254740993.0, 9223372036854775808.0, 5e-5, 1e-7,
		3.141592653589793, 2.718281828459045, 1.7976931348623155e308,
	};
	enum { N = sizeof(values) / sizeof(values[0]) };
	struct types t[N];
	int i;

	needs_long_double();
	for (i = 0; i < N; i++) {
		types_sample(&t[i], i + 1);
		t[i].d = values[i];
	}
	round_trip(*state, t, N);
}

static void floats_come_back_bit_by_bit(void **state)
{
	static const float values[] = {
		FLT_MAX, -FLT_MAX, FLT_MIN, FLT_EPSILON, 1.4012984643e-45f,
		0.1f, -0.1f, 1.0f / 3, 16777216.0f, 16777215.0f, 0.0f, 1e10f,
		3.4028233e38f, 1.1754942e-38f,
	};
	enum { N = sizeof(values) / sizeof(values[0]) };
	struct types t[N];
	int i;

	needs_long_double();
	for (i = 0; i < N; i++) {
		types_sample(&t[i], i + 1);
		t[i].f = values[i];
	}
	round_trip(*state, t, N);
}

/* 131: sign, scale, 18 digits */
static void decimals_come_back_with_all_digits(void **state)
{
	static const int64_t values[] = {
		999999999999999999, -999999999999999999, 0, 1, -1, 5, -5,
		99, -99, 100, -100, 123456789012345678, -123456789012345678,
		100000000000000000, 900719925474099301, 1000000000000001,
		10, -10, 50, 1250, -1250,
	};
	enum { N = sizeof(values) / sizeof(values[0]) };
	struct types t[N];
	int i;

	for (i = 0; i < N; i++) {
		types_sample(&t[i], i + 1);
		t[i].dec0 = t[i].dec2 = t[i].dec18 = values[i];
	}
	round_trip(*state, t, N);
}

static void texts_come_back_byte_by_byte(void **state)
{
	static const char *const values[] = {
		"", NULL, " ", "  trailing blanks  ", "'", "''", "\"", "\\",
		"%_", "?", "{fn now()}", "\t\r\n", "\x7f\x01", "NULL",
		"Gr\xc3\xbc\xc3\x9f" "e",
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
		"\xf0\x9f\x98\x80\xf0\x9f\x92\xa9", "\xf4\x8f\xbf\xbf",
		"e\xcc\x81 is not \xc3\xa9", "0", "1,5", "1.5", "-- ;",
	};
	enum { N = sizeof(values) / sizeof(values[0]) };
	struct types t[N];
	int i;

	for (i = 0; i < N; i++) {
		types_sample(&t[i], i + 1);
		t[i].text = values[i];
		if (values[i] && strlen(values[i]) < sizeof(t[i].chars))
			strcpy(t[i].chars, values[i]);
	}
	/* filled to the last byte */
	memset(t[0].chars, 'x', sizeof(t[0].chars) - 1);
	round_trip(*state, t, N);
}

static void a_megabyte_of_text_comes_back(void **state)
{
	enum { SIZE = 1 << 20 };
	struct types t[2];
	char *text = malloc(SIZE + 1);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < SIZE; i++)
		text[i] = (char)('!' + i % 90);
	text[SIZE] = '\0';
	types_sample(&t[0], 1);
	types_sample(&t[1], 2);
	t[0].text = text;
	round_trip(*state, t, 2);
	free(text);
}

static void a_megabyte_of_all_bytes_comes_back(void **state)
{
	enum { SIZE = 1 << 20 };
	struct types t[2];
	unsigned char *data = malloc(SIZE);
	size_t i;

	assert_non_null(data);
	for (i = 0; i < SIZE; i++)
		data[i] = (unsigned char)(i * 7 + i / 256);
	types_sample(&t[0], 1);
	types_sample(&t[1], 2);
	t[0].bytes.data = data;
	t[0].bytes.size = SIZE;
	round_trip(*state, t, 2);
	free(data);
}

/* Different lengths one after the other through one statement. */
static void bytes_of_many_lengths_come_back(void **state)
{
	enum { N = 40 };
	static unsigned char data[5000];
	struct types t[N];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(255 - i % 256);
	for (i = 0; i < N; i++) {
		types_sample(&t[i], (int64_t)i + 1);
		t[i].bytes.data = i % 7 == 3 ? NULL : data;
		t[i].bytes.size = i % 7 == 3 ? 0 : (i * 769) % 4999;
	}
	round_trip(*state, t, N);
}

/* Nothing is not NULL, for texts and for bytes. */
static void empty_is_not_null(void **state)
{
	struct fixture *f = *state;
	struct types t[2], *got;
	uow_unit *u;

	types_sample(&t[0], 1);
	t[0].text = "";
	t[0].chars[0] = '\0';
	t[0].bytes.data = "";
	t[0].bytes.size = 0;
	types_sample(&t[1], 2);
	t[1].text = NULL;
	t[1].bytes.data = NULL;
	t[1].bytes.size = 0;
	round_trip(f, t, 2);
	u = begin(f);
	got = need(u, uow_get(uow_repository_of(u, &types_entity), uow_id(1)));
	assert_non_null(got->text);
	assert_non_null(got->bytes.data);
	assert_int_equal(got->bytes.size, 0);
	got = need(u, uow_get(uow_repository_of(u, &types_entity), uow_id(2)));
	assert_null(got->text);
	assert_null(got->bytes.data);
	commit(u);
}

static void dates_and_times_come_back_at_their_limits(void **state)
{
	struct types t[4];
	int i;

	for (i = 0; i < 4; i++)
		types_sample(&t[i], i + 1);
	t[0].date = (uow_date){ 1, 1, 1 };
	t[0].time = (uow_time){ 0, 0, 0 };
	t[0].stamp = (uow_timestamp){ 1, 1, 1, 0, 0, 0, 0 };
	t[1].date = (uow_date){ 9999, 12, 31 };
	t[1].time = (uow_time){ 23, 59, 59 };
	t[1].stamp = (uow_timestamp){ 9999, 12, 31, 23, 59, 59, 0 };
	t[2].date = (uow_date){ 1582, 10, 15 };
	t[2].stamp = (uow_timestamp){ 1900, 2, 28, 12, 0, 0, 1000 };
	t[3].date = (uow_date){ 2000, 2, 29 };
	t[3].stamp = (uow_timestamp){ 2038, 1, 19, 3, 14, 8, 999999000 };
	round_trip(*state, t, 4);
}

/* No gap in the calendar: the day comes back, or the write is refused. */
static void days_come_back_or_are_refused(void **state)
{
	static const uow_date days[] = {
		{ 4, 12, 31 }, { 1582, 10, 5 }, { 1582, 10, 14 },
		{ 4, 12, 30 }, { 5, 1, 1 }, { 1582, 10, 4 },
		{ 1582, 10, 15 }, { 1500, 2, 28 }, { 1752, 9, 10 },
	};
	struct fixture *f = *state;
	bool lost = f->backend->flags & BACKEND_LOSES_DAYS;
	struct types t;
	uow_unit *u;
	size_t i;
	int rc;

	tables(f, &types_entity, NULL);
	for (i = 0; i < 2 * sizeof(days) / sizeof(days[0]); i++) {
		types_sample(&t, (int64_t)i + 1);
		if (i % 2) {
			t.stamp.year = days[i / 2].year;
			t.stamp.month = days[i / 2].month;
			t.stamp.day = days[i / 2].day;
		} else {
			t.date = days[i / 2];
		}
		u = begin(f);
		need(u, uow_add(uow_repository_of(u, &types_entity), &t));
		rc = uow_commit(u);
		uow_unit_free(u);
		assert_int_equal(rc, lost && i < 6 ? UOW_EDATA : 0);
		if (!rc)
			reads_back(f, &t, 1);
	}
}

/* All nine digits come back, or the write says that they would not. */
static void nanoseconds_come_back_or_are_refused(void **state)
{
	static const uint32_t values[] = { 999999999, 1, 100, 123456789 };
	struct fixture *f = *state;
	struct types t;
	uow_unit *u;
	size_t i;
	int rc;

	tables(f, &types_entity, NULL);
	for (i = 0; i < 4; i++) {
		types_sample(&t, (int64_t)i + 1);
		t.stamp.nanosecond = values[i];
		u = begin(f);
		need(u, uow_add(uow_repository_of(u, &types_entity), &t));
		rc = uow_commit(u);
		uow_unit_free(u);
		if (rc)
			assert_int_equal(rc, UOW_EDATA);
		else
			reads_back(f, &t, 1);
		if (f->backend->flags & BACKEND_FILE)
			assert_int_equal(rc, 0);
	}
}

static void uuids_come_back_byte_by_byte(void **state)
{
	struct types t[3];
	int i;

	for (i = 0; i < 3; i++)
		types_sample(&t[i], i + 1);
	memset(t[0].uuid.bytes, 0, 16);
	memset(t[1].uuid.bytes, 0xff, 16);
	memset(t[2].uuid.bytes, 0, 16);
	t[2].uuid.bytes[0] = 0x80;
	round_trip(*state, t, 3);
}

/* NaN and infinities come back as they are or are refused: never NULL. */
static void numbers_that_are_none_come_back_or_are_refused(void **state)
{
	struct fixture *f = *state;
	double values[3];
	struct types t, *got;
	uow_unit *u;
	int i, rc;

	values[0] = strtod("nan", NULL);
	values[1] = HUGE_VAL;
	values[2] = -HUGE_VAL;
	tables(f, &types_entity, NULL);
	for (i = 0; i < 6; i++) {
		types_sample(&t, i + 1);
		if (i < 3)
			t.d = values[i];
		else
			t.f = (float)values[i - 3];
		u = begin(f);
		need(u, uow_add(uow_repository_of(u, &types_entity), &t));
		rc = uow_commit(u);
		if (rc) {
			assert_int_equal(rc, UOW_EDATA);
			contains(uow_unit_error(u)->message,
				 i < 3 ? "d" : "f");
		}
		uow_unit_free(u);
		if (i % 3 == 0 && f->backend->flags & BACKEND_NO_NAN)
			assert_int_equal(rc, UOW_EDATA);
		if (rc)
			continue;
		u = begin(f);
		got = need(u, uow_get(uow_repository_of(u, &types_entity),
				      uow_id(i + 1)));
		if (i % 3)
			assert_true(types_equal(got, &t));
		else
			assert_true(isnan(i ? (double)got->f : got->d));
		commit(u);
	}
}

/* What does not fit its column is refused on writing, naming the column. */
static void a_value_too_long_for_its_column_is_refused(void **state)
{
	struct fixture *f = *state;
	struct limited good, l;
	uow_unit *u;
	int i, rc;

	tables(f, &limited_entity, NULL);
	memset(&good, 0, sizeof(good));
	good.id = 1;
	/* five characters, ten bytes */
	good.text = "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa9";
	good.bytes.data = "1234";
	good.bytes.size = 4;
	good.dec = -99999;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &limited_entity), &good));
	commit(u);
	for (i = 0; i < 6; i++) {
		static const char *const names[] =
			{ "body", "bytes", "dec", "dec", "body", "bytes" };

		l = good;
		l.id = 2;
		if (i == 0)
			l.text = "sixsix";
		else if (i == 1)
			l.bytes.size = 5, l.bytes.data = "12345";
		else if (i == 2)
			l.dec = 100000;
		else if (i == 3)
			l.dec = INT64_MIN;
		else if (i == 4)
			l.text = NULL;
		else
			l.bytes.data = NULL;
		u = begin(f);
		uow_add(uow_repository_of(u, &limited_entity), &l);
		rc = uow_commit(u);
		code_(rc, UOW_EDATA, uow_unit_error(u), names[i], __FILE__,
		      __LINE__);
		contains(uow_unit_error(u)->message, names[i]);
		contains(uow_unit_error(u)->entity, "limited");
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &limited_entity), 1);
}

/* A day, time or moment that does not exist is refused on writing. */
static void dates_that_do_not_exist_are_refused(void **state)
{
	struct fixture *f = *state;
	struct types t;
	uow_unit *u;
	int i;

	tables(f, &types_entity, NULL);
	for (i = 0; i < 10; i++) {
		types_sample(&t, 1);
		if (i == 0)
			t.date = (uow_date){ 2023, 2, 29 };
		else if (i == 1)
			t.date = (uow_date){ 1900, 2, 29 };
		else if (i == 2)
			t.date = (uow_date){ 2024, 0, 1 };
		else if (i == 3)
			t.date = (uow_date){ 0, 1, 1 };
		else if (i == 4)
			t.date = (uow_date){ 10000, 1, 1 };
		else if (i == 5)
			t.time = (uow_time){ 24, 0, 0 };
		else if (i == 6)
			t.time = (uow_time){ 0, 60, 0 };
		else if (i == 7)
			t.stamp.day = 32;
		else if (i == 8)
			t.stamp.second = 61;
		else
			t.stamp.nanosecond = 1000000000;
		u = begin(f);
		uow_add(uow_repository_of(u, &types_entity), &t);
		assert_int_equal(uow_commit(u), UOW_EDATA);
		contains(uow_unit_error(u)->message,
			 i < 5 ? "on_day" : i < 7 ? "at_time" : "stamp");
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &types_entity), 0);
}

/* A char[N] without its NUL is not read past its end. */
static void a_char_array_without_its_end_is_refused(void **state)
{
	struct fixture *f = *state;
	struct types t;
	uow_unit *u;

	tables(f, &types_entity, NULL);
	types_sample(&t, 1);
	memset(t.chars, 'x', sizeof(t.chars));
	u = begin(f);
	uow_add(uow_repository_of(u, &types_entity), &t);
	assert_int_equal(uow_commit(u), UOW_EDATA);
	contains(uow_unit_error(u)->message, "chars");
	uow_unit_free(u);
}

static const struct CMUnitTest types_cases[] = {
	CASE(a_row_of_all_types_comes_back),
	CASE(integers_come_back_at_their_limits),
	CASE(doubles_come_back_bit_by_bit),
	CASE(floats_come_back_bit_by_bit),
	CASE(decimals_come_back_with_all_digits),
	CASE(texts_come_back_byte_by_byte),
	CASE(a_megabyte_of_text_comes_back),
	CASE(a_megabyte_of_all_bytes_comes_back),
	CASE(bytes_of_many_lengths_come_back),
	CASE(empty_is_not_null),
	CASE(dates_and_times_come_back_at_their_limits),
	CASE(days_come_back_or_are_refused),
	CASE(nanoseconds_come_back_or_are_refused),
	CASE(uuids_come_back_byte_by_byte),
	CASE(numbers_that_are_none_come_back_or_are_refused),
	CASE(a_value_too_long_for_its_column_is_refused),
	CASE(dates_that_do_not_exist_are_refused),
	CASE(a_char_array_without_its_end_is_refused),
};
TOPIC(types, "types");
