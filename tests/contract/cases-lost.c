/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <uow/odbc.h>

#include "server.h"

/*
 * 60, 105, 108-110, 127, 128: a connection that is lost. Servers only; each
 * case has one ended by the server, from another connection.
 */

static void prepare(struct fixture *f)
{
	struct plain p = { 1, 10, "" };
	uow_unit *u;

	if (!f->backend->end)
		leave(f, LEFT_OTHER_KIND, "connections that can be ended");
	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	p.id = 2;
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
}

static int32_t amount(struct fixture *f)
{
	uow_unit *u = begin(f);
	int32_t n = ((struct plain *)need(u,
		plain_get(plain_repository_of(u), 1)))->amount;

	commit(u);
	return n;
}

/* The number of a unit's connection, at the server. */
static void number_of(struct fixture *f, uow_unit *u, char number[40])
{
	SQLHSTMT h = NULL;
	SQLLEN length;

	SQLAllocHandle(SQL_HANDLE_STMT, uow_unit_hdbc(u), &h);
	assert_true(SQL_SUCCEEDED(SQLExecDirect(h,
		(SQLCHAR *)(uintptr_t)f->backend->self, SQL_NTS)));
	assert_true(SQL_SUCCEEDED(SQLFetch(h)));
	SQLGetData(h, 1, SQL_C_CHAR, number, 40, &length);
	SQLFreeHandle(SQL_HANDLE_STMT, h);
}

static void end(struct fixture *f, const char *number)
{
	char sql[120];

	snprintf(sql, sizeof(sql), f->backend->end, number);
	assert_true(server_does(f->backend, f->source.connection, sql));
	sleep_ms(20);
}

/*
 * Of the only connection that is idle, which the next unit gets. Not that
 * unit's handle: one that was given away is looked at before COMMIT.
 */
static void number_of_next(struct fixture *f, char number[40])
{
	uow_unit *u = begin(f);

	number_of(f, u, number);
	commit(u);
}

static int change(uow_unit *u)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	if (p)
		p->amount += 100;
	return uow_flush(u);
}

static void a_statement_on_a_lost_connection_fails_the_unit(void **state)
{
	struct fixture *f = *state;
	char number[40];
	uow_unit *u;
	int i;

	prepare(f);
	number_of_next(f, number);
	u = begin(f);
	must(u, change(u));
	end(f, number);
	assert_null(plain_get(plain_repository_of(u), 2));
	failed(u, UOW_ECONNECT);
	/* whatever the driver would say to a COMMIT by now */
	for (i = 0; i < 3; i++)
		assert_int_not_equal(uow_commit(u), 0);
	uow_unit_free(u);
	assert_int_equal(amount(f), 10);
}

/* Nobody knows whether it was stored, and so says the code. */
static void a_connection_lost_before_commit_is_in_doubt(void **state)
{
	struct fixture *f = *state;
	char number[40];
	uow_unit *u;

	prepare(f);
	number_of_next(f, number);
	u = begin(f);
	must(u, change(u));
	end(f, number);
	assert_int_equal(uow_commit(u), UOW_EINDOUBT);
	contains(uow_unit_error(u)->step, "COMMIT");
	assert_false(uow_code_is_transient(UOW_EINDOUBT));
	uow_unit_free(u);
	assert_int_equal(amount(f), 10);
}

struct waiter {
	uow_unit *unit;
	int rc;
};

static void *wait_there(void *arg)
{
	struct waiter *w = arg;

	w->rc = change(w->unit);
	return NULL;
}

static void a_connection_lost_in_a_statement(void **state)
{
	struct fixture *f = *state;
	struct waiter w;
	pthread_t thread;
	char number[40];
	uow_unit *u;

	prepare(f);
	u = begin(f);
	must(u, change(u));
	w.unit = begin(f);
	number_of(f, w.unit, number);
	assert_int_equal(pthread_create(&thread, NULL, wait_there, &w), 0);
	sleep_ms(100);
	end(f, number);
	pthread_join(thread, NULL);
	assert_int_equal(w.rc, UOW_ECONNECT);
	assert_int_equal(uow_commit(w.unit), UOW_ECONNECT);
	uow_unit_free(w.unit);
	commit(u);
	assert_int_equal(amount(f), 110);
}

