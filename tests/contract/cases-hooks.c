/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

static struct plain *add(uow_unit *u, int64_t id)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	return plain_add(plain_repository_of(u), &p);
}

struct log {
	char text[200];
	struct fixture *f;
	unsigned runs;
	int code;
	int64_t seen;
};

static int note(uow_unit *u, struct log *l, const char *what)
{
	(void)u;
	strcat(l->text, what);
	return 0;
}

static int before_flush(uow_unit *u, void *arg) { return note(u, arg, "f"); }
static int after_flush(uow_unit *u, void *arg) { return note(u, arg, "F"); }
static int before_commit(uow_unit *u, void *arg) { return note(u, arg, "c"); }
static int after_commit(uow_unit *u, void *arg) { return note(u, arg, "C"); }
static int second_commit(uow_unit *u, void *arg) { return note(u, arg, "2"); }
static int db_commit(uow_unit *u, void *arg) { return note(u, arg, "D"); }
static int rolled_back(uow_unit *u, void *arg) { return note(u, arg, "R"); }

static void register_all(uow_unit *u, struct log *l)
{
	must(u, uow_on(u, UOW_AFTER_COMMIT, after_commit, l));
	must(u, uow_on(u, UOW_BEFORE_COMMIT, before_commit, l));
	must(u, uow_on(u, UOW_AFTER_FLUSH, after_flush, l));
	must(u, uow_on(u, UOW_BEFORE_FLUSH, before_flush, l));
	must(u, uow_on(u, UOW_AFTER_ROLLBACK, rolled_back, l));
	must(u, uow_on(u, UOW_AFTER_COMMIT, second_commit, l));
}

/* Order of events, and of hooks within one: the unit's before the db's. */
static void hooks_run_in_order(void **state)
{
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	succeeds(uow_db_on(f->db, UOW_AFTER_COMMIT, db_commit, &l, &f->err),
		 &f->err);
	u = begin(f);
	register_all(u, &l);
	need(u, add(u, 1));
	must(u, uow_commit(u));
	assert_string_equal(l.text, "fFcC2D");
	uow_unit_free(u);
	assert_string_equal(l.text, "fFcC2D");

	l.text[0] = '\0';
	u = begin(f);
	register_all(u, &l);
	uow_rollback(u);
	uow_rollback(u);
	uow_unit_free(u);
	assert_string_equal(l.text, "R");

	l.text[0] = '\0';
	u = begin(f);
	register_all(u, &l);
	need(u, add(u, 1));	/* there already */
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	uow_unit_free(u);
	assert_string_equal(l.text, "fR");

	l.text[0] = '\0';
	u = begin(f);
	register_all(u, &l);
	uow_unit_free(u);	/* freed while open: rolled back */
	assert_string_equal(l.text, "R");
}

static int use_another(uow_unit *u, void *arg)
{
	struct log *l = arg;
	struct plain *mine = NULL;
	uow_unit *v = NULL;
	uow_error err;

	(void)u;
	l->runs++;
	if (uow_begin(&v, l->f->db, NULL, &err))
		return l->code = err.code;
	mine = plain_get(plain_repository_of(v), 1);	/* it is durable */
	if (mine)
		l->seen = mine->amount + 1;
	add(v, 2);
	l->code = uow_commit(v);
	uow_unit_free(v);
	return UOW_EREJECTED;	/* ignored */
}

/* After-commit hooks may begin units, also on a pool of one connection. */
static void an_after_commit_hook_may_begin_a_unit(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_db *own = f->db;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	l.f = f;
	l.code = 1;
	o.pool_max = 1;
	o.acquire_timeout_ms = 500;
	f->db = another_with(f, &o);
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_COMMIT, use_another, &l));
	need(u, add(u, 1));
	must(u, uow_commit(u));
	assert_int_equal(uow_status(u), 0);
	uow_unit_free(u);
	assert_int_equal(l.code, 0);
	assert_int_equal(l.seen, 1);
	assert_int_equal(l.runs, 1);
	uow_db_free(f->db);
	f->db = own;
	assert_int_equal(rows_in(f, &plain_entity), 2);
}

