/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/canceler.h"
#include "base/fork.h"

/* Something that runs until it was asked so many times. */
struct runner {
	struct canceler_target target;
	int answers;		/* that it is still running */
	int answer;		/* the one after these */
	int asked;
	uow_canceler *seen;	/* was it set when it was asked? */
	bool was_set;
};

static int stop(void *arg)
{
	struct runner *r = arg;

	r->was_set = uow_canceler_is_set(r->seen);
	r->asked++;
	return r->asked <= r->answers ? 1 : r->answer;
}

static void enter(uow_canceler *c, struct runner *r, int answers, int answer)
{
	r->target.stop = stop;
	r->target.arg = r;
	r->answers = answers;
	r->answer = answer;
	r->asked = 0;
	r->seen = c;
	r->was_set = false;
	canceler_enter(c, &r->target);
}

static uow_canceler *canceler(void)
{
	uow_canceler *c = NULL;

	assert_int_equal(uow_canceler_new(&c, NULL), 0);
	return c;
}

static void a_new_one_is_not_set(void **state)
{
	uow_canceler *c = canceler();

	(void)state;
	assert_false(uow_canceler_is_set(c));
	assert_false(uow_canceler_is_set(NULL));
	uow_canceler_free(c);
}

static void no_place_is_refused(void **state)
{
	uow_error err = UOW_ERROR_INIT;

	(void)state;
	assert_int_equal(uow_canceler_new(NULL, &err), UOW_EINVAL);
	assert_int_equal(uow_cancel(NULL), UOW_EINVAL);
	uow_canceler_set(NULL);
	uow_canceler_free(NULL);
	canceler_reference(NULL);
	canceler_enter(NULL, NULL);
	canceler_leave(NULL, NULL);
}

static void who_runs_is_asked_until_it_stops(void **state)
{
	uow_canceler *c = canceler();
	struct runner a, b;

	(void)state;
	enter(c, &a, 3, 0);
	enter(c, &b, 0, 0);
	assert_int_equal(uow_cancel(c), 0);
	assert_int_equal(a.asked, 4);
	assert_int_equal(b.asked, 4);
	assert_true(a.was_set);
	canceler_leave(c, &a.target);
	canceler_leave(c, &b.target);
	uow_canceler_free(c);
}

static void who_does_not_stop_is_left_after_a_second(void **state)
{
	uow_canceler *c = canceler();
	struct runner a;

	(void)state;
	enter(c, &a, 1000000, 0);
	assert_int_equal(uow_cancel(c), UOW_ETIMEOUT);
	assert_in_range(a.asked, 2, 200);
	canceler_leave(c, &a.target);
	uow_canceler_free(c);
}

static void who_cannot_be_stopped_is_told(void **state)
{
	uow_canceler *c = canceler();
	struct runner a, b;

	(void)state;
	enter(c, &a, 0, UOW_ENOTSUP);
	enter(c, &b, 1, 0);
	assert_int_equal(uow_cancel(c), UOW_ENOTSUP);
	assert_int_equal(b.asked, 2);
	canceler_leave(c, &a.target);
	canceler_leave(c, &b.target);
	uow_canceler_free(c);
}

static void who_has_left_is_not_asked(void **state)
{
	uow_canceler *c = canceler();
	struct runner a, b, d;

	(void)state;
	enter(c, &a, 0, 0);
	enter(c, &b, 0, 0);
	enter(c, &d, 0, 0);
	canceler_leave(c, &b.target);
	assert_int_equal(uow_cancel(c), 0);
	assert_int_equal(a.asked, 1);
	assert_int_equal(b.asked, 0);
	assert_int_equal(d.asked, 1);
	canceler_leave(c, &d.target);
	canceler_leave(c, &a.target);
	uow_canceler_free(c);
}

