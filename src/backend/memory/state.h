/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_STATE_H
#define MEMORY_STATE_H

#include <uow/memory.h>

#include "backend/memory/session.h"

/* Copies of all rows. Nothing here takes or needs the store afterwards. */
struct table_state {
	struct mapping *m;		/* owned */
	char *rows;			/* in order of their keys */
	size_t count;
	uint64_t next_number;
};

struct uow_memory_state {
	struct arena texts;
	struct table_state *tables;	/* in order of schema and name */
	size_t count;
};

/* With the mutex held. UOW_ESTATE, UOW_ENOMEM. */
int state_take(struct store *st, uow_memory_state **out, uow_error *err);
int state_restore(struct store *st, const uow_memory_state *s,
		  uow_error *err);

void state_free(uow_memory_state *s);

/* By schema and name. */
int table_order(const struct mapping *a, const struct mapping *b);
/* Of one mapping, by key. */
int row_order(const struct mapping *m, const void *a, const void *b);

/* Do rows of both lie and mean alike? */
bool tables_alike(const struct mapping *a, const struct mapping *b);

/* -- diff.c -- */

/* 0, UOW_ESTATE, UOW_ENOMEM, a negative value of fn. */
int state_diff(const uow_memory_state *before, const uow_memory_state *after,
	       uow_memory_line_fn fn, void *arg, size_t *differences,
	       uow_error *err);

#endif
