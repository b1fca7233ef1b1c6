/* SPDX-License-Identifier: BSD-2-Clause */
/* model/criterion.h, model/match.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "model/criterion.h"
#include "model/match.h"
#include "thing.h"

static struct arena trees;

static int start(void **state)
{
	arena_init(&trees);
	return map_thing(state);
}

static int stop(void **state)
{
	arena_release(&trees);
	return unmap_thing(state);
}

static const uow_spec *list(enum spec_op op, const char *column,
			    const uow_value *values, size_t count)
{
	uow_spec *s = arena_alloc(&trees, sizeof(*s));

	s->op = op;
	s->column = column;
	s->values = arena_copy(&trees, values, count * sizeof(*values));
	s->count = count;
	return s;
}

static const uow_spec *one(enum spec_op op, const char *column, uow_value v)
{
	return list(op, column, &v, 1);
}

static const uow_spec *is_null(const char *column)
{
	return list(SPEC_IS_NULL, column, NULL, 0);
}

static const uow_spec *both(enum spec_op op, const uow_spec *a,
			    const uow_spec *b)
{
	uow_spec *s = arena_alloc(&trees, sizeof(*s));

	s->op = op;
	s->a = a;
	s->b = b;
	return s;
}

static const uow_spec *not(const uow_spec *a)
{
	return both(SPEC_NOT, a, NULL);
}

/* Of each truth one criterion on good_thing(), whose "flag" is NULL here. */
static const uow_spec *known(enum truth t)
{
	if (t == TRUTH_UNKNOWN)
		return one(SPEC_EQ, "flag", uow_bool(true));
	return one(SPEC_EQ, "id", uow_int(t == TRUTH_TRUE ? 5 : 6));
}

static struct thing thing(void)
{
	struct thing t = good_thing();

	t.flag_is_null = true;
	return t;
}

/* As a tree; and compiled, unless it does not fit at all, TRUE or not. */
static void says(enum truth want, const uow_spec *s)
{
	struct thing t = thing();
	struct criterion c;

	assert_int_equal(spec_evaluate(s, map, &t), want);
	if (criterion_compile(map, s, &trees, &c, NULL))
		assert_int_equal(want, TRUTH_UNKNOWN);
	else
		assert_int_equal(match_code(map, c.code, c.code_len, c.args,
					    &t) == TRUTH_TRUE,
				 want == TRUTH_TRUE);
}

static void logic_has_three_values(void **state)
{
	enum { F = TRUTH_FALSE, T = TRUTH_TRUE, U = TRUTH_UNKNOWN };
	static const int and[3][3] = { { F, F, F }, { F, T, U }, { F, U, U } };
	static const int or[3][3] = { { F, T, U }, { T, T, T }, { U, T, U } };
	static const int negation[3] = { T, F, U };
	int a, b;

	(void)state;
	for (a = 0; a < 3; a++) {
		says((enum truth)a, known((enum truth)a));
		says((enum truth)negation[a], not(known((enum truth)a)));
		for (b = 0; b < 3; b++) {
			says((enum truth)and[a][b],
			     both(SPEC_AND, known((enum truth)a),
				  known((enum truth)b)));
			says((enum truth)or[a][b],
			     both(SPEC_OR, known((enum truth)a),
				  known((enum truth)b)));
		}
	}
	says(TRUTH_TRUE, &spec_all);
	says(TRUTH_FALSE, &spec_none);
	says(TRUTH_TRUE, is_null("flag"));
	says(TRUTH_FALSE, is_null("id"));
}

/* A member of this column lies between low and high. */
static void orders(const char *column, uow_value low, uow_value same,
		   uow_value high)
{
	says(TRUTH_TRUE, one(SPEC_EQ, column, same));
	says(TRUTH_FALSE, one(SPEC_EQ, column, low));
	says(TRUTH_FALSE, one(SPEC_NE, column, same));
	says(TRUTH_TRUE, one(SPEC_NE, column, high));
	says(TRUTH_FALSE, one(SPEC_LT, column, same));
	says(TRUTH_TRUE, one(SPEC_LT, column, high));
	says(TRUTH_FALSE, one(SPEC_LT, column, low));
	says(TRUTH_TRUE, one(SPEC_LE, column, same));
	says(TRUTH_TRUE, one(SPEC_LE, column, high));
	says(TRUTH_FALSE, one(SPEC_LE, column, low));
	says(TRUTH_FALSE, one(SPEC_GT, column, same));
	says(TRUTH_TRUE, one(SPEC_GT, column, low));
	says(TRUTH_FALSE, one(SPEC_GT, column, high));
	says(TRUTH_TRUE, one(SPEC_GE, column, same));
	says(TRUTH_TRUE, one(SPEC_GE, column, low));
	says(TRUTH_FALSE, one(SPEC_GE, column, high));
	says(TRUTH_UNKNOWN, one(SPEC_NE, column, uow_null()));
}

