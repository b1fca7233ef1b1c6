/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dialect/ddl.h"

/* Every type once, and every way to be nullable or unique. */
struct all {
	int64_t id;
	bool b, b_is_null;
	int16_t i16;
	int32_t i32;
	float f;
	double d;
	int64_t m;
	char c[11];
	const char *t, *tt;
	uow_bytes y, yy;
	uow_date dd;
	uow_time tm;
	uow_timestamp ts;
	uow_uuid u;
};

static const uow_column all_columns[] = {
	UOW_INT64(struct all, id, "id", UOW_KEY | UOW_UNIQUE),
	UOW_NULLABLE_BOOL(struct all, b, "b", 0),
	UOW_INT16(struct all, i16, "i16", UOW_UNIQUE),
	UOW_INT32(struct all, i32, "i32", UOW_ROW_VERSION),
	UOW_FLOAT(struct all, f, "f", 0),
	UOW_DOUBLE(struct all, d, "d", UOW_GENERATED),
	UOW_DECIMAL(struct all, m, "m", 18, 2, 0),
	UOW_CHARS(struct all, c, "c", 0),
	UOW_TEXT(struct all, t, "t", 20, UOW_REQUIRED),
	UOW_TEXT(struct all, tt, "tt", 0, UOW_UNIQUE),
	UOW_BYTES(struct all, y, "y", 30, 0),
	UOW_BYTES(struct all, yy, "yy", 0, UOW_REQUIRED),
	UOW_DATE(struct all, dd, "dd", 0),
	UOW_TIME(struct all, tm, "tm", 0),
	UOW_TIMESTAMP(struct all, ts, "ts", 0),
	UOW_UUID(struct all, u, "u", 0)
};
static const uow_entity all_entity =
	UOW_ENTITY(struct all, "all", all_columns);

/* parent <- child <- grandchild; left <-> right <- leaf; own -> own. */
struct node {
	int64_t id, up;
};

extern const uow_entity left_entity;

static const uow_column parent_columns[] = {
	UOW_INT64(struct node, id, "p\"k", UOW_KEY | UOW_GENERATED)
};
static const uow_entity parent_entity =
	UOW_ENTITY_IN(struct node, "s; drop", "par\"ent", parent_columns);
static const uow_column child_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY),
	UOW_REFERENCE(struct node, up, "up", &parent_entity, 0)
};
static const uow_entity child_entity =
	UOW_ENTITY(struct node, "child", child_columns);
static const uow_column grandchild_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY),
	UOW_REFERENCE(struct node, up, "up", &child_entity, 0)
};
static const uow_entity grandchild_entity =
	UOW_ENTITY(struct node, "grandchild", grandchild_columns);
static const uow_column right_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY),
	UOW_REFERENCE(struct node, up, "left", &left_entity, 0)
};
static const uow_entity right_entity =
	UOW_ENTITY(struct node, "right", right_columns);
static const uow_column left_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY),
	UOW_REFERENCE(struct node, up, "right", &right_entity, 0)
};
const uow_entity left_entity = UOW_ENTITY(struct node, "left", left_columns);
static const uow_column leaf_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY),
	UOW_REFERENCE(struct node, up, "up", &right_entity, 0)
};
static const uow_entity leaf_entity =
	UOW_ENTITY(struct node, "leaf", leaf_columns);
static const uow_entity own_entity;
static const uow_column own_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY),
	UOW_REFERENCE(struct node, up, "up", &own_entity, 0)
};
static const uow_entity own_entity =
	UOW_ENTITY(struct node, "own", own_columns);

/* Keys of two columns. */
static const uow_column pair_columns[] = {
	UOW_INT64(struct node, id, "a", UOW_KEY),
	UOW_INT64(struct node, up, "b", UOW_KEY)
};
static const uow_entity pair_entity =
	UOW_ENTITY(struct node, "pair", pair_columns);
static const uow_column user_columns[] = {
	UOW_INT64(struct node, id, "x", UOW_KEY),
	UOW_INT64(struct node, up, "y", 0)
};
static const uow_foreign_key user_foreign[] = {
	UOW_FOREIGN_KEY(&pair_entity, {"x", "y"}, {"a", "b"})
};
static const uow_unique_key user_unique[] = {
	UOW_UNIQUE_KEY({"y", "x"}), UOW_UNIQUE_KEY({"y"})
};
static const uow_entity user_entity =
	UOW_ENTITY_KEYS(struct node, NULL, "user", user_columns, user_foreign,
			user_unique);
