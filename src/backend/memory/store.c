/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/store.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"

int store_new(struct store **out, uow_error *err)
{
	struct store *s = mem_alloc(sizeof(*s));

	if (!s || pthread_mutex_init(&s->mutex, NULL)) {
		mem_free(s);
		return error_nomem(err);
	}
	s->references = 1;
	random_seed(&s->random, random_mix(clock_now(&clock_system)) ^
		    random_mix((uint64_t)(uintptr_t)s));
	*out = s;
	return 0;
}

void store_reference(struct store *s)
{
	store_lock(s);
	s->references++;
	store_unlock(s);
}

static void destroy(struct store *s)
{
	struct hold *h = s->free_holds, *next_hold;
	struct table *t = s->tables, *next;

	assert(!s->oldest && !s->first_waiting);
	for (; t; t = next) {
		next = t->next;
		table_free(t);
	}
	for (; h; h = next_hold) {
		next_hold = h->next;
		mem_free(h);
	}
	mem_free(s->garbage);
	pthread_mutex_destroy(&s->mutex);
	mem_free(s);
}

void store_release(struct store *s)
{
	size_t left;

	store_lock(s);
	left = --s->references;
	store_unlock(s);
	if (!left)
		destroy(s);
}

static bool same_schema(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

struct table *store_find(struct store *s, const char *schema, const char *name)
{
	struct table *t;

	for (t = s->tables; t; t = t->next)
		if (!strcmp(t->m->table, name) &&
		    same_schema(t->m->schema, schema))
			return t;
	return NULL;
}

/* The numbers only rise, so the list is in their order by itself. */
void snapshot_take(struct store *s, struct snapshot *snap)
{
	assert(!snap->taken);
	snap->number = s->now;
	snap->newer = NULL;
	snap->older = s->newest;
	if (s->newest)
		s->newest->newer = snap;
	else
		s->oldest = snap;
	s->newest = snap;
	snap->taken = true;
}

void snapshot_drop(struct store *s, struct snapshot *snap)
{
	if (!snap->taken)
		return;
	if (snap->newer)
		snap->newer->older = snap->older;
	else
		s->newest = snap->older;
	if (snap->older)
		snap->older->newer = snap->newer;
	else
		s->oldest = snap->newer;
	snap->taken = false;
	if (s->garbage_from < s->garbage_to)
		store_collect(s);
}
