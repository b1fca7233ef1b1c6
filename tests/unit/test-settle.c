/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/settle.c, unit/token.c: exactly_once, on tables in memory. */
#include "memory-town.h"

#include <stdlib.h>

#include "base/random.h"

/* The library's own table, as a program may look at it. */
struct commit {
	uow_uuid token;
	int32_t attempt;
	uow_timestamp at;
};
static const uow_column commit_columns[] = {
	UOW_UUID(struct commit, token, "token", UOW_KEY),
	UOW_INT32(struct commit, attempt, "attempt", 0),
	UOW_TIMESTAMP(struct commit, at, "at", UOW_GENERATED),
};
static const uow_entity commit_entity =
	UOW_ENTITY(struct commit, "uow_commit", commit_columns);

static int setup(void **state)
{
	town_new(state);
	assert_int_equal(uow_schema_create_commits(db, &err), 0);
	build(1, 1);
	return 0;
}

static void fault(uow_memory_step step, unsigned nth, int code, bool happened)
{
	uow_memory_fault f = { .step = step, .nth = nth, .code = code,
			       .happened = happened };

	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
}

static void commit_lost(unsigned nth, bool happened)
{
	fault(UOW_MEMORY_COMMIT, nth, UOW_EINDOUBT, happened);
}

/* It is on its way until so many units have begun. */
static void commit_late(unsigned nth, unsigned later)
{
	uow_memory_fault f = { .step = UOW_MEMORY_COMMIT, .nth = nth,
			       .code = UOW_EINDOUBT, .happened = true,
			       .later = later };

	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
}

static void no_connection(unsigned nth, unsigned times)
{
	uow_memory_fault f = { .step = UOW_MEMORY_BEGIN, .nth = nth,
			       .times = times, .code = UOW_ECONNECT };

	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
}

/* -- a run -- */

struct story {
	unsigned bodies, refuse_from;	/* this body and later say no */
	unsigned commits, rollbacks, committed_attempt;
	uint64_t takes;			/* time, of each body */
};

static struct story story;

static int noted_commit(uow_unit *u, void *arg)
{
	(void)arg;
	story.commits++;
	story.committed_attempt = uow_attempt(u);
	assert_int_equal(uow_status(u), 0);
	return 0;
}

static int noted_rollback(uow_unit *u, void *arg)
{
	(void)arg;
	story.rollbacks++;
	assert_int_not_equal(uow_status(u), UOW_EINDOUBT);
	return 0;
}

static int add_room(uow_unit *u, void *arg)
{
	struct house *h;

	(void)arg;
	story.bodies++;
	still.now += story.takes;
	uow_on(u, UOW_AFTER_COMMIT, noted_commit, NULL);
	uow_on(u, UOW_AFTER_ROLLBACK, noted_rollback, NULL);
	h = house(u, 1);
	if (story.refuse_from && story.bodies >= story.refuse_from)
		return uow_fail(u, UOW_EREJECTED, "no more rooms");
	if (h)
		h->rooms++;
	return 0;
}

static int run_with(uow_options *o)
{
	static const uow_error none = UOW_ERROR_INIT;

	err = none;
	o->exactly_once = true;
	return uow_run(db, o, add_room, NULL, &err);
}

static int run(void)
{
	uow_options o = UOW_OPTIONS_INIT;

	return run_with(&o);
}

static int setup_run(void **state)
{
	memset(&story, 0, sizeof(story));
	return setup(state);
}

static uint64_t tokens(void)
{
	uow_unit *u = begin();
	uint64_t n = 0;

	assert_int_equal(uow_count(uow_repository_of(u, &commit_entity),
				   uow_all(), &n), 0);
	uow_unit_free(u);
	return n;
}

static void ends_with(int code, int32_t rooms_now, unsigned bodies)
{
	assert_int_equal(err.code, code);
	assert_int_equal(rooms(1), rooms_now);
	assert_int_equal(story.bodies, bodies);
	assert_int_equal(story.commits, code == 0);
	assert_int_equal(uow_memory_faults_clear(db), 0);
}

