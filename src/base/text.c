/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static void trim(const char **text, size_t *length)
{
	while (*length && is_blank(**text)) {
		(*text)++;
		(*length)--;
	}
	while (*length && is_blank((*text)[*length - 1]))
		(*length)--;
}

/*
 * Length of the UTF-8 sequence at p, 0 if it is none. The first continuation
 * byte has a narrower range where overlong forms, surrogates and numbers past
 * U+10FFFF would begin (Unicode, table 3-7).
 */
static size_t sequence(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len, i;

	if (*p < 0x80)
		return *p != 0;
	if (*p < 0xc2 || *p > 0xf4)
		return 0;
	len = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	if (len > left)
		return 0;
	if (*p == 0xe0)
		low = 0xa0;
	else if (*p == 0xed)
		high = 0x9f;
	else if (*p == 0xf0)
		low = 0x90;
	else if (*p == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Bytes 1 to 127 only: eight at a time, as far as they go. */
static size_t ascii_prefix(const unsigned char *p, size_t length)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	size_t n = 0;
	uint64_t word;

	for (; length - n >= sizeof(word); n += sizeof(word)) {
		memcpy(&word, p + n, sizeof(word));
		/* A byte of 0 borrows, one above 127 has its bit already. */
		if (((word - ones) | word) & ones << 7)
			break;
	}
	return n;
}

bool text_utf8(const char *text, size_t length, size_t *chars)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t count = ascii_prefix(p, length), len;

	p += count;
	length -= count;
	for (; length; length -= len, p += len, count++) {
		len = sequence(p, length);
		if (!len)
			return false;
	}
	if (chars)
		*chars = count;
	return true;
}

/* What printf() put between the digits: the radix, of one or more bytes. */
static void point_for_radix(char *text)
{
	char *to = text;
	bool radix = false;

	for (; *text; text++) {
		if (is_digit(*text) || strchr("+-e", *text)) {
			*to++ = *text;
			radix = false;
		} else if (!radix) {
			*to++ = '.';
			radix = true;
		}
	}
	*to = '\0';
}

void text_from_double(char *buffer, double value)
{
	/* 17 digits, sign, exponent, and a radix of MB_LEN_MAX bytes. */
	char digits[2 * TEXT_DOUBLE];

	if (isnan(value)) {
		strcpy(buffer, "NaN");
		return;
	}
	if (isinf(value)) {
		strcpy(buffer, value < 0 ? "-Infinity" : "Infinity");
		return;
	}
	snprintf(digits, sizeof(digits), "%.15g", value);
	if (strtod(digits, NULL) != value)
		snprintf(digits, sizeof(digits), "%.17g", value);
	point_for_radix(digits);
	memcpy(buffer, digits, strlen(digits) + 1);
}

static size_t count_digits(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && is_digit(text[n]))
		n++;
	return n;
}

/* [sign] digits [. digits] [e [sign] digits], all of it; where is the point? */
static bool is_number(const char *text, size_t length, size_t *point)
{
	size_t i, whole, fraction = 0, exponent;

	i = length && (*text == '+' || *text == '-');
	whole = count_digits(text + i, length - i);
	i += whole;
	*point = length;
	if (i < length && text[i] == '.') {
		*point = i++;
		fraction = count_digits(text + i, length - i);
		i += fraction;
	}
	if (!whole && !fraction)
		return false;
	if (i < length && lower(text[i]) == 'e') {
		i++;
		i += i < length && (text[i] == '+' || text[i] == '-');
		exponent = count_digits(text + i, length - i);
		if (!exponent)
			return false;
		i += exponent;
	}
	return i == length;
}

static bool same_n(const char *text, size_t length, const char *word)
{
	size_t i;

	for (i = 0; i < length && word[i]; i++)
		if (lower(text[i]) != lower(word[i]))
			return false;
	return i == length && !word[i];
}

static bool special(const char *text, size_t length, double *out)
{
	bool minus = length && *text == '-';
	size_t sign = length && (minus || *text == '+');

	text += sign;
	length -= sign;
	if (same_n(text, length, "nan"))
		*out = (double)NAN;
	else if (same_n(text, length, "inf") ||
		 same_n(text, length, "infinity"))
		*out = minus ? -(double)INFINITY : (double)INFINITY;
	else
		return false;
	return true;
}

/* No double needs more digits than these to be told from its neighbours. */
enum { NUMBER_MAX = 1200, RADIX_MAX = 32 };

/*
 * strtod() wants the radix of the locale that the program chose. Asked of
 * printf(), since localeconv() is not thread-safe; only after '.' failed,
 * since it nearly always is '.'.
 */
static double parse_with_radix(char *number, size_t point, char **end)
{
	char sample[RADIX_MAX];
	size_t len;

	*end = number;
	snprintf(sample, sizeof(sample), "%.1f", 0.5);
	len = strlen(sample);
	if (len < 3)
		return 0;
	len -= 2;
	memmove(number + point + len, number + point + 1,
		strlen(number + point + 1) + 1);
	memcpy(number + point, sample + 1, len);
	return strtod(number, end);
}

bool text_to_double(const char *text, size_t length, double *out)
{
	char number[NUMBER_MAX + RADIX_MAX], *end;
	size_t point;
	double value;

	trim(&text, &length);
	if (special(text, length, out))
		return true;
	if (length >= NUMBER_MAX || !is_number(text, length, &point))
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	value = strtod(number, &end);
	if (*end && point < length)
		value = parse_with_radix(number, point, &end);
	if (*end || isinf(value))
		return false;
	*out = value;
	return true;
}

static bool digits_to_int64(const char *text, size_t length, bool minus,
			    int64_t *out)
{
	uint64_t value = 0, limit = (uint64_t)INT64_MAX + minus;
	unsigned digit;

	for (; length; length--, text++) {
		digit = (unsigned)(*text - '0');
		if (value > (limit - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (!minus)
		*out = (int64_t)value;
	else if (value > (uint64_t)INT64_MAX)
		*out = INT64_MIN;
	else
		*out = -(int64_t)value;
	return true;
}

/* What databases mostly send: a sign at most, and no more digits than fit. */
static bool plain_to_int64(const char *text, size_t length, int64_t *out)
{
	const bool minus = length && *text == '-';
	const char *end = text + length;
	int64_t n = 0;

	text += minus;
	if (text == end || end - text > 18)
		return false;
	for (; text < end; text++) {
		if (!is_digit(*text))
			return false;
		n = n * 10 + (*text - '0');
	}
	*out = minus ? -n : n;
	return true;
}

bool text_to_int64(const char *text, size_t length, int64_t *out)
{
	bool minus;
	size_t sign, whole, i;

	if (plain_to_int64(text, length, out))
		return true;
	trim(&text, &length);
	minus = length && *text == '-';
	sign = length && (minus || *text == '+');
	text += sign;
	length -= sign;
	whole = count_digits(text, length);
	if (!whole)
		return false;
	i = whole;
	if (i < length && text[i] == '.')
		for (i++; i < length && text[i] == '0'; i++)
			;
	return i == length && digits_to_int64(text, whole, minus, out);
}

static const char *next_char(const char *text)
{
	text++;
	while (((unsigned char)*text & 0xc0) == 0x80)
		text++;
	return text;
}

bool text_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern == '?') {
			pattern++;
			text = next_char(text);
		} else if (*pattern && lower(*pattern) == lower(*text)) {
			pattern++;
			text++;
		} else if (star) {
			/* Only the last star need ever take more. */
			pattern = star;
			text = from = next_char(from);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool text_same(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}