static int add_until_five(uow_unit *u, void *arg)
{
	struct log *l = arg;

	if (++l->runs < 5)
		add(u, 100 + l->runs);
	return 0;
}

/* 32: work added by an after-flush hook goes into the same commit */
static void work_of_an_after_flush_hook_is_committed(void **state)
{
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_FLUSH, add_until_five, &l));
	need(u, add(u, 1));
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 5);
}

static int add_forever(uow_unit *u, void *arg)
{
	struct log *l = arg;

	add(u, 1000 + ++l->runs);
	return 0;
}

/* 32: one that never ends is stopped */
static void endless_work_of_a_hook_is_stopped(void **state)
{
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_FLUSH, add_forever, &l));
	need(u, add(u, 1));
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	contains(uow_unit_error(u)->message, "never stop");
	assert_true(l.runs > 5);
	assert_true(l.runs < 1000);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

static int change_object(uow_unit *u, void *arg)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	(void)arg;
	if (p)
		p->amount = 42;
	return 0;
}

static void a_before_flush_hook_may_change_objects(void **state)
{
	struct fixture *f = *state;
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	must(u, uow_on(u, UOW_BEFORE_FLUSH, change_object, NULL));
	need(u, add(u, 1));
	commit(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 42);
	commit(u);
}

static int refuse(uow_unit *u, void *arg)
{
	struct log *l = arg;

	(void)u;
	l->runs++;
	return l->code;
}

/* A negative return of a hook before the end fails the unit. */
static void a_hook_that_refuses_fails_the_unit(void **state)
{
	static const uow_event events[] =
		{ UOW_BEFORE_FLUSH, UOW_AFTER_FLUSH, UOW_BEFORE_COMMIT };
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	for (i = 0; i < 3; i++) {
		memset(&l, 0, sizeof(l));
		l.code = UOW_EAPP - 5;
		u = begin(f);
		must(u, uow_on(u, events[i], refuse, &l));
		must(u, uow_on(u, UOW_AFTER_ROLLBACK, rolled_back, &l));
		need(u, add(u, 1));
		assert_int_equal(uow_commit(u), UOW_EAPP - 5);
		assert_int_equal(l.runs, 1);
		assert_string_equal(l.text, "R");
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

static int write_late(uow_unit *u, void *arg)
{
	struct log *l = arg;

	l->runs++;
	if (!add(u, 99))
		l->code = uow_status(u);
	return 0;
}

/* 31: before commit all is flushed: reading and failing only */
static void a_before_commit_hook_cannot_add_work(void **state)
{
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on(u, UOW_BEFORE_COMMIT, write_late, &l));
	need(u, add(u, 1));
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(l.code, UOW_ESTATE);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

static int read_only_hook(uow_unit *u, void *arg)
{
	struct log *l = arg;
	uint64_t n = 0;

	uow_count(uow_repository_of(u, &plain_entity), uow_all(), &n);
	l->seen = (int64_t)n;
	return 0;
}

static void a_before_commit_hook_sees_what_was_flushed(void **state)
{
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on(u, UOW_BEFORE_COMMIT, read_only_hook, &l));
	need(u, add(u, 1));
	commit(u);
	assert_int_equal(l.seen, 1);
}

static int try_all(uow_unit *u, void *arg)
{
	struct log *l = arg;

	l->runs++;
	l->code = uow_flush(u);
	assert_null(add(u, 5));
	return 0;
}

/* 31: after the end the unit is ended, in its hooks too */
static void hooks_after_the_end_cannot_use_the_unit(void **state)
{
	struct fixture *f = *state;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_COMMIT, try_all, &l));
	need(u, add(u, 1));
	commit(u);
	assert_int_equal(l.code, UOW_ESTATE);
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_ROLLBACK, try_all, &l));
	uow_rollback(u);
	assert_int_equal(l.code, UOW_ESTATE);
	assert_int_equal(l.runs, 2);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

