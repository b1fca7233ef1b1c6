/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "dialect/render.h"

/* Does waiting end when it was said to? */

struct timed {
	unsigned expected;	/* without a time-out; ms, as the next */
	uint64_t took;
	bool set, completed;
	char state[6];
};

/* A long query with a time-out of one second. */
static bool run_timed(struct lab *l, SQLHDBC a, struct timed *t)
{
	char *sql = lab_heavy(l, a, &t->expected);
	SQLHSTMT h = sql ? lab_statement(l, a) : NULL;
	char *text = h ? lab_sql(l, sql) : NULL;
	uint64_t began;

	mem_free(sql);
	if (!text)
		return false;
	t->set = lab_ok(l, h, SQLSetStmtAttr(h, SQL_ATTR_QUERY_TIMEOUT,
					     (SQLPOINTER)(SQLULEN)1, 0));
	lab_step(l, "a query of some seconds with a time-out of one");
	began = lab_now_ms();
	t->completed = lab_ok(l, h, SQLExecDirect(h, (SQLCHAR *)text,
						  SQL_NTS)) &&
		       lab_ok(l, h, SQLFetch(h));
	t->took = lab_now_ms() - began;
	if (!t->completed)
		strcpy(t->state, l->error.sqlstate);
	lab_free(h);
	mem_free(text);
	return true;
}

/*
 * How long it takes is guessed from a shorter one. On a machine that had other
 * work to do then, it may be over before the time-out: once more.
 */
void query_timeout_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	struct timed t = { 0 };
	int tries = 0;

	(void)arg;
	do {
		if (!a || !run_timed(l, a, &t))
			return;
	} while (t.completed && t.took < t.expected / 4 && ++tries < 3);
	lab_number_seen(l, "expected", (long)t.expected);
	lab_yes(l, "set", t.set);
	lab_number_seen(l, "took", (long)t.took);
	lab_yes(l, "completed", t.completed);
	if (!t.completed)
		lab_see(l, "state", "%s", t.state);
	lab_disconnect(l, a);
}

void cancel_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	unsigned expected = 0;
	char *sql = a ? lab_heavy(l, a, &expected) : NULL;
	struct lab_wait w;

	(void)arg;
	if (!sql || !lab_start(l, &w, a, sql, true))
		return;
	lab_number_seen(l, "expected", (long)expected);
	lab_done(&w, 300);
	lab_step(l, "SQLCancel from another thread");
	lab_yes(l, "called", sql_ok(SQLCancel(w.handle)));
	lab_yes(l, "ended", lab_done(&w, expected + 5000));
	lab_number_seen(l, "took", (long)(w.usec / 1000));
	lab_yes(l, "completed", w.ok);
	lab_join(&w);
	lab_rollback(l, a);
	lab_step(l, "the connection after SQLCancel");
	lab_number_seen(l, "after", lab_number(l, a, "SELECT count(*) "
						     "FROM {h}"));
	lab_rollback(l, a);
	mem_free(sql);
	lab_disconnect(l, a);
}

/* 500 ms, behind a row that another connection has. */
static void wait_for_lock(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	static const char *const pairs[] = { "ms", "500", NULL };
	struct lab_wait w;
	struct strbuf sb;

	lab_do(l, a, "UPDATE {a} SET v = 1 WHERE id = 1");
	strbuf_init(&sb, 1024);
	render_template(&sb, l->source->profile->lock_timeout, pairs);
	lab_yes(l, "set", !sb.failed && lab_do(l, b, sb.data));
	strbuf_release(&sb);
	lab_step(l, "waiting for a lock, with a limit");
	if (!lab_start(l, &w, b, "UPDATE {a} SET v = 2 WHERE id = 1", false))
		return;
	lab_yes(l, "ended", lab_done(&w, 4000));
	lab_number_seen(l, "took", (long)(w.usec / 1000));
	lab_yes(l, "had", w.ok);
	lab_rollback(l, a);
	lab_join(&w);
	if (!w.ok)
		lab_see(l, "code", "%d", w.lab.error.code);
	lab_rollback(l, b);
}

void lock_timeout_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;

	(void)arg;
	if (!b || !lab_fresh(l, a) || !lab_fill(l, a, 1))
		return;
	lab_autocommit(a, false);
	lab_autocommit(b, false);
	if (l->source->profile->lock_timeout)
		wait_for_lock(l, a, b);
	else
		lab_without(l, "the profile has no lock_timeout");
	lab_autocommit(b, true);
	lab_autocommit(a, true);
	lab_disconnect(l, b);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
