/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/plan_graph.h"

#include <string.h>

#include "base/mem.h"
#include "base/random.h"

/*
 * Rows that meet in a value. Each rule asks up to two questions of the form
 * "which rows of one kind lose (or gain) the value that rows of another lose
 * (or gain)?", and each is one hash table of the side where a value can occur
 * but once: the parents of a reference, the rows that give up a unique value.
 */
enum role { LOSES, GAINS };

struct slot {
	uint64_t hash;
	size_t change;		/* + 1; 0: empty */
};

struct value_index {
	struct slot *slots;
	size_t capacity;
	enum role role;
	const struct column_list *columns;
};

/* -- one value, whatever its type -- */

/* Types that may meet (two kinds of text) have one form here. */
struct plain {
	enum { PLAIN_NULL, PLAIN_NUMBER, PLAIN_BYTES } form;
	uint64_t number;
	const void *data;	/* into the value, or what it borrows */
	size_t size;
};

static void plain_bytes(struct plain *p, const void *data, size_t size)
{
	p->form = PLAIN_BYTES;
	p->data = data;
	p->size = size;
}

static void plain_of(const uow_value *v, struct plain *p)
{
	p->form = PLAIN_NUMBER;
	p->number = 0;
	switch (v->type) {
	case UOW_TYPE_NULL:
		p->form = PLAIN_NULL;
		break;
	case UOW_TYPE_BOOL:
		p->number = v->as.boolean;
		break;
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
	case UOW_TYPE_DECIMAL:
		p->number = (uint64_t)v->as.integer;
		break;
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		memcpy(&p->number, &v->as.real, sizeof(p->number));
		break;
	case UOW_TYPE_CHARS:
	case UOW_TYPE_TEXT:
	case UOW_TYPE_BYTES:
		plain_bytes(p, v->as.bytes.data, v->as.bytes.size);
		break;
	case UOW_TYPE_DATE:
		plain_bytes(p, &v->as.date, sizeof(v->as.date));
		break;
	case UOW_TYPE_TIME:
		plain_bytes(p, &v->as.clock, sizeof(v->as.clock));
		break;
	case UOW_TYPE_TIMESTAMP:
		plain_bytes(p, &v->as.time, sizeof(v->as.time));
		break;
	case UOW_TYPE_UUID:
		plain_bytes(p, &v->as.uuid, sizeof(v->as.uuid));
		break;
	}
}

static uint64_t plain_hash(const struct plain *p, uint64_t h)
{
	const unsigned char *data = p->data;
	size_t i;

	if (p->form == PLAIN_NUMBER)
		return random_mix(h ^ p->number);
	for (i = 0; i < p->size; i++)
		h = (h ^ data[i]) * UINT64_C(0x100000001b3);
	return random_mix(h ^ p->size);
}

static bool plain_same(const struct plain *a, const struct plain *b)
{
	if (a->form != b->form)
		return false;
	if (a->form == PLAIN_NUMBER)
		return a->number == b->number;
	return a->size == b->size &&
	       (!a->size || memcmp(a->data, b->data, a->size) == 0);
}

static const struct field *list_field(const struct mapping *m,
				      const struct column_list *list, size_t i)
{
	return &m->fields[list->at[i]];
}

/* False if a column is NULL: then it meets nothing. */
static bool row_hash(const struct mapping *m, const void *row,
		     const struct column_list *list, uint64_t *out)
{
	struct plain p;
	uow_value v;
	uint64_t h = list->count;
	size_t i;

	for (i = 0; i < list->count; i++) {
		field_get(list_field(m, list, i), row, &v);
		plain_of(&v, &p);
		if (p.form == PLAIN_NULL)
			return false;
		h = plain_hash(&p, h + 1);
	}
	*out = h;
	return true;
}

static bool rows_meet(const struct mapping *ma, const void *a,
		      const struct column_list *la, const struct mapping *mb,
		      const void *b, const struct column_list *lb)
{
	struct plain pa, pb;
	uow_value va, vb;
	size_t i;

	for (i = 0; i < la->count; i++) {
		field_get(list_field(ma, la, i), a, &va);
		field_get(list_field(mb, lb, i), b, &vb);
		plain_of(&va, &pa);
		plain_of(&vb, &pb);
		if (!plain_same(&pa, &pb))
			return false;
	}
	return true;
}

/* -- who loses, who gains -- */

/* Will a column of the list get its value from a parent, later? */
static bool is_linked(const struct graph *g, size_t i,
		      const struct column_list *list)
{
	size_t l;

	if (!g->link_of)
		return false;
	for (l = g->link_of[i]; l != NOWHERE; l = g->next_link[l]) {
		if (column_list_has(list, g->links[l].column))
			return true;
	}
	return false;
}

