/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/field.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "model/digits.h"
#include "model/text.h"

/*
 * Members are read by memcpy: that says nothing about the struct's alignment,
 * and a bool that holds neither 0 nor 1 does no harm.
 */
static const char *member(const struct field *f, const void *row)
{
	return (const char *)row + f->offset;
}

static bool read_flag(const void *row, size_t offset)
{
	return ((const unsigned char *)row)[offset] != 0;
}

static bool by_pointer(const struct field *f)
{
	return f->type == UOW_TYPE_TEXT || f->type == UOW_TYPE_BYTES;
}

static const char *read_text(const struct field *f, const void *row)
{
	const char *text;

	memcpy(&text, member(f, row), sizeof(text));
	return text;
}

static uow_bytes read_bytes(const struct field *f, const void *row)
{
	uow_bytes b;

	memcpy(&b, member(f, row), sizeof(b));
	return b;
}

static int64_t read_integer(const struct field *f, const void *row)
{
	int16_t i16;
	int32_t i32;
	int64_t i64;

	switch (f->type) {
	case UOW_TYPE_BOOL:
		return read_flag(row, f->offset);
	case UOW_TYPE_INT16:
		memcpy(&i16, member(f, row), sizeof(i16));
		return i16;
	case UOW_TYPE_INT32:
		memcpy(&i32, member(f, row), sizeof(i32));
		return i32;
	default:
		memcpy(&i64, member(f, row), sizeof(i64));
		return i64;
	}
}

static double read_real(const struct field *f, const void *row)
{
	float narrow;
	double wide;

	if (f->type == UOW_TYPE_FLOAT) {
		memcpy(&narrow, member(f, row), sizeof(narrow));
		return (double)narrow;
	}
	memcpy(&wide, member(f, row), sizeof(wide));
	return wide;
}

static bool is_integral(const struct field *f)
{
	return f->type == UOW_TYPE_BOOL || f->type == UOW_TYPE_INT16 ||
	       f->type == UOW_TYPE_INT32 || f->type == UOW_TYPE_INT64 ||
	       f->type == UOW_TYPE_DECIMAL;
}

static bool is_real(const struct field *f)
{
	return f->type == UOW_TYPE_FLOAT || f->type == UOW_TYPE_DOUBLE;
}

const char *field_text(const struct field *f, const void *row, size_t *length)
{
	const char *text, *end;

	if (f->type == UOW_TYPE_TEXT) {
		text = read_text(f, row);
		*length = strlen(text);
		return text;
	}
	text = member(f, row);
	end = memchr(text, '\0', f->size);
	*length = end ? (size_t)(end - text) : f->size;
	return text;
}

bool field_is_null(const struct field *f, const void *row)
{
	if (f->type == UOW_TYPE_TEXT)
		return !read_text(f, row);
	if (f->type == UOW_TYPE_BYTES)
		return !read_bytes(f, row).data;
	return f->null_offset != UOW_NOT_NULL && read_flag(row, f->null_offset);
}

void field_set_null(const struct field *f, void *row)
{
	uow_bytes no_bytes = { NULL, 0 };
	const char *no_text = NULL;
	char *to = (char *)row + f->offset;
	bool yes = true;

	if (f->type == UOW_TYPE_TEXT)
		memcpy(to, &no_text, sizeof(no_text));
	else if (f->type == UOW_TYPE_BYTES)
		memcpy(to, &no_bytes, sizeof(no_bytes));
	else
		memset(to, 0, f->size);
	if (!by_pointer(f) && f->null_offset != UOW_NOT_NULL)
		memcpy((char *)row + f->null_offset, &yes, sizeof(yes));
}

static bool chars_equal(const struct field *f, const void *a, const void *b)
{
	/* What follows the NUL is not part of the text. */
	return strncmp(member(f, a), member(f, b), f->size) == 0;
}

static bool text_equal(const struct field *f, const void *a, const void *b)
{
	const char *x = read_text(f, a), *y = read_text(f, b);
	int order;

	if (x == y || strcmp(x, y) == 0)
		return true;
	return field_is_digits(f) &&
	       digits_order(x, strlen(x), y, strlen(y), &order) && !order;
}

