/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/criterion.h"

#include <string.h>

#include "base/errors.h"
#include "model/field.h"

const uow_spec spec_all = { SPEC_ALL, NULL, NULL, 0, NULL, NULL };
const uow_spec spec_none = { SPEC_NONE, NULL, NULL, 0, NULL, NULL };

/*
 * Compiled in two walks over the tree: the first checks its form and counts,
 * the second writes. The limits stop a tree whose nodes share their branches,
 * and so has many more paths than nodes.
 *
 * What is the same for all rows is left out with its arguments: databases do so
 * as well, and not always right. So is a test that compares with NULL: no row
 * satisfies it, and none its opposite.
 */
enum { WORDS_MAX = 1 << 20, ARGS_MAX = 1 << 20 };

struct compiler {
	const struct mapping *m;
	uow_error *err;
	size_t words, args;	/* first walk: needed; second: written */
	uint32_t *code;
	uow_value *values;
	unsigned *columns;
	bool negated;		/* by the NOTs around */
};

static int refuse(const struct compiler *c, const char *what)
{
	error_set(c->err, UOW_EINVAL, "entity %s: a criterion %s", c->m->name,
		  what);
	error_entity(c->err, c->m->name);
	return UOW_EINVAL;
}

static bool has_column(enum spec_op op)
{
	return op >= SPEC_EQ && op <= SPEC_IS_NULL;
}

enum { DOUBLED_MAX = 512, STEP = 500 };

/*
 * Lists of similar length share a statement. Long ones are not doubled: they
 * cost more than another statement does, and there is a limit of parameters,
 * often a round number.
 */
static size_t filled_up(size_t n)
{
	size_t p = 1;

	if (n > DOUBLED_MAX)
		return (n + STEP - 1) / STEP * STEP;
	while (p < n)
		p *= 2;
	return p;
}

/* Values of a list that are not NULL. */
static size_t value_count(const uow_spec *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->count; i++)
		if (s->values[i].type != UOW_TYPE_NULL)
			n++;
	return n;
}

/* Argument values of a node, filled up, at most. */
static size_t arg_count(const uow_spec *s)
{
	if (s->op == SPEC_IN)
		return filled_up(value_count(s));
	return has_column(s->op) && s->op != SPEC_IS_NULL;
}

static size_t word_count(const uow_spec *s)
{
	return s->op == SPEC_IN ? 2 : 1;
}

static int check_column(const struct compiler *c, const uow_spec *s)
{
	int i = s->column ? mapping_find(c->m, s->column) : -1;

	if (i < 0) {
		error_set(c->err, UOW_EINVAL, "entity %s has no column '%s'",
			  c->m->name, s->column ? s->column : "");
		error_entity(c->err, c->m->name);
		return UOW_EINVAL;
	}
	if (s->op == SPEC_STARTS &&
	    (!type_is_text(c->m->fields[i].type) ||
	     field_is_digits(&c->m->fields[i])))
		return field_error(c->m, &c->m->fields[i], c->err, UOW_EINVAL,
				   "has type %s, only text starts with text",
				   type_name(c->m->fields[i].type));
	return 0;
}

static int check_node(struct compiler *c, const uow_spec *s, unsigned depth)
{
	if (!s)
		return refuse(c, "or a part of it is NULL");
	if (depth > SPEC_DEPTH)
		return refuse(c, "is nested too deep");
	if (s->op < SPEC_ALL || s->op > SPEC_NOT)
		return refuse(c, "has an unknown operator");
	if (s->op == SPEC_IN && s->count > ARGS_MAX)
		return refuse(c, "has too many values");
	c->words += word_count(s);
	c->args += arg_count(s);
	if (c->words > WORDS_MAX || c->args > ARGS_MAX)
		return refuse(c, "is too large");
	return has_column(s->op) ? check_column(c, s) : 0;
}

static int check(struct compiler *c, const uow_spec *s, unsigned depth)
{
	int rc = check_node(c, s, depth);

	if (rc || (s->op != SPEC_AND && s->op != SPEC_OR && s->op != SPEC_NOT))
		return rc;
	rc = check(c, s->a, depth + 1);
	if (rc || s->op == SPEC_NOT)
		return rc;
	return check(c, s->b, depth + 1);
}

static int write_arg(struct compiler *c, const uow_value *v, unsigned column)
{
	c->columns[c->args] = column;
	return field_convert(c->m, &c->m->fields[column], v,
			     &c->values[c->args++], c->err);
}

static int write_values(struct compiler *c, const uow_spec *s, unsigned column,
			size_t filled)
{
	size_t i, end = c->args + filled;
	int rc = 0;

	for (i = 0; !rc && i < s->count; i++)
		if (s->values[i].type != UOW_TYPE_NULL)
			rc = write_arg(c, &s->values[i], column);
	for (; !rc && c->args < end; c->args++) {
		c->columns[c->args] = column;
		c->values[c->args] = c->values[c->args - 1];
	}
	return rc;
}

static void write_word(struct compiler *c, enum spec_op op)
{
	c->code[c->words++] = CODE_WORD(op, 0);
}

