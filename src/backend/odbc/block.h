/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_BLOCK_H
#define ODBC_BLOCK_H

#include "backend/odbc/slot.h"
#include "model/span.h"

/*
 * Rows of a result as a fetch of many leaves them. Each begins with an image
 * of the program's struct: columns that the driver can write as the member is
 * kept are bound there, and reach the struct together, in few spans. Then an
 * indicator for each column; in row-wise binding they need not be beside their
 * values, both addresses advance by SQL_ATTR_ROW_BIND_TYPE. Then buffers for
 * columns that have to be converted.
 *
 * Invariants: spans are the members of those cells that are bound in the
 * image; no other byte of a struct is written but by its column's conversion.
 */
enum way {
	WAY_CONVERT,		/* slot_get() */
	WAY_IMAGE,		/* any bytes are a value */
	WAY_CHARS,		/* in the image, ends with a NUL */
	WAY_WHOLE,		/* 8 bytes, into a whole number */
	WAY_DIGITS		/* text, into a whole number */
};

struct cell {
	size_t buffer, room;	/* outside of the image; 0: none */
	size_t at;		/* what is bound: there, or at its member */
	size_t null_offset;	/* as in the field */
	enum way way;
};

struct block {
	char *rows;
	size_t row_size, count;
	size_t image, indicators;	/* bytes of the one: 0, none; where */
	bool point;		/* numbers have a '.' in this locale */
	struct span *spans;
	size_t span_count;
	struct cell cells[];
};

/* For at most so many rows. NULL: no memory. */
struct block *block_new(const struct mapping *m, const struct slot *columns,
			size_t count, size_t rows);
void block_free(struct block *b);

/* Where column i is to be bound, now that its kind is known. */
void block_place(struct block *b, const struct slot *columns, size_t i);
/* After the last of them. */
void block_placed(struct block *b, const struct slot *columns, size_t count);

/* Of the first row: value, bytes it has room for, indicator. */
char *block_buffer(const struct block *b, size_t i);
size_t block_room(const struct block *b, const struct slot *s, size_t i);
SQLLEN *block_indicator(const struct block *b, size_t i);

/* The slot's buffer and indicator become those of a row. */
void block_select(const struct block *b, size_t row, struct slot *s, size_t i);

/* What was bound in the image, into the program's struct. */
void block_copy(const struct block *b, size_t row, void *to);
/*
 * And what is left to be done for columns from..count-1. Returns the first one
 * for which slot_get() has to, or count.
 */
size_t block_finish(const struct block *b, size_t row,
		    const struct slot *columns, size_t from, size_t count,
		    void *to);

#endif
