/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/text.h"

/* A text that is being read; every step says whether it was there. */
struct reader {
	const char *p;
	size_t left;
};

static const int64_t powers[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, INT64_C(10000000000), INT64_C(100000000000),
	INT64_C(1000000000000), INT64_C(10000000000000),
	INT64_C(100000000000000), INT64_C(1000000000000000),
	INT64_C(10000000000000000), INT64_C(100000000000000000),
	INT64_C(1000000000000000000)
};

static uint64_t magnitude(int64_t x)
{
	return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct reader reader_of(const char *text, size_t length)
{
	struct reader r;

	r.p = text;
	r.left = length;
	while (r.left && is_blank(*r.p)) {
		r.p++;
		r.left--;
	}
	while (r.left && is_blank(r.p[r.left - 1]))
		r.left--;
	return r;
}

static bool read_char(struct reader *r, char c)
{
	if (!r->left || *r->p != c)
		return false;
	r->p++;
	r->left--;
	return true;
}

/* Exactly width digits. */
static bool read_digits(struct reader *r, unsigned width, unsigned *out)
{
	unsigned value = 0, i;

	if (r->left < width)
		return false;
	for (i = 0; i < width; i++) {
		if (!is_digit(r->p[i]))
			return false;
		value = value * 10 + (unsigned)(r->p[i] - '0');
	}
	r->p += width;
	r->left -= width;
	*out = value;
	return true;
}

static char *put_digits(char *to, uint64_t value, unsigned width)
{
	unsigned i;

	for (i = width; i > 0; i--) {
		to[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return to + width;
}

void decimal_format(char *buffer, int64_t unscaled, unsigned scale)
{
	uint64_t whole = magnitude(unscaled), part = 0, rest;
	unsigned width = 1;

	if (scale) {
		part = whole % (uint64_t)powers[scale];
		whole /= (uint64_t)powers[scale];
	}
	for (rest = whole / 10; rest; rest /= 10)
		width++;
	if (unscaled < 0)
		*buffer++ = '-';
	buffer = put_digits(buffer, whole, width);
	if (scale) {
		*buffer++ = '.';
		buffer = put_digits(buffer, part, scale);
	}
	*buffer = '\0';
}

/*
 * The number as digits * 10^exponent, its last digit not zero (but for zero
 * itself). Zeros wait in "zeros" until a digit comes after them.
 */
struct number {
	uint64_t digits;
	int64_t exponent;
	size_t zeros, seen;
};

static bool number_digit(struct number *n, unsigned digit)
{
	n->seen++;
	if (!digit) {
		n->zeros += n->digits != 0;
		return true;
	}
	/* More than 18 digits in all can never fit. */
	if (n->digits && n->zeros >= 18)
		return false;
	for (; n->digits && n->zeros; n->zeros--) {
		n->digits *= 10;
		if (n->digits >= (uint64_t)powers[18])
			return false;
	}
	n->zeros = 0;
	n->digits = n->digits * 10 + digit;
	return n->digits < (uint64_t)powers[18];
}

static bool read_number(struct reader *r, struct number *n)
{
	bool point = false;

	for (; r->left; r->p++, r->left--) {
		if (*r->p == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(*r->p))
			break;
		if (!number_digit(n, (unsigned)(*r->p - '0')))
			return false;
		n->exponent -= point;
	}
	n->exponent += (int64_t)n->zeros;
	return n->seen > 0;
}

static bool read_exponent(struct reader *r, struct number *n)
{
	int64_t value = 0;
	bool minus;

	if (!read_char(r, 'e') && !read_char(r, 'E'))
		return true;
	minus = read_char(r, '-');
	if (!minus)
		read_char(r, '+');
	if (!r->left)
		return false;
	for (; r->left && is_digit(*r->p); r->p++, r->left--)
		if (value < 1000000)
			value = value * 10 + (*r->p - '0');
	n->exponent += minus ? -value : value;
	return true;
}

bool decimal_parse(const char *text, size_t length, unsigned precision,
		   unsigned scale, int64_t *out)
{
	struct reader r = reader_of(text, length);
	struct number n = { 0, 0, 0, 0 };
	bool minus = read_char(&r, '-');
	int64_t shift;

	if (!minus)
		read_char(&r, '+');
	if (!read_number(&r, &n) || !read_exponent(&r, &n) || r.left)
		return false;
	shift = n.exponent + (int64_t)scale;
	if (!n.digits)
		shift = 0;
	if (shift < 0 || shift > 18)
		return false;
	if (n.digits > (uint64_t)(powers[18] - 1) / (uint64_t)powers[shift])
		return false;
	n.digits *= (uint64_t)powers[shift];
	if (!decimal_fits((int64_t)n.digits, precision))
		return false;
	*out = minus ? -(int64_t)n.digits : (int64_t)n.digits;
	return true;
}

bool decimal_fits(int64_t unscaled, unsigned precision)
{
	return precision <= 18 &&
	       magnitude(unscaled) < (uint64_t)powers[precision];
}

bool decimal_rescale(int64_t unscaled, unsigned from, unsigned to,
		     int64_t *out)
{
	if (!unscaled)
		from = to;
	for (; from > to; from--) {
		if (unscaled % 10)
			return false;
		unscaled /= 10;
	}
	for (; from < to; from++) {
		if (unscaled > INT64_MAX / 10 || unscaled < INT64_MIN / 10)
			return false;
		unscaled *= 10;
	}
	*out = unscaled;
	return true;
}

unsigned decimal_digits(int64_t unscaled)
{
	uint64_t rest = magnitude(unscaled);
	unsigned count = 0;

	if (!rest)
		return 0;
	while (rest % 10 == 0)
		rest /= 10;
	for (; rest; rest /= 10)
		count++;
	return count;
}

static bool day_valid(int year, unsigned month, unsigned day)
{
	static const unsigned char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	unsigned last;

	if (year < 1 || year > 9999 || month < 1 || month > 12)
		return false;
	last = days[month - 1];
	if (leap && month == 2)
		last++;
	return day >= 1 && day <= last;
}

/* No leap second: most databases would refuse or shift it. */
static bool clock_valid(unsigned hour, unsigned minute, unsigned second)
{
	return hour < 24 && minute < 60 && second < 60;
}

bool date_valid(const uow_date *d)
{
	return day_valid(d->year, d->month, d->day);
}

bool time_valid(const uow_time *t)
{
	return clock_valid(t->hour, t->minute, t->second);
}

bool timestamp_valid(const uow_timestamp *t)
{
	return day_valid(t->year, t->month, t->day) &&
	       clock_valid(t->hour, t->minute, t->second) &&
	       t->nanosecond <= 999999999;
}

static char *put_day(char *to, int year, unsigned month, unsigned day)
{
	to = put_digits(to, (uint64_t)(year < 0 ? 0 : year), 4);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	return put_digits(to, day, 2);
}

static char *put_clock(char *to, unsigned hour, unsigned minute,
		       unsigned second)
{
	to = put_digits(to, hour, 2);
	*to++ = ':';
	to = put_digits(to, minute, 2);
	*to++ = ':';
	return put_digits(to, second, 2);
}

void date_format(char *buffer, const uow_date *d)
{
	*put_day(buffer, d->year, d->month, d->day) = '\0';
}

void time_format(char *buffer, const uow_time *t)
{
	*put_clock(buffer, t->hour, t->minute, t->second) = '\0';
}

void timestamp_format(char *buffer, const uow_timestamp *t, unsigned digits)
{
	buffer = put_day(buffer, t->year, t->month, t->day);
	*buffer++ = ' ';
	buffer = put_clock(buffer, t->hour, t->minute, t->second);
	if (digits) {
		*buffer++ = '.';
		buffer = put_digits(buffer, t->nanosecond /
				    (uint64_t)powers[9 - digits], digits);
	}
	*buffer = '\0';
}

static bool read_day(struct reader *r, uow_timestamp *t)
{
	unsigned year, month, day;

	if (!read_digits(r, 4, &year) || !read_char(r, '-') ||
	    !read_digits(r, 2, &month) || !read_char(r, '-') ||
	    !read_digits(r, 2, &day))
		return false;
	t->year = (int16_t)year;
	t->month = (uint16_t)month;
	t->day = (uint16_t)day;
	return day_valid(t->year, month, day);
}

/* With a fraction of 1 to 9 digits, if there is one. */
static bool read_clock(struct reader *r, uow_timestamp *t)
{
	unsigned hour, minute, second, digits = 0, nano = 0;

	if (!read_digits(r, 2, &hour) || !read_char(r, ':') ||
	    !read_digits(r, 2, &minute) || !read_char(r, ':') ||
	    !read_digits(r, 2, &second))
		return false;
	if (read_char(r, '.')) {
		while (digits < 9 && digits < r->left && is_digit(r->p[digits]))
			digits++;
		if (!digits || !read_digits(r, digits, &nano))
			return false;
		nano *= (unsigned)powers[9 - digits];
	}
	t->hour = (uint16_t)hour;
	t->minute = (uint16_t)minute;
	t->second = (uint16_t)second;
	t->nanosecond = nano;
	return clock_valid(hour, minute, second);
}

bool date_parse(const char *text, size_t length, uow_date *out)
{
	struct reader r = reader_of(text, length);
	uow_timestamp t;

	if (!read_day(&r, &t) || r.left)
		return false;
	out->year = t.year;
	out->month = t.month;
	out->day = t.day;
	return true;
}

bool time_parse(const char *text, size_t length, uow_time *out)
{
	struct reader r = reader_of(text, length);
	uow_timestamp t;

	if (!read_clock(&r, &t) || r.left || t.nanosecond)
		return false;
	out->hour = t.hour;
	out->minute = t.minute;
	out->second = t.second;
	return true;
}

bool timestamp_parse(const char *text, size_t length, uow_timestamp *out)
{
	struct reader r = reader_of(text, length);
	uow_timestamp t;

	if (!read_day(&r, &t))
		return false;
	if (!read_char(&r, ' ') && !read_char(&r, 'T'))
		return false;
	if (!read_clock(&r, &t))
		return false;
	read_char(&r, 'Z');
	if (r.left)
		return false;
	*out = t;
	return true;
}

static bool hyphen_before(unsigned byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_format(char *buffer, const uow_uuid *id)
{
	static const char hex[] = "0123456789abcdef";
	unsigned i;

	for (i = 0; i < 16; i++) {
		if (hyphen_before(i))
			*buffer++ = '-';
		*buffer++ = hex[id->bytes[i] >> 4];
		*buffer++ = hex[id->bytes[i] & 15];
	}
	*buffer = '\0';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool uuid_parse(const char *text, size_t length, uow_uuid *out)
{
	struct reader r = reader_of(text, length);
	uow_uuid id;
	unsigned i;
	int high, low;

	if (r.left != 36)
		return false;
	for (i = 0; i < 16; i++) {
		if (hyphen_before(i) && !read_char(&r, '-'))
			return false;
		if (r.left < 2)
			return false;
		high = hex_digit(r.p[0]);
		low = hex_digit(r.p[1]);
		if (high < 0 || low < 0)
			return false;
		id.bytes[i] = (uint8_t)(high << 4 | low);
		r.p += 2;
		r.left -= 2;
	}
	*out = id;
	return true;
}
