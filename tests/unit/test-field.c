/* SPDX-License-Identifier: BSD-2-Clause */
/* model/field.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "model/field.h"
#include "thing.h"

static const struct field *field(int i)
{
	return &map->fields[i];
}

static void null_is_a_flag_or_a_pointer(void **state)
{
	struct thing t = good_thing();
	int i;

	(void)state;
	t.flag = true;
	for (i = 0; i < THING_COLUMNS; i++) {
		assert_false(field_is_null(field(i), &t));
		if (!field_nullable(field(i)))
			continue;
		field_set_null(field(i), &t);
		assert_true(field_is_null(field(i), &t));
	}
	assert_false(t.flag);
	assert_true(t.flag_is_null);
	assert_int_equal(t.i64, 0);
	assert_string_equal(t.name, "");
	assert_null(t.note);
	assert_null(t.data.data);
	assert_int_equal(t.data.size, 0);
	assert_int_equal(t.id, 5);
}

/* Nothing behind the text is left of what was there before. */
static void chars_are_put_whole_or_not_at_all(void **state)
{
	struct thing t = good_thing(), was;
	const struct field *name = field(NAME);
	char longest[sizeof(t.name)];

	(void)state;
	memset(t.name, 'x', sizeof(t.name));
	assert_true(field_put_chars(name, &t, "ab\0cd", 2));
	assert_string_equal(t.name, "ab");
	assert_int_equal(t.name[sizeof(t.name) - 1], 0);
	memset(longest, 'y', sizeof(longest));
	was = t;
	assert_false(field_put_chars(name, &t, longest, sizeof(longest)));
	assert_false(field_put_chars(name, &t, "\xff", 1));
	assert_false(field_put_chars(name, &t, "a\0b", 3));
	assert_false(field_put_chars(field(NOTE), &t, "a", 1));
	assert_memory_equal(&t, &was, sizeof(t));
	assert_true(field_put_chars(name, &t, longest, sizeof(longest) - 1));
	assert_int_equal(strlen(t.name), sizeof(t.name) - 1);
}

static void nulls_are_equal_whatever_lies_below(void **state)
{
	struct thing a = good_thing(), b = a;

	(void)state;
	a.i64_is_null = true;
	assert_false(field_equal(field(I64), &a, &b));
	assert_false(field_equal(field(I64), &b, &a));
	b.i64_is_null = true;
	b.i64 = 7;
	assert_true(field_equal(field(I64), &a, &b));
	assert_true(field_hash(field(I64), &a, 1) ==
		    field_hash(field(I64), &b, 1));
	a.note = NULL;
	assert_false(field_equal(field(NOTE), &a, &b));
	assert_false(field_equal(field(NOTE), &b, &a));
	b.note = NULL;
	assert_true(field_equal(field(NOTE), &a, &b));
}

static void text_and_bytes_are_equal_by_content(void **state)
{
	struct thing a = good_thing(), b = a;
	char note[] = "note", data[] = { 1, 2 };

	(void)state;
	b.note = note;
	b.data.data = data;
	assert_true(field_equal(field(NOTE), &a, &b));
	assert_true(field_equal(field(DATA), &a, &b));
	assert_true(field_hash(field(NOTE), &a, 3) ==
		    field_hash(field(NOTE), &b, 3));
	assert_true(field_hash(field(DATA), &a, 3) ==
		    field_hash(field(DATA), &b, 3));
	note[3] = 'x';
	data[1] = 3;
	assert_false(field_equal(field(NOTE), &a, &b));
	assert_false(field_equal(field(DATA), &a, &b));
	b.data = a.data;
	b.data.size = 1;
	assert_false(field_equal(field(DATA), &a, &b));
}

static void what_follows_the_nul_does_not_count(void **state)
{
	struct thing a = good_thing(), b = a;

	(void)state;
	b.name[5] = 'x';
	assert_true(field_equal(field(NAME), &a, &b));
	assert_true(field_hash(field(NAME), &a, 0) ==
		    field_hash(field(NAME), &b, 0));
	b.name[3] = 'x';
	assert_false(field_equal(field(NAME), &a, &b));
	memset(a.name, 'y', sizeof(a.name));
	memset(b.name, 'y', sizeof(b.name));
	assert_true(field_equal(field(NAME), &a, &b));
	b.name[7] = 'z';
	assert_false(field_equal(field(NAME), &a, &b));
}

