/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

/*
 * threads-raw CONNECTION THREADS CONNECTIONS UNITS ACCOUNTS: the transfers of
 * tests/live/pool-threads, by hand on the tables that it leaves behind: two
 * SELECTs, INSERT, two UPDATEs that compare versions, COMMIT, statements kept
 * prepared, and the smallest pool that there can be. Prints units a second.
 */

enum { SELECT, INSERT, UPDATE, STATEMENTS, MOST = 64 };

static const char *const texts[STATEMENTS] = {
	"SELECT balance, version FROM pool_accounts WHERE id = ?",
	"INSERT INTO pool_lines (id, payer, payee, amount) "
		"VALUES (?, ?, ?, ?)",
	"UPDATE pool_accounts SET balance = ?, version = version + 1 "
		"WHERE id = ? AND version = ?"
};

struct conn {
	SQLHDBC dbc;
	SQLHSTMT statements[STATEMENTS];
	SQLBIGINT in[4], out[2];
	struct conn *next;
};

struct worker {
	pthread_t thread;
	uint64_t random;
	long number, units, again;
};

static struct conn conns[MOST], *idle;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t returned = PTHREAD_COND_INITIALIZER;
static long accounts;

static int ok(SQLRETURN rc)
{
	return rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO;
}

static void die(const char *what, SQLSMALLINT type, SQLHANDLE h)
{
	SQLCHAR state[6] = "", text[256] = "";
	SQLSMALLINT length;
	SQLINTEGER native;

	SQLGetDiagRec(type, h, 1, state, &native, text, sizeof(text), &length);
	fprintf(stderr, "threads-raw: %s: %s %s\n", what, state, text);
	exit(1);
}

static void connect_to(SQLHENV env, struct conn *c, const char *text)
{
	int i, j;

	SQLAllocHandle(SQL_HANDLE_DBC, env, &c->dbc);
	if (!ok(SQLDriverConnect(c->dbc, NULL, (SQLCHAR *)(uintptr_t)text,
				 SQL_NTS, NULL, 0, NULL,
				 SQL_DRIVER_NOPROMPT)))
		die("connect", SQL_HANDLE_DBC, c->dbc);
	SQLSetConnectAttr(c->dbc, SQL_ATTR_AUTOCOMMIT,
			  (SQLPOINTER)SQL_AUTOCOMMIT_OFF, SQL_IS_UINTEGER);
	for (i = 0; i < STATEMENTS; i++) {
		SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &c->statements[i]);
		if (!ok(SQLPrepare(c->statements[i],
				   (SQLCHAR *)(uintptr_t)texts[i], SQL_NTS)))
			die("prepare", SQL_HANDLE_STMT, c->statements[i]);
		for (j = 0; j < 4; j++)
			SQLBindParameter(c->statements[i],
					 (SQLUSMALLINT)(j + 1),
					 SQL_PARAM_INPUT, SQL_C_SBIGINT,
					 SQL_BIGINT, 0, 0, &c->in[j], 0,
					 NULL);
	}
	SQLFreeStmt(c->statements[SELECT], SQL_RESET_PARAMS);
	SQLFreeStmt(c->statements[UPDATE], SQL_RESET_PARAMS);
	for (j = 0; j < 3; j++)
		SQLBindParameter(c->statements[j ? UPDATE : SELECT], 1,
				 SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0,
				 0, &c->in[0], 0, NULL);
	for (j = 1; j < 3; j++)
		SQLBindParameter(c->statements[UPDATE], (SQLUSMALLINT)(j + 1),
				 SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0,
				 0, &c->in[j], 0, NULL);
	for (j = 0; j < 2; j++)
		SQLBindCol(c->statements[SELECT], (SQLUSMALLINT)(j + 1),
			   SQL_C_SBIGINT, &c->out[j], 0, NULL);
}

static struct conn *lease(void)
{
	struct conn *c;

	pthread_mutex_lock(&mutex);
	while (!idle)
		pthread_cond_wait(&returned, &mutex);
	c = idle;
	idle = c->next;
	pthread_mutex_unlock(&mutex);
	return c;
}

