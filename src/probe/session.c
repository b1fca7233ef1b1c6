/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"
#include "probe/experiment.h"

enum { CLEANUP_MS = 20000, CLEANUP_TRIES = 3 };

/* Not secret, but not to be met by chance: time, process, an address. */
static uint64_t chance(const void *address)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return random_mix((uint64_t)now.tv_nsec ^
			  ((uint64_t)now.tv_sec << 30) ^
			  ((uint64_t)getpid() << 48) ^
			  (uint64_t)(uintptr_t)address);
}

int session_init(struct session *s, uow_error *err)
{
	snprintf(s->prefix, sizeof(s->prefix), "uow_doctor_%08lx",
		 (unsigned long)(chance(s) & 0xffffffffUL));
	s->request.prefix = s->prefix;
	s->runs = mem_array(experiment_count, sizeof(*s->runs));
	return s->runs ? 0 : error_nomem(err);
}

void session_release(struct session *s)
{
	size_t i;

	for (i = 0; s->runs && i < experiment_count; i++)
		seen_release(&s->runs[i].seen);
	mem_free(s->runs);
	s->runs = NULL;
}

static struct run *slot(const struct session *s, const char *experiment)
{
	const struct experiment *e = experiment_find(experiment);

	return e ? &s->runs[e - experiments] : NULL;
}

const struct run *session_of(const struct session *s, const char *experiment)
{
	return slot(s, experiment);
}

static int run_once(struct session *s, const char *experiment,
		    const char *overrides, unsigned timeout_ms,
		    const volatile sig_atomic_t *interrupted, uow_error *err)
{
	struct request r = s->request;
	struct run *run = slot(s, experiment);

	r.experiment = experiment;
	r.overrides = overrides;
	seen_release(&run->seen);
	return child_run(s->program, &r, timeout_ms, interrupted, run, err);
}

int session_run(struct session *s, const char *experiment,
		const char *overrides, uow_error *err)
{
	if (s->progress)
		s->progress(experiment, s->progress_arg);
	return run_once(s, experiment, overrides, s->timeout_ms,
			s->interrupted, err);
}

const char *session_no_tables(struct session *s, uow_error *err)
{
	const char *why;

	if (session_run(s, "parameters", NULL, err))
		return err->message;
	why = seen_get(&session_of(s, "parameters")->seen, "cannot");
	return session_of(s, "parameters")->ending == ENDING_WELL ? why : NULL;
}

static bool wanted(const char *experiment, const char *pattern)
{
	size_t i;

	for (i = 0; i < fact_count; i++)
		if (!strcmp(facts[i].experiment, experiment) &&
		    (!pattern || fact_chosen(&facts[i], pattern)))
			return true;
	return false;
}

int session_run_all(struct session *s, const char *pattern,
		    const char *overrides, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < experiment_count; i++) {
		if (s->interrupted && *s->interrupted)
			break;
		if (wanted(experiments[i].name, pattern))
			rc = session_run(s, experiments[i].name, overrides,
					 err);
	}
	return rc;
}

static bool any_broken(const struct session *s)
{
	size_t i;

	for (i = 0; i < experiment_count; i++)
		if (s->runs[i].ending == ENDING_CRASHED ||
		    s->runs[i].ending == ENDING_HUNG)
			return true;
	return false;
}

/*
 * A server may go on for a while with what a child that was killed had open,
 * its locks included. Some do not survive that a table is dropped which a
 * query is still reading.
 */
bool session_cleanup(struct session *s)
{
	const struct timespec pause = { 0, 500000000 }, longer = { 5, 0 };
	const struct run *run = slot(s, "cleanup");
	uow_error ignored;
	int i;

	if (any_broken(s))
		nanosleep(&longer, NULL);
	for (i = 0; i < CLEANUP_TRIES; i++) {
		if (i)
			nanosleep(&pause, NULL);
		if (run_once(s, "cleanup", NULL, CLEANUP_MS, NULL, &ignored))
			return false;
		if (run->ending == ENDING_WELL && seen_is(&run->seen, "left",
							   "no"))
			return true;
	}
	return false;
}

void session_verdict(const struct session *s, const struct fact *f,
		     struct verdict *out)
{
	fact_verdict(f, &slot(s, "claims")->seen, slot(s, f->experiment), out);
}
