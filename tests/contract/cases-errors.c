/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "errors.h"
#include "server.h"
#include "tests/proxy/proxy.h"

/* 129: each thing that can go wrong is told as the backend's table says. */

static const char *const set_up[] = {
	"CREATE TABLE parents (id INTEGER NOT NULL PRIMARY KEY, "
	"code VARCHAR(5) NOT NULL UNIQUE, amount INTEGER NOT NULL, "
	"small SMALLINT, CHECK (amount < 100))",
	"CREATE TABLE children (id INTEGER NOT NULL PRIMARY KEY, "
	"parent INTEGER NOT NULL, "
	"FOREIGN KEY (parent) REFERENCES parents (id))",
	"INSERT INTO parents VALUES (1, 'one', 10, 1)",
	"INSERT INTO parents VALUES (2, 'two', 20, 2)",
	"INSERT INTO children VALUES (1, 1)",
};

static const char *const wrong[] = {
	[ERROR_UNIQUE] = "INSERT INTO parents VALUES (3, 'one', 1, 1)",
	[ERROR_PRIMARY_KEY] = "INSERT INTO parents VALUES (1, 'new', 1, 1)",
	[ERROR_CHILD] = "INSERT INTO children VALUES (2, 99)",
	[ERROR_PARENT] = "DELETE FROM parents WHERE id = 1",
	[ERROR_NOT_NULL] = "INSERT INTO parents VALUES (3, NULL, 1, 1)",
	[ERROR_CHECK] = "INSERT INTO parents VALUES (3, 'new', 100, 1)",
	[ERROR_TOO_LONG] = "INSERT INTO parents VALUES (3, 'too long', 1, 1)",
	[ERROR_RANGE] = "UPDATE parents SET small = 70000",
	[ERROR_DIVISION] = "UPDATE parents SET small = 1 / (small - small)",
	[ERROR_CAST] = "UPDATE parents SET small = 'abc'",
	[ERROR_SYNTAX] = "SELEC 1",
	[ERROR_TABLE] = "SELECT * FROM nowhere",
	[ERROR_COLUMN] = "SELECT nothing FROM parents",
};

static void prepare(struct fixture *f)
{
	uow_options o = UOW_OPTIONS_INIT;
	size_t i;
	uow_unit *u;

	o.simple = true;	/* some databases commit at CREATE TABLE */
	if (!f->backend->errors)
		leave(f, LEFT_OTHER_KIND, "BACKEND_SQL");
	for (i = 0; i < sizeof(set_up) / sizeof(set_up[0]); i++) {
		u = begin_on(f->db, &o);
		must(u, uow_exec(u, set_up[i], NULL, 0, NULL));
		commit(u);
	}
}

static const struct expected_error *expected(struct fixture *f,
					     enum error_kind kind)
{
	const struct expected_error *e = &f->backend->errors[kind];

	if (!e->code)
		leave(f, LEFT_OTHER_KIND, "an error");
	return e;
}

static void is(const struct expected_error *e, const uow_error *err)
{
	if (err->code == e->code && !strcmp(err->sqlstate, e->sqlstate) &&
	    (e->native == ANY_NUMBER || err->native == e->native) &&
	    strstr(err->message, e->part) && !strchr(err->message, '\n'))
		return;
	fail_msg("%s %s %d '%s', not %s %s %d '%s'", uow_code_name(err->code),
		 err->sqlstate, err->native, err->message,
		 uow_code_name(e->code), e->sqlstate, e->native, e->part);
}

/* The sum of the amounts: nothing of a unit that failed is in it. */
static int sum(struct fixture *f)
{
	uow_unit *u = begin(f);
	uint64_t n = 0;

	must(u, uow_exec(u, "UPDATE parents SET amount = amount "
			 "WHERE id = 1 AND amount = 10", NULL, 0, &n));
	commit(u);
	return (int)n;
}

