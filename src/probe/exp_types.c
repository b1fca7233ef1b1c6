/* SPDX-License-Identifier: BSD-2-Clause */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/field.h"
#include "probe/lab.h"
#include "probe/text.h"
#include "probe/typed.h"

/*
 * Portable types, through the library itself: its own tables, bindings and
 * readings, as the profile has them. What is written has to come back bit for
 * bit.
 */

enum { LONG_BYTES = 1 << 20 };

/* One table with one column of the type, and one connection to it. */
struct bench {
	struct lab *lab;
	uow_entity entity;
	uow_column columns[2];
	char table[128];
	struct mapping *mapping;
	struct backend_conn *conn;
	struct arena texts;
};

static void describe(struct bench *b, uow_type type, unsigned length)
{
	uow_column *c = b->columns;

	memset(c, 0, sizeof(b->columns));
	c[0].name = "id";
	c[0].type = UOW_TYPE_INT32;
	c[0].flags = UOW_KEY;
	c[0].offset = offsetof(struct typed, id);
	c[0].size = sizeof(int32_t);
	c[0].null_offset = UOW_NOT_NULL;
	c[1].name = "c";
	c[1].type = type;
	c[1].offset = offsetof(struct typed, as);
	c[1].size = typed_size(type);
	c[1].null_offset = type == UOW_TYPE_TEXT || type == UOW_TYPE_BYTES ?
			   offsetof(struct typed, as) :
			   offsetof(struct typed, null);
	c[1].length = type == UOW_TYPE_CHARS ? TYPED_CHARS - 1 : length;
	c[1].precision = type == UOW_TYPE_DECIMAL ? 18 : 0;
	c[1].scale = type == UOW_TYPE_DECIMAL ? 2 : 0;
	b->entity.abi = UOW_ENTITY_ABI;
	b->entity.column_size = sizeof(uow_column);
	b->entity.name = "typed";
	b->entity.table = b->table;
	b->entity.size = sizeof(struct typed);
	b->entity.columns = c;
	b->entity.column_count = 2;
}

static void forget(struct bench *b)
{
	arena_release(&b->texts);
	mapping_free(b->mapping);
	conn_close(b->conn);
}

static int in_unit(struct bench *b, uow_error *err)
{
	struct begin_options o;

	memset(&o, 0, sizeof(o));
	o.deadline = DEADLINE_NONE;
	o.simple = !b->lab->source->transactions;
	return txn_begin(b->conn, &o, err);
}

static int define(struct bench *b, bool drop, uow_error *err)
{
	const struct mapping *m = b->mapping;
	enum outcome outcome;
	int rc = in_unit(b, err);

	if (!rc)
		rc = catalog_define(b->conn, &m, 1, drop, err);
	if (!rc)
		rc = txn_commit(b->conn, &outcome, err);
	if (rc)
		txn_rollback(b->conn);
	return rc;
}

