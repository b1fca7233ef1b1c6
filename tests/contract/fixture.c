/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <float.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "refused.h"
#include "server.h"

int fixture_setup(void **state)
{
	const struct job *job = *state;
	const struct pass *pass = job->pass;
	struct fixture *f = calloc(1, sizeof(*f));
	const uow_error none = UOW_ERROR_INIT;

	if (!f || !setlocale(LC_ALL, pass->locale))
		return -1;
	rows_are_told = true;
	before_direct = NULL;
	f->job = job;
	f->pass = pass;
	f->backend = pass->backend;
	f->err = none;
	if (!backend_fresh(f->backend, &f->source)) {
		free(f);
		return -1;
	}
	if (source_open(f, &f->db, NULL)) {
		print_error("%s\n", f->err.message);
		free(f);
		return -1;
	}
	*state = f;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	uow_db_free(f->db);
	if (f->source.file[0])
		remove(f->source.file);
	free(f);
	setlocale(LC_ALL, "C");
	return 0;
}

static unsigned left[LEFT_WAYS];

/* As README.md has it? */
static void check_refused(const struct fixture *f)
{
	const struct job *job = f->job;
	bool listed;

	if (!refused_known())
		return;
	listed = refused_listed(f->backend->name, job->topic, job->name);
	if (f->refused && !listed)
		fail_msg("refused, and README.md does not list it: %s %s/%s",
			 f->backend->name, job->topic, job->name);
	if (!f->refused && listed)
		fail_msg("README.md lists it as refused: %s %s/%s",
			 f->backend->name, job->topic, job->name);
}

void fixture_run(void **state)
{
	struct fixture *f = *state;

	if (!setjmp(f->out))
		f->job->run(state);
	check_refused(f);
}

void leave(struct fixture *f, enum left why, const char *what)
{
	print_message("# %s: %s: %s\n", f->backend->name,
		      why == LEFT_REFUSED ? "refused" : "of another kind",
		      what);
	left[why]++;
	f->refused = why == LEFT_REFUSED;
	longjmp(f->out, 1);
}

unsigned cases_left(enum left why)
{
	return left[why];
}

static int ignore_row(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)row;
	(void)arg;
	return 0;
}

static int do_nothing(uow_unit *u, void *arg)
{
	(void)u;
	(void)arg;
	return 0;
}

void refuses(struct fixture *f, uow_feature feature)
{
	uow_unit *u = begin(f);

	assert_int_equal(feature, UOW_FEATURE_SAVEPOINT);
	must_fail(u, uow_nested(u, do_nothing, NULL), UOW_ENOTSUP);
	contains(uow_unit_error(u)->message, "savepoints");
	uow_unit_free(u);
}

static void refuses_sql_in(struct fixture *f, int which)
{
	uow_repository *r;
	uow_unit *u = begin(f);
	uow_rows rows = { NULL, 7 };
	int rc;

	r = uow_repository_of(u, &plain_entity);
	if (which == 0)
		rc = uow_exec(u, "SELECT 1", NULL, 0, NULL);
	else if (which == 1)
		rc = uow_find_sql(r, "SELECT 1", NULL, 0, &rows);
	else
		rc = uow_each_sql(r, "SELECT 1", NULL, 0, ignore_row, NULL);
	must_fail(u, rc, UOW_ENOTSUP);
	contains(uow_unit_error(u)->message, "SQL");
	assert_true(which != 1 || rows.count == 0);
	uow_unit_free(u);
}

void refuses_sql(struct fixture *f)
{
	int i;

	for (i = 0; i < 3; i++)
		refuses_sql_in(f, i);
}

bool long_double_is_long(void)
{
	volatile long double one = 1, sum = one + LDBL_EPSILON;

	return LDBL_MANT_DIG > DBL_MANT_DIG && sum > one;
}

static void restart_keys(struct fixture *f, const uow_entity *e)
{
	const char *restart = f->backend->restart;
	char sql[300];
	size_t i;

	for (i = 0; restart && i < e->column_count; i++) {
		if (!(e->columns[i].flags & UOW_KEY) ||
		    !(e->columns[i].flags & UOW_GENERATED) ||
		    e->columns[i].type == UOW_TYPE_UUID)
			continue;
		snprintf(sql, sizeof(sql), restart, e->table,
			 e->columns[i].name);
		assert_true(server_does(f->backend, f->source.connection,
					sql));
	}
}

void tables(struct fixture *f, ...)
{
	const uow_entity *list[32];
	size_t count = 0;
	va_list ap;

	va_start(ap, f);
	while ((list[count] = va_arg(ap, const uow_entity *)))
		count++;
	va_end(ap);
	succeeds(uow_schema_create(f->db, list, count, &f->err), &f->err);
	while (count)
		restart_keys(f, list[--count]);
}

int source_open(struct fixture *f, uow_db **out, const uow_db_options *opts)
{
	uow_memory_options m = UOW_MEMORY_OPTIONS_INIT;
	uow_db_options o = UOW_DB_OPTIONS_INIT;

	if (opts)
		o = *opts;
	if (f->backend->flags & BACKEND_ODBC) {
		if (!o.connection)
			o.connection = f->source.connection;
		return uow_db_open(out, &o, &f->err);
	}
	m.db = &o;
	m.same_as = f->db;
	return uow_memory_open(out, &m, &f->err);
}