static void a_handler_sets_and_asks_nobody(void **state)
{
	uow_canceler *c = canceler();
	struct runner a;

	(void)state;
	enter(c, &a, 0, 0);
	uow_canceler_set(c);
	assert_true(uow_canceler_is_set(c));
	assert_int_equal(a.asked, 0);
	canceler_leave(c, &a.target);
	uow_canceler_free(c);
}

static void it_lives_as_long_as_its_units(void **state)
{
	uow_canceler *c = canceler();

	(void)state;
	canceler_reference(c);
	uow_canceler_free(c);
	assert_false(uow_canceler_is_set(c));
	uow_canceler_free(c);
}

static int stop_slowly(void *arg)
{
	struct timespec t = { 0, 100000000 };
	struct runner *r = arg;

	r->asked = 1;
	nanosleep(&t, NULL);
	r->asked = 2;
	return 0;
}

static void *cancel(void *arg)
{
	uow_cancel(arg);
	return NULL;
}

/* Afterwards what it would ask may be gone. */
static void leaving_waits_for_who_is_asking(void **state)
{
	struct timespec t = { 0, 30000000 };
	uow_canceler *c = canceler();
	pthread_t threads[2];
	struct runner a;
	int i;

	(void)state;
	enter(c, &a, 0, 0);
	a.target.stop = stop_slowly;
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, cancel, c),
				 0);
	nanosleep(&t, NULL);
	canceler_leave(c, &a.target);
	assert_int_equal(a.asked, 2);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(a.asked, 2);
	uow_canceler_free(c);
}

/* What a child may do. Waiting for who is not there ends by alarm. */
static bool inherited_use(uow_canceler *c, struct runner *parents)
{
	struct runner own;

	alarm(5);
	canceler_reference(c);
	enter(c, &own, 0, 0);
	if (uow_cancel(c) || !uow_canceler_is_set(c))
		return false;
	canceler_leave(c, &own.target);
	canceler_leave(c, &parents->target);
	uow_canceler_free(c);
	uow_canceler_free(c);
	return own.asked == 0 && parents->asked == 1;
}

/*
 * fork() while a thread is in the middle of a cancel: the child has neither
 * that thread nor the statement that it would stop.
 */
static void in_a_child_it_is_a_flag(void **state)
{
	/* The child leaves them: not lost, for those who look. */
	static uow_canceler *c, *fresh;
	struct timespec t = { 0, 30000000 };
	pthread_t thread;
	struct runner a;
	int status = -1;
	pid_t child;

	(void)state;
	assert_int_equal(fork_watch(), 0);
	c = canceler();
	fresh = canceler();
	enter(c, &a, 0, 0);
	a.target.stop = stop_slowly;
	assert_int_equal(pthread_create(&thread, NULL, cancel, c), 0);
	nanosleep(&t, NULL);
	child = fork();
	if (!child)
		_exit(!uow_canceler_is_set(fresh) &&
		      inherited_use(fresh, &a) && inherited_use(c, &a) ?
		      0 : 1);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	pthread_join(thread, NULL);
	assert_int_equal(a.asked, 2);
	canceler_leave(c, &a.target);
	assert_false(uow_canceler_is_set(fresh));
	uow_canceler_free(fresh);
	uow_canceler_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_is_not_set),
		cmocka_unit_test(no_place_is_refused),
		cmocka_unit_test(who_runs_is_asked_until_it_stops),
		cmocka_unit_test(who_does_not_stop_is_left_after_a_second),
		cmocka_unit_test(who_cannot_be_stopped_is_told),
		cmocka_unit_test(who_has_left_is_not_asked),
		cmocka_unit_test(a_handler_sets_and_asks_nobody),
		cmocka_unit_test(it_lives_as_long_as_its_units),
		cmocka_unit_test(leaving_waits_for_who_is_asking),
		cmocka_unit_test(in_a_child_it_is_a_flag),
	};

	return cmocka_run_group_tests_name("canceler", tests, NULL, NULL);
}
