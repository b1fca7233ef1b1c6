/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/flush.h: writing what has changed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flush-backend.h"

static const struct doc *stored(const struct doc *d)
{
	const void *row;

	/* Seen by others only once it is committed. */
	assert_int_equal(uow_commit(u), 0);
	row = fake_stored(&fx->fake, &doc_entity, d->id);
	assert_non_null(row);
	return row;
}

static enum entry_state state_of(const void *object)
{
	return (enum entry_state)entry_of(u, object)->state;
}

/* -- the ordinary way -- */

static void nothing_changed_sends_nothing(void **state)
{
	(void)state;
	stored_doc("a");
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
}

static void an_insert_gets_key_and_first_version(void **state)
{
	struct doc *d = add_doc("a");

	(void)state;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(),
			    "INSERT doc(version,title,pages,next) 0>1");
	assert_int_equal(d->id, 1);
	assert_int_equal(d->version, 1);
	assert_int_equal(state_of(d), ENTRY_LOADED);
	assert_ptr_equal(uow_lookup(docs, uow_id(1)), d);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
}

static void each_update_steps_the_version(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->pages = 5;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,pages) 1 v1>2");
	d->title = "b";
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,title) 1 v2>3");
	assert_int_equal(d->version, 3);
	assert_int_equal(stored(d)->version, 3);
}

static void a_delete_forgets_the_object(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	uow_remove(docs, d);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "DELETE doc() 1 v1");
	assert_int_equal(state_of(d), ENTRY_GONE);
	assert_null(uow_lookup(docs, uow_id(1)));
	d->pages = 3;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
}

static void rows_of_one_shape_are_one_batch(void **state)
{
	struct doc *a = stored_doc("a"), *b = stored_doc("b");

	(void)state;
	a->pages = 1;
	b->pages = 2;
	add_doc("c");
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(),
			    "INSERT doc(version,title,pages,next) 0>1; "
			    "UPDATE doc(version,pages) 1 v1>2 2 v1>2");
}

static void texts_point_at_the_units_copy_afterwards(void **state)
{
	struct doc *d = stored_doc("a");
	char title[] = "mine";

	(void)state;
	d->title = title;
	assert_int_equal(uow_flush(u), 0);
	title[0] = 'X';
	assert_string_equal(d->title, "mine");
	written();
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
}

static void delete_and_add_of_a_key_is_one_update(void **state)
{
	struct doc *old = stored_doc("a"), *new;
	struct doc copy = { 1, 0, "b", 3, 0, 0, true, 0 };

	(void)state;
	old->seen = 9;
	entry_snapshot(entry_of(u, old), false);
	uow_remove(docs, old);
	new = uow_add(docs, &copy);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(),
			    "UPDATE doc(version,title,pages,next) 1 v1>2");
	assert_int_equal(new->version, 2);
	assert_int_equal(new->seen, 9);
	assert_int_equal(state_of(new), ENTRY_LOADED);
	assert_int_equal(state_of(old), ENTRY_GONE);
	assert_ptr_equal(uow_lookup(docs, uow_id(1)), new);
	new->pages = 4;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,pages) 1 v2>3");
}

static void an_assigned_version_is_written_and_the_old_one_checked(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->version = 40;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version) 1 v1>40");
	d->pages = 2;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,pages) 1 v40>41");
}

static void a_key_assigned_before_the_flush_counts(void **state)
{
	struct doc given = { 7, 0, "a", 0, 0, 0, true, 0 };
	struct doc *d = uow_add(docs, &given);

	(void)state;
	d->id = 8;
	assert_int_equal(uow_flush(u), 0);
	assert_ptr_equal(uow_lookup(docs, uow_id(8)), d);
	assert_null(uow_lookup(docs, uow_id(7)));
	assert_int_equal(docs->identity.count, 1);
}

/* -- keys that travel -- */

static void children_get_the_key_made_in_the_same_flush(void **state)
{
	struct line *l = add_line(0), *m = add_line(0);
	struct doc *d = add_doc("a");

	(void)state;
	assert_int_equal(uow_refer(u, l, "doc", d), 0);
	assert_int_equal(uow_refer(u, m, "doc", d), 0);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(),
			    "INSERT doc(version,title,pages,next) 0>1 / "
			    "INSERT line(doc,owner) 0 0");
	assert_true(d->id != 0);
	assert_int_equal(l->doc, d->id);
	assert_int_equal(m->doc, d->id);
	assert_null(u->links);
	l->doc = 99;
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(l->doc, 99);
}

