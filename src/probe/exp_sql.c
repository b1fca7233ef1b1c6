/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "dialect/render.h"

/* What the profile's templates of SQL do. */

static void add(struct strbuf *sb, const char *template,
		const char *const *pairs)
{
	strbuf_putc(sb, ' ');
	render_template(sb, template, pairs);
}

static void limited(struct lab *l, SQLHDBC a)
{
	static const char *const pairs[] = { "limit", "3", NULL };
	const struct profile *p = l->source->profile;
	struct strbuf sb;

	if (!p->limit)
		return;
	strbuf_init(&sb, 4096);
	strbuf_puts(&sb, "SELECT count(*) FROM (SELECT");
	if (p->limit_first)
		add(&sb, p->limit, pairs);
	strbuf_puts(&sb, " id FROM {a} WHERE id > 1 ORDER BY id");
	if (!p->limit_first)
		add(&sb, p->limit, pairs);
	strbuf_puts(&sb, ") q");
	if (!sb.failed)
		lab_number_seen(l, "limit", lab_number(l, a, sb.data));
	strbuf_release(&sb);
}

static void add_offset(struct strbuf *sb, const struct profile *p,
		       const char *const *pairs)
{
	if (p->limit && !strstr(p->offset, "{limit}"))
		add(sb, p->limit, pairs);
	add(sb, p->offset, pairs);
}

/* Rows 1..9, two left out: the first of three is 3. */
static void with_offset(struct lab *l, SQLHDBC a)
{
	static const char *const pairs[] = { "limit", "3", "offset", "2",
					     NULL };
	const struct profile *p = l->source->profile;
	struct strbuf sb;

	if (!p->offset)
		return;
	strbuf_init(&sb, 4096);
	strbuf_puts(&sb, "SELECT");
	if (p->limit_first)
		add_offset(&sb, p, pairs);
	strbuf_puts(&sb, " id FROM {a} ORDER BY id");
	if (!p->limit_first)
		add_offset(&sb, p, pairs);
	if (!sb.failed)
		lab_number_seen(l, "offset", lab_number(l, a, sb.data));
	strbuf_release(&sb);
}

static void offset_only(struct lab *l, SQLHDBC a)
{
	static const char *const pairs[] = { "offset", "2", NULL };
	const struct profile *p = l->source->profile;
	struct strbuf sb;

	if (!p->offset_only)
		return;
	strbuf_init(&sb, 4096);
	strbuf_puts(&sb, "SELECT id FROM {a} ORDER BY id");
	add(&sb, p->offset_only, pairs);
	if (!sb.failed)
		lab_number_seen(l, "offset-only", lab_number(l, a, sb.data));
	strbuf_release(&sb);
}

void limit_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a) || !lab_fill(l, a, 9))
		return;
	lab_step(l, "a SELECT of some rows only");
	limited(l, a);
	with_offset(l, a);
	offset_only(l, a);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

