/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/sample.h"

#include <stdio.h>
#include <string.h>

/*
 * Arrays of parameters: one C type at a time beside a key that is a text,
 * which every driver takes in any binding if it takes arrays at all.
 */

enum { UNTOUCHED = 0x5555, KEY_BYTES = 24 };

struct element {
	char key[KEY_BYTES];
	SQLLEN key_length;
	char value[SAMPLE_BYTES];
	SQLLEN length;
};

struct array {
	char keys[SAMPLES][KEY_BYTES];
	SQLLEN key_lengths[SAMPLES];
	char values[SAMPLES * SAMPLE_BYTES];
	SQLLEN lengths[SAMPLES];
	struct element rows[SAMPLES];
	SQLUSMALLINT status[SAMPLES];
	SQLULEN processed;
};

/* Value 2 is NULL. */
static void fill(struct array *a, enum form form)
{
	size_t size = sample_size(form);
	char value[SAMPLE_BYTES];
	SQLLEN length;
	int k;

	memset(a, 0, sizeof(*a));
	for (k = 0; k < SAMPLES; k++) {
		length = sample_put(form, k, value);
		if (k == 2)
			length = SQL_NULL_DATA;
		a->key_lengths[k] = a->rows[k].key_length =
			snprintf(a->keys[k], KEY_BYTES, "%d", k + 1);
		memcpy(a->rows[k].key, a->keys[k], KEY_BYTES);
		memcpy(a->values + (size_t)k * size, value, size);
		memcpy(a->rows[k].value, value, size);
		a->lengths[k] = a->rows[k].length = length;
		a->status[k] = UNTOUCHED;
	}
	a->processed = UNTOUCHED;
}

static bool set_sets(struct lab *l, SQLHSTMT h, struct array *a, bool by_row,
		     size_t sets)
{
	SQLULEN there = 0;

	SQLSetStmtAttr(h, SQL_ATTR_PARAM_BIND_TYPE, (SQLPOINTER)(SQLULEN)
		       (by_row ? sizeof(struct element) :
			SQL_PARAM_BIND_BY_COLUMN), 0);
	SQLSetStmtAttr(h, SQL_ATTR_PARAM_STATUS_PTR, a->status, 0);
	SQLSetStmtAttr(h, SQL_ATTR_PARAMS_PROCESSED_PTR, &a->processed, 0);
	if (!lab_ok(l, h, SQLSetStmtAttr(h, SQL_ATTR_PARAMSET_SIZE,
					 (SQLPOINTER)(SQLULEN)sets, 0)))
		return false;
	SQLGetStmtAttr(h, SQL_ATTR_PARAMSET_SIZE, &there, 0, NULL);
	if (there == sets)
		return true;
	lab_see(l, "why", "SQL_ATTR_PARAMSET_SIZE stays %lu",
		(unsigned long)there);
	return false;
}

static bool bind_key(struct lab *l, SQLHSTMT h, SQLUSMALLINT number,
		     struct array *a, bool by_row)
{
	return lab_ok(l, h, SQLBindParameter(h, number, SQL_PARAM_INPUT,
					     SQL_C_CHAR, SQL_INTEGER,
					     KEY_BYTES, 0,
					     by_row ? a->rows[0].key :
						      a->keys[0],
					     KEY_BYTES,
					     by_row ? &a->rows[0].key_length :
						      a->key_lengths));
}

static bool bind_value(struct lab *l, SQLHSTMT h, struct array *a,
		       bool by_row, enum form form)
{
	return lab_ok(l, h,
		      SQLBindParameter(h, 2, SQL_PARAM_INPUT,
				       value_c_type(form),
				       sample_sql_type(l, form),
				       sample_column_size(form),
				       sample_digits(form),
				       by_row ? a->rows[0].value : a->values,
				       (SQLLEN)sample_size(form),
				       by_row ? &a->rows[0].length :
						a->lengths));
}

static bool check(struct lab *l, SQLHDBC dbc, enum form form)
{
	char text[128];
	bool null;
	int k;

	for (k = 0; k < SAMPLES; k++) {
		text[0] = '\0';
		null = false;
		if (!sample_read(l, dbc, form, k + 1, text, sizeof(text),
				 &null)) {
			lab_see(l, "why", "set %d is not there", k + 1);
			return false;
		}
		if (null != (k == 2) ||
		    (!null && !sample_is_text(form, k, text))) {
			lab_see(l, "why", "set %d came back as %s", k + 1,
				null ? "NULL" : text);
			return false;
		}
	}
	return true;
}

static void array_run(struct lab *l, enum form form, bool by_row)
{
	static struct array a;
	SQLHDBC dbc = lab_connect(l);
	SQLHSTMT h;
	bool ok;

	if (!dbc || !sample_table(l, dbc, form))
		return;
	fill(&a, form);
	h = lab_prepare(l, dbc, "INSERT INTO {t} (id, c) VALUES (?, ?)");
	lab_step(l, "INSERT of an array");
	ok = h && set_sets(l, h, &a, by_row, SAMPLES) &&
	     bind_key(l, h, 1, &a, by_row) &&
	     bind_value(l, h, &a, by_row, form) && lab_ok(l, h, SQLExecute(h));
	lab_free(h);
	if (!ok && l->error.code)
		lab_see(l, "why", "%s", l->error.message);
	lab_yes(l, "ok", ok && check(l, dbc, form));
	lab_drop(l, dbc, "t");
	lab_disconnect(l, dbc);
}