static void try(struct fixture *f, enum error_kind kind)
{
	const struct expected_error *e = &f->backend->errors[kind];
	uow_unit *u = begin(f);
	int rc;

	must(u, uow_exec(u, "UPDATE parents SET amount = 11 WHERE id = 1",
			 NULL, 0, NULL));
	rc = uow_exec(u, wrong[kind], NULL, 0, NULL);
	if (!e->code) {
		must(u, rc);
		uow_unit_free(u);
		return;
	}
	if (!rc)
		fail_msg("%s is no error", wrong[kind]);
	is(e, uow_unit_error(u));
	/* and whatever the driver would say: */
	assert_int_equal(uow_commit(u), e->code);
	uow_unit_free(u);
	assert_int_equal(sum(f), 1);
}

static void what_is_wrong_is_told_as_documented(void **state)
{
	struct fixture *f = *state;
	size_t i;

	prepare(f);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		try(f, (enum error_kind)i);
}

/* COMMIT itself fails, and it is known that nothing was stored. */
static void a_constraint_that_commit_looks_at(void **state)
{
	struct fixture *f = *state;
	const struct expected_error *e;
	uow_unit *u;

	prepare(f);
	e = expected(f, ERROR_DEFERRED);
	u = begin(f);
	must(u, uow_exec(u, "CREATE TABLE later (id INTEGER NOT NULL PRIMARY "
			 "KEY, parent INTEGER REFERENCES parents (id) "
			 "DEFERRABLE INITIALLY DEFERRED)", NULL, 0, NULL));
	commit(u);
	u = begin(f);
	must(u, uow_exec(u, "UPDATE parents SET amount = 11 WHERE id = 1",
			 NULL, 0, NULL));
	must(u, uow_exec(u, "INSERT INTO later VALUES (1, 99)", NULL, 0,
			 NULL));
	assert_int_equal(uow_commit(u), e->code);
	is(e, uow_unit_error(u));
	contains(uow_unit_error(u)->step, "COMMIT");
	uow_unit_free(u);
	assert_int_equal(sum(f), 1);
}

static int update(uow_unit *u, int id)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "UPDATE parents SET amount = amount + 1 "
		 "WHERE id = %d", id);
	return uow_exec(u, sql, NULL, 0, NULL);
}

static int hits(uow_unit *u, const char *where)
{
	uint64_t n = 0;
	char sql[120];

	snprintf(sql, sizeof(sql), "UPDATE parents SET amount = amount "
		 "WHERE %s", where);
	must(u, uow_exec(u, sql, NULL, 0, &n));
	return (int)n;
}

/*
 * Where an error ends the transaction, one that does not compile can hide that
 * it has ended: what follows is in a new one, which COMMIT stores. Nothing is
 * sent after the first, whatever is asked for.
 */
static void what_follows_an_error_is_not_stored_without_what_was_before(
	void **state)
{
	struct fixture *f = *state;
	const struct expected_error *e;
	uow_unit *u;

	prepare(f);
	e = expected(f, ERROR_UNIQUE);
	u = begin(f);
	must(u, update(u, 1));
	assert_int_equal(uow_exec(u, wrong[ERROR_UNIQUE], NULL, 0, NULL),
			 e->code);
	assert_int_equal(uow_exec(u, wrong[ERROR_SYNTAX], NULL, 0, NULL),
			 e->code);
	assert_int_equal(update(u, 2), e->code);
	assert_int_equal(uow_commit(u), e->code);
	is(e, uow_unit_error(u));
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(hits(u, "id = 1 AND amount = 10"), 1);
	assert_int_equal(hits(u, "id = 2 AND amount = 20"), 1);
	commit(u);
}

struct second {
	uow_unit *unit;
	int id, rc;
	bool in_part;
};

static int in_part(uow_unit *u, void *arg)
{
	update(u, *(int *)arg);
	return 0;
}

