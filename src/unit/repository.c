/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/repository.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/row.h"
#include "unit/flush.h"

int repository_check(const uow_repository *r)
{
	return r ? unit_check(r->unit) : UOW_ESTATE;
}

int repository_check_write(uow_repository *r)
{
	int rc = r ? unit_check_write(r->unit) : UOW_ESTATE;

	if (!rc && r->unit->options.read_only)
		rc = load_refuse(r, UOW_ESTATE, NULL, "the unit is read only");
	return rc;
}

struct entry *repository_known(const uow_repository *r, const void *row)
{
	return identity_find(&r->identity, r->mapping, row,
			     row_key_hash(r->mapping, row));
}

static int set_any_key(uow_repository *r, const uow_key *key)
{
	uow_error err = UOW_ERROR_INIT;

	if (!row_set_key(r->mapping, r->scratch, key, &err))
		return 0;
	error_entity(&err, r->mapping->name);
	return unit_fail(r->unit, &err);
}

int repository_set_key(uow_repository *r, const uow_key *key)
{
	return row_set_integer(r->mapping, r->scratch, key) ? 0 :
	       set_any_key(r, key);
}

int repository_forget(struct entry *e)
{
	if (scope_watch(e))
		return unit_fail_nomem(e->repo->unit);
	identity_remove(&e->repo->identity, e);
	e->state = ENTRY_GONE;
	return 0;
}

int repository_entry(uow_repository *r, const void *object, struct entry **out)
{
	struct entry *e = object ? entry_of(r->unit, object) : NULL;

	if (!e || e->repo != r)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "not an object of this entity in this "
				   "unit");
	*out = e;
	return 0;
}

void repository_drop_links(uow_unit *u, const struct entry *child, int column)
{
	struct link **at = &u->links;

	while (child->flags & ENTRY_REFERS && *at) {
		const struct link *l = *at;

		if (l->child == child &&
		    (column < 0 || l->column == (unsigned)column))
			*at = l->next;
		else
			at = &(*at)->next;
	}
}

/* -- handles -- */

static uow_repository *repository_new(uow_unit *u, const struct mapping *m)
{
	uow_repository *r = arena_alloc(&u->arena, sizeof(*r));
	void *scratch = arena_alloc(&u->arena, m->size);

	if (!r || !scratch) {
		unit_fail_nomem(u);
		return NULL;
	}
	r->unit = u;
	r->mapping = m;
	r->entries_end = &r->entries;
	r->scratch = scratch;
	*u->repositories_end = r;
	u->repositories_end = &r->next;
	return r;
}

uow_repository *uow_repository_of(uow_unit *u, const uow_entity *e)
{
	const struct mapping *m;
	uow_repository *r;
	uow_error err;

	if (!u || unit_check(u))
		return NULL;
	for (r = u->repositories; r; r = r->next)
		if (r->mapping->entity == e)
			return r;
	if (!e) {
		unit_failf(u, UOW_EINVAL, "no entity given");
		return NULL;
	}
	error_none(&err);
	if (db_mapping(u->db, e, &m, &err)) {
		if (!err.entity[0])
			error_entity(&err, e->name);
		unit_fail(u, &err);
		return NULL;
	}
	return repository_new(u, m);
}

/* -- by key -- */

static int missing(uow_repository *r, const void *key_row)
{
	return load_refuse(r, UOW_ENOTFOUND, key_row, "no such row");
}

/* *out NULL: there is none. */
static int look_up(uow_repository *r, const uow_key *key, struct entry **out)
{
	struct entry *known, *e = NULL;
	int rc = repository_set_key(r, key);

	if (rc)
		return rc;
	known = repository_known(r, r->scratch);
	if (known && known->state == ENTRY_REMOVED) {
		*out = NULL;
		return 0;
	}
	if (known && !(known->flags & ENTRY_STALE)) {
		*out = known;
		return 0;
	}
	rc = load_by_key(r, UOW_LOCK_NONE, LOAD_KEEP, &e);
	if (!rc && known && known->flags & ENTRY_STALE)
		rc = repository_forget(known);
	if (!rc)
		*out = e;
	return rc;
}

void *uow_lookup(uow_repository *r, uow_key key)
{
	struct entry *e = NULL;

	if (repository_check(r) || look_up(r, &key, &e))
		return NULL;
	return e ? entry_object(e) : NULL;
}

