/* SPDX-License-Identifier: BSD-2-Clause */
/* unit/plan.h: random changes, written to a model of a database */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/random.h"
#include "plan-tables.h"

/* -- random databases, before and after -- */

/*
 * Three tables before and after some work; the changes are the difference.
 * Written row by row in the order of the plan, with every constraint checked
 * at every row, they must turn the one into the other. Beside that, edges are
 * found by comparing each change with each.
 */
enum { ROWS = 6, TABLES = 3 };

struct table {
	bool has[ROWS];
	struct row rows[ROWS];		/* id: place + 1 */
};

struct world {
	struct table tables[TABLES];	/* nodes, leaves, parts */
};

static struct random dice;
static struct world before, after, now;
static struct change work[TABLES * ROWS];
static size_t work_count;
static bool arrow[TABLES * ROWS][TABLES * ROWS];	/* an edge */
static bool strong[TABLES * ROWS][TABLES * ROWS];	/* NULL cannot help */

static size_t roll(size_t n)
{
	return (size_t)random_upto(&dice, n - 1);
}

static size_t pick(const struct table *t)
{
	size_t i = roll(ROWS), n;

	for (n = 0; n < ROWS; n++) {
		if (t->has[(i + n) % ROWS])
			return (i + n) % ROWS;
	}
	return ROWS;
}

static const struct mapping *table_mapping(size_t t)
{
	return t == 0 ? node : t == 1 ? leaf : part;
}

static size_t table_of(const struct mapping *m)
{
	return m == node ? 0 : m == leaf ? 1 : 2;
}

static struct row *put_row(struct table *t, size_t i)
{
	struct row *r = &t->rows[i];

	t->has[i] = true;
	r->id = (int64_t)i + 1;
	r->a_is_null = true;
	r->b_is_null = true;
	return r;
}

static void shuffle(size_t *order, size_t n)
{
	size_t i, k, kept;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n; i > 1; i--) {
		k = roll(i);
		kept = order[i - 1];
		order[i - 1] = order[k];
		order[k] = kept;
	}
}

/* fill of 4 places are taken. */
static void random_nodes(struct table *t, size_t fill)
{
	size_t order[ROWS], tags[ROWS], i, parent;
	struct row *r;

	shuffle(order, ROWS);
	shuffle(tags, ROWS);
	for (i = 0; i < ROWS; i++) {
		if (roll(4) >= fill)
			continue;
		parent = pick(t);
		r = put_row(t, order[i]);
		if (roll(3))
			set_b(r, (int64_t)tags[i]);
		if (roll(4) && parent < ROWS)
			set_a(r, (int64_t)parent + 1);
		else if (!roll(4))
			set_a(r, r->id);
	}
}

/* Rings as well: every second world ties the roots to somebody. */
static void tie_nodes(struct table *t)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (t->has[i] && t->rows[i].a_is_null && roll(2))
			set_a(&t->rows[i], (int64_t)pick(t) + 1);
	}
}

static void random_leaves(struct world *w)
{
	size_t pairs[ROWS], i, parent;
	struct row *r;

	shuffle(pairs, ROWS);
	for (i = 0; i < ROWS; i++) {
		parent = pick(&w->tables[0]);
		if (!roll(3) || parent == ROWS)
			continue;
		r = put_row(&w->tables[1], i);
		r->a_is_null = false;
		r->b_is_null = false;
		r->a = (int64_t)pairs[i] / 2;
		r->b = (int64_t)pairs[i] % 2;
		r->c = (int64_t)parent + 1;
	}
}

static void random_parts(struct world *w)
{
	const struct table *t = &w->tables[1];
	size_t i, parent;
	struct row *r;

	for (i = 0; i < ROWS; i++) {
		parent = pick(t);
		if (!roll(3))
			continue;
		r = put_row(&w->tables[2], i);
		if (parent == ROWS || !roll(4))
			continue;
		set_a(r, t->rows[parent].a);
		set_b(r, t->rows[parent].b);
	}
}

