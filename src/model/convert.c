/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field_convert() and field_set(). No rounding anywhere: a value has the
 * column's type exactly, or it is refused. Each converter below returns one
 * of three answers, which field_convert() turns into messages.
 */
#include "model/field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/digits.h"
#include "model/text.h"

enum answer { FITS, TOO_MUCH, NO_SENSE };

static bool is_integer(uow_type type)
{
	return type == UOW_TYPE_INT16 || type == UOW_TYPE_INT32 ||
	       type == UOW_TYPE_INT64;
}

static bool is_real(uow_type type)
{
	return type == UOW_TYPE_FLOAT || type == UOW_TYPE_DOUBLE;
}

/* 2^63 is a double, INT64_MAX is not. */
#define TWO_63 9223372036854775808.0

/* The integral part of r, which must lie in the range of int64_t. */
static bool whole_part(double r, int64_t *out)
{
	if (!(r >= -TWO_63 && r < TWO_63))
		return false;
	*out = (int64_t)r;
	return true;
}

/*
 * A double is a multiple of a power of two, and has at most as many decimals
 * as binary places. So with more than scale binary places it does not fit,
 * and with fewer, t = fraction * 2^scale is whole and fraction * 10^scale is
 * t * 5^scale.
 */
static bool real_to_decimal(double r, unsigned scale, int64_t *out)
{
	int64_t whole, result, part, five = 1;
	double fraction;
	unsigned i;

	if (!whole_part(r, &whole))
		return false;
	fraction = (r - (double)whole) * (double)(INT64_C(1) << scale);
	part = (int64_t)fraction;
	if ((double)part < fraction || (double)part > fraction)
		return false;
	for (i = 0; i < scale; i++)
		five *= 5;
	part *= five;
	if (!decimal_rescale(whole, 0, scale, &result))
		return false;
	/* Both have the same sign and part is less than one whole. */
	if (part > 0 ? result > INT64_MAX - part : result < INT64_MIN - part)
		return false;
	*out = result + part;
	return true;
}

static bool integer_to_real(int64_t i, double *out)
{
	double r = (double)i;

	if (r >= TWO_63 || (int64_t)r != i)
		return false;
	*out = r;
	return true;
}

/* n / 10^scale is binary only if every 5 of the 10s goes into n. */
static bool decimal_to_real(int64_t n, unsigned scale, double *out)
{
	unsigned places = scale;
	double r;

	if (!n)
		places = 0;
	for (; places && n % 10 == 0; places--)
		n /= 10;
	if (places > 18)
		return false;
	for (scale = places; scale; scale--) {
		if (n % 5)
			return false;
		n /= 5;
	}
	if (!integer_to_real(n, &r))
		return false;
	*out = r / (double)(INT64_C(1) << places);
	return true;
}

static enum answer to_integer(const uow_value *v, int64_t *out)
{
	int64_t i;

	if (is_integer(v->type)) {
		*out = v->as.integer;
		return FITS;
	}
	if (v->type == UOW_TYPE_DECIMAL) {
		if (v->scale < 0)
			return NO_SENSE;
		return decimal_rescale(v->as.integer, (unsigned)v->scale, 0,
				       out) ? FITS : TOO_MUCH;
	}
	if (!is_real(v->type))
		return NO_SENSE;
	if (!whole_part(v->as.real, &i) || (double)i < v->as.real ||
	    (double)i > v->as.real)
		return TOO_MUCH;
	*out = i;
	return FITS;
}

static enum answer convert_integer(const struct field *f, const uow_value *v,
				   uow_value *out)
{
	enum answer answer = to_integer(v, &out->as.integer);
	int64_t i = out->as.integer;

	if (answer != FITS)
		return answer;
	if (f->type == UOW_TYPE_INT16 && (i < INT16_MIN || i > INT16_MAX))
		return TOO_MUCH;
	if (f->type == UOW_TYPE_INT32 && (i < INT32_MIN || i > INT32_MAX))
		return TOO_MUCH;
	return FITS;
}

/* Many databases have no other truth than 0 and 1. */
static enum answer convert_bool(const uow_value *v, uow_value *out)
{
	enum answer answer;
	int64_t i = 0;

	if (v->type == UOW_TYPE_BOOL) {
		out->as.boolean = v->as.boolean;
		return FITS;
	}
	answer = to_integer(v, &i);
	if (answer != FITS)
		return answer;
	out->as.boolean = i == 1;
	return i == 0 || i == 1 ? FITS : TOO_MUCH;
}

