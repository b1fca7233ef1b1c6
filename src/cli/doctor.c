/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli.h"

#include <popt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/json.h"
#include "probe/report.h"
#include "probe/search.h"

enum { TIMEOUT_S = 20, TIMEOUT_MAX_S = 3600 };

struct options {
	char *connection, *profile, *profile_dir, *only, *write_profile;
	int timeout, password_fd, ask, json, list;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* The tables have to be dropped whatever ends us, if anything can. */
static void catch_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction action, before;
	size_t i;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!sigaction(numbers[i], NULL, &before) &&
		    before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

/* -- options -- */

static int list_facts(const char *pattern)
{
	size_t i;

	for (i = 0; i < fact_count; i++)
		if (!pattern || fact_chosen(&facts[i], pattern))
			printf("%-33s %s\n", facts[i].name, facts[i].about);
	return EXIT_HOLDS;
}

static bool any_chosen(const char *pattern)
{
	size_t i;

	for (i = 0; i < fact_count; i++)
		if (!pattern || fact_chosen(&facts[i], pattern))
			return true;
	return false;
}

/* Nobody would find it under another name; ansi inherits from nothing. */
static const char *wrong_with_file(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t n = strlen(name);

	if (n <= 4 || strcmp(name + n - 4, ".ini"))
		return "--write-profile: the name of a profile ends in .ini";
	if (!strcmp(name, "ansi.ini"))
		return "--write-profile: ansi.ini is what it inherits from";
	return NULL;
}

static const char *wrong_with(const struct options *o, const char *more)
{
	if (more)
		return "doctor takes one connection string, or one DSN";
	if (o->timeout < 1 || o->timeout > TIMEOUT_MAX_S)
		return "--timeout takes seconds, from 1 to 3600";
	if (!any_chosen(o->only))
		return "--only: there is no such fact; see --list";
	if (o->write_profile && o->only)
		return "--write-profile needs all facts, not --only some";
	if (!o->list && (!o->connection || !*o->connection))
		return "doctor needs a connection string, or a DSN";
	return o->write_profile ? wrong_with_file(o->write_profile) : NULL;
}

/* 0, or the status to end with. */
static int parse(struct options *o, int argc, const char **argv)
{
	const struct poptOption table[] = {
		{ "dsn", 'd', POPT_ARG_STRING, &o->connection, 0,
		  "data source, or a connection string", "NAME" },
		{ "connection", 'c', POPT_ARG_STRING, &o->connection, 0,
		  "connection string, or a data source", "STRING" },
		{ "password", 'W', POPT_ARG_NONE, &o->ask, 0,
		  "ask for the password", NULL },
		{ "password-fd", '\0', POPT_ARG_INT, &o->password_fd, 0,
		  "read the password from this file descriptor", "N" },
		{ "profile", '\0', POPT_ARG_STRING, &o->profile, 0,
		  "use this profile instead of the one that fits", "NAME" },
		{ "profile-dir", '\0', POPT_ARG_STRING, &o->profile_dir, 0,
		  "folders of profiles, separated by colons", "FOLDERS" },
		{ "only", '\0', POPT_ARG_STRING, &o->only, 0,
		  "only these facts, such as isolation or type.*", "PATTERN" },
		{ "list", 'l', POPT_ARG_NONE, &o->list, 0,
		  "list the facts and what they mean", NULL },
		{ "timeout", 't', POPT_ARG_INT, &o->timeout, 0,
		  "seconds for each experiment (20)", "S" },
		{ "json", '\0', POPT_ARG_NONE, &o->json, 0,
		  "print JSON", NULL },
		{ "write-profile", '\0', POPT_ARG_STRING, &o->write_profile,
		  0, "find out what works, and write a profile", "FILE" },
		POPT_AUTOHELP
		POPT_TABLEEND
	};
	poptContext context = poptGetContext("uow doctor", argc, argv, table,
					     0);
	const char *word, *wrong;
	int rc;

	poptSetOtherOptionHelp(context, "[OPTION...] DSN|CONNECTION-STRING");
	rc = poptGetNextOpt(context);
	word = rc < -1 ? NULL : poptGetArg(context);
	if (word && !o->connection) {
		o->connection = strdup(word);
		word = poptGetArg(context);
	}
	wrong = rc < -1 ? NULL : wrong_with(o, word);
	if (rc < -1)
		cli_complain_option(context, rc);
	else if (wrong)
		cli_complain("%s", wrong);
	poptFreeContext(context);
	return rc < -1 || wrong ? EXIT_USAGE : 0;
}

/* -- what is shown -- */

static void show_progress(const char *experiment, void *arg)
{
	(void)arg;
	fprintf(stderr, "\r%-50.50s", experiment);
}

static void clear_progress(const struct session *s)
{
	if (s->progress)
		fprintf(stderr, "\r%50s\r", "");
}

static const char *value(const struct seen *s, const char *name)
{
	const char *v = seen_get(s, name);

	return v && *v ? v : "?";
}

static void show_source(const struct session *s)
{
	const struct seen *c = &session_of(s, "claims")->seen;

	printf("database  %s %s\n", value(c, "dbms"),
	       value(c, "dbms.version"));
	printf("driver    %s %s, ODBC %s, driver manager %s\n",
	       value(c, "driver"), value(c, "driver.version"),
	       value(c, "driver.odbc"), value(c, "manager"));
	printf("profile   %s%s\n", value(c, "profile"),
	       seen_yes(c, "profile.proved") ? "" : " (not proved)");
}

/* "isolation" of "isolation.serializable". */
static bool same_group(const struct fact *a, const struct fact *b)
{
	size_t n = strcspn(a->name, ".");

	return n == strcspn(b->name, ".") && !strncmp(a->name, b->name, n);
}

static bool show_table(const struct session *s, const char *pattern,
		       const struct tally *t)
{
	const struct fact *before = NULL;
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), ok;
	struct verdict v;
	struct strbuf sb;
	size_t i;

