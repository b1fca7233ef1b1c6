/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values where databases differ: characters, blanks, order, NULs, sizes. */

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

#define FACE "\xf0\x9f\x98\x80"

struct tag {
	int64_t id;
	char tag[4 * 5 + 1];	/* room for five characters of four bytes */
	const char *body;
};
static const uow_column tag_columns[] = {
	UOW_INT64(struct tag, id, "id", UOW_KEY),
	UOW_CHARS(struct tag, tag, "tag", 0),
	UOW_TEXT(struct tag, body, "body", 5, 0),
};
static const uow_entity tag_entity =
	UOW_ENTITY(struct tag, "tags", tag_columns);

/* A limit is one of characters, whatever they take: by add and at once. */
static void a_length_counts_characters_of_four_bytes(void **state)
{
	struct fixture *f = *state;
	struct tag t[2], *got;
	uow_unit *u;
	int i;

	tables(f, &tag_entity, NULL);
	memset(t, 0, sizeof(t));
	for (i = 0; i < 2; i++) {
		t[i].id = i + 1;
		strcpy(t[i].tag, FACE FACE FACE FACE FACE);
		t[i].body = FACE FACE FACE FACE FACE;
	}
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &tag_entity), &t[0]));
	must(u, uow_insert_all(uow_repository_of(u, &tag_entity), &t[1], 1));
	commit(u);
	u = begin(f);
	for (i = 0; i < 2; i++) {
		got = need(u, uow_get(uow_repository_of(u, &tag_entity),
				      uow_id(i + 1)));
		assert_string_equal(got->tag, t[i].tag);
		assert_string_equal(got->body, t[i].body);
	}
	got->body = FACE FACE FACE FACE FACE "x";
	must_fail(u, uow_flush(u), UOW_EDATA);
	contains(uow_unit_error(u)->message, "body");
	uow_unit_free(u);
}

enum { TEN_MEGABYTES = 10 * 1000 * 1000 };

/* UTF-8 of one to four bytes: pieces end in the middle of characters. */
static void fill_text(struct dice *d, char *out, size_t size)
{
	static const char *const pieces[] = {
		"a", "\xc3\xbc", "\xe2\x82\xac", FACE, "'",
	};
	const char *p;
	size_t n = 0;

	for (; n + 4 < size; n += strlen(p)) {
		p = pieces[dice_roll(d, 5)];
		memcpy(out + n, p, strlen(p));
	}
	while (n < size)
		out[n++] = 'z';
	out[size] = '\0';
}

static void fill_bytes(struct dice *d, unsigned char *out, size_t size)
{
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < size; i++, bits >>= 8) {
		if (i % 8 == 0)
			bits = dice_bits(d);
		out[i] = (unsigned char)bits;
	}
}

static int compare_row(uow_unit *u, const void *row, void *arg)
{
	const struct types *got = row, *want = arg;

	return types_equal(got, &want[got->id - 1]) ? 0 :
	       uow_fail(u, UOW_EAPP - 1, "row %d differs", (int)got->id);
}

/* By key, and in the middle of a result with other rows. */
static void read_large(struct fixture *f, const struct types *t, size_t count)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", false };
	uow_repository *r;
	uow_rows rows;
	uow_unit *u = begin(f);
	size_t i;

	r = uow_repository_of(u, &types_entity);
	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	must(u, uow_each(r, &q, compare_row, (void *)t));
	for (i = 0; i < count; i++)
		assert_true(types_equal(need(u, uow_get(r, uow_id(t[i].id))),
					&t[i]));
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &types_entity);
	must(u, uow_find(r, &q, &rows));
	assert_int_equal(rows.count, count);
	for (i = 0; i < count; i++)
		assert_true(types_equal(rows.items[i], &t[i]));
	commit(u);
}

/*
 * As one of several columns, beside NULL and small ones, in a unit with other
 * rows: added, changed into other megabytes, made NULL.
 */
