/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/renderer.h"

#include <assert.h>

#include "model/criterion.h"

/*
 * Criterion -> text. Chains of AND and of OR stay flat and double negations
 * are left out: parsers of databases have stacks of their own, and some are
 * no deeper than a hundred.
 */
struct walk {
	struct renderer *r;
	const uint32_t *at, *end;
	size_t arg;		/* number of the next argument */
	unsigned depth;
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
	put_column(w->r, column);
	put(w->r, comparison(op));
	put_value(w->r, PARAM_ARG, column, w->arg++);
}

static void put_in(struct walk *w, unsigned column)
{
	uint32_t i, count = next_word(w);

	if (!count) {
		put(w->r, "1=0");
		return;
	}
	put_column(w->r, column);
	put(w->r, " IN (");
	for (i = 0; i < count; i++) {
		if (i)
			put(w->r, ", ");
		put_value(w->r, PARAM_ARG, column, w->arg++);
	}
	put(w->r, ")");
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
	put(w->r, "(");
	put_test(w->r, template, column, w->arg++);
	put(w->r, ")");
}

static void put_null_test(struct walk *w, unsigned column)
{
	put_column(w->r, column);
	put(w->r, " IS NULL");
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

/* An even number of NOTs is none. */
static void put_not(struct walk *w)
{
	bool odd = true;

	for (; w->at < w->end && CODE_OP(*w->at) == SPEC_NOT; w->at++)
		odd = !odd;
	put(w->r, odd ? "NOT (" : "(");
	put_spec(w, SPEC_NOT);
	put(w->r, ")");
}

static void put_operation(struct walk *w, uint32_t word, enum spec_op around)
{
	unsigned column = CODE_COLUMN(word);

	switch (CODE_OP(word)) {
	case SPEC_ALL:
		put(w->r, "1=1");
		break;
	case SPEC_NONE:
		put(w->r, "1=0");
		break;
	case SPEC_IN:
		put_in(w, column);
		break;
	case SPEC_STARTS:
		put_starts(w, column);
		break;
	case SPEC_IS_NULL:
		put_null_test(w, column);
		break;
	case SPEC_AND:
	case SPEC_OR:
		put_pair(w, CODE_OP(word), around);
		break;
	case SPEC_NOT:
		put_not(w);
		break;
	default:
		put_comparison(w, CODE_OP(word), column);
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
	put_spec(&w, (enum spec_op)0);
	assert(r->rc || w.at == w.end);
}
