/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE		/* be64toh() */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "peer.h"

/*
 * libpq: statements prepared once, row by row; with BENCH_BEST in pipelines,
 * by COPY, and with results in binary.
 */

struct native {
	PGconn *c;
	int best;
};

enum { PIPELINE = 500 };	/* statements in flight */

static void fail(struct native *n)
{
	peer_fail("%s", PQerrorMessage(n->c));
}

static PGresult *ok(struct native *n, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
	    status != PGRES_COPY_IN && status != PGRES_PIPELINE_SYNC)
		fail(n);
	return r;
}

static void run(struct native *n, const char *sql)
{
	PQclear(ok(n, PQexec(n->c, sql)));
}

static void prepare(struct native *n, const char *name, const char *sql)
{
	PQclear(ok(n, PQprepare(n->c, name, sql, 0, NULL)));
}

static void *open_native(const char *connection, const char *dbms)
{
	char host[64], port[16], name[64], user[64], password[128];
	const char *keys[] = { "host", "port", "dbname", "user", "password",
		NULL };
	const char *values[] = { host, port, name, user, password, NULL };
	struct native *n = calloc(1, sizeof(*n));

	(void)dbms;
	if (!n)
		peer_fail("no memory");
	peer_option(connection, "Server", host, sizeof(host));
	peer_option(connection, "Port", port, sizeof(port));
	peer_option(connection, "Database", name, sizeof(name));
	peer_option(connection, "UID", user, sizeof(user));
	peer_option(connection, "PWD", password, sizeof(password));
	n->best = getenv("BENCH_BEST") != NULL;
	n->c = PQconnectdbParams(keys, values, 0);
	if (PQstatus(n->c) != CONNECTION_OK)
		fail(n);
	return n;
}

static void close_native(void *side)
{
	struct native *n = side;

	PQfinish(n->c);
	free(n);
}

/* -- arguments, as text -- */

struct arguments {
	char text[6][40];
	const char *values[6];
	int count;
};

static void arguments_clear(struct arguments *a)
{
	a->count = 0;
}

static void add_int(struct arguments *a, int64_t value)
{
	snprintf(a->text[a->count], 40, "%" PRId64, value);
	a->values[a->count] = a->text[a->count];
	a->count++;
}

static void add_text(struct arguments *a, const char *text)
{
	snprintf(a->text[a->count], 40, "%s", text);
	a->values[a->count] = a->text[a->count];
	a->count++;
}

static void send(struct native *n, const char *name, struct arguments *a)
{
	if (!PQsendQueryPrepared(n->c, name, a->count, a->values, NULL, NULL,
				 n->best))
		fail(n);
}

static PGresult *next(struct native *n)
{
	PGresult *r = ok(n, PQgetResult(n->c)), *end;

	if (PQresultStatus(r) != PGRES_PIPELINE_SYNC) {
		end = PQgetResult(n->c);
		if (end)
			fail(n);
	}
	return r;
}

static void next_one(struct native *n)
{
	PGresult *r = next(n);

	if (strcmp(PQcmdTuples(r), "1") != 0)
		peer_fail("a row was stale");
	PQclear(r);
}

static PGresult *execute(struct native *n, const char *name,
			 struct arguments *a)
{
	return ok(n, PQexecPrepared(n->c, name, a->count, a->values, NULL,
				    NULL, n->best));
}

static void execute_one(struct native *n, const char *name,
			struct arguments *a)
{
	PGresult *r = execute(n, name, a);

	if (strcmp(PQcmdTuples(r), "1") != 0)
		peer_fail("a row was stale");
	PQclear(r);
}

static void sync(struct native *n)
{
	if (!PQpipelineSync(n->c))
		fail(n);
}

static int64_t column(const PGresult *r, int row, int i)
{
	uint64_t raw;

	if (!PQfformat(r, i))
		return strtoll(PQgetvalue(r, row, i), NULL, 10);
	memcpy(&raw, PQgetvalue(r, row, i), sizeof(raw));
	return (int64_t)be64toh(raw);
}

