/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"
#include "forced.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Many rows at once: whatever the strategy, the database and the failures are
 * those of rows that are written one by one. A strategy is forced by a profile
 * that inherits from the backend's own.
 */

/* Every type, all but keys and version nullable. */
struct mixed {
	int64_t id;
	int64_t version;
	bool b, b_is_null;
	int16_t i16;
	bool i16_is_null;
	int32_t i32;
	bool i32_is_null;
	int64_t i64;
	bool i64_is_null;
	double d;
	bool d_is_null;
	int64_t dec;
	bool dec_is_null;
	char chars[33];
	bool chars_is_null;
	const char *text;
	uow_bytes bytes;
	uow_date date;
	bool date_is_null;
	uow_time time;
	bool time_is_null;
	uow_timestamp stamp;
	bool stamp_is_null;
	uow_uuid uuid;
	bool uuid_is_null;
	const char *digits;
	char part[9];		/* of the key, or not */
};

#define MIXED_COLUMNS \
	UOW_INT64(struct mixed, version, "version", UOW_ROW_VERSION), \
	UOW_NULLABLE_BOOL(struct mixed, b, "b", 0), \
	UOW_NULLABLE_INT16(struct mixed, i16, "i16", 0), \
	UOW_NULLABLE_INT32(struct mixed, i32, "i32", 0), \
	UOW_NULLABLE_INT64(struct mixed, i64, "i64", 0), \
	UOW_NULLABLE_DOUBLE(struct mixed, d, "d", 0), \
	UOW_NULLABLE_DECIMAL(struct mixed, dec, "dec", 18, 2, 0), \
	UOW_NULLABLE_CHARS(struct mixed, chars, "chars", 0), \
	UOW_TEXT(struct mixed, text, "body", 0, 0), \
	UOW_BYTES(struct mixed, bytes, "bytes", 0, 0), \
	UOW_NULLABLE_DATE(struct mixed, date, "on_day", 0), \
	UOW_NULLABLE_TIME(struct mixed, time, "at_time", 0), \
	UOW_NULLABLE_TIMESTAMP(struct mixed, stamp, "stamp", 0), \
	UOW_NULLABLE_UUID(struct mixed, uuid, "guid", 0), \
	UOW_DECIMAL_TEXT(struct mixed, digits, "digits", 38, 10, 0)

static const uow_column mixed_columns[] = {
	UOW_INT64(struct mixed, id, "id", UOW_KEY),
	UOW_CHARS(struct mixed, part, "part", 0),
	MIXED_COLUMNS,
};
static const uow_entity mixed_entity =
	UOW_ENTITY(struct mixed, "mixed", mixed_columns);

/* The same by a key of two columns. */
static const uow_column twofold_columns[] = {
	UOW_CHARS(struct mixed, part, "part", UOW_KEY),
	UOW_INT64(struct mixed, id, "id", UOW_KEY),
	MIXED_COLUMNS,
};
static const uow_entity twofold_entity =
	UOW_ENTITY(struct mixed, "twofold", twofold_columns);

/* What the cases write at the moment. */
static const uow_entity *entity = &mixed_entity;

/* -- rows that look for trouble -- */

static const char *const hostile[] = {
	"", " ", "'", "''", "\"", "\\", "\\\\", "\\\"", "{", "}", "{}", "{a,b}",
	",", "NULL", "null", "?", ":1", "$1", "%", "_", "--", "/*", ";",
	"it's \"quoted\" \\ {x} ?", "a\nb", "a\tb", "\\x41", "\\N", "(1,2)",
	("Gr\xc3\xbc\xc3\x9f" "e"), "\xf0\x9f\x98\x80", "{fn now()}", "0", "-0",
	"1e5", " lead", "trail ", "$$", "\x01\x02\x1f",
};
static const unsigned char hostile_bytes[] = {
	0, '\'', '\\', '"', '{', '}', ',', 0xff, 0x80, '%', 'x', 0, 0
};

static const char *const wide[] = {
	"0.0000000000", "-0.0000000001",
	"1234567890123456789012345678.0123456789",
	"9999999999999999999999999999.9999999999", "-7.5000000000",
};

