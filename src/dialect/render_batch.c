/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/renderer.h"

#include <stdio.h>

#include "base/mem.h"

/*
 * Statements for many rows. Those that join a list of rows call it by a name
 * of ours, and its columns column1, column2 and so on in the order of
 * list_of(): that is what (VALUES ..) calls them where a list of names is
 * not allowed.
 */

#define LIST_NAME "uow_rows"

/* A column of the list, and which row of the two it comes from. */
struct listed {
	unsigned column;
	enum param_source source;
};

struct list {
	struct listed columns[UOW_KEY_COLUMNS + 1 + UOW_ENTITY_COLUMNS];
	size_t count;
	size_t tests;		/* so many of them tell which row it is */
};

static void add_column(struct list *l, unsigned column,
		       enum param_source source)
{
	l->columns[l->count].column = column;
	l->columns[l->count++].source = source;
}

/* Key, version as it was, columns to be set. */
static void list_of(const struct shape *s, struct list *l)
{
	const struct mapping *m = s->mapping;
	size_t i;

	l->count = 0;
	for (i = 0; s->op != SHAPE_INSERT && i < m->key_count; i++)
		add_column(l, m->keys[i], PARAM_KEY);
	if (s->versioned)
		add_column(l, (unsigned)m->version, PARAM_WAS);
	l->tests = l->count;
	for (i = 0; s->op != SHAPE_DELETE && i < m->count; i++)
		if (columns_has(&s->set, (unsigned)i))
			add_column(l, (unsigned)i, PARAM_NOW);
}

/*
 * The next version is the one that was compared, and 1: that is shorter than a
 * CASE, which costs as many comparisons for each row as there are rows.
 */
static bool is_counted_up(const struct shape *s, unsigned column)
{
	const struct mapping *m = s->mapping;

	return s->versioned && !m->server_version &&
	       (int)column == m->version;
}

/* Columns that are chosen by a CASE. */
static size_t count_chosen(const struct shape *s, const struct list *l)
{
	size_t i, n = 0;

	for (i = l->tests; i < l->count; i++)
		n += !is_counted_up(s, l->columns[i].column);
	return n;
}

size_t render_batch_markers(const struct shape *s, enum strategy strategy)
{
	struct list l;

	list_of(s, &l);
	switch (strategy) {
	case STRATEGY_UNNEST:
	case STRATEGY_ARRAY:
	case STRATEGY_ROWS:
		return 0;
	case STRATEGY_CASE:
		return count_chosen(s, &l) * (s->mapping->key_count + 1) +
		       l.tests;
	default:
		return l.count;
	}
}

static bool can_cast(const struct list *l, const struct type_form *const *forms)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!forms[l->columns[i].column]->cast)
			return false;
	return true;
}

bool render_batch_fits(const struct profile *p, const struct shape *s,
		       const struct type_form *const *forms,
		       enum strategy strategy)
{
	struct list l;

	(void)p;
	list_of(s, &l);
	/* What is added to has to be compared row by row. */
	if (!columns_empty(&s->add) ||
	    (s->op == SHAPE_INSERT && columns_empty(&s->set)))
		return false;
	/* An array literal is text of one type, which has to be named. */
	if (strategy == STRATEGY_UNNEST)
		return can_cast(&l, forms);
	return true;
}

/* -- pieces -- */

/* "table"."column": also the list has columns. */
static void put_own(struct renderer *r, unsigned column)
{
	render_name(r->p, &r->sql, r->m->table);
	put(r, ".");
	put_target(r, column);
}

/* Column i of the list, written as its form wants it. */
static void put_item(struct renderer *r, const struct list *l, size_t i)
{
	char name[40];

	snprintf(name, sizeof(name), LIST_NAME ".column%zu", i + 1);
	put_written(r, l->columns[i].column, name);
}

