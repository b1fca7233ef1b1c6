/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* SQL by hand. */

static void store(struct fixture *f, int count)
{
	struct account a;
	uow_unit *u;
	int i;

	tables(f, &account_entity, &plain_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	for (i = 0; i < count; i++) {
		a.id = i + 1;
		strcpy(a.owner, i % 2 ? "bob" : "ann");
		a.balance = i;
		need(u, account_add(account_repository_of(u), &a));
	}
	commit(u);
}

static void exec_counts_the_rows_it_changed(void **state)
{
	struct fixture *f = *state;
	uow_value args[2];
	uint64_t n = 99;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 5);
	u = begin(f);
	args[0] = uow_text("zoe");
	args[1] = uow_text("bob");
	must(u, uow_exec(u, "UPDATE accounts SET owner = ? WHERE owner = ?",
			 args, 2, &n));
	assert_int_equal(n, 2);
	must(u, uow_exec(u, "UPDATE accounts SET owner = ? WHERE owner = ?",
			 args, 2, &n));
	assert_int_equal(n, 0);
	must(u, uow_exec(u, "DELETE FROM accounts WHERE owner = ?", args, 1,
			 NULL));
	commit(u);
	assert_int_equal(rows_in(f, &account_entity), 3);
}

/* Arguments of all types arrive as mapped values do. */
static void arguments_of_all_types_are_bound(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {
		"b", "i16", "i32", "i64", "f", "d", "chars", "body", "on_day",
		"at_time", "stamp", "guid",
	};
	struct types t;
	char sql[100];
	uow_rows rows;
	uow_value v[12];
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_SQL);
	tables(f, &types_entity, NULL);
	types_sample(&t, 1);
	t.f = 0.5f;	/* as a double argument it must be the same number */
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &types_entity), &t));
	v[0] = uow_bool(t.b);
	v[1] = uow_int(t.i16);
	v[2] = uow_int(t.i32);
	v[3] = uow_int(t.i64);
	v[4] = uow_real(t.f);
	v[5] = uow_real(t.d);
	v[6] = uow_text(t.chars);
	v[7] = uow_text(t.text);
	v[8] = uow_day(t.date);
	v[9] = uow_clock_time(t.time);
	v[10] = uow_stamp(t.stamp);
	v[11] = uow_guid(t.uuid);
	for (i = 0; i < 12; i++) {
		if (!strcmp(names[i], "body") &&
		    f->backend->flags & BACKEND_DIES_OF_LONG)
			continue;
		strcpy(sql, "SELECT * FROM alltypes WHERE ");
		strcat(sql, names[i]);
		strcat(sql, " = ?");
		must(u, uow_find_sql(uow_repository_of(u, &types_entity), sql,
				     &v[i], 1, &rows));
		if (rows.count != 1)
			fail_msg("not found by %s", names[i]);
	}
	commit(u);
}

static void null_and_blob_arguments_are_bound(void **state)
{
	struct fixture *f = *state;
	struct types t, *got;
	uow_value v[2];
	uow_unit *u;

	needs(f, BACKEND_SQL);
	tables(f, &types_entity, NULL);
	types_sample(&t, 1);
	u = begin(f);
	got = need(u, uow_add(uow_repository_of(u, &types_entity), &t));
	v[0] = uow_null();
	v[1] = uow_blob("\0\1\0", 3);
	must(u, uow_exec(u, "UPDATE alltypes SET body = ?, bytes = ?", v, 2,
			 NULL));
	must(u, uow_refresh(uow_repository_of(u, &types_entity), got));
	assert_null(got->text);
	assert_int_equal(got->bytes.size, 3);
	assert_memory_equal(got->bytes.data, "\0\1\0", 3);
	v[1] = uow_blob("", 0);
	must(u, uow_exec(u, "UPDATE alltypes SET body = ?, bytes = ?", v, 2,
			 NULL));
	must(u, uow_refresh(uow_repository_of(u, &types_entity), got));
	assert_non_null(got->bytes.data);
	commit(u);
}

/* Rows become objects of the unit. */
static void find_sql_gives_objects_of_the_unit(void **state)
{
	struct fixture *f = *state;
	account_repository *r;
	struct account *a;
	uow_value v = uow_text("bob");
	uow_rows rows;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 5);
	u = begin(f);
	r = account_repository_of(u);
	a = need(u, account_get(r, 2));
	must(u, account_find_sql(r, "SELECT version, remark, balance, owner, "
				 "id, 5 AS more FROM accounts "
				 "WHERE owner = ? ORDER BY id DESC",
				 &v, 1, &rows));
	assert_int_equal(rows.count, 2);
	assert_ptr_equal(account_at(&rows, 1), a);
	assert_int_equal(account_at(&rows, 0)->id, 4);
	account_at(&rows, 0)->balance = 44;
	must(u, account_find_sql(r, "SELECT * FROM accounts WHERE id > 77",
				 NULL, 0, &rows));
	assert_int_equal(rows.count, 0);
	commit(u);
	u = begin(f);
	a = need(u, account_get(account_repository_of(u), 4));
	assert_int_equal(a->balance, 44);
	assert_int_equal(a->version, 2);
	commit(u);
}

