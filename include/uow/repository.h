/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UOW_REPOSITORY_H
#define UOW_REPOSITORY_H

#include "spec.h"

/**
 * @file uow/repository.h
 * Repositories: the handles through which one unit of work reads and writes
 * one entity each, over statements that are prepared once per connection.
 *
 * Identity. Within one unit a row is one object: asking twice gives the same
 * pointer, and what the program changed wins over what a later query reads.
 *
 * Changes. Objects are plain structs: assign to their members. At flush each
 * is compared with the copy taken when it was loaded, and only the columns
 * that differ are written. With a UOW_ROW_VERSION column, a row that somebody
 * else changed meanwhile gives UOW_ECONFLICT instead of a lost update. A text
 * member may point anywhere until the flush; from then on it points at the
 * unit's copy. Key members of a loaded object must not be assigned
 * (UOW_ESTATE at flush).
 *
 * Queries see what the unit has done: where the unit holds changes to the
 * entity that is asked for, they are flushed first, and only then. get and
 * lookup by key never flush. Triggers and cascades of the database are not
 * seen; see uow_refresh().
 *
 * Objects are owned by the unit and live until uow_unit_free(). In a
 * read_only unit there is no copy to compare with: assignments are not seen.
 *
 * Pointer-returning functions return NULL on failure, and the unit knows why.
 * Every function takes a NULL repository (a unit that could not give one has
 * failed) and does nothing with it: UOW_ESTATE or NULL. Codes come from the
 * unit's failure (uow_status()) and besides what is named below may be
 * UOW_ENOMEM, UOW_ESQL, UOW_EDATA (a value that does not fit its member or
 * column), UOW_ECONNECT, UOW_ETIMEOUT, UOW_ELOCKED, UOW_EDEADLOCK.
 *
 * Thread rule: a repository is its unit's.
 */

UOW_BEGIN

typedef struct uow_repository uow_repository;

/**
 * The repository of e in this unit: asked twice, the same handle. It lives as
 * long as the unit. NULL, and the unit fails with UOW_ECONFIG, if the mapping
 * is wrong.
 */
UOW_API uow_repository *uow_repository_of(uow_unit *u, const uow_entity *e);

/** The object with this key. None: NULL, and the unit fails, NOTFOUND. */
UOW_API void *uow_get(uow_repository *r, uow_key key);

/** The object with this key. None: NULL, and nothing has failed. */
UOW_API void *uow_lookup(uow_repository *r, uow_key key);

/**
 * uow_get() that also locks the row until the end of the transaction. Always
 * reads: an object in the unit is updated in place; one that has unsaved
 * changes and another version now is UOW_ECONFLICT. Where the profile has no
 * row locks the unit already holds the file's write lock.
 */
UOW_API void *uow_get_locked(uow_repository *r, uow_key key);

/**
 * Several objects by key, in as few statements as the database allows.
 * objects[i] belongs to keys[i]; one missing fails the unit, NOTFOUND, and
 * objects is untouched.
 */
UOW_API int uow_get_many(uow_repository *r, const uow_key *keys, size_t count,
			 void **objects);

/**
 * The one object that satisfies where. None: NULL, and nothing has failed.
 * More than one: NULL, and the unit fails with UOW_EMANY.
 */
UOW_API void *uow_one(uow_repository *r, const uow_spec *where);

/** Result of uow_find(); items and the array live in the unit's arena. */
typedef struct uow_rows {
	void *const *items;
	size_t count;
} uow_rows;

/**
 * All objects that satisfy q. On failure *out is set empty, so that skipping
 * the check stays safe.
 */
UOW_API int uow_find(uow_repository *r, const uow_query *q, uow_rows *out);

/** Their number; 0 on failure. */
UOW_API int uow_count(uow_repository *r, const uow_spec *where, uint64_t *out);

