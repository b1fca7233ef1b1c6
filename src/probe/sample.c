/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dialect/ddl.h"

size_t sample_size(enum form form)
{
	switch (form) {
	case FORM_BIT:
		return sizeof(unsigned char);
	case FORM_INT16:
		return sizeof(int16_t);
	case FORM_INT32:
		return sizeof(int32_t);
	case FORM_INT64:
	case FORM_LONG64:
		return sizeof(int64_t);
	case FORM_FLOAT:
		return sizeof(float);
	case FORM_DOUBLE:
		return sizeof(double);
	case FORM_DATE:
		return sizeof(SQL_DATE_STRUCT);
	case FORM_TIME:
		return sizeof(SQL_TIME_STRUCT);
	case FORM_TIMESTAMP:
		return sizeof(SQL_TIMESTAMP_STRUCT);
	default:
		return 24;
	}
}

static int64_t integer_of(enum form form, int k)
{
	switch (form) {
	case FORM_BIT:
		return (k + 1) & 1;
	case FORM_INT16:
		return k & 1 ? -12345 - k : 12345 + k;
	case FORM_INT32:
		return k & 1 ? -1234567890 - k : 1234567890 + k;
	default:
		return (k & 1 ? -1 : 1) *
		       (INT64_C(1234567890123456789) + k);
	}
}

static double real_of(int k)
{
	return (k & 1 ? -1 : 1) * (k + 0.625);
}

static SQLLEN put_text(int k, char *buffer)
{
	return snprintf(buffer, SAMPLE_BYTES, "text %.*s", k + 1, "abcdefgh");
}

/* Lengths differ, and there is a NUL in it. */
static SQLLEN put_binary(int k, char *buffer)
{
	int i;

	for (i = 0; i < k + 2; i++)
		buffer[i] = (char)(i * 17 + k);
	buffer[1] = 0;
	return k + 2;
}

static void put_moment(int k, char *buffer, enum form form)
{
	SQL_TIMESTAMP_STRUCT ts;
	SQL_DATE_STRUCT date;
	SQL_TIME_STRUCT time;

	memset(&ts, 0, sizeof(ts));
	ts.year = date.year = 2024;
	ts.month = date.month = 2;
	ts.day = date.day = (SQLUSMALLINT)(25 + k);
	ts.hour = time.hour = 23;
	ts.minute = time.minute = 59;
	ts.second = time.second = (SQLUSMALLINT)(50 + k);
	if (form == FORM_DATE)
		memcpy(buffer, &date, sizeof(date));
	else if (form == FORM_TIME)
		memcpy(buffer, &time, sizeof(time));
	else
		memcpy(buffer, &ts, sizeof(ts));
}

SQLLEN sample_put(enum form form, int k, char *buffer)
{
	int64_t wide = integer_of(form, k);
	int32_t word = (int32_t)wide;
	int16_t half = (int16_t)wide;
	double real = real_of(k);
	float single = (float)real;

	memset(buffer, 0, SAMPLE_BYTES);
	switch (form) {
	case FORM_BIT:
		buffer[0] = (char)wide;
		break;
	case FORM_INT16:
		memcpy(buffer, &half, sizeof(half));
		break;
	case FORM_INT32:
		memcpy(buffer, &word, sizeof(word));
		break;
	case FORM_INT64:
	case FORM_LONG64:
		memcpy(buffer, &wide, sizeof(wide));
		break;
	case FORM_FLOAT:
		memcpy(buffer, &single, sizeof(single));
		break;
	case FORM_DOUBLE:
		memcpy(buffer, &real, sizeof(real));
		break;
	case FORM_BINARY:
		return put_binary(k, buffer);
	case FORM_TEXT:
		return put_text(k, buffer);
	default:
		put_moment(k, buffer, form);
		break;
	}
	return (SQLLEN)sample_size(form);
}

