/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* RTLD_NEXT */
#include "contract.h"

#include <dlfcn.h>
#include <string.h>
#include <sql.h>

bool rows_are_told = true;

/* In the place of the driver manager's: a driver that counts no rows. */
SQLRETURN SQL_API SQLRowCount(SQLHSTMT statement, SQLLEN *rows)
{
	SQLRETURN (*real)(SQLHSTMT, SQLLEN *);
	void *symbol = dlsym(RTLD_NEXT, "SQLRowCount");
	SQLRETURN rc;

	memcpy(&real, &symbol, sizeof(real));
	rc = real(statement, rows);
	if (!rows_are_told)
		*rows = -1;
	return rc;
}
