/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "dialect/profile_file.h"

/* Longest line of heirs; a path; both are far beyond what is sensible. */
enum { DEPTH_MAX = 8, PATH_BYTES = 64 * 1024 };

/* The files of one profile, heir first. */
struct lineage {
	const char *dirs;
	struct profile_file files[DEPTH_MAX];
	const char *names[DEPTH_MAX];	/* borrowed from the heir's entries */
	unsigned count;
};

static bool name_valid(const char *name)
{
	return *name && *name != '.' && !strpbrk(name, "/:");
}

static int path_make(char **out, const char *dir, size_t length,
		     const char *name)
{
	struct strbuf sb;

	strbuf_init(&sb, PATH_BYTES);
	strbuf_add(&sb, dir, length);
	strbuf_putc(&sb, '/');
	strbuf_puts(&sb, name);
	strbuf_puts(&sb, ".ini");
	*out = strbuf_steal(&sb);
	return *out ? 0 : UOW_ENOMEM;
}

static bool is_there(const char *path)
{
	FILE *stream = fopen(path, "r");

	/* A file that is there but closed to us must not be passed over. */
	if (!stream)
		return errno != ENOENT && errno != ENOTDIR;
	fclose(stream);
	return true;
}

int profile_find(char **out, const char *dirs, const char *name)
{
	size_t length;
	char *path;
	int rc;

	*out = NULL;
	for (;; dirs += length + 1) {
		length = strcspn(dirs, ":");
		if (length) {
			rc = path_make(&path, dirs, length, name);
			if (rc)
				return rc;
			if (is_there(path)) {
				*out = path;
				return 0;
			}
			mem_free(path);
		}
		if (!dirs[length])
			return 0;
	}
}

static const struct profile_entry *find_inherits(const struct profile_file *f)
{
	const struct profile_entry *e;

	for (e = f->entries; e; e = e->next)
		if (!strcmp(e->section, "profile") &&
		    !strcmp(e->key, "inherits"))
			return e;
	return NULL;
}

static int no_such_file(const struct lineage *l, const char *name,
			const struct profile_entry *from, uow_error *err)
{
	if (from)
		return profile_complain(&l->files[l->count - 1], from, err,
					"there is no %s.ini in %s", name,
					l->dirs);
	return error_set(err, UOW_ECONFIG, "there is no profile \"%s\": no "
			 "%s.ini in %s", name, name, l->dirs);
}

/* May this name come next? */
static int check_name(const struct lineage *l, const char *name,
		      const struct profile_entry *from, uow_error *err)
{
	const struct profile_file *heir;
	unsigned i;

	if (!from)
		return name_valid(name) ? 0 :
			error_set(err, UOW_ECONFIG, "\"%s\" is not the name "
				  "of a profile", name);
	heir = &l->files[l->count - 1];
	if (!name_valid(name))
		return profile_complain(heir, from, err, "\"%s\" is not the "
					"name of a profile", name);
	for (i = 0; i < l->count; i++)
		if (!strcmp(l->names[i], name))
			return profile_complain(heir, from, err, "\"%s\" "
						"inherits from itself", name);
	if (l->count == DEPTH_MAX)
		return profile_complain(heir, from, err, "more than %d files "
					"that inherit from each other",
					DEPTH_MAX);
	return 0;
}

static int lineage_read(struct lineage *l, const char *name, uow_error *err)
{
	const struct profile_entry *from = NULL;
	char *path;
	int rc;

	while (name) {
		rc = check_name(l, name, from, err);
		if (rc)
			return rc;
		if (profile_find(&path, l->dirs, name))
			return error_nomem(err);
		if (!path)
			return no_such_file(l, name, from, err);
		rc = profile_file_read(&l->files[l->count], path, err);
		mem_free(path);
		if (rc)
			return rc;
		l->names[l->count] = name;
		from = find_inherits(&l->files[l->count++]);
		name = from ? from->value : NULL;
	}
	return 0;
}