/**
 * Stream rows through fn without remembering them: for reports and exports
 * that should not fit in memory. row is valid during the call only, changes
 * to it are not saved. A negative return stops and fails the unit. fn may use
 * the unit; what it writes is not met by the rows that follow.
 *
 * Where a driver holds whole results in memory, rows are asked for in parts, in
 * units that see one state of the database all the time, and without lock or
 * offset, if key and order are whole numbers or texts; uow-profile(5) says
 * what else holds (stream, pages).
 */
typedef int (*uow_row_fn)(uow_unit *u, const void *row, void *arg);

UOW_API int uow_each(uow_repository *r, const uow_query *q, uow_row_fn fn,
		     void *arg);

/**
 * Add a new object: *initial is copied, its text and bytes as well. Returns
 * the unit's copy, on which to go on working. Inserted at the next flush,
 * which also fills in generated columns. A generated key that is 0 (or all
 * zero, or an empty text) comes from the database, anything else is inserted
 * as given. A version of 0 becomes 1. A key that the unit already knows is
 * UOW_EDUPLICATE.
 */
UOW_API void *uow_add(uow_repository *r, const void *initial);

/**
 * Insert count structs that lie one after the other, without tracking them
 * and without reading generated keys back: for loading much. Flushes the
 * entity's pending changes first; written at once. A failure names the row's
 * index in uow_error.row.
 */
UOW_API int uow_insert_all(uow_repository *r, const void *rows, size_t count);

/**
 * Delete at the next flush. The memory stays until the unit is freed. An
 * object that was added and never flushed is simply forgotten. An object of
 * another unit or entity is UOW_EINVAL.
 */
UOW_API int uow_remove(uow_repository *r, void *object);

/**
 * Read the object's columns again; unsaved changes to it are given up. The
 * row gone: UOW_ENOTFOUND. An object never flushed: UOW_ESTATE.
 */
UOW_API int uow_refresh(uow_repository *r, void *object);

/**
 * Take up an object that was loaded by an earlier unit: *detached (struct and
 * version as they were then) is copied, without a read, as unchanged. Edit
 * the returned object; the flush checks the version. A key that the unit
 * already knows is UOW_EDUPLICATE.
 */
UOW_API void *uow_attach(uow_repository *r, const void *detached);

/**
 * uow_attach() of a copy that was edited meanwhile, in a form of a web page
 * say: all columns count as assigned, and are written.
 */
UOW_API void *uow_attach_changed(uow_repository *r, const void *detached);

/**
 * The version that the program believes object has: of the row that a user
 * was shown, say. Another one is UOW_ECONFLICT, here and now, and the message
 * names both. That it still is the version when the row is written the flush
 * checks anyway. UOW_EINVAL where the entity has no version, UOW_ESTATE for an
 * object that is not in the database.
 */
UOW_API int uow_expect_version(uow_repository *r, void *object,
			       uow_value version);

/**
 * Add to a column at the next flush, by "c = c + ?" in the database, without
 * reading the row: a counter that many units write at once. by may be
 * negative. Column types: integers, decimals, doubles; not keys, versions and
 * references (UOW_EINVAL).
 *
 * Several increments of a row are one statement. No row of this key at the
 * flush: UOW_ENOTFOUND; NULL in the column, or a sum that does not fit:
 * UOW_EDATA. An integer version goes up by one and is not compared: an
 * increment never meets a conflict, but who has read the row before and then
 * writes it does.
 *
 * An object of this row has the sum at once, and after the flush what the
 * database has; not yet loaded, it has both when it is asked for. A column
 * that the program has assigned is assigned, not added to. Row hooks see
 * objects that are loaded, and no others.
 */
UOW_API int uow_increment(uow_repository *r, uow_key key, const char *column,
			  uow_value by);

/** One column of uow_update_where(). */
typedef struct uow_assignment {
	const char *column;
	uow_value value;
	bool add;			/**< column = column + value */
} uow_assignment;

/** column = value; uow_null() where the column may be NULL. */
static inline uow_assignment uow_assign(const char *column, uow_value value)
{
	uow_assignment a;

	a.column = column;
	a.value = value;
	a.add = false;
	return a;
}

