/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef JOURNAL_H
#define JOURNAL_H

/*
 * The journal: one transfer in each line of a text file, as
 *
 *	line number,from,to,amount,memo
 *
 * The line number is that of the line itself; amounts have two decimals and
 * a point; a memo that contains a comma or a quote is quoted, with quotes
 * doubled. Text is UTF-8. Nothing depends on the locale, and what is not
 * exactly so is malformed: with money, guessing is not a service.
 */

#include <stdint.h>
#include <stdio.h>

#include "bank.h"

struct entry {
	int64_t line;		/* counted from 1; set in any case */
	int64_t from, to;
	int64_t amount;		/* in hundredths, more than 0 */
	char memo[BANK_MEMO_LENGTH * 4 + 1];
	char problem[80];	/* not empty: the line is malformed */
};

struct journal {
	FILE *file;
	int64_t line;		/* read so far */
	int64_t lines;		/* in all */
};

/* 0, or -1 with errno. The file must be one that can be read twice. */
int journal_open(struct journal *j, const char *path);

/* 1 with an entry, 0 at the end, -1 with errno. */
int journal_next(struct journal *j, struct entry *e);

/* Also one that never opened, all zero. */
void journal_close(struct journal *j);

#endif
