/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_SEARCH_H
#define PROBE_SEARCH_H

#include "probe/session.h"

/*
 * A profile for a database that has none: what candidates.c offers is tried
 * in its order, each by the experiment of its fact, and the first that is
 * proved is taken. Then everything is examined as it will be, and what does
 * not hold is claimed no more. The runs of the session are those of the
 * profile that was written.
 */
int search_write(struct session *s, const char *file, uow_error *err);

#endif
