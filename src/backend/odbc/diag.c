/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/odbc.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "dialect/classify.h"
#include "dialect/secrets.h"

enum { RECORDS_MAX = 8, MESSAGE_MAX = 1024 };

struct record {
	char state[6];
	SQLINTEGER native;
	char message[MESSAGE_MAX];
};

/*
 * Drivers put the telling record first or behind a warning (01xxx), and some
 * follow it by a general one: take the first whose code is not the general
 * UOW_ESQL and which is no warning, else the first that is no warning.
 */
static bool better(int code, bool warning, int best, bool best_warning)
{
	if (best == 0)
		return true;
	if (best_warning != warning)
		return best_warning;
	return best == UOW_ESQL && code != UOW_ESQL;
}

/*
 * SQLSTATE 01000 with "Can't open lib" comes from the driver manager before
 * any driver: classify() knows it, and it is no mere warning.
 */
static bool is_warning(const struct record *r, int code)
{
	return !strncmp(r->state, "01", 2) && code == UOW_ESQL;
}

static bool next_record(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT i,
			struct record *r)
{
	SQLSMALLINT length = 0;

	memset(r, 0, sizeof(*r));
	return sql_ok(SQLGetDiagRec(type, handle, i, (SQLCHAR *)r->state,
				    &r->native, (SQLCHAR *)r->message,
				    (SQLSMALLINT)sizeof(r->message), &length));
}

/* "[vendor][driver]text": what is in front says nothing to a reader. */
static const char *skip_origin(const char *message)
{
	const char *end;

	while (*message == '[' && (end = strchr(message, ']')))
		message = end + 1;
	while (*message == ' ')
		message++;
	return message;
}

/* Without values of rows, and without passwords. */
static void set_message(const struct profile *p, const struct connstr *secrets,
			int code, const struct record *r, uow_error *err)
{
	const char *message = skip_origin(r->message);
	struct strbuf shown, sb;

	strbuf_init(&shown, 4 * MESSAGE_MAX);
	strbuf_init(&sb, 4 * MESSAGE_MAX);
	secrets_hide(p ? p->hide : NULL, r->state, r->native, message, &shown);
	if (shown.failed || !shown.data)
		strbuf_puts(&sb, "");
	else if (secrets)
		connstr_redact(secrets, shown.data, &sb);
	else
		strbuf_puts(&sb, shown.data);
	error_set(err, code, "%s", sb.failed || !sb.data ? "" : sb.data);
	strbuf_release(&shown);
	strbuf_release(&sb);
}

static int read_records(const struct profile *p,
			const struct connstr *secrets, SQLSMALLINT type,
			SQLHANDLE handle, uow_error *err)
{
	struct record r, best_record;
	bool warning, best_warning = false;
	int code, best = 0;
	SQLSMALLINT i;

	for (i = 1; i <= RECORDS_MAX && next_record(type, handle, i, &r); i++) {
		if (!strcmp(r.state, "00000"))
			continue;
		code = classify(p, r.state, r.native, r.message);
		warning = is_warning(&r, code);
		if (!better(code, warning, best, best_warning))
			continue;
		best = code;
		best_warning = warning;
		best_record = r;
	}
	if (!best)
		return error_set(err, UOW_ESQL,
				 "the driver failed without saying why");
	set_message(p, secrets, best, &best_record, err);
	error_diag(err, best_record.state, best_record.native);
	return best;
}

int diag_read(const struct odbc *s, SQLSMALLINT type, SQLHANDLE handle,
	      uow_error *err)
{
	return read_records(s ? s->profile : NULL, s ? &s->secrets : NULL,
			    type, handle, err);
}

int diag_connect(const struct odbc *s, const struct connstr *secrets,
		 SQLHDBC dbc, uow_error *err)
{
	return read_records(s->profile, secrets, SQL_HANDLE_DBC, dbc, err);
}

/*
 * 08xxx and 57Pxx are lost connections, whatever SQL_ATTR_CONNECTION_DEAD
 * says afterwards.
 */
static bool lost(const uow_error *err)
{
	return !strncmp(err->sqlstate, "08", 2) ||
	       !strncmp(err->sqlstate, "57P", 3) || err->code == UOW_ECONNECT;
}

/*
 * A statement that was stopped: drivers say the same whether somebody asked
 * for it or its time was up. A lock that may come later comes too late.
 */
static int stopped(const struct odbc_conn *c, int rc, uow_error *err)
{
	/*
	 * SQLCancel may have taken the diagnostics away. A node of a cluster
	 * calls who is stopped while he waits for a lock a deadlock's victim.
	 */
	bool asked = c->cancel_sent &&
		     (!err->sqlstate[0] || rc == UOW_EDEADLOCK);

	if ((rc != UOW_ECANCELED && rc != UOW_ETIMEOUT &&
	     rc != UOW_ELOCKED && !asked) || !c->active)
		return rc;
	if (uow_canceler_is_set(c->options.canceler)) {
		err->code = UOW_ECANCELED;
		error_append(err, " (the unit was canceled)");
		return UOW_ECANCELED;
	}
	if (deadline_left(&c->source->clock, c->options.deadline))
		return rc;
	err->code = UOW_ETIMEOUT;
	error_append(err, " (the unit's time is up)");
	return UOW_ETIMEOUT;
}

/*
 * "Alive" proves nothing, "dead" does: drivers call a lost connection HY000
 * with some text.
 */
static int found_dead(const struct odbc_conn *c, int rc, uow_error *err)
{
	if (rc != UOW_ESQL || c->source->profile->dead_check != DEAD_FREE ||
	    !conn_dead(c))
		return rc;
	/* There are drivers that have no record for this: SQLColumns. */
	if (!err->sqlstate[0])
		return error_set(err, UOW_ECONNECT, "the connection is lost; "
				 "the driver says no more than that");
	err->code = UOW_ECONNECT;
	return UOW_ECONNECT;
}

int diag_if_lost(struct odbc_conn *c, SQLHSTMT stmt, uow_error *err)
{
	bool failed = c->failed, ended = c->ended;
	uow_error own = UOW_ERROR_INIT;
	int rc = diag_stmt(c, stmt, &own);

	/* In a simple unit there is no transaction that could have ended. */
	if (!c->base.broken && (c->ended == ended || c->options.simple)) {
		c->failed = failed;
		c->ended = ended;
		return 0;
	}
	*err = own;
	return rc;
}

int diag_stmt(struct odbc_conn *c, SQLHSTMT stmt, uow_error *err)
{
	int rc = stopped(c, diag_read(c->source, SQL_HANDLE_STMT, stmt, err),
			 err);

	c->failed = true;
	rc = found_dead(c, rc, err);
	if (lost(err)) {
		c->base.broken = true;
		c->ended = true;
	}
	if (error_rule_match(c->source->profile->unanswered, err->sqlstate,
			     err->native, err->message))
		c->base.broken = c->ended = c->unanswered = true;
	if (error_rule_match(c->source->profile->ended, err->sqlstate,
			     err->native, err->message))
		c->ended = true;
	return rc;
}