static void *update_it(void *arg)
{
	struct second *s = arg;

	s->rc = s->in_part ? uow_nested(s->unit, in_part, &s->id) :
			     update(s->unit, s->id);
	return NULL;
}

/*
 * Servers may undo all that the victim did, say so once, and begin a new
 * transaction with its next statement, to which COMMIT is a success. Nothing
 * of the victim is stored, whatever it tries.
 */
static void deadlock(struct fixture *f, bool in_part_)
{
	const struct expected_error *e;
	struct second s = { NULL, 1, 0, in_part_ };
	uow_unit *u, *victim;
	pthread_t thread;
	int rc, two = 2;

	prepare(f);
	e = expected(f, ERROR_DEADLOCK);
	u = begin(f);
	s.unit = begin(f);
	must(u, update(u, 1));
	must(s.unit, update(s.unit, 2));
	assert_int_equal(pthread_create(&thread, NULL, update_it, &s), 0);
	sleep_ms(50);
	rc = in_part_ ? uow_nested(u, in_part, &two) : update(u, 2);
	pthread_join(thread, NULL);
	assert_true(!rc != !s.rc);
	victim = rc ? u : s.unit;
	is(e, uow_unit_error(victim));
	assert_true(uow_code_is_transient(e->code));
	assert_int_equal(update(victim, 1), e->code);
	assert_int_equal(uow_commit(victim), e->code);
	assert_int_not_equal(update(victim, 2), 0);
	assert_int_equal(uow_commit(rc ? s.unit : u), 0);
	uow_unit_free(u);
	uow_unit_free(s.unit);
	u = begin(f);
	assert_int_equal(hits(u, "id = 1 AND amount = 11"), 1);
	assert_int_equal(hits(u, "id = 2 AND amount = 21"), 1);
	commit(u);
}

/* One of two who wait for each other is the victim; the other goes on. */
static void a_deadlock_has_one_victim(void **state)
{
	deadlock(*state, false);
}

/* There is no savepoint left to go back to. */
static void a_deadlock_in_a_part_is_the_end_of_the_unit(void **state)
{
	struct fixture *f = *state;

	needs(f, BACKEND_DEADLOCK_ENDS);
	needs_feature(f, UOW_FEATURE_SAVEPOINT);
	deadlock(f, true);
}

static int read_rows(uow_unit *u)
{
	return uow_exec(u, "SELECT * FROM parents", NULL, 0, NULL);
}

/* What was read has been changed by another who has committed. */
static void a_serialization_failure_in_a_statement(void **state)
{
	struct fixture *f = *state;
	const struct expected_error *e;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u, *other;

	prepare(f);
	e = expected(f, ERROR_SERIALIZATION);
	o.isolation = UOW_REPEATABLE_READ;
	u = begin_on(f->db, &o);
	must(u, read_rows(u));
	other = begin(f);
	must(other, update(other, 1));
	commit(other);
	assert_int_not_equal(update(u, 1), 0);
	is(e, uow_unit_error(u));
	assert_true(uow_code_is_transient(e->code));
	assert_int_equal(uow_commit(u), e->code);
	uow_unit_free(u);
}

/* Two who have read both rows and written one each. */
static void a_serialization_failure_at_commit(void **state)
{
	struct fixture *f = *state;
	const struct expected_error *e;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u, *other;

	prepare(f);
	e = expected(f, ERROR_SERIALIZATION_COMMIT);
	o.isolation = UOW_SERIALIZABLE;
	u = begin_on(f->db, &o);
	other = begin_on(f->db, &o);
	must(u, read_rows(u));
	must(other, read_rows(other));
	must(u, update(u, 1));
	must(other, update(other, 2));
	commit(other);
	assert_int_equal(uow_commit(u), e->code);
	is(e, uow_unit_error(u));
	contains(uow_unit_error(u)->step, "COMMIT");
	uow_unit_free(u);
	assert_int_equal(sum(f), 1);
}