static void a_run_leaves_its_token(void **state)
{
	(void)state;
	assert_int_equal(run(), 0);
	ends_with(0, 2, 1);
	assert_int_equal(tokens(), 1);
	assert_int_equal(run(), 0);
	assert_int_equal(tokens(), 2);
}

static void a_lost_commit_that_happened_is_found(void **state)
{
	(void)state;
	commit_lost(1, true);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 1);
	assert_int_equal(story.committed_attempt, 1);
	assert_int_equal(story.rollbacks, 0);
	assert_int_equal(tokens(), 1);
}

static void a_lost_commit_that_did_not_happen_is_repeated(void **state)
{
	(void)state;
	commit_lost(1, false);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 2);
	assert_int_equal(story.committed_attempt, 2);
	assert_int_equal(story.rollbacks, 1);
}

static void the_second_of_two_lost_commits_may_be_the_one(void **state)
{
	(void)state;
	commit_lost(1, false);
	commit_lost(2, true);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 2);
	assert_int_equal(story.committed_attempt, 2);
	assert_int_equal(story.rollbacks, 1);
}

static void attempts_used_up_in_doubt_are_settled(void **state)
{
	(void)state;
	commit_lost(1, false);
	commit_lost(2, false);
	commit_lost(3, false);
	assert_int_equal(run(), UOW_ECONNECT);
	ends_with(UOW_ECONNECT, 1, 3);
	assert_int_equal(story.rollbacks, 3);
	assert_non_null(strstr(err.message, "nothing is stored"));
	assert_int_equal(tokens(), 1);	/* the tombstone */
}

static void the_last_lost_commit_may_have_happened(void **state)
{
	(void)state;
	commit_lost(1, false);
	commit_lost(2, false);
	commit_lost(3, true);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 3);
	assert_int_equal(story.committed_attempt, 3);
	assert_int_equal(story.rollbacks, 2);
}

/* Its own reads may be stale: what it says is not proof of anything. */
static void a_body_that_refuses_in_doubt_is_settled_first(void **state)
{
	(void)state;
	story.refuse_from = 2;
	commit_lost(1, false);
	assert_int_equal(run(), UOW_EREJECTED);
	ends_with(UOW_EREJECTED, 1, 2);
	assert_string_equal(err.message, "no more rooms");
	assert_int_equal(tokens(), 1);
}

static void a_lost_tombstone_is_read(void **state)
{
	(void)state;
	story.refuse_from = 2;
	commit_lost(1, false);
	commit_lost(2, true);
	assert_int_equal(run(), UOW_EREJECTED);
	ends_with(UOW_EREJECTED, 1, 2);
}

/* The fence waits for its lock, gives up, and comes again. */
static void a_commit_that_arrives_late_is_the_one(void **state)
{
	unsigned later;

	(void)state;
	for (later = 1; later <= 5; later++) {
		memset(&story, 0, sizeof(story));
		commit_late(1, later);
		assert_int_equal(run(), 0);
		ends_with(0, 1 + (int32_t)later, 1);
		assert_int_equal(story.committed_attempt, 1);
	}
	assert_int_equal(tokens(), 5);
}

/* The body has refused: a tombstone cannot be had before it has arrived. */
static void a_tombstone_does_not_overtake_a_commit(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	(void)state;
	o.timeout_ms = 1000;
	story.takes = 999999;
	commit_late(1, 3);
	assert_int_equal(run_with(&o), 0);
	ends_with(0, 2, 1);
	assert_int_equal(tokens(), 1);
}

static void a_commit_that_does_not_arrive_in_time_stays_in_doubt(void **state)
{
	int i;

	(void)state;
	commit_late(1, 1000);
	assert_int_equal(run(), UOW_EINDOUBT);
	assert_int_equal(story.commits + story.rollbacks, 0);
	for (i = 0; i < 1000; i++)
		rooms(1);
	assert_int_equal(rooms(1), 2);
}

static void a_server_that_is_away_is_waited_for(void **state)
{
	(void)state;
	commit_lost(1, false);
	no_connection(2, 20);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 2);
	assert_int_equal(story.committed_attempt, 2);
}

