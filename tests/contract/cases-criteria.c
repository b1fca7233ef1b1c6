/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Criteria: the database and uow_satisfies() have one opinion. */

static void store_types(struct fixture *f, struct types *rows, size_t count)
{
	uow_unit *u;

	tables(f, &types_entity, NULL);
	u = begin(f);
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), rows,
			       count));
	commit(u);
}

/* Rows that the database finds; they must be those that satisfy. */
static uint64_t agreed(uow_unit *u, const uow_spec *s, const struct types *rows,
		       size_t count)
{
	uint64_t n = 0, satisfied = 0;
	size_t i;

	must(u, uow_count(uow_repository_of(u, &types_entity), s, &n));
	for (i = 0; i < count; i++)
		satisfied += uow_satisfies(s, &types_entity, &rows[i]);
	assert_int_equal(n, satisfied);
	return n;
}

typedef const uow_spec *(*compare_fn)(uow_unit *, const char *, uow_value);

static void each_comparison_is_right_for_each_type(void **state)
{
	static const compare_fn compare[] =
		{ uow_eq, uow_ne, uow_lt, uow_le, uow_gt, uow_ge };
	/* of three rows in rising order, compared with the middle one */
	static const uint64_t found[] = { 1, 2, 1, 2, 1, 2 };
	static const char *const columns[] = {
		"i16", "i32", "i64", "f", "d", "dec0", "dec2", "dec18",
		"chars", "body", "on_day", "at_time", "stamp",
	};
	struct fixture *f = *state;
	struct types rows[3];
	uow_value middle[13];
	uow_unit *u;
	size_t c, k;
	int i;

	for (i = 0; i < 3; i++) {
		types_sample(&rows[i], i + 1);
		rows[i].i16 = (int16_t)(i * 10 - 10);
		rows[i].i32 = i * 1000000 - 1000000;
		rows[i].i64 = (int64_t)(i - 1) * 9000000000000000000;
		rows[i].f = (float)(i - 1) * 1.5f;
		rows[i].d = (i - 1) * 1e100;
		rows[i].dec0 = (int64_t)(i - 1) * 999999999999999999;
		rows[i].dec2 = (int64_t)(i - 1) * 1050;
		rows[i].dec18 = (int64_t)(i - 1) * 100;
		sprintf(rows[i].chars, "%c", "Ab\xc3"[i]);
		if (i == 2)
			strcpy(rows[i].chars, "\xc3\xa4");
		rows[i].text = i == 0 ? "10" : i == 1 ? "9" : "9a";
		rows[i].date.year = (int16_t)(998 + i);
		rows[i].date.day = 1;
		rows[i].time.hour = (uint16_t)(9 + i);
		rows[i].stamp.nanosecond = (uint32_t)i * 1000;
	}
	middle[0] = uow_int(0);
	middle[1] = uow_int(0);
	middle[2] = uow_int(0);
	middle[3] = uow_real(0);
	middle[4] = uow_real(0);
	middle[5] = uow_decimal(0, 0);
	middle[6] = uow_decimal(0, 2);
	middle[7] = uow_decimal(0, 18);
	middle[8] = uow_text("b");
	middle[9] = uow_text("9");
	middle[10] = uow_day(rows[1].date);
	middle[11] = uow_clock_time(rows[1].time);
	middle[12] = uow_stamp(rows[1].stamp);
	store_types(f, rows, 3);
	u = begin(f);
	for (c = 0; c < 13; c++) {
		for (k = 0; k < 6; k++) {
			uint64_t n = agreed(u, compare[k](u, columns[c],
							  middle[c]),
					    rows, 3);

			if (n != found[k])
				fail_msg("%s, comparison %d: %d rows",
					 columns[c], (int)k, (int)n);
		}
	}
	commit(u);
}

