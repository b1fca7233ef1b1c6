/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "backend/odbc/slot.h"

/* Values into the buffers that ODBC gets, and out of them. */

struct row {
	int64_t id, money;
	int32_t word;
	int16_t half;
	bool flag;
	float narrow;
	double wide;
	char code[4];
	uow_timestamp stamp;
	uow_date day;
	uow_uuid uuid;
	uow_bytes bytes;
};

static const uow_column columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_DECIMAL(struct row, money, "money", 18, 2, 0),
	UOW_INT32(struct row, word, "word", 0),
	UOW_INT16(struct row, half, "half", 0),
	UOW_BOOL(struct row, flag, "flag", 0),
	UOW_FLOAT(struct row, narrow, "narrow", 0),
	UOW_DOUBLE(struct row, wide, "wide", 0),
	UOW_CHARS(struct row, code, "code", 0),
	UOW_TIMESTAMP(struct row, stamp, "stamp", 0),
	UOW_DATE(struct row, day, "day", 0),
	UOW_UUID(struct row, uuid, "uuid", 0),
	UOW_BYTES(struct row, bytes, "bytes", 0, 0)
};
static const uow_entity entity = UOW_ENTITY(struct row, "rows", columns);

enum { ID, MONEY, WORD32, HALF, FLAG, NARROW, WIDE, CODE, STAMP, DAY, UUID,
       BYTES };

static struct mapping *m;
static struct type_form form;
static struct slot slot;
static struct row row;
static char buffer[256];
static SQLLEN length;
static uow_error err;

static void use(unsigned field, enum form kind)
{
	memset(&form, 0, sizeof(form));
	memset(&row, 0, sizeof(row));
	form.bind = form.fetch = kind;
	form.fraction = 9;
	slot_init_param(&slot, m, &m->fields[field], &form,
			m->fields[field].type, 1);
}

static int encode(uow_value v)
{
	memset(buffer, '#', sizeof(buffer));
	assert_true(value_size(&slot, &v) <= sizeof(buffer));
	return value_encode(&slot, &v, buffer, sizeof(buffer), &length, &err);
}

static int decode(const char *text)
{
	return value_decode(&slot, text, strlen(text), &row, NULL, &err);
}

static void gives_text(uow_value v, const char *want)
{
	assert_int_equal(encode(v), 0);
	assert_int_equal(length, (SQLLEN)strlen(want));
	assert_string_equal(buffer, want);
}

static void refuses(int rc, const char *column)
{
	assert_int_equal(rc, UOW_EDATA);
	assert_non_null(strstr(err.message, column));
}

static void numbers_go_out_in_each_form(void **state)
{
	int16_t half;
	int32_t word;
	int64_t wide;
	double d;
	float f;

	(void)state;
	use(ID, FORM_INT64);
	assert_int_equal(encode(uow_int(INT64_MIN)), 0);
	memcpy(&wide, buffer, sizeof(wide));
	assert_true(wide == INT64_MIN && length == 8);
	use(WORD32, FORM_INT32);
	assert_int_equal(encode(uow_int(-7)), 0);
	memcpy(&word, buffer, sizeof(word));
	assert_true(word == -7 && length == 4);
	use(HALF, FORM_INT16);
	assert_int_equal(encode(uow_int(-7)), 0);
	memcpy(&half, buffer, sizeof(half));
	assert_true(half == -7 && length == 2);
	use(FLAG, FORM_BIT);
	assert_int_equal(encode(uow_bool(true)), 0);
	assert_true(buffer[0] == 1 && length == 1);
	use(WIDE, FORM_DOUBLE);
	assert_int_equal(encode(uow_real(0.1)), 0);
	memcpy(&d, buffer, sizeof(d));
	assert_true(d == 0.1);
	use(NARROW, FORM_FLOAT);
	assert_int_equal(encode(uow_real(0.5)), 0);
	memcpy(&f, buffer, sizeof(f));
	assert_true(f == 0.5f && length == 4);
	use(FLAG, FORM_TEXT);
	gives_text(uow_bool(true), "1");
	use(ID, FORM_TEXT);
	gives_text(uow_int(INT64_MIN), "-9223372036854775808");
}

