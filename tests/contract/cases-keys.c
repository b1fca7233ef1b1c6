/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* 74: keys of all kinds, through every call that takes one. */

struct kind {
	const uow_entity *entity;
	const void *rows[3];
	uow_key keys[3];
	uow_key missing;
	size_t value;		/* offset of an int32_t to change */
	bool has_value;
};

static int32_t *value_of(const struct kind *k, void *object)
{
	return (int32_t *)(void *)((char *)object + k->value);
}

static void check_kind(struct fixture *f, const struct kind *k)
{
	void *objects[3], *p;
	uow_repository *r;
	uow_unit *u;
	int i;

	u = begin(f);
	r = uow_repository_of(u, k->entity);
	for (i = 0; i < 3; i++)
		objects[i] = need(u, uow_add(r, k->rows[i]));
	must(u, uow_flush(u));
	for (i = 0; i < 3; i++)
		assert_ptr_equal(uow_get(r, k->keys[i]), objects[i]);
	commit(u);

	u = begin(f);
	r = uow_repository_of(u, k->entity);
	assert_null(uow_lookup(r, k->missing));
	must(u, uow_status(u));
	p = need(u, uow_get(r, k->keys[1]));
	assert_ptr_equal(uow_lookup(r, k->keys[1]), p);
	assert_ptr_equal(uow_get_locked(r, k->keys[1]), p);
	must(u, uow_get_many(r, k->keys, 3, objects));
	assert_ptr_equal(objects[1], p);
	assert_ptr_not_equal(objects[0], objects[2]);
	if (k->has_value)
		*value_of(k, p) = 4711;
	must(u, uow_flush(u));
	must(u, uow_refresh(r, p));
	if (k->has_value)
		assert_int_equal(*value_of(k, p), 4711);
	must(u, uow_remove(r, objects[2]));
	assert_null(uow_add(r, k->rows[0]));	/* 100 */
	failed(u, UOW_EDUPLICATE);
	uow_unit_free(u);

	u = begin(f);
	r = uow_repository_of(u, k->entity);
	must(u, uow_remove(r, need(u, uow_get(r, k->keys[2]))));
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, k->entity);
	assert_null(uow_lookup(r, k->keys[2]));
	need(u, uow_add(r, k->rows[0]));	/* stored already */
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	uow_unit_free(u);
	u = begin(f);
	assert_null(uow_get(uow_repository_of(u, k->entity), k->missing));
	failed(u, UOW_ENOTFOUND);
	assert_true(uow_unit_error(u)->key[0]);
	uow_unit_free(u);
}

static void a_key_may_have_several_columns(void **state)
{
	static const struct pair rows[3] = {
		{ 1, "a", 1, 0 }, { 1, "b's \"x\"", 2, 0 }, { 2, "a", 3, 0 },
	};
	uow_value parts[4][2];
	struct kind k;
	int i;

	tables(*state, &pair_entity, NULL);
	memset(&k, 0, sizeof(k));
	k.entity = &pair_entity;
	for (i = 0; i < 3; i++) {
		parts[i][0] = uow_int(rows[i].a);
		parts[i][1] = uow_text(rows[i].b);
		k.rows[i] = &rows[i];
		k.keys[i] = uow_key_parts(parts[i], 2);
	}
	parts[3][0] = uow_int(2);
	parts[3][1] = uow_text("b");
	k.missing = uow_key_parts(parts[3], 2);
	k.value = offsetof(struct pair, amount);
	k.has_value = true;
	check_kind(*state, &k);
}

static void a_key_may_be_text(void **state)
{
	static const struct word rows[3] = {
		{ "Zebra", 1 }, { "zebra", 2 },
		{ "\xc3\xa4ther's \xf0\x9f\x98\x80 %", 3 },
	};
	struct kind k;
	int i;

	tables(*state, &word_entity, NULL);
	memset(&k, 0, sizeof(k));
	k.entity = &word_entity;
	for (i = 0; i < 3; i++) {
		k.rows[i] = &rows[i];
		k.keys[i] = uow_key_of(uow_text(rows[i].word));
	}
	k.missing = uow_key_of(uow_text("zebra "));	/* no padding */
	k.value = offsetof(struct word, uses);
	k.has_value = true;
	check_kind(*state, &k);
}

