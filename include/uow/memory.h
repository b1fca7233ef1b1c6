/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_MEMORY_H
#define UOW_MEMORY_H

#include "unit.h"

/**
 * @file uow/memory.h
 * A data source without a database: tables in the process's own memory.
 *
 * For tests of business code, which runs unchanged and in milliseconds, and
 * behaves as it will on a database: keys, unique keys, foreign keys, lengths,
 * versions, savepoints, generated keys, criteria, locks, isolation. Tables are
 * made by uow_schema_create(). There is no SQL: uow_exec(), uow_find_sql(),
 * uow_each_sql() and uow_schema_emit() are UOW_ENOTSUP, and uow_db_has() is
 * true for everything else.
 *
 * Isolation. Readers never wait and never see what is not committed.
 * UOW_READ_COMMITTED, the default, sees with each call what is committed then.
 * UOW_REPEATABLE_READ sees one state, that of its first call; to change a row
 * that somebody else has changed since is UOW_ECONFLICT. UOW_SERIALIZABLE does
 * the same, and when a unit that has written commits, nothing that it has read
 * (rows, keys that were not there, criteria) may have been changed by others
 * since: otherwise UOW_ECONFLICT, and nothing is written.
 *
 * Locks. The second writer of a row waits for the first one's end, for at most
 * uow_options.lock_timeout_ms (then UOW_ELOCKED), and goes on with the row as
 * it is then: where the first has committed, a row with a version is
 * UOW_ECONFLICT. Who inserts a unique value that another unit has inserted or
 * given up waits for that unit as well. A row that is referred to can be
 * changed but neither removed nor given another key by others until the unit
 * that referred to it ends. Locks are had in the order they were asked for.
 * Whoever would close a circle of waiting units is UOW_EDEADLOCK at once. Two
 * units of one thread cannot wait for each other: that ends with UOW_ELOCKED.
 * uow_nested() that fails lets go of the locks that were taken inside.
 *
 * Differences to be known: tables are created and dropped at once, whatever
 * becomes of a transaction, and a table in use cannot be dropped; numbers that
 * are generated go up, above every number that was given, and leave gaps; a
 * column that is generated beside the key holds such a number, a UUID or the
 * time; NULLs are ordered before everything else; a NaN equals no number in
 * criteria, itself in keys, and is ordered last. Nothing outlives the process.
 *
 * Thread rule: as uow_db.
 */

UOW_BEGIN

/** Start from UOW_MEMORY_OPTIONS_INIT. New members are added at the end. */
typedef struct uow_memory_options {
	unsigned abi;
	const uow_db_options *db;	/**< pool, trace and clock; connection
					     and profile are not looked at.
					     Borrowed for the call */
	uow_db *same_as;		/**< share the data of this memory data
					     source; NULL: start without */
	unsigned lock_timeout_ms;	/**< where a unit has none; default
					     1000, on the clock of db */
} uow_memory_options;

#define UOW_MEMORY_OPTIONS_INIT { 1, NULL, NULL, 0 }

/**
 * Open a data source in memory. The data lives until the last data source on
 * it has been freed and its units have ended.
 *
 * Waiting for locks sleeps on the clock of the options, if there is one: on a
 * clock that jumps ahead it takes no time.
 *
 * Codes: UOW_EINVAL (same_as is no data source in memory; options made by
 * another header), UOW_ENOTSUP (on_connect: there is no SQL), UOW_ENOMEM.
 *
 * @param out  receives the handle for uow_db_free(); untouched on failure
 * @param opts may be NULL
 * @param err  details on failure, may be NULL
 */
UOW_API UOW_CHECKED int uow_memory_open(uow_db **out,
					const uow_memory_options *opts,
					uow_error *err);

UOW_END
#endif
