/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"

struct name_list {
	char **names;
	size_t count, capacity;
};

static void names_release(struct name_list *l)
{
	while (l->count > 0)
		mem_free(l->names[--l->count]);
	mem_free(l->names);
}

/* "NAME.ini": keep NAME. Hidden files and leftovers of editors are not. */
static int names_add(struct name_list *l, const char *file)
{
	size_t length = strlen(file);
	char *name;

	if (length <= 4 || *file == '.' || strchr(file, ':') ||
	    strcmp(file + length - 4, ".ini"))
		return 0;
	if (mem_grow(&l->names, &l->capacity, l->count + 1,
		     sizeof(l->names[0])))
		return UOW_ENOMEM;
	name = mem_dup_n(file, length - 4);
	if (!name)
		return UOW_ENOMEM;
	l->names[l->count++] = name;
	return 0;
}

/* 0, UOW_EIO with errno, UOW_ENOMEM. */
static int names_read(struct name_list *l, const char *dir)
{
	const struct dirent *entry;
	DIR *stream = opendir(dir);
	int rc = 0;

	if (!stream)
		return UOW_EIO;
	while (rc == 0 && (entry = readdir(stream)) != NULL)
		rc = names_add(l, entry->d_name);
	closedir(stream);
	return rc;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_read_all(struct name_list *l, const char *dirs,
			  uow_error *err)
{
	bool any = false;
	size_t length;
	char *dir;
	int rc;

	for (;; dirs += length + 1) {
		length = strcspn(dirs, ":");
		dir = mem_dup_n(dirs, length);
		if (!dir)
			return error_nomem(err);
		rc = length ? names_read(l, dir) : UOW_EIO;
		if (rc == UOW_EIO && !any && !dirs[length])
			error_set(err, rc, "no profiles: %s: %s (folders of "
				  "them are named by UOW_DRIVERS_PATH or "
				  "profile_dir)", dir,
				  length ? strerror(errno) : "no folder");
		mem_free(dir);
		if (rc == UOW_ENOMEM)
			return error_nomem(err);
		any = any || rc == 0;
		if (!dirs[length])
			break;
	}
	if (!any)
		return UOW_EIO;
	if (l->count)
		qsort(l->names, l->count, sizeof(l->names[0]), compare_names);
	return 0;
}

/* "a*|b*": does one of them fit? Blanks around the bars do not count. */
static int globs_fit(const char *globs, const char *text, bool *fits)
{
	size_t length, end;
	char *glob;

	while (!*fits) {
		globs += strspn(globs, " \t");
		length = end = strcspn(globs, "|");
		while (end > 0 && strchr(" \t", globs[end - 1]))
			end--;
		glob = mem_dup_n(globs, end);
		if (!glob)
			return UOW_ENOMEM;
		*fits = end > 0 && text_glob(glob, text);
		mem_free(glob);
		if (!globs[length])
			return 0;
		globs += length + 1;
	}
	return 0;
}

/*
 * How well it fits. What the database calls itself counts for more than the
 * driver's name: some drivers speak to databases of several makers.
 */
enum { FIT_NOT, FIT_DRIVER, FIT_DBMS, FIT_BOTH };

static int profile_fits(const char *name, const char *dirs,
			const char *driver, const char *dbms, int *fit,
			uow_error *err)
{
	bool by_driver = false, by_dbms = false;
	struct profile *p;
	int rc = profile_load(&p, name, dirs, err);

	if (rc)
		return rc;
	if (driver && p->match_driver)
		rc = globs_fit(p->match_driver, driver, &by_driver);
	if (!rc && dbms && p->match_dbms)
		rc = globs_fit(p->match_dbms, dbms, &by_dbms);
	profile_free(p);
	*fit = (by_driver ? FIT_DRIVER : FIT_NOT) +
	       (by_dbms ? FIT_DBMS : FIT_NOT);
	return rc ? error_nomem(err) : 0;
}

static int name_return(char *out, size_t size, const char *name,
		       uow_error *err)
{
	size_t length = strlen(name);

	if (length >= size)
		return error_set(err, UOW_ECONFIG, "profile %s: name too long",
				 name);
	memcpy(out, name, length + 1);
	return 0;
}

int profile_match(const char *dirs, const char *driver, const char *dbms,
		  char *name, size_t size, uow_error *err)
{
	struct name_list l = { NULL, 0, 0 };
	int rc = names_read_all(&l, dirs, err), best = FIT_NOT, fit;
	const char *found = "ansi";
	size_t i;

	for (i = 0; !rc && best != FIT_BOTH && i < l.count; i++) {
		if (i > 0 && !strcmp(l.names[i], l.names[i - 1]))
			continue;
		rc = profile_fits(l.names[i], dirs, driver, dbms, &fit, err);
		if (!rc && fit > best) {
			best = fit;
			found = l.names[i];
		}
	}
	if (!rc)
		rc = name_return(name, size, found, err);
	names_release(&l);
	return rc;
}

int profile_each(const char *dirs, int (*fn)(const char *name, void *arg),
		 void *arg, uow_error *err)
{
	struct name_list l = { NULL, 0, 0 };
	size_t i;
	int rc = names_read_all(&l, dirs, err);

	for (i = 0; rc >= 0 && i < l.count; i++)
		if (i == 0 || strcmp(l.names[i], l.names[i - 1]))
			rc = fn(l.names[i], arg);
	names_release(&l);
	return rc < 0 ? rc : 0;
}
