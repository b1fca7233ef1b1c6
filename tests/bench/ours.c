/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

static const uow_column account_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY),
	UOW_INT64(struct account, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct account, customer, "customer", 0),
	UOW_INT64(struct account, balance, "balance", 0),
	UOW_INT64(struct account, rate, "rate", 0),
	UOW_CHARS(struct account, owner, "owner", 0),
};
const uow_entity account_entity =
	UOW_ENTITY(struct account, "bench_account", account_columns);

static const uow_column entry_columns[] = {
	UOW_INT64(struct entry, id, "id", UOW_KEY),
	UOW_INT64(struct entry, debit, "debit", 0),
	UOW_INT64(struct entry, credit, "credit", 0),
	UOW_INT64(struct entry, amount, "amount", 0),
	UOW_CHARS(struct entry, memo, "memo", 0),
};
const uow_entity entry_entity =
	UOW_ENTITY(struct entry, "bench_entry", entry_columns);

static const uow_column loyalty_columns[] = {
	UOW_INT64(struct loyalty, id, "id", UOW_KEY),
	UOW_INT64(struct loyalty, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct loyalty, points, "points", 0),
};
const uow_entity loyalty_entity =
	UOW_ENTITY(struct loyalty, "bench_loyalty", loyalty_columns);

UOW_REPOSITORY(account, struct account, account_entity);
UOW_REPOSITORY(entry, struct entry, entry_entity);
UOW_REPOSITORY(loyalty, struct loyalty, loyalty_entity);

static void check(int rc, const uow_error *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "flush: %s: %s\n", uow_code_name(err->code),
		err->message);
	exit(1);
}

static int insert_body(uow_unit *u, void *arg)
{
	const struct work *w = arg;
	account_repository *r = account_repository_of(u);
	size_t i;

	for (i = 0; i < w->count; i++)
		account_add(r, &w->accounts[i]);
	return 0;
}

static int insert_all_body(uow_unit *u, void *arg)
{
	const struct work *w = arg;

	return account_insert_all(account_repository_of(u), w->accounts,
				  w->count);
}

static int find(uow_unit *u, uow_rows *rows)
{
	uow_query q = UOW_QUERY_INIT;

	q.where = uow_all();
	return account_find(account_repository_of(u), &q, rows);
}

static int update_body(uow_unit *u, void *arg)
{
	uow_rows rows;
	size_t i;

	(void)arg;
	if (find(u, &rows))
		return 0;
	for (i = 0; i < rows.count; i++)
		account_at(&rows, i)->balance += 7;
	return 0;
}

static int delete_body(uow_unit *u, void *arg)
{
	const struct work *w = arg;
	account_repository *r = account_repository_of(u);
	size_t i;

	for (i = 0; i < w->count; i++)
		if (account_remove(r, account_attach(r, &w->accounts[i])))
			return 0;
	return 0;
}

static int read_body(uow_unit *u, void *arg)
{
	struct work *w = arg;
	uow_rows rows;
	size_t i;

	if (find(u, &rows))
		return 0;
	for (i = 0; i < rows.count; i++)
		w->sum = account_sum(w->sum, account_at(&rows, i));
	return 0;
}

static void run(uow_db *db, uow_fn fn, bool read_only, void *arg)
{
	uow_options o = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;

	o.read_only = read_only;
	check(uow_run(db, &o, fn, arg, &err), &err);
}

void ours_insert(void *side, struct work *w)
{
	run(side, insert_body, false, w);
}

void ours_insert_all(void *side, struct work *w)
{
	run(side, insert_all_body, false, w);
}

void ours_update(void *side, struct work *w)
{
	run(side, update_body, false, w);
}

void ours_delete(void *side, struct work *w)
{
	run(side, delete_body, false, w);
}

void ours_read(void *side, struct work *w)
{
	w->sum = 0;
	run(side, read_body, true, w);
}

struct step {
	struct work *w;
	int64_t number;
};

static int transfer_body(uow_unit *u, void *arg)
{
	struct step *s = arg;
	struct transfer t = transfer_make(s->number);
	const uow_key keys[2] = { uow_id(t.from), uow_id(t.to) };
	void *pair[2];
	struct entry e = { 0, 0, 0, 0, "transfer" };
	struct loyalty *card;

	if (account_get_many(account_repository_of(u), keys, 2, pair))
		return 0;
	((struct account *)pair[0])->balance -= t.amount;
	((struct account *)pair[1])->balance += t.amount;
	e.id = s->number + 1;
	e.debit = t.from;
	e.credit = t.to;
	e.amount = t.amount;
	entry_add(entry_repository_of(u), &e);
	card = loyalty_attach(loyalty_repository_of(u), &s->w->card);
	if (card)
		card->points++;
	return 0;
}

void ours_transfer(void *side, struct work *w)
{
	struct step s = { w, 0 };

	for (; s.number < TRANSFERS; s.number++) {
		run(side, transfer_body, false, &s);
		w->card.version++;
		w->card.points++;
	}
}
