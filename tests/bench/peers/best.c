/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hand.h"

/*
 * By hand, in the way that was found to be the fastest for each driver:
 *
 *		W1		W2		W3		W4
 *	SQLite	row by row	VALUES, 50	FROM VALUES,500	rowsets
 *	Postgr.	one statement	unnest, 1000	unnest, 20000	rowsets
 *	MariaDB	IN, one UPDATE	array, 1000	temporary table	rowsets
 *	Virt.	row by row	array, 100	array, 100	rowsets
 *
 * On SQLite statements that write are compiled once (odbc.h). What is not here
 * is as in hand.c. Updates compare the sum of rows with what was meant: which
 * row was stale they could not say.
 */

enum { VALUES = 50, JOINED = 500, ARRAY = 1000, ROWS = 100, ROWSET = 1000 };

/* Text that grows; nothing here is long enough to fail. */
struct text {
	char *s;
	size_t length, size;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (t->length + n + 1 > t->size) {
		t->size = 2 * (t->length + n + 1);
		t->s = realloc(t->s, t->size);
		if (!t->s)
			peer_fail("no memory");
	}
	memcpy(t->s + t->length, s, n + 1);
	t->length += n;
}

static void clear(struct text *t)
{
	t->length = 0;
	add(t, "");
}

static void add_int(struct text *t, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)value);
	add(t, digits);
}

