/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/errors.h"
#include "model/field.h"
#include "unit/flush.h"
#include "unit/repository.h"

/* An object of u that will still be there after the flush. */
static struct entry *living(uow_unit *u, const void *object, const char *role)
{
	struct entry *e = object ? entry_of(u, object) : NULL;

	if (!e) {
		unit_failf(u, UOW_EINVAL, "the %s is not an object of this "
			   "unit", role);
		return NULL;
	}
	if (e->state != ENTRY_REMOVED && e->state != ENTRY_GONE)
		return e;
	load_refuse(e->repo, UOW_ESTATE, object, "has been removed");
	return NULL;
}

static bool has_name(const char *const *names, const char *name)
{
	size_t i;

	for (i = 0; i < UOW_KEY_COLUMNS && names[i]; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/*
 * The foreign key to parent that name is a column of. By itself, if there is
 * one; else one of several columns, which are a reference together only.
 */
static const uow_foreign_key *key_with(const uow_entity *e, const char *name,
				       const uow_entity *parent)
{
	const uow_foreign_key *k, *found = NULL;
	size_t i;

	for (i = 0; i < e->foreign_key_count; i++) {
		k = &e->foreign_keys[i];
		if (k->parent != parent || !has_name(k->columns, name))
			continue;
		if (!k->columns[1])
			return k;
		if (!found)
			found = k;
	}
	return found;
}

/*
 * Will the parent's column be filled in by the flush only? Either by the
 * database, or from the parent's own parent.
 */
static bool is_pending(const struct entry *parent, unsigned column)
{
	const struct field *f = &parent->repo->mapping->fields[column];
	const struct link *l;

	if (parent->state == ENTRY_NEW && f->flags & UOW_GENERATED &&
	    field_is_zero(f, entry_object(parent)))
		return true;
	l = parent->flags & ENTRY_REFERS ? parent->repo->unit->links : NULL;
	for (; l; l = l->next)
		if (l->child == parent && l->column == column)
			return true;
	return false;
}

static int assign(struct entry *child, unsigned column,
		  const struct entry *parent, unsigned parent_column)
{
	uow_repository *r = child->repo;
	const struct mapping *m = r->mapping;
	uow_error err = UOW_ERROR_INIT;
	uow_value v;

	field_get(&parent->repo->mapping->fields[parent_column],
		  entry_object(parent), &v);
	if (!field_set(m, &m->fields[column], entry_object(child), &v,
		       &r->unit->arena, &err))
		return 0;
	error_entity(&err, m->name);
	return unit_fail(r->unit, &err);
}

/*
 * While a link waits its column holds the zero of its type, which is no key.
 * If anything else is there at the flush the program has assigned it since,
 * and the link is void (flush_links.c).
 */
static void hold_place(const struct field *f, void *row)
{
	static const char *const empty = "";

	if (f->null_offset != UOW_NOT_NULL)
		*((char *)row + f->null_offset) = 0;
	memset((char *)row + f->offset, 0, f->size);
	if (f->type == UOW_TYPE_TEXT)
		memcpy((char *)row + f->offset, &empty, sizeof(empty));
}

static int add_link(struct entry *child, unsigned column,
		    struct entry *parent, unsigned parent_column)
{
	uow_unit *u = child->repo->unit;
	struct link *l = arena_alloc(&u->arena, sizeof(*l));

	if (!l)
		return unit_fail_nomem(u);
	l->child = child;
	l->parent = parent;
	l->column = column;
	l->parent_column = parent_column;
	l->next = u->links;
	u->links = l;
	child->flags |= ENTRY_REFERS;
	/* Part of a key that is not known yet: others may wait for theirs. */
	if (child->state == ENTRY_NEW &&
	    child->repo->mapping->fields[column].flags & UOW_KEY)
		identity_remove(&child->repo->identity, child);
	hold_place(&child->repo->mapping->fields[column],
		   entry_object(child));
	return 0;
}

static int refer_column(struct entry *child, unsigned column,
			struct entry *parent, unsigned parent_column)
{
	/* The newest link of a column counts: earlier ones may stay. */
	if (is_pending(parent, parent_column))
		return add_link(child, column, parent, parent_column);
	repository_drop_links(child->repo->unit, child, (int)column);
	return assign(child, column, parent, parent_column);
}

static int refer_key(struct entry *child, const uow_foreign_key *key,
		     struct entry *parent)
{
	int c, pc, rc = 0;
	size_t i;

	for (i = 0; !rc && i < UOW_KEY_COLUMNS && key->columns[i]; i++) {
		c = mapping_find(child->repo->mapping, key->columns[i]);
		pc = mapping_find(parent->repo->mapping,
				  key->parent_columns[i]);
		rc = refer_column(child, (unsigned)c, parent, (unsigned)pc);
	}
	return rc;
}

static int refer(struct entry *child, const char *column, struct entry *parent)
{
	const struct mapping *m = child->repo->mapping;
	const struct mapping *pm = parent->repo->mapping;
	int c = column ? mapping_find(m, column) : -1;
	const uow_foreign_key *key;

	if (c >= 0 && m->fields[c].references == pm->entity &&
	    pm->key_count == 1)
		return refer_column(child, (unsigned)c, parent, pm->keys[0]);
	key = c < 0 ? NULL : key_with(m->entity, column, pm->entity);
	if (key)
		return refer_key(child, key, parent);
	return load_refuse(child->repo, UOW_EINVAL, NULL,
			   "column '%s' is no reference to %s",
			   column ? column : "", pm->name);
}

int uow_refer(uow_unit *u, void *child, const char *column, void *parent)
{
	struct entry *c, *p;
	int rc = u ? unit_check_write(u) : UOW_ESTATE;

	if (rc)
		return rc;
	if (u->options.read_only)
		return unit_failf(u, UOW_ESTATE, "the unit is read only");
	c = living(u, child, "child");
	if (!c)
		return uow_status(u);
	p = living(u, parent, "parent");
	if (!p)
		return uow_status(u);
	return refer(c, column, p);
}
