/* SPDX-License-Identifier: BSD-2-Clause */
/* model/mapping.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/mapping.h"

struct owner {
	int64_t id;
};

struct account {
	int64_t id;
	int64_t owner;
	char currency[4];
	int64_t balance;
	const char *note;
	uow_bytes picture;
	uow_date closed;
	bool closed_is_null;
	int32_t version;
	int64_t rank;
};

static const uow_column owner_columns[] = {
	UOW_INT64(struct owner, id, "id", UOW_KEY),
};
static const uow_entity owner_entity =
	UOW_ENTITY(struct owner, "owners", owner_columns);

enum {
	ID, OWNER, CURRENCY, BALANCE, NOTE, PICTURE, CLOSED, VERSION, RANK,
	COLUMNS
};

static const uow_column good[COLUMNS] = {
	UOW_INT64(struct account, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct account, owner, "owner", &owner_entity, 0),
	UOW_CHARS(struct account, currency, "currency", UOW_UNIQUE),
	UOW_DECIMAL(struct account, balance, "balance", 18, 2, 0),
	UOW_TEXT(struct account, note, "note", 100, UOW_REQUIRED),
	UOW_BYTES(struct account, picture, "picture", 0, UOW_READ_ONLY),
	UOW_NULLABLE_DATE(struct account, closed, "closed", 0),
	UOW_INT32(struct account, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct account, rank, "rank", UOW_GENERATED),
};

/* What a test spoils before it asks for the mapping. */
static uow_column columns[COLUMNS];
static uow_entity entity;

static int start(void **state)
{
	static const uow_entity fresh =
		UOW_ENTITY(struct account, "accounts", columns);

	(void)state;
	memcpy(columns, good, sizeof(columns));
	entity = fresh;
	return 0;
}

static void refused(const char *message)
{
	struct mapping *m = NULL;
	uow_error err = UOW_ERROR_INIT;

	assert_int_equal(mapping_new(&m, &entity, &err), UOW_ECONFIG);
	assert_null(m);
	assert_int_equal(err.code, UOW_ECONFIG);
	assert_string_equal(err.message, message);
	assert_int_equal(mapping_new(&m, &entity, NULL), UOW_ECONFIG);
}

static void refused_in_part(const char *part)
{
	struct mapping *m = NULL;
	uow_error err;

	assert_int_equal(mapping_new(&m, &entity, &err), UOW_ECONFIG);
	assert_non_null(strstr(err.message, part));
}

static struct mapping *made(void)
{
	struct mapping *m = NULL;
	uow_error err = UOW_ERROR_INIT;

	if (mapping_new(&m, &entity, &err) != 0)
		fail_msg("%s", err.message);
	return m;
}

static void accepted(void)
{
	mapping_free(made());
}

static void good_entity_is_understood(void **state)
{
	struct mapping *m = made();

	(void)state;
	assert_string_equal(m->name, "account");
	assert_string_equal(m->table, "accounts");
	assert_null(m->schema);
	assert_ptr_equal(m->entity, &entity);
	assert_int_equal(m->size, sizeof(struct account));
	assert_int_equal(m->count, COLUMNS);
	assert_int_equal(m->key_count, 1);
	assert_int_equal(m->keys[0], ID);
	assert_int_equal(m->generated_key, ID);
	assert_int_equal(m->version, VERSION);
	assert_false(m->server_version);
	assert_int_equal(m->all.words[0], (1 << COLUMNS) - 1);
	assert_int_equal(m->key_set.words[0], 1 << ID);
	assert_int_equal(m->generated.words[0], 1 << RANK);
	assert_int_equal(m->texts.words[0], 1 << NOTE | 1 << PICTURE);
	assert_int_equal(m->written.words[0],
			 1 << OWNER | 1 << CURRENCY | 1 << BALANCE | 1 << NOTE |
			 1 << CLOSED | 1 << VERSION);
	assert_int_equal(m->fields[BALANCE].precision, 18);
	assert_int_equal(m->fields[BALANCE].scale, 2);
	assert_int_equal(m->fields[CURRENCY].length, 3);
	assert_int_equal(m->fields[RANK].index, RANK);
	assert_ptr_equal(m->fields[OWNER].references, &owner_entity);
	mapping_free(m);
	mapping_free(NULL);
}

static void columns_are_found_by_exact_name(void **state)
{
	struct mapping *m = made();

	(void)state;
	assert_int_equal(mapping_find(m, "rank"), RANK);
	assert_int_equal(mapping_find(m, "id"), ID);
	assert_int_equal(mapping_find(m, "Rank"), -1);
	assert_int_equal(mapping_find(m, ""), -1);
	mapping_free(m);
}