static SQLHSTMT prepare_text(struct link *l, struct text *t)
{
	SQLHSTMT s = link_prepare(l, t->s);

	free(t->s);
	memset(t, 0, sizeof(*t));
	return s;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void *list_of(int64_t n, size_t size)
{
	void *list = calloc((size_t)n + 1, size);

	if (!list)
		peer_fail("no memory");
	return list;
}

/* -- W1 -- */

struct steps {
	struct link *link;
	SQLHSTMT pair, put, add, card;
	int64_t ids[2];
	struct account_row row;
	struct account a[2];
	int64_t next[2], entry, debit, credit, amount;
	char memo[33];
	int64_t points, points_next, card_version, card_id;
	SQLLEN memo_length;
};

static void prepare_pair(struct link *l, struct steps *t)
{
	memset(t, 0, sizeof(*t));
	t->link = l;
	t->card_version = t->card_id = 1;
	strcpy(t->memo, "transfer");
	t->pair = link_prepare(l, ACCOUNT_SELECT " WHERE id IN (?, ?)");
	bind_int(l, t->pair, 1, &t->ids[0]);
	bind_int(l, t->pair, 2, &t->ids[1]);
	bind_account(l, t->pair, &t->row);
}

static int bind_entry(struct steps *t, SQLHSTMT s, int n)
{
	bind_int(t->link, s, n++, &t->entry);
	bind_int(t->link, s, n++, &t->debit);
	bind_int(t->link, s, n++, &t->credit);
	bind_int(t->link, s, n++, &t->amount);
	bind_text(s, n++, t->memo, &t->memo_length);
	return n;
}

static int bind_card(struct steps *t, SQLHSTMT s, int n)
{
	bind_int(t->link, s, n++, &t->points);
	bind_int(t->link, s, n++, &t->card_id);
	bind_int(t->link, s, n++, &t->card_version);
	return n;
}

static int bind_put(struct steps *t, SQLHSTMT s, int n, int which)
{
	bind_int(t->link, s, n++, &t->a[which].balance);
	bind_int(t->link, s, n++, &t->a[which].id);
	bind_int(t->link, s, n++, &t->a[which].version);
	return n;
}

#define INSERT_ENTRY \
	"INSERT INTO bench_entry (id, debit, credit, amount, memo) " \
	"VALUES (?, ?, ?, ?, ?)"
#define UPDATE_CARD \
	"UPDATE bench_loyalty SET points = ?, version = version + 1 " \
	"WHERE id = ? AND version = ?"
#define UPDATE_ACCOUNT \
	"UPDATE bench_account SET balance = ?, version = version + 1 " \
	"WHERE id = ? AND version = ?"

/* All writes in one statement, which tells how many rows it hit. */
static void prepare_merged(struct steps *t)
{
	int n;

	t->put = link_prepare(t->link, "WITH "
		"a AS (" UPDATE_ACCOUNT " RETURNING 1), "
		"b AS (" UPDATE_ACCOUNT " RETURNING 1), "
		"c AS (" INSERT_ENTRY " RETURNING 1), "
		"d AS (" UPDATE_CARD " RETURNING 1) "
		"SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b) + "
		"(SELECT count(*) FROM c) + (SELECT count(*) FROM d)");
	n = bind_put(t, t->put, 1, 0);
	n = bind_put(t, t->put, n, 1);
	n = bind_entry(t, t->put, n);
	bind_card(t, t->put, n);
}

static void prepare_steps(struct steps *t)
{
	int i;

	t->put = link_prepare(t->link, "UPDATE bench_account SET "
		"balance = CASE id WHEN ? THEN ? ELSE ? END, "
		"version = version + 1 "
		"WHERE id = ? AND version = ? OR id = ? AND version = ?");
	bind_int(t->link, t->put, 1, &t->a[0].id);
	bind_int(t->link, t->put, 2, &t->a[0].balance);
	bind_int(t->link, t->put, 3, &t->a[1].balance);
	for (i = 0; i < 2; i++) {
		bind_int(t->link, t->put, 4 + 2 * i, &t->a[i].id);
		bind_int(t->link, t->put, 5 + 2 * i, &t->a[i].version);
	}
	t->add = link_prepare(t->link, INSERT_ENTRY);
	bind_entry(t, t->add, 1);
	t->card = link_prepare(t->link, UPDATE_CARD);
	bind_card(t, t->card, 1);
}

static void read_pair(struct steps *t, struct transfer x)
{
	int i;

	t->ids[0] = x.from;
	t->ids[1] = x.to;
	execute(t->pair);
	for (i = 0; i < 2; i++) {
		if (SQLFetch(t->pair) != SQL_SUCCESS)
			peer_fail("an account is missing");
		t->a[t->row.a.id == x.to] = t->row.a;
	}
	SQLFreeStmt(t->pair, SQL_CLOSE);
}

static void write_steps(struct steps *t)
{
	if (t->link->dbms == POSTGRESQL) {
		execute(t->put);
		if (fetch_int(t->link, t->put) != 4)
			peer_fail("a row was stale");
		return;
	}
	execute_rows(t->put, 2);
	execute(t->add);
	execute_rows(t->card, 1);
}

static uint64_t transfer(struct steps *t, struct transfer x, int64_t id)
{
	uint64_t sum;

	read_pair(t, x);
	sum = account_sum(account_sum(0, &t->a[0]), &t->a[1]);
	t->a[0].balance -= x.amount;
	t->a[1].balance += x.amount;
	t->entry = id;
	t->debit = x.from;
	t->credit = x.to;
	t->amount = x.amount;
	t->points++;
	write_steps(t);
	link_commit(t->link);
	t->card_version++;
	return sum;
}

static uint64_t transfers(void *side, int64_t n)
{
	struct link *l = side;
	struct steps t;
	uint64_t sum = 0;
	int64_t i;

	if (l->dbms == SQLITE || l->dbms == VIRTUOSO)
		return hand_transfers(side, n);
	prepare_pair(l, &t);
	if (l->dbms == POSTGRESQL)
		prepare_merged(&t);
	else
		prepare_steps(&t);
	for (i = 0; i < n; i++)
		sum += transfer(&t, transfer_make(i), entry_id(0, i));
	done(t.pair);
	done(t.put);
	if (t.add) {
		done(t.add);
		done(t.card);
	}
	return sum;
}

/* -- W2 by VALUES (..), (..) -- */

static SQLHSTMT prepare_values(struct link *l, int keyed, int64_t rows,
			       struct account *a, SQLLEN *length)
{
	struct text t = { NULL, 0, 0 };
	SQLHSTMT s;
	int64_t i;
	int n = 1;

	add(&t, keyed ? "INSERT INTO bench_account (" ACCOUNT_COLUMNS
	    ") VALUES " : "INSERT INTO bench_fresh (version, customer, "
	    "balance, rate, owner) VALUES ");
	for (i = 0; i < rows; i++) {
		add(&t, i ? ", (" : "(");
		add(&t, keyed ? "?, ?, ?, ?, ?, ?)" : "?, ?, ?, ?, ?)");
	}
	s = prepare_text(l, &t);
	for (i = 0; i < rows; i++) {
		if (keyed)
			bind_int(l, s, n++, &a[i].id);
		bind_int(l, s, n++, &a[i].version);
		bind_int(l, s, n++, &a[i].customer);
		bind_int(l, s, n++, &a[i].balance);
		bind_int(l, s, n++, &a[i].rate);
		bind_text(s, n++, a[i].owner, length);
	}
	return s;
}

/* The key of the first of k rows, from the one key that is told. */
static int64_t first_key(struct link *l, SQLHSTMT key, int64_t k)
{
	execute(key);
	return fetch_int(l, key) - (l->dbms == MARIADB ? 0 : k - 1);
}

static void insert_values(struct link *l, int64_t n, int64_t most,
			  int64_t *keys)
{
	struct account *a = list_of(most, sizeof(*a));
	int64_t done_rows, k = 0, i;
	SQLHSTMT s = NULL, key = NULL;
	SQLLEN length;

	if (keys)
		key = link_prepare(l, l->dbms == SQLITE ?
				   "SELECT last_insert_rowid()" :
				   "SELECT last_insert_id()");
	for (done_rows = 0; done_rows < n; done_rows += k) {
		if (!s || smaller(most, n - done_rows) != k) {
			if (s)
				done(s);
			k = smaller(most, n - done_rows);
			s = prepare_values(l, !keys, k, a, &length);
		}
		for (i = 0; i < k; i++)
			account_make(&a[i], done_rows + i);
		execute(s);
		for (i = 0; keys && i < k; i++)
			keys[done_rows + i] = i ? keys[done_rows] + i :
				first_key(l, key, k);
	}
	if (s)
		done(s);
	if (key)
		done(key);
	free(a);
}

/* -- W2 by unnest -- */

struct lists {
	struct text t[6];
	SQLLEN length[6];
};

static void lists_clear(struct lists *b)
{
	int i;

	for (i = 0; i < 6; i++)
		clear(&b->t[i]);
}

static void lists_next(struct lists *b, int i, int64_t value)
{
	add(&b->t[i], b->t[i].length ? "," : "{");
	add_int(&b->t[i], value);
}

static void lists_account(struct lists *b, const struct account *a)
{
	lists_next(b, 0, a->id);
	lists_next(b, 1, a->version);
	lists_next(b, 2, a->customer);
	lists_next(b, 3, a->balance);
	lists_next(b, 4, a->rate);
	add(&b->t[5], b->t[5].length ? ",\"" : "{\"");
	add(&b->t[5], a->owner);
	add(&b->t[5], "\"");
}

/* Where a text lies may have changed while it grew. */
static void lists_bind(struct lists *b, SQLHSTMT s, int first, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct text *t = &b->t[first + i];

		add(t, "}");
		b->length[i] = (SQLLEN)t->length;
		link_check(SQLBindParameter(s, (SQLUSMALLINT)(i + 1),
					    SQL_PARAM_INPUT, SQL_C_CHAR,
					    SQL_LONGVARCHAR, t->length, 0, t->s,
					    b->length[i], &b->length[i]),
			   SQL_HANDLE_STMT, s);
	}
}

