/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Keys that the database makes. */

/* 62, 81: the flush fills them in, in the order of arrival */
static void a_flush_fills_in_the_keys(void **state)
{
	enum { N = 250 };
	struct fixture *f = *state;
	struct account a, *p;
	struct account *all[N];
	int64_t ids[N];
	uow_unit *u;
	int i;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	for (i = 0; i < N; i++) {
		a.balance = i;
		all[i] = need(u, account_add(account_repository_of(u), &a));
		assert_int_equal(all[i]->id, 0);
	}
	must(u, uow_flush(u));
	for (i = 0; i < N; i++) {
		ids[i] = all[i]->id;
		assert_true(ids[i] > 0);
		assert_true(i == 0 || ids[i] > ids[i - 1]);
		assert_ptr_equal(account_get(account_repository_of(u), ids[i]),
				 all[i]);
	}
	commit(u);
	u = begin(f);
	for (i = 0; i < N; i++) {
		p = need(u, account_get(account_repository_of(u), ids[i]));
		assert_int_equal(p->balance, i);
	}
	commit(u);
}

/* Anything but 0 is inserted as given. */
static void a_key_that_is_given_is_kept(void **state)
{
	struct fixture *f = *state;
	struct account a, *given, *made;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	a.id = 4711;
	given = need(u, account_add(account_repository_of(u), &a));
	a.id = 0;
	made = need(u, account_add(account_repository_of(u), &a));
	must(u, uow_flush(u));
	assert_int_equal(given->id, 4711);
	assert_true(made->id != 0 && made->id != 4711);
	commit(u);
	u = begin(f);
	need(u, account_get(account_repository_of(u), 4711));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 2);
}

/* A generated key of 32 bits. */
static void a_generated_key_may_have_32_bits(void **state)
{
	struct fixture *f = *state;
	struct small s, *a, *b;
	int32_t id;
	uow_unit *u;

	tables(f, &small_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.amount = -5;
	u = begin(f);
	a = need(u, uow_add(uow_repository_of(u, &small_entity), &s));
	b = need(u, uow_add(uow_repository_of(u, &small_entity), &s));
	must(u, uow_flush(u));
	assert_true(a->id > 0 && b->id > 0 && a->id != b->id);
	id = b->id;
	commit(u);
	u = begin(f);
	b = need(u, uow_get(uow_repository_of(u, &small_entity), uow_id(id)));
	assert_int_equal(b->amount, -5);
	commit(u);
}

/* Many rows at once, given keys among them: each key is its row's. */
static void keys_given_and_made_do_not_mix_up(void **state)
{
	enum { N = 60 };
	struct fixture *f = *state;
	struct account a, *all[N], *p;
	int64_t ids[N];
	uow_unit *u;
	int i;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	for (i = 0; i < N; i++) {
		a.id = i % 3 == 1 ? 100000 + i : 0;
		a.balance = i;
		all[i] = need(u, account_add(account_repository_of(u), &a));
	}
	must(u, uow_flush(u));
	for (i = 0; i < N; i++)
		ids[i] = all[i]->id;
	commit(u);
	u = begin(f);
	for (i = 0; i < N; i++) {
		p = need(u, account_get(account_repository_of(u), ids[i]));
		assert_int_equal(p->balance, i);
	}
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), N);
}

struct adder {
	uow_db *db;
	int number;
	int64_t ids[200];
	struct account *objects[20];
	int rc;
};

enum { RUNS = 10, PER_RUN = 20 };

static int add_some(uow_unit *u, void *arg)
{
	struct adder *w = arg;
	struct account a;
	int i;

	memset(&a, 0, sizeof(a));
	snprintf(a.owner, sizeof(a.owner), "adder %d", w->number);
	for (i = 0; i < PER_RUN; i++) {
		a.balance = i;
		w->objects[i] = account_add(account_repository_of(u), &a);
	}
	return uow_flush(u);
}

static int note_keys(uow_unit *u, void *arg)
{
	struct adder *w = arg;
	int rc = add_some(u, arg);
	int i;

	for (i = 0; !rc && i < PER_RUN; i++)
		w->ids[i] = w->objects[i]->id;
	return rc;
}

static void *adder_main(void *arg)
{
	struct adder *w = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int64_t all[RUNS * PER_RUN];
	int i;

	o.attempts = 100;
	o.lock_timeout_ms = 10000;
	for (i = 0; i < RUNS && !w->rc; i++) {
		w->rc = uow_run(w->db, &o, note_keys, w, &err);
		memcpy(all + (ptrdiff_t)i * PER_RUN, w->ids,
		       PER_RUN * sizeof(all[0]));
	}
	memcpy(w->ids, all, sizeof(all));
	return NULL;
}

