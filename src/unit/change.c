/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/row.h"
#include "unit/flush.h"
#include "unit/repository.h"

/* Objects that the program hands in or gives up. */

static struct entry *copy_in(uow_repository *r, const void *initial)
{
	struct entry *e = entry_new(r);

	if (!e || row_copy(r->mapping, entry_object(e), initial,
			   &r->unit->arena)) {
		unit_fail_nomem(r->unit);
		return NULL;
	}
	return e;
}

/* Will the database make the key? */
static bool key_pending(const struct mapping *m, const void *row)
{
	return m->generated_key >= 0 &&
	       field_is_zero(&m->fields[m->generated_key], row);
}

/*
 * Enter e under its key. switches: a removed object of that key stays in the
 * map behind e; the flush makes one update of the two.
 */
static int enter(struct entry *e, bool switches)
{
	uow_repository *r = e->repo;
	const void *row = entry_object(e);
	const struct entry *known;

	e->hash = row_key_hash(r->mapping, row);
	known = identity_find(&r->identity, r->mapping, row, e->hash);
	if (known && (!switches || known->state != ENTRY_REMOVED))
		return load_refuse(r, UOW_EDUPLICATE, row,
				   "the unit already has an object of this "
				   "key");
	if (identity_reserve(&r->identity, 1))
		return unit_fail_nomem(r->unit);
	identity_insert(&r->identity, e);
	return 0;
}

void *uow_add(uow_repository *r, const void *initial)
{
	struct entry *e;

	if (repository_check_write(r))
		return NULL;
	if (!initial) {
		load_refuse(r, UOW_EINVAL, NULL, "nothing given to add");
		return NULL;
	}
	e = copy_in(r, initial);
	if (!e)
		return NULL;
	e->state = ENTRY_NEW;
	if (!key_pending(r->mapping, initial) && enter(e, true))
		return NULL;
	entry_append(e);
	return entry_object(e);
}

void *uow_attach(uow_repository *r, const void *detached)
{
	struct entry *e;

	if (repository_check_write(r))
		return NULL;
	if (!detached) {
		load_refuse(r, UOW_EINVAL, NULL, "nothing given to attach");
		return NULL;
	}
	e = copy_in(r, detached);
	if (!e)
		return NULL;
	if (entry_snapshot(e, true)) {
		unit_fail_nomem(r->unit);
		return NULL;
	}
	e->state = ENTRY_LOADED;
	if (enter(e, false))
		return NULL;
	entry_append(e);
	return entry_object(e);
}

/* -- removing -- */

/*
 * Added and never flushed: there is nothing to delete. Links of others to it
 * stay: the flush says that they cannot be followed.
 */
static void forget_new(struct entry *e)
{
	identity_remove(&e->repo->identity, e);
	e->state = ENTRY_GONE;
}

int uow_remove(uow_repository *r, void *object)
{
	struct entry *e = NULL;
	int rc = repository_check_write(r);

	if (!rc)
		rc = repository_entry(r, object, &e);
	if (rc || e->state == ENTRY_REMOVED || e->state == ENTRY_GONE)
		return rc;
	if (scope_watch(e))
		return unit_fail_nomem(r->unit);
	if (e->state == ENTRY_NEW)
		forget_new(e);
	else
		e->state = ENTRY_REMOVED;
	repository_drop_links(r->unit, e, -1);
	return 0;
}
