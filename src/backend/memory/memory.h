/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_MEMORY_H
#define MEMORY_MEMORY_H

#include "backend/backend.h"

/* Tables in the process's own memory, behind the seam. */
struct memory_options {
	const struct backend *same_as;	/* share its data, or NULL */
	const uow_clock *clock;		/* NULL: the system's */
	unsigned lock_timeout_ms;
	uow_trace_fn trace;
	void *trace_arg;
};

int memory_open(struct backend **out, const struct memory_options *o,
		uow_error *err);

/* Was it opened by memory_open()? */
bool memory_is(const struct backend *b);

#endif
