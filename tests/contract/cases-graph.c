/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <string.h>

/*
 * Whole graphs in one flush: rings over several tables, links between rows
 * that are new themselves, trees that are cut and grown at once.
 */

/* A ring of three tables: a firm may have a chief, the rest is required. */
struct firm {
	int64_t id;
	int64_t chief;
	bool chief_is_null;
	char name[21];
	int32_t version;
};
struct team {
	int64_t id;
	int64_t firm;
};
struct person {
	int64_t id;
	int64_t team;
	int32_t version;
};
static const uow_entity team_entity, person_entity;

static const uow_column firm_columns[] = {
	UOW_INT64(struct firm, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_NULLABLE_REFERENCE(struct firm, chief, "chief", &person_entity, 0),
	UOW_CHARS(struct firm, name, "name", 0),
	UOW_INT32(struct firm, version, "version", UOW_ROW_VERSION),
};
static const uow_entity firm_entity =
	UOW_ENTITY(struct firm, "firms", firm_columns);
static const uow_column team_columns[] = {
	UOW_INT64(struct team, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct team, firm, "firm", &firm_entity, 0),
};
static const uow_entity team_entity =
	UOW_ENTITY(struct team, "teams", team_columns);
static const uow_column person_columns[] = {
	UOW_INT64(struct person, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct person, team, "team", &team_entity, 0),
	UOW_INT32(struct person, version, "version", UOW_ROW_VERSION),
};
static const uow_entity person_entity =
	UOW_ENTITY(struct person, "persons", person_columns);

static void *add(uow_unit *u, const uow_entity *e, const void *initial)
{
	return need(u, uow_add(uow_repository_of(u, e), initial));
}

static void *get(uow_unit *u, const uow_entity *e, int64_t id)
{
	return need(u, uow_get(uow_repository_of(u, e), uow_id(id)));
}

static void drop(uow_unit *u, const uow_entity *e, void *object)
{
	must(u, uow_remove(uow_repository_of(u, e), object));
}

struct ring {
	struct firm *firm;
	struct team *team;
	struct person *person;
};

static struct ring add_ring(uow_unit *u)
{
	static const struct firm firm = { 0, 0, true, "new", 0 };
	static const struct team team;
	static const struct person person;
	struct ring r;

	r.person = add(u, &person_entity, &person);
	r.team = add(u, &team_entity, &team);
	r.firm = add(u, &firm_entity, &firm);
	must(u, uow_refer(u, r.person, "team", r.team));
	must(u, uow_refer(u, r.team, "firm", r.firm));
	must(u, uow_refer(u, r.firm, "chief", r.person));
	return r;
}

/* 62, 66, 85: one member may be NULL first; versions in memory are right */
static void a_ring_of_three_tables_is_stored_in_one_flush(void **state)
{
	struct fixture *f = *state;
	struct ring r[3];
	struct firm *firm;
	int64_t firms[3], chiefs[3];
	uow_unit *u;
	int i;

	tables(f, &firm_entity, &team_entity, &person_entity, NULL);
	u = begin(f);
	for (i = 0; i < 3; i++)
		r[i] = add_ring(u);
	must(u, uow_flush(u));
	for (i = 0; i < 3; i++) {
		assert_true(r[i].person->id > 0);
		assert_int_equal(r[i].firm->chief, r[i].person->id);
		assert_int_equal(r[i].team->firm, r[i].firm->id);
		assert_int_equal(r[i].person->team, r[i].team->id);
		firms[i] = r[i].firm->id;
		chiefs[i] = r[i].person->id;
		strcpy(r[i].firm->name, "changed");
	}
	commit(u);
	u = begin(f);
	for (i = 0; i < 3; i++) {
		firm = get(u, &firm_entity, firms[i]);
		assert_false(firm->chief_is_null);
		assert_int_equal(firm->chief, chiefs[i]);
		assert_string_equal(firm->name, "changed");
	}
	commit(u);
}

/* 63, 66: and is deleted in one, whichever is removed first */
static void a_ring_of_three_tables_is_deleted_in_one_flush(void **state)
{
	struct fixture *f = *state;
	struct ring r;
	int64_t ids[3];
	uow_unit *u;
	int first, i;

	tables(f, &firm_entity, &team_entity, &person_entity, NULL);
	for (first = 0; first < 3; first++) {
		u = begin(f);
		r = add_ring(u);
		must(u, uow_flush(u));
		ids[0] = r.firm->id;
		ids[1] = r.team->id;
		ids[2] = r.person->id;
		commit(u);
		u = begin(f);
		r.firm = get(u, &firm_entity, ids[0]);
		r.team = get(u, &team_entity, ids[1]);
		r.person = get(u, &person_entity, ids[2]);
		for (i = first; i < first + 3; i++) {
			if (i % 3 == 0)
				drop(u, &firm_entity, r.firm);
			else if (i % 3 == 1)
				drop(u, &team_entity, r.team);
			else
				drop(u, &person_entity, r.person);
		}
		commit(u);
		assert_int_equal(rows_in(f, &firm_entity), 0);
		assert_int_equal(rows_in(f, &team_entity), 0);
		assert_int_equal(rows_in(f, &person_entity), 0);
	}
}

/* 63, 66: the deleting of a ring is versioned as any other */
static void a_stale_row_of_a_deleted_ring_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct ring r;
	struct firm old;
	int64_t team, person;
	uow_unit *u;

	tables(f, &firm_entity, &team_entity, &person_entity, NULL);
	u = begin(f);
	r = add_ring(u);
	must(u, uow_flush(u));
	old = *r.firm;
	team = r.team->id;
	person = r.person->id;
	strcpy(r.firm->name, "newer");
	commit(u);
	u = begin(f);
	drop(u, &firm_entity, need(u, uow_attach(
		uow_repository_of(u, &firm_entity), &old)));
	drop(u, &team_entity, get(u, &team_entity, team));
	drop(u, &person_entity, get(u, &person_entity, person));
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	contains(uow_unit_error(u)->entity, "firm");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &person_entity), 1);
}

