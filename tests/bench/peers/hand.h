/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HAND_H
#define HAND_H

#include "odbc.h"

/* Row by row; also what the best way falls back on. */
void *hand_open(const char *connection, const char *dbms);
uint64_t hand_transfers(void *side, int64_t n);
uint64_t hand_insert(void *side, int64_t n);
uint64_t hand_insert_keys(void *side, int64_t n);
uint64_t hand_update(void *side, int64_t n);
uint64_t hand_read(void *side, int64_t n);
uint64_t hand_get(void *side, int64_t n);
uint64_t hand_threads(void *side, int64_t n);
uint64_t hand_empty(void *side, int64_t n);

#endif