static void give_back(struct conn *c)
{
	pthread_mutex_lock(&mutex);
	c->next = idle;
	idle = c;
	pthread_cond_signal(&returned);
	pthread_mutex_unlock(&mutex);
}

static int read_account(struct conn *c, int64_t id, int64_t *row)
{
	SQLHSTMT h = c->statements[SELECT];
	int rc;

	c->in[0] = id;
	rc = ok(SQLExecute(h)) && ok(SQLFetch(h));
	row[0] = c->out[0];
	row[1] = c->out[1];
	SQLFreeStmt(h, SQL_CLOSE);
	return rc;
}

static int write_account(struct conn *c, int64_t id, const int64_t *row,
			 int64_t by)
{
	SQLHSTMT h = c->statements[UPDATE];
	SQLLEN hit = -1;

	c->in[0] = row[0] + by;
	c->in[1] = id;
	c->in[2] = row[1];
	if (SQLExecute(h) == SQL_ERROR)
		return 0;
	return ok(SQLRowCount(h, &hit)) && hit == 1;
}

static int transfer(struct conn *c, const int64_t *line)
{
	int64_t payer[2], payee[2];
	int i;

	if (!read_account(c, line[1], payer) ||
	    !read_account(c, line[2], payee))
		return 0;
	for (i = 0; i < 4; i++)
		c->in[i] = line[i];
	return ok(SQLExecute(c->statements[INSERT])) &&
	       write_account(c, line[1], payer, -line[3]) &&
	       write_account(c, line[2], payee, line[3]) &&
	       ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_COMMIT));
}

static int64_t below(struct worker *w, int64_t limit)
{
	w->random = w->random * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
	return (int64_t)((w->random >> 33) % (uint64_t)limit);
}

static void *run(void *arg)
{
	struct worker *w = arg;
	struct conn *c;
	int64_t line[4];
	long n;
	int done;

	for (n = 0; n < w->units; n++) {
		line[0] = INT64_C(1000000000000) + w->number * 10000000 + n;
		line[1] = below(w, accounts);
		line[2] = (line[1] + 1 + below(w, accounts - 1)) % accounts;
		line[3] = 1 + below(w, 100);
		do {
			c = lease();
			done = transfer(c, line);
			if (!done)
				SQLEndTran(SQL_HANDLE_DBC, c->dbc,
					   SQL_ROLLBACK);
			give_back(c);
			w->again += !done;
			if (w->again > 100 * w->units)
				die("a transfer always fails",
				    SQL_HANDLE_DBC, c->dbc);
		} while (!done);
	}
	return NULL;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct worker w[MOST];
	long threads, count, units, i, again = 0;
	SQLHENV env;
	double began;

	if (argc < 6)
		return 2;
	threads = atol(argv[2]);
	count = atol(argv[3]);
	units = atol(argv[4]);
	accounts = atol(argv[5]);
	if (threads > MOST || count > MOST)
		return 2;
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
	SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3,
		      0);
	for (i = 0; i < count; i++) {
		connect_to(env, &conns[i], argv[1]);
		give_back(&conns[i]);
	}
	began = seconds();
	for (i = 0; i < threads; i++) {
		w[i].number = i;
		w[i].random = (uint64_t)i + 1;
		w[i].units = units / threads + (i < units % threads);
		pthread_create(&w[i].thread, NULL, run, &w[i]);
	}
	for (i = 0; i < threads; i++) {
		pthread_join(w[i].thread, NULL);
		again += w[i].again;
	}
	began = seconds() - began;
	printf("units: %ld by %ld threads in %.2f s, %.0f a second; again "
	       "%ld\n", units, threads, began, (double)units / began, again);
	for (i = 0; i < count; i++) {
		SQLDisconnect(conns[i].dbc);
		SQLFreeHandle(SQL_HANDLE_DBC, conns[i].dbc);
	}
	SQLFreeHandle(SQL_HANDLE_ENV, env);
	return 0;
}
