/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/criterion.h"

#include "base/errors.h"
#include "model/field.h"

const uow_spec spec_all = { SPEC_ALL, NULL, NULL, 0, NULL, NULL };
const uow_spec spec_none = { SPEC_NONE, NULL, NULL, 0, NULL, NULL };

/*
 * Compiled in two walks over the tree: the first checks its form and counts,
 * the second writes. The limits stop a tree whose nodes share their branches,
 * and so has many more paths than nodes.
 */
enum { WORDS_MAX = 1 << 20, ARGS_MAX = 1 << 20 };

struct compiler {
	const struct mapping *m;
	uow_error *err;
	size_t words, args;	/* first walk: needed; second: written */
	uint32_t *code;
	uow_value *values;
	unsigned *columns;
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

static size_t power_of_two(size_t n)
{
	size_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

/* Argument values of a node, filled up. */
static size_t arg_count(const uow_spec *s)
{
	if (s->op == SPEC_IN)
		return s->count ? power_of_two(s->count) : 0;
	return has_column(s->op) && s->op != SPEC_IS_NULL;
}

static size_t word_count(const uow_spec *s)
{
	return s->op == SPEC_IN && s->count ? 2 : 1;
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
	if (s->op == SPEC_STARTS && !type_is_text(c->m->fields[i].type))
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

static int write_args(struct compiler *c, const uow_spec *s, unsigned column)
{
	size_t i, count = arg_count(s);
	uow_value *to;
	int rc;

	for (i = 0; i < count; i++, c->args++) {
		to = &c->values[c->args];
		c->columns[c->args] = column;
		if (s->op == SPEC_IN && i >= s->count) {
			*to = to[-1];
			continue;
		}
		rc = field_convert(c->m, &c->m->fields[column], &s->values[i],
				   to, c->err);
		if (rc)
			return rc;
	}
	return 0;
}

static int write_leaf(struct compiler *c, const uow_spec *s)
{
	unsigned column;

	if (s->op == SPEC_IN && !s->count) {
		/* "IN ()" is no SQL, and FALSE also for a NULL column. */
		c->code[c->words++] = CODE_WORD(SPEC_NONE, 0);
		return 0;
	}
	column = (unsigned)mapping_find(c->m, s->column);
	c->code[c->words++] = CODE_WORD(s->op, column);
	if (s->op == SPEC_IN)
		c->code[c->words++] = (uint32_t)arg_count(s);
	return write_args(c, s, column);
}

/* check() has been here: the depth is bounded and nothing is NULL. */
static int write_tree(struct compiler *c, const uow_spec *s)
{
	int rc;

	if (has_column(s->op))
		return write_leaf(c, s);
	c->code[c->words++] = CODE_WORD(s->op, 0);
	if (s->op == SPEC_ALL || s->op == SPEC_NONE)
		return 0;
	rc = write_tree(c, s->a);
	if (rc || s->op == SPEC_NOT)
		return rc;
	return write_tree(c, s->b);
}

int criterion_compile(const struct mapping *m, const uow_spec *s,
		      struct arena *a, struct criterion *out, uow_error *err)
{
	struct compiler c = { m, err, 0, 0, NULL, NULL, NULL };
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
