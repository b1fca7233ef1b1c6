/* SPDX-License-Identifier: BSD-2-Clause */
#include "place.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uow/memory.h>
#include <uow/schema.h>

#include "../../examples/transfer/bank.h"
#include "auditor.h"

struct place {
	const char *name;
	const char *env;	/* where its connection string is */
	const char *profile;
	const char *prepare;	/* of the auditor's session */
	unsigned flags;
};

static const struct place places[] = {
	{ "memory", NULL, NULL, NULL, PLACE_PARTS | PLACE_LOCKS },
	{ "sqlite", NULL, "sqlite", NULL, PLACE_ODBC | PLACE_PARTS },
	{ "postgresql", "UOW_TEST_POSTGRESQL", "postgresql", NULL,
	  PLACE_ODBC | PLACE_PARTS | PLACE_LOCKS | PLACE_SERVER },
	{ "mariadb", "UOW_TEST_MARIADB", "mariadb",
	  "SET sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')",
	  PLACE_ODBC | PLACE_PARTS | PLACE_LOCKS | PLACE_SERVER },
	{ "virtuoso", "UOW_TEST_VIRTUOSO", "virtuoso", NULL,
	  PLACE_ODBC | PLACE_SERVER }
};

static const struct place *here;
static char folder[200], file[256], connection[500], secret[100];
static char profile[256], profiles[2][256];
static struct books initial;

/* Of the place that has no database. */
static uow_db *data;
static uow_memory_state *beginning;

/* -- the table of everything -- */

static const uow_foreign_key thing_parents[] = {
	UOW_FOREIGN_KEY(&thing_entity, { "group", "above" },
			{ "group", "number" })
};

static const uow_column thing_columns[] = {
	UOW_INT64(struct thing, group, "group", UOW_KEY),
	UOW_INT64(struct thing, number, "number", UOW_KEY),
	UOW_TEXT(struct thing, words, "words", 2000, 0),
	UOW_BYTES(struct thing, bytes, "bytes", 2000, 0),
	UOW_DOUBLE(struct thing, real, "real", 0),
	UOW_FLOAT(struct thing, small, "small", 0),
	UOW_INT16(struct thing, few, "few", 0),
	UOW_INT32(struct thing, some, "some", 0),
	UOW_BOOL(struct thing, yes, "yes", 0),
	UOW_DATE(struct thing, day, "day", 0),
	UOW_TIME(struct thing, hour, "hour", 0),
	UOW_TIMESTAMP(struct thing, moment, "moment", 0),
	UOW_UUID(struct thing, uuid, "uuid", 0),
	UOW_NULLABLE_INT64(struct thing, maybe, "maybe", 0),
	UOW_NULLABLE_INT64(struct thing, above, "above", 0),
	UOW_INT64(struct thing, version, "version", UOW_ROW_VERSION)
};

const uow_entity thing_entity =
	UOW_ENTITY_FOREIGN(struct thing, NULL, "things", thing_columns,
			   thing_parents);

