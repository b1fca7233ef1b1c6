/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/* Tables that others made, with other people's values in them. */

struct ledger {
	int64_t id;
	int64_t sum;
};
static const uow_column ledger_columns[] = {
	UOW_INT64(struct ledger, id, "id", UOW_KEY),
	UOW_DECIMAL(struct ledger, sum, "total", 18, 2, 0),
};
static const uow_entity ledger_entity =
	UOW_ENTITY(struct ledger, "ledger", ledger_columns);

struct mixed {
	int64_t id;
	int16_t i16;
	int32_t i32;
	int64_t i64;
	double d;
	char chars[5];
	uow_date date;
	uow_time time;
	uow_timestamp stamp;
	bool b;
	uow_uuid uuid;
	float f;
};
static const uow_column mixed_columns[] = {
	UOW_INT64(struct mixed, id, "id", UOW_KEY),
	UOW_INT16(struct mixed, i16, "i16", 0),
	UOW_INT32(struct mixed, i32, "i32", 0),
	UOW_INT64(struct mixed, i64, "i64", 0),
	UOW_DOUBLE(struct mixed, d, "d", 0),
	UOW_CHARS(struct mixed, chars, "chars", 0),
	UOW_DATE(struct mixed, date, "on_day", 0),
	UOW_TIME(struct mixed, time, "at_time", 0),
	UOW_TIMESTAMP(struct mixed, stamp, "stamp", 0),
	UOW_BOOL(struct mixed, b, "b", 0),
	UOW_UUID(struct mixed, uuid, "guid", 0),
	UOW_FLOAT(struct mixed, f, "f", 0),
};
static const uow_entity mixed_entity =
	UOW_ENTITY(struct mixed, "mixed", mixed_columns);

/* Simple: some databases commit when tables are defined. */
static void execute(struct fixture *f, const char *sql)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	o.simple = true;
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, sql, NULL, 0, NULL));
	commit(u);
}

static void make_ledger(struct fixture *f)
{
	execute(f, "CREATE TABLE ledger (id INTEGER NOT NULL PRIMARY KEY, "
		"total NUMERIC(18,2) NOT NULL)");
}

static void make_mixed(struct fixture *f)
{
	execute(f, "CREATE TABLE mixed (id INTEGER NOT NULL PRIMARY KEY, "
		"i16 SMALLINT, i32 INTEGER, i64 BIGINT, "
		"d DOUBLE PRECISION, chars VARCHAR(40), on_day DATE, "
		"at_time TIME, stamp TIMESTAMP, b BOOLEAN, guid CHAR(36), "
		"f REAL)");
	execute(f, "INSERT INTO mixed VALUES (1, -5, 6, 7, 0.5, 'abc', "
		"'2024-02-29', '23:59:58', '2024-02-29 23:59:58.5', 1, "
		"'00112233-4455-6677-8899-aabbccddeeff', 0.25)");
}

static int reads(struct fixture *f, const uow_entity *e, int64_t id,
		 uow_error *err)
{
	uow_unit *u = begin(f);
	int rc;

	uow_get(uow_repository_of(u, e), uow_id(id));
	rc = uow_status(u);
	*err = *uow_unit_error(u);
	uow_unit_free(u);
	return rc;
}

/* Values as other programs write them are understood. */
static void a_table_made_by_hand_is_read_and_written(void **state)
{
	struct fixture *f = *state;
	struct mixed *m, all;
	uow_unit *u;

	needs(f, BACKEND_LOOSE_TYPES);
	make_mixed(f);
	u = begin(f);
	m = need(u, uow_get(uow_repository_of(u, &mixed_entity), uow_id(1)));
	assert_int_equal(m->i16, -5);
	assert_int_equal(m->i32, 6);
	assert_int_equal(m->i64, 7);
	assert_true(m->d > 0.49 && m->d < 0.51);
	assert_true(m->f > 0.24f && m->f < 0.26f);
	assert_string_equal(m->chars, "abc");
	assert_int_equal(m->date.year, 2024);
	assert_int_equal(m->date.day, 29);
	assert_int_equal(m->time.second, 58);
	assert_int_equal(m->stamp.minute, 59);
	assert_int_equal(m->stamp.nanosecond, 500000000);
	assert_true(m->b);
	assert_int_equal(m->uuid.bytes[15], 0xff);
	m->d = 1.0 / 3;
	m->f = 0.1f;
	m->i64 = INT64_MAX;
	m->stamp.nanosecond = 123456000;
	m->b = false;
	all = *m;
	commit(u);
	u = begin(f);
	m = need(u, uow_get(uow_repository_of(u, &mixed_entity), uow_id(1)));
	assert_memory_equal(&m->d, &all.d, sizeof(all.d));
	assert_memory_equal(&m->f, &all.f, sizeof(all.f));
	assert_int_equal(m->i64, INT64_MAX);
	assert_memory_equal(&m->stamp, &all.stamp, sizeof(all.stamp));
	assert_false(m->b);
	commit(u);
}

