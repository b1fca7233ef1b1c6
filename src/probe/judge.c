/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <uow/error.h>

#include "probe/facts.h"

/*
 * Words out of observations. An experiment that did not get far enough leaves
 * names out; then the word is "", and the fact counts as not tried.
 */

enum { NONE = -999999999 };

static long number(const struct seen *s, const char *name)
{
	return seen_number(s, name, NONE);
}

static bool has(const struct seen *s, const char *name)
{
	return seen_get(s, name) != NULL;
}

static const char *yes_if(bool yes)
{
	return yes ? "yes" : "no";
}

/* -- transactions -- */

const char *judge_rollback(const struct seen *s)
{
	if (!has(s, "off") || !has(s, "commit.value"))
		return "";
	return yes_if(seen_yes(s, "off") && seen_yes(s, "rollback") &&
		      number(s, "rollback.value") == 10 &&
		      seen_yes(s, "commit") &&
		      number(s, "commit.value") == 30);
}

const char *judge_hidden(const struct seen *s)
{
	if (!has(s, "before"))
		return "";
	return yes_if(seen_is(s, "before", "waits") ||
		      seen_is(s, "before", "error") ||
		      number(s, "before") == 10);
}

const char *judge_autocommit_on(const struct seen *s)
{
	if (!has(s, "on.value"))
		return "";
	if (!seen_yes(s, "on.set"))
		return "refuses";
	return number(s, "on.value") == 40 ? "commits" : "keeps open";
}

const char *judge_close(const struct seen *s)
{
	if (!has(s, "closed"))
		return "";
	if (!seen_yes(s, "closed"))
		return "refuses";
	return number(s, "rows") == 0 ? "undone" : "commits";
}

const char *judge_ddl(const struct seen *s)
{
	if (!has(s, "created") || !has(s, "table"))
		return "";
	if (!seen_yes(s, "created"))
		return "refused";
	if (number(s, "rows") != 0)
		return "commits";
	return seen_yes(s, "table") ? "kept" : "undone";
}

/* first: written before the error, second: after it. */
const char *judge_after_error(const struct seen *s)
{
	bool first = number(s, "first") == 1, second = number(s, "second") == 1;

	if (!has(s, "second"))
		return "";
	if (!seen_yes(s, "failed"))
		return "no error";
	if (first && second)
		return "statement undone";
	if (second)
		return "begins a new one";
	if (!seen_yes(s, "next"))
		return first ? "stops" : "aborted";
	return "killed";
}

static bool lied(const struct seen *s, const char *commit, const char *first)
{
	return seen_yes(s, commit) && number(s, first) != 1;
}

const char *judge_commit_after_error(const struct seen *s)
{
	if (!has(s, "second") || !has(s, "twice.second"))
		return "";
	return lied(s, "commit", "first") ||
	       lied(s, "twice.commit", "twice.first") ? "lies" : "honest";
}

const char *judge_savepoints(const struct seen *s)
{
	if (!has(s, "after"))
		return "";
	return yes_if(seen_yes(s, "set") && seen_yes(s, "back") &&
		      seen_yes(s, "release") && seen_yes(s, "commit") &&
		      number(s, "before") == 1 && number(s, "undone") == 0 &&
		      number(s, "after") == 1);
}

const char *judge_savepoint_error(const struct seen *s)
{
	if (!has(s, "error.after"))
		return "";
	return yes_if(seen_yes(s, "error.failed") &&
		      seen_yes(s, "error.back") &&
		      seen_yes(s, "error.commit") &&
		      number(s, "error.before") == 1 &&
		      number(s, "error.after") == 1);
}

/* -- isolation -- */

static bool apart(const struct seen *s, const char *name, long value)
{
	return seen_is(s, name, "waits") || seen_is(s, name, "refused") ||
	       number(s, name) == value;
}

static bool unusable(const struct seen *s)
{
	return has(s, "offered") && (!seen_yes(s, "offered") ||
				     seen_is(s, "set", "no"));
}

const char *judge_dirty_read(const struct seen *s)
{
	if (unusable(s))
		return "no";
	return has(s, "read") ? yes_if(apart(s, "read", 10)) : "";
}

/* A second read that fails is no wrong one. */
const char *judge_second_read(const struct seen *s)
{
	if (unusable(s))
		return "no";
	if (!has(s, "read") || number(s, "first") != 10)
		return "";
	return yes_if(apart(s, "read", 10) || seen_is(s, "read", "none"));
}

const char *judge_write_skew(const struct seen *s)
{
	if (unusable(s))
		return "no";
	return has(s, "sum") ? yes_if(number(s, "sum") != 0) : "";
}

/* -- cursors -- */

const char *judge_cursor(const struct seen *s)
{
	if (!has(s, "further"))
		return "";
	return number(s, "further") == 298 ? "kept" : "closed";
}

