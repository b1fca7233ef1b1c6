/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_BACKENDS_H
#define CONTRACT_BACKENDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The table of what the suite runs against. A further backend is one entry of
 * it: how to reach the data source, and what its database is like where that
 * decides what can be tried at all, never its name. What the library offers on
 * it is asked from the library (uow_db_has()).
 */
enum {
	/* every data source is a new file, at {file} in the connection */
	BACKEND_FILE = 1 << 0,
	/* a column takes values of any type and length */
	BACKEND_LOOSE_TYPES = 1 << 1,
	/* the database cannot keep a NaN */
	BACKEND_NO_NAN = 1 << 2,
	/* understands SQL */
	BACKEND_SQL = 1 << 3,
	/* a reader in a transaction keeps a writer from committing */
	BACKEND_COMMIT_WAITS = 1 << 4,
	/* NUMERIC columns made by others keep 15 digits and no more */
	BACKEND_NUMERIC_15 = 1 << 5,
	/* inserts, updates and deletes of many rows go in few statements */
	BACKEND_BATCHES = 1 << 6,
	/* reached through a driver, by a string, from every process */
	BACKEND_ODBC = 1 << 7,
	/* statements that define something commit what was before them */
	BACKEND_DDL_COMMITS = 1 << 8,
	/* a deadlock undoes the whole transaction, not the statement */
	BACKEND_DEADLOCK_ENDS = 1 << 9,
	/* a few days of long ago become other days */
	BACKEND_LOSES_DAYS = 1 << 10,
	/* does not survive that SQL by hand compares text of any length */
	BACKEND_DIES_OF_LONG = 1 << 11,
	/* says of a syntax error no more than the line */
	BACKEND_TERSE = 1 << 12,
	/* what a repeatable read has read cannot be written by others */
	BACKEND_READS_LOCK = 1 << 13,
	/* dies of being asked to stop, or its driver does */
	BACKEND_UNSTOPPABLE = 1 << 14,
	/* a time that the database makes is made again at each update */
	BACKEND_STAMPS_WRITES = 1 << 15,
	/* decimals of more than 18 digits are kept as text, without order */
	BACKEND_DIGITS_TEXT = 1 << 16,
	/* a few rows of several tables go in one statement */
	BACKEND_TOGETHER = 1 << 17
};

struct expected_error;

/* Versions that the database makes, see made.c. */
enum { MADE_NUMBER, MADE_TIME, MADE_MARK, MADE_KINDS };

struct backend {
	const char *name;
	const char *env;	/* variable with a connection string, or NULL */
	const char *connection;	/* where the variable is not set, or NULL */
	unsigned flags;
	const struct expected_error *errors;	/* errors.h; NULL: no SQL */
	const char *long_text;	/* column of text of any length; NULL: TEXT */
	const char *identity;	/* a key that is generated, by SQL by hand */
	/*
	 * Servers. Each case begins with all tables of the connection's
	 * database dropped, by a connection of the suite's own.
	 */
	const char *prepare;	/* run on it once: locks are not waited for */
	const char *cascade;	/* at the end of DROP TABLE */
	const char *unsigned_whole;	/* column of 64 bits without a sign */
	/* A column of UUIDs as text in which case makes no difference. */
	const char *folded;
	/*
	 * Makes keys that the database generates in table %s, column %s, begin
	 * above those that the cases give to rows. NULL: it does so by itself.
	 */
	const char *restart;
	const char *schema;	/* where tables are; NULL: anywhere */
	/*
	 * SELECT of statements that end what others do in this database, run
	 * where a table is locked by what a failed case left open.
	 */
	const char *evict;
	/* Triggers that make a key in another table for each new account. */
	const char *const *audit;
	/* Triggers that keep out accounts of 'nobody', and plain rows of -7. */
	const char *const *silent;
	const char *port;	/* what stands before it in the connection */
	/* Options that make the driver give a silent server up in seconds. */
	const char *leaves_silence;
	const char *leaves_host;	/* the same for a host that is gone */
	const char *leaves_mute;	/* and for one that lets nobody in */
	/* What COMMIT has in it on the wire; NULL: its name. */
	const char *commit;
	bool leaves_commit;	/* these hold for SQLEndTran, too */
	bool keeps_alive;	/* the profile has its kernel ask the other */
	const char *self;	/* SELECT of this connection's number */
	const char *end;	/* ends connection %s, and waits for that */
	/* Ends all transactions, and leaves their connections as they are. */
	const char *kill;
	/* NAME=VALUE that makes text of new connections something else */
	const char *encoding;
	/* Makes table %s's column %s wider, or NULL. */
	const char *widen;
	/* Lists of statements, by kind; NULL: not known how. */
	const char *const *const *made;
	const char *computed;	/* how a column made of others is kept */
	/*
	 * Makes this server's name another one's for connections to come, and
	 * its own again.
	 */
	const char *renamed, *itself;
	/* Variable with another node of a cluster, or NULL. */
	const char *second;
	/* Sessions; each NULL where there is nothing of the kind. */
	const char *weaker;	/* less isolation, for new connections */
	const char *sleep;	/* a SELECT that takes a second */
	const char *slow;	/* one that takes a few, for being stopped */
	const char *limits;	/* SELECT of what lock and time limits are */
	const char *limit;	/* another one, for the transaction or longer */
	/* New sessions cut values, and make tables without transactions. */
	const char *lax, *strict;
	const char *refused[4];	/* options that no data source may have */
	const char *elsewhere;	/* names without a schema mean others now */
	const char *tolerated;	/* another value of such an option */
};

extern const char *const *const sqlite_made[MADE_KINDS];
extern const char *const *const postgresql_made[MADE_KINDS];
extern const char *const *const mariadb_made[MADE_KINDS];
extern const char *const *const virtuoso_made[MADE_KINDS];

extern const struct backend backends[];
extern const size_t backend_count;

/* A place that holds no tables of ours. */
struct source {
	char connection[768];	/* "" unless BACKEND_ODBC */
	char file[512];		/* "" unless BACKEND_FILE */
};

/* False, and why, when nothing answers there. Asks ODBC, not the library. */
bool backend_available(const struct backend *b, char *why, size_t size);

/* Where the next test may work; false, and why on stderr. */
bool backend_fresh(const struct backend *b, struct source *out);

/* Disconnect from the servers. */
void backends_release(void);

/* The suite's own folder below $TMPDIR; made once. */
const char *scratch_folder(void);

/* Remove it with all that is in it. */
void scratch_remove(void);

#endif
