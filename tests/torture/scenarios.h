/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <uow/uow.h>

/*
 * What is tortured. Each does its work wholly or not at all; 0 means that it
 * happened. Every public function is called in one of them at least
 * (tests/check/torture.sh).
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

enum {
	LOUD = 1 << 0,		/* calls may fail while it is opened, too */
	OWN = 1 << 1,		/* opens what it needs, and closes it */
	UNCHANGED = 1 << 2,	/* the books stay as they are */
	SINGLY = 1 << 3		/* a statement is its own COMMIT */
};

struct scenario {
	const char *name;
	unsigned needs;		/* of the place */
	unsigned how;
	int (*run)(uow_db *db, uow_error *err);
	unsigned parts;		/* 1 unless a series */
	void (*series)(unsigned which, struct report *out);
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* A unit after all that: NULL, or what is wrong with the data source. */
const char *afterwards(uow_db *db, uow_error *err);

/* -- works.c -- */

int run_detached(uow_db *db, uow_error *err);
int run_criteria(uow_db *db, uow_error *err);
int run_by_sql(uow_db *db, uow_error *err);
int run_things(uow_db *db, uow_error *err);
int run_stoppable(uow_db *db, uow_error *err);
int run_graph(uow_db *db, uow_error *err);

/* -- ways.c -- */

int run_given_up(uow_db *db, uow_error *err);
int run_waiting(uow_db *none, uow_error *err);
int run_settings(uow_db *db, uow_error *err);
int run_simple(uow_db *db, uow_error *err);
int run_once(uow_db *db, uow_error *err);
int run_once_by_hand(uow_db *db, uow_error *err);
int run_tokens(uow_db *none, uow_error *err);
int run_hooks(uow_db *none, uow_error *err);
int run_plain(uow_db *none, uow_error *err);
int run_schema(uow_db *none, uow_error *err);

/* -- series.c -- */

void run_joined(unsigned which, struct report *out);
void run_joined_undone(unsigned which, struct report *out);
void run_adopted_twice(unsigned which, struct report *out);
void run_pooled_twice(unsigned which, struct report *out);

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
