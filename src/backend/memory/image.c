/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/image.h"

#include <string.h>
#include <time.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/counter.h"
#include "model/field.h"
#include "model/text.h"

/* The mapping's columns as the table's. */
static void table_set(const struct view *v, const struct columns *set,
		      struct columns *out)
{
	size_t i;

	*out = *set;
	if (v->same)
		return;
	memset(out, 0, sizeof(*out));
	for (i = 0; i < v->m->count; i++)
		if (columns_has(set, (unsigned)i))
			columns_add(out, v->columns[i]);
}

/* What is returned is made here if the mapping calls it generated. */
static void made_columns(const struct view *v, const struct shape *shape,
			 struct columns *out)
{
	struct columns made;
	size_t i;

	memset(&made, 0, sizeof(made));
	for (i = 0; i < v->m->count; i++)
		if (columns_has(&shape->returned, (unsigned)i) &&
		    v->m->fields[i].flags & UOW_GENERATED)
			columns_add(&made, (unsigned)i);
	table_set(v, &made, out);
}

void writing_init(struct writing *w, struct session *s, const struct view *v,
		  const struct shape *shape, uow_error *err)
{
	const struct mapping *m = v->table->m;
	struct columns added;
	size_t i;

	memset(w, 0, sizeof(*w));
	w->s = s;
	w->v = v;
	w->shape = shape;
	w->err = err;
	table_set(v, &shape->set, &w->set);
	table_set(v, &shape->add, &added);
	if (!columns_empty(&shape->returned))
		made_columns(v, shape, &w->made);
	if (shape->op != SHAPE_INSERT && m->server_version &&
	    !columns_has(&w->set, (unsigned)m->version))
		columns_add(&w->made, (unsigned)m->version);
	for (i = 0; i < COLUMN_WORDS; i++)
		w->changed.words[i] = w->set.words[i] | added.words[i] |
				      w->made.words[i];
}

int image_room(struct session *s, const struct table *t)
{
	return mem_grow(&s->row, &s->row_size, t->m->size, 1);
}

/* -- what the database fills in -- */

static void random_uuid(struct store *st, uow_uuid *id)
{
	uint64_t half[2];

	half[0] = random_next(&st->random);
	half[1] = random_next(&st->random);
	memcpy(id->bytes, half, sizeof(id->bytes));
	id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | 0x40);
	id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80);
}

/*
 * Now, in UTC. Nanoseconds are a running number, so that a version made of it
 * never comes twice.
 */
static uow_timestamp stamp_now(struct table *t)
{
	time_t now = time(NULL);
	uow_timestamp out;
	struct tm tm;

	memset(&out, 0, sizeof(out));
	if (!gmtime_r(&now, &tm))
		memset(&tm, 0, sizeof(tm));
	out.year = (int16_t)(tm.tm_year + 1900);
	out.month = (uint16_t)(tm.tm_mon + 1);
	out.day = (uint16_t)(tm.tm_mday ? tm.tm_mday : 1);
	out.hour = (uint16_t)tm.tm_hour;
	out.minute = (uint16_t)tm.tm_min;
	out.second = (uint16_t)(tm.tm_sec < 60 ? tm.tm_sec : 59);
	out.nanosecond = (uint32_t)(t->next_number++ % 1000000000);
	return out;
}

static int generate_text(struct session *s, const struct table *t,
			 const struct field *f, uow_error *err)
{
	char *text = arena_alloc(&s->scratch, UUID_TEXT);
	uow_value v;
	uow_uuid id;

	if (!text)
		return error_nomem(err);
	random_uuid(s->store, &id);
	uuid_format(text, &id);
	v = uow_text(text);
	return field_set(t->m, f, s->row, &v, NULL, err);
}

/* Put a value of the database's own into column f of the row. */
static int generate(struct session *s, struct table *t, const struct field *f,
		    uow_error *err)
{
	uow_value v;

	if (type_is_text(f->type))
		return generate_text(s, t, f, err);
	v = uow_null();
	if (f->type == UOW_TYPE_UUID) {
		v.type = UOW_TYPE_UUID;
		random_uuid(s->store, &v.as.uuid);
	} else if (f->type == UOW_TYPE_TIMESTAMP) {
		v = uow_stamp(stamp_now(t));
	} else if (t->next_number > INT64_MAX) {
		return field_error(t->m, f, err, UOW_EDATA,
				   "has no number left to be generated");
	} else {
		v = uow_int((int64_t)t->next_number++);
	}
	return field_set(t->m, f, s->row, &v, NULL, err);
}

