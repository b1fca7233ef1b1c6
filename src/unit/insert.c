/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/row.h"
#include "unit/flush.h"
#include "unit/pages.h"
#include "unit/repository.h"

/*
 * Many rows, not tracked: a batch of structs is copied (hooks and the version
 * assign to the copy, texts stay the caller's), checked and written.
 */
enum { INSERT_ROWS = 1000, INSERT_BYTES = 1 << 20 };

struct inserting {
	uow_repository *r;
	char *copies;			/* of the structs of a batch */
	struct write_row *rows;		/* size of each */
	struct columns *sets;
	size_t size;
	size_t first;			/* the batch's place in the whole */
};

/* row: index in the batch, or -1: one of it, not known which. */
static int insert_failed(struct inserting *in, int64_t row, uow_error *err)
{
	const struct mapping *m = in->r->mapping;
	const void *key_row = row < 0 ? NULL : in->rows[row].now;

	if (!err->step[0])
		error_step(err, "INSERT %s", m->table);
	err->row = row < 0 ? -1 : (int64_t)in->first + row;
	return load_failed(in->r, key_row, err);
}

static int first_version(const struct mapping *m, void *row, uow_error *err)
{
	const uow_value one = uow_int(1);
	const struct field *f;

	if (m->version < 0 || m->server_version)
		return 0;
	f = &m->fields[m->version];
	return field_is_zero(f, row) ?
	       field_set(m, f, row, &one, NULL, err) : 0;
}

/* What the database would make is given only if it is not zero. */
static void columns_given(const struct mapping *m, const void *row,
			  struct columns *set)
{
	size_t i;

	*set = m->written;
	for (i = 0; i < m->count; i++) {
		const struct field *f = &m->fields[i];

		if (f->flags & UOW_GENERATED && !(f->flags & UOW_READ_ONLY) &&
		    (int)i != m->version && !field_is_zero(f, row))
			columns_add(set, (unsigned)i);
	}
}

static int prepare_row(struct inserting *in, size_t i)
{
	uow_repository *r = in->r;
	const struct mapping *m = r->mapping;
	uow_error err = UOW_ERROR_INIT;
	void *row = in->rows[i].now;
	int rc;

	rc = hooks_run_row(r->unit, m->entity, UOW_BEFORE_INSERT, row);
	if (rc)
		return rc;
	rc = first_version(m, row, &err);
	columns_given(m, row, &in->sets[i]);
	if (!rc)
		rc = row_check(m, row, &in->sets[i], true, &err);
	return rc ? insert_failed(in, (int64_t)i, &err) : 0;
}

/* Rows from..to-1 are of one shape. */
static int write_run(struct inserting *in, size_t from, size_t to)
{
	struct backend_conn *c = in->r->unit->conn;
	uow_error err = UOW_ERROR_INIT;
	struct write_batch batch;
	struct shape shape;
	size_t which = 0;
	int rc = unit_in_time(in->r->unit);

	if (!rc)
		rc = pages_keep(in->r->unit);
	if (rc)
		return rc;
	memset(&shape, 0, sizeof(shape));
	shape.mapping = in->r->mapping;
	shape.op = SHAPE_INSERT;
	shape.set = in->sets[from];
	batch.shape = &shape;
	batch.rows = in->rows + from;
	batch.count = to - from;
	if (!c->ops->write(c, &batch, 1, NULL, &which, &err))
		return 0;
	if (err.row < 0 && to - from == 1)
		err.row = 0;
	return insert_failed(in, err.row < 0 ? -1 : (int64_t)from + err.row,
			     &err);
}

static int write_batch(struct inserting *in, size_t count)
{
	size_t from, to;
	int rc = 0;

	for (from = 0; !rc && from < count; from = to) {
		to = from + 1;
		while (to < count &&
		       columns_equal(&in->sets[to], &in->sets[from]))
			to++;
		rc = write_run(in, from, to);
	}
	return rc;
}

static int insert_batch(struct inserting *in, const char *rows, size_t count)
{
	const size_t size = in->r->mapping->size;
	size_t i;
	int rc = 0;

	memcpy(in->copies, rows, count * size);
	for (i = 0; !rc && i < count; i++) {
		in->rows[i].now = in->copies + i * size;
		in->rows[i].was = NULL;
		in->rows[i].by = NULL;
		rc = prepare_row(in, i);
	}
	return rc ? rc : write_batch(in, count);
}

static void inserting_release(struct inserting *in)
{
	mem_free(in->copies);
	mem_free(in->rows);
	mem_free(in->sets);
}

/* As many as a statement can take, but no more than a megabyte of structs. */
static int inserting_init(struct inserting *in, uow_repository *r,
			  size_t count)
{
	size_t most = INSERT_BYTES / r->mapping->size;

	memset(in, 0, sizeof(*in));
	in->r = r;
	in->size = most < INSERT_ROWS ? most + !most : INSERT_ROWS;
	if (in->size > count)
		in->size = count;
	in->copies = mem_array(in->size, r->mapping->size);
	in->rows = mem_array(in->size, sizeof(*in->rows));
	in->sets = mem_array(in->size, sizeof(*in->sets));
	if (in->copies && in->rows && in->sets)
		return 0;
	inserting_release(in);
	return unit_fail_nomem(r->unit);
}

static int insert_rows(uow_repository *r, const char *rows, size_t count)
{
	struct inserting in;
	size_t n;
	int rc;

	if (count > SIZE_MAX / r->mapping->size)
		return load_refuse(r, UOW_EINVAL, NULL,
				   "no memory holds %zu rows", count);
	rc = inserting_init(&in, r, count);
	if (rc)
		return rc;
	for (; !rc && in.first < count; in.first += n) {
		n = count - in.first < in.size ? count - in.first : in.size;
		rc = insert_batch(&in, rows + in.first * r->mapping->size, n);
	}
	inserting_release(&in);
	return rc;
}

/* Rows added before come before, autoflush or not; no flush inside one. */
static int flush_before(uow_repository *r)
{
	if (r->unit->phase == PHASE_WORK && track_dirty(r))
		return flush_all(r->unit);
	return unit_check(r->unit);
}

int uow_insert_all(uow_repository *r, const void *rows, size_t count)
{
	int rc = repository_check_write(r);

	if (!rc && count && !rows)
		rc = load_refuse(r, UOW_EINVAL, NULL, "no rows given");
	if (!rc && count)
		rc = flush_before(r);
	return rc || !count ? rc : insert_rows(r, rows, count);
}
