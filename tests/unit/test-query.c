/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/errors.h"
#include "recorder.h"
#include "unit/entry.h"

static uow_unit *u;
static uow_repository *items;

static void begin(void **state, int64_t rows)
{
	recorder_store(*state, 1, rows);
	u = recorder_begin(*state, NULL);
	items = uow_repository_of(u, &item_entity);
}

static struct item new_item(int64_t id)
{
	struct item it;

	memset(&it, 0, sizeof(it));
	it.id = id;
	it.label = "new";
	return it;
}

static uow_query all(void)
{
	uow_query q = UOW_QUERY_INIT;

	q.where = uow_all();
	return q;
}

/* -- find -- */

static void all_rows_become_objects(void **state)
{
	uow_query q = all();
	uow_rows rows;
	size_t i;

	begin(state, 20);
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_int_equal(rows.count, 20);
	assert_true(arena_owns(&u->arena, rows.items));
	for (i = 0; i < 20; i++)
		assert_ptr_equal(rows.items[i],
				 uow_get(items, uow_id((int64_t)i + 1)));
	uow_unit_free(u);
}

static void no_rows_are_an_empty_result(void **state)
{
	uow_query q = all();
	uow_rows rows = { NULL, 7 };

	begin(state, 0);
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_int_equal(rows.count, 0);
	uow_unit_free(u);
}

static void query_reaches_the_backend_as_a_shape(void **state)
{
	static const uow_order order[] = {
		{ "quantity", true }, { "id", false }
	};
	struct recorder *rec = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;

	begin(state, 3);
	q.where = uow_gt(u, "quantity", uow_int(15));
	q.order_by = order;
	q.order_count = 2;
	q.offset = 4;
	q.limit = 2;
	q.lock = UOW_LOCK_SKIP_LOCKED;
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_int_equal(rec->shape.op, SHAPE_SELECT);
	assert_int_equal(rec->shape.offset, 4);
	assert_int_equal(rec->shape.limit, 2);
	assert_int_equal(rec->shape.lock, UOW_LOCK_SKIP_LOCKED);
	assert_int_equal(rec->shape.order_count, 2);
	assert_int_equal(rec->order[0].column, 2);
	assert_true(rec->order[0].descending);
	assert_int_equal(rec->order[1].column, 0);
	assert_int_not_equal(rec->shape.code_len, 0);
	assert_int_equal(rec->value_count, 1);
	assert_int_equal(rec->values[0].as.integer, 15);
	assert_int_equal(rec->shape.key_count, 0);
	uow_unit_free(u);
}

static void changes_of_the_entity_are_flushed_first(void **state)
{
	struct recorder *rec = *state;
	uow_query q = all();
	struct item it = new_item(9);
	uow_rows rows;

	begin(state, 1);
	uow_add(items, &it);
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rec->inserts, "1 ");
	uow_unit_free(u);
}

/* Objects that many finds compare, beside so many of another entity. */
static uint64_t compared(void **state, int64_t others, unsigned finds)
{
	uow_query q = all();
	uow_repository *notes;
	struct note n = { 0, "x" };
	uow_rows rows;
	uint64_t count;

	u = recorder_begin(*state, NULL);
	items = uow_repository_of(u, &item_entity);
	notes = uow_repository_of(u, &note_entity);
	for (n.id = 1; n.id <= others; n.id++)
		assert_non_null(uow_attach(notes, &n));
	for (; finds; finds--)
		assert_int_equal(uow_find(items, &q, &rows), 0);
	count = u->compared;
	uow_unit_free(u);
	return count;
}

static void finds_compare_objects_of_what_they_read_only(void **state)
{
	uint64_t alone;

	begin(state, 3);
	uow_unit_free(u);
	alone = compared(state, 0, 1000);
	assert_int_equal(alone, 999 * 3);
	assert_int_equal(compared(state, 20000, 1000), alone);
}

