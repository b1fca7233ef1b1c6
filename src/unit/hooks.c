/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/unit.h"

#include "base/errors.h"
#include "base/mem.h"

/*
 * Hooks of a unit live in its arena, those of a data source in memory of
 * their own until it is destroyed. A run ends at the hook that was the last
 * when it began, so one that registers others cannot go on for ever.
 */

static bool event_known(uow_event event)
{
	return (int)event >= UOW_BEFORE_FLUSH && event <= UOW_AFTER_ROLLBACK;
}

static bool row_event_known(uow_row_event event)
{
	return (int)event >= UOW_BEFORE_INSERT && event <= UOW_BEFORE_DELETE;
}

static const char *event_name(uow_event event)
{
	static const char *const names[] = {
		"a before-flush hook", "an after-flush hook",
		"a before-commit hook", "an after-commit hook",
		"an after-rollback hook"
	};

	return names[event];
}

static const char *row_event_name(uow_row_event event)
{
	static const char *const names[] = {
		"a before-insert hook", "a before-update hook",
		"a before-delete hook"
	};

	return names[event];
}

/* -- registration -- */

int uow_on(uow_unit *u, uow_event event, uow_fn fn, void *arg)
{
	struct unit_hook *h;
	int rc = unit_check(u);

	if (rc)
		return rc;
	if (!fn || !event_known(event))
		return unit_failf(u, UOW_EINVAL, "no function for a hook, or "
				  "no such event: %d", (int)event);
	h = uow_alloc(u, sizeof(*h));
	if (!h)
		return u->error.code;
	h->event = event;
	h->fn = fn;
	h->arg = arg;
	*u->hooks_end = h;
	u->hooks_end = &h->next;
	return 0;
}

int uow_on_entity(uow_unit *u, const uow_entity *entity, uow_row_event event,
		  uow_row_hook fn, void *arg)
{
	struct unit_row_hook *h;
	int rc = unit_check(u);

	if (rc)
		return rc;
	if (!fn || !row_event_known(event))
		return unit_failf(u, UOW_EINVAL, "no function for a hook, or "
				  "no such event: %d", (int)event);
	h = uow_alloc(u, sizeof(*h));
	if (!h)
		return u->error.code;
	h->entity = entity;
	h->event = event;
	h->fn = fn;
	h->arg = arg;
	*u->row_hooks_end = h;
	u->row_hooks_end = &h->next;
	return 0;
}

int uow_db_on(uow_db *db, uow_event event, uow_fn fn, void *arg,
	      uow_error *err)
{
	struct db_hook *h;

	if (!db || !fn || !event_known(event))
		return error_set(err, UOW_EINVAL, "no function for a hook, or "
				 "no such event: %d", (int)event);
	h = mem_alloc(sizeof(*h));
	if (!h)
		return error_nomem(err);
	h->event = event;
	h->fn = fn;
	h->arg = arg;
	*db->hooks_end = h;
	db->hooks_end = &h->next;
	return 0;
}

int uow_db_on_entity(uow_db *db, const uow_entity *entity,
		     uow_row_event event, uow_row_hook fn, void *arg,
		     uow_error *err)
{
	struct db_row_hook *h;

	if (!db || !fn || !row_event_known(event))
		return error_set(err, UOW_EINVAL, "no function for a hook, or "
				 "no such event: %d", (int)event);
	h = mem_alloc(sizeof(*h));
	if (!h)
		return error_nomem(err);
	h->entity = entity;
	h->event = event;
	h->fn = fn;
	h->arg = arg;
	*db->row_hooks_end = h;
	db->row_hooks_end = &h->next;
	return 0;
}

/* -- questions -- */

bool hooks_have(const uow_unit *u, uow_event event)
{
	const struct unit_hook *h;
	const struct db_hook *d;

	for (h = u->hooks; h; h = h->next) {
		if (h->event == event)
			return true;
	}
	for (d = u->db->hooks; d; d = d->next) {
		if (d->event == event)
			return true;
	}
	return false;
}

bool hooks_have_end(const uow_unit *u)
{
	return hooks_have(u, UOW_AFTER_COMMIT) ||
		hooks_have(u, UOW_AFTER_ROLLBACK);
}

