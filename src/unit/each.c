/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"
#include "unit/flush.h"
#include "unit/pages.h"
#include "unit/query.h"
#include "unit/repository.h"

/* Streaming: one struct and one arena for the texts of one row. */

/* fn may use the unit but not end it, while the cursor is open. */
static int call(uow_unit *u, uow_row_fn fn, const void *row, void *arg)
{
	int rc;

	u->reading++;
	rc = fn(u, row, arg);
	u->reading--;
	if (rc > 0)
		return unit_fail_returned(u, "the program's function", rc);
	if (rc < 0)
		return unit_failf(u, rc,
				  "stopped by the program's function");
	/* It may have forked, and this be the child. */
	return db_inherited(u->db) ? unit_in_time(u) : unit_check(u);
}

/* 1: a row was handled, 0: no more. */
static int step(uow_repository *r, struct backend_cursor *cur, void *row,
		struct arena *texts, uow_row_fn fn, void *arg)
{
	uow_error err = UOW_ERROR_INIT;
	int rc;

	arena_clear(texts);
	rc = r->unit->conn->ops->next(cur, row, texts, &err);
	if (rc < 0)
		return load_unreadable(r, row, &err);
	if (!rc)
		return 0;
	rc = call(r->unit, fn, row, arg);
	return rc ? rc : 1;
}

int each_row(uow_repository *r, struct backend_cursor *cur, uow_row_fn fn,
	     void *arg)
{
	void *row = mem_alloc(r->mapping->size);
	struct arena texts;
	int rc;

	if (!row)
		return unit_fail_nomem(r->unit);
	arena_init(&texts);
	do {
		rc = step(r, cur, row, &texts, fn, arg);
	} while (rc > 0);
	arena_release(&texts);
	mem_free(row);
	return rc;
}

static int each_page(uow_repository *r, const uow_query *q,
		     const struct shape *s, uow_row_fn fn, void *arg)
{
	const void *row = NULL;
	struct pages p;
	int rc;

	pages_begin(&p, r, q->where, s);
	do {
		rc = pages_next(&p, &row);
		if (!rc && row)
			rc = call(r->unit, fn, row, arg);
	} while (!rc && row);
	pages_end(&p);
	return rc;
}

static int each(uow_repository *r, const uow_query *q, uow_row_fn fn,
		void *arg)
{
	const struct backend_ops *ops = r->unit->conn->ops;
	struct backend_cursor *cur;
	struct read_args args;
	struct arena a;
	struct shape s;
	int rc;

	arena_init(&a);
	rc = query_compile(r, q, &a, &s, &args);
	args.stream = true;
	if (!rc && pages_fit(r, &s)) {
		rc = each_page(r, q, &s, fn, arg);
	} else if (!rc) {
		rc = load_open(r, &s, &args, &cur);
		if (!rc) {
			rc = each_row(r, cur, fn, arg);
			if (!db_inherited(r->unit->db))
				ops->close(cur);
		}
	}
	arena_release(&a);
	return rc;
}

int uow_each(uow_repository *r, const uow_query *q, uow_row_fn fn, void *arg)
{
	int rc = repository_check(r);

	if (!rc && !fn)
		rc = load_refuse(r, UOW_EINVAL, NULL, "no function given");
	if (!rc)
		rc = flush_for(r);
	return rc ? rc : each(r, q, fn, arg);
}
