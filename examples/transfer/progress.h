/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROGRESS_H
#define PROGRESS_H

/*
 * How far it is: on a terminal a bar with rate and time left, drawn over and
 * over; anywhere else a plain line now and then.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *out;		/* NULL: say nothing */
	bool terminal;
	int64_t first, total;	/* lines done before this run, lines in all */
	double started, shown;	/* seconds */
};

void progress_start(struct progress *p, FILE *out, int64_t first,
		    int64_t total);
void progress_show(struct progress *p, int64_t done);

/* Leave the bar, so that other output can follow. Seconds since the start. */
double progress_end(struct progress *p, int64_t done);

#endif
