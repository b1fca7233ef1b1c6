/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_QUERY_H
#define UNIT_QUERY_H

#include "unit/load.h"

/* Objects of a result, until they get their place in the arena. */
struct gathered {
	void **items;
	size_t count, capacity;
};

void gathered_release(struct gathered *g);
int gathered_add(uow_repository *r, struct gathered *g,
		 const struct entry *e);
/* *out := a copy in the unit's arena. */
int gathered_finish(uow_repository *r, const struct gathered *g,
		    uow_rows *out);

/* All rows of a cursor. */
int gather(uow_repository *r, struct backend_cursor *cur, enum load_mode mode,
	   struct gathered *g);

/* A query as the backend wants it; what is made lives in a. */
int query_compile(uow_repository *r, const uow_query *q, struct arena *a,
		  struct shape *s, struct read_args *args);

/* Rows of a cursor through fn, none of them kept. */
int each_row(uow_repository *r, struct backend_cursor *cur, uow_row_fn fn,
	     void *arg);

#endif
