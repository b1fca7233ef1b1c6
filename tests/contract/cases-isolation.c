/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

static void store(struct fixture *f)
{
	struct account a;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	a.id = 1;
	a.balance = 100;
	u = begin(f);
	need(u, account_add(account_repository_of(u), &a));
	commit(u);
}

static struct account *get(uow_unit *u)
{
	return need(u, account_get(account_repository_of(u), 1));
}

/* Granted as asked or more, or said to be impossible. */
static void every_level_is_granted_or_refused(void **state)
{
	static const uow_isolation levels[] = {
		UOW_ISOLATION_DEFAULT, UOW_READ_COMMITTED,
		UOW_REPEATABLE_READ, UOW_SERIALIZABLE,
	};
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;
	int i, rc;

	store(f);
	for (i = 0; i < 4; i++) {
		o.isolation = levels[i];
		u = NULL;
		rc = uow_begin(&u, f->db, &o, &f->err);
		if (rc) {
			assert_int_equal(rc, UOW_ENOTSUP);
			assert_int_not_equal(i, 0);
			continue;
		}
		get(u)->balance++;
		commit(u);
	}
	o.isolation = (uow_isolation)77;
	u = NULL;
	gives(uow_begin(&u, f->db, &o, &f->err), UOW_EINVAL, &f->err);
	assert_null(u);
}

/* 23: what is not committed is not seen, at any level */
static void nothing_uncommitted_is_seen(void **state)
{
	static const uow_isolation levels[] = {
		UOW_ISOLATION_DEFAULT, UOW_READ_COMMITTED,
		UOW_REPEATABLE_READ, UOW_SERIALIZABLE,
	};
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u, *v;
	uow_db *other;
	int i;

	store(f);
	other = another(f);
	u = begin(f);
	get(u)->balance = 555;
	must(u, uow_flush(u));
	o.read_only = true;
	o.lock_timeout_ms = 100;
	for (i = 0; i < 4; i++) {
		o.isolation = levels[i];
		v = NULL;
		if (uow_begin(&v, other, &o, &f->err)) {
			assert_int_equal(f->err.code, UOW_ENOTSUP);
			continue;
		}
		if (account_get(account_repository_of(v), 1))
			assert_int_equal(get(v)->balance, 100);
		else
			failed(v, UOW_ELOCKED);
		uow_unit_free(v);
	}
	uow_unit_free(u);
	uow_db_free(other);
}

/* Repeatable read: a second read sees what the first one saw. */
static void a_repeated_read_is_the_same(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct account *a;
	uow_unit *u = NULL, *v;
	uow_db *other;
	int rc;

	store(f);
	o.isolation = UOW_REPEATABLE_READ;
	o.read_only = true;
	if (uow_begin(&u, f->db, &o, &f->err)) {
		assert_int_equal(f->err.code, UOW_ENOTSUP);
		return;
	}
	a = get(u);
	other = another(f);
	memset(&o, 0, sizeof(o));
	o = (uow_options)UOW_OPTIONS_INIT;
	o.lock_timeout_ms = 100;
	o.timeout_ms = 300;
	v = begin_on(other, &o);
	get(v)->balance = 1;
	rc = uow_commit(v);	/* may have to wait for the reader */
	if (rc)
		assert_true(rc == UOW_ELOCKED || rc == UOW_ETIMEOUT);
	uow_unit_free(v);
	must(u, account_refresh(account_repository_of(u), a));
	assert_int_equal(a->balance, 100);
	commit(u);
	uow_db_free(other);
}

/* 22, 39, 115, 124: after any end no transaction is left and no lock */
static void no_transaction_is_left_open(void **state)
{
	struct fixture *f = *state;
	uow_options quick = UOW_OPTIONS_INIT;
	struct account a;
	uow_unit *u, *v;
	uow_db *other;
	int i;

	store(f);
	other = another(f);
	quick.lock_timeout_ms = 50;
	memset(&a, 0, sizeof(a));
	for (i = 0; i < 6; i++) {
		u = begin(f);
		get(u)->balance++;
		must(u, uow_flush(u));
		a.id = i == 2 ? 1 : 0;
		if (i == 1)
			uow_fail(u, UOW_EREJECTED, "no");
		else if (i == 2)
			account_insert_all(account_repository_of(u), &a, 1);
		else if (i == 3)
			account_get(account_repository_of(u), 999);
		else if (i == 4)
			uow_rollback(u);
		if (i != 5)
			assert_int_equal(uow_commit(u) != 0, i > 0);
		uow_unit_free(u);
		/* another connection can write at once */
		v = begin_on(other, &quick);
		get(v)->balance = 0;
		get(v)->remark = i % 2 ? "odd" : "even";
		commit(v);
		/* and so can the next unit on this one */
		u = begin_on(f->db, &quick);
		get(u)->remark = "mine";
		commit(u);
	}
	uow_db_free(other);
}

/* A failed unit holds nothing while it waits to be freed, once rolled back. */
static void a_failed_commit_lets_go_at_once(void **state)
{
	struct fixture *f = *state;
	uow_options quick = UOW_OPTIONS_INIT;
	uow_unit *u, *v;
	uow_db *other;

	store(f);
	other = another(f);
	quick.lock_timeout_ms = 50;
	u = begin(f);
	get(u)->balance++;
	must(u, uow_flush(u));
	uow_fail(u, UOW_EREJECTED, "no");
	assert_int_equal(uow_commit(u), UOW_EREJECTED);
	v = begin_on(other, &quick);
	get(v)->balance = 3;
	commit(v);
	uow_unit_free(u);
	uow_db_free(other);
}

/* 126: the features are asked, and hold */
static void features_are_as_they_are_said(void **state)
{
	struct fixture *f = *state;

	assert_true(uow_db_has(f->db, UOW_FEATURE_TRANSACTIONS));
	assert_false(uow_db_has(f->db, (uow_feature)99));
	if (f->backend->flags & BACKEND_FILE) {
		assert_true(uow_db_has(f->db, UOW_FEATURE_SAVEPOINT));
		assert_false(uow_db_has(f->db, UOW_FEATURE_ROW_LOCK));
	}
}

static const struct CMUnitTest isolation_cases[] = {
	CASE(every_level_is_granted_or_refused),
	CASE(nothing_uncommitted_is_seen),
	CASE(a_repeated_read_is_the_same),
	CASE(no_transaction_is_left_open),
	CASE(a_failed_commit_lets_go_at_once),
	CASE(features_are_as_they_are_said),
};
TOPIC(isolation, "isolation");
