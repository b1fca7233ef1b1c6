/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dialect/render.h"
#include "model/criterion.h"

/* Statements that add to columns, and those of a criterion. */
struct pot {
	int64_t id, version, count, money;
};

static const uow_column pot_columns[] = {
	UOW_INT64(struct pot, id, "id", UOW_KEY),
	UOW_INT64(struct pot, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct pot, count, "count", 0),
	UOW_DECIMAL(struct pot, money, "money", 9, 2, 0)
};
static const uow_entity pot_entity =
	UOW_ENTITY(struct pot, "pot", pot_columns);

enum { ID, VERSION, COUNT, MONEY };

static struct {
	struct profile p;
	struct type_form plain, money;
	const struct type_form *forms[4];
	struct mapping *pot;
	struct shape s;
	struct sql_text out;
	uow_error err;
} d;

static int make(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	d.p.name = (char *)"test";
	d.p.lock_update = (char *)"FOR UPDATE";
	d.forms[ID] = d.forms[VERSION] = d.forms[COUNT] = &d.plain;
	d.forms[MONEY] = &d.money;
	if (mapping_new(&d.pot, &pot_entity, &d.err))
		return -1;
	d.s.mapping = d.pot;
	return 0;
}

static int drop(void **state)
{
	(void)state;
	sql_text_release(&d.out);
	mapping_free(d.pot);
	return 0;
}

static void expect(const char *sql)
{
	if (render(&d.p, &d.s, d.forms, &d.out, &d.err))
		fail_msg("%s", d.err.message);
	assert_string_equal(d.out.sql, sql);
}

static void expect_param(size_t i, enum param_source source, unsigned column)
{
	assert_true(i < d.out.param_count);
	assert_int_equal(d.out.params[i].source, source);
	assert_int_equal(d.out.params[i].column, column);
}

static void adding_looks_for_room(void **state)
{
	(void)state;
	d.s.op = SHAPE_UPDATE;
	columns_add(&d.s.add, COUNT);
	expect("UPDATE \"pot\" SET \"count\" = \"count\" + ? WHERE \"id\" = ? "
	       "AND \"count\" BETWEEN ? AND ?");
	expect_param(0, PARAM_BY, COUNT);
	expect_param(1, PARAM_KEY, ID);
	expect_param(2, PARAM_FLOOR, COUNT);
	expect_param(3, PARAM_CEILING, COUNT);
}

static void one_statement_assigns_and_adds(void **state)
{
	(void)state;
	d.s.op = SHAPE_UPDATE;
	d.s.versioned = true;
	columns_add(&d.s.set, VERSION);
	columns_add(&d.s.set, COUNT);
	columns_add(&d.s.add, MONEY);
	expect("UPDATE \"pot\" SET \"version\" = ?, \"count\" = ?, "
	       "\"money\" = \"money\" + ? WHERE \"id\" = ? AND "
	       "\"version\" = ? AND \"money\" BETWEEN ? AND ?");
	expect_param(0, PARAM_NOW, VERSION);
	expect_param(2, PARAM_BY, MONEY);
	expect_param(4, PARAM_WAS, VERSION);
}

/* What is bound as text would make some databases calculate in binary. */
static void an_operand_has_its_own_template(void **state)
{
	(void)state;
	d.money.write = (char *)"w({value})";
	d.money.operand =
		(char *)"CAST({value} AS DECIMAL({precision},{scale}))";
	d.s.op = SHAPE_UPDATE_WHERE;
	columns_add(&d.s.add, MONEY);
	expect("UPDATE \"pot\" SET \"money\" = \"money\" + "
	       "CAST(? AS DECIMAL(9,2))");
}

/* And to compare in binary, when there is more than one of them. */
static void a_list_consists_of_operands(void **state)
{
	static const uint32_t in[] = { CODE_WORD(SPEC_IN, MONEY), 2 };

	(void)state;
	d.money.write = (char *)"w({value})";
	d.money.operand = (char *)"o({value})";
	d.s.op = SHAPE_COUNT;
	d.s.code = in;
	d.s.code_len = 2;
	expect("SELECT count(*) FROM \"pot\" WHERE \"money\" IN (o(?), o(?))");
	expect_param(0, PARAM_ARG, MONEY);
	expect_param(1, PARAM_ARG, MONEY);
}

static void decimals_of_few_digits_are_not_added_to(void **state)
{
	struct sql_text out;

	(void)state;
	d.money.digits = 15;
	d.s.op = SHAPE_UPDATE;
	columns_add(&d.s.add, MONEY);
	assert_int_equal(render(&d.p, &d.s, d.forms, &out, &d.err),
			 UOW_ENOTSUP);
	assert_non_null(strstr(d.err.message, "pot.money cannot be added to"));
}

static void criteria_write_many_rows(void **state)
{
	static const uint32_t code[] = { CODE_WORD(SPEC_GT, MONEY) };

	(void)state;
	d.s.code = code;
	d.s.code_len = 1;
	d.s.op = SHAPE_DELETE_WHERE;
	expect("DELETE FROM \"pot\" WHERE \"money\" > ?");
	sql_text_release(&d.out);
	d.s.op = SHAPE_UPDATE_WHERE;
	columns_add(&d.s.set, COUNT);
	columns_add(&d.s.add, VERSION);
	expect("UPDATE \"pot\" SET \"version\" = \"version\" + ?, "
	       "\"count\" = ? WHERE \"money\" > ?");
	expect_param(0, PARAM_BY, VERSION);
	expect_param(1, PARAM_NOW, COUNT);
	expect_param(2, PARAM_ARG, MONEY);
}

static void rows_without_room_are_counted(void **state)
{
	static const uint32_t code[] = { CODE_WORD(SPEC_GT, MONEY) };

	(void)state;
	d.s.op = SHAPE_COUNT;
	columns_add(&d.s.add, VERSION);
	columns_add(&d.s.add, COUNT);
	expect("SELECT count(*) FROM \"pot\" WHERE (\"version\" NOT BETWEEN ? "
	       "AND ? OR \"count\" NOT BETWEEN ? AND ?)");
	sql_text_release(&d.out);
	d.s.code = code;
	d.s.code_len = 1;
	columns_remove(&d.s.add, VERSION);
	expect("SELECT count(*) FROM \"pot\" WHERE (\"money\" > ?) AND "
	       "(\"count\" NOT BETWEEN ? AND ?)");
}

/* Found by the statement's own condition, and locked: it will hit. */
static void verifying_reads_the_row_that_would_be_hit(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.s.versioned = true;
	d.s.lock = UOW_LOCK_UPDATE;
	columns_add(&d.s.set, ID);
	columns_add(&d.s.add, COUNT);
	assert_int_equal(render_read_back(&d.p, &d.s, d.forms, &d.out,
					  &d.err), 0);
	assert_string_equal(d.out.sql, "SELECT \"id\" FROM \"pot\" WHERE "
			    "\"id\" = ? AND \"version\" = ? AND \"count\" "
			    "BETWEEN ? AND ? FOR UPDATE");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(adding_looks_for_room),
		CASE(one_statement_assigns_and_adds),
		CASE(an_operand_has_its_own_template),
		CASE(a_list_consists_of_operands),
		CASE(decimals_of_few_digits_are_not_added_to),
		CASE(criteria_write_many_rows),
		CASE(rows_without_room_are_counted),
		CASE(verifying_reads_the_row_that_would_be_hit),
	};

	return cmocka_run_group_tests_name("render-counters", tests, NULL,
					   NULL);
}
