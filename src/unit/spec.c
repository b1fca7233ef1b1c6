/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/unit.h"

#include <string.h>
#include "model/criterion.h"
#include "model/mapping.h"

/*
 * Constructors of criteria. Whatever goes wrong gives the node that matches
 * nothing, and a failed unit: never NULL, never "every row".
 */

const uow_spec *uow_all(void)
{
	return &spec_all;
}

/* Not from uow_alloc(): a unit that cannot be used any more gets no nodes. */
static struct uow_spec *node(uow_unit *u, enum spec_op op)
{
	struct uow_spec *s;

	if (unit_check(u))
		return NULL;
	s = uow_alloc(u, sizeof(*s));
	if (s)
		s->op = op;
	return s;
}

static struct uow_spec *column_node(uow_unit *u, enum spec_op op,
				    const char *column)
{
	struct uow_spec *s;

	if (unit_check(u))
		return NULL;
	if (!column) {
		unit_failf(u, UOW_EINVAL, "a criterion without a column");
		return NULL;
	}
	s = node(u, op);
	if (!s)
		return NULL;
	s->column = uow_strdup(u, column);
	return s->column ? s : NULL;
}

static bool copy_value(uow_unit *u, uow_value *dst, const uow_value *v)
{
	const uow_bytes *b = &v->as.bytes;

	*dst = *v;
	if (v->type != UOW_TYPE_TEXT && v->type != UOW_TYPE_BYTES &&
	    v->type != UOW_TYPE_CHARS)
		return true;
	if (!b->data)
		return true;
	dst->as.bytes.data = arena_text(&u->arena, b->data, b->size);
	if (!dst->as.bytes.data)
		unit_fail_nomem(u);
	return dst->as.bytes.data;
}

static uow_value *copy_values(uow_unit *u, const uow_value *values,
			      size_t count)
{
	uow_value *copy = arena_array(&u->arena, count, sizeof(*copy));
	size_t i;

	if (!copy) {
		unit_fail_nomem(u);
		return NULL;
	}
	for (i = 0; i < count; i++) {
		if (!copy_value(u, &copy[i], &values[i]))
			return NULL;
	}
	return copy;
}

static const uow_spec *with_values(uow_unit *u, enum spec_op op,
				   const char *column,
				   const uow_value *values, size_t count)
{
	struct uow_spec *s = column_node(u, op, column);

	if (!s)
		return &spec_none;
	s->values = copy_values(u, values, count);
	s->count = count;
	return s->values ? s : &spec_none;
}

const uow_spec *uow_eq(uow_unit *u, const char *column, uow_value v)
{
	return with_values(u, SPEC_EQ, column, &v, 1);
}

const uow_spec *uow_ne(uow_unit *u, const char *column, uow_value v)
{
	return with_values(u, SPEC_NE, column, &v, 1);
}

const uow_spec *uow_lt(uow_unit *u, const char *column, uow_value v)
{
	return with_values(u, SPEC_LT, column, &v, 1);
}

const uow_spec *uow_le(uow_unit *u, const char *column, uow_value v)
{
	return with_values(u, SPEC_LE, column, &v, 1);
}

const uow_spec *uow_gt(uow_unit *u, const char *column, uow_value v)
{
	return with_values(u, SPEC_GT, column, &v, 1);
}

const uow_spec *uow_ge(uow_unit *u, const char *column, uow_value v)
{
	return with_values(u, SPEC_GE, column, &v, 1);
}

const uow_spec *uow_in(uow_unit *u, const char *column,
		       const uow_value *values, size_t count)
{
	if (unit_check(u))
		return &spec_none;
	if (count && !values) {
		unit_failf(u, UOW_EINVAL, "a list of %zu values that is NULL",
			   count);
		return &spec_none;
	}
	/* SQL has no empty list. */
	if (!count)
		return &spec_none;
	return with_values(u, SPEC_IN, column, values, count);
}

const uow_spec *uow_starts_with(uow_unit *u, const char *column,
				const char *prefix)
{
	uow_value v = uow_text(prefix);

	if (unit_check(u))
		return &spec_none;
	if (!prefix) {
		unit_failf(u, UOW_EINVAL, "a prefix that is NULL");
		return &spec_none;
	}
	return with_values(u, SPEC_STARTS, column, &v, 1);
}

const uow_spec *uow_is_null(uow_unit *u, const char *column)
{
	const struct uow_spec *s = column_node(u, SPEC_IS_NULL, column);

	return s ? s : &spec_none;
}

static const uow_spec *joined(uow_unit *u, enum spec_op op, const uow_spec *a,
			      const uow_spec *b)
{
	struct uow_spec *s;

	if (unit_check(u))
		return &spec_none;
	if (!a || (!b && op != SPEC_NOT)) {
		unit_failf(u, UOW_EINVAL, "a criterion made of one that is "
			   "NULL");
		return &spec_none;
	}
	s = node(u, op);
	if (!s)
		return &spec_none;
	s->a = a;
	s->b = b;
	return s;
}

const uow_spec *uow_and(uow_unit *u, const uow_spec *a, const uow_spec *b)
{
	return joined(u, SPEC_AND, a, b);
}

const uow_spec *uow_or(uow_unit *u, const uow_spec *a, const uow_spec *b)
{
	return joined(u, SPEC_OR, a, b);
}

const uow_spec *uow_not(uow_unit *u, const uow_spec *a)
{
	return joined(u, SPEC_NOT, a, NULL);
}

/* The mapping is made anew each time: there is no data source to keep it. */
bool uow_satisfies(const uow_spec *spec, const uow_entity *entity,
		   const void *object)
{
	struct mapping *m;
	bool yes;

	if (!spec || !entity || !object || mapping_new(&m, entity, NULL))
		return false;
	yes = spec_evaluate(spec, m, object) == TRUTH_TRUE;
	mapping_free(m);
	return yes;
}
