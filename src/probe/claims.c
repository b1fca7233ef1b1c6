/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "probe/facts.h"
#include "probe/lab.h"

/*
 * What is said, before anything is proved: "claim:FACT WORD" is what the
 * profile says, "odbc:FACT WORD" what the driver answers to SQLGetInfo.
 */

static void claim(struct lab *l, const char *fact, const char *word)
{
	char name[80];

	snprintf(name, sizeof(name), "claim:%s", fact);
	lab_see(l, name, "%s", word);
}

static void claim_if(struct lab *l, const char *fact, bool yes)
{
	claim(l, fact, yes ? "yes" : "no");
}

static void said(struct lab *l, const char *fact, const char *word)
{
	char name[80];

	snprintf(name, sizeof(name), "odbc:%s", fact);
	lab_see(l, name, "%s", word);
}

/* -- the profile -- */

static bool form_used(const struct profile *p, enum form form, bool fetch)
{
	const struct type_form *f;
	enum form used;
	int i;

	for (i = 1; i <= UOW_TYPE_UUID; i++) {
		f = &p->own[i];
		used = fetch ? f->fetch : f->bind;
		if (!f->column)
			continue;
		if (used == form || (used == FORM_NONE && form == FORM_TEXT))
			return true;
	}
	return false;
}

static void claim_forms(struct lab *l, const struct profile *p)
{
	char fact[64];
	int form;

	for (form = FORM_BIT; form <= FORM_TIMESTAMP; form++) {
		snprintf(fact, sizeof(fact), "bind.%s",
			 fact_form((enum form)form));
		if (form_used(p, (enum form)form, false))
			claim(l, fact, "yes");
		snprintf(fact, sizeof(fact), "fetch.%s",
			 fact_form((enum form)form));
		if (form_used(p, (enum form)form, true))
			claim(l, fact, "yes");
	}
}

static void claim_types(struct lab *l, const struct profile *p)
{
	char text[64];
	int type;

	for (type = UOW_TYPE_BOOL; type <= UOW_TYPE_UUID; type++) {
		snprintf(text, sizeof(text), "type.%s", fact_type(type));
		claim(l, text, p->own[type].column ? "exact" : "no");
	}
	claim_if(l, "type.long-text", p->own[UOW_TYPE_TEXT].column_long);
	claim_if(l, "type.long-bytes", p->own[UOW_TYPE_BYTES].column_long);
	claim_if(l, "type.float-nan", p->own[UOW_TYPE_FLOAT].nan);
	claim_if(l, "type.float-infinity", p->own[UOW_TYPE_FLOAT].infinity);
	claim_if(l, "type.double-nan", p->own[UOW_TYPE_DOUBLE].nan);
	claim_if(l, "type.double-infinity", p->own[UOW_TYPE_DOUBLE].infinity);
	snprintf(text, sizeof(text), "%u", p->own[UOW_TYPE_TIMESTAMP].fraction);
	claim(l, "type.fraction", text);
	claim_if(l, "parameter.length",
		 p->own[UOW_TYPE_BYTES].bind == FORM_BINARY &&
		 !p->own[UOW_TYPE_BYTES].rebind);
}

static bool has_rule(const struct profile *p, int code)
{
	const struct error_rule *r;

	for (r = p->errors; r; r = r->next)
		if (r->code == code)
			return true;
	return false;
}

static void claim_errors(struct lab *l, const struct profile *p)
{
	if (has_rule(p, UOW_EDUPLICATE))
		claim(l, "error.duplicate", "yes");
	if (has_rule(p, UOW_ECONSTRAINT))
		claim(l, "error.not-null", "yes");
	if (has_rule(p, UOW_ELOCKED))
		claim(l, "error.locked", "yes");
}

static const char *count_word(enum row_counts counts)
{
	return counts == COUNTS_EACH ? "each" :
	       counts == COUNTS_CHANGED ? "changed" :
	       counts == COUNTS_TOTAL ? "total" : "none";
}

