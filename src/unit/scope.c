/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include "base/errors.h"
#include "model/row.h"
#include "unit/entry.h"
#include "unit/flush.h"

/*
 * uow_nested(): a savepoint, and memory that goes back together with it.
 *
 * A scope begins with a flush. So everything the unit knows is then LOADED (or
 * GONE), each object is what its snapshot says, and no link is pending. That
 * is what makes undoing cheap:
 *  - an entry whose state, snapshot or place in the map changes is recorded
 *    before the first such change (scope_watch());
 *  - any other object that differs from its snapshot was only assigned to, and
 *    is put back to the snapshot;
 *  - what became known inside is what stands in the repositories' lists behind
 *    where they ended when the scope began.
 *
 * A scope that succeeds hands its records on to the one around it, which may
 * still fail; an entry recorded there already is left as recorded there. All
 * this lives in u->scopes until the outermost scope ends. Texts do not: those
 * that snapshots point at are in the unit's arena and stay.
 */
enum { SCOPE_DEPTH = 1000 };

struct undo {
	struct entry *entry;
	void *snapshot;
	void *row;		/* what snapshot, or else the object, held */
	uint16_t undo_depth;
	unsigned char state;
	bool stale;
	struct undo *next;
};

struct scope {
	struct scope *outer;
	struct undo *undo;
	struct link *links;
	struct hooks_mark hooks;
	bool autoflush;
	struct entry ***ends;	/* of the repositories there were */
	size_t end_count;
};

/* -- recording -- */

/* NEW entries of a scope are forgotten if it fails: no need for their row. */
static bool save_row(uow_unit *u, struct undo *r)
{
	const struct entry *e = r->entry;

	r->snapshot = e->snapshot;
	if (e->state == ENTRY_NEW || e->state == ENTRY_GONE)
		return true;
	r->row = arena_copy(&u->scopes, entry_key_row(e),
			    e->repo->mapping->size);
	return r->row;
}

int scope_watch(struct entry *e)
{
	uow_unit *u = e->repo->unit;
	struct undo *r;

	if (!u->scope || e->undo_depth == u->depth)
		return 0;
	r = arena_alloc(&u->scopes, sizeof(*r));
	if (!r)
		return UOW_ENOMEM;
	r->entry = e;
	if (!save_row(u, r))
		return UOW_ENOMEM;
	r->undo_depth = e->undo_depth;
	r->state = e->state;
	r->stale = e->flags & ENTRY_STALE;
	r->next = u->scope->undo;
	u->scope->undo = r;
	e->undo_depth = (uint16_t)u->depth;	/* SCOPE_DEPTH at most */
	return 0;
}

/* -- opening and closing -- */

static struct entry **list_end(uow_repository *r)
{
	return r->entries_end ? r->entries_end : &r->entries;
}

static bool note_ends(uow_unit *u, struct scope *s)
{
	uow_repository *r;
	size_t i = 0;

	for (r = u->repositories; r; r = r->next)
		s->end_count++;
	s->ends = arena_array(&u->scopes, s->end_count, sizeof(*s->ends));
	if (!s->ends)
		return false;
	for (r = u->repositories; r; r = r->next)
		s->ends[i++] = list_end(r);
	return true;
}

static struct scope *scope_new(uow_unit *u)
{
	struct scope *s = arena_alloc(&u->scopes, sizeof(*s));

	if (!s || !note_ends(u, s))
		return NULL;
	s->outer = u->scope;
	s->links = u->links;
	s->hooks = hooks_mark(u);
	s->autoflush = u->autoflush;
	return s;
}

static void pop(uow_unit *u)
{
	u->scope = u->scope->outer;
	u->depth--;
	if (!u->scope)
		arena_clear(&u->scopes);
}

static void hand_on(struct scope *outer, unsigned depth, struct undo *r)
{
	r->entry->undo_depth = (uint16_t)depth;
	if (!outer || r->undo_depth == depth)
		return;
	r->next = outer->undo;
	outer->undo = r;
}

