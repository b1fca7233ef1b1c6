/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/text.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dialect/render.h"

enum { SQL_BYTES = 256 * 1024 };

void scratch_name(char *buffer, size_t size, const char *prefix,
		  const char *letter)
{
	snprintf(buffer, size, "%s_%s", prefix, letter);
}

/* "{x}" with one small letter is a table; all else in braces is the SQL's. */
static bool is_table(const char *at)
{
	return at[0] == '{' && at[1] >= 'a' && at[1] <= 'z' && at[2] == '}';
}

char *scratch_sql(const struct profile *p, const char *prefix,
		  const char *sql)
{
	char name[128], letter[2] = "";
	struct strbuf sb;

	strbuf_init(&sb, SQL_BYTES);
	for (; *sql; sql++) {
		if (!is_table(sql)) {
			strbuf_putc(&sb, *sql);
			continue;
		}
		letter[0] = sql[1];
		scratch_name(name, sizeof(name), prefix, letter);
		render_name(p, &sb, name);
		sql += 2;
	}
	return strbuf_steal(&sb);
}
