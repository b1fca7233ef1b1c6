/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/days.h"

#include <string.h>

#include "model/text.h"

enum { DAY_LENGTH = 10 };	/* 1582-10-05 */

/* Grows with time, for comparisons only. */
static long number_of(int16_t year, uint16_t month, uint16_t day)
{
	return (year * 100L + month) * 100L + day;
}

static bool read_day(const char *text, size_t length, long *out)
{
	uow_date d;

	if (length != DAY_LENGTH || !date_parse(text, length, &d))
		return false;
	*out = number_of(d.year, d.month, d.day);
	return true;
}

/* The span that the list begins with; *rest: behind it. */
static bool read_span(const char *list, long *from, long *to,
		      const char **rest)
{
	size_t length = strcspn(list, " ");
	const char *slash = memchr(list, '/', length);
	size_t first = slash ? (size_t)(slash - list) : length;

	*rest = list + length + strspn(list + length, " ");
	if (!read_day(list, first, from))
		return false;
	*to = *from;
	return !slash || (read_day(slash + 1, length - first - 1, to) &&
			  *from <= *to);
}

bool days_valid(const char *list)
{
	long from, to;

	while (*list)
		if (!read_span(list, &from, &to, &list))
			return false;
	return true;
}

bool days_have(const char *list, int16_t year, uint16_t month, uint16_t day)
{
	long wanted = number_of(year, month, day), from, to;

	while (list && *list)
		if (read_span(list, &from, &to, &list) && from <= wanted &&
		    wanted <= to)
			return true;
	return false;
}
