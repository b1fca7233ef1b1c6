/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	it.quantity = 7;
	it.label = "new";
	return it;
}

/* -- handles -- */

static void repository_asked_twice_is_the_same(void **state)
{
	begin(state, 0);
	assert_non_null(items);
	assert_ptr_equal(uow_repository_of(u, &item_entity), items);
	assert_ptr_not_equal(uow_repository_of(u, &note_entity), items);
	uow_unit_free(u);
}

static void wrong_mapping_fails_the_unit(void **state)
{
	static const uow_entity empty = { UOW_ENTITY_ABI, sizeof(uow_column),
		"struct nothing", NULL, "nothing", 8, NULL, 0, NULL, 0,
		NULL, 0 };

	begin(state, 0);
	assert_null(uow_repository_of(u, &empty));
	assert_int_equal(uow_status(u), UOW_ECONFIG);
	uow_unit_free(u);
}

static void without_repository_nothing_happens(void **state)
{
	const uow_key k = uow_id(1);
	struct item it = new_item(1);
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows = { (void *const *)&it, 3 };
	uint64_t n = 7;
	void *found[1];

	(void)state;
	q.where = uow_all();
	assert_null(uow_repository_of(NULL, &item_entity));
	assert_null(uow_get(NULL, k));
	assert_null(uow_lookup(NULL, k));
	assert_null(uow_get_locked(NULL, k));
	assert_int_equal(uow_get_many(NULL, &k, 1, found), UOW_ESTATE);
	assert_null(uow_one(NULL, uow_all()));
	assert_int_equal(uow_find(NULL, &q, &rows), UOW_ESTATE);
	assert_int_equal(rows.count, 0);
	assert_null(rows.items);
	assert_int_equal(uow_count(NULL, uow_all(), &n), UOW_ESTATE);
	assert_int_equal(n, 0);
	assert_null(uow_add(NULL, &it));
	assert_int_equal(uow_insert_all(NULL, &it, 1), UOW_ESTATE);
	assert_int_equal(uow_remove(NULL, &it), UOW_ESTATE);
	assert_int_equal(uow_refresh(NULL, &it), UOW_ESTATE);
	assert_null(uow_attach(NULL, &it));
}

static void failed_units_do_nothing(void **state)
{
	struct item it = new_item(9);
	struct recorder *rec = *state;

	begin(state, 1);
	uow_fail(u, UOW_EREJECTED, "no");
	assert_null(uow_get(items, uow_id(1)));
	assert_null(uow_add(items, &it));
	assert_int_equal(uow_insert_all(items, &it, 1), UOW_EREJECTED);
	assert_int_equal(rec->reads, 0);
	assert_string_equal(rec->inserts, "");
	uow_unit_free(u);
}

static void ended_units_answer_state(void **state)
{
	struct item it = new_item(9);

	begin(state, 1);
	assert_int_equal(uow_commit(u), 0);
	assert_null(uow_get(items, uow_id(1)));
	assert_int_equal(uow_insert_all(items, &it, 1), UOW_ESTATE);
	assert_int_equal(uow_status(u), 0);
	uow_unit_free(u);
}

/* -- by key -- */

static void one_row_is_one_object(void **state)
{
	struct recorder *rec = *state;
	struct item *it;

	begin(state, 2);
	it = uow_get(items, uow_id(2));
	assert_non_null(it);
	assert_ptr_equal(uow_get(items, uow_id(2)), it);
	assert_ptr_equal(uow_lookup(items, uow_id(2)), it);
	assert_int_equal(rec->reads, 1);
	uow_unit_free(u);
}

static void missing_row_fails_get_but_not_lookup(void **state)
{
	begin(state, 1);
	assert_null(uow_lookup(items, uow_id(5)));
	assert_int_equal(uow_status(u), 0);
	assert_null(uow_get(items, uow_id(5)));
	assert_int_equal(uow_status(u), UOW_ENOTFOUND);
	assert_string_equal(uow_unit_error(u)->message, "item 5: no such row");
	assert_string_equal(uow_unit_error(u)->entity, "item");
	assert_string_equal(uow_unit_error(u)->key, "5");
	uow_unit_free(u);
}