/* Four connections insert at once: each id belongs to its own row. */
static void keys_of_four_connections_at_once_are_each_their_rows(void **state)
{
	static struct adder w[4];
	struct fixture *f = *state;
	pthread_t threads[4];
	char owner[20];
	uow_unit *u;
	int i, k;

	tables(f, &account_entity, NULL);
	memset(w, 0, sizeof(w));
	for (i = 0; i < 4; i++) {
		w[i].db = f->db;
		w[i].number = i;
		assert_int_equal(pthread_create(&threads[i], NULL, adder_main,
						&w[i]), 0);
	}
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	u = begin(f);
	for (i = 0; i < 4; i++) {
		assert_int_equal(w[i].rc, 0);
		snprintf(owner, sizeof(owner), "adder %d", i);
		for (k = 0; k < RUNS * PER_RUN; k++) {
			struct account *a = need(u, account_get(
				account_repository_of(u), w[i].ids[k]));

			assert_string_equal(a->owner, owner);
			assert_int_equal(a->balance, k % PER_RUN);
		}
	}
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 4 * RUNS * PER_RUN);
}

/* 83: when the insert fails, no key is left behind in the object */
static void a_failed_insert_leaves_the_unit_failed(void **state)
{
	struct fixture *f = *state;
	struct account a;
	uow_unit *u;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	a.id = 5;
	u = begin(f);
	need(u, account_add(account_repository_of(u), &a));
	commit(u);
	u = begin(f);
	need(u, account_add(account_repository_of(u), &a));
	must_fail(u, uow_flush(u), UOW_EDUPLICATE);
	contains(uow_unit_error(u)->key, "5");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 1);
}

struct receipt {
	int64_t id;
	int32_t made;
	char label[21];
};
static const uow_column receipt_columns[] = {
	UOW_INT64(struct receipt, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT32(struct receipt, made, "made", UOW_GENERATED),
	UOW_CHARS(struct receipt, label, "label", 0),
};
static const uow_entity receipt_entity =
	UOW_ENTITY(struct receipt, "receipts", receipt_columns);

/* A column beside the key that the database fills in is read back. */
static void a_generated_column_beside_the_key_is_filled_in(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct receipt t, *all[30];
	uow_options o = UOW_OPTIONS_INIT;
	char sql[200];
	uow_unit *u;
	int i;

	needs(f, BACKEND_SQL);
	o.simple = true;	/* some databases commit at CREATE TABLE */
	u = begin_on(f->db, &o);
	snprintf(sql, sizeof(sql), "CREATE TABLE receipts (id %s, "
		 "made INTEGER DEFAULT 7 NOT NULL, "
		 "label VARCHAR(20) NOT NULL)", f->backend->identity);
	must(u, uow_exec(u, sql, NULL, 0, NULL));
	commit(u);
	memset(&t, 0, sizeof(t));
	u = begin(f);
	r = uow_repository_of(u, &receipt_entity);
	for (i = 0; i < 30; i++) {
		t.made = i % 3 ? 0 : 100 + i;	/* given or made */
		all[i] = need(u, uow_add(r, &t));
	}
	must(u, uow_flush(u));
	for (i = 0; i < 30; i++) {
		assert_true(all[i]->id > 0);
		assert_int_equal(all[i]->made, i % 3 ? 7 : 100 + i);
	}
	strcpy(all[1]->label, "changed");
	must(u, uow_flush(u));
	must(u, uow_refresh(r, all[1]));
	assert_int_equal(all[1]->made, 7);
	assert_string_equal(all[1]->label, "changed");
	commit(u);
}

/* A trigger makes keys, too, in a table of its own. */
static void a_key_made_by_a_trigger_is_not_taken_for_it(void **state)
{
	struct fixture *f = *state;
	struct account a, *made[3];
	size_t i;
	uow_unit *u;

	if (!f->backend->audit)
		leave(f, LEFT_OTHER_KIND, "known triggers");
	tables(f, &account_entity, NULL);
	for (i = 0; f->backend->audit[i]; i++) {
		u = begin(f);
		must(u, uow_exec(u, f->backend->audit[i], NULL, 0, NULL));
		commit(u);
	}
	memset(&a, 0, sizeof(a));
	u = begin(f);
	for (i = 0; i < 3; i++) {
		a.balance = (int64_t)i + 1;
		made[i] = need(u, account_add(account_repository_of(u), &a));
		if (i != 1)	/* alone, and two together */
			must(u, uow_flush(u));
	}
	for (i = 0; i < 3; i++) {
		must(u, uow_refresh((uow_repository *)account_repository_of(u),
				    made[i]));
		assert_int_equal(made[i]->balance, i + 1);
	}
	commit(u);
}

struct ticket {
	uow_uuid id;
	int32_t amount;
};
static const uow_column ticket_columns[] = {
	UOW_UUID(struct ticket, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT32(struct ticket, amount, "amount", 0),
};
static const uow_entity ticket_entity =
	UOW_ENTITY(struct ticket, "tickets", ticket_columns);

/* A key that the database cannot make is refused, never left empty. */
static void a_key_that_cannot_be_made_is_refused(void **state)
{
	struct fixture *f = *state;
	const uow_entity *e = &ticket_entity;
	struct ticket t, *added, zero;
	uow_unit *u;
	int rc;

	memset(&t, 0, sizeof(t));
	memset(&zero, 0, sizeof(zero));
	rc = uow_schema_create(f->db, &e, 1, &f->err);
	if (rc) {
		assert_true(rc == UOW_ENOTSUP || rc == UOW_ECONFIG);
		contains(f->err.message, "id");
		return;
	}
	u = begin(f);
	added = uow_add(uow_repository_of(u, e), &t);
	rc = uow_flush(u);
	if (!rc) {
		assert_non_null(added);
		assert_memory_not_equal(added, &zero, sizeof(zero.id));
	} else {
		assert_false(uow_code_is_transient(rc));
	}
	uow_unit_free(u);
}

/* n accounts or plain rows, of which the one in the middle is kept out. */
static int add_with_one_kept_out(uow_unit *u, bool accounts, int n)
{
	struct account a;
	struct plain p = { 0, 0, NULL };
	int i;

	memset(&a, 0, sizeof(a));
	for (i = 0; i < n; i++) {
		strcpy(a.owner, i == n / 2 ? "nobody" : "somebody");
		p.id = i + 1;
		p.amount = i == n / 2 ? -7 : 7;
		if (accounts)
			need(u, account_add(account_repository_of(u), &a));
		else
			need(u, plain_add(plain_repository_of(u), &p));
	}
	return uow_commit(u);
}

/*
 * No error, no row: nothing was stored, and the key that the connection has
 * made last is another row's.
 */
static void a_row_that_a_trigger_keeps_out_is_an_error(void **state)
{
	static const int counts[] = { 1, 2, 5, 30 };
	struct fixture *f = *state;
	uow_unit *u;
	size_t i;

	if (!f->backend->silent)
		leave(f, LEFT_OTHER_KIND, "known triggers");
	tables(f, &account_entity, &plain_entity, NULL);
	for (i = 0; f->backend->silent[i]; i++) {
		u = begin(f);
		must(u, uow_exec(u, f->backend->silent[i], NULL, 0, NULL));
		commit(u);
	}
	for (i = 0; i < 8; i++) {
		u = begin(f);
		assert_int_equal(add_with_one_kept_out(u, i < 4,
						       counts[i % 4]),
				 UOW_ECONSTRAINT);
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &account_entity), 0);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

static const uow_column bare_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY | UOW_GENERATED),
};
static const uow_entity bare_entity =
	UOW_ENTITY(struct account, "accounts", bare_columns);

