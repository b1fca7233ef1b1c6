/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_PLAN_H
#define UNIT_PLAN_H

#include "base/arena.h"
#include "model/row.h"
#include "model/shape.h"

/*
 * The planner: changes in, stages of batches out. Pure: knows neither units
 * nor connections, touches no row.
 *
 * It sorts rows, not phases. Edges (before -> after):
 *  (a) insert of a parent -> insert or update of a child that refers to it
 *  (b) delete or re-pointing of a child -> delete of its parent
 *  (c) delete or update that gives up a unique value -> insert or update that
 *	takes it
 * A row's stage is the longest way of edges that leads to it: rows of one
 * stage are not connected, and no stage could be spared.
 *
 * Where no edge decides, within a stage: inserts, updates, deletes; within
 * those by entity, parents before children (deletes: children first), else in
 * order of first appearance; then by position. A run of inserts of one entity
 * is broken where the shape changes, to keep their order; updates of one shape
 * come together.
 *
 * A cycle is broken where a column may be NULL, by an extra change: a row that
 * takes a value is written with NULL first and once more afterwards; a row that
 * is deleted gives up its reference in a write of its own before.
 */
struct change {
	const struct mapping *mapping;
	enum shape_op op;	/* INSERT, UPDATE, DELETE */
	const void *now;	/* INSERT, UPDATE: as it will be */
	const void *was;	/* UPDATE, DELETE: as it is in the database */
	struct columns set;	/* INSERT: given, UPDATE: assigned */
	struct columns add;	/* UPDATE: added to, by the members of by */
	const void *by;
	struct columns returned;
	bool versioned;
};

/*
 * Another write of the row of change number base, always an UPDATE.
 *
 * base an INSERT or UPDATE: the second write, by key alone, of the columns in
 * change.set (and no others), which the first write has to set to NULL.
 *
 * base a DELETE: the write before it. The columns in change.set become NULL,
 * but the version, if it is there, becomes the next one. Versioned as base is,
 * and base has to be sent with the version that this write has made.
 * change.now is NULL: the row as it will be is for the caller to make.
 */
struct plan_extra {
	struct change change;
	size_t base;
};

/* The child's column will get its value from the parent's key: (a). */
struct plan_link {
	size_t child, parent;	/* changes */
	unsigned column;
};

struct plan_batch {
	struct shape shape;
	const size_t *changes;	/* indexes, in order; extra changes follow
				   the given ones: count + 0.. */
	size_t count;
};

struct plan_stage {
	struct plan_batch *batches;
	size_t count;
};

struct plan {
	struct plan_stage *stages;
	size_t count;
	struct plan_extra *extras;
	size_t extra_count;
};

/*
 * Everything that is made lives in a. Codes: UOW_ECONFIG (a cycle of
 * references that no column can break; names the entities in their order),
 * UOW_EDUPLICATE (a cycle of unique values; names both rows), UOW_ENOMEM.
 */
int plan_make(const struct change *changes, size_t count,
	      const struct plan_link *links, size_t link_count,
	      struct arena *a, struct plan *out, uow_error *err);

#endif