static void close_kept(uow_unit *u)
{
	struct scope *s = u->scope;
	struct undo *r, *next;

	for (r = s->undo; r; r = next) {
		next = r->next;
		hand_on(s->outer, u->depth - 1, r);
	}
	pop(u);
}

/* -- undoing -- */

/* Only what is mapped: other members are the program's own. */
static void put_back(struct entry *e)
{
	const struct mapping *m = e->repo->mapping;
	struct columns diff;

	if (e->state != ENTRY_LOADED || !e->snapshot || entry_same(e))
		return;
	row_diff(m, entry_object(e), e->snapshot, &m->all, &diff);
	row_assign(m, entry_object(e), e->snapshot, &diff);
}

static void restore(const struct undo *r)
{
	struct entry *e = r->entry;
	const struct mapping *m = e->repo->mapping;

	if (r->snapshot && r->row)
		memcpy(r->snapshot, r->row, m->size);
	else if (r->row)
		row_assign(m, entry_object(e), r->row, &m->all);
	e->snapshot = r->snapshot;
	e->state = r->state;
	e->flags = (unsigned char)((e->flags & ENTRY_UNSEEN) |
				   (r->stale ? ENTRY_STALE : 0));
	e->undo_depth = r->undo_depth;
}

/* Where the list of the i-th repository, r, ended when s began. */
static struct entry **end_at(const struct scope *s, uow_repository *r,
			     size_t i)
{
	return i < s->end_count ? s->ends[i] : &r->entries;
}

static int enter(struct entry *e)
{
	struct identity *map = &e->repo->identity;

	if (identity_reserve(map, 1))
		return UOW_ENOMEM;
	identity_insert(map, e);
	return 0;
}

static bool key_known(const struct entry *e)
{
	return identity_find(&e->repo->identity, e->repo->mapping,
			     entry_key_row(e), e->hash);
}

/*
 * Of no use any more. The copy serves to notice that the program goes on
 * assigning to it.
 */
static int forget(struct entry *e)
{
	e->state = ENTRY_GONE;
	e->flags = ENTRY_STALE;
	return entry_snapshot(e, true);
}

/* Loaded inside: stays known, to be read again when it is asked for. */
static int disown(struct entry *e)
{
	if (e->state == ENTRY_GONE)
		return 0;
	if (e->state == ENTRY_NEW || key_known(e))
		return forget(e);
	e->flags = (unsigned char)((e->flags & ENTRY_UNSEEN) | ENTRY_STALE);
	put_back(e);
	return enter(e);
}

/*
 * What became known inside makes room for what was known before. The latter
 * keeps its key, and so its hash and the place it may still have.
 */
static void leave_maps(uow_unit *u, const struct scope *s)
{
	uow_repository *repo;
	const struct entry *e;
	size_t i = 0;

	for (repo = u->repositories; repo; repo = repo->next) {
		for (e = *end_at(s, repo, i++); e; e = e->next)
			identity_remove(&repo->identity, e);
	}
}

/* Known before: LOADED entries all have their place in the map. */
static int reclaim(struct entry *e)
{
	/* The rest is of a flush that failed. */
	e->flags &= ENTRY_STALE | ENTRY_UNSEEN;
	put_back(e);
	if (e->state != ENTRY_LOADED || identity_has(&e->repo->identity, e))
		return 0;
	return enter(e);
}

static int undo_repository(const struct scope *s, uow_repository *r, size_t i)
{
	struct entry **end = end_at(s, r, i), **at, *e;
	int rc = 0;

	for (at = &r->entries; !rc && at != end; at = &(*at)->next)
		rc = reclaim(*at);
	for (e = *end; !rc && e; e = e->next)
		rc = disown(e);
	return rc;
}

