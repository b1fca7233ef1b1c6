/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uow/schema.h>
#include <uow/uow.h>

/*
 * pool-threads CONNECTION THREADS CONNECTIONS UNITS [ACCOUNTS [transfers]]:
 * short units by more threads than connections. Three of four are transfers
 * that write a ledger, the others look or are refused. In the end the ledger
 * has what was reported as done, and nothing else; every balance is what the
 * ledger makes of it; no failure was other than transient; the pool has all
 * connections back and never had more than allowed. Status 0 if so.
 */

struct account {
	int64_t id;
	int64_t balance;
	int64_t version;
};
static const uow_column account_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY),
	UOW_INT64(struct account, balance, "balance", 0),
	UOW_INT64(struct account, version, "version", UOW_ROW_VERSION),
};
static const uow_entity account_entity =
	UOW_ENTITY(struct account, "pool_accounts", account_columns);
UOW_REPOSITORY(account, struct account, account_entity);

struct line {
	int64_t id;
	int64_t payer, payee, amount;
};
static const uow_column line_columns[] = {
	UOW_INT64(struct line, id, "id", UOW_KEY),
	UOW_INT64(struct line, payer, "payer", 0),
	UOW_INT64(struct line, payee, "payee", 0),
	UOW_INT64(struct line, amount, "amount", 0),
};
static const uow_entity line_entity =
	UOW_ENTITY(struct line, "pool_lines", line_columns);
UOW_REPOSITORY(line, struct line, line_entity);

static const uow_entity *const entities[] = { &account_entity, &line_entity };

enum { START = 1000000, ATTEMPTS = 50, KINDS = 8 };

static long accounts = 100;
static int only_transfers;
static uow_db *db;

struct worker {
	pthread_t thread;
	uint64_t random;
	int64_t number, units;
	long done, transient, wrong;
	uow_error error;		/* of the first that is wrong */
};

struct work {
	struct line line;
	int kind;
};

/* -- the units -- */

/* Numbers of a thread's own: the C library's would be shared. */
static int64_t below(struct worker *w, int64_t limit)
{
	w->random = w->random * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
	return (int64_t)((w->random >> 33) % (uint64_t)limit);
}

static int transfer(uow_unit *u, const struct line *l)
{
	account_repository *r = account_repository_of(u);
	struct account *payer = account_get(r, l->payer);
	struct account *payee = account_get(r, l->payee);

	if (!payer || !payee)
		return uow_status(u);
	payer->balance -= l->amount;
	payee->balance += l->amount;
	line_add(line_repository_of(u), l);
	return 0;
}

static int refused(uow_unit *u, const struct line *l)
{
	int rc = transfer(u, l);

	if (!rc)
		rc = uow_flush(u);
	return rc ? rc : uow_fail(u, UOW_EREJECTED, "no");
}

static int work(uow_unit *u, void *arg)
{
	const struct work *w = arg;

	if (w->kind == 0)
		return refused(u, &w->line);
	if (w->kind == 1)
		return account_get(account_repository_of(u), w->line.payer) ?
		       0 : uow_status(u);
	return transfer(u, &w->line);
}

static void unit(struct worker *w, int64_t n)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	struct work work_of_it;
	struct line *l = &work_of_it.line;
	int rc;

	o.name = "pool-threads";
	o.attempts = ATTEMPTS;
	o.backoff_ms = 2;
	work_of_it.kind = only_transfers ? KINDS : (int)below(w, KINDS);
	l->id = w->number * INT64_C(10000000) + n;
	l->payer = below(w, accounts);
	l->payee = (l->payer + 1 + below(w, accounts - 1)) % accounts;
	l->amount = 1 + below(w, 100);
	rc = uow_run(db, &o, work, &work_of_it, &err);
	if (!rc && work_of_it.kind > 1)
		w->done++;
	else if (uow_code_is_transient(rc))
		w->transient++;
	else if (rc != (work_of_it.kind ? 0 : UOW_EREJECTED) && !w->wrong++)
		w->error = err;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	int64_t n;

	for (n = 0; n < w->units; n++)
		unit(w, n);
	return NULL;
}

/* -- before and after -- */

static int fail(const char *what, const uow_error *err)
{
	fprintf(stderr, "pool-threads: %s: %s: %s\n", what,
		uow_code_name(err->code), err->message);
	return 1;
}

static int fill(uow_unit *u, void *arg)
{
	struct account a = { 0, START, 0 };

	(void)arg;
	for (a.id = 0; a.id < accounts; a.id++)
		account_add(account_repository_of(u), &a);
	return 0;
}

