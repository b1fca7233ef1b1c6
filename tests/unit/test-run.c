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

enum { BANK_EFUNDS = UOW_EAPP - 1 };

/* What a scripted body does, and what it saw. */
struct script {
	struct fixture *fx;
	int fail[8];		/* the unit with this code, by attempt */
	int returns[8];
	bool commits, rolls_back, frees, nested_end;
	int calls;
	unsigned attempts[8];
	uint64_t takes_usec;
};

static int end_it(uow_unit *u, void *arg)
{
	struct script *s = arg;

	if (s->commits)
		return uow_commit(u);
	uow_rollback(u);
	return 0;
}

static int body(uow_unit *u, void *arg)
{
	struct script *s = arg;
	int i = s->calls++;

	s->attempts[i] = uow_attempt(u);
	s->fx->clock.now += s->takes_usec;
	if (s->fail[i])
		uow_fail(u, s->fail[i], "cause %d", i);
	if (s->nested_end)
		return uow_nested(u, end_it, s);
	if (s->frees)
		uow_unit_free(u);
	if (s->commits)
		(void)!uow_commit(u);
	if (s->rolls_back)
		uow_rollback(u);
	return s->returns[i];
}

static struct script script(void **state)
{
	struct script s;

	memset(&s, 0, sizeof(s));
	s.fx = *state;
	return s;
}

/* acceptance 51 */
static void success_commits_once_and_leaves_err_alone(void **state)
{
	struct script s = script(state);
	uow_error err;

	memset(&err, 0x55, sizeof(err));
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), 0);
	assert_int_equal(err.code, 0x55555555);
	assert_int_equal(s.calls, 1);
	assert_string_equal(fake_log(&s.fx->fake), "begin; commit");
}

/* acceptance 129 */
static void transient_failure_begins_anew(void **state)
{
	struct script s = script(state);

	s.fail[0] = UOW_ECONFLICT;
	s.fail[1] = UOW_EDEADLOCK;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(s.calls, 3);
	assert_int_equal(s.attempts[0], 1);
	assert_int_equal(s.attempts[2], 3);
	assert_string_equal(fake_log(&s.fx->fake), "begin; rollback; begin; "
			    "rollback; begin; commit");
}

static void attempts_used_up_give_the_last_code(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.fail[0] = s.fail[1] = UOW_ECONFLICT;
	s.fail[2] = UOW_ELOCKED;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_ELOCKED);
	assert_int_equal(err.code, UOW_ELOCKED);
	assert_string_equal(err.message, "cause 2");
	assert_int_equal(s.calls, 3);
}

static void one_attempt_means_no_retry(void **state)
{
	struct script s = script(state);
	uow_options o = UOW_OPTIONS_INIT;

	o.attempts = 1;
	s.fail[0] = UOW_ECONFLICT;
	assert_int_equal(uow_run(s.fx->db, &o, body, &s, NULL), UOW_ECONFLICT);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.fx->clock.sleeps, 0);
}

/* acceptance 12 */
static void permanent_failure_is_not_repeated(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.fail[0] = UOW_EDUPLICATE;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err),
			 UOW_EDUPLICATE);
	assert_int_equal(s.calls, 1);
	assert_string_equal(err.message, "cause 0");
}

/* acceptance 128 */
static void begin_that_fails_is_an_attempt(void **state)
{
	struct script s = script(state);
	struct fake_fault f = { FAKE_BEGIN, 1, 2, UOW_ECONNECT, 0, true,
				false };

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.attempts[0], 3);
	assert_int_equal(s.fx->clock.sleeps > 0, 1);
}

/* acceptance 110 */
static void stopped_server_is_reported(void **state)
{
	struct script s = script(state);
	struct fake_fault begin = { FAKE_BEGIN, 1, 1, UOW_ECONNECT, 0, true,
				    false };
	struct fake_fault conn = { FAKE_CONNECT, 1, 9, UOW_ECONNECT, 0, false,
				   false };
	uow_error err = UOW_ERROR_INIT;

	fake_fail(&s.fx->fake, begin);
	fake_fail(&s.fx->fake, conn);
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err),
			 UOW_ECONNECT);
	assert_string_equal(err.message, "scripted failure of connect");
	assert_int_equal(s.calls, 0);
	assert_string_equal(fake_log(&s.fx->fake),
			    "begin!; disconnect; connect!; connect!");
}

/* acceptance 127 */
static void in_doubt_is_never_repeated(void **state)
{
	struct script s = script(state);
	struct fake_fault f = { FAKE_COMMIT, 1, 1, UOW_ECONNECT,
				OUTCOME_UNKNOWN, true, false };
	uow_error err = UOW_ERROR_INIT;

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err),
			 UOW_EINDOUBT);
	assert_int_equal(err.code, UOW_EINDOUBT);
	assert_int_equal(s.calls, 1);
}

