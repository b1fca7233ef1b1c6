/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/csv.h"

#include <string.h>
#include <uow/error.h>

void csv_init(struct csv *c, const char *text, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf";

	c->at = text;
	c->end = text + length;
	c->line = 1;
	c->problem = NULL;
	if (length >= 3 && !memcmp(text, mark, 3))
		c->at += 3;
}

static size_t newline(const struct csv *c, const char *at)
{
	if (at < c->end && *at == '\n')
		return 1;
	return c->end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

bool csv_more(struct csv *c)
{
	size_t n;

	while ((n = newline(c, c->at))) {
		c->at += n;
		c->line++;
	}
	return c->at < c->end;
}

static int wrong(struct csv *c, const char *problem)
{
	c->problem = problem;
	return UOW_EDATA;
}

static int plain(struct csv *c, struct csv_field *out, struct arena *a)
{
	const char *from = c->at;

	out->quoted = false;
	while (c->at < c->end && *c->at != ',' && !newline(c, c->at)) {
		if (*c->at == '"')
			return wrong(c, "a field that has a quote must be in "
				     "quotes");
		c->at++;
	}
	out->length = (size_t)(c->at - from);
	out->text = arena_text(a, from, out->length);
	return out->text ? 0 : UOW_ENOMEM;
}

/* Behind the closing quote of a field that begins at at; NULL: none. */
static const char *close_of(const struct csv *c)
{
	const char *at = c->at;

	while ((at = memchr(at, '"', (size_t)(c->end - at)))) {
		if (at + 1 == c->end || at[1] != '"')
			return at + 1;
		at += 2;
	}
	return NULL;
}

static int quoted(struct csv *c, struct csv_field *out, struct arena *a)
{
	const char *close;
	char *to;

	c->at++;
	close = close_of(c);
	if (!close)
		return wrong(c, "its closing quote is missing");
	to = arena_text(a, c->at, (size_t)(close - c->at));
	if (!to)
		return UOW_ENOMEM;
	out->quoted = true;
	out->text = to;
	for (; c->at + 1 < close; c->at++) {
		if (*c->at == '"')
			c->at++;
		if (*c->at == '\n')
			c->line++;
		*to++ = *c->at;
	}
	*to = '\0';
	out->length = (size_t)(to - out->text);
	c->at = close;
	return 0;
}

int csv_next(struct csv *c, struct csv_field *out, struct arena *a)
{
	size_t n;
	int rc;

	if (c->at < c->end && *c->at == '"')
		rc = quoted(c, out, a);
	else
		rc = plain(c, out, a);
	if (rc || c->at == c->end)
		return rc;
	if (*c->at == ',') {
		c->at++;
		return 1;
	}
	n = newline(c, c->at);
	if (!n)
		return wrong(c, "something follows the closing quote");
	c->at += n;
	c->line++;
	return 0;
}