/* Equality of what has no order. */
static void bools_uuids_and_bytes_are_compared(void **state)
{
	struct fixture *f = *state;
	struct types rows[2];
	uow_unit *u;
	int i;

	for (i = 0; i < 2; i++)
		types_sample(&rows[i], i + 1);
	rows[1].b = false;
	rows[1].uuid.bytes[0]++;
	rows[1].bytes.data = "\0x";
	rows[1].bytes.size = 2;
	store_types(f, rows, 2);
	u = begin(f);
	assert_int_equal(agreed(u, uow_eq(u, "b", uow_bool(true)), rows, 2),
			 1);
	assert_int_equal(agreed(u, uow_ne(u, "b", uow_bool(true)), rows, 2),
			 1);
	assert_int_equal(agreed(u, uow_eq(u, "guid", uow_guid(rows[1].uuid)),
				rows, 2), 1);
	assert_int_equal(agreed(u, uow_ne(u, "guid", uow_guid(rows[1].uuid)),
				rows, 2), 1);
	assert_int_equal(agreed(u, uow_eq(u, "bytes", uow_blob("\0x", 2)),
				rows, 2), 1);
	commit(u);
}

/* A decimal of another scale is the same number, or does not fit. */
static void decimals_are_compared_as_numbers(void **state)
{
	struct fixture *f = *state;
	struct types row;
	uow_unit *u;

	types_sample(&row, 1);
	row.dec2 = 1250;
	store_types(f, &row, 1);
	u = begin(f);
	assert_int_equal(agreed(u, uow_eq(u, "dec2", uow_decimal(125, 1)),
				&row, 1), 1);
	assert_int_equal(agreed(u, uow_eq(u, "dec2", uow_decimal(12500, 3)),
				&row, 1), 1);
	assert_int_equal(agreed(u, uow_gt(u, "dec2", uow_int(12)), &row, 1),
			 1);
	commit(u);
}

/* Comparing with NULL is unknown, and so is its opposite. */
static void null_matches_nothing(void **state)
{
	struct fixture *f = *state;
	struct types rows[2];
	const uow_spec *null, *text;
	uow_unit *u;
	int i;

	for (i = 0; i < 2; i++)
		types_sample(&rows[i], i + 1);
	rows[0].text = NULL;
	rows[1].text = "x";
	store_types(f, rows, 2);
	u = begin(f);
	null = uow_eq(u, "body", uow_null());
	text = uow_eq(u, "body", uow_text("x"));
	assert_int_equal(agreed(u, null, rows, 2), 0);
	assert_int_equal(agreed(u, uow_not(u, null), rows, 2), 0);
	assert_int_equal(agreed(u, uow_ne(u, "body", uow_null()), rows, 2),
			 0);
	assert_int_equal(agreed(u, uow_is_null(u, "body"), rows, 2), 1);
	assert_int_equal(agreed(u, uow_not(u, uow_is_null(u, "body")), rows,
				2), 1);
	assert_int_equal(agreed(u, uow_ne(u, "body", uow_text("x")), rows, 2),
			 0);
	assert_int_equal(agreed(u, uow_not(u, text), rows, 2), 0);
	assert_int_equal(agreed(u, uow_or(u, text, null), rows, 2), 1);
	assert_int_equal(agreed(u, uow_not(u, uow_or(u, text, null)), rows,
				2), 0);
	assert_int_equal(agreed(u, uow_and(u, text, null), rows, 2), 0);
	assert_int_equal(agreed(u, uow_or(u, uow_all(), null), rows, 2), 2);
	assert_int_equal(agreed(u, uow_not(u, uow_all()), rows, 2), 0);
	assert_int_equal(agreed(u, uow_starts_with(u, "body", ""), rows, 2),
			 1);
	commit(u);
}