enum {
	WORDS = sizeof(hostile) / sizeof(hostile[0]),
	WIDE = sizeof(wide) / sizeof(wide[0])
};

static int64_t any_integer(struct dice *d, int64_t min, int64_t max)
{
	switch (dice_roll(d, 5)) {
	case 0:
		return min;
	case 1:
		return max;
	case 2:
		return 0;
	default:
		return (int64_t)dice_roll(d, 200) - 100;
	}
}

static double any_real(struct dice *d)
{
	static const double values[] = {
		0, 1, -1, 0.1, 1.0 / 3, DBL_MIN, -1e300, 1e-300, 123456789.125,
		2.5e-5
	};

	return values[dice_roll(d, sizeof(values) / sizeof(values[0]))];
}

static bool null(struct dice *d)
{
	return dice_roll(d, 4) == 0;
}

static void roll_numbers(struct dice *d, struct mixed *m)
{
	m->b = dice_roll(d, 2);
	m->b_is_null = null(d);
	m->i16 = (int16_t)any_integer(d, INT16_MIN, INT16_MAX);
	m->i16_is_null = null(d);
	m->i32 = (int32_t)any_integer(d, INT32_MIN, INT32_MAX);
	m->i32_is_null = null(d);
	m->i64 = any_integer(d, INT64_MIN, INT64_MAX);
	m->i64_is_null = null(d);
	m->d = any_real(d);
	m->d_is_null = null(d);
	m->dec = any_integer(d, -999999999999999999, 999999999999999999);
	m->dec_is_null = null(d);
	m->digits = null(d) ? NULL : wide[dice_roll(d, WIDE)];
}

/* Three at a time differ in case and quotes alone. */
static void name(struct mixed *m, int64_t id)
{
	static const char *const parts[] = { "k", "K", "k'" };

	strcpy(m->part, parts[id % 3]);
	m->id = entity == &mixed_entity ? id : id / 3;
}

static void roll_texts(struct dice *d, struct mixed *m)
{
	memset(m->chars, 0, sizeof(m->chars));
	strcpy(m->chars, hostile[dice_roll(d, WORDS)]);
	m->chars_is_null = null(d);
	m->text = null(d) ? NULL : hostile[dice_roll(d, WORDS)];
	m->bytes.data = null(d) ? NULL : hostile_bytes;
	m->bytes.size = m->bytes.data ?
			dice_roll(d, sizeof(hostile_bytes) + 1) : 0;
}

static void roll_moments(struct dice *d, struct mixed *m)
{
	size_t i;

	m->date.year = (int16_t)(1900 + dice_roll(d, 200));
	m->date.month = (uint16_t)(1 + dice_roll(d, 12));
	m->date.day = (uint16_t)(1 + dice_roll(d, 28));
	m->date_is_null = null(d);
	m->time.hour = (uint16_t)dice_roll(d, 24);
	m->time.minute = (uint16_t)dice_roll(d, 60);
	m->time.second = (uint16_t)dice_roll(d, 60);
	m->time_is_null = null(d);
	memset(&m->stamp, 0, sizeof(m->stamp));
	m->stamp.year = m->date.year;
	m->stamp.month = m->date.month;
	m->stamp.day = m->date.day;
	m->stamp.hour = m->time.hour;
	m->stamp.nanosecond = (uint32_t)dice_roll(d, 1000) * 1000000;
	m->stamp_is_null = null(d);
	for (i = 0; i < sizeof(m->uuid.bytes); i++)
		m->uuid.bytes[i] = (uint8_t)dice_roll(d, 256);
	m->uuid_is_null = null(d);
}

static void roll(struct dice *d, struct mixed *m)
{
	roll_numbers(d, m);
	roll_texts(d, m);
	roll_moments(d, m);
}

/* -- what is in the database -- */

enum { ROWS = 137, LINE = 4096, FLUSHES = 24 };

struct picture {
	char lines[ROWS * 2][LINE];
	size_t count;
};

static int add(char *line, int at, const char *fmt, long long value, bool none)
{
	return at + (none ? snprintf(line + at, LINE - (size_t)at, "|null") :
			    snprintf(line + at, LINE - (size_t)at, fmt,
				     value));
}