static void a_chain_of_keys_takes_a_stage_each(void **state)
{
	struct doc *c = add_doc("c"), *b = add_doc("b"), *a = add_doc("a");

	(void)state;
	uow_refer(u, c, "next", b);
	uow_refer(u, b, "next", a);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(a->id, 1);
	assert_int_equal(b->id, 2);
	assert_int_equal(c->id, 3);
	assert_true(a->next_is_null);
	assert_int_equal(b->next, 1);
	assert_false(b->next_is_null);
	assert_int_equal(c->next, 2);
	assert_int_equal(stored(c)->next, 2);
}

static void a_clean_child_is_updated_with_the_key(void **state)
{
	struct doc *old = stored_doc("old"), *new = add_doc("new");

	(void)state;
	assert_int_equal(uow_refer(u, old, "next", new), 0);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(),
			    "INSERT doc(version,title,pages,next) 0>1 / "
			    "UPDATE doc(version,next) 1 v1>2");
	assert_int_equal(old->next, new->id);
	assert_int_equal(stored(old)->next, new->id);
}

static void the_newest_reference_of_a_column_counts(void **state)
{
	struct doc *a = add_doc("a"), *b = add_doc("b");
	struct line *l = add_line(0);

	(void)state;
	uow_refer(u, l, "doc", b);
	uow_refer(u, l, "doc", a);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(l->doc, a->id);
}

static void a_reference_to_what_never_gets_a_key_is_refused(void **state)
{
	struct doc *d = add_doc("a");
	struct line *l = add_line(0);

	(void)state;
	uow_refer(u, l, "doc", d);
	entry_of(u, d)->state = ENTRY_GONE;
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	assert_non_null(strstr(failure(), "'doc'"));
	assert_string_equal(uow_unit_error(u)->entity, "line");
	assert_string_equal(written(), "");
}

static void a_cycle_is_closed_by_a_second_write(void **state)
{
	struct doc *a = add_doc("a"), *b = add_doc("b");
	int64_t b_id;

	(void)state;
	uow_refer(u, a, "next", b);
	uow_refer(u, b, "next", a);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(),
			    "INSERT doc(version,title,pages,next) 0>1 / "
			    "INSERT doc(version,title,pages,next) 0>1 / "
			    "UPDATE doc(next) 1");
	assert_int_equal(a->next, b->id);
	assert_int_equal(b->next, a->id);
	assert_false(a->next_is_null);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
	b_id = b->id;
	assert_int_equal(stored(a)->next, b_id);
}

static void given_values_of_a_cycle_survive_it(void **state)
{
	struct doc a = { 10, 0, "a", 0, 0, 20, false, 0 };
	struct doc b = { 20, 0, "b", 0, 0, 10, false, 0 };
	struct doc *pa = uow_add(docs, &a), *pb = uow_add(docs, &b);

	(void)state;
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(pa->next, 20);
	assert_int_equal(pb->next, 10);
	written();
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "");
	assert_int_equal(stored(pa)->next, 20);
	assert_false(pa->next_is_null);
}

/* Two that refer to each other, in the database with version 1, removed. */
static void removed_ring(struct doc **a, struct doc **b)
{
	*a = add_doc("a");
	*b = add_doc("b");
	uow_refer(u, *a, "next", *b);
	uow_refer(u, *b, "next", *a);
	assert_int_equal(uow_flush(u), 0);
	uow_remove(docs, *a);
	uow_remove(docs, *b);
	written();
}

static void a_deleted_ring_is_opened_by_a_write_before(void **state)
{
	struct doc *a, *b;

	(void)state;
	removed_ring(&a, &b);
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,next) 2 v1>2 / "
			    "DELETE doc() 1 v1 / DELETE doc() 2 v2");
	assert_int_equal(b->version, 1);
	assert_false(b->next_is_null);
	assert_int_equal(uow_commit(u), 0);
	assert_int_equal(fake_count(&fx->fake), 0);
}

extern const uow_entity stamped_entity;
static const uow_column stamped_columns[] = {
	UOW_INT64(struct doc, id, "id", UOW_KEY),
	UOW_INT16(struct doc, version, "at", UOW_ROW_VERSION | UOW_GENERATED),
	UOW_NULLABLE_REFERENCE(struct doc, next, "next", &stamped_entity, 0),
};
const uow_entity stamped_entity =
	UOW_ENTITY(struct doc, "stamped", stamped_columns);

/* The fake does not make versions. */
static int write_stamped(struct backend_conn *c, struct write_batch *batches,
			 size_t count, struct arena *texts, size_t *batch,
			 uow_error *err)
{
	const struct write_row *w = batches[0].rows;

	if (columns_has(&batches[0].shape->returned, 1))
		((struct doc *)w->now)->version = 40;
	else
		hear("v%d ", ((const struct doc *)w->was)->version);
	return real_write(c, batches, count, texts, batch, err);
}

