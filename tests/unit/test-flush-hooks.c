/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/flush.h: hooks, and when queries flush */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flush-backend.h"

static int set_pages(uow_unit *unit, void *arg)
{
	(void)unit;
	((struct doc *)arg)->pages++;
	return 0;
}

static void a_hook_before_the_flush_may_assign(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	uow_on(u, UOW_BEFORE_FLUSH, set_pages, d);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,pages) 1 v1>2");
}

static unsigned hooked;

static int stamp(uow_unit *unit, const uow_entity *entity, void *object,
		 void *arg)
{
	struct doc *d = object;

	(void)arg;
	assert_ptr_equal(entity, &doc_entity);
	assert_ptr_equal(unit, u);
	hooked++;
	d->title = "stamped";
	return 0;
}

static void a_row_hook_may_assign_and_runs_once(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	hooked = 0;
	uow_on_entity(u, &doc_entity, UOW_BEFORE_UPDATE, stamp, NULL);
	add_line(1);
	d->pages = 1;
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(hooked, 1);
	assert_string_equal(written(),
			    "INSERT line(doc,owner) 0; "
			    "UPDATE doc(version,title,pages) 1 v1>2");
	d->pages = 2;
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(hooked, 2);
}

static int undo_pages(uow_unit *unit, const uow_entity *entity, void *object,
		      void *arg)
{
	(void)unit;
	(void)entity;
	(void)arg;
	((struct doc *)object)->pages = 0;
	return 0;
}

static void a_row_hook_may_take_the_change_back(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	uow_on_entity(u, NULL, UOW_BEFORE_UPDATE, undo_pages, NULL);
	d->pages = 1;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
	assert_int_equal(d->version, 1);
}

static int add_child(uow_unit *unit, const uow_entity *entity, void *object,
		     void *arg)
{
	struct line *l = add_line(0);

	(void)entity;
	(void)arg;
	hooked++;
	return uow_refer(unit, l, "doc", object);
}

static void a_row_hook_may_add_rows(void **state)
{
	(void)state;
	hooked = 0;
	uow_on_entity(u, &doc_entity, UOW_BEFORE_INSERT, add_child, NULL);
	add_doc("a");
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(hooked, 1);
	assert_string_equal(written(),
			    "INSERT doc(version,title,pages,next) 0>1 / "
			    "INSERT line(doc,owner) 0");
}

static int refuse(uow_unit *unit, const uow_entity *entity, void *object,
		  void *arg)
{
	(void)entity;
	(void)object;
	(void)arg;
	return uow_fail(unit, UOW_EREJECTED, "no");
}

static void a_row_hook_that_fails_stops_the_flush(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	uow_on_entity(u, &doc_entity, UOW_BEFORE_DELETE, refuse, NULL);
	uow_remove(docs, d);
	assert_int_equal(uow_flush(u), UOW_EREJECTED);
	assert_string_equal(written(), "");
	assert_int_equal(u->phase, PHASE_WORK);
}

static int add_twice(uow_unit *unit, void *arg)
{
	(void)unit;
	(void)arg;
	if (++hooked <= 2)
		add_doc("more");
	return 0;
}

static void a_hook_after_the_flush_may_add_work(void **state)
{
	(void)state;
	hooked = 0;
	uow_on(u, UOW_AFTER_FLUSH, add_twice, NULL);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(hooked, 0);
	add_doc("a");
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(hooked, 3);
	assert_int_equal(docs->identity.count, 3);
}

static int count_calls(uow_unit *unit, void *arg)
{
	(void)unit;
	++*(unsigned *)arg;
	return 0;
}

static void hooks_run_once_if_they_add_nothing(void **state)
{
	unsigned before = 0, after = 0;

	(void)state;
	uow_on(u, UOW_BEFORE_FLUSH, count_calls, &before);
	uow_on(u, UOW_AFTER_FLUSH, count_calls, &after);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(before, 1);
	assert_int_equal(after, 0);
	add_doc("a");
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(before, 2);
	assert_int_equal(after, 1);
}

static int add_always(uow_unit *unit, void *arg)
{
	(void)unit;
	(void)arg;
	add_doc("more");
	return 0;
}

static void hooks_that_never_stop_are_stopped(void **state)
{
	(void)state;
	uow_on(u, UOW_AFTER_FLUSH, add_always, NULL);
	add_doc("a");
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	assert_string_equal(failure(), "hooks never stop adding work");
	assert_int_equal(u->phase, PHASE_WORK);
}

static int add_another(uow_unit *unit, const uow_entity *entity, void *object,
		       void *arg)
{
	(void)entity;
	(void)object;
	return add_always(unit, arg);
}

static void row_hooks_that_never_stop_are_stopped(void **state)
{
	(void)state;
	uow_on_entity(u, NULL, UOW_BEFORE_INSERT, add_another, NULL);
	add_doc("a");
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	assert_string_equal(failure(), "hooks never stop adding work");
	assert_string_equal(written(), "");
}

static int flush_again(uow_unit *unit, void *arg)
{
	(void)arg;
	return flush_all(unit);
}

static void a_flush_inside_a_flush_is_refused(void **state)
{
	(void)state;
	uow_on(u, UOW_BEFORE_FLUSH, flush_again, NULL);
	add_doc("a");
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	assert_string_equal(written(), "");
}

static int look(uow_unit *unit, void *arg)
{
	uint64_t *n = arg;

	(void)unit;
	return uow_count(docs, uow_all(), n);
}

static void a_query_of_a_hook_does_not_flush(void **state)
{
	uint64_t n = 99;

	(void)state;
	uow_on(u, UOW_BEFORE_FLUSH, look, &n);
	add_doc("a");
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(n, 0);
}

/* -- autoflush -- */

static void a_query_flushes_if_its_own_entity_changed(void **state)
{
	(void)state;
	add_doc("a");
	assert_int_equal(flush_for(lines), 0);
	assert_string_equal(written(), "");
	assert_int_equal(flush_for(docs), 0);
	assert_string_not_equal(written(), "");
	add_doc("b");
	uow_autoflush(u, false);
	assert_int_equal(flush_for(docs), 0);
	assert_int_equal(flush_auto(u), 0);
	assert_string_equal(written(), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hook_before_the_flush_may_assign),
		TEST(a_row_hook_may_assign_and_runs_once),
		TEST(a_row_hook_may_take_the_change_back),
		TEST(a_row_hook_may_add_rows),
		TEST(a_row_hook_that_fails_stops_the_flush),
		TEST(a_hook_after_the_flush_may_add_work),
		TEST(hooks_run_once_if_they_add_nothing),
		TEST(hooks_that_never_stop_are_stopped),
		TEST(row_hooks_that_never_stop_are_stopped),
		TEST(a_flush_inside_a_flush_is_refused),
		TEST(a_query_of_a_hook_does_not_flush),
		TEST(a_query_flushes_if_its_own_entity_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
