/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/canceler.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/fork.h"
#include "base/mem.h"

enum {
	PAUSE_MIN_USEC = 2000, PAUSE_MAX_USEC = 50000, PATIENCE_USEC = 1000000
};

struct uow_canceler {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	volatile sig_atomic_t by_signal;
	bool canceled;
	bool calling;			/* a uow_cancel() is at it */
	unsigned forks;			/* fork_count() when it was made */
	unsigned references;		/* the program, and units */
	struct canceler_target *targets;
};

/*
 * In a child of fork() the threads of the targets, and who has the mutex, are
 * the parent's: all there is to do is to set a flag, and to leave the memory.
 */
static bool inherited(const uow_canceler *c)
{
	return c->forks != fork_count();
}

static int init_locks(uow_canceler *c)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_condattr_init(&attr))
		return UOW_ENOMEM;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!rc)
		rc = pthread_cond_init(&c->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (rc)
		return UOW_ENOMEM;
	if (!pthread_mutex_init(&c->mutex, NULL))
		return 0;
	pthread_cond_destroy(&c->changed);
	return UOW_ENOMEM;
}

int uow_canceler_new(uow_canceler **out, uow_error *err)
{
	uow_canceler *c;

	if (!out)
		return error_set(err, UOW_EINVAL,
				 "a canceler needs a place to be put");
	c = mem_alloc(sizeof(*c));
	if (!c || init_locks(c)) {
		mem_free(c);
		return error_nomem(err);
	}
	c->references = 1;
	c->forks = fork_count();
	*out = c;
	return 0;
}

void canceler_reference(uow_canceler *c)
{
	if (!c || inherited(c))
		return;
	pthread_mutex_lock(&c->mutex);
	c->references++;
	pthread_mutex_unlock(&c->mutex);
}

void uow_canceler_free(uow_canceler *c)
{
	unsigned left;

	if (!c || inherited(c))
		return;
	pthread_mutex_lock(&c->mutex);
	left = --c->references;
	pthread_mutex_unlock(&c->mutex);
	if (left)
		return;
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->mutex);
	mem_free(c);
}

void canceler_enter(uow_canceler *c, struct canceler_target *t)
{
	if (!c || inherited(c))
		return;
	pthread_mutex_lock(&c->mutex);
	t->busy = false;
	t->next = c->targets;
	c->targets = t;
	pthread_mutex_unlock(&c->mutex);
}

void canceler_leave(uow_canceler *c, struct canceler_target *t)
{
	struct canceler_target **at;

	if (!c || inherited(c))
		return;
	pthread_mutex_lock(&c->mutex);
	while (t->busy)
		pthread_cond_wait(&c->changed, &c->mutex);
	for (at = &c->targets; *at && *at != t; at = &(*at)->next)
		;
	if (*at)
		*at = t->next;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
}

/* Of all answers: asked, else cannot be asked, else nothing is running. */
static int stop_all(uow_canceler *c)
{
	struct canceler_target *t;
	int answer = 0, rc;

	for (t = c->targets; t; t = t->next) {
		t->busy = true;
		pthread_mutex_unlock(&c->mutex);
		rc = t->stop(t->arg);
		pthread_mutex_lock(&c->mutex);
		t->busy = false;
		if (rc > 0 || !answer)
			answer = rc;
	}
	pthread_cond_broadcast(&c->changed);
	return answer;
}

static void pause_for(uow_canceler *c, uint64_t usec)
{
	struct timespec until;
	uint64_t nsec;

	clock_gettime(CLOCK_MONOTONIC, &until);
	nsec = (uint64_t)until.tv_nsec + usec * 1000;
	until.tv_sec += (time_t)(nsec / 1000000000);
	until.tv_nsec = (long)(nsec % 1000000000);
	pthread_cond_timedwait(&c->changed, &c->mutex, &until);
}

int uow_cancel(uow_canceler *c)
{
	uint64_t until, pause = PAUSE_MIN_USEC;
	int rc;

	if (!c)
		return UOW_EINVAL;
	if (inherited(c)) {
		c->by_signal = 1;
		return 0;
	}
	until = clock_now(&clock_system) + PATIENCE_USEC;
	pthread_mutex_lock(&c->mutex);
	c->canceled = true;
	while (c->calling)
		pthread_cond_wait(&c->changed, &c->mutex);
	c->calling = true;
	while ((rc = stop_all(c)) > 0 && clock_now(&clock_system) < until) {
		pause_for(c, pause);
		pause = pause * 2 < PAUSE_MAX_USEC ? pause * 2 :
						     PAUSE_MAX_USEC;
	}
	c->calling = false;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
	return rc > 0 ? UOW_ETIMEOUT : rc;
}

void uow_canceler_set(uow_canceler *c)
{
	if (c)
		c->by_signal = 1;
}

bool uow_canceler_is_set(const uow_canceler *c)
{
	/* Locking changes nothing that anybody could see. */
	uow_canceler *w = (uow_canceler *)(uintptr_t)c;
	bool set;

	if (!c)
		return false;
	if (c->by_signal)
		return true;
	if (inherited(c))
		return c->canceled;
	pthread_mutex_lock(&w->mutex);
	set = c->canceled;
	pthread_mutex_unlock(&w->mutex);
	return set;
}