static bool prepare(struct bench *b, struct lab *l, uow_type type,
		    unsigned length)
{
	const struct type_form *f = &l->source->profile->own[type];
	uow_error ignored;

	memset(b, 0, sizeof(*b));
	b->lab = l;
	arena_init(&b->texts);
	scratch_name(b->table, sizeof(b->table), l->prefix, "t");
	describe(b, type, length);
	lab_see(l, "column", "%s", length || !f->column_long ? f->column ?
		f->column : "" : f->column_long);
	if (mapping_new(&b->mapping, &b->entity, &l->error) ||
	    conn_open(&l->source->base, &b->conn, &l->error)) {
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

static int write_one(struct bench *b, struct typed *row, uow_error *err)
{
	struct shape s;
	struct write_row wr;
	struct write_batch batch;
	enum outcome outcome;
	size_t where;
	int rc;

	memset(&wr, 0, sizeof(wr));
	memset(&s, 0, sizeof(s));
	s.mapping = b->mapping;
	s.op = SHAPE_INSERT;
	s.set = b->mapping->all;
	wr.now = row;
	batch.shape = &s;
	batch.rows = &wr;
	batch.count = 1;
	rc = in_unit(b, err);
	if (!rc)
		rc = write_stage(b->conn, &batch, 1, &b->texts, &where, err);
	if (!rc)
		rc = txn_commit(b->conn, &outcome, err);
	if (rc)
		txn_rollback(b->conn);
	return rc;
}

static int read_one(struct bench *b, struct typed *row, uow_error *err)
{
	const void *key = row;
	struct read_args args = { NULL, NULL, NULL, 0 };
	struct backend_cursor *cur;
	struct shape s;
	int rc;

	args.keys = &key;
	memset(&s, 0, sizeof(s));
	s.mapping = b->mapping;
	s.op = SHAPE_SELECT;
	s.key_count = 1;
	rc = in_unit(b, err);
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

/* Written, read, compared. */
static bool same(struct bench *b, struct typed *row, const char *what)
{
	const struct field *f = &b->mapping->fields[1];
	struct typed back;

	if (write_one(b, row, &b->lab->error)) {
		lab_see(b->lab, "why", "%s: %s", what, b->lab->error.message);
		return false;
	}
	memset(&back, 0, sizeof(back));
	back.id = row->id;
	if (read_one(b, &back, &b->lab->error)) {
		lab_see(b->lab, "why", "%s: %s", what, b->lab->error.message);
		return false;
	}
	if (field_is_null(f, row) == field_is_null(f, &back) &&
	    (field_is_null(f, row) || field_equal(f, row, &back)))
		return true;
	lab_see(b->lab, "why", "%s came back as another value%s", what,
		field_is_null(f, &back) ? ", NULL" : "");
	return false;
}

static bool same_value(struct bench *b, int id, const uow_value *v,
		       const char *what)
{
	const struct field *f = &b->mapping->fields[1];
	struct typed row;

	memset(&row, 0, sizeof(row));
	row.id = id;
	if (v->type == UOW_TYPE_NULL)
		field_set_null(f, &row);
	else if (field_set(b->mapping, f, &row, v, &b->texts,
			   &b->lab->error)) {
		lab_see(b->lab, "why", "%s: %s", what, b->lab->error.message);
		return false;
	}
	return same(b, &row, what);
}

static void finish(struct bench *b)
{
	uow_error ignored;

	define(b, true, &ignored);
	forget(b);
}

void type_run(struct lab *l, int arg)
{
	uow_type type = (uow_type)arg;
	unsigned fraction = l->source->profile->own[type].fraction;
	struct bench b;
	uow_value v = uow_null();
	const char *what;
	bool ok = true;
	int k;

	if (!prepare(&b, l, type, TYPED_LENGTH)) {
		forget(&b);
		return;
	}
	lab_step(l, "values of this type");
	for (k = 0; ok && typed_value(type, k, fraction, &v, &what); k++)
		ok = same_value(&b, k + 1, &v, what);
	v = uow_null();
	lab_yes(l, "ok", ok && same_value(&b, 1000, &v, "NULL"));
	finish(&b);
}

/* A megabyte, in characters of one to four bytes. */
void long_run(struct lab *l, int arg)
{
	uow_type type = (uow_type)arg;
	struct bench b;
	char *data = mem_alloc(LONG_BYTES + 8);
	uow_value v;
	bool ok = false;

	if (data && prepare(&b, l, type, 0)) {
		typed_long(data, LONG_BYTES, type == UOW_TYPE_BYTES);
		v = type == UOW_TYPE_BYTES ? uow_blob(data, LONG_BYTES) :
					     uow_text(data);
		lab_step(l, "a value of a megabyte");
		ok = same_value(&b, 1, &v, "a value of 1 MB");
		lab_yes(l, "ok", ok);
		finish(&b);
	}
	mem_free(data);
}

/* Refused by default; here they are let through, to see what becomes of it. */
void special_run(struct lab *l, int arg)
{
	uow_type type = (uow_type)arg;
	struct type_form *f = &l->source->profile->own[type];
	struct bench b;
	uow_value v = uow_real((double)INFINITY);

	f->nan = f->infinity = true;
	if (!prepare(&b, l, type, 0)) {
		forget(&b);
		return;
	}
	lab_step(l, "infinity");
	lab_yes(l, "infinity", same_value(&b, 1, &v, "infinity"));
	lab_step(l, "NaN");
	v = uow_real((double)NAN);
	lab_yes(l, "nan", same_value(&b, 2, &v, "NaN"));
	finish(&b);
}

/* How many of nine digits of a second come back. */
void fraction_run(struct lab *l, int arg)
{
	struct type_form *f = &l->source->profile->own[UOW_TYPE_TIMESTAMP];
	struct bench b;
	uow_value v;
	unsigned digits;

	(void)arg;
	lab_step(l, "fractions of a second");
	for (digits = 9; digits > 0; digits--) {
		f->fraction = digits;
		if (!prepare(&b, l, UOW_TYPE_TIMESTAMP, 0)) {
			forget(&b);
			break;
		}
		v = typed_stamp(digits);
		if (same_value(&b, 1, &v, "a fraction")) {
			finish(&b);
			break;
		}
		finish(&b);
	}
	lab_number_seen(l, "digits", (long)digits);
}