static void decimals_go_out_scaled_or_not(void **state)
{
	(void)state;
	use(MONEY, FORM_TEXT);
	gives_text(uow_decimal(-1250, 2), "-12.50");
	form.unscaled = true;
	gives_text(uow_decimal(-1250, 2), "-1250");
	form.digits = 15;
	gives_text(uow_decimal(123456789012345, 2), "123456789012345");
	refuses(encode(uow_decimal(1234567890123456, 2)), "'money'");
}

static void what_a_form_cannot_hold_is_refused(void **state)
{
	uow_timestamp t = { 2024, 2, 29, 1, 2, 3, 123456000 };

	(void)state;
	use(WIDE, FORM_DOUBLE);
	refuses(encode(uow_real(NAN)), "'wide'");
	refuses(encode(uow_real(-INFINITY)), "'wide'");
	form.nan = form.infinity = true;
	assert_int_equal(encode(uow_real(NAN)), 0);
	assert_int_equal(encode(uow_real(INFINITY)), 0);
	use(STAMP, FORM_TEXT);
	form.fraction = 6;
	gives_text(uow_stamp(t), "2024-02-29 01:02:03.123456");
	t.nanosecond++;
	refuses(encode(uow_stamp(t)), "'stamp'");
	use(STAMP, FORM_TIMESTAMP);
	form.fraction = 3;
	refuses(encode(uow_stamp(t)), "'stamp'");
	use(CODE, FORM_TEXT);
	{
		uow_value v = uow_text("abc");

		v.as.bytes.data = "a\0c";
		refuses(encode(v), "'code'");
	}
}

static void empty_text_is_refused_where_it_would_be_null(void **state)
{
	(void)state;
	use(CODE, FORM_TEXT);
	assert_int_equal(encode(uow_text("")), 0);
	form.empty_is_null = true;
	refuses(encode(uow_text("")), "code");
	assert_int_equal(encode(uow_text(" ")), 0);
	use(BYTES, FORM_BINARY);
	form.empty_is_null = true;
	refuses(encode(uow_blob("", 0)), "bytes");
	use(ID, FORM_TEXT);
	form.empty_is_null = true;
	gives_text(uow_int(0), "0");
}

static void whole_numbers_come_in_whole(void **state)
{
	(void)state;
	use(ID, FORM_TEXT);
	assert_int_equal(decode("-9223372036854775808"), 0);
	assert_true(row.id == INT64_MIN);
	assert_int_equal(decode("3.0"), 0);
	assert_int_equal(row.id, 3);
	refuses(decode("9223372036854775808"), "'id'");
	refuses(decode("1.5"), "'id'");
	refuses(decode("abc"), "'id'");
	refuses(decode(""), "'id'");
	assert_int_equal(row.id, 3);
	use(WORD32, FORM_TEXT);
	assert_int_equal(decode("2147483647"), 0);
	refuses(decode("2147483648"), "'word'");
	use(HALF, FORM_TEXT);
	refuses(decode("-32769"), "'half'");
	use(FLAG, FORM_TEXT);
	assert_int_equal(decode("t"), 0);
	assert_true(row.flag);
	assert_int_equal(decode("0"), 0);
	assert_false(row.flag);
	refuses(decode("2"), "'flag'");
}

static void numbers_come_in_from_binary(void **state)
{
	int64_t wide = (int64_t)INT32_MAX + 1;
	double d = 0.1;

	(void)state;
	use(WORD32, FORM_INT64);
	refuses(value_decode(&slot, (const char *)&wide, 8, &row, NULL, &err),
		"'word'");
	use(ID, FORM_LONG64);
	assert_int_equal(value_decode(&slot, (const char *)&wide, 8, &row,
				      NULL, &err), 0);
	assert_true(row.id == wide);
	use(WIDE, FORM_DOUBLE);
	assert_int_equal(value_decode(&slot, (const char *)&d, 8, &row, NULL,
				      &err), 0);
	assert_true(row.wide == 0.1);
	use(NARROW, FORM_DOUBLE);
	refuses(value_decode(&slot, (const char *)&d, 8, &row, NULL, &err),
		"'narrow'");
}

