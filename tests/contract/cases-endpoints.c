/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/proxy/proxy.h"

/*
 * Two ways to one database, each by a proxy that can refuse: what a program
 * with uow_run() sees of servers that go and come back.
 */
enum { WAYS = 2, FAILBACK_MS = 150, PATIENCE_MS = 20000, STEP_MS = 50 };

struct ways {
	struct proxy_client proxies[WAYS];
	char connections[WAYS][900];
	const char *further[WAYS];
	uow_db_options options;
	int64_t units;			/* each has added a row */
};

static void lead(struct fixture *f, struct ways *w)
{
	const char *from = f->source.connection, *at;
	unsigned port;
	int i;

	if (!f->backend->port)
		leave(f, LEFT_OTHER_KIND, "connections through a wire");
	memset(w, 0, sizeof(*w));
	at = strstr(from, f->backend->port);
	assert_non_null(at);
	at += strlen(f->backend->port);
	port = (unsigned)atoi(at);
	for (i = 0; i < WAYS; i++) {
		if (!proxy_start(&w->proxies[i], port))
			fail_msg("the proxy did not start");
		snprintf(w->connections[i], sizeof(w->connections[i]),
			 "%.*s%u%s", (int)(at - from), from,
			 w->proxies[i].port, at + strspn(at, "0123456789"));
	}
	w->further[0] = w->connections[1];
	w->options = (uow_db_options)UOW_DB_OPTIONS_INIT;
	w->options.connection = w->connections[0];
	w->options.endpoints = w->further;
	w->options.failback_ms = FAILBACK_MS;
	w->options.pool_max = 2;
	tables(f, &plain_entity, NULL);
}

static void stop_ways(struct ways *w)
{
	int i;

	for (i = 0; i < WAYS; i++)
		proxy_stop(&w->proxies[i]);
}

static void dies(struct ways *w, int i)
{
	assert_true(proxy_tell(&w->proxies[i], "accept refuse"));
	assert_true(proxy_tell(&w->proxies[i], "cut"));
}

static int add(uow_unit *u, void *arg)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = *(int64_t *)arg;
	plain_add(plain_repository_of(u), &p);
	return 0;
}

/* A unit that has to succeed, whatever has happened before it. */
static uow_pool_stats one_more(struct fixture *f, struct ways *w, uow_db *db)
{
	uow_pool_stats s;

	w->units++;
	succeeds(uow_run(db, NULL, add, &w->units, &f->err), &f->err);
	uow_db_stats(db, &s, sizeof(s));
	return s;
}

static void goes_to(struct fixture *f, struct ways *w, uow_db *db,
		    unsigned endpoint, unsigned failovers)
{
	uow_pool_stats s = one_more(f, w, db);

	assert_int_equal(s.endpoint, endpoint);
	assert_int_equal(s.failovers, failovers);
}

/*
 * When, is not promised to the millisecond: a scout that was refused slowly
 * is followed by the next one only after a multiple of that time.
 */
static void comes_back(struct fixture *f, struct ways *w, uow_db *db,
		       unsigned failovers)
{
	uow_pool_stats s = one_more(f, w, db);
	int waited;

	for (waited = 0; s.endpoint && waited < PATIENCE_MS;
	     waited += STEP_MS) {
		sleep_ms(STEP_MS);
		s = one_more(f, w, db);
	}
	assert_int_equal(s.endpoint, 0);
	assert_int_equal(s.failovers, failovers);
	assert_int_equal(rows_in(f, &plain_entity), w->units);
}

static void who_is_not_there_is_passed_over(void **state)
{
	struct fixture *f = *state;
	struct ways w;
	uow_db *db;

	lead(f, &w);
	dies(&w, 0);
	db = another_with(f, &w.options);
	goes_to(f, &w, db, 1, 0);
	goes_to(f, &w, db, 1, 0);
	assert_true(proxy_tell(&w.proxies[0], "accept pass"));
	comes_back(f, &w, db, 1);
	uow_db_free(db);
	stop_ways(&w);
}

