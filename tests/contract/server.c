/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/odbc.h>

enum {
	NAMES_MAX = 200, NAME_MAX_BYTES = 130, ROUNDS_MAX = 20, SECONDS = 2
};

struct names {
	char name[NAMES_MAX][NAME_MAX_BYTES];
	bool view[NAMES_MAX];
	size_t count;
};

static struct {
	const struct backend *backend;
	SQLHENV env;
	SQLHDBC dbc;
	char catalog[NAME_MAX_BYTES];
	char quote[8];
	bool stuck;	/* the driver's time was up, the server's is not */
} server;

static void say(SQLSMALLINT type, SQLHANDLE handle, char *why, size_t size)
{
	SQLCHAR state[6] = "", text[256] = "";
	SQLSMALLINT length;

	SQLGetDiagRec(type, handle, 1, state, NULL, text, sizeof(text),
		      &length);
	snprintf(why, size, "%s %s", (char *)state, (char *)text);
}

static void disconnect(SQLHENV env, SQLHDBC dbc)
{
	if (dbc) {
		SQLDisconnect(dbc);
		SQLFreeHandle(SQL_HANDLE_DBC, dbc);
	}
	if (env)
		SQLFreeHandle(SQL_HANDLE_ENV, env);
}

void server_release(void)
{
	disconnect(server.env, server.dbc);
	memset(&server, 0, sizeof(server));
}

static bool open_server(const struct backend *b, const char *connection,
			char *why, size_t size)
{
	SQLCHAR in[768];
	SQLRETURN rc;

	server_release();
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &server.env);
	SQLSetEnvAttr(server.env, SQL_ATTR_ODBC_VERSION,
		      (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, server.env, &server.dbc);
	snprintf((char *)in, sizeof(in), "%s", connection);
	rc = SQLDriverConnect(server.dbc, NULL, in, SQL_NTS, NULL, 0, NULL,
			      SQL_DRIVER_NOPROMPT);
	if (SQL_SUCCEEDED(rc)) {
		server.backend = b;
	} else {
		say(SQL_HANDLE_DBC, server.dbc, why, size);
		SQLFreeHandle(SQL_HANDLE_DBC, server.dbc);
		server.dbc = NULL;
	}
	return SQL_SUCCEEDED(rc);
}

bool server_connects(const struct backend *b, const char *connection,
		     char *why, size_t size)
{
	bool found = open_server(b, connection, why, size);

	server_release();
	return found;
}

/* It waits for no lock for ever, as far as the driver can tell time. */
static SQLHSTMT statement(void)
{
	SQLHSTMT h = NULL;

	SQLAllocHandle(SQL_HANDLE_STMT, server.dbc, &h);
	SQLSetStmtAttr(h, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)SECONDS, 0);
	return h;
}

static bool run(const char *sql, char *why, size_t size)
{
	SQLHSTMT h = statement();
	SQLCHAR text[400];
	SQLRETURN rc;

	snprintf((char *)text, sizeof(text), "%s", sql);
	rc = SQLExecDirect(h, text, SQL_NTS);
	if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
		say(SQL_HANDLE_STMT, h, why, size);
	server.stuck = rc == SQL_ERROR && !strncmp(why, "HYT00", 5);
	if (!server.stuck)	/* else it waits, as all on this connection */
		SQLFreeHandle(SQL_HANDLE_STMT, h);
	return SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA;
}

/* A driver may list all catalogs unless it is given one. */
static void read_facts(void)
{
	SQLINTEGER length;
	SQLSMALLINT n;

	SQLGetConnectAttr(server.dbc, SQL_ATTR_CURRENT_CATALOG, server.catalog,
			  sizeof(server.catalog), &length);
	SQLGetInfo(server.dbc, SQL_IDENTIFIER_QUOTE_CHAR, server.quote,
		   sizeof(server.quote), &n);
}

static bool greet(const struct backend *b, const char *connection)
{
	char why[300] = "";

	if (server.backend == b)
		return true;
	if (!open_server(b, connection, why, sizeof(why)) ||
	    (b->prepare && !run(b->prepare, why, sizeof(why)))) {
		fprintf(stderr, "# %s: %s\n", b->name, why);
		server_release();
		return false;
	}
	read_facts();
	return true;
}

