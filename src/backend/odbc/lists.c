/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/field.h"

/*
 * Array literals, as unnest() takes them: {"a","b\"c",NULL}. Every element is
 * in quotes, and in them a quote and a backslash have a backslash before: then
 * nothing in a value means anything. The literal is a parameter: it is never
 * part of a statement's text.
 */

enum { LITERAL_MAX = 64 << 20 };

static char list_sql_type[] = "LONGVARCHAR";

/* The literal itself is text, whatever its elements are. */
static const struct type_form list_form = {
	.bind = FORM_TEXT, .fetch = FORM_TEXT, .sql = list_sql_type
};

void lists_init(struct stmt *st)
{
	size_t i;

	for (i = 0; i < st->param_count; i++)
		slot_init_param(&st->params[i], st->mapping, NULL, &list_form,
				UOW_TYPE_TEXT, (SQLUSMALLINT)(i + 1));
}

static void add_quoted(struct strbuf *sb, const char *text, size_t n)
{
	size_t plain;

	while (n) {
		plain = 0;
		while (plain < n && text[plain] != '"' && text[plain] != '\\')
			plain++;
		strbuf_add(sb, text, plain);
		text += plain;
		n -= plain;
		if (!n)
			break;
		strbuf_putc(sb, '\\');
		strbuf_putc(sb, *text++);
		n--;
	}
}

/* \x and two digits for each byte; the backslash is one of a literal. */
static void add_bytes(struct strbuf *sb, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char pair[2];
	size_t i;

	strbuf_puts(sb, "\\\\x");
	for (i = 0; i < n; i++) {
		pair[0] = digits[p[i] >> 4];
		pair[1] = digits[p[i] & 15];
		strbuf_add(sb, pair, sizeof(pair));
	}
}

/* Everything but text and bytes is short as text; decimals in it are, too. */
static int add_short(struct strbuf *sb, const struct slot *element,
		     const uow_value *v, uow_error *err)
{
	char text[128];
	SQLLEN length = 0;
	int rc;

	rc = value_encode(element, v, text, sizeof(text), &length, err);
	if (!rc)
		strbuf_add(sb, text, (size_t)length);
	return rc;
}

static int refuse_nul(const struct slot *element, uow_error *err)
{
	return field_error(element->mapping, element->field, err, UOW_EDATA,
			   "has a NUL in its text");
}

static int add_element(struct strbuf *sb, const struct slot *element,
		       const uow_value *v, uow_error *err)
{
	const char *data = v->as.bytes.data;
	size_t size = v->as.bytes.size;
	int rc = 0;

	if (v->type == UOW_TYPE_NULL) {
		strbuf_puts(sb, "NULL");
		return 0;
	}
	strbuf_putc(sb, '"');
	if (v->type == UOW_TYPE_BYTES)
		add_bytes(sb, v->as.bytes.data, size);
	else if ((v->type != UOW_TYPE_TEXT && v->type != UOW_TYPE_CHARS) ||
		 field_is_digits(element->field))
		rc = add_short(sb, element, v, err);
	else if (size && memchr(data, 0, size))
		rc = refuse_nul(element, err);
	else
		add_quoted(sb, data, size);
	strbuf_putc(sb, '"');
	return rc;
}

static int put_list(struct odbc_conn *c, struct stmt *st, size_t param,
		    const struct write_row *rows, size_t count,
		    struct strbuf *sb, uow_error *err)
{
	const struct sql_param *p = &st->text.params[param];
	const struct field *f = &st->mapping->fields[p->column];
	struct slot element;
	uow_value v;
	size_t i;
	int rc = 0;

	slot_init_param(&element, st->mapping, f, st->forms[f->index], f->type,
			(SQLUSMALLINT)(param + 1));
	element.kind = FORM_TEXT;
	strbuf_clear(sb);
	strbuf_putc(sb, '{');
	for (i = 0; !rc && i < count; i++) {
		if (i)
			strbuf_putc(sb, ',');
		field_get(f, param_row(p, &rows[i]), &v);
		rc = add_element(sb, &element, &v, err);
	}
	strbuf_putc(sb, '}');
	if (rc)
		return rc;
	if (sb->failed)
		return error_nomem(err);
	v = uow_text(sb->data);
	return slot_put(c, st->handle, &st->params[param], &v, err);
}

int lists_put(struct odbc_conn *c, struct stmt *st,
	      const struct write_row *rows, size_t count, uow_error *err)
{
	struct strbuf sb;
	size_t i;
	int rc = 0;

	strbuf_init(&sb, LITERAL_MAX);
	for (i = st->param_count; !rc && i-- > 0;)
		rc = put_list(c, st, i, rows, count, &sb, err);
	strbuf_release(&sb);
	return rc;
}
