/* SPDX-License-Identifier: BSD-2-Clause */
#include <uow/memory.h>

#include <pthread.h>

#include "base/errors.h"
#include "base/mem.h"

/* Not zero: a difference of times before the start is no huge number. */
#define START_USEC UINT64_C(1000000000)

struct uow_memory_clock {
	pthread_mutex_t mutex;
	uint64_t now, slept;
	unsigned sleeps;
	uow_clock clock;
};

static uint64_t now_usec(void *arg)
{
	uow_memory_clock *c = arg;
	uint64_t now;

	pthread_mutex_lock(&c->mutex);
	now = c->now;
	pthread_mutex_unlock(&c->mutex);
	return now;
}

static void sleep_usec(uint64_t usec, void *arg)
{
	uow_memory_clock *c = arg;

	pthread_mutex_lock(&c->mutex);
	c->now += usec;
	c->slept += usec;
	c->sleeps++;
	pthread_mutex_unlock(&c->mutex);
}

int uow_memory_clock_new(uow_memory_clock **out, uow_error *err)
{
	uow_memory_clock *c;

	if (!out)
		return error_set(err, UOW_EINVAL,
				 "uow_memory_clock_new: no place for it");
	c = mem_alloc(sizeof(*c));
	if (!c || pthread_mutex_init(&c->mutex, NULL)) {
		mem_free(c);
		return error_nomem(err);
	}
	c->now = START_USEC;
	c->clock.now_usec = now_usec;
	c->clock.sleep_usec = sleep_usec;
	c->clock.arg = c;
	*out = c;
	return 0;
}

const uow_clock *uow_memory_clock_use(uow_memory_clock *c)
{
	return c ? &c->clock : NULL;
}

void uow_memory_clock_advance(uow_memory_clock *c, uint64_t usec)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->now += usec;
	pthread_mutex_unlock(&c->mutex);
}

uint64_t uow_memory_clock_slept(uow_memory_clock *c, unsigned *sleeps)
{
	uint64_t slept;

	if (!c)
		return 0;
	pthread_mutex_lock(&c->mutex);
	slept = c->slept;
	if (sleeps)
		*sleeps = c->sleeps;
	pthread_mutex_unlock(&c->mutex);
	return slept;
}

void uow_memory_clock_free(uow_memory_clock *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->mutex);
	mem_free(c);
}
