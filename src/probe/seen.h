/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_SEEN_H
#define PROBE_SEEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What an experiment has seen: names and values, as it wrote them down. Pure;
 * judges (judge.c) make words out of it.
 *
 * Invariants: names are distinct, the last value put stays; both are owned.
 * Names that judges know are listed with the experiments that write them.
 */
struct seen_item {
	char *name, *value;
};

struct seen {
	struct seen_item *items;
	size_t count, capacity;
};

int seen_put(struct seen *s, const char *name, const char *value);
void seen_release(struct seen *s);

/* One line "NAME VALUE" of what an experiment writes; the value may be "". */
int seen_line(struct seen *s, const char *line);

/* NULL: not seen. */
const char *seen_get(const struct seen *s, const char *name);
bool seen_is(const struct seen *s, const char *name, const char *value);
bool seen_yes(const struct seen *s, const char *name);
long seen_number(const struct seen *s, const char *name, long otherwise);

/* How the process of an experiment ended. */
enum ending {
	ENDING_NONE,		/* it has not been tried */
	ENDING_WELL,
	ENDING_CRASHED,		/* by a signal, or without saying "done" */
	ENDING_HUNG,		/* its time was over */
	ENDING_INTERRUPTED	/* ours was */
};

struct run {
	enum ending ending;
	int signal;		/* that ended it, or 0 */
	struct seen seen;
};

#endif
