/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/session.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"

/*
 * Row locks. Who cannot have one stands in one line for all records; a lock
 * that is let go is given to the first in line that can have it, so nobody
 * overtakes and nobody starves. Who holds a weaker lock on the record already
 * goes to the front: those behind would wait for him anyhow.
 *
 * Whoever would close a circle of waiting sessions does not wait but gives up
 * (UOW_EDEADLOCK). Two units of one thread make no circle: there only time
 * helps.
 */
enum { STEP_USEC = 1000, USEC = 1000000 };

static struct record *record_of(const struct wait *w)
{
	return table_record(w->table, w->record);
}

static bool conflict(enum hold_mode a, enum hold_mode b)
{
	if (a == HOLD_NONE || b == HOLD_NONE)
		return false;
	return a == HOLD_ALL || b == HOLD_ALL ||
	       (a == HOLD_UPDATE && b == HOLD_UPDATE);
}

static bool same_record(const struct session *s, const struct table *t,
			uint32_t record)
{
	return s->wait.record == record && s->wait.table == t;
}

static struct hold *find(const struct session *s, const struct record *r)
{
	struct hold *h;

	for (h = r->u.holds; h; h = h->next)
		if (h->by == s)
			return h;
	return NULL;
}

enum hold_mode lock_mode(const struct session *s, const struct table *t,
			 uint32_t record)
{
	const struct hold *h = find(s, table_record(t, record));

	return h ? h->mode : HOLD_NONE;
}

static bool held_by_others(const struct session *s, const struct record *r,
			   enum hold_mode mode)
{
	const struct hold *h;

	for (h = r->u.holds; h; h = h->next)
		if (h->by != s && conflict(h->mode, mode))
			return true;
	return false;
}

/* Does somebody in line before end (NULL: anybody) want it? */
static bool wanted(const struct store *st, const struct table *t,
		   uint32_t record, enum hold_mode mode,
		   const struct session *end)
{
	const struct session *s;

	for (s = st->first_waiting; s && s != end; s = s->wait.next)
		if (same_record(s, t, record) && conflict(s->wait.mode, mode))
			return true;
	return false;
}

static struct hold *hold_new(struct store *st)
{
	struct hold *h = st->free_holds;

	if (!h)
		return mem_alloc(sizeof(*h));
	st->free_holds = h->next;
	st->free_hold_count--;
	return h;
}

static void hold_free(struct store *st, struct hold *h)
{
	if (h && st->free_hold_count == KEPT) {
		mem_free(h);
	} else if (h) {
		h->next = st->free_holds;
		st->free_holds = h;
		st->free_hold_count++;
	}
}

static void give(struct session *s, struct hold *h, struct table *t,
		 uint32_t record, enum hold_mode mode)
{
	struct record *r = table_record(t, record);

	h->by = s;
	h->table = t;
	h->record = record;
	h->mode = mode;
	h->next = r->u.holds;
	r->u.holds = h;
	h->before = s->holds;
	s->holds = h;
}

static int blocked(struct session *s, struct table *t, uint32_t record,
		   enum hold_mode mode)
{
	s->wait.table = t;
	s->wait.record = record;
	s->wait.mode = mode;
	return BLOCKED;
}

int lock_await(struct session *s, struct table *t, uint32_t record)
{
	return blocked(s, t, record, HOLD_NONE);
}

int lock_take(struct session *s, struct table *t, uint32_t record,
	      enum hold_mode mode)
{
	struct record *r = table_record(t, record);
	struct hold *own = find(s, r);

	if (own && own->mode >= mode)
		return 0;
	if (held_by_others(s, r, mode) ||
	    (!own && wanted(s->store, t, record, mode, NULL)))
		return blocked(s, t, record, mode);
	if (own) {
		own->mode = mode;
		return 0;
	}
	own = hold_new(s->store);
	if (!own)
		return UOW_ENOMEM;
	give(s, own, t, record, mode);
	return 0;
}

/* -- the line -- */