static void take(const PGresult *r, int row, struct account *a)
{
	a->id = column(r, row, 0);
	a->version = column(r, row, 1);
	a->customer = column(r, row, 2);
	a->balance = column(r, row, 3);
	a->rate = column(r, row, 4);
	snprintf(a->owner, sizeof(a->owner), "%s", PQgetvalue(r, row, 5));
}

static void take_one(PGresult *r, struct account *a)
{
	if (PQntuples(r) != 1)
		peer_fail("no account");
	take(r, 0, a);
	PQclear(r);
}

/* -- W1 -- */

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = $1, version = $2 " \
	"WHERE id = $3 AND version = $4"

static void prepare_transfer(struct native *n)
{
	prepare(n, "get", SELECT " WHERE id = $1");
	prepare(n, "put", UPDATE);
	prepare(n, "add", "INSERT INTO bench_entry (id, debit, credit, amount, "
		"memo) VALUES ($1, $2, $3, $4, $5)");
	prepare(n, "card", "UPDATE bench_loyalty SET points = $1, version = $2 "
		"WHERE id = $3 AND version = $4");
	prepare(n, "begin", "BEGIN");
	prepare(n, "commit", "COMMIT");
}

static void key(struct arguments *a, int64_t id)
{
	arguments_clear(a);
	add_int(a, id);
}

static void changed(struct arguments *p, const struct account *a, int64_t by)
{
	arguments_clear(p);
	add_int(p, a->balance + by);
	add_int(p, a->version + 1);
	add_int(p, a->id);
	add_int(p, a->version);
}

static void entry(struct arguments *p, struct transfer x, int64_t id)
{
	arguments_clear(p);
	add_int(p, id);
	add_int(p, x.from);
	add_int(p, x.to);
	add_int(p, x.amount);
	add_text(p, "transfer");
}

static void card(struct arguments *p, int64_t owner, int64_t i)
{
	arguments_clear(p);
	add_int(p, i + 1);
	add_int(p, i + 2);
	add_int(p, owner);
	add_int(p, i + 1);
}

/*
 * Transfer i of a card's owner in three round trips: reads, writes, and COMMIT
 * once the counts are known.
 */
static uint64_t transfer_best(struct native *n, struct transfer x, int64_t id,
			      int64_t owner, int64_t i)
{
	struct account from, to;
	struct arguments p;
	int k;

	arguments_clear(&p);
	send(n, "begin", &p);
	key(&p, x.from);
	send(n, "get", &p);
	key(&p, x.to);
	send(n, "get", &p);
	sync(n);
	PQclear(next(n));
	take_one(next(n), &from);
	take_one(next(n), &to);
	PQclear(next(n));
	changed(&p, &from, -x.amount);
	send(n, "put", &p);
	changed(&p, &to, x.amount);
	send(n, "put", &p);
	entry(&p, x, id);
	send(n, "add", &p);
	card(&p, owner, i);
	send(n, "card", &p);
	sync(n);
	for (k = 0; k < 4; k++)
		next_one(n);
	PQclear(next(n));
	arguments_clear(&p);
	send(n, "commit", &p);
	sync(n);
	PQclear(next(n));
	PQclear(next(n));
	return account_sum(account_sum(0, &from), &to);
}

static uint64_t transfer(struct native *n, struct transfer x, int64_t id,
			 int64_t owner, int64_t i)
{
	struct account from, to;
	struct arguments p;

	arguments_clear(&p);
	PQclear(execute(n, "begin", &p));
	key(&p, x.from);
	take_one(execute(n, "get", &p), &from);
	key(&p, x.to);
	take_one(execute(n, "get", &p), &to);
	changed(&p, &from, -x.amount);
	execute_one(n, "put", &p);
	changed(&p, &to, x.amount);
	execute_one(n, "put", &p);
	entry(&p, x, id);
	execute_one(n, "add", &p);
	card(&p, owner, i);
	execute_one(n, "card", &p);
	arguments_clear(&p);
	PQclear(execute(n, "commit", &p));
	return account_sum(account_sum(0, &from), &to);
}

