/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* uow_nested(): a part of a unit that can fail by itself. */

static void store(struct fixture *f)
{
	struct account a;
	uow_unit *u;
	int i;

	tables(f, &account_entity, &plain_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	for (i = 1; i <= 5; i++) {
		a.id = i;
		a.balance = i * 100;
		a.remark = "before";
		need(u, account_add(account_repository_of(u), &a));
	}
	commit(u);
}

static struct account *add(uow_unit *u, const char *owner)
{
	struct account a;

	memset(&a, 0, sizeof(a));
	strcpy(a.owner, owner);
	return account_add(account_repository_of(u), &a);
}

static struct account *get(uow_unit *u, int64_t id)
{
	return account_get(account_repository_of(u), id);
}

static int fail_plainly(uow_unit *u, void *arg)
{
	struct account **made = arg;

	*made = add(u, "inner");
	uow_flush(u);
	return UOW_EREJECTED;
}

/* 24, 46, 47, 57: only what was inside is lost; the rest commits */
static void a_failed_part_is_lost_alone(void **state)
{
	struct fixture *f = *state;
	struct account *outer, *inner = NULL;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	outer = need(u, add(u, "outer"));
	assert_int_equal(uow_nested(u, fail_plainly, &inner), UOW_EREJECTED);
	must(u, uow_status(u));
	assert_int_equal(uow_unit_error(u)->code, 0);
	assert_true(outer->id > 0);
	assert_non_null(inner);			/* memory stays valid */
	assert_string_equal(inner->owner, "inner");
	need(u, add(u, "after"));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 7);
	u = begin(f);
	assert_null(account_one(account_repository_of(u),
				uow_eq(u, "owner", uow_text("inner"))));
	need(u, account_one(account_repository_of(u),
			    uow_eq(u, "owner", uow_text("outer"))));
	commit(u);
}

static int add_inner(uow_unit *u, void *arg)
{
	(void)arg;
	add(u, "inner");
	return 0;
}

/* 24, 25, 26, 47: a part that succeeded is the unit's */
static void a_part_that_succeeded_shares_the_units_fate(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	must(u, uow_nested(u, add_inner, NULL));
	uow_rollback(u);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 5);
	u = begin(f);
	must(u, uow_nested(u, add_inner, NULL));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 6);
}

struct inside {
	struct account *changed, *removed, *made, *loaded;
	int code;
};

static int change_much(uow_unit *u, void *arg)
{
	struct inside *in = arg;

	in->changed->balance = -1;
	in->changed->remark = "inside";
	strcpy(in->changed->owner, "inside");
	uow_flush(u);
	in->changed->balance = -2;	/* and once more, unflushed */
	account_remove(account_repository_of(u), in->removed);
	in->made = add(u, "made");
	uow_flush(u);
	in->loaded = get(u, 5);
	if (in->loaded)
		in->loaded->balance = 7777;
	uow_flush(u);
	return in->code;
}

/* 41, 47, 50: objects are what they were, and so are rows and versions */
static void objects_are_restored(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct inside in;
	struct account *clean, *a;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	r = account_repository_of(u);
	memset(&in, 0, sizeof(in));
	in.changed = need(u, get(u, 1));
	in.changed->balance = 150;	/* pending when the part begins */
	in.removed = need(u, get(u, 2));
	clean = need(u, get(u, 3));
	in.code = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, change_much, &in), UOW_EREJECTED);
	must(u, uow_status(u));
	assert_int_equal(in.changed->balance, 150);
	assert_int_equal(in.changed->version, 2);
	assert_string_equal(in.changed->remark, "before");
	assert_string_equal(in.changed->owner, "");
	assert_ptr_equal(account_get(r, 2), in.removed);
	assert_int_equal(in.removed->balance, 200);
	assert_int_equal(clean->balance, 300);
	/* 50: what was loaded inside is read again when asked for */
	assert_ptr_equal(account_get(r, 5), in.loaded);
	assert_int_equal(in.loaded->balance, 500);
	assert_int_equal(in.loaded->version, 1);
	in.loaded->balance = 501;
	in.removed->balance = 201;
	in.changed->balance = 151;
	commit(u);
	u = begin(f);
	a = need(u, get(u, 1));
	assert_int_equal(a->balance, 151);
	assert_int_equal(a->version, 3);
	assert_int_equal(((struct account *)need(u, get(u, 2)))->balance, 201);
	assert_int_equal(((struct account *)need(u, get(u, 5)))->balance, 501);
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 5);
}

