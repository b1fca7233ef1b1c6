/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_SPAN_H
#define MODEL_SPAN_H

#include <stddef.h>

/* A run of bytes of a struct. Lists of them are in order of their offsets. */
struct span {
	size_t offset, size;
};

/* Into a list of count that has room for one more. Returns the new count. */
size_t spans_add(struct span *spans, size_t count, size_t offset, size_t size);

/* Those that touch or overlap become one. Returns how many are left. */
size_t spans_merge(struct span *spans, size_t count);

/* These bytes of one struct into another one. */
void spans_copy(const struct span *spans, size_t count, void *to,
		const void *from);

#endif
