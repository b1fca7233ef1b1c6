/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialect/ddl.h"

enum { NAME_MAX_BYTES = 256 };

/* -- tables from mappings -- */

int catalog_emit(struct backend *b, const struct mapping *const *mappings,
		 size_t count, bool drop, backend_ddl_fn fn, void *arg,
		 uow_error *err)
{
	const struct profile *p = ((struct odbc *)b)->profile;

	return drop ? ddl_drop(p, mappings, count, fn, arg, err) :
		      ddl_create(p, mappings, count, fn, arg, err);
}

struct defining {
	struct odbc_conn *conn;
	bool drop;
	uow_error *err;
};

/*
 * 42S02 is "base table not found" (ODBC, SQLExecute): to drop one that is not
 * there is refused before anything is done, and asks for nothing to be undone.
 */
static bool was_absent(const struct defining *d)
{
	if (!d->drop || d->conn->ended || strcmp(d->err->sqlstate, "42S02"))
		return false;
	d->conn->failed = false;
	return true;
}

static int run_ddl(const char *statement, void *arg)
{
	struct defining *d = arg;
	int rc = hand_run(d->conn, statement, NULL, 0, NULL, d->err);

	if (rc && was_absent(d))
		return error_set(d->err, 0, "%s", "");
	if (rc) {
		error_step(d->err, "%.50s", statement);
		error_append(d->err, " (%.80s)", statement);
	}
	return rc;
}

int catalog_define(struct backend_conn *base,
		   const struct mapping *const *mappings, size_t count,
		   bool drop, uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	struct defining d;
	uow_error own = UOW_ERROR_INIT;
	int rc;

	if (c->base.joined && c->source->ddl_commits)
		return error_set(err, UOW_ENOTSUP, "this database commits when "
				 "tables are defined, which would end the "
				 "caller's transaction");
	d.conn = c;
	d.drop = drop;
	d.err = &own;
	rc = catalog_emit((struct backend *)c->source, mappings, count, drop,
			  run_ddl, &d, err);
	/* What the statement said, not that a callback stopped. */
	if (rc && own.code)
		*err = own;
	/* Kept plans and forms may describe the tables as they were. */
	forms_outdate(c->source);
	stmt_cache_clear(c);
	return rc;
}

/* -- the live catalog -- */

static uow_type family_of(SQLSMALLINT type)
{
	switch (type) {
	case SQL_BIT:
		return UOW_TYPE_BOOL;
	case SQL_TINYINT:
	case SQL_SMALLINT:
		return UOW_TYPE_INT16;
	case SQL_INTEGER:
		return UOW_TYPE_INT32;
	case SQL_BIGINT:
		return UOW_TYPE_INT64;
	case SQL_REAL:
		return UOW_TYPE_FLOAT;
	case SQL_FLOAT:
	case SQL_DOUBLE:
		return UOW_TYPE_DOUBLE;
	case SQL_DECIMAL:
	case SQL_NUMERIC:
		return UOW_TYPE_DECIMAL;
	case SQL_CHAR:
	case SQL_VARCHAR:
	case SQL_LONGVARCHAR:
	case SQL_WCHAR:
	case SQL_WVARCHAR:
	case SQL_WLONGVARCHAR:
		return UOW_TYPE_TEXT;
	case SQL_BINARY:
	case SQL_VARBINARY:
	case SQL_LONGVARBINARY:
		return UOW_TYPE_BYTES;
	case SQL_DATE:
	case SQL_TYPE_DATE:
		return UOW_TYPE_DATE;
	case SQL_TIME:
	case SQL_TYPE_TIME:
		return UOW_TYPE_TIME;
	case SQL_TIMESTAMP:
	case SQL_TYPE_TIMESTAMP:
		return UOW_TYPE_TIMESTAMP;
	case SQL_GUID:
		return UOW_TYPE_UUID;
	default:
		return UOW_TYPE_NULL;
	}
}

/* Long types have a size, but it is no limit that anybody has declared. */
static bool is_long(SQLSMALLINT type)
{
	return type == SQL_LONGVARCHAR || type == SQL_WLONGVARCHAR ||
	       type == SQL_LONGVARBINARY;
}

