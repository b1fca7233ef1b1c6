/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE		/* TCP_KEEPIDLE, TCP_USER_TIMEOUT */
#include "contract.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <uow/odbc.h>
#include <uow/schema.h>
#include <uow/uow.h>

#include "tests/proxy/proxy.h"

/*
 * Connections that break at a known place: 60, 105, 108-110, 127, 128 once
 * more, where a server that ends connections cannot show it. Units go through
 * a proxy (tests/proxy); what they have left behind is read past it.
 */
enum { ROWS = 2500, HELD_USEC = 300000, TIME_MS = 150, LATE_USEC = 50000 };

struct way {
	struct fixture *f;
	struct proxy_client proxy;
	uow_db *db;		/* through the proxy */
};

void through(const struct fixture *f, unsigned port, const char *options,
	     char *out, size_t size)
{
	const char *from = f->source.connection;
	const char *at = strstr(from, f->backend->port);
	const char *rest;

	assert_non_null(at);
	at += strlen(f->backend->port);
	rest = at + strcspn(at, ";");
	snprintf(out, size, "%.*s%u;%s%s", (int)(at - from), from, port,
		 options, rest);
}

static unsigned port_of(const struct fixture *f)
{
	const char *at = strstr(f->source.connection, f->backend->port);

	assert_non_null(at);
	return (unsigned)atoi(at + strlen(f->backend->port));
}

uow_db *proxied(struct fixture *f, struct proxy_client *p, const char *options)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	char connection[900];

	if (!f->backend->port)
		leave(f, LEFT_OTHER_KIND, "connections through a wire");
	if (!proxy_start(p, port_of(f)))
		fail_msg("the proxy did not start");
	through(f, p->port, options, connection, sizeof(connection));
	o.connection = connection;
	return another_with(f, &o);
}

static void way_open(struct way *w, struct fixture *f, const char *options)
{
	memset(w, 0, sizeof(*w));
	w->f = f;
	w->db = proxied(f, &w->proxy, options);
}

static void way_close(struct way *w)
{
	uow_db_free(w->db);
	proxy_stop(&w->proxy);
}

static void arm(struct way *w, const char *fault)
{
	if (!proxy_tell(&w->proxy, "%s", fault))
		fail_msg("%s: %s", fault, w->proxy.answer);
}

/* Did it strike? Else the case shows nothing. */
static void struck(struct way *w, unsigned long times)
{
	assert_int_equal(proxy_count(&w->proxy, "struck"), times);
}

static void prepare(struct way *w, struct fixture *f)
{
	struct plain p = { 1, 10, "" };
	uow_unit *u;

	way_open(w, f, "");
	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	p.id = 2;
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
}

/* Past the proxy. */
static void amount_is(struct fixture *f, int32_t expected)
{
	uow_unit *u = begin(f);
	struct plain *p = need(u, plain_get(plain_repository_of(u), 1));

	assert_int_equal(p->amount, expected);
	commit(u);
}

static int change(uow_unit *u)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	if (p)
		p->amount += 100;
	return uow_flush(u);
}

/* In place: the statement is prepared, the transaction open. */
static uow_unit *begin_change(struct way *w)
{
	uow_unit *u;

	u = begin_on(w->db, NULL);
	must(u, change(u));
	commit(u);
	u = begin_on(w->db, NULL);
	need(u, plain_get(plain_repository_of(u), 2));
	return u;
}

static void a_statement_breaks(struct way *w, const char *fault)
{
	uow_unit *u = begin_change(w);
	int i;

	arm(w, fault);
	must_fail(u, change(u), UOW_ECONNECT);
	struck(w, 1);
	/* whatever the driver would say to a COMMIT by now */
	for (i = 0; i < 3; i++)
		assert_int_not_equal(uow_commit(u), 0);
	uow_unit_free(u);
	amount_is(w->f, 110);
	/* the next unit has a connection that works */
	u = begin_on(w->db, NULL);
	must(u, change(u));
	commit(u);
	amount_is(w->f, 210);
}

static void a_request_that_is_lost_fails_the_unit(void **state)
{
	struct way w;

	prepare(&w, *state);
	a_statement_breaks(&w, "drop");
	way_close(&w);
}

