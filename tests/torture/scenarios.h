/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <uow/uow.h>

/*
 * What is tortured. Each opens the bank, does its work wholly or not at all,
 * and closes it; 0 means that it happened.
 */
struct scenario {
	const char *name;
	int (*run)(const char *connection, uow_error *err);
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

#endif
