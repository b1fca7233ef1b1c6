/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"

#include <errno.h>
#include <time.h>

/* Beyond POSIX; CLOCK_MONOTONIC stands still while the system is suspended. */
#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

static uint64_t read_clock(clockid_t id)
{
	struct timespec t = { 0, 0 };

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t system_now(void *arg)
{
	(void)arg;
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

static void system_sleep(uint64_t usec, void *arg)
{
	struct timespec t;

	(void)arg;
	t.tv_sec = (time_t)(usec / 1000000);
	t.tv_nsec = (long)(usec % 1000000) * 1000;
	/* A signal of the program's does not cut the pause short. */
	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

const uow_clock clock_system = { system_now, system_sleep, NULL };

uint64_t clock_now(const uow_clock *clock)
{
	return clock->now_usec(clock->arg);
}

void clock_sleep(const uow_clock *clock, uint64_t usec)
{
	if (usec)
		clock->sleep_usec(usec, clock->arg);
}

uint64_t deadline_after(const uow_clock *clock, unsigned ms)
{
	uint64_t now, span = (uint64_t)ms * 1000;

	if (!ms)
		return DEADLINE_NONE;
	now = clock_now(clock);
	return now < DEADLINE_NONE - span ? now + span : DEADLINE_NONE - 1;
}

uint64_t deadline_left(const uow_clock *clock, uint64_t deadline)
{
	uint64_t now;

	if (deadline == DEADLINE_NONE)
		return DEADLINE_NONE;
	now = clock_now(clock);
	return now < deadline ? deadline - now : 0;
}

uint64_t deadline_sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}
