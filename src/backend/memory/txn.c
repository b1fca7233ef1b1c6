/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/session.h"

#include <assert.h>

#include "base/errors.h"
#include "base/mem.h"

void session_begin(struct session *s, const struct begin_options *o)
{
	assert(!s->open);
	s->open = true;
	s->simple = o->simple;
	s->isolation = o->isolation;
	s->name = o->name;
	s->deadline = o->deadline;
	s->lock_timeout_ms = o->lock_timeout_ms ? o->lock_timeout_ms :
			     s->memory->lock_timeout_ms;
	s->canceler = o->canceler;
	s->serial = 0;
}

void session_look(struct session *s)
{
	if (session_has_snapshot(s) && !s->snapshot.taken)
		snapshot_take(s->store, &s->snapshot);
}

/* -- writes -- */

int session_reserve(struct session *s)
{
	struct store *st = s->store;

	if (s->serial == UINT32_MAX ||
	    mem_grow(&s->writes, &s->write_room, s->write_count + 1,
		     sizeof(*s->writes)))
		return UOW_ENOMEM;
	return mem_grow(&st->garbage, &st->garbage_room,
			st->garbage_to + st->open_writes + 1,
			sizeof(*st->garbage));
}

void session_wrote(struct session *s, struct table *t, uint32_t record,
		   struct version *v, uint64_t flags)
{
	struct record *r = table_record(t, record);
	struct write *w = &s->writes[s->write_count++];

	v->stamp = STAMP_OPEN | flags |
		   (uint64_t)s->id << STAMP_SERIAL_BITS | ++s->serial;
	v->older = r->newest;
	r->newest = v;
	w->table = t;
	w->record = record;
	w->version = v;
	s->store->open_writes++;
}

void session_undo(struct session *s, size_t count)
{
	struct write *w;

	while (s->write_count > count) {
		w = &s->writes[--s->write_count];
		record_undo(w->table, w->record);
		s->store->open_writes--;
	}
}

/* -- ends -- */

static void leave_tables(struct session *s, size_t count)
{
	while (s->table_count > count) {
		struct table *t = s->tables[--s->table_count];

		t->users--;
		table_left(s->store, t);
	}
}

/* What was written is committed; nothing here can fail. */
static void publish(struct session *s)
{
	struct store *st = s->store;
	size_t i;

	if (!s->write_count)
		return;
	st->now++;
	for (i = 0; i < s->write_count; i++) {
		struct write *w = &s->writes[i];
		uint64_t flags = w->version->stamp &
				 (STAMP_DEAD | STAMP_MOVED);

		w->version->stamp = st->now | flags;
		w->number = st->now;
		st->garbage[st->garbage_to++] = *w;
	}
	st->open_writes -= s->write_count;
	s->write_count = 0;
	store_collect(st);
}

static void end(struct session *s)
{
	lock_release(s, NULL);
	leave_tables(s, 0);
	reads_free(s);
	s->open = false;
	s->name = NULL;
	if (s->write_room > KEPT) {
		mem_free(s->writes);
		s->writes = NULL;
		s->write_room = 0;
	}
}

int session_commit(struct session *s, uow_error *err)
{
	if (s->write_count && reads_changed(s)) {
		error_set(err, UOW_ECONFLICT, "not serializable: what this "
			  "unit has read was changed by another");
		error_diag(err, "40001", 0);
		return UOW_ECONFLICT;
	}
	snapshot_drop(s->store, &s->snapshot);
	publish(s);
	end(s);
	return 0;
}

void session_rollback(struct session *s)
{
	session_undo(s, 0);
	snapshot_drop(s->store, &s->snapshot);
	end(s);
}

void session_settle(struct session *s)
{
	if (!s->simple)
		return;
	publish(s);
	lock_release(s, NULL);
}

/* -- savepoints -- */

static int set(struct session *s, unsigned depth, uow_error *err)
{
	struct savepoint *p;

	if (mem_grow(&s->savepoints, &s->savepoint_room, depth,
		     sizeof(*s->savepoints)))
		return error_nomem(err);
	p = &s->savepoints[depth - 1];
	p->writes = s->write_count;
	p->holds = s->holds;
	return 0;
}

int session_savepoint(struct session *s, enum savepoint_verb verb,
		      unsigned depth, uow_error *err)
{
	const struct savepoint *p;

	assert(depth > 0);
	if (verb == SAVEPOINT_SET)
		return set(s, depth, err);
	if (verb == SAVEPOINT_RELEASE)
		return 0;
	p = &s->savepoints[depth - 1];
	session_undo(s, p->writes);
	lock_release(s, p->holds);
	return 0;
}
