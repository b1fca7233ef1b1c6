/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"

/*
 * 25000: some drivers refuse while they believe that a transaction is open.
 * If it is not, there has to be one that they can end.
 */
static void end_transaction(struct odbc *s, SQLHDBC dbc)
{
	const struct profile *p = s->profile;
	uow_error ignored;

	if (sql_ok(SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_ROLLBACK)) ||
	    !p || !p->resync)
		return;
	conn_run(s, dbc, p->resync, &ignored);
	SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_ROLLBACK);
}

void conn_disconnect(struct odbc *s, SQLHDBC dbc)
{
	if (!dbc)
		return;
	if (!sql_ok(SQLDisconnect(dbc))) {
		end_transaction(s, dbc);
		SQLDisconnect(dbc);
	}
	SQLFreeHandle(SQL_HANDLE_DBC, dbc);
}

/* The string with the password that the program's callback gives. */
static int with_password(struct odbc *s, unsigned endpoint,
			 struct connstr *out, uow_error *err)
{
	char password[SECRET_MAX] = "";
	int rc;

	rc = connstr_init(out, s->connections[endpoint].text, err);
	if (rc || !s->password || connstr_get(out, "PWD", password,
					      sizeof(password)))
		goto out;
	if (s->password(password, sizeof(password), s->password_arg))
		rc = error_set(err, UOW_EDENIED,
			       "the program's password function refused");
	else if (!memchr(password, 0, sizeof(password)))
		rc = error_set(err, UOW_EDENIED, "the program's password "
			       "function gave no end to it");
	else
		rc = connstr_append(out, "PWD", password, err);
out:
	mem_wipe(password, sizeof(password));
	if (rc)
		connstr_release(out);
	return rc;
}

static void say_where(const struct connstr *c, uow_error *err)
{
	struct strbuf place;

	strbuf_init(&place, CONNSTR_MAX);
	connstr_place(c, &place);
	if (!place.failed && place.len)
		error_append(err, " (%s)", place.data);
	strbuf_release(&place);
	error_step(err, "CONNECT");
}

/* Diagnostics of a failed connect, without the password asked for. */
static int connect_failed(const struct odbc *s, const struct connstr *full,
			  SQLHDBC dbc, uow_error *err)
{
	int rc = diag_connect(s, full, dbc, err);

	/* Nothing at all is what some say of one that is lost meanwhile. */
	if (rc == UOW_ESQL && !err->sqlstate[0])
		rc = err->code = UOW_ECONNECT;
	say_where(full, err);
	return rc;
}

/*
 * To some drivers a connection that is lost in the middle of its login was
 * refused. That is believed when they say it twice.
 */
static int log_in(const struct odbc *s, const struct connstr *full,
		  SQLHDBC dbc, uow_error *err)
{
	bool again = s->profile && s->profile->lost_is_denied;
	uow_error own = UOW_ERROR_INIT;
	SQLSMALLINT length;
	int rc;

	for (;; again = false) {
		if (sql_ok(SQLDriverConnect(dbc, NULL, (SQLCHAR *)full->text,
					    SQL_NTS, NULL, 0, &length,
					    SQL_DRIVER_NOPROMPT)))
			return 0;
		rc = connect_failed(s, full, dbc, &own);
		if (rc != UOW_EDENIED || !again)
			break;
	}
	if (err)
		*err = own;
	return rc;
}

int conn_connect(struct odbc *s, unsigned endpoint, SQLHDBC *out,
		 uow_error *err)
{
	struct connstr full = { NULL };
	SQLHDBC dbc = NULL;
	int rc;

	rc = with_password(s, endpoint, &full, err);
	if (rc)
		return rc;
	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_DBC, s->env, &dbc))) {
		connstr_release(&full);
		return error_nomem(err);
	}
	rc = log_in(s, &full, dbc, err);
	if (rc)
		SQLFreeHandle(SQL_HANDLE_DBC, dbc);
	else
		*out = dbc;
	connstr_release(&full);
	return rc;
}