static bool has_all(const struct columns *set, const struct column_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (!columns_has(set, list->at[i]))
			return false;
	}
	return true;
}

static bool moves(const struct change *c, const struct column_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (columns_has(&c->set, list->at[i]) &&
		    !field_equal(list_field(c->mapping, list, i), c->now,
				 c->was))
			return true;
	}
	return false;
}

/* The row that holds the value change i loses or gains; NULL: it does not. */
static const void *role_row(const struct graph *g, size_t i, enum role role,
			    const struct column_list *list)
{
	const struct change *c = &g->changes[i];

	if (role == LOSES) {
		if (c->op == SHAPE_DELETE)
			return c->was;
		if (c->op == SHAPE_UPDATE &&
		    (moves(c, list) || is_linked(g, i, list)))
			return c->was;
		return NULL;
	}
	if (is_linked(g, i, list))
		return NULL;
	if (c->op == SHAPE_INSERT && has_all(&c->set, list))
		return c->now;
	return c->op == SHAPE_UPDATE && moves(c, list) ? c->now : NULL;
}

/* -- the table -- */

static int index_new(struct value_index *x, size_t count, enum role role,
		     const struct column_list *columns)
{
	x->capacity = 16;
	x->role = role;
	x->columns = columns;
	while (x->capacity / 2 < count) {
		if (x->capacity > SIZE_MAX / 2)
			return UOW_ENOMEM;
		x->capacity *= 2;
	}
	x->slots = mem_array(x->capacity, sizeof(*x->slots));
	return x->slots ? 0 : UOW_ENOMEM;
}

/* Slot of an equal value, or the free one where it would go. */
static struct slot *index_slot(const struct graph *g,
			       const struct value_index *x, uint64_t hash,
			       const struct mapping *m, const void *row,
			       const struct column_list *list)
{
	size_t i = (size_t)hash & (x->capacity - 1);
	const struct change *c;
	const void *other;

	for (; x->slots[i].change; i = (i + 1) & (x->capacity - 1)) {
		if (x->slots[i].hash != hash)
			continue;
		c = &g->changes[x->slots[i].change - 1];
		other = x->role == LOSES ? c->was : c->now;
		if (rows_meet(m, row, list, c->mapping, other, x->columns))
			break;
	}
	return &x->slots[i];
}

static void index_add(const struct graph *g, struct value_index *x, size_t i)
{
	const struct mapping *m = g->changes[i].mapping;
	const void *row = role_row(g, i, x->role, x->columns);
	struct slot *s;
	uint64_t hash;

	if (!row || !row_hash(m, row, x->columns, &hash))
		return;
	s = index_slot(g, x, hash, m, row, x->columns);
	if (s->change)
		return;
	s->hash = hash;
	s->change = i + 1;
}

/* The change that has the same value as change i in its role, or NOWHERE. */
static size_t index_find(const struct graph *g, const struct value_index *x,
			 size_t i, enum role role,
			 const struct column_list *list)
{
	const struct mapping *m = g->changes[i].mapping;
	const void *row = role_row(g, i, role, list);
	struct slot *s;
	uint64_t hash;

	if (!row || !row_hash(m, row, list, &hash))
		return NOWHERE;
	s = index_slot(g, x, hash, m, row, list);
	return s->change ? s->change - 1 : NOWHERE;
}

/* -- edges -- */

/*
 * A row that refers to itself is one INSERT, unless the key is yet to be made:
 * then it is a circle like any other. Deleting it is one as well: there are
 * databases that refuse it as long as the row itself refers to the row. Where
 * the column cannot be NULL, they have to be believed to do it.
 */
static bool is_circle(const struct graph *g, size_t i, const struct rule *rule,
		      enum edge_why why)
{
	const struct column_list *list = &rule->child_columns;
	size_t k;

	if (rule->why == RULE_LINK)
		return true;
	if (why != EDGE_LEAVE || i >= g->count ||
	    g->changes[i].op != SHAPE_DELETE)
		return false;
	for (k = 0; k < list->count; k++) {
		if (graph_can_leave(g, i, list->at[k]))
			return true;
	}
	return false;
}

