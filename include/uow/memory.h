/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_MEMORY_H
#define UOW_MEMORY_H

#include "unit.h"

/**
 * @file uow/memory.h
 * A data source without a database: tables in the process's own memory.
 *
 * For tests of business code, which runs unchanged and in milliseconds, and
 * behaves as it will on a database: keys, unique keys, foreign keys, lengths,
 * versions, savepoints, generated keys, criteria, locks, isolation. Tables are
 * made by uow_schema_create(). There is no SQL: uow_exec(), uow_find_sql(),
 * uow_each_sql() and uow_schema_emit() are UOW_ENOTSUP, and uow_db_has() is
 * true for everything else.
 *
 * Isolation. Readers never wait and never see what is not committed.
 * UOW_READ_COMMITTED, the default, sees with each call what is committed then.
 * UOW_REPEATABLE_READ sees one state, that of its first call; to change a row
 * that somebody else has changed since is UOW_ECONFLICT. UOW_SERIALIZABLE does
 * the same, and when a unit that has written commits, nothing that it has read
 * (rows, keys that were not there, criteria) may have been changed by others
 * since: otherwise UOW_ECONFLICT, and nothing is written.
 *
 * Locks. The second writer of a row waits for the first one's end, for at most
 * uow_options.lock_timeout_ms (then UOW_ELOCKED), and goes on with the row as
 * it is then: where the first has committed, a row with a version is
 * UOW_ECONFLICT. Who inserts a unique value that another unit has inserted or
 * given up waits for that unit as well. A row that is referred to can be
 * changed but neither removed nor given another key by others until the unit
 * that referred to it ends. Locks are had in the order they were asked for.
 * Whoever would close a circle of waiting units is UOW_EDEADLOCK at once. Two
 * units of one thread cannot wait for each other: that ends with UOW_ELOCKED.
 * uow_nested() that fails lets go of the locks that were taken inside.
 *
 * Differences to be known: tables are created and dropped at once, whatever
 * becomes of a transaction, and a table in use cannot be dropped; numbers that
 * are generated go up, above every number that was given, and leave gaps; a
 * column that is generated beside the key holds such a number, a UUID or the
 * time; NULLs are ordered before everything else; a NaN equals no number in
 * criteria, itself in keys, and is ordered last. Nothing outlives the process.
 *
 * Thread rule: as uow_db.
 */

UOW_BEGIN

/** Start from UOW_MEMORY_OPTIONS_INIT. New members are added at the end. */
typedef struct uow_memory_options {
	unsigned abi;
	const uow_db_options *db;	/**< pool, trace and clock; connection
					     and profile are not looked at.
					     Borrowed for the call */
	uow_db *same_as;		/**< share the data of this memory data
					     source; NULL: start without */
	unsigned lock_timeout_ms;	/**< where a unit has none; default
					     1000, on the clock of db */
} uow_memory_options;

#define UOW_MEMORY_OPTIONS_INIT { 1, NULL, NULL, 0 }

/**
 * Open a data source in memory. The data lives until the last data source on
 * it has been freed and its units have ended.
 *
 * Waiting for locks sleeps on the clock of the options, if there is one: on a
 * clock that jumps ahead it takes no time.
 *
 * Codes: UOW_EINVAL (same_as is no data source in memory; options made by
 * another header), UOW_ENOTSUP (on_connect: there is no SQL), UOW_ENOMEM.
 *
 * @param out  receives the handle for uow_db_free(); untouched on failure
 * @param opts may be NULL
 * @param err  details on failure, may be NULL
 */
UOW_API UOW_CHECKED int uow_memory_open(uow_db **out,
					const uow_memory_options *opts,
					uow_error *err);

/* -- for tests: failures to come -- */

/** What a failure strikes. */
typedef enum uow_memory_step {
	UOW_MEMORY_BEGIN,	/**< a unit begins */
	UOW_MEMORY_READ,	/**< a statement that reads or counts rows */
	UOW_MEMORY_WRITE,	/**< a batch: rows of one entity, one verb */
	UOW_MEMORY_SAVEPOINT,	/**< uow_nested() sets its savepoint */
	UOW_MEMORY_COMMIT	/**< of a unit that has read or written */
} uow_memory_step;

/** One failure. Set what you need and leave the rest zero. */
typedef struct uow_memory_fault {
	uow_memory_step step;
	unsigned nth;		/**< which such step from now on; 0 is 1 */
	unsigned times;		/**< that one and so many in all; 0 is 1 */
	int code;		/**< UOW_E* */
	bool happened;		/**< COMMIT, UOW_EINDOUBT: it was stored */
	const uow_entity *entity;	/**< reads, writes: of its table only;
					     NULL: of any. Borrowed */
	const char *message;	/**< copied; NULL: a text of the library's */
	uint64_t later;		/**< happened: not before so many units have
					     begun after it; 0: at once */
	uint64_t reserved[3];	/**< zero; room to grow */
} uow_memory_fault;

/**
 * Let a step fail as a database would make it fail. A step that fails does
 * nothing, and then: UOW_ECONNECT and UOW_EINDOUBT are a lost connection, as
 * they are with a driver: the unit cannot go on, its connection is closed and
 * the pool opens another. UOW_EINDOUBT is for COMMIT alone, which then took
 * place (happened) or did not; with every other code COMMIT has been rolled
 * back. A COMMIT that is on its way (later) holds its locks until it takes
 * place: when the data source's units have begun that often, or it is freed.
 * uow_run() repeats what is transient (uow_code_is_transient()).
 *
 * Counted are the steps of all units of this data source, in all threads; each
 * fault counts by itself. Where several are due at once the one that was asked
 * for first is told, and each is used up by one.
 *
 * Codes: UOW_EINVAL (a code that is none or not for this step; happened
 * without UOW_EINDOUBT; later without happened; entity with another step than
 * READ and WRITE; reserved not zero; db is not in memory), UOW_ENOMEM.
 */