/* The same changes, kept. */
static void changes_of_a_part_that_succeeded_are_kept(void **state)
{
	struct fixture *f = *state;
	struct inside in;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	memset(&in, 0, sizeof(in));
	in.changed = need(u, get(u, 1));
	in.removed = need(u, get(u, 2));
	must(u, uow_nested(u, change_much, &in));
	assert_true(in.made->id > 0);
	commit(u);
	u = begin(f);
	assert_null(account_lookup(account_repository_of(u), 2));
	assert_int_equal(((struct account *)need(u, get(u, 1)))->balance, -2);
	assert_int_equal(((struct account *)need(u, get(u, 5)))->balance,
			 7777);
	commit(u);
}

/* What was loaded inside and is changed without a new read is refused. */
static void a_change_to_a_stale_object_is_refused(void **state)
{
	struct fixture *f = *state;
	struct inside in;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	memset(&in, 0, sizeof(in));
	in.changed = need(u, get(u, 1));
	in.removed = need(u, get(u, 2));
	in.code = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, change_much, &in), UOW_EREJECTED);
	in.loaded->balance = 1;
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	contains(uow_unit_error(u)->key, "5");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 5);
}

static int make_one(uow_unit *u, void *arg)
{
	struct account **made = arg;

	*made = add(u, "made");
	uow_flush(u);
	return UOW_EREJECTED;
}

/* 58: an object added inside is forgotten: its key is free again */
static void an_object_added_inside_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct account *made = NULL, again;
	uow_unit *u;
	int64_t id;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	assert_int_equal(uow_nested(u, make_one, &made), UOW_EREJECTED);
	id = made->id ? made->id : 6;
	assert_null(account_lookup(account_repository_of(u), id));
	memset(&again, 0, sizeof(again));
	again.id = id;
	need(u, account_add(account_repository_of(u), &again));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 6);
}

static int duplicate(uow_unit *u, void *arg)
{
	struct account a;

	(void)arg;
	memset(&a, 0, sizeof(a));
	a.id = 1;
	account_add(account_repository_of(u), &a);
	return 0;		/* found out by the flush at the end */
}

static int bad_sql(uow_unit *u, void *arg)
{
	uow_exec(u, "UPDATE nowhere SET x = 1", NULL, 0, NULL);
	(void)arg;
	return 0;
}

static int not_there(uow_unit *u, void *arg)
{
	get(u, 99);
	(void)arg;
	return 0;
}

/* 46, 84, 29: any failure inside is the part's, whatever fn says */
static void a_failure_inside_takes_the_unit_out_of_failure(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	need(u, add(u, "outer"));
	assert_int_equal(uow_nested(u, duplicate, NULL), UOW_EDUPLICATE);
	must(u, uow_status(u));
	assert_int_equal(uow_nested(u, not_there, NULL), UOW_ENOTFOUND);
	must(u, uow_status(u));
	if (f->backend->flags & BACKEND_SQL)
		assert_int_equal(uow_nested(u, bad_sql, NULL), UOW_ESQL);
	must(u, uow_status(u));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 6);
}