/* A marker of the type that a column of a list has to have. */
static void put_cast(struct renderer *r, const struct listed *c, size_t row,
		     const char *brackets)
{
	const char *type = r->forms[c->column]->cast;

	if (!type) {
		put_marker(r, c->source, c->column, row);
		return;
	}
	put(r, "CAST(");
	put_marker(r, c->source, c->column, row);
	put(r, " AS ");
	put(r, type);
	put(r, brackets);
	put(r, ")");
}

/* (VALUES (?, ?), (?, ?)) AS name */
static void put_list(struct renderer *r, const struct list *l, size_t rows)
{
	size_t row, i;

	put(r, "(VALUES ");
	for (row = 0; row < rows; row++) {
		put(r, row ? ", (" : "(");
		for (i = 0; i < l->count; i++) {
			if (i)
				put(r, ", ");
			put_cast(r, &l->columns[i], row, "");
		}
		put(r, ")");
	}
	put(r, ") AS " LIST_NAME);
}

/* unnest(CAST(? AS t[]), ..) AS name(column1, ..) */
static void put_unnest(struct renderer *r, const struct list *l, bool numbered)
{
	char name[40];
	size_t i;

	put(r, "unnest(");
	for (i = 0; i < l->count; i++) {
		if (i)
			put(r, ", ");
		put_cast(r, &l->columns[i], 0, "[]");
	}
	put(r, numbered ? ") WITH ORDINALITY AS " LIST_NAME "(" :
			  ") AS " LIST_NAME "(");
	for (i = 0; i < l->count; i++) {
		snprintf(name, sizeof(name), "%scolumn%zu", i ? ", " : "",
			 i + 1);
		put(r, name);
	}
	put(r, numbered ? ", position)" : ")");
}

static void put_rows(struct renderer *r, const struct list *l,
		     enum strategy strategy, size_t rows)
{
	if (strategy == STRATEGY_UNNEST)
		put_unnest(r, l, false);
	else
		put_list(r, l, rows);
}

/* Which row of the table is which of the list. */
static void put_match(struct renderer *r, const struct list *l,
		      const char *before)
{
	size_t i;

	for (i = 0; i < l->tests; i++) {
		put(r, i ? " AND " : before);
		put_own(r, l->columns[i].column);
		put(r, " = ");
		put_item(r, l, i);
	}
}

/* -- keys (and versions) in lists -- */

static void put_tuple(struct renderer *r, const struct list *l, size_t row)
{
	size_t i;

	put(r, "(");
	for (i = 0; i < l->tests; i++) {
		if (i)
			put(r, ", ");
		put_value(r, l->columns[i].source, l->columns[i].column, row);
	}
	put(r, ")");
}

static void put_tuple_list(struct renderer *r, const struct list *l,
			   size_t rows)
{
	size_t i;

	put(r, "(");
	for (i = 0; i < l->tests; i++) {
		if (i)
			put(r, ", ");
		put_column(r, l->columns[i].column);
	}
	put(r, ") IN (");
	for (i = 0; i < rows; i++) {
		if (i)
			put(r, ", ");
		put_tuple(r, l, i);
	}
	put(r, ")");
}

static void put_tuple_tests(struct renderer *r, const struct list *l,
			    size_t rows)
{
	size_t row, i;

	for (row = 0; row < rows; row++) {
		put(r, row ? " OR (" : "(");
		for (i = 0; i < l->tests; i++) {
			if (i)
				put(r, " AND ");
			put_column(r, l->columns[i].column);
			put(r, " = ");
			put_value(r, l->columns[i].source,
				  l->columns[i].column, row);
		}
		put(r, ")");
	}
}

static void put_single_list(struct renderer *r, const struct list *l,
			    size_t rows)
{
	size_t i;

	put_column(r, l->columns[0].column);
	put(r, " IN (");
	for (i = 0; i < rows; i++) {
		if (i)
			put(r, ", ");
		put_operand(r, l->columns[0].source, l->columns[0].column, i);
	}
	put(r, ")");
}