static void in_takes_no_one_and_many_values(void **state)
{
	enum { N = 1000 };	/* made 1024: the most that iODBC binds */
	static struct types rows[10];
	static uow_value values[N];
	struct fixture *f = *state;
	uow_unit *u;
	int i;

	for (i = 0; i < 10; i++)
		types_sample(&rows[i], i + 1);
	store_types(f, rows, 10);
	for (i = 0; i < N; i++)
		values[i] = uow_int(i + 6);
	u = begin(f);
	assert_int_equal(agreed(u, uow_in(u, "id", values, 0), rows, 10), 0);
	assert_int_equal(agreed(u, uow_in(u, "id", NULL, 0), rows, 10), 0);
	assert_int_equal(agreed(u, uow_not(u, uow_in(u, "id", values, 0)),
				rows, 10), 10);
	assert_int_equal(agreed(u, uow_in(u, "id", values, 1), rows, 10), 1);
	assert_int_equal(agreed(u, uow_in(u, "id", values, N), rows, 10), 5);
	values[0] = uow_null();
	assert_int_equal(agreed(u, uow_in(u, "id", values, 3), rows, 10), 2);
	assert_int_equal(agreed(u, uow_not(u, uow_in(u, "id", values, 3)),
				rows, 10), 0);
	commit(u);
}

static void starts_with_is_a_literal_prefix(void **state)
{
	static const char *const texts[] = {
		"abc", "Abc", "ABC", "ab", "a%c", "a_c", "a\\c", "axc", "",
		"\xc3\xa4x", "\xc3\x84x", "a[b]", "a*c", "a?c",
	};
	static const struct {
		const char *prefix;
		uint64_t count;
	} prefixes[] = {
		{ "ab", 2 }, { "Ab", 1 }, { "AB", 1 }, { "", 14 },
		{ "a%", 1 }, { "a_", 1 }, { "a\\", 1 }, { "\xc3\xa4", 1 },
		{ "abcd", 0 }, { "a[", 1 }, { "a*", 1 }, { "a?", 1 },
		{ "%", 0 }, { "_", 0 },
	};
	struct types rows[14];
	uow_unit *u;
	size_t i;
	int col;

	for (i = 0; i < 14; i++) {
		types_sample(&rows[i], (int64_t)i + 1);
		rows[i].text = texts[i];
		strcpy(rows[i].chars, texts[i]);
	}
	store_types(*state, rows, 14);
	u = begin((struct fixture *)*state);
	for (i = 0; i < 14; i++) {
		for (col = 0; col < 2; col++) {
			uint64_t n = agreed(u, uow_starts_with(u,
				col ? "chars" : "body", prefixes[i].prefix),
				rows, 14);

			if (n != prefixes[i].count)
				fail_msg("'%s': %d", prefixes[i].prefix,
					 (int)n);
		}
	}
	commit(u);
}

static const uow_spec *random_spec(uow_unit *u, struct dice *d, int depth)
{
	static const compare_fn compare[] =
		{ uow_eq, uow_ne, uow_lt, uow_le, uow_gt, uow_ge };
	static const char *const texts[] = { "a", "b", "ab", "" };
	uow_value values[3];
	size_t i;

	switch (depth > 0 ? dice_roll(d, 9) : dice_roll(d, 6)) {
	case 0:
		return compare[dice_roll(d, 6)](u, "i32",
			uow_int((int64_t)dice_roll(d, 5)));
	case 1:
		return compare[dice_roll(d, 6)](u, "body", dice_roll(d, 5)
			? uow_text(texts[dice_roll(d, 4)]) : uow_null());
	case 2:
		return uow_is_null(u, "body");
	case 3:
		return uow_starts_with(u, "body", texts[dice_roll(d, 4)]);
	case 4:
		for (i = 0; i < 3; i++)
			values[i] = dice_roll(d, 6)
				? uow_int((int64_t)dice_roll(d, 5))
				: uow_null();
		return uow_in(u, "i32", values, dice_roll(d, 4));
	case 5:
		return uow_all();
	case 6:
		return uow_not(u, random_spec(u, d, depth - 1));
	case 7:
		return uow_and(u, random_spec(u, d, depth - 1),
			       random_spec(u, d, depth - 1));
	default:
		return uow_or(u, random_spec(u, d, depth - 1),
			      random_spec(u, d, depth - 1));
	}
}

/* Any tree: the database and memory agree. */
/*
 * A database that knows what cannot be (no key is NULL) may leave that out, and
 * the values beside it with it, so that those that follow meet other columns.
 */
