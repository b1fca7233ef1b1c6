/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "probe/report.h"
#include "probe/session.h"

/* What doctor has found, as one JSON object on stdout. false: no memory. */
bool json_print(const struct session *s, const char *pattern,
		enum outcome outcome);

#endif
