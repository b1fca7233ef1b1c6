/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* 76: counters that the database counts, without being read first */

static int64_t stored(struct fixture *f, int64_t balance)
{
	struct account a, *added;
	uow_unit *u = begin(f);
	int64_t id;

	memset(&a, 0, sizeof(a));
	strcpy(a.owner, "ann");
	a.balance = balance;
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

static int more(account_repository *r, int64_t id, int64_t cents)
{
	return account_increment(r, id, "balance", uow_decimal(cents, 2));
}

static void a_row_is_added_to_without_being_read(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	account_repository *r;
	struct account a;
	uow_db *db;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	db = watched(f, &seen);
	u = begin_on(db, NULL);		/* the table is looked at once */
	need(u, account_get(account_repository_of(u), id));
	commit(u);
	memset(&seen, 0, sizeof(seen));
	u = begin_on(db, NULL);
	r = account_repository_of(u);
	must(u, more(r, id, 50));
	must(u, account_increment(r, id, "balance", uow_int(1)));
	must(u, more(r, id, -25));
	commit(u);
	if (f->backend->flags & BACKEND_SQL) {
		assert_int_equal(seen.selects, 0);
		assert_int_equal(seen.updates, 1);
	}
	uow_db_free(db);
	a = loaded(f, id);
	assert_int_equal(a.balance, 225);
	assert_int_equal(a.version, 2);
	assert_string_equal(a.owner, "ann");
}

static void what_was_added_is_read_on_demand(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	must(u, more(r, id, 11));
	a = need(u, account_get(r, id));	/* not sent yet */
	assert_int_equal(a->balance, 111);
	must(u, uow_flush(u));
	assert_int_equal(a->balance, 111);
	assert_int_equal(a->version, 2);
	must(u, more(r, id, 11));
	assert_int_equal(a->balance, 122);
	must(u, account_refresh(r, a));
	assert_int_equal(a->balance, 122);
	must(u, uow_flush(u));
	a->balance += 1;
	commit(u);
	assert_int_equal(loaded(f, id).balance, 123);
	assert_int_equal(loaded(f, id).version, 4);
}

static void queries_see_what_was_added(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uint64_t n;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	must(u, more(r, id, 900));
	must(u, account_count(r, uow_ge(u, "balance", uow_int(10)), &n));
	assert_int_equal(n, 1);
	must(u, more(r, id, 100));
	a = need(u, account_one(r, uow_eq(u, "balance", uow_int(11))));
	assert_int_equal(a->balance, 1100);
	commit(u);
}

static void without_autoflush_a_query_adds_what_waits(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	o.no_autoflush = true;
	u = begin_on(f->db, &o);
	r = account_repository_of(u);
	must(u, more(r, id, 900));
	a = need(u, account_one(r, uow_eq(u, "balance", uow_int(1))));
	assert_int_equal(a->balance, 1000);
	commit(u);
	assert_int_equal(loaded(f, id).balance, 1000);
}

/* What somebody else added meanwhile is there, and no conflict. */
static void a_loaded_object_gets_what_the_database_has(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	old = loaded(f, id);
	u = begin(f);
	must(u, more(account_repository_of(u), id, 5));
	commit(u);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	must(u, more(r, id, 1));
	assert_int_equal(a->balance, 101);
	must(u, uow_flush(u));
	assert_int_equal(a->balance, 106);
	assert_int_equal(a->version, 3);
	strcpy(a->owner, "bob");
	commit(u);
	assert_int_equal(loaded(f, id).version, 4);
}

/* Who has read the row before and writes it afterwards has to notice. */
static void an_increment_makes_readers_stale(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	old = loaded(f, id);
	u = begin(f);
	must(u, more(account_repository_of(u), id, 5));
	commit(u);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	a->balance = 0;
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	uow_unit_free(u);
	/* also where the edit is of another column, and comes along */
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_attach(r, &old));
	strcpy(a->owner, "bob");
	must(u, more(r, id, 5));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	contains(uow_unit_error(u)->entity, "account");
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).balance, 105);
}

