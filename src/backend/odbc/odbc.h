/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_ODBC_H
#define ODBC_ODBC_H

#include <pthread.h>
#include <sql.h>
#include <sqlext.h>

#include "backend/backend.h"
#include "backend/odbc/connstr.h"
#include "dialect/profile.h"
#include "dialect/render.h"

/*
 * The backend over an ODBC driver manager: what its modules share.
 *
 *	connstr	connection strings: parts, options of the profile, secrets
 *	source	the data source: environment, profile, facts; the ops table
 *	conn	a connection: open, close, attributes
 *	cancel	statements stopped by other threads
 *	options	of the profile in connection strings
 *	limits	settings of a session that a unit wants
 *	lent	attributes that the program may have changed
 *	place	which server and schema a connection leads to
 *	txn	begin, commit, rollback, savepoints
 *	diag	diagnostic records -> uow_error
 *	forms	how each column of a table is kept: ours or foreign
 *	stmt	prepared statements and their cache, execution; park: their end
 *	slot	one bound parameter or column: values in and out
 *	read	cursors over shapes; hand: SQL as written
 *	write	rows of one shape; batch, batch_way: many at once
 *	catalog	tables: define, describe
 *
 * Invariants
 *  - SQL_ATTR_AUTOCOMMIT goes back on only after SQLEndTran succeeded, since
 *    ODBC commits open work on switching it on. Otherwise the connection is
 *    broken and closed with autocommit still off.
 *  - Diagnostics are read right after the failing call, once.
 *  - A statement that is busy (an open cursor) is never handed out again.
 */

struct array;
struct rowset;
struct stmt;
struct batch_memory;

/* How the columns of one mapping are kept in this data source. */
struct table_forms {
	const struct mapping *mapping;
	const struct type_form **forms;	/* by field */
	struct type_form *copies;
	bool outdated;		/* kept for the statements that use it */
	struct table_forms *next;
};

struct odbc {
	struct backend base;
	SQLHENV env;			/* NULL for an adopted connection */
	struct profile *profile;
	bool chosen;			/* by the program, by its name */
	/*
	 * One for each endpoint; lack a password asked for. secrets: all of
	 * them in one, for messages.
	 */
	struct connstr *connections, secrets;
	char *dbms;			/* of the endpoint that was opened */
	char *on_connect;
	uow_password_fn password;
	void *password_arg;
	uow_trace_fn trace;
	void *trace_arg;
	uow_clock clock;
	unsigned cache_max;
	bool allow_unverified;

	/* Facts, from the first connection. */
	bool transactions;		/* SQL_TXN_CAPABLE */
	bool ddl_commits;		/* of transactions, implicitly */
	SQLUINTEGER isolations;		/* SQL_TXN_ISOLATION_OPTION */
	SQLUINTEGER getdata;		/* SQL_GETDATA_EXTENSIONS */

	SQLHDBC adopted;		/* the program's own, or NULL */

	pthread_mutex_t mutex;		/* guards what follows */
	bool parameters_proved;
	SQLHDBC first;			/* from odbc_open(), not used yet */
	struct table_forms *forms;
	struct batch_memory *batches;	/* batch.h */
	unsigned definitions;		/* how often tables were defined */
	bool uncounted;			/* the driver said -1 for a count */
};

struct stmt_cache {
	struct stmt **items;
	size_t count;
	unsigned max;
	uint64_t tick;
};

/* Attributes of a connection, and of statements that are made on it. */
enum { LENT_CONNECTION = 5, LENT_STATEMENT = 12 };

struct lent {
	bool known;
	SQLUINTEGER connection[LENT_CONNECTION];
	SQLULEN statement[LENT_STATEMENT];
	char catalog[PLACE_TEXT];
};

struct odbc_conn {
	struct backend_conn base;
	struct odbc *source;
	SQLHDBC dbc;
	struct stmt_cache cache;
	struct joint *joints;	/* kept ones: together.c */
	/* Of the profile, kept prepared besides the cache. */
	struct stmt *last_key, *begin_write, *count;
	struct stmt *batch_savepoints[SAVEPOINT_RELEASE + 1];
	SQLHSTMT direct;		/* for what is not prepared, or NULL */
	struct stmt *parked;		/* to be freed after the unit */
	size_t parked_count;

