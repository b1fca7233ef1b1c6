/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_INDEX_H
#define MEMORY_INDEX_H

#include "model/mapping.h"

/*
 * Sets of (hash of values, number of record). Two kinds: a hash table where
 * values are unique, so that few records share one; sorted blocks where many
 * may (children of one parent).
 *
 * Adding what is there and removing what is not is nothing. Adding never
 * fails after index_reserve().
 */
struct index_slot {
	uint32_t hash, record;		/* record 0: empty */
};

struct index_block;

struct index {
	unsigned columns[UOW_KEY_COLUMNS];
	size_t count;
	struct columns set;
	bool unique;

	struct index_slot *slots;	/* unique: capacity of them */
	size_t capacity, used;

	struct index_block **blocks;	/* not unique: in order */
	size_t block_count, block_room;
	struct index_block *spare;
};

void index_release(struct index *ix);
int index_reserve(struct index *ix);
void index_add(struct index *ix, uint32_t hash, uint32_t record);
void index_remove(struct index *ix, uint32_t hash, uint32_t record);

/* Records with one hash; the index must not change meanwhile. */
struct index_walk {
	const struct index *ix;
	uint32_t hash;
	size_t at, item;
};

void index_walk(const struct index *ix, uint32_t hash, struct index_walk *w);
uint32_t index_next(struct index_walk *w);	/* 0: no more */

static inline bool columns_meet(const struct columns *a,
				const struct columns *b)
{
	size_t i;

	for (i = 0; i < COLUMN_WORDS; i++)
		if (a->words[i] & b->words[i])
			return true;
	return false;
}

/*
 * Values of columns, compared as SQL does: 0.0 and -0.0 are one value; so are
 * two NaNs, since a key of them must be found again.
 */
uint32_t values_hash(const struct mapping *m, const unsigned *columns,
		     size_t count, const void *row);
bool values_any_null(const struct mapping *m, const unsigned *columns,
		     size_t count, const void *row);
bool values_equal(const struct mapping *ma, const unsigned *ca, const void *a,
		  const struct mapping *mb, const unsigned *cb, const void *b,
		  size_t count);

#endif
