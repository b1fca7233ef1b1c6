/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "tests/proxy/proxy.h"

/*
 * Units that are stopped from outside, and those whose time is up while the
 * database is at work. Nothing of them is stored, what comes after them on the
 * same connection is not hit, and a COMMIT that is on its way is left alone.
 */
enum { SOON_MS = 5000, WAITERS = 3, ROUNDS = 40 };

struct work {
	uow_db *db;
	uow_options options;
	const char *sql;	/* to be run, or NULL: row 1 is changed */
	int rc;
	pthread_t thread;
};

static void prepare(struct fixture *f)
{
	struct plain p = { 1, 10, "" };
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	p.id = 2;
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
}

static int32_t amount(struct fixture *f)
{
	uow_unit *u = begin(f);
	int32_t n = ((struct plain *)need(u,
		plain_get(plain_repository_of(u), 1)))->amount;

	commit(u);
	return n;
}

static int change(uow_unit *u)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	if (p)
		p->amount += 100;
	return uow_flush(u);
}

static uow_canceler *canceler(struct fixture *f)
{
	uow_canceler *c = NULL;

	succeeds(uow_canceler_new(&c, &f->err), &f->err);
	assert_false(uow_canceler_is_set(c));
	return c;
}

static uow_unit *begin_with(uow_db *db, uow_canceler *c)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.canceler = c;
	return begin_on(db, &o);
}

static void *work(void *arg)
{
	struct work *w = arg;
	uow_error err = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	w->rc = uow_begin(&u, w->db, &w->options, &err);
	if (w->rc)
		return NULL;
	w->rc = w->sql ? uow_exec(u, w->sql, NULL, 0, NULL) : change(u);
	if (w->rc)
		assert_int_equal(uow_commit(u), w->rc);
	else
		w->rc = uow_commit(u);
	uow_unit_free(u);
	return NULL;
}

static void start(struct work *w, uow_db *db, uow_canceler *c, const char *sql)
{
	const uow_options o = UOW_OPTIONS_INIT;

	w->db = db;
	w->options = o;
	w->options.canceler = c;
	w->sql = sql;
	w->rc = 1;
	assert_int_equal(pthread_create(&w->thread, NULL, work, w), 0);
}

static void a_unit_that_was_canceled_does_not_begin(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c = canceler(f);
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	assert_int_equal(uow_cancel(c), 0);
	assert_true(uow_canceler_is_set(c));
	o.canceler = c;
	gives(uow_begin(&u, f->db, &o, &f->err), UOW_ECANCELED, &f->err);
	assert_null(u);
	assert_false(uow_code_is_transient(UOW_ECANCELED));
	uow_canceler_free(c);
	uow_canceler_free(NULL);
	assert_int_equal(uow_cancel(NULL), UOW_EINVAL);
}

static void a_cancel_between_statements_fails_the_next_call(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c = canceler(f);
	uow_unit *u;

	prepare(f);
	u = begin_with(f->db, c);
	must(u, change(u));
	assert_int_equal(uow_cancel(c), 0);
	assert_null(plain_get(plain_repository_of(u), 2));
	failed(u, UOW_ECANCELED);
	contains(uow_unit_error(u)->message, "canceled");
	assert_int_equal(uow_commit(u), UOW_ECANCELED);
	uow_unit_free(u);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 10);
}

static void a_cancel_before_commit_rolls_back(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c = canceler(f);
	uow_unit *u;

	prepare(f);
	u = begin_with(f->db, c);
	must(u, change(u));
	assert_int_equal(uow_cancel(c), 0);
	assert_int_equal(uow_commit(u), UOW_ECANCELED);
	uow_unit_free(u);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 10);
}

/* It is the units' as well. */
static void a_canceler_can_be_freed_before_its_unit(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c = canceler(f);
	uow_unit *u;

	prepare(f);
	u = begin_with(f->db, c);
	uow_canceler_free(c);
	must(u, change(u));
	commit(u);
	c = canceler(f);
	u = begin_with(f->db, c);
	commit(u);
	assert_int_equal(uow_cancel(c), 0);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 110);
}

static uow_canceler *of_signal;

static void on_signal(int number)
{
	(void)number;
	uow_canceler_set(of_signal);
}

