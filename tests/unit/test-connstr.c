/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backend/odbc/connstr.h"

static char value[64];

static void parse(struct connstr *c, const char *text)
{
	assert_int_equal(connstr_init(c, text, NULL), 0);
}

static const char *get(const struct connstr *c, const char *name)
{
	return connstr_get(c, name, value, sizeof(value)) ? value : "-";
}

static void values_are_found_by_name_without_case(void **state)
{
	struct connstr c;

	(void)state;
	parse(&c, "Driver={My Driver};server = here ;;UID=me;uid=other; PWD=");
	assert_string_equal(get(&c, "DRIVER"), "My Driver");
	assert_string_equal(get(&c, "SERVER"), " here ");
	assert_string_equal(get(&c, "UID"), "me");	/* first of two */
	assert_string_equal(get(&c, "PWD"), "");
	assert_string_equal(get(&c, "DSN"), "-");
	connstr_release(&c);
}

static void braces_hold_anything(void **state)
{
	struct connstr c;

	(void)state;
	parse(&c, "PWD={a;b}}c=};Database=/x");
	assert_string_equal(get(&c, "PWD"), "a;b}c=");
	assert_string_equal(get(&c, "Database"), "/x");
	connstr_release(&c);
}

static void a_bare_name_is_a_dsn(void **state)
{
	struct connstr c;

	(void)state;
	parse(&c, "bank");
	assert_string_equal(c.text, "DSN=bank");
	connstr_release(&c);
}

static void malformed_text_is_refused_without_showing_it(void **state)
{
	static const char *const bad[] = {
		"DRIVER={open;PWD=geheim", "=x;PWD=geheim", "A=1;PWDgeheim",
		"bank;geheim", "A={1}2;PWD=geheim", "A=1;b;PWD=geheim"
	};
	struct connstr c;
	uow_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(connstr_init(&c, bad[i], &err), UOW_EINVAL);
		assert_null(strstr(err.message, "geheim"));
	}
}

static void too_long_is_refused(void **state)
{
	static char text[CONNSTR_MAX + 10];
	struct connstr c;
	uow_error err;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "A=", 2);
	assert_int_equal(connstr_init(&c, text, &err), UOW_EINVAL);
}

static void appended_values_are_braced_where_needed(void **state)
{
	struct connstr c;

	(void)state;
	parse(&c, "DSN=x");
	assert_int_equal(connstr_append(&c, "Timeout", "100", NULL), 0);
	assert_int_equal(connstr_append(&c, "PWD", "a;}b", NULL), 0);
	assert_string_equal(c.text, "DSN=x;Timeout=100;PWD={a;}}b}");
	assert_string_equal(get(&c, "PWD"), "a;}b");
	connstr_release(&c);
}

static void check_redacted(const char *connection, const char *message,
			   const char *want)
{
	struct connstr c;
	struct strbuf sb;

	parse(&c, connection);
	strbuf_init(&sb, 1000);
	connstr_redact(&c, message, &sb);
	assert_string_equal(sb.data, want);
	strbuf_release(&sb);
	connstr_release(&c);
}

static void secrets_are_starred_wherever_they_stand(void **state)
{
	(void)state;
	check_redacted("UID=me;PWD=geheim", "login of me with geheim failed",
		       "login of me with *** failed");
	check_redacted("Password={ge;}}heim}", "got ge;}heim and ge;}}heim",
		       "got *** and ***");
	check_redacted("SSLKeyPassword=ab;PWD=abc", "abc ab", "*** ***");
	check_redacted("UID=me", "nothing here", "nothing here");
}

static void names_of_secrets_are_known(void **state)
{
	(void)state;
	assert_true(connstr_is_secret("PWD", 3));
	assert_true(connstr_is_secret("sslpassword", 11));
	assert_true(connstr_is_secret("AccessToken", 11));
	assert_false(connstr_is_secret("Database", 8));
}

static void the_place_shows_no_secret(void **state)
{
	struct connstr c;
	struct strbuf sb;

	(void)state;
	parse(&c, "Driver=X;UID=me;PWD=geheim;Server=here;Token=t;Port=1");
	strbuf_init(&sb, 1000);
	connstr_place(&c, &sb);
	assert_string_equal(sb.data, "Driver=X, Server=here, Port=1");
	strbuf_release(&sb);
	connstr_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_by_name_without_case),
		cmocka_unit_test(braces_hold_anything),
		cmocka_unit_test(a_bare_name_is_a_dsn),
		cmocka_unit_test(malformed_text_is_refused_without_showing_it),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(appended_values_are_braced_where_needed),
		cmocka_unit_test(secrets_are_starred_wherever_they_stand),
		cmocka_unit_test(names_of_secrets_are_known),
		cmocka_unit_test(the_place_shows_no_secret)
	};

	return cmocka_run_group_tests_name("connstr", tests, NULL, NULL);
}
