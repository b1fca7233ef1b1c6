/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/odbc.h>

/* Rows streamed through a callback, remembered by nobody. */

static void store(struct fixture *f, int count)
{
	static struct plain rows[3000];
	uow_unit *u;
	int i;

	tables(f, &plain_entity, &account_entity, NULL);
	for (i = 0; i < count; i++) {
		rows[i].id = i + 1;
		rows[i].amount = i;
		rows[i].label = i % 2 ? "odd" : NULL;
	}
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows,
				 (size_t)count));
	commit(u);
}

struct walk {
	int64_t rows, sum, stop_at;
	int code;
	const struct plain *last;
	struct plain *known;
};

static int sum_up(uow_unit *u, const void *row, void *arg)
{
	const struct plain *p = row;
	struct walk *w = arg;

	(void)u;
	w->rows++;
	w->sum += p->id;
	w->last = p;
	if (!p->label != (p->amount % 2 == 0))
		return UOW_EAPP - 2;
	return w->rows == w->stop_at ? w->code : 0;
}

static void each_sees_every_row_once(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", true };
	struct walk w;
	uow_unit *u;

	store(f, 3000);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, sum_up, &w));
	assert_int_equal(w.rows, 3000);
	assert_int_equal(w.sum, 3000 * 3001 / 2);
	memset(&w, 0, sizeof(w));
	q.order_by = &order;
	q.order_count = 1;
	q.offset = 10;
	q.limit = 3;
	must(u, plain_each(plain_repository_of(u), &q, sum_up, &w));
	assert_int_equal(w.rows, 3);
	assert_int_equal(w.sum, 2990 + 2989 + 2988);
	memset(&w, 0, sizeof(w));
	q.where = uow_lt(u, "id", uow_int(0));
	must(u, plain_each(plain_repository_of(u), &q, sum_up, &w));
	assert_int_equal(w.rows, 0);
	commit(u);
}

static void a_negative_return_stops_and_fails_the_unit(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct walk w;
	uow_unit *u;

	store(f, 20);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	w.stop_at = 5;
	w.code = UOW_EAPP - 9;
	q.where = uow_all();
	must_fail(u, plain_each(plain_repository_of(u), &q, sum_up, &w),
		  UOW_EAPP - 9);
	assert_int_equal(w.rows, 5);
	uow_unit_free(u);
	u = begin(f);		/* positive is no answer, as with uow_fn */
	memset(&w, 0, sizeof(w));
	w.stop_at = 1;
	w.code = 1;
	must_fail(u, plain_each(plain_repository_of(u), &q, sum_up, &w),
		  UOW_EINVAL);
	uow_unit_free(u);
}

static int use_unit(uow_unit *u, const void *row, void *arg)
{
	const struct plain *p = row;
	struct walk *w = arg;
	uow_query q = UOW_QUERY_INIT;
	struct account a;
	struct walk inner;
	struct plain *same;
	int rc;

	memset(&a, 0, sizeof(a));
	memset(&inner, 0, sizeof(inner));
	a.balance = p->id;
	if (!account_add(account_repository_of(u), &a))
		return uow_status(u);
	same = plain_get(plain_repository_of(u), p->id);
	if (!same || (const void *)same == row || same->amount != p->amount)
		return uow_fail(u, UOW_EAPP, "not the row");
	if (p->id % 5 == 0 && uow_flush(u))
		return uow_status(u);
	/* the very same query inside itself */
	q.where = uow_le(u, "id", uow_int(10));
	rc = plain_each(plain_repository_of(u), &q, sum_up, &inner);
	w->rows++;
	w->sum += inner.rows;
	return rc;
}

static void the_callback_may_use_the_unit(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct walk w;
	uow_unit *u;

	store(f, 30);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	q.where = uow_le(u, "id", uow_int(20));
	must(u, plain_each(plain_repository_of(u), &q, use_unit, &w));
	assert_int_equal(w.rows, 20);
	assert_int_equal(w.sum, 200);
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 20);
}

static int scribble(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)arg;
	((struct plain *)(uintptr_t)row)->amount = -1;
	return 0;
}

static void changes_to_a_streamed_row_are_not_saved(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct plain *known;
	uow_unit *u;

	store(f, 5);
	u = begin(f);
	known = need(u, plain_get(plain_repository_of(u), 3));
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, scribble, NULL));
	assert_int_equal(known->amount, 2);
	commit(u);
	u = begin(f);
	known = need(u, plain_get(plain_repository_of(u), 4));
	assert_int_equal(known->amount, 3);
	commit(u);
}

/* 97: pending changes are seen as by any query */
static void each_sees_pending_changes(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct plain p;
	struct walk w;
	uow_unit *u;

	store(f, 2);
	memset(&p, 0, sizeof(p));
	p.id = 10;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	memset(&w, 0, sizeof(w));
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, sum_up, &w));
	assert_int_equal(w.sum, 13);
	commit(u);
}

