/* SPDX-License-Identifier: BSD-2-Clause */
/* model/row.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "model/row.h"
#include "thing.h"

static struct columns diff(const struct thing *a, const struct thing *b)
{
	struct columns out;

	memset(&out, 0xff, sizeof(out));
	row_diff(map, a, b, &map->all, &out);
	return out;
}

static void only_changed_columns_differ(void **state)
{
	struct thing a = good_thing(), b = a;
	char note[] = "note";
	struct columns out;

	(void)state;
	out = diff(&a, &b);
	assert_true(columns_empty(&out));
	b.note = note;
	memset(b.code + 2, 'x', 3);
	out = diff(&a, &b);
	assert_true(columns_empty(&out));
	b.i64 = 43;
	b.price_is_null = true;
	note[0] = 'N';
	out = diff(&a, &b);
	assert_int_equal(out.words[0], 1 << I64 | 1 << PRICE | 1 << NOTE);
}

static void only_columns_of_the_set_are_compared(void **state)
{
	struct thing a = good_thing(), b = a;
	struct columns set = map->all, out;

	(void)state;
	b.i64 = 43;
	b.i32 = 43;
	columns_remove(&set, I64);
	row_diff(map, &a, &b, &set, &out);
	assert_int_equal(out.words[0], 1 << I32);
}

static void a_copy_stands_by_itself(void **state)
{
	struct thing a = good_thing(), b;
	char note[] = "note";
	struct columns out;
	struct arena texts;

	(void)state;
	arena_init(&texts);
	a.note = note;
	a.must = NULL;
	assert_int_equal(row_copy(map, &b, &a, &texts), 0);
	assert_true(arena_owns(&texts, b.note));
	assert_true(arena_owns(&texts, b.data.data));
	assert_null(b.must);
	out = diff(&a, &b);
	assert_true(columns_empty(&out));
	note[0] = 'N';
	out = diff(&a, &b);
	assert_int_equal(out.words[0], 1 << NOTE);
	arena_release(&texts);
}

static void empty_bytes_stay_not_null(void **state)
{
	struct thing a = good_thing(), b;
	struct arena texts;

	(void)state;
	arena_init(&texts);
	a.note = a.must = NULL;
	a.data.size = 0;
	assert_int_equal(row_copy(map, &b, &a, &texts), 0);
	assert_true(arena_owns(&texts, b.data.data));
	assert_int_equal(b.data.size, 0);
	arena_release(&texts);
}

static void a_copy_without_arena_borrows(void **state)
{
	struct thing a = good_thing(), b;

	(void)state;
	assert_int_equal(row_copy(map, &b, &a, NULL), 0);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void a_copy_that_cannot_be_leaves_all(void **state)
{
	struct thing a = good_thing(), b = a;
	struct arena texts;

	(void)state;
	arena_init(&texts);
	a.i64 = 7;
	a.data.size = SIZE_MAX;
	assert_int_equal(row_copy(map, &b, &a, &texts), UOW_ENOMEM);
	assert_int_equal(b.i64, 42);
	a.data.size = SIZE_MAX - 64;
	assert_int_equal(row_copy(map, &b, &a, &texts), UOW_ENOMEM);
	assert_int_equal(b.i64, 42);
	arena_release(&texts);
}

static void texts_of_others_become_own(void **state)
{
	struct thing t = good_thing();
	struct columns set = map->all;
	const char *own;
	struct arena a;

	(void)state;
	arena_init(&a);
	own = t.note = arena_text(&a, "own", 3);
	columns_remove(&set, MUST);
	assert_int_equal(row_own_texts(map, &t, &set, &t, &a), 0);
	assert_ptr_equal(t.note, own);
	/* In the arena, but perhaps somebody else's there. */
	assert_int_equal(row_own_texts(map, &t, &set, NULL, &a), 0);
	assert_ptr_not_equal(t.note, own);
	assert_string_equal(t.note, "own");
	assert_true(arena_owns(&a, t.data.data));
	assert_memory_equal(t.data.data, "\1\2", 2);
	assert_false(arena_owns(&a, t.must));
	t.note = NULL;
	assert_int_equal(row_own_texts(map, &t, &map->all, NULL, &a), 0);
	assert_null(t.note);
	assert_true(arena_owns(&a, t.must));
	assert_string_equal(t.must, "must");
	arena_release(&a);
}

static void only_members_of_the_set_are_assigned(void **state)
{
	struct thing a = good_thing(), b = a, want = a;
	struct columns set;

	(void)state;
	memset(&set, 0, sizeof(set));
	columns_add(&set, I64);
	columns_add(&set, NOTE);
	a.i64 = 1;
	a.i64_is_null = true;
	a.i32 = 1;
	a.note = "new";
	row_assign(map, &b, &a, &set);
	want.i64 = 1;
	want.i64_is_null = true;
	want.note = a.note;
	assert_memory_equal(&b, &want, sizeof(b));
}