static const uow_column half_columns[] = {
	UOW_INT64(struct node, id, "a", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct node, up, "b", UOW_KEY)
};
static const uow_entity half_entity =
	UOW_ENTITY(struct node, "half", half_columns);

struct guid {
	uow_uuid id;
};
static const uow_column guid_columns[] = {
	UOW_UUID(struct guid, id, "id", UOW_KEY | UOW_GENERATED)
};
static const uow_entity guid_entity =
	UOW_ENTITY(struct guid, "guid", guid_columns);

enum { MAX = 8 };

static struct fixture {
	struct profile p;
	struct mapping *m[MAX];
	size_t count;
	char seen[4096];
	int stop_after;
	uow_error err;
} f;

static void set_type(uow_type type, const char *column, const char *column_long)
{
	f.p.own[type].column = (char *)column;
	f.p.own[type].column_long = (char *)column_long;
}

static int make(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.stop_after = -1;
	f.p.name = (char *)"test";
	set_type(UOW_TYPE_BOOL, "BOOL", NULL);
	set_type(UOW_TYPE_INT16, "I2", NULL);
	set_type(UOW_TYPE_INT32, "I4", NULL);
	set_type(UOW_TYPE_INT64, "I8", NULL);
	set_type(UOW_TYPE_FLOAT, "F4", NULL);
	set_type(UOW_TYPE_DOUBLE, "F8", NULL);
	set_type(UOW_TYPE_DECIMAL, "D({precision},{scale})", NULL);
	set_type(UOW_TYPE_CHARS, "VC({length})", "CLOB");
	set_type(UOW_TYPE_TEXT, "VC({length})", "CLOB");
	set_type(UOW_TYPE_BYTES, "VB({length})", "BLOB");
	set_type(UOW_TYPE_DATE, "DATE", NULL);
	set_type(UOW_TYPE_TIME, "TIME", NULL);
	set_type(UOW_TYPE_TIMESTAMP, "TS", NULL);
	set_type(UOW_TYPE_UUID, "CHAR(36)", NULL);
	f.p.generated_key = (char *)"{type} IDENTITY";
	return 0;
}

static int drop(void **state)
{
	(void)state;
	while (f.count > 0)
		mapping_free(f.m[--f.count]);
	return 0;
}

static void use(const uow_entity *e)
{
	assert_true(f.count < MAX);
	if (mapping_new(&f.m[f.count], e, &f.err))
		fail_msg("%s", f.err.message);
	f.count++;
}

static int collect(const char *statement, void *arg)
{
	assert_ptr_equal(arg, &f);
	strcat(f.seen, statement);
	strcat(f.seen, "\n");
	if (f.stop_after == 0)
		return -1234;
	f.stop_after--;
	return 7;	/* positive is no failure */
}

static int create(void)
{
	f.seen[0] = '\0';
	return ddl_create(&f.p, (const struct mapping *const *)f.m, f.count,
			  collect, &f, &f.err);
}

static void expect(const char *statements)
{
	if (create())
		fail_msg("%s", f.err.message);
	assert_string_equal(f.seen, statements);
}

static void every_type_has_its_column(void **state)
{
	(void)state;
	use(&all_entity);
	expect("CREATE TABLE \"all\" (\"id\" I8 NOT NULL, \"b\" BOOL, "
	       "\"i16\" I2 NOT NULL UNIQUE, \"i32\" I4 NOT NULL, "
	       "\"f\" F4 NOT NULL, \"d\" F8 NOT NULL, "
	       "\"m\" D(18,2) NOT NULL, \"c\" VC(10) NOT NULL, "
	       "\"t\" VC(20) NOT NULL, \"tt\" CLOB UNIQUE, \"y\" VB(30), "
	       "\"yy\" BLOB NOT NULL, \"dd\" DATE NOT NULL, "
	       "\"tm\" TIME NOT NULL, \"ts\" TS NOT NULL, "
	       "\"u\" CHAR(36) NOT NULL, PRIMARY KEY (\"id\"))\n");
}