static void nullable_is_what_has_a_way_to_say_null(void **state)
{
	struct mapping *m;

	(void)state;
	columns[PICTURE].flags = 0;
	m = made();
	assert_false(field_nullable(&m->fields[ID]));
	assert_false(field_nullable(&m->fields[NOTE]));
	assert_true(field_nullable(&m->fields[PICTURE]));
	assert_true(field_nullable(&m->fields[CLOSED]));
	mapping_free(m);
}

static void entity_must_be_filled_in(void **state)
{
	struct mapping *m = NULL;

	(void)state;
	assert_int_equal(mapping_new(&m, NULL, NULL), UOW_ECONFIG);
	entity.abi = 2;
	refused("an entity has version 2 of its layout, known is 1: fill it "
		"in with UOW_ENTITY()");
	start(NULL);
	entity.name = NULL;
	refused("an entity has no name");
	entity.name = "";
	refused("an entity has no name");
	start(NULL);
	entity.table = NULL;
	refused("entity account: no table");
	entity.table = "";
	refused("entity account: no table");
	start(NULL);
	entity.schema = "";
	refused("entity account: schema is empty");
	start(NULL);
	entity.column_count = 257;
	refused("entity account: 257 columns, more than 256");
	entity.column_count = 0;
	refused("entity account: no columns, or not filled in with "
		"UOW_ENTITY()");
	start(NULL);
	entity.columns = NULL;
	refused("entity account: no columns, or not filled in with "
		"UOW_ENTITY()");
	start(NULL);
	entity.column_size = 8;
	refused("entity account: no columns, or not filled in with "
		"UOW_ENTITY()");
}

static void names_must_be_there_and_distinct(void **state)
{
	(void)state;
	columns[RANK].name = NULL;
	refused("entity account: column 9 has no name");
	columns[RANK].name = "";
	refused("entity account: column 9 has no name");
	columns[RANK].name = "note";
	refused("entity account: column 'note' is there twice");
	columns[RANK].name = "NOTE";
	refused("entity account: column 'NOTE' is there twice");
}

static void key_must_be_there_and_not_nullable(void **state)
{
	(void)state;
	columns[ID].flags = 0;
	refused("entity account: no column is UOW_KEY");
	columns[CLOSED].flags = UOW_KEY;
	refused("entity account: column 'closed' is part of the key and "
		"nullable");
	start(NULL);
	columns[NOTE].flags = UOW_KEY;
	accepted();
	columns[NOTE].flags = UOW_KEY | UOW_GENERATED;
	refused("entity account: column 'note' is a second generated key");
	start(NULL);
	columns[ID].flags = UOW_KEY;
	columns[NOTE].flags = UOW_KEY | UOW_GENERATED;
	accepted();
	columns[NOTE].flags = UOW_KEY;
	columns[BALANCE].flags = UOW_KEY | UOW_GENERATED;
	refused("entity account: column 'balance' has type DECIMAL, which no "
		"database generates for a key");
	start(NULL);
	columns[ID].flags = UOW_KEY | UOW_ROW_VERSION;
	refused("entity account: column 'id' is both key and version");
}

struct wide {
	int64_t c[9];
};

static void key_has_eight_columns_at_most(void **state)
{
	static const uow_column any = UOW_SCALAR_(struct owner, id, int64_t,
						  "k", UOW_TYPE_INT64, UOW_KEY);
	static const char *const names[] = {
		"a", "b", "c", "d", "e", "f", "g", "h", "i"
	};
	uow_column wide[9];
	size_t i;

	(void)state;
	for (i = 0; i < 9; i++) {
		wide[i] = any;
		wide[i].name = names[i];
		wide[i].offset = i * sizeof(int64_t);
	}
	entity.size = sizeof(struct wide);
	entity.columns = wide;
	entity.column_count = 8;
	accepted();
	entity.column_count = 9;
	refused("entity account: the key has more than 8 columns");
}

static void version_must_be_a_counter_or_made_by_the_server(void **state)
{
	(void)state;
	columns[RANK].flags = UOW_ROW_VERSION;
	refused("entity account: column 'rank' is a second version");
	start(NULL);
	columns[VERSION].flags = 0;
	columns[BALANCE].flags = UOW_ROW_VERSION;
	refused("entity account: column 'balance' has type DECIMAL, a version "
		"is an integer");
	columns[BALANCE].flags |= UOW_GENERATED;
	refused("entity account: column 'balance' has type DECIMAL, a version "
		"is an integer, TIMESTAMP or UUID");
	start(NULL);
	columns[VERSION].flags |= UOW_READ_ONLY;
	refused("entity account: column 'version' is the version and read "
		"only");
	start(NULL);
	columns[VERSION].null_offset = offsetof(struct account, closed_is_null);
	refused("entity account: column 'version' is the version and "
		"nullable");
}

