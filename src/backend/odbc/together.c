/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include <string.h>

#include "backend/odbc/prove.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"

/*
 * A stage of few rows that are not alike, in one message. Rows of a stage need
 * nothing of each other, and none of them meets another: the planner has seen
 * to that. Each row is a statement of its own in the text and has its own
 * count, so one that misses is known at once; one that is refused is not. Then,
 * as in batch.c, what was written is taken back and the rows are sent one by
 * one, behind a savepoint or, if they were the unit's first, from its begin.
 */

enum { MOST_ROWS = 8, MOST_KEPT = 16, MOST_BYTES = 4000 };

/* A statement for rows of these shapes, in this order. */
struct joint {
	struct stmt *st;
	struct shape *shapes[MOST_ROWS];
	size_t count;
	uint64_t hash, used;
	struct joint *next;
};

/* The rows of a stage, one after the other. */
struct members {
	struct write_row rows[MOST_ROWS];
	const struct shape *shapes[MOST_ROWS];
	size_t batches[MOST_ROWS], places[MOST_ROWS];
	size_t count;
	struct arena *texts;
};

/* -- kept statements -- */

static void joint_free(struct odbc_conn *c, struct joint *t)
{
	size_t i;

	stmt_drop(c, t->st);
	for (i = 0; i < t->count; i++)
		mem_free(t->shapes[i]);
	mem_free(t);
}

void together_clear(struct odbc_conn *c)
{
	struct joint *t;

	while ((t = c->joints)) {
		c->joints = t->next;
		joint_free(c, t);
	}
}

static uint64_t hash_of(const struct members *m)
{
	uint64_t hash = m->count;
	size_t i;

	for (i = 0; i < m->count; i++)
		hash = random_mix(hash ^ shape_hash(m->shapes[i]));
	return hash;
}

static bool same_shapes(const struct joint *t, const struct members *m)
{
	size_t i;

	if (t->count != m->count)
		return false;
	for (i = 0; i < m->count; i++)
		if (!shape_equal(t->shapes[i], m->shapes[i]))
			return false;
	return true;
}

static struct joint *kept(struct odbc_conn *c, const struct members *m,
			     uint64_t hash)
{
	struct joint *t;

	for (t = c->joints; t; t = t->next)
		if (t->hash == hash && same_shapes(t, m))
			break;
	return t;
}

/* Room for one more: the least recently used one goes. */
static void make_room(struct odbc_conn *c)
{
	struct joint **at, **oldest = NULL, *t;
	size_t count = 0;

	for (at = &c->joints; *at; at = &(*at)->next) {
		if (!oldest || (*at)->used < (*oldest)->used)
			oldest = at;
		count++;
	}
	if (count < MOST_KEPT)
		return;
	t = *oldest;
	*oldest = t->next;
	joint_free(c, t);
}

static void init_params(struct stmt *st, const struct members *m,
			const struct type_form *const *const *forms)
{
	const struct sql_param *p = st->text.params;
	const struct mapping *of;
	size_t i;

	for (i = 0; i < st->text.param_count; i++) {
		of = m->shapes[p[i].index]->mapping;
		slot_init_param(&st->params[i], of, &of->fields[p[i].column],
				forms[p[i].index][p[i].column],
				of->fields[p[i].column].type,
				(SQLUSMALLINT)(i + 1));
	}
	st->param_count = st->text.param_count;
}

static int init_column(struct odbc_conn *c, struct stmt *st,
		       const struct mapping *m, size_t k,
		       const struct type_form *form, uow_error *err)
{
	struct slot *s = &st->columns[st->column_count++];

	return slot_init_column(c, st->handle, s, m, &m->fields[k], form,
				(SQLUSMALLINT)st->column_count, err);
}