/* What a dead connection says of autocommit is not believed to be ours. */
static void a_lost_connection_that_was_lent_is_no_doubt(void **state)
{
	struct fixture *f = *state;
	struct way w;
	uow_unit *u;

	prepare(&w, f);
	u = begin_on(w.db, NULL);
	need(u, plain_get(plain_repository_of(u), 2));
	need(u, uow_unit_hdbc(u));
	arm(&w, "drop");
	must_fail(u, change(u), UOW_ECONNECT);
	struck(&w, 1);
	assert_int_equal(uow_commit(u), UOW_ECONNECT);
	uow_unit_free(u);
	amount_is(w.f, 10);
	way_close(&w);
}

static void an_answer_that_is_lost_fails_the_unit(void **state)
{
	struct way w;

	prepare(&w, *state);
	a_statement_breaks(&w, "swallow");
	way_close(&w);
}

static void a_connection_that_is_reset_fails_the_unit(void **state)
{
	struct way w;

	prepare(&w, *state);
	arm(&w, "reset on");
	a_statement_breaks(&w, "drop");
	way_close(&w);
}

static void fill(struct fixture *f)
{
	static struct plain rows[ROWS];
	uow_unit *u = begin(f);
	int i;

	for (i = 0; i < ROWS; i++) {
		rows[i].id = 1000 + i;
		rows[i].amount = i;
		rows[i].label = "a label that makes the answer a long one";
	}
	must(u, plain_insert_all(plain_repository_of(u), rows, ROWS));
	commit(u);
}

static int count_row(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)row;
	++*(int *)arg;
	return 0;
}

static void an_answer_cut_in_the_middle_is_no_short_result(void **state)
{
	uow_query q = UOW_QUERY_INIT;
	struct way w;
	uow_unit *u;
	int seen = 0;

	prepare(&w, *state);
	fill(w.f);
	u = begin_change(&w);
	arm(&w, "truncate 20000");
	q.where = uow_all();
	must_fail(u, uow_each(uow_repository_of(u, &plain_entity), &q,
			      count_row, &seen),
		  UOW_ECONNECT);
	struck(&w, 1);
	assert_in_range(seen, 0, ROWS);
	assert_int_equal(uow_commit(u), UOW_ECONNECT);
	uow_unit_free(u);
	way_close(&w);
}

static void a_connection_lost_in_a_flush_stores_nothing(void **state)
{
	struct plain p = { 0, 7, "new" };
	struct way w;
	uow_unit *u;
	int i;

	prepare(&w, *state);
	u = begin_change(&w);
	for (i = 0; i < ROWS; i++) {
		p.id = 1000 + i;
		need(u, plain_add(plain_repository_of(u), &p));
	}
	arm(&w, "swallow after=1");
	must_fail(u, uow_flush(u), UOW_ECONNECT);
	struck(&w, 1);
	assert_int_equal(uow_commit(u), UOW_ECONNECT);
	uow_unit_free(u);
	assert_int_equal(rows_in(w.f, &plain_entity), 2);
	way_close(&w);
}

/* What was stored is not what the code may say: nobody was told. */
static void a_commit_breaks(struct way *w, const char *fault, int32_t amount)
{
	uow_unit *u = begin_change(w);

	must(u, change(u));
	arm(w, fault);
	assert_int_equal(uow_commit(u), UOW_EINDOUBT);
	struck(w, 1);
	contains(uow_unit_error(u)->step, "COMMIT");
	uow_unit_free(u);
	sleep_ms(LATE_USEC / 1000 * 3);
	amount_is(w->f, amount);
}

static void a_commit_that_never_arrived_is_in_doubt(void **state)
{
	struct way w;

	prepare(&w, *state);
	a_commit_breaks(&w, "drop", 110);
	way_close(&w);
}

static void a_commit_whose_answer_was_lost_is_in_doubt(void **state)
{
	struct way w;

	prepare(&w, *state);
	a_commit_breaks(&w, "swallow", 210);
	way_close(&w);
}

static void a_commit_that_arrives_late_is_in_doubt(void **state)
{
	char fault[40];
	struct way w;

	prepare(&w, *state);
	snprintf(fault, sizeof(fault), "late %d", LATE_USEC);
	a_commit_breaks(&w, fault, 210);
	way_close(&w);
}