static void ten_megabytes_go_there_and_back(void **state)
{
	struct fixture *f = *state;
	struct types t[4], *got;
	unsigned char *bytes = malloc(TEN_MEGABYTES);
	char *text = malloc(TEN_MEGABYTES + 1);
	struct dice d;
	uow_unit *u;
	int i;

	assert_non_null(text);
	assert_non_null(bytes);
	dice_seed(&d);
	fill_text(&d, text, TEN_MEGABYTES);
	fill_bytes(&d, bytes, TEN_MEGABYTES);
	for (i = 0; i < 4; i++)
		types_sample(&t[i], i + 1);
	t[1].text = text;
	t[2].text = NULL;
	t[2].bytes.data = bytes;
	t[2].bytes.size = TEN_MEGABYTES;
	tables(f, &types_entity, NULL);
	u = begin(f);
	for (i = 0; i < 4; i++)
		need(u, uow_add(uow_repository_of(u, &types_entity), &t[i]));
	commit(u);
	read_large(f, t, 4);
	t[2].text = text + 1;		/* a character, or a piece of one */
	while (((unsigned char)*t[2].text & 0xc0) == 0x80)
		t[2].text++;
	t[1].text = NULL;
	t[1].bytes.data = bytes + 1;
	t[1].bytes.size = TEN_MEGABYTES - 1;
	t[3].i16 = 1;
	u = begin(f);
	for (i = 0; i < 4; i++) {
		got = need(u, uow_get(uow_repository_of(u, &types_entity),
				      uow_id(i + 1)));
		*got = t[i];
	}
	commit(u);
	read_large(f, t, 4);
	free(text);
	free(bytes);
}

/* In the order of UTF-8's bytes, which is that of code points. */
static const char *const sorted[] = {
	"", " ", "  ", "!", "0", "10", "9", "A", "AB", "B", "Z", "a", "a ",
	"a b", "ab", "b", "z", "\xc3\x84", "\xc3\xa4", "\303\244b",
	"\xe2\x82\xac", "\xee\x80\x80", "\xef\xbf\xbd",
	FACE,	/* before U+FFFD for who compares UTF-16 */
};
enum { SORTED = sizeof(sorted) / sizeof(sorted[0]) };

static void add_sorted(struct fixture *f)
{
	uow_unit *u;
	struct word w;
	size_t i;

	tables(f, &word_entity, NULL);
	u = begin(f);
	for (i = 0; i < SORTED; i++) {
		w.word = sorted[i * 7 % SORTED];	/* each once */
		w.uses = (int32_t)(i * 7 % SORTED);
		need(u, word_add(word_repository_of(u), &w));
	}
	commit(u);
}

/* Which of the texts satisfy; the database's answer and memory's. */
static void agrees(uow_unit *u, const uow_spec *s, size_t from, size_t to)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "word", false };
	uow_rows rows;
	size_t i;

	q.where = s;
	q.order_by = &order;
	q.order_count = 1;
	must(u, word_find(word_repository_of(u), &q, &rows));
	if (rows.count != to - from)
		fail_msg("%d rows instead of %d, '%s' is the first",
			 (int)rows.count, (int)(to - from),
			 from < SORTED ? sorted[from] : "");
	for (i = 0; i < rows.count; i++) {
		assert_string_equal(word_at(&rows, i)->word, sorted[from + i]);
		assert_true(uow_satisfies(s, &word_entity, rows.items[i]));
	}
}

/* In tables that the library creates, whatever the server's collations. */
static void texts_are_ordered_by_code_point(void **state)
{
	struct fixture *f = *state;
	uow_value v;
	uow_unit *u;
	size_t i;

	add_sorted(f);
	u = begin(f);
	agrees(u, uow_all(), 0, SORTED);
	for (i = 0; i < SORTED; i++) {
		v = uow_text(sorted[i]);
		agrees(u, uow_eq(u, "word", v), i, i + 1);
		agrees(u, uow_lt(u, "word", v), 0, i);
		agrees(u, uow_ge(u, "word", v), i, SORTED);
	}
	commit(u);
}

/* Case and trailing blanks make another text, also for unique keys. */
static void blanks_and_case_make_another_key(void **state)
{
	static const char *const others[] = { "A ", "ab ", "aB", "\xc3\x84 " };
	struct fixture *f = *state;
	struct slot s;
	uow_unit *u;
	size_t i;

	add_sorted(f);
	u = begin(f);
	for (i = 0; i < 4; i++)
		assert_null(word_lookup_by(word_repository_of(u),
					   uow_key_of(uow_text(others[i]))));
	agrees(u, uow_starts_with(u, "word", "a"), 11, 15);
	agrees(u, uow_starts_with(u, "word", "a "), 12, 14);
	agrees(u, uow_starts_with(u, "word", "\xc3\xa4"), 18, 20);
	commit(u);
	tables(f, &slot_entity, NULL);
	memset(&s, 0, sizeof(s));
	u = begin(f);
	for (i = 0; i < 4; i++) {
		static const char *const codes[] = { "a", "A", "a ", "" };

		s.id = (int64_t)i + 1;
		strcpy(s.code, codes[i]);
		need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
	}
	commit(u);
	assert_int_equal(rows_in(f, &slot_entity), 4);
}

