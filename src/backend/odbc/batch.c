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

/* Will the statement itself tell which rows it has hit? */
static bool names_rows(const struct odbc_conn *c, const struct rows *r)
{
	return c->source->profile->returning == RETURNING_ALL &&
	       (r->count < SMALL_BATCH || !columns_empty(&r->shape->returned));
}

static bool wants_returning(const struct odbc_conn *c, const struct rows *r)
{
	const struct shape *s = r->shape;
	int key = s->mapping->generated_key;

	if (s->op != SHAPE_INSERT)
		return names_rows(c, r);
	/* The order of others cannot be seen: they are read back by key. */
	return c->source->profile->returning != RETURNING_NONE && key >= 0 &&
	       columns_has(&s->returned, (unsigned)key);
}

/* May the whole transaction be rolled back, to look for the row then? */
static bool may_look_after(const struct odbc_conn *c)
{
	return verify_by_lock(c) && !c->nested && !c->base.joined;
}

/* A row that is there may count as none: it has these values already. */
static bool counts_found(const struct odbc_conn *c, const struct rows *r)
{
	return !c->source->adopted || r->shape->op != SHAPE_UPDATE ||
	       c->source->profile->single != COUNTS_CHANGED;
}

/*
 * A row that is not hit is named by the statement, by a second try, or by a
 * look at the rows when all is rolled back: where no part of the unit can
 * outlive the failure, that is cheaper than a savepoint each time.
 */
static bool finds_row(const struct odbc_conn *c, const struct rows *r)
{
	return r->shape->op == SHAPE_INSERT || names_rows(c, r) ||
	       (may_look_after(c) && counts_found(c, r));
}

static bool wants_guard(const struct odbc_conn *c, const struct rows *r,
			const struct way *w)
{
	if (!c->source->profile->savepoints)
		return false;
	return r->count >= SMALL_BATCH || !w->proved || !finds_row(c, r);
}

bool batch_pays(const struct odbc_conn *c, const struct rows *r)
{
	/* A savepoint, the statement and its release are three messages. */
	return r->count > 3 || !c->source->profile->savepoints ||
	       finds_row(c, r);
}

/* Is the failure about the statement's text or its rows? */
bool failure_of_rows(const uow_error *err)
{
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
static int check_count(struct odbc_conn *c, const struct rows *r,
		       SQLLEN hit, uow_error *err)
{
	if (c->source->profile->batch == COUNTS_NONE ||
	    hit == (SQLLEN)r->count)
		return 0;
	if (hit > (SQLLEN)r->count)
		return error_set(err, UOW_ECONFIG, "%ld rows have %zu keys: "
				 "these are not the table's primary key",
				 (long)hit, r->count);
	if (hit < 0)
		return verify_lost_count(c, err);
	return r->shape->op == SHAPE_INSERT ? not_stored(err) :
					      short_count(err);
}

/* All that is returned, or all that is counted. */
static int execute_returning(struct odbc_conn *c, struct stmt *st,
			     const struct rows *r, int64_t *missed,
			     uow_error *err)
{
	int rc = stmt_execute(c, st, NULL, err);

	if (!rc)
		rc = returned_fetch(c, st, r, missed, err);
	return rc ? rc : *missed < 0 ? 0 : short_count(err);
}

static int execute_counting(struct odbc_conn *c, struct stmt *st,
			    const struct rows *r, uow_error *err)
{
	SQLLEN hit = -1;
	int rc = stmt_execute(c, st, &hit, err);

	return rc ? rc : check_count(c, r, hit, err);
}

static bool any_number(enum strategy strategy)
{
	return strategy == STRATEGY_UNNEST || strategy == STRATEGY_ARRAY;
}

static int execute(struct odbc_conn *c, const struct rows *r,
		   const struct way *w, int64_t *missed, uow_error *err)
{
	struct batch_form f;
	struct stmt *st;
	int rc;

	memset(&f, 0, sizeof(f));
	f.strategy = w->strategy;
	f.rows = any_number(w->strategy) ? 1 : r->count;
	f.returning = wants_returning(c, r);
	rc = stmt_of_batch(c, r->shape, &f, &st, err);
	if (rc)
		return rc;
	rc = stmt_put_rows(c, st, r->list, r->count, err);
	if (!rc && f.returning)
		rc = execute_returning(c, st, r, missed, err);
	else if (!rc)
		rc = execute_counting(c, st, r, err);
	stmt_done(c, st);
	return rc;
}

bool row_returns(const struct odbc_conn *c, const struct shape *s)
{
	int key = s->mapping->generated_key;

	return s->op == SHAPE_INSERT && key >= 0 &&
	       columns_has(&s->returned, (unsigned)key) &&
	       c->source->profile->returning != RETURNING_NONE;
}

int row_write(struct odbc_conn *c, const struct rows *r, uow_error *err)
{
	int64_t missed = -1;
	struct way w;

	memset(&w, 0, sizeof(w));
	w.strategy = STRATEGY_VALUES;
	return execute(c, r, &w, &missed, err);
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

	if (columns_empty(&rest) || wants_returning(c, r))
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

/*
 * Without savepoints the unit has failed: what it has written is undone now,
 * and the rows are looked at as the others have left them.
 */
static void find_stale(struct odbc_conn *c, const struct rows *r,
		       int64_t *failed)
{
	uow_error found = UOW_ERROR_INIT;
	size_t i;

	if (!may_look_after(c) ||
	    !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK)))
		return;
	c->started = false;
	for (i = 0; i < r->count; i++) {
		if (!verify_row(c, r->shape, &r->list[i], &found))
			continue;
		if (found.code == UOW_ECONFLICT && !found.sqlstate[0])
			*failed = (int64_t)i;
		break;
	}
	c->failed = true;
}

