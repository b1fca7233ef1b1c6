/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "unit/plan_graph.h"

/*
 * Changes become a graph (plan_rules.c, plan_edges.c), the graph becomes
 * levels (plan_order.c), and here each level becomes a stage: sorted, then cut
 * where the statement has to change.
 */
struct item {
	size_t level, rank, shape, change;
	unsigned char op;
};

/* Shapes in order of first appearance, found by hash. */
struct shapes {
	size_t *first;		/* change, + 1; 0: empty */
	size_t *number;
	size_t capacity, count;
};

static uint64_t mix_columns(uint64_t h, const struct columns *c)
{
	size_t i;

	for (i = 0; i < COLUMN_WORDS; i++)
		h = random_mix(h ^ c->words[i]);
	return h;
}

static uint64_t statement_hash(const struct change *c)
{
	uint64_t h = (uint64_t)(uintptr_t)c->mapping;

	h = mix_columns(h ^ (uint64_t)c->op << 1 ^ c->versioned, &c->set);
	h = mix_columns(h, &c->add);
	return mix_columns(h, &c->returned);
}

static bool same_statement(const struct change *a, const struct change *b)
{
	return a->mapping == b->mapping && a->op == b->op &&
	       a->versioned == b->versioned &&
	       columns_equal(&a->set, &b->set) &&
	       columns_equal(&a->add, &b->add) &&
	       columns_equal(&a->returned, &b->returned);
}

static int shapes_new(struct graph *g, struct shapes *s)
{
	s->count = 0;
	s->capacity = 16;
	while (s->capacity / 2 < g->total)
		s->capacity *= 2;
	s->first = arena_array(&g->scratch, s->capacity, sizeof(*s->first));
	s->number = arena_array(&g->scratch, s->capacity, sizeof(*s->number));
	return s->first && s->number ? 0 : error_nomem(g->err);
}

static size_t shape_number(const struct graph *g, struct shapes *s, size_t n)
{
	const struct change *c = graph_change(g, n);
	size_t i = (size_t)statement_hash(c) & (s->capacity - 1);

	while (s->first[i]) {
		if (same_statement(c, graph_change(g, s->first[i] - 1)))
			return s->number[i];
		i = (i + 1) & (s->capacity - 1);
	}
	s->first[i] = n + 1;
	s->number[i] = s->count;
	return s->count++;
}

static size_t kind_of(const struct graph *g, size_t n)
{
	return g->kind_of[n < g->count ? n : g->extras[n - g->count].base];
}

static int make_items(struct graph *g, struct item **out)
{
	struct shapes shapes;
	struct item *items;
	size_t i, shape = 0;
	int rc;

	rc = shapes_new(g, &shapes);
	if (rc)
		return rc;
	items = arena_array(&g->scratch, g->total, sizeof(*items));
	if (!items)
		return error_nomem(g->err);
	for (i = 0; i < g->total; i++) {
		const struct change *c = graph_change(g, i);

		if (i == 0 || !same_statement(c, graph_change(g, i - 1)))
			shape = shape_number(g, &shapes, i);
		items[i].level = g->level[i];
		items[i].op = (unsigned char)c->op;
		items[i].rank = g->kinds[kind_of(g, i)].rank;
		if (c->op == SHAPE_DELETE)
			items[i].rank = g->kind_count - items[i].rank;
		items[i].shape = shape;
		items[i].change = i;
	}
	*out = items;
	return 0;
}

static int compare_sizes(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

/* Never 0 for two of them: qsort() need not be stable. */
static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int d = compare_sizes(a->level, b->level);

	if (!d)
		d = (int)a->op - (int)b->op;
	if (!d)
		d = compare_sizes(a->rank, b->rank);
	if (!d && a->op != SHAPE_INSERT)
		d = compare_sizes(a->shape, b->shape);
	return d ? d : compare_sizes(a->change, b->change);
}

static void sort_items(struct item *items, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++) {
		if (compare_items(&items[i - 1], &items[i]) > 0)
			break;
	}
	if (i < count)
		qsort(items, count, sizeof(*items), compare_items);
}

/* Does a stage, does a batch begin with item i? */
static bool begins_stage(const struct item *items, size_t i)
{
	return i == 0 || items[i].level != items[i - 1].level;
}

