/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mysql.h>

#include "peer.h"

/*
 * The MariaDB C connector: statements prepared once, row by row; with
 * BENCH_BEST many rows in one message where there is a bulk interface.
 */

struct native {
	MYSQL *c;
	int best;
};

enum { BULK = 1000 };

static void fail(MYSQL_STMT *s)
{
	peer_fail("%s", mysql_stmt_error(s));
}

static void *open_native(const char *connection, const char *dbms)
{
	char host[64], port[16], name[64], user[64], password[128];
	struct native *n = calloc(1, sizeof(*n));

	(void)dbms;
	if (!n || !(n->c = mysql_init(NULL)))
		peer_fail("no memory");
	peer_option(connection, "SERVER", host, sizeof(host));
	peer_option(connection, "PORT", port, sizeof(port));
	peer_option(connection, "DATABASE", name, sizeof(name));
	peer_option(connection, "UID", user, sizeof(user));
	peer_option(connection, "PWD", password, sizeof(password));
	n->best = getenv("BENCH_BEST") != NULL;
	if (!mysql_real_connect(n->c, host, user, password, name,
				(unsigned)atoi(port), NULL, 0))
		peer_fail("%s", mysql_error(n->c));
	mysql_autocommit(n->c, 0);
	return n;
}

static void close_native(void *side)
{
	struct native *n = side;

	mysql_close(n->c);
	free(n);
}

static void commit(struct native *n)
{
	if (mysql_commit(n->c))
		peer_fail("%s", mysql_error(n->c));
}

static MYSQL_STMT *prepare(struct native *n, const char *sql)
{
	MYSQL_STMT *s = mysql_stmt_init(n->c);

	if (mysql_stmt_prepare(s, sql, (unsigned long)strlen(sql)))
		fail(s);
	return s;
}

static void int_at(MYSQL_BIND *b, int64_t *value)
{
	memset(b, 0, sizeof(*b));
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = value;
	b->buffer_length = sizeof(*value);
}

static void text_at(MYSQL_BIND *b, char *value, unsigned long *length)
{
	memset(b, 0, sizeof(*b));
	b->buffer_type = MYSQL_TYPE_STRING;
	b->buffer = value;
	b->buffer_length = 33;
	b->length = length;
}

static void account_at(MYSQL_BIND *b, struct account *a, unsigned long *length)
{
	int_at(&b[0], &a->id);
	int_at(&b[1], &a->version);
	int_at(&b[2], &a->customer);
	int_at(&b[3], &a->balance);
	int_at(&b[4], &a->rate);
	text_at(&b[5], a->owner, length);
}

static void execute(MYSQL_STMT *s)
{
	if (mysql_stmt_execute(s))
		fail(s);
}

static void execute_rows(MYSQL_STMT *s, uint64_t rows)
{
	execute(s);
	if (mysql_stmt_affected_rows(s) != rows)
		peer_fail("a row was stale");
}

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = ?, version = ? " \
	"WHERE id = ? AND version = ?"

struct getter {
	MYSQL_STMT *s;
	int64_t id;
	struct account a;
	unsigned long length;
};

static void getter_open(struct native *n, struct getter *g)
{
	MYSQL_BIND in, out[6];

	g->s = prepare(n, SELECT " WHERE id = ?");
	int_at(&in, &g->id);
	mysql_stmt_bind_param(g->s, &in);
	account_at(out, &g->a, &g->length);
	mysql_stmt_bind_result(g->s, out);
}

static void get(struct getter *g, int64_t id, struct account *a)
{
	g->id = id;
	execute(g->s);
	if (mysql_stmt_fetch(g->s))
		peer_fail("no account");
	g->a.owner[g->length] = '\0';
	*a = g->a;
	mysql_stmt_free_result(g->s);
}

struct putter {
	MYSQL_STMT *s;
	int64_t balance, next, id, version;
};

static void putter_open(struct native *n, struct putter *p)
{
	MYSQL_BIND in[4];

	p->s = prepare(n, UPDATE);
	int_at(&in[0], &p->balance);
	int_at(&in[1], &p->next);
	int_at(&in[2], &p->id);
	int_at(&in[3], &p->version);
	mysql_stmt_bind_param(p->s, in);
}

