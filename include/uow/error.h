/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_ERROR_H
#define UOW_ERROR_H

#include "common.h"

/**
 * @file uow/error.h
 * What can go wrong, and how it is told.
 *
 * Every function that can fail returns int: 0 is success, a negative value is
 * one of the codes below. There is no global or thread-local "last error".
 *
 * Details travel in a struct uow_error. Functions that work on a unit of
 * work keep it inside the unit (see uow_unit_error()); all others take a
 * uow_error pointer as their last parameter, which may be NULL. The struct
 * is a plain value without pointers: copy it, pass it to another thread,
 * never free it. It is written on failure only.
 *
 * Codes say what the caller can do about it. SQLSTATE and native numbers are
 * turned into codes by the dialect profile (data, not code).
 *
 * Thread rule: a uow_error is a value and belongs to whoever holds it; the
 * functions here may be called from any thread.
 */

UOW_BEGIN

enum {
	UOW_OK = 0,
	UOW_ENOMEM = -1,	/**< out of memory */
	UOW_EINVAL = -2,	/**< the call makes no sense as written */
	UOW_ENOTFOUND = -3,	/**< no row has that key */
	UOW_EDUPLICATE = -4,	/**< primary key or unique constraint */
	UOW_ECONSTRAINT = -5,	/**< foreign key, check, not null */
	UOW_ECONFLICT = -6,	/**< stale version or serialization failure */
	UOW_EDEADLOCK = -7,	/**< chosen as deadlock victim */
	UOW_ETIMEOUT = -8,	/**< deadline or pool wait expired */
	UOW_ECONNECT = -9,	/**< not connected, or lost before commit */
	UOW_EINDOUBT = -10,	/**< lost during commit: outcome unknown */
	UOW_EDENIED = -11,	/**< login or privilege refused */
	UOW_EDATA = -12,	/**< value does not fit its column or member */
	UOW_ESQL = -13,		/**< the database rejected the statement */
	UOW_ENOTSUP = -14,	/**< backend or profile cannot do this */
	UOW_ECONFIG = -15,	/**< profile, mapping, driver set-up */
	UOW_EIO = -16,		/**< file error (database file, profile) */
	UOW_EREJECTED = -17,	/**< business code said no */
	UOW_ESTATE = -18,	/**< the unit has ended, or not so now */
	UOW_ECANCELED = -19,	/**< another thread asked to stop */
	UOW_ELOCKED = -20,	/**< a lock not had in time: transient */
	UOW_EMANY = -21,	/**< one row expected, more found */
	UOW_EAPP = -1000	/**< codes below this belong to the program */
};

#define UOW_ERROR_TEXT 384

typedef struct uow_error {
	int code;			/**< UOW_E* or the program's own */
	int native;			/**< driver's number, 0 if none */
	char sqlstate[6];		/**< "40001", "" if none */
	char step[58];			/**< "INSERT accounts", "COMMIT" */
	char message[UOW_ERROR_TEXT];	/**< one line, no trailing newline */
	char entity[64];		/**< C name of the struct, or "" */
	char key[128];			/**< key of the row as text, or "" */
	int64_t row;			/**< index in a batch, else -1 */
	int64_t reserved[8];		/**< zero; room to grow */
} uow_error;

#define UOW_ERROR_INIT { 0, 0, "", "", "", "", "", -1, { 0 } }

/** Name of a code, "UOW_ECONFLICT". Never NULL; static storage. */
UOW_API const char *uow_code_name(int code);

/**
 * True when running the whole unit again may succeed: conflict, deadlock, a
 * lock that could not be had, and a connection lost before commit. Never true
 * for UOW_EINDOUBT: repeating a transfer that may have happened is not a
 * retry, it is a second transfer.
 */
UOW_API bool uow_code_is_transient(int code);

UOW_END
#endif
