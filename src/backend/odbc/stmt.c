/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "backend/odbc/prove.h"
#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"
#include "model/field.h"

enum { LOCK_PAUSE_MIN_USEC = 200, LOCK_PAUSE_MAX_USEC = 20000 };

static int alloc_handle(struct odbc_conn *c, SQLHSTMT *out, uow_error *err)
{
	int rc;

	if (sql_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, out)))
		return 0;
	*out = NULL;
	rc = diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	c->failed = true;
	if (rc == UOW_ECONNECT)
		c->base.broken = c->ended = true;
	return rc;
}

/* Drivers differ in which of the two calls says what is wrong. */
int stmt_prepare(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	uint64_t began = c->source->trace ? clock_now(&c->source->clock) : 0;
	int rc = alloc_handle(c, &st->handle, err);

	if (!rc && !sql_ok(SQLPrepare(st->handle, (SQLCHAR *)st->text.sql,
				      SQL_NTS))) {
		rc = diag_stmt(c, st->handle, err);
		stmt_trace(c, st->text.sql + st->prefix, 0, 1, began, false,
			   rc);
	}
	if (!rc)
		c->base.statements++;
	return rc;
}

/* Slots of a rendered shape: its parameters, and its columns bound. */
static int make_slots(struct odbc_conn *c, struct stmt *st,
		      const struct type_form *const *forms, uow_error *err)
{
	const struct mapping *m = st->mapping;
	const struct sql_text *t = &st->text;
	const struct field *f;
	size_t i;
	int rc = 0;

	st->params = mem_array(t->param_count + 1, sizeof(*st->params));
	st->columns = mem_array(t->column_count + 1, sizeof(*st->columns));
	if (!st->params || !st->columns)
		return error_nomem(err);
	for (i = 0; i < t->param_count; i++) {
		f = &m->fields[t->params[i].column];
		slot_init_param(&st->params[i], m, f, forms[f->index], f->type,
				(SQLUSMALLINT)(i + 1));
	}
	st->param_count = t->param_count;
	if (st->form.strategy == STRATEGY_UNNEST)
		lists_init(st);
	for (i = 0; !rc && i < t->column_count; i++) {
		f = &m->fields[t->columns[i]];
		rc = slot_init_column(c, st->handle, &st->columns[i], m, f,
				      forms[f->index], (SQLUSMALLINT)(i + 1),
				      err);
		st->column_count = i + 1;
	}
	return rc ? rc : rowset_init(c, st, err);
}

static int render_shape(struct odbc_conn *c, const struct stmt *st,
			const struct type_form *const *forms,
			struct sql_text *out, uow_error *err)
{
	const struct profile *p = c->source->profile;
	const struct shape *s = st->shape;

	if (st->form.strategy != STRATEGY_ROWS)
		return render_batch(p, s, forms, &st->form, out, err);
	/* A SELECT of a set: what an insert or update reads back. */
	if (s->op == SHAPE_SELECT && !columns_empty(&s->set))
		return render_read_back(p, s, forms, out, err);
	return render(p, s, forms, out, err);
}

static uint64_t stmt_hash(const struct shape *s, const struct batch_form *f)
{
	return random_mix(shape_hash(s) ^ (uint64_t)f->strategy << 40 ^
			  (uint64_t)f->returning << 32 ^ f->rows);
}

static bool same_form(const struct batch_form *a, const struct batch_form *b)
{
	return a->strategy == b->strategy && a->rows == b->rows &&
	       a->returning == b->returning;
}

static int make(struct odbc_conn *c, const struct shape *s,
		const struct batch_form *f, struct stmt **out, uow_error *err)
{
	const struct type_form *const *forms;
	struct stmt *st;
	int rc;

	rc = forms_of(c, s->mapping, &forms, err);
	if (rc)
		return rc;
	st = mem_alloc(sizeof(*st));
	if (!st)
		return error_nomem(err);
	st->mapping = s->mapping;
	st->shape = shape_copy(s);
	st->form = *f;
	st->forms = forms;
	st->rows = f->rows;
	st->hash = stmt_hash(s, f);
	rc = st->shape ? render_shape(c, st, forms, &st->text, err) :
			 error_nomem(err);
	if (!rc)
		rc = stmt_put_prefix(c, st, err);
	if (!rc)
		rc = stmt_prepare(c, st, err);
	if (!rc)
		rc = make_slots(c, st, forms, err);
	if (rc)
		stmt_drop(c, st);
	else
		*out = st;
	return rc;
}

static struct stmt *cached(struct odbc_conn *c, const struct shape *s,
			   const struct batch_form *f)
{
	uint64_t hash = stmt_hash(s, f);
	struct stmt *st;
	size_t i;

	for (i = 0; i < c->cache.count; i++) {
		st = c->cache.items[i];
		if (st->hash == hash && !st->busy &&
		    same_form(&st->form, f) && shape_equal(st->shape, s))
			return st;
	}
	return NULL;
}

