/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/* A unit's life: it fails once, it ends once, and says so ever after. */

static void add_plain(uow_unit *u, int64_t id)
{
	struct plain p;

	memset(&p, 0, sizeof(p));
	p.id = id;
	plain_add(plain_repository_of(u), &p);
}

static int refuse_row(uow_unit *u, const void *row, void *arg)
{
	(void)u;
	(void)row;
	(void)arg;
	return 0;
}

static int no_work(uow_unit *u, void *arg)
{
	(void)u;
	if (arg)
		++*(unsigned *)arg;
	return 0;
}

/* Every call that changes or reads; all must give code, or NULL. */
static void all_calls_give(uow_unit *u, uow_repository *r, void *object,
			   int code)
{
	uow_key key = uow_id(1);
	uow_query q = UOW_QUERY_INIT;
	struct plain p;
	uow_rows rows;
	uint64_t n = 77;
	void *objects[1];
	unsigned ran = 0;

	memset(&p, 0, sizeof(p));
	p.id = 99;
	q.where = uow_all();
	rows.count = 77;
	assert_null(uow_get(r, key));
	assert_null(uow_lookup(r, key));
	assert_null(uow_get_locked(r, key));
	assert_null(uow_one(r, uow_all()));
	assert_null(uow_add(r, &p));
	assert_null(uow_attach(r, &p));
	assert_int_equal(uow_get_many(r, &key, 1, objects), code);
	assert_int_equal(uow_find(r, &q, &rows), code);
	assert_int_equal(rows.count, 0);
	assert_int_equal(uow_count(r, uow_all(), &n), code);
	assert_int_equal(n, 0);
	assert_int_equal(uow_each(r, &q, refuse_row, NULL), code);
	assert_int_equal(uow_insert_all(r, &p, 1), code);
	assert_int_equal(uow_remove(r, object), code);
	assert_int_equal(uow_refresh(r, object), code);
	rows.count = 77;
	assert_int_equal(uow_find_sql(r, "SELECT 1", NULL, 0, &rows), code);
	assert_int_equal(rows.count, 0);
	assert_int_equal(uow_each_sql(r, "SELECT 1", NULL, 0, refuse_row,
				      NULL), code);
	if (!u)
		return;
	assert_int_equal(uow_flush(u), code);
	assert_int_equal(uow_exec(u, "DELETE FROM plains", NULL, 0, NULL),
			 code);
	assert_int_equal(uow_nested(u, no_work, &ran), code);
	assert_int_equal(uow_refer(u, object, "x", object), code);
	assert_int_equal(uow_on(u, UOW_BEFORE_COMMIT, no_work, NULL), code);
	assert_int_equal(ran, 0);
}

/* 37, 38, 45, 56: the first failure stays, nothing is done after it */
static void the_first_failure_sticks(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct plain *p;
	char message[UOW_ERROR_TEXT];
	uow_unit *u;
	int i;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &plain_entity);
	p = need(u, uow_get(r, uow_id(1)));
	assert_null(uow_get(r, uow_id(42)));
	failed(u, UOW_ENOTFOUND);
	strcpy(message, uow_unit_error(u)->message);
	p->amount = 5;
	all_calls_give(u, r, p, UOW_ENOTFOUND);
	assert_int_equal(uow_fail(u, UOW_EREJECTED, "later"), UOW_ENOTFOUND);
	assert_int_equal(uow_commit(u), UOW_ENOTFOUND);
	for (i = 0; i < 5; i++)		/* ended, and it says why */
		assert_int_equal(uow_commit(u), UOW_ESTATE);
	failed(u, UOW_ENOTFOUND);
	assert_string_equal(uow_unit_error(u)->message, message);
	uow_unit_free(u);
	u = begin(f);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 0);
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

/* 45: duplicate key at commit; the rest is lost too; done again it commits */
static void a_duplicate_key_at_commit_undoes_all(void **state)
{
	struct fixture *f = *state;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	commit(u);
	u = begin(f);
	add_plain(u, 2);
	add_plain(u, 1);
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	contains(uow_unit_error(u)->entity, "plain");
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	failed(u, UOW_EDUPLICATE);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	u = begin(f);
	add_plain(u, 2);
	commit(u);
	assert_int_equal(rows_in(f, &plain_entity), 2);
}

/* 15, 36, 55, 117: an ended unit can be read, and that is all */
static void a_committed_unit_refuses_everything_but_reading(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	r = uow_repository_of(u, &plain_entity);
	p = need(u, uow_get(r, uow_id(1)));
	must(u, uow_commit(u));
	all_calls_give(u, r, p, UOW_ESTATE);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	assert_int_equal(uow_fail(u, UOW_EREJECTED, "late"), UOW_ESTATE);
	uow_rollback(u);
	assert_int_equal(uow_status(u), 0);
	assert_int_equal(uow_unit_error(u)->code, 0);
	assert_int_equal(p->id, 1);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);
}

