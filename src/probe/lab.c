/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "probe/text.h"

enum { SQL_BYTES = 256 * 1024, LINE_BYTES = 1200 };

static void write_all(int fd, const char *data, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		size -= (size_t)n;
	}
}

void lab_see(struct lab *l, const char *name, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;
	size_t n, i;

	snprintf(line, sizeof(line), "%s ", name);
	n = strlen(line);
	va_start(args, fmt);
	vsnprintf(line + n, sizeof(line) - n - 1, fmt, args);
	va_end(args);
	for (i = n; line[i]; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	line[i] = '\n';
	write_all(l->out, line, i + 1);
}

void lab_yes(struct lab *l, const char *name, bool yes)
{
	lab_see(l, name, "%s", yes ? "yes" : "no");
}

void lab_number_seen(struct lab *l, const char *name, long number)
{
	if (number == LAB_NONE)
		lab_see(l, name, "none");
	else
		lab_see(l, name, "%ld", number);
}

void lab_step(struct lab *l, const char *what)
{
	lab_see(l, "step", "%s", what);
}

void lab_cannot(struct lab *l, const char *what)
{
	lab_see(l, "cannot", "%s%s%s", what, l->error.code ? ": " : "",
		l->error.code ? l->error.message : "");
}

void lab_without(struct lab *l, const char *what)
{
	lab_see(l, "without", "%s", what);
}

SQLHDBC lab_connect(struct lab *l)
{
	SQLHDBC dbc = NULL;

	if (conn_connect(l->source, 0, &dbc, &l->error)) {
		lab_cannot(l, "no connection");
		return NULL;
	}
	return dbc;
}

void lab_disconnect(struct lab *l, SQLHDBC dbc)
{
	conn_disconnect(l->source, dbc);
}

bool lab_autocommit(SQLHDBC dbc, bool on)
{
	SQLULEN value = on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF;

	return sql_ok(SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT,
					(SQLPOINTER)value, SQL_IS_UINTEGER));
}

static bool end(struct lab *l, SQLHDBC dbc, SQLSMALLINT how)
{
	if (sql_ok(SQLEndTran(SQL_HANDLE_DBC, dbc, how)))
		return true;
	diag_read(l->source, SQL_HANDLE_DBC, dbc, &l->error);
	return false;
}

bool lab_commit(struct lab *l, SQLHDBC dbc)
{
	return end(l, dbc, SQL_COMMIT);
}

bool lab_rollback(struct lab *l, SQLHDBC dbc)
{
	return end(l, dbc, SQL_ROLLBACK);
}

char *lab_sql(const struct lab *l, const char *sql)
{
	return scratch_sql(l->source->profile, l->prefix, sql);
}

SQLHSTMT lab_statement(struct lab *l, SQLHDBC dbc)
{
	SQLHSTMT h = NULL;

	if (sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h)))
		return h;
	diag_read(l->source, SQL_HANDLE_DBC, dbc, &l->error);
	return NULL;
}

void lab_free(SQLHSTMT h)
{
	if (h)
		SQLFreeHandle(SQL_HANDLE_STMT, h);
}

bool lab_ok(struct lab *l, SQLHSTMT h, SQLRETURN rc)
{
	if (sql_ok(rc) || rc == SQL_NO_DATA)
		return true;
	diag_read(l->source, SQL_HANDLE_STMT, h, &l->error);
	return false;
}

SQLHSTMT lab_prepare(struct lab *l, SQLHDBC dbc, const char *sql)
{
	SQLHSTMT h = lab_statement(l, dbc);
	char *text = h ? lab_sql(l, sql) : NULL;
	bool ok = text && lab_ok(l, h, SQLPrepare(h, (SQLCHAR *)text,
						  SQL_NTS));

	mem_free(text);
	if (ok)
		return h;
	lab_free(h);
	return NULL;
}

/* Executed, with its result open; NULL: failed. */
static SQLHSTMT execute(struct lab *l, SQLHDBC dbc, const char *sql)
{
	SQLHSTMT h = lab_statement(l, dbc);
	char *text = h ? lab_sql(l, sql) : NULL;
	bool ok = text && lab_ok(l, h, SQLExecDirect(h, (SQLCHAR *)text,
						     SQL_NTS));

	mem_free(text);
	if (ok)
		return h;
	lab_free(h);
	return NULL;
}

bool lab_do(struct lab *l, SQLHDBC dbc, const char *sql)
{
	SQLHSTMT h = execute(l, dbc, sql);

	lab_free(h);
	return h != NULL;
}

bool lab_dof(struct lab *l, SQLHDBC dbc, const char *fmt, ...)
{
	char sql[LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sql, sizeof(sql), fmt, args);
	va_end(args);
	return lab_do(l, dbc, sql);
}

bool lab_text(struct lab *l, SQLHDBC dbc, const char *sql, char *out,
	      size_t size)
{
	SQLHSTMT h = execute(l, dbc, sql);
	SQLLEN length = SQL_NULL_DATA;
	SQLRETURN rc;
	bool ok;

	if (!h)
		return false;
	rc = SQLFetch(h);
	ok = lab_ok(l, h, rc) && rc != SQL_NO_DATA;
	memset(out, 0, size);
	if (ok)
		ok = lab_ok(l, h, SQLGetData(h, 1, SQL_C_CHAR, out,
					     (SQLLEN)size, &length));
	lab_free(h);
	return ok && length != SQL_NULL_DATA;
}

long lab_number(struct lab *l, SQLHDBC dbc, const char *sql)
{
	char text[64], *rest;
	long number;

	if (!lab_text(l, dbc, sql, text, sizeof(text)))
		return LAB_NONE;
	number = strtol(text, &rest, 10);
	return rest == text ? LAB_NONE : number;
}

void lab_drop(struct lab *l, SQLHDBC dbc, const char *letter)
{
	uow_error before = l->error;

	lab_dof(l, dbc, "DROP TABLE {%s}", letter);
	l->error = before;
}

bool lab_fresh(struct lab *l, SQLHDBC dbc)
{
	lab_autocommit(dbc, true);
	lab_drop(l, dbc, "a");
	if (lab_do(l, dbc, "CREATE TABLE {a} (id INTEGER NOT NULL PRIMARY KEY,"
			   " v INTEGER, s VARCHAR(40))"))
		return true;
	lab_cannot(l, "no scratch table");
	return false;
}

bool lab_fill(struct lab *l, SQLHDBC dbc, int count)
{
	int i;

	lab_autocommit(dbc, false);
	for (i = 1; i <= count; i++)
		if (!lab_dof(l, dbc, "INSERT INTO {a} (id, v, s) VALUES "
			     "(%d, %d, 'row')", i, 10 * i)) {
			lab_cannot(l, "no rows");
			return false;
		}
	if (!lab_commit(l, dbc)) {
		lab_cannot(l, "no rows");
		return false;
	}
	lab_autocommit(dbc, true);
	return true;
}