struct attempts {
	struct way *way;
	const char *fault;
	int count;
	bool at_commit;
};

static int lose_first(uow_unit *u, void *arg)
{
	struct attempts *a = arg;

	if (!a->count++ && !a->at_commit)
		arm(a->way, a->fault);
	change(u);
	if (a->count == 1 && a->at_commit)
		arm(a->way, a->fault);
	return 0;
}

/* Each request of a unit in its turn: only the last one is COMMIT. */
static void a_run_is_repeated_wherever_it_was_cut_but_at_commit(void **state)
{
	struct attempts a = { NULL, NULL, 0, false };
	unsigned long i, done = 0;
	char fault[40];
	struct way w;
	int rc;

	prepare(&w, *state);
	a.way = &w;
	a.fault = fault;
	for (i = 0; ; i++) {
		snprintf(fault, sizeof(fault), "drop after=%lu", i);
		a.count = 0;
		rc = uow_run(w.db, NULL, lose_first, &a, &w.f->err);
		if (rc == UOW_EINDOUBT)
			break;
		succeeds(rc, &w.f->err);
		assert_int_equal(a.count, 2);
		done++;
		struck(&w, done);
		amount_is(w.f, 10 + 100 * (int32_t)done);
	}
	assert_int_equal(a.count, 1);
	assert_in_range(done, 2, 20);
	struck(&w, done + 1);
	amount_is(w.f, 10 + 100 * (int32_t)done);
	way_close(&w);
}

/* Repeated blindly it would be done twice. */
static void a_run_whose_commit_was_done_is_not_repeated(void **state)
{
	struct attempts a = { NULL, "swallow", 0, true };
	struct way w;

	prepare(&w, *state);
	a.way = &w;
	gives(uow_run(w.db, NULL, lose_first, &a, &w.f->err), UOW_EINDOUBT,
	      &w.f->err);
	assert_int_equal(a.count, 1);
	struck(&w, 1);
	amount_is(w.f, 110);
	way_close(&w);
}

static int read_and_lose(uow_unit *u, void *arg)
{
	struct attempts *a = arg;

	if (!need(u, plain_get(plain_repository_of(u), 1)))
		return uow_status(u);
	if (!a->count++)
		arm(a->way, a->fault);
	return 0;
}

/* Nothing can be stored, so nothing is in doubt: by hand, and repeated. */
static void a_reading_unit_is_never_in_doubt(void **state)
{
	struct attempts a = { NULL, "swallow", 0, true };
	uow_options o = UOW_OPTIONS_INIT;
	struct way w;
	uow_unit *u;

	prepare(&w, *state);
	a.way = &w;
	o.read_only = true;
	u = begin_on(w.db, &o);
	must(u, read_and_lose(u, &a));
	assert_int_equal(uow_commit(u), UOW_ECONNECT);
	contains(uow_unit_error(u)->step, "COMMIT");
	uow_unit_free(u);
	struck(&w, 1);
	a.count = 0;
	succeeds(uow_run(w.db, &o, read_and_lose, &a, &w.f->err), &w.f->err);
	assert_int_equal(a.count, 2);
	struck(&w, 2);
	way_close(&w);
}

/* A slow network is no lost connection, and the time of the unit holds. */
static void an_answer_that_comes_too_late_ends_the_unit(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct way w;
	uow_unit *u;

	prepare(&w, *state);
	uow_unit_free(begin_change(&w));
	o.timeout_ms = TIME_MS;
	u = begin_on(w.db, &o);
	need(u, plain_get(plain_repository_of(u), 2));
	assert_true(proxy_tell(&w.proxy, "hold-answer %d", HELD_USEC));
	change(u);
	assert_int_equal(uow_commit(u), UOW_ETIMEOUT);
	struck(&w, 1);
	uow_unit_free(u);
	amount_is(w.f, 110);
	u = begin_on(w.db, NULL);
	must(u, change(u));
	commit(u);
	way_close(&w);
}

/* Whether the answer of a COMMIT is slow changes nothing about it. */
static void a_slow_commit_is_a_commit(void **state)
{
	struct way w;
	uow_unit *u;

	prepare(&w, *state);
	u = begin_change(&w);
	must(u, change(u));
	assert_true(proxy_tell(&w.proxy, "hold %d", HELD_USEC));
	commit(u);
	struck(&w, 1);
	amount_is(w.f, 210);
	way_close(&w);
}

