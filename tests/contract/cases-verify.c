/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * 71, 87: whether a row was hit, on drivers that count rows, by profiles that
 * say they do not, and on drivers that do not against their profile.
 */
enum way { COUNTED, NO_COUNTS, UNTOLD, WAYS };

static const char *const way_names[] = { "counted", "no counts", "untold" };

static uow_db *open_way(struct fixture *f, enum way way)
{
	const char *installed = getenv("UOW_DRIVERS_PATH");
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char path[600], dirs[1200];
	uow_db *db;
	FILE *out;

	print_message("# %s\n", way_names[way]);
	if (way != NO_COUNTS) {
		db = another(f);
		rows_are_told = way == COUNTED;
		return db;
	}
	snprintf(path, sizeof(path), "%s/uncounted.ini", scratch_folder());
	out = fopen(path, "w");
	assert_non_null(out);
	fprintf(out, "[profile]\ninherits = %s\nproved = yes\n[counts]\n"
		"single = none\n", uow_db_profile(f->db));
	fclose(out);
	snprintf(dirs, sizeof(dirs), "%s:%s", scratch_folder(),
		 installed ? installed : ".");
	o.profile = "uncounted";
	o.profile_dir = dirs;
	return another_with(f, &o);
}

static void close_way(uow_db *db)
{
	rows_are_told = true;
	uow_db_free(db);
}

static int64_t stored(struct fixture *f)
{
	struct account a, *added;
	uow_unit *u = begin(f);
	int64_t id;

	memset(&a, 0, sizeof(a));
	a.balance = 100;
	added = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	id = added->id;
	commit(u);
	return id;
}

static struct account loaded(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	struct account a = *(struct account *)need(u,
		account_get(account_repository_of(u), id));

	a.remark = NULL;
	commit(u);
	return a;
}

/* Another session, whose driver counts. */
static void change(struct fixture *f, int64_t id)
{
	bool told = rows_are_told;
	uow_unit *u;
	struct account *a;

	rows_are_told = true;
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), id));
	a->balance += 5;
	commit(u);
	rows_are_told = told;
}

static void names(const uow_unit *u, int64_t id)
{
	char key[30];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	assert_string_equal(uow_unit_error(u)->entity, "account");
	assert_string_equal(uow_unit_error(u)->key, key);
	contains(uow_unit_error(u)->message, key);
}

static void a_stale_row_is_a_conflict_in_every_way(void **state)
{
	struct fixture *f = *state;
	struct account old, *a;
	account_repository *r;
	int64_t id;
	uow_db *db;
	uow_unit *u;
	int way, step;

	tables(f, &account_entity, NULL);
	for (way = 0; way < WAYS; way++) {
		id = stored(f);
		old = loaded(f, id);
		change(f, id);
		db = open_way(f, (enum way)way);
		/* twice: the second time it is known what the driver is */
		for (step = 0; step < 4; step++) {
			u = begin_on(db, NULL);
			r = account_repository_of(u);
			a = need(u, account_attach(r, &old));
			if (step % 2)
				must(u, account_remove(r, a));
			else
				a->balance = 0;
			assert_int_equal(uow_commit(u), UOW_ECONFLICT);
			names(u, id);
			uow_unit_free(u);
		}
		close_way(db);
		assert_int_equal(loaded(f, id).balance, 105);
		assert_int_equal(loaded(f, id).version, 2);
	}
}

/* 70, 73: and this cannot be switched off */
static void a_row_that_has_gone_is_a_conflict_in_every_way(void **state)
{
	struct fixture *f = *state;
	struct plain old = { 5, 0, NULL }, *p;
	plain_repository *r;
	uow_db *db;
	uow_unit *u;
	int way, step;

	tables(f, &plain_entity, NULL);
	for (way = 0; way < WAYS; way++) {
		db = open_way(f, (enum way)way);
		for (step = 0; step < 4; step++) {
			u = begin_on(db, NULL);
			r = plain_repository_of(u);
			p = need(u, plain_attach(r, &old));
			if (step % 2)
				must(u, plain_remove(r, p));
			else
				p->amount = 1;
			assert_int_equal(uow_commit(u), UOW_ECONFLICT);
			assert_string_equal(uow_unit_error(u)->key, "5");
			uow_unit_free(u);
		}
		close_way(db);
	}
}

static int step_up(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u),
					*(int64_t *)arg);

	if (a)
		a->balance++;
	return 0;
}

