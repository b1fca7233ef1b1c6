/* SPDX-License-Identifier: BSD-2-Clause */
/* probe/judge.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/facts.h"
#include "seen-of.h"

struct row {
	const char *(*judge)(const struct seen *s);
	const char *items, *word;
};

static void check(const struct row *rows, size_t count)
{
	struct seen s;
	size_t i;

	for (i = 0; i < count; i++) {
		seen_of(&s, rows[i].items);
		if (strcmp(rows[i].judge(&s), rows[i].word))
			print_error("of \"%s\"\n", rows[i].items);
		assert_string_equal(rows[i].judge(&s), rows[i].word);
		seen_release(&s);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

static void transactions_are_judged_by_both_ends(void **state)
{
	static const char good[] = "off yes;rollback yes;rollback.value 10;"
				   "commit yes;commit.value 30";
	static const struct row rows[] = {
		{ judge_rollback, good, "yes" },
		{ judge_rollback, "off yes;rollback yes;rollback.value 20;"
		  "commit yes;commit.value 30", "no" },
		{ judge_rollback, "off yes;rollback yes;rollback.value 10;"
		  "commit yes;commit.value 10", "no" },
		{ judge_rollback, "off no;rollback yes;rollback.value 10;"
		  "commit yes;commit.value 30", "no" },
		{ judge_rollback, "off yes", "" },
		{ judge_hidden, "before 10", "yes" },
		{ judge_hidden, "before waits", "yes" },
		{ judge_hidden, "before 30", "no" },
		{ judge_autocommit_on, "on.set yes;on.value 40", "commits" },
		{ judge_autocommit_on, "on.set yes;on.value 30",
		  "keeps open" },
		{ judge_autocommit_on, "on.set no;on.value 30", "refuses" },
		{ judge_close, "closed yes;rows 0", "undone" },
		{ judge_close, "closed yes;rows 1", "commits" },
		{ judge_close, "closed no;rows 0", "refuses" },
		{ judge_ddl, "created yes;rows 0;table no", "undone" },
		{ judge_ddl, "created yes;rows 1;table yes", "commits" },
		{ judge_ddl, "created yes;rows 0;table yes", "kept" },
		{ judge_ddl, "created no;rows 0;table no", "refused" }
	};

	(void)state;
	CHECK(rows);
}

static void the_state_after_an_error_is_told_by_the_rows(void **state)
{
	static const struct row rows[] = {
		{ judge_after_error, "failed yes;next yes;commit yes;first 1;"
		  "second 1", "statement undone" },
		{ judge_after_error, "failed yes;next no;commit yes;first 0;"
		  "second 0", "aborted" },
		{ judge_after_error, "failed yes;next yes;commit yes;first 0;"
		  "second 1", "begins a new one" },
		{ judge_after_error, "failed yes;next yes;commit no;first 0;"
		  "second 0", "killed" },
		{ judge_after_error, "failed no;next yes;commit yes;first 1;"
		  "second 1", "no error" },
		{ judge_commit_after_error, "commit yes;first 1;second 1;"
		  "twice.commit yes;twice.first 1;twice.second 1", "honest" },
		{ judge_commit_after_error, "commit no;first 0;second 0;"
		  "twice.commit no;twice.first 0;twice.second 0", "honest" },
		{ judge_commit_after_error, "commit no;first 0;second 0;"
		  "twice.commit yes;twice.first 0;twice.second 1", "lies" },
		{ judge_commit_after_error, "commit yes;first 0;second 0;"
		  "twice.commit no;twice.first 0;twice.second 0", "lies" }
	};

	(void)state;
	CHECK(rows);
}

static void a_savepoint_undoes_a_part_and_no_more(void **state)
{
	static const struct row rows[] = {
		{ judge_savepoints, "set yes;back yes;release yes;commit yes;"
		  "before 1;undone 0;after 1", "yes" },
		{ judge_savepoints, "set yes;back yes;release yes;commit yes;"
		  "before 0;undone 0;after 1", "no" },
		{ judge_savepoints, "set yes;back yes;release yes;commit yes;"
		  "before 1;undone 1;after 1", "no" },
		{ judge_savepoints, "set no;back no;release no;commit yes;"
		  "before 1;undone 1;after 1", "no" },
		{ judge_savepoint_error, "error.failed yes;error.back yes;"
		  "error.commit yes;error.before 1;error.after 1", "yes" },
		{ judge_savepoint_error, "error.failed yes;error.back no;"
		  "error.commit yes;error.before 0;error.after 1", "no" }
	};

	(void)state;
	CHECK(rows);
}

static void who_waits_is_isolated(void **state)
{
	static const struct row rows[] = {
		{ judge_dirty_read, "offered yes;set yes;read 10", "yes" },
		{ judge_dirty_read, "offered yes;set yes;read waits", "yes" },
		{ judge_dirty_read, "offered yes;set yes;read 11", "no" },
		{ judge_dirty_read, "offered no", "no" },
		{ judge_second_read, "offered yes;set yes;first 10;read 10",
		  "yes" },
		{ judge_second_read, "offered yes;set yes;first 10;read 11",
		  "no" },
		{ judge_write_skew, "offered yes;set yes;sum 10", "yes" },
		{ judge_write_skew, "offered yes;set yes;sum 0", "no" },
		{ judge_write_skew, "offered yes;set no;sum 10", "no" }
	};

	(void)state;
	CHECK(rows);
}

static void counts_are_believed_as_far_as_they_go(void **state)
{
	static const struct row rows[] = {
		{ judge_single, "one 1;same 1;nothing 0;three 3;delete 1;"
		  "delete.nothing 0", "each" },
		{ judge_single, "one 1;same 0;nothing 0;three 3;delete 1;"
		  "delete.nothing 0", "changed" },
		{ judge_single, "one -1;same -1;nothing -1;three -1;"
		  "delete -1;delete.nothing -1", "none" },
		{ judge_array_counts, "executed yes;updated 3;"
		  "counts 1 1 0 1 0", "each" },
		{ judge_array_counts, "executed yes;updated 3;counts 3",
		  "total" },
		{ judge_array_counts, "executed yes;updated 3;counts 1",
		  "none" },
		{ judge_values_count, "rows 3;count 3", "total" },
		{ judge_values_count, "rows 3;count 1", "none" },
		{ judge_values, "rows 3;sum 140", "yes" },
		{ judge_values, "rows 0", "no" },
		{ judge_array_failing, "told yes;before 0;behind 0",
		  "nothing stays" },
		{ judge_array_failing, "told yes;before 2;behind 0",
		  "sets before stay" },
		{ judge_array_failing, "told yes;before 2;behind 2",
		  "all others stay" },
		{ judge_array_failing, "told no;before 2;behind 2",
		  "not told" },
		{ judge_array_status, "executed yes;rows 5;status yes", "yes" },
		{ judge_array_status, "executed yes;rows 1;status yes", "no" },
		{ judge_array_processed, "executed yes;rows 5;processed 5",
		  "yes" },
		{ judge_array_processed, "executed yes;rows 5;processed 1",
		  "no" }
	};

	(void)state;
	CHECK(rows);
}

static void ignored_parameters_are_found_out(void **state)
{
	static const struct row rows[] = {
		{ judge_used, "rows 1;found 2", "yes" },
		{ judge_used, "rows 3;found 1", "no" },
		{ judge_used, "rows 0", "no" },
		{ judge_offset, "executed yes;first 1;second 1;third 1",
		  "yes" },
		{ judge_offset, "executed no;first 1;second 0;third 0", "no" },
		{ judge_lengths, "executed yes;length1 2;length2 4;length3 6",
		  "yes" },
		{ judge_lengths, "executed yes;length1 2;length2 2;length3 2",
		  "no" },
		{ judge_fetch, "get yes;bound yes", "yes" },
		{ judge_fetch, "get yes;bound no", "no" }
	};

	(void)state;
	CHECK(rows);
}

static void a_fast_query_proves_nothing_of_its_time_out(void **state)
{
	static const struct row rows[] = {
		{ judge_query_timeout, "set yes;took 1001;completed no",
		  "yes" },
		{ judge_query_timeout, "set yes;took 5000;completed yes",
		  "no" },
		{ judge_query_timeout, "set yes;took 600;completed yes", "" },
		{ judge_cancel, "took 310;completed no;after 100", "yes" },
		{ judge_cancel, "took 5000;completed yes;after 100", "no" },
		{ judge_cancel, "took 310;completed no;after none", "no" },
		{ judge_login_timeout, "connected no;reached yes;took 2000",
		  "yes" },
		{ judge_login_timeout, "connected no;reached no;took 1", "" },
		{ judge_lock_timeout, "set yes;ended yes;had no;took 500;"
		  "code -7", "no" }
	};

	(void)state;
	CHECK(rows);
}

static void lost_connections_are_judged_by_what_came_of_them(void **state)
{
	static const struct row rows[] = {
		{ judge_dead_check, "statement no;usec 0;before alive;"
		  "after dead", "free" },
		{ judge_dead_check, "statement no;usec 30;before dead;"
		  "after dead", "pings" },
		{ judge_dead_check, "statement no;usec 0;before alive;"
		  "after alive", "never" },
		{ judge_sigpipe, "sigpipe yes", "raised" },
		{ judge_sigpipe, "sigpipe no", "none" },
		{ judge_lost_commit, "commit yes;rows 0", "lies" },
		{ judge_lost_commit, "commit no;rows 0", "honest" },
		{ judge_threads, "wanted 100;done-rounds 100;sum 100", "yes" },
		{ judge_threads, "wanted 100;done-rounds 100;sum 99", "no" }
	};

	(void)state;
	CHECK(rows);
}

static void keys_are_those_of_their_rows(void **state)
{
	static const struct row rows[] = {
		{ judge_last_key, "single yes", "yes" },
		{ judge_last_key, "single no", "no" },
		{ judge_last_of_values, "values first", "first" },
		{ judge_returning, "single in order", "yes" },
		{ judge_returning, "single no", "no" },
		{ judge_returning_array, "array mixed", "mixed" },
		{ judge_limit, "limit 3", "yes" },
		{ judge_limit, "limit none", "no" },
		{ judge_starts_with, "sum 1", "yes" },
		{ judge_starts_with, "sum 3", "no" },
		{ judge_foreign_keys,
		  "made yes;orphan no;child yes;gone no", "yes" },
		{ judge_foreign_keys,
		  "made yes;orphan yes;child yes;gone no", "no" },
		{ judge_foreign_keys,
		  "made yes;orphan no;child yes;gone yes", "no" },
		{ judge_foreign_keys, "made no;orphan no;child no;gone no",
		  "no" },
		{ judge_lock_update, "locked yes;update waits", "yes" },
		{ judge_lock_update, "locked yes;update done", "no" },
		{ judge_lock_skip, "skip no row", "yes" },
		{ judge_lock_skip, "skip row", "no" }
	};

	(void)state;
	CHECK(rows);
}

static void too_little_seen_is_no_verdict(void **state)
{
	static const struct row rows[] = {
		{ judge_single, "one 1", "" },
		{ judge_savepoints, "", "" },
		{ judge_ddl, "", "" },
		{ judge_after_error, "", "" },
		{ judge_write_skew, "", "" },
		{ judge_array_counts, "", "" },
		{ judge_dead_check, "", "" },
		{ judge_utf8, "", "" },
		{ judge_empty, "", "" },
		{ judge_threads, "", "" }
	};

	(void)state;
	CHECK(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transactions_are_judged_by_both_ends),
		cmocka_unit_test(the_state_after_an_error_is_told_by_the_rows),
		cmocka_unit_test(a_savepoint_undoes_a_part_and_no_more),
		cmocka_unit_test(who_waits_is_isolated),
		cmocka_unit_test(counts_are_believed_as_far_as_they_go),
		cmocka_unit_test(ignored_parameters_are_found_out),
		cmocka_unit_test(a_fast_query_proves_nothing_of_its_time_out),
		cmocka_unit_test(
			lost_connections_are_judged_by_what_came_of_them),
		cmocka_unit_test(keys_are_those_of_their_rows),
		cmocka_unit_test(too_little_seen_is_no_verdict)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
