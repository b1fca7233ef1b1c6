/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/search.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/field.h"
#include "model/match.h"

enum { SLICE = 512 };

int matcher_init(struct matcher *m, const struct view *v,
		 const struct shape *shape, const struct read_args *args,
		 uow_error *err)
{
	m->v = v;
	m->shape = shape;
	m->args = args->values;
	m->err = err;
	m->own = NULL;
	if (v->same || !shape->code_len)
		return 0;
	m->own = mem_alloc(v->m->size);
	return m->own ? 0 : error_nomem(err);
}

void matcher_release(struct matcher *m)
{
	mem_free(m->own);
}

int matches(const struct matcher *m, const struct version *v)
{
	const struct shape *shape = m->shape;
	const void *row = version_row(m->v->table, v);
	int rc;

	if (!shape->code_len)
		return 1;
	if (m->own) {
		rc = view_read(m->v, m->own, row, NULL, m->err);
		if (rc)
			return rc;
		row = m->own;
	}
	return match_code(m->v->m, shape->code, shape->code_len, m->args,
			  row) == TRUTH_TRUE;
}

/* -- an index instead of all rows -- */

/* What a criterion says of a column in any case. */
struct bound {
	unsigned column;
	const uow_value *values;
	size_t count;
};

/* Of more columns than this, no index is looked for. */
enum { BOUNDS = 16 };

struct bounds {
	struct bound of[BOUNDS];
	size_t count;
	const uint32_t *code;
	const uow_value *args;
};

static const struct bound *bound_of(const struct bounds *b, unsigned column)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (b->of[i].column == column)
			return &b->of[i];
	return NULL;
}

/* One value is better than many. */
static void note_bound(struct bounds *b, unsigned column, size_t count)
{
	struct bound better = { column, b->args, count };
	const struct bound *known = bound_of(b, column);

	if (!known && b->count < BOUNDS)
		b->of[b->count++] = better;
	else if (known && known->count > count)
		b->of[known - b->of] = better;
}

static void bind_leaf(struct bounds *b, uint32_t word, bool certain)
{
	enum spec_op op = CODE_OP(word);
	size_t count = op == SPEC_IN ? *b->code++ : op != SPEC_IS_NULL;

	if (certain && (op == SPEC_EQ || op == SPEC_IN))
		note_bound(b, CODE_COLUMN(word), count);
	b->args += count;
}

static void bind(struct bounds *b, bool certain)
{
	uint32_t word = *b->code++;

	switch (CODE_OP(word)) {
	case SPEC_ALL:
	case SPEC_NONE:
		break;
	case SPEC_AND:
		bind(b, certain);
		bind(b, certain);
		break;
	case SPEC_OR:
		bind(b, false);
		bind(b, false);
		break;
	case SPEC_NOT:
		bind(b, false);
		break;
	default:
		bind_leaf(b, word, certain);
	}
}

static bool can_bind(const struct field *f)
{
	return f->type != UOW_TYPE_FLOAT && f->type != UOW_TYPE_DOUBLE;
}

/* One value for each column; for a single column a list will do. */
static bool is_bound(const struct table *t, const struct index *ix,
		     const struct bounds *b)
{
	size_t i;

	for (i = 0; i < ix->count; i++) {
		const struct bound *bound = bound_of(b, ix->columns[i]);

		if (!bound || (bound->count > 1 && ix->count > 1) ||
		    !can_bind(&t->m->fields[ix->columns[i]]))
			return false;
	}
	return true;
}

static const struct index *choose(const struct table *t,
				  const struct bounds *b)
{
	const struct index *best = NULL;
	size_t i;

	for (i = 0; i < t->index_count; i++) {
		const struct index *ix = &t->indexes[i];

		if (is_bound(t, ix, b) &&
		    (!best || (ix->unique && !best->unique)))
			best = ix;
	}
	return best;
}

static const struct index *plan(const struct matcher *m, struct bounds *b)
{
	const struct table *t = m->v->table;

	if (!m->v->same || !m->shape->code_len)
		return NULL;
	b->count = 0;
	b->code = m->shape->code;
	b->args = m->args;
	bind(b, true);
	return choose(t, b);
}

