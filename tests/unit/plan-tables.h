/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_PLAN_TABLES_H
#define TESTS_PLAN_TABLES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "unit/plan.h"

/* Tables for the tests of the planner, and changes to them made by hand. */

/* One struct for all tables here: what differs is how it is mapped. */
struct row {
	int64_t id;
	int64_t a, b;
	bool a_is_null, b_is_null;
	int64_t c;
};

enum { ID, A, B, C };
enum { OTHER = 1 };	/* of a hen: its egg; of an egg: its hen */

/* A tree; b is unique. */
extern const uow_entity node_entity;
static const uow_column node_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_NULLABLE_REFERENCE(struct row, a, "parent", &node_entity, 0),
	UOW_NULLABLE_INT64(struct row, b, "tag", UOW_UNIQUE),
};
const uow_entity node_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct node", NULL, "nodes", sizeof(struct row), node_columns, 3,
	NULL, 0, NULL, 0 };

/* Belongs to a node; (a, b) is unique. */
static const uow_column leaf_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_INT64(struct row, a, "x", 0),
	UOW_INT64(struct row, b, "y", 0),
	UOW_REFERENCE(struct row, c, "node", &node_entity, 0),
};
static const uow_unique_key leaf_unique[] = { UOW_UNIQUE_KEY({ "x", "y" }) };
static const uow_entity leaf_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct leaf", NULL, "leaves", sizeof(struct row), leaf_columns, 4,
	NULL, 0, leaf_unique, 1 };

/* Refers to a leaf by (a, b), or to none. */
static const uow_column part_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_NULLABLE_INT64(struct row, a, "x", 0),
	UOW_NULLABLE_INT64(struct row, b, "y", 0),
};
static const uow_foreign_key part_foreign[] = {
	UOW_FOREIGN_KEY(&leaf_entity, { "x", "y" }, { "x", "y" })
};
static const uow_entity part_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct part", NULL, "parts", sizeof(struct row), part_columns, 3,
	part_foreign, 1, NULL, 0 };

/* Two that refer to each other. */
extern const uow_entity hen_entity, egg_entity;
static const uow_column hen_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct row, c, "egg", &egg_entity, 0),
};
const uow_entity hen_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct hen", NULL, "hens", sizeof(struct row), hen_columns, 2,
	NULL, 0, NULL, 0 };
static const uow_column egg_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct row, c, "hen", &hen_entity, 0),
};
const uow_entity egg_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct egg", NULL, "eggs", sizeof(struct row), egg_columns, 2,
	NULL, 0, NULL, 0 };

static struct mapping *node, *leaf, *part, *hen, *egg;
static struct arena arena;
static uow_error err;

static inline int map_all(void **state)
{
	(void)state;
	return mapping_new(&node, &node_entity, &err) ||
	       mapping_new(&leaf, &leaf_entity, &err) ||
	       mapping_new(&part, &part_entity, &err) ||
	       mapping_new(&hen, &hen_entity, &err) ||
	       mapping_new(&egg, &egg_entity, &err);
}

static inline int unmap_all(void **state)
{
	(void)state;
	mapping_free(node);
	mapping_free(leaf);
	mapping_free(part);
	mapping_free(hen);
	mapping_free(egg);
	return 0;
}

/* -- changes by hand -- */

enum { CHANGES = 64 };

static struct row rows[2 * CHANGES];
static struct change changes[CHANGES];
static struct plan_link links[CHANGES];
static size_t count, link_count;
static struct plan plan;

static inline int start(void **state)
{
	(void)state;
	arena_init(&arena);
	memset(rows, 0, sizeof(rows));
	memset(changes, 0, sizeof(changes));
	count = 0;
	link_count = 0;
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static inline struct row *new_row(size_t i, int64_t id)
{
	struct row *r = &rows[i];

	r->id = id;
	r->a_is_null = true;
	r->b_is_null = true;
	return r;
}

static inline struct row *insert(const struct mapping *m, int64_t id)
{
	struct change *c = &changes[count];

	c->mapping = m;
	c->op = SHAPE_INSERT;
	c->set = m->all;
	c->now = new_row(2 * count, id);
	return &rows[2 * count++];
}

/* A row whose key the database makes. */
static inline size_t insert_generated(const struct mapping *m)
{
	struct change *c = &changes[count];

	insert(m, 0);
	columns_remove(&c->set, ID);
	columns_add(&c->returned, ID);
	return count - 1;
}

static inline void add_link(size_t child, unsigned column, size_t parent)
{
	struct plan_link *l = &links[link_count++];

	l->child = child;
	l->parent = parent;
	l->column = column;
}

static inline struct row *delete(const struct mapping *m, int64_t id)
{
	struct change *c = &changes[count];

	c->mapping = m;
	c->op = SHAPE_DELETE;
	c->was = new_row(2 * count, id);
	return &rows[2 * count++];
}

/* The row as it is; what differs is assigned to row + 1. */
static inline struct row *update(const struct mapping *m, int64_t id,
				 unsigned column)
{
	struct change *c = &changes[count];

	c->mapping = m;
	c->op = SHAPE_UPDATE;
	c->was = new_row(2 * count, id);
	c->now = new_row(2 * count + 1, id);
	columns_add(&c->set, column);
	return &rows[2 * count++];
}

static inline void set_a(struct row *r, int64_t a)
{
	r->a = a;
	r->a_is_null = false;
}

static inline void set_b(struct row *r, int64_t b)
{
	r->b = b;
	r->b_is_null = false;
}

static inline int make(void)
{
	return plan_make(changes, count, links, link_count, &arena, &plan,
			 &err);
}

/* "0 1/2" for two stages, batches in parentheses if there are several. */
static inline const char *show(void)
{
	static char text[1024];
	size_t s, b, i, at = 0;

	assert_int_equal(make(), 0);
	text[0] = '\0';
	for (s = 0; s < plan.count; s++) {
		if (s)
			at += (size_t)sprintf(text + at, " / ");
		for (b = 0; b < plan.stages[s].count; b++) {
			const struct plan_batch *batch =
				&plan.stages[s].batches[b];

			if (b)
				at += (size_t)sprintf(text + at, " | ");
			for (i = 0; i < batch->count; i++)
				at += (size_t)sprintf(text + at, i ? " %zu" :
						      "%zu",
						      batch->changes[i]);
		}
	}
	return text;
}

#endif
