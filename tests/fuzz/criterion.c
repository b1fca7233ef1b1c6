/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <string.h>

#include "dialect/render.h"
#include "model/criterion.h"

/*
 * Names and values of the input's choice in a tree of its choice. Whatever
 * comes of it is one statement: names of the mapping in quotes, markers, and
 * words of SQL that the library has written, and nothing else. It is cut into
 * tokens here by rules of our own.
 */
struct row {
	int64_t id, number;
	double real;
	const char *text;
};

enum { FIELDS = 4, NAME = 12, DEPTH = 12, VALUES = 5 };

struct input {
	struct bytes bytes;
	struct arena arena;
	char names[FIELDS + 1][NAME];	/* of columns, and of the table */
};

static const char *any_name(struct input *in)
{
	return in->names[take_byte(&in->bytes) % FIELDS];
}

static uow_value any_value(struct input *in)
{
	char *text = arena_alloc(&in->arena, NAME);

	switch (take_byte(&in->bytes) % 4) {
	case 0:
		return uow_int((int8_t)take_byte(&in->bytes));
	case 1:
		return uow_null();
	case 2:
		return uow_real(take_byte(&in->bytes) / 4.0);
	}
	if (!text)
		return uow_null();
	take_text(&in->bytes, text, NAME);
	return uow_text(text);
}

static const uow_spec *any_tree(struct input *in, unsigned depth)
{
	uow_spec *s = arena_alloc(&in->arena, sizeof(*s));
	uow_value *v = arena_alloc(&in->arena, VALUES * sizeof(*v));
	size_t i;

	if (!s || !v || !depth)
		return &spec_all;
	memset(s, 0, sizeof(*s));
	s->op = (enum spec_op)(SPEC_EQ + take_byte(&in->bytes) %
			       (SPEC_NOT - SPEC_EQ + 1));
	if (s->op >= SPEC_AND) {
		s->a = any_tree(in, depth - 1);
		if (s->op != SPEC_NOT)
			s->b = any_tree(in, depth - 1);
		return s;
	}
	s->column = any_name(in);
	s->values = v;
	s->count = s->op == SPEC_IN ? take_byte(&in->bytes) % VALUES : 1;
	for (i = 0; i < s->count; i++)
		v[i] = any_value(in);
	return s;
}

/* -- tokens -- */

/* "name" with quotes doubled: which one is it? Returns what is behind it. */
static const char *skip_name(const char *p, const struct input *in)
{
	char name[3 * NAME];
	size_t n = 0, i;
	bool known = false;

	for (p++; *p; p++) {
		if (*p == '"' && p[1] != '"')
			break;
		p += *p == '"';
		MUST(n + 1 < sizeof(name));
		name[n++] = *p;
	}
	MUST(*p == '"');
	name[n] = '\0';
	for (i = 0; i <= FIELDS; i++)
		known = known || !strcmp(name, in->names[i]);
	MUST(known);
	return p + 1;
}

static const char *skip_word(const char *p)
{
	static const char *const words[] = {
		"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "IS",
		"NULL", "LIKE", "ESCAPE", "ORDER", "BY", "DESC", "LIMIT",
		"OFFSET", "FOR", "UPDATE", "DELETE", "COUNT", "count", "ASC"
	};
	size_t n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "abcdefghijklmnopqrstuvwxyz_"), i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && !strncmp(words[i], p, n))
			return p + n;
	MUST(0 && "a word that nobody has written");
	return p;
}

static void check_sql(const char *sql, const struct input *in, size_t params)
{
	size_t markers = 0;
	int open = 0;
	const char *p;

	for (p = sql; *p; ) {
		if (*p == '"') {
			p = skip_name(p, in);
		} else if (*p == '?') {
			markers++;
			p++;
		} else if (!strncmp(p, "'!'", 3)) {
			p += 3;		/* of LIKE .. ESCAPE */
		} else if (strchr(" ,=<>*.0123456789", *p)) {
			p++;
		} else if (*p == '(' || *p == ')') {
			open += *p++ == '(' ? 1 : -1;
			MUST(open >= 0);
		} else {
			p = skip_word(p);
		}
	}
	MUST(!open);
	MUST(markers == params);
}

