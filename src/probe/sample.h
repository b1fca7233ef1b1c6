/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_SAMPLE_H
#define PROBE_SAMPLE_H

#include "backend/odbc/slot.h"
#include "probe/lab.h"

/*
 * Values for each C type that a driver may be given: number k of them, as it
 * lies in a buffer, and what a text of it looks like. Distinct, not zero, and
 * such that a wrong width shows.
 */
enum { SAMPLE_BYTES = 48, SAMPLES = 5 };

/* Bytes that one element takes: texts and binaries have room to spare. */
size_t sample_size(enum form form);

/* Writes it into SAMPLE_BYTES; returns what goes into the indicator. */
SQLLEN sample_put(enum form form, int k, char *buffer);

/* Is it this value that a driver gave as text? */
bool sample_is_text(enum form form, int k, const char *text);

/* Is it this value that lies in the buffer? */
bool sample_is(enum form form, int k, const char *buffer, SQLLEN length);

/* A literal of it; attempt 0: ODBC's escape, 1: as a text. */
void sample_literal(enum form form, int k, int attempt, char *out,
		    size_t size);

/* The portable type in whose columns it is kept, and how it is described. */
uow_type sample_type(enum form form);
SQLSMALLINT sample_sql_type(const struct lab *l, enum form form);
SQLULEN sample_column_size(enum form form);
SQLSMALLINT sample_digits(enum form form);

/* Table {t}: id, and column c of the type of this form. */
bool sample_table(struct lab *l, SQLHDBC dbc, enum form form);

/* The value of row id of {t}: "" NULL, else as text (hex for binaries). */
bool sample_read(struct lab *l, SQLHDBC dbc, enum form form, int id,
		 char *out, size_t size, bool *null);

#endif
