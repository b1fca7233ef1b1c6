/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_FORCED_H
#define CONTRACT_FORCED_H

#include "contract.h"

/*
 * Ways of sending many rows. One is forced by a profile that inherits from the
 * backend's own.
 */
struct plan {
	const char *name;
	const char *insert, *update, *delete;	/* NULL: the profile's */
};

enum { PLANS = 6 };

/* The first sends rows one by one, the last is the profile's own. */
extern const struct plan plans[PLANS];

/* What a plan sent in statements for many rows. */
struct sent {
	unsigned inserts, updates, deletes, together, statements;
};

/*
 * A plan that the backend's profile does not have is refused by the database
 * as a rule, and falls back; without savepoints that fails the unit.
 */
bool worth_trying(struct fixture *f, const struct plan *p);

/* Another data source, which sends so. Free with uow_db_free(). */
uow_db *forced(struct fixture *f, const struct plan *p, struct sent *sent);

#endif
