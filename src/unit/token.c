/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/token.h"

#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/random.h"

/*
 * Tokens are pruned after seven days. One that was, would be inserted again as
 * if nothing had happened: so half of that is all that a run in doubt has.
 */
#define KEEP_USEC (UINT64_C(7) * 24 * 3600 * 1000000 / 2)

int token_init(struct token *t, uow_db *db, uow_error *err)
{
	memset(t, 0, sizeof(*t));
	t->db = db;
	return random_bytes(t->id.bytes, sizeof(t->id.bytes), err);
}

static int ask_place(struct backend_conn *c, const struct backend_place **out,
		     uow_error *err)
{
	static const struct backend_place nowhere = { "", "", false };

	if (c->ops->place)
		return c->ops->place(c, out, err);
	*out = &nowhere;
	return 0;
}

/*
 * Other servers may lack a commit that this one has acknowledged, for now or
 * for ever. One name of a server may stand for several in the course of time.
 */
static int check_place(const struct token *t, const struct backend_place *now,
		       uow_error *err)
{
	if (!t->lost || !strcmp(t->server, now->server))
		return 0;
	return error_set(err, UOW_EINDOUBT, "the COMMIT went to server '%s', "
			 "the connection is to '%s'", t->server, now->server);
}

int token_ready(struct token *t, struct backend_conn *c, uint64_t deadline,
		uow_error *err)
{
	const struct backend_place *place;
	int rc = ask_place(c, &place, err);

	if (!rc)
		rc = check_place(t, place, err);
	if (!rc && !t->mapping)
		rc = db_commits(t->db, c, &t->mapping, err);
	/* Known to be good by then. */
	if (!rc && !t->inserted)
		rc = db_commits_prove(t->db, c, deadline, err);
	return rc;
}

/* The program's clock may stand still in tests, the system's in suspend. */
static bool may_be_pruned(const struct token *t)
{
	uint64_t now = clock_now(&t->db->clock);

	return now - t->since > KEEP_USEC ||
	       clock_boot() - t->since_boot > KEEP_USEC;
}

int token_insert(struct token *t, struct backend_conn *c, unsigned attempt,
		 uow_error *err)
{
	if (t->lost && may_be_pruned(t))
		return error_set(err, UOW_EINDOUBT, "the token is too old to "
				 "be written again: its row may be pruned");
	if (!t->inserted) {
		t->inserted = true;
		t->since = clock_now(&t->db->clock);
		t->since_boot = clock_boot();
	}
	return commits_insert(c, t->mapping, &t->id, attempt, err);
}

int token_read(struct token *t, struct backend_conn *c, unsigned *attempt,
	       uow_error *err)
{
	struct commit_row row;
	int rc = commits_read(c, t->mapping, &t->id, &row, err);

	if (!rc)
		*attempt = (unsigned)row.attempt;
	return rc;
}

int token_endpoint(const struct token *t)
{
	return t->lost && !t->shared ? (int)t->endpoint : LEASE_ANY;
}

void token_lost(struct token *t, struct backend_conn *c)
{
	const struct backend_place *place;
	uow_error ignored;

	if (t->lost)
		return;
	t->lost = true;
	t->endpoint = c->endpoint;
	/* Asked before the transaction, so that it is known by now. */
	if (!ask_place(c, &place, &ignored)) {
		memcpy(t->server, place->server, sizeof(t->server));
		t->shared = place->shared;
	}
}
