/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/memory.h"

#include "backend/memory/fault.h"
#include "base/errors.h"

struct memory *memory_backend(const uow_db *db, uow_error *err)
{
	if (db && memory_is(db->backend))
		return (struct memory *)db->backend;
	error_set(err, UOW_EINVAL, "no data source in memory was given");
	return NULL;
}

int uow_memory_fail(uow_db *db, const uow_memory_fault *fault, uow_error *err)
{
	struct memory *m = memory_backend(db, err);
	int rc;

	if (!m)
		return UOW_EINVAL;
	if (!fault)
		return error_set(err, UOW_EINVAL, "no fault was given");
	store_lock(m->store);
	rc = fault_arm(m, fault, err);
	store_unlock(m->store);
	return rc;
}

uint64_t uow_memory_faults_struck(uow_db *db)
{
	struct memory *m = memory_backend(db, NULL);
	uint64_t struck = 0;

	if (m) {
		store_lock(m->store);
		struck = m->struck;
		store_unlock(m->store);
	}
	return struck;
}

unsigned uow_memory_faults_clear(uow_db *db)
{
	struct memory *m = memory_backend(db, NULL);
	unsigned owed = 0;

	if (m) {
		store_lock(m->store);
		owed = faults_clear(m);
		store_unlock(m->store);
	}
	return owed;
}
