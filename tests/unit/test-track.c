/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/flush.h: what has changed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flush-backend.h"

static struct tracked *tracked;
static size_t count;
static uow_error err;
static struct arena scratch;

static int collect(void)
{
	int rc;

	tracked = NULL;
	count = 0;
	rc = track_collect(u, &scratch, &tracked, &count, &err);
	return rc;
}

static int start(void **state)
{
	arena_init(&scratch);
	return begin(state);
}

static int stop(void **state)
{
	arena_release(&scratch);
	return end(state);
}

static void untouched_objects_are_no_changes(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 0);
	assert_false(track_dirty(docs));
	d->scratch = 5;
	d->seen = 6;
	assert_false(track_dirty(docs));
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 0);
}

static void an_equal_value_is_no_change(void **state)
{
	struct doc *d = stored_doc("same");
	char title[] = "same";

	(void)state;
	d->title = title;
	d->pages = 4;
	d->pages = 0;
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 0);
	title[0] = 'S';
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 1);
}

static void an_update_has_changed_columns_and_the_version(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->pages = 7;
	assert_true(track_dirty(docs));
	assert_false(track_dirty(lines));
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 1);
	assert_int_equal(tracked->op, SHAPE_UPDATE);
	assert_ptr_equal(entry_object(tracked->entry), d);
	assert_int_equal(tracked->set.words[0],
			 1 << DOC_PAGES | 1 << DOC_VERSION);
	assert_true(columns_empty(&tracked->returned));
	assert_true(tracked->steps);
}

static void an_insert_has_all_columns_but_generated_ones(void **state)
{
	(void)state;
	add_doc("a");
	assert_true(track_dirty(docs));
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 1);
	assert_int_equal(tracked->op, SHAPE_INSERT);
	assert_int_equal(tracked->set.words[0],
			 1 << DOC_VERSION | 1 << DOC_TITLE | 1 << DOC_PAGES |
			 1 << DOC_NEXT);
	assert_int_equal(tracked->returned.words[0], 1 << DOC_ID);
	assert_true(tracked->steps);
}

static void a_generated_key_that_is_given_is_inserted(void **state)
{
	struct doc d = { 9, 4, "a", 0, 0, 0, true, 0 };

	(void)state;
	uow_add(docs, &d);
	assert_int_equal(collect(), 0);
	assert_true(columns_has(&tracked->set, DOC_ID));
	assert_true(columns_empty(&tracked->returned));
	assert_false(tracked->steps);
}

static void a_delete_is_a_change_until_it_is_forgotten(void **state)
{
	struct doc *d = stored_doc("a"), *new = add_doc("b");

	(void)state;
	uow_remove(docs, new);
	assert_false(track_dirty(docs));
	uow_remove(docs, d);
	assert_true(track_dirty(docs));
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 1);
	assert_int_equal(tracked->op, SHAPE_DELETE);
	assert_true(columns_empty(&tracked->set));
}

static void delete_and_add_of_one_key_is_one_update(void **state)
{
	struct doc *old = stored_doc("a"), *other = stored_doc("b");
	struct doc copy = *old, *new;

	(void)state;
	uow_remove(docs, old);
	uow_remove(docs, other);
	copy.version = 0;
	new = uow_add(docs, &copy);
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 2);
	assert_int_equal(tracked[0].op, SHAPE_DELETE);
	assert_ptr_equal(entry_object(tracked[0].entry), other);
	assert_int_equal(tracked[1].op, SHAPE_UPDATE);
	assert_ptr_equal(entry_object(tracked[1].entry), new);
	assert_ptr_equal(entry_object(tracked[1].replaced), old);
	assert_int_equal(tracked[1].set.words[0],
			 1 << DOC_VERSION | 1 << DOC_TITLE | 1 << DOC_PAGES |
			 1 << DOC_NEXT);
}

static void an_assigned_key_is_refused_naming_both(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->id = 77;
	assert_int_equal(collect(), UOW_ESTATE);
	assert_string_equal(err.entity, "doc");
	assert_string_equal(err.key, "1");
	assert_non_null(strstr(err.message, "doc 1"));
	assert_non_null(strstr(err.message, "77"));
}

static void a_value_that_does_not_fit_names_its_row(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->title = "longer than any title may be here";
	assert_int_equal(collect(), UOW_EDATA);
	assert_non_null(strstr(err.message, "title"));
	assert_string_equal(err.entity, "doc");
	assert_string_equal(err.key, "1");
}

static void columns_that_are_not_written_are_not_checked(void **state)
{
	struct doc d = { 5, 1, "longer than any title may be here", 0, 0, 0,
			 true, 0 };
	struct doc *a = uow_attach(docs, &d);

	(void)state;
	a->pages = 3;
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 1);
}

static void a_stale_object_must_not_be_changed(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	entry_of(u, d)->flags |= ENTRY_STALE;
	assert_int_equal(collect(), 0);
	d->pages = 3;
	assert_int_equal(collect(), UOW_ESTATE);
	assert_string_equal(err.key, "1");
	d->pages = 0;
	uow_remove(docs, d);
	assert_int_equal(collect(), UOW_ESTATE);
	uow_add(docs, d);
	assert_int_equal(collect(), UOW_ESTATE);
}

static void an_object_that_a_scope_forgot_must_not_be_changed(void **state)
{
	struct doc *d = stored_doc("a");
	struct entry *e = entry_of(u, d);

	(void)state;
	e->state = ENTRY_GONE;
	e->flags |= ENTRY_STALE;
	assert_int_equal(collect(), 0);
	d->pages = 3;
	assert_int_equal(collect(), UOW_ESTATE);
}

static void an_assigned_version_is_kept(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->version = 40;
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 1);
	assert_int_equal(tracked->set.words[0], 1 << DOC_VERSION);
	assert_false(tracked->steps);
}

static void without_snapshot_nothing_is_compared(void **state)
{
	struct doc *d = stored_doc("a");
	struct entry *e = entry_of(u, d);

	(void)state;
	e->snapshot = NULL;
	d->pages = 3;
	assert_false(track_dirty(docs));
	assert_int_equal(collect(), 0);
	assert_int_equal(count, 0);
}

static void a_waiting_reference_makes_its_child_dirty(void **state)
{
	struct line *l;
	struct doc *d;

	(void)state;
	d = stored_doc("a");
	l = add_line(d->id);
	assert_int_equal(uow_flush(u), 0);
	assert_false(track_dirty(lines));
	uow_refer(u, l, "doc", add_doc("b"));
	assert_true(track_dirty(lines));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(untouched_objects_are_no_changes),
		TEST(an_equal_value_is_no_change),
		TEST(an_update_has_changed_columns_and_the_version),
		TEST(an_insert_has_all_columns_but_generated_ones),
		TEST(a_generated_key_that_is_given_is_inserted),
		TEST(a_delete_is_a_change_until_it_is_forgotten),
		TEST(delete_and_add_of_one_key_is_one_update),
		TEST(an_assigned_key_is_refused_naming_both),
		TEST(a_value_that_does_not_fit_names_its_row),
		TEST(columns_that_are_not_written_are_not_checked),
		TEST(a_stale_object_must_not_be_changed),
		TEST(an_object_that_a_scope_forgot_must_not_be_changed),
		TEST(an_assigned_version_is_kept),
		TEST(without_snapshot_nothing_is_compared),
		TEST(a_waiting_reference_makes_its_child_dirty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
