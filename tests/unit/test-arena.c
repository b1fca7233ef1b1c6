/* SPDX-License-Identifier: BSD-2-Clause */
/* base/arena.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"

static bool all_zero(const char *p, size_t size)
{
	while (size--)
		if (*p++)
			return false;
	return true;
}

static void memory_is_zeroed_aligned_and_distinct(void **state)
{
	struct arena a;
	char *last = NULL, *p;
	size_t i;

	(void)state;
	arena_init(&a);
	for (i = 0; i < 5000; i++) {
		arena_text(&a, "x", 1);	/* leave an odd address behind */
		p = arena_alloc(&a, i % 100);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % sizeof(long double), 0);
		assert_true(all_zero(p, i % 100));
		memset(p, 0xff, i % 100);
		assert_ptr_not_equal(p, last);
		last = p;
	}
	arena_release(&a);
}

static void nothing_is_moved_or_overwritten(void **state)
{
	struct arena a;
	unsigned *p[2000];
	unsigned i;

	(void)state;
	arena_init(&a);
	for (i = 0; i < 2000; i++) {
		p[i] = arena_array(&a, 1 + i % 7 * 300, sizeof(unsigned));
		assert_non_null(p[i]);
		p[i][i % 7 * 300] = i;
		p[i][0] = i;
	}
	for (i = 0; i < 2000; i++) {
		assert_int_equal(p[i][0], i);
		assert_int_equal(p[i][i % 7 * 300], i);
	}
	arena_release(&a);
}

static void copies_are_whole_and_texts_end(void **state)
{
	struct arena a;
	char *t;

	(void)state;
	arena_init(&a);
	t = arena_text(&a, "abcdef", 3);
	assert_string_equal(t, "abc");
	assert_string_equal(arena_text(&a, "", 0), "");
	assert_memory_equal(arena_copy(&a, "a\0b", 3), "a\0b", 3);
	assert_non_null(arena_copy(&a, NULL, 0));
	arena_release(&a);
}

static void own_memory_is_told_from_others(void **state)
{
	struct arena a;
	char outside[8], *first, *last, *p;
	int i;

	(void)state;
	arena_init(&a);
	assert_false(arena_owns(&a, outside));
	first = arena_alloc(&a, 1);
	for (i = 0; i < 100; i++)
		arena_alloc(&a, 3000);
	last = arena_text(&a, "end", 3);
	p = arena_alloc(&a, 1 << 20);
	assert_true(arena_owns(&a, first));
	assert_true(arena_owns(&a, last + 3));
	assert_false(arena_owns(&a, last + 4));
	assert_true(arena_owns(&a, p + (1 << 20) - 1));
	assert_false(arena_owns(&a, outside));
	assert_false(arena_owns(&a, NULL));
	arena_release(&a);
	assert_false(arena_owns(&a, outside));
}

static size_t count_chunks(struct arena *a, size_t size, size_t times)
{
	struct arena_chunk *newest = NULL;
	size_t chunks = 0;

	for (; times; times--) {
		assert_non_null(arena_alloc(a, size));
		chunks += a->chunks != newest;
		newest = a->chunks;
	}
	return chunks;
}

static void chunks_double_up_to_a_limit(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(a.next_size, 4096);
	/* 64 MiB: 4 KiB to 32 MiB are 14 steps, and one or two more. */
	assert_in_range(count_chunks(&a, 4096, 16384), 10, 16);
	assert_int_equal(a.next_size, 32 << 20);
	arena_release(&a);
	assert_int_equal(a.next_size, 4096);
}

static void a_large_piece_leaves_the_current_chunk(void **state)
{
	struct arena a;
	struct arena_chunk *current;

	(void)state;
	arena_init(&a);
	arena_alloc(&a, 16);
	current = a.chunks;
	arena_alloc(&a, 1 << 20);
	assert_ptr_equal(a.chunks, current);
	arena_alloc(&a, 16);
	assert_ptr_equal(a.chunks, current);
	arena_release(&a);
}

static void clear_keeps_the_largest_chunk_and_cleans_it(void **state)
{
	struct arena a;
	char *large, *p;
	size_t i;

	(void)state;
	arena_init(&a);
	arena_clear(&a);
	memset(arena_alloc(&a, 100), 1, 100);
	large = arena_alloc(&a, 1 << 20);
	memset(large, 1, 1 << 20);
	memset(arena_alloc(&a, 100), 1, 100);
	arena_clear(&a);
	assert_false(arena_owns(&a, large));
	for (i = 0; i < 1000; i++) {
		p = arena_alloc(&a, 1000);
		assert_true(p >= large && p < large + (1 << 20));
		assert_true(all_zero(p, 1000));
		memset(p, 1, 1000);
		if (i == 400)
			arena_clear(&a);
	}
	arena_clear(&a);
	p = arena_alloc(&a, 1 << 20);
	assert_ptr_equal(p, large);
	assert_true(all_zero(p, 1 << 20));
	arena_release(&a);
}

static void sizes_that_overflow_are_refused(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	arena_alloc(&a, 1);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 64));
	assert_null(arena_array(&a, SIZE_MAX / 8 + 2, 8));
	assert_null(arena_array(&a, 3, SIZE_MAX / 2));
	assert_null(arena_text(&a, "", SIZE_MAX));
	assert_non_null(arena_alloc(&a, 1));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_distinct),
		cmocka_unit_test(nothing_is_moved_or_overwritten),
		cmocka_unit_test(copies_are_whole_and_texts_end),
		cmocka_unit_test(own_memory_is_told_from_others),
		cmocka_unit_test(chunks_double_up_to_a_limit),
		cmocka_unit_test(a_large_piece_leaves_the_current_chunk),
		cmocka_unit_test(clear_keeps_the_largest_chunk_and_cleans_it),
		cmocka_unit_test(sizes_that_overflow_are_refused),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