static void lists_free(struct lists *b)
{
	int i;

	for (i = 0; i < 6; i++)
		free(b->t[i].s);
}

static void insert_unnest(struct link *l, int64_t n, int64_t *keys)
{
	int64_t from, i, k;
	struct account a;
	struct lists b;
	SQLHSTMT s;

	memset(&b, 0, sizeof(b));
	s = link_prepare(l, keys ?
		"INSERT INTO bench_fresh (version, customer, balance, rate, "
		"owner) SELECT * FROM unnest(?::bigint[], ?::bigint[], "
		"?::bigint[], ?::bigint[], ?::text[]) RETURNING id" :
		"INSERT INTO bench_account (" ACCOUNT_COLUMNS ") "
		"SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], "
		"?::bigint[], ?::bigint[], ?::text[])");
	for (from = 0; from < n; from += k) {
		k = smaller(ARRAY, n - from);
		lists_clear(&b);
		for (i = 0; i < k; i++) {
			account_make(&a, from + i);
			lists_account(&b, &a);
		}
		lists_bind(&b, s, keys ? 1 : 0, keys ? 5 : 6);
		if (!keys) {
			execute_rows(s, (SQLLEN)k);
			continue;
		}
		execute(s);
		for (i = 0; i < k; i++) {
			SQLLEN length;

			link_check(SQLFetch(s), SQL_HANDLE_STMT, s);
			SQLGetData(s, 1, SQL_C_SBIGINT, &keys[from + i], 8,
				   &length);
		}
		SQLFreeStmt(s, SQL_CLOSE);
	}
	done(s);
	lists_free(&b);
}

