/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

#include "server.h"

struct report {
	unsigned count;
	char text[8192];
	int stop;
};

static int note(const uow_entity *e, const char *column, const char *message,
		void *arg)
{
	struct report *r = arg;
	size_t used = strlen(r->text);

	r->count++;
	snprintf(r->text + used, sizeof(r->text) - used, "%s|%s|%s\n",
		 e->table, column ? column : "", message);
	return r->stop;
}

static size_t differences(struct fixture *f, const uow_entity *e,
			  struct report *r)
{
	size_t n = 999;

	memset(r, 0, sizeof(*r));
	succeeds(uow_schema_check(f->db, &e, 1, note, r, &n, &f->err),
		 &f->err);
	assert_int_equal(n, r->count);
	return n;
}

/* Simple: some databases commit when tables are defined. */
static void execute(struct fixture *f, const char *sql)
{
	const char *hole = strstr(sql, " TEXT");
	const char *type = f->backend->long_text;
	uow_options o = UOW_OPTIONS_INIT;
	char text[400];
	uow_unit *u;

	if (hole && type) {
		snprintf(text, sizeof(text), "%.*s %s%s", (int)(hole - sql),
			 sql, type, hole + strlen(" TEXT"));
		sql = text;
	}
	o.simple = true;
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, sql, NULL, 0, NULL));
	commit(u);
}

static const uow_entity *const everything[] = {
	/* children first: the order is the library's business */
	&twin_entity, &street_entity, &city_entity, &region_entity,
	&detail_entity, &pair_entity, &nullable_entity, &plain_entity,
	&account_entity, &word_entity, &token_entity, &day_entity,
	&small_entity, &node_entity, &slot_entity, &seat_entity,
	&types_entity, &limited_entity, &odd_entity, &stamped_all_entity,
};
enum { EVERYTHING = sizeof(everything) / sizeof(everything[0]) };

/* What is created is what is checked; dropped, it is gone; twice is fine. */
static void what_is_created_has_no_differences(void **state)
{
	struct fixture *f = *state;
	struct report r;
	size_t n = 99;
	int i;

	for (i = 0; i < 2; i++) {
		succeeds(uow_schema_create(f->db, everything, EVERYTHING,
					   &f->err), &f->err);
		memset(&r, 0, sizeof(r));
		succeeds(uow_schema_check(f->db, everything, EVERYTHING, note,
					  &r, &n, &f->err), &f->err);
		if (n)
			fail_msg("%s", r.text);
		assert_int_equal(rows_in(f, &nullable_entity), 0);
		succeeds(uow_schema_drop(f->db, everything, EVERYTHING,
					 &f->err), &f->err);
		succeeds(uow_schema_drop(f->db, everything, EVERYTHING,
					 &f->err), &f->err);
		n = 0;
		succeeds(uow_schema_check(f->db, everything, EVERYTHING, NULL,
					  NULL, &n, &f->err), &f->err);
		assert_true(n >= EVERYTHING);
	}
}