static int after_kill(uow_unit *u, void *arg)
{
	(void)arg;
	plain_get(plain_repository_of(u), 2);
	return uow_status(u);
}

/* There is no way back to a savepoint of a connection that is gone. */
static void a_connection_lost_in_a_part_fails_the_unit(void **state)
{
	struct fixture *f = *state;
	char number[40];
	uow_unit *u;

	prepare(f);
	number_of_next(f, number);
	u = begin(f);
	must(u, change(u));
	end(f, number);
	assert_int_equal(uow_nested(u, after_kill, NULL), UOW_ECONNECT);
	failed(u, UOW_ECONNECT);
	assert_int_equal(uow_commit(u), UOW_ECONNECT);
	uow_unit_free(u);
	assert_int_equal(amount(f), 10);
}

struct attempts {
	struct fixture *f;
	int count;
	bool at_commit;
	char number[40];
};

static int lose_first(uow_unit *u, void *arg)
{
	struct attempts *a = arg;
	struct plain *p = plain_get(plain_repository_of(u), 1);

	if (!p)
		return 0;
	p->amount += 100;
	if (!a->count++) {
		uow_flush(u);
		end(a->f, a->number);
	}
	if (!a->at_commit)
		plain_get(plain_repository_of(u), 2);
	return 0;
}

static void a_run_begins_anew_after_a_lost_connection(void **state)
{
	struct fixture *f = *state;
	struct attempts a = { NULL, 0, false, "" };

	prepare(f);
	a.f = f;
	number_of_next(f, a.number);
	succeeds(uow_run(f->db, NULL, lose_first, &a, &f->err), &f->err);
	assert_int_equal(a.count, 2);
	assert_int_equal(amount(f), 110);
}

/* Repeated blindly it might be done twice. */
static void a_run_in_doubt_is_not_repeated(void **state)
{
	struct fixture *f = *state;
	struct attempts a = { NULL, 0, true, "" };

	prepare(f);
	a.f = f;
	number_of_next(f, a.number);
	gives(uow_run(f->db, NULL, lose_first, &a, &f->err), UOW_EINDOUBT,
	      &f->err);
	assert_int_equal(a.count, 1);
	assert_int_equal(amount(f), 10);
}

static int add_one(uow_unit *u, void *arg)
{
	struct plain *p = plain_get(plain_repository_of(u), 1);

	(void)arg;
	if (p)
		p->amount++;
	return 0;
}

/* The pool hands out what has died while it was idle; a run does not mind. */
static void idle_connections_that_died_are_replaced(void **state)
{
	struct fixture *f = *state;
	char numbers[3][40];
	uow_unit *u[3];
	int i;

	prepare(f);
	for (i = 0; i < 3; i++) {
		u[i] = begin(f);
		number_of(f, u[i], numbers[i]);
	}
	for (i = 0; i < 3; i++)
		commit(u[i]);
	for (i = 0; i < 3; i++)
		end(f, numbers[i]);
	for (i = 0; i < 4; i++)
		succeeds(uow_run(f->db, NULL, add_one, NULL, &f->err),
			 &f->err);
	assert_int_equal(amount(f), 14);
}

/* The first failure stays the unit's. */
static void a_failure_before_the_loss_is_the_one_that_is_told(void **state)
{
	struct fixture *f = *state;
	struct plain p = { 1, 1, "" };
	char number[40];
	uow_unit *u;

	prepare(f);
	number_of_next(f, number);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	must_fail(u, uow_flush(u), UOW_EDUPLICATE);
	end(f, number);
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	uow_unit_free(u);
	assert_int_equal(amount(f), 10);
}

static const struct CMUnitTest lost_cases[] = {
	CASE(a_statement_on_a_lost_connection_fails_the_unit),
	CASE(a_connection_lost_before_commit_is_in_doubt),
	CASE(a_connection_lost_in_a_statement),
	CASE(a_connection_lost_in_a_part_fails_the_unit),
	CASE(a_run_begins_anew_after_a_lost_connection),
	CASE(a_run_in_doubt_is_not_repeated),
	CASE(idle_connections_that_died_are_replaced),
	CASE(a_failure_before_the_loss_is_the_one_that_is_told),
};
TOPIC(lost, "lost");
