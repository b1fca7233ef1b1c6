/* SPDX-License-Identifier: BSD-2-Clause */
/* backend/odbc/block.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/odbc/block.h"

/*
 * The test is the driver: it writes where a column is bound, at most as much
 * as there is room, and the length beside it.
 */

enum { ROWS = 100, MOST = 12, UNTOUCHED = 0x5a };

struct thing {
	int64_t id;
	char mine;			/* not mapped */
	int32_t word;
	int64_t count, theirs;		/* the second one: not mapped */
	int64_t total;
	bool count_is_null, code_is_null, half_is_null;
	int16_t half;
	char code[9];
	char note[9];
	double wide;
	float narrow;
};

/* In another order than the members. */
static const uow_column things[] = {
	UOW_NULLABLE_CHARS(struct thing, code, "code", 0),
	UOW_INT64(struct thing, total, "total", 0),
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_DOUBLE(struct thing, wide, "wide", 0),
	UOW_INT32(struct thing, word, "word", 0),
	UOW_NULLABLE_INT64(struct thing, count, "count", 0),
	UOW_NULLABLE_INT16(struct thing, half, "half", 0),
	UOW_FLOAT(struct thing, narrow, "narrow", 0),
	UOW_CHARS(struct thing, note, "note", 0)
};
static const uow_entity thing_entity = UOW_ENTITY(struct thing, "thing",
						  things);
enum { CODE, TOTAL, ID, WIDE, WORD32, COUNT, HALF, NARROW, NOTE, THINGS };

struct lone {
	int64_t id;
};
static const uow_column lones[] = {
	UOW_INT64(struct lone, id, "id", UOW_KEY)
};
static const uow_entity lone_entity = UOW_ENTITY(struct lone, "lone", lones);

struct wide {
	int64_t id;
	char rest[100000];		/* not mapped */
	int64_t last;
	char code[9];
};
static const uow_column wides[] = {
	UOW_INT64(struct wide, id, "id", UOW_KEY),
	UOW_INT64(struct wide, last, "last", 0),
	UOW_CHARS(struct wide, code, "code", 0)
};
static const uow_entity wide_entity = UOW_ENTITY(struct wide, "wide", wides);

struct packed {
	char before;
	char id[8];			/* an INT64 that is not aligned */
	char after;
};
static const uow_column packs[] = {
	{ .name = "id", .type = UOW_TYPE_INT64, .flags = UOW_KEY,
	  .offset = offsetof(struct packed, id), .size = 8,
	  .null_offset = UOW_NOT_NULL }
};
static const uow_entity packed_entity = UOW_ENTITY(struct packed, "packed",
						   packs);

static struct mapping *m;
static struct type_form form;
static struct slot slots[MOST];
static struct block *b;

static enum form kind_of(const struct field *f)
{
	switch (f->type) {
	case UOW_TYPE_CHARS:
		return FORM_TEXT;
	case UOW_TYPE_FLOAT:
		return FORM_FLOAT;
	case UOW_TYPE_DOUBLE:
		return FORM_DOUBLE;
	default:
		return FORM_INT64;
	}
}

static void make_slots(const uow_entity *entity, enum form numbers)
{
	struct slot *s;
	size_t i;

	assert_int_equal(mapping_new(&m, entity, NULL), 0);
	memset(&form, 0, sizeof(form));
	form.fetch = FORM_TEXT;
	form.fetch_whole = FORM_INT64;
	for (i = 0; i < m->count; i++) {
		s = &slots[i];
		slot_init_param(s, m, &m->fields[i], &form, m->fields[i].type,
				(SQLUSMALLINT)(i + 1));
		s->kind = kind_of(s->field);
		if (s->kind == FORM_INT64)
			s->kind = numbers;
		s->capacity = 64;
		s->in_rowset = true;
	}
}

static void use(const uow_entity *entity, enum form numbers)
{
	make_slots(entity, numbers);
	b = block_new(m, slots, m->count, ROWS);
	assert_non_null(b);
	b->point = true;
}

