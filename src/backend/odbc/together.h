/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_TOGETHER_H
#define ODBC_TOGETHER_H

#include "backend/odbc/batch.h"

/* The rows of a stage, one after the other. One digit says which has missed. */
enum { TOGETHER_ROWS = 8 };

struct stage {
	struct write_row rows[TOGETHER_ROWS];
	const struct shape *shapes[TOGETHER_ROWS];
	size_t batches[TOGETHER_ROWS], places[TOGETHER_ROWS];
	size_t count;
	struct arena *texts;
};

/* Their statement, prepared, from those that are kept or anew. */
int together_statement(struct odbc_conn *c, const struct stage *m,
		       struct stmt **out, uow_error *err);

#endif
