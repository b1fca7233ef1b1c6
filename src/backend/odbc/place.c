/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/errors.h"
#include "base/text.h"

/*
 * Where a connection leads to, by the profile's statements. Asked once, when a
 * unit wants to know for the first time: others do not pay the trips.
 */

static int fetch_text(struct odbc_conn *c, SQLHSTMT h, const char *sql,
		      char *out, uow_error *err)
{
	char text[PLACE_TEXT] = "";
	SQLLEN length = 0;

	if (!sql_ok(SQLExecDirect(h, (SQLCHAR *)(uintptr_t)sql, SQL_NTS)) ||
	    !sql_ok(SQLFetch(h)) ||
	    !sql_ok(SQLGetData(h, 1, SQL_C_CHAR, text, (SQLLEN)sizeof(text),
			       &length)))
		return diag_stmt(c, h, err);
	if (length >= (SQLLEN)sizeof(text))
		return error_set(err, UOW_ECONFIG, "profile %s: the answer to "
				 "\"%s\" is longer than %d bytes",
				 c->source->profile->name, sql, PLACE_TEXT - 1);
	/* NULL: there is none. */
	if (length >= 0)
		memcpy(out, text, sizeof(text));
	return 0;
}

/* A handle for each: it is freed before the next needs one. */
static int ask(struct odbc_conn *c, const char *sql, char *out, uow_error *err)
{
	SQLHSTMT h = NULL;
	int rc;

	if (!sql)
		return 0;
	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &h)))
		return diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	rc = fetch_text(c, h, sql, out, err);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return rc;
}

static int ask_all(struct odbc_conn *c, struct backend_place *place,
		   uow_error *err)
{
	const struct profile *p = c->source->profile;
	int rc = ask(c, p->schema, place->schema, err);

	if (!rc)
		rc = ask(c, p->server, place->server, err);
	/* The questions may have begun a transaction. */
	if (c->autocommit_off &&
	    !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK)) && !rc)
		rc = diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	return rc;
}

int place_ask(struct backend_conn *base, const struct backend_place **out,
	      uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	const struct profile *p = c->source->profile;
	struct backend_place place;
	int rc;

	if (!c->placed && (p->schema || p->server)) {
		memset(&place, 0, sizeof(place));
		rc = ask_all(c, &place, err);
		if (rc) {
			c->base.broken = true;
			return rc;
		}
		place.shared = p->cluster &&
			       text_glob(p->cluster, place.server);
		c->place = place;
	}
	c->placed = true;
	*out = &c->place;
	return 0;
}
