/* SPDX-License-Identifier: BSD-2-Clause */
#include <uow/schema.h>

#include "base/arena.h"
#include "base/errors.h"
#include "schema/tables.h"

int uow_schema_emit(uow_db *db, const uow_entity *const *entities,
		    size_t count, uow_ddl_fn fn, void *arg, uow_error *err)
{
	uow_error e = UOW_ERROR_INIT;
	struct tables t;
	int rc;

	if (!fn)
		return error_set(err, UOW_EINVAL,
				 "no function given for the statements");
	rc = tables_init(&t, db, entities, count, err);
	if (rc)
		return rc;
	rc = db->backend->ops->emit(db->backend, t.mappings, count, false, fn,
				    arg, &e);
	tables_release(&t);
	if (rc && err)
		*err = e;
	return rc;
}

static int define(uow_db *db, const uow_entity *const *entities, size_t count,
		  bool drop, uow_error *err)
{
	uow_error e = UOW_ERROR_INIT;
	struct tables t;
	int rc;

	rc = tables_init(&t, db, entities, count, err);
	if (rc)
		return rc;
	rc = count ? tables_begin(&t, false, &e) : 0;
	if (!rc && count) {
		rc = t.conn->ops->define(t.conn, t.mappings, count, drop, &e);
		rc = tables_end(&t, rc, &e);
	}
	tables_release(&t);
	if (rc && err)
		*err = e;
	return rc;
}

int uow_schema_create(uow_db *db, const uow_entity *const *entities,
		      size_t count, uow_error *err)
{
	return define(db, entities, count, false, err);
}

int uow_schema_drop(uow_db *db, const uow_entity *const *entities,
		    size_t count, uow_error *err)
{
	return define(db, entities, count, true, err);
}

/* -- check -- */

static int describe(struct tables *t, struct arena *a,
		    struct catalog_table *found, uow_error *err)
{
	size_t i;
	int rc = tables_begin(t, true, err);

	if (rc)
		return rc;
	for (i = 0; !rc && i < t->count; i++) {
		rc = t->conn->ops->describe(t->conn, t->mappings[i], a,
					    &found[i], err);
		if (rc)
			error_entity(err, t->mappings[i]->name);
	}
	return tables_end(t, rc, err);
}

/* The connection is back before fn is called: it may want one itself. */
static int check(struct tables *t, struct arena *a, struct diff_sink *sink,
		 uow_error *err)
{
	struct catalog_table *found = arena_array(a, t->count, sizeof(*found));
	size_t i;
	int rc;

	if (!found)
		return error_nomem(err);
	rc = describe(t, a, found, err);
	for (i = 0; !rc && i < t->count; i++) {
		rc = compare_table(t->mappings[i], &found[i], sink);
		if (rc)
			error_set(err, rc, "stopped by the program's function");
	}
	return rc;
}

int uow_schema_check(uow_db *db, const uow_entity *const *entities,
		     size_t count, uow_diff_fn fn, void *arg,
		     size_t *differences, uow_error *err)
{
	struct diff_sink sink = { fn, arg, 0 };
	uow_error e = UOW_ERROR_INIT;
	struct tables t;
	struct arena a;
	int rc;

	rc = tables_init(&t, db, entities, count, err);
	if (rc)
		return rc;
	arena_init(&a);
	rc = count ? check(&t, &a, &sink, &e) : 0;
	arena_release(&a);
	tables_release(&t);
	if (rc && err)
		*err = e;
	if (!rc && differences)
		*differences = sink.count;
	return rc;
}
