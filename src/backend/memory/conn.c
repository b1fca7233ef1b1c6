/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/memory.h"

#include <string.h>

#include "backend/memory/fault.h"
#include "backend/memory/session.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"

/* The seam: takes the mutex, tells the trace, and calls the rest. */

enum { LOCK_MS = 1000 };

static struct session *session_of(struct backend_conn *c)
{
	return (struct session *)c;
}

static struct memory *memory_of(struct backend *b)
{
	return (struct memory *)b;
}

/* -- trace -- */

static uint64_t trace_start(const struct session *s)
{
	return s->memory->trace ? clock_now(&s->memory->clock) : 0;
}

struct told {
	const char *verb, *table;
	uint64_t rows;
	size_t batch;
	int code;
};

static void tell(const struct session *s, uint64_t start,
		 const struct told *what)
{
	const struct memory *b = s->memory;
	uow_trace event;
	char text[200];
	size_t used, left;

	memset(&event, 0, sizeof(event));
	used = strlen(what->verb);
	memcpy(text, what->verb, used);
	if (what->table) {
		text[used++] = ' ';
		left = sizeof(text) - used - 1;
		if (strlen(what->table) < left)
			left = strlen(what->table);
		memcpy(text + used, what->table, left);
		used += left;
	}
	text[used] = '\0';
	event.unit = s->name ? s->name : "";
	event.sql = text;
	event.rows = what->rows;
	event.usec = clock_now(&b->clock) - start;
	event.batch = (unsigned)what->batch;
	event.cached = what->table;
	event.code = what->code;
	b->trace(&event, b->trace_arg);
}

static void tell_shape(const struct session *s, uint64_t start,
		       const struct shape *shape, uint64_t rows, size_t batch,
		       int code)
{
	struct told what = { shape_verb(shape->op), shape->mapping->table,
			     rows, batch, code };

	if (s->memory->trace)
		tell(s, start, &what);
}

static void tell_end(const struct session *s, uint64_t start, const char *verb,
		     int code)
{
	struct told what = { verb, NULL, 0, 1, code };

	if (s->memory->trace)
		tell(s, start, &what);
}

/* -- the data source -- */

static void session_free(struct session *s)
{
	cursor_free(s->spare);
	arena_release(&s->scratch);
	mem_free(s->writes);
	mem_free(s->tables);
	mem_free(s->savepoints);
	mem_free(s->row);
	mem_free(s);
}

/* A unit of m begins, or m ends: COMMITs whose time has come arrive. */
static void let_arrive(struct memory *m, bool all)
{
	struct session **at = &m->store->late, *s;
	uow_error ignored;

	while ((s = *at)) {
		if (s->memory != m || (!all && --s->late)) {
			at = &s->next_late;
			continue;
		}
		*at = s->next_late;
		if (session_commit(s, &ignored))
			session_rollback(s);
		pthread_cond_destroy(&s->wait.over);
		session_free(s);
	}
}

static void memory_free(struct backend *b)
{
	struct memory *m = memory_of(b);

	if (!m->base.inherited) {
		store_lock(m->store);
		let_arrive(m, true);
		faults_clear(m);
		views_free(m);
		store_unlock(m->store);
		store_release(m->store);
	}
	mem_free(m);
}

static bool memory_has(const struct backend *b, uow_feature feature)
{
	(void)b;
	switch (feature) {
	case UOW_FEATURE_TRANSACTIONS:
	case UOW_FEATURE_SAVEPOINT:
	case UOW_FEATURE_ROW_LOCK:
	case UOW_FEATURE_LOCK_NOWAIT:
	case UOW_FEATURE_LOCK_SKIP:
	case UOW_FEATURE_CANCEL:
		return true;
	}
	return false;
}

static const char *memory_profile(const struct backend *b)
{
	(void)b;
	return "memory";
}

