/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <uow/repository.h>
#include "fake.h"
#include "unit/entry.h"

/* A scope's function does what its test says, step by step. */
struct scene {
	struct fixture *fx;
	struct account *a, *b, *c;
	struct note *n;
	int result;		/* of the scope */
	int inner_result;	/* of one inside, and of its function */
	int inner_returns;
	int calls;
};

UOW_REPOSITORY(accounts, struct account, account_entity);

static accounts_repository *repo(uow_unit *u)
{
	return accounts_repository_of(u);
}

static struct account *add(uow_unit *u, int64_t id)
{
	struct account a = { id, 100, "new", 0 };

	return accounts_add(repo(u), &a);
}

static int64_t stored(const struct scene *s, int64_t id)
{
	const struct account *a = fake_stored(&s->fx->fake, &account_entity,
					      id);

	return a ? a->balance : -1;
}

/* Rows 1, 2 and 3 with 100, 200 and 300 are there; 1 is known. */
static uow_unit *begun(void **state, struct scene *s)
{
	uow_unit *u = NULL;
	int64_t i;

	memset(s, 0, sizeof(*s));
	s->fx = *state;
	for (i = 1; i <= 3 && fake_count(&s->fx->fake) < 3; i++)
		fixture_store(s->fx, i, i * 100);
	assert_int_equal(uow_begin(&u, s->fx->db, NULL, NULL), 0);
	s->a = accounts_get(repo(u), 1);
	assert_non_null(s->a);
	fake_log(&s->fx->fake);
	return u;
}

static void ended(uow_unit *u)
{
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
}

static int work(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->calls++;
	s->a->balance = 111;
	s->a->scratch = 9;
	s->b = add(u, 7);
	return s->result;
}

/* acceptance 47, 51 */
static void success_keeps_and_releases(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.a->balance = 105;
	assert_int_equal(uow_nested(u, work, &s), 0);
	assert_string_equal(fake_log(&s.fx->fake), "update account 1; "
			    "savepoint 1; insert account 7; update account 1; "
			    "release 1");
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(fake_log(&s.fx->fake), "commit");
	assert_int_equal(stored(&s, 1), 111);
	assert_int_equal(stored(&s, 7), 100);
	uow_unit_free(u);
}

/* acceptance 24, 46, 47, 53 */
static void failure_takes_back_and_goes_on(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.a->balance = 105;
	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, work, &s), UOW_EREJECTED);
	assert_string_equal(fake_log(&s.fx->fake), "update account 1; "
			    "savepoint 1; back 1; release 1");
	assert_int_equal(s.a->balance, 105);
	assert_int_equal(s.a->scratch, 9);
	assert_int_equal(uow_status(u), 0);
	assert_ptr_equal(accounts_get(repo(u), 1), s.a);
	s.a->balance++;
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(stored(&s, 1), 106);
	assert_int_equal(stored(&s, 7), -1);
	uow_unit_free(u);
}

static int flush_and_fail(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	work(u, s);
	strcpy(s->a->owner, "inside");
	assert_int_equal(uow_flush(u), 0);
	s->a->balance = 112;
	return s->result;
}

/* acceptance 47, 50 */
static void flushed_changes_are_taken_back_as_well(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, flush_and_fail, &s), UOW_EREJECTED);
	assert_int_equal(s.a->balance, 100);
	assert_string_equal(s.a->owner, "somebody");
	/* Nothing is left to write, and a later change is complete. */
	fake_log(&s.fx->fake);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(fake_log(&s.fx->fake), "");
	s.a->balance = 150;
	ended(u);
	assert_int_equal(stored(&s, 1), 150);
}

static int fail_unit(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->a->balance = 1;
	accounts_get(repo(u), 99);
	return s->result;
}