/* Tables that are there already are an error, not overwritten. */
static void creating_twice_is_an_error(void **state)
{
	struct fixture *f = *state;
	const uow_entity *e = &plain_entity;
	struct plain p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	gives(uow_schema_create(f->db, &e, 1, &f->err), UOW_ESQL, &f->err);
	contains(f->err.message, "plains");
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

static int collect(const char *statement, void *arg)
{
	struct report *r = arg;
	size_t used = strlen(r->text), n = strlen(statement);

	if (statement[n - 1] == ';')
		return UOW_EAPP - 1;
	snprintf(r->text + used, sizeof(r->text) - used, "%s\n", statement);
	return ++r->count == 3 && r->stop ? r->stop : 0;
}

/* The same as text, parents first; nothing is touched. */
static void emitted_statements_make_the_tables(void **state)
{
	struct fixture *f = *state;
	struct report r;
	char *line, *end;

	needs(f, BACKEND_SQL);
	memset(&r, 0, sizeof(r));
	succeeds(uow_schema_emit(f->db, everything, 6, collect, &r, &f->err),
		 &f->err);
	assert_true(r.count >= 6);
	assert_true(strstr(r.text, "regions") < strstr(r.text, "streets"));
	for (line = strstr(r.text, "CREATE TABLE"); line; line = end) {
		end = strstr(line + 1, "\nCREATE");
		if (end)
			*end++ = '\0';
		execute(f, line);
	}
	assert_int_equal(rows_in(f, &street_entity), 0);
	memset(&r, 0, sizeof(r));
	r.stop = UOW_EAPP - 4;
	gives(uow_schema_emit(f->db, everything, 6, collect, &r, &f->err),
	      UOW_EAPP - 4, &f->err);
	assert_int_equal(r.count, 3);
}

/* Constraints are in the tables, not only in the library's order. */
static void constraints_are_declared(void **state)
{
	static const struct {
		const char *sql;
		int code;
	} wrong[] = {
		{ "INSERT INTO cities (region, name) VALUES (77, 'x')",
		  UOW_ECONSTRAINT },
		{ "INSERT INTO slots (id, code, amount) VALUES (2, 'a', 1)",
		  UOW_EDUPLICATE },
		{ "INSERT INTO seats (id, line, place, guest) "
		  "VALUES (2, 1, 1, 'x')", UOW_EDUPLICATE },
		{ "INSERT INTO details (id, pair_a, pair_b, amount) "
		  "VALUES (1, 1, 'x', 1)", UOW_ECONSTRAINT },
		{ "INSERT INTO slots (id, code, amount) "
		  "VALUES (3, NULL, 1)", UOW_ECONSTRAINT },
		{ "INSERT INTO pairs (a, b, amount, version) "
		  "VALUES (1, 'b', 1, 1)", UOW_EDUPLICATE },
		{ "INSERT INTO pairs (a, amount, version) VALUES (1, 1, 1)",
		  UOW_ECONSTRAINT },
	};
	struct fixture *f = *state;
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_SQL);
	succeeds(uow_schema_create(f->db, everything, EVERYTHING, &f->err),
		 &f->err);
	execute(f, "INSERT INTO slots (id, code, amount) VALUES (1, 'a', 1)");
	execute(f, "INSERT INTO seats (id, line, place, guest) "
		"VALUES (1, 1, 1, 'x')");
	execute(f, "INSERT INTO seats (id, line, place, guest) "
		"VALUES (3, 1, 2, 'x')");
	execute(f, "INSERT INTO pairs (a, b, amount, version) "
		"VALUES (1, 'b', 1, 1)");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		u = begin(f);
		code_(uow_exec(u, wrong[i].sql, NULL, 0, NULL), wrong[i].code,
		      uow_unit_error(u), wrong[i].sql, __FILE__, __LINE__);
		uow_unit_free(u);
	}
}

/* Each kind of difference is found and named. */
static void differences_are_found_and_named(void **state)
{
	static const struct {
		const char *sql, *column;
	} tables_[] = {
		/* a column is missing */
		{ "CREATE TABLE plains (id BIGINT NOT NULL PRIMARY KEY, "
		  "label VARCHAR(100))", "amount" },
		/* of another kind */
		{ "CREATE TABLE plains (id BIGINT NOT NULL PRIMARY KEY, "
		  "amount DATE NOT NULL, label TEXT)", "amount" },
		/* NULL where the mapping has none */
		{ "CREATE TABLE plains (id BIGINT NOT NULL PRIMARY KEY, "
		  "amount INTEGER, label TEXT)", "amount" },
		/* another key */
		{ "CREATE TABLE plains (id BIGINT NOT NULL, "
		  "amount INTEGER NOT NULL PRIMARY KEY, label TEXT)", "" },
		/* a column that an insert would have to fill */
		{ "CREATE TABLE plains (id BIGINT NOT NULL PRIMARY KEY, "
		  "amount INTEGER NOT NULL, label TEXT, "
		  "must INTEGER NOT NULL)", "must" },
	};
	struct fixture *f = *state;
	struct report r;
	size_t i;

	needs(f, BACKEND_SQL);
	assert_int_equal(differences(f, &plain_entity, &r), 1);
	contains(r.text, "plains");
	for (i = 0; i < sizeof(tables_) / sizeof(tables_[0]); i++) {
		execute(f, tables_[i].sql);
		if (!differences(f, &plain_entity, &r))
			fail_msg("nothing found in %s", tables_[i].sql);
		contains(r.text, tables_[i].column);
		execute(f, "DROP TABLE plains");
	}
	/* no difference: another order, more columns that may be NULL */
	execute(f, "CREATE TABLE plains (label TEXT, more INTEGER, "
		"few INTEGER NOT NULL DEFAULT 1, amount INTEGER NOT NULL, "
		"id BIGINT NOT NULL PRIMARY KEY)");
	if (differences(f, &plain_entity, &r))
		fail_msg("%s", r.text);
}

/* Text columns too short for what the mapping lets in. */
static void a_column_too_short_is_found(void **state)
{
	struct fixture *f = *state;
	struct report r;

	needs(f, BACKEND_SQL);
	execute(f, "CREATE TABLE words (word VARCHAR(10) NOT NULL PRIMARY "
		"KEY, uses INTEGER NOT NULL)");
	assert_true(differences(f, &word_entity, &r) > 0);
	contains(r.text, "word|");
}

