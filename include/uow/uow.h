/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_UOW_H
#define UOW_UOW_H

/**
 * @file uow/uow.h
 * Everything a program that moves data needs. Three headers are left to be
 * included by those who want them: uow/schema.h (tables from mappings),
 * uow/memory.h (data sources without a database) and uow/odbc.h (for programs
 * that hold ODBC handles of their own).
 */

#include "common.h"
#include "error.h"
#include "cancel.h"
#include "value.h"
#include "entity.h"
#include "db.h"
#include "unit.h"
#include "spec.h"
#include "repository.h"

#endif
