/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_IMAGE_H
#define MEMORY_IMAGE_H

#include "backend/memory/session.h"

/* A row in the making: s->row, as the table has it; its texts are borrowed. */
struct writing {
	struct session *s;
	const struct view *v;
	const struct shape *shape;
	const struct write_row *row;
	struct arena *texts;
	struct columns set, made;	/* of the table: given, generated */
	struct columns changed;		/* either, or added to */
	uow_error *err;
};

void writing_init(struct writing *w, struct session *s, const struct view *v,
		  const struct shape *shape, uow_error *err);

int image_room(struct session *s, const struct table *t);

/* The new row. UOW_EDATA, UOW_ECONSTRAINT: a column without a value. */
int image_insert(struct writing *w);

/* Only the key of row->was, to find it by. */
int image_key(struct writing *w);

/* was, changed. UOW_EDATA: a sum that does not fit. */
int image_update(struct writing *w, const void *was);

/* Columns of shape->returned go back into row->now. */
int image_return(struct writing *w);

#endif
