/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <uow/repository.h>
#include "base/arena.h"
#include "base/canceler.h"
#include "pool/db.h"
#include "pool/watchdog.h"

/*
 * The unit of work itself: its state, its failure, its end. Other modules of
 * this folder hang their own parts into it.
 *
 * Invariants
 *  - conn is set exactly while the unit is active.
 *  - error.code != 0 means failed: nothing is sent any more but ROLLBACK or,
 *    from uow_nested(), a return to a savepoint.
 *  - everything reachable from here lives in arena, but conn and db, what
 *    open scopes need to undo (scopes, cleared when the outermost one ends),
 *    and the slots of identity maps.
 *  - the unit holds a reference to db until it is destroyed, so hooks of the
 *    data source and mappings outlive uow_db_free().
 *
 * Ownership. A unit of uow_run() is freed by it (owned: uow_unit_free() is
 * refused), one begun by hand by the program. One that was committed inside a
 * caller's transaction and has hooks that want to know how that ends is also
 * on db->waiting_units (waiting): freeing it then only marks it (abandoned),
 * and unit_settle_waiting() frees what is marked. So it goes with whichever of
 * the two comes last.
 */
enum unit_state {
	UNIT_ACTIVE,
	UNIT_COMMITTED,
	UNIT_ROLLED_BACK,
	UNIT_IN_DOUBT
};

/* What may not be done right now: hooks at the end of a unit only read. */
enum unit_phase {
	PHASE_WORK,
	PHASE_FLUSH,		/* in UOW_BEFORE_FLUSH and row hooks: assign */
	PHASE_COMMIT,		/* in UOW_BEFORE_COMMIT: read or fail */
	PHASE_ENDED
};

struct unit_hook {
	uow_event event;
	uow_fn fn;
	void *arg;
	struct unit_hook *next;
};

struct unit_row_hook {
	const uow_entity *entity;
	uow_row_event event;
	uow_row_hook fn;
	void *arg;
	struct unit_row_hook *next;
};

/* uow_refer(): child's columns of one reference follow parent's key. */
struct link {
	struct entry *child, *parent;
	unsigned column;		/* field of child */
	unsigned parent_column;		/* field of parent */
	struct link *next;
};

/*
 * uow_increment(): what the next flush adds to columns of one row. Unless the
 * entry is stale, its object and its snapshot have it already: both are then
 * what is known of the row, and what is added.
 */
struct pending_add {
	struct entry *entry;
	struct columns columns;
	void *by;			/* a struct: the sums */
};

struct pending_adds {
	struct pending_add *items;	/* mem_grow() */
	size_t count, capacity;
	struct entry_slot *index;	/* of entry_table, in arena */
	size_t index_size;
	struct arena arena;		/* cleared when all have been sent */
};

struct scope;
struct token;

struct uow_unit {
	uow_db *db;
	struct backend_conn *conn;
	unsigned endpoint;		/* of conn; known after the end, too */
	struct arena arena;
	enum unit_state state;
	enum unit_phase phase;
	uow_error error;
	const char *name;		/* "" if none */
	uow_options options;
	bool autoflush;
	unsigned attempt;
	uint64_t deadline;
	uow_repository *repositories, **repositories_end;
	struct link *links;		/* newest first */
	struct pending_adds adds;
	struct scope *scope;		/* innermost uow_nested(), or NULL */
	unsigned depth;			/* of scopes */
	struct unit_hook *hooks, **hooks_end;
	struct unit_row_hook *row_hooks, **row_hooks_end;
	struct uow_unit *next_waiting;	/* db->waiting_units; settle.c */
	uow_clock clock;		/* db's */
	struct arena scopes;		/* of scope.c; empty outside */
	unsigned hook_depth;		/* hooks running right now */
	unsigned reading;		/* uow_each() running right now */
	struct pages *pages;		/* its results in parts, innermost */
	uint64_t compared;		/* objects with their snapshots, ever */
	struct canceler_target target;	/* of options.canceler */
	struct watch watch;
	bool watched;			/* it is in use */
	bool joined;			/* inside a caller's transaction */
	bool owned;			/* uow_run() will free it */
	bool waiting, abandoned;	/* see Ownership */
	struct token *token;		/* of exactly_once, or NULL */
	bool own_token;			/* begun by hand; it goes with u */
	bool half;			/* see unit.c: no token tells this */
	bool by_hand;			/* rows were asked for by SQL by hand,
					   which may write as well */
};

