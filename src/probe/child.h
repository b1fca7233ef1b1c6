/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_CHILD_H
#define PROBE_CHILD_H

#include <signal.h>
#include <uow/error.h>

#include "probe/seen.h"

/*
 * An experiment runs in a process of its own: this program once more, started
 * by exec before any driver was loaded, with EXPERIMENT_MODE as its only
 * argument. What it is to do comes through a pipe, so that no password is ever
 * on a command line; what it has seen goes back through another one. A driver
 * that crashes or hangs takes nothing else with it.
 */
#define EXPERIMENT_MODE "--experiment-process"

struct request {
	const char *experiment;
	const char *connection;
	const char *password;		/* NULL: none to be added */
	const char *profile;		/* NULL: to be found */
	const char *profile_dirs;
	const char *prefix;		/* of the scratch tables */
	const char *overrides;		/* lines "section.key=value", or "" */
};

/* Main of the child; its exit status. */
int child_main(void);

/*
 * The parent's side. *interrupted (may be NULL) set by a signal handler ends
 * the wait. UOW_EIO, UOW_ENOMEM: it could not be started; a child that dies is
 * a result. run has to be released.
 */
int child_run(const char *program, const struct request *r,
	      unsigned timeout_ms, const volatile sig_atomic_t *interrupted,
	      struct run *run, uow_error *err);

#endif
