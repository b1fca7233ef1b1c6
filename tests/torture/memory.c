/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uow/memory.h>
#include <uow/schema.h>

#include "../../examples/transfer/bank.h"
#include "alloc-shim.h"

/*
 * The memory backend with the nth allocation failing, until none fails: the
 * data holds all of a scenario's work or nothing of it, and agrees with what
 * was said; afterwards it works as if nothing had been. What leaks is seen by
 * the sanitizers and valgrind.
 */
static uow_db *data;
static uow_error err;

static unsigned step = 1;

/* -- the data as text, to be compared -- */

struct state {
	char text[4096];
	size_t used;
};

static int put_account(uow_unit *u, const void *row, void *arg)
{
	const struct account *a = row;
	struct state *s = arg;

	(void)u;
	s->used += (size_t)snprintf(s->text + s->used,
		sizeof(s->text) - s->used, "a%lld:%lld,%lld,%lld ",
		(long long)a->id, (long long)a->customer_id,
		(long long)a->balance, (long long)a->version);
	return 0;
}

static int put_audit(uow_unit *u, const void *row, void *arg)
{
	const struct audit *a = row;
	struct state *s = arg;

	(void)u;
	s->used += (size_t)snprintf(s->text + s->used,
		sizeof(s->text) - s->used, "l%lld:%d,%s ",
		(long long)a->line, a->outcome, a->reason ? a->reason : "-");
	return 0;
}

static int put_card(uow_unit *u, const void *row, void *arg)
{
	const struct loyalty *c = row;
	struct state *s = arg;

	(void)u;
	s->used += (size_t)snprintf(s->text + s->used,
		sizeof(s->text) - s->used, "c%lld:%lld ",
		(long long)c->customer_id, (long long)c->points);
	return 0;
}

static int put_all(uow_unit *u, void *arg)
{
	uow_order order[] = { { "id", false }, { "line", false },
			      { "customer_id", false } };
	uow_query q = UOW_QUERY_INIT;
	uint64_t n = 0;
	struct state *s = arg;

	s->used = 0;
	q.where = uow_all();
	q.order_count = 1;
	q.order_by = &order[0];
	account_each(account_repository_of(u), &q, put_account, s);
	q.order_by = &order[1];
	audit_each(audit_repository_of(u), &q, put_audit, s);
	q.order_by = &order[2];
	loyalty_each(loyalty_repository_of(u), &q, put_card, s);
	ledger_count(ledger_repository_of(u), uow_all(), &n);
	snprintf(s->text + s->used, sizeof(s->text) - s->used, "%u entries",
		 (unsigned)n);
	return 0;
}

static void read_state(struct state *s)
{
	if (uow_run(data, NULL, put_all, s, &err))
		fail_msg("%s", err.message);
}

static void start(void)
{
	if (uow_memory_open(&data, NULL, &err) || bank_create(data, 6, &err))
		fail_msg("%s", err.message);
}

/* -- what is done -- */

static int refuse(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 1);

	(void)arg;
	if (a)
		a->balance = -1;
	account_remove(account_repository_of(u),
		       account_get(account_repository_of(u), 6));
	uow_flush(u);
	return UOW_EREJECTED;
}

/* Every kind of write, and reads of every kind between. */
static int everything(uow_unit *u, void *arg)
{
	account_repository *accounts = account_repository_of(u);
	uow_value ids[] = { uow_int(1), uow_int(2), uow_int(3), uow_int(3) };
	uow_order order = { "balance", true };
	uow_query q = UOW_QUERY_INIT;
	struct account *a, *b;
	struct audit line = { 7, 0, "a reason of some length" };
	struct audit lines[3] = { { 20, 0, "x" }, { 21, 0, NULL },
				  { 22, 0, "" } };
	uow_rows rows;
	uint64_t n;
	int rc;

	(void)arg;
	a = account_get_locked(accounts, 1);
	b = account_get(accounts, 2);
	if (!a || !b)
		return uow_status(u);
	a->balance -= 100;
	b->balance += 100;
	ledger_add(ledger_repository_of(u), &(struct ledger_entry){
		.debit_id = 1, .credit_id = 2, .amount = 100, .memo = "rent",
	});
	audit_add(audit_repository_of(u), &line);
	rc = uow_nested(u, refuse, NULL);
	if (rc != UOW_EREJECTED)
		return rc ? rc : uow_status(u);
	q.where = uow_in(u, "id", ids, 4);
	q.order_by = &order;
	q.order_count = 1;
	account_find(accounts, &q, &rows);
	q.where = uow_and(u, uow_ge(u, "customer_id", uow_int(1)),
			  uow_all());
	q.lock = UOW_LOCK_UPDATE;
	account_find(accounts, &q, &rows);
	audit_insert_all(audit_repository_of(u), lines, 3);
	audit_count(audit_repository_of(u), uow_is_null(u, "reason"), &n);
	loyalty_remove_where(loyalty_repository_of(u),
			     uow_eq(u, "customer_id", uow_int(3)), NULL);
	account_remove(accounts, account_get(accounts, 5));
	return uow_status(u);
}

