/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_DDL_H
#define DIALECT_DDL_H

#include "dialect/profile.h"
#include "model/mapping.h"

/* One complete statement, borrowed. Negative stops and is returned. */
typedef int (*ddl_fn)(const char *statement, void *arg);

/*
 * CREATE TABLE for each mapping, parents before children by references and
 * foreign_keys. References to entities outside the list are declared all the
 * same. Cycles: add_foreign_key statements at the end where the profile has
 * that, else inside the table. Codes: UOW_ECONFIG (a type that the profile
 * lacks, a foreign key of columns that do not exist or do not fit), UOW_ENOMEM,
 * or what fn returned.
 */
int ddl_create(const struct profile *p, const struct mapping *const *mappings,
	       size_t count, ddl_fn fn, void *arg, uow_error *err);

/* DROP TABLE for each, children first. */
int ddl_drop(const struct profile *p, const struct mapping *const *mappings,
	     size_t count, ddl_fn fn, void *arg, uow_error *err);

/* Fill order[] with indexes so that parents come before children. */
int ddl_order(const struct mapping *const *mappings, size_t count,
	      size_t *order, uow_error *err);

#endif
