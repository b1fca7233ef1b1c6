/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/stmt.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "dialect/classify.h"

/*
 * The ends of a transaction. What COMMIT says is believed only where that is
 * safe: see txn_commit().
 */

enum {
	BUSY_WAIT_MS = 30000,	/* for a COMMIT where there is no deadline */
	PAUSE_MIN_USEC = 500,
	PAUSE_MAX_USEC = 20000
};

static const char *const refused_caller =
	"an error has ended the caller's transaction: it has to be rolled "
	"back, and uow_db_ended() be called";

static const char *const refused_mode =
	"autocommit of an adopted connection could not be put back: it may "
	"be off, disconnect it";

static const char *const refused_adopted =
	"COMMIT and ROLLBACK of an adopted connection have failed: "
	"autocommit was left off, disconnect it";

/* The weakest level that the driver has and that is at least what is asked. */
static SQLUINTEGER level_for(const struct odbc *s, uow_isolation asked)
{
	static const SQLUINTEGER levels[] = {
		SQL_TXN_READ_COMMITTED, SQL_TXN_REPEATABLE_READ,
		SQL_TXN_SERIALIZABLE
	};
	size_t i = asked == UOW_READ_COMMITTED ? 0 :
		   asked == UOW_REPEATABLE_READ ? 1 : 2;

	for (; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (s->isolations & levels[i])
			return levels[i];
	return 0;
}

static int set_level(struct odbc_conn *c, SQLUINTEGER level, uow_error *err)
{
	if (!sql_ok(SQLSetConnectAttr(c->dbc, SQL_ATTR_TXN_ISOLATION,
				      (SQLPOINTER)(SQLULEN)level,
				      SQL_IS_UINTEGER)))
		return diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
	return 0;
}

/* Before the transaction starts: no driver here changes it inside one. */
static int set_isolation(struct odbc_conn *c, uow_isolation asked,
			 uow_error *err)
{
	SQLUINTEGER level;
	int rc;

	if (asked == UOW_ISOLATION_DEFAULT)
		return 0;
	rc = limits_isolation(c, err);
	if (rc)
		return rc;
	level = level_for(c->source, asked);
	if (!level)
		return error_set(err, UOW_ENOTSUP,
				 "the database has no isolation level that "
				 "is at least the one asked for");
	/* The levels' numbers grow with their strength. */
	if (c->isolation >= level)
		return 0;
	if (c->base.joined)
		return error_set(err, UOW_ENOTSUP,
				 "isolation cannot change inside the "
				 "caller's transaction");
	rc = set_level(c, level, err);
	c->isolation_changed = !rc;
	return rc;
}

static void savepoint_name(char *buffer, size_t size, unsigned depth)
{
	snprintf(buffer, size, "uow_%u", depth);
}

static int run_template(struct odbc_conn *c, const char *template,
			const char *name, uow_error *err)
{
	const char *pairs[] = { "name", name, NULL };
	struct strbuf sb;
	int rc;

	strbuf_init(&sb, 1024);
	render_template(&sb, template, pairs);
	rc = sb.failed ? error_nomem(err) : stmt_direct(c, sb.data, err);
	strbuf_release(&sb);
	return rc;
}

/* Inside a transaction of the caller's: a savepoint of ours is our begin. */
static int join(struct odbc_conn *c, uow_error *err)
{
	const struct profile *p = c->source->profile;

	if (!p->savepoints)
		return error_set(err, UOW_ENOTSUP,
				 "profile %s has no savepoints, which a unit "
				 "inside the caller's transaction needs",
				 p->name);
	return 0;
}

static int check_begin(const struct odbc_conn *c, const struct begin_options *o,
		       uow_error *err)
{
	if (c->base.refuses)
		return error_set(err, UOW_ESTATE, "%s", c->base.refuses);
	if (o->simple || c->source->transactions)
		return 0;
	return error_set(err, UOW_ENOTSUP,
			 "the database has no transactions: only a simple "
			 "unit can work on it");
}

/* Autocommit as the unit needs it; an adopted one is looked at anew. */
static int set_mode(struct odbc_conn *c, bool simple, uow_error *err)
{
	int rc = 0;

	c->base.joined = false;
	if (c->source->adopted) {
		/* Until it is known: put_back() must not touch it. */
		c->base.joined = true;
		rc = conn_read_attributes(c, err);
		if (rc)
			return rc;
		c->base.joined = c->autocommit_off;
		if (c->autocommit_off && simple)
			return error_set(err, UOW_ENOTSUP,
					 "a simple unit cannot run inside "
					 "the caller's transaction");
		if (c->autocommit_off)
			return join(c, err);
	}
	return conn_set_autocommit(c, simple, err);
}

static void put_back(struct odbc_conn *c);

int txn_begin(struct backend_conn *base, const struct begin_options *o,
	      uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	int rc;

	rc = check_begin(c, o, err);
	if (rc) {
		error_step(err, "BEGIN");
		return rc;
	}
	conn_refresh_cache(c);
	rc = set_mode(c, o->simple, err);
	if (!rc)
		rc = set_isolation(c, o->isolation, err);
	if (rc) {
		put_back(c);
		error_step(err, "BEGIN");
		return rc;
	}
	c->options = *o;
	c->cancelable = o->cancelable;
	c->active = true;
	c->base.kept = false;
	c->started = c->saved = c->failed = c->ended = false;
	c->used = c->base.lent = c->doubtful = false;
	c->nested = 0;
	c->worked = c->base.joined;
	c->anew = !c->base.joined && !o->simple;
	return 0;
}

static int start_statements(struct odbc_conn *c, uow_error *err)
{
	const struct profile *p = c->source->profile;
	int rc = limits_lock(c, err);

	/* The caller's transaction is his to make read only. */
	if (!rc && c->options.read_only && p->read_only && !c->base.joined)
		rc = run_template(c, p->read_only, "", err);
	if (!rc && !c->options.read_only && !c->options.simple &&
	    p->begin_write) {
		rc = stmt_execute_kept(c, p->begin_write, &c->begin_write,
				       err);
		if (!rc)
			stmt_rest(c, c->begin_write);
	}
	if (!rc && c->base.joined)
		rc = run_template(c, p->savepoint, "uow_0", err);
	c->saved = !rc && c->base.joined;
	return rc;
}

/*
 * In a caller's transaction there is nothing yet to come back to: nobody may
 * stop these statements, and where errors abort, one of theirs has ended his.
 */
static int start_inside(struct odbc_conn *c, uow_error *err)
{
	bool cancelable = c->cancelable;
	int rc;

	c->cancelable = false;
	rc = start_statements(c, err);
	c->cancelable = cancelable;
	if (rc && c->failed && c->source->profile->error_aborts)
		c->ended = true;
	return rc;
}

int txn_start(struct odbc_conn *c, uow_error *err)
{
	int rc;

	if (c->started || !c->active)
		return 0;
	c->started = true;	/* the statements below come here again */
	c->starting = true;
	rc = c->base.joined ? start_inside(c, err) : start_statements(c, err);
	c->starting = false;
	if (rc && err->step[0] == '\0')
		error_step(err, "BEGIN");
	return rc;
}

/*
 * The connection as it was before the unit. Only after the transaction has
 * ended: ODBC commits open work when autocommit is switched on.
 */
static void put_back_attributes(struct odbc_conn *c)
{
	uow_error ignored;

	limits_put_back(c);
	if (c->isolation_changed) {
		c->isolation_changed = false;
		if (set_level(c, c->isolation, &ignored))
			c->base.broken = true;
	}
	if (c->base.joined || (!c->source->adopted && !c->options.simple))
		return;
	/* Adopted: on again. A pooled one after a simple unit: off again. */
	if (conn_set_autocommit(c, c->source->adopted != NULL ||
				!c->source->transactions, &ignored) &&
	    c->source->adopted)
		c->base.refuses = refused_mode;
}

static void put_back(struct odbc_conn *c)
{
	c->active = false;
	if (!c->base.joined && !c->base.refuses)
		stmt_unpark(c);
	if (c->base.refuses || (c->base.broken && !c->source->adopted))
		return;
	/* Switched back, it would commit what the program has left open. */
	if (!c->source->adopted && lent_switched(c)) {
		c->base.broken = true;
		return;
	}
	put_back_attributes(c);
	lent_check(c);
}

static bool end_tran(struct odbc_conn *c, SQLSMALLINT how)
{
	uint64_t began = c->source->trace ? clock_now(&c->source->clock) : 0;
	bool ok = sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, how));

	stmt_trace(c, how == SQL_COMMIT ? "COMMIT" : "ROLLBACK", 0, 1,
		   began, false, ok ? 0 : UOW_ESQL);
	return ok;
}

