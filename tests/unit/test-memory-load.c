/* SPDX-License-Identifier: BSD-2-Clause */
/* api/memory_load.c: rows from text and from structs. */
#include "memory-town.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A column of every kind. */
struct kind {
	int64_t id;
	bool b;
	int16_t small;
	bool small_is_null;
	int64_t money;
	double real;
	char code[5];
	const char *text;
	uow_bytes bytes;
	uow_date day;
	uow_time clock;
	uow_timestamp stamp;
	uow_uuid uuid;
	int32_t version;
	int32_t shown;
};
static const uow_column kind_columns[] = {
	UOW_INT64(struct kind, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_BOOL(struct kind, b, "b", 0),
	UOW_NULLABLE_INT16(struct kind, small, "small", 0),
	UOW_DECIMAL(struct kind, money, "money", 8, 2, 0),
	UOW_DOUBLE(struct kind, real, "real", 0),
	UOW_CHARS(struct kind, code, "code", 0),
	UOW_TEXT(struct kind, text, "text", 6, 0),
	UOW_BYTES(struct kind, bytes, "bytes", 4, 0),
	UOW_DATE(struct kind, day, "day", 0),
	UOW_TIME(struct kind, clock, "clock", 0),
	UOW_TIMESTAMP(struct kind, stamp, "stamp", 0),
	UOW_UUID(struct kind, uuid, "uuid", 0),
	UOW_INT32(struct kind, version, "version", UOW_ROW_VERSION),
};
static const uow_entity kind_entity =
	UOW_ENTITY(struct kind, "kinds", kind_columns);

#define HEADER "id,b,small,money,real,code,text,bytes,day,clock,stamp,uuid\n"
#define UUID "00112233-4455-6677-8899-aabbccddeeff"

static int setup(void **state)
{
	static const uow_entity *const list[] = { &kind_entity };

	town_new(state);
	assert_int_equal(uow_schema_create(db, list, 1, &err), 0);
	return 0;
}

static int load(const uow_entity *e, const char *text)
{
	static const uow_error none = UOW_ERROR_INIT;

	err = none;
	return uow_memory_load_text(db, e, text, &err);
}

static void loads(const uow_entity *e, const char *text)
{
	if (load(e, text))
		fail_msg("%s", err.message);
}

static uint64_t kinds(void)
{
	uow_unit *u = begin();
	uint64_t n = 0;

	assert_int_equal(uow_count(uow_repository_of(u, &kind_entity),
				   uow_all(), &n), 0);
	uow_unit_free(u);
	return n;
}

static void every_type_has_a_form(void **state)
{
	static const unsigned char first[] = { 0x00, 0x11, 0x22 };
	const struct kind *k;
	uow_unit *u;

	(void)state;
	loads(&kind_entity, HEADER
	      "7,true,-5,-12.5,1.5e3,abcd,\"a,\"\"\xc3\xa9\",0aFF,2024-02-29,"
	      "23:59:58,2024-02-29 01:02:03.25," UUID "\r\n"
	      ",0,,3,-0.5,\"\",\"\",\"\",0001-01-01,00:00:00,"
	      "9999-12-31T00:00:00," UUID "\n"
	      "9,FALSE,3,1e2,0,x,,,0001-01-01,00:00:00,"
	      "9999-12-31 00:00:00," UUID);
	u = begin();
	k = uow_get(uow_repository_of(u, &kind_entity), uow_id(7));
	assert_non_null(k);
	assert_true(k->b && !k->small_is_null && k->small == -5);
	assert_int_equal(k->money, -1250);
	assert_true(k->real == 1500);
	assert_string_equal(k->code, "abcd");
	assert_string_equal(k->text, "a,\"\xc3\xa9");
	assert_int_equal(k->bytes.size, 2);
	assert_memory_equal(k->bytes.data, "\x0a\xff", 2);
	assert_true(k->day.year == 2024 && k->day.day == 29);
	assert_true(k->clock.hour == 23 && k->clock.second == 58);
	assert_int_equal(k->stamp.nanosecond, 250000000);
	assert_memory_equal(k->uuid.bytes, first, 3);
	assert_int_equal(k->version, 1);
	k = uow_get(uow_repository_of(u, &kind_entity), uow_id(8));
	assert_non_null(k);
	assert_true(!k->b && k->small_is_null);
	assert_int_equal(k->money, 300);
	assert_string_equal(k->code, "");
	assert_string_equal(k->text, "");
	assert_true(k->bytes.data && !k->bytes.size);
	k = uow_get(uow_repository_of(u, &kind_entity), uow_id(9));
	assert_non_null(k);
	assert_null(k->text);
	assert_null(k->bytes.data);
	assert_int_equal(k->money, 10000);
	uow_unit_free(u);
}

static void columns_may_be_left_out_and_in_any_order(void **state)
{
	uow_unit *u;
	struct guest *g;

	(void)state;
	loads(&house_entity, "rooms,id,number\n4,1,10\n\n5,2,20\n");
	loads(&guest_entity, "name\nann\n");
	loads(&house_entity, "id,number,rooms,version\n3,30,6,41\n");
	assert_int_equal(rooms(2), 5);
	u = begin();
	assert_int_equal(house(u, 1)->version, 1);
	assert_int_equal(house(u, 3)->version, 41);
	g = guest_get(guest_repository_of(u), 1);
	assert_true(g && g->house_is_null);
	uow_unit_free(u);
}

static void wrong(const uow_entity *e, const char *text, int code,
		  const char *place, const char *what)
{
	assert_int_equal(load(e, text), code);
	if (strncmp(err.message, place, strlen(place)) != 0 ||
	    !strstr(err.message, what))
		fail_msg("'%s' and not '%s ... %s'", err.message, place, what);
}

static void mistakes_are_told_with_their_place(void **state)
{
	const uow_entity *h = &house_entity, *k = &kind_entity;

	(void)state;
	wrong(h, "", UOW_EDATA, "csv:1: ", "names of columns");
	wrong(h, "id,number,roms\n", UOW_EDATA, "csv:1: ", "'roms'");
	wrong(h, "id,number,id\n", UOW_EDATA, "csv:1: ", "'id' comes twice");
	wrong(h, "id,rooms\n", UOW_EDATA, "csv:1: ", "'number'");
	wrong(h, "id,number,rooms\n1,2,3\n1,2\n", UOW_EDATA, "csv:3: ",
	      "fewer fields");
	wrong(h, "id,number,rooms\n1,2,3,4\n", UOW_EDATA, "csv:2: ",
	      "more fields");
	wrong(h, "id,number,rooms\n1,2,x3\n", UOW_EDATA, "csv:2: ",
	      "column 'rooms' cannot be 'x3', its type is INT32");
	wrong(h, "id,number,rooms\n\n1,2,3000000000\n", UOW_EDATA, "csv:3: ",
	      "column 'rooms'");
	wrong(h, "id,number,rooms\n1,,3\n", UOW_EDATA, "csv:2: ",
	      "column 'number' must not be NULL");
	wrong(h, "id,number,rooms\n1,\"2,3\n", UOW_EDATA, "csv:2: ",
	      "column 'number' its closing quote");
	wrong(k, HEADER "1,yes,1,1,1,a,a,00,2024-02-29,00:00:00,"
	      "2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'b' cannot be 'yes'");
	wrong(k, HEADER "1,1,1,1.005,1,a,a,00,2024-02-29,00:00:00,"
	      "2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'money'");
	wrong(k, HEADER "1,1,1,1,1,abcde,a,00,2024-02-29,00:00:00,"
	      "2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'code'");
	wrong(k, HEADER "1,1,1,1,1,a,a,0g,2024-02-29,00:00:00,"
	      "2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'bytes'");
	wrong(k, HEADER "1,1,1,1,1,a,a,000,2024-02-29,00:00:00,"
	      "2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'bytes'");
	wrong(k, HEADER "1,1,1,1,1,a,a,00,2023-02-29,00:00:00,"
	      "2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'day'");
	assert_int_equal(houses(), 0);
	assert_int_equal(kinds(), 0);
}

/* What only the rows together show. */
static void mistakes_of_the_insert_have_a_place_as_well(void **state)
{
	(void)state;
	wrong(&house_entity, "id,number,rooms\n1,1,1\n\"2\",2,\"\n2\"\n3,1,1\n",
	      UOW_EDUPLICATE, "csv:5: ", "");
	assert_int_equal(err.row, 5);
	assert_string_equal(err.entity, "house");
	assert_int_equal(houses(), 0);
	wrong(&guest_entity, "house,name\n,ann\n7,bob\n", UOW_ECONSTRAINT,
	      "csv:3: ", "");
	wrong(&kind_entity, HEADER "1,1,1,1,1,a,abcdefg,00,2024-02-29,"
	      "00:00:00,2024-02-29 00:00:00," UUID, UOW_EDATA, "csv:2: ",
	      "column 'text'");
	assert_int_equal(kinds(), 0);
}

static void a_file_is_named(void **state)
{
	char path[] = "/tmp/uow-load-XXXXXX", place[80];
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	fputs("id,number,rooms\n1,1,2\n", f);
	fflush(f);
	assert_int_equal(uow_memory_load_csv(db, &house_entity, path, &err),
			 0);
	assert_int_equal(rooms(1), 2);
	fwrite("2,2,\0\n", 1, 6, f);
	fclose(f);
	assert_int_equal(uow_memory_load_csv(db, &house_entity, path, &err),
			 UOW_EDATA);
	snprintf(place, sizeof(place), "%s:3: entity house: column 'rooms'",
		 path);
	assert_non_null(strstr(err.message, place));
	assert_non_null(strstr(err.message, "zero byte"));
	unlink(path);
	assert_int_equal(uow_memory_load_csv(db, &house_entity, path, &err),
			 UOW_EIO);
	assert_non_null(strstr(err.message, path));
	assert_int_equal(uow_memory_load_csv(db, &house_entity, "/tmp", &err),
			 UOW_EIO);
}

static int called(uow_unit *u, void *arg)
{
	(void)u;
	++*(int *)arg;
	return 0;
}

static void structs_are_loaded_beside_hooks_and_faults(void **state)
{
	struct house rows[] = { { 1, 1, 5, 0 }, { 2, 2, 6, 0 } };
	uow_memory_fault f = { .step = UOW_MEMORY_WRITE, .code = UOW_EIO };
	int calls = 0;

	(void)state;
	assert_int_equal(uow_db_on(db, UOW_BEFORE_COMMIT, called, &calls,
				   &err), 0);
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(uow_memory_load(db, &house_entity, rows, 2, &err), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(uow_memory_faults_clear(db), 1);
	assert_int_equal(rooms(2), 6);
	rows[0].id = rows[0].number = 3;
	assert_int_equal(uow_memory_load(db, &house_entity, rows, 2, &err),
			 UOW_EDUPLICATE);
	assert_int_equal(err.row, 1);
	assert_int_equal(houses(), 2);
	assert_int_equal(uow_memory_load(db, &house_entity, NULL, 0, &err), 0);
	assert_int_equal(uow_memory_load(db, &house_entity, NULL, 1, &err),
			 UOW_EINVAL);
}

static void what_is_no_call_is_refused(void **state)
{
	(void)state;
	assert_int_equal(uow_memory_load(NULL, &house_entity, NULL, 0, &err),
			 UOW_EINVAL);
	assert_int_equal(uow_memory_load(db, NULL, NULL, 0, &err),
			 UOW_EINVAL);
	assert_int_equal(load(NULL, "id\n"), UOW_EINVAL);
	assert_int_equal(load(&house_entity, NULL), UOW_EINVAL);
	assert_int_equal(uow_memory_load_csv(db, &house_entity, NULL, NULL),
			 UOW_EINVAL);
	assert_int_equal(uow_memory_load_csv(NULL, NULL, NULL, NULL),
			 UOW_EINVAL);
	assert_int_equal(uow_memory_load_text(NULL, NULL, NULL, NULL),
			 UOW_EINVAL);
	assert_int_equal(uow_memory_load_text(db, &house_entity, "", NULL),
			 UOW_EDATA);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, town_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_type_has_a_form),
		TEST(columns_may_be_left_out_and_in_any_order),
		TEST(mistakes_are_told_with_their_place),
		TEST(mistakes_of_the_insert_have_a_place_as_well),
		TEST(a_file_is_named),
		TEST(structs_are_loaded_beside_hooks_and_faults),
		TEST(what_is_no_call_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
