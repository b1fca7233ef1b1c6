/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCP proxy on loopback, between a program and its database server, that
 * loses connections when it is told to.
 *
 *	proxy [-b] [-e] PORT		proxy for 127.0.0.1:PORT
 *	proxy -t CONTROL COMMAND...	tell a running proxy
 *
 * It listens on two free ports and prints, for eval in a shell,
 *
 *	proxy_port=N			where clients connect to
 *	proxy_control=N			where it takes commands
 *	proxy_pid=N
 *
 * With -b it goes on in the background, with -e it ends when its standard
 * input does: with the program that started it.
 *
 *	eval "$(proxy -b 5432)"
 *	proxy -t "$proxy_control" swallow match=COMMIT
 *	proxy -t "$proxy_control" stop
 *
 * Commands are lines of text, each answered by one line, "ok ..." or
 * "error: ...", when it is in force; any number on one control connection.
 *
 * Faults wait for the next request (see relay.h), each once. Several wait for
 * one another in the order they were armed.
 *
 *	drop			the server never sees the request; cut
 *	swallow			the server does it, its answer is lost; cut when
 *				the answer has come
 *	late US			cut the client now, the server gets the request
 *				US microseconds later all the same
 *	hold US			the request is forwarded US later
 *	hold-answer US		the answer is
 *	hole			from the request on nothing passes, and nothing
 *				is closed until "cut"
 *	hole-answer		the request passes, but nothing comes back
 *	truncate BYTES		so many bytes of the answer pass; cut
 *	vanish			as hole, and the client's bytes are not even
 *				acknowledged any more: the host is gone
 *
 *	... after=N		let N requests pass before
 *	... match=TEXT		only a request that contains TEXT, up to the end
 *				of the line (put it last), as "COMMIT"
 *	disarm			forget those that wait
 *
 *	cut			close all connections
 *	unplug			all connections vanish, before the next request
 *	reset on|off		cut by RST instead of FIN (off)
 *	accept pass|refuse|mute	what new connections get: mute ones are never
 *				answered
 *	delay UP DOWN		all bytes take so many microseconds more to the
 *				server and back; 0 0: none. They travel one
 *				behind the other, as in a long wire
 *	random P SEED [US] [FAULT...]
 *				at each request a fault with probability P, of
 *				those named (drop, swallow); US: the number of
 *				those that have one. 0 0: none
 *	count [zero]		"ok requests=N struck=N connections=N up=BYTES
 *				down=BYTES armed=N"; zero begins anew.
 *				requests are round trips
 *	stop			end
 */
#define _GNU_SOURCE		/* accept4, ppoll */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "relay.h"

enum { CONTROLS_MAX = 16, LINE_MAX_ = 512, OTHERS = CONTROLS_MAX + 3 };

struct control {
	int fd;
	size_t length;
	char line[LINE_MAX_];
};

struct proxy {
	struct relay relay;
	int listener, listener_control;
	bool until_eof, stopped;
	struct control controls[CONTROLS_MAX];
	size_t control_count;
};

static const char *const kinds[FAULT_KINDS] = {
	NULL, "drop", "swallow", "late", "hold", "hold-answer", "hole",
	"hole-answer", "truncate", "vanish"
};

static enum fault_kind kind_of(const char *word)
{
	unsigned i;

	for (i = 1; i < FAULT_KINDS; i++)
		if (!strcmp(word, kinds[i]))
			return (enum fault_kind)i;
	return FAULT_NONE;
}

static bool has_number(enum fault_kind k)
{
	return k == FAULT_LATE || k == FAULT_HOLD || k == FAULT_HOLD_ANSWER ||
	       k == FAULT_TRUNCATE;
}

static bool number(const char *word, uint64_t *out)
{
	char *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	*out = strtoull(word, &end, 10);
	return !*end;
}

/* rest: what follows the fault's name. What is wrong, or NULL. */
static const char *arm(struct relay *r, enum fault_kind kind, char *rest)
{
	struct fault f;
	uint64_t after;
	char *match = strstr(rest, "match="), *word, *state;

	memset(&f, 0, sizeof(f));
	f.kind = kind;
	if (match) {
		if (strlen(match + 6) >= sizeof(f.match))
			return "match= is too long";
		strcpy(f.match, match + 6);
		*match = 0;
	}
	word = strtok_r(rest, " ", &state);
	if (has_number(kind)) {
		if (!number(word, &f.number))
			return "a number is missing";
		word = strtok_r(NULL, " ", &state);
	}
	if (word && !strncmp(word, "after=", 6)) {
		if (!number(word + 6, &after))
			return "after= is no number";
		f.after = (unsigned)after;
		word = strtok_r(NULL, " ", &state);
	}
	if (word)
		return "too many words";
	if (r->armed_count == ARMED_MAX)
		return "too many faults are armed";
	r->armed[r->armed_count++] = f;
	return NULL;
}