/* "DECIMAL" of "DECIMAL(18,2)". */
static void base_name(const char *type, char *out, size_t size)
{
	size_t n = strcspn(type, "(");

	while (n && type[n - 1] == ' ')
		n--;
	if (n >= size)
		n = size - 1;
	memcpy(out, type, n);
	out[n] = '\0';
}

/* Is name a word of the list, separated by blanks? */
static bool word_of(const char *list, const char *name)
{
	char word[NAME_MAX_BYTES];
	size_t n;

	while (list && *list) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n && n < sizeof(word)) {
			memcpy(word, list, n);
			word[n] = '\0';
			if (text_same(word, name))
				return true;
		}
		list += n;
	}
	return false;
}

/* Is the live type the one that we would create for this field? */
static bool is_ours(const struct odbc *s, const struct field *f,
		    const char *type)
{
	const struct type_form *own = form_of_type(s, field_kind(f));
	char live[NAME_MAX_BYTES], ours[NAME_MAX_BYTES];

	base_name(type, live, sizeof(live));
	if (word_of(own->accepts, live))
		return true;
	if (own->column) {
		base_name(own->column, ours, sizeof(ours));
		if (text_same(live, ours))
			return true;
	}
	if (!own->column_long)
		return false;
	base_name(own->column_long, ours, sizeof(ours));
	return text_same(live, ours);
}

static int get_text(struct odbc_conn *c, SQLHSTMT h, SQLUSMALLINT i,
		    char *buffer, uow_error *err)
{
	SQLLEN length = 0;

	buffer[0] = '\0';
	if (!sql_ok(SQLGetData(h, i, SQL_C_CHAR, buffer, NAME_MAX_BYTES,
			       &length)))
		return diag_stmt(c, h, err);
	if (length == SQL_NULL_DATA)
		buffer[0] = '\0';
	return 0;
}

static int get_number(struct odbc_conn *c, SQLHSTMT h, SQLUSMALLINT i,
		      int64_t *out, uow_error *err)
{
	char text[NAME_MAX_BYTES];
	int rc = get_text(c, h, i, text, err);

	*out = 0;
	if (!rc)
		text_to_int64(text, strlen(text), out);
	return rc;
}

/* One row of SQLColumns: 3 TABLE_NAME .. 13 COLUMN_DEF (ODBC, SQLColumns). */
static int read_column(struct odbc_conn *c, SQLHSTMT h,
		       const struct mapping *m, struct arena *a,
		       struct catalog_column *out, bool *other, uow_error *err)
{
	char table[NAME_MAX_BYTES], name[NAME_MAX_BYTES];
	char type[NAME_MAX_BYTES], preset[NAME_MAX_BYTES];
	int64_t number = 0, size = 0, nullable = 0;
	int rc, i;

	rc = get_text(c, h, 3, table, err);
	if (!rc)
		rc = get_text(c, h, 4, name, err);
	if (!rc)
		rc = get_number(c, h, 5, &number, err);
	if (!rc)
		rc = get_text(c, h, 6, type, err);
	if (!rc)
		rc = get_number(c, h, 7, &size, err);
	if (!rc)
		rc = get_number(c, h, 11, &nullable, err);
	if (!rc)
		rc = get_text(c, h, 13, preset, err);
	if (rc)
		return rc;
	/* The table's name was a pattern: '_' may have matched anything. */
	*other = strcmp(table, m->table) != 0;
	memset(out, 0, sizeof(*out));
	i = mapping_find(m, name);
	out->name = arena_text(a, name, strlen(name));
	out->type = arena_text(a, type, strlen(type));
	out->family = i >= 0 && is_ours(c->source, &m->fields[i], type) ?
		      m->fields[i].type : family_of((SQLSMALLINT)number);
	if (size > 0 && !is_long((SQLSMALLINT)number))
		out->length = (size_t)size;
	out->nullable = nullable != SQL_NO_NULLS;
	out->has_default = preset[0] != '\0' && !text_same(preset, "NULL");
	return out->name && out->type ? 0 : error_nomem(err);
}