static void changes_of_other_entities_wait(void **state)
{
	struct recorder *rec = *state;
	uow_query q = all();
	struct note n = { 0, "x" };
	uow_rows rows;

	begin(state, 1);
	uow_add(uow_repository_of(u, &note_entity), &n);
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_string_equal(rec->inserts, "");
	uow_unit_free(u);
}

static void without_autoflush_queries_do_not_see_changes(void **state)
{
	struct recorder *rec = *state;
	uow_query q = all();
	struct item it = new_item(9);
	uow_rows rows;

	begin(state, 2);
	uow_autoflush(u, false);
	uow_add(items, &it);
	uow_remove(items, uow_get(items, uow_id(1)));
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_int_equal(rows.count, 1);
	assert_int_equal(((struct item *)rows.items[0])->id, 2);
	assert_string_equal(rec->inserts, "");
	uow_unit_free(u);
}

static void other_version(void *row)
{
	((struct item *)row)->version = 4;
}

static void locking_queries_read_known_objects_again(void **state)
{
	struct recorder *rec = *state;
	uow_query q = all();
	struct item *it;
	uow_rows rows;

	begin(state, 1);
	it = uow_get(items, uow_id(1));
	rec->alter = other_version;
	q.lock = UOW_LOCK_UPDATE;
	assert_int_equal(uow_find(items, &q, &rows), 0);
	assert_int_equal(it->version, 4);
	uow_unit_free(u);
}

static int find_code(void **state, const uow_query *q)
{
	static struct item here;
	void *const somewhere[1] = { &here };
	uow_rows rows = { somewhere, 1 };
	int rc;

	(void)state;
	rc = uow_find(items, q, &rows);
	assert_int_equal(rows.count, 0);
	assert_null(rows.items);
	return rc;
}

static void senseless_queries_are_refused(void **state)
{
	static const uow_order unknown[] = { { "size", false } };
	struct recorder *rec = *state;
	uow_query q;
	int i;

	for (i = 0; i < 8; i++) {
		u = recorder_begin(rec, NULL);
		items = uow_repository_of(u, &item_entity);
		q = all();
		if (i == 0)
			q.where = NULL;
		if (i == 1)
			q.abi = 0;
		if (i == 2)
			q.abi = 2;
		if (i == 3)
			q.order_count = 1;
		if (i == 4) {
			q.order_by = unknown;
			q.order_count = 1;
		}
		if (i == 5)
			q.where = uow_eq(u, "size", uow_int(1));
		if (i == 6)
			q.lock = (uow_lock)9;
		assert_int_equal(find_code(state, i == 7 ? NULL : &q),
				 UOW_EINVAL);
		assert_string_equal(uow_unit_error(u)->entity, "item");
		uow_unit_free(u);
	}
	assert_int_equal(rec->reads, 0);
}

static void unknown_order_column_is_named(void **state)
{
	static const uow_order unknown[] = { { "size", false } };
	uow_query q = all();

	begin(state, 0);
	q.order_by = unknown;
	q.order_count = 1;
	assert_int_equal(find_code(state, &q), UOW_EINVAL);
	assert_string_equal(uow_unit_error(u)->message,
			    "item: no column 'size' to order by");
	uow_unit_free(u);
}

static int next_fails;

static int failing_next(struct backend_cursor *cur, void *row,
			struct arena *texts, uow_error *err)
{
	(void)cur;
	(void)row;
	(void)texts;
	return error_set(err, next_fails, "cut off");
}

static void failure_between_rows_closes_the_cursor(void **state)
{
	struct recorder *rec = *state;
	uow_query q = all();

	begin(state, 2);
	next_fails = UOW_ECONNECT;
	rec->ops.next = failing_next;
	assert_int_equal(find_code(state, &q), UOW_ECONNECT);
	assert_string_equal(uow_unit_error(u)->step, "SELECT item");
	assert_int_equal(rec->open, 0);
	uow_unit_free(u);
}

/* -- one, count -- */

