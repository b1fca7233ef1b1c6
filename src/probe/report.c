/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/report.h"

#include <stdio.h>
#include <string.h>

enum { NOTE_WIDTH = 74 };

void report_head(struct strbuf *sb, bool colour)
{
	strbuf_printf(sb, "%s  %-33s %-12s %-17s %s%s\n",
		      colour ? "\033[1m" : "", "fact", "claimed", "proved",
		      "used", colour ? "\033[0m" : "");
}

static const char *mark(enum standing s)
{
	switch (s) {
	case OVERCLAIMED:
		return "!";
	case DRIVER_WRONG:
		return "*";
	case MORE:
		return "+";
	case NOT_TRIED:
		return "?";
	default:
		return " ";
	}
}

static const char *colour_of(const struct verdict *v)
{
	switch (v->standing) {
	case OVERCLAIMED:
		return "\033[1;31m";
	case DRIVER_WRONG:
		return "\033[33m";
	case MORE:
		return "\033[32m";
	default:
		return fact_rank("crashes|hangs", v->proved) >= 0 ?
		       "\033[31m" : "";
	}
}

/* Cut where a character begins. */
static int note_length(const char *note)
{
	size_t n = strlen(note);

	if (n <= NOTE_WIDTH)
		return (int)n;
	for (n = NOTE_WIDTH; n > 0 && (note[n] & 0xc0) == 0x80; n--)
		;
	return (int)n;
}

void report_line(struct strbuf *sb, const struct verdict *v, bool colour)
{
	const char *on = colour ? colour_of(v) : "";
	char claimed[FACT_WORD + 4];

	if (v->claimed[0])
		snprintf(claimed, sizeof(claimed), "%s", v->claimed);
	else if (v->said[0])
		snprintf(claimed, sizeof(claimed), "(%s)", v->said);
	else
		snprintf(claimed, sizeof(claimed), "-");
	strbuf_printf(sb, "%s%s %-33s %-12s %-17s %s%s\n", on,
		      mark(v->standing), v->fact->name, claimed, v->proved,
		      v->used, *on ? "\033[0m" : "");
	if (v->standing == DRIVER_WRONG && v->claimed[0])
		strbuf_printf(sb, "      the driver says: %s\n", v->said);
	if (v->note[0])
		strbuf_printf(sb, "      %.*s\n", note_length(v->note),
			      v->note);
}

void report_count(struct tally *t, const struct verdict *v)
{
	t->facts++;
	t->overclaimed += v->standing == OVERCLAIMED;
	t->wrong += v->standing == DRIVER_WRONG;
	t->more += v->standing == MORE;
	t->not_tried += v->standing == NOT_TRIED;
	t->broken += fact_rank("crashes|hangs", v->proved) >= 0;
}

static void sum(struct strbuf *sb, const char *sign, size_t n,
		const char *what)
{
	if (n)
		strbuf_printf(sb, "%s %4zu %s\n", sign, n, what);
}

void report_sums(struct strbuf *sb, const struct tally *t)
{
	strbuf_printf(sb, "\n  %4zu facts\n", t->facts);
	sum(sb, "!", t->overclaimed, "claimed by the profile and not so");
	sum(sb, "*", t->wrong, "said by the driver of itself and not so");
	sum(sb, "+", t->more, "more than the profile claims");
	sum(sb, " ", t->broken, "that crash or hang: never used");
	sum(sb, "?", t->not_tried, "that could not be tried here");
	strbuf_puts(sb, "(words in parentheses: what the driver says; "
			"uow(1) explains the facts)\n");
}

const char *report_standing(enum standing s)
{
	switch (s) {
	case OVERCLAIMED:
		return "overclaimed";
	case DRIVER_WRONG:
		return "driver-wrong";
	case MORE:
		return "more";
	case NOT_TRIED:
		return "not-tried";
	default:
		return "stands";
	}
}
