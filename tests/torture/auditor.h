/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef AUDITOR_H
#define AUDITOR_H

#include <stddef.h>

/*
 * Looks at the bank by a connection of its own, past the library: one that
 * stays open. None of its calls fails; if one does the program ends.
 */
void auditor_start(const char *connection, const char *prepare);
void auditor_stop(void);

/* All rows as text; keys that the database makes are left out. */
void auditor_read(char *text, size_t size);

/* Keep the rows that are there; and write them again. */
void auditor_remember(void);
void auditor_put_back(void);

#endif