static void doubles_are_equal_by_their_bits(void **state)
{
	struct thing a = good_thing(), b = a;

	(void)state;
	a.f64 = 0.0;
	b.f64 = -0.0;
	assert_false(field_equal(field(F64), &a, &b));
	a.f64 = b.f64 = (double)NAN;
	assert_true(field_equal(field(F64), &a, &b));
}

static void every_type_tells_a_change(void **state)
{
	struct thing a = good_thing(), b = a;
	int i;

	(void)state;
	b.id++, b.i16++, b.i32++, b.i64++, b.price++;
	b.code[0]++, b.name[0]++;
	b.flag = true;
	b.f32 = 2, b.f64 = 2;
	b.note = "else", b.must = "else", b.data.data = "ab";
	b.day.day--, b.clock.second++, b.stamp.nanosecond++;
	b.uuid.bytes[15]++;
	for (i = 0; i < THING_COLUMNS; i++) {
		assert_true(field_equal(field(i), &a, &a));
		assert_false(field_equal(field(i), &a, &b));
		assert_true(field_hash(field(i), &a, 9) ==
			    field_hash(field(i), &a, 9));
		assert_true(field_hash(field(i), &a, 9) !=
			    field_hash(field(i), &b, 9));
		assert_true(field_hash(field(i), &a, 9) !=
			    field_hash(field(i), &a, 8));
	}
}

static void zero_is_what_is_still_to_come(void **state)
{
	struct thing t = good_thing(), zero;
	int i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	t.flag = true;
	t.i16 = 1;
	t.i32 = 1;
	t.f32 = 1;
	for (i = 0; i < THING_COLUMNS; i++) {
		assert_true(field_is_zero(field(i), &zero));
		assert_false(field_is_zero(field(i), &t));
	}
	zero.f64 = -0.0;
	zero.note = "";
	zero.data.data = "x";
	assert_true(field_is_zero(field(F64), &zero));
	assert_true(field_is_zero(field(NOTE), &zero));
	assert_true(field_is_zero(field(DATA), &zero));
	t.i64_is_null = true;
	assert_true(field_is_zero(field(I64), &t));
	zero.f64 = (double)NAN;
	assert_false(field_is_zero(field(F64), &zero));
}

static void members_come_and_go_as_values(void **state)
{
	struct thing a = good_thing(), b;
	uow_value v;
	int i;

	(void)state;
	a.flag = true;
	a.i16 = -3;
	a.i32 = -70000;
	a.f32 = 0.5;
	memset(&b, 0, sizeof(b));
	b.i64_is_null = b.name_is_null = true;
	for (i = 0; i < THING_COLUMNS; i++) {
		field_get(field(i), &a, &v);
		assert_int_equal(v.type, i == CODE || i == NAME ?
				 UOW_TYPE_TEXT : thing_columns[i].type);
		assert_int_equal(field_set(map, field(i), &b, &v, NULL, NULL),
				 0);
	}
	assert_memory_equal(&a, &b, sizeof(a));
	a.price_is_null = true;
	field_get(field(PRICE), &a, &v);
	assert_int_equal(v.type, UOW_TYPE_NULL);
	assert_int_equal(field_set(map, field(PRICE), &b, &v, NULL, NULL), 0);
	assert_true(b.price_is_null);
	assert_int_equal(b.price, 0);
}

static void decimals_carry_their_scale(void **state)
{
	struct thing t = good_thing();
	uow_value v;

	(void)state;
	field_get(field(PRICE), &t, &v);
	assert_int_equal(v.scale, 2);
	assert_int_equal(v.as.integer, 1250);
}

