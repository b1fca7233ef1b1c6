/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_FLUSH_H
#define UNIT_FLUSH_H

#include "unit/entry.h"
#include "unit/plan.h"

/* -- track.c: what has changed -- */

/* Has the unit changes to this entity? Compares objects of r only. */
bool track_dirty(const uow_repository *r);

struct tracked {		/* a change and the entry it comes from */
	struct entry *entry;
	struct entry *replaced;	/* row switch: the removed one, else NULL */
	enum shape_op op;
	struct columns set, add, returned;
	const void *by;		/* what is added */
	bool unchecked;		/* only added to: whatever the version is */
	bool steps;		/* the flush makes the new version */
	bool stepped;		/* has made it; old_version can be put back */
	int64_t old_version;
};

/*
 * All changes of the unit, in order of repositories and arrival, into a
 * scratch arena. Delete and add of one key become an update of the new object
 * (row switch: all columns, version of the removed row + 1). A row flagged
 * ENTRY_LINKED is a change even if nothing differs yet. A version that the
 * program assigned is written as given; compared is always the one that was
 * loaded. Codes: UOW_EDATA (a member that cannot be written), UOW_ESTATE (key
 * assigned; stale object changed), UOW_ENOMEM.
 */
int track_collect(uow_unit *u, struct arena *a, struct tracked **out,
		  size_t *count, uow_error *err);

/* Name entity and key of a row (NULL: none) in err, which is set already. */
void track_name(uow_error *err, const struct mapping *m, const void *row);

/* -- flush_links.c: references to keys that are not known yet -- */

/* An entry and one of its columns (0: none in particular), to a number. */
struct entry_slot {
	const struct entry *entry;
	unsigned column;
	size_t number;
};

struct entry_table {
	struct entry_slot *slots;
	size_t capacity, count;
};

int entry_table_new(struct entry_table *t, struct arena *a, size_t count);
/* At most as many as announced; an equal one is overwritten. */
void entry_table_put(struct entry_table *t, const struct entry *e,
		     unsigned column, size_t number);
/* NULL: not there. */
const struct entry_slot *entry_table_find(const struct entry_table *t,
					  const struct entry *e,
					  unsigned column);

/*
 * uow_refer(): where the parent's key is known, the child's column gets it and
 * the link is done. The others stay in u->links, each column once, their
 * children flagged ENTRY_LINKED. UOW_ESTATE: the parent will never have a key.
 */
int links_settle(uow_unit *u, struct arena *a, uow_error *err);

/* The child's column := the parent's key. */
int link_follow(const struct link *l, uow_error *err);

/* -- increment.c: what is to be added to rows -- */

/* NULL: nothing. */
struct pending_add *adds_of(const struct entry *e);

/*
 * A row was read into e: object and snapshot get what is pending. Fails the
 * unit with UOW_EDATA where that does not fit.
 */
int adds_apply(struct entry *e);

/* All were sent, or are given up. */
void adds_clear(uow_unit *u);
void adds_release(uow_unit *u);

/* -- flush_write.c: the stages of a plan -- */

struct flush {
	uow_unit *unit;
	struct arena scratch;
	struct tracked *tracked;
	size_t count;
	struct change *changes;
	struct plan_link *plan_links;
	const struct link **links;	/* of each plan_link */
	size_t link_count;
	size_t *links_of, *next_link;	/* a parent's; NULL: no links */
	size_t *extra_of;		/* its second write; NULL: none */
	void **kept;			/* rows as the program has them, while
					   a column is NULL for a while; of a
					   row to be deleted: as it is written
					   before that */
	struct plan plan;
};

/* Fails the unit. */
int flush_write(struct flush *f);

/* -- flush.c: writing it -- */

/*
 * Hooks, track, plan, write, snapshots; until nothing is left. No statement if
 * there is nothing to write. UOW_ESTATE when called by a hook of a flush.
 */
int flush_all(uow_unit *u);

/* flush_all() if autoflush is on; nothing during a flush and in hooks. */
int flush_auto(uow_unit *u);

/* flush_auto() if r's entity has changes. */
int flush_for(uow_repository *r);

/* -- scope.c: uow_nested() -- */

/*
 * To be called before an entry's state, snapshot or map membership changes,
 * and before the flush assigns to its object: keeps what the innermost scope
 * needs to undo it. Nothing outside of scopes. 0 or UOW_ENOMEM.
 */
int scope_watch(struct entry *e);

#endif
