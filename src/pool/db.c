/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/db.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/errors.h"
#include "base/fork.h"
#include "base/mem.h"
#include "base/random.h"
#include "pool/commits.h"
#include "pool/report.h"
#include "pool/slot.h"
#include "pool/watchdog.h"

enum {
	MAX_DEFAULT = 8,
	ACQUIRE_DEFAULT_MS = 5000,
	IDLE_DEFAULT_MS = 300000,
	PROBE_DEFAULT_MS = 30000,
	FAILBACK_DEFAULT_MS = 30000,
	USEC = 1000000
};

static unsigned or_default(unsigned value, unsigned fallback)
{
	return value ? value : fallback;
}

static int set_sizes(uow_db *db, const struct db_options *o, uow_error *err)
{
	unsigned cap = db->backend->connections_max;

	db->min = or_default(o->min, 1);
	db->max = or_default(o->max, db->min > MAX_DEFAULT ? db->min :
							     MAX_DEFAULT);
	if (db->min > db->max)
		return error_set(err, UOW_EINVAL,
				 "pool_min %u is more than pool_max %u",
				 db->min, db->max);
	if (cap && db->max > cap)
		db->max = cap;
	if (db->min > db->max)
		db->min = db->max;
	return 0;
}

static void set_times(uow_db *db, const struct db_options *o)
{
	db->acquire_timeout_ms = or_default(o->acquire_timeout_ms,
					    ACQUIRE_DEFAULT_MS);
	db->idle_timeout_ms = or_default(o->idle_timeout_ms, IDLE_DEFAULT_MS);
	db->probe_ms = or_default(o->probe_ms, PROBE_DEFAULT_MS);
	db->lifetime_ms = o->lifetime_ms;
}

static int init_conditions(uow_db *db)
{
	if (pthread_condattr_init(&db->real_time))
		return UOW_ENOMEM;
	/* Waiting must not depend on somebody setting the time of day. */
	if (!pthread_condattr_setclock(&db->real_time, CLOCK_MONOTONIC) &&
	    !pthread_cond_init(&db->drained, &db->real_time))
		return 0;
	pthread_condattr_destroy(&db->real_time);
	return UOW_ENOMEM;
}

static int init_locks(uow_db *db)
{
	if (pthread_mutex_init(&db->mutex, NULL))
		return UOW_ENOMEM;
	if (!init_conditions(db))
		return 0;
	pthread_mutex_destroy(&db->mutex);
	return UOW_ENOMEM;
}

/* In a child, threads that are not there could be waiting. */
static void release_locks(uow_db *db)
{
	if (db_inherited(db))
		return;
	pthread_cond_destroy(&db->drained);
	pthread_condattr_destroy(&db->real_time);
	pthread_mutex_destroy(&db->mutex);
}

static void init_random(uow_db *db)
{
	uint64_t where = (uint64_t)(uintptr_t)db;

	random_seed(&db->random, random_mix(clock_now(&clock_system)) ^
		    random_mix(where) ^ random_mix((uint64_t)getpid()));
}

static int new_bare(uow_db **out, struct backend *b,
		    const struct db_options *o, uow_error *err)
{
	unsigned failback = or_default(o->failback_ms, FAILBACK_DEFAULT_MS);
	uow_db *db = mem_alloc(sizeof(*db));

	if (!db || fork_watch() ||
	    route_init(&db->route, b->endpoints, b->endpoint,
		       (uint64_t)failback * 1000, clock_now(&clock_system))) {
		mem_free(db);
		return error_nomem(err);
	}
	if (init_locks(db)) {
		route_release(&db->route);
		mem_free(db);
		return error_nomem(err);
	}
	db->backend = b;
	db->clock = o->clock ? *o->clock : clock_system;
	db->process = (long)getpid();
	db->forks = fork_count();
	db->references = 1;
	db->hooks_end = &db->hooks;
	db->row_hooks_end = &db->row_hooks;
	set_times(db, o);
	init_random(db);
	*out = db;
	return 0;
}

/* Before anybody else knows db: needs no mutex. */
static int open_minimum(uow_db *db, uow_error *err)
{
	struct backend *b = db->backend;
	struct pool_slot *s;
	uint64_t now;
	int rc;

	while (db->open < db->min) {
		s = slot_new();
		if (!s)
			return error_nomem(err);
		rc = b->ops->connect(b, db->route.current, &s->conn, err);
		if (rc) {
			slot_close(s);
			return rc;
		}
		now = clock_now(&db->clock);
		slot_opened(db, s, now);
		slot_keep(db, s, now);
		db->open++;
	}
	return 0;
}

