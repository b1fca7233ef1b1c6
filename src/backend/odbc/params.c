/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "model/counter.h"
#include "model/field.h"

/* Bound before, never NULL, and the same bits in struct and buffer? */
static bool slot_copies(const struct slot *s)
{
	return s->bound && s->type == UOW_TYPE_INT64 &&
	       (s->kind == FORM_INT64 || s->kind == FORM_LONG64) &&
	       s->field->null_offset == UOW_NOT_NULL && !s->form->rebind;
}

static int put_member(struct odbc_conn *c, struct stmt *st, size_t i,
		      const void *row, uow_error *err)
{
	struct slot *s = &st->params[i];
	uow_value v;

	if (slot_copies(s)) {
		memcpy(s->buffer, (const char *)row + s->field->offset,
		       sizeof(int64_t));
		return 0;
	}
	field_get(s->field, row, &v);
	return slot_put(c, st->handle, s, &v, err);
}

static int put_room(struct odbc_conn *c, struct stmt *st, size_t i,
		    const void *by, uow_error *err)
{
	uow_value floor, ceiling;

	field_room(st->params[i].field, by, &floor, &ceiling);
	return slot_put(c, st->handle, &st->params[i],
			st->text.params[i].source == PARAM_FLOOR ?
			&floor : &ceiling, err);
}

/* An UPDATE or DELETE has the key of its own row. */
static const void *key_row(const struct write_row *row,
			   const struct read_args *args, size_t index)
{
	if (args && args->keys)
		return args->keys[index];
	return row->now ? row->now : row->was;
}

static int put_param(struct odbc_conn *c, struct stmt *st, size_t i,
		     const struct write_row *row,
		     const struct read_args *args, uow_error *err)
{
	const struct sql_param *p = &st->text.params[i];
	struct slot *slot = &st->params[i];

	switch (p->source) {
	case PARAM_NOW:
		return put_member(c, st, i, row->now ? row->now : row->was,
				  err);
	case PARAM_WAS:
		return put_member(c, st, i, row->was ? row->was : row->now,
				  err);
	case PARAM_BY:
		return put_member(c, st, i, row->by, err);
	case PARAM_FLOOR:
	case PARAM_CEILING:
		return put_room(c, st, i, row->by, err);
	case PARAM_KEY:
		return put_member(c, st, i, key_row(row, args, p->index), err);
	case PARAM_ARG:
		return slot_put(c, st->handle, slot, &args->values[p->index],
				err);
	case PARAM_PATTERN:
		return slot_put_pattern(c, st->handle, slot,
					&args->values[p->index], err);
	}
	return 0;
}

/*
 * From the last to the first: there are drivers that make room for one more
 * parameter at each SQLBindParameter, and copy all that they have.
 */
int stmt_put(struct odbc_conn *c, struct stmt *st,
	     const struct write_row *row, const struct read_args *args,
	     uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = st->param_count; !rc && i-- > 0;)
		rc = put_param(c, st, i, row, args, err);
	return rc;
}

const void *param_row(const struct sql_param *p, const struct write_row *row)
{
	if (p->source == PARAM_WAS && row->was)
		return row->was;
	return row->now ? row->now : row->was;
}

int stmt_put_rows(struct odbc_conn *c, struct stmt *st,
		  const struct write_row *rows, size_t count, uow_error *err)
{
	const struct sql_param *p = st->text.params;
	size_t i;
	int rc = 0;

	st->rows = count;
	if (st->form.strategy == STRATEGY_UNNEST)
		return lists_put(c, st, rows, count, err);
	if (st->form.strategy == STRATEGY_ARRAY)
		return array_put(c, st, rows, count, err);
	for (i = st->param_count; !rc && i-- > 0;)
		rc = put_param(c, st, i, &rows[p[i].index], NULL, err);
	return rc;
}
