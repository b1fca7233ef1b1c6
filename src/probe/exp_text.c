/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>

/* Text through the narrow API, as raw as it can be had. */

enum { ROOM = 120 };

static bool put(struct lab *l, SQLHDBC a, int id, const char *text,
		size_t size)
{
	char sql[80], buffer[ROOM];
	SQLLEN length = (SQLLEN)size;
	SQLHSTMT h;
	bool ok;

	memcpy(buffer, text, size);
	snprintf(sql, sizeof(sql), "INSERT INTO {a} (id, s) VALUES (%d, ?)",
		 id);
	h = lab_prepare(l, a, sql);
	ok = h && lab_ok(l, h, SQLBindParameter(h, 1, SQL_PARAM_INPUT,
						SQL_C_CHAR, SQL_VARCHAR, 40, 0,
						buffer, (SQLLEN)sizeof(buffer),
						&length)) &&
	     lab_ok(l, h, SQLExecute(h));
	lab_free(h);
	return ok;
}

/* Its bytes; -1: NULL, -2: an error. */
static long get(struct lab *l, SQLHDBC a, int id, char *out)
{
	char sql[80];
	SQLLEN length = 0;
	SQLHSTMT h;
	bool ok;

	memset(out, 0, ROOM);
	snprintf(sql, sizeof(sql), "SELECT s FROM {a} WHERE id = %d", id);
	h = lab_prepare(l, a, sql);
	ok = h && lab_ok(l, h, SQLExecute(h)) && sql_ok(SQLFetch(h)) &&
	     lab_ok(l, h, SQLGetData(h, 1, SQL_C_CHAR, out, ROOM, &length));
	lab_free(h);
	if (!ok)
		return -2;
	return length == SQL_NULL_DATA ? -1 : (long)length;
}

void utf8_run(struct lab *l, int arg)
{
	static const char text[] =
		"\xc3\xbc\xe2\x82\xac\xf0\x9d\x84\x9e\xf0\x9f\x98\x80";
	SQLHDBC a = lab_connect(l);
	char back[ROOM];

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	lab_step(l, "characters of four bytes");
	lab_yes(l, "stored", put(l, a, 1, text, strlen(text)));
	lab_yes(l, "same", get(l, a, 1, back) == (long)strlen(text) &&
			   !strcmp(back, text));
	lab_yes(l, "found", lab_number(l, a, "SELECT id FROM {a} WHERE s = '"
				       "\xc3\xbc\xe2\x82\xac\xf0\x9d\x84\x9e"
				       "\xf0\x9f\x98\x80'") == 1);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

static void see_nul(struct lab *l, SQLHDBC a)
{
	char back[ROOM];
	long n;

	if (!put(l, a, 3, "ab\0cd", 5)) {
		lab_see(l, "nul", "refused");
		return;
	}
	n = get(l, a, 3, back);
	lab_see(l, "nul", "%s", n == 5 && !memcmp(back, "ab\0cd", 5) ?
		"kept" : n == 2 && !strcmp(back, "ab") ? "cut" : "garbled");
}

void texts_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	char back[ROOM];

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	lab_step(l, "an empty text");
	lab_yes(l, "stored", put(l, a, 1, "", 0) && put(l, a, 2, "a  ", 3));
	lab_number_seen(l, "empty", get(l, a, 1, back));
	lab_number_seen(l, "blanks", get(l, a, 2, back));
	lab_step(l, "a text with a NUL in it");
	see_nul(l, a);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
