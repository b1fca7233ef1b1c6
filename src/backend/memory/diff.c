/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/state.h"

#include "base/errors.h"
#include "base/strbuf.h"
#include "model/row.h"

enum { VALUE_TEXT = 160, LINE_MAX_BYTES = 256 * 1024 };

struct diff {
	struct strbuf line;
	uow_memory_line_fn fn;
	void *arg;
	size_t count;
	uow_error *err;
};

static int emit(struct diff *d)
{
	int rc = 0;

	if (d->line.failed)
		return error_nomem(d->err);
	d->count++;
	if (d->fn)
		rc = d->fn(d->line.data, d->arg);
	strbuf_clear(&d->line);
	if (rc < 0)
		error_set(d->err, rc, "the function for lines returned %d",
			  rc);
	return rc < 0 ? rc : 0;
}

static void put_key(struct diff *d, const struct mapping *m, const void *row)
{
	char text[VALUE_TEXT];

	row_key_text(m, row, text, sizeof(text));
	strbuf_printf(&d->line, "%s%s%s %s: ", m->schema ? m->schema : "",
		      m->schema ? "." : "", m->table, text);
}

static void put_value(struct diff *d, const struct field *f, const void *row)
{
	char text[VALUE_TEXT];

	row_field_text(f, row, text, sizeof(text));
	strbuf_puts(&d->line, text);
}

static int added(struct diff *d, const struct mapping *m, const void *row)
{
	size_t i;

	put_key(d, m, row);
	strbuf_puts(&d->line, "added");
	for (i = 0; i < m->count; i++) {
		if (columns_has(&m->key_set, (unsigned)i))
			continue;
		strbuf_printf(&d->line, ", %s ", m->fields[i].name);
		put_value(d, &m->fields[i], row);
	}
	return emit(d);
}

static int removed(struct diff *d, const struct mapping *m, const void *row)
{
	put_key(d, m, row);
	strbuf_puts(&d->line, "removed");
	return emit(d);
}

static int changed(struct diff *d, const struct mapping *m, const void *was,
		   const void *now)
{
	const char *between = "";
	struct columns set;
	size_t i;

	row_diff(m, now, was, &m->all, &set);
	if (columns_empty(&set))
		return 0;
	put_key(d, m, now);
	for (i = 0; i < m->count; i++) {
		const struct field *f = &m->fields[i];

		if (!columns_has(&set, (unsigned)i))
			continue;
		strbuf_printf(&d->line, "%s%s ", between, f->name);
		put_value(d, f, was);
		strbuf_puts(&d->line, " -> ");
		put_value(d, f, now);
		between = ", ";
	}
	return emit(d);
}

static const void *row_at(const struct table_state *t, size_t i)
{
	return t && i < t->count ? t->rows + i * t->m->size : NULL;
}

/* Both in order of their keys; either may be NULL: it was not there. */
static int diff_table(struct diff *d, const struct table_state *a,
		      const struct table_state *b)
{
	const struct mapping *m = a ? a->m : b->m;
	const void *was, *now;
	size_t i = 0, k = 0;
	int rc = 0, order;

	if (a && b && !tables_alike(a->m, b->m))
		return error_set(d->err, UOW_ESTATE, "table '%s' has other "
				 "columns than it had", m->table);
	while (!rc) {
		was = row_at(a, i);
		now = row_at(b, k);
		if (!was && !now)
			break;
		order = !was ? 1 : !now ? -1 : row_order(m, was, now);
		i += order <= 0;
		k += order >= 0;
		if (order < 0)
			rc = removed(d, m, was);
		else if (order > 0)
			rc = added(d, m, now);
		else
			rc = changed(d, m, was, now);
	}
	return rc;
}

static int diff_tables(struct diff *d, const uow_memory_state *a,
		       const uow_memory_state *b)
{
	size_t i = 0, k = 0;
	int rc = 0, order;

	while (!rc && (i < a->count || k < b->count)) {
		order = i == a->count ? 1 : k == b->count ? -1 :
			table_order(a->tables[i].m, b->tables[k].m);
		rc = diff_table(d, order <= 0 ? &a->tables[i] : NULL,
				order >= 0 ? &b->tables[k] : NULL);
		i += order <= 0;
		k += order >= 0;
	}
	return rc;
}

int state_diff(const uow_memory_state *before, const uow_memory_state *after,
	       uow_memory_line_fn fn, void *arg, size_t *differences,
	       uow_error *err)
{
	struct diff d;
	int rc;

	strbuf_init(&d.line, LINE_MAX_BYTES);
	d.fn = fn;
	d.arg = arg;
	d.count = 0;
	d.err = err;
	rc = diff_tables(&d, before, after);
	strbuf_release(&d.line);
	if (!rc && differences)
		*differences = d.count;
	return rc;
}
