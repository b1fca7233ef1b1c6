/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/slot.h"

#include "base/text.h"

/* Names of profiles -> ODBC's numbers. */

SQLSMALLINT value_c_type(enum form form)
{
	switch (form) {
	case FORM_BIT:
		return SQL_C_BIT;
	case FORM_INT16:
		return SQL_C_SSHORT;
	case FORM_INT32:
	case FORM_LONG64:
		return SQL_C_SLONG;
	case FORM_INT64:
		return SQL_C_SBIGINT;
	case FORM_FLOAT:
		return SQL_C_FLOAT;
	case FORM_DOUBLE:
		return SQL_C_DOUBLE;
	case FORM_BINARY:
		return SQL_C_BINARY;
	case FORM_DATE:
		return SQL_C_TYPE_DATE;
	case FORM_TIME:
		return SQL_C_TYPE_TIME;
	case FORM_TIMESTAMP:
		return SQL_C_TYPE_TIMESTAMP;
	default:
		return SQL_C_CHAR;
	}
}

SQLSMALLINT value_sql_type(const char *name)
{
	static const struct {
		const char *name;
		SQLSMALLINT type;
	} types[] = {
		{ "BIT", SQL_BIT },
		{ "TINYINT", SQL_TINYINT },
		{ "SMALLINT", SQL_SMALLINT },
		{ "INTEGER", SQL_INTEGER },
		{ "BIGINT", SQL_BIGINT },
		{ "REAL", SQL_REAL },
		{ "FLOAT", SQL_FLOAT },
		{ "DOUBLE", SQL_DOUBLE },
		{ "DECIMAL", SQL_DECIMAL },
		{ "NUMERIC", SQL_NUMERIC },
		{ "CHAR", SQL_CHAR },
		{ "VARCHAR", SQL_VARCHAR },
		{ "LONGVARCHAR", SQL_LONGVARCHAR },
		{ "WVARCHAR", SQL_WVARCHAR },
		{ "WLONGVARCHAR", SQL_WLONGVARCHAR },
		{ "BINARY", SQL_BINARY },
		{ "VARBINARY", SQL_VARBINARY },
		{ "LONGVARBINARY", SQL_LONGVARBINARY },
		{ "DATE", SQL_TYPE_DATE },
		{ "TIME", SQL_TYPE_TIME },
		{ "TIMESTAMP", SQL_TYPE_TIMESTAMP },
		{ "GUID", SQL_GUID }
	};
	size_t i;

	for (i = 0; name && i < sizeof(types) / sizeof(types[0]); i++)
		if (text_same(types[i].name, name))
			return types[i].type;
	return SQL_UNKNOWN_TYPE;
}
