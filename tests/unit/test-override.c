/* SPDX-License-Identifier: BSD-2-Clause */
/* probe/override.c and probe/text.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "probe/override.h"
#include "probe/text.h"

static void a_line_is_section_key_and_value(void **state)
{
	const char *lines = "type.int64.bind=long64\n\nsql.limit=TOP {limit} = "
			    "x.y\nnonsense\ncounts.single=none\n"
			    "connect.option.Where=a.b=c";
	struct override o;

	(void)state;
	assert_true(override_next(&lines, &o));
	assert_string_equal(o.section, "type.int64");
	assert_string_equal(o.key, "bind");
	assert_string_equal(o.value, "long64");
	assert_true(override_next(&lines, &o));
	assert_string_equal(o.section, "sql");
	assert_string_equal(o.key, "limit");
	assert_string_equal(o.value, "TOP {limit} = x.y");
	assert_true(override_next(&lines, &o));
	assert_string_equal(o.section, "counts");
	assert_true(override_next(&lines, &o));
	assert_string_equal(o.section, "connect");
	assert_string_equal(o.key, "option.Where");
	assert_string_equal(o.value, "a.b=c");
	assert_false(override_next(&lines, &o));
}

static void lines_change_a_profile_that_is_loaded(void **state)
{
	struct profile *p = mem_alloc(sizeof(*p));
	uow_error err = UOW_ERROR_INIT;

	(void)state;
	assert_non_null(p);
	assert_int_equal(override_apply(p, "type.int64.bind=long64\n"
					   "sql.savepoints=yes\n"
					   "counts.single=each", &err), 0);
	assert_int_equal(p->own[UOW_TYPE_INT64].bind, FORM_LONG64);
	assert_true(p->savepoints);
	assert_int_equal(p->single, COUNTS_EACH);
	assert_int_equal(override_apply(p, "sql.savepoints=no", &err), 0);
	assert_false(p->savepoints);
	profile_free(p);
}

static void a_wrong_line_is_refused_by_name(void **state)
{
	struct profile *p = mem_alloc(sizeof(*p));
	uow_error err = UOW_ERROR_INIT;

	(void)state;
	assert_int_equal(override_apply(p, "sql.nonsense=1", &err),
			 UOW_ECONFIG);
	assert_non_null(strstr(err.message, "[sql] nonsense"));
	profile_free(p);
}

static void scratch_tables_are_quoted_as_the_profile_says(void **state)
{
	struct profile p;
	char *sql;

	(void)state;
	memset(&p, 0, sizeof(p));
	p.quote_open = '[';
	p.quote_close = ']';
	sql = scratch_sql(&p, "x_1", "SELECT '{ts}', {a}.v FROM {a}, {k} "
				     "WHERE {d '2000-01-01'}");
	assert_string_equal(sql, "SELECT '{ts}', [x_1_a].v FROM [x_1_a], "
				 "[x_1_k] WHERE {d '2000-01-01'}");
	mem_free(sql);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_section_key_and_value),
		cmocka_unit_test(lines_change_a_profile_that_is_loaded),
		cmocka_unit_test(a_wrong_line_is_refused_by_name),
		cmocka_unit_test(scratch_tables_are_quoted_as_the_profile_says)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
