/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_SECRETS_H
#define DIALECT_SECRETS_H

#include "base/strbuf.h"
#include "dialect/profile.h"

/*
 * The message with *** for every value of a row that the rules know of: their
 * text says what stands around a value, with * in its place.
 */
void secrets_hide(const struct error_rule *rules, const char *state,
		  int native, const char *message, struct strbuf *out);

#endif
