/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_REPOSITORY_H
#define UNIT_REPOSITORY_H

#include "unit/load.h"

/* What the calls of repositories have in common. */

/* Open for reading? r may be NULL: UOW_ESTATE. */
int repository_check(const uow_repository *r);

/* Open for changes? Fails a unit that is read only. r may be NULL. */
int repository_check_write(uow_repository *r);

/* Known under the key in row: in the identity map. */
struct entry *repository_known(const uow_repository *r, const void *row);

/* r->scratch := key. Fails the unit. */
int repository_set_key(uow_repository *r, const uow_key *key);

/* The row of a known object is no longer there. 0 or UOW_ENOMEM, failed. */
int repository_forget(struct entry *e);

/*
 * The entry of an object that the program says is r's. UOW_EINVAL if it is
 * not, which fails the unit.
 */
int repository_entry(uow_repository *r, const void *object,
		     struct entry **out);

/*
 * May by be added to this column? Then row's member is by, converted, and *out
 * the field. UOW_EINVAL, UOW_EDATA, failing the unit.
 */
int increment_check(uow_repository *r, const char *column, uow_value by,
		    void *row, unsigned *out);

/*
 * A flag of entries beside those of entry.h: the child of some link, once.
 * Spares units with many links a look at all of them for each object.
 */
enum { ENTRY_REFERS = 1 << 7 };

/* Drop the references that child (one column, or -1: any) is to get. */
void repository_drop_links(uow_unit *u, const struct entry *child,
			   int column);

#endif
