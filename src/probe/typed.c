/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/typed.h"

#include <float.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

size_t typed_size(uow_type type)
{
	const struct typed *t = NULL;

	switch (type) {
	case UOW_TYPE_BOOL:
		return sizeof(t->as.boolean);
	case UOW_TYPE_INT16:
		return sizeof(t->as.half);
	case UOW_TYPE_INT32:
		return sizeof(t->as.word);
	case UOW_TYPE_INT64:
	case UOW_TYPE_DECIMAL:
		return sizeof(t->as.wide);
	case UOW_TYPE_FLOAT:
		return sizeof(t->as.single);
	case UOW_TYPE_DOUBLE:
		return sizeof(t->as.real);
	case UOW_TYPE_CHARS:
		return sizeof(t->as.chars);
	case UOW_TYPE_TEXT:
		return sizeof(t->as.text);
	case UOW_TYPE_BYTES:
		return sizeof(t->as.bytes);
	case UOW_TYPE_DATE:
		return sizeof(t->as.date);
	case UOW_TYPE_TIME:
		return sizeof(t->as.clock);
	case UOW_TYPE_TIMESTAMP:
		return sizeof(t->as.stamp);
	default:
		return sizeof(t->as.uuid);
	}
}

static bool integer(const int64_t *list, int count, int k, uow_value *out,
		    const char **what)
{
	static const char *const names[] = {
		"the smallest number", "the largest number", "zero",
		"minus one", "5000000000"
	};

	if (k >= count)
		return false;
	*out = uow_int(list[k]);
	*what = names[k];
	return true;
}

