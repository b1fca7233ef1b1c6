/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/flush.h"

#include <stdint.h>
#include <string.h>

#include "base/errors.h"

/* Rounds of hooks that each make new work, before we lose patience. */
enum { FLUSH_ROUNDS = 100 };

/* -- collecting, with row hooks -- */

static int gather(struct flush *f)
{
	uow_error err = UOW_ERROR_INIT;
	int rc;

	rc = links_settle(f->unit, &f->scratch, &err);
	if (!rc)
		rc = track_collect(f->unit, &f->scratch, &f->tracked,
				   &f->count, &err);
	return rc ? unit_fail(f->unit, &err) : 0;
}

static uow_row_event event_of(enum shape_op op)
{
	if (op == SHAPE_INSERT)
		return UOW_BEFORE_INSERT;
	return op == SHAPE_UPDATE ? UOW_BEFORE_UPDATE : UOW_BEFORE_DELETE;
}

/* *ran: did any hook run, so that everything has to be looked at again? */
static int hook_rows(struct flush *f, bool *ran)
{
	const uow_entity *entity;
	struct tracked *t;
	size_t i;
	int rc = 0;

	*ran = false;
	for (i = 0; !rc && i < f->count; i++) {
		t = &f->tracked[i];
		entity = t->entry->repo->mapping->entity;
		/* Nobody has read it: there is nothing to show. */
		if (t->entry->flags & (ENTRY_HOOKED | ENTRY_STALE) ||
		    !hooks_have_row(f->unit, entity, event_of(t->op)))
			continue;
		t->entry->flags |= ENTRY_HOOKED;
		*ran = true;
		rc = hooks_run_row(f->unit, entity, event_of(t->op),
				   entry_object(t->entry));
		if (!rc)
			rc = unit_check(f->unit);
	}
	return rc;
}

static void clear_flags(const uow_unit *u)
{
	const uow_repository *r;
	struct entry *e;

	for (r = u->repositories; r; r = r->next) {
		for (e = r->entries; e; e = e->next)
			e->flags &= (unsigned char)~(ENTRY_HOOKED |
						     ENTRY_LINKED);
	}
}

static int gather_all(struct flush *f, bool *hooked)
{
	bool ran = false;
	int round, rc;

	for (round = 0; round < FLUSH_ROUNDS; round++) {
		rc = gather(f);
		if (!rc)
			rc = hook_rows(f, &ran);
		*hooked |= ran;
		if (rc || !ran)
			return rc;
	}
	return unit_failf(f->unit, UOW_ESTATE,
			  "hooks never stop adding work");
}

/* -- planning -- */

static void fill_change(const struct tracked *t, struct change *c)
{
	const struct entry *old = t->replaced ? t->replaced : t->entry;

	c->mapping = t->entry->repo->mapping;
	c->op = t->op;
	c->now = t->op == SHAPE_DELETE ? NULL : entry_object(t->entry);
	c->was = t->op == SHAPE_INSERT ? NULL : old->snapshot;
	c->set = t->set;
	c->add = t->add;
	c->by = t->by;
	c->returned = t->returned;
	c->versioned = t->op != SHAPE_INSERT && !t->unchecked &&
		       c->mapping->version >= 0;
}

static int make_changes(struct flush *f)
{
	size_t i;

	f->changes = arena_array(&f->scratch, f->count, sizeof(*f->changes));
	if (!f->changes)
		return unit_fail_nomem(f->unit);
	for (i = 0; i < f->count; i++)
		fill_change(&f->tracked[i], &f->changes[i]);
	return 0;
}

static int index_entries(struct flush *f, struct entry_table *t)
{
	size_t i;

	if (entry_table_new(t, &f->scratch, f->count))
		return unit_fail_nomem(f->unit);
	for (i = 0; i < f->count; i++)
		entry_table_put(t, f->tracked[i].entry, 0, i);
	return 0;
}

static int links_room(struct flush *f)
{
	struct arena *a = &f->scratch;
	const struct link *l;
	size_t n = 0, i;

	for (l = f->unit->links; l; l = l->next)
		n++;
	f->plan_links = arena_array(a, n, sizeof(*f->plan_links));
	f->links = arena_array(a, n, sizeof(*f->links));
	f->next_link = arena_array(a, n, sizeof(*f->next_link));
	f->links_of = arena_array(a, f->count, sizeof(*f->links_of));
	if (!f->plan_links || !f->links || !f->next_link || !f->links_of)
		return unit_fail_nomem(f->unit);
	for (i = 0; i < f->count; i++)
		f->links_of[i] = SIZE_MAX;
	return 0;
}

static void add_link(struct flush *f, const struct link *l, size_t child,
		     size_t parent)
{
	size_t n = f->link_count++;

	f->plan_links[n].child = child;
	f->plan_links[n].parent = parent;
	f->plan_links[n].column = l->column;
	f->links[n] = l;
	f->next_link[n] = f->links_of[parent];
	f->links_of[parent] = n;
	columns_add(&f->changes[child].set, l->column);
	columns_add(&f->tracked[child].set, l->column);
}

