/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/slot.h"

#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/text.h"
#include "dialect/days.h"
#include "model/digits.h"
#include "model/field.h"
#include "model/text.h"

/*
 * uow_date, uow_time and uow_timestamp are bound in place of ODBC's structs:
 * these do not compile where the layouts differ.
 */
typedef char date_layout[sizeof(uow_date) == sizeof(SQL_DATE_STRUCT) ? 1 : -1];
typedef char time_layout[sizeof(uow_time) == sizeof(SQL_TIME_STRUCT) ? 1 : -1];
typedef char stamp_layout[sizeof(uow_timestamp) ==
			  sizeof(SQL_TIMESTAMP_STRUCT) &&
			  offsetof(uow_timestamp, nanosecond) ==
			  offsetof(SQL_TIMESTAMP_STRUCT, fraction) ? 1 : -1];

enum { NUMBER_TEXT = 64 };

static int bad_column(const struct slot *s, uow_error *err, const char *what)
{
	if (!s->field)
		return error_set(err, UOW_EDATA, "argument %u %s",
				 (unsigned)s->number, what);
	error_set(err, UOW_EDATA, "%s: column '%s' %s", s->mapping->name,
		  s->field->name, what);
	error_entity(err, s->mapping->name);
	return UOW_EDATA;
}

static bool is_text(uow_type t)
{
	return t == UOW_TYPE_TEXT || t == UOW_TYPE_CHARS;
}

size_t value_size(const struct slot *s, const uow_value *v)
{
	switch (s->kind) {
	case FORM_TEXT:
		if (s->field && field_is_digits(s->field))
			return NUMBER_TEXT;
		return is_text(v->type) ? v->as.bytes.size + 1 : NUMBER_TEXT;
	case FORM_BINARY:
		return v->type == UOW_TYPE_UUID ? sizeof(v->as.uuid.bytes) :
						  v->as.bytes.size + 1;
	default:
		return sizeof(uow_timestamp) > 16 ? sizeof(uow_timestamp) : 16;
	}
}

static int64_t as_integer(const uow_value *v)
{
	return v->type == UOW_TYPE_BOOL ? v->as.boolean : v->as.integer;
}

static int check_real(const struct slot *s, double d, uow_error *err)
{
	if (isnan(d) && !s->form->nan)
		return bad_column(s, err, "is not a number, which this "
					  "database cannot hold");
	if (isinf(d) && !s->form->infinity)
		return bad_column(s, err, "is infinite, which this database "
					  "cannot hold");
	return 0;
}

/* Digits of a second that the database would drop must be zero already. */
static int check_fraction(const struct slot *s, const uow_timestamp *t,
			  uow_error *err)
{
	uint32_t unit = 1;
	unsigned i;

	for (i = s->form->fraction; i < 9; i++)
		unit *= 10;
	if (t->nanosecond % unit == 0)
		return 0;
	return bad_column(s, err, "has a finer fraction of a second than "
				  "this database keeps");
}

/* Days that the database would change without a word. */
static int check_day(const struct slot *s, int16_t year, uint16_t month,
		     uint16_t day, uow_error *err)
{
	if (!days_have(s->form->lost, year, month, day))
		return 0;
	return bad_column(s, err, "is a day that this database turns into "
				  "another one");
}

static int check_stamp(const struct slot *s, const uow_timestamp *t,
		       uow_error *err)
{
	int rc = check_day(s, t->year, t->month, t->day, err);

	return rc ? rc : check_fraction(s, t, err);
}

static int too_many_digits(const struct slot *s, uow_error *err)
{
	return bad_column(s, err, "has more digits than its column keeps "
				  "exactly");
}

static int check_digits(const struct slot *s, int64_t unscaled, uow_error *err)
{
	if (!s->form->digits || decimal_digits(unscaled) <= s->form->digits)
		return 0;
	return too_many_digits(s, err);
}

