/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* 91: versions that the database makes: numbers, times, 16 bytes */
struct counted {
	int64_t id;
	int32_t amount;
	int64_t version;
};
static const uow_column counted_columns[] = {
	UOW_INT64(struct counted, id, "id", UOW_KEY),
	UOW_INT32(struct counted, amount, "amount", 0),
	UOW_INT64(struct counted, version, "version",
		  UOW_GENERATED | UOW_ROW_VERSION),
};
static const uow_entity counted_entity =
	UOW_ENTITY(struct counted, "made", counted_columns);

struct timed {
	int64_t id;
	int32_t amount;
	uow_timestamp version;
};
static const uow_column timed_columns[] = {
	UOW_INT64(struct timed, id, "id", UOW_KEY),
	UOW_INT32(struct timed, amount, "amount", 0),
	UOW_TIMESTAMP(struct timed, version, "version",
		      UOW_GENERATED | UOW_ROW_VERSION),
};
static const uow_entity timed_entity =
	UOW_ENTITY(struct timed, "made", timed_columns);

struct marked {
	int64_t id;
	int32_t amount;
	uow_uuid version;
};
static const uow_column marked_columns[] = {
	UOW_INT64(struct marked, id, "id", UOW_KEY),
	UOW_INT32(struct marked, amount, "amount", 0),
	UOW_UUID(struct marked, version, "version",
		 UOW_GENERATED | UOW_ROW_VERSION),
};
static const uow_entity marked_entity =
	UOW_ENTITY(struct marked, "made", marked_columns);

static const uow_entity *const kinds[MADE_KINDS] = {
	&counted_entity, &timed_entity, &marked_entity
};

/* All three begin with these. */
struct row {
	int64_t id;
	int32_t amount;
	char version[sizeof(uow_timestamp)];
};

static void make_table(struct fixture *f, int kind)
{
	const char *const *sql = f->backend->made ?
				 f->backend->made[kind] : NULL;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	if (!sql)
		leave(f, LEFT_OTHER_KIND, "a database whose triggers are "
		      "known to the suite");
	o.simple = true;
	u = begin_on(f->db, &o);
	for (; *sql; sql++)
		must(u, uow_exec(u, *sql, NULL, 0, NULL));
	commit(u);
}

static void copy(const uow_entity *e, struct row *to, const void *from)
{
	memset(to, 0, sizeof(*to));
	memcpy(to, from, e->size);
}

/* Row 1 as it is now. */
static void store(struct fixture *f, const uow_entity *e, struct row *out)
{
	struct row fresh;
	uow_unit *u = begin(f);
	void *added;

	memset(&fresh, 0, sizeof(fresh));
	fresh.id = 1;
	added = need(u, uow_add(uow_repository_of(u, e), &fresh));
	must(u, uow_flush(u));
	copy(e, out, added);
	commit(u);
	assert_true(memcmp(out->version, fresh.version,
			   sizeof(out->version)) != 0);
}

static void load(struct fixture *f, const uow_entity *e, struct row *out)
{
	uow_unit *u = begin(f);

	copy(e, out, need(u, uow_get(uow_repository_of(u, e), uow_id(1))));
	commit(u);
}

static void edit(struct fixture *f, const uow_entity *e)
{
	uow_unit *u = begin(f);
	struct row *r = need(u, uow_get(uow_repository_of(u, e), uow_id(1)));

	r->amount++;
	commit(u);
}

static bool same(const struct row *a, const struct row *b)
{
	return !memcmp(a->version, b->version, sizeof(a->version));
}

static void follow(struct fixture *f, int kind)
{
	const uow_entity *e = kinds[kind];
	struct row first, second, third;
	struct row *r;
	uow_unit *u;

	make_table(f, kind);
	store(f, e, &first);
	u = begin(f);
	r = need(u, uow_get(uow_repository_of(u, e), uow_id(1)));
	r->amount = 5;
	must(u, uow_flush(u));
	copy(e, &second, r);
	assert_false(same(&first, &second));
	r->amount = 6;			/* memory has it: no conflict */
	must(u, uow_flush(u));
	must(u, uow_increment(uow_repository_of(u, e), uow_id(1), "amount",
			      uow_int(2)));
	must(u, uow_flush(u));
	copy(e, &third, r);
	assert_false(same(&second, &third));
	assert_int_equal(third.amount, 8);
	commit(u);
	load(f, e, &first);
	assert_true(same(&first, &third));
}

