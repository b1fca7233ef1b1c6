/* SPDX-License-Identifier: BSD-2-Clause */
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recorded {
	struct recorder *rec;
	struct backend_cursor *inner;
	const struct mapping *mapping;
	uint64_t left;
	bool only_keys;
};

static const uow_column item_columns[] = {
	UOW_INT64(struct item, id, "id", UOW_KEY),
	UOW_INT64(struct item, version, "version", UOW_ROW_VERSION),
	UOW_INT32(struct item, quantity, "quantity", 0),
	UOW_TEXT(struct item, label, "label", 0, 0),
};
const uow_entity item_entity =
	UOW_ENTITY(struct item, "item", item_columns);

/* There is one at a time. */
static struct recorder *the;

static void append(char *text, size_t size, size_t n)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%zu ", n);
}

static void record(const struct shape *s, const struct read_args *args)
{
	size_t i;

	the->reads++;
	the->shape = *s;
	for (i = 0; i < s->order_count && i < 4; i++)
		the->order[i] = s->order[i];
	the->value_count = args->value_count;
	for (i = 0; i < args->value_count && i < 8; i++)
		the->values[i] = args->values[i];
	if (s->key_count)
		append(the->key_counts, sizeof(the->key_counts),
		       s->key_count);
}

static int wrap(struct backend_conn *c, const struct shape *s,
		const struct read_args *args, bool only_keys,
		struct backend_cursor **out, uow_error *err)
{
	struct backend_cursor *inner;
	struct recorded *cur;
	int rc = the->inner->read(c, s, args, &inner, err);

	if (rc)
		return rc;
	cur = calloc(1, sizeof(*cur));
	cur->inner = inner;
	cur->mapping = s->mapping;
	cur->left = s->limit ? s->limit : UINT64_MAX;
	cur->only_keys = only_keys;
	the->open++;
	*out = (struct backend_cursor *)cur;
	return 0;
}

static int rec_read(struct backend_conn *c, const struct shape *s,
		    const struct read_args *args, struct backend_cursor **out,
		    uow_error *err)
{
	record(s, args);
	return wrap(c, s, args, false, out, err);
}

static int rec_count(struct backend_conn *c, const struct shape *s,
		     const struct read_args *args, uint64_t *out,
		     uow_error *err)
{
	record(s, args);
	return the->inner->count(c, s, args, out, err);
}

static int rec_query(struct backend_conn *c, const struct mapping *m,
		     const char *sql, const uow_value *args, size_t count,
		     bool *keys_only, struct backend_cursor **out,
		     uow_error *err)
{
	struct read_args none = { NULL, NULL, NULL, 0, false };
	struct shape s;

	(void)args;
	memset(&s, 0, sizeof(s));
	s.mapping = m;
	s.op = SHAPE_SELECT;
	snprintf(the->sql, sizeof(the->sql), "%s", sql);
	the->value_count = count;
	the->keys_accepted = *keys_only;
	*keys_only = the->only_keys;
	return wrap(c, &s, &none, the->only_keys, out, err);
}

static void strip(const struct mapping *m, void *row)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (!(m->fields[i].flags & UOW_KEY))
			memset((char *)row + m->fields[i].offset, 0,
			       m->fields[i].size);
}

static int rec_next(struct backend_cursor *b, void *row, struct arena *texts,
		    uow_error *err)
{
	struct recorded *cur = (struct recorded *)b;
	int rc;

	if (!cur->left)
		return 0;
	do {
		rc = the->inner->next(cur->inner, row, texts, err);
	} while (rc == 1 && the->filter && !the->filter(row));
	if (rc != 1)
		return rc;
	cur->left--;
	if (the->alter)
		the->alter(row);
	if (cur->only_keys)
		strip(cur->mapping, row);
	return 1;
}

static void rec_close(struct backend_cursor *b)
{
	struct recorded *cur = (struct recorded *)b;

	the->inner->close(cur->inner);
	the->open--;
	free(cur);
}

static int rec_write(struct backend_conn *c, struct write_batch *batches,
		     size_t count, struct arena *texts, size_t *batch,
		     uow_error *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		append(the->inserts, sizeof(the->inserts), batches[i].count);
		the->set = batches[i].shape->set;
	}
	return the->inner->write(c, batches, count, texts, batch, err);
}

int recorder_setup(void **state)
{
	struct db_options o = { 1, 2, 50, 0, NULL, 0, 0, 0 };
	struct recorder *rec = calloc(1, sizeof(*rec));

	the = rec;
	fake_init(&rec->fake);
	fake_clock_init(&rec->clock);
	rec->inner = rec->fake.base.ops;
	rec->ops = *rec->inner;
	rec->ops.read = rec_read;
	rec->ops.count = rec_count;
	rec->ops.query = rec_query;
	rec->ops.next = rec_next;
	rec->ops.close = rec_close;
	rec->ops.write = rec_write;
	rec->fake.base.ops = &rec->ops;
	o.clock = &rec->clock.clock;
	if (db_new(&rec->db, &rec->fake.base, &o, NULL))
		return -1;
	fake_log(&rec->fake);
	*state = rec;
	return 0;
}

int recorder_teardown(void **state)
{
	struct recorder *rec = *state;
	int rc;

	uow_db_free(rec->db);
	rc = rec->fake.connections || rec->fake.freed != 1 || rec->open;
	if (rc)
		fprintf(stderr, "# %u connections, %d cursors open\n",
			rec->fake.connections, rec->open);
	fake_release(&rec->fake);
	free(rec);
	return rc;
}

void recorder_store(struct recorder *rec, int64_t from, int64_t to)
{
	static const char *const words[] = {
		"zero", "one", "two", "three", "four", "five"
	};
	uow_unit *u = recorder_begin(rec, NULL);
	uow_repository *r = uow_repository_of(u, &item_entity);
	struct item it;

	for (; from <= to; from++) {
		memset(&it, 0, sizeof(it));
		it.id = from;
		it.quantity = (int32_t)from * 10;
		it.label = words[from > 5 ? 0 : from];
		uow_insert_all(r, &it, 1);
	}
	if (uow_commit(u))
		abort();
	uow_unit_free(u);
	fake_log(&rec->fake);
	rec->reads = 0;
	rec->inserts[0] = '\0';
}

uow_unit *recorder_begin(struct recorder *rec, const uow_options *o)
{
	uow_unit *u = NULL;

	if (uow_begin(&u, rec->db, o, NULL))
		abort();
	return u;
}
