/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/facts.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define YES "no|yes"

/* One fact for each C type. */
#define FORMS(group, prefix, about, judge) \
	{ group "bit", prefix "bit", YES, about, judge, "why" }, \
	{ group "int16", prefix "int16", YES, about, judge, "why" }, \
	{ group "int32", prefix "int32", YES, about, judge, "why" }, \
	{ group "int64", prefix "int64", YES, about, judge, "why" }, \
	{ group "long64", prefix "long64", YES, about, judge, "why" }, \
	{ group "float", prefix "float", YES, about, judge, "why" }, \
	{ group "double", prefix "double", YES, about, judge, "why" }, \
	{ group "text", prefix "text", YES, about, judge, "why" }, \
	{ group "binary", prefix "binary", YES, about, judge, "why" }, \
	{ group "date", prefix "date", YES, about, judge, "why" }, \
	{ group "time", prefix "time", YES, about, judge, "why" }, \
	{ group "timestamp", prefix "timestamp", YES, about, judge, "why" }

#define TYPE(name) \
	{ "type." name, "type." name, "no|exact", \
	  "values at their limits come back bit by bit", judge_type, \
	  "why column" }

const struct fact facts[] = {
	{ "parameter.used", "parameters", YES,
	  "parameters reach the statement", judge_used, NULL },
	{ "transaction.rollback", "transactions", YES,
	  "rollback undoes, commit keeps", judge_rollback, NULL },
	{ "transaction.hidden", "transactions", YES,
	  "others do not see it before commit", judge_hidden, NULL },
	{ "transaction.autocommit-on", "transactions", NULL,
	  "switched on with open work", judge_autocommit_on, NULL },
	{ "transaction.close", "closing", NULL,
	  "SQLDisconnect with open work", judge_close, NULL },
	{ "transaction.ddl", "ddl", "commits|kept|refused|undone",
	  "CREATE TABLE in what is rolled back", judge_ddl,
	  NULL },
	{ "transaction.after-error", "after-error", NULL,
	  "the transaction after a statement that failed", judge_after_error,
	  NULL },
	{ "transaction.commit-after-error", "after-error", NULL,
	  "COMMIT after an error says what was stored",
	  judge_commit_after_error, NULL },
	{ "transaction.savepoints", "savepoints", YES,
	  "going back to one undoes a part", judge_savepoints, NULL },
	{ "transaction.savepoint-after-error", "savepoints", YES,
	  "and does so after an error", judge_savepoint_error, NULL },
	{ "isolation.read-committed", "isolation.read-committed", YES,
	  "no dirty reads", judge_dirty_read, NULL },
	{ "isolation.repeatable-read", "isolation.repeatable-read", YES,
	  "the same again at the second read", judge_second_read, NULL },
	{ "isolation.serializable", "isolation.serializable", YES,
	  "no write skew", judge_write_skew, NULL },
	{ "cursor.commit", "cursors.commit", "closed|kept",
	  "open cursors at COMMIT", judge_cursor, NULL },
	{ "cursor.rollback", "cursors.rollback", "closed|kept",
	  "open cursors at ROLLBACK", judge_cursor, NULL },
	{ "cursor.prepared-commit", "cursors.commit", "lost|kept",
	  "prepared statements at COMMIT", judge_prepared, NULL },
	{ "cursor.prepared-rollback", "cursors.rollback", "lost|kept",
	  "prepared statements at ROLLBACK", judge_prepared, NULL },
	{ "count.single", "counts", "none|changed|total|each",
	  "row count of one UPDATE or DELETE", judge_single, NULL },
	{ "count.values", "values", "none|total",
	  "row count of a multi-row INSERT", judge_values_count, NULL },
	{ "count.array", "array.counts", "none|total|each",
	  "row counts of a parameter array", judge_array_counts, "counts" },
	{ "parameter.offset", "offset", YES,
	  "SQL_ATTR_PARAM_BIND_OFFSET_PTR moves them", judge_offset, NULL },
	{ "parameter.length", "lengths", YES,
	  "lengths of binaries are read each time", judge_lengths, NULL },
	FORMS("bind.", "bind.", "as a single parameter", NULL),
	FORMS("fetch.", "fetch.", "in a result, by SQLGetData and bound",
	      judge_fetch),
	FORMS("array.column.", "column.", "in an array bound by column", NULL),
	FORMS("array.row.", "row.", "in an array bound by row", NULL),
	{ "array.status", "array.status", YES,
	  "the status array is written", judge_array_status, NULL },
	{ "array.processed", "array.status", YES,
	  "the number of processed sets is right", judge_array_processed,
	  NULL },
	{ "array.failing", "array.failing", NULL,
	  "what stays of an array with one bad set", judge_array_failing,
	  NULL },
	{ "rowset.column", "rowset.column", YES,
	  "several rows in one fetch, by column", NULL, NULL },
	{ "rowset.row", "rowset.row", YES,
	  "several rows in one fetch, by row", NULL, NULL },
	{ "sql.values", "values", YES,
	  "INSERT of several rows by VALUES", judge_values, NULL },
	{ "sql.foreign-keys", "foreign-keys", YES,
	  "what refers to no row is refused", judge_foreign_keys,
	  "made orphan child gone" },
	{ "sql.range-checked", "range", YES,
	  "a sum out of its column's range fails", NULL, NULL },
	{ "batch.insert", "batch.insert", "no|rows|at once",
	  "many inserts are right, and sent so", judge_batch, "why" },
	{ "batch.update", "batch.update", "no|rows|at once",
	  "many updates, and a missing row noticed", judge_batch, "why" },
	{ "batch.delete", "batch.delete", "no|rows|at once",
	  "many deletes, and a missing row noticed", judge_batch, "why" },
	{ "sql.limit", "limit", YES,
	  "a SELECT of a few rows", judge_limit, NULL },
	{ "sql.offset", "limit", YES,
	  "and without the first ones", judge_limit_offset, NULL },
	{ "sql.offset-only", "limit", YES,
	  "the same without a limit", judge_offset_only, NULL },
	{ "sql.starts-with", "starts-with", YES,
	  "finds texts by their beginning, by case", judge_starts_with,
	  NULL },
	{ "sql.lock-update", "locks", YES,
	  "a SELECT that locks its rows", judge_lock_update, NULL },
	{ "sql.lock-nowait", "locks", YES,
	  "and fails if another has one", judge_lock_nowait, NULL },
	{ "sql.lock-skip", "locks", YES,
	  "or leaves those out", judge_lock_skip, NULL },
	{ "sql.begin-write", "begin-write", YES,
	  "takes the lock for writing", judge_begin_write, NULL },
	{ "key.last", "keys", YES,
	  "the last generated key is our own", judge_last_key, NULL },
	{ "key.last-of-values", "keys", NULL,
	  "which it is after several rows", judge_last_of_values, NULL },
	{ "key.returning", "returning", YES,
	  "INSERT RETURNING gives the key", judge_returning, NULL },
	{ "key.returning-values", "returning", "no|mixed|in order",
	  "of several rows by VALUES", judge_returning_values, NULL },
	{ "key.returning-array", "returning", "no|mixed|in order",
	  "of a parameter array", judge_returning_array, NULL },
	TYPE("bool"), TYPE("int16"), TYPE("int32"), TYPE("int64"),
	TYPE("float"), TYPE("double"), TYPE("decimal"), TYPE("chars"),
	TYPE("text"), TYPE("bytes"), TYPE("date"), TYPE("time"),
	TYPE("timestamp"), TYPE("uuid"),
	{ "type.long-text", "long.text", YES,
	  "a text of 1 MB", NULL, "why column" },
	{ "type.long-bytes", "long.bytes", YES,
	  "1 MB of bytes", NULL, "why column" },
	{ "type.fraction", "fraction", "0|1|2|3|4|5|6|7|8|9",
	  "digits of a second that survive", judge_fraction, NULL },
	{ "type.float-infinity", "special.float", YES,
	  "infinity survives", judge_infinity, NULL },
	{ "type.float-nan", "special.float", YES,
	  "NaN survives", judge_nan, NULL },
	{ "type.double-infinity", "special.double", YES,
	  "infinity survives", judge_infinity, NULL },
	{ "type.double-nan", "special.double", YES,
	  "NaN survives", judge_nan, NULL },
	{ "text.utf8", "utf8", YES,
	  "characters of four bytes, narrow API", judge_utf8, NULL },
	{ "text.empty", "texts", YES,
	  "an empty text is not NULL", judge_empty, NULL },
	{ "text.blanks", "texts", YES,
	  "blanks at the end stay", judge_blanks, NULL },
	{ "text.nul", "texts", NULL,
	  "a NUL inside of a text", judge_nul, NULL },
	{ "error.duplicate", "errors", YES,
	  "a key twice is told as such", judge_duplicate,
	  "duplicate.state duplicate.native" },
	{ "error.not-null", "errors", YES,
	  "a constraint is told as such", judge_not_null,
	  "not-null.state not-null.native" },
	{ "error.locked", "errors", YES,
	  "a lock not had is told as such", judge_locked,
	  "why locked.state locked.native" },
	{ "wait.query-timeout", "query-timeout", YES,
	  "SQL_ATTR_QUERY_TIMEOUT is kept", judge_query_timeout, "took" },
	{ "wait.lock-timeout", "lock-timeout", YES,
	  "the limit to waiting for a lock is kept", judge_lock_timeout,
	  "took" },
	{ "wait.login-timeout", "login-timeout", YES,
	  "who says nothing is not waited for", judge_login_timeout, NULL },
	{ "wait.cancel", "cancel", YES,
	  "SQLCancel from another thread", judge_cancel, "took" },
	{ "lost.dead-check", "dead", "never|free|pings",
	  "SQL_ATTR_CONNECTION_DEAD tells it", judge_dead_check, NULL },
	{ "lost.sigpipe", "dead", "raised|none",
	  "SIGPIPE from a lost connection", judge_sigpipe, NULL },
	{ "lost.commit", "dead", NULL,
	  "COMMIT on a lost connection", judge_lost_commit, NULL },
	{ "thread.connections", "threads", YES,
	  "threads with a connection each", judge_threads, "why" }
};

