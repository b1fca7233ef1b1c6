/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/guard.h"

#include <time.h>

#include "backend/odbc/cursor.h"

void guard_enter(struct guard *g)
{
	sigset_t pipe, pending;

	sigemptyset(&pending);
	sigpending(&pending);
	g->pending = sigismember(&pending, SIGPIPE) == 1;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	g->blocked = pthread_sigmask(SIG_BLOCK, &pipe, &g->before) == 0 &&
		     sigismember(&g->before, SIGPIPE) != 1;
}

void guard_leave(struct guard *g)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t pipe, pending;

	sigemptyset(&pending);
	sigpending(&pending);
	if (!g->pending && sigismember(&pending, SIGPIPE) == 1) {
		sigemptyset(&pipe);
		sigaddset(&pipe, SIGPIPE);
		sigtimedwait(&pipe, NULL, &at_once);
	}
	if (g->blocked)
		pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}

/* -- one wrapper for each operation -- */

static int guarded_begin(struct backend_conn *c,
			 const struct begin_options *o, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.begin(c, o, err);
	guard_leave(&g);
	return rc;
}

static int guarded_commit(struct backend_conn *c, enum outcome *outcome,
			  uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.commit(c, outcome, err);
	guard_leave(&g);
	return rc;
}

static int guarded_savepoint(struct backend_conn *c, enum savepoint_verb verb,
			     unsigned depth, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.savepoint(c, verb, depth, err);
	guard_leave(&g);
	return rc;
}

static int guarded_read(struct backend_conn *c, const struct shape *s,
			const struct read_args *args,
			struct backend_cursor **out, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.read(c, s, args, out, err);
	guard_leave(&g);
	return rc;
}

static bool guarded_pages(struct backend_conn *c)
{
	struct guard g;
	bool yes;

	guard_enter(&g);
	yes = odbc_ops.pages(c);
	guard_leave(&g);
	return yes;
}

static int guarded_count(struct backend_conn *c, const struct shape *s,
			 const struct read_args *args, uint64_t *out,
			 uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.count(c, s, args, out, err);
	guard_leave(&g);
	return rc;
}

static int guarded_query(struct backend_conn *c, const struct mapping *m,
			 const char *sql, const uow_value *args, size_t count,
			 bool *keys_only, struct backend_cursor **out,
			 uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.query(c, m, sql, args, count, keys_only, out, err);
	guard_leave(&g);
	return rc;
}

static int guarded_next(struct backend_cursor *cur, void *row,
			struct arena *texts, uow_error *err)
{
	struct guard g;
	int rc;

	/* Most rows are here already. */
	if (rowset_holds_more(cur->stmt))
		return odbc_ops.next(cur, row, texts, err);
	guard_enter(&g);
	rc = odbc_ops.next(cur, row, texts, err);
	guard_leave(&g);
	return rc;
}

static int guarded_write(struct backend_conn *c, struct write_batch *batches,
			 size_t count, struct arena *texts, size_t *batch,
			 uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.write(c, batches, count, texts, batch, err);
	guard_leave(&g);
	return rc;
}

static int guarded_write_where(struct backend_conn *c, const struct shape *s,
			       const struct read_args *args,
			       const struct write_row *row,
			       uint64_t *affected, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.write_where(c, s, args, row, affected, err);
	guard_leave(&g);
	return rc;
}

static int guarded_exec(struct backend_conn *c, const char *sql,
			const uow_value *args, size_t count,
			uint64_t *affected, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.exec(c, sql, args, count, affected, err);
	guard_leave(&g);
	return rc;
}

static int guarded_define(struct backend_conn *c,
			  const struct mapping *const *mappings, size_t count,
			  bool drop, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.define(c, mappings, count, drop, err);
	guard_leave(&g);
	return rc;
}

static int guarded_describe(struct backend_conn *c, const struct mapping *m,
			    struct arena *a, struct catalog_table *out,
			    uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.describe(c, m, a, out, err);
	guard_leave(&g);
	return rc;
}

static int guarded_connect(struct backend *b, unsigned endpoint,
			   struct backend_conn **out, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.connect(b, endpoint, out, err);
	guard_leave(&g);
	return rc;
}

static bool guarded_alive(struct backend_conn *c, bool probe)
{
	struct guard g;
	bool rc;

	guard_enter(&g);
	rc = odbc_ops.alive(c, probe);
	guard_leave(&g);
	return rc;
}

static int guarded_place(struct backend_conn *c,
			 const struct backend_place **out, uow_error *err)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.place(c, out, err);
	guard_leave(&g);
	return rc;
}

static void *guarded_native(struct backend_conn *c, uow_error *err)
{
	struct guard g;
	void *rc;

	guard_enter(&g);
	rc = odbc_ops.native(c, err);
	guard_leave(&g);
	return rc;
}

static int guarded_cancel(struct backend_conn *c)
{
	struct guard g;
	int rc;

	guard_enter(&g);
	rc = odbc_ops.cancel(c);
	guard_leave(&g);
	return rc;
}

static void guarded_disconnect(struct backend_conn *c)
{
	struct guard g;

	guard_enter(&g);
	odbc_ops.disconnect(c);
	guard_leave(&g);
}

static void guarded_rollback(struct backend_conn *c)
{
	struct guard g;

	guard_enter(&g);
	odbc_ops.rollback(c);
	guard_leave(&g);
}

static void guarded_close(struct backend_cursor *cur)
{
	struct guard g;

	guard_enter(&g);
	odbc_ops.close(cur);
	guard_leave(&g);
}

static void guarded_free(struct backend *b)
{
	struct guard g;

	guard_enter(&g);
	odbc_ops.free(b);
	guard_leave(&g);
}

static bool guarded_has(const struct backend *b, uow_feature feature)
{
	return odbc_ops.has(b, feature);
}

static const char *guarded_profile(const struct backend *b)
{
	return odbc_ops.profile(b);
}

static int guarded_emit(struct backend *b,
			const struct mapping *const *mappings, size_t count,
			bool drop, backend_ddl_fn fn, void *arg,
			uow_error *err)
{
	return odbc_ops.emit(b, mappings, count, drop, fn, arg, err);
}

static bool guarded_ended(const struct backend_conn *c)
{
	return odbc_ops.ended(c);
}

const struct backend_ops guarded_ops = {
	.has = guarded_has,
	.profile = guarded_profile,
	.emit = guarded_emit,
	.ended = guarded_ended,
	.begin = guarded_begin,
	.commit = guarded_commit,
	.savepoint = guarded_savepoint,
	.read = guarded_read,
	.pages = guarded_pages,
	.count = guarded_count,
	.query = guarded_query,
	.next = guarded_next,
	.write = guarded_write,
	.write_where = guarded_write_where,
	.exec = guarded_exec,
	.define = guarded_define,
	.describe = guarded_describe,
	.connect = guarded_connect,
	.alive = guarded_alive,
	.place = guarded_place,
	.native = guarded_native,
	.cancel = guarded_cancel,
	.disconnect = guarded_disconnect,
	.rollback = guarded_rollback,
	.close = guarded_close,
	.free = guarded_free
};