/*
 * Open for calls? 0, or the code to return: UOW_ESTATE after the end (which
 * is not recorded: the outcome stays readable), the first failure's code.
 */
int unit_check(const uow_unit *u);

/* The same for calls that change something: not in PHASE_COMMIT. */
int unit_check_write(uow_unit *u);

/* Let the unit fail; the first failure is kept. Returns the code kept. */
int unit_fail(uow_unit *u, const uow_error *err);
UOW_PRINTF(3, 4) int unit_failf(uow_unit *u, int code, const char *fmt, ...);
int unit_fail_nomem(uow_unit *u);

/*
 * A function of the program (who: "the unit's function") returned something
 * that is not 0: fails u with it, UOW_EINVAL if it is positive.
 */
int unit_fail_returned(uow_unit *u, const char *who, int returned);

/*
 * May the program end the unit, or begin a scope, here and now? Fails u with
 * UOW_ESTATE inside hooks; for its end (what: "committed") in scopes too.
 */
int unit_check_idle(uow_unit *u, const char *what, bool in_scope);

/*
 * UOW_ETIMEOUT if the deadline has passed, UOW_ECANCELED if somebody has
 * canceled: asked before each statement.
 */
int unit_in_time(uow_unit *u);

/* How a unit begins: place as in struct lease, endpoint too. */
struct unit_start {
	const uow_options *options;	/* or NULL */
	const char *place;
	unsigned attempt;
	uint64_t deadline;
	int endpoint;
	struct token *token;	/* of exactly_once, or NULL; outlives it */
};

/* With a token: UOW_EDUPLICATE if it has a row. */
int unit_begin(uow_unit **out, uow_db *db, const struct unit_start *start,
	       uow_error *err);

/*
 * UOW_EINVAL for options of another version or with impossible values,
 * UOW_ENOTSUP for exactly_once where that cannot be.
 */
int unit_check_options(const uow_db *db, const uow_options *opts,
		       uow_error *err);

/* uow_commit() that leaves a doubt to be settled by others. */
int unit_commit(uow_unit *u);

/* A unit in doubt: it is known now what became of it. Runs its hooks. */
void unit_settled(uow_unit *u, bool was_committed);

/* Whatever state it is in; the connection is back. */
void unit_destroy(uow_unit *u);

/* uow_unit_free() without its question whether the program may. */
void unit_release(uow_unit *u);

/*
 * The caller's transaction has ended: run the after-commit or after-rollback
 * hooks of the units that wait for it, in the order in which they committed,
 * and free those that are abandoned. Without run_hooks they are only dropped.
 */
void unit_settle_waiting(uow_db *db, bool committed, bool run_hooks);

/* -- stop.c -- */

/*
 * Between the two other threads may stop what runs on the connection.
 * UOW_ENOMEM: its deadline cannot be watched.
 */
int unit_expose(uow_unit *u, struct backend_conn *c, uow_error *err);
void unit_withdraw(uow_unit *u);

/* -- hooks.c -- */

/*
 * Run the hooks of an event that were there when it began; UOW_BEFORE_FLUSH
 * and row hooks in PHASE_FLUSH. Before the end a return that is not 0
 * fails u; after it returns are ignored.
 */
int hooks_run(uow_unit *u, uow_event event);
/* Row hooks of one object. */
int hooks_run_row(uow_unit *u, const uow_entity *e, uow_row_event event,
		  void *object);
bool hooks_have_row(const uow_unit *u, const uow_entity *e,
		    uow_row_event event);
bool hooks_have(const uow_unit *u, uow_event event);
/* Would anybody like to know how the unit ends? */
bool hooks_have_end(const uow_unit *u);
/* Hooks registered since the mark are dropped (a failed scope). */
struct hooks_mark {
	struct unit_hook **hooks_end;
	struct unit_row_hook **row_hooks_end;
};
struct hooks_mark hooks_mark(const uow_unit *u);
void hooks_rewind(uow_unit *u, struct hooks_mark mark);

#endif
