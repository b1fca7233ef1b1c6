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
enum { TALLY_NAMED = 12 };
struct tally {
	size_t facts, overclaimed, wrong, more, not_tried, broken;
	size_t proved;		/* facts about which something was found out */
	size_t unproved;	/* claims among not_tried */
	size_t idle;		/* claims that have no meaning here */
	/* The first of those that decide, and why one could not be tried. */
	struct verdict named[TALLY_NAMED];
	size_t names;
	char why[FACT_NOTE];
};
void report_count(struct tally *t, const struct verdict *v);
void report_sums(struct strbuf *sb, const struct tally *t);

/* A claim that nobody has tried is not taken for one that holds. */
enum outcome { OUTCOME_HOLDS, OUTCOME_OVERCLAIMED, OUTCOME_UNPROVED };
enum outcome report_outcome(const struct tally *t);

/* It in words, naming the claims. */
void report_outcome_text(struct strbuf *sb, const struct tally *t);
/* "overclaimed", for machines. */
const char *report_outcome_word(enum outcome o);

/* "overclaimed", for machines. */
const char *report_standing(enum standing s);

#endif
