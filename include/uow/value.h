/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_VALUE_H
#define UOW_VALUE_H

#include "common.h"

#include <string.h>

/**
 * @file uow/value.h
 * A database value outside of an entity: keys, criteria, statement arguments.
 *
 * Values are passed by copy and borrow what they point to. The library copies
 * text and bytes before the call returns, so a value may point at the stack.
 *
 * Thread rule: plain values; no function here touches shared state.
 */

UOW_BEGIN

typedef enum uow_type {
	UOW_TYPE_NULL,
	UOW_TYPE_BOOL,
	UOW_TYPE_INT16,
	UOW_TYPE_INT32,
	UOW_TYPE_INT64,
	UOW_TYPE_FLOAT,		/**< 32 bits */
	UOW_TYPE_DOUBLE,
	UOW_TYPE_DECIMAL,	/**< int64_t holding unscaled digits */
	UOW_TYPE_CHARS,		/**< char[N] inside the struct */
	UOW_TYPE_TEXT,		/**< const char *, owned by the unit */
	UOW_TYPE_BYTES,		/**< uow_bytes, owned by the unit */
	UOW_TYPE_DATE,
	UOW_TYPE_TIME,
	UOW_TYPE_TIMESTAMP,
	UOW_TYPE_UUID		/**< 16 bytes */
} uow_type;

typedef struct uow_bytes {
	const void *data;
	size_t size;
} uow_bytes;

/** A day of the Gregorian calendar, years 1 to 9999. ODBC's own layout. */
typedef struct uow_date {
	int16_t year;
	uint16_t month, day;
} uow_date;

/** A time of day, whole seconds. ODBC's own layout. */
typedef struct uow_time {
	uint16_t hour, minute, second;
} uow_time;

/**
 * As the database has it: no time zone is applied. Years 1 to 9999. ODBC's
 * own layout.
 */
typedef struct uow_timestamp {
	int16_t year;
	uint16_t month, day, hour, minute, second;
	uint32_t nanosecond;
} uow_timestamp;

/** In network byte order, as RFC 4122 prints it. */
typedef struct uow_uuid {
	uint8_t bytes[16];
} uow_uuid;

typedef struct uow_value {
	uow_type type;
	int scale;		/**< UOW_TYPE_DECIMAL: digits after the point */
	union {
		bool boolean;
		int64_t integer;	/**< INT16, INT32, INT64, DECIMAL */
		double real;		/**< FLOAT, DOUBLE */
		uow_bytes bytes;	/**< TEXT (without the NUL), BYTES */
		uow_date date;
		uow_time clock;
		uow_timestamp time;
		uow_uuid uuid;
	} as;
} uow_value;

static inline uow_value uow_null(void)
{
	uow_value v;

	memset(&v, 0, sizeof(v));
	return v;
}

static inline uow_value uow_bool(bool b)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_BOOL;
	v.as.boolean = b;
	return v;
}

static inline uow_value uow_int(int64_t i)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_INT64;
	v.as.integer = i;
	return v;
}

static inline uow_value uow_real(double d)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_DOUBLE;
	v.as.real = d;
	return v;
}

/** uow_decimal(1250, 2) is 12.50. */
static inline uow_value uow_decimal(int64_t unscaled, int scale)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_DECIMAL;
	v.scale = scale;
	v.as.integer = unscaled;
	return v;
}

/** A NULL pointer is SQL NULL. UTF-8. */
static inline uow_value uow_text(const char *s)
{
	uow_value v = uow_null();

	if (s) {
		v.type = UOW_TYPE_TEXT;
		v.as.bytes.data = s;
		v.as.bytes.size = strlen(s);
	}
	return v;
}

static inline uow_value uow_blob(const void *data, size_t size)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_BYTES;
	v.as.bytes.data = data;
	v.as.bytes.size = size;
	return v;
}

static inline uow_value uow_day(uow_date d)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_DATE;
	v.as.date = d;
	return v;
}

static inline uow_value uow_clock_time(uow_time t)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_TIME;
	v.as.clock = t;
	return v;
}

static inline uow_value uow_stamp(uow_timestamp t)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_TIMESTAMP;
	v.as.time = t;
	return v;
}

static inline uow_value uow_guid(uow_uuid id)
{
	uow_value v = uow_null();

	v.type = UOW_TYPE_UUID;
	v.as.uuid = id;
	return v;
}

/**
 * A primary key of one column (parts NULL: the value is in one) or of several
 * (parts[0..count-1], in the order of the key columns; borrowed for the call;
 * at most 8).
 */
typedef struct uow_key {
	const uow_value *parts;
	size_t count;
	uow_value one;
} uow_key;

/** A key of one value of any type. */
static inline uow_key uow_key_of(uow_value v)
{
	uow_key k;

	k.parts = NULL;
	k.count = 1;
	k.one = v;
	return k;
}

/** The most common key: uow_id(5). */
static inline uow_key uow_id(int64_t id)
{
	return uow_key_of(uow_int(id));
}

/** A key of several columns; parts is borrowed. */
static inline uow_key uow_key_parts(const uow_value *parts, size_t count)
{
	uow_key k;

	k.parts = parts;
	k.count = count;
	k.one = uow_null();
	return k;
}

UOW_END
#endif
