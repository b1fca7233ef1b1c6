/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_TEXT_H
#define PROBE_TEXT_H

#include "dialect/profile.h"

/*
 * A template with the scratch tables' names filled in: {a} becomes the table
 * prefix_a in the profile's quotes. NULL: no memory. mem_free().
 */
char *scratch_sql(const struct profile *p, const char *prefix,
		  const char *sql);

/* Name of one, without quotes. */
void scratch_name(char *buffer, size_t size, const char *prefix,
		  const char *letter);

#endif
