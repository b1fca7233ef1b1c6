/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_DB_H
#define POOL_DB_H

#include <pthread.h>
#include <uow/unit.h>
#include "backend/backend.h"

/*
 * A data source: a backend, its connections, the mappings seen so far, and
 * hooks for every unit. Reference counted: the program's handle holds one,
 * every lease one, every unit one; the last to go frees it.
 *
 * Invariants: idle + leased + opening == open <= max; a connection is in the
 * idle list or leased, never both; nothing is called (backend, hook) with the
 * mutex held. For every open connection there is one pool_idle, in idle or in
 * spare, so that giving back cannot fail.
 *
 * Ages are measured on the data source's clock. Waiting for a connection is
 * real time whatever that clock says: a condition variable knows no other.
 */
struct mapping_entry;
struct pool_idle;
struct db_commits;

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
	unsigned max, acquire_timeout_ms, idle_timeout_ms;

	pthread_mutex_t mutex;
	pthread_cond_t returned;
	struct pool_idle *idle;		/* most recently used first */
	struct pool_idle *spare;	/* of connections that are not idle */
	unsigned open, idle_count, waiting;
	size_t references;
	bool ended;			/* uow_db_free() was called */
	uint64_t lost_at;		/* when the last one was lost, or 0 */
	uint64_t acquired, timeouts, reconnects;
	uint64_t statements, statement_hits;	/* added when given back */
	uint64_t seed;			/* of jitter */

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
};

/* Takes the backend over, on failure as well. Opens o->min connections. */
int db_new(uow_db **out, struct backend *b, const struct db_options *o,
	   uow_error *err);

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
};

#define LEASE_INIT { UINT64_MAX, LEASE_ANY, "", NULL }

/*
 * Lease a connection, waiting until the deadline or the acquire timeout;
 * (*out)->endpoint says where it goes to. Codes: UOW_ETIMEOUT, UOW_ESTATE
 * (ended), and what connecting gives.
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
