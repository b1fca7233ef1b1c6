/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/secrets.h"

#include <string.h>

#include "base/text.h"

/* From begin to end there is a value; false: the pattern does not occur. */
static bool find_value(const char *pattern, const char *message,
		       size_t *begin, size_t *end)
{
	size_t length = strlen(message), before = strcspn(pattern, "*"), after;
	size_t i;

	if (!pattern[before])
		return false;
	after = strlen(pattern + before + 1);
	for (i = 0; strncmp(message + i, pattern, before); i++)
		if (i + before >= length)
			return false;
	*begin = i + before;
	*end = length;
	/* The last one: a value may have the text that follows it in it. */
	for (i = length; after && i >= *begin + after; i--) {
		if (memcmp(message + i - after, pattern + before + 1, after))
			continue;
		*end = i - after;
		break;
	}
	return true;
}

/* Only whole rules: what fits by state and number, and then by its text. */
static bool is_about(const struct error_rule *r, const char *state, int native)
{
	return r->text && text_glob(r->state, state) &&
	       (r->any_native || r->native == native);
}

void secrets_hide(const struct error_rule *rules, const char *state,
		  int native, const char *message, struct strbuf *out)
{
	const struct error_rule *r;
	size_t begin, end;

	for (r = rules; r; r = r->next) {
		if (!is_about(r, state, native) ||
		    !find_value(r->text, message, &begin, &end))
			continue;
		strbuf_add(out, message, begin);
		strbuf_puts(out, "***");
		strbuf_puts(out, message + end);
		return;
	}
	strbuf_puts(out, message);
}
