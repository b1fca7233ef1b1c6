/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drivers that cannot do what a unit needs: what the library says of them, and
 * what can be done all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uow/uow.h>

struct thing {
	int64_t id;
	char label[21];
};

static const uow_column columns[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_CHARS(struct thing, label, "label", 0),
};
static const uow_entity thing_entity =
	UOW_ENTITY(struct thing, "things", columns);

static int try_stub(uow_db **db, const char *options, uow_error *err)
{
	const char *folder = getenv("abs_builddir");
	char connection[1200], cwd[512];

	if (!folder)
		folder = getcwd(cwd, sizeof(cwd));
	snprintf(connection, sizeof(connection),
		 "DRIVER=%s/tests/stub/.libs/stub.so;%s", folder, options);
	return uow_db_open_simple(db, connection, err);
}

static uow_db *open_stub(const char *options)
{
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;

	if (try_stub(&db, options, &err))
		fail_msg("%s", err.message);
	return db;
}

/* A server that is just going: there are drivers that have no words for it. */
static void a_login_that_fails_without_a_word_may_be_tried_again(void **state)
{
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;

	(void)state;
	assert_int_equal(try_stub(&db, "Rows=3;Login=mute", &err),
			 UOW_ECONNECT);
	assert_null(db);
	assert_string_equal(err.step, "CONNECT");
}

static const uow_query *all_rows(void)
{
	static uow_query q = UOW_QUERY_INIT;

	q.where = uow_all();
	return &q;
}

static uow_unit *begin_simple(uow_db *db)
{
	uow_options opts = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	opts.simple = true;
	if (uow_begin(&u, db, &opts, &err))
		fail_msg("%s", err.message);
	return u;
}

static void assert_says(uow_unit *u, int code, const char *words)
{
	assert_int_equal(uow_status(u), code);
	if (!strstr(uow_unit_error(u)->message, words))
		fail_msg("%s", uow_unit_error(u)->message);
}

static void no_transactions_no_unit(void **state)
{
	uow_db *db = open_stub("Rows=3");
	uow_error err = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	(void)state;
	assert_false(uow_db_has(db, UOW_FEATURE_TRANSACTIONS));
	assert_int_equal(uow_begin(&u, db, NULL, &err), UOW_ENOTSUP);
	assert_null(u);
	assert_non_null(strstr(err.message, "has no transactions"));
	uow_db_free(db);
}

static void simple_units_read(void **state)
{
	uow_db *db = open_stub("Rows=3");
	uow_unit *u = begin_simple(db);
	uow_repository *r = uow_repository_of(u, &thing_entity);
	struct thing *t = uow_get(r, uow_id(2));
	uow_rows rows;
	uint64_t n = 0;

	(void)state;
	assert_non_null(t);
	assert_string_equal(t->label, "row 2");
	assert_null(uow_lookup(r, uow_id(9)));
	assert_int_equal(uow_find(r, all_rows(), &rows), 0);
	assert_int_equal(rows.count, 3);
	assert_int_equal(uow_count(r, uow_eq(u, "id", uow_int(3)), &n), 0);
	assert_int_equal(n, 1);
	uow_unit_free(u);
	uow_db_free(db);
}

/* The first row that comes back would be anybody's account. */
static void ignored_arguments_are_found_out_before_a_read(void **state)
{
	static const char *const drivers[] = {
		"Rows=3;Params=ignored", "Rows=1;Params=ignored",
		"Rows=3;Params=null"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		uow_db *db = open_stub(drivers[i]);
		uow_unit *u = begin_simple(db);
		uow_repository *r = uow_repository_of(u, &thing_entity);

		assert_null(uow_lookup(r, uow_id(1)));
		assert_says(u, UOW_ENOTSUP, "does not use the arguments");
		uow_unit_free(u);
		uow_db_free(db);
	}
}

static void what_needs_no_arguments_is_read_all_the_same(void **state)
{
	uow_db *db = open_stub("Rows=3;Params=ignored");
	uow_unit *u = begin_simple(db);
	uow_rows rows;

	(void)state;
	assert_int_equal(uow_find(uow_repository_of(u, &thing_entity),
				  all_rows(), &rows), 0);
	assert_int_equal(rows.count, 3);
	assert_string_equal(((struct thing *)rows.items[2])->label, "row 3");
	uow_unit_free(u);
	uow_db_free(db);
}

static void insert(uow_db *db, int code, const char *words, uint64_t rows)
{
	const struct thing t = { 7, "seven" };
	uow_unit *u = begin_simple(db);
	uow_repository *r = uow_repository_of(u, &thing_entity);
	uint64_t n = 0;

	assert_non_null(uow_add(r, &t));
	assert_int_equal(uow_flush(u), code);
	if (code)
		assert_says(u, code, words);
	uow_unit_free(u);
	u = begin_simple(db);
	assert_int_equal(uow_count(uow_repository_of(u, &thing_entity),
				   uow_all(), &n), 0);
	assert_int_equal(n, rows);
	uow_unit_free(u);
}

static void ignored_arguments_are_found_out_before_a_write(void **state)
{
	static const struct {
		const char *driver, *words;
		uint64_t rows;
	} cases[] = {
		{ "Rows=3;Params=ignored", "does not use the arguments", 3 },
		{ "Rows=0;Having=yes;Params=ignored",
		  "does not use the arguments", 0 },
		{ "Rows=0;Having=yes;Params=null",
		  "does not use the arguments", 0 },
		{ "Rows=0;Having=no;Params=used",
		  "could not be tried out: syntax error near HAVING", 0 },
	};
	size_t i;
	uow_db *db;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		db = open_stub(cases[i].driver);
		insert(db, UOW_ENOTSUP, cases[i].words, cases[i].rows);
		uow_db_free(db);
	}
}

static void used_arguments_let_a_simple_unit_write(void **state)
{
	uow_db *db = open_stub("Rows=0;Having=yes");
	uow_unit *u;

	(void)state;
	insert(db, 0, NULL, 1);
	u = begin_simple(db);
	assert_non_null(uow_get(uow_repository_of(u, &thing_entity),
				uow_id(7)));
	uow_unit_free(u);
	uow_db_free(db);
}

static void sql_by_hand_waits_for_the_proof(void **state)
{
	uow_db *db = open_stub("Rows=3");
	const uow_value args[] = { uow_int(1) };
	uow_unit *u = begin_simple(db);

	(void)state;
	assert_int_equal(uow_exec(u, "DELETE FROM x WHERE id = ?", args, 1,
				  NULL), UOW_ENOTSUP);
	assert_says(u, UOW_ENOTSUP, "does not know whether");
	uow_unit_free(u);
	u = begin_simple(db);
	assert_non_null(uow_get(uow_repository_of(u, &thing_entity),
				uow_id(1)));
	assert_int_equal(uow_exec(u, "DELETE FROM x WHERE id = ?", args, 1,
				  NULL), 0);
	uow_unit_free(u);
	uow_db_free(db);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_transactions_no_unit),
		cmocka_unit_test(
			a_login_that_fails_without_a_word_may_be_tried_again),
		cmocka_unit_test(simple_units_read),
		cmocka_unit_test(ignored_arguments_are_found_out_before_a_read),
		cmocka_unit_test(what_needs_no_arguments_is_read_all_the_same),
		cmocka_unit_test(
			ignored_arguments_are_found_out_before_a_write),
		cmocka_unit_test(used_arguments_let_a_simple_unit_write),
		cmocka_unit_test(sql_by_hand_waits_for_the_proof),
	};

	return cmocka_run_group_tests_name("stub", tests, NULL, NULL);
}
