/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include <stdio.h>
#include <string.h>

/*
 * Keys that the database takes for the same and writes otherwise: in another
 * case, with blanks at the end. A unit never stores anything while it has two
 * objects of one row.
 */

#define LOWER "abcdef00-0000-4000-8000-00000000000a"
#define UPPER "ABCDEF00-0000-4000-8000-00000000000A"
#define MIXED "Abcdef00-0000-4000-8000-00000000000a"
#define OTHER "abcdef00-0000-4000-8000-00000000000b"

struct part {
	char code[45];
	int32_t amount;
};
static const uow_column part_columns[] = {
	UOW_CHARS(struct part, code, "code", UOW_KEY),
	UOW_INT32(struct part, amount, "amount", 0),
};
static const uow_entity part_entity =
	UOW_ENTITY(struct part, "parts", part_columns);

static uow_repository *parts(uow_unit *u)
{
	return uow_repository_of(u, &part_entity);
}

static void make(struct fixture *f, const char *type, bool again)
{
	uow_options o = UOW_OPTIONS_INIT;
	char sql[200];
	uow_unit *u;

	o.simple = true;
	snprintf(sql, sizeof(sql), "CREATE TABLE parts (code %s NOT NULL "
		 "PRIMARY KEY, amount INTEGER NOT NULL)", type);
	if (again) {
		u = begin_on(f->db, &o);
		must(u, uow_exec(u, "DROP TABLE parts", NULL, 0, NULL));
		commit(u);
	}
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, sql, NULL, 0, NULL));
	must(u, uow_exec(u, "INSERT INTO parts VALUES ('" LOWER "', 1)", NULL,
			 0, NULL));
	must(u, uow_exec(u, "INSERT INTO parts VALUES ('" OTHER "', 1)", NULL,
			 0, NULL));
	commit(u);
}

static int32_t amount(struct fixture *f)
{
	uow_unit *u = begin(f);
	struct part *p = need(u, uow_lookup(parts(u),
					    uow_key_of(uow_text(LOWER))));
	int32_t n = p->amount;

	commit(u);
	return n;
}

/* As the database writes it; false: the program's text is another key. */
static bool written(struct fixture *f, const char *asked, struct part *out)
{
	uow_unit *u = begin(f);
	struct part *p = uow_lookup(parts(u), uow_key_of(uow_text(asked)));

	must(u, uow_status(u));
	if (p)
		*out = *p;
	commit(u);
	return p != NULL;
}

static void ends(struct fixture *f, uow_unit *u, int code, int32_t stored)
{
	code_(uow_commit(u), code, uow_unit_error(u), "commit", __FILE__,
	      __LINE__);
	if (code)
		contains(uow_unit_error(u)->message, "two objects");
	uow_unit_free(u);
	assert_int_equal(amount(f), stored);
}

static void add_to(uow_unit *u, const char *key)
{
	must(u, uow_increment(parts(u), uow_key_of(uow_text(key)), "amount",
			      uow_int(10)));
}

/* Alone, before the row is read, and after. */
static void sums(struct fixture *f, const char *asked, const struct part *row)
{
	int code = strcmp(asked, row->code) ? UOW_EINVAL : 0;
	struct part *p;
	int32_t now = amount(f);
	uow_unit *u = begin(f);

	add_to(u, asked);
	ends(f, u, 0, now + 10);
	u = begin(f);
	add_to(u, asked);
	must(u, uow_flush(u));
	p = need(u, uow_lookup(parts(u), uow_key_of(uow_text(row->code))));
	p->amount = 5;
	ends(f, u, code, code ? now + 10 : 5);
	now = amount(f);
	u = begin(f);
	p = need(u, uow_lookup(parts(u), uow_key_of(uow_text(row->code))));
	add_to(u, asked);
	must(u, uow_flush(u));
	p->amount = 5;
	ends(f, u, code, code ? now : 5);
}

/* An object from outside beside the row; and beside another row only. */
static void attached(struct fixture *f, const char *asked,
		     const struct part *row)
{
	bool same = !strcmp(asked, row->code);
	struct part copy, *p;
	int32_t now = amount(f);
	uow_unit *u = begin(f);

	memset(&copy, 0, sizeof(copy));
	strcpy(copy.code, asked);
	copy.amount = now;
	need(u, uow_lookup(parts(u), uow_key_of(uow_text(OTHER))));
	p = need(u, uow_attach(parts(u), &copy));
	p->amount = now + 1;
	ends(f, u, 0, now + 1);
	copy.amount = ++now;
	u = begin(f);
	p = need(u, uow_attach(parts(u), &copy));
	p->amount = now + 1;
	must(u, uow_flush(u));
	p = need(u, uow_lookup(parts(u), uow_key_of(uow_text(row->code))));
	p->amount = now + 2;
	ends(f, u, same ? 0 : UOW_EINVAL, same ? now + 2 : now);
}