static enum answer convert_real(const struct field *f, const uow_value *v,
				uow_value *out)
{
	double r;
	bool fits = true;

	if (is_real(v->type))
		r = v->as.real;
	else if (is_integer(v->type))
		fits = integer_to_real(v->as.integer, &r);
	else if (v->type == UOW_TYPE_DECIMAL && v->scale >= 0)
		fits = decimal_to_real(v->as.integer, (unsigned)v->scale, &r);
	else
		return NO_SENSE;
	if (!fits)
		return TOO_MUCH;
	if (f->type == UOW_TYPE_FLOAT && isfinite(r)) {
		/* Out of a float's range, the cast would be undefined. */
		if (fabs(r) > 3.4028234663852886e38)
			return TOO_MUCH;
		if ((double)(float)r < r || (double)(float)r > r)
			return TOO_MUCH;
	}
	out->as.real = r;
	return FITS;
}

static enum answer convert_decimal(const struct field *f, const uow_value *v,
				   uow_value *out)
{
	int64_t *to = &out->as.integer;
	bool fits;

	out->scale = (int)f->scale;
	if (is_integer(v->type))
		fits = decimal_rescale(v->as.integer, 0, f->scale, to);
	else if (v->type == UOW_TYPE_DECIMAL && v->scale >= 0)
		fits = decimal_rescale(v->as.integer, (unsigned)v->scale,
				       f->scale, to);
	else if (is_real(v->type))
		fits = real_to_decimal(v->as.real, f->scale, to);
	else if (type_is_text(v->type))
		fits = decimal_parse(v->as.bytes.data, v->as.bytes.size,
				     f->precision, f->scale, to);
	else
		return NO_SENSE;
	return fits && decimal_fits(*to, f->precision) ? FITS : TOO_MUCH;
}

static enum answer convert_text(const struct field *f, const uow_value *v,
				uow_value *out)
{
	if (!type_is_text(v->type))
		return NO_SENSE;
	out->type = UOW_TYPE_TEXT;
	out->as.bytes = v->as.bytes;
	if (f->type == UOW_TYPE_CHARS && v->as.bytes.size >= f->size)
		return TOO_MUCH;
	return text_utf8(v->as.bytes.data, v->as.bytes.size, NULL) ?
	       FITS : TOO_MUCH;
}

static enum answer convert_digits(const struct field *f, const uow_value *v,
				  uow_value *out)
{
	char text[DIGITS_TEXT];

	if (!type_is_text(v->type))
		return NO_SENSE;
	out->type = UOW_TYPE_TEXT;
	out->scale = 1;
	out->as.bytes = v->as.bytes;
	return field_digits(f, v, text) ? FITS : TOO_MUCH;
}

static enum answer convert_bytes(const uow_value *v, uow_value *out)
{
	if (v->type != UOW_TYPE_BYTES)
		return NO_SENSE;
	out->as.bytes = v->as.bytes;
	return FITS;
}

static enum answer convert_date(const uow_value *v, uow_value *out)
{
	const uow_timestamp *t = &v->as.time;
	uow_date *d = &out->as.date;

	if (v->type == UOW_TYPE_DATE) {
		*d = v->as.date;
	} else if (type_is_text(v->type)) {
		if (!date_parse(v->as.bytes.data, v->as.bytes.size, d))
			return TOO_MUCH;
	} else if (v->type == UOW_TYPE_TIMESTAMP) {
		/* Some databases know no date without a time. */
		if (t->hour || t->minute || t->second || t->nanosecond)
			return TOO_MUCH;
		d->year = t->year;
		d->month = t->month;
		d->day = t->day;
	} else {
		return NO_SENSE;
	}
	return date_valid(d) ? FITS : TOO_MUCH;
}

static enum answer convert_time(const uow_value *v, uow_value *out)
{
	uow_time *t = &out->as.clock;

	if (v->type == UOW_TYPE_TIME)
		*t = v->as.clock;
	else if (!type_is_text(v->type))
		return NO_SENSE;
	else if (!time_parse(v->as.bytes.data, v->as.bytes.size, t))
		return TOO_MUCH;
	return time_valid(t) ? FITS : TOO_MUCH;
}

static enum answer convert_timestamp(const uow_value *v, uow_value *out)
{
	uow_timestamp *t = &out->as.time;

