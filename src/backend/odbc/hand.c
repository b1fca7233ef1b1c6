/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/cursor.h"

#include <string.h>

#include "backend/odbc/prove.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialect/commits.h"

/* SQL as the program wrote it. */

int hand_run(struct odbc_conn *c, const char *sql, const uow_value *args,
	     size_t count, uint64_t *affected, uow_error *err)
{
	struct stmt *st;
	SQLLEN rows = -1;
	int rc;

	rc = count ? prove_by_hand(c, err) : 0;
	if (!rc)
		rc = stmt_by_hand(c, sql, args, count, &st, err);
	if (rc)
		return rc;
	rc = stmt_execute(c, st, &rows, err);
	stmt_done(c, st);
	if (!rc && affected)
		*affected = rows < 0 ? UINT64_MAX : (uint64_t)rows;
	return rc;
}

/* Half of the unit would be stored by it, whatever becomes of the rest. */
static int check_commits(struct odbc_conn *c, const char *sql, uow_error *err)
{
	if (c->options.simple || !c->source->ddl_commits ||
	    !statement_commits(c->source->profile, sql))
		return 0;
	return error_set(err, UOW_ENOTSUP, "this database commits what was "
			 "done before when it runs such a statement: only a "
			 "simple unit can do that");
}

int hand_exec(struct backend_conn *base, const char *sql,
	      const uow_value *args, size_t count, uint64_t *affected,
	      uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	int rc = check_commits(c, sql, err);

	c->anew = false;
	if (!rc)
		rc = hand_run(c, sql, args, count, affected, err);
	return txn_written(c, rc, err);
}

/* Field of result column i (1..), or NULL if it is not mapped. */
static int column_field(struct odbc_conn *c, struct stmt *st,
			const struct mapping *m, SQLUSMALLINT i,
			const struct field **out, uow_error *err)
{
	char name[256] = "";
	SQLSMALLINT length = 0, type, digits, nullable;
	SQLULEN size;
	size_t k;
	int found;

	/* There is a driver whose SQL_DESC_NAME overruns its own stack. */
	if (!sql_ok(SQLDescribeCol(st->handle, i, (SQLCHAR *)name,
				   (SQLSMALLINT)sizeof(name), &length, &type,
				   &size, &digits, &nullable)))
		return diag_stmt(c, st->handle, err);
	*out = NULL;
	found = mapping_find(m, name);
	/* Databases that fold unquoted names give them back in their case. */
	for (k = 0; found < 0 && k < m->count; k++)
		if (text_same(m->fields[k].name, name))
			found = (int)k;
	if (found >= 0)
		*out = &m->fields[found];
	return 0;
}

static int missing_column(const struct mapping *m, const struct field *f,
			  const char *why, uow_error *err)
{
	error_set(err, UOW_EDATA, "%s: column '%s' %s", m->name, f->name, why);
	error_entity(err, m->name);
	return UOW_EDATA;
}

/* Is every field (or every key field) there, each in a form to be read? */
static int check_columns(const struct mapping *m, const struct columns *seen,
			 const struct type_form *const *forms, bool *keys_only,
			 uow_error *err)
{
	bool expressions = false;
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(seen, (unsigned)i))
			return missing_column(m, &m->fields[i],
					      "is missing in the result", err);
		if (!forms[i]->read)
			continue;
		if (!*keys_only)
			return missing_column(m, &m->fields[i],
					      "is read through an expression "
					      "by this database's profile: "
					      "read it by mapping", err);
		expressions = true;
	}
	*keys_only = expressions;
	return 0;
}

static int bind_columns(struct odbc_conn *c, struct stmt *st,
			const struct mapping *m, bool *keys_only,
			uow_error *err)
{
	const struct type_form *const *forms;
	const struct field *fields[UOW_ENTITY_COLUMNS * 2];
	struct columns seen;
	SQLSMALLINT i, n = 0;
	int rc;

	memset(&seen, 0, sizeof(seen));
	if (!sql_ok(SQLNumResultCols(st->handle, &n)))
		return diag_stmt(c, st->handle, err);
	if (n > UOW_ENTITY_COLUMNS * 2)
		return error_set(err, UOW_EDATA, "the result has %d columns, "
				 "at most %d can be read", (int)n,
				 UOW_ENTITY_COLUMNS * 2);
	rc = forms_of(c, m, &forms, err);
	for (i = 0; !rc && i < n; i++) {
		rc = column_field(c, st, m, (SQLUSMALLINT)(i + 1), &fields[i],
				  err);
		if (!rc && fields[i] && columns_has(&seen, fields[i]->index))
			fields[i] = NULL;	/* the first of two wins */
		if (!rc && fields[i])
			columns_add(&seen, fields[i]->index);
	}
	if (!rc)
		rc = check_columns(m, &seen, forms, keys_only, err);
	if (rc)
		return rc;
	st->mapping = m;
	st->columns = mem_array((size_t)n + 1, sizeof(*st->columns));
	if (!st->columns)
		return error_nomem(err);
	for (i = 0; !rc && i < n; i++) {
		if (!fields[i] || (*keys_only &&
				   !columns_has(&m->key_set,
						fields[i]->index)))
			continue;
		rc = slot_init_column(c, st->handle,
				      &st->columns[st->column_count++], m,
				      fields[i], forms[fields[i]->index],
				      (SQLUSMALLINT)(i + 1), err);
	}
	return rc;
}

int hand_query(struct backend_conn *base, const struct mapping *m,
	       const char *sql, const uow_value *args, size_t count,
	       bool *keys_only, struct backend_cursor **out, uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	struct stmt *st;
	int rc;

	c->anew = false;
	rc = count ? prove_by_hand(c, err) : 0;
	if (!rc)
		rc = stmt_by_hand(c, sql, args, count, &st, err);
	if (rc)
		return rc;
	rc = stmt_execute(c, st, NULL, err);
	if (!rc)
		rc = bind_columns(c, st, m, keys_only, err);
	if (!rc)
		rc = cursor_new(c, st, out, err);
	if (rc) {
		c->failed = true;
		stmt_done(c, st);
	}
	return rc;
}