static bool begins_batch(const struct item *items, size_t i)
{
	return begins_stage(items, i) || items[i].shape != items[i - 1].shape;
}

static void begin_batch(const struct change *c, const size_t *changes,
			struct plan_batch *out)
{
	memset(out, 0, sizeof(*out));
	out->shape.mapping = c->mapping;
	out->shape.op = c->op;
	out->shape.versioned = c->versioned;
	out->shape.set = c->set;
	out->shape.add = c->add;
	out->shape.returned = c->returned;
	out->changes = changes;
}

static int make_stages(const struct graph *g, const struct item *items,
		       struct arena *a, struct plan *out)
{
	size_t i, stages = 0, batches = 0;
	struct plan_stage *stage;
	struct plan_batch *batch;
	size_t *changes;

	for (i = 0; i < g->total; i++) {
		stages += begins_stage(items, i);
		batches += begins_batch(items, i);
	}
	stage = arena_array(a, stages, sizeof(*stage));
	batch = arena_array(a, batches, sizeof(*batch));
	changes = arena_array(a, g->total, sizeof(*changes));
	if (!stage || !batch || !changes)
		return error_nomem(g->err);
	out->stages = stage;
	for (i = 0; i < g->total; i++) {
		changes[i] = items[i].change;
		if (begins_batch(items, i)) {
			begin_batch(graph_change(g, items[i].change),
				    &changes[i], batch++);
			if (begins_stage(items, i))
				stage++->batches = batch - 1;
			stage[-1].count++;
		}
		batch[-1].count++;
	}
	out->count = stages;
	return 0;
}

static int keep_extras(const struct graph *g, struct arena *a,
		       struct plan *out)
{
	if (!g->extra_count)
		return 0;
	out->extras = arena_copy(a, g->extras,
				 g->extra_count * sizeof(*g->extras));
	out->extra_count = g->extra_count;
	return out->extras ? 0 : error_nomem(g->err);
}

/* Room for each change and its extra one. */
static int graph_room(struct graph *g)
{
	size_t most, i;

	if (g->count > SIZE_MAX / 4)
		return error_nomem(g->err);
	most = 2 * g->count;
	g->out = arena_array(&g->scratch, most, sizeof(*g->out));
	g->in = arena_array(&g->scratch, most, sizeof(*g->in));
	g->waits = arena_array(&g->scratch, most, sizeof(*g->waits));
	g->level = arena_array(&g->scratch, most, sizeof(*g->level));
	g->extra_of = arena_array(&g->scratch, most, sizeof(*g->extra_of));
	if (!g->out || !g->in || !g->waits || !g->level || !g->extra_of)
		return error_nomem(g->err);
	for (i = 0; i < most; i++) {
		g->out[i] = NOWHERE;
		g->in[i] = NOWHERE;
		g->extra_of[i] = NOWHERE;
	}
	return 0;
}

static int plan_in(struct graph *g, struct arena *a, struct plan *out)
{
	struct item *items = NULL;
	int rc;

	rc = graph_room(g);
	if (!rc)
		rc = graph_find_kinds(g);
	if (!rc)
		rc = graph_find_rules(g);
	if (!rc)
		rc = graph_find_edges(g);
	if (!rc && g->edge_count)
		rc = graph_order(g);
	if (!rc)
		rc = make_items(g, &items);
	if (rc)
		return rc;
	sort_items(items, g->total);
	rc = keep_extras(g, a, out);
	return rc ? rc : make_stages(g, items, a, out);
}

int plan_make(const struct change *changes, size_t count,
	      const struct plan_link *links, size_t link_count,
	      struct arena *a, struct plan *out, uow_error *err)
{
	struct plan plan = { NULL, 0, NULL, 0 };
	struct graph g;
	int rc = 0;

	memset(&g, 0, sizeof(g));
	g.changes = changes;
	g.count = count;
	g.total = count;
	g.links = links;
	g.link_count = link_count;
	g.err = err;
	arena_init(&g.scratch);
	if (count)
		rc = plan_in(&g, a, &plan);
	arena_release(&g.scratch);
	mem_free(g.edges);
	mem_free(g.extras);
	if (!rc)
		*out = plan;
	return rc;
}
