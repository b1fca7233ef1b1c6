/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_COUNTER_H
#define MODEL_COUNTER_H

#include "model/mapping.h"

/*
 * Adding to a member, as a database does it to a column: "c = c + ?". The sum
 * has to fit: integers their type, decimals their precision, doubles +-1e308
 * (beyond it lies infinity, and drivers that print 15 digits get there early).
 */

/* Integers, decimals, doubles; not floats, whose sums nobody rounds alike. */
bool field_counts(const struct field *f);

/* row's member += by's. False, row untouched: it is NULL, or does not fit. */
bool field_add(const struct field *f, void *row, const void *by);

/* What the member may be, from *floor to *ceiling, so that by's fits. */
void field_room(const struct field *f, const void *by, uow_value *floor,
		uow_value *ceiling);

#endif
