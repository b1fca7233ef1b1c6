/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <fnmatch.h>
#include <locale.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/*
 * Every case, against every backend, in the C locale and in one that writes
 * 0,1. One group, so that there is one TAP plan.
 *
 * UOW_TEST_REQUIRED=1	what is missing on this machine is a failure
 * UOW_TEST_FILTER=GLOB	only these cases (sqlite/C/keys/...); a backend that
 *			it leaves out is not looked for either
 * UOW_TEST_LOCALE=C	only in this locale: C or de
 * UOW_TEST_SEED=N	repeat a random case
 */
#define GERMAN "de_DE.UTF-8"

extern const struct topic adopt_topic, agree_topic, bad_topic, batch_topic,
	cancel_topic, cluster_topic,
	counters_topic, criteria_topic, crowd_topic, crud_topic, cut_topic,
	db_topic,
	detached_topic, digits_topic, dirty_topic, each_topic,
	endpoints_topic, errors_topic, exact_topic, foreign_topic,
	generated_topic, graph_topic, hooks_topic, identity_topic,
	insert_all_topic,
	isolation_topic, keyed_topic, keys_topic, limits_topic, locale_topic,
	locks_topic, lost_topic, made_topic, nested_topic, nullable_topic,
	once_topic,
	order_topic, owned_topic, queries_topic, random_topic, run_topic,
	schema_topic, session_topic, spelling_topic, sql_topic, state_topic,
	threads_topic, together_topic, types_topic, unique_topic, values_topic,
	verify_topic,
	versions_topic, where_topic;

static const struct topic *const topics[] = {
	&crud_topic, &state_topic, &identity_topic, &dirty_topic,
	&versions_topic, &detached_topic, &verify_topic, &made_topic,
	&counters_topic, &where_topic, &keys_topic, &keyed_topic,
	&generated_topic, &order_topic, &graph_topic, &unique_topic,
	&together_topic, &types_topic, &nullable_topic, &exact_topic,
	&digits_topic, &values_topic, &spelling_topic, &foreign_topic,
	&criteria_topic, &agree_topic, &queries_topic, &each_topic,
	&insert_all_topic,
	&batch_topic, &crowd_topic, &sql_topic, &nested_topic, &hooks_topic,
	&run_topic,
	&isolation_topic, &locks_topic, &lost_topic, &cut_topic, &cancel_topic,
	&endpoints_topic,
	&once_topic, &cluster_topic,
	&errors_topic, &threads_topic, &schema_topic, &session_topic,
	&adopt_topic, &owned_topic, &db_topic, &bad_topic, &limits_topic,
	&locale_topic, &random_topic,
};

enum { TOPICS = sizeof(topics) / sizeof(topics[0]) };

struct suite {
	struct CMUnitTest *tests;
	size_t count, size;
};

static bool required(void)
{
	const char *s = getenv("UOW_TEST_REQUIRED");

	return s && *s && strcmp(s, "0");
}

/* A thing that the machine lacks: said aloud, or a failure. */
static void missing(void **state)
{
	print_message("# SKIP %s\n", (const char *)*state);
	if (required())
		fail_msg("%s", (const char *)*state);
	skip();
}

static void add(struct suite *s, struct CMUnitTest test)
{
	if (s->count == s->size) {
		s->size = s->size ? 2 * s->size : 256;
		s->tests = realloc(s->tests, s->size * sizeof(test));
		if (!s->tests)
			exit(99);
	}
	s->tests[s->count++] = test;
}

static char *join(const char *a, const char *b, const char *c, const char *d)
{
	size_t n = strlen(a) + strlen(b) + strlen(c) + strlen(d) + 4;
	char *s = malloc(n);

	if (!s)
		exit(99);
	snprintf(s, n, "%s/%s/%s/%s", a, b, c, d);
	return s;
}

static char *complaint(const char *what, const char *why)
{
	size_t n = strlen(what) + strlen(why) + 3;
	char *s = malloc(n);

	if (!s)
		exit(99);
	snprintf(s, n, "%s: %s", what, why);
	return s;
}

static void add_missing(struct suite *s, const char *what, const char *why)
{
	struct CMUnitTest test = { NULL, missing, NULL, NULL, NULL };

	test.name = join("machine", "has", what, "");
	test.initial_state = complaint(what, why);
	add(s, test);
}

/* Matched here: cmocka's filter would leave out what is missing as well. */
static bool wanted(const char *name)
{
	const char *filter = getenv("UOW_TEST_FILTER");

	return !filter || !fnmatch(filter, name, 0);
}

