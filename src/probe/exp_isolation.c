/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

/*
 * Two connections that get in each other's way as the level forbids. One that
 * waits, or is refused, is isolated as well as one that reads an old state.
 */

enum { WAIT_MS = 800 };

/* The weakest level that the driver has and that is at least that strong. */
static SQLUINTEGER level_for(const struct lab *l, SQLUINTEGER asked)
{
	SQLUINTEGER have = l->source->isolations;

	for (; asked <= SQL_TXN_SERIALIZABLE; asked <<= 1)
		if (have & asked)
			return asked;
	return 0;
}

static bool set_level(SQLHDBC dbc, SQLUINTEGER level)
{
	return sql_ok(SQLSetConnectAttr(dbc, SQL_ATTR_TXN_ISOLATION,
					(SQLPOINTER)(SQLULEN)level,
					SQL_IS_UINTEGER));
}

static void see_wait(struct lab *l, const char *name,
		     const struct lab_wait *w, bool done)
{
	if (!done)
		lab_see(l, name, "waits");
	else if (!w->ok)
		lab_see(l, name, "refused");
	else
		lab_number_seen(l, name, w->value);
}

/* Does b read what a has not committed? 10: no. */
static void dirty_read(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	struct lab_wait w;

	lab_do(l, a, "UPDATE {a} SET v = 11 WHERE id = 1");
	lab_step(l, "reading what another has not committed");
	if (!lab_start(l, &w, b, "SELECT v FROM {a} WHERE id = 1", true))
		return;
	see_wait(l, "read", &w, lab_done(&w, WAIT_MS));
	lab_rollback(l, a);
	lab_join(&w);
	lab_rollback(l, b);
}

/* Does b read twice, and find another value? 10: no. */
static void second_read(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	struct lab_wait update, commit;
	bool done;

	lab_number_seen(l, "first", lab_number(l, b,
					       "SELECT v FROM {a} WHERE id = 1"
					       ));
	lab_step(l, "changing what another has read");
	if (!lab_start(l, &update, a, "UPDATE {a} SET v = 11 WHERE id = 1",
		       false))
		return;
	done = lab_done(&update, WAIT_MS);
	lab_see(l, "update", "%s", !done ? "waits" : update.ok ? "done" :
		"refused");
	commit.started = false;
	if (done && update.ok && lab_start_commit(l, &commit, a)) {
		lab_see(l, "commit", "%s", !lab_done(&commit, WAIT_MS) ?
			"waits" : commit.ok ? "done" : "refused");
	}
	lab_step(l, "reading once more");
	lab_number_seen(l, "read", lab_number(l, b, "SELECT v FROM {a} "
						    "WHERE id = 1"));
	lab_rollback(l, b);
	if (commit.started)
		lab_join(&commit);
	lab_join(&update);
	lab_rollback(l, a);
}

/*
 * Each reads both rows (20 together) and takes 10 from one of them, as long
 * as there are 20: one after the other, the second would find 10 and not.
 */
static void write_skew(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	struct lab_wait first, second;
	bool done;

	lab_number(l, a, "SELECT sum(v) FROM {a}");
	lab_number(l, b, "SELECT sum(v) FROM {a}");
	lab_step(l, "two that write what the other has read");
	if (!lab_start(l, &first, a, "UPDATE {a} SET v = v - 10 WHERE id = 1",
		       false))
		return;
	done = lab_done(&first, WAIT_MS);
	if (!lab_start(l, &second, b, "UPDATE {a} SET v = v - 10 WHERE id = 2",
		       false))
		return;
	lab_done(&second, WAIT_MS);
	/* Whoever got through ends; that sets the other one free. */
	if (done && first.ok)
		lab_yes(l, "first.commit", lab_commit(l, a));
	else if (done)
		lab_rollback(l, a);
	lab_join(&second);
	if (second.ok)
		lab_yes(l, "second.commit", lab_commit(l, b));
	lab_rollback(l, b);
	lab_join(&first);
	if (!done && first.ok)
		lab_yes(l, "first.commit", lab_commit(l, a));
	lab_rollback(l, a);
	lab_number_seen(l, "sum", lab_number(l, a, "SELECT sum(v) FROM {a}"));
	lab_rollback(l, a);
}

void isolation_run(struct lab *l, int arg)
{
	SQLUINTEGER level = level_for(l, (SQLUINTEGER)arg);
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;

	if (!b || !lab_fresh(l, a) || !lab_fill(l, a, 2))
		return;
	lab_do(l, a, "UPDATE {a} SET v = 10");
	lab_yes(l, "offered", level != 0);
	if (!level)
		return;
	lab_yes(l, "set", set_level(a, level) && set_level(b, level));
	lab_autocommit(a, false);
	lab_autocommit(b, false);
	if (arg == SQL_TXN_READ_COMMITTED)
		dirty_read(l, a, b);
	else if (arg == SQL_TXN_REPEATABLE_READ)
		second_read(l, a, b);
	else
		write_skew(l, a, b);
	lab_autocommit(b, true);
	lab_autocommit(a, true);
	lab_disconnect(l, b);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
