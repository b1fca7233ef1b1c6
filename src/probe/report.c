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

/* What is refuted pushes out what is merely unproved. */
static void name_claim(struct tally *t, const struct verdict *v)
{
	if (v->standing == OVERCLAIMED && t->overclaimed == 1)
		t->names = 0;
	if (v->standing != OVERCLAIMED && t->overclaimed)
		return;
	if (t->names < TALLY_NAMED)
		t->named[t->names++] = *v;
}

/* That of a claim, if there is one. */
static void take_reason(struct tally *t, const struct verdict *v)
{
	bool claim = v->standing == NOT_TRIED && fact_claims(v->fact, v);

	if ((claim && t->unproved == 0) ||
	    (!t->why[0] && (v->standing == NOT_TRIED ||
			    !strcmp(v->proved, "-"))))
		snprintf(t->why, sizeof(t->why), "%s", v->note);
}

void report_count(struct tally *t, const struct verdict *v)
{
	t->facts++;
	t->overclaimed += v->standing == OVERCLAIMED;
	t->wrong += v->standing == DRIVER_WRONG;
	t->more += v->standing == MORE;
	t->not_tried += v->standing == NOT_TRIED;
	t->broken += fact_rank("crashes|hangs", v->proved) >= 0;
	t->proved += v->standing != NOT_TRIED && strcmp(v->proved, "-") != 0;
	t->idle += !strcmp(v->proved, "-") && fact_claims(v->fact, v);
	take_reason(t, v);
	if (v->standing == NOT_TRIED && fact_claims(v->fact, v))
		t->unproved++;
	else if (v->standing != OVERCLAIMED)
		return;
	name_claim(t, v);
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

enum outcome report_outcome(const struct tally *t)
{
	if (t->overclaimed)
		return OUTCOME_OVERCLAIMED;
	return t->unproved || (!t->proved && t->not_tried + t->idle) ?
	       OUTCOME_UNPROVED : OUTCOME_HOLDS;
}

const char *report_outcome_word(enum outcome o)
{
	return o == OUTCOME_HOLDS ? "holds" :
	       o == OUTCOME_OVERCLAIMED ? "overclaimed" : "unproved";
}

static void list_claims(struct strbuf *sb, const struct tally *t, size_t all)
{
	size_t i;

	for (i = 0; i < t->names; i++)
		strbuf_printf(sb, "          %s: claimed %s, %s%s\n",
			      t->named[i].fact->name, t->named[i].claimed,
			      t->named[i].standing == NOT_TRIED ? "" :
			      "proved ", t->named[i].proved);
	if (all > t->names)
		strbuf_printf(sb, "          and %zu more\n", all - t->names);
}

void report_outcome_text(struct strbuf *sb, const struct tally *t)
{
	switch (report_outcome(t)) {
	case OUTCOME_HOLDS:
		strbuf_puts(sb, "verdict   what the profile claims holds\n");
		return;
	case OUTCOME_OVERCLAIMED:
		strbuf_puts(sb, "verdict   the profile claims more than "
				"holds:\n");
		list_claims(sb, t, t->overclaimed);
		return;
	default:
		break;
	}
	if (t->proved) {
		strbuf_puts(sb, "verdict   what was tried holds; not tried "
				"were:\n");
		list_claims(sb, t, t->unproved);
	} else {
		strbuf_puts(sb, "verdict   nothing could be tried, so nothing "
				"is proved\n");
	}
	if (t->why[0])
		strbuf_printf(sb, "          (%.*s)\n",
			      note_length(t->why), t->why);
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
