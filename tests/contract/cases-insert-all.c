/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

/* Much at once, untracked. */

static void none_one_and_many_rows_are_inserted(void **state)
{
	enum { N = 2503 };
	static struct types rows[N];
	struct fixture *f = *state;
	uow_unit *u;
	size_t i;

	tables(f, &types_entity, NULL);
	for (i = 0; i < N; i++) {
		types_sample(&rows[i], (int64_t)i + 1);
		rows[i].i32 = (int32_t)i;
		rows[i].text = i % 3 ? "text" : NULL;
		rows[i].bytes.size = i % 7;
	}
	u = begin(f);
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), rows, 0));
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), NULL, 0));
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), rows, 1));
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), rows + 1,
			       N - 1));
	commit(u);
	u = begin(f);
	for (i = 0; i < N; i += 13) {
		struct types *t = need(u, uow_get(
			uow_repository_of(u, &types_entity),
			uow_id((int64_t)i + 1)));

		if (!types_equal(t, &rows[i]))
			fail_msg("row %d differs", (int)i);
	}
	commit(u);
	assert_int_equal(rows_in(f, &types_entity), N);
}

/* 121: NULL in a batch of one */
static void null_in_a_batch_of_one_is_null(void **state)
{
	struct fixture *f = *state;
	struct plain p, *got;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), &p, 1));
	commit(u);
	u = begin(f);
	got = need(u, plain_get(plain_repository_of(u), 1));
	assert_null(got->label);
	commit(u);
}

/* 93: versions begin at 1, and are stepped by later updates */
static void rows_inserted_at_once_have_version_1(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct account a[3];
	uow_rows rows;
	uow_unit *u;
	size_t i;

	tables(f, &account_entity, NULL);
	memset(a, 0, sizeof(a));
	u = begin(f);
	must(u, account_insert_all(account_repository_of(u), a, 3));
	assert_int_equal(a[0].version, 0);	/* the caller's are his */
	assert_int_equal(a[0].id, 0);
	commit(u);
	u = begin(f);
	q.where = uow_all();
	must(u, account_find(account_repository_of(u), &q, &rows));
	assert_int_equal(rows.count, 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(account_at(&rows, i)->version, 1);
		account_at(&rows, i)->balance = 5;
	}
	must(u, uow_flush(u));
	assert_int_equal(account_at(&rows, 2)->version, 2);
	commit(u);
}

static void names(struct fixture *f, const uow_error *err, int bad)
{
	/* Else the statement cannot be taken back, to find out which it was. */
	if (uow_db_has(f->db, UOW_FEATURE_SAVEPOINT)) {
		assert_int_equal(err->row, bad);
		contains(err->key, "1");
	} else if (err->row != bad) {
		assert_int_equal(err->row, -1);
		contains(err->message, "(one of 100 rows, key ");
	}
}

/*
 * The row that fails is named by its index and its key, or by those of the
 * statement that it was in.
 */
static void the_row_that_fails_is_named(void **state)
{
	enum { N = 300 };
	static struct plain rows[N];
	struct fixture *f = *state;
	uow_unit *u;
	int i, bad;

	tables(f, &plain_entity, NULL);
	for (bad = 1; bad < N; bad += 149) {
		memset(rows, 0, sizeof(rows));
		for (i = 0; i < N; i++)
			rows[i].id = i + 1;
		rows[bad].id = rows[0].id;
		u = begin(f);
		must_fail(u, plain_insert_all(plain_repository_of(u), rows, N),
			  UOW_EDUPLICATE);
		names(f, uow_unit_error(u), bad);
		contains(uow_unit_error(u)->entity, "plain");
		uow_unit_free(u);
		/* 104: nothing is stuck, nothing was kept */
		assert_int_equal(rows_in(f, &plain_entity), 0);
	}
}

/* Also of a few, for which no savepoint is set once that has worked. */
static void the_row_of_a_small_batch_is_named(void **state)
{
	struct fixture *f = *state;
	struct plain rows[3];
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < 3; i++)
		rows[i].id = i + 1;
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows, 3));
	commit(u);
	rows[0].id = 7;
	rows[2].id = 8;
	u = begin(f);
	need(u, plain_get(plain_repository_of(u), 1));
	must_fail(u, plain_insert_all(plain_repository_of(u), rows, 3),
		  UOW_EDUPLICATE);
	assert_int_equal(uow_unit_error(u)->row, 1);
	assert_string_equal(uow_unit_error(u)->key, "2");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 3);
}