/* acceptance 46, 51 */
static void failure_of_the_unit_is_cleared(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	assert_int_equal(uow_nested(u, fail_unit, &s), UOW_ENOTFOUND);
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(uow_unit_error(u)->code, 0);
	s.result = UOW_EAPP - 3;
	assert_int_equal(uow_nested(u, fail_unit, &s), UOW_EAPP - 3);
	s.result = 4;
	assert_int_equal(uow_nested(u, work, &s), UOW_EINVAL);
	assert_int_equal(s.a->balance, 100);
	ended(u);
}

static int remove_and_fail(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	accounts_remove(repo(u), s->a);
	if (s->calls)
		assert_int_equal(uow_flush(u), 0);
	assert_null(accounts_lookup(repo(u), 1));
	return s->result;
}

/* acceptance 47 */
static void removal_is_taken_back(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, remove_and_fail, &s), UOW_EREJECTED);
	assert_ptr_equal(accounts_get(repo(u), 1), s.a);
	s.calls = 1;
	assert_int_equal(uow_nested(u, remove_and_fail, &s), UOW_EREJECTED);
	assert_ptr_equal(accounts_get(repo(u), 1), s.a);
	s.a->balance = 77;
	ended(u);
	assert_int_equal(stored(&s, 1), 77);
}

static int switch_and_fail(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	accounts_remove(repo(u), s->a);
	s->b = add(u, 1);
	if (s->calls)
		assert_int_equal(uow_flush(u), 0);
	return s->result;
}

static void row_switch_is_taken_back(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	for (; s.calls < 2; s.calls++) {
		assert_int_equal(uow_nested(u, switch_and_fail, &s),
				 UOW_EREJECTED);
		assert_ptr_equal(accounts_get(repo(u), 1), s.a);
		assert_int_equal(s.a->balance, 100);
	}
	s.a->balance = 78;
	ended(u);
	assert_int_equal(stored(&s, 1), 78);
}

static int load_and_fail(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->b = accounts_get(repo(u), 2);
	s->b->balance = 222;
	return s->result;
}

static int attach_and_fail(uow_unit *u, void *arg)
{
	struct account a = { 1, 100, "twin", 0 };
	struct scene *s = arg;

	accounts_remove(repo(u), s->a);
	assert_int_equal(uow_flush(u), 0);
	s->b = accounts_attach(repo(u), &a);
	assert_non_null(s->b);
	return s->result;
}

static void object_known_before_wins_its_key_back(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, attach_and_fail, &s), UOW_EREJECTED);
	assert_ptr_equal(accounts_get(repo(u), 1), s.a);
	assert_int_equal(entry_of(u, s.b)->state, ENTRY_GONE);
	ended(u);
}

static void loaded_inside_is_read_again_when_asked_for(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct account *b;

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, load_and_fail, &s), UOW_EREJECTED);
	b = s.b;
	fake_log(&s.fx->fake);
	assert_ptr_equal(accounts_get(repo(u), 2), b);
	assert_string_equal(fake_log(&s.fx->fake), "read account");
	assert_int_equal(b->balance, 200);
	b->balance = 201;
	ended(u);
	assert_int_equal(stored(&s, 2), 201);
}

static void change_of_a_stale_object_is_refused(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, load_and_fail, &s), UOW_EREJECTED);
	s.b->balance = 202;
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(stored(&s, 2), 200);
}

static void change_of_a_forgotten_object_is_refused(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, flush_and_fail, &s), UOW_EREJECTED);
	s.b->balance = 202;
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
}

static int add_note(uow_unit *u, void *arg)
{
	struct scene *s = arg;
	struct note n = { 0, "inside" };

	s->n = uow_add(uow_repository_of(u, &note_entity), &n);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(s->n->id, 1);
	return s->result;
}

static void repository_first_used_inside_is_undone(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	uow_repository *notes;

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, add_note, &s), UOW_EREJECTED);
	notes = uow_repository_of(u, &note_entity);
	assert_null(uow_lookup(notes, uow_id(1)));
	ended(u);
	assert_null(fake_stored(&s.fx->fake, &note_entity, 1));
}