static void edits_and_sums_of_a_row_are_one_statement(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	account_repository *r;
	struct account *a;
	uow_db *db;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	strcpy(a->owner, "bob");
	must(u, more(r, id, 5));
	must(u, uow_flush(u));
	assert_int_equal(a->balance, 105);
	assert_int_equal(a->version, 2);
	commit(u);
	if (f->backend->flags & BACKEND_SQL)
		assert_int_equal(seen.updates, 1);
	uow_db_free(db);
	assert_int_equal(loaded(f, id).balance, 105);
	assert_string_equal(loaded(f, id).owner, "bob");
}

static void an_assignment_wins_over_a_sum(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	must(u, more(r, id, 5));
	a->balance = 7;			/* after it: in its place */
	commit(u);
	assert_int_equal(loaded(f, id).balance, 7);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	a->balance = 20;		/* before it: added to that */
	must(u, more(r, id, 5));
	assert_int_equal(a->balance, 25);
	commit(u);
	assert_int_equal(loaded(f, id).balance, 25);
	assert_int_equal(loaded(f, id).version, 3);
}

static void a_new_object_is_added_to_in_memory(void **state)
{
	struct fixture *f = *state;
	plain_repository *r;
	struct plain p, *added;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 4;
	p.amount = 1;
	u = begin(f);
	r = plain_repository_of(u);
	added = need(u, plain_add(r, &p));
	must(u, plain_increment(r, 4, "amount", uow_int(2)));
	assert_int_equal(added->amount, 3);
	commit(u);
	u = begin(f);
	assert_int_equal(((struct plain *)need(u, plain_get(
		plain_repository_of(u), 4)))->amount, 3);
	commit(u);
}

static void no_row_is_not_found(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, &plain_entity, NULL);
	id = stored(f, 100);
	u = begin(f);
	must(u, more(account_repository_of(u), id + 1, 5));
	assert_int_equal(uow_commit(u), UOW_ENOTFOUND);
	contains(uow_unit_error(u)->entity, "account");
	contains(uow_unit_error(u)->message, "account");
	uow_unit_free(u);
	u = begin(f);
	must(u, plain_increment(plain_repository_of(u), 77, "amount",
				uow_int(1)));
	assert_int_equal(uow_commit(u), UOW_ENOTFOUND);
	contains(uow_unit_error(u)->key, "77");
	uow_unit_free(u);
	u = begin(f);
	r = account_repository_of(u);
	must(u, account_remove(r, need(u, account_get(r, id))));
	must_fail(u, more(r, id, 1), UOW_ENOTFOUND);
	uow_unit_free(u);
}

/* Removed after it was added to: that is a delete. */
static void a_row_that_is_removed_is_not_added_to(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	must(u, more(r, id, 5));
	must(u, account_remove(r, a));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 0);
}

static void nullable_row(struct fixture *f)
{
	struct nullable n;
	uow_unit *u = begin(f);

	memset(&n, 0, sizeof(n));
	n.id = 1;
	n.b_is_null = n.i16_is_null = n.i32_is_null = n.i64_is_null = true;
	n.f_is_null = n.dec_is_null = n.chars_is_null = true;
	n.date_is_null = n.time_is_null = n.stamp_is_null = true;
	n.uuid_is_null = n.ref_is_null = true;
	n.d = 0.5;
	need(u, uow_add(uow_repository_of(u, &nullable_entity), &n));
	commit(u);
}

static void nothing_is_added_to_null(void **state)
{
	static const char *const columns[] = { "i16", "i32", "i64", "dec" };
	struct fixture *f = *state;
	uow_repository *r;
	struct nullable *n;
	uow_unit *u;
	size_t i;

	tables(f, &plain_entity, &nullable_entity, NULL);
	nullable_row(f);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		u = begin(f);
		r = uow_repository_of(u, &nullable_entity);
		must(u, uow_increment(r, uow_id(1), "d", uow_int(1)));
		must(u, uow_increment(r, uow_id(1), columns[i], uow_int(1)));
		assert_int_equal(uow_commit(u), UOW_EDATA);
		contains(uow_unit_error(u)->message, columns[i]);
		contains(uow_unit_error(u)->message, "NULL");
		uow_unit_free(u);
	}
	u = begin(f);
	r = uow_repository_of(u, &nullable_entity);
	n = need(u, uow_get(r, uow_id(1)));
	assert_true(n->i16_is_null);
	assert_true(n->d < 0.6 && n->d > 0.4);
	must_fail(u, uow_increment(r, uow_id(1), "i16", uow_int(1)),
		  UOW_EDATA);
	uow_unit_free(u);
}

