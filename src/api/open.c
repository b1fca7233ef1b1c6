/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/open.h"

#include <stdlib.h>
#include <unistd.h>

#include "backend/odbc/odbc.h"
#include "base/errors.h"
#include "pool/db.h"

enum {
	POOL_MIN = 1,
	POOL_MAX = 8,
	POOL_LIMIT = 10000,
	ACQUIRE_MS = 5000,
	IDLE_MS = 300000
};

int open_check(const uow_db_options *o, uow_error *err)
{
	if (o->abi != 1)
		return error_set(err, UOW_EINVAL, "uow_db_options: abi is %u, "
				 "1 is known: start from UOW_DB_OPTIONS_INIT",
				 o->abi);
	if (o->pool_max > POOL_LIMIT || o->pool_min > POOL_LIMIT)
		return error_set(err, UOW_EINVAL, "uow_db_options: a pool has "
				 "at most %d connections", POOL_LIMIT);
	if (o->pool_max && o->pool_min > o->pool_max)
		return error_set(err, UOW_EINVAL, "uow_db_options: pool_min "
				 "%u is more than pool_max %u", o->pool_min,
				 o->pool_max);
	return 0;
}

/* Whoever runs a program with others' rights does not choose its files. */
static bool privileged(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

const char *open_profile_dirs(const uow_db_options *o)
{
	const char *dirs = o->profile_dir;

	if (!dirs && !privileged())
		dirs = getenv("UOW_DRIVERS_PATH");
	return dirs && *dirs ? dirs : UOW_DRIVERS_DIR;
}

int open_pool(uow_db **out, struct backend *b, const uow_db_options *o,
	      uow_error *err)
{
	struct db_options d;

	d.max = o->pool_max ? o->pool_max : POOL_MAX;
	d.min = o->pool_min ? o->pool_min : POOL_MIN;
	if (d.min > d.max)
		d.max = d.min;
	d.acquire_timeout_ms = o->acquire_timeout_ms ? o->acquire_timeout_ms :
						       ACQUIRE_MS;
	d.idle_timeout_ms = o->idle_timeout_ms ? o->idle_timeout_ms : IDLE_MS;
	d.clock = o->clock;
	d.lifetime_ms = o->lifetime_ms;
	d.probe_ms = o->probe_ms;
	d.failback_ms = o->failback_ms;
	return db_new(out, b, &d, err);
}

int uow_db_open(uow_db **out, const uow_db_options *opts, uow_error *err)
{
	struct odbc_options o = { 0 };
	struct backend *b;
	uow_error own;
	int rc;

	if (!err)
		err = &own;
	if (!out || !opts || !opts->connection || !*opts->connection)
		return error_set(err, UOW_EINVAL,
				 "uow_db_open: a connection string is needed");
	rc = open_check(opts, err);
	if (rc)
		return rc;
	o.connection = opts->connection;
	o.endpoints = opts->endpoints;
	o.profile = opts->profile;
	o.profile_dirs = open_profile_dirs(opts);
	o.db = opts;
	rc = odbc_open(&b, &o, err);
	return rc ? rc : open_pool(out, b, opts, err);
}

int uow_db_open_simple(uow_db **out, const char *connection, uow_error *err)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;

	o.connection = connection;
	return uow_db_open(out, &o, err);
}
