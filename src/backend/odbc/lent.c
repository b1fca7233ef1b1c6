/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/odbc.h"

#include <string.h>

#include "base/errors.h"

/*
 * A connection of the pool whose handle the program was given. What it has
 * changed there and not taken back would hold for the units of others: work
 * that is committed statement by statement, results that end after n rows. So
 * attributes are looked at when the handle is lent, and again after the unit;
 * a connection that is not what it was is closed.
 *
 * Attributes of statements are among them: ODBC 2 has SQLSetConnectOption set
 * them for all that are yet to be made, there are drivers that let
 * SQLSetConnectAttr do so, and a new statement shows it.
 */
static const SQLINTEGER of_connections[LENT_CONNECTION] = {
	SQL_ATTR_TXN_ISOLATION, SQL_ATTR_ACCESS_MODE, SQL_ATTR_METADATA_ID,
	SQL_ATTR_ASYNC_ENABLE, SQL_ATTR_CONNECTION_TIMEOUT
};

static const SQLINTEGER of_statements[LENT_STATEMENT] = {
	SQL_ATTR_QUERY_TIMEOUT, SQL_ATTR_MAX_ROWS, SQL_ATTR_MAX_LENGTH,
	SQL_ATTR_NOSCAN, SQL_ATTR_RETRIEVE_DATA, SQL_ATTR_CURSOR_TYPE,
	SQL_ATTR_CONCURRENCY, SQL_ATTR_ROW_ARRAY_SIZE, SQL_ATTR_ROW_BIND_TYPE,
	SQL_ROWSET_SIZE, SQL_ATTR_USE_BOOKMARKS, SQL_ATTR_KEYSET_SIZE
};

/* The first of them; where the driver does not know one, it stays 0. */
enum { ISOLATION };

static bool look_at_statement(const struct odbc_conn *c, struct lent *l)
{
	SQLHSTMT h = NULL;
	SQLULEN value;
	size_t i;

	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &h)))
		return false;
	for (i = 0; i < LENT_STATEMENT; i++) {
		value = 0;
		if (sql_ok(SQLGetStmtAttr(h, of_statements[i], &value,
					  SQL_IS_UINTEGER, NULL)))
			l->statement[i] = value;
	}
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return true;
}

static void look(const struct odbc_conn *c, struct lent *l)
{
	SQLINTEGER length = 0;
	size_t i;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < LENT_CONNECTION; i++)
		conn_attribute(c->dbc, of_connections[i], &l->connection[i]);
	if (!sql_ok(SQLGetConnectAttr(c->dbc, SQL_ATTR_CURRENT_CATALOG,
				      l->catalog, sizeof(l->catalog),
				      &length)))
		l->catalog[0] = '\0';
	l->known = look_at_statement(c, l);
}

void lent_note(struct odbc_conn *c)
{
	if (c->source->adopted || c->base.lent)
		return;
	look(c, &c->before);
	/* The unit's own is put back after it. */
	if (c->isolation_changed)
		c->before.connection[ISOLATION] = c->isolation;
}

static bool same(const struct lent *a, const struct lent *b)
{
	return a->known && b->known &&
	       !memcmp(a->connection, b->connection, sizeof(a->connection)) &&
	       !memcmp(a->statement, b->statement, sizeof(a->statement)) &&
	       !strcmp(a->catalog, b->catalog);
}

bool lent_switched(const struct odbc_conn *c)
{
	SQLUINTEGER autocommit = SQL_AUTOCOMMIT_OFF;

	if (!c->base.lent)
		return false;
	conn_attribute(c->dbc, SQL_ATTR_AUTOCOMMIT, &autocommit);
	return (autocommit == SQL_AUTOCOMMIT_OFF) != c->autocommit_off;
}

/* Switching it on commits (ODBC, SQL_ATTR_AUTOCOMMIT). */
bool lent_committed(const struct odbc_conn *c)
{
	return !c->options.simple && lent_switched(c);
}

int lent_doubt(struct odbc_conn *c, enum outcome *outcome, uow_error *err)
{
	error_set(err, UOW_EINDOUBT, "autocommit was switched on with the "
		  "unit's handle: what of the unit is stored is unknown");
	error_step(err, "COMMIT");
	*outcome = OUTCOME_UNKNOWN;
	c->base.broken = true;
	return UOW_EINDOUBT;
}

void lent_check(struct odbc_conn *c)
{
	struct lent now;

	if (c->source->adopted || !c->base.lent)
		return;
	look(c, &now);
	if (!same(&c->before, &now))
		c->base.broken = true;
}
