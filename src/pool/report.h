/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_REPORT_H
#define POOL_REPORT_H

#include "pool/db.h"

enum { REPORT_SIZE = 320 };

/*
 * Who has a connection for longest, as the rest of a message: "; the oldest
 * unit ...". Empty if nobody has. Takes the mutex.
 */
void report_oldest(uow_db *db, char *text, size_t size);

/* All of them, as far as there is room. Takes the mutex. */
void report_all(uow_db *db, char *text, size_t size);

#endif
