/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/mapping.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/digits.h"
#include "model/links.h"

/* The members of uow_column without which there is no column. */
#define COLUMN_MIN (offsetof(uow_column, size) + sizeof(size_t))

enum {
	KNOWN_FLAGS = UOW_KEY | UOW_GENERATED | UOW_ROW_VERSION | UOW_UNIQUE |
		      UOW_READ_ONLY | UOW_REQUIRED
};

const char *type_name(uow_type type)
{
	static const char *const names[] = {
		"NULL", "BOOL", "INT16", "INT32", "INT64", "FLOAT", "DOUBLE",
		"DECIMAL", "CHARS", "TEXT", "BYTES", "DATE", "TIME",
		"TIMESTAMP", "UUID"
	};

	return (unsigned)type <= UOW_TYPE_UUID ? names[type] : "unknown";
}

bool type_is_text(uow_type type)
{
	return type == UOW_TYPE_CHARS || type == UOW_TYPE_TEXT;
}

bool columns_empty(const struct columns *c)
{
	static const struct columns none;

	return columns_equal(c, &none);
}

bool columns_equal(const struct columns *a, const struct columns *b)
{
	return memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

bool entity_readable(const uow_entity *entity)
{
	return entity && entity->abi == UOW_ENTITY_ABI &&
	       entity->column_size >= COLUMN_MIN && entity->columns &&
	       entity->column_count > 0 &&
	       entity->column_count <= UOW_ENTITY_COLUMNS;
}

void entity_column(const uow_entity *entity, size_t i, uow_column *out)
{
	size_t stride = entity->column_size;

	memset(out, 0, sizeof(*out));
	out->null_offset = UOW_NOT_NULL;
	memcpy(out, (const char *)entity->columns + i * stride,
	       stride < sizeof(*out) ? stride : sizeof(*out));
}

int mapping_find(const struct mapping *m, const char *column)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->fields[i].name, column) == 0)
			return (int)i;
	return -1;
}

bool field_nullable(const struct field *f)
{
	if (f->flags & (UOW_KEY | UOW_ROW_VERSION | UOW_REQUIRED))
		return false;
	return f->type == UOW_TYPE_TEXT || f->type == UOW_TYPE_BYTES ||
	       f->null_offset != UOW_NOT_NULL;
}

/* TEXT and BYTES are NULL by their pointer, all else by a flag beside it. */
static bool has_null_flag(const struct field *f)
{
	return f->null_offset != UOW_NOT_NULL && f->type != UOW_TYPE_TEXT &&
	       f->type != UOW_TYPE_BYTES;
}

static bool is_integer(uow_type type)
{
	return type == UOW_TYPE_INT16 || type == UOW_TYPE_INT32 ||
	       type == UOW_TYPE_INT64;
}

UOW_PRINTF(4, 5)
static int wrong(const struct mapping *m, const struct field *f,
		 uow_error *err, const char *fmt, ...)
{
	va_list args;
	char text[UOW_ERROR_TEXT];
	uow_error detail;

	va_start(args, fmt);
	error_vset(&detail, UOW_ECONFIG, fmt, args);
	va_end(args);
	memcpy(text, detail.message, sizeof(text));
	if (f)
		error_set(err, UOW_ECONFIG, "entity %s: column '%s' %s",
			  m->name, f->name, text);
	else
		error_set(err, UOW_ECONFIG, "entity %s: %s", m->name, text);
	error_entity(err, m->name);
	return UOW_ECONFIG;
}

/* 0 for CHARS, whose size is its own, and for what is no column type. */
static size_t type_size(uow_type type)
{
	static const size_t sizes[] = {
		0, sizeof(bool), sizeof(int16_t), sizeof(int32_t),
		sizeof(int64_t), sizeof(float), sizeof(double),
		sizeof(int64_t), 0, sizeof(const char *), sizeof(uow_bytes),
		sizeof(uow_date), sizeof(uow_time), sizeof(uow_timestamp),
		sizeof(uow_uuid)
	};

	return (unsigned)type <= UOW_TYPE_UUID ? sizes[type] : 0;
}