static int make_slots(struct odbc_conn *c, struct stmt *st,
		      const struct members *m,
		      const struct type_form *const *const *forms,
		      uow_error *err)
{
	const struct sql_text *t = &st->text;
	const struct shape *s;
	size_t i, k;
	int rc = 0;

	st->params = mem_array(t->param_count + 1, sizeof(*st->params));
	st->columns = mem_array(t->column_count + 1, sizeof(*st->columns));
	if (!st->params || !st->columns)
		return error_nomem(err);
	init_params(st, m, forms);
	for (i = 0; i < m->count; i++) {
		s = m->shapes[i];
		for (k = 0; !rc && k < s->mapping->count; k++)
			if (columns_has(&s->returned, (unsigned)k))
				rc = init_column(c, st, s->mapping, k,
						 forms[i][k], err);
	}
	return rc;
}

static int make_statement(struct odbc_conn *c, const struct members *m,
			  struct stmt **out, uow_error *err)
{
	const struct type_form *const *forms[MOST_ROWS];
	struct stmt *st = mem_alloc(sizeof(*st));
	size_t i;
	int rc = st ? 0 : error_nomem(err);

	for (i = 0; !rc && i < m->count; i++)
		rc = forms_of(c, m->shapes[i]->mapping, &forms[i], err);
	if (!rc)
		rc = render_together(c->source->profile, m->shapes, forms,
				     m->count, &st->text, err);
	if (!rc)
		rc = stmt_prepare(c, st, err);
	if (!rc)
		rc = make_slots(c, st, m, forms, err);
	if (rc)
		stmt_drop(c, st);
	else
		*out = st;
	return rc;
}

static int make(struct odbc_conn *c, const struct members *m, uint64_t hash,
		struct joint **out, uow_error *err)
{
	struct joint *t = mem_alloc(sizeof(*t));
	size_t i;
	int rc;

	if (!t)
		return error_nomem(err);
	rc = make_statement(c, m, &t->st, err);
	for (i = 0; !rc && i < m->count; i++) {
		t->shapes[i] = shape_copy(m->shapes[i]);
		t->count++;
		if (!t->shapes[i])
			rc = error_nomem(err);
	}
	if (rc) {
		joint_free(c, t);
		return rc;
	}
	make_room(c);
	t->hash = hash;
	t->next = c->joints;
	c->joints = t;
	*out = t;
	return 0;
}

static int statement_of(struct odbc_conn *c, const struct members *m,
			struct stmt **out, uow_error *err)
{
	uint64_t hash = hash_of(m);
	struct joint *t = kept(c, m, hash);
	int rc = 0;

	if (t) {
		c->base.statement_hits++;
		/* Half of a block may be done before it is lost. */
		t->st->cached_hit =
			c->source->profile->together == TOGETHER_WITH;
	} else {
		rc = txn_start(c, err);
		if (!rc)
			rc = make(c, m, hash, &t, err);
		if (rc)
			return rc;
	}
	t->used = ++c->cache.tick;
	*out = t->st;
	return 0;
}

/* -- may they? -- */

static bool small(const struct members *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->count; i++)
		n += outer_bytes(m->shapes[i], &m->rows[i]);
	return n <= MOST_BYTES;
}

static bool gather(struct write_batch *batches, size_t count,
		   struct arena *texts, struct members *out)
{
	size_t b, i;

	out->count = 0;
	out->texts = texts;
	for (b = 0; b < count; b++) {
		if (batches[b].count > MOST_ROWS - out->count)
			return false;
		for (i = 0; i < batches[b].count; i++) {
			out->rows[out->count] = batches[b].rows[i];
			out->shapes[out->count] = batches[b].shape;
			out->batches[out->count] = b;
			out->places[out->count++] = i;
		}
	}
	return out->count > 1 && small(out);
}

/* What is read by parts cannot be: the counts come behind it. */
static bool returns_parts(const struct shape *s)
{
	const struct mapping *m = s->mapping;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (columns_has(&s->returned, (unsigned)i) &&
		    slot_by_parts(&m->fields[i]))
			return true;
	return false;
}

/*
 * Is there such a statement, and has none of these tables refused it? *proved:
 * has it worked on all of them?
 */