	/* What the connection had before the unit, to be put back. */
	SQLUINTEGER isolation;		/* SQL_TXN_*; 0: not asked yet */
	bool isolation_changed;
	unsigned definitions;		/* source's, when its cache was made */
	bool placed;			/* place.c has asked */
	struct backend_place place;
	unsigned lock_ms;		/* limits.c; 0: as it came */
	uint64_t lock_was;		/* the caller's, if it is known */
	bool lock_known;
	uint64_t limit_ms;

	/* The running unit. */
	struct begin_options options;
	bool active;
	bool started;	/* its first statements are done */
	bool worked;	/* something was sent: there may be a transaction */
	bool anew;	/* only reads so far: it could be begun anew */
	bool first;	/* so it was when this stage of writes began */
	bool starting;	/* the first statements are being sent */
	bool used;	/* others than these were executed */
	bool doubtful;	/* lost while a simple unit's statement was run */
	struct lent before;	/* the program had the handle; lent.c */
	bool saved;	/* joined: our savepoint is set */
	unsigned nested;	/* the unit's innermost savepoint, or 0 */
	bool failed;	/* a statement failed: no COMMIT any more */
	bool ended;	/* and that ended the transaction at the server */
	bool unanswered;	/* nothing more can be said to the server */
	bool autocommit_off;	/* as the driver has it now */
	bool proving;		/* prove.h is at work */
	bool cancelable;	/* others may call conn_cancel() */

	pthread_mutex_t mutex;		/* guards what follows: cancel.c */
	SQLHSTMT running;		/* or NULL */
	bool cancel_sent;		/* to what is running, or ran last */
};

/* -- source.c -- */

struct odbc_options {
	const char *connection;		/* NULL: adopted */
	const char *const *endpoints;	/* further ones, or NULL */
	SQLHDBC adopted;
	const char *profile;		/* NULL: to be found */
	const char *profile_dirs;
	const uow_db_options *db;
};

/* Codes: as uow_db_open(). Owned by the caller until the pool takes it. */
int odbc_open(struct backend **out, const struct odbc_options *o,
	      uow_error *err);

/* -- endpoint.c -- */

/*
 * Room for the strings of all endpoints, and what is secret in them.
 * UOW_ECONFIG where their drivers are for different databases.
 */
int endpoints_init(struct odbc *s, const struct odbc_options *o,
		   uow_error *err);
void endpoints_release(struct odbc *s);
const char *endpoint_text(const struct odbc_options *o, unsigned endpoint);
/* All but the one that was opened, with what the profile adds. */
int endpoints_complete(struct odbc *s, const struct odbc_options *o,
		       uow_error *err);
/* UOW_ECONFIG: one profile cannot speak to two kinds of database. */
int endpoint_check(const struct odbc *s, unsigned endpoint, SQLHDBC dbc,
		   uow_error *err);
/* Text of SQLGetInfo; "" if there is none. */
void info_text(SQLHDBC dbc, SQLUSMALLINT what, char *buffer, size_t size);

/* -- conn.c -- */

int conn_open(struct backend *b, unsigned endpoint, struct backend_conn **out,
	      uow_error *err);
void conn_close(struct backend_conn *c);
bool conn_alive(struct backend_conn *c, bool probe);
bool conn_dead(const struct odbc_conn *c);
/*
 * An attribute of 32 bits. Drivers are known that write 64, whatever length
 * they are told.
 */
bool conn_attribute(SQLHDBC dbc, SQLINTEGER which, SQLUINTEGER *out);
/* Autocommit and isolation as the driver has them now. */
int conn_read_attributes(struct odbc_conn *c, uow_error *err);

/* Forget prepared statements that were made before tables were defined. */
void conn_refresh_cache(struct odbc_conn *c);

