/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork.h"

#include <pthread.h>
#include <uow/error.h>

/* Written by the only thread of a new process, before anybody can look. */
static unsigned forks;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int failure;

static void in_child(void)
{
	forks++;
}

static void watch(void)
{
	failure = pthread_atfork(NULL, NULL, in_child);
}

unsigned fork_count(void)
{
	return forks;
}

int fork_watch(void)
{
	if (pthread_once(&once, watch) || failure)
		return UOW_ENOMEM;
	return 0;
}
