/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/row.h"
#include "unit/flush.h"
#include "unit/pages.h"
#include "unit/query.h"
#include "unit/repository.h"

/* -- what may not be said by hand -- */

/*
 * What may stand around a word and does not change what it means: also the
 * "@@" and "." of "SET @@session.autocommit", and a byte order mark.
 */
static bool is_blank(char c)
{
	return c && strchr(" \t\r\n\f\v;@.\xEF\xBB\xBF", c);
}

/* Blanks, empty statements and comments. */
static const char *skip_blank(const char *s)
{
	for (;;) {
		if (is_blank(*s)) {
			s++;
		} else if (s[0] == '-' && s[1] == '-') {
			s += strcspn(s, "\n");
		} else if (s[0] == '/' && s[1] == '*') {
			const char *end = strstr(s + 2, "*/");

			s = end ? end + 2 : s + strlen(s);
		} else {
			return s;
		}
	}
}

enum { WORD = 16 };

/* Next word (letters) into word, "" if there is none or it is longer. */
static const char *next_word(const char *s, char *word)
{
	size_t len = 0;

	s = skip_blank(s);
	while ((s[len] >= 'a' && s[len] <= 'z') ||
	       (s[len] >= 'A' && s[len] <= 'Z'))
		len++;
	if (len >= WORD)
		word[0] = '\0';
	else
		memcpy(word, s, len);
	word[len < WORD ? len : 0] = '\0';
	return s + len;
}

static bool is_among(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (text_same(word, *list))
			return true;
	return false;
}

/* Would the statement begin or end a transaction, or part of one? */
static bool controls_transaction(const char *sql)
{
	static const char *const verbs[] = {
		"COMMIT", "ROLLBACK", "BEGIN", "START", "SAVEPOINT",
		"RELEASE", "END", "ABORT", "XA", NULL
	};
	static const char *const scopes[] = {
		"SESSION", "LOCAL", "GLOBAL", NULL
	};
	static const char *const settings[] = {
		"TRANSACTION", "AUTOCOMMIT", NULL
	};
	char word[WORD];
	const char *rest = next_word(sql, word);

	if (is_among(word, verbs))
		return true;
	if (text_same(word, "PREPARE")) {
		next_word(rest, word);
		return text_same(word, "TRANSACTION");
	}
	if (!text_same(word, "SET"))
		return false;
	rest = next_word(rest, word);
	if (is_among(word, scopes))
		next_word(rest, word);
	return is_among(word, settings);
}

/* -- running it -- */

/* An error by the unit alone, or by r as well if that is not NULL. */
static int failed(uow_unit *u, const uow_repository *r, uow_error *err)
{
	if (!err->step[0])
		error_step(err, "SQL by hand");
	if (r)
		error_entity(err, r->mapping->name);
	return unit_fail(u, err);
}

static int check_statement(uow_unit *u, const char *sql,
			   const uow_value *args, size_t count)
{
	if (!sql || !*skip_blank(sql))
		return unit_failf(u, UOW_EINVAL, "no statement given");
	if (count && !args)
		return unit_failf(u, UOW_EINVAL,
				  "%zu arguments announced, none given",
				  count);
	if (controls_transaction(sql))
		return unit_failf(u, UOW_EINVAL,
				  "transactions are the unit's to begin and "
				  "end, not those of a statement by hand");
	return 0;
}

/* What a query by hand sees is not known: everything is flushed. */
static int prepare(uow_unit *u)
{
	int rc = flush_auto(u);

	/* Nor what it writes. */
	if (!rc)
		rc = pages_keep(u);
	return rc ? rc : unit_in_time(u);
}

int uow_exec(uow_unit *u, const char *sql, const uow_value *args, size_t count,
	     uint64_t *affected)
{
	uow_error err = UOW_ERROR_INIT;
	uint64_t rows = UINT64_MAX;
	int rc = u ? unit_check_write(u) : UOW_ESTATE;

	if (rc)
		return rc;
	if (u->options.read_only)
		return unit_failf(u, UOW_ESTATE, "the unit is read only");
	rc = check_statement(u, sql, args, count);
	if (!rc)
		rc = prepare(u);
	if (rc)
		return rc;
	if (u->conn->ops->exec(u->conn, sql, args, count, &rows, &err))
		return failed(u, NULL, &err);
	if (affected)
		*affected = rows;
	return 0;
}

