/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/connstr.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"

/* One NAME=value of a connection string; pointers into it. */
struct part {
	const char *name, *value;
	size_t name_len, value_len;	/* value without braces */
	bool braced;
};

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == ';')
		p++;
	return p;
}

/* End of a braced value: "}}" stands for a brace. NULL: never closed. */
static const char *brace_end(const char *p)
{
	for (; *p; p++) {
		if (*p != '}')
			continue;
		if (p[1] != '}')
			return p;
		p++;
	}
	return NULL;
}

/* The part at *p, which moves on. 1: got one, 0: end, -1: malformed. */
static int next_part(const char **p, struct part *out)
{
	const char *s = skip_blanks(*p), *eq, *end;

	if (!*s)
		return 0;
	eq = s + strcspn(s, "=;");
	if (*eq != '=' || eq == s)
		return -1;
	out->name = s;
	out->name_len = (size_t)(eq - s);
	while (out->name_len && s[out->name_len - 1] == ' ')
		out->name_len--;
	s = eq + 1;
	out->braced = *s == '{';
	if (out->braced) {
		end = brace_end(++s);
		if (!end || !strchr(" \t;", end[1]))
			return -1;
		*p = end + 1;
	} else {
		end = s + strcspn(s, ";");
		*p = end;
	}
	out->value = s;
	out->value_len = (size_t)(end - s);
	return 1;
}

static bool named(const struct part *part, const char *name)
{
	char buffer[64];

	if (part->name_len >= sizeof(buffer))
		return false;
	memcpy(buffer, part->name, part->name_len);
	buffer[part->name_len] = '\0';
	return text_same(buffer, name);
}

int connstr_init(struct connstr *c, const char *text, uow_error *err)
{
	struct strbuf sb;
	struct part part;
	const char *p;
	char *copy;
	int rc;

	strbuf_init(&sb, CONNSTR_MAX);
	if (!strchr(text, '='))
		strbuf_puts(&sb, "DSN=");
	strbuf_puts(&sb, text);
	p = sb.failed || !sb.data ? "" : sb.data;
	while ((rc = next_part(&p, &part)) != 0) {
		if (rc > 0)
			continue;
		strbuf_release(&sb);
		return error_set(err, UOW_EINVAL,
				 "connection string is malformed");
	}
	copy = strbuf_steal(&sb);
	if (!copy && strlen(text) + 4 > CONNSTR_MAX)
		return error_set(err, UOW_EINVAL,
				 "connection string is longer than %d bytes",
				 CONNSTR_MAX);
	if (!copy)
		return error_nomem(err);
	c->text = copy;
	return 0;
}

void connstr_release(struct connstr *c)
{
	if (c->text)
		mem_wipe(c->text, strlen(c->text));
	mem_free(c->text);
	c->text = NULL;
}

/* Copy a value, "}}" back to "}"; false if it does not fit. */
static bool copy_value(const struct part *part, char *value, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < part->value_len; i++) {
		if (n + 1 >= size)
			return false;
		value[n++] = part->value[i];
		if (part->braced && part->value[i] == '}')
			i++;
	}
	value[n] = '\0';
	return true;
}

bool connstr_get(const struct connstr *c, const char *name, char *value,
		 size_t size)
{
	const char *p = c->text;
	struct part part;

	while (next_part(&p, &part) > 0)
		if (named(&part, name))
			return copy_value(&part, value, size);
	return false;
}

static void add_value(struct strbuf *sb, const char *value)
{
	size_t n = strlen(value);

	if (strcspn(value, ";{}[]()?*=!@, ") == n) {
		strbuf_puts(sb, value);
		return;
	}
	strbuf_putc(sb, '{');
	for (; *value; value++) {
		strbuf_putc(sb, *value);
		if (*value == '}')
			strbuf_putc(sb, '}');
	}
	strbuf_putc(sb, '}');
}