/* keep_pairs: leaves stay as they were where they stay. */
static void random_world(struct world *w, const struct world *keep_pairs)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	/* Many are deleted now and then: whole rings. */
	random_nodes(&w->tables[0], keep_pairs && !roll(3) ? 1 : 3);
	if (roll(2))
		tie_nodes(&w->tables[0]);
	random_leaves(w);
	for (i = 0; keep_pairs && i < ROWS; i++) {
		w->tables[1].rows[i].a = keep_pairs->tables[1].rows[i].a;
		w->tables[1].rows[i].b = keep_pairs->tables[1].rows[i].b;
		if (!keep_pairs->tables[1].has[i])
			w->tables[1].has[i] = false;
	}
	random_parts(w);
}

static void add_work(size_t t, size_t i)
{
	const struct mapping *m = table_mapping(t);
	const struct table *old = &before.tables[t], *new = &after.tables[t];
	struct change *c = &work[work_count];

	memset(c, 0, sizeof(*c));
	c->mapping = m;
	if (!old->has[i] && !new->has[i])
		return;
	c->was = old->has[i] ? &old->rows[i] : NULL;
	c->now = new->has[i] ? &new->rows[i] : NULL;
	c->op = !c->was ? SHAPE_INSERT : c->now ? SHAPE_UPDATE : SHAPE_DELETE;
	if (c->op == SHAPE_INSERT)
		c->set = m->all;
	else if (c->op == SHAPE_UPDATE)
		row_diff(m, c->now, c->was, &m->all, &c->set);
	if (c->op == SHAPE_UPDATE && columns_empty(&c->set))
		return;
	work_count++;
}

static void make_work(void)
{
	size_t order[TABLES * ROWS], i;

	work_count = 0;
	shuffle(order, TABLES * ROWS);
	for (i = 0; i < TABLES * ROWS; i++)
		add_work(order[i] % TABLES, order[i] / TABLES);
}

/* -- the same edges, by brute force -- */

static bool same_pair(const struct row *x, const struct row *y)
{
	return x && y && !x->a_is_null && !y->a_is_null && !x->b_is_null &&
	       !y->b_is_null && x->a == y->a && x->b == y->b;
}

/* Does child refer to parent? Types by change. */
static bool refers(const struct change *c, const struct row *child,
		   const struct change *p, const struct row *parent)
{
	if (!child || !parent)
		return false;
	if (p->mapping == node && c->mapping == node)
		return !child->a_is_null && child->a == parent->id;
	if (p->mapping == node && c->mapping == leaf)
		return child->c == parent->id;
	return p->mapping == leaf && c->mapping == part &&
	       same_pair(child, parent);
}

static bool same_unique(const struct change *x, const struct row *a,
			const struct change *y, const struct row *b)
{
	if (x->mapping != y->mapping || !a || !b)
		return false;
	if (x->mapping == node)
		return !a->b_is_null && !b->b_is_null && a->b == b->b;
	return x->mapping == leaf && same_pair(a, b);
}

/* Must x go before y? */
static bool goes_before(const struct change *x, const struct change *y,
			bool *can_wait)
{
	*can_wait = false;
	/* (a) y takes what only x makes */
	if (refers(y, y->now, x, x->now) && !refers(y, y->now, x, x->was) &&
	    !(y->was && refers(y, y->was, x, x->now))) {
		*can_wait = y->mapping != leaf;
		return true;
	}
	/* (b) x leaves what y takes away */
	if (refers(x, x->was, y, y->was) && !refers(x, x->was, y, y->now)) {
		*can_wait = x->mapping != leaf && x->op == SHAPE_DELETE;
		return !refers(x, x->now, y, y->was);
	}
	/* (c) */
	if (same_unique(x, x->was, y, y->now) &&
	    !same_unique(x, x->now, x, x->was) &&
	    !(y->was && same_unique(y, y->was, y, y->now))) {
		*can_wait = y->mapping == node;
		return true;
	}
	return false;
}

/* (b) also of a row that refers to itself. */
static bool leaves_itself(const struct change *x)
{
	return x->op == SHAPE_DELETE && refers(x, x->was, x, x->was);
}

static void find_arrows(void)
{
	size_t i, k;
	bool weak = false;

	for (i = 0; i < work_count; i++) {
		for (k = 0; k < work_count; k++) {
			arrow[i][k] = i == k ? leaves_itself(&work[i]) :
				goes_before(&work[i], &work[k], &weak);
			weak = weak || i == k;
			strong[i][k] = arrow[i][k] && !weak;
		}
	}
}

