/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* RTLD_DEFAULT */
#include "peer.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *const names[WORKLOADS] = {
	"W1", "W2", "W2g", "W3", "W4", "W5", "W5i", "W6", "W7", "W8"
};

static double began;
static const char *self = "peer";

void peer_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", self);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* -- rows -- */

void account_make(struct account *a, int64_t i)
{
	memset(a, 0, sizeof(*a));
	a->id = i + 1;
	a->version = 1;
	a->customer = i * 7 % 1000;
	a->balance = 100000 + i * 31 % 5000;
	a->rate = i % 100 * 125;
	snprintf(a->owner, sizeof(a->owner), "owner number %lld", (long long)i);
}

uint64_t account_sum(uint64_t sum, const struct account *a)
{
	return sum + (uint64_t)a->id * 3 + (uint64_t)a->version +
	       (uint64_t)a->customer * 5 + (uint64_t)a->balance +
	       (uint64_t)a->rate + strlen(a->owner);
}

struct transfer transfer_make(int64_t i)
{
	struct transfer t;

	t.from = i * 7919 % ACCOUNTS + 1;
	t.to = (i * 104729 + 1) % ACCOUNTS + 1;
	if (t.to == t.from)
		t.to = t.from % ACCOUNTS + 1;
	t.amount = i % 90 + 1;
	return t;
}

struct transfer transfer_of(int t, int64_t i)
{
	const int64_t share = ACCOUNTS / THREADS;
	struct transfer x = transfer_make(i);

	x.from = t * share + x.from % share + 1;
	x.to = t * share + x.to % share + 1;
	if (x.to == x.from)
		x.to = t * share + x.from % share + 1;
	return x;
}

int64_t entry_id(int t, int64_t i)
{
	return (int64_t)t * 1000000 + i + 1;
}

uint64_t keys_rising(const int64_t *keys, int64_t n)
{
	uint64_t sum = 0;
	int64_t i;

	for (i = 1; i < n; i++)
		sum += keys[i] > keys[i - 1];
	return sum;
}

/* -- connection strings -- */

const char *peer_option(const char *connection, const char *name, char *out,
			size_t size)
{
	size_t length = strlen(name), n;
	const char *p = connection;

	*out = '\0';
	while (p && *p) {
		n = strcspn(p, ";");
		if (!strncasecmp(p, name, length) && p[length] == '=') {
			p += length + 1;
			n -= length + 1;
			snprintf(out, size, "%.*s", (int)n, p);
			return out;
		}
		p += n;
		p += *p == ';';
	}
	return out;
}

/* -- threads -- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t given;
	void *things[CONNECTIONS];
	int count;
} pool = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, { NULL }, 0 };

void *pool_take(void)
{
	void *thing;

	pthread_mutex_lock(&pool.lock);
	while (pool.count == 0)
		pthread_cond_wait(&pool.given, &pool.lock);
	thing = pool.things[--pool.count];
	pthread_mutex_unlock(&pool.lock);
	return thing;
}

void pool_give(void *thing)
{
	pthread_mutex_lock(&pool.lock);
	pool.things[pool.count++] = thing;
	pthread_cond_signal(&pool.given);
	pthread_mutex_unlock(&pool.lock);
}

struct job {
	void (*fn)(int, void *);
	void *arg;
	int number;
};

static void *work(void *arg)
{
	struct job *j = arg;

	j->fn(j->number, j->arg);
	return NULL;
}

void peer_threads(void (*fn)(int, void *), void *arg)
{
	pthread_t threads[THREADS];
	struct job jobs[THREADS];
	int i;

	for (i = 0; i < THREADS; i++) {
		jobs[i].fn = fn;
		jobs[i].arg = arg;
		jobs[i].number = i;
		if (pthread_create(&threads[i], NULL, work, &jobs[i]))
			peer_fail("no thread");
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* -- measuring -- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* count-shim.so, if it was loaded before: which calls are to be counted. */
static void mark(int on)
{
	void (*count)(int);

	*(void **)&count = dlsym(RTLD_DEFAULT, "bench_count");
	if (count)
		count(on);
}

void peer_start(void)
{
	mark(1);
	began = now();
}

static int find(const char *name)
{
	int w;

	for (w = 0; w < WORKLOADS; w++)
		if (!strcmp(names[w], name))
			return w;
	return -1;
}

/* A name of its own, so that a profiler can be told to look at this alone. */
uint64_t peer_measured(const struct peer *peer, int w, void *side, int64_t n);
uint64_t peer_measured(const struct peer *peer, int w, void *side, int64_t n)
{
	return peer->run[w](side, n);
}

/* No compiler puts it into its caller by this way. */
static uint64_t (*volatile measured)(const struct peer *, int, void *,
				     int64_t) = peer_measured;

int peer_main(const struct peer *peer, int argc, char **argv)
{
	const char *connection = getenv("BENCH_CONNECTION");
	uint64_t check;
	double took;
	void *side;
	int64_t n;
	int w;

	self = peer->name;
	if (argc != 4 || (w = find(argv[1])) < 0 || (n = atoll(argv[2])) < 0) {
		fprintf(stderr, "usage: BENCH_CONNECTION=... %s W1..W8 N "
			"DBMS\n", argv[0]);
		return 2;
	}
	if (!peer->run[w]) {
		fprintf(stderr, "%s: nothing for %s\n", self, argv[1]);
		return 3;
	}
	side = peer->open(connection ? connection : "", argv[3]);
	peer_start();
	check = measured(peer, w, side, n);
	took = now() - began;
	mark(0);
	peer->close(side);
	printf("%s\t%s\t%s\t%lld\t%.6f\t%llu\n", self, argv[1], argv[3],
	       (long long)n, took, (unsigned long long)check);
	return 0;
}