static void missing_row_fails_get_locked(void **state)
{
	begin(state, 1);
	assert_null(uow_get_locked(items, uow_id(5)));
	assert_int_equal(uow_status(u), UOW_ENOTFOUND);
	uow_unit_free(u);
}

static void key_of_wrong_size_is_refused(void **state)
{
	uow_value parts[2];

	begin(state, 1);
	parts[0] = uow_int(1);
	parts[1] = uow_int(2);
	assert_null(uow_get(items, uow_key_parts(parts, 2)));
	assert_int_equal(uow_status(u), UOW_EINVAL);
	uow_unit_free(u);
}

static void lookup_does_not_flush(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(9);

	begin(state, 1);
	uow_add(items, &it);
	assert_non_null(uow_get(items, uow_id(1)));
	assert_string_equal(rec->inserts, "");
	uow_unit_free(u);
}

static void added_and_removed_objects_are_seen_by_key(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(9), *added;

	begin(state, 1);
	added = uow_add(items, &it);
	assert_ptr_equal(uow_get(items, uow_id(9)), added);
	assert_ptr_equal(uow_get_locked(items, uow_id(9)), added);
	assert_int_equal(rec->reads, 0);
	assert_int_equal(uow_remove(items, uow_get(items, uow_id(1))), 0);
	assert_null(uow_lookup(items, uow_id(1)));
	assert_int_equal(uow_status(u), 0);
	assert_null(uow_get(items, uow_id(1)));
	assert_int_equal(uow_status(u), UOW_ENOTFOUND);
	uow_unit_free(u);
}

static void several_keys_come_in_their_order(void **state)
{
	struct recorder *rec = *state;
	uow_key keys[4];
	void *found[4];
	struct item *known;

	begin(state, 4);
	known = uow_get(items, uow_id(3));
	keys[0] = uow_id(4);
	keys[1] = uow_id(3);
	keys[2] = uow_id(1);
	keys[3] = uow_id(4);
	assert_int_equal(uow_get_many(items, keys, 4, found), 0);
	assert_int_equal(((struct item *)found[0])->id, 4);
	assert_ptr_equal(found[1], known);
	assert_int_equal(((struct item *)found[2])->id, 1);
	assert_ptr_equal(found[3], found[0]);
	assert_string_equal(rec->key_counts, "1 10 ");
	assert_int_equal(uow_get_many(items, keys, 4, found), 0);
	assert_string_equal(rec->key_counts, "1 10 ");
	uow_unit_free(u);
}

static void one_missing_of_several_leaves_the_rest_untouched(void **state)
{
	uow_key keys[2];
	void *found[2] = { &u, &u };

	begin(state, 1);
	keys[0] = uow_id(1);
	keys[1] = uow_id(8);
	assert_int_equal(uow_get_many(items, keys, 2, found), UOW_ENOTFOUND);
	assert_string_equal(uow_unit_error(u)->message, "item 8: no such row");
	assert_ptr_equal(found[0], &u);
	assert_ptr_equal(found[1], &u);
	uow_unit_free(u);
}

static void no_keys_are_no_work(void **state)
{
	begin(state, 1);
	assert_int_equal(uow_get_many(items, NULL, 0, NULL), 0);
	assert_int_equal(uow_get_many(items, NULL, 1, NULL), UOW_EINVAL);
	uow_unit_free(u);
}

/* -- adding -- */

static void added_object_is_a_copy(void **state)
{
	struct recorder *rec = *state;
	char label[] = "mine";
	struct item it = new_item(9), *added;
	const struct item *stored;

	begin(state, 0);
	it.label = label;
	it.mark = 3;
	added = uow_add(items, &it);
	label[0] = 'X';
	assert_ptr_not_equal(added, &it);
	assert_string_equal(added->label, "mine");
	assert_int_equal(added->mark, 3);
	added->quantity = 8;
	assert_int_equal(uow_commit(u), 0);
	stored = fake_stored(&rec->fake, &item_entity, 9);
	assert_non_null(stored);
	assert_int_equal(stored->quantity, 8);
	assert_int_equal(stored->version, 1);
	assert_string_equal(stored->label, "mine");
	uow_unit_free(u);
}

