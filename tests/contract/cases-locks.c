/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Two who want the same, in one process and in two. */

static void store(struct fixture *f)
{
	struct plain p;
	struct account a;
	uow_unit *u;

	tables(f, &plain_entity, &account_entity, NULL);
	memset(&p, 0, sizeof(p));
	memset(&a, 0, sizeof(a));
	p.id = a.id = 1;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	need(u, account_add(account_repository_of(u), &a));
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

/* Write the row that others want; the unit stays open. */
static uow_unit *holding(uow_db *db)
{
	uow_unit *u = begin_on(db, NULL);
	struct plain *p = need(u, plain_get(plain_repository_of(u), 1));

	p->amount += 1000;
	must(u, uow_flush(u));
	return u;
}

static int add_one(uow_unit *u, void *arg)
{
	struct plain *p = plain_get_locked(plain_repository_of(u), 1);

	if (arg)
		++*(unsigned *)arg;
	if (p)
		p->amount++;
	return 0;
}

/* A lock that could not be had in time: transient, and in time. */
static void a_lock_held_by_another_is_told_in_time(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uint64_t start, took;
	uow_unit *holder;
	uow_db *other;
	unsigned runs = 0;

	store(f);
	other = another(f);
	holder = holding(other);
	o.lock_timeout_ms = 200;
	o.attempts = 1;
	start = now_ms();
	gives(uow_run(f->db, &o, add_one, &runs, &f->err), UOW_ELOCKED,
	      &f->err);
	took = now_ms() - start;
	assert_in_range(took, 150, 2000);
	assert_true(uow_code_is_transient(UOW_ELOCKED));
	assert_int_equal(f->err.code, UOW_ELOCKED);
	o.attempts = 3;
	o.lock_timeout_ms = 20;
	o.backoff_ms = 1;
	runs = 0;
	gives(uow_run(f->db, &o, add_one, &runs, &f->err), UOW_ELOCKED,
	      &f->err);
	/* each attempt may be refused at its begin */
	assert_in_range(runs, 0, 3);
	commit(holder);
	succeeds(uow_run(f->db, &o, add_one, NULL, &f->err), &f->err);
	assert_int_equal(amount(f), 1001);
	uow_db_free(other);
}

/* The deadline of the unit is another thing than a lock's, and is final. */
static void a_deadline_while_waiting_is_a_timeout(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *holder;
	uow_db *other;
	uint64_t start;

	store(f);
	other = another(f);
	holder = holding(other);
	o.lock_timeout_ms = 10000;
	o.timeout_ms = 200;
	start = now_ms();
	gives(uow_run(f->db, &o, add_one, NULL, &f->err), UOW_ETIMEOUT,
	      &f->err);
	assert_in_range(now_ms() - start, 150, 3000);
	commit(holder);
	assert_int_equal(amount(f), 1000);
	uow_db_free(other);
}

struct helper {
	uow_unit *unit;
	unsigned after_ms;
	bool commits;
	int rc;
};

static void *let_go(void *arg)
{
	struct helper *h = arg;

	sleep_ms(h->after_ms);
	if (h->commits)
		h->rc = uow_commit(h->unit);
	uow_unit_free(h->unit);
	return NULL;
}

/* The lock goes away while a run waits: it succeeds, nothing is lost. */
static void a_run_succeeds_when_the_lock_goes_away(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct helper h;
	pthread_t thread;
	uow_db *other;
	int i;

	store(f);
	other = another(f);
	for (i = 0; i < 2; i++) {
		memset(&h, 0, sizeof(h));
		h.unit = holding(other);
		h.after_ms = 150;
		h.commits = i == 0;
		o.lock_timeout_ms = i == 0 ? 20 : 5000;
		o.attempts = 100;
		assert_int_equal(pthread_create(&thread, NULL, let_go, &h),
				 0);
		succeeds(uow_run(f->db, &o, add_one, NULL, &f->err), &f->err);
		pthread_join(thread, NULL);
		assert_int_equal(h.rc, 0);
	}
	assert_int_equal(amount(f), 1002);	/* 1000 once, 1 twice */
	uow_db_free(other);
}

/* A reader in its transaction; only a file's lock is in the way of COMMIT. */
static uow_unit *reading(uow_db *db)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	o.read_only = true;
	u = begin_on(db, &o);
	need(u, plain_get(plain_repository_of(u), 1));
	return u;
}