/* These do nothing but wait. */
static void only_once(struct fixture *f)
{
	if (strcmp(f->pass->locale, "C"))
		leave(f, LEFT_OTHER_KIND, "time in this locale");
}

/*
 * Nobody closes anything: only time tells. Each with the options with which
 * the driver can, if there are any; libuow(3) has them.
 */
static void a_silence(struct fixture *f, const char *options,
		      const char *fault, bool at_commit)
{
	uow_options o = UOW_OPTIONS_INIT;
	uint64_t began;
	struct way w;
	uow_unit *u;
	int rc;

	only_once(f);
	if (!f->backend->port || !options ||
	    (at_commit && !f->backend->leaves_commit))
		leave(f, LEFT_OTHER_KIND, "drivers that leave a silence");
	prepare(&w, f);
	way_close(&w);
	way_open(&w, f, options);
	o.timeout_ms = 1000;
	u = begin_on(w.db, &o);
	if (at_commit)
		must(u, change(u));
	else
		need(u, plain_get(plain_repository_of(u), 2));
	arm(&w, fault);
	began = now_ms();
	rc = at_commit ? uow_commit(u) : change(u);
	print_message("# %s: %s after %lu ms: %s\n", fault, uow_code_name(rc),
		      (unsigned long)(now_ms() - began),
		      uow_unit_error(u)->message);
	assert_true(now_ms() - began < 8000);
	if (at_commit)
		assert_int_equal(rc, UOW_EINDOUBT);
	else
		assert_true(rc == UOW_ECONNECT || rc == UOW_ETIMEOUT);
	began = now_ms();
	assert_int_not_equal(uow_commit(u), 0);
	uow_unit_free(u);
	assert_true(now_ms() - began < 8000);
	arm(&w, "cut");		/* the server lets go of its locks */
	sleep_ms(20);
	amount_is(f, 10);
	way_close(&w);
}

static void a_silent_server_is_left_in_a_statement(void **state)
{
	struct fixture *f = *state;

	a_silence(f, f->backend->leaves_silence, "hole", false);
}

static void a_silent_server_is_left_at_commit(void **state)
{
	struct fixture *f = *state;

	a_silence(f, f->backend->leaves_silence, "hole", true);
}

static void a_host_that_is_gone_is_left_in_a_statement(void **state)
{
	struct fixture *f = *state;

	a_silence(f, f->backend->leaves_host, "unplug", false);
}

static void a_host_that_vanishes_is_left_at_commit(void **state)
{
	struct fixture *f = *state;

	a_silence(f, f->backend->leaves_host, "vanish", true);
}

static void a_server_that_lets_nobody_in_is_left(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_db *db = NULL;
	char connection[900];
	uint64_t began = now_ms();
	struct way w;

	only_once(f);
	if (!f->backend->port || !f->backend->leaves_mute)
		leave(f, LEFT_OTHER_KIND, "time-outs of logins");
	way_open(&w, f, "");
	arm(&w, "accept mute");
	through(f, w.proxy.port, f->backend->leaves_mute, connection,
		sizeof(connection));
	o.connection = connection;
	gives(source_open(f, &db, &o), UOW_ECONNECT, &f->err);
	assert_true(now_ms() - began < 8000);
	arm(&w, "accept refuse");
	gives(source_open(f, &db, &o), UOW_ECONNECT, &f->err);
	way_close(&w);
}

/*
 * Each request of a login in its turn. Nobody may take it for a wrong password,
 * or for what a second try would not help.
 */
static void a_login_breaks(struct way *w, const char *fault)
{
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	unsigned long i, before, now;
	char connection[900];
	uow_db *db;
	int rc;

	through(w->f, w->proxy.port, "", connection, sizeof(connection));
	o.connection = connection;
	now = proxy_count(&w->proxy, "struck");
	for (i = 0; ; i++) {
		before = now;
		if (!proxy_tell(&w->proxy, "%s after=%lu", fault, i))
			fail_msg("%s: %s", fault, w->proxy.answer);
		db = NULL;
		rc = source_open(w->f, &db, &o);
		now = proxy_count(&w->proxy, "struck");
		arm(w, "disarm");
		uow_db_free(db);
		if (now == before)
			break;
		if (rc)
			gives(rc, UOW_ECONNECT, &w->f->err);
	}
	succeeds(rc, &w->f->err);
	assert_in_range(i, 1, 40);
}

