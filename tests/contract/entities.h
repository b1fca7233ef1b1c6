/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTRACT_ENTITIES_H
#define CONTRACT_ENTITIES_H

#include <uow/uow.h>

/* Structs that the cases share. Names of columns are no reserved words. */

/* Generated key, decimal, nullable text, version. */
struct account {
	int64_t id;
	char owner[41];
	int64_t balance;
	const char *remark;
	int32_t version;
};
extern const uow_entity account_entity;
UOW_REPOSITORY(account, struct account, account_entity);

/* Assigned key, no version. */
struct plain {
	int64_t id;
	int32_t amount;
	const char *label;
};
extern const uow_entity plain_entity;
UOW_REPOSITORY(plain, struct plain, plain_entity);

/* Key of two columns, and a version. */
struct pair {
	int64_t a;
	char b[13];
	int32_t amount;
	int64_t version;
};
extern const uow_entity pair_entity;
UOW_REPOSITORY(pair, struct pair, pair_entity);

/* Refers to a pair by both columns. */
struct detail {
	int64_t id;
	int64_t pair_a;
	char pair_b[13];
	int32_t amount;
};
extern const uow_entity detail_entity;

/* Text key outside of the struct. */
struct word {
	const char *word;
	int32_t uses;
};
extern const uow_entity word_entity;
UOW_REPOSITORY(word, struct word, word_entity);

/* UUID key. */
struct token {
	uow_uuid id;
	char label[21];
	int64_t version;
};
extern const uow_entity token_entity;

/* Date key. */
struct day {
	uow_date day;
	int32_t amount;
};
extern const uow_entity day_entity;

/* Generated key of 32 bits. */
struct small {
	int32_t id;
	int16_t amount;
};
extern const uow_entity small_entity;

/* Three levels of reference; the last one may be NULL. */
struct region {
	int64_t id;
	char name[21];
};
struct city {
	int64_t id;
	int64_t region;
	char name[21];
};
struct street {
	int64_t id;
	int64_t city;
	bool city_is_null;
	char name[21];
};
extern const uow_entity region_entity, city_entity, street_entity;

/* Key of two references: many to many. */
struct twin {
	int64_t city;
	int64_t partner;
};
extern const uow_entity twin_entity;

/* Refers to its own kind. */
struct node {
	int64_t id;
	int64_t parent;
	bool parent_is_null;
	char name[21];
};
extern const uow_entity node_entity;

/* A unique column beside the key, and a unique pair. */
struct slot {
	int64_t id;
	char code[11];
	int32_t amount;
};
extern const uow_entity slot_entity;
struct seat {
	int64_t id;
	int32_t line, place;
	char guest[21];
};
extern const uow_entity seat_entity;

/* Column that is loaded and never written. */
struct stamped {
	int64_t id;
	int32_t amount;
	int32_t shown;
};
extern const uow_entity stamped_entity;

/* The writable side of the same table. */
extern const uow_entity stamped_all_entity;

/* Every type. */
struct types {
	int64_t id;
	bool b;
	int16_t i16;
	int32_t i32;
	int64_t i64;
	float f;
	double d;
	int64_t dec0, dec2, dec18;
	char chars[33];
	const char *text;
	uow_bytes bytes;
	uow_date date;
	uow_time time;
	uow_timestamp stamp;
	uow_uuid uuid;
};
extern const uow_entity types_entity;

/* Every nullable form. */
struct nullable {
	int64_t id;
	bool b, b_is_null;
	int16_t i16;
	bool i16_is_null;
	int32_t i32;
	bool i32_is_null;
	int64_t i64;
	bool i64_is_null;
	float f;
	bool f_is_null;
	double d;
	bool d_is_null;
	int64_t dec;
	bool dec_is_null;
	char chars[33];
	bool chars_is_null;
	const char *text;
	uow_bytes bytes;
	uow_date date;
	bool date_is_null;
	uow_time time;
	bool time_is_null;
	uow_timestamp stamp;
	bool stamp_is_null;
	uow_uuid uuid;
	bool uuid_is_null;
	int64_t ref;
	bool ref_is_null;
};
extern const uow_entity nullable_entity;

/* Text and bytes of limited length, required ones. */
struct limited {
	int64_t id;
	const char *text;	/* 5 characters, required */
	uow_bytes bytes;	/* 4 bytes, required */
	int64_t dec;		/* 5 digits, 2 of them after the point */
};
extern const uow_entity limited_entity;

/* Names with everything in them that can go wrong. */
struct odd {
	int64_t id;
	int32_t order_by;
	int32_t quoted;
	int32_t drop;
	char upper[11];
};
extern const uow_entity odd_entity;

/* Structs filled in with values worth asking back. */
void types_sample(struct types *t, int64_t id);
bool types_equal(const struct types *a, const struct types *b);

#endif
