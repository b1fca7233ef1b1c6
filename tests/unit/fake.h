/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FAKE_H
#define TESTS_FAKE_H

#include <pthread.h>
#include "backend/backend.h"
#include "base/arena.h"
#include "pool/db.h"

/*
 * A backend for tests of what lies above backend.h: rows in memory, seen by
 * other connections at commit only; a log of what was called; and faults, so
 * that the nth call of a kind fails as a test wants it.
 *
 * The log is words separated by "; ": connect (connect 1: to that endpoint),
 * begin, insert account 1, update account 1, delete account 1, read account,
 * exec SQL, savepoint 1, back 1, release 1, commit, rollback, probe,
 * disconnect, free. A call that
 * fails ends with "!".
 */
enum fake_kind {
	FAKE_CONNECT, FAKE_BEGIN, FAKE_COMMIT, FAKE_ROLLBACK, FAKE_READ,
	FAKE_WRITE, FAKE_EXEC, FAKE_SAVEPOINT, FAKE_BACK, FAKE_RELEASE,
	FAKE_PROBE
};

struct fake_fault {
	enum fake_kind kind;
	unsigned nth;		/* 1: the next call */
	unsigned times;		/* so many calls, 0 is 1 */
	int code;
	enum outcome outcome;	/* of COMMIT */
	bool breaks;		/* the connection */
	bool ends;		/* the transaction at the server */
};

struct fake_row {
	const struct mapping *mapping;
	const void *row;
};

struct fake_rows {
	struct fake_row *items;		/* copied before a change */
	size_t count;
};

struct fake {
	struct backend base;
	pthread_mutex_t mutex;
	struct arena arena;
	struct fake_rows stored;
	struct fake_fault faults[8];
	size_t fault_count;
	char log[4096];
	int64_t next_key;
	unsigned connections;		/* open now */
	unsigned most;			/* that were ever open at once */
	bool joined;			/* units join a caller's transaction */
	bool no_savepoints;
	const char *refuses;		/* of connections that end a unit */
	uint64_t deadline;		/* as the last begin was told */
	uow_isolation isolation;
	unsigned freed;
	unsigned down;			/* bits: endpoints that refuse */
	unsigned connect_usec;		/* how long a connect takes */
	unsigned connecting, most_connecting;
	unsigned connects;		/* that were tried */
};

void fake_init(struct fake *f);

/* One of its numbers, while other threads connect. */
unsigned fake_number(struct fake *f, const unsigned *number);

/* Until freed by the data source nothing must be released. */
void fake_release(struct fake *f);

void fake_fail(struct fake *f, struct fake_fault fault);

/* The log so far, which then begins anew. */
const char *fake_log(struct fake *f);

/* A stored row by its key, as another transaction would see it, or NULL. */
const void *fake_stored(const struct fake *f, const uow_entity *e,
			int64_t id);
size_t fake_count(const struct fake *f);

/* A clock that stands still but for sleeping. */
struct fake_clock {
	uow_clock clock;
	uint64_t now, slept, longest;
	unsigned sleeps;
};
void fake_clock_init(struct fake_clock *c);

/* What nearly every test wants: a fake, a data source, a clock. */
struct fixture {
	struct fake fake;
	struct fake_clock clock;
	uow_db *db;
};
int fixture_setup(void **state);
int fixture_setup_pool(void **state, const struct db_options *o,
		       unsigned endpoints);
int fixture_teardown(void **state);

struct account {
	int64_t id;
	int64_t balance;
	char owner[16];
	int64_t scratch;		/* the program's own, not mapped */
};
struct note {
	int64_t id;			/* generated */
	const char *text;
};
extern const uow_entity account_entity, note_entity;

/* A row that is there already. */
void fixture_store(struct fixture *fx, int64_t id, int64_t balance);

#endif
