/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Criteria that nobody has thought of: on the same random rows the database,
 * tables in memory and uow_satisfies() find the same ones, in the same order.
 * UOW_TEST_SEED=N (printed) repeats a run. Each pass tries half of what CI
 * wants, since there is one for each locale.
 */
enum { CRITERIA = 5000, SETS = 5, ROWS = 24, IN_A_UNIT = 100, DEEPEST = 4 };

struct agree {
	struct fixture *f;
	struct dice dice;
	uow_db *memory;
	uow_unit *u, *m;	/* on the database, in memory */
	struct nullable rows[ROWS];
	char said[4000];	/* the criterion, to be printed */
	size_t used;
	unsigned found, some;
};

/* -- values that look for trouble -- */

/*
 * Prefixes of each other, case, blanks at the end, wildcards, numbers as text,
 * U+FFFF beside U+1F600 (which UTF-16 has in the other order), one letter as
 * two code points.
 */
static const char *const texts[] = {
	"", " ", "a", "A", "a ", "a  ", "ab", "aB", "Ab", "a%", "a_b", "%",
	"_", "\\", "'", "10", "9", "\xc3\xa4", "\xc3\x84", "a\xcc\x88",
	"\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80 b",
	"a\xf0\x9f\x98\x80", "\xc3\x9f", "ss", "~", "[a]", "*", "a\tb"
};
static const double reals[] = {
	0, -0.0, 1, -1, 0.1, 1.0 / 3, 2.5, 1e15, -1e300, 1e300, DBL_MAX,
	-DBL_MAX, DBL_MIN, 123456789.125
};
static const float floats[] = {
	0, -0.0f, 1, -1, 0.1f, 1.0f / 3, 2.5f, 1e10f, FLT_MAX, -FLT_MAX
};
static const char blobs[] = "\x00\x00\x01\x7f\x80\xff\x00 a";
static const uow_date days[] = {
	{ 1, 1, 1 }, { 1582, 10, 10 }, { 1900, 2, 28 }, { 1999, 12, 31 },
	{ 2000, 2, 29 }, { 2024, 2, 29 }, { 2024, 10, 1 }, { 9999, 12, 31 }
};
static const uow_time times[] = {
	{ 0, 0, 0 }, { 0, 0, 1 }, { 9, 59, 59 }, { 10, 0, 0 }, { 23, 59, 59 }
};

#define ANY(d, array) \
	((array)[dice_roll(d, sizeof(array) / sizeof((array)[0]))])

static int64_t any_integer(struct dice *d, int64_t min, int64_t max)
{
	switch (dice_roll(d, 8)) {
	case 0:
		return min;
	case 1:
		return max;
	case 2:
		return min + 1;
	default:
		return (int64_t)dice_roll(d, 7) - 3;
	}
}

/* Set by each case: two of the days are others there. */
static bool days_are_lost;

static uow_date any_day(struct dice *d)
{
	size_t lost = days_are_lost ? 2 : 0;

	return days[lost + dice_roll(d, sizeof(days) / sizeof(days[0]) - lost)];
}

static uow_timestamp any_stamp(struct dice *d)
{
	static const uint32_t parts[] = { 0, 1000, 500000000, 999999000 };
	uow_date day = any_day(d);
	uow_time time = ANY(d, times);
	uow_timestamp t = { 0 };

	t.year = day.year;
	t.month = day.month;
	t.day = day.day;
	t.hour = time.hour;
	t.minute = time.minute;
	t.second = time.second;
	t.nanosecond = ANY(d, parts);
	return t;
}

static uow_uuid any_uuid(struct dice *d)
{
	static const uint8_t first[] = { 0, 0x0a, 0x7f, 0x80, 0xff };
	uow_uuid id = { { 0 } };

	id.bytes[0] = ANY(d, first);
	id.bytes[15] = ANY(d, first);
	return id;
}

enum { DECIMAL_MAX_HALF = 999999999 };
#define DECIMAL_MAX (INT64_C(1000000000) * DECIMAL_MAX_HALF + DECIMAL_MAX_HALF)

/* The entity's columns, and a value for each. */
static const char *const columns[] = {
	"id", "b", "i16", "i32", "i64", "f", "d", "dec", "chars", "body",
	"bytes", "on_day", "at_time", "stamp", "guid"
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };
enum { COLUMN_CHARS = 8, COLUMN_TEXT = 9 };