/* A ring without a way in. */
struct rock {
	int64_t id;
	int64_t paper;
};
struct paper {
	int64_t id;
	int64_t shears;
};
struct shears {
	int64_t id;
	int64_t rock;
};
static const uow_entity paper_entity, shears_entity;

static const uow_column rock_columns[] = {
	UOW_INT64(struct rock, id, "id", UOW_KEY),
	UOW_REFERENCE(struct rock, paper, "paper", &paper_entity, 0),
};
static const uow_entity rock_entity =
	UOW_ENTITY(struct rock, "rocks", rock_columns);
static const uow_column paper_columns[] = {
	UOW_INT64(struct paper, id, "id", UOW_KEY),
	UOW_REFERENCE(struct paper, shears, "shears", &shears_entity, 0),
};
static const uow_entity paper_entity =
	UOW_ENTITY(struct paper, "papers", paper_columns);
static const uow_column shears_columns[] = {
	UOW_INT64(struct shears, id, "id", UOW_KEY),
	UOW_REFERENCE(struct shears, rock, "rock", &rock_entity, 0),
};
static const uow_entity shears_entity =
	UOW_ENTITY(struct shears, "shears", shears_columns);

/* 66: refused with the names of the ring, before any SQL */
static void a_ring_that_is_required_is_refused_by_its_names(void **state)
{
	static const struct rock rock = { 1, 1 };
	static const struct paper paper = { 1, 1 };
	static const struct shears shears = { 1, 1 };
	struct fixture *f = *state;
	struct plain p;
	struct seen seen;
	uow_db *db;
	uow_unit *u;

	tables(f, &rock_entity, &paper_entity, &shears_entity, &plain_entity,
	       NULL);
	memset(&p, 0, sizeof(p));
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	add(u, &plain_entity, &p);	/* has nothing to do with it */
	add(u, &rock_entity, &rock);
	add(u, &paper_entity, &paper);
	add(u, &shears_entity, &shears);
	assert_int_equal(uow_commit(u), UOW_ECONFIG);
	contains(uow_unit_error(u)->message, "rock");
	contains(uow_unit_error(u)->message, "paper");
	contains(uow_unit_error(u)->message, "shears");
	assert_null(strstr(uow_unit_error(u)->message, "plain"));
	uow_unit_free(u);
	assert_int_equal(seen.inserts, 0);
	uow_db_free(db);
	assert_int_equal(rows_in(f, &plain_entity), 0);
}

struct town {
	struct region *region;
	struct city *cities[3];
};

static struct town add_town(uow_unit *u)
{
	static const struct region region = { 0, "r" };
	static const struct city city = { 0, 0, "c" };
	struct town t;
	int i;

	for (i = 0; i < 3; i++)
		t.cities[i] = add(u, &city_entity, &city);
	t.region = add(u, &region_entity, &region);
	for (i = 0; i < 3; i++)
		must(u, uow_refer(u, t.cities[i], "region", t.region));
	return t;
}

static struct twin *get_twin(uow_unit *u, int64_t a, int64_t b)
{
	uow_value parts[2];

	parts[0] = uow_int(a);
	parts[1] = uow_int(b);
	return uow_lookup(uow_repository_of(u, &twin_entity),
			  uow_key_parts(parts, 2));
}

