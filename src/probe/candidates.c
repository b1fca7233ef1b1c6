/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/candidates.h"

#include <string.h>

/* Numbers: as the C type, as eight bytes called a long, as a text. */
#define WHOLE(type, column) \
	"", "type." type ".bind=long64", "type." type ".bind=text", \
	"type." type ".column=" column, \
	"type." type ".column=" column "\ntype." type ".bind=text"

#define REAL_AS(type, column, fetch) \
	"type." type ".column=" column "\ntype." type ".fetch=" fetch

#define TEXT_MOMENT(type, column) \
	"type." type ".column=" column "\ntype." type ".bind=text\n" \
	"type." type ".fetch=text\ntype." type ".sql=VARCHAR"

#define STAMP(column, fraction, fetch) \
	"type.timestamp.column=" column "\ntype.timestamp.fraction=" fraction \
	"\ntype.timestamp.fetch=" fetch

#define LONG_TEXT(column) \
	"type.text.column_long=" column "\ntype.chars.column_long=" column

#define KEY(generated, last) \
	"sql.generated_key=" generated "\nsql.last_key=" last

/* Of drivers that are in use: others ignore what they do not know. */
#define OPTION(name, value) "connect.option." name "=" value

/*
 * The key of the tables in which types are tried is an int32, so that comes
 * first; what later ones need stands before them.
 */