/* An adopted connection that cannot be ended cannot be closed by us either. */
static void give_up(struct odbc_conn *c)
{
	c->base.broken = true;
	if (c->source->adopted)
		c->base.refuses = refused_adopted;
}

static void back_to_caller(struct odbc_conn *c)
{
	const struct profile *p = c->source->profile;
	uow_error ignored;

	/*
	 * Asked even where the transaction is believed to be ended: if it is
	 * not, half of the unit would be left in it.
	 */
	if (c->saved &&
	    (run_template(c, p->rollback_to, "uow_0", &ignored) ||
	     (p->release && run_template(c, p->release, "uow_0", &ignored))))
		c->ended = true;
	else if (c->saved)
		c->ended = false;
	if (!c->ended)
		return;
	/* What only the driver believes in, its owner could not roll back. */
	if (p->resync && !c->base.kept)
		run_template(c, p->resync, "", &ignored);
	c->base.refuses = refused_caller;
}

void txn_rollback(struct backend_conn *base)
{
	struct odbc_conn *c = (struct odbc_conn *)base;

	if (!c->active)
		return;
	c->cancelable = false;	/* what undoes is sent all the same */
	c->base.kept = lent_committed(c);
	if (c->base.joined)
		back_to_caller(c);
	else if (!c->options.simple && (c->started || c->worked) &&
		 (c->unanswered || !end_tran(c, SQL_ROLLBACK)))
		give_up(c);
	put_back(c);
}

