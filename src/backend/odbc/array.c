/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <stdint.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "model/field.h"

/*
 * Arrays of parameters (SQL_ATTR_PARAMSET_SIZE), in one block of memory: all
 * values of a parameter beside each other, then their indicators (by columns),
 * or the values and indicators of a row (by rows). Which of the two a driver
 * reads right, or sends at once, is the profile's to say.
 *
 * What is bound stays bound while the values fit; a longer one makes the block
 * anew. There is no status array: what drivers write there is not to be
 * believed, so nobody looks.
 */

struct lane {
	size_t width;		/* of a value */
	size_t data, indicator;	/* of the first row, in the block */
};

struct array {
	char *block;
	size_t rows;		/* that there is room for */
	size_t data_step;	/* by rows: of a row; else 0: the width */
	size_t count;
	SQLULEN processed;
	struct lane lanes[];
};

enum { ALIGNMENT = 16, FEWEST_ROWS = 16 };

void array_free(struct array *a)
{
	if (!a)
		return;
	mem_free(a->block);
	mem_free(a);
}

static size_t round_up(size_t n)
{
	return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void get_value(const struct stmt *st, size_t param,
		      const struct write_row *row, uow_value *out)
{
	const struct sql_param *p = &st->text.params[param];

	field_get(st->params[param].field, param_row(p, row), out);
}

/*
 * By columns, ODBC steps by the size of a fixed C type, whatever BufferLength
 * says (SQLBindParameter, "StrLen_or_IndPtr").
 */
static size_t fixed_size(enum form kind)
{
	switch (kind) {
	case FORM_BIT:
		return 1;
	case FORM_INT16:
		return sizeof(int16_t);
	case FORM_INT32:
		return sizeof(int32_t);
	case FORM_FLOAT:
		return sizeof(float);
	case FORM_DATE:
		return sizeof(uow_date);
	case FORM_TIME:
		return sizeof(uow_time);
	case FORM_TIMESTAMP:
		return sizeof(uow_timestamp);
	default:
		return sizeof(int64_t);
	}
}

/* Of the longest value. */
static size_t width_of(const struct stmt *st, size_t param,
		       const struct write_row *rows, size_t count)
{
	const struct slot *s = &st->params[param];
	size_t i, n, most = 16;
	uow_value v;

	if (s->kind != FORM_TEXT && s->kind != FORM_BINARY)
		return fixed_size(s->kind);
	for (i = 0; i < count; i++) {
		get_value(st, param, &rows[i], &v);
		if (v.type == UOW_TYPE_NULL)
			continue;
		n = value_size(s, &v);
		if (n > most)
			most = n;
	}
	return round_up(most);
}

/* Widths only grow. True if anything did. */
static bool measure(const struct stmt *st, struct array *a,
		    const struct write_row *rows, size_t count)
{
	bool grown = count > a->rows || !a->block;
	size_t i, width;

	for (i = 0; i < a->count; i++) {
		width = width_of(st, i, rows, count);
		if (width <= a->lanes[i].width)
			continue;
		a->lanes[i].width = width;
		grown = true;
	}
	return grown;
}

/* Where each lane lies; returns the size of the block, 0: too much. */
static size_t lay_out(struct array *a, bool by_rows)
{
	size_t i, at = 0, factor = by_rows ? 1 : a->rows;

	for (i = 0; i < a->count; i++) {
		a->lanes[i].data = at;
		if (a->lanes[i].width > SIZE_MAX / 4 / a->rows)
			return 0;
		at = round_up(at + a->lanes[i].width * factor);
		a->lanes[i].indicator = at;
		at = round_up(at + sizeof(SQLLEN) * factor);
		if (at > SIZE_MAX / 4 / a->rows)
			return 0;
	}
	a->data_step = by_rows ? at : 0;
	return by_rows ? at * a->rows : at;
}

static int bind_lanes(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	struct array *a = st->array;
	SQLULEN type = a->data_step ? (SQLULEN)a->data_step :
				      SQL_PARAM_BIND_BY_COLUMN;
	size_t i;
	int rc = 0;

	if (!sql_ok(SQLSetStmtAttr(st->handle, SQL_ATTR_PARAM_BIND_TYPE,
				   (SQLPOINTER)type, 0)) ||
	    !sql_ok(SQLSetStmtAttr(st->handle, SQL_ATTR_PARAMS_PROCESSED_PTR,
				   &a->processed, 0)))
		return diag_stmt(c, st->handle, err);
	for (i = a->count; !rc && i-- > 0;) {
		st->params[i].capacity = a->lanes[i].width;
		rc = slot_bind(c, st->handle, &st->params[i],
			       a->block + a->lanes[i].data, a->lanes[i].width,
			       (SQLLEN *)(void *)(a->block +
						  a->lanes[i].indicator),
			       err);
	}
	return rc;
}

static int make_block(struct odbc_conn *c, struct stmt *st, size_t count,
		      uow_error *err)
{
	struct array *a = st->array;
	size_t size;

	mem_free(a->block);
	a->block = NULL;
	while (a->rows < count)
		a->rows = a->rows ? 2 * a->rows : FEWEST_ROWS;
	size = lay_out(a, c->source->profile->arrays == ARRAYS_ROWS);
	a->block = size ? mem_alloc(size) : NULL;
	if (!a->block)
		return error_nomem(err);
	return bind_lanes(c, st, err);
}

static int put_value(struct stmt *st, size_t param, size_t row,
		     const uow_value *v, uow_error *err)
{
	struct array *a = st->array;
	const struct lane *lane = &a->lanes[param];
	size_t step = a->data_step ? a->data_step : lane->width;
	size_t next = a->data_step ? a->data_step : sizeof(SQLLEN);
	char *data = a->block + lane->data + row * step;
	SQLLEN length = SQL_NULL_DATA;
	int rc = 0;

	if (v->type != UOW_TYPE_NULL)
		rc = value_encode(&st->params[param], v, data, lane->width,
				  &length, err);
	memcpy(a->block + lane->indicator + row * next, &length,
	       sizeof(length));
	return rc;
}

static struct array *array_new(size_t params)
{
	struct array *a = mem_alloc(sizeof(*a) + params * sizeof(*a->lanes));

	if (a)
		a->count = params;
	return a;
}

int array_put(struct odbc_conn *c, struct stmt *st,
	      const struct write_row *rows, size_t count, uow_error *err)
{
	uow_value v;
	size_t i, row;
	int rc = 0;

	if (!st->array)
		st->array = array_new(st->param_count);
	if (!st->array)
		return error_nomem(err);
	if (measure(st, st->array, rows, count))
		rc = make_block(c, st, count, err);
	for (i = 0; !rc && i < st->param_count; i++) {
		for (row = 0; !rc && row < count; row++) {
			get_value(st, i, &rows[row], &v);
			rc = put_value(st, i, row, &v, err);
		}
	}
	if (!rc && !sql_ok(SQLSetStmtAttr(st->handle, SQL_ATTR_PARAMSET_SIZE,
					  (SQLPOINTER)(SQLULEN)count, 0)))
		rc = diag_stmt(c, st->handle, err);
	return rc;
}
