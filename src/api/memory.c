/* SPDX-License-Identifier: BSD-2-Clause */
#include <uow/memory.h>

#include "api/open.h"
#include "backend/memory/memory.h"
#include "base/errors.h"
#include "pool/db.h"

static int check(const uow_memory_options *o, const uow_db_options *db,
		 uow_error *err)
{
	int rc;

	if (o->abi != 1)
		return error_set(err, UOW_EINVAL, "uow_memory_options: abi is "
				 "%u, 1 is known: start from "
				 "UOW_MEMORY_OPTIONS_INIT", o->abi);
	rc = open_check(db, err);
	if (rc)
		return rc;
	if (o->same_as && !memory_is(o->same_as->backend))
		return error_set(err, UOW_EINVAL, "uow_memory_open: same_as "
				 "is no data source in memory");
	if (db->on_connect)
		return error_set(err, UOW_ENOTSUP, "uow_memory_open: tables "
				 "in memory understand no SQL, on_connect "
				 "cannot be run");
	return 0;
}

int uow_memory_open(uow_db **out, const uow_memory_options *opts,
		    uow_error *err)
{
	static const uow_memory_options none = UOW_MEMORY_OPTIONS_INIT;
	static const uow_db_options defaults = UOW_DB_OPTIONS_INIT;
	const uow_memory_options *o = opts ? opts : &none;
	const uow_db_options *db = o->db ? o->db : &defaults;
	struct memory_options m = { 0 };
	struct backend *b;
	uow_error own;
	int rc;

	if (!err)
		err = &own;
	if (!out)
		return error_set(err, UOW_EINVAL,
				 "uow_memory_open: no place for the handle");
	rc = check(o, db, err);
	if (rc)
		return rc;
	m.same_as = o->same_as ? o->same_as->backend : NULL;
	m.clock = db->clock;
	m.lock_timeout_ms = o->lock_timeout_ms;
	m.trace = db->trace;
	m.trace_arg = db->trace_arg;
	rc = memory_open(&b, &m, err);
	return rc ? rc : open_pool(out, b, db, err);
}