uow_db *another_with(struct fixture *f, const uow_db_options *opts)
{
	uow_db *db = NULL;

	succeeds(source_open(f, &db, opts), &f->err);
	return db;
}

uow_db *another(struct fixture *f)
{
	return another_with(f, NULL);
}

static void say(const uow_error *err)
{
	if (err)
		print_error("%s: %s (%s, %d, step '%s', entity '%s', key '%s', "
			    "row %ld)\n", uow_code_name(err->code),
			    err->message, err->sqlstate, err->native, err->step,
			    err->entity, err->key, (long)err->row);
}

void code_(int rc, int code, const uow_error *err, const char *call,
	   const char *file, int line)
{
	if (rc == code)
		return;
	print_error("%s gave %s, not %s\n", call, uow_code_name(rc),
		    uow_code_name(code));
	if (rc)
		say(err);
	_fail(file, line);
}

uow_unit *begin_(uow_db *db, const uow_options *opts, const char *file,
		 int line)
{
	uow_error err = UOW_ERROR_INIT;
	uow_unit *u = NULL;

	code_(uow_begin(&u, db, opts, &err), 0, &err, "uow_begin", file, line);
	return u;
}

void commit_(uow_unit *u, const char *file, int line)
{
	int rc = uow_commit(u);

	code_(rc, 0, uow_unit_error(u), "uow_commit", file, line);
	uow_unit_free(u);
}

void must_(const uow_unit *u, int rc, const char *call, const char *file,
	   int line)
{
	code_(rc, 0, uow_unit_error(u), call, file, line);
}

void *need_(const uow_unit *u, void *p, const char *call, const char *file,
	    int line)
{
	if (p)
		return p;
	print_error("%s gave NULL\n", call);
	say(uow_unit_error(u));
	_fail(file, line);
	return NULL;
}

void must_fail_(const uow_unit *u, int rc, int code, const char *call,
		const char *file, int line)
{
	code_(rc, code, uow_unit_error(u), call, file, line);
	code_(uow_status(u), code, uow_unit_error(u), "uow_status", file, line);
	code_(uow_unit_error(u)->code, code, uow_unit_error(u),
	      "uow_unit_error", file, line);
}

void contains_(const char *text, const char *part, const char *file, int line)
{
	if (strstr(text, part))
		return;
	print_error("'%s' is not in '%s'\n", part, text);
	_fail(file, line);
}

uint64_t rows_in(struct fixture *f, const uow_entity *e)
{
	uow_options o = UOW_OPTIONS_INIT;
	uint64_t n = 0;
	uow_unit *u;

	o.read_only = true;
	u = begin_on(f->db, &o);
	must(u, uow_count(uow_repository_of(u, e), uow_all(), &n));
	commit(u);
	return n;
}

void see(const uow_trace *event, void *arg)
{
	struct seen *seen = arg;
	const char *sql = event->sql ? event->sql : "";
	size_t used = strlen(seen->all);

	if (!strncmp(sql, "SELECT", 6))
		seen->selects++;
	else if (!strncmp(sql, "INSERT", 6))
		seen->inserts++;
	else if (!strncmp(sql, "UPDATE", 6))
		seen->updates++;
	else if (!strncmp(sql, "DELETE", 6))
		seen->deletes++;
	else
		seen->others++;
	if (event->code)
		seen->failures++;
	snprintf(seen->last, sizeof(seen->last), "%s", sql);
	snprintf(seen->all + used, sizeof(seen->all) - used, "%s|%s\n",
		 event->unit, sql);
}

uow_db *watched(struct fixture *f, struct seen *seen)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;

	memset(seen, 0, sizeof(*seen));
	o.trace = see;
	o.trace_arg = seen;
	return another_with(f, &o);
}

static uint64_t still_now(void *arg)
{
	return ((struct still_clock *)arg)->now;
}

static void still_sleep(uint64_t usec, void *arg)
{
	struct still_clock *c = arg;

	c->now += usec;
	c->slept += usec;
	c->sleeps++;
}

void still_clock_init(struct still_clock *c)
{
	memset(c, 0, sizeof(*c));
	c->now = 1000000;
	c->clock.now_usec = still_now;
	c->clock.sleep_usec = still_sleep;
	c->clock.arg = c;
}

void dice_seed(struct dice *d)
{
	const char *given = getenv("UOW_TEST_SEED");
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	d->state = given ? strtoull(given, NULL, 10)
		: (uint64_t)t.tv_sec * 1000003u + (uint64_t)t.tv_nsec;
	print_message("# UOW_TEST_SEED=%llu\n", (unsigned long long)d->state);
	d->state |= 1;
}

uint64_t dice_bits(struct dice *d)
{
	/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's
	   xorshift generators" */
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return d->state * 0x2545f4914f6cdd1dULL;
}

uint64_t dice_roll(struct dice *d, uint64_t below)
{
	return (dice_bits(d) >> 11) % below;
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void sleep_ms(unsigned ms)
{
	struct timespec t;

	t.tv_sec = ms / 1000;
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	nanosleep(&t, NULL);
}
