/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_MEMORY_H
#define API_MEMORY_H

#include <uow/memory.h>

#include "backend/memory/session.h"
#include "pool/db.h"

/* The backend of a data source in memory; NULL: it is none, see err. */
struct memory *memory_backend(const uow_db *db, uow_error *err);

#endif
