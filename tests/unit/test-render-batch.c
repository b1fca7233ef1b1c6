/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dialect/render.h"

struct thing {
	int64_t id, version;
	double size;
};

static const uow_column thing_columns[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_INT64(struct thing, version, "version", UOW_ROW_VERSION),
	UOW_DOUBLE(struct thing, size, "size", 0)
};
static const uow_entity thing_entity =
	UOW_ENTITY(struct thing, "thing", thing_columns);

struct pair {
	int64_t a, b, c;
};

static const uow_column pair_columns[] = {
	UOW_INT64(struct pair, a, "a", UOW_KEY),
	UOW_INT64(struct pair, b, "b", UOW_KEY),
	UOW_INT64(struct pair, c, "c", 0)
};
static const uow_entity pair_entity =
	UOW_ENTITY_IN(struct pair, "s", "pair", pair_columns);

enum { ID, VERSION, SIZE };

static struct {
	struct profile p;
	struct type_form whole, real;
	const struct type_form *forms[3];
	struct mapping *thing, *pair;
	struct shape s;
	struct sql_text out;
	bool returning;
	uow_error err;
} d;

static int make(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	d.p.name = (char *)"test";
	d.whole.cast = (char *)"BIGINT";
	d.real.cast = (char *)"REAL";
	d.real.write = (char *)"w({value})";
	d.forms[ID] = d.forms[VERSION] = &d.whole;
	d.forms[SIZE] = &d.real;
	if (mapping_new(&d.thing, &thing_entity, &d.err) ||
	    mapping_new(&d.pair, &pair_entity, &d.err))
		return -1;
	d.s.mapping = d.thing;
	return 0;
}

static int drop(void **state)
{
	(void)state;
	sql_text_release(&d.out);
	mapping_free(d.thing);
	mapping_free(d.pair);
	return 0;
}

static void expect(enum strategy strategy, size_t rows, const char *sql)
{
	struct batch_form f;

	sql_text_release(&d.out);
	assert_true(render_batch_fits(&d.p, &d.s, d.forms, strategy));
	f.strategy = strategy;
	f.rows = rows;
	f.returning = d.returning;
	if (render_batch(&d.p, &d.s, d.forms, &f, &d.out, &d.err))
		fail_msg("%s", d.err.message);
	assert_string_equal(d.out.sql, sql);
}

static void expect_param(size_t i, enum param_source source, unsigned column,
			 size_t index)
{
	assert_true(i < d.out.param_count);
	assert_int_equal(d.out.params[i].source, source);
	assert_int_equal(d.out.params[i].column, column);
	assert_int_equal(d.out.params[i].index, index);
}

static void set(enum shape_op op, bool versioned, unsigned a, unsigned b)
{
	d.s.op = op;
	d.s.versioned = versioned;
	columns_add(&d.s.set, a);
	columns_add(&d.s.set, b);
}

static void values_repeats_the_rows(void **state)
{
	(void)state;
	set(SHAPE_INSERT, false, ID, SIZE);
	expect(STRATEGY_VALUES, 2, "INSERT INTO \"thing\" (\"id\", \"size\") "
	       "VALUES (?, w(?)), (?, w(?))");
	assert_int_equal(d.out.param_count, 4);
	expect_param(1, PARAM_NOW, SIZE, 0);
	expect_param(2, PARAM_NOW, ID, 1);
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_VALUES), 2);
}

static void nothing_to_set_is_no_list(void **state)
{
	(void)state;
	d.s.op = SHAPE_INSERT;
	assert_false(render_batch_fits(&d.p, &d.s, d.forms, STRATEGY_VALUES));
}

static void join_matches_key_and_version(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, true, VERSION, SIZE);
	d.whole.cast = d.real.cast = NULL;
	expect(STRATEGY_JOIN, 2, "UPDATE \"thing\" SET "
	       "\"version\" = uow_rows.column3, "
	       "\"size\" = w(uow_rows.column4) "
	       "FROM (VALUES (?, ?, ?, ?), (?, ?, ?, ?)) AS uow_rows "
	       "WHERE \"thing\".\"id\" = uow_rows.column1 "
	       "AND \"thing\".\"version\" = uow_rows.column2");
	expect_param(4, PARAM_KEY, ID, 1);
	expect_param(5, PARAM_WAS, VERSION, 1);
	expect_param(6, PARAM_NOW, VERSION, 1);
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_JOIN), 4);
}

