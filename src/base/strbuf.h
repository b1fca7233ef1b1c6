/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <uow/common.h>

/*
 * A growing text with a stated maximum. Failure (no memory, maximum passed)
 * sticks: later calls do nothing, and the writer checks once at the end.
 *
 * Invariant: unless failed, data[len] is NUL once anything was added.
 */
struct strbuf {
	char *data;
	size_t len, cap, max;
	bool failed;
};

void strbuf_init(struct strbuf *sb, size_t max);
void strbuf_release(struct strbuf *sb);
void strbuf_clear(struct strbuf *sb);
void strbuf_add(struct strbuf *sb, const char *data, size_t len);
void strbuf_puts(struct strbuf *sb, const char *text);
void strbuf_putc(struct strbuf *sb, char c);
UOW_PRINTF(2, 3) void strbuf_printf(struct strbuf *sb, const char *fmt, ...);

/* The text, owned by the caller (mem_free); NULL if it failed. Releases sb. */
char *strbuf_steal(struct strbuf *sb);

#endif
