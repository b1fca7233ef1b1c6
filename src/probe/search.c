/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/search.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "probe/candidates.h"
#include "probe/writer.h"

enum { ROUNDS = 3 };

/* The settings found so far, and what is being tried beyond them. */
struct search {
	struct session *session;
	struct strbuf lines;	/* with comments: what the profile will say */
	const char *found;	/* the last fact for which something was */
	uow_error *err;
	int rc;
};

static const struct fact *fact_named(const char *name)
{
	size_t i;

	for (i = 0; i < fact_count; i++)
		if (!strcmp(facts[i].name, name))
			return &facts[i];
	return NULL;
}

static bool stopped(const struct search *h)
{
	return h->rc || (h->session->interrupted && *h->session->interrupted);
}

/* The experiment with what was found and one try more. */
static void experiment(struct search *h, const char *name, const char *more)
{
	struct strbuf sb;

	strbuf_init(&sb, WRITER_BYTES);
	strbuf_puts(&sb, h->lines.data ? h->lines.data : "");
	strbuf_puts(&sb, more);
	h->rc = sb.failed ? error_nomem(h->err) :
		session_run(h->session, name, sb.data, h->err);
	strbuf_release(&sb);
}

static bool reached(const struct search *h, const char *name, const char *want)
{
	const struct fact *f = fact_named(name);
	struct verdict v;
	int rank;

	session_verdict(h->session, f, &v);
	rank = fact_rank(f->words, v.proved);
	return rank >= 0 && rank >= fact_rank(f->words, want);
}

static void accept(struct search *h, const char *fact, const char *lines)
{
	if (!*lines)
		return;
	strbuf_printf(&h->lines, "# %s: %s\n%s\n", fact,
		      fact_named(fact)->about, lines);
	if (h->lines.failed)
		h->rc = error_nomem(h->err);
}

/* Claimed no more, with what was seen instead. */
static bool give_up(struct search *h, const char *fact)
{
	const struct fact *f = fact_named(fact);
	const char *lines = candidates_less(fact);
	struct verdict v;
	char line[64];

	session_verdict(h->session, f, &v);
	snprintf(line, sizeof(line), "type.timestamp.fraction=%.1s",
		 fact_rank(f->words, v.proved) < 0 ? "0" : v.proved);
	if (!strcmp(fact, "type.fraction"))
		lines = line;
	if (!lines)
		return false;
	strbuf_printf(&h->lines, "# %s: %s; it does not hold (%s)\n%s\n",
		      fact, f->about, v.proved, lines);
	if (h->lines.failed)
		h->rc = error_nomem(h->err);
	return true;
}

static void try_all(struct search *h, const struct candidates *c)
{
	const char *name = fact_named(c->fact)->experiment;
	int i;

	if (h->found && !strcmp(h->found, c->fact))
		return;

	for (i = 0; i < CANDIDATES && c->tries[i] && !stopped(h); i++) {
		experiment(h, name, c->tries[i]);
		if (h->rc || !reached(h, c->fact, c->want) ||
		    (c->also && !reached(h, c->also, c->want)))
			continue;
		accept(h, c->fact, c->tries[i]);
		h->found = c->fact;
		return;
	}
	/* Later experiments have columns of all types that there are. */
	if (!stopped(h) && !strncmp(c->fact, "type.", 5))
		give_up(h, c->fact);
}

/* -- errors: rules out of what the driver said -- */

static const char *said(const struct seen *s, const char *what,
			const char *part)
{
	char name[48];

	snprintf(name, sizeof(name), "%s.%s", what, part);
	return seen_get(s, name);
}

static bool same_words(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/*
 * By the state alone where it says something, else with the number. Two
 * mistakes that share both are for a person to tell apart.
 */
static bool rule_for(const struct seen *s, const char *what, const char *code,
		     char *line, size_t size)
{
	static const char *const all[] = {
		"duplicate", "not-null", "missing", "locked"
	};
	const char *state = said(s, what, "state");
	const char *native = said(s, what, "native");
	bool general, alone = true;
	size_t i;

	if (!state || !native || strlen(state) != 5)
		return false;
	general = !strcmp(state, "HY000") || !strcmp(state, "S1000");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!strcmp(all[i], what) ||
		    !same_words(state, said(s, all[i], "state")))
			continue;
		alone = false;
		if (same_words(native, said(s, all[i], "native")))
			return false;
	}
	if (alone && !general)
		snprintf(line, size, "errors.%s=%s", code, state);
	else
		snprintf(line, size, "errors.%s=%s/%s", code, state, native);
	return true;
}

static void learn_error(struct search *h, const char *fact, const char *what,
			const char *code)
{
	char line[128];

	if (stopped(h) || reached(h, fact, "yes") ||
	    !rule_for(&session_of(h->session, "errors")->seen, what, code,
		      line, sizeof(line)))
		return;
	experiment(h, "errors", line);
	if (!h->rc && reached(h, fact, "yes"))
		accept(h, fact, line);
}

/*
 * A driver that waits for locks for as long as it likes shows no error. The
 * library waits by itself, or says how long.
 */
static void shorten_waiting(struct search *h)
{
	const struct run *run = session_of(h->session, "errors");
	int i;

	for (i = 0; candidates_lock_wait[i] && !stopped(h); i++) {
		experiment(h, "errors", candidates_lock_wait[i]);
		if (h->rc || run->ending != ENDING_WELL ||
		    !seen_is(&run->seen, "locked.waits", "no"))
			continue;
		accept(h, "error.locked", candidates_lock_wait[i]);
		return;
	}
	if (!stopped(h))
		experiment(h, "errors", "");
}