void *uow_get(uow_repository *r, uow_key key)
{
	struct entry *e = NULL;

	if (repository_check(r) || look_up(r, &key, &e))
		return NULL;
	if (!e)
		missing(r, r->scratch);
	return e ? entry_object(e) : NULL;
}

void *uow_get_locked(uow_repository *r, uow_key key)
{
	struct entry *e, *known;

	if (repository_check(r) || repository_set_key(r, &key))
		return NULL;
	known = repository_known(r, r->scratch);
	if (known && known->state == ENTRY_NEW)
		return entry_object(known);
	if (load_by_key(r, UOW_LOCK_UPDATE, LOAD_LOCKED, &e))
		return NULL;
	if (!e)
		missing(r, r->scratch);
	return e ? entry_object(e) : NULL;
}

/* -- several by key -- */

/* rows: room for LOAD_KEYS structs, or count if that is less. */
static int load_unknown(uow_repository *r, const uow_key *keys, size_t count,
			char *rows)
{
	const void *wanted[LOAD_KEYS];
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; !rc && i < count; i++) {
		const struct entry *e;
		char *row = rows + n * r->mapping->size;

		rc = repository_set_key(r, &keys[i]);
		if (rc)
			return rc;
		e = repository_known(r, r->scratch);
		if (e && !(e->flags & ENTRY_STALE))
			continue;
		row_assign(r->mapping, row, r->scratch, &r->mapping->key_set);
		wanted[n++] = row;
		if (n == LOAD_KEYS) {
			rc = load_by_keys(r, wanted, n);
			n = 0;
		}
	}
	return rc || !n ? rc : load_by_keys(r, wanted, n);
}

static bool has_text_key(const struct mapping *m)
{
	size_t i;

	for (i = 0; i < m->key_count; i++)
		if (type_is_text(m->fields[m->keys[i]].type))
			return true;
	return false;
}

/*
 * The rows have come. A database may have taken another text for this key's
 * (a collation, the blanks of a CHAR): which row is meant, it has to say.
 */
static int find_loaded(uow_repository *r, const uow_key *key,
		       struct entry **out)
{
	int rc = repository_set_key(r, key);

	if (rc)
		return rc;
	*out = repository_known(r, r->scratch);
	if (*out || !has_text_key(r->mapping))
		return 0;
	return load_by_key(r, UOW_LOCK_NONE, LOAD_KEEP, out);
}

static int collect(uow_repository *r, const uow_key *keys, size_t count,
		   void **found)
{
	size_t i;
	int rc;

	for (i = 0; i < count; i++) {
		struct entry *e;

		rc = find_loaded(r, &keys[i], &e);
		if (rc)
			return rc;
		if (!e || e->state == ENTRY_REMOVED ||
		    e->flags & ENTRY_STALE)
			return missing(r, r->scratch);
		found[i] = entry_object(e);
	}
	return 0;
}

int uow_get_many(uow_repository *r, const uow_key *keys, size_t count,
		 void **objects)
{
	void **found = NULL;
	char *rows = NULL;
	int rc = repository_check(r);

	if (rc || !count)
		return rc;
	if (!keys || !objects)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "no keys, or no room for objects, given");
	found = mem_array(count, sizeof(*found));
	rows = mem_array(count < LOAD_KEYS ? count : LOAD_KEYS,
			 r->mapping->size);
	if (found && rows)
		rc = load_unknown(r, keys, count, rows);
	else
		rc = unit_fail_nomem(r->unit);
	if (!rc)
		rc = collect(r, keys, count, found);
	if (!rc)
		memcpy(objects, found, count * sizeof(*found));
	mem_free(rows);
	mem_free(found);
	return rc;
}

/* -- again -- */

int uow_refresh(uow_repository *r, void *object)
{
	struct entry *e = NULL, *found;
	int rc = repository_check(r);

	if (!rc)
		rc = repository_entry(r, object, &e);
	if (rc)
		return rc;
	if (e->state != ENTRY_LOADED)
		return load_refuse(r, UOW_ESTATE, object,
				   e->state == ENTRY_NEW ?
				   "not in the database yet" :
				   "has been removed");
	row_assign(r->mapping, r->scratch, entry_key_row(e),
		   &r->mapping->key_set);
	rc = load_by_key(r, UOW_LOCK_NONE, LOAD_REFRESH, &found);
	if (rc)
		return rc;
	if (!found)
		return missing(r, r->scratch);
	repository_drop_links(r->unit, e, -1);
	return 0;
}
