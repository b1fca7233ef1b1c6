/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_LAB_H
#define PROBE_LAB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/odbc/odbc.h"
#include "probe/experiment.h"

/*
 * Inside the child process that runs one experiment: connections through the
 * library's own code (so with the profile's options), statements without it.
 *
 * SQL texts are templates: {a} is the scratch table of that letter, quoted.
 * Failures of statements are results; the last one is in lab->error. What
 * makes an experiment pointless is said by lab_cannot().
 */
struct lab {
	struct odbc *source;
	const char *prefix;		/* of the scratch tables' names */
	int out;			/* lab_see() writes there */
	uow_error error;
};

/* A child writes "done yes" last; without it, it has died. */
void lab_see(struct lab *l, const char *name, const char *fmt, ...)
	UOW_PRINTF(3, 4);
void lab_yes(struct lab *l, const char *name, bool yes);
void lab_number_seen(struct lab *l, const char *name, long number);

/* What comes next: said of a crash or a hang. */
void lab_step(struct lab *l, const char *what);

/* The experiment cannot be made: why, with the last error. */
void lab_cannot(struct lab *l, const char *what);

/* There is nothing to be proved: why. */
void lab_without(struct lab *l, const char *what);

/* NULL: could not, and said so. */
SQLHDBC lab_connect(struct lab *l);
void lab_disconnect(struct lab *l, SQLHDBC dbc);
bool lab_autocommit(SQLHDBC dbc, bool on);
bool lab_commit(struct lab *l, SQLHDBC dbc);
bool lab_rollback(struct lab *l, SQLHDBC dbc);

/* The template, written out; NULL when there is no memory. mem_free(). */
char *lab_sql(const struct lab *l, const char *sql);

/* One statement, now. */
bool lab_do(struct lab *l, SQLHDBC dbc, const char *sql);
bool lab_dof(struct lab *l, SQLHDBC dbc, const char *fmt, ...)
	UOW_PRINTF(3, 4);

/* The first column of the first row; false: error, no row, or NULL. */
bool lab_text(struct lab *l, SQLHDBC dbc, const char *sql, char *out,
	      size_t size);
#define LAB_NONE (-999999999L)
long lab_number(struct lab *l, SQLHDBC dbc, const char *sql);

/* NULL: failed, error in lab->error. */
SQLHSTMT lab_statement(struct lab *l, SQLHDBC dbc);
SQLHSTMT lab_prepare(struct lab *l, SQLHDBC dbc, const char *sql);
void lab_free(SQLHSTMT h);
/* Reads the diagnostics where rc is no success; NO_DATA is one. */
bool lab_ok(struct lab *l, SQLHSTMT h, SQLRETURN rc);

/* Table {a}(id INTEGER key, v INTEGER, s VARCHAR(40)), made anew, empty. */
bool lab_fresh(struct lab *l, SQLHDBC dbc);
/* Rows 1..count with v = 10 * id, s = 'row'. */
bool lab_fill(struct lab *l, SQLHDBC dbc, int count);
void lab_drop(struct lab *l, SQLHDBC dbc, const char *letter);

/* -- statements that may wait for others: on a thread of their own -- */

struct lab_wait {
	struct lab lab;			/* its own error */
	SQLHDBC dbc;
	SQLHSTMT handle;		/* for SQLCancel */
	char *sql;
	bool commit;			/* SQLEndTran instead of sql */
	bool fetch;
	long value;			/* fetch: LAB_NONE without a row */
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool done, ok, started;
	uint64_t usec;
};

bool lab_start(struct lab *l, struct lab_wait *w, SQLHDBC dbc,
	       const char *sql, bool fetch);
/* With SQL_ATTR_QUERY_TIMEOUT. */
bool lab_start_timed(struct lab *l, struct lab_wait *w, SQLHDBC dbc,
		     const char *sql, bool fetch, unsigned seconds);
bool lab_start_commit(struct lab *l, struct lab_wait *w, SQLHDBC dbc);
/* Is it done within this time? */
bool lab_done(struct lab_wait *w, unsigned ms);
/* Waits for its end. */
void lab_join(struct lab_wait *w);

uint64_t lab_now_ms(void);
void lab_sleep_ms(unsigned ms);

/*
 * A statement that works for some seconds on the 100 rows that are put into
 * {h}: *ms is what it is expected to take. NULL: could not; mem_free().
 */
char *lab_heavy(struct lab *l, SQLHDBC dbc, unsigned *ms);

#endif