static void added_again_after_a_failed_scope(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, flush_and_fail, &s), UOW_EREJECTED);
	assert_non_null(add(u, 7));
	ended(u);
	assert_int_equal(stored(&s, 7), 100);
}

/* -- scopes inside each other -- */

static int inner(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->a->balance += 30;
	s->c = accounts_get(repo(u), 3);
	s->c->balance = 333;
	assert_int_equal(uow_flush(u), 0);
	return s->inner_returns;
}

static int outer(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->a->balance = 120;
	s->b = accounts_get(repo(u), 2);
	s->inner_result = uow_nested(u, inner, s);
	if (s->inner_result)
		assert_int_equal(s->a->balance, 120);
	s->b->balance = 202;
	return s->result;
}

/* acceptance 24, 25, 26 */
static void inner_success_is_lost_with_the_outer(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, outer, &s), UOW_EREJECTED);
	assert_int_equal(s.inner_result, 0);
	assert_int_equal(s.a->balance, 100);
	assert_string_equal(fake_log(&s.fx->fake), "savepoint 1; read account; "
			    "update account 1; savepoint 2; read account; "
			    "update account 1; update account 3; release 2; "
			    "back 1; release 1");
	assert_int_equal(accounts_get(repo(u), 3)->balance, 300);
	assert_int_equal(accounts_get(repo(u), 2)->balance, 200);
	ended(u);
	assert_int_equal(stored(&s, 1), 100);
	assert_int_equal(stored(&s, 3), 300);
}

static void inner_failure_leaves_the_outer(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.inner_returns = UOW_EDATA;
	assert_int_equal(uow_nested(u, outer, &s), 0);
	assert_int_equal(s.inner_result, UOW_EDATA);
	ended(u);
	assert_int_equal(stored(&s, 1), 120);
	assert_int_equal(stored(&s, 2), 202);
	assert_int_equal(stored(&s, 3), 300);
}

static void both_levels_fail(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.inner_returns = UOW_EDATA;
	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, outer, &s), UOW_EREJECTED);
	assert_int_equal(s.a->balance, 100);
	ended(u);
	assert_int_equal(stored(&s, 1), 100);
}

static int twice(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->inner_returns = 0;
	assert_int_equal(uow_nested(u, inner, s), 0);
	s->inner_returns = UOW_EDATA;
	s->c->balance = 350;
	assert_int_equal(uow_nested(u, inner, s), UOW_EDATA);
	/* Known before the second scope, though not before the first. */
	assert_int_equal(s->c->balance, 350);
	assert_int_equal(s->a->balance, 130);
	return s->result;
}

static int only_inner(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	assert_int_equal(uow_nested(u, inner, s), 0);
	return s->result;
}

static void change_of_an_inner_scope_is_lost_with_the_outer(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, only_inner, &s), UOW_EREJECTED);
	assert_int_equal(s.a->balance, 100);
	s.a->balance = 101;
	ended(u);
	assert_int_equal(stored(&s, 1), 101);
}

static void sibling_scopes_do_not_mix(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	assert_int_equal(uow_nested(u, twice, &s), 0);
	assert_int_equal(uow_nested(u, inner, &s), UOW_EDATA);
	s.c->balance++;
	ended(u);
	assert_int_equal(stored(&s, 1), 130);
	assert_int_equal(stored(&s, 3), 351);
}

static void many_scopes_one_after_the_other(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	int i;

	for (i = 0; i < 200; i++) {
		s.inner_returns = i % 2 ? UOW_EDATA : 0;
		assert_int_equal(uow_nested(u, inner, &s), s.inner_returns);
		s.a->balance = i;
	}
	/* What a scope needed is given back with it. */
	assert_true(u->scopes.next_size <= 16384);
	ended(u);
	assert_int_equal(stored(&s, 1), 199);
}

/* -- what cannot be taken back -- */

