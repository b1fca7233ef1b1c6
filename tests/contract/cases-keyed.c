/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/*
 * Keys of several columns, of text and of 16 bytes, in numbers that make
 * batches: through every way of reading and writing, with versions and with
 * rows that refer to them.
 */
enum { N = 60, TEXT = 41 };

struct by_pair {
	int64_t a;
	char b[13];
	int64_t amount;
	int32_t version;
};
static const uow_column by_pair_columns[] = {
	UOW_INT64(struct by_pair, a, "a", UOW_KEY),
	UOW_CHARS(struct by_pair, b, "b", UOW_KEY),
	UOW_INT64(struct by_pair, amount, "amount", 0),
	UOW_INT32(struct by_pair, version, "version", UOW_ROW_VERSION),
};
static const uow_entity by_pair_entity =
	UOW_ENTITY(struct by_pair, "by_pairs", by_pair_columns);

struct of_pair {
	int64_t id;
	int64_t a;
	char b[13];
};
static const uow_column of_pair_columns[] = {
	UOW_INT64(struct of_pair, id, "id", UOW_KEY),
	UOW_INT64(struct of_pair, a, "pair_a", 0),
	UOW_CHARS(struct of_pair, b, "pair_b", 0),
};
static const uow_foreign_key of_pair_keys[] = {
	UOW_FOREIGN_KEY(&by_pair_entity, { "pair_a", "pair_b" }, { "a", "b" }),
};
static const uow_entity of_pair_entity =
	UOW_ENTITY_FOREIGN(struct of_pair, NULL, "of_pairs", of_pair_columns,
			   of_pair_keys);

struct by_text {
	const char *code;
	int64_t amount;
	int32_t version;
};
static const uow_column by_text_columns[] = {
	UOW_TEXT(struct by_text, code, "code", 40, UOW_KEY | UOW_REQUIRED),
	UOW_INT64(struct by_text, amount, "amount", 0),
	UOW_INT32(struct by_text, version, "version", UOW_ROW_VERSION),
};
static const uow_entity by_text_entity =
	UOW_ENTITY(struct by_text, "by_texts", by_text_columns);

struct of_text {
	int64_t id;
	const char *code;
};
static const uow_column of_text_columns[] = {
	UOW_INT64(struct of_text, id, "id", UOW_KEY),
	UOW_TEXT(struct of_text, code, "code", 40, UOW_REQUIRED),
};
static const uow_foreign_key of_text_keys[] = {
	UOW_FOREIGN_KEY(&by_text_entity, { "code" }, { "code" }),
};
static const uow_entity of_text_entity =
	UOW_ENTITY_FOREIGN(struct of_text, NULL, "of_texts", of_text_columns,
			   of_text_keys);

struct by_uuid {
	uow_uuid id;
	int64_t amount;
	int32_t version;
};
static const uow_column by_uuid_columns[] = {
	UOW_UUID(struct by_uuid, id, "id", UOW_KEY),
	UOW_INT64(struct by_uuid, amount, "amount", 0),
	UOW_INT32(struct by_uuid, version, "version", UOW_ROW_VERSION),
};
static const uow_entity by_uuid_entity =
	UOW_ENTITY(struct by_uuid, "by_uuids", by_uuid_columns);

struct of_uuid {
	int64_t id;
	uow_uuid parent;
};
static const uow_column of_uuid_columns[] = {
	UOW_INT64(struct of_uuid, id, "id", UOW_KEY),
	UOW_UUID(struct of_uuid, parent, "parent", 0),
};
static const uow_foreign_key of_uuid_keys[] = {
	UOW_FOREIGN_KEY(&by_uuid_entity, { "parent" }, { "id" }),
};
static const uow_entity of_uuid_entity =
	UOW_ENTITY_FOREIGN(struct of_uuid, NULL, "of_uuids", of_uuid_columns,
			   of_uuid_keys);

union any_parent {
	struct by_pair pair;
	struct by_text text;
	struct by_uuid uuid;
};

union any_child {
	int64_t id;
	struct of_pair pair;
	struct of_text text;
	struct of_uuid uuid;
};

enum kind { PAIR, TEXTS, UUIDS, KINDS };

static const struct {
	const uow_entity *parent, *child;
	size_t amount, version;		/* offsets in the parent */
	const char *columns[3];		/* of the key */
	const char *reference;		/* of the child */
} kinds[KINDS] = {
	{ &by_pair_entity, &of_pair_entity, offsetof(struct by_pair, amount),
	  offsetof(struct by_pair, version), { "a", "b", NULL },
	  "pair_b" },
	{ &by_text_entity, &of_text_entity, offsetof(struct by_text, amount),
	  offsetof(struct by_text, version), { "code", NULL, NULL },
	  "code" },
	{ &by_uuid_entity, &of_uuid_entity, offsetof(struct by_uuid, amount),
	  offsetof(struct by_uuid, version), { "id", NULL, NULL },
	  "parent" },
};

