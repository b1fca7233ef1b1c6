/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/unit.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "unit/entry.h"
#include "unit/flush.h"
#include "unit/run.h"
#include "unit/spelling.h"

/* -- failure -- */

int unit_check(const uow_unit *u)
{
	if (!u)
		return UOW_EINVAL;
	if (u->state != UNIT_ACTIVE)
		return UOW_ESTATE;
	return u->error.code;
}

int unit_check_write(uow_unit *u)
{
	int rc = unit_check(u);

	if (rc)
		return rc;
	if (u->phase == PHASE_COMMIT)
		return unit_failf(u, UOW_ESTATE,
				  "a before-commit hook may only read or "
				  "fail: everything has been flushed");
	return 0;
}

int unit_check_idle(uow_unit *u, const char *what, bool in_scope)
{
	if (u->owned && !in_scope)
		return unit_failf(u, UOW_ESTATE,
				  "the unit cannot be %s by its function: "
				  "uow_run() ends it when that returns", what);
	if (u->hook_depth)
		return unit_failf(u, UOW_ESTATE,
				  "the unit cannot be %s inside one of its "
				  "hooks", what);
	if (u->reading && !in_scope)
		return unit_failf(u, UOW_ESTATE,
				  "the unit cannot be %s inside uow_each()",
				  what);
	if (u->scope && !in_scope)
		return unit_failf(u, UOW_ESTATE,
				  "the unit cannot be %s inside uow_nested()",
				  what);
	return 0;
}

int unit_fail(uow_unit *u, const uow_error *err)
{
	assert(err->code < 0);
	if (u->state != UNIT_ACTIVE)
		return UOW_ESTATE;
	if (!u->error.code) {
		u->error = *err;
		if (u->name && *u->name)
			error_append(&u->error, " (unit '%s')", u->name);
	}
	return u->error.code;
}

static int fail_va(uow_unit *u, int code, const char *fmt, va_list args)
{
	uow_error e = UOW_ERROR_INIT;

	error_vset(&e, code, fmt, args);
	return unit_fail(u, &e);
}

int unit_failf(uow_unit *u, int code, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = fail_va(u, code, fmt, args);
	va_end(args);
	return rc;
}

int unit_fail_nomem(uow_unit *u)
{
	uow_error e = UOW_ERROR_INIT;

	error_nomem(&e);
	return unit_fail(u, &e);
}

int unit_fail_returned(uow_unit *u, const char *who, int returned)
{
	if (returned > 0)
		return unit_failf(u, UOW_EINVAL,
				  "%s returned %d, which is neither 0 nor a "
				  "negative code", who, returned);
	if (returned < UOW_EMANY)
		return unit_failf(u, returned, "%s returned %d", who,
				  returned);
	return unit_failf(u, returned, "%s returned %s", who,
			  uow_code_name(returned));
}

int unit_in_time(uow_unit *u)
{
	uow_error e;

	error_none(&e);
	if (db_check_process(u->db, &e))
		return unit_fail(u, &e);
	if (uow_canceler_is_set(u->options.canceler))
		return unit_failf(u, UOW_ECANCELED, "the unit was canceled");
	if (deadline_left(&u->clock, u->deadline))
		return 0;
	return unit_failf(u, UOW_ETIMEOUT, "the unit's time of %u ms is up",
			  u->options.timeout_ms);
}

int uow_fail(uow_unit *u, int code, const char *format, ...)
{
	va_list args;
	int rc;

	if (code >= 0) {
		if (!u)
			return UOW_EINVAL;
		return unit_failf(u, UOW_EINVAL,
				  "uow_fail() with code %d, which is not "
				  "negative", code);
	}
	if (!u)
		return code;
	va_start(args, format);
	rc = fail_va(u, code, format ? format : "", args);
	va_end(args);
	return rc;
}

int uow_status(const uow_unit *u)
{
	return u ? u->error.code : UOW_EINVAL;
}

const uow_error *uow_unit_error(const uow_unit *u)
{
	static const uow_error no_unit = {
		UOW_EINVAL, 0, "", "", "there is no unit", "", "", -1, { 0 }
	};

	return u ? &u->error : &no_unit;
}

/* -- small things -- */

uint64_t uow_time_left_usec(const uow_unit *u)
{
	return u ? deadline_left(&u->clock, u->deadline) : 0;
}

unsigned uow_attempt(const uow_unit *u)
{
	return u ? u->attempt : 0;
}