static void a_key_may_be_a_uuid(void **state)
{
	static struct token rows[3];
	uow_uuid none;
	struct kind k;
	int i;

	tables(*state, &token_entity, NULL);
	memset(&k, 0, sizeof(k));
	memset(rows, 0, sizeof(rows));
	memset(rows[1].id.bytes, 0xff, 16);
	rows[2].id.bytes[15] = 1;
	rows[0].id.bytes[0] = 1;
	k.entity = &token_entity;
	for (i = 0; i < 3; i++) {
		k.rows[i] = &rows[i];
		k.keys[i] = uow_key_of(uow_guid(rows[i].id));
	}
	memset(&none, 0x7f, sizeof(none));
	k.missing = uow_key_of(uow_guid(none));
	check_kind(*state, &k);
}

static void a_key_may_be_a_date(void **state)
{
	static const struct day rows[3] = {
		{ { 1, 1, 1 }, 1 }, { { 9999, 12, 31 }, 2 },
		{ { 2024, 2, 29 }, 3 },
	};
	uow_date none = { 2024, 2, 28 };
	struct kind k;
	int i;

	tables(*state, &day_entity, NULL);
	memset(&k, 0, sizeof(k));
	k.entity = &day_entity;
	for (i = 0; i < 3; i++) {
		k.rows[i] = &rows[i];
		k.keys[i] = uow_key_of(uow_day(rows[i].day));
	}
	k.missing = uow_key_of(uow_day(none));
	k.value = offsetof(struct day, amount);
	k.has_value = true;
	check_kind(*state, &k);
}

static void a_key_may_be_any_64_bit_integer(void **state)
{
	static const struct plain rows[3] = {
		{ INT64_MIN, 1, NULL }, { 0, 2, NULL }, { INT64_MAX, 3, NULL },
	};
	struct kind k;
	int i;

	tables(*state, &plain_entity, NULL);
	memset(&k, 0, sizeof(k));
	k.entity = &plain_entity;
	for (i = 0; i < 3; i++) {
		k.rows[i] = &rows[i];
		k.keys[i] = uow_id(rows[i].id);
	}
	k.missing = uow_id(-1);
	k.value = offsetof(struct plain, amount);
	k.has_value = true;
	check_kind(*state, &k);
}

/* 67, 74: and consist of references */
static void a_key_may_consist_of_references(void **state)
{
	struct fixture *f = *state;
	struct region g;
	struct city c;
	struct twin t;
	uow_value parts[2];
	struct region *region;
	struct city *one, *two;
	struct twin *twin;
	int64_t a, b;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, &twin_entity, NULL);
	memset(&g, 0, sizeof(g));
	memset(&c, 0, sizeof(c));
	memset(&t, 0, sizeof(t));
	u = begin(f);
	region = need(u, uow_add(uow_repository_of(u, &region_entity), &g));
	one = need(u, uow_add(uow_repository_of(u, &city_entity), &c));
	two = need(u, uow_add(uow_repository_of(u, &city_entity), &c));
	must(u, uow_refer(u, one, "region", region));
	must(u, uow_refer(u, two, "region", region));
	must(u, uow_flush(u));
	a = t.city = one->id;
	b = t.partner = two->id;
	need(u, uow_add(uow_repository_of(u, &twin_entity), &t));
	commit(u);
	u = begin(f);
	parts[0] = uow_int(a);
	parts[1] = uow_int(b);
	twin = need(u, uow_get(uow_repository_of(u, &twin_entity),
			       uow_key_parts(parts, 2)));
	assert_int_equal(twin->partner, b);
	must(u, uow_remove(uow_repository_of(u, &twin_entity), twin));
	commit(u);
	assert_int_equal(rows_in(f, &twin_entity), 0);
}

/* 82: a NULL in a key is refused before any SQL */
static void null_in_a_key_is_refused_before_sql(void **state)
{
	struct fixture *f = *state;
	struct word w;
	struct seen seen;
	uow_value parts[2];
	uow_unit *u;
	uow_db *db;

	tables(f, &pair_entity, &word_entity, NULL);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	assert_null(uow_lookup(uow_repository_of(u, &pair_entity),
			       uow_key_of(uow_null())));
	failed(u, UOW_EINVAL);
	uow_unit_free(u);
	u = begin_on(db, NULL);
	parts[0] = uow_int(1);
	parts[1] = uow_null();
	assert_null(uow_lookup(uow_repository_of(u, &pair_entity),
			       uow_key_parts(parts, 2)));
	failed(u, UOW_EINVAL);
	uow_unit_free(u);
	u = begin_on(db, NULL);
	assert_null(uow_lookup(uow_repository_of(u, &word_entity),
			       uow_key_of(uow_text(NULL))));
	failed(u, UOW_EINVAL);
	uow_unit_free(u);
	u = begin_on(db, NULL);
	w.word = NULL;
	w.uses = 1;
	uow_add(uow_repository_of(u, &word_entity), &w);
	assert_true(uow_commit(u) < 0);
	contains(uow_unit_error(u)->message, "word");
	uow_unit_free(u);
	assert_int_equal(seen.selects + seen.inserts, 0);
	uow_db_free(db);
}