/* N rows of a kind, the ith with amount i, and their keys. */
struct rows {
	struct fixture *f;
	enum kind kind;
	union any_parent row[N];
	char text[N][TEXT];
	uow_value parts[N][2];
	uow_key key[N];
};

static int64_t *amount_of(const struct rows *s, void *object)
{
	return (int64_t *)(void *)((char *)object + kinds[s->kind].amount);
}

static int32_t *version_of(const struct rows *s, void *object)
{
	return (int32_t *)(void *)((char *)object + kinds[s->kind].version);
}

static void *row_of(struct rows *s, int i)
{
	/* The struct is the union's first bytes, whatever the kind. */
	return &s->row[i];
}

/* Similar ones: the same a, the same b; case, blanks, quotes alone differ. */
static void make_row(struct rows *s, int i)
{
	static const char *const words[] = {
		"k", "K", "k ", " k", "k'", "k\"", "\xc3\xa4", "\xc3\x84",
		"\xf0\x9f\x98\x80", "%", "_", "\\",
	};
	union any_parent *p = &s->row[i];
	size_t n;

	memset(p, 0, sizeof(*p));
	snprintf(s->text[i], TEXT, "%s%d", words[i % 12], i / 12);
	n = 1;
	if (s->kind == PAIR) {
		p->pair.a = i / 12 - 2;
		strcpy(p->pair.b, words[i % 12]);
		s->parts[i][0] = uow_int(p->pair.a);
		s->parts[i][1] = uow_text(p->pair.b);
		n = 2;
	} else if (s->kind == TEXTS) {
		p->text.code = s->text[i];
		s->parts[i][0] = uow_text(s->text[i]);
	} else {
		memset(p->uuid.id.bytes, i % 2 ? 0xff : 0, 16);
		p->uuid.id.bytes[i % 16] = (uint8_t)(i + 1);
		s->parts[i][0] = uow_guid(p->uuid.id);
	}
	s->key[i] = uow_key_parts(s->parts[i], n);
	*amount_of(s, p) = i;
}

static void *get(struct rows *s, uow_unit *u, int i)
{
	return need(u, uow_get(uow_repository_of(u, kinds[s->kind].parent),
			       s->key[i]));
}

static void insert_all(struct rows *s)
{
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	char packed[N * sizeof(union any_parent)];
	size_t size = kinds[s->kind].parent->size;
	int i;

	for (i = 0; i < N; i++)
		memcpy(packed + (size_t)i * size, row_of(s, i), size);
	must(u, uow_insert_all(r, packed, N));
	commit(u);
}

/* As the database has it: amounts by each row's key. */
static void amounts_are(struct rows *s, const int64_t *want)
{
	uow_unit *u = begin(s->f);
	int i;

	for (i = 0; i < N; i++)
		if (*amount_of(s, get(s, u, i)) != want[i])
			fail_msg("%s %d: %d, not %d",
				 kinds[s->kind].parent->table, i,
				 (int)*amount_of(s, get(s, u, i)),
				 (int)want[i]);
	commit(u);
}

/* The scenario with each kind of key. */
static void each_kind(void **state, void (*scenario)(struct rows *))
{
	static struct rows s;
	int i;

	s.f = *state;
	for (s.kind = 0; s.kind < KINDS; s.kind++) {
		tables(s.f, kinds[s.kind].parent, kinds[s.kind].child, NULL);
		for (i = 0; i < N; i++)
			make_row(&s, i);
		insert_all(&s);
		scenario(&s);
	}
}

/* Asked for in any order, twice, by one call or singly: one object each. */
static void identity(struct rows *s)
{
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	uow_query q = UOW_QUERY_INIT;
	void *objects[N + 2], *first;
	uow_key keys[N + 2];
	uow_rows rows;
	size_t k;
	int i;

	first = get(s, u, 7);
	for (i = 0; i < N + 2; i++)
		keys[i] = s->key[i * 37 % N];
	must(u, uow_get_many(r, keys, N + 2, objects));
	for (i = 0; i < N + 2; i++) {
		assert_int_equal(*amount_of(s, objects[i]), i * 37 % N);
		assert_ptr_equal(objects[i], get(s, u, i * 37 % N));
	}
	assert_ptr_equal(get(s, u, 7), first);
	q.where = uow_all();
	must(u, uow_find(r, &q, &rows));
	assert_int_equal(rows.count, N);
	for (k = 0; k < rows.count; k++)
		assert_ptr_equal(rows.items[k], get(s, u,
				 (int)*amount_of(s, rows.items[k])));
	commit(u);
}

