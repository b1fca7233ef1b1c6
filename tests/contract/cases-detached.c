/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* 90: copies that were edited outside of any unit */

static int64_t stored(struct fixture *f)
{
	struct account a, *added;
	uow_unit *u = begin(f);
	int64_t id;

	memset(&a, 0, sizeof(a));
	strcpy(a.owner, "ann");
	a.balance = 100;
	added = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	id = added->id;
	commit(u);
	return id;
}

static struct account loaded(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	struct account a = *(struct account *)need(u,
		account_get(account_repository_of(u), id));

	a.remark = NULL;
	commit(u);
	return a;
}

static void change(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	struct account *a = need(u, account_get(account_repository_of(u), id));

	a->balance += 5;
	commit(u);
}

static void all_columns_of_an_edited_copy_are_written(void **state)
{
	struct fixture *f = *state;
	struct account copy, *a;
	struct seen seen;
	uow_db *db;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f);
	copy = loaded(f, id);
	strcpy(copy.owner, "bob");
	copy.remark = "edited";
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	a = need(u, account_attach_changed(account_repository_of(u), &copy));
	must(u, uow_flush(u));
	assert_int_equal(a->version, 2);
	if (f->backend->flags & BACKEND_SQL) {
		assert_int_equal(seen.updates, 1);
		contains(seen.all, "balance");
	}
	must(u, uow_flush(u));		/* once */
	if (f->backend->flags & BACKEND_SQL)
		assert_int_equal(seen.updates, 1);
	commit(u);
	uow_db_free(db);
	assert_string_equal(loaded(f, id).owner, "bob");
	assert_int_equal(loaded(f, id).version, 2);
}

static void an_edited_copy_that_is_stale_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct account copy;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f);
	copy = loaded(f, id);
	change(f, id);
	u = begin(f);
	need(u, account_attach_changed(account_repository_of(u), &copy));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	contains(uow_unit_error(u)->message, "version 1 expected");
	uow_unit_free(u);
	u = begin(f);
	need(u, account_attach_changed(account_repository_of(u), &copy));
	assert_null(account_get_locked(account_repository_of(u), id));
	failed(u, UOW_ECONFLICT);
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).balance, 105);
}

/*
 * 90: a copy that has lost its version is not written over the newest one: that
 * is loaded and assigned to.
 */
static void a_copy_that_has_lost_its_version_gives_conflict(void **state)
{
	struct fixture *f = *state;
	struct account copy, *a;
	uow_unit *u;
	int64_t id;
	int edited;

	tables(f, &account_entity, NULL);
	id = stored(f);
	copy = loaded(f, id);
	copy.version = 0;
	for (edited = 0; edited < 2; edited++) {
		u = begin(f);
		a = need(u, edited ?
			 account_attach_changed(account_repository_of(u),
						&copy) :
			 account_attach(account_repository_of(u), &copy));
		a->balance = 1;
		assert_int_equal(uow_commit(u), UOW_ECONFLICT);
		contains(uow_unit_error(u)->message, "version 0 expected");
		uow_unit_free(u);
	}
	assert_int_equal(loaded(f, id).balance, 100);
	assert_int_equal(loaded(f, id).version, 1);
}

/* Without a version nothing is compared, but the row has to be there. */
static void an_edited_copy_without_a_version_is_written(void **state)
{
	struct fixture *f = *state;
	struct plain p = { 3, 4, NULL };
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_attach_changed(plain_repository_of(u), &p));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	uow_unit_free(u);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	p.amount = 5;
	u = begin(f);
	need(u, plain_attach_changed(plain_repository_of(u), &p));
	commit(u);
	u = begin(f);
	assert_int_equal(((struct plain *)need(u, plain_get(
		plain_repository_of(u), 3)))->amount, 5);
	commit(u);
}

static void refresh_gives_an_edited_copy_up(void **state)
{
	struct fixture *f = *state;
	struct account copy, *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f);
	copy = loaded(f, id);
	copy.balance = 1;
	u = begin(f);
	a = need(u, account_attach_changed(account_repository_of(u), &copy));
	must(u, account_refresh(account_repository_of(u), a));
	assert_int_equal(a->balance, 100);
	commit(u);
	assert_int_equal(loaded(f, id).version, 1);
}

static void an_unexpected_version_names_both(void **state)
{
	struct fixture *f = *state;
	struct account *a;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f);
	change(f, id);
	change(f, id);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	must(u, account_expect_version(r, a, uow_int(3)));
	must_fail(u, account_expect_version(r, a, uow_int(2)), UOW_ECONFLICT);
	contains(uow_unit_error(u)->message, "version 2 was expected");
	contains(uow_unit_error(u)->message, "it is 3");
	contains(uow_unit_error(u)->entity, "account");
	assert_true(uow_code_is_transient(UOW_ECONFLICT));
	uow_unit_free(u);
}

/* What counts is the row, not what the program has put into the member. */
static void expecting_looks_at_the_row(void **state)
{
	struct fixture *f = *state;
	uow_assignment owner = uow_assign("owner", uow_text("x"));
	struct account *a;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	a->version = 9;
	must(u, account_expect_version(r, a, uow_int(1)));
	a->version = 1;
	must(u, account_update_where(r, uow_all(), &owner, 1, NULL));
	must(u, account_expect_version(r, a, uow_int(2)));
	assert_string_equal(a->owner, "x");
	commit(u);
}

static void what_has_no_version_expects_none(void **state)
{
	struct fixture *f = *state;
	struct plain p = { 3, 4, NULL };
	struct account a, *fresh;
	uow_unit *u;

	tables(f, &plain_entity, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	must_fail(u, plain_expect_version(plain_repository_of(u),
		need(u, plain_add(plain_repository_of(u), &p)), uow_int(1)),
		  UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	fresh = need(u, account_add(account_repository_of(u), &a));
	must_fail(u, account_expect_version(account_repository_of(u), fresh,
					    uow_int(1)), UOW_ESTATE);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, account_expect_version(account_repository_of(u), &a,
					    uow_int(1)), UOW_EINVAL);
	uow_unit_free(u);
}

/* Counted before it was attached: the copy is that row. */
static void a_copy_of_a_counted_row_is_attached(void **state)
{
	struct fixture *f = *state;
	struct account copy, *a;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f);
	copy = loaded(f, id);
	u = begin(f);
	r = account_repository_of(u);
	must(u, account_increment(r, id, "balance", uow_int(1)));
	a = need(u, account_attach(r, &copy));
	assert_int_equal(a->balance, 200);
	strcpy(a->owner, "bob");
	commit(u);
	assert_int_equal(loaded(f, id).balance, 200);
	assert_string_equal(loaded(f, id).owner, "bob");
}

static const struct CMUnitTest detached_cases[] = {
	CASE(all_columns_of_an_edited_copy_are_written),
	CASE(an_edited_copy_that_is_stale_gives_conflict),
	CASE(a_copy_that_has_lost_its_version_gives_conflict),
	CASE(an_edited_copy_without_a_version_is_written),
	CASE(refresh_gives_an_edited_copy_up),
	CASE(an_unexpected_version_names_both),
	CASE(expecting_looks_at_the_row),
	CASE(what_has_no_version_expects_none),
	CASE(a_copy_of_a_counted_row_is_attached),
};
TOPIC(detached, "detached");