UOW_API UOW_CHECKED int uow_memory_fail(uow_db *db,
					const uow_memory_fault *fault,
					uow_error *err);

/** How often faults have struck since the data source was opened. */
UOW_API uint64_t uow_memory_faults_struck(uow_db *db);

/**
 * Forget all faults. Returns how many failures are still owed: 0, if all that
 * was asked for has come to pass. Call it at a test's end.
 */
UOW_API unsigned uow_memory_faults_clear(uow_db *db);

/* -- for tests: time -- */

/**
 * A clock that moves only when it is told to, or slept on: retries, deadlines
 * and waiting for locks take no time. Thread-safe.
 */
typedef struct uow_memory_clock uow_memory_clock;

/** Codes: UOW_EINVAL (no place for it), UOW_ENOMEM. */
UOW_API UOW_CHECKED int uow_memory_clock_new(uow_memory_clock **out,
					     uow_error *err);

/**
 * For uow_db_options.clock. Borrowed: c has to outlive the data source and
 * its units.
 */
UOW_API const uow_clock *uow_memory_clock_use(uow_memory_clock *c);

/** Time goes by. */
UOW_API void uow_memory_clock_advance(uow_memory_clock *c, uint64_t usec);

/** Microseconds slept so far; *sleeps (may be NULL): in how many parts. */
UOW_API uint64_t uow_memory_clock_slept(uow_memory_clock *c,
					unsigned *sleeps);

/** NULL is ignored. */
UOW_API void uow_memory_clock_free(uow_memory_clock *c);

/* -- for tests: fixtures -- */

/**
 * Insert rows from structs that lie one after the other, in a unit of their
 * own: all or none. As uow_insert_all(): the same checks, versions begin at 1
 * and keys are generated where they are zero. The table must exist. Hooks of
 * db are not called, its trace is not told and no fault strikes.
 *
 * Codes: those of uow_insert_all(); err->row is the struct's place.
 */
UOW_API UOW_CHECKED int uow_memory_load(uow_db *db, const uow_entity *e,
					const void *rows, size_t count,
					uow_error *err);

/**
 * The same from a file of comma separated values as RFC 4180 has them, UTF-8.
 * The first line names columns, in any order. Those that may be NULL and are
 * not named are NULL; those that are generated, read only or the version may
 * be left out as well; all others have to be there.
 *
 * Nothing between two commas is NULL (for what may be left out: the same as
 * that); two quotes ("") are an empty text. Blanks around a name or a text
 * belong to it; around numbers, dates and times they do not matter. Numbers are
 * written
 * with a point whatever the locale; BOOL is 0, 1, false or true; DATE
 * 2024-02-29; TIME 23:59:59; TIMESTAMP 2024-02-29 23:59:59.5; BYTES hexadecimal
 * digits; UUID as usual. Lines end with LF or CR LF, empty ones are skipped.
 *
 * Messages begin with the place, "accounts.csv:3: column 'balance': ...";
 * err->row is the line. Codes: UOW_EIO (file), UOW_EDATA (all that is wrong
 * with the text), and those of uow_memory_load().
 */
UOW_API UOW_CHECKED int uow_memory_load_csv(uow_db *db, const uow_entity *e,
					    const char *path, uow_error *err);

/** The same from a text; its name in messages is "csv". */
UOW_API UOW_CHECKED int uow_memory_load_text(uow_db *db, const uow_entity *e,
					     const char *csv, uow_error *err);

/* -- for tests: states -- */

/** All rows of all tables at one moment, and the next generated numbers. */
typedef struct uow_memory_state uow_memory_state;

/**
 * Take the present state. It is a copy: the data source may change and go.
 *
 * Codes of this and of restore: UOW_ESTATE (a unit is open that has read or
 * written), UOW_EINVAL (db is not in memory), UOW_ENOMEM.
 */
UOW_API UOW_CHECKED int uow_memory_snapshot(uow_memory_state **out, uow_db *db,
					    uow_error *err);

/**
 * Everything is again as it was, or, on failure, as it is. Tables made since
 * lose their rows; one that is gone or another than it was is UOW_ESTATE.
 * Works on every data source in memory that has those tables.
 */
UOW_API UOW_CHECKED int uow_memory_restore(uow_db *db,
					   const uow_memory_state *state,
					   uow_error *err);

/** NULL is ignored. */
UOW_API void uow_memory_state_free(uow_memory_state *state);

/** One difference, without a newline, borrowed. Negative stops. */
typedef int (*uow_memory_line_fn)(const char *line, void *arg);

/**
 * What differs between two states, in order of tables' names and keys, one
 * line for each row:
 *
 *	accounts 5: balance 100.00 -> 90.00, version 1 -> 2
 *	accounts 6: removed
 *	ledger_entries 17: added, debit_id 5, credit_id 6, memo 'rent'
 *
 * Columns in the mapping's order; values that are longer than 160 bytes are
 * cut. A table that only one of them has counts as empty in the other.
 *
 * @param after       NULL: the present state of db, which must not be NULL
 * @param differences receives the number of lines; may be NULL; untouched on
 *                    failure
 * @return 0, a negative value of fn, or as uow_memory_snapshot(); UOW_ESTATE if
 *         a table has other columns than it had
 */
UOW_API UOW_CHECKED int uow_memory_diff(uow_db *db,
					const uow_memory_state *before,
					const uow_memory_state *after,
					uow_memory_line_fn fn, void *arg,
					size_t *differences, uow_error *err);

UOW_END
#endif
