/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_CURSOR_H
#define ODBC_CURSOR_H

#include "backend/odbc/stmt.h"

/* An executed statement whose rows are being read. Owns the statement. */
struct backend_cursor {
	struct odbc_conn *conn;
	struct stmt *stmt;
	int64_t rows;		/* read so far */
	uint64_t skip;		/* rows to leave out first */
	uint64_t limit;		/* rows to give at most, 0: all */
};

int cursor_new(struct odbc_conn *c, struct stmt *st,
	       struct backend_cursor **out, uow_error *err);

#endif