static void texts_are_copied_where_asked(void **state)
{
	struct thing t = good_thing();
	uow_value note = uow_text("abc"), data = uow_blob("\0\1", 2);
	struct arena a;

	(void)state;
	arena_init(&a);
	note.as.bytes.size = 2;
	assert_int_equal(field_set(map, field(NOTE), &t, &note, &a, NULL), 0);
	assert_int_equal(field_set(map, field(DATA), &t, &data, &a, NULL), 0);
	assert_string_equal(t.note, "ab");
	assert_true(arena_owns(&a, t.note));
	assert_memory_equal(t.data.data, "\0\1", 2);
	assert_true(arena_owns(&a, t.data.data));
	note = uow_text("abc");
	assert_int_equal(field_set(map, field(NOTE), &t, &note, NULL, NULL), 0);
	assert_ptr_equal(t.note, note.as.bytes.data);
	arena_release(&a);
}

static void a_refused_value_leaves_the_member(void **state)
{
	struct thing t = good_thing(), was = t;
	uow_value v = uow_text("too long for it"), none = uow_null();
	uow_error err;

	(void)state;
	assert_int_equal(field_set(map, field(NAME), &t, &v, NULL, &err),
			 UOW_EDATA);
	assert_string_equal(err.entity, "thing");
	assert_string_equal(err.message, "entity thing: column 'name' of type "
			    "CHARS cannot hold exactly the value of type TEXT: "
			    "15 bytes, and it has room for 7");
	assert_int_equal(field_set(map, field(ID), &t, &none, NULL, &err),
			 UOW_EDATA);
	assert_string_equal(err.message, "entity thing: column 'id' must not "
			    "be NULL");
	assert_int_equal(field_set(map, field(MUST), &t, &none, NULL, &err),
			 UOW_EDATA);
	assert_memory_equal(&t, &was, sizeof(t));
}

static void a_shorter_text_leaves_no_rest(void **state)
{
	struct thing t = good_thing();
	uow_value v;

	(void)state;
	strcpy(t.name, "1234567");
	field_get(field(NAME), &t, &v);
	v.as.bytes.size = 2;
	assert_int_equal(field_set(map, field(NAME), &t, &v, NULL, NULL), 0);
	assert_memory_equal(t.name, "12\0\0\0\0\0\0", 8);
}

/* The code, and what v became in out if that is 0. */
static int convert(int column, uow_value v, uow_value *out)
{
	uow_value untouched = uow_int(-77);
	uow_error err = UOW_ERROR_INIT;
	int rc;

	*out = untouched;
	rc = field_convert(map, field(column), &v, out, &err);
	assert_int_equal(err.code, rc);
	if (rc) {
		assert_int_equal(out->as.integer, -77);
		assert_non_null(strstr(err.message,
				       thing_columns[column].name));
	}
	return rc;
}

static void fits(int column, uow_value v, int64_t integer)
{
	uow_value out;

	assert_int_equal(convert(column, v, &out), 0);
	assert_int_equal(out.type, thing_columns[column].type);
	assert_int_equal(out.as.integer, integer);
}

static void becomes(int column, uow_value v, double real)
{
	uow_value out;

	assert_int_equal(convert(column, v, &out), 0);
	assert_int_equal(out.type, thing_columns[column].type);
	assert_memory_equal(&out.as.real, &real, sizeof(real));
}

static void refuses(int column, uow_value v, int code)
{
	uow_value out;

	assert_int_equal(convert(column, v, &out), code);
}

static void integers_convert_exactly(void **state)
{
	(void)state;
	fits(I16, uow_int(32767), 32767);
	fits(I16, uow_int(-32768), -32768);
	refuses(I16, uow_int(32768), UOW_EDATA);
	refuses(I16, uow_int(-32769), UOW_EDATA);
	fits(I32, uow_int(INT32_MIN), INT32_MIN);
	refuses(I32, uow_int((int64_t)INT32_MAX + 1), UOW_EDATA);
	refuses(I32, uow_int((int64_t)INT32_MIN - 1), UOW_EDATA);
	fits(I64, uow_decimal(1500, 2), 15);
	refuses(I64, uow_decimal(1550, 2), UOW_EDATA);
	refuses(I64, uow_decimal(1, -1), UOW_EINVAL);
	fits(I64, uow_real(-15.0), -15);
	refuses(I64, uow_real(1.5), UOW_EDATA);
	refuses(I64, uow_real(9223372036854775808.0), UOW_EDATA);
	fits(I64, uow_real(-9223372036854775808.0), INT64_MIN);
	refuses(I64, uow_real((double)NAN), UOW_EDATA);
	refuses(I64, uow_text("1"), UOW_EINVAL);
	refuses(I64, uow_bool(true), UOW_EINVAL);
	refuses(I64, uow_day(a_day), UOW_EINVAL);
}

