/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/override.h"

#include <string.h>

#include "base/errors.h"
#include "dialect/profile_file.h"

static bool copy(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

static bool split(struct override *out, const char *line, size_t length)
{
	const char *equals = memchr(line, '=', length), *dot;

	if (!equals)
		return false;
	if (length > 8 && !memcmp(line, "connect.", 8)) {
		dot = line + 7;
	} else {
		for (dot = equals; dot > line && *dot != '.'; dot--)
			;
	}
	if (dot == line)
		return false;
	return copy(out->section, sizeof(out->section), line,
		    (size_t)(dot - line)) &&
	       copy(out->key, sizeof(out->key), dot + 1,
		    (size_t)(equals - dot - 1)) &&
	       copy(out->value, sizeof(out->value), equals + 1,
		    length - (size_t)(equals - line) - 1);
}

bool override_next(const char **lines, struct override *out)
{
	const char *line;
	size_t length;

	while (**lines) {
		line = *lines;
		length = strcspn(line, "\n");
		*lines += length + (line[length] != '\0');
		if (*line != '#' && split(out, line, length))
			return true;
	}
	return false;
}

int override_apply(struct profile *p, const char *lines, uow_error *err)
{
	static char path[] = "(tried)";
	struct profile_file file = { path, NULL };
	struct profile_entry e = { NULL, NULL, NULL, 0, NULL };
	struct override o;
	int rc = 0;

	while (!rc && override_next(&lines, &o)) {
		e.section = o.section;
		e.key = o.key;
		e.value = o.value;
		rc = profile_put(p, &file, &e, 0, err);
	}
	return rc;
}