static void transient_commit_is_repeated(void **state)
{
	struct script s = script(state);
	struct fake_fault f = { FAKE_COMMIT, 1, 1, UOW_ECONFLICT,
				OUTCOME_ROLLED_BACK, false, false };

	fake_fail(&s.fx->fake, f);
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(s.calls, 2);
}

static void negative_return_rolls_back_and_says_so(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.returns[0] = UOW_EREJECTED;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err),
			 UOW_EREJECTED);
	assert_int_equal(err.code, UOW_EREJECTED);
	assert_string_equal(err.message,
			    "the unit's function returned UOW_EREJECTED");
	assert_string_equal(fake_log(&s.fx->fake), "begin; rollback");
	s.calls = 0;
	s.returns[0] = BANK_EFUNDS;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), BANK_EFUNDS);
	assert_string_equal(err.message,
			    "the unit's function returned -1001");
}

static void positive_return_is_refused(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.returns[0] = 7;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_EINVAL);
	assert_int_equal(err.code, UOW_EINVAL);
	assert_non_null(strstr(err.message, "returned 7"));
	assert_string_equal(fake_log(&s.fx->fake), "begin; rollback");
}

static void failed_unit_with_return_0_is_failed(void **state)
{
	struct script s = script(state);

	s.fail[0] = UOW_ENOTFOUND;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL),
			 UOW_ENOTFOUND);
}

static void transient_failure_wins_over_a_return(void **state)
{
	struct script s = script(state);

	s.fail[0] = UOW_ECONFLICT;
	s.returns[0] = BANK_EFUNDS;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(s.calls, 2);
}

static void negative_return_wins_over_a_permanent_failure(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.fail[0] = UOW_ENOTFOUND;
	s.returns[0] = BANK_EFUNDS;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), BANK_EFUNDS);
	assert_int_equal(err.code, BANK_EFUNDS);
	assert_string_equal(err.message, "cause 0");
}

static void transient_return_is_repeated(void **state)
{
	struct script s = script(state);

	s.returns[0] = UOW_ECONFLICT;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(s.calls, 2);
}

/* What the function does after it would be lost. */
static void the_function_does_not_commit(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.commits = true;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_ESTATE);
	assert_int_equal(s.calls, 1);
	assert_string_equal(fake_log(&s.fx->fake), "begin; rollback");
	assert_string_equal(err.message, "the unit cannot be committed by its "
			    "function: uow_run() ends it when that returns");
}

/* acceptance 55 */
static void rolled_back_by_hand_is_no_success(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.rolls_back = true;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_ESTATE);
	assert_int_equal(s.calls, 1);
	assert_string_equal(fake_log(&s.fx->fake), "begin; rollback");
}

/* acceptance 56 */
static void state_error_stands_for_the_first_cause(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.fail[0] = UOW_EDATA;
	s.returns[0] = UOW_ESTATE;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_EDATA);
	assert_string_equal(err.message, "cause 0");
}

static void unit_of_a_run_is_not_freed_by_its_function(void **state)
{
	struct script s = script(state);

	s.frees = true;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), UOW_ESTATE);
	assert_string_equal(fake_log(&s.fx->fake), "begin; rollback");
}

static void scope_cannot_end_the_unit(void **state)
{
	struct script s = script(state);
	uow_error err = UOW_ERROR_INIT;

	s.nested_end = true;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_ESTATE);
	s.calls = 0;
	s.commits = true;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, &err), UOW_ESTATE);
	assert_null(strstr(fake_log(&s.fx->fake), "commit"));
}

static void pauses_grow_and_stay_below_their_limits(void **state)
{
	struct script s = script(state);
	uow_options o = UOW_OPTIONS_INIT;
	int i, round;
	uint64_t longest = 0;

	o.attempts = 2;
	s.fail[0] = UOW_ECONFLICT;
	for (round = 0; round < 50; round++) {
		s.calls = 0;
		assert_int_equal(uow_run(s.fx->db, &o, body, &s, NULL), 0);
	}
	longest = s.fx->clock.longest;
	assert_true(longest > 5000 && longest <= 20000);
	o.attempts = 3;
	s.fail[1] = UOW_ECONFLICT;
	for (round = 0; round < 50; round++) {
		s.calls = 0;
		assert_int_equal(uow_run(s.fx->db, &o, body, &s, NULL), 0);
	}
	longest = s.fx->clock.longest;
	assert_true(longest > 20000 && longest <= 40000);
	o.attempts = 7;
	o.backoff_ms = 1500;
	for (i = 0; i < 6; i++)
		s.fail[i] = UOW_ECONFLICT;
	for (round = 0; round < 50; round++) {
		s.calls = 0;
		assert_int_equal(uow_run(s.fx->db, &o, body, &s, NULL), 0);
	}
	longest = s.fx->clock.longest;
	assert_true(longest > 1600000 && longest <= 2000000);
}

