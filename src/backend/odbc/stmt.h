/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_STMT_H
#define ODBC_STMT_H

#include "backend/odbc/slot.h"

/*
 * A prepared statement with its bound parameters and columns. Cached ones are
 * found by shape, without building text; the least recently used goes first.
 *
 * Invariants: busy from stmt_of() to stmt_done(); a busy statement is never
 * evicted. Handles are freed before SQLDisconnect, which some drivers refuse
 * otherwise (25000), and never inside of a transaction: see park.c.
 */
struct stmt {
	SQLHSTMT handle;
	struct shape *shape;		/* NULL: not cached */
	struct batch_form form;
	const struct type_form *const *forms;	/* of the shape's columns */
	struct array *array;		/* STRATEGY_ARRAY: array.c */
	struct rowset *rowset;		/* many rows a fetch, or NULL */
	size_t rows;			/* this execution is for */
	uint64_t hash, used;
	struct sql_text text;
	size_t prefix;			/* bytes of text nobody is shown */
	const struct mapping *mapping;
	struct slot *params, *columns;
	size_t param_count, column_count;
	SQLULEN timeout;		/* that the handle has, if timed */
	bool timed;
	bool busy, open, cached_hit;
	bool stuck;			/* its cursor could not be closed */
	bool none;			/* executed: SQL_NO_DATA */
	bool reading;			/* to be traced when it is done */
	bool stream;			/* few rows at once, if possible */
	uint64_t began;			/* reading: when; fetched: rows */
	uint64_t fetched;
	struct stmt *next;		/* while parked */
};

/* Prepared, from the cache or anew; busy. */
int stmt_of(struct odbc_conn *c, const struct shape *s, struct stmt **out,
	    uow_error *err);

/* A handle for st->text. */
int stmt_prepare(struct odbc_conn *c, struct stmt *st, uow_error *err);

/* The same for many rows. */
int stmt_of_batch(struct odbc_conn *c, const struct shape *s,
		  const struct batch_form *f, struct stmt **out,
		  uow_error *err);

/* A statement of one's own: text and values, columns bound by nobody. */
int stmt_by_hand(struct odbc_conn *c, const char *sql, const uow_value *args,
		 size_t count, struct stmt **out, uow_error *err);

/* Close the cursor; keep it if cached, else free it. */
void stmt_done(struct odbc_conn *c, struct stmt *st);

/* UOW_ECONNECT: its cursor could not be closed. Fails the transaction. */
int stmt_check(struct odbc_conn *c, const struct stmt *st, uow_error *err);

/*
 * Execute. The unit's first statements go before it. *affected (may be NULL):
 * rows, -1 where the driver does not tell.
 */
int stmt_execute(struct odbc_conn *c, struct stmt *st, SQLLEN *affected,
		 uow_error *err);

/*
 * The shape's statement with its values, executed, for stmt_done(). row and
 * args as for stmt_put(), affected as for stmt_execute().
 */
int stmt_run(struct odbc_conn *c, const struct shape *s,
	     const struct write_row *row, const struct read_args *args,
	     SQLLEN *affected, struct stmt **out, uow_error *err);

/* The profile's prefix before a new statement that writes. UOW_ENOMEM. */
int stmt_put_prefix(const struct odbc_conn *c, struct stmt *st,
		    uow_error *err);

/*
 * Before a write whose rows are to be counted: nothing that could fail is left
 * for afterwards, when it may have been committed.
 */
int stmt_count_ready(struct odbc_conn *c, const struct stmt *st,
		     uow_error *err);
/*
 * Rows that the statement executed last has written; -1: nobody can tell, which
 * is no failure. A lost connection is.
 */
int stmt_count(struct odbc_conn *c, const struct stmt *st, SQLLEN *out,
	       uow_error *err);

/* Tell the program's trace function, if it has one. */
void stmt_trace(const struct odbc_conn *c, const char *sql, uint64_t rows,
		size_t batch, uint64_t began, bool hit, int code);

/* -- rowset.c -- */

/* Bind the columns anew for many rows, if profile and statement allow. */
int rowset_init(struct odbc_conn *c, struct stmt *st, uow_error *err);
int rowset_next(struct odbc_conn *c, struct stmt *st, uow_error *err);
/* Is there a row that no driver has to be asked for? */
bool rowset_holds_more(const struct stmt *st);
void rowset_close(struct stmt *st);
/* The row's values into its members. */
int rowset_get(struct odbc_conn *c, struct stmt *st, void *row,
	       struct arena *texts, uow_error *err);
/* Slots' buffers and indicators are those of the row. */
void rowset_select(struct stmt *st);
void rowset_free(struct rowset *r);

/* 1: a row is in the columns' buffers, 0: no more. */
int stmt_fetch(struct odbc_conn *c, struct stmt *st, uow_error *err);

/*
 * One of the connection's own statements without arguments, kept in *kept:
 * made at its first use. To be followed by stmt_rest().
 */
int stmt_execute_kept(struct odbc_conn *c, const char *sql,
		      struct stmt **kept, uow_error *err);
void stmt_rest(struct odbc_conn *c, struct stmt *st);

void stmt_cache_clear(struct odbc_conn *c);

/*
 * A kept statement failed with err. 0: it was prepared again, the transaction
 * is as it was, and it can be executed; else the failure stands.
 */
int stmt_renew(struct odbc_conn *c, struct stmt *st, uow_error *err);

/* Out of use: freed when nothing is open any more. NULL: nothing. */
void stmt_drop(struct odbc_conn *c, struct stmt *st);
/* Free what waits for that. */
void stmt_unpark(struct odbc_conn *c);
/* All of them, before the connection is closed. */
void stmt_release(struct odbc_conn *c);

/*
 * One statement without arguments or rows, not prepared: a single trip. The
 * handle is kept.
 */
int stmt_direct(struct odbc_conn *c, const char *sql, uow_error *err);

/* For the seam: may a long result be read in parts? */
bool read_pages(struct backend_conn *base);

/* Of an executed statement's first row: 1; 0: there is none, or no number. */
int read_integer(struct odbc_conn *c, struct stmt *st, int64_t *out,
		 uow_error *err);

/* The result of an executed SELECT COUNT(*). */
int read_number(struct odbc_conn *c, struct stmt *st, uint64_t *out,
		uow_error *err);

/*
 * Values by the statement's parameter list: of a row's members, and of a
 * criterion. Either may be NULL if the statement needs none of it.
 */
int stmt_put(struct odbc_conn *c, struct stmt *st,
	     const struct write_row *row, const struct read_args *args,
	     uow_error *err);
/* The same for a statement of many rows. */
int stmt_put_rows(struct odbc_conn *c, struct stmt *st,
		  const struct write_row *rows, size_t count, uow_error *err);

/* The member of a row that parameter p is given. */
const void *param_row(const struct sql_param *p, const struct write_row *row);

#endif
