/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/slot.h"

#include <langinfo.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/digits.h"
#include "model/field.h"

enum {
	SMALL_BUFFER = 64,
	LARGE_BUFFER = 64 * 1024,	/* given back after use */
	PART_SIZE = 4096,		/* first SQLGetData of a long value */
	BOUND_CHARS = 255		/* longer text is read by parts */
};

void slot_init_param(struct slot *s, const struct mapping *m,
		     const struct field *f, const struct type_form *form,
		     uow_type type, SQLUSMALLINT number)
{
	memset(s, 0, sizeof(*s));
	s->mapping = m;
	s->field = f;
	s->form = form;
	s->kind = form->bind == FORM_NONE ? FORM_TEXT : form->bind;
	s->type = type;
	s->number = number;
}

void slot_release(struct slot *s)
{
	if (!s->in_rowset)
		mem_free(s->buffer);
	s->buffer = NULL;
	s->capacity = 0;
	s->bound = false;
}

void slot_shrink(struct slot *s)
{
	if (s->capacity > LARGE_BUFFER)
		slot_release(s);
}

/* What SQLBindParameter is told when the profile does not say. */
static SQLSMALLINT default_sql_type(const struct slot *s)
{
	switch (s->type) {
	case UOW_TYPE_BOOL:
		return SQL_BIT;
	case UOW_TYPE_INT16:
		return SQL_SMALLINT;
	case UOW_TYPE_INT32:
		return SQL_INTEGER;
	case UOW_TYPE_INT64:
		return SQL_BIGINT;
	case UOW_TYPE_FLOAT:
		return SQL_REAL;
	case UOW_TYPE_DOUBLE:
		return SQL_DOUBLE;
	case UOW_TYPE_DECIMAL:
		return s->form->unscaled ? SQL_BIGINT : SQL_DECIMAL;
	case UOW_TYPE_BYTES:
		return SQL_LONGVARBINARY;
	case UOW_TYPE_DATE:
		return SQL_TYPE_DATE;
	case UOW_TYPE_TIME:
		return SQL_TYPE_TIME;
	case UOW_TYPE_TIMESTAMP:
		return SQL_TYPE_TIMESTAMP;
	case UOW_TYPE_UUID:
		return s->kind == FORM_BINARY ? SQL_BINARY : SQL_CHAR;
	default:
		return SQL_VARCHAR;
	}
}

static SQLSMALLINT sql_type(const struct slot *s)
{
	SQLSMALLINT type = value_sql_type(s->form->sql);

	return type == SQL_UNKNOWN_TYPE ? default_sql_type(s) : type;
}

/*
 * ColumnSize counts characters; a timestamp of 9 digits has 29. Never 0, which
 * drivers refuse (HY104).
 */
static SQLULEN column_size(const struct slot *s)
{
	SQLULEN length = s->field ? s->field->length : 0;

	if (s->form->size)
		return s->form->size;
	if (s->type == UOW_TYPE_DECIMAL)
		return s->field ? s->field->precision : 18;
	if (s->field && field_is_digits(s->field))
		return sql_type(s) == SQL_DECIMAL ? s->field->precision :
		       DIGITS_TEXT;
	if (s->type == UOW_TYPE_TIMESTAMP)
		return 20 + s->form->fraction;
	if (s->kind != FORM_TEXT && s->kind != FORM_BINARY)
		return 20;
	return length ? length : s->capacity ? s->capacity : 1;
}

static SQLSMALLINT decimal_digits_of(const struct slot *s)
{
	if (s->type == UOW_TYPE_TIMESTAMP)
		return (SQLSMALLINT)s->form->fraction;
	if (s->type == UOW_TYPE_DECIMAL && s->field && !s->form->unscaled)
		return (SQLSMALLINT)s->field->scale;
	if (s->field && field_is_digits(s->field) &&
	    sql_type(s) == SQL_DECIMAL)
		return (SQLSMALLINT)s->field->scale;
	return 0;
}

int slot_bind(struct odbc_conn *c, SQLHSTMT h, const struct slot *s,
	      void *buffer, size_t size, SQLLEN *indicator, uow_error *err)
{
	if (!sql_ok(SQLBindParameter(h, s->number, SQL_PARAM_INPUT,
				     value_c_type(s->kind), sql_type(s),
				     column_size(s), decimal_digits_of(s),
				     buffer, (SQLLEN)size, indicator)))
		return diag_stmt(c, h, err);
	return 0;
}

static int bind_param(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		      uow_error *err)
{
	int rc = slot_bind(c, h, s, s->buffer, s->capacity, &s->indicator,
			   err);

	s->bound = !rc;
	return rc;
}

