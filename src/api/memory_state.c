/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/memory.h"

#include "backend/memory/state.h"
#include "base/errors.h"

int uow_memory_snapshot(uow_memory_state **out, uow_db *db, uow_error *err)
{
	struct memory *m = memory_backend(db, err);
	int rc;

	if (!m)
		return UOW_EINVAL;
	if (!out)
		return error_set(err, UOW_EINVAL, "no place for the state");
	store_lock(m->store);
	rc = state_take(m->store, out, err);
	store_unlock(m->store);
	return rc;
}

int uow_memory_restore(uow_db *db, const uow_memory_state *state,
		       uow_error *err)
{
	struct memory *m = memory_backend(db, err);
	int rc;

	if (!m)
		return UOW_EINVAL;
	if (!state)
		return error_set(err, UOW_EINVAL, "no state was given");
	store_lock(m->store);
	rc = state_restore(m->store, state, err);
	store_unlock(m->store);
	return rc;
}

void uow_memory_state_free(uow_memory_state *state)
{
	state_free(state);
}

int uow_memory_diff(uow_db *db, const uow_memory_state *before,
		    const uow_memory_state *after, uow_memory_line_fn fn,
		    void *arg, size_t *differences, uow_error *err)
{
	uow_memory_state *now = NULL;
	int rc = 0;

	if (!before)
		return error_set(err, UOW_EINVAL, "no state was given");
	if (!after) {
		rc = uow_memory_snapshot(&now, db, err);
		after = now;
	}
	/* fn may use the data source: without its mutex. */
	if (!rc)
		rc = state_diff(before, after, fn, arg, differences, err);
	state_free(now);
	return rc;
}