/* The place of the least recently used statement that is not busy. */
static size_t oldest(const struct stmt_cache *cache)
{
	size_t i, found = cache->count;

	for (i = 0; i < cache->count; i++)
		if (!cache->items[i]->busy &&
		    (found == cache->count ||
		     cache->items[i]->used < cache->items[found]->used))
			found = i;
	return found;
}

/*
 * Keep the statement. A full cache gives its oldest up; if all are busy, or
 * there is no memory, the new one lives until stmt_done().
 */
static void keep(struct odbc_conn *c, struct stmt *st)
{
	struct stmt_cache *cache = &c->cache;
	size_t i;

	if (!cache->items)
		cache->items = mem_array(cache->max, sizeof(*cache->items));
	i = cache->count < cache->max ? cache->count : oldest(cache);
	if (!cache->items || i == cache->max) {
		mem_free(st->shape);
		st->shape = NULL;
		return;
	}
	if (i == cache->count)
		cache->count++;
	else
		stmt_drop(c, cache->items[i]);
	cache->items[i] = st;
}

int stmt_of(struct odbc_conn *c, const struct shape *s, struct stmt **out,
	    uow_error *err)
{
	static const struct batch_form one = { STRATEGY_ROWS, 1, false };

	return stmt_of_batch(c, s, &one, out, err);
}

int stmt_of_batch(struct odbc_conn *c, const struct shape *s,
		  const struct batch_form *f, struct stmt **out,
		  uow_error *err)
{
	struct stmt *st;
	int rc;

	rc = prove_parameters(c, s, err);
	if (rc)
		return rc;
	st = cached(c, s, f);
	if (st) {
		c->base.statement_hits++;
		st->cached_hit = true;
	} else {
		rc = txn_start(c, err);
		if (!rc)
			rc = make(c, s, f, &st, err);
		if (rc)
			return rc;
		keep(c, st);
	}
	st->used = ++c->cache.tick;
	st->busy = true;
	*out = st;
	return 0;
}

static uow_type type_of_value(const uow_value *v)
{
	return v->type == UOW_TYPE_NULL ? UOW_TYPE_TEXT : v->type;
}

/*
 * A marker without a value would be NULL in some drivers, a value without a
 * marker nothing. Not every driver counts its markers.
 */
static int check_markers(const struct stmt *st, size_t count, uow_error *err)
{
	SQLSMALLINT n = 0;

	if (!sql_ok(SQLNumParams(st->handle, &n)) || n < 0 ||
	    (size_t)n == count)
		return 0;
	return error_set(err, UOW_EINVAL, "the statement has %d markers, %zu "
			 "arguments are given", (int)n, count);
}

static int check_count(const struct profile *p, size_t count, uow_error *err)
{
	if (count <= profile_parameters(p))
		return 0;
	return error_set(err, UOW_ENOTSUP, "%zu arguments are given, profile "
			 "%s has at most %u", count, p->name,
			 profile_parameters(p));
}

int stmt_by_hand(struct odbc_conn *c, const char *sql, const uow_value *args,
		 size_t count, struct stmt **out, uow_error *err)
{
	struct stmt *st = mem_alloc(sizeof(*st));
	uow_type type;
	size_t i;
	int rc;

	if (!st)
		return error_nomem(err);
	st->busy = true;
	st->text.sql = mem_dup(sql);
	st->params = mem_array(count + 1, sizeof(*st->params));
	rc = st->text.sql && st->params ? txn_start(c, err) :
					  error_nomem(err);
	if (!rc)
		rc = check_count(c->source->profile, count, err);
	if (!rc)
		rc = stmt_prepare(c, st, err);
	if (!rc)
		rc = check_markers(st, count, err);
	for (i = 0; !rc && i < count; i++) {
		type = type_of_value(&args[i]);
		slot_init_param(&st->params[i], NULL, NULL,
				form_of_type(c->source, type), type,
				(SQLUSMALLINT)(i + 1));
		st->param_count = i + 1;
		rc = slot_put(c, st->handle, &st->params[i], &args[i], err);
	}
	if (rc)
		stmt_drop(c, st);
	else
		*out = st;
	return rc;
}

static void trace(struct odbc_conn *c, const struct stmt *st, uint64_t rows,
		  uint64_t began, int code);

void stmt_done(struct odbc_conn *c, struct stmt *st)
{
	size_t i;

	stmt_rest(c, st);
	if (!st->shape) {
		stmt_drop(c, st);
		return;
	}
	for (i = 0; i < st->param_count; i++)
		slot_shrink(&st->params[i]);
	st->busy = st->cached_hit = false;
}

