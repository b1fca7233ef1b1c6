/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_STORE_H
#define MEMORY_STORE_H

#include <pthread.h>

#include "backend/backend.h"
#include "backend/memory/index.h"
#include "base/random.h"

/*
 * The data: tables of rows with their versions, who has locked which row, who
 * waits for whom. Shared by all data sources that were opened on it, guarded
 * by one mutex that is held for one step of one row and never while anybody's
 * clock, hook or trace runs.
 *
 * A row is a record: a chain of versions, newest first. A version is written
 * once and never changed but for its stamp, so whoever keeps it from being
 * dropped (a snapshot) may read it without the mutex. Stamps:
 *
 *	open		STAMP_OPEN, the connection's id and a running number
 *			within its transaction: not committed
 *	committed	the number of its commit
 *
 * Only one connection at a time has open versions of a record, on top, and
 * it holds a lock on it of at least HOLD_UPDATE.
 *
 * What no snapshot can see is dropped at the end of the transaction that made
 * it so, or of the last one that could see it (garbage: committed writes in
 * order of commit, kept while a snapshot older than they are is alive).
 *
 * Indexes hold (hash of values, record) for every version there is; whoever
 * finds a record there looks at the version that counts for him.
 */
#define STAMP_OPEN (UINT64_C(1) << 63)
#define STAMP_DEAD (UINT64_C(1) << 62)	/* the row is gone */
#define STAMP_MOVED (UINT64_C(1) << 61)	/* other values in an index */
#define STAMP_NUMBER (STAMP_MOVED - 1)

enum { STAMP_ID_BITS = 29, STAMP_SERIAL_BITS = 32 };

struct store;
struct table;
struct session;

struct version {
	struct version *older;
	uint64_t stamp;
	/* then, in tables with text or bytes, struct texts *; then the row */
};

/* Text and bytes of a row; versions that do not differ in them share it. */
struct texts {
	size_t references;
};

/* Two writers of one row differ; children only mind that a key stays. */
enum hold_mode { HOLD_NONE, HOLD_KEY, HOLD_UPDATE, HOLD_ALL };

struct hold {
	struct session *by;
	struct table *table;
	struct hold *next;	/* of the record */
	struct hold *before;	/* of the session, newest first */
	uint32_t record;
	enum hold_mode mode;
};

struct record {
	struct version *newest;		/* NULL: empty */
	union {
		struct hold *holds;
		uint32_t next_free;	/* of one that is in no index */
	} u;
};

/* Columns of this table that hold the values of another's unique key. */
struct foreign {
	struct table *parent;
	unsigned columns[UOW_KEY_COLUMNS];	/* in the parent's order */
	size_t count;
	size_t index, parent_index;	/* of this table, of the parent */
};

struct referrer {
	struct table *child;
	size_t foreign;
};

struct version_chunk;
struct view;

struct table {
	struct table *next;
	struct mapping *m;		/* owned: how rows lie in memory */
	size_t row_at, version_size;
	bool has_texts;

	struct record **chunks;
	size_t chunk_count, chunk_room;
	uint32_t record_end;		/* numbers given out: 1 .. end - 1 */
	uint32_t free_record;		/* 0: none */
	struct version *free_versions;
	struct version_chunk *version_chunks;

	struct index *indexes;		/* 0: the primary key */
	size_t index_count;
	struct columns indexed, referenced;
	struct foreign *foreign;
	size_t foreign_count;
	struct referrer *referrers;
	size_t referrer_count, referrer_room;

	uint64_t next_number;		/* of generated columns */
	unsigned users;			/* transactions that have touched it */
	struct view *views;
};

struct snapshot {
	uint64_t number;		/* of the last commit it sees */
	struct snapshot *newer, *older;
	bool taken;
};

/* A write of a transaction; after its commit, garbage. */
struct write {
	struct table *table;
	struct version *version;
	uint64_t number;		/* of the commit */
	uint32_t record;
};

