/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_UNIT_H
#define UOW_UNIT_H

#include "cancel.h"
#include "db.h"
#include "entity.h"

/**
 * @file uow/unit.h
 * The unit of work: one transaction, the objects it knows, and their changes.
 *
 * Verbs without a module in their name (uow_run, uow_get, uow_commit, ...)
 * act on a unit of work; everything else names its module (uow_db_open).
 *
 * Life cycle
 *
 *	begin --> active --commit--> committed --.
 *	            |  \--rollback-> rolled back -+--> free
 *	            `--any failure-> failed ------'   (free rolls back)
 *
 * Failure sticks. The first call that fails makes the unit "failed": its
 * error is kept, later calls return the same code and do nothing, and commit
 * refuses. So business code may skip checks where it does not need a result,
 * and can never commit half of its work. Only uow_nested() can take a unit
 * out of that state, by rolling back to the savepoint it started from.
 *
 * Memory. A unit owns an arena. Entities, their text and query results live
 * in it until uow_unit_free(), also after commit or rollback. Nothing
 * obtained from a unit is ever freed by the caller.
 *
 * After its end a unit can be read and freed; every other call is UOW_ESTATE.
 *
 * Threads. A unit and everything obtained from it belongs to one thread at a
 * time; it may be handed over, not shared.
 */

UOW_BEGIN

typedef struct uow_unit uow_unit;

/** A minimum: a database that has only stronger levels uses the next one. */
typedef enum uow_isolation {
	UOW_ISOLATION_DEFAULT,		/**< whatever the database does */
	UOW_READ_COMMITTED,
	UOW_REPEATABLE_READ,
	UOW_SERIALIZABLE
} uow_isolation;

typedef struct uow_options {
	unsigned abi;
	const char *name;	/**< for traces and messages; copied */
	uow_isolation isolation;
	bool read_only;		/**< whatever writes is refused; a COMMIT that
				     is lost is UOW_ECONNECT, and no doubt,
				     unless the handle was lent (uow/odbc.h)
				     or rows were found by SQL by hand */
	bool simple;		/**< each write commits itself; when the
				     connection is lost during one, that
				     is UOW_EINDOUBT */
	bool no_autoflush;	/**< queries do not see unflushed changes */
	unsigned timeout_ms;	/**< for the whole unit, retries included */
	unsigned lock_timeout_ms;/**< waiting for one lock; 0: the profile's */
	unsigned attempts;	/**< uow_run(): default 3, 1 means no retry */
	unsigned backoff_ms;	/**< first pause, doubled, jittered; def. 20 */
	bool exactly_once;	/**< settle a lost COMMIT; see uow_run() */
	unsigned settle_ms;	/**< and so long beyond its time; def. 5000 */
	uow_canceler *canceler;	/**< NULL: nobody can cancel it */
} uow_options;

#define UOW_OPTIONS_INIT \
	{ 1, NULL, UOW_ISOLATION_DEFAULT, false, false, false, 0, 0, 0, 0, \
	  false, 0, NULL }

/**
 * Business code. Return 0 to commit, or a negative code to roll back; a
 * positive return is UOW_EINVAL. May run more than once: touch nothing
 * outside the database that cannot be repeated, or do it in a
 * UOW_AFTER_COMMIT hook.
 */
typedef int (*uow_fn)(uow_unit *u, void *arg);

/**
 * Begin, call fn, flush and commit; roll back if fn or anything in the unit
 * failed; begin anew with a fresh unit when the failure is transient and
 * attempts and time are left. This is how units of work should be written.
 * Between attempts it sleeps a random time up to backoff_ms doubled each time
 * ("full jitter"), at most 2 seconds.
 *
 * If the unit failed with a transient code, that code wins whatever fn
 * returned. Otherwise a negative return of fn wins, and the unit's failure is
 * the message; UOW_ESTATE, which calls give on a unit that has failed already,
 * stands for that failure.
 *
 * On a database file that many write (a profile with begin_write), a unit
 * that is not read_only takes the write lock with its first statement: such
 * units run one after the other.
 *
 * @param opts may be NULL; borrowed for the call
 * @param err  written on failure only; may be NULL
 * @return 0 once committed, otherwise the code of the last attempt;
 *         UOW_EINDOUBT if the outcome of COMMIT is unknown (never retried,
 *         unless exactly_once is asked for: see below)
 */