static void known_key_cannot_be_added(void **state)
{
	struct item it = new_item(1);

	begin(state, 1);
	assert_non_null(uow_get(items, uow_id(1)));
	assert_null(uow_add(items, &it));
	assert_int_equal(uow_status(u), UOW_EDUPLICATE);
	assert_string_equal(uow_unit_error(u)->key, "1");
	uow_unit_free(u);
}

static void key_added_twice_is_refused(void **state)
{
	struct item it = new_item(9);

	begin(state, 0);
	assert_non_null(uow_add(items, &it));
	assert_null(uow_add(items, &it));
	assert_int_equal(uow_status(u), UOW_EDUPLICATE);
	uow_unit_free(u);
}

static void removed_key_may_be_added_again(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(1), *added;
	const struct item *stored;

	begin(state, 1);
	assert_int_equal(uow_remove(items, uow_get(items, uow_id(1))), 0);
	added = uow_add(items, &it);
	assert_non_null(added);
	assert_ptr_equal(uow_get(items, uow_id(1)), added);
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(fake_log(&rec->fake),
			    "begin; read item; update item 1; commit");
	stored = fake_stored(&rec->fake, &item_entity, 1);
	assert_int_equal(stored->quantity, 7);
	assert_int_equal(stored->version, 2);
	uow_unit_free(u);
}

static void removing_the_replacement_leaves_the_row_removed(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(1);

	begin(state, 1);
	assert_int_equal(uow_remove(items, uow_get(items, uow_id(1))), 0);
	assert_int_equal(uow_remove(items, uow_add(items, &it)), 0);
	assert_null(uow_lookup(items, uow_id(1)));
	assert_int_equal(rec->reads, 1);
	assert_int_equal(uow_commit(u), 0);
	assert_null(fake_stored(&rec->fake, &item_entity, 1));
	uow_unit_free(u);
}

static void generated_keys_come_with_the_flush(void **state)
{
	struct note n = { 0, "text" }, given = { 40, "text" }, *a, *b;
	uow_repository *notes;

	begin(state, 0);
	notes = uow_repository_of(u, &note_entity);
	a = uow_add(notes, &n);
	b = uow_add(notes, &n);
	assert_non_null(b);
	assert_int_equal(notes->identity.count, 0);
	assert_non_null(uow_add(notes, &given));
	assert_int_equal(notes->identity.count, 1);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(a->id, 1);
	assert_int_equal(b->id, 2);
	assert_ptr_equal(uow_get(notes, uow_id(2)), b);
	uow_unit_free(u);
}

static void nothing_cannot_be_added(void **state)
{
	begin(state, 0);
	assert_null(uow_add(items, NULL));
	assert_int_equal(uow_status(u), UOW_EINVAL);
	uow_unit_free(u);
}

/* -- removing -- */

static void removed_row_is_deleted_by_the_flush(void **state)
{
	struct recorder *rec = *state;
	struct item *it;

	begin(state, 2);
	it = uow_get(items, uow_id(2));
	assert_int_equal(uow_remove(items, it), 0);
	assert_int_equal(uow_remove(items, it), 0);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(uow_remove(items, it), 0);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(it->id, 2);
	assert_null(fake_stored(&rec->fake, &item_entity, 2));
	assert_non_null(fake_stored(&rec->fake, &item_entity, 1));
	uow_unit_free(u);
}

static void added_and_removed_is_forgotten(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(9), *added;

	begin(state, 0);
	added = uow_add(items, &it);
	assert_int_equal(uow_remove(items, added), 0);
	assert_int_equal(items->identity.count, 0);
	assert_non_null(uow_add(items, &it));
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(rec->inserts, "1 ");
	uow_unit_free(u);
}

