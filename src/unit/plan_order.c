/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/plan_graph.h"

#include "base/mem.h"

/*
 * Levels by longest path: a change is done once all that go before it are. If
 * none is left to do but some are not done, they wait in a circle. It is found
 * by walking from a waiting change to one that it waits for, until a change
 * occurs twice, and broken where a column can be NULL for a while, or before
 * its row is deleted. The walk is then taken up where it was cut, so that long
 * chains of circles are not walked from the start for each of them.
 */
struct order {
	size_t *sequence, head, tail;	/* done ones; head: not yet followed */
	bool *done;
	size_t lowest;			/* all before it are done */
	size_t *path, *path_edge;	/* path[i] waits for path[i + 1] */
	size_t path_count;
	size_t *place;			/* on the path, + 1; 0: not */
};

static void push_done(struct order *o, size_t i)
{
	o->done[i] = true;
	o->sequence[o->tail++] = i;
}

static void drain(struct graph *g, struct order *o)
{
	size_t e, i;

	while (o->head < o->tail) {
		i = o->sequence[o->head++];
		for (e = g->out[i]; e != NOWHERE; e = g->edges[e].next_out) {
			if (g->edges[e].dead)
				continue;
			if (--g->waits[g->edges[e].after] == 0)
				push_done(o, g->edges[e].after);
		}
	}
}

/* -- finding a cycle -- */

static void path_cut(struct order *o, size_t count)
{
	while (o->path_count > count)
		o->place[o->path[--o->path_count]] = 0;
}

static void path_push(struct order *o, size_t i)
{
	o->path[o->path_count++] = i;
	o->place[i] = o->path_count;
}

/* An edge from something not done into change i, which waits for one. */
static size_t open_edge(struct graph *g, const struct order *o, size_t i)
{
	size_t *e = &g->in[i];

	while (g->edges[*e].dead || o->done[g->edges[*e].before])
		*e = g->edges[*e].next_in;
	return *e;
}

/*
 * Walk until a change comes up that is on the path already. Returns its place:
 * the cycle is the path from there on.
 */
static size_t find_cycle(struct graph *g, struct order *o)
{
	size_t e, i;

	while (o->path_count && o->done[o->path[o->path_count - 1]])
		path_cut(o, o->path_count - 1);
	if (!o->path_count) {
		while (o->done[o->lowest])
			o->lowest++;
		path_push(o, o->lowest);
	}
	for (;;) {
		e = open_edge(g, o, o->path[o->path_count - 1]);
		o->path_edge[o->path_count - 1] = e;
		i = g->edges[e].before;
		if (o->place[i])
			return o->place[i] - 1;
		path_push(o, i);
	}
}

/* -- breaking it -- */

/* Columns of the waiting row that an edge is about; NULL: cannot wait. */
static const struct column_list *waiting_columns(const struct edge *e)
{
	if (e->why == EDGE_NEED || e->why == EDGE_UNIQUE)
		return &e->rule->child_columns;
	return NULL;
}

static bool can_wait(const struct change *c, unsigned column)
{
	const struct field *f = &c->mapping->fields[column];

	return columns_has(&c->set, column) && field_nullable(f) &&
	       !(f->flags & UOW_READ_ONLY);
}

/* A column that may be NULL until the edge's other end is done, or -1. */
static int waiting_column(const struct graph *g, const struct edge *edge)
{
	const struct column_list *list = waiting_columns(edge);
	size_t i;

	if (!list || edge->after >= g->count)
		return -1;
	for (i = 0; i < list->count; i++) {
		if (can_wait(&g->changes[edge->after], list->at[i]))
			return (int)list->at[i];
	}
	return -1;
}

/* Is the column one that rows of other changes may refer to? */
static bool is_referred_to(const struct graph *g, size_t kind, unsigned column)
{
	const struct rule *r;

	for (r = g->rules; r; r = r->next) {
		if (r->why == RULE_REFERENCE && r->parent == kind &&
		    column_list_has(&r->parent_columns, column))
			return true;
	}
	return false;
}

/*
 * Can a row that will be deleted have NULL there before? The write that does
 * it waits for nothing, so nobody may refer to the value that is given up.
 */
bool graph_can_leave(const struct graph *g, size_t i, unsigned column)
{
	const struct field *f = &g->changes[i].mapping->fields[column];

	return field_nullable(f) && !(f->flags & UOW_READ_ONLY) &&
	       !is_referred_to(g, g->kind_of[i], column);
}

/* A column by which a deleted row can give up its reference before, or -1. */
static int leaving_column(const struct graph *g, const struct edge *edge)
{
	const struct column_list *list;
	size_t i;

	if (edge->why != EDGE_LEAVE || edge->before >= g->count ||
	    g->changes[edge->before].op != SHAPE_DELETE)
		return -1;
	list = &edge->rule->child_columns;
	for (i = 0; i < list->count; i++) {
		if (graph_can_leave(g, edge->before, list->at[i]))
			return (int)list->at[i];
	}
	return -1;
}

