/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/writer.h"

#include <string.h>

#include "probe/override.h"

/* A line of lines, without what ends it; the next one begins at *at. */
static size_t line_length(const char *line)
{
	return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
	size_t n = line_length(line);

	return line + n + (line[n] != '\0');
}

/* The override in this line alone. */
static bool parse(const char *line, struct override *out)
{
	char copy[700];
	const char *p = copy;
	size_t n = line_length(line);

	if (!n || *line == '#' || n >= sizeof(copy))
		return false;
	memcpy(copy, line, n);
	copy[n] = '\0';
	return override_next(&p, out);
}

static bool same_key(const struct override *a, const struct override *b)
{
	return !strcmp(a->section, b->section) && !strcmp(a->key, b->key);
}

static bool set_again(const char *line, const struct override *o)
{
	struct override later;

	if (!strcmp(o->section, "errors"))
		return false;
	for (line = next_line(line); *line; line = next_line(line))
		if (parse(line, &later) && same_key(&later, o))
			return true;
	return false;
}

static bool section_before(const char *lines, const char *line,
			   const char *section)
{
	struct override o;

	for (; lines < line; lines = next_line(lines))
		if (parse(lines, &o) && !strcmp(o.section, section))
			return true;
	return false;
}

static void put_section(struct strbuf *sb, const char *lines,
			const char *section)
{
	const char *line, *comment = NULL;
	struct override o;

	strbuf_printf(sb, "\n[%s]\n", section);
	for (line = lines; *line; line = next_line(line)) {
		if (*line == '#')
			comment = line;
		if (!parse(line, &o) || strcmp(o.section, section) ||
		    set_again(line, &o))
			continue;
		if (comment)
			strbuf_printf(sb, "%.*s\n", (int)line_length(comment),
				      comment);
		comment = NULL;
		strbuf_printf(sb, "%s = %s\n", o.key, o.value);
	}
}

static const char *value(const struct seen *s, const char *name)
{
	const char *v = seen_get(s, name);

	return v && *v ? v : "?";
}

/* What a glob would take for something else stands for any character. */
static void put_glob(struct strbuf *sb, const char *text)
{
	for (; *text; text++)
		strbuf_putc(sb, strchr("|*?;", *text) ? '?' : *text);
}

void writer_profile(struct strbuf *sb, const char *inherits, bool proved,
		    const struct seen *claims, const char *lines)
{
	const char *line;
	struct override o;

	strbuf_printf(sb, "# %s %s\n# through %s %s (ODBC %s).\n# Written by "
		      "\"uow doctor --write-profile\": what follows was tried "
		      "and has worked.\n", value(claims, "dbms"),
		      value(claims, "dbms.version"), value(claims, "driver"),
		      value(claims, "driver.version"),
		      value(claims, "driver.odbc"));
	strbuf_puts(sb, proved ?
		    "# All that it claims was proved by experiment.\n" :
		    "# Not all that it claims could be proved.\n");
	/* "proved" means the library's own tests, and says more. */
	strbuf_puts(sb, "# The tests of the library were not run with it. Of "
		    "options of the connection\n# only those of common "
		    "drivers were tried. Are errors told apart?\n");
	strbuf_printf(sb, "\n[profile]\ninherits = %s\nproved = no\n",
		      inherits);
	strbuf_puts(sb, "\n[match]\ndriver = *");
	put_glob(sb, value(claims, "driver"));
	strbuf_puts(sb, "*\ndbms = ");
	put_glob(sb, value(claims, "dbms"));
	strbuf_putc(sb, '\n');
	for (line = lines; *line; line = next_line(line))
		if (parse(line, &o) &&
		    !section_before(lines, line, o.section))
			put_section(sb, lines, o.section);
}
