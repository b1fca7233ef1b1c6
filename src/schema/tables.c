/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema/tables.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"

int tables_init(struct tables *t, uow_db *db,
		const uow_entity *const *entities, size_t count,
		uow_error *err)
{
	size_t i;
	int rc = 0;

	if (!db || (count && !entities))
		return error_set(err, UOW_EINVAL,
				 "a schema needs a data source and entities");
	t->db = db;
	t->conn = NULL;
	t->count = count;
	t->mappings = mem_array(count ? count : 1, sizeof(*t->mappings));
	if (!t->mappings)
		return error_nomem(err);
	for (i = 0; !rc && i < count; i++) {
		if (entities[i])
			rc = db_mapping(db, entities[i], &t->mappings[i], err);
		else
			rc = error_set(err, UOW_EINVAL,
				       "entity %zu of %zu is NULL", i, count);
	}
	if (rc)
		tables_release(t);
	return rc;
}

void tables_release(struct tables *t)
{
	mem_free(t->mappings);
	t->mappings = NULL;
}

/* Where there are no transactions, each statement is one of its own. */
int tables_begin(struct tables *t, bool read_only, uow_error *err)
{
	const struct backend *b = t->db->backend;
	struct lease l = LEASE_INIT;
	struct begin_options o;
	struct backend_conn *c;
	int rc;

	memset(&o, 0, sizeof(o));
	o.name = "schema";
	o.read_only = read_only;
	o.deadline = DEADLINE_NONE;
	o.simple = !b->ops->has(b, UOW_FEATURE_TRANSACTIONS);
	l.name = o.name;
	rc = db_lease(t->db, &l, &c, err);
	if (rc)
		return rc;
	rc = c->ops->begin(c, &o, err);
	if (!rc) {
		t->conn = c;
		t->read_only = read_only;
		return 0;
	}
	if (rc != UOW_ENOTSUP && rc != UOW_ELOCKED)
		c->broken = true;
	db_return(t->db, c);
	return rc;
}

int tables_end(struct tables *t, int rc, uow_error *err)
{
	struct backend_conn *c = t->conn;
	enum outcome outcome = OUTCOME_UNKNOWN;
	uow_error own = UOW_ERROR_INIT;

	if (rc) {
		c->ops->rollback(c);
	} else {
		rc = c->ops->commit(c, &outcome, &own);
		if (rc && outcome == OUTCOME_UNKNOWN)
			c->broken = true;
		/* What was only read was read, whoever heard of the COMMIT. */
		if (outcome == OUTCOME_COMMITTED ||
		    (outcome == OUTCOME_UNKNOWN && t->read_only))
			rc = 0;
		if (rc && err)
			*err = own;
	}
	t->conn = NULL;
	db_return(t->db, c);
	return rc;
}