static void wait_for_lock(struct fixture *f, enum error_kind kind,
			  const uow_options *o)
{
	const struct expected_error *e;
	uow_unit *u, *other;

	prepare(f);
	e = expected(f, kind);
	other = begin(f);
	must(other, update(other, 1));
	u = begin_on(f->db, o);
	assert_int_not_equal(update(u, 1), 0);
	is(e, uow_unit_error(u));
	assert_int_equal(uow_commit(u), e->code);
	uow_unit_free(u);
	commit(other);
}

static void a_lock_that_is_not_had(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.lock_timeout_ms = 100;
	wait_for_lock(*state, ERROR_LOCK, &o);
}

static void a_statement_that_takes_too_long(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	o.timeout_ms = 300;
	wait_for_lock(*state, ERROR_TIMEOUT, &o);
}

/* The connection string with another value for a key. */
static void replaced(char *out, size_t size, const char *connection,
		     const char *key, const char *value)
{
	const char *part, *end;
	size_t n = 0, length = strlen(key);

	for (part = connection; *part; part = end + (*end == ';')) {
		end = part + strcspn(part, ";");
		if (strncasecmp(part, key, length) || part[length] != '=')
			n += (size_t)snprintf(out + n, size - n, "%.*s;",
					      (int)(end - part), part);
	}
	snprintf(out + n, size - n, "%s=%s", key, value);
}

static void opens_not(struct fixture *f, const struct expected_error *e,
		      const char *connection)
{
	uow_db *db = NULL;

	gives(uow_db_open_simple(&db, connection, &f->err), e->code, &f->err);
	assert_null(db);
	is(e, &f->err);
	assert_null(strstr(f->err.message, "topsecret"));
}

static void a_login_that_is_refused(void **state)
{
	struct fixture *f = *state;
	char one[800], two[800];

	prepare(f);
	replaced(one, sizeof(one), f->source.connection, "UID", "uow_nobody");
	replaced(two, sizeof(two), one, "PWD", "topsecret");
	opens_not(f, expected(f, ERROR_LOGIN), two);
}

static void a_database_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	char connection[800];

	prepare(f);
	replaced(connection, sizeof(connection), f->source.connection,
		 "Database",
		 &"/uow_nowhere/x"[f->backend->flags & BACKEND_FILE ? 0 : 1]);
	opens_not(f, expected(f, ERROR_DATABASE), connection);
}

/* A port that was somebody's until now. */
static void a_server_that_is_down(void **state)
{
	const struct expected_error *e;
	struct fixture *f = *state;
	struct proxy_client proxy;
	char connection[900];

	prepare(f);
	e = expected(f, ERROR_DOWN);
	uow_db_free(proxied(f, &proxy, ""));
	proxy_stop(&proxy);
	through(f, proxy.port, "", connection, sizeof(connection));
	opens_not(f, e, connection);
}

struct stopper {
	uow_canceler *canceler;
	pthread_t thread;
};

static void *stop_it(void *arg)
{
	struct stopper *s = arg;

	sleep_ms(150);
	uow_cancel(s->canceler);
	return NULL;
}

/*
 * SQLCancel by another thread, at the moment at which the statement fails, may
 * take away what the driver has just noted of it (odbc-mariadb, seen once).
 */
static bool is_unsaid(const struct expected_error *e, const uow_error *err)
{
	return err->code == e->code && !err->sqlstate[0] && !err->native &&
	       strstr(err->message, e->part);
}

