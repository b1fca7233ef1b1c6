/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"
#include "forced.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Many rows at once, whatever the strategy, while others are at work. */

/* -- keys that the database makes -- */

enum { WRITERS = 4, ROUNDS = 5, BATCH = 60 };

struct writer {
	pthread_t thread;
	uow_db *db;
	int number;
	int rc;
	int64_t ids[ROUNDS * BATCH];
	int64_t balances[ROUNDS * BATCH];
};

static int write_some(uow_unit *u, void *arg)
{
	struct writer *w = arg;
	struct account a, *added[BATCH];
	int i, rc;

	memset(&a, 0, sizeof(a));
	for (i = 0; i < BATCH; i++) {
		a.balance = w->balances[i];
		added[i] = account_add(account_repository_of(u), &a);
	}
	rc = uow_flush(u);
	for (i = 0; !rc && i < BATCH; i++)
		w->ids[i] = added[i]->id;
	return rc;
}

static void *write_rounds(void *arg)
{
	struct writer *w = arg, part;
	uow_error err = UOW_ERROR_INIT;
	int i, k;

	for (i = 0; !w->rc && i < ROUNDS; i++) {
		part = *w;
		for (k = 0; k < BATCH; k++)
			part.balances[k] = w->number * 100000 + i * 1000 + k;
		w->rc = uow_run(w->db, NULL, write_some, &part, &err);
		memcpy(&w->ids[i * BATCH], part.ids, BATCH * sizeof(*w->ids));
		memcpy(&w->balances[i * BATCH], part.balances,
		       BATCH * sizeof(*w->balances));
	}
	return NULL;
}

static void write_at_once(struct fixture *f, uow_db *db, uint64_t before)
{
	static struct writer writers[WRITERS];
	uow_unit *u;
	int i, k;

	memset(writers, 0, sizeof(writers));
	for (i = 0; i < WRITERS; i++) {
		writers[i].db = db;
		writers[i].number = i + 1;
		assert_int_equal(pthread_create(&writers[i].thread, NULL,
						write_rounds, &writers[i]), 0);
	}
	for (i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	u = begin(f);
	for (i = 0; i < WRITERS; i++) {
		assert_int_equal(writers[i].rc, 0);
		for (k = 0; k < ROUNDS * BATCH; k++) {
			struct account *a = need(u, account_get(
				account_repository_of(u), writers[i].ids[k]));

			assert_int_equal(a->balance, writers[i].balances[k]);
		}
	}
	commit(u);
	assert_int_equal(rows_in(f, &account_entity),
			 before + WRITERS * ROUNDS * BATCH);
}

/* Nobody gets the key of a stranger's row. */
static void four_connections_each_get_their_own_keys(void **state)
{
	struct fixture *f = *state;
	struct sent sent;
	uow_db *db;
	size_t i;

	tables(f, &account_entity, NULL);
	if (!(f->backend->flags & BACKEND_SQL)) {
		write_at_once(f, f->db, 0);
		return;
	}
	for (i = 0; i < PLANS; i++) {
		if (!worth_trying(f, &plans[i]))
			continue;
		print_message("# %s\n", plans[i].name);
		db = forced(f, &plans[i], &sent);
		write_at_once(f, db, rows_in(f, &account_entity));
		uow_db_free(db);
	}
}

/* -- rows that others have changed -- */

enum { MANY = 60, CHANGED = 41 };

static void add_many(struct fixture *f, int64_t *ids)
{
	struct account a, *added[MANY];
	uow_unit *u = begin(f);
	int i;

	memset(&a, 0, sizeof(a));
	a.balance = 100;
	for (i = 0; i < MANY; i++)
		added[i] = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	for (i = 0; i < MANY; i++)
		ids[i] = added[i]->id;
	commit(u);
}

/* By another session, whose driver counts; false: it is kept out. */
static bool changed_by_another(struct fixture *f, int64_t id)
{
	uow_options o = UOW_OPTIONS_INIT;
	bool told = rows_are_told;
	struct account *a;
	uow_unit *u;
	int rc;

	rows_are_told = true;
	o.lock_timeout_ms = 100;
	o.timeout_ms = 3000;
	rc = uow_begin(&u, f->db, &o, &f->err);
	if (!rc) {
		a = account_get(account_repository_of(u), id);
		if (a)
			a->balance = 105;
		rc = uow_commit(u);
		uow_unit_free(u);
	}
	rows_are_told = told;
	return !rc;
}

static int64_t balance_of(struct fixture *f, int64_t id)
{
	uow_unit *u = begin(f);
	int64_t balance = ((struct account *)need(u, account_get(
		account_repository_of(u), id)))->balance;

	commit(u);
	return balance;
}

/* All are read, one is changed by another if he can, all are written. */
static bool write_what_is_stale(struct fixture *f, uow_db *db,
				uow_isolation level, bool removing,
				bool counted)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct account *all[MANY];
	int64_t ids[MANY];
	char key[30];
	bool changed;
	uow_unit *u;
	int i, rc;

	add_many(f, ids);
	snprintf(key, sizeof(key), "%lld", (long long)ids[CHANGED]);
	o.isolation = level;
	o.lock_timeout_ms = 5000;
	u = begin_on(db, &o);
	for (i = 0; i < MANY; i++)
		all[i] = need(u, account_get(account_repository_of(u),
					     ids[i]));
	changed = changed_by_another(f, ids[CHANGED]);
	for (i = 0; i < MANY; i++) {
		if (removing)
			must(u, account_remove(account_repository_of(u),
					       all[i]));
		else
			all[i]->balance = 7;
	}
	rc = uow_commit(u);
	if (!changed) {			/* who reads keeps writers out */
		assert_int_equal(rc, 0);
		uow_unit_free(u);
		assert_true(removing || balance_of(f, ids[CHANGED]) == 7);
		return false;
	}
	assert_int_equal(rc, UOW_ECONFLICT);
	if (counted) {
		assert_string_equal(uow_unit_error(u)->entity, "account");
		assert_string_equal(uow_unit_error(u)->key, key);
	}
	uow_unit_free(u);
	assert_int_equal(balance_of(f, ids[CHANGED]), 105);
	assert_int_equal(balance_of(f, ids[0]), 100);
	assert_int_equal(balance_of(f, ids[MANY - 1]), 100);
	return true;
}

