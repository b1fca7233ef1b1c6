/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_DB_H
#define POOL_DB_H

#include <pthread.h>
#include <uow/unit.h>
#include "backend/backend.h"
#include "base/random.h"
#include "pool/route.h"

/*
 * A data source: a backend, its connections, the mappings seen so far, and
 * hooks for every unit. Reference counted: the program's handle holds one,
 * every lease one, every unit one; the last to go frees it.
 *
 * Invariants: idle + leased + being opened or closed == open <= max; nothing
 * of others (backend, hook, the program's clock) is called with the mutex
 * held. slot.h has what a connection and a waiter are, route.h the endpoints.
 *
 * Ages are measured on the data source's clock. Waiting for a connection is
 * real time whatever that clock says: a condition variable knows no other.
 *
 * After fork() the child has the memory, and its parent the connections. What
 * the child may do with a data source that it has inherited is to free it:
 * no call of the backend's goes out, and the mutex is only tried, since who
 * held it at fork() is not there to let it go.
 */
struct mapping_entry;
struct pool_slot;
struct waiter;
struct db_commits;
struct watchdog;

struct db_hook {
	uow_event event;
	uow_fn fn;
	void *arg;
	struct db_hook *next;
};

struct db_row_hook {
	const uow_entity *entity;	/* NULL: all */
	uow_row_event event;
	uow_row_hook fn;
	void *arg;
	struct db_row_hook *next;
};

struct uow_db {
	struct backend *backend;	/* owned */
	uow_clock clock;
	unsigned min, max, acquire_timeout_ms, idle_timeout_ms;
	unsigned lifetime_ms, probe_ms;
	long process;			/* that has opened it */
	unsigned forks;			/* fork_count() then */

	pthread_mutex_t mutex;
	pthread_condattr_t real_time;
	pthread_cond_t drained;		/* open == 0 after the end */
	struct pool_slot *idle;		/* most recently used first */
	struct pool_slot *leased;	/* longest leased first */
	struct waiter *waiters;		/* longest waiting first */
	unsigned open, idle_count, leased_count, waiting;
	uint64_t tickets;
	struct route route;
	struct random random;		/* jitter */
	size_t references;
	bool ended;			/* uow_db_free() was called */
	uint64_t acquired, timeouts, reconnects, opened, lost, expired;
	uint64_t waits, wait_usec, wait_max_usec;
	uint64_t statements, statement_hits;	/* added when given back */

	struct watchdog *watchdog;	/* watchdog.h; NULL: not needed yet */

	struct mapping_entry *mappings;
	struct db_commits *commits;	/* pool/commits.h, or NULL */

	/* Registered before the handle is shared: read without the mutex. */
	struct db_hook *hooks, **hooks_end;
	struct db_row_hook *row_hooks, **row_hooks_end;

	/* Units that wait for the end of a caller's transaction. */
	void *waiting_units;
	void (*drop_waiting)(struct uow_db *db);
};

/* 0 takes the default of uow_db_options. */
struct db_options {
	unsigned min, max, acquire_timeout_ms, idle_timeout_ms;
	const uow_clock *clock;
	unsigned lifetime_ms, probe_ms, failback_ms;
};

/* Takes the backend over, on failure as well. Opens o->min connections. */
int db_new(uow_db **out, struct backend *b, const struct db_options *o,
	   uow_error *err);

/* Is this the child of the process that has opened it? */
bool db_inherited(const uow_db *db);
/* UOW_ESTATE if so, with words. */
int db_check_process(const uow_db *db, uow_error *err);

/* False: it cannot be had, and never will be. */
bool db_lock(uow_db *db);
void db_unlock(uow_db *db);

/* Keep db for longer than its handle. */
void db_reference(uow_db *db);
void db_release(uow_db *db);

/* Evenly in 0..limit, from a generator of this data source. */
uint64_t db_jitter(uow_db *db, uint64_t limit);

/*
 * What is asked of the pool. endpoint: LEASE_ANY, or the only one that will
 * do, because what is to be looked at is there. name and place (file:line of
 * the program, or NULL) are for reports, and borrowed until db_return().
 */
enum { LEASE_ANY = -1 };

struct lease {
	uint64_t deadline;
	int endpoint;
	const char *name, *place;
	const uow_canceler *canceler;	/* ends the wait, or NULL */
};

#define LEASE_INIT { UINT64_MAX, LEASE_ANY, "", NULL, NULL }

/*
 * Lease a connection, waiting until the deadline or the acquire timeout;
 * (*out)->endpoint says where it goes to. Codes: UOW_ETIMEOUT, UOW_ECANCELED,
 * UOW_ESTATE (ended), and what connecting gives.
 */
int db_lease(uow_db *db, const struct lease *l, struct backend_conn **out,
	     uow_error *err);

/*
 * Give it back: kept if it is not broken, else closed. One that refuses is
 * kept whatever it is, so that the refusal is not forgotten.
 */
void db_return(uow_db *db, struct backend_conn *c);

/* The caller of an adopted connection has ended his own transaction. */
void db_caller_ended(uow_db *db);

/* The validated mapping, made once and kept. UOW_ECONFIG, UOW_ENOMEM. */
int db_mapping(uow_db *db, const uow_entity *e, const struct mapping **out,
	       uow_error *err);

#endif
