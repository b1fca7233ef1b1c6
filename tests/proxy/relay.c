/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE		/* memmem */
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CHUNK_MAX = 65536,
	QUEUED_MAX = 4 << 20,		/* then the sender has to wait */
	QUIET_US = 20000,		/* an answer has come to its end */
	LATE_US = 10000000		/* a late request's answer, at most */
};

struct chunk {
	struct chunk *next;
	uint64_t due;
	size_t size, sent;
	unsigned char bytes[];
};

uint64_t proxy_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

bool relay_init(struct relay *r, int port)
{
	memset(r, 0, sizeof(*r));
	r->port = port;
	r->pairs = calloc(PAIRS_MAX, sizeof(*r->pairs));
	return r->pairs != NULL;
}

static void way_init(struct way *w)
{
	w->first = NULL;
	w->end = &w->first;
	w->queued = 0;
	w->last_due = 0;
}

static void way_drop(struct way *w)
{
	struct chunk *c, *next;

	for (c = w->first; c; c = next) {
		next = c->next;
		free(c);
	}
	way_init(w);
}

static void way_add(struct way *w, const unsigned char *bytes, size_t size,
		    uint64_t due)
{
	struct chunk *c = malloc(sizeof(*c) + size);

	if (!c)
		abort();
	/* Never past what was sent before. */
	c->due = due > w->last_due ? due : w->last_due;
	c->size = size;
	c->sent = 0;
	c->next = NULL;
	memcpy(c->bytes, bytes, size);
	w->last_due = c->due;
	w->queued += size;
	*w->end = c;
	w->end = &c->next;
}

/* Send what is due. False: the other side is gone. */
static bool way_send(struct way *w, int to, uint64_t now)
{
	struct chunk *c;
	ssize_t n;

	while ((c = w->first) && c->due <= now) {
		n = send(to, c->bytes + c->sent, c->size - c->sent,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->sent += (size_t)n;
		w->queued -= (size_t)n;
		if (c->sent < c->size)
			return true;
		w->first = c->next;
		if (!w->first)
			w->end = &w->first;
		free(c);
	}
	return true;
}

static void shut(const struct relay *r, int *fd)
{
	struct linger at_once = { 1, 0 };

	if (*fd < 0)
		return;
	if (r->reset)
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once,
			   sizeof(at_once));
	close(*fd);
	*fd = -1;
}

static void cut(const struct relay *r, struct pair *p)
{
	shut(r, &p->client);
	shut(r, &p->server);
	way_drop(&p->up);
	way_drop(&p->down);
}

void relay_cut_all(struct relay *r)
{
	size_t i;

	for (i = 0; i < r->pair_count; i++)
		cut(r, &r->pairs[i]);
}

/*
 * A filter that lets nothing pass, and it stands in front of TCP: segments are
 * as lost as on a wire that was pulled out.
 */