static bool possible(const struct odbc_conn *c, const struct members *m,
		     bool *proved)
{
	unsigned yes, no;
	size_t i;

	*proved = true;
	for (i = 0; i < m->count; i++) {
		if (!render_together_fits(c->source->profile, m->shapes[i]) ||
		    returns_parts(m->shapes[i]))
			return false;
		way_recall(c->source, m->shapes[i], &yes, &no);
		if (no & 1u << STRATEGY_TOGETHER)
			return false;
		if (!(yes & 1u << STRATEGY_TOGETHER))
			*proved = false;
	}
	return true;
}

/*
 * Behind a savepoint of its own it is three messages. What has not been tried
 * yet is tried once, all the same.
 */
static bool together_pays(const struct odbc_conn *c, size_t batches,
			  bool proved)
{
	return c->anew || !proved || batches > 3;
}

/* -- sending -- */

static int read_counts(struct odbc_conn *c, struct stmt *st,
		       const struct members *m, int64_t *hits, uow_error *err)
{
	size_t i;
	int rc = stmt_fetch(c, st, err);

	if (rc == 0)
		rc = error_set(err, UOW_ESQL, "the database has not counted "
			       "what it wrote");
	for (i = 0; rc > 0 && i < m->count; i++)
		rc = read_integer(c, st, st->column_count + i + 1, &hits[i],
				  err) ? err->code : 1;
	return rc < 0 ? rc : 0;
}

/* Of rows that were hit: else these may be NULL. */
static int read_returned(struct odbc_conn *c, struct stmt *st,
			 const struct members *m, const int64_t *hits,
			 uow_error *err)
{
	const struct shape *s;
	struct slot *slot = st->columns;
	size_t i, k;
	int rc = 0;

	for (i = 0; !rc && i < m->count; i++) {
		s = m->shapes[i];
		for (k = 0; !rc && k < s->mapping->count; k++) {
			if (!columns_has(&s->returned, (unsigned)k))
				continue;
			if (hits[i] == 1)
				rc = slot_get(c, st->handle, slot,
					      m->rows[i].now, m->texts, err);
			slot++;
		}
	}
	return rc;
}

/* A block says once more that it has ended. */
static int no_more(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	SQLRETURN rc;

	do {
		if (!cancel_enter(c, st->handle, err))
			return UOW_ECANCELED;
		rc = SQLMoreResults(st->handle);
		if (cancel_leave(c, sql_ok(rc) || rc == SQL_NO_DATA, err))
			return err->code;
	} while (sql_ok(rc));
	return rc == SQL_NO_DATA ? 0 : diag_stmt(c, st->handle, err);
}

static int execute(struct odbc_conn *c, struct stmt *st,
		   const struct members *m, int64_t *hits, uow_error *err)
{
	int rc;

	rc = stmt_put_rows(c, st, m->rows, m->count, err);
	if (!rc)
		rc = stmt_execute(c, st, NULL, err);
	if (!rc)
		rc = read_counts(c, st, m, hits, err);
	if (!rc)
		rc = read_returned(c, st, m, hits, err);
	if (!rc)
		rc = no_more(c, st, err);
	stmt_rest(c, st);
	return rc;
}

/* A row that was missed: *failed. */
static int check_hits(struct odbc_conn *c, const struct members *m,
		      const int64_t *hits, size_t *failed, uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < m->count; i++) {
		rc = check_hit(c, m->shapes[i], &m->rows[i], (SQLLEN)hits[i],
			       err);
		if (rc)
			*failed = i;
	}
	return rc;
}

static int send(struct odbc_conn *c, const struct members *m, bool proved,
		size_t *failed, uow_error *err)
{
	int64_t hits[MOST_ROWS];
	struct stmt *st;
	size_t i;
	int rc = proved ? 0 : together_ask(c, m->shapes, m->count, err);

	for (i = 0; !rc && i < m->count; i++)
		rc = prove_parameters(c, m->shapes[i], err);
	if (!rc)
		rc = statement_of(c, m, &st, err);
	if (!rc)
		rc = execute(c, st, m, hits, err);
	return rc ? rc : check_hits(c, m, hits, failed, err);
}

