/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_COMPARE_H
#define MODEL_COMPARE_H

#include <uow/value.h>

/*
 * Order of two values of one type, neither of them NULL: text and bytes by
 * bytes (for UTF-8: by code point), all else by value. -1, 0 or 1 in *out;
 * false if they have no order (a NaN, or different types).
 */
bool value_compare(const uow_value *a, const uow_value *b, int *out);

#endif