static void set_types(struct fixture *f, struct types *t)
{
	uow_unit *u = begin(f);

	types_sample(t, 1);
	t->i16 = INT16_MAX - 1;
	t->i32 = INT32_MIN + 1;
	t->i64 = INT64_MAX - 1;
	t->dec2 = 5;
	t->d = 0.25;
	need(u, uow_add(uow_repository_of(u, &types_entity), t));
	commit(u);
}

static int add_one(uow_unit *u, const char *column, int64_t n)
{
	uow_repository *r = uow_repository_of(u, &types_entity);
	int rc = uow_increment(r, uow_id(1), column, uow_int(n));

	return rc ? rc : uow_flush(u);
}

static void sums_up_to_the_limit_fit_and_no_further(void **state)
{
	static const struct {
		const char *column;
		int64_t by;
	} steps[] = { { "i16", 1 }, { "i32", -1 }, { "i64", 1 } };
	struct fixture *f = *state;
	struct types t, *now;
	uow_unit *u;
	size_t i;

	tables(f, &types_entity, NULL);
	set_types(f, &t);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		u = begin(f);
		must(u, add_one(u, steps[i].column, steps[i].by));
		commit(u);
		u = begin(f);
		must_fail(u, add_one(u, steps[i].column, steps[i].by),
			  UOW_EDATA);
		contains(uow_unit_error(u)->message, steps[i].column);
		contains(uow_unit_error(u)->entity, "types");
		uow_unit_free(u);
	}
	u = begin(f);
	now = need(u, uow_get(uow_repository_of(u, &types_entity), uow_id(1)));
	assert_int_equal(now->i16, INT16_MAX);
	assert_int_equal(now->i32, INT32_MIN);
	assert_true(now->i64 == INT64_MAX);
	must_fail(u, add_one(u, "i64", 1), UOW_EDATA);	/* known beforehand */
	uow_unit_free(u);
}

static void decimals_and_doubles_are_exact(void **state)
{
	struct fixture *f = *state;
	struct types t, *now;
	uow_repository *r;
	uow_unit *u;
	int i;

	tables(f, &types_entity, NULL);
	set_types(f, &t);
	for (i = 0; i < 10; i++) {
		u = begin(f);
		r = uow_repository_of(u, &types_entity);
		must(u, uow_increment(r, uow_id(1), "dec2",
				      uow_decimal(10, 2)));
		must(u, uow_increment(r, uow_id(1), "d", uow_real(0.125)));
		commit(u);
	}
	u = begin(f);
	now = need(u, uow_get(uow_repository_of(u, &types_entity), uow_id(1)));
	assert_int_equal(now->dec2, 105);
	assert_true(now->d == 1.5);
	commit(u);
}

/* Beyond what a double holds: nobody may calculate in floating point. */
static void large_decimals_are_added_to_exactly(void **state)
{
	struct fixture *f = *state;
	uow_assignment plus = uow_plus("balance", uow_decimal(1, 2));
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, INT64_C(900719925474099301));
	u = begin(f);
	must(u, more(account_repository_of(u), id, 1));
	commit(u);
	assert_true(loaded(f, id).balance == INT64_C(900719925474099302));
	u = begin(f);
	must(u, account_update_where(account_repository_of(u), uow_all(),
				     &plus, 1, NULL));
	commit(u);
	assert_true(loaded(f, id).balance == INT64_C(900719925474099303));
	u = begin(f);
	must(u, more(account_repository_of(u), id,
		     INT64_C(99280074525900696)));
	commit(u);
	assert_true(loaded(f, id).balance == INT64_C(999999999999999999));
	u = begin(f);
	must(u, more(account_repository_of(u), id, 1));
	assert_int_equal(uow_commit(u), UOW_EDATA);
	contains(uow_unit_error(u)->message, "balance");
	uow_unit_free(u);
}

