/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenarios.h"

#include <stdio.h>
#include <string.h>

#include <uow/schema.h>

#include "../../examples/transfer/bank.h"
#include "alloc-shim.h"
#include "odbc-shim.h"
#include "place.h"

/* How units are run, and what lies around them. */

static int change(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 3);

	if (a)
		a->balance += *(const int64_t *)arg;
	return uow_status(u);
}

/* Undone by hand; then another one, which is not. */
int run_given_up(uow_db *db, uow_error *err)
{
	int64_t much = 5000, little = 5;
	uow_unit *u = NULL;
	/* The function itself, as a caller of another language has it. */
	int rc = (uow_begin)(&u, db, NULL, err);

	if (rc)
		return rc;
	change(u, &much);
	uow_flush(u);
	uow_rollback(u);
	uow_unit_free(u);
	return uow_run(db, NULL, change, &little, err);
}

static int read_first(uow_unit *u, void *arg)
{
	*(bool *)arg = account_get(account_repository_of(u), 1) != NULL;
	return 0;
}

/* Isolation, limits, names, counters. */
int run_settings(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_pool_stats stats;
	int64_t little = 6;
	bool found = false;
	int rc;

	o.name = "settings";
	o.isolation = UOW_SERIALIZABLE;
	o.timeout_ms = 60000;
	o.lock_timeout_ms = 2000;
	o.attempts = 4;
	o.backoff_ms = 1;
	rc = uow_run(db, &o, change, &little, err);
	if (rc)
		return rc;
	o.read_only = true;
	rc = uow_run(db, &o, read_first, &found, err);
	uow_db_stats(db, &stats, sizeof(stats));
	if (rc && uow_code_is_transient(UOW_EINDOUBT))
		return UOW_EREJECTED;
	if (!rc && (!uow_version() || !uow_version_string()[0]))
		return UOW_EREJECTED;
	if (!rc && (!found || !stats.acquired ||
		    strcmp(uow_db_profile(db), place_here()) ||
		    !uow_db_has(db, UOW_FEATURE_TRANSACTIONS)))
		return UOW_EREJECTED;
	/* What is read is not the work: that is stored by now. */
	return 0;
}

static int write_once(uow_unit *u, void *arg)
{
	(void)arg;
	audit_add(audit_repository_of(u), &(struct audit){ 60, 0, "simple" });
	return 0;
}

/* One write, which commits itself. */
int run_simple(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.simple = true;
	return uow_run(db, &o, write_once, NULL, err);
}

/* A server that is gone for good is asked again in real time. */
static void soon(uow_options *o)
{
	o->timeout_ms = 500;
	o->settle_ms = 100;
}

/* A lost COMMIT is settled, and what settles it may fail as well. */
int run_once(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;
	int64_t little = 8;

	o.exactly_once = true;
	soon(&o);
	return uow_run(db, &o, change, &little, err);
}

int run_once_by_hand(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;
	int64_t little = 9;
	uow_unit *u = NULL;
	int rc;

	o.exactly_once = true;
	soon(&o);
	rc = uow_begin(&u, db, &o, err);
	if (rc)
		return rc;
	change(u, &little);
	rc = uow_commit(u);
	if (rc)
		*err = *uow_unit_error(u);
	uow_unit_free(u);
	return rc;
}

/* Their table is there already: it is tried, and looked through. */
int run_tokens(uow_db *none, uow_error *err)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	bool was = shim_pause(true), were = alloc_pause(true);
	uint64_t removed = 1;
	uow_db *db = NULL;
	int rc;

	(void)none;
	o.clock = &quick;
	rc = place_open(&db, &o, false, err);
	shim_pause(was);
	alloc_pause(were);
	if (!rc)
		rc = uow_schema_create_commits(db, err);
	if (!rc)
		rc = uow_schema_prune_commits(db, &removed, err);
	if (!rc && removed)
		rc = UOW_EREJECTED;
	uow_db_free(db);
	return rc;
}

/* -- hooks -- */

static int count_unit(uow_unit *u, void *arg)
{
	(void)u;
	++*(int *)arg;
	return 0;
}

static int audit_flush(uow_unit *u, void *arg)
{
	if (++*(int *)arg == 1)
		audit_add(audit_repository_of(u),
			  &(struct audit){ 61, 0, "hook" });
	return 0;
}

static int raise_row(uow_unit *u, const uow_entity *e, void *object,
		     void *arg)
{
	(void)u;
	(void)arg;
	if (e == &account_entity)
		((struct account *)object)->balance++;
	return 0;
}

