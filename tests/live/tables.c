/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

/*
 * tables CONNECTION WORD: names of the tables with WORD in them, asked by other
 * means than the library's. Status 1: no connection.
 */
int main(int argc, char **argv)
{
	SQLHENV env = NULL;
	SQLHDBC dbc = NULL;
	SQLHSTMT h = NULL;
	SQLLEN length;
	char name[256];

	if (argc != 3)
		return 2;
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
	SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc);
	if (!SQL_SUCCEEDED(SQLDriverConnect(dbc, NULL, (SQLCHAR *)argv[1],
					    SQL_NTS, NULL, 0, NULL,
					    SQL_DRIVER_NOPROMPT)))
		return 1;
	SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h);
	if (!SQL_SUCCEEDED(SQLTables(h, NULL, 0, NULL, 0, NULL, 0, NULL, 0)))
		return 1;
	while (SQL_SUCCEEDED(SQLFetch(h))) {
		name[0] = '\0';
		SQLGetData(h, 3, SQL_C_CHAR, name, sizeof(name), &length);
		if (strstr(name, argv[2]))
			puts(name);
	}
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	SQLDisconnect(dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, env);
	return 0;
}
