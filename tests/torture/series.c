/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/odbc.h>

#include "../../examples/transfer/bank.h"
#include "alloc-shim.h"
#include "odbc-shim.h"
#include "place.h"

/*
 * Two units one after the other on the same connection. The first may meet the
 * failing call. From its end on nothing fails any more, so that what it left
 * behind is seen in the second.
 */
enum { CALLERS = 1 << 0, FIRST = 1 << 1, SECOND = 1 << 2 };

static SQLRETURN caller_sql(const struct caller *c, const char *sql)
{
	SQLHSTMT stmt = NULL;
	SQLRETURN rc;

	if (SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &stmt))
		return SQL_ERROR;
	rc = SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)sql, SQL_NTS);
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	return rc;
}

void caller_connect(struct caller *c, const char *connection, bool autocommit)
{
	bool was = shim_pause(true);

	memset(c, 0, sizeof(*c));
	if (SQLAllocHandle(SQL_HANDLE_ENV, NULL, &c->env) ||
	    SQLSetEnvAttr(c->env, SQL_ATTR_ODBC_VERSION,
			  (void *)SQL_OV_ODBC3, 0) ||
	    SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc) ||
	    SQLDriverConnect(c->dbc, NULL, (SQLCHAR *)(uintptr_t)connection,
			     SQL_NTS, NULL, 0, NULL,
			     SQL_DRIVER_NOPROMPT) < 0)
		abort();
	if (!autocommit &&
	    SQLSetConnectAttr(c->dbc, SQL_ATTR_AUTOCOMMIT,
			      (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0))
		abort();
	shim_pause(was);
}

void caller_disconnect(struct caller *c)
{
	bool was = shim_pause(true);

	if (SQLDisconnect(c->dbc)) {
		SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK);
		SQLDisconnect(c->dbc);
	}
	SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, c->env);
	shim_pause(was);
}

static bool autocommit_is(const struct caller *c, SQLUINTEGER wanted)
{
	SQLUINTEGER value = 12345;

	SQLGetConnectAttr(c->dbc, SQL_ATTR_AUTOCOMMIT, &value, 0, NULL);
	return value == wanted;
}

/* Reads, writes twice; amounts tell the units apart. */
static int move(uow_unit *u, void *arg)
{
	int64_t amount = *(const int64_t *)arg;
	struct account *from = account_get(account_repository_of(u), 1);
	struct account *to = account_get(account_repository_of(u), 2);

	if (!from || !to)
		return uow_status(u);
	from->balance -= amount;
	uow_flush(u);
	to->balance += amount;
	ledger_add(ledger_repository_of(u),
		   &(struct ledger_entry){ 0, 1, 2, amount, "series" });
	return 0;
}

static int move_once(uow_db *db, int64_t amount, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.attempts = 1;
	return uow_run(db, &o, move, &amount, err);
}

static void start(struct report *out)
{
	int i;

	memset(out, 0, sizeof(*out));
	out->err = (uow_error)UOW_ERROR_INIT;
	out->second = "";
	for (i = 0; i < PARTS; i++)
		out->parts[i] = UOW_ECANCELED;
}

/* The first unit, if it is wanted; what failed until then is out->rc. */
static void first(uow_db *db, unsigned which, struct report *out)
{
	if (!out->rc && which & FIRST) {
		out->rc = move_once(db, 100, &out->err);
		out->parts[1] = out->rc;
	}
	shim_pause(true);
	alloc_pause(true);
}

static void second(uow_db *db, unsigned which, struct report *out)
{
	static uow_error err;
	int rc;

	err = (uow_error)UOW_ERROR_INIT;
	if (!db || !(which & SECOND))
		return;
	rc = move_once(db, 1000, &err);
	out->parts[2] = rc;
	out->second = err.message;
}

static int adopt(struct caller *c, uow_error *err)
{
	uow_db_options options = UOW_DB_OPTIONS_INIT;
	bool was = alloc_pause(true);
	int rc;

	options.clock = &quick;
	rc = uow_db_adopt(&c->db, c->dbc, &options, err);
	alloc_pause(was);
	return rc;
}