static uow_value any_value(struct dice *d, size_t column)
{
	switch (column) {
	case 0:
		return uow_int((int64_t)dice_roll(d, ROWS + 2));
	case 1:
		return uow_bool(dice_roll(d, 2));
	case 2:
		return uow_int(any_integer(d, INT16_MIN, INT16_MAX));
	case 3:
		return uow_int(any_integer(d, INT32_MIN, INT32_MAX));
	case 4:
		return uow_int(any_integer(d, INT64_MIN, INT64_MAX));
	case 5:
		return uow_real((double)ANY(d, floats));
	case 6:
		return uow_real(ANY(d, reals));
	case 7:
		return uow_decimal(any_integer(d, -DECIMAL_MAX, DECIMAL_MAX),
				   2);
	case COLUMN_CHARS:
	case COLUMN_TEXT:
		return uow_text(ANY(d, texts));
	case 10:
		return uow_blob(blobs + dice_roll(d, 4), dice_roll(d, 5));
	case 11:
		return uow_day(any_day(d));
	case 12:
		return uow_clock_time(ANY(d, times));
	case 13:
		return uow_stamp(any_stamp(d));
	default:
		return uow_guid(any_uuid(d));
	}
}

static bool null(struct dice *d)
{
	return dice_roll(d, 5) == 0;
}

static void roll_numbers(struct dice *d, struct nullable *n)
{
	n->b = any_value(d, 1).as.boolean;
	n->b_is_null = null(d);
	n->i16 = (int16_t)any_value(d, 2).as.integer;
	n->i16_is_null = null(d);
	n->i32 = (int32_t)any_value(d, 3).as.integer;
	n->i32_is_null = null(d);
	n->i64 = any_value(d, 4).as.integer;
	n->i64_is_null = null(d);
	n->f = (float)any_value(d, 5).as.real;
	n->f_is_null = null(d);
	n->d = any_value(d, 6).as.real;
	n->d_is_null = null(d);
	n->dec = any_value(d, 7).as.integer;
	n->dec_is_null = null(d);
}

static void roll_row(struct dice *d, struct nullable *n, int64_t id)
{
	memset(n, 0, sizeof(*n));
	n->id = id;
	roll_numbers(d, n);
	strcpy(n->chars, ANY(d, texts));
	n->chars_is_null = null(d);
	n->text = null(d) ? NULL : ANY(d, texts);
	if (!null(d))
		n->bytes = any_value(d, 10).as.bytes;
	n->date = any_day(d);
	n->date_is_null = null(d);
	n->time = ANY(d, times);
	n->time_is_null = null(d);
	n->stamp = any_stamp(d);
	n->stamp_is_null = null(d);
	n->uuid = any_uuid(d);
	n->uuid_is_null = null(d);
	n->ref_is_null = true;
}

/* -- a criterion, built twice: each unit has its own -- */

struct both {
	const uow_spec *u, *m;
};

static void says(struct agree *a, const char *text)
{
	size_t length = strlen(text);

	if (a->used + length >= sizeof(a->said))
		return;
	memcpy(a->said + a->used, text, length + 1);
	a->used += length;
}

static void says_value(struct agree *a, const uow_value *v)
{
	char text[160];
	size_t i;
	int n = 0;

	switch (v->type) {
	case UOW_TYPE_NULL:
		strcpy(text, "NULL");
		break;
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		snprintf(text, sizeof(text), "%a", v->as.real);
		break;
	case UOW_TYPE_BOOL:
		strcpy(text, v->as.boolean ? "true" : "false");
		break;
	case UOW_TYPE_INT64:
	case UOW_TYPE_DECIMAL:
		snprintf(text, sizeof(text), "%" PRId64, v->as.integer);
		break;
	case UOW_TYPE_TEXT:
		snprintf(text, sizeof(text), "'%.*s'", (int)v->as.bytes.size,
			 (const char *)v->as.bytes.data);
		break;
	default:
		for (i = 0; i < 16; i++)
			n += sprintf(text + n, "%02x",
				     ((const unsigned char *)&v->as)[i]);
	}
	says(a, text);
}

typedef const uow_spec *(*compare_fn)(uow_unit *, const char *, uow_value);

static struct both compare(struct agree *a, size_t c)
{
	static const compare_fn functions[] =
		{ uow_eq, uow_ne, uow_lt, uow_le, uow_gt, uow_ge };
	static const char *const names[] =
		{ " = ", " <> ", " < ", " <= ", " > ", " >= " };
	size_t i = dice_roll(&a->dice, 6);
	uow_value v = dice_roll(&a->dice, 20) ? any_value(&a->dice, c) :
						uow_null();
	struct both s;

