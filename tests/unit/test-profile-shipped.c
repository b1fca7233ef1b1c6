/* SPDX-License-Identifier: BSD-2-Clause */
/* The profiles that are installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "dialect/profile.h"

/* The folder that is installed, below where the sources are. */
static void shipped_folder(char *out, size_t size)
{
	const char *top = getenv("srcdir");

	snprintf(out, size, "%s/drivers-config", top ? top : ".");
}

static void shipped_profiles_are_complete(void **state)
{
	static const char *const names[] = {
		"ansi", "sqlite", "mariadb", "mysql"
	};
	struct profile *p;
	uow_error err = UOW_ERROR_INIT;
	char dir[1024];
	size_t i;
	int type;

	(void)state;
	shipped_folder(dir, sizeof(dir));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (profile_load(&p, names[i], dir, &err))
			fail_msg("%s", err.message);
		for (type = UOW_TYPE_BOOL; type <= UOW_TYPE_UUID; type++) {
			assert_non_null(p->own[type].column);
			assert_non_null(p->own[type].sql);
			assert_int_not_equal(p->own[type].bind, FORM_NONE);
			assert_int_not_equal(p->own[type].fetch, FORM_NONE);
		}
		assert_non_null(p->starts_with);
		assert_non_null(p->savepoint);
		assert_true(p->transactions);
		profile_free(p);
	}
}

/* Two databases, two drivers, and each driver speaks to both. */
static void shipped_relatives_are_told_apart(void **state)
{
	static const struct {
		const char *driver, *dbms, *profile;
	} cases[] = {
		{ "MariaDB Unicode", NULL, "mariadb" },
		{ "MySQL ODBC 8.0 Unicode Driver", NULL, "mysql" },
		{ "/usr/lib/libmyodbc8w.so", NULL, "mysql" },
		{ "libmaodbc.so", "MariaDB", "mariadb" },
		{ "libmaodbc.so", "MySQL", "mysql" },
		{ "libmyodbc8a.so", "MySQL", "mysql" },
		{ "MySQL ODBC 8.0 ANSI Driver", "MariaDB", "mariadb" },
		{ "ODBC Driver 18 for SQL Server", NULL, "sqlserver" },
		{ "FreeTDS", "Microsoft SQL Server", "sqlserver" },
		{ "FreeTDS", "ASE", "sybase" },
		{ "Oracle 21 ODBC driver", "Oracle", "oracle" },
		{ "IBM DB2 ODBC DRIVER", "DB2/LINUXX8664", "db2" },
		{ "libOdbcFb.so", "Firebird 4.0", "firebird" },
		{ "IBM INFORMIX ODBC DRIVER", "Informix", "informix" },
		{ "MDBTools", NULL, "access" },
	};
	char dir[1024], name[16];
	size_t i;

	(void)state;
	shipped_folder(dir, sizeof(dir));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(profile_match(dir, cases[i].driver,
					       cases[i].dbms, name,
					       sizeof(name), NULL), 0);
		assert_string_equal(name, cases[i].profile);
	}
}

static void shipped_profiles_are_found_by_driver(void **state)
{
	char dir[1024], name[16];

	(void)state;
	shipped_folder(dir, sizeof(dir));
	assert_int_equal(profile_match(dir, "SQLite3", NULL, name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "sqlite");
	assert_int_equal(profile_match(dir, "/usr/lib/odbc/libsqlite3odbc.so",
				       NULL, name, sizeof(name), NULL), 0);
	assert_string_equal(name, "sqlite");
	assert_int_equal(profile_match(dir, "Unheard Of", "Nothing", name,
				       sizeof(name), NULL), 0);
	assert_string_equal(name, "ansi");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_profiles_are_complete),
		cmocka_unit_test(shipped_relatives_are_told_apart),
		cmocka_unit_test(shipped_profiles_are_found_by_driver)
	};

	return cmocka_run_group_tests_name("shipped", tests, NULL, NULL);
}
