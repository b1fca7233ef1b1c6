/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/db.h"

#include <assert.h>
#include <errno.h>
#include <time.h>
#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "pool/idle.h"

enum {
	USEC = 1000000,
	PROBE_AFTER_SEC = 30	/* idle for longer: ask before handing out */
};

/*
 * -- lists; with the mutex held --
 *
 * now is asked for before: the clock may be the program's.
 */

static struct pool_idle *pop(struct pool_idle **list)
{
	struct pool_idle *n = *list;

	*list = n->next;
	n->next = NULL;
	return n;
}

static void push(struct pool_idle **list, struct pool_idle *n)
{
	n->next = *list;
	*list = n;
}

static void keep_idle(uow_db *db, struct backend_conn *c, uint64_t now)
{
	struct pool_idle *n = pop(&db->spare);

	n->conn = c;
	n->since = now;
	push(&db->idle, n);
	db->idle_count++;
}

static struct backend_conn *take_idle(uow_db *db, uint64_t now,
				      uint64_t *idle_usec)
{
	struct pool_idle *n = pop(&db->idle);
	struct backend_conn *c = n->conn;

	*idle_usec = now > n->since ? now - n->since : 0;
	/* What took the other one may have taken this one, too. */
	if (db->lost_at && n->since <= db->lost_at)
		*idle_usec = UINT64_MAX;
	n->conn = NULL;
	push(&db->spare, n);
	db->idle_count--;
	return c;
}

/*
 * Cut off those that have been idle for too long. The list is in order of
 * age, so they are its end. What refuses stays.
 */
static struct pool_idle *cut_expired(uow_db *db, uint64_t now)
{
	uint64_t limit = (uint64_t)db->idle_timeout_ms * 1000;
	struct pool_idle **at = &db->idle, *expired, *n;

	while (*at && ((*at)->conn->refuses || now < (*at)->since ||
		       now - (*at)->since <= limit))
		at = &(*at)->next;
	expired = *at;
	*at = NULL;
	for (n = expired; n; n = n->next) {
		db->idle_count--;
		db->open--;
	}
	return expired;
}

/* One connection less; its node goes with it. */
static struct pool_idle *drop_slot(uow_db *db)
{
	db->open--;
	pthread_cond_signal(&db->returned);
	return pop(&db->spare);
}

/* -- without the mutex -- */

void idle_free(struct pool_idle *list)
{
	while (list) {
		struct pool_idle *next = list->next;

		mem_free(list);
		list = next;
	}
}

void idle_close(struct pool_idle *list)
{
	struct pool_idle *n;

	for (n = list; n; n = n->next)
		n->conn->ops->disconnect(n->conn);
	idle_free(list);
}

static void close_leased(uow_db *db, struct backend_conn *c)
{
	struct pool_idle *node;

	c->ops->disconnect(c);
	pthread_mutex_lock(&db->mutex);
	node = drop_slot(db);
	pthread_mutex_unlock(&db->mutex);
	idle_free(node);
}

/* A slot has been taken (open counts it): fill it, or give it back. */
static int connect_slot(uow_db *db, struct backend_conn **out,
			uow_error *err)
{
	struct pool_idle *node = mem_alloc(sizeof(*node));
	uow_error e = UOW_ERROR_INIT;
	int rc;

	if (node)
		rc = db->backend->ops->connect(db->backend,
						db->backend->endpoint, out,
						&e);
	else
		rc = error_nomem(&e);
	pthread_mutex_lock(&db->mutex);
	if (!rc) {
		push(&db->spare, node);
	} else {
		db->open--;
		pthread_cond_signal(&db->returned);
	}
	pthread_mutex_unlock(&db->mutex);
	if (!rc)
		return 0;
	mem_free(node);
	if (err)
		*err = e;
	return rc;
}

/* Before anybody else knows db: needs no mutex. */
int idle_open(uow_db *db, uow_error *err)
{
	struct backend_conn *c = NULL;
	int rc;

	db->open++;
	rc = connect_slot(db, &c, err);
	if (!rc)
		keep_idle(db, c, clock_now(&db->clock));
	return rc;
}

/* -- waiting -- */

static struct timespec to_timespec(uint64_t usec)
{
	struct timespec ts;

	ts.tv_sec = (time_t)(usec / USEC);
	ts.tv_nsec = (long)(usec % USEC) * 1000;
	return ts;
}

/* When to stop waiting, on the real clock. */
static uint64_t wait_until(const uow_db *db, uint64_t deadline)
{
	uint64_t wait = (uint64_t)db->acquire_timeout_ms * 1000;
	uint64_t left = deadline_left(&db->clock, deadline);

	return clock_now(&clock_system) + (left < wait ? left : wait);
}

/* With the mutex held. False: no use in waiting any longer. */
static bool wait_returned(uow_db *db, uint64_t until)
{
	struct timespec ts = to_timespec(until);
	int rc;

	db->waiting++;
	rc = pthread_cond_timedwait(&db->returned, &db->mutex, &ts);
	db->waiting--;
	return rc != ETIMEDOUT;
}

