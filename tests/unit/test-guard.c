/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#include "backend/odbc/guard.h"

/* What a driver does to a server that is gone. */
static void write_to_nobody(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(write(ends[1], "x", 1), -1);
	close(ends[1]);
}

static bool pending(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGPIPE) == 1;
}

static bool blocked(void)
{
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGPIPE) == 1;
}

/* Without the guard this test would be the last thing the process did. */
static void a_broken_pipe_does_not_reach_the_program(void **state)
{
	struct guard g;

	(void)state;
	guard_enter(&g);
	assert_true(blocked());
	write_to_nobody();
	guard_leave(&g);
	assert_false(blocked());
	assert_false(pending());
}

static void a_mask_of_the_program_is_left_alone(void **state)
{
	struct guard g;
	sigset_t pipe_only;

	(void)state;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
	guard_enter(&g);
	guard_leave(&g);
	assert_true(blocked());
	pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
}

static void a_signal_that_was_pending_stays_pending(void **state)
{
	struct guard g;
	sigset_t pipe_only;
	int got;

	(void)state;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
	write_to_nobody();
	guard_enter(&g);
	guard_leave(&g);
	assert_true(pending());
	sigwait(&pipe_only, &got);
	pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_pipe_does_not_reach_the_program),
		cmocka_unit_test(a_mask_of_the_program_is_left_alone),
		cmocka_unit_test(a_signal_that_was_pending_stays_pending)
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
