/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_CLASSIFY_H
#define DIALECT_CLASSIFY_H

#include "dialect/profile.h"

/*
 * UOW_E* for what a driver said: the profile's [errors], then SQLSTATE's
 * classes as ODBC and SQL define them, else UOW_ESQL. p may be NULL (before a
 * profile is known). Never UOW_EINDOUBT: what a failed COMMIT means is
 * classify_commit()'s to say.
 */
int classify(const struct profile *p, const char *state, int native,
	     const char *message);

/* What a failed COMMIT on a connection that lives means. */
enum commit_verdict { COMMIT_BUSY, COMMIT_ROLLED_BACK, COMMIT_UNKNOWN };
enum commit_verdict classify_commit(const struct profile *p, const char *state,
				    int native, const char *message);

#endif
