/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uow/uow.h>

#include "base/csv.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/field.h"

/* -- structs -- */

struct loading {
	const uow_entity *entity;
	const void *rows;
	size_t count;
};

static int insert(uow_unit *u, void *arg)
{
	const struct loading *l = arg;

	return uow_insert_all(uow_repository_of(u, l->entity), l->rows,
			      l->count);
}

/*
 * Through a data source of its own on the same data: what the program's hooks
 * and a test's faults do is about the program's units.
 */
int uow_memory_load(uow_db *db, const uow_entity *e, const void *rows,
		    size_t count, uow_error *err)
{
	struct loading l = { e, rows, count };
	uow_memory_options mo = UOW_MEMORY_OPTIONS_INIT;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_options unit = UOW_OPTIONS_INIT;
	struct memory *m = memory_backend(db, err);
	uow_db *own;
	int rc;

	if (!m)
		return UOW_EINVAL;
	if (!e)
		return error_set(err, UOW_EINVAL, "no entity was given");
	o.clock = &m->clock;
	mo.db = &o;
	mo.same_as = db;
	mo.lock_timeout_ms = m->lock_timeout_ms;
	rc = uow_memory_open(&own, &mo, err);
	if (rc)
		return rc;
	unit.name = "fixture";
	unit.attempts = 1;
	rc = uow_run(own, &unit, insert, &l, err);
	uow_db_free(own);
	return rc;
}

/* -- a text -- */

struct sheet {
	const char *name;
	struct mapping *m;
	struct csv csv;
	struct arena texts;
	unsigned columns[UOW_ENTITY_COLUMNS];	/* of the text's, in order */
	size_t column_count;
	struct columns named;
	char *rows;
	size_t count, room;
	unsigned *lines;
	size_t line_room;
	uow_error *err;
};

/* Put the place in front of the message. */
static int at_line(const struct sheet *s, unsigned line)
{
	char message[UOW_ERROR_TEXT];
	uow_error *err = s->err, was = *err;

	memcpy(message, err->message, sizeof(message));
	/* error_set() cuts at a character's end; the rest stays as it was. */
	error_set(err, was.code, "%s:%u: %s", s->name, line, message);
	memcpy(was.message, err->message, sizeof(was.message));
	*err = was;
	err->row = line;
	return err->code;
}

static int wrong_field(const struct sheet *s, unsigned line,
		       const struct field *f, const char *what)
{
	field_error(s->m, f, s->err, UOW_EDATA, "%s", what);
	return at_line(s, line);
}

static int wrong_line(const struct sheet *s, unsigned line, const char *what)
{
	error_set(s->err, UOW_EDATA, "%s", what);
	error_entity(s->err, s->m->name);
	return at_line(s, line);
}

static int no_memory(const struct sheet *s)
{
	return error_nomem(s->err);
}

/* -- the first line -- */

static int name_column(struct sheet *s, const struct csv_field *name)
{
	int column = mapping_find(s->m, name->text);
	char what[160];

	if (column >= 0 && !columns_has(&s->named, (unsigned)column)) {
		columns_add(&s->named, (unsigned)column);
		s->columns[s->column_count++] = (unsigned)column;
		return 0;
	}
	snprintf(what, sizeof(what), "column '%.100s' %s", name->text,
		 column < 0 ? "is none of the entity's" : "comes twice");
	return wrong_line(s, 1, what);
}

static bool may_lack(const struct mapping *m, const struct field *f)
{
	return f->flags & (UOW_GENERATED | UOW_READ_ONLY) ||
	       (int)f->index == m->version;
}

static int check_named(const struct sheet *s)
{
	size_t i;

	for (i = 0; i < s->m->count; i++) {
		const struct field *f = &s->m->fields[i];

		if (!columns_has(&s->named, (unsigned)i) &&
		    !may_lack(s->m, f) && !field_nullable(f))
			return wrong_field(s, 1, f, "is missing here");
	}
	return 0;
}