int connstr_append(struct connstr *c, const char *name, const char *value,
		   uow_error *err)
{
	struct strbuf sb;
	size_t n = strlen(c->text);
	char *text;

	strbuf_init(&sb, CONNSTR_MAX);
	strbuf_puts(&sb, c->text);
	if (n && c->text[n - 1] != ';')
		strbuf_putc(&sb, ';');
	strbuf_puts(&sb, name);
	strbuf_putc(&sb, '=');
	add_value(&sb, value);
	text = strbuf_steal(&sb);
	if (!text)
		return error_nomem(err);
	connstr_release(c);
	c->text = text;
	return 0;
}

/* The part of that name, as far as it reaches; false: there is none. */
static bool find_part(const struct connstr *c, const char *name,
		      const char **from, const char **to)
{
	const char *p = c->text;
	struct part part;

	while (next_part(&p, &part) > 0) {
		if (!named(&part, name))
			continue;
		*from = part.name;
		*to = p;
		return true;
	}
	return false;
}

int connstr_set(struct connstr *c, const char *name, const char *value,
		uow_error *err)
{
	const char *from, *to;
	struct strbuf sb;
	char *text;

	if (!find_part(c, name, &from, &to))
		return connstr_append(c, name, value, err);
	strbuf_init(&sb, CONNSTR_MAX);
	strbuf_add(&sb, c->text, (size_t)(from - c->text));
	strbuf_puts(&sb, name);
	strbuf_putc(&sb, '=');
	add_value(&sb, value);
	/* A brace ends a value, a blank after it may follow; not so here. */
	if (*to && *to != ';')
		strbuf_putc(&sb, ';');
	strbuf_puts(&sb, to);
	text = strbuf_steal(&sb);
	if (!text)
		return error_nomem(err);
	connstr_release(c);
	c->text = text;
	return 0;
}

bool connstr_is_secret(const char *name, size_t length)
{
	static const char *const words[] = {
		"*pwd*", "*pass*", "*secret*", "*token*", "*privatekey*"
	};
	char buffer[64];
	size_t i;

	if (length >= sizeof(buffer))
		return true;
	memcpy(buffer, name, length);
	buffer[length] = '\0';
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_glob(words[i], buffer))
			return true;
	return false;
}

/* Length of the secret that message starts with, 0 if it is none. */
static size_t secret_at(const struct connstr *c, const char *message)
{
	const char *p = c->text;
	char value[SECRET_MAX];
	struct part part;
	size_t longest = 0, n;

	while (next_part(&p, &part) > 0) {
		if (!connstr_is_secret(part.name, part.name_len))
			continue;
		/* As given, and with the braces' doubling undone. */
		n = part.value_len;
		if (n > longest && !strncmp(message, part.value, n))
			longest = n;
		if (!copy_value(&part, value, sizeof(value)))
			continue;
		n = strlen(value);
		if (n > longest && !strncmp(message, value, n))
			longest = n;
	}
	mem_wipe(value, sizeof(value));
	return longest;
}

void connstr_redact(const struct connstr *c, const char *message,
		    struct strbuf *sb)
{
	size_t n;

	while (*message) {
		n = c->text ? secret_at(c, message) : 0;
		if (n) {
			strbuf_puts(sb, "***");
			message += n;
		} else {
			strbuf_putc(sb, *message++);
		}
	}
}

static bool names_place(const struct part *part)
{
	static const char *const names[] = {
		"DRIVER", "DSN", "FILEDSN", "DATABASE", "DBQ", "SERVER",
		"SERVERNAME", "HOST", "PORT", "SOCKET"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (named(part, names[i]))
			return true;
	return false;
}

void connstr_place(const struct connstr *c, struct strbuf *sb)
{
	const char *p = c->text, *before = "";
	struct part part;

	while (next_part(&p, &part) > 0) {
		if (!names_place(&part))
			continue;
		strbuf_puts(sb, before);
		strbuf_add(sb, part.name, part.name_len);
		strbuf_putc(sb, '=');
		strbuf_add(sb, part.value, part.value_len);
		before = ", ";
	}
}