/* Longest way to each; false: there is a cycle. */
static bool longest(bool edges[][TABLES * ROWS], size_t *level)
{
	size_t round, i, k;
	bool moved = true;

	memset(level, 0, work_count * sizeof(*level));
	for (round = 0; moved && round <= work_count; round++) {
		moved = false;
		for (i = 0; i < work_count; i++) {
			for (k = 0; k < work_count; k++) {
				if (!edges[i][k] || level[k] > level[i])
					continue;
				level[k] = level[i] + 1;
				moved = true;
			}
		}
	}
	return !moved;
}

static void check_levels(const size_t *level)
{
	size_t s, b, i, seen = 0;

	assert_int_equal(plan.extra_count, 0);
	for (s = 0; s < plan.count; s++) {
		for (b = 0; b < plan.stages[s].count; b++) {
			const struct plan_batch *batch =
				&plan.stages[s].batches[b];

			for (i = 0; i < batch->count; i++, seen++)
				assert_int_equal(level[batch->changes[i]], s);
		}
	}
	assert_int_equal(seen, work_count);
}

/* -- a database that checks every row -- */

static bool has_parent(size_t t, const struct row *r)
{
	const struct table *nodes = &now.tables[0], *leaves = &now.tables[1];
	size_t i;

	if (t == 0)
		return r->a_is_null || nodes->has[r->a - 1];
	if (t == 1)
		return nodes->has[r->c - 1];
	if (r->a_is_null || r->b_is_null)
		return true;
	for (i = 0; i < ROWS; i++) {
		if (leaves->has[i] && same_pair(&leaves->rows[i], r))
			return true;
	}
	return false;
}

static void check_world(void)
{
	struct change x = { 0 }, y = { 0 };
	size_t t, i, k;

	for (t = 0; t < TABLES; t++) {
		x.mapping = table_mapping(t);
		y.mapping = table_mapping(t);
		for (i = 0; i < ROWS; i++) {
			const struct row *r = &now.tables[t].rows[i];

			if (!now.tables[t].has[i])
				continue;
			assert_true(has_parent(t, r));
			for (k = 0; k < i; k++) {
				if (now.tables[t].has[k])
					assert_false(same_unique(&x, r, &y,
						&now.tables[t].rows[k]));
			}
		}
	}
}

static void write_change(size_t n, const struct columns *nulled)
{
	const struct change *c = n < work_count ? &work[n] :
				 &plan.extras[n - work_count].change;
	const struct row *key = c->op == SHAPE_INSERT ? c->now : c->was;
	struct table *t = &now.tables[table_of(c->mapping)];
	size_t i = (size_t)key->id - 1, k;

	assert_int_equal(t->has[i], c->op != SHAPE_INSERT);
	if (c->op == SHAPE_DELETE && t == &now.tables[0])
		assert_true(t->rows[i].a_is_null || t->rows[i].a != key->id);
	t->has[i] = c->op != SHAPE_DELETE;
	if (c->op == SHAPE_DELETE) {
		check_world();
		return;
	}
	if (c->now)
		row_assign(c->mapping, &t->rows[i], c->now, &c->set);
	else
		nulled = &c->set;
	for (k = 0; nulled && k < c->mapping->count; k++) {
		if (columns_has(nulled, (unsigned)k))
			field_set_null(&c->mapping->fields[k], &t->rows[i]);
	}
	check_world();
}

static const struct columns *nulled_in(size_t n)
{
	size_t i;

	for (i = 0; i < plan.extra_count; i++) {
		if (plan.extras[i].base == n)
			return &plan.extras[i].change.set;
	}
	return NULL;
}

static void run_plan(void)
{
	bool seen[2 * TABLES * ROWS] = { false };
	size_t s, b, i, n, total = 0;

	now = before;
	check_world();
	for (s = 0; s < plan.count; s++) {
		for (b = 0; b < plan.stages[s].count; b++) {
			const struct plan_batch *batch =
				&plan.stages[s].batches[b];

			for (i = 0; i < batch->count; i++) {
				n = batch->changes[i];
				assert_false(seen[n]);
				seen[n] = true;
				total++;
				write_change(n, nulled_in(n));
			}
		}
	}
	assert_int_equal(total, work_count + plan.extra_count);
}

