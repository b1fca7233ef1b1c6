/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/match.h"

#include <string.h>

#include "model/compare.h"
#include "model/field.h"

enum truth truth_of(bool b)
{
	return b ? TRUTH_TRUE : TRUTH_FALSE;
}

enum truth truth_not(enum truth t)
{
	return t == TRUTH_UNKNOWN ? t : truth_of(t == TRUTH_FALSE);
}

/* FALSE wins over UNKNOWN, UNKNOWN over TRUE. */
enum truth truth_and(enum truth a, enum truth b)
{
	if (a == TRUTH_FALSE || b == TRUTH_FALSE)
		return TRUTH_FALSE;
	if (a == TRUTH_UNKNOWN || b == TRUTH_UNKNOWN)
		return TRUTH_UNKNOWN;
	return TRUTH_TRUE;
}

enum truth truth_or(enum truth a, enum truth b)
{
	return truth_not(truth_and(truth_not(a), truth_not(b)));
}

static enum truth by_order(enum spec_op op, int order)
{
	switch (op) {
	case SPEC_EQ:
		return truth_of(order == 0);
	case SPEC_NE:
		return truth_of(order != 0);
	case SPEC_LT:
		return truth_of(order < 0);
	case SPEC_LE:
		return truth_of(order <= 0);
	case SPEC_GT:
		return truth_of(order > 0);
	default:
		return truth_of(order >= 0);
	}
}

static enum truth starts(const uow_value *v, const uow_value *prefix)
{
	size_t size = prefix->as.bytes.size;

	if (!size)
		return TRUTH_TRUE;
	return truth_of(size <= v->as.bytes.size &&
			memcmp(v->as.bytes.data, prefix->as.bytes.data,
			       size) == 0);
}

enum truth match_values(enum spec_op op, const uow_value *member,
			const uow_value *v)
{
	int order;

	if (member->type == UOW_TYPE_NULL || v->type == UOW_TYPE_NULL)
		return TRUTH_UNKNOWN;
	if (op == SPEC_STARTS)
		return starts(member, v);
	if (!value_compare(member, v, &order))
		return TRUTH_UNKNOWN;
	return by_order(op, order);
}

/* Where the evaluation stands in code and arguments. */
struct walk {
	const struct mapping *m;
	const uint32_t *code;
	const uow_value *args;
	const void *row;
};

static enum truth is_in(struct walk *w, const uow_value *member)
{
	enum truth t = TRUTH_FALSE;
	uint32_t count = *w->code++;

	while (count--) {
		/* All arguments are passed by, whatever the answer. */
		if (t != TRUTH_TRUE)
			t = truth_or(t, match_values(SPEC_EQ, member, w->args));
		w->args++;
	}
	return t;
}

static enum truth leaf(struct walk *w, uint32_t word)
{
	const struct field *f = &w->m->fields[CODE_COLUMN(word)];
	enum spec_op op = CODE_OP(word);
	uow_value member;

	if (op == SPEC_IS_NULL)
		return truth_of(field_is_null(f, w->row));
	field_get(f, w->row, &member);
	if (op == SPEC_IN)
		return is_in(w, &member);
	return match_values(op, &member, w->args++);
}

/* As deep as the tree was, which SPEC_DEPTH bounds. */
static enum truth node(struct walk *w)
{
	uint32_t word = *w->code++;
	enum truth a;

	switch (CODE_OP(word)) {
	case SPEC_ALL:
		return TRUTH_TRUE;
	case SPEC_NONE:
		return TRUTH_FALSE;
	case SPEC_AND:
		a = node(w);
		return truth_and(a, node(w));
	case SPEC_OR:
		a = node(w);
		return truth_or(a, node(w));
	case SPEC_NOT:
		return truth_not(node(w));
	default:
		return leaf(w, word);
	}
}

enum truth match_code(const struct mapping *m, const uint32_t *code,
		      size_t code_len, const uow_value *args, const void *row)
{
	struct walk w = { m, code, args, row };

	return code_len ? node(&w) : TRUTH_TRUE;
}
