/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/query.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "unit/flush.h"
#include "unit/repository.h"

/* -- a result under construction -- */

void gathered_release(struct gathered *g)
{
	mem_free(g->items);
}

int gathered_add(uow_repository *r, struct gathered *g, const struct entry *e)
{
	if (g->count == g->capacity &&
	    mem_grow(&g->items, &g->capacity, g->count + 1, sizeof(*g->items)))
		return unit_fail_nomem(r->unit);
	g->items[g->count++] = entry_object(e);
	return 0;
}

int gathered_finish(uow_repository *r, const struct gathered *g, uow_rows *out)
{
	void **items = NULL;

	if (g->count) {
		items = arena_copy(&r->unit->arena, g->items,
				   g->count * sizeof(*items));
		if (!items)
			return unit_fail_nomem(r->unit);
	}
	out->items = items;
	out->count = g->count;
	return 0;
}

int gather(uow_repository *r, struct backend_cursor *cur, enum load_mode mode,
	   struct gathered *g)
{
	struct entry *e;
	int rc;

	do {
		rc = load_next(r, cur, mode, &e);
		if (!rc && e)
			rc = gathered_add(r, g, e);
	} while (!rc && e);
	return rc;
}

/* -- criteria -- */

static int compile_where(uow_repository *r, const uow_spec *where,
			 struct arena *a, struct shape *s,
			 struct read_args *args)
{
	uow_error err = UOW_ERROR_INIT;
	struct criterion c;

	if (!where)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "no criterion given; uow_all() is every "
				   "row");
	if (criterion_compile(r->mapping, where, a, &c, &err))
		return load_failed(r, NULL, &err);
	memset(s, 0, sizeof(*s));
	s->mapping = r->mapping;
	s->op = SHAPE_SELECT;
	s->code = c.code;
	s->code_len = c.code_len;
	args->keys = NULL;
	args->values = c.args;
	args->columns = c.arg_columns;
	args->value_count = c.arg_count;
	args->stream = false;
	return 0;
}

static int compile_order(uow_repository *r, const uow_query *q,
			 struct arena *a, struct shape *s)
{
	struct shape_order *order;
	size_t i;

	if (q->limit > INT64_MAX || q->offset > INT64_MAX)
		return load_refuse(r, UOW_EINVAL, NULL, "limit or offset is "
				   "beyond %lld", (long long)INT64_MAX);
	if (!q->order_count)
		return 0;
	if (!q->order_by)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "order_count without order_by");
	order = arena_array(a, q->order_count, sizeof(*order));
	if (!order)
		return unit_fail_nomem(r->unit);
	for (i = 0; i < q->order_count; i++) {
		const char *name = q->order_by[i].column;
		int column = name ? mapping_find(r->mapping, name) : -1;

		if (column < 0)
			return load_refuse(r, UOW_EINVAL, NULL,
					   "no column '%s' to order by",
					   name ? name : "");
		order[i].column = (unsigned)column;
		order[i].descending = q->order_by[i].descending;
	}
	s->order = order;
	s->order_count = q->order_count;
	return 0;
}

int query_compile(uow_repository *r, const uow_query *q, struct arena *a,
		  struct shape *s, struct read_args *args)
{
	int rc;

	if (!q || q->abi != 1)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "no query made with UOW_QUERY_INIT given");
	if ((unsigned)q->lock > UOW_LOCK_SKIP_LOCKED)
		return load_refuse(r, UOW_EINVAL, NULL, "no such lock mode");
	rc = compile_where(r, q->where, a, s, args);
	if (!rc)
		rc = compile_order(r, q, a, s);
	if (rc)
		return rc;
	s->offset = q->offset;
	s->limit = q->limit;
	s->lock = q->lock;
	return 0;
}

/* -- reading -- */

static int find(uow_repository *r, const uow_query *q, struct gathered *g)
{
	struct backend_cursor *cur;
	struct read_args args;
	struct arena a;
	struct shape s;
	int rc;

	rc = flush_for(r);
	if (rc)
		return rc;
	arena_init(&a);
	rc = query_compile(r, q, &a, &s, &args);
	if (!rc)
		rc = load_open(r, &s, &args, &cur);
	if (!rc) {
		rc = gather(r, cur, s.lock ? LOAD_LOCKED : LOAD_KEEP, g);
		r->unit->conn->ops->close(cur);
	}
	arena_release(&a);
	return rc;
}

int uow_find(uow_repository *r, const uow_query *q, uow_rows *out)
{
	struct gathered g = { NULL, 0, 0 };
	int rc = repository_check(r);

	if (out) {
		out->items = NULL;
		out->count = 0;
	}
	if (!rc && !out)
		rc = load_refuse(r, UOW_EINVAL, NULL, "no place for the rows");
	if (!rc)
		rc = find(r, q, &g);
	if (!rc)
		rc = gathered_finish(r, &g, out);
	gathered_release(&g);
	return rc;
}

/*
 * Rows of removed objects are skipped on the way in; without autoflush they
 * may still be there and must not use up the limit.
 */
static uint64_t removed_count(const uow_repository *r)
{
	const struct entry *e;
	uint64_t n = 0;

	if (r->unit->autoflush)
		return 0;
	for (e = r->entries; e; e = e->next)
		n += e->state == ENTRY_REMOVED;
	return n;
}

void *uow_one(uow_repository *r, const uow_spec *where)
{
	struct gathered g = { NULL, 0, 0 };
	uow_query q = UOW_QUERY_INIT;
	void *one = NULL;

	if (repository_check(r))
		return NULL;
	q.where = where;
	q.limit = 2 + removed_count(r);
	if (!find(r, &q, &g)) {
		if (g.count > 1)
			load_refuse(r, UOW_EMANY, NULL,
				    "more than one row satisfies a criterion "
				    "that should give one");
		else if (g.count)
			one = g.items[0];
	}
	gathered_release(&g);
	return one;
}

static int count(uow_repository *r, const uow_spec *where, uint64_t *out)
{
	struct backend_conn *c = r->unit->conn;
	uow_error err = UOW_ERROR_INIT;
	struct read_args args;
	struct shape s;
	struct arena a;
	int rc;

	rc = flush_for(r);
	if (rc)
		return rc;
	arena_init(&a);
	rc = compile_where(r, where, &a, &s, &args);
	if (!rc)
		rc = unit_in_time(r->unit);
	if (!rc) {
		s.op = SHAPE_COUNT;
		if (c->ops->count(c, &s, &args, out, &err))
			rc = load_read_failed(r, NULL, &err);
	}
	arena_release(&a);
	return rc;
}

int uow_count(uow_repository *r, const uow_spec *where, uint64_t *out)
{
	int rc = repository_check(r);

	if (out)
		*out = 0;
	if (!rc && !out)
		rc = load_refuse(r, UOW_EINVAL, NULL,
				 "no place for the number");
	return rc ? rc : count(r, where, out);
}
