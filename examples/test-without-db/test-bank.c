/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bank's own tests: its business code as it is (examples/transfer), on
 * tables in memory. No database, no driver, no waiting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <uow/memory.h>
#include <uow/schema.h>

#include "../transfer/bank.h"
#include "../transfer/transfer.h"

static uow_db *bank;
static uow_memory_clock *ticks;
static uow_memory_state *morning;	/* as the fixtures are */
static uow_error err;

/* -- a bank for all tests, as it was for each -- */

static void load(const uow_entity *entity, const char *file)
{
	const char *source = getenv("srcdir");
	char path[1000];

	snprintf(path, sizeof(path),
		 "%s/examples/test-without-db/fixtures/%s",
		 source ? source : ".", file);
	if (uow_memory_load_csv(bank, entity, path, &err))
		fail_msg("%s", err.message);
}

static int open_bank(void **state)
{
	static const uow_entity *const tables[] = {
		&account_entity, &ledger_entity, &loyalty_entity,
		&audit_entity, &opening_entity
	};
	uow_memory_options memory = UOW_MEMORY_OPTIONS_INIT;
	uow_db_options options = UOW_DB_OPTIONS_INIT;

	(void)state;
	assert_int_equal(uow_memory_clock_new(&ticks, &err), 0);
	options.clock = uow_memory_clock_use(ticks);
	memory.db = &options;
	assert_int_equal(uow_memory_open(&bank, &memory, &err), 0);
	assert_int_equal(uow_schema_create(bank, tables, 5, &err), 0);
	load(&account_entity, "accounts.csv");
	load(&loyalty_entity, "loyalty.csv");
	load(&opening_entity, "opening.csv");
	assert_int_equal(uow_memory_snapshot(&morning, bank, &err), 0);
	return 0;
}

static int close_bank(void **state)
{
	(void)state;
	uow_memory_state_free(morning);
	uow_db_free(bank);
	uow_memory_clock_free(ticks);
	return 0;
}

/* Each test begins with the fixtures, and all its faults have struck. */
static int every_morning(void **state)
{
	(void)state;
	assert_int_equal(uow_memory_restore(bank, morning, &err), 0);
	return 0;
}

static int every_evening(void **state)
{
	(void)state;
	assert_int_equal(uow_memory_faults_clear(bank), 0);
	return 0;
}

static int add_line(const char *line, void *text)
{
	strcat(strcat(text, line), "\n");
	return 0;
}

/* What has changed since the morning. */
static void changed(const char *expected)
{
	char text[2000] = "";

	assert_int_equal(uow_memory_diff(bank, morning, NULL, add_line, text,
					 NULL, &err), 0);
	assert_string_equal(text, expected);
}

/* The program's function; *outcome is what it writes to the audit. */
static int transfer(int64_t line, int64_t amount, int *outcome)
{
	struct entry e = { .line = line, .from = 1, .to = 3,
			   .amount = amount, .memo = "rent" };

	return transfer_line(bank, NULL, &e, outcome, &err);
}

/* -- the tests -- */

/* Generated numbers leave gaps, as they do on databases. */
#define ONE_TRANSFER(entry) \
	"accounts 1: balance 100.00 -> 70.00, version 1 -> 2\n" \
	"accounts 3: balance 0.00 -> 30.00, version 1 -> 2\n" \
	"audit_lines 1: added, outcome 0, reason NULL\n" \
	"ledger_entries " entry ": added, debit_id 1, credit_id 3, " \
	"amount 30.00, memo 'rent'\n" \
	"loyalty 1: points 10 -> 13, version 1 -> 2\n"

static void money_goes_from_one_to_the_other(void **state)
{
	int outcome;

	(void)state;
	assert_int_equal(transfer(1, 3000, &outcome), 0);
	assert_int_equal(outcome, 0);
	changed(ONE_TRANSFER("1"));
}

static void too_little_money_is_refused(void **state)
{
	int outcome;

	(void)state;
	assert_int_equal(transfer(1, 10001, &outcome), 0);
	assert_int_equal(outcome, BANK_EFUNDS);
	changed("audit_lines 1: added, outcome -1001, "
		"reason 'account 1 lacks funds'\n");
}

static void after_a_deadlock_it_is_tried_again(void **state)
{
	uow_memory_fault deadlock = {
		.step = UOW_MEMORY_WRITE, .entity = &account_entity,
		.times = 2, .code = UOW_EDEADLOCK,
	};
	int outcome;

	(void)state;
	assert_int_equal(uow_memory_fail(bank, &deadlock, &err), 0);
	assert_int_equal(transfer(1, 3000, &outcome), 0);
	changed(ONE_TRANSFER("3"));
}

/* The connection goes while the database commits line 1. */
static void lose_commit(bool happened)
{
	uow_memory_fault lost = {
		.step = UOW_MEMORY_COMMIT, .code = UOW_EINDOUBT,
		.happened = happened,
	};
	int outcome;

	assert_int_equal(uow_memory_fail(bank, &lost, &err), 0);
	assert_int_equal(transfer(1, 3000, &outcome), UOW_EINDOUBT);
}

static void a_lost_commit_that_happened_is_found_in_the_audit(void **state)
{
	int64_t line = 0;

	(void)state;
	lose_commit(true);
	assert_int_equal(bank_last_line(bank, &line, &err), 0);
	assert_int_equal(line, 1);	/* the program goes on with line 2 */
	changed(ONE_TRANSFER("1"));
}

static void a_lost_commit_that_did_not_happen_is_done_again(void **state)
{
	int64_t line = 9;
	int outcome;

	(void)state;
	lose_commit(false);
	changed("");
	assert_int_equal(bank_last_line(bank, &line, &err), 0);
	assert_int_equal(line, 0);	/* the program begins with line 1 */
	assert_int_equal(transfer(1, 3000, &outcome), 0);
	changed(ONE_TRANSFER("2"));
}

static void a_server_that_stays_away_is_told(void **state)
{
	uow_memory_fault away = {
		.step = UOW_MEMORY_BEGIN, .times = 3, .code = UOW_ECONNECT,
		.message = "the server does not answer",
	};
	int outcome;

	(void)state;
	assert_int_equal(uow_memory_fail(bank, &away, &err), 0);
	assert_int_equal(transfer(1, 3000, &outcome), UOW_ECONNECT);
	assert_string_equal(err.message, "the server does not answer");
	changed("");
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, every_morning, every_evening)

static double milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(money_goes_from_one_to_the_other),
		TEST(too_little_money_is_refused),
		TEST(after_a_deadlock_it_is_tried_again),
		TEST(a_lost_commit_that_happened_is_found_in_the_audit),
		TEST(a_lost_commit_that_did_not_happen_is_done_again),
		TEST(a_server_that_stays_away_is_told),
	};
	double start = milliseconds();
	int failed = cmocka_run_group_tests(tests, open_bank, close_bank);

	printf("# %zu tests in %.1f ms\n", sizeof(tests) / sizeof(tests[0]),
	       milliseconds() - start);
	return failed;
}
