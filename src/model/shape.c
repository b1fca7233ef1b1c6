/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/shape.h"

#include <string.h>

#include "base/mem.h"
#include "base/random.h"

/* Spreads well enough for one more: the last bits are mixed at the end. */
static uint64_t hash_word(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static uint64_t hash_columns(uint64_t h, const struct columns *c)
{
	size_t i;

	for (i = 0; i < COLUMN_WORDS; i++)
		h = hash_word(h, c->words[i]);
	return h;
}

/* Member by member: what lies between them has no defined content. */
uint64_t shape_hash(const struct shape *s)
{
	uint64_t h = hash_word(0, (uint64_t)(uintptr_t)s->mapping);
	size_t i;

	h = hash_word(h, (uint64_t)s->op | (uint64_t)s->lock << 8 |
			 (uint64_t)s->versioned << 16 |
			 (uint64_t)s->key_count << 24);
	h = hash_columns(h, &s->set);
	h = hash_columns(h, &s->add);
	h = hash_columns(h, &s->returned);
	for (i = 0; i < s->code_len; i++)
		h = hash_word(h, s->code[i]);
	for (i = 0; i < s->order_count; i++)
		h = hash_word(h, (uint64_t)s->order[i].column << 1 |
				 s->order[i].descending);
	h = hash_word(h, s->offset);
	return random_mix(hash_word(h, s->limit));
}

static bool order_equal(const struct shape *a, const struct shape *b)
{
	size_t i;

	for (i = 0; i < a->order_count; i++)
		if (a->order[i].column != b->order[i].column ||
		    a->order[i].descending != b->order[i].descending)
			return false;
	return true;
}

static bool lists_equal(const struct shape *a, const struct shape *b)
{
	if (a->code_len != b->code_len || a->order_count != b->order_count)
		return false;
	if (a->code_len && memcmp(a->code, b->code,
				  a->code_len * sizeof(*a->code)) != 0)
		return false;
	return order_equal(a, b);
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
	return a->mapping == b->mapping && a->op == b->op &&
	       a->lock == b->lock && a->versioned == b->versioned &&
	       a->key_count == b->key_count &&
	       columns_equal(&a->set, &b->set) &&
	       columns_equal(&a->add, &b->add) &&
	       columns_equal(&a->returned, &b->returned) &&
	       a->offset == b->offset && a->limit == b->limit &&
	       lists_equal(a, b);
}

/* Struct, order, code, in falling order of alignment; 0: does not fit. */
static size_t block_size(const struct shape *s)
{
	size_t left = SIZE_MAX - sizeof(*s);

	if (s->order_count > left / sizeof(*s->order))
		return 0;
	left -= s->order_count * sizeof(*s->order);
	if (s->code_len > left / sizeof(*s->code))
		return 0;
	left -= s->code_len * sizeof(*s->code);
	return SIZE_MAX - left;
}

struct shape *shape_copy(const struct shape *s)
{
	size_t size = block_size(s);
	struct shape_order *order;
	struct shape *copy;
	uint32_t *code;

	copy = size ? mem_alloc(size) : NULL;
	if (!copy)
		return NULL;
	order = (struct shape_order *)(copy + 1);
	code = (uint32_t *)(order + s->order_count);
	if (s->order_count)
		memcpy(order, s->order, s->order_count * sizeof(*order));
	if (s->code_len)
		memcpy(code, s->code, s->code_len * sizeof(*code));
	*copy = *s;
	copy->order = s->order_count ? order : NULL;
	copy->code = s->code_len ? code : NULL;
	return copy;
}

const char *shape_verb(enum shape_op op)
{
	switch (op) {
	case SHAPE_INSERT:
		return "INSERT";
	case SHAPE_UPDATE:
	case SHAPE_UPDATE_WHERE:
		return "UPDATE";
	case SHAPE_DELETE:
	case SHAPE_DELETE_WHERE:
		return "DELETE";
	case SHAPE_SELECT:
		return "SELECT";
	case SHAPE_COUNT:
		return "COUNT";
	}
	return "";
}
