/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/lab.h"

#include <stdio.h>
#include <string.h>

/* Some threads, each with a connection of its own and a row of its own. */

enum { THREADS = 4, ROUNDS = 25, TRIES = 400 };

struct worker {
	struct lab lab;
	pthread_t thread;
	int id;
	int rounds;
};

static bool once(struct lab *l, SQLHDBC dbc, int id)
{
	int i;

	/* A database of one writer refuses the others for a while. */
	for (i = 0; i < TRIES; i++) {
		if (lab_dof(l, dbc, "UPDATE {a} SET v = v + 1 WHERE id = %d",
			    id) && lab_commit(l, dbc))
			return true;
		lab_rollback(l, dbc);
		if (l->error.code != UOW_ELOCKED &&
		    l->error.code != UOW_EDEADLOCK)
			return false;
		lab_sleep_ms(5);
	}
	return false;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	SQLHDBC dbc = NULL;

	if (conn_connect(w->lab.source, 0, &dbc, &w->lab.error))
		return NULL;
	lab_autocommit(dbc, false);
	while (w->rounds < ROUNDS && once(&w->lab, dbc, w->id))
		w->rounds++;
	lab_autocommit(dbc, true);
	lab_disconnect(&w->lab, dbc);
	return NULL;
}

void threads_run(struct lab *l, int arg)
{
	SQLHDBC a = lab_connect(l);
	struct worker w[THREADS];
	int i, started, rounds = 0;

	(void)arg;
	if (!a || !lab_fresh(l, a) || !lab_fill(l, a, THREADS))
		return;
	lab_do(l, a, "UPDATE {a} SET v = 0");
	memset(w, 0, sizeof(w));
	lab_step(l, "threads with connections of their own");
	for (started = 0; started < THREADS; started++) {
		w[started].lab = *l;
		w[started].id = started + 1;
		if (pthread_create(&w[started].thread, NULL, work,
				   &w[started]))
			break;
	}
	for (i = 0; i < started; i++) {
		pthread_join(w[i].thread, NULL);
		rounds += w[i].rounds;
		if (w[i].rounds < ROUNDS)
			lab_see(l, "why", "%s", w[i].lab.error.message);
	}
	lab_number_seen(l, "wanted", THREADS * ROUNDS);
	lab_number_seen(l, "done-rounds", rounds);
	lab_number_seen(l, "sum", lab_number(l, a, "SELECT sum(v) FROM {a}"));
	lab_drop(l, a, "a");
	lab_disconnect(l, a);
}