static void strangers_cannot_be_removed(void **state)
{
	struct item it = new_item(1);

	begin(state, 0);
	assert_int_equal(uow_remove(items, &it), UOW_EINVAL);
	uow_unit_free(u);
	begin(state, 0);
	assert_int_equal(uow_remove(items, NULL), UOW_EINVAL);
	uow_unit_free(u);
}

static void objects_of_another_entity_cannot_be_removed(void **state)
{
	struct note n = { 0, "text" };
	void *added;

	begin(state, 0);
	added = uow_add(uow_repository_of(u, &note_entity), &n);
	assert_int_equal(uow_remove(items, added), UOW_EINVAL);
	assert_string_equal(uow_unit_error(u)->entity, "item");
	uow_unit_free(u);
}

/* -- read only -- */

static void read_only_units_refuse_changes(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct item it = new_item(9), *known;
	struct recorder *rec = *state;
	int i;

	recorder_store(rec, 1, 1);
	o.read_only = true;
	for (i = 0; i < 4; i++) {
		u = recorder_begin(rec, &o);
		items = uow_repository_of(u, &item_entity);
		known = uow_get(items, uow_id(1));
		assert_non_null(known);
		if (i == 0)
			assert_null(uow_add(items, &it));
		else if (i == 1)
			assert_null(uow_attach(items, &it));
		else if (i == 2)
			assert_int_equal(uow_remove(items, known), UOW_ESTATE);
		else
			assert_int_equal(uow_insert_all(items, &it, 1),
					 UOW_ESTATE);
		assert_int_equal(uow_status(u), UOW_ESTATE);
		uow_unit_free(u);
	}
}

/* -- refresh, attach -- */

static void other_quantity(void *row)
{
	((struct item *)row)->quantity = 77;
}

static void refresh_gives_up_changes(void **state)
{
	struct recorder *rec = *state;
	struct item *it;

	begin(state, 1);
	it = uow_get(items, uow_id(1));
	it->quantity = 5;
	it->label = "mine";
	rec->alter = other_quantity;
	assert_int_equal(uow_refresh(items, it), 0);
	assert_int_equal(it->quantity, 77);
	assert_string_equal(it->label, "one");
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(rec->inserts, "");
	uow_unit_free(u);
}

static bool nothing(const void *row)
{
	(void)row;
	return false;
}

static void refresh_of_a_lost_row_is_not_found(void **state)
{
	struct recorder *rec = *state;
	struct item *it;

	begin(state, 1);
	it = uow_get(items, uow_id(1));
	rec->filter = nothing;
	assert_int_equal(uow_refresh(items, it), UOW_ENOTFOUND);
	assert_string_equal(uow_unit_error(u)->key, "1");
	uow_unit_free(u);
}

static void refresh_of_an_unflushed_object_is_refused(void **state)
{
	struct item it = new_item(9);

	begin(state, 0);
	assert_int_equal(uow_refresh(items, uow_add(items, &it)), UOW_ESTATE);
	uow_unit_free(u);
}

static void refresh_of_a_removed_object_is_refused(void **state)
{
	struct item *it;

	begin(state, 1);
	it = uow_get(items, uow_id(1));
	uow_remove(items, it);
	assert_int_equal(uow_refresh(items, it), UOW_ESTATE);
	uow_unit_free(u);
}

static void attached_object_is_clean_and_not_read(void **state)
{
	struct recorder *rec = *state;
	struct item detached = new_item(1), *it;
	const struct item *stored;

	begin(state, 1);
	detached.version = 1;
	it = uow_attach(items, &detached);
	assert_non_null(it);
	assert_ptr_equal(uow_get(items, uow_id(1)), it);
	assert_int_equal(rec->reads, 0);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(rec->inserts, "");
	it->quantity = 99;
	assert_int_equal(uow_commit(u), 0);
	stored = fake_stored(&rec->fake, &item_entity, 1);
	assert_int_equal(stored->quantity, 99);
	assert_string_equal(stored->label, "one");
	assert_int_equal(stored->version, 2);
	uow_unit_free(u);
}