/* 4 bytes for each character; what is longer than a column can be is long. */
static void lengths_may_be_of_bytes_and_limited(void **state)
{
	(void)state;
	use(&all_entity);
	set_type(UOW_TYPE_TEXT, "VB({bytes})", "CLOB");
	f.p.own[UOW_TYPE_TEXT].length_max = 20;
	assert_int_equal(create(), 0);
	assert_non_null(strstr(f.seen, "\"t\" VB(80) NOT NULL"));
	f.p.own[UOW_TYPE_TEXT].length_max = 19;
	assert_int_equal(create(), 0);
	assert_non_null(strstr(f.seen, "\"t\" CLOB NOT NULL"));
}

struct wide {
	int64_t id;
	const char *total;
};
static const uow_column wide_columns[] = {
	UOW_INT64(struct wide, id, "id", UOW_KEY),
	UOW_DECIMAL_TEXT(struct wide, total, "total", 38, 10, 0),
};
static const uow_entity wide_entity =
	UOW_ENTITY(struct wide, "wide", wide_columns);

/* Room for sign, zero and point; and no more digits than the column keeps. */
static void decimals_of_text_have_a_column_of_their_own(void **state)
{
	struct type_form *form = &f.p.own[TYPE_DIGITS];

	(void)state;
	use(&wide_entity);
	assert_int_equal(create(), UOW_ECONFIG);
	form->column = (char *)"N({precision},{scale})";
	expect("CREATE TABLE \"wide\" (\"id\" I8 NOT NULL, "
	       "\"total\" N(38,10), PRIMARY KEY (\"id\"))\n");
	form->column = (char *)"VC({length})";
	form->digits = 38;
	expect("CREATE TABLE \"wide\" (\"id\" I8 NOT NULL, "
	       "\"total\" VC(41), PRIMARY KEY (\"id\"))\n");
	form->digits = 37;
	assert_int_equal(create(), UOW_ENOTSUP);
	assert_string_equal(f.err.message, "wide.total: a decimal of 38 "
			    "digits, this database keeps 37");
	assert_string_equal(f.err.entity, "wide");
}

static void missing_type_names_column_and_profile(void **state)
{
	(void)state;
	use(&all_entity);
	set_type(UOW_TYPE_DECIMAL, NULL, NULL);
	assert_int_equal(create(), UOW_ECONFIG);
	assert_string_equal(f.err.message, "all.m: profile test has no column "
			    "for this type");
	assert_string_equal(f.err.entity, "all");
	assert_string_equal(f.seen, "");
	set_type(UOW_TYPE_DECIMAL, "D", NULL);
	set_type(UOW_TYPE_BYTES, "VB({length})", NULL);
	assert_int_equal(create(), UOW_ECONFIG);
	assert_string_equal(f.err.message, "all.yy: profile test has no "
			    "column_long for this type");
}

static void generated_key_has_its_own_type(void **state)
{
	(void)state;
	use(&parent_entity);
	expect("CREATE TABLE \"s; drop\".\"par\"\"ent\" (\"p\"\"k\" "
	       "I8 IDENTITY, PRIMARY KEY (\"p\"\"k\"))\n");
	f.p.generated_key = (char *)"INTEGER PRIMARY KEY";
	f.p.generated_key_is_primary = true;
	expect("CREATE TABLE \"s; drop\".\"par\"\"ent\" (\"p\"\"k\" "
	       "INTEGER PRIMARY KEY)\n");
	f.p.generated_key = NULL;
	assert_int_equal(create(), UOW_ECONFIG);
	assert_non_null(strstr(f.err.message, "has no generated_key"));
}

static void generated_key_among_several_needs_a_profile_for_it(void **state)
{
	(void)state;
	use(&half_entity);
	expect("CREATE TABLE \"half\" (\"a\" I8 IDENTITY, \"b\" I8 NOT NULL, "
	       "PRIMARY KEY (\"a\", \"b\"))\n");
	f.p.generated_key_is_primary = true;
	assert_int_equal(create(), UOW_ECONFIG);
	assert_non_null(strstr(f.err.message, "half.a: profile test has no"));
}

static void generated_uuid_is_left_to_the_dba(void **state)
{
	(void)state;
	use(&guid_entity);
	f.p.generated_key = (char *)"INTEGER PRIMARY KEY";
	f.p.generated_key_is_primary = true;
	expect("CREATE TABLE \"guid\" (\"id\" CHAR(36) NOT NULL, "
	       "PRIMARY KEY (\"id\"))\n");
}

