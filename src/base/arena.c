/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/*
 * A request that would take more than half of the next chunk gets a chunk of
 * its own, which goes behind the current one, so that the room left there is
 * still used. Every new chunk doubles the next one, own or not: otherwise a
 * row of large requests would make a list that arena_owns() crawls along.
 *
 * A small chunk is cleaned piece by piece as it is handed out: of most, a part
 * is used only. Large ones come zeroed from the C library, which knows memory
 * that the kernel has just cleared. One that is used again remembers how far it
 * is dirty.
 */
enum { FIRST_CHUNK = 4096, LAST_CHUNK = 32 << 20, SMALL_CHUNK = 64 << 10 };

union any {
	long long integer;
	long double real;
	void *data;
	void (*code)(void);
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;
	size_t dirty;		/* bytes that may not be zero */
	union any data[];
};

void arena_init(struct arena *a)
{
	a->chunks = NULL;
	a->next_size = FIRST_CHUNK;
}

static void free_chunks(struct arena_chunk *c, const struct arena_chunk *kept)
{
	struct arena_chunk *next;

	for (; c; c = next) {
		next = c->next;
		if (c != kept)
			mem_free(c);
	}
}

void arena_release(struct arena *a)
{
	free_chunks(a->chunks, NULL);
	arena_init(a);
}

void arena_clear(struct arena *a)
{
	struct arena_chunk *largest = a->chunks, *c;

	if (!largest)
		return;
	for (c = a->chunks; c; c = c->next)
		if (c->size > largest->size)
			largest = c;
	free_chunks(a->chunks, largest);
	largest->next = NULL;
	if (largest->used > largest->dirty)
		largest->dirty = largest->used;
	largest->used = 0;
	a->chunks = largest;
}

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *c;
	bool small;

	if (size > SIZE_MAX - sizeof(*c))
		return NULL;
	small = size <= SMALL_CHUNK;
	c = small ? mem_raw(sizeof(*c) + size) : mem_alloc(sizeof(*c) + size);
	if (!c)
		return NULL;
	c->next = NULL;
	c->size = size;
	c->used = 0;
	c->dirty = small ? size : 0;
	return c;
}

/* A chunk with room for size bytes, already part of the arena. */
static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
	bool own = size > a->next_size / 2;
	struct arena_chunk *c;

	c = chunk_new(own ? size : a->next_size - sizeof(*c));
	if (!c)
		return NULL;
	if (own && a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	if (a->next_size < LAST_CHUNK)
		a->next_size *= 2;
	return c;
}

/* The next size bytes of a chunk, or NULL if it is too full. */
static void *chunk_take(struct arena_chunk *c, size_t size, size_t align)
{
	size_t start = (c->used + align - 1) / align * align;
	size_t clean;
	char *p;

	if (start > c->size || size > c->size - start)
		return NULL;
	p = (char *)c->data + start;
	c->used = start + size;
	if (start < c->dirty) {
		clean = c->dirty - start;
		memset(p, 0, clean < size ? clean : size);
	}
	return p;
}

static void *take(struct arena *a, size_t size, size_t align)
{
	struct arena_chunk *c;
	void *p = NULL;

	if (!size)
		size = 1;	/* every piece has an address of its own */
	if (a->chunks)
		p = chunk_take(a->chunks, size, align);
	if (p)
		return p;
	c = add_chunk(a, size);
	return c ? chunk_take(c, size, align) : NULL;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return take(a, size, sizeof(union any));
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(a, count * size);
}

void *arena_copy(struct arena *a, const void *data, size_t size)
{
	void *copy = arena_alloc(a, size);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = take(a, length + 1, 1);
	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

bool arena_owns(const struct arena *a, const void *p)
{
	const struct arena_chunk *c;

	/* As numbers: pointers into different objects have no order in C. */
	for (c = a->chunks; c; c = c->next)
		if ((uintptr_t)p - (uintptr_t)c->data < c->used)
			return true;
	return false;
}
