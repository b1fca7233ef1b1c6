/* SPDX-License-Identifier: BSD-2-Clause */
#include "alloc-shim.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static unsigned nth, calls;
static bool paused;

void alloc_arm(unsigned n)
{
	nth = n;
	calls = 0;
}

bool alloc_pause(bool on)
{
	bool was = paused;

	paused = on;
	return was;
}

bool alloc_fired(void)
{
	return nth && calls >= nth;
}

unsigned alloc_calls(void)
{
	return calls;
}

static bool strikes(void)
{
	return !paused && ++calls == nth;
}

void *__wrap_malloc(size_t size)
{
	return strikes() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return strikes() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return strikes() ? NULL : __real_realloc(p, size);
}
