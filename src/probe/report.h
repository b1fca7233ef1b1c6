/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include "base/strbuf.h"
#include "probe/facts.h"

/* Verdicts as a text of 80 columns. Pure. */

enum { REPORT_BYTES = 256 * 1024 };

/* Line of the columns' names. */
void report_head(struct strbuf *sb, bool colour);

/* One fact, and the reason below it if there is one to tell. */
void report_line(struct strbuf *sb, const struct verdict *v, bool colour);

/* What the marks mean that were used, and how many there were. */
struct tally {
	size_t facts, overclaimed, wrong, more, not_tried, broken;
};
void report_count(struct tally *t, const struct verdict *v);
void report_sums(struct strbuf *sb, const struct tally *t);

/* "overclaimed", for machines. */
const char *report_standing(enum standing s);

#endif
