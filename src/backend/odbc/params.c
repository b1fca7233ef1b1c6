/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include "model/field.h"

static int put_member(struct odbc_conn *c, struct stmt *st, size_t i,
		      const void *row, uow_error *err)
{
	const struct field *f = st->params[i].field;
	uow_value v;

	field_get(f, row, &v);
	return slot_put(c, st->handle, &st->params[i], &v, err);
}

/*
 * From the last to the first: there are drivers that make room for one more
 * parameter at each SQLBindParameter, and copy all that they have.
 */
int stmt_put_row(struct odbc_conn *c, struct stmt *st, const void *now,
		 const void *was, uow_error *err)
{
	const struct sql_param *p = st->text.params;
	size_t i;
	int rc = 0;

	for (i = st->param_count; !rc && i-- > 0;)
		rc = put_member(c, st, i, p[i].source == PARAM_WAS && was ?
				was : now, err);
	return rc;
}

int stmt_put_args(struct odbc_conn *c, struct stmt *st,
		  const struct read_args *args, uow_error *err)
{
	const struct sql_param *p = st->text.params;
	size_t i;
	int rc = 0;

	for (i = st->param_count; !rc && i-- > 0;) {
		switch (p[i].source) {
		case PARAM_ARG:
			rc = slot_put(c, st->handle, &st->params[i],
				      &args->values[p[i].index], err);
			break;
		case PARAM_PATTERN:
			rc = slot_put_pattern(c, st->handle, &st->params[i],
					      &args->values[p[i].index], err);
			break;
		default:
			rc = put_member(c, st, i, args->keys[p[i].index], err);
			break;
		}
	}
	return rc;
}
