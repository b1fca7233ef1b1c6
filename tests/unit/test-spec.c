/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <uow/spec.h>
#include "fake.h"
#include "model/criterion.h"

static uow_unit *begun(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = NULL;

	assert_int_equal(uow_begin(&u, fx->db, NULL, NULL), 0);
	return u;
}

static bool matches(const uow_spec *s, int64_t balance, const char *owner)
{
	struct account a = { 1, balance, "", 0 };

	strcpy(a.owner, owner);
	return uow_satisfies(s, &account_entity, &a);
}

static void comparisons_are_evaluated_in_memory(void **state)
{
	uow_unit *u = begun(state);
	uow_value five = uow_int(5);

	assert_true(matches(uow_all(), 0, ""));
	assert_true(matches(uow_eq(u, "balance", five), 5, ""));
	assert_false(matches(uow_eq(u, "balance", five), 6, ""));
	assert_true(matches(uow_ne(u, "balance", five), 6, ""));
	assert_true(matches(uow_lt(u, "balance", five), 4, ""));
	assert_false(matches(uow_lt(u, "balance", five), 5, ""));
	assert_true(matches(uow_le(u, "balance", five), 5, ""));
	assert_true(matches(uow_gt(u, "balance", five), 6, ""));
	assert_false(matches(uow_gt(u, "balance", five), 5, ""));
	assert_true(matches(uow_ge(u, "balance", five), 5, ""));
	assert_true(matches(uow_starts_with(u, "owner", "an"), 0, "anna"));
	assert_false(matches(uow_starts_with(u, "owner", "An"), 0, "anna"));
	assert_false(matches(uow_is_null(u, "owner"), 0, "anna"));
	assert_false(matches(uow_eq(u, "owner", uow_null()), 0, ""));
	uow_unit_free(u);
}

static void criteria_are_joined(void **state)
{
	uow_unit *u = begun(state);
	const uow_spec *rich = uow_gt(u, "balance", uow_int(100));
	const uow_spec *anna = uow_eq(u, "owner", uow_text("anna"));

	assert_true(matches(uow_and(u, rich, anna), 101, "anna"));
	assert_false(matches(uow_and(u, rich, anna), 101, "bert"));
	assert_true(matches(uow_or(u, rich, anna), 0, "anna"));
	assert_false(matches(uow_or(u, rich, anna), 0, "bert"));
	assert_true(matches(uow_not(u, rich), 0, ""));
	uow_unit_free(u);
}

static void lists_match_their_members(void **state)
{
	uow_unit *u = begun(state);
	uow_value list[] = { uow_int(1), uow_int(3), uow_int(5) };
	const uow_spec *in = uow_in(u, "balance", list, 3);

	list[1] = uow_int(4);
	assert_true(matches(in, 3, ""));
	assert_false(matches(in, 4, ""));
	assert_false(matches(uow_in(u, "balance", list, 0), 1, ""));
	assert_true(matches(uow_not(u, uow_in(u, "balance", NULL, 0)), 1,
			    ""));
	assert_int_equal(uow_status(u), 0);
	assert_ptr_equal(uow_in(u, "balance", NULL, 1), &spec_none);
	assert_int_equal(uow_status(u), UOW_EINVAL);
	uow_unit_free(u);
}

static void names_and_values_are_copied(void **state)
{
	uow_unit *u = begun(state);
	char column[] = "owner", value[] = "anna";
	const uow_spec *s = uow_eq(u, column, uow_text(value));

	memset(column, 'x', 5);
	memset(value, 'x', 4);
	assert_true(matches(s, 0, "anna"));
	uow_unit_free(u);
}

static void failed_unit_gives_the_empty_criterion(void **state)
{
	uow_unit *u = begun(state);
	uow_value v = uow_int(1);

	uow_fail(u, UOW_EREJECTED, "no");
	assert_ptr_equal(uow_eq(u, "balance", v), &spec_none);
	assert_ptr_equal(uow_in(u, "balance", &v, 1), &spec_none);
	assert_ptr_equal(uow_starts_with(u, "owner", "x"), &spec_none);
	assert_ptr_equal(uow_is_null(u, "owner"), &spec_none);
	assert_ptr_equal(uow_and(u, uow_all(), uow_all()), &spec_none);
	assert_ptr_equal(uow_not(u, &spec_none), &spec_none);
	uow_rollback(u);
	assert_ptr_equal(uow_eq(u, "balance", v), &spec_none);
	uow_unit_free(u);
	assert_ptr_equal(uow_eq(NULL, "balance", v), &spec_none);
	assert_ptr_equal(uow_or(NULL, uow_all(), uow_all()), &spec_none);
}

static void missing_parts_fail_the_unit(void **state)
{
	struct fixture *fx = *state;
	int i;

	for (i = 0; i < 5; i++) {
		uow_unit *u = begun(state);
		const uow_spec *s = NULL;

		switch (i) {
		case 0:
			s = uow_and(u, NULL, uow_all());
			break;
		case 1:
			s = uow_or(u, uow_all(), NULL);
			break;
		case 2:
			s = uow_not(u, NULL);
			break;
		case 3:
			s = uow_eq(u, NULL, uow_int(1));
			break;
		case 4:
			s = uow_starts_with(u, "owner", NULL);
			break;
		}
		assert_ptr_equal(s, &spec_none);
		assert_int_equal(uow_status(u), UOW_EINVAL);
		uow_unit_free(u);
	}
	fake_log(&fx->fake);
}

static void what_does_not_fit_is_not_satisfied(void **state)
{
	uow_unit *u = begun(state);
	struct account a = { 1, 1, "", 0 };
	static const uow_entity wrong = { 0, 0, "wrong", NULL, NULL, 0, NULL,
					  0, NULL, 0, NULL, 0 };

	assert_false(matches(uow_eq(u, "nothing", uow_int(1)), 1, ""));
	assert_false(matches(uow_not(u, uow_eq(u, "nothing", uow_int(1))), 1,
			     ""));
	assert_false(uow_satisfies(NULL, &account_entity, &a));
	assert_false(uow_satisfies(uow_all(), NULL, &a));
	assert_false(uow_satisfies(uow_all(), &account_entity, NULL));
	assert_false(uow_satisfies(uow_all(), &wrong, &a));
	uow_unit_free(u);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(comparisons_are_evaluated_in_memory),
		TEST(criteria_are_joined),
		TEST(lists_match_their_members),
		TEST(names_and_values_are_copied),
		TEST(failed_unit_gives_the_empty_criterion),
		TEST(missing_parts_fail_the_unit),
		TEST(what_does_not_fit_is_not_satisfied),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}
