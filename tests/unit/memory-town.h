/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_TOWN_H
#define MEMORY_TOWN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <uow/memory.h>
#include <uow/schema.h>
#include <uow/uow.h>

/* Tables for the tests of the memory backend, and units by hand. */

struct house {
	int64_t id;
	int64_t number;		/* unique */
	int32_t rooms;
	int32_t version;
};
static const uow_column house_columns[] = {
	UOW_INT64(struct house, id, "id", UOW_KEY),
	UOW_INT64(struct house, number, "number", UOW_UNIQUE),
	UOW_INT32(struct house, rooms, "rooms", 0),
	UOW_INT32(struct house, version, "version", UOW_ROW_VERSION),
};
static const uow_entity house_entity =
	UOW_ENTITY(struct house, "houses", house_columns);
UOW_REPOSITORY(house, struct house, house_entity);

struct guest {
	int64_t id;
	int64_t house;
	bool house_is_null;
	const char *name;
};
static const uow_column guest_columns[] = {
	UOW_INT64(struct guest, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_NULLABLE_REFERENCE(struct guest, house, "house", &house_entity, 0),
	UOW_TEXT(struct guest, name, "name", 20, 0),
};
static const uow_entity guest_entity =
	UOW_ENTITY(struct guest, "guests", guest_columns);
UOW_REPOSITORY(guest, struct guest, guest_entity);

static const uow_entity *const town[] = { &guest_entity, &house_entity };

/* Stands still but for its sleeps. */
struct still {
	uint64_t now;
	unsigned sleeps;
	uow_clock clock;
};

static inline uint64_t still_now(void *arg)
{
	return ((struct still *)arg)->now;
}

static inline void still_sleep(uint64_t usec, void *arg)
{
	((struct still *)arg)->now += usec;
	((struct still *)arg)->sleeps++;
}

static struct still still;
static uow_db *db;
static uow_error err;

static inline void town_open(const uow_clock *clock)
{
	static const uow_error none = UOW_ERROR_INIT;
	uow_memory_options o = UOW_MEMORY_OPTIONS_INIT;
	uow_db_options d = UOW_DB_OPTIONS_INIT;

	err = none;
	d.clock = clock;
	d.pool_max = 20;
	o.db = &d;
	db = NULL;
	assert_int_equal(uow_memory_open(&db, &o, &err), 0);
	assert_int_equal(uow_schema_create(db, town, 2, &err), 0);
}

/* Setup: on a clock that makes waiting take no time. */
static inline int town_new(void **state)
{
	(void)state;
	memset(&still, 0, sizeof(still));
	still.now = 1000000;
	still.clock.now_usec = still_now;
	still.clock.sleep_usec = still_sleep;
	still.clock.arg = &still;
	town_open(&still.clock);
	return 0;
}

static inline int town_free(void **state)
{
	(void)state;
	uow_db_free(db);
	return 0;
}

static inline uow_unit *town_begin(uow_isolation isolation)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	o.isolation = isolation;
	assert_int_equal(uow_begin(&u, db, &o, &err), 0);
	return u;
}

static inline uow_unit *begin(void)
{
	return town_begin(UOW_ISOLATION_DEFAULT);
}

/* Ends u as expected. */
static inline void ends(uow_unit *u, int code)
{
	int rc = uow_commit(u);

	if (rc != code)
		print_error("%s\n", uow_unit_error(u)->message);
	assert_int_equal(rc, code);
	uow_unit_free(u);
}

static inline struct house *house(uow_unit *u, int64_t id)
{
	return house_get(house_repository_of(u), id);
}

static inline void build_in(uow_unit *u, int64_t id, int64_t number)
{
	struct house h = { id, number, 1, 0 };

	assert_non_null(house_add(house_repository_of(u), &h));
}

static inline void build(int64_t id, int64_t number)
{
	uow_unit *u = begin();

	build_in(u, id, number);
	ends(u, 0);
}

static inline int32_t rooms(int64_t id)
{
	uow_unit *u = begin();
	struct house *h = house(u, id);
	int32_t n = h ? h->rooms : -1;

	uow_unit_free(u);
	return n;
}

static inline uint64_t houses(void)
{
	uow_unit *u = begin();
	uint64_t n = 0;

	assert_int_equal(uow_count(uow_repository_of(u, &house_entity),
				   uow_all(), &n), 0);
	uow_unit_free(u);
	return n;
}

#endif
