/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

/*
 * Many rows in one SQLFetch (SQL_ATTR_ROW_ARRAY_SIZE), in one block of memory
 * row by row, which all drivers read right. It is not the program's structs: an
 * indicator for each column would have to lie between them.
 *
 * A row with an error does not make SQLFetch fail: its status says so (ODBC,
 * "Row Status Array").
 */

enum { ALIGNMENT = 16, BLOCK_BYTES = 256 * 1024 };

struct rowset {
	char *block;
	size_t row_size, rows, at;
	size_t blocks;		/* of this execution, 2: or more */
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

static int bind_column(struct odbc_conn *c, struct stmt *st, size_t i,
		       uow_error *err)
{
	struct rowset *r = st->rowset;
	struct slot *s = &st->columns[i];
	char *at = r->block + r->offsets[i];

	if (!sql_ok(SQLBindCol(st->handle, s->number, value_c_type(s->kind),
			       at + ALIGNMENT, (SQLLEN)s->capacity,
			       (SQLLEN *)(void *)at)))
		return diag_stmt(c, st->handle, err);
	if (!s->in_rowset)
		mem_free(s->buffer);
	s->buffer = at + ALIGNMENT;
	s->in_rowset = true;
	return 0;
}

static int bind_columns(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < st->column_count; i++)
		rc = bind_column(c, st, i, err);
	return rc;
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

/* -- whole numbers -- */

static bool has_sign(SQLHSTMT h, SQLUSMALLINT column)
{
	SQLLEN no = SQL_TRUE;

	return sql_ok(SQLColAttribute(h, column, SQL_DESC_UNSIGNED, NULL, 0,
				      NULL, &no)) && no == SQL_FALSE;
}

static bool is_whole(SQLHSTMT h, SQLUSMALLINT column)
{
	SQLLEN type = SQL_UNKNOWN_TYPE;

	if (!sql_ok(SQLColAttribute(h, column, SQL_DESC_CONCISE_TYPE, NULL, 0,
				    NULL, &type)))
		return false;
	return (type == SQL_TINYINT || type == SQL_SMALLINT ||
		type == SQL_INTEGER || type == SQL_BIGINT) &&
	       has_sign(h, column);
}

static int fetch_as(struct odbc_conn *c, struct stmt *st, size_t i,
		    bool whole, uow_error *err)
{
	struct slot *s = &st->columns[i];

	s->whole = whole;
	s->kind = whole ? s->form->fetch_whole : s->form->fetch;
	return bind_column(c, st, i, err);
}

/*
 * A column of a result that has a second block may be worth being asked what it
 * is: a number that is whole need not be made a text by the driver, and one of
 * another type would be cut. Each time anew, since tables change; so the next
 * execution begins with texts.
 */
static int ask_whole(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	const struct slot *s;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < st->column_count; i++) {
		s = &st->columns[i];
		if (s->form->fetch_whole != FORM_NONE && s->kind == FORM_TEXT &&
		    is_whole(st->handle, s->number))
			rc = fetch_as(c, st, i, true, err);
	}
	return rc;
}

static int forget_whole(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < st->column_count; i++)
		if (st->columns[i].whole)
			rc = fetch_as(c, st, i, false, err);
	return rc;
}

/* -- rows -- */

static void select_column(struct stmt *st, size_t i)
{
	struct rowset *r = st->rowset;
	struct slot *s = &st->columns[i];
	char *at = r->block + r->at * r->row_size + r->offsets[i];

	memcpy(&s->indicator, at, sizeof(s->indicator));
	s->buffer = at + ALIGNMENT;
	s->row = r->at + 1;
}

void rowset_select(struct stmt *st)
{
	size_t i;

	for (i = 0; i < st->column_count; i++)
		select_column(st, i);
}

/* As it lies in the block: the most frequent column by far. */
static bool copy_integer(const struct slot *s, const char *at, void *row)
{
	const struct field *f = s->field;
	SQLLEN length;

	memcpy(&length, at, sizeof(length));
	if (!s->whole || f->type != UOW_TYPE_INT64 || length == SQL_NULL_DATA)
		return false;
	memcpy((char *)row + f->offset, at + ALIGNMENT, sizeof(int64_t));
	if (f->null_offset != UOW_NOT_NULL)
		((char *)row)[f->null_offset] = 0;
	return true;
}

int rowset_get(struct odbc_conn *c, struct stmt *st, void *row,
	       struct arena *texts, uow_error *err)
{
	const struct rowset *r = st->rowset;
	const char *at = r->block + r->at * r->row_size;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < st->column_count; i++) {
		if (copy_integer(&st->columns[i], at + r->offsets[i], row))
			continue;
		select_column(st, i);
		rc = slot_get(c, st->handle, &st->columns[i], row, texts, err);
	}
	return rc;
}

bool rowset_holds_more(const struct stmt *st)
{
	const struct rowset *r = st->rowset;

	return r && r->at + 1 < r->fetched;
}

void rowset_close(struct stmt *st)
{
	if (st->rowset)
		st->rowset->fetched = st->rowset->at = st->rowset->blocks = 0;
}

static bool has_bad_row(const struct rowset *r)
{
	size_t i;

	for (i = 0; i < r->fetched; i++)
		if (r->statuses[i] == SQL_ROW_ERROR)
			return true;
	return false;
}

static int prepare_block(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	switch (st->rowset->blocks) {
	case 0:
		st->rowset->blocks++;
		return forget_whole(c, st, err);
	case 1:
		st->rowset->blocks++;
		return ask_whole(c, st, err);
	default:
		return 0;
	}
}

static int fetch(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	struct rowset *r = st->rowset;
	SQLRETURN rc;

	r->at = 0;
	r->fetched = 0;
	if (prepare_block(c, st, err))
		return err->code;
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
	if (!rowset_holds_more(st))
		return fetch(c, st, err);
	st->rowset->at++;
	return 1;
}