static void every_type_has_an_order(void **state)
{
	(void)state;
	orders("id", uow_int(-5), uow_int(5), uow_decimal(60, 1));
	orders("price", uow_decimal(1249, 2), uow_real(12.5), uow_int(13));
	orders("f64", uow_int(1), uow_decimal(15, 1), uow_real(1.75));
	orders("name", uow_text("boa"), uow_text("bob"), uow_text("bob "));
	orders("note", uow_text("Z"), uow_text("note"), uow_text("\xc3\xa4"));
	orders("data", uow_blob("\1", 1), uow_blob("\1\2", 2),
	       uow_blob("\1\2\0", 3));
	orders("day", uow_text("2024-01-31"), uow_day(a_day),
	       uow_text("2024-03-01"));
	orders("clock", uow_text("01:02:02"), uow_clock_time(a_time),
	       uow_text("01:03:00"));
	orders("stamp", uow_text("2024-02-29 01:02:03.4"), uow_stamp(a_stamp),
	       uow_text("2024-02-29 01:02:03.6"));
	orders("uuid", uow_text("00ffffff-0000-0000-0000-000000000000"),
	       uow_text("01000000-0000-0000-0000-000000000000"),
	       uow_text("01000000-0000-0000-0000-000000000001"));
	says(TRUTH_TRUE, one(SPEC_LT, "i16", uow_int(1)));
}

static void truth_has_an_order_too(void **state)
{
	struct thing t = good_thing();

	(void)state;
	assert_int_equal(spec_evaluate(one(SPEC_LT, "flag", uow_bool(true)),
				       map, &t), TRUTH_TRUE);
	t.flag = true;
	assert_int_equal(spec_evaluate(one(SPEC_EQ, "flag", uow_bool(true)),
				       map, &t), TRUTH_TRUE);
}

static void a_nan_has_no_order(void **state)
{
	struct thing t = good_thing();

	(void)state;
	t.f64 = (double)NAN;
	assert_int_equal(spec_evaluate(one(SPEC_EQ, "f64", uow_real(1)), map,
				       &t), TRUTH_UNKNOWN);
	t.f64 = -0.0;
	assert_int_equal(spec_evaluate(one(SPEC_EQ, "f64", uow_real(0)), map,
				       &t), TRUTH_TRUE);
}

static void lists_follow_sql(void **state)
{
	uow_value v[] = { uow_int(1), uow_int(5), uow_null() };
	uow_value b[] = { uow_bool(true), uow_bool(false) };

	(void)state;
	says(TRUTH_TRUE, list(SPEC_IN, "id", v, 2));
	says(TRUTH_FALSE, list(SPEC_IN, "id", v, 1));
	says(TRUTH_TRUE, list(SPEC_IN, "id", v, 3));
	says(TRUTH_UNKNOWN, list(SPEC_IN, "i32", v, 3));
	says(TRUTH_FALSE, list(SPEC_IN, "i32", v, 2));
	says(TRUTH_UNKNOWN, list(SPEC_IN, "flag", b, 2));
	says(TRUTH_FALSE, list(SPEC_IN, "id", v, 0));
	says(TRUTH_FALSE, list(SPEC_IN, "flag", b, 0));
	says(TRUTH_TRUE, not(list(SPEC_IN, "flag", b, 0)));
	says(TRUTH_UNKNOWN, list(SPEC_IN, "none", v, 0));
}

