/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/store.h"

#include <string.h>

#include "base/mem.h"
#include "model/field.h"

enum { CHUNK_BYTES = 16384, CHUNK_LEAST = 8, RECORDS = 256 };

struct version_chunk {
	struct version_chunk *next;
	uint64_t data[];		/* versions, one after the other */
};

/* -- what is seen -- */

static uint32_t serial_of(const struct version *v)
{
	return (uint32_t)v->stamp;
}

const struct version *version_seen(const struct record *r, uint32_t id,
				   uint32_t serial, uint64_t number)
{
	const struct version *v;

	for (v = r->newest; v; v = v->older) {
		if (version_is_open(v)) {
			if (!version_is_by(v, id) || serial_of(v) > serial)
				continue;
		} else if ((v->stamp & STAMP_NUMBER) > number) {
			continue;
		}
		return version_alive(v) ? v : NULL;
	}
	return NULL;
}

const struct version *version_committed(const struct record *r)
{
	const struct version *v = r->newest;

	while (v && version_is_open(v))
		v = v->older;
	return v;
}

const struct version *version_latest(const struct record *r, uint32_t id)
{
	if (r->newest && version_is_by(r->newest, id))
		return r->newest;
	return version_committed(r);
}

/* -- memory of versions -- */

static int add_chunk(struct table *t)
{
	size_t count = CHUNK_BYTES / t->version_size, i;
	struct version_chunk *c;
	char *at;

	if (count < CHUNK_LEAST)
		count = CHUNK_LEAST;
	if (t->version_size > (SIZE_MAX - sizeof(*c)) / count)
		return UOW_ENOMEM;
	c = mem_alloc(sizeof(*c) + count * t->version_size);
	if (!c)
		return UOW_ENOMEM;
	c->next = t->version_chunks;
	t->version_chunks = c;
	at = (char *)c->data + count * t->version_size;
	for (i = 0; i < count; i++) {
		struct version *v;

		at -= t->version_size;
		v = (struct version *)(void *)at;
		v->older = t->free_versions;
		t->free_versions = v;
	}
	return 0;
}

static struct texts **texts_of(struct version *v)
{
	return (struct texts **)(void *)(v + 1);
}

static struct texts *get_texts(const struct table *t, const struct version *v)
{
	struct texts *texts = NULL;

	if (t->has_texts)
		memcpy(&texts, v + 1, sizeof(texts));
	return texts;
}

static const void *text_data(const struct field *f, const void *row,
			     size_t *size)
{
	uow_value v;

	*size = 0;
	field_get(f, row, &v);
	if (v.type == UOW_TYPE_NULL)
		return NULL;
	/* A NUL after text; no bytes at all must have an address, too. */
	*size = v.as.bytes.size + 1;
	return v.as.bytes.data;
}

/* Copy the row's texts into one block, and point to it. */
static bool copy_texts(const struct table *t, struct version *v)
{
	char *row = (char *)v + t->row_at, *to;
	const struct mapping *m = t->m;
	size_t i, size, total = sizeof(struct texts);
	struct texts *texts;
	const void *from;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(&m->texts, (unsigned)i))
			continue;
		text_data(&m->fields[i], row, &size);
		if (size > SIZE_MAX - total)
			return false;
		total += size;
	}
	*texts_of(v) = NULL;
	if (total == sizeof(struct texts))
		return true;
	texts = mem_alloc(total);
	if (!texts)
		return false;
	texts->references = 1;
	*texts_of(v) = texts;
	to = (char *)(texts + 1);
	for (i = 0; i < m->count; i++) {
		if (!columns_has(&m->texts, (unsigned)i))
			continue;
		from = text_data(&m->fields[i], row, &size);
		if (!from)
			continue;
		if (size > 1)
			memcpy(to, from, size - 1);
		/* A uow_bytes begins with its pointer. */
		memcpy(row + m->fields[i].offset, &to, sizeof(to));
		to += size;
	}
	return true;
}

struct version *version_new(struct table *t, const void *row,
			    const struct version *like)
{
	struct version *v;

	if (!t->free_versions && add_chunk(t))
		return NULL;
	v = t->free_versions;
	memcpy((char *)v + t->row_at, row, t->m->size);
	if (t->has_texts && like) {
		*texts_of(v) = get_texts(t, like);
		if (*texts_of(v))
			(*texts_of(v))->references++;
	} else if (t->has_texts && !copy_texts(t, v)) {
		return NULL;
	}
	t->free_versions = v->older;
	v->older = NULL;
	v->stamp = 0;
	return v;
}

void version_free(struct table *t, struct version *v)
{
	struct texts *texts = get_texts(t, v);

	if (texts && !--texts->references)
		mem_free(texts);
	v->older = t->free_versions;
	t->free_versions = v;
}

