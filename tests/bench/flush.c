/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <uow/schema.h>

#include "dialect/profile.h"

/*
 * workload, database, seconds by the library, seconds by hand, their ratio, a
 * sum over what was read or is in the database afterwards: the same for both,
 * or the program fails. One line each, separated by tabs.
 *
 *	--quick		SQLite alone
 *	--options	by hand with the options that the profile adds; the
 *			database is then called NAME+options
 *	--only NAME	one workload
 *	--cpu		this process's time, not that of the clock: on a busy
 *			machine the truth about SQLite
 *	--runs N	the fastest of N (3)
 *
 * Servers: UOW_TEST_POSTGRESQL, UOW_TEST_MARIADB, UOW_TEST_VIRTUOSO hold
 * connection strings. This program and the servers it talks to should have
 * one processor to share, or the time of a round trip is that of waking up:
 * it moves itself to one; start servers with taskset.
 */

static const struct workload {
	const char *name;
	work_fn ours, hand;
	size_t before;		/* accounts there, or 0 */
} workloads[] = {
	{ "insert", ours_insert, hand_insert, 0 },
	{ "insert_all", ours_insert_all, hand_insert, 0 },
	{ "update", ours_update, hand_update, ACCOUNTS },
	{ "delete", ours_delete, hand_delete, ACCOUNTS },
	{ "read", ours_read, hand_read, READ_ROWS },
	{ "transfer", ours_transfer, hand_transfer, ACCOUNTS },
};

static struct flags {
	bool quick, options, cpu;
	const char *only;
	int runs;
} flags = { false, false, false, NULL, 3 };

struct side {
	uow_db *db;
	struct hand *hand;	/* also makes and looks at the tables */
	struct hand *twin;
	struct account *accounts;
};

/* -- rows -- */

uint64_t mix(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < size; i++)
		sum = (sum ^ p[i]) * 1099511628211u;
	return sum;
}

uint64_t account_sum(uint64_t sum, const struct account *a)
{
	return sum + (uint64_t)a->id * 3 + (uint64_t)a->version +
	       (uint64_t)a->customer * 5 + (uint64_t)a->balance +
	       (uint64_t)a->rate + strlen(a->owner);
}

void account_make(struct account *a, int64_t i)
{
	memset(a, 0, sizeof(*a));
	a->id = i + 1;
	a->version = 1;
	a->customer = i * 7 % 1000;
	a->balance = 100000 + i * 31 % 5000;
	a->rate = i % 100 * 125;
	snprintf(a->owner, sizeof(a->owner), "owner number %lld", (long long)i);
}

struct transfer transfer_make(int64_t i)
{
	struct transfer t;

	t.from = i * 7919 % ACCOUNTS + 1;
	t.to = (i * 104729 + 1) % ACCOUNTS + 1;
	if (t.to == t.from)
		t.to = t.from % ACCOUNTS + 1;
	t.amount = i % 90 + 1;
	return t;
}

/* -- tables -- */

static void fail(const uow_error *err)
{
	fprintf(stderr, "flush: %s\n", err->message);
	exit(1);
}

static const uow_entity *const entities[] = {
	&account_entity, &entry_entity, &loyalty_entity
};

static void drop_tables(uow_db *db)
{
	uow_error err = UOW_ERROR_INIT;

	if (uow_schema_drop(db, entities, 3, &err))
		fail(&err);
}

static void make_tables(uow_db *db)
{
	uow_error err = UOW_ERROR_INIT;

	drop_tables(db);
	if (uow_schema_create(db, entities, 3, &err))
		fail(&err);
}

static void reset(struct side *s, size_t count, struct work *w)
{
	memset(w, 0, sizeof(*w));
	hand_sql(s->hand, "DELETE FROM bench_account");
	hand_sql(s->hand, "DELETE FROM bench_entry");
	hand_sql(s->hand, "DELETE FROM bench_loyalty");
	hand_sql(s->hand, "INSERT INTO bench_loyalty (id, version, points) "
		 "VALUES (1, 1, 0)");
	w->card.id = w->card.version = 1;
	w->accounts = s->accounts;
	w->count = count;
	if (count)
		ours_insert_all(s->db, w);
	else
		w->count = ACCOUNTS;
}

static uint64_t digest(struct side *s, const struct work *w)
{
	uint64_t sum = w->sum ^ 14695981039346656037u;

	sum = hand_digest(s->hand, "SELECT id, version, customer, balance, "
			  "rate, owner FROM bench_account ORDER BY id", sum);
	sum = hand_digest(s->hand, "SELECT id, debit, credit, amount, memo "
			  "FROM bench_entry ORDER BY id", sum);
	return hand_digest(s->hand, "SELECT id, version, points FROM "
			   "bench_loyalty ORDER BY id", sum);
}

/* -- measuring -- */

