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

/* Unique, and may be NULL. */
struct badge {
	int64_t id;
	char code[11];
	bool code_is_null;
	int32_t version;
};
static const uow_column badge_columns[] = {
	UOW_INT64(struct badge, id, "id", UOW_KEY),
	UOW_NULLABLE_CHARS(struct badge, code, "code", UOW_UNIQUE),
	UOW_INT32(struct badge, version, "version", UOW_ROW_VERSION),
};
static const uow_entity badge_entity =
	UOW_ENTITY(struct badge, "badges", badge_columns);

static struct badge *get_badge(uow_unit *u, int64_t id)
{
	return need(u, uow_get(uow_repository_of(u, &badge_entity),
			       uow_id(id)));
}

/* A ring of three values that may be NULL goes round; versions stay true. */
static void unique_values_that_may_be_null_are_swapped(void **state)
{
	static const char *const codes[] = { "a", "b", "c" };
	struct fixture *f = *state;
	struct badge b;
	uow_unit *u;
	int i;

	tables(f, &badge_entity, NULL);
	memset(&b, 0, sizeof(b));
	u = begin(f);
	for (i = 0; i < 3; i++) {
		b.id = i;
		strcpy(b.code, codes[i]);
		need(u, uow_add(uow_repository_of(u, &badge_entity), &b));
	}
	commit(u);
	u = begin(f);
	for (i = 0; i < 3; i++)
		strcpy(get_badge(u, i)->code, codes[(i + 1) % 3]);
	must(u, uow_flush(u));
	for (i = 0; i < 3; i++)		/* once more, on what memory has */
		strcpy(get_badge(u, i)->code, codes[(i + 2) % 3]);
	commit(u);
	u = begin(f);
	for (i = 0; i < 3; i++) {
		assert_false(get_badge(u, i)->code_is_null);
		assert_string_equal(get_badge(u, i)->code, codes[(i + 2) % 3]);
	}
	commit(u);
}

static uow_key pair_key(uow_value parts[2], int64_t a, const char *b)
{
	parts[0] = uow_int(a);
	parts[1] = uow_text(b);
	return uow_key_parts(parts, 2);
}

static struct pair a_pair(int32_t amount)
{
	struct pair p;

	memset(&p, 0, sizeof(p));
	p.a = 1;
	strcpy(p.b, "x");
	p.amount = amount;
	return p;
}

/* 84, 86: the version that the removed object was loaded with is compared */
static void a_stale_row_switch_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct pair old, p = a_pair(5);
	uow_value parts[2];
	pair_repository *r;
	uow_unit *u;

	tables(f, &pair_entity, NULL);
	u = begin(f);
	need(u, pair_add(pair_repository_of(u), &p));
	commit(u);
	u = begin(f);
	r = pair_repository_of(u);
	old = *(struct pair *)need(u, pair_get_by(r, pair_key(parts, 1, "x")));
	((struct pair *)pair_get_by(r, pair_key(parts, 1, "x")))->amount = 6;
	commit(u);
	u = begin(f);
	r = pair_repository_of(u);
	must(u, pair_remove(r, need(u, pair_attach(r, &old))));
	p.amount = 7;
	need(u, pair_add(r, &p));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	contains(uow_unit_error(u)->entity, "pair");
	contains(uow_unit_error(u)->key, "x");
	uow_unit_free(u);
	u = begin(f);
	r = pair_repository_of(u);
	old = *(struct pair *)need(u, pair_get_by(r, pair_key(parts, 1, "x")));
	assert_int_equal(old.amount, 6);
	assert_int_equal(old.version, 2);
	commit(u);
}

/* A row that is switched keeps those who refer to it, switched or not. */
static void a_switched_row_keeps_its_children(void **state)
{
	struct fixture *f = *state;
	struct pair p = a_pair(5), *now;
	struct detail d, *child;
	uow_value parts[2];
	uow_repository *r;
	uow_unit *u;

	tables(f, &pair_entity, &detail_entity, NULL);
	memset(&d, 0, sizeof(d));
	d.pair_a = 1;
	strcpy(d.pair_b, "x");
	u = begin(f);
	need(u, pair_add(pair_repository_of(u), &p));
	for (d.id = 1; d.id < 3; d.id++)
		need(u, uow_add(uow_repository_of(u, &detail_entity), &d));
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &detail_entity);
	must(u, pair_remove(pair_repository_of(u), need(u, pair_get_by(
		pair_repository_of(u), pair_key(parts, 1, "x")))));
	must(u, uow_remove(r, need(u, uow_get(r, uow_id(2)))));
	p.amount = 6;
	now = need(u, pair_add(pair_repository_of(u), &p));
	d.id = 2;
	d.amount = 9;
	need(u, uow_add(r, &d));
	must(u, uow_flush(u));
	assert_int_equal(now->version, 2);
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &detail_entity);
	child = need(u, uow_get(r, uow_id(1)));
	assert_string_equal(child->pair_b, "x");
	child = need(u, uow_get(r, uow_id(2)));
	assert_int_equal(child->amount, 9);
	commit(u);
}

static const struct CMUnitTest unique_cases[] = {
	CASE(delete_and_add_of_one_key_is_an_update),
	CASE(a_unique_value_freed_by_a_delete_can_be_taken),
	CASE(a_chain_of_unique_values_is_ordered),
	CASE(a_swap_of_unique_values_is_refused),
	CASE(a_unique_value_taken_is_a_duplicate),
	CASE(a_value_that_a_savepoint_brings_back_is_not_free),
	CASE(unique_values_that_may_be_null_are_swapped),
	CASE(a_stale_row_switch_gives_conflict),
	CASE(a_switched_row_keeps_its_children),
};
TOPIC(unique, "unique");