/* 131: up to 15 digits are exact in a NUMERIC that others made */
static void a_foreign_numeric_keeps_fifteen_digits(void **state)
{
	static const int64_t values[] = {
		999999999999999, -999999999999999, 123456789012345, 1, -1, 0,
		10, 100, 99, -99, 4503599627370497, 700000000000001,
	};
	enum { N = sizeof(values) / sizeof(values[0]) };
	struct fixture *f = *state;
	struct ledger l, *p;
	uow_unit *u;
	int i;

	needs(f, BACKEND_SQL);
	make_ledger(f);
	for (i = 0; i < N; i++) {
		if (values[i] > 999999999999999)
			continue;
		l.id = i + 1;
		l.sum = values[i];
		u = begin(f);
		need(u, uow_add(uow_repository_of(u, &ledger_entity), &l));
		commit(u);
		u = begin(f);
		p = need(u, uow_get(uow_repository_of(u, &ledger_entity),
				    uow_id(l.id)));
		assert_int_equal(p->sum, values[i]);
		commit(u);
	}
	/* the database has the number itself, not its digits */
	execute(f, "DELETE FROM ledger WHERE NOT total = 9999999999999.99");
	assert_int_equal(rows_in(f, &ledger_entity), 1);
}

/* More digits than the column keeps are refused, never rounded. */
static void more_digits_than_a_foreign_numeric_keeps_are_refused(void **state)
{
	static const int64_t values[] = {
		1000000000000001, -1000000000000001, 999999999999999999,
		123456789012345678,
	};
	struct fixture *f = *state;
	struct ledger l;
	uow_unit *u;
	int i;

	needs(f, BACKEND_NUMERIC_15);
	make_ledger(f);
	for (i = 0; i < 4; i++) {
		l.id = i + 1;
		l.sum = values[i];
		u = begin(f);
		uow_add(uow_repository_of(u, &ledger_entity), &l);
		assert_int_equal(uow_commit(u), UOW_EDATA);
		contains(uow_unit_error(u)->message, "total");
		uow_unit_free(u);
		u = begin(f);
		uow_insert_all(uow_repository_of(u, &ledger_entity), &l, 1);
		failed(u, UOW_EDATA);
		uow_unit_free(u);
	}
	assert_int_equal(rows_in(f, &ledger_entity), 0);
}

/* The same on reading: a number that cannot be told exactly. */
static void a_foreign_numeric_that_is_inexact_is_refused(void **state)
{
	static const char *const values[] = {
		"12345678901234567.89", "0.125", "'abc'", "1e30",
		"99999999999999.99", "-0.001", "''", "x'0102'",
	};
	struct fixture *f = *state;
	char sql[200];
	uow_error err;
	int i;

	needs_long_double();
	needs(f, BACKEND_NUMERIC_15);
	needs(f, BACKEND_LOOSE_TYPES);
	make_ledger(f);
	for (i = 0; i < 8; i++) {
		snprintf(sql, sizeof(sql),
			 "INSERT INTO ledger VALUES (%d, %s)", i + 1,
			 values[i]);
		execute(f, sql);
		code_(reads(f, &ledger_entity, i + 1, &err), UOW_EDATA, &err,
		      values[i], __FILE__, __LINE__);
		contains(err.message, "total");
		contains(err.entity, "ledger");
	}
}

