/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/renderer.h"

#include <stdio.h>

#include "base/mem.h"

/*
 * Statements for a row each, made one statement: as members of a WITH, which
 * do not see each other, or in a block, which is executed as if they came one
 * by one. Both end with a SELECT of what the database has made and, in a text,
 * of how many rows each has hit: a column for each number would have to be
 * described and read by itself. A block that makes nothing ends without a
 * SELECT, and at once if a member has not hit one row.
 */

struct members {
	const struct shape *const *shapes;
	const struct type_form *const *const *forms;
	size_t count;
};

static void put_number(struct renderer *r, const char *format, size_t n)
{
	char text[80];

	snprintf(text, sizeof(text), format, n);
	put(r, text);
}

/* Member i as it would be sent alone; its markers are given row i. */
static void put_member(struct renderer *r, const struct members *l, size_t i)
{
	size_t n = r->param_count;

	r->m = l->shapes[i]->mapping;
	r->forms = l->forms[i];
	put_statement(r, l->shapes[i]);
	for (; n < r->param_count; n++)
		r->params[n].index = i;
}

typedef void (*returned_fn)(struct renderer *r, size_t member,
			    unsigned column);

static void each_returned(struct renderer *r, const struct shape *s,
			  size_t member, returned_fn fn)
{
	unsigned i;

	for (i = 0; i < s->mapping->count; i++)
		if (columns_has(&s->returned, i))
			fn(r, member, i);
}

/* -- WITH -- */

static void put_returned(struct renderer *r, size_t member, unsigned column)
{
	(void)member;
	put(r, ", ");
	render_name(r->p, &r->sql, r->m->table);
	put(r, ".");
	put_target(r, column);
	put_number(r, " AS column%zu", (size_t)column + 1);
}

static void put_from_member(struct renderer *r, size_t member, unsigned column)
{
	put_number(r, "(SELECT column%zu", (size_t)column + 1);
	put_number(r, " FROM uow_%zu), ", member + 1);
}

static void put_with(struct renderer *r, const struct members *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		put_number(r, i ? ", uow_%zu AS (" : "WITH uow_%zu AS (",
			   i + 1);
		put_member(r, l, i);
		put(r, " RETURNING 1");
		each_returned(r, l->shapes[i], i, put_returned);
		put(r, ")");
	}
	put(r, " SELECT ");
	for (i = 0; i < l->count; i++)
		each_returned(r, l->shapes[i], i, put_from_member);
	put(r, "concat_ws(' '");
	for (i = 0; i < l->count; i++)
		put_number(r, ", (SELECT count(*) FROM uow_%zu)", i + 1);
	put(r, ")");
}

/* -- BEGIN NOT ATOMIC .. END -- */

static bool makes_key(const struct shape *s)
{
	return !columns_empty(&s->returned);
}

static void put_variables(struct renderer *r, const struct members *l)
{
	size_t i;

	put(r, "DECLARE ");
	for (i = 0; i < l->count; i++) {
		put_number(r, i ? ", uow_%zu" : "uow_%zu", i + 1);
		if (makes_key(l->shapes[i]))
			put_number(r, ", uow_key_%zu", i + 1);
	}
	put(r, " BIGINT; ");
}

/* 0 where this INSERT makes no key: that of one before would be taken. */
static void put_in_block(struct renderer *r, const struct members *l, size_t i)
{
	bool key = makes_key(l->shapes[i]);

	put(r, key ? "DO LAST_INSERT_ID(0); " : "");
	put_member(r, l, i);
	put_number(r, "; SET uow_%zu = ROW_COUNT()", i + 1);
	if (key)
		put_number(r, ", uow_key_%zu = LAST_INSERT_ID()", i + 1);
	put(r, "; ");
}

static void put_making_block(struct renderer *r, const struct members *l)
{
	size_t i;

	put_variables(r, l);
	for (i = 0; i < l->count; i++)
		put_in_block(r, l, i);
	put(r, "SELECT ");
	for (i = 0; i < l->count; i++)
		if (makes_key(l->shapes[i]))
			put_number(r, "uow_key_%zu, ", i + 1);
	put(r, "CONCAT_WS(' '");
	for (i = 0; i < l->count; i++)
		put_number(r, ", uow_%zu", i + 1);
	put(r, "); ");
}

/* The variable costs nothing: it is made when there is something to tell. */
static void put_writing_block(struct renderer *r, const struct members *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		put_member(r, l, i);
		put(r, "; IF ROW_COUNT() <> 1 THEN BEGIN DECLARE uow BIGINT "
		    "DEFAULT ROW_COUNT(); ");
		put_number(r, "SIGNAL SQLSTATE '" TOGETHER_MISSED "%zu' SET "
			   "MESSAGE_TEXT = uow; ", i + 1);
		put(r, "END; END IF; ");
	}
}

static void put_block(struct renderer *r, const struct members *l)
{
	put(r, "BEGIN NOT ATOMIC ");
	if (render_together_asks(r->p, l->shapes, l->count))
		put_making_block(r, l);
	else
		put_writing_block(r, l);
	put(r, "END");
}

bool render_together_asks(const struct profile *p,
			  const struct shape *const *shapes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (makes_key(shapes[i]))
			return true;
	return p->together != TOGETHER_BLOCK;
}

/* LAST_INSERT_ID() is a number, and of one kind of key alone. */
static bool key_can_be_asked(const struct profile *p, const struct mapping *m)
{
	switch (m->fields[m->generated_key].type) {
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		return p->made_key != NULL;
	default:
		return false;
	}
}

bool render_together_fits(const struct profile *p, const struct shape *s)
{
	struct columns rest = s->returned;

	if (s->op == SHAPE_INSERT && columns_empty(&s->set))
		return false;
	if (p->together == TOGETHER_WITH)
		return true;
	if (s->op == SHAPE_INSERT && s->mapping->generated_key >= 0 &&
	    key_can_be_asked(p, s->mapping))
		columns_remove(&rest, (unsigned)s->mapping->generated_key);
	return p->together == TOGETHER_BLOCK && columns_empty(&rest);
}

/* Fields of the first result columns; whose they are, the shapes tell. */
static void list_columns(struct renderer *r, const struct members *l)
{
	size_t i, n = 0;
	unsigned k;

	for (i = 0; i < l->count; i++)
		n += l->shapes[i]->mapping->count;
	r->columns = mem_array(n, sizeof(*r->columns));
	if (!r->columns) {
		render_fail(r, UOW_ENOMEM, "out of memory");
		return;
	}
	for (i = 0; i < l->count; i++)
		for (k = 0; k < l->shapes[i]->mapping->count; k++)
			if (columns_has(&l->shapes[i]->returned, k))
				r->columns[r->column_count++] = k;
}

int render_together(const struct profile *p, const struct shape *const *shapes,
		    const struct type_form *const *const *forms, size_t count,
		    struct sql_text *out, uow_error *err)
{
	const struct members l = { shapes, forms, count };
	struct renderer r;

	renderer_init(&r, p, shapes[0]->mapping, forms[0], err);
	if (p->together == TOGETHER_WITH)
		put_with(&r, &l);
	else
		put_block(&r, &l);
	list_columns(&r, &l);
	return renderer_finish(&r, out);
}
