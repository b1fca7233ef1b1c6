/* SPDX-License-Identifier: BSD-2-Clause */
#include "auditor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

#include "odbc-shim.h"

/*
 * What each table has, and how its rows are ordered. The first are written
 * back; of the others there are no rows in the beginning.
 */
static const struct {
	const char *table, *columns, *order;
	bool filled;
} tables[] = {
	{ "accounts", "\"id\", \"customer_id\", \"balance\", \"version\", "
	  "\"currency\"", "1", true },
	{ "loyalty", "\"customer_id\", \"points\", \"version\"", "1", true },
	{ "opening", "\"id\", \"accounts\", \"balance\"", "1", true },
	{ "ledger_entries", "\"memo\", \"debit_id\", \"credit_id\", "
	  "\"amount\"", "1, 4, 2", false },
	{ "audit_lines", "\"line\", \"outcome\", \"reason\"", "1", false },
	{ "things", "\"group\", \"number\", \"words\", \"real\", \"small\", "
	  "\"few\", \"some\", \"yes\", \"maybe\", \"above\", \"version\"",
	  "1, 2", false }
};

enum {
	TABLES = sizeof(tables) / sizeof(tables[0]),
	ROWS = 32, ROW_SIZE = 400
};

static struct {
	SQLHENV env;
	SQLHDBC dbc;
	SQLHSTMT stmt;
	char rows[ROWS][ROW_SIZE];	/* statements that write them */
	size_t count;
} auditor;

static void stop(const char *sql, SQLSMALLINT type, SQLHANDLE h)
{
	SQLCHAR state[6] = "", text[300] = "";
	SQLSMALLINT n;

	SQLGetDiagRec(type, h, 1, state, NULL, text, sizeof(text), &n);
	fprintf(stderr, "auditor: %s %s: %s\n", (char *)state, (char *)text,
		sql);
	abort();
}

static void run(const char *sql)
{
	SQLRETURN rc = SQLExecDirect(auditor.stmt, (SQLCHAR *)(uintptr_t)sql,
				     SQL_NTS);

	if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
		stop(sql, SQL_HANDLE_STMT, auditor.stmt);
}

static void ended(void)
{
	SQLFreeStmt(auditor.stmt, SQL_CLOSE);
	/* Not for ever in a transaction that sees no other's work. */
	if (SQLEndTran(SQL_HANDLE_DBC, auditor.dbc, SQL_COMMIT))
		stop("COMMIT", SQL_HANDLE_DBC, auditor.dbc);
}

void auditor_start(const char *connection, const char *prepare)
{
	bool was = shim_pause(true);

	if (SQLAllocHandle(SQL_HANDLE_ENV, NULL, &auditor.env) ||
	    SQLSetEnvAttr(auditor.env, SQL_ATTR_ODBC_VERSION,
			  (void *)SQL_OV_ODBC3, 0) ||
	    SQLAllocHandle(SQL_HANDLE_DBC, auditor.env, &auditor.dbc))
		abort();
	if (!SQL_SUCCEEDED(SQLDriverConnect(auditor.dbc, NULL,
			(SQLCHAR *)(uintptr_t)connection, SQL_NTS, NULL, 0,
			NULL, SQL_DRIVER_NOPROMPT)))
		stop("connect", SQL_HANDLE_DBC, auditor.dbc);
	if (SQLSetConnectAttr(auditor.dbc, SQL_ATTR_AUTOCOMMIT,
			      (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0) ||
	    SQLAllocHandle(SQL_HANDLE_STMT, auditor.dbc, &auditor.stmt))
		abort();
	if (prepare)
		run(prepare);
	ended();
	shim_pause(was);
}

void auditor_stop(void)
{
	SQLFreeHandle(SQL_HANDLE_STMT, auditor.stmt);
	SQLDisconnect(auditor.dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, auditor.dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, auditor.env);
	memset(&auditor, 0, sizeof(auditor));
}

static void select_all(size_t i)
{
	char sql[400];

	snprintf(sql, sizeof(sql), "SELECT %s FROM \"%s\" ORDER BY %s",
		 tables[i].columns, tables[i].table, tables[i].order);
	run(sql);
}

static bool fetched(void)
{
	SQLRETURN rc = SQLFetch(auditor.stmt);

	if (rc != SQL_NO_DATA && !SQL_SUCCEEDED(rc))
		stop("fetch", SQL_HANDLE_STMT, auditor.stmt);
	return rc != SQL_NO_DATA;
}

/* The row's columns, between commas; texts quoted if so wanted. */
static void put_row(char *out, size_t size, const char *null, bool quoted)
{
	SQLSMALLINT count = 0, i;
	size_t used = 0;

	SQLNumResultCols(auditor.stmt, &count);
	for (i = 1; i <= count; i++) {
		char value[3000] = "";
		SQLLEN length = 0;
		bool digits;

		if (!SQL_SUCCEEDED(SQLGetData(auditor.stmt,
				(SQLUSMALLINT)i, SQL_C_CHAR, value,
				sizeof(value), &length)))
			stop("value", SQL_HANDLE_STMT, auditor.stmt);
		if (length == SQL_NULL_DATA)
			snprintf(value, sizeof(value), "%s", null);
		digits = strspn(value, "-.0123456789") == strlen(value);
		used += (size_t)snprintf(out + used, size - used,
			quoted && !digits ? "%s'%s'" : "%s%s",
			i > 1 ? ", " : "", value);
		if (used >= size)
			abort();
	}
}

void auditor_read(char *text, size_t size)
{
	bool was = shim_pause(true);
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < TABLES; i++) {
		select_all(i);
		used = strlen(text);
		snprintf(text + used, size - used, "-- %s\n",
			 tables[i].table);
		while (fetched()) {
			used = strlen(text);
			put_row(text + used, size - used - 2, "NULL", false);
			strcat(text, "\n");
		}
		SQLFreeStmt(auditor.stmt, SQL_CLOSE);
	}
	ended();
	shim_pause(was);
}

void auditor_remember(void)
{
	char row[ROW_SIZE / 2];
	size_t i;

	for (i = 0; i < TABLES; i++) {
		select_all(i);
		while (fetched()) {
			if (!tables[i].filled || auditor.count == ROWS)
				abort();
			put_row(row, sizeof(row), "NULL", true);
			snprintf(auditor.rows[auditor.count++], ROW_SIZE,
				 "INSERT INTO \"%s\" (%s) VALUES (%s)",
				 tables[i].table, tables[i].columns, row);
		}
		SQLFreeStmt(auditor.stmt, SQL_CLOSE);
	}
	ended();
}

void auditor_put_back(void)
{
	bool was = shim_pause(true);
	char sql[100];
	size_t i;

	/* Not one of them refers to one that comes after it. */
	run("UPDATE \"things\" SET \"above\" = NULL");
	for (i = TABLES; i-- > 0; ) {
		snprintf(sql, sizeof(sql), "DELETE FROM \"%s\"",
			 tables[i].table);
		run(sql);
	}
	for (i = 0; i < auditor.count; i++)
		run(auditor.rows[i]);
	ended();
	shim_pause(was);
}