struct outcome {
	int rc;
	uow_error err;
};

static void unit_at(uow_isolation isolation, struct outcome *out)
{
	uow_memory_options m = UOW_MEMORY_OPTIONS_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	uow_db *db = NULL;

	m.same_as = data;
	o.isolation = isolation;
	out->rc = uow_memory_open(&db, &m, &out->err);
	if (!out->rc)
		out->rc = uow_run(db, &o, everything, NULL, &out->err);
	uow_db_free(db);
}

static void read_committed(struct outcome *out)
{
	unit_at(UOW_READ_COMMITTED, out);
}

static void serializable(struct outcome *out)
{
	unit_at(UOW_SERIALIZABLE, out);
}

/* Beside a unit with a snapshot, whose end drops what was kept for it. */
static void beside_a_snapshot(struct outcome *out)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	o.isolation = UOW_REPEATABLE_READ;
	out->rc = uow_begin(&u, data, &o, &out->err);
	if (!out->rc)
		account_get(account_repository_of(u), 1);
	if (!out->rc && uow_status(u)) {
		out->err = *uow_unit_error(u);
		out->rc = uow_status(u);
	}
	if (!out->rc)
		unit_at(UOW_READ_COMMITTED, out);
	uow_unit_free(u);
}

static const struct {
	const char *name;
	void (*run)(struct outcome *out);
} scenarios[] = {
	{ "read committed", read_committed },
	{ "serializable", serializable },
	{ "beside a snapshot", beside_a_snapshot },
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

static unsigned points_of(size_t i)
{
	struct state before, after, now;
	struct outcome out;
	unsigned n;
	bool fired;

	start();
	read_state(&before);
	scenarios[i].run(&out);
	assert_int_equal(out.rc, 0);
	read_state(&after);
	assert_string_not_equal(before.text, after.text);
	uow_db_free(data);
	for (n = 1;; n += step) {
		start();
		alloc_arm(ALLOC_MEMORY, n);
		scenarios[i].run(&out);
		fired = alloc_fired();
		alloc_arm(ALLOC_MEMORY, 0);
		if (fired && out.rc && out.rc != UOW_ENOMEM)
			fail_msg("%s, allocation %u: %s %s", scenarios[i].name,
				 n, uow_code_name(out.rc), out.err.message);
		read_state(&now);
		if (strcmp(now.text, out.rc ? before.text : after.text) != 0)
			fail_msg("%s, allocation %u: %d, but %s",
				 scenarios[i].name, n, out.rc, now.text);
		/* Nothing is left locked, nothing half done. */
		if (out.rc) {
			scenarios[i].run(&out);
			assert_int_equal(out.rc, 0);
			read_state(&now);
			assert_string_equal(now.text, after.text);
		}
		uow_db_free(data);
		if (!fired)
			return n;
	}
}

static void every_allocation_may_fail(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENARIOS; i++)
		print_message("# %s: %u points\n", scenarios[i].name,
			      points_of(i));
}

static bool tables_exist(void)
{
	static const uow_entity *const list[] = { &account_entity };
	size_t n = 0;

	if (uow_schema_check(data, list, 1, NULL, NULL, &n, &err))
		fail_msg("%s", err.message);
	return n == 0;
}

/* All tables or none, made and dropped. */
static void tables_are_made_whole_or_not_at_all(void **state)
{
	unsigned n;
	bool fired = true;
	int rc;

	(void)state;
	for (n = 1; fired; n += step) {
		assert_int_equal(uow_memory_open(&data, NULL, &err), 0);
		alloc_arm(ALLOC_MEMORY, n);
		rc = bank_create(data, 6, &err);
		fired = alloc_fired();
		alloc_arm(ALLOC_MEMORY, 0);
		if (rc && tables_exist())
			assert_int_equal(bank_drop(data, &err), 0);
		assert_true(rc || tables_exist());
		if (rc)
			assert_int_equal(bank_create(data, 6, &err), 0);
		alloc_arm(ALLOC_MEMORY, n);
		rc = bank_drop(data, &err);
		fired = fired || alloc_fired();
		alloc_arm(ALLOC_MEMORY, 0);
		assert_int_equal(tables_exist(), rc != 0);
		uow_db_free(data);
	}
	print_message("# %u points\n", n);
}