	strbuf_init(&sb, REPORT_BYTES);
	strbuf_putc(&sb, '\n');
	report_head(&sb, colour);
	for (i = 0; i < fact_count; i++) {
		if (pattern && !fact_chosen(&facts[i], pattern))
			continue;
		if (before && !same_group(before, &facts[i]))
			strbuf_putc(&sb, '\n');
		before = &facts[i];
		session_verdict(s, before, &v);
		report_line(&sb, &v, colour);
	}
	report_sums(&sb, t);
	report_outcome_text(&sb, t);
	ok = !sb.failed;
	fputs(ok ? sb.data : "", stdout);
	strbuf_release(&sb);
	return ok;
}

static void count_facts(const struct session *s, const char *pattern,
			struct tally *t)
{
	struct verdict v;
	size_t i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < fact_count; i++) {
		if (pattern && !fact_chosen(&facts[i], pattern))
			continue;
		session_verdict(s, &facts[i], &v);
		report_count(t, &v);
	}
}

/* Shows all there is; the status to end with. */
static int conclude(const struct session *s, const struct options *o)
{
	static const int statuses[] = {
		EXIT_HOLDS, EXIT_OVERCLAIMED, EXIT_UNPROVED
	};
	enum outcome outcome;
	struct tally t;
	bool ok;

	count_facts(s, o->only, &t);
	outcome = report_outcome(&t);
	ok = o->json ? json_print(s, o->only, outcome) :
		       show_table(s, o->only, &t);
	return ok ? statuses[outcome] : EXIT_TROUBLE;
}

/* -- the way of it -- */

static const char *why_not(const struct run *run)
{
	const char *why = seen_get(&run->seen, "refused");

	if (!why)
		why = seen_get(&run->seen, "cannot");
	if (why)
		return why;
	return run->ending == ENDING_HUNG ? "the driver hangs in connecting" :
	       run->ending == ENDING_INTERRUPTED ? "interrupted" :
	       "the driver crashes in connecting";
}

static bool denied(const struct run *run)
{
	return seen_number(&run->seen, "code", 0) == UOW_EDENIED;
}

/* Asks for a password once where one is missing. */
static int connect_first(struct session *s, const char *overrides,
			 char *password, size_t size)
{
	const struct run *run = session_of(s, "claims");
	uow_error err = UOW_ERROR_INIT;
	int tries;

	for (tries = 0; tries < 2; tries++) {
		if (session_run(s, "claims", overrides, &err)) {
			cli_complain("%s", err.message);
			return EXIT_TROUBLE;
		}
		if (seen_get(&run->seen, "profile"))
			return EXIT_HOLDS;
		if (!denied(run) || s->request.password ||
		    !isatty(STDIN_FILENO) ||
		    !password_ask("Password: ", password, size))
			break;
		s->request.password = password;
	}
	clear_progress(s);
	cli_complain("cannot connect: %s", why_not(run));
	return EXIT_NO_CONNECTION;
}

