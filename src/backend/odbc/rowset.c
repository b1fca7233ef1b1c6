/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <langinfo.h>
#include <string.h>

#include "backend/odbc/block.h"
#include "base/errors.h"
#include "base/mem.h"

/*
 * Many rows in one SQLFetch (SQL_ATTR_ROW_ARRAY_SIZE), in one block of memory
 * row by row, which all drivers read right: block.h. Never into the program's
 * structs themselves: of one that is tracked only the mapped members may
 * change, and a text has to be looked at first.
 *
 * A row with an error does not make SQLFetch fail: its status says so (ODBC,
 * "Row Status Array").
 */

struct rowset {
	struct block *block;
	size_t at;
	size_t blocks;		/* of this execution, 2: or more */
	SQLULEN fetched;
	SQLUSMALLINT *statuses;
};

void rowset_free(struct rowset *r)
{
	if (!r)
		return;
	block_free(r->block);
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

	rc = set_number(c, st, SQL_ATTR_ROW_BIND_TYPE, r->block->row_size,
			err);
	if (!rc)
		rc = set_number(c, st, SQL_ATTR_ROW_ARRAY_SIZE,
				r->block->count, err);
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
	struct block *b = st->rowset->block;
	struct slot *s = &st->columns[i];
	size_t room;

	block_place(b, st->columns, i);
	room = block_room(b, s, i);
	if (!sql_ok(SQLBindCol(st->handle, s->number, value_c_type(s->kind),
			       block_buffer(b, i), (SQLLEN)room,
			       block_indicator(b, i))))
		return diag_stmt(c, st->handle, err);
	if (!s->in_rowset)
		mem_free(s->buffer);
	s->buffer = block_buffer(b, i);
	s->capacity = room;
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

/* Few rows of very many columns: one by one. */
static int make_block(struct stmt *st, size_t rows, uow_error *err)
{
	struct rowset *r = mem_alloc(sizeof(*r));

	if (!r)
		return error_nomem(err);
	st->rowset = r;
	r->block = block_new(st->mapping, st->columns, st->column_count, rows);
	if (!r->block)
		return error_nomem(err);
	if (r->block->count < 2) {
		rowset_free(r);
		st->rowset = NULL;
		return 0;
	}
	r->statuses = mem_array(r->block->count, sizeof(*r->statuses));
	return r->statuses ? 0 : error_nomem(err);
}

int rowset_init(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	size_t rows = c->source->profile->rowset;
	int rc;

	if (rows < 2 || !many_rows(st->shape) || !all_bound(st))
		return 0;
	rc = make_block(st, rows, err);
	if (!rc && st->rowset)
		rc = set_attributes(c, st, err);
	return rc || !st->rowset ? rc : bind_columns(c, st, err);
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
	block_placed(st->rowset->block, st->columns, st->column_count);
	return rc;
}

static int forget_whole(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < st->column_count; i++)
		if (st->columns[i].whole)
			rc = fetch_as(c, st, i, false, err);
	block_placed(st->rowset->block, st->columns, st->column_count);
	return rc;
}

/* -- rows -- */

void rowset_select(struct stmt *st)
{
	const struct rowset *r = st->rowset;
	size_t i;

	for (i = 0; i < st->column_count; i++)
		block_select(r->block, r->at, &st->columns[i], i);
}

int rowset_get(struct odbc_conn *c, struct stmt *st, void *row,
	       struct arena *texts, uow_error *err)
{
	const struct rowset *r = st->rowset;
	struct slot *columns = st->columns;
	size_t i = 0, count = st->column_count;
	int rc = 0;

	block_copy(r->block, r->at, row);
	for (; !rc; i++) {
		i = block_finish(r->block, r->at, columns, i, count, row);
		if (i == count)
			break;
		block_select(r->block, r->at, &columns[i], i);
		rc = slot_get(c, st->handle, &columns[i], row, texts, err);
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

/* Behind a block that is not full there is none to be asked about. */
static int prepare_block(struct odbc_conn *c, struct stmt *st, bool full,
			 uow_error *err)
{
	switch (st->rowset->blocks) {
	case 0:
		st->rowset->blocks++;
		return forget_whole(c, st, err);
	case 1:
		st->rowset->blocks++;
		return full ? ask_whole(c, st, err) : 0;
	default:
		return 0;
	}
}

static int fetch(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	struct rowset *r = st->rowset;
	bool full = r->fetched == r->block->count;
	SQLRETURN rc;

	r->at = 0;
	r->fetched = 0;
	if (prepare_block(c, st, full, err))
		return err->code;
	memset(r->statuses, 0, r->block->count * sizeof(*r->statuses));
	if (!cancel_enter(c, st->handle, err))
		return UOW_ECANCELED;
	rc = SQLFetch(st->handle);
	if (cancel_leave(c, sql_ok(rc) || rc == SQL_NO_DATA, err))
		return err->code;
	if (rc == SQL_NO_DATA)
		return 0;
	/* It may be another locale now; the driver has just used this one. */
	r->block->point = *nl_langinfo(RADIXCHAR) == '.';
	if (!sql_ok(rc) || r->fetched > r->block->count || has_bad_row(r)) {
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