struct stamped {
	int64_t id;
	uow_timestamp changed;
	uow_uuid mark;
};

static void server_made_versions_may_be_no_numbers(void **state)
{
	uow_column c[] = {
		UOW_INT64(struct stamped, id, "id", UOW_KEY),
		UOW_TIMESTAMP(struct stamped, changed, "changed",
			      UOW_ROW_VERSION | UOW_GENERATED),
		UOW_UUID(struct stamped, mark, "mark", 0),
	};
	struct mapping *m;

	(void)state;
	entity.size = sizeof(struct stamped);
	entity.columns = c;
	entity.column_count = 3;
	m = made();
	assert_true(m->server_version);
	assert_true(columns_has(&m->generated, 1));
	assert_false(columns_has(&m->written, 1));
	mapping_free(m);
	c[2].flags = c[1].flags;
	c[1].flags = 0;
	accepted();
	c[2].flags = UOW_ROW_VERSION;
	refused("entity account: column 'mark' has type UUID, a version is an "
		"integer");
}

static void members_must_lie_inside_the_struct(void **state)
{
	(void)state;
	columns[RANK].offset = sizeof(struct account) - 7;
	refused("entity account: column 'rank' lies outside the struct");
	columns[RANK].offset = SIZE_MAX;
	refused("entity account: column 'rank' lies outside the struct");
	columns[RANK].offset = sizeof(struct account) - 8;
	accepted();
	columns[CLOSED].null_offset = sizeof(struct account);
	refused("entity account: column 'closed' has its null flag outside "
		"the struct");
	columns[CLOSED].null_offset = SIZE_MAX - 1;
	refused("entity account: column 'closed' has its null flag outside "
		"the struct");
	columns[CLOSED].null_offset = columns[CLOSED].offset + 1;
	refused("entity account: column 'closed' has its null flag inside "
		"itself");
}

static void members_belong_to_one_column(void **state)
{
	(void)state;
	columns[RANK].offset = columns[BALANCE].offset;
	refused_in_part("is in the same member as column");
	start(NULL);
	columns[RANK].null_offset = columns[CLOSED].null_offset;
	refused_in_part("is in the same member as column");
	start(NULL);
	columns[RANK].null_offset = columns[BALANCE].offset;
	refused_in_part("is in the same member as column");
}

static void types_and_sizes_must_agree(void **state)
{
	(void)state;
	columns[RANK].size = 4;
	refused("entity account: column 'rank' has type INT64 of 8 bytes, its "
		"member has 4");
	columns[RANK].type = UOW_TYPE_NULL;
	refused("entity account: column 'rank' has no type of a column (0)");
	columns[RANK].type = (uow_type)99;
	refused("entity account: column 'rank' has no type of a column (99)");
	start(NULL);
	columns[CURRENCY].size = 1;
	refused("entity account: column 'currency' is an array without room");
	start(NULL);
	columns[CURRENCY].length = 4;
	refused("entity account: column 'currency' has length 4 in an array "
		"of 4 bytes");
	start(NULL);
	columns[BALANCE].precision = 19;
	refused("entity account: column 'balance' has precision 19, only 1 to "
		"18 are possible");
	columns[BALANCE].precision = 0;
	refused("entity account: column 'balance' has precision 0, only 1 to "
		"18 are possible");
	columns[BALANCE].precision = 1;
	refused("entity account: column 'balance' has scale 2 beyond its "
		"precision 1");
}

struct digits {
	int64_t id;
	const char *total;
	int64_t other;
};
static uow_column wide_columns[] = {
	UOW_INT64(struct digits, id, "id", UOW_KEY),
	UOW_DECIMAL_TEXT(struct digits, total, "total", 38, 10, 0),
	UOW_INT64(struct digits, other, "other", 0),
};
static uow_unique_key wide_unique[] = { UOW_UNIQUE_KEY({ "total", "other" }) };

static void wide_refused(const uow_entity *e, const char *message)
{
	struct mapping *m = NULL;
	uow_error err;

	assert_int_equal(mapping_new(&m, e, &err), UOW_ECONFIG);
	assert_string_equal(err.message, message);
}

