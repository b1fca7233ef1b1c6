/* SPDX-License-Identifier: BSD-2-Clause */
#include "alloc-shim.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
int __real_pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a);
int __real_pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a);
int __real_pthread_condattr_init(pthread_condattr_t *a);
int __real_pthread_condattr_setclock(pthread_condattr_t *a, clockid_t clock);
int __real_pthread_create(pthread_t *t, const pthread_attr_t *a,
			  void *(*fn)(void *), void *arg);
int __wrap_pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a);
int __wrap_pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a);
int __wrap_pthread_condattr_init(pthread_condattr_t *a);
int __wrap_pthread_condattr_setclock(pthread_condattr_t *a, clockid_t clock);
int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a,
			  void *(*fn)(void *), void *arg);

static unsigned nth, calls;
static enum alloc_kind kind;
static bool paused;
static unsigned struck[LOCK_KINDS];

void alloc_arm(enum alloc_kind k, unsigned n)
{
	kind = k;
	nth = n;
	calls = 0;
}

bool alloc_pause(bool on)
{
	bool was = paused;

	paused = on;
	return was;
}

bool alloc_fired(void)
{
	return nth && calls >= nth;
}

unsigned alloc_calls(void)
{
	return calls;
}

static bool strikes(enum alloc_kind k)
{
	return !paused && k == kind && ++calls == nth;
}

static bool strikes_lock(enum lock_kind lock)
{
	if (!strikes(ALLOC_LOCKS))
		return false;
	struck[lock]++;
	return true;
}

unsigned alloc_struck(enum lock_kind lock)
{
	return struck[lock];
}

void *__wrap_malloc(size_t size)
{
	return strikes(ALLOC_MEMORY) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return strikes(ALLOC_MEMORY) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return strikes(ALLOC_MEMORY) ? NULL : __real_realloc(p, size);
}

/* POSIX lists ENOMEM or EAGAIN for each of these. */

int __wrap_pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a)
{
	return strikes_lock(LOCK_MUTEX) ? ENOMEM :
	       __real_pthread_mutex_init(m, a);
}

int __wrap_pthread_cond_init(pthread_cond_t *c, const pthread_condattr_t *a)
{
	return strikes_lock(LOCK_CONDITION) ? EAGAIN :
	       __real_pthread_cond_init(c, a);
}

int __wrap_pthread_condattr_init(pthread_condattr_t *a)
{
	return strikes_lock(LOCK_ATTRIBUTE) ? ENOMEM :
	       __real_pthread_condattr_init(a);
}

int __wrap_pthread_condattr_setclock(pthread_condattr_t *a, clockid_t clock)
{
	return strikes_lock(LOCK_ATTRIBUTE) ? EINVAL :
	       __real_pthread_condattr_setclock(a, clock);
}

int __wrap_pthread_create(pthread_t *t, const pthread_attr_t *a,
			  void *(*fn)(void *), void *arg)
{
	return strikes_lock(LOCK_THREAD) ? EAGAIN :
	       __real_pthread_create(t, a, fn, arg);
}