const char *judge_prepared(const struct seen *s)
{
	if (!has(s, "again"))
		return "";
	return seen_yes(s, "again") && number(s, "again.rows") == 300 ?
	       "kept" : "lost";
}

/* -- counts -- */

const char *judge_single(const struct seen *s)
{
	if (!has(s, "delete.nothing"))
		return "";
	if (number(s, "one") != 1 || number(s, "nothing") != 0 ||
	    number(s, "three") != 3 || number(s, "delete") != 1 ||
	    number(s, "delete.nothing") != 0)
		return "none";
	return number(s, "same") == 1 ? "each" : "changed";
}

const char *judge_values(const struct seen *s)
{
	if (!has(s, "rows"))
		return "";
	return yes_if(number(s, "rows") == 3 && number(s, "sum") == 140);
}

const char *judge_values_count(const struct seen *s)
{
	if (!has(s, "rows"))
		return "";
	return number(s, "rows") == 3 && number(s, "count") == 3 ? "total" :
	       "none";
}

const char *judge_array_counts(const struct seen *s)
{
	if (!has(s, "updated"))
		return "";
	if (!seen_yes(s, "executed") || number(s, "updated") != 3)
		return "none";
	if (seen_is(s, "counts", "1 1 0 1 0"))
		return "each";
	return seen_is(s, "counts", "3") ? "total" : "none";
}

const char *judge_array_failing(const struct seen *s)
{
	long before = number(s, "before"), behind = number(s, "behind");

	if (!has(s, "behind"))
		return "";
	if (seen_is(s, "told", "no"))
		return "not told";
	if (before == 0 && behind == 0)
		return "nothing stays";
	if (before == 2 && behind == 0)
		return "sets before stay";
	return before == 2 && behind == 2 ? "all others stay" : "some stay";
}

const char *judge_array_status(const struct seen *s)
{
	if (!has(s, "rows"))
		return "";
	return yes_if(seen_yes(s, "executed") && number(s, "rows") == 5 &&
		      seen_yes(s, "status"));
}

const char *judge_array_processed(const struct seen *s)
{
	if (!has(s, "rows"))
		return "";
	return yes_if(seen_yes(s, "executed") && number(s, "rows") == 5 &&
		      number(s, "processed") == 5);
}

/* -- parameters -- */

const char *judge_used(const struct seen *s)
{
	return yes_if(number(s, "rows") == 1 && number(s, "found") == 2);
}

const char *judge_offset(const struct seen *s)
{
	if (!has(s, "third"))
		return "";
	return yes_if(seen_yes(s, "executed") && number(s, "first") == 1 &&
		      number(s, "second") == 1 && number(s, "third") == 1);
}

const char *judge_lengths(const struct seen *s)
{
	if (!has(s, "executed"))
		return "";
	return yes_if(number(s, "length1") == 2 && number(s, "length2") == 4 &&
		      number(s, "length3") == 6);
}

const char *judge_fetch(const struct seen *s)
{
	if (!has(s, "bound"))
		return "";
	return yes_if(seen_yes(s, "get") && seen_yes(s, "bound"));
}

/* -- types and texts -- */

const char *judge_type(const struct seen *s)
{
	return seen_yes(s, "ok") ? "exact" : "no";
}

const char *judge_infinity(const struct seen *s)
{
	return has(s, "infinity") ? yes_if(seen_yes(s, "infinity")) : "";
}

const char *judge_nan(const struct seen *s)
{
	return has(s, "nan") ? yes_if(seen_yes(s, "nan")) : "";
}

const char *judge_fraction(const struct seen *s)
{
	return has(s, "digits") ? seen_get(s, "digits") : "";
}

const char *judge_utf8(const struct seen *s)
{
	if (!has(s, "found"))
		return "";
	return yes_if(seen_yes(s, "stored") && seen_yes(s, "same") &&
		      seen_yes(s, "found"));
}

const char *judge_empty(const struct seen *s)
{
	return has(s, "empty") ? yes_if(number(s, "empty") == 0) : "";
}

const char *judge_blanks(const struct seen *s)
{
	return has(s, "blanks") ? yes_if(number(s, "blanks") == 3) : "";
}

const char *judge_nul(const struct seen *s)
{
	return has(s, "nul") ? seen_get(s, "nul") : "";
}

/* -- keys -- */

const char *judge_last_key(const struct seen *s)
{
	return yes_if(seen_yes(s, "single"));
}

const char *judge_last_of_values(const struct seen *s)
{
	return has(s, "values") ? seen_get(s, "values") : "no";
}

const char *judge_returning(const struct seen *s)
{
	return has(s, "single") ? yes_if(seen_is(s, "single", "in order")) :
	       "";
}

const char *judge_returning_values(const struct seen *s)
{
	return has(s, "values") ? seen_get(s, "values") : "";
}

