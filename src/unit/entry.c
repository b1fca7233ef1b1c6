/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/entry.h"

#include <stdint.h>
#include <string.h>

#include "model/row.h"

/*
 * The header is read only after its address is known to be the unit's, and
 * the repository it names is compared with ours, not followed: an address in
 * the arena may still be the middle of something else.
 */
struct entry *entry_of(const uow_unit *u, const void *object)
{
	uintptr_t address = (uintptr_t)object;
	const uow_repository *r;
	struct entry *e;

	if (address < ENTRY_SIZE || address % sizeof(void *) != 0)
		return NULL;
	e = (struct entry *)(address - ENTRY_SIZE);
	if (!arena_owns(&u->arena, e) || !arena_owns(&u->arena, object))
		return NULL;
	for (r = u->repositories; r; r = r->next) {
		if (r == e->repo)
			return e;
	}
	return NULL;
}

const void *entry_key_row(const struct entry *e)
{
	return e->snapshot ? e->snapshot : entry_object(e);
}

/* -- spans -- */

static int make_spans(uow_repository *r)
{
	const struct mapping *m = r->mapping;
	const struct field *f;
	struct span *spans;
	size_t i, n = 0;

	spans = arena_array(&r->unit->arena, 2 * m->count, sizeof(*spans));
	if (!spans)
		return UOW_ENOMEM;
	for (i = 0; i < m->count; i++) {
		f = &m->fields[i];
		n = spans_add(spans, n, f->offset, f->size);
		/* That of texts is their pointer. */
		if (f->null_offset != UOW_NOT_NULL &&
		    f->null_offset != f->offset)
			n = spans_add(spans, n, f->null_offset, sizeof(bool));
	}
	r->span_count = spans_merge(spans, n);
	r->spans = spans;
	return 0;
}

bool entry_same(const struct entry *e)
{
	const struct span *s = e->repo->spans;
	const struct span *end = s + e->repo->span_count;
	const char *now = entry_object(e), *was = e->snapshot;

	e->repo->unit->compared++;
	for (; s < end; s++) {
		if (memcmp(now + s->offset, was + s->offset, s->size) != 0)
			return false;
	}
	return true;
}

/* -- entries -- */

struct entry *entry_new(uow_repository *r)
{
	struct entry *e;

	if (!r->spans && make_spans(r))
		return NULL;
	if (r->mapping->size > SIZE_MAX - ENTRY_SIZE)
		return NULL;
	e = arena_alloc(&r->unit->arena, ENTRY_SIZE + r->mapping->size);
	if (!e)
		return NULL;
	e->repo = r;
	return e;
}

void entry_append(struct entry *e)
{
	uow_repository *r = e->repo;

	if (!r->entries_end)
		r->entries_end = &r->entries;
	e->next = NULL;
	*r->entries_end = e;
	r->entries_end = &e->next;
	r->entry_count++;
}

void entry_rekey(struct entry *e, bool to_map)
{
	struct identity *map = &e->repo->identity;
	uint32_t hash = row_key_hash(e->repo->mapping, entry_object(e));

	if (to_map && e->hash == hash && identity_has(map, e))
		return;
	identity_remove(map, e);
	e->hash = hash;
	if (to_map)
		identity_insert(map, e);
}

int entry_snapshot(struct entry *e, bool fresh)
{
	const struct mapping *m = e->repo->mapping;
	struct arena *a = &e->repo->unit->arena;
	void *object = entry_object(e);
	int rc = 0;

	if (!fresh)
		rc = row_own_texts(m, object, &m->all, e->snapshot, a);
	if (rc)
		return rc;
	if (!e->snapshot) {
		e->snapshot = arena_alloc(a, m->size);
		if (!e->snapshot)
			return UOW_ENOMEM;
	}
	memcpy(e->snapshot, object, m->size);
	return 0;
}