static int check_type(const struct mapping *m, const struct field *f,
		      uow_error *err)
{
	size_t size = type_size(f->type);
	unsigned most;

	if (f->type == UOW_TYPE_CHARS) {
		if (f->size < 2)
			return wrong(m, f, err, "is an array without room");
		if (f->length > f->size - 1)
			return wrong(m, f, err, "has length %u in an array "
				     "of %zu bytes", f->length, f->size);
		return 0;
	}
	if (!size)
		return wrong(m, f, err, "has no type of a column (%d)",
			     (int)f->type);
	if (f->size != size)
		return wrong(m, f, err, "has type %s of %zu bytes, "
			     "its member has %zu", type_name(f->type), size,
			     f->size);
	if (f->type != UOW_TYPE_DECIMAL && !field_is_digits(f))
		return 0;
	most = field_is_digits(f) ? DIGITS_MAX : 18;
	if (f->precision < 1 || f->precision > most)
		return wrong(m, f, err, "has precision %u, only 1 to %u are "
			     "possible", f->precision, most);
	if (f->scale > f->precision)
		return wrong(m, f, err, "has scale %u beyond its precision %u",
			     f->scale, f->precision);
	return 0;
}

static int check_place(const struct mapping *m, const struct field *f,
		       uow_error *err)
{
	if (f->size > m->size || f->offset > m->size - f->size)
		return wrong(m, f, err, "lies outside the struct");
	if (has_null_flag(f) && (f->null_offset > m->size - sizeof(bool)))
		return wrong(m, f, err, "has its null flag outside the struct");
	if (has_null_flag(f) && f->null_offset + sizeof(bool) > f->offset &&
	    f->null_offset < f->offset + f->size)
		return wrong(m, f, err, "has its null flag inside itself");
	return 0;
}

