/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_PROVE_H
#define ODBC_PROVE_H

#include "backend/odbc/stmt.h"

/*
 * There are drivers that take the arguments of statements, say success, and do
 * not use them: every row would be "the row with this key". Where the profile
 * asks for it (prove_parameters: nobody has tried this driver), the first
 * statement with arguments is preceded by an experiment on its table, once
 * for a data source.
 *
 * An empty table proves nothing to readers, and there they need no proof.
 * Codes: UOW_ENOTSUP, and what reading can give.
 */
int prove_parameters(struct odbc_conn *c, const struct shape *s,
		     uow_error *err);

/* SQL as written has no mapped table to try it on: refused without proof. */
int prove_by_hand(struct odbc_conn *c, uow_error *err);

#endif