int db_new(uow_db **out, struct backend *b, const struct db_options *o,
	   uow_error *err)
{
	uow_error own = UOW_ERROR_INIT;
	uow_db *db = NULL;
	int rc = new_bare(&db, b, o, err);

	if (rc) {
		b->ops->free(b);
		return rc;
	}
	if (!err)
		err = &own;
	rc = set_sizes(db, o, err);
	if (!rc)
		rc = open_minimum(db, err);
	if (rc)
		uow_db_free(db);
	else
		*out = db;
	return rc;
}

static void free_hooks(uow_db *db)
{
	struct db_row_hook *row = db->row_hooks;
	struct db_hook *h = db->hooks;

	while (h) {
		struct db_hook *next = h->next;

		mem_free(h);
		h = next;
	}
	while (row) {
		struct db_row_hook *next = row->next;

		mem_free(row);
		row = next;
	}
}

static void destroy(uow_db *db)
{
	watchdog_free(db);
	registry_free(db->mappings);
	db_commits_free(db);
	free_hooks(db);
	route_release(&db->route);
	release_locks(db);
	db->backend->ops->free(db->backend);
	mem_free(db);
}

/* -- after fork() -- */

bool db_inherited(const uow_db *db)
{
	return db->forks != fork_count();
}

int db_check_process(const uow_db *db, uow_error *err)
{
	if (!db_inherited(db))
		return 0;
	return error_set(err, UOW_ESTATE, "the data source belongs to process "
			 "%ld, of which this is a child: its connections are "
			 "not for two, open one here", db->process);
}

bool db_lock(uow_db *db)
{
	if (db_inherited(db))
		return pthread_mutex_trylock(&db->mutex) == 0;
	return pthread_mutex_lock(&db->mutex) == 0;
}

void db_unlock(uow_db *db)
{
	pthread_mutex_unlock(&db->mutex);
}

/* What the parent's units hold is not theirs here: nobody gives it back. */
static struct pool_slot *inherit(uow_db *db)
{
	struct pool_slot *list = slots_cut_all(db);
	struct pool_slot *s;

	db->backend->inherited = true;
	while (db->leased) {
		s = db->leased;
		slot_take_leased(db, s);
		s->next = list;
		list = s;
	}
	return list;
}

/* -- references -- */

void db_reference(uow_db *db)
{
	if (!db_lock(db))
		return;
	db->references++;
	db_unlock(db);
}

void db_release(uow_db *db)
{
	size_t left;

	if (!db_lock(db))
		return;
	left = --db->references;
	db_unlock(db);
	if (!left)
		destroy(db);
}

/* -- the end -- */

/* From here on nobody gets a connection. False: see db_lock(). */
static bool end(uow_db *db)
{
	struct pool_slot *idle;

	if (!db_lock(db))
		return false;
	db->ended = true;
	idle = db_inherited(db) ? inherit(db) : slots_cut_all(db);
	if (!db_inherited(db))
		queue_serve(db, 0);
	db_unlock(db);
	slots_close(idle);
	return true;
}

void uow_db_free(uow_db *db)
{
	if (!db || !end(db))
		return;
	if (db->drop_waiting)
		db->drop_waiting(db);
	db_release(db);
}

/* With the mutex held, which is let go while waiting. */
static void wait_drained(uow_db *db, unsigned ms)
{
	uint64_t until = deadline_after(&clock_system, ms);
	struct timespec ts;

	ts.tv_sec = (time_t)(until / USEC);
	ts.tv_nsec = (long)(until % USEC) * 1000;
	while (ms && db->open && clock_now(&clock_system) < until)
		pthread_cond_timedwait(&db->drained, &db->mutex, &ts);
}

int uow_db_close(uow_db *db, unsigned ms, uow_error *err)
{
	char units[sizeof(err->message)];
	unsigned left;
	int rc = 0;

	if (!db || db_inherited(db) || !end(db)) {
		uow_db_free(db);
		return 0;
	}
	pthread_mutex_lock(&db->mutex);
	wait_drained(db, ms);
	left = db->leased_count;
	pthread_mutex_unlock(&db->mutex);
	if (left) {
		report_all(db, units, sizeof(units));
		rc = error_set(err, UOW_ETIMEOUT, "%u units were not ended "
			       "within %u ms: %s", left, ms, units);
	}
	uow_db_free(db);
	return rc;
}

uint64_t db_jitter(uow_db *db, uint64_t limit)
{
	uint64_t pause;

	if (!db_lock(db))
		return limit;
	pause = random_upto(&db->random, limit);
	db_unlock(db);
	return pause;
}

const char *uow_db_profile(const uow_db *db)
{
	return db ? db->backend->ops->profile(db->backend) : "";
}

bool uow_db_has(const uow_db *db, uow_feature feature)
{
	return db && db->backend->ops->has(db->backend, feature);
}
