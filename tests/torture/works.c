/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenarios.h"

#include <string.h>

#include <uow/odbc.h>

#include "../../examples/transfer/bank.h"
#include "place.h"

/* What units do. */

static int wrong(uow_unit *u, const char *what)
{
	return uow_status(u) ? uow_status(u) :
	       uow_fail(u, UOW_EREJECTED, "%s", what);
}

/* Objects that come from elsewhere, and what is asked about a unit. */
static int detached(uow_unit *u, void *arg)
{
	account_repository *accounts = account_repository_of(u);
	const struct account *copies = arg;
	struct account *first, *second;
	struct ledger_entry *entry;

	first = account_attach(accounts, &copies[0]);
	second = account_attach_changed(accounts, &copies[1]);
	if (!first || !second)
		return wrong(u, "not attached");
	account_expect_version(accounts, first, uow_int(copies[0].version));
	first->balance -= 9;
	if (account_lookup(accounts, 1) != first ||
	    account_lookup(accounts, 99) || uow_attempt(u) < 1 ||
	    !uow_time_left_usec(u))
		return wrong(u, "asked, and told the wrong thing");
	entry = ledger_add(ledger_repository_of(u),
			   &(struct ledger_entry){ 0, 1, 2, 9, NULL });
	if (!entry)
		return uow_status(u);
	entry->memo = uow_strdup(u, "detached");
	uow_refer(u, entry, "debit_id", second);
	if (!uow_autoflush(u, false) || uow_autoflush(u, true))
		return wrong(u, "autoflush");
	return uow_flush(u);
}

/* What a program has read a while ago. */
static int take_copies(uow_unit *u, void *arg)
{
	struct account *copies = arg;
	int i;

	for (i = 0; i < 2; i++) {
		struct account *a = account_get(account_repository_of(u),
						i + 1);

		if (!a)
			return uow_status(u);
		copies[i] = *a;
	}
	return 0;
}

int run_detached(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct account copies[2];
	int rc;

	o.read_only = true;
	o.name = "reader";
	rc = uow_run(db, &o, take_copies, copies, err);
	if (rc)
		return rc;
	copies[1].balance += 9;
	return uow_run(db, NULL, detached, copies, err);
}

static int each_of(uow_unit *u, const void *row, void *arg)
{
	const struct account *a = row;

	*(int64_t *)arg += a->id;
	return uow_status(u);
}

/* Every node of a criterion; its rows read in every way. */
static int criteria(uow_unit *u, void *arg)
{
	account_repository *r = account_repository_of(u);
	uow_value ids[2] = { uow_int(2), uow_int(4) };
	uow_order order[2] = { { "customer_id", true }, { "id", false } };
	uow_query q = UOW_QUERY_INIT;
	const uow_spec *some;
	struct account *one;
	int64_t sum = 0;
	uint64_t n = 0;
	uow_rows rows;

	(void)arg;
	some = uow_and(u, uow_or(u, uow_in(u, "id", ids, 2),
				 uow_lt(u, "id", uow_int(2))),
		       uow_and(u, uow_not(u, uow_is_null(u, "currency")),
			       uow_ne(u, "currency", uow_text("USD"))));
	some = uow_and(u, some, uow_and(u,
		uow_and(u, uow_ge(u, "id", uow_int(1)),
			uow_le(u, "id", uow_int(6))),
		uow_and(u, uow_gt(u, "balance", uow_decimal(0, 2)),
			uow_starts_with(u, "currency", "E"))));
	q.where = some;
	q.order_by = order;
	q.order_count = 2;
	q.offset = 1;
	q.limit = 2;
	if (place_has(PLACE_LOCKS))
		q.lock = UOW_LOCK_NOWAIT;
	account_find(r, &q, &rows);
	q.offset = q.limit = 0;
	q.lock = UOW_LOCK_NONE;
	account_each(r, &q, each_of, &sum);
	account_count(r, some, &n);
	one = account_one(r, uow_eq(u, "id", uow_int(4)));
	if (!one || rows.count != 2 || n != 3 || sum != 7)
		return wrong(u, "the wrong rows");
	/* It may say false, for want of memory. */
	if (uow_satisfies(uow_not(u, some), &account_entity, one))
		return wrong(u, "another truth");
	one->balance--;
	return 0;
}

int run_criteria(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, criteria, NULL, err);
}

static int by_sql(uow_unit *u, void *arg)
{
	static const char sql[] =
		"select * from accounts where id >= ? order by id";
	account_repository *r = account_repository_of(u);
	uow_value from = uow_int(5);
	uint64_t n = 0;
	int64_t sum = 0;
	uow_rows rows;

	(void)arg;
	if (!uow_unit_hdbc(u))
		return uow_status(u);
	account_each_sql(r, sql, &from, 1, each_of, &sum);
	account_find_sql(r, sql, &from, 1, &rows);
	if (uow_status(u) || sum != 11 || rows.count != 2)
		return wrong(u, "the wrong rows");
	account_at(&rows, 0)->balance -= 3;
	uow_exec(u, "delete from audit_lines", NULL, 0, NULL);
	uow_exec(u, "insert into audit_lines (line, outcome) values (?, 0)",
		 &from, 1, &n);
	return n == 1 ? 0 : wrong(u, "not written");
}

