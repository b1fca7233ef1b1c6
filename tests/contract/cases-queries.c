/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

static void store(struct fixture *f, int count)
{
	static struct plain rows[6000];
	static char labels[6000][12];
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < count; i++) {
		snprintf(labels[i], sizeof(labels[i]), "%d", i % 3);
		rows[i].id = i + 1;
		rows[i].amount = i % 10;
		rows[i].label = labels[i];
	}
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows,
				 (size_t)count));
	commit(u);
}

static void order_offset_and_limit_choose_rows(void **state)
{
	static const uow_order order[] =
		{ { "amount", true }, { "id", false } };
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	plain_repository *r;
	uow_rows rows;
	uow_unit *u;

	store(f, 30);
	u = begin(f);
	r = plain_repository_of(u);
	q.where = uow_all();
	q.order_by = order;
	q.order_count = 2;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 30);
	assert_int_equal(plain_at(&rows, 0)->id, 10);
	assert_int_equal(plain_at(&rows, 1)->id, 20);
	assert_int_equal(plain_at(&rows, 29)->id, 21);
	q.limit = 4;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 4);
	assert_int_equal(plain_at(&rows, 3)->id, 9);
	q.offset = 28;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 2);
	assert_int_equal(plain_at(&rows, 0)->id, 11);
	q.limit = 0;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 2);
	q.offset = 100;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 0);
	q.offset = 0;
	q.limit = UINT64_C(1) << 40;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 30);
	commit(u);
}

/* Ordering by each type, NULLs anywhere but together. */
static void every_ordered_type_can_be_sorted_by(void **state)
{
	static const char *const columns[] = {
		"b", "i16", "i32", "i64", "f", "d", "dec0", "dec2", "dec18",
		"chars", "body", "on_day", "at_time", "stamp",
	};
	struct fixture *f = *state;
	struct types t;
	uow_query q = UOW_QUERY_INIT;
	uow_order order;
	uow_rows rows;
	uow_unit *u;
	size_t i;
	int k;

	tables(f, &types_entity, NULL);
	u = begin(f);
	for (k = 3; k > 0; k--) {
		types_sample(&t, k);
		t.b = k > 2;
		t.i16 = (int16_t)k;
		t.i32 = k;
		t.i64 = k;
		t.f = (float)k;
		t.d = k * 1e10;
		t.dec0 = k * 1000;
		t.dec2 = k * 999;
		t.dec18 = k;
		t.text = k == 1 ? "A" : k == 2 ? "Z" : "a"; /* code points */
		t.date.day = (uint16_t)k;
		t.time.second = (uint16_t)k;
		t.stamp.nanosecond = (uint32_t)k * 1000;
		strcpy(t.chars, t.text);
		need(u, uow_add(uow_repository_of(u, &types_entity), &t));
	}
	for (i = 0; i < 14; i++) {
		order.column = columns[i];
		order.descending = i % 2;
		q.where = uow_all();
		q.order_by = &order;
		q.order_count = 1;
		must(u, uow_find(uow_repository_of(u, &types_entity), &q,
				 &rows));
		assert_int_equal(rows.count, 3);
		if (((struct types *)rows.items[i % 2 ? 0 : 2])->id != 3)
			fail_msg("ordered by %s", columns[i]);
	}
	commit(u);
}

static void many_rows_are_found_at_once(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;
	uow_unit *u;
	int64_t sum = 0;
	size_t i;

	store(f, 6000);
	u = begin(f);
	q.where = uow_all();
	must(u, plain_find(plain_repository_of(u), &q, &rows));
	assert_int_equal(rows.count, 6000);
	for (i = 0; i < rows.count; i++)
		sum += plain_at(&rows, i)->id;
	assert_int_equal(sum, 6000 * 6001 / 2);
	commit(u);
}

static struct plain *add(uow_unit *u, int64_t id, int32_t amount)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	p.amount = amount;
	return need(u, plain_add(plain_repository_of(u), &p));
}

/* 97: a query sees what the unit has done ... */
static void a_query_sees_pending_changes(void **state)
{
	struct fixture *f = *state;
	plain_repository *r;
	struct plain *p;
	uint64_t n = 0;
	uow_unit *u;

	store(f, 3);
	u = begin(f);
	r = plain_repository_of(u);
	add(u, 10, 50);
	p = need(u, plain_get(r, 1));
	p->amount = 50;
	must(u, plain_remove(r, need(u, plain_get(r, 2))));
	must(u, plain_count(r, uow_all(), &n));
	assert_int_equal(n, 3);
	must(u, plain_count(r, uow_eq(u, "amount", uow_int(50)), &n));
	assert_int_equal(n, 2);
	p->amount = 51;
	assert_ptr_equal(plain_one(r, uow_eq(u, "amount", uow_int(51))), p);
	commit(u);
}

