/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_PROFILE_H
#define DIALECT_PROFILE_H

#include <uow/error.h>
#include <uow/value.h>

#include "model/mapping.h"

/*
 * One kind of database, as data: drivers-config/NAME.ini, read over the file
 * that it inherits from (in the end ansi.ini). The keys are documented in
 * uow-profile(5). Immutable after profile_load(), shared by threads; all text
 * is owned by the profile. A key that no file sets is NULL or zero.
 */

/* How a value lies in the buffer that is bound: an ODBC C type, by name. */
enum form {
	FORM_NONE,
	FORM_BIT,		/* bit */
	FORM_INT16,		/* int16 */
	FORM_INT32,		/* int32 */
	FORM_INT64,		/* int64 */
	FORM_LONG64,		/* long64: 8 bytes called SQL_C_SLONG */
	FORM_FLOAT,		/* float */
	FORM_DOUBLE,		/* double */
	FORM_TEXT,		/* text */
	FORM_BINARY,		/* binary */
	FORM_DATE,		/* date */
	FORM_TIME,		/* time */
	FORM_TIMESTAMP		/* timestamp */
};

/*
 * How one portable type is kept: [type.NAME], or [type.NAME.foreign] for
 * columns of tables that the library did not create, told apart by `marker`.
 */
struct type_form {
	char *column;		/* column = DECIMAL({precision},{scale}) */
	char *column_long;	/* the same where the mapping has no length */
	unsigned length_max;	/* longer ones are column_long, 0: no limit */
	char *marker;		/* type name of columns that we created */
	char *accepts;		/* live type names that hold it, too */
	enum form bind;		/* as parameter */
	enum form fetch;	/* in results */
	enum form fetch_whole;	/* in long ones, of columns that are whole */
	char *sql;		/* sql = BIGINT: SQL type of the parameter */
	unsigned size;		/* ColumnSize, 0: from the mapping */
	unsigned fraction;	/* digits of a second that survive, 0..9 */
	unsigned digits;	/* significant digits that survive, 0: all */
	bool unscaled;		/* decimals travel as their unscaled digits */
	bool nan, infinity;	/* these survive */
	bool localized;		/* text of numbers: the locale's point */
	bool rebind;		/* bind again before every execution */
	bool empty_is_null;	/*  cannot be kept, and is refused */
	char *read;		/* read = f({column}); NULL: the column */
	char *write;		/* write = f({value}); NULL: the value */
	char *operand;		/* the value in c + {value}; NULL: write */
	char *compare;		/* compare = f({column}); NULL: the column */
	char *lost;		/* days that are changed: DAY DAY/DAY ... */
	char *unordered;	/* list of type names without a useful order */
	char *cast;		/* cast = BIGINT: type of a value in a list */
};

struct profile_option {
	char *name, *value;
	char *aliases;		/* other names, separated by blanks, or NULL */
	unsigned bits;		/* to be set in a number, also in the user's */
	char *refuse;		/* a value, or &BITS of a number; or NULL */
	struct profile_option *next;
};

/* STATE[/NATIVE[/TEXT]]; first match wins, own file before inherited. */
struct error_rule {
	char *state;		/* glob */
	int native;
	bool any_native;
	char *text;		/* part of the message, or NULL */
	int code;		/* [errors]: UOW_E*; in other lists 0 */
	unsigned depth;		/* of inheritance; 0: the file itself */
	struct error_rule *next;
};

/*
 * How many rows of one shape go to the server at once: [batch]. What each does
 * is in uow-profile(5); rows, one by one, is what remains when all others are
 * out of the question.
 */
enum strategy {
	STRATEGY_ROWS,
	STRATEGY_VALUES,	/* INSERT .. VALUES (..), (..) */
	STRATEGY_UNNEST,	/* one array literal for each column */
	STRATEGY_ARRAY,		/* SQL_ATTR_PARAMSET_SIZE */
	STRATEGY_JOIN,		/* UPDATE .. FROM (VALUES ..) */
	STRATEGY_CASE,		/* UPDATE .. SET c = CASE .. */
	STRATEGY_IN,		/* DELETE .. WHERE key IN (..) */
	STRATEGY_TOGETHER	/* rows of several shapes: enum together */
};

