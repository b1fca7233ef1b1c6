/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_ONCE_H
#define UNIT_ONCE_H

#include <stdbool.h>

/*
 * The protocol of exactly_once: what to do next, after what has happened. Pure:
 * no clock, no database. settle.c does what it says; tests/model/once.pml is
 * the same machine in Promela, with the same names for its steps, where all
 * orders of events are tried.
 *
 * Every transaction of a run inserts the run's token first. A transaction that
 * commits with the token in it excludes all others of the run: so "who has
 * inserted the row" is the answer to "what has happened", once the row can be
 * read, and committing a row of one's own proves that no other will.
 *
 * Invariants
 *  - doubt is set by the first COMMIT whose outcome is unknown, and never
 *    cleared: from then on the run may have happened.
 *  - In doubt, ONCE_FAILURE follows a tombstone that has been committed, or a
 *    tombstone's row that has been read; nothing else.
 *  - Once tombstone is set, ONCE_BODY is not answered any more.
 */

/* The attempt that never happens: "this token is settled, with nothing". */
enum { ONCE_TOMBSTONE_ROW = 0 };

enum once_step {
	/*
	 * A transaction of the token (attempt: used + 1) and the body. In doubt
	 * it is the fence: until it has committed it proves nothing.
	 */
	ONCE_BODY,
	/* A transaction of the token alone, as ONCE_TOMBSTONE_ROW. */
	ONCE_TOMBSTONE,
	/* Read the token's row in a transaction that begins now. */
	ONCE_READ,
	/* The answers. */
	ONCE_SUCCESS,		/* of attempt once.stored */
	ONCE_FAILURE,		/* nothing is stored, nor ever will be */
	ONCE_IN_DOUBT
};

enum once_event {
	ONCE_BEGUN,		/* nothing yet */
	ONCE_COMMITTED,		/* the step's transaction */
	ONCE_TAKEN,		/* a row of the token is there: not which */
	/* The token's own statement, COMMIT or connection: not now. */
	ONCE_OBSTACLE,
	ONCE_ERROR,		/* and not later either */
	ONCE_CONFLICT,		/* the body is undone, and may be repeated */
	ONCE_REFUSED,		/* the body is undone, for good */
	ONCE_LOST,		/* COMMIT: nobody knows */
	ONCE_ROW,		/* read: once.row is its attempt */
	ONCE_NO_ROW		/* read: not there, or not visible yet */
};

/* What the clock says when it happened. */
struct once_time {
	bool late;		/* no time for the body any more */
	bool over;		/* nor for settling */
};

struct once {
	unsigned attempts;	/* at most */
	bool by_hand;		/* the body cannot be repeated */
	enum once_step step;	/* what was answered last */
	unsigned used;		/* attempts */
	unsigned row;		/* of ONCE_ROW, set by the caller */
	unsigned stored;	/* attempt of ONCE_SUCCESS */
	bool doubt, tombstone;
};

void once_init(struct once *o, unsigned attempts);

/* For a unit begun by hand, whose COMMIT was lost. */
void once_init_by_hand(struct once *o);

enum once_step once_next(struct once *o, enum once_event event,
			 const struct once_time *t);

#endif
