/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <uow/repository.h>
#include "fake.h"
#include "unit/unit.h"

static uow_unit *begun(struct fixture *fx)
{
	uow_unit *u = NULL;

	assert_int_equal(uow_begin(&u, fx->db, NULL, NULL), 0);
	return u;
}

static struct account *add(uow_unit *u, int64_t id)
{
	struct account a = { id, 100, "anna", 0 };

	return uow_add(uow_repository_of(u, &account_entity), &a);
}

static int count(uow_unit *u, void *arg)
{
	(void)u;
	++*(int *)arg;
	return 0;
}

/* acceptance 1, 10 */
static void commit_makes_work_visible_to_others(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(fx);

	assert_non_null(add(u, 1));
	assert_non_null(add(u, 2));
	assert_null(fake_stored(&fx->fake, &account_entity, 1));
	assert_int_equal(uow_commit(u), 0);
	assert_non_null(fake_stored(&fx->fake, &account_entity, 1));
	assert_non_null(fake_stored(&fx->fake, &account_entity, 2));
	assert_string_equal(fake_log(&fx->fake), "begin; insert account 1; "
			    "insert account 2; commit");
	uow_unit_free(u);
}

/* acceptance 2, 11, 52, 119 */
static void free_without_commit_rolls_back(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(fx);

	add(u, 1);
	assert_int_equal(uow_flush(u), 0);
	uow_unit_free(u);
	assert_int_equal(fake_count(&fx->fake), 0);
	assert_string_equal(fake_log(&fx->fake),
			    "begin; insert account 1; rollback");
}

/* acceptance 3 */
static void failed_commit_gives_its_error_and_one_end(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_COMMIT, 1, 1, UOW_ECONSTRAINT,
				OUTCOME_ROLLED_BACK, false, false };
	int after = 0;
	uow_unit *u = begun(fx);

	fake_fail(&fx->fake, f);
	assert_int_equal(uow_on(u, UOW_AFTER_ROLLBACK, count, &after), 0);
	assert_int_equal(uow_commit(u), UOW_ECONSTRAINT);
	assert_string_equal(uow_unit_error(u)->message,
			    "scripted failure of commit");
	assert_int_equal(after, 1);
	assert_string_equal(fake_log(&fx->fake), "begin; commit!");
	uow_unit_free(u);
	assert_string_equal(fake_log(&fx->fake), "");
}

/* acceptance 37, 38, 56 */
static void failure_sticks_and_commit_refuses(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(fx);

	assert_int_equal(uow_fail(u, UOW_EREJECTED, "first %d", 1),
			 UOW_EREJECTED);
	assert_int_equal(uow_fail(u, UOW_EDATA, "second"), UOW_EREJECTED);
	assert_null(add(u, 1));
	assert_int_equal(uow_flush(u), UOW_EREJECTED);
	assert_int_equal(uow_status(u), UOW_EREJECTED);
	assert_int_equal(uow_commit(u), UOW_EREJECTED);
	assert_string_equal(uow_unit_error(u)->message, "first 1");
	assert_string_equal(fake_log(&fx->fake), "begin; rollback");
	/* Ended now; the cause stays readable. */
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	assert_int_equal(uow_status(u), UOW_EREJECTED);
	assert_string_equal(uow_unit_error(u)->message, "first 1");
	uow_unit_free(u);
}

/* acceptance 15, 36, 55, 117 */
static void after_its_end_a_unit_is_only_read(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(fx);
	struct account *a = add(u, 1);
	uow_repository *r = uow_repository_of(u, &account_entity);
	int n = 0;

	assert_int_equal(uow_commit(u), 0);
	fake_log(&fx->fake);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_rollback(u);
	assert_null(uow_add(r, a));
	assert_int_equal(uow_remove(r, a), UOW_ESTATE);
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	assert_int_equal(uow_nested(u, count, &n), UOW_ESTATE);
	assert_int_equal(uow_on(u, UOW_AFTER_COMMIT, count, &n), UOW_ESTATE);
	assert_int_equal(uow_fail(u, UOW_EREJECTED, "late"), UOW_ESTATE);
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(uow_unit_error(u)->code, 0);
	assert_int_equal(a->balance, 100);
	assert_int_equal(n, 0);
	assert_string_equal(fake_log(&fx->fake), "");
	uow_unit_free(u);
}

