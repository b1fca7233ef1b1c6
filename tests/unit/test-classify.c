/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dialect/classify.h"

/* A profile of three rules, as a file would make them. */
static struct error_rule any_19 = {
	(char *)"HY000", 19, false, NULL, UOW_ECONSTRAINT, 0, NULL
};
static struct error_rule unique_19 = {
	(char *)"HY000", 19, false, (char *)"UNIQUE", UOW_EDUPLICATE, 0,
	&any_19
};
static struct error_rule busy_5 = {
	(char *)"HY000", 5, false, NULL, 0, 0, NULL
};
static struct error_rule back_19 = {
	(char *)"HY000", 19, false, NULL, 0, 0, NULL
};

static void make_profile(struct profile *p)
{
	static const struct profile none;

	*p = none;
	p->errors = &unique_19;
	p->commit_busy = &busy_5;
	p->rolled_back = &back_19;
}

static void profile_is_asked_before_the_state(void **state)
{
	struct profile p;

	(void)state;
	make_profile(&p);
	assert_int_equal(classify(&p, "HY000", 19, "UNIQUE constraint: t.c"),
			 UOW_EDUPLICATE);
	assert_int_equal(classify(&p, "HY000", 19, "FOREIGN KEY constraint"),
			 UOW_ECONSTRAINT);
	assert_int_equal(classify(&p, "HY000", 1, "UNIQUE near x"), UOW_ESQL);
	assert_int_equal(classify(&p, "22003", 19, "UNIQUE"), UOW_EDATA);
}

static void states_mean_what_sql_and_odbc_say(void **state)
{
	static const struct {
		const char *state;
		int code;
	} cases[] = {
		{ "08001", UOW_ECONNECT }, { "08S01", UOW_ECONNECT },
		{ "28000", UOW_EDENIED }, { "22001", UOW_EDATA },
		{ "07006", UOW_EDATA }, { "07002", UOW_ESQL },
		{ "23000", UOW_ECONSTRAINT }, { "23503", UOW_ECONSTRAINT },
		{ "23505", UOW_EDUPLICATE }, { "27000", UOW_ECONSTRAINT },
		{ "40001", UOW_ECONFLICT }, { "40000", UOW_ECONFLICT },
		{ "40002", UOW_ECONSTRAINT }, { "40003", UOW_ECONNECT },
		{ "44000", UOW_ECONSTRAINT }, { "42000", UOW_ESQL },
		{ "42S02", UOW_ESQL }, { "HYT00", UOW_ETIMEOUT },
		{ "HYT01", UOW_ECONNECT }, { "HY001", UOW_ENOMEM },
		{ "HY013", UOW_ENOMEM }, { "HY014", UOW_ENOMEM },
		{ "HY008", UOW_ECANCELED }, { "57014", UOW_ECANCELED },
		{ "57P01", UOW_ECONNECT }, { "58030", UOW_EIO },
		{ "HY117", UOW_ECONNECT }, { "IM001", UOW_ENOTSUP },
		{ "IM002", UOW_ECONFIG }, { "IM003", UOW_ECONFIG },
		{ "0A000", UOW_ENOTSUP }, { "HYC00", UOW_ENOTSUP },
		{ "HY000", UOW_ESQL }, { "01000", UOW_ESQL },
		{ "", UOW_ESQL }, { "57033", UOW_ESQL }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (classify(NULL, cases[i].state, 0, NULL) != cases[i].code)
			fail_msg("%s is %d", cases[i].state,
				 classify(NULL, cases[i].state, 0, NULL));
	}
	assert_int_equal(classify(NULL, NULL, 0, NULL), UOW_ESQL);
}

static void missing_driver_is_configuration(void **state)
{
	(void)state;
	assert_int_equal(classify(NULL, "01000", 0,
				  "[DM]Can't open lib 'x' : file not found"),
			 UOW_ECONFIG);
	assert_int_equal(classify(NULL, "HY000", 0, "Can't open lib"),
			 UOW_ESQL);
}

static void only_certain_rollbacks_count_as_such(void **state)
{
	(void)state;
	assert_int_equal(classify_commit(NULL, "40001", 0, NULL),
			 COMMIT_ROLLED_BACK);
	assert_int_equal(classify_commit(NULL, "23505", 0, NULL),
			 COMMIT_ROLLED_BACK);
	assert_int_equal(classify_commit(NULL, "40003", 0, NULL),
			 COMMIT_UNKNOWN);
	assert_int_equal(classify_commit(NULL, "08S01", 0, NULL),
			 COMMIT_UNKNOWN);
	assert_int_equal(classify_commit(NULL, "57P01", 0, NULL),
			 COMMIT_UNKNOWN);
	assert_int_equal(classify_commit(NULL, "HY000", 19, NULL),
			 COMMIT_UNKNOWN);
	assert_int_equal(classify_commit(NULL, "", 0, NULL), COMMIT_UNKNOWN);
	assert_int_equal(classify_commit(NULL, NULL, 0, NULL),
			 COMMIT_UNKNOWN);
}

static void profile_adds_to_what_is_certain(void **state)
{
	struct profile p;

	(void)state;
	make_profile(&p);
	assert_int_equal(classify_commit(&p, "HY000", 5, "locked"),
			 COMMIT_BUSY);
	assert_int_equal(classify_commit(&p, "HY000", 19, "FOREIGN KEY"),
			 COMMIT_ROLLED_BACK);
	assert_int_equal(classify_commit(&p, "HY000", 10, "disk I/O"),
			 COMMIT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profile_is_asked_before_the_state),
		cmocka_unit_test(states_mean_what_sql_and_odbc_say),
		cmocka_unit_test(missing_driver_is_configuration),
		cmocka_unit_test(only_certain_rollbacks_count_as_such),
		cmocka_unit_test(profile_adds_to_what_is_certain)
	};

	return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