/* -- the statement -- */

static void statement(struct input *in, const struct mapping *m,
		      const struct criterion *c)
{
	static const struct type_form plain;
	const struct type_form *forms[FIELDS] = { &plain, &plain, &plain,
						  &plain };
	struct shape_order order[2];
	struct profile p;
	struct sql_text out;
	struct shape s;
	uow_error err = UOW_ERROR_INIT;

	memset(&p, 0, sizeof(p));
	memset(&s, 0, sizeof(s));
	p.name = (char *)(uintptr_t)"any";
	p.quote_open = p.quote_close = '"';
	p.limit = (char *)(uintptr_t)"LIMIT {limit}";
	p.offset = (char *)(uintptr_t)"OFFSET {offset}";
	p.offset_only = (char *)(uintptr_t)"LIMIT 1 OFFSET {offset}";
	p.lock_update = (char *)(uintptr_t)"FOR UPDATE";
	p.starts_with = (char *)(uintptr_t)
		"{column} >= {value} AND {column} LIKE {pattern} ESCAPE '!'";
	s.mapping = m;
	s.op = take_byte(&in->bytes) % 3 == 0 ? SHAPE_COUNT :
	       take_byte(&in->bytes) % 3 == 0 ? SHAPE_DELETE_WHERE :
						SHAPE_SELECT;
	s.set = m->all;
	s.code = c->code;
	s.code_len = c->code_len;
	if (s.op == SHAPE_SELECT) {
		order[0].column = take_byte(&in->bytes) % FIELDS;
		order[1].column = take_byte(&in->bytes) % FIELDS;
		order[0].descending = order[1].descending = true;
		s.order = order;
		s.order_count = take_byte(&in->bytes) % 3;
		s.limit = take_byte(&in->bytes);
		s.offset = take_byte(&in->bytes);
		s.lock = take_byte(&in->bytes) % 2 ? UOW_LOCK_UPDATE :
						     UOW_LOCK_NONE;
	}
	if (render(&p, &s, forms, &out, &err))
		return;
	check_sql(out.sql, in, out.param_count);
	sql_text_release(&out);
}

static void name_all(struct input *in, uow_column *columns)
{
	static const uow_column as[FIELDS] = {
		UOW_INT64(struct row, id, "", UOW_KEY),
		UOW_INT64(struct row, number, "", 0),
		UOW_DOUBLE(struct row, real, "", 0),
		UOW_TEXT(struct row, text, "", 0, 0)
	};
	size_t i;

	for (i = 0; i <= FIELDS; i++)
		take_text(&in->bytes, in->names[i], NAME);
	memcpy(columns, as, sizeof(as));
	for (i = 0; i < FIELDS; i++)
		columns[i].name = in->names[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uow_column columns[FIELDS];
	uow_entity e = UOW_ENTITY(struct row, NULL, columns);
	struct row row = { 1, 2, 0.5, "text" };
	struct criterion c;
	struct mapping *m = NULL;
	const uow_spec *tree;
	struct input in;
	uow_error err = UOW_ERROR_INIT;

	in.bytes.at = data;
	in.bytes.end = data + size;
	arena_init(&in.arena);
	name_all(&in, columns);
	e.table = in.names[FIELDS];
	if (!mapping_new(&m, &e, &err)) {
		tree = any_tree(&in, DEPTH);
		spec_evaluate(tree, m, &row);
		if (!criterion_compile(m, tree, &in.arena, &c, &err))
			statement(&in, m, &c);
		else
			MUST(err.message[0]);
	}
	mapping_free(m);
	arena_release(&in.arena);
	return 0;
}
