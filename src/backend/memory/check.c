/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/session.h"

#include "base/errors.h"

/*
 * Constraints. They look at what is committed or the session's own, whatever
 * its snapshot says. Where another unit has something open that decides, the
 * answer is to wait for its end.
 */

enum answer { NO, YES, OPEN };

/*
 * Does the record hold these values, in its columns own? OPEN: that depends
 * on how another unit ends. Each of its versions counts, not only the newest:
 * going back to a savepoint brings an older one back.
 */
static enum answer has_values(const struct session *s, const struct table *t,
			      uint32_t record, const unsigned *own,
			      const struct mapping *m, const unsigned *columns,
			      const void *row, size_t count)
{
	const struct record *r = table_record(t, record);
	const struct version *v = r->newest, *last;

	last = version_latest(r, s->id);
	for (; v; v = v->older) {
		if (version_alive(v) &&
		    values_equal(t->m, own, version_row(t, v), m, columns, row,
				 count))
			return v == r->newest && v == last ? YES : OPEN;
		if (v == last)
			break;
	}
	return NO;
}

static int duplicate(const struct table *t, const struct index *ix,
		     uow_error *err)
{
	char table[TABLE_TEXT], columns[TABLE_TEXT];

	error_set(err, UOW_EDUPLICATE, "table %s: another row has this %s "
		  "(%s) already", table_text(t, table, sizeof(table)),
		  ix == t->indexes ? "primary key" : "unique key",
		  table_columns_text(t, ix->columns, ix->count, columns,
				     sizeof(columns)));
	error_entity(err, t->m->name);
	error_diag(err, "23505", 0);
	return UOW_EDUPLICATE;
}

static int check_index(struct session *s, struct table *t,
		       const struct index *ix, uint32_t record,
		       const void *row, uow_error *err)
{
	struct index_walk w;
	uint32_t other;

	if (values_any_null(t->m, ix->columns, ix->count, row))
		return 0;
	index_walk(ix, values_hash(t->m, ix->columns, ix->count, row), &w);
	while ((other = index_next(&w))) {
		if (other == record)
			continue;
		switch (has_values(s, t, other, ix->columns, t->m, ix->columns,
				   row, ix->count)) {
		case YES:
			return duplicate(t, ix, err);
		case OPEN:
			return lock_await(s, t, other);
		case NO:
			break;
		}
	}
	return 0;
}

int check_unique(struct session *s, struct table *t, uint32_t record,
		 const void *row, const struct columns *set, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < t->index_count; i++) {
		const struct index *ix = &t->indexes[i];

		if (ix->unique && columns_meet(set, &ix->set))
			rc = check_index(s, t, ix, record, row, err);
	}
	return rc;
}

/* -- references to parents -- */

static int violated(const struct table *child, const struct foreign *f,
		    const char *what, uow_error *err)
{
	char table[TABLE_TEXT], columns[TABLE_TEXT], parent[TABLE_TEXT];

	error_set(err, UOW_ECONSTRAINT, "foreign key (%s) of table %s to %s: "
		  "%s", table_columns_text(child, f->columns, f->count,
					   columns, sizeof(columns)),
		  table_text(child, table, sizeof(table)),
		  table_text(f->parent, parent, sizeof(parent)), what);
	error_diag(err, "23503", 0);
	return UOW_ECONSTRAINT;
}

/* Rows may refer to themselves. */
static bool is_own_parent(const struct table *t, const struct foreign *f,
			  const void *row)
{
	const struct index *ix = &f->parent->indexes[f->parent_index];

	return f->parent == t &&
	       values_equal(t->m, f->columns, row, t->m, ix->columns, row,
			    f->count);
}

/* FOUND: and locked, so that it stays. */
enum { FOUND = BLOCKED + 1 };

static int find_parent(struct session *s, const struct table *t,
		       const struct foreign *f, const void *row)
{
	struct table *p = f->parent;
	const struct index *ix = &p->indexes[f->parent_index];
	const struct version *v;
	struct index_walk w;
	uint32_t n;
	int rc;

	index_walk(ix, values_hash(t->m, f->columns, f->count, row), &w);
	while ((n = index_next(&w))) {
		v = version_latest(table_record(p, n), s->id);
		if (!version_alive(v) ||
		    !values_equal(p->m, ix->columns, version_row(p, v), t->m,
				  f->columns, row, f->count))
			continue;
		rc = lock_take(s, p, n, HOLD_KEY);
		return rc ? rc : FOUND;
	}
	return 0;
}

int check_parents(struct session *s, struct table *t, const void *row,
		  const struct columns *set, uow_error *err)
{
	size_t i;
	int rc;

	for (i = 0; i < t->foreign_count; i++) {
		const struct foreign *f = &t->foreign[i];

		if (!columns_meet(set, &t->indexes[f->index].set) ||
		    values_any_null(t->m, f->columns, f->count, row) ||
		    is_own_parent(t, f, row))
			continue;
		rc = find_parent(s, t, f, row);
		if (!rc)
			return violated(t, f, "there is no such row", err);
		if (rc == BLOCKED)
			return BLOCKED;
		if (rc < 0)
			return error_nomem(err);
	}
	return 0;
}

/* -- references from children -- */

static int check_child(struct session *s, struct table *t, uint32_t record,
		       const void *was, const void *row,
		       const struct referrer *ref, uow_error *err)
{
	struct table *c = ref->child;
	const struct foreign *f = &c->foreign[ref->foreign];
	const unsigned *key = t->indexes[f->parent_index].columns;
	struct index_walk w;
	uint32_t n;

	index_walk(&c->indexes[f->index],
		   values_hash(t->m, key, f->count, was), &w);
	while ((n = index_next(&w))) {
		if (c == t && n == record &&
		    (!row || !values_equal(t->m, f->columns, row, t->m, key,
					   was, f->count)))
			continue;
		switch (has_values(s, c, n, f->columns, t->m, key, was,
				   f->count)) {
		case YES:
			return violated(c, f, "a row still refers to this one",
					err);
		case OPEN:
			return lock_await(s, c, n);
		case NO:
			break;
		}
	}
	return 0;
}

int check_children(struct session *s, struct table *t, uint32_t record,
		   const void *was, const void *row, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < t->referrer_count; i++) {
		const struct referrer *ref = &t->referrers[i];
		const struct foreign *f = &ref->child->foreign[ref->foreign];
		const struct index *ix = &t->indexes[f->parent_index];

		if (values_any_null(t->m, ix->columns, ix->count, was) ||
		    (row && values_equal(t->m, ix->columns, was, t->m,
					 ix->columns, row, ix->count)))
			continue;
		rc = check_child(s, t, record, was, row, ref, err);
	}
	return rc;
}