/* 67: link rows last, their keys being those made in the same flush */
static void links_between_new_rows_go_last(void **state)
{
	static const struct twin none;
	struct fixture *f = *state;
	struct twin *links[3];
	struct town t;
	int64_t ids[4];
	uow_unit *u;
	int i;

	tables(f, &region_entity, &city_entity, &twin_entity, NULL);
	u = begin(f);
	links[0] = add(u, &twin_entity, &none);
	t = add_town(u);
	must(u, uow_refer(u, links[0], "city", t.cities[0]));
	must(u, uow_refer(u, links[0], "partner", t.cities[1]));
	for (i = 1; i < 3; i++) {
		links[i] = add(u, &twin_entity, &none);
		must(u, uow_refer(u, links[i], "city", t.cities[i]));
		must(u, uow_refer(u, links[i], "partner", t.cities[0]));
	}
	must(u, uow_flush(u));
	for (i = 0; i < 3; i++)
		ids[i] = t.cities[i]->id;
	ids[3] = t.region->id;
	assert_ptr_equal(get_twin(u, ids[0], ids[1]), links[0]);
	assert_ptr_equal(get_twin(u, ids[2], ids[0]), links[2]);
	commit(u);
	assert_int_equal(rows_in(f, &twin_entity), 3);
	u = begin(f);		/* 63: and first when all goes */
	drop(u, &region_entity, get(u, &region_entity, ids[3]));
	for (i = 0; i < 3; i++)
		drop(u, &city_entity, get(u, &city_entity, ids[i]));
	drop(u, &twin_entity, need(u, get_twin(u, ids[0], ids[1])));
	drop(u, &twin_entity, need(u, get_twin(u, ids[1], ids[0])));
	drop(u, &twin_entity, need(u, get_twin(u, ids[2], ids[0])));
	commit(u);
	assert_int_equal(rows_in(f, &city_entity), 0);
	assert_int_equal(rows_in(f, &twin_entity), 0);
}

/* A set of links written anew: what stays is left alone, it is all key. */
static void links_that_are_removed_and_added_again_stay(void **state)
{
	struct fixture *f = *state;
	struct twin link;
	struct town t;
	int64_t ids[3];
	uow_unit *u;
	int i;

	tables(f, &region_entity, &city_entity, &twin_entity, NULL);
	u = begin(f);
	t = add_town(u);
	must(u, uow_flush(u));
	for (i = 0; i < 3; i++)
		ids[i] = t.cities[i]->id;
	for (i = 1; i < 3; i++) {
		link.city = ids[0];
		link.partner = ids[i];
		add(u, &twin_entity, &link);
	}
	commit(u);
	u = begin(f);
	for (i = 1; i < 3; i++)
		drop(u, &twin_entity, need(u, get_twin(u, ids[0], ids[i])));
	for (i = 0; i < 2; i++) {
		link.city = ids[0];
		link.partner = ids[i];
		add(u, &twin_entity, &link);
	}
	commit(u);
	u = begin(f);
	assert_non_null(get_twin(u, ids[0], ids[0]));
	assert_non_null(get_twin(u, ids[0], ids[1]));
	assert_null(get_twin(u, ids[0], ids[2]));
	commit(u);
	assert_int_equal(rows_in(f, &twin_entity), 2);
}

/* 69: what is added again is looked for all the same */
static void a_link_that_has_gone_is_not_switched_in_silence(void **state)
{
	struct fixture *f = *state;
	struct twin link;
	struct town t;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, &twin_entity, NULL);
	u = begin(f);
	t = add_town(u);
	must(u, uow_flush(u));
	link.city = t.cities[0]->id;
	link.partner = t.cities[1]->id;
	commit(u);
	u = begin(f);		/* the copy of a link that nobody has stored */
	drop(u, &twin_entity, need(u, uow_attach(
		uow_repository_of(u, &twin_entity), &link)));
	add(u, &twin_entity, &link);
	assert_int_equal(uow_commit(u), UOW_ECONFLICT);
	contains(uow_unit_error(u)->entity, "twin");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &twin_entity), 0);
}

