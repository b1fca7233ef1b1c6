/* SPDX-License-Identifier: BSD-2-Clause */
#include "books.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[200], master[256], work[256], connection[400];
static const char *const needed[] = { "ansi", "sqlite" };

enum { PROFILES = sizeof(needed) / sizeof(needed[0]) };

static char profile[256], profiles[PROFILES][256];

static void fail(const char *what, const uow_error *err)
{
	fprintf(stderr, "%s: %s %s\n", what, uow_code_name(err->code),
		err->message);
	abort();
}

static uow_db *open_file(const char *path)
{
	char text[400];
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;

	snprintf(text, sizeof(text), "DRIVER=SQLite3;Database=%s;"
		 "SyncPragma=OFF", path);
	if (uow_db_open_simple(&db, text, &err))
		fail("open", &err);
	return db;
}

static void drop(const char *path, const char *suffix)
{
	char name[300];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	unlink(name);
}

static int copy(const char *from, const char *to)
{
	char buffer[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	if (!in || !out)
		return -1;
	while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		if (fwrite(buffer, 1, n, out) != n)
			return -1;
	fclose(in);
	return fclose(out);
}

/*
 * Profiles are looked through at each start. The points in those of other
 * databases are all alike, and would be most of them.
 */
static int few_profiles(void)
{
	const char *given = getenv("UOW_DRIVERS_PATH");
	char from[PATH_MAX];
	size_t i;

	for (i = 0; i < PROFILES; i++) {
		snprintf(profiles[i], sizeof(profiles[i]), "%s/%s.ini",
			 folder, needed[i]);
		snprintf(from, sizeof(from), "%s/%s.ini",
			 given ? given : "drivers-config", needed[i]);
		if (copy(from, profiles[i]))
			return -1;
	}
	return setenv("UOW_DRIVERS_PATH", folder, 1);
}

int books_setup(void)
{
	const char *tmp = getenv("TMPDIR");
	uow_error err = UOW_ERROR_INIT;
	uow_db *db;

	snprintf(folder, sizeof(folder), "%s/uow-torture-XXXXXX",
		 tmp && strlen(tmp) < 150 ? tmp : "/tmp");
	if (!mkdtemp(folder) || few_profiles())
		return -1;
	snprintf(master, sizeof(master), "%s/master.db", folder);
	snprintf(work, sizeof(work), "%s/work.db", folder);
	snprintf(connection, sizeof(connection), "DRIVER=SQLite3;Database=%s;"
		 "SyncPragma=OFF;PWD=open-sesame", work);
	db = open_file(master);
	if (bank_create(db, BOOKS_ACCOUNTS, &err))
		fail("create", &err);
	uow_db_free(db);
	return 0;
}

void books_teardown(void)
{
	size_t i;

	drop(master, "");
	drop(work, "");
	drop(work, "-journal");
	drop(profile, "");
	for (i = 0; i < PROFILES; i++)
		drop(profiles[i], "");
	rmdir(folder);
}

void books_reset(void)
{
	drop(work, "-journal");
	if (copy(master, work))
		abort();
}

const char *books_connection(void)
{
	return connection;
}

const char *books_profile(const char *name, const char *text)
{
	FILE *out;

	snprintf(profile, sizeof(profile), "%s/%s.ini", folder, name);
	out = fopen(profile, "w");
	if (!out || fputs(text, out) < 0 || fclose(out))
		abort();
	return folder;
}

static int add_up(uow_unit *u, const void *row, void *arg)
{
	const struct account *a = row;
	struct books *b = arg;

	(void)u;
	b->sum += a->balance;
	if (a->id == 1)
		b->first = a->balance;
	if (a->id == 2)
		b->second = a->balance;
	return 0;
}

static int read_unit(uow_unit *u, void *arg)
{
	struct books *b = arg;
	uow_query all = UOW_QUERY_INIT;
	struct loyalty *card;

	memset(b, 0, sizeof(*b));
	all.where = uow_all();
	account_each(account_repository_of(u), &all, add_up, b);
	ledger_count(ledger_repository_of(u), uow_all(), &b->ledger);
	audit_count(audit_repository_of(u), uow_all(), &b->audit);
	card = loyalty_one(loyalty_repository_of(u),
			   uow_eq(u, "customer_id", uow_int(1)));
	if (card)
		b->points = card->points;
	return 0;
}

void books_read(struct books *out)
{
	uow_options options = UOW_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = open_file(work);

	options.read_only = true;
	if (uow_run(db, &options, read_unit, out, &err))
		fail("audit", &err);
	uow_db_free(db);
}

bool books_equal(const struct books *a, const struct books *b)
{
	return a->sum == b->sum && a->ledger == b->ledger &&
	       a->audit == b->audit && a->first == b->first &&
	       a->second == b->second && a->points == b->points;
}
