/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/unit.h"

#include "base/clock.h"
#include "base/errors.h"

enum {
	ATTEMPTS_DEFAULT = 3,
	BACKOFF_DEFAULT_MS = 20,
	PAUSE_MAX_USEC = 2000000
};

/* What never changes between the attempts of one run. */
struct run {
	const char *place;
	uow_db *db;
	const uow_options *options;
	uow_fn fn;
	void *arg;
	uint64_t deadline;
	unsigned attempts;
	uint64_t backoff_usec;
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

/* The function has returned: end the unit, and judge. */
static int finish(uow_unit *u, int returned, uow_error *out)
{
	u->owned = false;	/* from here on it may be ended */
	if (!u->error.code && returned)
		unit_fail_returned(u, the_function, returned);
	if (!uow_commit(u))
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
	rc = unit_begin(&u, r->db, &start, err);
	*again = true;
	if (rc)
		return rc;
	u->owned = true;
	rc = finish(u, r->fn(u, r->arg), err);
	*again = repeatable(u);
	unit_release(u);
	return rc;
}

/* After attempt n: up to backoff, doubled each time. */
static uint64_t longest_pause(const struct run *r, unsigned n)
{
	uint64_t limit = r->backoff_usec;
	uint64_t left = deadline_left(&r->db->clock, r->deadline);

	while (--n && limit < PAUSE_MAX_USEC)
		limit *= 2;
	if (limit > PAUSE_MAX_USEC)
		limit = PAUSE_MAX_USEC;
	return limit < left ? limit : left;
}

static void pause_after(const struct run *r, unsigned n)
{
	uint64_t usec = db_jitter(r->db, longest_pause(r, n));

	if (usec)
		clock_sleep(&r->db->clock, usec);
}

static int too_late(const struct run *r, unsigned n, uow_error *err)
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
		pause_after(r, n);
		if (!deadline_left(&r->db->clock, r->deadline))
			return too_late(r, n + 1, err);
	}
}

static void plan_run(struct run *r)
{
	const uow_options *o = r->options;
	unsigned ms = o->backoff_ms ? o->backoff_ms : BACKOFF_DEFAULT_MS;

	r->deadline = deadline_after(&r->db->clock, o->timeout_ms);
	r->attempts = o->attempts ? o->attempts : ATTEMPTS_DEFAULT;
	/* What a simple unit has written stays written: no second time. */
	if (o->simple)
		r->attempts = 1;
	r->backoff_usec = (uint64_t)ms * 1000;
}

int uow_run_at(const char *place, uow_db *db, const uow_options *opts,
	       uow_fn fn, void *arg, uow_error *err)
{
	static const uow_options defaults = UOW_OPTIONS_INIT;
	uow_error e = UOW_ERROR_INIT;
	struct run r;
	int rc;

	if (!db || !fn)
		return error_set(err, UOW_EINVAL, "a run needs a data source "
				 "and a function");
	rc = unit_check_options(opts, err);
	if (rc)
		return rc;
	r.place = place;
	r.db = db;
	r.options = opts ? opts : &defaults;
	r.fn = fn;
	r.arg = arg;
	plan_run(&r);
	db_reference(db);
	rc = repeat(&r, &e);
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
