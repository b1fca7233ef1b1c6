/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/flush.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/errors.h"
#include "model/row.h"
#include "unit/pages.h"
#include "unit/spelling.h"

/* -- changes and their entries -- */

static size_t base_of(const struct flush *f, size_t i)
{
	return i < f->count ? i : f->plan.extras[i - f->count].base;
}

static const struct change *change_of(const struct flush *f, size_t i)
{
	return i < f->count ? &f->changes[i] :
	       &f->plan.extras[i - f->count].change;
}

static void *object_of(const struct flush *f, size_t i)
{
	return entry_object(f->tracked[base_of(f, i)].entry);
}

/* Is this the write of a row before its delete? */
static bool is_early(const struct flush *f, size_t i)
{
	return i >= f->count && f->changes[base_of(f, i)].op == SHAPE_DELETE;
}

/* The row to be written, where what the database makes goes as well. */
static void *row_of(const struct flush *f, size_t i)
{
	return is_early(f, i) ? f->kept[base_of(f, i)] : object_of(f, i);
}

/* Columns to be NULL in this write: the row's second write has them. */
static const struct columns *deferred_columns(const struct flush *f, size_t i)
{
	if (!f->extra_of || i >= f->count || f->extra_of[i] == SIZE_MAX)
		return NULL;
	return &f->plan.extras[f->extra_of[i]].change.set;
}

/* -- before the write: what only the flush knows goes into the objects -- */

/* The version of to := that of from + 1. */
static int next_version(const struct mapping *m, void *to, const void *from,
			uow_error *err)
{
	const struct field *version = &m->fields[m->version];
	uow_value old, next;
	int rc;

	field_get(version, from, &old);
	if (old.as.integer == INT64_MAX) {
		rc = error_set(err, UOW_EDATA, "%s column '%s': no version "
			       "is left after %" PRId64, m->name,
			       version->name, old.as.integer);
	} else {
		next = uow_int(old.as.integer + 1);
		rc = field_set(m, version, to, &next, NULL, err);
	}
	if (rc)
		track_name(err, m, from);
	return rc;
}

static int step_version(struct tracked *t, const struct change *c,
			uow_error *err)
{
	const struct mapping *m = c->mapping;
	void *object = entry_object(t->entry);
	uow_value old;

	field_get(&m->fields[m->version], object, &old);
	t->old_version = old.as.integer;
	t->stepped = true;
	return next_version(m, object, c->was ? c->was : object, err);
}

/* A copy of the row is written: the removed object stays as it is. */
static int prepare_early(struct flush *f, size_t i, uow_error *err)
{
	const struct change *c = change_of(f, i);
	const struct mapping *m = c->mapping;
	void *row = arena_copy(&f->scratch, c->was, m->size);
	size_t k;
	int rc = 0;

	if (!row)
		return error_nomem(err);
	for (k = 0; !rc && k < m->count; k++) {
		if (!columns_has(&c->set, (unsigned)k))
			continue;
		if ((int)k == m->version)
			rc = next_version(m, row, c->was, err);
		else
			field_set_null(&m->fields[k], row);
	}
	f->kept[base_of(f, i)] = row;
	return rc;
}

static int defer_columns(struct flush *f, size_t i,
			 const struct columns *deferred)
{
	const struct mapping *m = change_of(f, i)->mapping;
	void *object = object_of(f, i);
	size_t k;

	f->kept[i] = arena_copy(&f->scratch, object, m->size);
	if (!f->kept[i])
		return UOW_ENOMEM;
	for (k = 0; k < m->count; k++) {
		if (columns_has(deferred, (unsigned)k))
			field_set_null(&m->fields[k], object);
	}
	return 0;
}

static int prepare_row(struct flush *f, size_t i, uow_error *err)
{
	const struct columns *deferred = deferred_columns(f, i);
	struct tracked *t = &f->tracked[base_of(f, i)];

	if (is_early(f, i))
		return prepare_early(f, i, err);
	if (scope_watch(t->entry) || (t->replaced && scope_watch(t->replaced)))
		return error_nomem(err);
	if (deferred && defer_columns(f, i, deferred))
		return error_nomem(err);
	if (i < f->count && t->steps)
		return step_version(t, change_of(f, i), err);
	return 0;
}

static void restore_deferred(struct flush *f, size_t i)
{
	const struct columns *deferred = deferred_columns(f, i);

	if (!deferred || !f->kept[i])
		return;
	row_assign(change_of(f, i)->mapping, object_of(f, i), f->kept[i],
		   deferred);
	f->kept[i] = NULL;
}

/* The row was not written: its object is the program's again. */
static void put_back(struct flush *f, size_t i)
{
	struct tracked *t = &f->tracked[base_of(f, i)];
	const struct mapping *m = change_of(f, i)->mapping;
	uow_value old;
	uow_error ignored;

	restore_deferred(f, i);
	if (i >= f->count || !t->stepped)
		return;
	t->stepped = false;
	old = uow_int(t->old_version);
	field_set(m, &m->fields[m->version], entry_object(t->entry), &old,
		  NULL, &ignored);
}

