/* SPDX-License-Identifier: BSD-2-Clause */
#include <uow/odbc.h>

#include "api/open.h"
#include "backend/odbc/odbc.h"
#include "base/errors.h"
#include "pool/db.h"
#include "unit/flush.h"
#include "unit/pages.h"

int uow_db_adopt(uow_db **out, SQLHDBC connection, const uow_db_options *opts,
		 uow_error *err)
{
	uow_db_options defaults = UOW_DB_OPTIONS_INIT;
	struct odbc_options o = { 0 };
	struct backend *b;
	uow_error own;
	int rc;

	if (!err)
		err = &own;
	if (!out || !connection)
		return error_set(err, UOW_EINVAL,
				 "uow_db_adopt: a connection handle is needed");
	if (!opts)
		opts = &defaults;
	defaults = *opts;
	defaults.pool_min = defaults.pool_max = 1;
	defaults.lifetime_ms = 0;
	rc = open_check(&defaults, err);
	if (rc)
		return rc;
	o.adopted = connection;
	o.profile = defaults.profile;
	o.profile_dirs = open_profile_dirs(&defaults);
	o.db = &defaults;
	rc = odbc_open(&b, &o, err);
	return rc ? rc : open_pool(out, b, &defaults, err);
}

void uow_db_ended(uow_db *db, bool committed)
{
	if (!db)
		return;
	db_caller_ended(db);
	unit_settle_waiting(db, committed, true);
}

SQLHDBC uow_unit_hdbc(uow_unit *u)
{
	uow_error err = UOW_ERROR_INIT;
	void *handle;

	if (unit_check_write(u) || flush_all(u) || pages_keep(u) ||
	    unit_in_time(u))
		return NULL;
	handle = u->conn->ops->native(u->conn, &err);
	if (!handle)
		unit_fail(u, &err);
	return handle;
}