static bool backend_given(const struct backend *b)
{
	const char *given = b->env ? getenv(b->env) : NULL;

	return !(b->flags & BACKEND_ODBC) || b->connection || (given && *given);
}

/*
 * Can a case of this backend be wanted? By what stands before a wildcard. A
 * server that is not there has to be asked for: its script does that.
 */
static bool backend_wanted(const struct backend *b)
{
	const char *filter = getenv("UOW_TEST_FILTER");
	size_t plain = filter ? strcspn(filter, "*?[\\") : 0;
	size_t n = strlen(b->name);

	if (!plain)
		return backend_given(b);
	if (plain <= n)
		return !strncmp(filter, b->name, plain);
	return !strncmp(filter, b->name, n) && filter[n] == '/';
}

static bool locale_wanted(const char *name)
{
	const char *only = getenv("UOW_TEST_LOCALE");

	return !only || !*only || !strcmp(only, name);
}

static void *job_new(const struct pass *pass, const char *topic,
		     const struct CMUnitTest *test)
{
	struct job *job = malloc(sizeof(*job));

	if (!job)
		exit(99);
	job->pass = pass;
	job->topic = topic;
	job->name = test->name;
	job->run = test->test_func;
	return job;
}

static void add_pass(struct suite *s, const struct pass *pass,
		     const char *locale)
{
	struct CMUnitTest test;
	char *name;
	size_t i, k;

	for (i = 0; i < TOPICS; i++) {
		for (k = 0; k < topics[i]->count; k++) {
			test = topics[i]->cases[k];
			name = join(pass->backend->name, locale,
				    topics[i]->name, test.name);
			if (!wanted(name)) {
				free(name);
				continue;
			}
			test.initial_state = job_new(pass, topics[i]->name,
						     &topics[i]->cases[k]);
			test.name = name;
			test.test_func = fixture_run;
			add(s, test);
		}
	}
}

/* Make the locale in our own folder; the system's is not touched. */
static bool make_german(void)
{
	extern char **environ;
	char path[512], target[600];
	char *argv[] = { (char *)"localedef", (char *)"-i", (char *)"de_DE",
			 (char *)"-f", (char *)"UTF-8", target, NULL };
	pid_t pid;
	int status;

	snprintf(path, sizeof(path), "%s", scratch_folder());
	snprintf(target, sizeof(target), "%s/%s", path, GERMAN);
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) < 0)
		return false;
	return setenv("LOCPATH", path, 1) == 0 && setlocale(LC_ALL, GERMAN);
}

static bool have_german(void)
{
	bool found = setlocale(LC_ALL, GERMAN) || make_german();

	found = found && !strcmp(localeconv()->decimal_point, ",");
	setlocale(LC_ALL, "C");
	return found;
}

static void add_backend(struct suite *s, const struct backend *b, bool german)
{
	static struct pass passes[64];
	static size_t n;

	if (locale_wanted("C")) {
		passes[n].backend = b;
		passes[n].locale = "C";
		add_pass(s, &passes[n++], "C");
	}
	if (german) {
		passes[n].backend = b;
		passes[n].locale = GERMAN;
		add_pass(s, &passes[n++], "de");
	}
}

static void add_all(struct suite *s)
{
	bool wants = locale_wanted("de"), german = wants && have_german();
	char why[300];
	size_t i;

	for (i = 0; i < backend_count; i++) {
		if (!backend_wanted(&backends[i]))
			continue;
		if (!backend_available(&backends[i], why, sizeof(why))) {
			add_missing(s, backends[i].name, why);
			continue;
		}
		add_backend(s, &backends[i], german);
	}
	if (wants && !german)
		add_missing(s, "locale " GERMAN,
			    "no such locale, and localedef cannot make it");
}

static void release(struct suite *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free(s->tests[i].initial_state);
		free((void *)(uintptr_t)s->tests[i].name);
	}
	free(s->tests);
}

int main(int argc, char **argv)
{
	struct suite suite = { NULL, 0, 0 };
	int failures;

	if (argc > 1 && !strcmp(argv[1], "--child"))
		return child_main(argc, argv);
	child_program(argv[0]);
	add_all(&suite);
	if (!suite.count) {
		fprintf(stderr, "no case matches UOW_TEST_FILTER\n");
		return 1;
	}
	failures = _cmocka_run_group_tests("contract", suite.tests,
					   suite.count, NULL, NULL);
	print_message("# refused: %u, of another kind of database: %u\n",
		      cases_left(LEFT_REFUSED), cases_left(LEFT_OTHER_KIND));
	release(&suite);
	backends_release();
	scratch_remove();
	return failures ? 1 : 0;
}