static const char *set_random(struct relay *r, char **state)
{
	const char *p = strtok_r(NULL, " ", state);
	const char *seed = strtok_r(NULL, " ", state), *word;
	uint64_t n, us = 0;
	bool any = false;

	if (!p || !number(seed, &n))
		return "random needs a probability and a seed";
	memset(r->kinds, 0, sizeof(r->kinds));
	while ((word = strtok_r(NULL, " ", state)) != NULL) {
		enum fault_kind k = kind_of(word);

		if (!any && number(word, &us))
			continue;
		if (k == FAULT_NONE)
			return "random does not know a fault";
		r->kinds[k] = any = true;
	}
	if (!any)
		r->kinds[FAULT_DROP] = r->kinds[FAULT_SWALLOW] = true;
	r->random_number = us;
	r->dice = n;
	r->probability = atof(p);
	return NULL;
}

static const char *set_accept(struct relay *r, const char *word)
{
	if (word && !strcmp(word, "pass"))
		r->accepting = ACCEPT_PASS;
	else if (word && !strcmp(word, "refuse"))
		r->accepting = ACCEPT_REFUSE;
	else if (word && !strcmp(word, "mute"))
		r->accepting = ACCEPT_MUTE;
	else
		return "accept pass, refuse or mute";
	return NULL;
}

static const char *set_delay(struct relay *r, char **state)
{
	uint64_t up, down;

	if (!number(strtok_r(NULL, " ", state), &up) ||
	    !number(strtok_r(NULL, " ", state), &down))
		return "delay needs two numbers";
	r->up_delay = up;
	r->down_delay = down;
	return NULL;
}

static void count(struct relay *r, const char *word, char *out, size_t size)
{
	snprintf(out, size, "requests=%llu struck=%llu connections=%llu "
		 "up=%llu down=%llu armed=%u",
		 (unsigned long long)r->requests,
		 (unsigned long long)r->struck,
		 (unsigned long long)r->connections,
		 (unsigned long long)r->bytes_up,
		 (unsigned long long)r->bytes_down,
		 (unsigned)r->armed_count);
	if (word && !strcmp(word, "zero"))
		r->requests = r->struck = r->connections = r->bytes_up =
			r->bytes_down = 0;
}

/* out: words for "ok". What is wrong, or NULL. */
static const char *obey(struct proxy *p, char *line, char *out, size_t size)
{
	struct relay *r = &p->relay;
	char *state = NULL, *word = strtok_r(line, " \r", &state);
	enum fault_kind kind = word ? kind_of(word) : FAULT_NONE;

	if (!word)
		return "nothing was said";
	if (kind != FAULT_NONE)
		return arm(r, kind, state);
	if (!strcmp(word, "disarm"))
		r->armed_count = 0;
	else if (!strcmp(word, "cut"))
		relay_cut_all(r);
	else if (!strcmp(word, "unplug"))
		relay_unplug(r);
	else if (!strcmp(word, "reset"))
		r->reset = !strcmp(state, "on");
	else if (!strcmp(word, "accept"))
		return set_accept(r, strtok_r(NULL, " ", &state));
	else if (!strcmp(word, "delay"))
		return set_delay(r, &state);
	else if (!strcmp(word, "random"))
		return set_random(r, &state);
	else if (!strcmp(word, "count"))
		count(r, strtok_r(NULL, " ", &state), out, size);
	else if (!strcmp(word, "stop"))
		p->stopped = true;
	else
		return "unknown command";
	return NULL;
}

static void answer(struct proxy *p, struct control *c, char *line)
{
	char words[300] = "", out[320];
	const char *wrong = obey(p, line, words, sizeof(words));

	if (wrong)
		snprintf(out, sizeof(out), "error: %s\n", wrong);
	else
		snprintf(out, sizeof(out), "ok%s%s\n", *words ? " " : "",
			 words);
	if (send(c->fd, out, strlen(out), MSG_NOSIGNAL) < 0)
		return;		/* whoever asked has gone */
}

/* False: it has gone. */
static bool hear(struct proxy *p, struct control *c)
{
	ssize_t n = recv(c->fd, c->line + c->length,
			 sizeof(c->line) - 1 - c->length, 0);
	char *end;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	c->length += (size_t)n;
	c->line[c->length] = 0;
	while ((end = strchr(c->line, '\n')) != NULL) {
		*end++ = 0;
		c->length -= (size_t)(end - c->line);
		answer(p, c, c->line);
		memmove(c->line, end, c->length + 1);
	}
	return c->length < sizeof(c->line) - 1;
}

static void controls_ready(struct proxy *p, const struct pollfd *fds)
{
	size_t i = p->control_count;

	while (i-- > 0) {
		if (!fds[i].revents || hear(p, &p->controls[i]))
			continue;
		close(p->controls[i].fd);
		p->controls[i] = p->controls[--p->control_count];
	}
}