static int fill_in(uow_unit *u, const uow_entity *e, void *object, void *arg)
{
	struct log *l = arg;
	struct plain *p = object;

	(void)u;
	assert_ptr_equal(e, &plain_entity);
	l->runs++;
	p->amount += 1000;
	return l->code;
}

/* 9, 81: row hooks for inserts, one by one and in bulk, updates, deletes */
static void row_hooks_see_each_row_before_it_is_written(void **state)
{
	struct fixture *f = *state;
	plain_repository *r;
	struct log l;
	struct plain *p, bulk[3];
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	memset(bulk, 0, sizeof(bulk));
	bulk[0].id = 11;
	bulk[1].id = 12;
	bulk[2].id = 13;
	u = begin(f);
	r = plain_repository_of(u);
	must(u, uow_on_entity(u, &plain_entity, UOW_BEFORE_INSERT, fill_in,
			      &l));
	p = need(u, add(u, 1));
	must(u, uow_flush(u));
	assert_int_equal(p->amount, 1000);
	must(u, plain_insert_all(r, bulk, 3));
	assert_int_equal(bulk[0].amount, 0);	/* the copy was changed */
	assert_int_equal(l.runs, 4);
	commit(u);

	u = begin(f);
	r = plain_repository_of(u);
	l.runs = 0;
	must(u, uow_on_entity(u, &plain_entity, UOW_BEFORE_UPDATE, fill_in,
			      &l));
	p = need(u, plain_get(r, 12));
	assert_int_equal(p->amount, 1000);
	p->label = "changed";
	must(u, uow_flush(u));
	assert_int_equal(l.runs, 1);
	assert_int_equal(p->amount, 2000);
	must(u, uow_flush(u));		/* nothing left: the hook's change
					   went with it */
	assert_int_equal(l.runs, 1);
	commit(u);

	u = begin(f);
	r = plain_repository_of(u);
	l.runs = 0;
	p = need(u, plain_get(r, 12));
	assert_int_equal(p->amount, 2000);
	must(u, uow_on_entity(u, NULL, UOW_BEFORE_DELETE, fill_in, &l));
	must(u, plain_remove(r, p));
	commit(u);
	assert_int_equal(l.runs, 1);
	assert_int_equal(rows_in(f, &plain_entity), 3);
}

/* 9: a row hook that refuses */
static void a_row_hook_that_refuses_fails_the_unit(void **state)
{
	struct fixture *f = *state;
	struct log l;
	struct plain bulk[2];
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	memset(bulk, 0, sizeof(bulk));
	bulk[1].id = 1;
	l.code = UOW_EAPP - 6;
	u = begin(f);
	must(u, uow_on_entity(u, &plain_entity, UOW_BEFORE_INSERT, fill_in,
			      &l));
	need(u, add(u, 1));
	assert_int_equal(uow_commit(u), UOW_EAPP - 6);
	uow_unit_free(u);
	u = begin(f);
	must(u, uow_on_entity(u, &plain_entity, UOW_BEFORE_INSERT, fill_in,
			      &l));
	must_fail(u, plain_insert_all(plain_repository_of(u), bulk, 2),
		  UOW_EAPP - 6);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* Hooks for every unit of a data source. */
static void hooks_of_the_data_source_run_in_every_unit(void **state)
{
	struct fixture *f = *state;
	struct log l;
	struct plain *p;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	succeeds(uow_db_on_entity(f->db, &plain_entity, UOW_BEFORE_INSERT,
				  fill_in, &l, &f->err), &f->err);
	for (i = 0; i < 3; i++) {
		u = begin(f);
		p = need(u, add(u, i));
		commit(u);
	}
	assert_int_equal(l.runs, 3);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 2));
	assert_int_equal(p->amount, 1000);
	commit(u);
}

static int nothing(uow_unit *u, void *arg)
{
	(void)u;
	(void)arg;
	return 0;
}

