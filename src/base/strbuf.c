/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/strbuf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void strbuf_init(struct strbuf *sb, size_t max)
{
	memset(sb, 0, sizeof(*sb));
	sb->max = max;
}

void strbuf_release(struct strbuf *sb)
{
	mem_free(sb->data);
	strbuf_init(sb, sb->max);
}

void strbuf_clear(struct strbuf *sb)
{
	sb->len = 0;
	sb->failed = false;
	if (sb->data)
		sb->data[0] = '\0';
}

/* Room for len more bytes and the NUL; false once anything has failed. */
static bool reserve(struct strbuf *sb, size_t len)
{
	if (sb->failed)
		return false;
	if (len > sb->max - sb->len || sb->len + len + 1 == 0 ||
	    mem_grow(&sb->data, &sb->cap, sb->len + len + 1, 1) != 0)
		sb->failed = true;
	return !sb->failed;
}

void strbuf_add(struct strbuf *sb, const char *data, size_t len)
{
	if (!reserve(sb, len))
		return;
	if (len)
		memcpy(sb->data + sb->len, data, len);
	sb->len += len;
	sb->data[sb->len] = '\0';
}

void strbuf_puts(struct strbuf *sb, const char *text)
{
	strbuf_add(sb, text, strlen(text));
}

void strbuf_putc(struct strbuf *sb, char c)
{
	strbuf_add(sb, &c, 1);
}

void strbuf_printf(struct strbuf *sb, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		sb->failed = true;
		return;
	}
	if (!reserve(sb, (size_t)len))
		return;
	va_start(args, fmt);
	vsnprintf(sb->data + sb->len, (size_t)len + 1, fmt, args);
	va_end(args);
	sb->len += (size_t)len;
}

char *strbuf_steal(struct strbuf *sb)
{
	char *text = NULL;

	if (reserve(sb, 0)) {
		text = sb->data;
		text[sb->len] = '\0';
		sb->data = NULL;
	}
	strbuf_release(sb);
	return text;
}