/* What is kept for the next transactions after one that wrote very much. */
enum { KEPT = 1024 };

struct store {
	pthread_mutex_t mutex;
	size_t references;
	struct table *tables;
	uint64_t now;			/* number of the last commit */
	uint32_t next_id;
	struct snapshot *oldest, *newest;
	struct write *garbage;
	size_t garbage_from, garbage_to, garbage_room;
	size_t open_writes;		/* each has a place in garbage */
	struct session *first_waiting, *last_waiting;
	struct session *late;		/* whose client has gone: conn.c */
	struct hold *free_holds;		/* at most KEPT */
	size_t free_hold_count;
	unsigned search;		/* for a circle of waiting sessions */
	struct random random;
};

int store_new(struct store **out, uow_error *err);
void store_reference(struct store *s);
void store_release(struct store *s);

static inline void store_lock(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
}

static inline void store_unlock(struct store *s)
{
	pthread_mutex_unlock(&s->mutex);
}

/* All below: with the mutex held. */

struct table *store_find(struct store *s, const char *schema,
			 const char *name);

void snapshot_take(struct store *s, struct snapshot *snap);
void snapshot_drop(struct store *s, struct snapshot *snap);

/* -- table.c -- */

/* Without foreign keys: table_link() adds those when all tables are known. */
int table_new(struct table **out, const uow_entity *e, uow_error *err);
int table_link(struct store *s, struct table *t, uow_error *err);
void table_free(struct table *t);	/* and its rows */

/* Undo table_link() in the parents. */
void table_unlink(struct table *t);

/* "accounts", "bank.accounts": for messages. */
const char *table_text(const struct table *t, char *buffer, size_t size);
enum { TABLE_TEXT = 160 };

/* "owner", "line, place": columns of a key, for messages. */
const char *table_columns_text(const struct table *t, const unsigned *columns,
			       size_t count, char *buffer, size_t size);

/* The record whose rows have the key of row; 0: none. */
uint32_t table_find_key(const struct table *t, const void *row);

static inline struct record *table_record(const struct table *t, uint32_t n)
{
	return &t->chunks[n >> 8][n & 255];
}

static inline const void *version_row(const struct table *t,
				      const struct version *v)
{
	return (const char *)v + t->row_at;
}

/* -- version.c -- */

/*
 * What a reader sees: its own versions up to serial, and what was committed
 * up to number. NULL: nothing, or the row is gone.
 */
const struct version *version_seen(const struct record *r, uint32_t id,
				   uint32_t serial, uint64_t number);

/* The newest one that is id's own or committed, dead ones as well. */
const struct version *version_latest(const struct record *r, uint32_t id);
const struct version *version_committed(const struct record *r);

static inline bool version_alive(const struct version *v)
{
	return v && !(v->stamp & STAMP_DEAD);
}

static inline bool version_is_open(const struct version *v)
{
	return v->stamp & STAMP_OPEN;
}

static inline bool version_is_by(const struct version *v, uint32_t id)
{
	return version_is_open(v) &&
	       (v->stamp & STAMP_NUMBER) >> STAMP_SERIAL_BITS == id;
}

/*
 * A version holding a copy of row. Its texts are copied, or shared with like
 * (which then holds the same ones) if that is not NULL.
 */
struct version *version_new(struct table *t, const void *row,
			    const struct version *like);
void version_free(struct table *t, struct version *v);

/* Room for one more record; record_take() then cannot fail. */
int record_reserve(struct table *t);
uint32_t record_take(struct table *t);

/* Give it back if it is empty and nobody holds it. */
void record_settle(struct table *t, uint32_t n);

/* Take the newest version away again. */
void record_undo(struct table *t, uint32_t n);

/* Drop what no snapshot at or after number can see. */
void record_prune(struct table *t, uint32_t n, uint64_t number);

/* All rows of a table that nobody uses. */
void rows_free(struct table *t);

/* Drop committed writes that nobody needs any more. */
void store_collect(struct store *s);

#endif