static int release(void **state)
{
	(void)state;
	block_free(b);
	mapping_free(m);
	b = NULL;
	m = NULL;
	return 0;
}

static void put(size_t row, size_t i, const void *data, size_t size,
		SQLLEN length)
{
	char *to = block_buffer(b, i) + row * b->row_size;
	size_t room = block_room(b, &slots[i], i);

	memcpy(to, data, size < room ? size : room);
	memcpy((char *)block_indicator(b, i) + row * b->row_size, &length,
	       sizeof(length));
}

static void put_int(size_t row, size_t i, int64_t n)
{
	char text[32];

	if (slots[i].kind == FORM_TEXT) {
		snprintf(text, sizeof(text), "%lld", (long long)n);
		put(row, i, text, strlen(text) + 1, (SQLLEN)strlen(text));
	} else {
		put(row, i, &n, sizeof(n), (SQLLEN)sizeof(n));
	}
}

static void put_text(size_t row, size_t i, const char *text)
{
	put(row, i, text, strlen(text) + 1, (SQLLEN)strlen(text));
}

static void put_null(size_t row, size_t i)
{
	put(row, i, "", 0, SQL_NULL_DATA);
}

static void put_thing(size_t row)
{
	const double wide = 0.1;
	const float narrow = 1.5f;

	put_text(row, CODE, "a longer");
	put_text(row, CODE, "code");
	put_int(row, TOTAL, INT64_MIN);
	put_int(row, ID, INT64_MAX);
	put(row, WIDE, &wide, sizeof(wide), sizeof(wide));
	put_int(row, WORD32, INT32_MIN);
	put_int(row, COUNT, 4);
	put_int(row, HALF, INT16_MAX);
	put(row, NARROW, &narrow, sizeof(narrow), sizeof(narrow));
	put_text(row, NOTE, "");
}

/* The first column that is left to slot_get(). */
static size_t get(size_t row, void *to)
{
	block_copy(b, row, to);
	return block_finish(b, row, slots, 0, m->count, to);
}

static void check_thing(size_t row)
{
	struct thing t, zero;

	memset(&t, UNTOUCHED, sizeof(t));
	memset(&zero, 0, sizeof(zero));
	assert_int_equal(get(row, &t), THINGS);
	assert_string_equal(t.code, "code");
	assert_memory_equal(t.code + 4, zero.code, sizeof(t.code) - 4);
	assert_memory_equal(t.note, zero.note, sizeof(t.note));
	assert_true(t.id == INT64_MAX && t.total == INT64_MIN);
	assert_true(t.wide >= 0.1 && t.wide <= 0.1);
	assert_true(t.narrow >= 1.5f && t.narrow <= 1.5f);
	assert_int_equal(t.word, INT32_MIN);
	assert_int_equal(t.half, INT16_MAX);
	assert_true(t.count == 4);
	assert_false(t.count_is_null || t.code_is_null || t.half_is_null);
	assert_int_equal(t.mine, UNTOUCHED);
	assert_true(t.theirs == INT64_C(0x5a5a5a5a5a5a5a5a));
}

static void members_are_written_and_nothing_between_them(void **state)
{
	(void)state;
	use(&thing_entity, FORM_INT64);
	put_thing(0);
	put_thing(ROWS - 1);
	check_thing(0);
	check_thing(ROWS - 1);
}

static void padding_stays_as_it_was(void **state)
{
	unsigned char mapped[sizeof(struct thing)];
	struct thing one, other;
	const struct field *f;
	size_t i;

	(void)state;
	use(&thing_entity, FORM_INT64);
	put_thing(0);
	memset(&one, 0, sizeof(one));
	memset(&other, 0xff, sizeof(other));
	memset(mapped, 0, sizeof(mapped));
	for (i = 0; i < m->count; i++) {
		f = &m->fields[i];
		memset(mapped + f->offset, 1, f->size);
		if (f->null_offset != UOW_NOT_NULL)
			mapped[f->null_offset] = 1;
	}
	assert_int_equal(get(0, &one), THINGS);
	assert_int_equal(get(0, &other), THINGS);
	for (i = 0; i < sizeof(one); i++)
		assert_int_equal(((unsigned char *)&other)[i] -
				 ((unsigned char *)&one)[i],
				 mapped[i] ? 0 : 0xff);
}