static int add_bytes(char *line, int at, const void *data, size_t size)
{
	const unsigned char *p = data;
	size_t i;

	if (!p)
		return add(line, at, "", 0, true);
	at = add(line, at, "|%lld:", (long long)size, false);
	for (i = 0; i < size; i++)
		at += snprintf(line + at, LINE - (size_t)at, "%02x", p[i]);
	return at;
}

static void draw(const struct mixed *m, char *line)
{
	int64_t bits;
	int at = 0;

	memcpy(&bits, &m->d, sizeof(bits));
	at = add(line, at, "%lld", m->id, false);
	at = add(line, at, "|v%lld", m->version, false);
	at = add(line, at, "|%lld", m->b, m->b_is_null);
	at = add(line, at, "|%lld", m->i16, m->i16_is_null);
	at = add(line, at, "|%lld", m->i32, m->i32_is_null);
	at = add(line, at, "|%lld", m->i64, m->i64_is_null);
	at = add(line, at, "|%llx", bits, m->d_is_null);
	at = add(line, at, "|%lld", m->dec, m->dec_is_null);
	at = add_bytes(line, at, m->chars_is_null ? NULL : m->chars,
		       strlen(m->chars));
	at = add_bytes(line, at, m->text, m->text ? strlen(m->text) : 0);
	at = add_bytes(line, at, m->bytes.data, m->bytes.size);
	at = add_bytes(line, at, m->date_is_null ? NULL : &m->date,
		       sizeof(m->date));
	at = add_bytes(line, at, m->time_is_null ? NULL : &m->time,
		       sizeof(m->time));
	at = add_bytes(line, at, m->stamp_is_null ? NULL : &m->stamp,
		       sizeof(m->stamp));
	at = add_bytes(line, at, m->uuid_is_null ? NULL : &m->uuid,
		       sizeof(m->uuid));
	at = add_bytes(line, at, m->digits, m->digits ? strlen(m->digits) : 0);
	at = add_bytes(line, at, m->part, strlen(m->part));
	assert_true(at < LINE - 1);
}

static void find_all(uow_unit *u, uow_rows *rows)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order[] = { { "id", false }, { "part", false } };

	q.where = uow_all();
	q.order_by = order;
	q.order_count = 2;
	must(u, uow_find(uow_repository_of(u, entity), &q, rows));
}

static void take_picture(struct fixture *f, struct picture *p)
{
	uow_unit *u = begin(f);
	uow_rows rows;
	size_t i;

	find_all(u, &rows);
	assert_true(rows.count <= ROWS * 2);
	p->count = rows.count;
	for (i = 0; i < rows.count; i++)
		draw(rows.items[i], p->lines[i]);
	commit(u);
}

static void same_picture(const struct picture *a, const struct picture *b,
			 const char *name)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++) {
		if (strcmp(a->lines[i], b->lines[i]) != 0)
			fail_msg("%s:\n%s\n%s", name, a->lines[i],
				 b->lines[i]);
	}
	if (a->count != b->count)
		fail_msg("%s: %zu rows, not %zu", name, b->count, a->count);
}

/* Insert, both ways; change many columns, few columns; remove. */
static void write_all(uow_db *db, struct dice *d)
{
	static struct mixed rows[ROWS];
	uow_unit *u = begin_on(db, NULL);
	uow_repository *r = uow_repository_of(u, entity);
	uow_rows found;
	size_t i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < ROWS; i++) {
		name(&rows[i], (int64_t)i + 1);
		roll(d, &rows[i]);
	}
	for (i = 0; i < ROWS / 2; i++)
		need(u, uow_add(r, &rows[i]));
	must(u, uow_insert_all(r, rows + i, ROWS - i));
	commit(u);
	u = begin_on(db, NULL);
	r = uow_repository_of(u, entity);
	find_all(u, &found);
	assert_int_equal(found.count, ROWS);
	for (i = 0; i < ROWS; i++) {
		struct mixed *m = found.items[i];

		switch (dice_roll(d, 4)) {
		case 0:
			must(u, uow_remove(r, m));
			break;
		case 1:
			m->text = hostile[dice_roll(d, WORDS)];
			break;
		case 2:
			roll_texts(d, m);
			break;
		default:
			roll(d, m);
		}
	}
	commit(u);
}

