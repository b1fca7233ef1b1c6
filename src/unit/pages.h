/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_PAGES_H
#define UNIT_PAGES_H

#include "unit/load.h"

/*
 * A long result in parts, for drivers that hold results in memory whole: each
 * page is a query of its own for the rows behind the last one of the page
 * before. Only where all reads of the unit see one state.
 *
 * Invariants
 *  - A page begins with the last row of the one before, which is left out:
 *    where it is not found there, the column does not compare as it is read,
 *    and rows would be left out or come twice. That is UOW_EDATA.
 *  - Nothing is written by the unit while there are pages to be read: see
 *    pages_keep().
 */
enum { PAGES_ORDER = 2 * UOW_KEY_COLUMNS };

struct pages_row {
	struct pages_row *next;
	void *row;
};

struct pages {
	uow_repository *r;
	const uow_spec *where;
	struct shape shape;		/* of the query */
	struct shape_order order[PAGES_ORDER];
	size_t order_count;
	struct backend_cursor *cur;	/* of the page, or NULL */
	struct arena page;		/* what the page was asked for by */
	uint64_t wanted, got;		/* rows of the page */
	uint64_t left;			/* of the query's limit */
	bool first, over;
	void *row;			/* for one row after the other */
	struct arena texts;		/* and its texts */
	const void *last;		/* the last one read, NULL: none */
	struct arena kept;		/* rows that were read ahead */
	struct pages_row *queue, **queue_end;
	struct pages *outer;		/* others of the unit */
};

/* Can this query be read, and does it have to be read, page by page? */
bool pages_fit(const uow_repository *r, const struct shape *s);

/* where and s are the query's and stay until pages_end(). */
void pages_begin(struct pages *p, uow_repository *r, const uow_spec *where,
		 const struct shape *s);
/* *out: valid until the next call; NULL: no more. Fails the unit. */
int pages_next(struct pages *p, const void **out);
void pages_end(struct pages *p);

/*
 * To be called before the unit writes: what is still to be read by pages is
 * read now, as it was. Fails the unit.
 */
int pages_keep(uow_unit *u);

#endif
