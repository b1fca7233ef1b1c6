/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/block.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/field.h"

enum {
	ALIGNMENT = 16,
	BLOCK_BYTES = 256 * 1024,
	IMAGE_BYTES = 4096	/* of a larger struct, most may be unmapped */
};

static size_t align(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* -- where columns are -- */

/* Packed structs are legal; that drivers write there anyway is not known. */
static bool aligned(const struct field *f)
{
	return f->offset % f->size == 0;
}

static enum way way_of_text(const struct field *f)
{
	switch (f->type) {
	case UOW_TYPE_CHARS:
		return WAY_CHARS;
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		return WAY_DIGITS;
	default:
		return WAY_CONVERT;
	}
}

static enum way way_of_whole(const struct field *f, bool image)
{
	if (f->type == UOW_TYPE_INT64)
		return image && aligned(f) ? WAY_IMAGE : WAY_WHOLE;
	return f->type == UOW_TYPE_INT32 || f->type == UOW_TYPE_INT16 ?
	       WAY_WHOLE : WAY_CONVERT;
}

static enum way way_of(const struct slot *s, bool image)
{
	const struct field *f = s->field;
	enum way way = WAY_CONVERT;

	switch (s->kind) {
	case FORM_TEXT:
		way = way_of_text(f);
		return way == WAY_CHARS && !image ? WAY_CONVERT : way;
	case FORM_INT64:
	case FORM_LONG64:
		return way_of_whole(f, image);
	case FORM_FLOAT:
		if (f->type == UOW_TYPE_FLOAT && image && aligned(f))
			way = WAY_IMAGE;
		return way;
	case FORM_DOUBLE:
		if (f->type == UOW_TYPE_DOUBLE && image && aligned(f))
			way = WAY_IMAGE;
		return way;
	default:
		return way;
	}
}

static bool in_image(const struct cell *cell)
{
	return cell->way == WAY_IMAGE || cell->way == WAY_CHARS;
}

void block_place(struct block *b, const struct slot *columns, size_t i)
{
	struct cell *cell = &b->cells[i];

	cell->way = way_of(&columns[i], b->image != 0);
	cell->null_offset = columns[i].field->null_offset;
	cell->at = in_image(cell) ? columns[i].field->offset : cell->buffer;
}

void block_placed(struct block *b, const struct slot *columns, size_t count)
{
	const struct field *f;
	size_t i, n = 0;

	for (i = 0; i < count; i++) {
		f = columns[i].field;
		if (in_image(&b->cells[i]))
			n = spans_add(b->spans, n, f->offset, f->size);
	}
	b->span_count = spans_merge(b->spans, n);
}

/* A column may need its buffer for one block and none for the next. */
static void lay_out(struct block *b, const struct mapping *m,
		    const struct slot *columns, size_t count)
{
	struct cell *cell;
	size_t i, at;

	b->image = m->size <= IMAGE_BYTES ? align(m->size) : 0;
	b->indicators = b->image;
	at = b->indicators + align(count * sizeof(SQLLEN));
	for (i = 0; i < count; i++) {
		cell = &b->cells[i];
		block_place(b, columns, i);
		if (in_image(cell) &&
		    columns[i].form->fetch_whole == FORM_NONE)
			continue;
		cell->buffer = at;
		cell->room = columns[i].capacity;
		at += align(cell->room);
		block_place(b, columns, i);
	}
	b->row_size = at;
	block_placed(b, columns, count);
}

struct block *block_new(const struct mapping *m, const struct slot *columns,
			size_t count, size_t rows)
{
	struct block *b = mem_alloc(sizeof(*b) + count * sizeof(*b->cells));

	if (!b)
		return NULL;
	b->spans = mem_array(count, sizeof(*b->spans));
	if (b->spans)
		lay_out(b, m, columns, count);
	b->count = b->row_size > BLOCK_BYTES / rows ?
		   BLOCK_BYTES / b->row_size : rows;
	if (b->spans && b->count)
		b->rows = mem_array(b->count, b->row_size);
	if (b->spans && (b->rows || !b->count))
		return b;
	block_free(b);
	return NULL;
}

void block_free(struct block *b)
{
	if (!b)
		return;
	mem_free(b->rows);
	mem_free(b->spans);
	mem_free(b);
}

char *block_buffer(const struct block *b, size_t i)
{
	return b->rows + b->cells[i].at;
}

size_t block_room(const struct block *b, const struct slot *s, size_t i)
{
	const struct cell *cell = &b->cells[i];

	return in_image(cell) ? s->field->size : cell->room;
}

SQLLEN *block_indicator(const struct block *b, size_t i)
{
	return (SQLLEN *)(void *)(b->rows + b->indicators) + i;
}

/* -- rows -- */

static SQLLEN length_of(const struct block *b, const char *from, size_t i)
{
	SQLLEN length;

	memcpy(&length, from + b->indicators + i * sizeof(length),
	       sizeof(length));
	return length;
}

void block_select(const struct block *b, size_t row, struct slot *s, size_t i)
{
	char *from = b->rows + row * b->row_size;

	s->indicator = length_of(b, from, i);
	s->buffer = from + b->cells[i].at;
	s->row = row + 1;
}

void block_copy(const struct block *b, size_t row, void *to)
{
	spans_copy(b->spans, b->span_count, to, b->rows + row * b->row_size);
}

/* What the driver has left behind the text is of another row. */
static bool end_chars(const struct block *b, const struct slot *s,
		      size_t length, char *text)
{
	size_t size = s->field->size;

	if (length >= size || (s->form->localized && !b->point) ||
	    !text_utf8(text, length, NULL))
		return false;
	memset(text + length, 0, size - length);
	return true;
}

static bool put_whole(const struct field *f, int64_t n, void *to)
{
	if ((f->type == UOW_TYPE_INT16 && (n < INT16_MIN || n > INT16_MAX)) ||
	    (f->type == UOW_TYPE_INT32 && (n < INT32_MIN || n > INT32_MAX)))
		return false;
	return field_put_integer(f, to, n);
}

/* A column that is more than its bytes. */
static bool convert(const struct block *b, const struct cell *cell,
		    const struct slot *s, const char *from, size_t length,
		    void *to)
{
	int64_t n;

	switch (cell->way) {
	case WAY_CHARS:
		return end_chars(b, s, length, (char *)to + s->field->offset);
	case WAY_WHOLE:
		memcpy(&n, from, sizeof(n));
		return put_whole(s->field, n, to);
	case WAY_DIGITS:
		return length < s->capacity &&
		       text_to_int64(from, length, &n) &&
		       put_whole(s->field, n, to);
	default:
		return false;
	}
}

size_t block_finish(const struct block *b, size_t row,
		    const struct slot *columns, size_t from, size_t count,
		    void *to)
{
	const char *data = b->rows + row * b->row_size;
	const struct cell *cell;
	SQLLEN length;
	size_t i;

	for (i = from; i < count; i++) {
		cell = &b->cells[i];
		length = length_of(b, data, i);
		/* SQL_NULL_DATA, SQL_NO_TOTAL */
		if (length < 0)
			break;
		if (cell->way != WAY_IMAGE &&
		    !convert(b, cell, &columns[i], data + cell->at,
			     (size_t)length, to))
			break;
		if (cell->null_offset != UOW_NOT_NULL)
			((char *)to)[cell->null_offset] = 0;
	}
	return i;
}
