/* SPDX-License-Identifier: BSD-2-Clause */
#include "errors.h"

#include <uow/error.h>

/*
 * The SQLSTATE is always HY000, the number is SQLite's own, and types and
 * lengths of columns are no more than wishes. There is one lock for the file:
 * nobody can be in a deadlock or read what is changed meanwhile.
 */
const struct expected_error sqlite_errors[ERROR_KINDS] = {
	[ERROR_UNIQUE] = { UOW_EDUPLICATE, "HY000", 19, "parents.code" },
	[ERROR_PRIMARY_KEY] = { UOW_EDUPLICATE, "HY000", 19, "parents.id" },
	[ERROR_CHILD] = { UOW_ECONSTRAINT, "HY000", 19, "FOREIGN KEY" },
	[ERROR_PARENT] = { UOW_ECONSTRAINT, "HY000", 19, "FOREIGN KEY" },
	[ERROR_NOT_NULL] = { UOW_ECONSTRAINT, "HY000", 19, "NOT NULL" },
	[ERROR_CHECK] = { UOW_ECONSTRAINT, "HY000", 19, "CHECK" },
	[ERROR_SYNTAX] = { UOW_ESQL, "HY000", 1, "SELEC" },
	[ERROR_TABLE] = { UOW_ESQL, "HY000", 1, "nowhere" },
	[ERROR_COLUMN] = { UOW_ESQL, "HY000", 1, "nothing" },
	[ERROR_DEFERRED] = { UOW_ECONSTRAINT, "HY000", 19, "FOREIGN KEY" },
	[ERROR_LOCK] = { UOW_ELOCKED, "HY000", 5, "locked" },
	[ERROR_TIMEOUT] = { UOW_ETIMEOUT, "HY000", 5, "time is up" },
	[ERROR_DATABASE] = { UOW_EIO, "HY000", 14, "connect" },
	[ERROR_CANCEL] = { UOW_ECANCELED, "HY000", 9, "canceled" },
};

/*
 * The driver's number is always -1, but that of its own messages. SMALLINT
 * keeps the lower bits of a parameter that is too big, and any name of a
 * database makes one. What was read is locked: writers wait for it.
 */
const struct expected_error virtuoso_errors[ERROR_KINDS] = {
	[ERROR_UNIQUE] = { UOW_EDUPLICATE, "23000", -1, "SR175" },
	[ERROR_PRIMARY_KEY] = { UOW_EDUPLICATE, "23000", -1, "SR175" },
	[ERROR_CHILD] = { UOW_ECONSTRAINT, "HY000", -1, "SR306" },
	[ERROR_PARENT] = { UOW_ECONSTRAINT, "HY000", -1, "SR304" },
	[ERROR_NOT_NULL] = { UOW_ECONSTRAINT, "23000", -1, "SR133" },
	[ERROR_CHECK] = { UOW_ECONSTRAINT, "22023", -1, "SR363" },
	[ERROR_TOO_LONG] = { UOW_EDATA, "22026", -1, "SR319" },
	[ERROR_RANGE] = { UOW_EDATA, "22018", -1, "SR130" },
	[ERROR_DIVISION] = { UOW_EDATA, "22012", -1, "Division by 0" },
	[ERROR_CAST] = { UOW_EDATA, "22018", -1, "SR341" },
	[ERROR_SYNTAX] = { UOW_ESQL, "42000", -1, "SQ074" },
	[ERROR_TABLE] = { UOW_ESQL, "42S02", -1, "nowhere" },
	[ERROR_COLUMN] = { UOW_ESQL, "42S22", -1, "nothing" },
	[ERROR_DEADLOCK] = { UOW_EDEADLOCK, "40001", -1, "SR172" },
	[ERROR_LOCK] = { UOW_ELOCKED, "HYT00", -1, "CL066" },
	[ERROR_TIMEOUT] = { UOW_ETIMEOUT, "HYT00", -1, "time is up" },
	[ERROR_LOGIN] = { UOW_EDENIED, "28000", -1, "CL034" },
	[ERROR_DOWN] = { UOW_ECONNECT, "S2801", -1, "CL033" },
	[ERROR_CANCEL] = { UOW_ECANCELED, "", 0, "canceled" },
	[ERROR_LOST] = { UOW_ECONNECT, "08S01", -1, "CL065" },
	[ERROR_LOST_COMMIT] = { UOW_EINDOUBT, "08S01", -1, "CL043" },
	[ERROR_KILLED] = { UOW_ETIMEOUT, "HYT00", -1, "SR171" },
	[ERROR_KILLED_COMMIT] = { UOW_EINDOUBT, "HYT00", -1, "SR171" },
};

