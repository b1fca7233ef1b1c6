/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* What counts as a change, and what is written of it. */

static void store(struct fixture *f, int64_t id, const char *label)
{
	uow_unit *u = begin(f);
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	p.amount = 10;
	p.label = label;
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
}

/* 75: the same values are no change: no SQL */
static void the_same_value_is_no_change(void **state)
{
	struct fixture *f = *state;
	char copy[] = "label";
	struct seen seen;
	struct plain *p;
	uow_unit *u;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	store(f, 1, "label");
	store(f, 2, NULL);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->amount = 10;
	p->label = copy;	/* compared as text, not as an address */
	p = need(u, plain_get(plain_repository_of(u), 2));
	p->label = NULL;
	commit(u);
	assert_int_equal(seen.updates, 0);
	uow_db_free(db);
}

/* Changed and changed back is no change either. */
static void a_value_changed_back_is_no_change(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	struct plain *p;
	uow_unit *u;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	store(f, 1, "label");
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->amount = 11;
	p->amount = 10;
	commit(u);
	assert_int_equal(seen.updates, 0);
	uow_db_free(db);
}

/* Bytes behind the NUL of a char[N] and padding mean nothing. */
static void bytes_behind_the_end_of_a_text_are_no_change(void **state)
{
	struct fixture *f = *state;
	struct slot s, *loaded;
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	tables(f, &slot_entity, NULL);
	memset(&s, 0xaa, sizeof(s));
	s.id = 1;
	s.amount = 0;
	strcpy(s.code, "abc");
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	loaded = need(u, uow_get(uow_repository_of(u, &slot_entity),
				 uow_id(1)));
	memset(loaded->code + 4, 'z', sizeof(loaded->code) - 4);
	commit(u);
	assert_int_equal(seen.updates, 0);
	uow_db_free(db);
}

/* The value of a member whose null flag is set is not looked at. */
static void a_value_under_a_null_flag_is_no_change(void **state)
{
	struct fixture *f = *state;
	struct street s, *loaded;
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	tables(f, &region_entity, &city_entity, &street_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.city_is_null = true;
	s.city = 4711;		/* no such city: must not be written */
	u = begin(f);
	loaded = need(u, uow_add(uow_repository_of(u, &street_entity), &s));
	must(u, uow_flush(u));
	s.id = loaded->id;
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	loaded = need(u, uow_get(uow_repository_of(u, &street_entity),
				 uow_id(s.id)));
	assert_true(loaded->city_is_null);
	assert_int_equal(loaded->city, 0);
	loaded->city = 99;
	commit(u);
	assert_int_equal(seen.updates, 0);
	uow_db_free(db);
}

/* Setting and clearing the flag is a change. */
static void a_null_flag_is_a_change(void **state)
{
	struct fixture *f = *state;
	struct node n, *a, *b;
	int64_t ida, idb;
	uow_unit *u;

	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	u = begin(f);
	a = need(u, uow_add(uow_repository_of(u, &node_entity), &n));
	b = need(u, uow_add(uow_repository_of(u, &node_entity), &n));
	must(u, uow_flush(u));
	ida = a->id;
	idb = b->id;
	b->parent_is_null = false;
	b->parent = ida;
	commit(u);
	u = begin(f);
	b = need(u, uow_get(uow_repository_of(u, &node_entity), uow_id(idb)));
	assert_false(b->parent_is_null);
	assert_int_equal(b->parent, ida);
	b->parent_is_null = true;
	commit(u);
	u = begin(f);
	b = need(u, uow_get(uow_repository_of(u, &node_entity), uow_id(idb)));
	assert_true(b->parent_is_null);
	assert_int_equal(b->parent, 0);
	commit(u);
}

/* Only what differs is written: two writers of two columns both stay. */
static void only_changed_columns_are_written(void **state)
{
	struct fixture *f = *state;
	struct plain *p, mine;
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	store(f, 1, "label");
	u = begin(f);
	mine = *(struct plain *)need(u, plain_get(plain_repository_of(u), 1));
	mine.label = "label";
	commit(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->label = "theirs";
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	p = need(u, plain_attach(plain_repository_of(u), &mine));
	p->amount = 11;
	commit(u);
	assert_int_equal(seen.updates, 1);
	u = begin_on(db, NULL);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_string_equal(p->label, "theirs");
	assert_int_equal(p->amount, 11);
	commit(u);
	uow_db_free(db);
}

/* Until the flush a text may be anywhere; then it is the unit's copy. */
static void a_text_is_the_units_copy_after_the_flush(void **state)
{
	struct fixture *f = *state;
	char text[20] = "first";
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, NULL);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->label = text;
	must(u, uow_flush(u));
	assert_ptr_not_equal(p->label, text);
	strcpy(text, "second");
	assert_string_equal(p->label, "first");
	commit(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_string_equal(p->label, "first");
	commit(u);
}

/* The same buffer with another text in it is a change. */
static void a_reused_buffer_is_a_change(void **state)
{
	struct fixture *f = *state;
	char text[20] = "first";
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, NULL);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->label = text;
	must(u, uow_flush(u));
	strcpy(text, "second");
	p->label = text;
	commit(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_string_equal(p->label, "second");
	commit(u);
}

/* A column that is read only is loaded and never written. */
static void a_read_only_column_is_never_written(void **state)
{
	struct fixture *f = *state;
	struct stamped s, *p;
	struct seen seen;
	uow_repository *r;
	uow_unit *u;
	uow_db *db;

	tables(f, &stamped_all_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.id = 1;
	s.shown = 5;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &stamped_all_entity), &s));
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	p = need(u, uow_get(uow_repository_of(u, &stamped_entity), uow_id(1)));
	assert_int_equal(p->shown, 5);
	p->shown = 6;
	must(u, uow_flush(u));
	assert_int_equal(seen.updates, 0);
	p->amount = 7;
	commit(u);
	u = begin_on(db, NULL);
	r = uow_repository_of(u, &stamped_entity);
	p = need(u, uow_get(r, uow_id(1)));
	assert_int_equal(p->shown, 5);
	assert_int_equal(p->amount, 7);
	commit(u);
	uow_db_free(db);
}

