/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/entry.h: the identity map */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "fake.h"
#include "model/row.h"
#include "unit/entry.h"

enum { ENTRIES = 400 };

static struct mapping *m;
static struct uow_repository repo;
static struct identity map;
static struct entry *entries[ENTRIES];

/* Keys 1..; hashes as the test wants them. */
static int make_entries(void **state)
{
	uow_error err;
	size_t i;

	(void)state;
	if (mapping_new(&m, &account_entity, &err))
		return -1;
	memset(&repo, 0, sizeof(repo));
	repo.mapping = m;
	for (i = 0; i < ENTRIES; i++) {
		struct account *a;

		entries[i] = calloc(1, (size_t)ENTRY_SIZE + m->size);
		entries[i]->repo = &repo;
		entries[i]->state = ENTRY_LOADED;
		a = entry_object(entries[i]);
		a->id = (int64_t)i + 1;
		entries[i]->hash = row_key_hash(m, a);
	}
	return 0;
}

static int drop_entries(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ENTRIES; i++)
		free(entries[i]);
	mapping_free(m);
	return 0;
}

static int release_map(void **state)
{
	(void)state;
	identity_release(&map);
	return 0;
}

static struct entry *find(size_t i)
{
	return identity_find(&map, m, entry_object(entries[i]),
			     entries[i]->hash);
}

static void put(size_t i)
{
	assert_int_equal(identity_reserve(&map, 1), 0);
	identity_insert(&map, entries[i]);
}

static void an_empty_map_finds_nothing(void **state)
{
	(void)state;
	assert_null(find(0));
	assert_false(identity_has(&map, entries[0]));
	identity_remove(&map, entries[0]);
	assert_int_equal(map.count, 0);
}

static void what_is_inserted_is_found_by_key(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ENTRIES / 2; i++)
		put(i);
	for (i = 0; i < ENTRIES; i++)
		assert_ptr_equal(find(i), i < ENTRIES / 2 ? entries[i] : NULL);
}

static void equal_hashes_are_told_apart_by_key(void **state)
{
	uint32_t kept[20];
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		kept[i] = entries[i]->hash;
		entries[i]->hash = 7;
		put(i);
	}
	for (i = 0; i < 20; i++)
		assert_ptr_equal(find(i), entries[i]);
	for (i = 0; i < 20; i++)
		entries[i]->hash = kept[i];
}

static void a_map_is_never_more_than_three_quarters_full(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ENTRIES; i++) {
		put(i);
		assert_true(map.count * 4 <= map.capacity * 3);
		assert_int_equal(map.capacity & (map.capacity - 1), 0);
	}
	assert_true(map.capacity <= 1024);
	assert_int_equal(sizeof(struct identity_slot),
			 sizeof(uint32_t) + sizeof(struct entry *));
}

static void after_reserving_nothing_moves(void **state)
{
	const struct identity_slot *slots;
	size_t i;

	(void)state;
	assert_int_equal(identity_reserve(&map, ENTRIES), 0);
	slots = map.slots;
	for (i = 0; i < ENTRIES; i++)
		identity_insert(&map, entries[i]);
	assert_ptr_equal(map.slots, slots);
}

static void an_impossible_reservation_changes_nothing(void **state)
{
	(void)state;
	put(0);
	assert_int_equal(identity_reserve(&map, SIZE_MAX), UOW_ENOMEM);
	assert_int_equal(identity_reserve(&map, SIZE_MAX / 32), UOW_ENOMEM);
	assert_ptr_equal(find(0), entries[0]);
	assert_int_equal(map.count, 1);
}

static void the_new_object_of_a_key_hides_the_removed_one(void **state)
{
	struct account *second = entry_object(entries[1]);
	uint32_t kept = entries[1]->hash;

	(void)state;
	second->id = 1;
	entries[1]->hash = entries[0]->hash;
	entries[0]->state = ENTRY_REMOVED;
	put(0);
	assert_ptr_equal(find(0), entries[0]);
	put(1);
	assert_ptr_equal(find(0), entries[1]);
	identity_remove(&map, entries[1]);
	assert_ptr_equal(find(0), entries[0]);
	entries[0]->state = ENTRY_LOADED;
	entries[1]->hash = kept;
	second->id = 2;
}

/* Against an array of flags; hashes are few, so that runs are long. */
static void random_inserts_and_removals_agree_with_a_model(void **state)
{
	uint32_t kept[ENTRIES];
	bool in[ENTRIES] = { false };
	struct random r;
	size_t i, step, count = 0;

	(void)state;
	random_seed(&r, 20240229);
	for (i = 0; i < ENTRIES; i++) {
		kept[i] = entries[i]->hash;
		entries[i]->hash = (uint32_t)random_upto(&r, 60) + 1000;
	}
	for (step = 0; step < 20000; step++) {
		i = (size_t)random_upto(&r, ENTRIES - 1);
		if (in[i])
			identity_remove(&map, entries[i]);
		else
			put(i);
		in[i] = !in[i];
		count = in[i] ? count + 1 : count - 1;
		assert_int_equal(map.count, count);
		i = (size_t)random_upto(&r, ENTRIES - 1);
		assert_ptr_equal(find(i), in[i] ? entries[i] : NULL);
		assert_int_equal(identity_has(&map, entries[i]), in[i]);
	}
	for (i = 0; i < ENTRIES; i++) {
		assert_ptr_equal(find(i), in[i] ? entries[i] : NULL);
		entries[i]->hash = kept[i];
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(an_empty_map_finds_nothing,
					  release_map),
		cmocka_unit_test_teardown(what_is_inserted_is_found_by_key,
					  release_map),
		cmocka_unit_test_teardown(equal_hashes_are_told_apart_by_key,
					  release_map),
		cmocka_unit_test_teardown(
			a_map_is_never_more_than_three_quarters_full,
			release_map),
		cmocka_unit_test_teardown(after_reserving_nothing_moves,
					  release_map),
		cmocka_unit_test_teardown(
			an_impossible_reservation_changes_nothing,
			release_map),
		cmocka_unit_test_teardown(
			the_new_object_of_a_key_hides_the_removed_one,
			release_map),
		cmocka_unit_test_teardown(
			random_inserts_and_removals_agree_with_a_model,
			release_map),
	};

	return cmocka_run_group_tests(tests, make_entries, drop_entries);
}
