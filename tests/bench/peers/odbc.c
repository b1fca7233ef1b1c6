/* SPDX-License-Identifier: BSD-2-Clause */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of link_compile_once(), or NULL. */
static SQLHSTMT counted;
static struct link *counted_link;

void link_check(SQLRETURN rc, SQLSMALLINT type, SQLHANDLE h)
{
	SQLCHAR state[6] = "", text[512] = "";
	SQLSMALLINT length;

	if (SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA)
		return;
	SQLGetDiagRec(type, h, 1, state, NULL, text, sizeof(text), &length);
	peer_fail("[%s] %s", (char *)state, (char *)text);
}

static enum dbms dbms_of(const char *name)
{
	static const char *const names[] = {
		"sqlite", "postgresql", "mariadb", "virtuoso"
	};
	int i;

	for (i = 0; i < 4; i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return (enum dbms)i;
	peer_fail("unknown dbms %s", name);
}

void *link_open(const char *connection, const char *dbms)
{
	struct link *l = calloc(1, sizeof(*l));
	SQLCHAR in[1024];

	if (!l)
		peer_fail("no memory");
	l->dbms = dbms_of(dbms);
	/* SQL_C_SBIGINT stores 0 there, and SQL_C_SLONG has 8 bytes. */
	l->c_int = l->dbms == VIRTUOSO ? SQL_C_SLONG : SQL_C_SBIGINT;
	l->sql_int = l->dbms == VIRTUOSO ? SQL_INTEGER : SQL_BIGINT;
	snprintf((char *)in, sizeof(in), "%s", connection);
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &l->env);
	SQLSetEnvAttr(l->env, SQL_ATTR_ODBC_VERSION,
		      (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, l->env, &l->dbc);
	link_check(SQLDriverConnect(l->dbc, NULL, in, SQL_NTS, NULL, 0, NULL,
				    SQL_DRIVER_NOPROMPT), SQL_HANDLE_DBC,
		   l->dbc);
	link_check(SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT,
				     (SQLPOINTER)SQL_AUTOCOMMIT_OFF,
				     SQL_IS_UINTEGER), SQL_HANDLE_DBC, l->dbc);
	return l;
}

void link_close(void *link)
{
	struct link *l = link;

	SQLDisconnect(l->dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, l->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, l->env);
	free(l);
}

static SQLHSTMT prepare(struct link *l, const char *sql)
{
	SQLHSTMT s;

	link_check(SQLAllocHandle(SQL_HANDLE_STMT, l->dbc, &s),
		   SQL_HANDLE_DBC, l->dbc);
	link_check(SQLPrepare(s, (SQLCHAR *)sql, SQL_NTS), SQL_HANDLE_STMT, s);
	return s;
}

SQLHSTMT link_prepare(struct link *l, const char *sql)
{
	const char *prefix = "WITH hand AS (SELECT 1) ";
	char *text;
	SQLHSTMT s;

	if (!counted || !strncmp(sql, "SELECT", 6))
		return prepare(l, sql);
	text = malloc(strlen(prefix) + strlen(sql) + 1);
	if (!text)
		peer_fail("no memory");
	strcpy(text, prefix);
	strcat(text, sql);
	s = prepare(l, text);
	free(text);
	return s;
}

void link_compile_once(struct link *l)
{
	counted = prepare(l, "SELECT changes()");
	counted_link = l;
}

void link_run(struct link *l, const char *sql)
{
	SQLHSTMT s;

	link_check(SQLAllocHandle(SQL_HANDLE_STMT, l->dbc, &s),
		   SQL_HANDLE_DBC, l->dbc);
	link_check(SQLExecDirect(s, (SQLCHAR *)sql, SQL_NTS), SQL_HANDLE_STMT,
		   s);
	done(s);
}

void link_commit(struct link *l)
{
	link_check(SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_COMMIT),
		   SQL_HANDLE_DBC, l->dbc);
}

void bind_int(struct link *l, SQLHSTMT s, int n, int64_t *value)
{
	link_check(SQLBindParameter(s, (SQLUSMALLINT)n, SQL_PARAM_INPUT,
				    l->c_int, l->sql_int, 20, 0, value,
				    sizeof(*value), NULL), SQL_HANDLE_STMT, s);
}

void bind_text(SQLHSTMT s, int n, char *value, SQLLEN *length)
{
	*length = SQL_NTS;
	link_check(SQLBindParameter(s, (SQLUSMALLINT)n, SQL_PARAM_INPUT,
				    SQL_C_CHAR, SQL_VARCHAR, 32, 0, value, 33,
				    length), SQL_HANDLE_STMT, s);
}

void bind_account(struct link *l, SQLHSTMT s, struct account_row *r)
{
	SQLBindCol(s, 1, l->c_int, &r->a.id, 8, &r->id);
	SQLBindCol(s, 2, l->c_int, &r->a.version, 8, &r->version);
	SQLBindCol(s, 3, l->c_int, &r->a.customer, 8, &r->customer);
	SQLBindCol(s, 4, l->c_int, &r->a.balance, 8, &r->balance);
	SQLBindCol(s, 5, l->c_int, &r->a.rate, 8, &r->rate);
	SQLBindCol(s, 6, SQL_C_CHAR, r->a.owner, 33, &r->owner);
}

void execute(SQLHSTMT s)
{
	link_check(SQLExecute(s), SQL_HANDLE_STMT, s);
}

void execute_rows(SQLHSTMT s, SQLLEN rows)
{
	SQLLEN n = -1;

	execute(s);
	if (counted) {
		execute(counted);
		n = (SQLLEN)fetch_int(counted_link, counted);
	} else {
		SQLRowCount(s, &n);
	}
	if (n != rows)
		peer_fail("%ld rows, not %ld", (long)n, (long)rows);
}

int64_t fetch_int(struct link *l, SQLHSTMT s)
{
	int64_t value = 0;
	SQLLEN length;

	link_check(SQLFetch(s), SQL_HANDLE_STMT, s);
	link_check(SQLGetData(s, 1, l->c_int, &value, sizeof(value), &length),
		   SQL_HANDLE_STMT, s);
	SQLFreeStmt(s, SQL_CLOSE);
	return value;
}

void done(SQLHSTMT s)
{
	SQLFreeHandle(SQL_HANDLE_STMT, s);
}
