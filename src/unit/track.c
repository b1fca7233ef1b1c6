/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/flush.h"

#include <string.h>

#include "base/errors.h"
#include "model/row.h"

/* -- one object -- */

/* Columns of an update that the program decides: not what only comes back. */
static bool column_counts(const struct mapping *m, size_t i)
{
	if (m->fields[i].flags & UOW_READ_ONLY)
		return false;
	return !(m->server_version && (int)i == m->version);
}

/* What an update may assign. */
static void all_columns(const struct mapping *m, struct columns *out)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (column_counts(m, i) && !(m->fields[i].flags & UOW_KEY) &&
		    (int)i != m->version)
			columns_add(out, (unsigned)i);
	}
}

/* What the program has assigned since; keys are among it. */
static bool entry_diff(const struct entry *e, struct columns *out)
{
	const struct mapping *m = e->repo->mapping;
	const void *now = entry_object(e);
	size_t i;

	memset(out, 0, sizeof(*out));
	if (e->flags & ENTRY_EDITED)
		all_columns(m, out);
	/* Nearly all objects of a unit are only read. */
	else if (entry_same(e))
		return false;
	for (i = 0; i < m->count; i++) {
		if (column_counts(m, i) &&
		    !field_equal(&m->fields[i], now, e->snapshot))
			columns_add(out, (unsigned)i);
	}
	return !columns_empty(out);
}

static bool entry_dirty(const struct entry *e)
{
	struct columns diff;

	switch ((enum entry_state)e->state) {
	case ENTRY_NEW:
	case ENTRY_REMOVED:
		return true;
	case ENTRY_LOADED:
		return e->snapshot && (e->flags & ENTRY_ADDS ||
				       entry_diff(e, &diff));
	case ENTRY_GONE:
		break;
	}
	return false;
}

bool track_dirty(const uow_repository *r)
{
	const struct entry *e;
	const struct link *l;

	for (e = r->entries; e; e = e->next) {
		if (entry_dirty(e))
			return true;
	}
	for (l = r->unit->links; l; l = l->next) {
		if (l->child->repo == r && l->child->state != ENTRY_GONE)
			return true;
	}
	return false;
}

/* -- errors -- */

void track_name(uow_error *err, const struct mapping *m, const void *row)
{
	error_entity(err, m->name);
	if (row && !row_is_new(m, row))
		row_key_text(m, row, err->key, sizeof(err->key));
}

static int fail_key(const struct entry *e, uow_error *err)
{
	const struct mapping *m = e->repo->mapping;
	char was[sizeof(err->key)], now[sizeof(err->key)];

	row_key_text(m, e->snapshot, was, sizeof(was));
	row_key_text(m, entry_object(e), now, sizeof(now));
	error_set(err, UOW_ESTATE, "%s %s: the key of a loaded object was "
		  "assigned, it is %s now", m->name, was, now);
	track_name(err, m, e->snapshot);
	return UOW_ESTATE;
}

static int fail_stale(const struct entry *e, uow_error *err)
{
	const struct mapping *m = e->repo->mapping;
	char key[sizeof(err->key)];

	row_name(m, entry_key_row(e), key, sizeof(key));
	error_set(err, UOW_ESTATE, "%s %s: changed, but it has not been read "
		  "since a nested part was rolled back, or since its row was "
		  "written by criterion or key; read it again first",
		  m->name, key);
	track_name(err, m, entry_key_row(e));
	return UOW_ESTATE;
}

static int check_columns(const struct entry *e, const struct columns *set,
			 uow_error *err)
{
	const struct mapping *m = e->repo->mapping;
	int rc;

	rc = row_check(m, entry_object(e), set, true, err);
	if (rc)
		track_name(err, m, entry_key_row(e));
	return rc;
}

/* -- inserts -- */

/* In table order: what is given, and what the database makes. */
static void insert_columns(const struct mapping *m, const void *row,
			   struct tracked *t)
{
	const struct field *f;
	size_t i;

	for (i = 0; i < m->count; i++) {
		f = &m->fields[i];
		if (!(f->flags & UOW_GENERATED)) {
			if (!(f->flags & UOW_READ_ONLY))
				columns_add(&t->set, (unsigned)i);
		} else if (column_counts(m, i) && !field_is_zero(f, row)) {
			columns_add(&t->set, (unsigned)i);
		} else {
			columns_add(&t->returned, (unsigned)i);
		}
	}
}

static int track_insert(struct entry *e, struct tracked *t, uow_error *err)
{
	const struct mapping *m = e->repo->mapping;
	const void *row = entry_object(e);

	t->entry = e;
	t->op = SHAPE_INSERT;
	insert_columns(m, row, t);
	t->steps = m->version >= 0 && !m->server_version &&
		   field_is_zero(&m->fields[m->version], row);
	return check_columns(e, &t->set, err);
}