static int fail_unit(uow_unit *u, const void *row, void *arg)
{
	(void)row;
	++*(int *)arg;
	uow_fail(u, UOW_EREJECTED, "enough");
	return 0;
}

/* A callback that lets the unit fail and says 0 stops as well. */
static void a_unit_that_failed_in_the_callback_stops(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_unit *u;
	int n = 0;

	store(f, 5);
	u = begin(f);
	q.where = uow_all();
	must_fail(u, plain_each(plain_repository_of(u), &q, fail_unit, &n),
		  UOW_EREJECTED);
	assert_int_equal(n, 1);
	uow_unit_free(u);
}

static int end_unit(uow_unit *u, const void *row, void *arg)
{
	(void)row;
	++*(int *)arg;
	return uow_commit(u);
}

/* 55: the unit ended within the walk: the walk ends, nothing breaks */
static void ending_the_unit_in_the_callback_is_survived(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_unit *u;
	int n = 0;

	store(f, 5);
	u = begin(f);
	q.where = uow_all();
	assert_true(plain_each(plain_repository_of(u), &q, end_unit, &n) < 0);
	assert_int_equal(n, 1);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 5);
}

static int add_and_refuse(uow_unit *u, void *arg)
{
	struct account a;

	memset(&a, 0, sizeof(a));
	a.balance = *(const int64_t *)arg;
	account_add(account_repository_of(u), &a);
	uow_flush(u);
	return a.balance % 2 ? UOW_EREJECTED : 0;
}

static int nest(uow_unit *u, const void *row, void *arg)
{
	int64_t id = ((const struct plain *)row)->id;
	int rc = uow_nested(u, add_and_refuse, &id);

	++*(int *)arg;
	return rc == (id % 2 ? UOW_EREJECTED : 0) ? 0 : UOW_EAPP;
}

/* Parts that fail inside the walk do not stop it. */
static void the_callback_may_run_parts_that_fail(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_unit *u;
	int n = 0;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f, 20);
	u = begin(f);
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, nest, &n));
	assert_int_equal(n, 20);
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 10);
}

struct order_walk {
	int64_t rows, last;
};

/* By amount, equal ones by their key in either direction. */
static int in_order(uow_unit *u, const void *row, void *arg)
{
	const struct plain *p = row;
	struct order_walk *w = arg;
	int64_t place = p->amount * 10000 - p->id;

	(void)u;
	if (w->rows++ && place <= w->last)
		return UOW_EAPP - 1;
	w->last = place;
	return 0;
}

static void a_long_result_is_in_order_and_ends_at_its_limit(void **state)
{
	static const uow_order order[] = { { "amount", false },
					   { "id", true } };
	static const uint64_t limits[] = { 0, 1, 99, 100, 101, 999, 1000,
					   1001, 2000, 2500, 3000, 9999 };
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	static struct plain rows[3000];
	struct order_walk w;
	uow_unit *u;
	size_t i;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < 3000; i++) {
		rows[i].id = (int64_t)i;
		rows[i].amount = (int32_t)(i / 7);
	}
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows, 3000));
	q.where = uow_all();
	q.order_by = order;
	q.order_count = 2;
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		memset(&w, 0, sizeof(w));
		q.limit = limits[i];
		must(u, plain_each(plain_repository_of(u), &q, in_order, &w));
		assert_int_equal(w.rows, limits[i] && limits[i] < 3000 ?
				 limits[i] : 3000);
	}
	commit(u);
}

static int count_rows(uow_unit *u, const void *row, void *arg)
{
	struct walk *w = arg;

	(void)u;
	w->rows++;
	w->sum += ((const struct plain *)row)->id;
	return 0;
}

static int rewrite(uow_unit *u, const void *row, void *arg)
{
	struct walk *w = arg;
	struct plain more;

	if (!w->rows) {
		memset(&more, 0, sizeof(more));
		more.id = 5000;
		plain_add(plain_repository_of(u), &more);
		plain_remove(plain_repository_of(u),
			     plain_get(plain_repository_of(u), 2999));
		plain_get(plain_repository_of(u), 3000)->amount = 2;
		if (uow_flush(u))
			return uow_status(u);
	}
	return sum_up(u, row, arg);
}

/* Added ones would be met, or never end; removed ones would be missing. */
static void what_the_callback_writes_is_not_met(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct walk w;
	uow_unit *u;

	store(f, 3000);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	q.where = uow_gt(u, "amount", uow_int(-1));
	must(u, plain_each(plain_repository_of(u), &q, rewrite, &w));
	assert_int_equal(w.rows, 3000);
	assert_int_equal(w.sum, 3000 * 3001 / 2);
	memset(&w, 0, sizeof(w));
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, count_rows, &w));
	assert_int_equal(w.rows, 3000);
	assert_int_equal(w.sum, 3000 * 3001 / 2 - 2999 + 5000);
	commit(u);
}

