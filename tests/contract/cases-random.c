/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/*
 * Units that do anything, beside a model that is a plain array: after every
 * step the unit, and after every unit the database, is what the model is.
 * UOW_TEST_SEED=N (printed) repeats a run.
 */
enum { ROWS = 16, UNITS = 60, STEPS = 25, CODES = 24 };

struct row {
	bool exists;
	int32_t amount;
	int code;		/* of CODES, unique */
	int parent;		/* node that it refers to, or -1 */
};

struct model {
	struct row rows[ROWS];
	/* nodes have generated keys; where they are known */
	int64_t ids[ROWS];
};

struct play {
	struct fixture *f;
	struct dice dice;
	struct model m;
	struct node *nodes[ROWS];
	int deepest;		/* parts within parts; 0: none */
	unsigned committed, undone, refused;
};

static uow_repository *slots(uow_unit *u)
{
	return uow_repository_of(u, &slot_entity);
}

static uow_repository *nodes(uow_unit *u)
{
	return uow_repository_of(u, &node_entity);
}

static void code_text(char *out, int code)
{
	sprintf(out, "code%d", code);
}

static int free_code(struct play *p)
{
	int from = (int)dice_roll(&p->dice, CODES), i, k;

	for (k = 0; k < CODES; k++) {
		for (i = 0; i < ROWS; i++) {
			if (p->m.rows[i].exists && p->m.rows[i].code == from)
				break;
		}
		if (i == ROWS)
			return from;
		from = (from + 1) % CODES;
	}
	return -1;
}

/* -- slots: assigned keys, a unique column -- */

static void add_slot(uow_unit *u, struct play *p, int i)
{
	struct row *r = &p->m.rows[i];
	struct slot s;

	memset(&s, 0, sizeof(s));
	s.id = i + 1;
	s.amount = r->amount = (int32_t)dice_roll(&p->dice, 1000);
	r->code = free_code(p);
	r->exists = true;
	code_text(s.code, r->code);
	need(u, uow_add(slots(u), &s));
}

static void check_slot(const struct row *r, const struct slot *s)
{
	char code[20];

	assert_int_equal(r->exists, s != NULL);
	if (!s)
		return;
	code_text(code, r->code);
	assert_int_equal(s->amount, r->amount);
	assert_string_equal(s->code, code);
}

static void step_slot(uow_unit *u, struct play *p)
{
	int i = (int)dice_roll(&p->dice, ROWS);
	struct row *r = &p->m.rows[i];
	struct slot *s = uow_lookup(slots(u), uow_id(i + 1));

	must(u, uow_status(u));
	check_slot(r, s);
	if (!s) {
		add_slot(u, p, i);
		return;
	}
	switch (dice_roll(&p->dice, 4)) {
	case 0:
		must(u, uow_remove(slots(u), s));
		r->exists = false;
		break;
	case 1:
		r->code = free_code(p);
		code_text(s->code, r->code);
		break;
	default:
		s->amount = r->amount = (int32_t)dice_roll(&p->dice, 1000);
	}
}

/* What a flush may say: a ring of codes cannot be ordered. */
static bool flushed(uow_unit *u, int rc)
{
	if (rc == UOW_EDUPLICATE) {
		contains(uow_unit_error(u)->entity, "slot");
		return false;
	}
	must(u, rc);
	return true;
}

static bool check_all(uow_unit *u, struct play *p)
{
	uow_query q = UOW_QUERY_INIT;
	uow_order order = { "id", false };
	uow_rows rows;
	size_t n = 0;
	int i;

	q.where = uow_all();
	q.order_by = &order;
	q.order_count = 1;
	if (!flushed(u, uow_find(slots(u), &q, &rows)))
		return false;
	for (i = 0; i < ROWS; i++) {
		if (!p->m.rows[i].exists)
			continue;
		assert_true(n < rows.count);
		assert_int_equal(((struct slot *)rows.items[n])->id, i + 1);
		check_slot(&p->m.rows[i], rows.items[n++]);
	}
	assert_int_equal(n, rows.count);
	return true;
}

struct part {
	struct play *p;
	int depth;
	bool fails;
};

static bool steps(uow_unit *u, struct play *p, int depth);

static int run_part(uow_unit *u, void *arg)
{
	struct part *part = arg;

	if (!steps(u, part->p, part->depth + 1))
		return uow_status(u);
	return part->fails ? UOW_EAPP - 1 : 0;
}

/* A part that fails, of itself or by a ring of codes, is undone whole. */
static bool step_nested(uow_unit *u, struct play *p, int depth)
{
	struct model before = p->m;
	struct part part;
	int rc;

	part.p = p;
	part.depth = depth;
	part.fails = dice_roll(&p->dice, 2);
	rc = uow_nested(u, run_part, &part);
	if (uow_status(u))	/* its first flush failed: what was before */
		return flushed(u, rc);
	if (rc) {
		assert_true(rc == UOW_EAPP - 1 || rc == UOW_EDUPLICATE);
		p->m = before;
	} else {
		assert_false(part.fails);
	}
	return true;
}

