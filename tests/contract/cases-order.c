/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/*
 * The order of writing: rows refer to rows. All tables here have their
 * foreign keys and unique columns checked by the database, so a wrong order
 * is a failure.
 */

static struct region *add_region(uow_unit *u, const char *name)
{
	struct region g;

	memset(&g, 0, sizeof(g));
	strcpy(g.name, name);
	return need(u, uow_add(uow_repository_of(u, &region_entity), &g));
}

static struct city *add_city(uow_unit *u, const char *name)
{
	struct city c;

	memset(&c, 0, sizeof(c));
	strcpy(c.name, name);
	return need(u, uow_add(uow_repository_of(u, &city_entity), &c));
}

static struct street *add_street(uow_unit *u, const char *name)
{
	struct street s;

	memset(&s, 0, sizeof(s));
	s.city_is_null = true;
	strcpy(s.name, name);
	return need(u, uow_add(uow_repository_of(u, &street_entity), &s));
}

/* 62, 65: added in the opposite order, three levels deep */
static void parents_are_inserted_before_children(void **state)
{
	struct fixture *f = *state;
	struct region *g;
	struct city *c;
	struct street *s;
	int64_t id;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, &street_entity, NULL);
	u = begin(f);
	s = add_street(u, "s");
	c = add_city(u, "c");
	g = add_region(u, "g");
	must(u, uow_refer(u, s, "city", c));
	must(u, uow_refer(u, c, "region", g));
	must(u, uow_flush(u));
	assert_int_equal(s->city, c->id);
	assert_false(s->city_is_null);
	assert_int_equal(c->region, g->id);
	id = s->id;
	commit(u);
	u = begin(f);
	s = need(u, uow_get(uow_repository_of(u, &street_entity), uow_id(id)));
	c = need(u, uow_get(uow_repository_of(u, &city_entity),
			    uow_id(s->city)));
	g = need(u, uow_get(uow_repository_of(u, &region_entity),
			    uow_id(c->region)));
	assert_string_equal(g->name, "g");
	commit(u);
}

/* 63, 65: removed in the wrong order */
static void children_are_deleted_before_parents(void **state)
{
	struct fixture *f = *state;
	struct region *g;
	struct city *c;
	struct street *s;
	int64_t ids[3];
	uow_unit *u;

	tables(f, &region_entity, &city_entity, &street_entity, NULL);
	u = begin(f);
	g = add_region(u, "g");
	c = add_city(u, "c");
	s = add_street(u, "s");
	must(u, uow_refer(u, s, "city", c));
	must(u, uow_refer(u, c, "region", g));
	must(u, uow_flush(u));
	ids[0] = g->id;
	ids[1] = c->id;
	ids[2] = s->id;
	commit(u);
	u = begin(f);
	must(u, uow_remove(uow_repository_of(u, &region_entity),
		need(u, uow_get(uow_repository_of(u, &region_entity),
				uow_id(ids[0])))));
	must(u, uow_remove(uow_repository_of(u, &city_entity),
		need(u, uow_get(uow_repository_of(u, &city_entity),
				uow_id(ids[1])))));
	must(u, uow_remove(uow_repository_of(u, &street_entity),
		need(u, uow_get(uow_repository_of(u, &street_entity),
				uow_id(ids[2])))));
	commit(u);
	assert_int_equal(rows_in(f, &region_entity), 0);
	assert_int_equal(rows_in(f, &city_entity), 0);
	assert_int_equal(rows_in(f, &street_entity), 0);
}

/* 64, 78: a child that lets go is updated before its parent goes */
static void a_child_set_free_is_written_before_the_delete(void **state)
{
	struct fixture *f = *state;
	struct region *g;
	struct city *c, *other;
	struct street *s;
	int64_t ids[3];
	uow_unit *u;

	tables(f, &region_entity, &city_entity, &street_entity, NULL);
	u = begin(f);
	g = add_region(u, "g");
	c = add_city(u, "c");
	s = add_street(u, "s");
	must(u, uow_refer(u, s, "city", c));
	must(u, uow_refer(u, c, "region", g));
	must(u, uow_flush(u));
	ids[0] = g->id;
	ids[1] = c->id;
	ids[2] = s->id;
	commit(u);

	u = begin(f);
	c = need(u, uow_get(uow_repository_of(u, &city_entity),
			    uow_id(ids[1])));
	s = need(u, uow_get(uow_repository_of(u, &street_entity),
			    uow_id(ids[2])));
	must(u, uow_remove(uow_repository_of(u, &city_entity), c));
	s->city_is_null = true;
	must(u, uow_flush(u));
	/* and one that moves to a new parent, while the old one goes */
	other = add_city(u, "other");
	g = need(u, uow_get(uow_repository_of(u, &region_entity),
			    uow_id(ids[0])));
	must(u, uow_refer(u, s, "city", other));
	must(u, uow_refer(u, other, "region", g));
	must(u, uow_flush(u));
	assert_int_equal(s->city, other->id);
	c = add_city(u, "third");
	must(u, uow_refer(u, c, "region", g));
	must(u, uow_refer(u, s, "city", c));
	must(u, uow_remove(uow_repository_of(u, &city_entity), other));
	commit(u);
	assert_int_equal(rows_in(f, &city_entity), 1);
}