/* acceptance 34 */
static void failed_way_back_leaves_the_unit_failed(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct fake_fault f = { FAKE_BACK, 1, 1, UOW_ESQL, 0, false, false };

	s.result = UOW_EREJECTED;
	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_nested(u, work, &s), UOW_EREJECTED);
	assert_int_equal(uow_status(u), UOW_EREJECTED);
	assert_non_null(strstr(uow_unit_error(u)->message,
			       "scripted failure of back 1"));
	assert_int_equal(uow_commit(u), UOW_EREJECTED);
	uow_unit_free(u);
	assert_int_equal(stored(&s, 1), 100);
}

static int flush_fails(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->a->balance = 3;
	uow_flush(u);
	return s->result;
}

static void ended_transaction_leaves_the_unit_failed(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct fake_fault f = { FAKE_WRITE, 1, 1, UOW_EDEADLOCK, 0, false,
				true };

	s.result = UOW_EREJECTED;
	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_nested(u, flush_fails, &s), UOW_EDEADLOCK);
	assert_int_equal(uow_status(u), UOW_EDEADLOCK);
	assert_string_equal(fake_log(&s.fx->fake),
			    "savepoint 1; update account 1!");
	uow_unit_free(u);
}

static void deadlock_that_ended_nothing_is_taken_back(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct fake_fault f = { FAKE_WRITE, 1, 1, UOW_ELOCKED, 0, false,
				false };

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_nested(u, flush_fails, &s), UOW_ELOCKED);
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(s.a->balance, 100);
	ended(u);
}

/* acceptance 105 */
static void lost_connection_leaves_the_unit_failed(void **state)
{
	struct fake_fault f = { FAKE_WRITE, 1, 1, UOW_ECONNECT, 0, false,
				false };
	struct scene s;
	int i;

	for (i = 0; i < 2; i++) {
		uow_unit *u = begun(state, &s);

		fake_fail(&s.fx->fake, f);
		assert_int_equal(uow_nested(u, flush_fails, &s), f.code);
		assert_int_equal(uow_status(u), f.code);
		assert_string_equal(fake_log(&s.fx->fake),
				    "savepoint 1; update account 1!");
		uow_unit_free(u);
		/* Whatever its code: a broken connection is no use. */
		f.code = UOW_ESQL;
		f.breaks = true;
	}
}

/* acceptance 29 */
static void failed_savepoint_does_not_cost_the_connection(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct fake_fault f = { FAKE_SAVEPOINT, 1, 1, UOW_ESQL, 0, false,
				false };

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_nested(u, work, &s), UOW_ESQL);
	assert_int_equal(s.calls, 0);
	assert_int_equal(uow_status(u), UOW_ESQL);
	uow_unit_free(u);
	assert_string_equal(fake_log(&s.fx->fake), "savepoint 1!; rollback");
}

static void failed_last_flush_is_taken_back(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct fake_fault f = { FAKE_WRITE, 2, 1, UOW_EDUPLICATE, 0, false,
				false };

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_nested(u, work, &s), UOW_EDUPLICATE);
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(s.a->balance, 100);
	ended(u);
	assert_int_equal(stored(&s, 7), -1);
}

static void failed_release_is_taken_back(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);
	struct fake_fault f = { FAKE_RELEASE, 1, 1, UOW_ESQL, 0, false,
				false };

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_nested(u, work, &s), UOW_ESQL);
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(s.a->balance, 100);
	ended(u);
}

/* -- what it costs -- */

enum { CROWD = 20000, CHANGED = 777, TIMES = 60 };

static void attach_crowd(uow_unit *u)
{
	struct account a = { 0, 100, "somebody", 0 };

	for (a.id = 1; a.id <= CROWD; a.id++)
		assert_non_null(accounts_attach(repo(u), &a));
}

static size_t recorded(uow_unit *u)
{
	const struct entry *e;
	size_t n = 0;

	for (e = ((uow_repository *)repo(u))->entries; e; e = e->next)
		n += e->undo_depth != 0;
	return n;
}

