/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenarios.h"

#include <stdio.h>
#include <string.h>

#include <uow/odbc.h>
#include <uow/schema.h>

#include "../../examples/transfer/transfer.h"
#include "alloc-shim.h"
#include "place.h"

static uint64_t frozen_now(void *arg)
{
	return ++*(uint64_t *)arg;
}

static void no_sleep(uint64_t usec, void *arg)
{
	*(uint64_t *)arg += usec;
}

static uint64_t ticks;
const uow_clock quick = { frozen_now, no_sleep, &ticks };

/* The example's own business code, four tables. */
static int run_transfer(uow_db *db, uow_error *err)
{
	struct entry e;
	int outcome = 0;

	memset(&e, 0, sizeof(e));
	e.line = e.from = 1;
	e.to = 2;
	e.amount = 12500;
	snprintf(e.memo, sizeof(e.memo), "rent");
	return transfer_line(db, NULL, &e, &outcome, err);
}

/* The same by hand: begin, flush, commit. */
static int run_by_hand(uow_db *db, uow_error *err)
{
	struct account *from, *to;
	uow_unit *u = NULL;
	int rc = uow_begin(&u, db, NULL, err);

	if (!rc) {
		from = account_get(account_repository_of(u), 1);
		to = account_get(account_repository_of(u), 2);
		if (from && to) {
			from->balance -= 100;
			uow_flush(u);
			to->balance += 100;
		}
		rc = uow_commit(u);
		if (rc)
			*err = *uow_unit_error(u);
	}
	uow_unit_free(u);
	return rc;
}

static int refuse(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 1);

	(void)arg;
	if (a)
		a->balance -= 5000;
	ledger_add(ledger_repository_of(u),
		   &(struct ledger_entry){ 0, 1, 2, 5000, "undone" });
	uow_flush(u);
	return uow_fail(u, BANK_EFUNDS, "on second thoughts");
}

/* A savepoint that is rolled back, objects and rows with it. */
static int nested(uow_unit *u, void *arg)
{
	struct account *from = account_get(account_repository_of(u), 1);
	struct account *to = account_get(account_repository_of(u), 2);
	int rc;

	(void)arg;
	if (!from || !to)
		return uow_status(u);
	from->balance -= 300;
	rc = uow_nested(u, refuse, NULL);
	if (rc != BANK_EFUNDS)
		return rc < 0 ? rc : uow_fail(u, UOW_EREJECTED, "not undone");
	to->balance += 300;
	ledger_add(ledger_repository_of(u),
		   &(struct ledger_entry){ 0, 1, 2, 300, "kept" });
	return 0;
}

static int run_nested(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, nested, NULL, err);
}

static int take_all(uow_unit *u, const void *row, void *arg)
{
	int64_t *sum = arg;

	(void)u;
	*sum += ((const struct account *)row)->balance;
	return 0;
}

/* Every way of reading, then one change that depends on what was read. */
static int reading(uow_unit *u, void *arg)
{
	account_repository *accounts = account_repository_of(u);
	uow_key keys[3] = { { NULL, 1, { UOW_TYPE_NULL, 0, { 0 } } } };
	uow_value ids[2] = { uow_int(1), uow_int(2) };
	uow_order order = { "balance", true };
	uow_query q = UOW_QUERY_INIT;
	struct account *first;
	void *found[3];
	uint64_t n = 0;
	int64_t sum = 0;
	uow_rows rows;

	(void)arg;
	keys[0] = uow_id(1);
	keys[1] = uow_id(2);
	keys[2] = uow_id(3);
	q.where = uow_and(u, uow_in(u, "id", ids, 2),
			  uow_not(u, uow_starts_with(u, "currency", "US")));
	q.order_by = &order;
	q.order_count = 1;
	q.limit = 10;
	account_find(accounts, &q, &rows);
	account_get_many(accounts, keys, 3, found);
	account_count(accounts, uow_all(), &n);
	account_each(accounts, &q, take_all, &sum);
	account_find_sql(accounts, "select * from accounts where id = ?",
			 ids, 1, &rows);
	first = account_get_locked(accounts, 1);
	account_refresh(accounts, first);
	if (uow_status(u))
		return uow_status(u);
	if (n != 6 || sum != 200000 || rows.count != 1)
		return uow_fail(u, UOW_EREJECTED, "read the wrong thing");
	account_get(accounts, 2)->balance += 700;
	first->balance -= 700;
	ledger_add(ledger_repository_of(u), &(struct ledger_entry){
		0, 1, 2, 700, uow_format(u, "read %d", (int)n) });
	return 0;
}

