/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/spelling.h"

#include "model/row.h"
#include "unit/load.h"

static void mark(struct entry *e)
{
	e->flags |= ENTRY_UNSEEN;
	e->repo->unseen++;
}

void spelling_given(struct entry *e, bool with_object)
{
	uow_repository *r = e->repo;

	if (!r->mapping->text_key)
		return;
	/* Two that are only added to do not get in each other's way. */
	r->spelling_doubt |= r->seen || (with_object && r->unseen);
	r->seen += with_object;
	mark(e);
}

void spelling_inserted(struct entry *e)
{
	if (e->repo->mapping->text_key)
		mark(e);
}

void spelling_met(struct entry *e)
{
	if (!(e->flags & ENTRY_UNSEEN))
		return;
	e->flags &= (unsigned char)~ENTRY_UNSEEN;
	e->repo->unseen--;
	e->repo->seen++;
}

void spelling_admitted(struct entry *e)
{
	uow_repository *r = e->repo;

	if (!r->mapping->text_key)
		return;
	if (r->spelling_checks)
		e->flags |= ENTRY_CHECKED;
	r->spelling_doubt |= r->unseen > 0;
	r->seen++;
}

static bool is_unseen(const struct entry *e)
{
	return e->state == ENTRY_LOADED && e->flags & ENTRY_UNSEEN;
}

/* Does nobody else have the row? The next one who asks is somebody else. */
static bool claim(struct entry *e)
{
	bool free = (e->flags & (ENTRY_CHECKED | ENTRY_CLAIMED)) ==
		    ENTRY_CHECKED;

	e->flags |= ENTRY_CLAIMED;
	return free;
}

/* Not met by its own key: it has gone, or the database writes it otherwise. */
static int ask(struct entry *e)
{
	uow_repository *r = e->repo;
	const struct mapping *m = r->mapping;
	struct entry *found = NULL;
	char key[UOW_ERROR_TEXT / 2];
	int rc;

	row_assign(m, r->scratch, entry_key_row(e), &m->key_set);
	rc = load_by_key(r, UOW_LOCK_NONE, LOAD_KEEP, &found);
	if (rc || !found || found == e || claim(found))
		return rc;
	row_key_text(m, entry_key_row(found), key, sizeof(key));
	return load_refuse(r, UOW_EINVAL, entry_key_row(e),
			   "the database writes this key %s: the unit has two "
			   "objects of one row", key);
}

/* Many at once, then those that are left one by one. */
static int check_all(uow_repository *r)
{
	const void *keys[LOAD_KEYS];
	struct entry *e, *from = r->entries;
	size_t n;
	int rc = 0;

	for (e = from; !rc && e; from = e) {
		for (n = 0; e && n < LOAD_KEYS; e = e->next)
			if (is_unseen(e))
				keys[n++] = entry_key_row(e);
		rc = n ? load_by_keys(r, keys, n) : 0;
		for (; !rc && from != e; from = from->next)
			if (is_unseen(from))
				rc = ask(from);
	}
	return rc;
}

static int check(uow_repository *r)
{
	struct entry *e;
	int rc;

	for (e = r->entries; e; e = e->next)
		e->flags &= (unsigned char)~ENTRY_CLAIMED;
	r->spelling_checks = true;
	rc = check_all(r);
	r->spelling_checks = false;
	r->spelling_doubt = false;
	return rc;
}

int spelling_check(uow_unit *u)
{
	uow_repository *r;
	int rc = 0;

	if (u->options.read_only)
		return 0;
	for (r = u->repositories; !rc && r; r = r->next)
		if (r->spelling_doubt && r->unseen)
			rc = check(r);
	return rc;
}