UOW_API UOW_CHECKED int uow_run(uow_db *db, const uow_options *opts,
				uow_fn fn, void *arg, uow_error *err);

/*
 * exactly_once: "unknown" is settled.
 *
 * Each run draws a random token, and each of its transactions inserts it, as
 * its first statement, into the table uow_commit, which is made by
 * uow_schema_create_commits(). When the outcome of a COMMIT is unknown, the
 * next transaction of the run inserts the token as well: if it can, and can be
 * committed, the one before has not happened and never will; if there is a row
 * already, the row tells which attempt has. With attempts and time left that
 * next transaction is an attempt, else a tombstone that stands for "never".
 *
 * uow_run() answers 0 (stored, once), a failure (nothing is stored, nor ever
 * will be), or UOW_EINDOUBT, only where the database could not be asked: no
 * connection in time, or one to another server than that which got the COMMIT,
 * or the token could be neither written nor read. In doubt a run without
 * timeout_ms has 30 seconds; after its time it takes up to settle_ms to settle.
 *
 * Units whose outcome is not known yet are kept, and their hooks wait: the
 * after-commit hooks of the one that turns out to be committed are run, and
 * the after-rollback hooks of the others; at UOW_EINDOUBT none. The function
 * may have been run again after the run that counts: its results have to leave
 * it by its unit or an after-commit hook, not by arg.
 *
 * A unit begun by hand settles in uow_commit(), and cannot be repeated: 0, or
 * UOW_ECONNECT if nothing was stored, or UOW_EINDOUBT.
 *
 * Once for each run, not for each order of a customer's: what a program does
 * after a crash is for a key of its own to decide. Code that ends the
 * transaction by itself, on the handle of uow_unit_hdbc(), is beyond this.
 *
 * Begin gives UOW_ECONFIG where the table is missing, or is not undone by a
 * rollback; UOW_ENOTSUP for connections that were adopted, and with simple or
 * read_only.
 */

/*
 * The same by hand, for code whose flow does not fit a callback.
 */

/**
 * Borrow a connection and start a transaction. Codes: UOW_ETIMEOUT (no
 * connection in time), UOW_ECONNECT, UOW_ENOTSUP (no transactions, or no such
 * isolation), UOW_ESTATE (data source ended), UOW_ENOMEM.
 */
UOW_API UOW_CHECKED int uow_begin(uow_unit **out, uow_db *db,
				  const uow_options *opts, uow_error *err);

/**
 * The same with the place in the program, "file.c:123", that is named when a
 * unit does not give its connection back; borrowed until the unit's end, or
 * NULL. uow_run() and uow_begin() are also macros, which give their own place;
 * a program that wraps them gives its caller's. With UOW_NO_PLACES defined
 * there are none.
 */
UOW_API UOW_CHECKED int uow_run_at(const char *place, uow_db *db,
				   const uow_options *opts, uow_fn fn,
				   void *arg, uow_error *err);
UOW_API UOW_CHECKED int uow_begin_at(const char *place, uow_unit **out,
				     uow_db *db, const uow_options *opts,
				     uow_error *err);

#define UOW_PLACE_TEXT__(x) #x
#define UOW_PLACE_TEXT_(x) UOW_PLACE_TEXT__(x)
/** Here: "file.c:123". */
#define UOW_PLACE __FILE__ ":" UOW_PLACE_TEXT_(__LINE__)

#ifndef UOW_NO_PLACES
#define uow_run(...) uow_run_at(UOW_PLACE, __VA_ARGS__)
#define uow_begin(...) uow_begin_at(UOW_PLACE, __VA_ARGS__)
#endif

/**
 * Flush and commit. The unit stays readable until it is freed. Failed: rolled
 * back, and the unit's first failure is returned; UOW_EINDOUBT: unknown. Not
 * for the unit of uow_run(), nor in hooks, uow_nested() or uow_each(): there
 * it is UOW_ESTATE, and the unit has failed.
 */
UOW_API UOW_CHECKED int uow_commit(uow_unit *u);

/**
 * Undo everything. Cannot fail: a connection that refuses is closed. Nothing
 * on a unit that has ended. Where uow_commit() is UOW_ESTATE the unit fails
 * instead, and is rolled back by whoever ends it. A simple unit has nothing
 * to undo and only drops what was not flushed.
 */
UOW_API void uow_rollback(uow_unit *u);

/** Roll back if still open, release connection and memory. NULL is fine. */
UOW_API void uow_unit_free(uow_unit *u);