/* Keys are compared byte by byte, and a number has many spellings. */
static void decimals_of_text_are_no_keys(void **state)
{
	static const uow_entity e =
		UOW_ENTITY(struct digits, "wide", wide_columns);
	static const uow_entity unique =
		UOW_ENTITY_UNIQUE(struct digits, NULL, "wide", wide_columns,
				  wide_unique);
	struct mapping *m = NULL;
	uow_error err;

	(void)state;
	assert_int_equal(mapping_new(&m, &e, &err), 0);
	assert_true(field_is_digits(&m->fields[1]));
	assert_false(field_is_digits(&m->fields[0]));
	assert_true(columns_has(&m->digits, 1));
	mapping_free(m);
	wide_columns[1].flags = UOW_UNIQUE;
	wide_refused(&e, "entity digits: column 'total' is a decimal held as "
		     "text, which is no key, not unique and no version");
	wide_columns[1].flags = 0;
	wide_columns[1].precision = 39;
	wide_refused(&e, "entity digits: column 'total' has precision 39, "
		     "only 1 to 38 are possible");
	wide_columns[1].precision = 9;
	wide_refused(&e, "entity digits: column 'total' has scale 10 beyond "
		     "its precision 9");
	wide_columns[1].precision = 38;
	wide_refused(&unique, "entity digits: unique key 1 names a decimal "
		     "held as text, column 'total'");
}

static void flags_must_make_sense(void **state)
{
	(void)state;
	columns[RANK].flags = 1 << 10;
	refused("entity account: column 'rank' has unknown flags 0x400");
	start(NULL);
	columns[CLOSED].flags = UOW_REQUIRED;
	refused("entity account: column 'closed' is both required and "
		"nullable");
}

/* A uow_column of an older header, without its last member. */
struct old_column {
	unsigned char bytes[offsetof(uow_column, references)];
};

static void descriptors_of_another_size_are_read(void **state)
{
	struct old_column old[COLUMNS];
	struct { uow_column c; char more[16]; } later[COLUMNS];
	struct mapping *m;
	size_t i;

	(void)state;
	for (i = 0; i < COLUMNS; i++) {
		memcpy(&old[i], &columns[i], sizeof(old[i]));
		memset(&later[i], 0xff, sizeof(later[i]));
		later[i].c = columns[i];
	}
	entity.column_size = sizeof(old[0]);
	entity.columns = (const uow_column *)(const void *)old;
	m = made();
	assert_null(m->fields[OWNER].references);
	assert_int_equal(mapping_find(m, "rank"), RANK);
	assert_int_equal(m->fields[BALANCE].scale, 2);
	mapping_free(m);
	entity.column_size = sizeof(later[0]);
	entity.columns = &later[0].c;
	m = made();
	assert_ptr_equal(m->fields[OWNER].references, &owner_entity);
	assert_int_equal(mapping_find(m, "rank"), RANK);
	mapping_free(m);
}

static void missing_null_offset_of_an_old_header_is_none(void **state)
{
	char old[COLUMNS][offsetof(uow_column, null_offset)];
	struct mapping *m;
	size_t i;

	(void)state;
	columns[BALANCE].type = UOW_TYPE_INT64;
	for (i = 0; i < COLUMNS; i++)
		memcpy(old[i], &columns[i], sizeof(old[i]));
	entity.column_size = sizeof(old[0]);
	entity.columns = (const uow_column *)(const void *)old;
	m = made();
	assert_true(m->fields[RANK].null_offset == UOW_NOT_NULL);
	mapping_free(m);
}

static void references_need_one_wide_key(void **state)
{
	static const char text[] = "entity account: column 'owner' refers to "
		"an entity whose key is not one INT64 column";
	uow_column parent_columns[] = {
		UOW_INT64(struct account, id, "id", UOW_KEY),
		UOW_INT64(struct account, rank, "rank", 0),
		UOW_INT32(struct account, version, "v", 0),
	};
	uow_entity parent = UOW_ENTITY(struct account, "p", parent_columns);

	(void)state;
	columns[OWNER].references = &parent;
	accepted();
	parent_columns[1].flags = UOW_KEY;
	refused(text);
	parent_columns[0].flags = parent_columns[1].flags = 0;
	refused(text);
	parent_columns[2].flags = UOW_KEY;
	refused(text);
	parent.abi = 0;
	refused("entity account: column 'owner' refers to something that is "
		"no entity");
	start(NULL);
	columns[VERSION].references = &owner_entity;
	refused("entity account: column 'version' is a reference but not "
		"INT64");
}

