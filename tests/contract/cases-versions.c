/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* Versions: nobody's change is lost. */

static int64_t stored(struct fixture *f, const char *owner)
{
	struct account a, *added;
	uow_unit *u = begin(f);
	int64_t id;

	memset(&a, 0, sizeof(a));
	strcpy(a.owner, owner);
	a.balance = 100;
	added = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	id = added->id;
	commit(u);
	return id;
}

/* As it is now, without the unit; its text is none of ours. */
static struct account loaded(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	struct account a = *(struct account *)need(u,
		account_get(account_repository_of(u), id));

	a.remark = NULL;
	commit(u);
	return a;
}

static void change(struct fixture *f, int64_t id, int64_t by)
{
	uow_unit *u = begin(f);
	struct account *a = need(u, account_get(account_repository_of(u), id));

	a->balance += by;
	commit(u);
}

static void drop(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	account_repository *r = account_repository_of(u);

	must(u, account_remove(r, need(u, account_get(r, id))));
	commit(u);
}

static void conflict_names(const uow_unit *u, int64_t id)
{
	char key[30];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	contains(uow_unit_error(u)->entity, "account");
	contains(uow_unit_error(u)->key, key);
	contains(uow_unit_error(u)->message, key);
	assert_true(uow_code_is_transient(uow_status(u)));
}

/* 85, 86, 88, 42: versions begin at 1 and go up by one with each change */
static void a_version_goes_up_by_one_with_each_change(void **state)
{
	struct fixture *f = *state;
	int64_t ann, bob;
	struct account *a, *b;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	ann = stored(f, "ann");
	bob = stored(f, "bob");
	assert_int_equal(loaded(f, ann).version, 1);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), ann));
	b = need(u, account_get(account_repository_of(u), bob));
	a->balance++;
	b->balance++;
	must(u, uow_flush(u));
	assert_int_equal(a->version, 2);	/* 91: memory has it as well */
	assert_int_equal(b->version, 2);
	a->balance++;
	commit(u);
	assert_int_equal(loaded(f, ann).version, 3);
	assert_int_equal(loaded(f, bob).version, 2);
}

/* 19: from 7 to 8; a change that is refused does not count */
static void a_version_that_was_given_is_kept_and_stepped(void **state)
{
	struct fixture *f = *state;
	struct pair p, *q;
	uow_value key[2];
	uow_unit *u;

	tables(f, &pair_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.a = 1;
	strcpy(p.b, "x");
	p.version = 7;
	key[0] = uow_int(1);
	key[1] = uow_text("x");
	u = begin(f);
	need(u, pair_add(pair_repository_of(u), &p));
	commit(u);
	u = begin(f);
	q = need(u, pair_get_by(pair_repository_of(u), uow_key_parts(key, 2)));
	assert_int_equal(q->version, 7);
	q->amount = 1;
	uow_fail(u, UOW_EREJECTED, "no");
	assert_int_equal(uow_commit(u), UOW_EREJECTED);
	uow_unit_free(u);
	u = begin(f);
	q = need(u, pair_get_by(pair_repository_of(u), uow_key_parts(key, 2)));
	assert_int_equal(q->version, 7);
	q->amount = 1;
	commit(u);
	u = begin(f);
	q = need(u, pair_get_by(pair_repository_of(u), uow_key_parts(key, 2)));
	assert_int_equal(q->version, 8);
	commit(u);
}

/* 84, 90: a copy loaded before somebody else's change is stale */
static void stale_version_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	change(f, id, 5);
	u = begin(f);
	a = need(u, account_attach(account_repository_of(u), &old));
	a->balance = 0;
	must_fail(u, uow_flush(u), UOW_ECONFLICT);
	conflict_names(u, id);
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).balance, 105);
	assert_int_equal(loaded(f, id).version, 2);
}

/* 84: so is a delete */
static void stale_delete_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct account old;
	account_repository *r;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	change(f, id, 5);
	u = begin(f);
	r = account_repository_of(u);
	must(u, account_remove(r, need(u, account_attach(r, &old))));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	conflict_names(u, id);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 1);
}

/* 69, 72: a row that has gone, with and without a version */
static void a_row_that_has_gone_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	int64_t id;
	uow_unit *u;
	int removing;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	drop(f, id);
	for (removing = 0; removing < 2; removing++) {
		u = begin(f);
		r = account_repository_of(u);
		a = need(u, account_attach(r, &old));
		if (removing)
			account_remove(r, a);
		else
			a->balance = 0;
		assert_int_equal(uow_commit(u), UOW_ECONFLICT);
		conflict_names(u, id);
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &account_entity), 0);
}

