/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* Writes by criterion, beside the objects that the unit knows. */

static void people(struct fixture *f, int64_t *ids, size_t count)
{
	struct account a;
	uow_unit *u = begin(f);
	struct account *added;
	size_t i;

	memset(&a, 0, sizeof(a));
	for (i = 0; i < count; i++) {
		snprintf(a.owner, sizeof(a.owner), "o%d", (int)i);
		a.balance = (int64_t)i * 100;
		added = need(u, account_add(account_repository_of(u), &a));
		must(u, uow_flush(u));
		ids[i] = added->id;
	}
	commit(u);
}

static struct account loaded(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	struct account a = *(struct account *)need(u,
		account_get(account_repository_of(u), id));

	a.remark = a.remark ? "set" : NULL;
	commit(u);
	return a;
}

/* 76 */
static void rows_of_a_criterion_are_assigned_and_added_to(void **state)
{
	struct fixture *f = *state;
	uow_assignment list[3];
	int64_t ids[4];
	uint64_t n = 0;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	people(f, ids, 4);
	u = begin(f);
	list[0] = uow_assign("owner", uow_text("rich"));
	list[1] = uow_plus("balance", uow_decimal(-50, 2));
	list[2] = uow_assign("remark", uow_text("x"));
	must(u, account_update_where(account_repository_of(u),
				     uow_ge(u, "balance", uow_int(2)), list,
				     3, &n));
	assert_int_equal(n, 2);
	commit(u);
	assert_int_equal(loaded(f, ids[1]).balance, 100);
	assert_int_equal(loaded(f, ids[1]).version, 1);
	assert_int_equal(loaded(f, ids[3]).balance, 250);
	assert_int_equal(loaded(f, ids[3]).version, 2);
	assert_string_equal(loaded(f, ids[3]).owner, "rich");
	u = begin(f);
	list[0] = uow_assign("remark", uow_null());
	must(u, account_update_where(account_repository_of(u), uow_all(),
				     list, 1, NULL));
	commit(u);
	assert_null(loaded(f, ids[3]).remark);
	assert_int_equal(loaded(f, ids[3]).version, 3);
}

static void rows_of_a_criterion_are_removed(void **state)
{
	struct fixture *f = *state;
	int64_t ids[4];
	uint64_t n = 77;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	people(f, ids, 4);
	u = begin(f);
	must(u, account_remove_where(account_repository_of(u),
				     uow_lt(u, "balance", uow_int(2)), &n));
	assert_int_equal(n, 2);
	must(u, account_remove_where(account_repository_of(u),
				     uow_eq(u, "owner", uow_text("nobody")),
				     &n));
	assert_int_equal(n, 0);
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 2);
}

static void what_the_unit_has_changed_goes_before(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_assignment owner = uow_assign("owner", uow_text("hit"));
	account_repository *r;
	struct account *a, fresh;
	int64_t ids[2];
	uint64_t n = 0;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	people(f, ids, 2);
	o.no_autoflush = true;
	u = begin_on(f->db, &o);
	r = account_repository_of(u);
	a = need(u, account_get(r, ids[0]));
	a->balance = 5000;
	memset(&fresh, 0, sizeof(fresh));
	fresh.balance = 6000;
	need(u, account_add(r, &fresh));
	must(u, account_increment(r, ids[1], "balance", uow_int(100)));
	must(u, account_update_where(r, uow_ge(u, "balance", uow_int(50)),
				     &owner, 1, &n));
	assert_int_equal(n, 3);
	must(u, account_refresh(r, a));
	assert_string_equal(a->owner, "hit");
	assert_int_equal(a->version, 3);
	commit(u);
}

static void objects_are_read_again_in_place(void **state)
{
	struct fixture *f = *state;
	uow_assignment owner = uow_assign("owner", uow_text("new"));
	uow_query q = UOW_QUERY_INIT;
	account_repository *r;
	struct account *a, *b, *c;
	int64_t ids[3];
	void *objects[1];
	uow_rows rows;
	uow_key key;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	people(f, ids, 3);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, ids[0]));
	b = need(u, account_get(r, ids[1]));
	c = need(u, account_get(r, ids[2]));
	must(u, account_update_where(r, uow_all(), &owner, 1, NULL));
	assert_ptr_equal(account_get(r, ids[0]), a);
	assert_string_equal(a->owner, "new");
	assert_int_equal(a->version, 2);
	key = uow_id(ids[1]);
	must(u, account_get_many(r, &key, 1, objects));
	assert_ptr_equal(objects[0], b);
	assert_string_equal(b->owner, "new");
	q.where = uow_all();
	must(u, account_find(r, &q, &rows));
	assert_int_equal(rows.count, 3);
	assert_string_equal(c->owner, "new");
	a->balance = 9;
	c->balance = 9;
	commit(u);
	assert_int_equal(loaded(f, ids[0]).version, 3);
}