static void decimals_come_in_exactly(void **state)
{
	(void)state;
	use(MONEY, FORM_TEXT);
	assert_int_equal(decode("-12.5"), 0);
	assert_int_equal(row.money, -1250);
	refuses(decode("12.345"), "'money'");
	refuses(decode("12345678901234567.89"), "'money'");
	form.unscaled = true;
	assert_int_equal(decode("-1250"), 0);
	assert_int_equal(row.money, -1250);
	refuses(decode("12.5"), "'money'");
	form.unscaled = false;
	form.digits = 15;
	refuses(decode("1234567890123456.8"), "'money'");
}

static void text_longer_than_its_member_is_refused(void **state)
{
	(void)state;
	use(CODE, FORM_TEXT);
	assert_int_equal(decode("EUR"), 0);
	assert_string_equal(row.code, "EUR");
	refuses(decode("EURO"), "'code'");
	assert_string_equal(row.code, "EUR");
}

static void moments_are_checked(void **state)
{
	SQL_DATE_STRUCT never = { 2023, 2, 29 };

	(void)state;
	use(STAMP, FORM_TEXT);
	assert_int_equal(decode("2024-02-29 23:59:59.999999999"), 0);
	assert_int_equal(row.stamp.nanosecond, 999999999);
	refuses(decode("2023-02-29 00:00:00"), "'stamp'");
	use(DAY, FORM_DATE);
	refuses(value_decode(&slot, (const char *)&never, sizeof(never), &row,
			     NULL, &err), "'day'");
	use(UUID, FORM_TEXT);
	assert_int_equal(decode("00112233-4455-6677-8899-AABBCCDDEEFF"), 0);
	assert_int_equal(row.uuid.bytes[15], 0xff);
	refuses(decode("00112233"), "'uuid'");
	use(UUID, FORM_BINARY);
	refuses(value_decode(&slot, "short", 5, &row, NULL, &err), "'uuid'");
}

static void names_of_types_are_odbcs(void **state)
{
	(void)state;
	assert_int_equal(value_sql_type("bigint"), SQL_BIGINT);
	assert_int_equal(value_sql_type("TIMESTAMP"), SQL_TYPE_TIMESTAMP);
	assert_int_equal(value_sql_type("NOTHING"), SQL_UNKNOWN_TYPE);
	assert_int_equal(value_sql_type(NULL), SQL_UNKNOWN_TYPE);
	assert_int_equal(value_c_type(FORM_INT64), SQL_C_SBIGINT);
	assert_int_equal(value_c_type(FORM_LONG64), SQL_C_SLONG);
	assert_int_equal(value_c_type(FORM_BINARY), SQL_C_BINARY);
	assert_int_equal(value_c_type(FORM_TEXT), SQL_C_CHAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_go_out_in_each_form),
		cmocka_unit_test(decimals_go_out_scaled_or_not),
		cmocka_unit_test(what_a_form_cannot_hold_is_refused),
		cmocka_unit_test(empty_text_is_refused_where_it_would_be_null),
		cmocka_unit_test(whole_numbers_come_in_whole),
		cmocka_unit_test(numbers_come_in_from_binary),
		cmocka_unit_test(decimals_come_in_exactly),
		cmocka_unit_test(text_longer_than_its_member_is_refused),
		cmocka_unit_test(moments_are_checked),
		cmocka_unit_test(names_of_types_are_odbcs)
	};
	int rc;

	if (mapping_new(&m, &entity, NULL))
		return 1;
	rc = cmocka_run_group_tests_name("codec", tests, NULL, NULL);
	mapping_free(m);
	return rc;
}
