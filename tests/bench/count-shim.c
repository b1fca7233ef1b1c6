/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* RTLD_NEXT */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <sql.h>
#include <sqlext.h>

/*
 * Loaded before the driver manager (LD_PRELOAD), this counts the ODBC calls
 * that a program makes between bench_count(1) and bench_count(0), and writes
 * "NAME number" for each function, and "calls number" for all, to the file
 * that BENCH_COUNTS names. For programs of one thread.
 */

enum { FUNCTIONS = 40 };

static struct {
	int on, inside;		/* a driver manager may call itself */
	int used;
	struct {
		const char *name;
		unsigned long count;
	} functions[FUNCTIONS];
} counts;

static void write_counts(void)
{
	const char *name = getenv("BENCH_COUNTS");
	FILE *out = name ? fopen(name, "w") : NULL;
	unsigned long all = 0;
	int i;

	if (!out)
		return;
	for (i = 0; i < counts.used; i++) {
		fprintf(out, "%s %lu\n", counts.functions[i].name,
			counts.functions[i].count);
		all += counts.functions[i].count;
	}
	fprintf(out, "calls %lu\n", all);
	fclose(out);
}

void bench_count(int on);
void bench_count(int on)
{
	int i;

	counts.on = on;
	if (!on)
		write_counts();
	for (i = 0; on && i < counts.used; i++)
		counts.functions[i].count = 0;
}

static int place_of(const char *name)
{
	counts.functions[counts.used].name = name;
	return counts.used++;
}

/* One function: name, parameter list, arguments. */
#define FORWARD(name, params, args) \
	SQLRETURN SQL_API name params \
	{ \
		static SQLRETURN (*f) params; \
		static int place; \
		SQLRETURN rc; \
		if (!f) { \
			*(void **)&f = dlsym(RTLD_NEXT, #name); \
			place = place_of(#name); \
		} \
		if (counts.on && !counts.inside) \
			counts.functions[place].count++; \
		counts.inside++; \
		rc = f args; \
		counts.inside--; \
		return rc; \
	}

FORWARD(SQLAllocHandle, (SQLSMALLINT t, SQLHANDLE in, SQLHANDLE *out),
	(t, in, out))
FORWARD(SQLFreeHandle, (SQLSMALLINT t, SQLHANDLE h), (t, h))
FORWARD(SQLSetConnectAttr,
	(SQLHDBC h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n), (h, a, v, n))
FORWARD(SQLGetConnectAttr,
	(SQLHDBC h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n, SQLINTEGER *l),
	(h, a, v, n, l))
FORWARD(SQLGetInfo,
	(SQLHDBC h, SQLUSMALLINT w, SQLPOINTER v, SQLSMALLINT n,
	 SQLSMALLINT *l), (h, w, v, n, l))
FORWARD(SQLSetStmtAttr,
	(SQLHSTMT h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n), (h, a, v, n))
FORWARD(SQLGetStmtAttr,
	(SQLHSTMT h, SQLINTEGER a, SQLPOINTER v, SQLINTEGER n, SQLINTEGER *l),
	(h, a, v, n, l))
FORWARD(SQLPrepare, (SQLHSTMT h, SQLCHAR *t, SQLINTEGER n), (h, t, n))
FORWARD(SQLExecute, (SQLHSTMT h), (h))
FORWARD(SQLExecDirect, (SQLHSTMT h, SQLCHAR *t, SQLINTEGER n), (h, t, n))
FORWARD(SQLBindParameter,
	(SQLHSTMT h, SQLUSMALLINT i, SQLSMALLINT io, SQLSMALLINT c,
	 SQLSMALLINT t, SQLULEN s, SQLSMALLINT d, SQLPOINTER v, SQLLEN n,
	 SQLLEN *l), (h, i, io, c, t, s, d, v, n, l))
FORWARD(SQLBindCol,
	(SQLHSTMT h, SQLUSMALLINT i, SQLSMALLINT c, SQLPOINTER v, SQLLEN n,
	 SQLLEN *l), (h, i, c, v, n, l))
FORWARD(SQLFetch, (SQLHSTMT h), (h))
FORWARD(SQLFetchScroll, (SQLHSTMT h, SQLSMALLINT o, SQLLEN n), (h, o, n))
FORWARD(SQLGetData,
	(SQLHSTMT h, SQLUSMALLINT i, SQLSMALLINT c, SQLPOINTER v, SQLLEN n,
	 SQLLEN *l), (h, i, c, v, n, l))
FORWARD(SQLMoreResults, (SQLHSTMT h), (h))
FORWARD(SQLRowCount, (SQLHSTMT h, SQLLEN *n), (h, n))
FORWARD(SQLNumResultCols, (SQLHSTMT h, SQLSMALLINT *n), (h, n))
FORWARD(SQLNumParams, (SQLHSTMT h, SQLSMALLINT *n), (h, n))
FORWARD(SQLDescribeCol,
	(SQLHSTMT h, SQLUSMALLINT i, SQLCHAR *s, SQLSMALLINT size,
	 SQLSMALLINT *l, SQLSMALLINT *t, SQLULEN *c, SQLSMALLINT *d,
	 SQLSMALLINT *n), (h, i, s, size, l, t, c, d, n))
FORWARD(SQLColAttribute,
	(SQLHSTMT h, SQLUSMALLINT i, SQLUSMALLINT a, SQLPOINTER v,
	 SQLSMALLINT n, SQLSMALLINT *l, SQLLEN *x), (h, i, a, v, n, l, x))
FORWARD(SQLFreeStmt, (SQLHSTMT h, SQLUSMALLINT o), (h, o))
FORWARD(SQLCloseCursor, (SQLHSTMT h), (h))
FORWARD(SQLCancel, (SQLHSTMT h), (h))
FORWARD(SQLEndTran, (SQLSMALLINT t, SQLHANDLE h, SQLSMALLINT how),
	(t, h, how))
FORWARD(SQLGetDiagRec,
	(SQLSMALLINT t, SQLHANDLE h, SQLSMALLINT i, SQLCHAR *state,
	 SQLINTEGER *native, SQLCHAR *text, SQLSMALLINT size,
	 SQLSMALLINT *length), (t, h, i, state, native, text, size, length))
FORWARD(SQLColumns,
	(SQLHSTMT h, SQLCHAR *a, SQLSMALLINT al, SQLCHAR *b, SQLSMALLINT bl,
	 SQLCHAR *c, SQLSMALLINT cl, SQLCHAR *d, SQLSMALLINT dl),
	(h, a, al, b, bl, c, cl, d, dl))
