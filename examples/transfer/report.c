/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <inttypes.h>

#define LINE_WIDTH 76

static const struct {
	int32_t outcome;
	const char *name;
} reasons[] = {
	{ UOW_ENOTFOUND, "  unknown account" },
	{ BANK_EFUNDS, "  too little money" },
	{ BANK_ESAME, "  same account twice" },
	{ BANK_EMALFORMED, "  malformed line" }
};
#define REASON_COUNT (sizeof(reasons) / sizeof(reasons[0]))

/* What one consistent look at the tables gives. */
struct books {
	const struct opening *opening;
	int64_t *movements;		/* of each account, by the ledger */
	int64_t balance, accounts, strangers, differing, last_line;
	uint64_t lines, committed, ledger;
	uow_rows refused[REASON_COUNT];
};

static int add_entry(uow_unit *u, const void *row, void *arg)
{
	const struct ledger_entry *e = row;
	struct books *b = arg;

	(void)u;
	b->ledger++;
	if (e->debit_id < 1 || e->debit_id > b->opening->accounts ||
	    e->credit_id < 1 || e->credit_id > b->opening->accounts) {
		b->strangers++;
		return 0;
	}
	b->movements[e->debit_id - 1] -= e->amount;
	b->movements[e->credit_id - 1] += e->amount;
	return 0;
}

static int add_account(uow_unit *u, const void *row, void *arg)
{
	const struct account *a = row;
	struct books *b = arg;

	(void)u;
	b->accounts++;
	b->balance += a->balance;
	if (a->id < 1 || a->id > b->opening->accounts)
		b->strangers++;
	else if (a->balance != b->opening->balance + b->movements[a->id - 1])
		b->differing++;
	return 0;
}

static int read_outcomes(uow_unit *u, struct books *b)
{
	audit_repository *audit = audit_repository_of(u);
	uow_order by_line = { "line", false };
	uow_query query = UOW_QUERY_INIT;
	size_t i;

	bank_find_last_line(u, &b->last_line);
	audit_count(audit, uow_all(), &b->lines);
	audit_count(audit, uow_eq(u, "outcome", uow_int(0)), &b->committed);
	query.order_by = &by_line;
	query.order_count = 1;
	for (i = 0; i < REASON_COUNT; i++) {
		query.where = uow_eq(u, "outcome",
				     uow_int(reasons[i].outcome));
		audit_find(audit, &query, &b->refused[i]);
	}
	return uow_status(u);
}

static int read_books(uow_unit *u, struct books *b)
{
	uow_query all = UOW_QUERY_INIT;

	b->opening = opening_get(opening_repository_of(u), 1);
	if (!b->opening)
		return uow_status(u);
	b->movements = uow_alloc(u, (size_t)b->opening->accounts *
					    sizeof(*b->movements));
	if (!b->movements)
		return uow_status(u);
	all.where = uow_all();
	ledger_each(ledger_repository_of(u), &all, add_entry, b);
	account_each(account_repository_of(u), &all, add_account, b);
	return read_outcomes(u, b);
}

static void print_count(FILE *out, const char *what, uint64_t count)
{
	fprintf(out, "%-24s%10" PRIu64 "\n", what, count);
}

static void print_money(FILE *out, const char *what, int64_t amount)
{
	fprintf(out, "%-24s%10" PRId64 ".%02d\n", what, amount / 100,
		(int)(amount < 0 ? -(amount % 100) : amount % 100));
}

static void print_lines(FILE *out, const uow_rows *rows)
{
	int column = 0;
	size_t i;

	for (i = 0; i < rows->count; i++) {
		if (column > LINE_WIDTH - 8)
			column = 0;
		if (!column)
			column = fprintf(out, "%s    ", i ? "\n" : "");
		column += fprintf(out, " %" PRId64, audit_at(rows, i)->line);
	}
	if (rows->count)
		fputc('\n', out);
}

static void print_outcomes(FILE *out, const struct books *b)
{
	size_t i;

	print_count(out, "committed", b->committed);
	print_count(out, "refused", b->lines - b->committed);
	for (i = 0; i < REASON_COUNT; i++) {
		print_count(out, reasons[i].name, b->refused[i].count);
		print_lines(out, &b->refused[i]);
	}
}

static bool print_audit(FILE *out, const struct books *b)
{
	int64_t before = b->opening->accounts * b->opening->balance;
	bool balanced = b->balance == before && b->ledger == b->committed &&
		b->accounts == b->opening->accounts && !b->differing &&
		!b->strangers && b->lines == (uint64_t)b->last_line;

	fputs("audit\n", out);
	print_money(out, "  balances before", before);
	print_money(out, "  balances after", b->balance);
	print_count(out, "  ledger rows", b->ledger);
	print_count(out, "  successes", b->committed);
	print_count(out, "  audit rows", b->lines);
	print_count(out, "  lines", (uint64_t)b->last_line);
	print_count(out, "  accounts", (uint64_t)b->accounts);
	print_count(out, "  not as the ledger says",
		    (uint64_t)(b->differing + b->strangers));
	fputs(balanced ? "The books balance.\n" :
			 "THE BOOKS DO NOT BALANCE.\n", out);
	return balanced;
}

/*
 * By hand, not by uow_run(): what was read stays readable after the commit,
 * and is printed then, once.
 */
int report_print(uow_db *db, FILE *out, bool *balanced, uow_error *err)
{
	uow_options options = UOW_OPTIONS_INIT;
	struct books books = { 0 };
	uow_unit *u;
	int rc;

	options.name = "report";
	options.isolation = UOW_REPEATABLE_READ;
	options.read_only = true;
	rc = uow_begin(&u, db, &options, err);
	if (rc)
		return rc;
	read_books(u, &books);
	rc = uow_commit(u);
	if (rc) {
		*err = *uow_unit_error(u);
	} else {
		print_outcomes(out, &books);
		*balanced = print_audit(out, &books);
	}
	uow_unit_free(u);
	return rc;
}