/* acceptance 127 */
static void unknown_outcome_is_in_doubt_and_runs_no_hooks(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_COMMIT, 1, 1, UOW_ECONNECT,
				OUTCOME_UNKNOWN, false, false };
	int hooks = 0;
	uow_unit *u = begun(fx);

	fake_fail(&fx->fake, f);
	uow_on(u, UOW_AFTER_COMMIT, count, &hooks);
	uow_on(u, UOW_AFTER_ROLLBACK, count, &hooks);
	assert_int_equal(uow_commit(u), UOW_EINDOUBT);
	assert_int_equal(uow_status(u), UOW_EINDOUBT);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(hooks, 0);
	/* acceptance 122: nothing is sent on it but its end */
	assert_string_equal(fake_log(&fx->fake), "begin; commit!; disconnect");
}

/* acceptance 108, 123 */
static void refused_rollback_closes_the_connection(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_ROLLBACK, 1, 1, UOW_ESQL, 0, true, false };
	uow_unit *u = begun(fx);

	fake_fail(&fx->fake, f);
	uow_rollback(u);
	uow_unit_free(u);
	assert_string_equal(fake_log(&fx->fake),
			    "begin; rollback!; disconnect");
}

/* acceptance 28 */
static void failed_begin_gives_the_connection_up(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_BEGIN, 1, 1, UOW_ESQL, 0, false, false };
	uow_error err = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	fake_fail(&fx->fake, f);
	assert_int_equal(uow_begin(&u, fx->db, NULL, &err), UOW_ESQL);
	assert_null(u);
	assert_string_equal(err.message, "scripted failure of begin");
	assert_string_equal(fake_log(&fx->fake), "begin!; disconnect");
}

/* acceptance 126 */
static void begin_that_is_not_offered_keeps_the_connection(void **state)
{
	struct fixture *fx = *state;
	struct fake_fault f = { FAKE_BEGIN, 1, 1, UOW_ENOTSUP, 0, false,
				false };
	uow_unit *u = NULL;

	fake_fail(&fx->fake, f);
	assert_int_equal(uow_begin(&u, fx->db, NULL, NULL), UOW_ENOTSUP);
	assert_string_equal(fake_log(&fx->fake), "begin!");
}

static void options_are_checked_and_copied(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	char name[] = "transfer";
	uow_unit *u = NULL;

	o.abi = 0;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), UOW_EINVAL);
	o.abi = 2;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), UOW_EINVAL);
	o.abi = 1;
	o.isolation = (uow_isolation)9;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), UOW_EINVAL);
	assert_int_equal(uow_begin(NULL, fx->db, NULL, NULL), UOW_EINVAL);
	assert_int_equal(uow_begin(&u, NULL, NULL, NULL), UOW_EINVAL);
	assert_string_equal(fake_log(&fx->fake), "");
	o.isolation = UOW_SERIALIZABLE;
	o.name = name;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	name[0] = 'X';
	assert_string_equal(u->name, "transfer");
	assert_int_equal(fx->fake.isolation, UOW_SERIALIZABLE);
	assert_int_equal(uow_fail(u, UOW_EREJECTED, "no"), UOW_EREJECTED);
	assert_string_equal(uow_unit_error(u)->message,
			    "no (unit 'transfer')");
	uow_unit_free(u);
}

static void statements_stop_at_the_deadline(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	o.timeout_ms = 5;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	assert_int_equal(fx->fake.deadline, fx->clock.now + 5000);
	assert_int_equal(uow_time_left_usec(u), 5000);
	add(u, 1);
	fx->clock.now += 5000;
	assert_int_equal(uow_time_left_usec(u), 0);
	assert_int_equal(uow_commit(u), UOW_ETIMEOUT);
	assert_string_equal(uow_unit_error(u)->message,
			    "the unit's time of 5 ms is up");
	assert_string_equal(fake_log(&fx->fake), "begin; rollback");
	uow_unit_free(u);
	/* COMMIT is a statement, too. */
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	fx->clock.now += 5000;
	assert_int_equal(uow_commit(u), UOW_ETIMEOUT);
	uow_unit_free(u);
}

static void without_a_deadline_there_is_time(void **state)
{
	uow_unit *u = begun(*state);

	assert_true(uow_time_left_usec(u) == UINT64_MAX);
	assert_int_equal(uow_attempt(u), 1);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
}

static void fail_wants_a_negative_code(void **state)
{
	uow_unit *u = begun(*state);

	assert_int_equal(uow_fail(u, 3, "three"), UOW_EINVAL);
	assert_int_equal(uow_status(u), UOW_EINVAL);
	uow_unit_free(u);
	assert_int_equal(uow_fail(NULL, UOW_EAPP - 7, "x"), UOW_EAPP - 7);
	assert_int_equal(uow_fail(NULL, 1, "x"), UOW_EINVAL);
}

