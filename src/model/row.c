/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/row.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "model/digits.h"
#include "model/text.h"

void row_diff(const struct mapping *m, const void *now, const void *was,
	      const struct columns *set, struct columns *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < m->count; i++)
		if (columns_has(set, (unsigned)i) &&
		    !field_equal(&m->fields[i], now, was))
			columns_add(out, (unsigned)i);
}

/* Size of the copy that a TEXT or BYTES member would need, 0 for NULL. */
static size_t copy_size(const struct field *f, const void *row,
			uow_value *v)
{
	field_get(f, row, v);
	if (v->type == UOW_TYPE_NULL)
		return 0;
	if (v->type == UOW_TYPE_TEXT)
		return v->as.bytes.size + 1;
	/* An array of no bytes is not NULL and needs a place, too. */
	return v->as.bytes.size ? v->as.bytes.size : 1;
}

static void point_to(const struct field *f, void *row, const void *data)
{
	/* A uow_bytes begins with its pointer: one store for both types. */
	memcpy((char *)row + f->offset, &data, sizeof(data));
}

/* Sum of copy_size(); false if it does not fit into a size_t. */
static bool texts_size(const struct mapping *m, const void *row, size_t *out)
{
	size_t i, size, total = 0;
	uow_value v;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(&m->texts, (unsigned)i))
			continue;
		size = copy_size(&m->fields[i], row, &v);
		if (size > SIZE_MAX - total)
			return false;
		total += size;
	}
	*out = total;
	return true;
}

/* All texts of a row go into one block: one allocation that can fail. */
int row_copy(const struct mapping *m, void *dst, const void *src,
	     struct arena *texts)
{
	size_t i, size, total;
	char *block;
	uow_value v;

	if (!texts || columns_empty(&m->texts)) {
		memmove(dst, src, m->size);
		return 0;
	}
	if (!texts_size(m, src, &total))
		return UOW_ENOMEM;
	block = total ? arena_alloc(texts, total) : NULL;
	if (total && !block)
		return UOW_ENOMEM;
	memmove(dst, src, m->size);
	for (i = 0; i < m->count; i++) {
		if (!columns_has(&m->texts, (unsigned)i))
			continue;
		size = copy_size(&m->fields[i], src, &v);
		if (!size)
			continue;
		memcpy(block, v.as.bytes.data, v.as.bytes.size);
		point_to(&m->fields[i], dst, block);
		block += size;
	}
	return 0;
}

int row_spell(const struct mapping *m, void *row, struct arena *texts)
{
	char text[DIGITS_TEXT];
	const char *copy;
	uow_value v;
	size_t i;

	for (i = 0; !columns_empty(&m->digits) && i < m->count; i++) {
		if (!columns_has(&m->digits, (unsigned)i))
			continue;
		field_get(&m->fields[i], row, &v);
		if (v.type == UOW_TYPE_NULL ||
		    !field_digits(&m->fields[i], &v, text))
			continue;
		copy = arena_text(texts, text, strlen(text));
		if (!copy)
			return UOW_ENOMEM;
		point_to(&m->fields[i], row, copy);
	}
	return 0;
}

/* Is it the copy that an earlier call has made? */
static bool same_text(const struct field *f, const void *row,
		      const void *known)
{
	return known && !memcmp((const char *)row + f->offset,
				(const char *)known + f->offset, f->size);
}

int row_own_texts(const struct mapping *m, void *row,
		  const struct columns *set, const void *known,
		  struct arena *own)
{
	const void *copy;
	uow_value v;
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(&m->texts, (unsigned)i) ||
		    !columns_has(set, (unsigned)i))
			continue;
		field_get(&m->fields[i], row, &v);
		if (v.type == UOW_TYPE_NULL ||
		    same_text(&m->fields[i], row, known))
			continue;
		if (v.type == UOW_TYPE_TEXT)
			copy = arena_text(own, v.as.bytes.data,
					  v.as.bytes.size);
		else
			copy = arena_copy(own, v.as.bytes.data,
					  v.as.bytes.size);
		if (!copy)
			return UOW_ENOMEM;
		point_to(&m->fields[i], row, copy);
	}
	return 0;
}