static bool second(const void *row)
{
	return ((const struct item *)row)->id == 2;
}

static bool nothing(const void *row)
{
	(void)row;
	return false;
}

static void one_row_is_given(void **state)
{
	struct recorder *rec = *state;
	const uow_spec *where;

	begin(state, 3);
	where = uow_eq(u, "quantity", uow_int(20));
	rec->filter = second;
	assert_int_equal(((struct item *)uow_one(items, where))->id, 2);
	assert_int_equal(rec->shape.limit, 2);
	rec->filter = nothing;
	assert_null(uow_one(items, where));
	assert_int_equal(uow_status(u), 0);
	uow_unit_free(u);
}

static void more_than_one_row_fails(void **state)
{
	begin(state, 3);
	assert_null(uow_one(items, uow_all()));
	assert_int_equal(uow_status(u), UOW_EMANY);
	assert_string_equal(uow_unit_error(u)->entity, "item");
	uow_unit_free(u);
}

static void removed_rows_do_not_hide_a_second_one(void **state)
{
	begin(state, 4);
	uow_autoflush(u, false);
	uow_remove(items, uow_get(items, uow_id(1)));
	uow_remove(items, uow_get(items, uow_id(2)));
	assert_null(uow_one(items, uow_all()));
	assert_int_equal(uow_status(u), UOW_EMANY);
	uow_unit_free(u);
}