/* Two objects, and the database's spelling is neither's. */
static void strangers(struct fixture *f)
{
	struct part copy, *p;
	int32_t now = amount(f);
	uow_unit *u = begin(f);

	memset(&copy, 0, sizeof(copy));
	copy.amount = now;
	strcpy(copy.code, UPPER);
	p = need(u, uow_attach(parts(u), &copy));
	p->amount = now + 1;
	must(u, uow_flush(u));
	strcpy(copy.code, MIXED);
	p = need(u, uow_attach(parts(u), &copy));
	p->amount = now + 2;
	ends(f, u, UOW_EINVAL, now);
}

/* The row is read again under the key that the database has made of it. */
static void added(struct fixture *f, const char *asked)
{
	struct part row, *p, *q;
	uow_query query = UOW_QUERY_INIT;
	uow_options o = UOW_OPTIONS_INIT;
	uow_rows rows;
	uow_unit *u;
	size_t i, n = 0;
	int rc;

	o.simple = true;
	u = begin_on(f->db, &o);
	must(u, uow_exec(u, "DELETE FROM parts", NULL, 0, NULL));
	commit(u);
	memset(&row, 0, sizeof(row));
	strcpy(row.code, asked);
	u = begin(f);
	p = need(u, uow_add(parts(u), &row));
	query.where = uow_all();
	must(u, uow_find(parts(u), &query, &rows));
	assert_int_equal(rows.count, 1);
	q = rows.items[0];
	for (i = 0; i < rows.count; i++)
		n += rows.items[i] != p;
	q->amount = 7;
	rc = uow_commit(u);
	code_(rc, n ? UOW_EINVAL : 0, uow_unit_error(u), asked, __FILE__,
	      __LINE__);
	assert_int_equal(n != 0, strcmp(q->code, asked) != 0);
	uow_unit_free(u);
	assert_int_equal(rows_in(f, &part_entity), n ? 0 : 1);
}

static void each_way(struct fixture *f, const char *type, bool folded)
{
	static const char *const ways[] = { LOWER, LOWER "  ", UPPER };
	struct part row;
	size_t i;

	memset(&row, 0, sizeof(row));
	for (i = 0; i < 3; i++) {
		if (folded && i == 1)
			continue;
		make(f, type, i > 0);
		if (!written(f, ways[i], &row)) {
			assert_false(folded);
			continue;
		}
		sums(f, ways[i], &row);
		attached(f, ways[i], &row);
		if (folded)
			strangers(f);
		added(f, ways[i]);
	}
}

static void blanks_at_the_end_make_no_second_object(void **state)
{
	struct fixture *f = *state;

	needs(f, BACKEND_SQL);
	each_way(f, "CHAR(40)", false);
}

static void another_case_makes_no_second_object(void **state)
{
	struct fixture *f = *state;

	needs(f, BACKEND_SQL);
	if (!f->backend->folded)
		leave(f, LEFT_OTHER_KIND, "a column without case");
	each_way(f, f->backend->folded, true);
}

/* Where the program spells as the database does nothing more is read. */
static void keys_that_are_spelled_right_cost_nothing(void **state)
{
	struct fixture *f = *state;
	struct word w = { "a", 1 }, *p;
	struct seen seen;
	uow_unit *u;
	uow_db *db;

	tables(f, &word_entity, NULL);
	u = begin(f);
	need(u, word_add(word_repository_of(u), &w));
	commit(u);
	db = watched(f, &seen);
	u = begin_on(db, NULL);
	p = need(u, word_lookup_by(word_repository_of(u),
				   uow_key_of(uow_text("a"))));
	p->uses = 3;	/* what is asked once for each table */
	w.word = "c";
	need(u, word_add(word_repository_of(u), &w));
	commit(u);
	memset(&seen, 0, sizeof(seen));
	u = begin_on(db, NULL);
	p = need(u, word_lookup_by(word_repository_of(u),
				   uow_key_of(uow_text("a"))));
	p->uses = 2;
	w.word = "b";
	need(u, word_add(word_repository_of(u), &w));
	commit(u);
	u = begin_on(db, NULL);
	must(u, word_increment_by(word_repository_of(u),
				  uow_key_of(uow_text("a")), "uses",
				  uow_int(1)));
	must(u, word_increment_by(word_repository_of(u),
				  uow_key_of(uow_text("b")), "uses",
				  uow_int(1)));
	commit(u);
	assert_int_equal(seen.selects, 1);
	uow_db_free(db);
}

static const struct CMUnitTest spelling_cases[] = {
	CASE(blanks_at_the_end_make_no_second_object),
	CASE(another_case_makes_no_second_object),
	CASE(keys_that_are_spelled_right_cost_nothing),
};
TOPIC(spelling, "spelling");
