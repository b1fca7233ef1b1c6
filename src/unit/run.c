/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/run.h"

#include "base/clock.h"
#include "base/errors.h"

enum {
	ATTEMPTS_DEFAULT = 3,
	BACKOFF_DEFAULT_MS = 20,
	PAUSE_MAX_USEC = 2000000,
	PAUSE_STEP_USEC = 20000		/* between two looks at a canceler */
};

static const char *const the_function = "the unit's function";

static int report(uow_error *out, const uow_error *e, int code)
{
	*out = *e;
	out->code = code;
	return code;
}

/*
 * The unit has failed: with which code does the run answer? A transient one
 * wins over anything, so that a function which reports trouble in its own
 * words is repeated all the same. Otherwise what the function said, unless it
 * only hands on that a call found the unit failed: a repository that a failed
 * unit could not give is NULL, and calls with that are UOW_ESTATE.
 */
static int failed(const uow_unit *u, int returned, uow_error *out)
{
	int code = u->error.code;

	if (uow_code_is_transient(code) || returned >= 0 ||
	    returned == UOW_ESTATE)
		return report(out, &u->error, code);
	return report(out, &u->error, returned);
}

int run_finish(uow_unit *u, int returned, uow_error *out)
{
	u->owned = false;	/* from here on it may be ended */
	if (!u->error.code && returned)
		unit_fail_returned(u, the_function, returned);
	if (!unit_commit(u))
		return 0;
	if (u->state == UNIT_IN_DOUBT)
		return report(out, &u->error, UOW_EINDOUBT);
	return failed(u, returned, out);
}

/*
 * May the attempt be repeated? Not inside a caller's transaction, which is not
 * ours to repeat, and not when COMMIT's outcome is unknown, whatever code came
 * of it.
 */
static bool repeatable(const uow_unit *u)
{
	return !u->joined && u->state == UNIT_ROLLED_BACK;
}

static int attempt(const struct run *r, unsigned n, bool *again,
		   uow_error *err)
{
	struct unit_start start;
	uow_unit *u;
	int rc;

	start.options = r->options;
	start.place = r->place;
	start.attempt = n;
	start.deadline = r->deadline;
	start.endpoint = LEASE_ANY;
	start.token = NULL;
	rc = unit_begin(&u, r->db, &start, err);
	*again = true;
	if (rc)
		return rc;
	u->owned = true;
	rc = run_finish(u, r->fn(u, r->arg), err);
	*again = repeatable(u);
	unit_release(u);
	return rc;
}

static uint64_t longest_pause(const struct run *r, unsigned n, uint64_t until)
{
	uint64_t limit = r->backoff_usec;
	uint64_t left = deadline_left(&r->db->clock, until);

	while (n-- > 1 && limit < PAUSE_MAX_USEC)
		limit *= 2;
	if (limit > PAUSE_MAX_USEC)
		limit = PAUSE_MAX_USEC;
	return limit < left ? limit : left;
}

void run_pause(const struct run *r, unsigned n, uint64_t until,
	       const uow_canceler *canceler)
{
	uint64_t usec = db_jitter(r->db, longest_pause(r, n, until)), step;

	for (; usec && !uow_canceler_is_set(canceler); usec -= step) {
		step = canceler && usec > PAUSE_STEP_USEC ? PAUSE_STEP_USEC :
							    usec;
		clock_sleep(&r->db->clock, step);
	}
}

static int stopped_after(unsigned n, uow_error *err)
{
	uow_error last = *err;

	return error_set(err, UOW_ECANCELED, "the unit was canceled after "
			 "attempt %u, which failed with %s: %s", n,
			 uow_code_name(last.code), last.message);
}

int run_too_late(const struct run *r, unsigned n, uow_error *err)
{
	uow_error last = *err;

	return error_set(err, UOW_ETIMEOUT,
			 "the unit's time of %u ms was up before attempt %u "
			 "of %u; the one before failed with %s: %s",
			 r->options->timeout_ms, n, r->attempts,
			 uow_code_name(last.code), last.message);
}

static int repeat(const struct run *r, uow_error *err)
{
	bool again;
	unsigned n;
	int rc;

	for (n = 1; ; n++) {
		rc = attempt(r, n, &again, err);
		if (!rc || !again || n >= r->attempts ||
		    !uow_code_is_transient(rc))
			return rc;
		run_pause(r, n, r->deadline, r->options->canceler);
		if (uow_canceler_is_set(r->options->canceler))
			return stopped_after(n, err);
		if (!deadline_left(&r->db->clock, r->deadline))
			return run_too_late(r, n + 1, err);
	}
}

void run_plan(struct run *r, uow_db *db, const uow_options *options)
{
	static const uow_options defaults = UOW_OPTIONS_INIT;
	const uow_options *o = options ? options : &defaults;
	unsigned ms = o->backoff_ms ? o->backoff_ms : BACKOFF_DEFAULT_MS;

	r->db = db;
	r->options = o;
	r->deadline = deadline_after(&db->clock, o->timeout_ms);
	r->attempts = o->attempts ? o->attempts : ATTEMPTS_DEFAULT;
	/* What a simple unit has written stays written: no second time. */
	if (o->simple)
		r->attempts = 1;
	r->backoff_usec = (uint64_t)ms * 1000;
}

int uow_run_at(const char *place, uow_db *db, const uow_options *opts,
	       uow_fn fn, void *arg, uow_error *err)
{
	uow_error e = UOW_ERROR_INIT;
	struct run r;
	int rc;

	if (!db || !fn)
		return error_set(err, UOW_EINVAL, "a run needs a data source "
				 "and a function");
	rc = db_check_process(db, err);
	if (!rc)
		rc = unit_check_options(db, opts, err);
	if (rc)
		return rc;
	r.place = place;
	r.fn = fn;
	r.arg = arg;
	run_plan(&r, db, opts);
	db_reference(db);
	rc = r.options->exactly_once ? settle_run(&r, &e) : repeat(&r, &e);
	db_release(db);
	if (rc && err)
		*err = e;
	return rc;
}

int (uow_run)(uow_db *db, const uow_options *opts, uow_fn fn, void *arg,
	      uow_error *err)
{
	return uow_run_at(NULL, db, opts, fn, arg, err);
}
