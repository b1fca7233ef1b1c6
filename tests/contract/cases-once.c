/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/odbc.h>

#include "server.h"
#include "tests/proxy/proxy.h"

/*
 * exactly_once: what a lost COMMIT has done is found out. The orders in which
 * things can go wrong are tried in tests/unit/test-settle.c and tests/model;
 * here is what a database has to do with it: the table, unique keys that wait,
 * and COMMITs that are lost between client and server.
 */
struct commit {
	uow_uuid token;
	int32_t attempt;
	uow_timestamp at;
};
static const uow_column commit_columns[] = {
	UOW_UUID(struct commit, token, "token", UOW_KEY),
	UOW_INT32(struct commit, attempt, "attempt", 0),
	UOW_TIMESTAMP(struct commit, at, "at", UOW_GENERATED),
};
static const uow_entity commit_entity =
	UOW_ENTITY(struct commit, "uow_commit", commit_columns);

/* To make them older than they are. */
static const uow_column aged_columns[] = {
	UOW_UUID(struct commit, token, "token", UOW_KEY),
	UOW_INT32(struct commit, attempt, "attempt", 0),
	UOW_TIMESTAMP(struct commit, at, "at", 0),
};
static const uow_entity aged_entity =
	UOW_ENTITY(struct commit, "uow_commit", aged_columns);

struct deed {
	struct fixture *f;
	struct proxy_client *proxy;	/* armed in the first body, or NULL */
	const char *fault;
	unsigned bodies, refuse_from, commits, rollbacks, stored;
};

static int note_commit(uow_unit *u, void *arg)
{
	struct deed *d = arg;

	d->commits++;
	d->stored = uow_attempt(u);
	return 0;
}

static int note_rollback(uow_unit *u, void *arg)
{
	(void)u;
	((struct deed *)arg)->rollbacks++;
	return 0;
}

static int change(uow_unit *u, void *arg)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	(void)arg;
	if (p)
		p->amount += 100;
	return uow_flush(u);
}

/* What is to become of the next COMMIT. */
static bool at_commit(const struct fixture *f, struct proxy_client *p,
		      const char *fault)
{
	const char *commit = f->backend->commit;

	return proxy_tell(p, "%s match=%s", fault, commit ? commit : "COMMIT");
}

static int act(uow_unit *u, void *arg)
{
	struct deed *d = arg;

	d->bodies++;
	uow_on(u, UOW_AFTER_COMMIT, note_commit, d);
	uow_on(u, UOW_AFTER_ROLLBACK, note_rollback, d);
	change(u, NULL);
	if (d->proxy && d->bodies == 1 && !at_commit(d->f, d->proxy, d->fault))
		fail_msg("%s: %s", d->fault, d->proxy->answer);
	if (d->refuse_from && d->bodies >= d->refuse_from)
		return uow_fail(u, UOW_EREJECTED, "by the body");
	return 0;
}

static void prepare(struct fixture *f)
{
	struct plain p = { 1, 10, "" };
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	succeeds(uow_schema_create_commits(f->db, &f->err), &f->err);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
}

static void amount_is(struct fixture *f, int32_t expected)
{
	uow_unit *u = begin(f);
	struct plain *p = need(u, plain_get(plain_repository_of(u), 1));

	assert_int_equal(p->amount, expected);
	commit(u);
}

static int run(struct deed *d, uow_db *db, unsigned timeout_ms)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.exactly_once = true;
	o.timeout_ms = timeout_ms;
	return uow_run(db, &o, act, d, &d->f->err);
}

static void the_table_is_made_once(void **state)
{
	struct fixture *f = *state;
	const uow_entity *one = &commit_entity;
	size_t differences = 9;

	succeeds(uow_schema_create_commits(f->db, &f->err), &f->err);
	succeeds(uow_schema_create_commits(f->db, &f->err), &f->err);
	succeeds(uow_schema_check(f->db, &one, 1, NULL, NULL, &differences,
				  &f->err), &f->err);
	assert_int_equal(differences, 0);
	assert_int_equal(rows_in(f, one), 0);
}

static void each_unit_leaves_a_token(void **state)
{
	struct fixture *f = *state;
	struct deed d = { .f = f };
	uow_query q = UOW_QUERY_INIT;
	struct commit *c;
	uow_rows all;
	uow_unit *u;
	int i;

	q.where = uow_all();
	prepare(f);
	for (i = 0; i < 3; i++)
		succeeds(run(&d, f->db, 0), &f->err);
	amount_is(f, 310);
	assert_int_equal(d.commits, 3);
	u = begin(f);
	must(u, uow_find(uow_repository_of(u, &commit_entity), &q, &all));
	assert_int_equal(all.count, 3);
	for (i = 0; i < 3; i++) {
		c = all.items[i];
		assert_int_equal(c->attempt, 1);
		assert_in_range(c->at.year, 2020, 9999);
	}
	commit(u);
}