/* rowid IN (SELECT rowid FROM (VALUES ..) JOIN ..) */
static void put_looked_up(struct renderer *r, const struct list *l,
			  size_t rows)
{
	struct list tests = *l;

	tests.count = l->tests;
	put(r, r->p->row_id);
	put(r, " IN (SELECT ");
	render_name(r->p, &r->sql, r->m->table);
	put(r, ".");
	put(r, r->p->row_id);
	put(r, " FROM ");
	put_list(r, &tests, rows);
	put(r, " JOIN ");
	put_table(r);
	put_match(r, &tests, " ON ");
	put(r, ")");
}

static void put_any_of(struct renderer *r, const struct list *l, size_t rows)
{
	put(r, " WHERE ");
	if (l->tests == 1)
		put_single_list(r, l, rows);
	else if (r->p->row_id)
		put_looked_up(r, l, rows);
	else if (r->p->tuples == TUPLES_LIST)
		put_tuple_list(r, l, rows);
	else
		put_tuple_tests(r, l, rows);
}

/* -- statements -- */

static void put_insert(struct renderer *r, const struct list *l)
{
	size_t i;

	put(r, "INSERT INTO ");
	put_table(r);
	put(r, " (");
	for (i = 0; i < l->count; i++) {
		if (i)
			put(r, ", ");
		put_target(r, l->columns[i].column);
	}
	put(r, ") ");
}

static void put_insert_values(struct renderer *r, const struct list *l,
			      size_t rows)
{
	size_t row, i;

	if (!l->count) {
		put(r, "INSERT INTO ");
		put_table(r);
		put_no_columns(r);
		return;
	}
	put_insert(r, l);
	put(r, "VALUES ");
	for (row = 0; row < rows; row++) {
		put(r, row ? ", (" : "(");
		for (i = 0; i < l->count; i++) {
			if (i)
				put(r, ", ");
			put_value(r, PARAM_NOW, l->columns[i].column, row);
		}
		put(r, ")");
	}
}

/*
 * In the order of the list, so that generated keys grow in the order of the
 * rows: the order of an INSERT .. SELECT .. ORDER BY is that in which defaults
 * are made.
 */
static void put_insert_unnest(struct renderer *r, const struct list *l)
{
	size_t i;

	put_insert(r, l);
	put(r, "SELECT ");
	for (i = 0; i < l->count; i++) {
		if (i)
			put(r, ", ");
		put_item(r, l, i);
	}
	put(r, " FROM ");
	put_unnest(r, l, true);
	put(r, " ORDER BY " LIST_NAME ".position");
}

static void put_update_list(struct renderer *r, const struct list *l,
			    enum strategy strategy, size_t rows)
{
	size_t i;

	put(r, "UPDATE ");
	put_table(r);
	put(r, " SET ");
	for (i = l->tests; i < l->count; i++) {
		if (i > l->tests)
			put(r, ", ");
		put_target(r, l->columns[i].column);
		put(r, " = ");
		put_item(r, l, i);
	}
	put(r, " FROM ");
	put_rows(r, l, strategy, rows);
	put_match(r, l, " WHERE ");
}

/* CASE WHEN a = ? AND b = ? THEN ? .. END: for keys of any number of parts. */
static void put_case(struct renderer *r, unsigned column, size_t rows)
{
	const struct mapping *m = r->m;
	const struct listed now = { .column = column, .source = PARAM_NOW };
	size_t row, i;

	put(r, "CASE");
	for (row = 0; row < rows; row++) {
		for (i = 0; i < m->key_count; i++) {
			put(r, i ? " AND " : " WHEN ");
			put_column(r, m->keys[i]);
			put(r, " = ");
			put_value(r, PARAM_KEY, m->keys[i], row);
		}
		put(r, " THEN ");
		/* A CASE of markers alone has no type. */
		if (r->forms[column]->write)
			put_value(r, PARAM_NOW, column, row);
		else
			put_cast(r, &now, row, "");
	}
	put(r, " END");
}