/* 66: a table that refers to itself, several levels, both directions */
static void a_table_that_refers_to_itself_is_ordered_by_row(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct node n, *list[8];
	int64_t ids[8];
	uow_unit *u;
	int i;

	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	u = begin(f);
	r = uow_repository_of(u, &node_entity);
	for (i = 0; i < 8; i++)
		list[i] = need(u, uow_add(r, &n));
	for (i = 0; i < 7; i++)		/* the last one is the root */
		must(u, uow_refer(u, list[i], "parent", list[i + 1]));
	must(u, uow_flush(u));
	for (i = 0; i < 8; i++)
		ids[i] = list[i]->id;
	for (i = 0; i < 7; i++)
		assert_int_equal(list[i]->parent, ids[i + 1]);
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &node_entity);
	for (i = 7; i >= 0; i--)	/* root first: wrong order */
		must(u, uow_remove(r, need(u, uow_get(r, uow_id(ids[i])))));
	commit(u);
	assert_int_equal(rows_in(f, &node_entity), 0);
}

/* 66: a row that refers to itself, and two that refer to each other */
static void a_cycle_is_broken_where_the_column_may_be_null(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct node n, *a, *b, *self;
	int64_t ida, idb, idself;
	uow_unit *u;

	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	u = begin(f);
	r = uow_repository_of(u, &node_entity);
	a = need(u, uow_add(r, &n));
	b = need(u, uow_add(r, &n));
	self = need(u, uow_add(r, &n));
	must(u, uow_refer(u, a, "parent", b));
	must(u, uow_refer(u, b, "parent", a));
	must(u, uow_refer(u, self, "parent", self));
	must(u, uow_flush(u));
	assert_int_equal(self->parent, self->id);
	ida = a->id;
	idb = b->id;
	idself = self->id;
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &node_entity);
	a = need(u, uow_get(r, uow_id(ida)));
	b = need(u, uow_get(r, uow_id(idb)));
	self = need(u, uow_get(r, uow_id(idself)));
	assert_false(self->parent_is_null);
	assert_int_equal(self->parent, idself);
	assert_int_equal(a->parent, idb);
	assert_int_equal(b->parent, ida);
	commit(u);
}

/* A reference by several columns orders as well. */
static void references_of_several_columns_are_ordered(void **state)
{
	struct fixture *f = *state;
	struct detail d, *added;
	struct pair p, *parent;
	uow_value key[2];
	uow_unit *u;

	tables(f, &pair_entity, &detail_entity, NULL);
	memset(&d, 0, sizeof(d));
	memset(&p, 0, sizeof(p));
	d.id = 1;
	d.pair_a = 7;
	strcpy(d.pair_b, "seven");
	p.a = 7;
	strcpy(p.b, "seven");
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &detail_entity), &d));
	need(u, uow_add(uow_repository_of(u, &pair_entity), &p));
	d.id = 2;
	added = need(u, uow_add(uow_repository_of(u, &detail_entity), &d));
	commit(u);
	key[0] = uow_int(7);
	key[1] = uow_text("seven");
	u = begin(f);
	parent = need(u, uow_get(uow_repository_of(u, &pair_entity),
				 uow_key_parts(key, 2)));
	must(u, uow_remove(uow_repository_of(u, &pair_entity), parent));
	added = need(u, uow_get(uow_repository_of(u, &detail_entity),
				uow_id(1)));
	must(u, uow_remove(uow_repository_of(u, &detail_entity), added));
	added = need(u, uow_get(uow_repository_of(u, &detail_entity),
				uow_id(2)));
	must(u, uow_remove(uow_repository_of(u, &detail_entity), added));
	commit(u);
	assert_int_equal(rows_in(f, &pair_entity), 0);
}

/* A foreign key that is violated is a constraint, named; nothing is kept. */
static void a_parent_that_does_not_exist_is_a_constraint(void **state)
{
	struct fixture *f = *state;
	struct city c;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, NULL);
	memset(&c, 0, sizeof(c));
	c.region = 4711;
	u = begin(f);
	need(u, uow_add(uow_repository_of(u, &city_entity), &c));
	assert_int_equal(uow_commit(u), UOW_ECONSTRAINT);
	contains(uow_unit_error(u)->entity, "city");
	assert_false(uow_code_is_transient(UOW_ECONSTRAINT));
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &city_entity), 0);
}