/* What no connection can be had for stays unknown, and is said to be. */
static void without_a_connection_the_doubt_stays(void **state)
{
	(void)state;
	commit_lost(1, true);
	no_connection(2, 100000);
	assert_int_equal(run(), UOW_EINDOUBT);
	assert_int_equal(err.code, UOW_EINDOUBT);
	assert_non_null(strstr(err.message, "could not be found out"));
	assert_int_equal(story.commits, 0);
	assert_int_equal(story.rollbacks, 0);
	/* 30 s of patience, 5 s of settling */
	assert_in_range(still.now, 36000000, 39000000);
	uow_memory_faults_clear(db);
	assert_int_equal(rooms(1), 2);
}

static void time_that_is_up_in_doubt_is_settled(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	(void)state;
	o.timeout_ms = 1000;
	story.takes = 999999;
	commit_lost(1, false);
	assert_int_equal(run_with(&o), UOW_ETIMEOUT);
	/* A microsecond is left for another. */
	ends_with(UOW_ETIMEOUT, 1, story.bodies == 2 ? 2 : 1);
	assert_int_equal(tokens(), 1);
}

static void settling_takes_no_more_than_its_time(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	(void)state;
	o.timeout_ms = 1000;
	o.settle_ms = 2000;
	commit_lost(1, true);
	no_connection(2, 100000);
	assert_int_equal(run_with(&o), UOW_EINDOUBT);
	assert_in_range(still.now, 4000000, 6000001);
	uow_memory_faults_clear(db);
}

static void an_error_of_the_token_itself_stays_in_doubt(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_WRITE, .nth = 2,
			       .code = UOW_EDENIED, .entity = &commit_entity };

	(void)state;
	commit_lost(1, false);
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), UOW_EINDOUBT);
	assert_non_null(strstr(err.message, "was asked to fail"));
	assert_int_equal(story.bodies, 1);
	assert_int_equal(story.rollbacks, 0);
}

/* The fence waits for the lock of the lost transaction: a cancel ends that. */
static void a_cancel_of_the_fence_is_settled_by_a_tombstone(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_WRITE, .nth = 2,
			       .code = UOW_ECANCELED,
			       .entity = &commit_entity };

	(void)state;
	commit_lost(1, false);
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), UOW_ECANCELED);
	ends_with(UOW_ECANCELED, 1, 1);
	assert_int_equal(story.rollbacks, 1);
	assert_int_equal(tokens(), 1);	/* the tombstone */
}

static void a_cancel_of_the_fence_finds_what_is_stored(void **state)
{
	uow_memory_fault f = { .step = UOW_MEMORY_WRITE, .nth = 2,
			       .code = UOW_ECANCELED,
			       .entity = &commit_entity };

	(void)state;
	commit_lost(1, true);
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 1);
	assert_int_equal(tokens(), 1);
}

static void an_error_of_the_token_without_doubt_is_told(void **state)
{
	(void)state;
	fault(UOW_MEMORY_WRITE, 1, UOW_EDENIED, false);
	assert_int_equal(run(), UOW_EDENIED);
	ends_with(UOW_EDENIED, 1, 0);
}

/* Half of the time for which tokens are kept. */
static int days_go_by(uow_unit *u, void *arg)
{
	if (story.bodies == 1)
		still.now += UINT64_C(4) * 24 * 3600 * 1000000;
	return add_room(u, arg);
}

static void a_token_that_may_be_pruned_is_not_written_again(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;

	(void)state;
	o.exactly_once = true;
	o.attempts = 5;
	commit_lost(1, false);
	fault(UOW_MEMORY_COMMIT, 2, UOW_EDEADLOCK, false);
	assert_int_equal(uow_run(db, &o, days_go_by, NULL, &err),
			 UOW_EINDOUBT);
	assert_non_null(strstr(err.message, "too old"));
	assert_int_equal(story.bodies, 2);
}

static void conflicts_are_repeated_with_the_same_token(void **state)
{
	(void)state;
	fault(UOW_MEMORY_COMMIT, 1, UOW_EDEADLOCK, false);
	assert_int_equal(run(), 0);
	ends_with(0, 2, 2);
	assert_int_equal(story.rollbacks, 1);
	assert_int_equal(tokens(), 1);
}

/* -- by hand -- */

