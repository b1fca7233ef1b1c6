/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include "base/errors.h"
#include "base/strbuf.h"
#include "dialect/render.h"

/* What the catalog has to say before rows of a table go together. */

/*
 * Members of a WITH do not see what the others write, and triggers fire when
 * all are done: with rules or triggers that could be another result.
 */
static int ask(struct odbc_conn *c, const char *sql, const struct mapping *m,
	       const char *column, uow_error *err)
{
	struct strbuf name;
	uint64_t yes = 0;
	struct stmt *st = NULL;
	uow_value v[2];
	int rc;

	strbuf_init(&name, 1024);
	render_table(c->source->profile, &name, m);
	if (name.failed) {
		strbuf_release(&name);
		return error_nomem(err);
	}
	v[0] = uow_text(name.data);
	v[1] = uow_text(column);
	rc = stmt_by_hand(c, sql, v, column ? 2 : 1, &st, err);
	if (!rc)
		rc = stmt_execute(c, st, NULL, err);
	if (!rc)
		rc = read_number(c, st, &yes, err);
	if (st)
		stmt_done(c, st);
	strbuf_release(&name);
	if (!rc && yes != 1)
		rc = error_set(err, UOW_ENOTSUP, "%s is no plain table",
			       m->table);
	return rc;
}

/* Is the key of a new row what LAST_INSERT_ID() tells? */
static int ask_key(struct odbc_conn *c, const struct shape *s, uow_error *err)
{
	const struct profile *p = c->source->profile;
	const struct mapping *m = s->mapping;

	if (p->together != TOGETHER_BLOCK || columns_empty(&s->returned))
		return 0;
	return ask(c, p->made_key, m, m->fields[m->generated_key].name, err);
}

int together_ask(struct odbc_conn *c, const struct shape *const *shapes,
		 size_t count, uow_error *err)
{
	const char *plain = c->source->profile->plain_table;
	const struct shape *s, *before = NULL;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < count; i++, before = s) {
		s = shapes[i];
		if (plain && (!before || s->mapping != before->mapping))
			rc = ask(c, plain, s->mapping, NULL, err);
		if (!rc && s != before)
			rc = ask_key(c, s, err);
	}
	return rc;
}