/** column = column + value, for the types of uow_increment(). */
static inline uow_assignment uow_plus(const char *column, uow_value value)
{
	uow_assignment a = uow_assign(column, value);

	a.add = true;
	return a;
}

/**
 * Assign to columns of all rows that satisfy where, in one statement, now:
 * what the unit has changed is flushed before, whether it flushes by itself or
 * not. Integer versions go up by one. Keys, versions, generated and read-only
 * columns are UOW_EINVAL; a sum that does not fit is UOW_EDATA, NULL plus
 * something stays NULL. Row hooks are not called.
 *
 * Objects of this entity may have changed, so they have to be read again: get,
 * lookup, find, refresh and their kind do so, in place. One that is assigned
 * to without having been read again is UOW_ESTATE at the flush.
 *
 * affected (may be NULL): rows, UINT64_MAX where the driver does not tell.
 */
UOW_API int uow_update_where(uow_repository *r, const uow_spec *where,
			     const uow_assignment *assignments, size_t count,
			     uint64_t *affected);

/** Delete all rows that satisfy where. As uow_update_where(). */
UOW_API int uow_remove_where(uow_repository *r, const uow_spec *where,
			     uint64_t *affected);

/**
 * Let the reference column of child point to parent, even if parent's key
 * will only be generated by the flush that inserts both; until then the
 * column holds zero. Assigning to it afterwards, or uow_refer() again, takes
 * the reference back. UOW_EINVAL when column is no reference to parent's
 * entity.
 *
 * Of a foreign key of several columns, column names any: all of them are set.
 * A column that also is a foreign key to that entity by itself means this one.
 */
UOW_API int uow_refer(uow_unit *u, void *child, const char *column,
		      void *parent);

/**
 * Point a UOW_TEXT member at a copy of text owned by the unit, as in
 * "a->owner = uow_strdup(u, name)". NULL gives NULL.
 */
UOW_API const char *uow_strdup(uow_unit *u, const char *text);

/**
 * Any SQL, for what the mapping does not cover. Arguments are always bound.
 * The statement goes to the database as written, so this is where a program
 * stops being portable. Flushes everything first. affected may be NULL and is
 * UINT64_MAX where the driver does not tell. COMMIT, ROLLBACK, BEGIN and
 * their kind are refused (UOW_EINVAL): the unit ends its transaction.
 */
UOW_API int uow_exec(uow_unit *u, const char *sql, const uow_value *args,
		     size_t count, uint64_t *affected);

/**
 * Objects by a query written by hand. Result columns are matched by name to
 * the mapping; the rows become objects of the unit as with uow_find(). A
 * mapped column that the result lacks is UOW_EDATA; columns that are not
 * mapped are ignored. Where the profile reads a mapped column through an
 * expression (see uow-profile(5)), rows give keys and the objects are read by
 * key. Flushes everything first.
 */
UOW_API int uow_find_sql(uow_repository *r, const char *sql,
			 const uow_value *args, size_t count, uow_rows *out);

/**
 * uow_each() over a query written by hand. UOW_EDATA for a mapped column that
 * the profile reads through an expression.
 */
UOW_API int uow_each_sql(uow_repository *r, const char *sql,
			 const uow_value *args, size_t count, uow_row_fn fn,
			 void *arg);

/**
 * Typed access to one entity: UOW_REPOSITORY(account, struct account,
 * account_entity) gives the type account_repository and account_get(),
 * account_add() and so on, which differ from the functions above in their
 * types only: a ledger entry can not be added to the accounts. get, lookup,
 * get_locked and increment take the usual 64-bit key; their _by forms any
 * uow_key.
 */
