/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimals of up to 38 digits, which are text in the program. */

struct digits {
	int64_t id;
	const char *wide;	/* 38, 10 behind the point */
	const char *whole;	/* 38 */
	const char *part;	/* 20, all of them behind the point */
	const char *price;	/* 5, 2, required */
	int32_t amount;
};
static const uow_column digits_columns[] = {
	UOW_INT64(struct digits, id, "id", UOW_KEY),
	UOW_DECIMAL_TEXT(struct digits, wide, "wide", 38, 10, 0),
	UOW_DECIMAL_TEXT(struct digits, whole, "whole", 38, 0, 0),
	UOW_DECIMAL_TEXT(struct digits, part, "part", 20, 20, 0),
	UOW_DECIMAL_TEXT(struct digits, price, "price", 5, 2, UOW_REQUIRED),
	UOW_INT32(struct digits, amount, "amount", 0),
};
static const uow_entity digits_entity =
	UOW_ENTITY(struct digits, "digits", digits_columns);

static uow_repository *all(uow_unit *u)
{
	return uow_repository_of(u, &digits_entity);
}

enum { N = 24, TEXT = 44 };

struct texts {
	char wide[TEXT], whole[TEXT], part[TEXT], price[TEXT];
};

/* As it is read: no zeros in front, scale digits behind the point. */
static void random_number(struct dice *d, char *out, unsigned precision,
			  unsigned scale)
{
	unsigned digits = 1 + (unsigned)dice_roll(d, precision), i;

	if (digits < scale)
		digits = scale;
	if (dice_roll(d, 2))
		*out++ = '-';
	if (digits == scale)
		*out++ = '0';
	for (i = digits; i > 0; i--) {
		if (i == scale)
			*out++ = '.';
		*out++ = (char)('0' + (i == digits || i == 1 ?
				1 + dice_roll(d, 9) : dice_roll(d, 10)));
	}
	*out = '\0';
}

static void random_row(struct dice *d, struct texts *t, struct digits *row,
		       int64_t id)
{
	random_number(d, t->wide, 38, 10);
	random_number(d, t->whole, 38, 0);
	random_number(d, t->part, 20, 20);
	random_number(d, t->price, 5, 2);
	memset(row, 0, sizeof(*row));
	row->id = id;
	row->wide = t->wide;
	row->whole = t->whole;
	row->part = t->part;
	row->price = t->price;
}

static void same(const struct digits *got, const struct texts *t)
{
	assert_string_equal(got->wide, t->wide);
	assert_string_equal(got->whole, t->whole);
	assert_string_equal(got->part, t->part);
	assert_string_equal(got->price, t->price);
}

static uint64_t rows_where(uow_unit *u, const uow_spec *s)
{
	uint64_t n = 99;

	must(u, uow_count(all(u), s, &n));
	return n;
}

static void rows_are(struct fixture *f, const struct texts *t)
{
	uow_unit *u = begin(f);
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", false };
	uow_rows rows;
	int i;

	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	must(u, uow_find(all(u), &q, &rows));
	assert_int_equal(rows.count, N);
	for (i = 0; i < N; i++) {
		same(rows.items[i], &t[i]);
		assert_int_equal(rows_where(u, uow_eq(u, "wide",
						      uow_text(t[i].wide))),
				 1);
	}
	commit(u);
}

static void thirty_eight_digits_come_back(void **state)
{
	struct fixture *f = *state;
	struct texts t[N];
	struct digits rows[N], *got;
	struct dice d;
	uow_unit *u;
	int i;

	tables(f, &digits_entity, NULL);
	dice_seed(&d);
	for (i = 0; i < N; i++)
		random_row(&d, &t[i], &rows[i], i + 1);
	u = begin(f);
	for (i = 0; i < N / 2; i++)
		need(u, uow_add(all(u), &rows[i]));
	must(u, uow_insert_all(all(u), rows + N / 2, N / 2));
	commit(u);
	rows_are(f, t);
	u = begin(f);
	for (i = 0; i < N; i++) {
		got = need(u, uow_get(all(u), uow_id(i + 1)));
		same(got, &t[i]);
		random_row(&d, &t[i], got, i + 1);
	}
	commit(u);
	rows_are(f, t);
}

