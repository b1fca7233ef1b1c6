/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/counter.h"

struct counts {
	int64_t id;
	int16_t i16;
	int32_t i32;
	int64_t i64, money;
	double real;
	float narrow;
	bool money_is_null;
};

static const uow_column columns[] = {
	UOW_INT64(struct counts, id, "id", UOW_KEY),
	UOW_INT16(struct counts, i16, "i16", 0),
	UOW_INT32(struct counts, i32, "i32", 0),
	UOW_INT64(struct counts, i64, "i64", 0),
	UOW_NULLABLE_DECIMAL(struct counts, money, "money", 5, 2, 0),
	UOW_DOUBLE(struct counts, real, "real", 0),
	UOW_FLOAT(struct counts, narrow, "narrow", 0)
};
static const uow_entity entity = UOW_ENTITY(struct counts, "counts", columns);

enum { ID, I16, I32, I64, MONEY, REAL, NARROW };

static struct mapping *m;

static int make(void **state)
{
	uow_error err;

	(void)state;
	return mapping_new(&m, &entity, &err);
}

static int drop(void **state)
{
	(void)state;
	mapping_free(m);
	return 0;
}

static bool adds(int field, struct counts *row, const struct counts *by)
{
	return field_add(&m->fields[field], row, by);
}

static void only_numbers_without_rounding_count(void **state)
{
	(void)state;
	assert_true(field_counts(&m->fields[I16]));
	assert_true(field_counts(&m->fields[MONEY]));
	assert_true(field_counts(&m->fields[REAL]));
	assert_false(field_counts(&m->fields[NARROW]));
}

static void sums_are_sums(void **state)
{
	struct counts row, by;

	(void)state;
	memset(&row, 0, sizeof(row));
	memset(&by, 0, sizeof(by));
	row.i16 = -7;
	by.i16 = 9;
	row.i64 = INT64_MAX;
	by.i64 = INT64_MIN;
	row.real = 0.25;
	by.real = -1;
	assert_true(adds(I16, &row, &by));
	assert_int_equal(row.i16, 2);
	assert_true(adds(I64, &row, &by));
	assert_int_equal(row.i64, -1);
	assert_true(adds(REAL, &row, &by));
	assert_true(row.real == -0.75);
}

static void what_does_not_fit_changes_nothing(void **state)
{
	struct counts row, by;

	(void)state;
	memset(&row, 0, sizeof(row));
	memset(&by, 0, sizeof(by));
	row.i16 = INT16_MAX;
	row.i32 = INT32_MIN;
	row.i64 = INT64_MAX;
	row.money = 99999;
	row.real = 9e307;
	by.i16 = 1;
	by.i64 = 1;
	by.money = 1;
	by.i32 = -1;
	by.real = 2e307;
	assert_false(adds(I16, &row, &by));
	assert_false(adds(I32, &row, &by));
	assert_false(adds(I64, &row, &by));
	assert_false(adds(MONEY, &row, &by));
	assert_false(adds(REAL, &row, &by));
	assert_int_equal(row.i16, INT16_MAX);
	assert_int_equal(row.i32, INT32_MIN);
	assert_int_equal(row.money, 99999);
	row.real = NAN;
	assert_false(adds(REAL, &row, &by));
}

static void nothing_is_added_to_null(void **state)
{
	struct counts row, by;

	(void)state;
	memset(&row, 0, sizeof(row));
	memset(&by, 0, sizeof(by));
	row.money_is_null = true;
	assert_false(adds(MONEY, &row, &by));
	assert_true(row.money_is_null);
}

static void room_ends_where_the_sum_does(void **state)
{
	uow_value floor, ceiling;
	struct counts by;

	(void)state;
	memset(&by, 0, sizeof(by));
	by.money = 100;
	field_room(&m->fields[MONEY], &by, &floor, &ceiling);
	assert_int_equal(floor.type, UOW_TYPE_DECIMAL);
	assert_int_equal(floor.as.integer, -99999);
	assert_int_equal(ceiling.as.integer, 99899);
	by.i64 = INT64_MIN;
	field_room(&m->fields[I64], &by, &floor, &ceiling);
	assert_int_equal(floor.as.integer, 0);
	assert_int_equal(ceiling.as.integer, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_numbers_without_rounding_count),
		cmocka_unit_test(sums_are_sums),
		cmocka_unit_test(what_does_not_fit_changes_nothing),
		cmocka_unit_test(nothing_is_added_to_null),
		cmocka_unit_test(room_ends_where_the_sum_does),
	};

	return cmocka_run_group_tests_name("counter", tests, make, drop);
}
