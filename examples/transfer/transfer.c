/* SPDX-License-Identifier: BSD-2-Clause */
#include "transfer.h"

#include <inttypes.h>

#include "bank.h"

static int transfer(uow_unit *u, void *arg)
{
	const struct entry *t = arg;
	account_repository *accounts = account_repository_of(u);
	struct account *from = account_get(accounts, t->from);
	struct account *to = account_get(accounts, t->to);
	struct loyalty *card;

	if (!from || !to)
		return uow_status(u);
	if (from == to)
		return uow_fail(u, BANK_ESAME,
				"account %" PRId64 " pays itself", from->id);
	if (from->balance < t->amount)
		return uow_fail(u, BANK_EFUNDS,
				"account %" PRId64 " lacks funds", from->id);

	from->balance -= t->amount;
	to->balance += t->amount;

	ledger_add(ledger_repository_of(u), &(struct ledger_entry){
		.debit_id = from->id, .credit_id = to->id,
		.amount = t->amount, .memo = t->memo,
	});
	card = loyalty_one(loyalty_repository_of(u),
			   uow_eq(u, "customer_id",
				  uow_int(from->customer_id)));
	if (card)
		card->points += t->amount / 1000;

	audit_add(audit_repository_of(u), &(struct audit){ .line = t->line });
	return 0;
}

static int refuse(uow_unit *u, void *arg)
{
	audit_add(audit_repository_of(u), arg);
	return 0;
}

static bool is_refusal(int code)
{
	return code == UOW_ENOTFOUND || code < UOW_EAPP;
}

static int refuse_line(uow_db *db, const uow_options *options, int64_t line,
		       int outcome, const char *reason, uow_error *err)
{
	struct audit refused = { line, outcome, reason };

	return uow_run(db, options, refuse, &refused, err);
}

int transfer_line(uow_db *db, const uow_options *options, struct entry *e,
		  int *outcome, uow_error *err)
{
	uow_error why = UOW_ERROR_INIT;
	int rc;

	*outcome = BANK_EMALFORMED;
	if (e->problem[0])
		return refuse_line(db, options, e->line, *outcome, e->problem,
				   err);

	rc = *outcome = uow_run(db, options, transfer, e, &why);
	if (is_refusal(rc))
		return refuse_line(db, options, e->line, rc, why.message, err);
	if (rc)
		*err = why;
	return rc;
}
