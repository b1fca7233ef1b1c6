/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/unit.h"

#include "base/clock.h"

/* Other threads and the unit's connection: its canceler, and the watchdog. */

static int stop_statement(void *arg)
{
	struct backend_conn *c = arg;

	return c->ops->cancel ? c->ops->cancel(c) : 0;
}

int unit_expose(uow_unit *u, struct backend_conn *c, uow_error *err)
{
	int rc;

	u->watched = u->db->backend->watched && u->deadline != DEADLINE_NONE;
	if (u->watched) {
		u->watch.conn = c;
		u->watch.deadline = u->deadline;
		rc = watchdog_add(u->db, &u->watch, err);
		u->watched = !rc;
		if (rc)
			return rc;
	}
	u->target.stop = stop_statement;
	u->target.arg = c;
	canceler_enter(u->options.canceler, &u->target);
	return 0;
}

void unit_withdraw(uow_unit *u)
{
	/* Those threads are the parent's, and may have had a mutex then. */
	if (db_inherited(u->db))
		return;
	canceler_leave(u->options.canceler, &u->target);
	if (u->watched)
		watchdog_remove(u->db, &u->watch);
	u->watched = false;
}
