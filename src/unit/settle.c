/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/run.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "unit/once.h"

/*
 * exactly_once: does what once.c says, and tells it what has happened.
 *
 * Units whose COMMIT is in doubt are kept until it is settled: which of them
 * is stored is not known, and so are neither their hooks.
 */
enum {
	SETTLE_DEFAULT_MS = 5000,
	PATIENCE_MS = 30000	/* of a run in doubt that has no time limit */
};

struct settle {
	struct run *run;
	struct token *token;
	struct once once;
	struct token own;
	uint64_t limit;		/* of settling; DEADLINE_NONE: not begun */
	unsigned tries;
	uow_error cause;	/* the failure to report, if it is one */
	uow_unit *kept, **kept_end;
};

static void init(struct settle *s, struct run *r, struct token *t)
{
	static const uow_error no_error = UOW_ERROR_INIT;

	memset(s, 0, sizeof(*s));
	s->run = r;
	s->token = t;
	s->limit = DEADLINE_NONE;
	s->cause = no_error;
	s->kept_end = &s->kept;
}

/* -- units in doubt -- */

static void keep(struct settle *s, uow_unit *u)
{
	u->next_waiting = NULL;
	*s->kept_end = u;
	s->kept_end = &u->next_waiting;
}

/* stored: the attempt that counts, 0 for none. Unsettled: no hooks. */
static void release_kept(struct settle *s, bool settled, unsigned stored)
{
	uow_unit *u, *next;

	for (u = s->kept; u; u = next) {
		next = u->next_waiting;
		if (settled)
			unit_settled(u, u->attempt == stored);
		unit_release(u);
	}
}

/* -- what has happened -- */

/*
 * The token's own statement, or what came before it. A pool or a lock that
 * takes too long is an obstacle like others where there is no other way out.
 */
static enum once_event event_of(const struct settle *s, int code)
{
	if (code == UOW_EDUPLICATE)
		return ONCE_TAKEN;
	if (uow_code_is_transient(code) ||
	    (s->once.doubt && code == UOW_ETIMEOUT))
		return ONCE_OBSTACLE;
	return ONCE_ERROR;
}

/* What is reported if the run turns out not to have happened. */
static void note_lost(struct settle *s, const uow_error *err)
{
	s->cause = *err;
	error_append(&s->cause, "; it has been found out that nothing is "
		     "stored");
	s->cause.code = UOW_ECONNECT;
}

/*
 * A refusal of the body, also where the token waited for a lock: its
 * transaction has ended, and in doubt the way out is a tombstone.
 */
static enum once_event canceled(struct settle *s, const uow_error *err)
{
	s->cause = *err;
	return ONCE_REFUSED;
}

/* The model's body: first the token, then all that the function does. */
static enum once_event run_body(struct settle *s, uow_error *err)
{
	struct run *r = s->run;
	struct unit_start start;
	uow_unit *u;
	bool half;
	int rc;

	if (uow_canceler_is_set(r->options->canceler)) {
		error_set(err, UOW_ECANCELED, "the unit was canceled");
		return canceled(s, err);
	}
	start.options = r->options;
	start.place = r->place;
	start.attempt = s->once.used + 1;
	start.deadline = r->deadline;
	start.endpoint = token_endpoint(s->token);
	start.token = s->token;
	rc = unit_begin(&u, r->db, &start, err);
	if (rc == UOW_ECANCELED)
		return canceled(s, err);
	if (rc)
		return event_of(s, rc);
	u->owned = true;
	rc = run_finish(u, r->fn(u, r->arg), err);
	if (u->state == UNIT_IN_DOUBT && !u->half) {
		note_lost(s, err);
		keep(s, u);
		return ONCE_LOST;
	}
	half = u->half;
	unit_release(u);
	if (!rc)
		return ONCE_COMMITTED;
	s->cause = *err;
	/* Its token is there, and not all of it: none may be looked for. */
	if (half)
		return ONCE_ERROR;
	return uow_code_is_transient(rc) ? ONCE_CONFLICT : ONCE_REFUSED;
}

/* -- transactions of the token alone -- */

static int begin(struct settle *s, struct backend_conn **out, uow_error *err)
{
	struct begin_options o;
	struct lease l = LEASE_INIT;
	struct backend_conn *c;
	int rc;

	memset(&o, 0, sizeof(o));
	o.name = l.name = "exactly_once";
	l.deadline = s->limit;
	l.endpoint = token_endpoint(s->token);
	l.place = s->run->place;
	rc = db_lease(s->run->db, &l, &c, err);
	if (rc)
		return rc;
	o.deadline = s->limit;
	rc = token_ready(s->token, c, s->limit, err);
	if (!rc) {
		rc = c->ops->begin(c, &o, err);
		if (rc && rc != UOW_ELOCKED)
			c->broken = true;
	}
	if (rc)
		db_return(s->run->db, c);
	else
		*out = c;
	return rc;
}

static enum once_event commit(struct settle *s, struct backend_conn *c,
			      uow_error *err)
{
	enum outcome outcome = OUTCOME_UNKNOWN;
	int rc = c->ops->commit(c, &outcome, err);

	if (outcome == OUTCOME_COMMITTED)
		return ONCE_COMMITTED;
	if (outcome == OUTCOME_UNKNOWN) {
		c->broken = true;
		token_lost(s->token, c);
		return ONCE_LOST;
	}
	return event_of(s, rc);
}

/* The model's tombstone. */
static enum once_event run_tombstone(struct settle *s, uow_error *err)
{
	struct backend_conn *c;
	enum once_event event;
	int rc = begin(s, &c, err);

