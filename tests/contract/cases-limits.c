/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Much of everything: it works, or it is refused in words. */

enum { WIDE = UOW_ENTITY_COLUMNS };

struct wide {
	int64_t m[WIDE + 1];
};

static void make_wide(uow_entity *e, uow_column *columns, size_t count)
{
	static char names[WIDE + 1][8];
	static const uow_column none[1];
	uow_entity made = UOW_ENTITY(struct wide, "wides", none);
	size_t i;

	for (i = 0; i < count; i++) {
		uow_column c = { NULL, UOW_TYPE_INT64, 0, 0, sizeof(int64_t),
				 UOW_NOT_NULL, 0, 0, 0, NULL };

		snprintf(names[i], sizeof(names[i]), "c%u", (unsigned)i);
		c.name = names[i];
		c.offset = i * sizeof(int64_t);
		c.flags = i ? 0 : UOW_KEY;
		columns[i] = c;
	}
	made.columns = columns;
	made.column_count = count;
	*e = made;
}

/* As many columns as an entity may have, in many rows at once. */
static void an_entity_may_have_256_columns(void **state)
{
	enum { N = 300 };
	static struct wide rows[N];
	struct fixture *f = *state;
	uow_column columns[WIDE];
	uow_entity e;
	uow_query q = UOW_QUERY_INIT;
	uow_rows found;
	uow_unit *u;
	size_t i, k;

	make_wide(&e, columns, WIDE);
	tables(f, &e, NULL);
	for (i = 0; i < N; i++) {
		for (k = 0; k < WIDE; k++)
			rows[i].m[k] = (int64_t)(i * 1000 + k);
	}
	u = begin(f);
	must(u, uow_insert_all(uow_repository_of(u, &e), rows, N));
	commit(u);
	u = begin(f);
	q.where = uow_all();
	must(u, uow_find(uow_repository_of(u, &e), &q, &found));
	assert_int_equal(found.count, N);
	for (i = 0; i < N; i++) {
		struct wide *w = found.items[i];

		for (k = 1; k < WIDE; k++) {
			assert_int_equal(w->m[k], w->m[0] + (int64_t)k);
			w->m[k] = -w->m[k];
		}
	}
	commit(u);
	u = begin(f);
	must(u, uow_find(uow_repository_of(u, &e), &q, &found));
	for (i = 0; i < N; i++) {
		struct wide *w = found.items[i];

		assert_int_equal(w->m[WIDE - 1],
				 -(w->m[0] + WIDE - 1));
		must(u, uow_remove(uow_repository_of(u, &e), w));
	}
	commit(u);
	assert_int_equal(rows_in(f, &e), 0);
}

static void more_columns_are_refused(void **state)
{
	struct fixture *f = *state;
	static uow_column columns[WIDE + 1];
	uow_entity e;
	uow_unit *u;

	make_wide(&e, columns, WIDE + 1);
	u = begin(f);
	assert_null(uow_repository_of(u, &e));
	failed(u, UOW_ECONFIG);
	contains(uow_unit_error(u)->message, "256");
	uow_unit_free(u);
}

/* Many keys of several columns in one call. */
static void get_many_takes_thousands_of_keys(void **state)
{
	enum { N = 3000 };
	static struct pair rows[N];
	static uow_value parts[N][2];
	static uow_key keys[N];
	static void *objects[N];
	struct fixture *f = *state;
	uow_unit *u;
	int i;

	tables(f, &pair_entity, NULL);
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < N; i++) {
		rows[i].a = i / 7;
		snprintf(rows[i].b, sizeof(rows[i].b), "b%d", i % 7);
		rows[i].amount = i;
		parts[i][0] = uow_int(rows[i].a);
		parts[i][1] = uow_text(rows[i].b);
		keys[i] = uow_key_parts(parts[i], 2);
	}
	u = begin(f);
	must(u, pair_insert_all(pair_repository_of(u), rows, N));
	commit(u);
	u = begin(f);
	must(u, pair_get_many(pair_repository_of(u), keys, N, objects));
	for (i = 0; i < N; i++)
		assert_int_equal(((struct pair *)objects[i])->amount, i);
	commit(u);
}

/*
 * Drivers may grow their lists of arguments one by one, which takes minutes
 * where each growth is a copy: with sanitizers and valgrind.
 */