static void who_dies_is_left_and_gone_back_to(void **state)
{
	struct fixture *f = *state;
	uow_unit *open[WAYS];
	struct ways w;
	uow_db *db;
	int i;

	lead(f, &w);
	db = another_with(f, &w.options);
	for (i = 0; i < WAYS; i++)	/* two connections, idle then */
		open[i] = begin_on(db, NULL);
	for (i = 0; i < WAYS; i++)
		commit(open[i]);
	goes_to(f, &w, db, 0, 0);
	dies(&w, 0);
	goes_to(f, &w, db, 1, 1);
	goes_to(f, &w, db, 1, 1);
	sleep_ms(FAILBACK_MS + 30);	/* a scout, in vain */
	goes_to(f, &w, db, 1, 1);
	assert_true(proxy_tell(&w.proxies[0], "accept pass"));
	comes_back(f, &w, db, 2);
	dies(&w, 0);
	goes_to(f, &w, db, 1, 3);
	assert_int_equal(rows_in(f, &plain_entity), w.units);
	uow_db_free(db);
	stop_ways(&w);
}

/* Neither is there: said, and over as soon as one is. */
static void without_any_the_unit_is_told(void **state)
{
	struct fixture *f = *state;
	struct ways w;
	int64_t id = 1000;
	uow_db *db;

	lead(f, &w);
	db = another_with(f, &w.options);
	dies(&w, 0);
	dies(&w, 1);
	gives(uow_run(db, NULL, add, &id, &f->err), UOW_ECONNECT, &f->err);
	assert_true(proxy_tell(&w.proxies[1], "accept pass"));
	sleep_ms(100);		/* of the pauses after refusals */
	goes_to(f, &w, db, 1, 1);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	uow_db_free(db);
	stop_ways(&w);
}

/* -- endpoints of two databases -- */

static const char stranger[] = "DRIVER=DB2;Database=somewhere;PWD=sesame";

static void refused_with(struct fixture *f, const char *connection,
			 const char *other)
{
	const char *further[] = { other, NULL };
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_db *db = NULL;

	o.connection = connection;
	o.endpoints = further;
	gives(source_open(f, &db, &o), UOW_ECONFIG, &f->err);
	assert_null(db);
	contains(f->err.message, uow_db_profile(f->db));
	contains(f->err.message, "profile db2");
	contains(f->err.message, "endpoint 1");
	assert_null(strstr(f->err.message, "sesame"));
}

/* Whoever is dead, and whether it is the first or not. */
static void another_database_is_refused(void **state)
{
	struct fixture *f = *state;

	needs(f, BACKEND_ODBC);
	refused_with(f, f->source.connection, stranger);
	refused_with(f, stranger, f->source.connection);
}

/* The server is away, a file is there: it is not what units were made for. */
static void a_file_does_not_stand_in_for_a_server(void **state)
{
	struct fixture *f = *state;
	char file[600];
	const char *further[] = { file, NULL };
	uow_db *db = NULL;
	struct ways w;

	lead(f, &w);
	snprintf(file, sizeof(file), "DRIVER=SQLite3;Database=%s/other.db",
		 scratch_folder());
	dies(&w, 0);
	w.options.endpoints = further;
	gives(source_open(f, &db, &w.options), UOW_ECONFIG, &f->err);
	assert_null(db);
	contains(f->err.message, "profile sqlite");
	contains(f->err.message, uow_db_profile(f->db));
	stop_ways(&w);
}

/* -- files -- */

/* What cannot be opened is not away: who writes elsewhere has two books. */
static void a_file_that_cannot_be_opened_is_not_passed_over(void **state)
{
	struct fixture *f = *state;
	const char *further[] = { f->source.connection, NULL };
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char missing[900];
	uow_db *db = NULL;

	needs(f, BACKEND_FILE);
	snprintf(missing, sizeof(missing), "DRIVER=SQLite3;Database=%s",
		 "/nowhere/at/all.db");
	o.connection = missing;
	o.endpoints = further;
	gives(source_open(f, &db, &o), UOW_EIO, &f->err);
	assert_null(db);
}

static const struct CMUnitTest endpoints_cases[] = {
	CASE(who_is_not_there_is_passed_over),
	CASE(who_dies_is_left_and_gone_back_to),
	CASE(without_any_the_unit_is_told),
	CASE(another_database_is_refused),
	CASE(a_file_does_not_stand_in_for_a_server),
	CASE(a_file_that_cannot_be_opened_is_not_passed_over),
};
TOPIC(endpoints, "endpoints");