static void one_row_is_one_object(void **state)
{
	each_kind(state, identity);
}

/* Many at once; then one of them is stale: nothing is written, it is named. */
static void changes(struct rows *s)
{
	int64_t want[N];
	uow_unit *u = begin(s->f);
	void *stale;
	int i;

	for (i = 0; i < N; i++) {
		*amount_of(s, get(s, u, i)) = want[i] = 1000 + i;
		assert_int_equal(*version_of(s, get(s, u, i)), 1);
	}
	commit(u);
	amounts_are(s, want);
	/* The version of a copy is older than the row's. */
	u = begin(s->f);
	for (i = 0; i < N; i++) {
		*version_of(s, row_of(s, i)) = i == 41 ? 1 : 2;
		*amount_of(s, row_of(s, i)) = want[i];
		stale = need(u, uow_attach(uow_repository_of(u,
			kinds[s->kind].parent), row_of(s, i)));
		*amount_of(s, stale) = 5;
	}
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	assert_true(uow_unit_error(u)->key[0]);
	contains(uow_unit_error(u)->entity, "by_");
	uow_unit_free(u);
	amounts_are(s, want);
}

static void many_changes_check_their_versions(void **state)
{
	each_kind(state, changes);
}

/* Sums, of rows that are loaded and of others. */
static void increments(struct rows *s)
{
	int64_t want[N];
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	void *loaded = get(s, u, 3);
	int i;

	for (i = 0; i < N; i++) {
		must(u, uow_increment(r, s->key[i], "amount", uow_int(100)));
		must(u, uow_increment(r, s->key[i], "amount", uow_int(i)));
		want[i] = 100 + 2 * i;
	}
	assert_int_equal(*amount_of(s, loaded), want[3]);
	must(u, uow_flush(u));
	assert_int_equal(*amount_of(s, loaded), want[3]);
	assert_int_equal(*amount_of(s, get(s, u, 59)), want[59]);
	assert_int_equal(*version_of(s, get(s, u, 59)), 2);
	commit(u);
	amounts_are(s, want);
}

static void sums_go_to_their_rows(void **state)
{
	each_kind(state, increments);
}

static const uow_spec *has_key(const struct rows *s, uow_unit *u, int i)
{
	const uow_spec *a = uow_eq(u, kinds[s->kind].columns[0],
				   s->parts[i][0]);

	return s->kind != PAIR ? a :
	       uow_and(u, a, uow_eq(u, "b", s->parts[i][1]));
}

/* By criterion on the key; objects of the unit are true afterwards. */
static void writes_by_criterion(struct rows *s)
{
	uow_assignment set = uow_plus("amount", uow_int(500));
	int64_t want[N];
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	const uow_spec *where = has_key(s, u, 0);
	void *loaded = get(s, u, 5), *other = get(s, u, 6);
	uint64_t n = 0;
	int i;

	for (i = 0; i < N; i++) {
		want[i] = i % 5 ? i : i + 500;
		if (i && i % 5 == 0)
			where = uow_or(u, where, has_key(s, u, i));
	}
	must(u, uow_update_where(r, where, &set, 1, &n));
	assert_int_equal(n, N / 5);
	assert_ptr_equal(get(s, u, 5), loaded);
	assert_int_equal(*amount_of(s, loaded), 505);
	assert_ptr_equal(get(s, u, 6), other);
	assert_int_equal(*amount_of(s, other), 6);
	*amount_of(s, loaded) = want[5] = 7;
	commit(u);
	amounts_are(s, want);
}

static void criteria_on_keys_write_their_rows(void **state)
{
	each_kind(state, writes_by_criterion);
}

/* Copies from an earlier unit; what the unit knows already is refused. */
static void attached(struct rows *s)
{
	int64_t want[N];
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	void *p;
	int i;

	for (i = 0; i < N; i++) {
		want[i] = i % 3 == 2 ? i : 2000 + i;
		*version_of(s, row_of(s, i)) = 1;
		if (i % 3 == 1)
			*amount_of(s, row_of(s, i)) = want[i];
		p = need(u, i % 3 == 1 ? uow_attach_changed(r, row_of(s, i)) :
					 uow_attach(r, row_of(s, i)));
		if (i % 3 == 0)
			*amount_of(s, p) = want[i];
		assert_ptr_equal(get(s, u, i), p);
	}
	commit(u);
	amounts_are(s, want);
	u = begin(s->f);
	r = uow_repository_of(u, kinds[s->kind].parent);
	get(s, u, 9);
	assert_null(uow_attach(r, row_of(s, 9)));
	failed(u, UOW_EDUPLICATE);
	assert_true(uow_unit_error(u)->key[0]);
	uow_unit_free(u);
}