static int need(struct slot *s, size_t size, uow_error *err)
{
	char *bigger;

	if (size <= s->capacity)
		return 0;
	if (size < SMALL_BUFFER)
		size = SMALL_BUFFER;
	bigger = mem_alloc(size);
	if (!bigger)
		return error_nomem(err);
	slot_release(s);
	s->buffer = bigger;
	s->capacity = size;
	return 0;
}

int slot_put(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
	     const uow_value *v, uow_error *err)
{
	SQLLEN length = SQL_NULL_DATA;
	int rc;

	rc = need(s, v->type == UOW_TYPE_NULL ? 1 : value_size(s, v), err);
	if (!rc && v->type != UOW_TYPE_NULL)
		rc = value_encode(s, v, s->buffer, s->capacity, &length, err);
	if (rc)
		return rc;
	s->indicator = length;
	/* Some drivers look at the length only when it is bound. */
	if (s->bound && !s->form->rebind)
		return 0;
	return bind_param(c, h, s, err);
}

int slot_put_pattern(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		     const uow_value *v, uow_error *err)
{
	const char *text = v->as.bytes.data;
	uow_value pattern = *v;
	struct strbuf sb;
	size_t i;
	int rc;

	if (v->type == UOW_TYPE_NULL)
		return slot_put(c, h, s, v, err);
	strbuf_init(&sb, 2 * v->as.bytes.size + 2);
	for (i = 0; i < v->as.bytes.size; i++) {
		if (strchr("%_!", text[i]))
			strbuf_putc(&sb, '!');
		strbuf_putc(&sb, text[i]);
	}
	strbuf_putc(&sb, '%');
	pattern.as.bytes.data = sb.data;
	pattern.as.bytes.size = sb.len;
	rc = sb.failed ? error_nomem(err) : slot_put(c, h, s, &pattern, err);
	strbuf_release(&sb);
	return rc;
}

/* Bytes of a bound buffer for this column; 0: read it by parts. */
static size_t bound_size(const struct field *f)
{
	switch (f->type) {
	case UOW_TYPE_CHARS:
		return f->size;
	case UOW_TYPE_TEXT:
		if (field_is_digits(f))
			return SMALL_BUFFER;
		return f->length && f->length <= BOUND_CHARS ?
		       4 * (size_t)f->length + 1 : 0;
	case UOW_TYPE_BYTES:
		return 0;
	default:
		return SMALL_BUFFER;
	}
}

bool slot_by_parts(const struct field *f)
{
	return bound_size(f) == 0;
}

int slot_init_column(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		     const struct mapping *m, const struct field *f,
		     const struct type_form *form, SQLUSMALLINT number,
		     uow_error *err)
{
	int rc;

	slot_init_param(s, m, f, form, f->type, number);
	s->kind = form->fetch == FORM_NONE ? FORM_TEXT : form->fetch;
	s->fetched_by_parts = slot_by_parts(f);
	rc = need(s, s->fetched_by_parts ? PART_SIZE : bound_size(f), err);
	if (rc || s->fetched_by_parts)
		return rc;
	if (!sql_ok(SQLBindCol(h, number, value_c_type(s->kind), s->buffer,
			       (SQLLEN)s->capacity, &s->indicator)))
		return diag_stmt(c, h, err);
	s->bound = true;
	return 0;
}

/*
 * SQLGetData hands long values out piece by piece: 01004 and the length that
 * is left (or SQL_NO_TOTAL) until the last one. Text ends with a NUL in each
 * piece, which counts for the buffer but not for the length.
 */
static int get_parts(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		     size_t *length, uow_error *err)
{
	size_t have = 0, nul = s->kind == FORM_TEXT, room, got;
	SQLRETURN rc;

	for (;;) {
		room = s->capacity - have;
		rc = SQLGetData(h, s->number, value_c_type(s->kind),
				s->buffer + have, (SQLLEN)room, &s->indicator);
		if (rc == SQL_NO_DATA)
			break;
		if (!sql_ok(rc))
			return diag_stmt(c, h, err);
		if (s->indicator == SQL_NULL_DATA)
			return 0;
		if (s->indicator != SQL_NO_TOTAL &&
		    (size_t)s->indicator + nul <= room) {
			have += (size_t)s->indicator;
			break;
		}
		got = room - nul;
		have += got;
		room = s->indicator == SQL_NO_TOTAL ? 2 * s->capacity :
		       have + ((size_t)s->indicator - got) + nul + 1;
		if (mem_grow(&s->buffer, &s->capacity, room, 1))
			return error_nomem(err);
	}
	*length = have;
	return 0;
}