/* 97: ... unless that is switched off, by option or for a while */
static void without_autoflush_a_query_sees_the_database(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uint64_t n = 9;
	uow_unit *u;

	store(f, 3);
	o.no_autoflush = true;
	u = begin_on(f->db, &o);
	add(u, 10, 50);
	must(u, plain_count(plain_repository_of(u), uow_all(), &n));
	assert_int_equal(n, 3);
	assert_false(uow_autoflush(u, true));
	must(u, plain_count(plain_repository_of(u), uow_all(), &n));
	assert_int_equal(n, 4);
	assert_true(uow_autoflush(u, false));
	add(u, 11, 50);
	must(u, plain_count(plain_repository_of(u), uow_all(), &n));
	assert_int_equal(n, 4);
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 5);
}

/* Only changes to what is asked for are sent for a query; get sends none. */
static void only_changes_to_the_table_asked_for_are_flushed(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	struct slot s;
	uint64_t n = 0;
	uow_unit *u;
	uow_db *db;

	tables(f, &plain_entity, &slot_entity, NULL);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	memset(&s, 0, sizeof(s));
	need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
	must(u, plain_count(plain_repository_of(u), uow_all(), &n));
	assert_null(strstr(seen.all, "INSERT"));
	add(u, 1, 1);
	assert_null(plain_lookup(plain_repository_of(u), 2));
	assert_null(strstr(seen.all, "INSERT"));
	must(u, plain_count(plain_repository_of(u), uow_all(), &n));
	assert_int_equal(n, 1);
	assert_non_null(strstr(seen.all, "INSERT"));
	commit(u);
	uow_db_free(db);
}

/* An order by what is not there, or by nothing, is refused. */
static void an_unknown_column_in_the_order_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "nothing", false };
	uow_rows rows;
	uow_unit *u;
	int i;

	store(f, 1);
	for (i = 0; i < 3; i++) {
		u = begin(f);
		q.where = uow_all();
		q.order_by = i == 1 ? NULL : &order;
		q.order_count = 1;
		if (i == 2)
			order.column = NULL;
		must_fail(u, plain_find(plain_repository_of(u), &q, &rows),
			  UOW_EINVAL);
		assert_int_equal(rows.count, 0);
		uow_unit_free(u);
	}
}

/* A query without its initializer, or from a newer header, is refused. */
static void a_query_of_another_abi_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_query q;
	uow_rows rows;
	uow_unit *u;

	store(f, 1);
	memset(&q, 0, sizeof(q));
	q.where = uow_all();
	u = begin(f);
	must_fail(u, plain_find(plain_repository_of(u), &q, &rows),
		  UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, plain_find(plain_repository_of(u), NULL, &rows),
		  UOW_EINVAL);
	uow_unit_free(u);
}

/* Lock modes that the profile has lock, the others say so. */
static void lock_modes_are_granted_or_refused(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;
	uow_unit *u;
	int rc;

	store(f, 2);
	u = begin(f);
	q.where = uow_all();
	q.lock = UOW_LOCK_UPDATE;
	must(u, plain_find(plain_repository_of(u), &q, &rows));
	assert_int_equal(rows.count, 2);
	commit(u);
	u = begin(f);
	q.lock = UOW_LOCK_NOWAIT;
	rc = plain_find(plain_repository_of(u), &q, &rows);
	assert_int_equal(rc, uow_db_has(f->db, UOW_FEATURE_LOCK_NOWAIT)
			 ? 0 : UOW_ENOTSUP);
	uow_unit_free(u);
	u = begin(f);
	q.lock = UOW_LOCK_SKIP_LOCKED;
	rc = plain_find(plain_repository_of(u), &q, &rows);
	assert_int_equal(rc, uow_db_has(f->db, UOW_FEATURE_LOCK_SKIP)
			 ? 0 : UOW_ENOTSUP);
	uow_unit_free(u);
	u = begin(f);
	q.lock = (uow_lock)99;
	must_fail(u, plain_find(plain_repository_of(u), &q, &rows),
		  UOW_EINVAL);
	uow_unit_free(u);
}

static const struct CMUnitTest queries_cases[] = {
	CASE(order_offset_and_limit_choose_rows),
	CASE(every_ordered_type_can_be_sorted_by),
	CASE(many_rows_are_found_at_once),
	CASE(a_query_sees_pending_changes),
	CASE(without_autoflush_a_query_sees_the_database),
	CASE(only_changes_to_the_table_asked_for_are_flushed),
	CASE(an_unknown_column_in_the_order_is_refused),
	CASE(a_query_of_another_abi_is_refused),
	CASE(lock_modes_are_granted_or_refused),
};
TOPIC(queries, "queries");
