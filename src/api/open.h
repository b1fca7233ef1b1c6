/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_OPEN_H
#define API_OPEN_H

#include <uow/db.h>

#include "backend/backend.h"

/* What uow_db_open() and uow_db_adopt() have in common. */

/* UOW_EINVAL for options that a newer or older header made. */
int open_check(const uow_db_options *o, uow_error *err);

/* Folders of profiles: the option, the environment, the installed one. */
const char *open_profile_dirs(const uow_db_options *o);

/* Around a backend (taken over): the pool and the handle. */
int open_pool(uow_db **out, struct backend *b, const uow_db_options *o,
	      uow_error *err);

#endif
