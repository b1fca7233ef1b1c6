/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/sample.h"

#include <stdio.h>
#include <string.h>

/*
 * A binary parameter, bound once and executed with other lengths: there are
 * drivers that read the length only once.
 */
static bool execute_all(struct lab *l, SQLHDBC a)
{
	char data[24], id[24];
	SQLLEN length = 0, id_length = SQL_NTS;
	SQLHSTMT h = lab_prepare(l, a,
				 "INSERT INTO {t} (id, c) VALUES (?, ?)");
	bool ok;
	int i;

	memset(data, 7, sizeof(data));
	ok = h && lab_ok(l, h, SQLBindParameter(h, 1, SQL_PARAM_INPUT,
						SQL_C_CHAR, SQL_INTEGER, 24, 0,
						id, 24, &id_length)) &&
	     lab_ok(l, h, SQLBindParameter(h, 2, SQL_PARAM_INPUT,
					   SQL_C_BINARY,
					   sample_sql_type(l, FORM_BINARY),
					   24, 0, data, 24, &length));
	for (i = 1; ok && i <= 3; i++) {
		snprintf(id, sizeof(id), "%d", i);
		length = 2 * i;
		ok = lab_ok(l, h, SQLExecute(h));
	}
	lab_free(h);
	return ok;
}

void lengths_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	char text[2 * SAMPLE_BYTES + 1], name[24];
	bool null;
	int i;

	(void)arg;
	if (!a || !sample_table(l, a, FORM_BINARY))
		return;
	lab_step(l, "a binary parameter of several lengths");
	lab_yes(l, "executed", execute_all(l, a));
	for (i = 1; i <= 3; i++) {
		text[0] = '\0';
		snprintf(name, sizeof(name), "length%d", i);
		if (sample_read(l, a, FORM_BINARY, i, text, sizeof(text),
				&null))
			lab_number_seen(l, name, (long)strlen(text) / 2);
	}
	lab_drop(l, a, "t");
	lab_disconnect(l, a);
}
