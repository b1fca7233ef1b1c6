/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_ERRORS_H
#define CONTRACT_ERRORS_H

#include <limits.h>

/*
 * What each kind of database says when something is wrong, and what the
 * library makes of it: one table for each backend in errors.c.
 */
enum error_kind {
	ERROR_UNIQUE,
	ERROR_PRIMARY_KEY,
	ERROR_CHILD,		/* refers to a parent that is not there */
	ERROR_PARENT,		/* has children and cannot go */
	ERROR_NOT_NULL,
	ERROR_CHECK,
	ERROR_TOO_LONG,
	ERROR_RANGE,
	ERROR_DIVISION,		/* by zero */
	ERROR_CAST,		/* 'abc' as a number */
	ERROR_SYNTAX,
	ERROR_TABLE,		/* no such */
	ERROR_COLUMN,
	ERROR_DEFERRED,		/* a foreign key looked at by COMMIT */
	ERROR_DEADLOCK,
	ERROR_SERIALIZATION,	/* in a statement */
	ERROR_SERIALIZATION_COMMIT,
	ERROR_LOCK,		/* not had in time */
	ERROR_TIMEOUT,		/* of a statement that waits */
	ERROR_LOGIN,
	ERROR_DATABASE,		/* no such */
	ERROR_DOWN,		/* nobody listens at the server's port */
	ERROR_CANCEL,		/* of a statement that runs */
	ERROR_LOST,		/* the connection, in a statement */
	ERROR_LOST_COMMIT,	/* and at COMMIT */
	ERROR_KILLED,		/* the transaction, by another session */
	ERROR_KILLED_COMMIT,
	ERROR_KINDS
};

enum { ANY_NUMBER = INT_MIN };

struct expected_error {
	int code;		/* UOW_E*; 0: this is no error here */
	const char *sqlstate;
	int native;
	const char *part;	/* of the message */
};

extern const struct expected_error sqlite_errors[ERROR_KINDS];
extern const struct expected_error postgresql_errors[ERROR_KINDS];
extern const struct expected_error mariadb_errors[ERROR_KINDS];
extern const struct expected_error virtuoso_errors[ERROR_KINDS];

#endif
