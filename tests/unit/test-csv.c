/* SPDX-License-Identifier: BSD-2-Clause */
/* base/csv.c: fields, quotes, lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <uow/error.h>

#include "base/csv.h"

static struct csv csv;
static struct arena arena;
static struct csv_field field;

static int start(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void reads(const char *text)
{
	csv_init(&csv, text, strlen(text));
}

/* The next field is text; more: does another follow in the record? */
static void is(const char *text, bool quoted, int more)
{
	assert_int_equal(csv_next(&csv, &field, &arena), more);
	assert_string_equal(field.text, text);
	assert_int_equal(field.length, strlen(text));
	assert_int_equal(field.quoted, quoted);
}

static void fields_are_between_commas(void **state)
{
	(void)state;
	reads("a, b ,\nc");
	assert_true(csv_more(&csv));
	is("a", false, 1);
	is(" b ", false, 1);
	is("", false, 0);
	assert_true(csv_more(&csv));
	assert_int_equal(csv.line, 2);
	is("c", false, 0);
	assert_false(csv_more(&csv));
}

static void the_last_field_may_be_empty_at_the_end(void **state)
{
	(void)state;
	reads("a,");
	is("a", false, 1);
	is("", false, 0);
	assert_false(csv_more(&csv));
	reads("\"\"");
	is("", true, 0);
	assert_false(csv_more(&csv));
}

static void quotes_hold_commas_quotes_and_lines(void **state)
{
	(void)state;
	reads("\"a,\"\"b\"\"\",\"\",\"1\r\n2\n\"\r\nnext");
	is("a,\"b\"", true, 1);
	is("", true, 1);
	is("1\r\n2\n", true, 0);
	assert_int_equal(csv.line, 4);
	is("next", false, 0);
}

static void empty_lines_and_a_byte_order_mark_are_skipped(void **state)
{
	(void)state;
	reads("\xef\xbb\xbf\r\n\na\r\n\r\n");
	assert_true(csv_more(&csv));
	assert_int_equal(csv.line, 3);
	is("a", false, 0);
	assert_false(csv_more(&csv));
	reads("");
	assert_false(csv_more(&csv));
}

/* A CR of its own is text. */
static void a_line_does_not_end_with_cr(void **state)
{
	(void)state;
	reads("a\rb\r");
	is("a\rb\r", false, 0);
	assert_false(csv_more(&csv));
}

static void is_wrong(const char *text, const char *problem)
{
	int rc;

	reads(text);
	while ((rc = csv_next(&csv, &field, &arena)) > 0)
		;
	assert_int_equal(rc, UOW_EDATA);
	assert_non_null(strstr(csv.problem, problem));
}

static void half_quotes_are_refused(void **state)
{
	(void)state;
	is_wrong("a,\"b", "closing quote is missing");
	is_wrong("\"", "closing quote is missing");
	is_wrong("\"a\"\"", "closing quote is missing");
	is_wrong("\"a\" ,b", "follows the closing quote");
	is_wrong("a\"b\"", "must be in quotes");
}

static void no_byte_behind_the_end_is_read(void **state)
{
	static const char text[] = { 'a', ',', '"', 'b', '"', '"' };

	(void)state;
	csv_init(&csv, text, 5);
	is("a", false, 1);
	is("b", true, 0);
	csv_init(&csv, text, 4);
	is("a", false, 1);
	assert_int_equal(csv_next(&csv, &field, &arena), UOW_EDATA);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fields_are_between_commas),
		TEST(the_last_field_may_be_empty_at_the_end),
		TEST(quotes_hold_commas_quotes_and_lines),
		TEST(empty_lines_and_a_byte_order_mark_are_skipped),
		TEST(a_line_does_not_end_with_cr),
		TEST(half_quotes_are_refused),
		TEST(no_byte_behind_the_end_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
