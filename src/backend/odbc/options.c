/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/odbc.h"

#include <inttypes.h>
#include <odbcinst.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/text.h"

/*
 * Options of the profile in a connection string. What the user has set, in
 * the string or in its DSN, under whatever name, stays; but for bits that the
 * library cannot do without, and what it refuses.
 */
enum { VALUE_SIZE = 256 };

/* A value that is too long for us is one, too. */
bool options_given(const struct connstr *c, const char *name, char *value,
		   size_t size)
{
	char dsn[VALUE_SIZE];

	value[0] = '\0';
	if (connstr_get(c, name, value, size))
		return true;
	return connstr_get(c, "DSN", dsn, sizeof(dsn)) &&
	       SQLGetPrivateProfileString(dsn, name, "", value, (int)size,
					  "odbc.ini") > 0;
}

static bool user_set(const struct connstr *c, const char *name, char *value)
{
	return options_given(c, name, value, VALUE_SIZE);
}

/* Under its own name or any of its aliases. */
static bool user_set_any(const struct connstr *c,
			 const struct profile_option *o, char *value)
{
	const char *p = o->aliases;
	char name[VALUE_SIZE];
	size_t n;

	if (user_set(c, o->name, value))
		return true;
	while (p && *p) {
		p += strspn(p, " ");
		n = strcspn(p, " ");
		if (n && n < sizeof(name)) {
			memcpy(name, p, n);
			name[n] = '\0';
			if (user_set(c, name, value))
				return true;
		}
		p += n;
	}
	return false;
}

/* "a*|b*"; blanks around the bars do not count. */
static bool globs_fit(const char *globs, const char *value)
{
	char glob[VALUE_SIZE];
	size_t n, end;

	for (; *globs; globs += n + (globs[n] == '|')) {
		globs += strspn(globs, " ");
		n = strcspn(globs, "|");
		for (end = n; end && globs[end - 1] == ' '; end--)
			;
		if (end >= sizeof(glob))
			continue;
		memcpy(glob, globs, end);
		glob[end] = '\0';
		if (text_glob(glob, value))
			return true;
	}
	return false;
}

static bool is_refused(const struct profile_option *o, const char *value)
{
	int64_t bits, number;

	if (!o->refuse)
		return false;
	if (o->refuse[0] != '&')
		return globs_fit(o->refuse, value);
	return text_to_int64(o->refuse + 1, strlen(o->refuse + 1), &bits) &&
	       text_to_int64(value, strlen(value), &number) && number & bits;
}

/* The user's number with our bits in it; what is no number stays as it is. */
static int set_bits(struct connstr *out, const struct profile_option *o,
		    const char *value, uow_error *err)
{
	int64_t number = 0;
	char text[32];

	if (*value && !text_to_int64(value, strlen(value), &number))
		return 0;
	if ((number & o->bits) == o->bits)
		return 0;
	snprintf(text, sizeof(text), "%" PRId64, number | o->bits);
	return connstr_append(out, o->name, text, err);
}

static int complete(struct connstr *out, const struct connstr *user,
		    const struct profile *p, const struct profile_option *o,
		    uow_error *err)
{
	char value[VALUE_SIZE] = "";
	bool set = user_set_any(user, o, value);

	if (set && is_refused(o, value))
		return error_set(err, UOW_ECONFIG, "option %s=%s is refused by "
				 "profile %s", o->name, value, p->name);
	if (o->bits)
		return set_bits(out, o, set ? value :
				o->value ? o->value : "", err);
	if (set || !o->value)
		return 0;
	return connstr_append(out, o->name, o->value, err);
}

int options_complete(const struct odbc *s, const char *text,
		     struct connstr *out, uow_error *err)
{
	const struct profile_option *o;
	struct connstr user = { NULL };
	int rc;

	connstr_release(out);
	rc = connstr_init(out, text, err);
	if (!rc)
		rc = connstr_init(&user, text, err);
	for (o = s->profile->options; !rc && o; o = o->next)
		rc = complete(out, &user, s->profile, o, err);
	connstr_release(&user);
	return rc;
}