#if defined(__has_feature)
# if __has_feature(address_sanitizer)
#  define HAS_SANITIZER
# endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	defined(HAS_SANITIZER)
enum { MANY = 2000, FEW = 2000 };
#else
enum { MANY = 40000, FEW = 2000 };
#endif

/* More values than a statement takes arguments: right, or refused. */
static void in_takes_many_thousands_of_values_or_refuses(void **state)
{
	struct fixture *f = *state;
	uow_value *values = calloc(MANY, sizeof(*values));
	struct plain p;
	uint64_t n = 0;
	uow_unit *u;
	int count = long_double_is_long() ? MANY : FEW;
	int i, rc;

	assert_non_null(values);
	tables(f, &plain_entity, NULL);
	for (i = 0; i < count; i++)
		values[i] = uow_int(count - i);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	must(u, uow_flush(u));
	rc = plain_count(plain_repository_of(u),
			 uow_in(u, "id", values, (size_t)count), &n);
	if (rc)
		assert_false(uow_code_is_transient(rc));
	else
		assert_int_equal(n, 1);
	uow_unit_free(u);
	free(values);
}

/* A very deep tree: right, or refused; never the end of the stack. */
static void a_deep_tree_is_right_or_refused(void **state)
{
	enum { DEEP = 300000 };
	struct fixture *f = *state;
	const uow_spec *s;
	struct plain p;
	uint64_t n = 0;
	uow_unit *u;
	bool satisfied;
	int i, kind;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	for (kind = 0; kind < 3; kind++) {
		u = begin(f);
		need(u, plain_add(plain_repository_of(u), &p));
		s = uow_eq(u, "id", uow_int(1));
		for (i = 0; i < DEEP; i++)
			s = kind == 0 ? uow_not(u, s) : kind == 1
				? uow_and(u, s, uow_all())
				: uow_or(u, uow_is_null(u, "label"), s);
		satisfied = uow_satisfies(s, &plain_entity, &p);
		if (plain_count(plain_repository_of(u), s, &n))
			assert_false(uow_code_is_transient(uow_status(u)));
		else
			assert_true(n == 1 && satisfied);
		uow_unit_free(u);
	}
}

/* A long key is cut in the error, at a character. */
static void a_long_key_is_cut_at_a_character(void **state)
{
	struct fixture *f = *state;
	char text[40 * 4 + 1];
	const unsigned char *end;
	uow_unit *u;
	int i;

	tables(f, &word_entity, NULL);
	text[0] = '\0';
	for (i = 0; i < 40; i++)
		strcat(text, "\xf0\x9f\x98\x80");
	text[0] = 'x';		/* no multiple of four */
	memmove(text + 1, text + 4, strlen(text + 4) + 1);
	u = begin(f);
	assert_null(uow_get(uow_repository_of(u, &word_entity),
			    uow_key_of(uow_text(text))));
	failed(u, UOW_ENOTFOUND);
	end = (const unsigned char *)uow_unit_error(u)->key;
	assert_true(strlen((const char *)end) < 128);
	assert_true(strlen((const char *)end) > 60);
	for (; *end; end++) {
		int more = *end >= 0xf0 ? 3 : *end >= 0xe0 ? 2 :
			*end >= 0xc0 ? 1 : 0;

		while (more--)
			assert_int_equal(*++end & 0xc0, 0x80);
	}
	uow_unit_free(u);
}

/* Many small units on one data source: nothing grows, nothing runs out. */
static void thousands_of_units_come_and_go(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_pool_stats s;
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	o.read_only = true;
	for (i = 0; i < 3000; i++) {
		u = begin_on(f->db, i % 2 ? &o : NULL);
		assert_null(plain_lookup(plain_repository_of(u), i));
		if (i % 3)
			uow_rollback(u);
		else
			must(u, uow_commit(u));
		uow_unit_free(u);
	}
	uow_db_stats(f->db, &s, sizeof(s));
	assert_int_equal(s.open, 1);
	assert_in_range(s.acquired, 3000, 3010);
}

static const struct CMUnitTest limits_cases[] = {
	CASE(an_entity_may_have_256_columns),
	CASE(more_columns_are_refused),
	CASE(get_many_takes_thousands_of_keys),
	CASE(in_takes_many_thousands_of_values_or_refuses),
	CASE(a_deep_tree_is_right_or_refused),
	CASE(a_long_key_is_cut_at_a_character),
	CASE(thousands_of_units_come_and_go),
};
TOPIC(limits, "limits");
