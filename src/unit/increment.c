/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/counter.h"
#include "model/row.h"
#include "unit/flush.h"
#include "unit/repository.h"
#include "unit/spelling.h"

/*
 * uow_increment(): sums that wait for the flush, one struct of them per row.
 * A row that the unit has not read becomes an entry all the same, stale from
 * the start: whoever asks for it makes the unit read it, and gets the row with
 * what is pending on top.
 */

/* -- what is pending -- */

static struct entry_table index_of(const struct pending_adds *p)
{
	struct entry_table t;

	t.slots = p->index;
	t.capacity = p->index_size;
	t.count = p->count;
	return t;
}

struct pending_add *adds_of(const struct entry *e)
{
	struct pending_adds *p = &e->repo->unit->adds;
	struct entry_table t = index_of(p);

	if (!(e->flags & ENTRY_ADDS))
		return NULL;
	return &p->items[entry_table_find(&t, e, 0)->number];
}

void adds_clear(uow_unit *u)
{
	struct pending_adds *p = &u->adds;
	size_t i;

	for (i = 0; i < p->count; i++)
		p->items[i].entry->flags &= (unsigned char)~ENTRY_ADDS;
	if (p->count)
		arena_clear(&p->arena);
	p->count = 0;
	p->index = NULL;
	p->index_size = 0;
}

void adds_release(uow_unit *u)
{
	mem_free(u->adds.items);
	arena_release(&u->adds.arena);
}

/* Room for one more in the index, which is made anew in twice the size. */
static int grow_index(struct pending_adds *p)
{
	struct entry_table t;
	size_t i;

	if (p->count < p->index_size / 2)
		return 0;
	if (entry_table_new(&t, &p->arena, 2 * p->count + 1))
		return UOW_ENOMEM;
	for (i = 0; i < p->count; i++)
		entry_table_put(&t, p->items[i].entry, 0, i);
	p->index = t.slots;
	p->index_size = t.capacity;
	return 0;
}

static struct pending_add *new_add(struct entry *e)
{
	struct pending_adds *p = &e->repo->unit->adds;
	struct pending_add *a;
	struct entry_table t;
	void *by;

	if (grow_index(p) || mem_grow(&p->items, &p->capacity, p->count + 1,
				      sizeof(*p->items)))
		return NULL;
	by = arena_alloc(&p->arena, e->repo->mapping->size);
	if (!by)
		return NULL;
	t = index_of(p);
	entry_table_put(&t, e, 0, p->count);
	a = &p->items[p->count++];
	memset(a, 0, sizeof(*a));
	a->entry = e;
	a->by = by;
	e->flags |= ENTRY_ADDS;
	return a;
}

static int no_room(struct entry *e, const struct field *f)
{
	bool null = !(e->flags & ENTRY_STALE) &&
		    field_is_null(f, entry_object(e));

	return load_refuse(e->repo, UOW_EDATA, entry_key_row(e),
			   "column '%s' %s", f->name, null ?
			   "is NULL: nothing can be added to it" :
			   "has no room for the sum");
}

int adds_apply(struct entry *e)
{
	const struct mapping *m = e->repo->mapping;
	const struct pending_add *a = adds_of(e);
	size_t i;

	for (i = 0; a && i < m->count; i++) {
		if (!columns_has(&a->columns, (unsigned)i))
			continue;
		if (!field_add(&m->fields[i], entry_object(e), a->by) ||
		    !field_add(&m->fields[i], e->snapshot, a->by))
			return no_room(e, &m->fields[i]);
	}
	return 0;
}

/* -- one increment -- */

/* by holds the one member f. */
static int sum_up(struct entry *e, const struct field *f, const void *by)
{
	struct pending_add *a = adds_of(e);
	struct columns one;

	if (!a)
		a = new_add(e);
	if (!a)
		return unit_fail_nomem(e->repo->unit);
	if (columns_has(&a->columns, f->index))
		return field_add(f, a->by, by) ? 0 : no_room(e, f);
	memset(&one, 0, sizeof(one));
	columns_add(&one, f->index);
	row_assign(e->repo->mapping, a->by, by, &one);
	columns_add(&a->columns, f->index);
	return 0;
}

/* An assignment, as the program could have made it itself. */
static int assign(struct entry *e, const struct field *f, const void *by)
{
	return field_add(f, entry_object(e), by) ? 0 : no_room(e, f);
}

