/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/errors.h"
#include "base/mem.h"
#include "base/strbuf.h"

enum { REQUEST_BYTES = 48 * 1024, LINE_BYTES = 4096, POLL_MS = 100, OUT = 3 };

static void put_text(struct strbuf *sb, const char *text)
{
	strbuf_puts(sb, text ? text : "");
	strbuf_putc(sb, '\0');
}

static void put_request(struct strbuf *sb, const struct request *r)
{
	put_text(sb, r->experiment);
	put_text(sb, r->connection);
	put_text(sb, r->password);
	put_text(sb, r->profile);
	put_text(sb, r->profile_dirs);
	put_text(sb, r->prefix);
	put_text(sb, r->overrides);
}

/* In the child, between fork and exec: nothing but plain system calls. */
static void become(const char *program, int in, int out)
{
	static char mode[] = EXPERIMENT_MODE;
	char *argv[] = { NULL, mode, NULL };
	int null = open("/dev/null", O_WRONLY);

	argv[0] = (char *)(uintptr_t)program;
	/* A terminal's interrupt is the parent's to deal with. */
	setpgid(0, 0);
	/* Neither end may lie where the other one is to go. */
	in = fcntl(in, F_DUPFD, OUT + 1);
	out = fcntl(out, F_DUPFD, OUT + 1);
	/* Drivers print; it is not part of what we say. */
	if (null < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, OUT) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(127);
	execv(program, argv);
	_exit(127);
}

/* Fits into a pipe, so this does not wait for a child that has died. */
static void send_request(int fd, const struct strbuf *sb)
{
	const char *data = sb->data;
	size_t left = sb->len;
	ssize_t n;

	while (left > 0) {
		n = write(fd, data, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		left -= (size_t)n;
	}
}

/* Whole lines out of what has come so far. */
struct reader {
	char line[LINE_BYTES];
	size_t length;
	bool done;
};

static void take_bytes(struct reader *r, struct seen *s, const char *data,
		       size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (data[i] != '\n') {
			if (r->length + 1 < sizeof(r->line))
				r->line[r->length++] = data[i];
			continue;
		}
		r->line[r->length] = '\0';
		r->length = 0;
		seen_line(s, r->line);
		if (!strcmp(r->line, "done yes"))
			r->done = true;
	}
}

static enum ending listen_to(int fd, uint64_t until,
			     const volatile sig_atomic_t *interrupted,
			     struct seen *s)
{
	struct pollfd p = { fd, POLLIN, 0 };
	struct reader r = { "", 0, false };
	char data[4096];
	ssize_t n;

	while (!r.done) {
		if (interrupted && *interrupted)
			return ENDING_INTERRUPTED;
		if (!deadline_left(&clock_system, until))
			return ENDING_HUNG;
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		n = read(fd, data, sizeof(data));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ENDING_CRASHED;
		take_bytes(&r, s, data, (size_t)n);
	}
	return ENDING_WELL;
}

static void reap(pid_t pid, struct run *run)
{
	int status = 0;

	if (run->ending != ENDING_CRASHED)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (run->ending == ENDING_CRASHED && WIFSIGNALED(status))
		run->signal = WTERMSIG(status);
	else if (run->ending == ENDING_CRASHED)
		run->signal = 0;
}

/* Closed in the child by exec, so that the end of one is the end of all. */
static int make_pipe(int fds[2], uow_error *err)
{
	if (pipe(fds))
		return error_set(err, UOW_EIO, "pipe: %s", strerror(errno));
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static int start(const char *program, const struct strbuf *request,
		 pid_t *pid, int *from, uow_error *err)
{
	int in[2], out[2];

	if (make_pipe(in, err))
		return err->code;
	if (make_pipe(out, err)) {
		close(in[0]);
		close(in[1]);
		return err->code;
	}
	*pid = fork();
	if (*pid == 0)
		become(program, in[0], out[1]);
	close(out[1]);
	/* in[0] stays open: writing to a child that died is no signal. */
	if (*pid > 0)
		send_request(in[1], request);
	close(in[0]);
	close(in[1]);
	if (*pid < 0) {
		close(out[0]);
		return error_set(err, UOW_EIO, "fork: %s", strerror(errno));
	}
	*from = out[0];
	return 0;
}

int child_run(const char *program, const struct request *r,
	      unsigned timeout_ms, const volatile sig_atomic_t *interrupted,
	      struct run *run, uow_error *err)
{
	struct strbuf request;
	pid_t pid = -1;
	int from = -1, rc;

	memset(run, 0, sizeof(*run));
	strbuf_init(&request, REQUEST_BYTES);
	put_request(&request, r);
	rc = request.failed ? error_nomem(err) :
			      start(program, &request, &pid, &from, err);
	if (request.data)
		mem_wipe(request.data, request.len);
	strbuf_release(&request);
	if (rc)
		return rc;
	run->ending = listen_to(from, deadline_after(&clock_system,
						     timeout_ms),
				interrupted, &run->seen);
	close(from);
	reap(pid, run);
	return 0;
}