static int add_column(struct catalog_table *t, size_t *room, struct arena *a,
		      const struct catalog_column *col, uow_error *err)
{
	struct catalog_column *more;

	if (t->count == *room) {
		more = arena_array(a, *room * 2, sizeof(*more));
		if (!more)
			return error_nomem(err);
		memcpy(more, t->columns, t->count * sizeof(*more));
		t->columns = more;
		*room *= 2;
	}
	t->columns[t->count++] = *col;
	return 0;
}

static int read_columns(struct odbc_conn *c, SQLHSTMT h,
			const struct mapping *m, struct arena *a,
			struct catalog_table *t, uow_error *err)
{
	struct catalog_column col;
	size_t room = 32;
	bool other;
	SQLRETURN got;
	int rc = 0;

	t->count = 0;
	t->columns = arena_array(a, room, sizeof(*t->columns));
	if (!t->columns)
		return error_nomem(err);
	while (!rc && sql_ok(got = SQLFetch(h))) {
		rc = read_column(c, h, m, a, &col, &other, err);
		if (!rc && !other)
			rc = add_column(t, &room, a, &col, err);
	}
	if (!rc && got != SQL_NO_DATA)
		rc = diag_stmt(c, h, err);
	return rc;
}

/* One row of SQLPrimaryKeys: 4 COLUMN_NAME, 5 KEY_SEQ. */
static int read_key(struct odbc_conn *c, SQLHSTMT h, struct catalog_table *t,
		    uow_error *err)
{
	char name[NAME_MAX_BYTES];
	int64_t position = 0;
	size_t i;
	int rc;

	rc = get_text(c, h, 4, name, err);
	if (!rc)
		rc = get_number(c, h, 5, &position, err);
	for (i = 0; !rc && i < t->count; i++)
		if (!strcmp(t->columns[i].name, name))
			t->columns[i].key_position = (int)position;
	return rc;
}

static int read_keys(struct odbc_conn *c, SQLHSTMT h, struct catalog_table *t,
		     uow_error *err)
{
	SQLRETURN got;
	int rc = 0;

	while (!rc && sql_ok(got = SQLFetch(h)))
		rc = read_key(c, h, t, err);
	if (!rc && got != SQL_NO_DATA)
		rc = diag_stmt(c, h, err);
	return rc;
}

static SQLCHAR *name_of(const char *text)
{
	return (SQLCHAR *)(uintptr_t)text;
}

static SQLSMALLINT length_of(const char *text)
{
	return text ? SQL_NTS : 0;
}

/* What SQL calls a schema is a catalog to some drivers. */
static int describe(struct odbc_conn *c, SQLHSTMT h, const struct mapping *m,
		    struct arena *a, struct catalog_table *out, uow_error *err)
{
	bool catalogs = c->source->profile->catalogs;
	const char *catalog = catalogs ? m->schema : NULL;
	const char *schema = catalogs ? NULL : m->schema;
	int rc;

	if (!sql_ok(SQLColumns(h, name_of(catalog), length_of(catalog),
			       name_of(schema), length_of(schema),
			       name_of(m->table), SQL_NTS, NULL, 0)))
		return diag_stmt(c, h, err);
	rc = read_columns(c, h, m, a, out, err);
	if (!sql_ok(SQLFreeStmt(h, SQL_CLOSE)) && !rc)
		rc = diag_stmt(c, h, err);
	if (rc || !out->count)
		return rc;
	if (!sql_ok(SQLPrimaryKeys(h, name_of(catalog), length_of(catalog),
				   name_of(schema), length_of(schema),
				   name_of(m->table), SQL_NTS)))
		return diag_stmt(c, h, err);
	return read_keys(c, h, out, err);
}

int catalog_describe(struct backend_conn *base, const struct mapping *m,
		     struct arena *a, struct catalog_table *out,
		     uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	struct catalog_table t;
	SQLHSTMT h = NULL;
	int rc;

	rc = txn_start(c, err);
	if (rc)
		return rc;
	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &h)))
		return diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	memset(&t, 0, sizeof(t));
	rc = describe(c, h, m, a, &t, err);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	if (rc)
		error_step(err, "DESCRIBE %s", m->table);
	else
		*out = t;
	return rc;
}