/* A driver that is found out costs one attempt. */
static void a_fresh_row_is_written_in_every_way(void **state)
{
	struct fixture *f = *state;
	int64_t id;
	uow_db *db;
	int way;

	tables(f, &account_entity, NULL);
	for (way = 0; way < WAYS; way++) {
		id = stored(f);
		db = open_way(f, (enum way)way);
		succeeds(uow_run(db, NULL, step_up, &id, &f->err), &f->err);
		succeeds(uow_run(db, NULL, step_up, &id, &f->err), &f->err);
		close_way(db);
		assert_int_equal(loaded(f, id).balance, 102);
		assert_int_equal(loaded(f, id).version, 3);
	}
}

enum { MANY = 130 };

/* 71: one among many, where statements may be for many rows */
static void one_stale_row_among_many_is_found_in_every_way(void **state)
{
	static struct account old[MANY];
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_db *db;
	uow_unit *u;
	int way, step, i;

	tables(f, &account_entity, NULL);
	for (i = 0; i < MANY; i++)
		old[i] = loaded(f, stored(f));
	change(f, old[77].id);
	for (way = 0; way < WAYS; way++) {
		db = open_way(f, (enum way)way);
		for (step = 0; step < 4; step++) {
			u = begin_on(db, NULL);
			r = account_repository_of(u);
			for (i = 0; i < MANY; i++) {
				a = need(u, account_attach(r, &old[i]));
				if (step % 2)
					must(u, account_remove(r, a));
				else
					a->balance = 9;
			}
			assert_int_equal(uow_commit(u), UOW_ECONFLICT);
			if (way != UNTOLD || step)
				names(u, old[77].id);
			uow_unit_free(u);
		}
		close_way(db);
	}
	assert_int_equal(rows_in(f, &account_entity), MANY);
	assert_int_equal(loaded(f, old[3].id).balance, 100);
}

static int add_one(uow_unit *u, void *arg)
{
	return account_increment(account_repository_of(u), *(int64_t *)arg,
				 "balance", uow_int(1));
}

static void nothing_is_added_in_silence_in_any_way(void **state)
{
	struct fixture *f = *state;
	int64_t id, none;
	uow_db *db;
	int way;

	tables(f, &account_entity, NULL);
	for (way = 0; way < WAYS; way++) {
		id = stored(f);
		none = id + 1000;
		db = open_way(f, (enum way)way);
		gives(uow_run(db, NULL, add_one, &none, &f->err),
		      UOW_ENOTFOUND, &f->err);
		succeeds(uow_run(db, NULL, add_one, &id, &f->err), &f->err);
		close_way(db);
		assert_int_equal(loaded(f, id).balance, 200);
	}
}

/* What the unit's snapshot does not show has happened all the same. */
static void a_snapshot_does_not_hide_a_change(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	account_repository *r;
	struct account *a;
	int64_t id;
	uow_db *db;
	uow_unit *u;
	int way, step;

	if (f->backend->flags & (BACKEND_FILE | BACKEND_READS_LOCK))
		leave(f, LEFT_OTHER_KIND, "a database of several writers");
	tables(f, &account_entity, NULL);
	o.isolation = UOW_REPEATABLE_READ;
	o.lock_timeout_ms = 2000;
	for (way = 0; way < WAYS; way++) {
		db = open_way(f, (enum way)way);
		for (step = 0; step < 4; step++) {
			id = stored(f);
			u = begin_on(db, &o);
			r = account_repository_of(u);
			a = need(u, account_get(r, id));
			change(f, id);
			if (step % 2)
				must(u, account_remove(r, a));
			else
				a->balance = 1;
			assert_int_equal(uow_commit(u), UOW_ECONFLICT);
			names(u, id);
			uow_unit_free(u);
			assert_int_equal(loaded(f, id).balance, 105);
		}
		close_way(db);
	}
}

/* A lock would be gone before the write. */
static void a_simple_unit_without_counts_refuses_versions(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct account *a;
	int64_t id;
	uow_db *db;
	uow_unit *u;

	needs(f, BACKEND_ODBC);		/* what is no driver counts */
	tables(f, &account_entity, NULL);
	id = stored(f);
	db = open_way(f, NO_COUNTS);
	o.simple = true;
	u = begin_on(db, &o);
	a = need(u, account_get(account_repository_of(u), id));
	a->balance = 1;
	assert_int_equal(uow_commit(u), UOW_ENOTSUP);
	uow_unit_free(u);
	close_way(db);
	assert_int_equal(loaded(f, id).balance, 100);
}

static const struct CMUnitTest verify_cases[] = {
	CASE(a_stale_row_is_a_conflict_in_every_way),
	CASE(a_row_that_has_gone_is_a_conflict_in_every_way),
	CASE(a_fresh_row_is_written_in_every_way),
	CASE(one_stale_row_among_many_is_found_in_every_way),
	CASE(nothing_is_added_in_silence_in_any_way),
	CASE(a_snapshot_does_not_hide_a_change),
	CASE(a_simple_unit_without_counts_refuses_versions),
};
TOPIC(verify, "verify");