/* The same for a value that does not fit. */
static void the_row_whose_value_does_not_fit_is_named(void **state)
{
	enum { N = 40 };
	static struct limited rows[N];
	struct fixture *f = *state;
	uow_unit *u;
	int i;

	tables(f, &limited_entity, NULL);
	for (i = 0; i < N; i++) {
		rows[i].id = i + 1;
		rows[i].text = i == 33 ? "too long" : "fits";
		rows[i].bytes.data = "x";
		rows[i].bytes.size = 1;
	}
	u = begin(f);
	must_fail(u, uow_insert_all(uow_repository_of(u, &limited_entity),
				    rows, N), UOW_EDATA);
	assert_int_equal(uow_unit_error(u)->row, 33);
	contains(uow_unit_error(u)->message, "body");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &limited_entity), 0);
}

/* Rows pending for the entity go first, so that children meet parents. */
static void pending_changes_go_first(void **state)
{
	struct fixture *f = *state;
	struct region g, *region;
	struct city c[2];
	uow_unit *u;

	tables(f, &region_entity, &city_entity, NULL);
	memset(&g, 0, sizeof(g));
	memset(c, 0, sizeof(c));
	g.id = 7;
	u = begin(f);
	region = need(u, uow_add(uow_repository_of(u, &region_entity), &g));
	must(u, uow_flush(u));
	c[0].region = c[1].region = region->id;
	c[0].id = 1;
	c[1].id = 2;
	need(u, uow_add(uow_repository_of(u, &city_entity), &c[0]));
	must(u, uow_insert_all(uow_repository_of(u, &city_entity), &c[1], 1));
	commit(u);
	assert_int_equal(rows_in(f, &city_entity), 2);
}

static void inserted_rows_are_not_tracked(void **state)
{
	struct fixture *f = *state;
	struct plain p, *got;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	p.amount = 5;
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), &p, 1));
	p.amount = 6;		/* nobody looks */
	got = need(u, plain_get(plain_repository_of(u), 1));
	assert_ptr_not_equal(got, &p);
	assert_int_equal(got->amount, 5);
	commit(u);
}

/* 38: a failed unit inserts nothing */
static void a_rolled_back_bulk_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct plain p[10];
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	memset(p, 0, sizeof(p));
	for (i = 0; i < 10; i++)
		p[i].id = i;
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), p, 10));
	uow_fail(u, UOW_EREJECTED, "no");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

static void null_rows_are_refused(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	must_fail(u, plain_insert_all(plain_repository_of(u), NULL, 3),
		  UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	assert_null(plain_add(plain_repository_of(u), NULL));
	failed(u, UOW_EINVAL);
	uow_unit_free(u);
}

/* Many rows of large values: batches are limited by size as well. */
static void large_values_are_inserted_in_bulk(void **state)
{
	enum { N = 30, SIZE = 200000 };
	struct fixture *f = *state;
	struct plain rows[N], *got;
	char *text = malloc(SIZE + 1);
	uow_unit *u;
	int i;

	assert_non_null(text);
	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < N; i++) {
		rows[i].id = i + 1;
		rows[i].label = text + i;
	}
	tables(f, &plain_entity, NULL);
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows, N));
	commit(u);
	u = begin(f);
	for (i = 0; i < N; i++) {
		got = need(u, plain_get(plain_repository_of(u), i + 1));
		assert_int_equal(strlen(got->label), SIZE - i);
	}
	commit(u);
	free(text);
}

static const struct CMUnitTest insert_all_cases[] = {
	CASE(none_one_and_many_rows_are_inserted),
	CASE(null_in_a_batch_of_one_is_null),
	CASE(rows_inserted_at_once_have_version_1),
	CASE(the_row_that_fails_is_named),
	CASE(the_row_of_a_small_batch_is_named),
	CASE(the_row_whose_value_does_not_fit_is_named),
	CASE(pending_changes_go_first),
	CASE(inserted_rows_are_not_tracked),
	CASE(a_rolled_back_bulk_leaves_nothing),
	CASE(null_rows_are_refused),
	CASE(large_values_are_inserted_in_bulk),
};
TOPIC(insert_all, "insert_all");
