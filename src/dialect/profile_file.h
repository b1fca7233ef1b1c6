/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_PROFILE_FILE_H
#define DIALECT_PROFILE_FILE_H

#include "dialect/profile.h"

/*
 * The parts that profile_load() is made of. A file is read whole into a list
 * of entries; then entries are put into a profile, from the file at the bottom
 * of the inheritance upwards, so that the last to set a key wins.
 */
struct profile_entry {
	char *section, *key, *value;
	unsigned line;
	struct profile_entry *next;
};

struct profile_file {
	char *path;
	struct profile_entry *entries;
};

/* UOW_ECONFIG (line that is no entry, too long, key twice), EIO, ENOMEM. */
int profile_file_read(struct profile_file *f, const char *path,
		      uow_error *err);
void profile_file_release(struct profile_file *f);

/* "FILE:LINE: [section] key: " and the rest. Returns UOW_ECONFIG. */
UOW_PRINTF(4, 5)
int profile_complain(const struct profile_file *f,
		     const struct profile_entry *e, uow_error *err,
		     const char *fmt, ...);

/* Each line of such a key is an element of its own. */
bool profile_key_is_list(const char *section, const char *key);

/* depth: how many levels above the file that is being loaded. */
int profile_put(struct profile *p, const struct profile_file *f,
		const struct profile_entry *e, unsigned depth,
		uow_error *err);

/* Options of connections; the name knows no case. NULL: there is none. */
struct profile_option *profile_option_find(struct profile *p,
					   const char *name);
int profile_option_add(struct profile *p, const char *name,
		       struct profile_option **out, uow_error *err);
void profile_option_remove(struct profile *p, struct profile_option *o);

/* [batch] insert, update, delete: "unnest 1000, values 100" into *out. */
int profile_put_ways(struct batch_ways *out, const struct profile_file *f,
		     const struct profile_entry *e, uow_error *err);

/*
 * Parse a rule and put it behind those of its depth, before those of greater
 * depth. What is wrong with it goes to *complaint and UOW_ECONFIG is returned;
 * UOW_ENOMEM.
 */
int error_rule_add(struct error_rule **list, const char *text, int code,
		   unsigned depth, const char **complaint);
void error_rule_free_all(struct error_rule *list);

/* UOW_E* of a name in [errors], 0 if there is no such name. */
int error_rule_code(const char *name);

#endif
