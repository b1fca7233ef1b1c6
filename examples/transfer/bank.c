/* SPDX-License-Identifier: BSD-2-Clause */
#include "bank.h"

#include <uow/schema.h>

#define OPENING_BALANCE 100000

static const uow_column account_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY),
	UOW_INT64(struct account, customer_id, "customer_id", 0),
	UOW_DECIMAL(struct account, balance, "balance", 18, 2, 0),
	UOW_INT64(struct account, version, "version", UOW_ROW_VERSION),
	UOW_CHARS(struct account, currency, "currency", 0)
};

static const uow_column ledger_columns[] = {
	UOW_INT64(struct ledger_entry, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct ledger_entry, debit_id, "debit_id",
		      &account_entity, 0),
	UOW_REFERENCE(struct ledger_entry, credit_id, "credit_id",
		      &account_entity, 0),
	UOW_DECIMAL(struct ledger_entry, amount, "amount", 18, 2, 0),
	UOW_TEXT(struct ledger_entry, memo, "memo", BANK_MEMO_LENGTH, 0)
};

static const uow_column loyalty_columns[] = {
	UOW_INT64(struct loyalty, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct loyalty, customer_id, "customer_id", UOW_UNIQUE),
	UOW_INT64(struct loyalty, points, "points", 0),
	UOW_INT64(struct loyalty, version, "version", UOW_ROW_VERSION)
};

static const uow_column audit_columns[] = {
	UOW_INT64(struct audit, line, "line", UOW_KEY),
	UOW_INT32(struct audit, outcome, "outcome", 0),
	UOW_TEXT(struct audit, reason, "reason", UOW_ERROR_TEXT, 0)
};

static const uow_column opening_columns[] = {
	UOW_INT64(struct opening, id, "id", UOW_KEY),
	UOW_INT64(struct opening, accounts, "accounts", 0),
	UOW_DECIMAL(struct opening, balance, "balance", 18, 2, 0)
};

const uow_entity account_entity =
	UOW_ENTITY(struct account, "accounts", account_columns);
const uow_entity ledger_entity =
	UOW_ENTITY(struct ledger_entry, "ledger_entries", ledger_columns);
const uow_entity loyalty_entity =
	UOW_ENTITY(struct loyalty, "loyalty", loyalty_columns);
const uow_entity audit_entity =
	UOW_ENTITY(struct audit, "audit_lines", audit_columns);
const uow_entity opening_entity =
	UOW_ENTITY(struct opening, "opening", opening_columns);

static const uow_entity *const bank_entities[] = {
	&account_entity, &ledger_entity, &loyalty_entity, &audit_entity,
	&opening_entity
};
#define ENTITY_COUNT (sizeof(bank_entities) / sizeof(bank_entities[0]))

/* Two accounts for a customer; every other customer has a card. */
static int fill(uow_unit *u, void *arg)
{
	const struct opening *opening = arg;
	size_t i, count = (size_t)opening->accounts, cards = (count + 3) / 4;
	struct account *accounts = uow_alloc(u, count * sizeof(*accounts));
	struct loyalty *loyalty = uow_alloc(u, cards * sizeof(*loyalty));

	if (!accounts || !loyalty)
		return uow_status(u);
	for (i = 0; i < count; i++)
		accounts[i] = (struct account){
			.id = (int64_t)i + 1,
			.customer_id = (int64_t)i / 2 + 1,
			.balance = opening->balance,
			.currency = "EUR",
		};
	for (i = 0; i < cards; i++)
		loyalty[i].customer_id = (int64_t)i * 2 + 1;

	account_insert_all(account_repository_of(u), accounts, count);
	loyalty_insert_all(loyalty_repository_of(u), loyalty, cards);
	opening_add(opening_repository_of(u), opening);
	return 0;
}

int bank_create(uow_db *db, int64_t accounts, uow_error *err)
{
	struct opening opening = { 1, accounts, OPENING_BALANCE };
	int rc = uow_schema_create(db, bank_entities, ENTITY_COUNT, err);

	return rc ? rc : uow_run(db, NULL, fill, &opening, err);
}

int bank_drop(uow_db *db, uow_error *err)
{
	return uow_schema_drop(db, bank_entities, ENTITY_COUNT, err);
}

/* The opening is written last: a bank without one was never finished. */
int bank_find_last_line(uow_unit *u, void *arg)
{
	int64_t *line = arg;
	uow_order newest = { "line", true };
	uow_query query = UOW_QUERY_INIT;
	uow_rows rows;

	query.where = uow_all();
	query.order_by = &newest;
	query.order_count = 1;
	query.limit = 1;
	if (!opening_get(opening_repository_of(u), 1) ||
	    audit_find(audit_repository_of(u), &query, &rows))
		return uow_status(u);
	*line = rows.count ? audit_at(&rows, 0)->line : 0;
	return 0;
}

int bank_last_line(uow_db *db, int64_t *out, uow_error *err)
{
	uow_options options = UOW_OPTIONS_INIT;

	options.name = "last line";
	options.read_only = true;
	return uow_run(db, &options, bank_find_last_line, out, err);
}
