/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/criterion.h"

#include "model/field.h"
#include "model/match.h"

/*
 * A tree that does not fit must match nothing, also below a NOT: so every
 * node is looked at, and one misfit decides about the whole.
 */
struct evaluation {
	const struct mapping *m;
	const void *row;
	size_t nodes;
	bool misfit;
};

/* A node used in many places is counted in each of them. */
enum { NODES_MAX = 1 << 20 };

static enum truth misfit(struct evaluation *e)
{
	e->misfit = true;
	return TRUTH_UNKNOWN;
}

/* One value of the tree against the member's. */
static enum truth compare(struct evaluation *e, const struct field *f,
			  enum spec_op op, const uow_value *member,
			  const uow_value *v)
{
	uow_value with;

	if (field_convert(e->m, f, v, &with, NULL) != 0)
		return misfit(e);
	return match_values(op, member, &with);
}

/* FALSE when empty, also for a NULL member: there is nothing to compare. */
static enum truth is_in(struct evaluation *e, const struct field *f,
			const uow_spec *s, const uow_value *member)
{
	enum truth t = TRUTH_FALSE;
	size_t i;

	for (i = 0; i < s->count; i++)
		t = truth_or(t, compare(e, f, SPEC_EQ, member, &s->values[i]));
	return t;
}

static enum truth leaf(struct evaluation *e, const uow_spec *s)
{
	const struct field *f;
	uow_value member;
	int i = s->column ? mapping_find(e->m, s->column) : -1;

	if (i < 0)
		return misfit(e);
	f = &e->m->fields[i];
	if (s->op == SPEC_IS_NULL)
		return truth_of(field_is_null(f, e->row));
	if (s->op == SPEC_STARTS &&
	    (!type_is_text(f->type) || field_is_digits(f)))
		return misfit(e);
	field_get(f, e->row, &member);
	if (s->op == SPEC_IN)
		return is_in(e, f, s, &member);
	return compare(e, f, s->op, &member, s->values);
}

static enum truth evaluate(struct evaluation *e, const uow_spec *s,
			   unsigned depth)
{
	enum truth a;

	if (e->misfit || !s || depth > SPEC_DEPTH || ++e->nodes > NODES_MAX)
		return misfit(e);
	switch (s->op) {
	case SPEC_ALL:
		return TRUTH_TRUE;
	case SPEC_NONE:
		return TRUTH_FALSE;
	case SPEC_AND:
		a = evaluate(e, s->a, depth + 1);
		return truth_and(a, evaluate(e, s->b, depth + 1));
	case SPEC_OR:
		a = evaluate(e, s->a, depth + 1);
		return truth_or(a, evaluate(e, s->b, depth + 1));
	case SPEC_NOT:
		return truth_not(evaluate(e, s->a, depth + 1));
	case SPEC_EQ: case SPEC_NE: case SPEC_LT: case SPEC_LE:
	case SPEC_GT: case SPEC_GE: case SPEC_IN: case SPEC_STARTS:
	case SPEC_IS_NULL:
		return leaf(e, s);
	}
	return misfit(e);
}

enum truth spec_evaluate(const uow_spec *s, const struct mapping *m,
			 const void *row)
{
	struct evaluation e = { m, row, 0, false };
	enum truth t = evaluate(&e, s, 1);

	return e.misfit ? TRUTH_UNKNOWN : t;
}
