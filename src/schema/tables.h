/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCHEMA_TABLES_H
#define SCHEMA_TABLES_H

#include <uow/schema.h>
#include "backend/backend.h"
#include "model/mapping.h"
#include "pool/db.h"

/* The mappings of a list of entities, and a transaction to work in. */
struct tables {
	uow_db *db;
	const struct mapping **mappings;	/* owned by db */
	size_t count;
	struct backend_conn *conn;		/* NULL: none yet */
	bool read_only;				/* that transaction */
};

/* On failure there is nothing to release. */
int tables_init(struct tables *t, uow_db *db,
		const uow_entity *const *entities, size_t count,
		uow_error *err);
void tables_release(struct tables *t);

int tables_begin(struct tables *t, bool read_only, uow_error *err);

/* Commit, or roll back if rc (kept) is not 0; the connection goes back. */
int tables_end(struct tables *t, int rc, uow_error *err);

/* Where differences are told. */
struct diff_sink {
	uow_diff_fn fn;		/* or NULL */
	void *arg;
	size_t count;
};

/* Tell each difference. 0, or the negative value of fn. */
int compare_table(const struct mapping *m, const struct catalog_table *t,
		  struct diff_sink *sink);

#endif
