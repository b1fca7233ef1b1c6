/* SPDX-License-Identifier: BSD-2-Clause */
/* base/errors.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/errors.h"
#include "base/text.h"

static void setting_starts_over(void **state)
{
	uow_error fresh = UOW_ERROR_INIT, err;

	(void)state;
	memset(&err, 0x55, sizeof(err));
	assert_int_equal(error_set(&err, UOW_EDATA, "row %d", 7), UOW_EDATA);
	fresh.code = UOW_EDATA;
	strcpy(fresh.message, "row 7");
	assert_memory_equal(&err, &fresh, sizeof(err));
	assert_int_equal(error_nomem(&err), UOW_ENOMEM);
	assert_int_equal(err.code, UOW_ENOMEM);
}

static void no_place_for_an_error_is_fine(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, UOW_EDATA, "x"), UOW_EDATA);
	assert_int_equal(error_nomem(NULL), UOW_ENOMEM);
	error_step(NULL, "x");
	error_entity(NULL, "x");
	error_diag(NULL, "x", 1);
	error_append(NULL, "x");
}

static void messages_are_one_clean_line(void **state)
{
	uow_error err = UOW_ERROR_INIT;

	(void)state;
	error_set(&err, UOW_ESQL, "%s",
		  "\n\tno such  table:\r\n a\x01\x7f b \n");
	assert_string_equal(err.message, "no such table: a b");
	error_append(&err, " (%s)\n", "x\ny");
	assert_string_equal(err.message, "no such table: a b (x y)");
	error_set(&err, UOW_ESQL, " \n ");
	assert_string_equal(err.message, "");
}

static void texts_of_the_error_itself_may_be_arguments(void **state)
{
	uow_error err = UOW_ERROR_INIT;

	(void)state;
	error_set(&err, UOW_ESQL, "inner");
	error_set(&err, UOW_EDATA, "outer: %s", err.message);
	assert_string_equal(err.message, "outer: inner");
	error_append(&err, ", %s", err.message);
	assert_string_equal(err.message, "outer: inner, outer: inner");
}

/* A message of n bytes before three-byte characters, for every n. */
static void cuts_fall_between_characters(void **state)
{
	char text[UOW_ERROR_TEXT * 4];
	uow_error err;
	size_t n, i;

	(void)state;
	for (n = 0; n < 8; n++) {
		memset(text, 'x', n);
		for (i = n; i + 4 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 3);
		text[i] = '\0';
		error_set(&err, UOW_ESQL, "%s", text);
		assert_true(text_utf8(err.message, strlen(err.message), NULL));
		assert_in_range(strlen(err.message), UOW_ERROR_TEXT - 4,
				UOW_ERROR_TEXT - 1);
		error_entity(&err, text);
		assert_true(text_utf8(err.entity, strlen(err.entity), NULL));
		error_step(&err, "%s", text);
		assert_true(text_utf8(err.step, strlen(err.step), NULL));
		assert_in_range(strlen(err.step), 54, 57);
	}
}

/* So many blanks that the cut comes before they are squeezed. */
static void cuts_before_squeezing_leave_whole_characters(void **state)
{
	char text[UOW_ERROR_TEXT * 4];
	uow_error err;
	size_t n, i;

	(void)state;
	for (n = 0; n < 8; n++) {
		memset(text, ' ', sizeof(text));
		for (i = UOW_ERROR_TEXT * 2 - 20 + n; i < sizeof(text) - 3;
		     i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 4);
		text[sizeof(text) - 1] = '\0';
		error_set(&err, UOW_ESQL, "%s", text);
		assert_true(text_utf8(err.message, strlen(err.message), NULL));
		assert_true(strlen(err.message) >= 8);
	}
}

static void a_full_message_takes_no_more(void **state)
{
	char text[UOW_ERROR_TEXT];
	uow_error err;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	error_set(&err, UOW_ESQL, "%s", text);
	assert_string_equal(err.message, text);
	error_append(&err, "more");
	assert_string_equal(err.message, text);
}

static void details_are_added(void **state)
{
	uow_error err;

	(void)state;
	error_set(&err, UOW_ESQL, "x");
	error_step(&err, "INSERT %s", "account");
	error_step(&err, "UPDATE %s", "account");
	error_entity(&err, "account");
	error_diag(&err, "40001x", 1213);
	assert_string_equal(err.step, "UPDATE account");
	assert_string_equal(err.entity, "account");
	assert_string_equal(err.sqlstate, "40001");
	assert_int_equal(err.native, 1213);
	error_diag(&err, NULL, 0);
	error_entity(&err, NULL);
	assert_string_equal(err.sqlstate, "");
	assert_string_equal(err.entity, "");
	assert_string_equal(err.message, "x");
}

static void codes_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(uow_code_name(UOW_OK), "UOW_OK");
	assert_string_equal(uow_code_name(UOW_ENOMEM), "UOW_ENOMEM");
	assert_string_equal(uow_code_name(UOW_EINDOUBT), "UOW_EINDOUBT");
	assert_string_equal(uow_code_name(UOW_EREJECTED), "UOW_EREJECTED");
	assert_string_equal(uow_code_name(UOW_EMANY), "UOW_EMANY");
	assert_string_equal(uow_code_name(UOW_EMANY - 1), "unknown code");
	assert_string_equal(uow_code_name(1), "unknown code");
	assert_string_equal(uow_code_name(-1007), "UOW_EAPP");
}

static void only_what_may_succeed_again_is_transient(void **state)
{
	int code, count = 0;

	(void)state;
	for (code = UOW_EAPP - 1; code <= 1; code++)
		count += uow_code_is_transient(code);
	assert_int_equal(count, 4);
	assert_true(uow_code_is_transient(UOW_ECONFLICT));
	assert_true(uow_code_is_transient(UOW_EDEADLOCK));
	assert_true(uow_code_is_transient(UOW_ELOCKED));
	assert_true(uow_code_is_transient(UOW_ECONNECT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_starts_over),
		cmocka_unit_test(no_place_for_an_error_is_fine),
		cmocka_unit_test(messages_are_one_clean_line),
		cmocka_unit_test(texts_of_the_error_itself_may_be_arguments),
		cmocka_unit_test(cuts_fall_between_characters),
		cmocka_unit_test(cuts_before_squeezing_leave_whole_characters),
		cmocka_unit_test(a_full_message_takes_no_more),
		cmocka_unit_test(details_are_added),
		cmocka_unit_test(codes_have_their_names),
		cmocka_unit_test(only_what_may_succeed_again_is_transient),
	};

	return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