static int read_header(struct sheet *s)
{
	struct csv_field name;
	int rc, more = 1;

	if (!csv_more(&s->csv))
		return wrong_line(s, 1, "a line with names of columns is "
				  "missing");
	while (more) {
		more = csv_next(&s->csv, &name, &s->texts);
		if (more == UOW_ENOMEM)
			return no_memory(s);
		if (more < 0)
			return wrong_line(s, s->csv.line, s->csv.problem);
		rc = name_column(s, &name);
		if (rc)
			return rc;
	}
	return check_named(s);
}

/* -- values -- */

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

static bool hex(struct sheet *s, const struct csv_field *t, uow_value *out)
{
	unsigned char *to = arena_alloc(&s->texts, t->length / 2 + 1);
	size_t i;
	int high, low;

	*out = uow_blob(to, t->length / 2);
	for (i = 0; to && i + 1 < t->length; i += 2) {
		high = digit(t->text[i]);
		low = digit(t->text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i / 2] = (unsigned char)(high * 16 + low);
	}
	/* Without memory there is no value, which field_set() then refuses. */
	return t->length % 2 == 0;
}

static bool boolean(const char *text, uow_value *out)
{
	bool yes = text_same(text, "true") || !strcmp(text, "1");

	*out = uow_bool(yes);
	return yes || text_same(text, "false") || !strcmp(text, "0");
}

static bool integer(const struct csv_field *t, uow_value *out)
{
	int64_t i = 0;
	bool fine = text_to_int64(t->text, t->length, &i);

	*out = uow_int(i);
	return fine;
}

static bool real(const struct csv_field *t, uow_value *out)
{
	double d = 0;
	bool fine = text_to_double(t->text, t->length, &d);

	*out = uow_real(d);
	return fine;
}

/* What is text goes to field_set() as such. */
static bool parse(struct sheet *s, const struct field *f,
		  const struct csv_field *t, uow_value *out)
{
	switch (f->type) {
	case UOW_TYPE_BOOL:
		return boolean(t->text, out);
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		return integer(t, out);
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		return real(t, out);
	case UOW_TYPE_BYTES:
		return hex(s, t, out);
	default:
		*out = uow_text(t->text);
		return true;
	}
}

static int set_null(struct sheet *s, unsigned line, const struct field *f,
		    char *row)
{
	if (field_nullable(f))
		field_set_null(f, row);
	else if (!may_lack(s->m, f))
		return wrong_field(s, line, f, "must not be NULL (an empty "
				   "text is \"\")");
	return 0;
}

static int set_field(struct sheet *s, unsigned line, const struct field *f,
		     const struct csv_field *t, char *row)
{
	char what[160];
	uow_value v;

	if (!t->length && !t->quoted)
		return set_null(s, line, f, row);
	if (memchr(t->text, '\0', t->length))
		return wrong_field(s, line, f, "has a zero byte");
	if (!parse(s, f, t, &v)) {
		snprintf(what, sizeof(what), "cannot be '%.60s', its type is "
			 "%s", t->text, type_name(f->type));
		return wrong_field(s, line, f, what);
	}
	if (v.type == UOW_TYPE_BYTES && !v.as.bytes.data)
		return no_memory(s);
	if (field_set(s->m, f, row, &v, NULL, s->err))
		return at_line(s, line);
	return 0;
}

/* -- records -- */

static char *add_row(struct sheet *s, unsigned line)
{
	size_t size = s->m->size, i;
	char *row;

	if (mem_grow(&s->rows, &s->room, s->count + 1, size) ||
	    mem_grow(&s->lines, &s->line_room, s->count + 1,
		     sizeof(*s->lines)))
		return NULL;
	row = s->rows + s->count * size;
	memset(row, 0, size);
	s->lines[s->count++] = line;
	for (i = 0; i < s->m->count; i++)
		if (!columns_has(&s->named, (unsigned)i) &&
		    field_nullable(&s->m->fields[i]))
			field_set_null(&s->m->fields[i], row);
	return row;
}

