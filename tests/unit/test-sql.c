/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "recorder.h"
#include "unit/entry.h"

static uow_unit *u;
static uow_repository *items;

static void begin(void **state, int64_t rows)
{
	recorder_store(*state, 1, rows);
	u = recorder_begin(*state, NULL);
	items = uow_repository_of(u, &item_entity);
}

static int exec_code(void **state, const char *sql)
{
	int rc;

	u = recorder_begin(*state, NULL);
	rc = uow_exec(u, sql, NULL, 0, NULL);
	assert_int_equal(uow_status(u), rc);
	uow_unit_free(u);
	return rc;
}

static void transaction_control_is_refused(void **state)
{
	static const char *const refused[] = {
		"COMMIT", "commit work", "  Rollback", "ROLLBACK TO sp",
		"BEGIN", "begin immediate", "START TRANSACTION",
		"SAVEPOINT x", "RELEASE SAVEPOINT x", "END", "abort",
		"SET TRANSACTION READ ONLY", "set local transaction x",
		"SET AUTOCOMMIT = 1", "-- words\nCOMMIT",
		"/* words */ COMMIT", "/**/--\n ;\t;COMMIT;",
		"PREPARE TRANSACTION 'x'", "COMMIT;", NULL
	};
	struct recorder *rec = *state;
	size_t i;

	for (i = 0; refused[i]; i++)
		assert_int_equal(exec_code(state, refused[i]), UOW_EINVAL);
	assert_null(strstr(fake_log(&rec->fake), "exec"));
}

static void other_statements_go_to_the_database(void **state)
{
	static const char *const fine[] = {
		"UPDATE t SET commit = 1", "SET x = 1", "COMMITMENT",
		"PREPARE x FROM y", "-- COMMIT\nDELETE FROM t",
		"/* COMMIT */ DELETE FROM t", "SET LOCAL x = 1",
		"ENDLESSLYLONGWORDTHATISNOTEND", NULL
	};
	size_t i;

	for (i = 0; fine[i]; i++)
		assert_int_equal(exec_code(state, fine[i]), 0);
}

static void no_statement_is_refused(void **state)
{
	assert_int_equal(exec_code(state, NULL), UOW_EINVAL);
	assert_int_equal(exec_code(state, ""), UOW_EINVAL);
	assert_int_equal(exec_code(state, " -- nothing"), UOW_EINVAL);
	assert_int_equal(exec_code(state, "/* open"), UOW_EINVAL);
}

static void announced_arguments_must_be_there(void **state)
{
	begin(state, 0);
	assert_int_equal(uow_exec(u, "DELETE", NULL, 2, NULL), UOW_EINVAL);
	uow_unit_free(u);
}

static void everything_is_flushed_before(void **state)
{
	struct recorder *rec = *state;
	struct note n = { 0, "x" };
	uint64_t affected = 0;

	begin(state, 0);
	uow_add(uow_repository_of(u, &note_entity), &n);
	assert_int_equal(uow_exec(u, "DELETE", NULL, 0, &affected), 0);
	assert_int_equal(affected, 1);
	assert_string_equal(fake_log(&rec->fake),
			    "begin; insert note 0; exec DELETE");
	uow_unit_free(u);
}

static void without_autoflush_nothing_is_flushed(void **state)
{
	struct recorder *rec = *state;
	struct note n = { 0, "x" };

	begin(state, 0);
	uow_autoflush(u, false);
	uow_add(uow_repository_of(u, &note_entity), &n);
	assert_int_equal(uow_exec(u, "DELETE", NULL, 0, NULL), 0);
	assert_string_equal(fake_log(&rec->fake), "begin; exec DELETE");
	uow_unit_free(u);
}

static void read_only_units_execute_nothing(void **state)
{
	struct recorder *rec = *state;
	uow_options o = UOW_OPTIONS_INIT;

	o.read_only = true;
	u = recorder_begin(rec, &o);
	assert_int_equal(uow_exec(u, "DELETE", NULL, 0, NULL), UOW_ESTATE);
	assert_string_equal(fake_log(&rec->fake), "begin");
	uow_unit_free(u);
	assert_int_equal(uow_exec(NULL, "DELETE", NULL, 0, NULL), UOW_ESTATE);
}

static void no_statement_after_the_deadline(void **state)
{
	struct recorder *rec = *state;
	uow_options o = UOW_OPTIONS_INIT;

	o.timeout_ms = 10;
	u = recorder_begin(rec, &o);
	rec->clock.now += 20000;
	assert_int_equal(uow_exec(u, "DELETE", NULL, 0, NULL), UOW_ETIMEOUT);
	assert_string_equal(fake_log(&rec->fake), "begin");
	uow_unit_free(u);
}