static bool list(struct names *out, char *why, size_t size)
{
	const char *schema = server.backend->schema;
	char type[40];
	SQLHSTMT h = statement();
	SQLLEN length;
	bool ok;

	out->count = 0;
	ok = SQL_SUCCEEDED(SQLTables(h,
		*server.catalog ? (SQLCHAR *)server.catalog : NULL, SQL_NTS,
		(SQLCHAR *)(uintptr_t)schema, SQL_NTS, NULL, 0,
		(SQLCHAR *)"TABLE,VIEW", SQL_NTS));
	if (!ok)
		say(SQL_HANDLE_STMT, h, why, size);
	while (ok && out->count < NAMES_MAX && SQL_SUCCEEDED(SQLFetch(h))) {
		SQLGetData(h, 3, SQL_C_CHAR, out->name[out->count],
			   NAME_MAX_BYTES, &length);
		SQLGetData(h, 4, SQL_C_CHAR, type, sizeof(type), &length);
		out->view[out->count++] = !strcmp(type, "VIEW");
	}
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return ok;
}

/* With quotes around it, those in it doubled. */
static void quoted(char *out, size_t size, const char *name)
{
	size_t n = 0;
	char q = server.quote[0];

	out[n++] = q;
	for (; *name && n + 4 < size; name++) {
		if (*name == q)
			out[n++] = q;
		out[n++] = *name;
	}
	out[n++] = q;
	out[n] = '\0';
}

/* How many of them are left. */
static size_t drop(const struct names *names, char *why, size_t size)
{
	const char *cascade = server.backend->cascade;
	char name[2 * NAME_MAX_BYTES + 4], sql[2 * NAME_MAX_BYTES + 40];
	size_t i, left = 0;

	for (i = 0; i < names->count; i++) {
		quoted(name, sizeof(name), names->name[i]);
		snprintf(sql, sizeof(sql), "DROP %s %s%s",
			 names->view[i] ? "VIEW" : "TABLE", name,
			 cascade ? cascade : "");
		if (!run(sql, why, size))
			left++;
		if (server.stuck)
			return left + names->count - i - 1;
	}
	return left;
}

/*
 * On a new connection: on one whose time was up once, drivers wait for the
 * statement that is still waiting; even to disconnect.
 */
static bool evict(const struct backend *b, const char *connection)
{
	char statements[50][300], ignored[300];
	SQLHENV env = server.env;
	SQLHDBC dbc = server.dbc;
	SQLHSTMT h;
	SQLLEN length;
	size_t n = 0;

	if (!b->evict)
		return true;
	memset(&server, 0, sizeof(server));
	if (!greet(b, connection)) {
		disconnect(env, dbc);
		return false;
	}
	h = statement();
	if (SQL_SUCCEEDED(SQLExecDirect(h,
			(SQLCHAR *)(uintptr_t)b->evict, SQL_NTS)))
		while (n < 50 && SQL_SUCCEEDED(SQLFetch(h)))
			SQLGetData(h, 1, SQL_C_CHAR, statements[n++], 300,
				   &length);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	while (n)
		run(statements[--n], ignored, sizeof(ignored));
	disconnect(env, dbc);
	return true;
}

/*
 * A table that others refer to cannot be dropped before them everywhere, so
 * what is there is dropped until nothing is left. Where nothing goes, somebody
 * has it locked.
 */
bool server_wipe(const struct backend *b, const char *connection)
{
	static struct names names;
	char why[300] = "";
	size_t left = 0, before, round;

	if (!greet(b, connection))
		return false;
	for (round = 0; round < ROUNDS_MAX; round++) {
		if (!list(&names, why, sizeof(why)))
			break;
		before = left;
		left = drop(&names, why, sizeof(why));
		if (!left)
			return true;
		if ((left == before || server.stuck) && !evict(b, connection))
			return false;
	}
	fprintf(stderr, "# %s: cannot clean up: %s\n", b->name, why);
	server_release();
	return false;
}

bool server_does(const struct backend *b, const char *connection,
		 const char *sql)
{
	char why[300] = "";

	if (greet(b, connection) && run(sql, why, sizeof(why)))
		return true;
	fprintf(stderr, "# %s: %s: %s\n", b->name, sql, why);
	return false;
}