int run_by_sql(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, by_sql, NULL, err);
}

static void describe(struct thing *t, int64_t number, const char *words)
{
	memset(t, 0, sizeof(*t));
	t->group = 7;
	t->number = number;
	t->words = words;
	t->bytes.data = "\0\1\2\xff";
	t->bytes.size = 4;
	t->real = 0.1;
	t->small = 0.5f;
	t->few = -32768;
	t->some = 70000;
	t->yes = true;
	t->day = (uow_date){ 2024, 2, 29 };
	t->hour = (uow_time){ 23, 59, 58 };
	t->moment = (uow_timestamp){ 2024, 2, 29, 23, 59, 58, 123000000 };
	memset(t->uuid.bytes, 0xa5, sizeof(t->uuid.bytes));
	t->maybe_is_null = true;
	t->above_is_null = true;
}

static bool same(const struct thing *a, const struct thing *b)
{
	return a && b && !strcmp(a->words, b->words) &&
	       a->bytes.size == 4 && !memcmp(a->bytes.data, b->bytes.data, 4) &&
	       a->real >= b->real && a->real <= b->real && a->few == b->few &&
	       a->some == b->some && a->yes && a->day.day == 29 &&
	       a->hour.second == 58 &&
	       a->moment.nanosecond == b->moment.nanosecond &&
	       !memcmp(&a->uuid, &b->uuid, sizeof(a->uuid)) &&
	       a->maybe_is_null;
}

static uow_key key_of(uow_value parts[2], int64_t number)
{
	parts[0] = uow_int(7);
	parts[1] = uow_int(number);
	return uow_key_parts(parts, 2);
}

/* Every type, there and back; keys of two columns. */
static int things(uow_unit *u, void *arg)
{
	thing_repository *r = thing_repository_of(u);
	char *words = uow_alloc(u, 1500);
	struct thing many[3], *found;
	uow_value parts[2][2];
	uow_key keys[2];
	void *both[2];

	(void)arg;
	if (!words)
		return uow_status(u);
	memset(words, 'w', 1499);
	describe(&many[0], 1, words);
	describe(&many[1], 2, "");
	describe(&many[2], 3, "three");
	thing_add(r, &many[0]);
	thing_insert_all(r, &many[1], 2);
	uow_flush(u);
	found = thing_get_by(r, key_of(parts[0], 2));
	if (!same(found, &many[1]))
		return wrong(u, "another thing");
	thing_refresh(r, thing_lookup_by(r, key_of(parts[0], 1)));
	keys[0] = key_of(parts[0], 1);
	keys[1] = key_of(parts[1], 3);
	thing_get_many(r, keys, 2, both);
	if (uow_status(u) || !same(both[0], &many[0]) ||
	    !same(both[1], &many[2]))
		return wrong(u, "other things");
	found->words = "changed";
	found->maybe = 5;
	found->maybe_is_null = false;
	found = thing_get_locked_by(r, keys[1]);
	thing_increment_by(r, keys[0], "some", uow_int(1));
	thing_remove(r, found);
	return 0;
}

int run_things(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, things, NULL, err);
}

/* A unit that could be stopped and is not, and one that is before it begins. */
int run_stoppable(uow_db *db, uow_error *err)
{
	uow_options o = UOW_OPTIONS_INIT;
	int rc = uow_canceler_new(&o.canceler, err), second;

	if (rc)
		return rc;
	o.timeout_ms = 600000;
	rc = (uow_run)(db, &o, things, NULL, err);
	uow_canceler_set(o.canceler);
	if (!uow_canceler_is_set(o.canceler) || uow_cancel(o.canceler))
		rc = UOW_EREJECTED;
	if (!rc) {
		second = uow_run(db, &o, things, NULL, err);
		if (second != UOW_ECANCELED && second != UOW_ENOMEM)
			rc = UOW_EREJECTED;
	}
	uow_canceler_free(o.canceler);
	return rc;
}

/* Rows that refer to each other, and values that change hands. */
static int graph(uow_unit *u, void *arg)
{
	thing_repository *r = thing_repository_of(u);
	loyalty_repository *cards = loyalty_repository_of(u);
	struct loyalty *card;
	struct thing one, two, *a, *b;

	(void)arg;
	describe(&one, 1, "one");
	describe(&two, 2, "two");
	one.above_is_null = two.above_is_null = false;
	one.above = 2;
	two.above = 1;
	a = thing_add(r, &one);
	b = thing_add(r, &two);
	uow_flush(u);
	if (!a || !b || uow_status(u))
		return uow_status(u);
	b->above_is_null = true;
	thing_remove(r, a);
	card = loyalty_one(cards, uow_eq(u, "customer_id", uow_int(1)));
	loyalty_remove(cards, card);
	loyalty_add(cards, &(struct loyalty){ 0, 1, 11, 0 });
	account_add(account_repository_of(u),
		    &(struct account){ 7, 9, 0, 0, "EUR" });
	ledger_add(ledger_repository_of(u),
		   &(struct ledger_entry){ 0, 7, 1, 5, "new account" });
	account_remove(account_repository_of(u),
		       account_get(account_repository_of(u), 6));
	return 0;
}

int run_graph(uow_db *db, uow_error *err)
{
	return uow_run(db, NULL, graph, NULL, err);
}