static int put_text(const char *text, size_t n, char *buffer, size_t size,
		    SQLLEN *length)
{
	if (n >= size)
		n = size - 1;	/* cannot be: sized by value_size() */
	memcpy(buffer, text, n);
	buffer[n] = '\0';
	*length = (SQLLEN)n;
	return 0;
}

/* In its one spelling: some databases have nothing but the text. */
static int encode_digits(const struct slot *s, const uow_value *v,
			 char *buffer, SQLLEN *length, uow_error *err)
{
	if (!field_digits(s->field, v, buffer))
		return bad_column(s, err, "is no decimal of its precision and "
					  "scale");
	*length = (SQLLEN)strlen(buffer);
	if (s->form->digits &&
	    digits_count(buffer, (size_t)*length) > s->form->digits)
		return too_many_digits(s, err);
	return 0;
}

static int encode_text(const struct slot *s, const uow_value *v, char *buffer,
		       size_t size, SQLLEN *length, uow_error *err)
{
	int rc = 0;

	switch (v->type) {
	case UOW_TYPE_CHARS:
	case UOW_TYPE_TEXT:
		if (s->field && field_is_digits(s->field))
			return encode_digits(s, v, buffer, length, err);
		/* Some drivers keep only what is before a NUL, in silence. */
		if (v->as.bytes.size &&
		    memchr(v->as.bytes.data, 0, v->as.bytes.size))
			return bad_column(s, err, "has a NUL in its text");
		return put_text(v->as.bytes.size ? v->as.bytes.data : "",
				v->as.bytes.size, buffer, size, length);
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		rc = check_real(s, v->as.real, err);
		text_from_double(buffer, v->as.real);
		break;
	case UOW_TYPE_DECIMAL:
		rc = check_digits(s, v->as.integer, err);
		decimal_format(buffer, v->as.integer, s->form->unscaled ? 0 :
			       (unsigned)v->scale);
		break;
	case UOW_TYPE_DATE:
		rc = check_day(s, v->as.date.year, v->as.date.month,
			       v->as.date.day, err);
		date_format(buffer, &v->as.date);
		break;
	case UOW_TYPE_TIME:
		time_format(buffer, &v->as.clock);
		break;
	case UOW_TYPE_TIMESTAMP:
		rc = check_stamp(s, &v->as.time, err);
		timestamp_format(buffer, &v->as.time, s->form->fraction);
		break;
	case UOW_TYPE_UUID:
		uuid_format(buffer, &v->as.uuid);
		break;
	default:
		snprintf(buffer, size, "%" PRId64, as_integer(v));
		break;
	}
	*length = (SQLLEN)strlen(buffer);
	return rc;
}

static int encode_binary(const uow_value *v, char *buffer, SQLLEN *length)
{
	const void *data = v->type == UOW_TYPE_UUID ? v->as.uuid.bytes :
						      v->as.bytes.data;
	size_t n = v->type == UOW_TYPE_UUID ? sizeof(v->as.uuid.bytes) :
					      v->as.bytes.size;

	if (n)
		memcpy(buffer, data, n);
	*length = (SQLLEN)n;
	return 0;
}

static int encode_number(const struct slot *s, const uow_value *v,
			 char *buffer, SQLLEN *length, uow_error *err)
{
	int64_t wide = as_integer(v);
	double real = v->as.real;
	float narrow = (float)real;
	int32_t word = (int32_t)wide;
	int16_t half = (int16_t)wide;
	const void *from = &wide;
	int rc = 0;

	*length = (SQLLEN)sizeof(wide);
	switch (s->kind) {
	case FORM_BIT:
		buffer[0] = wide != 0;
		*length = 1;
		return 0;
	case FORM_INT16:
		from = &half;
		*length = (SQLLEN)sizeof(half);
		break;
	case FORM_INT32:
		from = &word;
		*length = (SQLLEN)sizeof(word);
		break;
	case FORM_FLOAT:
		from = &narrow;
		*length = (SQLLEN)sizeof(narrow);
		rc = check_real(s, real, err);
		break;
	case FORM_DOUBLE:
		from = &real;
		*length = (SQLLEN)sizeof(real);
		rc = check_real(s, real, err);
		break;
	default:
		break;
	}
	memcpy(buffer, from, (size_t)*length);
	return rc;
}