static void a_foreign_numeric_written_by_others_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} values[] = {
		{ "12.5", 1250 }, { "12", 1200 }, { "-0.01", -1 },
		{ "9999999999999.99", 999999999999999 }, { "0", 0 },
		{ "1e3", 100000 }, { "1234567.10", 123456710 },
	};
	struct fixture *f = *state;
	struct ledger *p;
	char sql[200];
	uow_unit *u;
	int i;

	needs(f, BACKEND_SQL);
	make_ledger(f);
	for (i = 0; i < 7; i++) {
		snprintf(sql, sizeof(sql),
			 "INSERT INTO ledger VALUES (%d, %s)", i + 1,
			 values[i].text);
		execute(f, sql);
		u = begin(f);
		p = need(u, uow_get(uow_repository_of(u, &ledger_entity),
				    uow_id(i + 1)));
		assert_int_equal(p->sum, values[i].value);
		commit(u);
	}
}

/*
 * What does not fit its member is refused on reading, naming entity and
 * column; it is never rounded, cut or made 0.
 */
static void a_value_that_does_not_fit_its_member_is_refused(void **state)
{
	static const struct {
		const char *column, *value;
	} wrong[] = {
		{ "i64", "1.5" }, { "i64", "'abc'" }, { "i64", "NULL" },
		{ "i64", "9223372036854775808" }, { "i64", "1e300" },
		{ "i64", "''" }, { "i64", "x'3132'" },
		{ "i32", "2147483648" }, { "i32", "-2147483649" },
		{ "i32", "5000000000" }, { "i32", "0.5" }, { "i32", "'x'" },
		{ "i16", "32768" }, { "i16", "-32769" }, { "i16", "65536" },
		{ "i16", "70000" }, { "i16", "NULL" },
		{ "d", "'abc'" }, { "d", "NULL" }, { "f", "1e300" },
		{ "f", "'1,5'" },
		{ "chars", "'12345'" }, { "chars", "NULL" },
		{ "chars", "'a much longer text than that'" },
		{ "on_day", "'2023-02-29'" }, { "on_day", "'abc'" },
		{ "on_day", "'2024-13-01'" }, { "on_day", "'0000-00-00'" },
		{ "on_day", "NULL" }, { "on_day", "''" },
		{ "on_day", "'2024-02-29 junk'" },
		{ "at_time", "'24:00:00'" }, { "at_time", "'12:60:00'" },
		{ "at_time", "NULL" }, { "at_time", "'noon'" },
		{ "stamp", "'2023-02-29 00:00:00'" },
		{ "stamp", "'2023-02-28 25:00:00'" }, { "stamp", "NULL" },
		{ "stamp", "'2023-02-28 00:00:00.1234567891'" },
		{ "stamp", "'2023-02-28 00:00:00.'" },
		{ "b", "2" }, { "b", "'abc'" }, { "b", "NULL" },
		{ "guid", "'0011'" }, { "guid", "NULL" },
		{ "guid", "'g0112233-4455-6677-8899-aabbccddeeff'" },
	};
	struct fixture *f = *state;
	char sql[300];
	uow_error err;
	size_t i;
	unsigned bad = 0;

	needs(f, BACKEND_LOOSE_TYPES);
	make_mixed(f);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(sql, sizeof(sql), "DELETE FROM mixed WHERE id <> 1");
		execute(f, sql);
		execute(f, "INSERT INTO mixed SELECT 2, i16, i32, i64, d, "
			"chars, on_day, at_time, stamp, b, guid, f "
			"FROM mixed");
		snprintf(sql, sizeof(sql),
			 "UPDATE mixed SET %s = %s WHERE id = 2",
			 wrong[i].column, wrong[i].value);
		execute(f, sql);
		if (reads(f, &mixed_entity, 2, &err) != UOW_EDATA ||
		    !strstr(err.message, wrong[i].column) ||
		    !strstr(err.entity, "mixed")) {
			print_error("%s = %s: %s '%s' '%s'\n",
				    wrong[i].column, wrong[i].value,
				    uow_code_name(err.code), err.message,
				    err.entity);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* A text of many bytes and few characters does not fit either. */
static void a_char_array_counts_bytes_on_reading(void **state)
{
	struct fixture *f = *state;
	struct mixed *m;
	uow_error err;
	uow_unit *u;

	needs(f, BACKEND_LOOSE_TYPES);
	make_mixed(f);
	execute(f, "UPDATE mixed SET chars = '\xc3\xa4\xc3\xb6\xc3\xbc'");
	assert_int_equal(reads(f, &mixed_entity, 1, &err), UOW_EDATA);
	execute(f, "UPDATE mixed SET chars = '\xc3\xa4\xc3\xb6'");
	u = begin(f);
	m = need(u, uow_get(uow_repository_of(u, &mixed_entity), uow_id(1)));
	assert_string_equal(m->chars, "\xc3\xa4\xc3\xb6");
	commit(u);
}

/* A bad row stops a find, an each and a get_many alike. */
static int take(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)row;
	++*(int *)arg;
	return 0;
}

static void a_bad_row_fails_every_way_of_reading(void **state)
{
	struct fixture *f = *state;
	uow_query q = UOW_QUERY_INIT;
	uow_key keys[2];
	void *objects[2];
	uow_rows rows;
	uow_unit *u;
	int n = 0, i, rc;

	needs(f, BACKEND_LOOSE_TYPES);
	make_mixed(f);
	execute(f, "UPDATE mixed SET i32 = 'abc'");
	keys[0] = uow_id(1);
	q.where = uow_all();
	for (i = 0; i < 6; i++) {
		uow_repository *r;

		u = begin(f);
		r = uow_repository_of(u, &mixed_entity);
		rc = UOW_EDATA;
		if (i == 0)
			rc = uow_find(r, &q, &rows);
		else if (i == 1)
			rc = uow_each(r, &q, take, &n);
		else if (i == 2)
			rc = uow_get_many(r, keys, 1, objects);
		else if (i == 3)
			assert_null(uow_one(r, uow_all()));
		else if (i == 4)
			rc = uow_find_sql(r, "SELECT * FROM mixed", NULL, 0,
					  &rows);
		else
			assert_null(uow_lookup(r, keys[0]));
		must_fail(u, rc, UOW_EDATA);
		contains(uow_unit_error(u)->message, "i32");
		uow_unit_free(u);
	}
	assert_int_equal(n, 0);
}

/* 126, documented: a mapped text meets a view, a column meets a default. */
static void a_view_can_be_read(void **state)
{
	struct fixture *f = *state;
	struct ledger *p;
	uow_unit *u;
	static const uow_entity view =
		UOW_ENTITY(struct ledger, "sums", ledger_columns);

	needs(f, BACKEND_SQL);
	make_ledger(f);
	execute(f, "INSERT INTO ledger VALUES (1, 2.5)");
	execute(f, "CREATE VIEW sums AS SELECT id, total FROM ledger");
	u = begin(f);
	p = need(u, uow_get(uow_repository_of(u, &view), uow_id(1)));
	assert_int_equal(p->sum, 250);
	commit(u);
}

/* Also where the column's own order takes no case for a difference. */
static void a_prefix_counts_case(void **state)
{
	static const char *const prefixes[] = { "Ab", "ab", "Ab%", "AB" };
	struct fixture *f = *state;
	uow_repository *r;
	uint64_t n = 9;
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_SQL);
	execute(f, "CREATE TABLE words (word VARCHAR(40) NOT NULL PRIMARY "
		"KEY, uses INTEGER NOT NULL)");
	execute(f, "INSERT INTO words VALUES ('Abc', 1)");
	u = begin(f);
	r = uow_repository_of(u, &word_entity);
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		must(u, uow_count(r, uow_starts_with(u, "word", prefixes[i]),
				  &n));
		assert_int_equal(n, i == 0);
	}
	commit(u);
}