/* Few rows, each changed in its own way: one insert, the others as rolled. */
static void write_few(uow_db *db, struct dice *d, int64_t id)
{
	static struct mixed row;
	uow_unit *u = begin_on(db, NULL);
	uow_repository *r = uow_repository_of(u, entity);
	uow_rows found;
	size_t i, at;

	find_all(u, &found);
	at = dice_roll(d, (unsigned)found.count - 4);
	for (i = at; i < at + 4; i++) {
		struct mixed *m = found.items[i];

		switch (dice_roll(d, 4)) {
		case 0:
			must(u, uow_remove(r, m));
			break;
		case 1:
			m->text = hostile[dice_roll(d, WORDS)];
			break;
		default:
			roll(d, m);
		}
	}
	memset(&row, 0, sizeof(row));
	name(&row, id);
	roll(d, &row);
	need(u, uow_add(r, &row));
	commit(u);
}

static void clear(struct fixture *f)
{
	uow_unit *u = begin(f);
	uow_rows rows;
	size_t i;

	find_all(u, &rows);
	for (i = 0; i < rows.count; i++)
		must(u, uow_remove(uow_repository_of(u, entity),
				   rows.items[i]));
	commit(u);
}

static void write_in_every_way(struct fixture *f)
{
	static struct picture reference, seen;
	struct dice first, dice;
	struct sent sent;
	uow_db *db;
	size_t i;
	int k;

	tables(f, entity, NULL);
	dice_seed(&first);
	for (i = 0; i < PLANS; i++) {
		if (!worth_trying(f, &plans[i]))
			continue;
		dice = first;
		db = forced(f, &plans[i], &sent);
		write_all(db, &dice);
		for (k = 0; k < FLUSHES; k++)
			write_few(db, &dice, ROWS + 1 + k);
		uow_db_free(db);
		take_picture(f, i ? &seen : &reference);
		if (i)
			same_picture(&reference, &seen, plans[i].name);
		else
			assert_int_equal(sent.inserts + sent.updates +
					 sent.deletes + sent.together, 0);
		/* Who falls back in silence would prove nothing. */
		if (!plans[i].insert && f->backend->flags & BACKEND_BATCHES)
			assert_true(sent.inserts && sent.updates &&
				    sent.deletes);
		if (!strcmp(plans[i].name, "lists"))
			assert_true(sent.inserts && sent.deletes);
		if (i && f->backend->flags & BACKEND_TOGETHER)
			assert_true(sent.together >= FLUSHES / 2);
		print_message("# %s: %u inserts, %u updates, %u deletes of "
			      "many rows, %u of several kinds\n",
			      plans[i].name, sent.inserts, sent.updates,
			      sent.deletes, sent.together);
		clear(f);
	}
}

/* By one column and by two. */
static void with_each_key(struct fixture *f, void (*scenario)(struct fixture *))
{
	needs(f, BACKEND_SQL);
	entity = &mixed_entity;
	scenario(f);
	entity = &twofold_entity;
	scenario(f);
}

static void every_strategy_writes_what_rows_write(void **state)
{
	with_each_key(*state, write_in_every_way);
}

/* -- failures -- */

enum { FEW = 40 };

enum trouble { DUPLICATE, DUPLICATE_ALL, STALE_UPDATE, STALE_DELETE, TROUBLES };

static void fill(struct fixture *f)
{
	uow_unit *u = begin(f);
	struct mixed m;
	int64_t i;

	memset(&m, 0, sizeof(m));
	m.b_is_null = m.d_is_null = m.date_is_null = m.time_is_null = true;
	m.stamp_is_null = m.uuid_is_null = true;
	for (i = 1; i <= FEW; i++) {
		name(&m, i);
		need(u, uow_add(uow_repository_of(u, entity), &m));
	}
	commit(u);
}

