/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/ddl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"
#include "dialect/ddl_link.h"
#include "dialect/render.h"

/* A CREATE TABLE in the making, and what it has to know of its neighbours. */
struct table {
	const struct profile *p;
	const struct mapping *m;
	const struct mapping *const *later;	/* created after it */
	size_t later_count;
	struct strbuf *sb;
	bool first;			/* no column or constraint yet */
	uow_error *err;
};

static void add_comma(struct table *t)
{
	if (!t->first)
		strbuf_puts(t->sb, ", ");
	t->first = false;
}

static void add_names(const struct profile *p, struct strbuf *sb,
		      const char *const *names, size_t count)
{
	size_t i;

	strbuf_putc(sb, '(');
	for (i = 0; i < count; i++) {
		if (i)
			strbuf_puts(sb, ", ");
		render_name(p, sb, names[i]);
	}
	strbuf_putc(sb, ')');
}

static int no_type(const struct table *t, const struct field *f,
		   const char *key)
{
	error_set(t->err, UOW_ECONFIG, "%s.%s: profile %s has no %s for this "
		  "type", t->m->table, f->name, t->p->name, key);
	error_entity(t->err, t->m->name);
	return UOW_ECONFIG;
}

enum { UTF8_MAX = 4 };	/* bytes of one character */

static bool is_long(const struct type_form *form, unsigned length)
{
	return !length || (form->length_max && length > form->length_max);
}

static int too_many_digits(const struct table *t, const struct field *f,
			   unsigned most)
{
	error_set(t->err, UOW_ENOTSUP, "%s.%s: a decimal of %u digits, this "
		  "database keeps %u", t->m->table, f->name, f->precision,
		  most);
	error_entity(t->err, t->m->name);
	return UOW_ENOTSUP;
}

static int add_type(struct table *t, const struct field *f)
{
	const struct type_form *form = &t->p->own[field_kind(f)];
	unsigned room = field_is_digits(f) ? f->precision + 3 : f->length;
	char length[24], bytes[24], precision[24], scale[24];
	const char *pairs[] = {
		"length", length, "bytes", bytes, "precision", precision,
		"scale", scale, NULL
	};
	const char *template = form->column;

	if (form->digits && f->precision > form->digits)
		return too_many_digits(t, f, form->digits);
	if (is_long(form, room) && form->column_long)
		template = form->column_long;
	if (!template)
		return no_type(t, f, "column");
	if (!room && (strstr(template, "{length}") ||
			       strstr(template, "{bytes}")))
		return no_type(t, f, "column_long");
	snprintf(length, sizeof(length), "%u", room);
	snprintf(bytes, sizeof(bytes), "%llu",
		 (unsigned long long)room * UTF8_MAX);
	snprintf(precision, sizeof(precision), "%u", f->precision);
	snprintf(scale, sizeof(scale), "%u", f->scale);
	render_template(t->sb, template, pairs);
	return 0;
}

static bool is_integer(const struct field *f)
{
	return f->type == UOW_TYPE_INT16 || f->type == UOW_TYPE_INT32 ||
	       f->type == UOW_TYPE_INT64;
}

/* Keys that are not integers come from a default that the DBA adds. */
static bool has_generated_type(const struct mapping *m, const struct field *f)
{
	return m->generated_key == (int)f->index && is_integer(f);
}

static bool key_is_inline(const struct table *t)
{
	return t->m->generated_key >= 0 && t->p->generated_key_is_primary &&
	       is_integer(&t->m->fields[t->m->generated_key]);
}

static int generated_type(struct table *t, const struct field *f,
			  struct strbuf *type)
{
	struct strbuf *sb = t->sb;
	int rc;

	strbuf_init(type, SQL_TEXT_MAX);
	t->sb = type;
	rc = add_type(t, f);
	t->sb = sb;
	return rc;
}

static int add_made(struct table *t, const struct field *f,
		    const char *template)
{
	const char *pairs[] = { "type", NULL, NULL };
	struct strbuf type;
	char *text;
	int rc;

	rc = generated_type(t, f, &type);
	if (rc) {
		strbuf_release(&type);
		return rc;
	}
	pairs[1] = text = strbuf_steal(&type);
	if (!text)
		return error_nomem(t->err);
	render_template(t->sb, template, pairs);
	mem_free(text);
	return 0;
}