/* C text ends at its NUL; what has one inside would be lost in part. */
static void a_nul_inside_of_a_text_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_value v = uow_text("a");
	uow_assignment set;
	struct plain p;
	uow_unit *u;
	uint64_t n = 9;
	int i, rc = 0;

	tables(f, &word_entity, &plain_entity, NULL);
	v.as.bytes.data = "a\0b";
	v.as.bytes.size = 3;
	set = uow_assign("label", v);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	for (i = 0; i < 5; i++) {
		if (i == 4 && !(f->backend->flags & BACKEND_SQL))
			break;
		u = begin(f);
		if (i == 0)
			rc = uow_count(uow_repository_of(u, &word_entity),
				       uow_eq(u, "word", v), &n);
		else if (i == 1)
			rc = uow_count(uow_repository_of(u, &word_entity),
				       uow_in(u, "word", &v, 1), &n);
		else if (i == 2)
			rc = word_lookup_by(word_repository_of(u),
					    uow_key_of(v)) ? 0 : uow_status(u);
		else if (i == 3)
			rc = plain_update_where(plain_repository_of(u),
						uow_all(), &set, 1, NULL);
		else if (plain_get(plain_repository_of(u), 1))
			/* after a read: arguments are known to be used */
			rc = uow_exec(u, "UPDATE plains SET label = ?", &v, 1,
				      NULL);
		if (rc != UOW_EDATA)
			fail_msg("way %d: %s: %s", i, uow_code_name(rc),
				 uow_unit_error(u)->message);
		failed(u, UOW_EDATA);
		uow_unit_free(u);
	}
}

struct narrow {
	int64_t id;
	int16_t i16;
	int32_t i32;
	int64_t i64;
};
static const uow_column narrow_columns[] = {
	UOW_INT64(struct narrow, id, "id", UOW_KEY),
	UOW_INT16(struct narrow, i16, "i16", 0),
	UOW_INT32(struct narrow, i32, "i32", 0),
	UOW_INT64(struct narrow, i64, "i64", 0),
};
static const uow_entity narrow_entity =
	UOW_ENTITY(struct narrow, "numbers", narrow_columns);

/* Columns that others made wider than the members: the limit, one beyond. */
static void integers_beyond_their_members_are_refused(void **state)
{
	static const struct {
		const char *column, *value;
		bool fits;
	} values[] = {
		{ "i16", "32767", true }, { "i16", "32768", false },
		{ "i16", "-32768", true }, { "i16", "-32769", false },
		{ "i32", "2147483647", true }, { "i32", "2147483648", false },
		{ "i32", "-2147483648", true },
		{ "i32", "-2147483649", false },
		{ "i64", "9223372036854775807", true },
		{ "i64", "9223372036854775808", false },
		{ "i64", "-9223372036854775808", true },
		{ "i64", "-9223372036854775809", false },
	};
	struct fixture *f = *state;
	char sql[200];
	uow_unit *u;
	size_t i;
	int rc;

	needs(f, BACKEND_SQL);
	execute(f, "CREATE TABLE numbers (id INTEGER NOT NULL PRIMARY KEY, "
		"i16 BIGINT, i32 BIGINT, i64 NUMERIC(20,0))");
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		execute(f, "DELETE FROM numbers");
		execute(f, "INSERT INTO numbers VALUES (1, 0, 0, 0)");
		snprintf(sql, sizeof(sql), "UPDATE numbers SET %s = %s",
			 values[i].column, values[i].value);
		execute(f, sql);
		u = begin(f);
		uow_get(uow_repository_of(u, &narrow_entity), uow_id(1));
		rc = uow_status(u);
		code_(rc, values[i].fits ? 0 : UOW_EDATA, uow_unit_error(u),
		      sql, __FILE__, __LINE__);
		if (rc)
			contains(uow_unit_error(u)->message,
				 values[i].column);
		uow_unit_free(u);
	}
}

