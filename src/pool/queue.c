/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/slot.h"

#include <assert.h>
#include <errno.h>
#include <time.h>
#include <utlist.h>
#include "base/clock.h"
#include "base/errors.h"

/*
 * Who gets what comes free. Connections are handed over, not raced for: the
 * one that has waited longest is granted it by whoever gives it back, so that
 * nobody who comes later is faster. Everybody sleeps on a condition of their
 * own; one for all would wake all for each connection.
 */

enum {
	USEC = 1000000,
	LOOK_USEC = 20000	/* between two looks at a canceler */
};

static int by_ticket(const struct waiter *a, const struct waiter *b)
{
	return a->ticket < b->ticket ? -1 : a->ticket > b->ticket;
}

static void grant(uow_db *db, struct waiter *w, enum grant what)
{
	w->grant = what;
	DL_DELETE(db->waiters, w);
	db->waiting--;
	if (w->sleeps)
		pthread_cond_signal(&w->granted);
}

/* What took another one may have taken this one, too. */
static bool is_doubtful(const uow_db *db, const struct pool_slot *s,
			uint64_t now)
{
	uint64_t lost_at = db->route.points[s->conn->endpoint].lost_at;

	if (lost_at && s->since <= lost_at)
		return true;
	return now > s->since &&
	       now - s->since > (uint64_t)db->probe_ms * 1000;
}

static bool grant_slot(uow_db *db, struct waiter *w, struct pool_slot *s,
		       uint64_t now)
{
	w->slot = s;
	w->now = now;
	w->probe = is_doubtful(db, s, now);
	slot_lend(db, s, w->lease, now);
	db->acquired++;
	grant(db, w, GRANT_SLOT);
	return true;
}

/*
 * Tried while there is something to fall back on, or room. The one who is sent
 * waits for as long as the endpoint takes to answer or to refuse.
 */
static bool grant_scout(uow_db *db, struct waiter *w, uint64_t now,
			uint64_t real)
{
	int target = route_scout(&db->route, real);

	if (target == ROUTE_NONE || (!db->idle && db->open >= db->max))
		return false;
	/* A connect may take long: not with the last one that others need. */
	if (db->open >= db->max && db->max > 1 && db->idle_count < 2)
		return false;
	w->slot = slot_take_idle(db, db->route.current);
	if (w->slot)
		w->probe = is_doubtful(db, w->slot, now);
	else
		db->open++;
	w->now = now;
	w->target = (unsigned)target;
	route_open(&db->route, w->target, real);
	grant(db, w, GRANT_SCOUT);
	return true;
}

static bool grant_open(uow_db *db, struct waiter *w, uint64_t real)
{
	int target = route_choose(&db->route, w->lease->endpoint, real);

	if (target == ROUTE_NONE)
		return false;
	w->slot = NULL;
	if (db->open >= db->max) {
		w->slot = slot_take_other(db, (unsigned)target);
		if (!w->slot)
			return false;
	} else {
		db->open++;
	}
	w->target = (unsigned)target;
	route_open(&db->route, w->target, real);
	grant(db, w, GRANT_OPEN);
	return true;
}

static bool serve(uow_db *db, struct waiter *w, uint64_t now)
{
	bool any = w->lease->endpoint == LEASE_ANY;
	uint64_t real = 0;
	struct pool_slot *s;

	if (!any || !route_calm(&db->route))
		real = clock_now(&clock_system);
	if (any && grant_scout(db, w, now, real))
		return true;
	s = slot_take_idle(db, any ? db->route.current :
				     (unsigned)w->lease->endpoint);
	return s ? grant_slot(db, w, s, now) : grant_open(db, w, real);
}

void queue_serve(uow_db *db, uint64_t now)
{
	struct waiter *w, *next;
	bool none = false;	/* for those to whom any would do */

	for (w = db->waiters; w; w = next) {
		next = w->next;
		if (db->ended)
			grant(db, w, GRANT_ENDED);
		else if (w->lease->endpoint != LEASE_ANY)
			serve(db, w, now);
		else if (!none)
			none = !serve(db, w, now);
	}
}

void queue_fail(uow_db *db, const uow_error *e)
{
	struct waiter *w, *next;

	for (w = db->waiters; w; w = next) {
		next = w->next;
		if (w->lease->endpoint != LEASE_ANY)
			continue;
		w->error = *e;
		grant(db, w, GRANT_ERROR);
	}
}

void queue_stir(uow_db *db)
{
	struct waiter *w;

	DL_FOREACH(db->waiters, w)
		if (w->sleeps)
			pthread_cond_signal(&w->granted);
}

void queue_closed(uow_db *db)
{
	db->open--;
	if (db->ended && !db->open)
		pthread_cond_broadcast(&db->drained);
}

static struct timespec to_timespec(uint64_t usec)
{
	struct timespec ts;

	ts.tv_sec = (time_t)(usec / USEC);
	ts.tv_nsec = (long)(usec % USEC) * 1000;
	return ts;
}

static void enter(uow_db *db, struct waiter *w)
{
	w->grant = GRANT_NOTHING;
	if (!w->ticket)
		w->ticket = ++db->tickets;
	DL_INSERT_INORDER(db->waiters, w, by_ticket);
	db->waiting++;
}

static void leave(uow_db *db, struct waiter *w)
{
	DL_DELETE(db->waiters, w);
	db->waiting--;
}

/*
 * Until something is granted, a pause is over, or the time is up. A signal
 * handler that cancels can wake nobody, so the canceler is looked at.
 */
static void sleep_once(uow_db *db, struct waiter *w)
{
	uint64_t now = clock_now(&clock_system);
	uint64_t wake = route_wake(&db->route, now);
	struct timespec ts;

	if (wake > w->until)
		wake = w->until;
	if (w->lease->canceler && wake > now + LOOK_USEC)
		wake = now + LOOK_USEC;
	ts = to_timespec(wake);
	pthread_cond_timedwait(&w->granted, &db->mutex, &ts);
}

static int sleep_until_granted(uow_db *db, struct waiter *w)
{
	if (pthread_cond_init(&w->granted, &db->real_time))
		return error_nomem(&w->error);
	w->sleeps = true;
	for (;;) {
		sleep_once(db, w);
		if (w->grant)
			break;
		w->canceled = uow_canceler_is_set(w->lease->canceler);
		if (w->canceled)
			break;
		/* Somebody's pause may be over: the first has it. */
		queue_serve(db, w->now);
		if (w->grant || clock_now(&clock_system) >= w->until)
			break;
	}
	w->sleeps = false;
	pthread_cond_destroy(&w->granted);
	return 0;
}

static void count_wait(uow_db *db, uint64_t usec)
{
	db->waits++;
	db->wait_usec += usec;
	if (usec > db->wait_max_usec)
		db->wait_max_usec = usec;
}

int queue_wait(uow_db *db, struct waiter *w)
{
	uint64_t began;
	int rc;

	enter(db, w);
	queue_serve(db, w->now);
	if (w->grant)
		return 0;
	began = clock_now(&clock_system);
	rc = began < w->until ? sleep_until_granted(db, w) : 0;
	count_wait(db, clock_now(&clock_system) - began);
	if (!w->grant) {
		leave(db, w);
		if (!rc && !w->canceled)
			db->timeouts++;
	}
	return rc;
}
