/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <uow/schema.h>

#include "base/errors.h"
#include "base/mem.h"
#include "schema/tables.h"

struct owner {
	int64_t id;
	int64_t version;
	char name[21];
	bool active;
	int32_t age;
	bool age_is_null;
	const char *note;
};

static const uow_column owner_columns[] = {
	UOW_INT64(struct owner, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct owner, version, "version", UOW_ROW_VERSION),
	UOW_CHARS(struct owner, name, "name", 0),
	UOW_BOOL(struct owner, active, "active", 0),
	UOW_NULLABLE_INT32(struct owner, age, "age", 0),
	UOW_TEXT(struct owner, note, "note", 0, 0),
};
static const uow_entity owner_entity =
	UOW_ENTITY(struct owner, "owners", owner_columns);

static const uow_column wrong_columns[] = {
	UOW_INT64(struct owner, version, "version", 0),
};
static const uow_entity wrong_entity =
	UOW_ENTITY(struct owner, "wrong", wrong_columns);

/* -- a backend that knows tables only -- */

static struct catalog_column live_columns[8];
static struct catalog_table live;
static char log_text[256];
static int define_fails, describe_fails;
static enum outcome commit_gives;
static size_t defined;
static bool has_transactions, was_simple, was_read_only;

static void note(const char *what)
{
	size_t at = strlen(log_text);

	snprintf(log_text + at, sizeof(log_text) - at, "%s ", what);
}

static void stub_free(struct backend *b)
{
	(void)b;
}

static bool stub_has(const struct backend *b, uow_feature feature)
{
	(void)b;
	return feature == UOW_FEATURE_TRANSACTIONS && has_transactions;
}

static const char *stub_profile(const struct backend *b)
{
	(void)b;
	return "stub";
}

static int stub_emit(struct backend *b, const struct mapping *const *mappings,
		     size_t count, bool drop, backend_ddl_fn fn, void *arg,
		     uow_error *err)
{
	char text[64];
	size_t i;
	int rc = 0;

	(void)b;
	(void)err;
	for (i = 0; !rc && i < count; i++) {
		snprintf(text, sizeof(text), "%s %s", drop ? "DROP" : "CREATE",
			 mappings[i]->table);
		rc = fn(text, arg);
	}
	return rc;
}

static void stub_disconnect(struct backend_conn *c)
{
	mem_free(c);
}

static bool stub_alive(struct backend_conn *c, bool probe)
{
	(void)c;
	(void)probe;
	return true;
}

static int stub_begin(struct backend_conn *c, const struct begin_options *o,
		      uow_error *err)
{
	(void)c;
	(void)err;
	was_simple = o->simple;
	was_read_only = o->read_only;
	note("begin");
	return 0;
}

static int stub_commit(struct backend_conn *c, enum outcome *outcome,
		       uow_error *err)
{
	(void)c;
	note("commit");
	*outcome = commit_gives;
	if (commit_gives == OUTCOME_COMMITTED)
		return 0;
	return error_set(err, UOW_EINDOUBT, "connection lost");
}

static void stub_rollback(struct backend_conn *c)
{
	(void)c;
	note("rollback");
}

static int stub_define(struct backend_conn *c,
		       const struct mapping *const *mappings, size_t count,
		       bool drop, uow_error *err)
{
	(void)c;
	(void)mappings;
	note(drop ? "drop" : "create");
	defined = count;
	return define_fails ? error_set(err, define_fails, "no room") : 0;
}

static int stub_describe(struct backend_conn *c, const struct mapping *m,
			 struct arena *a, struct catalog_table *out,
			 uow_error *err)
{
	(void)c;
	(void)m;
	(void)a;
	note("describe");
	*out = live;
	return describe_fails ? error_set(err, describe_fails, "no view") : 0;
}

static int stub_connect(struct backend *b, unsigned endpoint,
			struct backend_conn **out, uow_error *err)
{
	struct backend_conn *c = mem_alloc(sizeof(*c));

	(void)endpoint;
	(void)err;
	c->ops = b->ops;
	*out = c;
	return 0;
}