static void a_refused_unit_leaves_none(void **state)
{
	struct fixture *f = *state;
	struct deed d = { .f = f, .refuse_from = 1 };

	prepare(f);
	gives(run(&d, f->db, 0), UOW_EREJECTED, &f->err);
	amount_is(f, 10);
	assert_int_equal(rows_in(f, &commit_entity), 0);
}

static void without_its_table_nothing_begins(void **state)
{
	struct fixture *f = *state;
	struct deed d = { .f = f };

	tables(f, &plain_entity, NULL);
	gives(run(&d, f->db, 0), UOW_ECONFIG, &f->err);
	contains(f->err.message, "uow_commit");
	assert_int_equal(d.bodies, 0);
	succeeds(uow_schema_create_commits(f->db, &f->err), &f->err);
}

/* A table of somebody else's, with the name but not the key. */
static void a_table_that_takes_tokens_twice_is_refused(void **state)
{
	static const uow_column columns[] = {
		UOW_UUID(struct commit, token, "token", 0),
		UOW_INT32(struct commit, attempt, "attempt", UOW_KEY),
		UOW_TIMESTAMP(struct commit, at, "at", UOW_GENERATED),
	};
	static const uow_entity keyless =
		UOW_ENTITY(struct commit, "uow_commit", columns);
	struct fixture *f = *state;

	tables(f, &keyless, NULL);
	/* It takes an attempt once. */
	gives(uow_schema_create_commits(f->db, &f->err), UOW_ECONFIG, &f->err);
}

/* All tokens but the first become so many days older. */
static void age(struct fixture *f, unsigned days)
{
	uow_query q = UOW_QUERY_INIT;
	struct commit *c;
	uow_rows all;
	uow_unit *u;
	size_t i;

	q.where = uow_all();
	u = begin(f);
	must(u, uow_find(uow_repository_of(u, &aged_entity), &q, &all));
	for (i = 1; i < all.count; i++) {
		c = all.items[i];
		if (c->at.day > days) {
			c->at.day = (uint16_t)(c->at.day - days);
			continue;
		}
		/* Two days more or less, from 28 days before. */
		c->at.day = (uint16_t)(c->at.day + 28 - days);
		c->at.year = (int16_t)(c->at.year - (c->at.month == 1));
		c->at.month = c->at.month == 1 ? 12 : c->at.month - 1;
	}
	commit(u);
}

static void old_tokens_are_pruned(void **state)
{
	struct fixture *f = *state;
	struct deed d = { .f = f };
	uint64_t removed = 7;
	int i;

	prepare(f);
	for (i = 0; i < 3; i++)
		succeeds(run(&d, f->db, 0), &f->err);
	if (f->backend->flags & BACKEND_STAMPS_WRITES)
		leave(f, LEFT_OTHER_KIND, "times that can be changed");
	age(f, 3);
	succeeds(uow_schema_prune_commits(f->db, &removed, &f->err), &f->err);
	assert_int_equal(removed, 0);
	age(f, 8);
	succeeds(uow_schema_prune_commits(f->db, &removed, &f->err), &f->err);
	/* The pruning's own token of before has been made older, too. */
	assert_int_equal(removed, 3);
	assert_int_equal(rows_in(f, &commit_entity), 2);
}

static void what_cannot_be_settled_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	prepare(f);
	o.exactly_once = true;
	o.simple = true;
	gives(uow_begin(&u, f->db, &o, &f->err), UOW_ENOTSUP, &f->err);
	o.simple = false;
	o.read_only = true;
	gives(uow_begin(&u, f->db, &o, &f->err), UOW_ENOTSUP, &f->err);
	assert_null(u);
}

/* The session of a unit goes back to the pool as the unit has left it. */
static int leave_schema(uow_unit *u, void *arg)
{
	struct deed *d = arg;

	act(u, d);
	return uow_exec(u, d->fault, NULL, 0, NULL);
}

static void the_table_stays_the_same_whatever_a_unit_does(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct deed d = { .f = f, .fault = f->backend->elsewhere };
	int i;

	if (!d.fault)
		leave(f, LEFT_OTHER_KIND, "a schema that a session chooses");
	prepare(f);
	o.exactly_once = true;
	succeeds(uow_run(f->db, &o, leave_schema, &d, &f->err), &f->err);
	for (i = 0; i < 2; i++) {
		uow_unit *u = begin_on(f->db, &o);

		commit(u);
	}
	assert_int_equal(d.commits, 1);
}