/* 69, 72: the same without a version column: a row must be hit */
static void a_plain_row_that_has_gone_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct plain old, *p;
	plain_repository *r;
	uow_unit *u;
	int removing;

	tables(f, &plain_entity, NULL);
	memset(&old, 0, sizeof(old));
	old.id = 31;
	for (removing = 0; removing < 2; removing++) {
		u = begin(f);
		r = plain_repository_of(u);
		p = need(u, plain_attach(r, &old));
		if (removing)
			plain_remove(r, p);
		else
			p->amount = 1;
		assert_int_equal(uow_commit(u), UOW_ECONFLICT);
		contains(uow_unit_error(u)->entity, "plain");
		contains(uow_unit_error(u)->key, "31");
		uow_unit_free(u);
	}
}

/* 71, 87: one stale row among many in one batch is found and named */
static void one_stale_row_among_many_is_named(void **state)
{
	enum { N = 130 };
	static struct account old[N];
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;
	uow_unit *u;
	size_t i;

	tables(f, &account_entity, NULL);
	u = begin(f);
	memset(old, 0, sizeof(old));
	must(u, account_insert_all(account_repository_of(u), old, N));
	q.where = uow_all();
	must(u, account_find(account_repository_of(u), &q, &rows));
	assert_int_equal(rows.count, N);
	for (i = 0; i < N; i++)
		old[i] = *account_at(&rows, i);
	commit(u);
	change(f, old[77].id, 1);
	u = begin(f);
	for (i = 0; i < N; i++) {
		struct account *a = need(u,
			account_attach(account_repository_of(u), &old[i]));

		a->balance = 9;
	}
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	conflict_names(u, old[77].id);
	uow_unit_free(u);
	assert_int_equal(loaded(f, old[3].id).balance, 0);
}

enum { FEW = 3 };

static int edit_few(uow_unit *u, void *arg)
{
	const struct account *old = arg;
	struct account *a;
	int i;

	for (i = 0; i < FEW; i++) {
		a = account_attach(account_repository_of(u), &old[i]);
		if (a)
			a->balance++;
	}
	return 0;
}

/* Three rows, of which the middle one is stale, as their database knows. */
static void make_stale(struct fixture *f, struct account *old)
{
	uow_error err = UOW_ERROR_INIT;
	int i, round;

	for (i = 0; i < FEW; i++)
		old[i] = loaded(f, stored(f, "one of a few"));
	/* Twice: what is new to the library is tried with care. */
	for (round = 0; round < 2; round++) {
		assert_int_equal(uow_run(f->db, NULL, edit_few, old, &err), 0);
		for (i = 0; i < FEW; i++)
			old[i] = loaded(f, old[i].id);
	}
	change(f, old[1].id, 1);
}

/* Few rows go without a savepoint of their own where nothing is to survive. */
static void a_stale_row_of_a_few_is_named(void **state)
{
	struct fixture *f = *state;
	struct account old[FEW];
	uow_unit *u;

	tables(f, &account_entity, NULL);
	make_stale(f, old);
	u = begin(f);
	edit_few(u, old);
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	conflict_names(u, old[1].id);
	uow_unit_free(u);
	assert_int_equal(loaded(f, old[0].id).balance, old[0].balance);
}

static void a_stale_row_of_a_few_costs_its_part_alone(void **state)
{
	struct fixture *f = *state;
	struct account old[FEW], other;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	tables(f, &account_entity, NULL);
	make_stale(f, old);
	u = begin(f);
	memset(&other, 0, sizeof(other));
	other.balance = 77;
	need(u, account_add(account_repository_of(u), &other));
	must(u, uow_flush(u));
	assert_int_equal(uow_nested(u, edit_few, old), UOW_ECONFLICT);
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), FEW + 1);
	assert_int_equal(loaded(f, old[0].id).balance, old[0].balance);
}

/* 90: attach takes the version as it was; without a change nothing is sent */
static void an_attached_copy_that_is_fresh_is_written(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	u = begin(f);
	need(u, account_attach(account_repository_of(u), &old));
	commit(u);
	assert_int_equal(loaded(f, id).version, 1);
	u = begin(f);
	a = need(u, account_attach(account_repository_of(u), &old));
	assert_ptr_equal(account_get(account_repository_of(u), id), a);
	a->balance = 44;
	commit(u);
	assert_int_equal(loaded(f, id).balance, 44);
	assert_int_equal(loaded(f, id).version, 2);
}

/* 89: a locking read notices that a changed object is stale ... */
static void locking_a_changed_stale_object_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	change(f, id, 5);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	a->balance = 1;
	assert_null(account_get_locked(r, id));
	failed(u, UOW_ECONFLICT);
	conflict_names(u, id);
	uow_unit_free(u);
}

/* ... and cures one that is clean, as refresh does */
static void locking_a_clean_stale_object_updates_it(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	change(f, id, 5);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	assert_ptr_equal(need(u, account_get_locked(r, id)), a);
	assert_int_equal(a->balance, 105);
	a->balance++;
	commit(u);
	old.version = 1;
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	must(u, account_refresh(r, a));
	assert_int_equal(a->balance, 106);
	a->balance++;
	commit(u);
	assert_int_equal(loaded(f, id).balance, 107);
}

