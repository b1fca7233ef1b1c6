/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * The only place that asks the C library for memory. Every size that is a
 * product is checked here. All return NULL when there is no memory or the
 * size does not fit; all memory is zeroed except that of mem_raw()
 * and what mem_grow() adds.
 */
void *mem_alloc(size_t size);
void *mem_raw(size_t size);
void *mem_array(size_t count, size_t size);
char *mem_dup(const char *text);
char *mem_dup_n(const char *text, size_t length);

/*
 * Make room for at least need elements in *array, which has *capacity now;
 * doubles. Returns 0, or UOW_ENOMEM and leaves both as they were.
 */
int mem_grow(void *array_address, size_t *capacity, size_t need, size_t size);

void mem_free(void *p);

/* Overwrite before freeing, in a way that the compiler cannot drop. */
void mem_wipe(void *p, size_t size);

#endif