static bool row_matches(const uow_entity *of, uow_row_event is,
			const uow_entity *e, uow_row_event event)
{
	return is == event && (!of || of == e);
}

bool hooks_have_row(const uow_unit *u, const uow_entity *e,
		    uow_row_event event)
{
	const struct unit_row_hook *h;
	const struct db_row_hook *d;

	for (h = u->row_hooks; h; h = h->next) {
		if (row_matches(h->entity, h->event, e, event))
			return true;
	}
	for (d = u->db->row_hooks; d; d = d->next) {
		if (row_matches(d->entity, d->event, e, event))
			return true;
	}
	return false;
}

/* -- running -- */

/* One hook has returned: may the next one run? */
static bool goes_on(uow_unit *u, const char *who, int returned)
{
	if (u->state != UNIT_ACTIVE)
		return true;
	if (!u->error.code && returned)
		unit_fail_returned(u, who, returned);
	return !u->error.code;
}

static void run_of_unit(uow_unit *u, uow_event event)
{
	struct unit_hook *const *last = u->hooks_end, **at;
	bool on = true;

	for (at = &u->hooks; on && at != last; at = &(*at)->next) {
		if ((*at)->event == event)
			on = goes_on(u, event_name(event),
				     (*at)->fn(u, (*at)->arg));
	}
}

static void run_of_db(uow_unit *u, uow_event event)
{
	const struct db_hook *h;
	bool on = true;

	for (h = u->db->hooks; on && h; h = h->next) {
		if (h->event == event)
			on = goes_on(u, event_name(event), h->fn(u, h->arg));
	}
}

int hooks_run(uow_unit *u, uow_event event)
{
	enum unit_phase was = u->phase;

	if (event == UOW_BEFORE_FLUSH)
		u->phase = PHASE_FLUSH;
	u->hook_depth++;
	run_of_unit(u, event);
	if (u->state != UNIT_ACTIVE || !u->error.code)
		run_of_db(u, event);
	u->hook_depth--;
	u->phase = was;
	return u->state == UNIT_ACTIVE ? u->error.code : 0;
}

static void run_row_of_unit(uow_unit *u, const uow_entity *e,
			    uow_row_event event, void *object)
{
	struct unit_row_hook *const *last = u->row_hooks_end, **at;
	bool on = true;

	for (at = &u->row_hooks; on && at != last; at = &(*at)->next) {
		if (row_matches((*at)->entity, (*at)->event, e, event))
			on = goes_on(u, row_event_name(event),
				     (*at)->fn(u, e, object, (*at)->arg));
	}
}

static void run_row_of_db(uow_unit *u, const uow_entity *e,
			  uow_row_event event, void *object)
{
	const struct db_row_hook *h;
	bool on = true;

	for (h = u->db->row_hooks; on && h; h = h->next) {
		if (row_matches(h->entity, h->event, e, event))
			on = goes_on(u, row_event_name(event),
				     h->fn(u, e, object, h->arg));
	}
}

int hooks_run_row(uow_unit *u, const uow_entity *e, uow_row_event event,
		  void *object)
{
	enum unit_phase was = u->phase;

	if (u->error.code)
		return u->error.code;
	u->phase = PHASE_FLUSH;
	u->hook_depth++;
	run_row_of_unit(u, e, event, object);
	if (!u->error.code)
		run_row_of_db(u, e, event, object);
	u->hook_depth--;
	u->phase = was;
	if (u->error.code && !u->error.entity[0])
		error_entity(&u->error, e->name);
	return u->error.code;
}

/* -- scopes -- */

struct hooks_mark hooks_mark(const uow_unit *u)
{
	struct hooks_mark mark;

	mark.hooks_end = u->hooks_end;
	mark.row_hooks_end = u->row_hooks_end;
	return mark;
}

void hooks_rewind(uow_unit *u, struct hooks_mark mark)
{
	u->hooks_end = mark.hooks_end;
	*u->hooks_end = NULL;
	u->row_hooks_end = mark.row_hooks_end;
	*u->row_hooks_end = NULL;
}