/* It flushes everything first, and what the unit holds wins. */
static void find_sql_sees_pending_changes_of_all_tables(void **state)
{
	struct fixture *f = *state;
	struct plain p, *held;
	uow_rows rows;
	uow_unit *u;
	uint64_t n = 0;

	needs(f, BACKEND_SQL);
	store(f, 1);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	u = begin(f);
	held = need(u, plain_add(plain_repository_of(u), &p));
	must(u, account_find_sql(account_repository_of(u),
				 "SELECT accounts.* FROM accounts, plains",
				 NULL, 0, &rows));
	assert_int_equal(rows.count, 1);
	held->amount = 8;
	must(u, uow_exec(u, "DELETE FROM plains WHERE amount = 8", NULL, 0,
			 &n));
	assert_int_equal(n, 1);
	commit(u);
}

static int count_rows(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	*(int64_t *)arg += ((const struct account *)row)->balance;
	return 0;
}

static void each_sql_streams_rows(void **state)
{
	struct fixture *f = *state;
	uow_value v = uow_text("ann");
	int64_t sum = 0;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 5);
	u = begin(f);
	must(u, account_each_sql(account_repository_of(u),
				 "SELECT * FROM accounts WHERE owner = ?", &v,
				 1, count_rows, &sum));
	assert_int_equal(sum, 0 + 2 + 4);
	commit(u);
}

static int count_types(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)row;
	++*(int *)arg;
	return 0;
}

/* Where a column is read through an expression it says so; never wrong. */
static void each_sql_of_all_types_is_right_or_refused(void **state)
{
	struct fixture *f = *state;
	struct types t;
	uow_unit *u;
	int n = 0, rc;

	needs(f, BACKEND_SQL);
	tables(f, &types_entity, NULL);
	types_sample(&t, 1);
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &types_entity), &t));
	rc = uow_each_sql(uow_repository_of(u, &types_entity),
			  "SELECT * FROM alltypes", NULL, 0, count_types, &n);
	if (rc)
		must_fail(u, rc, UOW_EDATA);
	assert_int_equal(n, rc ? 0 : 1);
	uow_unit_free(u);
}

static void a_mapped_column_that_is_missing_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t sum = 0;
	uow_rows rows;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 1);
	u = begin(f);
	must_fail(u, account_find_sql(account_repository_of(u),
		"SELECT id, owner, balance, version FROM accounts", NULL, 0,
		&rows), UOW_EDATA);
	contains(uow_unit_error(u)->message, "remark");
	assert_int_equal(rows.count, 0);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, account_each_sql(account_repository_of(u),
		"SELECT owner, balance, version, remark FROM accounts", NULL,
		0, count_rows, &sum), UOW_EDATA);
	contains(uow_unit_error(u)->message, "id");
	uow_unit_free(u);
	u = begin(f);		/* no rows at all */
	must_fail(u, account_find_sql(account_repository_of(u),
		"DELETE FROM accounts", NULL, 0, &rows), UOW_EDATA);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &account_entity), 1);
}

/* The unit ends its transaction, nobody else. */
static void statements_that_end_the_transaction_are_refused(void **state)
{
	static const char *const texts[] = {
		"COMMIT", "  commit", "ROLLBACK", "rollback;", "BEGIN",
		"begin immediate", "/* now */ COMMIT", "-- now\nCOMMIT",
		"/* a */ -- b\n /* c */ Rollback work", "START TRANSACTION",
		"END", "\n\tCommit\n", "COMMIT;", ";COMMIT",
		"SAVEPOINT x", "RELEASE x", "ROLLBACK TO x",
	};
	struct fixture *f = *state;
	struct plain p;
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_SQL);
	store(f, 1);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		u = begin(f);
		need(u, plain_add(plain_repository_of(u), &p));
		must(u, uow_flush(u));
		code_(uow_exec(u, texts[i], NULL, 0, NULL), UOW_EINVAL,
		      uow_unit_error(u), texts[i], __FILE__, __LINE__);
		uow_unit_free(u);
		assert_int_equal(rows_in(f, &plain_entity), 0);
	}
}

/* A column or table that only looks like it is none of that. */
static void statements_that_only_look_like_it_are_run(void **state)
{
	struct fixture *f = *state;
	uow_value v = uow_text("COMMIT");
	uint64_t n = 0;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 1);
	u = begin(f);
	must(u, uow_exec(u, "SELECT owner AS committed FROM accounts", NULL,
			 0, NULL));
	must(u, uow_exec(u, "UPDATE accounts SET owner = ? /* COMMIT */", &v,
			 1, &n));
	must(u, uow_exec(u, "-- COMMIT or not\nUPDATE accounts "
			 "SET owner = 'ROLLBACK'", NULL, 0, &n));
	assert_int_equal(n, 1);
	commit(u);
}