static void parents_come_before_children(void **state)
{
	size_t order[3] = { 9, 9, 9 };

	(void)state;
	use(&grandchild_entity);
	use(&child_entity);
	use(&parent_entity);
	assert_int_equal(ddl_order((const struct mapping *const *)f.m, 3,
				   order, &f.err), 0);
	assert_int_equal(order[0], 2);
	assert_int_equal(order[1], 1);
	assert_int_equal(order[2], 0);
	expect("CREATE TABLE \"s; drop\".\"par\"\"ent\" (\"p\"\"k\" "
	       "I8 IDENTITY, PRIMARY KEY (\"p\"\"k\"))\n"
	       "CREATE TABLE \"child\" (\"id\" I8 NOT NULL, \"up\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"up\") REFERENCES "
	       "\"s; drop\".\"par\"\"ent\" (\"p\"\"k\"))\n"
	       "CREATE TABLE \"grandchild\" (\"id\" I8 NOT NULL, \"up\" I8 "
	       "NOT NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"up\") "
	       "REFERENCES \"child\" (\"id\"))\n");
}

static void children_are_dropped_before_parents(void **state)
{
	(void)state;
	use(&parent_entity);
	use(&grandchild_entity);
	use(&child_entity);
	assert_int_equal(ddl_drop(&f.p, (const struct mapping *const *)f.m, 3,
				  collect, &f, &f.err), 0);
	assert_string_equal(f.seen, "DROP TABLE \"grandchild\"\n"
			    "DROP TABLE \"child\"\n"
			    "DROP TABLE \"s; drop\".\"par\"\"ent\"\n");
	f.seen[0] = '\0';
	f.p.drop_table = (char *)"DROP {table} IF EXISTS";
	assert_int_equal(ddl_drop(&f.p, (const struct mapping *const *)f.m, 1,
				  collect, &f, &f.err), 0);
	assert_string_equal(f.seen,
			    "DROP \"s; drop\".\"par\"\"ent\" IF EXISTS\n");
}

static void cycles_are_closed_inside_the_table_or_after(void **state)
{
	(void)state;
	use(&leaf_entity);
	use(&left_entity);
	use(&right_entity);
	expect("CREATE TABLE \"right\" (\"id\" I8 NOT NULL, \"left\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"left\") REFERENCES "
	       "\"left\" (\"id\"))\n"
	       "CREATE TABLE \"leaf\" (\"id\" I8 NOT NULL, \"up\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"up\") REFERENCES "
	       "\"right\" (\"id\"))\n"
	       "CREATE TABLE \"left\" (\"id\" I8 NOT NULL, \"right\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"right\") "
	       "REFERENCES \"right\" (\"id\"))\n");
	f.p.add_foreign_key = (char *)"ALTER TABLE {table} ADD {foreign_key}";
	expect("CREATE TABLE \"right\" (\"id\" I8 NOT NULL, \"left\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"))\n"
	       "CREATE TABLE \"leaf\" (\"id\" I8 NOT NULL, \"up\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"up\") REFERENCES "
	       "\"right\" (\"id\"))\n"
	       "CREATE TABLE \"left\" (\"id\" I8 NOT NULL, \"right\" I8 NOT "
	       "NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"right\") "
	       "REFERENCES \"right\" (\"id\"))\n"
	       "ALTER TABLE \"right\" ADD FOREIGN KEY (\"left\") REFERENCES "
	       "\"left\" (\"id\")\n");
}

/* What comes last in CREATE TABLE comes last. */
static void the_table_ends_as_the_profile_says(void **state)
{
	(void)state;
	use(&guid_entity);
	f.p.table_end = (char *)"ENGINE=X";
	expect("CREATE TABLE \"guid\" (\"id\" CHAR(36) NOT NULL, "
	       "PRIMARY KEY (\"id\")) ENGINE=X\n");
}

/* The name of a key, as it stands behind word; 16 digits. */
static const char *key_name(const char *word)
{
	static char name[40];
	const char *at = strstr(f.seen, word);

	assert_non_null(at);
	snprintf(name, sizeof(name), "%.25s", at + strlen(word));
	return name;
}