static bool bytes_equal(const struct field *f, const void *a, const void *b)
{
	uow_bytes x = read_bytes(f, a), y = read_bytes(f, b);

	if (x.size != y.size)
		return false;
	return x.data == y.data || !x.size ||
	       memcmp(x.data, y.data, x.size) == 0;
}

bool field_equal(const struct field *f, const void *a, const void *b)
{
	bool null = field_is_null(f, a);

	if (null || field_is_null(f, b))
		return null && field_is_null(f, b);
	switch (f->type) {
	case UOW_TYPE_BOOL:
		return read_integer(f, a) == read_integer(f, b);
	case UOW_TYPE_CHARS:
		return chars_equal(f, a, b);
	case UOW_TYPE_TEXT:
		return text_equal(f, a, b);
	case UOW_TYPE_BYTES:
		return bytes_equal(f, a, b);
	default:
		/* None of the others has padding inside. */
		return memcmp(member(f, a), member(f, b), f->size) == 0;
	}
}

/* Eight bytes at a time; the length tells "a" from "a\0". */
static uint64_t hash_bytes(const void *data, size_t size, uint64_t seed)
{
	const char *p = data;
	uint64_t word, h = seed ^ size;

	for (; size >= sizeof(word); size -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = random_mix(h ^ word);
	}
	word = 0;
	if (size)
		memcpy(&word, p, size);
	return random_mix(h ^ word);
}

/* Where every other value would start, a NULL has a number of its own. */
#define NULL_HASH UINT64_C(0x6e756c6c6e756c6c)

uint64_t field_hash(const struct field *f, const void *row, uint64_t seed)
{
	const char *text;
	uow_bytes bytes;
	size_t length;

	if (is_integral(f) && f->null_offset == UOW_NOT_NULL)
		return random_mix(seed ^ (uint64_t)read_integer(f, row));
	if (field_is_null(f, row))
		return random_mix(seed ^ NULL_HASH);
	if (is_integral(f))
		return random_mix(seed ^ (uint64_t)read_integer(f, row));
	if (f->type == UOW_TYPE_BYTES) {
		bytes = read_bytes(f, row);
		return hash_bytes(bytes.data, bytes.size, seed);
	}
	if (type_is_text(f->type)) {
		text = field_text(f, row, &length);
		return hash_bytes(text, length, seed);
	}
	return hash_bytes(member(f, row), f->size, seed);
}

static bool all_zero(const char *p, size_t size)
{
	while (size--)
		if (*p++)
			return false;
	return true;
}

bool field_is_zero(const struct field *f, const void *row)
{
	if (field_is_null(f, row))
		return true;
	if (f->type == UOW_TYPE_BYTES)
		return read_bytes(f, row).size == 0;
	if (f->type == UOW_TYPE_TEXT)
		return *read_text(f, row) == '\0';
	if (f->type == UOW_TYPE_CHARS)
		return *member(f, row) == '\0';
	if (is_real(f))
		return !(read_real(f, row) < 0 || read_real(f, row) > 0 ||
			 isnan(read_real(f, row)));
	return all_zero(member(f, row), f->size);
}

void field_get(const struct field *f, const void *row, uow_value *out)
{
	const char *from = member(f, row);

	*out = uow_null();
	if (field_is_null(f, row))
		return;
	out->type = f->type;
	if (f->type == UOW_TYPE_BOOL) {
		out->as.boolean = read_flag(row, f->offset);
	} else if (is_integral(f)) {
		out->as.integer = read_integer(f, row);
		if (f->type == UOW_TYPE_DECIMAL)
			out->scale = (int)f->scale;
	} else if (is_real(f)) {
		out->as.real = read_real(f, row);
	} else if (type_is_text(f->type)) {
		out->type = UOW_TYPE_TEXT;
		out->as.bytes.data = field_text(f, row, &out->as.bytes.size);
		out->scale = field_is_digits(f);
	} else {
		/* Structs, and the union's members all begin at its start. */
		memcpy(&out->as, from, f->size);
	}
}

