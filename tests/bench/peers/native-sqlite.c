/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "peer.h"

/* SQLite by its own interface: what no driver could be faster than. */

struct native {
	sqlite3 *db;
	sqlite3_stmt *begin, *commit;
};

static sqlite3_stmt *prepare(struct native *n, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(n->db, sql, -1, &s, NULL))
		peer_fail("%s", sqlite3_errmsg(n->db));
	return s;
}

static void pragma(struct native *n, const char *name, const char *value)
{
	char sql[128];

	if (!*value)
		return;
	snprintf(sql, sizeof(sql), "PRAGMA %s = %s", name, value);
	if (sqlite3_exec(n->db, sql, NULL, NULL, NULL))
		peer_fail("%s", sqlite3_errmsg(n->db));
}

static void *open_native(const char *connection, const char *dbms)
{
	struct native *n = calloc(1, sizeof(*n));
	char value[512];

	(void)dbms;
	peer_option(connection, "Database", value, sizeof(value));
	if (!n || sqlite3_open(value, &n->db))
		peer_fail("cannot open %s", value);
	pragma(n, "journal_mode", peer_option(connection, "JournalMode", value,
					      sizeof(value)));
	pragma(n, "synchronous", peer_option(connection, "SyncPragma", value,
					     sizeof(value)));
	n->begin = prepare(n, "BEGIN");
	n->commit = prepare(n, "COMMIT");
	return n;
}

static void close_native(void *side)
{
	struct native *n = side;

	sqlite3_finalize(n->begin);
	sqlite3_finalize(n->commit);
	sqlite3_close(n->db);
	free(n);
}

static void run(struct native *n, sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		peer_fail("%s", sqlite3_errmsg(n->db));
	sqlite3_reset(s);
}

static void run_one(struct native *n, sqlite3_stmt *s)
{
	run(n, s);
	if (sqlite3_changes(n->db) != 1)
		peer_fail("a row was stale");
}

static void bind(sqlite3_stmt *s, int count, const int64_t *values)
{
	int i;

	for (i = 0; i < count; i++)
		sqlite3_bind_int64(s, i + 1, values[i]);
}

static void take(sqlite3_stmt *s, struct account *a)
{
	a->id = sqlite3_column_int64(s, 0);
	a->version = sqlite3_column_int64(s, 1);
	a->customer = sqlite3_column_int64(s, 2);
	a->balance = sqlite3_column_int64(s, 3);
	a->rate = sqlite3_column_int64(s, 4);
	snprintf(a->owner, sizeof(a->owner), "%s",
		 (const char *)sqlite3_column_text(s, 5));
}

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = ?, version = ? " \
	"WHERE id = ? AND version = ?"

static void get(struct native *n, sqlite3_stmt *s, int64_t id,
		struct account *a)
{
	sqlite3_bind_int64(s, 1, id);
	if (sqlite3_step(s) != SQLITE_ROW)
		peer_fail("%s", sqlite3_errmsg(n->db));
	take(s, a);
	sqlite3_reset(s);
}

static void put(struct native *n, sqlite3_stmt *s, const struct account *a,
		int64_t by)
{
	const int64_t v[] = { a->balance + by, a->version + 1, a->id,
		a->version };

	bind(s, 4, v);
	run_one(n, s);
}

struct steps {
	struct native *n;
	sqlite3_stmt *begin, *getter, *putter, *add, *card;
};

static void steps_open(struct steps *t, struct native *n, const char *begin)
{
	t->n = n;
	t->begin = prepare(n, begin);
	t->getter = prepare(n, SELECT " WHERE id = ?");
	t->putter = prepare(n, UPDATE);
	t->add = prepare(n, "INSERT INTO bench_entry (id, debit, credit, "
			 "amount, memo) VALUES (?, ?, ?, ?, ?)");
	t->card = prepare(n, "UPDATE bench_loyalty SET points = ?, "
			  "version = ? WHERE id = ? AND version = ?");
}

static void steps_close(struct steps *t)
{
	sqlite3_finalize(t->begin);
	sqlite3_finalize(t->getter);
	sqlite3_finalize(t->putter);
	sqlite3_finalize(t->add);
	sqlite3_finalize(t->card);
}