static void a_rolled_back_unit_refuses_everything_but_reading(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct plain *p;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	r = uow_repository_of(u, &plain_entity);
	p = need(u, uow_get(r, uow_id(1)));
	uow_rollback(u);
	uow_rollback(u);
	all_calls_give(u, r, p, UOW_ESTATE);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

/* 5: a handle that could not be had does nothing */
static void a_null_repository_does_nothing(void **state)
{
	struct plain p;

	(void)state;
	memset(&p, 0, sizeof(p));
	all_calls_give(NULL, NULL, &p, UOW_ESTATE);
}

static void fail_keeps_the_first_reason_and_its_text(void **state)
{
	struct fixture *f = *state;
	uow_unit *u = begin(f);

	assert_int_equal(uow_fail(u, UOW_EAPP - 3, "only %d left", 7),
			 UOW_EAPP - 3);
	assert_int_equal(uow_fail(u, UOW_EAPP - 4, "second"), UOW_EAPP - 3);
	contains(uow_unit_error(u)->message, "only 7 left");
	assert_int_equal(uow_commit(u), UOW_EAPP - 3);
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(uow_fail(u, 5, "positive"), UOW_EINVAL);
	failed(u, UOW_EINVAL);
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(uow_fail(u, 0, "zero"), UOW_EINVAL);
	uow_unit_free(u);
}

/* A very long reason is cut to one line, not written past its end. */
static void a_long_reason_is_cut(void **state)
{
	struct fixture *f = *state;
	uow_unit *u = begin(f);
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	uow_fail(u, UOW_EREJECTED, "%s", text);
	assert_true(strlen(uow_unit_error(u)->message) < UOW_ERROR_TEXT);
	contains(uow_unit_error(u)->message, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	uow_unit_free(u);
}

/* 99: an object belongs to its unit */
static void an_object_of_another_unit_is_refused(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct plain *p, stranger;
	uow_unit *u, *v;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	commit(u);
	o.read_only = true;
	u = begin_on(f->db, &o);
	p = need(u, plain_get(plain_repository_of(u), 1));
	v = begin(f);
	must_fail(v, plain_remove(plain_repository_of(v), p), UOW_EINVAL);
	uow_unit_free(v);
	v = begin(f);
	must_fail(v, plain_refresh(plain_repository_of(v), p), UOW_EINVAL);
	uow_unit_free(v);
	v = begin(f);
	memset(&stranger, 0, sizeof(stranger));
	must_fail(v, plain_remove(plain_repository_of(v), &stranger),
		  UOW_EINVAL);
	uow_unit_free(v);
	v = begin(f);
	must_fail(v, plain_remove(plain_repository_of(v), NULL), UOW_EINVAL);
	uow_unit_free(v);
	uow_unit_free(u);
}

/* 99: and to its repository */
static void an_object_of_another_entity_is_refused(void **state)
{
	struct fixture *f = *state;
	struct slot s;
	void *added;
	uow_unit *u;

	tables(f, &plain_entity, &slot_entity, NULL);
	memset(&s, 0, sizeof(s));
	s.id = 1;
	u = begin(f);
	added = need(u, uow_add(uow_repository_of(u, &slot_entity), &s));
	must_fail(u, uow_remove(uow_repository_of(u, &plain_entity), added),
		  UOW_EINVAL);
	uow_unit_free(u);
}

/* 5: asked twice, the same handle */
static void a_repository_is_made_once(void **state)
{
	struct fixture *f = *state;
	uow_unit *u = begin(f);

	assert_ptr_equal(need(u, uow_repository_of(u, &plain_entity)),
			 uow_repository_of(u, &plain_entity));
	assert_ptr_not_equal(uow_repository_of(u, &plain_entity),
			     uow_repository_of(u, &slot_entity));
	uow_unit_free(u);
}

static void a_read_only_unit_refuses_writing_before_sql(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	struct seen seen;
	struct plain *p, more;
	uow_unit *u;
	uow_db *db;
	int i;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	commit(u);
	memset(&more, 0, sizeof(more));
	more.id = 2;
	o.read_only = true;
	db = watched(f, &seen);
	for (i = 0; i < 4; i++) {
		u = begin_on(db, &o);
		p = need(u, plain_get(plain_repository_of(u), 1));
		p->amount = 7;		/* not looked at */
		if (i == 0)
			assert_null(plain_add(plain_repository_of(u), &more));
		else if (i == 1)
			plain_remove(plain_repository_of(u), p);
		else if (i == 2)
			plain_insert_all(plain_repository_of(u), &more, 1);
		else
			uow_exec(u, "DELETE FROM plains", NULL, 0, NULL);
		assert_true(uow_status(u) < 0);
		assert_int_equal(uow_commit(u), uow_status(u));
		uow_unit_free(u);
	}
	u = begin_on(db, &o);
	p = need(u, plain_get(plain_repository_of(u), 1));
	assert_int_equal(p->amount, 0);
	p->amount = 7;
	commit(u);
	assert_int_equal(seen.inserts + seen.updates + seen.deletes, 0);
	assert_int_equal(rows_in(f, &plain_entity), 1);
	uow_db_free(db);
}

/* 126: a unit without a transaction: each write is final */
static void a_simple_unit_commits_each_write(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u;

	tables(f, &plain_entity, NULL);
	o.simple = true;
	u = begin_on(f->db, &o);
	add_plain(u, 1);
	must(u, uow_flush(u));
	add_plain(u, 2);
	uow_rollback(u);	/* drops what was not flushed */
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 1);

	u = begin_on(f->db, &o);
	add_plain(u, 3);
	add_plain(u, 1);	/* there already */
	add_plain(u, 4);	/* never reached */
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 2);

	u = begin_on(f->db, &o);
	must_fail(u, uow_nested(u, no_work, NULL), UOW_ENOTSUP);
	uow_unit_free(u);
	u = begin(f);		/* 124: and the connection is as it was */
	add_plain(u, 5);
	uow_rollback(u);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &plain_entity), 2);
}

