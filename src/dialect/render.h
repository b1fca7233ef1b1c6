/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_RENDER_H
#define DIALECT_RENDER_H

#include "base/strbuf.h"
#include "dialect/profile.h"
#include "model/shape.h"

/*
 * Shape -> SQL text with markers, and what each marker is to be given. Pure.
 */
enum param_source {
	PARAM_NOW,	/* column of the row as it is to be written */
	PARAM_WAS,	/* column of the row as it was loaded (version) */
	PARAM_KEY,	/* column of key tuple number index; 0: the row's own,
			   in UPDATE, DELETE and what reads back */
	PARAM_ARG,	/* criterion argument number index */
	PARAM_PATTERN,	/* the same, as a LIKE pattern with '!' as escape */
	PARAM_BY,	/* column of the struct of what is added */
	PARAM_FLOOR,	/* least and greatest value that it can be added to */
	PARAM_CEILING
};

struct sql_param {
	enum param_source source;
	unsigned column;	/* field whose form it is bound in */
	size_t index;
};

struct sql_text {
	char *sql;
	struct sql_param *params;
	size_t param_count;
	unsigned *columns;	/* SELECT: field of each result column */
	size_t column_count;
};

/* Largest statement that is made, in bytes. */
enum { SQL_TEXT_MAX = 16 << 20 };

/*
 * forms[i] is how field i of the mapping is kept; a list of unordered types
 * in it means that the column is of one of them. Codes: UOW_ENOTSUP (lock
 * mode, offset, or order of a column that the profile cannot do; names the
 * column), UOW_EINVAL (criterion deeper than SPEC_DEPTH), UOW_ENOMEM. *out
 * untouched on failure.
 */
int render(const struct profile *p, const struct shape *s,
	   const struct type_form *const *forms, struct sql_text *out,
	   uow_error *err);
void sql_text_release(struct sql_text *t);

/*
 * How rows of a shape are said at once. rows: how many the text is for, 1 where
 * it is the same for any number (STRATEGY_UNNEST, _ARRAY). returning: with what
 * the database has made; an UPDATE or DELETE then also gives the keys of the
 * rows that it has hit, before the rest.
 */
struct batch_form {
	enum strategy strategy;
	size_t rows;
	bool returning;
};

/*
 * An INSERT, UPDATE or DELETE for many rows. In params index is the row, or 0
 * throughout where one parameter holds a column of all rows (STRATEGY_UNNEST)
 * or is an array itself.
 * render_batch_fits(): whether this strategy can say this shape at all.
 */
int render_batch(const struct profile *p, const struct shape *s,
		 const struct type_form *const *forms,
		 const struct batch_form *f, struct sql_text *out,
		 uow_error *err);
bool render_batch_fits(const struct profile *p, const struct shape *s,
		       const struct type_form *const *forms,
		       enum strategy strategy);

/* Markers that it needs for one more row; 0: always the same number. */
size_t render_batch_markers(const struct shape *s, enum strategy strategy);

/*
 * INSERTs, UPDATEs and DELETEs of a row each, of any shapes, as one statement.
 * In params index is the number of the shape. forms[i] are those of shapes[i].
 * render_together_fits(): can this shape be one of them?
 * render_together_asks(): does it give a row? The columns in `returned` of each
 * shape, one shape after the other, then how many rows each statement has hit,
 * as one text: "1 1 0". Else it ends behind the first one that has not hit one
 * row, with an SQLSTATE of TOGETHER_MISSED and which, from 1; that count is the
 * message.
 */
#define TOGETHER_MISSED "UOW0"
int render_together(const struct profile *p, const struct shape *const *shapes,
		    const struct type_form *const *const *forms, size_t count,
		    struct sql_text *out, uow_error *err);
bool render_together_fits(const struct profile *p, const struct shape *s);
bool render_together_asks(const struct profile *p,
			  const struct shape *const *shapes, size_t count);

/*
 * SELECT of the columns in s->set by one key: what an insert or update has to
 * read back (generated columns, server-made versions). With s->versioned,
 * s->add and s->lock: of the very row that an UPDATE or DELETE like that would
 * hit, locked.
 */
int render_read_back(const struct profile *p, const struct shape *s,
		     const struct type_form *const *forms,
		     struct sql_text *out, uow_error *err);

/*
 * Are offset and limit of s in its text? If not the reader has to leave out
 * rows and to stop by itself.
 */
bool render_limits(const struct profile *p, const struct shape *s);

/* SELECT of all columns that returns no row, plain column names. */
int render_describe(const struct profile *p, const struct mapping *m,
		    struct sql_text *out, uow_error *err);

/* A name in quotes, quotes in it doubled; and "schema"."table". */
void render_name(const struct profile *p, struct strbuf *sb, const char *name);
void render_table(const struct profile *p, struct strbuf *sb,
		  const struct mapping *m);

/*
 * Replace {name} in a template. pairs: name, value, name, value, .., NULL. An
 * unknown {word} stays as it is.
 */
void render_template(struct strbuf *sb, const char *template,
		     const char *const *pairs);

#endif