static void null_units_are_tolerated(void **state)
{
	(void)state;
	assert_int_equal(uow_commit(NULL), UOW_EINVAL);
	assert_int_equal(uow_status(NULL), UOW_EINVAL);
	assert_int_equal(uow_unit_error(NULL)->code, UOW_EINVAL);
	assert_int_equal(uow_nested(NULL, count, NULL), UOW_EINVAL);
	assert_int_equal(uow_on(NULL, UOW_AFTER_COMMIT, count, NULL),
			 UOW_EINVAL);
	assert_int_equal(uow_time_left_usec(NULL), 0);
	assert_int_equal(uow_attempt(NULL), 0);
	assert_false(uow_autoflush(NULL, true));
	assert_null(uow_alloc(NULL, 1));
	assert_null(uow_strdup(NULL, "x"));
	assert_string_equal(uow_format(NULL, "x"), "");
	uow_rollback(NULL);
	uow_unit_free(NULL);
}

static void memory_lives_until_the_unit_is_freed(void **state)
{
	uow_unit *u = begun(*state);
	const char *text = uow_format(u, "%d of %s", 3, "four");
	char *zeroed = uow_alloc(u, 100);
	char *empty = uow_alloc(u, 0);

	assert_non_null(empty);
	assert_int_equal(zeroed[99], 0);
	assert_null(uow_strdup(u, NULL));
	uow_rollback(u);
	assert_string_equal(text, "3 of four");
	assert_string_equal(uow_strdup(u, "late"), "late");
	uow_unit_free(u);
}

/* acceptance 97 */
static void autoflush_tells_what_it_was(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = begun(fx);

	assert_true(uow_autoflush(u, false));
	assert_false(uow_autoflush(u, true));
	assert_true(uow_autoflush(u, true));
	uow_unit_free(u);
	o.no_autoflush = true;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	assert_false(uow_autoflush(u, true));
	uow_unit_free(u);
}

/* acceptance 96, 125 */
static void unit_without_work_writes_nothing(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(fx);

	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(fake_log(&fx->fake), "begin; commit");
	uow_unit_free(u);
}

/* acceptance 126 */
static void simple_unit_keeps_what_was_flushed(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	int commits = 0, rollbacks = 0;
	uow_unit *u = NULL;

	o.simple = true;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	uow_on(u, UOW_AFTER_COMMIT, count, &commits);
	uow_on(u, UOW_AFTER_ROLLBACK, count, &rollbacks);
	add(u, 1);
	assert_int_equal(uow_flush(u), 0);
	add(u, 2);
	uow_rollback(u);
	uow_unit_free(u);
	assert_int_equal(fake_count(&fx->fake), 1);
	assert_int_equal(rollbacks, 1);
	assert_int_equal(commits, 0);

	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	uow_on(u, UOW_AFTER_COMMIT, count, &commits);
	add(u, 3);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(commits, 1);
	assert_int_equal(fake_count(&fx->fake), 2);
	uow_unit_free(u);
}

static void simple_unit_has_no_scopes(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;
	int n = 0;

	o.simple = true;
	assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
	assert_int_equal(uow_nested(u, count, &n), UOW_ENOTSUP);
	assert_int_equal(uow_status(u), UOW_ENOTSUP);
	assert_int_equal(n, 0);
	uow_unit_free(u);
}

/* acceptance 4, 61 */
static void joined_unit_waits_for_its_caller(void **state)
{
	struct fixture *fx = *state;
	int commits = 0, rollbacks = 0;
	uow_unit *u;

	fx->fake.joined = true;
	u = begun(fx);
	uow_on(u, UOW_AFTER_COMMIT, count, &commits);
	uow_on(u, UOW_AFTER_ROLLBACK, count, &rollbacks);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(commits, 0);
	uow_unit_free(u);
	unit_settle_waiting(fx->db, true, true);
	assert_int_equal(commits, 1);
	assert_int_equal(rollbacks, 0);
	unit_settle_waiting(fx->db, true, true);
	assert_int_equal(commits, 1);
}

static void joined_unit_may_be_freed_after_its_caller(void **state)
{
	struct fixture *fx = *state;
	int rollbacks = 0;
	uow_unit *u;

	fx->fake.joined = true;
	u = begun(fx);
	uow_on(u, UOW_AFTER_ROLLBACK, count, &rollbacks);
	assert_int_equal(uow_commit(u), 0);
	unit_settle_waiting(fx->db, false, true);
	assert_int_equal(rollbacks, 1);
	assert_int_equal(u->state, UNIT_ROLLED_BACK);
	uow_unit_free(u);
}

static int note_order(uow_unit *u, void *arg)
{
	char *order = arg;

	order[strlen(order)] = u->name[0];
	return 0;
}

