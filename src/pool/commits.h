/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_COMMITS_H
#define POOL_COMMITS_H

#include "model/mapping.h"
#include "pool/db.h"

/*
 * The table uow_commit of a data source, where units with exactly_once leave
 * their tokens.
 *
 * Its name carries the schema that the first connection asked was in: a unit
 * may change what an unqualified name means, and a token that went to another
 * table would prove nothing.
 */
struct commit_row {
	uow_uuid token;
	int32_t attempt;
	uow_timestamp at;		/* the server's, at the insert */
};

/* Fields of its mapping. */
enum { COMMIT_TOKEN, COMMIT_ATTEMPT, COMMIT_AT };

/* c is idle. Lives as long as db. UOW_ENOMEM, and what asking gives. */
int db_commits(uow_db *db, struct backend_conn *c, const struct mapping **out,
	       uow_error *err);

/*
 * Try the table with tokens that nobody has: UOW_ECONFIG if it is missing,
 * takes a token twice, or keeps it after a rollback. Once for a data source,
 * unless it has failed. c is idle, before and after.
 */
int db_commits_prove(uow_db *db, struct backend_conn *c, uint64_t deadline,
		     uow_error *err);

/* In the running transaction. UOW_EDUPLICATE: the token has a row. */
int commits_insert(struct backend_conn *c, const struct mapping *m,
		   const uow_uuid *token, unsigned attempt, uow_error *err);

/* The whole row of a token. UOW_ENOTFOUND. */
int commits_read(struct backend_conn *c, const struct mapping *m,
		 const uow_uuid *token, struct commit_row *out,
		 uow_error *err);

void db_commits_free(uow_db *db);

#endif
