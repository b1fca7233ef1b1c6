/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_RUN_H
#define UNIT_RUN_H

#include "unit/token.h"
#include "unit/unit.h"

/* What never changes between the attempts of one run. */
struct run {
	const char *place;
	uow_db *db;
	const uow_options *options;
	uow_fn fn;
	void *arg;
	uint64_t deadline;
	unsigned attempts;
	uint64_t backoff_usec;
};

/* All of it but fn and arg. */
void run_plan(struct run *r, uow_db *db, const uow_options *options);

/* The function has returned: end the unit, and judge. */
int run_finish(uow_unit *u, int returned, uow_error *out);

/*
 * After try n, from 1: a random time up to backoff, doubled each time. Cut
 * short by canceler, which may be NULL.
 */
void run_pause(const struct run *r, unsigned n, uint64_t until,
	       const uow_canceler *canceler);

/* err becomes UOW_ETIMEOUT: no time is left for attempt n. */
int run_too_late(const struct run *r, unsigned n, uow_error *err);

/* -- settle.c -- */

/* uow_run() with exactly_once. */
int settle_run(struct run *r, uow_error *err);

/*
 * The COMMIT of a unit begun by hand is in doubt: settle it. Returns 0, or the
 * code that the unit has then.
 */
int settle_unit(uow_unit *u);

#endif
