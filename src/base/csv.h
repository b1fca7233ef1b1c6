/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * Comma separated values as RFC 4180 has them. A field in quotes is told from
 * one without, since they can mean different things.
 */
struct csv {
	const char *at, *end;
	unsigned line;		/* where at is, from 1 */
	const char *problem;	/* what is wrong at line */
};

struct csv_field {
	const char *text;	/* in the arena, ends with a NUL */
	size_t length;
	bool quoted;
};

/* A byte order mark is skipped. text is borrowed. */
void csv_init(struct csv *c, const char *text, size_t length);

/* Go past empty lines; false: that was the end. */
bool csv_more(struct csv *c);

/*
 * The next field of the record. 1: more follow in it, 0: it was the last one,
 * UOW_EDATA: see problem; UOW_ENOMEM.
 */
int csv_next(struct csv *c, struct csv_field *out, struct arena *a);

#endif
