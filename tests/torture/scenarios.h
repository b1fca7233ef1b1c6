/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <uow/uow.h>

/*
 * What is tortured. Each opens the bank, does its work wholly or not at all,
 * and closes it; 0 means that it happened.
 *
 * A series does its work in parts, of which each is done wholly or not at all.
 * The failing call is met in one of them only. Which parts are to be done is
 * said by bits.
 */
enum { PARTS = 3 };

struct report {
	int rc;			/* of the part that meets the failing call */
	uow_error err;		/* and why */
	/* 0: is stored; UOW_EINDOUBT: may be; any other: is not */
	int parts[PARTS];
	const char *second;	/* message of the last part, or "" */
	const char *wrong;	/* NULL, or what should not have happened */
};

struct scenario {
	const char *name;
	int (*run)(const char *connection, uow_error *err);
	unsigned parts;		/* 1 unless a series */
	void (*series)(const char *connection, unsigned which,
		       struct report *out);
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* -- series.c -- */

void run_joined(const char *connection, unsigned which, struct report *out);
void run_joined_undone(const char *connection, unsigned which,
		       struct report *out);
void run_adopted_twice(const char *connection, unsigned which,
		       struct report *out);
void run_pooled_twice(const char *connection, unsigned which,
		      struct report *out);

/* A clock that is never waited for. */
extern const uow_clock quick;

/* A connection of the program's own; no call of it fails. */
struct caller {
	void *env, *dbc;
	uow_db *db;
};
void caller_connect(struct caller *c, const char *connection, bool autocommit);
void caller_disconnect(struct caller *c);

#endif
