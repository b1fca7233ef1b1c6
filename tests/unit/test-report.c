/* SPDX-License-Identifier: BSD-2-Clause */
/* probe/report.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "probe/report.h"

static const struct fact fact = {
	"transaction.savepoint-after-error", "savepoints", "no|yes", "about",
	NULL, NULL
};

static struct verdict verdict(enum standing standing, const char *claimed,
			      const char *said, const char *proved,
			      const char *used, const char *note)
{
	struct verdict v;

	memset(&v, 0, sizeof(v));
	v.fact = &fact;
	v.standing = standing;
	strcpy(v.claimed, claimed);
	strcpy(v.said, said);
	strcpy(v.proved, proved);
	strcpy(v.used, used);
	strcpy(v.note, note);
	return v;
}

static void expect(const struct verdict *v, bool colour, const char *text)
{
	struct strbuf sb;

	strbuf_init(&sb, REPORT_BYTES);
	report_line(&sb, v, colour);
	assert_string_equal(sb.data, text);
	strbuf_release(&sb);
}

static void a_line_has_its_columns(void **state)
{
	struct verdict v = verdict(STANDS, "yes", "", "yes", "yes", "");

	(void)state;
	expect(&v, false, "  transaction.savepoint-after-error yes          "
			  "yes               yes\n");
}

static void marks_and_reasons_are_shown(void **state)
{
	struct verdict v = verdict(OVERCLAIMED, "yes", "", "crashes", "never",
				   "binding, signal 11");

	(void)state;
	expect(&v, false, "! transaction.savepoint-after-error yes          "
			  "crashes           never\n"
			  "      binding, signal 11\n");
	v = verdict(DRIVER_WRONG, "", "undone", "commits", "commits", "");
	expect(&v, false, "* transaction.savepoint-after-error (undone)     "
			  "commits           commits\n");
	v = verdict(DRIVER_WRONG, "no", "yes", "no", "no", "");
	expect(&v, false, "* transaction.savepoint-after-error no           "
			  "no                no\n"
			  "      the driver says: yes\n");
	v = verdict(MORE, "no", "", "yes", "no", "");
	expect(&v, true, "\033[32m+ transaction.savepoint-after-error no"
			 "           yes               no\033[0m\n");
}

static void long_reasons_are_cut_between_characters(void **state)
{
	struct verdict v = verdict(NOT_TRIED, "", "", "not tried", "-", "");
	struct strbuf sb;
	size_t i, columns = 0;

	(void)state;
	memset(v.note, 'x', 73);
	for (i = 73; i < 200; i += 2)
		memcpy(v.note + i, "\xc3\xbc", 2);
	v.note[i] = '\0';
	strbuf_init(&sb, REPORT_BYTES);
	report_line(&sb, &v, false);
	for (i = (size_t)(strchr(sb.data, '\n') - sb.data) + 1;
	     sb.data[i] != '\n'; i++)
		columns++;
	assert_int_equal(columns, 6 + 73);
	strbuf_release(&sb);
}

static void sums_name_only_what_there_is(void **state)
{
	struct verdict good = verdict(STANDS, "yes", "", "yes", "yes", "");
	struct verdict bad = verdict(OVERCLAIMED, "yes", "", "hangs", "never",
				     "");
	struct tally t;
	struct strbuf sb;

	(void)state;
	memset(&t, 0, sizeof(t));
	report_count(&t, &good);
	report_count(&t, &bad);
	strbuf_init(&sb, REPORT_BYTES);
	report_sums(&sb, &t);
	assert_non_null(strstr(sb.data, "     2 facts\n"));
	assert_non_null(strstr(sb.data, "!    1 claimed by the profile"));
	assert_non_null(strstr(sb.data, "     1 that crash or hang"));
	assert_null(strstr(sb.data, "more than the profile"));
	strbuf_release(&sb);
}

static void expect_outcome(const struct tally *t, enum outcome outcome,
			   const char *text)
{
	struct strbuf sb;

	assert_int_equal(report_outcome(t), outcome);
	strbuf_init(&sb, REPORT_BYTES);
	report_outcome_text(&sb, t);
	assert_string_equal(sb.data, text);
	strbuf_release(&sb);
}

static void the_verdict_names_the_claims_that_decide(void **state)
{
	struct verdict good = verdict(STANDS, "yes", "", "yes", "yes", "");
	struct verdict idle = verdict(NOT_TRIED, "no", "", "not tried", "no",
				      "no table");
	struct verdict open = verdict(NOT_TRIED, "yes", "", "not tried",
				      "unproved", "no table");
	struct verdict bad = verdict(OVERCLAIMED, "yes", "", "no", "no", "");
	struct verdict file = verdict(STANDS, "yes", "", "-", "yes",
				      "no server");
	struct tally t;
	int i;

	(void)state;
	memset(&t, 0, sizeof(t));
	report_count(&t, &file);
	expect_outcome(&t, OUTCOME_UNPROVED,
		       "verdict   nothing could be tried, so nothing is "
		       "proved\n          (no server)\n");
	memset(&t, 0, sizeof(t));
	report_count(&t, &idle);
	expect_outcome(&t, OUTCOME_UNPROVED,
		       "verdict   nothing could be tried, so nothing is "
		       "proved\n          (no table)\n");
	report_count(&t, &good);
	expect_outcome(&t, OUTCOME_HOLDS,
		       "verdict   what the profile claims holds\n");
	report_count(&t, &open);
	expect_outcome(&t, OUTCOME_UNPROVED,
		       "verdict   what was tried holds; not tried were:\n"
		       "          transaction.savepoint-after-error: claimed "
		       "yes, not tried\n          (no table)\n");
	report_count(&t, &bad);
	report_count(&t, &open);
	expect_outcome(&t, OUTCOME_OVERCLAIMED,
		       "verdict   the profile claims more than holds:\n"
		       "          transaction.savepoint-after-error: claimed "
		       "yes, proved no\n");
	for (i = 0; i < TALLY_NAMED + 1; i++)
		report_count(&t, &bad);
	assert_int_equal(t.names, TALLY_NAMED);
	assert_int_equal(t.overclaimed, TALLY_NAMED + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_columns),
		cmocka_unit_test(marks_and_reasons_are_shown),
		cmocka_unit_test(long_reasons_are_cut_between_characters),
		cmocka_unit_test(sums_name_only_what_there_is),
		cmocka_unit_test(the_verdict_names_the_claims_that_decide)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