static void no_number_is_null(void **state)
{
	struct fixture *f = *state;
	struct digits row = { 1, NULL, NULL, NULL, "0", 0 }, *got;
	uow_unit *u;

	tables(f, &digits_entity, NULL);
	u = begin(f);
	need(u, uow_add(all(u), &row));
	commit(u);
	u = begin(f);
	got = need(u, uow_get(all(u), uow_id(1)));
	assert_null(got->wide);
	assert_null(got->whole);
	assert_string_equal(got->price, "0.00");
	assert_int_equal(rows_where(u, uow_is_null(u, "wide")), 1);
	got->wide = "-0";
	got->part = ".5";
	got->whole = "99999999999999999999999999999999999999";
	commit(u);
	u = begin(f);
	got = need(u, uow_get(all(u), uow_id(1)));
	assert_string_equal(got->wide, "0.0000000000");
	assert_string_equal(got->part, "0.50000000000000000000");
	assert_string_equal(got->whole,
			    "99999999999999999999999999999999999999");
	commit(u);
}

/* One digit more or less is another number; a zero more is not. */
static void numbers_are_equal_to_the_last_digit(void **state)
{
	static const struct {
		const char *text;
		uint64_t rows;
	} asked[] = {
		{ "1234567890123456789012345678.0123456789", 1 },
		{ "+01234567890123456789012345678.0123456789", 1 },
		{ "1234567890123456789012345678.0123456788", 0 },
		{ "1234567890123456789012345678.012345679", 0 },
		{ "-1234567890123456789012345678.0123456789", 0 },
		{ "1.5", 1 }, { "1.50", 1 }, { "15e-1", 1 }, { "2", 0 },
	};
	struct fixture *f = *state;
	struct digits rows[2] = {
		{ 1, "1234567890123456789012345678.0123456789", NULL, NULL,
		  "1", 0 },
		{ 2, "1.5", NULL, NULL, "2", 0 },
	};
	uow_value both[3];
	uow_unit *u;
	size_t i;

	tables(f, &digits_entity, NULL);
	u = begin(f);
	must(u, uow_insert_all(all(u), rows, 2));
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const uow_spec *s = uow_eq(u, "wide", uow_text(asked[i].text));

		if (rows_where(u, s) != asked[i].rows)
			fail_msg("'%s' is found in error, or not",
				 asked[i].text);
		assert_int_equal(uow_satisfies(s, &digits_entity, &rows[0]) +
				 uow_satisfies(s, &digits_entity, &rows[1]),
				 asked[i].rows);
	}
	both[0] = uow_text(asked[1].text);
	both[1] = uow_text(asked[2].text);
	both[2] = uow_text(asked[3].text);
	assert_int_equal(rows_where(u, uow_in(u, "wide", both, 3)), 1);
	assert_int_equal(rows_where(u, uow_in(u, "wide", both + 1, 2)), 0);
	commit(u);
}

/* The same number written otherwise is not written again. */
static void another_spelling_is_no_change(void **state)
{
	struct fixture *f = *state;
	struct digits row = { 1, "1.5", NULL, NULL, "2", 0 }, *got;
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	tables(f, &digits_entity, NULL);
	u = begin(f);
	need(u, uow_add(all(u), &row));
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	got = need(u, uow_get(all(u), uow_id(1)));
	got->wide = "+1.500";
	must(u, uow_flush(u));
	assert_int_equal(seen.updates, 0);
	got->wide = "1.5000000001";
	commit(u);
	assert_int_equal(seen.updates, 1);
	uow_db_free(db);
}

static void numbers_are_ordered_or_that_is_refused(void **state)
{
	static const char *const sorted[] = {
		"-10", "-9.5", "-0.0000000001", "0", "0.5", "9", "10",
		"1000000000000000000000000000",
		"1000000000000000000000000000.0000000001",
	};
	enum { SORTED = sizeof(sorted) / sizeof(sorted[0]) };
	struct fixture *f = *state;
	bool none = f->backend->flags & BACKEND_DIGITS_TEXT;
	struct digits row = { 0, NULL, NULL, NULL, "0", 0 };
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "wide", false };
	const uow_spec *less;
	uow_rows rows;
	uint64_t n = 0;
	uow_unit *u;
	size_t i;

	tables(f, &digits_entity, NULL);
	u = begin(f);
	for (i = 0; i < SORTED; i++) {
		row.id = (int64_t)(i * 4 % SORTED) + 1;
		row.wide = sorted[i * 4 % SORTED];
		need(u, uow_add(all(u), &row));
	}
	commit(u);
	u = begin(f);
	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	less = uow_lt(u, "wide", uow_text("9.0"));
	if (none) {
		must_fail(u, uow_find(all(u), &q, &rows), UOW_ENOTSUP);
		contains(uow_unit_error(u)->message, "wide");
		uow_unit_free(u);
		u = begin(f);
		less = uow_lt(u, "wide", uow_text("9.0"));
		must_fail(u, uow_count(all(u), less, &n), UOW_ENOTSUP);
		uow_unit_free(u);
		return;
	}
	must(u, uow_find(all(u), &q, &rows));
	assert_int_equal(rows.count, SORTED);
	for (i = 0; i < SORTED; i++) {
		assert_int_equal(((struct digits *)rows.items[i])->id, i + 1);
		assert_int_equal(uow_satisfies(less, &digits_entity,
					       rows.items[i]), i < 5);
	}
	assert_int_equal(rows_where(u, less), 5);
	commit(u);
}