	if (v->type == UOW_TYPE_TIMESTAMP) {
		*t = v->as.time;
	} else if (type_is_text(v->type)) {
		if (!timestamp_parse(v->as.bytes.data, v->as.bytes.size, t))
			return TOO_MUCH;
	} else if (v->type == UOW_TYPE_DATE) {
		t->year = v->as.date.year;
		t->month = v->as.date.month;
		t->day = v->as.date.day;
	} else {
		return NO_SENSE;
	}
	return timestamp_valid(t) ? FITS : TOO_MUCH;
}

static enum answer convert_uuid(const uow_value *v, uow_value *out)
{
	if (v->type == UOW_TYPE_UUID) {
		out->as.uuid = v->as.uuid;
		return FITS;
	}
	if (!type_is_text(v->type))
		return NO_SENSE;
	return uuid_parse(v->as.bytes.data, v->as.bytes.size, &out->as.uuid) ?
	       FITS : TOO_MUCH;
}

static enum answer convert(const struct field *f, const uow_value *v,
			   uow_value *out)
{
	if (field_is_digits(f))
		return convert_digits(f, v, out);
	switch (f->type) {
	case UOW_TYPE_BOOL:
		return convert_bool(v, out);
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		return convert_integer(f, v, out);
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		return convert_real(f, v, out);
	case UOW_TYPE_DECIMAL:
		return convert_decimal(f, v, out);
	case UOW_TYPE_CHARS:
	case UOW_TYPE_TEXT:
		return convert_text(f, v, out);
	case UOW_TYPE_BYTES:
		return convert_bytes(v, out);
	case UOW_TYPE_DATE:
		return convert_date(v, out);
	case UOW_TYPE_TIME:
		return convert_time(v, out);
	case UOW_TYPE_TIMESTAMP:
		return convert_timestamp(v, out);
	case UOW_TYPE_UUID:
		return convert_uuid(v, out);
	default:
		return NO_SENSE;
	}
}

/* What the member takes, without a word of the value itself. */
static void say_room(const struct field *f, const uow_value *v, char *why,
		     size_t size)
{
	if (f->type == UOW_TYPE_CHARS && v->as.bytes.size >= f->size)
		snprintf(why, size, ": %zu bytes, and it has room for %zu",
			 v->as.bytes.size, f->size - 1);
	else if (f->type == UOW_TYPE_DECIMAL || field_is_digits(f))
		snprintf(why, size, ": %u digits, %u of them behind the "
			 "point", f->precision, f->scale);
	else if (type_is_text(f->type))
		snprintf(why, size, ": it is not UTF-8, or has a NUL in it");
	else if (f->type == UOW_TYPE_INT16 || f->type == UOW_TYPE_INT32)
		snprintf(why, size, ": whole numbers of %d bits",
			 f->type == UOW_TYPE_INT16 ? 16 : 32);
	else if (f->type == UOW_TYPE_INT64)
		snprintf(why, size, ": whole numbers of 64 bits");
	else if (f->type == UOW_TYPE_BOOL)
		snprintf(why, size, ": 0 and 1");
	else if (is_real(f->type))
		snprintf(why, size, ": it would be rounded, or is out of "
			 "range");
	else if (f->type == UOW_TYPE_DATE && v->type == UOW_TYPE_TIMESTAMP)
		snprintf(why, size, ": it has a time of day");
	else if (type_is_text(v->type))
		snprintf(why, size, ": it is not written like %s",
			 f->type == UOW_TYPE_DATE ? "2024-02-29" :
			 f->type == UOW_TYPE_TIME ? "23:59:59" :
			 f->type == UOW_TYPE_TIMESTAMP ?
			 "2024-02-29 23:59:59.5" : "a UUID");
	else
		snprintf(why, size, ": there is no such day or time");
}

static bool is_pointer(uow_type type)
{
	return type_is_text(type) || type == UOW_TYPE_BYTES;
}

static int fail_room(const struct mapping *m, const struct field *f,
		     const uow_value *v, uow_error *err)
{
	char why[96];

	say_room(f, v, why, sizeof(why));
	return field_error(m, f, err, UOW_EDATA, "of type %s cannot hold "
			   "exactly the value of type %s%s",
			   type_name(f->type), type_name(v->type), why);
}