static void a_login_that_is_cut_is_a_lost_connection(void **state)
{
	struct way w;

	way_open(&w, *state, "");
	a_login_breaks(&w, "drop");
	a_login_breaks(&w, "swallow");
	a_login_breaks(&w, "truncate 3");
	arm(&w, "reset on");
	a_login_breaks(&w, "drop");
	way_close(&w);
}

/* Drivers may have nothing to say of a call that asks the catalog. */
static void a_catalog_that_is_lost_is_told(void **state)
{
	const uow_entity *plains = &plain_entity;
	unsigned long i, told = 0;
	size_t wrong = 0;
	struct way w;
	int rc;

	prepare(&w, *state);
	for (i = 0; ; i++) {
		if (!proxy_tell(&w.proxy, "drop after=%lu", i))
			fail_msg("%s", w.proxy.answer);
		rc = uow_schema_check(w.db, &plains, 1, NULL, NULL, &wrong,
				      &w.f->err);
		arm(&w, "disarm");
		if (!rc)
			break;
		/* Not in doubt: nothing was to be stored. */
		gives(rc, UOW_ECONNECT, &w.f->err);
		assert_null(strstr(w.f->err.message, "without saying why"));
		told += !strcmp(w.f->err.step, "DESCRIBE plains");
	}
	assert_in_range(told, 1, 20);
	assert_int_equal(wrong, 0);
	way_close(&w);
}

/* Has any socket of this process that leads there short patience? */
static bool is_kept_alive(unsigned port)
{
	struct sockaddr_in a;
	int fd, idle, patience;
	socklen_t size;

	for (fd = 3; fd < 256; fd++) {
		size = sizeof(a);
		if (getpeername(fd, (struct sockaddr *)&a, &size) ||
		    a.sin_family != AF_INET || ntohs(a.sin_port) != port)
			continue;
		size = sizeof(idle);
		getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size);
		size = sizeof(patience);
		getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience,
			   &size);
		if (idle <= 60 && patience > 0 && patience <= 60000)
			return true;
	}
	return false;
}

/* By the profile's own options; the cases above have shorter ones. */
static void a_sign_of_life_is_asked_of_the_host(void **state)
{
	struct way w;

	way_open(&w, *state, "");
	if (!w.f->backend->keeps_alive) {
		way_close(&w);
		leave(w.f, LEFT_OTHER_KIND, "options for that");
	}
	assert_true(is_kept_alive(w.proxy.port));
	way_close(&w);
}

static const struct CMUnitTest cut_cases[] = {
	CASE(a_request_that_is_lost_fails_the_unit),
	CASE(a_lost_connection_that_was_lent_is_no_doubt),
	CASE(an_answer_that_is_lost_fails_the_unit),
	CASE(a_connection_that_is_reset_fails_the_unit),
	CASE(an_answer_cut_in_the_middle_is_no_short_result),
	CASE(a_connection_lost_in_a_flush_stores_nothing),
	CASE(a_commit_that_never_arrived_is_in_doubt),
	CASE(a_commit_whose_answer_was_lost_is_in_doubt),
	CASE(a_commit_that_arrives_late_is_in_doubt),
	CASE(a_run_is_repeated_wherever_it_was_cut_but_at_commit),
	CASE(a_run_whose_commit_was_done_is_not_repeated),
	CASE(a_reading_unit_is_never_in_doubt),
	CASE(an_answer_that_comes_too_late_ends_the_unit),
	CASE(a_slow_commit_is_a_commit),
	CASE(a_silent_server_is_left_in_a_statement),
	CASE(a_silent_server_is_left_at_commit),
	CASE(a_host_that_is_gone_is_left_in_a_statement),
	CASE(a_host_that_vanishes_is_left_at_commit),
	CASE(a_server_that_lets_nobody_in_is_left),
	CASE(a_login_that_is_cut_is_a_lost_connection),
	CASE(a_catalog_that_is_lost_is_told),
	CASE(a_sign_of_life_is_asked_of_the_host),
};
TOPIC(cut, "cut");
