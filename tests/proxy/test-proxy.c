/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proxy, before a server that answers each request with the same text and
 * keeps what it was sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/proxy/proxy.h"

struct wire {
	struct proxy_client proxy;
	int listener;
	int client, server;	/* both ends */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int connected(unsigned port)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((unsigned short)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void connect_wire(struct wire *w)
{
	w->client = connected(w->proxy.port);
	w->server = accept(w->listener, NULL, NULL);
	assert_true(w->server >= 0);
}

static int setup(void **state)
{
	static struct wire w;
	struct sockaddr_in a;
	socklen_t size = sizeof(a);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w.listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(w.listener, (struct sockaddr *)&a, sizeof(a)) ||
	    listen(w.listener, 8) ||
	    getsockname(w.listener, (struct sockaddr *)&a, &size) ||
	    !proxy_start(&w.proxy, ntohs(a.sin_port)))
		return -1;
	connect_wire(&w);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct wire *w = *state;

	close(w->client);
	close(w->server);
	close(w->listener);
	proxy_stop(&w->proxy);
	return 0;
}

static void arm(struct wire *w, const char *command)
{
	if (!proxy_tell(&w->proxy, "%s", command))
		fail_msg("%s: %s", command, w->proxy.answer);
}

static void says(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void hears(int fd, const char *text)
{
	char got[100] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(n > 0);
	assert_string_equal(got, text);
}

static void hears_the_end(int fd)
{
	char c;

	assert_true(recv(fd, &c, 1, 0) <= 0);
}

static void hears_nothing(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	assert_int_equal(poll(&p, 1, ms), 0);
}

static void talk(struct wire *w)
{
	says(w->client, "ask");
	hears(w->server, "ask");
	says(w->server, "answer");
	hears(w->client, "answer");
}

static void bytes_pass_and_requests_are_counted(void **state)
{
	struct wire *w = *state;

	talk(w);
	talk(w);
	assert_int_equal(proxy_count(&w->proxy, "requests"), 2);
	assert_int_equal(proxy_count(&w->proxy, "up"), 6);
	assert_int_equal(proxy_count(&w->proxy, "down"), 12);
	assert_int_equal(proxy_count(&w->proxy, "struck"), 0);
	close(w->client);
	hears_the_end(w->server);
}

static void a_dropped_request_is_never_seen(void **state)
{
	struct wire *w = *state;

	talk(w);
	arm(w, "drop");
	says(w->client, "COMMIT");
	hears_the_end(w->client);
	hears_the_end(w->server);
	assert_int_equal(proxy_count(&w->proxy, "struck"), 1);
}

static void a_swallowed_answer_was_given(void **state)
{
	struct wire *w = *state;

	arm(w, "swallow after=1 match=COMMIT it");
	talk(w);
	says(w->client, "COMMIT it");
	hears(w->server, "COMMIT it");
	says(w->server, "done");
	hears(w->client, "done");
	says(w->client, "COMMIT it");
	hears(w->server, "COMMIT it");
	says(w->server, "done");
	hears_the_end(w->client);
	hears_the_end(w->server);
}

static void a_late_request_outlives_its_client(void **state)
{
	struct wire *w = *state;

	arm(w, "late 60000");
	says(w->client, "COMMIT");
	hears_the_end(w->client);
	hears_nothing(w->server, 20);
	hears(w->server, "COMMIT");
	says(w->server, "done");
	hears_the_end(w->server);
}

static void held_bytes_come_later(void **state)
{
	struct wire *w = *state;
	double began;

	arm(w, "hold 50000");
	arm(w, "hold-answer 50000");
	began = now();
	talk(w);
	assert_true(now() - began >= 0.05);
	began = now();
	talk(w);
	assert_true(now() - began >= 0.05);
	assert_int_equal(proxy_count(&w->proxy, "struck"), 2);
}

static void a_hole_says_nothing_to_anybody(void **state)
{
	struct wire *w = *state;

	arm(w, "hole");
	says(w->client, "ask");
	hears_nothing(w->server, 20);
	says(w->server, "news");
	hears_nothing(w->client, 20);
	shutdown(w->client, SHUT_RDWR);
	hears_nothing(w->server, 20);
	arm(w, "cut");
	hears_the_end(w->server);
}

static void a_hole_for_answers_lets_requests_pass(void **state)
{
	struct wire *w = *state;

	arm(w, "hole-answer");
	says(w->client, "ask");
	hears(w->server, "ask");
	says(w->server, "answer");
	hears_nothing(w->client, 20);
	arm(w, "cut");
	hears_the_end(w->client);
}

static int unacknowledged(int fd)
{
	int n = -1;

	assert_int_equal(ioctl(fd, SIOCOUTQ, &n), 0);
	return n;
}

static void an_unplugged_host_acknowledges_nothing(void **state)
{
	struct wire *w = *state;

	talk(w);
	assert_int_equal(unacknowledged(w->client), 0);
	arm(w, "unplug");
	says(w->client, "ask");
	hears_nothing(w->server, 20);
	assert_int_equal(unacknowledged(w->client), 3);
	arm(w, "cut");
}

static void a_host_vanishes_with_the_request(void **state)
{
	struct wire *w = *state;

	arm(w, "vanish");
	says(w->client, "ask");
	hears_nothing(w->server, 20);
	says(w->client, "ask");
	hears_nothing(w->client, 20);
	assert_int_equal(unacknowledged(w->client), 3);
	arm(w, "cut");
}

static void an_answer_is_cut_in_the_middle(void **state)
{
	struct wire *w = *state;

	arm(w, "truncate 3");
	says(w->client, "ask");
	hears(w->server, "ask");
	says(w->server, "answer");
	hears(w->client, "ans");
	hears_the_end(w->client);
	hears_the_end(w->server);
}

/* Two requests at once take as long as one: the wire is long, not narrow. */
static void delay_is_that_of_a_long_wire(void **state)
{
	struct wire *w = *state;
	double began, took;

	arm(w, "delay 20000 20000");
	began = now();
	talk(w);
	took = now() - began;
	assert_true(took >= 0.04);
	began = now();
	says(w->client, "a");
	hears_nothing(w->server, 5);
	says(w->client, "b");
	hears(w->server, "a");
	hears(w->server, "b");
	took = now() - began;
	assert_true(took >= 0.025 && took < 0.04 * 3);
	arm(w, "delay 0 0");
	talk(w);
}

/* Also what becomes due while the proxy makes ready to sleep. */
static void nothing_delayed_is_slept_over(void **state)
{
	struct wire *w = *state;
	struct pollfd server = { w->server, POLLIN, 0 };
	struct pollfd client = { w->client, POLLIN, 0 };
	char delay[40];
	int i;

	for (i = 0; i < 4000; i++) {
		if (i % 100 == 0) {
			snprintf(delay, sizeof(delay), "delay %d %d",
				 1 + i / 100, 1 + i / 100);
			arm(w, delay);
		}
		says(w->client, "ask");
		assert_int_equal(poll(&server, 1, 3000), 1);
		hears(w->server, "ask");
		says(w->server, "answer");
		assert_int_equal(poll(&client, 1, 3000), 1);
		hears(w->client, "answer");
	}
}

static void new_connections_can_be_refused_or_not_answered(void **state)
{
	struct wire *w = *state;
	int fd;

	arm(w, "accept refuse");
	fd = connected(w->proxy.port);
	hears_the_end(fd);
	close(fd);
	arm(w, "accept mute");
	fd = connected(w->proxy.port);
	says(fd, "hello");
	hears_nothing(fd, 20);
	close(fd);
	talk(w);
}

static void random_faults_repeat_with_their_seed(void **state)
{
	struct wire *w = *state;
	int lived[2], i;

	for (i = 0; i < 2; i++) {
		arm(w, "random 0.1 7 drop");
		for (lived[i] = 0; lived[i] < 1000; lived[i]++) {
			says(w->client, "ask");
			if (recv(w->server, (char[4]){ 0 }, 3, 0) <= 0)
				break;
			says(w->server, "answer");
			hears(w->client, "answer");
		}
		close(w->client);
		close(w->server);
		connect_wire(w);
	}
	assert_in_range(lived[0], 1, 200);
	assert_int_equal(lived[0], lived[1]);
}

static void mistakes_are_answered(void **state)
{
	static const char *const wrong[] = {
		"", "dorp", "hold", "hold soon", "drop 5", "drop after=x",
		"accept", "delay 5", "random 0.5", "random 0.5 1 sometimes",
	};
	struct wire *w = *state;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (proxy_tell(&w->proxy, "%s", wrong[i]))
			fail_msg("\"%s\" was taken", wrong[i]);
	assert_int_equal(proxy_count(&w->proxy, "armed"), 0);
	talk(w);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_pass_and_requests_are_counted),
		TEST(a_dropped_request_is_never_seen),
		TEST(a_swallowed_answer_was_given),
		TEST(a_late_request_outlives_its_client),
		TEST(held_bytes_come_later),
		TEST(a_hole_says_nothing_to_anybody),
		TEST(a_hole_for_answers_lets_requests_pass),
		TEST(an_unplugged_host_acknowledges_nothing),
		TEST(a_host_vanishes_with_the_request),
		TEST(an_answer_is_cut_in_the_middle),
		TEST(delay_is_that_of_a_long_wire),
		TEST(nothing_delayed_is_slept_over),
		TEST(new_connections_can_be_refused_or_not_answered),
		TEST(random_faults_repeat_with_their_seed),
		TEST(mistakes_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