struct audit {
	int64_t *balances;
	long lines, wrong;
};

static int add_line(uow_unit *u, const void *row, void *arg)
{
	const struct line *l = row;
	struct audit *a = arg;

	(void)u;
	a->balances[l->payer] -= l->amount;
	a->balances[l->payee] += l->amount;
	a->lines++;
	return 0;
}

static int compare(uow_unit *u, const void *row, void *arg)
{
	const struct account *a = row;
	struct audit *audit = arg;

	(void)u;
	audit->wrong += a->balance != audit->balances[a->id];
	return 0;
}

static int read_all(uow_unit *u, void *arg)
{
	uow_query q = UOW_QUERY_INIT;
	int rc;

	q.where = uow_all();
	rc = line_each(line_repository_of(u), &q, add_line, arg);

	return rc ? rc : account_each(account_repository_of(u), &q, compare,
				      arg);
}

static int audit(long done)
{
	struct audit a = { NULL, 0, 0 };
	uow_error err = UOW_ERROR_INIT;
	long i;
	int rc;

	a.balances = calloc((size_t)accounts, sizeof(*a.balances));
	if (!a.balances)
		return 1;
	for (i = 0; i < accounts; i++)
		a.balances[i] = START;
	rc = uow_run(db, NULL, read_all, &a, &err);
	free(a.balances);
	if (rc)
		return fail("audit", &err);
	if (a.lines == done && !a.wrong)
		return 0;
	fprintf(stderr, "pool-threads: %ld transfers were reported as done, "
		"%ld are there; %ld balances are wrong\n", done, a.lines,
		a.wrong);
	return 1;
}

static int check_pool(unsigned connections)
{
	uow_pool_stats s;

	uow_db_stats(db, &s, sizeof(s));
	printf("pool: open %u, opened %" PRIu64 ", lost %" PRIu64 ", waits %"
	       PRIu64 ", mean %.3f ms, longest %.1f ms, timeouts %" PRIu64
	       "\n", s.open, s.opened, s.lost, s.waits,
	       s.waits ? (double)s.wait_usec / 1000 / (double)s.waits : 0,
	       (double)s.wait_max_usec / 1000, s.timeouts);
	if (!s.leased && !s.waiting && s.open <= connections &&
	    s.open == s.idle)
		return 0;
	fprintf(stderr, "pool-threads: %u open, %u idle, %u leased\n", s.open,
		s.idle, s.leased);
	return 1;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int together(struct worker *w, long threads, long units, long *done)
{
	double began = seconds();
	long i, transient = 0;
	int rc = 0;

	for (i = 0; i < threads; i++) {
		w[i].number = i;
		w[i].random = (uint64_t)i + 1;
		w[i].units = units / threads + (i < units % threads);
		if (pthread_create(&w[i].thread, NULL, run, &w[i]))
			exit(1);
	}
	for (i = 0; i < threads; i++) {
		pthread_join(w[i].thread, NULL);
		*done += w[i].done;
		transient += w[i].transient;
		if (w[i].wrong)
			rc = fail("not transient", &w[i].error);
	}
	began = seconds() - began;
	printf("units: %ld by %ld threads in %.2f s, %.0f a second; transfers "
	       "%ld, given up as transient %ld\n", units, threads, began,
	       (double)units / began, *done, transient);
	return rc;
}

int main(int argc, char **argv)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	long threads, units, done = 0;
	struct worker *w;
	int rc;

	if (argc < 5)
		return 2;
	threads = atol(argv[2]);
	units = atol(argv[4]);
	if (argc > 5)
		accounts = atol(argv[5]);
	only_transfers = argc > 6;
	o.connection = argv[1];
	o.pool_max = (unsigned)atol(argv[3]);
	o.acquire_timeout_ms = 120000;
	if (uow_db_open(&db, &o, &err))
		return fail("open", &err);
	if (uow_schema_drop(db, entities, 2, &err) ||
	    uow_schema_create(db, entities, 2, &err) ||
	    uow_run(db, NULL, fill, NULL, &err))
		return fail("tables", &err);
	w = calloc((size_t)threads, sizeof(*w));
	if (!w)
		return 1;
	rc = together(w, threads, units, &done);
	free(w);
	rc |= audit(done);
	rc |= check_pool(o.pool_max);
	if (uow_db_close(db, 1000, &err))
		rc = fail("close", &err);
	return rc;
}