/* -- updates -- */

static void add_version(const struct mapping *m, struct tracked *t)
{
	if (m->version < 0)
		return;
	if (m->server_version) {
		columns_add(&t->returned, (unsigned)m->version);
		return;
	}
	t->steps = !columns_has(&t->set, (unsigned)m->version);
	columns_add(&t->set, (unsigned)m->version);
}

static bool key_assigned(const struct mapping *m, const struct columns *diff)
{
	size_t i;

	for (i = 0; i < m->key_count; i++) {
		if (columns_has(diff, m->keys[i]))
			return true;
	}
	return false;
}

/* All that can be read back. */
static void read_all_back(const struct mapping *m, struct tracked *t)
{
	size_t i;

	t->returned = m->all;
	for (i = 0; i < COLUMN_WORDS; i++)
		t->returned.words[i] &= ~m->key_set.words[i];
}

static bool has_doubles(const struct mapping *m, const struct columns *set)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (columns_has(set, (unsigned)i) &&
		    m->fields[i].type == UOW_TYPE_DOUBLE)
			return true;
	}
	return false;
}

/*
 * What is added to columns, unless the program has assigned them since. A row
 * that is only added to is written whatever its version is, and that goes up
 * by one: whoever has read it before notices. What the object then is the
 * database has to say, unless the version proves that it was not changed
 * meanwhile, and the sum is exact.
 */
static int track_adds(struct entry *e, struct tracked *t, bool edited,
		      uow_error *err)
{
	const struct pending_add *p = adds_of(e);
	const struct mapping *m = e->repo->mapping;
	const uow_value one = uow_int(1);
	size_t i;

	if (!p)
		return 0;
	for (i = 0; i < COLUMN_WORDS; i++)
		t->add.words[i] = p->columns.words[i] & ~t->set.words[i];
	t->by = p->by;
	if (columns_empty(&t->add))
		return 0;
	t->unchecked = !edited;
	if (!(e->flags & ENTRY_STALE) &&
	    (!edited || m->version < 0 || has_doubles(m, &t->add)))
		read_all_back(m, t);
	if (edited || m->version < 0 || m->server_version)
		return 0;
	columns_add(&t->add, (unsigned)m->version);
	return field_set(m, &m->fields[m->version], p->by, &one, NULL, err);
}

/* *found: is there anything to write? */
static int track_update(struct entry *e, struct tracked *t, bool *found,
			uow_error *err)
{
	struct columns diff;
	bool edited = e->flags & ENTRY_LINKED;
	int rc;

	*found = false;
	if (!e->snapshot)
		return 0;
	edited |= entry_diff(e, &diff);
	if (!edited && !(e->flags & ENTRY_ADDS))
		return 0;
	if (edited && e->flags & ENTRY_STALE)
		return fail_stale(e, err);
	if (key_assigned(e->repo->mapping, &diff))
		return fail_key(e, err);
	t->entry = e;
	t->op = SHAPE_UPDATE;
	t->set = diff;
	if (edited)
		add_version(e->repo->mapping, t);
	*found = true;
	rc = check_columns(e, &t->set, err);
	return rc ? rc : track_adds(e, t, edited, err);
}

static int track_delete(struct entry *e, struct tracked *t, uow_error *err)
{
	if (e->flags & ENTRY_STALE)
		return fail_stale(e, err);
	t->entry = e;
	t->op = SHAPE_DELETE;
	return 0;
}

/*
 * Row switch. The columns that the database would fill for a new row keep what
 * the old row has.
 */
static int track_switch(struct entry *e, struct entry *removed,
			struct tracked *t, uow_error *err)
{
	const struct mapping *m = e->repo->mapping;
	size_t i;

	t->entry = e;
	t->replaced = removed;
	t->op = SHAPE_UPDATE;
	insert_columns(m, entry_object(e), t);
	memset(&t->returned, 0, sizeof(t->returned));
	for (i = 0; i < m->key_count; i++)
		columns_remove(&t->set, m->keys[i]);
	if (m->version >= 0)
		columns_remove(&t->set, (unsigned)m->version);
	add_version(m, t);
	return check_columns(e, &t->set, err);
}

/*
 * Is there anything beside the key to be assigned? Rows that are all key (links
 * between other rows) are deleted and inserted: an update has nothing to say.
 */
static bool can_switch(const struct entry *e)
{
	const struct mapping *m = e->repo->mapping;
	struct tracked t;
	size_t i;

	memset(&t, 0, sizeof(t));
	insert_columns(m, entry_object(e), &t);
	for (i = 0; i < m->key_count; i++)
		columns_remove(&t.set, m->keys[i]);
	return !columns_empty(&t.set);
}