/* 132: what went wrong is the failing statement's, also after rollback */
static void a_rejected_statement_says_why(void **state)
{
	struct fixture *f = *state;
	uow_error err;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 1);
	u = begin(f);
	must_fail(u, uow_exec(u, "UPDATE acounts SET owner = 'secret'", NULL,
			      0, NULL), UOW_ESQL);
	contains(uow_unit_error(u)->message, "acounts");
	assert_true(uow_unit_error(u)->sqlstate[0]);
	assert_int_equal(uow_unit_error(u)->row, -1);
	err = *uow_unit_error(u);
	assert_int_equal(uow_commit(u), UOW_ESQL);
	assert_memory_equal(&err, uow_unit_error(u), sizeof(err));
	uow_rollback(u);
	contains(uow_unit_error(u)->message, "acounts");
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, uow_exec(u, "SELEKT 1", NULL, 0, NULL), UOW_ESQL);
	if (!(f->backend->flags & BACKEND_TERSE))
		contains(uow_unit_error(u)->message, "SELEKT");
	uow_unit_free(u);
}

static void arguments_must_match_the_markers(void **state)
{
	struct fixture *f = *state;
	uow_value v[3];
	uow_unit *u;
	int i;

	needs(f, BACKEND_SQL);
	store(f, 1);
	v[0] = v[1] = v[2] = uow_int(1);
	for (i = 0; i < 3; i++) {
		if (i == 1)
			continue;
		u = begin(f);
		uow_exec(u, "UPDATE accounts SET owner = ?", v, (size_t)i,
			 NULL);
		assert_true(uow_status(u) < 0);
		assert_false(uow_code_is_transient(uow_status(u)));
		uow_unit_free(u);
	}
	u = begin(f);
	must_fail(u, uow_exec(u, "UPDATE accounts SET owner = ?", NULL, 1,
			      NULL), UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, uow_exec(u, NULL, NULL, 0, NULL), UOW_EINVAL);
	uow_unit_free(u);
}

/* Two statements in one text: both or neither, never the first alone. */
static void two_statements_in_one_text_are_not_half_done(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;
	int rc;

	needs(f, BACKEND_SQL);
	store(f, 2);
	u = begin(f);
	rc = uow_exec(u, "DELETE FROM accounts WHERE id = 1; "
		      "DELETE FROM accounts WHERE id = 2", NULL, 0, NULL);
	if (rc) {
		assert_true(uow_commit(u) < 0);
		uow_unit_free(u);
	} else {
		commit(u);
	}
	assert_int_equal(rows_in(f, &account_entity), rc ? 2 : 0);
}

/* A constraint that SQL by hand breaks has the same code. */
static void a_constraint_broken_by_hand_has_its_code(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	tables(f, &region_entity, &city_entity, NULL);
	u = begin(f);
	must_fail(u, uow_exec(u, "INSERT INTO cities (region, name) "
			      "VALUES (99, 'x')", NULL, 0, NULL),
		  UOW_ECONSTRAINT);
	uow_unit_free(u);
	u = begin(f);
	must_fail(u, uow_exec(u, "INSERT INTO regions (id, name) "
			      "VALUES (1, NULL)", NULL, 0, NULL),
		  UOW_ECONSTRAINT);
	uow_unit_free(u);
	u = begin(f);
	must(u, uow_exec(u, "INSERT INTO regions (id, name) VALUES (1, 'x')",
			 NULL, 0, NULL));
	must_fail(u, uow_exec(u, "INSERT INTO regions (id, name) "
			      "VALUES (1, 'x')", NULL, 0, NULL),
		  UOW_EDUPLICATE);
	uow_unit_free(u);
}

/* A query by exec: its rows are dropped, nothing stays open. */
static void a_query_by_exec_leaves_nothing_open(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	store(f, 3);
	u = begin(f);
	must(u, uow_exec(u, "SELECT * FROM accounts", NULL, 0, NULL));
	must(u, uow_exec(u, "SELECT * FROM accounts", NULL, 0, NULL));
	commit(u);
	o.simple = true;
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, "SELECT * FROM accounts", NULL, 0, NULL));
	must(u, uow_exec(u, "DROP TABLE plains", NULL, 0, NULL));
	commit(u);
}

static const struct CMUnitTest sql_cases[] = {
	CASE(exec_counts_the_rows_it_changed),
	CASE(arguments_of_all_types_are_bound),
	CASE(null_and_blob_arguments_are_bound),
	CASE(find_sql_gives_objects_of_the_unit),
	CASE(find_sql_sees_pending_changes_of_all_tables),
	CASE(each_sql_streams_rows),
	CASE(each_sql_of_all_types_is_right_or_refused),
	CASE(a_mapped_column_that_is_missing_is_named),
	CASE(statements_that_end_the_transaction_are_refused),
	CASE(statements_that_only_look_like_it_are_run),
	CASE(a_rejected_statement_says_why),
	CASE(arguments_must_match_the_markers),
	CASE(two_statements_in_one_text_are_not_half_done),
	CASE(a_constraint_broken_by_hand_has_its_code),
	CASE(a_query_by_exec_leaves_nothing_open),
};
TOPIC(sql, "sql");
