/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dialect/render.h"
#include "model/criterion.h"

struct thing {
	int64_t id, version;
	double size;
	const char *name;
};

static const uow_column thing_columns[] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct thing, version, "version", UOW_ROW_VERSION),
	UOW_DOUBLE(struct thing, size, "a \"b\"; drop table x; --", 0),
	UOW_TEXT(struct thing, name, "select", 20, 0)
};
static const uow_entity thing_entity =
	UOW_ENTITY(struct thing, "thi\"ng", thing_columns);

struct pair {
	int64_t a, b, c;
};

static const uow_column pair_columns[] = {
	UOW_INT64(struct pair, a, "a", UOW_KEY),
	UOW_INT64(struct pair, b, "b", UOW_KEY),
	UOW_INT64(struct pair, c, "c", 0)
};
static const uow_entity pair_entity =
	UOW_ENTITY_IN(struct pair, "my schema", "pair", pair_columns);

enum { ID, VERSION, SIZE, NAME };

#define SIZE_SQL "\"a \"\"b\"\"; drop table x; --\""
#define THING "\"thi\"\"ng\""

/* A profile by hand; texts are constants, so it is never freed. */
struct dialect {
	struct profile p;
	struct type_form plain, real, special;
	const struct type_form *forms[4];
	struct mapping *thing, *pair;
	struct shape s;
	struct sql_text out;
	uow_error err;
};

static struct dialect d;

