/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/links.h"

#include <string.h>

#include "base/errors.h"

/* How many names a list of at most UOW_KEY_COLUMNS has. */
static size_t count_names(const char *const *names)
{
	size_t n = 0;

	while (n < UOW_KEY_COLUMNS && names[n])
		n++;
	return n;
}

static bool named_before(const char *const *names, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(names[k], names[i]) == 0)
			return true;
	return false;
}

static bool find_column(const uow_entity *e, const char *name, uow_column *out)
{
	size_t i;

	for (i = 0; i < e->column_count; i++) {
		entity_column(e, i, out);
		if (out->name && strcmp(out->name, name) == 0)
			return true;
	}
	return false;
}

static const char *entity_name(const uow_entity *e)
{
	if (!e->name)
		return "?";
	return strncmp(e->name, "struct ", 7) == 0 ? e->name + 7 : e->name;
}

static int wrong_reference(const struct mapping *m, const struct field *f,
			   const char *what, uow_error *err)
{
	error_set(err, UOW_ECONFIG, "entity %s: column '%s' %s", m->name,
		  f->name, what);
	error_entity(err, m->name);
	return UOW_ECONFIG;
}

/* UOW_REFERENCE: one 64-bit column that holds the parent's one key column. */
static int check_reference(const struct mapping *m, const struct field *f,
			   uow_error *err)
{
	const uow_entity *parent = f->references;
	uow_column c;
	size_t i, keys = 0;
	bool fits = true;

	if (!entity_readable(parent))
		return wrong_reference(m, f, "refers to something that is no "
				       "entity", err);
	for (i = 0; i < parent->column_count; i++) {
		entity_column(parent, i, &c);
		if (!(c.flags & UOW_KEY))
			continue;
		keys++;
		fits = c.type == UOW_TYPE_INT64;
	}
	if (keys != 1 || !fits)
		return wrong_reference(m, f, "refers to an entity whose key "
				       "is not one INT64 column", err);
	if (f->type != UOW_TYPE_INT64)
		return wrong_reference(m, f, "is a reference but not INT64",
				       err);
	return 0;
}

static int wrong_key(const struct mapping *m, const char *kind, size_t i,
		     const char *what, const char *name, uow_error *err)
{
	error_set(err, UOW_ECONFIG, "entity %s: %s %zu %s%s%s%s", m->name,
		  kind, i + 1, what, name ? " '" : "", name ? name : "",
		  name ? "'" : "");
	error_entity(err, m->name);
	return UOW_ECONFIG;
}

/* Names that exist and are not repeated, at least one. */
static int check_names(const struct mapping *m, const char *kind, size_t key,
		       const char *const *names, uow_error *err)
{
	size_t i, count = count_names(names);

	if (!count)
		return wrong_key(m, kind, key, "has no columns", NULL, err);
	for (i = 0; i < count; i++) {
		if (mapping_find(m, names[i]) < 0)
			return wrong_key(m, kind, key, "names unknown column",
					 names[i], err);
		if (named_before(names, i))
			return wrong_key(m, kind, key, "names twice column",
					 names[i], err);
		if (field_is_digits(&m->fields[mapping_find(m, names[i])]))
			return wrong_key(m, kind, key, "names a decimal held "
					 "as text, column", names[i], err);
	}
	return 0;
}

static bool same_type(const struct field *f, const uow_column *c)
{
	if (type_is_text(f->type) && type_is_text(c->type))
		return true;
	if (f->type != c->type)
		return false;
	return f->type != UOW_TYPE_DECIMAL || f->scale == c->scale;
}

static int check_pair(const struct mapping *m, size_t key, const char *column,
		      const uow_entity *parent, const char *parent_column,
		      uow_error *err)
{
	const struct field *f = &m->fields[mapping_find(m, column)];
	uow_column c;

	if (!find_column(parent, parent_column, &c)) {
		error_set(err, UOW_ECONFIG, "entity %s: foreign key %zu names "
			  "unknown column '%s' of %s", m->name, key + 1,
			  parent_column, entity_name(parent));
	} else if (!same_type(f, &c)) {
		error_set(err, UOW_ECONFIG, "entity %s: foreign key %zu: "
			  "column '%s' has type %s, '%s' of %s has type %s",
			  m->name, key + 1, column, type_name(f->type),
			  parent_column, entity_name(parent),
			  type_name(c.type));
	} else {
		return 0;
	}
	error_entity(err, m->name);
	return UOW_ECONFIG;
}

static int check_foreign_key(const struct mapping *m, size_t key,
			     uow_error *err)
{
	const uow_foreign_key *fk = &m->entity->foreign_keys[key];
	size_t i, count = count_names(fk->columns);
	int rc;

	if (!entity_readable(fk->parent))
		return wrong_key(m, "foreign key", key, "has no parent", NULL,
				 err);
	rc = check_names(m, "foreign key", key, fk->columns, err);
	if (rc)
		return rc;
	if (count_names(fk->parent_columns) != count)
		return wrong_key(m, "foreign key", key, "has not as many "
				 "columns as its parent's", NULL, err);
	for (i = 0; i < count; i++) {
		if (named_before(fk->parent_columns, i))
			return wrong_key(m, "foreign key", key, "names twice "
					 "the parent's column",
					 fk->parent_columns[i], err);
		rc = check_pair(m, key, fk->columns[i], fk->parent,
				fk->parent_columns[i], err);
		if (rc)
			return rc;
	}
	return 0;
}

static int check_lists(const struct mapping *m, uow_error *err)
{
	const uow_entity *e = m->entity;

	if (e->foreign_key_count && !e->foreign_keys)
		return wrong_key(m, "foreign key", 0, "is missing", NULL, err);
	if (e->unique_key_count && !e->unique_keys)
		return wrong_key(m, "unique key", 0, "is missing", NULL, err);
	return 0;
}

int links_check(const struct mapping *m, uow_error *err)
{
	const uow_entity *e = m->entity;
	size_t i;
	int rc = check_lists(m, err);

	for (i = 0; !rc && i < m->count; i++)
		if (m->fields[i].references)
			rc = check_reference(m, &m->fields[i], err);
	for (i = 0; !rc && i < e->foreign_key_count; i++)
		rc = check_foreign_key(m, i, err);
	for (i = 0; !rc && i < e->unique_key_count; i++)
		rc = check_names(m, "unique key", i,
				 e->unique_keys[i].columns, err);
	return rc;
}
