/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_CANCEL_H
#define UOW_CANCEL_H

#include "error.h"

/**
 * @file uow/cancel.h
 * Stopping units from outside: from another thread, or a signal handler.
 *
 * A canceler is the program's own. It is given to units by uow_options, to one
 * or to many, and may outlive them and be outlived by them. Once set it stays
 * set: make a new one for what comes next.
 *
 *	uow_canceler *stop;		another thread:
 *	uow_options o = UOW_OPTIONS_INIT;
 *
 *	uow_canceler_new(&stop, &err);
 *	o.canceler = stop;
 *	rc = uow_run(db, &o, fn, arg, &err);	uow_cancel(stop);
 *	uow_canceler_free(stop);
 *
 * What comes of it is UOW_ECANCELED, and nothing of the unit is stored:
 *  - a statement that is running is stopped, where the database can be asked
 *    to (UOW_FEATURE_CANCEL); a wait for a lock ends, and one for a connection
 *    of the pool;
 *  - otherwise the unit's next call that concerns the database fails, at the
 *    latest its COMMIT;
 *  - uow_run() makes no further attempt.
 *
 * A COMMIT that is on its way is left alone. Its own answer stands: 0 if it
 * was committed, UOW_EINDOUBT if nobody knows.
 *
 * Threads: uow_cancel() may be called by any, at any time. Freeing is for the
 * last one that uses it.
 */

UOW_BEGIN

typedef struct uow_canceler uow_canceler;

/** Owned by the caller; units keep what they need of it. UOW_ENOMEM. */
UOW_API UOW_CHECKED int uow_canceler_new(uow_canceler **out, uow_error *err);

/** Units that have it go on with it. NULL is fine. */
UOW_API void uow_canceler_free(uow_canceler *c);

/**
 * Cancel all units that have it, now and later. Comes back when none of their
 * statements is running any more: the request is repeated, since one that
 * comes a moment before its statement has no effect.
 *
 * @return 0; UOW_ETIMEOUT if a statement still runs after a second;
 *         UOW_ENOTSUP if one runs that cannot be stopped. Their units are
 *         canceled all the same, once the statement has come back.
 */
UOW_API int uow_cancel(uow_canceler *c);

/**
 * For signal handlers: the next call of each unit fails. Statements that are
 * running go on, and so does a wait for a lock in the database; one for a
 * connection of the pool ends.
 */
UOW_API void uow_canceler_set(uow_canceler *c);

/** Was it canceled or set? */
UOW_API bool uow_canceler_is_set(const uow_canceler *c);

UOW_END
#endif