/*
 * A server that goes while a new connection is made ready: HY000 to some
 * drivers, which would be no reason to try again.
 */
static int found_dead(const struct odbc *s, SQLHDBC dbc, int rc,
		      uow_error *err)
{
	SQLUINTEGER dead = SQL_CD_FALSE;

	if (rc != UOW_ESQL || !s->profile ||
	    s->profile->dead_check != DEAD_FREE ||
	    !conn_attribute(dbc, SQL_ATTR_CONNECTION_DEAD, &dead) ||
	    dead != SQL_CD_TRUE)
		return rc;
	err->code = UOW_ECONNECT;
	return UOW_ECONNECT;
}

int conn_run(struct odbc *s, SQLHDBC dbc, const char *sql, uow_error *err)
{
	SQLHSTMT h = NULL;
	SQLRETURN got;
	int rc = 0;

	if (!sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &h)))
		return diag_read(s, SQL_HANDLE_DBC, dbc, err);
	got = SQLExecDirect(h, (SQLCHAR *)(uintptr_t)sql, SQL_NTS);
	if (!sql_ok(got) && got != SQL_NO_DATA)
		rc = found_dead(s, dbc, diag_read(s, SQL_HANDLE_STMT, h, err),
				err);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
	return rc;
}

int conn_set_autocommit(struct odbc_conn *c, bool on, uow_error *err)
{
	SQLULEN value = on ? SQL_AUTOCOMMIT_ON : SQL_AUTOCOMMIT_OFF;

	if (c->autocommit_off == !on)
		return 0;
	if (!sql_ok(SQLSetConnectAttr(c->dbc, SQL_ATTR_AUTOCOMMIT,
				      (SQLPOINTER)value, SQL_IS_UINTEGER))) {
		c->base.broken = true;
		c->autocommit_off = true;	/* for all that is known */
		return diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	}
	c->autocommit_off = !on;
	return 0;
}

bool conn_attribute(SQLHDBC dbc, SQLINTEGER which, SQLUINTEGER *out)
{
	union {
		SQLULEN wide;
		SQLUINTEGER narrow;
	} value;

	value.wide = 0;
	if (!sql_ok(SQLGetConnectAttr(dbc, which, &value, SQL_IS_UINTEGER,
				      NULL)))
		return false;
	*out = value.narrow ? value.narrow : (SQLUINTEGER)value.wide;
	return true;
}

int conn_read_attributes(struct odbc_conn *c, uow_error *err)
{
	SQLUINTEGER value = SQL_AUTOCOMMIT_ON;

	if (c->source->profile->isolation ||
	    !conn_attribute(c->dbc, SQL_ATTR_TXN_ISOLATION, &c->isolation))
		/* its owner may have changed an adopted one's */
		c->isolation = c->source->adopted ? 0 : c->isolation;
	if (!c->source->adopted)
		return 0;
	if (!conn_attribute(c->dbc, SQL_ATTR_AUTOCOMMIT, &value))
		return diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	c->autocommit_off = value == SQL_AUTOCOMMIT_OFF;
	return 0;
}

void conn_refresh_cache(struct odbc_conn *c)
{
	struct odbc *s = c->source;
	unsigned now;

	pthread_mutex_lock(&s->mutex);
	now = s->definitions;
	pthread_mutex_unlock(&s->mutex);
	if (c->definitions != now)
		stmt_cache_clear(c);
	c->definitions = now;
}

enum { LOCK_PAUSE_USEC = 5000 };

/* Another's lock is no reason not to open: as patient as a unit's first. */
static int run_patiently(struct odbc_conn *c, const char *sql, uow_error *err)
{
	const uow_clock *clock = &c->source->clock;
	unsigned wait = c->source->profile->lock_wait_ms;
	uint64_t until = deadline_after(clock, wait ? wait : 1);
	int rc;

	for (;;) {
		rc = conn_run(c->source, c->dbc, sql, err);
		if (rc != UOW_ELOCKED || !wait ||
		    !deadline_left(clock, until))
			return rc;
		clock_sleep(clock, LOCK_PAUSE_USEC);
	}
}

