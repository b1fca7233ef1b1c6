/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/search.h"

#include <string.h>

#include "base/mem.h"

/*
 * What a serializable transaction has read: keys, there or not, and queries.
 * When it commits after having written, nothing of that may have changed
 * since its snapshot: then it is as if all of it had happened at once, now.
 * One that has only read is as if it had happened at its snapshot.
 *
 * Keys are remembered by their hash: a collision is a conflict too many, which
 * a second run settles.
 */
struct query {
	struct query *next;
	const struct view *v;
	struct shape shape;
	struct read_args args;
};

struct reads {
	struct arena arena;
	struct index keys;
	struct query *queries;
};

static bool is_watched(const struct session *s)
{
	return s->isolation == UOW_SERIALIZABLE && !s->simple;
}

static struct reads *get(struct session *s)
{
	if (s->reads)
		return s->reads;
	s->reads = mem_alloc(sizeof(*s->reads));
	if (!s->reads)
		return NULL;
	arena_init(&s->reads->arena);
	s->reads->keys.unique = true;
	return s->reads;
}

static uint32_t key_hash(const struct table *t, const void *row)
{
	const struct index *ix = &t->indexes[0];
	uint32_t hash = values_hash(t->m, ix->columns, ix->count, row);

	return (uint32_t)random_mix((uint64_t)(uintptr_t)t ^ hash);
}

int reads_note_key(struct session *s, struct table *t, const void *row)
{
	struct reads *r;

	if (!is_watched(s))
		return 0;
	r = get(s);
	if (!r || index_reserve(&r->keys))
		return UOW_ENOMEM;
	index_add(&r->keys, key_hash(t, row), 1);
	return 0;
}

static bool copy_args(struct arena *a, const struct read_args *args,
		      uow_value **out)
{
	uow_value *values = arena_array(a, args->value_count, sizeof(*values));
	size_t i;

	if (!values)
		return false;
	for (i = 0; i < args->value_count; i++) {
		values[i] = args->values[i];
		if (values[i].type != UOW_TYPE_TEXT &&
		    values[i].type != UOW_TYPE_BYTES)
			continue;
		values[i].as.bytes.data = arena_text(a,
			values[i].as.bytes.data, values[i].as.bytes.size);
		if (!values[i].as.bytes.data)
			return false;
	}
	*out = values;
	return true;
}

int reads_note_query(struct session *s, const struct view *v,
		     const struct shape *shape, const struct read_args *args)
{
	struct reads *r;
	struct query *q;
	uow_value *values;

	if (!is_watched(s))
		return 0;
	r = get(s);
	q = r ? arena_alloc(&r->arena, sizeof(*q)) : NULL;
	if (!q || !copy_args(&r->arena, args, &values))
		return UOW_ENOMEM;
	q->shape = *shape;
	q->shape.code = arena_copy(&r->arena, shape->code,
				   shape->code_len * sizeof(*shape->code));
	if (!q->shape.code)
		return UOW_ENOMEM;
	q->v = v;
	q->args.values = values;
	q->args.value_count = args->value_count;
	q->next = r->queries;
	r->queries = q;
	return 0;
}

/* True in doubt. */
static bool would_see(const struct query *q, const struct version *v)
{
	uow_error ignored;
	struct matcher m;
	bool seen;

	if (!version_alive(v))
		return false;
	if (matcher_init(&m, q->v, &q->shape, &q->args, &ignored))
		return true;
	seen = matches(&m, v) != 0;
	matcher_release(&m);
	return seen;
}

static bool concerns(const struct reads *r, const struct write *w)
{
	const void *row = version_row(w->table, w->version);
	const struct query *q;
	struct index_walk walk;

	index_walk(&r->keys, key_hash(w->table, row), &walk);
	if (index_next(&walk))
		return true;
	for (q = r->queries; q; q = q->next)
		if (q->v->table == w->table &&
		    (would_see(q, w->version) ||
		     would_see(q, w->version->older)))
			return true;
	return false;
}

bool reads_changed(const struct session *s)
{
	const struct store *st = s->store;
	size_t i = st->garbage_to;

	if (!s->reads)
		return false;
	while (i > st->garbage_from &&
	       st->garbage[i - 1].number > s->snapshot.number)
		if (concerns(s->reads, &st->garbage[--i]))
			return true;
	return false;
}

void reads_free(struct session *s)
{
	if (!s->reads)
		return;
	index_release(&s->reads->keys);
	arena_release(&s->reads->arena);
	mem_free(s->reads);
	s->reads = NULL;
}
