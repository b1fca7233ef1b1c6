/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_CATALOGUE_H
#define PROBE_CATALOGUE_H

#include <stdbool.h>
#include <uow/error.h>

/* The profiles of some folders, as the library would find them. */
struct catalogue_entry {
	const char *name, *path;
	bool proved;
	const char *error;	/* why it cannot be read, or NULL */
};

/* Nonzero from fn stops. UOW_EIO: no folder can be read; UOW_ENOMEM. */
int catalogue_list(const char *dirs,
		   int (*fn)(const struct catalogue_entry *e, void *arg),
		   void *arg, uow_error *err);

/*
 * Is a file a profile? What it inherits is looked for beside it, and then in
 * dirs. UOW_ECONFIG with file, line and key; UOW_EIO, UOW_ENOMEM.
 */
int catalogue_check(const char *file, const char *dirs, uow_error *err);

#endif
