/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Eight threads on few rows: nothing is lost and nothing comes twice. Clean
 * under ThreadSanitizer.
 */
#include "memory-town.h"

#include <pthread.h>

#include "base/random.h"

enum { THREADS = 8, HOUSES = 6, ROUNDS = 1500, ROOMS = 1000 };
enum { FAULTS = 60 };		/* each strikes three times */

struct worker {
	struct random random;
	int64_t moved_in, moved_out;	/* committed */
	int64_t in, out;		/* of one attempt */
	int rc;
	uow_error err;
};

static int64_t roll(struct worker *w, uint64_t upto)
{
	return (int64_t)random_upto(&w->random, upto);
}

static int carry(uow_unit *u, void *arg)
{
	struct worker *w = arg;
	struct house *from = house(u, 1 + roll(w, HOUSES - 1));
	struct house *to = house(u, 1 + roll(w, HOUSES - 1));

	if (!from || !to)
		return uow_status(u);
	from->rooms--;
	to->rooms++;
	return 0;
}

/* As carry(), but refused half of the time, after it was written. */
static int carry_or_not(uow_unit *u, void *arg)
{
	int rc = carry(u, arg);

	if (!rc)
		rc = uow_flush(u);
	return rc ? rc : roll(arg, 1) ? UOW_EREJECTED : 0;
}

static int move_in_or_out(uow_unit *u, struct worker *w)
{
	guest_repository *r = guest_repository_of(u);
	struct guest g = { 0, 1 + roll(w, HOUSES - 1), false, "ann" };
	struct guest *gone;
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;

	if (roll(w, 2)) {
		w->in++;
		guest_add(r, &g);
		return 0;
	}
	q.where = uow_eq(u, "house", uow_int(g.house));
	q.limit = 1;
	q.lock = roll(w, 1) ? UOW_LOCK_SKIP_LOCKED : UOW_LOCK_UPDATE;
	if (guest_find(r, &q, &rows) || !rows.count)
		return uow_status(u);
	gone = guest_at(&rows, 0);
	w->out++;
	return guest_remove(r, gone);
}

/* One number that all want, which comes and goes. */
static int take_number(uow_unit *u, struct worker *w)
{
	house_repository *r = house_repository_of(u);
	struct house h = { 100 + roll(w, 3), 7777, 0, 0 }, *there;

	there = house_one(r, uow_eq(u, "number", uow_int(h.number)));
	if (there)
		return house_remove(r, there);
	house_add(r, &h);
	return 0;
}

static int work(uow_unit *u, void *arg)
{
	struct worker *w = arg;
	int rc = 0;

	w->in = w->out = 0;
	switch (roll(w, 3)) {
	case 0:
		rc = carry(u, w);
		break;
	case 1:
		rc = uow_nested(u, carry_or_not, w);
		if (rc == UOW_EREJECTED)
			rc = 0;
		break;
	case 2:
		rc = move_in_or_out(u, w);
		break;
	default:
		rc = take_number(u, w);
	}
	return rc ? rc : uow_status(u);
}

static void *worker_main(void *arg)
{
	static const uow_isolation levels[] = {
		UOW_READ_COMMITTED, UOW_REPEATABLE_READ, UOW_SERIALIZABLE
	};
	struct worker *w = arg;
	uow_options o = UOW_OPTIONS_INIT;
	int i;

	o.attempts = 100000;
	o.backoff_ms = 1;
	o.lock_timeout_ms = 10000;
	for (i = 0; i < ROUNDS && !w->rc; i++) {
		o.isolation = levels[i % 3];
		w->rc = uow_run(db, &o, work, w, &w->err);
		/* two of a number at once: the second comes too late */
		if (w->rc == UOW_EDUPLICATE)
			w->rc = 0;
		else if (!w->rc) {
			w->moved_in += w->in;
			w->moved_out += w->out;
		}
	}
	return NULL;
}

