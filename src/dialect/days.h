/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_DAYS_H
#define DIALECT_DAYS_H

#include <uow/value.h>

/*
 * A list of days, as text: "0004-12-31 1582-10-05/1582-10-14", where two days
 * with a slash are both of them and all that lie between.
 */
bool days_valid(const char *list);

/* list may be NULL: no days. */
bool days_have(const char *list, int16_t year, uint16_t month, uint16_t day);

#endif