static void a_callback_may_stop_the_check(void **state)
{
	struct fixture *f = *state;
	struct report r;
	size_t n = 77;

	memset(&r, 0, sizeof(r));
	r.stop = UOW_EAPP - 2;
	gives(uow_schema_check(f->db, everything, 3, note, &r, &n, &f->err),
	      UOW_EAPP - 2, &f->err);
	assert_int_equal(r.count, 1);
	assert_int_equal(n, 77);
}

/* Mappings of foreign tables: the check knows them by their real names. */
static void odd_names_are_quoted_everywhere(void **state)
{
	struct fixture *f = *state;
	const uow_order order = { "\"; drop table plains; --", false };
	struct odd o, *p;
	uow_query q = UOW_QUERY_INIT;
	struct report r;
	uow_repository *repository;
	uow_rows rows;
	uow_unit *u;

	tables(f, &odd_entity, &plain_entity, NULL);
	if (differences(f, &odd_entity, &r))
		fail_msg("%s", r.text);
	memset(&o, 0, sizeof(o));
	o.id = 1;
	o.order_by = 2;
	o.quoted = 3;
	o.drop = 4;
	strcpy(o.upper, "x");
	u = begin(f);
	repository = uow_repository_of(u, &odd_entity);
	need(u, uow_add(repository, &o));
	o.id = 2;
	must(u, uow_insert_all(repository, &o, 1));
	commit(u);
	u = begin(f);
	repository = uow_repository_of(u, &odd_entity);
	q.where = uow_and(u, uow_eq(u, "say \"it's\" [x] `y`", uow_int(3)),
			  uow_starts_with(u, "Gr\xc3\xb6\xc3\x9f" "e?", "x"));
	q.order_by = &order;
	q.order_count = 1;
	must(u, uow_find(repository, &q, &rows));
	assert_int_equal(rows.count, 2);
	p = rows.items[0];
	assert_int_equal(p->order_by, 2);
	assert_int_equal(p->drop, 4);
	p->drop = 44;
	must(u, uow_remove(repository, rows.items[1]));
	commit(u);
	assert_int_equal(rows_in(f, &odd_entity), 1);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* Tables that refer to each other. */
struct ring {
	int64_t id;
	int64_t next;
	bool next_is_null;
};
extern const uow_entity ring_a_entity, ring_b_entity;
static const uow_column ring_a_columns[] = {
	UOW_INT64(struct ring, id, "id", UOW_KEY),
	UOW_NULLABLE_REFERENCE(struct ring, next, "next_id", &ring_b_entity,
			       0),
};
static const uow_column ring_b_columns[] = {
	UOW_INT64(struct ring, id, "id", UOW_KEY),
	UOW_NULLABLE_REFERENCE(struct ring, next, "next_id", &ring_a_entity,
			       0),
};
const uow_entity ring_a_entity =
	UOW_ENTITY(struct ring, "ring_a", ring_a_columns);
const uow_entity ring_b_entity =
	UOW_ENTITY(struct ring, "ring_b", ring_b_columns);

static void tables_that_refer_to_each_other_are_made(void **state)
{
	struct fixture *f = *state;
	const uow_entity *both[] = { &ring_a_entity, &ring_b_entity };
	struct ring r, *a, *b;
	uow_unit *u;

	tables(f, &ring_a_entity, &ring_b_entity, NULL);
	memset(&r, 0, sizeof(r));
	r.next_is_null = true;
	r.id = 1;
	u = begin(f);
	a = need(u, uow_add(uow_repository_of(u, &ring_a_entity), &r));
	b = need(u, uow_add(uow_repository_of(u, &ring_b_entity), &r));
	must(u, uow_refer(u, a, "next_id", b));
	must(u, uow_refer(u, b, "next_id", a));
	commit(u);
	u = begin(f);
	a = need(u, uow_get(uow_repository_of(u, &ring_a_entity), uow_id(1)));
	b = need(u, uow_get(uow_repository_of(u, &ring_b_entity), uow_id(1)));
	assert_false(a->next_is_null || b->next_is_null);
	must(u, uow_remove(uow_repository_of(u, &ring_a_entity), a));
	must(u, uow_remove(uow_repository_of(u, &ring_b_entity), b));
	commit(u);
	assert_int_equal(rows_in(f, &ring_a_entity), 0);
	succeeds(uow_schema_drop(f->db, both, 2, &f->err), &f->err);
}

static const uow_column main_columns[] = {
	UOW_INT64(struct plain, id, "id", UOW_KEY),
	UOW_INT32(struct plain, amount, "amount", 0),
	UOW_TEXT(struct plain, label, "label", 0, 0),
};
static const uow_entity main_entity =
	UOW_ENTITY_IN(struct plain, "main", "plains", main_columns);

/* A table in a schema named by the mapping. */
static void a_table_may_be_in_a_named_schema(void **state)
{
	struct fixture *f = *state;
	const uow_entity *e = &main_entity;
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", true };
	struct report r;
	struct plain p, *got;
	uow_repository *repository;
	uow_rows rows;
	uow_unit *u;
	int i;

	needs(f, BACKEND_FILE);		/* whose files are called main */
	tables(f, e, NULL);
	if (differences(f, e, &r))
		fail_msg("%s", r.text);
	memset(&p, 0, sizeof(p));
	u = begin(f);
	repository = uow_repository_of(u, e);
	for (i = 0; i < 3; i++) {
		p.id = i;
		need(u, uow_add(repository, &p));
	}
	q.where = uow_lt(u, "amount", uow_int(5));
	q.order_by = &order;
	q.order_count = 1;
	must(u, uow_find(repository, &q, &rows));
	assert_int_equal(rows.count, 3);
	got = rows.items[0];
	assert_int_equal(got->id, 2);
	got->amount = 8;
	must(u, uow_remove(repository, rows.items[1]));
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 2);
	succeeds(uow_schema_drop(f->db, &e, 1, &f->err), &f->err);
	assert_int_equal(differences(f, &plain_entity, &r), 1);
}

