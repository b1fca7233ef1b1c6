/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_ENTITY_H
#define UOW_ENTITY_H

#include "value.h"

/**
 * @file uow/entity.h
 * How a C struct maps to a table.
 *
 * The struct stays an ordinary hand-written struct; the mapping is a constant
 * table beside it. One line of the table is one column:
 *
 *	UOW_INT64(struct account, id, "id", UOW_KEY)
 *	          the struct, its member, the column's name, flags
 *
 * The macros take the member's address in an unevaluated expression, so a
 * column of the wrong C type is a compiler diagnostic (C) or error (C++).
 *
 * Names are the database's own, exactly: they are always quoted, so a name
 * may contain anything, and upper and lower case count where they count.
 *
 * Descriptors are immutable and normally static: any number of threads and
 * units may use one. They are validated when a uow_db first sees them; a
 * mistake is UOW_ECONFIG with the names of entity and column.
 */

UOW_BEGIN

/** Column flags, to be or-ed; 0 is an ordinary column. */
enum {
	UOW_KEY = 1 << 0,	/**< part of the primary key, in table order */
	UOW_GENERATED = 1 << 1,	/**< value comes from the database on insert */
	UOW_ROW_VERSION = 1 << 2,/**< optimistic lock counter, kept by libuow */
	UOW_UNIQUE = 1 << 3,	/**< unique by itself; also used for DDL */
	UOW_READ_ONLY = 1 << 4,	/**< loaded, never written */
	UOW_REQUIRED = 1 << 5	/**< UOW_TEXT, UOW_BYTES: never NULL */
};

/** Columns of a key at most. */
#define UOW_KEY_COLUMNS 8

/** Columns of an entity at most. */
#define UOW_ENTITY_COLUMNS 256

typedef struct uow_column {
	const char *name;
	uow_type type;
	unsigned flags;
	size_t offset;
	size_t size;			/**< of the member */
	size_t null_offset;		/**< of its bool, or UOW_NOT_NULL */
	unsigned length;		/**< characters or bytes, 0: any */
	unsigned char precision, scale;	/**< decimals */
	const struct uow_entity *references;	/**< foreign key, or NULL */
} uow_column;

#define UOW_NOT_NULL ((size_t)-1)

/** Foreign key of one or several columns; the lists end with NULL. */
typedef struct uow_foreign_key {
	const struct uow_entity *parent;
	const char *columns[UOW_KEY_COLUMNS];
	const char *parent_columns[UOW_KEY_COLUMNS];
} uow_foreign_key;

/** Unique key of several columns; the list ends with NULL. */
typedef struct uow_unique_key {
	const char *columns[UOW_KEY_COLUMNS];
} uow_unique_key;

/** UOW_FOREIGN_KEY(&parent_entity, {"a", "b"}, {"x", "y"}) */
#define UOW_FOREIGN_KEY(...) { __VA_ARGS__ }
/** UOW_UNIQUE_KEY({"a", "b"}) */
#define UOW_UNIQUE_KEY(...) { __VA_ARGS__ }

/**
 * A mapped struct. Fill with UOW_ENTITY() and its kind, never by hand: the
 * first two members let a newer library read descriptors compiled against
 * this header.
 */
typedef struct uow_entity {
	unsigned abi;
	unsigned column_size;
	const char *name;		/**< C name, for messages */
	const char *schema;		/**< or NULL */
	const char *table;
	size_t size;
	const uow_column *columns;
	size_t column_count;
	const uow_foreign_key *foreign_keys;
	size_t foreign_key_count;
	const uow_unique_key *unique_keys;
	size_t unique_key_count;
} uow_entity;

#define UOW_ENTITY_ABI 1

#define UOW_COUNT_(array) (sizeof(array) / sizeof((array)[0]))

#define UOW_ENTITY(T, table, columns) UOW_ENTITY_IN(T, NULL, table, columns)

/** In a schema other than the connection's own. */
#define UOW_ENTITY_IN(T, schema, table, columns) \
	{ UOW_ENTITY_ABI, (unsigned)sizeof(uow_column), #T, schema, table, \
	  sizeof(T), columns, UOW_COUNT_(columns), NULL, 0, NULL, 0 }

/** With arrays of uow_foreign_key and uow_unique_key. */
#define UOW_ENTITY_KEYS(T, schema, table, columns, foreign_keys, unique_keys) \
	{ UOW_ENTITY_ABI, (unsigned)sizeof(uow_column), #T, schema, table, \
	  sizeof(T), columns, UOW_COUNT_(columns), \
	  foreign_keys, UOW_COUNT_(foreign_keys), \
	  unique_keys, UOW_COUNT_(unique_keys) }

