/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/bench.h"

#include <string.h>

#include "base/clock.h"
#include "probe/text.h"

uow_column *bench_column(struct bench *b, const char *name, uow_type type,
			 size_t offset, size_t size)
{
	uow_column *c = &b->columns[b->entity.column_count++];

	c->name = name;
	c->type = type;
	c->offset = offset;
	c->size = size;
	c->null_offset = UOW_NOT_NULL;
	return c;
}

void bench_init(struct bench *b, struct lab *l, size_t row_size)
{
	memset(b, 0, sizeof(*b));
	b->lab = l;
	arena_init(&b->texts);
	scratch_name(b->table, sizeof(b->table), l->prefix, "t");
	b->entity.abi = UOW_ENTITY_ABI;
	b->entity.column_size = sizeof(uow_column);
	b->entity.name = "bench";
	b->entity.table = b->table;
	b->entity.size = row_size;
	b->entity.columns = b->columns;
}

int bench_begin(struct bench *b, uow_error *err)
{
	struct begin_options o;

	memset(&o, 0, sizeof(o));
	o.deadline = DEADLINE_NONE;
	o.simple = !b->lab->source->transactions;
	return txn_begin(b->conn, &o, err);
}

int bench_end(struct bench *b, int rc, uow_error *err)
{
	enum outcome outcome;

	if (!rc)
		rc = txn_commit(b->conn, &outcome, err);
	if (rc)
		txn_rollback(b->conn);
	return rc;
}

static int define(struct bench *b, bool drop, uow_error *err)
{
	const struct mapping *m = b->mapping;
	int rc = bench_begin(b, err);

	if (!rc)
		rc = catalog_define(b->conn, &m, 1, drop, err);
	return bench_end(b, rc, err);
}

bool bench_open(struct bench *b)
{
	struct lab *l = b->lab;
	uow_error ignored;

	if (mapping_new(&b->mapping, &b->entity, &l->error) ||
	    conn_open(&l->source->base, 0, &b->conn, &l->error)) {
		lab_cannot(l, "no table of this type");
		return false;
	}
	define(b, true, &ignored);
	lab_step(l, "a table of this type");
	if (define(b, false, &l->error)) {
		lab_see(l, "why", "%s", l->error.message);
		return false;
	}
	return true;
}

void bench_close(struct bench *b)
{
	uow_error ignored;

	if (b->conn)
		define(b, true, &ignored);
	arena_release(&b->texts);
	mapping_free(b->mapping);
	conn_close(b->conn);
}

int bench_write(struct bench *b, enum shape_op op, struct write_row *rows,
		size_t count, uow_error *err)
{
	struct shape s;
	struct write_batch batch;
	size_t where;
	int rc;

	memset(&s, 0, sizeof(s));
	memset(&batch, 0, sizeof(batch));
	s.mapping = b->mapping;
	s.op = op;
	if (op != SHAPE_DELETE)
		s.set = b->mapping->all;
	if (op == SHAPE_UPDATE)
		columns_remove(&s.set, b->mapping->keys[0]);
	batch.shape = &s;
	batch.rows = rows;
	batch.count = count;
	rc = bench_begin(b, err);
	if (!rc)
		rc = write_stage(b->conn, &batch, 1, &b->texts, &where, err);
	return bench_end(b, rc, err);
}

int bench_read(struct bench *b, void *row, uow_error *err)
{
	const void *key = row;
	struct read_args args;
	struct backend_cursor *cur;
	struct shape s;
	int rc;

	memset(&args, 0, sizeof(args));
	args.keys = &key;
	memset(&s, 0, sizeof(s));
	s.mapping = b->mapping;
	s.op = SHAPE_SELECT;
	s.key_count = 1;
	rc = bench_begin(b, err);
	if (rc)
		return rc;
	rc = read_open(b->conn, &s, &args, &cur, err);
	if (!rc) {
		rc = read_next(cur, row, &b->texts, err);
		read_close(cur);
		if (!rc)
			rc = error_set(err, UOW_ENOTFOUND,
				       "the row is not there");
	}
	txn_rollback(b->conn);
	return rc < 0 ? rc : 0;
}
