/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/plan.h: changes by hand, and very many */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan-tables.h"

static void nothing_to_do_has_no_stages(void **state)
{
	(void)state;
	assert_string_equal(show(), "");
	assert_int_equal(plan.count, 0);
}

static void unconnected_rows_are_one_stage(void **state)
{
	struct row *r;

	(void)state;
	r = update(leaf, 1, C);
	r[0].c = 7;
	r[1].c = 8;
	insert(part, 1);
	r = update(leaf, 2, C);
	r[0].c = 7;
	r[1].c = 8;
	delete(part, 9);
	assert_string_equal(show(), "1 | 0 2 | 3");
}

static void a_batch_is_described_by_its_shape(void **state)
{
	struct plan_batch *b;

	(void)state;
	insert_generated(hen);
	update(leaf, 2, C)[1].c = 3;
	changes[1].versioned = true;
	assert_string_equal(show(), "0 | 1");
	b = plan.stages[0].batches;
	assert_ptr_equal(b[0].shape.mapping, hen);
	assert_int_equal(b[0].shape.op, SHAPE_INSERT);
	assert_true(columns_has(&b[0].shape.returned, ID));
	assert_false(columns_has(&b[0].shape.set, ID));
	assert_false(b[0].shape.versioned);
	assert_int_equal(b[1].shape.op, SHAPE_UPDATE);
	assert_true(b[1].shape.versioned);
	assert_true(columns_has(&b[1].shape.set, C));
}

static void a_parent_is_inserted_before_its_child(void **state)
{
	(void)state;
	insert(leaf, 1)->c = 5;
	insert(node, 5);
	insert(node, 6);
	assert_string_equal(show(), "1 2 / 0");
}

static void rows_of_a_tree_are_inserted_from_the_root(void **state)
{
	(void)state;
	set_a(insert(node, 3), 2);
	set_a(insert(node, 2), 1);
	insert(node, 1);
	set_a(insert(node, 4), 1);
	assert_string_equal(show(), "2 / 1 3 / 0");
}

static void a_row_that_refers_to_itself_is_no_cycle(void **state)
{
	(void)state;
	set_a(insert(node, 1), 1);
	assert_string_equal(show(), "0");
}

static void children_are_deleted_before_their_parent(void **state)
{
	(void)state;
	delete(node, 1);
	set_a(delete(node, 2), 1);
	delete(leaf, 7)->c = 2;
	assert_string_equal(show(), "2 / 1 / 0");
}

static void a_child_leaves_before_its_parent_is_deleted(void **state)
{
	struct row *r;

	(void)state;
	delete(node, 1);
	insert(node, 2);
	r = update(leaf, 7, C);
	r[0].c = 1;
	r[1].c = 2;
	assert_string_equal(show(), "1 / 2 / 0");
}

static void a_generated_key_is_made_in_an_earlier_stage(void **state)
{
	size_t parent;

	(void)state;
	insert(egg, 1);
	parent = insert_generated(hen);
	add_link(0, OTHER, parent);
	assert_string_equal(show(), "1 / 0");
}

static void a_linked_child_leaves_its_old_parent(void **state)
{
	(void)state;
	delete(hen, 3);
	insert_generated(hen);
	update(egg, 1, OTHER)[0].c = 3;
	rows[5].c = 3;
	add_link(2, OTHER, 1);
	assert_string_equal(show(), "1 / 2 / 0");
}

static void a_linked_childs_old_value_is_no_reference(void **state)
{
	(void)state;
	insert(egg, 1)->c = 77;
	insert_generated(hen);
	insert(hen, 77)->c = 9;
	insert(egg, 9);
	add_link(0, OTHER, 1);
	assert_string_equal(show(), "3 | 1 / 0 | 2");
}

static void a_unique_value_is_given_up_before_it_is_taken(void **state)
{
	struct row *r;

	(void)state;
	set_b(insert(node, 1), 5);
	r = update(node, 2, B);
	set_b(&r[0], 5);
	set_b(&r[1], 6);
	set_b(delete(node, 3), 6);
	assert_string_equal(show(), "2 / 1 / 0");
}

static void a_key_is_given_up_before_it_is_taken(void **state)
{
	(void)state;
	insert(node, 3);
	delete(node, 3);
	assert_string_equal(show(), "1 / 0");
}

static void a_pair_is_unique_only_as_a_pair(void **state)
{
	struct row *r;

	(void)state;
	r = insert(leaf, 1);
	set_a(r, 1);
	set_b(r, 2);
	r = delete(leaf, 2);
	set_a(r, 1);
	set_b(r, 3);
	r = delete(leaf, 3);
	set_a(r, 1);
	set_b(r, 2);
	assert_string_equal(show(), "1 2 / 0");
	rows[2].b = 2;
	rows[4].b = 3;
	assert_string_equal(show(), "1 2 / 0");
	rows[2].b = 3;
	assert_string_equal(show(), "0 | 1 2");
}