static int undo(uow_unit *u, const struct scope *s)
{
	const struct undo *record;
	uow_repository *r;
	size_t i = 0;
	int rc = 0;

	leave_maps(u, s);
	adds_clear(u);
	for (record = s->undo; record; record = record->next)
		restore(record);
	for (r = u->repositories; !rc && r; r = r->next)
		rc = undo_repository(s, r, i++);
	u->links = s->links;
	u->autoflush = s->autoflush;
	hooks_rewind(u, s->hooks);
	return rc;
}

/* -- the savepoint -- */

static int savepoint(uow_unit *u, enum savepoint_verb verb)
{
	uow_error e = UOW_ERROR_INIT;
	int rc = u->conn->ops->savepoint(u->conn, verb, u->depth, &e);

	return rc ? unit_fail(u, &e) : 0;
}

/* The unit has failed; that failure is what is told if this one fails too. */
static int go_back(uow_unit *u)
{
	struct backend_conn *c = u->conn;
	uow_error e = UOW_ERROR_INIT;
	int rc = c->ops->savepoint(c, SAVEPOINT_BACK, u->depth, &e);

	if (!rc)
		rc = c->ops->savepoint(c, SAVEPOINT_RELEASE, u->depth, &e);
	if (rc)
		error_append(&u->error, " (and there was no way back to the "
			     "savepoint: %s)", e.message);
	return rc;
}

/* Is there still a transaction whose savepoint one could go back to? */
static bool transaction_alive(const uow_unit *u)
{
	const struct backend_conn *c = u->conn;

	return !db_inherited(u->db) && !c->broken && !c->ops->ended(c) &&
		u->error.code != UOW_ECONNECT;
}

static void forgive(uow_unit *u)
{
	static const uow_error none = UOW_ERROR_INIT;

	u->error = none;
}

static int close_failed(uow_unit *u, int returned)
{
	bool alive = transaction_alive(u);
	int code;

	if (returned && !u->error.code)
		unit_fail_returned(u, "the nested function", returned);
	code = returned < 0 ? returned : u->error.code;
	if (!alive || go_back(u) || undo(u, u->scope))
		code = u->error.code;
	else
		forgive(u);
	pop(u);
	return code;
}

static int end_scope(uow_unit *u, int returned)
{
	if (!returned && !u->error.code && !flush_all(u) && !unit_in_time(u))
		savepoint(u, SAVEPOINT_RELEASE);
	if (returned || u->error.code)
		return close_failed(u, returned);
	close_kept(u);
	return 0;
}

static int check(uow_unit *u, uow_fn fn)
{
	const struct backend *b;
	int rc = unit_check_write(u);

	if (!rc)
		rc = unit_check_idle(u, "given a savepoint", true);
	if (rc)
		return rc;
	b = u->db->backend;
	if (!fn)
		return unit_failf(u, UOW_EINVAL, "no function to be nested");
	if (u->options.simple)
		return unit_failf(u, UOW_ENOTSUP, "a simple unit has no "
				  "transaction and so no savepoints");
	if (!b->ops->has(b, UOW_FEATURE_SAVEPOINT))
		return unit_failf(u, UOW_ENOTSUP, "the profile %s has no "
				  "savepoints", b->ops->profile(b));
	if (u->depth >= SCOPE_DEPTH)
		return unit_failf(u, UOW_EINVAL, "more than %d savepoints "
				  "inside each other", SCOPE_DEPTH);
	return 0;
}

static int begin_scope(uow_unit *u)
{
	struct scope *s;
	int rc = flush_all(u);

	if (!rc)
		rc = unit_in_time(u);
	if (rc)
		return rc;
	s = scope_new(u);
	if (!s)
		return unit_fail_nomem(u);
	u->scope = s;
	u->depth++;
	rc = savepoint(u, SAVEPOINT_SET);
	if (rc)
		pop(u);
	return rc;
}

int uow_nested(uow_unit *u, uow_fn fn, void *arg)
{
	int rc = u ? check(u, fn) : UOW_EINVAL;

	if (!rc)
		rc = begin_scope(u);
	return rc ? rc : end_scope(u, fn(u, arg));
}