void array_column_run(struct lab *l, int arg)
{
	array_run(l, (enum form)arg, false);
}

void array_row_run(struct lab *l, int arg)
{
	array_run(l, (enum form)arg, true);
}

/* -- what is said of an array, by keys only -- */

static SQLHSTMT execute_keys(struct lab *l, SQLHDBC dbc, struct array *a,
			     const char *sql, SQLRETURN *rc)
{
	SQLHSTMT h = lab_prepare(l, dbc, sql);

	*rc = SQL_ERROR;
	if (h && set_sets(l, h, a, true, SAMPLES) &&
	    bind_key(l, h, 1, a, true))
		*rc = SQLExecute(h);
	return h;
}

void array_status_run(struct lab *l, int arg)
{
	static struct array a;
	SQLHDBC dbc = lab_connect(l);
	bool written = true;
	SQLRETURN rc;
	SQLHSTMT h;
	int k;

	(void)arg;
	if (!dbc || !lab_fresh(l, dbc))
		return;
	fill(&a, FORM_TEXT);
	lab_step(l, "INSERT of an array");
	h = execute_keys(l, dbc, &a, "INSERT INTO {a} (id) VALUES (?)", &rc);
	lab_yes(l, "executed", h && lab_ok(l, h, rc));
	while (h && sql_ok(SQLMoreResults(h)))
		;
	for (k = 0; k < SAMPLES; k++)
		written = written && a.status[k] == SQL_PARAM_SUCCESS;
	lab_yes(l, "status", written);
	lab_number_seen(l, "processed", (long)a.processed);
	lab_free(h);
	lab_number_seen(l, "rows", lab_number(l, dbc,
					      "SELECT count(*) FROM {a}"));
	lab_drop(l, dbc, "a");
	lab_disconnect(l, dbc);
}

/* Rows 1, 2, 4 are there; sets 3 and 5 hit nothing. */
void array_counts_run(struct lab *l, int arg)
{
	static struct array a;
	SQLHDBC dbc = lab_connect(l);
	SQLLEN rows = -9;
	char results[80] = "";
	size_t n = 0;
	SQLRETURN rc;
	SQLHSTMT h;

	(void)arg;
	if (!dbc || !lab_fresh(l, dbc) || !lab_fill(l, dbc, 4))
		return;
	lab_do(l, dbc, "DELETE FROM {a} WHERE id = 3");
	fill(&a, FORM_TEXT);
	lab_step(l, "UPDATE by an array");
	h = execute_keys(l, dbc, &a, "UPDATE {a} SET v = 1 WHERE id = ?", &rc);
	lab_yes(l, "executed", h && lab_ok(l, h, rc));
	lab_step(l, "row counts of an array");
	while (h && n + 24 < sizeof(results)) {
		rows = -9;
		SQLRowCount(h, &rows);
		n += (size_t)snprintf(results + n, sizeof(results) - n,
				      "%s%ld", n ? " " : "", (long)rows);
		if (!sql_ok(SQLMoreResults(h)))
			break;
	}
	lab_see(l, "counts", "%s", results);
	lab_free(h);
	lab_number_seen(l, "updated",
			lab_number(l, dbc,
				   "SELECT count(*) FROM {a} WHERE v = 1"));
	lab_drop(l, dbc, "a");
	lab_disconnect(l, dbc);
}

/* Set 3 is there already. */
void array_failing_run(struct lab *l, int arg)
{
	static struct array a;
	SQLHDBC dbc = lab_connect(l);
	bool ok, told = false;
	SQLRETURN rc;
	SQLHSTMT h;
	int k;

	(void)arg;
	if (!dbc || !lab_fresh(l, dbc) ||
	    !lab_do(l, dbc, "INSERT INTO {a} (id) VALUES (3)"))
		return;
	fill(&a, FORM_TEXT);
	lab_autocommit(dbc, false);
	lab_step(l, "an array with one set that fails");
	h = execute_keys(l, dbc, &a, "INSERT INTO {a} (id) VALUES (?)", &rc);
	ok = h && lab_ok(l, h, rc);
	while (h && ok && (rc = SQLMoreResults(h)) != SQL_NO_DATA)
		ok = sql_ok(rc);
	for (k = 0; k < SAMPLES; k++)
		told = told || a.status[k] == SQL_PARAM_ERROR;
	lab_yes(l, "told", told || !ok);
	lab_free(h);
	lab_yes(l, "commit", lab_commit(l, dbc));
	lab_rollback(l, dbc);
	lab_number_seen(l, "before",
			lab_number(l, dbc,
				   "SELECT count(*) FROM {a} WHERE id < 3"));
	lab_number_seen(l, "behind",
			lab_number(l, dbc,
				   "SELECT count(*) FROM {a} WHERE id > 3"));
	lab_rollback(l, dbc);
	lab_autocommit(dbc, true);
	lab_drop(l, dbc, "a");
	lab_disconnect(l, dbc);
}