/* -- W2 and W3 by arrays of parameters -- */

static void set(SQLHSTMT s, SQLINTEGER attribute, size_t value)
{
	link_check(SQLSetStmtAttr(s, attribute, (SQLPOINTER)value, 0),
		   SQL_HANDLE_STMT, s);
}

struct columns {
	int64_t id[ARRAY], version[ARRAY], customer[ARRAY], balance[ARRAY],
		rate[ARRAY];
	char owner[ARRAY][33];
	SQLLEN length[ARRAY];
};

/* Column by column: by rows this driver would send them one by one. */
static void insert_columns(struct link *l, int64_t n)
{
	struct columns *c = list_of(1, sizeof(*c));
	struct account a;
	int64_t from, i, k;
	SQLHSTMT s;

	s = link_prepare(l, "INSERT INTO bench_account (" ACCOUNT_COLUMNS ") "
			 "VALUES (?, ?, ?, ?, ?, ?)");
	bind_int(l, s, 1, c->id);
	bind_int(l, s, 2, c->version);
	bind_int(l, s, 3, c->customer);
	bind_int(l, s, 4, c->balance);
	bind_int(l, s, 5, c->rate);
	bind_text(s, 6, c->owner[0], c->length);
	for (from = 0; from < n; from += k) {
		k = smaller(ARRAY, n - from);
		for (i = 0; i < k; i++) {
			account_make(&a, from + i);
			c->id[i] = a.id;
			c->version[i] = a.version;
			c->customer[i] = a.customer;
			c->balance[i] = a.balance;
			c->rate[i] = a.rate;
			memcpy(c->owner[i], a.owner, sizeof(a.owner));
			c->length[i] = SQL_NTS;
		}
		set(s, SQL_ATTR_PARAMSET_SIZE, (size_t)k);
		execute_rows(s, (SQLLEN)k);
	}
	done(s);
	free(c);
}


/* Row by row in memory: this driver steps by another width by columns. */
static void insert_rows(struct link *l, int64_t n, int64_t *keys)
{
	struct account *a = list_of(ROWS, sizeof(*a));
	SQLHSTMT s, key = NULL;
	int64_t from, i, k;
	SQLLEN length;
	int p = 1;

	s = link_prepare(l, keys ? "INSERT INTO bench_fresh (version, customer,"
			 " balance, rate, owner) VALUES (?, ?, ?, ?, ?)" :
			 "INSERT INTO bench_account (" ACCOUNT_COLUMNS ") "
			 "VALUES (?, ?, ?, ?, ?, ?)");
	set(s, SQL_ATTR_PARAM_BIND_TYPE, sizeof(*a));
	if (keys)
		key = link_prepare(l, "SELECT identity_value()");
	else
		bind_int(l, s, p++, &a->id);
	bind_int(l, s, p++, &a->version);
	bind_int(l, s, p++, &a->customer);
	bind_int(l, s, p++, &a->balance);
	bind_int(l, s, p++, &a->rate);
	bind_text(s, p, a->owner, &length);
	link_check(SQLBindParameter(s, (SQLUSMALLINT)p, SQL_PARAM_INPUT,
				    SQL_C_CHAR, SQL_VARCHAR, 32, 0, a->owner,
				    33, NULL), SQL_HANDLE_STMT, s);
	for (from = 0; from < n; from += k) {
		k = smaller(ROWS, n - from);
		for (i = 0; i < k; i++)
			account_make(&a[i], from + i);
		set(s, SQL_ATTR_PARAMSET_SIZE, (size_t)k);
		execute_rows(s, (SQLLEN)k);
		for (i = 0; keys && i < k; i++)
			keys[from + i] = i ? keys[from] + i :
				first_key(l, key, k);
	}
	done(s);
	if (key)
		done(key);
	free(a);
}

