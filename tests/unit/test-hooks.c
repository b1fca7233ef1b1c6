/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <uow/repository.h>
#include "fake.h"
#include "unit/unit.h"

/* What hooks leave behind, and what the next one is to do. */
static struct {
	char order[64];
	struct fixture *fx;
	struct account *account;
	int seen, result;
} log_;

static uow_unit *begun(void **state)
{
	uow_unit *u = NULL;

	memset(&log_, 0, sizeof(log_));
	log_.fx = *state;
	assert_int_equal(uow_begin(&u, log_.fx->db, NULL, NULL), 0);
	return u;
}

static struct account *add(uow_unit *u, int64_t id)
{
	struct account a = { id, 100, "anna", 0 };

	return uow_add(uow_repository_of(u, &account_entity), &a);
}

/* A text of one letter that can be given as void *. */
static void *letter(char c)
{
	static char texts[128][2];

	texts[(int)c][0] = c;
	return texts[(int)c];
}

static int note(uow_unit *u, void *arg)
{
	(void)u;
	strcat(log_.order, arg);
	return 0;
}

static int refuse(uow_unit *u, void *arg)
{
	(void)u;
	return *(int *)arg;
}

static void hooks_run_in_order_of_registration(void **state)
{
	uow_unit *u = begun(state);
	static const uow_event events[] = {
		UOW_BEFORE_FLUSH, UOW_AFTER_FLUSH, UOW_BEFORE_COMMIT,
		UOW_AFTER_COMMIT
	};
	const char *of_unit = "fgcd", *of_db = "FGCD";
	size_t i;

	for (i = 4; i-- > 0; )
		assert_int_equal(uow_db_on(log_.fx->db, events[i], note,
					   letter(of_db[i]), NULL), 0);
	for (i = 4; i-- > 0; )
		assert_int_equal(uow_on(u, events[i], note,
					letter(of_unit[i])), 0);
	assert_int_equal(uow_on(u, UOW_AFTER_COMMIT, note, letter('2')), 0);
	assert_int_equal(uow_on(u, UOW_AFTER_ROLLBACK, note, letter('r')), 0);
	add(u, 1);
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(log_.order, "fFgGcCd2D");
	uow_unit_free(u);
}

static void negative_return_fails_the_unit(void **state)
{
	static const uow_event events[] = {
		UOW_BEFORE_FLUSH, UOW_AFTER_FLUSH, UOW_BEFORE_COMMIT
	};
	int code = UOW_EREJECTED;
	size_t i;

	for (i = 0; i < 3; i++) {
		uow_unit *u = begun(state);

		add(u, 1);
		uow_on(u, events[i], refuse, &code);
		uow_on(u, events[i], note, letter('x'));
		uow_on(u, UOW_AFTER_ROLLBACK, note, letter('r'));
		uow_on(u, UOW_AFTER_ROLLBACK, note, letter('s'));
		assert_int_equal(uow_commit(u), UOW_EREJECTED);
		assert_non_null(strstr(uow_unit_error(u)->message,
				       "hook returned UOW_EREJECTED"));
		assert_string_equal(log_.order, "rs");
		uow_unit_free(u);
		assert_int_equal(fake_count(&log_.fx->fake), 0);
	}
}

static void positive_return_of_a_hook_is_refused(void **state)
{
	uow_unit *u = begun(state);
	int code = 1;

	uow_on(u, UOW_BEFORE_COMMIT, refuse, &code);
	assert_int_equal(uow_commit(u), UOW_EINVAL);
	uow_unit_free(u);
}

static void returns_after_the_end_are_ignored(void **state)
{
	uow_unit *u = begun(state);
	int code = UOW_EREJECTED;

	uow_on(u, UOW_AFTER_COMMIT, refuse, &code);
	uow_on(u, UOW_AFTER_COMMIT, note, letter('a'));
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(uow_status(u), 0);
	assert_string_equal(log_.order, "a");
	uow_unit_free(u);
}

/* acceptance 30 */
static int begin_another(uow_unit *u, void *arg)
{
	uow_unit *other = NULL;
	uow_pool_stats s;

	(void)arg;
	uow_db_stats(u->db, &s, sizeof(s));
	log_.seen = (int)s.idle;
	log_.result = uow_begin(&other, u->db, NULL, NULL);
	if (!log_.result && log_.account->balance == 100)
		log_.result = uow_commit(other);
	uow_unit_free(other);
	return 0;
}