static void put(struct putter *p, const struct account *a, int64_t by)
{
	p->balance = a->balance + by;
	p->next = a->version + 1;
	p->id = a->id;
	p->version = a->version;
	execute_rows(p->s, 1);
}

/* Where the arguments lie is bound: it has to stay there. */
struct steps {
	struct native *n;
	struct getter g;
	struct putter p;
	MYSQL_STMT *add, *card;
	int64_t e[4], c[4];
	char memo[33];
	unsigned long length;
};

static void steps_open(struct steps *t, struct native *n)
{
	MYSQL_BIND in[5];
	int k;

	t->n = n;
	getter_open(n, &t->g);
	putter_open(n, &t->p);
	strcpy(t->memo, "transfer");
	t->length = 8;
	t->add = prepare(n, "INSERT INTO bench_entry (id, debit, credit, "
			 "amount, memo) VALUES (?, ?, ?, ?, ?)");
	for (k = 0; k < 4; k++)
		int_at(&in[k], &t->e[k]);
	text_at(&in[4], t->memo, &t->length);
	mysql_stmt_bind_param(t->add, in);
	t->card = prepare(n, "UPDATE bench_loyalty SET points = ?, "
			  "version = ? WHERE id = ? AND version = ?");
	for (k = 0; k < 4; k++)
		int_at(&in[k], &t->c[k]);
	mysql_stmt_bind_param(t->card, in);
}

static void steps_close(struct steps *t)
{
	mysql_stmt_close(t->g.s);
	mysql_stmt_close(t->p.s);
	mysql_stmt_close(t->add);
	mysql_stmt_close(t->card);
}

/* Transfer i of a card's owner. */
static uint64_t transfer(struct steps *t, struct transfer x, int64_t entry,
			 int64_t owner, int64_t i)
{
	struct account from, to;

	get(&t->g, x.from, &from);
	get(&t->g, x.to, &to);
	put(&t->p, &from, -x.amount);
	put(&t->p, &to, x.amount);
	t->e[0] = entry;
	t->e[1] = x.from;
	t->e[2] = x.to;
	t->e[3] = x.amount;
	execute(t->add);
	t->c[0] = t->c[3] = i + 1;
	t->c[1] = i + 2;
	t->c[2] = owner;
	execute_rows(t->card, 1);
	commit(t->n);
	return account_sum(account_sum(0, &from), &to);
}