const size_t fact_count = sizeof(facts) / sizeof(facts[0]);

const char *fact_form(enum form form)
{
	static const char *const words[] = {
		"none", "bit", "int16", "int32", "int64", "long64", "float",
		"double", "text", "binary", "date", "time", "timestamp"
	};

	return words[form];
}

const char *fact_type(int type)
{
	static const char *const words[] = {
		"null", "bool", "int16", "int32", "int64", "float", "double",
		"decimal", "chars", "text", "bytes", "date", "time",
		"timestamp", "uuid"
	};

	return words[type];
}

int fact_rank(const char *words, const char *word)
{
	size_t length = strlen(word), n;
	int rank;

	for (rank = 0; words; rank++) {
		n = strcspn(words, "|");
		if (n == length && !strncmp(words, word, n))
			return rank;
		words = words[n] ? words + n + 1 : NULL;
	}
	return -1;
}

bool fact_chosen(const struct fact *f, const char *pattern)
{
	char group[64];
	size_t n;

	if (text_glob(pattern, f->name))
		return true;
	/* "isolation" is short for "isolation.*". */
	n = strlen(pattern);
	if (n >= sizeof(group) || strlen(f->name) <= n || f->name[n] != '.')
		return false;
	memcpy(group, f->name, n);
	group[n] = '\0';
	return text_same(group, pattern);
}

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static const char *claim_of(const struct seen *claims, const char *kind,
			    const char *fact)
{
	char name[80];

	snprintf(name, sizeof(name), "%s:%s", kind, fact);
	return seen_get(claims, name);
}

