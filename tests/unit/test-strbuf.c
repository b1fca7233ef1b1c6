/* SPDX-License-Identifier: BSD-2-Clause */
/* base/mem.h and base/strbuf.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <uow/error.h>

#include "base/mem.h"
#include "base/strbuf.h"

static void products_that_overflow_are_refused(void **state)
{
	(void)state;
	assert_null(mem_array(SIZE_MAX / 4 + 1, 4));
	assert_null(mem_array(4, SIZE_MAX / 4 + 1));
	assert_null(mem_dup_n("", SIZE_MAX));
}

static void memory_is_zeroed_and_never_of_no_size(void **state)
{
	char *p = mem_array(100, 3);
	void *empty = mem_alloc(0);
	int i;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < 300; i++)
		assert_int_equal(p[i], 0);
	assert_non_null(empty);
	mem_free(p);
	mem_free(empty);
	mem_free(NULL);
}

static void copies_end_with_nul(void **state)
{
	char *all = mem_dup("abc"), *two = mem_dup_n("abc", 2);

	(void)state;
	assert_string_equal(all, "abc");
	assert_string_equal(two, "ab");
	mem_free(all);
	mem_free(two);
}

static void growing_keeps_content_and_doubles(void **state)
{
	uint32_t *array = NULL;
	size_t capacity = 0, moves = 0, before;
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		before = capacity;
		assert_int_equal(mem_grow(&array, &capacity, i + 1,
					  sizeof(*array)), 0);
		moves += before != capacity;
		array[i] = i;
	}
	assert_in_range(moves, 3, 10);
	for (i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	mem_free(array);
}

static void growing_too_far_leaves_all_as_it_was(void **state)
{
	char *array = mem_alloc(4), *was = array;
	size_t capacity = 4;

	(void)state;
	assert_int_equal(mem_grow(&array, &capacity, SIZE_MAX / 2, 4),
			 UOW_ENOMEM);
	assert_int_equal(mem_grow(&array, &capacity, 5, 0), UOW_ENOMEM);
	assert_ptr_equal(array, was);
	assert_int_equal(capacity, 4);
	mem_free(array);
}

static void wiping_overwrites_all_of_it(void **state)
{
	char secret[] = "secret";

	(void)state;
	mem_wipe(secret, sizeof(secret) - 1);
	assert_memory_equal(secret, "\0\0\0\0\0\0", sizeof(secret));
}

static void pieces_become_one_text(void **state)
{
	struct strbuf sb;
	char *text;
	int i;

	(void)state;
	strbuf_init(&sb, 1000);
	strbuf_puts(&sb, "SELECT ");
	strbuf_putc(&sb, '"');
	strbuf_add(&sb, "name and more", 4);
	strbuf_printf(&sb, "\" = %d %s", 42, "x");
	assert_string_equal(sb.data, "SELECT \"name\" = 42 x");
	assert_int_equal(sb.len, 20);
	for (i = 0; i < 100; i++)
		strbuf_printf(&sb, "%03d", i);
	assert_int_equal(sb.len, 320);
	assert_string_equal(sb.data + 314, "098099");
	text = strbuf_steal(&sb);
	assert_int_equal(strlen(text), 320);
	assert_null(sb.data);
	assert_int_equal(sb.len, 0);
	mem_free(text);
}

static void maximum_is_reached_but_not_passed(void **state)
{
	struct strbuf sb;

	(void)state;
	strbuf_init(&sb, 5);
	strbuf_puts(&sb, "12345");
	assert_false(sb.failed);
	strbuf_putc(&sb, '6');
	assert_true(sb.failed);
	assert_null(strbuf_steal(&sb));
	strbuf_init(&sb, 5);
	strbuf_printf(&sb, "%s", "123456");
	assert_true(sb.failed);
	strbuf_release(&sb);
}

static void failure_sticks_until_cleared(void **state)
{
	struct strbuf sb;

	(void)state;
	strbuf_init(&sb, 3);
	strbuf_puts(&sb, "12");
	strbuf_puts(&sb, "345");
	strbuf_puts(&sb, "3");
	assert_true(sb.failed);
	assert_int_equal(sb.len, 2);
	strbuf_clear(&sb);
	assert_string_equal(sb.data, "");
	strbuf_puts(&sb, "abc");
	assert_false(sb.failed);
	assert_string_equal(sb.data, "abc");
	strbuf_release(&sb);
}

static void nothing_added_is_an_empty_text(void **state)
{
	struct strbuf sb;
	char *text;

	(void)state;
	strbuf_init(&sb, 0);
	text = strbuf_steal(&sb);
	assert_string_equal(text, "");
	mem_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_that_overflow_are_refused),
		cmocka_unit_test(memory_is_zeroed_and_never_of_no_size),
		cmocka_unit_test(copies_end_with_nul),
		cmocka_unit_test(growing_keeps_content_and_doubles),
		cmocka_unit_test(growing_too_far_leaves_all_as_it_was),
		cmocka_unit_test(wiping_overwrites_all_of_it),
		cmocka_unit_test(pieces_become_one_text),
		cmocka_unit_test(maximum_is_reached_but_not_passed),
		cmocka_unit_test(failure_sticks_until_cleared),
		cmocka_unit_test(nothing_added_is_an_empty_text),
	};

	return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
