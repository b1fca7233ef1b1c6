/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "backend/odbc/guard.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"

enum { CACHE_DEFAULT = 64, CACHE_MAX = 100000, NAME_SIZE = 256 };

static void source_free(struct backend *b)
{
	struct odbc *s = (struct odbc *)b;

	if (!s)
		return;
	forms_release(s);
	ways_release(s);
	if (!s->base.inherited)
		conn_disconnect(s, s->first);
	profile_free(s->profile);
	endpoints_release(s);
	mem_free(s->on_connect);
	if (s->env && !s->base.inherited)
		SQLFreeHandle(SQL_HANDLE_ENV, s->env);
	pthread_mutex_destroy(&s->mutex);
	mem_free(s);
}

static bool source_has(const struct backend *b, uow_feature feature)
{
	const struct odbc *s = (const struct odbc *)b;
	const struct profile *p = s->profile;

	switch (feature) {
	case UOW_FEATURE_TRANSACTIONS:
		return s->transactions;
	case UOW_FEATURE_SAVEPOINT:
		return s->transactions && p->savepoints;
	case UOW_FEATURE_ROW_LOCK:
		return p->lock_update != NULL;
	case UOW_FEATURE_LOCK_NOWAIT:
		return p->lock_nowait != NULL;
	case UOW_FEATURE_LOCK_SKIP:
		return p->lock_skip != NULL;
	case UOW_FEATURE_CANCEL:
		return p->cancel;
	}
	return false;
}

static const char *source_profile(const struct backend *b)
{
	return ((const struct odbc *)b)->profile->name;
}

/*
 * The program may do anything with it: there may be a transaction now. The
 * server may still have the time limit of the unit before.
 */
static void *source_native(struct backend_conn *base, uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;

	if (txn_start(c, err) || limits_deadline(c, err))
		return NULL;
	lent_note(c);
	c->worked = c->used = c->base.lent = true;
	c->anew = false;
	return c->dbc;
}

const struct backend_ops odbc_ops = {
	.free = source_free,
	.has = source_has,
	.profile = source_profile,
	.connect = conn_open,
	.emit = catalog_emit,
	.disconnect = conn_close,
	.alive = conn_alive,
	.begin = txn_begin,
	.commit = txn_commit,
	.rollback = txn_rollback,
	.savepoint = txn_savepoint,
	.ended = txn_ended,
	.read = read_open,
	.pages = read_pages,
	.count = read_count,
	.query = hand_query,
	.next = read_next,
	.close = read_close,
	.write = write_stage,
	.write_where = write_where,
	.exec = hand_exec,
	.define = catalog_define,
	.describe = catalog_describe,
	.place = place_ask,
	.native = source_native,
	.cancel = conn_cancel
};

/* -- which profile -- */

static int load_profile(struct odbc *s, const struct odbc_options *o,
			const char *driver, const char *dbms, uow_error *err)
{
	char name[NAME_SIZE];
	struct profile *p;
	int rc = 0;

	if (o->profile) {
		if (s->profile)
			return 0;
		s->chosen = true;
		rc = profile_load(&p, o->profile, o->profile_dirs, err);
	} else {
		rc = profile_match(o->profile_dirs, driver, dbms, name,
				   sizeof(name), err);
		if (!rc && s->profile && !strcmp(s->profile->name, name))
			return 0;
		if (!rc)
			rc = profile_load(&p, name, o->profile_dirs, err);
	}
	if (rc)
		return rc;
	profile_free(s->profile);
	s->profile = p;
	return 0;
}

/* -- facts -- */

/* A driver may not know what is asked for (SQLGetInfo); that is no failure. */
static bool not_known(const uow_error *err)
{
	return !err->sqlstate[0] || !strcmp(err->sqlstate, "HYC00") ||
	       !strcmp(err->sqlstate, "HY096") ||
	       !strcmp(err->sqlstate, "IM001");
}

/*
 * 0 for what the driver does not know. A call that failed for another reason
 * proves nothing, and what is taken from it would hold for as long as the data
 * source does.
 */
static int info_number(const struct odbc *s, SQLHDBC dbc, SQLUSMALLINT what,
		       SQLUINTEGER *out, uow_error *err)
{
	/* A driver may write 16 bits or 32. */
	union { SQLUINTEGER wide; SQLUSMALLINT narrow; } value = { 0 };
	uow_error own = UOW_ERROR_INIT;

	*out = 0;
	if (sql_ok(SQLGetInfo(dbc, what, &value, (SQLSMALLINT)sizeof(value),
			      NULL))) {
		*out = what == SQL_TXN_CAPABLE ? value.narrow : value.wide;
		return 0;
	}
	diag_read(s, SQL_HANDLE_DBC, dbc, &own);
	if (not_known(&own))
		return 0;
	if (err)
		*err = own;
	return own.code;
}

static int read_facts(struct odbc *s, SQLHDBC dbc, uow_error *err)
{
	struct profile *p = s->profile;
	char quote[NAME_SIZE];
	SQLUINTEGER capable;
	int rc;

	rc = info_number(s, dbc, SQL_TXN_CAPABLE, &capable, err);
	if (!rc)
		rc = info_number(s, dbc, SQL_TXN_ISOLATION_OPTION,
				 &s->isolations, err);
	if (!rc)
		rc = info_number(s, dbc, SQL_GETDATA_EXTENSIONS, &s->getdata,
				 err);
	if (rc)
		return rc;
	s->transactions = p->transactions && capable != SQL_TC_NONE;
	s->ddl_commits = p->ddl_commits == DDL_ASK ?
			 capable == SQL_TC_DDL_COMMIT :
			 p->ddl_commits == DDL_ALWAYS;
	if (p->quote_open)
		return 0;
	/* A blank means that the driver knows no quotes (SQLGetInfo). */
	info_text(dbc, SQL_IDENTIFIER_QUOTE_CHAR, quote, sizeof(quote));
	p->quote_open = p->quote_close = quote[0] && quote[0] != ' ' ?
					 quote[0] : '"';
	return 0;
}

