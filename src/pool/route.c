/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/route.h"

#include "base/mem.h"

enum { PAUSE_FIRST_USEC = 10000, PAUSE_MAX_USEC = 2000000, SCOUT_REST = 8 };

int route_init(struct route *r, unsigned count, unsigned first,
	       uint64_t failback_usec, uint64_t now)
{
	unsigned i;

	r->count = count ? count : 1;
	r->points = mem_array(r->count, sizeof(*r->points));
	if (!r->points)
		return UOW_ENOMEM;
	for (i = 0; i < r->count; i++)
		r->points[i].doubted = i != first;
	/* Those before it have just refused. */
	r->current = first < r->count ? first : 0;
	r->failback_usec = failback_usec;
	r->failback_at = now + failback_usec;
	r->switches = 0;
	return 0;
}

void route_release(struct route *r)
{
	mem_free(r->points);
	r->points = NULL;
}

static bool may_open(const struct route_point *p, uint64_t now)
{
	return p->retry_at <= now && !(p->doubted && p->opening);
}

int route_choose(const struct route *r, int want, uint64_t now)
{
	const struct route_point *p = &r->points[r->current];
	unsigned i;

	if (want != ROUTE_NONE)
		return may_open(&r->points[want], now) ? want : ROUTE_NONE;
	if (!p->failures || r->count == 1)
		return may_open(p, now) ? (int)r->current : ROUTE_NONE;
	for (i = 0; i < r->count; i++)
		if (r->points[i].opening)
			return ROUTE_NONE;
	for (i = 0; i < r->count; i++)
		if (may_open(&r->points[i], now))
			return (int)i;
	return ROUTE_NONE;
}

int route_scout(const struct route *r, uint64_t now)
{
	unsigned i;

	if (!r->current || now < r->failback_at)
		return ROUTE_NONE;
	for (i = 0; i < r->current; i++)
		if (may_open(&r->points[i], now))
			return (int)i;
	return ROUTE_NONE;
}

bool route_calm(const struct route *r)
{
	return !r->current && !r->points[0].failures;
}

uint64_t route_wake(const struct route *r, uint64_t now)
{
	uint64_t at = UINT64_MAX;
	unsigned i;

	for (i = 0; i < r->count; i++)
		if (r->points[i].retry_at > now && r->points[i].retry_at < at)
			at = r->points[i].retry_at;
	return at;
}

void route_open(struct route *r, unsigned endpoint, uint64_t now)
{
	r->points[endpoint].opening++;
	r->points[endpoint].tried_at = now;
	if (endpoint < r->current)
		r->failback_at = now + r->failback_usec;
}

/* A later endpoint is moved to only while the current one refuses. */
static bool better(const struct route *r, unsigned endpoint)
{
	return endpoint < r->current ||
	       (endpoint > r->current && r->points[r->current].failures);
}

bool route_opened(struct route *r, unsigned endpoint, bool move, uint64_t now)
{
	struct route_point *p = &r->points[endpoint];

	move = move && better(r, endpoint);
	p->opening--;
	p->failures = 0;
	p->retry_at = 0;
	p->doubted = false;
	if (!move)
		return false;
	r->current = endpoint;
	r->failback_at = now + r->failback_usec;
	r->switches++;
	return true;
}

void route_refused(struct route *r, unsigned endpoint, uint64_t now,
		   struct random *random)
{
	struct route_point *p = &r->points[endpoint];
	uint64_t pause = PAUSE_FIRST_USEC;
	unsigned i;

	p->opening--;
	p->doubted = true;
	for (i = 0; i < p->failures && pause < PAUSE_MAX_USEC; i++)
		pause *= 2;
	if (pause > PAUSE_MAX_USEC)
		pause = PAUSE_MAX_USEC;
	p->failures++;
	p->retry_at = now + pause - random_upto(random, pause / 2);
	/* One that lets a unit wait long for its refusal is asked seldom. */
	if (endpoint < r->current)
		r->failback_at = now + r->failback_usec +
				 SCOUT_REST * (now - p->tried_at);
}

void route_gave_up(struct route *r, unsigned endpoint)
{
	r->points[endpoint].opening--;
}

void route_lost(struct route *r, unsigned endpoint, uint64_t db_now)
{
	r->points[endpoint].doubted = true;
	/* 0 means never. */
	r->points[endpoint].lost_at = db_now ? db_now : 1;
}

void route_answered(struct route *r, unsigned endpoint)
{
	r->points[endpoint].doubted = false;
}