/* refer() takes references only, and parents of their kind only. */
static void refer_refuses_what_is_no_reference(void **state)
{
	struct fixture *f = *state;
	struct region *g;
	struct city *c;
	struct street *s;
	uow_unit *u;
	int i;

	tables(f, &region_entity, &city_entity, &street_entity, NULL);
	for (i = 0; i < 4; i++) {
		u = begin(f);
		g = add_region(u, "g");
		c = add_city(u, "c");
		s = add_street(u, "s");
		if (i == 0)
			uow_refer(u, c, "name", g);
		else if (i == 1)
			uow_refer(u, c, "nothing", g);
		else if (i == 2)
			uow_refer(u, s, "city", g);
		else
			uow_refer(u, c, "region", f);
		failed(u, UOW_EINVAL);
		uow_unit_free(u);
	}
}

/* refer() to a stored parent sets the column; the last call counts. */
static void refer_to_a_stored_parent_sets_the_column(void **state)
{
	struct fixture *f = *state;
	struct region *a, *b;
	struct city *c;
	int64_t id, second;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, NULL);
	u = begin(f);
	a = add_region(u, "a");
	b = add_region(u, "b");
	must(u, uow_flush(u));
	c = add_city(u, "c");
	must(u, uow_refer(u, c, "region", a));
	must(u, uow_refer(u, c, "region", b));
	must(u, uow_flush(u));
	second = b->id;
	assert_int_equal(c->region, second);
	id = c->id;
	commit(u);
	u = begin(f);
	c = need(u, uow_get(uow_repository_of(u, &city_entity), uow_id(id)));
	assert_int_equal(c->region, second);
	commit(u);
}

/* What is assigned after refer() counts, as what is assigned after that. */
static void an_assignment_after_refer_counts(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct node n, *child, *stored, *fresh;
	int i;
	uow_unit *u;

	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	for (i = 0; i < 4; i++) {
		u = begin(f);
		r = uow_repository_of(u, &node_entity);
		stored = need(u, uow_add(r, &n));
		child = need(u, uow_add(r, &n));
		must(u, uow_flush(u));
		fresh = need(u, uow_add(r, &n));
		must(u, uow_refer(u, child, "parent", i < 2 ? fresh
				  : stored));
		if (i % 2) {
			child->parent = stored->id;
			child->parent_is_null = false;
		} else {
			child->parent_is_null = true;
			must(u, uow_remove(r, i ? stored : fresh));
		}
		must(u, uow_flush(u));
		assert_int_equal(child->parent_is_null, i % 2 == 0);
		if (i % 2)
			assert_int_equal(child->parent, stored->id);
		commit(u);
	}
}

/* 66: a new row whose key is not known yet may refer to itself */
static void a_new_row_may_refer_to_itself(void **state)
{
	struct fixture *f = *state;
	struct node n, *self;
	int64_t id;
	uow_unit *u;

	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	u = begin(f);
	self = need(u, uow_add(uow_repository_of(u, &node_entity), &n));
	must(u, uow_refer(u, self, "parent", self));
	must(u, uow_commit(u));		/* in one flush */
	id = self->id;
	assert_int_equal(self->parent, id);
	uow_unit_free(u);
	u = begin(f);
	self = need(u, uow_get(uow_repository_of(u, &node_entity),
			       uow_id(id)));
	assert_false(self->parent_is_null);
	assert_int_equal(self->parent, id);
	commit(u);
}

/* 63, 66: rows that refer to each other can be deleted, too */
static void a_cycle_of_rows_can_be_deleted(void **state)
{
	struct fixture *f = *state;
	uow_repository *r;
	struct node n, *list[4];
	int64_t ids[4];
	uow_unit *u;
	int i;

	tables(f, &node_entity, NULL);
	memset(&n, 0, sizeof(n));
	n.parent_is_null = true;
	u = begin(f);
	r = uow_repository_of(u, &node_entity);
	for (i = 0; i < 4; i++)
		list[i] = need(u, uow_add(r, &n));
	for (i = 0; i < 3; i++)
		must(u, uow_refer(u, list[i], "parent", list[(i + 1) % 3]));
	must(u, uow_refer(u, list[3], "parent", list[3]));
	must(u, uow_flush(u));
	for (i = 0; i < 4; i++)
		ids[i] = list[i]->id;
	commit(u);
	u = begin(f);
	r = uow_repository_of(u, &node_entity);
	for (i = 0; i < 4; i++)
		must(u, uow_remove(r, need(u, uow_get(r, uow_id(ids[i])))));
	commit(u);
	assert_int_equal(rows_in(f, &node_entity), 0);
}

static const struct CMUnitTest order_cases[] = {
	CASE(parents_are_inserted_before_children),
	CASE(children_are_deleted_before_parents),
	CASE(a_child_set_free_is_written_before_the_delete),
	CASE(a_table_that_refers_to_itself_is_ordered_by_row),
	CASE(a_cycle_is_broken_where_the_column_may_be_null),
	CASE(references_of_several_columns_are_ordered),
	CASE(a_parent_that_does_not_exist_is_a_constraint),
	CASE(refer_refuses_what_is_no_reference),
	CASE(refer_to_a_stored_parent_sets_the_column),
	CASE(an_assignment_after_refer_counts),
	CASE(a_new_row_may_refer_to_itself),
	CASE(a_cycle_of_rows_can_be_deleted),
};
TOPIC(order, "order");
