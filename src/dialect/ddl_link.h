/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_DDL_LINK_H
#define DIALECT_DDL_LINK_H

#include "model/mapping.h"

/* A foreign key, however the mapping declares it. Borrows from the entities. */
struct ddl_link {
	const uow_entity *parent;
	const char *columns[UOW_KEY_COLUMNS];
	const char *parent_columns[UOW_KEY_COLUMNS];
	size_t count;
};

/* The next one of m; *position starts at 0. False: there are no more. */
bool ddl_next_link(const struct mapping *m, size_t *position,
		   struct ddl_link *out);

/* Do these two stand for the same table? */
bool ddl_same_table(const uow_entity *a, const uow_entity *b);

#endif
