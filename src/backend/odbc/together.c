/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/together.h"

#include <string.h>

#include "backend/odbc/prove.h"
#include "base/errors.h"
#include "base/text.h"

/*
 * A stage of few rows that are not alike, in one message. Rows of a stage need
 * nothing of each other, and none of them meets another: the planner has seen
 * to that. Each row is a statement of its own in the text and has its own
 * count, so one that misses is known at once; one that is refused is not. Then,
 * as in batch.c, what was written is taken back and the rows are sent one by
 * one, behind a savepoint or, if they were the unit's first, from its begin.
 */

/* A count has at most 20 characters, and a blank. */
enum { MOST_BYTES = 4000, TEXT_COUNT = 21 };

/* -- may they? -- */

static bool small(const struct stage *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->count; i++)
		n += outer_bytes(m->shapes[i], &m->rows[i]);
	return n <= MOST_BYTES;
}

static bool gather(struct write_batch *batches, size_t count,
		   struct arena *texts, struct stage *out)
{
	size_t b, i;

	out->count = 0;
	out->texts = texts;
	for (b = 0; b < count; b++) {
		if (batches[b].count > TOGETHER_ROWS - out->count)
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
static bool possible(const struct odbc_conn *c, const struct stage *m,
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

static int not_counted(struct odbc_conn *c, uow_error *err)
{
	c->failed = true;
	return error_set(err, UOW_ESQL,
			 "the database has not counted what it wrote");
}

/* "1 0 1" */
static bool parse_counts(const char *text, size_t count, int64_t *hits)
{
	size_t i, n;

	for (i = 0; i < count; i++) {
		n = strcspn(text, " ");
		if (!text_to_int64(text, n, &hits[i]))
			return false;
		text += n;
		text += *text && i + 1 < count;
	}
	return !*text;
}

static int read_counts(struct odbc_conn *c, struct stmt *st,
		       const struct stage *m, int64_t *hits, uow_error *err)
{
	char text[TOGETHER_ROWS * TEXT_COUNT] = "";
	SQLLEN length = 0;
	int rc = stmt_fetch(c, st, err);

	if (rc < 0)
		return rc;
	if (rc && !sql_ok(SQLGetData(st->handle,
				     (SQLUSMALLINT)(st->column_count + 1),
				     SQL_C_CHAR, text, (SQLLEN)sizeof(text),
				     &length)))
		return diag_stmt(c, st->handle, err);
	if (!rc || length <= 0 || length >= (SQLLEN)sizeof(text) ||
	    !parse_counts(text, m->count, hits))
		return not_counted(c, err);
	return 0;
}

/*
 * A statement that gives no row has failed. Because of a member that missed?
 * Then that was its end and nothing else has happened: *done are those before,
 * which have hit one row each, and this one.
 */
static bool read_missed(struct odbc_conn *c, const struct stage *m,
			int64_t *hits, size_t *done, uow_error *err)
{
	const size_t before = strlen(TOGETHER_MISSED);
	const char *count = strrchr(err->message, ' ');
	size_t member;

	if (strncmp(err->sqlstate, TOGETHER_MISSED, before) != 0)
		return false;
	member = (size_t)(err->sqlstate[before] - '0');
	count = count ? count + 1 : err->message;
	if (member < 1 || member > m->count ||
	    !text_to_int64(count, strlen(count), &hits[member - 1]))
		return false;
	*done = member;
	*err = (uow_error)UOW_ERROR_INIT;
	c->failed = false;
	return true;
}

/* Of rows that were hit: else these may be NULL. */
static int read_returned(struct odbc_conn *c, struct stmt *st,
			 const struct stage *m, const int64_t *hits,
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
		   const struct stage *m, int64_t *hits, size_t *done,
		   uow_error *err)
{
	const struct profile *p = c->source->profile;
	bool asks = render_together_asks(p, m->shapes, m->count);
	int rc;

	*done = m->count;
	rc = stmt_put_rows(c, st, m->rows, m->count, err);
	if (!rc)
		rc = stmt_execute(c, st, NULL, err);
	if (!rc && asks)
		rc = read_counts(c, st, m, hits, err);
	if (!rc && asks)
		rc = read_returned(c, st, m, hits, err);
	if (!rc && asks && p->together == TOGETHER_BLOCK)
		rc = no_more(c, st, err);
	if (rc && !asks && read_missed(c, m, hits, done, err))
		rc = 0;
	stmt_rest(c, st);
	return rc;
}

/* A row that was missed: *failed. */
static int check_hits(struct odbc_conn *c, const struct stage *m,
		      const int64_t *hits, size_t done, size_t *failed,
		      uow_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < done; i++) {
		rc = check_hit(c, m->shapes[i], &m->rows[i], (SQLLEN)hits[i],
			       err);
		if (rc)
			*failed = i;
	}
	return rc;
}

/* From here on each by itself. */
static int one_by_one(struct odbc_conn *c, const struct stage *m,
		      size_t from, size_t *failed, uow_error *err)
{
	struct rows one;
	int64_t ignored;
	size_t i;
	int rc = 0;

	memset(&one, 0, sizeof(one));
	one.texts = m->texts;
	one.count = 1;
	for (i = from; !rc && i < m->count; i++) {
		struct write_row row = m->rows[i];

		one.shape = m->shapes[i];
		one.list = &row;
		rc = rows_write(c, &one, &ignored, err);
		if (rc)
			*failed = i;
	}
	return rc;
}

static int send(struct odbc_conn *c, const struct stage *m, bool proved,
		size_t *failed, uow_error *err)
{
	int64_t hits[TOGETHER_ROWS];
	struct stmt *st;
	size_t i, done;
	int rc = proved ? 0 : together_ask(c, m->shapes, m->count, err);

	for (i = 0; i < TOGETHER_ROWS; i++)
		hits[i] = 1;
	for (i = 0; !rc && i < m->count; i++)
		rc = prove_parameters(c, m->shapes[i], err);
	if (!rc)
		rc = together_statement(c, m, &st, err);
	if (!rc)
		rc = execute(c, st, m, hits, &done, err);
	if (!rc)
		rc = check_hits(c, m, hits, done, failed, err);
	/* It was no miss: the row is as it was to be. */
	return rc || done == m->count ? rc :
	       one_by_one(c, m, done, failed, err);
}

/* -- failures -- */

static void note(struct odbc_conn *c, const struct stage *m, bool refused)
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
static void find_refused(struct odbc_conn *c, const struct stage *m,
			 size_t *failed, const uow_error *err)
{
	uow_error found = UOW_ERROR_INIT;
	size_t row = SIZE_MAX;

	if (!c->anew ||
	    !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK)))
		return;
	c->started = false;
	if (one_by_one(c, m, 0, &row, &found) && failures_alike(&found, err))
		*failed = row;
	c->failed = true;
}

static void find_overtaken(struct odbc_conn *c, const struct stage *m,
			   size_t *failed, const uow_error *err)
{
	size_t i;

	if (!undone_to_look(c, err))
		return;
	for (i = 0; *failed == SIZE_MAX && i < m->count; i++)
		if (verify_overtaken(c, m->shapes[i], &m->rows[i]))
			*failed = i;
	c->failed = true;
}

static int write_members(struct odbc_conn *c, const struct stage *m,
			 bool proved, size_t *failed, uow_error *err)
{
	bool guarded = !proved || !c->anew;
	uow_error second;
	int rc = write_in_time(c, err);

	error_none(&second);
	if (!rc && guarded)
		rc = batch_savepoint(c, SAVEPOINT_SET, err);
	if (rc)
		return rc;
	rc = send(c, m, proved, failed, err);
	if (!rc && guarded)
		rc = batch_savepoint(c, SAVEPOINT_RELEASE, err);
	if (!rc && !proved)
		note(c, m, false);
	if (rc && *failed == SIZE_MAX)
		find_overtaken(c, m, failed, err);
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
	rc = one_by_one(c, m, 0, failed, err);
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
	struct stage m;
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
