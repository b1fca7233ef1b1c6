/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The proxy's connections. It knows no protocol: a request is what a client
 * sends until the server has answered anything, and the next bytes after that
 * answer begin another one. Times are microseconds of a monotonic clock.
 *
 * A fault strikes at a request, before a byte of it was forwarded.
 */
enum fault_kind {
	FAULT_NONE,
	FAULT_DROP,		/* request unseen by the server, cut */
	FAULT_SWALLOW,		/* request forwarded, answer lost, cut */
	FAULT_LATE,		/* client cut now, server has it later */
	FAULT_HOLD,		/* request forwarded later */
	FAULT_HOLD_ANSWER,	/* answer forwarded later */
	FAULT_HOLE,		/* nothing passes any more, nothing is closed */
	FAULT_HOLE_ANSWER,	/* the server's bytes do not pass any more */
	FAULT_TRUNCATE,		/* so many bytes of the answer, cut */
	FAULT_VANISH,		/* a hole that does not acknowledge either */
	FAULT_KINDS
};

enum { ARMED_MAX = 16, MATCH_MAX = 120, PAIRS_MAX = 256 };

struct fault {
	enum fault_kind kind;
	uint64_t number;	/* microseconds or bytes */
	unsigned after;		/* requests that fit and are let pass */
	char match[MATCH_MAX];	/* a request fits that contains it; "": all */
};

enum accepting { ACCEPT_PASS, ACCEPT_REFUSE, ACCEPT_MUTE };

struct chunk;

/* One direction. Bytes wait until they are due, in their order. */
struct way {
	struct chunk *first, **end;
	size_t queued;
	uint64_t last_due;
};

struct pair {
	int client, server;	/* -1: closed, or never opened */
	struct way up, down;
	bool asking;		/* a request was begun, no answer yet */
	bool mute, deaf;	/* nothing passes; nothing comes back */
	bool swallow;		/* and when it has come, cut */
	bool truncate;
	uint64_t left;		/* bytes of the answer that still pass */
	uint64_t answer_hold;
	uint64_t cut_at;	/* 0: not */
	bool ending;		/* one side has closed: flush, then close */
};

struct relay {
	int port;		/* of the server, on 127.0.0.1 */
	struct pair *pairs;	/* pair_count of them are in use */
	size_t pair_count;
	struct fault armed[ARMED_MAX];
	size_t armed_count;
	uint64_t up_delay, down_delay;
	double probability;	/* of a random fault, for each request */
	uint64_t dice;
	bool kinds[FAULT_KINDS];	/* of random faults */
	uint64_t random_number;	/* their fault.number */
	enum accepting accepting;
	bool reset;		/* cut by RST instead of FIN */
	uint64_t connections, requests, struck, bytes_up, bytes_down;
};

bool relay_init(struct relay *r, int port);
void relay_accept(struct relay *r, int client);
/*
 * Add what the connections wait for to fds; how many were added. Bytes that are
 * due wait for their socket, others for their time: with one now for this and
 * relay_due() none is forgotten.
 */
size_t relay_poll(const struct relay *r, struct pollfd *fds, uint64_t now);
/* The same fds, polled. */
void relay_ready(struct relay *r, const struct pollfd *fds);
/* When something more is due, UINT64_MAX: never. */
uint64_t relay_due(const struct relay *r, uint64_t now);
/* Do what is due. */
void relay_tick(struct relay *r);
void relay_cut_all(struct relay *r);
/* All hosts vanish: what clients send from now on is not acknowledged. */
void relay_unplug(struct relay *r);

uint64_t proxy_now(void);

#endif