static void put_update_case(struct renderer *r, const struct shape *s,
			    const struct list *l, size_t rows)
{
	size_t i;

	put(r, "UPDATE ");
	put_table(r);
	put(r, " SET ");
	for (i = l->tests; i < l->count; i++) {
		if (i > l->tests)
			put(r, ", ");
		put_target(r, l->columns[i].column);
		put(r, " = ");
		if (is_counted_up(s, l->columns[i].column)) {
			put_column(r, l->columns[i].column);
			put(r, " + 1");
		} else {
			put_case(r, l->columns[i].column, rows);
		}
	}
	put_any_of(r, l, rows);
}

static void put_delete(struct renderer *r, const struct list *l,
		       enum strategy strategy, size_t rows)
{
	put(r, "DELETE FROM ");
	put_table(r);
	if (strategy == STRATEGY_IN) {
		put_any_of(r, l, rows);
		return;
	}
	if (strategy == STRATEGY_ARRAY) {
		put(r, " WHERE ");
		put_tuple_tests(r, l, 1);
		return;
	}
	put(r, " USING ");
	put_rows(r, l, strategy, rows);
	put_match(r, l, " WHERE ");
}

/* A row of one: what an array repeats. */
static void put_update_row(struct renderer *r, const struct list *l)
{
	size_t i;

	put(r, "UPDATE ");
	put_table(r);
	put(r, " SET ");
	for (i = l->tests; i < l->count; i++) {
		if (i > l->tests)
			put(r, ", ");
		put_target(r, l->columns[i].column);
		put(r, " = ");
		put_value(r, PARAM_NOW, l->columns[i].column, 0);
	}
	put(r, " WHERE ");
	put_tuple_tests(r, l, 1);
}

/* The columns given back; of an UPDATE or DELETE the keys first. */
static void put_returning(struct renderer *r, const struct shape *s)
{
	const struct mapping *m = s->mapping;
	size_t i;

	r->columns = mem_array(m->count, sizeof(*r->columns));
	if (!r->columns) {
		render_fail(r, UOW_ENOMEM, "out of memory");
		return;
	}
	for (i = 0; s->op != SHAPE_INSERT && i < m->key_count; i++)
		r->columns[r->column_count++] = m->keys[i];
	for (i = 0; i < m->count; i++)
		if (columns_has(&s->returned, (unsigned)i))
			r->columns[r->column_count++] = (unsigned)i;
	for (i = 0; i < r->column_count; i++) {
		put(r, i ? ", " : " RETURNING ");
		put_own(r, r->columns[i]);
	}
}

static void put_batch(struct renderer *r, const struct shape *s,
		      const struct batch_form *f)
{
	struct list l;

	list_of(s, &l);
	if (s->op == SHAPE_DELETE)
		put_delete(r, &l, f->strategy, f->rows);
	else if (s->op == SHAPE_UPDATE && f->strategy == STRATEGY_CASE)
		put_update_case(r, s, &l, f->rows);
	else if (s->op == SHAPE_UPDATE && f->strategy == STRATEGY_ARRAY)
		put_update_row(r, &l);
	else if (s->op == SHAPE_UPDATE)
		put_update_list(r, &l, f->strategy, f->rows);
	else if (f->strategy == STRATEGY_UNNEST)
		put_insert_unnest(r, &l);
	else
		put_insert_values(r, &l, f->rows);
}

int render_batch(const struct profile *p, const struct shape *s,
		 const struct type_form *const *forms,
		 const struct batch_form *f, struct sql_text *out,
		 uow_error *err)
{
	struct renderer r;

	renderer_init(&r, p, s->mapping, forms, err);
	put_batch(&r, s, f);
	if (f->returning)
		put_returning(&r, s);
	return renderer_finish(&r, out);
}