/* The driver's number is 1 for whatever the server says. */
const struct expected_error postgresql_errors[ERROR_KINDS] = {
	[ERROR_UNIQUE] = { UOW_EDUPLICATE, "23505", 1, "parents_code_key" },
	[ERROR_PRIMARY_KEY] = { UOW_EDUPLICATE, "23505", 1, "parents_pkey" },
	[ERROR_CHILD] = { UOW_ECONSTRAINT, "23503", 1, "foreign key" },
	[ERROR_PARENT] = { UOW_ECONSTRAINT, "23503", 1, "foreign key" },
	[ERROR_NOT_NULL] = { UOW_ECONSTRAINT, "23502", 1, "code" },
	[ERROR_CHECK] = { UOW_ECONSTRAINT, "23514", 1, "check" },
	[ERROR_TOO_LONG] = { UOW_EDATA, "22001", 1, "too long" },
	[ERROR_RANGE] = { UOW_EDATA, "22003", 1, "out of range" },
	[ERROR_DIVISION] = { UOW_EDATA, "22012", 1, "division by zero" },
	[ERROR_CAST] = { UOW_EDATA, "22P02", 1, "***" },
	[ERROR_SYNTAX] = { UOW_ESQL, "42601", 1, "syntax" },
	[ERROR_TABLE] = { UOW_ESQL, "42P01", 1, "nowhere" },
	[ERROR_COLUMN] = { UOW_ESQL, "42703", 1, "nothing" },
	[ERROR_DEFERRED] = { UOW_ECONSTRAINT, "23503", 110, "foreign key" },
	[ERROR_DEADLOCK] = { UOW_EDEADLOCK, "40P01", 1, "deadlock" },
	[ERROR_SERIALIZATION] = { UOW_ECONFLICT, "40001", 1, "serialize" },
	[ERROR_SERIALIZATION_COMMIT] = { UOW_ECONFLICT, "40001", 110,
					 "serialize" },
	[ERROR_LOCK] = { UOW_ELOCKED, "55P03", 1, "lock timeout" },
	[ERROR_TIMEOUT] = { UOW_ETIMEOUT, "57014", 1, "time is up" },
	[ERROR_LOGIN] = { UOW_EDENIED, "08001", 101, "uow_nobody" },
	[ERROR_DATABASE] = { UOW_ECONFIG, "08001", 101, "uow_nowhere" },
	[ERROR_DOWN] = { UOW_ECONNECT, "08001", 101, "127.0.0.1" },
	[ERROR_CANCEL] = { UOW_ECANCELED, "57014", 1, "canceled" },
	[ERROR_LOST] = { UOW_ECONNECT, "HY000", 1, "preparing" },
	[ERROR_LOST_COMMIT] = { UOW_EINDOUBT, "08S01", 113, "unknown" },
};

/*
 * The number is the server's. No transaction is refused for what others have
 * done: at REPEATABLE READ an update goes to the row as it is now, at
 * SERIALIZABLE reading locks, and who gets in each other's way is in a
 * deadlock.
 */
const struct expected_error mariadb_errors[ERROR_KINDS] = {
	[ERROR_UNIQUE] = { UOW_EDUPLICATE, "23000", 1062, "'***' for key" },
	[ERROR_PRIMARY_KEY] = { UOW_EDUPLICATE, "23000", 1062, "PRIMARY" },
	[ERROR_CHILD] = { UOW_ECONSTRAINT, "23000", 1452, "foreign key" },
	[ERROR_PARENT] = { UOW_ECONSTRAINT, "23000", 1451, "foreign key" },
	[ERROR_NOT_NULL] = { UOW_ECONSTRAINT, "23000", 1048, "code" },
	[ERROR_CHECK] = { UOW_ECONSTRAINT, "23000", 4025, "CONSTRAINT" },
	[ERROR_TOO_LONG] = { UOW_EDATA, "22001", 1406, "too long" },
	[ERROR_RANGE] = { UOW_EDATA, "22003", 1264, "Out of range" },
	[ERROR_DIVISION] = { UOW_EDATA, "22012", 1365, "Division by 0" },
	[ERROR_CAST] = { UOW_EDATA, "22007", 1366, "'***'" },
	[ERROR_SYNTAX] = { UOW_ESQL, "42000", 1064, "SELEC" },
	[ERROR_TABLE] = { UOW_ESQL, "42S02", 1146, "nowhere" },
	[ERROR_COLUMN] = { UOW_ESQL, "42S22", 1054, "nothing" },
	[ERROR_DEADLOCK] = { UOW_EDEADLOCK, "40001", 1213, "Deadlock" },
	[ERROR_LOCK] = { UOW_ELOCKED, "HY000", 1205, "Lock wait timeout" },
	[ERROR_TIMEOUT] = { UOW_ETIMEOUT, "HY018", 1969, "time is up" },
	[ERROR_LOGIN] = { UOW_EDENIED, "28000", ANY_NUMBER, "uow_nobody" },
	[ERROR_DATABASE] = { UOW_ECONFIG, "42000", 1049, "uow_nowhere" },
	[ERROR_DOWN] = { UOW_ECONNECT, "HY000", 2002, "connect" },
	[ERROR_CANCEL] = { UOW_ECANCELED, "HY018", 1317, "canceled" },
	[ERROR_LOST] = { UOW_ECONNECT, "08S01", 2013, "Lost connection" },
	[ERROR_LOST_COMMIT] = { UOW_EINDOUBT, "08S01", 2013, "unknown" },
};