static int timed_out(const uow_db *db, uint64_t deadline, uow_error *err)
{
	if (!deadline_left(&db->clock, deadline))
		return error_set(err, UOW_ETIMEOUT,
				 "the unit's time was up before it had a "
				 "connection");
	return error_set(err, UOW_ETIMEOUT,
			 "none of the pool's %u connections was given back "
			 "within %u ms", db->max, db->acquire_timeout_ms);
}

/* -- leasing -- */

enum found { FOUND_IDLE, FOUND_SLOT, FOUND_NONE, FOUND_ENDED };

/* With the mutex held, which is let go while waiting. */
static enum found find(uow_db *db, uint64_t until)
{
	bool in_time = true;

	for (;;) {
		if (db->ended)
			return FOUND_ENDED;
		if (db->idle)
			return FOUND_IDLE;
		if (db->open < db->max)
			return FOUND_SLOT;
		if (!in_time)
			return FOUND_NONE;
		in_time = wait_returned(db, until);
	}
}

/*
 * *out is a connection whose state is to be looked at, or NULL: a slot was
 * taken, to be filled with a new one.
 */
static int obtain(uow_db *db, uint64_t deadline, uint64_t until,
		  struct backend_conn **out, uint64_t *idle_usec,
		  uow_error *err)
{
	uint64_t now = clock_now(&db->clock);
	struct pool_idle *expired;
	enum found found;

	pthread_mutex_lock(&db->mutex);
	expired = cut_expired(db, now);
	found = find(db, until);
	*out = NULL;
	if (found == FOUND_IDLE)
		*out = take_idle(db, now, idle_usec);
	else if (found == FOUND_SLOT)
		db->open++;
	else if (found == FOUND_NONE)
		db->timeouts++;
	pthread_mutex_unlock(&db->mutex);
	idle_close(expired);
	if (found == FOUND_ENDED)
		return error_set(err, UOW_ESTATE,
				 "the data source has been freed");
	if (found == FOUND_NONE)
		return timed_out(db, deadline, err);
	return 0;
}

/* The text lives as long as the connection: copied before it goes back. */
static int refuse(uow_db *db, struct backend_conn *c, uow_error *err)
{
	uint64_t now = clock_now(&db->clock);

	error_set(err, UOW_ESTATE, "%s", c->refuses);
	pthread_mutex_lock(&db->mutex);
	keep_idle(db, c, now);
	pthread_cond_signal(&db->returned);
	pthread_mutex_unlock(&db->mutex);
	return UOW_ESTATE;
}

static bool good(struct backend_conn *c, uint64_t idle_usec)
{
	bool probe = idle_usec > (uint64_t)PROBE_AFTER_SEC * USEC;

	return !c->broken && c->ops->alive(c, probe);
}

static int lease(uow_db *db, const struct lease *l, struct backend_conn **out,
		 uow_error *err)
{
	uint64_t deadline = l->deadline;
	uint64_t until = wait_until(db, deadline), idle_usec = 0, now;
	struct backend_conn *c;
	int rc;

	if (!deadline_left(&db->clock, deadline))
		return timed_out(db, deadline, err);
	for (;;) {
		rc = obtain(db, deadline, until, &c, &idle_usec, err);
		if (rc)
			return rc;
		if (!c)
			return connect_slot(db, out, err);
		if (c->refuses)
			return refuse(db, c, err);
		if (good(c, idle_usec)) {
			*out = c;
			return 0;
		}
		close_leased(db, c);
		now = clock_now(&db->clock);
		pthread_mutex_lock(&db->mutex);
		db->lost_at = now;
		db->reconnects++;
		pthread_mutex_unlock(&db->mutex);
	}
}

int db_lease(uow_db *db, const struct lease *l, struct backend_conn **out,
	     uow_error *err)
{
	int rc;

	/* First of all: uow_db_free() may come while this waits. */
	db_reference(db);
	rc = lease(db, l, out, err);
	if (rc) {
		db_release(db);
		return rc;
	}
	pthread_mutex_lock(&db->mutex);
	db->acquired++;
	pthread_mutex_unlock(&db->mutex);
	return 0;
}

static void count_statements(uow_db *db, struct backend_conn *c)
{
	db->statements += c->statements;
	db->statement_hits += c->statement_hits;
	c->statements = 0;
	c->statement_hits = 0;
}

void db_return(uow_db *db, struct backend_conn *c)
{
	uint64_t now = clock_now(&db->clock);
	struct pool_idle *expired;
	bool keep;

	assert(c);
	pthread_mutex_lock(&db->mutex);
	count_statements(db, c);
	if (c->broken)
		db->lost_at = now;
	keep = !db->ended && (!c->broken || c->refuses);
	if (keep) {
		keep_idle(db, c, now);
		pthread_cond_signal(&db->returned);
	}
	expired = cut_expired(db, now);
	pthread_mutex_unlock(&db->mutex);
	idle_close(expired);
	if (!keep)
		close_leased(db, c);
	db_release(db);
}

/* A refusal inside of that transaction was about that transaction. */
void db_caller_ended(uow_db *db)
{
	struct pool_idle *n;

	pthread_mutex_lock(&db->mutex);
	for (n = db->idle; n; n = n->next)
		if (n->conn->joined)
			n->conn->refuses = NULL;
	pthread_mutex_unlock(&db->mutex);
}
