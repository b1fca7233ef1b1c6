/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/prove.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "model/field.h"

static bool proved(struct odbc *s)
{
	bool yes;

	pthread_mutex_lock(&s->mutex);
	yes = s->parameters_proved;
	pthread_mutex_unlock(&s->mutex);
	return yes;
}

static int agree(struct odbc *s)
{
	pthread_mutex_lock(&s->mutex);
	s->parameters_proved = true;
	pthread_mutex_unlock(&s->mutex);
	return 0;
}

static int ignored(struct odbc_conn *c, uow_error *err)
{
	c->failed = true;
	return error_set(err, UOW_ENOTSUP, "the driver does not use the "
			 "arguments of statements: what it finds or writes "
			 "would be something else");
}

static void shape_of(struct shape *s, const struct mapping *m,
		     enum shape_op op)
{
	memset(s, 0, sizeof(*s));
	s->mapping = m;
	s->op = op;
}

/* Rows whose first key column compares so with v. */
static int count_rows(struct odbc_conn *c, const struct mapping *m,
		      enum spec_op op, const uow_value *v, uint64_t *out,
		      uow_error *err)
{
	const uint32_t code = CODE_WORD(op, m->keys[0]);
	struct read_args args;
	struct shape s;

	shape_of(&s, m, SHAPE_COUNT);
	s.code = &code;
	s.code_len = 1;
	memset(&args, 0, sizeof(args));
	args.values = v;
	args.columns = &m->keys[0];
	args.value_count = 1;
	return read_count(&c->base, &s, &args, out, err);
}

/*
 * Of the first row in the order of its key there must be one that is equal,
 * and none that is less. No constant that a driver may put in the place of an
 * argument, nor all rows, nor none, answers both.
 */
static int compare_first(struct odbc_conn *c, const struct mapping *m,
			 const void *row, uow_error *err)
{
	uint64_t equal = 0, less = 0;
	uow_value v;
	int rc;

	field_get(&m->fields[m->keys[0]], row, &v);
	rc = count_rows(c, m, SPEC_EQ, &v, &equal, err);
	if (!rc)
		rc = count_rows(c, m, SPEC_LT, &v, &less, err);
	if (rc)
		return rc;
	return equal && !less ? agree(c->source) : ignored(c, err);
}

/* 1: row has the first row's key, 0: the table is empty. */
static int first_row(struct odbc_conn *c, const struct mapping *m, void *row,
		     struct arena *texts, uow_error *err)
{
	const struct shape_order order = { m->keys[0], false };
	struct backend_cursor *cur;
	struct read_args args;
	struct shape s;
	int rc;

	shape_of(&s, m, SHAPE_SELECT);
	s.order = &order;
	s.order_count = 1;
	memset(&args, 0, sizeof(args));
	rc = read_open(&c->base, &s, &args, &cur, err);
	if (rc)
		return rc;
	rc = read_next(cur, row, texts, err);
	read_close(cur);
	return rc;
}

static int rows_having(struct odbc_conn *c, const char *sql, int64_t argument,
		       int *rows, uow_error *err)
{
	const uow_value v = uow_int(argument);
	struct stmt *st;
	int rc;

	rc = stmt_by_hand(c, sql, &v, 1, &st, err);
	if (rc)
		return rc;
	rc = stmt_execute(c, st, NULL, err);
	if (!rc)
		rc = stmt_fetch(c, st, err);
	stmt_done(c, st);
	if (rc < 0)
		return rc;
	*rows = rc;
	return 0;
}

/* Nothing to compare with: HAVING over no rows still has one group. */
static int compare_count(struct odbc_conn *c, const struct mapping *m,
			 uow_error *err)
{
	int with = 0, without = 0, rc;
	struct strbuf sb;

	strbuf_init(&sb, SQL_TEXT_MAX);
	strbuf_puts(&sb, "SELECT count(*) FROM ");
	render_table(c->source->profile, &sb, m);
	strbuf_puts(&sb, " HAVING count(*) = ?");
	if (sb.failed) {
		strbuf_release(&sb);
		return error_nomem(err);
	}
	rc = rows_having(c, sb.data, 0, &with, err);
	if (!rc)
		rc = rows_having(c, sb.data, 1, &without, err);
	strbuf_release(&sb);
	if (rc)
		return rc;
	return with && !without ? agree(c->source) : ignored(c, err);
}

static int experiment(struct odbc_conn *c, const struct mapping *m,
		      bool writes, uow_error *err)
{
	void *row = mem_alloc(m->size);
	struct arena texts;
	int rc;

	if (!row)
		return error_nomem(err);
	arena_init(&texts);
	rc = first_row(c, m, row, &texts, err);
	if (rc > 0)
		rc = compare_first(c, m, row, err);
	else if (!rc && writes)
		rc = compare_count(c, m, err);
	arena_release(&texts);
	mem_free(row);
	return rc;
}

/* What failed was not the program's statement, and the message says so. */
static int explain(int rc, uow_error *err)
{
	uow_error was = *err;

	if (rc != UOW_ESQL && rc != UOW_EDATA && rc != UOW_ECONFIG)
		return rc;
	error_set(err, UOW_ENOTSUP, "whether the driver uses the arguments of "
		  "statements could not be tried out: %s", was.message);
	error_diag(err, was.sqlstate, was.native);
	return UOW_ENOTSUP;
}

/* A criterion such as "all" or "is null" has no arguments. */
static bool has_arguments(const struct shape *s)
{
	size_t i;

	for (i = 0; i < s->code_len; i++) {
		switch (CODE_OP(s->code[i])) {
		case SPEC_ALL:
		case SPEC_NONE:
		case SPEC_IS_NULL:
		case SPEC_AND:
		case SPEC_OR:
		case SPEC_NOT:
			continue;
		default:
			return true;
		}
	}
	return s->key_count > 0;
}

int prove_parameters(struct odbc_conn *c, const struct shape *s,
		     uow_error *err)
{
	bool reads = s->op == SHAPE_SELECT || s->op == SHAPE_COUNT;
	int rc;

	if (!c->source->profile->prove_parameters || c->proving ||
	    (reads && !has_arguments(s)) || proved(c->source))
		return 0;
	c->proving = true;
	rc = experiment(c, s->mapping, !reads, err);
	c->proving = false;
	return rc ? explain(rc, err) : 0;
}

int prove_by_hand(struct odbc_conn *c, uow_error *err)
{
	if (!c->source->profile->prove_parameters || c->proving ||
	    proved(c->source))
		return 0;
	return error_set(err, UOW_ENOTSUP, "profile %s does not know whether "
			 "the driver uses the arguments of statements, and "
			 "nothing was read from a mapped table yet that would "
			 "have shown it", c->source->profile->name);
}