static size_t times_in(const char *log, const char *word)
{
	size_t n = 0;

	for (; (log = strstr(log, word)); log += strlen(word))
		n++;
	return n;
}

/*
 * Its statements alone, one record and one copy of its row: all that is less
 * than an arena's first piece, as sixty of them would not be.
 */
static void costs_one(uow_unit *u, struct scene *s)
{
	const char *log = fake_log(&s->fx->fake);

	assert_int_equal(times_in(log, "account"), TIMES);
	assert_int_equal(times_in(log, "update account 777"), TIMES);
	assert_int_equal(recorded(u), 1);
	assert_true(u->scopes.next_size <= 2 * 4096);
}

static int change_one(uow_unit *u, void *arg)
{
	struct scene *s = arg;
	int i;

	assert_int_equal(recorded(u), s->calls);
	s->calls = 1;
	for (i = 0; i < TIMES; i++) {
		s->a->balance++;
		assert_int_equal(uow_flush(u), 0);
	}
	return 0;
}

static int change_one_inside(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	assert_int_equal(uow_nested(u, change_one, s), 0);
	costs_one(u, s);
	assert_int_equal(change_one(u, s), 0);
	costs_one(u, s);
	return s->result;
}

/* What changed is recorded and copied, once for all levels, nothing else. */
static void a_scope_costs_what_changes_in_it(void **state)
{
	struct scene s;
	uow_unit *u = NULL;

	memset(&s, 0, sizeof(s));
	s.fx = *state;
	fixture_store(s.fx, CHANGED, 100);
	assert_int_equal(uow_begin(&u, s.fx->db, NULL, NULL), 0);
	attach_crowd(u);
	s.a = accounts_get(repo(u), CHANGED);
	assert_non_null(s.a);
	fake_log(&s.fx->fake);
	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, change_one_inside, &s), UOW_EREJECTED);
	assert_string_equal(fake_log(&s.fx->fake), "back 1; release 1");
	assert_int_equal(recorded(u), 0);
	assert_int_equal(s.a->balance, 100);
	ended(u);
	assert_string_equal(fake_log(&s.fx->fake), "commit");
}

/* -- the rest of the unit -- */

static int count(uow_unit *u, void *arg)
{
	(void)u;
	((struct scene *)arg)->calls++;
	return 0;
}

static int count_row(uow_unit *u, const uow_entity *e, void *object, void *arg)
{
	(void)e;
	(void)object;
	return count(u, arg);
}

static int register_and_return(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	uow_on(u, UOW_AFTER_COMMIT, count, s);
	uow_on_entity(u, NULL, UOW_BEFORE_UPDATE, count_row, s);
	uow_autoflush(u, false);
	return s->result;
}

/* acceptance 97 */
static void hooks_and_switches_go_with_a_failed_scope(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	uow_on(u, UOW_AFTER_COMMIT, count, &s);
	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, register_and_return, &s),
			 UOW_EREJECTED);
	assert_true(uow_autoflush(u, true));
	uow_on(u, UOW_AFTER_COMMIT, count, &s);
	s.a->balance = 5;
	ended(u);
	assert_int_equal(s.calls, 2);

	u = begun(state, &s);
	assert_int_equal(uow_nested(u, register_and_return, &s), 0);
	s.a->balance = 6;
	ended(u);
	assert_int_equal(s.calls, 2);
}

static int end_inside(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	s->a->balance = 55;
	if (s->calls == 0)
		s->inner_result = uow_commit(u);
	if (s->calls == 1)
		uow_rollback(u);
	if (s->calls == 2)
		uow_unit_free(u);
	return 0;
}

/* acceptance 55 */
static void scope_cannot_end_its_unit(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	for (s.calls = 0; s.calls < 3; s.calls++) {
		assert_int_equal(uow_nested(u, end_inside, &s), UOW_ESTATE);
		assert_int_equal(s.inner_result, UOW_ESTATE);
		assert_int_equal(uow_status(u), 0);
		assert_int_equal(s.a->balance, 100);
	}
	ended(u);
}

