/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

/*
 * control CONNECTION SECONDS: rows by plain ODBC, each in a transaction of its
 * own, while somebody kills the server and starts it again. A row counts as
 * acknowledged when every call for it, SQLEndTran the last, was SQL_SUCCESS.
 * Then each of these that is not there is printed: the server has lost it,
 * whatever a library above ODBC may have made of that. Status 0 if none is.
 */
enum { MOST = 200000, TRIES = 600 };

static bool acknowledged[MOST], there[MOST];

struct link {
	SQLHENV env;
	SQLHDBC dbc;
	SQLHSTMT stmt;
	bool open;
};

static void rest(long ms)
{
	struct timespec t;

	t.tv_sec = 0;
	t.tv_nsec = ms * 1000000;
	nanosleep(&t, NULL);
}

static void hang_up(struct link *l)
{
	if (l->stmt)
		SQLFreeHandle(SQL_HANDLE_STMT, l->stmt);
	if (l->open) {
		SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_ROLLBACK);
		SQLDisconnect(l->dbc);
	}
	if (l->dbc)
		SQLFreeHandle(SQL_HANDLE_DBC, l->dbc);
	l->stmt = NULL;
	l->dbc = NULL;
	l->open = false;
}

static bool call(struct link *l, const char *connection)
{
	if (l->open)
		return true;
	SQLAllocHandle(SQL_HANDLE_DBC, l->env, &l->dbc);
	l->open = SQL_SUCCEEDED(SQLDriverConnect(l->dbc, NULL,
		(SQLCHAR *)(uintptr_t)connection, SQL_NTS, NULL, 0, NULL,
		SQL_DRIVER_NOPROMPT));
	if (l->open &&
	    SQL_SUCCEEDED(SQLSetConnectAttr(l->dbc, SQL_ATTR_AUTOCOMMIT,
			(SQLPOINTER)SQL_AUTOCOMMIT_OFF, SQL_IS_UINTEGER)) &&
	    SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, l->dbc, &l->stmt)))
		return true;
	hang_up(l);
	return false;
}

static bool does(struct link *l, const char *sql)
{
	return SQLExecDirect(l->stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS) ==
	       SQL_SUCCESS;
}

static bool commits(struct link *l)
{
	return SQLEndTran(SQL_HANDLE_DBC, l->dbc, SQL_COMMIT) == SQL_SUCCESS;
}

static int insert_rows(struct link *l, const char *connection, time_t until)
{
	char sql[80];
	int i;

	for (i = 0; i < MOST && time(NULL) < until; i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO controls VALUES (%d)",
			 i);
		acknowledged[i] = call(l, connection) && does(l, sql) &&
				  commits(l);
		if (acknowledged[i])
			continue;
		hang_up(l);
		rest(20);
	}
	return i;
}

static bool read_rows(struct link *l, const char *connection)
{
	SQLINTEGER id = 0;
	SQLLEN length;
	SQLRETURN rc;

	memset(there, 0, sizeof(there));
	if (!call(l, connection) || !does(l, "SELECT id FROM controls"))
		return false;
	while (SQL_SUCCEEDED(rc = SQLFetch(l->stmt))) {
		SQLGetData(l->stmt, 1, SQL_C_SLONG, &id, sizeof(id), &length);
		if (id >= 0 && id < MOST)
			there[id] = true;
	}
	return rc == SQL_NO_DATA;
}

static int compare(int count)
{
	int i, good = 0, lost = 0;

	for (i = 0; i < count; i++) {
		good += acknowledged[i];
		if (!acknowledged[i] || there[i])
			continue;
		lost++;
		printf("row %d: SQLEndTran was SQL_SUCCESS, and it is not "
		       "there\n", i);
	}
	printf("# by plain ODBC: %d of %d acknowledged, %d of these lost\n",
	       good, count, lost);
	if (!good || good == count)
		printf("nobody killed the server, or it never answered\n");
	return lost || !good || good == count;
}

int main(int argc, char **argv)
{
	struct link l = { NULL, NULL, NULL, false };
	int count, i;

	if (argc != 3)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &l.env);
	SQLSetEnvAttr(l.env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3,
		      0);
	if (!call(&l, argv[1]) ||
	    !does(&l, "CREATE TABLE controls (id INTEGER NOT NULL "
		      "PRIMARY KEY)") || !commits(&l)) {
		printf("there is no table for the control\n");
		return 1;
	}
	count = insert_rows(&l, argv[1], time(NULL) + atoi(argv[2]));
	hang_up(&l);
	for (i = 0; i < TRIES && !read_rows(&l, argv[1]); i++) {
		hang_up(&l);
		rest(50);
	}
	hang_up(&l);
	SQLFreeHandle(SQL_HANDLE_ENV, l.env);
	return i == TRIES ? 1 : compare(count);
}
