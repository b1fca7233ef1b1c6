/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOOKS_H
#define BOOKS_H

#include "../../examples/transfer/bank.h"

/*
 * A small bank in a database file of its own, and what is in its books. Every
 * scenario starts from a copy of the same file.
 */
struct books {
	int64_t sum;			/* of all balances */
	uint64_t ledger, audit;		/* rows */
	int64_t first, second;		/* balances of accounts 1 and 2 */
	int64_t points;			/* on the card of account 1 */
};

enum { BOOKS_ACCOUNTS = 6 };

/* Folder for the files; made by books_setup(), removed by books_teardown(). */
int books_setup(void);
void books_teardown(void);

/* A fresh copy of the bank. */
void books_reset(void);

/* Connection string of the copy. */
const char *books_connection(void);

/* A profile of the test's own; returns the folder for profile_dir. */
const char *books_profile(const char *name, const char *text);

/* What is in the copy now, read by a data source of its own. */
void books_read(struct books *out);

bool books_equal(const struct books *a, const struct books *b);

#endif