	s.u = functions[i](a->u, columns[c], v);
	s.m = functions[i](a->m, columns[c], v);
	says(a, columns[c]);
	says(a, names[i]);
	says_value(a, &v);
	return s;
}

static struct both among(struct agree *a, size_t c)
{
	uow_value list[8];
	size_t count = dice_roll(&a->dice, 8), i;
	struct both s;

	says(a, columns[c]);
	says(a, " in (");
	for (i = 0; i < count; i++) {
		list[i] = dice_roll(&a->dice, 6) ? any_value(&a->dice, c) :
						   uow_null();
		says(a, i ? ", " : "");
		says_value(a, &list[i]);
	}
	says(a, ")");
	s.u = uow_in(a->u, columns[c], list, count);
	s.m = uow_in(a->m, columns[c], list, count);
	return s;
}

static struct both leaf(struct agree *a)
{
	size_t c = dice_roll(&a->dice, COLUMNS);
	const char *prefix = ANY(&a->dice, texts);
	struct both s;

	switch (dice_roll(&a->dice, 8)) {
	case 0:
		s.u = uow_is_null(a->u, columns[c]);
		s.m = uow_is_null(a->m, columns[c]);
		says(a, columns[c]);
		says(a, " is null");
		return s;
	case 1:
	case 2:
		return among(a, c);
	case 3:
		c = dice_roll(&a->dice, 2) ? COLUMN_CHARS : COLUMN_TEXT;
		s.u = uow_starts_with(a->u, columns[c], prefix);
		s.m = uow_starts_with(a->m, columns[c], prefix);
		says(a, columns[c]);
		says(a, " starts with '");
		says(a, prefix);
		says(a, "'");
		return s;
	default:
		return compare(a, c);
	}
}

static struct both tree(struct agree *a, int depth)
{
	struct both s, left, right;
	bool all;

	switch (depth < DEEPEST ? dice_roll(&a->dice, 6) : 5) {
	case 0:
	case 1:
	case 2:
		all = dice_roll(&a->dice, 2);
		says(a, "(");
		left = tree(a, depth + 1);
		says(a, all ? " and " : " or ");
		right = tree(a, depth + 1);
		says(a, ")");
		s.u = (all ? uow_and : uow_or)(a->u, left.u, right.u);
		s.m = (all ? uow_and : uow_or)(a->m, left.m, right.m);
		return s;
	case 3:
		says(a, "not ");
		left = tree(a, depth + 1);
		s.u = uow_not(a->u, left.u);
		s.m = uow_not(a->m, left.m);
		return s;
	default:
		return leaf(a);
	}
}

/* -- what is found -- */

static void find(struct agree *a, uow_unit *u, const uow_query *q,
		 int64_t *ids, size_t *count)
{
	uow_rows rows;
	size_t i;

	if (uow_find(uow_repository_of(u, &nullable_entity), q, &rows))
		fail_msg("%s\n%s", uow_unit_error(u)->message, a->said);
	*count = rows.count;
	for (i = 0; i < rows.count; i++)
		ids[i] = ((const struct nullable *)rows.items[i])->id;
}

static void list(char *text, const int64_t *ids, size_t count)
{
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < count; i++)
		used += (size_t)sprintf(text + used, " %" PRId64, ids[i]);
}

static size_t same_rows(struct agree *a, const uow_query *q,
			const struct both *where)
{
	int64_t here[ROWS], there[ROWS];
	size_t mine = 0, others = 0;
	char mine_text[ROWS * 4 + 1], others_text[ROWS * 4 + 1];
	uow_query query = *q;

	query.where = where->u;
	find(a, a->u, &query, here, &mine);
	query.where = where->m;
	find(a, a->m, &query, there, &others);
	list(mine_text, here, mine);
	list(others_text, there, others);
	if (strcmp(mine_text, others_text) != 0)
		fail_msg("database:%s\nmemory:%s\n%s", mine_text, others_text,
			 a->said);
	return mine;
}

static void same_opinion(struct agree *a, const struct both *where,
			 size_t found)
{
	size_t i, satisfied = 0;
	uint64_t n = 0;

	for (i = 0; i < ROWS; i++)
		satisfied += uow_satisfies(where->u, &nullable_entity,
					   &a->rows[i]);
	must(a->u, uow_count(uow_repository_of(a->u, &nullable_entity),
			     where->u, &n));
	if (satisfied != found || n != found)
		fail_msg("%zu found, %zu satisfy, %" PRIu64 " counted\n%s",
			 found, satisfied, n, a->said);
}

