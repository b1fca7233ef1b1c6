/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/row.h"
#include "unit/flush.h"
#include "unit/pages.h"
#include "unit/query.h"
#include "unit/repository.h"

/*
 * Writes by criterion. Which rows were hit the database alone knows: every
 * object of the entity counts as not read any more.
 */

struct writing {
	uow_repository *r;
	struct shape shape;
	struct read_args args;
	struct write_row row;
	struct arena arena;
};

/* -- what is assigned -- */

static int check_target(uow_repository *r, const uow_assignment *a, int *out)
{
	const struct mapping *m = r->mapping;
	int c = a->column ? mapping_find(m, a->column) : -1;
	const char *why = NULL;

	if (c < 0)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "no column '%s' to assign to",
				   a->column ? a->column : "");
	if (m->fields[c].flags & UOW_KEY)
		why = "is part of the key";
	else if (m->fields[c].flags & UOW_ROW_VERSION)
		why = "is the version, which goes up by itself";
	else if (m->fields[c].flags & (UOW_GENERATED | UOW_READ_ONLY))
		why = "is not written by the library";
	*out = c;
	return why ? load_refuse(r, UOW_EINVAL, NULL,
				 "column '%s' cannot be assigned: it %s",
				 a->column, why) : 0;
}

static int take_value(struct writing *w, const uow_assignment *a, unsigned c)
{
	const struct mapping *m = w->r->mapping;
	uow_error err = UOW_ERROR_INIT;
	struct columns one = { { 0 } };

	columns_add(&one, c);
	columns_add(&w->shape.set, c);
	if (field_set(m, &m->fields[c], w->row.now, &a->value, &w->arena,
		      &err) ||
	    row_check(m, w->row.now, &one, true, &err))
		return load_failed(w->r, NULL, &err);
	return 0;
}

static int take_assignment(struct writing *w, const uow_assignment *a,
			   void *by)
{
	unsigned added;
	int c = -1, rc = check_target(w->r, a, &c);

	if (rc)
		return rc;
	if (columns_has(&w->shape.set, (unsigned)c) ||
	    columns_has(&w->shape.add, (unsigned)c))
		return load_refuse(w->r, UOW_EINVAL, NULL,
				   "column '%s' is assigned twice",
				   a->column);
	if (!a->add)
		return take_value(w, a, (unsigned)c);
	rc = increment_check(w->r, a->column, a->value, by, &added);
	columns_add(&w->shape.add, (unsigned)c);
	return rc;
}

/* Whoever has read one of the rows before has to notice. */
static int step_versions(struct writing *w, void *by)
{
	const struct mapping *m = w->r->mapping;
	const uow_value one = uow_int(1);
	uow_error err = UOW_ERROR_INIT;

	if (m->version < 0 || m->server_version)
		return 0;
	columns_add(&w->shape.add, (unsigned)m->version);
	if (field_set(m, &m->fields[m->version], by, &one, NULL, &err))
		return load_failed(w->r, NULL, &err);
	return 0;
}

static int take_assignments(struct writing *w, const uow_assignment *list,
			    size_t count)
{
	size_t i;
	void *by;
	int rc = 0;

	if (!list || !count)
		return load_refuse(w->r, UOW_EINVAL, NULL,
				   "nothing to assign");
	w->row.now = arena_alloc(&w->arena, w->r->mapping->size);
	by = arena_alloc(&w->arena, w->r->mapping->size);
	if (!w->row.now || !by)
		return unit_fail_nomem(w->r->unit);
	w->row.by = by;
	for (i = 0; !rc && i < count; i++)
		rc = take_assignment(w, &list[i], by);
	return rc ? rc : step_versions(w, by);
}

/* -- objects -- */

static int forget_rows(uow_repository *r)
{
	struct entry *e;

	for (e = r->entries; e; e = e->next) {
		if (e->state != ENTRY_LOADED || e->flags & ENTRY_STALE)
			continue;
		if (scope_watch(e))
			return unit_fail_nomem(r->unit);
		e->flags |= ENTRY_STALE;
	}
	return 0;
}

/* -- writing -- */

static int send(struct writing *w, uint64_t *affected)
{
	uow_repository *r = w->r;
	struct backend_conn *c = r->unit->conn;
	uow_error err = UOW_ERROR_INIT;
	uint64_t rows = UINT64_MAX;
	int rc = unit_in_time(r->unit);

	if (!rc)
		rc = pages_keep(r->unit);
	if (rc)
		return rc;
	if (c->ops->write_where(c, &w->shape, &w->args, &w->row, &rows,
				&err)) {
		if (!err.step[0])
			error_step(&err, "%s %s", shape_verb(w->shape.op),
				   r->mapping->table);
		return load_failed(r, NULL, &err);
	}
	rc = rows ? forget_rows(r) : 0;
	if (!rc && affected)
		*affected = rows;
	return rc;
}

/*
 * Everything is flushed before: what refers to the rows, and what they refer
 * to, has to be there or gone.
 */
static int start(struct writing *w, uow_repository *r, const uow_spec *where)
{
	uow_query q = UOW_QUERY_INIT;
	int rc = repository_check_write(r);

	memset(w, 0, sizeof(*w));
	arena_init(&w->arena);
	w->r = r;
	q.where = where;
	if (!rc)
		rc = flush_all(r->unit);
	return rc ? rc : query_compile(r, &q, &w->arena, &w->shape, &w->args);
}

int uow_update_where(uow_repository *r, const uow_spec *where,
		     const uow_assignment *assignments, size_t count,
		     uint64_t *affected)
{
	struct writing w;
	int rc = start(&w, r, where);

	w.shape.op = SHAPE_UPDATE_WHERE;
	if (!rc)
		rc = take_assignments(&w, assignments, count);
	if (!rc)
		rc = send(&w, affected);
	arena_release(&w.arena);
	return rc;
}

int uow_remove_where(uow_repository *r, const uow_spec *where,
		     uint64_t *affected)
{
	struct writing w;
	int rc = start(&w, r, where);

	w.shape.op = SHAPE_DELETE_WHERE;
	if (!rc)
		rc = send(&w, affected);
	arena_release(&w.arena);
	return rc;
}
