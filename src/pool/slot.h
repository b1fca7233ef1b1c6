/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_SLOT_H
#define POOL_SLOT_H

#include "pool/db.h"

/*
 * A connection of the pool, for as long as it is open: in db->idle or in
 * db->leased, never both. It is made before the connection, so that giving
 * back cannot fail. All of this but slot_new() and slot_close() is done with
 * the mutex held.
 */
struct pool_slot {
	struct backend_conn *conn;
	uint64_t since;			/* idle or leased; db's clock */
	uint64_t expires;		/* db's clock; UINT64_MAX: never */
	const char *name, *place;	/* of who leases it */
	struct pool_slot *prev, *next;
};

/*
 * Who waits for a connection. On the waiter's stack; in db->waiters, in the
 * order of tickets, until something is granted. A ticket is kept until the
 * lease ends, so that who was given a dead connection is not overtaken.
 */
enum grant {
	GRANT_NOTHING,
	GRANT_SLOT,		/* slot: to be looked at */
	GRANT_OPEN,		/* target; slot: to be closed before, or NULL */
	GRANT_SCOUT,		/* target; slot: to fall back on, or NULL */
	GRANT_ERROR,		/* error: another's connect, which was ours */
	GRANT_ENDED
};

struct waiter {
	const struct lease *lease;
	uint64_t ticket;
	uint64_t now;			/* db's clock: asked, or granted */
	uint64_t until;			/* real clock */
	enum grant grant;
	unsigned target;
	struct pool_slot *slot;
	bool probe;			/* slot is to be asked */
	struct pool_slot *fresh;	/* the new connection */
	bool has_room;			/* open counts one for it */
	unsigned refusals;		/* connects of its own */
	uow_error error;		/* of the last one */
	bool sleeps;			/* on granted, which exists then */
	bool canceled;			/* nothing is granted any more */
	pthread_cond_t granted;
	struct waiter *prev, *next;
};

/* -- slot.c -- */

struct pool_slot *slot_new(void);
/* Disconnect, without telling the pool. */
void slot_close(struct pool_slot *s);
void slots_close(struct pool_slot *list);

/* Its connection is new: how long it lives is jittered. */
void slot_opened(uow_db *db, struct pool_slot *s, uint64_t now);
void slot_lend(uow_db *db, struct pool_slot *s, const struct lease *l,
	       uint64_t now);
void slot_keep(uow_db *db, struct pool_slot *s, uint64_t now);
/* The most recently used one to an endpoint, out of its list; or NULL. */
struct pool_slot *slot_take_idle(uow_db *db, unsigned endpoint);
/* Any one that goes elsewhere; or NULL. */
struct pool_slot *slot_take_other(uow_db *db, unsigned endpoint);
void slot_take_leased(uow_db *db, struct pool_slot *s);
/* Out of the pool: a list, chained by next, for slots_close(). */
struct pool_slot *slots_cut_expired(uow_db *db, uint64_t now);
struct pool_slot *slots_cut_strangers(uow_db *db);
struct pool_slot *slots_cut_all(uow_db *db);

/* -- queue.c -- */

/*
 * Give what there is to those who wait, the longest waiting first. Called
 * whenever something has come back, closed, opened or failed.
 */
void queue_serve(uow_db *db, uint64_t now);

/*
 * Wait until w has been granted something, or GRANT_NOTHING: its time is up,
 * or w->canceled.
 * UOW_ENOMEM. Lets the mutex go while it waits.
 */
int queue_wait(uow_db *db, struct waiter *w);

/* A connect has failed, and nothing is left to hope for: tell all. */
void queue_fail(uow_db *db, const uow_error *e);

/* Those who wait have to reckon anew for how long. */
void queue_stir(uow_db *db);

/* One connection less; queue_serve() is next. */
void queue_closed(uow_db *db);

/* -- registry.c -- */

void registry_free(struct mapping_entry *list);

#endif