/* Wait a little for a lock; false when the time is over. */
static bool pause_until(const uow_clock *clock, uint64_t until, uint64_t *pause)
{
	uint64_t left = deadline_left(clock, until);

	if (!left)
		return false;
	clock_sleep(clock, *pause < left ? *pause : left);
	*pause = *pause * 2 < PAUSE_MAX_USEC ? *pause * 2 : PAUSE_MAX_USEC;
	return true;
}

/* ROLLBACK after a COMMIT that is known to have stored nothing. */
static void undo_failed_commit(struct odbc_conn *c)
{
	if (!end_tran(c, SQL_ROLLBACK))
		give_up(c);
}

static int in_doubt(struct odbc_conn *c, enum outcome *outcome, uow_error *err)
{
	give_up(c);
	*outcome = OUTCOME_UNKNOWN;
	err->code = UOW_EINDOUBT;
	error_append(err, "; the outcome of COMMIT is unknown");
	return UOW_EINDOUBT;
}

static bool lost_by_state(const uow_error *err)
{
	return !strncmp(err->sqlstate, "08", 2) ||
	       !strncmp(err->sqlstate, "57P", 3);
}

/* A COMMIT has failed, with err from its diagnostics. 1: try it again. */
static int commit_failed(struct odbc_conn *c, uint64_t until, uint64_t *pause,
			 enum outcome *outcome, uow_error *err)
{
	enum commit_verdict v = classify_commit(c->source->profile,
						err->sqlstate, err->native,
						err->message);

