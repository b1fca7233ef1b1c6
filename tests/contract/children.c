/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The second process of a case: this program started anew with
 * --child ROLE CONNECTION ARGUMENT. It says "r" on its output when it stands
 * where the case wants it, and goes on when its input says so or ends.
 */
static char program[1024];

extern char **environ;

void child_program(const char *argv0)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (n <= 0)
		snprintf(program, sizeof(program), "%s", argv0);
	else
		program[n] = '\0';
}

void child_start(struct child *c, struct fixture *f, const char *role,
		 const char *arg)
{
	char *argv[] = { program, (char *)"--child", (char *)role,
			 f->source.connection, (char *)arg, NULL };
	posix_spawn_file_actions_t actions;
	int to[2], from[2], rc;
	pid_t pid;

	needs(f, BACKEND_ODBC);
	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	/* a later child must not hold this one's pipe open */
	fcntl(to[1], F_SETFD, FD_CLOEXEC);
	fcntl(from[0], F_SETFD, FD_CLOEXEC);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	posix_spawn_file_actions_addclose(&actions, to[0]);
	posix_spawn_file_actions_addclose(&actions, from[1]);
	rc = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	assert_int_equal(rc, 0);
	c->pid = (int)pid;
	c->to = to[1];
	c->from = from[0];
}

bool child_hears(struct child *c)
{
	char byte = 0;
	ssize_t n;

	do
		n = read(c->from, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 && byte == 'r';
}

void child_go_on(struct child *c)
{
	close(c->to);
	c->to = -1;
}

int child_end(struct child *c)
{
	int status = 0;

	if (c->to >= 0)
		close(c->to);
	close(c->from);
	if (waitpid((pid_t)c->pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ready(void)
{
	if (write(1, "r", 1) != 1)
		exit(98);
}

static void wait_for_parent(void)
{
	char byte;

	while (read(0, &byte, 1) < 0 && errno == EINTR)
		continue;
}

static int write_row(uow_unit *u, void *arg)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	(void)arg;
	if (p)
		p->amount += 1000;
	return uow_flush(u);
}

/* Write, wait with the transaction open, then commit. */
static int hold(uow_db *db, const char *arg)
{
	uow_unit *u = NULL;
	uow_error err;
	int rc = uow_begin(&u, db, NULL, &err);

	(void)arg;
	if (!rc)
		rc = write_row(u, NULL);
	if (!rc) {
		ready();
		wait_for_parent();
		rc = uow_commit(u);
	}
	uow_unit_free(u);
	return rc ? 1 : 0;
}

/* Write and die with the transaction open. */
static int die(uow_db *db, const char *arg)
{
	uow_unit *u = NULL;
	uow_error err;

	(void)arg;
	if (uow_begin(&u, db, NULL, &err) || write_row(u, NULL))
		return 1;
	ready();
	wait_for_parent();
	raise(SIGKILL);
	return 1;
}

static int increment(uow_unit *u, void *arg)
{
	struct account *a = account_get(account_repository_of(u), 1);

	(void)arg;
	if (a)
		a->balance++;
	return 0;
}

/* Add one to account 1, so many times. */
static int count_up(uow_db *db, const char *arg)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int n = atoi(arg), i;

	o.attempts = 1000;
	o.lock_timeout_ms = 10000;
	ready();
	for (i = 0; i < n; i++) {
		if (uow_run(db, &o, increment, NULL, &err)) {
			fprintf(stderr, "# child: %s %s\n",
				uow_code_name(err.code), err.message);
			return 1;
		}
	}
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(uow_db *db, const char *arg);
} roles[] = {
	{ "hold", hold },
	{ "die", die },
	{ "count", count_up },
};

/* argv: program --child ROLE CONNECTION ARGUMENT */
int child_main(int argc, char **argv)
{
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;
	size_t i;
	int rc = 97;

	if (argc != 5)
		return 96;
	if (uow_db_open_simple(&db, argv[3], &err)) {
		fprintf(stderr, "# child: %s\n", err.message);
		return 95;
	}
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (!strcmp(roles[i].name, argv[2]))
			rc = roles[i].fn(db, argv[4]);
	}
	uow_db_free(db);
	return rc;
}