static void by_hand_a_unit_is_stored_with_its_token(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	prepare(f);
	o.exactly_once = true;
	succeeds(uow_begin(&u, f->db, &o, &f->err), &f->err);
	must(u, change(u, NULL));
	if (uow_db_has(f->db, UOW_FEATURE_SAVEPOINT))
		must(u, uow_nested(u, change, NULL));
	else
		must(u, change(u, NULL));
	commit(u);
	amount_is(f, 210);
	assert_int_equal(rows_in(f, &commit_entity), 1);
	succeeds(uow_begin(&u, f->db, &o, &f->err), &f->err);
	must(u, change(u, NULL));
	uow_rollback(u);
	uow_unit_free(u);
	amount_is(f, 210);
	assert_int_equal(rows_in(f, &commit_entity), 1);
}

/* -- a COMMIT that is lost on its way -- */

struct wire {
	struct proxy_client proxy;
	uow_db *db;
};

static void wire_open(struct wire *w, struct fixture *f)
{
	const char *from = f->source.connection, *at, *rest;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char connection[900];

	if (!f->backend->port)
		leave(f, LEFT_OTHER_KIND, "connections through a wire");
	at = strstr(from, f->backend->port);
	assert_non_null(at);
	at += strlen(f->backend->port);
	rest = at + strcspn(at, ";");
	if (!proxy_start(&w->proxy, (unsigned)atoi(at)))
		fail_msg("the proxy did not start");
	snprintf(connection, sizeof(connection), "%.*s%u%s", (int)(at - from),
		 from, w->proxy.port, rest);
	o.connection = connection;
	w->db = another_with(f, &o);
}

static void wire_close(struct wire *w)
{
	uow_db_free(w->db);
	proxy_stop(&w->proxy);
}

static void lose(struct fixture *f, const char *fault, unsigned refuse_from,
		 int code, unsigned stored)
{
	struct deed d = { .f = f, .fault = fault, .refuse_from = refuse_from };
	struct wire w;

	wire_open(&w, f);
	prepare(f);
	d.proxy = &w.proxy;
	if (code)
		gives(run(&d, w.db, 20000), code, &f->err);
	else
		succeeds(run(&d, w.db, 20000), &f->err);
	assert_int_equal(proxy_count(&w.proxy, "struck"), 1);
	assert_int_equal(d.stored, stored);
	assert_int_equal(d.commits, code ? 0 : 1);
	assert_int_equal(d.commits + d.rollbacks, d.bodies);
	sleep_ms(600);		/* what is late has arrived by then */
	amount_is(f, code ? 10 : 110);
	assert_int_equal(rows_in(f, &commit_entity), 1);
	wire_close(&w);
}

static void a_commit_that_was_done_is_found(void **state)
{
	lose(*state, "swallow", 0, 0, 1);
}

static void a_commit_that_was_not_done_is_repeated(void **state)
{
	lose(*state, "drop", 0, 0, 2);
}

/* Its transaction is still open: the fence waits for it, and finds its row. */
static void a_commit_that_arrives_late_is_waited_for(void **state)
{
	lose(*state, "late 300000", 0, 0, 1);
}

/*
 * The fence waits as well: it sees nothing of the other transaction, and would
 * have said no to business that is stored by then.
 */
static void a_late_commit_wins_over_a_body_that_would_refuse(void **state)
{
	lose(*state, "late 300000", 2, 0, 1);
}

static void a_refusal_after_a_lost_commit_is_settled(void **state)
{
	lose(*state, "drop", 2, UOW_EREJECTED, 0);
}

static void by_hand(struct fixture *f, const char *fault, int code)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct wire w;
	uow_unit *u;

	wire_open(&w, f);
	prepare(f);
	o.exactly_once = true;
	u = begin_on(w.db, &o);
	must(u, change(u, NULL));
	assert_true(at_commit(f, &w.proxy, fault));
	gives(uow_commit(u), code, uow_unit_error(u));
	uow_unit_free(u);
	amount_is(f, code ? 10 : 110);
	assert_int_equal(rows_in(f, &commit_entity), 1);
	wire_close(&w);
}

static void by_hand_a_commit_that_was_done_is_success(void **state)
{
	by_hand(*state, "swallow", 0);
}

static void by_hand_a_commit_that_was_not_done_is_told(void **state)
{
	by_hand(*state, "drop", UOW_ECONNECT);
}

/* -- who may be asked about it -- */

enum { BRIEFLY_MS = 700 };

static int settle(struct deed *d, uow_db *db, uow_fn body)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.exactly_once = true;
	o.timeout_ms = BRIEFLY_MS;
	o.settle_ms = BRIEFLY_MS;
	return uow_run(db, &o, body, d, &d->f->err);
}

