/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/slot.h"

#include <utlist.h>
#include "base/mem.h"

enum { LIFETIME_SPREAD = 8 };	/* an eighth of it is left to chance */

struct pool_slot *slot_new(void)
{
	return mem_alloc(sizeof(struct pool_slot));
}

void slot_close(struct pool_slot *s)
{
	if (s->conn)
		s->conn->ops->disconnect(s->conn);
	mem_free(s);
}

void slots_close(struct pool_slot *list)
{
	while (list) {
		struct pool_slot *next = list->next;

		slot_close(list);
		list = next;
	}
}

/* Else all that were opened together would be closed together. */
static uint64_t end_of_life(uow_db *db, uint64_t now)
{
	uint64_t span = (uint64_t)db->lifetime_ms * 1000;

	if (!span)
		return UINT64_MAX;
	return now + span - random_upto(&db->random, span / LIFETIME_SPREAD);
}

void slot_opened(uow_db *db, struct pool_slot *s, uint64_t now)
{
	s->conn->slot = s;
	s->expires = end_of_life(db, now);
	db->opened++;
}

void slot_lend(uow_db *db, struct pool_slot *s, const struct lease *l,
	       uint64_t now)
{
	s->since = now;
	s->name = l->name;
	s->place = l->place;
	DL_APPEND(db->leased, s);
	db->leased_count++;
}

void slot_take_leased(uow_db *db, struct pool_slot *s)
{
	DL_DELETE(db->leased, s);
	db->leased_count--;
}

void slot_keep(uow_db *db, struct pool_slot *s, uint64_t now)
{
	s->since = now;
	DL_PREPEND(db->idle, s);
	db->idle_count++;
}

static struct pool_slot *take(uow_db *db, struct pool_slot *s)
{
	if (s) {
		DL_DELETE(db->idle, s);
		db->idle_count--;
		s->next = NULL;
	}
	return s;
}

struct pool_slot *slot_take_idle(uow_db *db, unsigned endpoint)
{
	struct pool_slot *s = db->idle;

	while (s && s->conn->endpoint != endpoint)
		s = s->next;
	return take(db, s);
}

struct pool_slot *slot_take_other(uow_db *db, unsigned endpoint)
{
	struct pool_slot *s = db->idle;

	while (s && s->conn->endpoint == endpoint)
		s = s->next;
	return take(db, s);
}

static void cut(uow_db *db, struct pool_slot *s, struct pool_slot **list)
{
	take(db, s);
	db->open--;
	s->next = *list;
	*list = s;
}

/*
 * Those that have been idle for too long; the minimum stays, and what refuses.
 * The list is in the order of age, so they are at its end.
 */
struct pool_slot *slots_cut_expired(uow_db *db, uint64_t now)
{
	uint64_t limit = (uint64_t)db->idle_timeout_ms * 1000;
	struct pool_slot *list = NULL, *s;

	while (db->idle && db->open > db->min) {
		s = db->idle->prev;	/* the last one */
		if (s->conn->refuses || now < s->since ||
		    now - s->since <= limit)
			break;
		cut(db, s, &list);
		db->expired++;
	}
	return list;
}

struct pool_slot *slots_cut_strangers(uow_db *db)
{
	struct pool_slot *list = NULL, *s, *next;

	for (s = db->idle; s; s = next) {
		next = s->next;
		if (s->conn->endpoint != db->route.current)
			cut(db, s, &list);
	}
	return list;
}

struct pool_slot *slots_cut_all(uow_db *db)
{
	struct pool_slot *list = NULL;

	while (db->idle)
		cut(db, db->idle->prev, &list);
	return list;
}
