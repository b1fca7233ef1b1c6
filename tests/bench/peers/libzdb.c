/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zdb.h>

#include "peer.h"

/* libzdb with its own drivers: one connection of its pool. */

struct side {
	URL_T url;
	ConnectionPool_T pool;
	Connection_T c;
	const char *dbms;
};

static void url_of(const char *connection, const char *dbms, char *url,
		   size_t size)
{
	char host[64], port[16], name[512], user[64], password[128], mode[16],
	     sync[16];

	peer_option(connection, "Server", host, sizeof(host));
	peer_option(connection, "Port", port, sizeof(port));
	peer_option(connection, "Database", name, sizeof(name));
	peer_option(connection, "UID", user, sizeof(user));
	peer_option(connection, "PWD", password, sizeof(password));
	peer_option(connection, "JournalMode", mode, sizeof(mode));
	peer_option(connection, "SyncPragma", sync, sizeof(sync));
	if (!strncmp(dbms, "sqlite", 6))
		snprintf(url, size, "sqlite://%s?journal_mode=%s&synchronous="
			 "%s", name, *mode ? mode : "wal", *sync ? sync :
			 "normal");
	else
		snprintf(url, size, "%s://%s:%s@%s:%s/%s",
			 !strncmp(dbms, "mariadb", 7) ? "mysql" : dbms, user,
			 password, host, port, name);
}

static void *open_side(const char *connection, const char *dbms)
{
	struct side *s = calloc(1, sizeof(*s));
	char url[1024];

	url_of(connection, dbms, url, sizeof(url));
	if (!s || !(s->url = URL_new(url)))
		peer_fail("no connection");
	s->dbms = dbms;
	s->pool = ConnectionPool_new(s->url);
	ConnectionPool_setInitialConnections(s->pool, 1);
	ConnectionPool_start(s->pool);
	s->c = ConnectionPool_getConnection(s->pool);
	if (!s->c)
		peer_fail("no connection");
	return s;
}

static void close_side(void *arg)
{
	struct side *s = arg;

	Connection_close(s->c);
	ConnectionPool_stop(s->pool);
	ConnectionPool_free(&s->pool);
	URL_free(&s->url);
	free(s);
}

static PreparedStatement_T prepare(struct side *s, const char *sql)
{
	return Connection_prepareStatement(s->c, "%s", sql);
}

static void bind(PreparedStatement_T s, int count, const int64_t *values)
{
	int i;

	for (i = 0; i < count; i++)
		PreparedStatement_setLLong(s, i + 1, values[i]);
}

/* -1 with prepared statements of one driver: the check is left out there. */
static void execute_one(PreparedStatement_T s)
{
	long long rows;

	PreparedStatement_execute(s);
	rows = PreparedStatement_rowsChanged(s);
	if (rows != 1 && rows != -1)
		peer_fail("%lld rows", rows);
}

static void take(ResultSet_T r, struct account *a)
{
	a->id = ResultSet_getLLong(r, 1);
	a->version = ResultSet_getLLong(r, 2);
	a->customer = ResultSet_getLLong(r, 3);
	a->balance = ResultSet_getLLong(r, 4);
	a->rate = ResultSet_getLLong(r, 5);
	snprintf(a->owner, sizeof(a->owner), "%s", ResultSet_getString(r, 6));
}

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = ?, version = ? " \
	"WHERE id = ? AND version = ?"

static void get(PreparedStatement_T s, int64_t id, struct account *a)
{
	ResultSet_T r;

	PreparedStatement_setLLong(s, 1, id);
	r = PreparedStatement_executeQuery(s);
	if (!ResultSet_next(r))
		peer_fail("no account");
	take(r, a);
}

static void put(PreparedStatement_T s, const struct account *a, int64_t by)
{
	const int64_t v[] = { a->balance + by, a->version + 1, a->id,
		a->version };

	bind(s, 4, v);
	execute_one(s);
}

/* What a transfer needs on one connection. */
struct steps {
	struct side side;
	PreparedStatement_T lock, getter, putter, add, card;
};

static void steps_open(struct steps *t)
{
	struct side *s = &t->side;

	t->getter = prepare(s, SELECT " WHERE id = ?");
	t->putter = prepare(s, UPDATE);
	t->add = prepare(s, "INSERT INTO bench_entry (id, debit, credit, "
			 "amount, memo) VALUES (?, ?, ?, ?, ?)");
	t->card = prepare(s, "UPDATE bench_loyalty SET points = ?, "
			  "version = ? WHERE id = ? AND version = ?");
}

/* Transfer i of a card's owner. */
static uint64_t transfer(struct steps *t, struct transfer x, int64_t entry,
			 int64_t owner, int64_t i)
{
	const int64_t e[] = { entry, x.from, x.to, x.amount };
	const int64_t c[] = { i + 1, i + 2, owner, i + 1 };
	struct account from, to;

	Connection_beginTransaction(t->side.c);
	if (t->lock)
		PreparedStatement_execute(t->lock);
	get(t->getter, x.from, &from);
	get(t->getter, x.to, &to);
	put(t->putter, &from, -x.amount);
	put(t->putter, &to, x.amount);
	bind(t->add, 4, e);
	PreparedStatement_setString(t->add, 5, "transfer");
	PreparedStatement_execute(t->add);
	bind(t->card, 4, c);
	execute_one(t->card);
	Connection_commit(t->side.c);
	return account_sum(account_sum(0, &from), &to);
}