static void null_is_nobodys_unique_value(void **state)
{
	(void)state;
	insert(node, 1);
	delete(node, 3);
	assert_string_equal(show(), "0 | 1");
}

static void unlinked_tables_go_parents_first_and_back(void **state)
{
	(void)state;
	insert(leaf, 1)->c = 100;
	insert(node, 1);
	delete(node, 5);
	set_a(delete(leaf, 5), 200);
	insert(part, 1);
	assert_string_equal(show(), "1 | 0 | 4 | 3 | 2");
}

static void inserts_keep_their_order_where_shapes_change(void **state)
{
	(void)state;
	insert(hen, 5);
	insert_generated(hen);
	insert_generated(hen);
	insert(hen, 6);
	assert_string_equal(show(), "0 | 1 2 | 3");
}

static void updates_of_one_shape_come_together(void **state)
{
	(void)state;
	update(leaf, 1, C)[1].c = 1;
	set_a(update(leaf, 2, A) + 1, 1);
	update(leaf, 3, C)[1].c = 1;
	assert_string_equal(show(), "0 2 | 1");
}

/* -- cycles -- */

static void a_cycle_is_broken_by_null_first(void **state)
{
	const struct plan_extra *x;

	(void)state;
	set_a(insert(node, 1), 2);
	set_a(insert(node, 2), 1);
	assert_string_equal(show(), "0 / 1 / 2");
	assert_int_equal(plan.extra_count, 1);
	x = &plan.extras[0];
	assert_int_equal(x->base, 0);
	assert_int_equal(x->change.op, SHAPE_UPDATE);
	assert_ptr_equal(x->change.now, &rows[0]);
	assert_ptr_equal(x->change.was, &rows[0]);
	assert_false(x->change.versioned);
	assert_int_equal(x->change.set.words[0], 1 << A);
	assert_int_equal(plan.stages[2].batches[0].shape.set.words[0], 1 << A);
}

static void swapped_unique_values_pass_through_null(void **state)
{
	struct row *r;

	(void)state;
	r = update(node, 1, B);
	set_b(&r[0], 1);
	set_b(&r[1], 2);
	r = update(node, 2, B);
	set_b(&r[0], 2);
	set_b(&r[1], 1);
	changes[0].versioned = true;
	changes[1].versioned = true;
	assert_string_equal(show(), "0 / 1 / 2");
	assert_ptr_equal(plan.extras[0].change.was, &rows[0]);
	assert_false(plan.extras[0].change.versioned);
}

static const uow_foreign_key tag_foreign[] = {
	UOW_FOREIGN_KEY(&node_entity, { "x" }, { "tag" })
};
static const uow_entity tagged_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct tagged", NULL, "tagged", sizeof(struct row), leaf_columns, 3,
	tag_foreign, 1, NULL, 0 };

static void a_value_of_the_second_write_is_waited_for(void **state)
{
	struct mapping *tagged;
	struct row *r;

	(void)state;
	assert_int_equal(mapping_new(&tagged, &tagged_entity, &err), 0);
	r = update(node, 1, B);
	set_b(&r[0], 1);
	set_b(&r[1], 2);
	r = update(node, 2, B);
	set_b(&r[0], 2);
	set_b(&r[1], 1);
	set_a(insert(tagged, 1), 2);
	assert_string_equal(show(), "0 / 1 / 3 / 2");
	mapping_free(tagged);
}

static void deleted_rows_of_a_ring_leave_each_other_first(void **state)
{
	const struct plan_extra *x;

	(void)state;
	set_a(delete(node, 1), 2);
	set_a(delete(node, 2), 1);
	assert_string_equal(show(), "2 / 0 / 1");
	assert_int_equal(plan.extra_count, 1);
	x = &plan.extras[0];
	assert_int_equal(x->base, 1);
	assert_int_equal(x->change.op, SHAPE_UPDATE);
	assert_null(x->change.now);
	assert_ptr_equal(x->change.was, &rows[2]);
	assert_int_equal(plan.stages[0].batches[0].shape.set.words[0], 1 << A);
}

static void deleted_rows_that_cannot_leave_name_the_entities(void **state)
{
	(void)state;
	delete(hen, 1)->c = 1;
	delete(egg, 1)->c = 1;
	assert_int_equal(make(), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "hen -> egg -> hen"));
	assert_string_equal(err.entity, "hen");
}

static void a_cycle_without_weak_column_names_the_entities(void **state)
{
	(void)state;
	insert_generated(hen);
	insert_generated(egg);
	add_link(0, OTHER, 1);
	add_link(1, OTHER, 0);
	assert_int_equal(make(), UOW_ECONFIG);
	assert_non_null(strstr(err.message, "hen -> egg -> hen"));
	assert_string_equal(err.entity, "hen");
}

