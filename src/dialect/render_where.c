/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/renderer.h"

#include <assert.h>

#include "model/criterion.h"

/*
 * Criterion -> text. Chains of AND and of OR stay flat: parsers of databases
 * have stacks of their own, and some are no deeper than a hundred.
 *
 * NOT goes down to the single tests, which have an opposite each: there are
 * databases whose NOT takes "unknown" for "false" (NOT (c LIKE 'a%'), NOT (c =
 * 1 OR 1=0)) and so finds rows where c is NULL. A test that is false where it
 * should be unknown does no harm when nothing around it negates.
 */
struct walk {
	struct renderer *r;
	const uint32_t *at, *end;
	size_t arg;		/* number of the next argument */
	unsigned depth;
	bool negated;		/* by the NOTs around */
};

static void put_spec(struct walk *w, enum spec_op around);

static uint32_t next_word(struct walk *w)
{
	assert(w->at < w->end);
	return *w->at++;
}

void want_order(struct renderer *r, unsigned column)
{
	const char *types = r->forms[column]->unordered;

	if (types)
		render_fail(r, UOW_ENOTSUP, "%s.%s cannot be ordered or "
			    "compared by less and greater: it is kept as one "
			    "of %s", r->m->table, r->m->fields[column].name,
			    types);
}

static enum spec_op opposite(enum spec_op op)
{
	switch (op) {
	case SPEC_ALL:
		return SPEC_NONE;
	case SPEC_NONE:
		return SPEC_ALL;
	case SPEC_EQ:
		return SPEC_NE;
	case SPEC_NE:
		return SPEC_EQ;
	case SPEC_LT:
		return SPEC_GE;
	case SPEC_LE:
		return SPEC_GT;
	case SPEC_GT:
		return SPEC_LE;
	case SPEC_GE:
		return SPEC_LT;
	case SPEC_AND:
		return SPEC_OR;
	case SPEC_OR:
		return SPEC_AND;
	default:
		return op;
	}
}

static const char *comparison(enum spec_op op)
{
	switch (op) {
	case SPEC_EQ:
		return " = ";
	case SPEC_NE:
		return " <> ";
	case SPEC_LT:
		return " < ";
	case SPEC_LE:
		return " <= ";
	case SPEC_GT:
		return " > ";
	default:
		return " >= ";
	}
}

static void put_comparison(struct walk *w, enum spec_op op, unsigned column)
{
	if (op != SPEC_EQ && op != SPEC_NE)
		want_order(w->r, column);
	put_compared(w->r, column);
	put(w->r, comparison(op));
	put_value(w->r, PARAM_ARG, column, w->arg++);
}

static void put_null_test(struct walk *w, unsigned column, bool negated)
{
	put_column(w->r, column);
	put(w->r, negated ? " IS NOT NULL" : " IS NULL");
}

static void put_null(struct walk *w, unsigned column)
{
	put_null_test(w, column, w->negated);
}

/* What has no opposite: never true where the column is NULL. */
static void open_negated(struct walk *w, unsigned column)
{
	if (!w->negated)
		return;
	put(w->r, "(");
	put_null_test(w, column, true);
	put(w->r, " AND NOT (");
}

static void close_negated(struct walk *w)
{
	put(w->r, w->negated ? "))" : "");
}

static void put_in(struct walk *w, unsigned column)
{
	uint32_t count = next_word(w);

	if (!count) {
		put(w->r, w->negated ? "1=1" : "1=0");
		return;
	}
	open_negated(w, column);
	put_in_list(w->r, column, PARAM_ARG, w->arg, count);
	w->arg += count;
	close_negated(w);
}

/* Tests that some databases get wrong beside others: see `test_apart`. */
static void put_apart(struct walk *w, void (*test)(struct walk *, unsigned),
		      unsigned column, enum spec_op around)
{
	const char *end = around ? w->r->p->test_apart : NULL;

	if (end)
		end = put_until(w->r, end, "test");
	test(w, column);
	if (end)
		put_until(w->r, end, "test");
}

static void put_starts(struct walk *w, unsigned column)
{
	const char *template = w->r->p->starts_with;

	if (!template) {
		render_fail(w->r, UOW_ENOTSUP, "%s.%s: profile %s has no "
			    "starts_with", w->r->m->table,
			    w->r->m->fields[column].name, w->r->p->name);
		return;
	}
	open_negated(w, column);
	put(w->r, w->negated ? "" : "(");
	put_test(w->r, template, column, w->arg++);
	put(w->r, w->negated ? "" : ")");
	close_negated(w);
}

/* Both operands; parentheses only where the other of the two is around. */
static void put_pair(struct walk *w, enum spec_op op, enum spec_op around)
{
	bool open = around != op && (around == SPEC_AND || around == SPEC_OR);

	if (open)
		put(w->r, "(");
	put_spec(w, op);
	put(w->r, op == SPEC_AND ? " AND " : " OR ");
	put_spec(w, op);
	if (open)
		put(w->r, ")");
}

/* However many follow each other, they are one level of depth. */
static void put_not(struct walk *w, enum spec_op around)
{
	bool before = w->negated;

	w->negated = !w->negated;
	for (; w->at < w->end && CODE_OP(*w->at) == SPEC_NOT; w->at++)
		w->negated = !w->negated;
	put_spec(w, around);
	w->negated = before;
}

static void put_operation(struct walk *w, uint32_t word, enum spec_op around)
{
	unsigned column = CODE_COLUMN(word);
	enum spec_op op = (enum spec_op)CODE_OP(word);

	if (w->negated)
		op = opposite(op);
	switch (op) {
	case SPEC_ALL:
		put(w->r, "1=1");
		break;
	case SPEC_NONE:
		put(w->r, "1=0");
		break;
	case SPEC_IN:
		put_apart(w, put_in, column, around);
		break;
	case SPEC_STARTS:
		put_starts(w, column);
		break;
	case SPEC_IS_NULL:
		put_apart(w, put_null, column, around);
		break;
	case SPEC_AND:
	case SPEC_OR:
		put_pair(w, op, around);
		break;
	case SPEC_NOT:
		put_not(w, around);
		break;
	default:
		put_comparison(w, op, column);
	}
}

/* around: the operation that this one is an operand of, 0 at the top. */
static void put_spec(struct walk *w, enum spec_op around)
{
	if (w->r->rc)
		return;
	if (w->depth == SPEC_DEPTH) {
		render_fail(w->r, UOW_EINVAL, "criterion on %s is deeper than "
			    "%d", w->r->m->table, SPEC_DEPTH);
		return;
	}
	w->depth++;
	put_operation(w, next_word(w), around);
	w->depth--;
}

void put_criterion(struct renderer *r, const uint32_t *code, size_t code_len)
{
	struct walk w;

	w.r = r;
	w.at = code;
	w.end = code + code_len;
	w.arg = 0;
	w.depth = 0;
	w.negated = false;
	put_spec(&w, (enum spec_op)0);
	assert(r->rc || w.at == w.end);
}