static bool overlap(size_t a, size_t a_size, size_t b, size_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Two columns in one member would overwrite each other without a word. */
static bool share(const struct field *a, const struct field *b)
{
	if (overlap(a->offset, a->size, b->offset, b->size))
		return true;
	if (has_null_flag(a) && overlap(a->null_offset, sizeof(bool),
					b->offset, b->size))
		return true;
	if (!has_null_flag(b))
		return false;
	return overlap(a->offset, a->size, b->null_offset, sizeof(bool)) ||
	       (has_null_flag(a) && a->null_offset == b->null_offset);
}

static int check_shared(const struct mapping *m, const struct field *f,
			uow_error *err)
{
	unsigned i;

	for (i = 0; i < f->index; i++)
		if (share(&m->fields[i], f))
			return wrong(m, f, err, "is in the same member as "
				     "column '%s'", m->fields[i].name);
	return 0;
}

static int check_key(const struct mapping *m, const struct field *f,
		     uow_error *err)
{
	if (!(f->flags & UOW_KEY))
		return 0;
	if (has_null_flag(f))
		return wrong(m, f, err, "is part of the key and nullable");
	if (f->flags & UOW_ROW_VERSION)
		return wrong(m, f, err, "is both key and version");
	if ((f->flags & UOW_GENERATED) && !is_integer(f->type) &&
	    !type_is_text(f->type) && f->type != UOW_TYPE_UUID)
		return wrong(m, f, err, "has type %s, which no database "
			     "generates for a key", type_name(f->type));
	return 0;
}

static int check_version(const struct mapping *m, const struct field *f,
			 uow_error *err)
{
	bool server = f->flags & UOW_GENERATED;

	if (!(f->flags & UOW_ROW_VERSION))
		return 0;
	if (has_null_flag(f))
		return wrong(m, f, err, "is the version and nullable");
	if ((f->flags & UOW_READ_ONLY) && !server)
		return wrong(m, f, err, "is the version and read only");
	if (is_integer(f->type))
		return 0;
	if (server && (f->type == UOW_TYPE_TIMESTAMP ||
		       f->type == UOW_TYPE_UUID))
		return 0;
	return wrong(m, f, err, "has type %s, a version is an integer%s",
		     type_name(f->type), server ? ", TIMESTAMP or UUID" : "");
}

/* Two spellings of one number would be two keys, in memory. */
static int check_digits(const struct mapping *m, const struct field *f,
			uow_error *err)
{
	if (!field_is_digits(f) ||
	    !(f->flags & (UOW_KEY | UOW_UNIQUE | UOW_ROW_VERSION)))
		return 0;
	return wrong(m, f, err, "is a decimal held as text, which is no key, "
		     "not unique and no version");
}

static int check_flags(const struct mapping *m, const struct field *f,
		       uow_error *err)
{
	int rc;

	if (f->flags & ~(unsigned)KNOWN_FLAGS)
		return wrong(m, f, err, "has unknown flags 0x%x", f->flags);
	if ((f->flags & UOW_REQUIRED) && has_null_flag(f))
		return wrong(m, f, err, "is both required and nullable");
	rc = check_digits(m, f, err);
	if (!rc)
		rc = check_key(m, f, err);
	return rc ? rc : check_version(m, f, err);
}

/* Names that differ only in case are one column in many a database. */
static int check_name(const struct mapping *m, const struct field *f,
		      uow_error *err)
{
	unsigned i;

	if (!f->name || !*f->name)
		return wrong(m, NULL, err, "column %u has no name",
			     f->index + 1);
	for (i = 0; i < f->index; i++)
		if (text_same(m->fields[i].name, f->name))
			return wrong(m, f, err, "is there twice");
	return 0;
}

static void fill_field(struct field *f, const uow_entity *entity, unsigned i)
{
	uow_column c;

	entity_column(entity, i, &c);
	f->name = c.name;
	f->type = c.type;
	f->flags = c.flags;
	f->offset = c.offset;
	f->size = c.size;
	f->null_offset = c.null_offset;
	f->length = c.length;
	f->precision = c.precision;
	f->scale = c.scale;
	f->references = c.references;
	f->index = i;
}

static int register_key(struct mapping *m, const struct field *f,
			uow_error *err)
{
	if (m->key_count == UOW_KEY_COLUMNS)
		return wrong(m, NULL, err, "the key has more than %d columns",
			     UOW_KEY_COLUMNS);
	m->keys[m->key_count++] = f->index;
	columns_add(&m->key_set, f->index);
	m->text_key |= type_is_text(f->type);
	if (!(f->flags & UOW_GENERATED))
		return 0;
	if (m->generated_key >= 0)
		return wrong(m, f, err, "is a second generated key");
	m->generated_key = (int)f->index;
	return 0;
}

/* Enter a checked field into the mapping's lists and sets. */
static int register_field(struct mapping *m, const struct field *f,
			  uow_error *err)
{
	columns_add(&m->all, f->index);
	if (!(f->flags & (UOW_GENERATED | UOW_READ_ONLY)))
		columns_add(&m->written, f->index);
	if (f->type == UOW_TYPE_TEXT || f->type == UOW_TYPE_BYTES)
		columns_add(&m->texts, f->index);
	if (field_is_digits(f))
		columns_add(&m->digits, f->index);
	if (f->flags & UOW_KEY)
		return register_key(m, f, err);
	if (f->flags & UOW_GENERATED)
		columns_add(&m->generated, f->index);
	if (!(f->flags & UOW_ROW_VERSION))
		return 0;
	if (m->version >= 0)
		return wrong(m, f, err, "is a second version");
	m->version = (int)f->index;
	m->server_version = f->flags & UOW_GENERATED;
	return 0;
}

static int add_field(struct mapping *m, struct field *f, uow_error *err)
{
	int rc = check_name(m, f, err);

	if (!rc)
		rc = check_type(m, f, err);
	if (!rc)
		rc = check_place(m, f, err);
	if (!rc)
		rc = check_flags(m, f, err);
	if (!rc)
		rc = check_shared(m, f, err);
	return rc ? rc : register_field(m, f, err);
}

static const char *plain_name(const char *name)
{
	return strncmp(name, "struct ", 7) == 0 ? name + 7 : name;
}

static int check_entity(const uow_entity *entity, uow_error *err)
{
	const char *name;

	if (!entity)
		return error_set(err, UOW_ECONFIG, "no entity");
	if (entity->abi != UOW_ENTITY_ABI)
		return error_set(err, UOW_ECONFIG, "an entity has version %u "
				 "of its layout, known is %d: fill it in with "
				 "UOW_ENTITY()", entity->abi, UOW_ENTITY_ABI);
	if (!entity->name || !*entity->name)
		return error_set(err, UOW_ECONFIG, "an entity has no name");
	name = plain_name(entity->name);
	if (!entity->table || !*entity->table)
		return error_set(err, UOW_ECONFIG, "entity %s: no table", name);
	if (entity->schema && !*entity->schema)
		return error_set(err, UOW_ECONFIG, "entity %s: schema is empty",
				 name);
	if (entity->column_count > UOW_ENTITY_COLUMNS)
		return error_set(err, UOW_ECONFIG, "entity %s: %zu columns, "
				 "more than %d", name, entity->column_count,
				 UOW_ENTITY_COLUMNS);
	if (!entity_readable(entity) || !entity->size)
		return error_set(err, UOW_ECONFIG, "entity %s: no columns, or "
				 "not filled in with UOW_ENTITY()", name);
	return 0;
}

static struct mapping *allocate(const uow_entity *entity)
{
	struct mapping *m = mem_alloc(sizeof(*m));

	if (!m)
		return NULL;
	m->fields = mem_array(entity->column_count, sizeof(*m->fields));
	if (!m->fields) {
		mem_free(m);
		return NULL;
	}
	m->entity = entity;
	m->name = plain_name(entity->name);
	m->schema = entity->schema;
	m->table = entity->table;
	m->size = entity->size;
	m->version = -1;
	m->generated_key = -1;
	return m;
}

static int fill(struct mapping *m, uow_error *err)
{
	struct field *f;
	int rc;

	while (m->count < m->entity->column_count) {
		f = &m->fields[m->count];
		fill_field(f, m->entity, (unsigned)m->count);
		rc = add_field(m, f, err);
		if (rc)
			return rc;
		m->count++;
	}
	if (!m->key_count)
		return wrong(m, NULL, err, "no column is UOW_KEY");
	f = &m->fields[m->keys[0]];
	if (m->key_count == 1 && f->type == UOW_TYPE_INT64 &&
	    f->null_offset == UOW_NOT_NULL)
		m->integer_key = f;
	return links_check(m, err);
}

int mapping_new(struct mapping **out, const uow_entity *entity,
		uow_error *err)
{
	struct mapping *m;
	int rc;

	rc = check_entity(entity, err);
	if (rc)
		return rc;
	m = allocate(entity);
	if (!m)
		return error_nomem(err);
	rc = fill(m, err);
	if (rc) {
		mapping_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

int mapping_check_names(const struct mapping *m, unsigned max,
			uow_error *err)
{
	const char *what = "schema", *name = m->schema;
	size_t i;

	if (!max || !name || strlen(name) <= max) {
		what = "table";
		name = m->table;
	}
	for (i = 0; max && i < m->count && strlen(name) <= max; i++) {
		what = "column";
		name = m->fields[i].name;
	}
	if (!max || strlen(name) <= max)
		return 0;
	error_set(err, UOW_ECONFIG, "entity %s: the name of %s '%s' has %zu "
		  "bytes, and this database keeps %u", m->name, what, name,
		  strlen(name), max);
	error_entity(err, m->name);
	return UOW_ECONFIG;
}

void mapping_free(struct mapping *m)
{
	if (!m)
		return;
	mem_free(m->fields);
	mem_free(m);
}
