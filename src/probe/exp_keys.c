/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "dialect/render.h"

/* Keys that the database generates: table {k}(id generated, v INTEGER). */

enum { KEYS_MAX = 8 };

static bool make_table(struct lab *l, SQLHDBC a)
{
	static const char *const pairs[] = { "type", "INTEGER", NULL };
	const struct profile *p = l->source->profile;
	struct strbuf sb;
	bool ok;

	lab_autocommit(a, true);
	lab_drop(l, a, "k");
	if (!p->generated_key) {
		lab_without(l, "the profile has no generated_key");
		return false;
	}
	strbuf_init(&sb, 4096);
	strbuf_puts(&sb, "CREATE TABLE {k} (id ");
	render_template(&sb, p->generated_key, pairs);
	if (!p->generated_key_is_primary)
		strbuf_puts(&sb, " NOT NULL PRIMARY KEY");
	strbuf_puts(&sb, ", v INTEGER)");
	ok = !sb.failed && lab_do(l, a, sb.data);
	strbuf_release(&sb);
	if (!ok)
		lab_cannot(l, "no table with a generated key");
	return ok;
}

/* Has the row of this v that key? */
static bool is_key_of(struct lab *l, SQLHDBC a, long key, int v)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "SELECT id FROM {k} WHERE v = %d", v);
	return key != LAB_NONE && lab_number(l, a, sql) == key;
}

/* Another connection's insert is in between: the key has to be our own. */
static void single(struct lab *l, SQLHDBC a, SQLHDBC b, const char *last_key)
{
	lab_do(l, b, "INSERT INTO {k} (v) VALUES (1)");
	lab_do(l, a, "INSERT INTO {k} (v) VALUES (10)");
	lab_do(l, b, "INSERT INTO {k} (v) VALUES (2)");
	lab_step(l, "the last key");
	lab_yes(l, "single", is_key_of(l, a, lab_number(l, a, last_key), 10));
}

/* In transactions: where a key is asked for, and where others see it. */
static void after_values(struct lab *l, SQLHDBC a, const char *last_key)
{
	long key;

	lab_step(l, "the last key after several rows");
	if (!lab_do(l, a, "INSERT INTO {k} (v) VALUES (31), (32), (33)"))
		return;
	key = lab_number(l, a, last_key);
	lab_see(l, "values", "%s", is_key_of(l, a, key, 31) ? "first" :
		is_key_of(l, a, key, 33) ? "last" : "other");
}

void keys_run(struct lab *l, int arg)
{
	const struct profile *p = l->source->profile;
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;

	(void)arg;
	if (!b || !make_table(l, a))
		return;
	if (!p->last_key) {
		lab_without(l, "the profile has no last_key");
	} else {
		single(l, a, b, p->last_key);
		after_values(l, a, p->last_key);
	}
	lab_drop(l, a, "k");
	lab_disconnect(l, b);
	lab_disconnect(l, a);
}

/* Numbers of all rows of all results. */
static int read_keys(struct lab *l, SQLHSTMT h, long *keys)
{
	char text[32];
	SQLSMALLINT columns = 0;
	SQLLEN length;
	int n = 0;

	do {
		if (!sql_ok(SQLNumResultCols(h, &columns)) || columns < 1)
			continue;
		while (n < KEYS_MAX && sql_ok(SQLFetch(h))) {
			memset(text, 0, sizeof(text));
			if (!lab_ok(l, h, SQLGetData(h, 1, SQL_C_CHAR, text,
						     (SQLLEN)sizeof(text),
						     &length)) ||
			    sscanf(text, "%ld", &keys[n++]) != 1)
				return -1;
		}
	} while (n < KEYS_MAX && sql_ok(SQLMoreResults(h)));
	return n;
}

/* "none", "in order", "mixed" for rows v = first, first + 1, .. */
static void see_keys(struct lab *l, SQLHDBC a, const char *name,
		     const long *keys, int n, int first, int rows)
{
	bool order = true, there = n == rows;
	char sql[96];
	int i;

	for (i = 0; there && i < n; i++) {
		order = order && is_key_of(l, a, keys[i], first + i);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM {k} WHERE id "
			 "= %ld AND v >= %d", keys[i], first);
		there = lab_number(l, a, sql) == 1;
	}
	lab_see(l, name, "%s", !there ? "no" : order ? "in order" : "mixed");
}

static void returning(struct lab *l, SQLHDBC a, const char *name,
		      const char *sql, int first, int rows)
{
	SQLHSTMT h = lab_prepare(l, a, sql);
	long keys[KEYS_MAX];
	int n = -1;

	if (h && lab_ok(l, h, SQLExecute(h)))
		n = read_keys(l, h, keys);
	lab_free(h);
	see_keys(l, a, name, keys, n, first, rows);
}

static void returning_array(struct lab *l, SQLHDBC a)
{
	static char values[3][24] = { "301", "302", "303" };
	SQLLEN lengths[3] = { SQL_NTS, SQL_NTS, SQL_NTS };
	SQLHSTMT h = lab_prepare(l, a, "INSERT INTO {k} (v) VALUES (?) "
				       "RETURNING id");
	long keys[KEYS_MAX];
	int n = -1;

	if (h && lab_ok(l, h, SQLSetStmtAttr(h, SQL_ATTR_PARAMSET_SIZE,
					     (SQLPOINTER)(SQLULEN)3, 0)) &&
	    lab_ok(l, h, SQLBindParameter(h, 1, SQL_PARAM_INPUT, SQL_C_CHAR,
					  SQL_INTEGER, 24, 0, values, 24,
					  lengths)) &&
	    lab_ok(l, h, SQLExecute(h)))
		n = read_keys(l, h, keys);
	lab_free(h);
	see_keys(l, a, "array", keys, n, 301, 3);
}

void returning_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !make_table(l, a))
		return;
	lab_step(l, "INSERT RETURNING");
	returning(l, a, "single", "INSERT INTO {k} (v) VALUES (100) "
				  "RETURNING id", 100, 1);
	lab_step(l, "INSERT of several rows RETURNING");
	returning(l, a, "values", "INSERT INTO {k} (v) VALUES (201), (202), "
				  "(203) RETURNING id", 201, 3);
	lab_step(l, "an array of INSERT RETURNING");
	returning_array(l, a);
	lab_drop(l, a, "k");
	lab_disconnect(l, a);
}