/* Where NULLs come in an order is each database's own; so without them. */
static void order_by(struct agree *a, uow_order *order, struct both *where)
{
	size_t c = dice_roll(&a->dice, COLUMNS);

	order->column = columns[c];
	order->descending = dice_roll(&a->dice, 2);
	where->u = uow_and(a->u, where->u,
			   uow_not(a->u, uow_is_null(a->u, columns[c])));
	where->m = uow_and(a->m, where->m,
			   uow_not(a->m, uow_is_null(a->m, columns[c])));
	says(a, order->descending ? ", descending by " : ", by ");
	says(a, columns[c]);
}

static void try_one(struct agree *a)
{
	uow_order order[3] = { { "id", false }, { "id", false },
			       { "id", false } };
	uow_query q = UOW_QUERY_INIT;
	struct both where;
	size_t found;
	char text[80];

	a->used = 0;
	where = tree(a, 0);
	q.order_by = order;
	q.order_count = 1;
	found = same_rows(a, &q, &where);
	same_opinion(a, &where, found);
	a->found += found > 0;
	a->some += found > 0 && found < ROWS;
	if (dice_roll(&a->dice, 3))
		return;
	order_by(a, &order[0], &where);
	order_by(a, &order[1], &where);
	/* No column comes twice in an ORDER BY, everywhere. */
	if (!strcmp(order[0].column, order[1].column))
		order[1] = order[2];
	q.order_count = strcmp(order[0].column, "id") == 0 ? 1 :
			strcmp(order[1].column, "id") == 0 ? 2 : 3;
	q.limit = dice_roll(&a->dice, ROWS);
	q.offset = q.limit ? dice_roll(&a->dice, 5) : 0;
	snprintf(text, sizeof(text), ", offset %d, limit %d", (int)q.offset,
		 (int)q.limit);
	says(a, text);
	same_rows(a, &q, &where);
}

static void fill(struct agree *a)
{
	uow_unit *u = begin(a->f);
	size_t i;

	for (i = 0; i < ROWS; i++)
		roll_row(&a->dice, &a->rows[i], (int64_t)i + 1);
	must(u, uow_remove_where(uow_repository_of(u, &nullable_entity),
				 uow_all(), NULL));
	must(u, uow_insert_all(uow_repository_of(u, &nullable_entity),
			       a->rows, ROWS));
	commit(u);
	u = begin_on(a->memory, NULL);
	must(u, uow_remove_where(uow_repository_of(u, &nullable_entity),
				 uow_all(), NULL));
	commit(u);
	succeeds(uow_memory_load(a->memory, &nullable_entity, a->rows, ROWS,
				 &a->f->err), &a->f->err);
}

static void start(struct agree *a, struct fixture *f)
{
	static const uow_entity *const both[] = {
		&plain_entity, &nullable_entity
	};

	days_are_lost = f->backend->flags & BACKEND_LOSES_DAYS;
	memset(a, 0, sizeof(*a));
	a->f = f;
	dice_seed(&a->dice);
	tables(f, &plain_entity, &nullable_entity, NULL);
	succeeds(uow_memory_open(&a->memory, NULL, &f->err), &f->err);
	succeeds(uow_schema_create(a->memory, both, 2, &f->err), &f->err);
}

static void everybody_finds_the_same_rows(void **state)
{
	static struct agree a;
	int i;

	needs_long_double();
	start(&a, *state);
	for (i = 0; i < CRITERIA; i++) {
		if (i % (CRITERIA / SETS) == 0)
			fill(&a);
		if (i % IN_A_UNIT == 0) {
			a.u = begin(a.f);
			a.m = begin_on(a.memory, NULL);
		}
		try_one(&a);
		if (i % IN_A_UNIT == IN_A_UNIT - 1) {
			commit(a.u);
			commit(a.m);
		}
	}
	print_message("# %d criteria: %u found rows, %u some and not all\n",
		      CRITERIA, a.found, a.some);
	assert_true(a.some > CRITERIA / 4);
	uow_db_free(a.memory);
}

static const struct CMUnitTest agree_cases[] = {
	CASE(everybody_finds_the_same_rows),
};
TOPIC(agree, "agree");