static void join_casts_where_it_is_told_to(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, false, SIZE, SIZE);
	expect(STRATEGY_JOIN, 1, "UPDATE \"thing\" SET "
	       "\"size\" = w(uow_rows.column2) FROM (VALUES "
	       "(CAST(? AS BIGINT), CAST(? AS REAL))) AS uow_rows "
	       "WHERE \"thing\".\"id\" = uow_rows.column1");
}

static void unnest_has_one_parameter_for_a_column(void **state)
{
	(void)state;
	set(SHAPE_INSERT, false, ID, SIZE);
	expect(STRATEGY_UNNEST, 500, "INSERT INTO \"thing\" "
	       "(\"id\", \"size\") SELECT uow_rows.column1, "
	       "w(uow_rows.column2) FROM unnest(CAST(? AS BIGINT[]), "
	       "CAST(? AS REAL[])) WITH ORDINALITY AS "
	       "uow_rows(column1, column2, position) "
	       "ORDER BY uow_rows.position");
	assert_int_equal(d.out.param_count, 2);
	expect_param(1, PARAM_NOW, SIZE, 0);
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_UNNEST), 0);
	d.real.cast = NULL;
	assert_false(render_batch_fits(&d.p, &d.s, d.forms, STRATEGY_UNNEST));
}

static void unnest_updates_and_deletes(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, true, SIZE, SIZE);
	expect(STRATEGY_UNNEST, 5, "UPDATE \"thing\" SET "
	       "\"size\" = w(uow_rows.column3) FROM "
	       "unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[]), "
	       "CAST(? AS REAL[])) AS uow_rows(column1, column2, column3) "
	       "WHERE \"thing\".\"id\" = uow_rows.column1 "
	       "AND \"thing\".\"version\" = uow_rows.column2");
	d.s.op = SHAPE_DELETE;
	expect(STRATEGY_UNNEST, 5, "DELETE FROM \"thing\" USING "
	       "unnest(CAST(? AS BIGINT[]), CAST(? AS BIGINT[])) AS "
	       "uow_rows(column1, column2) "
	       "WHERE \"thing\".\"id\" = uow_rows.column1 "
	       "AND \"thing\".\"version\" = uow_rows.column2");
}

static void case_chooses_by_key(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, true, SIZE, SIZE);
	d.p.tuples = TUPLES_LIST;
	expect(STRATEGY_CASE, 2, "UPDATE \"thing\" SET \"size\" = CASE "
	       "WHEN \"id\" = ? THEN w(?) WHEN \"id\" = ? THEN w(?) END "
	       "WHERE (\"id\", \"version\") IN ((?, ?), (?, ?))");
	expect_param(2, PARAM_KEY, ID, 1);
	expect_param(3, PARAM_NOW, SIZE, 1);
	expect_param(7, PARAM_WAS, VERSION, 1);
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_CASE), 4);
}

static void case_counts_a_compared_version_up(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, true, SIZE, VERSION);
	d.p.tuples = TUPLES_LIST;
	expect(STRATEGY_CASE, 1, "UPDATE \"thing\" SET "
	       "\"version\" = \"version\" + 1, "
	       "\"size\" = CASE WHEN \"id\" = ? THEN w(?) END "
	       "WHERE (\"id\", \"version\") IN ((?, ?))");
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_CASE), 4);
	d.s.versioned = false;
	expect(STRATEGY_CASE, 1, "UPDATE \"thing\" SET "
	       "\"version\" = CASE WHEN \"id\" = ? THEN CAST(? AS BIGINT) END, "
	       "\"size\" = CASE WHEN \"id\" = ? THEN w(?) END "
	       "WHERE \"id\" IN (?)");
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_CASE), 5);
}

static void in_takes_keys_or_tuples(void **state)
{
	(void)state;
	d.s.op = SHAPE_DELETE;
	expect(STRATEGY_IN, 3, "DELETE FROM \"thing\" WHERE \"id\" IN "
	       "(?, ?, ?)");
	d.s.versioned = true;
	expect(STRATEGY_IN, 2, "DELETE FROM \"thing\" WHERE "
	       "(\"id\" = ? AND \"version\" = ?) OR "
	       "(\"id\" = ? AND \"version\" = ?)");
	d.p.tuples = TUPLES_LIST;
	expect(STRATEGY_IN, 2, "DELETE FROM \"thing\" WHERE "
	       "(\"id\", \"version\") IN ((?, ?), (?, ?))");
	expect_param(3, PARAM_WAS, VERSION, 1);
	d.p.row_id = (char *)"rowid";
	d.whole.cast = NULL;
	expect(STRATEGY_IN, 2, "DELETE FROM \"thing\" WHERE rowid IN "
	       "(SELECT \"thing\".rowid FROM (VALUES (?, ?), (?, ?)) AS "
	       "uow_rows JOIN \"thing\" ON \"thing\".\"id\" = "
	       "uow_rows.column1 AND \"thing\".\"version\" = "
	       "uow_rows.column2)");
	expect_param(3, PARAM_WAS, VERSION, 1);
}

