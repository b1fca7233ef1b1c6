/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/index.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"
#include "model/compare.h"
#include "model/field.h"

enum { SLOTS_FIRST = 16, BLOCK_ITEMS = 254 };

struct index_block {
	size_t count;
	uint64_t items[BLOCK_ITEMS];	/* hash << 32 | record, sorted */
};

/* -- hash table; removal shifts a run back, there are no tombstones -- */

static size_t home(const struct index *ix, uint32_t hash)
{
	return (size_t)hash & (ix->capacity - 1);
}

static size_t after(const struct index *ix, size_t i)
{
	return (i + 1) & (ix->capacity - 1);
}

static void put(struct index *ix, struct index_slot s)
{
	size_t i = home(ix, s.hash);

	while (ix->slots[i].record)
		i = after(ix, i);
	ix->slots[i] = s;
}

static int reserve_slot(struct index *ix)
{
	struct index bigger = *ix;
	size_t i;

	if (ix->used < ix->capacity / 4 * 3)
		return 0;
	if (ix->capacity > SIZE_MAX / 2)
		return UOW_ENOMEM;
	bigger.capacity = ix->capacity ? ix->capacity * 2 : SLOTS_FIRST;
	bigger.slots = mem_array(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return UOW_ENOMEM;
	for (i = 0; i < ix->capacity; i++)
		if (ix->slots[i].record)
			put(&bigger, ix->slots[i]);
	mem_free(ix->slots);
	*ix = bigger;
	return 0;
}

/* capacity if it is not there */
static size_t find_slot(const struct index *ix, uint32_t hash, uint32_t record)
{
	size_t i;

	if (!ix->used)
		return ix->capacity;
	for (i = home(ix, hash); ix->slots[i].record; i = after(ix, i))
		if (ix->slots[i].hash == hash && ix->slots[i].record == record)
			return i;
	return ix->capacity;
}

static void add_slot(struct index *ix, uint32_t hash, uint32_t record)
{
	struct index_slot s = { hash, record };

	if (find_slot(ix, hash, record) < ix->capacity)
		return;
	put(ix, s);
	ix->used++;
}

/* May the slot at i move to the hole: is its home not between the two? */
static bool may_fill(const struct index *ix, size_t hole, size_t i)
{
	size_t mask = ix->capacity - 1, from = home(ix, ix->slots[i].hash);

	return ((i - from) & mask) >= ((i - hole) & mask);
}

static void remove_slot(struct index *ix, uint32_t hash, uint32_t record)
{
	size_t hole = find_slot(ix, hash, record), i;

	if (hole >= ix->capacity)
		return;
	for (i = after(ix, hole); ix->slots[i].record; i = after(ix, i)) {
		if (!may_fill(ix, hole, i))
			continue;
		ix->slots[hole] = ix->slots[i];
		hole = i;
	}
	ix->slots[hole].record = 0;
	ix->used--;
}

/* -- sorted blocks -- */

static uint64_t item_of(uint32_t hash, uint32_t record)
{
	return (uint64_t)hash << 32 | record;
}

/* The last block that begins at or before item; 0 if none does. */
static size_t block_of(const struct index *ix, uint64_t item)
{
	size_t low = 0, high = ix->block_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (ix->blocks[middle]->items[0] <= item)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The first place in b whose item is not smaller. */
static size_t place_in(const struct index_block *b, uint64_t item)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->items[middle] < item)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int reserve_item(struct index *ix)
{
	if (!ix->spare)
		ix->spare = mem_alloc(sizeof(*ix->spare));
	if (!ix->spare)
		return UOW_ENOMEM;
	return mem_grow(&ix->blocks, &ix->block_room, ix->block_count + 1,
			sizeof(*ix->blocks));
}

static void insert_block(struct index *ix, size_t at)
{
	memmove(ix->blocks + at + 1, ix->blocks + at,
		(ix->block_count - at) * sizeof(*ix->blocks));
	ix->blocks[at] = ix->spare;
	ix->blocks[at]->count = 0;
	ix->block_count++;
	ix->spare = NULL;
}

/*
 * Halve the full block b. What is added at its end goes to a block of its
 * own: rows come in rising order more often than not.
 */
static size_t split(struct index *ix, size_t b, size_t place)
{
	struct index_block *left, *right;
	size_t kept = place == BLOCK_ITEMS ? BLOCK_ITEMS : BLOCK_ITEMS / 2;

	insert_block(ix, b + 1);
	left = ix->blocks[b];
	right = ix->blocks[b + 1];
	right->count = left->count - kept;
	memcpy(right->items, left->items + kept,
	       right->count * sizeof(*right->items));
	left->count = kept;
	return place >= kept ? b + 1 : b;
}

static void add_item(struct index *ix, uint64_t item)
{
	struct index_block *block;
	size_t b, place;

	if (!ix->block_count)
		insert_block(ix, 0);
	b = block_of(ix, item);
	place = place_in(ix->blocks[b], item);
	if (place < ix->blocks[b]->count &&
	    ix->blocks[b]->items[place] == item)
		return;
	if (ix->blocks[b]->count == BLOCK_ITEMS) {
		b = split(ix, b, place);
		place = place_in(ix->blocks[b], item);
	}
	block = ix->blocks[b];
	memmove(block->items + place + 1, block->items + place,
		(block->count - place) * sizeof(*block->items));
	block->items[place] = item;
	block->count++;
}

static void remove_item(struct index *ix, uint64_t item)
{
	struct index_block *block;
	size_t b, place;

	if (!ix->block_count)
		return;
	b = block_of(ix, item);
	block = ix->blocks[b];
	place = place_in(block, item);
	if (place == block->count || block->items[place] != item)
		return;
	block->count--;
	memmove(block->items + place, block->items + place + 1,
		(block->count - place) * sizeof(*block->items));
	if (block->count)
		return;
	mem_free(block);
	ix->block_count--;
	memmove(ix->blocks + b, ix->blocks + b + 1,
		(ix->block_count - b) * sizeof(*ix->blocks));
}

/* -- both -- */

void index_release(struct index *ix)
{
	size_t i;

	mem_free(ix->slots);
	for (i = 0; i < ix->block_count; i++)
		mem_free(ix->blocks[i]);
	mem_free(ix->blocks);
	mem_free(ix->spare);
}

int index_reserve(struct index *ix)
{
	return ix->unique ? reserve_slot(ix) : reserve_item(ix);
}

void index_add(struct index *ix, uint32_t hash, uint32_t record)
{
	if (ix->unique)
		add_slot(ix, hash, record);
	else
		add_item(ix, item_of(hash, record));
}

void index_remove(struct index *ix, uint32_t hash, uint32_t record)
{
	if (ix->unique)
		remove_slot(ix, hash, record);
	else
		remove_item(ix, item_of(hash, record));
}

void index_walk(const struct index *ix, uint32_t hash, struct index_walk *w)
{
	w->ix = ix;
	w->hash = hash;
	w->at = w->item = 0;
	if (ix->unique) {
		w->at = ix->used ? home(ix, hash) : 0;
	} else if (ix->block_count) {
		w->at = block_of(ix, item_of(hash, 0));
		w->item = place_in(ix->blocks[w->at], item_of(hash, 0));
	}
}

static uint32_t next_slot(struct index_walk *w)
{
	const struct index *ix = w->ix;
	const struct index_slot *s;

	if (!ix->used)
		return 0;
	for (s = &ix->slots[w->at]; s->record; s = &ix->slots[w->at]) {
		w->at = after(ix, w->at);
		if (s->hash == w->hash)
			return s->record;
	}
	return 0;
}

static uint32_t next_item(struct index_walk *w)
{
	const struct index *ix = w->ix;
	uint64_t item;

	while (w->at < ix->block_count &&
	       w->item == ix->blocks[w->at]->count) {
		w->at++;
		w->item = 0;
	}
	if (w->at == ix->block_count)
		return 0;
	item = ix->blocks[w->at]->items[w->item];
	if (item >> 32 != w->hash)
		return 0;
	w->item++;
	return (uint32_t)item;
}

uint32_t index_next(struct index_walk *w)
{
	return w->ix->unique ? next_slot(w) : next_item(w);
}

/* -- values -- */

static bool is_real(const struct field *f)
{
	return f->type == UOW_TYPE_FLOAT || f->type == UOW_TYPE_DOUBLE;
}

static uint64_t real_hash(const struct field *f, const void *row, uint64_t h)
{
	uow_value v;
	uint64_t bits;

	field_get(f, row, &v);
	if (v.type == UOW_TYPE_NULL)
		return field_hash(f, row, h);
	if (isnan(v.as.real))
		return random_mix(h ^ 1);
	v.as.real += 0.0;	/* -0.0 becomes 0.0 */
	memcpy(&bits, &v.as.real, sizeof(bits));
	return random_mix(h ^ bits);
}

uint32_t values_hash(const struct mapping *m, const unsigned *columns,
		     size_t count, const void *row)
{
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct field *f = &m->fields[columns[i]];

		h = is_real(f) ? real_hash(f, row, h) : field_hash(f, row, h);
	}
	return (uint32_t)(h ^ h >> 32);
}

bool values_any_null(const struct mapping *m, const unsigned *columns,
		     size_t count, const void *row)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (field_is_null(&m->fields[columns[i]], row))
			return true;
	return false;
}

static bool equal(const struct field *fa, const void *a,
		  const struct field *fb, const void *b)
{
	uow_value x, y;
	int order;

	field_get(fa, a, &x);
	field_get(fb, b, &y);
	if (x.type == UOW_TYPE_NULL || y.type == UOW_TYPE_NULL)
		return x.type == y.type;
	if (is_real(fa) && is_real(fb) && isnan(x.as.real))
		return isnan(y.as.real);
	return value_compare(&x, &y, &order) && order == 0;
}

bool values_equal(const struct mapping *ma, const unsigned *ca, const void *a,
		  const struct mapping *mb, const unsigned *cb, const void *b,
		  size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!equal(&ma->fields[ca[i]], a, &mb->fields[cb[i]], b))
			return false;
	return true;
}