static bool loses_emptiness(const struct slot *s, const uow_value *v)
{
	return s->form && s->form->empty_is_null &&
	       (is_text(v->type) || v->type == UOW_TYPE_BYTES) &&
	       !v->as.bytes.size;
}

int value_encode(const struct slot *s, const uow_value *v, char *buffer,
		 size_t size, SQLLEN *length, uow_error *err)
{
	if (loses_emptiness(s, v))
		return bad_column(s, err, "is empty, which this database "
					  "would keep as NULL");
	switch (s->kind) {
	case FORM_TEXT:
		return encode_text(s, v, buffer, size, length, err);
	case FORM_BINARY:
		return encode_binary(v, buffer, length);
	case FORM_DATE:
		memcpy(buffer, &v->as.date, sizeof(v->as.date));
		*length = (SQLLEN)sizeof(v->as.date);
		return check_day(s, v->as.date.year, v->as.date.month,
				 v->as.date.day, err);
	case FORM_TIME:
		memcpy(buffer, &v->as.clock, sizeof(v->as.clock));
		*length = (SQLLEN)sizeof(v->as.clock);
		return 0;
	case FORM_TIMESTAMP:
		memcpy(buffer, &v->as.time, sizeof(v->as.time));
		*length = (SQLLEN)sizeof(v->as.time);
		return check_stamp(s, &v->as.time, err);
	default:
		return encode_number(s, v, buffer, length, err);
	}
}

/* -- out of the database -- */

static bool parse_bool(const char *text, size_t n, int64_t *out)
{
	if (n == 1 && strchr("tTyY", text[0]))
		*out = 1;
	else if (n == 1 && strchr("fFnN", text[0]))
		*out = 0;
	else
		return text_to_int64(text, n, out) &&
		       (*out == 0 || *out == 1);
	return true;
}

static bool fits(uow_type type, int64_t i)
{
	switch (type) {
	case UOW_TYPE_BOOL:
		return i == 0 || i == 1;
	case UOW_TYPE_INT16:
		return i >= INT16_MIN && i <= INT16_MAX;
	case UOW_TYPE_INT32:
		return i >= INT32_MIN && i <= INT32_MAX;
	default:
		return true;
	}
}

static int set_member(const struct slot *s, void *row, const uow_value *v,
		      struct arena *texts, uow_error *err)
{
	return field_set(s->mapping, s->field, row, v, texts, err);
}

static int set_integer(const struct slot *s, void *row, int64_t i,
		       uow_error *err)
{
	uow_value v;

	if (!fits(s->type, i))
		return bad_column(s, err, "holds a number beyond its member");
	if (field_put_integer(s->field, row, i))
		return 0;
	if (s->type == UOW_TYPE_BOOL)
		v = uow_bool(i != 0);
	else if (s->type == UOW_TYPE_DECIMAL)
		v = uow_decimal(i, s->form->unscaled ? (int)s->field->scale :
						       0);
	else
		v = uow_int(i);
	return set_member(s, row, &v, NULL, err);
}

static int set_real(const struct slot *s, void *row, double d, uow_error *err)
{
	uow_value v = uow_real(d);

	if (s->type == UOW_TYPE_FLOAT && !isnan(d) && (double)(float)d != d)
		return bad_column(s, err, "holds a number that a float "
					  "cannot hold exactly");
	return set_member(s, row, &v, NULL, err);
}