static void an_object_not_read_again_cannot_be_edited(void **state)
{
	struct fixture *f = *state;
	uow_assignment owner = uow_assign("owner", uow_text("new"));
	account_repository *r;
	struct account *a;
	int64_t ids[2];
	char key[30];
	uow_unit *u;
	int removing;

	tables(f, &account_entity, NULL);
	people(f, ids, 2);
	snprintf(key, sizeof(key), "%lld", (long long)ids[1]);
	for (removing = 0; removing < 2; removing++) {
		u = begin(f);
		r = account_repository_of(u);
		need(u, account_get(r, ids[0]));
		a = need(u, account_get(r, ids[1]));
		must(u, account_update_where(r, uow_all(), &owner, 1, NULL));
		if (removing)
			must(u, account_remove(r, a));
		else
			a->balance = 1;
		assert_int_equal(uow_commit(u), UOW_ESTATE);
		contains(uow_unit_error(u)->message, "account");
		assert_string_equal(uow_unit_error(u)->key, key);
		uow_unit_free(u);
	}
	assert_string_equal(loaded(f, ids[0]).owner, "o0");
}

/* Nothing was hit: nothing has to be read again. */
static void objects_stay_where_no_row_was_hit(void **state)
{
	struct fixture *f = *state;
	uow_assignment owner = uow_assign("owner", uow_text("new"));
	account_repository *r;
	struct account *a;
	int64_t id;
	uint64_t n;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	people(f, &id, 1);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	must(u, account_update_where(r, uow_eq(u, "owner", uow_text("zz")),
				     &owner, 1, &n));
	assert_int_equal(n, 0);
	a->balance = 1;
	commit(u);
	assert_int_equal(loaded(f, id).balance, 1);
}

static void removed_rows_are_gone_for_the_unit(void **state)
{
	struct fixture *f = *state;
	plain_repository *r;
	struct plain p, *old, *fresh;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	u = begin(f);
	r = plain_repository_of(u);
	old = need(u, plain_add(r, &p));
	must(u, plain_remove_where(r, uow_eq(u, "id", uow_int(1)), NULL));
	p.amount = 2;
	fresh = need(u, plain_add(r, &p));	/* its key is free again */
	assert_ptr_not_equal(fresh, old);
	must(u, uow_flush(u));
	must(u, plain_remove_where(r, uow_all(), NULL));
	assert_null(plain_lookup(r, 1));
	must(u, uow_status(u));
	must_fail(u, plain_refresh(r, fresh), UOW_ESTATE);
	uow_unit_free(u);
}

static int write_and_fail(uow_unit *u, void *arg)
{
	uow_assignment owner = uow_assign("owner", uow_text("new"));
	account_repository *r = account_repository_of(u);

	(void)arg;
	must(u, account_update_where(r, uow_all(), &owner, 1, NULL));
	return UOW_EREJECTED;
}

static void a_savepoint_makes_objects_true_again(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_unit *u;
	int64_t id;

	tables(f, &account_entity, NULL);
	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	people(f, &id, 1);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, id));
	assert_int_equal(uow_nested(u, write_and_fail, NULL), UOW_EREJECTED);
	assert_string_equal(a->owner, "o0");
	a->balance = 7;
	commit(u);
	assert_int_equal(loaded(f, id).balance, 7);
	assert_int_equal(loaded(f, id).version, 2);
}

/* Who has read a row before has to notice. */
static void readers_of_written_rows_are_stale(void **state)
{
	struct fixture *f = *state;
	uow_assignment owner = uow_assign("owner", uow_text("new"));
	struct account old, *a;
	int64_t id;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	people(f, &id, 1);
	old = loaded(f, id);
	u = begin(f);
	must(u, account_update_where(account_repository_of(u), uow_all(),
				     &owner, 1, NULL));
	commit(u);
	u = begin(f);
	a = need(u, account_attach(account_repository_of(u), &old));
	a->balance = 1;
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	uow_unit_free(u);
}