static int new_extra(struct graph *g, size_t base, size_t *out)
{
	const struct change *c = &g->changes[base];
	struct plan_extra *x;

	if (mem_grow(&g->extras, &g->extra_capacity, g->extra_count + 1,
		     sizeof(*g->extras)))
		return error_nomem(g->err);
	x = &g->extras[g->extra_count++];
	x->base = base;
	x->change = *c;
	x->change.op = SHAPE_UPDATE;
	x->change.set = (struct columns){ { 0 } };
	x->change.add = (struct columns){ { 0 } };
	x->change.by = NULL;
	x->change.returned = (struct columns){ { 0 } };
	if (c->mapping->server_version)
		columns_add(&x->change.returned,
			    (unsigned)c->mapping->version);
	*out = g->total++;
	g->extra_of[base] = *out;
	return 0;
}

/* The write after that of base. */
static int second_write(struct graph *g, size_t base, size_t *out)
{
	struct change *x;
	int rc;

	if (g->extra_of[base] != NOWHERE) {
		*out = g->extra_of[base];
		return 0;
	}
	rc = new_extra(g, base, out);
	if (rc)
		return rc;
	x = &g->extras[*out - g->count].change;
	if (g->changes[base].op == SHAPE_INSERT)
		x->was = x->now;
	x->versioned = false;
	return graph_add_edge(g, base, *out, NULL, EDGE_FOLLOW);
}

/* An edge from a change that is done already. */
static int add_done_edge(struct graph *g, size_t before, size_t after,
			 const struct rule *rule, enum edge_why why)
{
	int rc = graph_add_edge(g, before, after, rule, why);

	if (!rc)
		g->waits[after]--;
	return rc;
}

/*
 * The write before the delete of base. It waits for nothing and is done, and
 * its edges are not for drain(), which has followed all that there were.
 */
static int write_before(struct graph *g, struct order *o, size_t base,
			size_t *out)
{
	const struct mapping *m = g->changes[base].mapping;
	int rc;

	if (g->extra_of[base] != NOWHERE) {
		*out = g->extra_of[base];
		return 0;
	}
	rc = new_extra(g, base, out);
	if (rc)
		return rc;
	if (m->version >= 0 && !m->server_version)
		columns_add(&g->extras[*out - g->count].change.set,
			    (unsigned)m->version);
	push_done(o, *out);
	o->head = o->tail;
	return add_done_edge(g, *out, base, NULL, EDGE_FOLLOW);
}

/* Edges into base that are about the column lead to its second write. */
static int move_in(struct graph *g, const struct order *o, size_t base,
		   size_t extra, unsigned column)
{
	size_t e, next;
	int rc = 0;

	for (e = g->in[base]; !rc && e != NOWHERE; e = next) {
		const struct edge edge = g->edges[e];
		const struct column_list *list = waiting_columns(&edge);

		next = edge.next_in;
		if (edge.dead || o->done[edge.before] || !list ||
		    !column_list_has(list, column))
			continue;
		g->edges[e].dead = true;
		g->waits[base]--;
		rc = graph_add_edge(g, edge.before, extra, edge.rule,
				    edge.why);
	}
	return rc;
}

/* Rows that need the column's value wait for the second write. */
static int move_out(struct graph *g, size_t base, size_t extra,
		    unsigned column, bool *moved)
{
	size_t e, next;
	int rc = 0;

	for (e = g->out[base]; !rc && e != NOWHERE; e = next) {
		const struct edge edge = g->edges[e];

		next = edge.next_out;
		if (edge.dead || edge.why != EDGE_NEED ||
		    !column_list_has(&edge.rule->parent_columns, column))
			continue;
		g->edges[e].dead = true;
		g->waits[edge.after]--;
		*moved = true;
		rc = graph_add_edge(g, extra, edge.after, edge.rule,
				    edge.why);
	}
	return rc;
}

/* The row has to wait: what it waits for comes with its second write. */
static int write_after(struct graph *g, struct order *o, size_t e,
		       unsigned column)
{
	size_t base = g->edges[e].after, extra = NOWHERE;
	bool moved = false;
	int rc;

	rc = second_write(g, base, &extra);
	if (rc)
		return rc;
	columns_add(&g->extras[extra - g->count].change.set, column);
	rc = move_in(g, o, base, extra, column);
	if (!rc)
		rc = move_out(g, base, extra, column, &moved);
	if (rc)
		return rc;
	path_cut(o, moved ? 0 : o->place[base]);
	if (!g->waits[base])
		push_done(o, base);
	return 0;
}

/* The column is NULL from the extra change on. */
static int move_leaving(struct graph *g, struct order *o, size_t base,
			size_t extra, unsigned column)
{
	size_t e, next;
	int rc = 0;

	for (e = g->out[base]; !rc && e != NOWHERE; e = next) {
		const struct edge edge = g->edges[e];

		next = edge.next_out;
		if (edge.dead || edge.why != EDGE_LEAVE ||
		    !column_list_has(&edge.rule->child_columns, column))
			continue;
		g->edges[e].dead = true;
		g->waits[edge.after]--;
		rc = add_done_edge(g, extra, edge.after, edge.rule, edge.why);
		if (!rc && !g->waits[edge.after])
			push_done(o, edge.after);
	}
	return rc;
}