static void make_trouble(struct fixture *f, uow_db *db, enum trouble what,
			 int64_t bad, uow_error *out)
{
	static struct mixed rows[FEW];
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;
	uow_repository *r;
	uow_rows found;
	size_t i;

	clear(f);
	fill(f);
	u = begin_on(db, &o);
	find_all(u, &found);
	for (i = 0; i < FEW; i++)
		memcpy(&rows[i], found.items[i], sizeof(rows[i]));
	/* Texts are NULL, so that the copies outlive the unit. */
	commit(u);
	u = begin_on(db, &o);
	r = uow_repository_of(u, entity);
	if (what == STALE_UPDATE || what == STALE_DELETE)
		rows[bad - 1].version--;
	for (i = 0; i < FEW; i++) {
		struct mixed *m;

		if (what == DUPLICATE || what == DUPLICATE_ALL) {
			rows[i].version = 0;
			name(&rows[i], (int64_t)i + 1 == bad ? 7 :
					       1000 + (int64_t)i);
			if (what == DUPLICATE)
				need(u, uow_add(r, &rows[i]));
			continue;
		}
		m = need(u, uow_attach(r, &rows[i]));
		if (what == STALE_UPDATE)
			m->i64 = 5;
		else
			must(u, uow_remove(r, m));
	}
	if (what == DUPLICATE_ALL)
		assert_true(uow_insert_all(r, rows, FEW) < 0);
	else
		assert_true(uow_flush(u) < 0);
	*out = *uow_unit_error(u);
	uow_unit_free(u);
}

static void same_failure(const uow_error *a, const uow_error *b,
			 const char *name, int what)
{
	if (a->code != b->code || a->row != b->row ||
	    strcmp(a->key, b->key) != 0 || strcmp(a->entity, b->entity) != 0)
		fail_msg("%s, trouble %d: %s row %ld key '%s' '%s', not %s "
			 "row %ld key '%s' '%s'", name, what,
			 uow_code_name(b->code), (long)b->row, b->key,
			 b->message, uow_code_name(a->code), (long)a->row,
			 a->key, a->message);
}

static void fail_in_every_way(struct fixture *f)
{
	static const int64_t bad[] = { 1, 12, 23, 40 };
	struct sent sent;
	uow_error expected[TROUBLES][4], got;
	uow_db *db;
	size_t i, k;
	int what;

	tables(f, entity, NULL);
	for (i = 0; i < PLANS; i++) {
		if (!worth_trying(f, &plans[i]))
			continue;
		db = forced(f, &plans[i], &sent);
		for (what = 0; what < TROUBLES; what++) {
			for (k = 0; k < 4; k++) {
				make_trouble(f, db, (enum trouble)what,
					     bad[k],
					     i ? &got : &expected[what][k]);
				if (i)
					same_failure(&expected[what][k], &got,
						     plans[i].name, what);
			}
		}
		uow_db_free(db);
		/* Nothing of what failed is left. */
		clear(f);
		fill(f);
		assert_int_equal(rows_in(f, entity), FEW);
	}
	assert_int_equal(expected[DUPLICATE][1].code, UOW_EDUPLICATE);
	assert_int_equal(expected[DUPLICATE_ALL][1].row, 11);
	assert_int_equal(expected[STALE_UPDATE][2].code, UOW_ECONFLICT);
	contains(expected[STALE_DELETE][3].key,
		 entity == &mixed_entity ? "40" : "13");
}

static void every_strategy_fails_as_rows_do(void **state)
{
	with_each_key(*state, fail_in_every_way);
}

/* Without savepoints the unit may fail, but no other after it does. */
static void a_refused_strategy_is_not_tried_again(void **state)
{
	static const struct plan refused = {
		"refused", "rows", "join 2-50", "rows"
	};
	struct fixture *f = *state;
	struct sent sent;
	uow_rows rows;
	uow_unit *u;
	uow_db *db;
	size_t i;
	int time, rc = 0;

	needs(f, BACKEND_SQL);
	entity = &mixed_entity;
	tables(f, entity, NULL);
	fill(f);
	db = forced(f, &refused, &sent);
	for (time = 0; time < 2; time++) {
		u = begin_on(db, NULL);
		find_all(u, &rows);
		for (i = 0; i < rows.count; i++)
			((struct mixed *)rows.items[i])->i64 = 77 + time;
		rc = uow_commit(u);
		uow_unit_free(u);
	}
	assert_int_equal(rc, 0);
	uow_db_free(db);
}

