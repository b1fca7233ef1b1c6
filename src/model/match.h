/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_MATCH_H
#define MODEL_MATCH_H

#include "model/criterion.h"

/* SQL's three-valued logic, and a compiled criterion against a struct. */

enum truth truth_of(bool b);
enum truth truth_not(enum truth t);
enum truth truth_and(enum truth a, enum truth b);
enum truth truth_or(enum truth a, enum truth b);

/* SPEC_EQ .. SPEC_GE and SPEC_STARTS; both values of the column's type. */
enum truth match_values(enum spec_op op, const uow_value *member,
			const uow_value *v);

/*
 * args: in the order of the code, as criterion_compile() leaves them. No code
 * at all is true.
 */
enum truth match_code(const struct mapping *m, const uint32_t *code,
		      size_t code_len, const uow_value *args,
		      const void *row);

#endif