static int add_to(struct entry *e, const struct field *f, const void *by)
{
	void *object = entry_object(e);

	if (e->state == ENTRY_NEW)
		return assign(e, f, by);
	if (e->flags & ENTRY_STALE)
		return sum_up(e, f, by);
	if (e->flags & ENTRY_EDITED || !field_equal(f, object, e->snapshot))
		return assign(e, f, by);
	if (scope_watch(e))
		return unit_fail_nomem(e->repo->unit);
	if (!field_add(f, object, by) || !field_add(f, e->snapshot, by))
		return no_room(e, f);
	return sum_up(e, f, by);
}

/* Entry of the row in r->scratch, which nobody has read. NULL: failed. */
static struct entry *unread(uow_repository *r)
{
	const struct mapping *m = r->mapping;
	struct entry *e = entry_new(r);

	if (!e) {
		unit_fail_nomem(r->unit);
		return NULL;
	}
	row_assign(m, entry_object(e), r->scratch, &m->key_set);
	if (row_own_texts(m, entry_object(e), &m->key_set, NULL,
			  &r->unit->arena) ||
	    entry_snapshot(e, true) || identity_reserve(&r->identity, 1)) {
		unit_fail_nomem(r->unit);
		return NULL;
	}
	e->state = ENTRY_LOADED;
	e->flags = ENTRY_STALE;
	e->hash = row_key_hash(m, entry_object(e));
	entry_append(e);
	identity_insert(&r->identity, e);
	spelling_given(e, false);
	return e;
}

static int check_column(uow_repository *r, const char *column, int *out)
{
	const struct mapping *m = r->mapping;
	int c = column ? mapping_find(m, column) : -1;
	const struct field *f = c < 0 ? NULL : &m->fields[c];
	const char *why = NULL;

	if (!f)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "no column '%s' to add to",
				   column ? column : "");
	if (f->flags & UOW_KEY)
		why = "is part of the key";
	else if (f->flags & UOW_ROW_VERSION)
		why = "is the version";
	else if (f->flags & (UOW_GENERATED | UOW_READ_ONLY))
		why = "is not written by the library";
	else if (f->references)
		why = "is a reference";
	else if (!field_counts(f))
		why = "is no integer, decimal or double";
	*out = c;
	return why ? load_refuse(r, UOW_EINVAL, NULL,
				 "column '%s' cannot be added to: it %s",
				 column, why) : 0;
}

int increment_check(uow_repository *r, const char *column, uow_value by,
		    void *row, unsigned *out)
{
	uow_error err = UOW_ERROR_INIT;
	int c = -1, rc = check_column(r, column, &c);

	if (rc)
		return rc;
	if (by.type == UOW_TYPE_NULL || ((by.type == UOW_TYPE_DOUBLE ||
					  by.type == UOW_TYPE_FLOAT) &&
					 !isfinite(by.as.real)))
		return load_refuse(r, UOW_EINVAL, NULL,
				   "column '%s': what is to be added is no "
				   "number", column);
	if (field_set(r->mapping, &r->mapping->fields[c], row, &by, NULL,
		      &err))
		return load_failed(r, NULL, &err);
	*out = (unsigned)c;
	return 0;
}

static int increment(uow_repository *r, const char *column, uow_value by,
		     void *row)
{
	struct entry *e;
	unsigned c;
	int rc = increment_check(r, column, by, row, &c);

	if (rc)
		return rc;
	e = repository_known(r, r->scratch);
	if (e && e->state == ENTRY_REMOVED)
		return load_refuse(r, UOW_ENOTFOUND, r->scratch,
				   "has been removed");
	if (!e)
		e = unread(r);
	return e ? add_to(e, &r->mapping->fields[c], row) :
		   uow_status(r->unit);
}

int uow_increment(uow_repository *r, uow_key key, const char *column,
		  uow_value by)
{
	void *row;
	int rc = repository_check_write(r);

	if (!rc)
		rc = repository_set_key(r, &key);
	if (rc)
		return rc;
	row = mem_alloc(r->mapping->size);
	if (!row)
		return unit_fail_nomem(r->unit);
	rc = increment(r, column, by, row);
	mem_free(row);
	return rc;
}
