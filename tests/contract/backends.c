/* SPDX-License-Identifier: BSD-2-Clause */
#include "backends.h"
#include "server.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POSTGRESQL_EVICT \
	"SELECT 'SELECT pg_terminate_backend(' || pid || ')' " \
	"FROM pg_stat_activity WHERE pid <> pg_backend_pid() " \
	"AND datname = current_database()"

const struct backend backends[] = {
	{ .name = "sqlite", .env = "UOW_TEST_SQLITE",
	  .connection = "DRIVER=SQLite3;Database={file}",
	  .flags = BACKEND_FILE | BACKEND_LOOSE_TYPES | BACKEND_NO_NAN |
		   BACKEND_SQL | BACKEND_COMMIT_WAITS | BACKEND_NUMERIC_15 |
		   BACKEND_BATCHES },
	{ .name = "postgresql", .env = "UOW_TEST_POSTGRESQL",
	  .flags = BACKEND_SQL, .schema = "public",
	  .prepare = "SET lock_timeout = 1000", .cascade = " CASCADE",
	  .evict = POSTGRESQL_EVICT },
	{ .name = "postgresql-ansi", .env = "UOW_TEST_POSTGRESQL_ANSI",
	  .flags = BACKEND_SQL, .schema = "public",
	  .prepare = "SET lock_timeout = 1000", .cascade = " CASCADE",
	  .evict = POSTGRESQL_EVICT },
	{ .name = "mariadb", .env = "UOW_TEST_MARIADB",
	  .flags = BACKEND_SQL,
	  .prepare = "SET SESSION foreign_key_checks = 0, "
		     "lock_wait_timeout = 1",
	  .evict = "SELECT concat('KILL ', id) "
		   "FROM information_schema.processlist "
		   "WHERE id <> connection_id() AND db = database()" },
	{ .name = "virtuoso", .env = "UOW_TEST_VIRTUOSO",
	  .flags = BACKEND_SQL, .schema = "DBA" },
};

const size_t backend_count = sizeof(backends) / sizeof(backends[0]);

static char folder[400];

const char *scratch_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	if (folder[0])
		return folder;
	snprintf(folder, sizeof(folder), "%s/uow-contract-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(99);
	}
	return folder;
}

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char child[1024];

	while (d && (entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (unlink(child) != 0)
			remove_tree(child);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

void scratch_remove(void)
{
	if (folder[0])
		remove_tree(folder);
	folder[0] = '\0';
}

static const char *connection_of(const struct backend *b)
{
	const char *given = b->env ? getenv(b->env) : NULL;

	return given && *given ? given : b->connection;
}

bool backend_fresh(const struct backend *b, struct source *out)
{
	static unsigned number;
	const char *from = connection_of(b);
	const char *hole = strstr(from, "{file}");

	memset(out, 0, sizeof(*out));
	if (!hole) {
		snprintf(out->connection, sizeof(out->connection), "%s", from);
		return server_wipe(b, from);
	}
	snprintf(out->file, sizeof(out->file), "%s/%s-%u.db",
		 scratch_folder(), b->name, ++number);
	snprintf(out->connection, sizeof(out->connection), "%.*s%s%s",
		 (int)(hole - from), from, out->file,
		 hole + strlen("{file}"));
	return true;
}

bool backend_available(const struct backend *b, char *why, size_t size)
{
	struct source source;

	if (!connection_of(b)) {
		snprintf(why, size, "%s is not set", b->env);
		return false;
	}
	if (!(b->flags & BACKEND_FILE))
		return server_connects(b, connection_of(b), why, size);
	backend_fresh(b, &source);
	return server_connects(b, source.connection, why, size);
}

void backends_release(void)
{
	server_release();
}