bool search_scans(const struct matcher *m)
{
	struct bounds b;

	return !plan(m, &b);
}

/* -- gathering -- */

static int add(struct result *r, uint32_t record, const struct version *v)
{
	if (mem_grow(&r->rows, &r->room, r->count + 1, sizeof(*r->rows)))
		return UOW_ENOMEM;
	r->rows[r->count].record = record;
	r->rows[r->count++].version = v;
	return 0;
}

static int look_at(const struct matcher *m, const struct sight *sight,
		   uint32_t n, struct result *out)
{
	const struct record *r = table_record(m->v->table, n);
	const struct version *v = version_seen(r, sight->id, sight->serial,
					       sight->number);
	int rc;

	if (!v)
		return 0;
	rc = matches(m, v);
	if (rc <= 0)
		return rc;
	return add(out, n, v) ? error_nomem(m->err) : 0;
}

static int search_table(struct session *s, const struct matcher *m,
		      const struct sight *sight, struct result *out)
{
	const struct table *t = m->v->table;
	uint32_t n;
	int rc = 0;

	for (n = 1; !rc && n < t->record_end; n++) {
		rc = look_at(m, sight, n, out);
		if (n % SLICE == 0) {
			store_unlock(s->store);
			store_lock(s->store);
		}
	}
	return rc;
}

/* The i-th of the values that the index's columns are to have, in s->row. */
static int set_key(struct session *s, const struct matcher *m,
		   const struct index *ix, const struct bounds *b, size_t i)
{
	const struct table *t = m->v->table;
	size_t k;
	int rc = 0;

	for (k = 0; !rc && k < ix->count; k++) {
		const struct bound *bound = bound_of(b, ix->columns[k]);
		const uow_value *v = &bound->values[bound->count > 1 ? i : 0];

		/* Nothing equals NULL. */
		if (v->type == UOW_TYPE_NULL)
			return 1;
		rc = field_set(t->m, &t->m->fields[ix->columns[k]], s->row, v,
			       &s->scratch, m->err);
	}
	return rc;
}

static int search_hash(const struct matcher *m, const struct sight *sight,
		       const struct index *ix, const void *key,
		       struct result *out)
{
	const struct table *t = m->v->table;
	struct index_walk w;
	uint32_t n;
	int rc = 0;

	index_walk(ix, values_hash(t->m, ix->columns, ix->count, key), &w);
	while (!rc && (n = index_next(&w)))
		rc = look_at(m, sight, n, out);
	return rc;
}

static int by_record(const struct found *a, const struct found *b)
{
	return (a->record > b->record) - (a->record < b->record);
}

typedef int (*compare_fn)(const struct found *a, const struct found *b,
			  const void *arg);

static int compare_records(const struct found *a, const struct found *b,
			   const void *arg)
{
	(void)arg;
	return by_record(a, b);
}

static void merge(struct found *rows, size_t half, size_t count,
		  struct found *left, compare_fn compare, const void *arg)
{
	size_t i = 0, k = half, to = 0;

	memcpy(left, rows, half * sizeof(*rows));
	while (i < half && k < count)
		rows[to++] = compare(&left[i], &rows[k], arg) <= 0 ?
			     left[i++] : rows[k++];
	while (i < half)
		rows[to++] = left[i++];
}

static void sort(struct found *rows, size_t count, struct found *room,
		 compare_fn compare, const void *arg)
{
	size_t half = count / 2;

	if (count < 2)
		return;
	sort(rows, half, room, compare, arg);
	sort(rows + half, count - half, room, compare, arg);
	if (compare(&rows[half - 1], &rows[half], arg) > 0)
		merge(rows, half, count, room, compare, arg);
}

static int sort_by(struct result *r, compare_fn compare, const void *arg)
{
	struct found *room;

	if (r->count < 2)
		return 0;
	room = mem_array(r->count / 2, sizeof(*room));
	if (!room)
		return UOW_ENOMEM;
	sort(r->rows, r->count, room, compare, arg);
	mem_free(room);
	return 0;
}

