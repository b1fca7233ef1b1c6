/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"

/*
 * How each column of a table is kept. Where the profile keeps a type in its
 * own way in tables that the library made (a `marker`), and in another way in
 * everybody else's, the live table is asked once for its type names.
 */

const struct type_form *form_of_type(const struct odbc *s, unsigned kind)
{
	return &s->profile->own[kind];
}

static void table_forms_free(struct table_forms *t)
{
	if (!t)
		return;
	mem_free(t->forms);
	mem_free(t->copies);
	mem_free(t);
}

void forms_release(struct odbc *s)
{
	struct table_forms *next, *t;

	for (t = s->forms; t; t = next) {
		next = t->next;
		table_forms_free(t);
	}
	s->forms = NULL;
}

void forms_outdate(struct odbc *s)
{
	struct table_forms *t;

	pthread_mutex_lock(&s->mutex);
	s->definitions++;
	for (t = s->forms; t; t = t->next)
		t->outdated = true;
	pthread_mutex_unlock(&s->mutex);
}

static bool needs_catalog(const struct odbc *s, const struct mapping *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (s->profile->has_foreign[field_kind(&m->fields[i])])
			return true;
	return false;
}

/* Does the type's name contain a word of the list, separated by blanks? */
static bool listed(const char *list, const char *type)
{
	char pattern[80];
	size_t n;

	while (list && *list) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n && n + 3 <= sizeof(pattern)) {
			pattern[0] = '*';
			memcpy(pattern + 1, list, n);
			memcpy(pattern + 1 + n, "*", 2);
			if (text_glob(pattern, type))
				return true;
		}
		list += n;
	}
	return false;
}

static void choose(const struct odbc *s, const struct mapping *m,
		   struct table_forms *t, size_t i, const char *type)
{
	const struct profile *p = s->profile;
	unsigned kind = field_kind(&m->fields[i]);
	const struct type_form *own = &p->own[kind];
	size_t n = own->marker ? strlen(own->marker) : 0;
	char start[64];

	if (!p->has_foreign[kind] || !n || n >= sizeof(start))
		return;
	memcpy(start, type, n < strlen(type) ? n + 1 : strlen(type) + 1);
	start[n] = '\0';
	if (text_same(start, own->marker))
		return;
	t->copies[i] = p->foreign[kind];
	if (!listed(t->copies[i].unordered, type))
		t->copies[i].unordered = NULL;
	t->forms[i] = &t->copies[i];
}

static struct table_forms *make_own(const struct odbc *s,
				    const struct mapping *m)
{
	struct table_forms *t = mem_alloc(sizeof(*t));
	size_t i;

	if (!t)
		return NULL;
	t->mapping = m;
	t->forms = mem_array(m->count, sizeof(*t->forms));
	t->copies = mem_array(m->count, sizeof(*t->copies));
	if (!t->forms || !t->copies) {
		table_forms_free(t);
		return NULL;
	}
	for (i = 0; i < m->count; i++)
		t->forms[i] = form_of_type(s, field_kind(&m->fields[i]));
	return t;
}

/* Type names of the live columns, through a SELECT that gives no row. */
static int ask_types(struct odbc_conn *c, struct table_forms *t,
		     uow_error *err)
{
	const struct mapping *m = t->mapping;
	struct sql_text text;
	struct stmt *st;
	SQLSMALLINT length;
	char type[128];
	size_t i;
	int rc;

	rc = render_describe(c->source->profile, m, &text, err);
	if (rc)
		return rc;
	rc = stmt_by_hand(c, text.sql, NULL, 0, &st, err);
	sql_text_release(&text);
	if (rc)
		return rc;
	rc = stmt_execute(c, st, NULL, err);
	for (i = 0; !rc && i < m->count; i++) {
		memset(type, 0, sizeof(type));
		if (sql_ok(SQLColAttribute(st->handle, (SQLUSMALLINT)(i + 1),
					   SQL_DESC_TYPE_NAME, type,
					   (SQLSMALLINT)sizeof(type), &length,
					   NULL)))
			choose(c->source, m, t, i, type);
		else
			rc = diag_stmt(c, st->handle, err);
	}
	stmt_done(c, st);
	return rc;
}

static const struct table_forms *known(struct odbc *s, const struct mapping *m)
{
	const struct table_forms *t;

	pthread_mutex_lock(&s->mutex);
	for (t = s->forms; t && (t->outdated || t->mapping != m); t = t->next)
		;
	pthread_mutex_unlock(&s->mutex);
	return t;
}

/* Add to the list; two threads may both have asked: the first one stays. */
static const struct table_forms *add(struct odbc *s, struct table_forms *mine)
{
	struct table_forms *t;

	pthread_mutex_lock(&s->mutex);
	for (t = s->forms;
	     t && (t->outdated || t->mapping != mine->mapping); t = t->next)
		;
	if (!t) {
		mine->next = s->forms;
		s->forms = t = mine;
		mine = NULL;
	}
	pthread_mutex_unlock(&s->mutex);
	table_forms_free(mine);
	return t;
}

int forms_of(struct odbc_conn *c, const struct mapping *m,
	     const struct type_form *const **out, uow_error *err)
{
	const struct table_forms *t = known(c->source, m);
	struct table_forms *made;
	int rc = 0;

	if (!t) {
		made = make_own(c->source, m);
		if (!made)
			return error_nomem(err);
		if (needs_catalog(c->source, m))
			rc = ask_types(c, made, err);
		if (rc) {
			table_forms_free(made);
			return rc;
		}
		t = add(c->source, made);
	}
	*out = (const struct type_form *const *)t->forms;
	return 0;
}
