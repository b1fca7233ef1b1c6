/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ODBC driver as bad as some that are in use: a database without
 * transactions (SQL_TC_NONE), which may take the arguments of statements and
 * not use them. Its one table is whatever a statement names, with the columns
 * id and label.
 *
 *	DRIVER=.../stub.so;Rows=3;Params=used;Having=yes
 *
 * Rows: how many there are at first. Params: used, ignored (a condition on one
 * holds for all rows) or null (for none). Having: yes or no (a syntax error).
 * Login=mute: a connection is refused without a word.
 */
/*
 * The driver manager finds the functions by name. Calls among them would end
 * in the driver manager's of the same name: they go through static ones.
 */
#pragma GCC visibility push(default)

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

enum { ROWS_MAX = 100, PARAMS_MAX = 8, COLUMNS_MAX = 4 };
enum column { COLUMN_ID, COLUMN_LABEL, COLUMN_COUNT };
enum params { PARAMS_USED, PARAMS_IGNORED, PARAMS_NULL };

struct connection {
	long ids[ROWS_MAX];
	int count;
	enum params params;
	bool having;
};

struct param {
	SQLSMALLINT type;
	const void *value;
};

struct bound {
	char *buffer;
	SQLLEN size, *indicator;
};

struct statement {
	struct connection *conn;
	char sql[1024];
	struct param params[PARAMS_MAX];
	struct bound bound[COLUMNS_MAX];
	enum column columns[COLUMNS_MAX];
	int column_count;
	int next;		/* row to be fetched */
	int counted;		/* SELECT count(*): the result */
	int affected;
	const char *state, *message;
};

static SQLRETURN fail(struct statement *st, const char *state,
		      const char *message)
{
	st->state = state;
	st->message = message;
	return SQL_ERROR;
}

/* -- handles -- */

SQLRETURN SQL_API SQLAllocHandle(SQLSMALLINT type, SQLHANDLE parent,
				 SQLHANDLE *out)
{
	struct statement *st;

	if (type == SQL_HANDLE_STMT) {
		st = calloc(1, sizeof(*st));
		if (st)
			st->conn = parent;
		*out = st;
	} else {
		*out = calloc(1, sizeof(struct connection));
	}
	return *out ? SQL_SUCCESS : SQL_ERROR;
}