struct coin {
	int64_t id;
	char code[9];
	int32_t amount;
};
static const uow_column coin_columns[] = {
	UOW_INT64(struct coin, id, "id", UOW_KEY),
	UOW_CHARS(struct coin, code, "code", 0),
	UOW_INT32(struct coin, amount, "amount", 0),
};
static const uow_entity coin_entity =
	UOW_ENTITY(struct coin, "coins", coin_columns);

/*
 * CHAR(n) made by others: the blanks at the end are the database's to give or
 * to keep away. A row that nobody changes is not written for their sake.
 */
static void blanks_of_a_foreign_char_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	struct coin *c;
	uint64_t n = 0;
	uow_unit *u;
	uow_db *db;

	needs(f, BACKEND_SQL);
	execute(f, "CREATE TABLE coins (id INTEGER NOT NULL PRIMARY KEY, "
		"code CHAR(5) NOT NULL, amount INTEGER NOT NULL)");
	execute(f, "INSERT INTO coins VALUES (1, 'EUR', 1)");
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	c = need(u, uow_get(uow_repository_of(u, &coin_entity), uow_id(1)));
	assert_true(!strcmp(c->code, "EUR") || !strcmp(c->code, "EUR  "));
	must(u, uow_flush(u));
	assert_int_equal(seen.updates, 0);
	strcpy(c->code, "US");
	commit(u);
	u = begin_on(db, NULL);
	c = need(u, uow_get(uow_repository_of(u, &coin_entity), uow_id(1)));
	assert_true(!strcmp(c->code, "US") || !strcmp(c->code, "US   "));
	must(u, uow_count(uow_repository_of(u, &coin_entity),
			  uow_eq(u, "code", uow_text(c->code)), &n));
	assert_int_equal(n, 1);
	c->amount = 2;
	commit(u);
	assert_int_equal(seen.updates, 2);
	uow_db_free(db);
}

struct sum {
	int64_t id;
	const char *total;	/* every digit that the column has */
	int32_t amount;
};
static const uow_column sum_columns[] = {
	UOW_INT64(struct sum, id, "id", UOW_KEY),
	UOW_TEXT(struct sum, total, "total", 0, 0),
	UOW_INT32(struct sum, amount, "amount", 0),
};
static const uow_entity sum_entity =
	UOW_ENTITY(struct sum, "totals", sum_columns);

static void random_sum(struct dice *d, char *out)
{
	int i, n = 0;

	if (dice_roll(d, 2))
		out[n++] = '-';
	out[n++] = (char)('1' + dice_roll(d, 9));
	for (i = 0; i < 37; i++) {
		if (i == 27)
			out[n++] = '.';
		out[n++] = (char)('0' + dice_roll(d, 10));
	}
	out[n] = '\0';
}

/* Zeros at the end are the database's to write. */
static bool same_number(const char *got, const char *want)
{
	size_t n = strlen(got);

	return !strncmp(got, want, n) && strchr(got, '.') &&
	       strspn(want + n, "0") == strlen(want + n);
}

static void sums_are(struct fixture *f, char texts[][48], int count)
{
	struct sum *s;
	uow_unit *u = begin(f);
	uint64_t n;
	int i;

	for (i = 0; i < count; i++) {
		s = need(u, uow_get(uow_repository_of(u, &sum_entity),
				    uow_id(i + 1)));
		if (!same_number(s->total, texts[i]))
			fail_msg("%s, not %s", s->total, texts[i]);
		n = 0;
		must(u, uow_count(uow_repository_of(u, &sum_entity),
				  uow_eq(u, "total", uow_text(s->total)), &n));
		assert_int_equal(n, 1);
	}
	commit(u);
}

/*
 * A text member on somebody's DECIMAL(38,10): added, inserted at once, changed
 * in a batch, found. The database has the number, not its digits.
 */
