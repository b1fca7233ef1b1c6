/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PLACE_H
#define PLACE_H

#include <uow/uow.h>

/*
 * Where the scenarios are played: a small bank and a table of everything on
 * one kind of data source, and what is in its books. The books are read and
 * put back past the library where there is SQL, so that neither a mistake of
 * its own nor a failing call can hide what is stored.
 */
enum {
	PLACE_ODBC = 1 << 0,	/* a driver, SQL by hand */
	PLACE_PARTS = 1 << 1,	/* savepoints */
	PLACE_LOCKS = 1 << 2,	/* locks that are not waited for */
	PLACE_SERVER = 1 << 3	/* reached by a network: points cost more */
};

/* All rows as text, but for keys that the database makes. */
struct books {
	char text[8192];
};

enum { BOOKS_ACCOUNTS = 6 };

/* One column of each type, NULLs, texts that are read in parts. */
struct thing {
	int64_t group, number;		/* the key: two columns */
	const char *words;
	uow_bytes bytes;
	double real;
	float small;
	int16_t few;
	int32_t some;
	bool yes;
	uow_date day;
	uow_time hour;
	uow_timestamp moment;
	uow_uuid uuid;
	int64_t maybe;
	bool maybe_is_null;
	int64_t above;			/* another one's number, or NULL */
	bool above_is_null;
	int64_t version;
};

extern const uow_entity thing_entity, extra_entity;
UOW_REPOSITORY(thing, struct thing, thing_entity);

/* Names of places: "sqlite", "memory", "postgresql" ... NULL ends them. */
const char *place_name(size_t i);

/* Make the bank there. False: there is no such server here. */
bool place_setup(const char *name);
void place_teardown(void);

bool place_has(unsigned flags);
const char *place_here(void);

/*
 * A data source on the bank. loud: the profile has to be found, as when a
 * program opens it; else that is spared.
 */
int place_open(uow_db **db, uow_db_options *o, bool loud, uow_error *err);

/* Of places with PLACE_ODBC; and what must not be in any message. */
const char *place_connection(void);
const char *place_secret(void);

/* A profile of the test's own; returns the folder for profile_dir. */
const char *place_profile(const char *name, const char *text);

/* The bank as it was in the beginning. */
void books_reset(void);

void books_read(struct books *out);
bool books_equal(const struct books *a, const struct books *b);

#endif
