/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_CONNSTR_H
#define ODBC_CONNSTR_H

#include <stdbool.h>
#include <stddef.h>
#include <uow/error.h>

#include "base/strbuf.h"

/*
 * ODBC connection strings: NAME=value;NAME={value;with}}brace};... A text
 * without '=' is the name of a DSN. Names compare without case; the first of
 * two wins, as SQLDriverConnect has it.
 *
 * Everything here is secret; nothing of it goes into a message but through
 * connstr_redact().
 */
struct connstr {
	char *text;
};

enum { CONNSTR_MAX = 8192, SECRET_MAX = 512 };

/* Copies text. UOW_EINVAL: malformed (an open brace, too long), UOW_ENOMEM. */
int connstr_init(struct connstr *c, const char *text, uow_error *err);
void connstr_release(struct connstr *c);	/* wipes */

/* Value of name, braces taken off, at most size bytes; false if absent. */
bool connstr_get(const struct connstr *c, const char *name, char *value,
		 size_t size);

/* Append NAME=value, braces put on where needed. */
int connstr_append(struct connstr *c, const char *name, const char *value,
		   uow_error *err);

/* The same, in the place of a value that it has already. */
int connstr_set(struct connstr *c, const char *name, const char *value,
		uow_error *err);

/*
 * Add message to sb with the values of passwords and their kind, wherever the
 * driver repeats them, replaced by three stars.
 */
void connstr_redact(const struct connstr *c, const char *message,
		    struct strbuf *sb);

/*
 * Where it goes, for people: the parts that name driver, data source, server
 * and file, as "DSN=bank, Database=/x". No other part, so no secret.
 */
void connstr_place(const struct connstr *c, struct strbuf *sb);

/* Is this the name of an attribute whose value is secret? */
bool connstr_is_secret(const char *name, size_t length);

#endif
