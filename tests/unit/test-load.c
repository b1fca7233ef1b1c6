/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "recorder.h"
#include "unit/load.h"

static void other_version(void *row)
{
	struct item *it = row;

	it->version = 4;
	it->quantity = 77;
}

static void other_quantity(void *row)
{
	((struct item *)row)->quantity = 77;
}

static void other_balance(void *row)
{
	((struct account *)row)->balance = 77;
}

static void row_becomes_an_object_of_the_unit(void **state)
{
	struct recorder *rec = *state;
	uow_unit *u;
	uow_repository *r;
	struct item *it;

	recorder_store(rec, 1, 2);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(2));
	assert_non_null(it);
	assert_int_equal(it->quantity, 20);
	assert_string_equal(it->label, "two");
	assert_true(arena_owns(&u->arena, it->label));
	assert_non_null(entry_of(u, it));
	assert_int_equal(entry_of(u, it)->state, ENTRY_LOADED);
	assert_non_null(entry_of(u, it)->snapshot);
	assert_int_equal(rec->shape.key_count, 1);
	assert_int_equal(rec->shape.lock, UOW_LOCK_NONE);
	uow_unit_free(u);
}

static void read_only_units_keep_no_copy(void **state)
{
	struct recorder *rec = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;
	struct item *it;

	o.read_only = true;
	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, &o);
	it = uow_get(uow_repository_of(u, &item_entity), uow_id(1));
	assert_non_null(it);
	assert_null(entry_of(u, it)->snapshot);
	rec->alter = other_version;
	assert_ptr_equal(uow_get_locked(uow_repository_of(u, &item_entity),
					uow_id(1)), it);
	assert_int_equal(it->quantity, 77);
	uow_unit_free(u);
}

static void dropped_rows_reuse_one_allocation(void **state)
{
	struct recorder *rec = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;
	uow_unit *u;
	uow_repository *r;
	struct entry *spare;

	recorder_store(rec, 1, 5);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	q.where = uow_all();
	assert_int_equal(uow_find(r, &q, &rows), 0);
	spare = r->spare;
	assert_non_null(spare);
	assert_int_equal(uow_find(r, &q, &rows), 0);
	assert_ptr_equal(r->spare, spare);
	assert_int_equal(rows.count, 5);
	assert_int_equal(r->entry_count, 5);
	uow_unit_free(u);
}

static void what_the_unit_holds_wins(void **state)
{
	struct recorder *rec = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;
	uow_unit *u;
	uow_repository *r;
	struct item *it;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(1));
	rec->alter = other_quantity;
	q.where = uow_all();
	assert_int_equal(uow_find(r, &q, &rows), 0);
	assert_ptr_equal(rows.items[0], it);
	assert_int_equal(it->quantity, 10);
	uow_unit_free(u);
}

static void locking_updates_a_clean_object_in_place(void **state)
{
	struct recorder *rec = *state;
	uow_unit *u;
	uow_repository *r;
	struct item *it;
	const struct item *was;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(1));
	it->mark = 5;
	rec->alter = other_version;
	assert_ptr_equal(uow_get_locked(r, uow_id(1)), it);
	assert_int_equal(rec->shape.lock, UOW_LOCK_UPDATE);
	assert_int_equal(it->quantity, 77);
	assert_int_equal(it->version, 4);
	assert_int_equal(it->mark, 5);
	was = entry_of(u, it)->snapshot;
	assert_int_equal(was->quantity, 77);
	assert_int_equal(was->version, 4);
	uow_unit_free(u);
}

static void locking_a_changed_object_with_another_version_is_conflict(
	void **state)
{
	struct recorder *rec = *state;
	const uow_error *err;
	uow_unit *u;
	uow_repository *r;
	struct item *it;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(1));
	it->quantity = 11;
	rec->alter = other_version;
	assert_null(uow_get_locked(r, uow_id(1)));
	err = uow_unit_error(u);
	assert_int_equal(err->code, UOW_ECONFLICT);
	assert_string_equal(err->message, "item 1: changed here, but its "
			    "version was 1 and is 4 now");
	assert_string_equal(err->entity, "item");
	assert_string_equal(err->key, "1");
	assert_int_equal(it->quantity, 11);
	uow_unit_free(u);
}

static void locking_a_changed_object_of_the_same_version_keeps_it(void **state)
{
	struct recorder *rec = *state;
	uow_unit *u;
	uow_repository *r;
	struct item *it;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(1));
	it->quantity = 11;
	rec->alter = other_quantity;
	assert_ptr_equal(uow_get_locked(r, uow_id(1)), it);
	assert_int_equal(it->quantity, 11);
	assert_int_equal(uow_status(u), 0);
	uow_unit_free(u);
}

static void without_version_all_columns_are_compared(void **state)
{
	struct recorder *rec = *state;
	static const struct account a = { 1, 50, "me", 0 };
	uow_unit *u;
	uow_repository *r;
	struct account *p;

	u = recorder_begin(rec, NULL);
	assert_int_equal(uow_insert_all(uow_repository_of(u, &account_entity),
					&a, 1), 0);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &account_entity);
	p = uow_get(r, uow_id(1));
	p->balance = 60;
	assert_ptr_equal(uow_get_locked(r, uow_id(1)), p);
	assert_int_equal(p->balance, 60);
	rec->alter = other_balance;
	assert_null(uow_get_locked(r, uow_id(1)));
	assert_int_equal(uow_status(u), UOW_ECONFLICT);
	uow_unit_free(u);
}

