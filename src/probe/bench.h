/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_BENCH_H
#define PROBE_BENCH_H

#include "base/arena.h"
#include "model/field.h"
#include "probe/lab.h"

/*
 * A table of the library's own, in {t}, and a connection to it: experiments
 * that go through the library itself, with the profile's types and ways.
 */
enum { BENCH_COLUMNS = 8 };

struct bench {
	struct lab *lab;
	uow_entity entity;
	uow_column columns[BENCH_COLUMNS];
	char table[128];
	struct mapping *mapping;
	struct backend_conn *conn;
	struct arena texts;
};

/* Column number i; the caller fills in what is not zero. */
uow_column *bench_column(struct bench *b, const char *name, uow_type type,
			 size_t offset, size_t size);

/* Before the columns are described. */
void bench_init(struct bench *b, struct lab *l, size_t row_size);

/* Makes the table; false: "why" was seen. To be closed in any case. */
bool bench_open(struct bench *b);
void bench_close(struct bench *b);	/* drops it */

/* A unit around one operation. */
int bench_begin(struct bench *b, uow_error *err);
int bench_end(struct bench *b, int rc, uow_error *err);

/* One batch, in one unit. now and was as in struct write_row. */
int bench_write(struct bench *b, enum shape_op op, struct write_row *rows,
		size_t count, uow_error *err);

/* The row by the key that is in it. */
int bench_read(struct bench *b, void *row, uow_error *err);

#endif