void row_assign(const struct mapping *m, void *dst, const void *src,
		const struct columns *set)
{
	const struct field *f;
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(set, (unsigned)i))
			continue;
		f = &m->fields[i];
		memmove((char *)dst + f->offset, (const char *)src + f->offset,
			f->size);
		if (f->null_offset == UOW_NOT_NULL ||
		    columns_has(&m->texts, (unsigned)i))
			continue;
		memmove((char *)dst + f->null_offset,
			(const char *)src + f->null_offset, sizeof(bool));
	}
}

static int64_t integer_key(const struct mapping *m, const void *row)
{
	int64_t key;

	memcpy(&key, (const char *)row + m->integer_key->offset, sizeof(key));
	return key;
}

/*
 * Rows come in the order of their keys more often than not, and a line of the
 * processor's cache has room for several slots of a table: eight keys that
 * follow each other are neighbours. In which order they are so is another
 * thing for each eight, so that keys with a step between them spread as well.
 */
static uint32_t hash_integer(uint64_t key)
{
	uint64_t h = random_mix(key >> 3);

	return ((uint32_t)h & ~(uint32_t)7) | ((uint32_t)(key ^ h >> 32) & 7);
}

/* Folded: entries keep it, and half of it spreads rows as well. */
uint32_t row_key_hash(const struct mapping *m, const void *row)
{
	uint64_t h = 0;
	size_t i;

	if (m->integer_key)
		return hash_integer((uint64_t)integer_key(m, row));
	for (i = 0; i < m->key_count; i++)
		h = field_hash(&m->fields[m->keys[i]], row, h);
	return (uint32_t)(h ^ h >> 32);
}

bool row_key_equal(const struct mapping *m, const void *a, const void *b)
{
	size_t i;

	if (m->integer_key)
		return integer_key(m, a) == integer_key(m, b);
	for (i = 0; i < m->key_count; i++)
		if (!field_equal(&m->fields[m->keys[i]], a, b))
			return false;
	return true;
}

bool row_set_integer(const struct mapping *m, void *row, const uow_key *key)
{
	if (!m->integer_key || key->parts || key->count != 1 ||
	    key->one.type != UOW_TYPE_INT64)
		return false;
	memcpy((char *)row + m->integer_key->offset, &key->one.as.integer,
	       sizeof(key->one.as.integer));
	return true;
}

