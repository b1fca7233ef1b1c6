/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_OVERRIDE_H
#define PROBE_OVERRIDE_H

#include "dialect/profile.h"

/*
 * Lines "SECTION.KEY=VALUE" over a profile that is loaded: what a search for
 * the right settings tries, before it stands in any file. The section ends at
 * the last '.' before the '=', but keys of [connect] have dots of their own. A
 * line that begins with '#' is a comment. Pure.
 */
int override_apply(struct profile *p, const char *lines, uow_error *err);

/* The parts of the line at *lines, which moves on; false: no more. */
struct override {
	char section[64], key[64], value[512];
};
bool override_next(const char **lines, struct override *out);

#endif
