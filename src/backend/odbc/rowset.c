/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

/*
 * Many rows in one SQLFetch (SQL_ATTR_ROW_ARRAY_SIZE), in one block of memory
 * row by row, which all drivers read right. While a row is looked at, the
 * slots' buffers and indicators are those of the row.
 *
 * A row with an error does not make SQLFetch fail: its status says so (ODBC,
 * "Row Status Array").
 */

enum { ALIGNMENT = 16, BLOCK_BYTES = 256 * 1024 };

struct rowset {
	char *block;
	size_t row_size, rows, at;
	SQLULEN fetched;
	SQLUSMALLINT *statuses;
	size_t offsets[];	/* of each column: indicator, then data */
};

void rowset_free(struct rowset *r)
{
	if (!r)
		return;
	mem_free(r->block);
	mem_free(r->statuses);
	mem_free(r);
}

static bool many_rows(const struct shape *s)
{
	return s && s->op == SHAPE_SELECT && columns_empty(&s->set) &&
	       s->key_count != 1 && s->limit != 1;
}

static bool all_bound(const struct stmt *st)
{
	size_t i;

	for (i = 0; i < st->column_count; i++)
		if (st->columns[i].fetched_by_parts)
			return false;
	return st->column_count > 0;
}

static void lay_out(struct rowset *r, const struct stmt *st, size_t rows)
{
	size_t i, at = 0;

	for (i = 0; i < st->column_count; i++) {
		r->offsets[i] = at;
		at += ALIGNMENT + st->columns[i].capacity;
		at = (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	}
	r->row_size = at;
	r->rows = at > BLOCK_BYTES / rows ? BLOCK_BYTES / at : rows;
}

static int set_number(struct odbc_conn *c, struct stmt *st, SQLINTEGER name,
		      SQLULEN value, uow_error *err)
{
	if (!sql_ok(SQLSetStmtAttr(st->handle, name, (SQLPOINTER)value, 0)))
		return diag_stmt(c, st->handle, err);
	return 0;
}

static int set_pointer(struct odbc_conn *c, struct stmt *st, SQLINTEGER name,
		       void *value, uow_error *err)
{
	if (!sql_ok(SQLSetStmtAttr(st->handle, name, value, 0)))
		return diag_stmt(c, st->handle, err);
	return 0;
}

static int set_attributes(struct odbc_conn *c, struct stmt *st,
			  uow_error *err)
{
	struct rowset *r = st->rowset;
	int rc;

	rc = set_number(c, st, SQL_ATTR_ROW_BIND_TYPE, r->row_size, err);
	if (!rc)
		rc = set_number(c, st, SQL_ATTR_ROW_ARRAY_SIZE, r->rows, err);
	if (!rc)
		rc = set_pointer(c, st, SQL_ATTR_ROWS_FETCHED_PTR,
				 &r->fetched, err);
	if (!rc)
		rc = set_pointer(c, st, SQL_ATTR_ROW_STATUS_PTR, r->statuses,
				 err);
	return rc;
}

static int bind_columns(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	struct rowset *r = st->rowset;
	struct slot *s;
	char *at;
	size_t i;

	for (i = 0; i < st->column_count; i++) {
		s = &st->columns[i];
		at = r->block + r->offsets[i];
		if (!sql_ok(SQLBindCol(st->handle, s->number,
				       value_c_type(s->kind), at + ALIGNMENT,
				       (SQLLEN)s->capacity,
				       (SQLLEN *)(void *)at)))
			return diag_stmt(c, st->handle, err);
		mem_free(s->buffer);
		s->buffer = at + ALIGNMENT;
		s->in_rowset = true;
	}
	return 0;
}

int rowset_init(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	size_t rows = c->source->profile->rowset;
	struct rowset *r;
	int rc;

	if (rows < 2 || !many_rows(st->shape) || !all_bound(st))
		return 0;
	r = mem_alloc(sizeof(*r) + st->column_count * sizeof(*r->offsets));
	if (!r)
		return error_nomem(err);
	st->rowset = r;
	lay_out(r, st, rows);
	if (r->rows < 2) {
		rowset_free(r);
		st->rowset = NULL;
		return 0;
	}
	r->block = mem_array(r->rows, r->row_size);
	r->statuses = mem_array(r->rows, sizeof(*r->statuses));
	if (!r->block || !r->statuses)
		return error_nomem(err);
	rc = set_attributes(c, st, err);
	return rc ? rc : bind_columns(c, st, err);
}

static void select_row(struct stmt *st)
{
	struct rowset *r = st->rowset;
	struct slot *s;
	char *at;
	size_t i;

	for (i = 0; i < st->column_count; i++) {
		s = &st->columns[i];
		at = r->block + r->at * r->row_size + r->offsets[i];
		memcpy(&s->indicator, at, sizeof(s->indicator));
		s->buffer = at + ALIGNMENT;
		s->row = r->at + 1;
	}
}

bool rowset_holds_more(const struct stmt *st)
{
	const struct rowset *r = st->rowset;

	return r && r->at + 1 < r->fetched;
}

void rowset_close(struct stmt *st)
{
	if (st->rowset)
		st->rowset->fetched = st->rowset->at = 0;
}

static bool has_bad_row(const struct rowset *r)
{
	size_t i;

	for (i = 0; i < r->fetched; i++)
		if (r->statuses[i] == SQL_ROW_ERROR)
			return true;
	return false;
}

static int fetch(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	struct rowset *r = st->rowset;
	SQLRETURN rc;

	r->at = 0;
	r->fetched = 0;
	memset(r->statuses, 0, r->rows * sizeof(*r->statuses));
	if (!cancel_enter(c, st->handle, err))
		return UOW_ECANCELED;
	rc = SQLFetch(st->handle);
	if (cancel_leave(c, sql_ok(rc) || rc == SQL_NO_DATA, err))
		return err->code;
	if (rc == SQL_NO_DATA)
		return 0;
	if (!sql_ok(rc) || r->fetched > r->rows || has_bad_row(r)) {
		r->fetched = 0;
		return diag_stmt(c, st->handle, err);
	}
	if (r->fetched)
		return 1;
	c->failed = true;
	return error_set(err, UOW_ESQL, "the driver does not tell how many "
			 "rows it has fetched");
}

int rowset_next(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	int rc = 1;

	if (rowset_holds_more(st))
		st->rowset->at++;
	else
		rc = fetch(c, st, err);
	if (rc == 1)
		select_row(st);
	return rc;
}
