/* SPDX-License-Identifier: BSD-2-Clause */
#include "entities.h"

#include <string.h>

static const uow_column account_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_CHARS(struct account, owner, "owner", 0),
	UOW_DECIMAL(struct account, balance, "balance", 18, 2, 0),
	UOW_TEXT(struct account, remark, "remark", 0, 0),
	UOW_INT32(struct account, version, "version", UOW_ROW_VERSION),
};
const uow_entity account_entity =
	UOW_ENTITY(struct account, "accounts", account_columns);

static const uow_column plain_columns[] = {
	UOW_INT64(struct plain, id, "id", UOW_KEY),
	UOW_INT32(struct plain, amount, "amount", 0),
	UOW_TEXT(struct plain, label, "label", 0, 0),
};
const uow_entity plain_entity =
	UOW_ENTITY(struct plain, "plains", plain_columns);

static const uow_column pair_columns[] = {
	UOW_INT64(struct pair, a, "a", UOW_KEY),
	UOW_CHARS(struct pair, b, "b", UOW_KEY),
	UOW_INT32(struct pair, amount, "amount", 0),
	UOW_INT64(struct pair, version, "version", UOW_ROW_VERSION),
};
const uow_entity pair_entity = UOW_ENTITY(struct pair, "pairs", pair_columns);

static const uow_column detail_columns[] = {
	UOW_INT64(struct detail, id, "id", UOW_KEY),
	UOW_INT64(struct detail, pair_a, "pair_a", 0),
	UOW_CHARS(struct detail, pair_b, "pair_b", 0),
	UOW_INT32(struct detail, amount, "amount", 0),
};
static const uow_foreign_key detail_keys[] = {
	UOW_FOREIGN_KEY(&pair_entity, { "pair_a", "pair_b" }, { "a", "b" }),
};
const uow_entity detail_entity =
	UOW_ENTITY_FOREIGN(struct detail, NULL, "details", detail_columns,
			   detail_keys);

static const uow_column word_columns[] = {
	UOW_TEXT(struct word, word, "word", 40, UOW_KEY | UOW_REQUIRED),
	UOW_INT32(struct word, uses, "uses", 0),
};
const uow_entity word_entity = UOW_ENTITY(struct word, "words", word_columns);

static const uow_column token_columns[] = {
	UOW_UUID(struct token, id, "id", UOW_KEY),
	UOW_CHARS(struct token, label, "label", 0),
	UOW_INT64(struct token, version, "version", UOW_ROW_VERSION),
};
const uow_entity token_entity =
	UOW_ENTITY(struct token, "tokens", token_columns);

static const uow_column day_columns[] = {
	UOW_DATE(struct day, day, "calendar_day", UOW_KEY),
	UOW_INT32(struct day, amount, "amount", 0),
};
const uow_entity day_entity = UOW_ENTITY(struct day, "days", day_columns);