static void go_stale(struct fixture *f, int kind)
{
	const uow_entity *e = kinds[kind];
	struct row old, now, *r;
	uow_unit *u;
	int removing;

	make_table(f, kind);
	store(f, e, &old);
	edit(f, e);
	load(f, e, &now);
	for (removing = 0; removing < 2; removing++) {
		u = begin(f);
		r = need(u, uow_attach(uow_repository_of(u, e), &old));
		if (removing)
			must(u, uow_remove(uow_repository_of(u, e), r));
		else
			r->amount = 9;
		assert_int_equal(uow_commit(u), UOW_ECONFLICT);
		assert_string_equal(uow_unit_error(u)->key, "1");
		uow_unit_free(u);
	}
	u = begin(f);
	r = need(u, uow_attach(uow_repository_of(u, e), &now));
	must(u, uow_remove(uow_repository_of(u, e), r));
	commit(u);
	assert_int_equal(rows_in(f, e), 0);
}

static void numbers_of_the_database_are_followed(void **state)
{
	follow(*state, MADE_NUMBER);
}

static void times_of_the_database_are_followed(void **state)
{
	follow(*state, MADE_TIME);
}

static void marks_of_the_database_are_followed(void **state)
{
	follow(*state, MADE_MARK);
}

static void a_stale_number_gives_conflict(void **state)
{
	go_stale(*state, MADE_NUMBER);
}

static void a_stale_time_gives_conflict(void **state)
{
	go_stale(*state, MADE_TIME);
}

static void a_stale_mark_gives_conflict(void **state)
{
	go_stale(*state, MADE_MARK);
}

/* -- one of many -- */

enum { MANY = 30, STALE = 17 };

static void store_many(struct fixture *f, const uow_entity *e)
{
	struct row fresh;
	uow_unit *u = begin(f);
	int i;

	memset(&fresh, 0, sizeof(fresh));
	for (i = 1; i <= MANY; i++) {
		fresh.id = i;
		need(u, uow_add(uow_repository_of(u, e), &fresh));
	}
	commit(u);
}

static void load_many(uow_unit *u, const uow_entity *e, struct row **out)
{
	int i;

	for (i = 0; i < MANY; i++)
		out[i] = need(u, uow_get(uow_repository_of(u, e),
					 uow_id(i + 1)));
}

static void edit_one(struct fixture *f, const uow_entity *e)
{
	uow_unit *u = begin(f);
	struct row *r = need(u, uow_get(uow_repository_of(u, e),
					uow_id(STALE)));

	r->amount += 100;
	commit(u);
}

/* All are written, in a batch: nothing is, and the one is named. */
static void write_many(uow_unit *u, const uow_entity *e, struct row **all,
		       bool removing)
{
	int i;

	for (i = 0; i < MANY; i++) {
		if (removing)
			must(u, uow_remove(uow_repository_of(u, e), all[i]));
		else
			all[i]->amount = 9;
	}
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	assert_string_equal(uow_unit_error(u)->key, "17");
	uow_unit_free(u);
}

static void be_one_of_many(struct fixture *f, int kind)
{
	const uow_entity *e = kinds[kind];
	uow_options o = UOW_OPTIONS_INIT;
	struct row old[MANY], *all[MANY];
	uow_unit *u;
	int i, removing;

	make_table(f, kind);
	store_many(f, e);
	u = begin(f);
	load_many(u, e, all);
	for (i = 0; i < MANY; i++)
		copy(e, &old[i], all[i]);
	commit(u);
	edit_one(f, e);
	o.isolation = UOW_REPEATABLE_READ;
	for (removing = 0; removing < 2; removing++) {
		u = begin(f);
		for (i = 0; i < MANY; i++)
			all[i] = need(u, uow_attach(uow_repository_of(u, e),
						    &old[i]));
		write_many(u, e, all, removing);
		if (f->backend->flags & (BACKEND_FILE | BACKEND_READS_LOCK))
			continue;
		u = begin_on(f->db, &o);	/* which does not see it */
		load_many(u, e, all);
		edit_one(f, e);
		write_many(u, e, all, removing);
	}
	assert_int_equal(rows_in(f, e), MANY);
	u = begin(f);
	load_many(u, e, all);
	for (i = 0; i < MANY; i++)
		assert_int_equal(all[i]->amount % 100, 0);
	commit(u);
}

static void a_stale_number_is_named_among_many(void **state)
{
	be_one_of_many(*state, MADE_NUMBER);
}

static void a_stale_time_is_named_among_many(void **state)
{
	be_one_of_many(*state, MADE_TIME);
}

static void a_stale_mark_is_named_among_many(void **state)
{
	be_one_of_many(*state, MADE_MARK);
}

/* The text of a version that is no number. */
static void an_unexpected_mark_names_both(void **state)
{
	struct fixture *f = *state;
	struct row old;
	uow_uuid other;
	uow_unit *u;
	void *r;

	make_table(f, MADE_MARK);
	store(f, &marked_entity, &old);
	memset(&other, 0xab, sizeof(other));
	u = begin(f);
	r = need(u, uow_get(uow_repository_of(u, &marked_entity), uow_id(1)));
	must_fail(u, uow_expect_version(uow_repository_of(u, &marked_entity),
					r, uow_guid(other)), UOW_ECONFLICT);
	contains(uow_unit_error(u)->message,
		 "abababab-abab-abab-abab-abababababab");
	uow_unit_free(u);
}