/* -- after the write: what is in the database now -- */

static bool gave_no_key(const struct flush *f, size_t i)
{
	const struct change *c = change_of(f, i);
	int key = c->mapping->generated_key;

	return c->op == SHAPE_INSERT && key >= 0 &&
	       columns_has(&c->returned, (unsigned)key) &&
	       field_is_zero(&c->mapping->fields[key], c->now);
}

static void forget(struct entry *e)
{
	identity_remove(&e->repo->identity, e);
	e->state = ENTRY_GONE;
}

static void take_old_columns(const struct tracked *t)
{
	const struct mapping *m = t->entry->repo->mapping;
	struct columns rest = m->all;
	size_t i;

	for (i = 0; i < COLUMN_WORDS; i++)
		rest.words[i] &= ~(t->set.words[i] | m->key_set.words[i] |
				   t->returned.words[i]);
	row_assign(m, entry_object(t->entry), t->replaced->snapshot, &rest);
}

static int settle_entry(struct tracked *t)
{
	struct entry *e = t->entry;
	int rc;

	if (t->op == SHAPE_DELETE) {
		forget(e);
		return 0;
	}
	/* Only added to, without having been read: it stays unread. */
	if (e->flags & ENTRY_STALE)
		return 0;
	if (t->replaced)
		take_old_columns(t);
	e->flags &= (unsigned char)~ENTRY_EDITED;
	rc = entry_snapshot(e, false);
	if (rc || e->state == ENTRY_LOADED)
		return rc;
	e->state = ENTRY_LOADED;
	spelling_inserted(e);
	if (t->replaced)
		forget(t->replaced);
	entry_rekey(e, true);
	return 0;
}

/* Children get the key that their parent has now. */
static int follow_links(const struct flush *f, size_t i, uow_error *err)
{
	size_t l;
	int rc = 0;

	if (!f->links_of || i >= f->count)
		return 0;
	for (l = f->links_of[i]; !rc && l != SIZE_MAX; l = f->next_link[l])
		rc = link_follow(f->links[l], err);
	return rc;
}

static int settle_row(struct flush *f, size_t i, uow_error *err)
{
	int rc;

	if (is_early(f, i)) {
		/* The delete has to meet the version that is there now. */
		f->changes[base_of(f, i)].was = row_of(f, i);
		return 0;
	}
	if (i < f->count)
		rc = settle_entry(&f->tracked[i]);
	else
		rc = entry_snapshot(f->tracked[base_of(f, i)].entry, false);
	restore_deferred(f, i);
	return rc ? error_nomem(err) : follow_links(f, i, err);
}

/* -- errors -- */

static bool has_key(const struct change *c)
{
	int key = c->mapping->generated_key;

	return c->op != SHAPE_INSERT || key < 0 ||
	       !columns_has(&c->returned, (unsigned)key);
}

/*
 * A row that was not hit. Failed serialization has the same code, but a
 * SQLSTATE and words of the database's own.
 */
static void tell_conflict(uow_error *err, const struct change *c)
{
	const struct mapping *m = c->mapping;
	char key[sizeof(err->key)];
	int64_t row = err->row;
	uow_value v = uow_null();

	row_key_text(m, c->was, key, sizeof(key));
	if (!c->versioned) {
		error_set(err, UOW_ECONFLICT, "%s %s: row was removed by "
			  "somebody else since it was read", m->name, key);
	} else {
		error_set(err, UOW_ECONFLICT, "%s %s: row was changed or "
			  "removed by somebody else since it was read",
			  m->name, key);
		field_get(&m->fields[m->version], c->was, &v);
	}
	if (v.type == UOW_TYPE_INT16 || v.type == UOW_TYPE_INT32 ||
	    v.type == UOW_TYPE_INT64)
		error_append(err, " (version %" PRId64 " expected)",
			     v.as.integer);
	err->row = row;
}

/* A row to be added to that nobody had read. */
static void tell_missing(uow_error *err, const struct change *c)
{
	char key[sizeof(err->key)];
	int64_t row = err->row;

	row_key_text(c->mapping, c->was, key, sizeof(key));
	error_set(err, UOW_ENOTFOUND, "%s %s: no such row", c->mapping->name,
		  key);
	err->row = row;
}

/* The one batch there is, or the one that the backend names. */
static const struct plan_batch *failed_batch(const struct plan_batch *batches,
					     size_t count, size_t batch)
{
	if (count == 1)
		return batches;
	return batch < count ? &batches[batch] : NULL;
}

