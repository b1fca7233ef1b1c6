/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/pages.h"

#include <string.h>

#include "base/mem.h"
#include "model/row.h"
#include "unit/query.h"

/* Rows of a page; with texts outside of the struct, which may be long. */
enum { PAGE_ROWS = 1000, PAGE_ROWS_TEXT = 100 };

/* -- which queries -- */

/*
 * Numbers and texts come back as they are kept. Others are written again from
 * what was read of them, which may be another spelling (a UUID, a timestamp).
 */
static bool comes_back(const struct field *f)
{
	return f->type == UOW_TYPE_INT16 || f->type == UOW_TYPE_INT32 ||
	       f->type == UOW_TYPE_INT64 || type_is_text(f->type);
}

/*
 * Behind a row there is no NULL in ascending order. In descending order NULLs
 * could be, in a column that should have none, and would not be noticed.
 */
static bool order_fits(const struct mapping *m, const struct shape_order *o)
{
	const struct field *f = &m->fields[o->column];

	return comes_back(f) && !field_nullable(f) &&
	       (!o->descending || columns_has(&m->key_set, o->column));
}

bool pages_fit(const uow_repository *r, const struct shape *s)
{
	struct backend_conn *c = r->unit->conn;
	const struct mapping *m = r->mapping;
	size_t i;

	if (!c->ops->pages || s->offset || s->lock != UOW_LOCK_NONE ||
	    s->order_count > UOW_KEY_COLUMNS)
		return false;
	for (i = 0; i < s->order_count; i++)
		if (!order_fits(m, &s->order[i]))
			return false;
	for (i = 0; i < m->key_count; i++)
		if (!comes_back(&m->fields[m->keys[i]]))
			return false;
	return c->ops->pages(c);
}

/* -- a page -- */

static bool ordered_by(const struct pages *p, unsigned column)
{
	size_t i;

	for (i = 0; i < p->order_count; i++)
		if (p->order[i].column == column)
			return true;
	return false;
}

/* What the query says, and then the key: no two rows are equal. */
static void set_order(struct pages *p)
{
	const struct mapping *m = p->r->mapping;
	const struct shape *s = &p->shape;
	size_t i;

	for (i = 0; i < s->order_count; i++)
		if (!ordered_by(p, s->order[i].column))
			p->order[p->order_count++] = s->order[i];
	for (i = 0; i < m->key_count; i++) {
		if (ordered_by(p, m->keys[i]))
			continue;
		p->order[p->order_count].column = m->keys[i];
		p->order[p->order_count++].descending = false;
	}
}

static const uow_spec *compare(struct pages *p, enum spec_op op, size_t i,
			       const void *row)
{
	const struct field *f = &p->r->mapping->fields[p->order[i].column];
	uow_spec *s = arena_alloc(&p->page, sizeof(*s));
	uow_value *v = arena_alloc(&p->page, sizeof(*v));

	if (!s || !v)
		return NULL;
	field_get(f, row, v);
	s->op = op;
	s->column = f->name;
	s->values = v;
	s->count = 1;
	return s;
}

static const uow_spec *join(struct pages *p, enum spec_op op,
			    const uow_spec *a, const uow_spec *b)
{
	uow_spec *s = arena_alloc(&p->page, sizeof(*s));

	if (!s || !a || !b)
		return NULL;
	s->op = op;
	s->a = a;
	s->b = b;
	return s;
}

/*
 * This row and those behind it: a >= x AND (a > x OR b >= y). The first test
 * is the one by which an index is entered.
 */
static const uow_spec *from_row(struct pages *p, size_t i, const void *row)
{
	bool down = p->order[i].descending;
	const uow_spec *reach = compare(p, down ? SPEC_LE : SPEC_GE, i, row);

	if (i + 1 == p->order_count)
		return reach;
	return join(p, SPEC_AND, reach,
		    join(p, SPEC_OR,
			 compare(p, down ? SPEC_LT : SPEC_GT, i, row),
			 from_row(p, i + 1, row)));
}

/* The last row is about to be overwritten: the page has a copy. */
static int page_where(struct pages *p, const uow_spec **out)
{
	const struct mapping *m = p->r->mapping;
	const uow_spec *rest = NULL;
	void *copy;

	*out = p->where;
	if (p->first)
		return 0;
	arena_clear(&p->page);
	copy = arena_alloc(&p->page, m->size);
	if (copy && !row_copy(m, copy, p->last, &p->page)) {
		p->last = copy;
		rest = from_row(p, 0, copy);
	}
	*out = p->where->op == SPEC_ALL ? rest :
	       join(p, SPEC_AND, p->where, rest);
	return *out && rest ? 0 : unit_fail_nomem(p->r->unit);
}

