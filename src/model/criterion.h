/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_CRITERION_H
#define MODEL_CRITERION_H

#include <uow/spec.h>
#include "base/arena.h"
#include "model/mapping.h"

/*
 * The tree behind uow_spec, its evaluation, and its compiled form: a program
 * of words in prefix order with the values apart, so that two criteria of one
 * shape are the same words and can share one prepared statement.
 */
enum spec_op {
	SPEC_ALL = 1,
	SPEC_NONE,
	SPEC_EQ, SPEC_NE, SPEC_LT, SPEC_LE, SPEC_GT, SPEC_GE,
	SPEC_IN,
	SPEC_STARTS,
	SPEC_IS_NULL,
	SPEC_AND, SPEC_OR, SPEC_NOT
};

struct uow_spec {
	enum spec_op op;
	const char *column;
	const uow_value *values;	/* SPEC_IN: count, else 1 */
	size_t count;
	const uow_spec *a, *b;
};

/* Shared constants: live for ever. */
extern const uow_spec spec_all, spec_none;

/* Trees deeper than this are refused (UOW_EINVAL), not overflown. */
enum { SPEC_DEPTH = 256 };

/* SQL's three values. */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

/* UNKNOWN as well for a tree of which any part does not fit the mapping. */
enum truth spec_evaluate(const uow_spec *s, const struct mapping *m,
			 const void *row);

/*
 * One word: op, column << 8. After SPEC_IN a second word: how many values.
 * SPEC_AND and SPEC_OR are followed by both operands, SPEC_NOT by one.
 */
#define CODE_WORD(op, column) ((uint32_t)(op) | (uint32_t)(column) << 8)
#define CODE_OP(word) ((enum spec_op)((word) & 0xff))
#define CODE_COLUMN(word) ((unsigned)((word) >> 8))

struct criterion {
	const uint32_t *code;
	size_t code_len;
	const uow_value *args;	/* in the order of the code, converted */
	size_t arg_count;
	const unsigned *arg_columns;	/* column each is compared with */
};

/*
 * Resolve names, convert values to the columns' types. Lists of SPEC_IN are
 * filled up with their last value to the next power of two, so that few
 * statements are needed. Constants, empty lists and comparisons with NULL are
 * folded: SPEC_ALL or SPEC_NONE is the whole criterion or not in it, and no
 * argument is NULL. The same rows are TRUE; what was UNKNOWN may be FALSE.
 * Everything is in the arena; values are borrowed from the tree. Codes:
 * UOW_EINVAL (unknown column, starts_with on a column that is not text, NULL
 * for a tree, too deep, too large), UOW_EDATA, UOW_ENOMEM.
 */
int criterion_compile(const struct mapping *m, const uow_spec *s,
		      struct arena *a, struct criterion *out, uow_error *err);

#endif