static void compare_worlds(void)
{
	struct columns diff;
	size_t t, i;

	for (t = 0; t < TABLES; t++) {
		const struct mapping *m = table_mapping(t);

		for (i = 0; i < ROWS; i++) {
			assert_int_equal(now.tables[t].has[i],
					 after.tables[t].has[i]);
			if (!now.tables[t].has[i])
				continue;
			row_diff(m, &now.tables[t].rows[i],
				 &after.tables[t].rows[i], &m->all, &diff);
			assert_true(columns_empty(&diff));
		}
	}
}

static size_t holder(const struct world *w, const struct row *child)
{
	const struct table *t = &w->tables[1];
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (t->has[i] && same_pair(&t->rows[i], child))
			return i;
	}
	return ROWS;
}

/*
 * A part that stays as it is while its pair goes from one leaf to another: no
 * order of statements can do that.
 */
static bool hands_over(void)
{
	const struct table *old = &before.tables[2], *new = &after.tables[2];
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (old->has[i] && new->has[i] &&
		    same_pair(&old->rows[i], &new->rows[i]) &&
		    holder(&before, &old->rows[i]) !=
		    holder(&after, &new->rows[i]))
			return true;
	}
	return false;
}

struct tally {
	unsigned plain, broken, refused, left;
};

/* Is a row written before it is deleted? */
static bool leaves_first(void)
{
	size_t i;

	for (i = 0; i < plan.extra_count; i++) {
		if (work[plan.extras[i].base].op == SHAPE_DELETE)
			return true;
	}
	return false;
}

static void try_world(struct tally *tally)
{
	size_t level[TABLES * ROWS];
	bool acyclic, possible;
	int rc;

	find_arrows();
	acyclic = longest(arrow, level);
	possible = longest(strong, level);
	arena_clear(&arena);
	rc = plan_make(work, work_count, NULL, 0, &arena, &plan, &err);
	if (!possible) {
		assert_true(rc == UOW_EDUPLICATE || rc == UOW_ECONFIG);
		tally->refused++;
		return;
	}
	assert_int_equal(rc, 0);
	run_plan();
	compare_worlds();
	if (acyclic) {
		longest(arrow, level);
		check_levels(level);
	}
	tally->plain += acyclic;
	tally->broken += !acyclic;
	tally->left += leaves_first();
}

static void random_work_keeps_every_constraint_at_every_row(void **state)
{
	const char *given = getenv("UOW_TEST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) :
			(uint64_t)time(NULL);
	struct tally tally = { 0, 0, 0, 0 };
	unsigned i;

	(void)state;
	print_message("# UOW_TEST_SEED=%llu\n", (unsigned long long)seed);
	random_seed(&dice, seed);
	for (i = 0; i < 4000; i++) {
		random_world(&before, NULL);
		random_world(&after, roll(4) ? &before : NULL);
		make_work();
		if (!hands_over())
			try_world(&tally);
	}
	print_message("# %u plain, %u with cycles (%u of deletes), "
		      "%u refused\n", tally.plain, tally.broken, tally.left,
		      tally.refused);
	/* All kinds do occur, else this proves little. */
	assert_true(tally.plain > 100);
	assert_true(tally.broken > 100);
	assert_true(tally.left > 50);
	assert_true(tally.refused > 10);
}

static void the_same_changes_give_the_same_plan(void **state)
{
	static char first[1024];
	size_t i, k;

	(void)state;
	random_seed(&dice, 5);
	for (i = 0; i < 50; i++) {
		random_world(&before, NULL);
		random_world(&after, &before);
		make_work();
		memcpy(changes, work, sizeof(work));
		count = work_count;
		if (make())
			continue;
		strcpy(first, show());
		/* Elsewhere in memory, with other addresses. */
		for (k = 0; k < count; k++) {
			if (changes[k].now)
				changes[k].now = memcpy(&rows[2 * k],
					changes[k].now, sizeof(*rows));
		}
		assert_string_equal(show(), first);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(random_work_keeps_every_constraint_at_every_row),
		TEST(the_same_changes_give_the_same_plan),
	};

	return cmocka_run_group_tests(tests, map_all, unmap_all);
}