static void truth_is_zero_or_one(void **state)
{
	uow_value out;

	(void)state;
	assert_int_equal(convert(FLAG, uow_int(1), &out), 0);
	assert_true(out.as.boolean);
	assert_int_equal(convert(FLAG, uow_int(0), &out), 0);
	assert_false(out.as.boolean);
	assert_int_equal(convert(FLAG, uow_bool(true), &out), 0);
	assert_true(out.as.boolean);
	refuses(FLAG, uow_int(2), UOW_EDATA);
	refuses(FLAG, uow_text("t"), UOW_EINVAL);
}

static void reals_convert_exactly(void **state)
{
	(void)state;
	becomes(F64, uow_int(1), 1.0);
	becomes(F64, uow_int(INT64_C(9007199254740992)), 9007199254740992.0);
	refuses(F64, uow_int(INT64_C(9007199254740993)), UOW_EDATA);
	refuses(F64, uow_int(INT64_MAX), UOW_EDATA);
	becomes(F64, uow_int(INT64_MIN), -9223372036854775808.0);
	becomes(F64, uow_decimal(-1225, 2), -12.25);
	becomes(F64, uow_decimal(10, 1), 1.0);
	becomes(F64, uow_decimal(0, 99), 0.0);
	refuses(F64, uow_decimal(1, 1), UOW_EDATA);
	refuses(F64, uow_decimal(1, 99), UOW_EDATA);
	becomes(F64, uow_real(0.1), 0.1);
	becomes(F32, uow_real(0.5), 0.5);
	refuses(F32, uow_real(0.1), UOW_EDATA);
	refuses(F32, uow_real(1e300), UOW_EDATA);
	refuses(F32, uow_int(16777217), UOW_EDATA);
	becomes(F32, uow_real((double)INFINITY), (double)INFINITY);
	refuses(F64, uow_text("1"), UOW_EINVAL);
}

static void decimals_convert_exactly(void **state)
{
	uow_value out;

	(void)state;
	assert_int_equal(convert(PRICE, uow_decimal(5, 0), &out), 0);
	assert_int_equal(out.scale, 2);
	fits(PRICE, uow_decimal(5, 0), 500);
	fits(PRICE, uow_decimal(-12340, 3), -1234);
	refuses(PRICE, uow_decimal(12345, 3), UOW_EDATA);
	fits(PRICE, uow_int(9999), 999900);
	refuses(PRICE, uow_int(10000), UOW_EDATA);
	refuses(PRICE, uow_int(INT64_MAX), UOW_EDATA);
	fits(PRICE, uow_real(12.25), 1225);
	fits(PRICE, uow_real(-12.25), -1225);
	fits(PRICE, uow_real(-0.75), -75);
	refuses(PRICE, uow_real(0.1), UOW_EDATA);
	refuses(PRICE, uow_real(0.125), UOW_EDATA);
	refuses(PRICE, uow_real(1e300), UOW_EDATA);
	refuses(PRICE, uow_real((double)NAN), UOW_EDATA);
	fits(PRICE, uow_text("12.50"), 1250);
	refuses(PRICE, uow_text("12.505"), UOW_EDATA);
	refuses(PRICE, uow_text("x"), UOW_EDATA);
	refuses(PRICE, uow_bool(true), UOW_EINVAL);
	refuses(PRICE, uow_decimal(1, -1), UOW_EINVAL);
}

