/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * For tests: a proxy (proxy.c says what it does) in a process of its own,
 * which ends when the test does. One thread at a time tells it something.
 */
struct proxy_client {
	pid_t pid;
	unsigned port;		/* on 127.0.0.1, for connection strings */
	int life;		/* it ends when this is closed */
	FILE *control;
	char answer[320];	/* the last one, without its end of line */
};

/*
 * Before 127.0.0.1:server_port. The program is $UOW_TEST_PROXY, or
 * tests/proxy/proxy in $abs_builddir or the current folder. False: not started.
 */
bool proxy_start(struct proxy_client *p, unsigned server_port);
/* A command of proxy.c; true when it is in force. See p->answer. */
bool proxy_tell(struct proxy_client *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* One of the numbers of "count": requests, struck, armed, ... */
unsigned long proxy_count(struct proxy_client *p, const char *what);
void proxy_stop(struct proxy_client *p);

#endif
