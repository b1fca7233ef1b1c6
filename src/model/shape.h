/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_SHAPE_H
#define MODEL_SHAPE_H

#include <uow/spec.h>
#include "model/mapping.h"

/*
 * What a statement does, without the values it does it with: what a backend
 * renders (once) or evaluates. Two equal shapes are one prepared statement.
 *
 *	INSERT	set: columns given; returned: columns the database fills
 *	UPDATE	set: columns assigned, add: columns added to (disjoint); by
 *		key, and by version if versioned; returned: what the database
 *		decides, read back by key
 *	DELETE	by key, and by version if versioned
 *	SELECT	all columns; by keys (key_count tuples) or by criterion
 *	COUNT	by criterion
 *	UPDATE_WHERE	set and add as UPDATE, all rows of a criterion
 *	DELETE_WHERE	all rows of a criterion
 */
enum shape_op {
	SHAPE_INSERT = 1, SHAPE_UPDATE, SHAPE_DELETE, SHAPE_SELECT,
	SHAPE_COUNT, SHAPE_UPDATE_WHERE, SHAPE_DELETE_WHERE
};

/* A column of ORDER BY. */
struct shape_order {
	unsigned column;
	bool descending;
};

struct shape {
	const struct mapping *mapping;
	enum shape_op op;
	uow_lock lock;
	bool versioned;
	size_t key_count;		/* SELECT: key tuples; 0: criterion */
	struct columns set, add, returned;
	const uint32_t *code;		/* criterion.h */
	size_t code_len;
	const struct shape_order *order;
	size_t order_count;
	uint64_t offset, limit;		/* limit 0: none */
};

uint64_t shape_hash(const struct shape *s);
bool shape_equal(const struct shape *a, const struct shape *b);

/* One block, owned by the caller (mem_free); NULL when memory ran out. */
struct shape *shape_copy(const struct shape *s);

/* "INSERT", for messages. */
const char *shape_verb(enum shape_op op);

#endif