static void text_converts_where_it_parses(void **state)
{
	uow_value out;

	(void)state;
	assert_int_equal(convert(DAY, uow_text("2024-02-29"), &out), 0);
	assert_memory_equal(&out.as.date, &a_day, sizeof(a_day));
	assert_int_equal(convert(CLOCK, uow_text("01:02:03"), &out), 0);
	assert_memory_equal(&out.as.clock, &a_time, sizeof(a_time));
	assert_int_equal(convert(STAMP, uow_text("2024-02-29 01:02:03.5"),
				 &out), 0);
	assert_memory_equal(&out.as.time, &a_stamp, sizeof(a_stamp));
	assert_int_equal(convert(UUID, uow_text(
		"01000000-0000-0000-0000-0000000000ff"), &out), 0);
	assert_int_equal(out.as.uuid.bytes[15], 255);
	refuses(DAY, uow_text("2024-02-30"), UOW_EDATA);
	refuses(CLOCK, uow_text("25:00:00"), UOW_EDATA);
	refuses(STAMP, uow_text("2024-02-29"), UOW_EDATA);
	refuses(UUID, uow_text("x"), UOW_EDATA);
	refuses(UUID, uow_int(1), UOW_EINVAL);
	refuses(CLOCK, uow_int(1), UOW_EINVAL);
	refuses(DAY, uow_int(1), UOW_EINVAL);
	refuses(STAMP, uow_int(1), UOW_EINVAL);
}

static void days_and_stamps_meet_at_midnight(void **state)
{
	uow_timestamp t = { 2024, 2, 29, 0, 0, 0, 0 };
	uow_date wrong = { 2024, 2, 30 };
	uow_value out;

	(void)state;
	assert_int_equal(convert(STAMP, uow_day(a_day), &out), 0);
	assert_memory_equal(&out.as.time, &t, sizeof(t));
	assert_int_equal(convert(DAY, uow_stamp(t), &out), 0);
	assert_memory_equal(&out.as.date, &a_day, sizeof(a_day));
	refuses(DAY, uow_stamp(a_stamp), UOW_EDATA);
	t.hour = 1;
	refuses(DAY, uow_stamp(t), UOW_EDATA);
	refuses(DAY, uow_day(wrong), UOW_EDATA);
	refuses(STAMP, uow_day(wrong), UOW_EDATA);
}

static void text_must_be_utf8_and_fit_its_array(void **state)
{
	uow_value out, v = uow_text("1234567");

	(void)state;
	assert_int_equal(convert(NAME, v, &out), 0);
	assert_int_equal(out.type, UOW_TYPE_TEXT);
	assert_ptr_equal(out.as.bytes.data, v.as.bytes.data);
	refuses(NAME, uow_text("12345678"), UOW_EDATA);
	refuses(NOTE, uow_text("\xff"), UOW_EDATA);
	v.as.bytes.data = "a\0b";
	v.as.bytes.size = 3;
	refuses(NOTE, v, UOW_EDATA);
	assert_int_equal(convert(NOTE, uow_text("longer than its column"),
				 &out), 0);
	refuses(NOTE, uow_int(1), UOW_EINVAL);
	refuses(NOTE, uow_blob("x", 1), UOW_EINVAL);
	refuses(DATA, uow_text("x"), UOW_EINVAL);
	assert_int_equal(convert(DATA, uow_blob("x", 1), &out), 0);
}

static void null_stays_null(void **state)
{
	uow_value out;
	int i;

	(void)state;
	for (i = 0; i < THING_COLUMNS; i++) {
		assert_int_equal(convert(i, uow_null(), &out), 0);
		assert_int_equal(out.type, UOW_TYPE_NULL);
	}
	assert_int_equal(convert(DATA, uow_blob(NULL, 0), &out), 0);
	assert_int_equal(out.type, UOW_TYPE_NULL);
	refuses(DATA, uow_blob(NULL, 1), UOW_EINVAL);
}