static void after_commit_hooks_have_the_connection_free(void **state)
{
	uow_unit *u = begun(state);

	log_.fx->db->max = 1;
	log_.account = add(u, 1);
	log_.result = 77;
	uow_on(u, UOW_AFTER_COMMIT, begin_another, NULL);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(log_.seen, 1);
	assert_int_equal(log_.result, 0);
	uow_unit_free(u);
}

/* acceptance 31 */
static int write_in_commit(uow_unit *u, void *arg)
{
	(void)arg;
	log_.account = add(u, 2);
	return 0;
}

static void before_commit_hooks_cannot_write(void **state)
{
	uow_unit *u = begun(state);

	add(u, 1);
	uow_on(u, UOW_BEFORE_COMMIT, write_in_commit, NULL);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	assert_null(log_.account);
	assert_non_null(strstr(uow_unit_error(u)->message, "before-commit"));
	uow_unit_free(u);
	assert_int_equal(fake_count(&log_.fx->fake), 0);
}

static int assign(uow_unit *u, void *arg)
{
	(void)u;
	((struct account *)arg)->balance++;
	return 0;
}

static void before_commit_hooks_cannot_assign(void **state)
{
	uow_unit *u = begun(state);
	struct account *a = add(u, 1);

	uow_on(u, UOW_BEFORE_COMMIT, assign, a);
	assert_int_equal(uow_commit(u), UOW_ESTATE);
	uow_unit_free(u);
}

static int read_in_commit(uow_unit *u, void *arg)
{
	(void)arg;
	log_.account = uow_get(uow_repository_of(u, &account_entity),
			       uow_id(5));
	return 0;
}

static void before_commit_hooks_can_read(void **state)
{
	uow_unit *u;

	fixture_store(*state, 5, 500);
	u = begun(state);
	uow_on(u, UOW_BEFORE_COMMIT, read_in_commit, NULL);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(log_.account->balance, 500);
	uow_unit_free(u);
}

static void before_flush_hooks_can_assign(void **state)
{
	uow_unit *u = begun(state);
	struct account *a = add(u, 1);
	const struct account *stored;

	uow_on(u, UOW_BEFORE_FLUSH, assign, a);
	assert_int_equal(uow_commit(u), 0);
	stored = fake_stored(&log_.fx->fake, &account_entity, 1);
	assert_true(stored->balance > 100);
	uow_unit_free(u);
}

/* acceptance 32 */
static int add_once(uow_unit *u, void *arg)
{
	int *left = arg;

	if ((*left)--> 0)
		add(u, 10 + *left);
	return 0;
}

static void after_flush_hooks_add_work_to_the_same_commit(void **state)
{
	uow_unit *u = begun(state);
	int left = 2;

	add(u, 1);
	uow_on(u, UOW_AFTER_FLUSH, add_once, &left);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(fake_count(&log_.fx->fake), 3);
	uow_unit_free(u);
}

static int end_here(uow_unit *u, void *arg)
{
	switch (*(int *)arg) {
	case 0:
		log_.result = uow_commit(u);
		break;
	case 1:
		uow_rollback(u);
		log_.result = uow_status(u);
		break;
	default:
		uow_unit_free(u);
		log_.result = uow_status(u);
		break;
	}
	return 0;
}

static void hooks_cannot_end_their_unit(void **state)
{
	int how;

	for (how = 0; how < 3; how++) {
		uow_unit *u = begun(state);

		uow_on(u, UOW_BEFORE_COMMIT, end_here, &how);
		assert_int_equal(uow_commit(u), UOW_ESTATE);
		assert_int_equal(log_.result, UOW_ESTATE);
		uow_unit_free(u);
	}
}

static int free_here(uow_unit *u, void *arg)
{
	(void)arg;
	uow_unit_free(u);
	return 0;
}

static void freeing_in_an_after_commit_hook_is_ignored(void **state)
{
	uow_unit *u = begun(state);

	uow_on(u, UOW_AFTER_COMMIT, free_here, NULL);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(uow_status(u), 0);
	uow_unit_free(u);
}

static int register_more(uow_unit *u, void *arg)
{
	strcat(log_.order, "m");
	return uow_on(u, UOW_BEFORE_COMMIT, register_more, arg);
}