/* Where nothing can be stopped it is told when the statement is through. */
static void a_statement_that_is_canceled(void **state)
{
	const struct expected_error *e;
	uow_options o = UOW_OPTIONS_INIT;
	struct fixture *f = *state;
	struct stopper s;
	uow_unit *u;

	prepare(f);
	e = expected(f, ERROR_CANCEL);
	succeeds(uow_canceler_new(&s.canceler, &f->err), &f->err);
	o.canceler = s.canceler;
	u = begin_on(f->db, &o);
	must(u, update(u, 1));
	assert_int_equal(pthread_create(&s.thread, NULL, stop_it, &s), 0);
	if (!uow_exec(u, f->backend->slow, NULL, 0, NULL))
		update(u, 2);
	pthread_join(s.thread, NULL);
	if (!is_unsaid(e, uow_unit_error(u)))
		is(e, uow_unit_error(u));
	assert_int_equal(uow_commit(u), e->code);
	uow_unit_free(u);
	uow_canceler_free(s.canceler);
	assert_int_equal(sum(f), 1);
}

static void lost(struct fixture *f, enum error_kind kind)
{
	const struct expected_error *e;
	struct proxy_client proxy;
	uow_unit *u;
	uow_db *db;

	prepare(f);
	e = expected(f, kind);
	db = proxied(f, &proxy, "");
	u = begin_on(db, NULL);
	must(u, update(u, 1));
	assert_true(proxy_tell(&proxy, "drop"));
	if (kind == ERROR_LOST)
		assert_int_equal(update(u, 2), e->code);
	assert_int_equal(uow_commit(u), e->code);
	is(e, uow_unit_error(u));
	assert_int_equal(proxy_count(&proxy, "struck"), 1);
	uow_unit_free(u);
	uow_db_free(db);
	proxy_stop(&proxy);
	assert_int_equal(sum(f), 1);
}

static void a_connection_that_is_lost_in_a_statement(void **state)
{
	lost(*state, ERROR_LOST);
}

static void a_connection_that_is_lost_at_commit(void **state)
{
	lost(*state, ERROR_LOST_COMMIT);
}

/*
 * A session that may do so ends the transactions of all others, whose
 * connections live on. What was done is undone: no COMMIT of it is a success,
 * and what comes after it in the unit is not stored without it.
 */
static void killed(struct fixture *f, enum error_kind kind)
{
	const struct expected_error *e;
	uow_unit *u;

	prepare(f);
	e = expected(f, kind);
	u = begin(f);
	must(u, update(u, 1));
	assert_true(server_does(f->backend, f->source.connection,
				f->backend->kill));
	if (kind == ERROR_KILLED)
		assert_int_equal(update(u, 2), e->code);
	assert_int_equal(uow_commit(u), e->code);
	is(e, uow_unit_error(u));
	assert_int_not_equal(uow_commit(u), 0);
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(hits(u, "id = 1 AND amount = 10"), 1);
	assert_int_equal(hits(u, "id = 2 AND amount = 20"), 1);
	must(u, update(u, 2));
	commit(u);
}

static void a_transaction_that_another_session_ends(void **state)
{
	killed(*state, ERROR_KILLED);
}

static void a_transaction_that_was_ended_before_commit(void **state)
{
	killed(*state, ERROR_KILLED_COMMIT);
}

static const struct CMUnitTest errors_cases[] = {
	CASE(what_is_wrong_is_told_as_documented),
	CASE(what_follows_an_error_is_not_stored_without_what_was_before),
	CASE(a_constraint_that_commit_looks_at),
	CASE(a_deadlock_has_one_victim),
	CASE(a_deadlock_in_a_part_is_the_end_of_the_unit),
	CASE(a_serialization_failure_in_a_statement),
	CASE(a_serialization_failure_at_commit),
	CASE(a_lock_that_is_not_had),
	CASE(a_statement_that_takes_too_long),
	CASE(a_login_that_is_refused),
	CASE(a_database_that_is_not_there),
	CASE(a_server_that_is_down),
	CASE(a_statement_that_is_canceled),
	CASE(a_connection_that_is_lost_in_a_statement),
	CASE(a_connection_that_is_lost_at_commit),
	CASE(a_transaction_that_another_session_ends),
	CASE(a_transaction_that_was_ended_before_commit),
};
TOPIC(errors, "errors");