/* Transfer i of a card's owner. */
static uint64_t transfer(struct steps *t, struct transfer x, int64_t entry,
			 int64_t owner, int64_t i)
{
	const int64_t e[] = { entry, x.from, x.to, x.amount };
	const int64_t c[] = { i + 1, i + 2, owner, i + 1 };
	struct account from, to;

	run(t->n, t->begin);
	get(t->n, t->getter, x.from, &from);
	get(t->n, t->getter, x.to, &to);
	put(t->n, t->putter, &from, -x.amount);
	put(t->n, t->putter, &to, x.amount);
	bind(t->add, 4, e);
	sqlite3_bind_text(t->add, 5, "transfer", -1, SQLITE_STATIC);
	run(t->n, t->add);
	bind(t->card, 4, c);
	run_one(t->n, t->card);
	run(t->n, t->n->commit);
	return account_sum(account_sum(0, &from), &to);
}

static uint64_t transfers(void *side, int64_t count)
{
	struct steps t;
	uint64_t sum = 0;
	int64_t i;

	steps_open(&t, side, "BEGIN");
	for (i = 0; i < count; i++)
		sum += transfer(&t, transfer_make(i), entry_id(0, i), 1, i);
	steps_close(&t);
	return sum;
}

/* -- W6 -- */

static int64_t each_thread;

static void thread(int number, void *arg)
{
	struct steps *t;
	int64_t i;

	(void)arg;
	for (i = 0; i < each_thread; i++) {
		t = pool_take();
		transfer(t, transfer_of(number, i), entry_id(number, i),
			 number + 1, i);
		pool_give(t);
	}
}

static uint64_t threads(void *side, int64_t count)
{
	static struct steps t[CONNECTIONS];
	struct native *n;
	int i;

	each_thread = count;
	for (i = 0; i < CONNECTIONS; i++) {
		n = i ? open_native(getenv("BENCH_CONNECTION"), "") : side;
		sqlite3_busy_timeout(n->db, 60000);
		/* Two that have read could both not write. */
		steps_open(&t[i], n, "BEGIN IMMEDIATE");
		pool_give(&t[i]);
	}
	peer_start();
	peer_threads(thread, NULL);
	for (i = 0; i < CONNECTIONS; i++) {
		steps_close(&t[i]);
		if (i)
			close_native(t[i].n);
	}
	return 0;
}

static void add_rows(struct native *n, const char *sql, int keyed,
		     int64_t count, int64_t *keys)
{
	sqlite3_stmt *s = prepare(n, sql);
	struct account a;
	int64_t i;

	run(n, n->begin);
	for (i = 0; i < count; i++) {
		account_make(&a, i);
		bind(s, 4 + keyed, &a.id + !keyed);
		sqlite3_bind_text(s, 5 + keyed, a.owner, -1, SQLITE_STATIC);
		run(n, s);
		if (keys)
			keys[i] = sqlite3_last_insert_rowid(n->db);
	}
	run(n, n->commit);
	sqlite3_finalize(s);
}

static uint64_t insert(void *side, int64_t count)
{
	add_rows(side, "INSERT INTO bench_account (id, version, customer, "
		 "balance, rate, owner) VALUES (?, ?, ?, ?, ?, ?)", 1, count,
		 NULL);
	return 0;
}

static uint64_t insert_keys(void *side, int64_t count)
{
	int64_t *keys = calloc((size_t)count + 1, sizeof(*keys));
	uint64_t sum;

	add_rows(side, "INSERT INTO bench_fresh (version, customer, balance, "
		 "rate, owner) VALUES (?, ?, ?, ?, ?)", 0, count, keys);
	sum = keys_rising(keys, count);
	free(keys);
	return sum;
}

static struct account *load(struct native *n, int64_t *count)
{
	sqlite3_stmt *s = prepare(n, SELECT);
	struct account *list = NULL;
	size_t size = 0, used = 0;

	while (sqlite3_step(s) == SQLITE_ROW) {
		if (used == size) {
			size = size ? 2 * size : 1024;
			list = realloc(list, size * sizeof(*list));
			if (!list)
				peer_fail("no memory");
		}
		take(s, &list[used++]);
	}
	sqlite3_finalize(s);
	*count = (int64_t)used;
	return list;
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
	sqlite3_stmt *s;
	uint64_t sum;
	int64_t i;

	run(n, n->begin);
	list = load(n, &count);
	sum = sum_of(list, count);
	s = prepare(n, UPDATE);
	for (i = 0; i < count; i++)
		put(n, s, &list[i], BALANCE_STEP);
	run(n, n->commit);
	sqlite3_finalize(s);
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
	sqlite3_stmt *s = prepare(n, SELECT " WHERE id = ?");
	struct account a;
	uint64_t sum = 0;
	int64_t i;

	run(n, n->begin);
	for (i = 0; i < count; i++) {
		get(n, s, i * 7919 % ACCOUNTS + 1, &a);
		sum = account_sum(sum, &a);
	}
	run(n, n->commit);
	sqlite3_finalize(s);
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
