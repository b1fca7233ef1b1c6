/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <pthread.h>
#include <string.h>

/* One data source, many threads; one unit, one thread at a time. */

struct worker {
	uow_db *db;
	int number, rc;
	char message[UOW_ERROR_TEXT];
};

static int work(uow_unit *u, void *arg)
{
	struct worker *w = arg;
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = w->number;
	p.label = uow_format(u, "worker %d", w->number);
	plain_add(plain_repository_of(u), &p);
	uow_flush(u);
	plain_get(plain_repository_of(u), w->number);
	return 0;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	int i;

	o.attempts = 1000;
	o.lock_timeout_ms = 10000;
	for (i = 0; i < 20 && !w->rc; i++) {
		w->rc = uow_run(w->db, &o, work, w, &err);
		w->number += 100;
	}
	strcpy(w->message, err.message);
	return NULL;
}

/* More threads than connections: they wait for each other. */
static void more_threads_than_connections_take_turns(void **state)
{
	struct fixture *f = *state;
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_pool_stats stats;
	struct worker w[8];
	pthread_t threads[8];
	uow_db *db;
	int i;

	tables(f, &plain_entity, NULL);
	o.pool_max = 2;
	o.acquire_timeout_ms = 30000;
	db = another_with(f, &o);
	memset(w, 0, sizeof(w));
	for (i = 0; i < 8; i++) {
		w[i].db = db;
		w[i].number = i;
		assert_int_equal(pthread_create(&threads[i], NULL,
						worker_main, &w[i]), 0);
	}
	for (i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 8; i++)
		code_(w[i].rc, 0, NULL, w[i].message, __FILE__, __LINE__);
	uow_db_stats(db, &stats, sizeof(stats));
	assert_in_range(stats.open, 1, 2);
	assert_int_equal(stats.open, stats.idle);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 160);
}

static void *finish(void *arg)
{
	uow_unit *u = arg;
	struct plain *p = plain_get(plain_repository_of(u), 1);

	if (p)
		p->amount = 2;
	return uow_commit(u) ? u : NULL;
}

/* 136: a unit may be handed to another thread, its end included */
static void a_unit_may_be_handed_over(void **state)
{
	struct fixture *f = *state;
	struct plain p;
	pthread_t thread;
	uow_unit *u;
	void *failed_unit = f;

	tables(f, &plain_entity, NULL);
	memset(&p, 0, sizeof(p));
	p.id = 1;
	u = begin(f);
	need(u, plain_add(plain_repository_of(u), &p));
	must(u, uow_flush(u));
	assert_int_equal(pthread_create(&thread, NULL, finish, u), 0);
	pthread_join(thread, &failed_unit);
	assert_null(failed_unit);
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(((struct plain *)need(u,
		plain_get(plain_repository_of(u), 1)))->amount, 2);
	commit(u);
}

/* A copy of the case's: it has the error in it. */
struct opener {
	struct fixture fixture;
	int rc;
};

static void *open_and_close(void *arg)
{
	struct opener *o = arg;
	uow_db *db;
	int i;

	for (i = 0; i < 10 && !o->rc; i++) {
		o->rc = source_open(&o->fixture, &db, NULL);
		if (!o->rc)
			uow_db_free(db);
	}
	return NULL;
}

/* Data sources are opened and closed by several threads at once. */
static void data_sources_are_opened_by_threads_at_once(void **state)
{
	struct fixture *f = *state;
	struct opener o[4];
	pthread_t threads[4];
	int i;

	memset(o, 0, sizeof(o));
	for (i = 0; i < 4; i++) {
		o[i].fixture = *f;
		assert_int_equal(pthread_create(&threads[i], NULL,
						open_and_close, &o[i]), 0);
	}
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 4; i++)
		assert_int_equal(o[i].rc, 0);
}

/* A mapping seen for the first time by several threads at once. */
static void *first_use(void *arg)
{
	struct worker *w = arg;
	uow_unit *u = NULL;
	uow_error err = UOW_ERROR_INIT;

	w->rc = uow_begin(&u, w->db, NULL, &err);
	if (!w->rc && !uow_repository_of(u, &types_entity))
		w->rc = 1;
	if (!w->rc && !uow_repository_of(u, &nullable_entity))
		w->rc = 1;
	uow_unit_free(u);
	return NULL;
}

static void a_mapping_is_first_used_by_threads_at_once(void **state)
{
	struct fixture *f = *state;
	struct worker w[6];
	pthread_t threads[6];
	int i;

	memset(w, 0, sizeof(w));
	for (i = 0; i < 6; i++) {
		w[i].db = f->db;
		assert_int_equal(pthread_create(&threads[i], NULL, first_use,
						&w[i]), 0);
	}
	for (i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 6; i++)
		assert_int_equal(w[i].rc, 0);
}

static const struct CMUnitTest threads_cases[] = {
	CASE(more_threads_than_connections_take_turns),
	CASE(a_unit_may_be_handed_over),
	CASE(data_sources_are_opened_by_threads_at_once),
	CASE(a_mapping_is_first_used_by_threads_at_once),
};
TOPIC(threads, "threads");