const char *judge_returning_array(const struct seen *s)
{
	return has(s, "array") ? seen_get(s, "array") : "";
}

/* -- SQL of the profile -- */

const char *judge_limit(const struct seen *s)
{
	return yes_if(number(s, "limit") == 3);
}

const char *judge_limit_offset(const struct seen *s)
{
	return yes_if(number(s, "offset") == 3);
}

/* Rows 3..9. */
const char *judge_offset_only(const struct seen *s)
{
	return yes_if(number(s, "offset-only") == 3);
}

const char *judge_batch(const struct seen *s)
{
	if (!has(s, "ok"))
		return "";
	if (!seen_yes(s, "ok"))
		return "no";
	return seen_yes(s, "at-once") ? "at once" : "rows";
}

const char *judge_starts_with(const struct seen *s)
{
	return yes_if(number(s, "sum") == 1);
}

const char *judge_lock_update(const struct seen *s)
{
	return yes_if(seen_yes(s, "locked") && has(s, "update") &&
		      !seen_is(s, "update", "done"));
}

const char *judge_lock_nowait(const struct seen *s)
{
	return yes_if(seen_yes(s, "nowait.free") &&
		      seen_is(s, "nowait", "refused") &&
		      number(s, "nowait.code") == UOW_ELOCKED);
}

const char *judge_lock_skip(const struct seen *s)
{
	return yes_if(seen_is(s, "skip", "no row"));
}

const char *judge_begin_write(const struct seen *s)
{
	return yes_if(seen_yes(s, "first") && has(s, "second") &&
		      !seen_is(s, "second", "done"));
}

const char *judge_foreign_keys(const struct seen *s)
{
	if (!has(s, "gone"))
		return "";
	return yes_if(seen_yes(s, "made") && seen_yes(s, "child") &&
		      seen_is(s, "orphan", "no") && seen_is(s, "gone", "no"));
}

const char *judge_duplicate(const struct seen *s)
{
	if (!has(s, "duplicate"))
		return "";
	return yes_if(number(s, "duplicate") == UOW_EDUPLICATE);
}

const char *judge_not_null(const struct seen *s)
{
	if (!has(s, "not-null"))
		return "";
	return yes_if(number(s, "not-null") == UOW_ECONSTRAINT);
}

const char *judge_locked(const struct seen *s)
{
	return has(s, "locked") ? yes_if(number(s, "locked") == UOW_ELOCKED) :
	       "";
}

/* -- waiting -- */

/* A query that is fast enough by itself proves nothing. */
enum { LONG_MS = 2500, SOON_MS = 2200 };

const char *judge_query_timeout(const struct seen *s)
{
	bool in_time = number(s, "took") < SOON_MS;

	if (!has(s, "took"))
		return "";
	if (!seen_yes(s, "completed") && in_time)
		return "yes";
	return number(s, "took") >= LONG_MS || seen_is(s, "set", "no") ?
	       "no" : "";
}

const char *judge_lock_timeout(const struct seen *s)
{
	if (!has(s, "ended"))
		return "";
	return yes_if(seen_yes(s, "set") && seen_yes(s, "ended") &&
		      seen_is(s, "had", "no") && number(s, "took") < LONG_MS &&
		      number(s, "code") == UOW_ELOCKED);
}

const char *judge_login_timeout(const struct seen *s)
{
	if (!has(s, "took") || !seen_yes(s, "reached"))
		return "";
	return yes_if(seen_is(s, "connected", "no") &&
		      number(s, "took") < 2 * LONG_MS);
}

const char *judge_cancel(const struct seen *s)
{
	if (!has(s, "after"))
		return "";
	if (seen_yes(s, "completed"))
		return "no";
	return yes_if(number(s, "took") < SOON_MS &&
		      number(s, "after") == 100);
}

/* -- lost connections -- */

/* What is asked only in its own memory is answered in a microsecond. */
const char *judge_dead_check(const struct seen *s)
{
	if (!has(s, "after") || seen_yes(s, "statement"))
		return "";
	if (!seen_is(s, "after", "dead"))
		return "never";
	return number(s, "usec") < 5 && !seen_is(s, "before", "dead") ?
	       "free" : "pings";
}

const char *judge_sigpipe(const struct seen *s)
{
	if (!has(s, "sigpipe"))
		return "";
	return seen_yes(s, "sigpipe") ? "raised" : "none";
}

const char *judge_lost_commit(const struct seen *s)
{
	if (!has(s, "commit"))
		return "";
	return seen_yes(s, "commit") && number(s, "rows") != 3 ? "lies" :
	       "honest";
}

const char *judge_threads(const struct seen *s)
{
	if (!has(s, "sum"))
		return "";
	return yes_if(number(s, "sum") == number(s, "wanted") &&
		      number(s, "done-rounds") == number(s, "wanted"));
}
