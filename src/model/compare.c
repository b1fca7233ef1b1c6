/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/compare.h"

#include "model/digits.h"

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int order_bytes(const void *a, size_t a_size, const void *b,
		       size_t b_size)
{
	size_t shorter = a_size < b_size ? a_size : b_size;
	int rc = shorter ? memcmp(a, b, shorter) : 0;

	if (rc)
		return rc < 0 ? -1 : 1;
	return (a_size > b_size) - (a_size < b_size);
}

/* Days and seconds as one number: months of 32 days keep the order. */
static int64_t day_number(int year, unsigned month, unsigned day)
{
	return ((int64_t)year * 16 + month) * 32 + day;
}

static int64_t second_number(unsigned hour, unsigned minute, unsigned second)
{
	return ((int64_t)hour * 64 + minute) * 64 + second;
}

static int order_timestamps(const uow_timestamp *a, const uow_timestamp *b)
{
	int rc = order(day_number(a->year, a->month, a->day),
		       day_number(b->year, b->month, b->day));

	if (!rc)
		rc = order(second_number(a->hour, a->minute, a->second),
			   second_number(b->hour, b->minute, b->second));
	return rc ? rc : order(a->nanosecond, b->nanosecond);
}

static int order_dates(const uow_date *a, const uow_date *b)
{
	return order(day_number(a->year, a->month, a->day),
		     day_number(b->year, b->month, b->day));
}

static int order_times(const uow_time *a, const uow_time *b)
{
	return order(second_number(a->hour, a->minute, a->second),
		     second_number(b->hour, b->minute, b->second));
}

static bool compare_reals(double a, double b, int *out)
{
	*out = (a > b) - (a < b);
	/* Neither less nor more nor the same: one of them is a NaN. */
	return *out || (a <= b && a >= b);
}

bool value_compare(const uow_value *a, const uow_value *b, int *out)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case UOW_TYPE_BOOL:
		*out = order(a->as.boolean, b->as.boolean);
		return true;
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		*out = order(a->as.integer, b->as.integer);
		return true;
	case UOW_TYPE_DECIMAL:
		*out = order(a->as.integer, b->as.integer);
		return a->scale == b->scale;
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		return compare_reals(a->as.real, b->as.real, out);
	case UOW_TYPE_TEXT:
		if (a->scale && b->scale)	/* see field_get() */
			return digits_order(a->as.bytes.data, a->as.bytes.size,
					    b->as.bytes.data, b->as.bytes.size,
					    out);
		/* fall through */
	case UOW_TYPE_BYTES:
		*out = order_bytes(a->as.bytes.data, a->as.bytes.size,
				   b->as.bytes.data, b->as.bytes.size);
		return true;
	case UOW_TYPE_DATE:
		*out = order_dates(&a->as.date, &b->as.date);
		return true;
	case UOW_TYPE_TIME:
		*out = order_times(&a->as.clock, &b->as.clock);
		return true;
	case UOW_TYPE_TIMESTAMP:
		*out = order_timestamps(&a->as.time, &b->as.time);
		return true;
	case UOW_TYPE_UUID:
		*out = order_bytes(a->as.uuid.bytes, sizeof(a->as.uuid.bytes),
				   b->as.uuid.bytes, sizeof(b->as.uuid.bytes));
		return true;
	default:
		return false;
	}
}