/*
 * Guess by the driver's name, connect, ask what is there, and connect once
 * more if another profile, hence other options, fit that better.
 */
static int discover_at(struct odbc *s, const struct odbc_options *o,
		       unsigned endpoint, uow_error *err)
{
	const char *text = endpoint_text(o, endpoint);
	struct connstr *full = &s->connections[endpoint];
	char driver[NAME_SIZE], dbms[NAME_SIZE];
	const struct profile *guessed;
	int rc;

	rc = connstr_init(full, text, err);
	if (rc)
		return rc;
	/* A DSN that is nowhere is left to the driver manager to refuse. */
	options_given(full, "DRIVER", driver, sizeof(driver));
	rc = load_profile(s, o, driver[0] ? driver : NULL, NULL, err);
	if (!rc)
		rc = options_complete(s, text, full, err);
	if (!rc)
		rc = conn_connect(s, endpoint, &s->first, err);
	if (rc)
		return rc;
	info_text(s->first, SQL_DBMS_NAME, dbms, sizeof(dbms));
	guessed = s->profile;
	rc = load_profile(s, o, driver[0] ? driver : NULL, dbms, err);
	if (!rc && s->profile != guessed) {
		conn_disconnect(s, s->first);
		s->first = NULL;
		rc = options_complete(s, text, full, err);
		if (!rc)
			rc = conn_connect(s, endpoint, &s->first, err);
	}
	if (rc)
		return rc;
	s->dbms = mem_dup(dbms);
	return s->dbms ? 0 : error_nomem(err);
}

/* The first endpoint that answers tells what database this is. */
static int discover(struct odbc *s, const struct odbc_options *o,
		    uow_error *err)
{
	uow_error other = UOW_ERROR_INIT;
	unsigned e;
	int rc;

	rc = endpoints_init(s, o, err);
	if (rc)
		return rc;
	rc = discover_at(s, o, 0, err);
	for (e = 1; rc == UOW_ECONNECT && e < s->base.endpoints; e++) {
		rc = discover_at(s, o, e, &other);
		s->base.endpoint = e;
		if (rc && rc != UOW_ECONNECT)
			*err = other;
	}
	if (!rc)
		rc = read_facts(s, s->first, err);
	return rc ? rc : endpoints_complete(s, o, err);
}

static int discover_adopted(struct odbc *s, const struct odbc_options *o,
			    uow_error *err)
{
	char driver[NAME_SIZE], dbms[NAME_SIZE];
	int rc;

	s->adopted = o->adopted;
	s->base.connections_max = 1;
	s->base.borrowed = true;
	info_text(o->adopted, SQL_DRIVER_NAME, driver, sizeof(driver));
	info_text(o->adopted, SQL_DBMS_NAME, dbms, sizeof(dbms));
	if (!dbms[0])
		return error_set(err, UOW_ECONNECT,
				 "the connection handle is not connected");
	rc = load_profile(s, o, driver, dbms, err);
	return rc ? rc : read_facts(s, o->adopted, err);
}

static int make_env(struct odbc *s, uow_error *err)
{
	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &s->env)))
		return error_nomem(err);
	if (!sql_ok(SQLSetEnvAttr(s->env, SQL_ATTR_ODBC_VERSION,
				  (SQLPOINTER)SQL_OV_ODBC3, 0)))
		return diag_read(s, SQL_HANDLE_ENV, s->env, err);
	return 0;
}

static int copy_options(struct odbc *s, const uow_db_options *o,
			uow_error *err)
{
	s->password = o->password;
	s->password_arg = o->password_arg;
	s->trace = o->trace;
	s->trace_arg = o->trace_arg;
	s->clock = o->clock ? *o->clock : clock_system;
	s->allow_unverified = o->allow_unverified;
	s->cache_max = o->statement_cache ? o->statement_cache : CACHE_DEFAULT;
	if (s->cache_max > CACHE_MAX)
		return error_set(err, UOW_EINVAL,
				 "statement_cache %u is beyond %d",
				 s->cache_max, CACHE_MAX);
	if (!o->on_connect)
		return 0;
	s->on_connect = mem_dup(o->on_connect);
	return s->on_connect ? 0 : error_nomem(err);
}

int odbc_open(struct backend **out, const struct odbc_options *o,
	      uow_error *err)
{
	struct odbc *s = mem_alloc(sizeof(*s));
	struct guard g;
	int rc;

	if (!s)
		return error_nomem(err);
	s->base.ops = &odbc_ops;
	if (pthread_mutex_init(&s->mutex, NULL)) {
		mem_free(s);
		return error_nomem(err);
	}
	guard_enter(&g);
	rc = copy_options(s, o->db, err);
	if (!rc && !o->adopted)
		rc = make_env(s, err);
	if (!rc)
		rc = o->adopted ? discover_adopted(s, o, err) :
				  discover(s, o, err);
	guard_leave(&g);
	if (!rc) {
		s->base.watched = s->profile->cancel &&
			!s->profile->statement_timeout &&
			!s->profile->deadline;
		s->base.name_max = s->profile->name_max;
	}
	if (!rc && s->profile->block_sigpipe)
		s->base.ops = &guarded_ops;
	if (rc) {
		source_free(&s->base);
		return rc;
	}
	*out = &s->base;
	return 0;
}