static void every_value_stays_with_its_column(void **state)
{
	struct fixture *f = *state;
	const uow_value first[] = { uow_int(1), uow_int(3) };
	const uow_value second[] = { uow_int(1), uow_int(2) };
	const uow_spec *no_key, *one, *two, *in, *list, *nobody;
	struct types rows[3];
	uow_unit *u;
	int i;

	for (i = 0; i < 3; i++) {
		types_sample(&rows[i], i + 1);
		rows[i].i32 = i + 1;
	}
	store_types(f, rows, 3);
	u = begin(f);
	no_key = uow_is_null(u, "id");
	one = uow_eq(u, "i32", uow_int(1));
	two = uow_eq(u, "id", uow_int(2));
	in = uow_in(u, "i32", first, 2);
	list = uow_in(u, "i32", second, 2);
	nobody = uow_in(u, "i32", NULL, 0);
	agreed(u, uow_or(u, uow_and(u, one, no_key), two), rows, 3);
	agreed(u, uow_and(u, uow_or(u, one, uow_not(u, no_key)), two), rows, 3);
	agreed(u, uow_and(u, uow_or(u, one, uow_all()), two), rows, 3);
	agreed(u, uow_and(u, uow_not(u, uow_and(u, one, nobody)), two),
	       rows, 3);
	agreed(u, uow_and(u, in, list), rows, 3);
	agreed(u, uow_and(u, in, uow_is_null(u, "i32")), rows, 3);
	agreed(u, uow_and(u, uow_gt(u, "d", uow_null()),
			  uow_gt(u, "d", uow_real(-1e9))), rows, 3);
	commit(u);
}

static void random_trees_are_judged_alike(void **state)
{
	static const char *const texts[] = { "a", "b", "abc", "", NULL };
	struct fixture *f = *state;
	struct types rows[25];
	struct dice d;
	uow_unit *u;
	int i;

	dice_seed(&d);
	for (i = 0; i < 25; i++) {
		types_sample(&rows[i], i + 1);
		rows[i].i32 = i % 5;
		rows[i].text = texts[i / 5];
	}
	store_types(f, rows, 25);
	u = begin(f);
	for (i = 0; i < 300; i++)
		agreed(u, random_spec(u, &d, 4), rows, 25);
	commit(u);
}

/* The same shape again and again with other values. */
static void values_of_a_reused_statement_are_the_new_ones(void **state)
{
	struct fixture *f = *state;
	struct types rows[5];
	uow_unit *u;
	int i;

	for (i = 0; i < 5; i++) {
		types_sample(&rows[i], i + 1);
		sprintf(rows[i].chars, "%.*s", i, "abcdefgh");
	}
	store_types(f, rows, 5);
	u = begin(f);
	for (i = 4; i >= 0; i--)
		assert_int_equal(agreed(u, uow_eq(u, "chars",
			uow_text(rows[i].chars)), rows, 5), 1);
	commit(u);
}

static void criterion_fails(struct fixture *f, int which, int code)
{
	uow_query q = UOW_QUERY_INIT;
	const uow_spec *s = NULL;
	uow_repository *r;
	uow_rows rows;
	uow_uuid guid;
	uow_unit *u = begin(f);

	memset(&guid, 0, sizeof(guid));
	rows.count = 7;
	r = uow_repository_of(u, &types_entity);
	if (which == 1)
		s = uow_eq(u, "nothing", uow_int(1));
	else if (which == 2)
		s = uow_not(u, uow_is_null(u, "I32"));
	else if (which == 3)
		s = uow_eq(u, "i32", uow_text("1"));
	else if (which == 4)
		s = uow_starts_with(u, "i32", "1");
	else if (which == 5)
		s = uow_eq(u, "i32", uow_guid(guid));
	else if (which == 6)
		s = uow_eq(u, "i16", uow_int(70000));
	else if (which == 7)
		s = uow_eq(u, "on_day", uow_day((uow_date){ 2023, 2, 29 }));
	else if (which == 8)
		s = uow_and(u, uow_all(), NULL);
	else if (which == 9)
		s = uow_eq(u, "i32\" = 1 OR \"1", uow_int(1));
	else if (which == 10)
		s = uow_eq(u, NULL, uow_int(1));
	else if (which == 11)
		s = uow_starts_with(u, "body", NULL);
	else if (which == 12)
		s = uow_in(u, "id", NULL, 3);
	q.where = s;
	uow_find(r, &q, &rows);
	if (code)
		failed(u, code);
	else
		assert_true(uow_status(u) == UOW_EINVAL ||
			    uow_status(u) == UOW_EDATA);
	assert_int_equal(rows.count, 0);
	assert_int_equal(uow_commit(u), uow_status(u));
	uow_unit_free(u);
}

