/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/experiment.h"

#include <stdio.h>
#include <string.h>

#include "probe/lab.h"

const char *const experiment_tables[] = { "d", "a", "h", "k", "t", NULL };

/* In the order in which they run. */
const struct experiment experiments[] = {
	{ "claims", claims_run, 0 },
	{ "parameters", parameters_run, 0 },
	{ "transactions", transactions_run, 0 },
	{ "closing", closing_run, 0 },
	{ "ddl", ddl_run, 0 },
	{ "after-error", after_error_run, 0 },
	{ "savepoints", savepoints_run, 0 },
	{ "isolation.read-committed", isolation_run, SQL_TXN_READ_COMMITTED },
	{ "isolation.repeatable-read", isolation_run,
	  SQL_TXN_REPEATABLE_READ },
	{ "isolation.serializable", isolation_run, SQL_TXN_SERIALIZABLE },
	{ "cursors.commit", cursors_run, SQL_COMMIT },
	{ "cursors.rollback", cursors_run, SQL_ROLLBACK },
	{ "counts", counts_run, 0 },
	{ "values", values_run, 0 },
	{ "offset", offset_run, 0 },
	{ "lengths", lengths_run, 0 },
	{ "type.int32", type_run, UOW_TYPE_INT32 },
	{ "type.bool", type_run, UOW_TYPE_BOOL },
	{ "type.int16", type_run, UOW_TYPE_INT16 },
	{ "type.int64", type_run, UOW_TYPE_INT64 },
	{ "type.float", type_run, UOW_TYPE_FLOAT },
	{ "type.double", type_run, UOW_TYPE_DOUBLE },
	{ "type.decimal", type_run, UOW_TYPE_DECIMAL },
	{ "type.chars", type_run, UOW_TYPE_CHARS },
	{ "type.text", type_run, UOW_TYPE_TEXT },
	{ "type.bytes", type_run, UOW_TYPE_BYTES },
	{ "type.date", type_run, UOW_TYPE_DATE },
	{ "type.time", type_run, UOW_TYPE_TIME },
	{ "type.timestamp", type_run, UOW_TYPE_TIMESTAMP },
	{ "type.uuid", type_run, UOW_TYPE_UUID },
	{ "long.text", long_run, UOW_TYPE_TEXT },
	{ "long.bytes", long_run, UOW_TYPE_BYTES },
	{ "special.float", special_run, UOW_TYPE_FLOAT },
	{ "special.double", special_run, UOW_TYPE_DOUBLE },
	{ "fraction", fraction_run, 0 },
	{ "utf8", utf8_run, 0 },
	{ "texts", texts_run, 0 },
	{ "bind.bit", bind_run, FORM_BIT },
	{ "bind.int16", bind_run, FORM_INT16 },
	{ "bind.int32", bind_run, FORM_INT32 },
	{ "bind.int64", bind_run, FORM_INT64 },
	{ "bind.long64", bind_run, FORM_LONG64 },
	{ "bind.float", bind_run, FORM_FLOAT },
	{ "bind.double", bind_run, FORM_DOUBLE },
	{ "bind.text", bind_run, FORM_TEXT },
	{ "bind.binary", bind_run, FORM_BINARY },
	{ "bind.date", bind_run, FORM_DATE },
	{ "bind.time", bind_run, FORM_TIME },
	{ "bind.timestamp", bind_run, FORM_TIMESTAMP },
	{ "fetch.bit", fetch_run, FORM_BIT },
	{ "fetch.int16", fetch_run, FORM_INT16 },
	{ "fetch.int32", fetch_run, FORM_INT32 },
	{ "fetch.int64", fetch_run, FORM_INT64 },
	{ "fetch.long64", fetch_run, FORM_LONG64 },
	{ "fetch.float", fetch_run, FORM_FLOAT },
	{ "fetch.double", fetch_run, FORM_DOUBLE },
	{ "fetch.text", fetch_run, FORM_TEXT },
	{ "fetch.binary", fetch_run, FORM_BINARY },
	{ "fetch.date", fetch_run, FORM_DATE },
	{ "fetch.time", fetch_run, FORM_TIME },
	{ "fetch.timestamp", fetch_run, FORM_TIMESTAMP },
	{ "column.bit", array_column_run, FORM_BIT },
	{ "column.int16", array_column_run, FORM_INT16 },
	{ "column.int32", array_column_run, FORM_INT32 },
	{ "column.int64", array_column_run, FORM_INT64 },
	{ "column.long64", array_column_run, FORM_LONG64 },
	{ "column.float", array_column_run, FORM_FLOAT },
	{ "column.double", array_column_run, FORM_DOUBLE },
	{ "column.text", array_column_run, FORM_TEXT },
	{ "column.binary", array_column_run, FORM_BINARY },
	{ "column.date", array_column_run, FORM_DATE },
	{ "column.time", array_column_run, FORM_TIME },
	{ "column.timestamp", array_column_run, FORM_TIMESTAMP },
	{ "row.bit", array_row_run, FORM_BIT },
	{ "row.int16", array_row_run, FORM_INT16 },
	{ "row.int32", array_row_run, FORM_INT32 },
	{ "row.int64", array_row_run, FORM_INT64 },
	{ "row.long64", array_row_run, FORM_LONG64 },
	{ "row.float", array_row_run, FORM_FLOAT },
	{ "row.double", array_row_run, FORM_DOUBLE },
	{ "row.text", array_row_run, FORM_TEXT },
	{ "row.binary", array_row_run, FORM_BINARY },
	{ "row.date", array_row_run, FORM_DATE },
	{ "row.time", array_row_run, FORM_TIME },
	{ "row.timestamp", array_row_run, FORM_TIMESTAMP },
	{ "array.status", array_status_run, 0 },
	{ "array.counts", array_counts_run, 0 },
	{ "array.failing", array_failing_run, 0 },
	{ "rowset.column", rowset_run, 0 },
	{ "rowset.row", rowset_run, 1 },
	{ "batch.insert", batch_run, SHAPE_INSERT },
	{ "batch.update", batch_run, SHAPE_UPDATE },
	{ "batch.delete", batch_run, SHAPE_DELETE },
	{ "range", range_run, 0 },
	{ "keys", keys_run, 0 },
	{ "returning", returning_run, 0 },
	{ "limit", limit_run, 0 },
	{ "starts-with", starts_with_run, 0 },
	{ "foreign-keys", foreign_keys_run, 0 },
	{ "errors", errors_run, 0 },
	{ "locks", locks_run, 0 },
	{ "begin-write", begin_write_run, 0 },
	{ "lock-timeout", lock_timeout_run, 0 },
	{ "query-timeout", query_timeout_run, 0 },
	{ "cancel", cancel_run, 0 },
	{ "login-timeout", login_timeout_run, 0 },
	{ "dead", dead_run, 0 },
	{ "threads", threads_run, 0 },
	{ "cleanup", cleanup_run, 0 }
};

const size_t experiment_count = sizeof(experiments) / sizeof(experiments[0]);

const struct experiment *experiment_find(const char *name)
{
	size_t i;

	for (i = 0; i < experiment_count; i++)
		if (!strcmp(experiments[i].name, name))
			return &experiments[i];
	return NULL;
}

void cleanup_run(struct lab *l, int arg)
{
	SQLHDBC dbc = lab_connect(l);
	size_t i;
	bool left = false;
	char sql[64];

	(void)arg;
	if (!dbc)
		return;
	for (i = 0; experiment_tables[i]; i++) {
		lab_step(l, "DROP TABLE");
		lab_drop(l, dbc, experiment_tables[i]);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM {%s}",
			 experiment_tables[i]);
		left = left || lab_number(l, dbc, sql) != LAB_NONE;
	}
	lab_yes(l, "left", left);
	lab_disconnect(l, dbc);
}