static const struct backend_ops stub_ops = {
	.free = stub_free,
	.has = stub_has,
	.profile = stub_profile,
	.connect = stub_connect,
	.emit = stub_emit,
	.disconnect = stub_disconnect,
	.alive = stub_alive,
	.begin = stub_begin,
	.commit = stub_commit,
	.rollback = stub_rollback,
	.define = stub_define,
	.describe = stub_describe,
};
static struct backend stub = { .ops = &stub_ops };

static const struct catalog_column good_columns[] = {
	{ "id", "INTEGER", UOW_TYPE_INT64, 0, true, false, 1 },
	{ "version", "BIGINT", UOW_TYPE_INT64, 0, false, false, 0 },
	{ "name", "VARCHAR", UOW_TYPE_TEXT, 20, false, false, 0 },
	{ "active", "SMALLINT", UOW_TYPE_INT16, 0, false, false, 0 },
	{ "age", "INTEGER", UOW_TYPE_INT32, 0, true, false, 0 },
	{ "note", "TEXT", UOW_TYPE_TEXT, 8190, true, false, 0 },
};
enum { GOOD = 6 };

static int set_up(void **state)
{
	const struct db_options o = { 1, 2, 100, 1000, NULL, 0, 0, 0 };
	uow_db *db = NULL;

	if (db_new(&db, &stub, &o, NULL))
		return -1;
	*state = db;
	memcpy(live_columns, good_columns, sizeof(good_columns));
	live.columns = live_columns;
	live.count = GOOD;
	log_text[0] = '\0';
	define_fails = 0;
	describe_fails = 0;
	commit_gives = OUTCOME_COMMITTED;
	has_transactions = true;
	return 0;
}

static int tear_down(void **state)
{
	uow_db_free(*state);
	return 0;
}

/* -- what was told -- */

static char told[512];
static char told_columns[128];
static int answer;

static int listen(const uow_entity *entity, const char *column,
		  const char *message, void *arg)
{
	(void)arg;
	assert_ptr_equal(entity, &owner_entity);
	snprintf(told, sizeof(told), "%s", message);
	snprintf(told_columns + strlen(told_columns),
		 sizeof(told_columns) - strlen(told_columns), "%s ",
		 column ? column : "-");
	return answer;
}

static const uow_entity *const owners[] = { &owner_entity };

static size_t check(uow_db *db)
{
	uow_error err = UOW_ERROR_INIT;
	size_t n = 99;

	told[0] = '\0';
	told_columns[0] = '\0';
	answer = 0;
	assert_int_equal(uow_schema_check(db, owners, 1, listen, NULL, &n,
					  &err), 0);
	return n;
}

/* -- check -- */

static void table_as_mapped_has_no_differences(void **state)
{
	assert_int_equal(check(*state), 0);
	assert_string_equal(log_text, "begin describe commit ");
	assert_true(was_read_only);
}

static void missing_table_is_one_difference(void **state)
{
	live.count = 0;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "table 'owners' is missing");
	assert_string_equal(told_columns, "- ");
}

static void missing_column_is_named(void **state)
{
	live.count = GOOD - 1;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "column 'note' is missing in table "
			    "'owners'");
	assert_string_equal(told_columns, "note ");
}

static void another_kind_is_told_with_the_type(void **state)
{
	live_columns[4].family = UOW_TYPE_TEXT;
	live_columns[4].type = "TEXT";
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "column 'age' of table 'owners' is text "
			    "(TEXT), its member is a 32-bit integer");
}

static void narrower_integer_is_another_kind(void **state)
{
	live_columns[1].family = UOW_TYPE_INT32;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told_columns, "version ");
}

static void unknown_kind_is_believed(void **state)
{
	live_columns[1].family = UOW_TYPE_NULL;
	assert_int_equal(check(*state), 0);
}

static void short_column_is_told_with_both_lengths(void **state)
{
	live_columns[2].length = 10;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "column 'name' of table 'owners' holds 10 "
			    "characters, its member 20");
}

static void member_without_limit_fits_any_length(void **state)
{
	live_columns[5].length = 5;
	assert_int_equal(check(*state), 0);
}