static int act_and_rename(uow_unit *u, void *arg)
{
	struct deed *d = arg;
	const struct fixture *f = d->f;
	int rc = act(u, d);

	assert_true(server_does(f->backend, f->source.connection,
				f->backend->renamed));
	return rc;
}

/* A standby that was promoted, say: it may not have got the COMMIT. */
static void another_server_of_the_name_is_not_believed(void **state)
{
	struct fixture *f = *state;
	struct deed d = { .f = f, .fault = "swallow" };
	struct wire w;
	int rc;

	if (!f->backend->renamed || f->backend->second)
		leave(f, LEFT_OTHER_KIND, "a server that can be renamed");
	wire_open(&w, f);
	prepare(f);
	d.proxy = &w.proxy;
	rc = settle(&d, w.db, act_and_rename);
	assert_true(server_does(f->backend, f->source.connection,
				f->backend->itself));
	assert_int_equal(rc, UOW_EINDOUBT);
	contains(f->err.message, "the COMMIT went to server");
	assert_int_equal(d.bodies, 1);
	amount_is(f, 110);
	wire_close(&w);
}

static int act_and_shut(uow_unit *u, void *arg)
{
	struct deed *d = arg;
	int rc = act(u, d);

	assert_true(proxy_tell(d->proxy, "accept refuse"));
	return rc;
}

/*
 * Another node of a cluster has all that one has acknowledged. Any other server
 * is another one, and the way to the first stays shut.
 */
static void only_a_cluster_answers_for_its_nodes(void **state)
{
	struct fixture *f = *state;
	struct deed d = { .f = f, .fault = "swallow" };
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	const char *second = f->backend->second, *further[2] = { NULL, NULL };
	struct proxy_client proxy;
	char connection[900];
	uow_db *db;

	if (!f->backend->port)
		leave(f, LEFT_OTHER_KIND, "connections through a wire");
	further[0] = second ? getenv(second) : f->source.connection;
	prepare(f);
	assert_true(proxy_start(&proxy, (unsigned)atoi(strstr(
		f->source.connection, f->backend->port) +
		strlen(f->backend->port))));
	through(f, proxy.port, "", connection, sizeof(connection));
	o.connection = connection;
	o.endpoints = further;
	db = another_with(f, &o);
	d.proxy = &proxy;
	gives(settle(&d, db, act_and_shut), second ? 0 : UOW_EINDOUBT,
	      &f->err);
	assert_int_equal(d.bodies, 1);
	amount_is(f, 110);
	uow_db_free(db);
	proxy_stop(&proxy);
}

/* -- adopted connections -- */

static void adopted_connections_are_refused(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	SQLHENV env = NULL;
	SQLHDBC dbc = NULL;
	uow_db *db = NULL;
	uow_unit *u = NULL;

	needs(f, BACKEND_ODBC);
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
	SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc);
	assert_true(SQL_SUCCEEDED(SQLDriverConnect(dbc, NULL,
		(SQLCHAR *)f->source.connection, SQL_NTS, NULL, 0, NULL,
		SQL_DRIVER_NOPROMPT)));
	succeeds(uow_db_adopt(&db, dbc, NULL, &f->err), &f->err);
	o.exactly_once = true;
	gives(uow_begin(&u, db, &o, &f->err), UOW_ENOTSUP, &f->err);
	gives(uow_schema_create_commits(db, &f->err), UOW_ENOTSUP, &f->err);
	uow_db_free(db);
	SQLDisconnect(dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, env);
}

static const struct CMUnitTest once_cases[] = {
	CASE(the_table_is_made_once),
	CASE(each_unit_leaves_a_token),
	CASE(a_refused_unit_leaves_none),
	CASE(without_its_table_nothing_begins),
	CASE(a_table_that_takes_tokens_twice_is_refused),
	CASE(old_tokens_are_pruned),
	CASE(what_cannot_be_settled_is_refused),
	CASE(the_table_stays_the_same_whatever_a_unit_does),
	CASE(by_hand_a_unit_is_stored_with_its_token),
	CASE(a_commit_that_was_done_is_found),
	CASE(a_commit_that_was_not_done_is_repeated),
	CASE(a_commit_that_arrives_late_is_waited_for),
	CASE(a_late_commit_wins_over_a_body_that_would_refuse),
	CASE(a_refusal_after_a_lost_commit_is_settled),
	CASE(by_hand_a_commit_that_was_done_is_success),
	CASE(by_hand_a_commit_that_was_not_done_is_told),
	CASE(another_server_of_the_name_is_not_believed),
	CASE(only_a_cluster_answers_for_its_nodes),
	CASE(adopted_connections_are_refused),
};
TOPIC(once, "once");