int field_convert(const struct mapping *m, const struct field *f,
		  const uow_value *v, uow_value *out, uow_error *err)
{
	uow_value result = uow_null();
	enum answer answer;

	if (v->type == UOW_TYPE_NULL ||
	    (is_pointer(v->type) && !v->as.bytes.data && !v->as.bytes.size)) {
		*out = result;
		return 0;
	}
	if (is_pointer(v->type) && !v->as.bytes.data)
		return field_error(m, f, err, UOW_EINVAL, "is given %zu bytes "
				   "at NULL", v->as.bytes.size);
	result.type = f->type;
	answer = convert(f, v, &result);
	if (answer == NO_SENSE)
		return field_error(m, f, err, UOW_EINVAL, "has type %s, the "
				   "value has type %s", type_name(f->type),
				   type_name(v->type));
	if (answer == TOO_MUCH)
		return fail_room(m, f, v, err);
	*out = result;
	return 0;
}

static bool copy_out(const struct field *f, uow_value *v, struct arena *texts)
{
	char text[DIGITS_TEXT];
	const void *copy;

	if (!texts || !is_pointer(v->type))
		return true;
	if (field_is_digits(f) && field_digits(f, v, text))
		copy = arena_text(texts, text, strlen(text));
	else if (v->type == UOW_TYPE_TEXT)
		copy = arena_text(texts, v->as.bytes.data, v->as.bytes.size);
	else
		copy = arena_copy(texts, v->as.bytes.data, v->as.bytes.size);
	if (!copy)
		return false;
	v->as.bytes.data = copy;
	return true;
}

static void store_integer(const struct field *f, char *to, int64_t i)
{
	int16_t i16 = (int16_t)i;
	int32_t i32 = (int32_t)i;

	if (f->type == UOW_TYPE_INT16)
		memcpy(to, &i16, sizeof(i16));
	else if (f->type == UOW_TYPE_INT32)
		memcpy(to, &i32, sizeof(i32));
	else
		memcpy(to, &i, sizeof(i));
}

/* v has the column's type already. */
static void store(const struct field *f, void *row, const uow_value *v)
{
	char *to = (char *)row + f->offset;
	float narrow;

	if (is_integer(f->type) || f->type == UOW_TYPE_DECIMAL) {
		store_integer(f, to, v->as.integer);
	} else if (f->type == UOW_TYPE_FLOAT) {
		narrow = (float)v->as.real;
		memcpy(to, &narrow, sizeof(narrow));
	} else if (f->type == UOW_TYPE_CHARS) {
		/* The value may be borrowed from this very member. */
		memmove(to, v->as.bytes.data, v->as.bytes.size);
		memset(to + v->as.bytes.size, 0, f->size - v->as.bytes.size);
	} else if (f->type == UOW_TYPE_TEXT) {
		memcpy(to, &v->as.bytes.data, sizeof(v->as.bytes.data));
	} else {
		/* Structs, and the union's members all begin at its start. */
		memcpy(to, &v->as, f->size);
	}
}

int field_set(const struct mapping *m, const struct field *f, void *row,
	      const uow_value *v, struct arena *texts, uow_error *err)
{
	static const bool no = false;
	uow_value value;
	int rc;

	rc = field_convert(m, f, v, &value, err);
	if (rc)
		return rc;
	if (value.type == UOW_TYPE_NULL) {
		if (!field_nullable(f))
			return field_error(m, f, err, UOW_EDATA,
					   "must not be NULL");
		field_set_null(f, row);
		return 0;
	}
	if (f->type != UOW_TYPE_CHARS && !copy_out(f, &value, texts))
		return error_nomem(err);
	store(f, row, &value);
	if (!is_pointer(f->type) || f->type == UOW_TYPE_CHARS)
		if (f->null_offset != UOW_NOT_NULL)
			memcpy((char *)row + f->null_offset, &no, sizeof(no));
	return 0;
}

bool field_put_integer(const struct field *f, void *row, int64_t i)
{
	static const bool no = false;

	if (f->type != UOW_TYPE_INT16 && f->type != UOW_TYPE_INT32 &&
	    f->type != UOW_TYPE_INT64)
		return false;
	store_integer(f, (char *)row + f->offset, i);
	if (f->null_offset != UOW_NOT_NULL)
		memcpy((char *)row + f->null_offset, &no, sizeof(no));
	return true;
}

bool field_put_chars(const struct field *f, void *row, const char *text,
		     size_t length)
{
	static const bool no = false;
	char *to = (char *)row + f->offset;

	if (f->type != UOW_TYPE_CHARS || length >= f->size ||
	    !text_utf8(text, length, NULL))
		return false;
	memcpy(to, text, length);
	memset(to + length, 0, f->size - length);
	if (f->null_offset != UOW_NOT_NULL)
		memcpy((char *)row + f->null_offset, &no, sizeof(no));
	return true;
}