void stmt_rest(struct odbc_conn *c, struct stmt *st)
{
	if (st->reading)
		trace(c, st, st->fetched, st->began, 0);
	st->reading = false;
	rowset_close(st);
	/*
	 * An open cursor would make the next SQLExecute 24000: a connection
	 * with a statement that cannot be closed is of no use after the unit.
	 */
	if (st->open && !sql_ok(SQLFreeStmt(st->handle, SQL_CLOSE)))
		c->base.broken = st->stuck = true;
	st->open = false;
}

int stmt_execute_kept(struct odbc_conn *c, const char *sql,
		      struct stmt **kept, uow_error *err)
{
	int rc = 0;

	if (*kept)
		(*kept)->cached_hit = true;
	else
		rc = stmt_by_hand(c, sql, NULL, 0, kept, err);
	return rc ? rc : stmt_execute(c, *kept, NULL, err);
}

void stmt_cache_clear(struct odbc_conn *c)
{
	size_t i;

	for (i = 0; i < c->cache.count; i++)
		stmt_drop(c, c->cache.items[i]);
	c->cache.count = 0;
	together_clear(c);
	stmt_drop(c, c->last_key);
	stmt_drop(c, c->begin_write);
	stmt_drop(c, c->count);
	c->last_key = c->begin_write = c->count = NULL;
	for (i = 0; i <= SAVEPOINT_RELEASE; i++) {
		stmt_drop(c, c->batch_savepoints[i]);
		c->batch_savepoints[i] = NULL;
	}
}

void stmt_trace(const struct odbc_conn *c, const char *sql, uint64_t rows,
		size_t batch, uint64_t began, bool hit, int code)
{
	const struct odbc *s = c->source;
	uow_trace event;

	if (!s->trace)
		return;
	memset(&event, 0, sizeof(event));
	event.unit = c->active && c->options.name ? c->options.name : "";
	event.sql = sql;
	event.rows = rows;
	event.usec = clock_now(&s->clock) - began;
	event.batch = (unsigned)batch;
	event.cached = hit;
	event.code = code;
	s->trace(&event, s->trace_arg);
}

static void trace(struct odbc_conn *c, const struct stmt *st, uint64_t rows,
		  uint64_t began, int code)
{
	stmt_trace(c, st->text.sql + st->prefix, rows,
		   st->rows ? st->rows : 1, began, st->cached_hit, code);
}

/* How long the first statement of a unit may wait for a lock, by ourselves. */
static uint64_t lock_deadline(const struct odbc_conn *c)
{
	unsigned ms = c->options.lock_timeout_ms;

	if (!ms)
		ms = c->source->profile->lock_wait_ms;
	return deadline_sooner(deadline_after(&c->source->clock, ms ? ms : 1),
			       c->options.deadline);
}

/*
 * A statement that could not get its lock can simply be sent again as long as
 * nothing else was done in this transaction: it holds nothing.
 */
static bool may_wait(const struct odbc_conn *c, int rc)
{
	return rc == UOW_ELOCKED && c->active && !c->worked && !c->ended &&
	       c->source->profile->lock_wait_ms;
}

static bool wait_for_lock(struct odbc_conn *c, uint64_t until, uint64_t *pause)
{
	const uow_clock *clock = &c->source->clock;
	uint64_t left = deadline_left(clock, until);

	if (!left)
		return false;
	clock_sleep(clock, *pause < left ? *pause : left);
	if (*pause < LOCK_PAUSE_MAX_USEC)
		*pause *= 2;
	return true;
}

/* hit: did the statement find a row? */
static int execute(struct odbc_conn *c, struct stmt *st, bool *hit,
		   uow_error *err)
{
	uint64_t until = 0, pause = LOCK_PAUSE_MIN_USEC;
	SQLRETURN got;
	int rc;

	for (;;) {
		if (!cancel_enter(c, st->handle, err))
			return UOW_ECANCELED;
		got = SQLExecute(st->handle);
		/* SQL_NO_DATA: an update of no row (ODBC 3, SQLExecute). */
		if (cancel_leave(c, sql_ok(got) || got == SQL_NO_DATA, err))
			return err->code;
		if (sql_ok(got) || got == SQL_NO_DATA)
			break;
		rc = diag_stmt(c, st->handle, err);
		if (!may_wait(c, rc))
			return rc;
		if (!until)
			until = lock_deadline(c);
		if (!wait_for_lock(c, until, &pause))
			return rc;
		c->failed = false;
	}
	*hit = got != SQL_NO_DATA;
	st->none = !*hit;
	c->worked = true;
	if (!c->starting)
		c->used = true;
	st->open = true;
	return 0;
}

/*
 * The driver's way of holding few rows of a result holds for the statement
 * that is executed meanwhile, and for good. Another's connection has his own
 * setting of it.
 */
