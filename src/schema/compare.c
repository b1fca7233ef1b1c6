/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "schema/tables.h"

/*
 * A mapping against what the catalog says. Doubt is decided for the table: a
 * difference is told where reading or writing through the mapping would fail
 * or lose something, not where names of types merely differ.
 */
UOW_PRINTF(4, 5)
static int tell(struct diff_sink *sink, const struct mapping *m,
		const char *column, const char *fmt, ...)
{
	char message[2 * UOW_ERROR_TEXT];
	va_list args;
	int rc;

	sink->count++;
	if (!sink->fn)
		return 0;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	rc = sink->fn(m->entity, column, message, sink->arg);
	return rc < 0 ? rc : 0;
}

static const struct catalog_column *
find_column(const struct catalog_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (!strcmp(t->columns[i].name, name))
			return &t->columns[i];
	return NULL;
}

/* -- kinds -- */

static const char *kind_name(uow_type type)
{
	static const char *const names[] = {
		"nothing", "a truth value", "a 16-bit integer",
		"a 32-bit integer", "a 64-bit integer", "a 32-bit float",
		"a double", "a decimal", "text", "text", "bytes", "a date",
		"a time", "a timestamp", "a UUID"
	};

	return (unsigned)type < sizeof(names) / sizeof(names[0]) ?
	       names[type] : "something unknown";
}

static bool is_text(uow_type type)
{
	return type == UOW_TYPE_CHARS || type == UOW_TYPE_TEXT;
}

/* Bits that a family of integers holds; 0: it is none. */
static unsigned integer_bits(uow_type type)
{
	switch (type) {
	case UOW_TYPE_BOOL:
		return 1;
	case UOW_TYPE_INT16:
		return 16;
	case UOW_TYPE_INT32:
		return 32;
	case UOW_TYPE_INT64:
		return 64;
	default:
		return 0;
	}
}

/* Profiles may keep what a database has no type for as text or integers. */
static bool kind_fits(uow_type want, uow_type have)
{
	if (want == have || have == UOW_TYPE_NULL)
		return true;
	switch (want) {
	case UOW_TYPE_BOOL:
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		return integer_bits(have) >= integer_bits(want) ||
		       have == UOW_TYPE_DECIMAL;
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		return have == UOW_TYPE_FLOAT || have == UOW_TYPE_DOUBLE;
	case UOW_TYPE_DECIMAL:
		return have == UOW_TYPE_INT64 || is_text(have);
	case UOW_TYPE_CHARS:
	case UOW_TYPE_TEXT:
		return is_text(have);
	case UOW_TYPE_DATE:
	case UOW_TYPE_TIME:
		return have == UOW_TYPE_TIMESTAMP || is_text(have);
	case UOW_TYPE_TIMESTAMP:
		return is_text(have);
	case UOW_TYPE_UUID:
		return have == UOW_TYPE_BYTES || is_text(have);
	default:
		return false;
	}
}

/* -- columns -- */

/* Members without a limit fit any column: the program keeps to it. */
static bool too_short(const struct field *f, const struct catalog_column *c)
{
	return (is_text(f->type) || f->type == UOW_TYPE_BYTES) &&
	       c->length && c->length < f->length;
}

/*
 * Some databases call key columns nullable that never are: no word about
 * those.
 */
static bool may_be_null(const struct field *f, const struct catalog_column *c)
{
	return c->nullable && !field_nullable(f) && !(f->flags & UOW_KEY);
}

static int compare_column(const struct mapping *m, const struct field *f,
			  const struct catalog_column *c,
			  struct diff_sink *sink)
{
	int rc = 0;

