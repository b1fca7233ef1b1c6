/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ALLOC_SHIM_H
#define ALLOC_SHIM_H

#include <stdbool.h>

/*
 * malloc, calloc and realloc of the library's own objects (the linker's
 * --wrap), so that the nth fails; or the making of mutexes, conditions and
 * threads. Driver and driver manager are not touched.
 */
enum alloc_kind { ALLOC_MEMORY, ALLOC_LOCKS };
enum lock_kind { LOCK_MUTEX, LOCK_CONDITION, LOCK_ATTRIBUTE, LOCK_THREAD,
		 LOCK_KINDS };

void alloc_arm(enum alloc_kind kind, unsigned nth);	/* 0: none fails */
/* Do not count, do not fail; returns what it was. */
bool alloc_pause(bool on);
bool alloc_fired(void);
unsigned alloc_calls(void);
/* How many of these have failed, ever. */
unsigned alloc_struck(enum lock_kind kind);

#endif