static uow_unit *begin_once(void)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	o.exactly_once = true;
	assert_int_equal(uow_begin(&u, db, &o, &err), 0);
	add_room(u, NULL);
	return u;
}

static void by_hand_a_commit_that_happened_is_success(void **state)
{
	uow_unit *u = begin_once();

	(void)state;
	commit_lost(1, true);
	ends(u, 0);
	assert_int_equal(story.commits, 1);
	assert_int_equal(rooms(1), 2);
}

static void by_hand_a_commit_that_did_not_is_a_lost_connection(void **state)
{
	uow_unit *u = begin_once();

	(void)state;
	commit_lost(1, false);
	assert_int_equal(uow_commit(u), UOW_ECONNECT);
	assert_int_equal(uow_status(u), UOW_ECONNECT);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
	assert_int_equal(story.commits, 0);
	assert_int_equal(story.rollbacks, 1);
	assert_int_equal(rooms(1), 1);
	assert_int_equal(tokens(), 1);
}

static void by_hand_a_doubt_that_stays_is_told(void **state)
{
	uow_unit *u = begin_once();

	(void)state;
	commit_lost(1, true);
	no_connection(1, 100000);
	assert_int_equal(uow_commit(u), UOW_EINDOUBT);
	assert_int_equal(uow_status(u), UOW_EINDOUBT);
	uow_unit_free(u);
	assert_int_equal(story.commits + story.rollbacks, 0);
}

/* -- refusals -- */

static void what_has_no_commit_is_refused(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	(void)state;
	o.simple = true;
	assert_int_equal(run_with(&o), UOW_ENOTSUP);
	assert_int_equal(uow_begin(&u, db, &o, &err), UOW_ENOTSUP);
	o.simple = false;
	o.read_only = true;
	assert_int_equal(run_with(&o), UOW_ENOTSUP);
	assert_null(u);
	assert_int_equal(story.bodies, 0);
}

static void without_the_table_nothing_begins(void **state)
{
	const uow_entity *one = &commit_entity;
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;

	(void)state;
	town_free(NULL);
	town_new(NULL);
	o.exactly_once = true;
	assert_int_equal(run_with(&o), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "uow_schema_create_commits"));
	assert_int_equal(uow_begin(&u, db, &o, &err), UOW_ECONFIG);
	assert_int_equal(story.bodies, 0);
	assert_int_equal(uow_schema_create_commits(db, &err), 0);
	assert_int_equal(uow_schema_create_commits(db, &err), 0);
	build(1, 1);
	assert_int_equal(run_with(&o), 0);
	assert_int_equal(uow_schema_drop(db, &one, 1, &err), 0);
}

/* -- whatever happens -- */

static struct random dice;

enum { LATEST = 6 };

static unsigned roll(unsigned below)
{
	return (unsigned)random_upto(&dice, below - 1);
}

static void random_fault(void)
{
	static const int codes[] = {
		UOW_EDEADLOCK, UOW_ELOCKED, UOW_ECONFLICT, UOW_ECONNECT,
		UOW_ECONNECT, UOW_EIO, UOW_ENOMEM, UOW_EDENIED
	};
	uow_memory_fault f;

	memset(&f, 0, sizeof(f));
	f.nth = 1 + roll(4);
	f.times = 1 + roll(3);
	if (roll(2)) {
		f.step = UOW_MEMORY_COMMIT;
		f.code = UOW_EINDOUBT;
		f.happened = roll(2);
		f.later = f.happened && roll(2) ? 1 + roll(LATEST) : 0;
	} else {
		static const uow_memory_step steps[] = {
			UOW_MEMORY_BEGIN, UOW_MEMORY_READ, UOW_MEMORY_WRITE,
			UOW_MEMORY_COMMIT
		};

		f.step = steps[roll(4)];
		f.code = codes[roll(8)];
		if (!roll(3))
			f.times = 100000;
	}
	assert_int_equal(uow_memory_fail(db, &f, &err), 0);
}