/* What is never TRUE, and so to be FALSE when the NOTs around are through. */
static void write_never(struct compiler *c)
{
	write_word(c, c->negated ? SPEC_ALL : SPEC_NONE);
}

/*
 * What is in the list is looked for, also beside a NULL. What is not in it is
 * unknown then. "IN ()" is no SQL, and FALSE also where the column is NULL.
 */
static int write_list(struct compiler *c, const uow_spec *s, unsigned column)
{
	size_t n = value_count(s), at = c->words, args = c->args;
	int rc;

	if (!s->count) {
		write_word(c, SPEC_NONE);
		return 0;
	}
	c->code[c->words++] = CODE_WORD(SPEC_IN, column);
	c->code[c->words++] = (uint32_t)filled_up(n);
	rc = n ? write_values(c, s, column, filled_up(n)) : 0;
	if (!rc && n < s->count && (!n || c->negated)) {
		c->words = at;
		c->args = args;
		write_never(c);
	}
	return rc;
}

static int write_leaf(struct compiler *c, const uow_spec *s)
{
	unsigned column = (unsigned)mapping_find(c->m, s->column);

	if (s->op == SPEC_IN)
		return write_list(c, s, column);
	if (s->op != SPEC_IS_NULL && s->values[0].type == UOW_TYPE_NULL) {
		write_never(c);
		return 0;
	}
	c->code[c->words++] = CODE_WORD(s->op, column);
	return s->op == SPEC_IS_NULL ? 0 : write_arg(c, &s->values[0], column);
}

static int write_tree(struct compiler *c, const uow_spec *s);

/* Is what was written from there on no more than this constant? */
static bool is_only(const struct compiler *c, size_t from, size_t to,
		    enum spec_op constant)
{
	return to - from == 1 && CODE_OP(c->code[from]) == constant;
}

static int write_not(struct compiler *c, const uow_spec *s)
{
	size_t at = c->words++;
	bool all;
	int rc;

	c->negated = !c->negated;
	rc = write_tree(c, s->a);
	c->negated = !c->negated;
	all = is_only(c, at + 1, c->words, SPEC_ALL);
	c->code[at] = CODE_WORD(SPEC_NOT, 0);
	if (!rc && (all || is_only(c, at + 1, c->words, SPEC_NONE))) {
		c->words = at;
		write_word(c, all ? SPEC_NONE : SPEC_ALL);
	}
	return rc;
}

/* Only one of two operands is left: it takes the place of both. */
static void keep(struct compiler *c, size_t at, size_t from, size_t to)
{
	memmove(c->code + at, c->code + from, (to - from) * sizeof(*c->code));
	c->words = at + (to - from);
}

/* FALSE decides an AND and changes nothing of an OR, TRUE the other way. */
static void fold(struct compiler *c, enum spec_op op, size_t at, size_t middle,
		 size_t args)
{
	enum spec_op decides = op == SPEC_AND ? SPEC_NONE : SPEC_ALL;
	enum spec_op nothing = op == SPEC_AND ? SPEC_ALL : SPEC_NONE;

	if (is_only(c, at + 1, middle, decides) ||
	    is_only(c, middle, c->words, decides)) {
		c->words = at;
		c->args = args;
		write_word(c, decides);
	} else if (is_only(c, at + 1, middle, nothing)) {
		keep(c, at, middle, c->words);
	} else if (is_only(c, middle, c->words, nothing)) {
		keep(c, at, at + 1, middle);
	}
}

static int write_pair(struct compiler *c, const uow_spec *s)
{
	size_t at = c->words++, args = c->args, middle;
	int rc = write_tree(c, s->a);

	c->code[at] = CODE_WORD(s->op, 0);
	middle = c->words;
	if (!rc)
		rc = write_tree(c, s->b);
	if (!rc)
		fold(c, s->op, at, middle, args);
	return rc;
}

/* check() has been here: the depth is bounded and nothing is NULL. */
static int write_tree(struct compiler *c, const uow_spec *s)
{
	switch (s->op) {
	case SPEC_ALL:
	case SPEC_NONE:
		write_word(c, s->op);
		return 0;
	case SPEC_AND:
	case SPEC_OR:
		return write_pair(c, s);
	case SPEC_NOT:
		return write_not(c, s);
	default:
		return write_leaf(c, s);
	}
}

int criterion_compile(const struct mapping *m, const uow_spec *s,
		      struct arena *a, struct criterion *out, uow_error *err)
{
	struct compiler c = { m, err, 0, 0, NULL, NULL, NULL, false };
	int rc;

	rc = check(&c, s, 1);
	if (rc)
		return rc;
	c.code = arena_array(a, c.words, sizeof(*c.code));
	c.values = arena_array(a, c.args, sizeof(*c.values));
	c.columns = arena_array(a, c.args, sizeof(*c.columns));
	if (!c.code || !c.values || !c.columns)
		return error_nomem(err);
	c.words = c.args = 0;
	rc = write_tree(&c, s);
	if (rc)
		return rc;
	out->code = c.code;
	out->code_len = c.words;
	out->args = c.values;
	out->arg_count = c.args;
	out->arg_columns = c.columns;
	return 0;
}
