/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_SERVER_H
#define CONTRACT_SERVER_H

#include "backends.h"

/*
 * The suite's own connection to the server that it runs against, beside the
 * library's: one at a time, kept from case to case.
 */

/* Does anything answer? False, and why. */
bool server_connects(const struct backend *b, const char *connection,
		     char *why, size_t size);

/* Drop every table and view that is there. False, and why on stderr. */
bool server_wipe(const struct backend *b, const char *connection);

/* Run a statement there. False, and why on stderr. */
bool server_does(const struct backend *b, const char *connection,
		 const char *sql);

void server_release(void);

#endif