static void a_signal_handler_can_cancel(void **state)
{
	struct fixture *f = *state;
	struct sigaction act, before;
	uow_unit *u;

	prepare(f);
	of_signal = canceler(f);
	act.sa_handler = on_signal;
	act.sa_flags = 0;
	sigemptyset(&act.sa_mask);
	sigaction(SIGUSR1, &act, &before);
	u = begin_with(f->db, of_signal);
	must(u, change(u));
	raise(SIGUSR1);
	assert_int_equal(uow_commit(u), UOW_ECANCELED);
	uow_unit_free(u);
	sigaction(SIGUSR1, &before, NULL);
	uow_canceler_free(of_signal);
	assert_int_equal(amount(f), 10);
}

static void a_running_statement_is_stopped(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c;
	uint64_t began = now_ms();
	struct work w;
	int rc;

	assert_int_equal(uow_db_has(f->db, UOW_FEATURE_CANCEL),
			 !(f->backend->flags & BACKEND_UNSTOPPABLE));
	if (!f->backend->slow)
		leave(f, LEFT_OTHER_KIND, "statements that take long");
	c = canceler(f);
	prepare(f);
	start(&w, f->db, c, f->backend->slow);
	sleep_ms(150);
	/* On a busy machine it may still run after the second. */
	while ((rc = uow_cancel(c)) == UOW_ETIMEOUT &&
	       now_ms() - began < SOON_MS)
		;
	assert_int_equal(rc, uow_db_has(f->db, UOW_FEATURE_CANCEL) ? 0 :
			 UOW_ENOTSUP);
	if (!rc)
		assert_true(now_ms() - began < SOON_MS);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.rc, UOW_ECANCELED);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 10);
}

static void whoever_waits_for_a_lock_is_stopped(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c;
	struct work w[WAITERS];
	uint64_t began;
	uow_unit *u;
	int i;

	if (!uow_db_has(f->db, UOW_FEATURE_CANCEL))
		leave(f, LEFT_OTHER_KIND, "statements that can be stopped");
	c = canceler(f);
	prepare(f);
	u = begin(f);
	must(u, change(u));
	for (i = 0; i < WAITERS; i++)
		start(&w[i], f->db, c, NULL);
	sleep_ms(150);
	began = now_ms();
	assert_int_equal(uow_cancel(c), 0);
	for (i = 0; i < WAITERS; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].rc, UOW_ECANCELED);
	}
	assert_true(now_ms() - began < SOON_MS);
	commit(u);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 110);
}

/*
 * The request may come before the statement, in it or behind it: what runs on
 * the only connection next is another unit's.
 */
static void a_cancel_hits_nobody_else(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	int32_t expected = 10;
	struct dice dice;
	struct work w;
	uow_db *db;
	uow_unit *u;
	int i;

	prepare(f);
	dice_seed(&dice);
	o.pool_max = 1;
	db = another_with(f, &o);
	for (i = 0; i < ROUNDS; i++) {
		uow_canceler *c = canceler(f);

		start(&w, db, c, NULL);
		nanosleep(&(struct timespec){
			0, (long)dice_roll(&dice, 3000000) }, NULL);
		uow_cancel(c);
		pthread_join(w.thread, NULL);
		uow_canceler_free(c);
		if (!w.rc)
			expected += 100;
		else
			assert_int_equal(w.rc, UOW_ECANCELED);
		u = begin_on(db, NULL);
		must(u, change(u));
		commit(u);
		expected += 100;
		assert_int_equal(amount(f), expected);
	}
	uow_db_free(db);
}

static void a_commit_on_its_way_is_left_alone(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c;
	struct proxy_client proxy;
	struct work w;
	uow_db *db;

	prepare(f);
	db = proxied(f, &proxy, "");
	c = canceler(f);
	/* the third request is COMMIT where nothing else is sent */
	start(&w, db, NULL, NULL);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.rc, 0);
	proxy_tell(&proxy, "count zero");
	start(&w, db, NULL, NULL);
	pthread_join(w.thread, NULL);
	assert_true(proxy_tell(&proxy, "hold 400000 after=%lu",
			       proxy_count(&proxy, "requests") - 1));
	start(&w, db, c, NULL);
	sleep_ms(200);
	assert_int_equal(uow_cancel(c), 0);
	pthread_join(w.thread, NULL);
	assert_int_equal(proxy_count(&proxy, "struck"), 1);
	assert_int_equal(w.rc, 0);
	assert_int_equal(amount(f), 310);
	uow_db_free(db);
	proxy_stop(&proxy);
	uow_canceler_free(c);
}

