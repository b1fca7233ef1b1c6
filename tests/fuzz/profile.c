/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include "dialect/profile.h"

/* A profile that says anything: read, or refused with file and line. */

static char folder[] = "/tmp/uow-fuzz-XXXXXX";
static char file[64];

static void remove_file(void)
{
	unlink(file);
	rmdir(folder);
}

static bool made(void)
{
	if (file[0])
		return true;
	if (!mkdtemp(folder))
		return false;
	snprintf(file, sizeof(file), "%s/any.ini", folder);
	return !atexit(remove_file);
}

static void check(int rc, const uow_error *err)
{
	if (!rc)
		return;
	MUST(rc == UOW_ECONFIG || rc == UOW_EIO);
	MUST(err->code == rc && err->message[0]);
	MUST(!strchr(err->message, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uow_error err = UOW_ERROR_INIT;
	struct profile *p = NULL;
	char name[64];
	FILE *out;
	int rc;

	if (!made() || !(out = fopen(file, "wb")))
		return 0;
	fwrite(data, 1, size, out);
	if (fclose(out))
		return 0;
	rc = profile_load(&p, "any", folder, &err);
	check(rc, &err);
	MUST(!rc == !!p);
	profile_free(p);
	check(profile_match(folder, "libany.so", "Any", name, sizeof(name),
			    &err), &err);
	return 0;
}
