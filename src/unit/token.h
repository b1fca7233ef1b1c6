/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_TOKEN_H
#define UNIT_TOKEN_H

#include "pool/commits.h"

/*
 * The token of one run, and where its COMMITs went. Belongs to the run's
 * thread.
 */
struct token {
	uow_db *db;
	uow_uuid id;
	const struct mapping *mapping;	/* of uow_commit; NULL: not yet */
	bool inserted;			/* once at least; then, when first: */
	uint64_t since, since_boot;
	bool lost;			/* a COMMIT of it; then, where: */
	char server[PLACE_TEXT];
	unsigned endpoint;
	bool shared;			/* by all endpoints */
};

/* Draws it. UOW_EIO: the system has no random numbers. */
int token_init(struct token *t, uow_db *db, uow_error *err);

/*
 * Before a transaction on c, which is idle: is the table there, and, in doubt,
 * is this the server that has got the COMMIT? UOW_ECONFIG; UOW_EINDOUBT if
 * nothing that this connection could say would settle the run.
 */
int token_ready(struct token *t, struct backend_conn *c, uint64_t deadline,
		uow_error *err);

/*
 * The first statement of the transaction. UOW_EDUPLICATE: it has a row.
 * UOW_EINDOUBT: it could have been pruned.
 */
int token_insert(struct token *t, struct backend_conn *c, unsigned attempt,
		 uow_error *err);

/* Which attempt is stored? UOW_ENOTFOUND. */
int token_read(struct token *t, struct backend_conn *c, unsigned *attempt,
	       uow_error *err);

/* Where its next transaction has to be: as in struct lease. */
int token_endpoint(const struct token *t);

/* The outcome of a COMMIT on c is unknown. */
void token_lost(struct token *t, struct backend_conn *c);

#endif
