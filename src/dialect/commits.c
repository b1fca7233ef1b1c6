/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/commits.h"

#include <string.h>

#include "base/text.h"

/* The globs are about the first words only. */
enum { HEAD = 80, GLOB = 64 };

static bool is_blank(char c)
{
	return c != '\0' && strchr(" \t\r\n\f\v(", c);
}

/* Behind blanks and comments. What is in comments like these is executed. */
static const char *skip(const char *s)
{
	const char *end;

	for (;;) {
		s += strspn(s, " \t\r\n\f\v(");
		if (!strncmp(s, "/*!", 3) || !strncmp(s, "/*M!", 4)) {
			s = strchr(s, '!') + 1;
			s += strspn(s, "0123456789");
		} else if (!strncmp(s, "/*", 2)) {
			end = strstr(s + 2, "*/");
			if (!end)
				return s + strlen(s);
			s = end + 2;
		} else if (!strncmp(s, "--", 2) || *s == '#') {
			s += strcspn(s, "\n");
		} else {
			return s;
		}
	}
}

/* The first words with one blank between them. */
static void head_of(const char *sql, char *head)
{
	size_t n = 0;

	sql = skip(sql);
	while (*sql && n + 2 < HEAD) {
		if (is_blank(*sql) || !strncmp(sql, "/*", 2)) {
			sql = skip(sql);
			head[n++] = ' ';
		} else {
			head[n++] = *sql++;
		}
	}
	while (n && (head[n - 1] == ' ' || head[n - 1] == ';'))
		n--;
	head[n] = '\0';
}

static bool listed(const char *globs, const char *head)
{
	char glob[GLOB];
	size_t n;

	while (globs && *globs) {
		globs += strspn(globs, " |");
		n = strcspn(globs, "|");
		while (n && globs[n - 1] == ' ')
			n--;
		if (n && n < sizeof(glob)) {
			memcpy(glob, globs, n);
			glob[n] = '\0';
			if (text_glob(glob, head))
				return true;
		}
		globs += strcspn(globs, "|");
	}
	return false;
}

bool statement_commits(const struct profile *p, const char *sql)
{
	char head[HEAD];

	head_of(sql, head);
	return listed(p->commits, head) && !listed(p->commits_not, head);
}