/* A COMMIT that is busy is repeated until the reader has gone. */
static void a_busy_commit_is_repeated_until_it_succeeds(void **state)
{
	struct fixture *f = *state;
	struct helper h;
	pthread_t thread;
	uow_db *other;
	uow_unit *u;
	uint64_t start;

	store(f);
	other = another(f);
	memset(&h, 0, sizeof(h));
	h.unit = reading(other);
	h.after_ms = 400;
	u = begin(f);
	((struct plain *)need(u, plain_get(plain_repository_of(u), 1)))
		->amount = 7;
	must(u, uow_flush(u));
	assert_int_equal(pthread_create(&thread, NULL, let_go, &h), 0);
	start = now_ms();
	must(u, uow_commit(u));
	if (f->backend->flags & BACKEND_COMMIT_WAITS)
		assert_in_range(now_ms() - start, 250, 10000);
	uow_unit_free(u);
	pthread_join(thread, NULL);
	assert_int_equal(amount(f), 7);
	uow_db_free(other);
}

/* ... or the deadline has come: then all is undone, and it says so. */
static void a_commit_that_stays_busy_is_rolled_back(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u, *reader;
	uow_db *other;
	int rc;

	needs(f, BACKEND_COMMIT_WAITS);
	store(f);
	other = another(f);
	reader = reading(other);
	o.timeout_ms = 300;
	o.lock_timeout_ms = 50;
	u = begin_on(f->db, &o);
	((struct plain *)need(u, plain_get(plain_repository_of(u), 1)))
		->amount = 7;
	rc = uow_commit(u);
	assert_true(rc == UOW_ELOCKED || rc == UOW_ETIMEOUT);
	uow_unit_free(u);
	uow_unit_free(reader);
	assert_int_equal(amount(f), 0);
	/* and the connection is good for the next one */
	succeeds(uow_run(f->db, NULL, add_one, NULL, &f->err), &f->err);
	assert_int_equal(amount(f), 1);
	uow_db_free(other);
}

struct counter {
	uow_db *db;
	int rc;
	unsigned runs;
	char message[UOW_ERROR_TEXT];
};

enum { ROUNDS = 50 };

static void *count_up(void *arg)
{
	struct counter *c = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int i;

	o.attempts = 1000;
	o.lock_timeout_ms = 10000;
	for (i = 0; i < ROUNDS && !c->rc; i++)
		c->rc = uow_run(c->db, &o, add_one, &c->runs, &err);
	strcpy(c->message, err.message);
	return NULL;
}

static int add_to_account(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 1);

	(void)arg;
	if (a)
		a->balance++;
	return 0;
}

static void *count_versions(void *arg)
{
	struct counter *c = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int i;

	o.attempts = 1000;
	o.lock_timeout_ms = 10000;
	for (i = 0; i < ROUNDS && !c->rc; i++)
		c->rc = uow_run(c->db, &o, add_to_account, NULL, &err);
	strcpy(c->message, err.message);
	return NULL;
}

static int64_t balance(struct fixture *f, int32_t *version)
{
	uow_unit *u = begin(f);
	struct account *a = need(u, account_get(account_repository_of(u), 1));
	int64_t n = a->balance;

	*version = a->version;
	commit(u);
	return n;
}