static int with_hooks(uow_unit *u, void *arg)
{
	int *flushes = uow_alloc(u, sizeof(*flushes));
	int64_t little = 7;

	if (!flushes)
		return uow_status(u);
	uow_on(u, UOW_BEFORE_FLUSH, count_unit, arg);
	uow_on(u, UOW_AFTER_FLUSH, audit_flush, flushes);
	uow_on(u, UOW_AFTER_COMMIT, count_unit, arg);
	uow_on(u, UOW_AFTER_ROLLBACK, count_unit, arg);
	uow_on_entity(u, &account_entity, UOW_BEFORE_UPDATE, raise_row, NULL);
	return change(u, &little);
}

static int silence(char *buffer, size_t size, void *arg)
{
	(void)arg;
	return snprintf(buffer, size, "%s", place_secret()) < (int)size ?
	       0 : -1;
}

static void unheard(const uow_trace *event, void *arg)
{
	*(uint64_t *)arg += event->rows;
}

int run_hooks(uow_db *none, uow_error *err)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	bool was_odbc = shim_pause(true);
	uint64_t rows = 0;
	uow_db *db = NULL;
	int calls = 0, rc;

	(void)none;
	o.clock = &quick;
	o.trace = unheard;
	o.trace_arg = &rows;
	o.password = silence;
	rc = place_open(&db, &o, false, err);
	shim_pause(was_odbc);
	if (!rc)
		rc = uow_db_on(db, UOW_BEFORE_COMMIT, count_unit, &calls, err);
	if (!rc)
		rc = uow_db_on_entity(db, NULL, UOW_BEFORE_INSERT, raise_row,
				      NULL, err);
	if (!rc)
		rc = uow_run(db, NULL, with_hooks, &calls, err);
	if (!rc && calls < 3)
		rc = UOW_EREJECTED;
	if (!rc && uow_db_open_units(db, NULL, 0, 0))
		rc = UOW_EREJECTED;
	/* Nobody has to be waited for. */
	if (db && uow_db_close(db, 1, NULL))
		rc = UOW_EREJECTED;
	return rc;
}

/* -- tables -- */

static int ignore(const char *statement, void *arg)
{
	(void)statement;
	++*(int *)arg;
	return 0;
}

static int ignore_difference(const uow_entity *entity, const char *column,
			     const char *message, void *arg)
{
	(void)entity;
	(void)column;
	(void)message;
	(void)arg;
	return 0;
}

/* Compare and extend the schema; the books stay as they are. */
int run_schema(uow_db *none, uow_error *err)
{
	const uow_entity *list[] = { &account_entity, &thing_entity };
	const uow_entity *added[] = { &extra_entity };
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	bool was = shim_pause(true), were = alloc_pause(true);
	size_t differences = 0;
	int statements = 0, rc;
	uow_db *db = NULL;

	(void)none;
	o.clock = &quick;
	rc = place_open(&db, &o, false, err);
	/* Of a time when it failed half-way. */
	if (!rc)
		rc = uow_schema_drop(db, added, 1, err);
	shim_pause(was);
	alloc_pause(were);
	if (!rc)
		rc = uow_schema_check(db, list, 2, ignore_difference, NULL,
				      &differences, err);
	if (!rc && differences)
		rc = UOW_EREJECTED;
	if (!rc && place_has(PLACE_ODBC))
		rc = uow_schema_emit(db, list, 2, ignore, &statements, err);
	if (!rc)
		rc = uow_schema_create(db, added, 1, err);
	if (!rc)
		rc = uow_schema_drop(db, added, 1, err);
	uow_db_free(db);
	return rc;
}

/* Without options the profile has to be found. */
int run_plain(uow_db *none, uow_error *err)
{
	uow_db *db = NULL;
	int rc = uow_db_open_simple(&db, place_connection(), err);

	(void)none;
	uow_db_free(db);
	return rc;
}

static int look(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 1);
	uint64_t n = 0;

	(void)arg;
	account_count(account_repository_of(u), uow_all(), &n);
	return !uow_status(u) && (!a || !n) ? UOW_EREJECTED : 0;
}

/* A pool of one: whoever waits needs a condition of his own to wait on. */
int run_waiting(uow_db *none, uow_error *err)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_unit *u = NULL, *late = NULL;
	uow_db *db = NULL;
	int rc;

	(void)none;
	o.pool_max = 1;
	o.acquire_timeout_ms = 1;
	o.clock = &quick;
	rc = place_open(&db, &o, false, err);
	if (!rc)
		rc = uow_begin(&u, db, NULL, err);
	if (!rc)
		rc = uow_begin(&late, db, NULL, err);
	if (rc == UOW_ETIMEOUT && u)
		rc = 0;
	else if (!rc)
		rc = UOW_EREJECTED;
	uow_unit_free(late);
	uow_unit_free(u);
	uow_db_free(db);
	return rc;
}

/* The first attempt has to do: it is not told twice that a link is dead. */
const char *afterwards(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.attempts = 1;
	o.name = "afterwards";
	return uow_run(db, &o, look, NULL, err) ?
	       "the data source is not usable afterwards" : NULL;
}
