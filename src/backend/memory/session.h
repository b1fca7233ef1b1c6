/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_SESSION_H
#define MEMORY_SESSION_H

#include "backend/memory/memory.h"
#include "backend/memory/store.h"

/*
 * A connection: one transaction at a time. Everything here is with the
 * store's mutex held unless it says otherwise.
 */

/* Internal: a lock is in the way, see session.wait; then try again. */
enum { BLOCKED = 1 };

struct savepoint {
	size_t writes;
	struct hold *holds;
};

enum wait_state { WAIT_NOT, WAIT_IN_LINE, WAIT_OVER };

/* For what a session waits, in the store's line while WAIT_IN_LINE. */
struct wait {
	enum wait_state state;
	struct table *table;
	uint32_t record;
	enum hold_mode mode;	/* HOLD_NONE: until somebody lets go of it */
	struct hold *hold;	/* to be given with it, not allocated there */
	pthread_cond_t over;
	struct session *next, *previous;
};

struct reads;

struct session {
	struct backend_conn base;
	struct memory *memory;
	struct store *store;
	uint32_t id;
	uint32_t serial;		/* of the last write */
	uint32_t search;		/* see store.search */

	bool open, simple;
	uow_isolation isolation;
	const char *name;		/* of the unit */
	uint64_t deadline;
	unsigned lock_timeout_ms;
	const uow_canceler *canceler;
	struct snapshot snapshot;	/* from repeatable read on */

	struct write *writes;
	size_t write_count, write_room;
	struct hold *holds;		/* newest first */
	struct table **tables;		/* touched by this transaction */
	size_t table_count, table_room;
	struct savepoint *savepoints;
	size_t savepoint_room;
	struct reads *reads;		/* serializable: what it has read */
	struct wait wait;

	/* Of a COMMIT that is on its way: after so many begins. */
	uint64_t late;
	struct session *next_late;

	char *row;			/* in the making */
	size_t row_size;
	struct arena scratch;		/* of one statement */
	struct backend_cursor *spare;		/* a closed one */
};

/* A mapping of a data source on a table. */
struct view {
	const struct mapping *m;
	struct table *table;		/* NULL once it was dropped */
	struct view *next;		/* of the data source */
	struct view *next_of_table;
	bool same;			/* structs lie alike */
	int missing;			/* a column that is not there, or -1 */
	unsigned columns[];		/* of the table, for each field */
};

struct memory {
	struct backend base;
	struct store *store;
	struct view *views;
	struct view *recent[32];	/* by address of the mapping */
	uow_clock clock;
	bool real_clock;		/* the system's: condition variables */
	unsigned lock_timeout_ms;
	uow_trace_fn trace;
	void *trace_arg;
	struct fault *faults;		/* to come, see fault.h */
	uint64_t struck;
};

/* -- view.c -- */

/* UOW_ESQL: no such table or column. The table now counts as touched. */
int view_get(struct session *s, const struct mapping *m, struct view **out,
	     uow_error *err);
void views_free(struct memory *b);
void views_forget(struct table *t);

/* Assign the members of set to a row of the table; texts are borrowed. */
int view_write(const struct view *v, void *row, const void *from,
	       const struct columns *set, uow_error *err);

/* A row of the table into a struct; no mutex needed while it is kept. */
int view_read(const struct view *v, void *to, const void *row,
	      struct arena *texts, uow_error *err);

/* -- lock.c -- */

/*
 * Lock a record: 0, BLOCKED (wait holds what for), UOW_ENOMEM.
 */
int lock_take(struct session *s, struct table *t, uint32_t record,
	      enum hold_mode mode);

/*
 * Of backend_ops: a waiting session looks at its canceler. Takes the mutex.
 */
int lock_cancel(struct backend_conn *c);

/* Ask to wait until whoever holds it lets go. BLOCKED. */
int lock_await(struct session *s, struct table *t, uint32_t record);