/*
 * A long result may be read in another way than a short one: in blocks, unless
 * a column of it is of any length, and from the second block on as numbers. Not
 * a column whose values are no whole numbers, and all those that are come as
 * they are.
 */
struct tally {
	int64_t id;
	int64_t amount;
};
static const uow_column tally_columns[] = {
	UOW_INT64(struct tally, id, "id", UOW_KEY),
	UOW_INT64(struct tally, amount, "amount", 0),
};
static const uow_entity tally_entity =
	UOW_ENTITY(struct tally, "tallies", tally_columns);

enum { TALLIES = 350, ODD_ONE = 150 };

static int64_t tallied(int64_t id)
{
	return id % 2 ? id : -id;
}

static void make_tallies(struct fixture *f, const char *type, bool signs)
{
	const uow_entity *e = &tally_entity;
	struct tally t;
	char sql[200];
	uow_unit *u;

	succeeds(uow_schema_drop(f->db, &e, 1, &f->err), &f->err);
	snprintf(sql, sizeof(sql), "CREATE TABLE tallies (id BIGINT NOT NULL "
		 "PRIMARY KEY, amount %s NOT NULL)", type);
	execute(f, sql);
	u = begin(f);
	for (t.id = 1; t.id <= TALLIES; t.id++) {
		t.amount = signs ? tallied(t.id) : t.id;
		need(u, uow_add(uow_repository_of(u, &tally_entity), &t));
	}
	commit(u);
}

