/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/span.h"

#include <string.h>

size_t spans_add(struct span *spans, size_t count, size_t offset, size_t size)
{
	size_t i = count;

	for (; i && spans[i - 1].offset > offset; i--)
		spans[i] = spans[i - 1];
	spans[i].offset = offset;
	spans[i].size = size;
	return count + 1;
}

size_t spans_merge(struct span *spans, size_t count)
{
	struct span *last = spans;
	size_t i, end;

	if (!count)
		return 0;
	for (i = 1; i < count; i++) {
		end = spans[i].offset + spans[i].size;
		if (spans[i].offset > last->offset + last->size)
			*++last = spans[i];
		else if (end > last->offset + last->size)
			last->size = end - last->offset;
	}
	return (size_t)(last - spans) + 1;
}

void spans_copy(const struct span *spans, size_t count, void *to,
		const void *from)
{
	size_t i;

	for (i = 0; i < count; i++)
		memcpy((char *)to + spans[i].offset,
		       (const char *)from + spans[i].offset, spans[i].size);
}
