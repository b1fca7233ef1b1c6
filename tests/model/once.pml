/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exactly_once: src/unit/once.c, and a database under it that does everything
 * a database may do. README.md tells how it is run and what the switches are.
 *
 * next() is the machine of once.c, with the same names. run_body(),
 * run_tombstone() and run_read() are what settle.c does with connections. The
 * rest is the database: transactions of clients that are gone end when they
 * like, with or without effect; with NODES 2 a COMMIT is ordered for both nodes
 * first, refused if another one with the same key was ordered before, and seen
 * at the other node some time later.
 */
#ifndef CLIENTS
#define CLIENTS 1
#endif
#ifndef NODES
#define NODES 1
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 3
#endif
#ifndef LOSSES			/* of each client: connections */
#define LOSSES 2
#endif
#ifndef CONFLICTS		/* of each client: deadlocks and their kind */
#define CONFLICTS 1
#endif
#define SLOTS (LOSSES + 2)	/* one in use, and those that were lost */
#define FIRST(c) ((c) * SLOTS)

mtype = { BODY, TOMBSTONE, READ, SUCCESS, FAILURE, IN_DOUBT };
mtype = { COMMITTED, TAKEN, OBSTACLE, WRONG, CONFLICT, REFUSED, LOST, ROW,
	  NO_ROW };

/* -- the database -- */

#define FREE 0			/* phases of a transaction */
#define OPEN 1			/* its client works on it */
#define ORPHAN 2		/* its client is gone */
#define SENT 3			/* the same, but COMMIT is on its way */
#define ORDERED 4		/* it will be seen, at its own node as well */

typedef transaction {
	byte phase, node, attempt;
	bool token;		/* inserted: it has the key's lock */
	bool work;		/* the business row is written, and locked */
	bool doomed;		/* cannot be ordered any more */
};
transaction tx[CLIENTS * SLOTS];

typedef key_of_node {
	byte lock;		/* transaction + 1 */
	bool row;		/* committed, and visible */
	byte attempt;		/* of that row */
};
typedef token_of_run {
	key_of_node at[NODES];
	bool ordered;
	byte attempt;		/* of the one that was ordered */
};
token_of_run tokens[CLIENTS];
byte row_lock[NODES];		/* of the business row: transaction + 1 */

/* What counts. */
byte effects[CLIENTS], effect_of[CLIENTS];
mtype answer[CLIENTS];
bool late[CLIENTS];

inline forget(x)
{
	if
	:: tx[x].token &&
	   tokens[x / SLOTS].at[tx[x].node].lock == x + 1 ->
		tokens[x / SLOTS].at[tx[x].node].lock = 0
	:: else
	fi;
	if
	:: row_lock[tx[x].node] == x + 1 -> row_lock[tx[x].node] = 0
	:: else
	fi;
	tx[x].phase = FREE;
	tx[x].node = 0;
	tx[x].attempt = 0;
	tx[x].token = false;
	tx[x].work = false;
	tx[x].doomed = false
}