static int examine(struct session *s, const struct options *o)
{
	uow_error err = UOW_ERROR_INIT;
	const char *why = session_no_tables(s, &err);
	bool clean;
	int rc;

	if (why && !interrupted) {
		clear_progress(s);
		cli_complain("nothing can be tried: %s", why);
		return EXIT_UNPROVED;
	}
	rc = session_run_all(s, o->only, NULL, &err);
	clean = session_cleanup(s);
	clear_progress(s);
	if (rc)
		cli_complain("%s", err.message);
	if (!clean)
		cli_complain("scratch tables are left, named %s_*", s->prefix);
	if (rc)
		return EXIT_TROUBLE;
	if (interrupted)
		return 128 + (int)interrupted;
	return conclude(s, o);
}

static int write_profile(struct session *s, const struct options *o)
{
	uow_error err = UOW_ERROR_INIT;
	int rc = search_write(s, o->write_profile, &err);
	bool clean = session_cleanup(s);

	clear_progress(s);
	if (!clean)
		cli_complain("scratch tables are left, named %s_*", s->prefix);
	if (interrupted)
		return 128 + (int)interrupted;
	if (rc) {
		cli_complain("%s", err.message);
		return EXIT_TROUBLE;
	}
	rc = conclude(s, o);
	if (!o->json && rc != EXIT_TROUBLE)
		printf("\nwritten: %s\n", o->write_profile);
	return rc;
}

static int run(struct session *s, const struct options *o, char *password,
	       size_t size)
{
	int status = connect_first(s, NULL, password, size);

	if (status)
		return interrupted ? 128 + (int)interrupted : status;
	clear_progress(s);
	if (!o->json) {
		show_source(s);
		printf("scratch tables: %s_a, _d, _h, _k, _t\n", s->prefix);
		fflush(stdout);
	}
	return o->write_profile ? write_profile(s, o) : examine(s, o);
}

static int get_password(const struct options *o, char *password, size_t size)
{
	if (o->password_fd >= 0 &&
	    !password_read(o->password_fd, password, size)) {
		cli_complain("no password from descriptor %d", o->password_fd);
		return EXIT_USAGE;
	}
	if (o->ask && !password_ask("Password: ", password, size)) {
		cli_complain("no terminal to ask for a password");
		return EXIT_USAGE;
	}
	return 0;
}

/* This program once more, whatever PATH and folder are now. */
static const char *own_program(void)
{
	return "/proc/self/exe";
}

static void release(struct options *o)
{
	if (o->connection)
		mem_wipe(o->connection, strlen(o->connection));
	free(o->connection);
	free(o->profile);
	free(o->profile_dir);
	free(o->only);
	free(o->write_profile);
}

int command_doctor(int argc, const char **argv)
{
	struct options o = { NULL, NULL, NULL, NULL, NULL, TIMEOUT_S, -1, 0,
			     0, 0 };
	char password[PASSWORD_MAX] = "";
	uow_error err = UOW_ERROR_INIT;
	struct session s;
	int status = parse(&o, argc, argv);

	if (!status && o.list)
		status = list_facts(o.only);
	else if (!status)
		status = get_password(&o, password, sizeof(password));
	if (!status && !o.list) {
		memset(&s, 0, sizeof(s));
		s.program = own_program();
		s.timeout_ms = (unsigned)o.timeout * 1000;
		s.interrupted = &interrupted;
		s.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
		s.request.connection = o.connection;
		s.request.password = *password ? password : NULL;
		s.request.profile = o.profile || !o.write_profile ?
				    o.profile : "ansi";
		s.request.profile_dirs = cli_profile_dirs(o.profile_dir);
		catch_signals();
		if (session_init(&s, &err)) {
			cli_complain("%s", err.message);
			status = EXIT_TROUBLE;
		} else {
			status = run(&s, &o, password, sizeof(password));
		}
		session_release(&s);
	}
	mem_wipe(password, sizeof(password));
	release(&o);
	return status;
}
