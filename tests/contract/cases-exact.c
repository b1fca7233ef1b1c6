/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

/*
 * Random rows of all types, written by every way of writing and read by every
 * way of reading. UOW_TEST_SEED=N (printed) repeats a run.
 */
enum { ROWS = 120, TEXT = 300 };

struct work {
	struct types rows[ROWS];
	char texts[ROWS][TEXT];
	unsigned char blobs[ROWS][TEXT];
};

/* A random text of valid UTF-8, rich in what needs quoting. */
static void random_text(struct dice *d, char *out, size_t size)
{
	static const char *const pieces[] = {
		"'", "\"", "\\", "%", "_", "?", "{", "}", "a", "Z", " ", ",",
		".", "0", "\n", "\t", ";", "--", "\xc3\xbc", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "[", "]", "`", "$1", ":x", "/*", "*/",
	};
	size_t n = dice_roll(d, size), used = 0;

	out[0] = '\0';
	while (used < n) {
		const char *p = pieces[dice_roll(d, sizeof(pieces) /
						 sizeof(pieces[0]))];

		if (used + strlen(p) >= size)
			break;
		strcpy(out + used, p);
		used += strlen(p);
	}
}

static double random_double(struct dice *d)
{
	uint64_t bits;
	double r;

	do {
		bits = dice_bits(d);
		memcpy(&r, &bits, sizeof(r));
	} while ((bits >> 52 & 0x7ff) == 0x7ff);
	return r;
}

static float random_float(struct dice *d)
{
	uint32_t bits;
	float r;

	do {
		bits = (uint32_t)(dice_bits(d) >> 32);
		memcpy(&r, &bits, sizeof(r));
	} while ((bits >> 23 & 0xff) == 0xff);
	return r;
}

static int64_t random_decimal(struct dice *d)
{
	int64_t limit = 1, r;
	uint64_t digits = dice_roll(d, 19);

	while (digits--)
		limit *= 10;
	r = (int64_t)dice_roll(d, (uint64_t)limit);
	return dice_roll(d, 2) ? -r : r;
}

static int64_t random_integer(struct dice *d, unsigned bits)
{
	uint64_t r = dice_bits(d) >> dice_roll(d, 64);

	/* sign bit of the width copied upwards */
	r <<= 64 - bits;
	return (int64_t)r / (int64_t)(UINT64_C(1) << (64 - bits));
}

static void random_row(struct dice *d, struct work *w, int i)
{
	struct types *t = &w->rows[i];
	size_t k;

	types_sample(t, i + 1);
	t->b = dice_roll(d, 2);
	t->i16 = (int16_t)random_integer(d, 16);
	t->i32 = (int32_t)random_integer(d, 32);
	t->i64 = (int64_t)(dice_bits(d) >> dice_roll(d, 64));
	t->f = random_float(d);
	t->d = random_double(d);
	t->dec0 = random_decimal(d);
	t->dec2 = random_decimal(d);
	t->dec18 = random_decimal(d);
	random_text(d, t->chars, sizeof(t->chars));
	random_text(d, w->texts[i], TEXT);
	t->text = dice_roll(d, 8) ? w->texts[i] : NULL;
	for (k = 0; k < TEXT; k++)
		w->blobs[i][k] = (unsigned char)dice_bits(d);
	t->bytes.data = dice_roll(d, 8) ? w->blobs[i] : NULL;
	t->bytes.size = t->bytes.data ? dice_roll(d, TEXT) : 0;
	t->date.year = (int16_t)(1 + dice_roll(d, 9999));
	t->date.month = (uint16_t)(1 + dice_roll(d, 12));
	t->date.day = (uint16_t)(1 + dice_roll(d, 28));
	t->time.hour = (uint16_t)dice_roll(d, 24);
	t->time.minute = (uint16_t)dice_roll(d, 60);
	t->time.second = (uint16_t)dice_roll(d, 60);
	t->stamp.year = (int16_t)(1 + dice_roll(d, 9999));
	t->stamp.month = (uint16_t)(1 + dice_roll(d, 12));
	t->stamp.day = (uint16_t)(1 + dice_roll(d, 28));
	t->stamp.nanosecond = (uint32_t)dice_roll(d, 1000000) * 1000;
	for (k = 0; k < 16; k++)
		t->uuid.bytes[k] = (uint8_t)dice_bits(d);
}

static struct work *make_rows(void)
{
	struct work *w = calloc(1, sizeof(*w));
	struct dice d;
	int i;

	assert_non_null(w);
	dice_seed(&d);
	for (i = 0; i < ROWS; i++)
		random_row(&d, w, i);
	return w;
}

static void compare(const struct work *w, const struct types *got)
{
	if (!types_equal(got, &w->rows[got->id - 1]))
		fail_msg("row %d differs", (int)got->id);
}

static int compare_row(uow_unit *u, const void *row, void *arg)
{
	const struct types *got = row;
	const struct work *w = arg;

	if (!types_equal(got, &w->rows[got->id - 1]))
		return uow_fail(u, UOW_EAPP - 1, "row %d differs",
				(int)got->id);
	return 0;
}

