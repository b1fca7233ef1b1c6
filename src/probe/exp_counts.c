/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include "base/mem.h"

/* Row counts of single statements, multi-row VALUES, cursors at the end. */

/* Its row count; -9 where the driver leaves the variable alone. */
static long affected(struct lab *l, SQLHDBC a, const char *sql)
{
	SQLHSTMT h = lab_statement(l, a);
	char *text = h ? lab_sql(l, sql) : NULL;
	SQLLEN rows = -9;
	SQLRETURN rc = SQL_ERROR;

	if (text)
		rc = SQLExecDirect(h, (SQLCHAR *)text, SQL_NTS);
	if (rc == SQL_NO_DATA)
		rows = 0;
	else if (!text || !lab_ok(l, h, rc) || !sql_ok(SQLRowCount(h, &rows)))
		rows = LAB_NONE;
	mem_free(text);
	lab_free(h);
	return (long)rows;
}

void counts_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a) || !lab_fill(l, a, 5))
		return;
	lab_autocommit(a, false);
	lab_step(l, "SQLRowCount");
	lab_number_seen(l, "one", affected(l, a, "UPDATE {a} SET v = 1 "
						 "WHERE id = 1"));
	lab_number_seen(l, "same", affected(l, a, "UPDATE {a} SET v = 1 "
						  "WHERE id = 1"));
	lab_number_seen(l, "nothing", affected(l, a, "UPDATE {a} SET v = 1 "
						     "WHERE id = 99"));
	lab_number_seen(l, "three", affected(l, a, "UPDATE {a} SET v = 2 "
						   "WHERE id > 2"));
	lab_number_seen(l, "delete", affected(l, a, "DELETE FROM {a} "
						    "WHERE id = 5"));
	lab_number_seen(l, "delete.nothing",
			affected(l, a, "DELETE FROM {a} WHERE id = 99"));
	lab_rollback(l, a);
	lab_autocommit(a, true);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

void values_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	lab_step(l, "INSERT of three rows by VALUES");
	lab_number_seen(l, "count", affected(l, a, "INSERT INTO {a} (id, v) "
					     "VALUES (1, 10), (2, 20), "
					     "(3, 30)"));
	lab_number_seen(l, "rows", lab_number(l, a, "SELECT count(*) "
						    "FROM {a}"));
	lab_number_seen(l, "sum", lab_number(l, a, "SELECT sum(id * v) "
						   "FROM {a}"));
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

enum { CURSOR_ROWS = 300 };

static int fetch_all(SQLHSTMT h)
{
	int n = 0;

	while (n <= CURSOR_ROWS && sql_ok(SQLFetch(h)))
		n++;
	return n;
}

static void cursor_over_end(struct lab *l, SQLHDBC a, SQLSMALLINT how)
{
	SQLHSTMT h = lab_prepare(l, a, "SELECT id FROM {a} ORDER BY id");

	if (!h || !lab_ok(l, h, SQLExecute(h))) {
		lab_cannot(l, "no cursor");
		return;
	}
	SQLFetch(h);
	SQLFetch(h);
	lab_step(l, "the end of a transaction with an open cursor");
	if (how == SQL_COMMIT)
		lab_yes(l, "end", lab_commit(l, a));
	else
		lab_yes(l, "end", lab_rollback(l, a));
	lab_step(l, "fetching after the end of the transaction");
	lab_number_seen(l, "further", fetch_all(h));
	SQLFreeStmt(h, SQL_CLOSE);
	lab_step(l, "executing what was prepared before");
	lab_yes(l, "again", lab_ok(l, h, SQLExecute(h)));
	lab_number_seen(l, "again.rows", fetch_all(h));
	lab_free(h);
	lab_rollback(l, a);
}

void cursors_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	if (!a || !lab_fresh(l, a) || !lab_fill(l, a, CURSOR_ROWS))
		return;
	lab_autocommit(a, false);
	cursor_over_end(l, a, (SQLSMALLINT)arg);
	lab_autocommit(a, true);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