static int fail_and_cancel(uow_unit *u, void *arg)
{
	void **args = arg;

	++*(int *)args[0];
	uow_cancel(args[1]);
	return uow_fail(u, UOW_ECONFLICT, "once more");
}

static void a_run_that_was_canceled_is_not_repeated(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	int count = 0;
	void *args[2];

	o.canceler = canceler(f);
	o.backoff_ms = 5000;
	args[0] = &count;
	args[1] = o.canceler;
	gives(uow_run(f->db, &o, fail_and_cancel, args, &f->err),
	      UOW_ECANCELED, &f->err);
	contains(f->err.message, "UOW_ECONFLICT");
	assert_int_equal(count, 1);
	uow_canceler_free(o.canceler);
}

static int cancel_inside(uow_unit *u, void *arg)
{
	must(u, change(u));
	uow_cancel(arg);
	plain_get(plain_repository_of(u), 2);
	return uow_status(u);
}

/* A part that is undone does not make the unit go on. */
static void a_cancel_in_a_part_is_one_of_the_unit(void **state)
{
	struct fixture *f = *state;
	uow_canceler *c = canceler(f);
	uow_unit *u;

	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	prepare(f);
	u = begin_with(f->db, c);
	must(u, change(u));
	assert_int_equal(uow_nested(u, cancel_inside, c), UOW_ECANCELED);
	assert_null(plain_get(plain_repository_of(u), 2));
	assert_int_equal(uow_commit(u), UOW_ECANCELED);
	uow_unit_free(u);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 10);
}

/* Nobody gives the only connection back. */
static void whoever_waits_for_a_connection_is_stopped(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_canceler *c = canceler(f);
	uow_pool_stats stats;
	struct work w[WAITERS];
	uint64_t began;
	uow_unit *u;
	uow_db *db;
	int i;

	prepare(f);
	o.pool_max = 1;
	o.acquire_timeout_ms = 20000;
	db = another_with(f, &o);
	u = begin_on(db, NULL);
	must(u, change(u));
	for (i = 0; i < WAITERS; i++)
		start(&w[i], db, c, NULL);
	do {
		sleep_ms(1);
		uow_db_stats(db, &stats, sizeof(stats));
	} while (stats.waiting < WAITERS);
	began = now_ms();
	assert_int_equal(uow_cancel(c), 0);
	for (i = 0; i < WAITERS; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].rc, UOW_ECANCELED);
	}
	assert_true(now_ms() - began < SOON_MS);
	commit(u);
	uow_canceler_free(c);
	assert_int_equal(amount(f), 110);
	uow_db_free(db);
}

/* By the driver, by the server, or by the library's own thread. */
static void a_statement_ends_when_the_units_time_is_up(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uint64_t began;
	uow_unit *u;
	int i;

	if (!f->backend->slow)
		leave(f, LEFT_OTHER_KIND, "statements that take long");
	prepare(f);
	o.timeout_ms = 300;
	for (i = 0; i < 2; i++) {
		u = begin_on(f->db, &o);
		began = now_ms();
		must_fail(u, uow_exec(u, f->backend->slow, NULL, 0, NULL),
			  UOW_ETIMEOUT);
		assert_in_range(now_ms() - began, 250, SOON_MS);
		assert_int_equal(uow_commit(u), UOW_ETIMEOUT);
		uow_unit_free(u);
	}
	assert_int_equal(amount(f), 10);
}

static const struct CMUnitTest cancel_cases[] = {
	CASE(a_unit_that_was_canceled_does_not_begin),
	CASE(a_cancel_between_statements_fails_the_next_call),
	CASE(a_cancel_before_commit_rolls_back),
	CASE(a_canceler_can_be_freed_before_its_unit),
	CASE(a_signal_handler_can_cancel),
	CASE(a_running_statement_is_stopped),
	CASE(whoever_waits_for_a_lock_is_stopped),
	CASE(a_cancel_hits_nobody_else),
	CASE(whoever_waits_for_a_connection_is_stopped),
	CASE(a_commit_on_its_way_is_left_alone),
	CASE(a_run_that_was_canceled_is_not_repeated),
	CASE(a_cancel_in_a_part_is_one_of_the_unit),
	CASE(a_statement_ends_when_the_units_time_is_up),
};
TOPIC(cancel, "cancel");
