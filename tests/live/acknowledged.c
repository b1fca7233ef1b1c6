/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uow/schema.h>
#include <uow/uow.h>

/*
 * acknowledged CONNECTION SECONDS: transfers by some threads, each between two
 * accounts of its own, while somebody kills the server and starts it again.
 * Then, for each of them: what was acknowledged is there, what failed is not,
 * what is in doubt may be either, and the balances agree with what is there.
 * Status 0 if so.
 *
 * acknowledged CONNECTION: the code with which opening fails.
 */

struct balance {
	int64_t id;
	int64_t amount;
	int64_t version;
};
static const uow_column balance_columns[] = {
	UOW_INT64(struct balance, id, "id", UOW_KEY),
	UOW_INT64(struct balance, amount, "amount", 0),
	UOW_INT64(struct balance, version, "version", UOW_ROW_VERSION),
};
static const uow_entity balance_entity =
	UOW_ENTITY(struct balance, "balances", balance_columns);
UOW_REPOSITORY(balance, struct balance, balance_entity);

struct receipt {
	int64_t id;
	int32_t attempt;
};
static const uow_column receipt_columns[] = {
	UOW_INT64(struct receipt, id, "id", UOW_KEY),
	UOW_INT32(struct receipt, attempt, "attempt", 0),
};
static const uow_entity receipt_entity =
	UOW_ENTITY(struct receipt, "receipts", receipt_columns);
UOW_REPOSITORY(receipt, struct receipt, receipt_entity);

enum { THREADS = 6, MOST = 100000, TRIES = 600 };

static int outcomes[THREADS][MOST];
static bool there[THREADS][MOST];

struct worker {
	pthread_t thread;
	uow_db *db;
	int64_t number, count;
	time_t until;
	int64_t amounts[2];
};

struct transfer {
	int64_t worker, id;
	int32_t attempt;
};

static int transfer(uow_unit *u, void *arg)
{
	struct transfer *t = arg;
	struct balance *a = balance_get(balance_repository_of(u),
					2 * t->worker);
	struct balance *b = balance_get(balance_repository_of(u),
					2 * t->worker + 1);
	struct receipt r;

	r.id = t->worker * MOST + t->id;
	r.attempt = ++t->attempt;
	receipt_add(receipt_repository_of(u), &r);
	if (a && b) {
		a->amount--;
		b->amount++;
	}
	return 0;
}

static void rest(long ms)
{
	struct timespec t;

	t.tv_sec = 0;
	t.tv_nsec = ms * 1000000;
	nanosleep(&t, NULL);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	int *outcome = outcomes[w->number];
	struct transfer t;
	uow_error err;

	t.worker = w->number;
	for (; w->count < MOST && time(NULL) < w->until; w->count++) {
		t.id = w->count;
		t.attempt = 0;
		outcome[t.id] = uow_run(w->db, NULL, transfer, &t, &err);
		if (!outcome[t.id])
			continue;
		if (outcome[t.id] != UOW_ECONNECT &&
		    outcome[t.id] != UOW_EINDOUBT)
			printf("%s: %s (%s)\n", uow_code_name(err.code),
			       err.message, err.sqlstate);
		rest(20);
	}
	return NULL;
}

static int look(uow_unit *u, void *arg)
{
	uow_query q = UOW_QUERY_INIT;
	struct worker *w = arg;
	struct balance *b;
	uow_rows rows;
	int64_t id;
	size_t i;

	q.where = uow_all();
	memset(there, 0, sizeof(there));
	receipt_find(receipt_repository_of(u), &q, &rows);
	for (i = 0; i < rows.count; i++) {
		id = ((struct receipt *)rows.items[i])->id;
		there[id / MOST][id % MOST] = true;
	}
	for (i = 0; i < 2 * THREADS; i++) {
		b = balance_get(balance_repository_of(u), (int64_t)i);
		w[i / 2].amounts[i % 2] = b ? b->amount : 0;
	}
	return 0;
}

struct sums {
	int64_t stored, good, doubt, failed;
	int wrong;
};

static void compare(const struct worker *w, struct sums *s)
{
	const int *outcome = outcomes[w->number];
	const bool *stored = there[w->number];
	int64_t i, n = 0;

	for (i = 0; i < w->count; i++) {
		n += stored[i];
		s->good += !outcome[i];
		s->doubt += outcome[i] == UOW_EINDOUBT;
		s->failed += outcome[i] && outcome[i] != UOW_EINDOUBT;
		if (outcome[i] == UOW_EINDOUBT || stored[i] == !outcome[i])
			continue;
		printf("transfer %lld: %s, and it is %sthere\n", (long long)i,
		       uow_code_name(outcome[i]), stored[i] ? "" : "not ");
		s->wrong = 1;
	}
	s->stored += n;
	if (w->amounts[0] == -n && w->amounts[1] == n)
		return;
	printf("%lld stored, balances are %lld and %lld\n", (long long)n,
	       (long long)w->amounts[0], (long long)w->amounts[1]);
	s->wrong = 1;
}

static int compare_all(const struct worker *w)
{
	struct sums s = { 0, 0, 0, 0, 0 };
	int i;

	for (i = 0; i < THREADS; i++)
		compare(&w[i], &s);
	printf("# %lld acknowledged, %lld in doubt, %lld failed, %lld stored\n",
	       (long long)s.good, (long long)s.doubt, (long long)s.failed,
	       (long long)s.stored);
	if (!(s.doubt + s.failed)) {
		printf("nothing has failed: nobody killed the server\n");
		s.wrong = 1;
	}
	return s.wrong;
}

static int set_up(uow_unit *u, void *arg)
{
	struct balance b = { 0, 0, 0 };

	(void)arg;
	for (; b.id < 2 * THREADS; b.id++)
		balance_add(balance_repository_of(u), &b);
	return 0;
}

static int say(const uow_error *err)
{
	printf("%s: %s\n", uow_code_name(err->code), err->message);
	return 1;
}

static int all(uow_db *db, int seconds)
{
	const uow_entity *list[] = { &balance_entity, &receipt_entity };
	static struct worker w[THREADS];
	uow_error err;
	int i, rc;

	if (uow_schema_create(db, list, 2, &err) ||
	    uow_run(db, NULL, set_up, NULL, &err))
		return say(&err);
	for (i = 0; i < THREADS; i++) {
		w[i].db = db;
		w[i].number = i;
		w[i].until = time(NULL) + seconds;
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			return 1;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(w[i].thread, NULL);
	for (i = 0; i < TRIES; i++) {
		rc = uow_run(db, NULL, look, w, &err);
		if (!rc)
			return compare_all(w);
		rest(50);
	}
	return say(&err);
}

int main(int argc, char **argv)
{
	uow_error err;
	uow_db *db = NULL;
	int rc;

	if (argc != 2 && argc != 3)
		return 2;
	rc = uow_db_open_simple(&db, argv[1], &err);
	if (argc == 2)
		puts(uow_code_name(rc));
	else
		rc = rc ? say(&err) : all(db, atoi(argv[2]));
	uow_db_free(db);
	return rc && argc == 3;
}