static void name_failure(const struct flush *f, const struct plan_batch *b,
			 uow_error *err)
{
	const struct mapping *m = b->shape.mapping;
	const struct change *c = NULL;

	if (b->count == 1)
		c = change_of(f, b->changes[0]);
	else if (err->row >= 0 && (uint64_t)err->row < b->count)
		c = change_of(f, b->changes[err->row]);
	if (c && err->code == UOW_ECONFLICT && c->op != SHAPE_INSERT &&
	    !err->sqlstate[0])
		tell_conflict(err, c);
	if (c && err->code == UOW_ENOTFOUND)
		tell_missing(err, c);
	if (c && !has_key(c))
		track_name(err, m, NULL);
	else
		track_name(err, m, !c ? NULL :
			   c->op == SHAPE_INSERT ? c->now : c->was);
	error_step(err, "%s %s", shape_verb(b->shape.op), m->table);
	error_name_row(err);
}

static int fail_without_key(const struct plan_batch *b, uow_error *err)
{
	const struct mapping *m = b->shape.mapping;

	error_set(err, UOW_EDATA, "%s column '%s': the database gave no key",
		  m->name, m->fields[m->generated_key].name);
	track_name(err, m, NULL);
	error_step(err, "INSERT %s", m->table);
	return UOW_EDATA;
}

/* -- batches -- */

typedef int (*row_fn)(struct flush *f, size_t i, uow_error *err);

static int each_row(struct flush *f, const struct plan_batch *batches,
		    size_t count, row_fn fn, uow_error *err)
{
	size_t b, i;
	int rc = 0;

	for (b = 0; !rc && b < count; b++) {
		for (i = 0; !rc && i < batches[b].count; i++)
			rc = fn(f, batches[b].changes[i], err);
	}
	return rc;
}

static void put_all_back(struct flush *f, const struct plan_batch *batches,
			 size_t count)
{
	size_t b, i;

	for (b = 0; b < count; b++) {
		for (i = 0; i < batches[b].count; i++)
			put_back(f, batches[b].changes[i]);
	}
}

static struct write_batch *make_batches(struct flush *f,
					const struct plan_batch *batches,
					size_t count)
{
	struct write_batch *out;
	size_t b, i;

	out = arena_array(&f->scratch, count, sizeof(*out));
	if (!out)
		return NULL;
	for (b = 0; b < count; b++) {
		out[b].shape = &batches[b].shape;
		out[b].count = batches[b].count;
		out[b].rows = arena_array(&f->scratch, batches[b].count,
					  sizeof(*out[b].rows));
		if (!out[b].rows)
			return NULL;
		for (i = 0; i < batches[b].count; i++) {
			size_t n = batches[b].changes[i];

			out[b].rows[i].now = row_of(f, n);
			out[b].rows[i].was = change_of(f, n)->was;
			out[b].rows[i].by = change_of(f, n)->by;
		}
	}
	return out;
}

static int send(struct flush *f, const struct plan_batch *batches,
		size_t count, uow_error *err)
{
	struct backend_conn *c = f->unit->conn;
	const struct plan_batch *failed;
	size_t batch = SIZE_MAX;
	struct write_batch *w = make_batches(f, batches, count);
	int rc;

	if (!w)
		return error_nomem(err);
	rc = c->ops->write(c, w, count, &f->unit->arena, &batch, err);
	if (rc) {
		failed = failed_batch(batches, count, batch);
		if (failed)
			name_failure(f, failed, err);
	}
	return rc;
}

static int check_keys(const struct flush *f, const struct plan_batch *batches,
		      size_t count, uow_error *err)
{
	size_t b, i;

	for (b = 0; b < count; b++) {
		for (i = 0; i < batches[b].count; i++) {
			if (gave_no_key(f, batches[b].changes[i]))
				return fail_without_key(&batches[b], err);
		}
	}
	return 0;
}

/* All rows of the batches, in one call of the backend. */
static int write_batches(struct flush *f, const struct plan_batch *batches,
			 size_t count)
{
	uow_error err;
	int rc;

	error_none(&err);
	rc = unit_in_time(f->unit);
	if (!rc)
		rc = pages_keep(f->unit);
	if (rc)
		return rc;
	rc = each_row(f, batches, count, prepare_row, &err);
	if (!rc)
		rc = send(f, batches, count, &err);
	if (!rc)
		rc = check_keys(f, batches, count, &err);
	if (rc)
		put_all_back(f, batches, count);
	else
		rc = each_row(f, batches, count, settle_row, &err);
	return rc ? unit_fail(f->unit, &err) : 0;
}

/* Without a transaction: what was written stays, so it is known row by row. */
static int write_singly(struct flush *f, const struct plan_batch *b)
{
	struct plan_batch one = *b;
	size_t i;
	int rc = 0;

	one.count = 1;
	for (i = 0; !rc && i < b->count; i++) {
		one.changes = &b->changes[i];
		rc = write_batches(f, &one, 1);
	}
	return rc;
}

static int write_stage(struct flush *f, const struct plan_stage *s)
{
	size_t b;
	int rc = 0;

	if (!f->unit->options.simple)
		return write_batches(f, s->batches, s->count);
	for (b = 0; !rc && b < s->count; b++)
		rc = write_singly(f, &s->batches[b]);
	return rc;
}

int flush_write(struct flush *f)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < f->plan.count; i++)
		rc = write_stage(f, &f->plan.stages[i]);
	return rc;
}