int row_set_key(const struct mapping *m, void *row, const uow_key *key,
		uow_error *err)
{
	const uow_value *parts = key->parts ? key->parts : &key->one;
	size_t count = key->parts ? key->count : key->count == 1, i;
	uow_value values[UOW_KEY_COLUMNS];
	const struct field *f;
	int rc;

	if (count != m->key_count) {
		error_set(err, UOW_EINVAL, "entity %s: a key of %zu values, "
			  "it has %zu columns", m->name, count, m->key_count);
		error_entity(err, m->name);
		return UOW_EINVAL;
	}
	/* All of them before the first is written: rows change as a whole. */
	for (i = 0; i < count; i++) {
		f = &m->fields[m->keys[i]];
		rc = field_convert(m, f, &parts[i], &values[i], err);
		if (rc)
			return rc;
		if (values[i].type == UOW_TYPE_NULL)
			return field_error(m, f, err, UOW_EINVAL,
					   "is part of the key, NULL is none");
	}
	for (i = 0; i < count; i++) {
		rc = field_set(m, &m->fields[m->keys[i]], row, &values[i],
			       NULL, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* Where row_key_text() writes; full is for good. */
struct sink {
	char *to;
	size_t left;		/* without the NUL */
};

static void put(struct sink *s, const char *text, size_t length)
{
	if (length > s->left)
		length = s->left = 0;
	memcpy(s->to, text, length);
	s->to += length;
	s->left -= length;
}

/* A character at a time, so that the end is never half of one. */
static void put_text(struct sink *s, const char *text, size_t length)
{
	size_t n;

	put(s, "'", 1);
	for (; length; text += n, length -= n) {
		for (n = 1; n < length && (text[n] & 0xc0) == 0x80; n++)
			;
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			put(s, " ", 1);
		else
			put(s, text, n);
	}
	put(s, "'", 1);
}

static void put_hex(struct sink *s, const unsigned char *p, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	char pair[2];

	put(s, "x'", 2);
	for (; size && s->left; size--, p++) {
		pair[0] = hex[*p >> 4];
		pair[1] = hex[*p & 15];
		put(s, pair, 2);
	}
	put(s, "'", 1);
}

/* Longest of the forms below is a timestamp. */
enum { PART_TEXT = 64 };

static void part_text(char *text, const uow_value *v)
{
	switch (v->type) {
	case UOW_TYPE_BOOL:
		strcpy(text, v->as.boolean ? "true" : "false");
		break;
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		text_from_double(text, v->as.real);
		break;
	case UOW_TYPE_DATE:
		date_format(text, &v->as.date);
		break;
	case UOW_TYPE_TIME:
		time_format(text, &v->as.clock);
		break;
	case UOW_TYPE_TIMESTAMP:
		timestamp_format(text, &v->as.time,
				 v->as.time.nanosecond ? 9 : 0);
		break;
	case UOW_TYPE_UUID:
		uuid_format(text, &v->as.uuid);
		break;
	case UOW_TYPE_NULL:
		strcpy(text, "NULL");
		break;
	default:
		decimal_format(text, v->as.integer, (unsigned)v->scale);
	}
}

static void put_part(struct sink *s, const struct field *f, const void *row)
{
	char text[PART_TEXT];
	uow_value v;

	field_get(f, row, &v);
	if (v.type == UOW_TYPE_TEXT) {
		put_text(s, v.as.bytes.data, v.as.bytes.size);
	} else if (v.type == UOW_TYPE_BYTES) {
		put_hex(s, v.as.bytes.data, v.as.bytes.size);
	} else {
		part_text(text, &v);
		put(s, text, strlen(text));
	}
}

void row_key_text(const struct mapping *m, const void *row, char *buffer,
		  size_t size)
{
	struct sink s;
	size_t i;

	if (!size)
		return;
	s.to = buffer;
	s.left = size - 1;
	for (i = 0; i < m->key_count; i++) {
		if (i)
			put(&s, ",", 1);
		put_part(&s, &m->fields[m->keys[i]], row);
	}
	*s.to = '\0';
}

void row_field_text(const struct field *f, const void *row, char *buffer,
		    size_t size)
{
	struct sink s;

	if (!size)
		return;
	s.to = buffer;
	s.left = size - 1;
	put_part(&s, f, row);
	*s.to = '\0';
}

int row_check(const struct mapping *m, const void *row,
	      const struct columns *set, bool allow_special, uow_error *err)
{
	size_t i;
	int rc;

	for (i = 0; i < m->count; i++) {
		if (!columns_has(set, (unsigned)i))
			continue;
		rc = field_check(m, &m->fields[i], row, allow_special, err);
		if (rc)
			return rc;
	}
	return 0;
}

bool row_is_new(const struct mapping *m, const void *row)
{
	return m->generated_key >= 0 &&
	       field_is_zero(&m->fields[m->generated_key], row);
}

void row_name(const struct mapping *m, const void *row, char *buffer,
	      size_t size)
{
	if (row_is_new(m, row))
		snprintf(buffer, size, "(new)");
	else
		row_key_text(m, row, buffer, size);
}
