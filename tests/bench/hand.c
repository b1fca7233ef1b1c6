/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hand {
	SQLHENV env;
	SQLHDBC dbc;
};

static void check(SQLRETURN rc, SQLSMALLINT type, SQLHANDLE h)
{
	SQLCHAR state[6] = "", text[512] = "";
	SQLSMALLINT length;

	if (SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA)
		return;
	SQLGetDiagRec(type, h, 1, state, NULL, text, sizeof(text), &length);
	fprintf(stderr, "flush: by hand: [%s] %s\n", (char *)state,
		(char *)text);
	exit(1);
}

struct hand *hand_open(const char *connection)
{
	struct hand *h = calloc(1, sizeof(*h));
	SQLCHAR in[1024];

	if (!h)
		exit(1);
	snprintf((char *)in, sizeof(in), "%s", connection);
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &h->env);
	SQLSetEnvAttr(h->env, SQL_ATTR_ODBC_VERSION,
		      (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, h->env, &h->dbc);
	check(SQLDriverConnect(h->dbc, NULL, in, SQL_NTS, NULL, 0, NULL,
			       SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC, h->dbc);
	check(SQLSetConnectAttr(h->dbc, SQL_ATTR_AUTOCOMMIT,
				(SQLPOINTER)SQL_AUTOCOMMIT_OFF,
				SQL_IS_UINTEGER), SQL_HANDLE_DBC, h->dbc);
	return h;
}

void hand_close(struct hand *h)
{
	SQLDisconnect(h->dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, h->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, h->env);
	free(h);
}

static SQLHSTMT prepare(struct hand *h, const char *sql)
{
	SQLHSTMT s;

	check(SQLAllocHandle(SQL_HANDLE_STMT, h->dbc, &s), SQL_HANDLE_DBC,
	      h->dbc);
	check(SQLPrepare(s, (SQLCHAR *)sql, SQL_NTS), SQL_HANDLE_STMT, s);
	return s;
}

static void done(SQLHSTMT s)
{
	SQLFreeHandle(SQL_HANDLE_STMT, s);
}

static void execute(SQLHSTMT s)
{
	check(SQLExecute(s), SQL_HANDLE_STMT, s);
}

static void execute_one(SQLHSTMT s)
{
	SQLLEN n = -1;

	execute(s);
	SQLRowCount(s, &n);
	if (n != 1) {
		fprintf(stderr, "flush: by hand: %ld rows\n", (long)n);
		exit(1);
	}
}

static void commit(struct hand *h)
{
	check(SQLEndTran(SQL_HANDLE_DBC, h->dbc, SQL_COMMIT), SQL_HANDLE_DBC,
	      h->dbc);
}

void hand_sql(struct hand *h, const char *sql)
{
	SQLHSTMT s;

	SQLAllocHandle(SQL_HANDLE_STMT, h->dbc, &s);
	check(SQLExecDirect(s, (SQLCHAR *)sql, SQL_NTS), SQL_HANDLE_STMT, s);
	done(s);
	commit(h);
}

uint64_t hand_digest(struct hand *h, const char *sql, uint64_t sum)
{
	SQLHSTMT s = prepare(h, sql);
	SQLSMALLINT columns = 0;
	SQLUSMALLINT i;
	SQLLEN length;
	char text[128];

	execute(s);
	SQLNumResultCols(s, &columns);
	while (SQLFetch(s) == SQL_SUCCESS) {
		for (i = 1; i <= columns; i++) {
			text[0] = '\0';
			length = 0;
			SQLGetData(s, i, SQL_C_CHAR, text, sizeof(text),
				   &length);
			sum = mix(sum, text, strlen(text));
		}
	}
	done(s);
	commit(h);
	return sum;
}

/* -- binding -- */

static void bind_int(SQLHSTMT s, SQLUSMALLINT n, int64_t *value)
{
	check(SQLBindParameter(s, n, SQL_PARAM_INPUT, SQL_C_SBIGINT,
			       SQL_BIGINT, 20, 0, value, sizeof(*value),
			       NULL), SQL_HANDLE_STMT, s);
}

static void bind_text(SQLHSTMT s, SQLUSMALLINT n, char *value, SQLLEN *length)
{
	*length = SQL_NTS;
	check(SQLBindParameter(s, n, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR,
			       32, 0, value, 33, length), SQL_HANDLE_STMT, s);
}

struct account_row {
	struct account a;
	SQLLEN id, version, customer, balance, rate, owner;
};

static void bind_columns(SQLHSTMT s, struct account_row *r)
{
	SQLBindCol(s, 1, SQL_C_SBIGINT, &r->a.id, 8, &r->id);
	SQLBindCol(s, 2, SQL_C_SBIGINT, &r->a.version, 8, &r->version);
	SQLBindCol(s, 3, SQL_C_SBIGINT, &r->a.customer, 8, &r->customer);
	SQLBindCol(s, 4, SQL_C_SBIGINT, &r->a.balance, 8, &r->balance);
	SQLBindCol(s, 5, SQL_C_SBIGINT, &r->a.rate, 8, &r->rate);
	SQLBindCol(s, 6, SQL_C_CHAR, r->a.owner, 33, &r->owner);
}

#define ACCOUNT_SELECT \
	"SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"

/* -- the work -- */

void hand_insert(void *side, struct work *w)
{
	struct account a;
	SQLLEN length;
	SQLHSTMT s;
	size_t i;

	s = prepare(side, "INSERT INTO bench_account (id, version, customer, "
		    "balance, rate, owner) VALUES (?, ?, ?, ?, ?, ?)");
	bind_int(s, 1, &a.id);
	bind_int(s, 2, &a.version);
	bind_int(s, 3, &a.customer);
	bind_int(s, 4, &a.balance);
	bind_int(s, 5, &a.rate);
	bind_text(s, 6, a.owner, &length);
	for (i = 0; i < w->count; i++) {
		a = w->accounts[i];
		a.version = 1;
		execute(s);
	}
	commit(side);
	done(s);
}

/* Everything into an array that grows, as one would. */
static struct account *load(struct hand *h, size_t *count)
{
	SQLHSTMT s = prepare(h, ACCOUNT_SELECT);
	struct account *list = NULL;
	struct account_row row;
	size_t size = 0, n = 0;

	bind_columns(s, &row);
	execute(s);
	while (SQLFetch(s) == SQL_SUCCESS) {
		if (n == size) {
			size = size ? 2 * size : 1024;
			list = realloc(list, size * sizeof(*list));
			if (!list)
				exit(1);
		}
		list[n++] = row.a;
	}
	done(s);
	*count = n;
	return list;
}

void hand_update(void *side, struct work *w)
{
	struct account *list, a;
	int64_t next;
	size_t count, i;
	SQLHSTMT s;

	(void)w;
	list = load(side, &count);
	s = prepare(side, "UPDATE bench_account SET balance = ?, version = ? "
		    "WHERE id = ? AND version = ?");
	bind_int(s, 1, &a.balance);
	bind_int(s, 2, &next);
	bind_int(s, 3, &a.id);
	bind_int(s, 4, &a.version);
	for (i = 0; i < count; i++) {
		a = list[i];
		a.balance += 7;
		next = a.version + 1;
		execute_one(s);
	}
	commit(side);
	done(s);
	free(list);
}

void hand_delete(void *side, struct work *w)
{
	struct account a;
	SQLHSTMT s;
	size_t i;

	s = prepare(side, "DELETE FROM bench_account WHERE id = ? "
		    "AND version = ?");
	bind_int(s, 1, &a.id);
	bind_int(s, 2, &a.version);
	for (i = 0; i < w->count; i++) {
		a = w->accounts[i];
		execute_one(s);
	}
	commit(side);
	done(s);
}

void hand_read(void *side, struct work *w)
{
	struct account *list;
	size_t count, i;

	list = load(side, &count);
	w->sum = 0;
	for (i = 0; i < count; i++)
		w->sum = account_sum(w->sum, &list[i]);
	commit(side);
	free(list);
}

struct statements {
	SQLHSTMT get, put, add, card;
	struct account_row row;
	struct account a;
	struct entry e;
	struct loyalty l;
	int64_t next, id;
	SQLLEN memo;
};

static void prepare_all(struct hand *h, struct statements *t)
{
	memset(t, 0, sizeof(*t));
	t->get = prepare(h, ACCOUNT_SELECT " WHERE id = ?");
	bind_int(t->get, 1, &t->id);
	bind_columns(t->get, &t->row);
	t->put = prepare(h, "UPDATE bench_account SET balance = ?, "
			 "version = ? WHERE id = ? AND version = ?");
	bind_int(t->put, 1, &t->a.balance);
	bind_int(t->put, 2, &t->next);
	bind_int(t->put, 3, &t->a.id);
	bind_int(t->put, 4, &t->a.version);
	t->add = prepare(h, "INSERT INTO bench_entry (id, debit, credit, "
			 "amount, memo) VALUES (?, ?, ?, ?, ?)");
	bind_int(t->add, 1, &t->e.id);
	bind_int(t->add, 2, &t->e.debit);
	bind_int(t->add, 3, &t->e.credit);
	bind_int(t->add, 4, &t->e.amount);
	bind_text(t->add, 5, t->e.memo, &t->memo);
	t->card = prepare(h, "UPDATE bench_loyalty SET points = ?, "
			  "version = ? WHERE id = ? AND version = ?");
	bind_int(t->card, 1, &t->l.points);
	bind_int(t->card, 2, &t->next);
	bind_int(t->card, 3, &t->l.id);
	bind_int(t->card, 4, &t->l.version);
}

static void get(struct statements *t, int64_t id, struct account *out)
{
	t->id = id;
	execute(t->get);
	check(SQLFetch(t->get), SQL_HANDLE_STMT, t->get);
	SQLFreeStmt(t->get, SQL_CLOSE);
	*out = t->row.a;
}

static void put(struct statements *t, const struct account *a, int64_t by)
{
	t->a = *a;
	t->a.balance += by;
	t->next = a->version + 1;
	execute_one(t->put);
}

void hand_transfer(void *side, struct work *w)
{
	struct account from, to;
	struct statements t;
	struct transfer x;
	int64_t i;

	prepare_all(side, &t);
	strcpy(t.e.memo, "transfer");
	for (i = 0; i < TRANSFERS; i++) {
		x = transfer_make(i);
		get(&t, x.from, &from);
		get(&t, x.to, &to);
		put(&t, &from, -x.amount);
		put(&t, &to, x.amount);
		t.e.id = i + 1;
		t.e.debit = x.from;
		t.e.credit = x.to;
		t.e.amount = x.amount;
		execute(t.add);
		t.l = w->card;
		t.l.points++;
		t.next = t.l.version + 1;
		execute_one(t.card);
		commit(side);
		w->card.version++;
		w->card.points++;
	}
	done(t.get);
	done(t.put);
	done(t.add);
	done(t.card);
}
