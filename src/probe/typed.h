/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_TYPED_H
#define PROBE_TYPED_H

#include <uow/value.h>

/*
 * Values that tell whether a portable type is kept exactly: limits, and what
 * drivers are known to lose. Pure.
 */
enum { TYPED_CHARS = 64, TYPED_LENGTH = 100 };

/* A row: its key, and one member of any type. */
struct typed {
	int32_t id;
	bool null;
	union {
		bool boolean;
		int16_t half;
		int32_t word;
		int64_t wide;
		float single;
		double real;
		char chars[TYPED_CHARS];
		const char *text;
		uow_bytes bytes;
		uow_date date;
		uow_time clock;
		uow_timestamp stamp;
		uow_uuid uuid;
	} as;
};

/* Of the member. */
size_t typed_size(uow_type type);

/* Value k, and what it is called; false: there is none. */
bool typed_value(uow_type type, int k, unsigned fraction, uow_value *out,
		 const char **what);

/* A timestamp whose fraction has so many digits, none of them zero. */
uow_value typed_stamp(unsigned digits);

/* Fills size bytes: any bytes, or UTF-8 of all lengths and a NUL. */
void typed_long(char *data, size_t size, bool binary);

#endif
