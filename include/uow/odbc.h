/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_ODBC_H
#define UOW_ODBC_H

#include "unit.h"

#include <sql.h>
#include <sqlext.h>

/**
 * @file uow/odbc.h
 * For programs that already speak ODBC. The only header that needs <sql.h>;
 * link with "pkg-config --libs libuow odbc".
 *
 * A legacy program has its connection handles open, and code that uses them.
 * It can run single pieces of that code as a unit of work, one at a time.
 */

UOW_BEGIN

/**
 * A data source over a connection that the caller made and keeps. Units run
 * on it one at a time; autocommit and isolation are, after every unit and on
 * every path, what they were before it. One exception: when COMMIT and
 * ROLLBACK both fail, autocommit stays off (ODBC would commit the open work
 * on switching it on), the data source refuses further units (UOW_ESTATE),
 * and the message says to disconnect.
 *
 * If autocommit is off already, the caller has a transaction open: a unit
 * then works inside a savepoint of it and its commit leaves the end of the
 * transaction to the caller (UOW_ENOTSUP where there are no savepoints). Such
 * a unit is tried once only. Its after-commit hooks wait for uow_db_ended().
 *
 * Facts of the profile that depend on connection options count as unknown.
 *
 * @param out        receives the handle; untouched on failure. uow_db_free()
 *                   leaves the connection open.
 * @param connection borrowed until uow_db_free()
 * @param opts       as for uow_db_open(); connection and pool sizes are not
 *                   looked at. May be NULL.
 */
UOW_API UOW_CHECKED int uow_db_adopt(uow_db **out, SQLHDBC connection,
				     const uow_db_options *opts,
				     uow_error *err);

/**
 * Tell an adopting data source how the caller's own transaction ended. Runs
 * the after-commit (committed true) or after-rollback hooks of the units that
 * ran inside it, and frees them; a unit begun by hand is freed when its user
 * has freed it as well. uow_db_free() drops what was never told.
 *
 * Needed as well after an error that has ended the caller's transaction at
 * the server: units are refused (UOW_ESTATE) until he has rolled back and
 * said so here.
 */
UOW_API void uow_db_ended(uow_db *db, bool committed);

/**
 * The unit's connection, for calls that libuow does not make. Its pending
 * changes are flushed first. Do not end its transaction, also not by switching
 * autocommit on, which commits: a unit that ends with it on is UOW_EINDOUBT,
 * commit or rollback, and is not tried again; after COMMIT exactly_once may
 * find that all is stored. Switched off in between, or ended by SQLEndTran() or
 * SQL, it is not noticed. NULL for a unit that has failed or ended. Borrowed
 * until the unit's end.
 *
 * A connection of the pool is closed after the unit if its attributes, its
 * current catalog or what new statements begin with are not what they were.
 * What was set by SQL is not seen: take it back, or use a data source that has
 * such units alone.
 */
UOW_API SQLHDBC uow_unit_hdbc(uow_unit *u);

UOW_END
#endif