static int page_open(struct pages *p)
{
	uint64_t size = columns_empty(&p->r->mapping->texts) ?
			PAGE_ROWS : PAGE_ROWS_TEXT;
	uow_query q = UOW_QUERY_INIT;
	struct read_args args;
	struct shape s;
	int rc;

	rc = page_where(p, &q.where);
	if (!rc)
		rc = query_compile(p->r, &q, &p->page, &s, &args);
	if (rc)
		return rc;
	p->wanted = (p->left < size ? p->left : size) + !p->first;
	p->got = 0;
	s.order = p->order;
	s.order_count = p->order_count;
	s.limit = p->wanted;
	return load_open(p->r, &s, &args, &p->cur);
}

static void page_close(struct pages *p)
{
	/* After fork() it is the parent's. */
	if (p->cur && !db_inherited(p->r->unit->db))
		p->r->unit->conn->ops->close(p->cur);
	p->cur = NULL;
}

static int not_found_again(struct pages *p)
{
	return load_refuse(p->r, UOW_EDATA, p->last, "the table cannot be "
			   "read in parts: this row is not where its own "
			   "values say, so they are kept in another form than "
			   "they are read in");
}

/* 1: a row of the page, 0: it has no more. */
static int page_next(struct pages *p, void *row, struct arena *texts)
{
	const bool again = !p->first && !p->got;
	uow_error err = UOW_ERROR_INIT;
	int rc = p->r->unit->conn->ops->next(p->cur, row, texts, &err);

	if (rc < 0)
		return load_unreadable(p->r, row, &err);
	p->got += rc == 1;
	if (!again)
		return rc;
	/* The first row of a page is that which was the last. */
	if (!rc || !row_key_equal(p->r->mapping, row, p->last))
		return not_found_again(p);
	return page_next(p, row, texts);
}

/* A page that has rows to give, unless all are over. */
static int turn(struct pages *p)
{
	if (p->over || (p->cur && p->got < p->wanted))
		return 0;
	if (p->cur) {
		page_close(p);
		p->first = false;
	}
	p->over = !p->left;
	return p->over ? 0 : page_open(p);
}

/* The next row from the database: 1, 0: there is none. */
static int fetch(struct pages *p, void *row, struct arena *texts)
{
	int rc;

	if (p->over)
		return 0;
	rc = page_next(p, row, texts);
	if (rc <= 0) {
		page_close(p);
		p->over = true;
		return rc;
	}
	p->last = row;
	if (p->left != UINT64_MAX)
		p->left--;
	return 1;
}

/* -- all of them -- */

void pages_begin(struct pages *p, uow_repository *r, const uow_spec *where,
		 const struct shape *s)
{
	memset(p, 0, sizeof(*p));
	p->r = r;
	p->where = where;
	p->shape = *s;
	p->left = s->limit ? s->limit : UINT64_MAX;
	p->first = true;
	p->queue_end = &p->queue;
	arena_init(&p->page);
	arena_init(&p->texts);
	arena_init(&p->kept);
	set_order(p);
	p->outer = r->unit->pages;
	r->unit->pages = p;
}

void pages_end(struct pages *p)
{
	page_close(p);
	p->r->unit->pages = p->outer;
	arena_release(&p->page);
	arena_release(&p->texts);
	arena_release(&p->kept);
	mem_free(p->row);
}

int pages_next(struct pages *p, const void **out)
{
	int rc;

	*out = NULL;
	if (p->queue) {
		*out = p->queue->row;
		p->queue = p->queue->next;
		return 0;
	}
	if (!p->row)
		p->row = mem_alloc(p->r->mapping->size);
	if (!p->row)
		return unit_fail_nomem(p->r->unit);
	/* What the last row points at is needed to turn the page. */
	rc = turn(p);
	arena_clear(&p->texts);
	if (!rc)
		rc = fetch(p, p->row, &p->texts);
	if (rc > 0)
		*out = p->row;
	return rc < 0 ? rc : 0;
}

static int keep(struct pages *p)
{
	struct pages_row *kept;
	int rc = 0;

	while (!p->over) {
		kept = arena_alloc(&p->kept, sizeof(*kept));
		if (kept)
			kept->row = arena_alloc(&p->kept,
						p->r->mapping->size);
		if (!kept || !kept->row)
			return unit_fail_nomem(p->r->unit);
		rc = turn(p);
		if (!rc)
			rc = fetch(p, kept->row, &p->kept);
		if (rc <= 0)
			break;
		*p->queue_end = kept;
		p->queue_end = &kept->next;
	}
	return rc < 0 ? rc : 0;
}

int pages_keep(uow_unit *u)
{
	struct pages *p;
	int rc = 0;

	for (p = u->pages; !rc && p; p = p->outer)
		rc = keep(p);
	return rc;
}