/* "took 13000, counts 1 1 0": what the fact wants to be told. */
static void take_note(const struct fact *f, const struct seen *s, char *note,
		      size_t size)
{
	const char *p = f->note, *value;
	char name[48];
	size_t n, length;

	while (p && *p) {
		n = strcspn(p, " ");
		copy(name, n < sizeof(name) ? n + 1 : sizeof(name), p);
		p += n + (p[n] != '\0');
		value = seen_get(s, name);
		length = strlen(note);
		if (value && *value && length + 1 < size)
			snprintf(note + length, size - length, "%s%s%s%s",
				 length ? ", " : "",
				 strcmp(name, "why") ? name : "",
				 strcmp(name, "why") ? " " : "", value);
	}
}

/* The word that the run has earned; true: it is one. */
static bool prove(const struct fact *f, const struct run *run,
		  struct verdict *v)
{
	const char *step = seen_get(&run->seen, "step"), *word;

	if (run->ending == ENDING_CRASHED || run->ending == ENDING_HUNG) {
		copy(v->proved, sizeof(v->proved),
		     run->ending == ENDING_HUNG ? "hangs" : "crashes");
		copy(v->note, sizeof(v->note), step ? step : "at the start");
		if (run->signal)
			snprintf(v->note + strlen(v->note),
				 sizeof(v->note) - strlen(v->note),
				 ", signal %d", run->signal);
		return true;
	}
	copy(v->note, sizeof(v->note), seen_get(&run->seen, "cannot"));
	word = run->ending != ENDING_WELL || v->note[0] ? "" :
	       f->judge ? f->judge(&run->seen) :
	       seen_get(&run->seen, "ok");
	copy(v->proved, sizeof(v->proved), word && *word ? word : "not tried");
	take_note(f, &run->seen, v->note, sizeof(v->note));
	return word && *word;
}

