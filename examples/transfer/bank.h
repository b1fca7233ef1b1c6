/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BANK_H
#define BANK_H

/*
 * The bank: four structs that a transfer touches, one more that remembers how
 * the books were opened, and how they map to tables. Money is counted in
 * hundredths; its columns are DECIMAL(18,2).
 */

#include <uow/uow.h>

struct account {
	int64_t id;
	int64_t customer_id;
	int64_t balance;
	int64_t version;
	char currency[4];
};

struct ledger_entry {
	int64_t id;
	int64_t debit_id;
	int64_t credit_id;
	int64_t amount;
	const char *memo;
};

/* A loyalty card. Not every customer has one. */
struct loyalty {
	int64_t id;
	int64_t customer_id;
	int64_t points;
	int64_t version;
};

/* What became of one line of the journal: exactly one row for each. */
struct audit {
	int64_t line;
	int32_t outcome;	/* 0: committed, otherwise why not */
	const char *reason;	/* NULL: committed */
};

struct opening {
	int64_t id;		/* always 1 */
	int64_t accounts;
	int64_t balance;	/* of each account */
};

/* Why a line is refused; besides UOW_ENOTFOUND, an account unknown. */
enum {
	BANK_EFUNDS = UOW_EAPP - 1,
	BANK_ESAME = UOW_EAPP - 2,
	BANK_EMALFORMED = UOW_EAPP - 3
};

#define BANK_MEMO_LENGTH 140
#define BANK_ACCOUNTS_MAX 10000000

extern const uow_entity account_entity, ledger_entity, loyalty_entity;
extern const uow_entity audit_entity, opening_entity;

UOW_REPOSITORY(account, struct account, account_entity);
UOW_REPOSITORY(ledger, struct ledger_entry, ledger_entity);
UOW_REPOSITORY(loyalty, struct loyalty, loyalty_entity);
UOW_REPOSITORY(audit, struct audit, audit_entity);
UOW_REPOSITORY(opening, struct opening, opening_entity);

/* Make the tables and so many accounts, each with 1,000.00. */
int bank_create(uow_db *db, int64_t accounts, uow_error *err);

/* Drop the tables; those that are not there are no error. */
int bank_drop(uow_db *db, uow_error *err);

/*
 * Number of the last line that has its audit row, 0 if none has: for a unit
 * (arg is int64_t *), and as one.
 */
int bank_find_last_line(uow_unit *u, void *arg);
int bank_last_line(uow_db *db, int64_t *out, uow_error *err);

#endif
