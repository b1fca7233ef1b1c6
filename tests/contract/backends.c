/* SPDX-License-Identifier: BSD-2-Clause */
#include "backends.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uow/odbc.h>

const struct backend backends[] = {
	{ "sqlite", "UOW_TEST_SQLITE", "DRIVER=SQLite3;Database={file}",
	  BACKEND_FILE | BACKEND_LOOSE_TYPES | BACKEND_NO_NAN | BACKEND_SQL |
	  BACKEND_COMMIT_WAITS | BACKEND_NUMERIC_15 },
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

void backend_fresh(const struct backend *b, struct source *out)
{
	static unsigned number;
	const char *from = connection_of(b);
	const char *hole = strstr(from, "{file}");

	memset(out, 0, sizeof(*out));
	if (!hole) {
		snprintf(out->connection, sizeof(out->connection), "%s", from);
		return;
	}
	snprintf(out->file, sizeof(out->file), "%s/%s-%u.db",
		 scratch_folder(), b->name, ++number);
	snprintf(out->connection, sizeof(out->connection), "%.*s%s%s",
		 (int)(hole - from), from, out->file,
		 hole + strlen("{file}"));
}

static bool connects(const char *connection, char *why, size_t size)
{
	SQLHENV env = SQL_NULL_HENV;
	SQLHDBC dbc = SQL_NULL_HDBC;
	SQLCHAR state[6], text[256], in[768];
	SQLSMALLINT length;
	SQLRETURN rc;

	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
	SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc);
	snprintf((char *)in, sizeof(in), "%s", connection);
	rc = SQLDriverConnect(dbc, NULL, in, SQL_NTS, NULL, 0, NULL,
			      SQL_DRIVER_NOPROMPT);
	if (SQL_SUCCEEDED(rc)) {
		SQLDisconnect(dbc);
	} else {
		text[0] = '\0';
		SQLGetDiagRec(SQL_HANDLE_DBC, dbc, 1, state, NULL, text,
			      sizeof(text), &length);
		snprintf(why, size, "%s", (char *)text);
	}
	SQLFreeHandle(SQL_HANDLE_DBC, dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, env);
	return SQL_SUCCEEDED(rc);
}

bool backend_available(const struct backend *b, char *why, size_t size)
{
	struct source source;

	if (!connection_of(b)) {
		snprintf(why, size, "%s is not set", b->env);
		return false;
	}
	backend_fresh(b, &source);
	return connects(source.connection, why, size);
}