static void numbers_may_be_text_first_and_bound_in_place_then(void **state)
{
	size_t i;

	(void)state;
	use(&thing_entity, FORM_TEXT);
	put_thing(1);
	check_thing(1);
	for (i = 0; i < m->count; i++) {
		if (slots[i].field->type == UOW_TYPE_INT64)
			slots[i].kind = FORM_INT64;
		block_place(b, slots, i);
	}
	block_placed(b, slots, m->count);
	assert_true(block_buffer(b, ID) ==
		    b->rows + offsetof(struct thing, id));
	put_thing(1);
	check_thing(1);
}

static void neighbours_are_one_span(void **state)
{
	(void)state;
	use(&thing_entity, FORM_INT64);
	/* id; count; total; the last four, which have no padding between. */
	assert_int_equal(b->span_count, 4);
	assert_int_equal(b->spans[1].offset, offsetof(struct thing, count));
	assert_int_equal(b->spans[1].size, sizeof(int64_t));
	assert_int_equal(b->spans[3].offset, offsetof(struct thing, code));
	assert_int_equal(b->spans[3].size, offsetof(struct thing, narrow) +
			 sizeof(float) - offsetof(struct thing, code));
}

static void null_and_unknown_lengths_are_not_taken_from_the_image(void **state)
{
	static const size_t nullable[] = { CODE, ID, COUNT, HALF, WIDE };
	struct thing t;
	size_t i;

	(void)state;
	use(&thing_entity, FORM_INT64);
	for (i = 0; i < sizeof(nullable) / sizeof(nullable[0]); i++) {
		put_thing(2);
		put_null(2, nullable[i]);
		assert_int_equal(get(2, &t), nullable[i]);
		/* Those behind it are in order. */
		assert_int_equal(block_finish(b, 2, slots, nullable[i] + 1,
					      m->count, &t), THINGS);
	}
	put_thing(2);
	put(2, WIDE, "no end..", 8, SQL_NO_TOTAL);
	assert_int_equal(get(2, &t), WIDE);
	put(2, CODE, "no end..", 9, SQL_NO_TOTAL);
	assert_int_equal(get(2, &t), CODE);
}

static void text_that_does_not_fit_or_is_no_utf8_is_not_taken(void **state)
{
	struct thing t;

	(void)state;
	use(&thing_entity, FORM_INT64);
	put_thing(0);
	put_text(0, CODE, "12345678");
	assert_int_equal(get(0, &t), THINGS);
	assert_string_equal(t.code, "12345678");
	put_text(0, CODE, "123456789");
	assert_int_equal(get(0, &t), CODE);
	put_text(0, CODE, "\xff");
	assert_int_equal(get(0, &t), CODE);
	put_text(0, CODE, "\xc3\xa4");
	assert_int_equal(get(0, &t), THINGS);
}

static void text_may_be_a_number_with_the_point_of_the_locale(void **state)
{
	struct thing t;

	(void)state;
	use(&thing_entity, FORM_INT64);
	put_thing(0);
	b->point = false;
	assert_int_equal(get(0, &t), THINGS);
	form.localized = true;
	assert_int_equal(get(0, &t), CODE);
	b->point = true;
	assert_int_equal(get(0, &t), THINGS);
}

static void numbers_beyond_their_member_are_not_taken(void **state)
{
	static const enum form kinds[] = { FORM_INT64, FORM_TEXT };
	char zeros[64];
	struct thing t;
	size_t i;

	for (i = 0; i < 2; i++) {
		use(&thing_entity, kinds[i]);
		put_thing(0);
		put_int(0, WORD32, (int64_t)INT32_MAX + 1);
		assert_int_equal(get(0, &t), WORD32);
		put_int(0, WORD32, (int64_t)INT32_MIN - 1);
		assert_int_equal(get(0, &t), WORD32);
		put_int(0, WORD32, 0);
		put_int(0, HALF, INT16_MAX + 1);
		assert_int_equal(get(0, &t), HALF);
		put_int(0, HALF, INT16_MIN - 1);
		assert_int_equal(get(0, &t), HALF);
		put_int(0, HALF, INT16_MIN);
		assert_int_equal(get(0, &t), THINGS);
		if (!i)
			release(state);
	}
	put_text(0, ID, "1.5");
	assert_int_equal(get(0, &t), ID);
	/* It was cut: the length is that of the whole. */
	memset(zeros, '0', sizeof(zeros));
	put(0, ID, zeros, sizeof(zeros), (SQLLEN)sizeof(zeros));
	assert_int_equal(get(0, &t), ID);
}