static int memory_emit(struct backend *b,
		       const struct mapping *const *mappings, size_t count,
		       bool drop, backend_ddl_fn fn, void *arg, uow_error *err)
{
	(void)b;
	(void)mappings;
	(void)count;
	(void)drop;
	(void)fn;
	(void)arg;
	return error_set(err, UOW_ENOTSUP,
			 "tables in memory are made without statements");
}

static const struct backend_ops memory_ops;

static int memory_connect(struct backend *b, unsigned endpoint,
			  struct backend_conn **out, uow_error *err)
{
	struct memory *m = memory_of(b);
	struct session *s = mem_alloc(sizeof(*s));
	pthread_condattr_t attr;
	bool made = false;

	if (s && !pthread_condattr_init(&attr)) {
		made = !pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) &&
		       !pthread_cond_init(&s->wait.over, &attr);
		pthread_condattr_destroy(&attr);
	}
	if (!made) {
		mem_free(s);
		return error_nomem(err);
	}
	s->base.ops = &memory_ops;
	s->base.endpoint = endpoint;
	s->memory = m;
	s->store = m->store;
	arena_init(&s->scratch);
	store_lock(m->store);
	s->id = ++m->store->next_id & ((1u << STAMP_ID_BITS) - 1);
	store_unlock(m->store);
	*out = &s->base;
	return 0;
}

static void memory_disconnect(struct backend_conn *c)
{
	struct session *s = session_of(c);

	/* In a child the store's lock may be held by nobody. */
	if (!s->memory->base.inherited) {
		store_lock(s->store);
		if (s->open && s->late) {
			s->next_late = s->store->late;
			s->store->late = s;
			store_unlock(s->store);
			return;
		}
		if (s->open)
			session_rollback(s);
		store_unlock(s->store);
		pthread_cond_destroy(&s->wait.over);
	}
	session_free(s);
}

static bool memory_alive(struct backend_conn *c, bool probe)
{
	(void)probe;
	return !c->broken;
}

/* -- transactions -- */

/* Has a test asked for this step to fail? */
static int fails(struct session *s, uow_memory_step step,
		 const struct mapping *m, uow_error *err)
{
	struct late late;

	return s->memory->faults ? fault_at(s, step, m, &late, err) : 0;
}

static int memory_begin(struct backend_conn *c, const struct begin_options *o,
			uow_error *err)
{
	struct session *s = session_of(c);
	int rc;

	store_lock(s->store);
	if (s->store->late)
		let_arrive(s->memory, false);
	rc = fails(s, UOW_MEMORY_BEGIN, NULL, err);
	store_unlock(s->store);
	if (!rc)
		session_begin(s, o);
	return rc;
}

/*
 * A COMMIT that has to fail. 0: it has not; else *outcome says what became of
 * the transaction, which has ended. A unit that did nothing sends no COMMIT.
 */
static int lost_commit(struct session *s, enum outcome *outcome,
		       uow_error *err)
{
	struct late late = { false, 0 };
	int rc = 0, own;

	if (s->memory->faults && s->table_count && !s->simple)
		rc = fault_at(s, UOW_MEMORY_COMMIT, NULL, &late, err);
	if (!rc)
		return 0;
	*outcome = rc == UOW_EINDOUBT ? OUTCOME_UNKNOWN : OUTCOME_ROLLED_BACK;
	s->late = late.units;
	if (s->late)	/* it is open, with its locks, until it arrives */
		return rc;
	own = late.happened ? session_commit(s, err) : 0;
	if (!late.happened || own)
		session_rollback(s);
	if (own)
		*outcome = OUTCOME_ROLLED_BACK;
	return own ? own : rc;
}

static int memory_commit(struct backend_conn *c, enum outcome *outcome,
			 uow_error *err)
{
	struct session *s = session_of(c);
	uint64_t start = trace_start(s);
	const char *name = s->name;
	enum outcome end;
	int rc;

	store_lock(s->store);
	rc = lost_commit(s, &end, err);
	if (!rc) {
		rc = session_commit(s, err);
		end = rc ? OUTCOME_ROLLED_BACK : OUTCOME_COMMITTED;
		if (rc)
			session_rollback(s);
	}
	store_unlock(s->store);
	*outcome = end;
	s->name = name;
	tell_end(s, start, "COMMIT", rc);
	s->name = NULL;
	return rc;
}

