/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BACKEND_BACKEND_H
#define BACKEND_BACKEND_H

#include <uow/unit.h>
#include "base/arena.h"
#include "base/canceler.h"
#include "model/criterion.h"
#include "model/shape.h"

/*
 * THE seam. Above it nobody knows what a statement or a driver is; below it
 * nobody knows what a unit is. A backend hands out connections; a connection
 * begins and ends transactions, reads and writes rows by shape.
 *
 * Rules for all calls
 *  - Return 0 or UOW_E* and fill in err (never NULL here); outputs untouched
 *    on failure. The messages carry what the database said; the caller adds
 *    which entity and key. err->row: index of the failing row, -1 unknown.
 *  - A connection and its cursors belong to one thread at a time.
 *  - After a failed call the caller does nothing with the transaction but
 *    ROLLBACK, or go back to a savepoint. The backend need not police that.
 *  - Nothing is assumed about which thread ends what another one began.
 */

struct backend;
struct backend_conn;
struct pool_slot;
struct backend_cursor;

struct begin_options {
	const char *name;		/* for traces; lives until end() */
	uow_isolation isolation;
	bool read_only;
	bool simple;			/* no transaction */
	uint64_t deadline;		/* of the backend's clock */
	unsigned lock_timeout_ms;	/* 0: the profile's */
	uow_canceler *canceler;		/* asked before what takes time */
	bool cancelable;		/* cancel() may be called: by others */
};

/* What end(COMMIT) found out; anything but COMMITTED comes with a code. */
enum outcome { OUTCOME_COMMITTED, OUTCOME_ROLLED_BACK, OUTCOME_UNKNOWN };

enum savepoint_verb { SAVEPOINT_SET, SAVEPOINT_BACK, SAVEPOINT_RELEASE };

/* Arguments of a read: key structs, or the criterion's values. */
struct read_args {
	const void *const *keys;	/* structs with their key members set */
	const uow_value *values;
	const unsigned *columns;	/* that each value is compared with */
	size_t value_count;
	bool stream;			/* many rows, of which few are to be
					   held in memory, where possible */
};

/*
 * now: the row as it is to be (a new version is in it already); the backend
 * writes generated columns into it. was: as it was loaded; NULL for inserts.
 * by: a struct whose members of shape->add say what is added; else NULL.
 */
struct write_row {
	void *now;
	const void *was;
	const void *by;
};

/*
 * Rows of one shape. Updates and deletes expect to hit exactly one row each.
 *
 * Adding (shape->add; model/counter.h says what fits): a sum that does not fit
 * its column, and one with NULL, is UOW_EDATA naming the column, and nothing
 * is written.
 */
struct write_batch {
	const struct shape *shape;
	struct write_row *rows;
	size_t count;
};

struct catalog_column {
	const char *name, *type;
	uow_type family;	/* nearest portable type, NULL: unknown */
	size_t length;		/* characters or bytes, 0: unknown, no limit */
	bool nullable;
	bool has_default;	/* or is filled in by the database */
	int key_position;	/* 1.. in the primary key, 0: not */
};

struct catalog_table {
	struct catalog_column *columns;
	size_t count;		/* 0: no such table */
};

/*
 * server: two connections with the same text are to one server, or to what
 * has taken over all of its commits; "": not known. shared: that text stands
 * for several servers which have every commit in common.
 */
enum { PLACE_TEXT = 160 };
struct backend_place {
	char schema[PLACE_TEXT];	/* of tables that name none, or "" */
	char server[PLACE_TEXT];
	bool shared;
};

typedef int (*backend_ddl_fn)(const char *statement, void *arg);

struct backend_ops {
	/* -- the data source -- */
	void (*free)(struct backend *b);
	bool (*has)(const struct backend *b, uow_feature feature);
	const char *(*profile)(const struct backend *b);
	/* endpoint: below b->endpoints. UOW_ECONNECT: try another one. */
	int (*connect)(struct backend *b, unsigned endpoint,
		       struct backend_conn **out, uow_error *err);
	/* DDL as text, the database untouched; ENOTSUP if there is none. */
	int (*emit)(struct backend *b, const struct mapping *const *mappings,
		    size_t count, bool drop, backend_ddl_fn fn, void *arg,
		    uow_error *err);

	/* -- a connection -- */
	void (*disconnect)(struct backend_conn *c);
	/* Still good? Costs no round trip unless probe is set. */
	bool (*alive)(struct backend_conn *c, bool probe);

	int (*begin)(struct backend_conn *c, const struct begin_options *o,
		     uow_error *err);
	/* commit: see enum outcome. On any doubt c->broken is set. */
	int (*commit)(struct backend_conn *c, enum outcome *outcome,
		      uow_error *err);
	/* Cannot fail: a connection that refuses is broken. See kept. */
	void (*rollback)(struct backend_conn *c);
	/* depth 1.. names the savepoint. */
	int (*savepoint)(struct backend_conn *c, enum savepoint_verb verb,
			 unsigned depth, uow_error *err);
	/* Has an error ended the transaction at the server? */
	bool (*ended)(const struct backend_conn *c);

