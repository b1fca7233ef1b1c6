/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"

enum {
	AGAIN_USEC = 20000,		/* for who did not stop */
	LONGEST_USEC = 60000000
};

struct watchdog {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pthread_t thread;
	bool ended;
	uint64_t known;		/* the deadline that the thread sleeps for */
	struct watch *watches;
};

static uint64_t nearest(const struct watchdog *w)
{
	uint64_t deadline = DEADLINE_NONE;
	const struct watch *i;

	for (i = w->watches; i; i = i->next)
		deadline = deadline_sooner(deadline, i->deadline);
	return deadline;
}

/* How long to sleep, 0: not at all. */
static uint64_t time_left(uint64_t deadline)
{
	uint64_t left = deadline_left(&clock_system, deadline);

	return left < LONGEST_USEC ? left : LONGEST_USEC;
}

static void sleep_for(struct watchdog *w, uint64_t usec)
{
	struct timespec until;
	uint64_t nsec;

	clock_gettime(CLOCK_MONOTONIC, &until);
	nsec = (uint64_t)until.tv_nsec + usec % 1000000 * 1000;
	until.tv_sec += (time_t)(usec / 1000000 + nsec / 1000000000);
	until.tv_nsec = (long)(nsec % 1000000000);
	pthread_cond_timedwait(&w->changed, &w->mutex, &until);
}

/* All whose time was up when the nearest one's was. */
static void stop_late(struct watchdog *w, uint64_t deadline)
{
	struct watch *i;

	for (i = w->watches; i; i = i->next) {
		if (i->deadline > deadline)
			continue;
		i->busy = true;
		pthread_mutex_unlock(&w->mutex);
		i->conn->ops->cancel(i->conn);
		pthread_mutex_lock(&w->mutex);
		i->busy = false;
		pthread_cond_broadcast(&w->changed);
	}
}

static void *watch_all(void *arg)
{
	struct watchdog *w = arg;
	uint64_t deadline, left;

	pthread_mutex_lock(&w->mutex);
	while (!w->ended) {
		deadline = w->known = nearest(w);
		left = time_left(deadline);
		if (!left) {
			stop_late(w, deadline);
			left = AGAIN_USEC;
		}
		/* A nearer one may have come while others were stopped. */
		if (!w->ended && w->known == deadline)
			sleep_for(w, left);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* The program's signals are for its own threads. */
static int start(struct watchdog *w)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, watch_all, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int init_locks(struct watchdog *w)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_condattr_init(&attr))
		return -1;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!rc)
		rc = pthread_cond_init(&w->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (rc || !pthread_mutex_init(&w->mutex, NULL))
		return rc;
	pthread_cond_destroy(&w->changed);
	return -1;
}

static struct watchdog *watchdog_new(void)
{
	struct watchdog *w = mem_alloc(sizeof(*w));

	if (!w || init_locks(w)) {
		mem_free(w);
		return NULL;
	}
	w->known = DEADLINE_NONE;
	if (!start(w))
		return w;
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->mutex);
	mem_free(w);
	return NULL;
}

static struct watchdog *of(uow_db *db)
{
	struct watchdog *w;

	pthread_mutex_lock(&db->mutex);
	if (!db->watchdog)
		db->watchdog = watchdog_new();
	w = db->watchdog;
	pthread_mutex_unlock(&db->mutex);
	return w;
}

int watchdog_add(uow_db *db, struct watch *watch, uow_error *err)
{
	struct watchdog *w = of(db);
	uint64_t left;

	if (!w)
		return error_set(err, UOW_ENOMEM, "there is no thread to watch "
				 "the unit's deadline");
	left = deadline_left(&db->clock, watch->deadline);
	if (left != DEADLINE_NONE)
		watch->deadline = clock_now(&clock_system) + left;
	pthread_mutex_lock(&w->mutex);
	watch->busy = false;
	watch->next = w->watches;
	w->watches = watch;
	/* Most deadlines are later than that of the unit before. */
	if (watch->deadline < w->known) {
		w->known = watch->deadline;
		pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->mutex);
	return 0;
}

void watchdog_remove(uow_db *db, struct watch *watch)
{
	struct watchdog *w = of(db);
	struct watch **at;

	pthread_mutex_lock(&w->mutex);
	while (watch->busy)
		pthread_cond_wait(&w->changed, &w->mutex);
	for (at = &w->watches; *at && *at != watch; at = &(*at)->next)
		;
	if (*at)
		*at = watch->next;
	pthread_mutex_unlock(&w->mutex);
}

void watchdog_free(uow_db *db)
{
	struct watchdog *w = db->watchdog;

	if (!w)
		return;
	if (!db_inherited(db)) {
		pthread_mutex_lock(&w->mutex);
		w->ended = true;
		pthread_cond_broadcast(&w->changed);
		pthread_mutex_unlock(&w->mutex);
		pthread_join(w->thread, NULL);
		pthread_cond_destroy(&w->changed);
		pthread_mutex_destroy(&w->mutex);
	}
	mem_free(w);
}
