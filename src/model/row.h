/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_ROW_H
#define MODEL_ROW_H

#include "model/field.h"

/* Whole structs of one mapping. */

/* Columns of set that differ between now and was. */
void row_diff(const struct mapping *m, const void *now, const void *was,
	      const struct columns *set, struct columns *out);

/*
 * Copy src over dst, members' text and bytes into texts (NULL: keep pointing
 * at src's). 0 or UOW_ENOMEM, dst then untouched.
 */
int row_copy(const struct mapping *m, void *dst, const void *src,
	     struct arena *texts);

/* Decimals held as text in their one spelling, copied into texts. */
int row_spell(const struct mapping *m, void *row, struct arena *texts);

/*
 * Make every text and bytes member of set point at a copy in own, but for
 * those that are what known (may be NULL) points at. Also what lies in own
 * already may be part of another object, or be written to by the program.
 * UOW_ENOMEM: members seen so far are moved, all are valid.
 */
int row_own_texts(const struct mapping *m, void *row,
		  const struct columns *set, const void *known,
		  struct arena *own);

/*
 * Its key for people, as row_key_text(), but "(new)" where the database is yet
 * to make it: no key is zero.
 */
void row_name(const struct mapping *m, const void *row, char *buffer,
	      size_t size);
bool row_is_new(const struct mapping *m, const void *row);

/* Copy only the members of set (and their null flags), borrowing texts. */
void row_assign(const struct mapping *m, void *dst, const void *src,
		const struct columns *set);

uint32_t row_key_hash(const struct mapping *m, const void *row);
bool row_key_equal(const struct mapping *m, const void *a, const void *b);

/* The most frequent kind of key; false: row_set_key(). */
bool row_set_integer(const struct mapping *m, void *row, const uow_key *key);

/* Write key's values into row (borrowing texts). UOW_EINVAL: wrong count. */
int row_set_key(const struct mapping *m, void *row, const uow_key *key,
		uow_error *err);

/* "5", "'abc',2024-01-31": for messages. Cut to fit. */
void row_key_text(const struct mapping *m, const void *row, char *buffer,
		  size_t size);

/* The same for one member. */
void row_field_text(const struct field *f, const void *row, char *buffer,
		    size_t size);

/* field_check() for every member of set. */
int row_check(const struct mapping *m, const void *row,
	      const struct columns *set, bool allow_special, uow_error *err);

#endif
