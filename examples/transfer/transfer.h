/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "journal.h"

/*
 * Carry one line out, or refuse it and say why; either way its audit row is
 * durable when this returns 0. Anything else is a failure that says nothing
 * about the line, UOW_EINDOUBT included: whether it was done, the audit knows.
 * *outcome is what the audit row says: 0, or why it was refused. options are
 * those of its units, or NULL.
 */
int transfer_line(uow_db *db, const uow_options *options, struct entry *e,
		  int *outcome, uow_error *err);

#endif