/* The same of an INSERT that gives no column at all. */
static void nor_is_it_for_that_of_a_row_without_columns(void **state)
{
	struct fixture *f = *state;
	struct account a, *made;
	uow_unit *u;
	size_t i;

	if (!f->backend->audit)
		leave(f, LEFT_OTHER_KIND, "known triggers");
	tables(f, &bare_entity, NULL);
	for (i = 0; f->backend->audit[i]; i++) {
		u = begin(f);
		must(u, uow_exec(u, f->backend->audit[i], NULL, 0, NULL));
		commit(u);
	}
	memset(&a, 0, sizeof(a));
	u = begin(f);
	/* The trigger's next key is not that of the account. */
	must(u, uow_exec(u, "INSERT INTO audits (account) VALUES (0)", NULL, 0,
			 NULL));
	made = need(u, uow_add(uow_repository_of(u, &bare_entity), &a));
	must(u, uow_flush(u));
	must(u, uow_refresh(uow_repository_of(u, &bare_entity), made));
	commit(u);
}

static const struct CMUnitTest generated_cases[] = {
	CASE(a_flush_fills_in_the_keys),
	CASE(a_key_that_is_given_is_kept),
	CASE(a_generated_key_may_have_32_bits),
	CASE(keys_given_and_made_do_not_mix_up),
	CASE(keys_of_four_connections_at_once_are_each_their_rows),
	CASE(a_failed_insert_leaves_the_unit_failed),
	CASE(a_key_made_by_a_trigger_is_not_taken_for_it),
	CASE(nor_is_it_for_that_of_a_row_without_columns),
	CASE(a_row_that_a_trigger_keeps_out_is_an_error),
	CASE(a_generated_column_beside_the_key_is_filled_in),
	CASE(a_key_that_cannot_be_made_is_refused),
};
TOPIC(generated, "generated");