static void hooks_registered_by_a_hook_wait_for_the_next_time(void **state)
{
	uow_unit *u = begun(state);

	uow_on(u, UOW_BEFORE_COMMIT, register_more, NULL);
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(log_.order, "m");
	uow_unit_free(u);
}

/* acceptance 9, 81 */
static int row_hook(uow_unit *u, const uow_entity *e, void *object, void *arg)
{
	(void)u;
	assert_ptr_equal(e, &account_entity);
	strcat(log_.order, arg);
	((struct account *)object)->balance = 7;
	return 0;
}

static int any_hook(uow_unit *u, const uow_entity *e, void *object, void *arg)
{
	(void)u;
	(void)e;
	(void)object;
	strcat(log_.order, arg);
	return 0;
}

static void row_hooks_may_still_assign(void **state)
{
	struct note n = { 0, "hello" };
	const struct account *stored;
	uow_unit *u = begun(state);

	assert_int_equal(uow_db_on_entity(log_.fx->db, NULL, UOW_BEFORE_INSERT,
					  any_hook, letter('D'), NULL), 0);
	assert_int_equal(uow_on_entity(u, &account_entity, UOW_BEFORE_INSERT,
				       row_hook, letter('i')), 0);
	assert_int_equal(uow_on_entity(u, &account_entity, UOW_BEFORE_DELETE,
				       row_hook, letter('x')), 0);
	assert_int_equal(uow_on_entity(u, NULL, UOW_BEFORE_INSERT, any_hook,
				       letter('a')), 0);
	add(u, 1);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(log_.order, "iaD");
	uow_add(uow_repository_of(u, &note_entity), &n);
	assert_int_equal(uow_commit(u), 0);
	assert_string_equal(log_.order, "iaDaD");
	stored = fake_stored(&log_.fx->fake, &account_entity, 1);
	assert_int_equal(stored->balance, 7);
	uow_unit_free(u);
}

static int refuse_row(uow_unit *u, const uow_entity *e, void *object,
		      void *arg)
{
	(void)u;
	(void)e;
	(void)object;
	return *(int *)arg;
}

static void row_hook_that_refuses_fails_the_unit(void **state)
{
	uow_unit *u = begun(state);
	int code = UOW_EAPP - 5;

	uow_on_entity(u, &account_entity, UOW_BEFORE_INSERT, refuse_row,
		      &code);
	add(u, 1);
	assert_int_equal(uow_commit(u), UOW_EAPP - 5);
	assert_non_null(strstr(uow_unit_error(u)->message,
			       "a before-insert hook returned -1005"));
	assert_non_null(strstr(uow_unit_error(u)->entity, "account"));
	uow_unit_free(u);
}

static void senseless_registrations_are_refused(void **state)
{
	struct fixture *fx = *state;
	uow_unit *u = begun(state);

	assert_int_equal(uow_db_on(NULL, UOW_AFTER_COMMIT, note, NULL, NULL),
			 UOW_EINVAL);
	assert_int_equal(uow_db_on(fx->db, (uow_event)9, note, NULL, NULL),
			 UOW_EINVAL);
	assert_int_equal(uow_db_on_entity(fx->db, NULL, UOW_BEFORE_INSERT,
					  NULL, NULL, NULL), UOW_EINVAL);
	assert_int_equal(uow_on_entity(u, NULL, (uow_row_event)9, any_hook,
				       NULL), UOW_EINVAL);
	uow_unit_free(u);
	u = begun(state);
	assert_int_equal(uow_on(u, UOW_AFTER_COMMIT, NULL, NULL), UOW_EINVAL);
	uow_unit_free(u);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hooks_run_in_order_of_registration),
		TEST(negative_return_fails_the_unit),
		TEST(positive_return_of_a_hook_is_refused),
		TEST(returns_after_the_end_are_ignored),
		TEST(after_commit_hooks_have_the_connection_free),
		TEST(before_commit_hooks_cannot_write),
		TEST(before_commit_hooks_cannot_assign),
		TEST(before_commit_hooks_can_read),
		TEST(before_flush_hooks_can_assign),
		TEST(after_flush_hooks_add_work_to_the_same_commit),
		TEST(hooks_cannot_end_their_unit),
		TEST(freeing_in_an_after_commit_hook_is_ignored),
		TEST(hooks_registered_by_a_hook_wait_for_the_next_time),
		TEST(row_hooks_may_still_assign),
		TEST(row_hook_that_refuses_fails_the_unit),
		TEST(senseless_registrations_are_refused),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
