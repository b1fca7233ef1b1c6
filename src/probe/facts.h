/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_FACTS_H
#define PROBE_FACTS_H

#include "dialect/profile.h"
#include "probe/seen.h"

/*
 * What can be known of a database behind a driver: a name, a word. Pure.
 *
 * claimed: by the profile; said: by the driver itself, SQLGetInfo; proved: by
 * an experiment. Words of one fact have an order, from the weakest to the
 * strongest, where the library leans on them; a claim that is stronger than
 * what was proved makes it lose or double something.
 */
enum { FACT_WORD = 24, FACT_NOTE = 256 };

struct fact {
	const char *name;
	const char *experiment;
	/* "weakest|..|strongest"; NULL: words without an order */
	const char *words;
	const char *about;
	/* Makes the word out of what was seen; NULL: "ok", yes or no. */
	const char *(*judge)(const struct seen *s);
	/* Names of what is worth telling where it does not hold, or NULL. */
	const char *note;
};

extern const struct fact facts[];
extern const size_t fact_count;

enum standing {
	STANDS,			/* what is claimed holds, or nothing is */
	OVERCLAIMED,		/* the profile claims more than holds */
	DRIVER_WRONG,		/* the driver says more of itself than holds */
	MORE,			/* more holds than the profile claims */
	NOT_TRIED		/* the experiment could not be made */
};

struct verdict {
	const struct fact *fact;
	char claimed[FACT_WORD];	/* "" nothing is claimed */
	char said[FACT_WORD];
	char proved[FACT_WORD];	/* or "crashes", "hangs", "not tried" */
	char used[FACT_WORD];		/* the weaker; "never", "unproved" */
	char note[FACT_NOTE];		/* why, or "" */
	enum standing standing;
};

/* claims: what the experiment of that name has seen. */
void fact_verdict(const struct fact *f, const struct seen *claims,
		  const struct run *run, struct verdict *out);

/* Does the profile claim more of it than the least there is? */
bool fact_claims(const struct fact *f, const struct verdict *v);

/* Rank of word among "a|b|c", from 0; -1: it is none of them. */
int fact_rank(const char *words, const char *word);

/* Does a pattern such as "isolation.*" choose it? Case does not count. */
bool fact_chosen(const struct fact *f, const char *pattern);

/* Words of profiles: "int64" of FORM_INT64, "decimal" of UOW_TYPE_DECIMAL. */
const char *fact_form(enum form form);
const char *fact_type(int type);

/* -- judge.c: words out of what was seen; "" where that was too little -- */

const char *judge_rollback(const struct seen *s);
const char *judge_hidden(const struct seen *s);
const char *judge_autocommit_on(const struct seen *s);
const char *judge_close(const struct seen *s);
const char *judge_ddl(const struct seen *s);
const char *judge_after_error(const struct seen *s);
const char *judge_commit_after_error(const struct seen *s);
const char *judge_savepoints(const struct seen *s);
const char *judge_savepoint_error(const struct seen *s);
const char *judge_dirty_read(const struct seen *s);
const char *judge_second_read(const struct seen *s);
const char *judge_write_skew(const struct seen *s);
const char *judge_cursor(const struct seen *s);
const char *judge_prepared(const struct seen *s);
const char *judge_single(const struct seen *s);
const char *judge_values_count(const struct seen *s);
const char *judge_values(const struct seen *s);
const char *judge_array_counts(const struct seen *s);
const char *judge_array_failing(const struct seen *s);
const char *judge_array_status(const struct seen *s);
const char *judge_array_processed(const struct seen *s);
const char *judge_used(const struct seen *s);
const char *judge_offset(const struct seen *s);
const char *judge_lengths(const struct seen *s);
const char *judge_fetch(const struct seen *s);
const char *judge_type(const struct seen *s);
const char *judge_infinity(const struct seen *s);
const char *judge_nan(const struct seen *s);
const char *judge_fraction(const struct seen *s);
const char *judge_utf8(const struct seen *s);
const char *judge_empty(const struct seen *s);
const char *judge_blanks(const struct seen *s);
const char *judge_nul(const struct seen *s);
const char *judge_last_key(const struct seen *s);
const char *judge_last_of_values(const struct seen *s);
const char *judge_returning(const struct seen *s);
const char *judge_returning_values(const struct seen *s);
const char *judge_returning_array(const struct seen *s);
const char *judge_limit(const struct seen *s);
const char *judge_limit_offset(const struct seen *s);
const char *judge_offset_only(const struct seen *s);
const char *judge_batch(const struct seen *s);
const char *judge_starts_with(const struct seen *s);
const char *judge_lock_update(const struct seen *s);
const char *judge_lock_nowait(const struct seen *s);
const char *judge_lock_skip(const struct seen *s);
const char *judge_begin_write(const struct seen *s);
const char *judge_foreign_keys(const struct seen *s);
const char *judge_duplicate(const struct seen *s);
const char *judge_not_null(const struct seen *s);
const char *judge_locked(const struct seen *s);
const char *judge_query_timeout(const struct seen *s);
const char *judge_lock_timeout(const struct seen *s);
const char *judge_login_timeout(const struct seen *s);
const char *judge_cancel(const struct seen *s);
const char *judge_dead_check(const struct seen *s);
const char *judge_sigpipe(const struct seen *s);
const char *judge_lost_commit(const struct seen *s);
const char *judge_threads(const struct seen *s);

#endif