static int add_generated_type(struct table *t, const struct field *f)
{
	if (!t->p->generated_key)
		return no_type(t, f, "generated_key");
	if (t->p->generated_key_is_primary && t->m->key_count > 1)
		return no_type(t, f, "generated_key as one of several columns");
	return add_made(t, f, t->p->generated_key);
}

/* Made by the server when a row is inserted; a version by a trigger. */
static bool has_generated_time(const struct table *t, const struct field *f)
{
	return t->p->generated_time && f->type == UOW_TYPE_TIMESTAMP &&
	       (f->flags & UOW_GENERATED) && !(f->flags & UOW_KEY) &&
	       t->m->version != (int)f->index;
}

static bool is_unique(const struct table *t, const struct field *f)
{
	bool only_key = (f->flags & UOW_KEY) && t->m->key_count == 1;

	return (f->flags & UOW_UNIQUE) && !only_key;
}

static int add_column(struct table *t, const struct field *f)
{
	bool generated = has_generated_type(t->m, f);
	int rc;

	add_comma(t);
	render_name(t->p, t->sb, f->name);
	strbuf_putc(t->sb, ' ');
	if (has_generated_time(t, f))
		rc = add_made(t, f, t->p->generated_time);
	else
		rc = generated ? add_generated_type(t, f) : add_type(t, f);
	if (rc)
		return rc;
	if (!field_nullable(f) && !generated)
		strbuf_puts(t->sb, " NOT NULL");
	if (is_unique(t, f))
		strbuf_puts(t->sb, " UNIQUE");
	return 0;
}

static void add_primary_key(struct table *t)
{
	const char *names[UOW_KEY_COLUMNS];
	size_t i;

	if (key_is_inline(t))
		return;
	for (i = 0; i < t->m->key_count; i++)
		names[i] = t->m->fields[t->m->keys[i]].name;
	add_comma(t);
	strbuf_puts(t->sb, "PRIMARY KEY ");
	add_names(t->p, t->sb, names, t->m->key_count);
}

static void add_unique_keys(struct table *t)
{
	const uow_entity *e = t->m->entity;
	const char *const *names;
	size_t i, count;

	for (i = 0; i < e->unique_key_count; i++) {
		names = e->unique_keys[i].columns;
		for (count = 0; count < UOW_KEY_COLUMNS; count++)
			if (!names[count])
				break;
		add_comma(t);
		strbuf_puts(t->sb, "UNIQUE ");
		add_names(t->p, t->sb, names, count);
	}
}