static int find_tallies(uow_unit *u, uow_rows *rows)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", false };

	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	return uow_find(uow_repository_of(u, &tally_entity), &q, rows);
}

static void whole_numbers_of_long_results_are_not_cut(void **state)
{
	static const char *const types[] = { "BIGINT", "DECIMAL(12,2)" };
	struct fixture *f = *state;
	uow_rows rows;
	uow_unit *u;
	size_t i;
	int64_t id;

	needs(f, BACKEND_SQL);
	for (i = 0; i < 4; i++) {
		if (i % 2 == 0)
			make_tallies(f, types[i / 2], true);
		u = begin(f);
		must(u, find_tallies(u, &rows));
		assert_int_equal(rows.count, TALLIES);
		for (id = 1; id <= TALLIES; id++) {
			const struct tally *got = rows.items[id - 1];

			assert_int_equal(got->id, id);
			assert_int_equal(got->amount, tallied(id));
		}
		commit(u);
	}
}

/*
 * As texts they are refused. As whole numbers drivers take what they begin
 * with, or other numbers that have the same bits, without a word.
 */
static void disguised(struct fixture *f, const char *type, const char *value)
{
	uow_rows rows;
	uow_unit *u;
	char sql[200];

	make_tallies(f, type, false);
	snprintf(sql, sizeof(sql), "UPDATE tallies SET amount = %s WHERE "
		 "id = %d", value, ODD_ONE);
	execute(f, sql);
	u = begin(f);
	must_fail(u, find_tallies(u, &rows), UOW_EDATA);
	assert_string_equal(uow_unit_error(u)->key, "150");
	uow_unit_free(u);
}

static void a_number_in_disguise_is_not_cut(void **state)
{
	struct fixture *f = *state;

	needs(f, BACKEND_SQL);
	disguised(f, "DECIMAL(30,2)", "1.5");
	disguised(f, "DECIMAL(30,0)", "99999999999999999999999999");
	disguised(f, "DOUBLE PRECISION", "7.5");
	disguised(f, "VARCHAR(20)", "'12abc'");
	if (f->backend->unsigned_whole)
		disguised(f, f->backend->unsigned_whole,
			  "18446744073709551615");
}

/*
 * Members of long results may be written by the driver itself: in another order
 * than the columns, with other members between them.
 */
struct placed {
	int64_t many;
	bool many_is_null;
	char mine[3];			/* not mapped */
	int32_t word;
	char code[9];
	char theirs;			/* not mapped */
	bool code_is_null;
	int16_t half;
	int64_t id;
	double real;
};
static const uow_column placed_columns[] = {
	UOW_NULLABLE_CHARS(struct placed, code, "code", 0),
	UOW_INT64(struct placed, id, "id", UOW_KEY),
	UOW_INT16(struct placed, half, "half", 0),
	UOW_DOUBLE(struct placed, real, "fraction", 0),
	UOW_NULLABLE_INT64(struct placed, many, "many", 0),
	UOW_INT32(struct placed, word, "word", 0),
};
static const uow_entity placed_entity =
	UOW_ENTITY(struct placed, "placed", placed_columns);

