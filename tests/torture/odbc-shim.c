/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* RTLD_NEXT */
#include "odbc-shim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

enum { FUNCTIONS = 64, MARKED = 16, CHOICES = 4 };

/*
 * What calls say that fail, from ODBC's lists of each function's SQLSTATEs:
 * what can happen to a call that is right, on a server that is well or not.
 */
static const struct own_states {
	const char *name, *states[CHOICES];
} own_states[] = {
	{ "SQLAllocHandle", { "HY001", "HY014", NULL } },
	{ "SQLSetEnvAttr", { "HY024", NULL } },
	{ "SQLDriverConnect", { "08001", "28000", "HYT00", NULL } },
	{ "SQLDisconnect", { "25000", NULL } },
	{ "SQLGetInfo", { "HY096", "HYT01", NULL } },
	{ "SQLGetConnectAttr", { "HY092", NULL } },
	{ "SQLGetStmtAttr", { "HY092", NULL } },
	{ "SQLSetConnectAttr", { "HYC00", "25S01", NULL } },
	{ "SQLSetStmtAttr", { "HYC00", "HY017", NULL } },
	{ "SQLPrepare", { "42000", "40001", "HYT00", NULL } },
	{ "SQLExecute", { "40001", "23000", "HYT00", "22003" } },
	{ "SQLExecDirect", { "40001", "42000", "HYT00", NULL } },
	{ "SQLBindParameter", { "HY003", NULL } },
	{ "SQLBindCol", { "HY003", NULL } },
	{ "SQLFetch", { "40001", "22002", NULL } },
	{ "SQLMoreResults", { "40001", NULL } },
	{ "SQLSetPos", { "HY109", NULL } },
	{ "SQLGetData", { "22003", NULL } },
	{ "SQLRowCount", { "HY010", NULL } },
	{ "SQLNumParams", { "HYC00", NULL } },
	{ "SQLNumResultCols", { "HY010", NULL } },
	{ "SQLDescribeCol", { "07005", NULL } },
	{ "SQLColAttribute", { "HYC00", NULL } },
	{ "SQLColumns", { "HYC00", NULL } },
	{ "SQLPrimaryKeys", { "HYT00", NULL } },
	{ "SQLFreeStmt", { "HYT01", NULL } },
	{ "SQLEndTran", { "40001", "25S01", "25S03", "40002" } },
	{ NULL, { "HY001", NULL } }
};

/*
 * A COMMIT that is done and then said to have been rolled back (40001) cannot
 * be told from one that was: it is not among them.
 */
const struct shim_plan shim_plans[] = {
	{ 0, NULL, SHIM_ONCE, NULL, 0 },
	{ 0, NULL, SHIM_ONCE, NULL, 1 },
	{ 0, NULL, SHIM_ONCE, NULL, 2 },
	{ 0, NULL, SHIM_ONCE, NULL, 3 },
	{ 0, NULL, SHIM_ONCE, "HY000", 0 },
	{ 0, NULL, SHIM_ONCE, "08S01", 0 },
	{ 0, NULL, SHIM_DEAD, "08S01", 0 },
	{ 0, "SQLEndTran", SHIM_AFTER, "08S01", 0 },
	{ 0, "SQLEndTran", SHIM_AFTER, "HY000", 0 },
	{ 0, "SQLExecute", SHIM_AFTER, "08S01", 0 },
	{ 0, "SQLExecute", SHIM_AFTER, "40001", 0 },
	{ 0, "SQLExecute", SHIM_AFTER, "HY000", 0 },
	{ 0, "SQLSetConnectAttr", SHIM_AFTER, "HY000", 0 }
};

const size_t shim_plan_count = sizeof(shim_plans) / sizeof(shim_plans[0]);

static struct {
	struct shim_plan plan;
	bool armed, fired, dead, paused;
	unsigned unlimited;
	unsigned long isolation;
	unsigned calls;
	const char *name, *state;
	SQLHANDLE failed_handle;	/* whose diagnostics are ours */
	bool told;
	unsigned inside;	/* the driver manager may call itself */
	char violation[160];
	struct {
		const char *name;
		unsigned count;
	} counts[FUNCTIONS];
	/* Connections whose last SQLEndTran failed. */
	SQLHANDLE uncertain[MARKED];
	/* Statements that ask how many rows were written. */
	SQLHANDLE questions[MARKED];
} shim;