static int write_somehow(uow_unit *u, void *arg)
{
	plain_repository *r = plain_repository_of(u);
	uow_assignment seven = uow_assign("amount", uow_int(7));
	struct log *l = arg;
	struct plain p, *known = plain_get(r, 1);

	memset(&p, 0, sizeof(p));
	p.id = 99;
	switch (l->runs) {
	case 0:
		known->amount = 7;	/* found out when the hook returns */
		return 0;
	case 1:
		return plain_remove(r, known) ? 0 : 1;
	case 2:
		return plain_insert_all(r, &p, 1) ? 0 : 1;
	case 3:
		return plain_update_where(r, uow_all(), &seven, 1, NULL)
			? 0 : 1;
	case 4:
		return plain_remove_where(r, uow_all(), NULL) ? 0 : 1;
	case 5:
		return plain_increment(r, 1, "amount", uow_int(1)) ? 0 : 1;
	case 6:
		return uow_nested(u, nothing, NULL) ? 0 : 1;
	case 7:
		return plain_attach(r, &p) ? 1 : 0;
	default:
		return uow_flush(u) ? 0 : 1;
	}
}

/* 31: nor write in any other way */
static void a_before_commit_hook_cannot_write_in_any_way(void **state)
{
	struct fixture *f = *state;
	struct plain *p;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	need(u, add(u, 1));
	commit(u);
	for (l.runs = 0; l.runs < 9; l.runs++) {
		u = begin(f);
		need(u, plain_get(plain_repository_of(u), 1));
		must(u, uow_on(u, UOW_BEFORE_COMMIT, write_somehow, &l));
		assert_int_equal(uow_commit(u), UOW_ESTATE);
		assert_true(uow_unit_error(u)->message[0]);
		uow_unit_free(u);
	}
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 0);
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

static int assign_once(uow_unit *u, void *arg)
{
	struct log *l = arg;
	struct plain *p = plain_get(plain_repository_of(u), 1);

	if (p && l->runs++ < 3)
		p->amount++;
	return 0;
}

/* 32: work is what is assigned, too */
static void what_an_after_flush_hook_assigns_is_committed(void **state)
{
	struct fixture *f = *state;
	struct plain *p;
	struct log l;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on(u, UOW_AFTER_FLUSH, assign_once, &l));
	need(u, add(u, 1));
	commit(u);
	assert_int_equal(l.runs, 4);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 3);
	commit(u);
}

static int number_row(uow_unit *u, const uow_entity *e, void *object,
		      void *arg)
{
	struct log *l = arg;

	(void)u;
	(void)e;
	((struct plain *)object)->amount = (int32_t)++l->runs;
	return 0;
}

/* 81: once for each row, in the order in which they were added */
static void row_hooks_run_in_the_order_of_adding(void **state)
{
	struct fixture *f = *state;
	struct plain *all[20];
	struct log l;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	memset(&l, 0, sizeof(l));
	u = begin(f);
	must(u, uow_on_entity(u, &plain_entity, UOW_BEFORE_INSERT, number_row,
			      &l));
	for (i = 0; i < 20; i++)
		all[i] = need(u, add(u, (i * 7) % 20));
	must(u, uow_flush(u));
	for (i = 0; i < 20; i++)
		assert_int_equal(all[i]->amount, i + 1);
	assert_int_equal(l.runs, 20);
	commit(u);
}

static const struct CMUnitTest hooks_cases[] = {
	CASE(hooks_run_in_order),
	CASE(an_after_commit_hook_may_begin_a_unit),
	CASE(work_of_an_after_flush_hook_is_committed),
	CASE(endless_work_of_a_hook_is_stopped),
	CASE(a_before_flush_hook_may_change_objects),
	CASE(a_hook_that_refuses_fails_the_unit),
	CASE(a_before_commit_hook_cannot_add_work),
	CASE(a_before_commit_hook_sees_what_was_flushed),
	CASE(hooks_after_the_end_cannot_use_the_unit),
	CASE(row_hooks_see_each_row_before_it_is_written),
	CASE(a_row_hook_that_refuses_fails_the_unit),
	CASE(hooks_of_the_data_source_run_in_every_unit),
	CASE(a_before_commit_hook_cannot_write_in_any_way),
	CASE(what_an_after_flush_hook_assigns_is_committed),
	CASE(row_hooks_run_in_the_order_of_adding),
};
TOPIC(hooks, "hooks");
