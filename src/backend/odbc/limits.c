/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/text.h"

/*
 * Settings of a session that a unit wants: how long to wait for locks, how
 * long statements may take. Where the database forgets them by itself at the
 * end of the transaction, each unit sets them. Where it does not, they are
 * taken back when the next unit of the connection wants something else, so
 * that units that are all alike pay once. An adopted connection gets its own
 * back at once.
 */

static int noted(struct odbc_conn *c, int rc)
{
	if (!rc)
		return 0;
	c->failed = true;
	if (rc == UOW_ECONNECT)
		c->base.broken = c->ended = true;
	return rc;
}

static int run(struct odbc_conn *c, const char *template, uint64_t ms,
	       uow_error *err)
{
	char number[24];
	const char *pairs[] = { "ms", number, NULL };
	struct strbuf sb;
	int rc;

	snprintf(number, sizeof(number), "%" PRIu64, ms);
	strbuf_init(&sb, 1024);
	render_template(&sb, template, pairs);
	rc = sb.failed ? error_nomem(err) :
	     conn_run(c->source, c->dbc, sb.data, err);
	strbuf_release(&sb);
	return noted(c, rc);
}

static int fetch_number(const struct odbc *s, SQLHSTMT h, const char *sql,
			int64_t *out, uow_error *err)
{
	char text[32] = "";
	SQLLEN length = 0;

	if (!sql_ok(SQLExecDirect(h, (SQLCHAR *)(uintptr_t)sql, SQL_NTS)) ||
	    !sql_ok(SQLFetch(h)) ||
	    !sql_ok(SQLGetData(h, 1, SQL_C_CHAR, text, (SQLLEN)sizeof(text),
			       &length)))
		return diag_read(s, SQL_HANDLE_STMT, h, err);
	if (length <= 0 || length >= (SQLLEN)sizeof(text) ||
	    !text_to_int64(text, (size_t)length, out))
		return error_set(err, UOW_ECONFIG, "profile %s: there is no "
				 "number in the answer to \"%s\"",
				 s->profile->name, sql);
	return 0;
}

static int ask_number(struct odbc_conn *c, const char *sql, int64_t *out,
		      uow_error *err)
{
	SQLHSTMT h = NULL;
	int rc;

	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &h)))
		return diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	rc = fetch_number(c->source, h, sql, out, err);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return rc;
}

/*
 * What ends with the transaction ends too late for the unit where that is its
 * caller's.
 */
static int remember_lock(struct odbc_conn *c, uow_error *err)
{
	const struct profile *p = c->source->profile;
	int64_t ms = 0;
	int rc;

	if (!c->base.joined || p->lock_timeout_end || !p->lock_timeout_was)
		return 0;
	rc = noted(c, ask_number(c, p->lock_timeout_was, &ms, err));
	c->lock_was = rc || ms < 0 ? 0 : (uint64_t)ms;
	c->lock_known = !rc;
	return rc;
}

int limits_lock(struct odbc_conn *c, uow_error *err)
{
	const struct profile *p = c->source->profile;
	unsigned want = c->options.lock_timeout_ms;
	int rc;

	if (!p->lock_timeout || want == c->lock_ms)
		return 0;
	rc = remember_lock(c, err);
	if (rc)
		return rc;
	rc = run(c, want ? p->lock_timeout : p->lock_timeout_end, want, err);
	if (!rc && p->lock_timeout_end)
		c->lock_ms = want;
	return rc;
}

/*
 * What is left becomes less with each statement. It is told again when what
 * the server believes is more by a quarter, and told with a little more than
 * there is, so that the next unit can do with the same.
 */
enum { SLACK_MS = 50 };

static bool is_right(uint64_t limit, uint64_t left)
{
	return limit >= left && limit <= left + left / 4 + 2 * SLACK_MS;
}

int limits_deadline(struct odbc_conn *c, uow_error *err)
{
	const struct profile *p = c->source->profile;
	uint64_t left;
	int rc;

	if (!p->deadline)
		return 0;
	if (!c->active || c->options.deadline == DEADLINE_NONE) {
		if (!c->limit_ms)
			return 0;
		rc = run(c, p->deadline_end, 0, err);
		if (!rc)
			c->limit_ms = 0;
		return rc;
	}
	left = deadline_left(&c->source->clock, c->options.deadline) / 1000;
	if (c->limit_ms && is_right(c->limit_ms, left))
		return 0;
	rc = run(c, p->deadline, left + SLACK_MS, err);
	if (!rc)
		c->limit_ms = left + SLACK_MS;
	return rc;
}

/* Seconds left, rounded up, for drivers that keep SQL_ATTR_QUERY_TIMEOUT. */
void limits_statement(struct odbc_conn *c, struct stmt *st)
{
	const struct profile *p = c->source->profile;
	uint64_t until = c->options.deadline;
	unsigned lock = c->options.lock_timeout_ms;
	SQLULEN seconds = 0;	/* no limit */

	if (!p->statement_timeout)
		return;
	if (lock && p->statement_timeout_locks)
		until = deadline_sooner(deadline_after(&c->source->clock, lock),
					until);
	if (until != DEADLINE_NONE)
		seconds = (SQLULEN)((deadline_left(&c->source->clock, until) +
				     999999) / 1000000);
	if (until != DEADLINE_NONE && !seconds)
		seconds = 1;
	/* Nobody else sets it; what a new handle has may be the program's. */
	if (st->timed && st->timeout == seconds)
		return;
	st->timeout = seconds;
	st->timed = sql_ok(SQLSetStmtAttr(st->handle, SQL_ATTR_QUERY_TIMEOUT,
					  (SQLPOINTER)seconds, 0));
}

void limits_put_back(struct odbc_conn *c)
{
	const struct profile *p = c->source->profile;
	uow_error ignored;

	if (!c->source->adopted)
		return;
	if (c->lock_ms && run(c, p->lock_timeout_end, 0, &ignored))
		c->base.broken = true;
	if (c->lock_known && run(c, p->lock_timeout, c->lock_was, &ignored))
		c->base.broken = true;
	if (c->limit_ms && run(c, p->deadline_end, 0, &ignored))
		c->base.broken = true;
	c->lock_ms = 0;
	c->lock_known = false;
	c->limit_ms = 0;
}

int limits_isolation(struct odbc_conn *c, uow_error *err)
{
	const char *sql = c->source->profile->isolation;
	int64_t level = 0;
	int rc;

	if (!sql || c->isolation)
		return 0;
	rc = ask_number(c, sql, &level, err);
	if (!rc)
		c->isolation = (SQLUINTEGER)level;
	return rc;
}