static void null_without_a_place_for_it_is_told(void **state)
{
	live_columns[3].nullable = true;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "column 'active' of table 'owners' may be "
			    "NULL, its member may not");
}

static void two_faults_of_a_column_are_two_differences(void **state)
{
	live_columns[2].length = 10;
	live_columns[2].nullable = true;
	assert_int_equal(check(*state), 2);
	assert_string_equal(told_columns, "name name ");
}

static void other_primary_key_is_told(void **state)
{
	live_columns[0].key_position = 2;
	live_columns[2].key_position = 1;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "primary key of table 'owners' is (name, "
			    "id), of the mapping (id)");
}

static void table_without_primary_key_is_told(void **state)
{
	live_columns[0].key_position = 0;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told, "table 'owners' has no primary key, the "
			    "mapping has (id)");
}

static void unmapped_column_that_inserts_must_fill_is_told(void **state)
{
	static const struct catalog_column extra = {
		"tax", "INTEGER", UOW_TYPE_INT32, 0, false, false, 0
	};

	live_columns[GOOD] = extra;
	live.count = GOOD + 1;
	assert_int_equal(check(*state), 1);
	assert_string_equal(told_columns, "tax ");
	live_columns[GOOD].has_default = true;
	assert_int_equal(check(*state), 0);
	live_columns[GOOD].has_default = false;
	live_columns[GOOD].nullable = true;
	assert_int_equal(check(*state), 0);
}

static void differences_are_counted_without_a_function(void **state)
{
	size_t n = 0;

	live.count = 0;
	assert_int_equal(uow_schema_check(*state, owners, 1, NULL, NULL, &n,
					  NULL), 0);
	assert_int_equal(n, 1);
}

static void function_stops_the_check(void **state)
{
	uow_error err = UOW_ERROR_INIT;
	size_t n = 7;

	live.count = 2;
	told_columns[0] = '\0';
	answer = -1234;
	assert_int_equal(uow_schema_check(*state, owners, 1, listen, NULL, &n,
					  &err), -1234);
	assert_string_equal(told_columns, "name ");
	assert_int_equal(n, 7);
	assert_int_equal(err.code, -1234);
}

static int listen_idle(const uow_entity *entity, const char *column,
		       const char *message, void *arg)
{
	uow_pool_stats s;

	(void)entity;
	(void)column;
	(void)message;
	uow_db_stats(arg, &s, sizeof(s));
	assert_int_equal(s.idle, 1);
	return 0;
}

static void connection_is_back_when_differences_are_told(void **state)
{
	size_t n = 0;

	live.count = 0;
	assert_int_equal(uow_schema_check(*state, owners, 1, listen_idle,
					  *state, &n, NULL), 0);
	assert_int_equal(n, 1);
}

static void failed_catalog_leaves_the_count_alone(void **state)
{
	uow_error err = UOW_ERROR_INIT;
	size_t n = 7;

	describe_fails = UOW_EDENIED;
	assert_int_equal(uow_schema_check(*state, owners, 1, NULL, NULL, &n,
					  &err), UOW_EDENIED);
	assert_int_equal(n, 7);
	assert_string_equal(err.message, "no view");
	assert_string_equal(err.entity, "owner");
	assert_string_equal(log_text, "begin describe rollback ");
}

/* -- emit, create, drop -- */

static char emitted[64];

static int keep(const char *statement, void *arg)
{
	(void)arg;
	snprintf(emitted, sizeof(emitted), "%s", statement);
	return answer;
}

static void emit_needs_no_connection(void **state)
{
	answer = 0;
	assert_int_equal(uow_schema_emit(*state, owners, 1, keep, NULL, NULL),
			 0);
	assert_string_equal(emitted, "CREATE owners");
	assert_string_equal(log_text, "");
	answer = -1111;
	assert_int_equal(uow_schema_emit(*state, owners, 1, keep, NULL, NULL),
			 -1111);
}