struct batch_way {
	enum strategy strategy;
	unsigned fewest, most;	/* rows in one statement */
};

/* In order of preference; the first STRATEGY_ROWS ends the list. */
enum { BATCH_WAYS = 4 };
struct batch_ways {
	struct batch_way list[BATCH_WAYS];
};

/* How SQL_ATTR_PARAMSET_SIZE or _ROW_ARRAY_SIZE are bound, if at all. */
enum array_binding { ARRAYS_NONE, ARRAYS_COLUMNS, ARRAYS_ROWS };

/* Tuples of key and version, compared with a list of them. */
enum tuple_test { TUPLES_OR, TUPLES_LIST };

/* What RETURNING can follow; none: there is none, or a driver that drops it. */
enum returning { RETURNING_NONE, RETURNING_INSERT, RETURNING_ALL };

/* Keys made by one INSERT .. VALUES of many rows: last_key gives the last. */
enum batch_keys { BATCH_KEYS_NONE, BATCH_KEYS_LAST };

/* Rows of several shapes in one statement: WITH .., BEGIN NOT ATOMIC .. END */
enum together { TOGETHER_NONE, TOGETHER_WITH, TOGETHER_BLOCK };

enum row_counts { COUNTS_NONE, COUNTS_TOTAL, COUNTS_CHANGED, COUNTS_EACH };
enum ddl_commits { DDL_NEVER, DDL_ALWAYS, DDL_ASK };
enum dead_check { DEAD_NEVER, DEAD_FREE, DEAD_PINGS };

struct profile {
	char *name;
	bool proved;

	/* [match]: globs, separated by '|' */
	char *match_driver, *match_dbms;

	/* [connect] */
	struct profile_option *options;	/* option.NAME, alias.NAME */
	char *check;			/* harmless statement run at open */
	char *session;			/* first statement of a connection */
	bool prove_parameters;		/* by experiment, before their use */
	bool lost_is_denied;		/* a login that is cut off */

	/* [quote] */
	char quote_open, quote_close;	/* 0: SQL_IDENTIFIER_QUOTE_CHAR */
	bool qualify;			/* columns read: "table"."column" */

	/* [type.*] indexed by field_kind() */
	struct type_form own[TYPE_KINDS];
	struct type_form foreign[TYPE_KINDS];
	bool has_foreign[TYPE_KINDS];

	/* [sql] templates */
	char *limit;		/* LIMIT {limit} */
	char *offset;		/* follows limit, or has {limit} and is both */
	char *offset_only;	/* LIMIT -1 OFFSET {offset} */
	bool limit_first;	/* these three stand right behind SELECT */
	unsigned limit_max;	/* offset + limit; 0: no limit */
	unsigned name_max;	/* bytes of a name; 0: longer ones fail */
	unsigned in_max;	/* values in one IN (..); 0: no limit */
	unsigned parameters_max;	/* of a statement; 0: no limit */
	char *lock_update, *lock_nowait, *lock_skip;
	bool lock_after_table;	/* these stand behind the table's name */
	bool lock_by_file;	/* begin_write already locks everything */
	char *last_key;		/* SELECT last_insert_rowid() */
	char *write_prefix;	/* before INSERT, UPDATE, DELETE */
	char *default_values;	/* DEFAULT VALUES */
	/* around {test}: IN and IS NULL beside others; NULL: nothing */
	char *test_apart;
	char *starts_with;	/* of {column} and {value} or {pattern} */
	char *generated_key;	/* type of a generated key; may have {type} */
	bool generated_key_is_primary;	/* and it already says PRIMARY KEY */
	char *generated_time;	/* type of one that is no key; has {type} */
	bool catalogs;	/* to catalog functions */
	char *schema;	/* SELECT of the session's own, or NULL */
	char *drop_table;	/* DROP TABLE {table} */
	char *table_end;	/* of a CREATE TABLE */
	/* of {table}, {foreign_key}; NULL: only inside CREATE */
	char *add_foreign_key;
	char *drop_foreign_key;	/* of {table}, {name}; NULL: keys have none */
	char *savepoint, *rollback_to, *release;	/* {name} */
	bool savepoints;
	bool range_checked;	/* c + 1 out of its type is an error */

