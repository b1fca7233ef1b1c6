/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/counter.h"

#include <string.h>

#include "model/field.h"

static const double real_limit = 1e308;

bool field_counts(const struct field *f)
{
	switch (f->type) {
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
	case UOW_TYPE_DECIMAL:
	case UOW_TYPE_DOUBLE:
		return true;
	default:
		return false;
	}
}

static int64_t highest(const struct field *f)
{
	int64_t limit = 1;
	unsigned i;

	switch (f->type) {
	case UOW_TYPE_INT16:
		return INT16_MAX;
	case UOW_TYPE_INT32:
		return INT32_MAX;
	case UOW_TYPE_DECIMAL:
		for (i = 0; i < f->precision; i++)
			limit *= 10;
		return limit - 1;
	default:
		return INT64_MAX;
	}
}

/* Two's complement has one more below zero, decimals do not. */
static int64_t lowest(const struct field *f)
{
	return f->type == UOW_TYPE_DECIMAL ? -highest(f) : -highest(f) - 1;
}

static void real_room(double by, uow_value *floor, uow_value *ceiling)
{
	floor->as.real = by < 0 ? -real_limit - by : -real_limit;
	ceiling->as.real = by > 0 ? real_limit - by : real_limit;
}

void field_room(const struct field *f, const void *by, uow_value *floor,
		uow_value *ceiling)
{
	uow_value v;
	int64_t n;

	field_get(f, by, &v);
	*floor = v;
	*ceiling = v;
	if (f->type == UOW_TYPE_DOUBLE) {
		real_room(v.as.real, floor, ceiling);
		return;
	}
	n = v.as.integer;
	floor->as.integer = n < 0 ? lowest(f) - n : lowest(f);
	ceiling->as.integer = n > 0 ? highest(f) - n : highest(f);
}

static void store(const struct field *f, void *row, int64_t n)
{
	char *to = (char *)row + f->offset;
	int16_t n16 = (int16_t)n;
	int32_t n32 = (int32_t)n;

	if (f->type == UOW_TYPE_INT16)
		memcpy(to, &n16, sizeof(n16));
	else if (f->type == UOW_TYPE_INT32)
		memcpy(to, &n32, sizeof(n32));
	else
		memcpy(to, &n, sizeof(n));
}

static bool add_real(const struct field *f, void *row, double now, double by,
		     const uow_value *floor, const uow_value *ceiling)
{
	double sum;

	/* A NaN is in no range. */
	if (!(now >= floor->as.real && now <= ceiling->as.real))
		return false;
	sum = now + by;
	memcpy((char *)row + f->offset, &sum, sizeof(sum));
	return true;
}

bool field_add(const struct field *f, void *row, const void *by)
{
	uow_value now, more, floor, ceiling;

	if (field_is_null(f, row) || field_is_null(f, by))
		return false;
	field_get(f, row, &now);
	field_get(f, by, &more);
	field_room(f, by, &floor, &ceiling);
	if (f->type == UOW_TYPE_DOUBLE)
		return add_real(f, row, now.as.real, more.as.real, &floor,
				&ceiling);
	if (now.as.integer < floor.as.integer ||
	    now.as.integer > ceiling.as.integer)
		return false;
	store(f, row, now.as.integer + more.as.integer);
	return true;
}
