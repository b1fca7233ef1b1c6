/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FLUSH_BACKEND_H
#define TESTS_FLUSH_BACKEND_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uow/repository.h>
#include "base/errors.h"
#include "fake.h"
#include "model/row.h"
#include "unit/flush.h"

/*
 * The fake backend, overheard: each write is noted as "INSERT doc(title) 5"
 * with the columns of the statement, the row's key and its versions; batches
 * are separated by "; ", calls by " / ".
 */
struct doc {
	int64_t id;			/* generated */
	int16_t version;
	const char *title;
	int32_t pages;
	int64_t seen;			/* read only */
	int64_t next;			/* another doc */
	bool next_is_null;
	int scratch;			/* not mapped */
};

struct line {
	int64_t id;			/* generated */
	int64_t doc;
	int64_t owner;
};

enum { DOC_ID, DOC_VERSION, DOC_TITLE, DOC_PAGES, DOC_SEEN, DOC_NEXT };

extern const uow_entity doc_entity;
static const uow_column doc_columns[] = {
	UOW_INT64(struct doc, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT16(struct doc, version, "version", UOW_ROW_VERSION),
	UOW_TEXT(struct doc, title, "title", 20, 0),
	UOW_INT32(struct doc, pages, "pages", 0),
	UOW_INT64(struct doc, seen, "seen", UOW_READ_ONLY),
	UOW_NULLABLE_REFERENCE(struct doc, next, "next", &doc_entity, 0),
};
const uow_entity doc_entity = UOW_ENTITY(struct doc, "doc", doc_columns);

static const uow_column line_columns[] = {
	UOW_INT64(struct line, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct line, doc, "doc", &doc_entity, 0),
	UOW_INT64(struct line, owner, "owner", 0),
};
static const uow_entity line_entity =
	UOW_ENTITY(struct line, "line", line_columns);

static struct fixture *fx;
static uow_unit *u;
static uow_repository *docs, *lines;

static char heard[2048];
static bool gives_no_key;
static const char *sqlstate;
static struct backend_ops spy_ops;
static int (*real_write)(struct backend_conn *c, struct write_batch *batches,
			 size_t count, struct arena *texts, size_t *batch,
			 uow_error *err);

UOW_PRINTF(1, 2) static inline void hear(const char *fmt, ...)
{
	size_t at = strlen(heard);
	va_list args;

	va_start(args, fmt);
	vsnprintf(heard + at, sizeof(heard) - at, fmt, args);
	va_end(args);
}

static inline void hear_columns(const struct shape *s)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < s->mapping->count; i++) {
		if (!columns_has(&s->set, (unsigned)i))
			continue;
		hear("%s%s", between, s->mapping->fields[i].name);
		between = ",";
	}
}

static inline void hear_row(const struct shape *s, const struct write_row *w)
{
	const struct mapping *m = s->mapping;
	char key[32];

	row_key_text(m, w->was ? w->was : w->now, key, sizeof(key));
	hear(" %s", key);
	if (m->entity != &doc_entity)
		return;
	if (s->versioned)
		hear(" v%d", ((const struct doc *)w->was)->version);
	if (columns_has(&s->set, DOC_VERSION))
		hear(">%d", ((const struct doc *)w->now)->version);
}

static inline int spy_write(struct backend_conn *c,
			    struct write_batch *batches, size_t count,
			    struct arena *texts, size_t *batch,
			    uow_error *err)
{
	size_t b, i;
	int rc;

	hear("%s", heard[0] ? " / " : "");
	for (b = 0; b < count; b++) {
		const struct shape *s = batches[b].shape;

		hear("%s%s %s(", b ? "; " : "", shape_verb(s->op),
		     s->mapping->table);
		hear_columns(s);
		hear(")");
		for (i = 0; i < batches[b].count; i++)
			hear_row(s, &batches[b].rows[i]);
	}
	if (gives_no_key)
		return 0;
	rc = real_write(c, batches, count, texts, batch, err);
	if (rc && sqlstate)
		error_diag(err, sqlstate, 0);
	return rc;
}

/* What was written since the last time. */
static inline const char *written(void)
{
	static char copy[sizeof(heard)];

	strcpy(copy, heard);
	heard[0] = '\0';
	return copy;
}

static inline int begin_with(const uow_options *o)
{
	if (uow_begin(&u, fx->db, o, NULL))
		return -1;
	spy_ops = *u->conn->ops;
	if (spy_ops.write != spy_write)
		real_write = spy_ops.write;
	spy_ops.write = spy_write;
	u->conn->ops = &spy_ops;
	docs = uow_repository_of(u, &doc_entity);
	lines = uow_repository_of(u, &line_entity);
	return docs && lines ? 0 : -1;
}

static inline int begin(void **state)
{
	if (fixture_setup(state))
		return -1;
	fx = *state;
	heard[0] = '\0';
	gives_no_key = false;
	sqlstate = NULL;
	return begin_with(NULL);
}

static inline int end(void **state)
{
	uow_unit_free(u);
	return fixture_teardown(state);
}

/* A new one, key to be generated. */
static inline struct doc *add_doc(const char *title)
{
	struct doc d;

	memset(&d, 0, sizeof(d));
	d.title = title;
	d.next_is_null = true;
	return uow_add(docs, &d);
}

/* One that is in the database, with version 1. */
static inline struct doc *stored_doc(const char *title)
{
	struct doc *d = add_doc(title);

	if (uow_flush(u))
		abort();
	written();
	return d;
}

static inline struct line *add_line(int64_t doc)
{
	struct line l = { 0, doc, 0 };

	return uow_add(lines, &l);
}

static inline const char *failure(void)
{
	return uow_unit_error(u)->message;
}

#endif
