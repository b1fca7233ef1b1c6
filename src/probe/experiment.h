/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROBE_EXPERIMENT_H
#define PROBE_EXPERIMENT_H

#include <stddef.h>

/*
 * The experiments. Each runs in a process of its own (child.c) and writes down
 * what it has seen, name by name; what that means is for judge.c to say. An
 * experiment leaves no table behind if it comes to its end.
 */
struct lab;

struct experiment {
	const char *name;
	void (*run)(struct lab *l, int arg);
	int arg;
};

extern const struct experiment experiments[];
extern const size_t experiment_count;

/* NULL: there is none of that name. */
const struct experiment *experiment_find(const char *name);

/* Letters of all scratch tables, for cleaning up. */
extern const char *const experiment_tables[];

/* What the profile and the driver say of themselves: claims.c. */
void claims_run(struct lab *l, int arg);
/* Drop every scratch table. */
void cleanup_run(struct lab *l, int arg);

void transactions_run(struct lab *l, int arg);
void closing_run(struct lab *l, int arg);
void ddl_run(struct lab *l, int arg);
void savepoints_run(struct lab *l, int arg);
void after_error_run(struct lab *l, int arg);
void isolation_run(struct lab *l, int arg);	/* arg: SQL_TXN_* */
void counts_run(struct lab *l, int arg);
void parameters_run(struct lab *l, int arg);
void offset_run(struct lab *l, int arg);
void lengths_run(struct lab *l, int arg);
void values_run(struct lab *l, int arg);
void bind_run(struct lab *l, int arg);		/* arg: enum form */
void fetch_run(struct lab *l, int arg);
void array_column_run(struct lab *l, int arg);
void array_row_run(struct lab *l, int arg);
void array_status_run(struct lab *l, int arg);
void array_counts_run(struct lab *l, int arg);
void array_failing_run(struct lab *l, int arg);
void rowset_run(struct lab *l, int arg);	/* arg: by row? */
void keys_run(struct lab *l, int arg);
void returning_run(struct lab *l, int arg);
void limit_run(struct lab *l, int arg);
void starts_with_run(struct lab *l, int arg);
void locks_run(struct lab *l, int arg);
void begin_write_run(struct lab *l, int arg);
void query_timeout_run(struct lab *l, int arg);
void lock_timeout_run(struct lab *l, int arg);
void login_timeout_run(struct lab *l, int arg);
void cancel_run(struct lab *l, int arg);
void dead_run(struct lab *l, int arg);
void cursors_run(struct lab *l, int arg);	/* arg: SQL_COMMIT, ROLLBACK */
void utf8_run(struct lab *l, int arg);
void texts_run(struct lab *l, int arg);
void type_run(struct lab *l, int arg);		/* arg: uow_type */
void long_run(struct lab *l, int arg);
void special_run(struct lab *l, int arg);
void fraction_run(struct lab *l, int arg);
void threads_run(struct lab *l, int arg);
void batch_run(struct lab *l, int arg);		/* arg: enum shape_op */
void range_run(struct lab *l, int arg);
void foreign_keys_run(struct lab *l, int arg);
void errors_run(struct lab *l, int arg);

#endif