/* Keys of a circle are dropped by name, and before the tables. */
static void circles_are_opened_by_the_names_of_their_keys(void **state)
{
	char made[40], expected[200];

	(void)state;
	use(&left_entity);
	use(&right_entity);
	f.p.add_foreign_key = (char *)"ALTER TABLE {table} ADD {foreign_key}";
	f.p.drop_foreign_key = (char *)"ALTER TABLE {table} DROP KEY {name}";
	assert_int_equal(create(), 0);
	snprintf(made, sizeof(made), "%s",
		 key_name("ALTER TABLE \"left\" ADD CONSTRAINT "));
	assert_non_null(strstr(made, "\"uow_fk_"));
	f.seen[0] = '\0';
	assert_int_equal(ddl_drop(&f.p, (const struct mapping *const *)f.m, 2,
				  collect, &f, &f.err), 0);
	snprintf(expected, sizeof(expected),
		 "ALTER TABLE \"left\" DROP KEY %s\n"
		 "DROP TABLE \"right\"\nDROP TABLE \"left\"\n", made);
	assert_string_equal(f.seen, expected);
}

static void table_may_refer_to_itself_and_to_strangers(void **state)
{
	(void)state;
	f.p.add_foreign_key = (char *)"ALTER TABLE {table} ADD {foreign_key}";
	use(&own_entity);
	use(&grandchild_entity);
	expect("CREATE TABLE \"own\" (\"id\" I8 NOT NULL, \"up\" I8 NOT NULL, "
	       "PRIMARY KEY (\"id\"), FOREIGN KEY (\"up\") REFERENCES \"own\" "
	       "(\"id\"))\n"
	       "CREATE TABLE \"grandchild\" (\"id\" I8 NOT NULL, \"up\" I8 "
	       "NOT NULL, PRIMARY KEY (\"id\"), FOREIGN KEY (\"up\") "
	       "REFERENCES \"child\" (\"id\"))\n");
}

static void keys_of_several_columns_are_constraints(void **state)
{
	(void)state;
	use(&user_entity);
	use(&pair_entity);
	expect("CREATE TABLE \"pair\" (\"a\" I8 NOT NULL, \"b\" I8 NOT NULL, "
	       "PRIMARY KEY (\"a\", \"b\"))\n"
	       "CREATE TABLE \"user\" (\"x\" I8 NOT NULL, \"y\" I8 NOT NULL, "
	       "PRIMARY KEY (\"x\"), UNIQUE (\"y\", \"x\"), UNIQUE (\"y\"), "
	       "FOREIGN KEY (\"x\", \"y\") REFERENCES \"pair\" (\"a\", "
	       "\"b\"))\n");
}

static void negative_answer_stops(void **state)
{
	(void)state;
	use(&parent_entity);
	use(&child_entity);
	f.stop_after = 0;
	assert_int_equal(create(), -1234);
	assert_null(strstr(f.seen, "child"));
	f.seen[0] = '\0';
	assert_int_equal(ddl_drop(&f.p, (const struct mapping *const *)f.m, 2,
				  collect, &f, &f.err), -1234);
	assert_string_equal(f.seen, "DROP TABLE \"child\"\n");
}

static void nothing_is_no_statement(void **state)
{
	(void)state;
	assert_int_equal(create(), 0);
	assert_int_equal(ddl_drop(&f.p, NULL, 0, collect, &f, &f.err), 0);
	assert_int_equal(ddl_order(NULL, 0, NULL, &f.err), 0);
	assert_string_equal(f.seen, "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_type_has_its_column),
		CASE(lengths_may_be_of_bytes_and_limited),
		CASE(decimals_of_text_have_a_column_of_their_own),
		CASE(missing_type_names_column_and_profile),
		CASE(generated_key_has_its_own_type),
		CASE(generated_key_among_several_needs_a_profile_for_it),
		CASE(generated_uuid_is_left_to_the_dba),
		CASE(parents_come_before_children),
		CASE(children_are_dropped_before_parents),
		CASE(cycles_are_closed_inside_the_table_or_after),
		CASE(the_table_ends_as_the_profile_says),
		CASE(circles_are_opened_by_the_names_of_their_keys),
		CASE(table_may_refer_to_itself_and_to_strangers),
		CASE(keys_of_several_columns_are_constraints),
		CASE(negative_answer_stops),
		CASE(nothing_is_no_statement)
	};

	return cmocka_run_group_tests_name("ddl", tests, NULL, NULL);
}
