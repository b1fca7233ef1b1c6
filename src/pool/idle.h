/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_IDLE_H
#define POOL_IDLE_H

#include "pool/db.h"

/* What the files of the pool share: the lists they keep. */

struct pool_idle {
	struct backend_conn *conn;	/* NULL in the list of spares */
	uint64_t since;			/* of the data source's clock */
	struct pool_idle *next;
};

/* Open one more connection and leave it idle. */
int idle_open(uow_db *db, uow_error *err);

/* Disconnect and free a list that nobody else sees any more. */
void idle_close(struct pool_idle *list);
void idle_free(struct pool_idle *list);

void registry_free(struct mapping_entry *list);

#endif