static void leave_line(struct session *s)
{
	struct store *st = s->store;

	if (s->wait.next)
		s->wait.next->wait.previous = s->wait.previous;
	else
		st->last_waiting = s->wait.previous;
	if (s->wait.previous)
		s->wait.previous->wait.next = s->wait.next;
	else
		st->first_waiting = s->wait.next;
	s->wait.next = s->wait.previous = NULL;
}

static void enter_line(struct session *s, bool in_front)
{
	struct store *st = s->store;

	s->wait.state = WAIT_IN_LINE;
	s->wait.next = in_front ? st->first_waiting : NULL;
	s->wait.previous = in_front ? NULL : st->last_waiting;
	if (s->wait.next)
		s->wait.next->wait.previous = s;
	else
		st->last_waiting = s;
	if (s->wait.previous)
		s->wait.previous->wait.next = s;
	else
		st->first_waiting = s;
}

static void wake(struct session *s)
{
	leave_line(s);
	s->wait.state = WAIT_OVER;
	pthread_cond_signal(&s->wait.over);
}

static bool grant(struct session *s)
{
	struct wait *w = &s->wait;
	struct hold *own = find(s, record_of(w));

	if (held_by_others(s, record_of(w), w->mode) ||
	    (!own && wanted(s->store, w->table, w->record, w->mode, s)))
		return false;
	if (own)
		own->mode = w->mode;
	else
		give(s, w->hold, w->table, w->record, w->mode);
	if (!own)
		w->hold = NULL;
	return true;
}

/* Somebody has let go of this record. */
static void serve_line(struct store *st, const struct table *t,
		       uint32_t record)
{
	struct session *s, *next;

	for (s = st->first_waiting; s; s = next) {
		next = s->wait.next;
		if (same_record(s, t, record) &&
		    (s->wait.mode == HOLD_NONE || grant(s)))
			wake(s);
	}
}

static void unlink_hold(struct hold *h)
{
	struct hold **at = &table_record(h->table, h->record)->u.holds;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
}

void lock_release(struct session *s, const struct hold *until)
{
	struct store *st = s->store;
	struct hold *h;

	while (s->holds != until) {
		h = s->holds;
		s->holds = h->before;
		unlink_hold(h);
		if (st->first_waiting)
			serve_line(st, h->table, h->record);
		record_settle(h->table, h->record);
		hold_free(st, h);
	}
}

/* -- circles -- */

static bool waits_for(struct session *s, const struct session *whom);

static bool leads_to(struct session *by, const struct session *whom)
{
	return by == whom || waits_for(by, whom);
}

/* By way of those that hold what s waits for, or stand before it. */
static bool waits_for(struct session *s, const struct session *whom)
{
	enum hold_mode mode = s->wait.mode ? s->wait.mode : HOLD_UPDATE;
	const struct hold *h;
	struct session *o;

	if (s->wait.state != WAIT_IN_LINE || !s->wait.record ||
	    s->search == s->store->search)
		return false;
	s->search = s->store->search;
	for (h = record_of(&s->wait)->u.holds; h; h = h->next)
		if (h->by != s && conflict(h->mode, mode) &&
		    leads_to(h->by, whom))
			return true;
	for (o = s->store->first_waiting; o && o != s; o = o->wait.next)
		if (same_record(o, s->wait.table, s->wait.record) &&
		    conflict(o->wait.mode, s->wait.mode) &&
		    leads_to(o, whom))
			return true;
	return false;
}

static bool closes_circle(struct session *s)
{
	s->store->search++;
	return waits_for(s, s);
}

/* -- waiting -- */

static int give_up(struct session *s, int code, uow_error *err)
{
	const struct wait *w = &s->wait;
	const struct hold *h = w->record ? record_of(w)->u.holds : NULL;
	char table[TABLE_TEXT];
	const char *by = h && h->by != s && h->by->name ? h->by->name : "";

	table_text(w->table, table, sizeof(table));
	if (!w->record)
		error_set(err, code, "table %s is in use by a unit", table);
	else if (code == UOW_EDEADLOCK)
		error_set(err, code, "table %s: a row is locked by a unit that "
			  "waits for this one", table);
	else
		error_set(err, code, "table %s: a row is locked by another "
			  "unit%s%s%s%s", table, *by ? " ('" : "", by,
			  *by ? "')" : "", code == UOW_ETIMEOUT ?
			  ", and this unit's time is up" :
			  code == UOW_ECANCELED ?
			  ", and this unit was canceled" : "");
	error_entity(err, w->table->m->name);
	error_diag(err, code == UOW_EDEADLOCK ? "40001" : "HYT00", 0);
	return code;
}