/* -- what the profile promises -- */

static void many_rows_go_in_few_statements(void **state)
{
	struct fixture *f = *state;
	struct seen seen;
	struct plain p;
	uow_db *db;
	uow_rows rows;
	uow_query q = UOW_QUERY_INIT;
	uow_unit *u;
	size_t i;

	needs(f, BACKEND_BATCHES);
	tables(f, &plain_entity, NULL);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	memset(&p, 0, sizeof(p));
	for (i = 0; i < 1000; i++) {
		p.id = (int64_t)i + 1;
		need(u, plain_add(plain_repository_of(u), &p));
	}
	must(u, uow_flush(u));
	assert_in_range(seen.inserts, 1, 20);
	q.where = uow_all();
	must(u, plain_find(plain_repository_of(u), &q, &rows));
	assert_int_equal(rows.count, 1000);
	for (i = 0; i < 1000; i++)
		plain_at(&rows, i)->amount = (int32_t)i + 1;
	must(u, uow_flush(u));
	assert_in_range(seen.updates, 1, 20);
	for (i = 0; i < 1000; i++)
		must(u, plain_remove(plain_repository_of(u),
				     plain_at(&rows, i)));
	must(u, uow_flush(u));
	assert_in_range(seen.deletes, 1, 20);
	assert_int_equal(seen.failures, 0);
	commit(u);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* Keys that the database makes come back for each row, in a batch as well. */
static void generated_keys_of_a_batch_are_each_rows_own(void **state)
{
	enum { N = 257 };
	struct fixture *f = *state;
	struct account a, *added[N], *got;
	int64_t ids[N];
	uow_unit *u;
	int i;

	tables(f, &account_entity, NULL);
	memset(&a, 0, sizeof(a));
	u = begin(f);
	for (i = 0; i < N; i++) {
		a.balance = i;
		added[i] = need(u, account_add(account_repository_of(u), &a));
	}
	must(u, uow_flush(u));
	for (i = 0; i < N; i++)
		ids[i] = added[i]->id;
	commit(u);
	u = begin(f);
	for (i = 0; i < N; i++) {
		got = need(u, account_get(account_repository_of(u), ids[i]));
		assert_int_equal(got->balance, i);
	}
	commit(u);
}

/* -- values of all lengths in one batch -- */

static void long_values_do_not_fit_a_batch_and_are_written(void **state)
{
	enum { N = 25, LONG = 1 << 20 };
	struct fixture *f = *state;
	struct plain rows[N], *got;
	char *text = malloc(LONG + 1);
	uow_unit *u;
	int i;

	assert_non_null(text);
	memset(text, 'y', LONG);
	text[LONG] = '\0';
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < N; i++) {
		rows[i].id = i + 1;
		rows[i].label = i == 12 ? text : i % 3 ? text + LONG - i :
				NULL;
	}
	tables(f, &plain_entity, NULL);
	u = begin(f);
	must(u, plain_insert_all(plain_repository_of(u), rows, N));
	commit(u);
	u = begin(f);
	for (i = 0; i < N; i++) {
		got = need(u, plain_get(plain_repository_of(u), i + 1));
		if (rows[i].label)
			assert_string_equal(got->label, rows[i].label);
		else
			assert_null(got->label);
	}
	commit(u);
	free(text);
}

static const struct CMUnitTest batch_cases[] = {
	CASE(every_strategy_writes_what_rows_write),
	CASE(every_strategy_fails_as_rows_do),
	CASE(a_refused_strategy_is_not_tried_again),
	CASE(many_rows_go_in_few_statements),
	CASE(generated_keys_of_a_batch_are_each_rows_own),
	CASE(long_values_do_not_fit_a_batch_and_are_written),
};
TOPIC(batch, "batch");
