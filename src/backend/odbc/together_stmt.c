/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/together.h"

#include "base/errors.h"
#include "base/mem.h"
#include "base/random.h"

/* Statements for rows of several shapes, found by their shapes. */

enum { MOST_KEPT = 16 };

/* A statement for rows of these shapes, in this order. */
struct joint {
	struct stmt *st;
	struct shape *shapes[TOGETHER_ROWS];
	size_t count;
	uint64_t hash, used;
	struct joint *next;
};

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

static uint64_t hash_of(const struct stage *m)
{
	uint64_t hash = m->count;
	size_t i;

	for (i = 0; i < m->count; i++)
		hash = random_mix(hash ^ shape_hash(m->shapes[i]));
	return hash;
}

static bool same_shapes(const struct joint *t, const struct stage *m)
{
	size_t i;

	if (t->count != m->count)
		return false;
	for (i = 0; i < m->count; i++)
		if (!shape_equal(t->shapes[i], m->shapes[i]))
			return false;
	return true;
}

static struct joint *kept(struct odbc_conn *c, const struct stage *m,
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

static void init_params(struct stmt *st, const struct stage *m,
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
		      const struct stage *m,
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

static int make_statement(struct odbc_conn *c, const struct stage *m,
			  struct stmt **out, uow_error *err)
{
	const struct type_form *const *forms[TOGETHER_ROWS];
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

static int make(struct odbc_conn *c, const struct stage *m, uint64_t hash,
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

int together_statement(struct odbc_conn *c, const struct stage *m,
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
