/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_H
#define ODBC_H

#include <sql.h>
#include <sqlext.h>

#include "peer.h"

/* What the peers written by hand share: little more than checking. */

enum dbms { SQLITE, POSTGRESQL, MARIADB, VIRTUOSO };

struct link {
	SQLHENV env;
	SQLHDBC dbc;
	enum dbms dbms;
	SQLSMALLINT c_int, sql_int;	/* how an int64_t is bound here */
};

struct account_row {
	struct account a;
	SQLLEN id, version, customer, balance, rate, owner;
};

#define ACCOUNT_COLUMNS "id, version, customer, balance, rate, owner"
#define ACCOUNT_SELECT "SELECT " ACCOUNT_COLUMNS " FROM bench_account"

void *link_open(const char *connection, const char *dbms);
void link_close(void *link);
void link_check(SQLRETURN rc, SQLSMALLINT type, SQLHANDLE h);
SQLHSTMT link_prepare(struct link *l, const char *sql);
/*
 * SQLite: its driver compiles a statement at each execution, unless it takes it
 * for a SELECT, by its first word. It counts no rows then, the database does.
 */
void link_compile_once(struct link *l);
void link_run(struct link *l, const char *sql);
void link_commit(struct link *l);

void bind_int(struct link *l, SQLHSTMT s, int n, int64_t *value);
void bind_text(SQLHSTMT s, int n, char *value, SQLLEN *length);
void bind_account(struct link *l, SQLHSTMT s, struct account_row *r);
void execute(SQLHSTMT s);
/* All of the rows that were meant, or the program fails. */
void execute_rows(SQLHSTMT s, SQLLEN rows);
/* The one number of a result. */
int64_t fetch_int(struct link *l, SQLHSTMT s);
void done(SQLHSTMT s);

#endif