/* More than holds? A crash is less than every word. */
static bool beyond(const struct fact *f, const char *claimed,
		   const struct verdict *v)
{
	int claim = fact_rank(f->words, claimed);
	int rank = fact_rank(f->words, v->proved);

	if (!f->words)
		return strcmp(claimed, v->proved) != 0;
	return rank < 0 ? claim > 0 : claim > rank;
}

static const char *used(const struct fact *f, const struct verdict *v,
			bool broken)
{
	if (broken)
		return "never";
	if (!f->words)
		return "-";
	if (!v->claimed[0])
		return v->said[0] ? beyond(f, v->said, v) ? v->proved :
		       v->said : "-";
	return beyond(f, v->claimed, v) ? v->proved : v->claimed;
}

bool fact_claims(const struct fact *f, const struct verdict *v)
{
	return v->claimed[0] &&
	       (!f->words || fact_rank(f->words, v->claimed) > 0);
}

void fact_verdict(const struct fact *f, const struct seen *claims,
		  const struct run *run, struct verdict *out)
{
	bool tried, broken;
	const char *without = seen_get(&run->seen, "without");

	memset(out, 0, sizeof(*out));
	out->fact = f;
	copy(out->claimed, sizeof(out->claimed),
	     claim_of(claims, "claim", f->name));
	copy(out->said, sizeof(out->said), claim_of(claims, "odbc", f->name));
	if (without && run->ending == ENDING_WELL) {
		copy(out->proved, sizeof(out->proved), "-");
		copy(out->used, sizeof(out->used), out->claimed[0] ?
		     out->claimed : "-");
		copy(out->note, sizeof(out->note), without);
		return;
	}
	tried = prove(f, run, out);
	broken = tried && fact_rank("crashes|hangs", out->proved) >= 0;
	if (!tried) {
		out->standing = NOT_TRIED;
		copy(out->used, sizeof(out->used), fact_claims(f, out) ?
		     "unproved" : out->claimed[0] ? out->claimed : "-");
		return;
	}
	if (out->claimed[0] && beyond(f, out->claimed, out))
		out->standing = OVERCLAIMED;
	else if (out->said[0] && beyond(f, out->said, out))
		out->standing = DRIVER_WRONG;
	else if (f->words && out->claimed[0] && !broken &&
		 fact_rank(f->words, out->proved) >
		 fact_rank(f->words, out->claimed))
		out->standing = MORE;
	else
		out->standing = STANDS;
	copy(out->used, sizeof(out->used), used(f, out, broken));
	/* What holds needs no reason. */
	if (out->standing == STANDS && !broken)
		out->note[0] = '\0';
}
