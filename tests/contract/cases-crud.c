/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

static struct account an_account(const char *owner, int64_t balance)
{
	struct account a;

	memset(&a, 0, sizeof(a));
	strcpy(a.owner, owner);
	a.balance = balance;
	return a;
}

static int64_t stored(struct fixture *f, const char *owner, int64_t balance)
{
	struct account a = an_account(owner, balance), *added;
	uow_unit *u = begin(f);
	int64_t id;

	added = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	id = added->id;
	commit(u);
	return id;
}

/* 1, 117: a fresh unit sees what one repository added */
static void two_adds_are_seen_by_a_fresh_unit(void **state)
{
	struct fixture *f = *state;
	int64_t ann, bob;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	ann = stored(f, "ann", 100);
	bob = stored(f, "bob", 250);
	u = begin(f);
	assert_string_equal(((struct account *)need(u,
		account_get(account_repository_of(u), ann)))->owner, "ann");
	assert_int_equal(((struct account *)need(u,
		account_get(account_repository_of(u), bob)))->balance, 250);
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 2);
}

/* 11, 15, 52, 119: leaving without commit writes nothing */
static void a_unit_freed_without_commit_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct account a = an_account("ann", 1);
	uow_unit *u;

	tables(f, &account_entity, NULL);
	u = begin(f);
	need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 0);
	uow_unit_free(NULL);
}

static int add_and_fail(uow_unit *u, void *arg)
{
	struct account a = an_account("ann", 1);

	(void)arg;
	account_add(account_repository_of(u), &a);
	uow_flush(u);
	return UOW_EAPP - 7;
}

/* 2, 12, 51: an error in the body undoes it and reaches the caller */
static void an_error_in_the_body_leaves_nothing(void **state)
{
	struct fixture *f = *state;

	tables(f, &account_entity, NULL);
	gives(uow_run(f->db, NULL, add_and_fail, NULL, &f->err), UOW_EAPP - 7,
	      &f->err);
	assert_int_equal(f->err.code, UOW_EAPP - 7);
	assert_int_equal(rows_in(f, &account_entity), 0);
	/* and the data source can be used */
	assert_true(stored(f, "bob", 1) > 0);
}

/* 10, 19: load, change, commit; another session has it */
static void a_change_is_seen_by_another_data_source(void **state)
{
	struct fixture *f = *state;
	struct account *a;
	uow_db *other;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann", 100);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), id));
	a->balance -= 30;
	a->remark = "30 less";
	commit(u);

	other = another(f);
	u = begin_on(other, NULL);
	a = need(u, account_get(account_repository_of(u), id));
	assert_int_equal(a->balance, 70);
	assert_string_equal(a->remark, "30 less");
	assert_int_equal(a->version, 2);
	commit(u);
	uow_db_free(other);
}

static void a_removed_row_is_gone(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann", 100);
	stored(f, "bob", 100);
	u = begin(f);
	r = account_repository_of(u);
	must(u, account_remove(r, need(u, account_get(r, id))));
	commit(u);
	u = begin(f);
	assert_null(account_lookup(account_repository_of(u), id));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 1);
}

/* 22, 23: several flushes are one transaction, unseen until its end */
static void flushed_rows_are_not_seen_by_others_before_commit(void **state)
{
	struct fixture *f = *state;
	struct account a = an_account("ann", 1);
	uow_options o = UOW_OPTIONS_INIT;
	uow_db *other;
	uow_unit *u, *v;
	uint64_t n = 9;
	int i;

	tables(f, &account_entity, NULL);
	stored(f, "bob", 1);
	other = another(f);
	u = begin(f);
	for (i = 0; i < 3; i++) {
		need(u, account_add(account_repository_of(u), &a));
		must(u, uow_flush(u));
	}
	o.read_only = true;
	v = begin_on(other, &o);
	must(v, account_count(account_repository_of(v), uow_all(), &n));
	assert_int_equal(n, 1);
	uow_unit_free(v);
	uow_rollback(u);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 1);
	uow_db_free(other);
}

/* 42: a flushed value survives the commit, nothing else is written */
static void a_flushed_value_survives_the_commit(void **state)
{
	struct fixture *f = *state;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann", 100);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), id));
	a->balance = 7;
	must(u, uow_flush(u));
	a->balance = 8;
	must(u, uow_flush(u));
	commit(u);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), id));
	assert_int_equal(a->balance, 8);
	assert_int_equal(a->version, 3);
	commit(u);
}

/* 102: a missing row is an error that names entity and key */
static void get_of_a_missing_row_fails_naming_it(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	u = begin(f);
	assert_null(account_get(account_repository_of(u), 4711));
	failed(u, UOW_ENOTFOUND);
	contains(uow_unit_error(u)->entity, "account");
	contains(uow_unit_error(u)->key, "4711");
	contains(uow_unit_error(u)->message, "4711");
	assert_int_equal(uow_commit(u), UOW_ENOTFOUND);
	uow_unit_free(u);
}

