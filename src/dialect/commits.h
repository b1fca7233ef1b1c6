/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_COMMITS_H
#define DIALECT_COMMITS_H

#include "dialect/profile.h"

/*
 * Does this statement commit what was done before it, by the globs of the
 * profile? Comments before it and between its words do not count, nor does the
 * kind of blank. What procedures do cannot be known.
 */
bool statement_commits(const struct profile *p, const char *sql);

#endif
