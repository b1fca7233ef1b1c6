/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "bank.h"

/*
 * Print what became of the journal, over all runs, and audit the books. Only
 * tables are read, nothing that a run remembers. *balanced says whether the
 * books balance; a failure leaves it alone.
 */
int report_print(uow_db *db, FILE *out, bool *balanced, uow_error *err);

#endif
