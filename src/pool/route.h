/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_ROUTE_H
#define POOL_ROUTE_H

#include <stdbool.h>
#include <stdint.h>
#include <uow/error.h>
#include "base/random.h"

/*
 * To which endpoint does a new connection go, and when? Decided from what
 * became of earlier ones; no call to the outside, no clock: times are given.
 *
 * One endpoint is the current one: what is lent goes there. When it cannot be
 * connected to, the others are tried in their order, and the first that can
 * becomes current. While an earlier one than the current is hoped for, a
 * single connection is tried there each failback interval (a scout).
 *
 * No storm: an endpoint in doubt, since a connection was lost there or refused
 * and none was good since, is opened to by one at a time; one that has refused
 * only after a pause, doubled each time, of which a random part is taken off.
 */
struct route_point {
	unsigned failures;	/* connects in a row that were refused */
	unsigned opening;	/* connects that are under way */
	bool doubted;
	uint64_t retry_at;	/* real clock; not before */
	uint64_t tried_at;	/* real clock; the last connect began */
	uint64_t lost_at;	/* data source's clock, 0: never */
};

struct route {
	struct route_point *points;
	unsigned count, current;
	unsigned switches;	/* how often current has changed */
	uint64_t failback_usec, failback_at;
};

enum { ROUTE_NONE = -1 };

/* first: the one that has answered already. UOW_ENOMEM. */
int route_init(struct route *r, unsigned count, unsigned first,
	       uint64_t failback_usec, uint64_t now);
void route_release(struct route *r);

/*
 * Where a connection may be opened to now; want: an endpoint, or ROUTE_NONE
 * for any. ROUTE_NONE: nowhere yet.
 */
int route_choose(const struct route *r, int want, uint64_t now);

/* An earlier endpoint whose turn has come to be tried again, or ROUTE_NONE. */
int route_scout(const struct route *r, uint64_t now);

/* Is all as it should be, so that who wants any need not know now? */
bool route_calm(const struct route *r);

/* When a refusal is waited out next, after now; UINT64_MAX: none is. */
uint64_t route_wake(const struct route *r, uint64_t now);

/* A connect begins; it ends by one of the three below. */
void route_open(struct route *r, unsigned endpoint, uint64_t now);
/* move: what comes next may go there, too. True: current has changed. */
bool route_opened(struct route *r, unsigned endpoint, bool move, uint64_t now);
void route_refused(struct route *r, unsigned endpoint, uint64_t now,
		   struct random *random);
/* It failed for a reason that says nothing about the endpoint. */
void route_gave_up(struct route *r, unsigned endpoint);

/* A connection was found dead; a probe of another one was answered. */
void route_lost(struct route *r, unsigned endpoint, uint64_t db_now);
void route_answered(struct route *r, unsigned endpoint);

#endif
