/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_WATCHDOG_H
#define POOL_WATCHDOG_H

#include "pool/db.h"

/*
 * One thread of a data source that stops statements when their unit's deadline
 * has passed, where neither driver nor database looks at the time. It is
 * started by the first unit that has a deadline, and ends with the data
 * source. In a forked child there is none, and nothing to wait for.
 */
struct watch {
	struct backend_conn *conn;
	/*
	 * Of the data source's clock; real time once it is added: a clock of
	 * the program's is not called by a thread that it knows nothing of.
	 */
	uint64_t deadline;
	bool busy;			/* being stopped */
	struct watch *next;
};

/* UOW_ENOMEM: no thread. */
int watchdog_add(uow_db *db, struct watch *watch, uow_error *err);
/* Afterwards nobody touches the connection any more. */
void watchdog_remove(uow_db *db, struct watch *watch);
/* db is being destroyed. */
void watchdog_free(uow_db *db);

#endif