static void learn_errors(struct search *h)
{
	const struct run *run = session_of(h->session, "errors");

	experiment(h, "errors", "");
	if (!stopped(h) &&
	    (run->ending == ENDING_HUNG ||
	     seen_yes(&run->seen, "locked.waits")))
		shorten_waiting(h);
	learn_error(h, "error.duplicate", "duplicate", "duplicate");
	learn_error(h, "error.not-null", "not-null", "constraint");
	learn_error(h, "error.locked", "locked", "locked");
}

/* A lock that is refused at once, in words that are not known as such. */
static void learn_nowait(struct search *h, const struct candidates *c)
{
	char rule[64], lines[192];

	try_all(h, c);
	if (stopped(h) || reached(h, c->fact, c->want) ||
	    !seen_yes(&session_of(h->session, "locks")->seen,
		      "nowait.free") ||
	    !seen_is(&session_of(h->session, "locks")->seen, "nowait",
		     "refused") ||
	    !rule_for(&session_of(h->session, "locks")->seen, "nowait",
		      "locked", rule, sizeof(rule)))
		return;
	snprintf(lines, sizeof(lines), "%s\n%s", c->tries[0], rule);
	experiment(h, "locks", lines);
	if (!h->rc && reached(h, c->fact, c->want))
		accept(h, c->fact, lines);
}

/* -- all of it -- */

/* What does not hold when all is examined together is claimed no more. */
static bool lessen(struct search *h)
{
	struct verdict v;
	bool any = false;
	size_t i;

	for (i = 0; i < fact_count && !h->rc; i++) {
		session_verdict(h->session, &facts[i], &v);
		if (v.standing == OVERCLAIMED && give_up(h, facts[i].name))
			any = true;
	}
	return any && !h->rc;
}

static bool all_proved(const struct session *s)
{
	struct verdict v;
	size_t i;

	for (i = 0; i < fact_count; i++) {
		session_verdict(s, &facts[i], &v);
		if (v.standing == OVERCLAIMED ||
		    (v.standing == NOT_TRIED && v.claimed[0] &&
		     fact_rank(facts[i].words, v.claimed) > 0))
			return false;
	}
	return true;
}

static int write_file(struct search *h, const char *file)
{
	const struct session *s = h->session;
	const char *base = s->request.profile;
	struct strbuf sb;
	FILE *out = NULL;
	int rc = 0;

	strbuf_init(&sb, WRITER_BYTES);
	writer_profile(&sb, base ? base : "ansi", all_proved(s),
		       &session_of(s, "claims")->seen,
		       h->lines.data ? h->lines.data : "");
	if (sb.failed)
		rc = error_nomem(h->err);
	else if (!(out = fopen(file, "w")) || fputs(sb.data, out) < 0)
		rc = error_set(h->err, UOW_EIO, "%s: %s", file,
			       strerror(errno));
	if (out && fclose(out) && !rc)
		rc = error_set(h->err, UOW_EIO, "%s: %s", file,
			       strerror(errno));
	strbuf_release(&sb);
	return rc;
}

static void find(struct search *h)
{
	size_t i;

	for (i = 0; i < candidate_count && !stopped(h); i++) {
		/* What lock clauses mean is known once errors are. */
		if (!strcmp(candidates[i].fact, "error.locked"))
			learn_errors(h);
		else if (!strcmp(candidates[i].fact, "sql.lock-nowait"))
			learn_nowait(h, &candidates[i]);
		else
			try_all(h, &candidates[i]);
	}
}

/* Nothing to be found out is nothing to claim. */
static void try_tables(struct search *h)
{
	const char *why = session_no_tables(h->session, h->err);

	if (why)
		h->rc = error_set(h->err, UOW_ENOTSUP, "nothing was written: "
				  "%s", why);
}

/* Better now than after some minutes. */
static int try_file(const char *file, uow_error *err)
{
	FILE *out = fopen(file, "a");

	if (!out)
		return error_set(err, UOW_EIO, "%s: %s", file,
				 strerror(errno));
	fclose(out);
	return 0;
}

static void drop_empty(const char *file)
{
	FILE *in = fopen(file, "r");
	bool empty = in && fgetc(in) == EOF;

	if (in)
		fclose(in);
	if (empty)
		remove(file);
}

static void examine(struct search *h)
{
	if (!stopped(h))
		experiment(h, "claims", "");
	if (!stopped(h))
		h->rc = session_run_all(h->session, NULL, h->lines.data,
					h->err);
}

int search_write(struct session *s, const char *file, uow_error *err)
{
	struct search h;
	int i;

	memset(&h, 0, sizeof(h));
	h.session = s;
	h.err = err;
	h.rc = try_file(file, err);
	if (h.rc)
		return h.rc;
	strbuf_init(&h.lines, WRITER_BYTES);
	try_tables(&h);
	find(&h);
	examine(&h);
	/* What is taken back may have carried something else. */
	for (i = 0; i < ROUNDS && !stopped(&h) && lessen(&h); i++)
		examine(&h);
	if (!stopped(&h) && !seen_get(&session_of(s, "claims")->seen, "dbms"))
		h.rc = error_set(err, UOW_ECONNECT, "no connection any more: "
				 "nothing was written");
	if (!stopped(&h))
		h.rc = write_file(&h, file);
	else
		drop_empty(file);
	strbuf_release(&h.lines);
	return h.rc;
}
