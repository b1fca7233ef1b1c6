/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_SHIM_H
#define ODBC_SHIM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Stands between the library and the driver manager: the test program defines
 * the SQL functions itself and forwards them. Counts calls, and lets the nth
 * fail with a SQLSTATE of the test's choice. Also watches the rule that
 * autocommit is never switched on while a transaction's end is not certain.
 *
 * For tests with one thread.
 */
enum shim_mode {
	SHIM_ONCE,		/* the nth call fails without being made */
	SHIM_AFTER,		/* it is made, and then said to have failed */
	SHIM_DEAD		/* from the nth on all fail: the link is lost */
};

struct shim_plan {
	unsigned nth;		/* 1..; 0: nothing fails */
	const char *only;	/* name of the function counted, NULL: all */
	enum shim_mode mode;
	const char *state;	/* NULL: one that such a call could give */
	unsigned choice;	/* the first of those, or the second ... */
};

/* What is tried at each call, one after the other; nth is left open. */
extern const struct shim_plan shim_plans[];
extern const size_t shim_plan_count;

/* Arm; counting starts anew. */
void shim_arm(const struct shim_plan *plan);
void shim_disarm(void);

/*
 * Not the library's calls but the program's own: none is counted or fails,
 * unless the link is lost. Returns what it was.
 */
bool shim_pause(bool on);

/* Has a call been made to fail since shim_arm()? Which one? */
bool shim_fired(void);
const char *shim_name(void);
/* Its name where the statement asks for a count: as good as SQLRowCount. */
#define SHIM_QUESTION "a count"
const char *shim_state(void);

/* Calls counted since shim_arm(). */
unsigned shim_calls(void);

/* "" or what rule was broken since the program's start. */
const char *shim_violation(void);

/* Has the link been lost (SHIM_DEAD)? */
bool shim_dead(void);

/* The server is back, for those who connect anew; and gone again. */
bool shim_revive(void);
void shim_die(bool dead);

/* Statements whose time was set to "no limit" since shim_arm(). */
unsigned shim_unlimited(void);

/*
 * A driver that has all isolation levels and keeps the one that it is told;
 * 0: as the driver has it.
 */
void shim_set_isolation(unsigned long level);
unsigned long shim_isolation(void);

/* Calls of one function since the program's start. */
unsigned shim_count(const char *name);

#endif
