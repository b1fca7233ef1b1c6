/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>

/* Single parameters: are they used at all, and read when they should be? */

static bool bind_text(struct lab *l, SQLHSTMT h, SQLUSMALLINT number,
		      char *text, SQLLEN *length)
{
	return lab_ok(l, h, SQLBindParameter(h, number, SQL_PARAM_INPUT,
					     SQL_C_CHAR, SQL_VARCHAR, 24, 0,
					     text, 24, length));
}

/*
 * Numbers are text here: some drivers take SQL_C_SLONG for something else,
 * and that is another question.
 */
void parameters_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	SQLLEN length = SQL_NTS;
	char text[24] = "second";
	SQLHSTMT h;
	long found = LAB_NONE;

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	lab_do(l, a, "INSERT INTO {a} (id, v, s) VALUES (1, 10, 'first')");
	lab_do(l, a, "INSERT INTO {a} (id, v, s) VALUES (2, 20, 'second')");
	lab_do(l, a, "INSERT INTO {a} (id, v, s) VALUES (3, 30, 'third')");
	lab_step(l, "a parameter");
	h = lab_prepare(l, a, "SELECT id FROM {a} WHERE s = ?");
	if (h && bind_text(l, h, 1, text, &length) &&
	    lab_ok(l, h, SQLExecute(h))) {
		char id[24] = "";
		SQLLEN n;
		int rows = 0;

		while (rows < 5 && sql_ok(SQLFetch(h))) {
			if (!rows++)
				SQLGetData(h, 1, SQL_C_CHAR, id,
					   (SQLLEN)sizeof(id), &n);
		}
		lab_number_seen(l, "rows", rows);
		if (rows && sscanf(id, "%ld", &found) != 1)
			found = LAB_NONE;
		lab_number_seen(l, "found", found);
	}
	lab_free(h);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

/* Three executions, the values reached by an offset only. */
void offset_run(struct lab *l, int arg)
{
	struct {
		char text[24];
		SQLLEN length;
	} rows[3];
	SQLHDBC a = lab_connect(l);
	SQLULEN offset = 0;
	char sql[128];
	SQLHSTMT h;
	bool ok;
	int i;

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < 3; i++)
		rows[i].length = snprintf(rows[i].text, sizeof(rows[i].text),
					  "%d%.*s", i + 1, 3 - i, "000");
	h = lab_prepare(l, a, "INSERT INTO {a} (id, s) VALUES (?, 'x')");
	ok = h && lab_ok(l, h, SQLBindParameter(h, 1, SQL_PARAM_INPUT,
						SQL_C_CHAR, SQL_INTEGER, 24, 0,
						rows[0].text, 24,
						&rows[0].length)) &&
	     lab_ok(l, h, SQLSetStmtAttr(h, SQL_ATTR_PARAM_BIND_OFFSET_PTR,
					 &offset, 0));
	lab_step(l, "an offset to the parameters");
	for (i = 0; ok && i < 3; i++) {
		offset = (SQLULEN)i * sizeof(rows[0]);
		ok = lab_ok(l, h, SQLExecute(h));
	}
	lab_yes(l, "executed", ok);
	lab_free(h);
	for (i = 0; i < 3; i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM {a} WHERE "
			 "id = %.23s", rows[i].text);
		lab_number_seen(l, i == 0 ? "first" : i == 1 ? "second" :
				"third", lab_number(l, a, sql));
	}
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
