/* SPDX-License-Identifier: BSD-2-Clause */
#include <uow/common.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

unsigned uow_version(void)
{
	return UOW_VERSION;
}

/* The build says which driver manager it found: UOW_DRIVER_MANAGER. */
const char *uow_version_string(void)
{
	return TEXT(UOW_VERSION_MAJOR) "." TEXT(UOW_VERSION_MINOR) "."
	       TEXT(UOW_VERSION_PATCH) " (" UOW_DRIVER_MANAGER ")";
}
