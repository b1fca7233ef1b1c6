/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>

/*
 * One program for each peer, all with the same work on the same tables:
 *
 *	PEER WORKLOAD N DBMS
 *
 * The connection string comes from BENCH_CONNECTION, so that no password is
 * in a list of processes. Prints one line, separated by tabs: peer, workload,
 * dbms, n, seconds, check; what the check is, is said below for each workload.
 * Anything that goes wrong ends the program with words on stderr. What is in
 * the database afterwards is looked at by "tables digest".
 */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * W1	n transfers, a transaction each: 2 accounts read by key, both updated
 *	with a check of their versions, 1 entry inserted, card 1 updated with a
 *	check; the sum of what was read
 * W2	n accounts inserted, keys assigned; 0
 * W2g	n rows of bench_fresh inserted, and their generated keys known
 *	afterwards; keys_rising()
 * W3	all n accounts read, the balance of each changed, written back with a
 *	check of each version; the sum of what was read
 * W4	all n accounts read into an array of structs; their sum
 * W5	n accounts by key, one transaction; their sum
 * W5i	the same once more in the same unit, where there is an identity map;
 *	only the second time is measured
 * W6	n transfers by each of THREADS threads on CONNECTIONS connections
 * W7	n transactions in which nothing is done; 0
 * W8	W1 on tables in memory
 */
enum workload { W1, W2, W2G, W3, W4, W5, W5I, W6, W7, W8, WORKLOADS };

enum { ACCOUNTS = 20000, THREADS = 8, CONNECTIONS = 4 };

struct account {
	int64_t id;
	int64_t version;
	int64_t customer;
	int64_t balance;
	int64_t rate;
	char owner[33];
};

struct transfer {
	int64_t from, to, amount;
};

/* Row i, from 0. Its balance goes up by BALANCE_STEP in W3. */
enum { BALANCE_STEP = 7 };
void account_make(struct account *a, int64_t i);
uint64_t account_sum(uint64_t sum, const struct account *a);

/* Transfer i of thread number t. No two threads share an account or a card. */
struct transfer transfer_make(int64_t i);
struct transfer transfer_of(int t, int64_t i);
int64_t entry_id(int t, int64_t i);

/* How many are greater than the one before: as the rows were inserted. */
uint64_t keys_rising(const int64_t *keys, int64_t n);

struct peer {
	const char *name;
	void *(*open)(const char *connection, const char *dbms);
	void (*close)(void *side);
	/* NULL: this peer has nothing for it. */
	uint64_t (*run[WORKLOADS])(void *side, int64_t n);
};

/* What each peer's main() is. */
int peer_main(const struct peer *peer, int argc, char **argv);

/* Measure from here, not from the workload's beginning. */
void peer_start(void);

#if defined(__GNUC__)
__attribute__((noreturn, format(printf, 1, 2)))
#endif
void peer_fail(const char *format, ...);

/* A value of an ODBC connection string, "" if it has none of this name. */
const char *peer_option(const char *connection, const char *name, char *out,
			size_t size);

/* Runs fn for the threads 0.. THREADS - 1; ends when all have ended. */
void peer_threads(void (*fn)(int thread, void *arg), void *arg);

/* CONNECTIONS things for THREADS threads: waits for a free one. */
void *pool_take(void);
void pool_give(void *thing);

#ifdef __cplusplus
}
#endif
#endif