static void memory_rollback(struct backend_conn *c)
{
	struct session *s = session_of(c);
	uint64_t start = trace_start(s);
	const char *name = s->name;

	if (!s->open || s->late)
		return;
	store_lock(s->store);
	session_rollback(s);
	store_unlock(s->store);
	s->name = name;
	tell_end(s, start, "ROLLBACK", 0);
	s->name = NULL;
}

static int memory_savepoint(struct backend_conn *c, enum savepoint_verb verb,
			    unsigned depth, uow_error *err)
{
	static const char *const verbs[] = {
		"SAVEPOINT", "ROLLBACK TO", "RELEASE"
	};
	struct session *s = session_of(c);
	uint64_t start = trace_start(s);
	int rc = 0;

	store_lock(s->store);
	if (verb == SAVEPOINT_SET)
		rc = fails(s, UOW_MEMORY_SAVEPOINT, NULL, err);
	if (!rc)
		rc = session_savepoint(s, verb, depth, err);
	store_unlock(s->store);
	tell_end(s, start, verbs[verb], rc);
	return rc;
}

static bool memory_ended(const struct backend_conn *c)
{
	(void)c;
	return false;
}

/* -- rows -- */

/* Nothing is ever prepared. */
static void note_statement(struct session *s)
{
	s->base.statements++;
	s->base.statement_hits++;
}

static int op_read(struct backend_conn *c, const struct shape *shape,
		   const struct read_args *args, struct backend_cursor **out,
		   uow_error *err)
{
	struct session *s = session_of(c);
	uint64_t start = trace_start(s);
	int rc;

	note_statement(s);
	store_lock(s->store);
	rc = fails(s, UOW_MEMORY_READ, shape->mapping, err);
	if (!rc)
		rc = memory_read(s, shape, args, out, err);
	store_unlock(s->store);
	tell_shape(s, start, shape, 0, 1, rc);
	return rc;
}

static int op_count(struct backend_conn *c, const struct shape *shape,
		    const struct read_args *args, uint64_t *out,
		    uow_error *err)
{
	struct session *s = session_of(c);
	uint64_t start = trace_start(s);
	int rc;

	note_statement(s);
	store_lock(s->store);
	rc = fails(s, UOW_MEMORY_READ, shape->mapping, err);
	if (!rc)
		rc = memory_count(s, shape, args, out, err);
	store_unlock(s->store);
	tell_shape(s, start, shape, 1, 1, rc);
	return rc;
}

static int op_write(struct backend_conn *c, struct write_batch *batches,
		    size_t count, struct arena *texts, size_t *batch,
		    uow_error *err)
{
	struct session *s = session_of(c);
	size_t i, failed = count;
	uint64_t start;
	int rc = 0;

	for (i = 0; !rc && i < count; i++) {
		start = trace_start(s);
		note_statement(s);
		store_lock(s->store);
		rc = fails(s, UOW_MEMORY_WRITE, batches[i].shape->mapping,
			   err);
		if (!rc)
			rc = memory_write(s, &batches[i], texts, err);
		store_unlock(s->store);
		tell_shape(s, start, batches[i].shape, rc ? 0 :
			   batches[i].count, batches[i].count, rc);
		failed = i;
	}
	if (rc)
		*batch = failed;
	return rc;
}

static int op_write_where(struct backend_conn *c, const struct shape *shape,
			  const struct read_args *args,
			  const struct write_row *row, uint64_t *affected,
			  uow_error *err)
{
	struct session *s = session_of(c);
	uint64_t start = trace_start(s), rows = 0;
	int rc;

	note_statement(s);
	store_lock(s->store);
	rc = fails(s, UOW_MEMORY_WRITE, shape->mapping, err);
	if (!rc)
		rc = memory_write_where(s, shape, args, row, &rows, err);
	store_unlock(s->store);
	tell_shape(s, start, shape, rows, 1, rc);
	if (!rc)
		*affected = rows;
	return rc;
}

