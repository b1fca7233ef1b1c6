/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <uow/common.h>

/*
 * Memory with one common end. Chunks double in size up to a limit, so that
 * there are few of them and arena_owns() stays cheap. Nothing is ever moved.
 *
 * Invariants: memory handed out is zeroed; arena_alloc() is aligned for any
 * type; arena_text() and its kind are not aligned at all.
 */
struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;	/* newest first */
	size_t next_size;
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);

/* Forget everything, keep the largest chunk for reuse. */
void arena_clear(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t count, size_t size);
void *arena_copy(struct arena *a, const void *data, size_t size);

/* A copy of length bytes and a NUL. */
char *arena_text(struct arena *a, const char *text, size_t length);

/* True if p points into memory of this arena. Never reads *p. */
bool arena_owns(const struct arena *a, const void *p);

#endif
