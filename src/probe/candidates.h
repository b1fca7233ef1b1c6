/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_CANDIDATES_H
#define PROBE_CANDIDATES_H

#include <stddef.h>

/*
 * What is worth trying with a database that nobody knows, as lines of
 * override.h: for each fact in turn, the more usual way first. "" is what the
 * profile has already.
 */
enum { CANDIDATES = 14 };

struct candidates {
	const char *fact, *also;	/* to be proved, both */
	/* At least. Of two sets for one fact the first that holds counts. */
	const char *want;
	const char *tries[CANDIDATES];	/* NULL: no more */
};

extern const struct candidates candidates[];
extern const size_t candidate_count;

/* Against waiting for locks for ever, or too long to learn anything. */
extern const char *const candidates_lock_wait[];

/* Lines that claim no more of a fact; NULL: there are none. */
const char *candidates_less(const char *fact);

#endif