static int open_query(uow_repository *r, const char *sql,
		      const uow_value *args, size_t count, bool *keys_only,
		      struct backend_cursor **out)
{
	uow_unit *u = r->unit;
	uow_error err = UOW_ERROR_INIT;
	int rc = check_statement(u, sql, args, count);

	if (!rc)
		rc = prepare(u);
	if (rc)
		return rc;
	u->by_hand = true;
	if (u->conn->ops->query(u->conn, r->mapping, sql, args, count,
				keys_only, out, &err))
		return failed(u, r, &err);
	return 0;
}

/* -- rows that hold keys only -- */

struct keys {
	const void **rows;	/* structs in the arena */
	size_t count, capacity;
	struct arena arena;
};

static int read_keys(uow_repository *r, struct backend_cursor *cur,
		     struct keys *k)
{
	uow_error err = UOW_ERROR_INIT;
	int rc;

	for (;;) {
		void *row = arena_alloc(&k->arena, r->mapping->size);

		if (!row || mem_grow(&k->rows, &k->capacity, k->count + 1,
				     sizeof(*k->rows)))
			return unit_fail_nomem(r->unit);
		rc = r->unit->conn->ops->next(cur, row, &k->arena, &err);
		if (rc <= 0)
			return rc ? failed(r->unit, r, &err) : 0;
		k->rows[k->count++] = row;
	}
}

/* The objects in the order of the keys; what vanished meanwhile is left out. */
static int gather_keys(uow_repository *r, const struct keys *k,
		       struct gathered *g)
{
	const void *unknown[LOAD_KEYS];
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; !rc && i < k->count; i++) {
		const struct entry *e = repository_known(r, k->rows[i]);

		if (e && !(e->flags & ENTRY_STALE))
			continue;
		unknown[n++] = k->rows[i];
		if (n == LOAD_KEYS) {
			rc = load_by_keys(r, unknown, n);
			n = 0;
		}
	}
	if (!rc && n)
		rc = load_by_keys(r, unknown, n);
	for (i = 0; !rc && i < k->count; i++) {
		const struct entry *e = repository_known(r, k->rows[i]);

		if (e && e->state != ENTRY_REMOVED &&
		    !(e->flags & ENTRY_STALE))
			rc = gathered_add(r, g, e);
	}
	return rc;
}

static int find_by_keys(uow_repository *r, struct backend_cursor *cur,
			struct gathered *g)
{
	struct keys k = { NULL, 0, 0, { NULL, 0 } };
	int rc;

	arena_init(&k.arena);
	rc = read_keys(r, cur, &k);
	r->unit->conn->ops->close(cur);
	if (!rc)
		rc = gather_keys(r, &k, g);
	mem_free(k.rows);
	arena_release(&k.arena);
	return rc;
}

static int find_sql(uow_repository *r, const char *sql, const uow_value *args,
		    size_t count, struct gathered *g)
{
	struct backend_cursor *cur;
	bool keys_only = true;
	int rc = open_query(r, sql, args, count, &keys_only, &cur);

	if (rc)
		return rc;
	if (keys_only)
		return find_by_keys(r, cur, g);
	rc = gather(r, cur, LOAD_KEEP, g);
	r->unit->conn->ops->close(cur);
	return rc;
}

int uow_find_sql(uow_repository *r, const char *sql, const uow_value *args,
		 size_t count, uow_rows *out)
{
	struct gathered g = { NULL, 0, 0 };
	int rc = repository_check(r);

	if (out) {
		out->items = NULL;
		out->count = 0;
	}
	if (!rc && !out)
		rc = load_refuse(r, UOW_EINVAL, NULL, "no place for the rows");
	if (!rc)
		rc = find_sql(r, sql, args, count, &g);
	if (!rc)
		rc = gathered_finish(r, &g, out);
	gathered_release(&g);
	return rc;
}

int uow_each_sql(uow_repository *r, const char *sql, const uow_value *args,
		 size_t count, uow_row_fn fn, void *arg)
{
	struct backend_cursor *cur;
	const struct backend_ops *ops;
	bool keys_only = false;
	int rc = repository_check(r);

	if (!rc && !fn)
		rc = load_refuse(r, UOW_EINVAL, NULL, "no function given");
	if (!rc)
		rc = open_query(r, sql, args, count, &keys_only, &cur);
	if (rc)
		return rc;
	ops = r->unit->conn->ops;
	rc = each_row(r, cur, fn, arg);
	if (!db_inherited(r->unit->db))
		ops->close(cur);
	return rc;
}
