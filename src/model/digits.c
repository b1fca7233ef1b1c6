/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/digits.h"

#include <string.h>

/*
 * 0.DIGITS * 10^point, the first and the last digit not zero; zero has none.
 */
struct number {
	bool minus;
	char digits[DIGITS_MAX];
	unsigned count;
	long point;
};

enum { EXPONENT_MAX = 100000 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Zeros count when a digit comes after them; more than fit is no number. */
static bool add_digit(struct number *n, char c, unsigned *zeros)
{
	if (c == '0') {
		*zeros += n->count != 0;
		return true;
	}
	if (*zeros >= DIGITS_MAX - n->count || n->count == DIGITS_MAX)
		return false;
	memset(n->digits + n->count, '0', *zeros);
	n->count += *zeros;
	*zeros = 0;
	n->digits[n->count++] = c;
	return true;
}

static bool read_digits(struct number *n, const char **p, const char *end)
{
	bool behind = false, seen = false;
	unsigned zeros = 0;

	for (; *p < end; (*p)++) {
		if (**p == '.' && !behind) {
			behind = true;
			continue;
		}
		if (!is_digit(**p))
			break;
		seen = true;
		if (!add_digit(n, **p, &zeros))
			return false;
		if (n->count && !behind)
			n->point++;
		else if (!n->count && behind)
			n->point--;
	}
	return seen;
}

static bool read_exponent(struct number *n, const char **p, const char *end)
{
	long value = 0;
	bool minus;

	if (*p == end)
		return true;
	if (**p != 'e' && **p != 'E')
		return false;
	(*p)++;
	minus = *p < end && **p == '-';
	if (*p < end && (**p == '-' || **p == '+'))
		(*p)++;
	if (*p == end)
		return false;
	for (; *p < end && is_digit(**p); (*p)++)
		if (value < EXPONENT_MAX)
			value = value * 10 + (**p - '0');
	n->point += minus ? -value : value;
	return *p == end;
}

static bool read_number(struct number *n, const char *text, size_t length)
{
	const char *p = text, *end = text + length;

	memset(n, 0, sizeof(*n));
	while (p < end && is_blank(*p))
		p++;
	while (p < end && is_blank(end[-1]))
		end--;
	n->minus = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (!read_digits(n, &p, end) || !read_exponent(n, &p, end))
		return false;
	if (!n->count) {
		n->minus = false;
		n->point = 0;
	}
	return true;
}

/* The digit that stands for 10^place. */
static char digit_at(const struct number *n, long place)
{
	long i = n->point - 1 - place;

	return i >= 0 && i < (long)n->count ? n->digits[i] : '0';
}

bool digits_format(char *buffer, const char *text, size_t length,
		   unsigned precision, unsigned scale)
{
	struct number n;
	long place;

	if (!read_number(&n, text, length) || precision > DIGITS_MAX ||
	    n.point > (long)precision - (long)scale ||
	    (long)n.count - n.point > (long)scale)
		return false;
	if (n.minus)
		*buffer++ = '-';
	for (place = n.point > 1 ? n.point - 1 : 0; place >= 0; place--)
		*buffer++ = digit_at(&n, place);
	if (scale)
		*buffer++ = '.';
	for (; place >= -(long)scale; place--)
		*buffer++ = digit_at(&n, place);
	*buffer = '\0';
	return true;
}

unsigned digits_count(const char *text, size_t length)
{
	struct number n;

	return read_number(&n, text, length) ? n.count : 0;
}

/* Of two that are not negative. */
static int order(const struct number *a, const struct number *b)
{
	unsigned shorter = a->count < b->count ? a->count : b->count;
	int rc;

	if (!a->count || !b->count)
		return (a->count != 0) - (b->count != 0);
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	rc = memcmp(a->digits, b->digits, shorter);
	if (!rc)
		return (a->count > b->count) - (a->count < b->count);
	return rc < 0 ? -1 : 1;
}

bool digits_order(const char *a, size_t a_length, const char *b,
		  size_t b_length, int *out)
{
	struct number x, y;

	if (!read_number(&x, a, a_length) || !read_number(&y, b, b_length))
		return false;
	if (x.minus != y.minus)
		*out = x.minus ? -1 : 1;
	else
		*out = x.minus ? order(&y, &x) : order(&x, &y);
	return true;
}