/* -- a repository -- */

struct collector {
	struct tracked *items;
	size_t count;
	struct identity removed;	/* where rows may be switched */
};

/* Not the repository's own map: the new object may have its place there. */
static int collect_removed(struct collector *c, const uow_repository *r)
{
	struct entry *e;
	size_t removed = 0, added = 0;

	for (e = r->entries; e; e = e->next) {
		removed += e->state == ENTRY_REMOVED;
		added += e->state == ENTRY_NEW;
	}
	if (!removed || !added)
		return 0;
	if (identity_reserve(&c->removed, removed))
		return UOW_ENOMEM;
	for (e = r->entries; e; e = e->next) {
		if (e->state == ENTRY_REMOVED)
			identity_insert(&c->removed, e);
	}
	return 0;
}

/* The removed object of e's key, which then is nobody else's any more. */
static struct entry *switch_of(struct collector *c, const struct entry *e)
{
	const struct mapping *m = e->repo->mapping;
	const void *row = entry_object(e);
	struct entry *removed;

	if (!c->removed.count || !can_switch(e))
		return NULL;
	removed = identity_find(&c->removed, m, row, row_key_hash(m, row));
	if (removed)
		identity_remove(&c->removed, removed);
	return removed;
}

static int collect_entry(struct collector *c, struct entry *e, uow_error *err)
{
	struct tracked *t = &c->items[c->count];
	struct entry *removed;
	bool found = true;
	int rc = 0;

	memset(t, 0, sizeof(*t));
	switch ((enum entry_state)e->state) {
	case ENTRY_NEW:
		removed = switch_of(c, e);
		rc = removed ? track_switch(e, removed, t, err)
			     : track_insert(e, t, err);
		break;
	case ENTRY_LOADED:
		rc = track_update(e, t, &found, err);
		break;
	case ENTRY_REMOVED:
		rc = track_delete(e, t, err);
		break;
	case ENTRY_GONE:
		/* Added in a nested part that was rolled back. */
		found = false;
		if ((e->flags & ENTRY_STALE) && e->snapshot && !entry_same(e))
			rc = fail_stale(e, err);
		break;
	}
	if (!rc && found)
		c->count++;
	return rc;
}

/* A removed row that was switched after it had been collected. */
static void drop_switched(struct collector *c, size_t from)
{
	size_t i, kept = from;

	for (i = from; i < c->count; i++) {
		if (c->items[i].op == SHAPE_DELETE &&
		    !identity_has(&c->removed, c->items[i].entry))
			continue;
		c->items[kept++] = c->items[i];
	}
	c->count = kept;
}

static int collect_repository(struct collector *c, const uow_repository *r,
			      uow_error *err)
{
	size_t from = c->count;
	bool switches;
	struct entry *e;
	int rc;

	memset(&c->removed, 0, sizeof(c->removed));
	rc = collect_removed(c, r);
	if (rc)
		error_nomem(err);
	switches = c->removed.count > 0;
	for (e = r->entries; !rc && e; e = e->next)
		rc = collect_entry(c, e, err);
	if (!rc && switches)
		drop_switched(c, from);
	identity_release(&c->removed);
	return rc;
}

/* -- the unit -- */

/* Upper bound, by the cheapest look at each object. */
static size_t count_candidates(const uow_unit *u)
{
	const uow_repository *r;
	const struct entry *e;
	size_t n = 0;

	for (r = u->repositories; r; r = r->next) {
		for (e = r->entries; e; e = e->next) {
			if (e->state == ENTRY_NEW ||
			    e->state == ENTRY_REMOVED ||
			    (e->flags & (ENTRY_LINKED | ENTRY_STALE |
					 ENTRY_ADDS | ENTRY_EDITED)) ||
			    (e->state == ENTRY_LOADED && e->snapshot &&
			     !entry_same(e)))
				n++;
		}
	}
	return n;
}

int track_collect(uow_unit *u, struct arena *a, struct tracked **out,
		  size_t *count, uow_error *err)
{
	struct collector c;
	const uow_repository *r;
	size_t most = count_candidates(u);
	int rc = 0;

	memset(&c, 0, sizeof(c));
	if (!most) {
		*out = NULL;
		*count = 0;
		return 0;
	}
	/* One more, for the object that is being looked at. */
	c.items = arena_array(a, most + 1, sizeof(*c.items));
	if (!c.items)
		return error_nomem(err);
	for (r = u->repositories; !rc && r; r = r->next)
		rc = collect_repository(&c, r, err);
	if (rc)
		return rc;
	*out = c.items;
	*count = c.count;
	return 0;
}
