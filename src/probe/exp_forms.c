/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/sample.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/*
 * C types, one by one: as parameters and in results. Around each value lie
 * bytes that a driver which takes the type for wider reads, or writes.
 */

enum { GUARD = 16, NOISE = 0x5a };

/* -- as a parameter -- */

static bool insert(struct lab *l, SQLHDBC a, enum form form, int k, bool null)
{
	char buffer[SAMPLE_BYTES + GUARD], sql[80];
	SQLLEN length;
	SQLHSTMT h;
	bool ok;

	memset(buffer, NOISE, sizeof(buffer));
	length = sample_put(form, k, buffer);
	memset(buffer + sample_size(form), NOISE,
	       sizeof(buffer) - sample_size(form));
	if (null)
		length = SQL_NULL_DATA;
	snprintf(sql, sizeof(sql), "INSERT INTO {t} (id, c) VALUES (%d, ?)",
		 k + 1 + (null ? SAMPLES : 0));
	h = lab_prepare(l, a, sql);
	if (!h)
		return false;
	ok = lab_ok(l, h, SQLBindParameter(h, 1, SQL_PARAM_INPUT,
					   value_c_type(form),
					   sample_sql_type(l, form),
					   sample_column_size(form),
					   sample_digits(form), buffer,
					   (SQLLEN)sample_size(form),
					   &length)) &&
	     lab_ok(l, h, SQLExecute(h));
	lab_free(h);
	return ok;
}

static bool check(struct lab *l, SQLHDBC a, enum form form, int k, int id)
{
	char text[128] = "";
	bool null = false;

	if (!sample_read(l, a, form, id, text, sizeof(text), &null)) {
		lab_see(l, "why", "row %d cannot be read", k);
		return false;
	}
	if (!null && sample_is_text(form, k, text))
		return true;
	lab_see(l, "why", "value %d came back as %s", k, null ? "NULL" : text);
	return false;
}

static bool is_null(struct lab *l, SQLHDBC a, enum form form, int id)
{
	char text[128] = "";
	bool null = false;

	if (sample_read(l, a, form, id, text, sizeof(text), &null) && null)
		return true;
	lab_see(l, "why", "NULL came back as %s", text);
	return false;
}

void bind_run(struct lab *l, int arg)
{
	enum form form = (enum form)arg;
	SQLHDBC a = lab_connect(l);
	bool ok = true;
	int k;

	if (!a || !sample_table(l, a, form))
		return;
	lab_step(l, "a parameter of this C type");
	for (k = 0; ok && k < 2; k++) {
		ok = insert(l, a, form, k, false);
		if (!ok)
			lab_see(l, "why", "%s", l->error.message);
		ok = ok && check(l, a, form, k, k + 1);
	}
	if (ok) {
		ok = insert(l, a, form, 0, true);
		if (!ok)
			lab_see(l, "why", "NULL: %s", l->error.message);
		ok = ok && is_null(l, a, form, 1 + SAMPLES);
	}
	lab_yes(l, "ok", ok);
	lab_drop(l, a, "t");
	lab_disconnect(l, a);
}

/* -- in a result -- */

/* By a literal, so that no parameter is needed to be right. */
static bool put_literal(struct lab *l, SQLHDBC a, enum form form)
{
	char literal[80];
	int attempt;

	if (form == FORM_BINARY)
		return insert(l, a, form, 0, false);
	for (attempt = 0; attempt < 2; attempt++) {
		sample_literal(form, 0, attempt, literal, sizeof(literal));
		if (lab_dof(l, a, "INSERT INTO {t} (id, c) VALUES (1, %s)",
			    literal))
			return true;
	}
	lab_cannot(l, "no row to read");
	return false;
}

static bool quiet_behind(const char *buffer, enum form form)
{
	size_t i;

	for (i = sample_size(form); i < SAMPLE_BYTES + GUARD; i++)
		if (buffer[i] != NOISE)
			return false;
	return true;
}