static int run_reading(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, reading, NULL, err);
}

/* Loading much, removing, SQL by hand. */
static int writing(uow_unit *u, void *arg)
{
	struct ledger_entry many[5];
	struct loyalty *card;
	uint64_t n = 0;
	size_t i;

	(void)arg;
	for (i = 0; i < 5; i++)
		many[i] = (struct ledger_entry){ 0, 1, 2, 1, "many" };
	ledger_insert_all(ledger_repository_of(u), many, 5);
	uow_exec(u, "update accounts set balance = balance - 10, version = "
		 "version + 1 where id = 1", NULL, 0, &n);
	card = loyalty_one(loyalty_repository_of(u),
			   uow_eq(u, "customer_id", uow_int(1)));
	loyalty_remove(loyalty_repository_of(u), card);
	uow_flush(u);
	loyalty_add(loyalty_repository_of(u),
		    &(struct loyalty){ 0, 1, 77, 0 });
	uow_exec(u, "update accounts set balance = balance + 10, version = "
		 "version + 1 where id = 2", NULL, 0, &n);
	return 0;
}

/* Many rows in one statement: keys made, rows changed, rows removed. */
static int batching(uow_unit *u, void *arg)
{
	enum { N = 11 };
	struct ledger_entry *added[N];
	struct account *from, *to;
	size_t i;

	(void)arg;
	for (i = 0; i < N; i++)
		added[i] = ledger_add(ledger_repository_of(u),
				      &(struct ledger_entry){
					      0, 1, 2, 1, "batch" });
	from = account_get(account_repository_of(u), 1);
	to = account_get(account_repository_of(u), 2);
	if (uow_status(u))
		return uow_status(u);
	from->balance -= N;
	to->balance += N;
	if (uow_flush(u))
		return uow_status(u);
	for (i = 0; i < N; i++) {
		if (i && added[i]->id != added[i - 1]->id + 1)
			return uow_fail(u, UOW_EREJECTED, "a wrong key");
		added[i]->memo = uow_format(u, "changed %d", (int)i);
		audit_add(audit_repository_of(u),
			  &(struct audit){ 1000 + (int64_t)i, 0, NULL });
	}
	if (uow_flush(u))
		return uow_status(u);
	for (i = 2; i < N; i++)
		ledger_remove(ledger_repository_of(u), added[i]);
	return 0;
}

static int run_batching(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, batching, NULL, err);
}

static int run_writing(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, writing, NULL, err);
}

static int count_and_refuse(uow_unit *u, void *arg)
{
	account_repository *r = account_repository_of(u);
	uow_assignment more = uow_plus("balance", uow_decimal(99, 2));

	(void)arg;
	account_increment(r, 3, "balance", uow_decimal(1, 2));
	account_update_where(r, uow_all(), &more, 1, NULL);
	account_increment(r, 4, "balance", uow_decimal(1, 2));
	return uow_fail(u, BANK_EFUNDS, "on second thoughts");
}

