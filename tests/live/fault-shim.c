/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* RTLD_NEXT */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sql.h>
#include <sqlext.h>

/*
 * Loaded before the driver manager (LD_PRELOAD), this makes statements with a
 * certain text crash or hang, as drivers do: UOW_FAULT=crash:TEXT or hang:TEXT.
 */
SQLRETURN SQL_API SQLExecDirect(SQLHSTMT handle, SQLCHAR *text,
				SQLINTEGER length)
{
	static SQLRETURN (*real)(SQLHSTMT, SQLCHAR *, SQLINTEGER);
	const char *fault = getenv("UOW_FAULT");
	const char *colon = fault ? strchr(fault, ':') : NULL;

	if (colon && strstr((const char *)text, colon + 1)) {
		if (fault[0] == 'c') {
			signal(SIGSEGV, SIG_DFL);
			raise(SIGSEGV);
		}
		for (;;)
			pause();
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "SQLExecDirect");
	return real(handle, text, length);
}
