/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* Keys and unique values that one row gives up and another takes. */

/* Delete and add of one key is an update of the row. */
static void delete_and_add_of_one_key_is_an_update(void **state)
{
	struct fixture *f = *state;
	struct pair p, *old, *now;
	uow_value key[2];
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	tables(f, &pair_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.a = 1;
	strcpy(p.b, "x");
	p.amount = 5;
	key[0] = uow_int(1);
	key[1] = uow_text("x");
	u = begin(f);
	need(u, pair_add(pair_repository_of(u), &p));
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	old = need(u, pair_get_by(pair_repository_of(u),
				  uow_key_parts(key, 2)));
	must(u, pair_remove(pair_repository_of(u), old));
	p.amount = 6;
	p.version = 0;
	now = need(u, pair_add(pair_repository_of(u), &p));
	assert_ptr_equal(pair_get_by(pair_repository_of(u),
				     uow_key_parts(key, 2)), now);
	commit(u);
	assert_int_equal(seen.deletes, 0);
	assert_int_equal(seen.inserts, 0);
	assert_int_equal(seen.updates, 1);
	u = begin_on(db, NULL);
	now = need(u, pair_get_by(pair_repository_of(u),
				  uow_key_parts(key, 2)));
	assert_int_equal(now->amount, 6);
	assert_int_equal(now->version, 2);
	commit(u);
	uow_db_free(db);
}

static struct slot *get_slot(uow_unit *u, int64_t id)
{
	return need(u, uow_get(uow_repository_of(u, &slot_entity), uow_id(id)));
}

static struct slot *add_slot(uow_unit *u, int64_t id, const char *code)
{
	struct slot s;

	memset(&s, 0, sizeof(s));
	s.id = id;
	strcpy(s.code, code);
	return need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
}

/* A unique value that a delete frees can be taken by an insert ... */
static void a_unique_value_freed_by_a_delete_can_be_taken(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &slot_entity, NULL);
	u = begin(f);
	add_slot(u, 1, "red");
	add_slot(u, 2, "green");
	commit(u);
	u = begin(f);
	add_slot(u, 3, "red");
	must(u, uow_remove(uow_repository_of(u, &slot_entity),
			   get_slot(u, 1)));
	commit(u);
	u = begin(f);
	assert_string_equal(get_slot(u, 3)->code, "red");
	/* ... or an update, and one freed by an update by an insert */
	strcpy(get_slot(u, 2)->code, "red");
	must(u, uow_remove(uow_repository_of(u, &slot_entity),
			   get_slot(u, 3)));
	add_slot(u, 4, "green");
	commit(u);
	u = begin(f);
	assert_string_equal(get_slot(u, 2)->code, "red");
	assert_string_equal(get_slot(u, 4)->code, "green");
	commit(u);
}

/* A chain of updates frees before it takes. */
static void a_chain_of_unique_values_is_ordered(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &slot_entity, NULL);
	u = begin(f);
	add_slot(u, 1, "a");
	add_slot(u, 2, "b");
	add_slot(u, 3, "c");
	commit(u);
	u = begin(f);
	strcpy(get_slot(u, 1)->code, "b");
	strcpy(get_slot(u, 2)->code, "c");
	strcpy(get_slot(u, 3)->code, "d");
	commit(u);
	u = begin(f);
	assert_string_equal(get_slot(u, 1)->code, "b");
	assert_string_equal(get_slot(u, 2)->code, "c");
	assert_string_equal(get_slot(u, 3)->code, "d");
	commit(u);
}

/* A swap of two cannot be ordered: refused, naming the rows. */
static void a_swap_of_unique_values_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &slot_entity, NULL);
	u = begin(f);
	add_slot(u, 1, "a");
	add_slot(u, 2, "b");
	commit(u);
	u = begin(f);
	strcpy(get_slot(u, 1)->code, "b");
	strcpy(get_slot(u, 2)->code, "a");
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	contains(uow_unit_error(u)->message, "1");
	contains(uow_unit_error(u)->message, "2");
	uow_unit_free(u);
}

/* A duplicate of a unique value is told from other failures. */
static void a_unique_value_taken_is_a_duplicate(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &slot_entity, NULL);
	u = begin(f);
	add_slot(u, 1, "a");
	commit(u);
	u = begin(f);
	add_slot(u, 2, "a");
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	contains(uow_unit_error(u)->entity, "slot");
	uow_unit_free(u);
}

static int give_up_for_a_while(uow_unit *u, void *other)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *v = NULL;
	uow_error err;

	strcpy(get_slot(u, 1)->code, "c");
	must(u, uow_flush(u));
	o.lock_timeout_ms = 50;
	o.timeout_ms = 1000;
	/* A database with one writer at a time may say so at once. */
	if (uow_begin(&v, other, &o, &err))
		return 1;
	add_slot(v, 2, "b");
	assert_int_not_equal(uow_commit(v), 0);
	uow_unit_free(v);
	return 1;
}

/* Neither what a unit has written nor what it may go back to is free. */
static void a_value_that_a_savepoint_brings_back_is_not_free(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	uow_db *other;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	tables(f, &slot_entity, NULL);
	other = another(f);
	u = begin(f);
	add_slot(u, 1, "a");
	commit(u);
	u = begin(f);
	strcpy(get_slot(u, 1)->code, "b");
	must(u, uow_flush(u));
	assert_int_not_equal(uow_nested(u, give_up_for_a_while, other), 0);
	assert_string_equal(get_slot(u, 1)->code, "b");
	commit(u);
	uow_db_free(other);
	assert_int_equal(rows_in(f, &slot_entity), 1);
}

static const struct CMUnitTest unique_cases[] = {
	CASE(delete_and_add_of_one_key_is_an_update),
	CASE(a_unique_value_freed_by_a_delete_can_be_taken),
	CASE(a_chain_of_unique_values_is_ordered),
	CASE(a_swap_of_unique_values_is_refused),
	CASE(a_unique_value_taken_is_a_duplicate),
	CASE(a_value_that_a_savepoint_brings_back_is_not_free),
};
TOPIC(unique, "unique");