static uint64_t transfers(void *side, int64_t count)
{
	struct steps t;
	uint64_t sum = 0;
	int64_t i;

	steps_open(&t, side);
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
		steps_open(&t[i], n);
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

/* -- W2 -- */

static void bulk(MYSQL_STMT *s, MYSQL_BIND *in, size_t stride,
		 unsigned rows_count)
{

	mysql_stmt_attr_set(s, STMT_ATTR_ROW_SIZE, &stride);
	mysql_stmt_attr_set(s, STMT_ATTR_ARRAY_SIZE, &rows_count);
	mysql_stmt_bind_param(s, in);
	execute_rows(s, rows_count);
}

/* In bulk the length of a text is what an indicator in each row says. */
struct bulk_row {
	struct account a;
	char indicator;
};

static void insert_bulk(MYSQL_STMT *s, int64_t count)
{
	struct bulk_row *rows = calloc(BULK, sizeof(*rows));
	MYSQL_BIND in[6];
	unsigned long length;
	unsigned k = 0;
	int64_t i;

	if (!rows)
		peer_fail("no memory");
	account_at(in, &rows->a, &length);
	in[5].length = NULL;
	in[5].u.indicator = &rows->indicator;
	for (i = 0; i < count; i++) {
		account_make(&rows[k].a, i);
		rows[k].indicator = STMT_INDICATOR_NTS;
		if (++k < BULK && i + 1 < count)
			continue;
		bulk(s, in, sizeof(*rows), k);
		k = 0;
	}
	free(rows);
}

static void insert_each(MYSQL_STMT *s, int64_t count)
{
	unsigned long length;
	struct account a;
	MYSQL_BIND in[6];
	int64_t i;

	account_at(in, &a, &length);
	mysql_stmt_bind_param(s, in);
	for (i = 0; i < count; i++) {
		account_make(&a, i);
		length = (unsigned long)strlen(a.owner);
		execute_rows(s, 1);
	}
}

static uint64_t insert(void *side, int64_t count)
{
	struct native *n = side;
	MYSQL_STMT *s = prepare(n, "INSERT INTO bench_account (id, version, "
		"customer, balance, rate, owner) VALUES (?, ?, ?, ?, ?, ?)");

	(n->best ? insert_bulk : insert_each)(s, count);
	commit(n);
	mysql_stmt_close(s);
	return 0;
}

static uint64_t insert_keys(void *side, int64_t count)
{
	int64_t *keys = calloc((size_t)count + 1, sizeof(*keys)), i;
	struct native *n = side;
	unsigned long length;
	struct account a;
	MYSQL_BIND in[6];
	MYSQL_STMT *s;
	uint64_t sum;

	s = prepare(n, "INSERT INTO bench_fresh (version, customer, balance, "
		    "rate, owner) VALUES (?, ?, ?, ?, ?)");
	account_at(in, &a, &length);
	mysql_stmt_bind_param(s, in + 1);
	for (i = 0; i < count; i++) {
		account_make(&a, i);
		length = (unsigned long)strlen(a.owner);
		execute_rows(s, 1);
		keys[i] = (int64_t)mysql_stmt_insert_id(s);
	}
	commit(n);
	mysql_stmt_close(s);
	sum = keys_rising(keys, count);
	free(keys);
	return sum;
}

/* -- W3, W4, W5 -- */

static struct account *load(struct native *n, int64_t *count)
{
	struct account *list = NULL, row;
	size_t size = 0, used = 0;
	MYSQL_BIND out[6];
	unsigned long length;
	MYSQL_STMT *s;

	s = prepare(n, SELECT);
	account_at(out, &row, &length);
	mysql_stmt_bind_result(s, out);
	execute(s);
	while (mysql_stmt_fetch(s) == 0) {
		if (used == size) {
			size = size ? 2 * size : 1024;
			list = realloc(list, size * sizeof(*list));
			if (!list)
				peer_fail("no memory");
		}
		row.owner[length] = '\0';
		list[used++] = row;
	}
	mysql_stmt_close(s);
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

/* The new version is in a member that is not written. */
static void put_bulk(struct native *n, struct account *list, int64_t count)
{
	MYSQL_STMT *s = prepare(n, UPDATE);
	MYSQL_BIND in[4];
	int64_t i, k;

	for (i = 0; i < count; i++) {
		list[i].balance += BALANCE_STEP;
		list[i].rate = list[i].version + 1;
	}
	for (i = 0; i < count; i += k) {
		k = count - i < BULK ? count - i : BULK;
		int_at(&in[0], &list[i].balance);
		int_at(&in[1], &list[i].rate);
		int_at(&in[2], &list[i].id);
		int_at(&in[3], &list[i].version);
		bulk(s, in, sizeof(*list), (unsigned)k);
	}
	mysql_stmt_close(s);
}

static uint64_t update(void *side, int64_t count)
{
	struct account *list = load(side, &count);
	struct native *n = side;
	struct putter p;
	uint64_t sum;
	int64_t i;

	sum = sum_of(list, count);
	if (n->best) {
		put_bulk(n, list, count);
	} else {
		putter_open(n, &p);
		for (i = 0; i < count; i++)
			put(&p, &list[i], BALANCE_STEP);
		mysql_stmt_close(p.s);
	}
	commit(n);
	free(list);
	return sum;
}

static uint64_t read_all(void *side, int64_t count)
{
	struct account *list = load(side, &count);
	uint64_t sum = sum_of(list, count);

	commit(side);
	free(list);
	return sum;
}

static uint64_t get_each(void *side, int64_t count)
{
	struct account a;
	struct getter g;
	uint64_t sum = 0;
	int64_t i;

	getter_open(side, &g);
	for (i = 0; i < count; i++) {
		get(&g, i * 7919 % ACCOUNTS + 1, &a);
		sum = account_sum(sum, &a);
	}
	commit(side);
	mysql_stmt_close(g.s);
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