static void hex(const char *data, SQLLEN length, char *out)
{
	SQLLEN i;

	*out = '\0';
	for (i = 0; i < length && i < SAMPLE_BYTES / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned char)data[i]);
}

static bool is_truth(int64_t value, const char *text)
{
	return text[0] == (value ? '1' : '0') ||
	       text[0] == (value ? 't' : 'f') || text[0] == (value ? 'T' : 'F');
}

bool sample_is_text(enum form form, int k, const char *text)
{
	char buffer[SAMPLE_BYTES], expected[2 * SAMPLE_BYTES + 1];
	SQLLEN length = sample_put(form, k, buffer);
	int64_t integer;
	double real;

	switch (form) {
	case FORM_TEXT:
		return !strcmp(text, buffer);
	case FORM_BINARY:
		hex(buffer, length, expected);
		return !strcmp(text, expected);
	case FORM_FLOAT:
	case FORM_DOUBLE:
		return text_to_double(text, strlen(text), &real) &&
		       real >= real_of(k) && real <= real_of(k);
	case FORM_DATE:
		snprintf(expected, sizeof(expected), "2024-02-%d", 25 + k);
		return !strncmp(text, expected, strlen(expected));
	case FORM_TIME:
		snprintf(expected, sizeof(expected), "23:59:%d", 50 + k);
		return strstr(text, expected) != NULL;
	case FORM_TIMESTAMP:
		snprintf(expected, sizeof(expected), "2024-02-%d 23:59:%d",
			 25 + k, 50 + k);
		return !strncmp(text, expected, 10) &&
		       !strncmp(text + 10 + (text[10] != '\0'), expected + 11,
				8);
	case FORM_BIT:
		return is_truth(integer_of(form, k), text);
	default:
		return text_to_int64(text, strlen(text), &integer) &&
		       integer == integer_of(form, k);
	}
}

bool sample_is(enum form form, int k, const char *buffer, SQLLEN length)
{
	char expected[SAMPLE_BYTES];
	SQLLEN n = sample_put(form, k, expected);

	if (form == FORM_TEXT || form == FORM_BINARY)
		return length == n && !memcmp(buffer, expected, (size_t)n);
	return !memcmp(buffer, expected, sample_size(form));
}

void sample_literal(enum form form, int k, int attempt, char *out,
		    size_t size)
{
	const char *open = attempt ? "'" : form == FORM_DATE ? "{d '" :
			   form == FORM_TIME ? "{t '" : "{ts '";
	const char *close = attempt ? "'" : "'}";

	switch (form) {
	case FORM_TEXT:
		snprintf(out, size, "'text %.*s'", k + 1, "abcdefgh");
		break;
	case FORM_FLOAT:
	case FORM_DOUBLE:
		snprintf(out, size, "%d.625", k);
		break;
	case FORM_DATE:
		snprintf(out, size, "%s2024-02-%d%s", open, 25 + k, close);
		break;
	case FORM_TIME:
		snprintf(out, size, "%s23:59:%d%s", open, 50 + k, close);
		break;
	case FORM_TIMESTAMP:
		snprintf(out, size, "%s2024-02-%d 23:59:%d%s", open, 25 + k,
			 50 + k, close);
		break;
	default:
		if (form == FORM_BIT && attempt)
			snprintf(out, size, "%s", k & 1 ? "FALSE" : "TRUE");
		else
			snprintf(out, size, "%lld",
				 (long long)integer_of(form, k));
		break;
	}
}

uow_type sample_type(enum form form)
{
	switch (form) {
	case FORM_BIT:
		return UOW_TYPE_BOOL;
	case FORM_INT16:
		return UOW_TYPE_INT16;
	case FORM_INT32:
		return UOW_TYPE_INT32;
	case FORM_INT64:
	case FORM_LONG64:
		return UOW_TYPE_INT64;
	case FORM_FLOAT:
		return UOW_TYPE_FLOAT;
	case FORM_DOUBLE:
		return UOW_TYPE_DOUBLE;
	case FORM_BINARY:
		return UOW_TYPE_BYTES;
	case FORM_DATE:
		return UOW_TYPE_DATE;
	case FORM_TIME:
		return UOW_TYPE_TIME;
	case FORM_TIMESTAMP:
		return UOW_TYPE_TIMESTAMP;
	default:
		return UOW_TYPE_TEXT;
	}
}

