/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_SCHEMA_H
#define UOW_SCHEMA_H

#include "db.h"
#include "entity.h"

/**
 * @file uow/schema.h
 * Tables from mappings, in the dialect of the profile.
 *
 * Enough for tests, examples and first deployments. This is not a migration
 * tool: it creates, drops and compares, it never alters.
 *
 * Thread rule: as uow_db, from any thread; each call borrows a connection.
 * Codes of all: UOW_ECONFIG (mapping), UOW_ESQL and what the database says,
 * UOW_ETIMEOUT (no connection in time), UOW_ENOMEM.
 */

UOW_BEGIN

/** One complete statement, without a terminator, borrowed. Negative stops. */
typedef int (*uow_ddl_fn)(const char *statement, void *arg);

/**
 * CREATE TABLE for every entity, referenced tables first. Cyclic references
 * become ALTER TABLE statements at the end where the profile has them, or are
 * declared in the table where it accepts names of tables to come. Does not
 * touch the database.
 */
UOW_API UOW_CHECKED int uow_schema_emit(uow_db *db,
					const uow_entity *const *entities,
					size_t count, uow_ddl_fn fn,
					void *arg, uow_error *err);

/** Run what uow_schema_emit() emits. */
UOW_API UOW_CHECKED int uow_schema_create(uow_db *db,
					  const uow_entity *const *entities,
					  size_t count, uow_error *err);

/** Drop those tables in the opposite order; absent ones are no error. */
UOW_API UOW_CHECKED int uow_schema_drop(uow_db *db,
					const uow_entity *const *entities,
					size_t count, uow_error *err);

/** One difference between mapping and table. Negative stops. */
typedef int (*uow_diff_fn)(const uow_entity *entity, const char *column,
			   const char *message, void *arg);

/**
 * Compare with the live catalog: missing tables and columns, columns of
 * another kind, too short, NULL where the mapping has none, another primary
 * key, columns that an insert would have to fill. fn may be NULL.
 *
 * @param differences receives their number; untouched on failure
 * @return 0, a negative value of fn, or a code
 */
UOW_API UOW_CHECKED int uow_schema_check(uow_db *db,
					 const uow_entity *const *entities,
					 size_t count, uow_diff_fn fn,
					 void *arg, size_t *differences,
					 uow_error *err);

/**
 * The table uow_commit(token, attempt, at), which units with exactly_once
 * need: made in the connection's own schema, unless it is there. It is tried:
 * UOW_ECONFIG if it does not keep tokens apart, or is not undone by a rollback
 * (an engine without transactions).
 */
UOW_API UOW_CHECKED int uow_schema_create_commits(uow_db *db, uow_error *err);

/**
 * Delete the tokens that are older than seven days by the server's clock, in a
 * transaction of its own. To be called now and then: the table grows by a row
 * for each unit. No run needs a token for longer: in doubt it gives up after
 * half of that.
 *
 * @param removed receives their number (UINT64_MAX: nobody tells); may be NULL
 */
UOW_API UOW_CHECKED int uow_schema_prune_commits(uow_db *db,
						 uint64_t *removed,
						 uow_error *err);

UOW_END
#endif