/* -- failures -- */

static int one_by_one(struct odbc_conn *c, const struct members *m,
		      size_t *failed, uow_error *err)
{
	struct rows one;
	int64_t ignored;
	size_t i;
	int rc = 0;

	memset(&one, 0, sizeof(one));
	one.texts = m->texts;
	one.count = 1;
	for (i = 0; !rc && i < m->count; i++) {
		struct write_row row = m->rows[i];

		one.shape = m->shapes[i];
		one.list = &row;
		rc = rows_write(c, &one, &ignored, err);
		if (rc)
			*failed = i;
	}
	return rc;
}

static void note(struct odbc_conn *c, const struct members *m, bool refused)
{
	struct way w;
	size_t i;

	for (i = 0; i < m->count; i++) {
		memset(&w, 0, sizeof(w));
		w.strategy = STRATEGY_TOGETHER;
		if (refused)
			way_refused(c->source, m->shapes[i], &w);
		else
			way_proved(c->source, m->shapes[i], &w);
	}
}

/* The unit has failed. Which row is refused in these words, from its begin? */
static void find_refused(struct odbc_conn *c, const struct members *m,
			 size_t *failed, const uow_error *err)
{
	uow_error found = UOW_ERROR_INIT;
	size_t row = SIZE_MAX;

	if (!c->anew ||
	    !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK)))
		return;
	c->started = false;
	if (one_by_one(c, m, &row, &found) && failures_alike(&found, err))
		*failed = row;
	c->failed = true;
}

static int write_members(struct odbc_conn *c, const struct members *m,
			 bool proved, size_t *failed, uow_error *err)
{
	bool guarded = !proved || !c->anew;
	uow_error second = UOW_ERROR_INIT;
	int rc = write_in_time(c, err);

	if (!rc && guarded)
		rc = batch_savepoint(c, SAVEPOINT_SET, err);
	if (rc)
		return rc;
	rc = send(c, m, proved, failed, err);
	if (!rc && guarded)
		rc = batch_savepoint(c, SAVEPOINT_RELEASE, err);
	if (!rc && !proved)
		note(c, m, false);
	if (!rc || *failed != SIZE_MAX || !failure_of_rows(err) ||
	    c->base.broken)
		return rc;
	if (!guarded) {
		find_refused(c, m, failed, err);
		if (*failed == SIZE_MAX)	/* not for the next unit */
			note(c, m, true);
		return rc;
	}
	if (c->ended)
		return rc;
	if (batch_savepoint(c, SAVEPOINT_BACK, &second)) {
		/* That there is no such statement is no failure of the unit. */
		if (rc == UOW_ENOTSUP)
			*err = second;
		return err->code;
	}
	*err = (uow_error)UOW_ERROR_INIT;
	rc = one_by_one(c, m, failed, err);
	if (!rc)
		note(c, m, true);
	return rc;
}

int together_write(struct odbc_conn *c, struct write_batch *batches,
		   size_t count, struct arena *texts, bool *done,
		   size_t *batch, uow_error *err)
{
	const struct profile *p = c->source->profile;
	size_t failed = SIZE_MAX;
	struct members m;
	bool proved;
	int rc;

	*done = false;
	if (count < 2 || p->together == TOGETHER_NONE || !p->savepoints ||
	    c->options.simple || !verify_by_counts(c) ||
	    !gather(batches, count, texts, &m) ||
	    !possible(c, &m, &proved) || !together_pays(c, count, proved))
		return 0;
	rc = write_members(c, &m, proved, &failed, err);
	c->anew = false;
	*done = !rc;
	if (rc) {
		*batch = failed == SIZE_MAX ? SIZE_MAX : m.batches[failed];
		err->row = failed == SIZE_MAX ? -1 : (int64_t)m.places[failed];
	}
	return rc;
}
