/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/entry.h: objects of a unit, known by address */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake.h"
#include "unit/entry.h"

static struct fixture *fx;
static uow_unit *u;
static uow_repository *notes;

static int begin(void **state)
{
	if (fixture_setup(state))
		return -1;
	fx = *state;
	if (uow_begin(&u, fx->db, NULL, NULL))
		return -1;
	notes = uow_repository_of(u, &note_entity);
	return notes ? 0 : -1;
}

static int end(void **state)
{
	uow_unit_free(u);
	return fixture_teardown(state);
}

static void an_object_of_the_unit_has_its_entry(void **state)
{
	struct entry *e = entry_new(notes);

	(void)state;
	assert_ptr_equal(entry_of(u, entry_object(e)), e);
	assert_int_equal((uintptr_t)entry_object(e) % 16, 0);
}

static void an_object_of_another_unit_has_none(void **state)
{
	uow_unit *other;
	struct entry *e;

	(void)state;
	assert_int_equal(uow_begin(&other, fx->db, NULL, NULL), 0);
	e = entry_new(uow_repository_of(other, &note_entity));
	assert_null(entry_of(u, entry_object(e)));
	assert_ptr_equal(entry_of(other, entry_object(e)), e);
	uow_unit_free(other);
}

static void strangers_are_told_by_address_alone(void **state)
{
	struct note on_stack = { 1, NULL };
	struct entry *e = entry_new(notes);
	char *object = entry_object(e);
	char *heap = malloc(1);		/* nothing before it may be read */
	char *text = arena_text(&u->arena, "some text of the unit", 21);

	(void)state;
	assert_null(entry_of(u, NULL));
	assert_null(entry_of(u, (void *)(uintptr_t)8));
	assert_null(entry_of(u, &on_stack));
	assert_null(entry_of(u, heap));
	assert_null(entry_of(u, text));
	assert_null(entry_of(u, object + 1));
	assert_null(entry_of(u, object + sizeof(void *)));
	free(heap);
}

static void entries_are_listed_in_order_of_arrival(void **state)
{
	struct entry *a = entry_new(notes), *b = entry_new(notes);

	(void)state;
	entry_append(a);
	entry_append(b);
	assert_int_equal(notes->entry_count, 2);
	assert_ptr_equal(notes->entries, a);
	assert_ptr_equal(a->next, b);
	assert_null(b->next);
}

static void a_snapshot_takes_texts_into_the_unit(void **state)
{
	struct entry *e = entry_new(notes);
	struct note *n = entry_object(e), *was;
	char text[] = "outside";

	(void)state;
	n->id = 3;
	n->text = text;
	assert_int_equal(entry_snapshot(e, false), 0);
	was = e->snapshot;
	text[0] = 'X';
	assert_string_equal(n->text, "outside");
	assert_ptr_equal(was->text, n->text);
	assert_true(arena_owns(&u->arena, n->text));
	assert_int_equal(was->id, 3);
	n->id = 4;
	assert_ptr_equal(entry_key_row(e), was);
	assert_int_equal(entry_snapshot(e, false), 0);
	assert_ptr_equal(e->snapshot, was);
	assert_int_equal(was->id, 4);
}

/* A text that lies in the unit may still be another object's. */
static void a_snapshot_does_not_share_text_with_other_objects(void **state)
{
	struct entry *e = entry_new(notes);
	struct note *n = entry_object(e);
	char *buffer = arena_text(&u->arena, "Ada", 3);
	const char *copy;

	(void)state;
	n->text = buffer;
	assert_int_equal(entry_snapshot(e, false), 0);
	buffer[0] = 'B';
	assert_string_equal(n->text, "Ada");
	assert_true(entry_same(e));
	copy = n->text;		/* ours now: not copied once more */
	assert_int_equal(entry_snapshot(e, false), 0);
	assert_ptr_equal(n->text, copy);
}

static void only_mapped_bytes_are_compared(void **state)
{
	uow_repository *accounts = uow_repository_of(u, &account_entity);
	struct entry *e = entry_new(accounts);
	struct account *a = entry_object(e);

	(void)state;
	assert_int_equal(entry_snapshot(e, false), 0);
	assert_int_equal(accounts->span_count, 1);
	assert_int_equal(accounts->spans[0].size,
			 offsetof(struct account, scratch));
	a->scratch = 5;
	assert_true(entry_same(e));
	a->owner[15] = 'x';
	assert_false(entry_same(e));
	a->owner[15] = '\0';
	a->id = 1;
	assert_false(entry_same(e));
}

static void an_entry_follows_its_key_in_the_map(void **state)
{
	struct entry *e = entry_new(notes);
	struct note *n = entry_object(e);
	struct note key = { 3, NULL };

	(void)state;
	assert_ptr_equal(entry_key_row(e), n);
	assert_int_equal(identity_reserve(&notes->identity, 1), 0);
	n->id = 2;
	entry_rekey(e, true);
	entry_rekey(e, true);
	assert_int_equal(notes->identity.count, 1);
	n->id = 3;
	entry_rekey(e, true);
	assert_int_equal(notes->identity.count, 1);
	assert_ptr_equal(identity_find(&notes->identity, notes->mapping, &key,
				       e->hash), e);
	entry_rekey(e, false);
	assert_int_equal(notes->identity.count, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_object_of_the_unit_has_its_entry),
		TEST(an_object_of_another_unit_has_none),
		TEST(strangers_are_told_by_address_alone),
		TEST(entries_are_listed_in_order_of_arrival),
		TEST(a_snapshot_takes_texts_into_the_unit),
		TEST(a_snapshot_does_not_share_text_with_other_objects),
		TEST(only_mapped_bytes_are_compared),
		TEST(an_entry_follows_its_key_in_the_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
