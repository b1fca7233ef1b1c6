/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dialect/commits.h"

static const struct profile p = {
	.commits = (char *)"CREATE * | BEGIN* | LOCK TABLES*|TRUNCATE *",
	.commits_not = (char *)"CREATE TEMPORARY * | BEGIN NOT ATOMIC*"
};

static void statements_of_the_list_commit(void **state)
{
	(void)state;
	assert_true(statement_commits(&p, "CREATE TABLE t (a INTEGER)"));
	assert_true(statement_commits(&p, "create table t (a integer)"));
	assert_true(statement_commits(&p, "BEGIN"));
	assert_true(statement_commits(&p, " lock tables t write"));
	assert_true(statement_commits(&p, "TRUNCATE t;"));
}

static void others_do_not(void **state)
{
	(void)state;
	assert_false(statement_commits(&p, "INSERT INTO t VALUES (1)"));
	assert_false(statement_commits(&p, "SELECT 'CREATE TABLE t'"));
	assert_false(statement_commits(&p, "CREATETABLE t"));
	assert_false(statement_commits(&p, "LOCK INSTANCE"));
	assert_false(statement_commits(&p, ""));
	assert_false(statement_commits(&p, "/* CREATE TABLE t (a) */ SELECT"));
	assert_false(statement_commits(&p, "/* CREATE TABLE t (a)"));
}

static void exceptions_are_exceptions(void **state)
{
	(void)state;
	assert_false(statement_commits(&p, "CREATE TEMPORARY TABLE t (a "
				       "INTEGER)"));
	assert_false(statement_commits(&p, "BEGIN  NOT\n ATOMIC SELECT 1; "
				       "END"));
}

static void blanks_and_comments_hide_nothing(void **state)
{
	(void)state;
	assert_true(statement_commits(&p, "\n\t CREATE\n\tTABLE t (a INT)"));
	assert_true(statement_commits(&p, "-- a table\nCREATE TABLE t (a)"));
	assert_true(statement_commits(&p, "# a table\nCREATE TABLE t (a)"));
	assert_true(statement_commits(&p, "/* a */ CREATE /* b */ TABLE t"));
	assert_true(statement_commits(&p, "LOCK/**/TABLES t WRITE"));
	assert_true(statement_commits(&p, "/*!40000 CREATE TABLE t (a) */"));
	assert_true(statement_commits(&p, "/*M!100100 CREATE TABLE t (a) */"));
	assert_false(statement_commits(&p, "CREATE /**/ TEMPORARY\tTABLE t"));
}

static void without_a_list_nothing_commits(void **state)
{
	static const struct profile none;

	(void)state;
	assert_false(statement_commits(&none, "CREATE TABLE t (a INTEGER)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_of_the_list_commit),
		cmocka_unit_test(others_do_not),
		cmocka_unit_test(exceptions_are_exceptions),
		cmocka_unit_test(blanks_and_comments_hide_nothing),
		cmocka_unit_test(without_a_list_nothing_commits),
	};

	return cmocka_run_group_tests_name("commits", tests, NULL, NULL);
}
