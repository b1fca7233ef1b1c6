/* SPDX-License-Identifier: BSD-2-Clause */
/* uow/memory.h: opening, sharing, tables, what the database fills in. */
#include "memory-town.h"

static void options_are_looked_at(void **state)
{
	uow_memory_options o = UOW_MEMORY_OPTIONS_INIT;
	uow_db_options d = UOW_DB_OPTIONS_INIT;
	uow_db *other = NULL;

	(void)state;
	assert_int_equal(uow_memory_open(NULL, NULL, &err), UOW_EINVAL);
	o.abi = 7;
	assert_int_equal(uow_memory_open(&other, &o, &err), UOW_EINVAL);
	o.abi = 1;
	d.abi = 7;
	o.db = &d;
	assert_int_equal(uow_memory_open(&other, &o, &err), UOW_EINVAL);
	d.abi = 1;
	d.on_connect = "SELECT 1";
	assert_int_equal(uow_memory_open(&other, &o, NULL), UOW_ENOTSUP);
	assert_null(other);
	assert_string_equal(uow_db_profile(db), "memory");
}

static void data_outlives_who_opened_it_first(void **state)
{
	uow_memory_options o = UOW_MEMORY_OPTIONS_INIT;
	uow_db *other = NULL, *apart = NULL;
	const uow_entity *list[] = { &house_entity };
	size_t n = 0;

	(void)state;
	build(1, 1);
	o.same_as = db;
	assert_int_equal(uow_memory_open(&other, &o, &err), 0);
	assert_int_equal(uow_memory_open(&apart, NULL, &err), 0);
	assert_int_equal(uow_schema_check(apart, list, 1, NULL, NULL, &n,
					  &err), 0);
	assert_int_equal(n, 1);
	uow_db_free(apart);
	uow_db_free(db);
	db = other;
	assert_int_equal(houses(), 1);
}

static int put_statement(const char *statement, void *arg)
{
	(void)statement;
	++*(int *)arg;
	return 0;
}

static void there_are_no_statements(void **state)
{
	int n = 0;

	(void)state;
	assert_int_equal(uow_schema_emit(db, town, 2, put_statement, &n, &err),
			 UOW_ENOTSUP);
	assert_int_equal(n, 0);
}

/* -- mappings of one table -- */

struct narrow {
	int32_t rooms;
	int16_t version;
	int16_t id;
	char pad[7];
};
static const uow_column narrow_columns[] = {
	UOW_INT16(struct narrow, id, "id", UOW_KEY),
	UOW_INT16(struct narrow, version, "version", UOW_ROW_VERSION),
	UOW_INT32(struct narrow, rooms, "rooms", 0),
};
static const uow_entity narrow_entity =
	UOW_ENTITY(struct narrow, "houses", narrow_columns);

/* Others' structs: by name, exactly or not at all. */
static void a_table_may_be_seen_by_another_mapping(void **state)
{
	uow_query q = UOW_QUERY_INIT;
	uow_repository *r;
	struct narrow *n, made = { 0, 0, 9, "" };
	uow_rows rows;
	uow_unit *u;

	(void)state;
	build(7, 70);
	build(8, 80);
	u = begin();
	r = uow_repository_of(u, &narrow_entity);
	n = uow_get(r, uow_id(7));
	assert_non_null(n);
	assert_int_equal(n->rooms, 1);
	n->rooms = 3;
	q.where = uow_and(u, uow_eq(u, "id", uow_int(7)),
			  uow_ge(u, "rooms", uow_int(3)));
	assert_int_equal(uow_find(r, &q, &rows), 0);
	assert_int_equal(rows.count, 1);
	uow_remove(r, uow_get(r, uow_id(8)));
	assert_int_equal(uow_increment(r, uow_id(7), "rooms", uow_int(2)), 0);
	ends(u, 0);
	u = begin();
	assert_int_equal(house(u, 7)->rooms, 5);
	assert_int_equal(house(u, 7)->number, 70);
	assert_int_equal(house(u, 7)->version, 3);
	ends(u, 0);
	assert_int_equal(houses(), 1);
	/* a column that it does not know and that must not be NULL */
	u = begin();
	uow_add(uow_repository_of(u, &narrow_entity), &made);
	assert_int_equal(uow_flush(u), UOW_ECONSTRAINT);
	assert_non_null(strstr(uow_unit_error(u)->message, "number"));
	uow_unit_free(u);
	/* a key too large for its member */
	build(100000, 5);
	u = begin();
	q.where = uow_all();
	assert_int_equal(uow_find(uow_repository_of(u, &narrow_entity), &q,
				  &rows), UOW_EDATA);
	uow_unit_free(u);
}