static void vanish(struct pair *p)
{
	struct sock_filter nothing[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog program = { 1, nothing };

	p->mute = true;
	if (p->client >= 0)
		setsockopt(p->client, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			   sizeof(program));
}

void relay_unplug(struct relay *r)
{
	size_t i;

	for (i = 0; i < r->pair_count; i++)
		vanish(&r->pairs[i]);
}

static int connect_to(int port)
{
	struct sockaddr_in to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void at_once(int fd)
{
	int on = 1;

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void relay_accept(struct relay *r, int client)
{
	struct pair *p;

	if (client < 0)
		return;
	if (r->pair_count == PAIRS_MAX || r->accepting == ACCEPT_REFUSE) {
		shut(r, &client);
		return;
	}
	p = &r->pairs[r->pair_count];
	memset(p, 0, sizeof(*p));
	way_init(&p->up);
	way_init(&p->down);
	p->client = client;
	p->server = -1;
	p->mute = r->accepting == ACCEPT_MUTE;
	if (!p->mute && (p->server = connect_to(r->port)) < 0) {
		shut(r, &p->client);
		return;
	}
	at_once(p->client);
	at_once(p->server);
	r->connections++;
	r->pair_count++;
}

static uint64_t roll(struct relay *r)
{
	uint64_t x = r->dice += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static bool random_fault(struct relay *r, struct fault *out)
{
	unsigned kinds[FAULT_KINDS], count = 0, i;

	if ((double)(roll(r) >> 11) / 9007199254740992.0 >= r->probability)
		return false;
	for (i = 0; i < FAULT_KINDS; i++)
		if (r->kinds[i])
			kinds[count++] = i;
	if (!count)
		return false;
	memset(out, 0, sizeof(*out));
	out->kind = (enum fault_kind)kinds[roll(r) % count];
	out->number = r->random_number;
	return true;
}

static bool fits(const struct fault *f, bool begins,
		 const unsigned char *bytes, size_t size)
{
	return f->match[0] ?
		memmem(bytes, size, f->match, strlen(f->match)) != NULL :
		begins;
}

/* The fault for these bytes, which may begin a request. */
static bool fault_for(struct relay *r, bool begins, const unsigned char *bytes,
		      size_t size, struct fault *out)
{
	struct fault *f = &r->armed[0];

	if (r->armed_count && fits(f, begins, bytes, size) &&
	    (f->after == 0 || f->after-- == 0)) {
		*out = *f;
		r->armed_count--;
		memmove(f, f + 1, r->armed_count * sizeof(*f));
		return true;
	}
	return begins && r->probability > 0 && random_fault(r, out);
}

/* False: the bytes are not to be forwarded. */
static bool strike(struct relay *r, struct pair *p, const struct fault *f,
		   uint64_t *due)
{
	r->struck++;
	switch (f->kind) {
	case FAULT_DROP:
		cut(r, p);
		return false;
	case FAULT_SWALLOW:
		p->swallow = true;
		return true;
	case FAULT_LATE:
		shut(r, &p->client);
		*due += f->number;
		p->swallow = true;
		p->cut_at = *due + LATE_US;
		return true;
	case FAULT_HOLD:
		*due += f->number;
		return true;
	case FAULT_HOLD_ANSWER:
		p->answer_hold = f->number;
		return true;
	case FAULT_HOLE:
		p->mute = true;
		return false;
	case FAULT_VANISH:
		vanish(p);
		return false;
	case FAULT_HOLE_ANSWER:
		p->deaf = true;
		return true;
	case FAULT_TRUNCATE:
		p->truncate = true;
		p->left = f->number;
		return true;
	default:
		return true;
	}
}

static void from_client(struct relay *r, struct pair *p,
			const unsigned char *bytes, size_t size)
{
	bool begins = !p->asking;
	uint64_t due = proxy_now() + r->up_delay;
	struct fault f;

	if (p->mute)
		return;
	p->asking = true;
	if (begins)
		r->requests++;
	r->bytes_up += size;
	if (fault_for(r, begins, bytes, size, &f) && !strike(r, p, &f, &due))
		return;
	way_add(&p->up, bytes, size, due);
}

static void from_server(struct relay *r, struct pair *p,
			const unsigned char *bytes, size_t size)
{
	uint64_t now = proxy_now();

	p->asking = false;
	r->bytes_down += size;
	if (p->mute || p->deaf)
		return;
	if (p->swallow) {
		p->cut_at = now + QUIET_US;
		return;
	}
	if (p->truncate && size > p->left)
		size = p->left;
	if (size)
		way_add(&p->down, bytes, size,
			now + r->down_delay + p->answer_hold);
	p->answer_hold = 0;
	if (p->truncate && !(p->left -= size))
		p->ending = true;
}

/* False: that side is gone. */
static bool take(struct relay *r, struct pair *p, int fd,
		 void (*give)(struct relay *, struct pair *,
			      const unsigned char *, size_t))
{
	unsigned char bytes[CHUNK_MAX];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		give(r, p, bytes, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* A hole tells neither side that the other one has gone. */
static void gone(struct relay *r, struct pair *p, int *side)
{
	if (p->mute || p->deaf)
		shut(r, side);
	else
		p->ending = true;
}

static short waits_for(const struct way *in, const struct way *out,
		       bool ending, uint64_t now)
{
	short events = 0;

	if (!ending && in->queued < QUEUED_MAX)
		events |= POLLIN;
	if (out->first && out->first->due <= now)
		events |= POLLOUT;
	return events;
}

/* One that waits for nothing is left out: POLLHUP comes unasked, for ever. */
static void poll_one(struct pollfd *out, int fd, short events)
{
	out->fd = events ? fd : -1;
	out->events = events;
	out->revents = 0;
}

size_t relay_poll(const struct relay *r, struct pollfd *fds, uint64_t now)
{
	size_t i;

	for (i = 0; i < r->pair_count; i++) {
		const struct pair *p = &r->pairs[i];

		poll_one(&fds[2 * i], p->client,
			 waits_for(&p->up, &p->down, p->ending, now));
		poll_one(&fds[2 * i + 1], p->server,
			 waits_for(&p->down, &p->up, p->ending, now));
	}
	return 2 * r->pair_count;
}

void relay_ready(struct relay *r, const struct pollfd *fds)
{
	const short in = POLLIN | POLLHUP | POLLERR;
	size_t i;

	for (i = 0; i < r->pair_count; i++) {
		struct pair *p = &r->pairs[i];

		if (p->ending)
			continue;
		if (p->client >= 0 && fds[2 * i].revents & in &&
		    !take(r, p, p->client, from_client))
			gone(r, p, &p->client);
		if (p->server >= 0 && fds[2 * i + 1].revents & in &&
		    !take(r, p, p->server, from_server))
			gone(r, p, &p->server);
	}
}

/* What is due already waits for its socket instead (relay_poll). */
static uint64_t earlier(uint64_t a, uint64_t now, const struct way *w)
{
	return w->first && w->first->due > now && w->first->due < a ?
		w->first->due : a;
}

uint64_t relay_due(const struct relay *r, uint64_t now)
{
	uint64_t due = UINT64_MAX;
	size_t i;

	for (i = 0; i < r->pair_count; i++) {
		const struct pair *p = &r->pairs[i];

		due = earlier(earlier(due, now, &p->up), now, &p->down);
		if (p->cut_at && p->cut_at < due)
			due = p->cut_at;
	}
	return due;
}

static void tick(struct relay *r, struct pair *p, uint64_t now)
{
	if (p->server >= 0 && !way_send(&p->up, p->server, now)) {
		way_drop(&p->up);
		gone(r, p, &p->server);
	}
	if (p->client >= 0 && !way_send(&p->down, p->client, now)) {
		way_drop(&p->down);
		gone(r, p, &p->client);
	}
	if ((p->cut_at && p->cut_at <= now) ||
	    (p->ending && (!p->up.first || p->server < 0) &&
	     (!p->down.first || p->client < 0)))
		cut(r, p);
}

/* The last takes the place of one that is closed. */
static void leave_out(struct relay *r, size_t i)
{
	struct pair *p = &r->pairs[i];

	way_drop(&p->up);
	way_drop(&p->down);
	*p = r->pairs[--r->pair_count];
	if (!p->up.first)
		p->up.end = &p->up.first;
	if (!p->down.first)
		p->down.end = &p->down.first;
}

void relay_tick(struct relay *r)
{
	uint64_t now = proxy_now();
	size_t i = r->pair_count;

	while (i-- > 0) {
		tick(r, &r->pairs[i], now);
		if (r->pairs[i].client < 0 && r->pairs[i].server < 0)
			leave_out(r, i);
	}
}
