/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_DB_H
#define UOW_DB_H

#include "error.h"
#include "value.h"

/**
 * @file uow/db.h
 * A data source: where to connect, how it speaks, and a pool of connections.
 *
 * A uow_db is thread-safe. A program normally opens one per database at start
 * and frees it at exit. It owns every connection; a unit of work borrows one
 * for as long as its transaction is open. Statements are prepared once per
 * connection and cached there, least recently used out first.
 */

UOW_BEGIN

typedef struct uow_db uow_db;

/**
 * What happened on a connection; passed to uow_db_options.trace. A query is
 * told when it has been read, COMMIT and ROLLBACK are told as such.
 */
typedef struct uow_trace {
	const char *unit;	/**< uow_options.name, or "" */
	const char *sql;	/**< statement text; arguments are not shown */
	uint64_t rows;		/**< affected or fetched */
	uint64_t usec;		/**< wall time */
	unsigned batch;		/**< argument rows sent in one go */
	bool cached;		/**< came from the statement cache */
	int code;		/**< 0 or UOW_E* */
} uow_trace;

/**
 * The library itself never prints. Called on the unit's own thread; event and
 * what it points to are borrowed for the call.
 */
typedef void (*uow_trace_fn)(const uow_trace *event, void *arg);

/** Time source and sleep, replaceable so that tests need not wait. */
typedef struct uow_clock {
	uint64_t (*now_usec)(void *arg);	/**< monotonic, microseconds */
	void (*sleep_usec)(uint64_t usec, void *arg);
	void *arg;
} uow_clock;

/**
 * Asked for the password whenever a connection is opened whose connection
 * string has none. Write at most size bytes, NUL included, and return 0; any
 * other value refuses (UOW_EDENIED). The library wipes the buffer after use.
 */
typedef int (*uow_password_fn)(char *buffer, size_t size, void *arg);

/**
 * Start from UOW_DB_OPTIONS_INIT and set what you need; zero means "the
 * default". New members are only ever added at the end.
 */
typedef struct uow_db_options {
	unsigned abi;
	const char *connection;		/**< ODBC connection string */
	const char *profile;		/**< NULL: found by the driver */
	const char *profile_dir;	/**< NULL: see libuow(3) */
	unsigned pool_min;		/**< opened at once; default 1 */
	unsigned pool_max;		/**< default 8 */
	unsigned acquire_timeout_ms;	/**< default 5000 */
	unsigned idle_timeout_ms;	/**< closed after; default 300000 */
	unsigned statement_cache;	/**< per connection; default 64 */
	uow_trace_fn trace;
	void *trace_arg;
	const uow_clock *clock;		/**< copied; NULL: the system's */
	uow_password_fn password;
	void *password_arg;
	const char *on_connect;		/**< SQL for new connections */
	bool allow_unverified;		/**< write versioned rows even where the
					     profile cannot verify versions */
	/**
	 * More connection strings for the same database, the last one NULL:
	 * gone to in this order when the one before cannot be connected to.
	 * All are spoken to by one profile.
	 */
	const char *const *endpoints;
	unsigned failback_ms;		/**< before an earlier one is tried
					     again; default 30000 */
	unsigned lifetime_ms;		/**< of a connection; default: none */
	unsigned probe_ms;		/**< idle for so long, it is asked
					     before use; default 30000 */
} uow_db_options;

#define UOW_DB_OPTIONS_INIT \
	{ 1, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, \
	  NULL, false, NULL, 0, 0, 0 }

/**
 * Open a data source. Connects once, to learn which profile applies and that
 * the login works; that connection becomes the pool's first.
 *
 * Codes: UOW_ECONFIG (no such driver or DSN; profile wrong), UOW_EDENIED
 * (login refused), UOW_ECONNECT (server not there), UOW_EIO (database file
 * cannot be opened), UOW_ELOCKED (it is locked, for longer than the profile's
 * lock_wait_ms), UOW_EINVAL, UOW_ENOMEM. Passwords are never in messages.
 *
 * @param out  receives the handle, owned by the caller; untouched on failure
 * @param opts copied; may be freed afterwards
 * @param err  details on failure, may be NULL
 */