/* A changed object whose row is as it was keeps its changes. */
static void locking_a_changed_fresh_object_keeps_its_changes(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	a->balance = 1;
	assert_ptr_equal(need(u, account_get_locked(r, id)), a);
	assert_int_equal(a->balance, 1);
	commit(u);
	assert_int_equal(loaded(f, id).balance, 1);
}

/* Without a version the values as they were loaded tell. */
static void locking_without_a_version_compares_values(void **state)
{
	struct fixture *f = *state;
	struct plain old, *p;
	plain_repository *r;
	uow_unit *u;
	int stale;

	tables(f, &plain_entity, NULL);
	memset(&old, 0, sizeof(old));
	old.id = 1;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &old));
	commit(u);
	for (stale = 0; stale < 2; stale++) {
		u = begin(f);
		r = plain_repository_of(u);
		old.amount = stale ? 77 : 0;
		p = need(u, plain_attach(r, &old));
		p->label = "changed";
		if (stale) {
			assert_null(plain_get_locked(r, 1));
			failed(u, UOW_ECONFLICT);
		} else {
			assert_ptr_equal(plain_get_locked(r, 1), p);
			assert_string_equal(p->label, "changed");
		}
		uow_unit_free(u);
	}
}

static int keep_going(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u),
					*(int64_t *)arg);

	if (a)
		a->balance++;
	return 0;
}

/* 13, 38: after a conflict a new unit works */
static void after_a_conflict_a_new_unit_works(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	change(f, id, 5);
	u = begin(f);
	a = need(u, account_attach(account_repository_of(u), &old));
	a->balance = 1;
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	succeeds(uow_run(f->db, NULL, keep_going, &id, &f->err), &f->err);
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).balance, 106);
}

/* A counter at its end does not start over. */
static void a_version_at_its_end_is_not_wrapped(void **state)
{
	struct fixture *f = *state;
	struct account a, *p;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	a.version = INT32_MAX;
	u = begin(f);
	p = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	id = p->id;
	commit(u);
	u = begin(f);
	p = need(u, account_get(account_repository_of(u), id));
	p->balance = 1;
	assert_int_equal(uow_commit(u), UOW_EDATA);
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).version, INT32_MAX);
}

/* 92: the program's own version: written as given, the old one compared */
static void an_assigned_version_is_written_and_the_old_one_compared(
	void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	id = stored(f, "ann");
	old = loaded(f, id);
	u = begin(f);
	a = need(u, account_attach(account_repository_of(u), &old));
	a->version = 40;
	commit(u);
	assert_int_equal(loaded(f, id).version, 40);
	u = begin(f);
	a = need(u, account_attach(account_repository_of(u), &old));
	a->version = 41;
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).version, 40);
}

/* Both rows of a statement that has worked before: none of them is hit. */
static void nothing_but_stale_rows_give_conflict(void **state)
{
	struct fixture *f = *state;
	struct account old[2], *a;
	int64_t ids[2];
	uow_unit *u;
	int i;

	tables(f, &account_entity, NULL);
	ids[0] = stored(f, "ann");
	ids[1] = stored(f, "bob");
	for (i = 0; i < 2; i++)
		old[i] = loaded(f, ids[i]);
	u = begin(f);
	for (i = 0; i < 2; i++) {
		a = need(u, account_get(account_repository_of(u), ids[i]));
		a->balance++;
	}
	commit(u);
	u = begin(f);
	for (i = 0; i < 2; i++) {
		a = need(u, account_attach(account_repository_of(u), &old[i]));
		a->balance--;
	}
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	conflict_names(u, ids[0]);
	uow_unit_free(u);
	assert_int_equal(loaded(f, ids[0]).balance, 101);
}

static const struct CMUnitTest versions_cases[] = {
	CASE(a_version_goes_up_by_one_with_each_change),
	CASE(a_version_that_was_given_is_kept_and_stepped),
	CASE(stale_version_gives_conflict),
	CASE(stale_delete_gives_conflict),
	CASE(a_row_that_has_gone_gives_conflict),
	CASE(a_plain_row_that_has_gone_gives_conflict),
	CASE(one_stale_row_among_many_is_named),
	CASE(nothing_but_stale_rows_give_conflict),
	CASE(a_stale_row_of_a_few_is_named),
	CASE(a_stale_row_of_a_few_costs_its_part_alone),
	CASE(an_attached_copy_that_is_fresh_is_written),
	CASE(locking_a_changed_stale_object_gives_conflict),
	CASE(locking_a_clean_stale_object_updates_it),
	CASE(locking_a_changed_fresh_object_keeps_its_changes),
	CASE(locking_without_a_version_compares_values),
	CASE(after_a_conflict_a_new_unit_works),
	CASE(a_version_at_its_end_is_not_wrapped),
	CASE(an_assigned_version_is_written_and_the_old_one_compared),
};
TOPIC(versions, "versions");