static void count_flushes_and_counts(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(9);
	uint64_t n = 0;

	begin(state, 3);
	uow_add(items, &it);
	assert_int_equal(uow_count(items, uow_all(), &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(rec->shape.op, SHAPE_COUNT);
	uow_unit_free(u);
}

static void failed_count_is_zero(void **state)
{
	uint64_t n = 7;

	begin(state, 3);
	assert_int_equal(uow_count(items, NULL, &n), UOW_EINVAL);
	assert_int_equal(n, 0);
	uow_unit_free(u);
}

/* -- each -- */

struct seen {
	int64_t sum;
	unsigned rows;
	int answer;
	const void *row;
};

static int see(uow_unit *unit, const void *row, void *arg)
{
	const struct item *it = row;
	struct seen *s = arg;

	assert_ptr_equal(unit, u);
	s->sum += it->quantity;
	s->rows++;
	s->row = row;
	return s->rows == 2 ? s->answer : 0;
}

static void each_row_is_seen_and_none_remembered(void **state)
{
	struct seen s = { 0, 0, 0, NULL };
	uow_query q = all();

	begin(state, 4);
	assert_int_equal(uow_each(items, &q, see, &s), 0);
	assert_int_equal(s.rows, 4);
	assert_int_equal(s.sum, 100);
	assert_int_equal(items->entry_count, 0);
	assert_false(arena_owns(&u->arena, s.row));
	uow_unit_free(u);
}

static void negative_return_stops_and_fails(void **state)
{
	struct seen s = { 0, 0, UOW_EAPP - 5, NULL };
	uow_query q = all();

	begin(state, 4);
	assert_int_equal(uow_each(items, &q, see, &s), UOW_EAPP - 5);
	assert_int_equal(s.rows, 2);
	assert_int_equal(uow_status(u), UOW_EAPP - 5);
	assert_string_equal(uow_unit_error(u)->message,
			    "stopped by the program's function");
	uow_unit_free(u);
}

static void positive_return_is_refused(void **state)
{
	struct seen s = { 0, 0, 3, NULL };
	uow_query q = all();

	begin(state, 4);
	assert_int_equal(uow_each(items, &q, see, &s), UOW_EINVAL);
	assert_int_equal(s.rows, 2);
	uow_unit_free(u);
}

static int fail_silently(uow_unit *unit, const void *row, void *arg)
{
	(void)row;
	++*(int *)arg;
	uow_fail(unit, UOW_EREJECTED, "too much");
	return 0;
}

static int fail_aloud(uow_unit *unit, const void *row, void *arg)
{
	fail_silently(unit, row, arg);
	return UOW_EAPP - 1;
}

static void failure_inside_stops_each(void **state)
{
	uow_query q = all();
	int calls = 0;

	begin(state, 4);
	assert_int_equal(uow_each(items, &q, fail_silently, &calls),
			 UOW_EREJECTED);
	assert_int_equal(calls, 1);
	uow_unit_free(u);
}

static void first_failure_is_kept(void **state)
{
	uow_query q = all();
	int calls = 0;

	begin(state, 4);
	assert_int_equal(uow_each(items, &q, fail_aloud, &calls),
			 UOW_EREJECTED);
	assert_string_equal(uow_unit_error(u)->message, "too much");
	uow_unit_free(u);
}

static int use_unit(uow_unit *unit, const void *row, void *arg)
{
	const struct item *outer = row;
	struct item it = new_item(outer->id + 100);
	struct seen *s = arg, inner = { 0, 0, 0, NULL };
	uow_query q = all();

	if (outer->id > 2)
		return 0;
	s->rows++;
	assert_int_equal(uow_each(items, &q, see, &inner), 0);
	assert_int_equal(inner.rows, s->rows + 2);
	assert_non_null(uow_get(items, uow_id(outer->id)));
	assert_non_null(uow_add(items, &it));
	assert_int_equal(uow_status(unit), 0);
	return 0;
}

static void function_may_use_the_unit(void **state)
{
	struct seen s = { 0, 0, 0, NULL };
	uow_query q = all();

	begin(state, 3);
	assert_int_equal(uow_each(items, &q, use_unit, &s), 0);
	assert_int_equal(s.rows, 2);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(fake_count(&((struct recorder *)*state)->fake), 5);
	uow_unit_free(u);
}

static int end_unit(uow_unit *unit, const void *row, void *arg)
{
	(void)row;
	(void)arg;
	return uow_commit(unit);
}

static void function_cannot_end_the_unit(void **state)
{
	uow_query q = all();

	begin(state, 3);
	assert_int_equal(uow_each(items, &q, end_unit, NULL), UOW_ESTATE);
	assert_int_equal(u->state, UNIT_ACTIVE);
	uow_unit_free(u);
}

static void each_needs_a_function(void **state)
{
	uow_query q = all();

	begin(state, 3);
	assert_int_equal(uow_each(items, &q, NULL, NULL), UOW_EINVAL);
	uow_unit_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDER_TEST(all_rows_become_objects),
		RECORDER_TEST(no_rows_are_an_empty_result),
		RECORDER_TEST(query_reaches_the_backend_as_a_shape),
		RECORDER_TEST(changes_of_the_entity_are_flushed_first),
		RECORDER_TEST(finds_compare_objects_of_what_they_read_only),
		RECORDER_TEST(changes_of_other_entities_wait),
		RECORDER_TEST(without_autoflush_queries_do_not_see_changes),
		RECORDER_TEST(locking_queries_read_known_objects_again),
		RECORDER_TEST(senseless_queries_are_refused),
		RECORDER_TEST(unknown_order_column_is_named),
		RECORDER_TEST(failure_between_rows_closes_the_cursor),
		RECORDER_TEST(one_row_is_given),
		RECORDER_TEST(more_than_one_row_fails),
		RECORDER_TEST(removed_rows_do_not_hide_a_second_one),
		RECORDER_TEST(count_flushes_and_counts),
		RECORDER_TEST(failed_count_is_zero),
		RECORDER_TEST(each_row_is_seen_and_none_remembered),
		RECORDER_TEST(negative_return_stops_and_fails),
		RECORDER_TEST(positive_return_is_refused),
		RECORDER_TEST(failure_inside_stops_each),
		RECORDER_TEST(first_failure_is_kept),
		RECORDER_TEST(function_may_use_the_unit),
		RECORDER_TEST(function_cannot_end_the_unit),
		RECORDER_TEST(each_needs_a_function),
	};

	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