int field_error(const struct mapping *m, const struct field *f, uow_error *err,
		int code, const char *fmt, ...)
{
	va_list args;
	uow_error detail;

	if (!err)
		return code;
	va_start(args, fmt);
	error_vset(&detail, code, fmt, args);
	va_end(args);
	error_set(err, code, "entity %s: column '%s' %s", m->name, f->name,
		  detail.message);
	error_entity(err, m->name);
	return code;
}

static int check_text(const struct mapping *m, const struct field *f,
		      const void *row, uow_error *err)
{
	size_t length, chars;
	const char *text = field_text(f, row, &length);

	if (f->type == UOW_TYPE_CHARS && length == f->size)
		return field_error(m, f, err, UOW_EDATA, "has no NUL in its "
				   "array of %zu bytes", f->size);
	if (!text_utf8(text, length, &chars))
		return field_error(m, f, err, UOW_EDATA,
				   "holds text that is not UTF-8");
	if (f->length && chars > f->length)
		return field_error(m, f, err, UOW_EDATA, "holds text of %zu "
				   "characters, %u is the limit", chars,
				   f->length);
	return 0;
}

bool field_digits(const struct field *f, const uow_value *v, char *buffer)
{
	return digits_format(buffer, v->as.bytes.data, v->as.bytes.size,
			     f->precision, f->scale);
}

static int check_digits(const struct mapping *m, const struct field *f,
			const void *row, uow_error *err)
{
	char text[DIGITS_TEXT];
	uow_value v;

	field_get(f, row, &v);
	if (field_digits(f, &v, text))
		return 0;
	return field_error(m, f, err, UOW_EDATA, "holds no decimal of %u "
			   "digits, %u of them behind the point", f->precision,
			   f->scale);
}

static int check_day(const struct mapping *m, const struct field *f,
		     const uow_value *v, uow_error *err)
{
	bool valid;

	if (v->type == UOW_TYPE_DATE)
		valid = date_valid(&v->as.date);
	else if (v->type == UOW_TYPE_TIME)
		valid = time_valid(&v->as.clock);
	else
		valid = timestamp_valid(&v->as.time);
	if (valid)
		return 0;
	return field_error(m, f, err, UOW_EDATA, "holds a %s that does not "
			   "exist", type_name(f->type));
}

int field_check(const struct mapping *m, const struct field *f,
		const void *row, bool allow_special, uow_error *err)
{
	uow_value v;

	/* Most columns: any bits of one that is never NULL are a value. */
	if (f->type == UOW_TYPE_INT64 && f->null_offset == UOW_NOT_NULL)
		return 0;
	if (field_is_null(f, row))
		return field_nullable(f) ? 0 :
		       field_error(m, f, err, UOW_EDATA, "must not be NULL");
	if (field_is_digits(f))
		return check_digits(m, f, row, err);
	if (type_is_text(f->type))
		return check_text(m, f, row, err);
	field_get(f, row, &v);
	switch (f->type) {
	case UOW_TYPE_DATE:
	case UOW_TYPE_TIME:
	case UOW_TYPE_TIMESTAMP:
		return check_day(m, f, &v, err);
	case UOW_TYPE_BYTES:
		if (!f->length || v.as.bytes.size <= f->length)
			return 0;
		return field_error(m, f, err, UOW_EDATA, "holds %zu bytes, %u "
				   "is the limit", v.as.bytes.size, f->length);
	case UOW_TYPE_DECIMAL:
		if (decimal_fits(v.as.integer, f->precision))
			return 0;
		return field_error(m, f, err, UOW_EDATA, "holds more than %u "
				   "digits", f->precision);
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		if (allow_special || isfinite(v.as.real))
			return 0;
		return field_error(m, f, err, UOW_EDATA, "holds a NaN or an "
				   "infinity, which the database does not");
	default:
		return 0;
	}
}