/* A key of the wrong number or kind of parts is a mistake, not a miss. */
static void a_key_that_does_not_fit_the_entity_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_uuid guid;
	uow_value parts[9];
	uow_key wrong[8];
	uow_repository *r;
	uow_unit *u;
	size_t i;

	tables(f, &pair_entity, &plain_entity, &small_entity, NULL);
	memset(&guid, 0, sizeof(guid));
	for (i = 0; i < 9; i++)
		parts[i] = uow_int(1);
	wrong[0] = uow_id(1);
	wrong[1] = uow_key_parts(parts, 1);
	wrong[2] = uow_key_parts(parts, 3);
	wrong[3] = uow_key_parts(parts, 9);
	wrong[4] = uow_key_parts(parts, 0);
	for (i = 0; i < 5; i++) {
		u = begin(f);
		r = uow_repository_of(u, &pair_entity);
		assert_null(uow_lookup(r, wrong[i]));
		failed(u, UOW_EINVAL);
		uow_unit_free(u);
	}
	wrong[0] = uow_key_of(uow_text("1"));
	wrong[1] = uow_key_of(uow_guid(guid));
	wrong[2] = uow_key_of(uow_real(1.5));
	for (i = 0; i < 3; i++) {
		u = begin(f);
		assert_null(uow_lookup(uow_repository_of(u, &plain_entity),
				       wrong[i]));
		assert_true(uow_status(u) == UOW_EINVAL ||
			    uow_status(u) == UOW_EDATA);
		uow_unit_free(u);
	}
	/* 5000000000 must not become 705032704 */
	u = begin(f);
	assert_null(uow_lookup(uow_repository_of(u, &small_entity),
			       uow_id(5000000000)));
	failed(u, UOW_EDATA);
	uow_unit_free(u);
}

/* A text part longer than its member cannot be a key of the table. */
static void a_key_text_longer_than_its_member_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_value parts[2];
	uow_unit *u;

	tables(f, &pair_entity, NULL);
	parts[0] = uow_int(1);
	parts[1] = uow_text("longer than twelve");
	u = begin(f);
	assert_null(uow_lookup(uow_repository_of(u, &pair_entity),
			       uow_key_parts(parts, 2)));
	failed(u, UOW_EDATA);
	uow_unit_free(u);
}

/* Keys of the same bytes in a row are different keys. */
static void similar_keys_are_kept_apart(void **state)
{
	struct fixture *f = *state;
	static const struct pair rows[4] = {
		{ 1, "11", 1, 0 }, { 11, "1", 2, 0 },
		{ 1, "1", 3, 0 }, { 1, "", 4, 0 },
	};
	uow_value parts[2];
	struct pair *p;
	uow_unit *u;
	int i;

	tables(f, &pair_entity, NULL);
	u = begin(f);
	for (i = 0; i < 4; i++)
		need(u, pair_add(pair_repository_of(u), &rows[i]));
	commit(u);
	u = begin(f);
	for (i = 0; i < 4; i++) {
		parts[0] = uow_int(rows[i].a);
		parts[1] = uow_text(rows[i].b);
		p = need(u, pair_get_by(pair_repository_of(u),
					uow_key_parts(parts, 2)));
		assert_int_equal(p->amount, i + 1);
	}
	commit(u);
}

static const struct CMUnitTest keys_cases[] = {
	CASE(a_key_may_have_several_columns),
	CASE(a_key_may_be_text),
	CASE(a_key_may_be_a_uuid),
	CASE(a_key_may_be_a_date),
	CASE(a_key_may_be_any_64_bit_integer),
	CASE(a_key_may_consist_of_references),
	CASE(null_in_a_key_is_refused_before_sql),
	CASE(a_key_that_does_not_fit_the_entity_is_refused),
	CASE(a_key_text_longer_than_its_member_is_refused),
	CASE(similar_keys_are_kept_apart),
};
TOPIC(keys, "keys");