/* Each answer is what is stored. */
static void check_answer(int rc, int32_t before, unsigned i)
{
	int32_t now = rooms(1);

	if (rc == 0 ? now != before + 1 || story.commits != 1 :
	    rc == UOW_EINDOUBT ? now - before > 1 || now < before ||
				 story.commits :
	    now != before || story.commits ||
	    story.rollbacks < (story.bodies > 0))
		fail_msg("run %u: %s, rooms %d -> %d, %u bodies, %u commits, "
			 "%u rollbacks", i, uow_code_name(rc), (int)before,
			 (int)now, story.bodies, story.commits,
			 story.rollbacks);
	/* Each unit is told its end once, unless nobody knows it. */
	if (rc != UOW_EINDOUBT)
		assert_int_equal(story.commits + story.rollbacks,
				 story.bodies);
}

static int random_run(bool by_hand)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_unit *u = NULL;
	int rc;

	o.exactly_once = true;
	o.attempts = 1 + roll(4);
	o.timeout_ms = roll(2) ? 1 + roll(3000) : 0;
	o.settle_ms = roll(2) ? 1 + roll(300) : 0;
	if (!by_hand)
		return uow_run(db, &o, add_room, NULL, &err);
	rc = uow_begin(&u, db, &o, &err);
	if (rc)
		return rc;
	add_room(u, NULL);
	rc = uow_commit(u);
	uow_unit_free(u);
	return rc;
}

/* 20000 runs, or as many as UOW_TEST_RUNS says, with faults at any step. */
static void every_answer_is_what_is_stored(void **state)
{
	const char *many = getenv("UOW_TEST_RUNS");
	unsigned i, n = many ? (unsigned)atoi(many) : 20000;
	unsigned seen[3] = { 0, 0, 0 };
	int32_t before = 1;
	int rc, k;

	(void)state;
	random_seed(&dice, 20);
	for (i = 0; i < n; i++) {
		memset(&story, 0, sizeof(story));
		story.refuse_from = roll(4);
		story.takes = roll(3) ? 0 : roll(1000) * 1000;
		for (k = (int)roll(5); k > 0; k--)
			random_fault();
		rc = random_run(!roll(4));
		uow_memory_faults_clear(db);
		check_answer(rc, before, i);
		for (k = 0; rc == UOW_EINDOUBT && k < 2 * LATEST; k++)
			rooms(1);
		before = rooms(1);
		seen[rc == 0 ? 0 : rc == UOW_EINDOUBT ? 1 : 2]++;
	}
	for (k = 0; k < 3; k++)
		assert_true(seen[k] > n / 50);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup_run, town_free)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_run_leaves_its_token),
		TEST(a_lost_commit_that_happened_is_found),
		TEST(a_lost_commit_that_did_not_happen_is_repeated),
		TEST(the_second_of_two_lost_commits_may_be_the_one),
		TEST(attempts_used_up_in_doubt_are_settled),
		TEST(the_last_lost_commit_may_have_happened),
		TEST(a_body_that_refuses_in_doubt_is_settled_first),
		TEST(a_lost_tombstone_is_read),
		TEST(a_commit_that_arrives_late_is_the_one),
		TEST(a_tombstone_does_not_overtake_a_commit),
		TEST(a_commit_that_does_not_arrive_in_time_stays_in_doubt),
		TEST(a_server_that_is_away_is_waited_for),
		TEST(without_a_connection_the_doubt_stays),
		TEST(time_that_is_up_in_doubt_is_settled),
		TEST(settling_takes_no_more_than_its_time),
		TEST(an_error_of_the_token_itself_stays_in_doubt),
		TEST(a_cancel_of_the_fence_is_settled_by_a_tombstone),
		TEST(a_cancel_of_the_fence_finds_what_is_stored),
		TEST(an_error_of_the_token_without_doubt_is_told),
		TEST(a_token_that_may_be_pruned_is_not_written_again),
		TEST(conflicts_are_repeated_with_the_same_token),
		TEST(by_hand_a_commit_that_happened_is_success),
		TEST(by_hand_a_commit_that_did_not_is_a_lost_connection),
		TEST(by_hand_a_doubt_that_stays_is_told),
		TEST(what_has_no_commit_is_refused),
		TEST(without_the_table_nothing_begins),
		TEST(every_answer_is_what_is_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