UOW_API UOW_CHECKED int uow_db_open(uow_db **out, const uow_db_options *opts,
				    uow_error *err);

/** uow_db_open() with just a connection string. */
UOW_API UOW_CHECKED int uow_db_open_simple(uow_db **out,
					   const char *connection,
					   uow_error *err);

/**
 * No unit can begin any more; idle connections close now, borrowed ones when
 * their unit ends. NULL is ignored.
 *
 * In the child of a fork() it frees what memory it can and leaves the
 * parent's connections alone; the parent goes on as if nothing had been.
 */
UOW_API void uow_db_free(uow_db *db);

/**
 * The same, but first wait, at most ms milliseconds, for the units that are
 * open to end. The handle is freed in any case.
 *
 * @return 0, or UOW_ETIMEOUT: some have not ended; err names them, with the
 *         place where they began
 */
UOW_API int uow_db_close(uow_db *db, unsigned ms, uow_error *err);

/** Counters of a pool. Grows at the end only. */
typedef struct uow_pool_stats {
	unsigned open;		/**< connections, leased and idle */
	unsigned idle;		/**< of these, not in use */
	unsigned waiting;	/**< units that wait for one */
	uint64_t acquired;	/**< leases, ever */
	uint64_t timeouts;	/**< waits that ended without one */
	uint64_t reconnects;	/**< found dead when they were to be lent */
	uint64_t statements;	/**< prepared; when given back */
	uint64_t statement_hits;/**< found prepared; when given back */
	unsigned leased;	/**< in use by units */
	unsigned endpoint;	/**< where new connections go, from 0 */
	uint64_t failovers;	/**< how often that has changed */
	uint64_t opened;	/**< connections, ever */
	uint64_t lost;		/**< of these, given up as broken or dead */
	uint64_t expired;	/**< closed as idle or open for too long */
	uint64_t waits;		/**< leases that had to wait */
	uint64_t wait_usec;	/**< for how long, all together */
	uint64_t wait_max_usec;	/**< and the longest of them */
} uow_pool_stats;

/** A consistent snapshot of the counters; fills the first size bytes. */
UOW_API void uow_db_stats(uow_db *db, uow_pool_stats *out, size_t size);

/** A unit that has a connection now. Grows at the end only. */
typedef struct uow_open_unit {
	char name[64];		/**< uow_options.name; "" without */
	char place[128];	/**< "file.c:123" of its begin; "" unknown */
	uint64_t usec;		/**< since it has the connection */
	unsigned endpoint;	/**< where that goes to */
} uow_open_unit;

/**
 * Who does not give back? Fills in at most count elements of size bytes each
 * (sizeof(uow_open_unit)), the longest open first.
 *
 * @return how many units have a connection, also those that found no room
 */
UOW_API size_t uow_db_open_units(uow_db *db, uow_open_unit *out, size_t size,
				 size_t count);

/** Name of the dialect profile in use. Borrowed, lives as long as db. */
UOW_API const char *uow_db_profile(const uow_db *db);

/** What a profile may or may not offer; asked, never guessed from a name. */
typedef enum uow_feature {
	UOW_FEATURE_TRANSACTIONS,
	UOW_FEATURE_SAVEPOINT,
	UOW_FEATURE_ROW_LOCK,		/**< locks single rows, not the file */
	UOW_FEATURE_LOCK_NOWAIT,
	UOW_FEATURE_LOCK_SKIP,
	UOW_FEATURE_CANCEL	/**< uow_cancel() stops what is running */
} uow_feature;

UOW_API bool uow_db_has(const uow_db *db, uow_feature feature);

UOW_END
#endif