static void failed_statement_leaves_affected_alone(void **state)
{
	struct recorder *rec = *state;
	struct fake_fault fault = { FAKE_EXEC, 1, 1, UOW_ESQL,
				    OUTCOME_UNKNOWN, false, false };
	uint64_t affected = 7;

	begin(state, 0);
	fake_fail(&rec->fake, fault);
	assert_int_equal(uow_exec(u, "DELETE", NULL, 0, &affected), UOW_ESQL);
	assert_int_equal(affected, 7);
	assert_string_equal(uow_unit_error(u)->step, "SQL by hand");
	uow_unit_free(u);
}

static void rows_by_hand_become_objects(void **state)
{
	struct recorder *rec = *state;
	const uow_value arg = uow_int(3);
	struct item *known;
	uow_rows rows;

	begin(state, 3);
	known = uow_get(items, uow_id(2));
	known->quantity = 5;
	uow_autoflush(u, false);
	assert_int_equal(uow_find_sql(items, "SELECT ?", &arg, 1, &rows), 0);
	assert_int_equal(rows.count, 3);
	assert_ptr_equal(rows.items[1], known);
	assert_int_equal(known->quantity, 5);
	assert_string_equal(rec->sql, "SELECT ?");
	assert_int_equal(rec->value_count, 1);
	assert_true(rec->keys_accepted);
	uow_unit_free(u);
}

static void rows_of_keys_are_read_by_key_in_their_order(void **state)
{
	struct recorder *rec = *state;
	uow_rows rows;
	size_t i;

	begin(state, 102);
	uow_autoflush(u, false);
	uow_get(items, uow_id(1));
	uow_remove(items, uow_get(items, uow_id(2)));
	rec->key_counts[0] = '\0';
	rec->only_keys = true;
	assert_int_equal(uow_find_sql(items, "SELECT", NULL, 0, &rows), 0);
	assert_string_equal(rec->key_counts, "100 ");
	assert_int_equal(rows.count, 101);
	assert_int_equal(((struct item *)rows.items[0])->id, 1);
	for (i = 1; i < 101; i++) {
		const struct item *it = rows.items[i];

		assert_int_equal(it->id, (int64_t)i + 2);
		assert_int_equal(it->quantity, it->id * 10);
	}
	uow_unit_free(u);
}

static void failed_find_is_empty(void **state)
{
	uow_rows rows = { NULL, 7 };

	begin(state, 1);
	assert_int_equal(uow_find_sql(items, "COMMIT", NULL, 0, &rows),
			 UOW_EINVAL);
	assert_int_equal(rows.count, 0);
	rows.count = 7;
	assert_int_equal(uow_find_sql(NULL, "SELECT", NULL, 0, &rows),
			 UOW_ESTATE);
	assert_int_equal(rows.count, 0);
	uow_unit_free(u);
}

static int add_up(uow_unit *unit, const void *row, void *arg)
{
	(void)unit;
	*(int64_t *)arg += ((const struct item *)row)->quantity;
	return 0;
}

static void rows_by_hand_are_streamed(void **state)
{
	struct recorder *rec = *state;
	int64_t sum = 0;

	begin(state, 3);
	assert_int_equal(uow_each_sql(items, "SELECT", NULL, 0, add_up, &sum),
			 0);
	assert_int_equal(sum, 60);
	assert_false(rec->keys_accepted);
	assert_int_equal(items->entry_count, 0);
	assert_int_equal(uow_each_sql(NULL, "SELECT", NULL, 0, add_up, &sum),
			 UOW_ESTATE);
	assert_int_equal(uow_each_sql(items, "END", NULL, 0, add_up, &sum),
			 UOW_EINVAL);
	uow_unit_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDER_TEST(transaction_control_is_refused),
		RECORDER_TEST(other_statements_go_to_the_database),
		RECORDER_TEST(no_statement_is_refused),
		RECORDER_TEST(announced_arguments_must_be_there),
		RECORDER_TEST(everything_is_flushed_before),
		RECORDER_TEST(without_autoflush_nothing_is_flushed),
		RECORDER_TEST(read_only_units_execute_nothing),
		RECORDER_TEST(no_statement_after_the_deadline),
		RECORDER_TEST(failed_statement_leaves_affected_alone),
		RECORDER_TEST(rows_by_hand_become_objects),
		RECORDER_TEST(rows_of_keys_are_read_by_key_in_their_order),
		RECORDER_TEST(failed_find_is_empty),
		RECORDER_TEST(rows_by_hand_are_streamed),
	};

	return cmocka_run_group_tests_name("sql", tests, NULL, NULL);
}
