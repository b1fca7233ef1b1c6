/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ODBC_SLOT_H
#define ODBC_SLOT_H

#include "backend/odbc/odbc.h"

/*
 * One bound parameter or result column: the buffer that ODBC reads or writes,
 * and how a value gets in and out of it.
 *
 * Invariants: while bound, buffer and capacity are what was given to ODBC; a
 * text or binary buffer grows by binding anew. NULL is indicator
 * SQL_NULL_DATA.
 */
struct slot {
	const struct mapping *mapping;	/* of field; NULL: SQL by hand */
	const struct field *field;
	const struct type_form *form;
	enum form kind;
	uow_type type;			/* of the values */
	SQLUSMALLINT number;		/* 1.. */
	char *buffer;
	size_t capacity;		/* of buffer, or of what is bound */
	SQLLEN indicator;
	bool bound;
	bool fetched_by_parts;		/* column: SQLGetData, not bound */
	bool in_rowset;			/* buffer is in a block of rows */
	bool whole;			/* there, as form->fetch_whole */
	SQLSETPOSIROW row;		/* there, from 1 */
};

/* Parameter: to be bound when it gets its first value. */
void slot_init_param(struct slot *s, const struct mapping *m,
		     const struct field *f, const struct type_form *form,
		     uow_type type, SQLUSMALLINT number);

/*
 * Bind a parameter to memory of the caller's: buffer and indicator of the
 * first row where there are several.
 */
int slot_bind(struct odbc_conn *c, SQLHSTMT h, const struct slot *s,
	      void *buffer, size_t size, SQLLEN *indicator, uow_error *err);

/* Put a value in and bind if needed. Codes: UOW_EDATA, UOW_ENOMEM, driver's. */
int slot_put(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
	     const uow_value *v, uow_error *err);

/* The same with the value as a LIKE pattern, '!' before %, _ and itself. */
int slot_put_pattern(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		     const uow_value *v, uow_error *err);

/* Give large buffers back after an execution. */
void slot_shrink(struct slot *s);

/* Is a column for this field read by parts? */
bool slot_by_parts(const struct field *f);

/* Column: bound at once, or read by parts. */
int slot_init_column(struct odbc_conn *c, SQLHSTMT h, struct slot *s,
		     const struct mapping *m, const struct field *f,
		     const struct type_form *form, SQLUSMALLINT number,
		     uow_error *err);

/* The fetched value into row's member. */
int slot_get(struct odbc_conn *c, SQLHSTMT h, struct slot *s, void *row,
	     struct arena *texts, uow_error *err);

void slot_release(struct slot *s);

/* -- value.c: conversions between values and buffers, without ODBC calls -- */

/* Bytes that the form of this value needs in a buffer. */
size_t value_size(const struct slot *s, const uow_value *v);

/* Write v (not NULL) as s->kind; *length: what goes into the indicator. */
int value_encode(const struct slot *s, const uow_value *v, char *buffer,
		 size_t size, SQLLEN *length, uow_error *err);

/* Read length bytes of s->kind into row's member. */
int value_decode(const struct slot *s, const char *buffer, size_t length,
		 void *row, struct arena *texts, uow_error *err);

/* SQL_C_* of a form, SQL_* of a name such as "BIGINT" (SQL_UNKNOWN_TYPE). */
SQLSMALLINT value_c_type(enum form form);
SQLSMALLINT value_sql_type(const char *name);

#endif