/* A criterion that makes no sense never turns into every row. */
static void a_criterion_that_does_not_fit_is_refused(void **state)
{
	struct fixture *f = *state;
	struct types row;

	types_sample(&row, 1);
	store_types(f, &row, 1);
	criterion_fails(f, 0, UOW_EINVAL);	/* where is NULL */
	criterion_fails(f, 1, UOW_EINVAL);
	criterion_fails(f, 2, UOW_EINVAL);	/* names are exact */
	criterion_fails(f, 3, 0);
	criterion_fails(f, 4, 0);
	criterion_fails(f, 5, 0);
	criterion_fails(f, 6, UOW_EDATA);
	criterion_fails(f, 7, UOW_EDATA);
	criterion_fails(f, 8, UOW_EINVAL);
	criterion_fails(f, 9, UOW_EINVAL);
	criterion_fails(f, 10, UOW_EINVAL);
	criterion_fails(f, 11, UOW_EINVAL);
	criterion_fails(f, 12, UOW_EINVAL);
}

/* A text with a NUL inside is not compared as what stands before it. */
static void a_text_with_a_nul_inside_is_not_cut(void **state)
{
	struct fixture *f = *state;
	struct types row;
	uow_value v;
	uint64_t n = 0;
	uow_unit *u;

	types_sample(&row, 1);
	strcpy(row.chars, "ab");
	store_types(f, &row, 1);
	v = uow_text("ab");
	v.as.bytes.data = "ab\0c";
	v.as.bytes.size = 4;
	u = begin(f);
	uow_count(uow_repository_of(u, &types_entity), uow_eq(u, "chars", v),
		  &n);
	assert_int_equal(n, 0);
	uow_unit_free(u);
}

/* uow_satisfies() without a data source: a tree that does not fit is false */
static void satisfies_needs_no_database(void **state)
{
	struct fixture *f = *state;
	struct types row;
	uow_unit *u = begin(f);

	types_sample(&row, 1);
	assert_true(uow_satisfies(uow_all(), &types_entity, &row));
	assert_true(uow_satisfies(uow_eq(u, "i32", uow_int(row.i32)),
				  &types_entity, &row));
	assert_false(uow_satisfies(uow_eq(u, "nothing", uow_int(1)),
				   &types_entity, &row));
	assert_false(uow_satisfies(uow_not(u, uow_eq(u, "nothing",
						     uow_int(1))),
				   &types_entity, &row));
	assert_false(uow_satisfies(NULL, &types_entity, &row));
	uow_unit_free(u);
}

static const struct CMUnitTest criteria_cases[] = {
	CASE(each_comparison_is_right_for_each_type),
	CASE(bools_uuids_and_bytes_are_compared),
	CASE(decimals_are_compared_as_numbers),
	CASE(null_matches_nothing),
	CASE(in_takes_no_one_and_many_values),
	CASE(starts_with_is_a_literal_prefix),
	CASE(every_value_stays_with_its_column),
	CASE(random_trees_are_judged_alike),
	CASE(values_of_a_reused_statement_are_the_new_ones),
	CASE(a_criterion_that_does_not_fit_is_refused),
	CASE(a_text_with_a_nul_inside_is_not_cut),
	CASE(satisfies_needs_no_database),
};
TOPIC(criteria, "criteria");
