/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <sql.h>
#include <sqlext.h>

#include <uow/uow.h>

/*
 * The same work twice: by the library (ours.c), and by hand with ODBC row by
 * row (hand.c): each statement prepared once, its parameters bound once, each
 * version checked by the count of rows. Any failure ends the program.
 */

struct account {
	int64_t id;
	int64_t version;
	int64_t customer;
	int64_t balance;
	int64_t rate;	/* no double: by hand, one driver reads 15 digits */
	char owner[33];
};

struct entry {
	int64_t id;
	int64_t debit, credit;
	int64_t amount;
	char memo[33];
};

struct loyalty {
	int64_t id;
	int64_t version;
	int64_t points;
};

extern const uow_entity account_entity, entry_entity, loyalty_entity;

enum { ACCOUNTS = 20000, READ_ROWS = 200000, TRANSFERS = 2000 };

/* Row i (from 0) of the accounts. */
void account_make(struct account *a, int64_t i);

/* The accounts and the amount of transfer i. */
struct transfer {
	int64_t from, to, amount;
};
struct transfer transfer_make(int64_t i);

/* What both sides get: rows in memory, and a place to work in. */
struct work {
	const struct account *accounts;
	size_t count;
	struct loyalty card;		/* as it is in the database */
	uint64_t sum;			/* of what was read */
};

typedef void (*work_fn)(void *side, struct work *w);

/* -- hand.c -- */

struct hand;
struct hand *hand_open(const char *connection);
void hand_close(struct hand *h);
void hand_sql(struct hand *h, const char *sql);
/* Mixes all values of a result into sum, row by row. */
uint64_t hand_digest(struct hand *h, const char *sql, uint64_t sum);
void hand_insert(void *side, struct work *w);
void hand_update(void *side, struct work *w);
void hand_delete(void *side, struct work *w);
void hand_read(void *side, struct work *w);
void hand_transfer(void *side, struct work *w);

/* -- ours.c -- */

void ours_insert(void *side, struct work *w);	/* side: uow_db */
void ours_insert_all(void *side, struct work *w);
void ours_update(void *side, struct work *w);
void ours_delete(void *side, struct work *w);
void ours_read(void *side, struct work *w);
void ours_transfer(void *side, struct work *w);

uint64_t mix(uint64_t sum, const void *data, size_t size);
uint64_t account_sum(uint64_t sum, const struct account *a);

#endif
