/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SEEN_OF_H
#define TESTS_SEEN_OF_H

#include <string.h>

#include "probe/seen.h"

/* Observations out of "name value;name value". */
static inline void seen_of(struct seen *s, const char *items)
{
	char line[256];
	size_t n;

	memset(s, 0, sizeof(*s));
	while (*items) {
		n = strcspn(items, ";");
		memcpy(line, items, n);
		line[n] = '\0';
		assert_int_equal(seen_line(s, line), 0);
		items += n + (items[n] != '\0');
	}
}

#endif