static void arrays_repeat_a_row_of_one(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, true, SIZE, SIZE);
	expect(STRATEGY_ARRAY, 1, "UPDATE \"thing\" SET \"size\" = w(?) "
	       "WHERE (\"id\" = ? AND \"version\" = ?)");
	expect_param(2, PARAM_WAS, VERSION, 0);
	d.s.op = SHAPE_DELETE;
	expect(STRATEGY_ARRAY, 1, "DELETE FROM \"thing\" "
	       "WHERE (\"id\" = ? AND \"version\" = ?)");
}

static void returning_gives_keys_and_what_was_made(void **state)
{
	(void)state;
	set(SHAPE_INSERT, false, SIZE, SIZE);
	columns_add(&d.s.returned, ID);
	columns_add(&d.s.returned, VERSION);
	d.returning = true;
	expect(STRATEGY_VALUES, 1, "INSERT INTO \"thing\" (\"size\") VALUES "
	       "(w(?)) RETURNING \"thing\".\"id\", "
	       "\"thing\".\"version\"");
	assert_int_equal(d.out.column_count, 2);
	d.s.op = SHAPE_DELETE;
	memset(&d.s.returned, 0, sizeof(d.s.returned));
	expect(STRATEGY_IN, 2, "DELETE FROM \"thing\" WHERE \"id\" IN "
	       "(?, ?) RETURNING \"thing\".\"id\"");
	assert_int_equal(d.out.columns[0], ID);
}

static void keys_of_two_columns_match_by_both(void **state)
{
	(void)state;
	d.s.mapping = d.pair;
	d.forms[SIZE] = &d.whole;
	set(SHAPE_UPDATE, false, 2, 2);
	expect(STRATEGY_UNNEST, 2, "UPDATE \"s\".\"pair\" SET "
	       "\"c\" = uow_rows.column3 FROM unnest(CAST(? AS BIGINT[]), "
	       "CAST(? AS BIGINT[]), CAST(? AS BIGINT[])) AS "
	       "uow_rows(column1, column2, column3) "
	       "WHERE \"pair\".\"a\" = uow_rows.column1 "
	       "AND \"pair\".\"b\" = uow_rows.column2");
	expect(STRATEGY_CASE, 1, "UPDATE \"s\".\"pair\" SET \"c\" = CASE "
	       "WHEN \"a\" = ? AND \"b\" = ? THEN CAST(? AS BIGINT) END "
	       "WHERE (\"a\" = ? AND \"b\" = ?)");
	assert_int_equal(render_batch_markers(&d.s, STRATEGY_CASE), 5);
}

static void together(const struct shape *other,
		     const struct type_form *const *forms, const char *sql)
{
	const struct shape *shapes[2] = { &d.s, other };
	const struct type_form *const *both[2] = { d.forms, forms };

	sql_text_release(&d.out);
	if (render_together(&d.p, shapes, both, 2, &d.out, &d.err))
		fail_msg("%s", d.err.message);
	assert_string_equal(d.out.sql, sql);
	assert_int_equal(d.out.column_count, 1);
	assert_int_equal(d.out.columns[0], ID);
	expect_param(0, PARAM_NOW, SIZE, 0);
	expect_param(1, PARAM_NOW, 2, 1);
	expect_param(2, PARAM_KEY, 0, 1);
}