	/* [transaction] */
	bool transactions;
	char *begin_write;	/* first statement of a unit that may write */
	char *read_only;	/* statement at the begin of read_only units */
	char *server;		/* SELECT of what tells it from others */
	char *cluster;	/* glob of those texts: has all commits */
	char *isolation;	/* SELECT of an SQL_TXN_*; NULL: ODBC's word */
	char *lock_timeout;	/* statement with {ms} */
	char *lock_timeout_end;	/* takes it back; NULL: it ends by itself */
	char *lock_timeout_was;	/* SELECT of what it is, in milliseconds */
	char *deadline;		/* statement with {ms}: of all that follow */
	char *deadline_end;
	enum ddl_commits ddl_commits;
	char *commits, *commits_not;	/* globs of statements, by '|' */
	char *resync;		/* begins what only the driver believes in */
	unsigned lock_wait_ms;	/* our own waiting: default lock timeout */
	enum dead_check dead_check;
	bool statement_timeout;	/* SQL_ATTR_QUERY_TIMEOUT works */
	bool statement_timeout_locks;	/* and stands in for lock_timeout */
	bool cancel;		/* SQLCancel by another thread works */
	bool block_sigpipe;
	struct error_rule *commit_busy;
	struct error_rule *rolled_back;	/* COMMIT failed, nothing stored */
	struct error_rule *unanswered;	/* ... the server may still be at it */
	struct error_rule *ended;	/* statement errors that end it all */
	bool error_aborts;	/* after any error only ROLLBACK (TO) */
	struct error_rule *reprepare;	/* a kept plan fits no more */

	/* [counts] */
	enum row_counts single;
	enum row_counts batch;	/* of a statement for many rows */
	char *ask;		/* SELECT of the last write's; NULL: ODBC */

	/* [batch] */
	struct batch_ways insert, update, remove;
	enum array_binding arrays;
	enum tuple_test tuples;
	char *row_id;		/* rowid */
	bool join_keys;		/* reads of several keys */
	enum returning returning;
	enum together together;
	char *plain_table;	/* SELECT by the table's name: 1, it is one */
	char *made_key;		/* the same by its key's, too: LAST_INSERT_ID */
	enum batch_keys keys;
	unsigned markers;	/* at most in one statement, 0: no limit */
	unsigned rowset;	/* rows of a fetch */
	unsigned stream;	/* connection attribute, 0: none */
	unsigned pages;		/* SQL_TXN_* from which on they are right */

	/* [errors] */
	struct error_rule *errors;

	/* [messages]: texts with * where a value of a row stands */
	struct error_rule *hide;
};

/*
 * Read NAME.ini and what it inherits. dirs: folders separated by ':', the
 * first that has the file wins. UOW_ECONFIG names file, line and key, or the
 * profile that is nowhere; UOW_EIO, UOW_ENOMEM.
 */
int profile_load(struct profile **out, const char *name, const char *dirs,
		 uow_error *err);
void profile_free(struct profile *p);

/*
 * Name of the profile in dirs whose [match] fits best: both, else the dbms,
 * else the driver; the first by file name of those. driver or dbms may be
 * NULL: not asked. "ansi" if none does. In *name: at most size
 * bytes. UOW_ECONFIG for a broken file, UOW_EIO when no folder can be read.
 */
int profile_match(const char *dirs, const char *driver, const char *dbms,
		  char *name, size_t size, uow_error *err);

/*
 * The names of all profiles in dirs, each once, in their order. fn's negative
 * stops and is returned. UOW_EIO when no folder can be read, UOW_ENOMEM.
 */
int profile_each(const char *dirs, int (*fn)(const char *name, void *arg),
		 void *arg, uow_error *err);

/*
 * Path of NAME.ini in the first folder of dirs that has it, to be freed by
 * mem_free(); *out NULL: in none. UOW_ENOMEM.
 */
int profile_find(char **out, const char *dirs, const char *name);

/* Most parameters of a statement; SQLBindParameter counts in 16 bits. */
unsigned profile_parameters(const struct profile *p);

/* First rule of the list that fits, or NULL. All texts may be NULL. */
const struct error_rule *error_rule_find(const struct error_rule *rules,
					 const char *state, int native,
					 const char *message);

/* True if a rule of the list fits. */
bool error_rule_match(const struct error_rule *rules, const char *state,
		      int native, const char *message);

#endif