const struct candidates candidates[] = {
	{ "parameter.used", NULL, "yes", { "connect.prove_parameters=no" } },
	{ "text.utf8", NULL, "yes",
	  { "", OPTION("CHARSET", "utf8mb4"), OPTION("CHARSET", "UTF-8"),
	    OPTION("CharacterSet", "UTF8"), OPTION("ClientCharset", "UTF-8"),
	    OPTION("ConnSettings", "set client_encoding to 'UTF8'") } },
	{ "type.int32", NULL, "exact", { WHOLE("int32", "INT") } },
	{ "type.bool", NULL, "exact",
	  { WHOLE("bool", "INTEGER"),
	    "type.bool.column=BOOLEAN\ntype.bool.bind=bit\n"
	    "type.bool.sql=BIT" } },
	{ "type.int16", NULL, "exact", { WHOLE("int16", "INTEGER") } },
	{ "type.int64", NULL, "exact", { WHOLE("int64", "NUMERIC(19,0)") } },
	{ "type.float", NULL, "exact",
	  { "", REAL_AS("float", "FLOAT", "float"),
	    REAL_AS("float", "REAL", "double") "\ntype.float.bind=double",
	    REAL_AS("float", "DOUBLE PRECISION", "double")
	    "\ntype.float.bind=double\ntype.float.sql=DOUBLE",
	    REAL_AS("float", "FLOAT", "text") } },
	{ "type.double", NULL, "exact",
	  { "", REAL_AS("double", "DOUBLE", "double"),
	    REAL_AS("double", "FLOAT(53)", "double"),
	    REAL_AS("double", "FLOAT", "double"),
	    REAL_AS("double", "DOUBLE PRECISION", "text"),
	    REAL_AS("double", "REAL", "text")
	    "\ntype.double.read=CASE typeof({column}) WHEN 'real' THEN "
	    "printf('%!.20g',{column}) ELSE {column} END" } },
	{ "type.decimal", NULL, "exact",
	  { "", "type.decimal.column=NUMERIC({precision},{scale})",
	    "type.decimal.sql=VARCHAR",
	    /* Any name of a type is taken, and numbers are binary. */
	    "type.decimal.column=DECIMAL_INT({precision},{scale})\n"
	    "type.decimal.marker=DECIMAL_INT\ntype.decimal.unscaled=yes\n"
	    "type.decimal.bind=int64\ntype.decimal.sql=BIGINT\n"
	    "type.decimal.foreign.bind=text\n"
	    "type.decimal.foreign.fetch=text\n"
	    "type.decimal.foreign.sql=VARCHAR\n"
	    "type.decimal.foreign.digits=15" } },
	{ "type.chars", NULL, "exact",
	  { "", "type.chars.sql=LONGVARCHAR" } },
	{ "type.text", NULL, "exact", { "", "type.text.sql=LONGVARCHAR" } },
	{ "type.long-text", NULL, "yes",
	  { "", LONG_TEXT("TEXT"), LONG_TEXT("LONGTEXT"),
	    LONG_TEXT("LONG VARCHAR"), LONG_TEXT("VARCHAR(MAX)"),
	    LONG_TEXT("NCLOB") } },
	{ "type.bytes", NULL, "exact",
	  { "", "type.bytes.column=BINARY VARYING({length})",
	    "type.bytes.column=BYTEA", "type.bytes.column=BLOB",
	    "type.bytes.column=RAW({length})",
	    "type.bytes.column=LONG VARBINARY",
	    "type.bytes.column=LONGBLOB",
	    "type.bytes.sql=LONGVARBINARY" } },
	{ "type.long-bytes", NULL, "yes",
	  { "", "type.bytes.column_long=BYTEA",
	    "type.bytes.column_long=LONGBLOB",
	    "type.bytes.column_long=LONG VARBINARY",
	    "type.bytes.column_long=VARBINARY(MAX)",
	    "type.bytes.column_long=BLOB SUB_TYPE BINARY" } },
	{ "type.date", NULL, "exact",
	  { "", "type.date.fetch=text",
	    TEXT_MOMENT("date", "VARCHAR(10)") } },
	{ "type.time", NULL, "exact",
	  { "", "type.time.fetch=text", "type.time.column=TIME(0)",
	    TEXT_MOMENT("time", "VARCHAR(8)") } },
	{ "type.timestamp", NULL, "exact",
	  { STAMP("TIMESTAMP(6)", "6", "timestamp"),
	    STAMP("DATETIME(6)", "6", "timestamp"),
	    STAMP("DATETIME2(6)", "6", "timestamp"),
	    STAMP("DATETIME", "6", "timestamp"),
	    STAMP("TIMESTAMP", "6", "timestamp"),
	    STAMP("TIMESTAMP(6)", "6", "text"),
	    STAMP("DATETIME(6)", "6", "text"),
	    STAMP("TIMESTAMP", "3", "timestamp"),
	    STAMP("DATETIME", "3", "timestamp"),
	    STAMP("DATETIME", "0", "timestamp"),
	    TEXT_MOMENT("timestamp", "VARCHAR(30)")
	    "\ntype.timestamp.fraction=9" } },
	{ "type.uuid", NULL, "exact",
	  { "", "type.uuid.column=VARCHAR(36)\ntype.uuid.sql=VARCHAR" } },
	{ "sql.limit", NULL, "yes", { "", "sql.limit=LIMIT {limit}" } },
	{ "sql.offset", NULL, "yes", { "", "sql.offset=OFFSET {offset}" } },
	{ "sql.offset-only", NULL, "yes",
	  { "", "sql.offset_only=OFFSET {offset}",
	    "sql.offset_only=LIMIT 18446744073709551615 OFFSET {offset}",
	    "sql.offset_only=LIMIT -1 OFFSET {offset}" } },
	{ "sql.starts-with", NULL, "yes",
	  { "", "sql.starts_with={column} >= {value} AND "
	    "substr({column},1,length({value})) = {value}",
	    "sql.starts_with=CAST({column} AS BINARY) LIKE "
	    "CAST({pattern} AS BINARY) ESCAPE '!'" } },
	{ "key.last", NULL, "yes",
	  { KEY("{type} GENERATED BY DEFAULT AS IDENTITY",
		"SELECT lastval()"),
	    KEY("{type} AUTO_INCREMENT", "SELECT last_insert_id()"),
	    KEY("INTEGER PRIMARY KEY", "SELECT last_insert_rowid()")
	    "\nsql.generated_key_is_primary=yes",
	    KEY("{type} IDENTITY", "SELECT identity_value()"),
	    KEY("{type} IDENTITY(1,1)", "SELECT scope_identity()"),
	    KEY("{type} IDENTITY", "SELECT @@IDENTITY"),
	    KEY("{type} GENERATED BY DEFAULT AS IDENTITY",
		"VALUES IDENTITY_VAL_LOCAL()"),
	    KEY("{type} GENERATED BY DEFAULT AS IDENTITY",
		"CALL IDENTITY()"),
	    KEY("SERIAL", "SELECT lastval()") } },
	{ "transaction.savepoints", "transaction.savepoint-after-error",
	  "yes",
	  { "sql.savepoints=yes",
	    "sql.savepoints=yes\nsql.rollback_to=ROLLBACK TO {name}\n"
	    "sql.release=RELEASE {name}",
	    "sql.savepoints=yes\nsql.savepoint=SAVEPOINT {name} "
	    "ON ROLLBACK RETAIN CURSORS",
	    "sql.savepoints=yes\nsql.release=",
	    "sql.savepoints=yes\nsql.savepoint=SAVE TRANSACTION {name}\n"
	    "sql.rollback_to=ROLLBACK TRANSACTION {name}\n"
	    "sql.release=" } },
	{ "sql.lock-update", NULL, "yes",
	  { "sql.lock_update=FOR UPDATE", "sql.lock_update=WITH LOCK" } },
	{ "error.locked", NULL, "yes", { "" } },
	{ "sql.lock-nowait", NULL, "yes",
	  { "sql.lock_nowait=FOR UPDATE NOWAIT" } },
	{ "sql.lock-skip", NULL, "yes",
	  { "sql.lock_skip=FOR UPDATE SKIP LOCKED" } },
	{ "sql.range-checked", NULL, "yes", { "sql.range_checked=yes" } },
	{ "sql.foreign-keys", NULL, "yes",
	  { "", OPTION("FKSupport", "1") } },
	{ "count.single", NULL, "each",
	  { "counts.batch=total",
	    "connect.bits.OPTION=2\ncounts.batch=total",
	    OPTION("FOUND_ROWS", "1") "\ncounts.batch=total" } },
	{ "count.single", NULL, "changed",
	  { "counts.single=changed\ncounts.batch=total" } },
	{ "batch.insert", NULL, "at once",
	  { "batch.insert=values 100",
	    "batch.arrays=rows\nbatch.insert=array 100",
	    "batch.arrays=columns\nbatch.insert=array 100" } },
	{ "batch.update", NULL, "at once",
	  { "batch.update=join 100", "batch.update=case 100" } },
	{ "batch.delete", NULL, "at once", { "batch.delete=in 100" } },
	{ "parameter.length", NULL, "yes", { "type.bytes.rebind=no" } },
	{ "wait.query-timeout", NULL, "yes",
	  { "transaction.statement_timeout=yes" } },
	{ "wait.login-timeout", NULL, "yes",
	  { "", OPTION("CONN_TIMEOUT", "4"), OPTION("ConnectTimeout", "4"),
	    OPTION("LoginTimeout", "4") } },
	{ "wait.cancel", NULL, "yes", { "transaction.cancel=yes" } },
	{ "lost.dead-check", NULL, "free",
	  { "transaction.dead_check=free" } }
};