static void one_column_is_enough(void **state)
{
	struct lone l;
	size_t i;

	(void)state;
	use(&lone_entity, FORM_INT64);
	for (i = 0; i < ROWS; i++)
		put_int(i, 0, (int64_t)i);
	for (i = 0; i < ROWS; i++) {
		assert_int_equal(get(i, &l), 1);
		assert_true(l.id == (int64_t)i);
	}
}

/* Its image would take more room than its columns. */
static void of_a_wide_struct_each_column_is_copied(void **state)
{
	struct wide *w = calloc(1, sizeof(*w));

	(void)state;
	assert_non_null(w);
	use(&wide_entity, FORM_INT64);
	assert_int_equal(b->count, ROWS);
	assert_int_equal(b->span_count, 0);
	put_int(ROWS - 1, 0, 7);
	put_int(ROWS - 1, 1, 8);
	put_text(ROWS - 1, 2, "x");
	assert_int_equal(get(ROWS - 1, w), 2);
	assert_true(w->id == 7 && w->last == 8);
	free(w);
}

static void what_is_not_aligned_is_not_bound_in_place(void **state)
{
	struct packed p;
	int64_t id;

	(void)state;
	use(&packed_entity, FORM_INT64);
	assert_int_equal(b->span_count, 0);
	put_int(0, 0, -3);
	memset(&p, UNTOUCHED, sizeof(p));
	assert_int_equal(get(0, &p), 1);
	memcpy(&id, p.id, sizeof(id));
	assert_true(id == -3 && p.before == UNTOUCHED && p.after == UNTOUCHED);
}

static void few_rows_of_long_columns_are_a_block(void **state)
{
	(void)state;
	make_slots(&thing_entity, FORM_INT64);
	slots[CODE].kind = FORM_INT64;	/* any that has its own buffer */
	slots[CODE].capacity = 100000;
	b = block_new(m, slots, m->count, ROWS);
	assert_non_null(b);
	assert_int_equal(b->count, 2);
	slots[CODE].capacity = 1000000;
	block_free(b);
	b = block_new(m, slots, m->count, ROWS);
	assert_non_null(b);
	assert_int_equal(b->count, 0);
}

static void a_selected_row_is_in_its_slot(void **state)
{
	(void)state;
	use(&thing_entity, FORM_INT64);
	put_text(3, CODE, "three");
	block_select(b, 3, &slots[CODE], CODE);
	assert_string_equal(slots[CODE].buffer, "three");
	assert_int_equal(slots[CODE].indicator, 5);
	assert_int_equal(slots[CODE].row, 4);
}

#define TEST(f) cmocka_unit_test_teardown(f, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(members_are_written_and_nothing_between_them),
		TEST(padding_stays_as_it_was),
		TEST(numbers_may_be_text_first_and_bound_in_place_then),
		TEST(neighbours_are_one_span),
		TEST(null_and_unknown_lengths_are_not_taken_from_the_image),
		TEST(text_that_does_not_fit_or_is_no_utf8_is_not_taken),
		TEST(text_may_be_a_number_with_the_point_of_the_locale),
		TEST(numbers_beyond_their_member_are_not_taken),
		TEST(one_column_is_enough),
		TEST(of_a_wide_struct_each_column_is_copied),
		TEST(what_is_not_aligned_is_not_bound_in_place),
		TEST(few_rows_of_long_columns_are_a_block),
		TEST(a_selected_row_is_in_its_slot)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