static void create_and_drop_are_transactions(void **state)
{
	assert_int_equal(uow_schema_create(*state, owners, 1, NULL), 0);
	assert_int_equal(uow_schema_drop(*state, owners, 1, NULL), 0);
	assert_string_equal(log_text,
			    "begin create commit begin drop commit ");
	assert_int_equal(defined, 1);
	assert_false(was_simple);
}

static void without_transactions_statements_stand_alone(void **state)
{
	has_transactions = false;
	assert_int_equal(uow_schema_create(*state, owners, 1, NULL), 0);
	assert_true(was_simple);
}

static void failed_statement_rolls_back(void **state)
{
	uow_error err = UOW_ERROR_INIT;
	uow_pool_stats s;

	define_fails = UOW_ESQL;
	assert_int_equal(uow_schema_create(*state, owners, 1, &err), UOW_ESQL);
	assert_string_equal(err.message, "no room");
	assert_string_equal(log_text, "begin create rollback ");
	uow_db_stats(*state, &s, sizeof(s));
	assert_int_equal(s.idle, 1);
}

static void lost_commit_is_told_and_the_connection_closed(void **state)
{
	uow_error err = UOW_ERROR_INIT;
	uow_pool_stats s;

	commit_gives = OUTCOME_UNKNOWN;
	assert_int_equal(uow_schema_create(*state, owners, 1, &err),
			 UOW_EINDOUBT);
	assert_int_equal(err.code, UOW_EINDOUBT);
	uow_db_stats(*state, &s, sizeof(s));
	assert_int_equal(s.open, 0);
}

static void nothing_to_do_is_done(void **state)
{
	size_t n = 7;

	assert_int_equal(uow_schema_create(*state, NULL, 0, NULL), 0);
	assert_int_equal(uow_schema_check(*state, NULL, 0, NULL, NULL, &n,
					  NULL), 0);
	assert_int_equal(n, 0);
	assert_string_equal(log_text, "");
}

static void senseless_arguments_are_refused(void **state)
{
	static const uow_entity *const hole[] = { &owner_entity, NULL };

	assert_int_equal(uow_schema_create(NULL, owners, 1, NULL), UOW_EINVAL);
	assert_int_equal(uow_schema_create(*state, NULL, 1, NULL), UOW_EINVAL);
	assert_int_equal(uow_schema_create(*state, hole, 2, NULL), UOW_EINVAL);
	assert_int_equal(uow_schema_emit(*state, owners, 1, NULL, NULL, NULL),
			 UOW_EINVAL);
	assert_string_equal(log_text, "");
}

static void wrong_mapping_is_named(void **state)
{
	static const uow_entity *const wrong[] = { &wrong_entity };
	uow_error err = UOW_ERROR_INIT;

	assert_int_equal(uow_schema_create(*state, wrong, 1, &err),
			 UOW_ECONFIG);
	assert_int_not_equal(err.message[0], '\0');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table_as_mapped_has_no_differences),
		TEST(missing_table_is_one_difference),
		TEST(missing_column_is_named),
		TEST(another_kind_is_told_with_the_type),
		TEST(narrower_integer_is_another_kind),
		TEST(unknown_kind_is_believed),
		TEST(short_column_is_told_with_both_lengths),
		TEST(member_without_limit_fits_any_length),
		TEST(null_without_a_place_for_it_is_told),
		TEST(two_faults_of_a_column_are_two_differences),
		TEST(other_primary_key_is_told),
		TEST(table_without_primary_key_is_told),
		TEST(unmapped_column_that_inserts_must_fill_is_told),
		TEST(differences_are_counted_without_a_function),
		TEST(function_stops_the_check),
		TEST(connection_is_back_when_differences_are_told),
		TEST(failed_catalog_leaves_the_count_alone),
		TEST(emit_needs_no_connection),
		TEST(create_and_drop_are_transactions),
		TEST(without_transactions_statements_stand_alone),
		TEST(failed_statement_rolls_back),
		TEST(lost_commit_is_told_and_the_connection_closed),
		TEST(nothing_to_do_is_done),
		TEST(senseless_arguments_are_refused),
		TEST(wrong_mapping_is_named),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