/* SQLGetData of a bound column, in a block of rows as well. */
static bool may_get_bound(const struct odbc_conn *c, SQLHSTMT h,
			  const struct slot *s)
{
	if (!(c->source->getdata & SQL_GD_BOUND))
		return false;
	return !s->row ||
	       (c->source->getdata & SQL_GD_BLOCK &&
		sql_ok(SQLSetPos(h, s->row, SQL_POSITION,
				 SQL_LOCK_NO_CHANGE)));
}

/* A bound value longer than its buffer: whole by SQLGetData, if it lets us. */
static int get_longer(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		      void *row, struct arena *texts, uow_error *err)
{
	struct slot whole = *s;
	size_t length = 0;
	int rc;

	if (s->type == UOW_TYPE_CHARS && s->indicator != SQL_NO_TOTAL)
		return value_decode(s, s->buffer, (size_t)s->indicator, row,
				    texts, err);
	if (!may_get_bound(c, h, s)) {
		error_set(err, UOW_EDATA, "%s: column '%s' holds more than "
			  "the %u characters it is mapped with",
			  s->mapping->name, s->field->name, s->field->length);
		error_entity(err, s->mapping->name);
		return UOW_EDATA;
	}
	whole.buffer = NULL;
	whole.capacity = 0;
	whole.in_rowset = false;
	rc = need(&whole, PART_SIZE, err);
	if (!rc)
		rc = get_parts(c, h, &whole, &length, err);
	if (!rc)
		rc = value_decode(&whole, whole.buffer, length, row, texts,
				  err);
	mem_free(whole.buffer);
	return rc;
}

static int get_null(const struct slot *s, void *row, uow_error *err)
{
	if (field_nullable(s->field)) {
		field_set_null(s->field, row);
		return 0;
	}
	error_set(err, UOW_EDATA, "%s: column '%s' is NULL, its member cannot "
		  "be", s->mapping->name, s->field->name);
	error_entity(err, s->mapping->name);
	return UOW_EDATA;
}

static bool is_number(SQLHSTMT h, SQLUSMALLINT column)
{
	SQLLEN type = 0;

	if (!sql_ok(SQLColAttribute(h, column, SQL_DESC_CONCISE_TYPE, NULL, 0,
				    NULL, &type)))
		return false;
	return type == SQL_NUMERIC || type == SQL_DECIMAL ||
	       type == SQL_REAL || type == SQL_FLOAT || type == SQL_DOUBLE;
}

/*
 * A text member on a column of numbers: a driver that writes the point of the
 * program's locale does so here as well. In other columns that is a comma.
 */
static void put_point(SQLHSTMT h, const struct slot *s, size_t length)
{
	char point, *at;

	if (!s->form->localized || !type_is_text(s->type))
		return;
	point = *nl_langinfo(RADIXCHAR);
	if (point == '.')
		return;
	at = memchr(s->buffer, point, length);
	if (at && is_number(h, s->number))
		*at = '.';
}

/*
 * What most columns hold, read straight: a whole number in a text, of fewer
 * digits than could be too many. Anything else is value_decode()'s. By
 * text_to_int64() it would be 5 % more instructions for a get by key.
 */
static bool get_digits(const struct slot *s, void *row)
{
	const char *at = s->buffer, *end;
	bool minus;
	int64_t n = 0;

	if (s->kind != FORM_TEXT || s->type != UOW_TYPE_INT64 || !s->field ||
	    s->fetched_by_parts || s->indicator < 1 || s->indicator > 18 ||
	    (size_t)s->indicator >= s->capacity)
		return false;
	end = at + s->indicator;
	minus = *at == '-';
	at += minus;
	if (at == end)
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		n = n * 10 + (*at - '0');
	}
	return field_put_integer(s->field, row, minus ? -n : n);
}

int slot_get(struct odbc_conn *c, SQLHSTMT h, struct slot *s, void *row,
	     struct arena *texts, uow_error *err)
{
	size_t length = 0, nul = s->kind == FORM_TEXT;
	int rc;

	if (get_digits(s, row))
		return 0;
	if (s->fetched_by_parts) {
		rc = get_parts(c, h, s, &length, err);
		if (rc)
			return rc;
	} else if (s->indicator != SQL_NULL_DATA) {
		/* 01004 is told by the indicator: longer than the buffer. */
		if (s->indicator == SQL_NO_TOTAL ||
		    (size_t)s->indicator + nul > s->capacity)
			return get_longer(c, h, s, row, texts, err);
		length = (size_t)s->indicator;
	}
	if (s->indicator == SQL_NULL_DATA)
		return get_null(s, row, err);
	put_point(h, s, length);
	rc = value_decode(s, s->buffer, length, row, texts, err);
	if (s->fetched_by_parts && s->capacity > LARGE_BUFFER) {
		slot_release(s);
		if (!rc)
			rc = need(s, PART_SIZE, err);
	}
	return rc;
}