/* 17: a look-up that finds nothing is no failure, and is not remembered */
static void lookup_of_a_missing_row_is_null_without_failure(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account a = an_account("ann", 1);
	uow_unit *u;

	tables(f, &account_entity, NULL);
	u = begin(f);
	r = account_repository_of(u);
	assert_null(account_lookup(r, 4711));
	must(u, uow_status(u));
	a.id = 4711;
	need(u, account_add(r, &a));
	must(u, uow_flush(u));
	assert_non_null(account_lookup(r, 4711));
	commit(u);
}

static void one_finds_none_one_or_complains_of_many(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	stored(f, "ann", 1);
	stored(f, "bob", 2);
	stored(f, "bob", 3);
	u = begin(f);
	r = account_repository_of(u);
	assert_null(account_one(r, uow_eq(u, "owner", uow_text("cid"))));
	must(u, uow_status(u));
	a = need(u, account_one(r, uow_eq(u, "owner", uow_text("ann"))));
	assert_int_equal(a->balance, 1);
	assert_null(account_one(r, uow_eq(u, "owner", uow_text("bob"))));
	failed(u, UOW_EMANY);
	uow_unit_free(u);
}

static void get_many_gives_objects_in_the_order_of_the_keys(void **state)
{
	struct fixture *f = *state;
	uow_key keys[151];
	void *objects[151];
	int64_t ids[150];
	account_repository *r;
	struct account *a;
	uow_unit *u;
	size_t i;

	tables(f, &account_entity, NULL);
	u = begin(f);
	for (i = 0; i < 150; i++) {
		struct account one = an_account("x", (int64_t)i);

		a = need(u, account_add(account_repository_of(u), &one));
		must(u, i % 50 ? 0 : uow_flush(u));
		objects[i] = a;
	}
	must(u, uow_flush(u));
	for (i = 0; i < 150; i++)
		ids[i] = ((struct account *)objects[i])->id;
	commit(u);

	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, ids[7]));	/* known already */
	for (i = 0; i < 150; i++)
		keys[i] = uow_id(ids[149 - i]);
	keys[150] = uow_id(ids[7]);		/* asked twice */
	must(u, account_get_many(r, keys, 151, objects));
	for (i = 0; i < 150; i++)
		assert_int_equal(((struct account *)objects[i])->balance,
				 149 - i);
	assert_ptr_equal(objects[142], a);
	assert_ptr_equal(objects[150], a);
	must(u, account_get_many(r, keys, 0, objects));
	commit(u);
}

static void get_many_with_one_missing_leaves_the_output_alone(void **state)
{
	struct fixture *f = *state;
	void *objects[2];
	uow_key keys[2];
	uow_unit *u;

	tables(f, &account_entity, NULL);
	keys[0] = uow_id(stored(f, "ann", 1));
	keys[1] = uow_id(999);
	objects[0] = objects[1] = &keys;
	u = begin(f);
	must_fail(u, account_get_many(account_repository_of(u), keys, 2,
				      objects), UOW_ENOTFOUND);
	contains(uow_unit_error(u)->key, "999");
	assert_ptr_equal(objects[0], &keys);
	assert_ptr_equal(objects[1], &keys);
	uow_unit_free(u);
}

/* 96, 125: nothing done is a commit with success and without statements */
static void an_empty_unit_commits_and_locks_nothing(void **state)
{
	struct fixture *f = *state;
	uow_unit *u, *v;
	struct account a = an_account("ann", 1);
	struct seen seen;
	uow_db *db, *other;

	tables(f, &account_entity, NULL);
	other = another(f);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	must(u, uow_flush(u));
	v = begin_on(other, NULL);
	need(v, account_add(account_repository_of(v), &a));
	commit(v);
	commit(u);
	assert_int_equal(seen.selects + seen.inserts, 0);
	if (f->backend->flags & BACKEND_SQL)
		assert_string_equal(seen.all, "");
	uow_db_free(db);
	uow_db_free(other);
	assert_int_equal(rows_in(f, &account_entity), 1);
}

/* 41: memory shows what the database has */
static void refresh_reads_again_and_gives_up_changes(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann", 100);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	a->balance = 1;
	a->remark = "never stored";
	must(u, account_refresh(r, a));
	assert_int_equal(a->balance, 100);
	assert_null(a->remark);
	commit(u);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), id));
	assert_int_equal(a->version, 1);
	commit(u);
}

