/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/render.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "dialect/renderer.h"
#include "model/criterion.h"

void renderer_init(struct renderer *r, const struct profile *p,
		   const struct mapping *m,
		   const struct type_form *const *forms, uow_error *err)
{
	memset(r, 0, sizeof(*r));
	r->p = p;
	r->m = m;
	r->forms = forms;
	r->err = err;
	strbuf_init(&r->sql, SQL_TEXT_MAX);
}

int renderer_finish(struct renderer *r, struct sql_text *out)
{
	char *sql = strbuf_steal(&r->sql);

	if (!sql)
		render_fail(r, UOW_ENOMEM, "%s: no memory for a statement, or "
			    "it is longer than %d bytes", r->m->table,
			    SQL_TEXT_MAX);
	if (r->param_count > profile_parameters(r->p))
		render_fail(r, UOW_ENOTSUP, "%s: a statement needs %zu "
			    "parameters, profile %s has at most %u",
			    r->m->table, r->param_count, r->p->name,
			    profile_parameters(r->p));
	if (r->rc) {
		mem_free(sql);
		mem_free(r->params);
		mem_free(r->columns);
		return r->rc;
	}
	out->sql = sql;
	out->params = r->params;
	out->param_count = r->param_count;
	out->columns = r->columns;
	out->column_count = r->column_count;
	return 0;
}

void sql_text_release(struct sql_text *t)
{
	mem_free(t->sql);
	mem_free(t->params);
	mem_free(t->columns);
	memset(t, 0, sizeof(*t));
}

/* As the form has it read; plain: just the column. */
static void put_selected(struct renderer *r, unsigned column, bool plain)
{
	const char *template = plain ? NULL : r->forms[column]->read;

	if (template)
		put_expression(r, template, column);
	else
		put_column(r, column);
	r->columns[r->column_count++] = column;
}

/* The columns of the set. */
static void put_list(struct renderer *r, const struct columns *set, bool plain)
{
	bool first = true;
	unsigned i;

	r->columns = mem_array(r->m->count, sizeof(*r->columns));
	if (!r->columns) {
		render_fail(r, UOW_ENOMEM, "out of memory");
		return;
	}
	for (i = 0; i < r->m->count; i++) {
		if (!columns_has(set, i))
			continue;
		put_comma(r, &first);
		put_selected(r, i, plain);
	}
	assert(!first);
}

static void put_from(struct renderer *r)
{
	put(r, " FROM ");
	put_table(r);
}

static void put_select(struct renderer *r, const struct columns *set,
		       bool plain)
{
	put(r, "SELECT ");
	put_list(r, set, plain);
	put_from(r);
}

/* All key columns of one tuple. */
static void put_key(struct renderer *r, size_t tuple)
{
	size_t i;

	for (i = 0; i < r->m->key_count; i++) {
		if (i)
			put(r, " AND ");
		put_compared(r, r->m->keys[i]);
		put(r, " = ");
		put_value(r, PARAM_KEY, r->m->keys[i], tuple);
	}
}

static void put_key_list(struct renderer *r, size_t count)
{
	put_in_list(r, r->m->keys[0], PARAM_KEY, 0, count);
}

static void put_key_tuples(struct renderer *r, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		put(r, i ? " OR (" : "(");
		put_key(r, i);
		put(r, ")");
	}
}

static void put_keys(struct renderer *r, size_t count)
{
	if (count == 1)
		put_key(r, 0);
	else if (r->m->key_count == 1)
		put_key_list(r, count);
	else
		put_key_tuples(r, count);
}

static bool is_everything(const struct shape *s)
{
	return !s->code_len ||
	       (s->code_len == 1 && CODE_OP(s->code[0]) == SPEC_ALL);
}

static void put_where(struct renderer *r, const struct shape *s)
{
	if (s->key_count) {
		put(r, " WHERE ");
		put_keys(r, s->key_count);
	} else if (!is_everything(s)) {
		put(r, " WHERE ");
		put_criterion(r, s->code, s->code_len);
	}
}

static void put_order(struct renderer *r, const struct shape *s)
{
	size_t i;

	for (i = 0; i < s->order_count; i++) {
		want_order(r, s->order[i].column);
		put(r, i ? ", " : " ORDER BY ");
		put_compared(r, s->order[i].column);
		if (s->order[i].descending)
			put(r, " DESC");
	}
}

static void put_part(struct renderer *r, const char *template,
		     const struct shape *s)
{
	char limit[24], offset[24];
	const char *pairs[] = { "limit", limit, "offset", offset, NULL };

	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)s->limit);
	snprintf(offset, sizeof(offset), "%llu",
		 (unsigned long long)s->offset);
	put(r, r->p->limit_first ? "" : " ");
	put_template(r, template, pairs);
	put(r, r->p->limit_first ? " " : "");
}

