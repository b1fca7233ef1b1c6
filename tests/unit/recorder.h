/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_RECORDER_H
#define TESTS_RECORDER_H

#include <uow/repository.h>
#include "fake.h"

/*
 * The fake backend with its reads and writes looked at: what was asked for,
 * and a way to decide which rows come and how they have changed meanwhile.
 */
struct recorder {
	struct fake fake;
	struct fake_clock clock;
	uow_db *db;
	struct backend_ops ops;
	const struct backend_ops *inner;

	/* Of the last read, count or query. */
	struct shape shape;
	struct shape_order order[4];
	uow_value values[8];
	size_t value_count;
	char sql[128];
	bool keys_accepted;

	unsigned reads;
	char key_counts[64];	/* "10 1 ": tuples of each read by key */
	char inserts[64];	/* "100 20 ": rows of each write */
	struct columns set;	/* of the last one */
	int open;		/* cursors */

	/* The test's wishes. */
	bool (*filter)(const void *row);
	void (*alter)(void *row);	/* as somebody else left it */
	bool only_keys;			/* query() gives these */
};

int recorder_setup(void **state);
int recorder_teardown(void **state);

struct item {
	int64_t id;
	int64_t version;
	int32_t quantity;
	const char *label;
	int mark;			/* not mapped */
};
extern const uow_entity item_entity;

/* Rows of item, quantity 10 * id, label "one", "two", .., version 1. */
void recorder_store(struct recorder *rec, int64_t from, int64_t to);

uow_unit *recorder_begin(struct recorder *rec, const uow_options *o);

#define RECORDER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, recorder_setup, \
					recorder_teardown)

#endif