static uint64_t mix_text(uint64_t h, const char *text)
{
	for (; text && *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return random_mix(h);
}

/* Quoted. The same for the same key, whatever else is in the list. */
static void add_key_name(const struct profile *p, struct strbuf *sb,
			 const struct mapping *m, const struct ddl_link *link)
{
	uint64_t h = mix_text(mix_text(0, m->schema), m->table);
	char name[32];
	size_t i;

	for (i = 0; i < link->count; i++)
		h = mix_text(h, link->columns[i]);
	snprintf(name, sizeof(name), "uow_fk_%016" PRIx64, h);
	render_name(p, sb, name);
}

static void add_foreign_key(const struct profile *p, struct strbuf *sb,
			    const struct mapping *m,
			    const struct ddl_link *link)
{
	if (p->drop_foreign_key) {
		strbuf_puts(sb, "CONSTRAINT ");
		add_key_name(p, sb, m, link);
		strbuf_putc(sb, ' ');
	}
	strbuf_puts(sb, "FOREIGN KEY ");
	add_names(p, sb, link->columns, link->count);
	strbuf_puts(sb, " REFERENCES ");
	if (link->parent->schema) {
		render_name(p, sb, link->parent->schema);
		strbuf_putc(sb, '.');
	}
	render_name(p, sb, link->parent->table);
	strbuf_putc(sb, ' ');
	add_names(p, sb, link->parent_columns, link->count);
}

/* Is the parent created after this table, and does that have to matter? */
static bool is_postponed(const struct table *t, const struct ddl_link *link)
{
	size_t i;

	if (!t->p->add_foreign_key)
		return false;
	for (i = 0; i < t->later_count; i++)
		if (ddl_same_table(t->later[i]->entity, link->parent))
			return true;
	return false;
}

static void add_foreign_keys(struct table *t)
{
	struct ddl_link link;
	size_t position = 0;

	while (ddl_next_link(t->m, &position, &link)) {
		if (is_postponed(t, &link))
			continue;
		add_comma(t);
		add_foreign_key(t->p, t->sb, t->m, &link);
	}
}

static int add_table(struct table *t)
{
	size_t i;
	int rc;

	t->first = true;
	strbuf_puts(t->sb, "CREATE TABLE ");
	render_table(t->p, t->sb, t->m);
	strbuf_puts(t->sb, " (");
	for (i = 0; i < t->m->count; i++) {
		rc = add_column(t, &t->m->fields[i]);
		if (rc)
			return rc;
	}
	add_primary_key(t);
	add_unique_keys(t);
	add_foreign_keys(t);
	strbuf_putc(t->sb, ')');
	if (t->p->table_end) {
		strbuf_putc(t->sb, ' ');
		strbuf_puts(t->sb, t->p->table_end);
	}
	return 0;
}

/* Hand the statement over and make room for the next one. */
static int emit(struct strbuf *sb, ddl_fn fn, void *arg, uow_error *err)
{
	int rc;

	if (sb->failed)
		return error_nomem(err);
	rc = fn(sb->data, arg);
	strbuf_clear(sb);
	return rc < 0 ? rc : 0;
}

static int emit_foreign_key(const struct table *t, const struct ddl_link *link,
			    ddl_fn fn, void *arg)
{
	const char *pairs[] = { "table", NULL, "foreign_key", NULL, NULL };
	struct strbuf name, key;
	char *name_text, *key_text;
	int rc;

	strbuf_init(&name, SQL_TEXT_MAX);
	strbuf_init(&key, SQL_TEXT_MAX);
	render_table(t->p, &name, t->m);
	add_foreign_key(t->p, &key, t->m, link);
	pairs[1] = name_text = strbuf_steal(&name);
	pairs[3] = key_text = strbuf_steal(&key);
	if (name_text && key_text) {
		render_template(t->sb, t->p->add_foreign_key, pairs);
		rc = emit(t->sb, fn, arg, t->err);
	} else {
		rc = error_nomem(t->err);
	}
	mem_free(name_text);
	mem_free(key_text);
	return rc;
}

static int emit_postponed(struct table *t, ddl_fn fn, void *arg)
{
	struct ddl_link link;
	size_t position = 0;
	int rc;

	while (ddl_next_link(t->m, &position, &link)) {
		if (!is_postponed(t, &link))
			continue;
		rc = emit_foreign_key(t, &link, fn, arg);
		if (rc)
			return rc;
	}
	return 0;
}

static int create_sorted(const struct profile *p,
			 const struct mapping *const *sorted, size_t count,
			 struct strbuf *sb, ddl_fn fn, void *arg,
			 uow_error *err)
{
	struct table t;
	size_t i;
	int rc = 0;

	memset(&t, 0, sizeof(t));
	t.p = p;
	t.sb = sb;
	t.err = err;
	for (i = 0; !rc && i < 2 * count; i++) {
		t.m = sorted[i % count];
		t.later = sorted + i % count + 1;
		t.later_count = count - i % count - 1;
		if (i >= count) {
			rc = emit_postponed(&t, fn, arg);
			continue;
		}
		rc = add_table(&t);
		if (!rc)
			rc = emit(sb, fn, arg, err);
	}
	return rc;
}

static int sort(const struct mapping *const *mappings, size_t count,
		const struct mapping ***out, uow_error *err)
{
	const struct mapping **sorted = mem_array(count, sizeof(*sorted));
	size_t *order = mem_array(count, sizeof(*order)), i;
	int rc = sorted && order ? ddl_order(mappings, count, order, err) :
				   error_nomem(err);

	for (i = 0; !rc && i < count; i++)
		sorted[i] = mappings[order[i]];
	mem_free(order);
	if (rc)
		mem_free(sorted);
	else
		*out = sorted;
	return rc;
}

int ddl_create(const struct profile *p, const struct mapping *const *mappings,
	       size_t count, ddl_fn fn, void *arg, uow_error *err)
{
	const struct mapping **sorted;
	struct strbuf sb;
	int rc;

	if (!count)
		return 0;
	rc = sort(mappings, count, &sorted, err);
	if (rc)
		return rc;
	strbuf_init(&sb, SQL_TEXT_MAX);
	rc = create_sorted(p, sorted, count, &sb, fn, arg, err);
	strbuf_release(&sb);
	mem_free(sorted);
	return rc;
}

static int drop_one(const struct profile *p, const struct mapping *m,
		    ddl_fn fn, void *arg, uow_error *err)
{
	const char *template = p->drop_table ? p->drop_table :
					       "DROP TABLE {table}";
	const char *pairs[] = { "table", NULL, NULL };
	struct strbuf sb;
	char *name;
	int rc;

	strbuf_init(&sb, SQL_TEXT_MAX);
	render_table(p, &sb, m);
	pairs[1] = name = strbuf_steal(&sb);
	if (!name)
		return error_nomem(err);
	strbuf_init(&sb, SQL_TEXT_MAX);
	render_template(&sb, template, pairs);
	rc = emit(&sb, fn, arg, err);
	strbuf_release(&sb);
	mem_free(name);
	return rc;
}

static int drop_key(struct table *t, const struct ddl_link *link, ddl_fn fn,
		    void *arg)
{
	const char *pairs[] = { "table", NULL, "name", NULL, NULL };
	struct strbuf table, name;
	char *table_text, *name_text;
	int rc;

	strbuf_init(&table, SQL_TEXT_MAX);
	strbuf_init(&name, SQL_TEXT_MAX);
	render_table(t->p, &table, t->m);
	add_key_name(t->p, &name, t->m, link);
	pairs[1] = table_text = strbuf_steal(&table);
	pairs[3] = name_text = strbuf_steal(&name);
	if (table_text && name_text) {
		render_template(t->sb, t->p->drop_foreign_key, pairs);
		rc = emit(t->sb, fn, arg, t->err);
	} else {
		rc = error_nomem(t->err);
	}
	mem_free(table_text);
	mem_free(name_text);
	return rc;
}

/* Keys that refer to a table which is dropped before: those of circles. */
static int drop_keys(const struct profile *p,
		     const struct mapping *const *sorted, size_t count,
		     ddl_fn fn, void *arg, uow_error *err)
{
	struct ddl_link link;
	struct strbuf sb;
	struct table t;
	size_t i, position;
	int rc = 0;

	memset(&t, 0, sizeof(t));
	strbuf_init(&sb, SQL_TEXT_MAX);
	t.p = p;
	t.sb = &sb;
	t.err = err;
	for (i = 0; !rc && i < count; i++) {
		t.m = sorted[i];
		t.later = sorted + i + 1;
		t.later_count = count - i - 1;
		position = 0;
		while (!rc && ddl_next_link(t.m, &position, &link))
			if (is_postponed(&t, &link))
				rc = drop_key(&t, &link, fn, arg);
	}
	strbuf_release(&sb);
	return rc;
}

int ddl_drop(const struct profile *p, const struct mapping *const *mappings,
	     size_t count, ddl_fn fn, void *arg, uow_error *err)
{
	const struct mapping **sorted;
	int rc;

	if (!count)
		return 0;
	rc = sort(mappings, count, &sorted, err);
	if (rc)
		return rc;
	if (p->drop_foreign_key)
		rc = drop_keys(p, sorted, count, fn, arg, err);
	while (!rc && count-- > 0)
		rc = drop_one(p, sorted[count], fn, arg, err);
	mem_free(sorted);
	return rc;
}