	/* What s and args point at stays until close(). */
	int (*read)(struct backend_conn *c, const struct shape *s,
		    const struct read_args *args, struct backend_cursor **out,
		    uow_error *err);
	/*
	 * Would a long result lie in memory whole, and do all reads of this
	 * unit see one state of the database? Then it may be read in parts.
	 */
	bool (*pages)(struct backend_conn *c);
	int (*count)(struct backend_conn *c, const struct shape *s,
		     const struct read_args *args, uint64_t *out,
		     uow_error *err);
	/* Rows of a text by hand; columns by name. keys_only: see below. */
	int (*query)(struct backend_conn *c, const struct mapping *m,
		     const char *sql, const uow_value *args, size_t count,
		     bool *keys_only, struct backend_cursor **out,
		     uow_error *err);
	/*
	 * 1: a row was read into row, 0: no more, negative: code. texts: where
	 * its text and bytes go. On UOW_EDATA err->row is its number in the
	 * result, from 0, if its key is in row.
	 */
	int (*next)(struct backend_cursor *cur, void *row, struct arena *texts,
		    uow_error *err);
	void (*close)(struct backend_cursor *cur);

	/*
	 * A stage: batches that need nothing of each other. texts: where text
	 * that the database fills in goes (NULL if nothing is returned). On
	 * failure *batch (and err->row within it) says where, as far as known.
	 * A row that was not hit is UOW_ECONFLICT; UOW_ENOTFOUND if the shape
	 * has columns to add to and is not versioned.
	 */
	int (*write)(struct backend_conn *c, struct write_batch *batches,
		     size_t count, struct arena *texts, size_t *batch,
		     uow_error *err);
	/*
	 * UPDATE_WHERE, DELETE_WHERE: all rows that satisfy the criterion, at
	 * once. row->now holds the values of shape->set, row->by those of
	 * shape->add, of which a version may be one. To NULL nothing is added:
	 * it stays NULL, as in SQL. A sum that does not fit is UOW_EDATA, and
	 * no row is written. *affected: rows, UINT64_MAX if nobody tells.
	 */
	int (*write_where)(struct backend_conn *c, const struct shape *s,
			   const struct read_args *args,
			   const struct write_row *row, uint64_t *affected,
			   uow_error *err);
	int (*exec)(struct backend_conn *c, const char *sql,
		    const uow_value *args, size_t count, uint64_t *affected,
		    uow_error *err);

	int (*define)(struct backend_conn *c,
		      const struct mapping *const *mappings, size_t count,
		      bool drop, uow_error *err);
	int (*describe)(struct backend_conn *c, const struct mapping *m,
			struct arena *a, struct catalog_table *out,
			uow_error *err);
	/*
	 * Where this connection leads to, asked once outside of transactions;
	 * lives as long as the connection. NULL: there is nothing to ask.
	 */
	int (*place)(struct backend_conn *c, const struct backend_place **out,
		     uow_error *err);
	/* The driver's handle, for uow/odbc.h; NULL: see err. */
	void *(*native)(struct backend_conn *c, uow_error *err);
	/*
	 * Called by any thread while the connection has a unit, and never for
	 * COMMIT: ask what is running there to end. 1: asked, 0: nothing is
	 * running, UOW_ENOTSUP: it cannot be asked.
	 */
	int (*cancel)(struct backend_conn *c);
};

struct backend {
	const struct backend_ops *ops;
	unsigned connections_max;	/* 0: no limit of its own */
	/* Nobody but cancel() ends a statement when the unit's time is up. */
	bool watched;
	unsigned name_max;	/* bytes of a name that are kept; 0: all */
	unsigned endpoints;		/* 0: one */
	unsigned endpoint;		/* that answered when it was opened */
	bool borrowed;			/* its connection is the program's */
	/*
	 * Set in the child of a fork(), before disconnect and free: memory is
	 * freed, connections belong to the parent, locks may never open.
	 */
	bool inherited;
};

/* First member of every backend's connection. */
struct backend_conn {
	const struct backend_ops *ops;
	unsigned endpoint;	/* which one of its backend's it goes to */
	bool broken;		/* to be closed, not to be used again */
	bool joined;		/* begun inside a caller's transaction */
	bool lent;		/* the program has its handle: what that was
				   used for is not known */
	bool kept;		/* rollback() has found that the program has
				   committed, with the connection it was lent */
	const char *refuses;	/* why no unit may begin any more, or NULL */
	uint64_t statements, statement_hits;
	struct pool_slot *slot;	/* the pool's own */
};

/*
 * query(): *keys_only in: does the caller accept rows that hold keys only?
 * Out: they do, because the profile reads a mapped column through an
 * expression. Not accepted and needed: UOW_EDATA naming the column.
 */

#endif
