/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The business code of examples/transfer on tables in memory: transfers per
 * second of one processor, and what a row takes beside its struct.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uow/memory.h>

#include "../../examples/transfer/bank.h"
#include "../../examples/transfer/transfer.h"
#include "base/random.h"

enum { ACCOUNTS = 1000, TRANSFERS = 100000, ROWS = 100000, ROUNDS = 5 };

static uow_error err = UOW_ERROR_INIT;

static void need(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "%s: %s\n", uow_code_name(rc), err.message);
	exit(1);
}

/* Of this process: what else runs on the machine does not count. */
static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double transfers_per_second(uint64_t seed)
{
	struct entry e = { 0 };
	struct random random;
	double start;
	uow_db *db;
	int outcome;

	random_seed(&random, seed);
	need(uow_memory_open(&db, NULL, &err));
	need(bank_create(db, ACCOUNTS, &err));
	strcpy(e.memo, "invoice 4711");
	start = cpu_seconds();
	for (e.line = 1; e.line <= TRANSFERS; e.line++) {
		e.from = 1 + (int64_t)random_upto(&random, ACCOUNTS - 1);
		e.to = 1 + e.from % ACCOUNTS;
		e.amount = 1 + (int64_t)random_upto(&random, 999);
		need(transfer_line(db, NULL, &e, &outcome, &err));
	}
	start = cpu_seconds() - start;
	uow_db_free(db);
	return TRANSFERS / start;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure_transfers(void)
{
	double rates[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++)
		rates[i] = transfers_per_second((uint64_t)i + 1);
	qsort(rates, ROUNDS, sizeof(rates[0]), by_size);
	printf("transfers per second of processor time: median %.0f "
	       "(%.0f to %.0f)\n", rates[ROUNDS / 2], rates[0],
	       rates[ROUNDS - 1]);
}

static void measure_rows(const char *name, const uow_entity *e,
			 const void *rows)
{
	size_t before, used;
	uow_db *db;

	need(uow_memory_open(&db, NULL, &err));
	need(bank_create(db, 1, &err));
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	need(uow_memory_load(db, e, rows, ROWS, &err));
	used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
	printf("%-16s%4zu bytes of struct, %6.1f beside it\n", name, e->size,
	       (double)used / ROWS - (double)e->size);
	uow_db_free(db);
}

int main(void)
{
	struct account *accounts = calloc(ROWS, sizeof(*accounts));
	struct audit *lines = calloc(ROWS, sizeof(*lines));
	int64_t i;

	if (!accounts || !lines)
		return 1;
	for (i = 0; i < ROWS; i++) {
		accounts[i].id = lines[i].line = i + 10;
		strcpy(accounts[i].currency, "EUR");
	}
	measure_transfers();
	measure_rows("account", &account_entity, accounts);
	measure_rows("audit, a text", &audit_entity, lines);
	free(accounts);
	free(lines);
	return 0;
}
