/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_ERRORS_H
#define BASE_ERRORS_H

#include <stdarg.h>
#include <string.h>
#include <uow/error.h>

/*
 * Filling in a uow_error. err may be NULL everywhere. Texts are cut to fit at
 * a character's end; control characters become blanks, so a message stays one
 * line whatever a driver says.
 */

/*
 * Where an error is looked at only after a failure, and UOW_ERROR_INIT would be
 * a thousand bytes of zeros for each row: nothing has failed so far.
 */
static inline void error_none(uow_error *err)
{
	err->code = err->native = 0;
	err->sqlstate[0] = err->step[0] = err->message[0] = '\0';
	err->entity[0] = err->key[0] = '\0';
	err->row = -1;
	memset(err->reserved, 0, sizeof(err->reserved));
}

/* Start over: code and message; everything else as UOW_ERROR_INIT. */
UOW_PRINTF(3, 4) int error_set(uow_error *err, int code, const char *fmt, ...);
int error_vset(uow_error *err, int code, const char *fmt, va_list args);
int error_nomem(uow_error *err);

/* Add to what error_set() began. */
UOW_PRINTF(2, 3) void error_step(uow_error *err, const char *fmt, ...);
void error_entity(uow_error *err, const char *entity);
void error_diag(uow_error *err, const char *sqlstate, int native);
UOW_PRINTF(2, 3) void error_append(uow_error *err, const char *fmt, ...);

/*
 * What a database says does not name the row: put entity and key in front of
 * the message, unless it begins so already. Only for errors with a SQLSTATE.
 */
void error_name_row(uow_error *err);

#endif