int graph_add_edge(struct graph *g, size_t before, size_t after,
		   const struct rule *rule, enum edge_why why)
{
	struct edge *e;

	if (before == after && !is_circle(g, before, rule, why))
		return 0;
	if (mem_grow(&g->edges, &g->edge_capacity, g->edge_count + 1,
		     sizeof(*g->edges)))
		return error_nomem(g->err);
	e = &g->edges[g->edge_count];
	e->before = before;
	e->after = after;
	e->rule = rule;
	e->why = why;
	e->dead = false;
	e->next_out = g->out[before];
	e->next_in = g->in[after];
	g->out[before] = g->edge_count;
	g->in[after] = g->edge_count++;
	g->waits[after]++;
	return 0;
}

/* What is looked up, and which side goes first. */
struct question {
	enum role parent_role, child_role;
	bool parent_first;
	enum edge_why why;
};

static int ask(struct graph *g, const struct rule *r, const struct question *q)
{
	struct value_index x;
	size_t i, found, count = 0;
	int rc = 0;

	for (i = g->kinds[r->parent].first; i != NOWHERE; i = g->next[i])
		count++;
	if (index_new(&x, count, q->parent_role, &r->parent_columns))
		return error_nomem(g->err);
	for (i = g->kinds[r->parent].first; i != NOWHERE; i = g->next[i])
		index_add(g, &x, i);
	for (i = g->kinds[r->child].first; !rc && i != NOWHERE;
	     i = g->next[i]) {
		found = index_find(g, &x, i, q->child_role, &r->child_columns);
		if (found == NOWHERE)
			continue;
		rc = q->parent_first ? graph_add_edge(g, found, i, r, q->why)
				     : graph_add_edge(g, i, found, r, q->why);
	}
	mem_free(x.slots);
	return rc;
}

/* Can rows of this kind lose or gain values of these columns at all? */
static bool possible(const struct graph *g, size_t kind, enum role role,
		     const struct column_list *list)
{
	const struct kind *k = &g->kinds[kind];
	size_t i;

	if (k->ops & 1u << (role == LOSES ? SHAPE_DELETE : SHAPE_INSERT))
		return true;
	if (!(k->ops & 1u << SHAPE_UPDATE))
		return false;
	/* The keys of rows that exist do not change. */
	for (i = 0; i < list->count; i++) {
		if (!columns_has(&k->mapping->key_set, list->at[i]))
			return true;
	}
	return false;
}

static int ask_if_possible(struct graph *g, const struct rule *r,
			   const struct question *q)
{
	if (!possible(g, r->parent, q->parent_role, &r->parent_columns) ||
	    !possible(g, r->child, q->child_role, &r->child_columns))
		return 0;
	return ask(g, r, q);
}

static int apply_rule(struct graph *g, const struct rule *r)
{
	static const struct question need = { GAINS, GAINS, true, EDGE_NEED };
	static const struct question leave = { LOSES, LOSES, false,
					       EDGE_LEAVE };
	static const struct question unique = { LOSES, GAINS, true,
						EDGE_UNIQUE };
	int rc;

	if (r->why == RULE_UNIQUE)
		return ask_if_possible(g, r, &unique);
	rc = ask_if_possible(g, r, &need);
	return rc ? rc : ask_if_possible(g, r, &leave);
}

/* -- links -- */

static int index_links(struct graph *g)
{
	size_t i;

	g->link_of = arena_array(&g->scratch, g->count, sizeof(*g->link_of));
	g->next_link = arena_array(&g->scratch, g->link_count,
				   sizeof(*g->next_link));
	if (!g->link_of || !g->next_link)
		return error_nomem(g->err);
	for (i = 0; i < g->count; i++)
		g->link_of[i] = NOWHERE;
	for (i = g->link_count; i-- > 0;) {
		g->next_link[i] = g->link_of[g->links[i].child];
		g->link_of[g->links[i].child] = i;
	}
	return 0;
}

static int link_edges(struct graph *g)
{
	struct rule *r;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < g->link_count; i++) {
		r = arena_alloc(&g->scratch, sizeof(*r));
		if (!r)
			return error_nomem(g->err);
		r->why = RULE_LINK;
		r->child = g->kind_of[g->links[i].child];
		r->parent = g->kind_of[g->links[i].parent];
		r->child_columns.at[0] = g->links[i].column;
		r->child_columns.count = 1;
		rc = graph_add_edge(g, g->links[i].parent, g->links[i].child,
				    r, EDGE_NEED);
	}
	return rc;
}

int graph_find_edges(struct graph *g)
{
	const struct rule *r;
	int rc = 0;

	if (g->link_count)
		rc = index_links(g);
	for (r = g->rules; !rc && r; r = r->next)
		rc = apply_rule(g, r);
	return rc ? rc : link_edges(g);
}