/** For UOW_AUTO_UNIT; takes the address of a variable. */
static inline UOW_MAYBE_UNUSED void uow_unit_cleanup(uow_unit **u)
{
	uow_unit_free(*u);
}

/** "UOW_AUTO_UNIT *u = NULL;" frees u at scope exit (GCC and Clang). */
#define UOW_AUTO_UNIT UOW_CLEANUP(uow_unit_cleanup) uow_unit

/** Send pending changes now, for instance to obtain generated keys. */
UOW_API int uow_flush(uow_unit *u);

/** Switch autoflush of queries; returns what it was. */
UOW_API bool uow_autoflush(uow_unit *u, bool on);

/**
 * Run fn inside a savepoint. If it fails, the database, and every object the
 * unit knew before, are as they were; objects loaded inside are stale until
 * they are asked for again, objects added inside are forgotten (the memory of
 * all stays valid). Returns fn's code; the unit goes on. Nests. Flushes first
 * and, when fn succeeds, last. Hooks registered inside a failed fn are
 * dropped.
 *
 * A failure that ended the transaction at the server leaves the unit failed,
 * with that failure. UOW_ENOTSUP where the profile has no savepoints and in a
 * simple unit.
 */
UOW_API int uow_nested(uow_unit *u, uow_fn fn, void *arg);

/** 0, or the code that made the unit fail. */
UOW_API int uow_status(const uow_unit *u);

/** Details of that failure; code 0 if there is none. Never NULL. */
UOW_API const uow_error *uow_unit_error(const uow_unit *u);

/**
 * Make the unit fail with a reason of your own and return code, as in
 * "return uow_fail(u, BANK_EFUNDS, ...)". The first reason given is kept, and
 * then its code is returned. A code that is not negative is UOW_EINVAL.
 */
UOW_API UOW_PRINTF(3, 4) int uow_fail(uow_unit *u, int code,
				      const char *format, ...);

/** Time left, UINT64_MAX without a deadline, 0 once it has passed. */
UOW_API uint64_t uow_time_left_usec(const uow_unit *u);

/** 1 for the first attempt of uow_run() or for uow_begin(). */
UOW_API unsigned uow_attempt(const uow_unit *u);

/** Memory that lives as long as the unit; zeroed. NULL fails the unit. */
UOW_API void *uow_alloc(uow_unit *u, size_t size);

/** printf into such memory. Never NULL: "" when memory ran out. */
UOW_API UOW_PRINTF(2, 3) const char *uow_format(uow_unit *u,
						const char *format, ...);

typedef enum uow_event {
	UOW_BEFORE_FLUSH,	/**< may still change objects */
	UOW_AFTER_FLUSH,	/**< may add work: flushed in the same commit */
	UOW_BEFORE_COMMIT,	/**< flushed; may only read or fail */
	UOW_AFTER_COMMIT,	/**< durable; return value ignored */
	UOW_AFTER_ROLLBACK	/**< return value ignored */
} uow_event;

/**
 * Hooks of one unit run in order of registration, before those of the db. A
 * negative return of the first three fails the unit. After-commit hooks run
 * when the connection is back in the pool: they may begin other units and
 * read this unit's objects. After-rollback hooks run once per failed attempt.
 */
UOW_API int uow_on(uow_unit *u, uow_event event, uow_fn fn, void *arg);

/** For every unit of this data source. Register before sharing db. */
UOW_API UOW_CHECKED int uow_db_on(uow_db *db, uow_event event, uow_fn fn,
				  void *arg, uow_error *err);

typedef enum uow_row_event {
	UOW_BEFORE_INSERT,
	UOW_BEFORE_UPDATE,
	UOW_BEFORE_DELETE
} uow_row_event;

/**
 * Called before a row is written, with the object; may still assign to it.
 * For uow_insert_all(), with the library's copy of each struct.
 */
typedef int (*uow_row_hook)(uow_unit *u, const uow_entity *entity,
			    void *object, void *arg);

/** NULL entity: rows of all. Order and failure as uow_on(). */
UOW_API int uow_on_entity(uow_unit *u, const uow_entity *entity,
			  uow_row_event event, uow_row_hook fn, void *arg);

/** For every unit of this data source. Register before sharing db. */
UOW_API UOW_CHECKED int uow_db_on_entity(uow_db *db, const uow_entity *entity,
					 uow_row_event event, uow_row_hook fn,
					 void *arg, uow_error *err);

UOW_END
#endif
