/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/odbc.h"

#include "base/errors.h"

/*
 * SQLCancel, the only call for a handle that another thread is using. The
 * mutex is held around it, against the rule that no driver is called with one
 * held: the handle must not end meanwhile, and the statement after it must not
 * begin, or the request would hit that one. COMMIT is never running in the
 * sense of this file.
 */

static void leave(struct odbc_conn *c)
{
	pthread_mutex_lock(&c->mutex);
	c->running = NULL;
	pthread_mutex_unlock(&c->mutex);
}

bool cancel_enter(struct odbc_conn *c, SQLHSTMT h, uow_error *err)
{
	if (!c->cancelable)
		return true;
	pthread_mutex_lock(&c->mutex);
	c->running = h;
	c->cancel_sent = false;
	pthread_mutex_unlock(&c->mutex);
	/* Asked after: who has set it before has seen nothing running. */
	if (!uow_canceler_is_set(c->options.canceler))
		return true;
	leave(c);
	c->failed = true;
	error_set(err, UOW_ECANCELED, "the unit was canceled");
	return false;
}

/*
 * A request that came too late: SQLCancel of a statement that is not executed
 * closes its cursor (ODBC 2), a driver is known that forgets its row count as
 * well, and a server may stop whatever runs there next.
 */
static int came_late(struct odbc_conn *c, uow_error *err)
{
	c->base.broken = true;
	c->failed = true;
	if (uow_canceler_is_set(c->options.canceler))
		return error_set(err, UOW_ECANCELED, "the unit was canceled");
	return error_set(err, UOW_ETIMEOUT, "the unit's time is up");
}

int cancel_leave(struct odbc_conn *c, bool completed, uow_error *err)
{
	if (!c->cancelable)
		return 0;
	leave(c);
	return c->cancel_sent && completed ? came_late(c, err) : 0;
}

int conn_cancel(struct backend_conn *base)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	int rc = 0;

	pthread_mutex_lock(&c->mutex);
	if (c->running && !c->source->profile->cancel) {
		rc = UOW_ENOTSUP;
	} else if (c->running) {
		c->cancel_sent = true;
		SQLCancel(c->running);
		rc = 1;
	}
	pthread_mutex_unlock(&c->mutex);
	return rc;
}