/* The row is to be deleted: what it refers to it gives up before. */
static int leave_before(struct graph *g, struct order *o, size_t e,
			unsigned column)
{
	size_t base = g->edges[e].before, extra = NOWHERE;
	int rc;

	rc = write_before(g, o, base, &extra);
	if (rc)
		return rc;
	columns_add(&g->extras[extra - g->count].change.set, column);
	path_cut(o, o->place[base] - 1);
	return move_leaving(g, o, base, extra, column);
}

/* -- what cannot be broken -- */

static void name_row(uow_error *err, const struct change *c)
{
	char key[sizeof(err->key)];

	row_name(c->mapping, c->op == SHAPE_INSERT ? c->now : c->was, key,
		     sizeof(key));
	error_append(err, " %s %s", c->mapping->name, key);
}

static int fail_unique(const struct graph *g, const struct edge *e)
{
	const struct change *before = graph_change(g, e->before);
	const struct change *after = graph_change(g, e->after);
	const struct column_list *list = &e->rule->child_columns;
	size_t i;

	error_set(g->err, UOW_EDUPLICATE, "unique column%s",
		  list->count > 1 ? "s" : "");
	for (i = 0; i < list->count; i++)
		error_append(g->err, "%s '%s'", i ? "," : "",
			     after->mapping->fields[list->at[i]].name);
	error_append(g->err, ":");
	name_row(g->err, after);
	error_append(g->err, " takes the value of");
	name_row(g->err, before);
	error_append(g->err, ", which cannot give it up before");
	error_entity(g->err, after->mapping->name);
	row_name(after->mapping,
		     after->op == SHAPE_INSERT ? after->now : after->was,
		     g->err->key, sizeof(g->err->key));
	return UOW_EDUPLICATE;
}

enum { CYCLE_NAMES = 8 };

static int fail_references(const struct graph *g, const struct order *o,
			   size_t start)
{
	const char *first = graph_change(g, o->path[start])->mapping->name;
	size_t i;

	error_set(g->err, UOW_ECONFIG, "rows refer to each other in a cycle "
		  "that no column can break by being NULL first: %s", first);
	for (i = start + 1; i < o->path_count; i++) {
		if (i - start == CYCLE_NAMES) {
			error_append(g->err, " -> ...");
			break;
		}
		error_append(g->err, " -> %s",
			     graph_change(g, o->path[i])->mapping->name);
	}
	error_append(g->err, " -> %s", first);
	error_entity(g->err, first);
	return UOW_ECONFIG;
}

static int fail_cycle(const struct graph *g, const struct order *o,
		      size_t start)
{
	size_t i;

	for (i = start; i < o->path_count; i++) {
		if (g->edges[o->path_edge[i]].why == EDGE_UNIQUE)
			return fail_unique(g, &g->edges[o->path_edge[i]]);
	}
	return fail_references(g, o, start);
}

static int break_cycle(struct graph *g, struct order *o)
{
	size_t start = find_cycle(g, o), i, e;
	int column;

	for (i = start; i < o->path_count; i++) {
		e = o->path_edge[i];
		column = waiting_column(g, &g->edges[e]);
		if (column >= 0)
			return write_after(g, o, e, (unsigned)column);
		column = leaving_column(g, &g->edges[e]);
		if (column >= 0)
			return leave_before(g, o, e, (unsigned)column);
	}
	return fail_cycle(g, o, start);
}

/* -- all of it -- */

static int order_new(struct graph *g, struct order *o)
{
	struct arena *a = &g->scratch;
	size_t most = 2 * g->count;	/* each with its extra change */

	o->sequence = arena_array(a, most, sizeof(*o->sequence));
	o->done = arena_array(a, most, sizeof(*o->done));
	o->path = arena_array(a, most, sizeof(*o->path));
	o->path_edge = arena_array(a, most, sizeof(*o->path_edge));
	o->place = arena_array(a, most, sizeof(*o->place));
	if (!o->sequence || !o->done || !o->path || !o->path_edge || !o->place)
		return error_nomem(g->err);
	return 0;
}

/* Edges that died on the way do not count: levels are made at the end. */
static void set_levels(struct graph *g, const struct order *o)
{
	const struct edge *edge;
	size_t e, i, below;

	for (i = 0; i < o->tail; i++) {
		below = g->level[o->sequence[i]] + 1;
		for (e = g->out[o->sequence[i]]; e != NOWHERE;
		     e = edge->next_out) {
			edge = &g->edges[e];
			if (!edge->dead && g->level[edge->after] < below)
				g->level[edge->after] = below;
		}
	}
}

int graph_order(struct graph *g)
{
	struct order o = { NULL, 0, 0, NULL, 0, NULL, NULL, 0, NULL };
	size_t i;
	int rc;

	rc = order_new(g, &o);
	for (i = 0; !rc && i < g->total; i++) {
		if (!g->waits[i])
			push_done(&o, i);
	}
	while (!rc) {
		drain(g, &o);
		if (o.tail == g->total)
			break;
		rc = break_cycle(g, &o);
	}
	if (!rc)
		set_levels(g, &o);
	return rc;
}