/* A number that is given is not made a second time. */
static void note_number(struct table *t, const struct field *f,
			const void *row)
{
	uow_value v;

	field_get(f, row, &v);
	if (v.type != UOW_TYPE_INT16 && v.type != UOW_TYPE_INT32 &&
	    v.type != UOW_TYPE_INT64)
		return;
	if (v.as.integer > 0 && (uint64_t)v.as.integer >= t->next_number)
		t->next_number = (uint64_t)v.as.integer + 1;
}

static int no_value(const struct table *t, const struct field *f,
		    uow_error *err)
{
	char name[TABLE_TEXT];

	error_set(err, UOW_ECONSTRAINT, "table %s: column '%s' must not be "
		  "NULL and has no default", table_text(t, name, sizeof(name)),
		  f->name);
	error_diag(err, "23502", 0);
	return UOW_ECONSTRAINT;
}

/* -- INSERT -- */

static int fill_column(struct writing *w, const struct field *f)
{
	struct table *t = w->v->table;

	if (columns_has(&w->set, f->index)) {
		if (f->flags & UOW_GENERATED)
			note_number(t, f, w->s->row);
		return 0;
	}
	if (f->flags & UOW_GENERATED || columns_has(&w->made, f->index))
		return generate(w->s, t, f, w->err);
	if (!field_nullable(f))
		return no_value(t, f, w->err);
	field_set_null(f, w->s->row);
	return 0;
}

int image_insert(struct writing *w)
{
	struct table *t = w->v->table;
	size_t i;
	int rc;

	if (image_room(w->s, t))
		return error_nomem(w->err);
	memset(w->s->row, 0, t->m->size);
	rc = view_write(w->v, w->s->row, w->row->now, &w->shape->set, w->err);
	for (i = 0; !rc && i < t->m->count; i++)
		rc = fill_column(w, &t->m->fields[i]);
	return rc;
}

/* -- UPDATE -- */

int image_key(struct writing *w)
{
	struct table *t = w->v->table;

	if (image_room(w->s, t))
		return error_nomem(w->err);
	memset(w->s->row, 0, t->m->size);
	return view_write(w->v, w->s->row, w->row->was, &w->v->m->key_set,
			  w->err);
}

/* To NULL nothing is added: many rows leave it so, a single one must not. */
static int add_to(struct writing *w, const struct field *f, const void *by)
{
	const struct mapping *m = w->v->table->m;
	bool null = field_is_null(f, w->s->row);

	if (null && w->shape->op == SHAPE_UPDATE_WHERE)
		return 0;
	if (null)
		return field_error(m, f, w->err, UOW_EDATA,
				   "is NULL, nothing can be added to it");
	if (!field_add(f, w->s->row, by))
		return field_error(m, f, w->err, UOW_EDATA,
				   "cannot hold the sum");
	return 0;
}

static int add_columns(struct writing *w)
{
	const struct view *v = w->v;
	const struct mapping *m = v->table->m;
	const void *by = w->row->by;
	void *own;
	size_t i;
	int rc = 0;

	if (columns_empty(&w->shape->add))
		return 0;
	if (!v->same) {
		own = arena_alloc(&w->s->scratch, m->size);
		if (!own)
			return error_nomem(w->err);
		rc = view_write(v, own, by, &w->shape->add, w->err);
		by = own;
	}
	for (i = 0; !rc && i < v->m->count; i++)
		if (columns_has(&w->shape->add, (unsigned)i))
			rc = add_to(w, &m->fields[v->columns[i]], by);
	return rc;
}

int image_update(struct writing *w, const void *was)
{
	struct session *s = w->s;
	struct table *t = w->v->table;
	size_t i;
	int rc;

	if (image_room(s, t))
		return error_nomem(w->err);
	memcpy(s->row, was, t->m->size);
	rc = view_write(w->v, s->row, w->row->now, &w->shape->set, w->err);
	if (!rc)
		rc = add_columns(w);
	if (columns_empty(&w->made))
		return rc;
	for (i = 0; !rc && i < t->m->count; i++)
		if (columns_has(&w->made, (unsigned)i))
			rc = generate(s, t, &t->m->fields[i], w->err);
	return rc;
}

int image_return(struct writing *w)
{
	const struct mapping *m = w->v->m;
	const struct columns *wanted = &w->shape->returned;
	uow_value value;
	size_t i;
	int rc = 0;

	if (columns_empty(wanted))
		return 0;
	for (i = 0; !rc && i < m->count; i++) {
		if (!columns_has(wanted, (unsigned)i))
			continue;
		field_get(&w->v->table->m->fields[w->v->columns[i]], w->s->row,
			  &value);
		rc = field_set(m, &m->fields[i], w->row->now, &value, w->texts,
			       w->err);
	}
	return rc;
}