static bool fetch(struct lab *l, SQLHDBC a, enum form form, bool bound)
{
	char buffer[SAMPLE_BYTES + GUARD];
	SQLLEN length = 0;
	SQLHSTMT h = lab_prepare(l, a, "SELECT c FROM {t} WHERE id = 1");
	bool ok = h != NULL;

	memset(buffer, NOISE, sizeof(buffer));
	if (ok && bound)
		ok = lab_ok(l, h, SQLBindCol(h, 1, value_c_type(form), buffer,
					     (SQLLEN)sample_size(form),
					     &length));
	ok = ok && lab_ok(l, h, SQLExecute(h)) && lab_ok(l, h, SQLFetch(h));
	if (ok && !bound)
		ok = lab_ok(l, h, SQLGetData(h, 1, value_c_type(form), buffer,
					     (SQLLEN)sample_size(form),
					     &length));
	lab_free(h);
	if (!ok)
		lab_see(l, "why", "%s", l->error.message);
	else if (!sample_is(form, 0, buffer, length))
		lab_see(l, "why", "another value, %ld bytes", (long)length);
	else if (!quiet_behind(buffer, form))
		lab_see(l, "why", "wrote behind the buffer");
	else
		return true;
	return false;
}

void fetch_run(struct lab *l, int arg)
{
	enum form form = (enum form)arg;
	SQLHDBC a = lab_connect(l);

	if (!a || !sample_table(l, a, form) || !put_literal(l, a, form))
		return;
	lab_step(l, "SQLGetData of this C type");
	lab_yes(l, "get", fetch(l, a, form, false));
	lab_step(l, "SQLBindCol of this C type");
	lab_yes(l, "bound", fetch(l, a, form, true));
	lab_drop(l, a, "t");
	lab_disconnect(l, a);
}

/* -- rowsets -- */

enum { ROWS = 7, SET = 3 };

struct pair {
	char id[24];
	SQLLEN id_length;
	char s[24];
	SQLLEN s_length;
};

/*
 * In groups of three, the last one not full. Whole numbers as text: what is
 * asked is where a driver puts the rows, not what it makes of a C type.
 */
static bool rowset(struct lab *l, SQLHSTMT h, bool by_row)
{
	static struct pair rows[SET];
	static char ids[SET][24], texts[SET][24];
	static SQLLEN id_lengths[SET], text_lengths[SET];
	static SQLUSMALLINT status[SET];
	SQLULEN fetched = 0, i;
	int seen = 0;
	SQLRETURN rc;

	SQLSetStmtAttr(h, SQL_ATTR_ROW_BIND_TYPE, (SQLPOINTER)(SQLULEN)
		       (by_row ? sizeof(struct pair) : SQL_BIND_BY_COLUMN), 0);
	SQLSetStmtAttr(h, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
	SQLSetStmtAttr(h, SQL_ATTR_ROW_STATUS_PTR, status, 0);
	if (!lab_ok(l, h, SQLSetStmtAttr(h, SQL_ATTR_ROW_ARRAY_SIZE,
					 (SQLPOINTER)(SQLULEN)SET, 0)) ||
	    !lab_ok(l, h, SQLExecute(h)))
		return false;
	SQLBindCol(h, 1, SQL_C_CHAR, by_row ? rows[0].id : ids[0], 24,
		   by_row ? &rows[0].id_length : id_lengths);
	SQLBindCol(h, 2, SQL_C_CHAR, by_row ? rows[0].s : texts[0], 24,
		   by_row ? &rows[0].s_length : text_lengths);
	lab_step(l, "fetching several rows at once");
	while ((rc = SQLFetch(h)) != SQL_NO_DATA) {
		if (!lab_ok(l, h, rc) || fetched > SET)
			return false;
		for (i = 0; i < fetched; i++) {
			char want[24];

			snprintf(want, sizeof(want), "%d", ++seen);
			if (strcmp(by_row ? rows[i].id : ids[i], want) ||
			    strcmp(by_row ? rows[i].s : texts[i], "row"))
				return false;
		}
		if (seen > ROWS)
			return false;
	}
	return seen == ROWS;
}

void rowset_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	SQLHSTMT h;

	if (!a || !lab_fresh(l, a) || !lab_fill(l, a, ROWS))
		return;
	h = lab_prepare(l, a, "SELECT id, s FROM {a} ORDER BY id");
	lab_yes(l, "ok", h && rowset(l, h, arg != 0));
	lab_free(h);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
