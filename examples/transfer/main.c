/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transfer: work through a journal of transfers, each a unit of work, and
 * audit the books. May be killed at any moment and started again.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uow/schema.h>

#include "bank.h"
#include "journal.h"
#include "progress.h"
#include "report.h"
#include "transfer.h"

#define DEFAULT_SOURCE "DRIVER=SQLite3;Database=bank.db;" \
	"JournalMode=WAL;SyncPragma=FULL"
#define DEFAULT_ACCOUNTS 1000

enum { EXIT_UNBALANCED = 1, EXIT_STOPPED = 2, EXIT_UNKNOWN = 3 };

struct settings {
	const char *source;
	const char *journal;
	int64_t accounts;	/* 0: the bank is there already */
	bool drop, quiet;
	uow_options units;
};

static const struct argp_option option_table[] = {
	{ "dsn", 'd', "SOURCE", 0, "Data source: the name of a DSN, or a "
	  "connection string (default: " DEFAULT_SOURCE ")", 0 },
	{ "create", 'c', "ACCOUNTS", OPTION_ARG_OPTIONAL, "Make the tables "
	  "and so many accounts (1000) of 1000.00 first", 0 },
	{ "drop", 'D', NULL, 0, "Drop the tables of an earlier bank first", 0 },
	{ "exactly-once", 'e', NULL, 0, "Find out what a lost COMMIT has done, "
	  "for up to a minute, instead of stopping", 0 },
	{ "quiet", 'q', NULL, 0, "Do not show progress", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static error_t parse_accounts(struct argp_state *state, const char *text,
			      int64_t *out)
{
	char *end;
	long long count;

	errno = 0;
	count = text ? strtoll(text, &end, 10) : DEFAULT_ACCOUNTS;
	if (text && (errno || end == text || *end || count < 1 ||
		     count > BANK_ACCOUNTS_MAX))
		argp_error(state, "not a number of accounts: %s", text);
	*out = count;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'd':
		s->source = arg;
		return 0;
	case 'c':
		return parse_accounts(state, arg, &s->accounts);
	case 'D':
		s->drop = true;
		return 0;
	case 'e':
		s->units.exactly_once = true;
		s->units.timeout_ms = 60000;
		return 0;
	case 'q':
		s->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (s->journal)
			argp_error(state, "one journal at a time");
		s->journal = arg;
		return 0;
	case ARGP_KEY_END:
		if (!s->journal && !s->accounts && !s->drop)
			argp_error(state, "nothing to do");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int complain(const char *what, const uow_error *err)
{
	fprintf(stderr, "transfer: %s: %s: %s\n", what,
		uow_code_name(err->code), err->message);
	return EXIT_STOPPED;
}

static int stopped(const struct progress *p, int64_t line,
		   const uow_error *err)
{
	bool unknown = err->code == UOW_EINDOUBT;

	if (p->terminal)
		fputc('\n', stderr);
	fprintf(stderr, "transfer: line %" PRId64 ": %s: %s\n", line,
		uow_code_name(err->code), err->message);
	fprintf(stderr, "transfer: %s; starting again goes on after the last "
		"line that was done, and does none twice\n",
		unknown ? "whether this line was done, its audit row tells"
			: "this run did not do this line");
	return unknown ? EXIT_UNKNOWN : EXIT_STOPPED;
}

static int work(uow_db *db, const struct settings *s, struct journal *j,
		int64_t last, struct progress *p, int64_t *committed)
{
	uow_error err = UOW_ERROR_INIT;
	struct entry e;
	int more, outcome;

	while ((more = journal_next(j, &e)) > 0) {
		if (e.line <= last)
			continue;
		if (transfer_line(db, &s->units, &e, &outcome, &err))
			return stopped(p, e.line, &err);
		*committed += !outcome;
		progress_show(p, e.line);
	}
	if (more < 0) {
		fprintf(stderr, "transfer: journal: %s\n", strerror(errno));
		return EXIT_STOPPED;
	}
	return 0;
}

static int run_journal(uow_db *db, const struct settings *s,
		       struct journal *j)
{
	uow_error err = UOW_ERROR_INIT;
	struct progress p;
	int64_t last = 0, committed = 0;
	double seconds;
	int rc;

	if (bank_last_line(db, &last, &err))
		return complain("no bank; --create makes one", &err);
	if (last > j->lines) {
		fprintf(stderr, "transfer: the bank has done line %" PRId64
			", this journal has %" PRId64 ": it is another one\n",
			last, j->lines);
		return EXIT_STOPPED;
	}
	if (last)
		printf("going on after line %" PRId64 "\n", last);
	fflush(stdout);
	progress_start(&p, s->quiet ? NULL : stderr, last, j->lines);
	rc = work(db, s, j, last, &p, &committed);
	if (rc)
		return rc;
	seconds = progress_end(&p, j->line);
	printf("%-24s%10" PRId64 "\n", "lines", j->lines);
	if (last < j->line)
		printf("%-24s%10.0f   (%" PRId64 " in %.2f s)\n",
		       "transfers per second", (double)committed / seconds,
		       committed, seconds);
	return 0;
}

static int run(uow_db *db, const struct settings *s, struct journal *j)
{
	uow_error err = UOW_ERROR_INIT;
	bool balanced = false;
	int rc;

	if (s->drop && bank_drop(db, &err))
		return complain("dropping the tables", &err);
	if (s->accounts && bank_create(db, s->accounts, &err))
		return complain("making the bank", &err);
	if (s->units.exactly_once && uow_schema_create_commits(db, &err))
		return complain("the table of exactly-once", &err);
	if (!s->journal)
		return 0;
	rc = run_journal(db, s, j);
	if (rc)
		return rc;
	if (report_print(db, stdout, &balanced, &err))
		return complain("report", &err);
	return balanced ? 0 : EXIT_UNBALANCED;
}

/* A name alone is that of a DSN. */
static int open_source(uow_db **db, const char *source, uow_error *err)
{
	char connection[256];

	if (strchr(source, '='))
		return uow_db_open_simple(db, source, err);
	if (strlen(source) > sizeof(connection) - sizeof("DSN="))
		source = "";
	snprintf(connection, sizeof(connection), "DSN=%s", source);
	return uow_db_open_simple(db, connection, err);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { option_table, parse_option,
		"[JOURNAL]", "Transfer money between accounts as the journal "
		"says, one unit of work for each line.\vExit status: 0 if the "
		"books balance, 1 if not, 2 if it had to stop, 3 if it had to "
		"stop not knowing whether the last line was done. After 2 and "
		"3 it may be started again: it does no line twice.",
		NULL, NULL, NULL };
	struct settings s = { DEFAULT_SOURCE, NULL, 0, false, false,
			      UOW_OPTIONS_INIT };
	struct journal journal = { NULL, 0, 0 };
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;
	int rc;

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (s.journal && journal_open(&journal, s.journal)) {
		fprintf(stderr, "transfer: %s: %s\n", s.journal,
			strerror(errno));
		return EXIT_STOPPED;
	}
	if (open_source(&db, s.source, &err))
		rc = complain("data source", &err);
	else
		rc = run(db, &s, &journal);
	uow_db_free(db);
	journal_close(&journal);
	return rc;
}
