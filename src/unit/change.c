/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/errors.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/row.h"
#include "unit/flush.h"
#include "unit/repository.h"
#include "unit/spelling.h"

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
	struct entry *known;

	e->hash = row_key_hash(r->mapping, row);
	known = identity_find(&r->identity, r->mapping, row, e->hash);
	/* Its row has gone perhaps: the database knows. */
	if (known && switches && known->state == ENTRY_LOADED &&
	    (known->flags & (ENTRY_STALE | ENTRY_ADDS)) == ENTRY_STALE) {
		if (repository_forget(known))
			return uow_status(r->unit);
		known = NULL;
	}
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

/* A stale object of this key has only been waiting for it. */
static struct entry *attach_known(uow_repository *r, const struct entry *copy)
{
	struct entry *known = repository_known(r, entry_object(copy));

	if (!known || known->state != ENTRY_LOADED ||
	    !(known->flags & ENTRY_STALE))
		return NULL;
	return load_take(known, entry_object(copy)) ? NULL : known;
}

static struct entry *attach(uow_repository *r, const void *detached)
{
	struct entry *e, *known;

	if (repository_check_write(r))
		return NULL;
	if (!detached) {
		load_refuse(r, UOW_EINVAL, NULL, "nothing given to attach");
		return NULL;
	}
	e = copy_in(r, detached);
	if (!e)
		return NULL;
	known = attach_known(r, e);
	if (known || uow_status(r->unit))
		return known;
	if (entry_snapshot(e, true)) {
		unit_fail_nomem(r->unit);
		return NULL;
	}
	e->state = ENTRY_LOADED;
	if (enter(e, false))
		return NULL;
	entry_append(e);
	spelling_given(e, true);
	return e;
}

void *uow_attach(uow_repository *r, const void *detached)
{
	struct entry *e = attach(r, detached);

	return e ? entry_object(e) : NULL;
}

void *uow_attach_changed(uow_repository *r, const void *detached)
{
	struct entry *e = attach(r, detached);

	if (!e)
		return NULL;
	e->flags |= ENTRY_EDITED;
	return entry_object(e);
}

/* -- the version that the program has in mind -- */

static int wrong_version(struct entry *e, const struct field *f,
			 const uow_value *expected)
{
	uow_repository *r = e->repo;
	const struct mapping *m = r->mapping;
	char has[64], wants[64];
	uow_error err = UOW_ERROR_INIT;
	void *row = mem_alloc(m->size);

	if (!row || field_set(m, f, row, expected, NULL, &err)) {
		mem_free(row);
		return row ? load_failed(r, NULL, &err) :
			     unit_fail_nomem(r->unit);
	}
	row_field_text(f, entry_key_row(e), has, sizeof(has));
	row_field_text(f, row, wants, sizeof(wants));
	mem_free(row);
	return load_refuse(r, UOW_ECONFLICT, entry_key_row(e),
			   "version %s was expected, it is %s", wants, has);
}

static int expect(struct entry *e, const uow_value *version)
{
	uow_repository *r = e->repo;
	const struct field *f = &r->mapping->fields[r->mapping->version];
	uow_error err = UOW_ERROR_INIT;
	uow_value expected, has;
	int order;

	if (field_convert(r->mapping, f, version, &expected, &err))
		return load_failed(r, entry_key_row(e), &err);
	field_get(f, entry_key_row(e), &has);
	if (expected.type == has.type &&
	    value_compare(&expected, &has, &order) && order == 0)
		return 0;
	return wrong_version(e, f, version);
}

int uow_expect_version(uow_repository *r, void *object, uow_value version)
{
	struct entry *e = NULL;
	int rc = repository_check(r);

	if (!rc)
		rc = repository_entry(r, object, &e);
	if (rc)
		return rc;
	if (r->mapping->version < 0)
		return load_refuse(r, UOW_EINVAL, NULL, "has no version");
	if (e->state != ENTRY_LOADED)
		return load_refuse(r, UOW_ESTATE, object,
				   e->state == ENTRY_NEW ?
				   "not in the database yet" :
				   "has been removed");
	if (e->flags & ENTRY_STALE)
		rc = uow_refresh(r, object);
	return rc ? rc : expect(e, &version);
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