static bool set_stream(struct odbc_conn *c, const struct stmt *st, bool on)
{
	const SQLINTEGER name = (SQLINTEGER)c->source->profile->stream;

	return st->stream && name && !c->options.simple &&
	       !c->source->adopted &&
	       sql_ok(SQLSetConnectAttr(c->dbc, name, (SQLPOINTER)(SQLULEN)on,
					SQL_IS_UINTEGER));
}

static int execute_streaming(struct odbc_conn *c, struct stmt *st, bool *hit,
			     uow_error *err)
{
	bool set = set_stream(c, st, true);
	int rc = execute(c, st, hit, err);

	if (set && !set_stream(c, st, false))
		c->base.broken = true;
	return rc;
}

int stmt_check(struct odbc_conn *c, const struct stmt *st, uow_error *err)
{
	if (!st->stuck)
		return 0;
	c->failed = true;
	return error_set(err, UOW_ECONNECT, "the driver cannot close a "
			 "cursor: the connection is given up");
}

int stmt_execute(struct odbc_conn *c, struct stmt *st, SQLLEN *affected,
		 uow_error *err)
{
	uint64_t began = c->source->trace ? clock_now(&c->source->clock) : 0;
	SQLLEN rows = 0;
	bool hit = false;
	int rc;

	rc = stmt_check(c, st, err);
	if (!rc)
		rc = txn_start(c, err);
	if (!rc)
		rc = limits_deadline(c, err);
	if (!rc && affected)
		rc = stmt_count_ready(c, st, err);
	if (rc)
		return rc;
	limits_statement(c, st);
	rc = execute_streaming(c, st, &hit, err);
	if (rc && st->cached_hit && !stmt_renew(c, st, err))
		rc = execute_streaming(c, st, &hit, err);
	/*
	 * After SQL_NO_DATA there are no rows, and nobody is asked: a driver
	 * manager may say HY010, as to a statement that was not executed.
	 */
	if (!rc && affected && hit)
		rc = stmt_count(c, st, &rows, err);
	if (rc && c->active && c->options.simple && c->base.broken)
		c->doubtful = true;
	if (!rc && affected)
		*affected = rows;
	st->reading = !rc && !affected;
	st->began = began;
	st->fetched = 0;
	if (!st->reading)	/* else when its rows are known */
		trace(c, st, rows > 0 ? (uint64_t)rows : 0, began, rc);
	return rc;
}

int stmt_direct(struct odbc_conn *c, const char *sql, uow_error *err)
{
	uint64_t began = c->source->trace ? clock_now(&c->source->clock) : 0;
	SQLRETURN got;
	int rc;

	rc = txn_start(c, err);
	if (!rc && !c->direct)
		rc = alloc_handle(c, &c->direct, err);
	if (rc)
		return rc;
	if (!cancel_enter(c, c->direct, err))
		return UOW_ECANCELED;
	got = SQLExecDirect(c->direct, (SQLCHAR *)(uintptr_t)sql, SQL_NTS);
	rc = cancel_leave(c, sql_ok(got) || got == SQL_NO_DATA, err);
	if (sql_ok(got) || got == SQL_NO_DATA)
		c->worked = true;
	else
		rc = diag_stmt(c, c->direct, err);
	if (!rc && !c->starting)
		c->used = true;
	if (!rc && !sql_ok(SQLFreeStmt(c->direct, SQL_CLOSE)))
		c->base.broken = true;
	stmt_trace(c, sql, 0, 1, began, false, rc);
	return rc;
}

int stmt_run(struct odbc_conn *c, const struct shape *s,
	     const struct write_row *row, const struct read_args *args,
	     SQLLEN *affected, struct stmt **out, uow_error *err)
{
	struct stmt *st;
	int rc;

	rc = stmt_of(c, s, &st, err);
	if (rc)
		return rc;
	st->stream = args && args->stream && s->lock == UOW_LOCK_NONE;
	rc = stmt_put(c, st, row, args, err);
	if (!rc)
		rc = stmt_execute(c, st, affected, err);
	if (rc)
		stmt_done(c, st);
	else
		*out = st;
	return rc;
}

int stmt_fetch(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	SQLRETURN rc;
	int found;

	/* RETURNING of no row is SQL_NO_DATA, too: no cursor then, 24000. */
	if (st->none)
		return 0;
	if (st->rowset) {
		found = rowset_next(c, st, err);
		st->fetched += found == 1;
		return found;
	}
	if (!cancel_enter(c, st->handle, err))
		return UOW_ECANCELED;
	rc = SQLFetch(st->handle);
	if (cancel_leave(c, sql_ok(rc) || rc == SQL_NO_DATA, err))
		return err->code;
	if (rc == SQL_NO_DATA)
		return 0;
	/* SUCCESS_WITH_INFO: 01004, which the indicators tell as well. */
	if (!sql_ok(rc))
		return diag_stmt(c, st->handle, err);
	st->fetched++;
	return 1;
}