static void prefixes_are_compared_by_bytes(void **state)
{
	(void)state;
	says(TRUTH_TRUE, one(SPEC_STARTS, "note", uow_text("no")));
	says(TRUTH_TRUE, one(SPEC_STARTS, "note", uow_text("")));
	says(TRUTH_TRUE, one(SPEC_STARTS, "name", uow_text("bob")));
	says(TRUTH_FALSE, one(SPEC_STARTS, "name", uow_text("bobb")));
	says(TRUTH_FALSE, one(SPEC_STARTS, "note", uow_text("No")));
	says(TRUTH_FALSE, one(SPEC_STARTS, "note", uow_text("n%")));
	says(TRUTH_UNKNOWN, one(SPEC_STARTS, "note", uow_null()));
	says(TRUTH_UNKNOWN, one(SPEC_STARTS, "id", uow_text("5")));
	says(TRUTH_UNKNOWN, one(SPEC_STARTS, "data", uow_blob("\1", 1)));
}

static const uow_spec *nested(unsigned depth)
{
	const uow_spec *s = one(SPEC_EQ, "id", uow_int(5));

	while (--depth)
		s = not(s);
	return s;
}

/* x and x, y = x and x, ...: 2^n paths through n nodes. */
static const uow_spec *doubled(unsigned n)
{
	const uow_spec *s = &spec_all;

	while (n--)
		s = both(SPEC_AND, s, s);
	return s;
}

static void what_does_not_fit_matches_nothing(void **state)
{
	uow_spec odd = { (enum spec_op)99, NULL, NULL, 0, NULL, NULL };

	(void)state;
	says(TRUTH_UNKNOWN, one(SPEC_EQ, "none", uow_int(1)));
	says(TRUTH_UNKNOWN, one(SPEC_EQ, NULL, uow_int(1)));
	says(TRUTH_UNKNOWN, one(SPEC_NE, "i32", uow_real(1.5)));
	says(TRUTH_UNKNOWN, both(SPEC_OR, &spec_all,
				 one(SPEC_EQ, "none", uow_int(1))));
	says(TRUTH_UNKNOWN, not(both(SPEC_AND, &spec_none,
				     one(SPEC_EQ, "id", uow_text("x")))));
	says(TRUTH_UNKNOWN, NULL);
	says(TRUTH_UNKNOWN, not(NULL));
	says(TRUTH_UNKNOWN, &odd);
	says(TRUTH_TRUE, nested(SPEC_DEPTH - 1));
	says(TRUTH_FALSE, not(nested(SPEC_DEPTH - 1)));
	says(TRUTH_UNKNOWN, nested(SPEC_DEPTH + 1));
	says(TRUTH_UNKNOWN, nested(100001));
	says(TRUTH_UNKNOWN, doubled(200));
}

static struct criterion compiled(const uow_spec *s)
{
	struct criterion c;
	uow_error err = UOW_ERROR_INIT;

	memset(&c, 0xff, sizeof(c));
	if (criterion_compile(map, s, &trees, &c, &err) != 0)
		fail_msg("%s", err.message);
	return c;
}

static void trees_become_words_in_prefix_order(void **state)
{
	static const uint32_t want[] = {
		CODE_WORD(SPEC_AND, 0), CODE_WORD(SPEC_OR, 0),
		CODE_WORD(SPEC_GE, PRICE), CODE_WORD(SPEC_NOT, 0),
		CODE_WORD(SPEC_IS_NULL, FLAG), CODE_WORD(SPEC_STARTS, NOTE),
	};
	const char *prefix = "no";
	struct criterion c = compiled(
		both(SPEC_AND,
		     both(SPEC_OR, one(SPEC_GE, "price", uow_int(7)),
			  not(is_null("flag"))),
		     one(SPEC_STARTS, "note", uow_text(prefix))));

	(void)state;
	assert_int_equal(c.code_len, 6);
	assert_memory_equal(c.code, want, sizeof(want));
	assert_int_equal(CODE_OP(c.code[2]), SPEC_GE);
	assert_int_equal(CODE_COLUMN(c.code[2]), PRICE);
	assert_int_equal(c.arg_count, 2);
	assert_int_equal(c.args[0].type, UOW_TYPE_DECIMAL);
	assert_int_equal(c.args[0].as.integer, 700);
	assert_int_equal(c.args[0].scale, 2);
	assert_ptr_equal(c.args[1].as.bytes.data, prefix);
	assert_int_equal(c.arg_columns[0], PRICE);
	assert_int_equal(c.arg_columns[1], NOTE);
	assert_true(arena_owns(&trees, c.code));
	assert_true(arena_owns(&trees, c.args));
	assert_true(arena_owns(&trees, c.arg_columns));
}