static void claim_sql(struct lab *l, const struct profile *p)
{
	claim_if(l, "transaction.rollback", p->transactions);
	claim_if(l, "transaction.savepoints", p->savepoints);
	claim_if(l, "transaction.savepoint-after-error", p->savepoints);
	if (p->ddl_commits != DDL_ASK)
		claim(l, "transaction.ddl", p->ddl_commits == DDL_ALWAYS ?
		      "commits" : "undone");
	claim_if(l, "sql.limit", p->limit);
	claim_if(l, "sql.offset", p->offset);
	claim_if(l, "sql.offset-only", p->offset_only);
	claim_if(l, "sql.range-checked", p->range_checked);
	claim_if(l, "sql.starts-with", p->starts_with);
	claim_if(l, "sql.lock-update", p->lock_update);
	claim_if(l, "sql.lock-nowait", p->lock_nowait);
	claim_if(l, "sql.lock-skip", p->lock_skip);
	if (p->begin_write)
		claim(l, "sql.begin-write", "yes");
	claim_if(l, "key.last", p->last_key && p->generated_key);
	claim(l, "count.single", count_word(p->single));
	claim_if(l, "wait.query-timeout", p->statement_timeout);
	claim_if(l, "wait.lock-timeout", p->lock_timeout);
	claim_if(l, "wait.cancel", p->cancel);
	claim(l, "lost.dead-check", p->dead_check == DEAD_FREE ? "free" :
	      p->dead_check == DEAD_PINGS ? "pings" : "never");
	claim(l, "lost.sigpipe", p->block_sigpipe ? "raised" : "none");
}

static bool writes_by(const struct profile *p, enum strategy strategy)
{
	int i;

	for (i = 0; i < BATCH_WAYS; i++)
		if (p->insert.list[i].strategy == strategy ||
		    p->update.list[i].strategy == strategy ||
		    p->remove.list[i].strategy == strategy)
			return true;
	return false;
}

static const char *way_word(const struct batch_ways *ways)
{
	return ways->list[0].strategy == STRATEGY_ROWS ? "rows" : "at once";
}

/* The key of every entity is among them; a type may have another form. */
static void claim_arrays(struct lab *l, const struct profile *p)
{
	const struct type_form *f;
	char fact[64];
	int i;

	for (i = UOW_TYPE_BOOL; i <= UOW_TYPE_UUID; i++) {
		f = &p->own[i];
		if (!f->column || f->rebind)
			continue;
		snprintf(fact, sizeof(fact), "array.%s.%s",
			 p->arrays == ARRAYS_ROWS ? "row" : "column",
			 fact_form(f->bind == FORM_NONE ? FORM_TEXT : f->bind));
		claim(l, fact, "yes");
	}
}

static void claim_batches(struct lab *l, const struct profile *p)
{
	bool arrays = p->arrays != ARRAYS_NONE &&
		      writes_by(p, STRATEGY_ARRAY);

	if (writes_by(p, STRATEGY_VALUES))
		claim(l, "sql.values", "yes");
	claim(l, "batch.insert", way_word(&p->insert));
	claim(l, "batch.update", way_word(&p->update));
	claim(l, "batch.delete", way_word(&p->remove));
	if (p->keys == BATCH_KEYS_LAST)
		claim(l, "key.last-of-values", "last");
	if (arrays) {
		claim(l, "count.array", count_word(p->batch));
		claim_arrays(l, p);
	}
	if (p->rowset > 1)
		claim(l, "rowset.row", "yes");
	if (!p->prove_parameters)
		claim(l, "parameter.used", "yes");
}

/* -- the driver -- */

static SQLUINTEGER wide(SQLHDBC dbc, SQLUSMALLINT what)
{
	/* There are drivers that write eight bytes. */
	SQLUINTEGER value[2] = { 0, 0 };

	if (!sql_ok(SQLGetInfo(dbc, what, value, (SQLSMALLINT)sizeof(value[0]),
			       NULL)))
		return 0;
	return value[0];
}

static SQLUSMALLINT narrow(SQLHDBC dbc, SQLUSMALLINT what)
{
	SQLUSMALLINT value = 0;

	if (!sql_ok(SQLGetInfo(dbc, what, &value, (SQLSMALLINT)sizeof(value),
			       NULL)))
		return 0;
	return value;
}