static int make(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	d.p.name = (char *)"test";
	d.p.limit = (char *)"LIMIT {limit}";
	d.p.offset = (char *)"OFFSET {offset}";
	d.p.offset_only = (char *)"LIMIT -1 OFFSET {offset}";
	d.p.default_values = (char *)"DEFAULT VALUES";
	d.p.lock_update = (char *)"FOR UPDATE";
	d.p.starts_with = (char *)"{column} >= {value} AND {column} LIKE "
				  "{pattern}";
	d.real.read = (char *)"r({column}) {x}";
	d.real.write = (char *)"w({value},{value})";
	d.forms[ID] = d.forms[VERSION] = d.forms[NAME] = &d.plain;
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

static void expect(const char *sql)
{
	sql_text_release(&d.out);
	if (render(&d.p, &d.s, d.forms, &d.out, &d.err))
		fail_msg("%s", d.err.message);
	assert_string_equal(d.out.sql, sql);
}

static void expect_code(int code, const char *message)
{
	struct sql_text out = { NULL, NULL, 7, NULL, 7 };

	assert_int_equal(render(&d.p, &d.s, d.forms, &out, &d.err), code);
	assert_non_null(strstr(d.err.message, message));
	assert_null(out.sql);
	assert_int_equal(out.param_count, 7);
}

static void expect_param(size_t i, enum param_source source, unsigned column,
			 size_t index)
{
	assert_true(i < d.out.param_count);
	assert_int_equal(d.out.params[i].source, source);
	assert_int_equal(d.out.params[i].column, column);
	assert_int_equal(d.out.params[i].index, index);
}

static void select_code(const uint32_t *code, size_t length)
{
	d.s.op = SHAPE_COUNT;
	d.s.code = code;
	d.s.code_len = length;
}

#define SELECT_CODE(code) select_code(code, sizeof(code) / sizeof((code)[0]))
#define COUNT_SQL "SELECT count(*) FROM " THING

static void names_are_quoted_whatever_is_in_them(void **state)
{
	struct strbuf sb;

	(void)state;
	strbuf_init(&sb, 1000);
	render_name(&d.p, &sb, "a\"b]`");
	assert_string_equal(sb.data, "\"a\"\"b]`\"");
	strbuf_clear(&sb);
	d.p.quote_open = '[';
	d.p.quote_close = ']';
	render_name(&d.p, &sb, "a[b]\"");
	assert_string_equal(sb.data, "[a[b]]\"]");
	strbuf_clear(&sb);
	d.p.quote_open = '`';
	d.p.quote_close = 0;
	render_table(&d.p, &sb, d.pair);
	assert_string_equal(sb.data, "`my schema`.`pair`");
	strbuf_clear(&sb);
	d.p.quote_open = ' ';
	render_name(&d.p, &sb, "x; drop table y");
	assert_string_equal(sb.data, "\"x; drop table y\"");
	strbuf_release(&sb);
}

static void templates_replace_known_words_only(void **state)
{
	static const char *const pairs[] = { "a", "1", "bc", "{a}", NULL };
	struct strbuf sb;

	(void)state;
	strbuf_init(&sb, 1000);
	render_template(&sb, "{a}{{a}} {bc} {b} {ab {} {A} {a", pairs);
	assert_string_equal(sb.data, "1{1} {a} {b} {ab {} {A} {a");
	strbuf_release(&sb);
}

static void insert_gives_the_columns_of_its_set(void **state)
{
	(void)state;
	d.s.op = SHAPE_INSERT;
	columns_add(&d.s.set, VERSION);
	columns_add(&d.s.set, SIZE);
	expect("INSERT INTO " THING " (\"version\", " SIZE_SQL ") VALUES "
	       "(?, w(?,?))");
	assert_int_equal(d.out.param_count, 3);
	expect_param(0, PARAM_NOW, VERSION, 0);
	expect_param(1, PARAM_NOW, SIZE, 0);
	expect_param(2, PARAM_NOW, SIZE, 0);
	assert_int_equal(d.out.column_count, 0);
}

static void insert_without_columns_takes_the_defaults(void **state)
{
	(void)state;
	d.s.op = SHAPE_INSERT;
	expect("INSERT INTO " THING " DEFAULT VALUES");
	d.p.default_values = NULL;
	expect_code(UOW_ENOTSUP, "thi\"ng: profile test cannot insert");
}

static void update_is_by_key_and_version(void **state)
{
	(void)state;
	d.s.op = SHAPE_UPDATE;
	d.s.versioned = true;
	columns_add(&d.s.set, VERSION);
	columns_add(&d.s.set, NAME);
	expect("UPDATE " THING " SET \"version\" = ?, \"select\" = ? WHERE "
	       "\"id\" = ? AND \"version\" = ?");
	expect_param(0, PARAM_NOW, VERSION, 0);
	expect_param(1, PARAM_NOW, NAME, 0);
	expect_param(2, PARAM_KEY, ID, 0);
	expect_param(3, PARAM_WAS, VERSION, 0);
	d.s.versioned = false;
	expect("UPDATE " THING " SET \"version\" = ?, \"select\" = ? WHERE "
	       "\"id\" = ?");
}

static void delete_is_by_the_whole_key(void **state)
{
	(void)state;
	d.s.op = SHAPE_DELETE;
	d.s.mapping = d.pair;
	expect("DELETE FROM \"my schema\".\"pair\" WHERE \"a\" = ? AND "
	       "\"b\" = ?");
	expect_param(0, PARAM_KEY, 0, 0);
	expect_param(1, PARAM_KEY, 1, 0);
	d.s.mapping = d.thing;
	d.s.versioned = true;
	expect("DELETE FROM " THING " WHERE \"id\" = ? AND \"version\" = ?");
}

#define COLUMNS_SQL "\"id\", \"version\", r(" SIZE_SQL ") {x}, " \
	"\"select\" FROM " THING
#define SELECT_SQL "SELECT " COLUMNS_SQL

static void select_reads_through_the_forms(void **state)
{
	unsigned i;

	(void)state;
	d.s.op = SHAPE_SELECT;
	expect(SELECT_SQL);
	assert_int_equal(d.out.column_count, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(d.out.columns[i], i);
	assert_int_equal(d.out.param_count, 0);
}

static void select_by_keys_takes_each_tuple(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.s.key_count = 1;
	expect(SELECT_SQL " WHERE \"id\" = ?");
	expect_param(0, PARAM_KEY, ID, 0);
	d.s.key_count = 3;
	expect(SELECT_SQL " WHERE \"id\" IN (?, ?, ?)");
	expect_param(2, PARAM_KEY, ID, 2);
	d.s.mapping = d.pair;
	d.forms[2] = &d.plain;
	d.s.key_count = 2;
	expect("SELECT \"a\", \"b\", \"c\" FROM \"my schema\".\"pair\" WHERE "
	       "(\"a\" = ? AND \"b\" = ?) OR (\"a\" = ? AND \"b\" = ?)");
	expect_param(1, PARAM_KEY, 1, 0);
	expect_param(2, PARAM_KEY, 0, 1);
	d.s.key_count = 1;
	expect("SELECT \"a\", \"b\", \"c\" FROM \"my schema\".\"pair\" WHERE "
	       "\"a\" = ? AND \"b\" = ?");
}

static void keys_of_one_column_can_be_joined(void **state)
{
	const char *from = strstr(SELECT_SQL, " FROM ");
	char sql[1000];

	(void)state;
	d.s.op = SHAPE_SELECT;
	d.p.join_keys = true;
	d.s.key_count = 2;
	snprintf(sql, sizeof(sql), "%.*s FROM (VALUES (?), (?)) AS uow_keys "
		 "CROSS JOIN %s ON \"id\" = uow_keys.column1",
		 (int)(from - SELECT_SQL), SELECT_SQL, from + 6);
	expect(sql);
	expect_param(1, PARAM_KEY, ID, 1);
	d.s.key_count = 1;
	expect(SELECT_SQL " WHERE \"id\" = ?");
	d.s.key_count = 0;
	expect(SELECT_SQL);
	d.s.mapping = d.pair;
	d.forms[2] = &d.plain;
	d.s.key_count = 2;
	expect("SELECT \"a\", \"b\", \"c\" FROM \"my schema\".\"pair\" WHERE "
	       "(\"a\" = ? AND \"b\" = ?) OR (\"a\" = ? AND \"b\" = ?)");
}

static void comparisons_use_the_plain_column(void **state)
{
	static const struct {
		enum spec_op op;
		const char *sign;
	} cases[] = {
		{ SPEC_EQ, "=" }, { SPEC_NE, "<>" }, { SPEC_LT, "<" },
		{ SPEC_LE, "<=" }, { SPEC_GT, ">" }, { SPEC_GE, ">=" }
	};
	uint32_t code[1];
	char want[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		code[0] = CODE_WORD(cases[i].op, SIZE);
		SELECT_CODE(code);
		snprintf(want, sizeof(want), COUNT_SQL " WHERE " SIZE_SQL
			 " %s w(?,?)", cases[i].sign);
		expect(want);
		expect_param(1, PARAM_ARG, SIZE, 0);
	}
}

static void everything_needs_no_where(void **state)
{
	static const uint32_t all[] = { SPEC_ALL };
	static const uint32_t none[] = { SPEC_NONE };
	static const uint32_t not_all[] = { SPEC_NOT, SPEC_ALL };

	(void)state;
	SELECT_CODE(all);
	expect(COUNT_SQL);
	SELECT_CODE(none);
	expect(COUNT_SQL " WHERE 1=0");
	SELECT_CODE(not_all);
	expect(COUNT_SQL " WHERE 1=0");
}

static void lists_and_null_tests_are_rendered(void **state)
{
	static const uint32_t in[] = { CODE_WORD(SPEC_IN, NAME), 2 };
	static const uint32_t empty[] = { CODE_WORD(SPEC_IN, NAME), 0 };
	static const uint32_t null[] = { CODE_WORD(SPEC_IS_NULL, NAME) };

	(void)state;
	SELECT_CODE(in);
	expect(COUNT_SQL " WHERE \"select\" IN (?, ?)");
	expect_param(0, PARAM_ARG, NAME, 0);
	expect_param(1, PARAM_ARG, NAME, 1);
	SELECT_CODE(empty);
	expect(COUNT_SQL " WHERE 1=0");
	SELECT_CODE(null);
	expect(COUNT_SQL " WHERE \"select\" IS NULL");
	assert_int_equal(d.out.param_count, 0);
}

static void one_argument_may_have_several_markers(void **state)
{
	static const uint32_t code[] = {
		SPEC_AND, CODE_WORD(SPEC_STARTS, NAME), CODE_WORD(SPEC_EQ, ID)
	};

	(void)state;
	SELECT_CODE(code);
	expect(COUNT_SQL " WHERE (\"select\" >= ? AND \"select\" LIKE ?) AND "
	       "\"id\" = ?");
	expect_param(0, PARAM_ARG, NAME, 0);
	expect_param(1, PARAM_PATTERN, NAME, 0);
	expect_param(2, PARAM_ARG, ID, 1);
	d.p.starts_with = NULL;
	expect_code(UOW_ENOTSUP, "thi\"ng.select: profile test has no");
}

/* Where a database gets it wrong beside others; not where it is alone. */
static void a_test_can_be_kept_apart(void **state)
{
	static const uint32_t in[] = { CODE_WORD(SPEC_IN, NAME), 2 };
	static const uint32_t not_null[] = {
		SPEC_NOT, CODE_WORD(SPEC_IS_NULL, NAME)
	};
	static const uint32_t both[] = {
		SPEC_AND, CODE_WORD(SPEC_EQ, ID), SPEC_OR, SPEC_NOT,
		CODE_WORD(SPEC_IS_NULL, NAME), CODE_WORD(SPEC_IN, NAME), 2
	};

	(void)state;
	d.p.test_apart = (char *)"[{test}] {x}";
	SELECT_CODE(in);
	expect(COUNT_SQL " WHERE \"select\" IN (?, ?)");
	SELECT_CODE(not_null);
	expect(COUNT_SQL " WHERE \"select\" IS NOT NULL");
	SELECT_CODE(both);
	expect(COUNT_SQL " WHERE \"id\" = ? AND ([\"select\" IS NOT NULL] "
	       "{x} OR [\"select\" IN (?, ?)] {x})");
	expect_param(1, PARAM_ARG, NAME, 1);
}

static void parentheses_keep_the_tree(void **state)
{
	static const uint32_t or_in_and[] = {
		SPEC_AND, SPEC_OR, CODE_WORD(SPEC_EQ, 0),
		CODE_WORD(SPEC_EQ, 1), SPEC_NOT, SPEC_AND,
		CODE_WORD(SPEC_EQ, 3), CODE_WORD(SPEC_IS_NULL, 3)
	};
	static const uint32_t and_in_or[] = {
		SPEC_OR, CODE_WORD(SPEC_EQ, 0), SPEC_AND,
		CODE_WORD(SPEC_EQ, 1), SPEC_AND, CODE_WORD(SPEC_EQ, 0),
		CODE_WORD(SPEC_EQ, 3)
	};
	static const uint32_t twice[] = {
		SPEC_AND, SPEC_NOT, SPEC_NOT, SPEC_OR, CODE_WORD(SPEC_EQ, 0),
		CODE_WORD(SPEC_EQ, 1), SPEC_NOT, SPEC_NOT, SPEC_NOT,
		CODE_WORD(SPEC_EQ, 3)
	};

	(void)state;
	SELECT_CODE(or_in_and);
	expect(COUNT_SQL " WHERE (\"id\" = ? OR \"version\" = ?) AND ("
	       "\"select\" <> ? OR \"select\" IS NOT NULL)");
	expect_param(2, PARAM_ARG, NAME, 2);
	SELECT_CODE(and_in_or);
	expect(COUNT_SQL " WHERE \"id\" = ? OR (\"version\" = ? AND \"id\" = "
	       "? AND \"select\" = ?)");
	SELECT_CODE(twice);
	expect(COUNT_SQL " WHERE (\"id\" = ? OR \"version\" = ?) AND "
	       "\"select\" <> ?");
}

static void long_chains_stay_flat_and_deep_ones_are_refused(void **state)
{
	uint32_t code[2 * SPEC_DEPTH + 3];
	size_t i;

	(void)state;
	for (i = 0; i < SPEC_DEPTH - 1; i++)
		code[i] = SPEC_AND;
	for (; i < 2 * SPEC_DEPTH - 1; i++)
		code[i] = CODE_WORD(SPEC_EQ, ID);
	select_code(code, i);
	sql_text_release(&d.out);
	assert_int_equal(render(&d.p, &d.s, d.forms, &d.out, &d.err), 0);
	assert_int_equal(d.out.param_count, SPEC_DEPTH);
	assert_null(strstr(d.out.sql, "((" ));
	expect_param(SPEC_DEPTH - 1, PARAM_ARG, ID, SPEC_DEPTH - 1);
	for (i = 0; i < SPEC_DEPTH; i++)
		code[i] = SPEC_OR;
	for (; i < 2 * SPEC_DEPTH + 1; i++)
		code[i] = CODE_WORD(SPEC_EQ, ID);
	select_code(code, i);
	expect_code(UOW_EINVAL, "criterion on thi\"ng is deeper than 256");
}

static void order_limits_and_lock_come_in_this_order(void **state)
{
	static const struct shape_order order[] = {
		{ NAME, true }, { SIZE, false }
	};
	static const uint32_t code[] = { CODE_WORD(SPEC_EQ, ID) };

	(void)state;
	SELECT_CODE(code);
	d.s.op = SHAPE_SELECT;
	d.s.order = order;
	d.s.order_count = 2;
	d.s.limit = 10;
	d.s.offset = UINT64_MAX;
	d.s.lock = UOW_LOCK_UPDATE;
	expect(SELECT_SQL " WHERE \"id\" = ? ORDER BY \"select\" DESC, "
	       SIZE_SQL " LIMIT 10 OFFSET 18446744073709551615 FOR UPDATE");
}

static void limits_follow_the_profile(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.s.limit = 5;
	expect(SELECT_SQL " LIMIT 5");
	d.s.offset = 7;
	d.p.offset = (char *)"OFFSET {offset} ROWS FETCH {limit}";
	expect(SELECT_SQL " OFFSET 7 ROWS FETCH 5");
	d.p.limit = NULL;
	expect(SELECT_SQL " OFFSET 7 ROWS FETCH 5");
	d.p.offset = (char *)"OFFSET {offset}";
	expect_code(UOW_ENOTSUP, "profile test has no offset");
	d.s.limit = 0;
	expect(SELECT_SQL " LIMIT -1 OFFSET 7");
	d.p.offset_only = NULL;
	expect_code(UOW_ENOTSUP, "profile test has no offset");
	d.s.limit = 5;
	d.s.offset = 0;
	expect_code(UOW_ENOTSUP, "profile test has no limit");
}

static void locks_follow_the_profile(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.s.lock = UOW_LOCK_UPDATE;
	d.p.lock_update = NULL;
	expect_code(UOW_ENOTSUP, "thi\"ng: profile test cannot lock rows");
	d.p.lock_by_file = true;
	expect(SELECT_SQL);
	/* The lock was waited for when the unit began: not what is asked. */
	d.s.lock = UOW_LOCK_NOWAIT;
	expect_code(UOW_ENOTSUP, "thi\"ng: profile test cannot lock rows");
	d.p.lock_by_file = false;
	d.p.lock_nowait = (char *)"FOR UPDATE NOWAIT";
	expect(SELECT_SQL " FOR UPDATE NOWAIT");
	d.p.lock_skip = (char *)"FOR UPDATE SKIP";
	d.s.lock = UOW_LOCK_SKIP_LOCKED;
	expect(SELECT_SQL " FOR UPDATE SKIP");
}

static void locks_can_stand_behind_the_table(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.s.lock = UOW_LOCK_UPDATE;
	d.s.limit = 5;
	d.p.lock_update = (char *)"WITH (LOCK)";
	d.p.lock_after_table = true;
	expect(SELECT_SQL " WITH (LOCK) LIMIT 5");
}

/* Only where a column is read: SET and the list of INSERT take no table. */
static void columns_are_qualified_where_the_profile_says(void **state)
{
	struct sql_text text;
	uow_error err;

	(void)state;
	d.p.qualify = true;
	d.s.op = SHAPE_DELETE;
	assert_int_equal(render(&d.p, &d.s, d.forms, &text, &err), 0);
	assert_non_null(strstr(text.sql, "WHERE \"thi\"\"ng\".\""));
	sql_text_release(&text);
	d.s.op = SHAPE_INSERT;
	columns_add(&d.s.set, SIZE);
	assert_int_equal(render(&d.p, &d.s, d.forms, &text, &err), 0);
	assert_null(strstr(text.sql, "\"thi\"\"ng\".\""));
	sql_text_release(&text);
}

static void columns_without_an_order_are_not_ordered(void **state)
{
	static const enum spec_op ops[] = {
		SPEC_LT, SPEC_LE, SPEC_GT, SPEC_GE
	};
	static const struct shape_order order[] = { { SIZE, false } };
	uint32_t code[1];
	size_t i;

	(void)state;
	d.real.unordered = (char *)"CHAR TEXT";
	for (i = 0; i < 4; i++) {
		code[0] = CODE_WORD(ops[i], SIZE);
		SELECT_CODE(code);
		expect_code(UOW_ENOTSUP, "thi\"ng.a \"b\"; drop table x; --");
	}
	code[0] = CODE_WORD(SPEC_NE, SIZE);
	expect(COUNT_SQL " WHERE " SIZE_SQL " <> w(?,?)");
	d.s.op = SHAPE_SELECT;
	d.s.order = order;
	d.s.order_count = 1;
	expect_code(UOW_ENOTSUP, "kept as one of CHAR TEXT");
}

static void reading_back_is_by_key(void **state)
{
	(void)state;
	columns_add(&d.s.set, VERSION);
	columns_add(&d.s.set, SIZE);
	d.s.op = SHAPE_SELECT;
	assert_int_equal(render_read_back(&d.p, &d.s, d.forms, &d.out,
					  &d.err), 0);
	assert_string_equal(d.out.sql, "SELECT \"version\", r(" SIZE_SQL
			    ") {x} FROM " THING " WHERE \"id\" = ?");
	assert_int_equal(d.out.column_count, 2);
	assert_int_equal(d.out.columns[1], SIZE);
	expect_param(0, PARAM_KEY, ID, 0);
}

static void describing_reads_no_row(void **state)
{
	(void)state;
	assert_int_equal(render_describe(&d.p, d.thing, &d.out, &d.err), 0);
	assert_string_equal(d.out.sql, "SELECT \"id\", \"version\", " SIZE_SQL
			    ", \"select\" FROM " THING " WHERE 1=0");
	assert_int_equal(d.out.column_count, 4);
}

static void limits_may_come_first_and_be_bounded(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.p.limit_first = true;
	d.p.limit = (char *)"TOP {limit}";
	d.p.offset = (char *)"TOP {offset},{limit}";
	d.p.limit_max = 10;
	d.s.limit = 4;
	expect("SELECT TOP 4 " COLUMNS_SQL);
	d.s.offset = 6;
	expect("SELECT TOP 6,4 " COLUMNS_SQL);
	assert_true(render_limits(&d.p, &d.s));
	d.s.offset = 7;
	expect(SELECT_SQL);
	assert_false(render_limits(&d.p, &d.s));
	d.s.limit = 0;
	expect(SELECT_SQL);
	assert_false(render_limits(&d.p, &d.s));
}

/* Servers are known that end at too many, or need seconds for long lists. */
static void lists_and_parameters_are_bounded(void **state)
{
	static const uint32_t in[] = { CODE_WORD(SPEC_IN, NAME), 5 };
	static const uint32_t not_in[] = {
		SPEC_NOT, CODE_WORD(SPEC_IN, NAME), 2
	};

	(void)state;
	d.p.in_max = 2;
	SELECT_CODE(in);
	expect(COUNT_SQL " WHERE (\"select\" IN (?, ?) OR \"select\" IN (?, ?) "
	       "OR \"select\" IN (?))");
	expect_param(4, PARAM_ARG, NAME, 4);
	d.p.parameters_max = 4;
	expect_code(UOW_ENOTSUP, "needs 5 parameters, profile test has at "
		    "most 4");
	SELECT_CODE(not_in);
	expect(COUNT_SQL " WHERE (\"select\" IS NOT NULL AND NOT (\"select\" "
	       "IN (?, ?)))");
}

/* In criteria and order, not where the column itself is meant. */
static void columns_may_be_compared_by_an_expression(void **state)
{
	static const uint32_t code[] = {
		SPEC_AND, CODE_WORD(SPEC_EQ, NAME),
		CODE_WORD(SPEC_IS_NULL, NAME)
	};

	(void)state;
	d.forms[NAME] = &d.special;
	d.special.compare = (char *)"k({column})";
	SELECT_CODE(code);
	expect(COUNT_SQL " WHERE k(\"select\") = ? AND \"select\" IS NULL");
}

static void statement_beyond_the_limit_is_refused(void **state)
{
	(void)state;
	d.s.op = SHAPE_SELECT;
	d.s.key_count = SQL_TEXT_MAX / 3 + 1;
	expect_code(UOW_ENOMEM, "longer than 16777216 bytes");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(names_are_quoted_whatever_is_in_them),
		CASE(templates_replace_known_words_only),
		CASE(insert_gives_the_columns_of_its_set),
		CASE(insert_without_columns_takes_the_defaults),
		CASE(update_is_by_key_and_version),
		CASE(delete_is_by_the_whole_key),
		CASE(select_reads_through_the_forms),
		CASE(select_by_keys_takes_each_tuple),
		CASE(keys_of_one_column_can_be_joined),
		CASE(comparisons_use_the_plain_column),
		CASE(everything_needs_no_where),
		CASE(lists_and_null_tests_are_rendered),
		CASE(one_argument_may_have_several_markers),
		CASE(a_test_can_be_kept_apart),
		CASE(parentheses_keep_the_tree),
		CASE(long_chains_stay_flat_and_deep_ones_are_refused),
		CASE(order_limits_and_lock_come_in_this_order),
		CASE(limits_follow_the_profile),
		CASE(locks_follow_the_profile),
		CASE(locks_can_stand_behind_the_table),
		CASE(columns_are_qualified_where_the_profile_says),
		CASE(columns_without_an_order_are_not_ordered),
		CASE(reading_back_is_by_key),
		CASE(describing_reads_no_row),
		CASE(limits_may_come_first_and_be_bounded),
		CASE(lists_and_parameters_are_bounded),
		CASE(columns_may_be_compared_by_an_expression),
		CASE(statement_beyond_the_limit_is_refused)
	};

	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