static void place(struct placed *p, int64_t id)
{
	static const char *const codes[] = {
		"", "a", "12345678", "\xc3\xa4\xe2\x82\xac", "abc"
	};

	memset(p, 0, sizeof(*p));
	p->id = id;
	p->half = (int16_t)(id % 2 ? INT16_MIN + id : INT16_MAX - id);
	p->word = (int32_t)(id % 2 ? INT32_MIN + id : INT32_MAX - id);
	p->real = long_double_is_long() ? (double)id / 8 : 0;
	p->many_is_null = id % 3 == 0;
	if (!p->many_is_null)
		p->many = id % 2 ? INT64_MIN + id : INT64_MAX - id;
	p->code_is_null = id % 7 == 0;
	if (!p->code_is_null)
		strcpy(p->code, codes[(id + id / 100) % 5]);
}

static void make_placed(struct fixture *f)
{
	const uow_entity *e = &placed_entity;
	struct placed p;
	uow_unit *u;
	int64_t id;

	succeeds(uow_schema_drop(f->db, &e, 1, &f->err), &f->err);
	execute(f, "CREATE TABLE placed (id BIGINT NOT NULL PRIMARY KEY, "
		"code VARCHAR(40), half BIGINT, fraction DOUBLE PRECISION, "
		"many BIGINT, word BIGINT)");
	u = begin(f);
	for (id = 1; id <= TALLIES; id++) {
		place(&p, id);
		need(u, uow_add(uow_repository_of(u, &placed_entity), &p));
	}
	commit(u);
}

static int find_placed(uow_unit *u, uow_rows *rows)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", false };

	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	return uow_find(uow_repository_of(u, &placed_entity), &q, rows);
}

static void members_of_long_results_are_found_in_any_order(void **state)
{
	struct fixture *f = *state;
	struct placed want;
	uow_rows rows;
	uow_unit *u;
	int64_t id;
	int round;

	needs(f, BACKEND_SQL);
	make_placed(f);
	for (round = 0; round < 2; round++) {
		u = begin(f);
		must(u, find_placed(u, &rows));
		assert_int_equal(rows.count, TALLIES);
		for (id = 1; id <= TALLIES; id++) {
			place(&want, id);
			assert_memory_equal(rows.items[id - 1], &want,
					    sizeof(want));
		}
		commit(u);
	}
}

/* In the first block, where numbers may be text, and in the second one. */
static void misplaced(struct fixture *f, const char *value)
{
	static const int at[] = { 50, ODD_ONE };
	char sql[200], key[8];
	uow_rows rows;
	uow_unit *u;
	size_t i;

	for (i = 0; i < 2; i++) {
		make_placed(f);
		snprintf(sql, sizeof(sql), "UPDATE placed SET %s WHERE "
			 "id = %d", value, at[i]);
		execute(f, sql);
		u = begin(f);
		must_fail(u, find_placed(u, &rows), UOW_EDATA);
		snprintf(key, sizeof(key), "%d", at[i]);
		assert_string_equal(uow_unit_error(u)->key, key);
		uow_unit_free(u);
	}
}

static void a_member_of_a_long_result_holds_its_value_or_none(void **state)
{
	struct fixture *f = *state;

	needs(f, BACKEND_SQL);
	misplaced(f, "code = '123456789'");
	misplaced(f, "code = '1234567890123456789012345678901234567890'");
	misplaced(f, "half = 32768");
	misplaced(f, "word = -2147483649");
	misplaced(f, "half = NULL");
	misplaced(f, "word = NULL");
	misplaced(f, "fraction = NULL");
}

static const struct CMUnitTest foreign_cases[] = {
	CASE(a_prefix_counts_case),
	CASE(a_table_made_by_hand_is_read_and_written),
	CASE(a_foreign_numeric_keeps_fifteen_digits),
	CASE(more_digits_than_a_foreign_numeric_keeps_are_refused),
	CASE(a_foreign_numeric_that_is_inexact_is_refused),
	CASE(a_foreign_numeric_written_by_others_is_read),
	CASE(a_value_that_does_not_fit_its_member_is_refused),
	CASE(a_char_array_counts_bytes_on_reading),
	CASE(a_bad_row_fails_every_way_of_reading),
	CASE(a_view_can_be_read),
	CASE(whole_numbers_of_long_results_are_not_cut),
	CASE(a_number_in_disguise_is_not_cut),
	CASE(members_of_long_results_are_found_in_any_order),
	CASE(a_member_of_a_long_result_holds_its_value_or_none),
};
TOPIC(foreign, "foreign");
