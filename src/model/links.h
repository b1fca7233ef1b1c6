/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_LINKS_H
#define MODEL_LINKS_H

#include "model/mapping.h"

/*
 * Second half of mapping_new(): are references, foreign keys and unique keys
 * possible? Parents are read as they were declared, one level deep, so that
 * tables may refer to themselves and to each other. UOW_ECONFIG.
 */
int links_check(const struct mapping *m, uow_error *err);

#endif