	if (!c)
		return tell(sink, m, f->name,
			    "column '%s' is missing in table '%s'", f->name,
			    m->table);
	if (!kind_fits(f->type, c->family) &&
	    !(field_is_digits(f) && c->family == UOW_TYPE_DECIMAL))
		rc = tell(sink, m, f->name,
			  "column '%s' of table '%s' is %s (%s), its member "
			  "is %s", f->name, m->table, kind_name(c->family),
			  c->type ? c->type : "?", kind_name(f->type));
	else if (too_short(f, c))
		rc = tell(sink, m, f->name,
			  "column '%s' of table '%s' holds %zu %s, its member "
			  "%u", f->name, m->table, c->length,
			  is_text(f->type) ? "characters" : "bytes",
			  f->length);
	if (!rc && may_be_null(f, c))
		rc = tell(sink, m, f->name,
			  "column '%s' of table '%s' may be NULL, its member "
			  "may not", f->name, m->table);
	return rc;
}

/* -- keys -- */

/*
 * The same columns; their order makes no difference to what is read or
 * written, and there are drivers that give the order in the table for it.
 */
static bool same_key(const struct mapping *m, const struct catalog_table *t)
{
	size_t i, found = 0;
	int field;

	for (i = 0; i < t->count; i++) {
		if (t->columns[i].key_position <= 0)
			continue;
		field = mapping_find(m, t->columns[i].name);
		if (field < 0 || !columns_has(&m->key_set, (unsigned)field))
			return false;
		found++;
	}
	return found == m->key_count;
}

static void list_mapped_key(struct strbuf *sb, const struct mapping *m)
{
	size_t i;

	for (i = 0; i < m->key_count; i++)
		strbuf_printf(sb, "%s%s", i ? ", " : "",
			      m->fields[m->keys[i]].name);
}

static void list_live_key(struct strbuf *sb, const struct catalog_table *t)
{
	size_t i, at;

	for (at = 1; at <= t->count; at++)
		for (i = 0; i < t->count; i++)
			if (t->columns[i].key_position == (int)at)
				strbuf_printf(sb, "%s%s", sb->len ? ", " : "",
					      t->columns[i].name);
}

enum { KEY_TEXT_MAX = 300 };

static int compare_key(const struct mapping *m, const struct catalog_table *t,
		       struct diff_sink *sink)
{
	struct strbuf live, mapped;
	int rc;

	if (same_key(m, t))
		return 0;
	strbuf_init(&live, KEY_TEXT_MAX);
	strbuf_init(&mapped, KEY_TEXT_MAX);
	list_live_key(&live, t);
	list_mapped_key(&mapped, m);
	if (!live.len)
		rc = tell(sink, m, NULL, "table '%s' has no primary key, the "
			  "mapping has (%s)", m->table,
			  mapped.failed ? "..." : mapped.data);
	else
		rc = tell(sink, m, NULL, "primary key of table '%s' is (%s), "
			  "of the mapping (%s)", m->table,
			  live.failed ? "..." : live.data,
			  mapped.failed ? "..." : mapped.data);
	strbuf_release(&live);
	strbuf_release(&mapped);
	return rc;
}

/* -- what an insert would leave out -- */

static int compare_unmapped(const struct mapping *m,
			    const struct catalog_table *t,
			    struct diff_sink *sink)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < t->count; i++) {
		const struct catalog_column *c = &t->columns[i];

		if (c->nullable || c->has_default ||
		    mapping_find(m, c->name) >= 0)
			continue;
		rc = tell(sink, m, c->name,
			  "column '%s' of table '%s' is not mapped, must not "
			  "be NULL and has no default: inserts will fail",
			  c->name, m->table);
	}
	return rc;
}

int compare_table(const struct mapping *m, const struct catalog_table *t,
		  struct diff_sink *sink)
{
	size_t i;
	int rc = 0;

	if (!t->count)
		return tell(sink, m, NULL, "table '%s' is missing", m->table);
	for (i = 0; !rc && i < m->count; i++)
		rc = compare_column(m, &m->fields[i],
				    find_column(t, m->fields[i].name), sink);
	if (!rc)
		rc = compare_key(m, t, sink);
	return rc ? rc : compare_unmapped(m, t, sink);
}
