/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "base/errors.h"
#include "model/field.h"
#include "model/row.h"

/*
 * Many rows in one statement. It goes behind a savepoint of ours, unless it is
 * small and of a kind that has worked before: if it fails, or hits too few
 * rows, its effects are taken back and its rows are sent one by one until one
 * of them fails. That one is named. If none fails, the table does not bear the
 * strategy, and the next statements do without.
 */

enum { SMALL_BATCH = 10 };

static bool wants_guard(const struct odbc_conn *c, const struct rows *r,
			const struct way *w)
{
	if (!c->source->profile->savepoints)
		return false;
	/* Of what is not hit, only a second try can tell which row it was. */
	return r->count >= SMALL_BATCH || !w->proved ||
	       r->shape->op != SHAPE_INSERT;
}

/*
 * Another statement may help only where this one's failure is about its text
 * or its rows. Where the server has given the transaction up, a savepoint is
 * gone as well.
 */
static bool may_try_again(const struct odbc_conn *c, const uow_error *err)
{
	if (c->ended || c->base.broken)
		return false;
	switch (err->code) {
	case UOW_ECONFLICT:
		/* Failed serialization has a SQLSTATE, a short count none. */
		return !err->sqlstate[0];
	case UOW_EDUPLICATE:
	case UOW_ECONSTRAINT:
	case UOW_EDATA:
	case UOW_ESQL:
	case UOW_ENOTSUP:
	case UOW_ECONFIG:
	case UOW_EDENIED:
		return true;
	default:
		return false;
	}
}

static int short_count(uow_error *err)
{
	return error_set(err, UOW_ECONFLICT, "a row was changed or removed by "
			 "somebody else");
}

/* All of them, each once. */
static int check_count(const struct odbc_conn *c, const struct rows *r,
		       SQLLEN hit, uow_error *err)
{
	if (c->source->profile->batch == COUNTS_NONE ||
	    hit == (SQLLEN)r->count)
		return 0;
	if (hit > (SQLLEN)r->count)
		return error_set(err, UOW_ECONFIG, "%ld rows have %zu keys: "
				 "these are not the table's primary key",
				 (long)hit, r->count);
	return short_count(err);
}

static int execute(struct odbc_conn *c, const struct rows *r,
		   const struct way *w, uow_error *err)
{
	struct stmt *st;
	SQLLEN hit = -1;
	int rc;

	rc = stmt_of_batch(c, r->shape, w->strategy, r->count, &st, err);
	if (rc)
		return rc;
	rc = stmt_put_rows(c, st, r->list, err);
	if (!rc)
		rc = stmt_execute(c, st, &hit, err);
	stmt_done(c, st);
	return rc ? rc : check_count(c, r, hit, err);
}

/* -- what the database has made -- */

static int set_key(const struct mapping *m, void *now, int64_t key,
		   uow_error *err)
{
	const uow_value v = uow_int(key);

	return field_set(m, &m->fields[m->generated_key], now, &v, NULL, err);
}

/*
 * Consecutive, if nobody else can write and nothing but this INSERT has made
 * keys (a trigger could). The row before these knows its own key for certain:
 * the last of these is then as far away as there are rows.
 */
static int give_keys(struct odbc_conn *c, const struct rows *r,
		     uow_error *err)
{
	const struct mapping *m = r->shape->mapping;
	uow_value before;
	int64_t last;
	size_t i;
	int rc;

	rc = last_key(c, &last, err);
	if (rc)
		return rc;
	field_get(&m->fields[m->generated_key], r->list[-1].now, &before);
	if (last < before.as.integer ||
	    (uint64_t)last - (uint64_t)before.as.integer != r->count)
		return error_set(err, UOW_ENOTSUP, "the keys that the "
				 "database made are not consecutive");
	for (i = 0; !rc && i < r->count; i++)
		rc = set_key(m, r->list[i].now,
			     before.as.integer + (int64_t)i + 1, err);
	return rc;
}

static int give_returned(struct odbc_conn *c, const struct rows *r,
			 uow_error *err)
{
	const struct mapping *m = r->shape->mapping;
	struct columns rest = r->shape->returned;
	size_t i;
	int rc = 0;

	if (columns_empty(&rest))
		return 0;
	if (r->shape->op == SHAPE_INSERT && m->generated_key >= 0 &&
	    columns_has(&rest, (unsigned)m->generated_key)) {
		rc = give_keys(c, r, err);
		columns_remove(&rest, (unsigned)m->generated_key);
	}
	for (i = 0; !rc && !columns_empty(&rest) && i < r->count; i++)
		rc = read_back(c, m, &rest, r->list[i].now, r->texts, err);
	return rc;
}

/* -- failures -- */

static int one_by_one(struct odbc_conn *c, const struct rows *r,
		      struct way *w, int64_t *failed, uow_error *err)
{
	int rc;

	*err = (uow_error)UOW_ERROR_INIT;
	rc = rows_write(c, r, failed, err);
	if (!rc && !w->proved)
		way_refused(c->source, r->shape, w);
	return rc;
}

/* Between which keys it is: all that can be said without a savepoint. */
static void tell_range(const struct rows *r, uow_error *err)
{
	const struct mapping *m = r->shape->mapping;
	const struct write_row *last = &r->list[r->count - 1];
	char from[sizeof(err->key)], to[sizeof(err->key)];

	if (r->shape->op == SHAPE_INSERT && m->generated_key >= 0)
		return;
	row_key_text(m, r->list[0].now ? r->list[0].now : r->list[0].was,
		     from, sizeof(from));
	row_key_text(m, last->now ? last->now : last->was, to, sizeof(to));
	error_append(err, " (one of %zu rows, key %s to %s)", r->count, from,
		     to);
}

int batch_write(struct odbc_conn *c, const struct rows *r, struct way *w,
		int64_t *failed, uow_error *err)
{
	bool guarded = wants_guard(c, r, w);
	uow_error second = UOW_ERROR_INIT;
	int rc = 0;

	*failed = -1;
	if (guarded)
		rc = batch_savepoint(c, SAVEPOINT_SET, err);
	if (rc)
		return rc;
	rc = execute(c, r, w, err);
	if (!rc)
		rc = give_returned(c, r, err);
	if (!rc && guarded)
		rc = batch_savepoint(c, SAVEPOINT_RELEASE, err);
	if (!rc) {
		way_proved(c->source, r->shape, w);
		return 0;
	}
	if (!may_try_again(c, err))
		return rc;
	if (guarded && !batch_savepoint(c, SAVEPOINT_BACK, &second))
		return one_by_one(c, r, w, failed, err);
	tell_range(r, err);
	return rc;
}