static void check_says(int column, const struct thing *t, const char *what)
{
	uow_error err = UOW_ERROR_INIT;

	assert_int_equal(field_check(map, field(column), t, false, &err),
			 UOW_EDATA);
	assert_int_equal(err.code, UOW_EDATA);
	assert_string_equal(err.entity, "thing");
	assert_non_null(strstr(err.message, thing_columns[column].name));
	assert_non_null(strstr(err.message, what));
}

static void good_members_may_be_written(void **state)
{
	struct thing t = good_thing();
	int i;

	(void)state;
	for (i = 0; i < THING_COLUMNS; i++)
		assert_int_equal(field_check(map, field(i), &t, false, NULL),
				 0);
	t.note = "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
	assert_int_equal(field_check(map, field(NOTE), &t, false, NULL), 0);
	t.note = NULL;
	assert_int_equal(field_check(map, field(NOTE), &t, false, NULL), 0);
	t.name_is_null = true;
	memset(t.name, 0xff, sizeof(t.name));
	assert_int_equal(field_check(map, field(NAME), &t, false, NULL), 0);
}

static void bad_members_are_named(void **state)
{
	struct thing t = good_thing();

	(void)state;
	memset(t.name, 'x', sizeof(t.name));
	check_says(NAME, &t, "no NUL in its array of 8 bytes");
	strcpy(t.name, "\xe4");
	check_says(NAME, &t, "not UTF-8");
	t.note = "12345";
	check_says(NOTE, &t, "5 characters, 4 is the limit");
	t.note = "\xff";
	check_says(NOTE, &t, "not UTF-8");
	t.data.data = "12345";
	t.data.size = 5;
	check_says(DATA, &t, "5 bytes, 4 is the limit");
	t.day.day = 30;
	check_says(DAY, &t, "a DATE that does not exist");
	t.clock.hour = 24;
	check_says(CLOCK, &t, "a TIME that does not exist");
	t.stamp.month = 0;
	check_says(STAMP, &t, "a TIMESTAMP that does not exist");
	t.price = 1000000;
	check_says(PRICE, &t, "more than 6 digits");
	t.must = NULL;
	check_says(MUST, &t, "must not be NULL");
}

static void special_numbers_need_leave(void **state)
{
	struct thing t = good_thing();

	(void)state;
	t.f64 = (double)NAN;
	t.f32 = -INFINITY;
	check_says(F64, &t, "NaN");
	check_says(F32, &t, "infinity");
	assert_int_equal(field_check(map, field(F64), &t, true, NULL), 0);
	assert_int_equal(field_check(map, field(F32), &t, true, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_a_flag_or_a_pointer),
		cmocka_unit_test(chars_are_put_whole_or_not_at_all),
		cmocka_unit_test(nulls_are_equal_whatever_lies_below),
		cmocka_unit_test(text_and_bytes_are_equal_by_content),
		cmocka_unit_test(what_follows_the_nul_does_not_count),
		cmocka_unit_test(doubles_are_equal_by_their_bits),
		cmocka_unit_test(every_type_tells_a_change),
		cmocka_unit_test(zero_is_what_is_still_to_come),
		cmocka_unit_test(members_come_and_go_as_values),
		cmocka_unit_test(decimals_carry_their_scale),
		cmocka_unit_test(texts_are_copied_where_asked),
		cmocka_unit_test(a_refused_value_leaves_the_member),
		cmocka_unit_test(a_shorter_text_leaves_no_rest),
		cmocka_unit_test(integers_convert_exactly),
		cmocka_unit_test(truth_is_zero_or_one),
		cmocka_unit_test(reals_convert_exactly),
		cmocka_unit_test(decimals_convert_exactly),
		cmocka_unit_test(text_converts_where_it_parses),
		cmocka_unit_test(days_and_stamps_meet_at_midnight),
		cmocka_unit_test(text_must_be_utf8_and_fit_its_array),
		cmocka_unit_test(null_stays_null),
		cmocka_unit_test(good_members_may_be_written),
		cmocka_unit_test(bad_members_are_named),
		cmocka_unit_test(special_numbers_need_leave),
	};

	return cmocka_run_group_tests_name("field", tests, map_thing,
					   unmap_thing);
}