bool failures_alike(const uow_error *a, const uow_error *b)
{
	return a->code == b->code && a->native == b->native &&
	       !strcmp(a->sqlstate, b->sqlstate);
}

/*
 * Without a savepoint of this statement's own, but with nothing written before
 * it: the unit has failed, so it is undone now, and the rows are sent one by
 * one to see which is refused in the same words. Had anything been written, a
 * row could be refused here for lack of that.
 */
static void find_refused(struct odbc_conn *c, const struct rows *r,
			 int64_t *failed, const uow_error *err)
{
	uow_error found = UOW_ERROR_INIT;
	int64_t row = -1;

	if (!c->anew || !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc,
					   SQL_ROLLBACK)))
		return;
	c->started = false;
	if (rows_write(c, r, &row, &found) && failures_alike(&found, err))
		*failed = row;
	c->failed = true;
}

bool undone_to_look(struct odbc_conn *c, const uow_error *err)
{
	/* Rows that the unit has written before would not be as it knows. */
	if (!c->first || err->code != UOW_ECONFLICT ||
	    strncmp(err->sqlstate, "40", 2) || c->options.simple ||
	    c->nested || c->base.joined || c->base.broken ||
	    !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK)))
		return false;
	c->started = false;
	return true;
}

/*
 * On a snapshot there is no count that is short: the statement fails, and says
 * of one row only that somebody else has written it.
 */
static void find_overtaken(struct odbc_conn *c, const struct rows *r,
			   int64_t *failed, const uow_error *err)
{
	size_t i;

	if (!undone_to_look(c, err))
		return;
	for (i = 0; *failed < 0 && i < r->count; i++)
		if (verify_overtaken(c, r->shape, &r->list[i]))
			*failed = (int64_t)i;
	c->failed = true;
}

/* Not of the rows: the same statement would be refused again. */
static bool is_about_text(const uow_error *err)
{
	return err->code == UOW_ESQL || err->code == UOW_ENOTSUP ||
	       err->code == UOW_ECONFIG || err->code == UOW_EDENIED;
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
	rc = execute(c, r, w, failed, err);
	if (!rc)
		rc = give_returned(c, r, err);
	if (!rc && guarded)
		rc = batch_savepoint(c, SAVEPOINT_RELEASE, err);
	if (!rc) {
		way_proved(c->source, r->shape, w);
		return 0;
	}
	if (*failed < 0)
		find_overtaken(c, r, failed, err);
	/* Nothing is found out by a second try if the row is known. */
	if (*failed >= 0 || !failure_of_rows(err) || c->base.broken)
		return rc;
	/* Where the server has given up all, the savepoint is gone as well. */
	if (guarded && !c->ended &&
	    !batch_savepoint(c, SAVEPOINT_BACK, &second))
		return one_by_one(c, r, w, failed, err);
	/* The unit has failed, the next one does without. */
	if (!w->proved && is_about_text(err))
		way_refused(c->source, r->shape, w);
	if (err->code == UOW_ECONFLICT && !guarded)
		find_stale(c, r, failed);
	else if (err->code != UOW_ECONFLICT)
		find_refused(c, r, failed, err);
	if (*failed < 0)
		tell_range(r, err);
	return rc;
}
