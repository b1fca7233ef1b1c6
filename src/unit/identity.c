/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/entry.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "model/row.h"

enum { IDENTITY_FIRST = 16 };

/*
 * Deletion shifts the rest of a run back instead of leaving tombstones: a
 * unit that adds and removes for hours keeps short runs.
 */

/* NULL: the slot is empty. */
static struct entry *slot_entry(const struct identity *map, size_t i)
{
	struct entry *e;

	memcpy(&e, map->slots[i].entry, sizeof(e));
	return e;
}

static size_t slot_home(const struct identity *map, uint32_t hash)
{
	return (size_t)hash & (map->capacity - 1);
}

static size_t slot_next(const struct identity *map, size_t i)
{
	return (i + 1) & (map->capacity - 1);
}

void identity_release(struct identity *map)
{
	mem_free(map->slots);
	map->slots = NULL;
	map->capacity = 0;
	map->count = 0;
}

static void slot_fill(struct identity *map, size_t i, uint32_t hash,
		      struct entry *e)
{
	map->slots[i].hash = hash;
	memcpy(map->slots[i].entry, &e, sizeof(e));
}

static void slots_put(struct identity *map, uint32_t hash, struct entry *e)
{
	size_t i = slot_home(map, hash);

	while (slot_entry(map, i))
		i = slot_next(map, i);
	slot_fill(map, i, hash, e);
}

static int identity_resize(struct identity *map, size_t capacity)
{
	struct identity bigger = { NULL, 0, map->count };
	struct entry *e;
	size_t i;

	if (mem_grow(&bigger.slots, &bigger.capacity, capacity,
		     sizeof(*bigger.slots)))
		return UOW_ENOMEM;
	/*
	 * By hand: a page that calloc() gets from the kernel is mapped twice,
	 * when a slot is looked at and again when the first one is filled.
	 */
	memset(bigger.slots, 0, capacity * sizeof(*bigger.slots));
	for (i = 0; i < map->capacity; i++) {
		e = slot_entry(map, i);
		if (e)
			slots_put(&bigger, map->slots[i].hash, e);
	}
	mem_free(map->slots);
	*map = bigger;
	return 0;
}

int identity_reserve(struct identity *map, size_t count)
{
	size_t capacity = map->capacity ? map->capacity : IDENTITY_FIRST;
	size_t need;

	if (count > SIZE_MAX / 4 - map->count)
		return UOW_ENOMEM;
	need = map->count + count;
	while (capacity / 4 * 3 < need) {
		if (capacity > SIZE_MAX / 2)
			return UOW_ENOMEM;
		capacity *= 2;
	}
	if (capacity == map->capacity)
		return 0;
	return identity_resize(map, capacity);
}

struct entry *identity_look(const struct identity *map,
			    const struct mapping *m, const void *row,
			    uint32_t hash, size_t *place)
{
	struct entry *removed = NULL;
	struct entry *e;
	size_t i;

	for (i = slot_home(map, hash); (e = slot_entry(map, i)) != NULL;
	     i = slot_next(map, i)) {
		if (map->slots[i].hash != hash ||
		    !row_key_equal(m, row, entry_key_row(e)))
			continue;
		if (e->state != ENTRY_REMOVED)
			return e;
		removed = e;
	}
	*place = i;
	return removed;
}

struct entry *identity_find(const struct identity *map,
			    const struct mapping *m, const void *row,
			    uint32_t hash)
{
	size_t place;

	return map->count ? identity_look(map, m, row, hash, &place) : NULL;
}

void identity_put(struct identity *map, struct entry *e, size_t place)
{
	assert(map->count < map->capacity / 4 * 3);
	assert(!slot_entry(map, place));
	slot_fill(map, place, e->hash, e);
	map->count++;
}

void identity_insert(struct identity *map, struct entry *e)
{
	assert(map->count < map->capacity / 4 * 3);
	slots_put(map, e->hash, e);
	map->count++;
}

/* The slot of e; capacity if it has none. */
static size_t slot_of(const struct identity *map, const struct entry *e)
{
	size_t i;

	if (!map->count)
		return map->capacity;
	for (i = slot_home(map, e->hash); slot_entry(map, i);
	     i = slot_next(map, i)) {
		if (slot_entry(map, i) == e)
			return i;
	}
	return map->capacity;
}

bool identity_has(const struct identity *map, const struct entry *e)
{
	return slot_of(map, e) < map->capacity;
}

/* May the entry at i move to the hole: is its home not between the two? */
static bool slot_may_fill(const struct identity *map, size_t hole, size_t i)
{
	size_t home = slot_home(map, map->slots[i].hash);
	size_t mask = map->capacity - 1;

	return ((i - home) & mask) >= ((i - hole) & mask);
}

void identity_remove(struct identity *map, const struct entry *e)
{
	size_t hole = slot_of(map, e);
	size_t i;

	if (hole >= map->capacity)
		return;
	for (i = slot_next(map, hole); slot_entry(map, i);
	     i = slot_next(map, i)) {
		if (!slot_may_fill(map, hole, i))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	memset(&map->slots[hole], 0, sizeof(map->slots[hole]));
	map->count--;
}
