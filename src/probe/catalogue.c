/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/catalogue.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "dialect/profile.h"

enum { PATH_BYTES = 64 * 1024 };

struct listing {
	const char *dirs;
	int (*fn)(const struct catalogue_entry *e, void *arg);
	void *arg;
	uow_error *err;
};

static int list_one(const char *name, void *arg)
{
	struct listing *l = arg;
	struct catalogue_entry e = { NULL, NULL, false, NULL };
	struct profile *p = NULL;
	uow_error err = UOW_ERROR_INIT;
	char *path;
	int rc;

	if (profile_find(&path, l->dirs, name))
		return error_nomem(l->err);
	e.name = name;
	e.path = path ? path : "";
	if (profile_load(&p, name, l->dirs, &err))
		e.error = err.message;
	else
		e.proved = p->proved;
	rc = l->fn(&e, l->arg);
	profile_free(p);
	mem_free(path);
	return rc ? UOW_ECANCELED : 0;
}

int catalogue_list(const char *dirs,
		   int (*fn)(const struct catalogue_entry *e, void *arg),
		   void *arg, uow_error *err)
{
	struct listing l = { dirs, fn, arg, err };
	int rc = profile_each(dirs, list_one, &l, err);

	return rc == UOW_ECANCELED ? 0 : rc;
}

/* "DIR:DIRS", and the file's name without ".ini". */
static int split(const char *file, const char *dirs, char **all, char **name,
		 uow_error *err)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t length = strlen(base);
	struct strbuf sb;

	if (length <= 4 || strcmp(base + length - 4, ".ini"))
		return error_set(err, UOW_ECONFIG, "%s: the name of a profile "
				 "ends in .ini", file);
	strbuf_init(&sb, PATH_BYTES);
	if (slash)
		strbuf_add(&sb, file, slash == file ? 1 :
			   (size_t)(slash - file));
	else
		strbuf_putc(&sb, '.');
	strbuf_printf(&sb, ":%s", dirs);
	*all = strbuf_steal(&sb);
	*name = mem_dup_n(base, length - 4);
	return *all && *name ? 0 : error_nomem(err);
}

int catalogue_check(const char *file, const char *dirs, uow_error *err)
{
	char *all = NULL, *name = NULL;
	struct profile *p = NULL;
	int rc = split(file, dirs, &all, &name, err);

	if (!rc)
		rc = profile_load(&p, name, all, err);
	profile_free(p);
	mem_free(all);
	mem_free(name);
	return rc;
}