/* 64: parents go, their children move to others, some of them new */
static void children_move_while_their_parents_go(void **state)
{
	static const struct city fresh = { 0, 0, "fresh" };
	static const struct street street = { 0, 0, true, "s" };
	struct fixture *f = *state;
	struct street *s;
	struct city *next;
	struct town t;
	int64_t cities[3], streets[6];
	uow_unit *u;
	int i;

	tables(f, &region_entity, &city_entity, &street_entity, NULL);
	u = begin(f);
	t = add_town(u);
	must(u, uow_flush(u));
	for (i = 0; i < 3; i++)
		cities[i] = t.cities[i]->id;
	for (i = 0; i < 6; i++) {
		s = add(u, &street_entity, &street);
		must(u, uow_refer(u, s, "city", t.cities[i / 3]));
		must(u, uow_flush(u));
		streets[i] = s->id;
	}
	commit(u);
	u = begin(f);		/* 0 and 1 go: to a new one, to 2, to none */
	for (i = 0; i < 2; i++)
		drop(u, &city_entity, get(u, &city_entity, cities[i]));
	next = add(u, &city_entity, &fresh);
	next->region = ((struct city *)get(u, &city_entity, cities[2]))
		->region;
	for (i = 0; i < 6; i++) {
		s = get(u, &street_entity, streets[i]);
		if (i % 3 == 0)
			must(u, uow_refer(u, s, "city", next));
		else if (i % 3 == 1)
			s->city = cities[2];
		else
			s->city_is_null = true;
	}
	must(u, uow_commit(u));
	cities[0] = next->id;
	uow_unit_free(u);
	u = begin(f);
	for (i = 0; i < 6; i++) {
		s = get(u, &street_entity, streets[i]);
		assert_int_equal(s->city_is_null, i % 3 == 2);
		if (i % 3 < 2)
			assert_int_equal(s->city, cities[i % 3 ? 2 : 0]);
	}
	commit(u);
	assert_int_equal(rows_in(f, &city_entity), 2);
}

/* 64: a child that nobody has loaded keeps its parent */
static void a_parent_with_children_left_is_a_constraint(void **state)
{
	struct fixture *f = *state;
	struct town t;
	int64_t id;
	uow_unit *u;

	tables(f, &region_entity, &city_entity, NULL);
	u = begin(f);
	t = add_town(u);
	must(u, uow_flush(u));
	id = t.region->id;
	commit(u);
	u = begin(f);
	drop(u, &region_entity, get(u, &region_entity, id));
	assert_int_equal(uow_commit(u), UOW_ECONSTRAINT);
	contains(uow_unit_error(u)->entity, "region");
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &region_entity), 1);
}

enum { DEEP = 7 };

static struct node *add_node(uow_unit *u, struct node *parent)
{
	static const struct node n = { 0, 0, true, "n" };
	struct node *added = add(u, &node_entity, &n);

	if (parent)
		must(u, uow_refer(u, added, "parent", parent));
	return added;
}

/*
 * 66: a binary tree: its root and every second level go, what is below moves
 * up to where there still is something, and a new root is put above all.
 */
static void a_tree_is_cut_and_grown_in_one_flush(void **state)
{
	struct fixture *f = *state;
	struct node *list[DEEP], *root;
	int64_t ids[DEEP], top;
	uow_unit *u;
	int i;

	tables(f, &node_entity, NULL);
	u = begin(f);
	for (i = 0; i < DEEP; i++)
		list[i] = add_node(u, i ? list[(i - 1) / 2] : NULL);
	must(u, uow_flush(u));
	for (i = 0; i < DEEP; i++)
		ids[i] = list[i]->id;
	commit(u);
	u = begin(f);		/* 0 and 2 go; 1 and 5 under the new root, 6
				   below 5, 3 above its own parent 1 */
	for (i = 0; i < DEEP; i++)
		list[i] = get(u, &node_entity, ids[i]);
	drop(u, &node_entity, list[0]);
	drop(u, &node_entity, list[2]);
	root = add_node(u, NULL);
	must(u, uow_refer(u, list[5], "parent", root));
	list[6]->parent = ids[5];
	must(u, uow_refer(u, list[3], "parent", root));
	list[1]->parent = ids[3];
	must(u, uow_commit(u));
	top = root->id;
	uow_unit_free(u);
	u = begin(f);
	assert_int_equal(((struct node *)get(u, &node_entity, ids[1]))
			 ->parent, ids[3]);
	assert_int_equal(((struct node *)get(u, &node_entity, ids[3]))
			 ->parent, top);
	assert_int_equal(((struct node *)get(u, &node_entity, ids[4]))
			 ->parent, ids[1]);
	assert_int_equal(((struct node *)get(u, &node_entity, ids[5]))
			 ->parent, top);
	assert_int_equal(((struct node *)get(u, &node_entity, ids[6]))
			 ->parent, ids[5]);
	commit(u);
	assert_int_equal(rows_in(f, &node_entity), DEEP - 1);
}

static const struct CMUnitTest graph_cases[] = {
	CASE(a_ring_of_three_tables_is_stored_in_one_flush),
	CASE(a_ring_of_three_tables_is_deleted_in_one_flush),
	CASE(a_stale_row_of_a_deleted_ring_is_a_conflict),
	CASE(a_ring_that_is_required_is_refused_by_its_names),
	CASE(links_between_new_rows_go_last),
	CASE(links_that_are_removed_and_added_again_stay),
	CASE(a_link_that_has_gone_is_not_switched_in_silence),
	CASE(children_move_while_their_parents_go),
	CASE(a_parent_with_children_left_is_a_constraint),
	CASE(a_tree_is_cut_and_grown_in_one_flush),
};
TOPIC(graph, "graph");
