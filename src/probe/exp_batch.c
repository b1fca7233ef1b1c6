/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "backend/odbc/batch.h"
#include "base/mem.h"
#include "probe/bench.h"

/*
 * Many rows at once, by the profile's strategies and the library itself: what
 * comes back has to be what was written, and a row that is missing has to be
 * noticed.
 */

enum { ROWS = 37, NAME_BYTES = 24 };

struct order {
	int32_t id;
	int64_t amount;
	double weight;
	char name[NAME_BYTES];
	uow_timestamp at;
	bool at_null;
};

/* NULL: the profile has no column for it, which is another fact. */
static uow_column *column(struct bench *b, const char *name, uow_type type,
			  size_t offset, size_t size)
{
	if (!b->lab->source->profile->own[type].column)
		return NULL;
	return bench_column(b, name, type, offset, size);
}

static void describe(struct bench *b, struct lab *l)
{
	uow_column *c;

	bench_init(b, l, sizeof(struct order));
	c = bench_column(b, "id", UOW_TYPE_INT32, offsetof(struct order, id),
			 sizeof(int32_t));
	c->flags = UOW_KEY;
	column(b, "amount", UOW_TYPE_INT64, offsetof(struct order, amount),
	       sizeof(int64_t));
	column(b, "weight", UOW_TYPE_DOUBLE, offsetof(struct order, weight),
	       sizeof(double));
	c = column(b, "name", UOW_TYPE_CHARS, offsetof(struct order, name),
		   NAME_BYTES);
	if (c)
		c->length = NAME_BYTES - 1;
	c = column(b, "at", UOW_TYPE_TIMESTAMP, offsetof(struct order, at),
		   sizeof(uow_timestamp));
	if (c)
		c->null_offset = offsetof(struct order, at_null);
}

static void fill(struct order *o, int i, int round)
{
	memset(o, 0, sizeof(*o));
	o->id = 7 * i + 1;
	o->amount = (i & 1 ? -1 : 1) * (INT64_C(6000000000) * i + round);
	o->weight = (i + round) * 0.1;
	snprintf(o->name, sizeof(o->name), "%.*s'\xe2\x82\xac\"\\%d", i % 7,
		 "row {} ", round);
	o->at_null = i % 5 == 2;
	if (o->at_null)
		return;
	o->at.year = (int16_t)(2000 + i);
	o->at.month = o->at.day = (uint16_t)(1 + i % 12);
	o->at.hour = (uint16_t)(i % 24);
	o->at.second = (uint16_t)(10 * round);
}

static int all(struct bench *b, enum shape_op op, struct order *orders)
{
	struct write_row rows[ROWS];
	int i;

	memset(rows, 0, sizeof(rows));
	for (i = 0; i < ROWS; i++) {
		rows[i].now = op == SHAPE_DELETE ? NULL : &orders[i];
		rows[i].was = op == SHAPE_INSERT ? NULL : &orders[i];
	}
	return bench_write(b, op, rows, ROWS, &b->lab->error);
}

static bool same(struct bench *b, const struct order *want)
{
	const struct mapping *m = b->mapping;
	struct order back;
	size_t i;

	memset(&back, 0, sizeof(back));
	back.id = want->id;
	if (bench_read(b, &back, &b->lab->error)) {
		lab_see(b->lab, "why", "row %d: %s", (int)want->id,
			b->lab->error.message);
		return false;
	}
	for (i = 0; i < m->count; i++)
		if (!field_equal(&m->fields[i], want, &back)) {
			lab_see(b->lab, "why", "row %d: another value in "
				"column %s", (int)want->id,
				m->fields[i].name);
			return false;
		}
	return true;
}

/* Which strategies were refused by the database, and which one worked. */
static void see_ways(struct bench *b, enum shape_op op)
{
	const struct batch_memory *m = b->lab->source->batches;
	unsigned proved = 0, refused = 0;

	for (; m; m = m->next)
		if (m->op == op) {
			proved |= m->proved;
			refused |= m->refused;
		}
	lab_see(b->lab, "at-once", "%s", proved & ~1u ? "yes" : "no");
	lab_yes(b->lab, "refused", refused != 0);
}

static bool written(struct bench *b, enum shape_op op, struct order *orders)
{
	int i;

	if (all(b, op, orders)) {
		lab_see(b->lab, "why", "%s", b->lab->error.message);
		return false;
	}
	for (i = 0; op != SHAPE_DELETE && i < ROWS; i++)
		if (!same(b, &orders[i]))
			return false;
	return true;
}

/* One of the rows is not there: UOW_ECONFLICT, and nothing is changed. */
static bool noticed(struct bench *b, enum shape_op op, struct order *orders)
{
	int32_t id = orders[ROWS / 2].id;
	int rc;

	orders[ROWS / 2].id = 5;
	rc = all(b, op, orders);
	orders[ROWS / 2].id = id;
	if (rc == UOW_ECONFLICT)
		return true;
	lab_see(b->lab, "why", "a missing row was not noticed: %s",
		rc ? b->lab->error.message : "success");
	return false;
}

void batch_run(struct lab *l, int arg)
{
	enum shape_op op = (enum shape_op)arg;
	static struct order orders[ROWS], after[ROWS];
	struct bench b;
	bool ok;
	int i;

	for (i = 0; i < ROWS; i++) {
		fill(&orders[i], i, 1);
		fill(&after[i], i, 2);
	}
	describe(&b, l);
	ok = bench_open(&b);
	lab_step(l, "many rows at once");
	ok = ok && written(&b, SHAPE_INSERT, orders);
	if (ok && op != SHAPE_INSERT) {
		lab_step(l, "a missing row among many");
		ok = noticed(&b, op, after) && same(&b, &orders[0]);
		lab_step(l, "many rows at once");
		ok = ok && written(&b, op, after);
	}
	see_ways(&b, op);
	lab_yes(l, "ok", ok);
	bench_close(&b);
}

/* Does a sum out of its column's range fail, rather than turn into another? */
void range_run(struct lab *l, int arg)
{
	const struct type_form *f = &l->source->profile->own[UOW_TYPE_INT16];
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a)
		return;
	lab_drop(l, a, "d");
	if (!lab_dof(l, a, "CREATE TABLE {d} (id INTEGER, c %s)",
		     f->column ? f->column : "SMALLINT") ||
	    !lab_do(l, a, "INSERT INTO {d} (id, c) VALUES (1, 32767)")) {
		lab_cannot(l, "no scratch table");
		return;
	}
	lab_step(l, "a sum that is too large");
	lab_yes(l, "ok", !lab_do(l, a, "UPDATE {d} SET c = c + 1"));
	lab_drop(l, a, "d");
	lab_disconnect(l, a);
}