static uint64_t transfers(void *side, int64_t count)
{
	struct native *n = side;
	uint64_t sum = 0;
	int64_t i;

	prepare_transfer(n);
	if (n->best && !PQenterPipelineMode(n->c))
		fail(n);
	for (i = 0; i < count; i++)
		sum += (n->best ? transfer_best : transfer)(n,
			transfer_make(i), entry_id(0, i), 1, i);
	return sum;
}

/* -- W6 -- */

static int64_t each_thread;

static void thread(int number, void *arg)
{
	struct native *n;
	int64_t i;

	(void)arg;
	for (i = 0; i < each_thread; i++) {
		n = pool_take();
		(n->best ? transfer_best : transfer)(n,
			transfer_of(number, i), entry_id(number, i),
			number + 1, i);
		pool_give(n);
	}
}

static uint64_t threads(void *side, int64_t count)
{
	struct native *all[CONNECTIONS], *n;
	int i;

	each_thread = count;
	for (i = 0; i < CONNECTIONS; i++) {
		n = i ? open_native(getenv("BENCH_CONNECTION"), "") : side;
		all[i] = n;
		prepare_transfer(n);
		if (n->best && !PQenterPipelineMode(n->c))
			fail(n);
		pool_give(n);
	}
	peer_start();
	peer_threads(thread, NULL);
	for (i = 1; i < CONNECTIONS; i++)
		close_native(all[i]);
	return 0;
}

/* -- W2 -- */

static void copy(struct native *n, int64_t count)
{
	struct account a;
	char line[256];
	int64_t i;

	PQclear(ok(n, PQexec(n->c, "COPY bench_account (id, version, customer, "
			     "balance, rate, owner) FROM STDIN")));
	for (i = 0; i < count; i++) {
		account_make(&a, i);
		snprintf(line, sizeof(line), "%" PRId64 "\t%" PRId64 "\t%"
			 PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s\n", a.id,
			 a.version, a.customer, a.balance, a.rate, a.owner);
		if (PQputCopyData(n->c, line, (int)strlen(line)) != 1)
			fail(n);
	}
	if (PQputCopyEnd(n->c, NULL) != 1)
		fail(n);
	PQclear(ok(n, PQgetResult(n->c)));
	while (PQgetResult(n->c))
		;
}

static void account_arguments(struct arguments *p, int64_t i, int keyed)
{
	struct account a;

	account_make(&a, i);
	arguments_clear(p);
	if (keyed)
		add_int(p, a.id);
	add_int(p, a.version);
	add_int(p, a.customer);
	add_int(p, a.balance);
	add_int(p, a.rate);
	add_text(p, a.owner);
}

static uint64_t insert(void *side, int64_t count)
{
	struct native *n = side;
	struct arguments p;
	int64_t i;

	run(n, "BEGIN");
	if (n->best) {
		copy(n, count);
		run(n, "COMMIT");
		return 0;
	}
	prepare(n, "insert", "INSERT INTO bench_account (id, version, "
		"customer, balance, rate, owner) "
		"VALUES ($1, $2, $3, $4, $5, $6)");
	for (i = 0; i < count; i++) {
		account_arguments(&p, i, 1);
		execute_one(n, "insert", &p);
	}
	run(n, "COMMIT");
	return 0;
}

static void keys_in_pipelines(struct native *n, int64_t count, int64_t *keys)
{
	int64_t from, i, end;
	struct arguments p;
	PGresult *r;

	PQenterPipelineMode(n->c);
	for (from = 0; from < count; from = end) {
		end = from + PIPELINE < count ? from + PIPELINE : count;
		for (i = from; i < end; i++) {
			account_arguments(&p, i, 0);
			send(n, "insert", &p);
		}
		sync(n);
		for (i = from; i < end; i++) {
			r = next(n);
			keys[i] = column(r, 0, 0);
			PQclear(r);
		}
		PQclear(next(n));
	}
	PQexitPipelineMode(n->c);
}

