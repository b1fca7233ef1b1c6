/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <string.h>

#include "model/mapping.h"

/* Tables of columns that say anything: refused, or as mapping.h promises. */
enum { COLUMNS = 12, KEYS = 3 };

static size_t take_size(struct bytes *b)
{
	unsigned n = take_byte(b);

	return n == 255 ? SIZE_MAX - take_byte(b) : n;
}

static void take_column(struct bytes *b, uow_column *c, char *name,
			const uow_entity *e)
{
	memset(c, 0, sizeof(*c));
	take_text(b, name, 8);
	c->name = take_byte(b) % 16 ? name : NULL;
	c->type = (uow_type)(take_byte(b) % (UOW_TYPE_UUID + 2));
	c->flags = take_byte(b) & 0x7f;
	c->offset = take_size(b);
	c->size = take_size(b);
	c->null_offset = take_byte(b) % 4 ? UOW_NOT_NULL : take_size(b);
	c->length = take_byte(b);
	c->precision = (unsigned char)take_byte(b);
	c->scale = (unsigned char)take_byte(b);
	c->references = take_byte(b) % 8 ? NULL : e;
}

static void take_list(struct bytes *b, const char **list,
		      const uow_column *columns)
{
	size_t i, n = take_byte(b) % (UOW_KEY_COLUMNS + 1);

	for (i = 0; i < n; i++)
		list[i] = columns[take_byte(b) % COLUMNS].name;
}

static void check(const struct mapping *m)
{
	size_t i, k;

	MUST(m->count >= 1 && m->count <= COLUMNS);
	MUST(m->key_count >= 1 && m->key_count <= UOW_KEY_COLUMNS);
	for (i = 0; i < m->count; i++) {
		const struct field *f = &m->fields[i];

		MUST(f->size <= m->size && f->offset <= m->size - f->size);
		/* These say by themselves whether they are NULL. */
		MUST(f->type == UOW_TYPE_TEXT || f->type == UOW_TYPE_BYTES ||
		     f->null_offset == UOW_NOT_NULL ||
		     f->null_offset < m->size);
		MUST(f->name && *f->name);
		for (k = 0; k < i; k++)
			MUST(strcmp(f->name, m->fields[k].name) != 0);
	}
	for (i = 0; i < m->key_count; i++)
		MUST(m->keys[i] < m->count);
	MUST(m->version < (int)m->count && m->generated_key < (int)m->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, data + size };
	uow_column columns[COLUMNS];
	char names[COLUMNS][8], table[8];
	uow_foreign_key foreign[KEYS];
	uow_unique_key unique[KEYS];
	uow_error err = UOW_ERROR_INIT;
	struct mapping *m = NULL;
	uow_entity e;
	size_t i;
	int rc;

	memset(&e, 0, sizeof(e));
	memset(foreign, 0, sizeof(foreign));
	memset(unique, 0, sizeof(unique));
	take_text(&b, table, sizeof(table));
	e.abi = UOW_ENTITY_ABI;
	e.column_size = (unsigned)sizeof(uow_column);
	e.name = "struct any";
	e.table = table;
	e.size = take_size(&b);
	e.columns = columns;
	e.column_count = take_byte(&b) % (COLUMNS + 1);
	for (i = 0; i < COLUMNS; i++)
		take_column(&b, &columns[i], names[i], &e);
	e.foreign_keys = foreign;
	e.foreign_key_count = take_byte(&b) % (KEYS + 1);
	e.unique_keys = unique;
	e.unique_key_count = take_byte(&b) % (KEYS + 1);
	for (i = 0; i < KEYS; i++) {
		foreign[i].parent = take_byte(&b) % 8 ? &e : NULL;
		take_list(&b, foreign[i].columns, columns);
		take_list(&b, foreign[i].parent_columns, columns);
		take_list(&b, unique[i].columns, columns);
	}
	rc = mapping_new(&m, &e, &err);
	if (rc)
		MUST(rc == UOW_ECONFIG && err.message[0]);
	else
		check(m);
	mapping_free(m);
	return 0;
}