/* Attempts and time of a unit without limits. */
static void a_plain_unit_has_one_attempt_and_all_the_time(void **state)
{
	struct fixture *f = *state;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = begin(f);

	assert_int_equal(uow_attempt(u), 1);
	assert_true(uow_time_left_usec(u) == UINT64_MAX);
	uow_unit_free(u);
	o.timeout_ms = 5000;
	u = begin_on(f->db, &o);
	assert_true(uow_time_left_usec(u) <= 5000000);
	assert_true(uow_time_left_usec(u) > 1000000);
	uow_unit_free(u);
}

static void memory_of_the_unit_is_zeroed_and_stays(void **state)
{
	struct fixture *f = *state;
	const char *text, *copy;
	uow_unit *u = begin(f);
	char *p, big[3000];
	size_t i;

	p = need(u, uow_alloc(u, 100000));
	for (i = 0; i < 100000; i++)
		assert_int_equal(p[i], 0);
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	text = uow_format(u, "%s-%d", big, 42);
	assert_int_equal(strlen(text), sizeof(big) - 1 + 3);
	copy = uow_strdup(u, big);
	assert_ptr_not_equal(copy, big);
	assert_string_equal(copy, big);
	assert_null(uow_strdup(u, NULL));
	must(u, uow_status(u));
	must(u, uow_commit(u));
	assert_string_equal(copy, big);
	uow_unit_free(u);
	u = begin(f);
	assert_null(uow_alloc(u, SIZE_MAX - 8));
	failed(u, UOW_ENOMEM);
	uow_unit_free(u);
}

/* 37: a flush that failed, asked again: the same answer, and nothing sent */
static void a_failed_flush_gives_the_same_answer_again(void **state)
{
	struct fixture *f = *state;
	char message[UOW_ERROR_TEXT];
	struct seen seen;
	uow_unit *u;
	uow_db *db;
	int i;

	tables(f, &plain_entity, NULL);
	u = begin(f);
	add_plain(u, 1);
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	add_plain(u, 1);
	must_fail(u, uow_flush(u), UOW_EDUPLICATE);
	strcpy(message, uow_unit_error(u)->message);
	seen.inserts = 0;
	for (i = 0; i < 5; i++) {
		assert_int_equal(uow_flush(u), UOW_EDUPLICATE);
		add_plain(u, 2 + i);	/* 38: dropped */
		assert_string_equal(uow_unit_error(u)->message, message);
	}
	assert_int_equal(uow_commit(u), UOW_EDUPLICATE);
	assert_string_equal(uow_unit_error(u)->message, message);
	assert_int_equal(seen.inserts, 0);
	uow_unit_free(u);
	u = begin_on(db, NULL);
	add_plain(u, 2);
	commit(u);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 2);
}

static const struct CMUnitTest state_cases[] = {
	CASE(the_first_failure_sticks),
	CASE(a_duplicate_key_at_commit_undoes_all),
	CASE(a_committed_unit_refuses_everything_but_reading),
	CASE(a_rolled_back_unit_refuses_everything_but_reading),
	CASE(a_null_repository_does_nothing),
	CASE(fail_keeps_the_first_reason_and_its_text),
	CASE(a_long_reason_is_cut),
	CASE(an_object_of_another_unit_is_refused),
	CASE(an_object_of_another_entity_is_refused),
	CASE(a_repository_is_made_once),
	CASE(a_read_only_unit_refuses_writing_before_sql),
	CASE(a_simple_unit_commits_each_write),
	CASE(a_plain_unit_has_one_attempt_and_all_the_time),
	CASE(memory_of_the_unit_is_zeroed_and_stays),
	CASE(a_failed_flush_gives_the_same_answer_again),
};
TOPIC(state, "state");