/* The caller has ended his transaction so: what is stored of all parts? */
static void settle(struct report *out, bool stored)
{
	bool refused = out->parts[2] == UOW_ESTATE;
	int i;

	for (i = 0; !stored && i < PARTS; i++)
		out->parts[i] = UOW_EREJECTED;
	/* Told to roll back, the caller has committed nevertheless. */
	if (stored && refused && out->parts[1])
		out->parts[1] = UOW_EINDOUBT;
}

static void joined(unsigned which, SQLSMALLINT how, struct report *out)
{
	struct caller c;
	bool ended;

	start(out);
	caller_connect(&c, place_connection(), false);
	shim_pause(true);
	if (which & CALLERS)
		out->parts[0] = caller_sql(&c, "insert into audit_lines "
					   "(line, outcome) values (77, 0)");
	shim_pause(false);
	out->rc = adopt(&c, &out->err);
	first(c.db, which, out);
	second(c.db, which, out);
	if (!out->rc && out->parts[2] == UOW_ESTATE)
		out->wrong = "refused after a unit that was well";
	if (!shim_dead() && !autocommit_is(&c, SQL_AUTOCOMMIT_OFF))
		out->wrong = "autocommit is on inside a transaction";
	ended = SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, c.dbc, how));
	if (!ended && !shim_dead())
		out->wrong = "the caller cannot end his transaction";
	uow_db_ended(c.db, ended && how == SQL_COMMIT);
	settle(out, ended && how == SQL_COMMIT);
	uow_db_free(c.db);
	caller_disconnect(&c);
	alloc_pause(false);
}

/* Inside the caller's transaction, which he commits, whatever he was told. */
void run_joined(unsigned which, struct report *out)
{
	joined(which, SQL_COMMIT, out);
}

/* The same, rolled back by him: nothing is stored of anything. */
void run_joined_undone(unsigned which, struct report *out)
{
	joined(which, SQL_ROLLBACK, out);
}

/* Bits of a series of two units. */
static unsigned units_only(unsigned which)
{
	return which << 1;
}

static void two_parts(struct report *out)
{
	out->parts[0] = out->parts[1];
	out->parts[1] = out->parts[2];
}

/* A connection of the caller's without a transaction: autocommit is back. */
void run_adopted_twice(unsigned which, struct report *out)
{
	struct caller c;
	bool back;
	int rc;

	start(out);
	caller_connect(&c, place_connection(), true);
	out->rc = adopt(&c, &out->err);
	first(c.db, units_only(which), out);
	shim_disarm();
	back = autocommit_is(&c, SQL_AUTOCOMMIT_ON);
	second(c.db, units_only(which), out);
	rc = out->parts[2];
	/* UOW_ENOTSUP: when adopted the driver did not say what it can. */
	if (c.db && units_only(which) & SECOND && rc && rc != UOW_ESTATE &&
	    !(rc == UOW_ENOTSUP && out->rc == rc))
		out->wrong = "neither refused nor done";
	if (!back && units_only(which) & SECOND && rc != UOW_ESTATE)
		out->wrong = "autocommit was left off, and nobody said so";
	if (rc != UOW_ESTATE && !autocommit_is(&c, SQL_AUTOCOMMIT_ON) && back)
		out->wrong = "autocommit is off after the second unit";
	two_parts(out);
	uow_db_free(c.db);
	caller_disconnect(&c);
	alloc_pause(false);
}

/* A pool of one: the link is there again for the second unit. */
void run_pooled_twice(unsigned which, struct report *out)
{
	uow_db_options options = UOW_DB_OPTIONS_INIT;
	uow_db *db = NULL;

	start(out);
	options.clock = &quick;
	options.pool_max = 1;
	shim_pause(true);
	alloc_pause(true);
	out->rc = place_open(&db, &options, false, &out->err);
	alloc_pause(false);
	shim_pause(false);
	first(db, units_only(which), out);
	shim_disarm();
	second(db, units_only(which), out);
	if (units_only(which) & SECOND && out->parts[2])
		out->wrong = "the second unit has failed";
	two_parts(out);
	uow_db_free(db);
	alloc_pause(false);
}