bool uow_autoflush(uow_unit *u, bool on)
{
	bool was;

	if (!u)
		return false;
	was = u->autoflush;
	if (!unit_check(u))
		u->autoflush = on;
	return was;
}

/*
 * Memory is no part of the transaction: it is given to failed units as well,
 * so that code which does not check does not trip over a NULL, and to ended
 * ones, for their hooks.
 */
void *uow_alloc(uow_unit *u, size_t size)
{
	void *p;

	if (!u)
		return NULL;
	p = arena_alloc(&u->arena, size);
	if (!p)
		unit_fail_nomem(u);
	return p;
}

const char *uow_strdup(uow_unit *u, const char *text)
{
	char *copy;

	if (!u || !text)
		return NULL;
	copy = arena_text(&u->arena, text, strlen(text));
	if (!copy)
		unit_fail_nomem(u);
	return copy;
}

const char *uow_format(uow_unit *u, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	if (!u || !format)
		return "";
	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0) {
		unit_failf(u, UOW_EINVAL, "text that cannot be formatted: %s",
			   format);
		return "";
	}
	text = uow_alloc(u, (size_t)length + 1);
	if (!text)
		return "";
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

/* -- the end -- */

/* The connection goes back before hooks run: they may want one themselves. */
static void end(uow_unit *u, enum unit_state state)
{
	struct backend_conn *c = u->conn;

	u->state = state;
	u->phase = PHASE_ENDED;
	u->conn = NULL;
	unit_withdraw(u);
	db_return(u->db, c);
}

static void drop_waiting(uow_db *db)
{
	unit_settle_waiting(db, false, false);
}

/* The caller of an adopted connection has yet to commit what we did. */
static void wait_for_caller(uow_unit *u)
{
	uow_unit *last;

	if (!hooks_have_end(u))
		return;
	u->waiting = true;
	pthread_mutex_lock(&u->db->mutex);
	if (u->db->ended) {
		/* Nobody can tell it any more. */
		u->waiting = false;
		pthread_mutex_unlock(&u->db->mutex);
		return;
	}
	u->db->drop_waiting = drop_waiting;
	last = u->db->waiting_units;
	while (last && last->next_waiting)
		last = last->next_waiting;
	if (last)
		last->next_waiting = u;
	else
		u->db->waiting_units = u;
	pthread_mutex_unlock(&u->db->mutex);
}

static void committed(uow_unit *u)
{
	end(u, UNIT_COMMITTED);
	if (u->joined)
		wait_for_caller(u);
	else
		hooks_run(u, UOW_AFTER_COMMIT);
}

static void rolled_back(uow_unit *u)
{
	end(u, UNIT_ROLLED_BACK);
	/* In a child nothing was: the unit goes on in its parent. */
	if (!db_inherited(u->db))
		hooks_run(u, UOW_AFTER_ROLLBACK);
}

/*
 * By the program itself, before it was to be undone: nobody may try the unit
 * again, and a token that is found there does not mean that all of it is.
 */
static void half_done(uow_unit *u)
{
	if (!u->error.code)
		error_set(&u->error, UOW_EINDOUBT, "the unit");
	error_append(&u->error, " (could not be rolled back: autocommit was "
		     "switched on with its handle)");
	u->error.code = UOW_EINDOUBT;
	u->half = true;
	end(u, UNIT_IN_DOUBT);
}

static void roll_back(uow_unit *u)
{
	struct backend_conn *c = u->conn;
	bool inherited = db_inherited(u->db);

	if (!inherited)
		c->ops->rollback(c);
	if (!inherited && c->kept) {
		half_done(u);
		return;
	}
	if (!inherited && c->refuses && u->error.code)
		error_append(&u->error, " (%s)", c->refuses);
	rolled_back(u);
}

/* What before-commit hooks assigned would be lost without a word. */
static int check_unchanged(uow_unit *u)
{
	const uow_repository *r;

	if (u->options.read_only)
		return 0;
	for (r = u->repositories; r; r = r->next) {
		if (track_dirty(r))
			return unit_failf(u, UOW_ESTATE,
					  "a before-commit hook changed an "
					  "object of %s", r->mapping->name);
	}
	return 0;
}

