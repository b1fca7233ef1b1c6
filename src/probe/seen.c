/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/seen.h"

#include <string.h>
#include <uow/error.h>

#include "base/mem.h"
#include "base/text.h"

static struct seen_item *find(const struct seen *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

int seen_put(struct seen *s, const char *name, const char *value)
{
	struct seen_item *item = find(s, name);
	char *copy = mem_dup(value), *key;

	if (!copy)
		return UOW_ENOMEM;
	if (item) {
		mem_free(item->value);
		item->value = copy;
		return 0;
	}
	key = mem_dup(name);
	if (!key || mem_grow(&s->items, &s->capacity, s->count + 1,
			     sizeof(*s->items))) {
		mem_free(key);
		mem_free(copy);
		return UOW_ENOMEM;
	}
	s->items[s->count].name = key;
	s->items[s->count++].value = copy;
	return 0;
}

void seen_release(struct seen *s)
{
	while (s->count > 0) {
		s->count--;
		mem_free(s->items[s->count].name);
		mem_free(s->items[s->count].value);
	}
	mem_free(s->items);
	memset(s, 0, sizeof(*s));
}

int seen_line(struct seen *s, const char *line)
{
	size_t n = strcspn(line, " ");
	char *name;
	int rc;

	if (!n)
		return 0;
	name = mem_dup_n(line, n);
	if (!name)
		return UOW_ENOMEM;
	rc = seen_put(s, name, line[n] ? line + n + 1 : "");
	mem_free(name);
	return rc;
}

const char *seen_get(const struct seen *s, const char *name)
{
	const struct seen_item *item = find(s, name);

	return item ? item->value : NULL;
}

bool seen_is(const struct seen *s, const char *name, const char *value)
{
	const char *there = seen_get(s, name);

	return there && !strcmp(there, value);
}

bool seen_yes(const struct seen *s, const char *name)
{
	return seen_is(s, name, "yes");
}

long seen_number(const struct seen *s, const char *name, long otherwise)
{
	const char *there = seen_get(s, name);
	int64_t number;

	if (!there || !text_to_int64(there, strlen(there), &number))
		return otherwise;
	return (long)number;
}
