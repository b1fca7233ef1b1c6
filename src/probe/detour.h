/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_DETOUR_H
#define PROBE_DETOUR_H

#include <pthread.h>

#include "probe/lab.h"

/*
 * A way to the server that can be cut: a port of our own, to which the
 * connection string is changed, and a thread that passes bytes on. Only for
 * drivers whose string or DSN names a server and a port, not for files.
 */
struct detour {
	int listener, outside, inside;
	pthread_t thread;
	bool started, silent;
	volatile bool cut, reached;
	char host[256], port[32];	/* of the real server */
};

/*
 * From now on lab_connect() goes the detour. silent: whoever connects gets no
 * answer. false: there is no server in the string; said by lab_without().
 */
bool detour_open(struct lab *l, struct detour *d, bool silent);

/* Both ends are closed at once. */
void detour_cut(struct detour *d);

#endif