void shim_arm(const struct shim_plan *plan)
{
	shim.plan = *plan;
	shim.armed = plan->nth > 0;
	shim.fired = shim.dead = shim.paused = false;
	shim.unlimited = 0;
	shim.calls = 0;
	shim.name = shim.state = "";
	shim.failed_handle = NULL;
}

void shim_disarm(void)
{
	shim.armed = shim.dead = shim.paused = false;
	shim.failed_handle = NULL;
}

bool shim_pause(bool on)
{
	bool was = shim.paused;

	shim.paused = on;
	if (!shim.dead)
		shim.failed_handle = NULL;
	return was;
}

bool shim_dead(void)
{
	return shim.dead;
}

bool shim_revive(void)
{
	bool was = shim.dead;

	shim.dead = false;
	return was;
}

void shim_die(bool dead)
{
	shim.dead = dead;
}

unsigned shim_unlimited(void)
{
	return shim.unlimited;
}

void shim_set_isolation(unsigned long level)
{
	shim.isolation = level;
}

unsigned long shim_isolation(void)
{
	return shim.isolation;
}

bool shim_fired(void)
{
	return shim.fired;
}

const char *shim_name(void)
{
	return shim.name ? shim.name : "";
}

const char *shim_state(void)
{
	return shim.state ? shim.state : "";
}

unsigned shim_calls(void)
{
	return shim.calls;
}

const char *shim_violation(void)
{
	return shim.violation;
}

unsigned shim_count(const char *name)
{
	size_t i;

	for (i = 0; i < FUNCTIONS && shim.counts[i].name; i++)
		if (!strcmp(shim.counts[i].name, name))
			return shim.counts[i].count;
	return 0;
}

static void count(const char *name)
{
	size_t i;

	for (i = 0; i < FUNCTIONS; i++) {
		if (!shim.counts[i].name)
			shim.counts[i].name = name;
		if (!strcmp(shim.counts[i].name, name)) {
			shim.counts[i].count++;
			return;
		}
	}
}

static void mark(SQLHANDLE *marked, SQLHANDLE h, bool on)
{
	size_t i, empty = MARKED;

	for (i = 0; i < MARKED; i++) {
		if (marked[i] == h) {
			marked[i] = on ? h : NULL;
			return;
		}
		if (!marked[i] && empty == MARKED)
			empty = i;
	}
	if (on && empty < MARKED)
		marked[empty] = h;
}

static bool is_marked(SQLHANDLE *marked, SQLHANDLE h)
{
	size_t i;

	for (i = 0; i < MARKED; i++)
		if (marked[i] == h)
			return true;
	return false;
}

/* Whether it can be closed is another one. */
static bool is_question(const char *name, SQLHANDLE h)
{
	return h && is_marked(shim.questions, h) &&
	       strcmp(name, "SQLFreeStmt");
}

/* The SQLSTATE of the plan for that function; NULL: it has none. */
static const char *state_for(const char *name)
{
	const struct own_states *own = own_states;

	if (shim.plan.state)
		return shim.plan.state;
	while (own->name && strcmp(own->name, name))
		own++;
	return own->states[shim.plan.choice];
}

/* Is this the call that fails? Counts it. */
static bool strikes(const char *name, SQLHANDLE h)
{
	const char *state = state_for(name);

	count(name);
	/* Each call wipes what the one before has said (ODBC, diagnostics). */
	if (shim.failed_handle == h)
		shim.failed_handle = NULL;
	if (!shim.armed)
		return false;
	if (!shim.dead) {
		if (shim.paused)
			return false;
		if (!state || (shim.plan.only && strcmp(shim.plan.only, name)))
			return false;
		if (++shim.calls != shim.plan.nth)
			return false;
		shim.fired = true;
		shim.name = is_question(name, h) ? SHIM_QUESTION : name;
		shim.state = state;
		shim.dead = shim.plan.mode == SHIM_DEAD;
	}
	shim.failed_handle = h;
	shim.told = false;
	return true;
}

/*
 * All that the library calls is defined here, so a linker that leaves out
 * what is not needed would leave out the driver manager: this needs it.
 */
static SQLRETURN SQL_API (*volatile needed)(SQLHENV, SQLUSMALLINT, SQLCHAR *,
					    SQLSMALLINT, SQLSMALLINT *,
					    SQLCHAR *, SQLSMALLINT,
					    SQLSMALLINT *) = SQLDataSources;

static void *real(const char *name)
{
	void *f = needed ? dlsym(RTLD_NEXT, name) : NULL;

	if (!f) {
		fprintf(stderr, "no %s in the driver manager\n", name);
		abort();
	}
	return f;
}