static void by_hand(SQLHDBC dbc, const char *sql)
{
	SQLHSTMT h = NULL;

	assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h)));
	assert_true(SQL_SUCCEEDED(SQLExecDirect(h,
		(SQLCHAR *)(uintptr_t)sql, SQL_NTS)));
	SQLFreeHandle(SQL_HANDLE_STMT, h);
}

struct lent_walk {
	struct walk walk;
	SQLHDBC dbc;
};

static int rewrite_by_hand(uow_unit *u, const void *row, void *arg)
{
	struct lent_walk *w = arg;

	if (!w->walk.rows) {
		by_hand(w->dbc, "INSERT INTO plains VALUES (5000, 1, NULL)");
		by_hand(w->dbc, "DELETE FROM plains WHERE id = 2999");
	}
	return sum_up(u, row, &w->walk);
}

/* The library does not see what is written with the handle that it has lent. */
static void what_is_written_with_the_handle_is_not_met(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct lent_walk w;
	uow_unit *u;

	needs(f, BACKEND_ODBC);
	store(f, 3000);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	w.dbc = need(u, uow_unit_hdbc(u));
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, rewrite_by_hand, &w));
	assert_int_equal(w.walk.rows, 3000);
	assert_int_equal(w.walk.sum, 3000 * 3001 / 2);
	commit(u);
}

static int walk_inside(uow_unit *u, const void *row, void *arg)
{
	const struct plain *p = row;
	uow_query q = UOW_QUERY_INIT;
	struct walk inner;
	struct walk *w = arg;
	int rc;

	memset(&inner, 0, sizeof(inner));
	w->rows++;
	if (p->id % 700)
		return 0;
	q.where = uow_all();
	rc = plain_each(plain_repository_of(u), &q, sum_up, &inner);
	w->sum += inner.rows;
	return rc;
}

/* Each has its place in the rows for itself. */
static void long_walks_go_inside_each_other(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct walk w;
	uow_unit *u;

	store(f, 2500);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	q.where = uow_all();
	must(u, plain_each(plain_repository_of(u), &q, walk_inside, &w));
	assert_int_equal(w.rows, 2500);
	assert_int_equal(w.sum, 3 * 2500);
	commit(u);
}

/* "VmHWM:" and its like of /proc/self/status, in KiB. */
static long status_of(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			kib = strtol(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return kib;
}

/* The peak is counted from here on: proc(5), clear_refs. */
static bool start_peak(long *before)
{
	const char *loaded = getenv("LD_PRELOAD");
	FILE *file;

#ifdef __SANITIZE_ADDRESS__
	return false;
#endif
	if (loaded && strstr(loaded, "vgpreload"))
		return false;
	file = fopen("/proc/self/clear_refs", "w");
	if (!file)
		return false;
	*before = status_of("VmRSS:");
	return fputs("5", file) >= 0 && fclose(file) == 0;
}

/*
 * 60,000 rows of 100 bytes, which drivers hold in 10 MiB and more. Checkers of
 * memory keep what was freed.
 */
static void a_long_result_is_not_held_in_memory(void **state)
{
	enum { CALL = 3000, CALLS = 20, MOST_KIB = 4096 };
	static const char label[] = "a label of more than a hundred bytes, so "
		"that all of them together are some megabytes of text, twice";
	static struct plain rows[CALL];
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct walk w;
	long before = 0;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	for (i = 0; i < CALL * CALLS; i++) {
		rows[i % CALL].id = i + 1;
		rows[i % CALL].label = label;
		if (i % CALL == CALL - 1)
			must(u, plain_insert_all(plain_repository_of(u), rows,
						 CALL));
	}
	commit(u);
	u = begin(f);
	memset(&w, 0, sizeof(w));
	q.where = uow_all();
	if (!start_peak(&before))
		before = LONG_MAX / 2;
	must(u, plain_each(plain_repository_of(u), &q, count_rows, &w));
	assert_int_equal(w.rows, CALL * CALLS);
	if (status_of("VmHWM:") - before > MOST_KIB)
		fail_msg("%ld KiB", status_of("VmHWM:") - before);
	commit(u);
}

static const struct CMUnitTest each_cases[] = {
	CASE(each_sees_every_row_once),
	CASE(a_negative_return_stops_and_fails_the_unit),
	CASE(the_callback_may_use_the_unit),
	CASE(changes_to_a_streamed_row_are_not_saved),
	CASE(each_sees_pending_changes),
	CASE(a_unit_that_failed_in_the_callback_stops),
	CASE(ending_the_unit_in_the_callback_is_survived),
	CASE(the_callback_may_run_parts_that_fail),
	CASE(a_long_result_is_in_order_and_ends_at_its_limit),
	CASE(what_the_callback_writes_is_not_met),
	CASE(what_is_written_with_the_handle_is_not_met),
	CASE(long_walks_go_inside_each_other),
	CASE(a_long_result_is_not_held_in_memory),
};
TOPIC(each, "each");