static void unlike_rows_are_counted_each_by_itself(void **state)
{
	const struct type_form *forms[3];
	struct shape other;

	(void)state;
	forms[0] = forms[1] = forms[2] = &d.whole;
	d.s.op = SHAPE_INSERT;
	columns_add(&d.s.set, SIZE);
	columns_add(&d.s.returned, ID);
	memset(&other, 0, sizeof(other));
	other.mapping = d.pair;
	other.op = SHAPE_UPDATE;
	columns_add(&other.set, 2);
	d.p.together = TOGETHER_WITH;
	together(&other, forms, "WITH uow_1 AS (INSERT INTO \"thing\" "
		 "(\"size\") VALUES (w(?)) RETURNING 1, "
		 "\"thing\".\"id\" AS column1), uow_2 AS (UPDATE "
		 "\"s\".\"pair\" SET \"c\" = ? WHERE \"a\" = ? AND "
		 "\"b\" = ? RETURNING 1) SELECT "
		 "(SELECT column1 FROM uow_1), "
		 "concat_ws(' ', (SELECT count(*) FROM uow_1), "
		 "(SELECT count(*) FROM uow_2))");
	d.p.together = TOGETHER_BLOCK;
	together(&other, forms, "BEGIN NOT ATOMIC DECLARE uow_1, uow_key_1, "
		 "uow_2 BIGINT; DO LAST_INSERT_ID(0); INSERT INTO \"thing\" "
		 "(\"size\") VALUES (w(?)); SET uow_1 = ROW_COUNT(), "
		 "uow_key_1 = LAST_INSERT_ID(); UPDATE \"s\".\"pair\" SET "
		 "\"c\" = ? WHERE \"a\" = ? AND \"b\" = ?; "
		 "SET uow_2 = ROW_COUNT(); SELECT uow_key_1, "
		 "CONCAT_WS(' ', uow_1, uow_2); END");
}

/* Nothing comes back from it, so it ends where a row was missed. */
static void a_block_that_makes_nothing_gives_no_row(void **state)
{
	const struct shape *shapes[2] = { &d.s, &d.s };
	const struct type_form *const *both[2] = { d.forms, d.forms };

	(void)state;
	d.p.together = TOGETHER_BLOCK;
	d.s.op = SHAPE_INSERT;
	columns_add(&d.s.set, SIZE);
	assert_false(render_together_asks(&d.p, shapes, 2));
	assert_int_equal(render_together(&d.p, shapes, both, 2, &d.out,
					 &d.err), 0);
	assert_string_equal(d.out.sql, "BEGIN NOT ATOMIC "
		"INSERT INTO \"thing\" (\"size\") VALUES (w(?)); "
		"IF ROW_COUNT() <> 1 THEN BEGIN "
		"DECLARE uow BIGINT DEFAULT ROW_COUNT(); "
		"SIGNAL SQLSTATE 'UOW01' SET MESSAGE_TEXT = uow; "
		"END; END IF; "
		"INSERT INTO \"thing\" (\"size\") VALUES (w(?)); "
		"IF ROW_COUNT() <> 1 THEN BEGIN "
		"DECLARE uow BIGINT DEFAULT ROW_COUNT(); "
		"SIGNAL SQLSTATE 'UOW02' SET MESSAGE_TEXT = uow; "
		"END; END IF; END");
	expect_param(1, PARAM_NOW, SIZE, 1);
	columns_add(&d.s.returned, ID);
	assert_true(render_together_asks(&d.p, shapes, 2));
	columns_remove(&d.s.returned, ID);
	d.p.together = TOGETHER_WITH;
	assert_true(render_together_asks(&d.p, shapes, 2));
}

/* In a block only a key comes back, and nothing where there is no way. */
static void what_the_database_makes_decides_what_fits(void **state)
{
	(void)state;
	set(SHAPE_UPDATE, true, VERSION, SIZE);
	assert_false(render_together_fits(&d.p, &d.s));
	d.p.together = TOGETHER_BLOCK;
	assert_true(render_together_fits(&d.p, &d.s));
	columns_add(&d.s.returned, VERSION);
	assert_false(render_together_fits(&d.p, &d.s));
	d.p.together = TOGETHER_WITH;
	assert_true(render_together_fits(&d.p, &d.s));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(values_repeats_the_rows),
		CASE(nothing_to_set_is_no_list),
		CASE(join_matches_key_and_version),
		CASE(join_casts_where_it_is_told_to),
		CASE(unnest_has_one_parameter_for_a_column),
		CASE(unnest_updates_and_deletes),
		CASE(case_chooses_by_key),
		CASE(case_counts_a_compared_version_up),
		CASE(in_takes_keys_or_tuples),
		CASE(arrays_repeat_a_row_of_one),
		CASE(returning_gives_keys_and_what_was_made),
		CASE(keys_of_two_columns_match_by_both),
		CASE(unlike_rows_are_counted_each_by_itself),
		CASE(a_block_that_makes_nothing_gives_no_row),
		CASE(what_the_database_makes_decides_what_fits)
	};

	return cmocka_run_group_tests_name("render-batch", tests, NULL, NULL);
}