/* Only the first of them begins with "a_b" in this case. */
void starts_with_run(struct lab *l, int arg)
{
	static const char *const texts[] = { "a_bc", "A_bc", "axbc", "xa_b" };
	static const char *const pairs[] = {
		"column", "s", "value", "'a_b'", "pattern", "'a!_b%'", NULL
	};
	const struct profile *p = l->source->profile;
	SQLHDBC a = lab_connect(l);
	struct strbuf sb;
	int i;

	(void)arg;
	if (!a || !lab_fresh(l, a))
		return;
	for (i = 0; i < 4; i++)
		lab_dof(l, a, "INSERT INTO {a} (id, s) VALUES (%d, '%s')",
			i + 1, texts[i]);
	strbuf_init(&sb, 4096);
	strbuf_puts(&sb, "SELECT sum(id) FROM {a} WHERE");
	if (p->starts_with)
		add(&sb, p->starts_with, pairs);
	lab_step(l, "a text that starts with another");
	if (p->starts_with && !sb.failed)
		lab_number_seen(l, "sum", lab_number(l, a, sb.data));
	strbuf_release(&sb);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

/* -- locks -- */

enum { WAIT_MS = 1000 };

static bool select_locked(struct lab *l, struct lab_wait *w, SQLHDBC dbc,
			  const char *lock)
{
	char sql[512];

	snprintf(sql, sizeof(sql), "SELECT v FROM {a} WHERE id = 1 %s", lock);
	return lab_start(l, w, dbc, sql, true);
}

/* a holds the lock: what happens to b? */
static void lock_update(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	struct lab_wait w;

	lab_step(l, "an UPDATE of a locked row");
	if (!lab_start(l, &w, b, "UPDATE {a} SET v = 2 WHERE id = 1", false))
		return;
	lab_see(l, "update", "%s", !lab_done(&w, WAIT_MS) ? "waits" :
		w.ok ? "done" : "refused");
	lab_rollback(l, a);
	lab_join(&w);
	lab_rollback(l, b);
}

/* false: it waits for ever, with this structure. */
static bool lock_other(struct lab *l, SQLHDBC b, const char *name,
		       const char *lock)
{
	static struct lab_wait w;
	char column[32];
	bool done;

	if (!lock)
		return true;
	lab_step(l, lock);
	if (!select_locked(l, &w, b, lock))
		return false;
	done = lab_done(&w, WAIT_MS);
	lab_see(l, name, "%s", !done ? "waits" : !w.ok ? "refused" :
		w.value == LAB_NONE ? "no row" : "row");
	if (done && !w.ok) {
		snprintf(column, sizeof(column), "%s.code", name);
		lab_see(l, column, "%d", w.lab.error.code);
		snprintf(column, sizeof(column), "%s.state", name);
		lab_see(l, column, "%s", w.lab.error.sqlstate);
		snprintf(column, sizeof(column), "%s.native", name);
		lab_see(l, column, "%d", w.lab.error.native);
	}
	if (done) {
		lab_join(&w);
		lab_rollback(l, b);
	}
	return done;
}

static bool is_free(struct lab *l, SQLHDBC b, const char *lock)
{
	char sql[512];
	bool ok;

	snprintf(sql, sizeof(sql), "SELECT v FROM {a} WHERE id = 2 %s", lock);
	ok = lab_number(l, b, sql) == 20;
	lab_rollback(l, b);
	return ok;
}

void locks_run(struct lab *l, int arg)
{
	const struct profile *p = l->source->profile;
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;
	struct lab_wait w;

	(void)arg;
	if (!b || !lab_fresh(l, a) || !lab_fill(l, a, 2))
		return;
	if (!p->lock_update) {
		lab_without(l, "the profile has no lock_update");
		lab_drop(l, a, "a");
		return;
	}
	lab_autocommit(a, false);
	lab_autocommit(b, false);
	lab_step(l, p->lock_update);
	if (!select_locked(l, &w, a, p->lock_update))
		return;
	lab_join(&w);
	lab_yes(l, "locked", w.ok && w.value == 10);
	/* Row 2 is free: a clause that is not understood would fail there. */
	if (p->lock_nowait)
		lab_yes(l, "nowait.free", is_free(l, b, p->lock_nowait));
	if (!lock_other(l, b, "nowait", p->lock_nowait) ||
	    !lock_other(l, b, "skip", p->lock_skip))
		return;
	lock_update(l, a, b);
	lab_autocommit(b, true);
	lab_autocommit(a, true);
	lab_disconnect(l, b);
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

/* Two that both want to write: the second waits, or is refused. */
void begin_write_run(struct lab *l, int arg)
{
	const struct profile *p = l->source->profile;
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;
	struct lab_wait w;

	(void)arg;
	if (!b || !lab_fresh(l, a))
		return;
	lab_drop(l, a, "a");
	if (!p->begin_write) {
		lab_without(l, "the profile has no begin_write");
		return;
	}
	lab_autocommit(a, false);
	lab_autocommit(b, false);
	lab_step(l, p->begin_write);
	lab_yes(l, "first", lab_do(l, a, p->begin_write));
	if (!lab_start(l, &w, b, p->begin_write, false))
		return;
	lab_see(l, "second", "%s", !lab_done(&w, WAIT_MS) ? "waits" :
		w.ok ? "done" : "refused");
	lab_rollback(l, a);
	lab_join(&w);
	lab_rollback(l, b);
	lab_disconnect(l, b);
	lab_disconnect(l, a);
}

/* -- what errors look like -- */

static void see_error(struct lab *l, const char *name)
{
	char item[48];

	lab_see(l, name, "%d", l->error.code);
	snprintf(item, sizeof(item), "%s.state", name);
	lab_see(l, item, "%s", l->error.sqlstate);
	snprintf(item, sizeof(item), "%s.native", name);
	lab_see(l, item, "%d", l->error.native);
	snprintf(item, sizeof(item), "%s.text", name);
	lab_see(l, item, "%.200s", l->error.message);
}

static void provoke(struct lab *l, SQLHDBC a, const char *name,
		    const char *sql)
{
	lab_step(l, sql);
	if (lab_do(l, a, sql))
		lab_see(l, name, "accepted");
	else
		see_error(l, name);
	lab_rollback(l, a);
}

/* A lock that cannot be had in time, by the profile's own limit to waiting. */
static void locked(struct lab *l, SQLHDBC a, SQLHDBC b)
{
	static const char *const pairs[] = { "ms", "300", NULL };
	const struct profile *p = l->source->profile;
	struct lab_wait w;
	struct strbuf sb;
	bool waits;

	lab_do(l, a, "UPDATE {a} SET v = 1 WHERE id = 1");
	strbuf_init(&sb, 1024);
	if (p->lock_timeout)
		render_template(&sb, p->lock_timeout, pairs);
	if (sb.data && !sb.failed)
		lab_do(l, b, sb.data);
	strbuf_release(&sb);
	lab_step(l, "a lock that cannot be had");
	if (!lab_start_timed(l, &w, b, "UPDATE {a} SET v = 2 WHERE id = 1",
			     false, p->statement_timeout_locks ? 1 : 0))
		return;
	waits = !lab_done(&w, 3000);
	lab_yes(l, "locked.waits", waits);
	if (waits)
		lab_see(l, "why", "still waiting after 3 s");
	lab_rollback(l, a);
	lab_join(&w);
	if (!waits && !w.ok) {
		l->error = w.lab.error;
		see_error(l, "locked");
	}
	lab_rollback(l, b);
}

void errors_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l), b = a ? lab_connect(l) : NULL;

	(void)arg;
	if (!b || !lab_fresh(l, a) || !lab_fill(l, a, 1))
		return;
	lab_drop(l, a, "d");
	lab_do(l, a, "CREATE TABLE {d} (id INTEGER NOT NULL PRIMARY KEY, "
		     "v INTEGER NOT NULL)");
	lab_autocommit(a, false);
	lab_autocommit(b, false);
	provoke(l, a, "duplicate", "INSERT INTO {a} (id, v) VALUES (1, 10)");
	provoke(l, a, "not-null", "INSERT INTO {d} (id, v) VALUES (1, NULL)");
	provoke(l, a, "missing", "SELECT id FROM {z}");
	locked(l, a, b);
	lab_autocommit(b, true);
	lab_autocommit(a, true);
	lab_disconnect(l, b);
	lab_drop(l, a, "d");
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}

/* A row that refers to no other; one whose parent is to go. */
void foreign_keys_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);

	(void)arg;
	if (!a || !lab_fresh(l, a) || !lab_fill(l, a, 1))
		return;
	lab_step(l, "a foreign key");
	lab_drop(l, a, "d");
	lab_yes(l, "made",
		lab_do(l, a, "CREATE TABLE {d} (id INTEGER NOT NULL PRIMARY "
			     "KEY, v INTEGER, FOREIGN KEY (v) REFERENCES "
			     "{a} (id))"));
	lab_yes(l, "orphan",
		lab_do(l, a, "INSERT INTO {d} (id, v) VALUES (1, 77)"));
	lab_yes(l, "child",
		lab_do(l, a, "INSERT INTO {d} (id, v) VALUES (2, 1)"));
	lab_yes(l, "gone", lab_do(l, a, "DELETE FROM {a} WHERE id = 1"));
	lab_drop(l, a, "d");
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