/** With an array of uow_foreign_key only. */
#define UOW_ENTITY_FOREIGN(T, schema, table, columns, foreign_keys) \
	{ UOW_ENTITY_ABI, (unsigned)sizeof(uow_column), #T, schema, table, \
	  sizeof(T), columns, UOW_COUNT_(columns), \
	  foreign_keys, UOW_COUNT_(foreign_keys), NULL, 0 }

/** With an array of uow_unique_key only. */
#define UOW_ENTITY_UNIQUE(T, schema, table, columns, unique_keys) \
	{ UOW_ENTITY_ABI, (unsigned)sizeof(uow_column), #T, schema, table, \
	  sizeof(T), columns, UOW_COUNT_(columns), NULL, 0, \
	  unique_keys, UOW_COUNT_(unique_keys) }

/* Offset of member m, refused unless &m is a ct pointer. */
#define UOW_OFFSET_(T, m, ct) \
	(offsetof(T, m) + 0 * sizeof(1 ? &((T *)0)->m : (ct *)0))
#define UOW_SIZE_(T, m) sizeof(((T *)0)->m)
/* The same for an array of char, whatever its size. */
#define UOW_CHARS_OFFSET_(T, m) \
	(offsetof(T, m) + 0 * sizeof(1 ? &((T *)0)->m : \
				     (char (*)[UOW_SIZE_(T, m)])0))

#define UOW_COLUMN_(T, m, ct, col, type, flags, null_off, len, p, s, ref) \
	{ col, type, flags, UOW_OFFSET_(T, m, ct), UOW_SIZE_(T, m), \
	  null_off, len, p, s, ref }
#define UOW_SCALAR_(T, m, ct, col, type, flags) \
	UOW_COLUMN_(T, m, ct, col, type, flags, UOW_NOT_NULL, 0, 0, 0, NULL)

#define UOW_BOOL(T, m, col, flags) \
	UOW_SCALAR_(T, m, bool, col, UOW_TYPE_BOOL, flags)
#define UOW_INT16(T, m, col, flags) \
	UOW_SCALAR_(T, m, int16_t, col, UOW_TYPE_INT16, flags)
#define UOW_INT32(T, m, col, flags) \
	UOW_SCALAR_(T, m, int32_t, col, UOW_TYPE_INT32, flags)
#define UOW_INT64(T, m, col, flags) \
	UOW_SCALAR_(T, m, int64_t, col, UOW_TYPE_INT64, flags)
#define UOW_FLOAT(T, m, col, flags) \
	UOW_SCALAR_(T, m, float, col, UOW_TYPE_FLOAT, flags)
#define UOW_DOUBLE(T, m, col, flags) \
	UOW_SCALAR_(T, m, double, col, UOW_TYPE_DOUBLE, flags)
#define UOW_DATE(T, m, col, flags) \
	UOW_SCALAR_(T, m, uow_date, col, UOW_TYPE_DATE, flags)
#define UOW_TIME(T, m, col, flags) \
	UOW_SCALAR_(T, m, uow_time, col, UOW_TYPE_TIME, flags)
#define UOW_TIMESTAMP(T, m, col, flags) \
	UOW_SCALAR_(T, m, uow_timestamp, col, UOW_TYPE_TIMESTAMP, flags)
#define UOW_UUID(T, m, col, flags) \
	UOW_SCALAR_(T, m, uow_uuid, col, UOW_TYPE_UUID, flags)

/** DECIMAL(precision, scale) kept in an int64_t; precision at most 18. */
#define UOW_DECIMAL(T, m, col, precision, scale, flags) \
	UOW_COLUMN_(T, m, int64_t, col, UOW_TYPE_DECIMAL, flags, \
		    UOW_NOT_NULL, 0, precision, scale, NULL)

/**
 * char m[N] in the struct, UTF-8, NUL included. Longer text in the database
 * is UOW_EDATA on reading.
 */
#define UOW_CHARS(T, m, col, flags) \
	{ col, UOW_TYPE_CHARS, flags, UOW_CHARS_OFFSET_(T, m), \
	  UOW_SIZE_(T, m), UOW_NOT_NULL, (unsigned)UOW_SIZE_(T, m) - 1, \
	  0, 0, NULL }

/** const char *m; NULL is SQL NULL. length is in characters, 0: no limit. */
#define UOW_TEXT(T, m, col, length, flags) \
	UOW_COLUMN_(T, m, const char *, col, UOW_TYPE_TEXT, flags, \
		    offsetof(T, m), length, 0, 0, NULL)

