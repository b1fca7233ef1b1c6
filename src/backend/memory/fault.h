/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_FAULT_H
#define MEMORY_FAULT_H

#include <uow/memory.h>

#include "backend/memory/session.h"

/* Failures that a test has asked for. All with the store's mutex held. */
struct fault;

/* UOW_EINVAL: no such failure can be. */
int fault_arm(struct memory *m, const uow_memory_fault *what, uow_error *err);
unsigned faults_clear(struct memory *m);	/* failures still owed */

/*
 * A step is about to be taken: 0, or the code that it has to fail with.
 * *late: a COMMIT is to be done all the same, when so many units have begun.
 */
struct late {
	bool happened;
	uint64_t units;
};

int fault_at(struct session *s, uow_memory_step step,
	     const struct mapping *mapping, struct late *late, uow_error *err);

#endif
