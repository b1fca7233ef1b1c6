/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/*
 * A flush of few rows that are not alike: one message where the profile says
 * so, and everywhere the same rows and the same failures.
 */

enum { FIRST = 1, SECOND, THIRD, NEW_ROW = 20 };

static void fill(struct fixture *f)
{
	struct account a;
	struct plain p;
	struct pair two;
	uow_unit *u = begin(f);
	int64_t id;

	memset(&a, 0, sizeof(a));
	memset(&p, 0, sizeof(p));
	memset(&two, 0, sizeof(two));
	for (id = FIRST; id <= THIRD; id++) {
		a.id = p.id = two.a = id;
		a.balance = 100;
		need(u, account_add(account_repository_of(u), &a));
		need(u, plain_add(plain_repository_of(u), &p));
		strcpy(two.b, "it's");
		need(u, pair_add(pair_repository_of(u), &two));
	}
	commit(u);
}

static struct account *account(uow_unit *u, int64_t id)
{
	return need(u, account_get(account_repository_of(u), id));
}

/* Money from one to the other, and a line for it. */
static void change(uow_unit *u, int64_t id)
{
	struct plain p;

	account(u, FIRST)->balance -= 10;
	account(u, SECOND)->balance += 10;
	account(u, SECOND)->remark = "it's \\ ?";
	memset(&p, 0, sizeof(p));
	p.id = id;
	p.label = ":1 $1 ;";
	need(u, plain_add(plain_repository_of(u), &p));
}

static void see_changed(struct fixture *f, int64_t times)
{
	uow_unit *u = begin(f);
	const struct plain *p;
	int64_t i;

	assert_int_equal(account(u, FIRST)->balance, 100 - 10 * times);
	assert_int_equal(account(u, SECOND)->balance, 100 + 10 * times);
	assert_int_equal(account(u, SECOND)->version, 1 + times);
	assert_string_equal(account(u, SECOND)->remark, "it's \\ ?");
	for (i = 0; i < times; i++) {
		p = need(u, plain_get(plain_repository_of(u), NEW_ROW + i));
		assert_string_equal(p->label, ":1 $1 ;");
	}
	commit(u);
}

static unsigned statements(const struct seen *s)
{
	return s->selects + s->inserts + s->updates + s->deletes + s->others;
}

static void a_transfer_is_one_message(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	unsigned before;
	uow_db *db;
	uow_unit *u;
	int i;

	needs(f, BACKEND_TOGETHER);
	tables(f, &account_entity, &plain_entity, &pair_entity, NULL);
	fill(f);
	db = watched(f, &seen);
	for (i = 0; i < 3; i++) {
		u = begin_on(db, NULL);
		change(u, NEW_ROW + i);
		before = statements(&seen);
		must(u, uow_flush(u));
		/* The first time behind a savepoint. */
		if (i)
			assert_int_equal(statements(&seen) - before, 1);
		commit(u);
	}
	assert_int_equal(seen.failures, 0);
	uow_db_free(db);
	see_changed(f, 3);
}

static void keys_of_unlike_rows_are_their_own(void **state)
{
	struct fixture *f = *state;
	struct account a, *one, *two;
	int64_t keys[2] = { 0, 0 };
	uow_unit *u;
	int i;

	tables(f, &account_entity, &plain_entity, &pair_entity, NULL);
	fill(f);
	memset(&a, 0, sizeof(a));
	for (i = 0; i < 3; i++) {
		u = begin(f);
		change(u, NEW_ROW + i);
		a.balance = 1000 + i;
		one = need(u, account_add(account_repository_of(u), &a));
		a.balance = 2000 + i;
		two = need(u, account_add(account_repository_of(u), &a));
		must(u, uow_flush(u));
		keys[0] = one->id;
		keys[1] = two->id;
		commit(u);
		u = begin(f);
		assert_int_equal(account(u, keys[0])->balance, 1000 + i);
		assert_int_equal(account(u, keys[1])->balance, 2000 + i);
		commit(u);
	}
	see_changed(f, 3);
}

/* What all columns of a row have come to, a text without an end among them. */
static void a_long_text_that_is_read_back_is_no_obstacle(void **state)
{
	struct fixture *f = *state;
	struct plain p;
	uow_unit *u;
	int i;

	tables(f, &account_entity, &plain_entity, &pair_entity, NULL);
	fill(f);
	u = begin(f);
	change(u, NEW_ROW);
	commit(u);
	memset(&p, 0, sizeof(p));
	for (i = 1; i <= 2; i++) {
		u = begin(f);
		account(u, SECOND);
		must(u, account_increment(account_repository_of(u), SECOND,
					  "balance", uow_int(1)));
		p.id = NEW_ROW + i;
		need(u, plain_add(plain_repository_of(u), &p));
		must(u, uow_flush(u));
		assert_int_equal(account(u, SECOND)->balance, 110 + 100 * i);
		commit(u);
	}
}