/* 13: threads on one row of one data source, with retries: none is lost */
static void threads_on_one_row_lose_no_update(void **state)
{
	struct fixture *f = *state;
	struct counter c[4];
	pthread_t threads[4];
	int32_t version;
	int i;

	store(f);
	memset(c, 0, sizeof(c));
	for (i = 0; i < 4; i++) {
		c[i].db = f->db;
		assert_int_equal(pthread_create(&threads[i], NULL,
						count_versions, &c[i]), 0);
	}
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 4; i++)
		code_(c[i].rc, 0, NULL, c[i].message, __FILE__, __LINE__);
	assert_int_equal(balance(f, &version), 4 * ROUNDS);
	assert_int_equal(version, 4 * ROUNDS + 1);
}

/* 13: the same on two data sources; without versions where files lock */
static void data_sources_on_one_row_lose_no_update(void **state)
{
	struct fixture *f = *state;
	struct counter c[2];
	pthread_t threads[2];
	int32_t version;
	int i;

	store(f);
	memset(c, 0, sizeof(c));
	c[0].db = f->db;
	c[1].db = another(f);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
			uow_db_has(f->db, UOW_FEATURE_ROW_LOCK)
			? count_versions : count_up, &c[i]), 0);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 2; i++)
		code_(c[i].rc, 0, NULL, c[i].message, __FILE__, __LINE__);
	if (uow_db_has(f->db, UOW_FEATURE_ROW_LOCK))
		assert_int_equal(balance(f, &version), 2 * ROUNDS);
	else
		assert_int_equal(amount(f), 2 * ROUNDS);
	uow_db_free(c[1].db);
}

/* The same in two processes: the second is this program once more. */
static void a_lock_of_another_process_is_respected(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct child c;

	store(f);
	child_start(&c, f, "hold", "");
	assert_true(child_hears(&c));
	o.lock_timeout_ms = 100;
	o.attempts = 1;
	gives(uow_run(f->db, &o, add_one, NULL, &f->err), UOW_ELOCKED,
	      &f->err);
	child_go_on(&c);
	o.lock_timeout_ms = 5000;
	o.attempts = 10;
	succeeds(uow_run(f->db, &o, add_one, NULL, &f->err), &f->err);
	assert_int_equal(child_end(&c), 0);
	assert_int_equal(amount(f), 1001);
}

/* A process that dies in its transaction has written nothing. */
static void a_process_that_dies_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct child c;

	store(f);
	child_start(&c, f, "die", "");
	assert_true(child_hears(&c));
	child_go_on(&c);
	assert_int_equal(child_end(&c), -1);
	assert_int_equal(amount(f), 0);
	succeeds(uow_run(f->db, NULL, add_one, NULL, &f->err), &f->err);
	assert_int_equal(amount(f), 1);
}

static void processes_on_one_row_lose_no_update(void **state)
{
	struct fixture *f = *state;
	struct counter mine;
	struct child c[2];
	int32_t version;
	int i;

	store(f);
	for (i = 0; i < 2; i++)
		child_start(&c[i], f, "count", "40");
	for (i = 0; i < 2; i++)
		assert_true(child_hears(&c[i]));
	memset(&mine, 0, sizeof(mine));
	mine.db = f->db;
	count_versions(&mine);
	for (i = 0; i < 2; i++)
		assert_int_equal(child_end(&c[i]), 0);
	code_(mine.rc, 0, NULL, mine.message, __FILE__, __LINE__);
	assert_int_equal(balance(f, &version), ROUNDS + 80);
	assert_int_equal(version, ROUNDS + 81);
}

static const struct CMUnitTest locks_cases[] = {
	CASE(a_lock_held_by_another_is_told_in_time),
	CASE(a_deadline_while_waiting_is_a_timeout),
	CASE(a_run_succeeds_when_the_lock_goes_away),
	CASE(a_busy_commit_is_repeated_until_it_succeeds),
	CASE(a_commit_that_stays_busy_is_rolled_back),
	CASE(threads_on_one_row_lose_no_update),
	CASE(data_sources_on_one_row_lose_no_update),
	CASE(a_lock_of_another_process_is_respected),
	CASE(a_process_that_dies_leaves_nothing),
	CASE(processes_on_one_row_lose_no_update),
};
TOPIC(locks, "locks");
