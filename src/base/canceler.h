/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_CANCELER_H
#define BASE_CANCELER_H

#include <uow/cancel.h>

/*
 * What a canceler stops. Invariants: stop() is called without a lock held, by
 * one thread at a time, and never after canceler_leave() has returned; the
 * flag is set before the first stop(), so that whoever enters later sees it.
 */
struct canceler_target {
	/*
	 * Ask what is running there to end: 1 asked, 0 nothing is running,
	 * UOW_ENOTSUP it cannot be asked.
	 */
	int (*stop)(void *arg);
	void *arg;
	bool busy;
	struct canceler_target *next;
};

/* c may be NULL: nobody can cancel. */
void canceler_reference(uow_canceler *c);
void canceler_enter(uow_canceler *c, struct canceler_target *t);
void canceler_leave(uow_canceler *c, struct canceler_target *t);

#endif
