/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/renderer.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

/* A piece of a template: text as it is, or the word of a {word}. */
struct piece {
	const char *text;
	size_t length;
	bool word;
};

static size_t word_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz_");
}

/* The piece that begins at t; returns where the next one does. */
static const char *next_piece(const char *t, struct piece *out)
{
	size_t length = *t == '{' ? word_length(t + 1) : 0;

	out->word = length > 0 && t[length + 1] == '}';
	if (out->word) {
		out->text = t + 1;
		out->length = length;
		return t + length + 2;
	}
	out->text = t;
	out->length = 1 + strcspn(t + 1, "{");
	return t + out->length;
}

static bool is_word(const struct piece *p, const char *word)
{
	return p->word && strlen(word) == p->length &&
	       !memcmp(word, p->text, p->length);
}

/* The piece as it stands in the template. */
static void add_piece(struct strbuf *sb, const struct piece *p)
{
	if (p->word)
		strbuf_add(sb, p->text - 1, p->length + 2);
	else
		strbuf_add(sb, p->text, p->length);
}

void render_template(struct strbuf *sb, const char *template,
		     const char *const *pairs)
{
	const char *const *pair;
	struct piece piece;

	while (*template) {
		template = next_piece(template, &piece);
		for (pair = pairs; *pair; pair += 2)
			if (is_word(&piece, pair[0]))
				break;
		if (*pair)
			strbuf_puts(sb, pair[1]);
		else
			add_piece(sb, &piece);
	}
}

/* SQL_IDENTIFIER_QUOTE_CHAR is a blank where a driver has no quotes. */
static char quote_or(char quote, char otherwise)
{
	return quote && quote != ' ' ? quote : otherwise;
}

void render_name(const struct profile *p, struct strbuf *sb, const char *name)
{
	char open = quote_or(p->quote_open, '"');
	char close = quote_or(p->quote_close, open);

	strbuf_putc(sb, open);
	for (; *name; name++) {
		if (*name == close)
			strbuf_putc(sb, close);
		strbuf_putc(sb, *name);
	}
	strbuf_putc(sb, close);
}

void render_table(const struct profile *p, struct strbuf *sb,
		  const struct mapping *m)
{
	if (m->schema) {
		render_name(p, sb, m->schema);
		strbuf_putc(sb, '.');
	}
	render_name(p, sb, m->table);
}

void render_fail(struct renderer *r, int code, const char *fmt, ...)
{
	va_list args;

	if (r->rc)
		return;
	va_start(args, fmt);
	r->rc = error_vset(r->err, code, fmt, args);
	va_end(args);
}

void put(struct renderer *r, const char *text)
{
	strbuf_puts(&r->sql, text);
}

void put_comma(struct renderer *r, bool *first)
{
	if (!*first)
		put(r, ", ");
	*first = false;
}

void put_table(struct renderer *r)
{
	render_table(r->p, &r->sql, r->m);
}

void put_target(struct renderer *r, unsigned column)
{
	render_name(r->p, &r->sql, r->m->fields[column].name);
}

/* The table's name alone, also for one in a schema: it is in FROM. */
void put_column(struct renderer *r, unsigned column)
{
	if (r->p->qualify) {
		render_name(r->p, &r->sql, r->m->table);
		put(r, ".");
	}
	put_target(r, column);
}

void put_expression(struct renderer *r, const char *template, unsigned column)
{
	struct piece piece;

	while (*template) {
		template = next_piece(template, &piece);
		if (is_word(&piece, "column"))
			put_column(r, column);
		else
			add_piece(&r->sql, &piece);
	}
}

void put_compared(struct renderer *r, unsigned column)
{
	const char *template = r->forms[column]->compare;

	if (template)
		put_expression(r, template, column);
	else
		put_column(r, column);
}

const char *put_until(struct renderer *r, const char *template,
		      const char *word)
{
	struct piece piece;

	while (*template) {
		template = next_piece(template, &piece);
		if (is_word(&piece, word))
			break;
		add_piece(&r->sql, &piece);
	}
	return template;
}

void put_template(struct renderer *r, const char *template,
		  const char *const *pairs)
{
	render_template(&r->sql, template, pairs);
}

void put_marker(struct renderer *r, enum param_source source, unsigned column,
		size_t index)
{
	struct sql_param *param;

	if (mem_grow(&r->params, &r->param_capacity, r->param_count + 1,
		     sizeof(*r->params))) {
		render_fail(r, UOW_ENOMEM, "out of memory");
		return;
	}
	param = &r->params[r->param_count++];
	param->source = source;
	param->column = column;
	param->index = index;
	strbuf_putc(&r->sql, '?');
}

void put_value(struct renderer *r, enum param_source source, unsigned column,
	       size_t index)
{
	const char *template = r->forms[column]->write;
	struct piece piece;

	if (!template) {
		put_marker(r, source, column, index);
		return;
	}
	while (*template) {
		template = next_piece(template, &piece);
		if (is_word(&piece, "value"))
			put_marker(r, source, column, index);
		else
			add_piece(&r->sql, &piece);
	}
}

static void put_number(struct renderer *r, unsigned number)
{
	strbuf_printf(&r->sql, "%u", number);
}

void put_operand(struct renderer *r, enum param_source source,
		 unsigned column, size_t index)
{
	const char *template = r->forms[column]->operand;
	const struct field *f = &r->m->fields[column];
	struct piece piece;

	if (!template) {
		put_value(r, source, column, index);
		return;
	}
	while (*template) {
		template = next_piece(template, &piece);
		if (is_word(&piece, "value"))
			put_marker(r, source, column, index);
		else if (is_word(&piece, "precision"))
			put_number(r, f->precision);
		else if (is_word(&piece, "scale"))
			put_number(r, f->scale);
		else
			add_piece(&r->sql, &piece);
	}
}

void put_written(struct renderer *r, unsigned column, const char *text)
{
	const char *pairs[] = { "value", text, NULL };
	const char *template = r->forms[column]->write;

	if (template)
		put_template(r, template, pairs);
	else
		put(r, text);
}

static void put_one_list(struct renderer *r, unsigned column,
			 enum param_source source, size_t first, size_t end)
{
	size_t i;

	put_compared(r, column);
	put(r, " IN (");
	for (i = first; i < end; i++) {
		if (i > first)
			put(r, ", ");
		put_operand(r, source, column, i);
	}
	put(r, ")");
}

void put_in_list(struct renderer *r, unsigned column, enum param_source source,
		 size_t first, size_t count)
{
	size_t most = r->p->in_max ? r->p->in_max : count, i, n;

	if (count > most)
		put(r, "(");
	for (i = 0; i < count; i += n) {
		n = count - i < most ? count - i : most;
		put(r, i ? " OR " : "");
		put_one_list(r, column, source, first + i, first + i + n);
	}
	if (count > most)
		put(r, ")");
}

void put_test(struct renderer *r, const char *template, unsigned column,
	      size_t index)
{
	struct piece piece;

	while (*template) {
		template = next_piece(template, &piece);
		if (is_word(&piece, "column"))
			put_compared(r, column);
		else if (is_word(&piece, "value"))
			put_value(r, PARAM_ARG, column, index);
		else if (is_word(&piece, "pattern"))
			put_value(r, PARAM_PATTERN, column, index);
		else
			add_piece(&r->sql, &piece);
	}
}