static void accept_control(struct proxy *p)
{
	int fd = accept4(p->listener_control, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (p->control_count == CONTROLS_MAX) {
		close(fd);
		return;
	}
	p->controls[p->control_count].fd = fd;
	p->controls[p->control_count++].length = 0;
}

static void wait_for_one(struct pollfd *fds, nfds_t n, uint64_t due)
{
	uint64_t now = proxy_now(), left = due > now ? due - now : 0;
	struct timespec t;

	t.tv_sec = (time_t)(left / 1000000);
	t.tv_nsec = (long)(left % 1000000) * 1000;
	if (ppoll(fds, n, due == UINT64_MAX ? NULL : &t, NULL) < 0)
		for (; n; n--)
			fds[n - 1].revents = 0;
}

static bool eof(void)
{
	char c[64];

	return read(0, c, sizeof(c)) == 0;
}

static void turn(struct proxy *p)
{
	static struct pollfd fds[OTHERS + 2 * PAIRS_MAX];
	struct pollfd *controls = fds + 3, *pairs;
	uint64_t now = proxy_now();
	size_t i, n;

	memset(fds, 0, OTHERS * sizeof(*fds));
	fds[0].fd = p->listener;
	fds[1].fd = p->listener_control;
	fds[2].fd = p->until_eof ? 0 : -1;
	for (i = 0; i < p->control_count; i++)
		controls[i].fd = p->controls[i].fd;
	for (i = 0; i < 3 + p->control_count; i++)
		fds[i].events = POLLIN;
	pairs = controls + p->control_count;
	n = 3 + p->control_count + relay_poll(&p->relay, pairs, now);
	wait_for_one(fds, n, relay_due(&p->relay, now));
	relay_ready(&p->relay, pairs);
	controls_ready(p, controls);
	if (fds[0].revents)
		relay_accept(&p->relay, accept4(p->listener, NULL, NULL,
						SOCK_CLOEXEC));
	if (fds[1].revents)
		accept_control(p);
	if (fds[2].revents && eof())
		p->stopped = true;
	relay_tick(&p->relay);
}

static int listen_anywhere(unsigned *port)
{
	struct sockaddr_in a;
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    listen(fd, 128) || getsockname(fd, (struct sockaddr *)&a, &size)) {
		perror("proxy: listen");
		exit(1);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static int tell(unsigned port, char **words)
{
	char line[LINE_MAX_] = "";
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	for (; *words; words++) {
		strncat(line, *words, sizeof(line) - strlen(line) - 2);
		strcat(line, words[1] ? " " : "\n");
	}
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    send(fd, line, strlen(line), MSG_NOSIGNAL) < 0 ||
	    (n = recv(fd, line, sizeof(line) - 1, 0)) <= 0) {
		perror("proxy: control");
		return 1;
	}
	line[n] = 0;
	fputs(line, stdout);
	return strncmp(line, "ok", 2) != 0;
}

static int usage(void)
{
	fputs("usage: proxy [-b] [-e] PORT\n"
	      "       proxy -t CONTROL COMMAND...\n", stderr);
	return 2;
}

/* The parent tells where the child is, when it listens already. */
static void tell_where(unsigned port, unsigned control, bool background)
{
	pid_t pid = background ? fork() : getpid();

	if (pid < 0) {
		perror("proxy: fork");
		exit(1);
	}
	if (pid) {
		printf("proxy_port=%u\nproxy_control=%u\nproxy_pid=%ld\n",
		       port, control, (long)pid);
		fflush(stdout);
	}
	if (background && pid)
		_exit(0);
	if (background && (setsid() < 0 || !freopen("/dev/null", "w", stdout)))
		exit(1);
}

int main(int argc, char **argv)
{
	static struct proxy p;
	unsigned port, control;
	bool background = false;
	int c, fd;

	while ((c = getopt(argc, argv, "bet:")) != -1) {
		if (c == 't')
			return tell((unsigned)atoi(optarg), argv + optind);
		else if (c == 'b')
			background = true;
		else if (c == 'e')
			p.until_eof = true;
		else
			return usage();
	}
	if (optind + 1 != argc || atoi(argv[optind]) <= 0)
		return usage();
	/* Not the sockets of whoever starts it: they would stay open. */
	for (fd = 3; fd < 1024; fd++)
		close(fd);
	signal(SIGPIPE, SIG_IGN);
	/* The kernel wakes up 50 us late unless asked not to. */
	prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	if (!relay_init(&p.relay, atoi(argv[optind])))
		return 1;
	p.listener = listen_anywhere(&port);
	p.listener_control = listen_anywhere(&control);
	tell_where(port, control, background);
	while (!p.stopped)
		turn(&p);
	return 0;
}