static int ignore(const char *line, void *arg)
{
	(void)line;
	(void)arg;
	return 0;
}

/* A file of one row. */
static char csv[] = "/tmp/uow-torture-XXXXXX";

static int write_csv(void **state)
{
	static const char text[] = "line,reason,outcome\n60,,0\n";
	int fd = mkstemp(csv);

	(void)state;
	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		return -1;
	return close(fd);
}

static int remove_csv(void **state)
{
	(void)state;
	return unlink(csv);
}

/* What a test does before and after: fixtures, faults, states, a diff. */
static int tools(uow_memory_state *before, bool *loaded)
{
	static const struct audit rows[2] = { { 30, 0, "x" }, { 31, 1, NULL } };
	uow_memory_fault f = { .step = UOW_MEMORY_READ, .code = UOW_EIO,
			       .message = "as asked" };
	uow_memory_state *after = NULL;
	uow_memory_clock *c = NULL;
	int rc = uow_memory_clock_new(&c, &err);

	if (c && (!uow_memory_clock_use(c) || uow_memory_clock_slept(c, NULL)))
		rc = UOW_EREJECTED;
	uow_memory_clock_advance(c, 1);
	uow_memory_clock_free(c);
	if (uow_memory_faults_struck(data))
		rc = UOW_EREJECTED;
	if (!rc)
		rc = uow_memory_fail(data, &f, &err);
	if (!rc)
		rc = uow_memory_load_text(data, &audit_entity,
					  "line,reason,outcome\n"
					  "40,\"a \"\"reason\"\"\",0\n"
					  "41,,-1001\n", &err);
	*loaded = !rc;
	if (!rc)
		rc = uow_memory_load_csv(data, &audit_entity, csv, &err);
	if (!rc)
		rc = uow_memory_load(data, &audit_entity, rows, 2, &err);
	if (!rc)
		rc = uow_memory_snapshot(&after, data, &err);
	if (!rc)
		rc = uow_memory_diff(data, before, after, ignore, NULL, NULL,
				     &err);
	if (!rc)
		rc = uow_memory_diff(data, before, NULL, ignore, NULL, NULL,
				     &err);
	uow_memory_state_free(after);
	return rc;
}

/* Nothing half loaded, half brought back, or kept for ever. */
static void fixtures_and_states_are_whole(void **state)
{
	struct state was, now;
	uow_memory_state *before;
	bool fired = true, loaded;
	unsigned n;
	int rc;

	(void)state;
	for (n = 1; fired; n += step) {
		start();
		read_state(&was);
		assert_int_equal(uow_memory_snapshot(&before, data, &err), 0);
		alloc_arm(ALLOC_MEMORY, n);
		rc = tools(before, &loaded);
		fired = alloc_fired();
		alloc_arm(ALLOC_MEMORY, 0);
		if (rc != (fired ? UOW_ENOMEM : 0))
			fail_msg("allocation %u: %s", n, uow_code_name(rc));
		uow_memory_faults_clear(data);
		read_state(&now);
		assert_int_equal(strcmp(now.text, was.text) == 0, !loaded);
		rc = uow_memory_load(data, &audit_entity,
				     &(struct audit){ 50, 0, NULL }, 1, &err);
		assert_int_equal(rc, 0);
		read_state(&now);
		alloc_arm(ALLOC_MEMORY, n);
		rc = uow_memory_restore(data, before, &err);
		fired = fired || alloc_fired();
		alloc_arm(ALLOC_MEMORY, 0);
		assert_true(!rc || rc == UOW_ENOMEM);
		read_state(rc ? &was : &now);
		assert_string_equal(was.text, now.text);
		uow_memory_state_free(before);
		uow_db_free(data);
	}
	print_message("# %u points\n", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(tables_are_made_whole_or_not_at_all),
		cmocka_unit_test(fixtures_and_states_are_whole),
	};

	if (getenv("UOW_TORTURE_STEP"))
		step = (unsigned)atoi(getenv("UOW_TORTURE_STEP"));
	if (!step)
		step = 1;
	return cmocka_run_group_tests(tests, write_csv, remove_csv);
}