static int decode_decimal(const struct slot *s, const char *text, size_t n,
			  void *row, uow_error *err)
{
	const struct field *f = s->field;
	uow_value v;
	int64_t i;

	if (s->form->unscaled) {
		if (!text_to_int64(text, n, &i) || !decimal_fits(i,
								 f->precision))
			return bad_column(s, err, "holds no unscaled decimal "
						  "of its precision");
	} else if (!decimal_parse(text, n, f->precision, f->scale, &i)) {
		return bad_column(s, err, "holds no decimal of its precision "
					  "and scale");
	}
	if (s->form->digits && decimal_digits(i) > s->form->digits)
		return bad_column(s, err, "holds more digits than its column "
					  "keeps exactly");
	v = uow_decimal(i, (int)f->scale);
	return set_member(s, row, &v, NULL, err);
}

static int decode_moment(const struct slot *s, const char *text, size_t n,
			 void *row, uow_error *err)
{
	uow_value v = uow_null();
	bool ok;

	v.type = s->type;
	switch (s->type) {
	case UOW_TYPE_DATE:
		ok = date_parse(text, n, &v.as.date);
		break;
	case UOW_TYPE_TIME:
		ok = time_parse(text, n, &v.as.clock);
		break;
	case UOW_TYPE_TIMESTAMP:
		ok = timestamp_parse(text, n, &v.as.time);
		break;
	default:
		ok = uuid_parse(text, n, &v.as.uuid);
		break;
	}
	if (!ok)
		return bad_column(s, err, s->type == UOW_TYPE_UUID ?
				  "holds no UUID" :
				  "holds no valid date or time");
	return set_member(s, row, &v, NULL, err);
}

static int decode_chars(const struct slot *s, const char *text, size_t n,
			void *row, struct arena *texts, uow_error *err)
{
	uow_value v = uow_null();

	if (field_put_chars(s->field, row, text, n))
		return 0;
	if (s->type == UOW_TYPE_CHARS && n >= s->field->size) {
		error_set(err, UOW_EDATA, "%s: column '%s' holds %zu bytes of "
			  "text, its member has room for %zu",
			  s->mapping->name, s->field->name, n,
			  s->field->size - 1);
		error_entity(err, s->mapping->name);
		return UOW_EDATA;
	}
	v.type = UOW_TYPE_TEXT;
	v.as.bytes.data = text;
	v.as.bytes.size = n;
	if (s->form->digits && digits_count(text, n) > s->form->digits)
		return bad_column(s, err, "holds more digits than its column "
					  "keeps exactly");
	return set_member(s, row, &v, texts, err);
}

enum { NUMBER_TEXT_MAX = 400 };

/*
 * There are drivers that write the decimal point of the program's locale.
 * The first byte of it, by their way of doing so.
 */
static const char *plain_number(const struct slot *s, const char *text,
				size_t n, char *buffer)
{
	char point = s->form->localized ? *nl_langinfo(RADIXCHAR) : '.';
	char *at;

	if (point == '.' || n >= NUMBER_TEXT_MAX)
		return text;
	memcpy(buffer, text, n);
	at = memchr(buffer, point, n);
	if (at)
		*at = '.';
	return buffer;
}

static int decode_fraction(const struct slot *s, const char *text, size_t n,
			   void *row, uow_error *err)
{
	char buffer[NUMBER_TEXT_MAX];
	double d;

	text = plain_number(s, text, n, buffer);
	if (s->type == UOW_TYPE_DECIMAL)
		return decode_decimal(s, text, n, row, err);
	if (!text_to_double(text, n, &d))
		return bad_column(s, err, "holds no number");
	return set_real(s, row, d, err);
}

static int decode_whole(const struct slot *s, const char *text, size_t n,
			void *row, uow_error *err)
{
	char buffer[NUMBER_TEXT_MAX];
	int64_t i;

	/* "3,00", in a column of another type. */
	if (!text_to_int64(text, n, &i) &&
	    !text_to_int64(plain_number(s, text, n, buffer), n, &i))
		return bad_column(s, err, "holds no whole number in the range "
					  "of its member");
	return set_integer(s, row, i, err);
}

