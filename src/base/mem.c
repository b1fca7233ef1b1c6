/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uow/error.h>

void *mem_alloc(size_t size)
{
	/* Nothing is larger: the distance of its ends would not fit. */
	if (size > PTRDIFF_MAX)
		return NULL;
	/* calloc(1, 0) may return NULL, which here means "no memory". */
	return calloc(1, size ? size : 1);
}

void *mem_raw(size_t size)
{
	return size > PTRDIFF_MAX ? NULL : malloc(size ? size : 1);
}

void *mem_array(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return mem_alloc(count * size);
}

char *mem_dup(const char *text)
{
	return mem_dup_n(text, strlen(text));
}

char *mem_dup_n(const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = mem_alloc(length + 1);
	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

/* Doubled, but never more than can be. */
static size_t next_capacity(size_t now, size_t need, size_t size)
{
	size_t limit = PTRDIFF_MAX / size;
	size_t next = now > limit / 2 ? limit : now * 2;

	if (next < 8 && limit >= 8)
		next = 8;
	return next < need ? need : next;
}

int mem_grow(void *array_address, size_t *capacity, size_t need, size_t size)
{
	void *array;
	size_t next;

	if (need <= *capacity)
		return 0;
	if (!size || need > PTRDIFF_MAX / size)
		return UOW_ENOMEM;
	next = next_capacity(*capacity, need, size);
	/* The caller's pointer has a type of its own: copied, not aliased. */
	memcpy(&array, array_address, sizeof(array));
	array = realloc(array, next * size);
	if (!array)
		return UOW_ENOMEM;
	memcpy(array_address, &array, sizeof(array));
	*capacity = next;
	return 0;
}

void mem_free(void *p)
{
	free(p);
}

void mem_wipe(void *p, size_t size)
{
	volatile unsigned char *byte = p;

	while (size--)
		*byte++ = 0;
}
