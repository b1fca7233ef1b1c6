/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit/once.h"

#include <string.h>

void once_init(struct once *o, unsigned attempts)
{
	memset(o, 0, sizeof(*o));
	o->attempts = attempts;
	o->step = ONCE_BODY;
}

void once_init_by_hand(struct once *o)
{
	once_init(o, 1);
	o->by_hand = true;
}

/* Model: begin. With attempts and time left the body runs, else: who knows? */
static enum once_step begin(struct once *o, const struct once_time *t)
{
	bool enough = o->used >= o->attempts || t->late;

	if (!o->doubt)
		return enough && o->used ? ONCE_FAILURE : ONCE_BODY;
	if (enough || o->by_hand)
		o->tombstone = true;
	return o->tombstone ? ONCE_TOMBSTONE : ONCE_BODY;
}

static enum once_step success(struct once *o, unsigned attempt)
{
	o->stored = attempt;
	return ONCE_SUCCESS;
}

/*
 * A row is there, but it may be a tombstone of ours whose COMMIT was lost, or
 * any attempt's: neither success nor failure. Outside of doubt it means that a
 * COMMIT was told to have failed and has not: the same doubt.
 */
static enum once_step taken(struct once *o)
{
	o->doubt = true;
	return ONCE_READ;
}

/* Model: body, in a run that cannot have happened. */
static enum once_step body_first(struct once *o, enum once_event event,
				 const struct once_time *t)
{
	switch (event) {
	case ONCE_OBSTACLE:
	case ONCE_CONFLICT:
		o->used++;
		return begin(o, t);
	case ONCE_ERROR:
	case ONCE_REFUSED:
		return ONCE_FAILURE;
	default:
		return ONCE_IN_DOUBT;
	}
}

/* Model: fence. What its own statement meets is not the body's failure. */
static enum once_step body_fence(struct once *o, enum once_event event,
				 const struct once_time *t)
{
	switch (event) {
	case ONCE_OBSTACLE:
		return begin(o, t);
	case ONCE_CONFLICT:
		o->used++;
		return begin(o, t);
	case ONCE_REFUSED:
		/* Its transaction has ended, or it would lock us out. */
		o->used++;
		o->tombstone = true;
		return begin(o, t);
	default:
		return ONCE_IN_DOUBT;
	}
}

static enum once_step body(struct once *o, enum once_event event,
			   const struct once_time *t)
{
	switch (event) {
	case ONCE_BEGUN:
		return begin(o, t);
	case ONCE_COMMITTED:
		return success(o, ++o->used);
	case ONCE_TAKEN:
		return taken(o);
	case ONCE_LOST:
		o->used++;
		o->doubt = true;
		return begin(o, t);
	default:
		return o->doubt ? body_fence(o, event, t) :
				  body_first(o, event, t);
	}
}

/* Model: tombstone. */
static enum once_step tombstone(struct once *o, enum once_event event,
				const struct once_time *t)
{
	switch (event) {
	case ONCE_COMMITTED:
		return ONCE_FAILURE;
	case ONCE_TAKEN:
		return taken(o);
	case ONCE_OBSTACLE:
	case ONCE_LOST:
		return t->over ? ONCE_IN_DOUBT : ONCE_TOMBSTONE;
	default:
		return ONCE_IN_DOUBT;
	}
}

/*
 * Model: read. No row after a unique violation: it is another node's, or an
 * old snapshot's, or pruned. To insert once more could repeat what was done.
 */
static enum once_step reading(struct once *o, enum once_event event,
			      const struct once_time *t)
{
	switch (event) {
	case ONCE_ROW:
		return o->row == ONCE_TOMBSTONE_ROW ? ONCE_FAILURE :
						      success(o, o->row);
	case ONCE_NO_ROW:
	case ONCE_OBSTACLE:
		return t->over ? ONCE_IN_DOUBT : ONCE_READ;
	default:
		return ONCE_IN_DOUBT;
	}
}

static enum once_step next(struct once *o, enum once_event event,
			   const struct once_time *t)
{
	switch (o->step) {
	case ONCE_BODY:
		return body(o, event, t);
	case ONCE_TOMBSTONE:
		return tombstone(o, event, t);
	case ONCE_READ:
		return reading(o, event, t);
	default:
		return o->step;
	}
}

enum once_step once_next(struct once *o, enum once_event event,
			 const struct once_time *t)
{
	o->step = next(o, event, t);
	return o->step;
}