static void stale_objects_are_read_again_in_place(void **state)
{
	struct recorder *rec = *state;
	uow_unit *u;
	uow_repository *r;
	struct item *it;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(1));
	it->quantity = 5;
	entry_of(u, it)->flags |= ENTRY_STALE;
	rec->alter = other_version;
	assert_ptr_equal(uow_lookup(r, uow_id(1)), it);
	assert_int_equal(it->quantity, 77);
	assert_int_equal(entry_of(u, it)->flags & ENTRY_STALE, 0);
	assert_int_equal(rec->reads, 2);
	uow_unit_free(u);
}

static bool nothing(const void *row)
{
	(void)row;
	return false;
}

static void vanished_stale_object_leaves_the_map(void **state)
{
	struct recorder *rec = *state;
	uow_unit *u;
	uow_repository *r;
	struct item *it;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	r = uow_repository_of(u, &item_entity);
	it = uow_get(r, uow_id(1));
	entry_of(u, it)->flags |= ENTRY_STALE;
	rec->filter = nothing;
	assert_null(uow_lookup(r, uow_id(1)));
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(entry_of(u, it)->state, ENTRY_GONE);
	assert_int_equal(r->identity.count, 0);
	uow_unit_free(u);
}

static void many_keys_take_few_sizes_of_statements(void **state)
{
	struct recorder *rec = *state;
	uow_key keys[113];
	void *found[113];
	uow_unit *u;
	size_t i;

	recorder_store(rec, 1, 113);
	u = recorder_begin(rec, NULL);
	for (i = 0; i < 113; i++)
		keys[i] = uow_id((int64_t)i + 1);
	assert_int_equal(uow_get_many(uow_repository_of(u, &item_entity),
				      keys, 113, found), 0);
	assert_string_equal(rec->key_counts, "100 100 ");
	for (i = 0; i < 113; i++)
		assert_int_equal(((struct item *)found[i])->id,
				 (int64_t)i + 1);
	uow_unit_free(u);
}

static void few_keys_are_padded_to_ten(void **state)
{
	struct recorder *rec = *state;
	uow_key k[3];
	void *found[3];
	uow_unit *u;

	recorder_store(rec, 1, 5);
	u = recorder_begin(rec, NULL);
	k[0] = uow_id(3);
	k[1] = uow_id(1);
	k[2] = uow_id(2);
	assert_int_equal(uow_get_many(uow_repository_of(u, &item_entity), k,
				      3, found), 0);
	assert_string_equal(rec->key_counts, "10 ");
	k[0] = uow_id(4);
	k[1] = uow_id(5);
	assert_int_equal(uow_get_many(uow_repository_of(u, &item_entity), k,
				      2, found), 0);
	assert_string_equal(rec->key_counts, "10 2 ");
	k[0] = uow_id(3);
	k[1] = uow_id(1);
	assert_int_equal(uow_get_many(uow_repository_of(u, &item_entity), k,
				      2, found), 0);
	assert_int_equal(((struct item *)found[0])->id, 3);
	assert_int_equal(((struct item *)found[1])->id, 1);
	uow_unit_free(u);
}

static void failed_read_names_table_entity_and_key(void **state)
{
	struct recorder *rec = *state;
	struct fake_fault fault = { FAKE_READ, 1, 1, UOW_ECONNECT,
				    OUTCOME_UNKNOWN, false, false };
	const uow_error *err;
	uow_unit *u;

	recorder_store(rec, 1, 1);
	u = recorder_begin(rec, NULL);
	fake_fail(&rec->fake, fault);
	assert_null(uow_get(uow_repository_of(u, &item_entity), uow_id(1)));
	err = uow_unit_error(u);
	assert_int_equal(err->code, UOW_ECONNECT);
	assert_string_equal(err->step, "SELECT item");
	assert_string_equal(err->entity, "item");
	assert_string_equal(err->key, "1");
	uow_unit_free(u);
}

static void no_statement_after_the_deadline(void **state)
{
	struct recorder *rec = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	recorder_store(rec, 1, 1);
	o.timeout_ms = 10;
	u = recorder_begin(rec, &o);
	rec->clock.now += 20000;
	assert_null(uow_get(uow_repository_of(u, &item_entity), uow_id(1)));
	assert_int_equal(uow_status(u), UOW_ETIMEOUT);
	assert_int_equal(rec->reads, 0);
	uow_unit_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDER_TEST(row_becomes_an_object_of_the_unit),
		RECORDER_TEST(read_only_units_keep_no_copy),
		RECORDER_TEST(dropped_rows_reuse_one_allocation),
		RECORDER_TEST(what_the_unit_holds_wins),
		RECORDER_TEST(locking_updates_a_clean_object_in_place),
		RECORDER_TEST(
		locking_a_changed_object_with_another_version_is_conflict),
		RECORDER_TEST(
		locking_a_changed_object_of_the_same_version_keeps_it),
		RECORDER_TEST(without_version_all_columns_are_compared),
		RECORDER_TEST(stale_objects_are_read_again_in_place),
		RECORDER_TEST(vanished_stale_object_leaves_the_map),
		RECORDER_TEST(many_keys_take_few_sizes_of_statements),
		RECORDER_TEST(few_keys_are_padded_to_ten),
		RECORDER_TEST(failed_read_names_table_entity_and_key),
		RECORDER_TEST(no_statement_after_the_deadline),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