static void refresh_sees_what_sql_by_hand_did(void **state)
{
	struct fixture *f = *state;
	struct account *a;
	uow_unit *u;
	int64_t id;

	needs(f, BACKEND_SQL);
	tables(f, &account_entity, NULL);
	id = stored(f, "ann", 100);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), id));
	must(u, uow_exec(u, "UPDATE accounts SET owner = 'zoe'", NULL, 0,
			 NULL));
	assert_string_equal(a->owner, "ann");
	must(u, account_refresh(account_repository_of(u), a));
	assert_string_equal(a->owner, "zoe");
	must(u, uow_exec(u, "DELETE FROM accounts", NULL, 0, NULL));
	must_fail(u, account_refresh(account_repository_of(u), a),
		  UOW_ENOTFOUND);
	uow_unit_free(u);
}

/* 41: what was never stored cannot be read again */
static void refresh_of_a_new_object_is_refused(void **state)
{
	struct fixture *f = *state;
	struct account a = an_account("ann", 1), *added;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	u = begin(f);
	added = need(u, account_add(account_repository_of(u), &a));
	must_fail(u, account_refresh(account_repository_of(u), added),
		  UOW_ESTATE);
	uow_unit_free(u);
}

/* 101: what was never stored is forgotten, without a statement */
static void removing_a_new_object_forgets_it(void **state)
{
	struct fixture *f = *state;
	struct account a = an_account("ann", 1), *added;
	struct seen seen;
	uow_db *db;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	added = need(u, account_add(account_repository_of(u), &a));
	must(u, account_remove(account_repository_of(u), added));
	must(u, account_remove(account_repository_of(u), added));
	commit(u);
	assert_int_equal(seen.inserts + seen.deletes, 0);
	uow_db_free(db);
}

/* 72: removed twice in one unit is removed once */
static void removing_twice_is_removing_once(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann", 1);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	must(u, account_remove(r, a));
	must(u, account_remove(r, a));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 0);
}

static int stop(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	*(int64_t *)arg += ((const struct account *)row)->balance;
	return 0;
}

/* The typed forms of all calls, each against its row. */
static void typed_repositories_do_it_all(void **state)
{
	struct fixture *f = *state;
	struct account two[2], *a, detached;
	uow_query q = UOW_QUERY_INIT;
	account_repository *r;
	uow_rows rows;
	uow_unit *u;
	uint64_t n = 0;
	int64_t sum = 0, id;

	tables(f, &account_entity, NULL);
	two[0] = an_account("ann", 5);
	two[1] = an_account("bob", 6);
	u = begin(f);
	r = account_repository_of(u);
	must(u, account_insert_all(r, two, 2));
	q.where = uow_all();
	must(u, account_find(r, &q, &rows));
	assert_int_equal(rows.count, 2);
	a = account_at(&rows, 0);
	id = a->id;
	assert_ptr_equal(account_get(r, id), a);
	assert_ptr_equal(account_get_by(r, uow_id(id)), a);
	assert_ptr_equal(account_lookup(r, id), a);
	assert_ptr_equal(account_lookup_by(r, uow_id(id)), a);
	assert_ptr_equal(account_get_locked(r, id), a);
	assert_ptr_equal(account_get_locked_by(r, uow_id(id)), a);
	must(u, account_count(r, uow_all(), &n));
	assert_int_equal(n, 2);
	must(u, account_each(r, &q, stop, &sum));
	assert_int_equal(sum, 11);
	detached = *a;
	commit(u);

	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &detached));
	a->balance = 50;
	must(u, uow_flush(u));
	must(u, account_refresh(r, a));
	assert_int_equal(a->balance, 50);
	must(u, account_remove(r, a));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 1);
}

static const struct CMUnitTest crud_cases[] = {
	CASE(two_adds_are_seen_by_a_fresh_unit),
	CASE(a_unit_freed_without_commit_leaves_nothing),
	CASE(an_error_in_the_body_leaves_nothing),
	CASE(a_change_is_seen_by_another_data_source),
	CASE(a_removed_row_is_gone),
	CASE(flushed_rows_are_not_seen_by_others_before_commit),
	CASE(a_flushed_value_survives_the_commit),
	CASE(get_of_a_missing_row_fails_naming_it),
	CASE(lookup_of_a_missing_row_is_null_without_failure),
	CASE(one_finds_none_one_or_complains_of_many),
	CASE(get_many_gives_objects_in_the_order_of_the_keys),
	CASE(get_many_with_one_missing_leaves_the_output_alone),
	CASE(an_empty_unit_commits_and_locks_nothing),
	CASE(refresh_reads_again_and_gives_up_changes),
	CASE(refresh_sees_what_sql_by_hand_did),
	CASE(refresh_of_a_new_object_is_refused),
	CASE(removing_a_new_object_forgets_it),
	CASE(removing_twice_is_removing_once),
	CASE(typed_repositories_do_it_all),
};
TOPIC(crud, "crud");
