/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_BATCH_H
#define ODBC_BATCH_H

#include "backend/odbc/stmt.h"

/*
 * Rows of one shape, and how they go to the server.
 *
 *	write		one batch after the other, row by row where nothing
 *			else is possible
 *	batch		many rows in one statement, and what to do if that fails
 *	batch_way	which strategy, from profile, shape and experience
 *	lists, array	the values of many rows, as statements take them
 *	together	rows of several shapes in one statement
 *	returned	what RETURNING gives back
 *
 * A strategy is the profile's to offer. What one entity's table does not bear
 * (a rule, a column of a strange type) is found out by its first statement,
 * behind a savepoint, and remembered for the data source.
 *
 * Invariants
 *  - A statement for many rows is all or nothing: after a failure its effects
 *    are undone before anything else is sent, whatever the driver says about
 *    single rows, or the unit has failed.
 *  - A row count that is too small is a failure as well.
 *  - What a statement for many rows refuses is sent row by row, so code and
 *    row of the failure are those of STRATEGY_ROWS.
 */

/* What is known of a strategy on one table. */
struct batch_memory {
	const struct mapping *mapping;
	enum shape_op op;
	unsigned proved, refused;	/* bits 1 << strategy */
	struct batch_memory *next;
};

struct way {
	enum strategy strategy;
	size_t fewest, most;		/* rows in one statement */
	bool proved;			/* has worked on this table */
};

/*
 * The best way for count rows of this shape: the first that takes them in one
 * statement, else the one that takes most; at least one by one.
 */
int way_choose(struct odbc_conn *c, const struct shape *s, size_t count,
	       struct way *out, uow_error *err);

/* Rows of the next statement, of left: in few sizes. 1: one by one. */
size_t way_step(const struct way *w, size_t left);

/* It worked, it was refused: 0 or UOW_ENOMEM. */
void way_proved(struct odbc *s, const struct shape *shape, struct way *w);
void way_refused(struct odbc *s, const struct shape *shape, struct way *w);
/* Bits 1 << strategy. */
void way_recall(struct odbc *s, const struct shape *shape, unsigned *proved,
		unsigned *refused);
void ways_release(struct odbc *s);

/* A part of a batch. */
struct rows {
	const struct shape *shape;
	struct write_row *list;
	size_t count;
	struct arena *texts;		/* see backend.h, write() */
};

/*
 * The rows in one statement. On failure *failed is the index of the row, or
 * -1. UOW_ENOTSUP with *refused set: nothing was written, the rows have been
 * written one by one in the end.
 */
int batch_write(struct odbc_conn *c, const struct rows *r, struct way *w,
		int64_t *failed, uow_error *err);

/* Is it fewer messages than the rows one by one, once it has been proved? */
bool batch_pays(const struct odbc_conn *c, const struct rows *r);

/* A single row of an INSERT that gives back what the database has made. */
bool row_returns(const struct odbc_conn *c, const struct shape *s);
int row_write(struct odbc_conn *c, const struct rows *r, uow_error *err);

/* One by one. */
int rows_write(struct odbc_conn *c, const struct rows *r, int64_t *failed,
	       uow_error *err);

/* An INSERT that succeeded without a row. UOW_ECONSTRAINT. */
int not_stored(uow_error *err);

/* UOW_ETIMEOUT when the unit's time is up. */
int write_in_time(const struct odbc_conn *c, uow_error *err);

/*
 * A stage of few rows of several shapes in one statement (together.c), where
 * that is possible and fewer messages. *done: it is written. Not done, and no
 * failure: nothing was. On failure *batch and err->row say where; SIZE_MAX and
 * -1: not known.
 */
int together_write(struct odbc_conn *c, struct write_batch *batches,
		   size_t count, struct arena *texts, bool *done,
		   size_t *batch, uow_error *err);
void together_clear(struct odbc_conn *c);

/* UOW_ENOTSUP: one of these tables is not made for that (together_ask.c). */
int together_ask(struct odbc_conn *c, const struct shape *const *shapes,
		 size_t count, uow_error *err);

/* What was hit by a statement for one row: 0, or why it was not as it must. */
int check_hit(struct odbc_conn *c, const struct shape *s,
	      const struct write_row *row, SQLLEN rows, uow_error *err);

/* Bytes of the members that are not in the struct. */
size_t outer_bytes(const struct shape *s, const struct write_row *row);

/* Is it about the statement's text or its rows? In the same words? */
bool failure_of_rows(const uow_error *err);
bool failures_alike(const uow_error *a, const uow_error *b);

/*
 * Is it a failed serialization, of a unit that nothing outlives? Then it is
 * rolled back: the rows can be looked at as the others have left them.
 */
bool undone_to_look(struct odbc_conn *c, const uow_error *err);

/*
 * The values of the rows as the statement wants them: array literals, one text
 * for each column (lists.c), or arrays of parameters (array.c).
 */
void lists_init(struct stmt *st);
int lists_put(struct odbc_conn *c, struct stmt *st,
	      const struct write_row *rows, size_t count, uow_error *err);
int array_put(struct odbc_conn *c, struct stmt *st,
	      const struct write_row *rows, size_t count, uow_error *err);
void array_free(struct array *a);

/*
 * Fetch what RETURNING gives, and give it to the rows. Keys that the database
 * makes come in the order of the rows, which shows by their growing: otherwise
 * UOW_ENOTSUP. Of an UPDATE or DELETE, rows are told by their keys: a row that
 * is not among them is *missed, -1 none.
 */
int returned_fetch(struct odbc_conn *c, struct stmt *st, const struct rows *r,
		   int64_t *missed, uow_error *err);

/* The key that the last INSERT made, by the profile's statement. */
int last_key(struct odbc_conn *c, int64_t *out, uow_error *err);

/* Columns that the database filled, read by key into the row. */
int read_back(struct odbc_conn *c, const struct mapping *m,
	      const struct columns *set, void *now, struct arena *texts,
	      uow_error *err);

#endif
