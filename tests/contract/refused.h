/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_REFUSED_H
#define CONTRACT_REFUSED_H

#include <stdbool.h>

/*
 * The list in README.md of cases in which the library's documented refusal
 * takes the place of what they are about. Each case is compared with it, so
 * that it says what is so.
 */

/* Is the list at hand? */
bool refused_known(void);
bool refused_listed(const char *backend, const char *topic, const char *name);

#endif
