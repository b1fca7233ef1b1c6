/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/plan_graph.h"

/* -- kinds -- */

/* Changes come in runs of one mapping, and a program has few of them. */
static size_t find_kind(const struct graph *g, const struct mapping *m)
{
	size_t i;

	for (i = g->kind_count; i-- > 0;) {
		if (g->kinds[i].mapping == m)
			return i;
	}
	return NOWHERE;
}

static size_t count_runs(const struct graph *g)
{
	size_t i, runs = 0;

	for (i = 0; i < g->count; i++) {
		if (i == 0 || g->changes[i].mapping !=
			      g->changes[i - 1].mapping)
			runs++;
	}
	return runs;
}

static size_t add_kind(struct graph *g, const struct mapping *m)
{
	struct kind *k = &g->kinds[g->kind_count];

	k->mapping = m;
	k->first = NOWHERE;
	k->last = NOWHERE;
	return g->kind_count++;
}

static void append_change(struct graph *g, size_t kind, size_t i)
{
	struct kind *k = &g->kinds[kind];

	g->kind_of[i] = kind;
	g->next[i] = NOWHERE;
	if (k->first == NOWHERE)
		k->first = i;
	else
		g->next[k->last] = i;
	k->last = i;
	k->ops |= 1u << g->changes[i].op;
}

int graph_find_kinds(struct graph *g)
{
	size_t i, kind = NOWHERE;

	/* At most one kind per run; runs are few unless somebody mixes. */
	g->kinds = arena_array(&g->scratch, count_runs(g), sizeof(*g->kinds));
	g->kind_of = arena_array(&g->scratch, g->count, sizeof(*g->kind_of));
	g->next = arena_array(&g->scratch, g->count, sizeof(*g->next));
	if (!g->kinds || !g->kind_of || !g->next)
		return error_nomem(g->err);
	for (i = 0; i < g->count; i++) {
		if (kind == NOWHERE ||
		    g->kinds[kind].mapping != g->changes[i].mapping)
			kind = find_kind(g, g->changes[i].mapping);
		if (kind == NOWHERE)
			kind = add_kind(g, g->changes[i].mapping);
		append_change(g, kind, i);
	}
	return 0;
}

/* -- rules -- */

static int add_rule(struct graph *g, const struct rule *from)
{
	struct rule *r = arena_copy(&g->scratch, from, sizeof(*from));

	if (!r)
		return error_nomem(g->err);
	r->next = NULL;
	*g->rules_end = r;
	g->rules_end = &r->next;
	return 0;
}

static size_t kind_of_entity(const struct graph *g, const uow_entity *e)
{
	size_t i;

	for (i = 0; i < g->kind_count; i++) {
		if (g->kinds[i].mapping->entity == e)
			return i;
	}
	return NOWHERE;
}

/* Names that end with NULL or at the end of their array. */
static void list_columns(const struct mapping *m, const char *const *names,
			 struct column_list *out)
{
	size_t i;
	int c;

	out->count = 0;
	for (i = 0; i < UOW_KEY_COLUMNS && names[i]; i++) {
		c = mapping_find(m, names[i]);
		if (c >= 0)
			out->at[out->count++] = (unsigned)c;
	}
}

static void list_key(const struct mapping *m, struct column_list *out)
{
	size_t i;

	out->count = m->key_count;
	for (i = 0; i < m->key_count; i++)
		out->at[i] = m->keys[i];
}

static int add_reference(struct graph *g, size_t child, const struct field *f)
{
	struct rule r = { RULE_REFERENCE, 0, 0, { { 0 }, 0 }, { { 0 }, 0 },
			  NULL };

	r.child = child;
	r.parent = kind_of_entity(g, f->references);
	if (r.parent == NOWHERE)
		return 0;
	list_key(g->kinds[r.parent].mapping, &r.parent_columns);
	r.child_columns.at[0] = f->index;
	r.child_columns.count = 1;
	if (r.parent_columns.count != 1)
		return 0;
	return add_rule(g, &r);
}

static int add_foreign_key(struct graph *g, size_t child,
			   const uow_foreign_key *key)
{
	struct rule r = { RULE_REFERENCE, 0, 0, { { 0 }, 0 }, { { 0 }, 0 },
			  NULL };

	r.child = child;
	r.parent = kind_of_entity(g, key->parent);
	if (r.parent == NOWHERE)
		return 0;
	list_columns(g->kinds[child].mapping, key->columns, &r.child_columns);
	list_columns(g->kinds[r.parent].mapping, key->parent_columns,
		     &r.parent_columns);
	if (!r.child_columns.count ||
	    r.child_columns.count != r.parent_columns.count)
		return 0;
	return add_rule(g, &r);
}

static int add_unique(struct graph *g, size_t kind,
		      const struct column_list *columns)
{
	struct rule r = { RULE_UNIQUE, 0, 0, { { 0 }, 0 }, { { 0 }, 0 },
			  NULL };

	r.child = kind;
	r.parent = kind;
	r.child_columns = *columns;
	r.parent_columns = *columns;
	return add_rule(g, &r);
}

static int rules_of_fields(struct graph *g, size_t kind)
{
	const struct mapping *m = g->kinds[kind].mapping;
	struct column_list one = { { 0 }, 1 };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < m->count; i++) {
		if (m->fields[i].references)
			rc = add_reference(g, kind, &m->fields[i]);
		if (rc || !(m->fields[i].flags & UOW_UNIQUE))
			continue;
		one.at[0] = (unsigned)i;
		rc = add_unique(g, kind, &one);
	}
	return rc;
}

static int rules_of_kind(struct graph *g, size_t kind)
{
	const struct mapping *m = g->kinds[kind].mapping;
	const uow_entity *e = m->entity;
	struct column_list list;
	size_t i;
	int rc;

	list_key(m, &list);
	rc = add_unique(g, kind, &list);
	if (!rc)
		rc = rules_of_fields(g, kind);
	for (i = 0; !rc && i < e->foreign_key_count; i++)
		rc = add_foreign_key(g, kind, &e->foreign_keys[i]);
	for (i = 0; !rc && i < e->unique_key_count; i++) {
		list_columns(m, e->unique_keys[i].columns, &list);
		rc = add_unique(g, kind, &list);
	}
	return rc;
}

/* -- ranks -- */

static bool waits_for_parent(const struct graph *g, const bool *ranked,
			     size_t kind)
{
	const struct rule *r;

	for (r = g->rules; r; r = r->next) {
		if (r->child == kind && r->parent != kind &&
		    !ranked[r->parent])
			return true;
	}
	return false;
}

/* The next kind: first one without open parents, in a cycle the first. */
static size_t next_kind(const struct graph *g, const bool *ranked)
{
	size_t i, first = NOWHERE;

	for (i = 0; i < g->kind_count; i++) {
		if (ranked[i])
			continue;
		if (!waits_for_parent(g, ranked, i))
			return i;
		if (first == NOWHERE)
			first = i;
	}
	return first;
}

int graph_find_rules(struct graph *g)
{
	bool *ranked;
	size_t i, kind;
	int rc = 0;

	g->rules_end = &g->rules;
	for (i = 0; !rc && i < g->kind_count; i++)
		rc = rules_of_kind(g, i);
	if (rc)
		return rc;
	ranked = arena_array(&g->scratch, g->kind_count, sizeof(*ranked));
	if (!ranked)
		return error_nomem(g->err);
	for (i = 0; i < g->kind_count; i++) {
		kind = next_kind(g, ranked);
		ranked[kind] = true;
		g->kinds[kind].rank = i;
	}
	return 0;
}
