/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "probe/detour.h"

enum { ASKED = 200 };

/* A connection to somebody who never says a word. */
void login_timeout_run(struct lab *l, int arg)
{
	struct detour d;
	SQLHDBC dbc = NULL;
	SQLSMALLINT length;
	uint64_t began;
	bool ok;

	(void)arg;
	if (!detour_open(l, &d, true))
		return;
	SQLAllocHandle(SQL_HANDLE_DBC, l->source->env, &dbc);
	lab_yes(l, "set", sql_ok(SQLSetConnectAttr(dbc, SQL_ATTR_LOGIN_TIMEOUT,
						   (SQLPOINTER)(SQLULEN)2,
						   SQL_IS_UINTEGER)));
	lab_step(l, "connecting to a server that says nothing");
	began = lab_now_ms();
	ok = sql_ok(SQLDriverConnect(dbc, NULL,
				     (SQLCHAR *)l->source->connections[0].text,
				     SQL_NTS, NULL, 0, &length,
				     SQL_DRIVER_NOPROMPT));
	lab_yes(l, "connected", ok);
	lab_yes(l, "reached", d.reached);
	lab_number_seen(l, "took", (long)(lab_now_ms() - began));
}

static const char *dead(SQLHDBC dbc)
{
	/* There are drivers that write eight bytes. */
	SQLUINTEGER value[2] = { SQL_CD_FALSE, 0 };

	if (!sql_ok(SQLGetConnectAttr(dbc, SQL_ATTR_CONNECTION_DEAD, value,
				      SQL_IS_UINTEGER, NULL)))
		return "error";
	return value[0] == SQL_CD_TRUE ? "dead" : "alive";
}

static void see_price(struct lab *l, SQLHDBC dbc)
{
	uint64_t began = clock_now(&clock_system);
	int i;

	for (i = 0; i < ASKED; i++)
		dead(dbc);
	lab_number_seen(l, "usec", (long)((clock_now(&clock_system) - began) /
					  ASKED));
}

static bool sigpipe_came(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGPIPE) == 1;
}

/*
 * Work is open, a statement has failed, the server is gone: COMMIT that says
 * success now has lost it.
 */
void dead_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l), b;
	struct detour d;

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	if (!detour_open(l, &d, false)) {
		lab_drop(l, a, "a");
		return;
	}
	b = lab_connect(l);
	if (!b)
		return;
	lab_yes(l, "reached", d.reached);
	see_price(l, b);
	lab_autocommit(b, false);
	lab_yes(l, "worked", lab_do(l, b, "INSERT INTO {a} (id) VALUES (1)"));
	detour_cut(&d);
	lab_sleep_ms(100);
	lab_step(l, "SQL_ATTR_CONNECTION_DEAD without a server");
	lab_see(l, "before", "%s", dead(b));
	lab_step(l, "a statement without a server");
	lab_yes(l, "statement", lab_do(l, b,
				       "INSERT INTO {a} (id) VALUES (2)"));
	lab_see(l, "state", "%s", l->error.sqlstate);
	lab_see(l, "code", "%d", l->error.code);
	lab_do(l, b, "INSERT INTO {a} (id) VALUES (3)");
	lab_see(l, "after", "%s", dead(b));
	lab_step(l, "COMMIT without a server");
	lab_yes(l, "commit", lab_commit(l, b));
	lab_yes(l, "sigpipe", sigpipe_came());
	lab_sleep_ms(200);
	lab_number_seen(l, "rows", lab_number(l, a,
					      "SELECT count(*) FROM {a}"));
	lab_drop(l, a, "a");
}