static void a_version_of_the_servers_is_checked_by_the_delete(void **state)
{
	uow_repository *r = uow_repository_of(u, &stamped_entity);
	struct doc one = { 1, 7, "", 0, 0, 2, false, 0 };
	struct doc two = { 2, 7, "", 0, 0, 1, false, 0 };
	struct doc *a = uow_add(r, &one), *b = uow_add(r, &two);

	(void)state;
	assert_int_equal(uow_flush(u), 0);
	written();
	uow_remove(r, a);
	uow_remove(r, b);
	spy_ops.write = write_stamped;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "v7 v40 ");
	assert_int_equal(b->version, 7);
}

/* -- failures -- */

static void fail_write(unsigned nth, int code)
{
	struct fake_fault fault = { FAKE_WRITE, 0, 1, 0, OUTCOME_COMMITTED,
				    false, false };

	fault.nth = nth;
	fault.code = code;
	fake_fail(&fx->fake, fault);
}

static void a_failure_names_the_row_and_puts_versions_back(void **state)
{
	struct doc *a = stored_doc("a"), *b = stored_doc("b");
	const uow_error *e = uow_unit_error(u);

	(void)state;
	a->pages = 1;
	b->pages = 2;
	fail_write(2, UOW_ECONSTRAINT);
	assert_int_equal(uow_flush(u), UOW_ECONSTRAINT);
	assert_string_equal(e->entity, "doc");
	assert_string_equal(e->key, "2");
	assert_string_equal(e->step, "UPDATE doc");
	assert_int_equal(e->row, 1);
	assert_int_equal(a->version, 1);
	assert_int_equal(b->version, 1);
	assert_int_equal(u->phase, PHASE_WORK);
	assert_int_equal(uow_flush(u), UOW_ECONSTRAINT);
}

static void a_failed_cycle_leaves_the_values_given(void **state)
{
	struct doc a = { 10, 0, "a", 0, 0, 20, false, 0 };
	struct doc b = { 20, 0, "b", 0, 0, 10, false, 0 };
	struct doc *pa = uow_add(docs, &a), *pb = uow_add(docs, &b);

	(void)state;
	fail_write(1, UOW_ECONSTRAINT);
	assert_int_equal(uow_flush(u), UOW_ECONSTRAINT);
	assert_false(pa->next_is_null);
	assert_int_equal(pa->next, 20);
	assert_false(pb->next_is_null);
	assert_int_equal(pb->next, 10);
}

static void a_stale_row_of_a_deleted_ring_is_named(void **state)
{
	struct doc *a, *b;

	(void)state;
	removed_ring(&a, &b);
	fail_write(1, UOW_ECONFLICT);
	assert_int_equal(uow_flush(u), UOW_ECONFLICT);
	assert_non_null(strstr(failure(), "doc 2: row was changed"));
	assert_non_null(strstr(failure(), "(version 1 expected)"));
	assert_false(b->next_is_null);
}

static void a_failed_insert_leaves_a_new_object(void **state)
{
	struct doc *d = add_doc("a");
	const uow_error *e = uow_unit_error(u);

	(void)state;
	fail_write(1, UOW_ECONSTRAINT);
	assert_int_equal(uow_flush(u), UOW_ECONSTRAINT);
	assert_string_equal(e->step, "INSERT doc");
	assert_string_equal(e->key, "");
	assert_int_equal(d->version, 0);
	assert_int_equal(state_of(d), ENTRY_NEW);
}

static void a_stale_row_is_named_with_its_version(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->pages = 1;
	fail_write(1, UOW_ECONFLICT);
	assert_int_equal(uow_flush(u), UOW_ECONFLICT);
	assert_string_equal(failure(), "doc 1: row was changed or removed by "
			    "somebody else since it was read (version 1 "
			    "expected)");
}

static void a_missing_row_without_version_was_removed(void **state)
{
	struct line gone = { 5, 1, 0 }, *l = uow_attach(lines, &gone);

	(void)state;
	l->owner = 4;
	assert_int_equal(uow_flush(u), UOW_ECONFLICT);
	assert_string_equal(failure(), "line 5: row was removed by somebody "
			    "else since it was read");
}

static void failed_serialization_keeps_its_own_words(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->pages = 1;
	sqlstate = "40001";
	fail_write(1, UOW_ECONFLICT);
	assert_int_equal(uow_flush(u), UOW_ECONFLICT);
	assert_non_null(strstr(failure(), "scripted"));
	assert_string_equal(uow_unit_error(u)->key, "1");
}