static double now(void)
{
	struct timespec t;

	clock_gettime(flags.cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC,
		      &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double measure(struct side *s, const struct workload *l, work_fn fn,
		      void *side, uint64_t *sum)
{
	double best = 0, took;
	struct work w;
	int run;

	for (run = 0; run < flags.runs; run++) {
		reset(s, l->before, &w);
		took = now();
		fn(side, &w);
		took = now() - took;
		if (run == 0 || took < best)
			best = took;
	}
	*sum = digest(s, &w);
	return best;
}

static int compare(struct side *s, const struct workload *l, const char *name)
{
	uint64_t ours, hand;
	double a, b;

	b = measure(s, l, l->hand, s->twin, &hand);
	a = measure(s, l, l->ours, s->db, &ours);
	printf("%s\t%s\t%.4f\t%.4f\t%.3f\t%016llx\n", l->name, name, a, b,
	       a / b, (unsigned long long)ours);
	fflush(stdout);
	if (ours == hand)
		return 0;
	fprintf(stderr, "flush: %s, %s: by hand the sum is %016llx\n", l->name,
		name, (unsigned long long)hand);
	return 1;
}

/* The connection string with what the profile adds to it. */
static void add_options(const char *profile, char *text, size_t size)
{
	const char *dirs = getenv("UOW_DRIVERS_PATH");
	const struct profile_option *o;
	uow_error err = UOW_ERROR_INIT;
	struct profile *p;
	size_t used;

	if (profile_load(&p, profile, dirs ? dirs : "drivers-config", &err))
		fail(&err);
	for (o = p->options; o; o = o->next) {
		used = strlen(text);
		if (!strstr(text, o->name))
			snprintf(text + used, size - used, ";%s=%s", o->name,
				 o->value);
	}
	profile_free(p);
}

static int bench(const char *name, const char *connection)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	char twin[1024], label[64];
	struct side s;
	size_t i;
	int rc = 0;

	o.connection = connection;
	if (uow_db_open(&s.db, &o, &err))
		fail(&err);
	snprintf(twin, sizeof(twin), "%s", connection);
	if (flags.options)
		add_options(uow_db_profile(s.db), twin, sizeof(twin));
	snprintf(label, sizeof(label), "%s%s", name,
		 flags.options ? "+options" : "");
	make_tables(s.db);
	s.hand = hand_open(connection);
	s.twin = hand_open(twin);
	s.accounts = calloc(READ_ROWS, sizeof(*s.accounts));
	if (!s.accounts)
		return 1;
	for (i = 0; i < READ_ROWS; i++)
		account_make(&s.accounts[i], (int64_t)i);
	for (i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		if (!flags.only || !strcmp(flags.only, workloads[i].name))
			rc |= compare(&s, &workloads[i], label);
	}
	free(s.accounts);
	hand_close(s.hand);
	hand_close(s.twin);
	drop_tables(s.db);
	uow_db_free(s.db);
	return rc;
}

static int bench_sqlite(void)
{
	const char *tmp = getenv("TMPDIR");
	char folder[256], connection[600], path[400];
	static const char *const parts[] = { "", "-wal", "-shm", "-journal" };
	size_t i;
	int rc;

	snprintf(folder, sizeof(folder), "%s/uow-bench-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		return 1;
	}
	snprintf(connection, sizeof(connection), "DRIVER=SQLite3;"
		 "Database=%s/db;JournalMode=WAL;SyncPragma=OFF", folder);
	rc = bench("sqlite", connection);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(path, sizeof(path), "%s/db%s", folder, parts[i]);
		remove(path);
	}
	rmdir(folder);
	return rc;
}

static int usage(void)
{
	fprintf(stderr, "usage: flush [--quick] [--options] [--cpu] "
		"[--only NAME] [--runs N]\n");
	return 2;
}

static bool parse(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--quick"))
			flags.quick = true;
		else if (!strcmp(argv[i], "--options"))
			flags.options = true;
		else if (!strcmp(argv[i], "--cpu"))
			flags.cpu = true;
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			flags.only = argv[++i];
		else if (!strcmp(argv[i], "--runs") && i + 1 < argc)
			flags.runs = atoi(argv[++i]);
		else
			return false;
	}
	if (flags.quick && flags.runs > 3)
		flags.runs = 3;
	return flags.runs > 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *variable;
	} servers[] = {
		{ "postgresql", "UOW_TEST_POSTGRESQL" },
		{ "mariadb", "UOW_TEST_MARIADB" },
		{ "virtuoso", "UOW_TEST_VIRTUOSO" },
	};
	cpu_set_t one;
	size_t i;
	int rc;

	if (!parse(argc, argv))
		return usage();
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	rc = getenv("UOW_BENCH_NO_SQLITE") ? 0 : bench_sqlite();
	for (i = 0; !flags.quick && i < 3; i++) {
		const char *connection = getenv(servers[i].variable);

		if (connection && *connection)
			rc |= bench(servers[i].name, connection);
	}
	return rc;
}