static bool steps(uow_unit *u, struct play *p, int depth)
{
	int i;

	for (i = 0; i < STEPS; i++) {
		switch (dice_roll(&p->dice, 16)) {
		case 0:
			if (!flushed(u, uow_flush(u)))
				return false;
			break;
		case 1:
			if (!check_all(u, p))
				return false;
			break;
		case 2:
			if (depth < p->deepest && !step_nested(u, p, depth))
				return false;
			break;
		default:
			step_slot(u, p);
		}
	}
	return true;
}

static void play_unit(struct play *p)
{
	struct model before = p->m;
	uow_unit *u = begin(p->f);
	bool fine = steps(u, p, 0);

	if (fine && dice_roll(&p->dice, 4)) {
		fine = flushed(u, uow_commit(u));
		p->committed += fine;
	} else {
		p->undone += fine;
		uow_rollback(u);
		p->m = before;
	}
	if (!fine) {
		p->refused++;
		p->m = before;
	}
	uow_unit_free(u);
	u = begin(p->f);
	assert_true(check_all(u, p));
	commit(u);
}

static void units_and_parts_do_what_a_plain_array_does(void **state)
{
	struct play p;
	int i;

	memset(&p, 0, sizeof(p));
	p.f = *state;
	p.deepest = uow_db_has(p.f->db, UOW_FEATURE_SAVEPOINT) ? 3 : 0;
	dice_seed(&p.dice);
	tables(p.f, &slot_entity, NULL);
	for (i = 0; i < UNITS; i++)
		play_unit(&p);
	print_message("# %u committed, %u undone, %u refused\n", p.committed,
		      p.undone, p.refused);
	assert_true(p.committed > UNITS / 4);
}

/* -- nodes: generated keys, references within the table -- */

static struct node *get_node(uow_unit *u, struct play *p, int i)
{
	if (!p->nodes[i])
		p->nodes[i] = need(u, uow_get(nodes(u), uow_id(p->m.ids[i])));
	return p->nodes[i];
}

static void step_node(uow_unit *u, struct play *p)
{
	int i = (int)dice_roll(&p->dice, ROWS), k;
	struct row *r = &p->m.rows[i];
	struct node n;

	if (!r->exists) {
		memset(&n, 0, sizeof(n));
		n.parent_is_null = true;
		sprintf(n.name, "node %d", i);
		p->nodes[i] = need(u, uow_add(nodes(u), &n));
		r->exists = true;
		r->parent = -1;
		return;
	}
	get_node(u, p, i);
	k = (int)dice_roll(&p->dice, ROWS);
	if (dice_roll(&p->dice, 4) == 0) {
		/* whoever refers to it lets go first */
		if (dice_roll(&p->dice, 2))
			must(u, uow_flush(u));
		for (k = 0; k < ROWS; k++) {
			if (!p->m.rows[k].exists || p->m.rows[k].parent != i)
				continue;
			get_node(u, p, k)->parent_is_null = true;
			p->m.rows[k].parent = -1;
		}
		must(u, uow_remove(nodes(u), p->nodes[i]));
		p->nodes[i] = NULL;
		r->exists = false;
	} else if (p->m.rows[k].exists) {
		must(u, uow_refer(u, p->nodes[i], "parent",
				  get_node(u, p, k)));
		r->parent = k;
	}
}

static void check_nodes(struct play *p)
{
	uow_unit *u = begin(p->f);
	int i, count = 0;

	for (i = 0; i < ROWS; i++) {
		const struct row *r = &p->m.rows[i];
		struct node *n;

		if (!r->exists)
			continue;
		count++;
		n = need(u, uow_get(nodes(u), uow_id(p->m.ids[i])));
		assert_int_equal(n->parent_is_null, r->parent < 0);
		if (r->parent >= 0)
			assert_int_equal(n->parent, p->m.ids[r->parent]);
	}
	commit(u);
	assert_int_equal(rows_in(p->f, &node_entity), count);
}

static void play_nodes(struct play *p)
{
	struct model before = p->m;
	uow_unit *u = begin(p->f);
	int i, n = (int)dice_roll(&p->dice, 30);

	memset(p->nodes, 0, sizeof(p->nodes));
	for (i = 0; i < n; i++) {
		step_node(u, p);
		if (dice_roll(&p->dice, 10) == 0)
			must(u, uow_flush(u));
	}
	if (dice_roll(&p->dice, 5) == 0) {
		uow_rollback(u);
		uow_unit_free(u);
		p->m = before;
	} else {
		must(u, uow_commit(u));
		for (i = 0; i < ROWS; i++) {
			if (p->m.rows[i].exists && p->nodes[i])
				p->m.ids[i] = p->nodes[i]->id;
		}
		uow_unit_free(u);
	}
	check_nodes(p);
}

/* Rows that refer to each other in any way, rings included. */
static void any_web_of_references_can_be_written(void **state)
{
	struct play p;
	int i;

	memset(&p, 0, sizeof(p));
	p.f = *state;
	dice_seed(&p.dice);
	tables(p.f, &node_entity, NULL);
	for (i = 0; i < UNITS; i++)
		play_nodes(&p);
}

static const struct CMUnitTest random_cases[] = {
	CASE(units_and_parts_do_what_a_plain_array_does),
	CASE(any_web_of_references_can_be_written),
};
TOPIC(random, "random");