static const uow_column extra_columns[] = {
	UOW_INT64(struct opening, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_INT64(struct opening, accounts, "accounts", UOW_UNIQUE)
};

const uow_entity extra_entity =
	UOW_ENTITY(struct opening, "extra", extra_columns);

/* -- the place -- */

const char *place_name(size_t i)
{
	return i < sizeof(places) / sizeof(places[0]) ? places[i].name : NULL;
}

bool place_has(unsigned flags)
{
	return (here->flags & flags) == flags;
}

const char *place_here(void)
{
	return here->name;
}

const char *place_connection(void)
{
	return connection;
}

const char *place_secret(void)
{
	return secret;
}

static void fail(const char *what, const uow_error *err)
{
	fprintf(stderr, "%s: %s %s\n", what, uow_code_name(err->code),
		err->message);
	abort();
}

int place_open(uow_db **db, uow_db_options *o, bool loud, uow_error *err)
{
	uow_memory_options m = UOW_MEMORY_OPTIONS_INIT;

	if (here->flags & PLACE_ODBC) {
		o->connection = connection;
		if (!loud && !o->profile)
			o->profile = here->profile;
		return uow_db_open(db, o, err);
	}
	m.db = o;
	m.same_as = data;
	return uow_memory_open(db, &m, err);
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
	static char given[PATH_MAX];
	const char *needed[2] = { "ansi", here->profile };
	char from[PATH_MAX + 100];
	size_t i;

	if (!given[0])
		snprintf(given, sizeof(given), "%s",
			 getenv("UOW_DRIVERS_PATH") ?
			 getenv("UOW_DRIVERS_PATH") : "drivers-config");
	for (i = 0; i < 2 && needed[i]; i++) {
		snprintf(profiles[i], sizeof(profiles[i]), "%s/%s.ini",
			 folder, needed[i]);
		snprintf(from, sizeof(from), "%s/%s.ini", given, needed[i]);
		if (copy(from, profiles[i]))
			return -1;
	}
	return setenv("UOW_DRIVERS_PATH", folder, 1);
}

const char *place_profile(const char *name, const char *text)
{
	FILE *out;

	snprintf(profile, sizeof(profile), "%s/%s.ini", folder, name);
	out = fopen(profile, "w");
	if (!out || fputs(text, out) < 0 || fclose(out))
		abort();
	return folder;
}

/* False: it is to be on a server, and none was told. */
static bool find(void)
{
	const char *told = here->env ? getenv(here->env) : NULL, *word;

	secret[0] = '\0';
	snprintf(file, sizeof(file), "%s/bank.db", folder);
	if (!place_has(PLACE_ODBC))
		return true;
	if (here->env && !told)
		return false;
	if (told)
		snprintf(connection, sizeof(connection), "%s", told);
	else
		snprintf(connection, sizeof(connection), "DRIVER=SQLite3;"
			 "Database=%s;SyncPragma=OFF;PWD=open-sesame", file);
	word = strstr(connection, "PWD=");
	if (!word || sscanf(word, "PWD=%99[^;]", secret) != 1)
		return false;
	return true;
}

static void make_bank(void)
{
	const uow_entity *more[] = { &thing_entity, &extra_entity };
	uow_db_options o = UOW_DB_OPTIONS_INIT;
	uow_error err = UOW_ERROR_INIT;
	uow_db *db = NULL;

	if (!place_has(PLACE_ODBC) && uow_memory_open(&data, NULL, &err))
		fail("open", &err);
	if (place_open(&db, &o, true, &err))
		fail("open", &err);
	if (uow_schema_drop(db, more, 2, &err) || bank_drop(db, &err) ||
	    bank_create(db, BOOKS_ACCOUNTS, &err) ||
	    uow_schema_create(db, more, 1, &err) ||
	    uow_schema_create_commits(db, &err))
		fail("create", &err);
	uow_db_free(db);
}

bool place_setup(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	uow_error err = UOW_ERROR_INIT;
	size_t i;

	here = NULL;
	for (i = 0; place_name(i); i++)
		if (!strcmp(name, places[i].name))
			here = &places[i];
	snprintf(folder, sizeof(folder), "%s/uow-torture-XXXXXX",
		 tmp && strlen(tmp) < 150 ? tmp : "/tmp");
	if (!here || !mkdtemp(folder))
		abort();
	if (!find() || few_profiles()) {
		rmdir(folder);
		return false;
	}
	make_bank();
	if (!place_has(PLACE_ODBC)) {
		if (uow_memory_snapshot(&beginning, data, &err))
			fail("snapshot", &err);
		return true;
	}
	auditor_start(connection, here->prepare);
	auditor_read(initial.text, sizeof(initial.text));
	auditor_remember();
	return true;
}

static void drop(const char *suffix)
{
	char name[300];

	snprintf(name, sizeof(name), "%s%s", file, suffix);
	unlink(name);
}

void place_teardown(void)
{
	size_t i;

	if (place_has(PLACE_ODBC))
		auditor_stop();
	uow_memory_state_free(beginning);
	uow_db_free(data);
	beginning = NULL;
	data = NULL;
	drop("");
	drop("-journal");
	unlink(profile);
	for (i = 0; i < 2; i++)
		unlink(profiles[i]);
	rmdir(folder);
}

/* -- the books -- */

/* "ledger_entries 17: ...": numbers that are made leave gaps. */
static bool is_numbered(const char *line)
{
	return !strncmp(line, "ledger_entries ", 15) ||
	       !strncmp(line, "loyalty ", 8);
}

static int add_line(const char *line, void *arg)
{
	struct books *b = arg;
	size_t used = strlen(b->text);
	const char *rest = is_numbered(line) ? strchr(line, ':') : line;

	/* Tokens are drawn anew each time. */
	if (!strncmp(line, "uow_commit ", 11))
		return 0;
	snprintf(b->text + used, sizeof(b->text) - used, "%s\n", rest);
	return 0;
}

static void read_memory(struct books *out)
{
	uow_error err = UOW_ERROR_INIT;

	out->text[0] = '\0';
	if (uow_memory_diff(data, beginning, NULL, add_line, out, NULL, &err))
		fail("audit", &err);
}

void books_read(struct books *out)
{
	if (place_has(PLACE_ODBC))
		auditor_read(out->text, sizeof(out->text));
	else
		read_memory(out);
}

void books_reset(void)
{
	uow_error err = UOW_ERROR_INIT;
	struct books now;

	if (!place_has(PLACE_ODBC)) {
		if (uow_memory_restore(data, beginning, &err))
			fail("restore", &err);
		return;
	}
	books_read(&now);
	if (books_equal(&now, &initial))
		return;
	auditor_put_back();
	books_read(&now);
	if (!books_equal(&now, &initial)) {
		fprintf(stderr, "%s\n-- instead of --\n%s\n", now.text,
			initial.text);
		abort();
	}
}

bool books_equal(const struct books *a, const struct books *b)
{
	return !strcmp(a->text, b->text);
}