/* -- what the database fills in -- */

struct made {
	uow_uuid id;
	const char *label;
	uow_timestamp version;
	int32_t number;
};
static const uow_column made_columns[] = {
	UOW_UUID(struct made, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_TEXT(struct made, label, "label", 36, 0),
	UOW_TIMESTAMP(struct made, version, "version",
		      UOW_ROW_VERSION | UOW_GENERATED),
	UOW_INT32(struct made, number, "number", UOW_GENERATED),
};
static const uow_entity made_entity =
	UOW_ENTITY(struct made, "made", made_columns);

static void uuids_stamps_and_numbers_are_made(void **state)
{
	const uow_entity *e = &made_entity;
	struct made zero, *a, *b;
	uow_timestamp first;
	uow_repository *r;
	uow_unit *u;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	zero.label = "x";
	assert_int_equal(uow_schema_create(db, &e, 1, &err), 0);
	u = begin();
	r = uow_repository_of(u, e);
	a = uow_add(r, &zero);
	b = uow_add(r, &zero);
	assert_int_equal(uow_flush(u), 0);
	assert_memory_not_equal(&a->id, &b->id, sizeof(a->id));
	assert_memory_not_equal(&a->id, &zero.id, sizeof(a->id));
	assert_int_equal(a->id.bytes[6] >> 4, 4);
	assert_true(a->version.year > 2000);
	assert_memory_not_equal(&a->version, &b->version, sizeof(first));
	assert_true(a->number > 0 && b->number > a->number);
	first = a->version;
	a->label = "y";
	assert_int_equal(uow_flush(u), 0);
	assert_memory_not_equal(&a->version, &first, sizeof(first));
	ends(u, 0);
}

/* Its version is the server's: found stale nevertheless. */
static void a_version_made_here_is_verified(void **state)
{
	const uow_entity *e = &made_entity;
	struct made zero, old, *a;
	uow_unit *u;
	int i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	assert_int_equal(uow_schema_create(db, &e, 1, &err), 0);
	u = begin();
	a = uow_add(uow_repository_of(u, e), &zero);
	assert_int_equal(uow_flush(u), 0);
	old = *a;
	ends(u, 0);
	for (i = 0; i < 2; i++) {
		u = begin();
		a = uow_attach(uow_repository_of(u, e), &old);
		a->label = i ? "late" : "soon";
		ends(u, i ? UOW_ECONFLICT : 0);
	}
}

struct odd {
	uow_bytes id;
	bool flag;
};
static const uow_column odd_columns[] = {
	UOW_BYTES(struct odd, id, "id", 16, UOW_KEY),
	UOW_BOOL(struct odd, flag, "flag", UOW_GENERATED),
};
static const uow_entity odd_entity =
	UOW_ENTITY(struct odd, "odd", odd_columns);

/* All tables of a call or none. */
static void what_cannot_be_made_is_refused_by_name(void **state)
{
	const uow_entity *list[] = { &made_entity, &odd_entity };
	size_t n = 0;

	(void)state;
	assert_int_equal(uow_schema_create(db, list, 2, &err), UOW_ENOTSUP);
	assert_non_null(strstr(err.message, "flag"));
	assert_int_equal(uow_schema_check(db, list, 2, NULL, NULL, &n, &err),
			 0);
	assert_int_equal(n, 2);
}

static void a_child_needs_its_parents_table(void **state)
{
	const uow_entity *guests = &guest_entity, *narrow = &narrow_entity;

	(void)state;
	assert_int_equal(uow_schema_drop(db, town, 2, &err), 0);
	assert_int_equal(uow_schema_create(db, &guests, 1, &err), UOW_ESQL);
	assert_non_null(strstr(err.message, "houses"));
	/* one that was made from another mapping */
	assert_int_equal(uow_schema_create(db, &narrow, 1, &err), 0);
	assert_int_equal(uow_schema_create(db, &guests, 1, &err), UOW_ESQL);
	assert_non_null(strstr(err.message, "types"));
	assert_int_equal(uow_schema_drop(db, &narrow, 1, &err), 0);
	assert_int_equal(uow_schema_create(db, town, 2, &err), 0);
}

/* Numbers that are given are passed over, and given up ones do not return. */
static void generated_numbers_go_up(void **state)
{
	struct guest g = { 0, 0, true, "a" };
	struct guest *first, *second;
	int64_t made;
	uow_unit *u;

	(void)state;
	u = begin();
	first = guest_add(guest_repository_of(u), &g);
	assert_int_equal(uow_flush(u), 0);
	made = first->id;
	uow_unit_free(u);
	u = begin();
	g.id = made + 1;
	guest_add(guest_repository_of(u), &g);
	assert_int_equal(uow_flush(u), 0);
	g.id = 0;
	second = guest_add(guest_repository_of(u), &g);
	assert_int_equal(uow_flush(u), 0);
	assert_true(second->id > made + 1);
	ends(u, 0);
	u = begin();
	g.id = INT64_MAX;
	guest_add(guest_repository_of(u), &g);
	ends(u, 0);
	u = begin();
	g.id = 0;
	guest_add(guest_repository_of(u), &g);
	ends(u, UOW_EDATA);
}

/* -- many rows at once -- */

static void rows_that_refer_to_each_other_go_together(void **state)
{
	struct guest g = { 0, 1, false, "ann" };
	uint64_t n = 0;
	uow_unit *u;

	(void)state;
	build(1, 1);
	build(2, 2);
	u = begin();
	guest_add(guest_repository_of(u), &g);
	ends(u, 0);
	u = begin();
	assert_int_equal(house_remove_where(house_repository_of(u), uow_all(),
					    &n), UOW_ECONSTRAINT);
	uow_unit_free(u);
	assert_int_equal(houses(), 2);
	u = begin();
	guest_remove_where(guest_repository_of(u), uow_all(), &n);
	assert_int_equal(n, 1);
	house_remove_where(house_repository_of(u), uow_all(), &n);
	assert_int_equal(n, 2);
	ends(u, 0);
	assert_int_equal(houses(), 0);
}

/* Without a transaction a statement is still whole. */
static void a_simple_statement_is_whole(void **state)
{
	const uow_assignment more = uow_plus("rooms", uow_int(1));
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;
	uint64_t n = 0;
	int i;

	(void)state;
	for (i = 1; i <= 3; i++)
		build(i, i);
	u = begin();
	house(u, 3)->rooms = INT32_MAX;
	ends(u, 0);
	o.simple = true;
	assert_int_equal(uow_begin(&u, db, &o, &err), 0);
	assert_int_equal(house_update_where(house_repository_of(u), uow_all(),
					    &more, 1, &n), UOW_EDATA);
	uow_unit_free(u);
	assert_int_equal(rooms(1), 1);
	assert_int_equal(rooms(2), 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, town_new, town_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(options_are_looked_at),
		TEST(data_outlives_who_opened_it_first),
		TEST(there_are_no_statements),
		TEST(a_table_may_be_seen_by_another_mapping),
		TEST(uuids_stamps_and_numbers_are_made),
		TEST(a_version_made_here_is_verified),
		TEST(what_cannot_be_made_is_refused_by_name),
		TEST(a_child_needs_its_parents_table),
		TEST(generated_numbers_go_up),
		TEST(rows_that_refer_to_each_other_go_together),
		TEST(a_simple_statement_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
