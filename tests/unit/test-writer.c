/* SPDX-License-Identifier: BSD-2-Clause */
/* probe/writer.c and probe/candidates.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dialect/profile.h"
#include "probe/candidates.h"
#include "probe/facts.h"
#include "probe/override.h"
#include "probe/writer.h"
#include "seen-of.h"

static void a_profile_is_sections_with_their_reasons(void **state)
{
	struct seen claims;
	struct strbuf sb;

	(void)state;
	seen_of(&claims, "dbms Some|Base;dbms.version 7;driver libsome.so;"
			 "driver.version 1.2;driver.odbc 03.80");
	strbuf_init(&sb, WRITER_BYTES);
	writer_profile(&sb, "ansi", true, &claims,
		       "# one: first\nsql.limit=TOP\ntype.int64.bind=text\n"
		       "# two: second\nsql.savepoints=yes\n"
		       "# three: third\nsql.limit=LIMIT {limit}\n"
		       "errors.locked=HY000/1\nerrors.locked=HY000/2\n");
	assert_string_equal(sb.data,
			    "# Some|Base 7\n# through libsome.so 1.2 "
			    "(ODBC 03.80).\n# Written by \"uow doctor "
			    "--write-profile\": what follows was tried and "
			    "has worked.\n# All that it claims was proved by "
			    "experiment.\n# The tests of the library were not "
			    "run with it. Of options of the connection\n# "
			    "only those of common drivers were tried. Are "
			    "errors told apart?\n"
			    "\n[profile]\ninherits = ansi\n"
			    "proved = no\n\n[match]\ndriver = *libsome.so*\n"
			    "dbms = Some?Base\n\n[sql]\n# two: second\n"
			    "savepoints = yes\n# three: third\n"
			    "limit = LIMIT {limit}\n\n[type.int64]\n"
			    "# one: first\nbind = text\n\n[errors]\n"
			    "# three: third\nlocked = HY000/1\n"
			    "locked = HY000/2\n");
	strbuf_release(&sb);
	seen_release(&claims);
}

static void apply(const char *lines)
{
	struct profile *p = NULL;
	uow_error err = UOW_ERROR_INIT;

	assert_int_equal(profile_load(&p, "ansi", getenv("UOW_DRIVERS_PATH"),
				      &err), 0);
	if (override_apply(p, lines, &err))
		print_error("%s\n", err.message);
	assert_int_equal(err.code, 0);
	profile_free(p);
}

static const struct fact *fact_of(const char *name)
{
	size_t i;

	for (i = 0; i < fact_count; i++)
		if (!strcmp(facts[i].name, name))
			return &facts[i];
	print_error("there is no fact %s\n", name);
	return NULL;
}

static void every_candidate_is_of_a_fact_and_a_profile_takes_it(void **state)
{
	const struct fact *f;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < candidate_count; i++) {
		f = fact_of(candidates[i].fact);
		assert_non_null(f);
		assert_true(fact_rank(f->words, candidates[i].want) > 0);
		if (candidates[i].also)
			assert_non_null(fact_of(candidates[i].also));
		for (k = 0; k < CANDIDATES && candidates[i].tries[k]; k++)
			apply(candidates[i].tries[k]);
		assert_true(k > 0);
	}
}

static void what_does_not_hold_can_be_taken_back(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < fact_count; i++)
		if (candidates_less(facts[i].name))
			apply(candidates_less(facts[i].name));
	assert_non_null(candidates_less("transaction.savepoints"));
	assert_null(candidates_less("transaction.hidden"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_sections_with_their_reasons),
		cmocka_unit_test(
			every_candidate_is_of_a_fact_and_a_profile_takes_it),
		cmocka_unit_test(what_does_not_hold_can_be_taken_back)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