/* -- records -- */

int record_reserve(struct table *t)
{
	struct record *chunk;

	if (t->free_record || t->record_end < t->chunk_count * RECORDS)
		return 0;
	if (t->record_end > UINT32_MAX - RECORDS ||
	    mem_grow(&t->chunks, &t->chunk_room, t->chunk_count + 1,
		     sizeof(struct record *)))
		return UOW_ENOMEM;
	chunk = mem_array(RECORDS, sizeof(*chunk));
	if (!chunk)
		return UOW_ENOMEM;
	t->chunks[t->chunk_count++] = chunk;
	return 0;
}

uint32_t record_take(struct table *t)
{
	uint32_t n = t->free_record;

	if (!n)
		return t->record_end++;
	t->free_record = table_record(t, n)->u.next_free;
	table_record(t, n)->u.holds = NULL;
	return n;
}

void record_settle(struct table *t, uint32_t n)
{
	struct record *r = table_record(t, n);

	if (r->newest || r->u.holds)
		return;
	r->u.next_free = t->free_record;
	t->free_record = n;
}

/* -- dropping -- */

static uint32_t hash_in(const struct table *t, const struct index *ix,
			const struct version *v)
{
	return values_hash(t->m, ix->columns, ix->count, version_row(t, v));
}

static bool is_held(const struct table *t, const struct record *r,
		    const struct index *ix, uint32_t hash)
{
	const struct version *v;

	for (v = r->newest; v; v = v->older)
		if (hash_in(t, ix, v) == hash)
			return true;
	return false;
}

/* Take v, which is in r's chain no more, out of the indexes. */
static void leave_indexes(struct table *t, uint32_t n, const struct version *v)
{
	const struct record *r = table_record(t, n);
	size_t i;

	for (i = 0; i < t->index_count; i++) {
		struct index *ix = &t->indexes[i];
		uint32_t hash = hash_in(t, ix, v);

		if (!is_held(t, r, ix, hash))
			index_remove(ix, hash, n);
	}
}

void record_undo(struct table *t, uint32_t n)
{
	struct record *r = table_record(t, n);
	struct version *v = r->newest;

	r->newest = v->older;
	if (v->stamp & STAMP_MOVED || !r->newest)
		leave_indexes(t, n, v);
	version_free(t, v);
}

void record_prune(struct table *t, uint32_t n, uint64_t number)
{
	struct record *r = table_record(t, n);
	struct version **link = &r->newest, *v, *next;
	bool moved = false;

	if (!r->newest)
		return;
	while (*link && (version_is_open(*link) ||
			 ((*link)->stamp & STAMP_NUMBER) > number)) {
		moved = moved || (*link)->stamp & STAMP_MOVED;
		link = &(*link)->older;
	}
	/* This one is seen; what is older is not, nor is a row that is gone. */
	if (version_alive(*link)) {
		moved = moved || (*link)->stamp & STAMP_MOVED;
		link = &(*link)->older;
	}
	v = *link;
	*link = NULL;
	for (next = v; next; next = next->older)
		moved = moved || next->stamp & STAMP_MOVED;
	for (; v; v = next) {
		next = v->older;
		if (moved || !r->newest)
			leave_indexes(t, n, v);
		version_free(t, v);
	}
	record_settle(t, n);
}

void rows_free(struct table *t)
{
	struct version_chunk *c = t->version_chunks, *next;
	struct version *v, *older;
	uint32_t n;
	size_t i;

	for (n = 1; t->has_texts && n < t->record_end; n++) {
		for (v = table_record(t, n)->newest; v; v = older) {
			older = v->older;
			version_free(t, v);
		}
	}
	for (; c; c = next) {
		next = c->next;
		mem_free(c);
	}
	for (i = 0; i < t->chunk_count; i++)
		mem_free(t->chunks[i]);
	mem_free(t->chunks);
}

/* -- garbage -- */

void store_collect(struct store *s)
{
	uint64_t number = s->oldest ? s->oldest->number : s->now;
	const struct write *w;

	while (s->garbage_from < s->garbage_to) {
		w = &s->garbage[s->garbage_from];
		if (w->number > number)
			break;
		s->garbage_from++;
		record_prune(w->table, w->record, number);
	}
	if (s->garbage_from < s->garbage_to - s->garbage_from)
		return;
	if (s->garbage_from)
		memmove(s->garbage, s->garbage + s->garbage_from,
			(s->garbage_to - s->garbage_from) *
			sizeof(*s->garbage));
	s->garbage_to -= s->garbage_from;
	s->garbage_from = 0;
	if (s->garbage_room > KEPT && !s->garbage_to && !s->open_writes) {
		mem_free(s->garbage);
		s->garbage = NULL;
		s->garbage_room = 0;
	}
}