/* What keeps a deadline is sent before the savepoint is gone back to, too. */
static void a_part_may_fail_in_a_unit_with_a_deadline(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	o.timeout_ms = 20000;
	o.lock_timeout_ms = 5000;
	u = begin_on(f->db, &o);
	need(u, add(u, "outer"));
	assert_int_equal(uow_nested(u, duplicate, NULL), UOW_EDUPLICATE);
	must(u, uow_status(u));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 6);
	/* and the next one, without any, has none of it */
	u = begin(f);
	assert_int_equal(uow_nested(u, duplicate, NULL), UOW_EDUPLICATE);
	need(u, add(u, "another"));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 7);
}

struct level {
	unsigned depth, fail_at;
	struct account *object;
};

static int go_deeper(uow_unit *u, void *arg)
{
	struct level *l = arg;
	unsigned here = ++l->depth;
	int rc = 0;

	l->object->balance += 1;
	uow_flush(u);
	add(u, "deep");
	if (here < 8)
		rc = uow_nested(u, go_deeper, arg);
	if (uow_status(u))	/* 57: of this level, whatever is below */
		return UOW_EAPP - 57;
	if (here == l->fail_at)
		return UOW_EREJECTED;
	if (rc && here == l->fail_at - 1)
		return 0;	/* goes on without it */
	return rc;
}

/* 47, 57: eight levels, each failing once */
static void levels_fail_and_succeed_by_themselves(void **state)
{
	struct fixture *f = *state;
	struct level l;
	uow_unit *u;
	unsigned at;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	for (at = 2; at <= 9; at++) {
		u = begin(f);
		l.depth = 0;
		l.fail_at = at;
		l.object = need(u, get(u, 1));
		l.object->balance = 0;
		must(u, uow_nested(u, go_deeper, &l));
		assert_int_equal(l.object->balance, at - 1);
		must(u, uow_flush(u));
		assert_int_equal(((struct account *)need(u, get(u, 1)))
				 ->balance, at - 1);
		must(u, account_refresh(account_repository_of(u), l.object));
		assert_int_equal(l.object->balance, at - 1);
		uow_rollback(u);
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &account_entity), 5);
}

static int ran(uow_unit *u, void *arg)
{
	(void)u;
	++*(int *)arg;
	return 0;
}

struct hooking {
	int *count;
	int code;
};

static int register_hook(uow_unit *u, void *arg)
{
	struct hooking *h = arg;

	uow_on(u, UOW_AFTER_COMMIT, ran, h->count);
	uow_on(u, UOW_BEFORE_COMMIT, ran, h->count);
	return h->code;
}

/* Hooks registered in a part that failed are dropped. */
static void hooks_of_a_failed_part_are_dropped(void **state)
{
	struct fixture *f = *state;
	struct hooking h;
	uow_unit *u;
	int n = 0, outer = 0;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	h.count = &n;
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_COMMIT, ran, &outer));
	h.code = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, register_hook, &h), UOW_EREJECTED);
	must(u, uow_on(u, UOW_AFTER_COMMIT, ran, &outer));
	commit(u);
	assert_int_equal(n, 0);
	assert_int_equal(outer, 2);
	u = begin(f);
	h.code = 0;
	must(u, uow_nested(u, register_hook, &h));
	commit(u);
	assert_int_equal(n, 2);
}

static int positive(uow_unit *u, void *arg)
{
	(void)arg;
	add(u, "inner");
	return 1;
}

static void a_positive_return_is_invalid(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	assert_int_equal(uow_nested(u, positive, NULL), UOW_EINVAL);
	must(u, uow_status(u));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 5);
}

static int end_it(uow_unit *u, void *arg)
{
	return *(int *)arg = uow_commit(u);
}

/* 55: the unit is not to be ended from inside */
static void a_part_cannot_end_the_unit(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	int rc = 0;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	need(u, add(u, "outer"));
	assert_int_equal(uow_nested(u, end_it, &rc), UOW_ESTATE);
	assert_int_equal(rc, UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 5);
}