/* -- what memory has not -- */

static int no_sql(uow_error *err)
{
	return error_set(err, UOW_ENOTSUP, "tables in memory understand no "
			 "SQL: use criteria, or a database");
}

static int memory_query(struct backend_conn *c, const struct mapping *m,
			const char *sql, const uow_value *args, size_t count,
			bool *keys_only, struct backend_cursor **out,
			uow_error *err)
{
	(void)c;
	(void)m;
	(void)sql;
	(void)args;
	(void)count;
	(void)keys_only;
	(void)out;
	return no_sql(err);
}

static int memory_exec(struct backend_conn *c, const char *sql,
		       const uow_value *args, size_t count,
		       uint64_t *affected, uow_error *err)
{
	(void)c;
	(void)sql;
	(void)args;
	(void)count;
	(void)affected;
	return no_sql(err);
}

static void *memory_native(struct backend_conn *c, uow_error *err)
{
	(void)c;
	error_set(err, UOW_ENOTSUP, "tables in memory have no connection "
		  "handle");
	return NULL;
}

/* -- tables -- */

static int op_define(struct backend_conn *c,
		     const struct mapping *const *mappings, size_t count,
		     bool drop, uow_error *err)
{
	struct session *s = session_of(c);
	uint64_t start = trace_start(s);
	int rc;

	store_lock(s->store);
	rc = memory_define(s, mappings, count, drop, err);
	store_unlock(s->store);
	tell_end(s, start, drop ? "DROP TABLE" : "CREATE TABLE", rc);
	return rc;
}

static int op_describe(struct backend_conn *c, const struct mapping *m,
		       struct arena *a, struct catalog_table *out,
		       uow_error *err)
{
	struct session *s = session_of(c);
	int rc;

	store_lock(s->store);
	rc = memory_describe(s, m, a, out, err);
	store_unlock(s->store);
	return rc;
}

/* Rows are in memory already, a cursor is a place in them. */
static bool op_pages(struct backend_conn *c)
{
	(void)c;
	return false;
}

static const struct backend_ops memory_ops = {
	.free = memory_free,
	.has = memory_has,
	.profile = memory_profile,
	.connect = memory_connect,
	.emit = memory_emit,
	.disconnect = memory_disconnect,
	.alive = memory_alive,
	.begin = memory_begin,
	.commit = memory_commit,
	.rollback = memory_rollback,
	.savepoint = memory_savepoint,
	.ended = memory_ended,
	.read = op_read,
	.pages = op_pages,
	.count = op_count,
	.query = memory_query,
	.next = memory_next,
	.close = memory_close,
	.write = op_write,
	.write_where = op_write_where,
	.exec = memory_exec,
	.define = op_define,
	.describe = op_describe,
	.native = memory_native,
	.cancel = lock_cancel,
};

bool memory_is(const struct backend *b)
{
	return b->ops == &memory_ops;
}

int memory_open(struct backend **out, const struct memory_options *o,
		uow_error *err)
{
	struct memory *m = mem_alloc(sizeof(*m));
	int rc = 0;

	if (!m)
		return error_nomem(err);
	m->base.ops = &memory_ops;
	m->clock = o->clock ? *o->clock : clock_system;
	m->real_clock = m->clock.now_usec == clock_system.now_usec &&
			m->clock.sleep_usec == clock_system.sleep_usec;
	m->lock_timeout_ms = o->lock_timeout_ms ? o->lock_timeout_ms : LOCK_MS;
	m->trace = o->trace;
	m->trace_arg = o->trace_arg;
	if (o->same_as) {
		m->store = ((const struct memory *)o->same_as)->store;
		store_reference(m->store);
	} else {
		rc = store_new(&m->store, err);
	}
	if (rc)
		mem_free(m);
	else
		*out = &m->base;
	return rc;
}
