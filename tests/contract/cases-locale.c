/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Every case of the suite runs in two locales; these say what a locale may
 * and may not do.
 */

/* The pass is what it says: a comma in one of them. */
static void the_pass_runs_in_its_locale(void **state)
{
	struct fixture *f = *state;
	char text[20];

	snprintf(text, sizeof(text), "%.1f", 0.5);
	assert_string_equal(text, strcmp(f->pass->locale, "C") ? "0,5"
			    : "0.5");
}

/* The library reads and writes numbers, and leaves the locale alone. */
static void the_library_leaves_the_locale_alone(void **state)
{
	struct fixture *f = *state;
	char before[1000];
	struct types t, *got;
	uow_unit *u;

	snprintf(before, sizeof(before), "%s", setlocale(LC_ALL, NULL));
	tables(f, &types_entity, NULL);
	types_sample(&t, 1);
	t.d = 1234.5;
	t.f = 0.25f;
	t.dec2 = 123456;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &types_entity), &t));
	commit(u);
	u = begin(f);
	got = need(u, uow_one(uow_repository_of(u, &types_entity),
		uow_and(u, uow_eq(u, "d", uow_real(1234.5)),
			uow_eq(u, "dec2", uow_decimal(123456, 2)))));
	assert_true(types_equal(got, &t));
	commit(u);
	assert_string_equal(setlocale(LC_ALL, NULL), before);
}

/* The database got a number, not a text that looks like one. */
static void the_database_has_numbers_in_any_locale(void **state)
{
	struct fixture *f = *state;
	struct types t;
	uow_value v = uow_real(0.5);
	uint64_t n = 0;
	uow_unit *u;

	needs(f, BACKEND_SQL);
	tables(f, &types_entity, NULL);
	types_sample(&t, 1);
	t.d = 0.5;
	t.f = 0.5f;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &types_entity), &t));
	must(u, uow_exec(u, "UPDATE alltypes SET i32 = 1 WHERE d = 0.5 "
			 "AND f = 0.5 AND d + f = 1 AND d = ?", &v, 1, &n));
	assert_int_equal(n, 1);
	commit(u);
}

/* Text is UTF-8, whatever the environment makes the driver believe. */
static void text_is_utf8_in_any_environment(void **state)
{
	struct fixture *f = *state;
	const char *equals, *encoding = f->backend->encoding;
	struct plain *got, p = { 1, 1, "\xc3\xa4 \xe2\x82\xac" };
	char name[40];
	uow_unit *u;
	uow_db *db;

	if (!encoding)
		leave(f, LEFT_OTHER_KIND, "encodings by environment");
	tables(f, &plain_entity, NULL);
	equals = strchr(encoding, '=');
	snprintf(name, sizeof(name), "%.*s", (int)(equals - encoding),
		 encoding);
	setenv(name, equals + 1, 1);
	db = another(f);
	unsetenv(name);
	u = begin_on(db, NULL);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	uow_db_free(db);
	u = begin(f);
	got = need(u, plain_get(plain_repository_of(u), 1));
	assert_string_equal(got->label, p.label);
	commit(u);
}

static const struct CMUnitTest locale_cases[] = {
	CASE(text_is_utf8_in_any_environment),
	CASE(the_pass_runs_in_its_locale),
	CASE(the_library_leaves_the_locale_alone),
	CASE(the_database_has_numbers_in_any_locale),
};
TOPIC(locale, "locale");