static void known_key_cannot_be_attached(void **state)
{
	struct item detached = new_item(1);

	begin(state, 1);
	uow_remove(items, uow_get(items, uow_id(1)));
	assert_null(uow_attach(items, &detached));
	assert_int_equal(uow_status(u), UOW_EDUPLICATE);
	uow_unit_free(u);
}

/* -- many -- */

static struct item *many(size_t count)
{
	struct item *rows = calloc(count, sizeof(*rows));
	size_t i;

	for (i = 0; i < count; i++)
		rows[i] = new_item((int64_t)i + 1);
	return rows;
}

static void many_rows_are_written_in_batches_untracked(void **state)
{
	struct recorder *rec = *state;
	struct item *rows = many(2500);

	begin(state, 0);
	assert_int_equal(uow_insert_all(items, rows, 2500), 0);
	assert_string_equal(rec->inserts, "1000 1000 500 ");
	assert_int_equal(items->entry_count, 0);
	assert_int_equal(rows[0].version, 0);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(fake_count(&rec->fake), 2500);
	assert_int_equal(((const struct item *)fake_stored(&rec->fake,
			 &item_entity, 250))->version, 1);
	uow_unit_free(u);
	free(rows);
}

static void pending_changes_go_before_many_rows(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(50);

	begin(state, 0);
	uow_add(items, &it);
	it.id = 51;
	assert_int_equal(uow_insert_all(items, &it, 1), 0);
	assert_string_equal(fake_log(&rec->fake),
			    "begin; insert item 50; insert item 51");
	uow_unit_free(u);
}

static void rows_with_and_without_key_are_two_shapes(void **state)
{
	struct recorder *rec = *state;
	struct note notes[] = {
		{ 0, "a" }, { 0, "b" }, { 70, "c" }, { 0, "d" }
	};

	begin(state, 0);
	assert_int_equal(uow_insert_all(uow_repository_of(u, &note_entity),
					notes, 4), 0);
	assert_string_equal(rec->inserts, "2 1 1 ");
	assert_int_equal(notes[0].id, 0);
	assert_false(columns_has(&rec->set, 0));
	assert_int_equal(uow_insert_all(uow_repository_of(u, &note_entity),
					notes + 1, 2), UOW_EDUPLICATE);
	assert_true(columns_has(&rec->set, 0));
	assert_true(columns_has(&rec->set, 1));
	assert_int_equal(uow_unit_error(u)->row, 1);
	uow_unit_free(u);
}

static void failing_row_of_a_later_shape_is_told(void **state)
{
	struct note notes[] = { { 0, "a" }, { 70, "b" }, { 70, "c" } };

	begin(state, 0);
	assert_int_equal(uow_insert_all(uow_repository_of(u, &note_entity),
					notes, 3), UOW_EDUPLICATE);
	assert_int_equal(uow_unit_error(u)->row, 2);
	uow_unit_free(u);
}

static void failing_row_is_told_by_its_index(void **state)
{
	struct item *rows = many(150);
	const uow_error *err;

	begin(state, 0);
	rows[120].id = 3;
	assert_int_equal(uow_insert_all(items, rows, 150), UOW_EDUPLICATE);
	err = uow_unit_error(u);
	assert_int_equal(err->row, 120);
	assert_string_equal(err->entity, "item");
	assert_string_equal(err->key, "3");
	assert_string_equal(err->step, "INSERT item");
	uow_unit_free(u);
	free(rows);
}

static void impossible_row_is_told_before_its_batch(void **state)
{
	struct recorder *rec = *state;
	struct item *rows = many(1500);

	begin(state, 0);
	rows[1200].label = "\xff";
	assert_int_equal(uow_insert_all(items, rows, 1500), UOW_EDATA);
	assert_int_equal(uow_unit_error(u)->row, 1200);
	assert_string_equal(rec->inserts, "1000 ");
	uow_unit_free(u);
	free(rows);
}