static void say_text(struct lab *l, SQLHDBC dbc, SQLUSMALLINT what,
		     const char *name)
{
	char text[256] = "";
	SQLSMALLINT length = 0;

	if (!sql_ok(SQLGetInfo(dbc, what, text, (SQLSMALLINT)sizeof(text),
			       &length)))
		text[0] = '\0';
	lab_see(l, name, "%s", text);
}

static void said_transactions(struct lab *l, SQLHDBC dbc)
{
	switch (narrow(dbc, SQL_TXN_CAPABLE)) {
	case SQL_TC_NONE:
		said(l, "transaction.rollback", "no");
		return;
	case SQL_TC_DML:
		said(l, "transaction.ddl", "refused");
		break;
	case SQL_TC_DDL_COMMIT:
		said(l, "transaction.ddl", "commits");
		break;
	case SQL_TC_DDL_IGNORE:
		said(l, "transaction.ddl", "kept");
		break;
	case SQL_TC_ALL:
		said(l, "transaction.ddl", "undone");
		break;
	}
	said(l, "transaction.rollback", "yes");
}

static void said_isolation(struct lab *l, SQLHDBC dbc)
{
	SQLUINTEGER have = wide(dbc, SQL_TXN_ISOLATION_OPTION);

	/* What the library takes: the weakest that is at least as strong. */
	said(l, "isolation.read-committed",
	     have & (SQL_TXN_READ_COMMITTED | SQL_TXN_REPEATABLE_READ |
		     SQL_TXN_SERIALIZABLE) ? "yes" : "no");
	said(l, "isolation.repeatable-read",
	     have & (SQL_TXN_REPEATABLE_READ | SQL_TXN_SERIALIZABLE) ? "yes" :
	     "no");
	said(l, "isolation.serializable",
	     have & SQL_TXN_SERIALIZABLE ? "yes" : "no");
}

static void said_cursor(struct lab *l, SQLHDBC dbc, SQLUSMALLINT what,
			const char *cursor, const char *prepared)
{
	SQLUSMALLINT value = narrow(dbc, what);

	said(l, cursor, value == SQL_CB_PRESERVE ? "kept" : "closed");
	said(l, prepared, value == SQL_CB_DELETE ? "lost" : "kept");
}

static void said_counts(struct lab *l, SQLHDBC dbc)
{
	SQLUINTEGER value = wide(dbc, SQL_PARAM_ARRAY_ROW_COUNTS);

	if (value == SQL_PARC_BATCH)
		said(l, "count.array", "each");
	else if (value == SQL_PARC_NO_BATCH)
		said(l, "count.array", "total");
}

void claims_run(struct lab *l, int arg)
{
	const struct profile *p = l->source->profile;
	SQLHDBC dbc = lab_connect(l);

	(void)arg;
	if (!dbc)
		return;
	lab_see(l, "profile", "%s", p->name);
	lab_yes(l, "profile.proved", p->proved);
	say_text(l, dbc, SQL_DRIVER_NAME, "driver");
	say_text(l, dbc, SQL_DRIVER_VER, "driver.version");
	say_text(l, dbc, SQL_DRIVER_ODBC_VER, "driver.odbc");
	say_text(l, dbc, SQL_DBMS_NAME, "dbms");
	say_text(l, dbc, SQL_DBMS_VER, "dbms.version");
	say_text(l, dbc, SQL_DM_VER, "manager");
	claim_sql(l, p);
	claim_types(l, p);
	claim_forms(l, p);
	claim_errors(l, p);
	claim_batches(l, p);
	said_transactions(l, dbc);
	said_isolation(l, dbc);
	said_cursor(l, dbc, SQL_CURSOR_COMMIT_BEHAVIOR, "cursor.commit",
		    "cursor.prepared-commit");
	said_cursor(l, dbc, SQL_CURSOR_ROLLBACK_BEHAVIOR, "cursor.rollback",
		    "cursor.prepared-rollback");
	said_counts(l, dbc);
	lab_disconnect(l, dbc);
}