/* The type that belongs to the C type, whatever the profile binds it as. */
SQLSMALLINT sample_sql_type(const struct lab *l, enum form form)
{
	const struct type_form *f = &l->source->profile->own[sample_type(form)];

	switch (form) {
	case FORM_BIT:
		return SQL_BIT;
	case FORM_INT16:
		return SQL_SMALLINT;
	case FORM_INT32:
		return SQL_INTEGER;
	case FORM_INT64:
	case FORM_LONG64:
		return SQL_BIGINT;
	case FORM_FLOAT:
		return SQL_REAL;
	case FORM_DOUBLE:
		return SQL_DOUBLE;
	case FORM_BINARY:
		return f->bind == FORM_BINARY && f->sql ?
		       value_sql_type(f->sql) : SQL_VARBINARY;
	case FORM_DATE:
		return SQL_TYPE_DATE;
	case FORM_TIME:
		return SQL_TYPE_TIME;
	case FORM_TIMESTAMP:
		return SQL_TYPE_TIMESTAMP;
	default:
		return SQL_VARCHAR;
	}
}

SQLULEN sample_column_size(enum form form)
{
	switch (form) {
	case FORM_TEXT:
	case FORM_BINARY:
		return 24;
	case FORM_DATE:
		return 10;
	case FORM_TIME:
		return 8;
	case FORM_TIMESTAMP:
		return 23;
	default:
		return 20;
	}
}

SQLSMALLINT sample_digits(enum form form)
{
	return form == FORM_TIMESTAMP ? 3 : 0;
}

bool sample_table(struct lab *l, SQLHDBC dbc, enum form form)
{
	static const char *const pairs[] = {
		"length", "40", "bytes", "160", "precision", "18",
		"scale", "2", NULL
	};
	const struct type_form *f = &l->source->profile->own[sample_type(form)];
	struct strbuf sb;
	bool ok;

	lab_autocommit(dbc, true);
	lab_drop(l, dbc, "t");
	strbuf_init(&sb, 4096);
	strbuf_puts(&sb, "CREATE TABLE {t} (id INTEGER NOT NULL PRIMARY KEY, "
			 "c ");
	render_template(&sb, f->column ? f->column : "INTEGER", pairs);
	strbuf_puts(&sb, ")");
	ok = !sb.failed && lab_do(l, dbc, sb.data);
	strbuf_release(&sb);
	if (!ok)
		lab_cannot(l, "no scratch table");
	return ok;
}

bool sample_read(struct lab *l, SQLHDBC dbc, enum form form, int id,
		 char *out, size_t size, bool *null)
{
	char sql[80], data[SAMPLE_BYTES] = "";
	SQLLEN length = SQL_NULL_DATA;
	SQLHSTMT h;
	bool ok;

	snprintf(sql, sizeof(sql), "SELECT c FROM {t} WHERE id = %d", id);
	h = lab_prepare(l, dbc, sql);
	if (!h)
		return false;
	ok = lab_ok(l, h, SQLExecute(h)) && sql_ok(SQLFetch(h));
	if (ok && form == FORM_BINARY) {
		ok = lab_ok(l, h, SQLGetData(h, 1, SQL_C_BINARY, data,
					     (SQLLEN)sizeof(data), &length));
		if (ok && length > 0)
			hex(data, length, out);
	} else if (ok) {
		ok = lab_ok(l, h, SQLGetData(h, 1, SQL_C_CHAR, out,
					     (SQLLEN)size, &length));
	}
	*null = length == SQL_NULL_DATA;
	lab_free(h);
	return ok;
}
