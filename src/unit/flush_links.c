/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/flush.h"

#include <stdint.h>

#include "base/errors.h"
#include "base/random.h"
#include "model/row.h"

/* -- a table of entries -- */

int entry_table_new(struct entry_table *t, struct arena *a, size_t count)
{
	t->count = 0;
	t->capacity = 16;
	while (t->capacity / 2 < count) {
		if (t->capacity > SIZE_MAX / 2)
			return UOW_ENOMEM;
		t->capacity *= 2;
	}
	t->slots = arena_array(a, t->capacity, sizeof(*t->slots));
	return t->slots ? 0 : UOW_ENOMEM;
}

static struct entry_slot *table_slot(const struct entry_table *t,
				     const struct entry *e, unsigned column)
{
	uint64_t h = random_mix((uint64_t)(uintptr_t)e + column);
	size_t i = (size_t)h & (t->capacity - 1);

	while (t->slots[i].entry &&
	       (t->slots[i].entry != e || t->slots[i].column != column))
		i = (i + 1) & (t->capacity - 1);
	return &t->slots[i];
}

void entry_table_put(struct entry_table *t, const struct entry *e,
		     unsigned column, size_t number)
{
	struct entry_slot *s = table_slot(t, e, column);

	if (!s->entry)
		t->count++;
	s->entry = e;
	s->column = column;
	s->number = number;
}

const struct entry_slot *entry_table_find(const struct entry_table *t,
					  const struct entry *e,
					  unsigned column)
{
	const struct entry_slot *s = table_slot(t, e, column);

	return s->entry ? s : NULL;
}

/* -- links -- */

static const struct field *parent_field(const struct link *l)
{
	return &l->parent->repo->mapping->fields[l->parent_column];
}

static bool to_be_generated(const struct link *l)
{
	const struct field *f = parent_field(l);

	return (f->flags & UOW_GENERATED) &&
	       field_is_zero(f, entry_object(l->parent));
}

int link_follow(const struct link *l, uow_error *err)
{
	const struct mapping *m = l->child->repo->mapping;
	uow_value v;
	int rc;

	if (scope_watch(l->child))
		return error_nomem(err);
	field_get(parent_field(l), entry_object(l->parent), &v);
	rc = field_set(m, &m->fields[l->column], entry_object(l->child), &v,
		       NULL, err);
	if (rc)
		track_name(err, m, entry_object(l->child));
	return rc;
}

static int fail_parent(const struct link *l, uow_error *err)
{
	const struct mapping *m = l->child->repo->mapping;
	const struct mapping *pm = l->parent->repo->mapping;

	error_set(err, UOW_ESTATE, "%s column '%s' was to refer to an object "
		  "of %s that was removed before it had a key", m->name,
		  m->fields[l->column].name, pm->name);
	track_name(err, m, entry_object(l->child));
	return UOW_ESTATE;
}

/* What uow_refer() has put there is gone: the program has assigned since. */
static bool assigned_since(const struct link *l)
{
	const struct field *f = &l->child->repo->mapping->fields[l->column];
	const void *row = entry_object(l->child);

	return field_is_null(f, row) || !field_is_zero(f, row);
}

/* Newest first in u->links: the first one of a column counts. */
static int drop_outdated(uow_unit *u, struct arena *a, size_t count)
{
	struct link **at = &u->links;
	struct entry_table seen;
	struct link *l;

	if (entry_table_new(&seen, a, count))
		return UOW_ENOMEM;
	while (*at) {
		l = *at;
		if (l->child->state == ENTRY_GONE ||
		    l->child->state == ENTRY_REMOVED ||
		    assigned_since(l) ||
		    entry_table_find(&seen, l->child, l->column)) {
			*at = l->next;
			continue;
		}
		entry_table_put(&seen, l->child, l->column, 1);
		at = &l->next;
	}
	return 0;
}

/*
 * Which have to wait? Those for a generated key, and those for a column that
 * itself waits (a key made of the parent's own parent's): until no more are
 * found.
 */
static int mark_waiting(const uow_unit *u, struct entry_table *waiting,
			uow_error *err)
{
	const struct link *l;
	size_t before;

	do {
		before = waiting->count;
		for (l = u->links; l; l = l->next) {
			if (to_be_generated(l)) {
				if (l->parent->state != ENTRY_NEW)
					return fail_parent(l, err);
			} else if (!entry_table_find(waiting, l->parent,
						     l->parent_column)) {
				continue;
			}
			entry_table_put(waiting, l->child, l->column, 1);
		}
	} while (waiting->count != before);
	return 0;
}

static bool link_holds(const struct link *l)
{
	const struct field *from = parent_field(l);
	const struct mapping *m = l->child->repo->mapping;
	const struct field *to = &m->fields[l->column];
	uow_value a, b;

	field_get(from, entry_object(l->parent), &a);
	field_get(to, entry_object(l->child), &b);
	return a.type == b.type && a.type == UOW_TYPE_INT64 &&
	       a.as.integer == b.as.integer;
}

/* Chains of known keys: as often as a value still moves, within reason. */
static int follow_known(const uow_unit *u, const struct entry_table *waiting,
			uow_error *err)
{
	const struct link *l;
	bool moved = true;
	int round, rc;

	for (round = 0; moved && round < UOW_KEY_COLUMNS; round++) {
		moved = false;
		for (l = u->links; l; l = l->next) {
			if (entry_table_find(waiting, l->child, l->column) ||
			    link_holds(l))
				continue;
			rc = link_follow(l, err);
			if (rc)
				return rc;
			moved = true;
		}
	}
	return 0;
}

static void keep_waiting(uow_unit *u, const struct entry_table *waiting)
{
	struct link **at = &u->links;

	while (*at) {
		if (!entry_table_find(waiting, (*at)->child, (*at)->column)) {
			*at = (*at)->next;
			continue;
		}
		(*at)->child->flags |= ENTRY_LINKED;
		at = &(*at)->next;
	}
}

int links_settle(uow_unit *u, struct arena *a, uow_error *err)
{
	struct entry_table waiting;
	const struct link *l;
	size_t count = 0;
	int rc;

	for (l = u->links; l; l = l->next)
		count++;
	if (!count)
		return 0;
	if (drop_outdated(u, a, count) || entry_table_new(&waiting, a, count))
		return error_nomem(err);
	rc = mark_waiting(u, &waiting, err);
	if (!rc)
		rc = follow_known(u, &waiting, err);
	if (!rc)
		keep_waiting(u, &waiting);
	return rc;
}
