/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_SEARCH_H
#define MEMORY_SEARCH_H

#include "backend/memory/session.h"

/* Which rows a criterion means: shared by reads and by writes of many rows. */

/* A criterion, for rows of a table. */
struct matcher {
	const struct view *v;
	const struct shape *shape;
	const uow_value *args;
	void *own;		/* a struct of the mapping, or NULL */
	uow_error *err;
};

/* What a statement sees. */
struct sight {
	uint64_t number;
	uint32_t id, serial;
};

struct found {
	uint32_t record;
	const struct version *version;
};

struct result {
	struct found *rows;
	size_t count, room;
};

int matcher_init(struct matcher *m, const struct view *v,
		 const struct shape *shape, const struct read_args *args,
		 uow_error *err);
void matcher_release(struct matcher *m);

/* 1: yes, 0: no (or unknown); negative: see m->err. */
int matches(const struct matcher *m, const struct version *v);

/*
 * All rows that match, in no order. The mutex is let go of now and then: the
 * caller has a snapshot that keeps what sight sees.
 */
int search(struct session *s, const struct matcher *m,
	   const struct sight *sight, struct result *out);

/* Would search() look at every row of the table? */
bool search_scans(const struct matcher *m);

/* In the shape's order; NULLs before everything else. Without the mutex. */
int result_sort(struct result *r, const struct view *v,
		const struct shape *shape);

/* Records of the keys that are there, each once as long as equals adjoin. */
int search_keys(struct session *s, const struct view *v,
		const struct shape *shape, const struct read_args *args,
		const struct sight *sight, struct result *out,
		uow_error *err);

/*
 * Lock what was found, as shape->lock says, up to its limit; what is no more
 * what is asked for is left out.
 */
int result_lock(struct session *s, struct result *r, const struct matcher *m);

/* UPDATE_WHERE, DELETE_WHERE; what was found is locked. */
int write_found(struct session *s, const struct view *v,
		const struct shape *shape, const struct write_row *row,
		const struct result *r, uow_error *err);

#endif