/* The mode held by s, HOLD_NONE: it is not. */
enum hold_mode lock_mode(const struct session *s, const struct table *t,
			 uint32_t record);

/* After BLOCKED: do not wait. UOW_ELOCKED. */
int lock_refuse(struct session *s, uow_error *err);

/*
 * After BLOCKED: wait. 0: try again. UOW_ELOCKED, UOW_EDEADLOCK, UOW_ETIMEOUT,
 * UOW_ENOMEM. Lets go of the mutex meanwhile.
 */
int lock_wait(struct session *s, uow_error *err);

/* Let go of all locks newer than until. */
void lock_release(struct session *s, const struct hold *until);

/* A transaction touches t no more. */
void table_left(struct store *st, const struct table *t);
/* Wait until that happens; as lock_wait(). */
int table_wait(struct session *s, struct table *t, uow_error *err);

/* -- txn.c -- */

/* The statement failed after its first row: take back what it has written. */
void session_undo(struct session *s, size_t count);

/* Needs no mutex. */
void session_begin(struct session *s, const struct begin_options *o);
/* UOW_ECONFLICT: not serializable; still open then. */
int session_commit(struct session *s, uow_error *err);
void session_rollback(struct session *s);
int session_savepoint(struct session *s, enum savepoint_verb verb,
		      unsigned depth, uow_error *err);
/* A statement of a simple session is over. */
void session_settle(struct session *s);

/* Take the snapshot of a transaction that has one, with its first statement. */
void session_look(struct session *s);

static inline bool session_has_snapshot(const struct session *s)
{
	return s->isolation >= UOW_REPEATABLE_READ && !s->simple;
}

/* Room for one more write; session_wrote() then cannot fail. */
int session_reserve(struct session *s);
void session_wrote(struct session *s, struct table *t, uint32_t record,
		   struct version *v, uint64_t flags);

/* -- check.c -- */

/*
 * May a row become what it is in row? was: what it is now, NULL for a new one.
 * set: of the columns that change. 0, BLOCKED, UOW_EDUPLICATE, UOW_ECONSTRAINT.
 */
int check_unique(struct session *s, struct table *t, uint32_t record,
		 const void *row, const struct columns *set, uow_error *err);
int check_parents(struct session *s, struct table *t, const void *row,
		  const struct columns *set, uow_error *err);
/* row: NULL when it is deleted. */
int check_children(struct session *s, struct table *t, uint32_t record,
		   const void *was, const void *row, uow_error *err);

/* -- reads.c: what a serializable transaction has read -- */

int reads_note_key(struct session *s, struct table *t, const void *row);
int reads_note_query(struct session *s, const struct view *v,
		     const struct shape *shape, const struct read_args *args);
/* Has anybody changed it since? */
bool reads_changed(const struct session *s);
void reads_free(struct session *s);

/* -- write.c -- */

/* On failure err->row says where in the batch. */
int memory_write(struct session *s, const struct write_batch *b,
		 struct arena *texts, uow_error *err);

/* -- read.c -- */

int memory_read(struct session *s, const struct shape *shape,
		const struct read_args *args, struct backend_cursor **out,
		uow_error *err);
int memory_count(struct session *s, const struct shape *shape,
		 const struct read_args *args, uint64_t *out, uow_error *err);
int memory_next(struct backend_cursor *cur, void *row, struct arena *texts,
		uow_error *err);
void memory_close(struct backend_cursor *cur);
void cursor_free(struct backend_cursor *c);

int memory_write_where(struct session *s, const struct shape *shape,
		       const struct read_args *args,
		       const struct write_row *row, uint64_t *affected,
		       uow_error *err);

/* -- define.c -- */

int memory_define(struct session *s, const struct mapping *const *mappings,
		  size_t count, bool drop, uow_error *err);
int memory_describe(struct session *s, const struct mapping *m,
		    struct arena *a, struct catalog_table *out,
		    uow_error *err);

#endif
