/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_WRITER_H
#define PROBE_WRITER_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "probe/seen.h"

/*
 * A profile as a text, out of lines of override.h. "# words" between them is a
 * comment on the lines that follow. Of two lines for one key the last one
 * counts, but in [errors]; lines of a section are put together. Pure.
 */
enum { WRITER_BYTES = 64 * 1024 };

void writer_profile(struct strbuf *sb, const char *inherits, bool proved,
		    const struct seen *claims, const char *lines);

#endif