static void lists_are_filled_to_a_power_of_two(void **state)
{
	uow_value v[] = { uow_int(1), uow_int(2), uow_int(3), uow_int(4),
			  uow_int(5) };
	static const size_t filled[] = { 0, 1, 2, 4, 4, 8 };
	struct criterion c;
	size_t n, i;

	(void)state;
	for (n = 1; n <= 5; n++) {
		c = compiled(list(SPEC_IN, "i16", v, n));
		assert_int_equal(c.code_len, 2);
		assert_int_equal(c.code[0], CODE_WORD(SPEC_IN, I16));
		assert_int_equal(c.code[1], filled[n]);
		assert_int_equal(c.arg_count, filled[n]);
		for (i = 0; i < filled[n]; i++) {
			assert_int_equal(c.args[i].type, UOW_TYPE_INT16);
			assert_int_equal(c.args[i].as.integer,
					 i < n ? i + 1 : n);
			assert_int_equal(c.arg_columns[i], I16);
		}
	}
}

/* A criterion of no more than this word. */
static void becomes(enum spec_op op, const uow_spec *s)
{
	struct criterion c = compiled(s);

	assert_int_equal(c.code_len, 1);
	assert_int_equal(c.code[0], CODE_WORD(op, 0));
	assert_int_equal(c.arg_count, 0);
}

/* A criterion of one test of "id" with so many values. */
static void remains(enum spec_op op, const uow_spec *s, size_t values)
{
	struct criterion c = compiled(s);

	assert_int_equal(c.code_len, op == SPEC_IN ? 2 : 1);
	assert_int_equal(c.code[0], CODE_WORD(op, ID));
	assert_int_equal(c.arg_count, values);
	assert_int_equal(c.args[0].as.integer, 7);
}

static void an_empty_list_is_none(void **state)
{
	const uow_spec *empty = list(SPEC_IN, "id", NULL, 0);

	(void)state;
	becomes(SPEC_NONE, empty);
	becomes(SPEC_ALL, not(empty));
	becomes(SPEC_NONE, not(not(empty)));
}

/* Databases that fold them may lose parameters of what is beside them. */
static void constants_are_folded(void **state)
{
	static const uow_spec *const all = &spec_all, *const none = &spec_none;
	const uow_spec *id = one(SPEC_EQ, "id", uow_int(7));
	const uow_spec *flag = one(SPEC_EQ, "flag", uow_bool(true));

	(void)state;
	becomes(SPEC_NONE, both(SPEC_AND, id, none));
	becomes(SPEC_NONE, both(SPEC_AND, none, id));
	becomes(SPEC_ALL, both(SPEC_OR, id, all));
	becomes(SPEC_ALL, both(SPEC_OR, all, id));
	remains(SPEC_EQ, both(SPEC_AND, id, all), 1);
	remains(SPEC_EQ, both(SPEC_AND, all, id), 1);
	remains(SPEC_EQ, both(SPEC_OR, id, none), 1);
	remains(SPEC_EQ, both(SPEC_OR, none, id), 1);
	remains(SPEC_EQ, both(SPEC_OR, both(SPEC_AND, flag, not(all)), id), 1);
	remains(SPEC_EQ, both(SPEC_AND, both(SPEC_OR, flag, not(none)), id), 1);
}

/* No row satisfies it, nor its opposite. */
static void what_is_compared_with_null_is_left_out(void **state)
{
	uow_value v[] = { uow_int(7), uow_int(2), uow_null() };
	const uow_spec *unknown = one(SPEC_NE, "id", uow_null());
	const uow_spec *id = one(SPEC_EQ, "id", uow_int(7));

	(void)state;
	becomes(SPEC_NONE, unknown);
	becomes(SPEC_NONE, not(unknown));
	becomes(SPEC_NONE, not(not(unknown)));
	becomes(SPEC_NONE, not(both(SPEC_OR, unknown, id)));
	becomes(SPEC_NONE, both(SPEC_AND, not(unknown), id));
	remains(SPEC_EQ, both(SPEC_OR, unknown, id), 1);
	remains(SPEC_EQ, both(SPEC_OR, not(unknown), id), 1);
	becomes(SPEC_NONE, list(SPEC_IN, "id", v + 2, 1));
	becomes(SPEC_NONE, not(list(SPEC_IN, "id", v + 2, 1)));
	remains(SPEC_IN, list(SPEC_IN, "id", v, 3), 2);
	becomes(SPEC_NONE, not(list(SPEC_IN, "id", v, 3)));
}

