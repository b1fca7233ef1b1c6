/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

/*
 * A cluster in which each node writes, and the first of two that commit
 * wins: the other one hears of it at its next statement, or at COMMIT, from
 * then on in a new transaction that it has never begun.
 */

static uow_db *other_node(struct fixture *f)
{
	const char *connection = f->backend->second ?
				 getenv(f->backend->second) : NULL;
	uow_db *db = NULL;

	if (!connection)
		leave(f, LEFT_OTHER_KIND, "a cluster");
	succeeds(uow_db_open_simple(&db, connection, &f->err), &f->err);
	return db;
}

static int look(uow_db *db, int64_t id)
{
	uow_unit *u = begin_on(db, NULL);
	struct plain *p = plain_get(plain_repository_of(u), id);
	int n = p ? p->amount : -1;

	uow_unit_free(u);
	return n;
}

/* Until what was committed at one node is there at the other, too. */
static void wait_for(uow_db *db, int64_t id, int amount)
{
	int i;

	for (i = 0; i < 300 && look(db, id) != amount; i++)
		sleep_ms(10);
	assert_int_equal(look(db, id), amount);
}

static void store(struct fixture *f, uow_db *there)
{
	struct plain p = { 1, 10, "" };
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	p.id = 2;
	need(u, plain_add(plain_repository_of(u), &p));
	commit(u);
	wait_for(there, 2, 10);
}

static int add(uow_unit *u, int64_t id, int n)
{
	struct plain *p = plain_get(plain_repository_of(u), id);

	if (p)
		p->amount += n;
	return uow_flush(u);
}

static void the_second_to_commit_is_rolled_back(void **state)
{
	struct fixture *f = *state;
	uow_db *there = other_node(f);
	uow_unit *here, *loser;

	store(f, there);
	here = begin(f);
	must(here, add(here, 1, 1));
	loser = begin_on(there, NULL);
	must(loser, add(loser, 1, 100));
	commit(here);
	assert_int_equal(uow_commit(loser), UOW_EDEADLOCK);
	contains(uow_unit_error(loser)->step, "COMMIT");
	assert_string_equal(uow_unit_error(loser)->sqlstate, "40001");
	assert_true(uow_code_is_transient(UOW_EDEADLOCK));
	uow_unit_free(loser);
	wait_for(there, 1, 11);
	assert_int_equal(look(f->db, 1), 11);
	uow_db_free(there);
}

/* What follows would be stored by a COMMIT that the driver calls a success. */
static void the_loser_stores_nothing_of_the_rest(void **state)
{
	struct fixture *f = *state;
	uow_db *there = other_node(f);
	uow_unit *here, *loser;

	store(f, there);
	here = begin(f);
	must(here, add(here, 1, 1));
	loser = begin_on(there, NULL);
	must(loser, add(loser, 1, 100));
	commit(here);
	wait_for(there, 1, 11);
	assert_int_equal(add(loser, 2, 100), UOW_EDEADLOCK);
	assert_int_not_equal(add(loser, 2, 100), 0);
	assert_int_equal(uow_commit(loser), UOW_EDEADLOCK);
	uow_unit_free(loser);
	assert_int_equal(look(there, 2), 10);
	assert_int_equal(look(f->db, 2), 10);
	uow_db_free(there);
}

struct race {
	struct fixture *f;
	int attempts;
};

static int lose_once(uow_unit *u, void *arg)
{
	struct race *r = arg;
	uow_unit *rival;

	if (add(u, 1, 100) || r->attempts++)
		return 0;
	rival = begin(r->f);
	must(rival, add(rival, 1, 1));
	commit(rival);
	return 0;
}

static void a_run_that_lost_is_repeated(void **state)
{
	struct fixture *f = *state;
	uow_db *there = other_node(f);
	struct race r = { NULL, 0 };

	store(f, there);
	r.f = f;
	succeeds(uow_run(there, NULL, lose_once, &r, &f->err), &f->err);
	assert_in_range(r.attempts, 2, 5);
	wait_for(f->db, 1, 111);
	assert_int_equal(look(there, 1), 111);
	uow_db_free(there);
}

static const struct CMUnitTest cluster_cases[] = {
	CASE(the_second_to_commit_is_rolled_back),
	CASE(the_loser_stores_nothing_of_the_rest),
	CASE(a_run_that_lost_is_repeated),
};
TOPIC(cluster, "cluster");