static void a_text_keeps_38_digits_of_a_foreign_decimal(void **state)
{
	enum { N = 12 };
	struct fixture *f = *state;
	char texts[N][48];
	struct sum rows[N], *s;
	struct dice d;
	uint64_t n = 0;
	uow_unit *u;
	int i;

	needs(f, BACKEND_SQL);
	if (f->backend->flags & BACKEND_NUMERIC_15)
		leave(f, LEFT_OTHER_KIND, "DECIMAL(38,10)");
	execute(f, "CREATE TABLE totals (id INTEGER NOT NULL PRIMARY KEY, "
		"total DECIMAL(38,10), amount INTEGER NOT NULL)");
	dice_seed(&d);
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < N; i++) {
		random_sum(&d, texts[i]);
		rows[i].id = i + 1;
		rows[i].total = texts[i];
	}
	u = begin(f);
	for (i = 0; i < N / 2; i++)
		need(u, uow_add(uow_repository_of(u, &sum_entity), &rows[i]));
	must(u, uow_insert_all(uow_repository_of(u, &sum_entity), rows + N / 2,
			       N / 2));
	commit(u);
	sums_are(f, texts, N);
	u = begin(f);
	for (i = 0; i < N; i++) {
		random_sum(&d, texts[i]);
		s = need(u, uow_get(uow_repository_of(u, &sum_entity),
				    uow_id(i + 1)));
		s->total = i ? texts[i] : NULL;
	}
	must(u, uow_flush(u));
	must(u, uow_count(uow_repository_of(u, &sum_entity),
			  uow_is_null(u, "total"), &n));
	assert_int_equal(n, 1);
	s = need(u, uow_get(uow_repository_of(u, &sum_entity), uow_id(1)));
	s->total = texts[0];
	commit(u);
	sums_are(f, texts, N);
	u = begin(f);
	s = need(u, uow_get(uow_repository_of(u, &sum_entity), uow_id(1)));
	s->total = "no number";
	assert_int_equal(uow_commit(u), UOW_EDATA);
	uow_unit_free(u);
}

struct currency {
	char code[9];
	int32_t amount;
};
static const uow_column currency_columns[] = {
	UOW_CHARS(struct currency, code, "code", UOW_KEY),
	UOW_INT32(struct currency, amount, "amount", 0),
};
static const uow_entity currency_entity =
	UOW_ENTITY(struct currency, "currencies", currency_columns);

/*
 * A key that the database takes for another text's too: one row is one object
 * all the same, and every way of asking says so.
 */
static void one_row_is_one_object_however_its_key_is_written(void **state)
{
	static const char *const ways[] = { "Eur", "EUR", "Eur  " };
	struct fixture *f = *state;
	struct currency *c, *p;
	uow_repository *r;
	uow_key keys[3], many[3];
	void *objects[3], *found[3];
	uow_unit *u;
	int i, rc;

	needs(f, BACKEND_SQL);
	execute(f, "CREATE TABLE currencies (code CHAR(5) NOT NULL PRIMARY "
		"KEY, amount INTEGER NOT NULL)");
	execute(f, "INSERT INTO currencies VALUES ('Eur', 1)");
	u = begin(f);
	r = uow_repository_of(u, &currency_entity);
	c = need(u, uow_one(r, uow_all()));
	for (i = 0; i < 3; i++) {
		keys[i] = uow_key_of(uow_text(ways[i]));
		p = uow_lookup(r, keys[i]);
		must(u, uow_status(u));
		assert_true(!p || p == c);
		assert_true(p || i);
	}
	c->amount = 5;
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &currency_entity);
	for (i = 0; i < 3; i++)
		objects[i] = uow_lookup(r, keys[i]);
	commit(u);
	for (i = 0; i < 3; i++) {
		many[1] = keys[i];
		many[0] = many[2] = keys[0];
		u = begin(f);
		r = uow_repository_of(u, &currency_entity);
		rc = uow_get_many(r, many, 3, found);
		code_(rc, objects[i] ? 0 : UOW_ENOTFOUND, uow_unit_error(u),
		      ways[i], __FILE__, __LINE__);
		assert_true(rc || (found[1] == found[0] && found[1]));
		uow_unit_free(u);
	}
}

static const struct CMUnitTest values_cases[] = {
	CASE(a_length_counts_characters_of_four_bytes),
	CASE(ten_megabytes_go_there_and_back),
	CASE(texts_are_ordered_by_code_point),
	CASE(blanks_and_case_make_another_key),
	CASE(a_nul_inside_of_a_text_is_refused),
	CASE(integers_beyond_their_members_are_refused),
	CASE(blanks_of_a_foreign_char_change_nothing),
	CASE(a_text_keeps_38_digits_of_a_foreign_decimal),
	CASE(one_row_is_one_object_however_its_key_is_written),
};
TOPIC(values, "values");