	if (v == COMMIT_UNKNOWN || lost_by_state(err) ||
	    (v == COMMIT_ROLLED_BACK &&
	     c->source->profile->dead_check != DEAD_NEVER && conn_dead(c)))
		return in_doubt(c, outcome, err);
	if (v == COMMIT_BUSY && uow_canceler_is_set(c->options.canceler))
		err->code = UOW_ECANCELED;
	else if (v == COMMIT_BUSY &&
		 pause_until(&c->source->clock, until, pause))
		return 1;
	else if (v == COMMIT_BUSY && c->options.deadline != DEADLINE_NONE)
		err->code = UOW_ETIMEOUT;
	undo_failed_commit(c);
	*outcome = OUTCOME_ROLLED_BACK;
	return err->code;
}

static int commit_transaction(struct odbc_conn *c, enum outcome *outcome,
			      uow_error *err)
{
	const uow_clock *clock = &c->source->clock;
	uint64_t pause = PAUSE_MIN_USEC;
	uint64_t until = c->options.deadline != DEADLINE_NONE ?
			 c->options.deadline :
			 deadline_after(clock, BUSY_WAIT_MS);
	int rc;

	while (!end_tran(c, SQL_COMMIT)) {
		diag_read(c->source, SQL_HANDLE_DBC, c->dbc, err);
		error_step(err, "COMMIT");
		rc = commit_failed(c, until, &pause, outcome, err);
		if (rc <= 0)
			return rc;
	}
	*outcome = OUTCOME_COMMITTED;
	return 0;
}

/* Dead before COMMIT was sent: the server rolls back. */
static int dead_before_commit(struct odbc_conn *c, enum outcome *outcome,
			      uow_error *err)
{
	give_up(c);
	*outcome = OUTCOME_ROLLED_BACK;
	error_set(err, UOW_ECONNECT, "the connection was lost before COMMIT");
	error_step(err, "COMMIT");
	return UOW_ECONNECT;
}

static int refuse_commit(struct odbc_conn *c, enum outcome *outcome,
			 uow_error *err)
{
	txn_rollback(&c->base);
	*outcome = OUTCOME_ROLLED_BACK;
	return error_set(err, UOW_ESTATE,
			 "a failed transaction cannot be committed");
}

static int release_to_caller(struct odbc_conn *c, enum outcome *outcome,
			     uow_error *err)
{
	const struct profile *p = c->source->profile;
	int rc = 0;

	if (c->started && p->release)
		rc = run_template(c, p->release, "uow_0", err);
	if (rc) {
		txn_rollback(&c->base);
		*outcome = c->base.refuses ? OUTCOME_UNKNOWN :
					     OUTCOME_ROLLED_BACK;
		return rc;
	}
	*outcome = OUTCOME_COMMITTED;
	return 0;
}

/*
 * COMMIT of a transaction that the server has given up can say success. What
 * failed on the handle that the program was given, nobody has told us.
 */
static bool given_up(struct odbc_conn *c, enum outcome *outcome,
		     uow_error *err)
{
	const struct profile *p = c->source->profile;

	if (!c->base.lent || !p->error_aborts || !p->check ||
	    !stmt_direct(c, p->check, err))
		return false;
	error_append(err, " (a statement of the program's had failed)");
	error_step(err, "COMMIT");
	txn_rollback(&c->base);
	*outcome = OUTCOME_ROLLED_BACK;
	return true;
}

