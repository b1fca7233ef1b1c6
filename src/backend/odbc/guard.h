/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_GUARD_H
#define ODBC_GUARD_H

#include <signal.h>
#include <stdbool.h>

#include "backend/backend.h"

/*
 * Some drivers write to sockets whose other end is gone, without MSG_NOSIGNAL:
 * the program would die of SIGPIPE. Around their calls the signal is blocked
 * in the calling thread only, and one that came meanwhile is eaten. The
 * process's own handling of it is never touched.
 */
struct guard {
	sigset_t before;
	bool pending;		/* it was somebody else's: leave it alone */
	bool blocked;		/* here; false: it was blocked already */
};

void guard_enter(struct guard *g);
void guard_leave(struct guard *g);

/* ops with every call that may reach the driver guarded. */
extern const struct backend_ops guarded_ops;

/* What they call. */
extern const struct backend_ops odbc_ops;

#endif
