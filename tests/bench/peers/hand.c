/* SPDX-License-Identifier: BSD-2-Clause */
#include "hand.h"

#include <stdlib.h>
#include <string.h>

/*
 * By hand, row by row: each statement prepared once, its parameters bound
 * once, each version checked by the count of rows.
 */

struct statements {
	struct link *link;
	SQLHSTMT lock, get, put, add, card;
	struct account_row row;
	struct account a;
	struct {
		int64_t id, debit, credit, amount;
		char memo[33];
	} entry;
	struct {
		int64_t id, version, points;
	} loyalty;
	int64_t next, id;
	SQLLEN memo;
};

static void prepare_get(struct link *l, struct statements *t)
{
	memset(t, 0, sizeof(*t));
	t->link = l;
	t->get = link_prepare(l, ACCOUNT_SELECT " WHERE id = ?");
	bind_int(l, t->get, 1, &t->id);
	bind_account(l, t->get, &t->row);
}

static void prepare_all(struct link *l, struct statements *t)
{
	prepare_get(l, t);
	t->put = link_prepare(l, "UPDATE bench_account SET balance = ?, "
			      "version = ? WHERE id = ? AND version = ?");
	bind_int(l, t->put, 1, &t->a.balance);
	bind_int(l, t->put, 2, &t->next);
	bind_int(l, t->put, 3, &t->a.id);
	bind_int(l, t->put, 4, &t->a.version);
	t->add = link_prepare(l, "INSERT INTO bench_entry (id, debit, credit, "
			      "amount, memo) VALUES (?, ?, ?, ?, ?)");
	bind_int(l, t->add, 1, &t->entry.id);
	bind_int(l, t->add, 2, &t->entry.debit);
	bind_int(l, t->add, 3, &t->entry.credit);
	bind_int(l, t->add, 4, &t->entry.amount);
	bind_text(t->add, 5, t->entry.memo, &t->memo);
	t->card = link_prepare(l, "UPDATE bench_loyalty SET points = ?, "
			       "version = ? WHERE id = ? AND version = ?");
	bind_int(l, t->card, 1, &t->loyalty.points);
	bind_int(l, t->card, 2, &t->next);
	bind_int(l, t->card, 3, &t->loyalty.id);
	bind_int(l, t->card, 4, &t->loyalty.version);
	strcpy(t->entry.memo, "transfer");
	t->loyalty.version = 1;
}

static void done_all(struct statements *t)
{
	done(t->get);
	done(t->put);
	done(t->add);
	done(t->card);
}

static void get(struct statements *t, int64_t id, struct account *out)
{
	t->id = id;
	execute(t->get);
	if (SQLFetch(t->get) != SQL_SUCCESS)
		peer_fail("no account %lld", (long long)id);
	SQLFreeStmt(t->get, SQL_CLOSE);
	*out = t->row.a;
}

static void put(struct statements *t, const struct account *a, int64_t by)
{
	t->a = *a;
	t->a.balance += by;
	t->next = a->version + 1;
	execute_rows(t->put, 1);
}

static uint64_t transfer(struct statements *t, struct transfer x, int64_t id)
{
	struct account from, to;

	get(t, x.from, &from);
	get(t, x.to, &to);
	put(t, &from, -x.amount);
	put(t, &to, x.amount);
	t->entry.id = id;
	t->entry.debit = x.from;
	t->entry.credit = x.to;
	t->entry.amount = x.amount;
	execute(t->add);
	t->loyalty.points++;
	t->next = t->loyalty.version + 1;
	execute_rows(t->card, 1);
	link_commit(t->link);
	t->loyalty.version++;
	return account_sum(account_sum(0, &from), &to);
}

uint64_t hand_transfers(void *side, int64_t n)
{
	struct statements t;
	uint64_t sum = 0;
	int64_t i;

	prepare_all(side, &t);
	t.loyalty.id = 1;
	for (i = 0; i < n; i++)
		sum += transfer(&t, transfer_make(i), entry_id(0, i));
	done_all(&t);
	return sum;
}

/* -- W2 -- */

static SQLHSTMT prepare_insert(struct link *l, const char *sql, int first,
			       struct account *a, SQLLEN *length)
{
	SQLHSTMT s = link_prepare(l, sql);
	int n = 1;

	if (first)
		bind_int(l, s, n++, &a->id);
	bind_int(l, s, n++, &a->version);
	bind_int(l, s, n++, &a->customer);
	bind_int(l, s, n++, &a->balance);
	bind_int(l, s, n++, &a->rate);
	bind_text(s, n, a->owner, length);
	return s;
}

uint64_t hand_insert(void *side, int64_t n)
{
	struct account a;
	SQLLEN length;
	SQLHSTMT s;
	int64_t i;

	s = prepare_insert(side, "INSERT INTO bench_account (" ACCOUNT_COLUMNS
			   ") VALUES (?, ?, ?, ?, ?, ?)", 1, &a, &length);
	for (i = 0; i < n; i++) {
		account_make(&a, i);
		execute(s);
	}
	link_commit(side);
	done(s);
	return 0;
}

/* How one asks for the key; NULL where the insert itself tells. */
static const char *const last_key[] = {
	"SELECT last_insert_rowid()", NULL, "SELECT last_insert_id()",
	"SELECT identity_value()"
};