static void references_may_form_circles(void **state)
{
	(void)state;
	columns[OWNER].references = &entity;
	columns[RANK].references = &entity;
	accepted();
}

static const uow_entity account_entity =
	UOW_ENTITY(struct account, "accounts", good);

static void foreign_keys_must_fit_their_parent(void **state)
{
	uow_foreign_key fk = UOW_FOREIGN_KEY(&account_entity,
					     { "currency", "rank" },
					     { "note", "id" });

	(void)state;
	entity.foreign_keys = &fk;
	entity.foreign_key_count = 1;
	accepted();
	fk.columns[1] = "none";
	refused("entity account: foreign key 1 names unknown column 'none'");
	fk.columns[1] = "version";
	refused("entity account: foreign key 1: column 'version' has type "
		"INT32, 'id' of account has type INT64");
	fk.columns[1] = "currency";
	refused("entity account: foreign key 1 names twice column 'currency'");
	fk.columns[1] = NULL;
	refused("entity account: foreign key 1 has not as many columns as its "
		"parent's");
	fk.columns[0] = NULL;
	refused("entity account: foreign key 1 has no columns");
	fk.columns[0] = "currency";
	fk.columns[1] = "rank";
	fk.parent_columns[1] = "none";
	refused("entity account: foreign key 1 names unknown column 'none' of "
		"account");
	fk.parent_columns[1] = "note";
	refused("entity account: foreign key 1 names twice the parent's "
		"column 'note'");
	fk.parent = NULL;
	refused("entity account: foreign key 1 has no parent");
	entity.foreign_keys = NULL;
	refused("entity account: foreign key 1 is missing");
}

static void decimals_refer_to_decimals_of_their_scale(void **state)
{
	uow_foreign_key fk = UOW_FOREIGN_KEY(&account_entity, { "balance" },
					     { "balance" });

	(void)state;
	entity.foreign_keys = &fk;
	entity.foreign_key_count = 1;
	accepted();
	columns[BALANCE].scale = 3;
	refused("entity account: foreign key 1: column 'balance' has type "
		"DECIMAL, 'balance' of account has type DECIMAL");
}

static void unique_keys_must_name_columns(void **state)
{
	uow_unique_key keys[] = {
		UOW_UNIQUE_KEY({ "currency", "rank" }),
		UOW_UNIQUE_KEY({ "note" }),
	};

	(void)state;
	entity.unique_keys = keys;
	entity.unique_key_count = 2;
	accepted();
	keys[1].columns[0] = "none";
	refused("entity account: unique key 2 names unknown column 'none'");
	keys[1].columns[0] = NULL;
	refused("entity account: unique key 2 has no columns");
	keys[0].columns[1] = "currency";
	refused("entity account: unique key 1 names twice column 'currency'");
	entity.unique_keys = NULL;
	refused("entity account: unique key 1 is missing");
}

static void sets_hold_what_was_put_in(void **state)
{
	struct columns a, b;
	unsigned i;

	(void)state;
	memset(&a, 0, sizeof(a));
	b = a;
	assert_true(columns_empty(&a));
	for (i = 0; i < UOW_ENTITY_COLUMNS; i += 17) {
		columns_add(&a, i);
		assert_true(columns_has(&a, i));
		assert_false(columns_has(&a, (i + 1) % UOW_ENTITY_COLUMNS));
		assert_false(columns_equal(&a, &b));
		assert_false(columns_empty(&a));
		columns_remove(&a, i);
		assert_true(columns_equal(&a, &b));
	}
}

#define test(f) cmocka_unit_test_setup(f, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(good_entity_is_understood),
		test(columns_are_found_by_exact_name),
		test(nullable_is_what_has_a_way_to_say_null),
		test(entity_must_be_filled_in),
		test(names_must_be_there_and_distinct),
		test(key_must_be_there_and_not_nullable),
		test(key_has_eight_columns_at_most),
		test(version_must_be_a_counter_or_made_by_the_server),
		test(server_made_versions_may_be_no_numbers),
		test(members_must_lie_inside_the_struct),
		test(members_belong_to_one_column),
		test(types_and_sizes_must_agree),
		test(decimals_of_text_are_no_keys),
		test(flags_must_make_sense),
		test(descriptors_of_another_size_are_read),
		test(missing_null_offset_of_an_old_header_is_none),
		test(references_need_one_wide_key),
		test(references_may_form_circles),
		test(foreign_keys_must_fit_their_parent),
		test(decimals_refer_to_decimals_of_their_scale),
		test(unique_keys_must_name_columns),
		test(sets_hold_what_was_put_in),
	};

	return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