/**
 * DECIMAL(precision, scale) as text, for more digits than an int64_t has:
 * const char *m such as "-12.50"; NULL is SQL NULL. precision at most 38; what
 * has more digits is UOW_EDATA. However it was written ("+12.5"), what is read
 * has scale digits behind the point and no zeros in front ("12.50"). Compared
 * as a number, with values of uow_text(). No key, and not unique. Some
 * databases have no order of them: see libuow-types(7).
 */
#define UOW_DECIMAL_TEXT(T, m, col, precision, scale, flags) \
	UOW_COLUMN_(T, m, const char *, col, UOW_TYPE_TEXT, flags, \
		    offsetof(T, m), \
		    0 * (unsigned)sizeof(char[(precision) > 0 ? 1 : -1]), \
		    precision, scale, NULL)

/** uow_bytes m; data NULL is SQL NULL. length is in bytes, 0: no limit. */
#define UOW_BYTES(T, m, col, length, flags) \
	UOW_COLUMN_(T, m, uow_bytes, col, UOW_TYPE_BYTES, flags, \
		    offsetof(T, m), length, 0, 0, NULL)

/**
 * int64_t m holding the key of another entity (see also uow_refer()). The
 * parent's key must be one 64-bit column; for other keys see uow_foreign_key.
 */
#define UOW_REFERENCE(T, m, col, entity, flags) \
	UOW_COLUMN_(T, m, int64_t, col, UOW_TYPE_INT64, flags, \
		    UOW_NOT_NULL, 0, 0, 0, entity)

/*
 * Nullable forms: member m is accompanied by "bool m_is_null". While that is
 * true the value of m is not looked at; reading a NULL sets it and zeroes m.
 */
#define UOW_NULL_OFFSET_(T, m) UOW_OFFSET_(T, m##_is_null, bool)
#define UOW_NULLABLE_(T, m, ct, col, type, flags) \
	UOW_COLUMN_(T, m, ct, col, type, flags, UOW_NULL_OFFSET_(T, m), \
		    0, 0, 0, NULL)

#define UOW_NULLABLE_BOOL(T, m, col, flags) \
	UOW_NULLABLE_(T, m, bool, col, UOW_TYPE_BOOL, flags)
#define UOW_NULLABLE_INT16(T, m, col, flags) \
	UOW_NULLABLE_(T, m, int16_t, col, UOW_TYPE_INT16, flags)
#define UOW_NULLABLE_INT32(T, m, col, flags) \
	UOW_NULLABLE_(T, m, int32_t, col, UOW_TYPE_INT32, flags)
#define UOW_NULLABLE_INT64(T, m, col, flags) \
	UOW_NULLABLE_(T, m, int64_t, col, UOW_TYPE_INT64, flags)
#define UOW_NULLABLE_FLOAT(T, m, col, flags) \
	UOW_NULLABLE_(T, m, float, col, UOW_TYPE_FLOAT, flags)
#define UOW_NULLABLE_DOUBLE(T, m, col, flags) \
	UOW_NULLABLE_(T, m, double, col, UOW_TYPE_DOUBLE, flags)
#define UOW_NULLABLE_DATE(T, m, col, flags) \
	UOW_NULLABLE_(T, m, uow_date, col, UOW_TYPE_DATE, flags)
#define UOW_NULLABLE_TIME(T, m, col, flags) \
	UOW_NULLABLE_(T, m, uow_time, col, UOW_TYPE_TIME, flags)
#define UOW_NULLABLE_TIMESTAMP(T, m, col, flags) \
	UOW_NULLABLE_(T, m, uow_timestamp, col, UOW_TYPE_TIMESTAMP, flags)
#define UOW_NULLABLE_UUID(T, m, col, flags) \
	UOW_NULLABLE_(T, m, uow_uuid, col, UOW_TYPE_UUID, flags)
#define UOW_NULLABLE_DECIMAL(T, m, col, precision, scale, flags) \
	UOW_COLUMN_(T, m, int64_t, col, UOW_TYPE_DECIMAL, flags, \
		    UOW_NULL_OFFSET_(T, m), 0, precision, scale, NULL)
#define UOW_NULLABLE_CHARS(T, m, col, flags) \
	{ col, UOW_TYPE_CHARS, flags, UOW_CHARS_OFFSET_(T, m), \
	  UOW_SIZE_(T, m), UOW_NULL_OFFSET_(T, m), \
	  (unsigned)UOW_SIZE_(T, m) - 1, 0, 0, NULL }
#define UOW_NULLABLE_REFERENCE(T, m, col, entity, flags) \
	UOW_COLUMN_(T, m, int64_t, col, UOW_TYPE_INT64, flags, \
		    UOW_NULL_OFFSET_(T, m), 0, 0, 0, entity)

UOW_END
#endif