/* Answers of a driver with isolation levels; false: the driver's own. */
static bool play_level(SQLINTEGER attribute, SQLPOINTER value)
{
	if (attribute != SQL_ATTR_TXN_ISOLATION || !shim.isolation)
		return false;
	*(SQLUINTEGER *)value = (SQLUINTEGER)shim.isolation;
	return true;
}

static bool play_levels(SQLUSMALLINT what, SQLPOINTER value)
{
	if (what != SQL_TXN_ISOLATION_OPTION || !shim.isolation)
		return false;
	*(SQLUINTEGER *)value = SQL_TXN_READ_UNCOMMITTED |
		SQL_TXN_READ_COMMITTED | SQL_TXN_REPEATABLE_READ |
		SQL_TXN_SERIALIZABLE;
	return true;
}

static bool play_time(SQLINTEGER attribute, SQLPOINTER value)
{
	if (attribute != SQL_ATTR_QUERY_TIMEOUT)
		return false;
	shim.unlimited += !value;
	return true;
}

/* The driver's own answer, always. */
static bool look_at_text(SQLHSTMT h, const SQLCHAR *text)
{
	mark(shim.questions, h, !!strstr((const char *)text, " changes()"));
	return false;
}

/*
 * One function: name, type of its real form, handle that carries diagnostics,
 * parameter list, arguments. A call from inside the driver manager passes.
 */
#define FORWARD(name, handle, params, args) \
	FORWARD_BUT(name, handle, false, params, args)

