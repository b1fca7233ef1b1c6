/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/slot.h"

#include <assert.h>
#include <string.h>
#include <utlist.h>
#include "base/clock.h"
#include "base/errors.h"
#include "pool/report.h"

/*
 * From a grant to a connection that is good, and back. What a lease does with
 * its grant it does without the mutex; when that comes to nothing it goes back
 * into the queue, to the place that its ticket has.
 */

enum { AGAIN = 1 };

/* When to stop waiting, on the real clock. */
static uint64_t wait_until(const uow_db *db, uint64_t deadline)
{
	uint64_t wait = (uint64_t)db->acquire_timeout_ms * 1000;
	uint64_t left = deadline_left(&db->clock, deadline);

	return clock_now(&clock_system) + (left < wait ? left : wait);
}

static int timed_out(uow_db *db, const struct waiter *w, uow_error *err)
{
	char oldest[REPORT_SIZE];

	if (!deadline_left(&db->clock, w->lease->deadline)) {
		error_set(err, UOW_ETIMEOUT, "the unit's time was up before "
			  "it had a connection");
	} else {
		report_oldest(db, oldest, sizeof(oldest));
		error_set(err, UOW_ETIMEOUT, "none of the pool's %u "
			  "connections was given back within %u ms%s",
			  db->max, db->acquire_timeout_ms, oldest);
	}
	if (w->refusals)
		error_append(err, "; a new one could not be made: %s",
			     w->error.message);
	return UOW_ETIMEOUT;
}

/* -- what was granted -- */

/* It goes; its room stays ours until we are in the queue again. */
static void dismiss(uow_db *db, struct waiter *w, bool dead)
{
	struct pool_slot *s = w->slot;
	unsigned endpoint = s->conn->endpoint;
	uint64_t now = clock_now(&db->clock);

	pthread_mutex_lock(&db->mutex);
	slot_take_leased(db, s);
	db->acquired--;
	if (dead) {
		route_lost(&db->route, endpoint, now);
		db->reconnects++;
		db->lost++;
	} else {
		db->expired++;
	}
	pthread_mutex_unlock(&db->mutex);
	slot_close(s);
	w->has_room = true;
}

/* The text lives as long as the connection: copied before it goes back. */
static int refuse(uow_db *db, struct pool_slot *s, uow_error *err)
{
	uint64_t now = clock_now(&db->clock);

	error_set(err, UOW_ESTATE, "%s", s->conn->refuses);
	pthread_mutex_lock(&db->mutex);
	slot_take_leased(db, s);
	db->acquired--;
	slot_keep(db, s, now);
	queue_serve(db, now);
	pthread_mutex_unlock(&db->mutex);
	return UOW_ESTATE;
}

static int use_slot(uow_db *db, struct waiter *w, struct backend_conn **out,
		    uow_error *err)
{
	struct pool_slot *s = w->slot;
	bool old = w->now >= s->expires;

	if (s->conn->refuses)
		return refuse(db, s, err);
	if (old || s->conn->broken ||
	    !s->conn->ops->alive(s->conn, w->probe)) {
		dismiss(db, w, !old);
		return AGAIN;
	}
	if (w->probe) {
		pthread_mutex_lock(&db->mutex);
		route_answered(&db->route, s->conn->endpoint);
		queue_serve(db, w->now);
		pthread_mutex_unlock(&db->mutex);
	}
	*out = s->conn;
	return 0;
}

/* A connection to w->target, in w->fresh; or w->error. */
static int connect_target(uow_db *db, struct waiter *w)
{
	struct backend *b = db->backend;
	struct pool_slot *s = slot_new();
	int rc;

	if (s)
		rc = b->ops->connect(b, w->target, &s->conn, &w->error);
	else
		rc = error_nomem(&w->error);
	if (rc && s)
		slot_close(s);
	w->fresh = rc ? NULL : s;
	return rc;
}

/* w->fresh is the lease's; what goes elsewhere than it now is given up. */
static void take_fresh(uow_db *db, struct waiter *w, struct backend_conn **out)
{
	uint64_t now = clock_now(&db->clock);
	struct pool_slot *strangers = NULL;
	bool move = w->lease->endpoint == LEASE_ANY;

	*out = w->fresh->conn;
	pthread_mutex_lock(&db->mutex);
	slot_opened(db, w->fresh, now);
	slot_lend(db, w->fresh, w->lease, now);
	db->acquired++;
	if (route_opened(&db->route, w->target, move,
			 clock_now(&clock_system)))
		strangers = slots_cut_strangers(db);
	queue_serve(db, now);
	pthread_mutex_unlock(&db->mutex);
	slots_close(strangers);
}

/* With the mutex held. */
static void not_opened(uow_db *db, struct waiter *w, int rc)
{
	if (rc == UOW_ECONNECT)
		route_refused(&db->route, w->target, clock_now(&clock_system),
			      &db->random);
	else
		route_gave_up(&db->route, w->target);
	/* Those who wait for this pause do not know of it yet. */
	queue_stir(db);
}

/*
 * A connect that has failed is the answer where nothing else is to be hoped
 * for: no endpoint that was not tried, no connection but this one. It
 * is the answer to all who wait then: each of them trying by itself would be
 * a storm, and the last one's answer late.
 */
static bool is_answer(uow_db *db, const struct waiter *w, int rc)
{
	if (rc != UOW_ECONNECT || w->lease->endpoint != LEASE_ANY)
		return true;
	if (db->open > 1 || w->refusals < db->route.count)
		return false;
	queue_fail(db, &w->error);
	return true;
}

