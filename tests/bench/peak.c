/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What much data costs in memory: the most that the process has held beyond
 * what it held before, by the kernel's count. One line for each part:
 *
 *	part	database	rows	KiB	(bytes a row)
 *
 *	insert_all	rows written in calls of 1,000
 *	each		rows read one by one
 *	track		rows found, so each with its snapshot
 *
 *	peak [--rows N] [--only PART] NAME CONNECTION
 *
 * Fails if insert_all or each take 32 MiB, or a tracked row more than 64 bytes
 * beside its struct, its snapshot and its place in a result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uow/schema.h>
#include <uow/uow.h>

struct account {
	int64_t id;
	int64_t version;
	int64_t balance;
	char owner[33];
};

static const uow_column account_columns[] = {
	UOW_INT64(struct account, id, "id", UOW_KEY),
	UOW_INT64(struct account, version, "version", UOW_ROW_VERSION),
	UOW_INT64(struct account, balance, "balance", 0),
	UOW_CHARS(struct account, owner, "owner", 0),
};
static const uow_entity account_entity =
	UOW_ENTITY(struct account, "peak_account", account_columns);

UOW_REPOSITORY(account, struct account, account_entity);

enum { CALL = 1000, MOST_KIB = 32 << 10, MOST_BYTES = 64 };

struct job {
	size_t rows, seen;
	int64_t sum;
};

/* VmHWM and its like of /proc/self/status, in KiB. */
static size_t memory(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	size_t kib = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kib = strtoul(line + strlen(name) + 1, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* The peak is counted from here on (proc(5), clear_refs). */
static size_t start(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (!f || fputs("5", f) < 0 || fclose(f)) {
		perror("/proc/self/clear_refs");
		exit(77);
	}
	return memory("VmRSS");
}

static void fill(struct account *a, int64_t i)
{
	memset(a, 0, sizeof(*a));
	a->id = i + 1;
	a->balance = i * 100;
	snprintf(a->owner, sizeof(a->owner), "owner number %lld",
		 (long long)i);
}

static int insert(uow_unit *u, void *arg)
{
	struct job *j = arg;
	account_repository *r = account_repository_of(u);
	static struct account rows[CALL];
	size_t done, i;

	for (done = 0; done < j->rows; done += CALL) {
		for (i = 0; i < CALL; i++)
			fill(&rows[i], (int64_t)(done + i));
		if (account_insert_all(r, rows, CALL))
			return 0;
	}
	return 0;
}

static int look(uow_unit *u, const void *row, void *arg)
{
	struct job *j = arg;

	(void)u;
	j->seen++;
	j->sum += ((const struct account *)row)->id;
	return 0;
}

static int each(uow_unit *u, void *arg)
{
	uow_query q = UOW_QUERY_INIT;

	q.where = uow_all();
	account_each(account_repository_of(u), &q, look, arg);
	return 0;
}

/* By keys, so that what is counted is not a driver's copy of the result. */
static int track(uow_unit *u, void *arg)
{
	struct job *j = arg;
	account_repository *r = account_repository_of(u);
	uow_query q = UOW_QUERY_INIT;
	uow_rows rows;
	size_t at;

	for (at = 0; at < j->rows; at += CALL) {
		q.where = uow_and(u, uow_gt(u, "id", uow_int((int64_t)at)),
				  uow_le(u, "id", uow_int((int64_t)at + CALL)));
		if (account_find(r, &q, &rows))
			return 0;
		j->seen += rows.count;
	}
	return 0;
}

static int check(const char *part, const char *name, const struct job *j,
		 size_t kib)
{
	size_t bytes = kib * 1024 / j->rows;
	/* The struct, its snapshot, its place in the result. */
	size_t own = 2 * sizeof(struct account) + sizeof(void *);

	printf("%s\t%s\t%zu\t%zu\t%zu\n", part, name, j->rows, kib, bytes);
	if (strcmp(part, "insert_all") && j->seen != j->rows) {
		fprintf(stderr, "peak: %s: %zu rows seen\n", part, j->seen);
		return 1;
	}
	if (!strcmp(part, "track"))
		return bytes > own + MOST_BYTES;
	return kib >= MOST_KIB;
}

static int run(uow_db *db, const char *part, const char *name, uow_fn fn,
	       size_t rows)
{
	uow_error err = UOW_ERROR_INIT;
	struct job j = { 0, 0, 0 };
	size_t before = start();
	int rc;

	j.rows = rows;
	rc = uow_run(db, NULL, fn, &j, &err);
	if (rc)
		fprintf(stderr, "peak: %s: %s\n", part, err.message);
	return rc ? 1 : check(part, name, &j, memory("VmHWM") - before);
}

static bool wanted(const char *only, const char *part)
{
	return !only || !strcmp(only, part);
}

int main(int argc, char **argv)
{
	const uow_entity *entities[] = { &account_entity };
	uow_error err = UOW_ERROR_INIT;
	const char *only = NULL;
	size_t rows = 1000000;
	uow_db *db;
	int rc, at;

	for (at = 1; at + 1 < argc && argv[at][0] == '-'; at += 2) {
		if (!strcmp(argv[at], "--rows"))
			rows = strtoul(argv[at + 1], NULL, 10) / CALL * CALL;
		else
			only = argv[at + 1];
	}
	if (argc - at != 2 || !rows)
		return 2;
	rc = uow_db_open_simple(&db, argv[at + 1], &err);
	if (!rc)
		rc = uow_schema_drop(db, entities, 1, &err);
	if (!rc)
		rc = uow_schema_create(db, entities, 1, &err);
	if (rc) {
		fprintf(stderr, "peak: %s\n", err.message);
		return 1;
	}
	rc = run(db, "insert_all", argv[at], insert, rows);
	if (wanted(only, "each"))
		rc |= run(db, "each", argv[at], each, rows);
	if (wanted(only, "track"))
		rc |= run(db, "track", argv[at], track, rows);
	if (uow_schema_drop(db, entities, 1, &err))
		rc = 1;
	uow_db_free(db);
	return rc;
}