/* On writing, and in what is asked for. */
static void what_has_too_many_digits_is_refused(void **state)
{
	static const char *const bad[] = {
		"1000", "-1000", "0.001", "1.005", "abc", "", "1e3", "1.2.3",
		"NaN", "0x1", "1,5", "--1", "1 2",
	};
	struct fixture *f = *state;
	struct digits row = { 1, NULL, NULL, NULL, NULL, 0 };
	uint64_t n = 0;
	uow_unit *u;
	size_t i;

	tables(f, &digits_entity, NULL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		row.price = bad[i];
		u = begin(f);
		uow_add(all(u), &row);
		code_(uow_commit(u), UOW_EDATA, uow_unit_error(u), bad[i],
		      __FILE__, __LINE__);
		contains(uow_unit_error(u)->message, "price");
		uow_unit_free(u);
		u = begin(f);
		must_fail(u, uow_count(all(u), uow_eq(u, "price",
						      uow_text(bad[i])), &n),
			  UOW_EDATA);
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &digits_entity), 0);
}

static void the_table_fits_its_mapping(void **state)
{
	static const uow_entity *const list[] = { &digits_entity };
	struct fixture *f = *state;
	size_t n = 9;

	tables(f, &digits_entity, NULL);
	succeeds(uow_schema_check(f->db, list, 1, NULL, NULL, &n, &f->err),
		 &f->err);
	assert_int_equal(n, 0);
}

/* Columns that others made keep what they can, and nothing is rounded. */
static void a_foreign_decimal_keeps_its_digits(void **state)
{
	static const char many[] = "1234567890123456789012345678.1";
	struct fixture *f = *state;
	bool few = f->backend->flags & BACKEND_NUMERIC_15;
	struct digits row = { 1, many, "12", NULL, "1.5", 0 }, *got;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	o.simple = true;
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, "CREATE TABLE digits (id INTEGER NOT NULL PRIMARY "
			 "KEY, wide DECIMAL(38,10), whole DECIMAL(38,0), "
			 "part DECIMAL(20,10), price DECIMAL(5,2), "
			 "amount INTEGER NOT NULL)", NULL, 0, NULL));
	commit(u);
	if (few) {
		u = begin(f);
		uow_add(all(u), &row);
		assert_int_equal(uow_commit(u), UOW_EDATA);
		contains(uow_unit_error(u)->message, "wide");
		uow_unit_free(u);
		row.wide = "12345.6789";
	}
	u = begin(f);
	need(u, uow_add(all(u), &row));
	commit(u);
	u = begin(f);
	got = need(u, uow_get(all(u), uow_id(1)));
	assert_string_equal(got->wide, few ? "12345.6789000000" :
			    "1234567890123456789012345678.1000000000");
	assert_string_equal(got->whole, "12");
	assert_string_equal(got->price, "1.50");
	assert_int_equal(rows_where(u, uow_eq(u, "wide", uow_text(row.wide))),
			 1);
	assert_int_equal(rows_where(u, uow_lt(u, "price", uow_text("10"))), 1);
	commit(u);
}

static const struct CMUnitTest digits_cases[] = {
	CASE(thirty_eight_digits_come_back),
	CASE(no_number_is_null),
	CASE(numbers_are_equal_to_the_last_digit),
	CASE(another_spelling_is_no_change),
	CASE(numbers_are_ordered_or_that_is_refused),
	CASE(what_has_too_many_digits_is_refused),
	CASE(the_table_fits_its_mapping),
	CASE(a_foreign_decimal_keeps_its_digits),
};
TOPIC(digits, "digits");
