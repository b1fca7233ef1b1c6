/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_SPEC_H
#define UOW_SPEC_H

#include "unit.h"

/**
 * @file uow/spec.h
 * Criteria, as a small expression tree.
 *
 * The same tree is rendered as SQL with bound arguments for a database, and
 * evaluated against structs by uow_satisfies(). Nodes, column names and
 * values are copied into the unit's arena.
 *
 * Constructors never return NULL. When memory runs out they return a node
 * that matches nothing and the unit fails; a criterion can not silently turn
 * into "every row". For that there is uow_all(), and it has to be spelled.
 *
 * Columns are named by their SQL name. An unknown name, or a value that the
 * column's type cannot hold, fails the unit (UOW_EINVAL, UOW_EDATA) when the
 * tree is first used with an entity.
 *
 * Comparing with NULL is unknown, as in SQL: uow_eq(u, "c", uow_null())
 * matches nothing; say uow_is_null().
 *
 * Thread rule: a tree belongs to its unit.
 */

UOW_BEGIN

typedef struct uow_spec uow_spec;

UOW_API const uow_spec *uow_all(void);

UOW_API const uow_spec *uow_eq(uow_unit *u, const char *column, uow_value v);
UOW_API const uow_spec *uow_ne(uow_unit *u, const char *column, uow_value v);
UOW_API const uow_spec *uow_lt(uow_unit *u, const char *column, uow_value v);
UOW_API const uow_spec *uow_le(uow_unit *u, const char *column, uow_value v);
UOW_API const uow_spec *uow_gt(uow_unit *u, const char *column, uow_value v);
UOW_API const uow_spec *uow_ge(uow_unit *u, const char *column, uow_value v);

/** No value matches nothing, as it should. */
UOW_API const uow_spec *uow_in(uow_unit *u, const char *column,
			       const uow_value *values, size_t count);

/** Literal prefix of a text column; case counts; nothing is a wildcard. */
UOW_API const uow_spec *uow_starts_with(uow_unit *u, const char *column,
					const char *prefix);
UOW_API const uow_spec *uow_is_null(uow_unit *u, const char *column);

UOW_API const uow_spec *uow_and(uow_unit *u, const uow_spec *a,
				const uow_spec *b);
UOW_API const uow_spec *uow_or(uow_unit *u, const uow_spec *a,
			       const uow_spec *b);
UOW_API const uow_spec *uow_not(uow_unit *u, const uow_spec *a);

/**
 * Evaluate against a struct, without a database; SQL's three-valued logic
 * (unknown is false). False as well for a tree that does not fit the entity,
 * and when memory runs out.
 */
UOW_API bool uow_satisfies(const uow_spec *spec, const uow_entity *entity,
			   const void *object);

/** One member of an ORDER BY. */
typedef struct uow_order {
	const char *column;
	bool descending;
} uow_order;

typedef enum uow_lock {
	UOW_LOCK_NONE,
	UOW_LOCK_UPDATE,	/**< lock the rows until the unit's end */
	UOW_LOCK_NOWAIT,	/**< the same; UOW_ELOCKED instead of waiting */
	UOW_LOCK_SKIP_LOCKED	/**< the same; without rows locked by others */
} uow_lock;

/** What to read, in which order, how much of it. Borrowed for the call. */
typedef struct uow_query {
	unsigned abi;
	const uow_spec *where;		/**< required; see uow_all() */
	const uow_order *order_by;	/**< order_count of them, or NULL */
	size_t order_count;
	uint64_t offset;
	uint64_t limit;			/**< 0: no limit */
	uow_lock lock;
} uow_query;

#define UOW_QUERY_INIT { 1, NULL, NULL, 0, 0, 0, UOW_LOCK_NONE }

UOW_END
#endif
