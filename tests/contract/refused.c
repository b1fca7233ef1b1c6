/* SPDX-License-Identifier: BSD-2-Clause */
#include "refused.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[65536];
static enum { UNREAD, READ, MISSING } state;

static FILE *open_below(const char *folder)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/tests/contract/README.md", folder);
	return fopen(path, "r");
}

/* "make check" says where the sources are; by hand it is a guess. */
static FILE *open_readme(void)
{
	const char *srcdir = getenv("srcdir");
	FILE *file = open_below(srcdir ? srcdir : "..");

	return file ? file : open_below(".");
}

static void read_list(void)
{
	FILE *file = open_readme();
	const char *begin;
	size_t n = 0;

	state = MISSING;
	if (!file)
		return;
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	begin = strstr(text, "\n## What is refused\n");
	if (!begin)
		return;
	memmove(text, begin, strlen(begin) + 1);
	state = READ;
}

bool refused_known(void)
{
	if (state == UNREAD)
		read_list();
	return state == READ;
}

bool refused_listed(const char *backend, const char *topic, const char *name)
{
	char line[300];

	snprintf(line, sizeof(line), "\n    %s %s/%s\n", backend, topic, name);
	return refused_known() && strstr(text, line);
}
