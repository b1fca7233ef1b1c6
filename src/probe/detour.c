/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/detour.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* -- where the server is -- */

static const char *const host_names[] = {
	"SERVER", "SERVERNAME", "HOST", "HOSTNAME", NULL
};

/* Name of the attribute that holds the host, or NULL. */
static const char *find_host(const struct connstr *c, struct detour *d)
{
	int i;

	for (i = 0; host_names[i]; i++)
		if (options_given(c, host_names[i], d->host, sizeof(d->host)))
			return host_names[i];
	return NULL;
}

/* "host:port" in one attribute, or two of them. */
static bool find_port(const struct connstr *c, struct detour *d, bool *joined)
{
	char *colon = strrchr(d->host, ':');

	*joined = colon != NULL;
	if (colon) {
		snprintf(d->port, sizeof(d->port), "%.31s", colon + 1);
		*colon = '\0';
		return true;
	}
	return options_given(c, "PORT", d->port, sizeof(d->port));
}

/* -- the port of our own -- */

static int listen_somewhere(int *port)
{
	struct sockaddr_in at;
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&at, &length)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return fd;
}

static int reach_server(const struct detour *d)
{
	struct addrinfo hints, *found, *a;
	int fd = -1;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(d->host, d->port, &hints, &found))
		return -1;
	for (a = found; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static bool pass(int from, int to)
{
	char data[16384], *at = data;
	ssize_t n = read(from, data, sizeof(data)), m;

	while (n > 0) {
		m = write(to, at, (size_t)n);
		if (m < 0 && errno == EINTR)
			continue;
		if (m <= 0)
			return false;
		at += m;
		n -= m;
	}
	return n == 0 && at > data;
}

static void relay(struct detour *d)
{
	struct pollfd p[2] = { { d->outside, POLLIN, 0 },
			       { d->inside, POLLIN, 0 } };

	while (!d->cut) {
		if (poll(p, 2, 20) <= 0)
			continue;
		if (p[0].revents && !pass(d->outside, d->inside))
			break;
		if (p[1].revents && !pass(d->inside, d->outside))
			break;
	}
	close(d->outside);
	close(d->inside);
	close(d->listener);
}

static void *serve(void *arg)
{
	struct detour *d = arg;

	d->outside = accept(d->listener, NULL, NULL);
	d->reached = d->outside >= 0;
	if (!d->reached || d->silent)
		return NULL;
	d->inside = reach_server(d);
	if (d->inside < 0)
		close(d->outside);
	else
		relay(d);
	return NULL;
}

static bool change(struct lab *l, const char *name, const char *value)
{
	return !connstr_set(&l->source->connections[0], name, value, &l->error);
}

bool detour_open(struct lab *l, struct detour *d, bool silent)
{
	char place[64], number[16];
	const char *name;
	bool joined = false;
	int port = 0;

	memset(d, 0, sizeof(*d));
	d->silent = silent;
	name = find_host(&l->source->connections[0], d);
	if (!name) {
		/* A file: there is nobody who could be lost. */
		lab_without(l, "no server in the connection string");
		return false;
	}
	if (!find_port(&l->source->connections[0], d, &joined) ||
	    d->host[0] == '/') {
		lab_cannot(l, "no port of a server in the connection string");
		return false;
	}
	d->listener = listen_somewhere(&port);
	snprintf(number, sizeof(number), "%d", port);
	snprintf(place, sizeof(place), "127.0.0.1%s%s", joined ? ":" : "",
		 joined ? number : "");
	d->started = d->listener >= 0 && change(l, name, place) &&
		     (joined || change(l, "PORT", number)) &&
		     !pthread_create(&d->thread, NULL, serve, d);
	if (!d->started)
		lab_cannot(l, "no detour");
	return d->started;
}

void detour_cut(struct detour *d)
{
	d->cut = true;
	pthread_join(d->thread, NULL);
}