static void a_sum_that_does_not_fit_writes_nothing(void **state)
{
	struct fixture *f = *state;
	uow_assignment amount = uow_plus("amount", uow_int(1));
	struct plain p;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	u = begin(f);
	for (i = 0; i < 3; i++) {
		p.id = i;
		p.amount = i == 1 ? INT32_MAX : i;
		need(u, plain_add(plain_repository_of(u), &p));
	}
	commit(u);
	u = begin(f);
	must_fail(u, plain_update_where(plain_repository_of(u), uow_all(),
					&amount, 1, NULL), UOW_EDATA);
	uow_unit_free(u);
	u = begin(f);
	must(u, plain_update_where(plain_repository_of(u),
				   uow_ne(u, "id", uow_int(1)), &amount, 1,
				   NULL));
	assert_int_equal(((struct plain *)need(u, plain_get(
		plain_repository_of(u), 2)))->amount, 3);
	commit(u);
}

static void nothing_is_added_to_null(void **state)
{
	struct fixture *f = *state;
	uow_assignment more = uow_plus("i64", uow_int(1));
	struct nullable n, *one, *two;
	uow_repository *r;
	uow_unit *u;

	tables(f, &plain_entity, &nullable_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.date_is_null = n.time_is_null = n.stamp_is_null = true;
	n.ref_is_null = true;
	u = begin(f);
	r = uow_repository_of(u, &nullable_entity);
	n.id = 1;
	n.i64_is_null = true;
	need(u, uow_add(r, &n));
	n.id = 2;
	n.i64_is_null = false;
	need(u, uow_add(r, &n));
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &nullable_entity);
	must(u, uow_update_where(r, uow_all(), &more, 1, NULL));
	one = need(u, uow_get(r, uow_id(1)));
	two = need(u, uow_get(r, uow_id(2)));
	assert_true(one->i64_is_null);
	assert_int_equal(two->i64, 1);
	commit(u);
}

/* 74: keys of all kinds, as criteria */
static void keys_of_all_kinds_are_written(void **state)
{
	struct fixture *f = *state;
	uow_assignment amount = uow_plus("amount", uow_int(5));
	uow_assignment uses = uow_assign("uses", uow_int(6));
	uow_assignment label = uow_assign("label", uow_text("seen"));
	struct pair p = { 7, "x'y", 1, 0 }, *q;
	struct word w = { "na\xc3\xafve", 3 }, *v;
	struct token t, *s;
	uow_value key[2] = { uow_int(7), uow_text("x'y") };
	uow_repository *r;
	uow_unit *u;

	tables(f, &pair_entity, &word_entity, &token_entity, NULL);
	memset(&t, 0, sizeof(t));
	memset(&t.id, 0xa5, sizeof(t.id));
	u = begin(f);
	r = uow_repository_of(u, &token_entity);
	q = need(u, pair_add(pair_repository_of(u), &p));
	v = need(u, word_add(word_repository_of(u), &w));
	s = need(u, uow_add(r, &t));
	must(u, pair_update_where(pair_repository_of(u),
				  uow_and(u, uow_eq(u, "a", key[0]),
					  uow_eq(u, "b", key[1])), &amount, 1,
				  NULL));
	must(u, word_update_where(word_repository_of(u),
				  uow_eq(u, "word", uow_text(w.word)), &uses,
				  1, NULL));
	must(u, uow_update_where(r, uow_eq(u, "id", uow_guid(t.id)), &label,
				 1, NULL));
	assert_ptr_equal(pair_get_by(pair_repository_of(u),
				     uow_key_parts(key, 2)), q);
	assert_ptr_equal(word_get_by(word_repository_of(u),
				     uow_key_of(uow_text(w.word))), v);
	assert_ptr_equal(uow_get(r, uow_key_of(uow_guid(t.id))), s);
	assert_int_equal(q->amount, 6);
	assert_int_equal(q->version, 2);
	assert_int_equal(v->uses, 6);
	assert_string_equal(s->label, "seen");
	commit(u);
}

static void a_reference_may_be_assigned(void **state)
{
	struct fixture *f = *state;
	struct region region;
	struct city city;
	uow_assignment to;
	struct region *one, *two;
	uow_repository *r, *c;
	uint64_t n;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, NULL);
	memset(&region, 0, sizeof(region));
	memset(&city, 0, sizeof(city));
	u = begin(f);
	r = uow_repository_of(u, &region_entity);
	c = uow_repository_of(u, &city_entity);
	one = need(u, uow_add(r, &region));
	two = need(u, uow_add(r, &region));
	must(u, uow_refer(u, need(u, uow_add(c, &city)), "region", one));
	must(u, uow_flush(u));
	to = uow_assign("region", uow_int(two->id));
	must(u, uow_update_where(c, uow_all(), &to, 1, &n));
	assert_int_equal(n, 1);
	must(u, uow_remove_where(r, uow_eq(u, "id", uow_int(one->id)), &n));
	assert_int_equal(n, 1);
	commit(u);
}