static void widen(struct fixture *f, const char *column)
{
	char sql[200];

	snprintf(sql, sizeof(sql), f->backend->widen, "plains", column);
	assert_true(server_does(f->backend, f->source.connection, sql));
}

static int add_and_sum(uow_unit *u, void *arg)
{
	plain_repository *r = plain_repository_of(u);
	uow_query q = UOW_QUERY_INIT;
	struct plain p = { 0, 5, "" };
	uow_rows rows;
	size_t i;

	p.id = 77;
	q.where = uow_all();
	plain_add(r, &p);
	uow_flush(u);
	plain_find(r, &q, &rows);
	for (i = 0, *(int *)arg = 0; i < rows.count; i++)
		*(int *)arg += ((struct plain *)rows.items[i])->amount;
	return 0;
}

/*
 * Statements that are kept prepared outlive a change of the table by somebody
 * else: as the first one of a unit at once, else by running the unit again.
 */
static void a_table_changed_by_others_is_read_anew(void **state)
{
	struct fixture *f = *state;
	struct plain *p, first = { 1, 3, "" };
	int sum = 0;
	uow_unit *u;

	if (!f->backend->widen)
		leave(f, LEFT_OTHER_KIND, "wider columns");
	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &first));
	commit(u);
	u = begin(f);
	need(u, plain_get(plain_repository_of(u), 1));
	commit(u);
	u = begin(f);
	must(u, add_and_sum(u, &sum));
	uow_unit_free(u);
	widen(f, "amount");
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 3);
	commit(u);
	succeeds(uow_run(f->db, NULL, add_and_sum, &sum, &f->err), &f->err);
	assert_int_equal(sum, 8);
}

#define LONG_NAME \
	"of_a_column_whose_name_is_longer_than_what_databases_keep_in_all_"

/* Two columns that a database could take for one. */
static void a_name_is_kept_whole_or_refused(void **state)
{
	static const uow_column columns[] = {
		UOW_INT64(struct plain, id, "id", UOW_KEY),
		UOW_INT32(struct plain, amount, LONG_NAME "1", 0),
		UOW_TEXT(struct plain, label, LONG_NAME "2", 40, 0),
	};
	static const uow_entity entity =
		UOW_ENTITY(struct plain, "long_names", columns);
	const uow_entity *list[] = { &entity };
	struct fixture *f = *state;
	struct plain p, *got;
	uow_unit *u;

	memset(&p, 0, sizeof(p));
	p.id = 1;
	p.amount = 2;
	p.label = "x";
	if (uow_schema_create(f->db, list, 1, &f->err)) {
		contains(f->err.message, LONG_NAME "1");
		return;
	}
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &entity), &p));
	commit(u);
	u = begin(f);
	got = need(u, uow_get(uow_repository_of(u, &entity), uow_id(1)));
	assert_int_equal(got->amount, 2);
	assert_string_equal(got->label, "x");
	commit(u);
}

static const struct CMUnitTest schema_cases[] = {
	CASE(a_table_changed_by_others_is_read_anew),
	CASE(what_is_created_has_no_differences),
	CASE(creating_twice_is_an_error),
	CASE(emitted_statements_make_the_tables),
	CASE(constraints_are_declared),
	CASE(differences_are_found_and_named),
	CASE(a_column_too_short_is_found),
	CASE(a_callback_may_stop_the_check),
	CASE(odd_names_are_quoted_everywhere),
	CASE(a_name_is_kept_whole_or_refused),
	CASE(tables_that_refer_to_each_other_are_made),
	CASE(a_table_may_be_in_a_named_schema),
};
TOPIC(schema, "schema");