/* Links that still wait have both their ends among the changes. */
static int make_links(struct flush *f)
{
	const struct entry_slot *child, *parent;
	struct entry_table table;
	const struct link *l;
	int rc;

	if (!f->unit->links)
		return 0;
	rc = index_entries(f, &table);
	if (!rc)
		rc = links_room(f);
	if (rc)
		return rc;
	for (l = f->unit->links; l; l = l->next) {
		child = entry_table_find(&table, l->child, 0);
		parent = entry_table_find(&table, l->parent, 0);
		if (child && parent)
			add_link(f, l, child->number, parent->number);
	}
	return 0;
}

/* Second writes. Those before a delete find their change by themselves. */
static int index_extras(struct flush *f)
{
	size_t i, base;

	if (!f->plan.extra_count)
		return 0;
	f->extra_of = arena_array(&f->scratch, f->count,
				  sizeof(*f->extra_of));
	f->kept = arena_array(&f->scratch, f->count, sizeof(*f->kept));
	if (!f->extra_of || !f->kept)
		return unit_fail_nomem(f->unit);
	for (i = 0; i < f->count; i++)
		f->extra_of[i] = SIZE_MAX;
	for (i = 0; i < f->plan.extra_count; i++) {
		base = f->plan.extras[i].base;
		if (f->changes[base].op != SHAPE_DELETE)
			f->extra_of[base] = i;
	}
	return 0;
}

/* Room in the identity maps now: after the write nothing may fail. */
static int reserve_identities(const struct flush *f)
{
	uow_repository *r;
	size_t i, n;

	for (i = 0; i < f->count;) {
		r = f->tracked[i].entry->repo;
		for (n = 0; i < f->count && f->tracked[i].entry->repo == r;
		     i++)
			n += f->tracked[i].entry->state == ENTRY_NEW;
		if (n && identity_reserve(&r->identity, n))
			return unit_fail_nomem(f->unit);
	}
	return 0;
}

static int plan_changes(struct flush *f)
{
	uow_error err;
	int rc;

	error_none(&err);
	rc = make_changes(f);
	if (!rc)
		rc = make_links(f);
	if (rc)
		return rc;
	rc = plan_make(f->changes, f->count, f->plan_links, f->link_count,
		       &f->scratch, &f->plan, &err);
	if (rc)
		return unit_fail(f->unit, &err);
	rc = index_extras(f);
	return rc ? rc : reserve_identities(f);
}

/* -- rounds -- */

static int flush_round_in(struct flush *f, bool *wrote)
{
	bool flagged = f->unit->links != NULL;
	int rc;

	rc = gather_all(f, &flagged);
	flagged |= f->unit->links != NULL;
	if (!rc && f->count) {
		rc = plan_changes(f);
		if (!rc)
			rc = flush_write(f);
		*wrote = true;
	}
	if (!rc) {
		f->unit->links = NULL;
		adds_clear(f->unit);
	}
	if (flagged)
		clear_flags(f->unit);
	return rc;
}

static int flush_round(uow_unit *u, bool *wrote)
{
	struct flush f;
	int rc;

	memset(&f, 0, sizeof(f));
	f.unit = u;
	*wrote = false;
	arena_init(&f.scratch);
	rc = flush_round_in(&f, wrote);
	arena_release(&f.scratch);
	return rc;
}

static bool unit_dirty(const uow_unit *u)
{
	const uow_repository *r;

	for (r = u->repositories; r; r = r->next) {
		if (track_dirty(r))
			return true;
	}
	return false;
}

static int run_hooks(uow_unit *u, uow_event event)
{
	int rc = hooks_run(u, event);

	return rc ? rc : unit_check(u);
}

static int flush_rounds(uow_unit *u)
{
	bool wrote;
	int round, rc;

	for (round = 0; round < FLUSH_ROUNDS; round++) {
		rc = run_hooks(u, UOW_BEFORE_FLUSH);
		if (!rc)
			rc = flush_round(u, &wrote);
		if (rc || !wrote || !hooks_have(u, UOW_AFTER_FLUSH))
			return rc;
		rc = run_hooks(u, UOW_AFTER_FLUSH);
		if (rc || !unit_dirty(u))
			return rc;
	}
	return unit_failf(u, UOW_ESTATE, "hooks never stop adding work");
}

int flush_all(uow_unit *u)
{
	enum unit_phase phase = u->phase;
	int rc = unit_check_write(u);

	if (rc)
		return rc;
	if (phase == PHASE_FLUSH)
		return unit_failf(u, UOW_ESTATE,
				  "flush inside a flush: called by a hook");
	u->phase = PHASE_FLUSH;
	rc = flush_rounds(u);
	if (u->phase == PHASE_FLUSH)
		u->phase = phase;
	return rc;
}

int flush_auto(uow_unit *u)
{
	int rc = unit_check(u);

	if (rc || !u->autoflush || u->phase != PHASE_WORK)
		return rc;
	return flush_all(u);
}

int flush_for(uow_repository *r)
{
	return track_dirty(r) ? flush_auto(r->unit) : unit_check(r->unit);
}

int uow_flush(uow_unit *u)
{
	return u ? flush_all(u) : UOW_EINVAL;
}