static void deadline_covers_all_attempts(void **state)
{
	struct script s = script(state);
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int i;

	o.attempts = 7;
	o.timeout_ms = 10;
	s.takes_usec = 6000;
	for (i = 0; i < 7; i++)
		s.fail[i] = UOW_ECONFLICT;
	assert_int_equal(uow_run(s.fx->db, &o, body, &s, &err), UOW_ETIMEOUT);
	assert_in_range(s.calls, 1, 2);
	assert_non_null(strstr(err.message, "UOW_ECONFLICT: cause"));
	/* Never beyond the deadline by sleeping. */
	assert_true(s.fx->clock.slept <= 4000);
}

static void simple_unit_is_tried_once(void **state)
{
	struct script s = script(state);
	uow_options o = UOW_OPTIONS_INIT;

	o.simple = true;
	s.fail[0] = UOW_ECONFLICT;
	assert_int_equal(uow_run(s.fx->db, &o, body, &s, NULL), UOW_ECONFLICT);
	assert_int_equal(s.calls, 1);
}

static void joined_unit_is_tried_once(void **state)
{
	struct script s = script(state);

	s.fx->fake.joined = true;
	s.fail[0] = UOW_ECONFLICT;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL),
			 UOW_ECONFLICT);
	assert_int_equal(s.calls, 1);
}

static int count(uow_unit *u, void *arg)
{
	(void)u;
	++*(int *)arg;
	return 0;
}

static void run_inside_a_caller_leaves_the_unit_waiting(void **state)
{
	struct script s = script(state);
	int commits = 0;

	s.fx->fake.joined = true;
	assert_int_equal(uow_db_on(s.fx->db, UOW_AFTER_COMMIT, count, &commits,
				   NULL), 0);
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(commits, 0);
	unit_settle_waiting(s.fx->db, true, true);
	assert_int_equal(commits, 1);
}

static void after_rollback_hooks_run_once_per_attempt(void **state)
{
	struct script s = script(state);
	int rollbacks = 0, commits = 0;

	assert_int_equal(uow_db_on(s.fx->db, UOW_AFTER_ROLLBACK, count,
				   &rollbacks, NULL), 0);
	assert_int_equal(uow_db_on(s.fx->db, UOW_AFTER_COMMIT, count, &commits,
				   NULL), 0);
	s.fail[0] = s.fail[1] = UOW_ECONFLICT;
	assert_int_equal(uow_run(s.fx->db, NULL, body, &s, NULL), 0);
	assert_int_equal(rollbacks, 2);
	assert_int_equal(commits, 1);
}

static void senseless_calls_are_refused(void **state)
{
	struct script s = script(state);
	uow_options o = UOW_OPTIONS_INIT;

	assert_int_equal(uow_run(NULL, NULL, body, &s, NULL), UOW_EINVAL);
	assert_int_equal(uow_run(s.fx->db, NULL, NULL, &s, NULL), UOW_EINVAL);
	o.abi = 77;
	assert_int_equal(uow_run(s.fx->db, &o, body, &s, NULL), UOW_EINVAL);
	assert_int_equal(s.calls, 0);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(success_commits_once_and_leaves_err_alone),
		TEST(transient_failure_begins_anew),
		TEST(attempts_used_up_give_the_last_code),
		TEST(one_attempt_means_no_retry),
		TEST(permanent_failure_is_not_repeated),
		TEST(begin_that_fails_is_an_attempt),
		TEST(stopped_server_is_reported),
		TEST(in_doubt_is_never_repeated),
		TEST(transient_commit_is_repeated),
		TEST(negative_return_rolls_back_and_says_so),
		TEST(positive_return_is_refused),
		TEST(failed_unit_with_return_0_is_failed),
		TEST(transient_failure_wins_over_a_return),
		TEST(negative_return_wins_over_a_permanent_failure),
		TEST(transient_return_is_repeated),
		TEST(the_function_does_not_commit),
		TEST(rolled_back_by_hand_is_no_success),
		TEST(state_error_stands_for_the_first_cause),
		TEST(unit_of_a_run_is_not_freed_by_its_function),
		TEST(scope_cannot_end_the_unit),
		TEST(pauses_grow_and_stay_below_their_limits),
		TEST(deadline_covers_all_attempts),
		TEST(simple_unit_is_tried_once),
		TEST(joined_unit_is_tried_once),
		TEST(run_inside_a_caller_leaves_the_unit_waiting),
		TEST(after_rollback_hooks_run_once_per_attempt),
		TEST(senseless_calls_are_refused),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