static int bulk_then_fail(uow_unit *u, void *arg)
{
	struct plain p[50];
	int i;

	memset(p, 0, sizeof(p));
	for (i = 0; i < 50; i++)
		p[i].id = i < 49 ? i + 1 : *(int *)arg;
	return plain_insert_all(plain_repository_of(u), p, 50);
}

/* 104: a bulk that fails inside is undone whole */
static void a_failed_bulk_inside_is_undone_whole(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	int last = 1;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	assert_int_equal(uow_nested(u, bulk_then_fail, &last),
			 UOW_EDUPLICATE);
	must(u, uow_status(u));
	last = 50;
	must(u, uow_nested(u, bulk_then_fail, &last));
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 50);
}

struct linking {
	struct node *child, *parent;
};

static int link_inside(uow_unit *u, void *arg)
{
	struct linking *l = arg;

	uow_refer(u, l->child, "parent", l->parent);
	uow_flush(u);
	return UOW_EREJECTED;
}

/* A reference made inside is forgotten with the rest. */
static void a_reference_made_inside_is_undone(void **state)
{
	struct fixture *f = *state;
	struct linking l;
	struct node n;
	int64_t id;
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	u = begin(f);
	l.child = need(u, uow_add(uow_repository_of(u, &node_entity), &n));
	l.parent = need(u, uow_add(uow_repository_of(u, &node_entity), &n));
	assert_int_equal(uow_nested(u, link_inside, &l), UOW_EREJECTED);
	assert_true(l.child->parent_is_null);
	must(u, uow_flush(u));
	assert_true(l.child->parent_is_null);
	id = l.child->id;
	commit(u);
	u = begin(f);
	l.child = need(u, uow_get(uow_repository_of(u, &node_entity),
				  uow_id(id)));
	assert_true(l.child->parent_is_null);
	commit(u);
}

struct switching {
	struct plain *old, *new;
	bool flush;
};

static int switch_row(uow_unit *u, void *arg)
{
	struct switching *s = arg;
	struct plain p;

	plain_remove(plain_repository_of(u), s->old);
	if (s->flush)
		uow_flush(u);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	p.amount = 77;
	s->new = plain_add(plain_repository_of(u), &p);
	uow_flush(u);
	return UOW_EREJECTED;
}

static int switch_deeper(uow_unit *u, void *arg)
{
	struct switching *s = arg;

	s->old->amount = 50;
	uow_nested(u, switch_row, s);
	if (s->old->amount != 50 ||
	    plain_get(plain_repository_of(u), 1) != s->old)
		return UOW_EAPP - 1;
	return switch_row(u, s);
}

/* 47: a row switched inside, at two levels: the old object has its key back */
static void a_row_switched_inside_comes_back(void **state)
{
	struct fixture *f = *state;
	struct switching s;
	struct plain p;
	uow_unit *u;
	int i;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	p.amount = 5;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	u = begin(f);
	memset(&s, 0, sizeof(s));
	s.old = need(u, plain_get(plain_repository_of(u), 1));
	for (i = 0; i < 2; i++) {
		s.flush = i;
		assert_int_equal(uow_nested(u, switch_deeper, &s),
				 UOW_EREJECTED);
		must(u, uow_status(u));
		assert_ptr_equal(plain_get(plain_repository_of(u), 1), s.old);
		assert_int_equal(s.old->amount, 5);
	}
	s.old->label = "kept";
	commit(u);
	u = begin(f);
	s.old = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(s.old->amount, 5);
	assert_string_equal(s.old->label, "kept");
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

struct batch {
	struct account *made[3];
	const char *owner;
	int code;
};

static int make_three(uow_unit *u, void *arg)
{
	struct batch *b = arg;
	int i;

	for (i = 0; i < 3; i++)
		b->made[i] = add(u, b->owner);
	uow_flush(u);
	return b->code;
}

/* 58: a key made inside may be made again, for another object */
static void keys_made_inside_may_be_made_again(void **state)
{
	struct fixture *f = *state;
	struct batch lost, kept;
	int64_t ids[3];
	uow_unit *u;
	int i;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	u = begin(f);
	lost.owner = "lost";
	lost.code = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, make_three, &lost), UOW_EREJECTED);
	kept.owner = "kept";
	kept.code = 0;
	must(u, uow_nested(u, make_three, &kept));
	for (i = 0; i < 3; i++) {
		assert_ptr_not_equal(kept.made[i], lost.made[i]);
		ids[i] = kept.made[i]->id;
		assert_ptr_equal(get(u, ids[i]), kept.made[i]);
		kept.made[i]->balance = i + 1;
	}
	commit(u);
	u = begin(f);
	for (i = 0; i < 3; i++) {
		kept.made[i] = need(u, get(u, ids[i]));
		assert_string_equal(kept.made[i]->owner, "kept");
		assert_int_equal(kept.made[i]->balance, i + 1);
		assert_int_equal(kept.made[i]->version, 2);
	}
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 8);
}