#define UOW_REPOSITORY(prefix, T, entity) \
	typedef struct prefix##_repository prefix##_repository; \
	static inline UOW_MAYBE_UNUSED prefix##_repository * \
	prefix##_repository_of(uow_unit *u) \
	{ \
		return (prefix##_repository *)uow_repository_of(u, &entity); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_get(prefix##_repository *r, int64_t id) \
	{ \
		return (T *)uow_get((uow_repository *)r, uow_id(id)); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_get_by(prefix##_repository *r, uow_key key) \
	{ \
		return (T *)uow_get((uow_repository *)r, key); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_lookup(prefix##_repository *r, int64_t id) \
	{ \
		return (T *)uow_lookup((uow_repository *)r, uow_id(id)); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_lookup_by(prefix##_repository *r, uow_key key) \
	{ \
		return (T *)uow_lookup((uow_repository *)r, key); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_get_locked(prefix##_repository *r, int64_t id) \
	{ \
		return (T *)uow_get_locked((uow_repository *)r, uow_id(id)); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_get_locked_by(prefix##_repository *r, uow_key key) \
	{ \
		return (T *)uow_get_locked((uow_repository *)r, key); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_get_many(prefix##_repository *r, const uow_key *keys, \
		size_t n, void **objects) \
	{ \
		return uow_get_many((uow_repository *)r, keys, n, objects); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_one(prefix##_repository *r, const uow_spec *where) \
	{ \
		return (T *)uow_one((uow_repository *)r, where); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_find(prefix##_repository *r, const uow_query *q, \
		uow_rows *out) \
	{ \
		return uow_find((uow_repository *)r, q, out); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_count(prefix##_repository *r, const uow_spec *where, \
		uint64_t *out) \
	{ \
		return uow_count((uow_repository *)r, where, out); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_each(prefix##_repository *r, const uow_query *q, \
		uow_row_fn fn, void *arg) \
	{ \
		return uow_each((uow_repository *)r, q, fn, arg); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_at(const uow_rows *rows, size_t i) \
	{ \
		return (T *)rows->items[i]; \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_add(prefix##_repository *r, const T *initial) \
	{ \
		return (T *)uow_add((uow_repository *)r, initial); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_insert_all(prefix##_repository *r, const T *rows, size_t n) \
	{ \
		return uow_insert_all((uow_repository *)r, rows, n); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_remove(prefix##_repository *r, T *object) \
	{ \
		return uow_remove((uow_repository *)r, object); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_refresh(prefix##_repository *r, T *object) \
	{ \
		return uow_refresh((uow_repository *)r, object); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_attach(prefix##_repository *r, const T *detached) \
	{ \
		return (T *)uow_attach((uow_repository *)r, detached); \
	} \
	static inline UOW_MAYBE_UNUSED T * \
	prefix##_attach_changed(prefix##_repository *r, const T *detached) \
	{ \
		return (T *)uow_attach_changed((uow_repository *)r, \
			detached); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_expect_version(prefix##_repository *r, T *object, \
		uow_value version) \
	{ \
		return uow_expect_version((uow_repository *)r, object, \
			version); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_increment(prefix##_repository *r, int64_t id, \
		const char *column, uow_value by) \
	{ \
		return uow_increment((uow_repository *)r, uow_id(id), \
			column, by); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_increment_by(prefix##_repository *r, uow_key key, \
		const char *column, uow_value by) \
	{ \
		return uow_increment((uow_repository *)r, key, column, by); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_update_where(prefix##_repository *r, const uow_spec *where, \
		const uow_assignment *assignments, size_t n, \
		uint64_t *affected) \
	{ \
		return uow_update_where((uow_repository *)r, where, \
			assignments, n, affected); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_remove_where(prefix##_repository *r, const uow_spec *where, \
		uint64_t *affected) \
	{ \
		return uow_remove_where((uow_repository *)r, where, \
			affected); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_find_sql(prefix##_repository *r, const char *sql, \
		const uow_value *args, size_t n, uow_rows *out) \
	{ \
		return uow_find_sql((uow_repository *)r, sql, args, n, out); \
	} \
	static inline UOW_MAYBE_UNUSED int \
	prefix##_each_sql(prefix##_repository *r, const char *sql, \
		const uow_value *args, size_t n, uow_row_fn fn, void *arg) \
	{ \
		return uow_each_sql((uow_repository *)r, \
			sql, args, n, fn, arg); \
	} \
	struct prefix##_repository_needs_semicolon

UOW_END
#endif