static void waiting_units_are_settled_in_order(void **state)
{
	struct fixture *fx = *state;
	uow_options o = UOW_OPTIONS_INIT;
	char order[8] = "";
	uow_unit *u = NULL;
	const char *const names[] = { "a", "b", "c" };
	size_t i;

	fx->fake.joined = true;
	for (i = 0; i < 3; i++) {
		o.name = names[i];
		assert_int_equal(uow_begin(&u, fx->db, &o, NULL), 0);
		uow_on(u, UOW_AFTER_COMMIT, note_order, order);
		assert_int_equal(uow_commit(u), 0);
		uow_unit_free(u);
	}
	unit_settle_waiting(fx->db, true, true);
	assert_string_equal(order, "abc");
}

/* The data source is freed by the teardown, which looks for leaks. */
static void waiting_units_are_dropped_with_the_data_source(void **state)
{
	struct fixture *fx = *state;
	static int commits;
	uow_unit *u;

	fx->fake.joined = true;
	u = begun(fx);
	uow_on(u, UOW_AFTER_COMMIT, count, &commits);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
	assert_int_equal(commits, 0);
}

static void joined_unit_without_such_hooks_does_not_wait(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u;

	fx->fake.joined = true;
	u = begun(fx);
	assert_int_equal(uow_commit(u), 0);
	assert_false(u->waiting);
	uow_unit_free(u);
}

static void joined_rollback_runs_its_hooks_at_once(void **state)
{
	struct fixture *fx = *state;
	int rollbacks = 0;
	uow_unit *u;

	fx->fake.joined = true;
	u = begun(fx);
	uow_on(u, UOW_AFTER_ROLLBACK, count, &rollbacks);
	uow_rollback(u);
	assert_int_equal(rollbacks, 1);
	uow_unit_free(u);
}

/* acceptance 21, 95, 124 */
static void connection_comes_back_on_every_path(void **state)
{
	struct fixture *fx = *state;
	uow_pool_stats s;
	int i;

	for (i = 0; i < 3; i++) {
		uow_unit *u = begun(fx);

		if (i == 0)
			assert_int_equal(uow_commit(u), 0);
		if (i == 1)
			uow_rollback(u);
		uow_unit_free(u);
		uow_db_stats(fx->db, &s, sizeof(s));
		assert_int_equal(s.open, 1);
		assert_int_equal(s.idle, 1);
	}
}

static void unit_outlives_its_data_source(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(fx);
	struct account *a = add(u, 1);
	uow_unit *v = NULL;
	uow_db *db = fx->db;

	db_reference(db);
	uow_db_free(db);
	assert_int_equal(uow_begin(&v, db, NULL, NULL), UOW_ESTATE);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(fx->fake.connections, 0);
	assert_int_equal(a->balance, 100);
	assert_true(uow_time_left_usec(u) == UINT64_MAX);
	db_release(db);
	assert_int_equal(fx->fake.freed, 0);
	uow_unit_free(u);
	assert_int_equal(fx->fake.freed, 1);
	/* For the teardown. */
	fx->db = NULL;
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commit_makes_work_visible_to_others),
		TEST(free_without_commit_rolls_back),
		TEST(failed_commit_gives_its_error_and_one_end),
		TEST(failure_sticks_and_commit_refuses),
		TEST(after_its_end_a_unit_is_only_read),
		TEST(unknown_outcome_is_in_doubt_and_runs_no_hooks),
		TEST(refused_rollback_closes_the_connection),
		TEST(failed_begin_gives_the_connection_up),
		TEST(begin_that_is_not_offered_keeps_the_connection),
		TEST(options_are_checked_and_copied),
		TEST(statements_stop_at_the_deadline),
		TEST(without_a_deadline_there_is_time),
		TEST(fail_wants_a_negative_code),
		TEST(null_units_are_tolerated),
		TEST(memory_lives_until_the_unit_is_freed),
		TEST(autoflush_tells_what_it_was),
		TEST(unit_without_work_writes_nothing),
		TEST(simple_unit_keeps_what_was_flushed),
		TEST(simple_unit_has_no_scopes),
		TEST(joined_unit_waits_for_its_caller),
		TEST(joined_unit_may_be_freed_after_its_caller),
		TEST(waiting_units_are_settled_in_order),
		TEST(waiting_units_are_dropped_with_the_data_source),
		TEST(joined_unit_without_such_hooks_does_not_wait),
		TEST(joined_rollback_runs_its_hooks_at_once),
		TEST(connection_comes_back_on_every_path),
		TEST(unit_outlives_its_data_source),
	};

	return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
