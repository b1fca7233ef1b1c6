/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_THING_H
#define TESTS_THING_H

#include "model/mapping.h"

/* One member of every type, for the tests of src/model. */
struct thing {
	int64_t id;
	char code[8];
	bool flag, flag_is_null;
	int16_t i16;
	int32_t i32;
	int64_t i64;
	bool i64_is_null;
	float f32;
	double f64;
	bool f64_is_null;
	int64_t price;
	bool price_is_null;
	char name[8];
	bool name_is_null;
	const char *note;
	uow_bytes data;
	uow_date day;
	uow_time clock;
	uow_timestamp stamp;
	uow_uuid uuid;
	const char *must;
};

enum {
	ID, CODE, FLAG, I16, I32, I64, F32, F64, PRICE, NAME, NOTE, DATA, DAY,
	CLOCK, STAMP, UUID, MUST, THING_COLUMNS
};

static const uow_column thing_columns[THING_COLUMNS] = {
	UOW_INT64(struct thing, id, "id", UOW_KEY),
	UOW_CHARS(struct thing, code, "code", UOW_KEY),
	UOW_NULLABLE_BOOL(struct thing, flag, "flag", 0),
	UOW_INT16(struct thing, i16, "i16", 0),
	UOW_INT32(struct thing, i32, "i32", 0),
	UOW_NULLABLE_INT64(struct thing, i64, "i64", 0),
	UOW_FLOAT(struct thing, f32, "f32", 0),
	UOW_NULLABLE_DOUBLE(struct thing, f64, "f64", 0),
	UOW_NULLABLE_DECIMAL(struct thing, price, "price", 6, 2, 0),
	UOW_NULLABLE_CHARS(struct thing, name, "name", 0),
	UOW_TEXT(struct thing, note, "note", 4, 0),
	UOW_BYTES(struct thing, data, "data", 4, 0),
	UOW_DATE(struct thing, day, "day", 0),
	UOW_TIME(struct thing, clock, "clock", 0),
	UOW_TIMESTAMP(struct thing, stamp, "stamp", 0),
	UOW_UUID(struct thing, uuid, "uuid", 0),
	UOW_TEXT(struct thing, must, "must", 0, UOW_REQUIRED),
};

static const uow_entity thing_entity =
	UOW_ENTITY(struct thing, "things", thing_columns);

static const uow_date a_day = { 2024, 2, 29 };
static const uow_time a_time = { 1, 2, 3 };
static const uow_timestamp a_stamp = { 2024, 2, 29, 1, 2, 3, 500000000 };

/* A thing that field_check() likes; the same bytes every time. */
static inline struct thing good_thing(void)
{
	struct thing t;

	memset(&t, 0, sizeof(t));
	t.id = 5;
	strcpy(t.code, "k");
	t.i64 = 42;
	t.f64 = 1.5;
	t.price = 1250;
	strcpy(t.name, "bob");
	t.note = "note";
	t.data.data = "\1\2";
	t.data.size = 2;
	t.day = a_day;
	t.clock = a_time;
	t.stamp = a_stamp;
	t.uuid.bytes[0] = 1;
	t.must = "must";
	return t;
}

static struct mapping *map;

static inline int map_thing(void **state)
{
	uow_error err;

	(void)state;
	return mapping_new(&map, &thing_entity, &err);
}

static inline int unmap_thing(void **state)
{
	(void)state;
	mapping_free(map);
	return 0;
}

#endif