/* Bits that no short text of digits gives back. */
static double scattered(int k)
{
	uint64_t bits = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(k + 1);
	double d;

	/* Any mantissa; exponents from 2^-64 to 2^63. */
	bits = (bits & UINT64_C(0x800fffffffffffff)) |
	       ((uint64_t)(959 + k * 13 % 128) << 52);
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static bool real(bool single, int k, uow_value *out, const char **what)
{
	static const double doubles[] = {
		0.0, 1.0 / 3.0, -0.1, DBL_MAX, -DBL_MAX, DBL_MIN, 1e-300
	};
	static const float floats[] = {
		0.0F, 1.0F / 3.0F, -0.1F, FLT_MAX, -FLT_MAX, FLT_MIN, 1e-30F
	};
	static const char *const names[] = {
		"zero", "1/3", "-0.1", "the largest number",
		"minus the largest number", "the smallest number",
		"a small number"
	};

	if (k < COUNT(doubles)) {
		*out = uow_real(single ? (double)floats[k] : doubles[k]);
		*what = names[k];
		return true;
	}
	if (k >= COUNT(doubles) + 12)
		return false;
	*out = uow_real(single ? (double)(float)scattered(k) : scattered(k));
	*what = "a number of many digits";
	return true;
}

static bool decimal(int k, uow_value *out, const char **what)
{
	static const int64_t list[] = {
		0, 1, -1, INT64_C(999999999999999999),
		-INT64_C(999999999999999999), 1250
	};

	if (k >= COUNT(list))
		return false;
	*out = uow_decimal(list[k], 2);
	*what = "a decimal";
	return true;
}

static bool text(int k, uow_value *out, const char **what)
{
	static const char *const list[] = {
		"", "plain", "blanks at the end  ", "it's \"q\" \\ ; {} ? %_",
		"\xc3\xbc \xe2\x82\xac \xf0\x9d\x84\x9e \xf0\x9f\x98\x80"
	};
	static const char *const names[] = {
		"an empty text", "a text", "blanks at the end", "quotes",
		"UTF-8 of four bytes"
	};

	if (k >= COUNT(list))
		return false;
	*out = uow_text(list[k]);
	*what = names[k];
	return true;
}

static bool bytes(int k, uow_value *out, const char **what)
{
	static const struct {
		const char *data;
		size_t size;
		const char *name;
	} list[] = {
		{ "", 0, "no bytes" },
		{ "\0\xff\0", 3, "zero bytes" },
		{ "0123456789012345678901234567890123456789", 40, "40 bytes" },
		{ "'\\\n\x1a", 4, "special bytes" }
	};

	if (k >= COUNT(list))
		return false;
	*out = uow_blob(list[k].data, list[k].size);
	*what = list[k].name;
	return true;
}

static bool date(int k, uow_value *out, const char **what)
{
	static const uow_date list[] = {
		{ 2024, 2, 29 }, { 1, 1, 1 }, { 9999, 12, 31 }
	};
	static const char *const names[] = {
		"2024-02-29", "0001-01-01", "9999-12-31"
	};

	if (k >= COUNT(list))
		return false;
	*out = uow_null();
	out->type = UOW_TYPE_DATE;
	out->as.date = list[k];
	*what = names[k];
	return true;
}

static bool hour(int k, uow_value *out, const char **what)
{
	static const uow_time list[] = { { 0, 0, 0 }, { 23, 59, 59 } };
	static const char *const names[] = { "00:00:00", "23:59:59" };

	if (k >= COUNT(list))
		return false;
	*out = uow_null();
	out->type = UOW_TYPE_TIME;
	out->as.clock = list[k];
	*what = names[k];
	return true;
}

uow_value typed_stamp(unsigned digits)
{
	uow_value v = uow_null();
	uint32_t unit = 1;
	unsigned i;

	for (i = digits; i < 9; i++)
		unit *= 10;
	v.type = UOW_TYPE_TIMESTAMP;
	v.as.time.year = 2024;
	v.as.time.month = 2;
	v.as.time.day = 29;
	v.as.time.hour = 12;
	v.as.time.minute = 34;
	v.as.time.second = 56;
	v.as.time.nanosecond = digits ? 123456789U / unit * unit : 0;
	return v;
}

static bool stamp(int k, unsigned fraction, uow_value *out, const char **what)
{
	static const char *const names[] = {
		"a time with its fraction", "0001-01-01 00:00:00",
		"9999-12-31 23:59:59"
	};

	if (k >= COUNT(names))
		return false;
	*out = typed_stamp(k ? 0 : fraction);
	if (k) {
		memset(&out->as.time, 0, sizeof(out->as.time));
		out->as.time.year = (int16_t)(k == 1 ? 1 : 9999);
		out->as.time.month = (uint16_t)(k == 1 ? 1 : 12);
		out->as.time.day = (uint16_t)(k == 1 ? 1 : 31);
	}
	if (k == 2) {
		out->as.time.hour = 23;
		out->as.time.minute = out->as.time.second = 59;
	}
	*what = names[k];
	return true;
}

static bool uuid(int k, uow_value *out, const char **what)
{
	int i;

	if (k >= 3)
		return false;
	*out = uow_null();
	out->type = UOW_TYPE_UUID;
	for (i = 0; i < 16; i++)
		out->as.uuid.bytes[i] = (uint8_t)(k == 0 ? 0 : k == 1 ? 255 :
						  i * 17);
	*what = "a UUID";
	return true;
}

bool typed_value(uow_type type, int k, unsigned fraction, uow_value *out,
		 const char **what)
{
	static const int64_t half[] = { INT16_MIN, INT16_MAX, 0, -1 };
	static const int64_t word[] = { INT32_MIN, INT32_MAX, 0, -1 };
	static const int64_t wide[] = {
		INT64_MIN, INT64_MAX, 0, -1, INT64_C(5000000000)
	};

	switch (type) {
	case UOW_TYPE_BOOL:
		*out = uow_bool(k == 0);
		*what = k ? "false" : "true";
		return k < 2;
	case UOW_TYPE_INT16:
		return integer(half, COUNT(half), k, out, what);
	case UOW_TYPE_INT32:
		return integer(word, COUNT(word), k, out, what);
	case UOW_TYPE_INT64:
		return integer(wide, COUNT(wide), k, out, what);
	case UOW_TYPE_FLOAT:
	case UOW_TYPE_DOUBLE:
		return real(type == UOW_TYPE_FLOAT, k, out, what);
	case UOW_TYPE_DECIMAL:
		return decimal(k, out, what);
	case UOW_TYPE_CHARS:
	case UOW_TYPE_TEXT:
		return text(k, out, what);
	case UOW_TYPE_BYTES:
		return bytes(k, out, what);
	case UOW_TYPE_DATE:
		return date(k, out, what);
	case UOW_TYPE_TIME:
		return hour(k, out, what);
	case UOW_TYPE_TIMESTAMP:
		return stamp(k, fraction, out, what);
	default:
		return uuid(k, out, what);
	}
}

/* Groups of 1 + 2 + 3 + 4 bytes; what is left at the end is plain. */
void typed_long(char *data, size_t size, bool binary)
{
	static const char group[] = "a\xc3\xbc\xe2\x82\xac\xf0\x9d\x84\x9e";
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = binary ? (char)(i * 31 + i / 251) :
				   group[i % (sizeof(group) - 1)];
	if (binary)
		return;
	for (i = size - size % (sizeof(group) - 1); i < size; i++)
		data[i] = '.';
	data[size] = '\0';
}