static void copies_are_attached_by_their_keys(void **state)
{
	each_kind(state, attached);
}

/* Of several columns any one stands for all of them. */
static void refer(struct rows *s, uow_unit *u, void *child, void *parent)
{
	must(u, uow_refer(u, child, kinds[s->kind].reference, parent));
}

static bool refers(const struct rows *s, const void *child, int i)
{
	const union any_parent *p = &s->row[i];

	if (s->kind == PAIR)
		return ((const struct of_pair *)child)->a == p->pair.a &&
		       !strcmp(((const struct of_pair *)child)->b, p->pair.b);
	if (s->kind == TEXTS)
		return !strcmp(((const struct of_text *)child)->code,
			       s->text[i]);
	return !memcmp(&((const struct of_uuid *)child)->parent, &p->uuid.id,
		       sizeof(p->uuid.id));
}

static void children_refer(struct rows *s, int shift)
{
	uow_unit *u = begin(s->f);
	void *c;
	int i;

	for (i = 0; i < N; i++) {
		c = need(u, uow_get(uow_repository_of(u,
			kinds[s->kind].child), uow_id(i + 1)));
		if (!refers(s, c, (i + shift) % N))
			fail_msg("%s: child %d", kinds[s->kind].child->table,
				 i);
	}
	commit(u);
}

/* Parents and children in one flush; then others' children; then all gone. */
static void references(struct rows *s)
{
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	uow_repository *rc = uow_repository_of(u, kinds[s->kind].child);
	union any_child fresh;
	void *c[N], *p[N];
	int i;

	for (i = 0; i < N; i++)
		must(u, uow_remove(r, get(s, u, i)));
	must(u, uow_flush(u));
	for (i = 0; i < N; i++) {
		memset(&fresh, 0, sizeof(fresh));
		if (s->kind == TEXTS)
			fresh.text.code = "";
		fresh.id = i + 1;
		c[i] = need(u, uow_add(rc, &fresh));
	}
	for (i = 0; i < N; i++)
		p[i] = need(u, uow_add(r, row_of(s, i)));
	for (i = 0; i < N; i++)
		refer(s, u, c[i], p[i]);
	commit(u);
	children_refer(s, 0);
	u = begin(s->f);
	rc = uow_repository_of(u, kinds[s->kind].child);
	for (i = 0; i < N; i++)
		refer(s, u, need(u, uow_get(rc, uow_id(i + 1))),
		      get(s, u, (i + 1) % N));
	commit(u);
	children_refer(s, 1);
	u = begin(s->f);
	r = uow_repository_of(u, kinds[s->kind].parent);
	rc = uow_repository_of(u, kinds[s->kind].child);
	for (i = 0; i < N; i++)
		must(u, uow_remove(r, get(s, u, i)));
	for (i = 0; i < N; i++)
		must(u, uow_remove(rc, need(u, uow_get(rc, uow_id(i + 1)))));
	commit(u);
	assert_int_equal(rows_in(s->f, kinds[s->kind].parent), 0);
	assert_int_equal(rows_in(s->f, kinds[s->kind].child), 0);
}

static void children_refer_by_any_key(void **state)
{
	each_kind(state, references);
}

/* Some go, some go and come again: those are changed, not doubled. */
static void removals(struct rows *s)
{
	uow_unit *u = begin(s->f);
	uow_repository *r = uow_repository_of(u, kinds[s->kind].parent);
	int i;

	for (i = 0; i < N; i++)
		if (i % 2)
			must(u, uow_remove(r, get(s, u, i)));
	for (i = 0; i < N; i++)
		if (i % 4 == 1) {
			*amount_of(s, row_of(s, i)) = 3000 + i;
			need(u, uow_add(r, row_of(s, i)));
		}
	commit(u);
	u = begin(s->f);
	r = uow_repository_of(u, kinds[s->kind].parent);
	for (i = 0; i < N; i++) {
		if (i % 4 == 3)
			assert_null(uow_lookup(r, s->key[i]));
		else
			assert_int_equal(*amount_of(s, get(s, u, i)),
					 i % 4 == 1 ? 3000 + i : i);
	}
	commit(u);
	assert_int_equal(rows_in(s->f, kinds[s->kind].parent), N * 3 / 4);
}

static void removed_keys_can_be_added_again(void **state)
{
	each_kind(state, removals);
}

static const struct CMUnitTest keyed_cases[] = {
	CASE(one_row_is_one_object),
	CASE(many_changes_check_their_versions),
	CASE(sums_go_to_their_rows),
	CASE(criteria_on_keys_write_their_rows),
	CASE(copies_are_attached_by_their_keys),
	CASE(children_refer_by_any_key),
	CASE(removed_keys_can_be_added_again),
};
TOPIC(keyed, "keyed");