/* Counters, of rows that were read and others, and writes by criterion. */
static int counting(uow_unit *u, void *arg)
{
	account_repository *r = account_repository_of(u);
	loyalty_repository *cards = loyalty_repository_of(u);
	uow_assignment points[2] = {
		uow_plus("points", uow_int(5)),
		uow_assign("customer_id", uow_int(1))
	};
	struct account *first = account_get(r, 1), copy;
	uint64_t n = 0;
	int rc;

	(void)arg;
	if (!first)
		return uow_status(u);
	copy = *first;
	account_increment(r, 1, "balance", uow_decimal(-40, 2));
	account_increment(r, 2, "balance", uow_decimal(40, 2));
	rc = uow_nested(u, count_and_refuse, NULL);
	if (rc != BANK_EFUNDS)
		return rc < 0 ? rc : uow_fail(u, UOW_EREJECTED, "not undone");
	loyalty_update_where(cards, uow_eq(u, "customer_id", uow_int(1)),
			     points, 2, &n);
	if (!uow_status(u) && (n != 1 || copy.balance - first->balance != 40))
		return uow_fail(u, UOW_EREJECTED, "wrote the wrong thing");
	account_expect_version(r, first, uow_int(copy.version + 1));
	ledger_add(ledger_repository_of(u),
		   &(struct ledger_entry){ 0, 1, 2, 40, "counted" });
	ledger_add(ledger_repository_of(u),
		   &(struct ledger_entry){ 0, 1, 2, 1, "removed" });
	ledger_remove_where(ledger_repository_of(u),
			    uow_eq(u, "memo", uow_text("removed")), &n);
	return 0;
}

static int run_counting(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, counting, NULL, err);
}

/* On a connection of the program's own. */
static int run_adopted(uow_db *none, uow_error *err)
{
	struct ledger_entry one = { 0, 1, 2, 1, "adopted" };
	uow_db_options options = UOW_DB_OPTIONS_INIT;
	struct caller c;
	uow_unit *u = NULL;
	int rc;

	(void)none;
	options.clock = &quick;
	caller_connect(&c, place_connection(), true);
	rc = uow_db_adopt(&c.db, c.dbc, &options, err);
	if (!rc)
		rc = uow_begin(&u, c.db, NULL, err);
	if (!rc) {
		ledger_add(ledger_repository_of(u), &one);
		rc = uow_commit(u);
		if (rc)
			*err = *uow_unit_error(u);
	}
	uow_unit_free(u);
	uow_db_free(c.db);
	caller_disconnect(&c);
	return rc;
}

const struct scenario scenarios[] = {
	{ "transfer", 0, LOUD, run_transfer, 1, NULL },
	{ "by hand", 0, 0, run_by_hand, 1, NULL },
	{ "nested", PLACE_PARTS, 0, run_nested, 1, NULL },
	{ "reading", PLACE_ODBC, 0, run_reading, 1, NULL },
	{ "writing", PLACE_ODBC, 0, run_writing, 1, NULL },
	{ "batching", 0, 0, run_batching, 1, NULL },
	{ "counting", PLACE_PARTS, 0, run_counting, 1, NULL },
	{ "detached", 0, 0, run_detached, 1, NULL },
	{ "criteria", 0, 0, run_criteria, 1, NULL },
	{ "by SQL", PLACE_ODBC, 0, run_by_sql, 1, NULL },
	{ "things", 0, 0, run_things, 1, NULL },
	{ "stoppable", 0, 0, run_stoppable, 1, NULL },
	{ "graph", 0, 0, run_graph, 1, NULL },
	{ "given up", 0, 0, run_given_up, 1, NULL },
	{ "waiting", 0, OWN | UNCHANGED, run_waiting, 1, NULL },
	{ "settings", 0, 0, run_settings, 1, NULL },
	{ "simple", 0, SINGLY, run_simple, 1, NULL },
	{ "once", 0, 0, run_once, 1, NULL },
	{ "once, by hand", 0, 0, run_once_by_hand, 1, NULL },
	{ "tokens", 0, OWN | UNCHANGED, run_tokens, 1, NULL },
	{ "hooks", 0, OWN, run_hooks, 1, NULL },
	{ "plain", PLACE_ODBC, OWN | UNCHANGED, run_plain, 1, NULL },
	{ "schema", 0, OWN | UNCHANGED, run_schema, 1, NULL },
	{ "adopted", PLACE_ODBC, OWN, run_adopted, 1, NULL },
	{ "joined", PLACE_ODBC | PLACE_PARTS, OWN, NULL, 3, run_joined },
	{ "joined, undone", PLACE_ODBC | PLACE_PARTS, OWN | UNCHANGED, NULL, 3,
	  run_joined_undone },
	{ "adopted twice", PLACE_ODBC, OWN, NULL, 2, run_adopted_twice },
	{ "pooled twice", 0, OWN, NULL, 2, run_pooled_twice }
};

const size_t scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);