static int use_open(uow_db *db, struct waiter *w, struct backend_conn **out,
		    uow_error *err)
{
	bool answer;
	int rc;

	if (w->slot)
		slot_close(w->slot);
	rc = connect_target(db, w);
	if (!rc) {
		take_fresh(db, w, out);
		return 0;
	}
	pthread_mutex_lock(&db->mutex);
	w->refusals++;
	not_opened(db, w, rc);
	answer = is_answer(db, w, rc);
	if (answer) {
		queue_closed(db);
		queue_serve(db, w->now);
	}
	w->has_room = !answer;
	pthread_mutex_unlock(&db->mutex);
	if (!answer)
		return AGAIN;
	*err = w->error;
	return rc;
}

static int use_scout(uow_db *db, struct waiter *w, struct backend_conn **out,
		     uow_error *err)
{
	struct pool_slot *other = w->slot;
	int rc = connect_target(db, w);

	if (!rc) {
		take_fresh(db, w, out);
		if (other)
			slot_close(other);
		return 0;
	}
	pthread_mutex_lock(&db->mutex);
	not_opened(db, w, rc);
	if (other)
		slot_lend(db, other, w->lease, w->now);
	w->has_room = !other;
	db->acquired += other != NULL;
	pthread_mutex_unlock(&db->mutex);
	return other ? use_slot(db, w, out, err) : AGAIN;
}

static int use(uow_db *db, struct waiter *w, struct backend_conn **out,
	       uow_error *err)
{
	switch (w->grant) {
	case GRANT_SLOT:
		return use_slot(db, w, out, err);
	case GRANT_OPEN:
		return use_open(db, w, out, err);
	case GRANT_SCOUT:
		return use_scout(db, w, out, err);
	case GRANT_ERROR:
		*err = w->error;
		return err->code;
	case GRANT_ENDED:
		return error_set(err, UOW_ESTATE,
				 "the data source has been freed");
	case GRANT_NOTHING:
		break;
	}
	if (w->canceled)
		return error_set(err, UOW_ECANCELED, "the unit was canceled "
				 "while it waited for a connection");
	return timed_out(db, w, err);
}

static int lease(uow_db *db, struct waiter *w, struct backend_conn **out,
		 uow_error *err)
{
	struct pool_slot *expired;
	int rc;

	do {
		w->now = clock_now(&db->clock);
		pthread_mutex_lock(&db->mutex);
		if (w->has_room)
			queue_closed(db);
		w->has_room = false;
		rc = queue_wait(db, w);
		expired = slots_cut_expired(db, w->now);
		pthread_mutex_unlock(&db->mutex);
		slots_close(expired);
		if (rc) {
			*err = w->error;
			return rc;
		}
		rc = use(db, w, out, err);
	} while (rc == AGAIN);
	return rc;
}

int db_lease(uow_db *db, const struct lease *l, struct backend_conn **out,
	     uow_error *err)
{
	uow_error e = UOW_ERROR_INIT;
	struct waiter w;
	int rc = db_check_process(db, err);

	if (rc)
		return rc;
	memset(&w, 0, sizeof(w));
	w.lease = l;
	/* First of all: uow_db_free() may come while this waits. */
	db_reference(db);
	w.until = wait_until(db, l->deadline);
	if (l->endpoint >= (int)db->route.count)
		rc = error_set(&e, UOW_EINVAL, "there is no endpoint %d",
			       l->endpoint);
	else if (!deadline_left(&db->clock, l->deadline))
		rc = timed_out(db, &w, &e);
	else
		rc = lease(db, &w, out, &e);
	if (!rc)
		return 0;
	db_release(db);
	if (err)
		*err = e;
	return rc;
}

/* -- giving back -- */

static void count_statements(uow_db *db, struct backend_conn *c)
{
	db->statements += c->statements;
	db->statement_hits += c->statement_hits;
	c->statements = 0;
	c->statement_hits = 0;
}

/* With the mutex held: is it to be lent again? */
static bool is_kept(uow_db *db, const struct pool_slot *s, uint64_t now)
{
	const struct backend_conn *c = s->conn;

	if (c->broken) {
		route_lost(&db->route, c->endpoint, now);
		db->lost++;
	}
	if (db->ended)
		return false;
	if (c->refuses)
		return true;
	if (c->broken || c->endpoint != db->route.current)
		return false;
	if (now >= s->expires)
		db->expired++;
	return now < s->expires;
}

static void close_given_back(uow_db *db, struct pool_slot *s)
{
	uint64_t now = s->since;

	slot_close(s);
	pthread_mutex_lock(&db->mutex);
	queue_closed(db);
	queue_serve(db, now);
	pthread_mutex_unlock(&db->mutex);
}

void db_return(uow_db *db, struct backend_conn *c)
{
	struct pool_slot *s, *expired;
	uint64_t now;
	bool kept;

	/* In a child it may be freed already, and is the parent's anyway. */
	if (!db_inherited(db)) {
		s = c->slot;
		assert(s && s->conn == c);
		now = clock_now(&db->clock);
		pthread_mutex_lock(&db->mutex);
		count_statements(db, c);
		slot_take_leased(db, s);
		kept = is_kept(db, s, now);
		s->since = now;
		if (kept) {
			slot_keep(db, s, now);
			queue_serve(db, now);
		}
		expired = slots_cut_expired(db, now);
		pthread_mutex_unlock(&db->mutex);
		slots_close(expired);
		if (!kept)
			close_given_back(db, s);
	}
	db_release(db);
}

/* A refusal inside of that transaction was about that transaction. */
void db_caller_ended(uow_db *db)
{
	struct pool_slot *s;

	if (!db_lock(db))
		return;
	DL_FOREACH(db->idle, s)
		if (s->conn->joined)
			s->conn->refuses = NULL;
	db_unlock(db);
}
