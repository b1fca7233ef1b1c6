/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <inttypes.h>

#include "base/errors.h"

/*
 * Writes by criterion. A database that does not look whether a sum fits its
 * column is asked before whether one would not.
 */

static int check_room(struct odbc_conn *c, const struct shape *s,
		      const struct read_args *args,
		      const struct write_row *row, uow_error *err)
{
	struct shape count = *s;
	struct stmt *st;
	uint64_t n = 0;
	int rc;

	if (columns_empty(&s->add) || c->source->profile->range_checked)
		return 0;
	count.op = SHAPE_COUNT;
	count.set = (struct columns){ { 0 } };
	rc = stmt_run(c, &count, row, args, NULL, &st, err);
	if (rc)
		return rc;
	rc = read_number(c, st, &n, err);
	stmt_done(c, st);
	if (rc || !n)
		return rc;
	return error_set(err, UOW_EDATA, "%s: a sum would not fit its column "
			 "in %" PRIu64 " of the rows", s->mapping->name, n);
}

int write_where(struct backend_conn *base, const struct shape *s,
		const struct read_args *args, const struct write_row *row,
		uint64_t *affected, uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	struct stmt *st;
	SQLLEN rows = -1;
	int rc;

	c->anew = false;
	rc = check_room(c, s, args, row, err);
	if (!rc)
		rc = stmt_run(c, s, row, args, &rows, &st, err);
	if (rc) {
		c->failed = true;
		return txn_written(c, rc, err);
	}
	stmt_done(c, st);
	*affected = rows < 0 ? UINT64_MAX : (uint64_t)rows;
	return 0;
}