int lock_refuse(struct session *s, uow_error *err)
{
	return give_up(s, UOW_ELOCKED, err);
}

/* One look at the condition variable, or a short sleep on a clock of ours. */
static void pause_once(struct session *s, uint64_t now, uint64_t until)
{
	uint64_t usec = until - now;
	struct timespec ts;

	if (s->memory->real_clock) {
		ts.tv_sec = (time_t)(until / USEC);
		ts.tv_nsec = (long)(until % USEC) * 1000;
		pthread_cond_timedwait(&s->wait.over, &s->store->mutex, &ts);
		return;
	}
	store_unlock(s->store);
	clock_sleep(&s->memory->clock, usec < STEP_USEC ? usec : STEP_USEC);
	store_lock(s->store);
}

/* The clock may be the program's: asked without the mutex. */
static uint64_t ask_clock(struct session *s)
{
	uint64_t now;

	store_unlock(s->store);
	now = clock_now(&s->memory->clock);
	store_lock(s->store);
	return now;
}

static int wait_in_line(struct session *s, uow_error *err)
{
	uint64_t now = ask_clock(s), until, span;
	bool canceled = false;

	span = (uint64_t)s->lock_timeout_ms * 1000;
	until = now < DEADLINE_NONE - 1 - span ? now + span :
		DEADLINE_NONE - 1;
	until = deadline_sooner(until, s->deadline);
	while (s->wait.state == WAIT_IN_LINE && now < until &&
	       !(canceled = uow_canceler_is_set(s->canceler))) {
		pause_once(s, now, until);
		if (s->wait.state == WAIT_IN_LINE)
			now = ask_clock(s);
	}
	if (s->wait.state == WAIT_OVER)
		return 0;
	leave_line(s);
	s->wait.state = WAIT_NOT;
	return give_up(s, canceled ? UOW_ECANCELED :
		       now >= s->deadline ? UOW_ETIMEOUT : UOW_ELOCKED, err);
}

int lock_cancel(struct backend_conn *c)
{
	struct session *s = (struct session *)c;
	bool waits;

	store_lock(s->store);
	waits = s->wait.state == WAIT_IN_LINE;
	if (waits)
		pthread_cond_signal(&s->wait.over);
	store_unlock(s->store);
	return waits;
}

static int stand_in_line(struct session *s, bool in_front, uow_error *err)
{
	int rc;

	enter_line(s, in_front);
	if (closes_circle(s)) {
		leave_line(s);
		s->wait.state = WAIT_NOT;
		rc = give_up(s, UOW_EDEADLOCK, err);
	} else {
		rc = wait_in_line(s, err);
	}
	s->wait.state = WAIT_NOT;
	return rc;
}

int lock_wait(struct session *s, uow_error *err)
{
	struct wait *w = &s->wait;
	bool own = w->mode && find(s, record_of(w));
	int rc;

	assert(w->state == WAIT_NOT);
	if (w->mode && !own && !w->hold) {
		w->hold = hold_new(s->store);
		if (!w->hold)
			return error_nomem(err);
	}
	rc = stand_in_line(s, own, err);
	hold_free(s->store, w->hold);
	w->hold = NULL;
	return rc;
}

void table_left(struct store *st, const struct table *t)
{
	if (st->first_waiting)
		serve_line(st, t, 0);
}

/* Record 0 stands for the table. */
int table_wait(struct session *s, struct table *t, uow_error *err)
{
	blocked(s, t, 0, HOLD_NONE);
	return stand_in_line(s, false, err);
}