/* The key of a loaded object must not be assigned. */
static void an_assigned_key_is_refused_at_flush(void **state)
{
	struct fixture *f = *state;
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, NULL);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->id = 2;
	must_fail(u, uow_flush(u), UOW_ESTATE);
	contains(uow_unit_error(u)->entity, "plain");
	uow_unit_free(u);
	u = begin(f);
	need(u, plain_get(plain_repository_of(u), 1));
	commit(u);
}

/* In a read-only unit nobody compares. */
static void a_read_only_unit_does_not_see_assignments(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, NULL);
	o.read_only = true;
	u = begin_on(f->db, &o);
	p = need(u, plain_get(plain_repository_of(u), 1));
	p->amount = 99;
	must(u, uow_flush(u));
	commit(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 10);
	commit(u);
}

/* 68: equal changes of many rows are sent together, others apart. */
static void equal_changes_travel_together(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	struct plain p;
	struct seen seen;
	uow_rows rows;
	uow_unit *u;
	uow_db *db;
	size_t i;

	tables(f, &plain_entity, NULL);
	db = watched(f, &seen);
	memset(&p, 0, sizeof(p));
	u = begin_on(db, NULL);
	for (i = 0; i < 60; i++) {
		p.id = (int64_t)i + 1;
		need(u, plain_add(plain_repository_of(u), &p));
	}
	commit(u);
	u = begin_on(db, NULL);
	q.where = uow_all();
	must(u, plain_find(plain_repository_of(u), &q, &rows));
	for (i = 0; i < 60; i++) {
		if (i % 3)
			plain_at(&rows, i)->amount = (int32_t)i;
		else
			plain_at(&rows, i)->label = "third";
	}
	seen.updates = 0;
	commit(u);
	if (f->backend->flags & BACKEND_BATCHES)
		assert_in_range(seen.updates, 2, 12);
	u = begin_on(db, NULL);
	q.where = uow_all();
	must(u, plain_find(plain_repository_of(u), &q, &rows));
	for (i = 0; i < 60; i++) {
		struct plain *row = plain_at(&rows, i);
		int64_t k = row->id - 1;

		assert_int_equal(row->amount, k % 3 ? k : 0);
		assert_int_equal(!row->label, k % 3 != 0);
	}
	commit(u);
	uow_db_free(db);
}

/* 82: nor may keys of any other kind, wholly or in part, or to NULL */
static void natural_keys_are_not_assigned(void **state)
{
	struct fixture *f = *state;
	static const struct pair pair = { 1, "x", 0, 0 };
	static const struct word word = { "zebra", 1 };
	uow_value parts[2];
	struct seen seen;
	struct pair *p;
	struct word *w;
	uow_unit *u;
	uow_db *db;
	int i;

	tables(f, &pair_entity, &word_entity, NULL);
	u = begin(f);
	need(u, pair_add(pair_repository_of(u), &pair));
	need(u, word_add(word_repository_of(u), &word));
	commit(u);
	parts[0] = uow_int(1);
	parts[1] = uow_text("x");
	db = watched(f, &seen);
	for (i = 0; i < 4; i++) {
		u = begin_on(db, NULL);
		p = need(u, pair_get_by(pair_repository_of(u),
					uow_key_parts(parts, 2)));
		w = need(u, word_get_by(word_repository_of(u),
					uow_key_of(uow_text("zebra"))));
		p->amount = w->uses = 7;
		if (i < 2)
			w->word = i ? "okapi" : NULL;
		else if (i == 2)
			p->a = 2;
		else
			strcpy(p->b, "y");
		must_fail(u, uow_flush(u), UOW_ESTATE);
		contains(uow_unit_error(u)->message, i < 2 ? "zebra" : "x");
		uow_unit_free(u);
	}
	assert_int_equal(seen.updates + seen.inserts + seen.deletes, 0);
	uow_db_free(db);
}

static const struct CMUnitTest dirty_cases[] = {
	CASE(the_same_value_is_no_change),
	CASE(a_value_changed_back_is_no_change),
	CASE(bytes_behind_the_end_of_a_text_are_no_change),
	CASE(a_value_under_a_null_flag_is_no_change),
	CASE(a_null_flag_is_a_change),
	CASE(only_changed_columns_are_written),
	CASE(a_text_is_the_units_copy_after_the_flush),
	CASE(a_reused_buffer_is_a_change),
	CASE(a_read_only_column_is_never_written),
	CASE(an_assigned_key_is_refused_at_flush),
	CASE(a_read_only_unit_does_not_see_assignments),
	CASE(equal_changes_travel_together),
	CASE(natural_keys_are_not_assigned),
};
TOPIC(dirty, "dirty");