static void a_version_that_cannot_grow_is_refused(void **state)
{
	struct doc last = { 5, INT16_MAX, "a", 0, 0, 0, true, 0 };
	struct doc *d = uow_attach(docs, &last), *other = stored_doc("b");

	(void)state;
	d->pages = 1;
	other->pages = 1;
	assert_int_equal(uow_flush(u), UOW_EDATA);
	assert_string_equal(written(), "");
	assert_string_equal(uow_unit_error(u)->entity, "doc");
	assert_string_equal(uow_unit_error(u)->key, "5");
	assert_int_equal(d->version, INT16_MAX);
	assert_int_equal(other->version, 1);
}

static void a_row_without_key_stays_new(void **state)
{
	struct doc *d = add_doc("a");

	(void)state;
	gives_no_key = true;
	assert_int_equal(uow_flush(u), UOW_EDATA);
	assert_non_null(strstr(failure(), "the database gave no key"));
	assert_int_equal(state_of(d), ENTRY_NEW);
	assert_int_equal(d->version, 0);
}

static void a_passed_deadline_sends_nothing(void **state)
{
	(void)state;
	add_doc("a");
	u->deadline = fx->clock.now;
	assert_int_equal(uow_flush(u), UOW_ETIMEOUT);
	assert_string_equal(written(), "");
}

static void what_cannot_be_planned_sends_nothing(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	d->id = 5;
	add_doc("b");
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	assert_string_equal(written(), "");
	assert_int_equal(u->phase, PHASE_WORK);
}

static int change_and_fail(uow_unit *unit, void *arg)
{
	struct doc *d = arg;

	d->pages = 5;
	add_doc("inside");
	assert_int_equal(uow_flush(unit), 0);
	assert_int_equal(d->version, 2);
	d->pages = 6;
	fail_write(1, UOW_ECONSTRAINT);
	return uow_flush(unit);
}

static void after_a_failed_scope_the_unit_flushes_again(void **state)
{
	struct doc *d = stored_doc("a");

	(void)state;
	assert_int_equal(uow_nested(u, change_and_fail, d), UOW_ECONSTRAINT);
	assert_int_equal(d->version, 1);
	assert_int_equal(d->pages, 0);
	written();
	d->pages = 7;
	assert_int_equal(uow_flush(u), 0);
	assert_string_equal(written(), "UPDATE doc(version,pages) 1 v1>2");
}

/* -- simple units -- */

static void a_simple_unit_keeps_what_was_written_before(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct doc *a, *b, *c;

	(void)state;
	uow_unit_free(u);
	o.simple = true;
	assert_int_equal(begin_with(&o), 0);
	a = add_doc("a");
	b = add_doc("b");
	c = add_doc("c");
	fail_write(2, UOW_ECONSTRAINT);
	assert_int_equal(uow_flush(u), UOW_ECONSTRAINT);
	assert_int_equal(state_of(a), ENTRY_LOADED);
	assert_int_equal(a->version, 1);
	assert_int_equal(state_of(b), ENTRY_NEW);
	assert_int_equal(b->version, 0);
	assert_int_equal(state_of(c), ENTRY_NEW);
	assert_int_equal(fake_count(&fx->fake), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_changed_sends_nothing),
		TEST(an_insert_gets_key_and_first_version),
		TEST(each_update_steps_the_version),
		TEST(a_delete_forgets_the_object),
		TEST(rows_of_one_shape_are_one_batch),
		TEST(texts_point_at_the_units_copy_afterwards),
		TEST(delete_and_add_of_a_key_is_one_update),
		TEST(an_assigned_version_is_written_and_the_old_one_checked),
		TEST(a_key_assigned_before_the_flush_counts),
		TEST(children_get_the_key_made_in_the_same_flush),
		TEST(a_chain_of_keys_takes_a_stage_each),
		TEST(a_clean_child_is_updated_with_the_key),
		TEST(the_newest_reference_of_a_column_counts),
		TEST(a_reference_to_what_never_gets_a_key_is_refused),
		TEST(a_cycle_is_closed_by_a_second_write),
		TEST(given_values_of_a_cycle_survive_it),
		TEST(a_deleted_ring_is_opened_by_a_write_before),
		TEST(a_version_of_the_servers_is_checked_by_the_delete),
		TEST(a_stale_row_of_a_deleted_ring_is_named),
		TEST(a_failure_names_the_row_and_puts_versions_back),
		TEST(a_failed_cycle_leaves_the_values_given),
		TEST(a_failed_insert_leaves_a_new_object),
		TEST(a_stale_row_is_named_with_its_version),
		TEST(a_missing_row_without_version_was_removed),
		TEST(failed_serialization_keeps_its_own_words),
		TEST(a_version_that_cannot_grow_is_refused),
		TEST(a_row_without_key_stays_new),
		TEST(a_passed_deadline_sends_nothing),
		TEST(what_cannot_be_planned_sends_nothing),
		TEST(after_a_failed_scope_the_unit_flushes_again),
		TEST(a_simple_unit_keeps_what_was_written_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
