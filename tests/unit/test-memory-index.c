/* SPDX-License-Identifier: BSD-2-Clause */
/* backend/memory/index.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backend/memory/index.h"
#include "base/random.h"

enum { HASHES = 40, RECORDS = 300, ROUNDS = 60000 };

/* What an index should hold. */
static unsigned char there[HASHES][RECORDS];

static void expect_all(const struct index *ix)
{
	static unsigned char found[RECORDS];
	struct index_walk w;
	uint32_t n;
	unsigned h;

	for (h = 0; h < HASHES; h++) {
		memset(found, 0, sizeof(found));
		index_walk(ix, h * 3, &w);
		while ((n = index_next(&w))) {
			assert_in_range(n, 1, RECORDS - 1);
			assert_int_equal(found[n]++, 0);
		}
		assert_memory_equal(found, there[h], sizeof(found));
		index_walk(ix, h * 3 + 1, &w);
		assert_int_equal(index_next(&w), 0);
	}
}

static void random_rounds(bool unique)
{
	struct index ix;
	struct random r;
	unsigned h, n, i;

	memset(&ix, 0, sizeof(ix));
	memset(there, 0, sizeof(there));
	ix.unique = unique;
	random_seed(&r, 7);
	expect_all(&ix);
	for (i = 0; i < ROUNDS; i++) {
		h = (unsigned)random_upto(&r, HASHES - 1);
		n = (unsigned)random_upto(&r, RECORDS - 2) + 1;
		/* grows first, shrinks to nothing at the end */
		if (random_upto(&r, ROUNDS) > i) {
			assert_int_equal(index_reserve(&ix), 0);
			index_add(&ix, h * 3, n);
			there[h][n] = 1;
		} else {
			index_remove(&ix, h * 3, n);
			there[h][n] = 0;
		}
		if (i % 5000 == 0)
			expect_all(&ix);
	}
	expect_all(&ix);
	for (h = 0; h < HASHES; h++)
		for (n = 1; n < RECORDS; n++)
			index_remove(&ix, h * 3, n);
	memset(there, 0, sizeof(there));
	expect_all(&ix);
	index_release(&ix);
}

static void a_hash_table_holds_what_was_added(void **state)
{
	(void)state;
	random_rounds(true);
}

static void sorted_blocks_hold_what_was_added(void **state)
{
	(void)state;
	random_rounds(false);
}

/* All children of one parent: neither slow nor lost. */
static void many_records_may_share_a_hash(void **state)
{
	enum { MANY = 200000 };
	struct index ix;
	struct index_walk w;
	uint32_t n, seen = 0;

	(void)state;
	memset(&ix, 0, sizeof(ix));
	for (n = 1; n <= MANY; n++) {
		assert_int_equal(index_reserve(&ix), 0);
		index_add(&ix, 5, n);
	}
	index_walk(&ix, 5, &w);
	while ((n = index_next(&w)))
		assert_int_equal(n, ++seen);
	assert_int_equal(seen, MANY);
	for (n = 1; n <= MANY; n += 2)
		index_remove(&ix, 5, n);
	for (seen = 0, index_walk(&ix, 5, &w); (n = index_next(&w)); seen++)
		assert_int_equal(n % 2, 0);
	assert_int_equal(seen, MANY / 2);
	index_release(&ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_table_holds_what_was_added),
		cmocka_unit_test(sorted_blocks_hold_what_was_added),
		cmocka_unit_test(many_records_may_share_a_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