static int put_all(struct profile *p, const struct lineage *l, uow_error *err)
{
	const struct profile_entry *e;
	unsigned depth = l->count;
	int rc;

	while (depth-- > 0) {
		for (e = l->files[depth].entries; e; e = e->next) {
			rc = profile_put(p, &l->files[depth], e, depth, err);
			if (rc)
				return rc;
		}
	}
	return 0;
}

int profile_load(struct profile **out, const char *name, const char *dirs,
		 uow_error *err)
{
	struct lineage l;
	struct profile *p = mem_alloc(sizeof(*p));
	int rc;

	memset(&l, 0, sizeof(l));
	l.dirs = dirs;
	if (!p)
		return error_nomem(err);
	p->name = mem_dup(name);
	rc = p->name ? lineage_read(&l, name, err) : error_nomem(err);
	if (!rc)
		rc = put_all(p, &l, err);
	while (l.count > 0)
		profile_file_release(&l.files[--l.count]);
	if (rc)
		profile_free(p);
	else
		*out = p;
	return rc;
}

static void options_free(struct profile_option *o)
{
	struct profile_option *next;

	for (; o; o = next) {
		next = o->next;
		mem_free(o->name);
		mem_free(o->value);
		mem_free(o->aliases);
		mem_free(o->refuse);
		mem_free(o);
	}
}

static void form_release(struct type_form *f)
{
	mem_free(f->column);
	mem_free(f->column_long);
	mem_free(f->marker);
	mem_free(f->sql);
	mem_free(f->read);
	mem_free(f->write);
	mem_free(f->cast);
	mem_free(f->operand);
	mem_free(f->compare);
	mem_free(f->lost);
	mem_free(f->unordered);
	mem_free(f->accepts);
}

static void sql_release(struct profile *p)
{
	mem_free(p->limit);
	mem_free(p->offset);
	mem_free(p->offset_only);
	mem_free(p->lock_update);
	mem_free(p->lock_nowait);
	mem_free(p->lock_skip);
	mem_free(p->last_key);
	mem_free(p->write_prefix);
	mem_free(p->default_values);
	mem_free(p->test_apart);
	mem_free(p->starts_with);
	mem_free(p->generated_key);
	mem_free(p->drop_table);
	mem_free(p->add_foreign_key);
	mem_free(p->table_end);
	mem_free(p->plain_table);
	mem_free(p->made_key);
	mem_free(p->drop_foreign_key);
	mem_free(p->savepoint);
	mem_free(p->rollback_to);
	mem_free(p->release);
	mem_free(p->row_id);
}

void profile_free(struct profile *p)
{
	size_t i;

	if (!p)
		return;
	mem_free(p->name);
	mem_free(p->match_driver);
	mem_free(p->match_dbms);
	options_free(p->options);
	mem_free(p->check);
	mem_free(p->session);
	for (i = 0; i < TYPE_KINDS; i++) {
		form_release(&p->own[i]);
		form_release(&p->foreign[i]);
	}
	sql_release(p);
	mem_free(p->generated_time);
	mem_free(p->schema);
	mem_free(p->server);
	mem_free(p->cluster);
	mem_free(p->begin_write);
	mem_free(p->read_only);
	mem_free(p->isolation);
	mem_free(p->lock_timeout);
	mem_free(p->lock_timeout_end);
	mem_free(p->lock_timeout_was);
	mem_free(p->deadline);
	mem_free(p->deadline_end);
	mem_free(p->commits);
	mem_free(p->commits_not);
	mem_free(p->resync);
	mem_free(p->ask);
	error_rule_free_all(p->commit_busy);
	error_rule_free_all(p->rolled_back);
	error_rule_free_all(p->unanswered);
	error_rule_free_all(p->ended);
	error_rule_free_all(p->reprepare);
	error_rule_free_all(p->errors);
	error_rule_free_all(p->hide);
	mem_free(p);
}

unsigned profile_parameters(const struct profile *p)
{
	return p->parameters_max ? p->parameters_max : UINT16_MAX;
}
