/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "dialect/render.h"

/* How long another's uncommitted row may keep a reader waiting here. */
enum { WAIT_MS = 1200 };

/* What another connection reads meanwhile: a number, "waits" or "error". */
static void look(struct lab *l, SQLHDBC other, const char *name,
		 struct lab_wait *w)
{
	if (!lab_start(l, w, other, "SELECT v FROM {a} WHERE id = 1", true))
		return;
	if (!lab_done(w, WAIT_MS))
		lab_see(l, name, "waits");
	else if (!w->ok)
		lab_see(l, name, "error");
	else
		lab_number_seen(l, name, w->value);
}

static void switch_on(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	lab_step(l, "autocommit on with open work");
	if (!lab_do(l, a, "UPDATE {a} SET v = 40 WHERE id = 1"))
		return;
	lab_yes(l, "on.set", lab_autocommit(a, true));
	/* What the switch has not stored, a rollback undoes. */
	lab_rollback(l, a);
	lab_number_seen(l, "on.value",
			lab_number(l, b, "SELECT v FROM {a} WHERE id = 1"));
}

/* Rows of {a}: 1 has v = 10. */
static void ends(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	struct lab_wait w;

	lab_step(l, "autocommit off");
	lab_yes(l, "off", lab_autocommit(a, false));
	lab_do(l, a, "UPDATE {a} SET v = 20 WHERE id = 1");
	lab_step(l, "SQLEndTran(SQL_ROLLBACK)");
	lab_yes(l, "rollback", lab_rollback(l, a));
	lab_number_seen(l, "rollback.value",
			lab_number(l, a, "SELECT v FROM {a} WHERE id = 1"));
	lab_commit(l, a);
	lab_do(l, a, "UPDATE {a} SET v = 30 WHERE id = 1");
	lab_step(l, "reading what another has not committed");
	look(l, b, "before", &w);
	lab_step(l, "SQLEndTran(SQL_COMMIT)");
	lab_yes(l, "commit", lab_commit(l, a));
	lab_join(&w);
	lab_number_seen(l, "commit.value",
			lab_number(l, b, "SELECT v FROM {a} WHERE id = 1"));
}

void transactions_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;

	(void)arg;
	if (!b || !lab_fresh(l, a) || !lab_fill(l, a, 1))
		return;
	ends(l, a, b);
	switch_on(l, a, b);
	lab_drop(l, a, "a");
	lab_disconnect(l, b);
	lab_disconnect(l, a);
}

void closing_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;

	(void)arg;
	if (!b || !lab_fresh(l, a))
		return;
	lab_autocommit(b, false);
	lab_do(l, b, "INSERT INTO {a} (id, v) VALUES (1, 10)");
	lab_step(l, "SQLDisconnect with open work");
	lab_yes(l, "closed", sql_ok(SQLDisconnect(b)));
	/* A server may take a moment to notice. */
	lab_sleep_ms(200);
	lab_number_seen(l, "rows", lab_number(l, a,
					      "SELECT count(*) FROM {a}"));
	lab_disconnect(l, b);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

void ddl_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	lab_drop(l, a, "d");
	lab_autocommit(a, false);
	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (1, 10)");
	lab_step(l, "CREATE TABLE inside of a transaction");
	lab_yes(l, "created", lab_do(l, a, "CREATE TABLE {d} (id INTEGER)"));
	lab_rollback(l, a);
	lab_number_seen(l, "rows", lab_number(l, a,
					      "SELECT count(*) FROM {a}"));
	lab_rollback(l, a);
	lab_yes(l, "table", lab_number(l, a, "SELECT count(*) FROM {d}") !=
			    LAB_NONE);
	lab_rollback(l, a);
	lab_autocommit(a, true);
	lab_drop(l, a, "d");
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

static void see_row(struct lab *l, SQLHDBC dbc, const char *name, int id)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM {a} WHERE id = %d",
		 id);
	lab_number_seen(l, name, lab_number(l, dbc, sql));
}

/*
 * Rows 1 (before the error) and 2 (after it). Some servers begin a new
 * transaction behind the error, some only behind a second one of another kind.
 */
static void fail_between(struct lab *l, SQLHDBC a, bool twice)
{
	lab_autocommit(a, false);
	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (1, 10)");
	lab_step(l, "a statement that fails");
	lab_yes(l, twice ? "twice.failed" : "failed",
		!lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (1, 11)"));
	if (twice)
		lab_do(l, a, "SELECT nothing_of_this_name FROM {a}");
	lab_step(l, "a statement after one that failed");
	lab_yes(l, twice ? "twice.next" : "next",
		lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (2, 20)"));
	lab_step(l, "COMMIT after a statement that failed");
	lab_yes(l, twice ? "twice.commit" : "commit", lab_commit(l, a));
	lab_rollback(l, a);
	lab_autocommit(a, true);
	see_row(l, a, twice ? "twice.first" : "first", 1);
	see_row(l, a, twice ? "twice.second" : "second", 2);
	lab_do(l, a, "DELETE FROM {a}");
}

void after_error_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	fail_between(l, a, false);
	fail_between(l, a, true);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

/* The profile's verb, with a name. */
static bool verb(struct lab *l, SQLHDBC a, const char *template)
{
	static const char *const pairs[] = { "name", "uow_1", NULL };
	struct strbuf sb;
	bool ok;

	if (!template)
		return true;
	strbuf_init(&sb, 1024);
	render_template(&sb, template, pairs);
	ok = !sb.failed && lab_do(l, a, sb.data);
	strbuf_release(&sb);
	return ok;
}

static void partly(struct lab *l, SQLHDBC a)
{
	const struct profile *p = l->source->profile;

	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (1, 10)");
	lab_step(l, "setting a savepoint");
	lab_yes(l, "set", p->savepoint && verb(l, a, p->savepoint));
	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (2, 20)");
	lab_step(l, "going back to a savepoint");
	lab_yes(l, "back", p->rollback_to && verb(l, a, p->rollback_to));
	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (3, 30)");
	lab_yes(l, "release", verb(l, a, p->release));
	lab_yes(l, "commit", lab_commit(l, a));
	see_row(l, a, "before", 1);
	see_row(l, a, "undone", 2);
	see_row(l, a, "after", 3);
	lab_rollback(l, a);
}

static void after_error(struct lab *l, SQLHDBC a)
{
	const struct profile *p = l->source->profile;

	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (5, 50)");
	if (p->savepoint)
		verb(l, a, p->savepoint);
	lab_step(l, "an error behind a savepoint");
	lab_yes(l, "error.failed",
		!lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (5, 51)"));
	lab_yes(l, "error.back", p->rollback_to && verb(l, a, p->rollback_to));
	lab_do(l, a, "INSERT INTO {a} (id, v) VALUES (6, 60)");
	lab_yes(l, "error.commit", lab_commit(l, a));
	lab_rollback(l, a);
	see_row(l, a, "error.before", 5);
	see_row(l, a, "error.after", 6);
	lab_rollback(l, a);
}

void savepoints_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	lab_autocommit(a, false);
	partly(l, a);
	after_error(l, a);
	lab_rollback(l, a);
	lab_autocommit(a, true);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