static void swapped_required_values_name_both_rows(void **state)
{
	struct row *r;

	(void)state;
	r = update(leaf, 1, A);
	r[0].a = 10;
	r[1].a = 20;
	r = update(leaf, 2, A);
	r[0].a = 20;
	r[1].a = 10;
	assert_int_equal(make(), UOW_EDUPLICATE);
	assert_non_null(strstr(err.message, "leaf 1"));
	assert_non_null(strstr(err.message, "leaf 2"));
	assert_non_null(strstr(err.message, "'x', 'y'"));
	assert_string_equal(err.entity, "leaf");
}

static void a_failure_leaves_the_output_alone(void **state)
{
	(void)state;
	plan.count = 4711;
	insert_generated(hen);
	insert_generated(egg);
	add_link(0, OTHER, 1);
	add_link(1, OTHER, 0);
	assert_int_equal(make(), UOW_ECONFIG);
	assert_int_equal(plan.count, 4711);
}

/* -- many rows -- */

enum { MANY = 100000 };

/* Time is not asserted: quadratic work here would take minutes. */
static void plan_many(struct change *many, size_t stages, size_t extras)
{
	assert_int_equal(plan_make(many, MANY, NULL, 0, &arena, &plan, &err),
			 0);
	assert_int_equal(plan.count, stages);
	assert_int_equal(plan.extra_count, extras);
}

static struct change *many_nodes(struct row *r)
{
	struct change *many = calloc(MANY, sizeof(*many));
	size_t i;

	for (i = 0; i < MANY; i++) {
		r[i].id = (int64_t)i + 1;
		r[i].b_is_null = true;
		many[i].mapping = node;
		many[i].op = SHAPE_INSERT;
		many[i].set = node->all;
		many[i].now = &r[i];
	}
	return many;
}

static void a_long_chain_is_a_stage_per_row(void **state)
{
	struct row *r = calloc(MANY, sizeof(*r));
	struct change *many = many_nodes(r);
	size_t i;

	(void)state;
	/* Last row first. */
	for (i = 0; i < MANY; i++)
		r[i].a = (int64_t)i + 2;
	r[MANY - 1].a_is_null = true;
	plan_many(many, MANY, 0);
	assert_int_equal(plan.stages[0].batches[0].changes[0], MANY - 1);
	free(many);
	free(r);
}

static void many_small_cycles_are_broken_one_by_one(void **state)
{
	struct row *r = calloc(MANY, sizeof(*r));
	struct change *many = many_nodes(r);
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		r[i].a = (int64_t)(i ^ 1) + 1;
	plan_many(many, 3, MANY / 2);
	free(many);
	free(r);
}

static void a_ring_of_all_rows_is_broken_once(void **state)
{
	struct row *r = calloc(MANY, sizeof(*r));
	struct change *many = many_nodes(r);
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++)
		r[i].a = (int64_t)((i + 1) % MANY) + 1;
	plan_many(many, MANY + 1, 1);
	free(many);
	free(r);
}

static void remove_all(struct change *many)
{
	size_t i;

	for (i = 0; i < MANY; i++) {
		many[i].op = SHAPE_DELETE;
		many[i].was = many[i].now;
		many[i].now = NULL;
	}
}

static void deleted_rings_are_broken_once_each(void **state)
{
	struct row *r = calloc(MANY, sizeof(*r));
	struct change *many = many_nodes(r);
	size_t i;

	(void)state;
	remove_all(many);
	for (i = 0; i < MANY; i++)
		r[i].a = (int64_t)(i ^ 1) + 1;
	plan_many(many, 3, MANY / 2);
	for (i = 0; i < MANY; i++)
		r[i].a = (int64_t)((i + 1) % MANY) + 1;
	arena_clear(&arena);
	plan_many(many, MANY + 1, 1);
	free(many);
	free(r);
}

static void one_parent_of_all_rows_is_no_burden(void **state)
{
	struct row *r = calloc(MANY, sizeof(*r));
	struct change *many = many_nodes(r);
	size_t i;

	(void)state;
	remove_all(many);
	for (i = 0; i < MANY; i++) {
		r[i].a = 1;
		r[i].a_is_null = i == 0;
	}
	plan_many(many, 2, 0);
	assert_int_equal(plan.stages[0].batches[0].count, MANY - 1);
	free(many);
	free(r);
}

/* -- types -- */

struct named {
	int64_t id;
	char name[8];
	const char *text;
	uow_date day;
	double real;
	uow_uuid uuid;
};