SQLRETURN SQL_API SQLFreeHandle(SQLSMALLINT type, SQLHANDLE handle)
{
	(void)type;
	free(handle);
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLSetEnvAttr(SQLHENV env, SQLINTEGER attribute,
				SQLPOINTER value, SQLINTEGER length)
{
	(void)env, (void)attribute, (void)value, (void)length;
	return SQL_SUCCESS;
}

static bool says(const char *connection, const char *part)
{
	return strstr(connection, part) != NULL;
}

SQLRETURN SQL_API SQLDriverConnect(SQLHDBC dbc, SQLHWND window, SQLCHAR *in,
				   SQLSMALLINT in_length, SQLCHAR *out,
				   SQLSMALLINT out_size,
				   SQLSMALLINT *out_length, SQLUSMALLINT how)
{
	const char *text = (const char *)in, *rows = strstr(text, "Rows=");
	struct connection *c = dbc;
	int i;

	(void)window, (void)in_length, (void)out_size, (void)how;
	if (says(text, "Login=mute"))
		return SQL_ERROR;
	c->count = rows ? atoi(rows + 5) : 0;
	for (i = 0; i < c->count; i++)
		c->ids[i] = i + 1;
	c->params = says(text, "Params=ignored") ? PARAMS_IGNORED :
		    says(text, "Params=null") ? PARAMS_NULL : PARAMS_USED;
	c->having = says(text, "Having=yes");
	if (out && out_size > 0)
		out[0] = '\0';
	if (out_length)
		*out_length = 0;
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLDisconnect(SQLHDBC dbc)
{
	(void)dbc;
	return SQL_SUCCESS;
}

static SQLRETURN text_info(const char *text, SQLPOINTER out, SQLSMALLINT size,
			   SQLSMALLINT *length)
{
	if (out)
		snprintf(out, (size_t)size, "%s", text);
	if (length)
		*length = (SQLSMALLINT)strlen(text);
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLGetInfo(SQLHDBC dbc, SQLUSMALLINT what, SQLPOINTER out,
			     SQLSMALLINT size, SQLSMALLINT *length)
{
	(void)dbc;
	switch (what) {
	case SQL_DBMS_NAME:
	case SQL_DRIVER_NAME:
		return text_info("Stub", out, size, length);
	case SQL_DRIVER_ODBC_VER:
		return text_info("03.00", out, size, length);
	case SQL_IDENTIFIER_QUOTE_CHAR:
		return text_info("\"", out, size, length);
	case SQL_TXN_CAPABLE:
		*(SQLUSMALLINT *)out = SQL_TC_NONE;
		return SQL_SUCCESS;
	case SQL_CURSOR_COMMIT_BEHAVIOR:
	case SQL_CURSOR_ROLLBACK_BEHAVIOR:
		*(SQLUSMALLINT *)out = SQL_CB_PRESERVE;
		return SQL_SUCCESS;
	case SQL_GETDATA_EXTENSIONS:
		*(SQLUINTEGER *)out = SQL_GD_ANY_COLUMN | SQL_GD_ANY_ORDER |
				      SQL_GD_BOUND;
		return SQL_SUCCESS;
	}
	return SQL_ERROR;
}

SQLRETURN SQL_API SQLSetConnectAttr(SQLHDBC dbc, SQLINTEGER attribute,
				    SQLPOINTER value, SQLINTEGER length)
{
	(void)dbc, (void)length;
	/* There is nothing to switch off. */
	return attribute == SQL_ATTR_AUTOCOMMIT &&
	       value == (SQLPOINTER)SQL_AUTOCOMMIT_OFF ? SQL_ERROR :
							 SQL_SUCCESS;
}

SQLRETURN SQL_API SQLGetConnectAttr(SQLHDBC dbc, SQLINTEGER attribute,
				    SQLPOINTER value, SQLINTEGER size,
				    SQLINTEGER *length)
{
	(void)dbc, (void)attribute, (void)value, (void)size, (void)length;
	return SQL_ERROR;
}

SQLRETURN SQL_API SQLEndTran(SQLSMALLINT type, SQLHANDLE handle,
			     SQLSMALLINT how)
{
	(void)type, (void)handle, (void)how;
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLGetDiagRec(SQLSMALLINT type, SQLHANDLE handle,
				SQLSMALLINT number, SQLCHAR *state,
				SQLINTEGER *native, SQLCHAR *message,
				SQLSMALLINT size, SQLSMALLINT *length)
{
	const struct statement *st = handle;

	if (type != SQL_HANDLE_STMT || number != 1 || !st->state)
		return SQL_NO_DATA;
	memcpy(state, st->state, 6);
	*native = 0;
	return text_info(st->message, message, size, length);
}

/* Its absence would keep the driver manager from asking for records at all. */
SQLRETURN SQL_API SQLGetDiagField(SQLSMALLINT type, SQLHANDLE handle,
				  SQLSMALLINT number, SQLSMALLINT what,
				  SQLPOINTER out, SQLSMALLINT size,
				  SQLSMALLINT *length)
{
	(void)type, (void)handle, (void)number, (void)what, (void)out;
	(void)size, (void)length;
	return SQL_NO_DATA;
}

/* -- statements -- */

/* Columns in the order in which the list names them. */
static void parse_columns(struct statement *st)
{
	const char *end = strstr(st->sql, "FROM"), *p = st->sql;

	st->column_count = 0;
	for (; end && p < end && st->column_count < COLUMNS_MAX; p++) {
		if (!strncmp(p, "\"id\"", 4))
			st->columns[st->column_count++] = COLUMN_ID;
		else if (!strncmp(p, "\"label\"", 7))
			st->columns[st->column_count++] = COLUMN_LABEL;
		else if (!strncmp(p, "count(*)", 8))
			st->columns[st->column_count++] = COLUMN_COUNT;
	}
}

static SQLRETURN prepare(struct statement *st, const SQLCHAR *sql)
{
	snprintf(st->sql, sizeof(st->sql), "%s", (const char *)sql);
	st->column_count = 0;
	if (!strncmp(st->sql, "SELECT", 6))
		parse_columns(st);
	if (strstr(st->sql, "HAVING") && !st->conn->having)
		return fail(st, "42000", "syntax error near HAVING");
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLPrepare(SQLHSTMT handle, SQLCHAR *sql, SQLINTEGER length)
{
	(void)length;
	return prepare(handle, sql);
}

SQLRETURN SQL_API SQLNumParams(SQLHSTMT handle, SQLSMALLINT *out)
{
	const struct statement *st = handle;
	const char *p;

	*out = 0;
	for (p = st->sql; *p; p++)
		*out = (SQLSMALLINT)(*out + (*p == '?'));
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLNumResultCols(SQLHSTMT handle, SQLSMALLINT *out)
{
	*out = (SQLSMALLINT)((struct statement *)handle)->column_count;
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLBindParameter(SQLHSTMT handle, SQLUSMALLINT number,
				   SQLSMALLINT in_out, SQLSMALLINT c_type,
				   SQLSMALLINT sql_type, SQLULEN size,
				   SQLSMALLINT digits, SQLPOINTER value,
				   SQLLEN buffer, SQLLEN *indicator)
{
	struct statement *st = handle;

	(void)in_out, (void)sql_type, (void)size, (void)digits, (void)buffer;
	(void)indicator;
	if (number < 1 || number > PARAMS_MAX)
		return fail(st, "07009", "too many parameters");
	st->params[number - 1].type = c_type;
	st->params[number - 1].value = value;
	return SQL_SUCCESS;
}

static long argument(const struct statement *st, int i)
{
	const struct param *p = &st->params[i];

	return p->type == SQL_C_SBIGINT ? (long)*(const SQLBIGINT *)p->value :
	       p->type == SQL_C_SLONG ? (long)*(const SQLINTEGER *)p->value :
					 0;
}

/* a OP b, where b is the statement's first argument. */
static bool holds(const struct statement *st, long a, const char *operator)
{
	if (st->conn->params != PARAMS_USED)
		return st->conn->params == PARAMS_IGNORED;
	if (*operator == '<')
		return a < argument(st, 0);
	return a == argument(st, 0);
}

static bool matches(const struct statement *st, int row)
{
	const char *where = strstr(st->sql, "WHERE \"id\" ");

	return !where || holds(st, st->conn->ids[row], where + 11);
}

static void count(struct statement *st)
{
	int i;

	st->counted = 0;
	for (i = 0; i < st->conn->count; i++)
		st->counted += matches(st, i);
	if (strstr(st->sql, "HAVING") && !holds(st, st->counted, "="))
		st->next = ROWS_MAX;	/* no row */
}

static SQLRETURN execute(struct statement *st)
{
	struct connection *c = st->conn;

	st->next = 0;
	st->affected = -1;
	if (st->column_count && st->columns[0] == COLUMN_COUNT)
		count(st);
	if (strncmp(st->sql, "INSERT", 6))
		return SQL_SUCCESS;
	c->ids[c->count++] = c->params == PARAMS_USED ? argument(st, 0) : 0;
	st->affected = 1;
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLExecute(SQLHSTMT handle)
{
	return execute(handle);
}

SQLRETURN SQL_API SQLExecDirect(SQLHSTMT handle, SQLCHAR *sql,
				SQLINTEGER length)
{
	SQLRETURN rc = prepare(handle, sql);

	(void)length;
	return rc == SQL_SUCCESS ? execute(handle) : rc;
}

SQLRETURN SQL_API SQLRowCount(SQLHSTMT handle, SQLLEN *out)
{
	*out = ((struct statement *)handle)->affected;
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLBindCol(SQLHSTMT handle, SQLUSMALLINT number,
			     SQLSMALLINT type, SQLPOINTER buffer, SQLLEN size,
			     SQLLEN *indicator)
{
	struct statement *st = handle;
	struct bound b = { buffer, size, indicator };

	if (type != SQL_C_CHAR || number < 1 || number > COLUMNS_MAX)
		return fail(st, "HYC00", "only text");
	st->bound[number - 1] = b;
	return SQL_SUCCESS;
}

static void put_column(const struct statement *st, int i, char *buffer,
		       SQLLEN size, SQLLEN *indicator)
{
	long id = st->next > 0 ? st->conn->ids[st->next - 1] : 0;

	switch (st->columns[i]) {
	case COLUMN_ID:
		snprintf(buffer, (size_t)size, "%ld", id);
		break;
	case COLUMN_LABEL:
		snprintf(buffer, (size_t)size, "row %ld", id);
		break;
	case COLUMN_COUNT:
		snprintf(buffer, (size_t)size, "%d", st->counted);
		break;
	}
	*indicator = (SQLLEN)strlen(buffer);
}

SQLRETURN SQL_API SQLGetData(SQLHSTMT handle, SQLUSMALLINT number,
			     SQLSMALLINT type, SQLPOINTER buffer, SQLLEN size,
			     SQLLEN *indicator)
{
	(void)type;
	put_column(handle, number - 1, buffer, size, indicator);
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLFetch(SQLHSTMT handle)
{
	struct statement *st = handle;
	bool counting = st->column_count && st->columns[0] == COLUMN_COUNT;
	int i, rows = counting ? 1 : st->conn->count;

	while (!counting && st->next < rows && !matches(st, st->next))
		st->next++;
	if (st->next >= rows)
		return SQL_NO_DATA;
	st->next++;
	for (i = 0; i < st->column_count; i++)
		if (st->bound[i].buffer)
			put_column(st, i, st->bound[i].buffer,
				   st->bound[i].size, st->bound[i].indicator);
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLFreeStmt(SQLHSTMT handle, SQLUSMALLINT how)
{
	struct statement *st = handle;

	if (how == SQL_UNBIND)
		memset(st->bound, 0, sizeof(st->bound));
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLSetStmtAttr(SQLHSTMT handle, SQLINTEGER attribute,
				 SQLPOINTER value, SQLINTEGER length)
{
	(void)handle, (void)attribute, (void)value, (void)length;
	return SQL_SUCCESS;
}

SQLRETURN SQL_API SQLGetStmtAttr(SQLHSTMT handle, SQLINTEGER attribute,
				 SQLPOINTER value, SQLINTEGER size,
				 SQLINTEGER *length)
{
	(void)handle, (void)attribute, (void)size, (void)length;
	/* The driver manager asks for the implicit descriptors. */
	*(SQLPOINTER *)value = NULL;
	return SQL_SUCCESS;
}