static const uow_column small_columns[] = {
	UOW_INT32(struct small, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT16(struct small, amount, "amount", 0),
};
const uow_entity small_entity =
	UOW_ENTITY(struct small, "smalls", small_columns);

static const uow_column region_columns[] = {
	UOW_INT64(struct region, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_CHARS(struct region, name, "name", 0),
};
const uow_entity region_entity =
	UOW_ENTITY(struct region, "regions", region_columns);

static const uow_column city_columns[] = {
	UOW_INT64(struct city, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct city, region, "region", &region_entity, 0),
	UOW_CHARS(struct city, name, "name", 0),
};
const uow_entity city_entity = UOW_ENTITY(struct city, "cities", city_columns);

static const uow_column street_columns[] = {
	UOW_INT64(struct street, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_NULLABLE_REFERENCE(struct street, city, "city", &city_entity, 0),
	UOW_CHARS(struct street, name, "name", 0),
};
const uow_entity street_entity =
	UOW_ENTITY(struct street, "streets", street_columns);

static const uow_column twin_columns[] = {
	UOW_REFERENCE(struct twin, city, "city", &city_entity, UOW_KEY),
	UOW_REFERENCE(struct twin, partner, "partner", &city_entity, UOW_KEY),
};
const uow_entity twin_entity = UOW_ENTITY(struct twin, "twins", twin_columns);

static const uow_column node_columns[] = {
	UOW_INT64(struct node, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_NULLABLE_REFERENCE(struct node, parent, "parent", &node_entity, 0),
	UOW_CHARS(struct node, name, "name", 0),
};
const uow_entity node_entity = UOW_ENTITY(struct node, "nodes", node_columns);

static const uow_column slot_columns[] = {
	UOW_INT64(struct slot, id, "id", UOW_KEY),
	UOW_CHARS(struct slot, code, "code", UOW_UNIQUE),
	UOW_INT32(struct slot, amount, "amount", 0),
};
const uow_entity slot_entity = UOW_ENTITY(struct slot, "slots", slot_columns);

static const uow_column seat_columns[] = {
	UOW_INT64(struct seat, id, "id", UOW_KEY),
	UOW_INT32(struct seat, line, "line", 0),
	UOW_INT32(struct seat, place, "place", 0),
	UOW_CHARS(struct seat, guest, "guest", 0),
};
static const uow_unique_key seat_keys[] = {
	UOW_UNIQUE_KEY({ "line", "place" }),
};
const uow_entity seat_entity =
	UOW_ENTITY_UNIQUE(struct seat, NULL, "seats", seat_columns, seat_keys);

static const uow_column stamped_columns[] = {
	UOW_INT64(struct stamped, id, "id", UOW_KEY),
	UOW_INT32(struct stamped, amount, "amount", 0),
	UOW_INT32(struct stamped, shown, "shown", UOW_READ_ONLY),
};
const uow_entity stamped_entity =
	UOW_ENTITY(struct stamped, "stamped", stamped_columns);

static const uow_column stamped_all_columns[] = {
	UOW_INT64(struct stamped, id, "id", UOW_KEY),
	UOW_INT32(struct stamped, amount, "amount", 0),
	UOW_INT32(struct stamped, shown, "shown", 0),
};
const uow_entity stamped_all_entity =
	UOW_ENTITY(struct stamped, "stamped", stamped_all_columns);

static const uow_column types_columns[] = {
	UOW_INT64(struct types, id, "id", UOW_KEY),
	UOW_BOOL(struct types, b, "b", 0),
	UOW_INT16(struct types, i16, "i16", 0),
	UOW_INT32(struct types, i32, "i32", 0),
	UOW_INT64(struct types, i64, "i64", 0),
	UOW_FLOAT(struct types, f, "f", 0),
	UOW_DOUBLE(struct types, d, "d", 0),
	UOW_DECIMAL(struct types, dec0, "dec0", 18, 0, 0),
	UOW_DECIMAL(struct types, dec2, "dec2", 18, 2, 0),
	UOW_DECIMAL(struct types, dec18, "dec18", 18, 18, 0),
	UOW_CHARS(struct types, chars, "chars", 0),
	UOW_TEXT(struct types, text, "body", 0, 0),
	UOW_BYTES(struct types, bytes, "bytes", 0, 0),
	UOW_DATE(struct types, date, "on_day", 0),
	UOW_TIME(struct types, time, "at_time", 0),
	UOW_TIMESTAMP(struct types, stamp, "stamp", 0),
	UOW_UUID(struct types, uuid, "guid", 0),
};
const uow_entity types_entity =
	UOW_ENTITY(struct types, "alltypes", types_columns);

static const uow_column nullable_columns[] = {
	UOW_INT64(struct nullable, id, "id", UOW_KEY),
	UOW_NULLABLE_BOOL(struct nullable, b, "b", 0),
	UOW_NULLABLE_INT16(struct nullable, i16, "i16", 0),
	UOW_NULLABLE_INT32(struct nullable, i32, "i32", 0),
	UOW_NULLABLE_INT64(struct nullable, i64, "i64", 0),
	UOW_NULLABLE_FLOAT(struct nullable, f, "f", 0),
	UOW_NULLABLE_DOUBLE(struct nullable, d, "d", 0),
	UOW_NULLABLE_DECIMAL(struct nullable, dec, "dec", 18, 2, 0),
	UOW_NULLABLE_CHARS(struct nullable, chars, "chars", 0),
	UOW_TEXT(struct nullable, text, "body", 0, 0),
	UOW_BYTES(struct nullable, bytes, "bytes", 0, 0),
	UOW_NULLABLE_DATE(struct nullable, date, "on_day", 0),
	UOW_NULLABLE_TIME(struct nullable, time, "at_time", 0),
	UOW_NULLABLE_TIMESTAMP(struct nullable, stamp, "stamp", 0),
	UOW_NULLABLE_UUID(struct nullable, uuid, "guid", 0),
	UOW_NULLABLE_REFERENCE(struct nullable, ref, "ref", &plain_entity, 0),
};
const uow_entity nullable_entity =
	UOW_ENTITY(struct nullable, "nullables", nullable_columns);

static const uow_column limited_columns[] = {
	UOW_INT64(struct limited, id, "id", UOW_KEY),
	UOW_TEXT(struct limited, text, "body", 5, UOW_REQUIRED),
	UOW_BYTES(struct limited, bytes, "bytes", 4, UOW_REQUIRED),
	UOW_DECIMAL(struct limited, dec, "dec", 5, 2, 0),
};
const uow_entity limited_entity =
	UOW_ENTITY(struct limited, "limiteds", limited_columns);

static const uow_column odd_columns[] = {
	UOW_INT64(struct odd, id, "id of it", UOW_KEY),
	UOW_INT32(struct odd, order_by, "order", 0),
	UOW_INT32(struct odd, quoted, "say \"it's\" [x] `y`", 0),
	UOW_INT32(struct odd, drop, "\"; drop table plains; --", 0),
	UOW_CHARS(struct odd, upper, "Gr\xc3\xb6\xc3\x9f" "e?", 0),
};
const uow_entity odd_entity =
	UOW_ENTITY(struct odd, "select \"from\"; drop table plains; --",
		   odd_columns);

void types_sample(struct types *t, int64_t id)
{
	static const unsigned char blob[] = { 0, 1, 2, 0xff, 0, '\'' };
	size_t i;

	memset(t, 0, sizeof(*t));
	t->id = id;
	t->b = true;
	t->i16 = -12345;
	t->i32 = 1234567890;
	t->i64 = -1234567890123456789;
	t->f = 0.1f;
	t->d = 1.0 / 3;
	t->dec0 = 123456789012345678;
	t->dec2 = -1250;
	t->dec18 = 100000000000000001;
	strcpy(t->chars, "it's \"quoted\" \\ {x} ?");
	t->text = "Gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80 % _";
	t->bytes.data = blob;
	t->bytes.size = sizeof(blob);
	t->date.year = 2024;
	t->date.month = 2;
	t->date.day = 29;
	t->time.hour = 23;
	t->time.minute = 59;
	t->time.second = 59;
	t->stamp.year = 1969;
	t->stamp.month = 12;
	t->stamp.day = 31;
	t->stamp.hour = 23;
	t->stamp.minute = 59;
	t->stamp.second = 58;
	t->stamp.nanosecond = 123456000;
	for (i = 0; i < sizeof(t->uuid.bytes); i++)
		t->uuid.bytes[i] = (uint8_t)(i * 17 + 3);
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool bytes_equal(uow_bytes a, uow_bytes b)
{
	if (!a.data || !b.data)
		return !a.data == !b.data;
	return a.size == b.size && !memcmp(a.data, b.data, a.size);
}

/* Same bits, but for the sign of zero, which not every database keeps. */
static bool double_equal(double a, double b)
{
	return (a <= 0 && a >= 0 && b <= 0 && b >= 0) ||
	       !memcmp(&a, &b, sizeof(a));
}

static bool float_equal(float a, float b)
{
	return (a <= 0 && a >= 0 && b <= 0 && b >= 0) ||
	       !memcmp(&a, &b, sizeof(a));
}

bool types_equal(const struct types *a, const struct types *b)
{
	return a->id == b->id && a->b == b->b && a->i16 == b->i16 &&
	       a->i32 == b->i32 && a->i64 == b->i64 &&
	       float_equal(a->f, b->f) && double_equal(a->d, b->d) &&
	       a->dec0 == b->dec0 && a->dec2 == b->dec2 &&
	       a->dec18 == b->dec18 && !strcmp(a->chars, b->chars) &&
	       text_equal(a->text, b->text) &&
	       bytes_equal(a->bytes, b->bytes) &&
	       !memcmp(&a->date, &b->date, sizeof(a->date)) &&
	       !memcmp(&a->time, &b->time, sizeof(a->time)) &&
	       !memcmp(&a->stamp, &b->stamp, sizeof(a->stamp)) &&
	       !memcmp(&a->uuid, &b->uuid, sizeof(a->uuid));
}