bool render_limits(const struct profile *p, const struct shape *s)
{
	if (!s->limit && !s->offset)
		return false;
	if (!p->limit_max)
		return true;
	return s->limit && s->limit <= p->limit_max &&
	       s->offset <= p->limit_max - s->limit;
}

static void put_limits(struct renderer *r, const struct shape *s)
{
	const struct profile *p = r->p;
	const char *before = NULL, *last;

	if (!render_limits(p, s))
		return;
	last = !s->offset ? p->limit : s->limit ? p->offset : p->offset_only;
	/* Where SQL wants the offset first, its template holds both. */
	if (s->limit && s->offset && last && !strstr(last, "{limit}")) {
		before = p->limit;
		last = before ? last : NULL;
	}
	if (!last) {
		render_fail(r, UOW_ENOTSUP, "%s: profile %s has no %s",
			    r->m->table, p->name, s->offset ? "offset" :
							      "limit");
		return;
	}
	if (before)
		put_part(r, before, s);
	put_part(r, last, s);
}

/* Called in both places where a lock can stand. */
static void put_lock(struct renderer *r, const struct shape *s,
		     bool after_table)
{
	const char *text[4];

	text[UOW_LOCK_NONE] = "";
	text[UOW_LOCK_UPDATE] = r->p->lock_update;
	text[UOW_LOCK_NOWAIT] = r->p->lock_nowait;
	text[UOW_LOCK_SKIP_LOCKED] = r->p->lock_skip;
	if (s->lock == UOW_LOCK_NONE || after_table != r->p->lock_after_table)
		return;
	if (text[s->lock]) {
		put(r, " ");
		put(r, text[s->lock]);
	} else if (!r->p->lock_by_file || s->lock != UOW_LOCK_UPDATE) {
		render_fail(r, UOW_ENOTSUP, "%s: profile %s cannot lock rows "
			    "in this way", r->m->table, r->p->name);
	}
}

/* Are the keys rows of their own, and not a list behind IN? */
static bool joins_keys(const struct renderer *r, const struct shape *s)
{
	return r->p->join_keys && s->key_count > 1 && r->m->key_count == 1 &&
	       s->lock == UOW_LOCK_NONE;
}

static void put_joined_keys(struct renderer *r, size_t count)
{
	unsigned key = r->m->keys[0];
	size_t i;

	put(r, " FROM (VALUES ");
	for (i = 0; i < count; i++) {
		put(r, i ? ", (" : "(");
		put_operand(r, PARAM_KEY, key, i);
		put(r, ")");
	}
	put(r, ") AS uow_keys CROSS JOIN ");
	put_table(r);
	put(r, " ON ");
	put_compared(r, key);
	put(r, " = uow_keys.column1");
}

static void put_read(struct renderer *r, const struct shape *s)
{
	put(r, "SELECT ");
	if (r->p->limit_first)
		put_limits(r, s);
	put_list(r, &s->mapping->all, false);
	if (r->rc)
		return;
	if (joins_keys(r, s)) {
		put_joined_keys(r, s->key_count);
		return;
	}
	put_from(r);
	put_lock(r, s, true);
	put_where(r, s);
	put_order(r, s);
	if (!r->p->limit_first)
		put_limits(r, s);
	put_lock(r, s, false);
}

/* Decimals that are kept in fewer digits would be added in binary. */
static bool exact(struct renderer *r, unsigned column)
{
	const struct type_form *form = r->forms[column];

	want_order(r, column);
	if (r->m->fields[column].type != UOW_TYPE_DECIMAL || !form->digits)
		return !r->rc;
	render_fail(r, UOW_ENOTSUP, "%s.%s cannot be added to: this column "
		    "keeps %u digits and calculates in binary", r->m->table,
		    r->m->fields[column].name, form->digits);
	return false;
}

/* Can the column take what is added? NULL cannot, nor is it said not to. */
static void put_room(struct renderer *r, unsigned column, const char *between)
{
	put_column(r, column);
	put(r, between);
	put_operand(r, PARAM_FLOOR, column, 0);
	put(r, " AND ");
	put_operand(r, PARAM_CEILING, column, 0);
}

static void put_all_room(struct renderer *r, const struct columns *add)
{
	unsigned i;

	for (i = 0; i < r->m->count; i++) {
		if (!columns_has(add, i) || !exact(r, i))
			continue;
		put(r, " AND ");
		put_room(r, i, " BETWEEN ");
	}
}

/* Of the rows of the criterion, those to which one cannot add. */
static void put_no_room(struct renderer *r, const struct shape *s)
{
	bool first = true;
	unsigned i;

	put(r, is_everything(s) ? " WHERE (" : " AND (");
	for (i = 0; i < r->m->count; i++) {
		if (!columns_has(&s->add, i) || !exact(r, i))
			continue;
		put(r, first ? "" : " OR ");
		put_room(r, i, " NOT BETWEEN ");
		first = false;
	}
	put(r, ")");
}