static int decode_bool(const struct slot *s, const char *text, size_t n,
		       void *row, uow_error *err)
{
	int64_t i;

	if (!parse_bool(text, n, &i))
		return bad_column(s, err, "holds no truth value");
	return set_integer(s, row, i, err);
}

static int decode_text(const struct slot *s, const char *text, size_t n,
		       void *row, struct arena *texts, uow_error *err)
{
	switch (s->type) {
	case UOW_TYPE_INT16:
	case UOW_TYPE_INT32:
	case UOW_TYPE_INT64:
		return decode_whole(s, text, n, row, err);
	case UOW_TYPE_CHARS:
	case UOW_TYPE_TEXT:
		return decode_chars(s, text, n, row, texts, err);
	case UOW_TYPE_BOOL:
		return decode_bool(s, text, n, row, err);
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
	case UOW_TYPE_DECIMAL:
		return decode_fraction(s, text, n, row, err);
	default:
		return decode_moment(s, text, n, row, err);
	}
}

static int decode_binary(const struct slot *s, const char *data, size_t n,
			 void *row, struct arena *texts, uow_error *err)
{
	uow_value v = uow_blob(data, n);

	if (s->type == UOW_TYPE_UUID) {
		if (n != sizeof(v.as.uuid.bytes))
			return bad_column(s, err, "holds no UUID");
		v.type = UOW_TYPE_UUID;
		memcpy(v.as.uuid.bytes, data, n);
	}
	return set_member(s, row, &v, texts, err);
}

static int decode_struct(const struct slot *s, const char *data, void *row,
			 uow_error *err)
{
	uow_value v = uow_null();

	v.type = s->type;
	if (s->kind == FORM_DATE)
		memcpy(&v.as.date, data, sizeof(v.as.date));
	else if (s->kind == FORM_TIME)
		memcpy(&v.as.clock, data, sizeof(v.as.clock));
	else
		memcpy(&v.as.time, data, sizeof(v.as.time));
	if ((s->kind == FORM_DATE && !date_valid(&v.as.date)) ||
	    (s->kind == FORM_TIME && !time_valid(&v.as.clock)) ||
	    (s->kind == FORM_TIMESTAMP && !timestamp_valid(&v.as.time)))
		return bad_column(s, err, "holds no valid date or time");
	return set_member(s, row, &v, NULL, err);
}

static int decode_number(const struct slot *s, const char *data, void *row,
			 uow_error *err)
{
	int64_t wide = 0;
	int32_t word;
	int16_t half;
	float narrow;
	double real;

	switch (s->kind) {
	case FORM_BIT:
		return set_integer(s, row, data[0] != 0, err);
	case FORM_INT16:
		memcpy(&half, data, sizeof(half));
		return set_integer(s, row, half, err);
	case FORM_INT32:
		memcpy(&word, data, sizeof(word));
		return set_integer(s, row, word, err);
	case FORM_FLOAT:
		memcpy(&narrow, data, sizeof(narrow));
		return set_real(s, row, (double)narrow, err);
	case FORM_DOUBLE:
		memcpy(&real, data, sizeof(real));
		return set_real(s, row, real, err);
	default:
		memcpy(&wide, data, sizeof(wide));
		return set_integer(s, row, wide, err);
	}
}

int value_decode(const struct slot *s, const char *buffer, size_t length,
		 void *row, struct arena *texts, uow_error *err)
{
	switch (s->kind) {
	case FORM_TEXT:
		return decode_text(s, buffer, length, row, texts, err);
	case FORM_BINARY:
		return decode_binary(s, buffer, length, row, texts, err);
	case FORM_DATE:
	case FORM_TIME:
	case FORM_TIMESTAMP:
		return decode_struct(s, buffer, row, err);
	default:
		return decode_number(s, buffer, row, err);
	}
}
