/* SPDX-License-Identifier: BSD-2-Clause */
/* probe/facts.c and probe/seen.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/experiment.h"
#include "probe/facts.h"
#include "seen-of.h"

static const struct fact ordered = {
	"group.ordered", "parameters", "none|some|all", "an ordered fact",
	NULL, "why"
};

static const struct fact plain = {
	"group.plain", "parameters", NULL, "a fact without an order", NULL,
	NULL
};

static void give(const struct fact *f, const char *claims, enum ending ending,
		 const char *seen, struct verdict *out)
{
	struct seen c;
	struct run run;

	memset(&run, 0, sizeof(run));
	run.ending = ending;
	run.signal = ending == ENDING_CRASHED ? 11 : 0;
	seen_of(&c, claims);
	seen_of(&run.seen, seen);
	fact_verdict(f, &c, &run, out);
	seen_release(&c);
	seen_release(&run.seen);
}

static void the_last_value_of_a_name_stays(void **state)
{
	struct seen s;

	(void)state;
	seen_of(&s, "a 1;b two words;a 3;c");
	assert_int_equal(s.count, 3);
	assert_string_equal(seen_get(&s, "a"), "3");
	assert_string_equal(seen_get(&s, "b"), "two words");
	assert_string_equal(seen_get(&s, "c"), "");
	assert_null(seen_get(&s, "d"));
	assert_int_equal(seen_number(&s, "a", 7), 3);
	assert_int_equal(seen_number(&s, "b", 7), 7);
	seen_release(&s);
}

static void what_holds_stands_and_is_used(void **state)
{
	struct verdict v;

	(void)state;
	give(&ordered, "claim:group.ordered some", ENDING_WELL,
	     "ok some;why no reason", &v);
	assert_int_equal(v.standing, STANDS);
	assert_string_equal(v.claimed, "some");
	assert_string_equal(v.proved, "some");
	assert_string_equal(v.used, "some");
	assert_string_equal(v.note, "");
}

static void a_claim_beyond_the_proof_is_told_with_its_reason(void **state)
{
	struct verdict v;

	(void)state;
	give(&ordered, "claim:group.ordered all", ENDING_WELL,
	     "ok some;why the last one failed", &v);
	assert_int_equal(v.standing, OVERCLAIMED);
	assert_string_equal(v.used, "some");
	assert_string_equal(v.note, "the last one failed");
}

static void more_than_is_claimed_is_no_mistake(void **state)
{
	struct verdict v;

	(void)state;
	give(&ordered, "claim:group.ordered none", ENDING_WELL, "ok all", &v);
	assert_int_equal(v.standing, MORE);
	assert_string_equal(v.used, "none");
}

static void the_driver_s_own_word_is_judged_apart(void **state)
{
	struct verdict v;

	(void)state;
	give(&ordered, "odbc:group.ordered all", ENDING_WELL, "ok some", &v);
	assert_int_equal(v.standing, DRIVER_WRONG);
	assert_string_equal(v.claimed, "");
	assert_string_equal(v.said, "all");
	assert_string_equal(v.used, "some");
	give(&plain, "odbc:group.plain red", ENDING_WELL, "ok blue", &v);
	assert_int_equal(v.standing, DRIVER_WRONG);
	give(&plain, "odbc:group.plain red", ENDING_WELL, "ok red", &v);
	assert_int_equal(v.standing, STANDS);
}

static void a_crash_is_less_than_any_word_and_is_never_used(void **state)
{
	struct verdict v;

	(void)state;
	give(&ordered, "claim:group.ordered some", ENDING_CRASHED,
	     "step binding", &v);
	assert_int_equal(v.standing, OVERCLAIMED);
	assert_string_equal(v.proved, "crashes");
	assert_string_equal(v.used, "never");
	assert_string_equal(v.note, "binding, signal 11");
	give(&ordered, "claim:group.ordered none", ENDING_HUNG,
	     "step binding", &v);
	assert_int_equal(v.standing, STANDS);
	assert_string_equal(v.proved, "hangs");
	assert_string_equal(v.used, "never");
	assert_string_equal(v.note, "binding");
}

static void what_could_not_be_tried_is_neither(void **state)
{
	struct verdict v;

	(void)state;
	give(&ordered, "claim:group.ordered all", ENDING_WELL,
	     "cannot no table;ok all", &v);
	assert_int_equal(v.standing, NOT_TRIED);
	assert_string_equal(v.proved, "not tried");
	assert_string_equal(v.used, "unproved");
	assert_string_equal(v.note, "no table");
	give(&ordered, "claim:group.ordered none", ENDING_WELL,
	     "cannot no table", &v);
	assert_string_equal(v.used, "none");
	give(&ordered, "", ENDING_NONE, "", &v);
	assert_int_equal(v.standing, NOT_TRIED);
	give(&ordered, "claim:group.ordered none", ENDING_WELL,
	     "without no server", &v);
	assert_int_equal(v.standing, STANDS);
	assert_string_equal(v.proved, "-");
}

static void patterns_choose_by_name_or_group(void **state)
{
	(void)state;
	assert_true(fact_chosen(&ordered, "group"));
	assert_true(fact_chosen(&ordered, "group.ord*"));
	assert_true(fact_chosen(&ordered, "*.ORDERED"));
	assert_false(fact_chosen(&ordered, "gro"));
	assert_false(fact_chosen(&ordered, "group.plain"));
}

static void words_rank_by_their_order(void **state)
{
	(void)state;
	assert_int_equal(fact_rank("no|yes", "no"), 0);
	assert_int_equal(fact_rank("no|yes", "yes"), 1);
	assert_int_equal(fact_rank("no|yes", "ye"), -1);
	assert_int_equal(fact_rank(NULL, "yes"), -1);
}

static void every_fact_has_its_experiment_and_fits_the_table(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < fact_count; i++) {
		if (!experiment_find(facts[i].experiment))
			print_error("%s\n", facts[i].name);
		assert_non_null(experiment_find(facts[i].experiment));
		assert_true(strlen(facts[i].name) <= 33);
		assert_true(strlen(facts[i].about) <= 46);
		for (k = 0; k < i; k++)
			assert_string_not_equal(facts[i].name, facts[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_value_of_a_name_stays),
		cmocka_unit_test(what_holds_stands_and_is_used),
		cmocka_unit_test(
			a_claim_beyond_the_proof_is_told_with_its_reason),
		cmocka_unit_test(more_than_is_claimed_is_no_mistake),
		cmocka_unit_test(the_driver_s_own_word_is_judged_apart),
		cmocka_unit_test(
			a_crash_is_less_than_any_word_and_is_never_used),
		cmocka_unit_test(what_could_not_be_tried_is_neither),
		cmocka_unit_test(patterns_choose_by_name_or_group),
		cmocka_unit_test(words_rank_by_their_order),
		cmocka_unit_test(
			every_fact_has_its_experiment_and_fits_the_table)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