int txn_commit(struct backend_conn *base, enum outcome *outcome,
	       uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	bool ask = c->source->profile->dead_check == DEAD_FREE;
	int rc = 0;

	c->cancelable = false;
	if (c->failed && !c->options.simple)
		return refuse_commit(c, outcome, err);
	if (lent_committed(c))
		rc = lent_doubt(c, outcome, err);
	else if (c->base.joined)
		rc = release_to_caller(c, outcome, err);
	else if (c->options.simple || !(c->started || c->worked))
		*outcome = OUTCOME_COMMITTED;	/* nothing is open */
	else if (ask && conn_dead(c))
		rc = dead_before_commit(c, outcome, err);
	else if (given_up(c, outcome, err))
		rc = err->code;
	else
		rc = commit_transaction(c, outcome, err);
	if (rc == UOW_EINDOUBT && c->base.joined)
		c->base.refuses = refused_caller;
	/* Dead after a COMMIT that succeeded: stored, but of no more use. */
	if (!rc && ask && conn_dead(c))
		c->base.broken = true;
	if (c->active)
		put_back(c);
	return rc;
}

static const char *savepoint_verb(const struct profile *p,
				  enum savepoint_verb verb)
{
	return verb == SAVEPOINT_SET ? p->savepoint :
	       verb == SAVEPOINT_BACK ? p->rollback_to : p->release;
}

/* Kept prepared: there is one for each statement. */
static int run_kept(struct odbc_conn *c, const char *template,
		    struct stmt **kept, uow_error *err)
{
	const char *pairs[] = { "name", "uow_batch", NULL };
	struct strbuf sb;
	int rc;

	strbuf_init(&sb, 1024);
	if (!*kept)
		render_template(&sb, template, pairs);
	rc = sb.failed ? error_nomem(err) :
	     stmt_execute_kept(c, sb.data, kept, err);
	strbuf_release(&sb);
	if (!rc)
		stmt_rest(c, *kept);
	return rc;
}

/*
 * A driver that has savepoints of its own, as options of an adopted connection
 * may have it, lets go of them around one that it reads in the text of a
 * statement, and not around a prepared one, which then goes with them.
 */
int batch_savepoint(struct odbc_conn *c, enum savepoint_verb verb,
		    uow_error *err)
{
	const char *template = savepoint_verb(c->source->profile, verb);
	bool cancelable = c->cancelable;
	int rc;

	if (!template)
		return 0;
	c->cancelable = cancelable && verb != SAVEPOINT_BACK;
	rc = c->source->adopted ?
	     run_template(c, template, "uow_batch", err) :
	     run_kept(c, template, &c->batch_savepoints[verb], err);
	c->cancelable = cancelable;
	if (!rc && verb == SAVEPOINT_BACK)
		c->failed = false;
	return rc;
}

int txn_savepoint(struct backend_conn *base, enum savepoint_verb verb,
		  unsigned depth, uow_error *err)
{
	struct odbc_conn *c = (struct odbc_conn *)base;
	const struct profile *p = c->source->profile;
	const char *template = savepoint_verb(p, verb);
	bool cancelable = c->cancelable;
	char name[24];
	int rc;

	if (!p->savepoints || c->options.simple)
		return error_set(err, UOW_ENOTSUP,
				 "profile %s has no savepoints", p->name);
	c->nested = verb == SAVEPOINT_RELEASE ? depth - 1 : depth;
	if (!template)
		return 0;	/* RELEASE is not needed everywhere */
	savepoint_name(name, sizeof(name), depth);
	c->anew = false;
	c->cancelable = cancelable && verb != SAVEPOINT_BACK;
	rc = run_template(c, template, name, err);
	c->cancelable = cancelable;
	if (rc)
		error_step(err, "SAVEPOINT");
	else if (verb == SAVEPOINT_BACK)
		c->failed = false;
	return rc;
}

int txn_written(const struct odbc_conn *c, int rc, uow_error *err)
{
	if (!rc || !c->doubtful)
		return rc;
	err->code = UOW_EINDOUBT;
	error_append(err, "; whether it was stored is unknown");
	return UOW_EINDOUBT;
}

bool txn_ended(const struct backend_conn *base)
{
	return ((const struct odbc_conn *)base)->ended;
}
