/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <string.h>

#include "base/csv.h"
#include "base/strbuf.h"

/* What was read, written again with quotes around everything, is the same. */
static bool read_all(const char *text, size_t length, bool quoted,
		     struct strbuf *out, struct arena *a)
{
	struct csv_field f;
	struct csv c;
	size_t i;
	int rc;

	csv_init(&c, text, length);
	while (csv_more(&c)) {
		do {
			rc = csv_next(&c, &f, a);
			if (rc < 0) {
				MUST(c.problem && *c.problem && c.line > 0);
				return false;
			}
			MUST(f.text && f.text[f.length] == '\0');
			MUST(!quoted || f.quoted);
			strbuf_putc(out, '"');
			for (i = 0; i < f.length; i++) {
				if (f.text[i] == '"')
					strbuf_putc(out, '"');
				strbuf_putc(out, f.text[i]);
			}
			strbuf_putc(out, '"');
			strbuf_putc(out, rc ? ',' : '\n');
		} while (rc);
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf first, second;
	struct arena a;

	strbuf_init(&first, 1 << 20);
	strbuf_init(&second, 1 << 20);
	arena_init(&a);
	if (read_all((const char *)data, size, false, &first, &a) &&
	    first.data) {
		MUST(read_all(first.data, first.len, true, &second, &a));
		MUST(second.data && !strcmp(first.data, second.data));
	}
	arena_release(&a);
	strbuf_release(&first);
	strbuf_release(&second);
	return 0;
}
