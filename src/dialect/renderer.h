/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIALECT_RENDERER_H
#define DIALECT_RENDERER_H

#include "dialect/render.h"

/*
 * A statement in the making. The first failure sticks in rc; what is put
 * after it does not matter. Markers and params are always added together, so
 * that params are in the order of the markers.
 */
struct renderer {
	const struct profile *p;
	const struct mapping *m;
	const struct type_form *const *forms;
	struct strbuf sql;
	struct sql_param *params;
	size_t param_count, param_capacity;
	unsigned *columns;
	size_t column_count;
	uow_error *err;
	int rc;
};

void renderer_init(struct renderer *r, const struct profile *p,
		   const struct mapping *m,
		   const struct type_form *const *forms, uow_error *err);
/* The text is the caller's, or nothing is left; returns rc. */
int renderer_finish(struct renderer *r, struct sql_text *out);

void put(struct renderer *r, const char *text);
void put_table(struct renderer *r);

/* "," between members of a list, nothing before the first. */
void put_comma(struct renderer *r, bool *first);

/* A column that is read, and one that is written: INSERT (..), SET .. = */
void put_column(struct renderer *r, unsigned column);
void put_target(struct renderer *r, unsigned column);

/* A column that is compared or ordered by: as the form's `compare` has it. */
void put_compared(struct renderer *r, unsigned column);

/* A template of {column}, as it is. */
void put_expression(struct renderer *r, const char *template, unsigned column);

/* What follows the table in an INSERT without columns. */
void put_no_columns(struct renderer *r);

/* A marker, inside the form's write template. */
void put_value(struct renderer *r, enum param_source source, unsigned column,
	       size_t index);

/* A marker for an operand of the column: added to it, or one of a list. */
void put_operand(struct renderer *r, enum param_source source,
		 unsigned column, size_t index);
/* A marker alone; and a text in its place, inside the form's template. */
void put_marker(struct renderer *r, enum param_source source, unsigned column,
		size_t index);
void put_written(struct renderer *r, unsigned column, const char *text);

/*
 * column IN (..), values from index first on, as several lists where the
 * profile limits them.
 */
void put_in_list(struct renderer *r, unsigned column, enum param_source source,
		 size_t first, size_t count);

/*
 * A test, as a template of {column}, {value} and {pattern}: criterion argument
 * index.
 */
void put_test(struct renderer *r, const char *template, unsigned column,
	      size_t index);

/* A template with {name}s that stand for text. */
void put_template(struct renderer *r, const char *template,
		  const char *const *pairs);

/* A template up to {word} or its end; returns what follows that. */
const char *put_until(struct renderer *r, const char *template,
		      const char *word);

/* The criterion, without WHERE. */
void put_criterion(struct renderer *r, const uint32_t *code, size_t code_len);

/* The statement of a shape, as render() has it. */
void put_statement(struct renderer *r, const struct shape *s);

/* Complain if values of this column have no useful order. */
void want_order(struct renderer *r, unsigned column);

UOW_PRINTF(3, 4)
void render_fail(struct renderer *r, int code, const char *fmt, ...);

#endif