static int read_record(struct sheet *s)
{
	unsigned line = s->csv.line;
	char *row = add_row(s, line), what[80];
	struct csv_field field;
	const struct field *f;
	size_t i = 0;
	int rc, more = 1;

	if (!row)
		return no_memory(s);
	while (more && i < s->column_count) {
		f = &s->m->fields[s->columns[i++]];
		line = s->csv.line;
		more = csv_next(&s->csv, &field, &s->texts);
		if (more == UOW_ENOMEM)
			return no_memory(s);
		if (more < 0)
			return wrong_field(s, line, f, s->csv.problem);
		rc = set_field(s, line, f, &field, row);
		if (rc)
			return rc;
	}
	if (!more && i == s->column_count)
		return 0;
	snprintf(what, sizeof(what), "%s fields than the %zu columns of the "
		 "first line", more ? "more" : "fewer", s->column_count);
	return wrong_line(s, line, what);
}

static int insert_sheet(struct sheet *s, uow_db *db)
{
	int rc = uow_memory_load(db, s->m->entity, s->rows, s->count, s->err);

	if (rc && s->err->row >= 0 && (uint64_t)s->err->row < s->count)
		at_line(s, s->lines[s->err->row]);
	return rc;
}

static int read_sheet(struct sheet *s, uow_db *db, const char *text,
		      size_t length)
{
	int rc;

	csv_init(&s->csv, text, length);
	rc = read_header(s);
	while (!rc && csv_more(&s->csv))
		rc = read_record(s);
	return rc ? rc : insert_sheet(s, db);
}

static int load(uow_db *db, const uow_entity *e, const char *name,
		const char *text, size_t length, uow_error *err)
{
	struct sheet *s;
	int rc;

	s = mem_alloc(sizeof(*s));
	if (!s)
		return error_nomem(err);
	arena_init(&s->texts);
	s->name = name;
	s->err = err;
	rc = mapping_new(&s->m, e, err);
	if (!rc) {
		rc = read_sheet(s, db, text, length);
		mapping_free(s->m);
	}
	arena_release(&s->texts);
	mem_free(s->rows);
	mem_free(s->lines);
	mem_free(s);
	return rc;
}

int uow_memory_load_text(uow_db *db, const uow_entity *e, const char *csv,
			 uow_error *err)
{
	uow_error own = UOW_ERROR_INIT;

	if (!err)
		err = &own;
	if (!memory_backend(db, err))
		return UOW_EINVAL;
	if (!e || !csv)
		return error_set(err, UOW_EINVAL, "no %s was given",
				 e ? "text" : "entity");
	return load(db, e, "csv", csv, strlen(csv), err);
}

/* -- a file -- */

static int read_stream(FILE *stream, char **text, size_t *length)
{
	size_t room = 0, n;

	do {
		if (mem_grow(text, &room, *length + 4096, 1))
			return UOW_ENOMEM;
		n = fread(*text + *length, 1, room - *length, stream);
		*length += n;
	} while (n);
	return ferror(stream) ? UOW_EIO : 0;
}

static int file_failed(const char *path, int rc, int why, uow_error *err)
{
	char reason[128];

	if (rc == UOW_ENOMEM)
		return error_nomem(err);
	if (strerror_r(why, reason, sizeof(reason)))
		snprintf(reason, sizeof(reason), "error %d", why);
	return error_set(err, UOW_EIO, "%s: %s", path, reason);
}

int uow_memory_load_csv(uow_db *db, const uow_entity *e, const char *path,
			uow_error *err)
{
	uow_error own = UOW_ERROR_INIT;
	char *text = NULL;
	size_t length = 0;
	FILE *stream;
	int rc;

	if (!err)
		err = &own;
	if (!memory_backend(db, err))
		return UOW_EINVAL;
	if (!e || !path)
		return error_set(err, UOW_EINVAL, "no %s was given",
				 e ? "path" : "entity");
	stream = fopen(path, "r");
	if (!stream)
		return file_failed(path, UOW_EIO, errno, err);
	rc = read_stream(stream, &text, &length);
	if (rc)
		rc = file_failed(path, rc, errno, err);
	fclose(stream);
	if (!rc)
		rc = load(db, e, path, text, length, err);
	mem_free(text);
	return rc;
}
