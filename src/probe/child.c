/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/mem.h"
#include "probe/lab.h"
#include "probe/override.h"

enum { REQUEST_BYTES = 64 * 1024, OUT = 3 };

/* All of the request; it ends where the parent closes the pipe. */
static char *read_request(size_t *length)
{
	char *text = mem_alloc(REQUEST_BYTES);
	ssize_t n;

	*length = 0;
	while (text && *length < REQUEST_BYTES - 1) {
		n = read(STDIN_FILENO, text + *length,
			 REQUEST_BYTES - 1 - *length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		*length += (size_t)n;
	}
	return text;
}

/* The next of the texts that follow each other; NULL if it is empty. */
static const char *take(const char **at, const char *end)
{
	const char *text = *at;

	if (text >= end)
		return NULL;
	*at = text + strlen(text) + 1;
	return *text ? text : NULL;
}

static void parse(struct request *r, const char *text, size_t length)
{
	const char *end = text + length;

	r->experiment = take(&text, end);
	r->connection = take(&text, end);
	r->password = take(&text, end);
	r->profile = take(&text, end);
	r->profile_dirs = take(&text, end);
	r->prefix = take(&text, end);
	r->overrides = take(&text, end);
}

/* The password becomes part of the string, so that messages are without it. */
static int complete(struct connstr *c, const struct request *r, uow_error *err)
{
	int rc = connstr_init(c, r->connection, err);

	if (!rc && r->password)
		rc = connstr_set(c, "PWD", r->password, err);
	return rc;
}

/* Options among them are for connections that are yet to be made. */
static int apply_overrides(struct lab *l, const struct request *r,
			   const char *connection)
{
	int rc = override_apply(l->source->profile, r->overrides, &l->error);

	if (rc)
		return rc;
	conn_disconnect(l->source, l->source->first);
	l->source->first = NULL;
	return options_complete(l->source, connection,
				&l->source->connections[0], &l->error);
}

static int open_source(struct lab *l, const struct request *r)
{
	uow_db_options db = UOW_DB_OPTIONS_INIT;
	struct odbc_options o = { 0 };
	struct connstr full = { NULL };
	struct backend *b;
	int rc;

	rc = complete(&full, r, &l->error);
	if (rc)
		return rc;
	db.allow_unverified = true;
	o.connection = full.text;
	o.profile = r->profile;
	o.profile_dirs = r->profile_dirs;
	o.db = &db;
	rc = odbc_open(&b, &o, &l->error);
	if (!rc)
		l->source = (struct odbc *)b;
	if (!rc && r->overrides)
		rc = apply_overrides(l, r, full.text);
	connstr_release(&full);
	return rc;
}

/* A driver that writes to a dead socket is not to kill the experiment. */
static void block_sigpipe(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Nobody waits for this process any more: no tidy end, which may hang. */
static void leave(struct lab *l)
{
	lab_see(l, "done", "yes");
#ifdef UOW_COVERAGE
	exit(0);
#else
	_exit(0);
#endif
}

int child_main(void)
{
	struct request r = { 0 };
	struct lab l;
	const struct experiment *e;
	size_t length;
	char *text = read_request(&length);

	memset(&l, 0, sizeof(l));
	l.out = OUT;
	if (!text)
		return 2;
	parse(&r, text, length);
	e = r.experiment ? experiment_find(r.experiment) : NULL;
	if (!e || !r.connection || !r.profile_dirs || !r.prefix)
		return 2;
	l.prefix = r.prefix;
	block_sigpipe();
	lab_step(&l, "connecting");
	if (open_source(&l, &r)) {
		lab_see(&l, "code", "%d", l.error.code);
		lab_see(&l, "refused", "%s", l.error.message);
		lab_cannot(&l, "cannot connect");
	} else {
		e->run(&l, e->arg);
	}
	mem_wipe(text, length);
	leave(&l);
	return 0;
}