static void without_savepoints_the_unit_fails(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	s.fx->fake.no_savepoints = true;
	assert_int_equal(uow_nested(u, work, &s), UOW_ENOTSUP);
	assert_int_equal(uow_status(u), UOW_ENOTSUP);
	assert_int_equal(s.calls, 0);
	uow_unit_free(u);
}

static void failed_unit_begins_no_scope(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	uow_fail(u, UOW_EREJECTED, "no");
	assert_int_equal(uow_nested(u, work, &s), UOW_EREJECTED);
	assert_int_equal(s.calls, 0);
	assert_string_equal(fake_log(&s.fx->fake), "");
	uow_unit_free(u);
}

static int nest(uow_unit *u, void *arg)
{
	return uow_nested(u, work, arg);
}

static void hooks_begin_no_scopes(void **state)
{
	struct scene s;
	uow_unit *u = begun(state, &s);

	uow_on(u, UOW_BEFORE_COMMIT, nest, &s);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	assert_int_equal(s.calls, 0);
	uow_unit_free(u);
}

static int refresh_and_fail(uow_unit *u, void *arg)
{
	struct scene *s = arg;

	assert_int_equal(accounts_refresh(repo(u), s->a), 0);
	assert_int_equal(s->a->balance, 100);
	return s->result;
}

/* acceptance 57 */
static void read_only_unit_has_scopes(void **state)
{
	struct scene s;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = begun(state, &s);

	ended(u);
	o.read_only = true;
	assert_int_equal(uow_begin(&u, s.fx->db, &o, NULL), 0);
	s.a = accounts_get(repo(u), 1);
	s.result = UOW_EREJECTED;
	assert_int_equal(uow_nested(u, load_and_fail, &s), UOW_EREJECTED);
	assert_int_equal(accounts_get(repo(u), 2)->balance, 200);
	s.a->balance = 5;
	assert_int_equal(uow_nested(u, refresh_and_fail, &s), UOW_EREJECTED);
	assert_int_equal(s.a->balance, 5);
	ended(u);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(success_keeps_and_releases),
		TEST(failure_takes_back_and_goes_on),
		TEST(flushed_changes_are_taken_back_as_well),
		TEST(failure_of_the_unit_is_cleared),
		TEST(removal_is_taken_back),
		TEST(row_switch_is_taken_back),
		TEST(object_known_before_wins_its_key_back),
		TEST(loaded_inside_is_read_again_when_asked_for),
		TEST(change_of_a_stale_object_is_refused),
		TEST(change_of_a_forgotten_object_is_refused),
		TEST(repository_first_used_inside_is_undone),
		TEST(added_again_after_a_failed_scope),
		TEST(inner_success_is_lost_with_the_outer),
		TEST(inner_failure_leaves_the_outer),
		TEST(both_levels_fail),
		TEST(change_of_an_inner_scope_is_lost_with_the_outer),
		TEST(sibling_scopes_do_not_mix),
		TEST(many_scopes_one_after_the_other),
		TEST(failed_way_back_leaves_the_unit_failed),
		TEST(ended_transaction_leaves_the_unit_failed),
		TEST(deadlock_that_ended_nothing_is_taken_back),
		TEST(lost_connection_leaves_the_unit_failed),
		TEST(failed_savepoint_does_not_cost_the_connection),
		TEST(failed_last_flush_is_taken_back),
		TEST(failed_release_is_taken_back),
		TEST(a_scope_costs_what_changes_in_it),
		TEST(hooks_and_switches_go_with_a_failed_scope),
		TEST(scope_cannot_end_its_unit),
		TEST(without_savepoints_the_unit_fails),
		TEST(failed_unit_begins_no_scope),
		TEST(hooks_begin_no_scopes),
		TEST(read_only_unit_has_scopes),
	};

	return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