static uint64_t transfers(void *arg, int64_t n)
{
	struct steps t = { *(struct side *)arg, NULL, NULL, NULL, NULL, NULL };
	uint64_t sum = 0;
	int64_t i;

	steps_open(&t);
	for (i = 0; i < n; i++)
		sum += transfer(&t, transfer_make(i), entry_id(0, i), 1, i);
	return sum;
}

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

/*
 * Its pool hands out and takes back, but does not wait, and what goes back has
 * lost its prepared statements. On SQLite its connections share a cache, where
 * a table that another writes to is an error at once: nothing to measure.
 */
static uint64_t threads(void *arg, int64_t n)
{
	static struct steps t[CONNECTIONS];
	struct side *s = arg;
	int i;

	each_thread = n;
	for (i = 0; i < CONNECTIONS; i++) {
		t[i].side = *s;
		if (i)
			t[i].side.c = ConnectionPool_getConnection(s->pool);
		if (!t[i].side.c)
			peer_fail("no connection");
		steps_open(&t[i]);
		/* Two that have read could both not write. */
		if (!strcmp(s->dbms, "sqlite"))
			t[i].lock = prepare(&t[i].side, "DELETE FROM "
					    "bench_entry WHERE 0");
		pool_give(&t[i]);
	}
	peer_start();
	peer_threads(thread, NULL);
	for (i = 1; i < CONNECTIONS; i++)
		Connection_close(t[i].side.c);
	return 0;
}

static void add_row(PreparedStatement_T s, int64_t i, int keyed)
{
	struct account a;

	account_make(&a, i);
	bind(s, 4 + keyed, &a.id + !keyed);
	PreparedStatement_setString(s, 5 + keyed, a.owner);
	if (keyed)
		PreparedStatement_execute(s);
}

static uint64_t insert(void *arg, int64_t n)
{
	struct side *s = arg;
	PreparedStatement_T add;
	int64_t i;

	Connection_beginTransaction(s->c);
	add = prepare(s, "INSERT INTO bench_account (id, version, customer, "
		      "balance, rate, owner) VALUES (?, ?, ?, ?, ?, ?)");
	for (i = 0; i < n; i++)
		add_row(add, i, 1);
	Connection_commit(s->c);
	return 0;
}

#define INSERT_FRESH "INSERT INTO bench_fresh (version, customer, balance, " \
	"rate, owner) VALUES (?, ?, ?, ?, ?)"

/* lastRowId() knows nothing of prepared statements of one driver, either. */
static uint64_t insert_keys(void *arg, int64_t n)
{
	int64_t *keys = calloc((size_t)n + 1, sizeof(*keys)), i;
	struct side *s = arg;
	PreparedStatement_T add, key = NULL;
	ResultSet_T r;
	uint64_t sum;

	Connection_beginTransaction(s->c);
	add = prepare(s, !strcmp(s->dbms, "postgresql") ?
		      INSERT_FRESH " RETURNING id" : INSERT_FRESH);
	if (!strcmp(s->dbms, "mariadb"))
		key = prepare(s, "SELECT last_insert_id()");
	for (i = 0; i < n; i++) {
		add_row(add, i, 0);
		if (!strcmp(s->dbms, "sqlite")) {
			PreparedStatement_execute(add);
			keys[i] = Connection_lastRowId(s->c);
			continue;
		}
		if (key)
			PreparedStatement_execute(add);
		r = PreparedStatement_executeQuery(key ? key : add);
		if (!ResultSet_next(r))
			peer_fail("no key");
		keys[i] = ResultSet_getLLong(r, 1);
	}
	Connection_commit(s->c);
	sum = keys_rising(keys, n);
	free(keys);
	return sum;
}

static struct account *load(struct side *s, int64_t *count)
{
	struct account *list = NULL;
	size_t size = 0, used = 0;
	ResultSet_T r;

	r = Connection_executeQuery(s->c, SELECT);
	while (ResultSet_next(r)) {
		if (used == size) {
			size = size ? 2 * size : 1024;
			list = realloc(list, size * sizeof(*list));
			if (!list)
				peer_fail("no memory");
		}
		take(r, &list[used++]);
	}
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

static uint64_t update(void *arg, int64_t n)
{
	PreparedStatement_T putter;
	struct side *s = arg;
	struct account *list;
	uint64_t sum;
	int64_t i;

	Connection_beginTransaction(s->c);
	list = load(s, &n);
	sum = sum_of(list, n);
	putter = prepare(s, UPDATE);
	for (i = 0; i < n; i++)
		put(putter, &list[i], BALANCE_STEP);
	Connection_commit(s->c);
	free(list);
	return sum;
}

static uint64_t read_all(void *arg, int64_t n)
{
	struct account *list;
	uint64_t sum;

	Connection_beginTransaction(((struct side *)arg)->c);
	list = load(arg, &n);
	Connection_commit(((struct side *)arg)->c);
	sum = sum_of(list, n);
	free(list);
	return sum;
}

static uint64_t get_each(void *arg, int64_t n)
{
	struct side *s = arg;
	PreparedStatement_T getter;
	struct account a;
	uint64_t sum = 0;
	int64_t i;

	Connection_beginTransaction(s->c);
	getter = prepare(s, SELECT " WHERE id = ?");
	for (i = 0; i < n; i++) {
		get(getter, i * 7919 % ACCOUNTS + 1, &a);
		sum = account_sum(sum, &a);
	}
	Connection_commit(s->c);
	return sum;
}

int main(int argc, char **argv)
{
	static const struct peer peer = {
		"libzdb", open_side, close_side,
		{ transfers, insert, insert_keys, update, read_all, get_each,
		  NULL, threads, NULL, NULL }
	};

	return peer_main(&peer, argc, argv);
}