static int double_quantity(uow_unit *unit, const uow_entity *e, void *object,
			   void *arg)
{
	(void)unit;
	(void)arg;
	assert_ptr_equal(e, &item_entity);
	((struct item *)object)->quantity *= 2;
	return 0;
}

static void hooks_get_the_copies(void **state)
{
	struct recorder *rec = *state;
	struct item it = new_item(1);

	begin(state, 0);
	uow_on_entity(u, &item_entity, UOW_BEFORE_INSERT, double_quantity,
		      NULL);
	assert_int_equal(uow_insert_all(items, &it, 1), 0);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(it.quantity, 7);
	assert_int_equal(((const struct item *)fake_stored(&rec->fake,
			 &item_entity, 1))->quantity, 14);
	uow_unit_free(u);
}

static void no_rows_are_no_work(void **state)
{
	begin(state, 0);
	assert_int_equal(uow_insert_all(items, NULL, 0), 0);
	assert_int_equal(uow_insert_all(items, NULL, 1), UOW_EINVAL);
	uow_unit_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDER_TEST(repository_asked_twice_is_the_same),
		RECORDER_TEST(wrong_mapping_fails_the_unit),
		RECORDER_TEST(without_repository_nothing_happens),
		RECORDER_TEST(failed_units_do_nothing),
		RECORDER_TEST(ended_units_answer_state),
		RECORDER_TEST(one_row_is_one_object),
		RECORDER_TEST(missing_row_fails_get_but_not_lookup),
		RECORDER_TEST(missing_row_fails_get_locked),
		RECORDER_TEST(key_of_wrong_size_is_refused),
		RECORDER_TEST(lookup_does_not_flush),
		RECORDER_TEST(added_and_removed_objects_are_seen_by_key),
		RECORDER_TEST(several_keys_come_in_their_order),
		RECORDER_TEST(one_missing_of_several_leaves_the_rest_untouched),
		RECORDER_TEST(no_keys_are_no_work),
		RECORDER_TEST(added_object_is_a_copy),
		RECORDER_TEST(known_key_cannot_be_added),
		RECORDER_TEST(key_added_twice_is_refused),
		RECORDER_TEST(removed_key_may_be_added_again),
		RECORDER_TEST(removing_the_replacement_leaves_the_row_removed),
		RECORDER_TEST(generated_keys_come_with_the_flush),
		RECORDER_TEST(nothing_cannot_be_added),
		RECORDER_TEST(removed_row_is_deleted_by_the_flush),
		RECORDER_TEST(added_and_removed_is_forgotten),
		RECORDER_TEST(strangers_cannot_be_removed),
		RECORDER_TEST(objects_of_another_entity_cannot_be_removed),
		RECORDER_TEST(read_only_units_refuse_changes),
		RECORDER_TEST(refresh_gives_up_changes),
		RECORDER_TEST(refresh_of_a_lost_row_is_not_found),
		RECORDER_TEST(refresh_of_an_unflushed_object_is_refused),
		RECORDER_TEST(refresh_of_a_removed_object_is_refused),
		RECORDER_TEST(attached_object_is_clean_and_not_read),
		RECORDER_TEST(known_key_cannot_be_attached),
		RECORDER_TEST(many_rows_are_written_in_batches_untracked),
		RECORDER_TEST(pending_changes_go_before_many_rows),
		RECORDER_TEST(rows_with_and_without_key_are_two_shapes),
		RECORDER_TEST(failing_row_of_a_later_shape_is_told),
		RECORDER_TEST(failing_row_is_told_by_its_index),
		RECORDER_TEST(impossible_row_is_told_before_its_batch),
		RECORDER_TEST(hooks_get_the_copies),
		RECORDER_TEST(no_rows_are_no_work),
	};

	return cmocka_run_group_tests_name("repository", tests, NULL, NULL);
}
