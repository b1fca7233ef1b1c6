/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

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

static const struct CMUnitTest each_cases[] = {
	CASE(each_sees_every_row_once),
	CASE(a_negative_return_stops_and_fails_the_unit),
	CASE(the_callback_may_use_the_unit),
	CASE(changes_to_a_streamed_row_are_not_saved),
	CASE(each_sees_pending_changes),
	CASE(a_unit_that_failed_in_the_callback_stops),
	CASE(ending_the_unit_in_the_callback_is_survived),
	CASE(the_callback_may_run_parts_that_fail),
};
TOPIC(each, "each");
