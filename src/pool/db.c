/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/db.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"
#include "pool/commits.h"
#include "pool/idle.h"

enum {
	MAX_DEFAULT = 8,
	ACQUIRE_DEFAULT_MS = 5000,
	IDLE_DEFAULT_MS = 300000
};

static unsigned or_default(unsigned value, unsigned fallback)
{
	return value ? value : fallback;
}

static int set_sizes(uow_db *db, const struct db_options *o, unsigned *min,
		     uow_error *err)
{
	unsigned cap = db->backend->connections_max;

	*min = or_default(o->min, 1);
	db->max = or_default(o->max, *min > MAX_DEFAULT ? *min : MAX_DEFAULT);
	if (*min > db->max)
		return error_set(err, UOW_EINVAL,
				 "pool_min %u is more than pool_max %u",
				 *min, db->max);
	if (cap && db->max > cap)
		db->max = cap;
	if (*min > db->max)
		*min = db->max;
	db->acquire_timeout_ms = or_default(o->acquire_timeout_ms,
					    ACQUIRE_DEFAULT_MS);
	db->idle_timeout_ms = or_default(o->idle_timeout_ms, IDLE_DEFAULT_MS);
	return 0;
}

/* Waiting must not depend on somebody setting the time of day. */
static int init_condition(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc)
		return rc;
	rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (!rc)
		rc = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return rc;
}

static int init_locks(uow_db *db)
{
	if (pthread_mutex_init(&db->mutex, NULL))
		return UOW_ENOMEM;
	if (!init_condition(&db->returned))
		return 0;
	pthread_mutex_destroy(&db->mutex);
	return UOW_ENOMEM;
}

static void init_seed(uow_db *db)
{
	uint64_t where = (uint64_t)(uintptr_t)db;

	db->seed = random_mix(clock_now(&clock_system)) ^
		random_mix(where) ^ random_mix((uint64_t)getpid());
}

static int new_bare(uow_db **out, struct backend *b,
		    const struct db_options *o, uow_error *err)
{
	uow_db *db = mem_alloc(sizeof(*db));

	if (!db || init_locks(db)) {
		mem_free(db);
		return error_nomem(err);
	}
	db->backend = b;
	db->clock = o->clock ? *o->clock : clock_system;
	db->references = 1;
	db->hooks_end = &db->hooks;
	db->row_hooks_end = &db->row_hooks;
	init_seed(db);
	*out = db;
	return 0;
}

int db_new(uow_db **out, struct backend *b, const struct db_options *o,
	   uow_error *err)
{
	uow_db *db = NULL;
	unsigned min = 0;
	int rc = new_bare(&db, b, o, err);

	if (rc) {
		b->ops->free(b);
		return rc;
	}
	rc = set_sizes(db, o, &min, err);
	while (!rc && db->open < min)
		rc = idle_open(db, err);
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
	idle_free(db->idle);
	idle_free(db->spare);
	registry_free(db->mappings);
	db_commits_free(db);
	free_hooks(db);
	pthread_cond_destroy(&db->returned);
	pthread_mutex_destroy(&db->mutex);
	db->backend->ops->free(db->backend);
	mem_free(db);
}

void db_reference(uow_db *db)
{
	pthread_mutex_lock(&db->mutex);
	db->references++;
	pthread_mutex_unlock(&db->mutex);
}

void db_release(uow_db *db)
{
	size_t left;

	pthread_mutex_lock(&db->mutex);
	left = --db->references;
	pthread_mutex_unlock(&db->mutex);
	if (!left)
		destroy(db);
}

void uow_db_free(uow_db *db)
{
	struct pool_idle *idle;

	if (!db)
		return;
	pthread_mutex_lock(&db->mutex);
	db->ended = true;
	idle = db->idle;
	db->idle = NULL;
	db->open -= db->idle_count;
	db->idle_count = 0;
	pthread_cond_broadcast(&db->returned);
	pthread_mutex_unlock(&db->mutex);
	if (db->drop_waiting)
		db->drop_waiting(db);
	idle_close(idle);
	db_release(db);
}

uint64_t db_jitter(uow_db *db, uint64_t limit)
{
	struct random r;
	uint64_t pause;

	pthread_mutex_lock(&db->mutex);
	random_seed(&r, db->seed);
	pause = random_upto(&r, limit);
	db->seed = random_next(&r);
	pthread_mutex_unlock(&db->mutex);
	return pause;
}

void uow_db_stats(uow_db *db, uow_pool_stats *out, size_t size)
{
	uow_pool_stats s;

	if (!db || !out)
		return;
	memset(&s, 0, sizeof(s));
	pthread_mutex_lock(&db->mutex);
	s.open = db->open;
	s.idle = db->idle_count;
	s.waiting = db->waiting;
	s.acquired = db->acquired;
	s.timeouts = db->timeouts;
	s.reconnects = db->reconnects;
	s.statements = db->statements;
	s.statement_hits = db->statement_hits;
	pthread_mutex_unlock(&db->mutex);
	memset(out, 0, size);
	memcpy(out, &s, size < sizeof(s) ? size : sizeof(s));
}

const char *uow_db_profile(const uow_db *db)
{
	return db ? db->backend->ops->profile(db->backend) : "";
}

bool uow_db_has(const uow_db *db, uow_feature feature)
{
	return db && db->backend->ops->has(db->backend, feature);
}
