/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define TERMINAL_SECONDS 0.1
#define PLAIN_SECONDS 5
#define PLAIN_LINES 1000

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_start(struct progress *p, FILE *out, int64_t first,
		    int64_t total)
{
	memset(p, 0, sizeof(*p));
	p->out = out;
	p->terminal = out && isatty(fileno(out));
	p->first = first;
	p->total = total;
	p->started = p->shown = now();
}

static void print_rate(const struct progress *p, int64_t done)
{
	double seconds = p->shown - p->started;
	double rate = seconds > 0 ? (double)(done - p->first) / seconds : 0;
	int64_t left = 0;

	if (rate > 0 && done < p->total)
		left = (int64_t)((double)(p->total - done) / rate);
	fprintf(p->out, "%.0f lines/s, %" PRId64 ":%02d left", rate,
		left / 60, (int)(left % 60));
}

static void draw(const struct progress *p, int64_t done)
{
	static const char full[] = "##############################";
	static const char empty[] = "..............................";
	int filled = done < p->total ?
		(int)(BAR_WIDTH * (double)done / (double)p->total) : BAR_WIDTH;

	fprintf(p->out, "\r[%.*s%.*s] %" PRId64 "/%" PRId64 "  ", filled, full,
		BAR_WIDTH - filled, empty, done, p->total);
	print_rate(p, done);
	/* What a longer line left behind. */
	fputs("\033[K", p->out);
	fflush(p->out);
}

void progress_show(struct progress *p, int64_t done)
{
	double t = now();

	if (!p->out)
		return;
	if (p->terminal) {
		if (t - p->shown < TERMINAL_SECONDS)
			return;
		p->shown = t;
		draw(p, done);
	} else if (done % PLAIN_LINES == 0 || t - p->shown >= PLAIN_SECONDS) {
		p->shown = t;
		fprintf(p->out, "%" PRId64 " of %" PRId64 " lines, ", done,
			p->total);
		print_rate(p, done);
		fputc('\n', p->out);
		fflush(p->out);
	}
}

double progress_end(struct progress *p, int64_t done)
{
	p->shown = now();
	if (p->terminal) {
		draw(p, done);
		fputc('\n', p->out);
	}
	return p->shown - p->started;
}