struct doubled {
	int64_t id;
	int32_t amount;
	int64_t version;
	int32_t twice;
};
static const uow_column doubled_columns[] = {
	UOW_INT64(struct doubled, id, "id", UOW_KEY),
	UOW_INT32(struct doubled, amount, "amount", 0),
	UOW_INT64(struct doubled, version, "version",
		  UOW_GENERATED | UOW_ROW_VERSION),
	UOW_INT32(struct doubled, twice, "twice", UOW_GENERATED),
};
static const uow_entity doubled_entity =
	UOW_ENTITY(struct doubled, "made", doubled_columns);

static void make_doubled(struct fixture *f)
{
	uow_options o = UOW_OPTIONS_INIT;
	char sql[200];
	uow_unit *u;

	if (!f->backend->computed)
		leave(f, LEFT_OTHER_KIND, "a way to add computed columns");
	make_table(f, MADE_NUMBER);
	snprintf(sql, sizeof(sql), "ALTER TABLE made ADD COLUMN twice INTEGER "
		 "GENERATED ALWAYS AS (amount * 2) %s", f->backend->computed);
	o.simple = true;
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, sql, NULL, 0, NULL));
	commit(u);
}

enum { DOUBLED = 30 };

static void write_doubled(uow_unit *u, struct doubled **all, int count,
			  int32_t by)
{
	int64_t versions[DOUBLED];
	int i;

	for (i = 0; i < count; i++) {
		versions[i] = all[i]->version;
		all[i]->amount += by + i;
	}
	must(u, uow_flush(u));
	for (i = 0; i < count; i++)
		assert_int_equal(all[i]->version, versions[i] + 1);
}

/*
 * All that the database makes is read after an INSERT, a version after each
 * write; the rest of it when it is asked for.
 */
static void what_is_made_beside_the_key_is_read_after_each_write(void **state)
{
	struct fixture *f = *state;
	struct doubled d, *one, *all[DOUBLED];
	uow_repository *r;
	uow_unit *u;
	int i;

	make_doubled(f);
	memset(&d, 0, sizeof(d));
	u = begin(f);
	r = uow_repository_of(u, &doubled_entity);
	for (d.id = 1; d.id <= DOUBLED; d.id++) {
		d.amount = (int32_t)(7 * d.id);
		all[d.id - 1] = need(u, uow_add(r, &d));
	}
	must(u, uow_flush(u));
	for (i = 0; i < DOUBLED; i++) {
		assert_int_equal(all[i]->version, 1);
		assert_int_equal(all[i]->twice, 14 * (i + 1));
	}
	write_doubled(u, all, DOUBLED, 1);	/* many rows */
	write_doubled(u, all, DOUBLED, 100);
	write_doubled(u, all, DOUBLED, 1000);
	write_doubled(u, all, 1, 5);		/* one */
	write_doubled(u, all, 1, 50);
	write_doubled(u, all, 3, 500);		/* a few */
	d.id = DOUBLED + 1;			/* and one that is new */
	d.amount = -4;
	one = need(u, uow_add(r, &d));
	must(u, uow_flush(u));
	assert_int_equal(one->version, 1);
	assert_int_equal(one->twice, -8);
	one->amount = -5;
	must(u, uow_flush(u));
	assert_int_equal(one->version, 2);
	must(u, uow_refresh(r, one));
	assert_int_equal(one->twice, -10);
	commit(u);
	u = begin(f);
	for (i = 0; i < DOUBLED; i++) {
		const struct doubled *now = need(u, uow_get(
			uow_repository_of(u, &doubled_entity),
			uow_id(i + 1)));

		assert_int_equal(now->amount, 7 * (i + 1) + 1101 + 3 * i +
				 (i < 1 ? 55 : 0) + (i < 3 ? 500 + i : 0));
		assert_int_equal(now->twice, 2 * now->amount);
		assert_int_equal(now->version, i < 1 ? 7 : i < 3 ? 5 : 4);
	}
	commit(u);
}

static const struct CMUnitTest made_cases[] = {
	CASE(numbers_of_the_database_are_followed),
	CASE(times_of_the_database_are_followed),
	CASE(marks_of_the_database_are_followed),
	CASE(a_stale_number_gives_conflict),
	CASE(a_stale_time_gives_conflict),
	CASE(a_stale_mark_gives_conflict),
	CASE(a_stale_number_is_named_among_many),
	CASE(a_stale_time_is_named_among_many),
	CASE(a_stale_mark_is_named_among_many),
	CASE(an_unexpected_mark_names_both),
	CASE(what_is_made_beside_the_key_is_read_after_each_write),
};
TOPIC(made, "made");