/* Lists are filled up with their last value, and rows may be found twice. */
static int drop_doubles(struct result *r)
{
	size_t i, kept = 0;

	if (sort_by(r, compare_records, NULL))
		return UOW_ENOMEM;
	for (i = 0; i < r->count; i++)
		if (!kept || r->rows[i].record != r->rows[kept - 1].record)
			r->rows[kept++] = r->rows[i];
	r->count = kept;
	return 0;
}

static int search_index(struct session *s, const struct matcher *m,
		     const struct sight *sight, const struct index *ix,
		     const struct bounds *b, struct result *out)
{
	const struct bound *list = bound_of(b, ix->columns[0]);
	size_t i, count = ix->count == 1 ? list->count : 1;
	int rc = 0;

	if (mem_grow(&s->row, &s->row_size, m->v->table->m->size, 1))
		return error_nomem(m->err);
	memset(s->row, 0, m->v->table->m->size);
	for (i = 0; rc >= 0 && i < count; i++) {
		rc = set_key(s, m, ix, b, i);
		if (!rc)
			rc = search_hash(m, sight, ix, s->row, out);
	}
	if (rc >= 0 && count > 1 && drop_doubles(out))
		return error_nomem(m->err);
	return rc < 0 ? rc : 0;
}

int search(struct session *s, const struct matcher *m,
	   const struct sight *sight, struct result *out)
{
	struct bounds b;
	const struct index *ix = plan(m, &b);

	return ix ? search_index(s, m, sight, ix, &b, out) :
	       search_table(s, m, sight, out);
}

int search_keys(struct session *s, const struct view *v,
		const struct shape *shape, const struct read_args *args,
		const struct sight *sight, struct result *out, uow_error *err)
{
	const struct table *t = v->table;
	struct matcher m = { v, shape, NULL, NULL, err };
	size_t i, count = 0;
	uint32_t n;
	int rc = 0;

	if (mem_grow(&s->row, &s->row_size, t->m->size, 1))
		return error_nomem(err);
	for (i = 0; !rc && i < shape->key_count; i++) {
		memset(s->row, 0, t->m->size);
		rc = view_write(v, s->row, args->keys[i], &v->m->key_set, err);
		if (rc)
			break;
		n = table_find_key(t, s->row);
		if (reads_note_key(s, v->table, s->row))
			return error_nomem(err);
		if (!n || (count && out->rows[count - 1].record == n))
			continue;
		rc = look_at(&m, sight, n, out);
		count = out->count;
	}
	return rc;
}

/* -- order -- */

struct ordering {
	const struct view *v;
	const struct shape *shape;
};

/* NULL first, then by value; a NaN after all numbers. */
static int compare_values(const uow_value *a, const uow_value *b)
{
	bool a_null = a->type == UOW_TYPE_NULL, b_null;
	bool a_nan, b_nan;
	int order;

	b_null = b->type == UOW_TYPE_NULL;
	if (a_null || b_null)
		return b_null - a_null;
	if (value_compare(a, b, &order))
		return order;
	a_nan = !(a->as.real <= a->as.real);
	b_nan = !(b->as.real <= b->as.real);
	return a_nan - b_nan;
}

static int compare_rows(const struct found *a, const struct found *b,
			const void *arg)
{
	const struct ordering *o = arg;
	const struct table *t = o->v->table;
	uow_value x, y;
	size_t i;
	int order;

	for (i = 0; i < o->shape->order_count; i++) {
		const struct shape_order *by = &o->shape->order[i];
		const struct field *f =
			&t->m->fields[o->v->columns[by->column]];

		field_get(f, version_row(t, a->version), &x);
		field_get(f, version_row(t, b->version), &y);
		order = compare_values(&x, &y);
		if (order)
			return by->descending ? -order : order;
	}
	return by_record(a, b);
}

int result_sort(struct result *r, const struct view *v,
		const struct shape *shape)
{
	struct ordering o = { v, shape };

	return sort_by(r, compare_rows, &o);
}