	if (rc)
		return event_of(s, rc);
	rc = token_insert(s->token, c, ONCE_TOMBSTONE_ROW, err);
	if (rc) {
		c->ops->rollback(c);
		event = event_of(s, rc);
	} else {
		event = commit(s, c, err);
	}
	db_return(s->run->db, c);
	return event;
}

/*
 * The model's read. A transaction that begins now sees what was committed
 * before; the one that met the row may see an older state.
 */
static enum once_event run_read(struct settle *s, uow_error *err)
{
	struct backend_conn *c;
	int rc = begin(s, &c, err);

	if (rc)
		return event_of(s, rc);
	rc = token_read(s->token, c, &s->once.row, err);
	c->ops->rollback(c);
	db_return(s->run->db, c);
	if (!rc)
		return ONCE_ROW;
	return rc == UOW_ENOTFOUND ? ONCE_NO_ROW : event_of(s, rc);
}

/* -- time -- */

/* From the first doubt on there is an end to waiting. */
static void set_patience(struct settle *s)
{
	struct run *r = s->run;

	if (r->deadline == DEADLINE_NONE)
		r->deadline = deadline_after(&r->db->clock, PATIENCE_MS);
}

/* Settling has time of its own, beyond what the run has left. */
static void set_limit(struct settle *s)
{
	const uow_clock *clock = &s->run->db->clock;
	unsigned ms = s->run->options->settle_ms;
	uint64_t left;

	if (s->limit != DEADLINE_NONE)
		return;
	left = deadline_left(clock, s->run->deadline);
	s->limit = deadline_after(clock, ms ? ms : SETTLE_DEFAULT_MS);
	s->limit = left < DEADLINE_NONE - s->limit ? s->limit + left :
						     DEADLINE_NONE - 1;
}

static void note_late(struct settle *s)
{
	if (uow_code_is_transient(s->cause.code) && s->run->options->timeout_ms)
		run_too_late(s->run, s->once.used + 1, &s->cause);
}

static enum once_step ask(struct settle *s, enum once_event event)
{
	const uow_clock *clock = &s->run->db->clock;
	bool before = s->once.tombstone;
	struct once_time t;
	enum once_step step;

	if (event == ONCE_LOST || event == ONCE_TAKEN)
		set_patience(s);
	t.late = !deadline_left(clock, s->run->deadline);
	t.over = !deadline_left(clock, s->limit);
	step = once_next(&s->once, event, &t);
	if (step == ONCE_TOMBSTONE || step == ONCE_READ)
		set_limit(s);
	if (t.late && ((step == ONCE_TOMBSTONE && !before) ||
		       (step == ONCE_FAILURE && !s->once.doubt)) &&
	    event != ONCE_REFUSED && s->once.used < s->once.attempts)
		note_late(s);
	return step;
}

/* Not before a row is read that is said to be there. */
static void pause_before(struct settle *s, enum once_step step,
			 enum once_event event)
{
	uint64_t until = step == ONCE_BODY ? s->run->deadline : s->limit;

	if (event == ONCE_BEGUN || event == ONCE_TAKEN ||
	    event == ONCE_REFUSED || step > ONCE_READ)
		return;
	/* What settles is not canceled any more: see run_body(). */
	run_pause(s->run, ++s->tries, until,
		  step == ONCE_BODY ? s->run->options->canceler : NULL);
}

/* -- the whole -- */

static enum once_event do_step(struct settle *s, enum once_step step,
			       uow_error *err)
{
	switch (step) {
	case ONCE_BODY:
		return run_body(s, err);
	case ONCE_TOMBSTONE:
		return run_tombstone(s, err);
	default:
		return run_read(s, err);
	}
}

/* Until there is an answer; err is what happened last. */
static enum once_step follow(struct settle *s, enum once_event event,
			     uow_error *err)
{
	enum once_step step;

	for (;;) {
		step = ask(s, event);
		if (step > ONCE_READ)
			return step;
		pause_before(s, step, event);
		event = do_step(s, step, err);
		/* In doubt it is no failure of the run's. */
		if (!s->once.doubt && event != ONCE_LOST &&
		    event != ONCE_TAKEN)
			s->cause = *err;
	}
}

static int unsettled(uow_error *err)
{
	uow_error why = *err;

	error_set(err, UOW_EINDOUBT, "the outcome of COMMIT is unknown and "
		  "could not be found out: %s", why.message);
	error_step(err, "%s", why.step);
	error_diag(err, why.sqlstate, why.native);
	return UOW_EINDOUBT;
}

int settle_run(struct run *r, uow_error *err)
{
	struct settle s;
	enum once_step answer;
	int rc;

	init(&s, r, &s.own);
	rc = token_init(&s.own, r->db, err);
	if (rc)
		return rc;
	once_init(&s.once, r->attempts);
	answer = follow(&s, ONCE_BEGUN, err);
	release_kept(&s, answer != ONCE_IN_DOUBT, s.once.stored);
	if (answer == ONCE_SUCCESS)
		return 0;
	if (answer == ONCE_IN_DOUBT)
		return unsettled(err);
	*err = s.cause;
	return err->code;
}

int settle_unit(uow_unit *u)
{
	uow_error err = u->error;
	enum once_step answer;
	struct settle s;
	struct run r;

	r.place = NULL;
	run_plan(&r, u->db, &u->options);
	r.deadline = u->deadline;
	init(&s, &r, u->token);
	once_init_by_hand(&s.once);
	note_lost(&s, &err);
	answer = follow(&s, ONCE_LOST, &err);
	if (answer == ONCE_IN_DOUBT) {
		u->error = err;
		return unsettled(&u->error);
	}
	u->error = s.cause;
	unit_settled(u, answer == ONCE_SUCCESS);
	return u->error.code;
}
