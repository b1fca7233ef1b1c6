/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

/* Statements that may wait for a lock: on threads, with a clock beside. */

uint64_t lab_now_ms(void)
{
	return clock_now(&clock_system) / 1000;
}

void lab_sleep_ms(unsigned ms)
{
	clock_sleep(&clock_system, (uint64_t)ms * 1000);
}

static void finish(struct lab_wait *w, bool ok, uint64_t began)
{
	pthread_mutex_lock(&w->mutex);
	w->ok = ok;
	w->usec = clock_now(&clock_system) - began;
	w->done = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->mutex);
}

static bool fetch_value(struct lab_wait *w)
{
	char text[64] = "";
	SQLLEN length = SQL_NULL_DATA;
	SQLRETURN rc = SQLFetch(w->handle);

	if (rc == SQL_NO_DATA)
		return true;
	if (!lab_ok(&w->lab, w->handle, rc) ||
	    !lab_ok(&w->lab, w->handle,
		    SQLGetData(w->handle, 1, SQL_C_CHAR, text,
			       (SQLLEN)sizeof(text), &length)))
		return false;
	if (length != SQL_NULL_DATA)
		sscanf(text, "%ld", &w->value);
	return true;
}

static void *work(void *arg)
{
	struct lab_wait *w = arg;
	uint64_t began = clock_now(&clock_system);
	bool ok;

	if (w->commit) {
		ok = lab_commit(&w->lab, w->dbc);
	} else {
		ok = lab_ok(&w->lab, w->handle,
			    SQLExecDirect(w->handle, (SQLCHAR *)w->sql,
					  SQL_NTS));
		if (ok && w->fetch)
			ok = fetch_value(w);
	}
	finish(w, ok, began);
	return NULL;
}

static bool start(struct lab *l, struct lab_wait *w)
{
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->started = pthread_create(&w->thread, NULL, work, w) == 0;
	if (!w->started) {
		w->done = true;
		lab_cannot(l, "no thread");
	}
	return w->started;
}

bool lab_start_timed(struct lab *l, struct lab_wait *w, SQLHDBC dbc,
		     const char *sql, bool fetch, unsigned seconds)
{
	memset(w, 0, sizeof(*w));
	w->lab = *l;
	w->dbc = dbc;
	w->fetch = fetch;
	w->value = LAB_NONE;
	w->sql = lab_sql(l, sql);
	w->handle = lab_statement(l, dbc);
	if (!w->sql || !w->handle) {
		lab_cannot(l, "no statement");
		return false;
	}
	if (seconds)
		SQLSetStmtAttr(w->handle, SQL_ATTR_QUERY_TIMEOUT,
			       (SQLPOINTER)(SQLULEN)seconds, 0);
	return start(l, w);
}

bool lab_start(struct lab *l, struct lab_wait *w, SQLHDBC dbc,
	       const char *sql, bool fetch)
{
	return lab_start_timed(l, w, dbc, sql, fetch, 0);
}

bool lab_start_commit(struct lab *l, struct lab_wait *w, SQLHDBC dbc)
{
	memset(w, 0, sizeof(*w));
	w->lab = *l;
	w->dbc = dbc;
	w->commit = true;
	return start(l, w);
}

bool lab_done(struct lab_wait *w, unsigned ms)
{
	struct timespec until;
	bool done;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&w->mutex);
	while (!w->done &&
	       !pthread_cond_timedwait(&w->changed, &w->mutex, &until))
		;
	done = w->done;
	pthread_mutex_unlock(&w->mutex);
	return done;
}

void lab_join(struct lab_wait *w)
{
	if (w->started) {
		pthread_join(w->thread, NULL);
		pthread_mutex_destroy(&w->mutex);
		pthread_cond_destroy(&w->changed);
	}
	w->started = false;
	lab_free(w->handle);
	w->handle = NULL;
	mem_free(w->sql);
	w->sql = NULL;
}

enum { HEAVY_ROWS = 100, HEAVY_MS = 8000, ENOUGH_MS = 1200 };

/*
 * 100 * 100 * 100 combinations for each row of the others: nothing that an
 * optimizer could do by an index. n: how many rows of the others.
 */
static void heavy(char *sql, size_t size, int n)
{
	snprintf(sql, size, "SELECT count(*) FROM {h} p, {h} q, {h} r, {h} t, "
		 "{h} u WHERE p.v + q.v + r.v + t.v + u.v < 0 AND t.id <= %d "
		 "AND u.id <= %d", n < HEAVY_ROWS ? n : HEAVY_ROWS,
		 (n + HEAVY_ROWS - 1) / HEAVY_ROWS);
}

/*
 * A table of its own, dropped at the very end: a server may go on with a query
 * that was given up, and not all survive that its table is dropped meanwhile.
 */
static bool heavy_table(struct lab *l, SQLHDBC dbc)
{
	int i;

	if (lab_number(l, dbc, "SELECT count(*) FROM {h}") == HEAVY_ROWS)
		return true;
	lab_do(l, dbc, "CREATE TABLE {h} (id INTEGER NOT NULL PRIMARY KEY, "
		       "v INTEGER)");
	lab_autocommit(dbc, false);
	for (i = 1; i <= HEAVY_ROWS; i++)
		if (!lab_dof(l, dbc, "INSERT INTO {h} (id, v) VALUES (%d, 1)",
			     i))
			break;
	if (i > HEAVY_ROWS && lab_commit(l, dbc)) {
		lab_autocommit(dbc, true);
		return true;
	}
	lab_cannot(l, "no rows");
	return false;
}

/* More and more of it, until it takes a time that can be extrapolated. */
char *lab_heavy(struct lab *l, SQLHDBC dbc, unsigned *ms)
{
	uint64_t began, took = 0;
	char sql[256];
	int n;

	if (!heavy_table(l, dbc))
		return NULL;
	for (n = 1; n < HEAVY_ROWS * HEAVY_ROWS; n *= 4) {
		heavy(sql, sizeof(sql), n);
		began = lab_now_ms();
		if (lab_number(l, dbc, sql) == LAB_NONE) {
			lab_cannot(l, "no long query");
			return NULL;
		}
		took = lab_now_ms() - began;
		if (took >= ENOUGH_MS)
			break;
	}
	n = (int)((uint64_t)n * HEAVY_MS / (took + 1)) + 1;
	*ms = HEAVY_MS;
	heavy(sql, sizeof(sql), n);
	return mem_dup(sql);
}
