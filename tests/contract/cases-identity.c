/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* Within a unit a row is one object. */

static void store(struct fixture *f, int64_t first, int64_t count)
{
	uow_unit *u = begin(f);
	struct plain p;
	int64_t i;

	memset(&p, 0, sizeof(p));
	for (i = first; i < first + count; i++) {
		p.id = i;
		p.amount = (int32_t)i * 10;
		must(u, plain_insert_all(plain_repository_of(u), &p, 1));
	}
	commit(u);
}

static struct plain *add(uow_unit *u, int64_t id, int32_t amount)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	p.amount = amount;
	return plain_add(plain_repository_of(u), &p);
}

/* 80: same key, same object, whichever way it was asked for */
static void every_way_of_asking_gives_the_same_object(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	plain_repository *r;
	uow_rows rows;
	struct plain *p;
	uow_key key = uow_id(1);
	void *many;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, 2);
	u = begin(f);
	r = plain_repository_of(u);
	p = need(u, plain_get(r, 1));
	assert_ptr_equal(plain_lookup(r, 1), p);
	assert_ptr_equal(plain_get_locked(r, 1), p);
	assert_ptr_equal(plain_one(r, uow_eq(u, "amount", uow_int(10))), p);
	must(u, plain_get_many(r, &key, 1, &many));
	assert_ptr_equal(many, p);
	q.where = uow_le(u, "amount", uow_int(10));
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 1);
	assert_ptr_equal(plain_at(&rows, 0), p);
	q.where = uow_all();
	q.lock = UOW_LOCK_UPDATE;
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 2);
	commit(u);
}

/* What the program changed wins over what a later query reads. */
static void a_change_wins_over_a_later_read(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	plain_repository *r;
	uow_rows rows;
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, 1);
	u = begin(f);
	uow_autoflush(u, false);
	r = plain_repository_of(u);
	p = need(u, plain_get(r, 1));
	p->amount = 77;
	q.where = uow_all();
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, 1);
	assert_int_equal(plain_at(&rows, 0)->amount, 77);
	commit(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 77);
	commit(u);
}

/* 16, 17: what was added is found by key, without a flush */
static void an_added_object_is_found_by_its_key(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	struct plain *p;
	uow_unit *u;
	uow_db *db;

	tables(f, &plain_entity, NULL);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	p = need(u, add(u, 5, 1));
	assert_ptr_equal(plain_get(plain_repository_of(u), 5), p);
	assert_ptr_equal(plain_lookup(plain_repository_of(u), 5), p);
	assert_int_equal(seen.inserts, 0);
	commit(u);
	uow_db_free(db);
}

static void a_removed_object_is_not_found_any_more(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	plain_repository *r;
	uow_rows rows;
	uow_unit *u;
	int autoflush;

	tables(f, &plain_entity, NULL);
	store(f, 1, 4);
	for (autoflush = 0; autoflush < 2; autoflush++) {
		u = begin(f);
		uow_autoflush(u, autoflush);
		r = plain_repository_of(u);
		must(u, plain_remove(r, need(u, plain_get(r, 1 + autoflush))));
		assert_null(plain_lookup(r, 1 + autoflush));
		q.where = uow_all();
		must(u, plain_find(r, &q, &rows));
		assert_int_equal(rows.count, 3 - autoflush);
		assert_null(plain_one(r, uow_eq(u, "id",
						uow_int(1 + autoflush))));
		must(u, uow_status(u));
		commit(u);
	}
	u = begin(f);
	r = plain_repository_of(u);
	plain_remove(r, need(u, plain_get(r, 3)));
	assert_null(plain_get(r, 3));
	failed(u, UOW_ENOTFOUND);
	uow_unit_free(u);
}

/* 100: a second object of one key is refused */
static void a_second_object_of_one_key_is_refused(void **state)
{
	struct fixture *f = *state;
	struct plain copy;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	store(f, 1, 1);
	u = begin(f);
	copy = *(struct plain *)need(u, plain_get(plain_repository_of(u), 1));
	assert_null(add(u, 1, 3));
	failed(u, UOW_EDUPLICATE);
	contains(uow_unit_error(u)->entity, "plain");
	contains(uow_unit_error(u)->key, "1");
	uow_unit_free(u);

	u = begin(f);
	need(u, plain_get(plain_repository_of(u), 1));
	assert_null(plain_attach(plain_repository_of(u), &copy));
	failed(u, UOW_EDUPLICATE);
	uow_unit_free(u);

	u = begin(f);
	need(u, add(u, 9, 1));
	assert_null(add(u, 9, 2));
	failed(u, UOW_EDUPLICATE);
	uow_unit_free(u);
}

/* Each object stays where it is while the map grows. */
static void many_objects_keep_their_places(void **state)
{
	enum { N = 5000 };
	static struct plain *seen[N];
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	plain_repository *r;
	uow_rows rows;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	r = plain_repository_of(u);
	for (i = 0; i < N; i++)
		seen[i] = need(u, add(u, (int64_t)i * 1024 + 1, i));
	must(u, uow_flush(u));
	for (i = 0; i < N; i++)
		assert_ptr_equal(plain_get(r, (int64_t)i * 1024 + 1), seen[i]);
	q.where = uow_all();
	must(u, plain_find(r, &q, &rows));
	assert_int_equal(rows.count, N);
	for (i = 0; i < N; i++)
		assert_int_equal(seen[i]->amount, i);
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), N);
}

/* Objects and texts live until the unit is freed, not until it ends. */
static void objects_are_readable_after_the_end(void **state)
{
	struct fixture *f = *state;
	struct plain *p, *q;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	p = need(u, add(u, 1, 2));
	p->label = uow_strdup(u, "still here");
	must(u, uow_commit(u));
	assert_string_equal(p->label, "still here");
	uow_unit_free(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	q = need(u, add(u, 2, 3));
	uow_rollback(u);
	assert_string_equal(p->label, "still here");
	assert_int_equal(q->amount, 3);
	uow_unit_free(u);
}

/* The struct that was added stays the caller's. */
static void add_copies_the_struct_and_its_texts(void **state)
{
	struct fixture *f = *state;
	struct plain mine, *theirs;
	char label[20] = "before";
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&mine, 0, sizeof(mine));
	mine.id = 1;
	mine.label = label;
	u = begin(f);
	theirs = need(u, plain_add(plain_repository_of(u), &mine));
	assert_ptr_not_equal(theirs, &mine);
	assert_ptr_not_equal(theirs->label, label);
	strcpy(label, "after");
	memset(&mine, 0xff, sizeof(mine));
	commit(u);
	u = begin(f);
	theirs = need(u, plain_get(plain_repository_of(u), 1));
	assert_string_equal(theirs->label, "before");
	commit(u);
}

static const struct CMUnitTest identity_cases[] = {
	CASE(every_way_of_asking_gives_the_same_object),
	CASE(a_change_wins_over_a_later_read),
	CASE(an_added_object_is_found_by_its_key),
	CASE(a_removed_object_is_not_found_any_more),
	CASE(a_second_object_of_one_key_is_refused),
	CASE(many_objects_keep_their_places),
	CASE(objects_are_readable_after_the_end),
	CASE(add_copies_the_struct_and_its_texts),
};
TOPIC(identity, "identity");
