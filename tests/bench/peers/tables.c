/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/schema.h>
#include <uow/uow.h>

#include "dialect/profile.h"
#include "odbc.h"

/*
 *	tables reset N DBMS	the tables anew, with N accounts and a card for
 *				each thread
 *	tables digest 0 DBMS	a sum of all that is in them, but for generated
 *				keys: their order
 *	tables drop 0 DBMS
 *	tables options 0 DBMS	the connection string with what the profile
 *				adds to it
 */

struct card {
	int64_t id, version, points;
};

struct entry {
	int64_t id, debit, credit, amount;
	char memo[33];
};

#define COLUMNS(flags) \
	UOW_INT64(struct account, id, "id", flags), \
	UOW_INT64(struct account, version, "version", UOW_ROW_VERSION), \
	UOW_INT64(struct account, customer, "customer", 0), \
	UOW_INT64(struct account, balance, "balance", 0), \
	UOW_INT64(struct account, rate, "rate", 0), \
	UOW_CHARS(struct account, owner, "owner", 0)

static const uow_column account_columns[] = { COLUMNS(UOW_KEY) };
static const uow_entity account_entity =
	UOW_ENTITY(struct account, "bench_account", account_columns);
static const uow_column fresh_columns[] = {
	COLUMNS(UOW_KEY | UOW_GENERATED)
};
static const uow_entity fresh_entity =
	UOW_ENTITY(struct account, "bench_fresh", fresh_columns);
static const uow_column entry_columns[] = {
	UOW_INT64(struct entry, id, "id", UOW_KEY),
	UOW_INT64(struct entry, debit, "debit", 0),
	UOW_INT64(struct entry, credit, "credit", 0),
	UOW_INT64(struct entry, amount, "amount", 0),
	UOW_CHARS(struct entry, memo, "memo", 0),
};
static const uow_entity entry_entity =
	UOW_ENTITY(struct entry, "bench_entry", entry_columns);
static const uow_column card_columns[] = {
	UOW_INT64(struct card, id, "id", UOW_KEY),
	UOW_INT64(struct card, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct card, points, "points", 0),
};
static const uow_entity card_entity =
	UOW_ENTITY(struct card, "bench_loyalty", card_columns);

static const uow_entity *const entities[] = {
	&account_entity, &fresh_entity, &entry_entity, &card_entity
};

static uow_error err = UOW_ERROR_INIT;

static void check(int rc)
{
	if (rc)
		peer_fail("%s: %s", uow_code_name(rc), err.message);
}

static int fill(uow_unit *u, void *arg)
{
	size_t n = *(size_t *)arg, i;
	struct account *all = calloc(n + 1, sizeof(*all));
	struct card cards[THREADS];

	if (!all)
		return UOW_ENOMEM;
	for (i = 0; i < n; i++)
		account_make(&all[i], (int64_t)i);
	for (i = 0; i < THREADS; i++) {
		cards[i].id = (int64_t)i + 1;
		cards[i].version = 1;
		cards[i].points = 0;
	}
	uow_insert_all(uow_repository_of(u, &account_entity), all, n);
	uow_insert_all(uow_repository_of(u, &card_entity), cards, THREADS);
	free(all);
	return 0;
}

/* Where statistics decide how a statement runs, they are to be the same. */
static int analyze(uow_unit *u, void *arg)
{
	(void)arg;
	uow_exec(u, "ANALYZE bench_account", NULL, 0, NULL);
	return 0;
}

static void reset(uow_db *db, size_t n, const char *dbms)
{
	check(uow_schema_drop(db, entities, 4, &err));
	check(uow_schema_create(db, entities, 4, &err));
	check(uow_run(db, NULL, fill, &n, &err));
	if (!strncmp(dbms, "postgresql", 10))
		check(uow_run(db, NULL, analyze, NULL, &err));
}

static uint64_t mix(uint64_t sum, const char *text)
{
	while (*text)
		sum = (sum ^ (unsigned char)*text++) * 1099511628211u;
	return (sum ^ '|') * 1099511628211u;
}

static uint64_t digest_of(struct link *l, const char *sql, uint64_t sum)
{
	SQLHSTMT s = link_prepare(l, sql);
	SQLSMALLINT columns = 0;
	SQLUSMALLINT i;
	SQLLEN length;
	char text[128];

	execute(s);
	SQLNumResultCols(s, &columns);
	while (SQLFetch(s) == SQL_SUCCESS) {
		for (i = 1; i <= (SQLUSMALLINT)columns; i++) {
			text[0] = '\0';
			SQLGetData(s, i, SQL_C_CHAR, text, sizeof(text),
				   &length);
			sum = mix(sum, text);
		}
	}
	done(s);
	return sum;
}

static void digest(const char *connection, const char *dbms)
{
	struct link *l = link_open(connection, dbms);
	uint64_t sum = 14695981039346656037u;

	sum = digest_of(l, ACCOUNT_SELECT " ORDER BY id", sum);
	sum = digest_of(l, "SELECT version, customer, balance, rate, owner "
			"FROM bench_fresh ORDER BY id", sum);
	sum = digest_of(l, "SELECT id, debit, credit, amount, memo "
			"FROM bench_entry ORDER BY id", sum);
	sum = digest_of(l, "SELECT id, version, points FROM bench_loyalty "
			"ORDER BY id", sum);
	link_commit(l);
	link_close(l);
	printf("%016llx\n", (unsigned long long)sum);
}

static void options(const char *connection, const char *name)
{
	const char *dirs = getenv("UOW_DRIVERS_PATH");
	const struct profile_option *o;
	struct profile *p;
	char value[64];

	check(profile_load(&p, name, dirs ? dirs : "drivers-config", &err));
	printf("%s", connection);
	for (o = p->options; o; o = o->next) {
		if (*peer_option(connection, o->name, value, sizeof(value)))
			continue;
		if (o->bits)
			printf(";%s=%u", o->name, o->bits);
		else if (o->value)
			printf(";%s=%s", o->name, o->value);
	}
	printf("\n");
	profile_free(p);
}

int main(int argc, char **argv)
{
	const char *connection = getenv("BENCH_CONNECTION");
	uow_db *db;

	if (argc != 4 || !connection)
		peer_fail("usage: BENCH_CONNECTION=... tables "
			  "reset|digest|drop|options N DBMS");
	if (!strcmp(argv[1], "digest") || !strcmp(argv[1], "options")) {
		(*argv[1] == 'd' ? digest : options)(connection, argv[3]);
		return 0;
	}
	check(uow_db_open_simple(&db, connection, &err));
	if (!strcmp(argv[1], "drop"))
		check(uow_schema_drop(db, entities, 4, &err));
	else
		reset(db, (size_t)atoll(argv[2]), argv[3]);
	uow_db_free(db);
	return 0;
}
