/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include "backend/odbc/cursor.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"

/*
 * How many rows a statement has written, also where the driver has been made to
 * take it for something else.
 */

int stmt_put_prefix(const struct odbc_conn *c, struct stmt *st,
		    uow_error *err)
{
	const char *prefix = c->source->profile->write_prefix;
	enum shape_op op = st->shape->op;
	struct strbuf sb;
	char *sql;

	/*
	 * Nor without markers: by an option of its own a driver may leave what
	 * it takes for such a SELECT to the first fetch.
	 */
	if (!prefix || op == SHAPE_SELECT || op == SHAPE_COUNT ||
	    !st->text.param_count)
		return 0;
	strbuf_init(&sb, SIZE_MAX);
	strbuf_printf(&sb, "%s ", prefix);
	st->prefix = sb.len;
	strbuf_puts(&sb, st->text.sql);
	sql = strbuf_steal(&sb);
	if (!sql)
		return error_nomem(err);
	mem_free(st->text.sql);
	st->text.sql = sql;
	return 0;
}

/* Of what it was not made to mistake the driver knows the count. */
static bool is_asked(const struct odbc_conn *c, const struct stmt *st)
{
	return c->source->profile->ask && st->prefix;
}

int stmt_count_ready(struct odbc_conn *c, const struct stmt *st,
		     uow_error *err)
{
	if (!is_asked(c, st))
		return 0;
	return c->count ? stmt_check(c, c->count, err) :
	       stmt_by_hand(c, c->source->profile->ask, NULL, 0, &c->count,
			    err);
}

/*
 * By the profile's statement. The write is done, and outside of a transaction
 * for good: neither a deadline nor a cancel may come between.
 */
static int ask_count(struct odbc_conn *c, SQLLEN *out, uow_error *err)
{
	SQLLEN length = 0;
	char text[32] = "";
	int64_t n = -1;
	SQLHSTMT h = c->count->handle;
	int rc = 0;

	if (!sql_ok(SQLExecute(h)) || !sql_ok(SQLFetch(h)) ||
	    !sql_ok(SQLGetData(h, 1, SQL_C_CHAR, text, (SQLLEN)sizeof(text),
			       &length)))
		rc = diag_if_lost(c, h, err);
	else if (length > 0 && length < (SQLLEN)sizeof(text) &&
		 text_to_int64(text, (size_t)length, &n))
		*out = (SQLLEN)n;
	if (!sql_ok(SQLFreeStmt(h, SQL_CLOSE)))
		c->base.broken = c->count->stuck = true;
	return rc;
}

/* The variable is preset: some drivers say success and leave it untouched. */
/* -1: the driver cannot tell, which is no failure; a lost connection is. */
int stmt_count(struct odbc_conn *c, const struct stmt *st, SQLLEN *out,
	       uow_error *err)
{
	SQLLEN n = -1;

	*out = -1;
	if (is_asked(c, st))
		return ask_count(c, out, err);
	if (!sql_ok(SQLRowCount(st->handle, &n)))
		return diag_if_lost(c, st->handle, err);
	*out = n;
	return 0;
}