/* Never twice, and never after somebody was told that it would not be. */
inline order(x)
{
	if
	:: tx[x].work ->
		assert(answer[x / SLOTS] != FAILURE);
		assert(effects[x / SLOTS] == 0);
		effects[x / SLOTS]++;
		effect_of[x / SLOTS] = tx[x].attempt
	:: else
	fi;
	tokens[x / SLOTS].ordered = true;
	tokens[x / SLOTS].attempt = tx[x].attempt;
	i = 0;
	do
	:: i < CLIENTS * SLOTS ->
		if
		:: i != x && tx[i].phase != FREE && tx[i].phase != ORDERED &&
		   ((tx[i].token && i / SLOTS == x / SLOTS) ||
		    (tx[i].work && tx[x].work && tx[i].node != tx[x].node)) ->
			tx[i].doomed = true
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

inline see(x)
{
	assert(!tokens[x / SLOTS].at[tx[x].node].row);
	tokens[x / SLOTS].at[tx[x].node].row = true;
	tokens[x / SLOTS].at[tx[x].node].attempt = tx[x].attempt;
	forget(x)
}

/* Whatever may become of transactions without a client, at any time. */
#define MAY(x) \
	:: d_step { tx[x].phase == SENT && !tx[x].doomed -> \
		order(x); tx[x].phase = ORDERED } \
	:: d_step { tx[x].phase == ORDERED -> see(x) } \
	:: d_step { tx[x].phase == SENT || tx[x].phase == ORPHAN -> forget(x) }
#define MAY2(x) MAY(x) MAY(x + 1)

active proctype server()
{
	byte i = 0;

end:	do
	MAY2(0)
	MAY(2)
#if CLIENTS * SLOTS > 3
	MAY(3)
#endif
#if CLIENTS * SLOTS > 4
	MAY(4)
#endif
#if CLIENTS * SLOTS > 5
	MAY(5)
#endif
#if CLIENTS * SLOTS > 6
	MAY2(6)
#endif
	od
}

#if NODES > 1
/*
 * What one node has ordered comes to the other, and past whoever is there: a
 * client hears of it at its next statement.
 */
#define APPLY(c, n) \
	:: d_step { \
		tokens[c].ordered && !tokens[c].at[n].row && \
		!(tokens[c].at[n].lock && \
		  tx[tokens[c].at[n].lock - 1].phase == ORDERED) -> \
		h = tokens[c].at[n].lock; \
		if \
		:: h && tx[h - 1].phase == OPEN -> \
			tokens[c].at[n].lock = 0; \
			tx[h - 1].token = false; \
			tx[h - 1].doomed = true \
		:: h && tx[h - 1].phase != OPEN -> h--; forget(h) \
		:: else \
		fi; \
		h = 0; \
		tokens[c].at[n].row = true; \
		tokens[c].at[n].attempt = tokens[c].attempt }

active proctype applier()
{
	byte h = 0;

end:	do
	APPLY(0, 0)
	APPLY(0, 1)
#if CLIENTS > 1
	APPLY(1, 0)
	APPLY(1, 1)
#endif
	od
}
#endif

/* -- the machine: once.c -- */

/* When its time is up is anybody's guess; so is when settling's is, then. */
inline over_or(otherwise)
{
	if
	:: late[me] -> step = IN_DOUBT
	:: !late[me] -> step = otherwise
	:: late[me] && patience > 0 -> patience--; step = otherwise
	fi
}

inline begin()
{
	if
	:: !doubt && (used >= ATTEMPTS || late[me]) -> step = FAILURE
	:: !doubt && !(used >= ATTEMPTS || late[me]) -> step = BODY
#ifdef MISTAKE_EXHAUSTED
	:: doubt && used >= ATTEMPTS -> step = FAILURE
#endif
#ifdef MISTAKE_LATE
	:: doubt && late[me] -> step = FAILURE
#endif
	:: doubt ->
#ifdef BY_HAND
		tombstone = true;
#else
		tombstone = tombstone || used >= ATTEMPTS || late[me];
#endif
		step = (tombstone -> TOMBSTONE : BODY)
	fi
}

inline next(e)
{
	if
	/* a row is there, not whose: */
	:: e == TAKEN ->
		doubt = true;
		step = READ;
#ifdef MISTAKE_TAKEN
		if :: tombstone -> step = FAILURE :: else fi
#endif
	:: step == BODY && e == COMMITTED ->
		used++;
		stored = used;
		step = SUCCESS
	:: step == BODY && e == LOST ->
		used++;
#ifndef MISTAKE_UNDONE
		doubt = true;
#endif
		begin()
	:: step == BODY && e == OBSTACLE ->
		used = (doubt -> used : used + 1);
		begin()
	:: step == BODY && e == CONFLICT ->
#ifdef MISTAKE_UNCOUNTED
		used = (doubt -> used : used + 1);
#else
		used++;
#endif
		begin()
	:: step == BODY && e == REFUSED && !doubt -> step = FAILURE
	:: step == BODY && e == REFUSED && doubt ->
		used++;
		tombstone = true;
#ifdef MISTAKE_REFUSED
		step = FAILURE
#else
		begin()
#endif
	:: step == BODY && e == WRONG ->
		step = (doubt -> IN_DOUBT : FAILURE)
	:: step == TOMBSTONE && e == COMMITTED -> step = FAILURE
	:: step == TOMBSTONE && (e == OBSTACLE || e == LOST) ->
		over_or(TOMBSTONE)
	:: (step == TOMBSTONE || step == READ) && e == WRONG ->
#ifdef MISTAKE_WRONG
		step = FAILURE
#else
		step = IN_DOUBT
#endif
	:: step == READ && e == ROW ->
#ifdef MISTAKE_TOMBSTONE_ROW
		stored = row;
		step = SUCCESS
#else
		stored = row;
		step = (row == 0 -> FAILURE : SUCCESS)
#endif
#ifdef MISTAKE_NO_ROW
	:: step == READ && e == NO_ROW -> step = FAILURE
#endif
	:: step == READ && (e == NO_ROW || e == OBSTACLE) -> over_or(READ)
	fi
}

/* -- what it is told: settle.c -- */

#define MAY_BE_LOST (lost < LOSSES)

/* On a connection that is alive, or on one to any node. */
inline connect()
{
	if
	:: connected
	:: !connected && MAY_BE_LOST -> lost++; event = OBSTACLE; goto happened
	:: !connected -> node = 0; connected = true
#if NODES > 1
	:: !connected -> node = 1; connected = true
#endif
	fi
}

inline new_transaction(number)
{
	d_step {
		x = FIRST(me);
		do
		:: tx[x].phase != FREE -> x++
		:: else -> break
		od;
		assert(x < FIRST(me) + SLOTS);
		tx[x].phase = OPEN;
		tx[x].node = node;
		tx[x].attempt = number
	}
}

inline undo(e)
{
	d_step { forget(x); event = e };
	goto happened
}

/* The client is gone; the server has yet to notice. */
inline abandon(how, e)
{
	lost++;
	connected = false;
	tx[x].phase = how;
	event = e;
	goto happened
}

#define KEY tokens[me].at[node]

inline insert_token()
{
	if
	:: KEY.row -> undo(TAKEN)
	:: !KEY.row && KEY.lock == 0 ->
		KEY.lock = x + 1;
		tx[x].token = true;
		tx[x].doomed = tx[x].doomed || tokens[me].ordered
	:: !KEY.row && KEY.lock != 0 -> undo(OBSTACLE)	/* waited in vain */
	:: conflicts < CONFLICTS -> conflicts++; undo(OBSTACLE)
	:: MAY_BE_LOST -> abandon(ORPHAN, OBSTACLE)
#ifdef ERRORS
	:: undo(WRONG)
#endif
	fi
}

inline do_work()
{
	if
	:: tx[x].token && row_lock[node] == 0 ->
		row_lock[node] = x + 1;
		tx[x].work = true
	:: tx[x].token && row_lock[node] != 0 -> undo(CONFLICT)
	:: !tx[x].token -> undo(CONFLICT)	/* killed by the other node */
	:: undo(REFUSED)
#ifdef HOT_ROW
	:: undo(CONFLICT)	/* again and again */
#endif
	:: conflicts < CONFLICTS -> conflicts++; undo(CONFLICT)
	:: MAY_BE_LOST -> abandon(ORPHAN, CONFLICT)
	fi
}

/* conflict: what a COMMIT that was refused means to this step. */
inline commit(conflict)
{
	if
	:: tx[x].token && !tx[x].doomed ->
		d_step { order(x); see(x); event = COMMITTED };
		goto happened
	:: !tx[x].token || tx[x].doomed -> undo(conflict)
	:: conflicts < CONFLICTS -> conflicts++; undo(conflict)
	:: MAY_BE_LOST && tx[x].token -> abandon(SENT, LOST)
	:: MAY_BE_LOST && !tx[x].token -> abandon(ORPHAN, LOST)
	fi
}

proctype client(byte me)
{
	mtype step = BODY, event = 0;
	byte used = 0, stored = 0, row = 0, node = 0, x = 0, i = 0;
	byte lost = 0, conflicts = 0, patience = 1;
	bool doubt = false, tombstone = false, connected = true;

more:	atomic { connect() };
	if
	:: step == BODY ->
		atomic { new_transaction(used + 1) };
		atomic { insert_token() };
		atomic { do_work() };
		atomic { commit(CONFLICT) }
	:: step == TOMBSTONE ->
		atomic { new_transaction(0) };
		atomic { insert_token() };
#ifdef MISTAKE_UNCOMMITTED
		atomic { undo(COMMITTED) }
#else
		atomic { commit(OBSTACLE) }
#endif
	:: step == READ ->
		atomic { if
		:: MAY_BE_LOST -> lost++; connected = false; event = OBSTACLE
		:: KEY.row -> row = KEY.attempt; event = ROW
		:: !KEY.row -> event = NO_ROW
#ifdef ERRORS
		:: event = WRONG
#endif
		fi }
	fi;
happened:
	atomic {
		next(event);
		event = 0;
		x = 0;
		if
		:: step == SUCCESS ->
			assert(effects[me] == 1 && effect_of[me] == stored);
			answer[me] = SUCCESS
		:: step == FAILURE ->
			assert(effects[me] == 0);
			answer[me] = FAILURE
		:: step == IN_DOUBT ->
			assert(doubt);
#ifndef ERRORS
			assert(late[me]);
#endif
			answer[me] = IN_DOUBT
		:: else -> goto more
		fi
	}
}

#ifdef DEADLINE
active proctype clock()
{
	byte c = 0;

	do
	:: c < CLIENTS -> late[c] = true; c++
	:: c < CLIENTS -> c++
	:: c == CLIENTS -> break
	od
}
#endif

init
{
	atomic {
		run client(0);
#if CLIENTS > 1
		run client(1);
#endif
	}
}

#ifdef ENDS
#if CLIENTS > 1
ltl ends { <> (answer[0] != 0 && answer[1] != 0) }
#else
ltl ends { <> (answer[0] != 0) }
#endif
#endif
