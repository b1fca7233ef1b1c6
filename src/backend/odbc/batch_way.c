/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include "base/mem.h"

static const struct batch_ways *ways_of(const struct profile *p,
					enum shape_op op)
{
	return op == SHAPE_INSERT ? &p->insert :
	       op == SHAPE_UPDATE ? &p->update : &p->remove;
}

/* -- experience -- */

static struct batch_memory *remembered(struct odbc *s,
				       const struct shape *shape)
{
	struct batch_memory *b;

	for (b = s->batches; b; b = b->next)
		if (b->mapping == shape->mapping && b->op == shape->op)
			break;
	return b;
}

/* Without memory the strategy is tried again each time, nothing worse. */
static void remember(struct odbc *s, const struct shape *shape,
		     unsigned proved, unsigned refused)
{
	struct batch_memory *b;

	pthread_mutex_lock(&s->mutex);
	b = remembered(s, shape);
	if (!b) {
		b = mem_alloc(sizeof(*b));
		if (b) {
			b->mapping = shape->mapping;
			b->op = shape->op;
			b->next = s->batches;
			s->batches = b;
		}
	}
	if (b) {
		b->proved |= proved;
		b->refused |= refused;
	}
	pthread_mutex_unlock(&s->mutex);
}

void way_recall(struct odbc *s, const struct shape *shape, unsigned *proved,
		unsigned *refused)
{
	const struct batch_memory *b;

	pthread_mutex_lock(&s->mutex);
	b = remembered(s, shape);
	*proved = b ? b->proved : 0;
	*refused = b ? b->refused : 0;
	pthread_mutex_unlock(&s->mutex);
}

void way_proved(struct odbc *s, const struct shape *shape, struct way *w)
{
	if (!w->proved)
		remember(s, shape, 1u << w->strategy, 0);
	w->proved = true;
}

void way_refused(struct odbc *s, const struct shape *shape, struct way *w)
{
	remember(s, shape, 0, 1u << w->strategy);
	w->strategy = STRATEGY_ROWS;
}

void ways_release(struct odbc *s)
{
	struct batch_memory *b;

	while ((b = s->batches) != NULL) {
		s->batches = b->next;
		mem_free(b);
	}
}

/* -- choice -- */

/* Can the key that the database makes be told for each row? */
static bool gives_keys(const struct profile *p, const struct shape *s,
		       enum strategy strategy)
{
	int key = s->mapping->generated_key;

	if (s->op != SHAPE_INSERT || key < 0 ||
	    !columns_has(&s->returned, (unsigned)key))
		return true;
	return p->returning != RETURNING_NONE ||
	       (strategy == STRATEGY_VALUES && p->keys == BATCH_KEYS_LAST);
}

static bool possible(const struct profile *p, const struct shape *s,
		     const struct type_form *const *forms,
		     enum strategy strategy)
{
	/* A statement that does not tell how many it hit proves nothing. */
	if (s->op != SHAPE_INSERT && p->batch == COUNTS_NONE)
		return false;
	if (strategy == STRATEGY_ARRAY && p->arrays == ARRAYS_NONE)
		return false;
	return gives_keys(p, s, strategy) &&
	       render_batch_fits(p, s, forms, strategy);
}

/* As many rows as the markers of one statement allow. */
static void set_sizes(const struct profile *p, const struct shape *s,
		      const struct batch_way *from, struct way *out)
{
	size_t markers = render_batch_markers(s, from->strategy);

	out->strategy = from->strategy;
	out->fewest = from->fewest;
	out->most = from->most;
	if (markers && p->markers && out->most > p->markers / markers)
		out->most = p->markers / markers;
	if (out->most < out->fewest || out->most < 2)
		out->strategy = STRATEGY_ROWS;
}

/* Is w better than what was found before? */
static bool better(const struct way *w, const struct way *found, size_t count)
{
	if (w->strategy == STRATEGY_ROWS || w->fewest > count)
		return false;
	return found->strategy == STRATEGY_ROWS ||
	       (found->most < count && w->most > found->most);
}

int way_choose(struct odbc_conn *c, const struct shape *s, size_t count,
	       struct way *out, uow_error *err)
{
	const struct profile *p = c->source->profile;
	const struct batch_way *list = ways_of(p, s->op)->list;
	const struct type_form *const *forms;
	unsigned proved, refused;
	struct way w;
	size_t i;
	int rc;

	out->strategy = STRATEGY_ROWS;
	/*
	 * A simple unit's rows are committed one by one. A total proves
	 * nothing where the driver has been seen not to tell.
	 */
	if (count < 2 || c->options.simple ||
	    list[0].strategy == STRATEGY_ROWS ||
	    (s->op != SHAPE_INSERT && !verify_by_counts(c)))
		return 0;
	rc = forms_of(c, s->mapping, &forms, err);
	if (rc)
		return rc;
	way_recall(c->source, s, &proved, &refused);
	for (i = 0; list[i].strategy != STRATEGY_ROWS; i++) {
		if (refused & 1u << list[i].strategy ||
		    !possible(p, s, forms, list[i].strategy))
			continue;
		set_sizes(p, s, &list[i], &w);
		w.proved = (proved & 1u << w.strategy) != 0;
		if (better(&w, out, count))
			*out = w;
	}
	return 0;
}

/* The text is the same for any number of rows. */
static bool any_size(enum strategy strategy)
{
	return strategy == STRATEGY_UNNEST || strategy == STRATEGY_ARRAY;
}

size_t way_step(const struct way *w, size_t left)
{
	static const size_t steps[] = { 1000, 100, 10, 2 };
	size_t i;

	if (w->strategy == STRATEGY_ROWS || left < w->fewest)
		return 1;
	if (left >= w->most)
		return w->most;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (any_size(w->strategy) ||
		    (steps[i] <= left && steps[i] >= w->fewest))
			return any_size(w->strategy) ? left : steps[i];
	return left >= w->fewest ? w->fewest : 1;
}