static uint64_t insert(void *side, int64_t n)
{
	struct link *l = side;

	if (l->dbms == SQLITE)
		insert_values(l, n, VALUES, NULL);
	else if (l->dbms == POSTGRESQL)
		insert_unnest(l, n, NULL);
	else if (l->dbms == MARIADB)
		insert_columns(l, n);
	else
		insert_rows(l, n, NULL);
	link_commit(l);
	return 0;
}

static uint64_t insert_keys(void *side, int64_t n)
{
	int64_t *keys = list_of(n, sizeof(*keys));
	struct link *l = side;
	uint64_t sum;

	if (l->dbms == SQLITE)
		insert_values(l, n, VALUES, keys);
	else if (l->dbms == POSTGRESQL)
		insert_unnest(l, n, keys);
	else if (l->dbms == MARIADB)
		insert_values(l, n, JOINED, keys);
	else
		insert_rows(l, n, keys);
	link_commit(l);
	sum = keys_rising(keys, n);
	free(keys);
	return sum;
}

/* -- W3, W4 -- */

static void bind_rowset(struct link *l, SQLHSTMT s, struct account *a)
{
	SQLBindCol(s, 1, l->c_int, &a->id, 8, NULL);
	SQLBindCol(s, 2, l->c_int, &a->version, 8, NULL);
	SQLBindCol(s, 3, l->c_int, &a->customer, 8, NULL);
	SQLBindCol(s, 4, l->c_int, &a->balance, 8, NULL);
	SQLBindCol(s, 5, l->c_int, &a->rate, 8, NULL);
	SQLBindCol(s, 6, SQL_C_CHAR, a->owner, 33, NULL);
}

/* Straight into the array of structs. */
static struct account *load(struct link *l, int64_t *count)
{
	SQLHSTMT s = link_prepare(l, ACCOUNT_SELECT);
	struct account *list = NULL;
	size_t size = 0, n = 0;
	SQLULEN fetched;

	set(s, SQL_ATTR_ROW_BIND_TYPE, sizeof(*list));
	set(s, SQL_ATTR_ROW_ARRAY_SIZE, ROWSET);
	link_check(SQLSetStmtAttr(s, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0),
		   SQL_HANDLE_STMT, s);
	execute(s);
	for (;; n += fetched) {
		if (n + ROWSET > size) {
			size = 2 * size + ROWSET;
			list = realloc(list, size * sizeof(*list));
			if (!list)
				peer_fail("no memory");
		}
		bind_rowset(l, s, list + n);
		fetched = 0;
		if (!SQL_SUCCEEDED(SQLFetch(s)))
			break;
	}
	done(s);
	*count = (int64_t)n;
	return list;
}

static void update_values(struct link *l, struct account *list, int64_t n)
{
	struct text t = { NULL, 0, 0 };
	int64_t from, i, k;
	SQLHSTMT s = NULL;
	int p;

	for (from = 0; from < n; from += k) {
		k = smaller(JOINED, n - from);
		if (!s || k != JOINED) {
			clear(&t);
			add(&t, "UPDATE bench_account SET balance = v.column2, "
			    "version = version + 1 FROM (VALUES ");
			for (i = 0; i < k; i++)
				add(&t, i ? ", (?, ?, ?)" : "(?, ?, ?)");
			add(&t, ") AS v WHERE id = v.column1 AND "
			    "version = v.column3");
			if (s)
				done(s);
			s = prepare_text(l, &t);
		}
		for (i = 0, p = 1; i < k; i++) {
			bind_int(l, s, p++, &list[from + i].id);
			bind_int(l, s, p++, &list[from + i].balance);
			bind_int(l, s, p++, &list[from + i].version);
		}
		execute_rows(s, (SQLLEN)k);
	}
	if (s)
		done(s);
}