int conn_set_autocommit(struct odbc_conn *c, bool on, uow_error *err);

/* Connect with an endpoint's string; the handle is the caller's. */
int conn_connect(struct odbc *s, unsigned endpoint, SQLHDBC *out,
		 uow_error *err);
void conn_disconnect(struct odbc *s, SQLHDBC dbc);

/* One statement, now, without the cache and outside of any unit. */
int conn_run(struct odbc *s, SQLHDBC dbc, const char *sql, uow_error *err);

/* -- options.c -- */

/* *out anew: the user's text with what the profile adds. UOW_ECONFIG. */
int options_complete(const struct odbc *s, const char *text,
		     struct connstr *out, uow_error *err);

/* What the connection string or its DSN says of name; else "" and false. */
bool options_given(const struct connstr *c, const char *name, char *value,
		   size_t size);

/* -- place.c -- */

int place_ask(struct backend_conn *c, const struct backend_place **out,
	      uow_error *err);

/* -- cancel.c -- */

int conn_cancel(struct backend_conn *c);
/*
 * Around each call in which a statement may take its time. False: the unit was
 * canceled, and the call is not made.
 */
bool cancel_enter(struct odbc_conn *c, SQLHSTMT h, uow_error *err);
/* completed: did it come to its own end? Then it may be canceled even so. */
int cancel_leave(struct odbc_conn *c, bool completed, uow_error *err);

/* -- limits.c -- */

/* The unit's lock timeout, with its first statement. */
int limits_lock(struct odbc_conn *c, uow_error *err);
/* What is left of the unit's time, before a statement. */
int limits_deadline(struct odbc_conn *c, uow_error *err);
/* The same, and the wait for locks, where the driver itself keeps time. */
void limits_statement(struct odbc_conn *c, struct stmt *st);
/* After the unit: an adopted connection as it was. */
void limits_put_back(struct odbc_conn *c);
/* c->isolation, where the driver's word for it is not to be trusted. */
int limits_isolation(struct odbc_conn *c, uow_error *err);

/* -- lent.c -- */

/* Before the program is given the handle. */
void lent_note(struct odbc_conn *c);
/* Is autocommit not as the unit has set it, but as the program has? */
bool lent_switched(const struct odbc_conn *c);
/* Has the program so committed what is open, and each statement since? */
bool lent_committed(const struct odbc_conn *c);
/* What COMMIT has to say of that. */
int lent_doubt(struct odbc_conn *c, enum outcome *outcome, uow_error *err);
/* After the unit: a pooled connection that is another one now is broken. */
void lent_check(struct odbc_conn *c);

/* -- txn.c -- */

int txn_begin(struct backend_conn *c, const struct begin_options *o,
	      uow_error *err);
int txn_commit(struct backend_conn *c, enum outcome *outcome, uow_error *err);
void txn_rollback(struct backend_conn *c);
int txn_savepoint(struct backend_conn *c, enum savepoint_verb verb,
		  unsigned depth, uow_error *err);
/* The same for the backend's own, around a statement for many rows. */
int batch_savepoint(struct odbc_conn *c, enum savepoint_verb verb,
		    uow_error *err);
bool txn_ended(const struct backend_conn *c);

/*
 * The code of a write that has failed with rc: in a simple unit the statement
 * is its own COMMIT.
 */
int txn_written(const struct odbc_conn *c, int rc, uow_error *err);

/*
 * Before the first statement of a unit: what the profile wants sent first.
 * Nothing from the second one on.
 */
int txn_start(struct odbc_conn *c, uow_error *err);

/* -- diag.c -- */

/*
 * Read all records of a handle that just failed (reading consumes them in
 * some drivers) and fill in err: the record that classifies best, its text
 * without secrets. Returns the code. p may be NULL.
 */
int diag_read(const struct odbc *s, SQLSMALLINT type, SQLHANDLE handle,
	      uow_error *err);

/* The same for a connection that could not be made with this string. */
int diag_connect(const struct odbc *s, const struct connstr *secrets,
		 SQLHDBC dbc, uow_error *err);

