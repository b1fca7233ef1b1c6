/* SPDX-License-Identifier: BSD-2-Clause */
#include "backends.h"

/*
 * How databases make a version of their own: the table "made" with the column
 * "version" as a number, a time or 16 bytes, for struct backend.
 */
#define SQLITE_TABLE(type, first) \
	"CREATE TABLE made (id INTEGER PRIMARY KEY, amount INTEGER, " \
	"version " type " DEFAULT " first ")"
#define SQLITE_TRIGGER(next) \
	"CREATE TRIGGER made_version AFTER UPDATE ON made BEGIN " \
	"UPDATE made SET version = " next " WHERE id = NEW.id; END"

static const char *const sqlite_number[] = {
	SQLITE_TABLE("BIGINT", "1"), SQLITE_TRIGGER("OLD.version + 1"), NULL
};
static const char *const sqlite_time[] = {
	SQLITE_TABLE("TIMESTAMP", "'2026-01-01 00:00:00.001000000'"),
	/* Times are text there: as the library writes them. */
	SQLITE_TRIGGER("strftime('%Y-%m-%d %H:%M:%f', OLD.version, "
		       "'+0.001 seconds') || '000000'"),
	NULL
};
static const char *const sqlite_mark[] = {
	SQLITE_TABLE("CHAR(36)", "'00000000-0000-4000-8000-000000000001'"),
	SQLITE_TRIGGER("substr(OLD.version, 1, 24) || "
		       "lower(hex(randomblob(6)))"),
	NULL
};
const char *const *const sqlite_made[MADE_KINDS] = {
	sqlite_number, sqlite_time, sqlite_mark
};

#define POSTGRESQL_TABLE(type, first) \
	"CREATE TABLE made (id BIGINT PRIMARY KEY, amount INTEGER, " \
	"version " type " DEFAULT " first ")"
#define POSTGRESQL_FUNCTION(next) \
	"CREATE OR REPLACE FUNCTION made_next() RETURNS trigger " \
	"LANGUAGE plpgsql AS 'BEGIN NEW.version := " next "; RETURN NEW; " \
	"END'"
#define POSTGRESQL_TRIGGER \
	"CREATE TRIGGER made_version BEFORE UPDATE ON made FOR EACH ROW " \
	"EXECUTE FUNCTION made_next()"

static const char *const postgresql_number[] = {
	POSTGRESQL_TABLE("BIGINT", "1"),
	POSTGRESQL_FUNCTION("OLD.version + 1"), POSTGRESQL_TRIGGER, NULL
};
static const char *const postgresql_time[] = {
	POSTGRESQL_TABLE("TIMESTAMP(6)", "clock_timestamp()"),
	POSTGRESQL_FUNCTION("clock_timestamp()"), POSTGRESQL_TRIGGER, NULL
};
static const char *const postgresql_mark[] = {
	POSTGRESQL_TABLE("UUID", "gen_random_uuid()"),
	POSTGRESQL_FUNCTION("gen_random_uuid()"), POSTGRESQL_TRIGGER, NULL
};
const char *const *const postgresql_made[MADE_KINDS] = {
	postgresql_number, postgresql_time, postgresql_mark
};

#define MARIADB_TABLE(type) \
	"CREATE TABLE made (id BIGINT PRIMARY KEY, amount INTEGER, " \
	"version " type ")"
#define MARIADB_TRIGGER(next) \
	"CREATE TRIGGER made_version BEFORE UPDATE ON made FOR EACH ROW " \
	"SET NEW.version = " next

static const char *const mariadb_number[] = {
	MARIADB_TABLE("BIGINT DEFAULT 1"),
	MARIADB_TRIGGER("OLD.version + 1"), NULL
};
static const char *const mariadb_time[] = {
	MARIADB_TABLE("DATETIME(6) DEFAULT NOW(6) ON UPDATE NOW(6)"), NULL
};
static const char *const mariadb_mark[] = {
	MARIADB_TABLE("CHAR(36) DEFAULT UUID()"), MARIADB_TRIGGER("UUID()"),
	NULL
};
const char *const *const mariadb_made[MADE_KINDS] = {
	mariadb_number, mariadb_time, mariadb_mark
};

static const char *const virtuoso_number[] = {
	"CREATE TABLE made (id BIGINT NOT NULL PRIMARY KEY, amount INTEGER, "
	"version BIGINT DEFAULT 1)",
	"CREATE TRIGGER made_version AFTER UPDATE ON made "
	"REFERENCING OLD AS o, NEW AS n { SET TRIGGERS OFF; "
	"UPDATE made SET version = o.version + 1 WHERE id = n.id; }",
	NULL
};
/*
 * No times: those that it makes have no time zone, parameters have one, and
 * that is never equal.
 */
const char *const *const virtuoso_made[MADE_KINDS] = {
	virtuoso_number, NULL, NULL
};