static void put_count(struct renderer *r, const struct shape *s)
{
	put(r, "SELECT count(*) FROM ");
	put_table(r);
	if (columns_empty(&s->add)) {
		put_where(r, s);
		return;
	}
	if (!is_everything(s)) {
		put(r, " WHERE (");
		put_criterion(r, s->code, s->code_len);
		put(r, ")");
	}
	put_no_room(r, s);
}

void put_no_columns(struct renderer *r)
{
	if (!r->p->default_values) {
		render_fail(r, UOW_ENOTSUP, "%s: profile %s cannot insert a "
			    "row without columns", r->m->table, r->p->name);
		return;
	}
	put(r, " ");
	put(r, r->p->default_values);
}

static void put_insert(struct renderer *r, const struct shape *s)
{
	bool first = true;
	unsigned i;

	put(r, "INSERT INTO ");
	put_table(r);
	if (columns_empty(&s->set)) {
		put_no_columns(r);
		return;
	}
	put(r, " (");
	for (i = 0; i < r->m->count; i++) {
		if (columns_has(&s->set, i)) {
			put_comma(r, &first);
			put_target(r, i);
		}
	}
	put(r, ") VALUES (");
	for (first = true, i = 0; i < r->m->count; i++) {
		if (columns_has(&s->set, i)) {
			put_comma(r, &first);
			put_value(r, PARAM_NOW, i, 0);
		}
	}
	put(r, ")");
}

static void put_this_row(struct renderer *r, const struct shape *s)
{
	put(r, " WHERE ");
	put_key(r, 0);
	if (s->versioned) {
		put(r, " AND ");
		put_column(r, (unsigned)r->m->version);
		put(r, " = ");
		put_value(r, PARAM_WAS, (unsigned)r->m->version, 0);
	}
	put_all_room(r, &s->add);
}

static void put_assignment(struct renderer *r, const struct shape *s,
			   unsigned column)
{
	put_target(r, column);
	put(r, " = ");
	if (columns_has(&s->set, column)) {
		put_value(r, PARAM_NOW, column, 0);
	} else if (exact(r, column)) {
		put_column(r, column);
		put(r, " + ");
		put_operand(r, PARAM_BY, column, 0);
	}
}

static void put_update(struct renderer *r, const struct shape *s)
{
	bool first = true;
	unsigned i;

	put(r, "UPDATE ");
	put_table(r);
	put(r, " SET ");
	for (i = 0; i < r->m->count; i++) {
		if (!columns_has(&s->set, i) && !columns_has(&s->add, i))
			continue;
		put_comma(r, &first);
		put_assignment(r, s, i);
	}
	assert(!first);
	if (s->op == SHAPE_UPDATE)
		put_this_row(r, s);
	else
		put_where(r, s);
}

static void put_delete(struct renderer *r, const struct shape *s)
{
	put(r, "DELETE FROM ");
	put_table(r);
	if (s->op == SHAPE_DELETE)
		put_this_row(r, s);
	else
		put_where(r, s);
}

void put_statement(struct renderer *r, const struct shape *s)
{
	switch (s->op) {
	case SHAPE_INSERT:
		put_insert(r, s);
		break;
	case SHAPE_UPDATE:
	case SHAPE_UPDATE_WHERE:
		put_update(r, s);
		break;
	case SHAPE_DELETE:
	case SHAPE_DELETE_WHERE:
		put_delete(r, s);
		break;
	case SHAPE_SELECT:
		put_read(r, s);
		break;
	case SHAPE_COUNT:
		put_count(r, s);
		break;
	}
}

int render(const struct profile *p, const struct shape *s,
	   const struct type_form *const *forms, struct sql_text *out,
	   uow_error *err)
{
	struct renderer r;

	renderer_init(&r, p, s->mapping, forms, err);
	put_statement(&r, s);
	return renderer_finish(&r, out);
}

int render_read_back(const struct profile *p, const struct shape *s,
		     const struct type_form *const *forms,
		     struct sql_text *out, uow_error *err)
{
	struct renderer r;

	renderer_init(&r, p, s->mapping, forms, err);
	put_select(&r, &s->set, false);
	if (!r.rc) {
		put_lock(&r, s, true);
		put_this_row(&r, s);
		put_lock(&r, s, false);
	}
	return renderer_finish(&r, out);
}

int render_describe(const struct profile *p, const struct mapping *m,
		    struct sql_text *out, uow_error *err)
{
	struct renderer r;

	renderer_init(&r, p, m, NULL, err);
	put_select(&r, &m->all, true);
	put(&r, " WHERE 1=0");
	return renderer_finish(&r, out);
}