static void keys_are_equal_by_all_their_columns(void **state)
{
	struct thing a = good_thing(), b = a;

	(void)state;
	memset(b.code + 2, 'x', 3);
	b.i64 = 0;
	assert_true(row_key_equal(map, &a, &b));
	assert_true(row_key_hash(map, &a) == row_key_hash(map, &b));
	b.code[0] = 'l';
	assert_false(row_key_equal(map, &a, &b));
	assert_true(row_key_hash(map, &a) != row_key_hash(map, &b));
	b.code[0] = 'k';
	b.id = 6;
	assert_false(row_key_equal(map, &a, &b));
	assert_true(row_key_hash(map, &a) != row_key_hash(map, &b));
}

static void keys_are_written_whole_or_not_at_all(void **state)
{
	uow_value parts[] = { uow_int(9), uow_text("abc") };
	struct thing t = good_thing(), was = t;
	uow_key key = uow_key_parts(parts, 2);
	uow_error err = UOW_ERROR_INIT;
	uow_key one = uow_id(9);

	(void)state;
	assert_int_equal(row_set_key(map, &t, &one, &err), UOW_EINVAL);
	assert_string_equal(err.message, "entity thing: a key of 1 values, it "
			    "has 2 columns");
	key.count = 9;
	assert_int_equal(row_set_key(map, &t, &key, &err), UOW_EINVAL);
	key.count = 2;
	parts[1] = uow_text("far too long");
	assert_int_equal(row_set_key(map, &t, &key, &err), UOW_EDATA);
	parts[1] = uow_null();
	assert_int_equal(row_set_key(map, &t, &key, &err), UOW_EINVAL);
	assert_memory_equal(&t, &was, sizeof(t));
	parts[1] = uow_text("abc");
	assert_int_equal(row_set_key(map, &t, &key, &err), 0);
	assert_int_equal(t.id, 9);
	assert_string_equal(t.code, "abc");
}

static void keys_are_shown_and_cut(void **state)
{
	struct thing t = good_thing();
	char text[32];
	size_t size;

	(void)state;
	row_key_text(map, &t, text, sizeof(text));
	assert_string_equal(text, "5,'k'");
	t.id = -7;
	strcpy(t.code, "a\n\xe2\x82\xac");
	row_key_text(map, &t, text, sizeof(text));
	assert_string_equal(text, "-7,'a \xe2\x82\xac'");
	for (size = 1; size < 12; size++) {
		memset(text, 'x', sizeof(text));
		row_key_text(map, &t, text, size);
		assert_true(strlen(text) < size);
		assert_true(text_utf8(text, strlen(text), NULL));
		assert_int_equal(text[size], 'x');
	}
	row_key_text(map, &t, NULL, 0);
}

/* The key's two columns changed for one of another type. */
static void shown_as(const struct thing *t, unsigned column, const char *want)
{
	struct mapping m = *map;
	char text[64];

	m.keys[0] = column;
	m.key_count = 1;
	row_key_text(&m, t, text, sizeof(text));
	assert_string_equal(text, want);
}

static void keys_of_every_type_are_shown(void **state)
{
	struct thing t = good_thing();

	(void)state;
	shown_as(&t, FLAG, "false");
	shown_as(&t, I16, "0");
	shown_as(&t, F64, "1.5");
	shown_as(&t, PRICE, "12.50");
	shown_as(&t, NOTE, "'note'");
	shown_as(&t, DATA, "x'0102'");
	shown_as(&t, DAY, "2024-02-29");
	shown_as(&t, CLOCK, "01:02:03");
	shown_as(&t, STAMP, "2024-02-29 01:02:03.500000000");
	shown_as(&t, UUID, "01000000-0000-0000-0000-000000000000");
	t.note = NULL;
	shown_as(&t, NOTE, "NULL");
}

static void rows_are_checked_in_the_set(void **state)
{
	struct thing t = good_thing();
	struct columns set = map->all;
	uow_error err = UOW_ERROR_INIT;

	(void)state;
	assert_int_equal(row_check(map, &t, &set, false, &err), 0);
	t.must = NULL;
	assert_int_equal(row_check(map, &t, &set, false, &err), UOW_EDATA);
	assert_non_null(strstr(err.message, "must"));
	columns_remove(&set, MUST);
	assert_int_equal(row_check(map, &t, &set, false, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_changed_columns_differ),
		cmocka_unit_test(only_columns_of_the_set_are_compared),
		cmocka_unit_test(a_copy_stands_by_itself),
		cmocka_unit_test(empty_bytes_stay_not_null),
		cmocka_unit_test(a_copy_without_arena_borrows),
		cmocka_unit_test(a_copy_that_cannot_be_leaves_all),
		cmocka_unit_test(texts_of_others_become_own),
		cmocka_unit_test(only_members_of_the_set_are_assigned),
		cmocka_unit_test(keys_are_equal_by_all_their_columns),
		cmocka_unit_test(keys_are_written_whole_or_not_at_all),
		cmocka_unit_test(keys_are_shown_and_cut),
		cmocka_unit_test(keys_of_every_type_are_shown),
		cmocka_unit_test(rows_are_checked_in_the_set),
	};

	return cmocka_run_group_tests_name("row", tests, map_thing,
					   unmap_thing);
}
