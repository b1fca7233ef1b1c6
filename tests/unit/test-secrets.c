/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dialect/secrets.h"

static struct error_rule to_the_end = {
	(char *)"22???", 0, true, (char *)"value: *", 0, 0, NULL
};
static struct error_rule without_text = {
	(char *)"23000", 0, true, NULL, 0, 0, &to_the_end
};
static struct error_rule entry = {
	(char *)"23000", 1062, false, (char *)"entry '*' for key", 0, 0,
	&without_text
};

static void hides(const char *state, int native, const char *message,
		  const char *shown)
{
	struct strbuf sb;

	strbuf_init(&sb, 1000);
	secrets_hide(&entry, state, native, message, &sb);
	assert_false(sb.failed);
	assert_string_equal(sb.data, shown);
	strbuf_release(&sb);
}

static void a_value_is_hidden_between_what_is_around_it(void **state)
{
	(void)state;
	hides("23000", 1062, "Duplicate entry 'x' for key 'code'",
	      "Duplicate entry '***' for key 'code'");
	hides("23000", 1062, "entry '' for key", "entry '***' for key");
}

/* It may hold what follows it, too: only the last of that ends it. */
static void a_value_cannot_end_itself(void **state)
{
	(void)state;
	hides("23000", 1062, "entry 'a' for key' b' for key 'k'",
	      "entry '***' for key 'k'");
}

static void what_is_cut_off_is_hidden_to_the_end(void **state)
{
	(void)state;
	hides("23000", 1062, "entry 'secret' for k", "entry '***");
	hides("22007", 1, "bad value: secret", "bad value: ***");
}

static void other_errors_are_shown(void **state)
{
	(void)state;
	hides("23000", 1061, "entry 'x' for key", "entry 'x' for key");
	hides("42000", 1062, "entry 'x' for key", "entry 'x' for key");
	hides("23000", 1062, "entry \"x\"", "entry \"x\"");
	hides("23000", 1062, "", "");
	hides("22007", 1, "value:", "value:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_hidden_between_what_is_around_it),
		cmocka_unit_test(a_value_cannot_end_itself),
		cmocka_unit_test(what_is_cut_off_is_hidden_to_the_end),
		cmocka_unit_test(other_errors_are_shown),
	};

	return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