/* The same for a statement of a unit: notes failure and lost connections. */
int diag_stmt(struct odbc_conn *c, SQLHSTMT stmt, uow_error *err);

/* Where failing is allowed: 0, and nothing has failed, but for those. */
int diag_if_lost(struct odbc_conn *c, SQLHSTMT stmt, uow_error *err);

/* -- forms.c -- */

/* forms[i] for field i; lives as long as the source. */
int forms_of(struct odbc_conn *c, const struct mapping *m,
	     const struct type_form *const **out, uow_error *err);
void forms_release(struct odbc *s);
/* Tables were defined: what is known of columns may be wrong from now on. */
void forms_outdate(struct odbc *s);
const struct type_form *form_of_type(const struct odbc *s, unsigned kind);

/* -- verify.c -- */

/*
 * Can it be told whether an UPDATE or DELETE like this has hit its row? By the
 * driver's counts, or by a locking read before it.
 */
bool verify_by_counts(const struct odbc_conn *c);
bool verify_by_lock(const struct odbc_conn *c);

/*
 * A locking read of the row that the statement would hit; now it cannot miss
 * any more. Missing already: verify_missed().
 */
int verify_row(struct odbc_conn *c, const struct shape *s,
	       const struct write_row *row, uow_error *err);

/*
 * In a new transaction: has somebody else changed or removed the row? Looked
 * at without a lock, for which others would have to be waited.
 */
bool verify_overtaken(struct odbc_conn *c, const struct shape *s,
		      const struct write_row *row);

/*
 * Why did a statement of s miss its row? Sets and returns UOW_ECONFLICT, or
 * where columns are added to, after a look at the row, UOW_ENOTFOUND or
 * UOW_EDATA.
 */
int verify_missed(struct odbc_conn *c, const struct shape *s,
		  const struct write_row *row, uow_error *err);

/*
 * A driver that has said -1 has no counts, whatever the profile says: from now
 * on rows are verified by lock. This one has been written already, so it is
 * UOW_ECONFLICT: the unit is to begin anew.
 */
int verify_lost_count(struct odbc_conn *c, uow_error *err);

/* -- read.c, write.c, where.c, hand.c, catalog.c: of backend_ops -- */

int read_open(struct backend_conn *c, const struct shape *s,
	      const struct read_args *args, struct backend_cursor **out,
	      uow_error *err);
int read_count(struct backend_conn *c, const struct shape *s,
	       const struct read_args *args, uint64_t *out, uow_error *err);
int read_next(struct backend_cursor *cur, void *row, struct arena *texts,
	      uow_error *err);
void read_close(struct backend_cursor *cur);
int write_stage(struct backend_conn *c, struct write_batch *batches,
		size_t count, struct arena *texts, size_t *batch,
		uow_error *err);
int write_where(struct backend_conn *c, const struct shape *s,
		const struct read_args *args, const struct write_row *row,
		uint64_t *affected, uow_error *err);
/* Also what commits implicitly. */
int hand_run(struct odbc_conn *c, const char *sql, const uow_value *args,
	     size_t count, uint64_t *affected, uow_error *err);
int hand_exec(struct backend_conn *c, const char *sql, const uow_value *args,
	      size_t count, uint64_t *affected, uow_error *err);
int hand_query(struct backend_conn *c, const struct mapping *m,
	       const char *sql, const uow_value *args, size_t count,
	       bool *keys_only, struct backend_cursor **out, uow_error *err);
int catalog_emit(struct backend *b, const struct mapping *const *mappings,
		 size_t count, bool drop, backend_ddl_fn fn, void *arg,
		 uow_error *err);
int catalog_define(struct backend_conn *c,
		   const struct mapping *const *mappings, size_t count,
		   bool drop, uow_error *err);
int catalog_describe(struct backend_conn *c, const struct mapping *m,
		     struct arena *a, struct catalog_table *out,
		     uow_error *err);

static inline bool sql_ok(SQLRETURN rc)
{
	return rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO;
}

#endif
