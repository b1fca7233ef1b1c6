/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "base/arena.h"
#include "base/errors.h"
#include "model/mapping.h"

/*
 * One member of one struct: reading, writing, comparing. row is the struct's
 * address. Two NULLs are equal here (this is about memory, not SQL).
 *
 * "Equal" is about what would be written: text and bytes by content, doubles
 * by their bits, all else by value.
 */
bool field_is_null(const struct field *f, const void *row);
void field_set_null(const struct field *f, void *row);	/* also zeroes it */
bool field_equal(const struct field *f, const void *a, const void *b);
uint64_t field_hash(const struct field *f, const void *row, uint64_t seed);

/* Is it 0, all zero bytes, or empty: "to be generated"? */
bool field_is_zero(const struct field *f, const void *row);

/*
 * The member as a value; text and bytes are borrowed from the row. CHARS and
 * TEXT are both of type TEXT: what they hold is the same. A decimal held as
 * text has another scale than 0, and is compared as a number.
 */
void field_get(const struct field *f, const void *row, uow_value *out);

/*
 * May this member be written? UOW_EDATA naming entity, column and limit: text
 * without NUL in its array, not UTF-8, longer than the column; bytes too long;
 * a calendar day that does not exist; more digits than the precision; NULL in
 * a member that is required or a key; a NaN or infinity if !allow_special.
 */
int field_check(const struct mapping *m, const struct field *f,
		const void *row, bool allow_special, uow_error *err);

/*
 * Convert v to the column's type, exactly or not at all (UOW_EDATA; UOW_EINVAL
 * for a type that cannot mean this column). Integers fit any integer, decimal
 * or floating column that holds them exactly; a decimal changes its scale;
 * text fits CHARS and TEXT and, where it parses, DATE, TIME, TIMESTAMP, UUID
 * and DECIMAL. NULL stays NULL. Text and bytes stay borrowed.
 *
 * The result has the column's type, with TEXT for CHARS as in field_get(). Of
 * lengths, only the array of a CHARS is looked at: comparing a column with a
 * longer text is no mistake. An array of no bytes at NULL is NULL, too.
 */
int field_convert(const struct mapping *m, const struct field *f,
		  const uow_value *v, uow_value *out, uow_error *err);

/*
 * field_convert() into the member. Text and bytes are copied into texts, or
 * borrowed if that is NULL (text must then end with a NUL). NULL for a member
 * that cannot be NULL is UOW_EDATA.
 */
int field_set(const struct mapping *m, const struct field *f, void *row,
	      const uow_value *v, struct arena *texts, uow_error *err);

/*
 * The same for an integer that is known to fit an INT16, INT32 or INT64 member,
 * of which there are many in every result. False for other types.
 */
bool field_put_integer(const struct field *f, void *row, int64_t i);

/*
 * And for text that is not the row's own, into a CHARS member. False as well
 * where it does not fit or is not UTF-8: field_set() says what is wrong.
 */
bool field_put_chars(const struct field *f, void *row, const char *text,
		     size_t length);

/* "entity account: column 'balance' " and what fmt says. Returns code. */
UOW_PRINTF(5, 6) int field_error(const struct mapping *m,
				 const struct field *f, uow_error *err,
				 int code, const char *fmt, ...);

/*
 * The one spelling of a decimal held as text, in buffer of DIGITS_TEXT bytes.
 * False: it is none of the column's.
 */
bool field_digits(const struct field *f, const uow_value *v, char *buffer);

/* The text of a CHARS or TEXT member that is not NULL, and its length. */
const char *field_text(const struct field *f, const void *row, size_t *length);

#endif