static void write_in_all_ways(struct fixture *f, uow_db *db,
			      uow_isolation level, bool *shared)
{
	int times;

	*shared = write_what_is_stale(f, db, level, false, true);
	if (!*shared)
		return;
	write_what_is_stale(f, db, level, true, true);
	/* the second time it is known what the driver is */
	rows_are_told = false;
	for (times = 0; times < 2; times++)
		write_what_is_stale(f, db, level, times, times);
	rows_are_told = true;
}

/*
 * Also where the unit's snapshot does not show it, and where the driver counts
 * nothing against its profile.
 */
static void a_row_changed_by_another_is_a_conflict_in_a_batch(void **state)
{
	static const uow_isolation levels[] = {
		UOW_READ_COMMITTED, UOW_REPEATABLE_READ, UOW_SERIALIZABLE
	};
	struct fixture *f = *state;
	bool shared[3] = { true, true, true };
	struct sent sent;
	uow_db *db;
	size_t i, k;

	needs(f, BACKEND_SQL);
	tables(f, &account_entity, NULL);
	for (i = 0; i < PLANS; i++) {
		/* Who is kept out of a level is so with each strategy. */
		for (k = 0; k < 3; k++) {
			if (!worth_trying(f, &plans[i]) || !shared[k])
				continue;
			db = forced(f, &plans[i], &sent);
			print_message("# %s, level %zu\n", plans[i].name, k);
			write_in_all_ways(f, db, levels[k], &shared[k]);
			uow_db_free(db);
		}
	}
	assert_true(shared[0] || f->backend->flags & BACKEND_FILE);
}

/* Few rows, which may all go in one statement. */
static void a_row_changed_by_another_is_named_among_unlike_rows(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct plain fresh = { 1, 0, NULL };
	struct account *all[MANY];
	int64_t ids[MANY];
	char key[30];
	uow_unit *u;
	int i;

	tables(f, &account_entity, &plain_entity, NULL);
	add_many(f, ids);
	o.isolation = UOW_REPEATABLE_READ;
	o.lock_timeout_ms = 5000;
	u = begin_on(f->db, &o);
	for (i = 0; i < 3; i++)
		all[i] = need(u, account_get(account_repository_of(u),
					     ids[i]));
	if (!changed_by_another(f, ids[1])) {
		uow_unit_free(u);
		leave(f, LEFT_OTHER_KIND, "readers that wait for nobody");
	}
	need(u, plain_add(plain_repository_of(u), &fresh));
	all[0]->balance = 1;
	all[1]->balance = 1;
	all[2]->owner[0] = 'x';
	snprintf(key, sizeof(key), "%lld", (long long)ids[1]);
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	assert_string_equal(uow_unit_error(u)->entity, "account");
	assert_string_equal(uow_unit_error(u)->key, key);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 0);
	assert_int_equal(balance_of(f, ids[0]), 100);
}

static const struct CMUnitTest crowd_cases[] = {
	CASE(four_connections_each_get_their_own_keys),
	CASE(a_row_changed_by_another_is_a_conflict_in_a_batch),
	CASE(a_row_changed_by_another_is_named_among_unlike_rows),
};
TOPIC(crowd, "crowd");