static void keys_of_all_kinds_are_added_to(void **state)
{
	struct fixture *f = *state;
	struct pair p = { 7, "x'y", 1, 0 }, *q;
	struct word w = { "na\xc3\xafve", 3 }, *v;
	uow_value key[2] = { uow_int(7), uow_text("x'y") };
	uow_unit *u;

	tables(f, &pair_entity, &word_entity, NULL);
	u = begin(f);
	need(u, pair_add(pair_repository_of(u), &p));
	need(u, word_add(word_repository_of(u), &w));
	commit(u);
	u = begin(f);
	must(u, pair_increment_by(pair_repository_of(u),
				  uow_key_parts(key, 2), "amount",
				  uow_int(41)));
	must(u, word_increment_by(word_repository_of(u),
				  uow_key_of(uow_text(w.word)), "uses",
				  uow_int(4)));
	q = need(u, pair_get_by(pair_repository_of(u), uow_key_parts(key, 2)));
	must(u, uow_flush(u));
	assert_int_equal(q->amount, 42);
	assert_int_equal(q->version, 2);
	v = need(u, word_get_by(word_repository_of(u),
				uow_key_of(uow_text(w.word))));
	assert_int_equal(v->uses, 7);
	assert_string_equal(v->word, w.word);
	commit(u);
}

static int add_and_fail(uow_unit *u, void *arg)
{
	account_repository *r = account_repository_of(u);
	int64_t id = *(int64_t *)arg;

	more(r, id, 1000);
	uow_flush(u);
	more(r, id, 1000);
	more(r, id + 100, 1000);
	return UOW_EREJECTED;
}

static int add_unread(uow_unit *u, void *arg)
{
	more(account_repository_of(u), *(int64_t *)arg, 1000);
	return UOW_EREJECTED;
}

/* Also of a row that the unit has counted before and never read. */
static void a_savepoint_takes_sums_of_unread_rows_back(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	must(u, more(r, id, 1));
	assert_int_equal(uow_nested(u, add_unread, &id), UOW_EREJECTED);
	must(u, more(r, id, 1));
	commit(u);
	assert_int_equal(loaded(f, id).balance, 102);
	assert_int_equal(loaded(f, id).version, 3);
}

static void a_savepoint_takes_sums_back(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	must(u, more(r, id, 1));
	assert_int_equal(uow_nested(u, add_and_fail, &id), UOW_EREJECTED);
	assert_int_equal(a->balance, 101);
	assert_int_equal(a->version, 2);
	must(u, more(r, id, 1));
	commit(u);
	assert_int_equal(loaded(f, id).balance, 102);
	assert_int_equal(loaded(f, id).version, 3);
}

static void a_simple_unit_adds(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	o.simple = true;
	u = begin_on(f->db, &o);
	r = account_repository_of(u);
	must(u, more(r, id, 1));
	must(u, uow_flush(u));
	a = need(u, account_get(r, id));
	assert_int_equal(a->balance, 101);
	must(u, more(r, id, 1));
	commit(u);
	assert_int_equal(loaded(f, id).balance, 102);
}