static void what_cannot_be_assigned_is_refused(void **state)
{
	struct fixture *f = *state;
	const uow_assignment bad[] = {
		uow_assign("id", uow_int(1)),
		uow_assign("version", uow_int(1)),
		uow_plus("version", uow_int(1)),
		uow_plus("owner", uow_int(1)),
		uow_plus("balance", uow_null()),
		uow_assign("nothing", uow_int(1)),
		uow_assign(NULL, uow_int(1)),
		uow_assign("owner", uow_int(1)),
	};
	uow_options o = UOW_OPTIONS_INIT;
	uow_assignment twice[2];
	uow_unit *u;
	size_t i;

	tables(f, &account_entity, NULL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		u = begin(f);
		must_fail(u, account_update_where(account_repository_of(u),
						  uow_all(), &bad[i], 1,
						  NULL), UOW_EINVAL);
		contains(uow_unit_error(u)->entity, "account");
		uow_unit_free(u);
	}
	u = begin(f);
	must_fail(u, account_update_where(account_repository_of(u), uow_all(),
					  bad, 0, NULL), UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	twice[0] = twice[1] = uow_plus("balance", uow_int(1));
	must_fail(u, account_update_where(account_repository_of(u), uow_all(),
					  twice, 2, NULL), UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, account_remove_where(account_repository_of(u), NULL,
					  NULL), UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	twice[0] = uow_assign("owner", uow_null());
	must_fail(u, account_update_where(account_repository_of(u), uow_all(),
					  twice, 1, NULL), UOW_EDATA);
	uow_unit_free(u);
	o.read_only = true;
	u = begin_on(f->db, &o);
	must_fail(u, account_remove_where(account_repository_of(u), uow_all(),
					  NULL), UOW_ESTATE);
	uow_unit_free(u);
}

static int write_inside(uow_unit *u, void *arg)
{
	(void)arg;
	return account_remove_where(account_repository_of(u), uow_all(),
				    NULL);
}

static void hooks_of_a_flush_cannot_write_by_criterion(void **state)
{
	struct fixture *f = *state;
	struct account a;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	must(u, uow_on(u, UOW_BEFORE_FLUSH, write_inside, NULL));
	need(u, account_add(account_repository_of(u), &a));
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
}

/* Nothing was sent: no statement is to blame. */
static void a_value_that_does_not_fit_is_no_statement_s_fault(void **state)
{
	const uow_assignment half = uow_assign("balance", uow_real(0.001));
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	u = begin(f);
	must_fail(u, account_update_where(account_repository_of(u), uow_all(),
					  &half, 1, NULL), UOW_EDATA);
	assert_string_equal(uow_unit_error(u)->step, "");
	contains(uow_unit_error(u)->message, "behind the point");
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, account_increment(account_repository_of(u), 1,
				   "balance", uow_real(0.001)), UOW_EDATA);
	assert_string_equal(uow_unit_error(u)->step, "");
	uow_unit_free(u);
}

static const struct CMUnitTest where_cases[] = {
	CASE(rows_of_a_criterion_are_assigned_and_added_to),
	CASE(rows_of_a_criterion_are_removed),
	CASE(what_the_unit_has_changed_goes_before),
	CASE(objects_are_read_again_in_place),
	CASE(an_object_not_read_again_cannot_be_edited),
	CASE(objects_stay_where_no_row_was_hit),
	CASE(removed_rows_are_gone_for_the_unit),
	CASE(a_savepoint_makes_objects_true_again),
	CASE(readers_of_written_rows_are_stale),
	CASE(a_sum_that_does_not_fit_writes_nothing),
	CASE(nothing_is_added_to_null),
	CASE(keys_of_all_kinds_are_written),
	CASE(a_reference_may_be_assigned),
	CASE(what_cannot_be_assigned_is_refused),
	CASE(a_value_that_does_not_fit_is_no_statement_s_fault),
	CASE(hooks_of_a_flush_cannot_write_by_criterion),
};
TOPIC(where, "where");
