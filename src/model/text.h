/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_TEXT_H
#define MODEL_TEXT_H

#include <uow/value.h>

/*
 * Values as the text that databases understand, and back. Pure, without the
 * locale. Parsers take length bytes, want all of them (blanks around allowed),
 * return false on anything else and then leave *out alone.
 */
enum {
	DECIMAL_TEXT = 32,	/* sign, 18 digits and a zero, point, NUL */
	DATE_TEXT = 16,
	TIME_TEXT = 16,
	TIMESTAMP_TEXT = 40,
	UUID_TEXT = 37
};

/* "-12.50"; scale 0..18. */
void decimal_format(char *buffer, int64_t unscaled, unsigned scale);

/*
 * Digits beyond scale must be zero, the result must have at most precision
 * digits. Takes exponents ("1.5e3") since some databases write them.
 */
bool decimal_parse(const char *text, size_t length, unsigned precision,
		   unsigned scale, int64_t *out);

/* At most precision digits (1..18)? */
bool decimal_fits(int64_t unscaled, unsigned precision);

/* Change the scale exactly; false if digits would be lost or overflow. */
bool decimal_rescale(int64_t unscaled, unsigned from, unsigned to,
		     int64_t *out);

/* Significant digits, without leading and trailing zeros. */
unsigned decimal_digits(int64_t unscaled);

bool date_valid(const uow_date *d);
bool time_valid(const uow_time *t);
bool timestamp_valid(const uow_timestamp *t);

void date_format(char *buffer, const uow_date *d);
void time_format(char *buffer, const uow_time *t);
/* digits: of the fraction, 0..9; further ones must be zero already. */
void timestamp_format(char *buffer, const uow_timestamp *t, unsigned digits);

bool date_parse(const char *text, size_t length, uow_date *out);
bool time_parse(const char *text, size_t length, uow_time *out);
/* Blank or T between; 0..9 digits of fraction; "Z" at the end allowed. */
bool timestamp_parse(const char *text, size_t length, uow_timestamp *out);

void uuid_format(char *buffer, const uow_uuid *id);	/* lower case */
bool uuid_parse(const char *text, size_t length, uow_uuid *out);

#endif
