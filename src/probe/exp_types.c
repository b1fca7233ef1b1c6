/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "probe/bench.h"
#include "probe/typed.h"

/*
 * Portable types, through the library itself: its own tables, bindings and
 * readings, as the profile has them. What is written has to come back bit for
 * bit.
 */

enum { LONG_BYTES = 1 << 20 };

static bool prepare(struct bench *b, struct lab *l, uow_type type,
		    unsigned length)
{
	const struct type_form *f = &l->source->profile->own[type];
	uow_column *c;

	bench_init(b, l, sizeof(struct typed));
	c = bench_column(b, "id", UOW_TYPE_INT32, offsetof(struct typed, id),
			 sizeof(int32_t));
	c->flags = UOW_KEY;
	c = bench_column(b, "c", type, offsetof(struct typed, as),
			 typed_size(type));
	c->null_offset = type == UOW_TYPE_TEXT || type == UOW_TYPE_BYTES ?
			 offsetof(struct typed, as) :
			 offsetof(struct typed, null);
	c->length = type == UOW_TYPE_CHARS ? TYPED_CHARS - 1 : length;
	c->precision = type == UOW_TYPE_DECIMAL ? 18 : 0;
	c->scale = type == UOW_TYPE_DECIMAL ? 2 : 0;
	lab_see(l, "column", "%s", length || !f->column_long ? f->column ?
		f->column : "" : f->column_long);
	return bench_open(b);
}

/* Written, read, compared. */
static bool same(struct bench *b, struct typed *row, const char *what)
{
	const struct field *f = &b->mapping->fields[1];
	struct write_row wr;
	struct typed back;

	memset(&wr, 0, sizeof(wr));
	wr.now = row;
	if (bench_write(b, SHAPE_INSERT, &wr, 1, &b->lab->error)) {
		lab_see(b->lab, "why", "%s: %s", what, b->lab->error.message);
		return false;
	}
	memset(&back, 0, sizeof(back));
	back.id = row->id;
	if (bench_read(b, &back, &b->lab->error)) {
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
		bench_close(&b);
		return;
	}
	lab_step(l, "values of this type");
	for (k = 0; ok && typed_value(type, k, fraction, &v, &what); k++)
		ok = same_value(&b, k + 1, &v, what);
	v = uow_null();
	lab_yes(l, "ok", ok && same_value(&b, 1000, &v, "NULL"));
	bench_close(&b);
}

/* A megabyte, in characters of one to four bytes. */
void long_run(struct lab *l, int arg)
{
	uow_type type = (uow_type)arg;
	struct bench b;
	char *data = mem_alloc(LONG_BYTES + 8);
	uow_value v;
	bool ok = false;

	if (data) {
		ok = prepare(&b, l, type, 0);
		typed_long(data, LONG_BYTES, type == UOW_TYPE_BYTES);
		v = type == UOW_TYPE_BYTES ? uow_blob(data, LONG_BYTES) :
					     uow_text(data);
		lab_step(l, "a value of a megabyte");
		lab_yes(l, "ok", ok && same_value(&b, 1, &v,
						  "a value of 1 MB"));
		bench_close(&b);
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
		bench_close(&b);
		return;
	}
	lab_step(l, "infinity");
	lab_yes(l, "infinity", same_value(&b, 1, &v, "infinity"));
	lab_step(l, "NaN");
	v = uow_real((double)NAN);
	lab_yes(l, "nan", same_value(&b, 2, &v, "NaN"));
	bench_close(&b);
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
			bench_close(&b);
			break;
		}
		v = typed_stamp(digits);
		if (same_value(&b, 1, &v, "a fraction")) {
			bench_close(&b);
			break;
		}
		bench_close(&b);
	}
	lab_number_seen(l, "digits", (long)digits);
}
