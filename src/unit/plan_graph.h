/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_PLAN_GRAPH_H
#define UNIT_PLAN_GRAPH_H

#include <stdint.h>
#include "base/errors.h"
#include "unit/plan.h"

/*
 * What the parts of the planner share: plan_rules.c and plan_edges.c make the
 * graph, plan_order.c puts it in order, plan.c makes batches of that. Lives in
 * an arena of its own, but the edges, which grow.
 */
#define NOWHERE SIZE_MAX

struct column_list {
	unsigned at[UOW_KEY_COLUMNS];
	size_t count;
};

/* A mapping that occurs among the changes. */
struct kind {
	const struct mapping *mapping;
	unsigned ops;			/* bit per shape_op that occurs */
	size_t rank;			/* parents before children */
	size_t first, last;		/* its changes, along graph.next */
};

enum rule_why {
	RULE_REFERENCE,			/* child's columns hold parent's */
	RULE_UNIQUE,			/* parent == child, the same columns */
	RULE_LINK			/* the key is not known yet */
};

struct rule {
	enum rule_why why;
	size_t child, parent;		/* kinds */
	struct column_list child_columns, parent_columns;
	struct rule *next;
};

enum edge_why {
	EDGE_NEED,	/* (a): after takes a key that before makes */
	EDGE_LEAVE,	/* (b): before gives up its reference to after */
	EDGE_UNIQUE,	/* (c): before gives up a value that after takes */
	EDGE_FOLLOW	/* one is the extra change of the other */
};

struct edge {
	size_t before, after;		/* changes */
	size_t next_out, next_in;	/* edges of the same change */
	const struct rule *rule;
	enum edge_why why;
	bool dead;
};

struct graph {
	const struct change *changes;
	size_t count, total;		/* given; with the extra ones */
	const struct plan_link *links;
	size_t link_count;
	size_t *link_of, *next_link;	/* a child's links; NULL: none at all */
	struct kind *kinds;
	size_t kind_count;
	size_t *kind_of, *next;		/* of a change */
	struct rule *rules, **rules_end;
	struct edge *edges;		/* mem_grow() */
	size_t edge_count, edge_capacity;
	size_t *out, *in, *waits;	/* first edges, number of edges in */
	struct plan_extra *extras;	/* mem_grow() */
	size_t extra_count, extra_capacity;
	size_t *extra_of;		/* NOWHERE: none */
	size_t *level;			/* of a change: its stage */
	struct arena scratch;
	uow_error *err;
};

static inline const struct change *graph_change(const struct graph *g,
						size_t i)
{
	return i < g->count ? &g->changes[i] :
	       &g->extras[i - g->count].change;
}

static inline bool column_list_has(const struct column_list *list, unsigned c)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (list->at[i] == c)
			return true;
	}
	return false;
}

/* plan_rules.c: kinds, and the rules that may connect their rows. */
int graph_find_kinds(struct graph *g);
int graph_find_rules(struct graph *g);

/* plan_edges.c */
int graph_add_edge(struct graph *g, size_t before, size_t after,
		   const struct rule *rule, enum edge_why why);
int graph_find_edges(struct graph *g);

/* plan_order.c: levels, breaking cycles. */
int graph_order(struct graph *g);
/* Can row i, to be deleted, have NULL in that column before? */
bool graph_can_leave(const struct graph *g, size_t i, unsigned column);

#endif