/* The same for one whose answer may be ours. */
#define FORWARD_BUT(name, handle, played, params, args) \
	SQLRETURN SQL_API name params \
	{ \
		static SQLRETURN (*f) params; \
		SQLRETURN rc; \
		bool strike; \
		if (!f) \
			*(void **)&f = real(#name); \
		if (shim.inside) \
			return f args; \
		strike = strikes(#name, handle); \
		if (strike && shim.plan.mode != SHIM_AFTER) \
			return SQL_ERROR; \
		if (played) \
			return SQL_SUCCESS; \
		shim.inside++; \
		rc = f args; \
		shim.inside--; \
		return strike ? SQL_ERROR : rc; \
	}

FORWARD(SQLSetEnvAttr, h,
	(SQLHENV h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n), (h, a, v, n))
FORWARD(SQLDriverConnect, h,
	(SQLHDBC h, SQLHWND w, SQLCHAR *in, SQLSMALLINT n, SQLCHAR *out,
	 SQLSMALLINT size, SQLSMALLINT *length, SQLUSMALLINT c),
	(h, w, in, n, out, size, length, c))
FORWARD_BUT(SQLGetConnectAttr, h, play_level(a, v),
	(SQLHDBC h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n, SQLINTEGER *l),
	(h, a, v, n, l))
FORWARD_BUT(SQLGetInfo, h, play_levels(w, v),
	(SQLHDBC h, SQLUSMALLINT w, SQLPOINTER v, SQLSMALLINT n,
	 SQLSMALLINT *l), (h, w, v, n, l))
FORWARD_BUT(SQLSetStmtAttr, h, play_time(a, v),
	(SQLHSTMT h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n), (h, a, v, n))
FORWARD(SQLGetStmtAttr, h,
	(SQLHSTMT h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n, SQLINTEGER *l),
	(h, a, v, n, l))
FORWARD_BUT(SQLPrepare, h, look_at_text(h, t),
	(SQLHSTMT h, SQLCHAR *t, SQLINTEGER n), (h, t, n))
FORWARD(SQLExecDirect, h, (SQLHSTMT h, SQLCHAR *t, SQLINTEGER n), (h, t, n))
FORWARD(SQLBindParameter, h,
	(SQLHSTMT h, SQLUSMALLINT i, SQLSMALLINT io, SQLSMALLINT c,
	 SQLSMALLINT t, SQLULEN s, SQLSMALLINT d, SQLPOINTER v, SQLLEN n,
	 SQLLEN *l), (h, i, io, c, t, s, d, v, n, l))
FORWARD(SQLBindCol, h,
	(SQLHSTMT h, SQLUSMALLINT i, SQLSMALLINT c, SQLPOINTER v, SQLLEN n,
	 SQLLEN *l), (h, i, c, v, n, l))
FORWARD(SQLFetch, h, (SQLHSTMT h), (h))
FORWARD(SQLMoreResults, h, (SQLHSTMT h), (h))
FORWARD(SQLCancel, h, (SQLHSTMT h), (h))
FORWARD(SQLGetData, h,
	(SQLHSTMT h, SQLUSMALLINT i, SQLSMALLINT c, SQLPOINTER v, SQLLEN n,
	 SQLLEN *l), (h, i, c, v, n, l))
FORWARD(SQLRowCount, h, (SQLHSTMT h, SQLLEN *n), (h, n))
FORWARD(SQLNumResultCols, h, (SQLHSTMT h, SQLSMALLINT *n), (h, n))
FORWARD(SQLNumParams, h, (SQLHSTMT h, SQLSMALLINT *n), (h, n))
FORWARD(SQLDescribeCol, h,
	(SQLHSTMT h, SQLUSMALLINT i, SQLCHAR *name, SQLSMALLINT n,
	 SQLSMALLINT *l, SQLSMALLINT *t, SQLULEN *z, SQLSMALLINT *d,
	 SQLSMALLINT *u), (h, i, name, n, l, t, z, d, u))
FORWARD(SQLSetPos, h,
	(SQLHSTMT h, SQLSETPOSIROW row, SQLUSMALLINT op, SQLUSMALLINT lock),
	(h, row, op, lock))
FORWARD(SQLColAttribute, h,
	(SQLHSTMT h, SQLUSMALLINT i, SQLUSMALLINT a, SQLPOINTER v,
	 SQLSMALLINT n, SQLSMALLINT *l, SQLLEN *x), (h, i, a, v, n, l, x))
FORWARD(SQLColumns, h,
	(SQLHSTMT h, SQLCHAR *a, SQLSMALLINT al, SQLCHAR *b, SQLSMALLINT bl,
	 SQLCHAR *c, SQLSMALLINT cl, SQLCHAR *d, SQLSMALLINT dl),
	(h, a, al, b, bl, c, cl, d, dl))
FORWARD(SQLPrimaryKeys, h,
	(SQLHSTMT h, SQLCHAR *a, SQLSMALLINT al, SQLCHAR *b, SQLSMALLINT bl,
	 SQLCHAR *c, SQLSMALLINT cl), (h, a, al, b, bl, c, cl))
FORWARD(SQLFreeStmt, h, (SQLHSTMT h, SQLUSMALLINT o), (h, o))

SQLRETURN SQL_API SQLAllocHandle(SQLSMALLINT type, SQLHANDLE in, SQLHANDLE *out)
{
	static SQLRETURN (*f)(SQLSMALLINT, SQLHANDLE, SQLHANDLE *);
	SQLRETURN rc;

	if (!f)
		*(void **)&f = real("SQLAllocHandle");
	if (shim.inside)
		return f(type, in, out);
	/* Never SHIM_AFTER: a handle that nobody knows of would leak. */
	if (!(shim.dead && type != SQL_HANDLE_STMT) &&
	    strikes("SQLAllocHandle", in))
		return SQL_ERROR;
	shim.inside++;
	rc = f(type, in, out);
	shim.inside--;
	return rc;
}

/* What has failed leaves no cursor. */
SQLRETURN SQL_API SQLExecute(SQLHSTMT h)
{
	static SQLRETURN (*f)(SQLHSTMT);
	static SQLRETURN (*end)(SQLHSTMT, SQLUSMALLINT);
	SQLRETURN rc;
	bool strike;

	if (!f) {
		*(void **)&f = real("SQLExecute");
		*(void **)&end = real("SQLFreeStmt");
	}
	if (shim.inside)
		return f(h);
	strike = strikes("SQLExecute", h);
	if (strike && shim.plan.mode != SHIM_AFTER)
		return SQL_ERROR;
	shim.inside++;
	rc = f(h);
	if (strike)
		end(h, SQL_CLOSE);
	shim.inside--;
	return strike ? SQL_ERROR : rc;
}

static void forget(SQLHANDLE h)
{
	mark(shim.uncertain, h, false);
	mark(shim.questions, h, false);
	if (shim.failed_handle == h)
		shim.failed_handle = NULL;
}

/* Freeing always works: what it is asked to free must not leak. */
SQLRETURN SQL_API SQLFreeHandle(SQLSMALLINT type, SQLHANDLE h)
{
	static SQLRETURN (*f)(SQLSMALLINT, SQLHANDLE);
	SQLRETURN rc;

	if (!f)
		*(void **)&f = real("SQLFreeHandle");
	if (shim.inside)
		return f(type, h);
	count("SQLFreeHandle");
	forget(h);
	shim.inside++;
	rc = f(type, h);
	shim.inside--;
	return rc;
}

/* Closing a lost link works; otherwise it may fail like any other call. */
SQLRETURN SQL_API SQLDisconnect(SQLHDBC h)
{
	static SQLRETURN (*f)(SQLHDBC);
	static SQLRETURN (*end)(SQLSMALLINT, SQLHANDLE, SQLSMALLINT);
	SQLRETURN rc;

	if (!f) {
		*(void **)&f = real("SQLDisconnect");
		*(void **)&end = real("SQLEndTran");
	}
	if (shim.inside)
		return f(h);
	if (!shim.dead && strikes("SQLDisconnect", h))
		return SQL_ERROR;
	shim.inside++;
	/* What a server does when a client is gone. */
	if (shim.fired && shim.plan.mode == SHIM_DEAD)
		end(SQL_HANDLE_DBC, h, SQL_ROLLBACK);
	rc = f(h);
	shim.inside--;
	if (rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO)
		mark(shim.uncertain, h, false);
	return rc;
}

SQLRETURN SQL_API SQLEndTran(SQLSMALLINT type, SQLHANDLE h, SQLSMALLINT how)
{
	static SQLRETURN (*f)(SQLSMALLINT, SQLHANDLE, SQLSMALLINT);
	SQLRETURN rc;
	bool strike;

	if (!f)
		*(void **)&f = real("SQLEndTran");
	if (shim.inside)
		return f(type, h, how);
	strike = strikes("SQLEndTran", h);
	if (strike && shim.plan.mode != SHIM_AFTER) {
		mark(shim.uncertain, h, true);
		return SQL_ERROR;
	}
	shim.inside++;
	rc = f(type, h, how);
	shim.inside--;
	if (strike)
		rc = SQL_ERROR;
	mark(shim.uncertain, h,
	     rc != SQL_SUCCESS && rc != SQL_SUCCESS_WITH_INFO);
	return rc;
}

SQLRETURN SQL_API SQLSetConnectAttr(SQLHDBC h, SQLINTEGER a, SQLPOINTER v,
				    SQLINTEGER n)
{
	static SQLRETURN (*f)(SQLHDBC, SQLINTEGER, SQLPOINTER, SQLINTEGER);
	SQLRETURN rc;
	bool strike;

	if (!f)
		*(void **)&f = real("SQLSetConnectAttr");
	if (shim.inside)
		return f(h, a, v, n);
	if (a == SQL_ATTR_AUTOCOMMIT &&
	    (SQLULEN)v == (SQLULEN)SQL_AUTOCOMMIT_ON &&
	    is_marked(shim.uncertain, h))
		snprintf(shim.violation, sizeof(shim.violation),
			 "autocommit switched on after a failed SQLEndTran "
			 "(failing call %u, %s)", shim.plan.nth, shim_name());
	strike = strikes("SQLSetConnectAttr", h);
	if (strike && shim.plan.mode != SHIM_AFTER)
		return SQL_ERROR;
	if (a == SQL_ATTR_TXN_ISOLATION && shim.isolation) {
		shim.isolation = (unsigned long)(SQLULEN)v;
		return strike ? SQL_ERROR : SQL_SUCCESS;
	}
	shim.inside++;
	rc = f(h, a, v, n);
	shim.inside--;
	return strike ? SQL_ERROR : rc;
}

/* The diagnostics of a call that we made fail: one record. */
SQLRETURN SQL_API SQLGetDiagRec(SQLSMALLINT type, SQLHANDLE h, SQLSMALLINT i,
				SQLCHAR *state, SQLINTEGER *native,
				SQLCHAR *text, SQLSMALLINT size,
				SQLSMALLINT *length)
{
	static SQLRETURN (*f)(SQLSMALLINT, SQLHANDLE, SQLSMALLINT, SQLCHAR *,
			      SQLINTEGER *, SQLCHAR *, SQLSMALLINT,
			      SQLSMALLINT *);

	if (!f)
		*(void **)&f = real("SQLGetDiagRec");
	if (shim.inside || shim.failed_handle != h)
		return f(type, h, i, state, native, text, size, length);
	if (i != 1 || shim.told)
		return SQL_NO_DATA;
	shim.told = true;	/* reading consumes, as some drivers have it */
	memcpy(state, shim.state, 6);
	*native = 0;
	*length = (SQLSMALLINT)snprintf((char *)text, (size_t)size,
					"made to fail by the test");
	return SQL_SUCCESS;
}
