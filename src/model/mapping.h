/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_MAPPING_H
#define MODEL_MAPPING_H

#include <uow/entity.h>
#include <uow/error.h>

/*
 * A uow_entity, validated and made ready for use: what the rest of the library
 * works with. Borrows the entity's names and lists (they are static), owns
 * nothing else but itself. Immutable after mapping_new(): shared by threads.
 *
 * Invariants: 1..UOW_ENTITY_COLUMNS fields with distinct names; at least one
 * key field, at most UOW_KEY_COLUMNS; members lie inside the struct; at most
 * one version; keys are not nullable.
 */
enum { COLUMN_WORDS = UOW_ENTITY_COLUMNS / 64 };

/* A set of columns. */
struct columns {
	uint64_t words[COLUMN_WORDS];
};

struct field {
	const char *name;
	uow_type type;
	unsigned flags;			/* UOW_KEY and so on */
	size_t offset, size;
	size_t null_offset;		/* UOW_NOT_NULL: none */
	unsigned length;		/* characters or bytes, 0: no limit */
	unsigned precision, scale;
	const uow_entity *references;
	unsigned index;			/* in mapping.fields */
};

struct mapping {
	const uow_entity *entity;
	const char *name;		/* C name, "struct " left out */
	const char *schema;		/* or NULL */
	const char *table;
	size_t size;			/* of the struct */
	struct field *fields;
	size_t count;
	unsigned keys[UOW_KEY_COLUMNS];
	size_t key_count;
	const struct field *integer_key;	/* all of the key; or NULL */
	int version;			/* field, or -1 */
	int generated_key;		/* field, or -1 */
	bool server_version;		/* version is also UOW_GENERATED */
	bool text_key;			/* a column of the key is text */
	struct columns all;
	struct columns key_set;
	struct columns written;		/* neither generated nor read only */
	struct columns generated;	/* non-key columns the database fills */
	struct columns texts;		/* TEXT and BYTES: held by pointer */
	struct columns digits;		/* decimals held as text */
};

/* Codes: UOW_ECONFIG naming entity and column, UOW_ENOMEM. */
int mapping_new(struct mapping **out, const uow_entity *entity,
		uow_error *err);
/* Can each name be kept in max bytes? 0: any can. UOW_ECONFIG names it. */
int mapping_check_names(const struct mapping *m, unsigned max,
			uow_error *err);

void mapping_free(struct mapping *m);

/* Index of the field with this column name, -1 if there is none. */
int mapping_find(const struct mapping *m, const char *column);

/* May the member be SQL NULL? */
bool field_nullable(const struct field *f);

/* "INT64", for messages. */
const char *type_name(uow_type type);

/* Text in either of its two forms? */
bool type_is_text(uow_type type);

/*
 * Decimals held as text are columns of their own kind (TYPE_DIGITS) with
 * members of type TEXT; every other column is of its member's kind.
 */
enum { TYPE_DIGITS = UOW_TYPE_UUID + 1, TYPE_KINDS };
static inline bool field_is_digits(const struct field *f)
{
	return f->precision && f->type == UOW_TYPE_TEXT;
}

static inline unsigned field_kind(const struct field *f)
{
	return field_is_digits(f) ? TYPE_DIGITS : (unsigned)f->type;
}

/*
 * Column i of an entity that passes entity_readable(), whatever the size of a
 * uow_column was when it was compiled.
 */
void entity_column(const uow_entity *entity, size_t i, uow_column *out);
bool entity_readable(const uow_entity *entity);

static inline bool columns_has(const struct columns *c, unsigned i)
{
	return (c->words[i / 64] >> (i % 64)) & 1;
}

static inline void columns_add(struct columns *c, unsigned i)
{
	c->words[i / 64] |= (uint64_t)1 << (i % 64);
}

static inline void columns_remove(struct columns *c, unsigned i)
{
	c->words[i / 64] &= ~((uint64_t)1 << (i % 64));
}

bool columns_empty(const struct columns *c);
bool columns_equal(const struct columns *a, const struct columns *b);

#endif
