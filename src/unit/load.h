/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_LOAD_H
#define UNIT_LOAD_H

#include "unit/entry.h"

/*
 * Rows coming in: each becomes an object of the unit, or meets the one that
 * is already there.
 */
enum load_mode {
	LOAD_KEEP,	/* what the unit holds wins */
	LOAD_LOCKED,	/* clean objects are updated in place; a changed one
			   with another version is UOW_ECONFLICT */
	LOAD_REFRESH	/* the row wins, changes are given up */
};

/* Statements by keys have 1, 10 or LOAD_KEYS of them. */
enum { LOAD_KEYS = 100 };

/* Start a read: in time, with the error completed. Fails the unit. */
int load_open(uow_repository *r, const struct shape *s,
	      const struct read_args *args, struct backend_cursor **out);

/*
 * Next row of a cursor as an entry; *out NULL at the end. A removed object's
 * row is skipped. Fails the unit.
 */
int load_next(uow_repository *r, struct backend_cursor *cur,
	      enum load_mode mode, struct entry **out);

/* One row by key (r->scratch holds it); *out NULL if there is none. */
int load_by_key(uow_repository *r, uow_lock lock, enum load_mode mode,
		struct entry **out);

/* Rows by keys[i] (structs with key members set), in any order. */
int load_by_keys(uow_repository *r, const void *const *keys, size_t count);

/*
 * The entry's object is what row says; texts are the unit's already. What is
 * pending for it is added. Fails the unit.
 */
int load_take(struct entry *e, const void *row);

/* The same for a row that could not be read; row: what was read of it. */
int load_unreadable(uow_repository *r, const void *row, uow_error *err);

/* An error of the backend, with entity and key of a row added; fails u. */
int load_failed(uow_repository *r, const void *key_row, uow_error *err);

/* The same of a SELECT, whose step is said if the backend has not. */
int load_read_failed(uow_repository *r, const void *key_row, uow_error *err);

/*
 * Fail the unit because of one row, or of the entity if key_row is NULL: the
 * message begins with its name, "account 5: ".
 */
UOW_PRINTF(4, 5) int load_refuse(uow_repository *r, int code,
				 const void *key_row, const char *fmt, ...);

#endif