static const uow_column named_columns[] = {
	UOW_INT64(struct named, id, "id", UOW_KEY),
	UOW_CHARS(struct named, name, "name", UOW_UNIQUE),
	UOW_DATE(struct named, day, "day", UOW_UNIQUE),
	UOW_DOUBLE(struct named, real, "real", UOW_UNIQUE),
	UOW_UUID(struct named, uuid, "uuid", UOW_UNIQUE),
};
static const uow_entity named_entity =
	UOW_ENTITY(struct named, "named", named_columns);

static const uow_column naming_columns[] = {
	UOW_INT64(struct named, id, "id", UOW_KEY),
	UOW_TEXT(struct named, text, "text", 0, 0),
};
static const uow_foreign_key naming_foreign[] = {
	UOW_FOREIGN_KEY(&named_entity, { "text" }, { "name" })
};
static const uow_entity naming_entity =
	UOW_ENTITY_FOREIGN(struct named, NULL, "naming", naming_columns,
			   naming_foreign);

static void text_of_two_kinds_can_meet(void **state)
{
	struct named parent = { 1, "bob", NULL, { 1, 1, 1 }, 0, { { 0 } } };
	struct named child = { 1, "", "bob", { 1, 1, 1 }, 0, { { 0 } } };
	struct mapping *pm, *cm;

	(void)state;
	assert_int_equal(mapping_new(&pm, &named_entity, &err), 0);
	assert_int_equal(mapping_new(&cm, &naming_entity, &err), 0);
	insert(cm, 1);
	changes[0].now = &child;
	insert(pm, 1);
	changes[1].now = &parent;
	assert_string_equal(show(), "1 / 0");
	child.text = "bobby";
	assert_string_equal(show(), "1 | 0");
	child.text = NULL;
	assert_string_equal(show(), "1 | 0");
	mapping_free(pm);
	mapping_free(cm);
}

static void values_of_every_type_can_be_unique(void **state)
{
	struct named old = { 1, "bob", NULL, { 1, 1, 1 }, 1.5, { { 1 } } };
	struct named new;
	struct mapping *m;
	int differ;

	(void)state;
	assert_int_equal(mapping_new(&m, &named_entity, &err), 0);
	for (differ = 0; differ < 5; differ++) {
		struct named other = { 2, "eve", NULL, { 2, 1, 1 }, 2.5,
				       { { 2 } } };

		count = 0;
		new = other;
		if (differ == 1)
			strcpy(new.name, old.name);
		else if (differ == 2)
			new.day = old.day;
		else if (differ == 3)
			new.real = old.real;
		else if (differ == 4)
			new.uuid = old.uuid;
		insert(m, 2);
		changes[0].now = &new;
		delete(m, 1);
		changes[1].was = &old;
		assert_string_equal(show(), differ ? "1 / 0" : "0 | 1");
	}
	mapping_free(m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_do_has_no_stages),
		TEST(unconnected_rows_are_one_stage),
		TEST(a_batch_is_described_by_its_shape),
		TEST(a_parent_is_inserted_before_its_child),
		TEST(rows_of_a_tree_are_inserted_from_the_root),
		TEST(a_row_that_refers_to_itself_is_no_cycle),
		TEST(children_are_deleted_before_their_parent),
		TEST(a_child_leaves_before_its_parent_is_deleted),
		TEST(a_generated_key_is_made_in_an_earlier_stage),
		TEST(a_linked_child_leaves_its_old_parent),
		TEST(a_linked_childs_old_value_is_no_reference),
		TEST(a_unique_value_is_given_up_before_it_is_taken),
		TEST(a_key_is_given_up_before_it_is_taken),
		TEST(a_pair_is_unique_only_as_a_pair),
		TEST(null_is_nobodys_unique_value),
		TEST(text_of_two_kinds_can_meet),
		TEST(values_of_every_type_can_be_unique),
		TEST(unlinked_tables_go_parents_first_and_back),
		TEST(inserts_keep_their_order_where_shapes_change),
		TEST(updates_of_one_shape_come_together),
		TEST(a_cycle_is_broken_by_null_first),
		TEST(swapped_unique_values_pass_through_null),
		TEST(a_value_of_the_second_write_is_waited_for),
		TEST(deleted_rows_of_a_ring_leave_each_other_first),
		TEST(deleted_rows_that_cannot_leave_name_the_entities),
		TEST(a_cycle_without_weak_column_names_the_entities),
		TEST(swapped_required_values_name_both_rows),
		TEST(a_failure_leaves_the_output_alone),
		TEST(a_long_chain_is_a_stage_per_row),
		TEST(many_small_cycles_are_broken_one_by_one),
		TEST(a_ring_of_all_rows_is_broken_once),
		TEST(deleted_rings_are_broken_once_each),
		TEST(one_parent_of_all_rows_is_no_burden),
	};

	return cmocka_run_group_tests(tests, map_all, unmap_all);
}