uint64_t hand_insert_keys(void *side, int64_t n)
{
	struct link *l = side;
	int64_t *keys = calloc((size_t)n + 1, sizeof(*keys)), i;
	SQLHSTMT s, key = NULL;
	struct account a;
	SQLLEN length;
	uint64_t sum;

	s = prepare_insert(l, l->dbms == POSTGRESQL ?
			   "INSERT INTO bench_fresh (version, customer, "
			   "balance, rate, owner) VALUES (?, ?, ?, ?, ?) "
			   "RETURNING id" :
			   "INSERT INTO bench_fresh (version, customer, "
			   "balance, rate, owner) VALUES (?, ?, ?, ?, ?)",
			   0, &a, &length);
	if (last_key[l->dbms])
		key = link_prepare(l, last_key[l->dbms]);
	for (i = 0; i < n; i++) {
		account_make(&a, i);
		execute(s);
		if (key)
			execute(key);
		keys[i] = fetch_int(l, key ? key : s);
	}
	link_commit(l);
	done(s);
	if (key)
		done(key);
	sum = keys_rising(keys, n);
	free(keys);
	return sum;
}

/* -- W3, W4, W5 -- */

/* Everything into an array that grows, as one would. */
static struct account *load(struct link *l, int64_t *count)
{
	SQLHSTMT s = link_prepare(l, ACCOUNT_SELECT);
	struct account *list = NULL;
	struct account_row row;
	size_t size = 0, n = 0;

	bind_account(l, s, &row);
	execute(s);
	while (SQLFetch(s) == SQL_SUCCESS) {
		if (n == size) {
			size = size ? 2 * size : 1024;
			list = realloc(list, size * sizeof(*list));
			if (!list)
				peer_fail("no memory");
		}
		list[n++] = row.a;
	}
	done(s);
	*count = (int64_t)n;
	return list;
}

uint64_t hand_update(void *side, int64_t n)
{
	struct account *list;
	struct statements t;
	int64_t count, i;
	uint64_t sum = 0;

	(void)n;
	list = load(side, &count);
	prepare_all(side, &t);
	for (i = 0; i < count; i++) {
		sum = account_sum(sum, &list[i]);
		put(&t, &list[i], BALANCE_STEP);
	}
	link_commit(side);
	done_all(&t);
	free(list);
	return sum;
}

uint64_t hand_read(void *side, int64_t n)
{
	struct account *list;
	int64_t count, i;
	uint64_t sum = 0;

	(void)n;
	list = load(side, &count);
	link_commit(side);
	for (i = 0; i < count; i++)
		sum = account_sum(sum, &list[i]);
	free(list);
	return sum;
}

uint64_t hand_get(void *side, int64_t n)
{
	struct statements t;
	struct account a;
	uint64_t sum = 0;
	int64_t i;

	prepare_get(side, &t);
	for (i = 0; i < n; i++) {
		get(&t, i * 7919 % ACCOUNTS + 1, &a);
		sum = account_sum(sum, &a);
	}
	link_commit(side);
	done(t.get);
	return sum;
}

/* -- W6, W7 -- */

static struct {
	char connection[1024];
	const char *dbms;
	int64_t n;
} threads;

/* The driver waits as long as an option says, which may be too short. */
static void lock(SQLHSTMT s)
{
	SQLRETURN rc;
	int tries = 0;

	do {
		rc = SQLExecute(s);
	} while (rc == SQL_ERROR && tries++ < 1000);
	link_check(rc, SQL_HANDLE_STMT, s);
}

/* Cards and their versions belong to the thread, statements to the link. */
static void thread(int number, void *arg)
{
	struct statements *t;
	int64_t i, version = 1, points = 0;

	(void)arg;
	for (i = 0; i < threads.n; i++) {
		t = pool_take();
		t->loyalty.id = number + 1;
		t->loyalty.version = version;
		t->loyalty.points = points;
		if (t->lock)
			lock(t->lock);
		transfer(t, transfer_of(number, i), entry_id(number, i));
		version = t->loyalty.version;
		points = t->loyalty.points;
		pool_give(t);
	}
}

/* Two that have read could both not write: the first statement has to. */
static SQLHSTMT one_writer(struct link *l)
{
	if (l->dbms != SQLITE)
		return NULL;
	return link_prepare(l, "DELETE FROM bench_entry WHERE 0");
}

uint64_t hand_threads(void *side, int64_t n)
{
	static struct statements t[CONNECTIONS];
	int i;

	threads.n = n;
	for (i = 0; i < CONNECTIONS; i++) {
		prepare_all(i ? link_open(threads.connection, threads.dbms) :
			    side, &t[i]);
		t[i].lock = one_writer(t[i].link);
		pool_give(&t[i]);
	}
	peer_start();
	peer_threads(thread, NULL);
	for (i = 0; i < CONNECTIONS; i++) {
		if (t[i].lock)
			done(t[i].lock);
		done_all(&t[i]);
		if (i)
			link_close(t[i].link);
	}
	return 0;
}

uint64_t hand_empty(void *side, int64_t n)
{
	while (n--)
		link_commit(side);
	return 0;
}

void *hand_open(const char *connection, const char *dbms)
{
	strncpy(threads.connection, connection,
		sizeof(threads.connection) - 1);
	threads.dbms = dbms;
	return link_open(connection, dbms);
}