static int64_t all_rooms(void)
{
	uow_query q = UOW_QUERY_INIT;
	int64_t sum = 0;
	uow_rows rows;
	size_t i;
	uow_unit *u = begin();

	q.where = uow_lt(u, "id", uow_int(100));
	assert_int_equal(house_find(house_repository_of(u), &q, &rows), 0);
	for (i = 0; i < rows.count; i++)
		sum += house_at(&rows, i)->rooms;
	uow_unit_free(u);
	return sum;
}

/* Failures that strike whoever comes next, while the workers run. */
static void arm_faults(void)
{
	static const int codes[] = {
		UOW_EDEADLOCK, UOW_ECONNECT, UOW_ECONFLICT, UOW_ELOCKED
	};
	uow_memory_fault f = { .times = 3 };
	int i;

	for (i = 0; i < FAULTS; i++) {
		f.step = (uow_memory_step)(i % (UOW_MEMORY_COMMIT + 1));
		f.code = codes[i % 4];
		f.nth = (unsigned)i * 7 + 1;
		assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	}
}

static void run_workers(bool faults)
{
	static struct worker w[THREADS];
	pthread_t threads[THREADS];
	int64_t guests = 0;
	uint64_t n = 0;
	uow_unit *u;
	int i;

	memset(w, 0, sizeof(w));
	uow_db_free(db);
	town_open(NULL);
	for (i = 1; i <= HOUSES; i++)
		build(i, i);
	u = begin();
	house(u, 1)->rooms = ROOMS;
	ends(u, 0);
	for (i = 0; i < THREADS; i++) {
		random_seed(&w[i].random, (uint64_t)i + 1);
		assert_int_equal(pthread_create(&threads[i], NULL, worker_main,
						&w[i]), 0);
	}
	if (faults)
		arm_faults();
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (faults)
		assert_int_equal(uow_memory_faults_struck(db), FAULTS * 3);
	for (i = 0; i < THREADS; i++) {
		if (w[i].rc)
			print_error("%s\n", w[i].err.message);
		assert_int_equal(w[i].rc, 0);
		guests += w[i].moved_in - w[i].moved_out;
	}
	assert_int_equal(all_rooms(), ROOMS + HOUSES - 1);
	u = begin();
	assert_int_equal(guest_count(guest_repository_of(u), uow_all(), &n),
			 0);
	assert_int_equal(n, guests);
	uow_unit_free(u);
}

static void nothing_is_lost_and_nothing_comes_twice(void **state)
{
	(void)state;
	run_workers(false);
}

static void faults_in_any_thread_lose_nothing(void **state)
{
	(void)state;
	run_workers(true);
}

struct adder {
	int rc;
	unsigned runs;
};

static int add_room(uow_unit *u, void *arg)
{
	++*(unsigned *)arg;
	if (house(u, 1))
		house(u, 1)->rooms++;
	return 0;
}

static void *adder_main(void *arg)
{
	struct adder *a = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error e;
	int i;

	o.attempts = 100000;
	o.backoff_ms = 1;
	o.lock_timeout_ms = 10000;
	for (i = 0; i < ROUNDS && !a->rc; i++)
		a->rc = uow_run(db, &o, add_room, &a->runs, &e);
	return NULL;
}

/* The second of two who have read the same is told so, and begins anew. */
static void eight_threads_on_one_row_lose_no_update(void **state)
{
	struct adder a[THREADS];
	pthread_t threads[THREADS];
	uow_unit *u;
	int i;

	(void)state;
	uow_db_free(db);
	town_open(NULL);
	build(1, 1);
	memset(a, 0, sizeof(a));
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, adder_main,
						&a[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(a[i].rc, 0);
		assert_true(a[i].runs >= ROUNDS);
	}
	u = begin();
	assert_int_equal(house(u, 1)->rooms, 1 + THREADS * ROUNDS);
	assert_int_equal(house(u, 1)->version, 1 + THREADS * ROUNDS);
	uow_unit_free(u);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, town_new, town_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_lost_and_nothing_comes_twice),
		TEST(faults_in_any_thread_lose_nothing),
		TEST(eight_threads_on_one_row_lose_no_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