static int prepare(uow_unit *u)
{
	int rc = flush_all(u);

	if (rc)
		return rc;
	if (hooks_have(u, UOW_BEFORE_COMMIT)) {
		u->phase = PHASE_COMMIT;
		rc = hooks_run(u, UOW_BEFORE_COMMIT);
		if (!rc)
			rc = check_unchanged(u);
	}
	if (!rc)
		rc = spelling_check(u);
	return rc ? rc : unit_in_time(u);
}

/* Whatever became of its COMMIT, nothing is stored: it may be done again. */
static bool stores_nothing(const uow_unit *u)
{
	return u->options.read_only && !u->by_hand && !u->conn->lent &&
	       !u->conn->joined;
}

static int commit(uow_unit *u)
{
	enum outcome outcome = OUTCOME_UNKNOWN;
	uow_error e;

	error_none(&e);
	u->conn->ops->commit(u->conn, &outcome, &e);
	if (outcome == OUTCOME_UNKNOWN && stores_nothing(u)) {
		e.code = UOW_ECONNECT;
		error_append(&e, ", but nothing was to be stored");
		u->conn->broken = true;
		outcome = OUTCOME_ROLLED_BACK;
	}
	if (outcome == OUTCOME_COMMITTED) {
		committed(u);
		return 0;
	}
	/* Whatever code the backend gives: not knowing has only this one. */
	if (outcome == OUTCOME_UNKNOWN) {
		e.code = UOW_EINDOUBT;
		u->conn->broken = true;
		if (u->token)
			token_lost(u->token, u->conn);
	}
	unit_fail(u, &e);
	if (outcome == OUTCOME_UNKNOWN)
		end(u, UNIT_IN_DOUBT);
	else
		rolled_back(u);
	return u->error.code;
}

int unit_commit(uow_unit *u)
{
	int rc;

	if (!u)
		return UOW_EINVAL;
	if (u->state != UNIT_ACTIVE)
		return UOW_ESTATE;
	rc = unit_check_idle(u, "committed", false);
	if (rc)
		return rc;
	if (!u->error.code)
		prepare(u);
	if (!u->error.code)
		return commit(u);
	roll_back(u);
	return u->error.code;
}

int uow_commit(uow_unit *u)
{
	int rc = unit_commit(u);

	/* A unit that has ended before is UOW_ESTATE. */
	if (rc == UOW_EINDOUBT && u->own_token && !u->half &&
	    u->state == UNIT_IN_DOUBT)
		rc = settle_unit(u);
	return rc;
}

void unit_settled(uow_unit *u, bool was_committed)
{
	static const uow_error no_error = UOW_ERROR_INIT;

	u->state = was_committed ? UNIT_COMMITTED : UNIT_ROLLED_BACK;
	if (was_committed)
		u->error = no_error;
	else if (u->error.code == UOW_EINDOUBT)
		u->error.code = UOW_ECONNECT;
	hooks_run(u, was_committed ? UOW_AFTER_COMMIT : UOW_AFTER_ROLLBACK);
}

void uow_rollback(uow_unit *u)
{
	if (!u || u->state != UNIT_ACTIVE)
		return;
	if (!unit_check_idle(u, "rolled back", false))
		roll_back(u);
}

void unit_release(uow_unit *u)
{
	uow_rollback(u);
	if (u->waiting)
		u->abandoned = true;
	else
		unit_destroy(u);
}

void uow_unit_free(uow_unit *u)
{
	if (!u)
		return;
	/* Somebody further up the stack goes on using it. */
	if (u->owned)
		unit_failf(u, UOW_ESTATE, "a unit of uow_run() is not freed "
			   "by its function");
	else if (u->hook_depth || u->reading || u->scope)
		unit_check_idle(u, "freed", false);
	else
		unit_release(u);
}

static void settle(uow_unit *u, bool was_committed)
{
	if (!was_committed)
		u->state = UNIT_ROLLED_BACK;
	hooks_run(u, was_committed ? UOW_AFTER_COMMIT : UOW_AFTER_ROLLBACK);
}

void unit_settle_waiting(uow_db *db, bool was_committed, bool run_hooks)
{
	uow_unit *u, *next;

	pthread_mutex_lock(&db->mutex);
	u = db->waiting_units;
	db->waiting_units = NULL;
	pthread_mutex_unlock(&db->mutex);
	for (; u; u = next) {
		next = u->next_waiting;
		if (run_hooks)
			settle(u, was_committed);
		u->waiting = false;
		if (u->abandoned)
			unit_destroy(u);
	}
}