static void update_unnest(struct link *l, struct account *list, int64_t n)
{
	struct lists b;
	SQLHSTMT s;
	int64_t i;

	memset(&b, 0, sizeof(b));
	lists_clear(&b);
	for (i = 0; i < n; i++) {
		lists_next(&b, 0, list[i].id);
		lists_next(&b, 1, list[i].balance);
		lists_next(&b, 2, list[i].version);
	}
	s = link_prepare(l, "UPDATE bench_account a SET balance = v.b, "
			 "version = a.version + 1 FROM unnest(?::bigint[], "
			 "?::bigint[], ?::bigint[]) AS v(i, b, o) "
			 "WHERE a.id = v.i AND a.version = v.o");
	lists_bind(&b, s, 0, 3);
	execute_rows(s, (SQLLEN)n);
	done(s);
	lists_free(&b);
}

static void update_temporary(struct link *l, struct account *list, int64_t n)
{
	int64_t *c = list_of(3 * n, sizeof(*c)), i;
	SQLHSTMT s;

	for (i = 0; i < n; i++) {
		c[i] = list[i].id;
		c[n + i] = list[i].version;
		c[2 * n + i] = list[i].balance;
	}
	link_run(l, "CREATE TEMPORARY TABLE bench_new (id BIGINT PRIMARY KEY, "
		 "version BIGINT, balance BIGINT)");
	s = link_prepare(l, "INSERT INTO bench_new VALUES (?, ?, ?)");
	bind_int(l, s, 1, c);
	bind_int(l, s, 2, c + n);
	bind_int(l, s, 3, c + 2 * n);
	set(s, SQL_ATTR_PARAMSET_SIZE, (size_t)n);
	execute_rows(s, (SQLLEN)n);
	done(s);
	s = link_prepare(l, "UPDATE bench_account a JOIN bench_new v ON "
			 "a.id = v.id AND a.version = v.version SET "
			 "a.balance = v.balance, a.version = a.version + 1");
	execute_rows(s, (SQLLEN)n);
	done(s);
	link_run(l, "DROP TEMPORARY TABLE bench_new");
	free(c);
}

static void update_rows(struct link *l, struct account *list, int64_t n)
{
	struct account *a = list_of(ROWS, sizeof(*a));
	int64_t from, k;
	SQLHSTMT s;

	s = link_prepare(l, UPDATE_ACCOUNT);
	set(s, SQL_ATTR_PARAM_BIND_TYPE, sizeof(*a));
	bind_int(l, s, 1, &a->balance);
	bind_int(l, s, 2, &a->id);
	bind_int(l, s, 3, &a->version);
	for (from = 0; from < n; from += k) {
		k = smaller(ROWS, n - from);
		memcpy(a, list + from, (size_t)k * sizeof(*a));
		set(s, SQL_ATTR_PARAMSET_SIZE, (size_t)k);
		execute_rows(s, (SQLLEN)k);
	}
	done(s);
	free(a);
}

static uint64_t update(void *side, int64_t n)
{
	static void (*const ways[])(struct link *, struct account *,
				    int64_t) = {
		update_values, update_unnest, update_temporary, update_rows
	};
	struct link *l = side;
	struct account *list;
	int64_t count, i;
	uint64_t sum = 0;

	(void)n;
	list = load(l, &count);
	for (i = 0; i < count; i++) {
		sum = account_sum(sum, &list[i]);
		list[i].balance += BALANCE_STEP;
	}
	ways[l->dbms](l, list, count);
	link_commit(l);
	free(list);
	return sum;
}

static uint64_t read_all(void *side, int64_t n)
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

static void *open_best(const char *connection, const char *dbms)
{
	struct link *l = hand_open(connection, dbms);

	if (l->dbms == SQLITE)
		link_compile_once(l);
	return l;
}

int main(int argc, char **argv)
{
	static const struct peer peer = {
		"hand-best", open_best, link_close,
		{ transfers, insert, insert_keys, update, read_all, hand_get,
		  NULL, NULL, NULL, NULL }
	};

	return peer_main(&peer, argc, argv);
}
