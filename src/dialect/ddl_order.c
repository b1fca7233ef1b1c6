/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/ddl_link.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "dialect/ddl.h"

static const char *key_name(const uow_entity *e)
{
	uow_column c;
	size_t i;

	for (i = 0; i < e->column_count; i++) {
		entity_column(e, i, &c);
		if (c.flags & UOW_KEY)
			return c.name;
	}
	return NULL;
}

static void link_from_field(const struct field *f, struct ddl_link *out)
{
	memset(out, 0, sizeof(*out));
	out->parent = f->references;
	out->columns[0] = f->name;
	out->parent_columns[0] = key_name(f->references);
	out->count = 1;
}

static void link_from_key(const uow_foreign_key *k, struct ddl_link *out)
{
	memset(out, 0, sizeof(*out));
	out->parent = k->parent;
	for (; out->count < UOW_KEY_COLUMNS; out->count++) {
		if (!k->columns[out->count])
			break;
		out->columns[out->count] = k->columns[out->count];
		out->parent_columns[out->count] =
			k->parent_columns[out->count];
	}
}

bool ddl_next_link(const struct mapping *m, size_t *position,
		   struct ddl_link *out)
{
	size_t i;

	for (i = *position; i < m->count; i++) {
		if (m->fields[i].references) {
			link_from_field(&m->fields[i], out);
			*position = i + 1;
			return true;
		}
	}
	*position = i;
	i -= m->count;
	if (i >= m->entity->foreign_key_count)
		return false;
	link_from_key(&m->entity->foreign_keys[i], out);
	++*position;
	return true;
}

bool ddl_same_table(const uow_entity *a, const uow_entity *b)
{
	if (a == b)
		return true;
	if (!a->schema != !b->schema)
		return false;
	return !strcmp(a->table, b->table) &&
	       (!a->schema || !strcmp(a->schema, b->schema));
}

/* A parent of mappings[i] in the list that is not placed, count if none. */
static size_t missing_parent(const struct mapping *const *mappings,
			     size_t count, const bool *placed, size_t i)
{
	struct ddl_link link;
	size_t position = 0, k;

	while (ddl_next_link(mappings[i], &position, &link)) {
		if (ddl_same_table(link.parent, mappings[i]->entity))
			continue;
		for (k = 0; k < count; k++)
			if (!placed[k] && ddl_same_table(link.parent,
							 mappings[k]->entity))
				return k;
	}
	return count;
}

/*
 * Which one next? The first without a missing parent. If all have one there
 * is a cycle: going from child to parent often enough ends on it, and not on
 * a table that merely hangs below it.
 */
static size_t choose(const struct mapping *const *mappings, size_t count,
		     const bool *placed)
{
	size_t i, at = count;

	for (i = 0; i < count; i++) {
		if (placed[i])
			continue;
		if (missing_parent(mappings, count, placed, i) == count)
			return i;
		if (at == count)
			at = i;
	}
	for (i = 0; i < count; i++)
		at = missing_parent(mappings, count, placed, at);
	return at;
}

int ddl_order(const struct mapping *const *mappings, size_t count,
	      size_t *order, uow_error *err)
{
	bool *placed;
	size_t i;

	if (!count)
		return 0;
	placed = mem_array(count, sizeof(*placed));
	if (!placed)
		return error_nomem(err);
	for (i = 0; i < count; i++) {
		order[i] = choose(mappings, count, placed);
		placed[order[i]] = true;
	}
	mem_free(placed);
	return 0;
}
