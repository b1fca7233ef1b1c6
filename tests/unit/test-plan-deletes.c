/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/plan.h: rings of rows that are deleted, of more than one kind */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan-tables.h"

/* A star may refer to two of its spokes; spokes belong to a star. */
extern const uow_entity star_entity;
static const uow_column spoke_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_REFERENCE(struct row, c, "star", &star_entity, 0),
	UOW_INT64(struct row, b, "place", UOW_UNIQUE),
};
static const uow_entity spoke_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct spoke", NULL, "spokes", sizeof(struct row), spoke_columns, 3,
	NULL, 0, NULL, 0 };
enum { PLACE = 2, VERSION = 3 };
static const uow_column star_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_NULLABLE_REFERENCE(struct row, a, "one", &spoke_entity,
			       UOW_UNIQUE),
	UOW_NULLABLE_REFERENCE(struct row, b, "two", &spoke_entity, 0),
	UOW_INT64(struct row, c, "version", UOW_ROW_VERSION),
};
const uow_entity star_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct star", NULL, "stars", sizeof(struct row), star_columns, 4,
	NULL, 0, NULL, 0 };

/* As it can be: the version comes from the database, "one" is fixed. */
static const uow_column fixed_columns[] = {
	UOW_INT64(struct row, id, "id", UOW_KEY),
	UOW_NULLABLE_REFERENCE(struct row, a, "one", &spoke_entity,
			       UOW_READ_ONLY),
	UOW_NULLABLE_REFERENCE(struct row, b, "two", &spoke_entity, 0),
	UOW_INT64(struct row, c, "version", UOW_ROW_VERSION | UOW_GENERATED),
};

/* Refers to a star by its first spoke. */
static const uow_foreign_key planet_foreign[] = {
	UOW_FOREIGN_KEY(&star_entity, { "x" }, { "one" })
};
static const uow_entity planet_entity = { UOW_ENTITY_ABI, sizeof(uow_column),
	"struct planet", NULL, "planets", sizeof(struct row), leaf_columns, 3,
	planet_foreign, 1, NULL, 0 };

static struct mapping *star, *spoke, *planet;

static int start_stars(void **state)
{
	return start(state) || mapping_new(&star, &star_entity, &err) ||
	       mapping_new(&spoke, &spoke_entity, &err) ||
	       mapping_new(&planet, &planet_entity, &err);
}

static int stop_stars(void **state)
{
	mapping_free(star);
	mapping_free(spoke);
	mapping_free(planet);
	return stop(state);
}

static void a_deleted_chain_that_closes_is_opened_once(void **state)
{
	(void)state;
	set_a(delete(node, 1), 2);
	set_a(delete(node, 2), 3);
	set_a(delete(node, 3), 4);
	set_a(delete(node, 4), 2);
	set_a(delete(node, 5), 5);
	assert_string_equal(show(), "5 6 | 0 / 1 4 / 2 / 3");
	assert_int_equal(plan.extra_count, 2);
	assert_int_equal(plan.extras[0].base, 3);
	assert_int_equal(plan.extras[1].base, 4);
}

/* Databases find the row itself among those that refer to it. */
static void a_row_that_refers_to_itself_leaves_itself_first(void **state)
{
	(void)state;
	set_a(delete(node, 1), 1);
	assert_string_equal(show(), "1 / 0");
	assert_int_equal(plan.extras[0].change.op, SHAPE_UPDATE);
}

/* A spoke leaves the star and takes the place of the star's own spoke. */
static void a_row_in_the_ring_may_stay_and_move(void **state)
{
	struct row *r;

	(void)state;
	set_a(delete(star, 1), 1);
	r = delete(spoke, 1);
	r->c = 9;
	r->b = 5;
	r = update(spoke, 2, OTHER);
	columns_add(&changes[2].set, PLACE);
	r[0].c = 1;
	r[0].b = 6;
	r[1].c = 8;
	r[1].b = 5;
	assert_string_equal(show(), "3 / 1 / 2 / 0");
	assert_int_equal(plan.extras[0].base, 0);
}

static void the_row_that_can_is_written_first(void **state)
{
	const struct plan_extra *x;

	(void)state;
	delete(spoke, 1)->c = 1;
	set_b(delete(star, 1), 1);
	changes[1].versioned = true;
	assert_string_equal(show(), "2 / 0 / 1");
	x = &plan.extras[0];
	assert_int_equal(x->base, 1);
	assert_true(x->change.versioned);
	assert_int_equal(x->change.set.words[0], 1 << B | 1 << VERSION);
	assert_true(columns_empty(&x->change.returned));
}

static void a_row_in_two_rings_is_written_first_once(void **state)
{
	struct row *r;

	(void)state;
	r = delete(star, 1);
	set_a(r, 1);
	set_b(r, 2);
	delete(spoke, 1)->c = 1;
	delete(spoke, 2)->c = 1;
	assert_string_equal(show(), "3 / 1 2 / 0");
	assert_int_equal(plan.extra_count, 1);
	assert_int_equal(plan.extras[0].change.set.words[0],
			 1 << A | 1 << B | 1 << VERSION);
}

static void what_is_referred_to_is_not_given_up_first(void **state)
{
	(void)state;
	delete(spoke, 1)->c = 1;
	set_a(delete(star, 1), 1);
	assert_string_equal(show(), "2 / 0 / 1");
	set_a(delete(planet, 1), 1);
	assert_int_equal(make(), UOW_ECONFIG);
}

static void a_version_of_the_servers_comes_back(void **state)
{
	uow_entity e = star_entity;
	struct mapping *m;
	const struct plan_extra *x;

	(void)state;
	e.columns = fixed_columns;
	assert_int_equal(mapping_new(&m, &e, &err), 0);
	/* A spoke refers to the entity by its address. */
	m->entity = &star_entity;
	set_b(delete(m, 1), 1);
	delete(spoke, 1)->c = 1;
	assert_string_equal(show(), "2 / 1 / 0");
	x = &plan.extras[0];
	assert_int_equal(x->change.set.words[0], 1 << B);
	assert_int_equal(x->change.returned.words[0], 1 << VERSION);
	rows[0].b_is_null = true;
	set_a(&rows[0], 1);
	assert_int_equal(make(), UOW_ECONFIG);
	mapping_free(m);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start_stars, stop_stars)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_deleted_chain_that_closes_is_opened_once),
		TEST(a_row_that_refers_to_itself_leaves_itself_first),
		TEST(a_row_in_the_ring_may_stay_and_move),
		TEST(the_row_that_can_is_written_first),
		TEST(a_row_in_two_rings_is_written_first_once),
		TEST(what_is_referred_to_is_not_given_up_first),
		TEST(a_version_of_the_servers_comes_back),
	};

	return cmocka_run_group_tests(tests, map_all, unmap_all);
}