/* What a new connection of our own needs before its first unit. */
static int prepare_connection(struct odbc_conn *c, uow_error *err)
{
	struct odbc *s = c->source;
	int rc = 0;

	if (s->profile->session)
		rc = conn_run(s, c->dbc, s->profile->session, err);
	if (!rc && s->profile->check)
		rc = run_patiently(c, s->profile->check, err);
	if (!rc && s->on_connect)
		rc = run_patiently(c, s->on_connect, err);
	if (!rc && s->transactions)
		rc = conn_set_autocommit(c, false, err);
	if (rc)
		say_where(&s->connections[c->base.endpoint], err);
	/* It may well be another database's. */
	if (rc && s->chosen)
		error_append(err, " (profile %s was chosen)",
			     s->profile->name);
	return rc;
}

/* The connection that odbc_open() made, once; later ones are new. */
static SQLHDBC take_first(struct odbc *s, unsigned endpoint)
{
	SQLHDBC dbc = NULL;

	pthread_mutex_lock(&s->mutex);
	if (s->first && endpoint == s->base.endpoint) {
		dbc = s->first;
		s->first = NULL;
	}
	pthread_mutex_unlock(&s->mutex);
	return dbc;
}

static int get_handle(struct odbc *s, unsigned endpoint, SQLHDBC *out,
		      uow_error *err)
{
	int rc;

	*out = s->adopted ? s->adopted : take_first(s, endpoint);
	if (*out)
		return 0;
	rc = conn_connect(s, endpoint, out, err);
	return rc ? rc : endpoint_check(s, endpoint, *out, err);
}

int conn_open(struct backend *b, unsigned endpoint, struct backend_conn **out,
	      uow_error *err)
{
	struct odbc *s = (struct odbc *)b;
	struct odbc_conn *c = mem_alloc(sizeof(*c));
	int rc;

	if (!c || pthread_mutex_init(&c->mutex, NULL)) {
		mem_free(c);
		return error_nomem(err);
	}
	c->base.ops = b->ops;
	c->base.endpoint = endpoint;
	c->source = s;
	c->cache.max = s->cache_max;
	rc = get_handle(s, endpoint, &c->dbc, err);
	if (!rc)
		rc = conn_read_attributes(c, err);
	if (!rc && !s->adopted)
		rc = prepare_connection(c, err);
	if (rc) {
		conn_close(&c->base);
		return rc;
	}
	*out = &c->base;
	return 0;
}

void conn_close(struct backend_conn *base)
{
	struct odbc_conn *c = (struct odbc_conn *)base;

	if (!c)
		return;
	/* Of a handle in a child every call could reach the parent's socket. */
	if (c->source->base.inherited)
		c->unanswered = true;
	if (c->dbc)
		stmt_release(c);
	if (!c->source->adopted && !c->source->base.inherited)
		conn_disconnect(c->source, c->dbc);
	mem_free(c->cache.items);
	pthread_mutex_destroy(&c->mutex);
	mem_free(c);
}

bool conn_dead(const struct odbc_conn *c)
{
	SQLUINTEGER dead = SQL_CD_FALSE;

	return conn_attribute(c->dbc, SQL_ATTR_CONNECTION_DEAD, &dead) &&
	       dead == SQL_CD_TRUE;
}

bool conn_alive(struct backend_conn *base, bool probe)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	const struct profile *p = c->source->profile;
	uow_error ignored;

	if (c->base.broken)
		return false;
	if (p->dead_check != DEAD_NEVER &&
	    (probe || p->dead_check == DEAD_FREE) && conn_dead(c))
		return false;
	/* Whatever is open on an adopted one is its owner's. */
	if (!probe || !p->check || c->source->adopted)
		return true;
	if (conn_run(c->source, c->dbc, p->check, &ignored))
		return false;
	/* The probe may have begun a transaction. */
	return !c->autocommit_off ||
	       sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK));
}
