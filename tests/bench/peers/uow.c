/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include <uow/memory.h>
#include <uow/schema.h>
#include <uow/uow.h>

#include "peer.h"

/* libuow, as its manual says: uow_run(), objects, and nothing by hand. */

struct entry {
	int64_t id;
	int64_t debit, credit;
	int64_t amount;
	char memo[33];
};

struct loyalty {
	int64_t id;
	int64_t version;
	int64_t points;
};

#define ACCOUNT_COLUMNS(T, key_flags) \
	UOW_INT64(T, id, "id", key_flags), \
	UOW_INT64(T, version, "version", UOW_ROW_VERSION), \
	UOW_INT64(T, customer, "customer", 0), \
	UOW_INT64(T, balance, "balance", 0), \
	UOW_INT64(T, rate, "rate", 0), \
	UOW_CHARS(T, owner, "owner", 0)

static const uow_column account_columns[] = {
	ACCOUNT_COLUMNS(struct account, UOW_KEY)
};
static const uow_entity account_entity =
	UOW_ENTITY(struct account, "bench_account", account_columns);

static const uow_column fresh_columns[] = {
	ACCOUNT_COLUMNS(struct account, UOW_KEY | UOW_GENERATED)
};
static const uow_entity fresh_entity =
	UOW_ENTITY(struct account, "bench_fresh", fresh_columns);

static const uow_column entry_columns[] = {
	UOW_INT64(struct entry, id, "id", UOW_KEY),
	UOW_INT64(struct entry, debit, "debit", 0),
	UOW_INT64(struct entry, credit, "credit", 0),
	UOW_INT64(struct entry, amount, "amount", 0),
	UOW_CHARS(struct entry, memo, "memo", 0),
};
static const uow_entity entry_entity =
	UOW_ENTITY(struct entry, "bench_entry", entry_columns);

static const uow_column loyalty_columns[] = {
	UOW_INT64(struct loyalty, id, "id", UOW_KEY),
	UOW_INT64(struct loyalty, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct loyalty, points, "points", 0),
};
static const uow_entity loyalty_entity =
	UOW_ENTITY(struct loyalty, "bench_loyalty", loyalty_columns);

UOW_REPOSITORY(account, struct account, account_entity);
UOW_REPOSITORY(fresh, struct account, fresh_entity);
UOW_REPOSITORY(entry, struct entry, entry_entity);
UOW_REPOSITORY(loyalty, struct loyalty, loyalty_entity);

static void check(int rc, const uow_error *err)
{
	if (rc)
		peer_fail("%s: %s", uow_code_name(rc), err->message);
}

static void run(uow_db *db, bool read_only, uow_fn fn, void *arg)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;

	o.read_only = read_only;
	check(uow_run(db, &o, fn, arg, &err), &err);
}

/* -- W1, W6, W8 -- */

struct step {
	struct transfer t;
	int64_t entry;
	struct loyalty card;
	uint64_t sum;
};

static int transfer_body(uow_unit *u, void *arg)
{
	struct step *s = arg;
	const uow_key keys[2] = { uow_id(s->t.from), uow_id(s->t.to) };
	struct entry e = { 0, 0, 0, 0, "transfer" };
	struct account *from, *to;
	struct loyalty *card;
	void *pair[2];

	if (account_get_many(account_repository_of(u), keys, 2, pair))
		return 0;
	from = pair[0];
	to = pair[1];
	s->sum = account_sum(account_sum(0, from), to);
	from->balance -= s->t.amount;
	to->balance += s->t.amount;
	e.id = s->entry;
	e.debit = s->t.from;
	e.credit = s->t.to;
	e.amount = s->t.amount;
	entry_add(entry_repository_of(u), &e);
	card = loyalty_attach(loyalty_repository_of(u), &s->card);
	if (card)
		card->points++;
	return 0;
}

static void transfer(uow_db *db, struct step *s)
{
	run(db, false, transfer_body, s);
	s->card.version++;
	s->card.points++;
}

static uint64_t transfers(void *side, int64_t n)
{
	struct step s = { { 0, 0, 0 }, 0, { 1, 1, 0 }, 0 };
	uint64_t sum = 0;
	int64_t i;

	for (i = 0; i < n; i++) {
		s.t = transfer_make(i);
		s.entry = entry_id(0, i);
		transfer(side, &s);
		sum += s.sum;
	}
	return sum;
}

static int64_t each_thread;

static void thread(int number, void *db)
{
	struct step s = { { 0, 0, 0 }, 0, { number + 1, 1, 0 }, 0 };
	int64_t i;

	for (i = 0; i < each_thread; i++) {
		s.t = transfer_of(number, i);
		s.entry = entry_id(number, i);
		transfer(db, &s);
	}
}

static uint64_t threads(void *side, int64_t n)
{
	each_thread = n;
	peer_threads(thread, side);
	return 0;
}

static uint64_t memory(void *side, int64_t n)
{
	struct account *accounts = calloc(ACCOUNTS, sizeof(*accounts));
	const struct loyalty card = { 1, 1, 0 };
	const uow_entity *const tables[] = {
		&account_entity, &entry_entity, &loyalty_entity
	};
	uow_error err = UOW_ERROR_INIT;
	uint64_t sum;
	uow_db *db;
	int64_t i;

	(void)side;
	if (!accounts)
		peer_fail("no memory");
	for (i = 0; i < ACCOUNTS; i++)
		account_make(&accounts[i], i);
	check(uow_memory_open(&db, NULL, &err), &err);
	check(uow_schema_create(db, tables, 3, &err), &err);
	check(uow_memory_load(db, &account_entity, accounts, ACCOUNTS, &err),
	      &err);
	check(uow_memory_load(db, &loyalty_entity, &card, 1, &err), &err);
	peer_start();
	sum = transfers(db, n);
	uow_db_free(db);
	free(accounts);
	return sum;
}