static void what_cannot_be_added_to_is_refused(void **state)
{
	static const struct {
		const char *column;
		uow_type type;
		int code;
	} bad[] = {
		{ "id", UOW_TYPE_INT64, UOW_EINVAL },
		{ "version", UOW_TYPE_INT64, UOW_EINVAL },
		{ "owner", UOW_TYPE_INT64, UOW_EINVAL },
		{ "nothing", UOW_TYPE_INT64, UOW_EINVAL },
		{ NULL, UOW_TYPE_INT64, UOW_EINVAL },
		{ "balance", UOW_TYPE_NULL, UOW_EINVAL },
		{ "balance", UOW_TYPE_BOOL, UOW_EINVAL },
	};
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_value v = uow_int(1);
	uow_unit *u;
	int64_t id;
	size_t i;

	tables(f, &account_entity, &city_entity, &region_entity, NULL);
	id = stored(f, 100);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v.type = bad[i].type;
		u = begin(f);
		must_fail(u, account_increment(account_repository_of(u), id,
					       bad[i].column, v),
			  bad[i].code);
		uow_unit_free(u);
	}
	u = begin(f);		/* a third of a cent */
	must_fail(u, account_increment(account_repository_of(u), id,
				       "balance", uow_decimal(3, 3)),
		  UOW_EDATA);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, uow_increment(uow_repository_of(u, &city_entity),
				   uow_id(1), "region", uow_int(1)),
		  UOW_EINVAL);
	uow_unit_free(u);
	o.read_only = true;
	u = begin_on(f->db, &o);
	must_fail(u, more(account_repository_of(u), id, 1), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(loaded(f, id).balance, 100);
}

/* Also over the edge of a statement's and the index's size. */
static void many_rows_are_added_to_at_once(void **state)
{
	enum { N = 300 };
	static struct plain rows[N];
	struct fixture *f = *state;
	plain_repository *r;
	uow_unit *u;
	int64_t i;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < N; i++)
		rows[i].id = i + 1;
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows, N));
	commit(u);
	u = begin(f);
	r = plain_repository_of(u);
	for (i = 0; i < 2 * N; i++)
		must(u, plain_increment(r, i % N + 1, "amount", uow_int(i)));
	commit(u);
	u = begin(f);
	r = plain_repository_of(u);
	for (i = 0; i < N; i++)
		assert_int_equal(((struct plain *)need(u, plain_get(r,
			i + 1)))->amount, 2 * i + N);
	commit(u);
}

static int hooked(uow_unit *u, const uow_entity *e, void *object, void *arg)
{
	(void)u;
	(void)e;
	assert_non_null(object);
	(*(unsigned *)arg)++;
	return 0;
}

static void row_hooks_see_loaded_objects_only(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	unsigned calls = 0;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	id = stored(f, 100);
	u = begin(f);
	r = account_repository_of(u);
	must(u, uow_on_entity(u, &account_entity, UOW_BEFORE_UPDATE, hooked,
			      &calls));
	must(u, more(r, id, 1));
	must(u, uow_flush(u));
	assert_int_equal(calls, 0);
	need(u, account_get(r, id));
	must(u, more(r, id, 1));
	commit(u);
	assert_int_equal(calls, 1);
	assert_int_equal(loaded(f, id).balance, 102);
}

static const struct CMUnitTest counters_cases[] = {
	CASE(a_row_is_added_to_without_being_read),
	CASE(what_was_added_is_read_on_demand),
	CASE(queries_see_what_was_added),
	CASE(without_autoflush_a_query_adds_what_waits),
	CASE(a_loaded_object_gets_what_the_database_has),
	CASE(an_increment_makes_readers_stale),
	CASE(edits_and_sums_of_a_row_are_one_statement),
	CASE(an_assignment_wins_over_a_sum),
	CASE(a_new_object_is_added_to_in_memory),
	CASE(no_row_is_not_found),
	CASE(a_row_that_is_removed_is_not_added_to),
	CASE(nothing_is_added_to_null),
	CASE(sums_up_to_the_limit_fit_and_no_further),
	CASE(decimals_and_doubles_are_exact),
	CASE(large_decimals_are_added_to_exactly),
	CASE(keys_of_all_kinds_are_added_to),
	CASE(a_savepoint_takes_sums_back),
	CASE(a_savepoint_takes_sums_of_unread_rows_back),
	CASE(a_simple_unit_adds),
	CASE(what_cannot_be_added_to_is_refused),
	CASE(many_rows_are_added_to_at_once),
	CASE(row_hooks_see_loaded_objects_only),
};
TOPIC(counters, "counters");
