/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/odbc.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

/*
 * Several connection strings for what is, to those who use it, one database.
 * They share a profile, and with it all that is known of tables and strategies.
 */
enum { NAME_SIZE = 256, SECRETS_MAX = 16 * CONNSTR_MAX };

void info_text(SQLHDBC dbc, SQLUSMALLINT what, char *buffer, size_t size)
{
	SQLSMALLINT length = 0;

	buffer[0] = '\0';
	if (!sql_ok(SQLGetInfo(dbc, what, buffer, (SQLSMALLINT)size,
			       &length)))
		buffer[0] = '\0';
}

const char *endpoint_text(const struct odbc_options *o, unsigned endpoint)
{
	return endpoint ? o->endpoints[endpoint - 1] : o->connection;
}

static unsigned count_endpoints(const struct odbc_options *o)
{
	unsigned n = 1;

	while (o->endpoints && o->endpoints[n - 1])
		n++;
	return n;
}

/* What one endpoint's driver repeats of another's string is as secret. */
static int gather_secrets(struct odbc *s, const struct odbc_options *o,
			  uow_error *err)
{
	struct connstr one = { NULL };
	struct strbuf all;
	unsigned e;
	int rc = 0;

	strbuf_init(&all, SECRETS_MAX);
	for (e = 0; !rc && e < s->base.endpoints; e++) {
		rc = connstr_init(&one, endpoint_text(o, e), err);
		if (rc)
			break;
		strbuf_puts(&all, one.text);
		strbuf_putc(&all, ';');
		connstr_release(&one);
	}
	s->secrets.text = strbuf_steal(&all);
	if (!rc && !s->secrets.text)
		rc = error_nomem(err);
	return rc;
}

static int driver_of(const struct odbc_options *o, unsigned endpoint,
		     char *out, uow_error *err)
{
	struct connstr c = { NULL };
	int rc = connstr_init(&c, endpoint_text(o, endpoint), err);

	if (!rc)
		options_given(&c, "DRIVER", out, NAME_SIZE);
	connstr_release(&c);
	return rc;
}

/* Two drivers: are they for one kind of database, as far as anybody knows? */
static int compare_kinds(const struct odbc_options *o, unsigned endpoint,
			 const char *first, const char *driver, uow_error *err)
{
	char one[NAME_SIZE], other[NAME_SIZE];
	int rc;

	rc = profile_match(o->profile_dirs, first, NULL, one, sizeof(one),
			   err);
	if (!rc)
		rc = profile_match(o->profile_dirs, driver, NULL, other,
				   sizeof(other), err);
	if (rc || !strcmp(one, other) || !strcmp(one, "ansi") ||
	    !strcmp(other, "ansi"))
		return rc;
	return error_set(err, UOW_ECONFIG, "endpoint 0 is for profile %s "
			 "(driver '%s'), endpoint %u for profile %s (driver "
			 "'%s'): all have to be one database; if they are, "
			 "name its profile", one, first, endpoint, other,
			 driver);
}

/*
 * An endpoint that is not there cannot say what it is. Its driver can, before
 * units go to another database than they were written for; and before it is
 * there again, when all is running.
 */
static int check_kinds(const struct odbc *s, const struct odbc_options *o,
		       uow_error *err)
{
	char first[NAME_SIZE], driver[NAME_SIZE];
	unsigned e;
	int rc = 0;

	if (o->profile || s->base.endpoints < 2)
		return 0;
	rc = driver_of(o, 0, first, err);
	for (e = 1; !rc && e < s->base.endpoints; e++) {
		rc = driver_of(o, e, driver, err);
		if (!rc && strcmp(first, driver))
			rc = compare_kinds(o, e, first, driver, err);
	}
	return rc;
}

int endpoints_init(struct odbc *s, const struct odbc_options *o,
		   uow_error *err)
{
	int rc;

	s->base.endpoints = count_endpoints(o);
	s->connections = mem_array(s->base.endpoints,
				   sizeof(*s->connections));
	if (!s->connections)
		return error_nomem(err);
	rc = gather_secrets(s, o, err);
	return rc ? rc : check_kinds(s, o, err);
}

void endpoints_release(struct odbc *s)
{
	unsigned e;

	for (e = 0; s->connections && e < s->base.endpoints; e++)
		connstr_release(&s->connections[e]);
	mem_free(s->connections);
	connstr_release(&s->secrets);
	mem_free(s->dbms);
}

int endpoints_complete(struct odbc *s, const struct odbc_options *o,
		       uow_error *err)
{
	unsigned e;
	int rc = 0;

	for (e = 0; !rc && e < s->base.endpoints; e++) {
		if (e != s->base.endpoint)
			rc = options_complete(s, endpoint_text(o, e),
					      &s->connections[e], err);
	}
	return rc;
}

int endpoint_check(const struct odbc *s, unsigned endpoint, SQLHDBC dbc,
		   uow_error *err)
{
	char dbms[NAME_SIZE];

	if (endpoint == s->base.endpoint)
		return 0;
	info_text(dbc, SQL_DBMS_NAME, dbms, sizeof(dbms));
	if (!strcmp(dbms, s->dbms))
		return 0;
	return error_set(err, UOW_ECONFIG, "endpoint %u is %s, where endpoint "
			 "%u is %s", endpoint, dbms, s->base.endpoint,
			 s->dbms);
}
