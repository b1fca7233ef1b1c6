/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include <signal.h>

#include "probe/child.h"
#include "probe/facts.h"

/*
 * A row of experiments on one data source: what the parent does. No call of
 * this process reaches a driver.
 */
struct session {
	const char *program;	/* to be executed again */
	struct request request;	/* all but experiment and overrides */
	unsigned timeout_ms;	/* for one experiment */
	const volatile sig_atomic_t *interrupted;
	/* Told before each experiment; NULL: nobody is. */
	void (*progress)(const char *experiment, void *arg);
	void *progress_arg;
	struct run *runs;	/* by experiment */
	char prefix[32];
};

/* Names the scratch tables at random. UOW_EIO, UOW_ENOMEM. */
int session_init(struct session *s, uow_error *err);
void session_release(struct session *s);

/* One experiment, once more if it was run before. */
int session_run(struct session *s, const char *experiment,
		const char *overrides, uow_error *err);

/* All that facts chosen by the pattern need. Stops when interrupted. */
int session_run_all(struct session *s, const char *pattern,
		    const char *overrides, uow_error *err);

/*
 * Why there can be no scratch tables: without them a type that is not there
 * and a right that is missing look alike. NULL: they can be made.
 */
const char *session_no_tables(struct session *s, uow_error *err);

/* Drops what may be left; also when interrupted. true: nothing is. */
bool session_cleanup(struct session *s);

const struct run *session_of(const struct session *s, const char *experiment);

/* What all of that means for one fact. */
void session_verdict(const struct session *s, const struct fact *f,
		     struct verdict *out);

#endif