static void refuses(const uow_spec *s, int code, const char *message)
{
	struct criterion c, was;
	uow_error err = UOW_ERROR_INIT;

	memset(&c, 0x55, sizeof(c));
	was = c;
	assert_int_equal(criterion_compile(map, s, &trees, &c, &err), code);
	assert_memory_equal(&c, &was, sizeof(c));
	assert_int_equal(err.code, code);
	assert_string_equal(err.message, message);
	assert_string_equal(err.entity, "thing");
}

static void mistakes_are_named(void **state)
{
	static const uow_value v[] = { { UOW_TYPE_NULL, 0, { false } } };
	uow_spec odd = { (enum spec_op)99, NULL, NULL, 0, NULL, NULL };
	uow_spec huge = { SPEC_IN, "id", v, SIZE_MAX, NULL, NULL };

	(void)state;
	refuses(NULL, UOW_EINVAL,
		"entity thing: a criterion or a part of it is NULL");
	refuses(both(SPEC_AND, &spec_all, NULL), UOW_EINVAL,
		"entity thing: a criterion or a part of it is NULL");
	refuses(&odd, UOW_EINVAL,
		"entity thing: a criterion has an unknown operator");
	refuses(one(SPEC_EQ, "none", uow_int(1)), UOW_EINVAL,
		"entity thing has no column 'none'");
	refuses(list(SPEC_IN, "none", v, 0), UOW_EINVAL,
		"entity thing has no column 'none'");
	refuses(one(SPEC_EQ, NULL, uow_int(1)), UOW_EINVAL,
		"entity thing has no column ''");
	refuses(one(SPEC_STARTS, "data", uow_blob("x", 1)), UOW_EINVAL,
		"entity thing: column 'data' has type BYTES, only text starts "
		"with text");
	refuses(one(SPEC_EQ, "id", uow_text("5")), UOW_EINVAL,
		"entity thing: column 'id' has type INT64, the value has type "
		"TEXT");
	refuses(both(SPEC_AND, &spec_all, one(SPEC_EQ, "id", uow_real(1.5))),
		UOW_EDATA, "entity thing: column 'id' of type INT64 cannot "
		"hold exactly the value of type DOUBLE: whole numbers of 64 "
		"bits");
	refuses(&huge, UOW_EINVAL,
		"entity thing: a criterion has too many values");
}

static void depth_and_size_are_limited(void **state)
{
	(void)state;
	assert_int_equal(compiled(nested(SPEC_DEPTH - 1)).code_len,
			 SPEC_DEPTH - 1);
	assert_int_equal(compiled(not(nested(SPEC_DEPTH - 1))).code_len,
			 SPEC_DEPTH);
	refuses(nested(SPEC_DEPTH + 1), UOW_EINVAL,
		"entity thing: a criterion is nested too deep");
	refuses(nested(100001), UOW_EINVAL,
		"entity thing: a criterion is nested too deep");
	refuses(doubled(200), UOW_EINVAL,
		"entity thing: a criterion is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logic_has_three_values),
		cmocka_unit_test(every_type_has_an_order),
		cmocka_unit_test(truth_has_an_order_too),
		cmocka_unit_test(a_nan_has_no_order),
		cmocka_unit_test(lists_follow_sql),
		cmocka_unit_test(prefixes_are_compared_by_bytes),
		cmocka_unit_test(what_does_not_fit_matches_nothing),
		cmocka_unit_test(trees_become_words_in_prefix_order),
		cmocka_unit_test(lists_are_filled_to_a_power_of_two),
		cmocka_unit_test(an_empty_list_is_none),
		cmocka_unit_test(constants_are_folded),
		cmocka_unit_test(what_is_compared_with_null_is_left_out),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(depth_and_size_are_limited),
	};

	return cmocka_run_group_tests_name("criterion", tests, start, stop);
}
