/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/cursor.h"

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"

int cursor_new(struct odbc_conn *c, struct stmt *st,
	       struct backend_cursor **out, uow_error *err)
{
	struct backend_cursor *cur = mem_alloc(sizeof(*cur));

	if (!cur)
		return error_nomem(err);
	cur->conn = c;
	cur->stmt = st;
	*out = cur;
	return 0;
}

/*
 * Where the whole file is locked by what begins a unit that may write, a
 * read only unit has no lock to offer.
 */
static int check_lock(const struct odbc_conn *c, const struct shape *s,
		      uow_error *err)
{
	const struct profile *p = c->source->profile;

	if (s->lock == UOW_LOCK_NONE || !p->lock_by_file ||
	    (!c->options.read_only && !c->options.simple))
		return 0;
	return error_set(err, UOW_ENOTSUP, "profile %s cannot lock rows in a "
			 "unit that is read only or simple", p->name);
}

int read_open(struct backend_conn *base, const struct shape *s,
	      const struct read_args *args, struct backend_cursor **out,
	      uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	struct stmt *st;
	int rc;

	rc = check_lock(c, s, err);
	if (!rc)
		rc = stmt_run(c, s, NULL, args, NULL, &st, err);
	if (rc)
		return rc;
	rc = cursor_new(c, st, out, err);
	if (rc) {
		stmt_done(c, st);
	} else if (s->key_count) {
		/* A key has one row: none is asked for behind the last. */
		(*out)->limit = s->key_count;
	} else if (!render_limits(c->source->profile, s)) {
		(*out)->skip = s->offset;
		(*out)->limit = s->limit;
	}
	return rc;
}

/* A row that cannot be read: its key, behind or before, can be perhaps. */
static bool read_key(struct backend_cursor *cur, void *row,
		     struct arena *texts)
{
	struct stmt *st = cur->stmt;
	uow_error ignored;
	size_t i, keys = 0;

	if (st->rowset)
		rowset_select(st);
	for (i = 0; i < st->column_count; i++) {
		if (!(st->columns[i].field->flags & UOW_KEY))
			continue;
		/* By parts only once: what was read before is gone. */
		if (st->columns[i].fetched_by_parts ||
		    slot_get(cur->conn, st->handle, &st->columns[i], row,
			     texts, &ignored))
			return false;
		keys++;
	}
	return keys == st->mapping->key_count;
}

static int unreadable(struct backend_cursor *cur, void *row,
		      struct arena *texts, uow_error *err)
{
	cur->conn->failed = true;
	if (err->code == UOW_EDATA && read_key(cur, row, texts))
		err->row = cur->rows;
	return err->code;
}

static int get_columns(struct backend_cursor *cur, void *row,
		       struct arena *texts, uow_error *err)
{
	struct stmt *st = cur->stmt;
	size_t i;
	int rc = 0;

	if (st->rowset)
		return rowset_get(cur->conn, st, row, texts, err);
	for (i = 0; !rc && i < st->column_count; i++)
		rc = slot_get(cur->conn, st->handle, &st->columns[i], row,
			      texts, err);
	return rc;
}

int read_next(struct backend_cursor *cur, void *row, struct arena *texts,
	      uow_error *err)
{
	struct stmt *st = cur->stmt;
	int rc;

	if (cur->limit && (uint64_t)cur->rows == cur->limit)
		return 0;
	do
		rc = stmt_fetch(cur->conn, st, err);
	while (rc > 0 && cur->skip && cur->skip--);
	if (rc <= 0)
		return rc;
	if (get_columns(cur, row, texts, err))
		return unreadable(cur, row, texts, err);
	cur->rows++;
	return 1;
}

void read_close(struct backend_cursor *cur)
{
	if (!cur)
		return;
	stmt_done(cur->conn, cur->stmt);
	mem_free(cur);
}

/*
 * limits_isolation() asks once for each connection. Who has the handle may
 * write between two pages, unseen.
 */
bool read_pages(struct backend_conn *base)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	const unsigned least = c->source->profile->pages;
	uow_error ignored = UOW_ERROR_INIT;
	SQLUINTEGER level = SQL_TXN_READ_UNCOMMITTED;

	if (!least || c->options.simple || c->base.lent)
		return false;
	if (least == SQL_TXN_READ_UNCOMMITTED)
		return true;
	switch (c->options.isolation) {
	case UOW_READ_COMMITTED:
		level = SQL_TXN_READ_COMMITTED;
		break;
	case UOW_REPEATABLE_READ:
		level = SQL_TXN_REPEATABLE_READ;
		break;
	case UOW_SERIALIZABLE:
		level = SQL_TXN_SERIALIZABLE;
		break;
	default:
		break;
	}
	/* What was asked for is a minimum. */
	return level >= least ||
	       (!limits_isolation(c, &ignored) && c->isolation >= least);
}

static int no_number(struct odbc_conn *c, uow_error *err)
{
	c->failed = true;
	return error_set(err, UOW_ESQL, "the database gave no number of rows");
}

/* As text: exactly, and every driver can. */
int read_integer(struct odbc_conn *c, struct stmt *st, int64_t *out,
		 uow_error *err)
{
	char text[32] = "";
	SQLLEN length = 0;
	int rc = stmt_fetch(c, st, err);

	if (rc <= 0)
		return rc;
	if (!sql_ok(SQLGetData(st->handle, 1, SQL_C_CHAR, text,
			       (SQLLEN)sizeof(text), &length)))
		return diag_stmt(c, st->handle, err);
	return length > 0 && length < (SQLLEN)sizeof(text) &&
	       text_to_int64(text, (size_t)length, out);
}

/* SELECT COUNT(*) has one column of no field. */
int read_number(struct odbc_conn *c, struct stmt *st, uint64_t *out,
		uow_error *err)
{
	int64_t n;
	int rc = read_integer(c, st, &n, err);

	if (rc < 0)
		return rc;
	if (!rc || n < 0)
		return no_number(c, err);
	*out = (uint64_t)n;
	return 0;
}

int read_count(struct backend_conn *base, const struct shape *s,
	       const struct read_args *args, uint64_t *out, uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	struct stmt *st;
	int rc;

	rc = stmt_run(c, s, NULL, args, NULL, &st, err);
	if (rc)
		return rc;
	rc = read_number(c, st, out, err);
	stmt_done(c, st);
	return rc;
}