/* 50: what was not changed inside is not read again; the rest by undo list */
static void going_back_reads_nothing(void **state)
{
	struct fixture *f = *state;
	struct inside in;
	struct seen seen;
	uow_db *db;
	uow_unit *u;
	int i;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	memset(&in, 0, sizeof(in));
	in.changed = need(u, get(u, 1));
	in.removed = need(u, get(u, 2));
	need(u, get(u, 3));
	need(u, get(u, 4));
	in.code = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, change_much, &in), UOW_EREJECTED);
	seen.selects = 0;
	for (i = 1; i <= 4; i++)
		need(u, get(u, i));
	assert_int_equal(in.changed->balance, 100);
	assert_int_equal(in.removed->balance, 200);
	assert_int_equal(seen.selects, 0);
	seen.updates = 0;
	commit(u);
	assert_int_equal(seen.updates, 0);
	uow_db_free(db);
}

static int roll_back(uow_unit *u, void *arg)
{
	add(u, "inner");
	if (arg)
		return uow_nested(u, roll_back, NULL);
	uow_flush(u);
	uow_rollback(u);
	return 0;
}

/* 25, 26, 55: a rollback inside is everybody's; new work commits */
static void a_rollback_inside_is_never_committed(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	int deep, rc;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	store(f);
	for (deep = 0; deep < 2; deep++) {
		u = begin(f);
		rc = uow_nested(u, roll_back, deep ? &deep : NULL);
		assert_true(rc < 0);
		uow_unit_free(u);
		assert_int_equal(rows_in(f, &account_entity), 5);
	}
	u = begin(f);
	need(u, add(u, "outer"));
	must(u, uow_nested(u, add_inner, NULL));
	must(u, uow_nested(u, add_inner, NULL));
	uow_rollback(u);
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 5);
	u = begin(f);
	must(u, uow_nested(u, add_inner, NULL));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 6);
}

static const struct CMUnitTest nested_cases[] = {
	CASE(a_failed_part_is_lost_alone),
	CASE(a_part_that_succeeded_shares_the_units_fate),
	CASE(objects_are_restored),
	CASE(changes_of_a_part_that_succeeded_are_kept),
	CASE(a_change_to_a_stale_object_is_refused),
	CASE(an_object_added_inside_is_forgotten),
	CASE(a_failure_inside_takes_the_unit_out_of_failure),
	CASE(a_part_may_fail_in_a_unit_with_a_deadline),
	CASE(levels_fail_and_succeed_by_themselves),
	CASE(hooks_of_a_failed_part_are_dropped),
	CASE(a_positive_return_is_invalid),
	CASE(a_part_cannot_end_the_unit),
	CASE(a_failed_bulk_inside_is_undone_whole),
	CASE(a_reference_made_inside_is_undone),
	CASE(a_row_switched_inside_comes_back),
	CASE(keys_made_inside_may_be_made_again),
	CASE(going_back_reads_nothing),
	CASE(a_rollback_inside_is_never_committed),
};
TOPIC(nested, "nested");