static void read_every_way(struct fixture *f, struct work *w)
{
	uow_query q = UOW_QUERY_INIT;
	uow_repository *r;
	uow_key keys[ROWS];
	void *objects[ROWS];
	uow_rows rows;
	uow_unit *u;
	size_t i;

	q.where = uow_all();
	u = begin(f);
	r = uow_repository_of(u, &types_entity);
	for (i = 0; i < ROWS; i++)
		compare(w, need(u, uow_get(r, uow_id((int64_t)i + 1))));
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &types_entity);
	must(u, uow_find(r, &q, &rows));
	assert_int_equal(rows.count, ROWS);
	for (i = 0; i < ROWS; i++)
		compare(w, rows.items[i]);
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &types_entity);
	for (i = 0; i < ROWS; i++)
		keys[i] = uow_id((int64_t)i + 1);
	must(u, uow_get_many(r, keys, ROWS, objects));
	for (i = 0; i < ROWS; i++)
		compare(w, objects[i]);
	must(u, uow_each(r, &q, compare_row, w));
	commit(u);
	if (!(f->backend->flags & BACKEND_SQL))
		return;
	u = begin(f);
	r = uow_repository_of(u, &types_entity);
	must(u, uow_find_sql(r, "SELECT * FROM alltypes", NULL, 0, &rows));
	assert_int_equal(rows.count, ROWS);
	for (i = 0; i < ROWS; i++)
		compare(w, rows.items[i]);
	commit(u);
}

static void random_rows_added_come_back(void **state)
{
	struct fixture *f = *state;
	struct work *w;
	uow_unit *u;
	int i;

	needs_long_double();
	w = make_rows();
	tables(f, &types_entity, NULL);
	u = begin(f);
	for (i = 0; i < ROWS; i++)
		need(u, uow_add(uow_repository_of(u, &types_entity),
				&w->rows[i]));
	commit(u);
	read_every_way(f, w);
	free(w);
}

static void random_rows_inserted_at_once_come_back(void **state)
{
	struct fixture *f = *state;
	struct work *w;
	uow_unit *u;

	needs_long_double();
	w = make_rows();
	tables(f, &types_entity, NULL);
	u = begin(f);
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), w->rows,
			       ROWS));
	commit(u);
	read_every_way(f, w);
	free(w);
}

/* Written over rows that held other values: no stale piece stays. */
static void random_rows_updated_come_back(void **state)
{
	struct fixture *f = *state;
	struct work *w;
	struct types *t, old;
	uow_unit *u;
	int i;

	needs_long_double();
	w = make_rows();
	tables(f, &types_entity, NULL);
	u = begin(f);
	for (i = 0; i < ROWS; i++) {
		types_sample(&old, i + 1);
		need(u, uow_add(uow_repository_of(u, &types_entity), &old));
	}
	commit(u);
	u = begin(f);
	for (i = 0; i < ROWS; i++) {
		t = need(u, uow_get(uow_repository_of(u, &types_entity),
				    uow_id(i + 1)));
		*t = w->rows[i];
	}
	commit(u);
	read_every_way(f, w);
	free(w);
}

/* What was read equals what was written: nothing to write again. */
static void random_rows_read_are_unchanged(void **state)
{
	struct fixture *f = *state;
	struct work *w;
	uow_query q = UOW_QUERY_INIT;
	struct seen seen;
	uow_rows rows;
	uow_unit *u;
	uow_db *db;

	needs_long_double();
	w = make_rows();
	tables(f, &types_entity, NULL);
	u = begin(f);
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), w->rows,
			       ROWS));
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	q.where = uow_all();
	must(u, uow_find(uow_repository_of(u, &types_entity), &q, &rows));
	commit(u);
	assert_int_equal(seen.updates, 0);
	uow_db_free(db);
	free(w);
}

/* Each row is found again by each of its values. */
static void random_values_are_found_by_criteria(void **state)
{
	struct fixture *f = *state;
	struct work *w;
	const struct types *t;
	const uow_spec *spec;
	uow_unit *u;
	uint64_t n;
	int i, k;

	needs_long_double();
	w = make_rows();
	tables(f, &types_entity, NULL);
	u = begin(f);
	must(u, uow_insert_all(uow_repository_of(u, &types_entity), w->rows,
			       ROWS));
	for (i = 0; i < ROWS; i += 7) {
		t = &w->rows[i];
		for (k = 0; k < 12; k++) {
			static const char *const names[] = {
				"i16", "i32", "i64", "d", "dec0", "dec2",
				"chars", "on_day", "stamp", "guid", "dec18",
				"at_time",
			};
			uow_value v[12];

			v[0] = uow_int(t->i16);
			v[1] = uow_int(t->i32);
			v[2] = uow_int(t->i64);
			v[3] = uow_real(t->d);
			v[4] = uow_decimal(t->dec0, 0);
			v[5] = uow_decimal(t->dec2, 2);
			v[6] = uow_text(t->chars);
			v[7] = uow_day(t->date);
			v[8] = uow_stamp(t->stamp);
			v[9] = uow_guid(t->uuid);
			v[10] = uow_decimal(t->dec18, 18);
			v[11] = uow_clock_time(t->time);
			spec = uow_and(u, uow_eq(u, "id", uow_int(t->id)),
				       uow_eq(u, names[k], v[k]));
			n = 0;
			must(u, uow_count(uow_repository_of(u, &types_entity),
					  spec, &n));
			if (n != 1)
				fail_msg("row %d is not found by %s",
					 (int)t->id, names[k]);
			assert_true(uow_satisfies(spec, &types_entity, t));
		}
	}
	commit(u);
	free(w);
}

static const struct CMUnitTest exact_cases[] = {
	CASE(random_rows_added_come_back),
	CASE(random_rows_inserted_at_once_come_back),
	CASE(random_rows_updated_come_back),
	CASE(random_rows_read_are_unchanged),
	CASE(random_values_are_found_by_criteria),
};
TOPIC(exact, "exact");
