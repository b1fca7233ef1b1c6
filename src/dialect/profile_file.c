/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/profile_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

/* State of one run of the parser. */
struct reading {
	FILE *stream;
	struct profile_file *file;
	struct profile_entry **end, *last;
	unsigned line;
	bool continued;		/* the line begins with a blank */
	bool too_long;
	const struct profile_entry *twice;
	bool no_memory;
};

int profile_complain(const struct profile_file *f,
		     const struct profile_entry *e, uow_error *err,
		     const char *fmt, ...)
{
	char what[UOW_ERROR_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return error_set(err, UOW_ECONFIG, "%s:%u: [%s] %s: %s", f->path,
			 e->line, e->section, e->key, what);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * inih asks for lines and does not say their numbers, so they are counted
 * here. It would take the rest of a line that is longer than its buffer for
 * a line of its own: reading ends there, and the caller complains.
 */
static char *read_line(char *buffer, int size, void *arg)
{
	struct reading *r = arg;
	size_t length;
	int c;

	if (r->too_long || !fgets(buffer, size, r->stream))
		return NULL;
	r->line++;
	r->continued = is_blank(buffer[0]);
	length = strlen(buffer);
	if (length + 1 < (size_t)size || buffer[length - 1] == '\n')
		return buffer;
	c = getc(r->stream);
	if (c == EOF)
		return buffer;
	r->too_long = true;
	return NULL;
}

static void entry_free(struct profile_entry *e)
{
	if (!e)
		return;
	mem_free(e->section);
	mem_free(e->key);
	mem_free(e->value);
	mem_free(e);
}

static struct profile_entry *entry_new(const char *section, const char *key,
				       const char *value, unsigned line)
{
	struct profile_entry *e = mem_alloc(sizeof(*e));

	if (!e)
		return NULL;
	e->section = mem_dup(section);
	e->key = mem_dup(key);
	e->value = mem_dup(value);
	e->line = line;
	if (e->section && e->key && e->value)
		return e;
	entry_free(e);
	return NULL;
}

/* Some versions of inih leave the comment of a continuation line in it. */
static size_t without_comment(const char *value)
{
	size_t i, end = 0;

	for (i = 0; value[i]; i++) {
		if (value[i] == ';' && (i == 0 || is_blank(value[i - 1])))
			return end;
		if (!is_blank(value[i]))
			end = i + 1;
	}
	return end;
}

/* A continuation line: one blank and the rest. */
static int entry_continue(struct profile_entry *e, const char *value)
{
	size_t old = strlen(e->value), more = without_comment(value);
	char *joined = mem_alloc(old + more + 2);

	if (!joined)
		return UOW_ENOMEM;
	memcpy(joined, e->value, old);
	joined[old] = ' ';
	memcpy(joined + old + 1, value, more);
	mem_free(e->value);
	e->value = joined;
	return 0;
}

static bool is_twice(const struct reading *r, const struct profile_entry *e)
{
	const struct profile_entry *o;

	if (profile_key_is_list(e->section, e->key))
		return false;
	for (o = r->file->entries; o && o != e; o = o->next)
		if (!strcmp(o->section, e->section) && !strcmp(o->key, e->key))
			return true;
	return false;
}

static int take(void *arg, const char *section, const char *key,
		const char *value)
{
	struct reading *r = arg;
	struct profile_entry *e = r->last;

	if (r->continued && e && !profile_key_is_list(section, key) &&
	    !strcmp(e->section, section) && !strcmp(e->key, key)) {
		if (entry_continue(e, value))
			r->no_memory = true;
		return 1;
	}
	e = entry_new(section, key, value, r->line);
	if (!e) {
		r->no_memory = true;
		return 1;
	}
	*r->end = r->last = e;
	r->end = &e->next;
	if (!r->twice && is_twice(r, e))
		r->twice = e;
	return 1;
}

static int verdict(const struct reading *r, int syntax_line, uow_error *err)
{
	const char *path = r->file->path;

	if (r->no_memory || syntax_line < 0)
		return error_nomem(err);
	if (ferror(r->stream))
		return error_set(err, UOW_EIO, "%s: cannot be read", path);
	if (syntax_line > 0)
		return error_set(err, UOW_ECONFIG, "%s:%d: this is neither "
				 "[section], key = value nor a comment", path,
				 syntax_line);
	if (r->too_long)
		return error_set(err, UOW_ECONFIG, "%s:%u: line too long: go "
				 "on in the next one, behind a blank", path,
				 r->line);
	if (r->twice)
		return profile_complain(r->file, r->twice, err, "set before");
	return 0;
}

int profile_file_read(struct profile_file *f, const char *path,
		      uow_error *err)
{
	struct reading r;
	int rc;

	memset(&r, 0, sizeof(r));
	f->entries = NULL;
	f->path = mem_dup(path);
	if (!f->path)
		return error_nomem(err);
	r.file = f;
	r.end = &f->entries;
	r.stream = fopen(path, "r");
	if (!r.stream) {
		rc = error_set(err, UOW_EIO, "%s: %s", path, strerror(errno));
	} else {
		rc = verdict(&r, ini_parse_stream(read_line, &r, take, &r),
			     err);
		fclose(r.stream);
	}
	if (rc)
		profile_file_release(f);
	return rc;
}

void profile_file_release(struct profile_file *f)
{
	struct profile_entry *e, *next;

	for (e = f->entries; e; e = next) {
		next = e->next;
		entry_free(e);
	}
	mem_free(f->path);
	f->entries = NULL;
	f->path = NULL;
}