/* -- W2 -- */

static int insert_body(uow_unit *u, void *arg)
{
	account_repository *r = account_repository_of(u);
	int64_t n = *(int64_t *)arg, i;
	struct account a;

	for (i = 0; i < n; i++) {
		account_make(&a, i);
		account_add(r, &a);
	}
	return 0;
}

static uint64_t insert(void *side, int64_t n)
{
	run(side, false, insert_body, &n);
	return 0;
}

static int insert_all_body(uow_unit *u, void *arg)
{
	int64_t n = *(int64_t *)arg, i;
	struct account *all = calloc((size_t)n + 1, sizeof(*all));

	if (!all)
		return UOW_ENOMEM;
	for (i = 0; i < n; i++)
		account_make(&all[i], i);
	account_insert_all(account_repository_of(u), all, (size_t)n);
	free(all);
	return 0;
}

static uint64_t insert_all(void *side, int64_t n)
{
	run(side, false, insert_all_body, &n);
	return 0;
}

struct fresh {
	int64_t n;
	struct account **rows;
	uint64_t sum;
};

static int insert_keys_body(uow_unit *u, void *arg)
{
	fresh_repository *r = fresh_repository_of(u);
	struct fresh *f = arg;
	struct account a;
	int64_t i;

	for (i = 0; i < f->n; i++) {
		account_make(&a, i);
		a.id = 0;
		f->rows[i] = fresh_add(r, &a);
	}
	if (uow_flush(u))
		return 0;
	f->sum = 0;
	for (i = 1; i < f->n; i++)
		f->sum += f->rows[i]->id > f->rows[i - 1]->id;
	return 0;
}

static uint64_t insert_keys(void *side, int64_t n)
{
	struct fresh f = { n, NULL, 0 };

	f.rows = calloc((size_t)n + 1, sizeof(*f.rows));
	if (!f.rows)
		peer_fail("no memory");
	run(side, false, insert_keys_body, &f);
	free(f.rows);
	return f.sum;
}

/* -- W3, W4, W5 -- */

static int find(uow_unit *u, uow_rows *rows)
{
	uow_query q = UOW_QUERY_INIT;

	q.where = uow_all();
	return account_find(account_repository_of(u), &q, rows);
}

static int update_body(uow_unit *u, void *arg)
{
	struct account *a;
	uint64_t sum = 0;
	uow_rows rows;
	size_t i;

	if (find(u, &rows))
		return 0;
	for (i = 0; i < rows.count; i++) {
		a = account_at(&rows, i);
		sum = account_sum(sum, a);
		a->balance += BALANCE_STEP;
	}
	*(uint64_t *)arg = sum;
	return 0;
}

static uint64_t update(void *side, int64_t n)
{
	uint64_t sum = 0;

	(void)n;
	run(side, false, update_body, &sum);
	return sum;
}

static int read_body(uow_unit *u, void *arg)
{
	uint64_t sum = 0;
	uow_rows rows;
	size_t i;

	if (find(u, &rows))
		return 0;
	for (i = 0; i < rows.count; i++)
		sum = account_sum(sum, account_at(&rows, i));
	*(uint64_t *)arg = sum;
	return 0;
}

static uint64_t read_all(void *side, int64_t n)
{
	uint64_t sum = 0;

	(void)n;
	run(side, true, read_body, &sum);
	return sum;
}

struct gets {
	int64_t n;
	bool again;
	uint64_t sum;
};

static uint64_t get_all(account_repository *r, int64_t n)
{
	const struct account *a;
	uint64_t sum = 0;
	int64_t i;

	for (i = 0; i < n; i++) {
		a = account_get(r, i * 7919 % ACCOUNTS + 1);
		if (a)
			sum = account_sum(sum, a);
	}
	return sum;
}

static int get_body(uow_unit *u, void *arg)
{
	account_repository *r = account_repository_of(u);
	struct gets *g = arg;

	if (g->again) {
		get_all(r, g->n);
		peer_start();
	}
	g->sum = get_all(r, g->n);
	return 0;
}

static uint64_t get_each(void *side, int64_t n)
{
	struct gets g = { n, false, 0 };

	run(side, true, get_body, &g);
	return g.sum;
}

static uint64_t get_again(void *side, int64_t n)
{
	struct gets g = { n, true, 0 };

	run(side, true, get_body, &g);
	return g.sum;
}

/* -- W7 -- */

static int empty_body(uow_unit *u, void *arg)
{
	(void)u;
	(void)arg;
	return 0;
}

static uint64_t empty(void *side, int64_t n)
{
	while (n--)
		run(side, false, empty_body, NULL);
	return 0;
}

static void *open_db(const char *connection, const char *dbms)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_db *db;

	(void)dbms;
	if (!*connection)	/* W8 */
		return NULL;
	o.connection = connection;
	o.pool_max = CONNECTIONS;
	check(uow_db_open(&db, &o, &err), &err);
	return db;
}

static void close_db(void *side)
{
	uow_db_free(side);
}

int main(int argc, char **argv)
{
	/* BENCH_BULK: W2 by uow_insert_all(), without objects. */
	const struct peer peer = {
		"uow", open_db, close_db,
		{ transfers, getenv("BENCH_BULK") ? insert_all : insert,
		  insert_keys, update, read_all, get_each, get_again, threads,
		  empty, memory }
	};

	return peer_main(&peer, argc, argv);
}
