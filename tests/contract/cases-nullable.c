/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* Every nullable form: NULL and value, kept apart and kept. */

static void nullable_sample(struct nullable *n, int64_t id)
{
	struct types t;

	types_sample(&t, id);
	memset(n, 0, sizeof(*n));
	n->id = id;
	n->b = t.b;
	n->i16 = t.i16;
	n->i32 = t.i32;
	n->i64 = t.i64;
	n->f = t.f;
	n->d = t.d;
	n->dec = t.dec2;
	strcpy(n->chars, t.chars);
	n->text = t.text;
	n->bytes = t.bytes;
	n->date = t.date;
	n->time = t.time;
	n->stamp = t.stamp;
	n->uuid = t.uuid;
	n->ref = 1;
}

static void nullable_nulls(struct nullable *n, bool on)
{
	n->b_is_null = n->i16_is_null = n->i32_is_null = n->i64_is_null =
	n->f_is_null = n->d_is_null = n->dec_is_null = n->chars_is_null =
	n->date_is_null = n->time_is_null = n->stamp_is_null =
	n->uuid_is_null = n->ref_is_null = on;
	if (on) {
		n->text = NULL;
		n->bytes.data = NULL;
		n->bytes.size = 0;
	}
}

static void nullable_equal(const struct nullable *a, const struct nullable *b)
{
	assert_int_equal(a->b, b->b);
	assert_int_equal(a->i16, b->i16);
	assert_int_equal(a->i32, b->i32);
	assert_int_equal(a->i64, b->i64);
	assert_memory_equal(&a->f, &b->f, sizeof(a->f));
	assert_memory_equal(&a->d, &b->d, sizeof(a->d));
	assert_int_equal(a->dec, b->dec);
	assert_string_equal(a->chars, b->chars);
	if (b->text)
		assert_string_equal(a->text, b->text);
	else
		assert_null(a->text);
	assert_int_equal(a->bytes.size, b->bytes.size);
	assert_memory_equal(&a->date, &b->date, sizeof(a->date));
	assert_memory_equal(&a->time, &b->time, sizeof(a->time));
	assert_memory_equal(&a->stamp, &b->stamp, sizeof(a->stamp));
	assert_memory_equal(&a->uuid, &b->uuid, sizeof(a->uuid));
	assert_int_equal(a->ref, b->ref);
	assert_int_equal(a->b_is_null, b->b_is_null);
	assert_int_equal(a->i16_is_null, b->i16_is_null);
	assert_int_equal(a->i32_is_null, b->i32_is_null);
	assert_int_equal(a->i64_is_null, b->i64_is_null);
	assert_int_equal(a->f_is_null, b->f_is_null);
	assert_int_equal(a->d_is_null, b->d_is_null);
	assert_int_equal(a->dec_is_null, b->dec_is_null);
	assert_int_equal(a->chars_is_null, b->chars_is_null);
	assert_int_equal(a->date_is_null, b->date_is_null);
	assert_int_equal(a->time_is_null, b->time_is_null);
	assert_int_equal(a->stamp_is_null, b->stamp_is_null);
	assert_int_equal(a->uuid_is_null, b->uuid_is_null);
	assert_int_equal(a->ref_is_null, b->ref_is_null);
}

static struct nullable *get_nullable(uow_unit *u, int64_t id)
{
	return need(u, uow_get(uow_repository_of(u, &nullable_entity),
			       uow_id(id)));
}

static void store_nullables(struct fixture *f, const struct nullable *rows,
			    size_t count)
{
	struct plain parent;
	uow_unit *u;
	size_t i;

	tables(f, &plain_entity, &nullable_entity, NULL);
	memset(&parent, 0, sizeof(parent));
	parent.id = 1;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &parent));
	for (i = 0; i < count; i++)
		need(u, uow_add(uow_repository_of(u, &nullable_entity),
				&rows[i]));
	commit(u);
}

/* Every nullable form, with a value, without, and changed either way. */
static void every_nullable_form_keeps_null_and_value(void **state)
{
	struct fixture *f = *state;
	struct nullable full, none, zero;
	uow_unit *u;

	nullable_sample(&full, 1);
	nullable_sample(&none, 2);
	nullable_nulls(&none, true);	/* values under the flags stay */
	memset(&zero, 0, sizeof(zero));	/* what reading a NULL leaves */
	nullable_nulls(&zero, true);
	store_nullables(f, &full, 1);
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &nullable_entity), &none));
	commit(u);
	u = begin(f);
	zero.id = 2;
	nullable_equal(get_nullable(u, 1), &full);
	nullable_equal(get_nullable(u, 2), &zero);
	nullable_nulls(get_nullable(u, 1), true);
	nullable_sample(get_nullable(u, 2), 2);
	commit(u);
	u = begin(f);
	zero.id = 1;
	full.id = 2;
	nullable_equal(get_nullable(u, 1), &zero);
	nullable_equal(get_nullable(u, 2), &full);
	commit(u);
}

/* A row of NULLs alone and one in the middle of a batch. */
static void nulls_mix_with_values_in_one_batch(void **state)
{
	enum { N = 25 };
	struct fixture *f = *state;
	struct nullable rows[N], *got;
	uow_unit *u;
	int i;

	for (i = 0; i < N; i++) {
		nullable_sample(&rows[i], i + 1);
		nullable_nulls(&rows[i], i % 2);
	}
	store_nullables(f, rows, N);
	u = begin(f);
	for (i = 0; i < N; i++) {
		got = get_nullable(u, i + 1);
		assert_int_equal(got->i64_is_null, i % 2);
		assert_int_equal(got->stamp_is_null, i % 2);
		assert_int_equal(!got->text, i % 2);
		if (i % 2 == 0)
			nullable_equal(got, &rows[i]);
	}
	commit(u);
}

static const struct CMUnitTest nullable_cases[] = {
	CASE(every_nullable_form_keeps_null_and_value),
	CASE(nulls_mix_with_values_in_one_batch),
};
TOPIC(nullable, "nullable");
