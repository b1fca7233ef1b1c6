/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* RTLD_NEXT */
#include "contract.h"

#include <dlfcn.h>
#include <string.h>
#include <sql.h>

const char *(*before_direct)(const char *sql);

/* In the place of the driver manager's: what is sent may be another text. */
SQLRETURN SQL_API SQLExecDirect(SQLHSTMT statement, SQLCHAR *sql,
				SQLINTEGER length)
{
	SQLRETURN (*real)(SQLHSTMT, SQLCHAR *, SQLINTEGER);
	void *symbol = dlsym(RTLD_NEXT, "SQLExecDirect");
	const char *text = (const char *)sql;

	memcpy(&real, &symbol, sizeof(real));
	if (before_direct && length == SQL_NTS)
		text = before_direct(text);
	return real(statement, (SQLCHAR *)(uintptr_t)text, length);
}