#define LOCK_TIMEOUT(begin, end) \
	"transaction.lock_timeout=" begin "\ntransaction.lock_timeout_end=" end

/* In milliseconds, in seconds; of one transaction, of the session. */
const char *const candidates_lock_wait[] = {
	OPTION("Timeout", "100"), OPTION("LockTimeout", "1"),
	LOCK_TIMEOUT("SET LOCAL lock_timeout = {ms}", ""),
	LOCK_TIMEOUT("SET innodb_lock_wait_timeout = ({ms} + 999) DIV 1000",
		     "SET innodb_lock_wait_timeout = DEFAULT"),
	LOCK_TIMEOUT("SET LOCK_TIMEOUT {ms}", "SET LOCK_TIMEOUT -1"), NULL
};

const size_t candidate_count = sizeof(candidates) / sizeof(candidates[0]);

const char *candidates_less(const char *fact)
{
	static const struct {
		const char *fact, *lines;
	} less[] = {
		{ "parameter.used", "connect.prove_parameters=yes" },
		{ "transaction.rollback", "transaction.transactions=no" },
		{ "transaction.savepoints", "sql.savepoints=no" },
		{ "transaction.savepoint-after-error", "sql.savepoints=no" },
		{ "count.single", "counts.single=none\ncounts.batch=none" },
		{ "sql.limit", "sql.limit=" },
		{ "sql.offset", "sql.offset=" },
		{ "sql.offset-only", "sql.offset_only=" },
		{ "sql.starts-with", "sql.starts_with=" },
		{ "sql.lock-update", "sql.lock_update=" },
		{ "sql.lock-nowait", "sql.lock_nowait=" },
		{ "sql.lock-skip", "sql.lock_skip=" },
		{ "sql.range-checked", "sql.range_checked=no" },
		{ "key.last", "sql.last_key=" },
		{ "batch.insert", "batch.insert=rows" },
		{ "batch.update", "batch.update=rows" },
		{ "batch.delete", "batch.delete=rows" },
		{ "parameter.length", "type.bytes.rebind=yes" },
		{ "wait.query-timeout", "transaction.statement_timeout=no" },
		{ "wait.lock-timeout", "transaction.lock_timeout=\n"
				       "transaction.lock_timeout_end=" },
		{ "wait.cancel", "transaction.cancel=no" },
		{ "lost.dead-check", "transaction.dead_check=never" },
		{ "type.bool", "type.bool.column=" },
		{ "type.int16", "type.int16.column=" },
		{ "type.int32", "type.int32.column=" },
		{ "type.int64", "type.int64.column=" },
		{ "type.float", "type.float.column=" },
		{ "type.double", "type.double.column=" },
		{ "type.decimal", "type.decimal.column=" },
		{ "type.chars", "type.chars.column=" },
		{ "type.text", "type.text.column=" },
		{ "type.bytes", "type.bytes.column=" },
		{ "type.date", "type.date.column=" },
		{ "type.time", "type.time.column=" },
		{ "type.timestamp", "type.timestamp.column=" },
		{ "type.uuid", "type.uuid.column=" },
		{ "type.long-text",
		  "type.text.column_long=\ntype.chars.column_long=" },
		{ "type.long-bytes", "type.bytes.column_long=" }
	};
	size_t i;

	for (i = 0; i < sizeof(less) / sizeof(less[0]); i++)
		if (!strcmp(less[i].fact, fact))
			return less[i].lines;
	return NULL;
}