struct code {
	char id[40];
	int32_t n;
};
static const uow_column code_columns[] = {
	UOW_CHARS(struct code, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT32(struct code, n, "n", 0),
};
static const uow_entity code_entity =
	UOW_ENTITY(struct code, "codes", code_columns);

/* By a default that this database knows. */
static void make_codes(struct fixture *f)
{
	static const char *const defaults[] = {
		"UUID()", "CAST(gen_random_uuid() AS CHAR(36))"
	};
	uow_options o = UOW_OPTIONS_INIT;
	char sql[200];
	uow_unit *u;
	size_t i;
	int rc = -1;

	o.simple = true;
	for (i = 0; rc && i < sizeof(defaults) / sizeof(*defaults); i++) {
		snprintf(sql, sizeof(sql), "CREATE TABLE codes (id CHAR(36) "
			 "DEFAULT %s PRIMARY KEY, n INTEGER NOT NULL)",
			 defaults[i]);
		u = begin_on(f->db, &o);
		rc = uow_exec(u, sql, NULL, 0, NULL);
		uow_unit_free(u);
	}
	assert_int_equal(rc, 0);
}

static void a_key_by_a_default_is_its_own(void **state)
{
	struct fixture *f = *state;
	struct code c, *got;
	char key[40];
	uow_unit *u;
	int i;

	needs(f, BACKEND_TOGETHER);
	tables(f, &account_entity, &plain_entity, &pair_entity, NULL);
	fill(f);
	make_codes(f);
	memset(&c, 0, sizeof(c));
	for (i = 0; i < 3; i++) {
		u = begin(f);
		change(u, NEW_ROW + i);
		c.n = i;
		got = need(u, uow_add(uow_repository_of(u, &code_entity), &c));
		must(u, uow_flush(u));
		strcpy(key, got->id);
		commit(u);
		assert_int_equal(strlen(key), 36);
		u = begin(f);
		got = need(u, uow_lookup(uow_repository_of(u, &code_entity),
					 uow_key_of(uow_text(key))));
		assert_int_equal(got->n, i);
		commit(u);
	}
}

/* -- failures -- */

enum trouble { TAKEN_KEY, STALE, GONE, TROUBLES };

static struct pair *third(uow_unit *u)
{
	const uow_value key[2] = { uow_int(THIRD), uow_text("it's") };

	return need(u, pair_get_by(pair_repository_of(u),
				   uow_key_parts(key, 2)));
}

/* Somebody else does it, while the unit has read. */
static void intervene(struct fixture *f, enum trouble what)
{
	uow_unit *u = begin(f);
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = NEW_ROW;
	if (what == TAKEN_KEY)
		need(u, plain_add(plain_repository_of(u), &p));
	else if (what == STALE)
		third(u)->amount++;
	else
		must(u, pair_remove(pair_repository_of(u), third(u)));
	commit(u);
}

static void empty(struct fixture *f)
{
	uow_unit *u = begin(f);

	must(u, account_remove_where(account_repository_of(u), uow_all(),
				     NULL));
	must(u, plain_remove_where(plain_repository_of(u), uow_all(), NULL));
	must(u, pair_remove_where(pair_repository_of(u), uow_all(), NULL));
	commit(u);
}

/* after: the unit has written before this flush. */
static void fail_once(struct fixture *f, enum trouble what, bool after)
{
	const char *key = what == TAKEN_KEY ? "20" : "3,'it's'";
	const uow_error *err;
	uow_unit *u;

	empty(f);
	fill(f);
	if (what == TAKEN_KEY)
		intervene(f, what);
	u = begin(f);
	if (after) {
		account(u, THIRD)->balance = 7;
		must(u, uow_flush(u));
	}
	third(u)->amount = 5;
	if (what != TAKEN_KEY)
		intervene(f, what);
	change(u, NEW_ROW);
	assert_true(uow_flush(u) < 0);
	err = uow_unit_error(u);
	assert_int_equal(err->code, what == TAKEN_KEY ? UOW_EDUPLICATE :
						       UOW_ECONFLICT);
	assert_string_equal(err->entity, what == TAKEN_KEY ? "plain" :
							     "pair");
	assert_string_equal(err->key, key);
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(account(u, FIRST)->balance, 100);
	assert_int_equal(account(u, THIRD)->balance, 100);
	assert_int_equal(account(u, SECOND)->version, 1);
	commit(u);
}

static void the_row_of_a_failure_is_named(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	int what;

	needs(f, BACKEND_TOGETHER);
	tables(f, &account_entity, &plain_entity, &pair_entity, NULL);
	for (what = 0; what < TROUBLES; what++) {
		fail_once(f, (enum trouble)what, false);
		fail_once(f, (enum trouble)what, true);
	}
	/* And again, when it is known to work. */
	empty(f);
	fill(f);
	u = begin(f);
	third(u)->amount = 5;
	change(u, NEW_ROW);
	commit(u);
	for (what = 0; what < TROUBLES; what++) {
		fail_once(f, (enum trouble)what, false);
		fail_once(f, (enum trouble)what, true);
	}
}

/* Triggers would fire when all is done, and not each after its statement. */
static void tables_with_triggers_are_written_apart(void **state)
{
	struct fixture *f = *state;
	struct account a;
	struct seen seen;
	uow_db *db;
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_TOGETHER);
	if (!f->backend->audit)
		leave(f, LEFT_OTHER_KIND, "known triggers");
	tables(f, &account_entity, &plain_entity, &pair_entity, NULL);
	fill(f);
	for (i = 0; f->backend->audit[i]; i++) {
		u = begin(f);
		must(u, uow_exec(u, f->backend->audit[i], NULL, 0, NULL));
		commit(u);
	}
	db = watched(f, &seen);
	memset(&a, 0, sizeof(a));
	for (i = 0; i < 3; i++) {
		u = begin_on(db, NULL);
		change(u, NEW_ROW + (int64_t)i);
		need(u, account_add(account_repository_of(u), &a));
		commit(u);
	}
	assert_true(seen.inserts >= 6);
	uow_db_free(db);
	see_changed(f, 3);
}

static const struct CMUnitTest together_cases[] = {
	CASE(a_transfer_is_one_message),
	CASE(keys_of_unlike_rows_are_their_own),
	CASE(a_long_text_that_is_read_back_is_no_obstacle),
	CASE(a_key_by_a_default_is_its_own),
	CASE(the_row_of_a_failure_is_named),
	CASE(tables_with_triggers_are_written_apart),
};
TOPIC(together, "together");