static uint64_t insert_keys(void *side, int64_t count)
{
	int64_t *keys = calloc((size_t)count + 1, sizeof(*keys)), i;
	struct native *n = side;
	struct arguments p;
	PGresult *r;
	uint64_t sum;

	run(n, "BEGIN");
	prepare(n, "insert", "INSERT INTO bench_fresh (version, customer, "
		"balance, rate, owner) VALUES ($1, $2, $3, $4, $5) "
		"RETURNING id");
	if (n->best)
		keys_in_pipelines(n, count, keys);
	for (i = 0; !n->best && i < count; i++) {
		account_arguments(&p, i, 0);
		r = execute(n, "insert", &p);
		keys[i] = column(r, 0, 0);
		PQclear(r);
	}
	run(n, "COMMIT");
	sum = keys_rising(keys, count);
	free(keys);
	return sum;
}

/* -- W3, W4, W5 -- */

static struct account *load(struct native *n, int64_t *count)
{
	PGresult *r = ok(n, PQexecParams(n->c, SELECT, 0, NULL, NULL, NULL,
					 NULL, n->best));
	struct account *list;
	int i;

	*count = PQntuples(r);
	list = calloc((size_t)*count + 1, sizeof(*list));
	if (!list)
		peer_fail("no memory");
	for (i = 0; i < *count; i++)
		take(r, i, &list[i]);
	PQclear(r);
	return list;
}

static void put_in_pipelines(struct native *n, const struct account *list,
			     int64_t count)
{
	int64_t from, i, end;
	struct arguments p;

	PQenterPipelineMode(n->c);
	for (from = 0; from < count; from = end) {
		end = from + PIPELINE < count ? from + PIPELINE : count;
		for (i = from; i < end; i++) {
			changed(&p, &list[i], BALANCE_STEP);
			send(n, "put", &p);
		}
		sync(n);
		for (i = from; i < end; i++)
			next_one(n);
		PQclear(next(n));
	}
	PQexitPipelineMode(n->c);
}

static uint64_t sum_of(const struct account *list, int64_t count)
{
	uint64_t sum = 0;
	int64_t i;

	for (i = 0; i < count; i++)
		sum = account_sum(sum, &list[i]);
	return sum;
}

static uint64_t update(void *side, int64_t count)
{
	struct native *n = side;
	struct account *list;
	struct arguments p;
	uint64_t sum;
	int64_t i;

	run(n, "BEGIN");
	list = load(n, &count);
	sum = sum_of(list, count);
	prepare(n, "put", UPDATE);
	if (n->best)
		put_in_pipelines(n, list, count);
	for (i = 0; !n->best && i < count; i++) {
		changed(&p, &list[i], BALANCE_STEP);
		execute_one(n, "put", &p);
	}
	run(n, "COMMIT");
	free(list);
	return sum;
}

static uint64_t read_all(void *side, int64_t count)
{
	struct account *list = load(side, &count);
	uint64_t sum = sum_of(list, count);

	free(list);
	return sum;
}

static uint64_t get_each(void *side, int64_t count)
{
	struct native *n = side;
	struct arguments p;
	struct account a;
	uint64_t sum = 0;
	int64_t i;

	run(n, "BEGIN");
	prepare(n, "get", SELECT " WHERE id = $1");
	for (i = 0; i < count; i++) {
		key(&p, i * 7919 % ACCOUNTS + 1);
		take_one(execute(n, "get", &p), &a);
		sum = account_sum(sum, &a);
	}
	run(n, "COMMIT");
	return sum;
}

int main(int argc, char **argv)
{
	static const struct peer peer = {
		"native", open_native, close_native,
		{ transfers, insert, insert_keys, update, read_all, get_each,
		  NULL, threads, NULL, NULL }
	};

	return peer_main(&peer, argc, argv);
}
