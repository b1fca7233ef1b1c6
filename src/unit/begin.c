/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/run.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "unit/entry.h"
#include "unit/flush.h"

enum { OPTIONS_ABI = 1 };

/* The program's own connection cannot be opened anew to look. */
static int check_once(const uow_db *db, const uow_options *o, uow_error *err)
{
	if (!o->exactly_once)
		return 0;
	if (db->backend->borrowed)
		return error_set(err, UOW_ENOTSUP, "exactly_once on an adopted "
				 "connection: it could not be settled by "
				 "another one");
	if (o->simple || o->read_only)
		return error_set(err, UOW_ENOTSUP, "exactly_once in a %s unit: "
				 "there is no COMMIT to be settled",
				 o->simple ? "simple" : "read_only");
	return 0;
}

int unit_check_options(const uow_db *db, const uow_options *opts,
		       uow_error *err)
{
	if (!opts)
		return 0;
	if (opts->abi < 1 || opts->abi > OPTIONS_ABI)
		return error_set(err, UOW_EINVAL,
				 "uow_options of version %u; start from "
				 "UOW_OPTIONS_INIT", opts->abi);
	if ((int)opts->isolation < UOW_ISOLATION_DEFAULT ||
	    opts->isolation > UOW_SERIALIZABLE)
		return error_set(err, UOW_EINVAL, "no such isolation: %d",
				 (int)opts->isolation);
	return check_once(db, opts, err);
}

void unit_destroy(uow_unit *u)
{
	uow_repository *r;

	for (r = u->repositories; r; r = r->next)
		identity_release(&r->identity);
	adds_release(u);
	arena_release(&u->scopes);
	arena_release(&u->arena);
	if (u->own_token)
		mem_free(u->token);
	uow_canceler_free(u->options.canceler);
	db_release(u->db);
	mem_free(u);
}

static int set_options(uow_unit *u, const uow_options *opts)
{
	static const uow_options defaults = UOW_OPTIONS_INIT;

	u->options = opts ? *opts : defaults;
	canceler_reference(u->options.canceler);
	u->autoflush = !u->options.no_autoflush;
	u->name = "";
	if (u->options.name)
		u->name = arena_text(&u->arena, u->options.name,
				     strlen(u->options.name));
	u->options.name = u->name;
	return u->name ? 0 : UOW_ENOMEM;
}

/* A unit without connection: in no state to be shown to anybody. */
static uow_unit *new_bare(uow_db *db, const uow_options *opts)
{
	static const uow_error no_error = UOW_ERROR_INIT;
	uow_unit *u = mem_alloc(sizeof(*u));

	if (!u)
		return NULL;
	db_reference(db);
	u->db = db;
	u->clock = db->clock;
	u->error = no_error;
	arena_init(&u->arena);
	arena_init(&u->scopes);
	arena_init(&u->adds.arena);
	u->repositories_end = &u->repositories;
	u->hooks_end = &u->hooks;
	u->row_hooks_end = &u->row_hooks;
	if (!set_options(u, opts))
		return u;
	unit_destroy(u);
	return NULL;
}

/*
 * After a begin that failed nobody knows what the connection is in: it is
 * given up. Not when the answer came before anything was asked of the
 * database, or a lock was merely busy: such connections are as good as before.
 */
static bool begin_spoils(int code)
{
	return code != UOW_ENOTSUP && code != UOW_EINVAL &&
		code != UOW_ELOCKED;
}

/*
 * The token goes first, in a statement of its own: whoever comes later with
 * the same one has to wait for the end of this transaction.
 */
static int begin_token(uow_unit *u, struct backend_conn *c, uow_error *err)
{
	int rc = token_insert(u->token, c, u->attempt, err);

	if (rc)
		c->ops->rollback(c);
	return rc;
}

static int begin_on(uow_unit *u, struct backend_conn *c, uow_error *err)
{
	struct begin_options o;
	int rc = unit_expose(u, c, err);

	if (rc) {
		db_return(u->db, c);
		return rc;
	}
	memset(&o, 0, sizeof(o));
	o.name = u->name;
	o.isolation = u->options.isolation;
	o.read_only = u->options.read_only;
	o.simple = u->options.simple;
	o.deadline = u->deadline;
	o.lock_timeout_ms = u->options.lock_timeout_ms;
	o.canceler = u->options.canceler;
	o.cancelable = u->options.canceler || u->watched;
	rc = u->token ? token_ready(u->token, c, u->deadline, err) : 0;
	if (rc)
		goto out;
	rc = c->ops->begin(c, &o, err);
	if (rc && begin_spoils(rc))
		c->broken = true;
	if (!rc && u->token)
		rc = begin_token(u, c, err);
out:
	if (rc) {
		unit_withdraw(u);
		db_return(u->db, c);
		return rc;
	}
	u->conn = c;
	u->endpoint = c->endpoint;
	u->joined = c->joined;
	return 0;
}

int unit_begin(uow_unit **out, uow_db *db, const struct unit_start *start,
	       uow_error *err)
{
	uow_unit *u = new_bare(db, start->options);
	struct backend_conn *c = NULL;
	uow_error e = UOW_ERROR_INIT;
	struct lease l;
	int rc;

	if (!u)
		return error_nomem(err);
	u->attempt = start->attempt;
	u->deadline = l.deadline = start->deadline;
	u->token = start->token;
	l.endpoint = start->endpoint;
	l.name = u->name;
	l.place = start->place;
	l.canceler = u->options.canceler;
	rc = uow_canceler_is_set(u->options.canceler) ?
		error_set(&e, UOW_ECANCELED,
			  "the unit was canceled before it began") :
		db_lease(db, &l, &c, &e);
	if (!rc)
		rc = begin_on(u, c, &e);
	if (!rc) {
		*out = u;
		return 0;
	}
	unit_destroy(u);
	if (err)
		*err = e;
	return rc;
}

/* A unit begun by hand has its token to itself. */
static int begin_once(uow_unit **out, uow_db *db, struct unit_start *start,
		      uow_error *err)
{
	struct token *t = mem_alloc(sizeof(*t));
	int rc;

	if (!t)
		return error_nomem(err);
	start->token = t;
	rc = token_init(t, db, err);
	if (!rc)
		rc = unit_begin(out, db, start, err);
	if (rc)
		mem_free(t);
	else
		(*out)->own_token = true;
	return rc;
}

int uow_begin_at(const char *place, uow_unit **out, uow_db *db,
		 const uow_options *opts, uow_error *err)
{
	struct unit_start start;
	int rc;

	if (!out || !db)
		return error_set(err, UOW_EINVAL, "a unit needs a data source "
				 "and a place to be put");
	rc = db_check_process(db, err);
	if (!rc)
		rc = unit_check_options(db, opts, err);
	if (rc)
		return rc;
	start.options = opts;
	start.place = place;
	start.attempt = 1;
	start.deadline = deadline_after(&db->clock,
					opts ? opts->timeout_ms : 0);
	start.endpoint = LEASE_ANY;
	start.token = NULL;
	if (opts && opts->exactly_once)
		return begin_once(out, db, &start, err);
	return unit_begin(out, db, &start, err);
}

int (uow_begin)(uow_unit **out, uow_db *db, const uow_options *opts,
		uow_error *err)
{
	return uow_begin_at(NULL, out, db, opts, err);
}
