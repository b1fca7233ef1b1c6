/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_SPELLING_H
#define UNIT_SPELLING_H

#include "unit/entry.h"

/*
 * A database may take two texts for one key: another case, blanks at the end
 * of a CHAR, a UUID in capitals. The identity map compares bytes, so a row that
 * is known by the program's spelling is met a second time when it is read by
 * the database's. Entries of text keys that no read has met yet are
 * ENTRY_UNSEEN; where one of them could be the row of another entry the
 * repository is in doubt, and COMMIT reads the unseen ones first. What only
 * these reads have made is ENTRY_CHECKED: the program does not have it. The
 * first unseen one that turns out to be that row has it to itself
 * (ENTRY_CLAIMED), a second one is another object of the same row.
 */

/* A row that is in the database already, known by the program's key. */
void spelling_given(struct entry *e, bool with_object);
/* A row that the unit has inserted. */
void spelling_inserted(struct entry *e);
/* A row that was read: it is e's, or a new entry has been made of it. */
void spelling_met(struct entry *e);
void spelling_admitted(struct entry *e);

/* UOW_EINVAL: there are two objects of one row. Reads in case of doubt only. */
int spelling_check(uow_unit *u);

#endif
